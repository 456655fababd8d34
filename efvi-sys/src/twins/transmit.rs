//! The transmit ring, CTPIO and TX alternatives.

use core::ffi::{c_int, c_uint, c_void};

use super::*;

/// Free slots of the transmit ring. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_vi_transmit_space(vi: *const ef_vi) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_vi_transmit_capacity(vi).wrapping_sub(ef_vi_transmit_fill_level(vi)) }
}

/// Transmit descriptors added and not completed. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_vi_transmit_fill_level(vi: *const ef_vi) -> c_int {
    // SAFETY: the state of an initialised VI is there until it is freed.
    let ring = unsafe { &raw const (*(*vi).ep_state).txq };
    // SAFETY: as above.
    unsafe { (*ring).added.wrapping_sub((*ring).removed) as c_int }
}

/// Free bytes of the cut-through FIFO; negative when it is overfull, large where there is none.
/// Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_vi_transmit_space_bytes(vi: *const ef_vi) -> c_int {
    // SAFETY: the same contract.
    unsafe { ((*vi).vi_txq.ct_fifo_bytes as c_int).wrapping_sub(ef_vi_transmit_fill_level_bytes(vi)) }
}

/// Bytes in the cut-through FIFO. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses.
#[inline(always)]
pub unsafe fn ef_vi_transmit_fill_level_bytes(vi: *const ef_vi) -> c_int {
    // SAFETY: the state of an initialised VI is there until it is freed.
    let ring = unsafe { &raw const (*(*vi).ep_state).txq };
    // SAFETY: as above.
    unsafe { (*ring).ct_added.wrapping_sub((*ring).ct_removed) as c_int }
}

/// Transmit descriptors that the ring holds. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI.
#[inline(always)]
pub unsafe fn ef_vi_transmit_capacity(vi: *const ef_vi) -> c_int {
    // SAFETY: the caller vouches for the VI.
    unsafe { (*vi).vi_txq.mask as c_int }
}

/// Streams a frame to the adapter. The fallback call has to follow before any other send on this VI.
/// Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI with CTPIO that no other thread uses, and `frame_buf` has `frame_len` bytes.
#[inline(always)]
pub unsafe fn ef_vi_transmit_ctpio(vi: *mut ef_vi, frame_buf: *const c_void, frame_len: usize, ct_threshold: c_uint) {
    let iov = libc::iovec { iov_base: frame_buf.cast_mut(), iov_len: frame_len };
    // SAFETY: the vector is one piece, the frame; the call only reads it.
    unsafe { ef_vi_transmitv_ctpio(vi, frame_len, &raw const iov, 1, ct_threshold) }
}

/// Bytes that a packet takes of a TX alternative's buffer. Since Onload 8.1 or before.
///
/// # Safety
///
/// `params` points to what `ef_vi_transmit_alt_query_overhead` filled in.
#[inline(always)]
pub unsafe fn ef_vi_transmit_alt_usage(params: *const ef_vi_transmit_alt_overhead, pkt_len: u32) -> u32 {
    // SAFETY: the caller vouches for the pointer.
    let params = unsafe { *params };
    (pkt_len.wrapping_add(params.pre_round) & params.mask).wrapping_add(params.post_round)
}
