//! The receive half of a virtual interface, which also polls.

use alloc::boxed::Box;
use alloc::vec;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use efvi_sys::{EF_EVENT_FLAG_CONT, EF_EVENT_FLAG_SOP, ef_event};

use crate::memory::{Buffer, PacketPool};
use crate::release;
use crate::slots::Slots;

use super::event::{Event, SendError, Sent};
use super::merge::Bundle;
use super::packet::{DiscardReason, DiscardedPacket, Found, Packet};
use super::rejected::{RejectReason, Rejected};
use super::tx::{Completed, SendFailed, SentPieces, SentPio, Special};
use super::{Inner, InnerRef, Interface};

/// What the receive half knows, beside the library's own state.
pub(super) struct RxRing {
    pub(super) slots: Slots,
    /// Whether the adapter receives into memory of its own, and events refer to packets there: nothing is posted.
    pub(super) by_reference: bool,
    /// What the adapter may write into a buffer at most, in bytes; by reference more than any buffer holds, so that
    /// none is posted.
    pub(super) buffer_length: u32,
    /// How far into the buffer a frame starts, in bytes.
    prefix: u32,
    /// The flags of a frame in one piece over its length, for one of no bytes: the prefix alone.
    whole_frame: u32,
    /// What a buffer has room for behind the prefix.
    frame_room: u32,
    /// The bytes of the frame so far, where one spans buffers: events count from its start.
    frame_bytes: Cell<u32>,
    pub(super) bundle: Bundle,
    /// The packet that a rare event was found to be of: here, so that next to nothing of such events is in line.
    pub(super) found: Cell<Found>,
    /// The reference that was handed out. Its event is over when it is put back, so that nobody else has to look.
    pub(super) reference: Cell<Reference>,
}

/// EF10 takes receive descriptors in eights: fewer stay back, so pushing them would only cost the call.
pub(super) const PUSH_MULTIPLE: u32 = 8;

/// The type of an event of this crate's own: warming was not ended.
#[cfg(onload_since = "9.0.1")]
const TRAP: u32 = 0xffff;

/// The flags that say which piece of a frame a buffer holds.
const PIECE: u32 = EF_EVENT_FLAG_SOP | EF_EVENT_FLAG_CONT;

/// What became of the reference of the queue's next event.
#[derive(Clone, Copy)]
pub(super) enum Reference {
    /// It was not handed out yet, or the event has none.
    None,
    /// It was handed out.
    Lent(u32),
    /// It was handed out, and is the adapter's again: its packet was copied.
    Released,
}

/// An event that is not made on the data path, but for what it holds beside: small, to be returned in registers.
enum Rare {
    /// Nothing: the adapter has no such buffer or packet.
    Nothing,
    /// A packet, which `RxRing::found` has.
    Received,
    Discarded,
    SentPieces,
    SentPio,
    SendFailed(SendError),
    Alternative(u16),
    NoDescriptors,
    Software(u16),
    Overflow,
    Reset,
    Other(u32),
}

impl RxRing {
    pub(super) fn new(capacity: u32, buffer_length: u32, prefix: u32) -> Self {
        RxRing {
            slots: Slots::new(capacity),
            by_reference: false,
            buffer_length,
            prefix,
            whole_frame: EF_EVENT_FLAG_SOP << 16 | prefix,
            frame_room: buffer_length.saturating_sub(prefix),
            frame_bytes: Cell::new(0),
            bundle: Bundle::new(),
            found: Cell::new(Found::NOTHING),
            reference: Cell::new(Reference::None),
        }
    }

    /// How far before a frame its prefix starts, in bytes.
    #[inline(always)]
    pub(super) fn prefix(&self) -> usize {
        self.prefix as usize
    }

    /// For an adapter that receives into memory of its own.
    pub(super) fn by_reference(prefix: u32) -> Self {
        RxRing { by_reference: true, ..Self::new(0, u32::MAX, prefix) }
    }
}

/// The events of the last poll, and how far they have been handed out. They are in the VI and not in [`Events`], so
/// that none is lost with an `Events` that is forgotten: the library needs every transmit event unbundled.
pub(super) struct EventQueue {
    /// The next to be handed out, and the end of those that there are.
    next: Cell<*mut ef_event>,
    end: Cell<*mut ef_event>,
    pub(super) completed: Completed,
    /// Where a poll's events go, and how many it takes at most.
    batch: NonNull<ef_event>,
    capacity: i32,
}

