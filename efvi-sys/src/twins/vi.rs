//! What a VI is.

use core::ffi::c_uint;

use super::*;

/// The VI's resource id, as `ef_eventq_put` wants it. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_resource_id(vi: *mut ef_vi) -> c_uint {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).vi_resource_id }
}

/// The flags that the VI was allocated with. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_flags(vi: *mut ef_vi) -> ef_vi_flags {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).vi_flags }
}

/// The VI's number on its adapter. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_instance(vi: *mut ef_vi) -> c_uint {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).vi_i }
}
