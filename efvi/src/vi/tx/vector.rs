//! Frames in several pieces.

use core::marker::PhantomData;
use core::mem::MaybeUninit;

use efvi_sys::{ef_iovec, ef_request_id, ef_vi};

use crate::memory::Buffer;

use super::super::Inner;
use super::super::batch::Batch;
use super::super::rejected::{RejectReason, Rejected};
use super::super::transmit::Transmit;
use super::aside::Entry;
use super::{CutThrough, Pieces};

/// What a list of pieces holds of each.
pub(super) trait Piece {
    type Source<'a>: AsRef<[u8]>;
    type Raw: Copy;
    fn raw(source: &Self::Source<'_>) -> Self::Raw;
}

/// Where the processor finds it.
pub(super) struct Bytes;

impl Piece for Bytes {
    type Source<'a> = &'a [u8];
    type Raw = libc::iovec;

    #[inline]
    fn raw(source: &&[u8]) -> libc::iovec {
        libc::iovec { iov_base: source.as_ptr().cast_mut().cast(), iov_len: source.len() }
    }
}

/// Where the adapter finds it.
pub(super) struct Dma;

impl Piece for Dma {
    type Source<'a> = &'a Buffer;
    type Raw = ef_iovec;

    #[inline]
    fn raw(source: &&Buffer) -> ef_iovec {
        // Zeroed, for what a release has beside the two.
        // SAFETY: integers alone.
        let mut raw: ef_iovec = unsafe { MaybeUninit::zeroed().assume_init() };
        raw.iov_base = source.frame_dma();
        raw.iov_len = source.len() as _;
        raw
    }
}

/// The pieces of a frame as the library takes them, on the stack.
pub(super) struct Iovecs<'a, P: Piece> {
    list: [MaybeUninit<P::Raw>; Pieces::MAX],
    count: usize,
    bytes: usize,
    tagged: bool,
    source: PhantomData<P::Source<'a>>,
}

impl<'a, P: Piece> Iovecs<'a, P> {
    #[inline]
    pub(super) fn of(pieces: impl Iterator<Item = P::Source<'a>>) -> Result<Self, RejectReason> {
        let mut list = [const { MaybeUninit::uninit() }; Pieces::MAX];
        let (mut count, mut bytes, mut tagged) = (0, 0, [0; 2]);
        for piece in pieces {
            if piece.as_ref().is_empty() {
                continue;
            }
            let Some(place) = list.get_mut(count) else {
                return Err(RejectReason::TooManyPieces { max: Pieces::MAX as u32 });
            };
            for (at, byte) in tagged.iter_mut().enumerate() {
                if let Some(found) = (12 + at).checked_sub(bytes).and_then(|at| piece.as_ref().get(at)) {
                    *byte = *found;
                }
            }
            place.write(P::raw(&piece));
            count += 1;
            bytes += piece.as_ref().len();
        }
        if count == 0 {
            return Err(RejectReason::FrameEmpty);
        }
        Ok(Iovecs { list, count, bytes, tagged: tagged == [0x81, 0x00], source: PhantomData })
    }

    pub(super) fn as_ptr(&self) -> *const P::Raw {
        self.list.as_ptr().cast()
    }

    pub(super) fn count(&self) -> i32 {
        self.count as i32
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Whether the frame has a VLAN tag.
    pub(super) fn tagged(&self) -> bool {
        self.tagged
    }
}

impl<'vi> Transmit<'vi> {
    /// Sends a frame that lies in several buffers by DMA (`ef_vi_transmitv`): each buffer's frame is a piece of it. They
    /// come back together, by [`Event::SentPieces`](crate::Event::SentPieces). Each piece takes a descriptor.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use efvi::*;
    /// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// # let mut pool = PacketPool::builder().buffers(8).build(&domain)?;
    /// # let mut vi = VirtualInterface::builder().build(&domain)?;
    /// # let (mut tx, mut rx) = vi.split();
    /// let (mut headers, mut payload) = (pool.take().ok_or("empty")?, pool.take().ok_or("empty")?);
    /// headers.write(&[0xff; 42])?;
    /// payload.write(b"what is to be said")?;
    /// tx.send_pieces([headers, payload])?;
    /// # let mut events = rx.poll();
    /// while let Some(event) = events.next() {
    ///     if let Event::SentPieces(sent) = event {
    ///         assert_eq!(sent.into_pieces().len(), 2);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Rejected`] gives the pieces back: the ring is full, or the frame or a buffer is not one that can be sent.
    #[inline]
    pub fn send_pieces(&mut self, pieces: impl Into<Pieces>) -> Result<(), Rejected<Pieces>> {
        let inner = *self.inner_ref();
        inner.submit_dma_pieces(pieces.into(), Inner::ready, |vi, list, count, id| {
            // SAFETY: the VI is live and this its only thread; the pieces lie within memory registered in its domain,
            // which is kept until the completion; the id is below the reserved one; the list is of that many.
            unsafe { efvi_sys::ef_vi_transmitv(vi, list, count, id) }
        })
    }

