//! What stands before a frame in its first buffer.

use super::receive::{PREFIX, PREFIX_FILTER_AT, PREFIX_LENGTH_AT, PREFIX_STAMP_AT};
use super::release::{self, RX_FILTER_ID};
use crate::abi::*;
use crate::watch::exported;
use core::ffi::{CStr, c_int, c_void};

/// Flags for which there is a prefix.
pub(super) const PREFIXED: ef_vi_flags = EF_VI_RX_TIMESTAMPS | EF_VI_RX_EVENT_MERGE | RX_FILTER_ID;

/// The entries of one layout, of which C code sees as many as there are.
struct Entries([ef_vi_layout_entry; 4], c_int);

// SAFETY: the entries point to constant strings only.
unsafe impl Sync for Entries {}

const fn entry(kind: ef_vi_layout_type, offset: usize, description: &'static CStr) -> ef_vi_layout_entry {
    ef_vi_layout_entry { evle_type: kind, evle_offset: offset as c_int, evle_description: description.as_ptr() }
}

const FRAME: ef_vi_layout_entry = entry(EF_VI_LAYOUT_FRAME, PREFIX, c"frame");
const LENGTH: ef_vi_layout_entry = entry(EF_VI_LAYOUT_PACKET_LENGTH, PREFIX_LENGTH_AT, c"packet length");
const STAMP: ef_vi_layout_entry = entry(EF_VI_LAYOUT_MINOR_TICKS, PREFIX_STAMP_AT, c"part of a second");
const FILTER: ef_vi_layout_entry = entry(release::LAYOUT_FILTER_ID, PREFIX_FILTER_AT, c"filter id");

static BARE: Entries = Entries([entry(EF_VI_LAYOUT_FRAME, 0, c"frame"), LENGTH, STAMP, FILTER], 1);
static PLAIN: Entries = Entries([FRAME, LENGTH, STAMP, FILTER], 2);
static STAMPED: Entries = Entries([FRAME, LENGTH, STAMP, FILTER], 3);
static FILTERED: Entries = Entries([FRAME, LENGTH, FILTER, STAMP], 3);
static FULL: Entries = Entries([FRAME, LENGTH, STAMP, FILTER], 4);

exported! {
    /// `ef_vi_receive_query_layout`.
    fn ef_vi_receive_query_layout(
        vi: *mut ef_vi, layout: *mut *const ef_vi_layout_entry, length: *mut c_int
    ) -> c_int = query;
}

unsafe fn query(vi: *mut ef_vi, layout: *mut *const ef_vi_layout_entry, length: *mut c_int) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, and room for the results.
    unsafe {
        let flags = (*vi).vi_flags;
        let entries = match (flags & EF_VI_RX_TIMESTAMPS != 0, release::has_filter_ids(flags)) {
            _ if (*vi).rx_prefix_len == 0 => &BARE,
            (false, false) => &PLAIN,
            (true, false) => &STAMPED,
            (false, true) => &FILTERED,
            (true, true) => &FULL,
        };
        *layout = entries.0.as_ptr();
        *length = entries.1;
    }
    0
}

exported! {
    /// `ef_vi_receive_get_bytes`: the length of the frame, from its prefix.
    fn ef_vi_receive_get_bytes(vi: *mut ef_vi, packet: *const c_void, bytes: *mut u16) -> c_int = packet_bytes;
}

unsafe fn packet_bytes(vi: *mut ef_vi, packet: *const c_void, bytes: *mut u16) -> c_int {
    // SAFETY: the ABI's contract: the packet starts with its prefix.
    unsafe {
        let raw: u16 = packet.byte_add((*vi).rx_pkt_len_offset as usize).cast::<u16>().read_unaligned();
        *bytes = u16::from_le(raw) & (*vi).rx_pkt_len_mask as u16;
    }
    0
}

exported! {
    /// `ef_vi_receive_get_user_data`: for adapters that mark packets, which none is any more.
    fn ef_vi_receive_get_user_data(
        vi: *mut ef_vi, packet: *const c_void, user_mark: *mut u32, user_flag: *mut u8
    ) -> c_int = user_data;
}

unsafe fn user_data(_vi: *mut ef_vi, _packet: *const c_void, _user_mark: *mut u32, _user_flag: *mut u8) -> c_int {
    -libc::EOPNOTSUPP
}
