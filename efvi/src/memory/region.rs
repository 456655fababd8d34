//! A piece of memory fit for DMA, mapped from the system.

use alloc::vec::Vec;
use core::ptr::NonNull;

use crate::error::{Errno, Error, Result};

use super::backing::{Declined, Numa, Pages, Wanted};
use super::given::PacketMemory;

/// What a region shall be.
pub(super) struct Request<'a> {
    /// How much, above 0.
    pub(super) bytes: usize,
    /// The adapters' page: the region starts at a multiple of it, and its length is one.
    pub(super) adapter_page: usize,
    /// The pages wished for, and the smallest that will do.
    pub(super) pages: Pages,
    pub(super) at_least: Pages,
    pub(super) numa: Numa,
    /// The interface, for its node.
    pub(super) interface: &'a str,
    pub(super) locked: bool,
}

/// Zeroed memory, all there, that a fork does not copy; unmapped when dropped.
pub(super) struct Region {
    base: NonNull<u8>,
    length: usize,
    #[cfg(miri)]
    alignment: usize,
}

// SAFETY: the region is plain memory that it owns alone; nothing ties it to a thread.
unsafe impl Send for Region {}

// SAFETY: the region is mapped for reading and writing, zeroed, where it is until it is dropped, and owned alone.
unsafe impl PacketMemory for Region {
    fn region(&mut self) -> NonNull<[u8]> {
        NonNull::slice_from_raw_parts(self.base, self.length)
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        map::unmap(self);
    }
}

/// A region, of what pages it is, and what was wanted and not to be had.
pub(super) struct Mapped {
    pub(super) region: Region,
    pub(super) pages: Pages,
    pub(super) declined: Vec<Declined>,
}

/// Maps memory: of the pages wished for, or of the next smaller that there are and that will do.
pub(super) fn map(request: &Request<'_>) -> Result<Mapped> {
    // An adapter that takes memory in larger pages is given such, be it asked for or not.
    let mut pages = request.pages.max(request.at_least).max(Pages::of_at_least(request.adapter_page));
    let mut declined = Vec::new();
    loop {
        let failed = match map::attempt(request, pages, &mut declined) {
            Ok(region) => return Ok(Mapped { region, pages, declined }),
            Err(failed) => failed,
        };
        match pages.smaller() {
            Some(smaller) if failed.for_want_of_pages && smaller >= request.at_least => {
                declined.push(Declined { wanted: Wanted::Pages(pages), call: failed.call, errno: failed.errno });
                pages = smaller;
            }
            _ => {
                let Failed { call, errno, .. } = failed;
                return Err(Error::Memory { call, bytes: request.bytes, pages, errno });
            }
        }
    }
}

/// A system call that failed.
struct Failed {
    call: &'static str,
    errno: Errno,
    /// Smaller pages may be had.
    for_want_of_pages: bool,
}

/// The length of a region of such pages; `None` if there can't be one.
fn length(request: &Request<'_>, pages: Pages) -> Option<usize> {
    let unit = pages.bytes().max(request.adapter_page);
    request.bytes.checked_next_multiple_of(unit).filter(|length| *length <= isize::MAX as usize - unit)
}

#[cfg(not(miri))]
mod map {
    use super::*;
    use crate::memory::{PAGE, numa};
    use core::ptr;

