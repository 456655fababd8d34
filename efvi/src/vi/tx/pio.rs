//! Sends from the adapter's own memory.

use crate::error::Result as SetUp;
use crate::memory::{Buffer, TooLong};
use crate::pio::{PioLink, PioPart, PioRegion};

use super::super::rejected::{RejectReason, Rejected};
use super::super::transmit::Transmit;
use super::super::{Inner, Interface};
use super::aside::Entry;

/// The shortest frame that goes by PIO.
const SHORTEST: usize = 16;

impl Interface {
    /// Links a PIO region with this VI (`ef_pio_link_vi`), which can then send from it.
    ///
    /// # Errors
    /// [`Error::Pio`](crate::Error::Pio): the VI has one, or the region is linked with a VI already (`EALREADY`), or is
    /// another adapter's (`EINVAL`).
    pub fn link_pio(&self, region: &PioRegion) -> SetUp<()> {
        let inner = &self.inner;
        if inner.tx.state.pio().is_some() {
            return Err(region.error("ef_pio_link_vi", -libc::EALREADY));
        }
        // SAFETY: the VI is live and this its only thread; the handle is the one it was made with and open; the link is
        // kept until it is undone, at the latest before the VI is freed.
        let link = unsafe { PioLink::new(region, inner.vi(), inner.handle()) }?;
        inner.tx.state.link_pio(link);
        Ok(())
    }

    /// Takes the PIO region from this VI (`ef_pio_unlink_vi`). Nothing if there is none.
    ///
    /// # Errors
    /// [`Error::Pio`](crate::Error::Pio): sends from it have not all been handed out (`EBUSY`).
    pub fn unlink_pio(&self) -> SetUp<()> {
        let inner = &self.inner;
        if let Some(link) = inner.tx.state.pio() {
            // SAFETY: the VI is live and this its only thread; it was linked with this, by this handle.
            unsafe { link.unlink(inner.tx.state.aside.has_part(), inner.vi(), inner.handle()) }?;
            drop(inner.tx.state.unlink_pio());
        }
        Ok(())
    }
}