impl EventQueue {
    pub(super) fn new(batch: usize) -> Self {
        let capacity = batch as i32;
        let batch = NonNull::from(Box::leak(vec![ef_event::default(); batch].into_boxed_slice())).cast();
        let (next, end) = (Cell::new(batch.as_ptr()), Cell::new(batch.as_ptr()));
        EventQueue { next, end, completed: Completed::new(), batch, capacity }
    }

    #[inline(always)]
    pub(super) fn is_empty(&self) -> bool {
        self.next.get() == self.end.get()
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
    /// Adds a buffer to the ring, without telling the adapter.
    #[inline(always)]
    pub(super) fn receive_init(&self, mut buffer: Buffer) -> Result<(), Rejected> {
        if (buffer.domain() != self.domain_id || (buffer.capacity() as u32) < self.rx.buffer_length)
            && let Some(reason) = self.reason_against_posting(&mut buffer)
        {
            return Err(Rejected::new(buffer, reason));
        }
        // The library's own count would not do: to it a packet that waits to be handed out has left the ring.
        if !self.rx.slots.has_room() {
            return Err(Rejected::new(buffer, RejectReason::RingFull));
        }
        let dma = buffer.dma();
        // First into its slot, and out again if it is refused: nothing but the VI has to be kept over the call then.
        let id = self.rx.slots.fill(buffer);
        // SAFETY: the VI is live and this its only thread; the buffer is registered in its domain, holds as much as
        // the adapter may write, and is nobody's but its slot's until the completion; the id is below the reserved one.
        match unsafe { efvi_sys::ef_vi_receive_init(self.vi(), dma, id) } {
            0 => Ok(()),
            // SAFETY: put in above; the library takes no buffers.
            code => Err(Rejected::new(unsafe { self.rx.slots.undo_fill() }, RejectReason::from_return(code))),
        }
    }

    /// Why a buffer can't be posted; none if it was only last used in another domain and can be in this.
    #[cold]
    fn reason_against_posting(&self, buffer: &mut Buffer) -> Option<RejectReason> {
        let (capacity, needed) = (buffer.capacity() as u32, self.rx.buffer_length);
        if self.rx.by_reference {
            Some(RejectReason::NothingPosted)
        } else if buffer.domain() != self.domain_id && !buffer.enter(self.domain_id) {
            Some(RejectReason::WrongDomain)
        } else {
            (capacity < needed).then_some(RejectReason::BufferTooSmall { capacity, needed })
        }
    }

    #[inline(always)]
    pub(super) fn receive_push(&self) {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_receive_push(self.vi()) };
    }

    /// Adds a buffer to the ring, and tells the adapter of each eight.
    #[inline(always)]
    fn post(&self, buffer: Buffer) -> Result<(), Rejected> {
        self.receive_init(buffer)?;
        if self.rx.slots.added().is_multiple_of(PUSH_MULTIPLE) {
            self.receive_push();
        }
        Ok(())
    }

    /// Posts a buffer that came out of the ring. It left a slot, so there is one free; and the library has room, since
    /// to it the buffer had left before. If ever not, the buffer returns to its pool.
    #[inline(always)]
    pub(super) fn repost(&self, buffer: Buffer) {
        let slots = &self.rx.slots;
        let dma = buffer.dma();
        let id = slots.fill(buffer);
        // SAFETY: as in `receive_init`, where this buffer was checked when it was first posted.
        if unsafe { efvi_sys::ef_vi_receive_init(self.vi(), dma, id) } != 0 {
            return self.give_up_posted();
        }
        if slots.added().is_multiple_of(PUSH_MULTIPLE) {
            self.receive_push();
        }
    }

    /// Gives a packet of the adapter's memory back to it.
    // Not in line: the library is called anyway, and the path of posted buffers stays as short as it is without.
    #[inline(never)]
    pub(super) fn release(&self, id: u32) {
        // SAFETY: the VI is live and this its only thread; the packet is one of its events, not released before, and
        // nothing borrows from it.
        unsafe { efvi_sys::efct_vi_rxpkt_release(self.vi(), id) };
    }

    /// Returns the newest buffer, which the library refused, to its pool.
    #[cold]
    fn give_up_posted(&self) {
        drop(self.rx.slots.take_last());
    }

