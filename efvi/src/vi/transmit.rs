//! The transmit half of a virtual interface.

use std::cell::Cell;
use std::fmt;

use efvi_sys::{ef_request_id, ef_vi};

use crate::memory::{Buffer, Buffers};
use crate::slots::{Slots, Vacancy};

use super::batch::Batch;
use super::rejected::{RejectReason, Rejected};
use super::{Inner, InnerRef};

/// What the transmit half knows, beside the library's own state.
pub(super) struct TxRing {
    slots: Slots,
    /// The longest frame; 0 once the queue is dead, so that the check of the length catches that too.
    max_frame: Cell<u32>,
    /// Descriptors that were staged and not pushed yet: the newest in `slots`.
    staged: Cell<u32>,
    /// What `max_frame` was at first, for the message.
    mtu: u32,
    ctpio: bool,
}

impl TxRing {
    pub(super) fn new(capacity: u32, mtu: u32, ctpio: bool) -> Self {
        TxRing { slots: Slots::new(capacity), max_frame: Cell::new(mtu), staged: Cell::new(0), mtu, ctpio }
    }

    /// Takes the buffer of a descriptor that completed.
    #[inline(always)]
    pub(super) fn complete(&self, id: u32) -> Option<Buffer> {
        self.slots.take(id)
    }

    /// The queue takes no more sends.
    #[cold]
    pub(super) fn fail(&self) {
        self.max_frame.set(0);
    }
}

impl Inner {
    /// Where in the ring this frame can go; why not, if it can't be sent.
    #[inline(always)]
    fn admit(&self, buffer: &Buffer) -> Result<Vacancy, RejectReason> {
        // One comparison for empty, too long, and a dead queue: an empty frame's length less 1 is the largest number.
        let length = buffer.len() as u32;
        if length.wrapping_sub(1) >= self.tx.max_frame.get() || buffer.domain() != self.domain_id {
            self.admit_otherwise(buffer)?;
        }
        self.tx.slots.vacancy().ok_or(RejectReason::RingFull)
    }

    /// Why a frame can't be sent, unless it is only longer than others by a VLAN tag, which is on top of the MTU.
    #[cold]
    fn admit_otherwise(&self, buffer: &Buffer) -> Result<(), RejectReason> {
        const TAG: u32 = 4;
        let (len, max) = (buffer.len() as u32, self.tx.mtu);
        if self.tx.max_frame.get() == 0 {
            Err(RejectReason::QueueFailed)
        } else if buffer.domain() != self.domain_id {
            Err(RejectReason::WrongDomain)
        } else if len == 0 {
            Err(RejectReason::FrameEmpty)
        } else if len <= max + TAG && buffer.get(12..14) == Some(&[0x81, 0x00]) {
            Ok(())
        } else {
            Err(RejectReason::FrameTooLong { len, max })
        }
    }

    /// Adds a frame to the ring by `call(vi, buffer, vacancy)`, which takes it by returning 0.
    #[inline(always)]
    fn submit(&self, buffer: Buffer, call: impl FnOnce(*mut ef_vi, &Buffer, Vacancy) -> i32) -> Result<(), Rejected> {
        let vacancy = match self.admit(&buffer) {
            Ok(vacancy) => vacancy,
            Err(reason) => return Err(Rejected::new(buffer, reason)),
        };
        match call(self.vi(), &buffer, vacancy) {
            0 => {
                self.tx.slots.fill(vacancy, buffer);
                Ok(())
            }
            code => Err(Rejected::new(buffer, RejectReason::from_return(code))),
        }
    }

    #[inline(always)]
    pub(super) fn stage(&self, buffer: Buffer) -> Result<(), Rejected> {
        self.submit(buffer, |vi, buffer, vacancy| {
            // SAFETY: the VI is live and this its only thread; the frame lies within memory registered in its domain,
            // which its slot keeps until the completion; the id is below the reserved one.
            unsafe { efvi_sys::ef_vi_transmit_init(vi, buffer.frame_dma(), buffer.len() as i32, vacancy.id()) }
        })?;
        self.tx.staged.set(self.tx.staged.get() + 1);
        Ok(())
    }

    /// Submits what is staged; nothing if nothing is.
    #[inline(always)]
    pub(super) fn push_staged(&self) {
        if self.tx.staged.replace(0) != 0 {
            // SAFETY: the VI is live, this its only thread, and there are descriptors to push.
            unsafe { efvi_sys::ef_vi_transmit_push(self.vi()) };
        }
    }

    #[inline]
    pub(super) fn staged(&self) -> usize {
        self.tx.staged.get() as usize
    }

