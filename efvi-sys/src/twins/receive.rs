//! The receive ring.

use core::ffi::{c_int, c_uint};

use super::*;

/// Bytes of metadata before a frame in its first receive buffer. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_receive_prefix_len(vi: *const ef_vi) -> c_int {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).rx_prefix_len as c_int }
}

/// Usable bytes of a posted receive buffer. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_receive_buffer_len(vi: *const ef_vi) -> c_int {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).rx_buffer_len as c_int }
}

/// Sets the usable bytes of receive buffers posted from now on. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses, and buffers posted from now on are that long.
#[inline(always)]
pub unsafe fn ef_vi_receive_set_buffer_len(vi: *mut ef_vi, buf_len: c_uint) {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).rx_buffer_len = buf_len }
}

/// Free slots of the receive ring. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_vi_receive_space(vi: *const ef_vi) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_vi_receive_capacity(vi).wrapping_sub(ef_vi_receive_fill_level(vi)) }
}

/// Receive buffers posted and not completed. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_vi_receive_fill_level(vi: *const ef_vi) -> c_int {
    // SAFETY: the state of an initialised VI is there until it is freed.
    let ring = unsafe { &raw const (*(*vi).ep_state).rxq };
    // SAFETY: as above.
    unsafe { (*ring).added.wrapping_sub((*ring).removed) as c_int }
}

/// Receive buffers that the ring holds. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_receive_capacity(vi: *const ef_vi) -> c_int {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).vi_rxq.mask as c_int }
}