    /// Where in its buffer a piece of a frame lies that spans several, and how long it is.
    #[cold]
    fn piece(&self, bytes: u32, flags: u32) -> (u32, u32) {
        let (start, before) = if flags & EF_EVENT_FLAG_SOP != 0 {
            (self.rx.prefix, self.rx.prefix)
        } else {
            (0, self.rx.frame_bytes.get())
        };
        self.rx.frame_bytes.set(bytes);
        (start, bytes.saturating_sub(before).min(self.rx.buffer_length - start))
    }

    /// Deals with what an `Events` left that was forgotten.
    #[cfg(onload_since = "9.0.1")]
    pub(super) fn finish_forgotten_events(&self) {
        if !self.events.is_empty() {
            self.finish_events(None);
        }
    }

    /// Polls.
    ///
    /// # Safety
    /// No event is left to be handed out.
    #[inline(always)]
    pub(super) unsafe fn poll_events(&self) {
        let events = &self.events;
        // SAFETY: the VI is live and this its only thread; there is room for as many events, and nothing borrows from it.
        let count = unsafe { efvi_sys::ef_eventq_poll(self.vi(), events.batch.as_ptr(), events.capacity) };
        if count > 0 {
            let batch = events.batch.as_ptr();
            events.next.set(batch);
            events.end.set(batch.wrapping_add(count as usize));
        } else {
            // SAFETY: the caller's promise; the library does not know of these.
            unsafe { core::hint::assert_unchecked(events.is_empty()) };
        }
    }

    /// Hands out what is left of a poll, to nobody, and ends what was `lent`: packets are posted again, buffers of sends go to their pools.
    #[cold]
    fn finish_events(&self, lent: Option<Buffer>) {
        let mut rest =
            ManuallyDrop::new(Events { inner: self.into(), packet: lent, ended: false, borrow: PhantomData });
        while let Some(event) = rest.next() {
            drop(event);
        }
    }
}

impl<'poll> InnerRef<'poll> {
    /// What an event is that is neither of a good frame received nor of a send done.
    #[cold]
    fn rare_event(self, event: &ef_event) -> Rare {
        let kind = event.generic().type_;
        // The queue stays with a transmit event until the last of its frames is handed out, or given up.
        let special = match kind {
            efvi_sys::EF_EVENT_TYPE_TX => Some(self.sent_aside(event)),
            efvi_sys::EF_EVENT_TYPE_TX_WITH_TIMESTAMP => Some(self.sent_aside_with_timestamp(event)),
            efvi_sys::EF_EVENT_TYPE_TX_ERROR => Some(self.failed(event)),
            _ => None,
        };
        if let Some(special) = special {
            return match special {
                Special::Nothing => Rare::Nothing,
                Special::Pieces => Rare::SentPieces,
                Special::Part => Rare::SentPio,
                Special::Failed => Rare::SendFailed(SendError::from_raw(event.tx_error().subtype)),
            };
        }
        // The queue stays with a reference's event until that is put back.
        if kind == efvi_sys::EF_EVENT_TYPE_RX_REF || kind == efvi_sys::EF_EVENT_TYPE_RX_REF_DISCARD {
            match self.rx.reference.replace(Reference::None) {
                Reference::None => {
                    let rx = event.rx_ref_discard();
                    let reason =
                        (kind == efvi_sys::EF_EVENT_TYPE_RX_REF_DISCARD).then(|| DiscardReason::from_errors(rx.flags));
                    return self.found_reference(rx.pkt_id, rx.len, reason);
                }
                Reference::Lent(id) => self.release(id),
                Reference::Released => {}
            }
            self.events.advance();
            return Rare::Nothing;
        }
        // The queue stays with a merged event until its last packet.
        if kind == efvi_sys::EF_EVENT_TYPE_RX_MULTI || kind == efvi_sys::EF_EVENT_TYPE_RX_MULTI_DISCARD {
            let reason = (kind == efvi_sys::EF_EVENT_TYPE_RX_MULTI_DISCARD)
                .then(|| DiscardReason::from_raw(event.rx_multi_discard().subtype));
            return match self.next_merged(event) {
                Some(merged) => self.found_buffer(merged.buffer, merged.place, merged.flags, reason),
                None => Rare::Nothing,
            };
        }
        self.events.advance();
        match kind {
            efvi_sys::EF_EVENT_TYPE_RX_DISCARD => {
                let rx = event.rx_discard();
                match self.rx.slots.take(rx.rq_id) {
                    Some(buffer) => {
                        let place = self.place(rx.len, rx.flags);
                        self.found_buffer(buffer, place, rx.flags, Some(DiscardReason::from_raw(rx.subtype)))
                    }
                    None => Rare::Nothing,
                }
            }
            efvi_sys::EF_EVENT_TYPE_RX_NO_DESC_TRUNC => Rare::NoDescriptors,
            efvi_sys::EF_EVENT_TYPE_TX_ALT => {
                let alternative = event.tx_alt().alt_id;
                self.alternative_left(alternative);
                Rare::Alternative(alternative as u16)
            }
            #[cfg(onload_since = "9.0.1")]
            TRAP => {
                drop(self.end_warming());
                Rare::Nothing
            }
            efvi_sys::EF_EVENT_TYPE_SW => Rare::Software(event.sw().data as u16),
            efvi_sys::EF_EVENT_TYPE_OFLOW => Rare::Overflow,
            efvi_sys::EF_EVENT_TYPE_RESET => Rare::Reset,
            other => Rare::Other(other),
        }
    }

