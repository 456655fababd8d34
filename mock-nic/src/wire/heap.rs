//! A switch's memory within a process.

use super::ring::{Geometry, Place, Ring};
use super::switch::Memory;
use super::table::Table;
use crate::errno::{Errno, Result};
use crate::interrupt::Interrupt;
use core::ptr::NonNull;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Zeroed memory that begins with a `T`, of which all zero is a value.
struct Zeroed<T> {
    base: NonNull<T>,
    layout: Layout,
}

// SAFETY: the tables and rings are made to be used from several threads; this only owns their memory.
unsafe impl<T> Send for Zeroed<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Zeroed<T> {}

impl<T> Zeroed<T> {
    /// Memory of so many bytes, in which a `T` has room.
    fn new(bytes: usize) -> Option<Self> {
        let layout = Layout::from_size_align(bytes.max(size_of::<T>()), 4096).ok()?;
        // SAFETY: the layout has a size: tables and rings have one.
        let base = NonNull::new(unsafe { alloc_zeroed(layout) }.cast())?;
        Some(Self { base, layout })
    }
}

impl<T> Drop for Zeroed<T> {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.base.as_ptr().cast(), self.layout) }
    }
}

/// Tables and rings in this process's own memory.
pub struct Heap {
    table: Zeroed<Table>,
    rings: Mutex<HashMap<(usize, usize), Zeroed<Ring>>>,
    lock: Mutex<()>,
    interrupts: Mutex<HashMap<usize, Arc<Interrupt>>>,
    geometry: Geometry,
}

impl Heap {
    /// Empty tables, for frames of up to so many bytes.
    pub fn new(frame: usize) -> Self {
        let table = Zeroed::new(0).unwrap_or_else(|| std::alloc::handle_alloc_error(Layout::new::<Table>()));
        let (rings, interrupts) = (Mutex::default(), Mutex::default());
        Self { table, rings, lock: Mutex::new(()), interrupts, geometry: Geometry::of(frame) }
    }
}

impl Memory for Heap {
    fn table(&self) -> &Table {
        // SAFETY: zeroed atomics are tables, and the memory lives as long as `self`.
        unsafe { self.table.base.as_ref() }
    }

    fn ring(&self, receiver: usize, sender: usize) -> Result<Place> {
        let mut rings = self.rings.lock().map_err(|_| Errno(libc::EIO))?;
        let (key, geometry) = ((receiver, sender), self.geometry);
        if let Some(ring) = rings.get(&key) {
            return Ok(Place { ring: ring.base, geometry });
        }
        let ring = Zeroed::new(geometry.ring_bytes()).ok_or(Errno(libc::ENOMEM))?;
        Ok(Place { ring: rings.entry(key).or_insert(ring).base, geometry })
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
