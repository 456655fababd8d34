//! After a send that failed.

use alloc::borrow::ToOwned;
use core::fmt;

use efvi_sys::FailedTransmits;

use crate::error::{Errno, Error, Result};

use super::super::Inner;
use super::super::transmit::Transmit;
use super::Frame;

impl<'vi> Transmit<'vi> {
    /// The transmit queue, if it is dead: after [`Event::SendFailed`](crate::Event::SendFailed) it takes no more sends
    /// until it is revived (`ef_vi_for_each_tx_error_failed_transmit` tells what is lost). Since Onload 9.1.0.
    ///
    /// ```
    /// # use efvi::*;
    /// fn recover(tx: &mut Transmit<'_>, pool: &mut PacketPool) -> Result<(), Error> {
    ///     let Some(mut dead) = tx.dead() else { return Ok(()) };
    ///     for frame in &mut dead {
    ///         println!("{} bytes were not sent", frame.bytes());
    ///     }
    ///     dead.revive()
    /// }
    /// ```
    #[inline]
    pub fn dead(&mut self) -> Option<DeadQueue<'_, 'vi>> {
        let inner = *self.inner_ref();
        // Warming saved the ring's counts, and would put them back onto one that a revival has reset.
        if !inner.tx.state.dead.get() || inner.is_warming() {
            return None;
        }
        // SAFETY: the VI is live and this its only thread; the ring is not used while the result borrows its half.
        let lost = unsafe { efvi_sys::ef_vi_for_each_tx_error_failed_transmit(inner.vi()) };
        Some(DeadQueue { tx: self, lost })
    }
}

/// A transmit queue in which a send has failed. An iterator over the frames that were lost behind that one, in order
/// (`ef_vi_for_each_tx_error_failed_transmit`): none of them has left.
///
/// It borrows the transmit half, so nothing is sent to it; [`revive`](Self::revive) uses it up.
/// ```compile_fail,E0499
/// # use efvi::*;
/// fn send(tx: &mut Transmit<'_>, buffer: Buffer) {
///     let dead = tx.dead().unwrap();
///     let _ = tx.send(buffer);
///     let _ = dead.revive();
/// }
/// ```
#[must_use = "the queue takes no sends until `revive`"]
pub struct DeadQueue<'tx, 'vi> {
    tx: &'tx mut Transmit<'vi>,
    /// The ids of the frames that were not walked over yet.
    lost: FailedTransmits,
}

impl DeadQueue<'_, '_> {
    /// Makes the queue take sends again (`ef_vi_reinit_txq_post_error`). Lost frames that were not taken out of this
    /// return to their pools. Descriptors go straight to the wire; TX alternatives are as they were.
    ///
    /// # Errors
    /// [`Error::Revive`]: the adapter could not; the queue stays dead.
    pub fn revive(mut self) -> Result<()> {
        self.by_ref().for_each(drop);
        let inner = self.tx.inner();
        // SAFETY: the VI is live and this its only thread; no descriptor of the ring has a buffer any more.
        let code = unsafe { efvi_sys::ef_vi_reinit_txq_post_error(inner.vi()) };
        if code < 0 {
            let interface = inner.domain.interface().to_owned();
            return Err(Error::Revive { interface, errno: Errno::from_return(code) });
        }
        let state = &inner.tx.state;
        state.dead.set(false);
        state.selected.set(None);
        inner.tx.staged.set(0);
        inner.set_limits();
        Ok(())
    }
}

impl Iterator for DeadQueue<'_, '_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let inner: &Inner = self.tx.inner();
        for id in self.lost.by_ref() {
            if let Some(frame) = inner.tx.take_frame(id as u32) {
                return Some(frame);
            }
        }
        // Written by CTPIO, and then the guard was forgotten.
        inner.tx.state.fallback.take().map(Frame::Single)
    }
}

impl fmt::Debug for DeadQueue<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeadQueue").finish_non_exhaustive()
    }
}
