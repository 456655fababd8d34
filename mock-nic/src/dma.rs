//! The DMA address space of a protection domain: what the adapter may reach, and where it is.
//!
//! As on the adapter, an address names a page of the domain's buffer table, and neighbouring pages of memory are not
//! neighbours in DMA space: only every second page number is used, so that a DMA that runs over a page's end faults
//! rather than touch what lies behind.

use crate::errno::{Errno, Result};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::*};
use std::sync::Mutex;

/// The adapter's page.
pub const PAGE: usize = 4096;

/// Pages that a domain can register: 1 GiB (a little under Miri, which would fill the table byte by byte).
const TABLE: usize = if cfg!(miri) { 1 << 10 } else { 1 << 18 };

/// A protection domain's buffer table.
pub struct Space {
    /// What its addresses begin with: those of another domain lead nowhere in this one.
    base: u64,
    /// Host address of each registered page, null where there is none. Read by the data path without a lock.
    pages: Box<[AtomicPtr<u8>]>,
    free: Mutex<Free>,
}

struct Free {
    /// Slots given back.
    slots: Vec<u32>,
    /// Slots from here on were never used.
    next: u32,
}

/// Why a DMA was refused: the address is not registered in this domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault;

impl Space {
    /// The empty table of a domain.
    pub fn new(domain: u32) -> Self {
        Self {
            // An address has 48 bits, a table needs 31.
            base: u64::from(domain % (1 << 16)) << 32,
            pages: (0..TABLE).map(|_| AtomicPtr::new(ptr::null_mut())).collect(),
            free: Mutex::new(Free { slots: Vec::new(), next: 0 }),
        }
    }

    /// Registers `pages` pages of memory from `base` on and returns their DMA addresses.
    pub fn map(&self, base: *mut u8, pages: usize) -> Result<Vec<u64>> {
        let mut free = self.free.lock().map_err(|_| Errno(libc::EIO))?;
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

    /// Takes pages out of the table: DMA to them faults from here on.
    pub fn unmap(&self, addresses: &[u64]) {
        let Ok(mut free) = self.free.lock() else {
            return;
        };
        for address in addresses {
            let slot = ((address - self.base) / PAGE as u64 - 2) / 2;
            self.pages[slot as usize].store(ptr::null_mut(), Release);
            free.slots.push(slot as u32);
        }
    }

    /// Host address of `length` bytes at a DMA address.
    #[inline]
    pub fn translate(&self, address: u64, length: usize) -> core::result::Result<*mut u8, Fault> {
        let offset = address as usize % PAGE;
        let number = (address.wrapping_sub(self.base) / PAGE as u64).wrapping_sub(2);
        if number & 1 != 0 || offset + length > PAGE {
            return Err(Fault);
        }
        let page = self.pages.get((number / 2) as usize).ok_or(Fault)?.load(Acquire);
        if page.is_null() { Err(Fault) } else { Ok(page.wrapping_add(offset)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_translate_within_their_page_and_nowhere_else() {
        let space = Space::new(7);
        let mut memory = vec![0_u8; 3 * PAGE];
        let base = memory.as_mut_ptr();
        let addresses = space.map(base, 3).unwrap();
        for (i, &a) in addresses.iter().enumerate() {
            assert_eq!(space.translate(a + 5, 10), Ok(base.wrapping_add(i * PAGE + 5)));
            assert_eq!(space.translate(a, PAGE), Ok(base.wrapping_add(i * PAGE)));
            assert_eq!(space.translate(a + 1, PAGE), Err(Fault), "over the page's end");
            assert_eq!(space.translate(a + PAGE as u64, 1), Err(Fault), "the page behind");
        }
        let other = Space::new(8).map(base, 1).unwrap()[0];
        for a in [0, 1, 4096, u64::MAX, u64::MAX / 2, (TABLE as u64 + 9) * 8192, other] {
            assert_eq!(space.translate(a, 1), Err(Fault), "{a:#x}");
        }
        space.unmap(&addresses[1..2]);
        assert_eq!(space.translate(addresses[1], 1), Err(Fault), "unregistered");
        assert!(space.translate(addresses[2], 1).is_ok());
        assert_eq!(space.map(base, 1).unwrap(), addresses[1..2], "the slot is used again");
    }

    #[test]
    fn a_full_table_refuses_and_takes_nothing() {
        let space = Space::new(7);
        assert_eq!(space.map(ptr::null_mut(), TABLE + 1), Err(Errno(libc::ENOSPC)));
        assert_eq!(space.map(ptr::without_provenance_mut(PAGE), TABLE).unwrap().len(), TABLE);
        assert_eq!(space.map(ptr::null_mut(), 1), Err(Errno(libc::ENOSPC)));
    }
}