    /// Adds a first frame to the ring, one that lies in several buffers, without telling the adapter
    /// (`ef_vi_transmitv_init`), as [`stage`](Self::stage) does a single one.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use efvi::*;
    /// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// # let mut pool = PacketPool::builder().buffers(8).build(&domain)?;
    /// # let mut vi = VirtualInterface::builder().build(&domain)?;
    /// # let (mut tx, mut rx) = vi.split();
    /// # let mut written = |bytes: &[u8]| -> Result<Buffer, Box<dyn std::error::Error>> {
    /// #     let mut buffer = pool.take().ok_or("empty")?;
    /// #     buffer.write(bytes)?;
    /// #     Ok(buffer)
    /// # };
    /// let (headers, payload) = (written(&[0xff; 42])?, written(b"first")?);
    /// let mut batch = tx.stage_pieces([headers, payload])?;
    /// batch.add(written(&[0xff; 60])?)?;
    /// batch.push(); // one doorbell for both
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`send_pieces`](Self::send_pieces).
    pub fn stage_pieces(&mut self, pieces: impl Into<Pieces>) -> Result<Batch<'_, 'vi>, Rejected<Pieces>> {
        self.inner_ref().stage_pieces(pieces.into())?;
        Ok(Batch::new(self))
    }

    /// Sends a frame that lies in several buffers by CTPIO (`ef_vi_transmitv_ctpio`, `ef_vi_transmitv_ctpio_fallback`),
    /// as [`send_ctpio`](Self::send_ctpio) does a single one. They come back together, by
    /// [`Event::SentPieces`](crate::Event::SentPieces).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
    /// # let mut frame = || { let mut buffer = pool.take().expect("a buffer"); buffer.write(&[0xff; 60]).map(|()| buffer) };
    /// # let mut vi = efvi::VirtualInterface::builder().ctpio(efvi::Ctpio::Poison).build(&domain)?;
    /// # let (mut tx, _rx) = vi.split();
    /// tx.send_ctpio_pieces([frame()?, frame()?], efvi::CutThrough::After(64))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`send_pieces`](Self::send_pieces), and when the VI was built without CTPIO.
    #[inline]
    pub fn send_ctpio_pieces(
        &mut self,
        pieces: impl Into<Pieces>,
        cut_through: CutThrough,
    ) -> Result<(), Rejected<Pieces>> {
        let inner = *self.inner_ref();
        let mut pieces = pieces.into();
        let outcome = inner
            .enter_pieces(&mut pieces)
            .and_then(|()| inner.admit_pieces(&pieces, true, Inner::ready))
            .and_then(|dma| {
                let (list, count, length) = (dma.list, dma.count(), dma.bytes());
                let bytes = Iovecs::<Bytes>::of(pieces.iter().map(|piece| &**piece))?;
                // Before the first byte goes out: the fallback must not fail.
                if !inner.has_room(count, length) {
                    return Err(RejectReason::RingFull);
                }
                let threshold = cut_through.threshold();
                // SAFETY: the VI is live, this its only thread, and built with CTPIO; the pieces' bytes are readable; the
                // fallback follows with the same.
                unsafe {
                    efvi_sys::ef_vi_transmitv_ctpio(
                        inner.vi(),
                        bytes.bytes(),
                        bytes.as_ptr(),
                        bytes.count(),
                        threshold,
                    );
                }
                Ok((list, count))
            });
        let (list, count) = match outcome {
            Ok(list) => list,
            Err(reason) => return Err(Rejected::new(pieces, reason)),
        };
        inner.submit_pieces(pieces, |vi, id| {
            // SAFETY: as for `ef_vi_transmitv` in `send_pieces`; CTPIO came right before.
            unsafe { efvi_sys::ef_vi_transmitv_ctpio_fallback(vi, list.as_ptr().cast(), count, id) }
        })
    }
}

