//! The library's functions, and the entries of a VI's tables, that twins and inline functions call: each notes its call,
//! and returns a number that depends on it.

use core::ffi::{c_int, c_uint, c_void};
use std::cell::RefCell;

use crate::bindings::*;
use crate::c::Inline;

type Call = (&'static str, Vec<u64>);

thread_local! {
    static CALLS: RefCell<Vec<Call>> = const { RefCell::new(Vec::new()) };
}

/// The calls since the last time.
pub fn calls() -> Vec<Call> {
    CALLS.take()
}

fn note(name: &'static str, arguments: &[u64]) -> u64 {
    CALLS.with_borrow_mut(|calls| calls.push((name, arguments.to_vec())));
    arguments.iter().fold(name.len() as u64, |sum, n| (sum ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(23))
}

fn at<T>(pointer: *const T) -> u64 {
    pointer.addr() as u64
}

/// What a vector of one piece has in it. The vector itself lies on a stack.
///
/// # Safety
///
/// It has `count` pieces.
unsafe fn piece(iov: *const libc::iovec, count: c_int) -> [u64; 3] {
    assert_eq!(count, 1);
    // SAFETY: there is one.
    unsafe { [at((*iov).iov_base), (*iov).iov_len as u64, count as u64] }
}

macro_rules! checksums {
    ($($name:ident)*) => {
        $(#[unsafe(no_mangle)]
        unsafe extern "C" fn $name(ip: *const c_void, header: *const c_void, iov: *const libc::iovec, n: c_int) -> c_int {
            // SAFETY: the caller's vector.
            let [base, length, count] = unsafe { piece(iov, n) };
            note(stringify!($name), &[at(ip), at(header), base, length, count]) as c_int
        })*
    };
}
checksums!(ef_udp_checksum_is_correct ef_tcp_checksum_is_correct);
checksums!(ef_udp_checksum_ip6_is_correct ef_tcp_checksum_ip6_is_correct);

macro_rules! checksums_of_families {
    ($($name:ident)*) => {
        $(#[unsafe(no_mangle)]
        unsafe extern "C" fn $name(
            family: c_int,
            ip: *const c_void,
            header: *const c_void,
            iov: *const libc::iovec,
            n: c_int,
        ) -> u32 {
            // SAFETY: the caller's vector.
            let [base, length, count] = unsafe { piece(iov, n) };
            note(stringify!($name), &[family as u64, at(ip), at(header), base, length, count]) as u32
        })*
    };
}
checksums_of_families!(ef_udp_checksum_ipx ef_tcp_checksum_ipx);

macro_rules! looks {
    ($($name:ident)*) => {
        $(#[unsafe(no_mangle)]
        unsafe extern "C" fn $name(vi: *const c_void, look_ahead: c_int) -> c_int {
            note(stringify!($name), &[at(vi), look_ahead as u64]) as c_int
        })*
    };
}
looks!(ef_eventq_check_event ef_eventq_check_event_phase_bit efxdp_ef_eventq_check_event);

#[unsafe(no_mangle)]
unsafe extern "C" fn efct_ef_eventq_check_event(vi: *const c_void) -> c_int {
    note("efct_ef_eventq_check_event", &[at(vi)]) as c_int
}

#[unsafe(no_mangle)]
unsafe extern "C" fn efct_vi_rxpkt_get(vi: *mut c_void, pkt_id: u32) -> *const c_void {
    core::ptr::without_provenance(note("efct_vi_rxpkt_get", &[at(vi), pkt_id.into()]) as usize)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn __ef_vi_reinit_txq_post_error(vi: *mut c_void) -> c_int {
    note("__ef_vi_reinit_txq_post_error", &[at(vi)]) as c_int
}

/// The functions, by name.
const FUNCTIONS: [(&str, *const c_void); 12] = [
    ("ef_udp_checksum_ipx", ef_udp_checksum_ipx as *const c_void),
    ("ef_tcp_checksum_ipx", ef_tcp_checksum_ipx as *const c_void),
    ("ef_udp_checksum_is_correct", ef_udp_checksum_is_correct as *const c_void),
    ("ef_tcp_checksum_is_correct", ef_tcp_checksum_is_correct as *const c_void),
    ("ef_udp_checksum_ip6_is_correct", ef_udp_checksum_ip6_is_correct as *const c_void),
    ("ef_tcp_checksum_ip6_is_correct", ef_tcp_checksum_ip6_is_correct as *const c_void),
    ("ef_eventq_check_event", ef_eventq_check_event as *const c_void),
    ("ef_eventq_check_event_phase_bit", ef_eventq_check_event_phase_bit as *const c_void),
    ("efxdp_ef_eventq_check_event", efxdp_ef_eventq_check_event as *const c_void),
    ("efct_ef_eventq_check_event", efct_ef_eventq_check_event as *const c_void),
    ("efct_vi_rxpkt_get", efct_vi_rxpkt_get as *const c_void),
    ("__ef_vi_reinit_txq_post_error", __ef_vi_reinit_txq_post_error as *const c_void),
];

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().map(|(name, _)| *name)
}

/// Has the inline functions of C call them, too.
pub fn fill(c: &Inline) {
    for (name, function) in FUNCTIONS {
        c.forward(name, function);
    }
}

unsafe extern "C" fn ctpio(vi: *mut ef_vi, len: usize, iov: *const libc::iovec, n: c_int, threshold: c_uint) {
    // SAFETY: the caller's vector.
    let [base, length, count] = unsafe { piece(iov, n) };
    note("transmitv_ctpio", &[at(vi), len as u64, base, length, count, threshold.into()]);
}

/// Fills the entries that are called. `table` is where that of the shared queues is.
///
/// # Safety
///
/// `vi` has room for the structure, and `table` for any table.
pub unsafe fn tables(vi: *mut ef_vi, table: *mut c_void) {
    // SAFETY: the caller's room.
    unsafe {
        (*vi).ops.transmitv_ctpio = Some(ctpio);
        #[cfg(onload_since = "9.0.1")]
        {
            (*vi).ops.receive_get_timestamp = Some(timestamp);
            (*vi).ops.eventq_has_event = Some(has_event);
            (*vi).ops.eventq_has_many_events = Some(has_many_events);
        }
        #[cfg(onload_since = "9.1-next")]
        {
            (*vi).efct_rxqs.ops = table.cast();
            (*(*vi).efct_rxqs.ops).set_client_buf_count = Some(set_count);
        }
        #[cfg(not(onload_since = "9.1-next"))]
        let _ = table;
    }
}

#[cfg(onload_since = "9.0.1")]
unsafe extern "C" fn timestamp(vi: *mut ef_vi, packet: *const c_void, time: *mut ef_precisetime) -> c_int {
    let result = note("receive_get_timestamp", &[at(vi), at(packet)]);
    let time_out = ef_precisetime {
        tv_sec: (result >> 8) as _,
        tv_nsec: (result >> 16) as _,
        tv_nsec_frac: (result >> 24) as _,
        tv_flags: (result >> 32) as _,
    };
    // SAFETY: the caller has room for it.
    unsafe { time.write(time_out) };
    result as c_int
}

#[cfg(onload_since = "9.0.1")]
unsafe extern "C" fn has_event(vi: *const ef_vi) -> c_int {
    note("eventq_has_event", &[at(vi)]) as c_int
}

#[cfg(onload_since = "9.0.1")]
unsafe extern "C" fn has_many_events(vi: *const ef_vi, n: c_int) -> c_int {
    note("eventq_has_many_events", &[at(vi), n as u64]) as c_int
}

#[cfg(onload_since = "9.1-next")]
unsafe extern "C" fn set_count(vi: *mut ef_vi, count: usize) -> c_int {
    note("set_client_buf_count", &[at(vi), count as u64]) as c_int
}