impl Transmit<'_> {
    /// Writes bytes into a part of the PIO region (`ef_pio_memcpy`), from this offset in the part on. Its frame becomes
    /// as long as that, if it was shorter. Costs the stores over the bus: do it ahead of the send.
    ///
    /// # Errors
    /// [`PioWriteError`](crate::PioWriteError): the part is of a region that this VI is not linked with, or has no such
    /// room.
    #[inline]
    pub fn write_pio(&mut self, part: &mut PioPart, at: usize, bytes: &[u8]) -> Result<(), PioWriteError> {
        let inner = *self.inner_ref();
        if !inner.tx.state.pio().is_some_and(|link| link.has(part)) {
            return Err(PioWriteError::WrongRegion);
        }
        let end = at.saturating_add(bytes.len());
        if end > part.capacity() {
            return Err(TooLong { length: end, capacity: part.capacity() }.into());
        }
        let (offset, length) = ((part.offset() + at) as i32, bytes.len() as i32);
        // SAFETY: the VI is live, this its only thread, and linked with the region; the range lies within the part,
        // which this call has alone; the bytes are readable.
        unsafe { efvi_sys::ef_pio_memcpy(inner.vi(), bytes.as_ptr().cast(), offset, length) };
        if end > part.len() {
            part.set_len(end)?;
        }
        Ok(())
    }

    /// Sends the frame in a part of the PIO region (`ef_vi_transmit_pio`): the shortest call of all, for a frame that
    /// was written ahead. The part comes back by [`Event::SentPio`](crate::Event::SentPio), with the frame still in it.
    ///
    /// # Errors
    /// [`Rejected`] gives the part back: the ring is full, the frame is shorter than 16 bytes or too long, or the part is
    /// of a region that this VI is not linked with.
    #[inline]
    pub fn send_pio_part(&mut self, part: PioPart) -> Result<(), Rejected<PioPart>> {
        let inner = *self.inner_ref();
        match inner.admit_part(&part) {
            Ok(()) => {}
            Err(reason) => return Err(Rejected::new(part, reason)),
        }
        let (offset, length) = (part.offset() as i32, part.len() as i32);
        let id = inner.tx.next_id();
        // SAFETY: the VI is live, this its only thread, and linked with the region that the part lies in, which is kept
        // until the completion; the id is below the reserved one.
        match unsafe { efvi_sys::ef_vi_transmit_pio(inner.vi(), offset, length, id) } {
            0 => {
                inner.tx.set_aside(Entry::Part(part));
                Ok(())
            }
            code => Err(Rejected::new(part, RejectReason::from_return(code))),
        }
    }

    /// Runs the way of [`send_pio_part`](Self::send_pio_part) without sending (`ef_vi_transmit_pio_warm`), to have it in
    /// the processor's caches. [`warm`](Self::warm) does so for sends of every kind.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # use efvi::*;
    /// # let mut vi = VirtualInterface::builder().build(&domain)?;
    /// let region = PioRegion::new(&domain, 2048)?;
    /// vi.link_pio(&region)?;
    /// let (mut tx, _rx) = vi.split();
    /// let mut part = region.take(60).ok_or("no room in the region")?;
    /// // While there is nothing to send, now and then:
    /// tx.warm_pio_part()?;
    /// tx.warm_pio_copy(&mut part, &[0xff; 60])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`RejectReason::NoPioRegion`]: the VI is linked with none. [`RejectReason::QueueFailed`]: a send has failed.
    #[inline]
    pub fn warm_pio_part(&mut self) -> Result<(), RejectReason> {
        let inner = *self.inner_ref();
        inner.ready()?;
        if inner.tx.state.pio().is_none() {
            return Err(RejectReason::NoPioRegion);
        }
        // SAFETY: the VI is live, this its only thread, and linked with a region.
        unsafe { efvi_sys::ef_vi_transmit_pio_warm(inner.vi()) };
        Ok(())
    }

    /// Runs the way of [`send_pio_copy`](Self::send_pio_copy) without sending (`ef_vi_transmit_copy_pio_warm`), for a frame
    /// of from 16 bytes to what the part holds. It may be copied to the part: what that had is lost.
    ///
    /// # Errors
    /// [`RejectReason::FrameTooShort`], [`RejectReason::FrameTooLong`]: the frame's length, in bytes.
    /// [`RejectReason::NoPioRegion`], [`RejectReason::WrongPioRegion`]: the VI is not linked with the part's region.
    /// [`RejectReason::QueueFailed`]: a send has failed.
    #[inline]
    pub fn warm_pio_copy(&mut self, part: &mut PioPart, frame: &[u8]) -> Result<(), RejectReason> {
        let inner = *self.inner_ref();
        if part.set_len(frame.len()).is_err() {
            let (len, max) = (frame.len().min(u32::MAX as usize) as u32, part.capacity() as u32);
            return Err(RejectReason::FrameTooLong { len, max });
        }
        inner.admit_part(part)?;
        let (offset, length) = (part.offset() as i32, frame.len() as i32);
        // SAFETY: the VI is live, this its only thread, and linked with the region that the part lies in, which this call
        // has alone; the frame's bytes are readable.
        unsafe { efvi_sys::ef_vi_transmit_copy_pio_warm(inner.vi(), offset, frame.as_ptr().cast(), length) };
        inner.note_copy(part, frame);
        Ok(())
    }

    /// Copies a frame to a free part of the linked PIO region and sends it from there (`ef_vi_transmit_copy_pio`). The
    /// buffer comes back by [`Event::Sent`](crate::Event::Sent), the part is the region's again then. Costs the copy
    /// over the bus, and two atomic operations for the part.
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back: the ring is full, the frame is shorter than 16 bytes or too long, or the
    /// region has no room for it now ([`RejectReason::PioFull`]).
    #[inline]
    pub fn send_pio(&mut self, buffer: Buffer) -> Result<(), Rejected> {
        let inner = *self.inner_ref();
        let buffer = inner.admit(buffer, &inner.tx.max_frame)?;
        let part = match inner.part_for(buffer.len()) {
            Ok(part) => part,
            Err(reason) => return Err(Rejected::new(buffer, reason)),
        };
        let (offset, length, id) = (part.offset() as i32, buffer.len() as i32, inner.tx.next_id());
        // SAFETY: the VI is live, this its only thread, and linked with the region that the part lies in, which is
        // kept until the completion; the frame's bytes are readable; the id is below the reserved one.
        match unsafe { efvi_sys::ef_vi_transmit_copy_pio(inner.vi(), offset, buffer.as_ptr().cast(), length, id) } {
            0 => {
                inner.tx.set_aside(Entry::Copied(buffer, part));
                Ok(())
            }
            code => Err(Rejected::new(buffer, RejectReason::from_return(code))),
        }
    }

    /// Copies a frame from any memory to a part of the PIO region and sends it (`ef_vi_transmit_copy_pio`): no buffer is
    /// needed. The frame may be overwritten at once; the part comes back by [`Event::SentPio`](crate::Event::SentPio).
    ///
    /// # Errors
    /// As [`send_pio_part`](Self::send_pio_part); [`Rejected`] gives the part back.
    #[inline]
    pub fn send_pio_copy(&mut self, mut part: PioPart, frame: &[u8]) -> Result<(), Rejected<PioPart>> {
        let inner = *self.inner_ref();
        if let Err(error) = part.set_len(frame.len()) {
            let (len, max) = (error.length.min(u32::MAX as usize) as u32, error.capacity as u32);
            return Err(Rejected::new(part, RejectReason::FrameTooLong { len, max }));
        }
        match inner.admit_part(&part) {
            Ok(()) => {}
            Err(reason) => return Err(Rejected::new(part, reason)),
        }
        let (offset, length, id) = (part.offset() as i32, frame.len() as i32, inner.tx.next_id());
        // SAFETY: as in `send_pio`.
        let code = unsafe { efvi_sys::ef_vi_transmit_copy_pio(inner.vi(), offset, frame.as_ptr().cast(), length, id) };
        // When it is on its way. A ring that was full has not kept it from being copied.
        inner.note_copy(&part, frame);
        match code {
            0 => {
                inner.tx.set_aside(Entry::Part(part));
                Ok(())
            }
            code => Err(Rejected::new(part, RejectReason::from_return(code))),
        }
    }
}

