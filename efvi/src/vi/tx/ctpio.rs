//! CTPIO in its two halves, and its threshold.

use core::fmt;

use crate::memory::Buffer;

use super::super::Inner;
use super::super::rejected::{RejectReason, Rejected};
use super::super::transmit::Transmit;
use super::vector::{Bytes, Iovecs};

/// When the adapter starts to put a frame on the wire that it is still being written.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// use efvi::{Ctpio, CutThrough, VirtualInterface};
///
/// let mut vi = VirtualInterface::builder().ctpio(Ctpio::Poison).build(&domain)?;
/// let (mut tx, _rx) = vi.split();
/// # let mut frame = || { let mut buffer = pool.take().expect("a buffer"); buffer.write(&[0xff; 60]).map(|()| buffer) };
/// tx.send_ctpio(frame()?, CutThrough::After(64))?;
/// tx.send_ctpio(frame()?, CutThrough::StoreAndForward)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CutThrough {
    /// After this many bytes. Should the processor then fall behind the wire, the adapter breaks the frame off; see
    /// [`Ctpio`](crate::Ctpio).
    After(u32),
    /// When it has the whole frame.
    StoreAndForward,
}

impl CutThrough {
    #[inline(always)]
    pub(in crate::vi) fn threshold(self) -> u32 {
        const STORE_AND_FORWARD: u32 = efvi_sys::EF_VI_CTPIO_CT_THRESHOLD_SNF;
        match self {
            // No frame is that long, so a larger number means the whole frame too.
            CutThrough::After(bytes) => bytes.min(STORE_AND_FORWARD),
            CutThrough::StoreAndForward => STORE_AND_FORWARD,
        }
    }
}

impl<'vi> Transmit<'vi> {
    /// The critical half of [`send_ctpio`](Self::send_ctpio) alone (`ef_vi_transmit_ctpio`): the frame is on its way
    /// when this returns. What is left to do, the guard does when it is dropped or told to: it borrows this half, so
    /// nothing can be sent before. Costs a little more than `send_ctpio` as a whole; the way to the wire is shorter.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use efvi::*;
    /// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// # let mut pool = PacketPool::builder().buffers(8).build(&domain)?;
    /// let mut vi = VirtualInterface::builder().ctpio(Ctpio::Poison).build(&domain)?;
    /// let (mut tx, _rx) = vi.split();
    /// let mut buffer = pool.take().ok_or("the pool is empty")?;
    /// buffer.write(&[0xff; 60])?;
    /// let written = tx.write_ctpio(buffer, CutThrough::After(64))?;
    /// // On the wire: time for what can wait.
    /// written.finish()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`send_ctpio`](Self::send_ctpio); then nothing was written.
    #[inline]
    pub fn write_ctpio(&mut self, buffer: Buffer, cut_through: CutThrough) -> Result<CtpioFallback<'_, 'vi>, Rejected> {
        let inner = *self.inner_ref();
        let buffer = inner.admit(buffer, &inner.tx.max_ctpio)?;
        if !inner.has_room(1, buffer.len()) {
            return Err(Rejected::new(buffer, RejectReason::RingFull));
        }
        let threshold = cut_through.threshold();
        // SAFETY: the VI is live, this its only thread, and built with CTPIO, without which the longest frame is none;
        // the frame's bytes are readable; until its fallback nothing else is sent.
        unsafe { efvi_sys::ef_vi_transmit_ctpio(inner.vi(), buffer.as_ptr().cast(), buffer.len(), threshold) };
        inner.await_fallback(buffer);
        Ok(CtpioFallback { tx: self })
    }