impl Inner {
    /// The pieces as the adapter finds them, if the frame can be sent.
    fn admit_pieces<'a>(
        &self,
        pieces: &'a Pieces,
        ctpio: bool,
        ready: impl FnOnce(&Inner) -> Result<(), RejectReason>,
    ) -> Result<Iovecs<'a, Dma>, RejectReason> {
        ready(self)?;
        if ctpio && !self.tx.has_ctpio() {
            return Err(RejectReason::CtpioDisabled);
        }
        if pieces.iter().any(|piece| piece.is_empty()) {
            return Err(RejectReason::FrameEmpty);
        }
        let iovecs = Iovecs::of(pieces.iter())?;
        self.check_length(iovecs.bytes(), iovecs.tagged(), ctpio)?;
        Ok(iovecs)
    }

    fn enter_pieces(&self, pieces: &mut Pieces) -> Result<(), RejectReason> {
        pieces.iter_mut().try_for_each(|piece| self.enter(piece))
    }

    /// Makes the buffer one of this domain, if its memory is registered there.
    #[inline]
    pub(super) fn enter(&self, buffer: &mut Buffer) -> Result<(), RejectReason> {
        if buffer.domain() == self.domain_id || buffer.enter(self.domain_id) {
            Ok(())
        } else {
            Err(RejectReason::WrongDomain)
        }
    }

    /// Whether a frame of this length can be sent.
    pub(super) fn check_length(&self, length: usize, tagged: bool, ctpio: bool) -> Result<(), RejectReason> {
        if length > self.tx.longest(ctpio, tagged) as usize {
            let max = self.tx.longest(ctpio, false);
            return Err(RejectReason::FrameTooLong { len: length.min(u32::MAX as usize) as u32, max });
        }
        if length == 0 { Err(RejectReason::FrameEmpty) } else { Ok(()) }
    }

    /// Stages a first frame in pieces, or one behind those that a forgotten batch left.
    fn stage_pieces(&self, pieces: Pieces) -> Result<(), Rejected<Pieces>> {
        if self.tx.batch_goes_on() {
            return self.stage_more_pieces(pieces);
        }
        self.stage_pieces_if(pieces, Inner::ready)
    }

    /// Stages another.
    pub(in crate::vi) fn stage_more_pieces(&self, pieces: Pieces) -> Result<(), Rejected<Pieces>> {
        self.stage_pieces_if(pieces, |inner| inner.tx.batch_goes_on().then_some(()).ok_or(RejectReason::QueueFailed))
    }

    fn stage_pieces_if(
        &self,
        pieces: Pieces,
        ready: impl FnOnce(&Inner) -> Result<(), RejectReason>,
    ) -> Result<(), Rejected<Pieces>> {
        self.submit_dma_pieces(pieces, ready, |vi, list, count, id| {
            // SAFETY: as for `ef_vi_transmitv`.
            unsafe { efvi_sys::ef_vi_transmitv_init(vi, list, count, id) }
        })?;
        self.tx.add_staged(self.tx.mtu());
        Ok(())
    }

    /// Adds a frame in pieces to the ring, if it can be sent, by `call(vi, list, count, id)`.
    #[inline]
    fn submit_dma_pieces(
        &self,
        mut pieces: Pieces,
        ready: impl FnOnce(&Inner) -> Result<(), RejectReason>,
        call: impl FnOnce(*mut ef_vi, *const ef_iovec, i32, ef_request_id) -> i32,
    ) -> Result<(), Rejected<Pieces>> {
        let iovecs = match self.enter_pieces(&mut pieces).and_then(|()| self.admit_pieces(&pieces, false, ready)) {
            Ok(iovecs) => iovecs,
            Err(reason) => return Err(Rejected::new(pieces, reason)),
        };
        let (list, count) = (iovecs.list, iovecs.count());
        self.submit_pieces(pieces, |vi, id| call(vi, list.as_ptr().cast(), count, id))
    }

    /// Adds a frame in pieces to the ring by `call(vi, id)`, which takes it by returning 0.
    #[inline]
    fn submit_pieces(
        &self,
        pieces: Pieces,
        call: impl FnOnce(*mut ef_vi, ef_request_id) -> i32,
    ) -> Result<(), Rejected<Pieces>> {
        match call(self.vi(), self.tx.next_id()) {
            0 => {
                self.tx.set_aside(Entry::Pieces(pieces.into()));
                Ok(())
            }
            code => Err(Rejected::new(pieces, RejectReason::from_return(code))),
        }
    }
}
