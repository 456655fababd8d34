//! The events of a poll.

use alloc::boxed::Box;
use alloc::vec;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use efvi_sys::{ef_event, ef_vi};

use crate::memory::Loan;
use crate::release;

use super::event::{Event, EventHandler, Sent};
use super::packet::{DiscardedPacket, Packet};
use super::rare::Rare;
use super::rx::Lent;
use super::tx::{Completed, SendFailed, SentPieces, SentPio};
use super::{Inner, InnerRef};

/// The events of the last poll, and how many of them are left. That is in the VI and not in [`Events`] alone, so that
/// none is lost with an `Events` that is forgotten: the library needs every transmit event unbundled.
pub(super) struct EventQueue {
    /// How many events are left, less one, times `STEP`: so the sign tells whether there are any, and taking one is a
    /// subtraction that sets it. One more when packets are held that may have been dropped: then a poll sees in the same
    /// look that there is something to do first.
    left: Cell<i32>,
    /// What `left` was when they were polled.
    polled: Cell<i32>,
    /// Where a poll's events go, and how many it takes at most.
    batch: NonNull<ef_event>,
    capacity: i32,
    pub(super) completed: Completed,
    /// The first event: in the batch, or, of an event that was taken over, in another VI's.
    start: Cell<*mut ef_event>,
}

/// The type of an event of this crate's own: warming was not ended.
#[cfg(onload_since = "9.0.1")]
pub(super) const TRAP: u32 = 0xffff;

/// What one event counts in `EventQueue::left`.
const STEP: i32 = 2;
/// What that is of no events, and no packets held.
const NONE: i32 = -STEP;

impl EventQueue {
    pub(super) fn new(batch: usize) -> Self {
        let capacity = batch as i32;
        let batch = NonNull::from(Box::leak(vec![ef_event::default(); batch].into_boxed_slice())).cast();
        let (left, polled, start) = (Cell::new(NONE), Cell::new(NONE), Cell::new(batch.as_ptr()));
        EventQueue { left, polled, batch, capacity, completed: Completed::new(), start }
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.left.get() < 0
    }

    /// The next to be handed out, or the one of which a packet is lent; the end, if none is left.
    #[inline]
    pub(super) fn position(&self) -> *mut ef_event {
        let over = self.polled.get() - (self.left.get() & !(STEP - 1));
        self.start.get().wrapping_add((over / STEP) as usize)
    }

    /// The event before the next is not over yet.
    #[cold]
    pub(super) fn go_back(&self) {
        self.left.set(self.left.get() + STEP);
    }

    /// Puts an event where a poll looks first, for the VI of this number. There are none when this is called.
    #[cfg(onload_since = "9.0.1")]
    pub(super) fn set_trap(&self, number: u8) {
        let first = self.batch.as_ptr();
        // An event begins with the 16 bits of its type and the 8 of its VI's number.
        // SAFETY: the batch has room for two events at least, and nothing borrows from it.
        unsafe { first.cast::<u32>().write(TRAP | u32::from(number) << 16) };
        self.take_over(first);
    }

    /// Takes that out again.
    #[cfg(onload_since = "9.0.1")]
    pub(super) fn clear_trap(&self) {
        self.left.set(NONE);
    }

    /// How many are left.
    fn len(&self) -> usize {
        // Rounded down, so what is held does not count.
        ((self.left.get() + STEP) / STEP) as usize
    }

    /// Has the next poll look for packets that were held and dropped.
    pub(super) fn attend_next(&self) {
        self.left.set(self.left.get() | 1);
    }

    /// How many events a poll takes at most.
    pub(super) fn batch(&self) -> usize {
        self.capacity as usize
    }

    /// The next event, which is over with this here: it is for another VI's.
    #[inline(always)]
    pub(super) fn pass(&self) -> Option<*mut ef_event> {
        (!self.is_empty()).then(|| {
            let event = self.position();
            self.advance();
            event
        })
    }

    /// Has this event to be handed out, and no other. None may be left.
    #[inline(always)]
    pub(super) fn take_over(&self, event: *mut ef_event) {
        self.start.set(event);
        self.polled.set(0);
        self.left.set(0);
    }

