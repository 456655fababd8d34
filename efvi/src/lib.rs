//! Low-latency networking on AMD Solarflare adapters.
//!
//! `ef_vi` gives a program an adapter's rings: it writes a frame into memory, the adapter sends it; the adapter writes
//! what it receives into memory, the program polls for it. No system call, no copy and no lock lies between. This crate
//! is that interface with its rules carried by types. A call on the data path compiles to what the C macro does.
//!
//! # The path
//! A [`Driver`] opens the way. A [`ProtectionDomain`] on an interface is what memory is registered in. A
//! [`PacketPool`] is such memory, cut into [`Buffer`]s. A [`VirtualInterface`] has the rings; a [`Filter`] steers frames
//! to it. Its two halves, [`Transmit`] and [`Receive`], take buffers and give them back.
//!
//! ```
//! use efvi::{Event, Filter, PacketPool, ProtectionDomain, VirtualInterface};
//! use std::net::SocketAddr;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let fabric = efvi::mock::Fabric::new();
//! # let (port, _other) = fabric.cable().expect("a cable");
//! # let interface = port.name();
//! let driver = efvi::Driver::open()?;
//! let domain = ProtectionDomain::open(&driver, interface)?;
//! let mut pool = PacketPool::builder().buffers(1024).build(&domain)?;
//! let mut vi = VirtualInterface::builder().build(&domain)?;
//! vi.filter_add(&Filter::udp_local("192.0.2.1:7000".parse::<SocketAddr>()?))?;
//! let mac = vi.mac()?;
//!
//! let (mut tx, mut rx) = vi.split();
//! rx.fill(&mut pool)?;
//!
//! let mut buffer = pool.take().ok_or("the pool is empty")?;
//! let frame = buffer.capacity_mut();
//! frame[..60].fill(0);
//! frame[..6].copy_from_slice(&[0xff; 6]); // to all stations
//! frame[6..12].copy_from_slice(&mac.octets());
//! frame[12..14].copy_from_slice(&[0x88, 0xb5]); // an experimental type
//! buffer.set_len(60)?;
//! tx.send(buffer)?; // moved: the adapter's now
//!
//! let mut sent = false;
//! while !sent {
//!     let mut events = rx.poll();
//!     while let Some(event) = events.next() {
//!         match event {
//!             Event::Received(packet) => println!("received {} bytes", packet.len()), // and posted again
//!             Event::Sent(done) => {
//!                 pool.put(done.buffer); // and back
//!                 sent = true;
//!             }
//!             other => return Err(format!("unexpected: {other:?}").into()),
//!         }
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Who owns what
//! A [`Buffer`] is the right to its memory. Posting or sending moves it to the adapter, and its completion, or the error,
//! moves it back, so that memory can't be touched while the adapter may. Everything keeps what it needs alive: drop the
//! driver, domains, pools, interfaces and buffers in any order.
//!
//! # Threads
//! A VI belongs to one thread at a time; its halves never leave theirs. A buffer can go anywhere: keep a received
//! [`Packet`], send its buffer to another thread, drop it there, and it returns to its pool.
//!
//! # Without the standard library
//! With `default-features = false` the crate is `#![no_std]`, all of it but the conversion to `SystemTime`: it needs an
//! allocator, for set-up, and the system's C library. Errors are `core::error::Error`, which is the standard library's.
//!
//! # Features
//! - `std` (by default): what is of the standard library, which is [`Timestamp::to_system_time`].
//! - `mock-nic`: link an adapter in software in place of the real library, for tests and development without one; it
//!   is at `efvi::mock`.

// Tests have the standard library, and its prelude.
#![cfg_attr(not(test), no_std)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

mod capability;
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
    DiscardedPacket, Event, EventHandler, EventTimer, Events, Frame, HeldPacket, Interface, KeepError, Member,
    NotCopied, NotKept, PackedPacket, PackedPackets, Packet, Pieces, PioWriteError, Receive, RejectReason, Rejected,
    SendError, SendFailed, SendMode, Sent, SentPieces, SentPio, SharedEventQueue, SharedEventQueueBuilder,
    SharedEvents, SharedPoll, SoftwareEvents, StreamBuffer, Timestamps, Transmit, TxFlags, TxPush, VirtualInterface,
    VirtualInterfaceBuilder, Waited,
};

/// The adapter in software that this build links.
#[cfg(feature = "mock-nic")]
pub use mock_nic as mock;
