//! A switch's memory within a process.

use super::ring::Ring;
use super::switch::Memory;
use super::table::{STATIONS, Table};
use crate::errno::{Errno, Result};
use crate::interrupt::Interrupt;
use core::ptr::NonNull;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Zeroed memory for a `T`, of which all zero is a value.
struct Zeroed<T>(NonNull<T>);

// SAFETY: the tables and rings are made to be used from several threads; this only owns their memory.
unsafe impl<T> Send for Zeroed<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Zeroed<T> {}

impl<T> Zeroed<T> {
    fn new() -> Option<Self> {
        // SAFETY: `T` is a table or a ring, which have a size.
        NonNull::new(unsafe { alloc_zeroed(Layout::new::<T>()) }.cast()).map(Self)
    }
}

impl<T> Drop for Zeroed<T> {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.0.as_ptr().cast(), Layout::new::<T>()) }
    }
}

/// Tables and rings in this process's own memory.
pub struct Heap {
    table: Zeroed<Table>,
    rings: Mutex<HashMap<usize, Zeroed<Ring>>>,
    lock: Mutex<()>,
    interrupts: Mutex<HashMap<usize, Arc<Interrupt>>>,
}

impl Heap {
    /// Empty tables.
    pub fn new() -> Self {
        let table = Zeroed::new().unwrap_or_else(|| std::alloc::handle_alloc_error(Layout::new::<Table>()));
        Self { table, rings: Mutex::default(), lock: Mutex::new(()), interrupts: Mutex::default() }
    }
}

impl Memory for Heap {
    fn table(&self) -> &Table {
        // SAFETY: zeroed atomics are tables, and the memory lives as long as `self`.
        unsafe { self.table.0.as_ref() }
    }

    fn ring(&self, receiver: usize, sender: usize) -> Result<NonNull<Ring>> {
        let mut rings = self.rings.lock().map_err(|_| Errno(libc::EIO))?;
        let key = receiver * STATIONS + sender;
        if let Some(ring) = rings.get(&key) {
            return Ok(ring.0);
        }
        let ring = Zeroed::new().ok_or(Errno(libc::ENOMEM))?;
        Ok(rings.entry(key).or_insert(ring).0)
    }

    fn locked(&self, _patience: Duration, change: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        // A panic while it was held can't have left an entry half changed: each changes by one store.
        let _guard = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        change()
    }

    fn interrupt(&self, station: usize) -> Result<Arc<Interrupt>> {
        let interrupt = Arc::new(Interrupt::local()?);
        self.interrupts.lock().unwrap_or_else(PoisonError::into_inner).insert(station, interrupt.clone());
        Ok(interrupt)
    }

    fn raise(&self, station: usize) {
        let interrupts = self.interrupts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(interrupt) = interrupts.get(&station) {
            interrupt.raise();
        }
    }

    fn withdraw(&self, station: usize) {
        self.interrupts.lock().unwrap_or_else(PoisonError::into_inner).remove(&station);
    }

    fn process(&self) -> u32 {
        0
    }

    fn lives(&self, _process: u32) -> bool {
        true
    }
}
