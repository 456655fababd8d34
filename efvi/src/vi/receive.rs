//! The receive half of a virtual interface, which also polls.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

use efvi_sys::{EF_EVENT_FLAG_CONT, EF_EVENT_FLAG_SOP, ef_event};

use crate::memory::{Buffer, PacketPool};
use crate::release;
use crate::slots::Slots;

use super::event::{Event, SendError, SendFailed, Sent};
use super::packet::{DiscardedPacket, Packet};
use super::rejected::{RejectReason, Rejected};
use super::transmit::Completed;
use super::{Inner, InnerRef};

/// What the receive half knows, beside the library's own state.
pub(super) struct RxRing {
    slots: Slots,
    /// What the adapter may write into a buffer at most, in bytes.
    buffer_length: u32,
    /// How far into the buffer a frame starts, in bytes.
    prefix: u32,
    /// What a buffer has room for behind that.
    frame_room: u32,
    /// The bytes of the frame so far, where one spans buffers: events count from its start.
    frame_bytes: Cell<u32>,
}

/// EF10 takes receive descriptors in eights: fewer stay back, so pushing them would only cost the call.
const PUSH_MULTIPLE: u32 = 8;

impl RxRing {
    pub(super) fn new(capacity: u32, buffer_length: u32, prefix: u32) -> Self {
        RxRing {
            slots: Slots::new(capacity),
            buffer_length,
            prefix,
            frame_room: buffer_length.saturating_sub(prefix),
            frame_bytes: Cell::new(0),
        }
    }
}

/// The events of the last poll, and how far they have been handed out. They are in the VI and not in [`Events`], so
/// that none is lost with an `Events` that is forgotten: the library needs every transmit event unbundled.
pub(super) struct EventQueue {
    /// Where a poll's events go; null while some of the last are to be handed out.
    room: Cell<*mut ef_event>,
    /// How many a poll takes at most.
    capacity: i32,
    /// The next to be handed out, and the end of those that there are.
    next: Cell<*mut ef_event>,
    end: Cell<*mut ef_event>,
    pub(super) completed: Completed,
    batch: NonNull<[ef_event]>,
}

impl EventQueue {
    pub(super) fn new(batch: usize) -> Self {
        let batch = NonNull::from(Box::leak(vec![ef_event::default(); batch].into_boxed_slice()));
        let base = batch.as_ptr().cast();
        EventQueue {
            room: Cell::new(base),
            capacity: batch.len() as i32,
            next: Cell::new(base),
            end: Cell::new(base),
            completed: Completed::new(),
            batch,
        }
    }
}

impl Drop for EventQueue {
    fn drop(&mut self) {
        // SAFETY: it came out of a box, and nothing reaches it any more.
        drop(unsafe { Box::from_raw(self.batch.as_ptr()) });
    }
}

impl Inner {
    /// Adds a buffer to the ring, without telling the adapter.
    #[inline(always)]
    fn receive_init(&self, buffer: Buffer) -> Result<(), Rejected> {
        if buffer.domain() != self.domain_id || (buffer.capacity() as u32) < self.rx.buffer_length {
            let reason = self.reason_against_posting(&buffer);
            return Err(Rejected::new(buffer, reason));
        }
        let Some(vacancy) = self.rx.slots.vacancy() else {
            return Err(Rejected::new(buffer, RejectReason::RingFull));
        };
        // SAFETY: the VI is live and this its only thread; the buffer is registered in its domain, holds as much as
        // the adapter may write, and is nobody's but its slot's until the completion; the id is below the reserved one.
        match unsafe { efvi_sys::ef_vi_receive_init(self.vi(), buffer.dma(), vacancy.id()) } {
            0 => {
                self.rx.slots.fill(vacancy, buffer);
                Ok(())
            }
            code => Err(Rejected::new(buffer, RejectReason::from_return(code))),
        }
    }

    #[cold]
    fn reason_against_posting(&self, buffer: &Buffer) -> RejectReason {
        if buffer.domain() != self.domain_id {
            RejectReason::WrongDomain
        } else {
            RejectReason::BufferTooSmall { capacity: buffer.capacity() as u32, needed: self.rx.buffer_length }
        }
    }

