//! The ways to send beside a single frame by DMA or CTPIO, and what they have in common.

mod alternatives;
mod aside;
mod completed;
mod ctpio;
mod frame;
mod mode;
mod pio;
#[cfg(onload_since = "9.1.0")]
mod recovery;
mod ring;
mod sent;
mod state;
mod vector;
#[cfg(onload_since = "9.0.1")]
mod warm;

pub use alternatives::{Alternative, AlternativeError, AlternativeState};
pub use ctpio::{CtpioFallback, CutThrough};
pub use frame::{Frame, Pieces};
pub use mode::SendMode;
pub use pio::PioWriteError;
#[cfg(onload_since = "9.1.0")]
pub use recovery::DeadQueue;
pub use sent::{SendFailed, SentPieces, SentPio};
#[cfg(onload_since = "9.0.1")]
pub use warm::Warming;

pub(super) use completed::{Completed, Special};
pub(super) use ring::TxRing;
