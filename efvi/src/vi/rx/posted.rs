//! The buffers that a receive ring has.

use alloc::boxed::Box;
use core::cell::Cell;

use crate::memory::{Buffer, Loan};

/// A slot for each buffer that the ring can have.
///
/// A buffer is in its slot from when it is posted until the program keeps it: while the adapter has it, and while its
/// packet is lent. The slot's number is the descriptor's id, and the buffer has it too. So to lend a buffer is to look
/// at it, and to post it again is the library's call and no more.
pub(in crate::vi) struct Posted {
    /// Their number is a power of two.
    slots: Box<[Cell<Option<Buffer>>]>,
    /// Their number less 1.
    mask: u32,
    /// The numbers of the slots that may be filled, the next one last.
    empty: Box<[Cell<u32>]>,
    room: Cell<u32>,
    /// How many more buffers until the adapter is told of them.
    until_push: Cell<u32>,
}

/// EF10 takes receive descriptors in eights: fewer stay back, so pushing them would only cost the call.
const PUSH_MULTIPLE: u32 = 8;

impl Posted {
    /// For a ring that holds so many (2^31 at most). No more can be in slots than that, lent ones included, so that there
    /// is room in the ring for whatever is posted again.
    pub(super) fn new(capacity: u32) -> Self {
        let count = capacity.max(1).next_power_of_two();
        Posted {
            slots: (0..count).map(|_| Cell::new(None)).collect(),
            mask: count - 1,
            empty: (0..capacity).rev().map(Cell::new).collect(),
            room: Cell::new(capacity),
            until_push: Cell::new(PUSH_MULTIPLE),
        }
    }

    /// Puts a buffer into an empty slot, and returns the slot's number; the buffer comes back if there is none.
    #[inline(always)]
    pub(super) fn fill(&self, mut buffer: Buffer) -> Result<u32, Buffer> {
        let room = self.room.get().wrapping_sub(1);
        let Some(slot) = self.empty.get(room as usize).map(Cell::get) else { return Err(buffer) };
        self.room.set(room);
        buffer.set_slot(slot);
        // Empty, as the numbers in the list are.
        core::mem::forget(self.slot(slot).replace(Some(buffer)));
        Ok(slot)
    }

    /// The buffer of a descriptor that completed; `None` if there is none in its slot.
    #[inline(always)]
    pub(in crate::vi) fn lend(&self, id: u32) -> Option<Loan> {
        // SAFETY: only looked at, within this line; the cell is not shared between threads.
        unsafe { (*self.slot(id).as_ptr()).as_ref() }.map(Buffer::loan)
    }

    /// Takes a buffer out of its slot.
    #[inline]
    pub(in crate::vi) fn take(&self, slot: u32) -> Option<Buffer> {
        let buffer = self.slot(slot).take()?;
        let room = self.room.get();
        if let Some(empty) = self.empty.get(room as usize) {
            empty.set(slot & self.mask);
            self.room.set(room + 1);
        }
        Some(buffer)
    }

    /// Counts one that the ring took. True with each eighth.
    #[inline(always)]
    pub(super) fn is_push_due(&self) -> bool {
        self.until_push.set(self.until_push.get().wrapping_sub(1));
        let due = self.until_push.get() == 0;
        if due {
            self.until_push.set(PUSH_MULTIPLE);
        }
        due
    }

    #[inline(always)]
    fn slot(&self, id: u32) -> &Cell<Option<Buffer>> {
        // Ids are slots' numbers, so the mask changes none; it makes sure of the index at the least cost.
        let index = (id & self.mask) as usize;
        // SAFETY: masked to the number of slots, which is a power of two and above 0.
        unsafe { self.slots.get_unchecked(index) }
    }
}
