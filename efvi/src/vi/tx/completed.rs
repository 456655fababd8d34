//! The sends that an event completes.

use core::cell::Cell;

use efvi_sys::{ef_event, ef_request_id};

use crate::memory::Buffer;

use super::super::Inner;
use super::super::events::At;
use super::Frame;
use super::aside::Entry;

/// The ids of the sends that an event completed, and which of them wait to be handed out.
pub(in crate::vi) struct Completed {
    /// `unbundle`. Called from here, it takes no register of a loop's, which would load its address before it starts.
    unbundle: Cell<unsafe fn(&Inner, &ef_event) -> i32>,
    ids: [Cell<ef_request_id>; BATCH],
    next: Cell<u32>,
    count: Cell<u32>,
}

/// The most sends that one event completes.
pub(in crate::vi) const BATCH: usize = efvi_sys::EF_VI_TRANSMIT_BATCH as usize;

impl Completed {
    pub(in crate::vi) fn new() -> Self {
        Completed {
            unbundle: Cell::new(unbundle),
            ids: [const { Cell::new(0) }; BATCH],
            next: Cell::new(0),
            count: Cell::new(0),
        }
    }
}

/// Writes the ids that a new event completed to where they wait, and returns how many.
///
/// # Safety
/// The event is a transmit event of the VI's last poll, not unbundled before.
unsafe fn unbundle(inner: &Inner, event: &ef_event) -> i32 {
    let ids = inner.events.completed.ids.as_ptr().cast_mut().cast();
    // SAFETY: the VI is live and this its only thread; the event is as the caller promises; there is room for the most
    // ids that there can be, in cells laid out as what they hold.
    unsafe { efvi_sys::ef_vi_transmit_unbundle(inner.vi(), event, ids) }
}

impl Inner {
    /// The next of the sends that a TX event completed, the next event of the queue: its buffer, or `None` where it was
    /// of something else, which is left to `sent_aside`. Nothing at all if the event completed none. With the last of them
    /// the event is over; until then the queue stays with it, so none is lost if what polled is forgotten.
    #[inline(always)]
    pub(in crate::vi) fn next_sent(&self, event: &ef_event, at: &mut At) -> Option<Option<Buffer>> {
        let id = self.next_completed(event, || at.advance(&self.events))?;
        let buffer = self.tx.slots.take(id);
        if buffer.is_none() {
            self.take_again();
        }
        Some(buffer)
    }

    /// The id of the next send that the queue's next event completed.
    #[inline(always)]
    fn next_completed(&self, event: &ef_event, advance: impl FnOnce()) -> Option<u32> {
        let completed = &self.events.completed;
        let mut next = completed.next.get();
        if next == completed.count.get() {
            // A new event.
            // SAFETY: of the last poll, and new.
            let count = unsafe { (completed.unbundle.get())(self, event) };
            next = 0;
            if count <= 0 {
                completed.count.set(next);
                completed.next.set(next);
                advance();
                return None;
            }
            completed.count.set(count as u32);
        }
        completed.next.set(next + 1);
        if next + 1 == completed.count.get() {
            advance();
        }
        // SAFETY: below the count, which the library has from the ids that it wrote.
        let id = unsafe { completed.ids.get_unchecked(next as usize) }.get();
        Some(id as u32)
    }

    /// What the next send of a TX event is of, which is no plain buffer.
    #[cold]
    pub(in crate::vi) fn sent_aside(&self, event: &ef_event) -> Special {
        match self.next_completed(event, || self.events.advance()) {
            Some(id) => self.special(event, id),
            None => Special::Nothing,
        }
    }

    /// The same of a TX_WITH_TIMESTAMP event.
    #[cold]
    pub(in crate::vi) fn sent_aside_with_timestamp(&self, event: &ef_event) -> Special {
        self.events.advance();
        self.special(event, event.tx_timestamp().rq_id)
    }

    /// What a TX_ERROR event is of, the next event of the queue.
    #[cold]
    pub(in crate::vi) fn failed(&self, event: &ef_event) -> Special {
        let completed = &self.events.completed;
        if completed.next.get() == completed.count.get() {
            // Once, when the event is new: the queue may have been revived when it is looked at again.
            self.tx.fail();
        }
        let Some(id) = self.next_completed(event, || self.events.advance()) else { return Special::Nothing };
        if self.tx.state.lent.end() {
            return Special::Nothing;
        }
        match self.tx.take_frame(id) {
            Some(frame) => {
                self.lend(event, frame);
                Special::Failed
            }
            None => Special::Nothing,
        }
    }

