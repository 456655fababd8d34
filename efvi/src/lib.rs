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
pub use set::ViSet;
pub use statistics::Statistics;
pub use time::{SyncState, TimeDelta, Timestamp, TimestampError};
pub use vi::{
    Batch, Ctpio, CutThrough, DiscardReason, DiscardedPacket, Event, EventTimer, Events, Interface, KeepError, Member,
    NotKept, Packet, Receive, RejectReason, Rejected, SendError, SendFailed, Sent, SharedEventQueue,
    SharedEventQueueBuilder, SharedEvents, SharedPoll, SoftwareEvents, Timestamps, Transmit, TxPush, VirtualInterface,
    VirtualInterfaceBuilder, Waited,
};

#[doc = include_str!("../docs/for_c_users.md")]
pub mod for_c_users {}

/// The adapter in software that this build links.
#[cfg(feature = "mock-nic")]
pub use mock_nic as mock;
