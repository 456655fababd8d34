//! The DMA address space of a protection domain: what the adapter may reach, and where it is.
//!
//! As on the adapter, an address names a page of the domain's buffer table, and neighbouring pages of memory are not
//! neighbours in DMA space: only every second page number is used, so that a DMA that runs over a page's end faults
//! rather than touch what lies behind. A domain for packed streams has large pages instead, of which neighbours that were
//! registered together are neighbours in DMA space.

use crate::errno::{Errno, Result};
use core::ops::Range;
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::*};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The adapter's page.
pub const PAGE: usize = 4096;

/// Pages that a domain can register: 1 GiB (a little under Miri, which would fill the table byte by byte).
const TABLE: usize = if cfg!(miri) { 1 << 10 } else { 1 << 18 };

/// The adapter's large page.
pub const LARGE_PAGE: usize = 64 << 10;

/// Large pages that a domain can register, and the gaps between them: 1 GiB.
const LARGE_TABLE: usize = if cfg!(miri) { 1 << 8 } else { 1 << 14 };

/// In the table, a large page that is nowhere and whose address is not free.
const DISCONNECTED: *mut u8 = ptr::without_provenance_mut(1);

/// Where the DMA addresses of large pages begin, in what is the domain's.
const LARGE_BASE: u64 = 1 << 31;

/// Large pages to which DMA addresses are aligned as the memory is: a packed stream's buffer is that long.
const LARGE_RUN: usize = (1 << 20) / LARGE_PAGE;

/// A protection domain's buffer table.
///
/// Where the application's processor copies what it sends (X3, X4), neighbouring pages of a registration are neighbours
/// in DMA space, too: such a space is linear.
pub struct Space {
    linear: bool,
    /// What its addresses begin with.
    base: u64,
    _prefix: Prefix,
    /// Host address of each registered page, null where there is none. Read by the data path without a lock.
    pages: Box<[AtomicPtr<u8>]>,
    /// The same of large pages, of which other domains have none.
    large: Box<[AtomicPtr<u8>]>,
    free: Mutex<Free>,
}

struct Free {
    /// Slots given back; in a linear space runs of them, as long as the registrations were.
    slots: Vec<u32>,
    runs: Vec<Range<u32>>,
    /// Slots from here on were never used.
    next: u32,
}

/// Why a DMA was refused: the address is not registered in this domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault;

impl Free {
    /// Neighbouring slots for so many pages, and one that stays empty.
    fn run(&mut self, pages: usize) -> Result<Range<u32>> {
        let wanted = u32::try_from(pages + 1).map_err(|_| Errno(libc::ENOSPC))?;
        if let Some(run) = self.runs.iter_mut().find(|run| run.len() > pages) {
            let taken = run.start..run.start + wanted;
            run.start = taken.end;
            return Ok(taken);
        }
        let end = self.next.checked_add(wanted).filter(|&end| end as usize <= TABLE).ok_or(Errno(libc::ENOSPC))?;
        Ok(core::mem::replace(&mut self.next, end)..end)
    }

    /// Joined with its neighbours, so that what is given back can be used for longer ones.
    fn give_back(&mut self, mut run: Range<u32>) {
        self.runs.retain(|other| {
            if other.end == run.start {
                run.start = other.start;
            } else if other.start == run.end {
                run.end = other.end;
            } else {
                return !other.is_empty();
            }
            false
        });
        self.runs.push(run);
    }
}

impl Space {
    /// The empty table of a domain. `ENOSPC` if there are as many spaces as addresses tell apart.
    pub fn new() -> Result<Self> {
        Self::with(false, TABLE, 0)
    }

    /// The same, of a linear space.
    pub fn linear() -> Result<Self> {
        Self::with(true, TABLE, 0)
    }

    /// The same, of large pages.
    pub fn large() -> Result<Self> {
        Self::with(false, 0, LARGE_TABLE)
    }

