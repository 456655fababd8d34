//! Packed streams: many packets in one large buffer, each behind a header.

use core::ffi::{c_int, c_void};

use super::*;

/// First packet of a packed-stream buffer. Since Onload 8.1 or before.
///
/// # Safety
///
/// `start_of_buffer` is a packed-stream buffer, and the offset is that of `ef_vi_packed_stream_get_params`.
#[inline(always)]
pub unsafe fn ef_packed_stream_packet_first(
    start_of_buffer: *mut c_void,
    psp_start_offset: c_int,
) -> *mut ef_packed_stream_packet {
    // SAFETY: the offset lies in the buffer.
    unsafe { start_of_buffer.byte_offset(psp_start_offset as isize).cast() }
}

/// The packet after one in a packed-stream buffer. Since Onload 8.1 or before.
///
/// # Safety
///
/// `ps_pkt` is a packet that an event announced.
#[inline(always)]
pub unsafe fn ef_packed_stream_packet_next(ps_pkt: *mut ef_packed_stream_packet) -> *mut ef_packed_stream_packet {
    // SAFETY: the adapter wrote the header; the next packet is in the same buffer.
    unsafe { ps_pkt.byte_add((*ps_pkt).ps_next_offset as usize) }
}

/// Frame of a packet in a packed-stream buffer. Since Onload 8.1 or before.
///
/// # Safety
///
/// `ps_pkt` is a packet that an event announced.
#[inline(always)]
pub unsafe fn ef_packed_stream_packet_payload(ps_pkt: *mut ef_packed_stream_packet) -> *mut c_void {
    // SAFETY: the adapter wrote the header; the frame is in the same buffer.
    unsafe { ps_pkt.byte_add((*ps_pkt).ps_pkt_start_offset as usize).cast() }
}
