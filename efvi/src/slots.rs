//! The buffers that a ring holds.

use std::cell::Cell;

use crate::memory::Buffer;

/// One slot for each position of a ring, each with the buffer that the adapter has there.
///
/// A descriptor's id is the slot's index. The index counts up with the descriptors, so in a ring that completes in
/// order the next slot is free whenever the ring has room; if it is not, the ring counts as full.
pub(crate) struct Slots {
    /// As many as the ring's capacity: a power of two.
    slots: Box<[Cell<Option<Buffer>>]>,
    /// Their number less 1.
    mask: u32,
    /// The number of buffers that went in, wrapping.
    added: Cell<u32>,
}

/// A free slot: the place that the next descriptor's buffer takes.
#[derive(Clone, Copy)]
pub(crate) struct Vacancy {
    index: u32,
}

impl Vacancy {
    /// The id for the descriptor.
    #[inline(always)]
    pub(crate) fn id(self) -> efvi_sys::ef_request_id {
        self.index as efvi_sys::ef_request_id
    }
}

impl Slots {
    /// Slots for a ring of this capacity, rounded up to a power of two.
    pub(crate) fn new(capacity: u32) -> Self {
        let count = capacity.max(1).next_power_of_two();
        Slots { slots: (0..count).map(|_| Cell::new(None)).collect(), mask: count - 1, added: Cell::new(0) }
    }

    /// The next slot, if it is free.
    #[inline(always)]
    pub(crate) fn vacancy(&self) -> Option<Vacancy> {
        let index = self.added.get() & self.mask();
        // SAFETY: only looked at, within this line; the cell is not shared between threads.
        let free = unsafe { (*self.slot(index).as_ptr()).is_none() };
        free.then_some(Vacancy { index })
    }

    /// Puts a buffer into the next slot, and moves on.
    #[inline(always)]
    pub(crate) fn fill(&self, vacancy: Vacancy, buffer: Buffer) {
        // Without dropping what was there, which would be code for a buffer that there is none of.
        std::mem::forget(self.slot(vacancy.index).replace(Some(buffer)));
        self.added.set(self.added.get().wrapping_add(1));
    }

    /// Takes out the buffer of a descriptor that completed; `None` if the adapter has no such descriptor.
    #[inline(always)]
    pub(crate) fn take(&self, id: u32) -> Option<Buffer> {
        // Ids are slots' indices, so the mask changes none; it makes sure of the index at the least cost.
        self.slot(id & self.mask()).take()
    }

    /// Takes back the buffer that went in last.
    pub(crate) fn take_last(&self) -> Option<Buffer> {
        let last = self.added.get().wrapping_sub(1);
        let buffer = self.slot(last & self.mask()).take()?;
        self.added.set(last);
        Some(buffer)
    }

    /// The number of buffers that ever went in, less those taken back, wrapping.
    #[inline(always)]
    pub(crate) fn added(&self) -> u32 {
        self.added.get()
    }

    #[inline(always)]
    fn mask(&self) -> u32 {
        self.mask
    }

    #[inline(always)]
    fn slot(&self, index: u32) -> &Cell<Option<Buffer>> {
        debug_assert!((index as usize) < self.slots.len());
        // SAFETY: every index is masked to the number of slots, which is a power of two and above 0.
        unsafe { self.slots.get_unchecked(index as usize) }
    }
}