    /// The next event is over.
    #[inline(always)]
    pub(super) fn advance(&self) {
        self.left.set(self.left.get().wrapping_sub(STEP));
    }
}

impl Drop for EventQueue {
    fn drop(&mut self) {
        let batch = NonNull::slice_from_raw_parts(self.batch, self.capacity as usize);
        // SAFETY: it came out of a box of that many, and nothing reaches it any more.
        drop(unsafe { Box::from_raw(batch.as_ptr()) });
    }
}

impl Inner {
    /// Deals with what an `Events` left that was forgotten.
    #[cfg(onload_since = "9.0.1")]
    pub(super) fn finish_forgotten_events(&self) {
        if !self.events.is_empty() {
            self.finish_events(None);
        }
    }

    /// Polls by this call, which writes events and returns how many. What is left of the poll before is dealt with.
    /// Returns whether there are any.
    #[inline(always)]
    pub(super) fn poll_by(&self, call: impl FnOnce(*mut ef_vi, *mut ef_event, i32) -> i32) -> bool {
        if self.events.left.get() != NONE {
            return self.poll_attending(call);
        }
        // SAFETY: just seen.
        unsafe { self.poll_events(call) }
    }

    /// `poll_by` when events are left, or packets are held.
    #[cold]
    #[inline(never)]
    fn poll_attending(&self, call: impl FnOnce(*mut ef_vi, *mut ef_event, i32) -> i32) -> bool {
        if !self.events.is_empty() {
            // Left by an `Events` that was forgotten.
            self.finish_events(None);
        }
        let held = self.release_dropped();
        self.events.left.set(NONE);
        self.events.start.set(self.events.batch.as_ptr());
        // SAFETY: just made so.
        let any = unsafe { self.poll_events(call) };
        if held {
            self.events.attend_next();
        }
        any
    }

    /// # Safety
    /// No event is left to be handed out, and the first is the batch's.
    #[inline(always)]
    unsafe fn poll_events(&self, call: impl FnOnce(*mut ef_vi, *mut ef_event, i32) -> i32) -> bool {
        let events = &self.events;
        let count = call(self.vi(), events.batch.as_ptr(), events.capacity);
        if count > 0 {
            // SAFETY: it is one at least, and no more than a queue holds, which is far from 2^30.
            let left = unsafe { count.unchecked_sub(1).unchecked_mul(STEP) };
            events.left.set(left);
            events.polled.set(left);
        } else {
            // SAFETY: the caller's promise; the library does not know of these.
            unsafe { core::hint::assert_unchecked(events.left.get() == NONE) };
        }
        count > 0
    }

    /// Polls for all there is.
    #[inline(always)]
    pub(super) fn poll_all(&self) -> bool {
        // SAFETY: the VI is live and this its only thread; there is room for as many events, and nothing borrows from it.
        self.poll_by(|vi, events, room| unsafe { efvi_sys::ef_eventq_poll(vi, events, room) })
    }

    /// Hands out what is left of a poll, to nobody, and ends what was `lent`: packets are posted again, buffers of sends go to their pools.
    #[cold]
    pub(super) fn finish_events(&self, lent: Option<Loan>) {
        let mut rest = ManuallyDrop::new(Events::of(self.into()));
        rest.at.lent = lent;
        while let Some(event) = rest.next() {
            drop(event);
        }
    }
}

