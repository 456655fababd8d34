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

use super::event::{Event, Sent};
use super::packet::{DiscardedPacket, Packet};
use super::rare::Rare;
use super::rx::Lent;
use super::tx::{Completed, SendFailed, SentPieces, SentPio};
use super::{Inner, InnerRef};

/// The events of the last poll, and how far they have been handed out. They are in the VI and not in [`Events`], so
/// that none is lost with an `Events` that is forgotten: the library needs every transmit event unbundled.
pub(super) struct EventQueue {
    /// The next to be handed out, or the one of which a packet is lent.
    next: Cell<*mut ef_event>,
    /// The end of those that there are. One byte before it when packets are held that may have been dropped: that is the
    /// end to whoever asks for the next event, and a poll sees in one look that there is something to do first.
    end: Cell<*mut ef_event>,
    pub(super) completed: Completed,
    /// Where a poll's events go, and how many it takes at most.
    batch: NonNull<ef_event>,
    capacity: i32,
}

/// The type of an event of this crate's own: warming was not ended.
#[cfg(onload_since = "9.0.1")]
pub(super) const TRAP: u32 = 0xffff;

impl EventQueue {
    pub(super) fn new(batch: usize) -> Self {
        let capacity = batch as i32;
        let batch = NonNull::from(Box::leak(vec![ef_event::default(); batch].into_boxed_slice())).cast();
        let (next, end) = (Cell::new(batch.as_ptr()), Cell::new(batch.as_ptr()));
        EventQueue { next, end, completed: Completed::new(), batch, capacity }
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.next.get() >= self.end.get()
    }

    /// The event before the next is not over yet.
    #[cold]
    pub(super) fn go_back(&self) {
        self.next.set(self.next.get().wrapping_sub(1));
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
        self.next.set(self.end.get());
    }

    /// How many are left.
    fn len(&self) -> usize {
        self.end.get().addr().saturating_sub(self.next.get().addr()).div_ceil(size_of::<ef_event>())
    }

    /// Has the next poll look for packets that were held and dropped.
    pub(super) fn attend_next(&self) {
        // The byte before a multiple of the alignment, be it there already or not.
        const { assert!(align_of::<ef_event>() > 1) };
        self.end.set(self.end.get().map_addr(|end| (end - 1) | (align_of::<ef_event>() - 1)));
    }

    /// How many events a poll takes at most.
    pub(super) fn batch(&self) -> usize {
        self.capacity as usize
    }

    /// The next event, which is over with this here: it is for another VI's.
    #[inline(always)]
    pub(super) fn pass(&self) -> Option<*mut ef_event> {
        let event = self.next.get();
        (!self.is_empty()).then(|| {
            self.advance();
            event
        })
    }

    /// Has this event to be handed out, and no other. None may be left.
    #[inline(always)]
    pub(super) fn take_over(&self, event: *mut ef_event) {
        self.next.set(event);
        self.end.set(event.wrapping_add(1));
    }

