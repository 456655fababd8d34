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
pub unsafe fn ef_vi_for_each_tx_error_failed_transmit(vi: *const ef_vi) -> impl Iterator<Item = ef_request_id> {
    // SAFETY: the state of an initialised VI is there until it is freed.
    let ring = unsafe { &raw const (*(*vi).ep_state).txq };
    // SAFETY: as above.
    let (mut next, end) = unsafe { ((*ring).removed, (*ring).added) };
    // SAFETY: the caller vouches for the VI.
    let (ids, mask) = unsafe { ((*vi).vi_txq.ids, (*vi).vi_txq.mask) };
    core::iter::from_fn(move || {
        while next != end {
            // SAFETY: the ring has mask + 1 ids, and the caller leaves it alone meanwhile.
            let id = unsafe { *ids.add((next & mask) as usize) };
            next = next.wrapping_add(1);
            // Only the last descriptor of a packet has its id.
            if id != EF_REQUEST_ID_MASK {
                return Some(id as ef_request_id);
            }
        }
        None
    })
}