    /// The critical half for a frame that lies in pieces in any memory: it is written through, and copied to a buffer on
    /// the way (`ef_vi_transmitv_ctpio_copy`), which its fallback needs. What the buffer held is overwritten. See
    /// [`write_ctpio`](Self::write_ctpio).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
    /// # let mut vi = efvi::VirtualInterface::builder().ctpio(efvi::Ctpio::Poison).build(&domain)?;
    /// # let (mut tx, _rx) = vi.split();
    /// let (headers, payload) = ([0xff; 42], [1; 30]); // in any memory
    /// let fallback = pool.take().ok_or("the pool is empty")?;
    /// let later = tx.write_ctpio_copy(&[&headers, &payload], fallback, efvi::CutThrough::After(64))?;
    /// // The frame is on its way; what has time, now. Then:
    /// later.finish()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`send_ctpio`](Self::send_ctpio), and when there are more than 8 pieces or the buffer is too small: on X2 the copy
    /// ends with a whole word, up to 7 bytes behind the frame, so that a buffer of 256 takes a frame of 252.
    #[inline]
    pub fn write_ctpio_copy(
        &mut self,
        pieces: &[&[u8]],
        mut fallback: Buffer,
        cut_through: CutThrough,
    ) -> Result<CtpioFallback<'_, 'vi>, Rejected> {
        let inner = *self.inner_ref();
        let iovecs = match Iovecs::<Bytes>::of(pieces.iter().copied()) {
            Ok(iovecs) => iovecs,
            Err(reason) => return Err(Rejected::new(fallback, reason)),
        };
        let length = iovecs.bytes();
        let room = inner.room_for_copy(&fallback);
        if length > room {
            let (len, max) = (length.min(u32::MAX as usize) as u32, room as u32);
            return Err(Rejected::new(fallback, RejectReason::FrameTooLong { len, max }));
        }
        if let Err(reason) = inner.admit_copy(&mut fallback, length, iovecs.tagged()) {
            return Err(Rejected::new(fallback, reason));
        }
        fallback.set_frame(0, length as u16);
        if !inner.has_room(1, length) {
            return Err(Rejected::new(fallback, RejectReason::RingFull));
        }
        let threshold = cut_through.threshold();
        // SAFETY: the VI is live, this its only thread, and built with CTPIO, as was checked; the pieces' bytes are
        // readable, and the buffer, which is this call's alone, has room for all of them and the rest of the last word;
        // until its fallback nothing else is sent.
        unsafe {
            let (vi, to) = (inner.vi(), fallback.data().cast());
            efvi_sys::ef_vi_transmitv_ctpio_copy(vi, length, iovecs.as_ptr(), iovecs.count(), threshold, to);
        }
        inner.await_fallback(fallback);
        Ok(CtpioFallback { tx: self })
    }

    /// Sends a frame by CTPIO that lies in pieces in any memory, with its copy in a buffer for the fallback: both halves
    /// of [`write_ctpio_copy`](Self::write_ctpio_copy). The buffer comes back as of any send.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
    /// # let mut vi = efvi::VirtualInterface::builder().ctpio(efvi::Ctpio::Poison).build(&domain)?;
    /// # let (mut tx, _rx) = vi.split();
    /// let fallback = pool.take().ok_or("the pool is empty")?;
    /// tx.send_ctpio_copy(&[&[0xff; 42], b"what is to be said"], fallback, efvi::CutThrough::After(64))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`write_ctpio_copy`](Self::write_ctpio_copy).
    #[inline]
    pub fn send_ctpio_copy(
        &mut self,
        pieces: &[&[u8]],
        fallback: Buffer,
        cut_through: CutThrough,
    ) -> Result<(), Rejected> {
        self.write_ctpio_copy(pieces, fallback, cut_through)?.finish()
    }
}

impl Inner {
    /// The longest frame whose copy the buffer has room for.
    fn room_for_copy(&self, fallback: &Buffer) -> usize {
        /// The library copies in the words in which it writes: the first has 4 bytes of the frame, the others 8, and the
        /// last is copied whole.
        const WORD: usize = 8;
        const FIRST: usize = 4;
        let capacity = fallback.capacity();
        if self.rx.by_reference { capacity } else { ((capacity + FIRST) / WORD * WORD).saturating_sub(FIRST) }
    }

