// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! The calls that C makes by macros through a VI's own table. Each compiles to one indirect call.

use core::ffi::*;

use super::*;

/// Adds a receive buffer to the ring without pushing it. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_receive_init(vi: *mut ef_vi, addr: ef_addr, dma_id: ef_request_id) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.receive_init.unwrap_unchecked())(vi, addr, dma_id) }
}

/// Submits the receive buffers that were added. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_receive_push(vi: *mut ef_vi) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.receive_push.unwrap_unchecked())(vi) }
}

/// Receive time of a packet, with a fraction of a nanosecond. Since Onload 9.0.1.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.receive_get_timestamp` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_vi_receive_get_precise_timestamp(
    vi: *mut ef_vi,
    pkt: *const c_void,
    ts_out: *mut ef_precisetime,
) -> c_int {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*vi).ops.receive_get_timestamp.unwrap_unchecked())(vi, pkt, ts_out) }
}

/// Sets which receive errors make discard events. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.receive_set_discards` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_vi_receive_set_discards(vi: *mut ef_vi, discard_err_flags: c_uint) -> c_int {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*vi).ops.receive_set_discards.unwrap_unchecked())(vi, discard_err_flags) }
}

/// Which receive errors make discard events. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.receive_get_discards` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_vi_receive_get_discards(vi: *mut ef_vi) -> u64 {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*vi).ops.receive_get_discards.unwrap_unchecked())(vi) }
}

/// Adds the descriptors of a packet in pieces without pushing them. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmitv_init(
    vi: *mut ef_vi,
    iov: *const ef_iovec,
    iov_len: c_int,
    dma_id: ef_request_id,
) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmitv_init.unwrap_unchecked())(vi, iov, iov_len, dma_id) }
}

/// Submits the transmit descriptors that were added. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_push(vi: *mut ef_vi) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_push.unwrap_unchecked())(vi) }
}

/// Adds a transmit descriptor and pushes it. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit(vi: *mut ef_vi, base: ef_addr, len: c_int, dma_id: ef_request_id) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit.unwrap_unchecked())(vi, base, len, dma_id) }
}

/// Adds the descriptors of a packet in pieces and pushes them. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmitv(vi: *mut ef_vi, iov: *const ef_iovec, iov_len: c_int, dma_id: ef_request_id) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmitv.unwrap_unchecked())(vi, iov, iov_len, dma_id) }
}

/// Sends what lies in the programmed-I/O region. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_pio(vi: *mut ef_vi, offset: c_int, len: c_int, dma_id: ef_request_id) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_pio.unwrap_unchecked())(vi, offset, len, dma_id) }
}

/// Copies a frame into the programmed-I/O region and sends it. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_copy_pio(
    vi: *mut ef_vi,
    pio_offset: c_int,
    src_buf: *const c_void,
    len: c_int,
    dma_id: ef_request_id,
) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_copy_pio.unwrap_unchecked())(vi, pio_offset, src_buf, len, dma_id) }
}

/// Warms the path of `ef_vi_transmit_pio`. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_pio_warm(vi: *mut ef_vi) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_pio_warm.unwrap_unchecked())(vi) }
}

/// Warms the path of `ef_vi_transmit_copy_pio`. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_copy_pio_warm(vi: *mut ef_vi, pio_offset: c_int, src_buf: *const c_void, len: c_int) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_copy_pio_warm.unwrap_unchecked())(vi, pio_offset, src_buf, len) }
}

/// Starts transmit warming: sends run, nothing leaves. Since Onload 9.0.1.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.start_transmit_warm` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_vi_start_transmit_warm(
    vi: *mut ef_vi,
    saved_state: *mut ef_vi_tx_warm_state,
    warm_ctpio_mmap_ptr: *mut c_char,
) {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*vi).ops.start_transmit_warm.unwrap_unchecked())(vi, saved_state, warm_ctpio_mmap_ptr) }
}

/// Stops transmit warming. Since Onload 9.0.1.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.stop_transmit_warm` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_vi_stop_transmit_warm(vi: *mut ef_vi, saved_state: *mut ef_vi_tx_warm_state) {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*vi).ops.stop_transmit_warm.unwrap_unchecked())(vi, saved_state) }
}

/// Directs sends to a TX alternative. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_alt_select(vi: *mut ef_vi, alt_id: c_uint) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_alt_select.unwrap_unchecked())(vi, alt_id) }
}

/// Directs sends to the wire again. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_alt_select_normal(vi: *mut ef_vi) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_alt_select_default.unwrap_unchecked())(vi) }
}

/// Makes a TX alternative buffer its packets. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_alt_stop(vi: *mut ef_vi, alt_id: c_uint) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_alt_stop.unwrap_unchecked())(vi, alt_id) }
}

/// Makes a TX alternative send its packets. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_alt_go(vi: *mut ef_vi, alt_id: c_uint) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_alt_go.unwrap_unchecked())(vi, alt_id) }
}