impl<'poll> InnerRef<'poll> {
    /// What is handed out of a rare event. Notes whether that may be a packet.
    #[inline(always)]
    fn made(self, rare: Rare, event: &'poll ef_event, at: &'poll mut At, is_packet: &mut bool) -> Event<'poll> {
        match rare {
            Rare::Received => {
                *is_packet = true;
                // SAFETY: found with this event, so of the VI's last poll, and handed out by this alone.
                Event::Received(unsafe { Packet::found(self, at, self.rx.found.get()) })
            }
            Rare::Discarded => {
                *is_packet = true;
                let found = self.rx.found.get();
                // SAFETY: as above.
                let packet = unsafe { Packet::found(self, at, found) };
                Event::Discarded(DiscardedPacket::new(packet, found.reason))
            }
            Rare::SentPieces => Event::SentPieces(SentPieces::new(self, event)),
            Rare::SentPio => Event::SentPio(SentPio::new(self, event)),
            Rare::SendFailed(reason) => Event::SendFailed(SendFailed::new(self, reason)),
            Rare::Alternative(alternative) => Event::Alternative(alternative),
            Rare::Packed => {
                *is_packet = true;
                // SAFETY: found with this event, so of the VI's last poll, and handed out by this alone.
                Event::Packed(unsafe { self.packed() })
            }
            Rare::NoDescriptors => Event::NoDescriptors,
            Rare::Software(data) => Event::Software(data),
            Rare::Overflow => Event::Overflow,
            Rare::Reset => Event::Reset,
            Rare::Other(kind) => Event::Other(kind),
        }
    }

    /// What a TX_WITH_TIMESTAMP event tells of, if it is a plain buffer.
    #[inline(always)]
    fn sent_with_timestamp(self, event: &ef_event) -> Option<Sent> {
        let tx = event.tx_timestamp();
        let buffer = self.tx.slots.take(tx.rq_id)?;
        let by_ctpio = tx.flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
        Some(Sent { buffer, by_ctpio, timestamp: Some(release::transmit_timestamp(event)) })
    }

    /// The packet in a buffer that was received into.
    #[inline(always)]
    fn packet(self, at: &'poll mut At, loan: Loan, bytes: u32, flags: u32) -> Packet<'poll> {
        // SAFETY: the VI is live as long as the poll is, for which the packet is lent; the buffer was just seen in its
        // slot; the frame lies within what the adapter may write, for which the buffer had room when it was posted.
        unsafe { Packet::posted(self, at, loan, self.place(bytes, flags), flags) }
    }
}

/// How far a poll's events are handed out.
pub(super) struct At {
    /// `EventQueue::position`, here too, to be in a register.
    next: *mut ef_event,
    /// The buffer of the packet that is lent, if it has an event of its own.
    pub(super) lent: Option<Loan>,
}

impl At {
    /// The event of the packet that is lent is over.
    #[inline(always)]
    pub(super) fn advance(&mut self, queue: &EventQueue) {
        self.next = self.next.wrapping_add(1);
        queue.advance();
    }
}

// SAFETY: it is an address. Whoever uses it borrows the VI whose events these are.
unsafe impl Send for At {}

/// The events of one poll.
///
/// [`next`](Self::next) lends them one at a time, each until the next is taken, so this is no `Iterator`:
/// `while let Some(event) = events.next() { ... }`. Events not taken are dealt with when this is dropped: packets are
/// posted again, and the buffers of sends return to their pools.
///
/// # Forgotten
/// What is left of an `Events` whose drop does not run (by `mem::forget`) the next poll deals with, before it polls.
/// Nothing is lost.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// # let (_tx, mut rx) = vi.split();
/// let mut events = rx.poll();
/// if !events.is_empty() {
///     while let Some(event) = events.next() {
///         println!("{event:?}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct Events<'poll> {
    inner: InnerRef<'poll>,
    at: At,
    /// Whether there are any for sure.
    any: bool,
    /// Whether what was taken last may have been a packet of a rare event, which has its buffer, or reference, with it.
    rare: bool,
    /// Whether the last that was taken was the end: then there is nothing left to deal with, and nothing to look at.
    ended: bool,
    /// It stands for the receive half.
    borrow: PhantomData<&'poll mut ()>,
}

impl<'poll> Events<'poll> {
    /// Those that the VI has to hand out.
    #[inline]
    pub(super) fn of(inner: InnerRef<'poll>) -> Self {
        Events::from(inner, inner.events.position(), false)
    }

    /// Those of the poll that was just made, and whether there are any.
    #[inline(always)]
    pub(super) fn polled(inner: InnerRef<'poll>, any: bool) -> Self {
        Events::from(inner, inner.events.batch.as_ptr(), any)
    }

