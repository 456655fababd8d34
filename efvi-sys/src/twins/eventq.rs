//! The event queue.

use core::ffi::{c_int, c_uint};

use crate::bindings::{ef_eventq_has_event, ef_eventq_has_many_events, ef_vi};

/// Read position in the event queue, for `ef_vi_prime` and `ef_eventq_wait`.
///
/// # Safety
///
/// `evq` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_eventq_current(evq: *mut ef_vi) -> c_uint {
    // SAFETY: the state of an initialised VI is there until it is freed.
    unsafe { (*(*evq).ep_state).evq.evq_ptr }
}

/// Former name of [`ef_eventq_has_many_events`].
///
/// # Safety
///
/// As [`ef_eventq_has_many_events`].
#[inline(always)]
pub unsafe fn ef_eventq_check_event(vi: *const ef_vi, look_ahead: c_int) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_eventq_has_many_events(vi, look_ahead) }
}

/// Former name of [`ef_eventq_has_many_events`] where events have phase bits.
///
/// # Safety
///
/// As [`ef_eventq_has_many_events`].
#[inline(always)]
pub unsafe fn ef_eventq_check_event_phase_bit(vi: *const ef_vi, look_ahead: c_int) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_eventq_has_many_events(vi, look_ahead) }
}

/// Former name of [`ef_eventq_has_many_events`] on AF_XDP.
///
/// # Safety
///
/// As [`ef_eventq_has_many_events`].
#[inline(always)]
pub unsafe fn efxdp_ef_eventq_check_event(vi: *const ef_vi, look_ahead: c_int) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_eventq_has_many_events(vi, look_ahead) }
}

/// Former name of [`ef_eventq_has_event`] on X3.
///
/// # Safety
///
/// As [`ef_eventq_has_event`].
#[inline(always)]
pub unsafe fn efct_ef_eventq_check_event(vi: *const ef_vi) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_eventq_has_event(vi) }
}
