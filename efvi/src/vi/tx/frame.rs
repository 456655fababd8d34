//! What a frame that is sent lies in.

use core::fmt;

use crate::memory::{Buffer, Buffers};
use crate::pio::PioPart;

/// What a frame lies in that was to be sent: it comes back in this when the frame was not sent.
///
/// ```
/// use efvi::{Frame, PacketPool};
///
/// fn put_back(frame: Frame, pool: &mut PacketPool) {
///     match frame {
///         Frame::Single(buffer) => pool.put(buffer),
///         Frame::InPieces(pieces) => pieces.for_each(|buffer| pool.put(buffer)),
///         other => println!("{} bytes in a part of the PIO region", other.bytes()),
///     }
/// }
/// ```
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
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut frame = || { let mut buffer = pool.take().expect("a buffer"); buffer.write(&[0xff; 60]).map(|()| buffer) };
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// use efvi::Pieces;
///
/// # let (mut tx, _rx) = vi.split();
/// let mut pieces = Pieces::new();
/// for _ in 0..3 {
///     pieces.push(frame()?).map_err(|_| "more pieces than a frame can have")?;
/// }
/// assert_eq!(pieces.bytes(), 180);
/// tx.send_pieces(pieces)?;
/// # Ok(())
/// # }
/// ```
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

impl From<Buffers> for Pieces {
    /// There are no more than a frame can have.
    fn from(buffers: Buffers) -> Self {
        let mut pieces = Pieces::new();
        for buffer in buffers {
            if pieces.push(buffer).is_err() {
                break;
            }
        }
        pieces
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
    pub(super) fn take_last(&mut self) -> Option<Buffer> {
        if self.count == self.next {
            return None;
        }
        self.count -= 1;
        self.buffers.get_mut(usize::from(self.count))?.take()
    }
}
