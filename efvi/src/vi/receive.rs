//! The receive half of a virtual interface, which also polls.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use efvi_sys::{EF_EVENT_FLAG_SOP, ef_event};

use crate::memory::{Buffer, PacketPool};
use crate::release;
use crate::slots::Slots;

use super::event::{Completion, Event, SendError, Sent};
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
    /// The bytes of the frame so far, where one spans buffers: events count from its start.
    frame_bytes: Cell<u32>,
}

/// EF10 takes receive descriptors in eights: fewer stay back, so pushing them would only cost the call.
const PUSH_MULTIPLE: u32 = 8;

impl RxRing {
    pub(super) fn new(capacity: u32, buffer_length: u32, prefix: u32) -> Self {
        RxRing { slots: Slots::new(capacity), buffer_length, prefix, frame_bytes: Cell::new(0) }
    }
}

/// The events of the last poll, and how far they have been handed out. They are in the VI and not in [`Events`], so
/// that none is lost with an `Events` that is forgotten.
pub(super) struct EventQueue {
    batch: Box<[Cell<ef_event>]>,
    next: Cell<usize>,
    /// How many there are: at most as many as `batch` has room for.
    count: Cell<usize>,
    pub(super) completed: Completed,
}

impl EventQueue {
    pub(super) fn new(batch: usize) -> Self {
        let batch = (0..batch).map(|_| Cell::new(ef_event::default())).collect();
        EventQueue { batch, next: Cell::new(0), count: Cell::new(0), completed: Completed::new() }
    }

    #[inline(always)]
    fn is_done(&self) -> bool {
        self.next.get() >= self.count.get() && self.completed.is_empty()
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
    pub(super) fn post(&self, buffer: Buffer) -> Result<(), Rejected> {
        self.receive_init(buffer)?;
        if self.rx.slots.added().is_multiple_of(PUSH_MULTIPLE) {
            self.receive_push();
        }
        Ok(())
    }

    #[inline(always)]
    fn poll(&self) {
        let events = &self.events;
        let room = events.batch.len();
        // SAFETY: the VI is live and this its only thread; the array has that much room, in cells laid out as what
        // they hold, and nothing borrows from it.
        let count =
            unsafe { efvi_sys::ef_eventq_poll(self.vi(), events.batch.as_ptr().cast_mut().cast(), room as i32) };
        events.count.set((count.max(0) as usize).min(room));
        events.next.set(0);
    }

    /// Hands out the next event of the last poll.
    #[inline(always)]
    fn next_event(&self) -> Option<Event<'_>> {
        loop {
            if let Some((buffer, how)) = self.events.completed.next() {
                return Some(how.into_event(buffer));
            }
            let index = self.events.next.get();
            if index >= self.events.count.get() {
                return None;
            }
            self.events.next.set(index + 1);
            let event = self.events.batch.get(index)?.get();
            if let Some(event) = self.event(&event) {
                return Some(event);
            }
        }
    }

    /// The event as it is handed out; `None` for one that is of no buffer, or of several, which are in `completed` then.
    #[inline(always)]
    fn event(&self, event: &ef_event) -> Option<Event<'_>> {
        match event.generic().type_ {
            efvi_sys::EF_EVENT_TYPE_RX => {
                let rx = event.rx();
                self.packet(rx.rq_id, rx.len, rx.flags).map(Event::Received)
            }
            efvi_sys::EF_EVENT_TYPE_TX => {
                let by_ctpio = event.tx().flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
                self.unbundle(event, Completion::Sent { by_ctpio });
                None
            }
            efvi_sys::EF_EVENT_TYPE_TX_WITH_TIMESTAMP => {
                let tx = event.tx_timestamp();
                let buffer = self.tx.complete(tx.rq_id)?;
                let by_ctpio = tx.flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
                Some(Event::Sent(Sent { buffer, by_ctpio, timestamp: Some(release::transmit_timestamp(event)) }))
            }
            _ => self.rare_event(event),
        }
    }

    #[cold]
    fn rare_event(&self, event: &ef_event) -> Option<Event<'_>> {
        Some(match event.generic().type_ {
            efvi_sys::EF_EVENT_TYPE_RX_DISCARD => {
                let rx = event.rx_discard();
                let packet = self.packet(rx.rq_id, rx.len, rx.flags)?;
                Event::Discarded(DiscardedPacket::new(packet, rx.subtype))
            }
            efvi_sys::EF_EVENT_TYPE_TX_ERROR => {
                self.tx.fail();
                self.unbundle(event, Completion::Failed(SendError::from_raw(event.tx_error().subtype)));
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
    fn packet(&self, id: u32, bytes: u32, flags: u32) -> Option<Packet<'_>> {
        let mut buffer = self.rx.slots.take(id)?;
        let (start, length) = if flags & EF_EVENT_FLAG_SOP != 0 {
            (self.rx.prefix, bytes.saturating_sub(self.rx.prefix))
        } else {
            (0, bytes.saturating_sub(self.rx.frame_bytes.get()))
        };
        self.rx.frame_bytes.set(bytes);
        buffer.set_frame(start as u16, length as u16);
        Some(Packet::new(self.into(), buffer, flags))
    }

    /// Hands out what is left, to nobody: packets are posted again, buffers of sends go to their pools.
    #[cold]
    fn finish_events(&self) {
        while let Some(event) = self.next_event() {
            drop(event);
        }
    }
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
    #[inline]
    pub fn poll(&mut self) -> Events<'_> {
        let inner = self.inner;
        if !inner.events.is_done() {
            // Left by an `Events` that was forgotten.
            inner.finish_events();
        }
        inner.poll();
        Events { inner, borrow: PhantomData }
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
    /// It stands for the receive half.
    borrow: PhantomData<&'poll mut ()>,
}

impl Events<'_> {
    /// The next event; `None` when there are no more.
    #[inline]
    #[allow(clippy::should_implement_trait, reason = "an iterator can't lend")]
    pub fn next(&mut self) -> Option<Event<'_>> {
        self.inner.next_event()
    }
}

impl Drop for Events<'_> {
    #[inline]
    fn drop(&mut self) {
        if !self.inner.events.is_done() {
            self.inner.finish_events();
        }
    }
}

impl fmt::Debug for Events<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = &self.inner.events;
        f.debug_struct("Events").field("left", &events.count.get().saturating_sub(events.next.get())).finish()
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
