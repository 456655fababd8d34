//! Packet memory: registered regions cut into buffers, and buffers that move between program and adapter.

mod buffer;
mod pool;
mod region;

pub use buffer::{Buffer, Buffers, TooLong};
pub use pool::{PacketPool, PacketPoolBuilder};
pub use region::Backing;

/// The adapter's page: DMA addresses are contiguous within one, and no further.
pub(crate) const PAGE: usize = efvi_sys::EF_VI_NIC_PAGE_SIZE as usize;

/// The smallest buffer that a pool makes, in bytes.
pub(crate) const MIN_BUFFER_SIZE: usize = 256;

/// The largest buffer that a pool makes, in bytes: a page, so that a frame always takes one descriptor.
pub(crate) const MAX_BUFFER_SIZE: usize = PAGE;