    /// Notes the packet in a buffer, for `Events` to hand out.
    fn found_buffer(self, buffer: Buffer, place: (u32, u32), flags: u32, reason: Option<DiscardReason>) -> Rare {
        // SAFETY: the buffer had room for what the adapter may write when it was posted, within which the place is.
        let frame = unsafe { NonNull::new_unchecked(buffer.data().add(place.0 as usize)) };
        self.found(Some(buffer.into_raw()), frame, place.1, flags, reason)
    }

    /// Notes the packet of the adapter's own memory, for `Events` to hand out.
    fn found_reference(self, id: u32, length: u32, reason: Option<DiscardReason>) -> Rare {
        // SAFETY: the VI is live and this its only thread; the number is of an event of its last poll.
        match NonNull::new(unsafe { efvi_sys::efct_vi_rxpkt_get(self.vi(), id) }.cast_mut()) {
            Some(frame) => {
                self.rx.reference.set(Reference::Lent(id));
                self.found(None, frame.cast(), length, EF_EVENT_FLAG_SOP, reason)
            }
            None => {
                self.events.advance();
                Rare::Nothing
            }
        }
    }

    #[inline(always)]
    fn found(
        self,
        buffer: Option<NonNull<()>>,
        frame: NonNull<u8>,
        length: u32,
        flags: u32,
        reason: Option<DiscardReason>,
    ) -> Rare {
        let rare = if reason.is_some() { Rare::Discarded } else { Rare::Received };
        let reason = reason.unwrap_or(DiscardReason::Other);
        self.rx.found.set(Found { buffer, frame, length: length as u16, flags: flags as u16, reason });
        rare
    }

    /// Where in a buffer that was received into the frame is, or its piece, and how long. `bytes` counts from the start
    /// of the frame, prefix included.
    #[inline(always)]
    fn place(self, bytes: u32, flags: u32) -> (u32, u32) {
        // One comparison for a frame in one piece and a length that can be: anything else is a large number here.
        let length = (bytes | (flags & PIECE) << 16).wrapping_sub(self.rx.whole_frame);
        if length > self.rx.frame_room {
            return self.piece(bytes, flags);
        }
        (self.rx.prefix, length)
    }

    /// The packet in a buffer that was received into.
    #[inline(always)]
    fn packet(self, place: &'poll mut Option<Buffer>, buffer: Buffer, bytes: u32, flags: u32) -> Packet<'poll> {
        // SAFETY: the VI is live as long as the poll is, for which the packet is lent; the frame lies within what the
        // adapter may write, for which the buffer had room when it was posted.
        unsafe { Packet::posted(self, place, buffer, self.place(bytes, flags), flags) }
    }
}

/// The receive half of a [`VirtualInterface`](crate::VirtualInterface): it posts buffers, and polls for the events of
/// both halves.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// let (_tx, mut rx) = vi.split();
/// let posted = rx.fill(&mut pool)?;
/// assert_eq!((posted, rx.space()), (rx.capacity(), 0));
/// while let Some(event) = rx.poll().next() {
///     println!("{event:?}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct Receive<'vi> {
    pub(super) inner: InnerRef<'vi>,
}

impl<'vi> Receive<'vi> {
    #[inline]
    pub(super) fn new(inner: InnerRef<'vi>) -> Self {
        Receive { inner }
    }