impl Inner {
    /// Takes the PIO region from a VI that is to be freed: what is written to it from then on must not go through the
    /// VI's part of the adapter's address space.
    #[cold]
    pub(in crate::vi) fn leave_pio(&self) {
        let Some(link) = self.tx.state.unlink_pio() else { return };
        // SAFETY: the VI is live and this its only thread; it was linked with this, by this handle.
        if unsafe { link.unlink(false, self.vi(), self.handle()) }.is_err() {
            // Linked still: nobody is to link it again.
            core::mem::forget(link);
        }
    }

    /// Notes what was copied to a part that is of the linked region.
    #[inline]
    fn note_copy(&self, part: &PioPart, frame: &[u8]) {
        if let Some(link) = self.tx.state.pio() {
            // SAFETY: the caller has the part, whose length was set to the frame's, and has seen that it is of the region.
            unsafe { link.note(part, frame) };
        }
    }

    fn admit_part(&self, part: &PioPart) -> Result<(), RejectReason> {
        self.ready()?;
        match self.tx.state.pio() {
            None => return Err(RejectReason::NoPioRegion),
            Some(link) if !link.has(part) => return Err(RejectReason::WrongPioRegion),
            Some(_) => {}
        }
        check_shortest(part.len())?;
        self.check_length(part.len(), true, false)
    }

    #[inline]
    fn part_for(&self, bytes: usize) -> Result<PioPart, RejectReason> {
        check_shortest(bytes)?;
        let link = self.tx.state.pio().ok_or(RejectReason::NoPioRegion)?;
        link.region.take(bytes).ok_or(RejectReason::PioFull)
    }
}

fn check_shortest(length: usize) -> Result<(), RejectReason> {
    if length < SHORTEST {
        return Err(RejectReason::FrameTooShort { len: length as u32, min: SHORTEST as u32 });
    }
    Ok(())
}

/// Why bytes were not written to a part of a PIO region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PioWriteError {
    /// The VI is not linked with the part's region.
    #[error("the virtual interface is not linked with the part's PIO region: link it with `link_pio`")]
    WrongRegion,
    /// The part has no room for them.
    #[error(transparent)]
    TooLong(#[from] TooLong),
}
