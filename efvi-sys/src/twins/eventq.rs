//! The event queue.

use core::ffi::c_uint;

use super::*;

/// Read position in the event queue, for `ef_vi_prime` and `ef_eventq_wait`. Since Onload 8.1 or before.
///
/// # Safety
///
/// `evq` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_eventq_current(evq: *mut ef_vi) -> c_uint {
    // SAFETY: the state of an initialised VI is there until it is freed.
    unsafe { (*(*evq).ep_state).evq.evq_ptr }
}