    /// Takes back what is staged.
    #[cold]
    pub(super) fn undo_staged(&self) -> Buffers {
        // SAFETY: the VI is live and this its only thread. The adapter has not been told of what this takes back.
        unsafe { efvi_sys::ef_vi_transmit_init_undo(self.vi()) };
        let mut buffers = Buffers::new();
        for _ in 0..self.tx.staged.replace(0) {
            if let Some(buffer) = self.tx.slots.take_last() {
                buffers.push_front(buffer);
            }
        }
        buffers
    }
}

/// The transmit half of a [`VirtualInterface`](crate::VirtualInterface).
///
/// A send moves the buffer to the adapter. It comes back by [`Event::Sent`](crate::Event::Sent) from a poll of the
/// receive half, or at once, in the error, if it was not taken.
///
/// # Sent in a batch, forgotten
/// A [`Batch`] whose drop does not run (by `mem::forget`) leaves its frames staged. They go with the next send or push.
pub struct Transmit<'vi> {
    inner: InnerRef<'vi>,
}

impl<'vi> Transmit<'vi> {
    #[inline]
    pub(super) fn new(inner: InnerRef<'vi>) -> Self {
        Transmit { inner }
    }

    #[inline(always)]
    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// Sends a frame by DMA (`ef_vi_transmit`): the adapter fetches it from the buffer, which is not copied.
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back: the ring is full, or the frame or the buffer is not one that can be sent.
    #[inline]
    pub fn send(&mut self, buffer: Buffer) -> Result<(), Rejected> {
        self.inner.submit(buffer, |vi, buffer, vacancy| {
            // SAFETY: the VI is live and this its only thread; the frame lies within memory registered in its domain,
            // which its slot keeps until the completion; the id is below the reserved one.
            unsafe { efvi_sys::ef_vi_transmit(vi, buffer.frame_dma(), buffer.len() as i32, vacancy.id()) }
        })?;
        // The push that this implies took what was staged along.
        self.inner.tx.staged.set(0);
        Ok(())
    }

    /// Sends a frame by CTPIO: the processor writes it through to the adapter, which needs not fetch it
    /// (`ef_vi_transmit_ctpio`). The fallback by DMA follows at once (`ef_vi_transmit_ctpio_fallback`); the adapter
    /// uses it when the frame could not go the fast way, and completes the send whichever way it went.
    /// [`Sent::by_ctpio`](crate::Sent::by_ctpio) tells. Checksums are not filled in on this path.
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back, as [`send`](Self::send) does, and when the VI was built without CTPIO.
    #[inline]
    pub fn send_ctpio(&mut self, buffer: Buffer, cut_through: CutThrough) -> Result<(), Rejected> {
        if !self.inner.tx.ctpio {
            return Err(Rejected::new(buffer, RejectReason::CtpioDisabled));
        }
        // Nothing may come between CTPIO and its fallback, so what a forgotten batch left goes first.
        self.inner.push_staged();
        self.inner.submit(buffer, |vi, buffer, vacancy| {
            // SAFETY: the VI is live and this its only thread.
            if unsafe { efvi_sys::ef_vi_transmit_space(vi) } <= 0 {
                // Before the first byte goes out: the fallback must not fail.
                return -libc::EAGAIN;
            }
            // SAFETY: the VI is live, this its only thread, and built with CTPIO; the frame's bytes are readable, and
            // lie within memory registered in its domain, which its slot keeps until the completion; the id is below
            // the reserved one; the fallback follows with the same frame.
            unsafe {
                efvi_sys::ef_vi_transmit_ctpio(vi, buffer.as_ptr().cast(), buffer.len(), cut_through.threshold());
                efvi_sys::ef_vi_transmit_ctpio_fallback(vi, buffer.frame_dma(), buffer.len(), vacancy.id())
            }
        })
    }

    /// Adds a first frame to the ring without telling the adapter (`ef_vi_transmit_init`), for several frames to go
    /// by one doorbell. While the batch is open nothing else can be sent.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    #[inline]
    pub fn stage(&mut self, buffer: Buffer) -> Result<Batch<'_, 'vi>, Rejected> {
        self.inner.stage(buffer)?;
        Ok(Batch::new(self))
    }

    /// How many more frames the ring takes (`ef_vi_transmit_space`). A send whose completion a poll has found, but not
    /// handed out yet, counts as done here, and may still be in the way of a send into a ring that was full.
    #[inline]
    pub fn space(&self) -> usize {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_transmit_space(self.inner.vi()) }.max(0) as usize
    }

    /// How many frames the ring holds when full: one fewer than its size (`ef_vi_transmit_capacity`).
    #[inline]
    pub fn capacity(&self) -> usize {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_transmit_capacity(self.inner.vi()) }.max(0) as usize
    }
}

impl fmt::Debug for Transmit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transmit").field("space", &self.space()).field("capacity", &self.capacity()).finish()
    }
}

