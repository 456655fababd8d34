//! The transmit half of a virtual interface.

use alloc::boxed::Box;
use core::cell::Cell;
use core::fmt;
use core::ptr;

use efvi_sys::{ef_addr, ef_request_id, ef_vi};

use crate::memory::{Buffer, Buffers};
use crate::slots::Slots;

use super::batch::Batch;
use super::rejected::{RejectReason, Rejected};
use super::tx::{BATCH, CutThrough, State};
use super::{Inner, InnerRef};

/// What the transmit half knows, beside the library's own state.
pub(super) struct TxRing {
    pub(super) slots: Slots,
    /// The longest frame; 0 while the state keeps single frames out, so that the check of the length catches that too.
    pub(super) max_frame: Cell<u32>,
    /// The same for CTPIO: 0 without it, too.
    pub(super) max_ctpio: Cell<u32>,
    /// The same for the frames that a batch adds: 0 unless there is one, and then the others are 0. So what a forgotten
    /// batch left costs other sends no look at it.
    max_staged: Cell<u32>,
    /// Descriptors that were staged and not pushed yet: the newest in `slots`.
    pub(super) staged: Cell<u32>,
    /// What `max_frame` is while frames are let in.
    mtu: u32,
    /// The longest frame by CTPIO, its VLAN tag included, whatever the MTU; 0 without.
    ctpio: u32,
    /// What the data path of single frames does not look at: elsewhere, so that what it does lies close together.
    pub(super) state: Box<State>,
}

impl TxRing {
    /// For a ring of this many descriptors, on an event queue that is polled for so many events at a time.
    ///
    /// What a poll has found the library counts as done, while the buffers are in their slots until they are handed
    /// out: those of one event's ids, and of as many events as a poll takes where each is a send. There are slots for
    /// them on top of the ring's. So the next one is free whenever the library takes a descriptor.
    pub(super) fn new(capacity: u32, event_batch: usize, mtu: u32, ctpio: u32) -> Self {
        // While warming, one frame more than the ring holds is tried.
        let slots = Slots::new(capacity.saturating_add((BATCH + event_batch + 1) as u32));
        let state = Box::new(State::new(slots.len(), ctpio != 0));
        let [max_frame, max_ctpio, max_staged] = [const { Cell::new(0) }; 3];
        let ring = TxRing { slots, max_frame, max_ctpio, max_staged, staged: Cell::new(0), mtu, ctpio, state };
        ring.set_limits(true);
        ring
    }

    /// The queue takes no more sends.
    #[cold]
    pub(super) fn fail(&self) {
        self.state.fail();
        self.set_limits(false);
    }

    /// Lets single frames in or keeps them out.
    pub(super) fn set_limits(&self, open: bool) {
        let limit = if open { self.mtu } else { 0 };
        self.max_frame.set(limit);
        self.max_ctpio.set(limit.min(self.ctpio));
        self.max_staged.set(0);
    }

    /// A descriptor was staged, as the first of a batch or another: until the batch is over nothing else is let in.
    #[inline(always)]
    pub(super) fn add_staged(&self, max: u32) {
        self.staged.set(self.staged.get() + 1);
        self.max_frame.set(0);
        self.max_ctpio.set(0);
        self.max_staged.set(max);
    }

    /// The batch is over. Returns how many were staged.
    #[inline(always)]
    fn end_batch(&self) -> u32 {
        if self.max_staged.get() != 0 {
            self.set_limits(true);
        }
        self.staged.replace(0)
    }

    /// Whether a batch may go on: there is one, and no send failed since.
    pub(super) fn batch_goes_on(&self) -> bool {
        self.max_staged.get() != 0
    }

