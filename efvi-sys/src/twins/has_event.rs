//! Whether events wait, in releases whose `ops` has no entry for it.

use core::ffi::c_int;

use super::*;

/// Whether an event is there: 1 or 0. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_eventq_has_event(vi: *const ef_vi) -> c_int {
    // SAFETY: the caller vouches for the VI.
    let (has_phase_bits, arch) = unsafe { ((*vi).evq_phase_bits != 0, (*vi).nic_type.arch as u32) };
    // SAFETY: the same contract; each call is the one for such adapters.
    unsafe {
        match arch {
            _ if !has_phase_bits => ef_eventq_check_event(vi, 0),
            EF_VI_ARCH_AF_XDP => efxdp_ef_eventq_check_event(vi, 0),
            EF_VI_ARCH_EFCT => efct_ef_eventq_check_event(vi),
            _ => ef_eventq_check_event_phase_bit(vi, 0),
        }
    }
}

/// Whether so many events are there: 1 or 0. Since Onload 8.1 or before.
///
/// # Safety
///
/// `evq` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_eventq_has_many_events(evq: *const ef_vi, n_events: c_int) -> c_int {
    // SAFETY: the caller vouches for the VI; each call is the one for such adapters.
    unsafe {
        if (*evq).evq_phase_bits != 0 {
            ef_eventq_check_event_phase_bit(evq, n_events)
        } else {
            ef_eventq_check_event(evq, n_events)
        }
    }
}
