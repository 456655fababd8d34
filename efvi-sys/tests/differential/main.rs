//! The twins of C's inline functions and macros against C's own, compiled from our headers of the release: both are
//! given the same VIs and arguments at random, and must return the same, write the same, and call the same.

#[cfg(not(efvi_sys_generated))]
#[allow(unused_imports, dead_code, reason = "they serve programs, and here only their twins are of interest")]
#[path = "../../src/bindings/mod.rs"]
mod bindings;
#[cfg(efvi_sys_generated)]
#[allow(unused_imports, dead_code, clippy::all, reason = "as above, and nobody wrote them")]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}
mod c;
mod library;
mod world;

use bindings::*;
use c::Inline;
use core::ffi::{c_int, c_uint, c_void};

/// Compares a twin with C over many VIs. The arguments are made of the world and its random numbers.
macro_rules! compare {
    ($c:ident, |$world:ident| $name:ident($($value:expr => $t:ty),*) -> $r:ty) => {{
        // SAFETY: that is C's type of it, as the tests of the interface hold the twin's to be.
        let theirs = unsafe {
            core::mem::transmute::<*mut c_void, unsafe extern "C" fn($($t),*) -> $r>($c.function(stringify!($name)))
        };
        world::compare(stringify!($name), |$world, is_c| {
            // SAFETY: the VI has what these read, and the library's functions are this test's.
            #[allow(deprecated)]
            let result: $r = unsafe { if is_c { theirs($($value),*) } else { $name($($value),*) } };
            world::Word::word(&result)
        });
    }};
}

#[test]
fn twins_do_what_c_does() {
    let mut c = Inline::compile(RELEASE);
    library::fill(&c);
    rings_and_numbers(&mut c);
    calls(&mut c);
    data(&mut c);
    checksums(&mut c);
    #[cfg(onload_since = "9.1.0")]
    since_9_1(&mut c);
    c.assert_all_compared();
}

