//! What a frame that is sent lies in, and the ids of descriptors that say so.

use core::fmt;

use efvi_sys::ef_request_id;

use crate::memory::{Buffer, Buffers};
use crate::pio::PioPart;

/// What a frame lies in that was to be sent: it comes back in this when the frame was not sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum Frame {
    /// A buffer.
    Single(Buffer),
    /// The buffers of a frame in several pieces, in order.
    InPieces(Pieces),
    /// A part of the PIO region.
    InPio(PioPart),
}

impl Frame {
    /// The length of the frame, in bytes.
    pub fn bytes(&self) -> usize {
        match self {
            Frame::Single(buffer) => buffer.len(),
            Frame::InPieces(pieces) => pieces.bytes(),
            Frame::InPio(part) => part.len(),
        }
    }

    /// The buffer of a frame in one.
    pub fn into_buffer(self) -> Option<Buffer> {
        match self {
            Frame::Single(buffer) => Some(buffer),
            _ => None,
        }
    }
}

/// The pieces of one frame, each the frame of a buffer, in order: from 1 to [`MAX`](Self::MAX) of them.
///
/// Made of an array of buffers, or by [`push`](Self::push). An iterator over the buffers; those not taken out of it
/// return to their pools when it is dropped.
pub struct Pieces {
    // Filled from the front; taken from the front as well, so that `next..count` are there.
    buffers: [Option<Buffer>; Pieces::MAX],
    next: u8,
    count: u8,
}

impl Pieces {
    /// The most pieces that a frame can have.
    pub const MAX: usize = 8;

    /// No pieces yet.
    #[inline]
    pub fn new() -> Self {
        Pieces { buffers: [const { None }; Self::MAX], next: 0, count: 0 }
    }

    /// Adds a piece at the end.
    ///
    /// # Errors
    /// The buffer, if there are [`MAX`](Self::MAX) already, or had been before some were taken out.
    #[inline]
    pub fn push(&mut self, buffer: Buffer) -> Result<(), Buffer> {
        match self.buffers.get_mut(usize::from(self.count)) {
            Some(place) => {
                *place = Some(buffer);
                self.count += 1;
                Ok(())
            }
            None => Err(buffer),
        }
    }

    /// The length of the frame, in bytes.
    pub fn bytes(&self) -> usize {
        self.iter().map(|piece| piece.len()).sum()
    }

    #[inline]
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        self.buffers.iter_mut().flatten()
    }

    /// The pieces, to look at.
    #[inline]
    pub fn iter(&self) -> impl Iterator<Item = &Buffer> {
        self.buffers.iter().flatten()
    }
}

impl Default for Pieces {
    fn default() -> Self {
        Pieces::new()
    }
}

impl<const N: usize> From<[Buffer; N]> for Pieces {
    #[inline]
    fn from(buffers: [Buffer; N]) -> Self {
        const { assert!(N >= 1 && N <= Pieces::MAX, "a frame has from 1 to 8 pieces") };
        let mut pieces = Pieces::new();
        for (place, buffer) in pieces.buffers.iter_mut().zip(buffers) {
            *place = Some(buffer);
        }
        pieces.count = N as u8;
        pieces
    }
}

impl Iterator for Pieces {
    type Item = Buffer;

    #[inline]
    fn next(&mut self) -> Option<Buffer> {
        let buffer = self.buffers.get_mut(usize::from(self.next))?.take()?;
        self.next += 1;
        Some(buffer)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::from(self.count - self.next);
        (left, Some(left))
    }
}

impl ExactSizeIterator for Pieces {}

impl core::iter::FusedIterator for Pieces {}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pieces").field("len", &self.len()).field("bytes", &self.bytes()).finish()
    }
}

impl From<Pieces> for Buffers {
    fn from(mut pieces: Pieces) -> Self {
        let mut buffers = Buffers::new();
        while let Some(buffer) = pieces.take_last() {
            buffers.push_front(buffer);
        }
        buffers
    }
}

impl Pieces {
    fn take_last(&mut self) -> Option<Buffer> {
        if self.count == self.next {
            return None;
        }
        self.count -= 1;
        self.buffers.get_mut(usize::from(self.count))?.take()
    }
}

/// The most slots of a ring: their indices leave the bits of an id that [`Tag`] uses.
pub(in crate::vi) const SLOTS_MAX: u32 = 1 << 20;

/// What the id of a descriptor says beside the slot of its buffer. A single frame's says nothing: its tag is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::vi) enum Tag {
    /// So many pieces, the last of them in the slot and the others in those before.
    Pieces(u8),
    /// Nothing is in the slot: the frame is in the part of the PIO region at this block.
    Pio(u8),
    /// The buffer was copied to the part of the PIO region at this block.
    PioCopy(u8),
    /// The buffer is sent to this TX alternative.
    Alternative(u8),
}

impl Tag {
    /// From this id on, it has a tag.
    pub(in crate::vi) const FIRST: u32 = 1 << 28;

    #[inline]
    pub(in crate::vi) fn id(self, slot: ef_request_id) -> ef_request_id {
        let (kind, argument) = match self {
            Tag::Pieces(count) => (1, count),
            Tag::Pio(block) => (2, block),
            Tag::PioCopy(block) => (3, block),
            Tag::Alternative(alternative) => (4, alternative),
        };
        slot | ef_request_id::from(argument) << 20 | kind << 28
    }

    #[inline]
    pub(in crate::vi) fn of(id: u32) -> Option<Self> {
        let argument = (id >> 20) as u8;
        match id >> 28 {
            1 => Some(Tag::Pieces(argument)),
            2 => Some(Tag::Pio(argument)),
            3 => Some(Tag::PioCopy(argument)),
            4 => Some(Tag::Alternative(argument)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_from_the_id_that_it_was_put_into() {
        for tag in [Tag::Pieces(8), Tag::Pio(63), Tag::PioCopy(0), Tag::Alternative(255)] {
            for slot in [0, 1, SLOTS_MAX as ef_request_id - 1] {
                let id = tag.id(slot);
                assert_eq!(Tag::of(id as u32), Some(tag));
                assert!(id > 0 && id as u32 >= Tag::FIRST && id as u32 & (SLOTS_MAX - 1) == slot as u32);
            }
        }
        assert_eq!(Tag::of(SLOTS_MAX - 1), None);
    }
}
