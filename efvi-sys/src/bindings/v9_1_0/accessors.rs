// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! What C reads of an event by macros. Each compiles to a load, a shift and a mask.

#![allow(non_snake_case)]

use super::*;

/// Type of an event: `EF_EVENT_TYPE_*`. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TYPE(e: &ef_event) -> u32 {
    e.generic().type_
}

/// Bytes received. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_BYTES(e: &ef_event) -> u32 {
    e.rx().len
}

/// Queue that received. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_Q_ID(e: &ef_event) -> u32 {
    e.rx().q_id
}

/// Id of the buffer received into. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_RQ_ID(e: &ef_event) -> u32 {
    e.rx().rq_id
}

/// Set if the packet continues in the next buffer. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_CONT(e: &ef_event) -> u32 {
    e.rx().flags & EF_EVENT_FLAG_CONT
}

/// Set if the buffer has the start of the packet. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_SOP(e: &ef_event) -> u32 {
    e.rx().flags & EF_EVENT_FLAG_SOP
}

/// Set if the event is the first in a new packed-stream buffer. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_PS_NEXT_BUFFER(e: &ef_event) -> u32 {
    e.rx_packed_stream().flags & EF_EVENT_FLAG_PS_NEXT_BUFFER
}

/// Set if the iSCSI digests are right. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_ISCSI_OKAY(e: &ef_event) -> u32 {
    e.rx().flags & EF_EVENT_FLAG_ISCSI_OK
}

/// Queue that sent. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_Q_ID(e: &ef_event) -> u32 {
    e.tx().q_id
}

/// Set if the sends went by CTPIO. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_CTPIO(e: &ef_event) -> u32 {
    e.tx().flags & EF_EVENT_FLAG_CTPIO
}

/// Queue that received what is discarded. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_DISCARD_Q_ID(e: &ef_event) -> u32 {
    e.rx_discard().q_id
}

/// Id of the buffer with what is discarded. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_DISCARD_RQ_ID(e: &ef_event) -> u32 {
    e.rx_discard().rq_id
}

/// Set if the discarded packet continues in the next buffer. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_DISCARD_CONT(e: &ef_event) -> u32 {
    e.rx_discard().flags & EF_EVENT_FLAG_CONT
}

/// Set if the buffer has the start of the discarded packet. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_DISCARD_SOP(e: &ef_event) -> u32 {
    e.rx_discard().flags & EF_EVENT_FLAG_SOP
}

/// Reason of the discard: `EF_EVENT_RX_DISCARD_*`. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_DISCARD_TYPE(e: &ef_event) -> u32 {
    e.rx_discard().subtype
}

/// Bytes received of what is discarded. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_DISCARD_BYTES(e: &ef_event) -> u32 {
    e.rx_discard().len
}

/// Queue that received the merged packets. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_MULTI_Q_ID(e: &ef_event) -> u32 {
    e.rx_multi().q_id
}

/// Set if the last of the merged packets continues. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_MULTI_CONT(e: &ef_event) -> u32 {
    e.rx_multi().flags & EF_EVENT_FLAG_CONT
}

/// Set if the merged buffers begin with a packet's start. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_MULTI_SOP(e: &ef_event) -> u32 {
    e.rx_multi().flags & EF_EVENT_FLAG_SOP
}

/// Reason of the merged discard: `EF_EVENT_RX_DISCARD_*`. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_MULTI_DISCARD_TYPE(e: &ef_event) -> u32 {
    e.rx_multi_discard().subtype
}

/// Queue whose send failed. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_ERROR_Q_ID(e: &ef_event) -> u32 {
    e.tx_error().q_id
}

/// Reason of the failure: `EF_EVENT_TX_ERROR_*`. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_ERROR_TYPE(e: &ef_event) -> u32 {
    e.tx_error().subtype
}

/// Queue that sent the timestamped packet. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_WITH_TIMESTAMP_Q_ID(e: &ef_event) -> u32 {
    e.tx_timestamp().q_id
}

/// Id of the timestamped send. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID(e: &ef_event) -> u32 {
    e.tx_timestamp().rq_id
}

/// Seconds of the transmit time. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_WITH_TIMESTAMP_SEC(e: &ef_event) -> u32 {
    e.tx_timestamp().ts_sec
}

/// Nanoseconds of the transmit time. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_WITH_TIMESTAMP_NSEC(e: &ef_event) -> u32 {
    e.tx_timestamp().ts_nsec
}

/// Fraction of a nanosecond of the transmit time, in 1/65536. Since Onload 9.0.1.
#[inline(always)]
pub const fn EF_EVENT_TX_WITH_TIMESTAMP_NSEC_FRAC16(e: &ef_event) -> u32 {
    e.tx_timestamp().ts_nsec_frac << (16 - EF_VI_TX_TS_FRAC_NS_BITS)
}

/// Whether the clock was set and synchronised: `EF_VI_SYNC_FLAG_*`. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(e: &ef_event) -> u32 {
    e.tx_timestamp().ts_flags
}

/// Queue of the TX alternative. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_ALT_Q_ID(e: &ef_event) -> u32 {
    e.tx_alt().q_id
}

/// TX alternative that sent or dropped a packet. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_TX_ALT_ALT_ID(e: &ef_event) -> u32 {
    e.tx_alt().alt_id
}

/// Queue that ran out of buffers. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_RX_NO_DESC_TRUNC_Q_ID(e: &ef_event) -> u32 {
    e.rx_no_desc_trunc().q_id
}

/// The bits of a software event. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_SW_DATA(e: &ef_event) -> u32 {
    e.sw().data
}

/// The argument that formats an event. Since Onload 8.1 or before.
#[inline(always)]
pub const fn EF_EVENT_PRI_ARG(e: &ef_event) -> u32 {
    e.generic().type_
}