    /// Whether a frame that is to be copied to this buffer can be sent by CTPIO.
    fn admit_copy(&self, fallback: &mut Buffer, length: usize, tagged: bool) -> Result<(), RejectReason> {
        self.ready()?;
        if !self.tx.has_ctpio() {
            return Err(RejectReason::CtpioDisabled);
        }
        self.enter(fallback)?;
        self.check_length(length, tagged, true)
    }

    /// Whether ring and FIFO take a frame of so many pieces and bytes; while warming they take any.
    #[inline]
    pub(super) fn has_room(&self, descriptors: i32, bytes: usize) -> bool {
        /// What is written before a frame, and the multiple that both are rounded up to, where a FIFO's bytes count.
        const HEADER: usize = 8;
        const LINE: usize = 64;
        let needed = (bytes + HEADER).next_multiple_of(LINE) as i32;
        // SAFETY: the VI is live and this its only thread.
        let (slots, space) =
            unsafe { (efvi_sys::ef_vi_transmit_space(self.vi()), efvi_sys::ef_vi_transmit_space_bytes(self.vi())) };
        // Warming makes the ring look full: the frame is written all the same, to nowhere.
        slots >= descriptors && space >= needed || self.is_warming()
    }

    #[inline]
    fn await_fallback(&self, buffer: Buffer) {
        self.tx.state.fallback.set(Some(buffer));
        // Keeps everything out, should the guard be forgotten.
        self.tx.set_limits(false);
    }

    /// The later half, if there is one to do.
    pub(super) fn finish_fallback(&self) -> Result<(), (Option<Buffer>, RejectReason)> {
        let Some(buffer) = self.tx.state.fallback.take() else { return Ok(()) };
        let outcome = self.submit(buffer, |vi, dma, length, id| {
            // SAFETY: the VI is live and this its only thread; the frame lies within memory registered in its domain,
            // which its slot keeps until the completion; the id is below the reserved one; nothing was sent since its
            // CTPIO.
            unsafe { efvi_sys::ef_vi_transmit_ctpio_fallback(vi, dma, length, id) }
        });
        self.set_limits();
        outcome.map_err(|rejected| (Some(rejected.buffer), rejected.reason))
    }
}

/// A frame that was written by CTPIO and waits for its fallback.
///
/// Nothing can be sent before:
/// ```compile_fail,E0499
/// # use efvi::*;
/// fn send(tx: &mut Transmit<'_>, a: Buffer, b: Buffer) -> Result<(), Rejected> {
///     let written = tx.write_ctpio(a, CutThrough::StoreAndForward)?;
///     tx.send(b)?;
///     written.finish()
/// }
/// ```
///
/// One whose drop does not run (by `mem::forget`) leaves the fallback to the next send.
#[must_use = "the fallback follows when this is dropped: keep it over what should come before"]
pub struct CtpioFallback<'tx, 'vi> {
    tx: &'tx mut Transmit<'vi>,
}

impl CtpioFallback<'_, '_> {
    /// Gives the adapter the fallback (`ef_vi_transmit_ctpio_fallback`), which dropping this does too.
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back. Room was seen before the frame was written, so this comes only of an error
    /// of the adapter, and while warming.
    #[inline]
    pub fn finish(self) -> Result<(), Rejected> {
        match self.tx.inner().finish_fallback() {
            Err((Some(buffer), reason)) => Err(Rejected::new(buffer, reason)),
            _ => Ok(()),
        }
    }
}

impl Drop for CtpioFallback<'_, '_> {
    fn drop(&mut self) {
        // A buffer that is refused returns to its pool.
        drop(self.tx.inner().finish_fallback());
    }
}

impl fmt::Debug for CtpioFallback<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CtpioFallback").finish_non_exhaustive()
    }
}