    #[inline(always)]
    fn receive_push(&self) {
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

    /// Posts a buffer that came out of the ring. The ring has the slot that it came out of, so it is taken; if ever
    /// not, it returns to its pool.
    #[inline(always)]
    pub(super) fn repost(&self, buffer: Buffer) {
        let slots = &self.rx.slots;
        let Some(vacancy) = slots.vacancy() else { return give_up(buffer) };
        // SAFETY: as in `receive_init`, where this buffer was checked when it was first posted.
        if unsafe { efvi_sys::ef_vi_receive_init(self.vi(), buffer.dma(), vacancy.id()) } != 0 {
            return give_up(buffer);
        }
        slots.fill(vacancy, buffer);
        if slots.added().is_multiple_of(PUSH_MULTIPLE) {
            self.receive_push();
        }
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

    /// Hands out what is left of a poll, to nobody: packets are posted again, buffers of sends go to their pools.
    #[cold]
    fn finish_events(&self) {
        let events = &self.events;
        let mut rest = ManuallyDrop::new(Events {
            inner: self.into(),
            next: events.next.get(),
            end: events.end.get(),
            sends: Sends::Failed(SendError::Other(0)),
            is_empty: false,
            borrow: PhantomData,
        });
        while let Some(event) = rest.next() {
            drop(event);
        }
        events.room.set(events.batch.as_ptr().cast());
    }
}

impl<'poll> InnerRef<'poll> {
    /// The event as it is handed out; `None` for one of sends, which are in `completed` then, or of nothing.
    #[cold]
    fn rare_event(self, event: &ef_event, sends: &mut Sends) -> Option<Event<'poll>> {
        Some(match event.generic().type_ {
            efvi_sys::EF_EVENT_TYPE_RX_DISCARD => {
                let rx = event.rx_discard();
                let packet = self.packet(rx.rq_id, rx.len, rx.flags)?;
                Event::Discarded(DiscardedPacket::new(packet, rx.subtype))
            }
            efvi_sys::EF_EVENT_TYPE_TX_ERROR => {
                self.tx.fail();
                self.unbundle(event);
                *sends = Sends::Failed(SendError::from_raw(event.tx_error().subtype));
                return None;
            }
            efvi_sys::EF_EVENT_TYPE_RX_NO_DESC_TRUNC => Event::NoDescriptors,
            efvi_sys::EF_EVENT_TYPE_SW => Event::Software(event.sw().data as u16),
            efvi_sys::EF_EVENT_TYPE_OFLOW => Event::Overflow,
            efvi_sys::EF_EVENT_TYPE_RESET => Event::Reset,
            other => Event::Other(other),
        })
    }

    /// The packet that completed a receive descriptor. `bytes` counts from the start of the frame, prefix included.
    #[inline(always)]
    fn packet(self, id: u32, bytes: u32, flags: u32) -> Option<Packet<'poll>> {
        let buffer = self.rx.slots.take(id)?;
        let (mut start, mut length) = (self.rx.prefix, bytes.wrapping_sub(self.rx.prefix));
        // What is less than the prefix, which can't be, is a large number here.
        if flags & (EF_EVENT_FLAG_SOP | EF_EVENT_FLAG_CONT) != EF_EVENT_FLAG_SOP || length > self.rx.frame_room {
            (start, length) = self.piece(bytes, flags);
        }
        // SAFETY: the VI is live as long as the poll is, for which the packet is lent; the frame lies within what the
        // adapter may write, for which the buffer had room when it was posted.
        Some(unsafe { Packet::new(self, buffer, start as u16, length as u16, flags) })
    }
}

/// Returns a buffer that the ring did not take to its pool.
#[cold]
fn give_up(buffer: Buffer) {
    drop(buffer);
}

/// The receive half of a [`VirtualInterface`](crate::VirtualInterface): it posts buffers, and polls for the events of
/// both halves.
pub struct Receive<'vi> {
    inner: InnerRef<'vi>,
}

impl<'vi> Receive<'vi> {
    #[inline]
    pub(super) fn new(inner: InnerRef<'vi>) -> Self {
        Receive { inner }
    }

    /// Posts a buffer for the adapter to receive into (`ef_vi_receive_init`, and `ef_vi_receive_push` with every
    /// eighth: the adapter takes them in eights, so up to seven of the posted wait for more).
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back: the ring is full, or the buffer too small or of another domain.
    #[inline]
    pub fn post(&mut self, buffer: Buffer) -> Result<(), Rejected> {
        self.inner.post(buffer)
    }

