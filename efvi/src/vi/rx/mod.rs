//! Receiving, by each of the ways that adapters have.

mod future;
mod held;
mod posted;
mod ring;

pub use future::Arriving;
pub use held::{HeldPacket, NotCopied};

pub(super) use held::{Holding, hold_rare};
pub(super) use ring::{Lent, RxRing};