    fn with(linear: bool, pages: usize, large: usize) -> Result<Self> {
        let prefix = Prefix::take()?;
        let table = |entries: usize| (0..entries).map(|_| AtomicPtr::new(ptr::null_mut())).collect();
        Ok(Self {
            linear,
            // An address has 48 bits, the tables need 32.
            base: u64::from(prefix.0) << 32,
            _prefix: prefix,
            pages: table(pages),
            large: table(large),
            free: Mutex::new(Free { slots: Vec::new(), runs: Vec::new(), next: 0 }),
        })
    }

    /// Registers `pages` pages of memory from `base` on and returns their DMA addresses.
    pub fn map(&self, base: *mut u8, pages: usize) -> Result<Vec<u64>> {
        let mut free = self.free.lock().map_err(|_| Errno(libc::EIO))?;
        if self.linear {
            let run = free.run(pages)?;
            let slots = run.start..run.end - 1;
            for (page, slot) in slots.clone().enumerate() {
                self.pages[slot as usize].store(base.wrapping_add(page * PAGE), Release);
            }
            // The first page stays unused.
            return Ok(slots.map(|slot| self.base + (u64::from(slot) + 1) * PAGE as u64).collect());
        }
        if free.slots.len() + (TABLE - free.next as usize) < pages {
            return Err(Errno(libc::ENOSPC));
        }
        let addresses = (0..pages).map(|page| {
            let slot = free.slots.pop().unwrap_or_else(|| {
                free.next += 1;
                free.next - 1
            });
            self.pages[slot as usize].store(base.wrapping_add(page * PAGE), Release);
            // The first page and the odd ones stay unused.
            self.base + (u64::from(slot) * 2 + 2) * PAGE as u64
        });
        Ok(addresses.collect())
    }

    /// True if memory is registered in large pages.
    pub fn is_large(&self) -> bool {
        !self.large.is_empty()
    }

    /// Registers so many large pages of memory, and returns the DMA address of each page in them.
    pub fn map_large(&self, base: *mut u8, pages: usize) -> Result<Vec<u64>> {
        let _lock = self.free.lock().map_err(|_| Errno(libc::EIO))?;
        let is_free = |entry: usize| self.large[entry].load(Relaxed).is_null();
        // One is left free on either side, so that a DMA that runs over the end faults.
        let aligned = (0..LARGE_TABLE).skip(base.addr() / LARGE_PAGE % LARGE_RUN).step_by(LARGE_RUN);
        let first = aligned
            .filter(|&first| first > 0 && first + pages < LARGE_TABLE)
            .find(|&first| (first - 1..=first + pages).all(is_free))
            .ok_or(Errno(libc::ENOSPC))?;
        for page in 0..pages {
            self.large[first + page].store(base.wrapping_add(page * LARGE_PAGE), Release);
        }
        let start = self.base + LARGE_BASE + (first * LARGE_PAGE) as u64;
        Ok((0..pages * LARGE_PAGE / PAGE).map(|page| start + (page * PAGE) as u64).collect())
    }

    /// DMA to these pages faults from here on; their addresses stay taken.
    pub fn disconnect(&self, addresses: &[u64]) {
        let Ok(_lock) = self.free.lock() else {
            return;
        };
        for address in addresses {
            let at = address - self.base;
            if self.is_large() {
                self.large[(at - LARGE_BASE) as usize / LARGE_PAGE].store(DISCONNECTED, Release);
                continue;
            }
            let page = at / PAGE as u64;
            let slot = if self.linear { page - 1 } else { (page - 2) / 2 };
            self.pages[slot as usize].store(ptr::null_mut(), Release);
        }
    }

