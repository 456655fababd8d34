//! The sends that an event completes.

use core::cell::Cell;

use efvi_sys::ef_request_id;

use crate::memory::Buffer;

use super::super::Inner;
use super::{Frame, Pieces, Tag};

/// The ids of the sends that an event completed, and which of them wait to be handed out.
pub(in crate::vi) struct Completed {
    ids: [Cell<ef_request_id>; BATCH],
    next: Cell<u32>,
    count: Cell<u32>,
}

/// The most sends that one event completes.
pub(in crate::vi) const BATCH: usize = efvi_sys::EF_VI_TRANSMIT_BATCH as usize;

impl Completed {
    pub(in crate::vi) fn new() -> Self {
        Completed { ids: [const { Cell::new(0) }; BATCH], next: Cell::new(0), count: Cell::new(0) }
    }
}

/// What became of a frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::vi) enum Fate {
    Sent,
    Lost,
}

impl Inner {
    /// The id of the next of the sends that a TX or TX_ERROR event completed, the next event of the queue. With the
    /// last of them the event is over; until then the queue stays with it, so none is lost if what polled is forgotten.
    #[inline(always)]
    pub(in crate::vi) fn next_sent(&self, event: &efvi_sys::ef_event) -> Option<u32> {
        let completed = &self.events.completed;
        let mut next = completed.next.get();
        if next == completed.count.get() {
            // A new event.
            let ids = completed.ids.as_ptr().cast_mut().cast();
            // SAFETY: the VI is live and this its only thread; the event is a transmit event of its last poll, not
            // unbundled before; there is room for the most ids that there can be, in cells laid out as what they hold.
            let count = unsafe { efvi_sys::ef_vi_transmit_unbundle(self.vi(), event, ids) };
            next = 0;
            if count <= 0 {
                completed.count.set(next);
                completed.next.set(next);
                self.events.advance();
                return None;
            }
            completed.count.set(count as u32);
        }
        completed.next.set(next + 1);
        if next + 1 == completed.count.get() {
            self.events.advance();
        }
        // SAFETY: below the count, which the library has from the ids that it wrote.
        let id = unsafe { completed.ids.get_unchecked(next as usize) }.get();
        Some(id as u32)
    }

    /// What the next send that failed lay in.
    #[cold]
    pub(in crate::vi) fn next_failed(&self, event: &efvi_sys::ef_event) -> Option<Frame> {
        let id = self.next_sent(event)?;
        self.take_frame(id, Fate::Lost)
    }

    /// What the frame of a descriptor lies in.
    #[inline(never)]
    pub(in crate::vi) fn take_frame(&self, id: u32, fate: Fate) -> Option<Frame> {
        match Tag::of(id) {
            None => self.tx.slots.take(id).map(Frame::Single),
            Some(Tag::Pieces(count)) => self.take_pieces(id, count).map(Frame::InPieces),
            Some(Tag::Pio(block)) => self.tx.state.take_pio(block).map(Frame::InPio),
            Some(Tag::PioCopy(block)) => {
                // Its part is free again.
                drop(self.tx.state.take_pio(block));
                self.tx.slots.take(id).map(Frame::Single)
            }
            Some(Tag::Alternative(alternative)) => {
                if fate == Fate::Lost {
                    self.tx.state.alternative_lost(alternative);
                }
                self.tx.slots.take(id).map(Frame::Single)
            }
        }
    }

    fn take_pieces(&self, id: u32, count: u8) -> Option<Pieces> {
        let mut pieces = Pieces::new();
        let first = id.wrapping_sub(u32::from(count) - 1);
        for piece in 0..u32::from(count) {
            pieces.push(self.tx.slots.take(first.wrapping_add(piece))?).ok()?;
        }
        self.tx.state.pieces_back(count);
        Some(pieces)
    }

    /// Takes the buffer of a descriptor that completed, if its frame is a single one.
    #[inline(always)]
    pub(in crate::vi) fn take_single(&self, id: u32) -> Option<Buffer> {
        self.tx.slots.take(id)
    }
}
