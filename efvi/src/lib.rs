#![doc = include_str!("../docs/guide.md")]
// Tests have the standard library, and its prelude.
#![cfg_attr(not(test), no_std)]
#![warn(clippy::missing_errors_doc)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod capability;
pub mod checksum;
mod domain;
mod driver;
mod error;
mod filter;
mod library;
mod mac;
mod memory;
mod os;
mod pio;
mod release;
mod set;
mod slots;
mod statistics;
mod time;
mod vi;

pub use capability::{Capabilities, Capability, Pio, Sizes, TxAlternatives};
pub use domain::{PdFlags, ProtectionDomain, ProtectionDomainBuilder};
pub use driver::Driver;
pub use error::{Errno, Error, Result, Ring};
pub use filter::{Filter, FilterFlags, FilterGuard, FilterId, FilterInfo};
pub use library::Library;
pub use mac::{MacAddress, ParseMacError};
pub use memory::{
    Backing, Buffer, Buffers, Declined, Numa, PacketMemory, PacketPool, PacketPoolBuilder, Page, Pages, TooLong, Wanted,
};
pub use pio::{PioPart, PioRegion};
pub use set::ViSet;
pub use statistics::Statistics;
pub use time::{SyncState, TimeDelta, Timestamp, TimestampError};
#[cfg(onload_since = "9.1.0")]
pub use vi::DeadQueue;
#[cfg(onload_since = "9.0.1")]
pub use vi::Warming;
pub use vi::{
    Alternative, AlternativeError, AlternativeState, Arriving, Batch, Ctpio, CtpioFallback, CutThrough, DiscardReason,
    DiscardedPacket, Discards, Event, EventHandler, EventTimer, Events, Frame, HeldPacket, Interface, KeepError,
    Member, NotCopied, NotKept, PackedPacket, PackedPackets, Packet, Pieces, PioWriteError, Receive, RejectReason,
    Rejected, SendError, SendFailed, SendMode, Sent, SentPieces, SentPio, SharedEventQueue, SharedEventQueueBuilder,
    SharedEvents, SharedPoll, SoftwareEvents, StreamBuffer, Timestamps, Transmit, TxFlags, TxPush, VirtualInterface,
    VirtualInterfaceBuilder, Waited,
};

#[doc = include_str!("../docs/for_c_users.md")]
pub mod for_c_users {}

/// The adapter in software that this build links.
#[cfg(feature = "mock-nic")]
pub use mock_nic as mock;
