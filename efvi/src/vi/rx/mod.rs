//! Receiving, by each of the ways that adapters have.

mod future;
mod held;
mod posted;
mod returned;
mod ring;
mod stream;

pub use future::Arriving;
pub use held::{HeldPacket, NotCopied};
pub use stream::{PackedPacket, PackedPackets, StreamBuffer};

pub(super) use held::{Holding, hold_rare};
pub(super) use ring::{Lent, RxRing};