    /// What was sent with this id, which is no plain buffer.
    fn special(&self, event: &ef_event, id: u32) -> Special {
        let state = &self.tx.state;
        if state.lent.end() {
            return Special::Nothing;
        }
        match state.aside.take(self.tx.slots.index_of(id)) {
            Some(Entry::Pieces(buffers)) => {
                self.lend(event, Frame::InPieces(buffers.into()));
                Special::Pieces
            }
            Some(Entry::Part(part)) => {
                self.lend(event, Frame::InPio(part));
                Special::Part
            }
            Some(Entry::Copied(buffer, _) | Entry::Alternative(buffer, _)) => {
                // From here on it is as any other: the event is looked at again.
                self.tx.slots.put(id, buffer);
                self.look_again(event);
                Special::Nothing
            }
            None => Special::Nothing,
        }
    }

    /// Has the queue stay with the event until what is lent is taken or given up: then it is looked at again.
    fn lend(&self, event: &ef_event, frame: Frame) {
        self.tx.state.lent.start(frame);
        self.look_again(event);
    }

    /// Has the last id of the event be its next again.
    fn look_again(&self, event: &ef_event) {
        if event.generic().type_ == efvi_sys::EF_EVENT_TYPE_TX_WITH_TIMESTAMP {
            self.events.go_back();
        } else {
            self.take_again();
        }
    }

    /// The same for an event of several ids.
    #[cold]
    #[inline]
    fn take_again(&self) {
        let completed = &self.events.completed;
        let next = completed.next.get();
        completed.next.set(next.wrapping_sub(1));
        if next == completed.count.get() {
            // The event was over.
            self.events.go_back();
        }
    }
}

/// What was sent, or not, that is no plain buffer.
pub(in crate::vi) enum Special {
    Nothing,
    /// Pieces, which are lent.
    Pieces,
    /// A part, which is lent.
    Part,
    /// Any frame that was not sent, which is lent.
    Failed,
}

/// The frame that an event has, while it is at hand. It is not in the event itself, which would have to be dropped then
/// wherever any event is: it would lie in memory for that.
pub(in crate::vi) struct Lent {
    frame: Cell<Option<Frame>>,
    on: Cell<bool>,
}

impl Lent {
    pub(super) fn new() -> Self {
        Lent { frame: Cell::new(None), on: Cell::new(false) }
    }

    fn start(&self, frame: Frame) {
        self.frame.set(Some(frame));
        self.on.set(true);
    }

    /// Ends it, and gives up the frame if it was not taken. Returns whether there was one.
    fn end(&self) -> bool {
        let on = self.on.replace(false);
        if on {
            drop(self.frame.take());
        }
        on
    }

    /// Takes the frame out.
    #[cold]
    pub(in crate::vi) fn take(&self) -> Option<Frame> {
        self.frame.take()
    }
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use std::vec::Vec;

    use crate::mock::Fabric;
    use crate::{
        Buffer, Driver, Event, PacketPool, PioRegion, ProtectionDomain, Receive, Timestamps, Transmit, VirtualInterface,
    };

    const BUFFERS: usize = 12;

    fn written(pool: &mut PacketPool, tag: u8) -> Buffer {
        let mut buffer = pool.take().expect("each is back in time");
        buffer.write(&[tag; 60]).unwrap();
        buffer
    }

    /// One frame of each kind, plain ones among them: what each is, by its first byte, in the order of the sends.
    fn send_all(tx: &mut Transmit<'_>, pool: &mut PacketPool, region: &PioRegion) {
        tx.send(written(pool, 0)).unwrap();
        tx.send_pieces([written(pool, 1), written(pool, 1), written(pool, 1)]).unwrap();
        tx.send_pio(written(pool, 2)).unwrap();
        tx.send_pio_copy(region.take(60).unwrap(), &[3; 60]).unwrap();
        tx.send_pieces([written(pool, 4)]).unwrap();
        tx.send(written(pool, 5)).unwrap();
    }

