//! What descriptors stand for that is no plain buffer.

use alloc::boxed::Box;
use core::cell::Cell;

use efvi_sys::ef_request_id;

use crate::memory::{Buffer, Buffers};
use crate::pio::PioPart;

use super::ring::TxRing;
use super::{Frame, Pieces};

/// What a descriptor stands for whose slot has no buffer. So the data path of single frames finds out that there is
/// something special by what it looks at anyway: an empty slot.
pub(in crate::vi) enum Entry {
    /// The buffers of a frame in pieces, linked through their headers.
    Pieces(Buffers),
    /// The frame is in this part of the PIO region.
    Part(PioPart),
    /// The frame was copied from the buffer to this part of the PIO region.
    Copied(Buffer, PioPart),
    /// The buffer is sent to this TX alternative.
    Alternative(Buffer, u8),
}

/// A place for each of a ring's slots.
pub(in crate::vi) struct Aside {
    entries: Box<[Cell<Option<Entry>>]>,
}

impl Aside {
    pub(super) fn new(slots: u32) -> Self {
        Aside { entries: (0..slots).map(|_| Cell::new(None)).collect() }
    }

    fn put(&self, index: u32, entry: Entry) {
        if let Some(place) = self.entries.get(index as usize) {
            // What is there all the same is leaked: a wrong count could lose memory, but never share it.
            core::mem::forget(place.replace(Some(entry)));
        }
    }

    pub(super) fn take(&self, index: u32) -> Option<Entry> {
        self.entries.get(index as usize)?.take()
    }

    /// Looks at an entry, which stays where it is.
    pub(super) fn with<T>(&self, index: u32, look: impl FnOnce(Option<&Entry>) -> T) -> T {
        let entry = self.take(index);
        let found = look(entry.as_ref());
        if let Some(entry) = entry {
            self.put(index, entry);
        }
        found
    }

    /// Whether a frame is being sent from the PIO region.
    pub(super) fn has_part(&self) -> bool {
        let is_part = |entry: Option<&Entry>| matches!(entry, Some(Entry::Part(_) | Entry::Copied(..)));
        (0..self.entries.len() as u32).any(|index| self.with(index, is_part))
    }
}

impl TxRing {
    /// The id for the next descriptor, if it is to stand for an entry. Nothing is taken: [`set_aside`](Self::set_aside)
    /// does that, when the library has taken the descriptor.
    pub(super) fn next_id(&self) -> ef_request_id {
        self.slots.next() as ef_request_id
    }

    /// Has the descriptor that the library took last stand for this.
    pub(super) fn set_aside(&self, entry: Entry) {
        let id = self.slots.pass();
        self.state.aside.put(id as u32, entry);
    }

    /// Takes what the frame of a descriptor lies in that is not to be sent any more.
    pub(in crate::vi) fn take_frame(&self, id: u32) -> Option<Frame> {
        match self.slots.take(id) {
            Some(buffer) => Some(Frame::Single(buffer)),
            None => self.take_aside(self.slots.index_of(id)),
        }
    }

    /// Takes the newest frame out of the ring.
    pub(in crate::vi) fn take_newest(&self) -> Option<Frame> {
        match self.slots.unpass() {
            (_, Some(buffer)) => Some(Frame::Single(buffer)),
            (index, None) => self.take_aside(index),
        }
    }

    /// Takes the newest frames out of the ring, and puts their buffers before these, in order.
    #[cold]
    pub(in crate::vi) fn take_newest_into(&self, buffers: &mut Buffers, count: u32) {
        for _ in 0..count {
            match self.take_newest() {
                Some(Frame::Single(buffer)) => buffers.push_front(buffer),
                Some(Frame::InPieces(mut pieces)) => {
                    while let Some(piece) = pieces.take_last() {
                        buffers.push_front(piece);
                    }
                }
                // The part is its region's again.
                Some(Frame::InPio(_)) | None => {}
            }
        }
    }

    fn take_aside(&self, index: u32) -> Option<Frame> {
        Some(match self.state.aside.take(index)? {
            Entry::Pieces(buffers) => Frame::InPieces(Pieces::from(buffers)),
            Entry::Part(part) => Frame::InPio(part),
            Entry::Copied(buffer, part) => {
                // It is the region's again.
                drop(part);
                Frame::Single(buffer)
            }
            Entry::Alternative(buffer, number) => {
                self.state.alternative_lost(number);
                Frame::Single(buffer)
            }
        })
    }
}
