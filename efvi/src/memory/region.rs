//! A piece of memory fit for DMA.

use std::fmt;
use std::ptr::NonNull;

use crate::error::{Error, Result};

use super::PAGE;

/// What pages a pool's memory is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backing {
    /// Pages of the system's base size.
    Pages,
    /// Huge pages of 2 MiB.
    HugePages,
}

impl fmt::Display for Backing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Backing::Pages => "base pages",
            Backing::HugePages => "huge pages of 2 MiB",
        })
    }
}

/// Zeroed, page-aligned memory that a fork does not copy; unmapped when dropped.
pub(super) struct Region {
    base: NonNull<u8>,
    length: usize,
    backing: Backing,
}

// SAFETY: the region is plain memory that it owns alone; nothing ties it to a thread.
unsafe impl Send for Region {}
// SAFETY: as above; it has no methods that write.
unsafe impl Sync for Region {}

impl Region {
    /// Maps at least `bytes` (above 0) of memory: of huge pages if asked and there are any, else of base pages.
    pub(super) fn new(bytes: usize, huge_pages: bool) -> Result<Self> {
        if huge_pages && let Some(region) = map::huge(bytes) {
            return Ok(region);
        }
        map::base(bytes)
    }

    pub(super) fn base(&self) -> NonNull<u8> {
        self.base
    }

    /// The length in bytes: a multiple of the page size.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    pub(super) fn backing(&self) -> Backing {
        self.backing
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        map::unmap(self);
    }
}

fn too_large(bytes: usize) -> Error {
    Error::Memory { call: "mmap", bytes, errno: crate::Errno::from_return(-libc::ENOMEM) }
}

#[cfg(not(miri))]
mod map {
    use super::*;
    use crate::error::Errno;
    use std::ptr;

    const HUGE_PAGE: usize = 2 << 20;
    /// log2 of the huge page's size, where mmap's flags have it.
    const MAP_HUGE_2MB: i32 = 21 << 26;

    pub(super) fn base(bytes: usize) -> Result<Region> {
        let length = bytes.checked_next_multiple_of(PAGE).ok_or_else(|| too_large(bytes))?;
        map(length, 0, Backing::Pages)
    }

    pub(super) fn huge(bytes: usize) -> Option<Region> {
        map(bytes.checked_next_multiple_of(HUGE_PAGE)?, libc::MAP_HUGETLB | MAP_HUGE_2MB, Backing::HugePages).ok()
    }

    fn map(length: usize, flags: i32, backing: Backing) -> Result<Region> {
        // Populated, so that no page is faulted in on the data path.
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_POPULATE | flags;
        // SAFETY: a new anonymous mapping at an address of the system's choice touches no memory of ours.
        let base = unsafe { libc::mmap(ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
        let base = match NonNull::new(base) {
            Some(base) if base.as_ptr() != libc::MAP_FAILED => base.cast(),
            _ => {
                return Err(Error::Memory { call: "mmap", bytes: length, errno: Errno::last() });
            }
        };
        // From here on the mapping is undone when dropped.
        let region = Region { base, length, backing };
        // After a fork, a write would move this process to a copy while the adapter keeps the original.
        // SAFETY: the range is the mapping just made; the advice changes what a child inherits, nothing here.
        if unsafe { libc::madvise(base.as_ptr().cast(), length, libc::MADV_DONTFORK) } != 0 {
            return Err(Error::Memory { call: "madvise(MADV_DONTFORK)", bytes: length, errno: Errno::last() });
        }
        Ok(region)
    }

    pub(super) fn unmap(region: &Region) {
        // SAFETY: the range is the region's own mapping; who drops it has seen that no buffer of it is out.
        unsafe { libc::munmap(region.base.as_ptr().cast(), region.length) };
    }
}

/// Miri has no mappings that it can advise on: the allocator's memory serves.
#[cfg(miri)]
mod map {
    use super::*;
    use std::alloc::{Layout, alloc_zeroed, dealloc};

    pub(super) fn base(bytes: usize) -> Result<Region> {
        let length = bytes.checked_next_multiple_of(PAGE).ok_or_else(|| too_large(bytes))?;
        let layout = Layout::from_size_align(length, PAGE).map_err(|_| too_large(bytes))?;
        // SAFETY: the length is above 0.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(|| too_large(bytes))?;
        Ok(Region { base, length, backing: Backing::Pages })
    }

    pub(super) fn huge(_: usize) -> Option<Region> {
        None
    }

    pub(super) fn unmap(region: &Region) {
        if let Ok(layout) = Layout::from_size_align(region.length, PAGE) {
            // SAFETY: allocated with this layout, by `base`.
            unsafe { dealloc(region.base.as_ptr(), layout) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_whole_pages_aligned_and_zero() {
        let region = Region::new(PAGE + 1, false).unwrap();
        assert_eq!(region.length(), 2 * PAGE);
        assert_eq!(region.base().as_ptr().addr() % PAGE, 0);
        assert_eq!(region.backing(), Backing::Pages);
        // SAFETY: the region is that long, zeroed, and nobody writes to it.
        let bytes = unsafe { std::slice::from_raw_parts(region.base().as_ptr(), region.length()) };
        assert!(bytes.iter().all(|byte| *byte == 0));
    }

    #[test]
    fn huge_pages_fall_back_to_base_pages() {
        let region = Region::new(1, true).unwrap();
        match region.backing() {
            Backing::HugePages => assert_eq!(region.length(), 2 << 20),
            Backing::Pages => assert_eq!(region.length(), PAGE),
        }
    }

    #[test]
    fn more_than_there_can_be_is_an_error() {
        for bytes in [usize::MAX, usize::MAX / 2] {
            assert!(matches!(Region::new(bytes, false), Err(Error::Memory { .. })));
        }
    }
}
