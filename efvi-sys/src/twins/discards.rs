//! Why a received packet was discarded.

use core::ffi::c_uint;

use super::*;

/// Reason of a discard as `EF_EVENT_RX_DISCARD_*` for `EF_VI_DISCARD_RX_*` flags; of several, the lowest layer's.
/// Since Onload 9.1.0.
#[inline(always)]
pub const fn ef_vi_get_rx_discard_subtype_from_flags(flags: c_uint) -> c_uint {
    if flags & EF_VI_DISCARD_RX_ETH_LEN_ERR != 0 {
        EF_EVENT_RX_DISCARD_TRUNC
    } else if flags & EF_VI_DISCARD_RX_ETH_FCS_ERR != 0 {
        EF_EVENT_RX_DISCARD_CRC_BAD
    } else if flags & (EF_VI_DISCARD_RX_L3_CSUM_ERR | EF_VI_DISCARD_RX_L4_CSUM_ERR) != 0 {
        EF_EVENT_RX_DISCARD_CSUM_BAD
    } else if flags & (EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR | EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR) != 0 {
        EF_EVENT_RX_DISCARD_INNER_CSUM_BAD
    } else {
        EF_EVENT_RX_DISCARD_OTHER
    }
}