    #[inline(always)]
    fn from(inner: InnerRef<'poll>, next: *mut ef_event, any: bool) -> Self {
        Events { inner, at: At { next, lent: None }, any, rare: false, ended: false, borrow: PhantomData }
    }

    /// Looks again where the VI is: it took another event over, and this has nothing left.
    #[inline]
    pub(super) fn renew(&mut self) {
        self.at.next = self.inner.events.position();
    }
}

impl Events<'_> {
    /// Whether all events have been taken, or there were none. Costs less than [`next`](Self::next) where the answer is
    /// all that is wanted.
    ///
    /// There is nothing to ask before a poll, as `ef_eventq_has_event` and `ef_eventq_has_many_events` do in C: a poll of an
    /// empty queue is the same read.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        let lent = self.at.lent.is_some() || self.rare;
        self.inner.events.is_empty() || lent && Self::has_lent_last(self.inner, self.at.lent.is_some())
    }

    /// Whether what is left is the event of the packet that is lent.
    // Without itself, which is not in memory then.
    #[inline(never)]
    fn has_lent_last(inner: InnerRef<'_>, packet: bool) -> bool {
        let lent = || !matches!(inner.rx.lent.get(), Lent::Nothing) && inner.rx.bundle.is_last();
        inner.events.len() == 1 && (packet || lent())
    }

    /// The next event; `None` when there are no more.
    // Always: what a program does not use of an event is not made then.
    #[inline(always)]
    #[allow(clippy::should_implement_trait, reason = "an iterator can't lend")]
    pub fn next(&mut self) -> Option<Event<'_>> {
        let inner = self.inner;
        (self.any, self.ended) = (false, false);
        let events = &inner.events;
        if let Some(loan) = self.at.lent.take() {
            // SAFETY: the packet is gone that it was lent to, and was not kept: the buffer is in its slot.
            unsafe { inner.repost(loan) };
            self.at.advance(events);
        }
        while !events.is_empty() {
            // SAFETY: before the end, so one of the events that the poll wrote, which lie still until the next poll.
            let event: &ef_event = unsafe { &*self.at.next };
            match event.generic().type_ {
                efvi_sys::EF_EVENT_TYPE_RX => {
                    let rx = event.rx();
                    // The queue stays with the event until the buffer is put back or kept.
                    if let Some(loan) = inner.rx.posted.lend(rx.rq_id) {
                        return Some(Event::Received(inner.packet(&mut self.at, loan, rx.len, rx.flags)));
                    }
                    self.at.advance(events);
                    continue;
                }
                efvi_sys::EF_EVENT_TYPE_TX => {
                    let by_ctpio = event.tx().flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
                    match inner.next_sent(event, &mut self.at) {
                        Some(Some(buffer)) => return Some(Event::Sent(Sent { buffer, by_ctpio, timestamp: None })),
                        Some(None) => {}
                        None => continue,
                    }
                }
                efvi_sys::EF_EVENT_TYPE_TX_WITH_TIMESTAMP => {
                    if let Some(sent) = inner.sent_with_timestamp(event) {
                        self.at.advance(events);
                        return Some(Event::Sent(sent));
                    }
                }
                _ => {}
            }
            let rare = inner.rare_event(event);
            self.at.next = events.position();
            if let Some(rare) = rare {
                return Some(inner.made(rare, event, &mut self.at, &mut self.rare));
            }
        }
        self.ended = true;
        None
    }
}