    pub(super) fn attempt(
        request: &Request<'_>,
        pages: Pages,
        declined: &mut Vec<Declined>,
    ) -> core::result::Result<Region, Failed> {
        let region = reserve(request, pages)?;
        let failed = |call, for_want_of_pages| Failed { call, errno: Errno::last(), for_want_of_pages };
        let (base, length) = (region.base.as_ptr().cast(), region.length);
        // After a fork, a write would move this process to a copy while the adapter keeps the original.
        // SAFETY: the range is the mapping just made; the advice changes what a child inherits, nothing here.
        if unsafe { libc::madvise(base, length, libc::MADV_DONTFORK) } != 0 {
            return Err(failed("madvise(MADV_DONTFORK)", false));
        }
        if pages == Pages::Base && request.adapter_page > PAGE {
            // The kernel may have huge pages for it without a reserve. It needs not: the adapter will say.
            // SAFETY: the range is the mapping just made; the advice changes its pages' size at most.
            unsafe { libc::madvise(base, length, libc::MADV_HUGEPAGE) };
        }
        // Before there is any page: a policy does not move those that there are.
        let (node, strict) = match request.numa {
            Numa::OfInterface => (numa::of_interface(request.interface), false),
            Numa::Node(node) => (Some(node), true),
            Numa::Any => (None, false),
        };
        if let Some(node) = node
            && let Err(errno) = numa::bind(region.base, length, node, strict)
        {
            if strict {
                return Err(Failed { call: "mbind", errno, for_want_of_pages: false });
            }
            let said = Declined { wanted: Wanted::Node(node), call: "mbind", errno };
            if !declined.contains(&said) {
                declined.push(said);
            }
        }
        populate(&region, pages)?;
        // SAFETY: the range is the mapping just made.
        if request.locked && unsafe { libc::mlock(base, length) } != 0 {
            return Err(failed("mlock", false));
        }
        Ok(region)
    }

    /// A range of addresses with the right alignment and no pages yet. Huge ones are set aside, though.
    fn reserve(request: &Request<'_>, pages: Pages) -> core::result::Result<Region, Failed> {
        let failed = |errno| Failed { call: "mmap", errno, for_want_of_pages: pages > Pages::Base };
        let too_large = || failed(Errno::from_return(-libc::ENOMEM));
        let length = length(request, pages).ok_or_else(too_large)?;
        // Huge pages lie at multiples of their own size. Others get room to find such a place in.
        let spare = if request.adapter_page > pages.bytes() { request.adapter_page } else { 0 };
        let huge = match pages {
            Pages::Base => 0,
            Pages::Huge2M => libc::MAP_HUGETLB | libc::MAP_HUGE_2MB,
            Pages::Huge1G => libc::MAP_HUGETLB | libc::MAP_HUGE_1GB,
        };
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | huge;
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new anonymous mapping at an address of the system's choice touches no memory of ours.
        let base = unsafe { libc::mmap(ptr::null_mut(), length + spare, protection, flags, -1, 0) };
        let base: NonNull<u8> = match NonNull::new(base) {
            Some(base) if base.as_ptr() != libc::MAP_FAILED => base.cast(),
            _ => return Err(failed(Errno::last())),
        };
        if spare == 0 {
            return Ok(Region { base, length });
        }
        let before = base.addr().get().next_multiple_of(spare) - base.addr().get();
        // SAFETY: what was mapped is longer by `spare`, which `before` is below; the two ends of it that are no part of
        // the region are nobody's.
        unsafe {
            let start = base.add(before);
            if before > 0 {
                libc::munmap(base.as_ptr().cast(), before);
            }
            libc::munmap(start.add(length).as_ptr().cast(), spare - before);
            Ok(Region { base: start, length })
        }
    }