    /// Whether the state keeps single frames out.
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.max_frame.get() == 0
    }

    /// The longest frame without a VLAN tag.
    #[inline]
    pub(super) fn mtu(&self) -> u32 {
        self.mtu
    }

    /// The longest frame while frames are let in: a VLAN tag is on top of the MTU.
    pub(super) fn longest(&self, ctpio: bool, tagged: bool) -> u32 {
        const TAG: u32 = 4;
        let longest = self.mtu.saturating_add(if tagged { TAG } else { 0 });
        if ctpio { longest.min(self.ctpio) } else { longest }
    }

    #[inline]
    pub(super) fn has_ctpio(&self) -> bool {
        self.ctpio != 0
    }
}

impl Inner {
    /// The buffer, if its frame can be sent. `max` is the ring's `max_frame`, `max_ctpio` or `max_staged`.
    #[inline(always)]
    pub(super) fn admit(&self, buffer: Buffer, max: &Cell<u32>) -> Result<Buffer, Rejected> {
        // One comparison for empty, too long, and a queue that keeps frames out: an empty frame's length less 1 is the
        // largest number.
        let length = buffer.len() as u32;
        if length.wrapping_sub(1) >= max.get() || buffer.domain() != self.domain_id {
            return self.admit_otherwise(buffer, max);
        }
        Ok(buffer)
    }

    /// Rejects a frame that can't be sent, unless its buffer was last used in another domain and can be in this, it is
    /// only longer than others by a VLAN tag, which is on top of the MTU, or the queue can be made to take it.
    #[cold]
    fn admit_otherwise(&self, mut buffer: Buffer, limit: &Cell<u32>) -> Result<Buffer, Rejected> {
        if buffer.domain() != self.domain_id && buffer.enter(self.domain_id) {
            return self.admit(buffer, limit);
        }
        let len = buffer.len() as u32;
        let ctpio = core::ptr::eq(limit, &self.tx.max_ctpio);
        let tagged = buffer.get(12..14) == Some(&[0x81, 0x00]);
        let ready = if !ptr::eq(limit, &self.tx.max_staged) {
            self.ready()
        } else if self.tx.batch_goes_on() {
            Ok(())
        } else {
            Err(RejectReason::QueueFailed)
        };
        if let Err(reason) = ready {
            return Err(Rejected { buffer, reason });
        }
        let reason = if limit.get() == 0 {
            RejectReason::CtpioDisabled
        } else if buffer.domain() != self.domain_id {
            RejectReason::WrongDomain
        } else if len == 0 {
            RejectReason::FrameEmpty
        } else if len <= self.tx.longest(ctpio, tagged) {
            return Ok(buffer);
        } else {
            RejectReason::FrameTooLong { len, max: self.tx.longest(ctpio, false) }
        };
        Err(Rejected { buffer, reason })
    }

    /// Takes back the frame that the library has just refused.
    #[cold]
    fn refused(&self, code: i32) -> Rejected {
        // SAFETY: put in by `submit`; the library takes no buffers.
        let buffer = unsafe { self.tx.slots.undo_fill() };
        Rejected { buffer, reason: RejectReason::from_return(code) }
    }

    /// Adds a frame that is admitted to the ring by `call(vi, dma, length, id)`, which takes it by returning 0.
    #[inline(always)]
    pub(super) fn submit(
        &self,
        buffer: Buffer,
        call: impl FnOnce(*mut ef_vi, ef_addr, usize, ef_request_id) -> i32,
    ) -> Result<(), Rejected> {
        let (dma, length) = (buffer.frame_dma(), buffer.len());
        // First into its slot, and out again if it is refused: nothing but the VI has to be kept over the call then.
        let id = self.tx.slots.fill(buffer);
        match call(self.vi(), dma, length, id) {
            0 => Ok(()),
            code => Err(self.refused(code)),
        }
    }

    /// Stages the first frame of a batch, or one behind those that a forgotten batch left.
    #[inline(always)]
    fn stage(&self, buffer: Buffer) -> Result<(), Rejected> {
        let tx = &self.tx;
        self.stage_within(buffer, if tx.batch_goes_on() { &tx.max_staged } else { &tx.max_frame })
    }