    /// Takes pages out of the table: DMA to them faults from here on, and others get their addresses.
    pub fn unmap(&self, addresses: &[u64]) {
        let Ok(mut free) = self.free.lock() else {
            return;
        };
        if self.linear {
            let Some(first) = addresses.first() else { return };
            let first = ((first - self.base) / PAGE as u64 - 1) as u32;
            let run = first..first + addresses.len() as u32 + 1;
            for slot in run.clone() {
                self.pages[slot as usize].store(ptr::null_mut(), Release);
            }
            free.give_back(run);
            return;
        }
        for address in addresses {
            let at = address - self.base;
            if self.is_large() {
                self.large[(at - LARGE_BASE) as usize / LARGE_PAGE].store(ptr::null_mut(), Release);
                continue;
            }
            let slot = (at / PAGE as u64 - 2) / 2;
            self.pages[slot as usize].store(ptr::null_mut(), Release);
            free.slots.push(slot as u32);
        }
    }

    /// True if so many bytes at a DMA address are registered.
    pub fn reaches(&self, address: u64, length: usize) -> bool {
        self.find(address, length).is_some()
    }

    /// Host address of so many bytes at a DMA address, in a space of either kind; none where they are not registered.
    pub fn find(&self, address: u64, length: usize) -> Option<*mut u8> {
        let found = if self.linear { self.translate_linear(address, length) } else { self.translate(address, length) };
        found.ok()
    }

    /// Host address of up to a page of bytes at a DMA address of a linear space.
    #[inline]
    pub fn translate_linear(&self, address: u64, length: usize) -> core::result::Result<*mut u8, Fault> {
        let offset = address as usize % PAGE;
        let number = (address.wrapping_sub(self.base) / PAGE as u64).wrapping_sub(1) as usize;
        let first = self.pages.get(number).ok_or(Fault)?.load(Acquire);
        if first.is_null() || length > PAGE {
            return Err(Fault);
        }
        // The page behind a registration belongs to none.
        if offset + length > PAGE && self.pages.get(number + 1).ok_or(Fault)?.load(Acquire).is_null() {
            return Err(Fault);
        }
        Ok(first.wrapping_add(offset))
    }

    /// Host address of `length` bytes at a DMA address.
    #[inline]
    pub fn translate(&self, address: u64, length: usize) -> core::result::Result<*mut u8, Fault> {
        let offset = address as usize % PAGE;
        let number = (address.wrapping_sub(self.base) / PAGE as u64).wrapping_sub(2);
        if number & 1 != 0 || offset + length > PAGE {
            return self.translate_large(address, length);
        }
        let Some(page) = self.pages.get((number / 2) as usize) else {
            return self.translate_large(address, length);
        };
        let page = page.load(Acquire);
        if page.is_null() { Err(Fault) } else { Ok(page.wrapping_add(offset)) }
    }

    #[cold]
    fn translate_large(&self, address: u64, length: usize) -> core::result::Result<*mut u8, Fault> {
        let at = address.wrapping_sub(self.base).checked_sub(LARGE_BASE).ok_or(Fault)? as usize;
        let (first, offset) = (at / LARGE_PAGE, at % LARGE_PAGE);
        let last = (at + length.max(1) - 1) / LARGE_PAGE;
        let base = self.large.get(first).ok_or(Fault)?.load(Acquire);
        let whole = (first..=last).all(|page| {
            let expected = base.wrapping_add((page - first) * LARGE_PAGE);
            self.large.get(page).is_some_and(|page| page.load(Acquire) == expected)
        });
        if base.is_null() || base == DISCONNECTED || !whole { Err(Fault) } else { Ok(base.wrapping_add(offset)) }
    }
}

/// What a space's addresses begin with, while the space is there: those of another lead nowhere in it.
struct Prefix(u16);

/// The prefixes that are taken.
static PREFIXES: Mutex<Prefixes<{ 1 << 16 }>> = Mutex::new(Prefixes { taken: BTreeSet::new(), next: 0 });

impl Prefix {
    fn take() -> Result<Self> {
        let taken = PREFIXES.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.map(Self).ok_or(Errno(libc::ENOSPC))
    }
}

impl Drop for Prefix {
    fn drop(&mut self) {
        PREFIXES.lock().unwrap_or_else(PoisonError::into_inner).taken.remove(&self.0);
    }
}