/// Makes a TX alternative drop its packets. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmit_alt_discard(vi: *mut ef_vi, alt_id: c_uint) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmit_alt_discard.unwrap_unchecked())(vi, alt_id) }
}

/// Streams a frame in pieces to the adapter; the fallback call has to follow. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_vi_transmitv_ctpio(
    vi: *mut ef_vi,
    frame_len: usize,
    frame_iov: *const libc::iovec,
    frame_iov_len: c_int,
    ct_threshold: c_uint,
) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.transmitv_ctpio.unwrap_unchecked())(vi, frame_len, frame_iov, frame_iov_len, ct_threshold) }
}

/// Streams a frame in pieces to the adapter and copies it to the fallback buffer. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.transmitv_ctpio_copy` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_vi_transmitv_ctpio_copy(
    vi: *mut ef_vi,
    frame_len: usize,
    frame_iov: *const libc::iovec,
    frame_iov_len: c_int,
    ct_threshold: c_uint,
    fallback: *mut c_void,
) {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe {
        ((*vi).ops.transmitv_ctpio_copy.unwrap_unchecked())(
            vi,
            frame_len,
            frame_iov,
            frame_iov_len,
            ct_threshold,
            fallback,
        )
    }
}

/// Gives the frame to send if CTPIO fails. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.transmit_ctpio_fallback` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_vi_transmit_ctpio_fallback(
    vi: *mut ef_vi,
    dma_addr: ef_addr,
    len: usize,
    dma_id: ef_request_id,
) -> c_int {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*vi).ops.transmit_ctpio_fallback.unwrap_unchecked())(vi, dma_addr, len, dma_id) }
}

/// Gives the frame in pieces to send if CTPIO fails. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.transmitv_ctpio_fallback` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_vi_transmitv_ctpio_fallback(
    vi: *mut ef_vi,
    dma_iov: *const ef_iovec,
    dma_iov_len: c_int,
    dma_id: ef_request_id,
) -> c_int {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*vi).ops.transmitv_ctpio_fallback.unwrap_unchecked())(vi, dma_iov, dma_iov_len, dma_id) }
}

/// Whether a poll would give an event. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.eventq_has_event` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_eventq_has_event(vi: *const ef_vi) -> c_int {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*vi).ops.eventq_has_event.unwrap_unchecked())(vi) }
}

/// Whether that many events are waiting. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*vi).ops.eventq_has_many_events` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_eventq_has_many_events(vi: *const ef_vi, n_events: c_int) -> c_int {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*vi).ops.eventq_has_many_events.unwrap_unchecked())(vi, n_events) }
}

/// Arms the event queue without a call to the driver. Since Onload 8.1 or before.
///
/// # Safety
///
/// `vi` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_eventq_prime(vi: *mut ef_vi) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*vi).ops.eventq_prime.unwrap_unchecked())(vi) }
}

/// Takes events from the event queue; returns how many. Since Onload 8.1 or before.
///
/// # Safety
///
/// `evq` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_eventq_poll(evq: *mut ef_vi, evs: *mut ef_event, evs_len: c_int) -> c_int {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*evq).ops.eventq_poll.unwrap_unchecked())(evq, evs, evs_len) }
}

/// Takes receive events only; returns how many. Since Onload 9.0.2.
///
/// # Safety
///
/// `evq` is an initialised VI that no other thread uses; pointers are valid as the call requires.
/// `(*evq).ops.receive_poll` is not `None`: the library fills it in on some adapters only.
#[inline(always)]
pub unsafe fn ef_receive_poll(evq: *mut ef_vi, evs: *mut ef_event, evs_len: c_int) -> c_int {
    // SAFETY: the caller vouches for the VI, and that this entry is filled in.
    unsafe { ((*evq).ops.receive_poll.unwrap_unchecked())(evq, evs, evs_len) }
}

/// Arms the event queue's timer, to start at the next event. Since Onload 8.1 or before.
///
/// # Safety
///
/// `q` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_eventq_timer_prime(q: *mut ef_vi, v: c_uint) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*q).ops.eventq_timer_prime.unwrap_unchecked())(q, v) }
}

/// Starts the event queue's timer. Since Onload 8.1 or before.
///
/// # Safety
///
/// `q` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_eventq_timer_run(q: *mut ef_vi, v: c_uint) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*q).ops.eventq_timer_run.unwrap_unchecked())(q, v) }
}

/// Stops the event queue's timer. Since Onload 8.1 or before.
///
/// # Safety
///
/// `q` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_eventq_timer_clear(q: *mut ef_vi) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*q).ops.eventq_timer_clear.unwrap_unchecked())(q) }
}

/// Makes the event queue's timer expire at once. Since Onload 8.1 or before.
///
/// # Safety
///
/// `q` is an initialised VI that no other thread uses; pointers are valid as the call requires.
#[inline(always)]
pub unsafe fn ef_eventq_timer_zero(q: *mut ef_vi) {
    // SAFETY: on every adapter the library fills this entry when it makes a VI, which the caller vouches for.
    unsafe { ((*q).ops.eventq_timer_zero.unwrap_unchecked())(q) }
}