    /// The next event is over.
    #[inline(always)]
    pub(super) fn advance(&self) {
        self.next.set(self.next.get().wrapping_add(1));
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
    #[inline(always)]
    pub(super) fn poll_by(&self, call: impl FnOnce(*mut ef_vi, *mut ef_event, i32) -> i32) {
        if self.events.next.get() != self.events.end.get() {
            return self.poll_attending(call);
        }
        // SAFETY: just seen.
        unsafe { self.poll_events(call) };
    }

    /// `poll_by` when events are left, or packets are held.
    #[cold]
    #[inline(never)]
    fn poll_attending(&self, call: impl FnOnce(*mut ef_vi, *mut ef_event, i32) -> i32) {
        if !self.events.is_empty() {
            // Left by an `Events` that was forgotten.
            self.finish_events(None);
        }
        let held = self.release_dropped();
        self.events.end.set(self.events.next.get());
        // SAFETY: just made so.
        unsafe { self.poll_events(call) };
        if held {
            self.events.attend_next();
        }
    }

    /// # Safety
    /// No event is left to be handed out.
    #[inline(always)]
    unsafe fn poll_events(&self, call: impl FnOnce(*mut ef_vi, *mut ef_event, i32) -> i32) {
        let events = &self.events;
        let count = call(self.vi(), events.batch.as_ptr(), events.capacity);
        if count > 0 {
            events.next.set(events.batch.as_ptr());
            // No more than a queue holds, so it needs no more bits.
            let bytes = (count as u32) << size_of::<ef_event>().trailing_zeros();
            events.end.set(events.batch.as_ptr().wrapping_byte_add(bytes as usize));
            // SAFETY: it is one at least, and they are in memory, which does not wrap.
            unsafe { core::hint::assert_unchecked(!events.is_empty()) };
        } else {
            // SAFETY: the caller's promise; the library does not know of these.
            unsafe { core::hint::assert_unchecked(events.next.get() == events.end.get()) };
        }
    }

    /// Polls for all there is.
    #[inline(always)]
    pub(super) fn poll_all(&self) {
        // SAFETY: the VI is live and this its only thread; there is room for as many events, and nothing borrows from it.
        self.poll_by(|vi, events, room| unsafe { efvi_sys::ef_eventq_poll(vi, events, room) });
    }

    /// Hands out what is left of a poll, to nobody, and ends what was `lent`: packets are posted again, buffers of sends go to their pools.
    #[cold]
    pub(super) fn finish_events(&self, lent: Option<Loan>) {
        let mut rest = ManuallyDrop::new(Events {
            inner: self.into(),
            packet: lent,
            rare: false,
            ended: false,
            borrow: PhantomData,
        });
        while let Some(event) = rest.next() {
            drop(event);
        }
    }
}

impl<'poll> InnerRef<'poll> {
    /// The packet in a buffer that was received into.
    #[inline(always)]
    fn packet(self, place: &'poll mut Option<Loan>, loan: Loan, bytes: u32, flags: u32) -> Packet<'poll> {
        // SAFETY: the VI is live as long as the poll is, for which the packet is lent; the buffer was just seen in its
        // slot; the frame lies within what the adapter may write, for which the buffer had room when it was posted.
        unsafe { Packet::posted(self, place, loan, self.place(bytes, flags), flags) }
    }
}

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
    /// The buffer of the packet that is lent.
    packet: Option<Loan>,
    /// Whether what was taken last may have been a packet of a rare event, which has its buffer, or reference, with it.
    rare: bool,
    /// Whether the last that was taken was the end: then there is nothing left to deal with, and nothing to look at.
    ended: bool,
    /// It stands for the receive half.
    borrow: PhantomData<&'poll mut ()>,
}

impl<'poll> Events<'poll> {
    /// Those that the VI has to hand out.
    #[inline(always)]
    pub(super) fn of(inner: InnerRef<'poll>) -> Self {
        Events { inner, packet: None, rare: false, ended: false, borrow: PhantomData }
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
        let lent = self.packet.is_some() || self.rare;
        self.inner.events.is_empty() || lent && Self::has_lent_last(self.inner, self.packet.is_some())
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
        self.ended = false;
        let events = &inner.events;
        if let Some(loan) = self.packet.take() {
            // SAFETY: the packet is gone that it was lent to, and was not kept: the buffer is in its slot.
            unsafe { inner.repost(loan) };
            events.advance();
        }
        while !events.is_empty() {
            // SAFETY: before the end, so one of the events that the poll wrote, which lie still until the next poll.
            let event = unsafe { &*events.next.get() };
            match event.generic().type_ {
                efvi_sys::EF_EVENT_TYPE_RX => {
                    let rx = event.rx();
                    // The queue stays with the event until the buffer is put back or kept.
                    if let Some(loan) = inner.rx.posted.lend(rx.rq_id) {
                        return Some(Event::Received(inner.packet(&mut self.packet, loan, rx.len, rx.flags)));
                    }
                    events.advance();
                    continue;
                }
                efvi_sys::EF_EVENT_TYPE_TX => {
                    if let Some(buffer) = inner.next_sent(event) {
                        let by_ctpio = event.tx().flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
                        return Some(Event::Sent(Sent { buffer, by_ctpio, timestamp: None }));
                    }
                }
                efvi_sys::EF_EVENT_TYPE_TX_WITH_TIMESTAMP => {
                    events.advance();
                    let tx = event.tx_timestamp();
                    if let Some(buffer) = inner.tx.slots.take(tx.rq_id) {
                        let by_ctpio = tx.flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
                        let timestamp = Some(release::transmit_timestamp(event));
                        return Some(Event::Sent(Sent { buffer, by_ctpio, timestamp }));
                    }
                }
                _ => {}
            }
            match inner.rare_event(event) {
                Rare::Nothing => {}
                Rare::Received => {
                    self.rare = true;
                    let found = inner.rx.found.get();
                    // SAFETY: found with this event, so of the VI's last poll, and handed out by this alone.
                    return Some(Event::Received(unsafe { Packet::found(inner, &mut self.packet, found) }));
                }
                Rare::Discarded => {
                    self.rare = true;
                    let found = inner.rx.found.get();
                    // SAFETY: as above.
                    let packet = unsafe { Packet::found(inner, &mut self.packet, found) };
                    return Some(Event::Discarded(DiscardedPacket::new(packet, found.reason)));
                }
                Rare::SentPieces => return Some(Event::SentPieces(SentPieces::new(inner, event))),
                Rare::SentPio => return Some(Event::SentPio(SentPio::new(inner, event))),
                Rare::SendFailed(reason) => return Some(Event::SendFailed(SendFailed::new(inner, reason))),
                Rare::Alternative(alternative) => return Some(Event::Alternative(alternative)),
                Rare::Packed => {
                    self.rare = true;
                    // SAFETY: found with this event, so of the VI's last poll, and handed out by this alone.
                    return Some(Event::Packed(unsafe { inner.packed() }));
                }
                Rare::NoDescriptors => return Some(Event::NoDescriptors),
                Rare::Software(data) => return Some(Event::Software(data)),
                Rare::Overflow => return Some(Event::Overflow),
                Rare::Reset => return Some(Event::Reset),
                Rare::Other(kind) => return Some(Event::Other(kind)),
            }
        }
        self.ended = true;
        None
    }
}

impl Drop for Events<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // Little code, so that it is in line on every way out and this needs no place in memory.
        if !self.ended && !self.inner.events.is_empty() {
            self.inner.finish_events(self.packet.take());
        }
    }
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("left", &self.inner.events.len()).finish()
    }
}