impl Events<'_> {
    /// Hands each event to the program's methods, in order: as a loop over [`next`](Self::next), and less work, since what an
    /// event lends is put back right where it was lent. The methods are best short: then they are part of this loop.
    ///
    /// ```
    /// # use efvi::*;
    /// struct Feed {
    ///     bytes: usize,
    ///     pool: PacketPool,
    /// }
    ///
    /// impl EventHandler for Feed {
    ///     fn received(&mut self, packet: Packet<'_>) {
    ///         self.bytes += packet.len();
    ///     }
    ///
    ///     fn sent(&mut self, sent: Sent) {
    ///         self.pool.put(sent.buffer);
    ///     }
    /// }
    ///
    /// # fn main() -> Result<()> {
    /// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// # let mut pool = PacketPool::builder().buffers(64).build(&domain)?;
    /// # let mut vi = VirtualInterface::builder().build(&domain)?;
    /// # vi.filter_add(&Filter::all_multicast())?;
    /// # let (_tx, mut rx) = vi.split();
    /// # rx.fill(&mut pool).expect("buffers that the ring takes");
    /// # port.inject(&[0xff; 60], mock::Fcs::Good).expect("a frame");
    /// let mut feed = Feed { bytes: 0, pool };
    /// while feed.bytes == 0 {
    ///     rx.poll().dispatch(&mut feed);
    /// }
    /// # assert_eq!(feed.bytes, 60);
    /// # Ok(())
    /// # }
    /// ```
    // Nothing here takes the address of `self`: it lies in registers.
    #[inline(always)]
    pub fn dispatch(mut self, handler: &mut impl EventHandler) {
        let inner = self.inner;
        let events = &inner.events;
        if let Some(loan) = self.at.lent.take() {
            // SAFETY: the packet is gone that it was lent to, and was not kept: the buffer is in its slot.
            unsafe { inner.repost(loan) };
            self.at.advance(events);
        }
        self.ended = true;
        if !self.any && events.is_empty() {
            return;
        }
        // Until the end: what a method that panics leaves is dealt with.
        self.ended = false;
        loop {
            // SAFETY: before the end, so one of the events that the poll wrote, which lie still until the next poll.
            let event: &ef_event = unsafe { &*self.at.next };
            let kind = event.generic().type_;
            if kind == efvi_sys::EF_EVENT_TYPE_RX
                && let Some(loan) = inner.rx.posted.lend(event.rx().rq_id)
            {
                let rx = event.rx();
                handler.received(inner.packet(&mut self.at, loan, rx.len, rx.flags));
                // Unless it was kept, with which its event is over.
                if self.at.lent.take().is_some() {
                    // SAFETY: the packet is gone that it was lent to, and the buffer in its slot.
                    unsafe { inner.repost(loan) };
                    self.at.advance(events);
                    // Here, too, where the subtraction has just told.
                    if events.is_empty() {
                        break;
                    }
                    continue;
                }
            } else if kind == efvi_sys::EF_EVENT_TYPE_TX {
                let by_ctpio = event.tx().flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
                match inner.next_sent(event, &mut self.at) {
                    Some(Some(buffer)) => handler.sent(Sent { buffer, by_ctpio, timestamp: None }),
                    Some(None) => {
                        inner.dispatch_next(handler);
                        self.at.next = events.position();
                    }
                    None => {}
                }
            } else {
                inner.dispatch_next(handler);
                self.at.next = events.position();
            }
            if events.is_empty() {
                break;
            }
        }
        self.ended = true;
    }
}

impl InnerRef<'_> {
    /// Hands out the next event, whatever it is.
    // Not in line, so that the loop has registers to spare.
    #[inline(never)]
    fn dispatch_next(self, handler: &mut impl EventHandler) {
        let mut events = Events::of(self);
        match events.next() {
            Some(Event::Received(packet)) => handler.received(packet),
            Some(Event::Sent(sent)) => handler.sent(sent),
            Some(event) => handler.other(event),
            None => {}
        }
        if let Some(loan) = events.at.lent.take() {
            // SAFETY: the packet is gone that it was lent to, and was not kept: the buffer is in its slot.
            unsafe { self.repost(loan) };
            self.events.advance();
        }
        // The rest is whose this is called by.
        core::mem::forget(events);
    }
}

impl Drop for Events<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // Little code, so that it is in line on every way out and this needs no place in memory.
        if !self.ended && !self.inner.events.is_empty() {
            self.inner.finish_events(self.at.lent.take());
        }
    }
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("left", &self.inner.events.len()).finish()
    }
}
