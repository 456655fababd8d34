//! Memory for packed streams: large buffers that the adapter fills with one packet after another.

use alloc::boxed::Box;
use core::ptr::NonNull;

use efvi_sys::ef_addr;

use crate::domain::ProtectionDomain;
use crate::error::Result;

use super::backing::{Numa, Pages};
use super::region::{self, Request};
use super::registration::Registered;

/// Registered memory, cut into buffers that are aligned to their size.
pub(crate) struct StreamMemory {
    memory: Registered,
    domain: usize,
    size: usize,
    count: usize,
}

impl StreamMemory {
    /// `count` buffers of `size` bytes, a power of two: huge pages, on the interface's node, where there are any.
    pub(crate) fn new(domain: &ProtectionDomain, size: usize, count: usize) -> Result<Self> {
        let mapped = region::map(&Request {
            bytes: size * count,
            adapter_page: domain.memory_page().max(size),
            pages: Pages::Huge2M,
            at_least: Pages::Base,
            numa: Numa::OfInterface,
            interface: domain.interface(),
            locked: false,
        })?;
        let memory = Registered::new(Box::new(mapped.region), &[domain])?;
        Ok(StreamMemory { memory, domain: domain.id(), size, count })
    }

    /// How many buffers there are.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// A buffer's first byte. There are as many buffers as that.
    pub(crate) fn buffer(&self, index: usize) -> NonNull<u8> {
        debug_assert!(index < self.count);
        // SAFETY: the memory is at least that long.
        unsafe { self.memory.base().add(index * self.size) }
    }

    /// Where the adapter finds a buffer.
    pub(crate) fn dma(&self, index: usize) -> Option<ef_addr> {
        self.memory.dma(self.domain, index * self.size)
    }
}
