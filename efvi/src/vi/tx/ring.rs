//! The transmit ring: what is in it, and what is let in.

use alloc::boxed::Box;
use core::cell::Cell;
use core::ptr;

use efvi_sys::{ef_addr, ef_request_id, ef_vi};

use crate::memory::{Buffer, Buffers};
use crate::slots::Slots;

use super::super::Inner;
use super::super::rejected::{RejectReason, Rejected};
use super::completed::BATCH;
use super::state::State;

/// What the transmit half knows, beside the library's own state.
pub(in crate::vi) struct TxRing {
    pub(in crate::vi) slots: Slots,
    /// The longest frame; 0 while the state keeps single frames out, so that the check of the length catches that too.
    pub(in crate::vi) max_frame: Cell<u32>,
    /// The same for CTPIO: 0 without it, too.
    pub(in crate::vi) max_ctpio: Cell<u32>,
    /// The same for the frames that a batch adds: 0 unless there is one, and then the others are 0. So what a forgotten
    /// batch left costs other sends no look at it.
    max_staged: Cell<u32>,
    /// Descriptors that were staged and not pushed yet: the newest in `slots`.
    pub(in crate::vi) staged: Cell<u32>,
    /// What `max_frame` is while frames are let in.
    mtu: u32,
    /// The longest frame by CTPIO, its VLAN tag included, whatever the MTU; 0 without.
    ctpio: u32,
    /// What the data path of single frames does not look at: elsewhere, so that what it does lies close together.
    pub(in crate::vi) state: Box<State>,
}

impl TxRing {
    /// For a ring of this many descriptors, on an event queue that is polled for so many events at a time.
    ///
    /// What a poll has found the library counts as done, while the buffers are in their slots until they are handed
    /// out: those of one event's ids, and of as many events as a poll takes where each is a send. There are slots for
    /// them on top of the ring's. So the next one is free whenever the library takes a descriptor.
    pub(in crate::vi) fn new(capacity: u32, event_batch: usize, mtu: u32, ctpio: u32) -> Self {
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
    pub(in crate::vi) fn fail(&self) {
        self.state.fail();
        self.set_limits(false);
    }

    /// Lets single frames in or keeps them out.
    pub(in crate::vi) fn set_limits(&self, open: bool) {
        let limit = if open { self.mtu } else { 0 };
        self.max_frame.set(limit);
        self.max_ctpio.set(limit.min(self.ctpio));
        self.max_staged.set(0);
    }

    /// A descriptor was staged, as the first of a batch or another: until the batch is over nothing else is let in.
    #[inline(always)]
    pub(in crate::vi) fn add_staged(&self, max: u32) {
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
    pub(in crate::vi) fn batch_goes_on(&self) -> bool {
        self.max_staged.get() != 0
    }

    /// Whether the state keeps single frames out.
    #[inline]
    pub(in crate::vi) fn is_closed(&self) -> bool {
        self.max_frame.get() == 0
    }

    /// The longest frame without a VLAN tag.
    #[inline]
    pub(in crate::vi) fn mtu(&self) -> u32 {
        self.mtu
    }

    /// The longest frame while frames are let in: a VLAN tag is on top of the MTU.
    pub(in crate::vi) fn longest(&self, ctpio: bool, tagged: bool) -> u32 {
        const TAG: u32 = 4;
        let longest = self.mtu.saturating_add(if tagged { TAG } else { 0 });
        if ctpio { longest.min(self.ctpio) } else { longest }
    }

    #[inline]
    pub(in crate::vi) fn has_ctpio(&self) -> bool {
        self.ctpio != 0
    }
}

impl Inner {
    /// The buffer, if its frame can be sent. `max` is the ring's `max_frame`, `max_ctpio` or `max_staged`.
    #[inline(always)]
    pub(in crate::vi) fn admit(&self, buffer: Buffer, max: &Cell<u32>) -> Result<Buffer, Rejected> {
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
        let ctpio = ptr::eq(limit, &self.tx.max_ctpio);
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
    pub(in crate::vi) fn submit(
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
    pub(in crate::vi) fn stage(&self, buffer: Buffer) -> Result<(), Rejected> {
        let tx = &self.tx;
        self.stage_within(buffer, if tx.batch_goes_on() { &tx.max_staged } else { &tx.max_frame })
    }

    /// Stages another frame of a batch.
    #[inline(always)]
    pub(in crate::vi) fn stage_more(&self, buffer: Buffer) -> Result<(), Rejected> {
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
    pub(in crate::vi) fn push_staged(&self) {
        if self.tx.end_batch() != 0 {
            // SAFETY: the VI is live, this its only thread, and there are descriptors to push.
            unsafe { efvi_sys::ef_vi_transmit_push(self.vi()) };
        }
    }

    #[inline]
    pub(in crate::vi) fn staged(&self) -> usize {
        self.tx.staged.get() as usize
    }

    /// Takes back what is staged.
    #[cold]
    pub(in crate::vi) fn undo_staged(&self) -> Buffers {
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
