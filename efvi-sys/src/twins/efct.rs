//! Packets that are received into shared buffers (X3, X4).

use core::ffi::{c_int, c_uint};

use super::*;

/// Receive time of a packet id, and whether the clock was synchronised. Returns 0 or a negative errno.
/// Since Onload 8.1 or before.
///
/// # Safety
///
/// `pkt_id` comes from an event of this VI and was not released; both results are valid for writes.
#[deprecated(note = "use ef_vi_receive_get_precise_timestamp with efct_vi_rxpkt_get")]
#[inline(always)]
pub unsafe fn efct_vi_rxpkt_get_timestamp(
    vi: *mut ef_vi,
    pkt_id: u32,
    ts_out: *mut libc::timespec,
    flags_out: *mut c_uint,
) -> c_int {
    let mut time = ef_precisetime { tv_sec: 0, tv_nsec: 0, tv_nsec_frac: 0, tv_flags: 0 };
    // SAFETY: the caller vouches for the packet id.
    let packet = unsafe { efct_vi_rxpkt_get(vi, pkt_id) };
    // SAFETY: the packet is of this VI.
    let rc = unsafe { ef_vi_receive_get_precise_timestamp(vi, packet, &raw mut time) };
    // SAFETY: the caller vouches for both pointers.
    unsafe {
        (*ts_out).tv_sec = time.tv_sec as libc::time_t;
        (*ts_out).tv_nsec = time.tv_nsec as _;
        *flags_out = time.tv_flags as c_uint;
    }
    rc
}