fn rings_and_numbers(c: &mut Inline) {
    compare!(c, |w| ef_vi_resource_id(w.vi() => *mut ef_vi) -> c_uint);
    compare!(c, |w| ef_vi_flags(w.vi() => *mut ef_vi) -> ef_vi_flags);
    compare!(c, |w| ef_vi_instance(w.vi() => *mut ef_vi) -> c_uint);
    compare!(c, |w| ef_vi_receive_prefix_len(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_vi_receive_buffer_len(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_vi_receive_set_buffer_len(w.vi() => *mut ef_vi, w.random() as u32 => c_uint) -> ());
    compare!(c, |w| ef_vi_receive_space(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_vi_receive_fill_level(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_vi_receive_capacity(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_vi_transmit_space(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_vi_transmit_fill_level(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_vi_transmit_space_bytes(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_vi_transmit_fill_level_bytes(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_vi_transmit_capacity(w.vi() => *const ef_vi) -> c_int);
    compare!(c, |w| ef_eventq_current(w.vi() => *mut ef_vi) -> c_uint);
}

fn calls(c: &mut Inline) {
    compare!(c, |w| ef_vi_transmit_ctpio(
        w.vi() => *mut ef_vi, w.bytes() => *const c_void, w.random() as usize => usize, w.random() as u32 => c_uint) -> ());
    // By turns inline functions, macros and functions of the library.
    #[cfg(onload_since = "9.0.1")]
    {
        compare!(c, |w| efct_vi_rxpkt_get_timestamp(
        w.vi() => *mut ef_vi, w.random() as u32 => u32, w.small() => *mut libc::timespec,
        w.small::<u64>().wrapping_add(4).cast() => *mut c_uint) -> c_int);
        compare!(c, |w| ef_eventq_check_event(w.vi() => *const ef_vi, w.random() as i32 => c_int) -> c_int);
        compare!(c, |w| ef_eventq_check_event_phase_bit(w.vi() => *const ef_vi, w.random() as i32 => c_int) -> c_int);
        compare!(c, |w| efxdp_ef_eventq_check_event(w.vi() => *const ef_vi, w.random() as i32 => c_int) -> c_int);
        compare!(c, |w| efct_ef_eventq_check_event(w.vi() => *const ef_vi) -> c_int);
    }
    #[cfg(not(onload_since = "9.0.1"))]
    {
        compare!(c, |w| ef_eventq_has_event(w.vi() => *const ef_vi) -> c_int);
        compare!(c, |w| ef_eventq_has_many_events(w.vi() => *const ef_vi, w.random() as i32 => c_int) -> c_int);
    }
}

fn data(c: &mut Inline) {
    compare!(c, |w| ef_memreg_dma_addr(w.region() => *mut ef_memreg, w.random() as usize % 0x20_0000 => usize) -> ef_addr);
    compare!(c, |w| ef_vi_transmit_alt_usage(
        w.small() => *const ef_vi_transmit_alt_overhead, w.random() as u32 => u32) -> u32);
    compare!(c, |w| ef_packed_stream_packet_first(
        w.bytes() => *mut c_void, w.random() as i32 & 0xFF8 => c_int) -> *mut ef_packed_stream_packet);
    compare!(c, |w| ef_packed_stream_packet_next(
        w.bytes() => *mut ef_packed_stream_packet) -> *mut ef_packed_stream_packet);
    compare!(c, |w| ef_packed_stream_packet_payload(w.bytes() => *mut ef_packed_stream_packet) -> *mut c_void);
    compare!(c, |w| onload_delegated_send_tcp_update(
        w.delegated_send() => *mut onload_delegated_send, w.length() => c_int, w.random() as i32 & 1 => c_int) -> ());
    compare!(c, |w| onload_delegated_send_tcp_advance(
        w.delegated_send() => *mut onload_delegated_send, w.length() => c_int) -> ());
}

#[cfg(onload_since = "8.1.3")]
fn checksums(c: &mut Inline) {
    macro_rules! compare_checksum {
        ($name:ident, $header:ty, $r:ty) => {
            compare!(c, |w| $name(
                w.family() => c_int, w.bytes() => *const c_void, w.bytes() => *const $header,
                w.bytes() => *const c_void, w.random() as usize => usize) -> $r);
        };
    }
    compare_checksum!(ef_udp_checksum_ipx_buf, udphdr, u32);
    compare_checksum!(ef_tcp_checksum_ipx_buf, tcphdr, u32);
    compare_checksum!(ef_udp_checksum_ipx_is_correct, udphdr, c_int);
    compare_checksum!(ef_tcp_checksum_ipx_is_correct, tcphdr, c_int);
}

#[cfg(not(onload_since = "8.1.3"))]
fn checksums(_: &mut Inline) {}

#[cfg(onload_since = "9.1.0")]
fn since_9_1(c: &mut Inline) {
    compare!(c, |w| __ef_vi_get_vi_from_q_id(w.vi() => *mut ef_vi, w.queue() => c_int) -> *mut ef_vi);
    compare!(c, |w| ef_vi_get_vi_from_q_id(w.vi() => *mut ef_vi, w.queue() => c_int) -> *mut ef_vi);
    compare!(c, |w| ef_vi_reinit_txq_post_error(w.vi() => *mut ef_vi) -> c_int);
    #[cfg(onload_since = "9.1-next")]
    compare!(c, |w| ef_vi_set_shrub_client_buffer_count(w.vi() => *mut ef_vi, w.random() as usize => usize) -> c_int);
    // Flags at random have several causes nearly always: each alone and each pair, too.
    type Subtype = unsafe extern "C" fn(c_uint) -> c_uint;
    // SAFETY: that is C's type of it.
    let subtype =
        unsafe { core::mem::transmute::<*mut c_void, Subtype>(c.function("ef_vi_get_rx_discard_subtype_from_flags")) };
    for (a, b) in (0..32).flat_map(|a| (0..32).map(move |b| (a, b))) {
        let flags = 1 << a | 1 << b;
        // SAFETY: it only computes.
        assert_eq!(ef_vi_get_rx_discard_subtype_from_flags(flags), unsafe { subtype(flags) }, "{flags:#x}");
    }
    // A loop in C, and here an iterator.
    type Walk = unsafe extern "C" fn(*mut ef_vi, *mut ef_request_id) -> usize;
    // SAFETY: so it is declared in c.rs.
    let walk =
        unsafe { core::mem::transmute::<*mut c_void, Walk>(c.function("ef_vi_for_each_tx_error_failed_transmit")) };
    world::compare("ef_vi_for_each_tx_error_failed_transmit", |w, is_c| {
        let mut ids = [0; world::SLOTS];
        // SAFETY: there is room for as many ids as the ring has.
        let count = unsafe {
            match is_c {
                true => walk(w.vi(), ids.as_mut_ptr()),
                false => ef_vi_for_each_tx_error_failed_transmit(w.vi()).zip(&mut ids).map(|(id, to)| *to = id).count(),
            }
        };
        ids.iter().fold(count as u64, |sum, id| sum.wrapping_mul(31).wrapping_add(*id as u64))
    });
}
