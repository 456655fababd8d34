//! The buffers that a ring holds.

use alloc::boxed::Box;
use core::cell::Cell;

use crate::memory::Buffer;

/// A slot for each buffer that a ring can have out, each with the buffer that the adapter has there.
///
/// A descriptor's id is its slot's index, which counts up with the descriptors. Rings complete in order, so the slots in
/// use follow each other, and the next one is free as long as they are fewer than all.
pub(crate) struct Slots {
    /// Their number is a power of two.
    slots: Box<[Cell<Option<Buffer>>]>,
    /// Their number less 1.
    mask: u32,
    /// The index of the next slot.
    next: Cell<u32>,
}

impl Slots {
    /// At least this many slots (of which there can be 2^31).
    pub(crate) fn new(at_least: u32) -> Self {
        let count = at_least.max(1).next_power_of_two();
        Slots { slots: (0..count).map(|_| Cell::new(None)).collect(), mask: count - 1, next: Cell::new(0) }
    }

    /// The number of slots.
    pub(crate) fn len(&self) -> u32 {
        self.mask + 1
    }

    /// Whether the next slot is free.
    #[inline(always)]
    pub(crate) fn has_room(&self) -> bool {
        // SAFETY: only looked at, within this line; the cell is not shared between threads.
        unsafe { (*self.slot(self.next.get()).as_ptr()).is_none() }
    }

    /// Puts a buffer into the next slot, which the caller knows to be free, and returns the id for its descriptor. A
    /// buffer that is there all the same is leaked, so that a wrong count could lose memory, but never share it.
    #[inline(always)]
    pub(crate) fn fill(&self, buffer: Buffer) -> efvi_sys::ef_request_id {
        debug_assert!(self.has_room());
        let index = self.next.get();
        core::mem::forget(self.slot(index).replace(Some(buffer)));
        self.next.set((index + 1) & self.mask);
        index as efvi_sys::ef_request_id
    }

    /// Takes out the buffer of a descriptor that completed; `None` if the adapter has no such descriptor.
    #[inline(always)]
    pub(crate) fn take(&self, id: u32) -> Option<Buffer> {
        // Ids are slots' indices, so the mask changes none; it makes sure of the index at the least cost.
        self.slot(id & self.mask).take()
    }

    /// The id of the next descriptor, whose slot stays empty: what it stands for lies elsewhere.
    pub(crate) fn pass(&self) -> efvi_sys::ef_request_id {
        let index = self.next.get();
        self.next.set((index + 1) & self.mask);
        index as efvi_sys::ef_request_id
    }

    /// Puts a buffer into the slot that an id is of, which is empty.
    pub(crate) fn put(&self, id: u32, buffer: Buffer) {
        core::mem::forget(self.slot(id & self.mask).replace(Some(buffer)));
    }

    /// Takes back the newest slot, and the buffer if there is one in it.
    pub(crate) fn unpass(&self) -> (u32, Option<Buffer>) {
        let newest = self.next.get().wrapping_sub(1) & self.mask;
        self.next.set(newest);
        (newest, self.take(newest))
    }

    /// Leaves so many slots empty, as if what was in them had been taken.
    #[cfg(onload_since = "9.0.1")]
    pub(crate) fn skip(&self, count: u32) {
        self.next.set(self.next.get().wrapping_add(count) & self.mask);
    }

    /// The slot that the id of a descriptor is of.
    pub(crate) fn index_of(&self, id: u32) -> u32 {
        id & self.mask
    }

    /// Takes back the buffer that went in last.
    pub(crate) fn take_last(&self) -> Option<Buffer> {
        let last = self.next.get().wrapping_sub(1) & self.mask;
        let buffer = self.slot(last).take()?;
        self.next.set(last);
        Some(buffer)
    }

    /// Takes back the buffer that `fill` has just put in.
    ///
    /// # Safety
    /// Since then nothing was taken.
    #[cold]
    pub(crate) unsafe fn undo_fill(&self) -> Buffer {
        // SAFETY: the caller vouches that it is there still.
        unsafe { self.take_last().unwrap_unchecked() }
    }

    /// The index of the next slot.
    pub(crate) fn next(&self) -> u32 {
        self.next.get()
    }

    /// How many went in since this slot was the next, fewer than there are slots, less those taken back.
    #[cfg(onload_since = "9.0.1")]
    pub(crate) fn since(&self, next: u32) -> u32 {
        self.next.get().wrapping_sub(next) & self.mask
    }

    #[inline(always)]
    fn slot(&self, index: u32) -> &Cell<Option<Buffer>> {
        debug_assert!((index as usize) < self.slots.len());
        // SAFETY: every index is masked to the number of slots, which is a power of two and above 0.
        unsafe { self.slots.get_unchecked(index as usize) }
    }
}
