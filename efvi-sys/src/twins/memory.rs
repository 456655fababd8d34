//! Registered memory.

use super::*;

/// DMA address of a byte of registered memory. Such addresses are contiguous within a page of the adapter only.
/// Since Onload 8.1 or before.
///
/// # Safety
///
/// `mr` is registered memory of more than `offset` bytes.
#[inline(always)]
pub unsafe fn ef_memreg_dma_addr(mr: *mut ef_memreg, offset: usize) -> ef_addr {
    // SAFETY: the library has an address for each page of the memory.
    let page = unsafe { *(*mr).mr_dma_addrs.add(offset >> EF_VI_NIC_PAGE_SHIFT) };
    page | (offset as ef_addr & (EF_VI_NIC_PAGE_SIZE as ef_addr - 1))
}
