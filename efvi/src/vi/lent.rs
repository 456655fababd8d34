//! What a poll has lent to the program.

use core::ptr;

use crate::memory::Buffer;

/// The buffer or the reference of the packet that was handed out last, until the program takes the next event: a word,
/// so that it can be in a register, and one test says that there is nothing.
///
/// A copy stands for the same: one of them is used. It has no drop: what it holds is put where it belongs by `Inner::end_lent`, or lost with an `Events` that is forgotten.
#[derive(Clone, Copy)]
pub(super) struct Lent {
    /// Null, a buffer's address, or a reference's number times 2 and 1: buffers are aligned.
    word: *mut (),
}

/// What was lent, taken out.
pub(super) enum Taken {
    Nothing,
    Buffer(Buffer),
    /// Of a packet in the adapter's own memory, its id.
    Reference(u32),
}

// A reference's number has 32 bits.
const _: () = assert!(usize::BITS >= 33);

impl Lent {
    #[inline(always)]
    pub(super) const fn nothing() -> Self {
        Lent { word: ptr::null_mut() }
    }

    #[inline(always)]
    pub(super) fn buffer(buffer: Buffer) -> Self {
        Lent { word: buffer.into_raw().as_ptr() }
    }

    #[inline(always)]
    pub(super) fn reference(id: u32) -> Self {
        Lent { word: ptr::without_provenance_mut((id as usize) << 1 | 1) }
    }

    #[inline(always)]
    pub(super) fn is_nothing(&self) -> bool {
        self.word.is_null()
    }

    /// The number of the reference, if it is one.
    #[inline(always)]
    pub(super) fn as_reference(&self) -> Option<u32> {
        (self.word.addr() & 1 != 0).then_some((self.word.addr() >> 1) as u32)
    }

    #[inline(always)]
    pub(super) fn take(&mut self) -> Taken {
        let lent = core::mem::replace(self, Lent::nothing());
        match (lent.as_reference(), ptr::NonNull::new(lent.word)) {
            (Some(id), _) => Taken::Reference(id),
            // SAFETY: neither null nor a reference, so what `buffer` made of a buffer; it is here no longer.
            (None, Some(raw)) => Taken::Buffer(unsafe { Buffer::from_raw(raw) }),
            (None, None) => Taken::Nothing,
        }
    }
}
