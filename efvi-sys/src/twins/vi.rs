//! What a VI is.

use core::ffi::{c_int, c_uint};

use crate::bindings::{__ef_vi_reinit_txq_post_error, ef_vi, ef_vi_flags};

/// The VI's resource id, as `ef_eventq_put` wants it.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_resource_id(vi: *mut ef_vi) -> c_uint {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).vi_resource_id }
}

/// The flags that the VI was allocated with.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_flags(vi: *mut ef_vi) -> ef_vi_flags {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).vi_flags }
}

/// The VI's number on its adapter.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_instance(vi: *mut ef_vi) -> c_uint {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).vi_i }
}

/// The VI that a queue id in an event stands for. Call it as [`ef_vi_get_vi_from_q_id`].
///
/// # Safety
///
/// `vi` is an initialised VI with an event queue, and `q_id` comes from one of its events.
#[inline(always)]
pub unsafe fn __ef_vi_get_vi_from_q_id(vi: *mut ef_vi, q_id: c_int) -> *mut ef_vi {
    // SAFETY: the queue ids of events are below EF_VI_MAX_QS, the length of the array.
    unsafe { (&raw const (*vi).vi_qs).cast::<*mut ef_vi>().offset(q_id as isize).read() }
}

/// The VI that a queue id in an event stands for, on an event queue that several VIs share.
///
/// # Safety
///
/// `vi` is an initialised VI with an event queue, and `q_id` comes from one of its events.
#[inline(always)]
pub unsafe fn ef_vi_get_vi_from_q_id(vi: *mut ef_vi, q_id: c_int) -> *mut ef_vi {
    // SAFETY: the same contract.
    unsafe { __ef_vi_get_vi_from_q_id(vi, q_id) }
}

/// Revives a transmit ring after an error event. Returns 0 or a negative errno.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_vi_reinit_txq_post_error(vi: *mut ef_vi) -> c_int {
    // SAFETY: the same contract.
    unsafe { __ef_vi_reinit_txq_post_error(vi) }
}

/// Sets how many superbuffers the VI may take of shared receive queues. Returns 0 or a negative errno.
///
/// # Safety
///
/// `vi` is an initialised VI on an adapter with shared receive queues (X3, X4) that no other thread uses.
#[inline(always)]
pub unsafe fn ef_vi_set_shrub_client_buffer_count(vi: *mut ef_vi, buffer_count: usize) -> c_int {
    // SAFETY: on such adapters the library sets the table and fills this entry.
    unsafe { ((*(*vi).efct_rxqs.ops).set_client_buf_count.unwrap_unchecked())(vi, buffer_count) }
}
