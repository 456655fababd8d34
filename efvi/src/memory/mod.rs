//! Packet memory: registered regions cut into buffers, and buffers that move between program and adapter.

mod backing;
mod buffer;
mod builder;
mod given;
mod numa;
mod pool;
mod region;
mod registration;
mod stream;

pub(crate) use backing::pages_hint;
pub use backing::{Backing, Declined, Numa, Pages, Wanted};
pub(crate) use buffer::Loan;
pub use buffer::{Buffer, Buffers, TooLong};
pub use builder::PacketPoolBuilder;
pub use given::{PacketMemory, Page};
pub use pool::PacketPool;
pub(crate) use stream::StreamMemory;

/// The adapter's page: DMA addresses are contiguous within one, and no further.
pub(crate) const PAGE: usize = efvi_sys::EF_VI_NIC_PAGE_SIZE as usize;

/// The smallest buffer that a pool makes, in bytes.
pub(crate) const MIN_BUFFER_SIZE: usize = 256;

/// The largest buffer that a pool makes, in bytes: a page, so that a frame always takes one descriptor.
pub(crate) const MAX_BUFFER_SIZE: usize = PAGE;
