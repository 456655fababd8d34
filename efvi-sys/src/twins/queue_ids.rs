//! Queue ids in events.

use core::ffi::c_int;

use super::*;

/// The VI that a queue id in an event stands for. Call it as [`ef_vi_get_vi_from_q_id`]. Since Onload 9.1.0.
///
/// # Safety
///
/// `vi` is an initialised VI with an event queue, and `q_id` comes from one of its events.
#[inline(always)]
pub unsafe fn __ef_vi_get_vi_from_q_id(vi: *mut ef_vi, q_id: c_int) -> *mut ef_vi {
    // SAFETY: the queue ids of events are below EF_VI_MAX_QS, the length of the array.
    unsafe { (&raw const (*vi).vi_qs).cast::<*mut ef_vi>().offset(q_id as isize).read() }
}

/// The VI that a queue id in an event stands for, on an event queue that several VIs share. Since Onload 9.1.0.
///
/// # Safety
///
/// `vi` is an initialised VI with an event queue, and `q_id` comes from one of its events.
#[inline(always)]
pub unsafe fn ef_vi_get_vi_from_q_id(vi: *mut ef_vi, q_id: c_int) -> *mut ef_vi {
    // SAFETY: the same contract.
    unsafe { __ef_vi_get_vi_from_q_id(vi, q_id) }
}
