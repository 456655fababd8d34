//! After a transmit error.

use core::ffi::c_int;

use super::*;

/// Revives a transmit ring after an error event. Returns 0 or a negative errno. Since Onload 9.1.0.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_vi_reinit_txq_post_error(vi: *mut ef_vi) -> c_int {
    // SAFETY: the same contract.
    unsafe { __ef_vi_reinit_txq_post_error(vi) }
}

/// Walks the ids of the sends that an error lost, oldest first. C's macro is the head of a loop; this is its iterator.
/// Since Onload 9.1.0.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses, and its transmit ring is not used before the iterator is dropped.
#[inline(always)]
pub unsafe fn ef_vi_for_each_tx_error_failed_transmit(vi: *const ef_vi) -> FailedTransmits {
    // SAFETY: the caller vouches for the VI; the state of an initialised one is there until it is freed.
    unsafe {
        let ring = &raw const (*(*vi).ep_state).txq;
        let (next, end) = ((*ring).removed, (*ring).added);
        FailedTransmits { next, end, ids: (*vi).vi_txq.ids, mask: (*vi).vi_txq.mask }
    }
}

/// The iterator of [`ef_vi_for_each_tx_error_failed_transmit`]. Since Onload 9.1.0.
#[derive(Debug)]
pub struct FailedTransmits {
    next: u32,
    end: u32,
    ids: *const u32,
    mask: u32,
}

impl Iterator for FailedTransmits {
    type Item = ef_request_id;

    #[inline]
    fn next(&mut self) -> Option<ef_request_id> {
        while self.next != self.end {
            // SAFETY: the ring has mask + 1 ids, and who made this leaves it alone meanwhile.
            let id = unsafe { *self.ids.add((self.next & self.mask) as usize) };
            self.next = self.next.wrapping_add(1);
            // Only the last descriptor of a packet has its id.
            if id != EF_REQUEST_ID_MASK {
                return Some(id as ef_request_id);
            }
        }
        None
    }
}
