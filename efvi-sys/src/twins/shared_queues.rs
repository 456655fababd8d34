//! Receive queues that several VIs share (X3, X4).

use core::ffi::c_int;

use super::*;

/// Sets how many superbuffers the VI may take of shared receive queues. Returns 0 or a negative errno.
/// Since Onload 9.1-next.
///
/// # Safety
///
/// `vi` is an initialised VI on an adapter with shared receive queues (X3, X4) that no other thread uses.
/// `(*vi).efct_rxqs.ops` is not null and its `set_client_buf_count` not `None`: other adapters have no such table.
#[inline(always)]
pub unsafe fn ef_vi_set_shrub_client_buffer_count(vi: *mut ef_vi, buffer_count: usize) -> c_int {
    // SAFETY: the caller vouches for the VI, its table and this entry.
    unsafe { ((*(*vi).efct_rxqs.ops).set_client_buf_count.unwrap_unchecked())(vi, buffer_count) }
}
