//! Several sends by one doorbell.

use core::fmt;
use core::mem::ManuallyDrop;

use crate::memory::{Buffer, Buffers};

use super::rejected::Rejected;
use super::transmit::Transmit;
use super::tx::Pieces;

/// Frames in the transmit ring that the adapter has not been told of, from the first on with which it was made.
///
/// [`push`](Self::push) sends them. Dropped without, the frames are taken out of the ring and their buffers return to
/// their pools.
///
/// Another send can't come between, for the batch borrows the transmit half:
/// ```compile_fail,E0499
/// fn send(tx: &mut efvi::Transmit<'_>, a: efvi::Buffer, b: efvi::Buffer) -> Result<(), efvi::Rejected> {
///     let batch = tx.stage(a)?;
///     tx.send(b)?;
///     batch.push();
///     Ok(())
/// }
/// ```
#[must_use = "frames in a batch that is dropped are not sent: `push` it"]
pub struct Batch<'tx, 'vi> {
    tx: &'tx mut Transmit<'vi>,
}

impl<'tx, 'vi> Batch<'tx, 'vi> {
    #[inline(always)]
    pub(super) fn new(tx: &'tx mut Transmit<'vi>) -> Self {
        Batch { tx }
    }

    /// Adds a frame (`ef_vi_transmit_init`).
    ///
    /// # Errors
    /// As [`Transmit::send`]; the batch is as it was then.
    #[inline]
    pub fn add(&mut self, buffer: Buffer) -> Result<(), Rejected> {
        self.tx.inner().stage_more(buffer)
    }

    /// Adds a frame that lies in several buffers (`ef_vi_transmitv_init`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
    /// # let mut frame = || { let mut buffer = pool.take().expect("a buffer"); buffer.write(&[0xff; 60]).map(|()| buffer) };
    /// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// # let (mut tx, _rx) = vi.split();
    /// let mut batch = tx.stage(frame()?)?;
    /// batch.add_pieces([frame()?, frame()?])?;
    /// batch.push();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`Transmit::send_pieces`]; the batch is as it was then.
    pub fn add_pieces(&mut self, pieces: impl Into<Pieces>) -> Result<(), Rejected<Pieces>> {
        self.tx.inner().stage_more_pieces(pieces.into())
    }

    /// The number of frames.
    #[inline]
    #[allow(clippy::len_without_is_empty, reason = "a batch is made with its first frame")]
    pub fn len(&self) -> usize {
        self.tx.inner().staged()
    }

    /// Sends the frames (`ef_vi_transmit_push`).
    #[inline]
    pub fn push(self) {
        ManuallyDrop::new(self).tx.inner().push_staged();
    }

    /// Takes the frames out of the ring (`ef_vi_transmit_init_undo`) and gives their buffers back, in order.
    pub fn undo(self) -> Buffers {
        ManuallyDrop::new(self).tx.inner().undo_staged()
    }
}

impl Drop for Batch<'_, '_> {
    fn drop(&mut self) {
        self.tx.inner().undo_staged();
    }
}

impl fmt::Debug for Batch<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("len", &self.len()).finish()
    }
}
