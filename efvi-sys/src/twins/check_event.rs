//! Former names of what looks into the event queue.

use core::ffi::c_int;

use super::*;

/// Former name of [`ef_eventq_has_many_events`]. Since Onload 8.1 or before.
///
/// # Safety
///
/// As [`ef_eventq_has_many_events`].
#[inline(always)]
pub unsafe fn ef_eventq_check_event(vi: *const ef_vi, look_ahead: c_int) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_eventq_has_many_events(vi, look_ahead) }
}

/// Former name of [`ef_eventq_has_many_events`] where events have phase bits. Since Onload 8.1 or before.
///
/// # Safety
///
/// As [`ef_eventq_has_many_events`].
#[inline(always)]
pub unsafe fn ef_eventq_check_event_phase_bit(vi: *const ef_vi, look_ahead: c_int) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_eventq_has_many_events(vi, look_ahead) }
}

/// Former name of [`ef_eventq_has_many_events`] on AF_XDP. Since Onload 8.1 or before.
///
/// # Safety
///
/// As [`ef_eventq_has_many_events`].
#[inline(always)]
pub unsafe fn efxdp_ef_eventq_check_event(vi: *const ef_vi, look_ahead: c_int) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_eventq_has_many_events(vi, look_ahead) }
}

/// Former name of [`ef_eventq_has_event`] on X3. Since Onload 8.1 or before.
///
/// # Safety
///
/// As [`ef_eventq_has_event`].
#[inline(always)]
pub unsafe fn efct_ef_eventq_check_event(vi: *const ef_vi) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_eventq_has_event(vi) }
}
