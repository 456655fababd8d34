//! Checksums of packets whose payload is in one piece, over either IP.

use core::ffi::{c_int, c_void};

use super::*;

/// A payload in one piece as a vector.
#[inline(always)]
fn one_piece(payload: *const c_void, payload_len: usize) -> libc::iovec {
    libc::iovec { iov_base: payload.cast_mut(), iov_len: payload_len }
}

/// Checksum of UDP over either IP, payload in one piece. Since Onload 8.1.3.
///
/// # Safety
///
/// `ipx` is a header of family `af`, `udp` a UDP header, and `payload` has `payload_len` bytes.
#[inline(always)]
pub unsafe fn ef_udp_checksum_ipx_buf(
    af: c_int,
    ipx: *const c_void,
    udp: *const udphdr,
    payload: *const c_void,
    payload_len: usize,
) -> u32 {
    let iov = one_piece(payload, payload_len);
    // SAFETY: the same contract.
    unsafe { ef_udp_checksum_ipx(af, ipx, udp, &raw const iov, 1) }
}

/// Checksum of TCP over either IP, payload in one piece. Since Onload 8.1.3.
///
/// # Safety
///
/// `ipx` is a header of family `af`, `tcp` a TCP header, and `payload` has `payload_len` bytes.
#[inline(always)]
pub unsafe fn ef_tcp_checksum_ipx_buf(
    af: c_int,
    ipx: *const c_void,
    tcp: *const tcphdr,
    payload: *const c_void,
    payload_len: usize,
) -> u32 {
    let iov = one_piece(payload, payload_len);
    // SAFETY: the same contract.
    unsafe { ef_tcp_checksum_ipx(af, ipx, tcp, &raw const iov, 1) }
}

/// Whether UDP over either IP has the right checksum, payload in one piece: 1 or 0. Since Onload 8.1.3.
///
/// # Safety
///
/// `ipx` is a header of family `af`, `udp` a UDP header, and `payload` has `payload_len` bytes.
#[inline(always)]
pub unsafe fn ef_udp_checksum_ipx_is_correct(
    af: c_int,
    ipx: *const c_void,
    udp: *const udphdr,
    payload: *const c_void,
    payload_len: usize,
) -> c_int {
    let iov = one_piece(payload, payload_len);
    if af == libc::AF_INET6 {
        // SAFETY: the same contract.
        unsafe { ef_udp_checksum_ip6_is_correct(ipx.cast(), udp, &raw const iov, 1) }
    } else {
        // SAFETY: the same contract.
        unsafe { ef_udp_checksum_is_correct(ipx.cast(), udp, &raw const iov, 1) }
    }
}

/// Whether TCP over either IP has the right checksum, payload in one piece: 1 or 0. Since Onload 8.1.3.
///
/// # Safety
///
/// `ipx` is a header of family `af`, `tcp` a TCP header, and `payload` has `payload_len` bytes.
#[inline(always)]
pub unsafe fn ef_tcp_checksum_ipx_is_correct(
    af: c_int,
    ipx: *const c_void,
    tcp: *const tcphdr,
    payload: *const c_void,
    payload_len: usize,
) -> c_int {
    let iov = one_piece(payload, payload_len);
    if af == libc::AF_INET6 {
        // SAFETY: the same contract.
        unsafe { ef_tcp_checksum_ip6_is_correct(ipx.cast(), tcp, &raw const iov, 1) }
    } else {
        // SAFETY: the same contract.
        unsafe { ef_tcp_checksum_is_correct(ipx.cast(), tcp, &raw const iov, 1) }
    }
}