    #[cfg(onload_since = "9.0.1")]
    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// Posts a buffer for the adapter to receive into (`ef_vi_receive_init`, and `ef_vi_receive_push` with every
    /// eighth: the adapter takes them in eights, so up to seven of the posted wait for more. That is
    /// `ef_vi_receive_post` without its seven pushes in vain).
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back: the ring is full, the buffer too small or of another domain, or the adapter
    /// receives into memory of its own ([`RejectReason::NothingPosted`](crate::RejectReason::NothingPosted)).
    #[inline]
    pub fn post(&mut self, buffer: Buffer) -> Result<(), Rejected> {
        self.inner.post(buffer)
    }

    /// Posts buffers of this pool until the ring is full or the pool empty, and returns how many. None, and no error, on
    /// an adapter that receives into memory of its own (X3; X4 on its express datapath).
    ///
    /// # Errors
    /// The reason, if the ring refuses the pool's buffers: they are too small or of another domain. The buffer that was
    /// refused is back in the pool.
    pub fn fill(&mut self, pool: &mut PacketPool) -> Result<usize, RejectReason> {
        if self.inner.rx.by_reference {
            return Ok(0);
        }
        let mut posted = 0;
        let outcome = loop {
            if self.space() == 0 {
                break Ok(());
            }
            let Some(buffer) = pool.take() else {
                break Ok(());
            };
            if let Err(rejected) = self.inner.receive_init(buffer) {
                pool.put(rejected.buffer);
                break match rejected.reason {
                    RejectReason::RingFull => Ok(()),
                    reason => Err(reason),
                };
            }
            posted += 1;
        };
        if posted > 0 {
            self.inner.receive_push();
        }
        outcome.map(|()| posted)
    }

    /// The VI beside its data path: filters, statistics, and so on.
    pub fn vi(&self) -> &'vi Interface {
        self.inner.get().interface()
    }

    /// Asks for what has happened on the VI since the last poll (`ef_eventq_poll`), at most as many events as its
    /// event batch holds. It returns at once.
    #[inline(always)]
    pub fn poll(&mut self) -> Events<'_> {
        let inner = self.inner;
        let events = &inner.events;
        if !events.is_empty() {
            // Left by an `Events` that was forgotten.
            inner.finish_events(None);
        }
        // SAFETY: seen above, or made so.
        unsafe { inner.poll_events() };
        Events::of(inner)
    }

    /// How many more buffers the ring takes (`ef_vi_receive_space`); none on an adapter that receives into memory of its
    /// own.
    #[inline]
    pub fn space(&self) -> usize {
        if self.inner.rx.by_reference {
            return 0;
        }
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_receive_space(self.inner.vi()) }.max(0) as usize
    }

    /// How many buffers the ring holds when full: one fewer than its size (`ef_vi_receive_capacity`). On an adapter that
    /// receives into memory of its own, about how many packets that has room for.
    #[inline]
    pub fn capacity(&self) -> usize {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_receive_capacity(self.inner.vi()) }.max(0) as usize
    }
}

impl fmt::Debug for Receive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receive").field("space", &self.space()).field("capacity", &self.capacity()).finish()
    }
}

/// The events of one poll.
///
/// [`next`](Self::next) lends them one at a time, each until the next is taken, so this is no `Iterator`:
/// `while let Some(event) = events.next() { ... }`. Events not taken are dealt with when this is dropped: packets are
/// posted again, and the buffers of sends return to their pools.
///
/// # Forgotten
/// What is left of an `Events` whose drop does not run (by `mem::forget`) the next poll deals with, before it polls. Only
/// the buffer of a packet that was lent last is lost.
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
    packet: Option<Buffer>,
    /// Whether the last that was taken was the end: then there is nothing left to deal with, and nothing to look at.
    ended: bool,
    /// It stands for the receive half.
    borrow: PhantomData<&'poll mut ()>,
}

impl<'poll> Events<'poll> {
    /// Those that the VI has to hand out.
    #[inline(always)]
    pub(super) fn of(inner: InnerRef<'poll>) -> Self {
        Events { inner, packet: None, ended: false, borrow: PhantomData }
    }
}

