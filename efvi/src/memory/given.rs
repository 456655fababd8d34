//! Memory that the program gives a pool.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::ptr::NonNull;

use crate::error::{Error, Result};

use super::PAGE;

/// Memory that a pool can be built in ([`PacketPoolBuilder::build_in`](crate::PacketPoolBuilder::build_in)). The pool
/// owns it from then on, and drops it when the last of its buffers and registrations are gone.
///
/// [`Page`]s serve, boxed or in a vector; they are plain safe Rust. Implement this for other memory: a mapping of a file
/// or a device, memory shared with another process, huge pages of an allocator of your own.
///
/// It starts at a multiple of 4096 bytes (of 2 MiB where the adapter wants huge pages: X4), and its length is a multiple
/// of 2048. It should be there already, page by page, and not be copied when the process forks: `MADV_DONTFORK`, or a
/// shared mapping. Otherwise, after a fork, the adapter and the program may have two different copies.
///
/// ```
/// use efvi::{PacketMemory, PacketPool, Page, ProtectionDomain};
///
/// /// A pool in memory of any kind.
/// fn pool_in(memory: impl PacketMemory, domain: &ProtectionDomain) -> efvi::Result<PacketPool> {
///     PacketPool::builder().build_in(memory, &[domain])
/// }
/// # let port = efvi::mock::Fabric::new().looped().expect("a port");
/// # let domain = ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// let pool = pool_in(vec![Page::ZERO; 8], &domain)?;
/// # Ok::<(), efvi::Error>(())
/// ```
///
/// # Safety
/// [`region`](Self::region) gives the same region every time, also after the value has moved. Until the value is
/// dropped the region is mapped, readable, writable and initialised, and nothing but the holder of what this returned
/// reads or writes it, other processes included.
pub unsafe trait PacketMemory: Send + 'static {
    /// The memory.
    fn region(&mut self) -> NonNull<[u8]>;
}

/// A page of memory with a page's alignment, for memory that a program gives: `vec![Page::ZERO; 256]` is 1 MiB.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{PacketPool, Page};
///
/// let memory = vec![Page::ZERO; 256].into_boxed_slice(); // 1 MiB, from the allocator
/// let pool = PacketPool::builder().build_in(memory, &[&domain])?;
/// assert_eq!(pool.buffers(), 512);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[repr(C, align(4096))]
pub struct Page(pub [u8; PAGE]);

impl Page {
    /// A page of zeros.
    pub const ZERO: Page = Page([0; PAGE]);
}

impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").finish_non_exhaustive()
    }
}

const _: () = assert!(size_of::<Page>() == PAGE && align_of::<Page>() == PAGE);

// SAFETY: the box owns its pages, which are initialised and stay where they are when it moves.
unsafe impl PacketMemory for Box<[Page]> {
    fn region(&mut self) -> NonNull<[u8]> {
        bytes(self)
    }
}

// SAFETY: the vector owns its pages, which are initialised; nobody can make it move them while a pool has it.
unsafe impl PacketMemory for Vec<Page> {
    fn region(&mut self) -> NonNull<[u8]> {
        bytes(self)
    }
}

// SAFETY: the pages are borrowed for good, and mutably, so nobody else has them; they are initialised.
unsafe impl PacketMemory for &'static mut [Page] {
    fn region(&mut self) -> NonNull<[u8]> {
        bytes(self)
    }
}

fn bytes(pages: &mut [Page]) -> NonNull<[u8]> {
    NonNull::slice_from_raw_parts(NonNull::from(&mut *pages).cast(), size_of_val(pages))
}

/// How many buffers fit in memory that was given, if it can be registered with adapters of these pages.
pub(super) fn check(region: NonNull<[u8]>, adapter_page: usize, buffer_size: usize) -> Result<usize> {
    // Half a page will do where pages are small, as the C interface has it.
    let unit = if adapter_page > PAGE { adapter_page } else { PAGE / 2 };
    let address = region.cast::<u8>().addr().get();
    let buffers = region.len() / buffer_size;
    if !address.is_multiple_of(adapter_page) || !region.len().is_multiple_of(unit) || buffers == 0 {
        return Err(Error::GivenMemory { address, bytes: region.len(), alignment: adapter_page, unit });
    }
    Ok(buffers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_must_suit_the_adapter() {
        let at = |address: usize, bytes: usize| {
            let base = core::ptr::without_provenance_mut(address);
            NonNull::slice_from_raw_parts(NonNull::new(base).unwrap(), bytes)
        };
        assert!(matches!(check(at(0x1000, 2048), PAGE, 2048), Ok(1)));
        assert!(matches!(check(at(0x1000, 6144), PAGE, 4096), Ok(1)), "half a page is left over");
        for (address, bytes, size) in
            [(0x1800, 4096, 2048), (0x1000, 4095, 256), (0x1000, 0, 256), (0x1000, 2048, 4096)]
        {
            let refused = check(at(address, bytes), PAGE, size);
            assert!(matches!(refused, Err(Error::GivenMemory { alignment: 4096, unit: 2048, .. })), "{refused:?}");
        }
        const HUGE: usize = 2 << 20;
        assert!(matches!(check(at(HUGE, HUGE), HUGE, 2048), Ok(1024)));
        assert!(check(at(0x1000, HUGE), HUGE, 2048).is_err());
        assert!(check(at(HUGE, 0x1000), HUGE, 2048).is_err());
    }

    #[test]
    fn pages_are_where_they_say() {
        let mut pages = alloc::vec![Page::ZERO; 3];
        let region = PacketMemory::region(&mut pages);
        assert_eq!((region.len(), region.cast::<u8>().addr().get() % PAGE), (3 * PAGE, 0));
        let mut pages = pages.into_boxed_slice();
        assert_eq!(PacketMemory::region(&mut pages).len(), 3 * PAGE);
    }
}