    /// Takes so many of them, or all, and drops the rest.
    fn take(rx: &mut Receive<'_>, at_most: usize, forget: bool) -> Vec<u8> {
        let mut kinds = Vec::new();
        for _ in 0..8 {
            let mut events = rx.poll();
            while kinds.len() < at_most
                && let Some(event) = events.next()
            {
                kinds.push(match event {
                    Event::Sent(sent) => sent.buffer[0],
                    Event::SentPieces(sent) => match sent.into_pieces() {
                        pieces if pieces.len() == 3 => 1,
                        mut pieces => pieces.next().unwrap()[0],
                    },
                    Event::SentPio(sent) => {
                        assert_eq!(sent.into_part().len(), 60);
                        3
                    }
                    other => panic!("{other:?}"),
                });
            }
            if forget {
                core::mem::forget(events);
            }
        }
        kinds
    }

    #[test]
    fn frames_of_all_kinds_complete_in_order_and_come_back_whoever_takes_them() {
        for timestamps in [Timestamps::empty(), Timestamps::TX] {
            let (port, _other) = Fabric::new().cable().unwrap();
            let domain = ProtectionDomain::open(&Driver::open().unwrap(), port.name()).unwrap();
            let mut pool = PacketPool::builder().buffers(BUFFERS).build(&domain).unwrap();
            let region = PioRegion::new(&domain, 256).unwrap();
            let builder = VirtualInterface::builder().tx_capacity(512).timestamps(timestamps);
            // As few as there can be: events of several polls, and of one.
            let small = VirtualInterface::builder().event_batch::<2>().timestamps(timestamps);
            for builder in [builder, small] {
                let mut vi = builder.build(&domain).unwrap();
                vi.link_pio(&region).unwrap();
                let (mut tx, mut rx) = vi.split();
                for at_most in (0..=6).filter(|at_most| !cfg!(miri) || [1, 3, 6].contains(at_most)) {
                    for forget in [false, true] {
                        send_all(&mut tx, &mut pool, &region);
                        assert_eq!(take(&mut rx, at_most, forget), (0..at_most as u8).collect::<Vec<_>>());
                        assert!(rx.poll().is_empty());
                        // Whatever was not taken is back all the same.
                        assert_eq!(tx.space(), tx.capacity());
                        let buffers: Vec<_> = core::iter::from_fn(|| pool.take()).collect();
                        assert_eq!(buffers.len(), BUFFERS, "{at_most} taken, forgotten: {forget}");
                        assert!(region.take(256).is_some(), "so are the parts");
                    }
                }
                // What is in the ring goes with the VI.
                send_all(&mut tx, &mut pool, &region);
                drop(vi);
                assert_eq!(core::iter::from_fn(|| pool.take()).collect::<Vec<_>>().len(), BUFFERS);
                assert!(region.take(256).is_some());
            }
        }
    }

    /// An event is looked at while its frame is lent and not taken: the next look is the next frame.
    #[test]
    fn a_frame_that_is_not_taken_is_given_up_with_the_next_event() {
        let (port, _other) = Fabric::new().cable().unwrap();
        let domain = ProtectionDomain::open(&Driver::open().unwrap(), port.name()).unwrap();
        let mut pool = PacketPool::builder().buffers(BUFFERS).build(&domain).unwrap();
        let mut vi = VirtualInterface::builder().build(&domain).unwrap();
        let (mut tx, mut rx) = vi.split();
        for tag in 0..4_u8 {
            tx.send_pieces([written(&mut pool, tag), written(&mut pool, tag)]).unwrap();
        }
        let mut events = rx.poll();
        for tag in 0..4_u8 {
            let Some(Event::SentPieces(sent)) = events.next() else { panic!("four were sent") };
            // The pool has what was lent before this, and its own.
            let free: Vec<_> = core::iter::from_fn(|| pool.take()).collect();
            assert_eq!(free.len(), BUFFERS - 8 + 2 * usize::from(tag) - usize::from(tag > 2));
            if tag == 2 {
                // More is sent meanwhile.
                drop(free);
                tx.send(written(&mut pool, 9)).unwrap();
                assert_eq!(sent.into_pieces().next().unwrap()[0], 2);
            }
        }
        drop(events);
        assert_eq!(take(&mut rx, 1, false), [9]);
        assert_eq!(core::iter::from_fn(|| pool.take()).collect::<Vec<_>>().len(), BUFFERS);
    }
}