    /// Stages another frame of a batch.
    #[inline(always)]
    pub(super) fn stage_more(&self, buffer: Buffer) -> Result<(), Rejected> {
        self.stage_within(buffer, &self.tx.max_staged)
    }

    #[inline(always)]
    fn stage_within(&self, buffer: Buffer, max: &Cell<u32>) -> Result<(), Rejected> {
        let buffer = self.admit(buffer, max)?;
        self.submit(buffer, |vi, dma, length, id| {
            // SAFETY: the VI is live and this its only thread; the frame lies within memory registered in its domain,
            // which its slot keeps until the completion; the id is below the reserved one.
            unsafe { efvi_sys::ef_vi_transmit_init(vi, dma, length as i32, id) }
        })?;
        self.tx.add_staged(max.get());
        Ok(())
    }

    /// Submits what is staged; nothing if nothing is.
    #[inline(always)]
    pub(super) fn push_staged(&self) {
        if self.tx.end_batch() != 0 {
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
        if self.rx.by_reference {
            // Such an adapter has no descriptors: what was staged was written through to it, and is on its way.
            self.tx.end_batch();
            return Buffers::new();
        }
        // SAFETY: the VI is live and this its only thread. The adapter has not been told of what this takes back.
        unsafe { efvi_sys::ef_vi_transmit_init_undo(self.vi()) };
        let mut buffers = Buffers::new();
        self.tx.take_newest_into(&mut buffers, self.tx.end_batch());
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
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// let (mut tx, mut rx) = vi.split();
/// let mut buffer = pool.take().ok_or("the pool is empty")?;
/// buffer.write(&[0xff; 60])?;
/// tx.send(buffer)?;
/// while tx.space() < tx.capacity() {
///     drop(rx.poll()); // completions free the ring, and return the buffers
/// }
/// # Ok(())
/// # }
/// ```
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

    /// The same, for as long as the VI is borrowed.
    #[inline(always)]
    pub(super) fn inner_ref(&self) -> &InnerRef<'vi> {
        &self.inner
    }

    /// Sends a frame by DMA (`ef_vi_transmit`): the adapter fetches it from the buffer, which is not copied. It costs a
    /// store to the adapter; with TX push ([`TxPush`](crate::TxPush)) the adapter need not fetch the descriptor first.
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back: the ring is full, or the frame or the buffer is not one that can be sent.
    #[inline]
    pub fn send(&mut self, buffer: Buffer) -> Result<(), Rejected> {
        let inner = self.inner;
        let buffer = inner.admit(buffer, &inner.tx.max_frame)?;
        inner.submit(buffer, |vi, dma, length, id| {
            // SAFETY: the VI is live and this its only thread; the frame lies within memory registered in its domain,
            // which its slot keeps until the completion; the id is below the reserved one.
            unsafe { efvi_sys::ef_vi_transmit(vi, dma, length as i32, id) }
        })
    }

    /// Sends a frame by CTPIO: the processor writes it through to the adapter, which needs not fetch it
    /// (`ef_vi_transmit_ctpio`). The fallback by DMA follows at once (`ef_vi_transmit_ctpio_fallback`); the adapter
    /// uses it when the frame could not go the fast way, and completes the send whichever way it went.
    /// [`Sent::by_ctpio`](crate::Sent::by_ctpio) tells. Checksums are not filled in on this path.
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back, as [`send`](Self::send) does, when the VI was built without CTPIO, and on X2
    /// when the frame is longer than 4092 bytes, which is what the aperture takes.
    #[inline]
    pub fn send_ctpio(&mut self, buffer: Buffer, cut_through: CutThrough) -> Result<(), Rejected> {
        let inner = self.inner;
        let buffer = inner.admit(buffer, &inner.tx.max_ctpio)?;
        // SAFETY: the VI is live and this its only thread.
        if unsafe { efvi_sys::ef_vi_transmit_space(inner.vi()) } <= 0 && !inner.is_warming() {
            // Before the first byte goes out: the fallback must not fail.
            return Err(Rejected::new(buffer, RejectReason::RingFull));
        }
        let threshold = cut_through.threshold();
        // SAFETY: the VI is live, this its only thread, and built with CTPIO, without which the longest frame is none
        // (building it found both calls in its table); the frame's bytes are readable; the fallback follows with the
        // same frame.
        unsafe { efvi_sys::ef_vi_transmit_ctpio(inner.vi(), buffer.as_ptr().cast(), buffer.len(), threshold) };
        inner.submit(buffer, |vi, dma, length, id| {
            // SAFETY: the VI is live and this its only thread; the frame lies within memory registered in its domain,
            // which its slot keeps until the completion; the id is below the reserved one; CTPIO came right before.
            unsafe { efvi_sys::ef_vi_transmit_ctpio_fallback(vi, dma, length, id) }
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

    /// How many more frames the ring takes (`ef_vi_transmit_space`). A send whose completion a poll has found
    /// counts as done here, be it handed out yet or not.
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

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use std::vec::Vec;

    use crate::mock::Fabric;
    use crate::{Driver, Event, PacketPool, ProtectionDomain, RejectReason, SendError, Timestamps, VirtualInterface};

    /// The library has room again for all that an event completed before their buffers are handed out: the slots hold
    /// both. `Slots::fill` asserts that none of them is in use.
    #[test]
    fn a_ring_is_filled_again_while_its_completions_are_handed_out() {
        const REFILLED: usize = if cfg!(miri) { 100 } else { 3000 };
        for timestamps in [Timestamps::empty(), Timestamps::TX] {
            let (port, _other) = Fabric::new().cable().unwrap();
            let domain = ProtectionDomain::open(&Driver::open().unwrap(), port.name()).unwrap();
            let mut pool = PacketPool::builder().buffers(1024).buffer_size(256).build(&domain).unwrap();
            let builder = VirtualInterface::builder().tx_capacity(512).timestamps(timestamps);
            let mut vi = builder.build(&domain).unwrap();
            let (mut tx, mut rx) = vi.split();
            let mut sequence = 0_u64;
            let mut fill = |tx: &mut crate::Transmit<'_>| {
                let mut count = 0;
                loop {
                    let mut buffer = pool.take().unwrap();
                    buffer.write(&[0; 60]).unwrap();
                    buffer[20..28].copy_from_slice(&sequence.to_le_bytes());
                    match tx.send(buffer) {
                        Ok(()) => (sequence, count) = (sequence + 1, count + 1),
                        Err(rejected) => {
                            assert_eq!(rejected.reason, RejectReason::RingFull);
                            assert_eq!(tx.space(), 0);
                            return count;
                        }
                    }
                }
            };
            let (mut sent, mut refilled) = (fill(&mut tx), 0);
            let mut done = 0;
            while done < sent {
                let mut events = rx.poll();
                while let Some(event) = events.next() {
                    let Event::Sent(back) = event else { panic!("{event:?}") };
                    assert_eq!(back.buffer[20..28], (done as u64).to_le_bytes(), "in order");
                    done += 1;
                    if refilled < REFILLED {
                        refilled += fill(&mut tx);
                    }
                }
                sent = tx.capacity() + refilled;
            }
            assert!(refilled >= REFILLED, "{refilled}");
            assert_eq!((done, tx.space()), (sent, tx.capacity()));
        }
    }

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
                        assert_eq!((lost.reason, lost.into_frame().bytes()), (SendError::TooLong, 2048));
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
        let free = |pool: &mut PacketPool| core::iter::from_fn(|| pool.take()).collect::<Vec<_>>().len();
        assert_eq!(free(&mut pool), 7);
        drop(vi);
        assert_eq!(free(&mut pool), 8);
    }
}