    /// Posts buffers of this pool until the ring is full or the pool empty, and returns how many.
    ///
    /// # Errors
    /// The reason, if the ring refuses the pool's buffers: they are too small or of another domain. The buffer that was
    /// refused is back in the pool.
    pub fn fill(&mut self, pool: &mut PacketPool) -> Result<usize, RejectReason> {
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

    /// Asks for what has happened on the VI since the last poll (`ef_eventq_poll`), at most as many events as its
    /// event batch holds. It returns at once.
    #[inline(always)]
    pub fn poll(&mut self) -> Events<'_> {
        let inner = self.inner;
        let events = &inner.events;
        if events.room.get().is_null() {
            // Left by an `Events` that was forgotten.
            inner.finish_events();
        }
        let next = events.room.get();
        // SAFETY: the VI is live and this its only thread; there is room for as many events, and nothing borrows from it.
        let count = unsafe { efvi_sys::ef_eventq_poll(inner.vi(), next, events.capacity) };
        let is_empty = count <= 0;
        let mut end = next;
        if !is_empty {
            end = next.wrapping_add(count as usize);
            events.room.set(ptr::null_mut());
            events.next.set(next);
            events.end.set(end);
        }
        Events { inner, next, end, is_empty, sends: Sends::None, borrow: PhantomData }
    }

    /// How many more buffers the ring takes (`ef_vi_receive_space`).
    #[inline]
    pub fn space(&self) -> usize {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_receive_space(self.inner.vi()) }.max(0) as usize
    }

    /// How many buffers the ring holds when full: one fewer than its size (`ef_vi_receive_capacity`).
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
pub struct Events<'poll> {
    inner: InnerRef<'poll>,
    /// What the VI has too, where it is not lost; here for the processor's registers.
    next: *mut ef_event,
    end: *mut ef_event,
    /// The sends of an event that are being handed out.
    sends: Sends,
    /// The poll found nothing.
    is_empty: bool,
    /// It stands for the receive half.
    borrow: PhantomData<&'poll mut ()>,
}

/// How the sends ended that are being handed out.
#[derive(Clone, Copy, PartialEq)]
enum Sends {
    /// There are none.
    None,
    ByDma,
    ByCtpio,
    Failed(SendError),
}

impl Events<'_> {
    /// Whether all events have been taken, or there were none. Costs less than [`next`](Self::next) where the answer is
    /// all that is wanted.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.next == self.end && (self.sends == Sends::None || self.inner.completed_is_empty())
    }

    /// The next event; `None` when there are no more.
    // Always: the state is in registers then, and what a program does not use of an event is not made.
    #[inline(always)]
    #[allow(clippy::should_implement_trait, reason = "an iterator can't lend")]
    pub fn next(&mut self) -> Option<Event<'_>> {
        let inner = self.inner;
        loop {
            if self.sends != Sends::None {
                if let Some(buffer) = inner.next_completed() {
                    return Some(match self.sends {
                        Sends::Failed(reason) => Event::SendFailed(SendFailed { buffer, reason }),
                        how => Event::Sent(Sent { buffer, by_ctpio: how == Sends::ByCtpio, timestamp: None }),
                    });
                }
                self.sends = Sends::None;
            }
            if self.next == self.end {
                return None;
            }
            // SAFETY: before the end, so one of the events that the poll wrote, which lie still until the next poll.
            let event = unsafe { &*self.next };
            self.next = self.next.wrapping_add(1);
            inner.events.next.set(self.next);
            match event.generic().type_ {
                efvi_sys::EF_EVENT_TYPE_RX => {
                    let rx = event.rx();
                    if let Some(packet) = inner.packet(rx.rq_id, rx.len, rx.flags) {
                        return Some(Event::Received(packet));
                    }
                }
                efvi_sys::EF_EVENT_TYPE_TX => {
                    let by_ctpio = event.tx().flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
                    inner.unbundle(event);
                    self.sends = if by_ctpio { Sends::ByCtpio } else { Sends::ByDma };
                }
                efvi_sys::EF_EVENT_TYPE_TX_WITH_TIMESTAMP => {
                    let tx = event.tx_timestamp();
                    if let Some(buffer) = inner.tx.complete(tx.rq_id) {
                        let by_ctpio = tx.flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
                        let timestamp = Some(release::transmit_timestamp(event));
                        return Some(Event::Sent(Sent { buffer, by_ctpio, timestamp }));
                    }
                }
                _ => {
                    let mut sends = Sends::None;
                    if let Some(event) = inner.rare_event(event, &mut sends) {
                        return Some(event);
                    }
                    self.sends = sends;
                }
            }
        }
    }
}

impl Drop for Events<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.is_empty {
            return;
        }
        if self.sends != Sends::None || self.next != self.end {
            self.inner.finish_events();
        } else {
            self.inner.events.room.set(self.inner.events.batch.as_ptr().cast());
        }
    }
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // SAFETY: both are of one array, the end not before the next.
        let left = unsafe { self.end.offset_from(self.next) };
        f.debug_struct("Events").field("left", &left).finish()
    }
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
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