/// When the adapter starts to put a frame on the wire that it is still being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CutThrough {
    /// After this many bytes. Should the processor then fall behind the wire, the adapter breaks the frame off; see
    /// [`Ctpio`](crate::Ctpio).
    After(u32),
    /// When it has the whole frame.
    StoreAndForward,
}

impl CutThrough {
    #[inline(always)]
    fn threshold(self) -> u32 {
        const STORE_AND_FORWARD: u32 = efvi_sys::EF_VI_CTPIO_CT_THRESHOLD_SNF;
        match self {
            // No frame is that long, so a larger number means the whole frame too.
            CutThrough::After(bytes) => bytes.min(STORE_AND_FORWARD),
            CutThrough::StoreAndForward => STORE_AND_FORWARD,
        }
    }
}

/// The ids of the sends that an event completed, and which of them wait to be handed out.
pub(super) struct Completed {
    ids: [Cell<ef_request_id>; BATCH],
    next: Cell<u32>,
    count: Cell<u32>,
}

const BATCH: usize = efvi_sys::EF_VI_TRANSMIT_BATCH as usize;

impl Completed {
    pub(super) fn new() -> Self {
        Completed { ids: [const { Cell::new(0) }; BATCH], next: Cell::new(0), count: Cell::new(0) }
    }
}

impl Inner {
    /// Takes the ids out of a TX or TX_ERROR event. None may be waiting.
    ///
    /// The library counts the slots as free from here on; the buffers are in them until they are handed out.
    #[inline(always)]
    pub(super) fn unbundle(&self, event: &efvi_sys::ef_event) {
        let completed = &self.events.completed;
        // SAFETY: the VI is live and this its only thread; the event is a transmit event of its last poll, not
        // unbundled before; there is room for the most ids that there can be, in cells laid out as what they hold.
        let count =
            unsafe { efvi_sys::ef_vi_transmit_unbundle(self.vi(), event, completed.ids.as_ptr().cast_mut().cast()) };
        completed.next.set(0);
        completed.count.set(count as u32);
    }

    /// Whether no buffer waits to be handed out.
    #[inline(always)]
    pub(super) fn completed_is_empty(&self) -> bool {
        self.events.completed.next.get() >= self.events.completed.count.get()
    }

    /// The next buffer of those whose ids were taken out of an event.
    #[inline(always)]
    pub(super) fn next_completed(&self) -> Option<Buffer> {
        let completed = &self.events.completed;
        loop {
            let next = completed.next.get();
            if next >= completed.count.get() {
                return None;
            }
            completed.next.set(next + 1);
            // SAFETY: below the count, which the library has from the ids that it wrote.
            let id = unsafe { completed.ids.get_unchecked(next as usize) }.get();
            if let Some(buffer) = self.tx.complete(id as u32) {
                return Some(buffer);
            }
        }
    }
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use crate::mock::Fabric;
    use crate::{Driver, Event, PacketPool, ProtectionDomain, RejectReason, SendError, VirtualInterface};

    /// The adapter refuses a frame that the check of the length would not have let through.
    #[test]
    fn a_failed_send_gives_its_buffer_back_and_the_queue_is_dead() {
        let (port, _other) = Fabric::new().cable().unwrap();
        let domain = ProtectionDomain::open(&Driver::open().unwrap(), port.name()).unwrap();
        let mut pool = PacketPool::builder().buffers(8).build(&domain).unwrap();
        let mut vi = VirtualInterface::builder().build(&domain).unwrap();
        vi.inner().tx.max_frame.set(2048);
        let (mut tx, mut rx) = vi.split();
        let mut sized = |length| {
            let mut buffer = pool.take().unwrap();
            buffer.set_len(length).unwrap();
            buffer
        };
        tx.send(sized(60)).unwrap();
        tx.send(sized(2048)).unwrap();
        tx.send(sized(61)).unwrap();

        let (mut sent, mut failed) = (0, 0);
        for _ in 0..10 {
            let mut events = rx.poll();
            while let Some(event) = events.next() {
                match event {
                    Event::Sent(done) => {
                        assert_eq!(done.buffer.len(), 60);
                        sent += 1;
                    }
                    Event::SendFailed(lost) => {
                        assert_eq!((lost.buffer.len(), lost.reason), (2048, SendError::TooLong));
                        failed += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
        assert_eq!((sent, failed), (1, 1));
        let rejected = tx.send(sized(60)).unwrap_err();
        assert_eq!(rejected.reason, RejectReason::QueueFailed);
        assert_eq!(tx.stage(rejected.buffer).unwrap_err().reason, RejectReason::QueueFailed);

        // The frame behind the failed one stays with the adapter until the VI is gone.
        let free = |pool: &mut PacketPool| std::iter::from_fn(|| pool.take()).collect::<Vec<_>>().len();
        assert_eq!(free(&mut pool), 7);
        drop(vi);
        assert_eq!(free(&mut pool), 8);
    }
}