impl Events<'_> {
    /// Whether all events have been taken, or there were none. Costs less than [`next`](Self::next) where the answer is
    /// all that is wanted. There is nothing to ask before a poll, as `ef_eventq_has_event` and
    /// `ef_eventq_has_many_events` do in C: a poll of an empty queue is the same read.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.inner.events.is_empty()
    }

    /// The next event; `None` when there are no more.
    // Always: what a program does not use of an event is not made then.
    #[inline(always)]
    #[allow(clippy::should_implement_trait, reason = "an iterator can't lend")]
    pub fn next(&mut self) -> Option<Event<'_>> {
        let inner = self.inner;
        self.ended = false;
        if let Some(buffer) = self.packet.take() {
            inner.repost(buffer);
        }
        let events = &inner.events;
        while !events.is_empty() {
            // SAFETY: before the end, so one of the events that the poll wrote, which lie still until the next poll.
            let event = unsafe { &*events.next.get() };
            match event.generic().type_ {
                efvi_sys::EF_EVENT_TYPE_RX => {
                    events.advance();
                    let rx = event.rx();
                    if let Some(buffer) = inner.rx.slots.take(rx.rq_id) {
                        return Some(Event::Received(inner.packet(&mut self.packet, buffer, rx.len, rx.flags)));
                    }
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
                    let found = inner.rx.found.get();
                    // SAFETY: found with this event, so of the VI's last poll, and handed out by this alone.
                    return Some(Event::Received(unsafe { Packet::found(inner, &mut self.packet, found) }));
                }
                Rare::Discarded => {
                    let found = inner.rx.found.get();
                    // SAFETY: as above.
                    let packet = unsafe { Packet::found(inner, &mut self.packet, found) };
                    return Some(Event::Discarded(DiscardedPacket::new(packet, found.reason)));
                }
                Rare::SentPieces => return Some(Event::SentPieces(SentPieces::new(inner, event))),
                Rare::SentPio => return Some(Event::SentPio(SentPio::new(inner, event))),
                Rare::SendFailed(reason) => return Some(Event::SendFailed(SendFailed::new(inner, reason))),
                Rare::Alternative(alternative) => return Some(Event::Alternative(alternative)),
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
        let lent = self.packet.take();
        if !self.ended && (lent.is_some() || !self.is_empty()) {
            self.inner.finish_events(lent);
        } else {
            // There is none.
            core::mem::forget(lent);
        }
    }
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = &self.inner.events;
        // SAFETY: both are of one array, the end not before the next.
        let left = unsafe { events.end.get().offset_from(events.next.get()) };
        f.debug_struct("Events").field("left", &left).finish()
    }
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use std::vec::Vec;

    use crate::mock::{Fabric, Fcs};
    use crate::{Driver, Event, Filter, MacAddress, PacketPool, ProtectionDomain, VirtualInterface};

    /// Frames longer than a buffer: the mock's MTU has none, so the adapter is told of shorter buffers.
    #[test]
    fn a_frame_over_several_buffers_comes_in_pieces_that_add_up() {
        const PIECE: usize = 256;
        let (port, _other) = Fabric::new().cable().unwrap();
        let domain = ProtectionDomain::open(&Driver::open().unwrap(), port.name()).unwrap();
        let mut pool = PacketPool::builder().buffers(600).build(&domain).unwrap();
        let mut vi = VirtualInterface::builder().timestamps(crate::Timestamps::RX).build(&domain).unwrap();
        let mac = MacAddress([2, 0, 0, 0, 0, 0x33]);
        vi.filter_add(&Filter::ethernet_local(mac, None)).unwrap();
        // SAFETY: the VI is live and this its only thread; the buffers are longer than that.
        unsafe { efvi_sys::ef_vi_receive_set_buffer_len(vi.inner().vi(), PIECE as u32) };
        let (_, mut rx) = vi.split();
        rx.fill(&mut pool).unwrap();

        for length in [60_usize, 242, 243, 300, 498, 499, 1000, 1514] {
            let mut frame: Vec<u8> = (0..length).map(|at| (at * 3 + length) as u8).collect();
            frame[..6].copy_from_slice(&mac.octets());
            frame[6] = 2;
            frame[12..14].copy_from_slice(&[0x88, 0xb5]);
            port.inject(&frame, Fcs::Good).unwrap();
            let (mut whole, mut pieces, mut ended) = (Vec::new(), 0, false);
            while !ended {
                let mut events = rx.poll();
                while let Some(event) = events.next() {
                    let Event::Received(packet) = event else { panic!("{event:?}") };
                    assert!(!ended, "a piece after the last");
                    assert_eq!(packet.is_start(), pieces == 0);
                    assert_eq!(packet.timestamp().is_ok(), pieces == 0, "the first piece has the frame's time");
                    ended = !packet.continues();
                    pieces += 1;
                    whole.extend_from_slice(packet.frame());
                }
            }
            assert_eq!(whole, frame);
            assert_eq!(pieces, (length + 14).div_ceil(PIECE), "{length} bytes");
            assert_eq!(rx.space(), 0, "every piece was posted again");
        }
    }
}