/// Numbers from 1 to `END - 1`. They are given out in turn, so that one comes again as late as can be: an address of a
/// domain that is gone should not be one of the next domain's.
struct Prefixes<const END: usize> {
    taken: BTreeSet<u16>,
    /// The one that was given out last.
    next: u16,
}

impl<const END: usize> Prefixes<END> {
    fn take(&mut self) -> Option<u16> {
        // 0 stays free: small numbers are no addresses.
        if self.taken.len() == END - 1 {
            return None;
        }
        loop {
            self.next = (usize::from(self.next) % (END - 1)) as u16 + 1;
            if self.taken.insert(self.next) {
                return Some(self.next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_that_is_taken_is_not_given_out_again() {
        let mut prefixes = Prefixes::<4> { taken: BTreeSet::new(), next: 0 };
        assert_eq!([(); 4].map(|()| prefixes.take()), [Some(1), Some(2), Some(3), None]);
        prefixes.taken.remove(&2);
        assert_eq!((prefixes.take(), prefixes.take()), (Some(2), None));
        prefixes.taken.remove(&1);
        prefixes.taken.remove(&2);
        assert_eq!(prefixes.take(), Some(1));
        prefixes.taken.remove(&1);
        assert_eq!((prefixes.take(), prefixes.take()), (Some(2), Some(1)), "the one that was free for longer first");
    }

    #[test]
    fn no_two_spaces_have_an_address_in_common_however_many_there_were() {
        let mut memory = vec![0_u8; PAGE];
        let first = Space::large().unwrap();
        let kept = first.map_large(memory.as_mut_ptr(), 1).unwrap()[0];
        // Under Miri a table takes long: there the numbers don't come round.
        for _ in 0..if cfg!(miri) { 10 } else { 1 << 16 } {
            let prefix = Prefix::take().unwrap();
            assert_ne!(u64::from(prefix.0) << 32, first.base);
        }
        let last = Space::large().unwrap();
        assert_ne!(last.map_large(memory.as_mut_ptr(), 1).unwrap()[0], kept);
        assert_eq!(last.translate(kept, 1), Err(Fault));
    }

    #[test]
    fn addresses_translate_within_their_page_and_nowhere_else() {
        let space = Space::new().unwrap();
        let mut memory = vec![0_u8; 3 * PAGE];
        let base = memory.as_mut_ptr();
        let addresses = space.map(base, 3).unwrap();
        for (i, &a) in addresses.iter().enumerate() {
            assert_eq!(space.translate(a + 5, 10), Ok(base.wrapping_add(i * PAGE + 5)));
            assert_eq!(space.translate(a, PAGE), Ok(base.wrapping_add(i * PAGE)));
            assert_eq!(space.translate(a + 1, PAGE), Err(Fault), "over the page's end");
            assert_eq!(space.translate(a + PAGE as u64, 1), Err(Fault), "the page behind");
        }
        let other = Space::new().unwrap().map(base, 1).unwrap()[0];
        for a in [0, 1, 4096, u64::MAX, u64::MAX / 2, (TABLE as u64 + 9) * 8192, other] {
            assert_eq!(space.translate(a, 1), Err(Fault), "{a:#x}");
        }
        space.unmap(&addresses[1..2]);
        assert_eq!(space.translate(addresses[1], 1), Err(Fault), "unregistered");
        assert!(space.translate(addresses[2], 1).is_ok());
        assert_eq!(space.map(base, 1).unwrap(), addresses[1..2], "the slot is used again");
    }

    #[test]
    fn large_pages_are_neighbours_within_a_registration() {
        let space = Space::large().unwrap();
        let base: *mut u8 = ptr::without_provenance_mut(3 * LARGE_PAGE);
        let addresses = space.map_large(base, 4).unwrap();
        assert_eq!(addresses.len(), 4 * LARGE_PAGE / PAGE);
        assert_eq!(addresses[0] % (1 << 20), 3 * LARGE_PAGE as u64, "aligned as the memory");
        let end = 4 * LARGE_PAGE;
        for (at, length) in [(0, end), (0, 1), (LARGE_PAGE - 1, 2), (end - 1, 1), (PAGE - 1, 9000)] {
            assert_eq!(space.translate(addresses[0] + at as u64, length), Ok(base.wrapping_add(at)));
        }
        assert_eq!(space.translate(addresses[0] + end as u64 - 1, 2), Err(Fault), "over the end");
        assert_eq!(space.translate(addresses[0] - 1, 2), Err(Fault));
        let other = space.map_large(base, 1).unwrap();
        assert!(other[0] > addresses[0] + end as u64, "with a gap");
        space.unmap(&addresses);
        assert_eq!(space.translate(addresses[0], 1), Err(Fault));
        assert!(space.translate(other[0], 1).is_ok());
        assert_eq!(space.map_large(base, 4).unwrap(), addresses, "the place is used again");
        assert_eq!(space.map_large(base, LARGE_TABLE), Err(Errno(libc::ENOSPC)));
    }

    #[test]
    fn a_linear_space_goes_on_over_pages_and_ends_with_the_registration() {
        let space = Space::linear().unwrap();
        let mut memory = vec![0_u8; 5 * PAGE];
        let base = memory.as_mut_ptr();
        let first = space.map(base, 3).unwrap();
        let second = space.map(base.wrapping_add(3 * PAGE), 1).unwrap();
        for at in [0, 1, PAGE - 1, 2 * PAGE + 7] {
            assert_eq!(space.translate_linear(first[0] + at as u64, 100), Ok(base.wrapping_add(at)));
        }
        assert_eq!(space.translate_linear(first[2] + 1, PAGE), Err(Fault), "over its end");
        assert_eq!(space.translate_linear(first[2] + PAGE as u64, 1), Err(Fault), "behind it");
        assert_eq!(space.translate_linear(first[0], PAGE + 1), Err(Fault), "longer than a frame can be");
        for address in [0, u64::MAX, (TABLE as u64 + 9) * 4096] {
            assert_eq!(space.translate_linear(address, 1), Err(Fault), "{address:#x}");
        }
        space.unmap(&first);
        assert_eq!(space.translate_linear(first[0], 1), Err(Fault), "unregistered");
        space.unmap(&second);
        assert_eq!(space.map(base, 5).unwrap()[0], first[0], "both runs are used again, as one");
    }

    #[test]
    fn a_full_table_refuses_and_takes_nothing() {
        let space = Space::new().unwrap();
        assert_eq!(space.map(ptr::null_mut(), TABLE + 1), Err(Errno(libc::ENOSPC)));
        assert_eq!(space.map(ptr::without_provenance_mut(PAGE), TABLE).unwrap().len(), TABLE);
        assert_eq!(space.map(ptr::null_mut(), 1), Err(Errno(libc::ENOSPC)));
    }

    #[test]
    fn what_is_disconnected_faults_and_is_taken() {
        let memory = ptr::without_provenance_mut(LARGE_PAGE);
        let (small, linear, large) = (Space::new().unwrap(), Space::linear().unwrap(), Space::large().unwrap());
        let all = |space: &Space| match space.is_large() {
            true => space.map_large(memory, 100),
            false => space.map(memory, if space.linear { TABLE - 1 } else { TABLE }),
        };
        for space in [small, linear, large] {
            let addresses = all(&space).unwrap();
            assert!(space.reaches(addresses[0], 1));
            space.disconnect(&addresses);
            assert!(addresses.iter().all(|address| !space.reaches(*address, 1)));
            if space.is_large() {
                assert_ne!(all(&space).unwrap()[0], addresses[0]);
            } else {
                assert_eq!(space.map(memory, 1), Err(Errno(libc::ENOSPC)));
            }
            space.unmap(&addresses);
            assert_eq!(all(&space).unwrap()[0] % PAGE as u64, 0, "free again");
        }
    }
}