    /// Has every page there now, so that none is faulted in on the data path.
    fn populate(region: &Region, pages: Pages) -> core::result::Result<(), Failed> {
        let (base, length) = (region.base.as_ptr(), region.length);
        // A node may not have the huge pages that were set aside: this call says so, where touching one is fatal.
        // SAFETY: the range is a mapping for writing; its contents stay.
        if unsafe { libc::madvise(base.cast(), length, libc::MADV_POPULATE_WRITE) } == 0 {
            return Ok(());
        }
        let errno = Errno::last();
        if errno.code() != libc::EINVAL {
            let for_want_of_pages = pages > Pages::Base;
            return Err(Failed { call: "madvise(MADV_POPULATE_WRITE)", errno, for_want_of_pages });
        }
        // Linux before 5.14.
        if pages > Pages::Base {
            // SAFETY: the range is a mapping of the region's.
            let locked = unsafe { libc::mlock(base.cast(), length) };
            if locked != 0 {
                return Err(Failed { call: "mlock", errno: Errno::last(), for_want_of_pages: true });
            }
            // SAFETY: as above. Huge pages stay where they are.
            unsafe { libc::munlock(base.cast(), length) };
            return Ok(());
        }
        for at in (0..length).step_by(PAGE) {
            // SAFETY: within the mapping, which nobody else has.
            unsafe { base.add(at).write_volatile(0) };
        }
        Ok(())
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
    use alloc::alloc::{Layout, alloc_zeroed, dealloc};

    pub(super) fn attempt(
        request: &Request<'_>,
        pages: Pages,
        _: &mut Vec<Declined>,
    ) -> core::result::Result<Region, Failed> {
        // There are no nodes, and nothing is moved out of memory.
        _ = (request.numa, request.interface, request.locked);
        let none = || Failed {
            call: "mmap",
            errno: Errno::from_return(-libc::ENOMEM),
            for_want_of_pages: pages > Pages::Base,
        };
        if pages > Pages::Base {
            return Err(none());
        }
        let (length, alignment) = (length(request, pages).ok_or_else(none)?, request.adapter_page);
        let layout = Layout::from_size_align(length, alignment).map_err(|_| none())?;
        // SAFETY: the length is above 0.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(none)?;
        Ok(Region { base, length, alignment })
    }

    pub(super) fn unmap(region: &Region) {
        if let Ok(layout) = Layout::from_size_align(region.length, region.alignment) {
            // SAFETY: allocated with this layout, by `attempt`.
            unsafe { dealloc(region.base.as_ptr(), layout) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::PAGE;

    fn request(bytes: usize) -> Request<'static> {
        Request {
            bytes,
            adapter_page: PAGE,
            pages: Pages::Base,
            at_least: Pages::Base,
            numa: Numa::OfInterface,
            interface: "none",
            locked: false,
        }
    }

    fn bytes(region: &mut Region) -> &[u8] {
        // SAFETY: the region is that long, initialised, and nobody writes to it.
        unsafe { region.region().as_ref() }
    }

    #[test]
    fn a_region_is_whole_pages_aligned_and_zero() {
        let Mapped { mut region, pages, declined } = map(&request(PAGE + 1)).unwrap();
        assert_eq!((region.length, pages, declined.len()), (2 * PAGE, Pages::Base, 0));
        assert_eq!(region.base.addr().get() % PAGE, 0);
        assert!(bytes(&mut region).iter().all(|byte| *byte == 0));
    }

    #[test]
    fn each_kind_of_pages_that_there_is_not_is_said_with_the_reason() {
        let mapped = map(&Request { pages: Pages::Huge1G, ..request(1) }).unwrap();
        let expected: &[Pages] = match mapped.pages {
            Pages::Huge1G => &[],
            Pages::Huge2M => &[Pages::Huge1G],
            Pages::Base => &[Pages::Huge1G, Pages::Huge2M],
        };
        let said: Vec<_> = mapped.declined.iter().map(|declined| declined.wanted).collect();
        assert_eq!(said, expected.iter().copied().map(Wanted::Pages).collect::<Vec<_>>());
        assert!(mapped.declined.iter().all(|declined| declined.errno.code() > 0 && !declined.call.is_empty()));
        assert_eq!(mapped.region.length, mapped.pages.bytes());
    }

    #[test]
    fn pages_too_small_are_refused() {
        match map(&Request { pages: Pages::Base, at_least: Pages::Huge2M, ..request(1) }) {
            Ok(mapped) => assert_eq!((mapped.pages, mapped.region.length), (Pages::Huge2M, 2 << 20)),
            Err(Error::Memory { pages, .. }) => assert_eq!(pages, Pages::Huge2M),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn an_adapter_with_larger_pages_gets_memory_of_their_alignment() {
        for bytes in [1, (2 << 20) + 1] {
            let mut mapped = map(&Request { adapter_page: 2 << 20, ..request(bytes) }).unwrap();
            assert_eq!(mapped.region.base.addr().get() % (2 << 20), 0);
            assert_eq!(mapped.region.length, bytes.next_multiple_of(2 << 20));
            assert_eq!(mapped.pages == Pages::Huge2M, mapped.declined.is_empty());
            let length = mapped.region.length;
            assert_eq!(bytes_at_ends(&mut mapped.region), (0, 0), "{length} bytes");
        }
    }

    fn bytes_at_ends(region: &mut Region) -> (u8, u8) {
        let bytes = bytes(region);
        (bytes[0], bytes[bytes.len() - 1])
    }

    #[test]
    fn more_than_there_can_be_is_an_error() {
        for bytes in [usize::MAX, usize::MAX / 2] {
            for pages in [Pages::Base, Pages::Huge2M] {
                assert!(matches!(map(&Request { pages, ..request(bytes) }), Err(Error::Memory { .. })));
            }
        }
    }

    /// Field `name` of the mapping that the region is in, by the kernel.
    #[cfg(not(miri))]
    fn mapping(region: &Region, name: &str) -> alloc::string::String {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let start = region.base.addr().get();
        let is_ours = |line: &str| {
            let (from, to) = line.split(' ').next().and_then(|range| range.split_once('-')).unwrap_or_default();
            let number = |hex| usize::from_str_radix(hex, 16).unwrap_or(0);
            (number(from)..number(to)).contains(&start)
        };
        let mut lines = maps.lines().skip_while(|line| !is_ours(line));
        lines.find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("no {name} of {start:x}")).into()
    }

    #[cfg(not(miri))]
    #[test]
    fn a_child_does_not_inherit_it_and_every_page_is_there() {
        let mapped = map(&request(64 * PAGE)).unwrap();
        assert!(mapping(&mapped.region, "VmFlags").contains(" dc"), "{}", mapping(&mapped.region, "VmFlags"));
        let (mut there, pages) = ([0_u8; 64], mapped.region.length / PAGE);
        // SAFETY: the range is mapped, and there is room for a byte of each page.
        let code =
            unsafe { libc::mincore(mapped.region.base.as_ptr().cast(), mapped.region.length, there.as_mut_ptr()) };
        assert_eq!(code, 0);
        assert!(there[..pages].iter().all(|page| page & 1 == 1));
    }

    #[cfg(not(miri))]
    #[test]
    fn locked_if_asked_for() {
        match map(&Request { locked: true, ..request(4 * PAGE) }) {
            Ok(mapped) => assert!(mapping(&mapped.region, "VmFlags").contains(" lo")),
            // A limit of this user's.
            Err(Error::Memory { call, .. }) => assert_eq!(call, "mlock"),
            Err(other) => panic!("{other}"),
        }
        let mapped = map(&request(4 * PAGE)).unwrap();
        assert!(!mapping(&mapped.region, "VmFlags").contains(" lo"));
    }

    #[cfg(not(miri))]
    #[test]
    fn memory_is_on_the_node_asked_for_or_not_at_all() {
        for node in [0, 1023, 1024, u32::MAX] {
            match map(&Request { numa: Numa::Node(node), ..request(PAGE) }) {
                Ok(mapped) => assert_eq!(crate::memory::numa::of_memory(mapped.region.base).unwrap_or(node), node),
                Err(Error::Memory { call, .. }) => assert_eq!(call, "mbind", "node {node}"),
                Err(other) => panic!("{other}"),
            }
        }
        assert!(map(&Request { numa: Numa::Node(1024), ..request(PAGE) }).is_err());
    }
}
