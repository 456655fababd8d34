// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! Onload 9.0.1 as the Rust compiler sees the bindings.

#![allow(deprecated)]

use core::ffi::*;
use core::mem::{align_of, offset_of, size_of};

#[cfg(not(all(efvi_sys_generated, onload = "9.0.1")))]
#[allow(
    unused_imports,
    dead_code,
    clashing_extern_declarations,
    clippy::duplicate_mod,
    reason = "the bindings serve programs; releases share twins, and this compares what the facts name"
)]
#[path = "../../../src/bindings/v9_0_1/mod.rs"]
mod bindings;
#[cfg(not(all(efvi_sys_generated, onload = "9.0.1")))]
use bindings::*;
// Those that feature `bindgen` made are held to the same facts.
#[cfg(all(efvi_sys_generated, onload = "9.0.1"))]
use efvi_sys::*;

use crate::calls::{Accessor, Call};
use crate::table::{Bitfield, Field, Table, Type, Value, bytes, value, width};

/// The bindings.
pub const TABLE: Table = Table {
    release: "9.0.1",
    types: TYPES,
    fields: FIELDS,
    bitfields: BITFIELDS,
    values: VALUES,
    functions: FUNCTIONS,
    macros: MACROS,
    calls: CALLS,
    accessors: ACCESSORS,
};

const TYPES: &[Type] = &[
    Type { name: "ef_event", size: size_of::<ef_event>(), align: align_of::<ef_event>() },
    Type { name: "ef_iovec", size: size_of::<ef_iovec>(), align: align_of::<ef_iovec>() },
    Type { name: "ef_remote_iovec", size: size_of::<ef_remote_iovec>(), align: align_of::<ef_remote_iovec>() },
    Type { name: "ef_precisetime", size: size_of::<ef_precisetime>(), align: align_of::<ef_precisetime>() },
    Type { name: "ef_vi_txq_state", size: size_of::<ef_vi_txq_state>(), align: align_of::<ef_vi_txq_state>() },
    Type { name: "ef_vi_efct_rxq_ptr", size: size_of::<ef_vi_efct_rxq_ptr>(), align: align_of::<ef_vi_efct_rxq_ptr>() },
    Type { name: "ef_vi_rxq_state", size: size_of::<ef_vi_rxq_state>(), align: align_of::<ef_vi_rxq_state>() },
    Type { name: "ef_eventq_state", size: size_of::<ef_eventq_state>(), align: align_of::<ef_eventq_state>() },
    Type { name: "ef_vi_txq", size: size_of::<ef_vi_txq>(), align: align_of::<ef_vi_txq>() },
    Type { name: "ef_vi_rxq", size: size_of::<ef_vi_rxq>(), align: align_of::<ef_vi_rxq>() },
    Type { name: "ef_vi_efct_rxq", size: size_of::<ef_vi_efct_rxq>(), align: align_of::<ef_vi_efct_rxq>() },
    Type { name: "ef_vi_efct_rxq_ops", size: size_of::<ef_vi_efct_rxq_ops>(), align: align_of::<ef_vi_efct_rxq_ops>() },
    Type { name: "ef_vi_efct_rxqs", size: size_of::<ef_vi_efct_rxqs>(), align: align_of::<ef_vi_efct_rxqs>() },
    Type { name: "ef_vi_state", size: size_of::<ef_vi_state>(), align: align_of::<ef_vi_state>() },
    Type { name: "ef_vi_stats", size: size_of::<ef_vi_stats>(), align: align_of::<ef_vi_stats>() },
    Type { name: "struct ef_vi_nic_type", size: size_of::<ef_vi_nic_type>(), align: align_of::<ef_vi_nic_type>() },
    Type {
        name: "struct ef_vi_transmit_alt_overhead",
        size: size_of::<ef_vi_transmit_alt_overhead>(),
        align: align_of::<ef_vi_transmit_alt_overhead>(),
    },
    Type { name: "struct ef_vi_tx_extra", size: size_of::<ef_vi_tx_extra>(), align: align_of::<ef_vi_tx_extra>() },
    Type {
        name: "ef_vi_tx_warm_state",
        size: size_of::<ef_vi_tx_warm_state>(),
        align: align_of::<ef_vi_tx_warm_state>(),
    },
    Type { name: "ef_vi", size: size_of::<ef_vi>(), align: align_of::<ef_vi>() },
    Type { name: "ef_vi_layout_entry", size: size_of::<ef_vi_layout_entry>(), align: align_of::<ef_vi_layout_entry>() },
    Type { name: "ef_vi_set", size: size_of::<ef_vi_set>(), align: align_of::<ef_vi_set>() },
    Type { name: "ef_filter_spec", size: size_of::<ef_filter_spec>(), align: align_of::<ef_filter_spec>() },
    Type { name: "ef_filter_cookie", size: size_of::<ef_filter_cookie>(), align: align_of::<ef_filter_cookie>() },
    Type { name: "ef_filter_info", size: size_of::<ef_filter_info>(), align: align_of::<ef_filter_info>() },
    Type {
        name: "ef_vi_stats_field_layout",
        size: size_of::<ef_vi_stats_field_layout>(),
        align: align_of::<ef_vi_stats_field_layout>(),
    },
    Type { name: "ef_vi_stats_layout", size: size_of::<ef_vi_stats_layout>(), align: align_of::<ef_vi_stats_layout>() },
    Type { name: "ef_pd", size: size_of::<ef_pd>(), align: align_of::<ef_pd>() },
    Type { name: "ef_memreg", size: size_of::<ef_memreg>(), align: align_of::<ef_memreg>() },
    Type { name: "ef_pio", size: size_of::<ef_pio>(), align: align_of::<ef_pio>() },
    Type {
        name: "ef_packed_stream_packet",
        size: size_of::<ef_packed_stream_packet>(),
        align: align_of::<ef_packed_stream_packet>(),
    },
    Type {
        name: "ef_packed_stream_params",
        size: size_of::<ef_packed_stream_params>(),
        align: align_of::<ef_packed_stream_params>(),
    },
    Type {
        name: "struct onload_timestamp",
        size: size_of::<onload_timestamp>(),
        align: align_of::<onload_timestamp>(),
    },
    Type {
        name: "struct scm_timestamping_ooext",
        size: size_of::<scm_timestamping_ooext>(),
        align: align_of::<scm_timestamping_ooext>(),
    },
    Type {
        name: "struct onload_scm_timestamping_stream",
        size: size_of::<onload_scm_timestamping_stream>(),
        align: align_of::<onload_scm_timestamping_stream>(),
    },
    Type { name: "struct onload_stat", size: size_of::<onload_stat>(), align: align_of::<onload_stat>() },
    Type {
        name: "struct onload_ordered_epoll_event",
        size: size_of::<onload_ordered_epoll_event>(),
        align: align_of::<onload_ordered_epoll_event>(),
    },
    Type {
        name: "struct onload_delegated_send",
        size: size_of::<onload_delegated_send>(),
        align: align_of::<onload_delegated_send>(),
    },
    Type { name: "struct onload_tcp_info", size: size_of::<onload_tcp_info>(), align: align_of::<onload_tcp_info>() },
    Type { name: "struct onload_zc_iovec", size: size_of::<onload_zc_iovec>(), align: align_of::<onload_zc_iovec>() },
    Type { name: "struct onload_zc_msg", size: size_of::<onload_zc_msg>(), align: align_of::<onload_zc_msg>() },
    Type { name: "struct onload_zc_mmsg", size: size_of::<onload_zc_mmsg>(), align: align_of::<onload_zc_mmsg>() },
    Type {
        name: "struct onload_zc_recv_args",
        size: size_of::<onload_zc_recv_args>(),
        align: align_of::<onload_zc_recv_args>(),
    },
    Type {
        name: "struct onload_template_msg_update_iovec",
        size: size_of::<onload_template_msg_update_iovec>(),
        align: align_of::<onload_template_msg_update_iovec>(),
    },
];

const FIELDS: &[Field] = &[
    Field {
        ty: "ef_iovec",
        path: "iov_base",
        offset: offset_of!(ef_iovec, iov_base),
        width: Some(width(|s: &ef_iovec| &s.iov_base)),
    },
    Field {
        ty: "ef_iovec",
        path: "iov_len",
        offset: offset_of!(ef_iovec, iov_len),
        width: Some(width(|s: &ef_iovec| &s.iov_len)),
    },
    Field {
        ty: "ef_remote_iovec",
        path: "iov_base",
        offset: offset_of!(ef_remote_iovec, iov_base),
        width: Some(width(|s: &ef_remote_iovec| &s.iov_base)),
    },
    Field {
        ty: "ef_remote_iovec",
        path: "iov_len",
        offset: offset_of!(ef_remote_iovec, iov_len),
        width: Some(width(|s: &ef_remote_iovec| &s.iov_len)),
    },
    Field {
        ty: "ef_remote_iovec",
        path: "flags",
        offset: offset_of!(ef_remote_iovec, flags),
        width: Some(width(|s: &ef_remote_iovec| &s.flags)),
    },
    Field {
        ty: "ef_remote_iovec",
        path: "addrspace",
        offset: offset_of!(ef_remote_iovec, addrspace),
        width: Some(width(|s: &ef_remote_iovec| &s.addrspace)),
    },
    Field {
        ty: "ef_precisetime",
        path: "tv_sec",
        offset: offset_of!(ef_precisetime, tv_sec),
        width: Some(width(|s: &ef_precisetime| &s.tv_sec)),
    },
    Field {
        ty: "ef_precisetime",
        path: "tv_nsec",
        offset: offset_of!(ef_precisetime, tv_nsec),
        width: Some(width(|s: &ef_precisetime| &s.tv_nsec)),
    },
    Field {
        ty: "ef_precisetime",
        path: "tv_nsec_frac",
        offset: offset_of!(ef_precisetime, tv_nsec_frac),
        width: Some(width(|s: &ef_precisetime| &s.tv_nsec_frac)),
    },
    Field {
        ty: "ef_precisetime",
        path: "tv_flags",
        offset: offset_of!(ef_precisetime, tv_flags),
        width: Some(width(|s: &ef_precisetime| &s.tv_flags)),
    },
    Field {
        ty: "ef_vi_txq_state",
        path: "previous",
        offset: offset_of!(ef_vi_txq_state, previous),
        width: Some(width(|s: &ef_vi_txq_state| &s.previous)),
    },
    Field {
        ty: "ef_vi_txq_state",
        path: "added",
        offset: offset_of!(ef_vi_txq_state, added),
        width: Some(width(|s: &ef_vi_txq_state| &s.added)),
    },
    Field {
        ty: "ef_vi_txq_state",
        path: "removed",
        offset: offset_of!(ef_vi_txq_state, removed),
        width: Some(width(|s: &ef_vi_txq_state| &s.removed)),
    },
    Field {
        ty: "ef_vi_txq_state",
        path: "ct_added",
        offset: offset_of!(ef_vi_txq_state, ct_added),
        width: Some(width(|s: &ef_vi_txq_state| &s.ct_added)),
    },
    Field {
        ty: "ef_vi_txq_state",
        path: "ct_removed",
        offset: offset_of!(ef_vi_txq_state, ct_removed),
        width: Some(width(|s: &ef_vi_txq_state| &s.ct_removed)),
    },
    Field {
        ty: "ef_vi_txq_state",
        path: "ts_nsec",
        offset: offset_of!(ef_vi_txq_state, ts_nsec),
        width: Some(width(|s: &ef_vi_txq_state| &s.ts_nsec)),
    },
    Field {
        ty: "ef_vi_txq_state",
        path: "ts_nsec_frac",
        offset: offset_of!(ef_vi_txq_state, ts_nsec_frac),
        width: Some(width(|s: &ef_vi_txq_state| &s.ts_nsec_frac)),
    },
    Field {
        ty: "ef_vi_txq_state",
        path: "ts_flags",
        offset: offset_of!(ef_vi_txq_state, ts_flags),
        width: Some(width(|s: &ef_vi_txq_state| &s.ts_flags)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ptr",
        path: "data_pkt",
        offset: offset_of!(ef_vi_efct_rxq_ptr, data_pkt),
        width: Some(width(|s: &ef_vi_efct_rxq_ptr| &s.data_pkt)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ptr",
        path: "superbuf_pkts",
        offset: offset_of!(ef_vi_efct_rxq_ptr, superbuf_pkts),
        width: Some(width(|s: &ef_vi_efct_rxq_ptr| &s.superbuf_pkts)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ptr",
        path: "meta_offset",
        offset: offset_of!(ef_vi_efct_rxq_ptr, meta_offset),
        width: Some(width(|s: &ef_vi_efct_rxq_ptr| &s.meta_offset)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ptr",
        path: "reserved",
        offset: offset_of!(ef_vi_efct_rxq_ptr, reserved),
        width: Some(width(|s: &ef_vi_efct_rxq_ptr| &s.reserved)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ptr",
        path: "meta_pkt",
        offset: offset_of!(ef_vi_efct_rxq_ptr, meta_pkt),
        width: Some(width(|s: &ef_vi_efct_rxq_ptr| &s.meta_pkt)),
    },
    Field {
        ty: "ef_vi_rxq_state",
        path: "posted",
        offset: offset_of!(ef_vi_rxq_state, posted),
        width: Some(width(|s: &ef_vi_rxq_state| &s.posted)),
    },
    Field {
        ty: "ef_vi_rxq_state",
        path: "added",
        offset: offset_of!(ef_vi_rxq_state, added),
        width: Some(width(|s: &ef_vi_rxq_state| &s.added)),
    },
    Field {
        ty: "ef_vi_rxq_state",
        path: "removed",
        offset: offset_of!(ef_vi_rxq_state, removed),
        width: Some(width(|s: &ef_vi_rxq_state| &s.removed)),
    },
    Field {
        ty: "ef_vi_rxq_state",
        path: "in_jumbo",
        offset: offset_of!(ef_vi_rxq_state, in_jumbo),
        width: Some(width(|s: &ef_vi_rxq_state| &s.in_jumbo)),
    },
    Field {
        ty: "ef_vi_rxq_state",
        path: "bytes_acc",
        offset: offset_of!(ef_vi_rxq_state, bytes_acc),
        width: Some(width(|s: &ef_vi_rxq_state| &s.bytes_acc)),
    },
    Field {
        ty: "ef_vi_rxq_state",
        path: "last_desc_i",
        offset: offset_of!(ef_vi_rxq_state, last_desc_i),
        width: Some(width(|s: &ef_vi_rxq_state| &s.last_desc_i)),
    },
    Field {
        ty: "ef_vi_rxq_state",
        path: "rx_ps_credit_avail",
        offset: offset_of!(ef_vi_rxq_state, rx_ps_credit_avail),
        width: Some(width(|s: &ef_vi_rxq_state| &s.rx_ps_credit_avail)),
    },
    Field {
        ty: "ef_vi_rxq_state",
        path: "rxq_ptr",
        offset: offset_of!(ef_vi_rxq_state, rxq_ptr),
        width: Some(width(|s: &ef_vi_rxq_state| &s.rxq_ptr)),
    },
    Field {
        ty: "ef_vi_rxq_state",
        path: "sb_desc_free_head",
        offset: offset_of!(ef_vi_rxq_state, sb_desc_free_head),
        width: Some(width(|s: &ef_vi_rxq_state| &s.sb_desc_free_head)),
    },
    Field {
        ty: "ef_eventq_state",
        path: "evq_ptr",
        offset: offset_of!(ef_eventq_state, evq_ptr),
        width: Some(width(|s: &ef_eventq_state| &s.evq_ptr)),
    },
    Field {
        ty: "ef_eventq_state",
        path: "evq_clear_stride",
        offset: offset_of!(ef_eventq_state, evq_clear_stride),
        width: Some(width(|s: &ef_eventq_state| &s.evq_clear_stride)),
    },
    Field {
        ty: "ef_eventq_state",
        path: "sync_timestamp_major",
        offset: offset_of!(ef_eventq_state, sync_timestamp_major),
        width: Some(width(|s: &ef_eventq_state| &s.sync_timestamp_major)),
    },
    Field {
        ty: "ef_eventq_state",
        path: "sync_timestamp_minor",
        offset: offset_of!(ef_eventq_state, sync_timestamp_minor),
        width: Some(width(|s: &ef_eventq_state| &s.sync_timestamp_minor)),
    },
    Field {
        ty: "ef_eventq_state",
        path: "sync_timestamp_minimum",
        offset: offset_of!(ef_eventq_state, sync_timestamp_minimum),
        width: Some(width(|s: &ef_eventq_state| &s.sync_timestamp_minimum)),
    },
    Field {
        ty: "ef_eventq_state",
        path: "sync_timestamp_synchronised",
        offset: offset_of!(ef_eventq_state, sync_timestamp_synchronised),
        width: Some(width(|s: &ef_eventq_state| &s.sync_timestamp_synchronised)),
    },
    Field {
        ty: "ef_eventq_state",
        path: "unsol_credit_seq",
        offset: offset_of!(ef_eventq_state, unsol_credit_seq),
        width: Some(width(|s: &ef_eventq_state| &s.unsol_credit_seq)),
    },
    Field {
        ty: "ef_eventq_state",
        path: "sync_flags",
        offset: offset_of!(ef_eventq_state, sync_flags),
        width: Some(width(|s: &ef_eventq_state| &s.sync_flags)),
    },
    Field {
        ty: "ef_vi_txq",
        path: "mask",
        offset: offset_of!(ef_vi_txq, mask),
        width: Some(width(|s: &ef_vi_txq| &s.mask)),
    },
    Field {
        ty: "ef_vi_txq",
        path: "ct_fifo_bytes",
        offset: offset_of!(ef_vi_txq, ct_fifo_bytes),
        width: Some(width(|s: &ef_vi_txq| &s.ct_fifo_bytes)),
    },
    Field {
        ty: "ef_vi_txq",
        path: "efct_fixed_header",
        offset: offset_of!(ef_vi_txq, efct_fixed_header),
        width: Some(width(|s: &ef_vi_txq| &s.efct_fixed_header)),
    },
    Field {
        ty: "ef_vi_txq",
        path: "efct_aperture_mask",
        offset: offset_of!(ef_vi_txq, efct_aperture_mask),
        width: Some(width(|s: &ef_vi_txq| &s.efct_aperture_mask)),
    },
    Field {
        ty: "ef_vi_txq",
        path: "descriptors",
        offset: offset_of!(ef_vi_txq, descriptors),
        width: Some(width(|s: &ef_vi_txq| &s.descriptors)),
    },
    Field {
        ty: "ef_vi_txq",
        path: "ids",
        offset: offset_of!(ef_vi_txq, ids),
        width: Some(width(|s: &ef_vi_txq| &s.ids)),
    },
    Field {
        ty: "ef_vi_rxq",
        path: "mask",
        offset: offset_of!(ef_vi_rxq, mask),
        width: Some(width(|s: &ef_vi_rxq| &s.mask)),
    },
    Field {
        ty: "ef_vi_rxq",
        path: "descriptors",
        offset: offset_of!(ef_vi_rxq, descriptors),
        width: Some(width(|s: &ef_vi_rxq| &s.descriptors)),
    },
    Field {
        ty: "ef_vi_rxq",
        path: "ids",
        offset: offset_of!(ef_vi_rxq, ids),
        width: Some(width(|s: &ef_vi_rxq| &s.ids)),
    },
    Field {
        ty: "ef_vi_efct_rxq",
        path: "live",
        offset: offset_of!(ef_vi_efct_rxq, live),
        width: Some(width(|s: &ef_vi_efct_rxq| &s.live)),
    },
    Field {
        ty: "ef_vi_efct_rxq",
        path: "live.superbuf_pkts",
        offset: offset_of!(ef_vi_efct_rxq, live.superbuf_pkts),
        width: Some(width(|s: &ef_vi_efct_rxq| &s.live.superbuf_pkts)),
    },
    Field {
        ty: "ef_vi_efct_rxq",
        path: "live.config_generation",
        offset: offset_of!(ef_vi_efct_rxq, live.config_generation),
        width: Some(width(|s: &ef_vi_efct_rxq| &s.live.config_generation)),
    },
    Field {
        ty: "ef_vi_efct_rxq",
        path: "live.time_sync",
        offset: offset_of!(ef_vi_efct_rxq, live.time_sync),
        width: Some(width(|s: &ef_vi_efct_rxq| &s.live.time_sync)),
    },
    Field {
        ty: "ef_vi_efct_rxq",
        path: "qid",
        offset: offset_of!(ef_vi_efct_rxq, qid),
        width: Some(width(|s: &ef_vi_efct_rxq| &s.qid)),
    },
    Field {
        ty: "ef_vi_efct_rxq",
        path: "config_generation",
        offset: offset_of!(ef_vi_efct_rxq, config_generation),
        width: Some(width(|s: &ef_vi_efct_rxq| &s.config_generation)),
    },
    Field {
        ty: "ef_vi_efct_rxq",
        path: "superbuf",
        offset: offset_of!(ef_vi_efct_rxq, superbuf),
        width: Some(width(|s: &ef_vi_efct_rxq| &s.superbuf)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ops",
        path: "available",
        offset: offset_of!(ef_vi_efct_rxq_ops, available),
        width: Some(width(|s: &ef_vi_efct_rxq_ops| &s.available)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ops",
        path: "next",
        offset: offset_of!(ef_vi_efct_rxq_ops, next),
        width: Some(width(|s: &ef_vi_efct_rxq_ops| &s.next)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ops",
        path: "free",
        offset: offset_of!(ef_vi_efct_rxq_ops, free),
        width: Some(width(|s: &ef_vi_efct_rxq_ops| &s.free)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ops",
        path: "post",
        offset: offset_of!(ef_vi_efct_rxq_ops, post),
        width: Some(width(|s: &ef_vi_efct_rxq_ops| &s.post)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ops",
        path: "attach",
        offset: offset_of!(ef_vi_efct_rxq_ops, attach),
        width: Some(width(|s: &ef_vi_efct_rxq_ops| &s.attach)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ops",
        path: "refresh",
        offset: offset_of!(ef_vi_efct_rxq_ops, refresh),
        width: Some(width(|s: &ef_vi_efct_rxq_ops| &s.refresh)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ops",
        path: "prime",
        offset: offset_of!(ef_vi_efct_rxq_ops, prime),
        width: Some(width(|s: &ef_vi_efct_rxq_ops| &s.prime)),
    },
    Field {
        ty: "ef_vi_efct_rxq_ops",
        path: "cleanup",
        offset: offset_of!(ef_vi_efct_rxq_ops, cleanup),
        width: Some(width(|s: &ef_vi_efct_rxq_ops| &s.cleanup)),
    },
    Field {
        ty: "ef_vi_efct_rxqs",
        path: "active_qs",
        offset: offset_of!(ef_vi_efct_rxqs, active_qs),
        width: Some(width(|s: &ef_vi_efct_rxqs| &s.active_qs)),
    },
    Field {
        ty: "ef_vi_efct_rxqs",
        path: "max_qs",
        offset: offset_of!(ef_vi_efct_rxqs, max_qs),
        width: Some(width(|s: &ef_vi_efct_rxqs| &s.max_qs)),
    },
    Field {
        ty: "ef_vi_efct_rxqs",
        path: "q",
        offset: offset_of!(ef_vi_efct_rxqs, q),
        width: Some(width(|s: &ef_vi_efct_rxqs| &s.q)),
    },
    Field {
        ty: "ef_vi_efct_rxqs",
        path: "ops",
        offset: offset_of!(ef_vi_efct_rxqs, ops),
        width: Some(width(|s: &ef_vi_efct_rxqs| &s.ops)),
    },
    Field {
        ty: "ef_vi_efct_rxqs",
        path: "meta_offset",
        offset: offset_of!(ef_vi_efct_rxqs, meta_offset),
        width: Some(width(|s: &ef_vi_efct_rxqs| &s.meta_offset)),
    },
    Field {
        ty: "ef_vi_efct_rxqs",
        path: "rx_stride",
        offset: offset_of!(ef_vi_efct_rxqs, rx_stride),
        width: Some(width(|s: &ef_vi_efct_rxqs| &s.rx_stride)),
    },
    Field {
        ty: "ef_vi_efct_rxqs",
        path: "shm",
        offset: offset_of!(ef_vi_efct_rxqs, shm),
        width: Some(width(|s: &ef_vi_efct_rxqs| &s.shm)),
    },
    Field {
        ty: "ef_vi_state",
        path: "evq",
        offset: offset_of!(ef_vi_state, evq),
        width: Some(width(|s: &ef_vi_state| &s.evq)),
    },
    Field {
        ty: "ef_vi_state",
        path: "txq",
        offset: offset_of!(ef_vi_state, txq),
        width: Some(width(|s: &ef_vi_state| &s.txq)),
    },
    Field {
        ty: "ef_vi_state",
        path: "rxq",
        offset: offset_of!(ef_vi_state, rxq),
        width: Some(width(|s: &ef_vi_state| &s.rxq)),
    },
    Field {
        ty: "ef_vi_stats",
        path: "rx_ev_lost",
        offset: offset_of!(ef_vi_stats, rx_ev_lost),
        width: Some(width(|s: &ef_vi_stats| &s.rx_ev_lost)),
    },
    Field {
        ty: "ef_vi_stats",
        path: "rx_ev_bad_desc_i",
        offset: offset_of!(ef_vi_stats, rx_ev_bad_desc_i),
        width: Some(width(|s: &ef_vi_stats| &s.rx_ev_bad_desc_i)),
    },
    Field {
        ty: "ef_vi_stats",
        path: "rx_ev_bad_q_label",
        offset: offset_of!(ef_vi_stats, rx_ev_bad_q_label),
        width: Some(width(|s: &ef_vi_stats| &s.rx_ev_bad_q_label)),
    },
    Field {
        ty: "ef_vi_stats",
        path: "evq_gap",
        offset: offset_of!(ef_vi_stats, evq_gap),
        width: Some(width(|s: &ef_vi_stats| &s.evq_gap)),
    },
    Field {
        ty: "struct ef_vi_nic_type",
        path: "arch",
        offset: offset_of!(ef_vi_nic_type, arch),
        width: Some(width(|s: &ef_vi_nic_type| &s.arch)),
    },
    Field {
        ty: "struct ef_vi_nic_type",
        path: "variant",
        offset: offset_of!(ef_vi_nic_type, variant),
        width: Some(width(|s: &ef_vi_nic_type| &s.variant)),
    },
    Field {
        ty: "struct ef_vi_nic_type",
        path: "revision",
        offset: offset_of!(ef_vi_nic_type, revision),
        width: Some(width(|s: &ef_vi_nic_type| &s.revision)),
    },
    Field {
        ty: "struct ef_vi_nic_type",
        path: "nic_flags",
        offset: offset_of!(ef_vi_nic_type, nic_flags),
        width: Some(width(|s: &ef_vi_nic_type| &s.nic_flags)),
    },
    Field {
        ty: "struct ef_vi_transmit_alt_overhead",
        path: "pre_round",
        offset: offset_of!(ef_vi_transmit_alt_overhead, pre_round),
        width: Some(width(|s: &ef_vi_transmit_alt_overhead| &s.pre_round)),
    },
    Field {
        ty: "struct ef_vi_transmit_alt_overhead",
        path: "mask",
        offset: offset_of!(ef_vi_transmit_alt_overhead, mask),
        width: Some(width(|s: &ef_vi_transmit_alt_overhead| &s.mask)),
    },
    Field {
        ty: "struct ef_vi_transmit_alt_overhead",
        path: "post_round",
        offset: offset_of!(ef_vi_transmit_alt_overhead, post_round),
        width: Some(width(|s: &ef_vi_transmit_alt_overhead| &s.post_round)),
    },
    Field {
        ty: "struct ef_vi_tx_extra",
        path: "flags",
        offset: offset_of!(ef_vi_tx_extra, flags),
        width: Some(width(|s: &ef_vi_tx_extra| &s.flags)),
    },
    Field {
        ty: "struct ef_vi_tx_extra",
        path: "mark",
        offset: offset_of!(ef_vi_tx_extra, mark),
        width: Some(width(|s: &ef_vi_tx_extra| &s.mark)),
    },
    Field {
        ty: "struct ef_vi_tx_extra",
        path: "ingress_mport",
        offset: offset_of!(ef_vi_tx_extra, ingress_mport),
        width: Some(width(|s: &ef_vi_tx_extra| &s.ingress_mport)),
    },
    Field {
        ty: "struct ef_vi_tx_extra",
        path: "egress_mport",
        offset: offset_of!(ef_vi_tx_extra, egress_mport),
        width: Some(width(|s: &ef_vi_tx_extra| &s.egress_mport)),
    },
    Field {
        ty: "ef_vi_tx_warm_state",
        path: "removed",
        offset: offset_of!(ef_vi_tx_warm_state, removed),
        width: Some(width(|s: &ef_vi_tx_warm_state| &s.removed)),
    },
    Field {
        ty: "ef_vi_tx_warm_state",
        path: "vi_ctpio_mmap_ptr",
        offset: offset_of!(ef_vi_tx_warm_state, vi_ctpio_mmap_ptr),
        width: Some(width(|s: &ef_vi_tx_warm_state| &s.vi_ctpio_mmap_ptr)),
    },
    Field { ty: "ef_vi", path: "inited", offset: offset_of!(ef_vi, inited), width: Some(width(|s: &ef_vi| &s.inited)) },
    Field {
        ty: "ef_vi",
        path: "vi_resource_id",
        offset: offset_of!(ef_vi, vi_resource_id),
        width: Some(width(|s: &ef_vi| &s.vi_resource_id)),
    },
    Field { ty: "ef_vi", path: "vi_i", offset: offset_of!(ef_vi, vi_i), width: Some(width(|s: &ef_vi| &s.vi_i)) },
    Field { ty: "ef_vi", path: "dh", offset: offset_of!(ef_vi, dh), width: Some(width(|s: &ef_vi| &s.dh)) },
    Field {
        ty: "ef_vi",
        path: "rx_buffer_len",
        offset: offset_of!(ef_vi, rx_buffer_len),
        width: Some(width(|s: &ef_vi| &s.rx_buffer_len)),
    },
    Field {
        ty: "ef_vi",
        path: "rx_prefix_len",
        offset: offset_of!(ef_vi, rx_prefix_len),
        width: Some(width(|s: &ef_vi| &s.rx_prefix_len)),
    },
    Field {
        ty: "ef_vi",
        path: "last_ctpio_failed",
        offset: offset_of!(ef_vi, last_ctpio_failed),
        width: Some(width(|s: &ef_vi| &s.last_ctpio_failed)),
    },
    Field {
        ty: "ef_vi",
        path: "rx_discard_mask",
        offset: offset_of!(ef_vi, rx_discard_mask),
        width: Some(width(|s: &ef_vi| &s.rx_discard_mask)),
    },
    Field {
        ty: "ef_vi",
        path: "rx_ts_correction",
        offset: offset_of!(ef_vi, rx_ts_correction),
        width: Some(width(|s: &ef_vi| &s.rx_ts_correction)),
    },
    Field {
        ty: "ef_vi",
        path: "rx_pkt_len_offset",
        offset: offset_of!(ef_vi, rx_pkt_len_offset),
        width: Some(width(|s: &ef_vi| &s.rx_pkt_len_offset)),
    },
    Field {
        ty: "ef_vi",
        path: "rx_pkt_len_mask",
        offset: offset_of!(ef_vi, rx_pkt_len_mask),
        width: Some(width(|s: &ef_vi| &s.rx_pkt_len_mask)),
    },
    Field {
        ty: "ef_vi",
        path: "tx_ts_correction_ns",
        offset: offset_of!(ef_vi, tx_ts_correction_ns),
        width: Some(width(|s: &ef_vi| &s.tx_ts_correction_ns)),
    },
    Field {
        ty: "ef_vi",
        path: "ts_format",
        offset: offset_of!(ef_vi, ts_format),
        width: Some(width(|s: &ef_vi| &s.ts_format)),
    },
    Field {
        ty: "ef_vi",
        path: "ts_subnano_bits",
        offset: offset_of!(ef_vi, ts_subnano_bits),
        width: Some(width(|s: &ef_vi| &s.ts_subnano_bits)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_mem_mmap_ptr",
        offset: offset_of!(ef_vi, vi_mem_mmap_ptr),
        width: Some(width(|s: &ef_vi| &s.vi_mem_mmap_ptr)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_mem_mmap_bytes",
        offset: offset_of!(ef_vi, vi_mem_mmap_bytes),
        width: Some(width(|s: &ef_vi| &s.vi_mem_mmap_bytes)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_io_mmap_ptr",
        offset: offset_of!(ef_vi, vi_io_mmap_ptr),
        width: Some(width(|s: &ef_vi| &s.vi_io_mmap_ptr)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_io_mmap_bytes",
        offset: offset_of!(ef_vi, vi_io_mmap_bytes),
        width: Some(width(|s: &ef_vi| &s.vi_io_mmap_bytes)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_ctpio_mmap_ptr",
        offset: offset_of!(ef_vi, vi_ctpio_mmap_ptr),
        width: Some(width(|s: &ef_vi| &s.vi_ctpio_mmap_ptr)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_ctpio_wb_ticks",
        offset: offset_of!(ef_vi, vi_ctpio_wb_ticks),
        width: Some(width(|s: &ef_vi| &s.vi_ctpio_wb_ticks)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_rx_post_buffer_mmap_ptr",
        offset: offset_of!(ef_vi, vi_rx_post_buffer_mmap_ptr),
        width: Some(width(|s: &ef_vi| &s.vi_rx_post_buffer_mmap_ptr)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_rx_post_buffer_mmap_bytes",
        offset: offset_of!(ef_vi, vi_rx_post_buffer_mmap_bytes),
        width: Some(width(|s: &ef_vi| &s.vi_rx_post_buffer_mmap_bytes)),
    },
    Field {
        ty: "ef_vi",
        path: "ep_state_bytes",
        offset: offset_of!(ef_vi, ep_state_bytes),
        width: Some(width(|s: &ef_vi| &s.ep_state_bytes)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_clustered",
        offset: offset_of!(ef_vi, vi_clustered),
        width: Some(width(|s: &ef_vi| &s.vi_clustered)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_is_packed_stream",
        offset: offset_of!(ef_vi, vi_is_packed_stream),
        width: Some(width(|s: &ef_vi| &s.vi_is_packed_stream)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_is_normal",
        offset: offset_of!(ef_vi, vi_is_normal),
        width: Some(width(|s: &ef_vi| &s.vi_is_normal)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_ps_buf_size",
        offset: offset_of!(ef_vi, vi_ps_buf_size),
        width: Some(width(|s: &ef_vi| &s.vi_ps_buf_size)),
    },
    Field { ty: "ef_vi", path: "io", offset: offset_of!(ef_vi, io), width: Some(width(|s: &ef_vi| &s.io)) },
    Field {
        ty: "ef_vi",
        path: "linked_pio",
        offset: offset_of!(ef_vi, linked_pio),
        width: Some(width(|s: &ef_vi| &s.linked_pio)),
    },
    Field {
        ty: "ef_vi",
        path: "evq_base",
        offset: offset_of!(ef_vi, evq_base),
        width: Some(width(|s: &ef_vi| &s.evq_base)),
    },
    Field {
        ty: "ef_vi",
        path: "evq_mask",
        offset: offset_of!(ef_vi, evq_mask),
        width: Some(width(|s: &ef_vi| &s.evq_mask)),
    },
    Field {
        ty: "ef_vi",
        path: "evq_phase_bits",
        offset: offset_of!(ef_vi, evq_phase_bits),
        width: Some(width(|s: &ef_vi| &s.evq_phase_bits)),
    },
    Field {
        ty: "ef_vi",
        path: "timer_quantum_ns",
        offset: offset_of!(ef_vi, timer_quantum_ns),
        width: Some(width(|s: &ef_vi| &s.timer_quantum_ns)),
    },
    Field {
        ty: "ef_vi",
        path: "tx_push_thresh",
        offset: offset_of!(ef_vi, tx_push_thresh),
        width: Some(width(|s: &ef_vi| &s.tx_push_thresh)),
    },
    Field { ty: "ef_vi", path: "vi_txq", offset: offset_of!(ef_vi, vi_txq), width: Some(width(|s: &ef_vi| &s.vi_txq)) },
    Field { ty: "ef_vi", path: "vi_rxq", offset: offset_of!(ef_vi, vi_rxq), width: Some(width(|s: &ef_vi| &s.vi_rxq)) },
    Field {
        ty: "ef_vi",
        path: "ep_state",
        offset: offset_of!(ef_vi, ep_state),
        width: Some(width(|s: &ef_vi| &s.ep_state)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_flags",
        offset: offset_of!(ef_vi, vi_flags),
        width: Some(width(|s: &ef_vi| &s.vi_flags)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_out_flags",
        offset: offset_of!(ef_vi, vi_out_flags),
        width: Some(width(|s: &ef_vi| &s.vi_out_flags)),
    },
    Field {
        ty: "ef_vi",
        path: "vi_stats",
        offset: offset_of!(ef_vi, vi_stats),
        width: Some(width(|s: &ef_vi| &s.vi_stats)),
    },
    Field { ty: "ef_vi", path: "vi_qs", offset: offset_of!(ef_vi, vi_qs), width: Some(width(|s: &ef_vi| &s.vi_qs)) },
    Field {
        ty: "ef_vi",
        path: "vi_qs_n",
        offset: offset_of!(ef_vi, vi_qs_n),
        width: Some(width(|s: &ef_vi| &s.vi_qs_n)),
    },
    Field {
        ty: "ef_vi",
        path: "future_qid",
        offset: offset_of!(ef_vi, future_qid),
        width: Some(width(|s: &ef_vi| &s.future_qid)),
    },
    Field {
        ty: "ef_vi",
        path: "efct_rxqs",
        offset: offset_of!(ef_vi, efct_rxqs),
        width: Some(width(|s: &ef_vi| &s.efct_rxqs)),
    },
    Field {
        ty: "ef_vi",
        path: "tx_alt_num",
        offset: offset_of!(ef_vi, tx_alt_num),
        width: Some(width(|s: &ef_vi| &s.tx_alt_num)),
    },
    Field {
        ty: "ef_vi",
        path: "tx_alt_id2hw",
        offset: offset_of!(ef_vi, tx_alt_id2hw),
        width: Some(width(|s: &ef_vi| &s.tx_alt_id2hw)),
    },
    Field {
        ty: "ef_vi",
        path: "tx_alt_hw2id",
        offset: offset_of!(ef_vi, tx_alt_hw2id),
        width: Some(width(|s: &ef_vi| &s.tx_alt_hw2id)),
    },
    Field {
        ty: "ef_vi",
        path: "nic_type",
        offset: offset_of!(ef_vi, nic_type),
        width: Some(width(|s: &ef_vi| &s.nic_type)),
    },
    Field {
        ty: "ef_vi",
        path: "xdp_kick",
        offset: offset_of!(ef_vi, xdp_kick),
        width: Some(width(|s: &ef_vi| &s.xdp_kick)),
    },
    Field {
        ty: "ef_vi",
        path: "xdp_kick_context",
        offset: offset_of!(ef_vi, xdp_kick_context),
        width: Some(width(|s: &ef_vi| &s.xdp_kick_context)),
    },
    Field {
        ty: "ef_vi",
        path: "unsol_credit_seq_mask",
        offset: offset_of!(ef_vi, unsol_credit_seq_mask),
        width: Some(width(|s: &ef_vi| &s.unsol_credit_seq_mask)),
    },
    Field { ty: "ef_vi", path: "ops", offset: offset_of!(ef_vi, ops), width: Some(width(|s: &ef_vi| &s.ops)) },
    Field {
        ty: "ef_vi",
        path: "ops.transmit",
        offset: offset_of!(ef_vi, ops.transmit),
        width: Some(width(|s: &ef_vi| &s.ops.transmit)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmitv",
        offset: offset_of!(ef_vi, ops.transmitv),
        width: Some(width(|s: &ef_vi| &s.ops.transmitv)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmitv_init",
        offset: offset_of!(ef_vi, ops.transmitv_init),
        width: Some(width(|s: &ef_vi| &s.ops.transmitv_init)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_push",
        offset: offset_of!(ef_vi, ops.transmit_push),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_push)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_pio",
        offset: offset_of!(ef_vi, ops.transmit_pio),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_pio)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_copy_pio",
        offset: offset_of!(ef_vi, ops.transmit_copy_pio),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_copy_pio)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.start_transmit_warm",
        offset: offset_of!(ef_vi, ops.start_transmit_warm),
        width: Some(width(|s: &ef_vi| &s.ops.start_transmit_warm)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.stop_transmit_warm",
        offset: offset_of!(ef_vi, ops.stop_transmit_warm),
        width: Some(width(|s: &ef_vi| &s.ops.stop_transmit_warm)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_pio_warm",
        offset: offset_of!(ef_vi, ops.transmit_pio_warm),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_pio_warm)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_copy_pio_warm",
        offset: offset_of!(ef_vi, ops.transmit_copy_pio_warm),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_copy_pio_warm)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmitv_ctpio",
        offset: offset_of!(ef_vi, ops.transmitv_ctpio),
        width: Some(width(|s: &ef_vi| &s.ops.transmitv_ctpio)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmitv_ctpio_copy",
        offset: offset_of!(ef_vi, ops.transmitv_ctpio_copy),
        width: Some(width(|s: &ef_vi| &s.ops.transmitv_ctpio_copy)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_alt_select",
        offset: offset_of!(ef_vi, ops.transmit_alt_select),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_alt_select)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_alt_select_default",
        offset: offset_of!(ef_vi, ops.transmit_alt_select_default),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_alt_select_default)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_alt_stop",
        offset: offset_of!(ef_vi, ops.transmit_alt_stop),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_alt_stop)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_alt_go",
        offset: offset_of!(ef_vi, ops.transmit_alt_go),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_alt_go)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.receive_set_discards",
        offset: offset_of!(ef_vi, ops.receive_set_discards),
        width: Some(width(|s: &ef_vi| &s.ops.receive_set_discards)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.receive_get_discards",
        offset: offset_of!(ef_vi, ops.receive_get_discards),
        width: Some(width(|s: &ef_vi| &s.ops.receive_get_discards)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_alt_discard",
        offset: offset_of!(ef_vi, ops.transmit_alt_discard),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_alt_discard)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.receive_init",
        offset: offset_of!(ef_vi, ops.receive_init),
        width: Some(width(|s: &ef_vi| &s.ops.receive_init)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.receive_push",
        offset: offset_of!(ef_vi, ops.receive_push),
        width: Some(width(|s: &ef_vi| &s.ops.receive_push)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.receive_get_timestamp",
        offset: offset_of!(ef_vi, ops.receive_get_timestamp),
        width: Some(width(|s: &ef_vi| &s.ops.receive_get_timestamp)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.eventq_poll",
        offset: offset_of!(ef_vi, ops.eventq_poll),
        width: Some(width(|s: &ef_vi| &s.ops.eventq_poll)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.eventq_prime",
        offset: offset_of!(ef_vi, ops.eventq_prime),
        width: Some(width(|s: &ef_vi| &s.ops.eventq_prime)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.eventq_timer_prime",
        offset: offset_of!(ef_vi, ops.eventq_timer_prime),
        width: Some(width(|s: &ef_vi| &s.ops.eventq_timer_prime)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.eventq_timer_run",
        offset: offset_of!(ef_vi, ops.eventq_timer_run),
        width: Some(width(|s: &ef_vi| &s.ops.eventq_timer_run)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.eventq_timer_clear",
        offset: offset_of!(ef_vi, ops.eventq_timer_clear),
        width: Some(width(|s: &ef_vi| &s.ops.eventq_timer_clear)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.eventq_timer_zero",
        offset: offset_of!(ef_vi, ops.eventq_timer_zero),
        width: Some(width(|s: &ef_vi| &s.ops.eventq_timer_zero)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.eventq_has_event",
        offset: offset_of!(ef_vi, ops.eventq_has_event),
        width: Some(width(|s: &ef_vi| &s.ops.eventq_has_event)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.eventq_has_many_events",
        offset: offset_of!(ef_vi, ops.eventq_has_many_events),
        width: Some(width(|s: &ef_vi| &s.ops.eventq_has_many_events)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmit_ctpio_fallback",
        offset: offset_of!(ef_vi, ops.transmit_ctpio_fallback),
        width: Some(width(|s: &ef_vi| &s.ops.transmit_ctpio_fallback)),
    },
    Field {
        ty: "ef_vi",
        path: "ops.transmitv_ctpio_fallback",
        offset: offset_of!(ef_vi, ops.transmitv_ctpio_fallback),
        width: Some(width(|s: &ef_vi| &s.ops.transmitv_ctpio_fallback)),
    },
    Field {
        ty: "ef_vi",
        path: "internal_ops",
        offset: offset_of!(ef_vi, internal_ops),
        width: Some(width(|s: &ef_vi| &s.internal_ops)),
    },
    Field {
        ty: "ef_vi",
        path: "internal_ops.design_parameters",
        offset: offset_of!(ef_vi, internal_ops.design_parameters),
        width: Some(width(|s: &ef_vi| &s.internal_ops.design_parameters)),
    },
    Field {
        ty: "ef_vi",
        path: "internal_ops.post_filter_add",
        offset: offset_of!(ef_vi, internal_ops.post_filter_add),
        width: Some(width(|s: &ef_vi| &s.internal_ops.post_filter_add)),
    },
    Field {
        ty: "ef_vi_layout_entry",
        path: "evle_type",
        offset: offset_of!(ef_vi_layout_entry, evle_type),
        width: Some(width(|s: &ef_vi_layout_entry| &s.evle_type)),
    },
    Field {
        ty: "ef_vi_layout_entry",
        path: "evle_offset",
        offset: offset_of!(ef_vi_layout_entry, evle_offset),
        width: Some(width(|s: &ef_vi_layout_entry| &s.evle_offset)),
    },
    Field {
        ty: "ef_vi_layout_entry",
        path: "evle_description",
        offset: offset_of!(ef_vi_layout_entry, evle_description),
        width: Some(width(|s: &ef_vi_layout_entry| &s.evle_description)),
    },
    Field {
        ty: "ef_vi_set",
        path: "vis_res_id",
        offset: offset_of!(ef_vi_set, vis_res_id),
        width: Some(width(|s: &ef_vi_set| &s.vis_res_id)),
    },
    Field {
        ty: "ef_vi_set",
        path: "vis_pd",
        offset: offset_of!(ef_vi_set, vis_pd),
        width: Some(width(|s: &ef_vi_set| &s.vis_pd)),
    },
    Field {
        ty: "ef_filter_spec",
        path: "type",
        offset: offset_of!(ef_filter_spec, type_),
        width: Some(width(|s: &ef_filter_spec| &s.type_)),
    },
    Field {
        ty: "ef_filter_spec",
        path: "flags",
        offset: offset_of!(ef_filter_spec, flags),
        width: Some(width(|s: &ef_filter_spec| &s.flags)),
    },
    Field {
        ty: "ef_filter_spec",
        path: "data",
        offset: offset_of!(ef_filter_spec, data),
        width: Some(width(|s: &ef_filter_spec| &s.data)),
    },
    Field {
        ty: "ef_filter_cookie",
        path: "filter_id",
        offset: offset_of!(ef_filter_cookie, filter_id),
        width: Some(width(|s: &ef_filter_cookie| &s.filter_id)),
    },
    Field {
        ty: "ef_filter_cookie",
        path: "filter_type",
        offset: offset_of!(ef_filter_cookie, filter_type),
        width: Some(width(|s: &ef_filter_cookie| &s.filter_type)),
    },
    Field {
        ty: "ef_filter_info",
        path: "valid_fields",
        offset: offset_of!(ef_filter_info, valid_fields),
        width: Some(width(|s: &ef_filter_info| &s.valid_fields)),
    },
    Field {
        ty: "ef_filter_info",
        path: "flags",
        offset: offset_of!(ef_filter_info, flags),
        width: Some(width(|s: &ef_filter_info| &s.flags)),
    },
    Field {
        ty: "ef_filter_info",
        path: "filter_id",
        offset: offset_of!(ef_filter_info, filter_id),
        width: Some(width(|s: &ef_filter_info| &s.filter_id)),
    },
    Field {
        ty: "ef_filter_info",
        path: "q_id",
        offset: offset_of!(ef_filter_info, q_id),
        width: Some(width(|s: &ef_filter_info| &s.q_id)),
    },
    Field {
        ty: "ef_vi_stats_field_layout",
        path: "evsfl_name",
        offset: offset_of!(ef_vi_stats_field_layout, evsfl_name),
        width: Some(width(|s: &ef_vi_stats_field_layout| &s.evsfl_name)),
    },
    Field {
        ty: "ef_vi_stats_field_layout",
        path: "evsfl_offset",
        offset: offset_of!(ef_vi_stats_field_layout, evsfl_offset),
        width: Some(width(|s: &ef_vi_stats_field_layout| &s.evsfl_offset)),
    },
    Field {
        ty: "ef_vi_stats_field_layout",
        path: "evsfl_size",
        offset: offset_of!(ef_vi_stats_field_layout, evsfl_size),
        width: Some(width(|s: &ef_vi_stats_field_layout| &s.evsfl_size)),
    },
    Field {
        ty: "ef_vi_stats_layout",
        path: "evsl_data_size",
        offset: offset_of!(ef_vi_stats_layout, evsl_data_size),
        width: Some(width(|s: &ef_vi_stats_layout| &s.evsl_data_size)),
    },
    Field {
        ty: "ef_vi_stats_layout",
        path: "evsl_fields_num",
        offset: offset_of!(ef_vi_stats_layout, evsl_fields_num),
        width: Some(width(|s: &ef_vi_stats_layout| &s.evsl_fields_num)),
    },
    Field {
        ty: "ef_vi_stats_layout",
        path: "evsl_fields",
        offset: offset_of!(ef_vi_stats_layout, evsl_fields),
        width: Some(width(|s: &ef_vi_stats_layout| &s.evsl_fields)),
    },
    Field {
        ty: "ef_pd",
        path: "pd_flags",
        offset: offset_of!(ef_pd, pd_flags),
        width: Some(width(|s: &ef_pd| &s.pd_flags)),
    },
    Field {
        ty: "ef_pd",
        path: "pd_resource_id",
        offset: offset_of!(ef_pd, pd_resource_id),
        width: Some(width(|s: &ef_pd| &s.pd_resource_id)),
    },
    Field {
        ty: "ef_pd",
        path: "pd_intf_name",
        offset: offset_of!(ef_pd, pd_intf_name),
        width: Some(width(|s: &ef_pd| &s.pd_intf_name)),
    },
    Field {
        ty: "ef_pd",
        path: "pd_cluster_name",
        offset: offset_of!(ef_pd, pd_cluster_name),
        width: Some(width(|s: &ef_pd| &s.pd_cluster_name)),
    },
    Field {
        ty: "ef_pd",
        path: "pd_cluster_sock",
        offset: offset_of!(ef_pd, pd_cluster_sock),
        width: Some(width(|s: &ef_pd| &s.pd_cluster_sock)),
    },
    Field {
        ty: "ef_pd",
        path: "pd_cluster_dh",
        offset: offset_of!(ef_pd, pd_cluster_dh),
        width: Some(width(|s: &ef_pd| &s.pd_cluster_dh)),
    },
    Field {
        ty: "ef_pd",
        path: "pd_cluster_viset_resource_id",
        offset: offset_of!(ef_pd, pd_cluster_viset_resource_id),
        width: Some(width(|s: &ef_pd| &s.pd_cluster_viset_resource_id)),
    },
    Field {
        ty: "ef_pd",
        path: "pd_cluster_viset_index",
        offset: offset_of!(ef_pd, pd_cluster_viset_index),
        width: Some(width(|s: &ef_pd| &s.pd_cluster_viset_index)),
    },
    Field {
        ty: "ef_memreg",
        path: "mr_dma_addrs",
        offset: offset_of!(ef_memreg, mr_dma_addrs),
        width: Some(width(|s: &ef_memreg| &s.mr_dma_addrs)),
    },
    Field {
        ty: "ef_memreg",
        path: "mr_dma_addrs_base",
        offset: offset_of!(ef_memreg, mr_dma_addrs_base),
        width: Some(width(|s: &ef_memreg| &s.mr_dma_addrs_base)),
    },
    Field {
        ty: "ef_pio",
        path: "pio_buffer",
        offset: offset_of!(ef_pio, pio_buffer),
        width: Some(width(|s: &ef_pio| &s.pio_buffer)),
    },
    Field {
        ty: "ef_pio",
        path: "pio_io",
        offset: offset_of!(ef_pio, pio_io),
        width: Some(width(|s: &ef_pio| &s.pio_io)),
    },
    Field {
        ty: "ef_pio",
        path: "pio_resource_id",
        offset: offset_of!(ef_pio, pio_resource_id),
        width: Some(width(|s: &ef_pio| &s.pio_resource_id)),
    },
    Field {
        ty: "ef_pio",
        path: "pio_len",
        offset: offset_of!(ef_pio, pio_len),
        width: Some(width(|s: &ef_pio| &s.pio_len)),
    },
    Field {
        ty: "ef_packed_stream_packet",
        path: "ps_next_offset",
        offset: offset_of!(ef_packed_stream_packet, ps_next_offset),
        width: Some(width(|s: &ef_packed_stream_packet| &s.ps_next_offset)),
    },
    Field {
        ty: "ef_packed_stream_packet",
        path: "ps_pkt_start_offset",
        offset: offset_of!(ef_packed_stream_packet, ps_pkt_start_offset),
        width: Some(width(|s: &ef_packed_stream_packet| &s.ps_pkt_start_offset)),
    },
    Field {
        ty: "ef_packed_stream_packet",
        path: "ps_flags",
        offset: offset_of!(ef_packed_stream_packet, ps_flags),
        width: Some(width(|s: &ef_packed_stream_packet| &s.ps_flags)),
    },
    Field {
        ty: "ef_packed_stream_packet",
        path: "ps_cap_len",
        offset: offset_of!(ef_packed_stream_packet, ps_cap_len),
        width: Some(width(|s: &ef_packed_stream_packet| &s.ps_cap_len)),
    },
    Field {
        ty: "ef_packed_stream_packet",
        path: "ps_orig_len",
        offset: offset_of!(ef_packed_stream_packet, ps_orig_len),
        width: Some(width(|s: &ef_packed_stream_packet| &s.ps_orig_len)),
    },
    Field {
        ty: "ef_packed_stream_packet",
        path: "ps_ts_sec",
        offset: offset_of!(ef_packed_stream_packet, ps_ts_sec),
        width: Some(width(|s: &ef_packed_stream_packet| &s.ps_ts_sec)),
    },
    Field {
        ty: "ef_packed_stream_packet",
        path: "ps_ts_nsec",
        offset: offset_of!(ef_packed_stream_packet, ps_ts_nsec),
        width: Some(width(|s: &ef_packed_stream_packet| &s.ps_ts_nsec)),
    },
    Field {
        ty: "ef_packed_stream_params",
        path: "psp_buffer_size",
        offset: offset_of!(ef_packed_stream_params, psp_buffer_size),
        width: Some(width(|s: &ef_packed_stream_params| &s.psp_buffer_size)),
    },
    Field {
        ty: "ef_packed_stream_params",
        path: "psp_buffer_align",
        offset: offset_of!(ef_packed_stream_params, psp_buffer_align),
        width: Some(width(|s: &ef_packed_stream_params| &s.psp_buffer_align)),
    },
    Field {
        ty: "ef_packed_stream_params",
        path: "psp_start_offset",
        offset: offset_of!(ef_packed_stream_params, psp_start_offset),
        width: Some(width(|s: &ef_packed_stream_params| &s.psp_start_offset)),
    },
    Field {
        ty: "ef_packed_stream_params",
        path: "psp_max_usable_buffers",
        offset: offset_of!(ef_packed_stream_params, psp_max_usable_buffers),
        width: Some(width(|s: &ef_packed_stream_params| &s.psp_max_usable_buffers)),
    },
    Field {
        ty: "struct onload_timestamp",
        path: "sec",
        offset: offset_of!(onload_timestamp, sec),
        width: Some(width(|s: &onload_timestamp| &s.sec)),
    },
    Field {
        ty: "struct onload_timestamp",
        path: "nsec",
        offset: offset_of!(onload_timestamp, nsec),
        width: Some(width(|s: &onload_timestamp| &s.nsec)),
    },
    Field {
        ty: "struct scm_timestamping_ooext",
        path: "type",
        offset: offset_of!(scm_timestamping_ooext, type_),
        width: Some(width(|s: &scm_timestamping_ooext| &s.type_)),
    },
    Field {
        ty: "struct scm_timestamping_ooext",
        path: "padding",
        offset: offset_of!(scm_timestamping_ooext, padding),
        width: Some(width(|s: &scm_timestamping_ooext| &s.padding)),
    },
    Field {
        ty: "struct scm_timestamping_ooext",
        path: "timestamp",
        offset: offset_of!(scm_timestamping_ooext, timestamp),
        width: Some(width(|s: &scm_timestamping_ooext| &s.timestamp)),
    },
    Field {
        ty: "struct onload_scm_timestamping_stream",
        path: "first_sent",
        offset: offset_of!(onload_scm_timestamping_stream, first_sent),
        width: Some(width(|s: &onload_scm_timestamping_stream| &s.first_sent)),
    },
    Field {
        ty: "struct onload_scm_timestamping_stream",
        path: "last_sent",
        offset: offset_of!(onload_scm_timestamping_stream, last_sent),
        width: Some(width(|s: &onload_scm_timestamping_stream| &s.last_sent)),
    },
    Field {
        ty: "struct onload_scm_timestamping_stream",
        path: "len",
        offset: offset_of!(onload_scm_timestamping_stream, len),
        width: Some(width(|s: &onload_scm_timestamping_stream| &s.len)),
    },
    Field {
        ty: "struct onload_stat",
        path: "stack_id",
        offset: offset_of!(onload_stat, stack_id),
        width: Some(width(|s: &onload_stat| &s.stack_id)),
    },
    Field {
        ty: "struct onload_stat",
        path: "stack_name",
        offset: offset_of!(onload_stat, stack_name),
        width: Some(width(|s: &onload_stat| &s.stack_name)),
    },
    Field {
        ty: "struct onload_stat",
        path: "endpoint_id",
        offset: offset_of!(onload_stat, endpoint_id),
        width: Some(width(|s: &onload_stat| &s.endpoint_id)),
    },
    Field {
        ty: "struct onload_stat",
        path: "endpoint_state",
        offset: offset_of!(onload_stat, endpoint_state),
        width: Some(width(|s: &onload_stat| &s.endpoint_state)),
    },
    Field {
        ty: "struct onload_ordered_epoll_event",
        path: "ts",
        offset: offset_of!(onload_ordered_epoll_event, ts),
        width: Some(width(|s: &onload_ordered_epoll_event| &s.ts)),
    },
    Field {
        ty: "struct onload_ordered_epoll_event",
        path: "bytes",
        offset: offset_of!(onload_ordered_epoll_event, bytes),
        width: Some(width(|s: &onload_ordered_epoll_event| &s.bytes)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "headers",
        offset: offset_of!(onload_delegated_send, headers),
        width: Some(width(|s: &onload_delegated_send| &s.headers)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "headers_len",
        offset: offset_of!(onload_delegated_send, headers_len),
        width: Some(width(|s: &onload_delegated_send| &s.headers_len)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "mss",
        offset: offset_of!(onload_delegated_send, mss),
        width: Some(width(|s: &onload_delegated_send| &s.mss)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "send_wnd",
        offset: offset_of!(onload_delegated_send, send_wnd),
        width: Some(width(|s: &onload_delegated_send| &s.send_wnd)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "cong_wnd",
        offset: offset_of!(onload_delegated_send, cong_wnd),
        width: Some(width(|s: &onload_delegated_send| &s.cong_wnd)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "user_size",
        offset: offset_of!(onload_delegated_send, user_size),
        width: Some(width(|s: &onload_delegated_send| &s.user_size)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "tcp_seq_offset",
        offset: offset_of!(onload_delegated_send, tcp_seq_offset),
        width: Some(width(|s: &onload_delegated_send| &s.tcp_seq_offset)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "ip_len_offset",
        offset: offset_of!(onload_delegated_send, ip_len_offset),
        width: Some(width(|s: &onload_delegated_send| &s.ip_len_offset)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "ip_tcp_hdr_len",
        offset: offset_of!(onload_delegated_send, ip_tcp_hdr_len),
        width: Some(width(|s: &onload_delegated_send| &s.ip_tcp_hdr_len)),
    },
    Field {
        ty: "struct onload_delegated_send",
        path: "reserved",
        offset: offset_of!(onload_delegated_send, reserved),
        width: Some(width(|s: &onload_delegated_send| &s.reserved)),
    },
    Field {
        ty: "struct onload_tcp_info",
        path: "so_recvbuf",
        offset: offset_of!(onload_tcp_info, so_recvbuf),
        width: Some(width(|s: &onload_tcp_info| &s.so_recvbuf)),
    },
    Field {
        ty: "struct onload_tcp_info",
        path: "rcvbuf_used",
        offset: offset_of!(onload_tcp_info, rcvbuf_used),
        width: Some(width(|s: &onload_tcp_info| &s.rcvbuf_used)),
    },
    Field {
        ty: "struct onload_tcp_info",
        path: "rcv_window",
        offset: offset_of!(onload_tcp_info, rcv_window),
        width: Some(width(|s: &onload_tcp_info| &s.rcv_window)),
    },
    Field {
        ty: "struct onload_tcp_info",
        path: "so_sndbuf",
        offset: offset_of!(onload_tcp_info, so_sndbuf),
        width: Some(width(|s: &onload_tcp_info| &s.so_sndbuf)),
    },
    Field {
        ty: "struct onload_tcp_info",
        path: "so_sndbuf_pkts",
        offset: offset_of!(onload_tcp_info, so_sndbuf_pkts),
        width: Some(width(|s: &onload_tcp_info| &s.so_sndbuf_pkts)),
    },
    Field {
        ty: "struct onload_tcp_info",
        path: "sndbuf_pkts_avail",
        offset: offset_of!(onload_tcp_info, sndbuf_pkts_avail),
        width: Some(width(|s: &onload_tcp_info| &s.sndbuf_pkts_avail)),
    },
    Field {
        ty: "struct onload_tcp_info",
        path: "snd_mss",
        offset: offset_of!(onload_tcp_info, snd_mss),
        width: Some(width(|s: &onload_tcp_info| &s.snd_mss)),
    },
    Field {
        ty: "struct onload_tcp_info",
        path: "snd_window",
        offset: offset_of!(onload_tcp_info, snd_window),
        width: Some(width(|s: &onload_tcp_info| &s.snd_window)),
    },
    Field {
        ty: "struct onload_tcp_info",
        path: "cong_window",
        offset: offset_of!(onload_tcp_info, cong_window),
        width: Some(width(|s: &onload_tcp_info| &s.cong_window)),
    },
    Field {
        ty: "struct onload_zc_iovec",
        path: "<unnamed>",
        offset: offset_of!(onload_zc_iovec, unnamed),
        width: Some(width(|s: &onload_zc_iovec| &s.unnamed)),
    },
    Field {
        ty: "struct onload_zc_iovec",
        path: "iov_base",
        offset: offset_of!(onload_zc_iovec, unnamed.iov_base),
        width: None,
    },
    Field {
        ty: "struct onload_zc_iovec",
        path: "iov_ptr",
        offset: offset_of!(onload_zc_iovec, unnamed.iov_ptr),
        width: None,
    },
    Field {
        ty: "struct onload_zc_iovec",
        path: "buf",
        offset: offset_of!(onload_zc_iovec, buf),
        width: Some(width(|s: &onload_zc_iovec| &s.buf)),
    },
    Field {
        ty: "struct onload_zc_iovec",
        path: "unused",
        offset: offset_of!(onload_zc_iovec, unused),
        width: Some(width(|s: &onload_zc_iovec| &s.unused)),
    },
    Field {
        ty: "struct onload_zc_msg",
        path: "iov",
        offset: offset_of!(onload_zc_msg, iov),
        width: Some(width(|s: &onload_zc_msg| &s.iov)),
    },
    Field {
        ty: "struct onload_zc_msg",
        path: "msghdr",
        offset: offset_of!(onload_zc_msg, msghdr),
        width: Some(width(|s: &onload_zc_msg| &s.msghdr)),
    },
    Field {
        ty: "struct onload_zc_mmsg",
        path: "msg",
        offset: offset_of!(onload_zc_mmsg, msg),
        width: Some(width(|s: &onload_zc_mmsg| &s.msg)),
    },
    Field {
        ty: "struct onload_zc_mmsg",
        path: "rc",
        offset: offset_of!(onload_zc_mmsg, rc),
        width: Some(width(|s: &onload_zc_mmsg| &s.rc)),
    },
    Field {
        ty: "struct onload_zc_mmsg",
        path: "fd",
        offset: offset_of!(onload_zc_mmsg, fd),
        width: Some(width(|s: &onload_zc_mmsg| &s.fd)),
    },
    Field {
        ty: "struct onload_zc_recv_args",
        path: "msg",
        offset: offset_of!(onload_zc_recv_args, msg),
        width: Some(width(|s: &onload_zc_recv_args| &s.msg)),
    },
    Field {
        ty: "struct onload_zc_recv_args",
        path: "cb",
        offset: offset_of!(onload_zc_recv_args, cb),
        width: Some(width(|s: &onload_zc_recv_args| &s.cb)),
    },
    Field {
        ty: "struct onload_zc_recv_args",
        path: "user_ptr",
        offset: offset_of!(onload_zc_recv_args, user_ptr),
        width: Some(width(|s: &onload_zc_recv_args| &s.user_ptr)),
    },
    Field {
        ty: "struct onload_zc_recv_args",
        path: "flags",
        offset: offset_of!(onload_zc_recv_args, flags),
        width: Some(width(|s: &onload_zc_recv_args| &s.flags)),
    },
    Field {
        ty: "struct onload_template_msg_update_iovec",
        path: "otmu_base",
        offset: offset_of!(onload_template_msg_update_iovec, otmu_base),
        width: Some(width(|s: &onload_template_msg_update_iovec| &s.otmu_base)),
    },
    Field {
        ty: "struct onload_template_msg_update_iovec",
        path: "otmu_len",
        offset: offset_of!(onload_template_msg_update_iovec, otmu_len),
        width: Some(width(|s: &onload_template_msg_update_iovec| &s.otmu_len)),
    },
    Field {
        ty: "struct onload_template_msg_update_iovec",
        path: "otmu_offset",
        offset: offset_of!(onload_template_msg_update_iovec, otmu_offset),
        width: Some(width(|s: &onload_template_msg_update_iovec| &s.otmu_offset)),
    },
    Field {
        ty: "struct onload_template_msg_update_iovec",
        path: "otmu_flags",
        offset: offset_of!(onload_template_msg_update_iovec, otmu_flags),
        width: Some(width(|s: &onload_template_msg_update_iovec| &s.otmu_flags)),
    },
];

const BITFIELDS: &[Bitfield] = &[
    Bitfield {
        ty: "ef_event",
        path: "generic.type",
        write: |v| {
            let mut view = ef_event::default().generic();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).generic().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx.type",
        write: |v| {
            let mut view = ef_event::default().rx();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx.q_id",
        write: |v| {
            let mut view = ef_event::default().rx();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx.__reserved",
        write: |v| {
            let mut view = ef_event::default().rx();
            view.__reserved = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx().__reserved as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx.rq_id",
        write: |v| {
            let mut view = ef_event::default().rx();
            view.rq_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx().rq_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx.len",
        write: |v| {
            let mut view = ef_event::default().rx();
            view.len = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx().len as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx.flags",
        write: |v| {
            let mut view = ef_event::default().rx();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx().flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx.ofs",
        write: |v| {
            let mut view = ef_event::default().rx();
            view.ofs = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx().ofs as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_discard.type",
        write: |v| {
            let mut view = ef_event::default().rx_discard();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_discard().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_discard.q_id",
        write: |v| {
            let mut view = ef_event::default().rx_discard();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_discard().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_discard.__reserved",
        write: |v| {
            let mut view = ef_event::default().rx_discard();
            view.__reserved = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_discard().__reserved as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_discard.rq_id",
        write: |v| {
            let mut view = ef_event::default().rx_discard();
            view.rq_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_discard().rq_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_discard.len",
        write: |v| {
            let mut view = ef_event::default().rx_discard();
            view.len = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_discard().len as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_discard.flags",
        write: |v| {
            let mut view = ef_event::default().rx_discard();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_discard().flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_discard.subtype",
        write: |v| {
            let mut view = ef_event::default().rx_discard();
            view.subtype = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_discard().subtype as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx.type",
        write: |v| {
            let mut view = ef_event::default().tx();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx.q_id",
        write: |v| {
            let mut view = ef_event::default().tx();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx.flags",
        write: |v| {
            let mut view = ef_event::default().tx();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx().flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx.__reserved",
        write: |v| {
            let mut view = ef_event::default().tx();
            view.__reserved = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx().__reserved as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx.desc_id",
        write: |v| {
            let mut view = ef_event::default().tx();
            view.desc_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx().desc_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_error.type",
        write: |v| {
            let mut view = ef_event::default().tx_error();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_error().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_error.q_id",
        write: |v| {
            let mut view = ef_event::default().tx_error();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_error().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_error.flags",
        write: |v| {
            let mut view = ef_event::default().tx_error();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_error().flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_error.__reserved",
        write: |v| {
            let mut view = ef_event::default().tx_error();
            view.__reserved = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_error().__reserved as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_error.desc_id",
        write: |v| {
            let mut view = ef_event::default().tx_error();
            view.desc_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_error().desc_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_error.subtype",
        write: |v| {
            let mut view = ef_event::default().tx_error();
            view.subtype = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_error().subtype as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_timestamp.type",
        write: |v| {
            let mut view = ef_event::default().tx_timestamp();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_timestamp().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_timestamp.q_id",
        write: |v| {
            let mut view = ef_event::default().tx_timestamp();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_timestamp().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_timestamp.flags",
        write: |v| {
            let mut view = ef_event::default().tx_timestamp();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_timestamp().flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_timestamp.ts_nsec_frac",
        write: |v| {
            let mut view = ef_event::default().tx_timestamp();
            view.ts_nsec_frac = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_timestamp().ts_nsec_frac as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_timestamp.rq_id",
        write: |v| {
            let mut view = ef_event::default().tx_timestamp();
            view.rq_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_timestamp().rq_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_timestamp.ts_sec",
        write: |v| {
            let mut view = ef_event::default().tx_timestamp();
            view.ts_sec = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_timestamp().ts_sec as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_timestamp.ts_nsec",
        write: |v| {
            let mut view = ef_event::default().tx_timestamp();
            view.ts_nsec = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_timestamp().ts_nsec as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_timestamp.ts_flags",
        write: |v| {
            let mut view = ef_event::default().tx_timestamp();
            view.ts_flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_timestamp().ts_flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_alt.type",
        write: |v| {
            let mut view = ef_event::default().tx_alt();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_alt().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_alt.q_id",
        write: |v| {
            let mut view = ef_event::default().tx_alt();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_alt().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_alt.__reserved",
        write: |v| {
            let mut view = ef_event::default().tx_alt();
            view.__reserved = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_alt().__reserved as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "tx_alt.alt_id",
        write: |v| {
            let mut view = ef_event::default().tx_alt();
            view.alt_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).tx_alt().alt_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_no_desc_trunc.type",
        write: |v| {
            let mut view = ef_event::default().rx_no_desc_trunc();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_no_desc_trunc().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_no_desc_trunc.q_id",
        write: |v| {
            let mut view = ef_event::default().rx_no_desc_trunc();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_no_desc_trunc().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_packed_stream.type",
        write: |v| {
            let mut view = ef_event::default().rx_packed_stream();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_packed_stream().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_packed_stream.q_id",
        write: |v| {
            let mut view = ef_event::default().rx_packed_stream();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_packed_stream().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_packed_stream.__reserved",
        write: |v| {
            let mut view = ef_event::default().rx_packed_stream();
            view.__reserved = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_packed_stream().__reserved as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_packed_stream.flags",
        write: |v| {
            let mut view = ef_event::default().rx_packed_stream();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_packed_stream().flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_packed_stream.n_pkts",
        write: |v| {
            let mut view = ef_event::default().rx_packed_stream();
            view.n_pkts = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_packed_stream().n_pkts as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_packed_stream.ps_flags",
        write: |v| {
            let mut view = ef_event::default().rx_packed_stream();
            view.ps_flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_packed_stream().ps_flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "sw.type",
        write: |v| {
            let mut view = ef_event::default().sw();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).sw().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "sw.data",
        write: |v| {
            let mut view = ef_event::default().sw();
            view.data = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).sw().data as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi.type",
        write: |v| {
            let mut view = ef_event::default().rx_multi();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi.q_id",
        write: |v| {
            let mut view = ef_event::default().rx_multi();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi.__reserved",
        write: |v| {
            let mut view = ef_event::default().rx_multi();
            view.__reserved = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi().__reserved as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi.n_descs",
        write: |v| {
            let mut view = ef_event::default().rx_multi();
            view.n_descs = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi().n_descs as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi.flags",
        write: |v| {
            let mut view = ef_event::default().rx_multi();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi().flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_discard.type",
        write: |v| {
            let mut view = ef_event::default().rx_multi_discard();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_discard().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_discard.q_id",
        write: |v| {
            let mut view = ef_event::default().rx_multi_discard();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_discard().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_discard.__reserved",
        write: |v| {
            let mut view = ef_event::default().rx_multi_discard();
            view.__reserved = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_discard().__reserved as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_discard.n_descs",
        write: |v| {
            let mut view = ef_event::default().rx_multi_discard();
            view.n_descs = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_discard().n_descs as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_discard.flags",
        write: |v| {
            let mut view = ef_event::default().rx_multi_discard();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_discard().flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_discard.subtype",
        write: |v| {
            let mut view = ef_event::default().rx_multi_discard();
            view.subtype = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_discard().subtype as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_pkts.type",
        write: |v| {
            let mut view = ef_event::default().rx_multi_pkts();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_pkts().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_pkts.q_id",
        write: |v| {
            let mut view = ef_event::default().rx_multi_pkts();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_pkts().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_pkts.__reserved",
        write: |v| {
            let mut view = ef_event::default().rx_multi_pkts();
            view.__reserved = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_pkts().__reserved as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_pkts.n_pkts",
        write: |v| {
            let mut view = ef_event::default().rx_multi_pkts();
            view.n_pkts = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_pkts().n_pkts as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_multi_pkts.flags",
        write: |v| {
            let mut view = ef_event::default().rx_multi_pkts();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_multi_pkts().flags as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref.type",
        write: |v| {
            let mut view = ef_event::default().rx_ref();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref.len",
        write: |v| {
            let mut view = ef_event::default().rx_ref();
            view.len = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref().len as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref.pkt_id",
        write: |v| {
            let mut view = ef_event::default().rx_ref();
            view.pkt_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref().pkt_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref.q_id",
        write: |v| {
            let mut view = ef_event::default().rx_ref();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref.filter_id",
        write: |v| {
            let mut view = ef_event::default().rx_ref();
            view.filter_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref().filter_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref.user",
        write: |v| {
            let mut view = ef_event::default().rx_ref();
            view.user = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref().user as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref_discard.type",
        write: |v| {
            let mut view = ef_event::default().rx_ref_discard();
            view.type_ = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref_discard().type_ as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref_discard.len",
        write: |v| {
            let mut view = ef_event::default().rx_ref_discard();
            view.len = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref_discard().len as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref_discard.pkt_id",
        write: |v| {
            let mut view = ef_event::default().rx_ref_discard();
            view.pkt_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref_discard().pkt_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref_discard.q_id",
        write: |v| {
            let mut view = ef_event::default().rx_ref_discard();
            view.q_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref_discard().q_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref_discard.filter_id",
        write: |v| {
            let mut view = ef_event::default().rx_ref_discard();
            view.filter_id = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref_discard().filter_id as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref_discard.user",
        write: |v| {
            let mut view = ef_event::default().rx_ref_discard();
            view.user = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref_discard().user as u64,
    },
    Bitfield {
        ty: "ef_event",
        path: "rx_ref_discard.flags",
        write: |v| {
            let mut view = ef_event::default().rx_ref_discard();
            view.flags = v as u32;
            bytes(ef_event::from(view))
        },
        read: |b| value::<ef_event>(b).rx_ref_discard().flags as u64,
    },
    Bitfield {
        ty: "struct onload_timestamp",
        path: "nsec_frac",
        write: |v| {
            let mut s = value::<onload_timestamp>(&[0; size_of::<onload_timestamp>()]);
            s.set_nsec_frac(v as _);
            bytes(s)
        },
        read: |b| value::<onload_timestamp>(b).nsec_frac() as u64,
    },
    Bitfield {
        ty: "struct onload_timestamp",
        path: "flags",
        write: |v| {
            let mut s = value::<onload_timestamp>(&[0; size_of::<onload_timestamp>()]);
            s.set_flags(v as _);
            bytes(s)
        },
        read: |b| value::<onload_timestamp>(b).flags() as u64,
    },
    Bitfield {
        ty: "struct onload_zc_iovec",
        path: "iov_len",
        write: |v| {
            let mut s = value::<onload_zc_iovec>(&[0; size_of::<onload_zc_iovec>()]);
            s.set_iov_len(v as _);
            bytes(s)
        },
        read: |b| value::<onload_zc_iovec>(b).iov_len(),
    },
    Bitfield {
        ty: "struct onload_zc_iovec",
        path: "iov_flags",
        write: |v| {
            let mut s = value::<onload_zc_iovec>(&[0; size_of::<onload_zc_iovec>()]);
            s.set_iov_flags(v as _);
            bytes(s)
        },
        read: |b| value::<onload_zc_iovec>(b).iov_flags(),
    },
];

const VALUES: &[Value] = &[
    Value { name: "EF_EVENT_TYPE_RX", value: || EF_EVENT_TYPE_RX as i128 },
    Value { name: "EF_EVENT_TYPE_TX", value: || EF_EVENT_TYPE_TX as i128 },
    Value { name: "EF_EVENT_TYPE_RX_DISCARD", value: || EF_EVENT_TYPE_RX_DISCARD as i128 },
    Value { name: "EF_EVENT_TYPE_TX_ERROR", value: || EF_EVENT_TYPE_TX_ERROR as i128 },
    Value { name: "EF_EVENT_TYPE_RX_NO_DESC_TRUNC", value: || EF_EVENT_TYPE_RX_NO_DESC_TRUNC as i128 },
    Value { name: "EF_EVENT_TYPE_SW", value: || EF_EVENT_TYPE_SW as i128 },
    Value { name: "EF_EVENT_TYPE_OFLOW", value: || EF_EVENT_TYPE_OFLOW as i128 },
    Value { name: "EF_EVENT_TYPE_TX_WITH_TIMESTAMP", value: || EF_EVENT_TYPE_TX_WITH_TIMESTAMP as i128 },
    Value { name: "EF_EVENT_TYPE_RX_PACKED_STREAM", value: || EF_EVENT_TYPE_RX_PACKED_STREAM as i128 },
    Value { name: "EF_EVENT_TYPE_RX_MULTI", value: || EF_EVENT_TYPE_RX_MULTI as i128 },
    Value { name: "EF_EVENT_TYPE_TX_ALT", value: || EF_EVENT_TYPE_TX_ALT as i128 },
    Value { name: "EF_EVENT_TYPE_RX_MULTI_DISCARD", value: || EF_EVENT_TYPE_RX_MULTI_DISCARD as i128 },
    Value { name: "EF_EVENT_TYPE_RESET", value: || EF_EVENT_TYPE_RESET as i128 },
    Value { name: "EF_EVENT_TYPE_RX_MULTI_PKTS", value: || EF_EVENT_TYPE_RX_MULTI_PKTS as i128 },
    Value { name: "EF_EVENT_TYPE_RX_REF", value: || EF_EVENT_TYPE_RX_REF as i128 },
    Value { name: "EF_EVENT_TYPE_RX_REF_DISCARD", value: || EF_EVENT_TYPE_RX_REF_DISCARD as i128 },
    Value { name: "EF_EVENT_RX_DISCARD_CSUM_BAD", value: || EF_EVENT_RX_DISCARD_CSUM_BAD as i128 },
    Value { name: "EF_EVENT_RX_DISCARD_MCAST_MISMATCH", value: || EF_EVENT_RX_DISCARD_MCAST_MISMATCH as i128 },
    Value { name: "EF_EVENT_RX_DISCARD_CRC_BAD", value: || EF_EVENT_RX_DISCARD_CRC_BAD as i128 },
    Value { name: "EF_EVENT_RX_DISCARD_TRUNC", value: || EF_EVENT_RX_DISCARD_TRUNC as i128 },
    Value { name: "EF_EVENT_RX_DISCARD_RIGHTS", value: || EF_EVENT_RX_DISCARD_RIGHTS as i128 },
    Value { name: "EF_EVENT_RX_DISCARD_EV_ERROR", value: || EF_EVENT_RX_DISCARD_EV_ERROR as i128 },
    Value { name: "EF_EVENT_RX_DISCARD_OTHER", value: || EF_EVENT_RX_DISCARD_OTHER as i128 },
    Value { name: "EF_EVENT_RX_DISCARD_INNER_CSUM_BAD", value: || EF_EVENT_RX_DISCARD_INNER_CSUM_BAD as i128 },
    Value { name: "EF_EVENT_RX_DISCARD_MAX", value: || EF_EVENT_RX_DISCARD_MAX as i128 },
    Value { name: "EF_EVENT_TX_ERROR_RIGHTS", value: || EF_EVENT_TX_ERROR_RIGHTS as i128 },
    Value { name: "EF_EVENT_TX_ERROR_OFLOW", value: || EF_EVENT_TX_ERROR_OFLOW as i128 },
    Value { name: "EF_EVENT_TX_ERROR_2BIG", value: || EF_EVENT_TX_ERROR_2BIG as i128 },
    Value { name: "EF_EVENT_TX_ERROR_BUS", value: || EF_EVENT_TX_ERROR_BUS as i128 },
    Value { name: "EF_VI_FLAGS_DEFAULT", value: || EF_VI_FLAGS_DEFAULT as i128 },
    Value { name: "EF_VI_ISCSI_RX_HDIG", value: || EF_VI_ISCSI_RX_HDIG as i128 },
    Value { name: "EF_VI_ISCSI_TX_HDIG", value: || EF_VI_ISCSI_TX_HDIG as i128 },
    Value { name: "EF_VI_ISCSI_RX_DDIG", value: || EF_VI_ISCSI_RX_DDIG as i128 },
    Value { name: "EF_VI_ISCSI_TX_DDIG", value: || EF_VI_ISCSI_TX_DDIG as i128 },
    Value { name: "EF_VI_TX_PHYS_ADDR", value: || EF_VI_TX_PHYS_ADDR as i128 },
    Value { name: "EF_VI_RX_PHYS_ADDR", value: || EF_VI_RX_PHYS_ADDR as i128 },
    Value { name: "EF_VI_TX_IP_CSUM_DIS", value: || EF_VI_TX_IP_CSUM_DIS as i128 },
    Value { name: "EF_VI_TX_TCPUDP_CSUM_DIS", value: || EF_VI_TX_TCPUDP_CSUM_DIS as i128 },
    Value { name: "EF_VI_TX_TCPUDP_ONLY", value: || EF_VI_TX_TCPUDP_ONLY as i128 },
    Value { name: "EF_VI_TX_FILTER_IP", value: || EF_VI_TX_FILTER_IP as i128 },
    Value { name: "EF_VI_TX_FILTER_MAC", value: || EF_VI_TX_FILTER_MAC as i128 },
    Value { name: "EF_VI_TX_FILTER_MASK_1", value: || EF_VI_TX_FILTER_MASK_1 as i128 },
    Value { name: "EF_VI_TX_FILTER_MASK_2", value: || EF_VI_TX_FILTER_MASK_2 as i128 },
    Value { name: "EF_VI_TX_FILTER_MASK_3", value: || EF_VI_TX_FILTER_MASK_3 as i128 },
    Value { name: "EF_VI_TX_PUSH_DISABLE", value: || EF_VI_TX_PUSH_DISABLE as i128 },
    Value { name: "EF_VI_TX_PUSH_ALWAYS", value: || EF_VI_TX_PUSH_ALWAYS as i128 },
    Value { name: "EF_VI_RX_TIMESTAMPS", value: || EF_VI_RX_TIMESTAMPS as i128 },
    Value { name: "EF_VI_TX_TIMESTAMPS", value: || EF_VI_TX_TIMESTAMPS as i128 },
    Value { name: "EF_VI_RX_PACKED_STREAM", value: || EF_VI_RX_PACKED_STREAM as i128 },
    Value { name: "EF_VI_RX_PS_BUF_SIZE_64K", value: || EF_VI_RX_PS_BUF_SIZE_64K as i128 },
    Value { name: "EF_VI_RX_EVENT_MERGE", value: || EF_VI_RX_EVENT_MERGE as i128 },
    Value { name: "EF_VI_TX_ALT", value: || EF_VI_TX_ALT as i128 },
    Value { name: "EF_VI_ENABLE_EV_TIMER", value: || EF_VI_ENABLE_EV_TIMER as i128 },
    Value { name: "EF_VI_TX_CTPIO", value: || EF_VI_TX_CTPIO as i128 },
    Value { name: "EF_VI_TX_CTPIO_NO_POISON", value: || EF_VI_TX_CTPIO_NO_POISON as i128 },
    Value { name: "EF_VI_RX_ZEROCOPY", value: || EF_VI_RX_ZEROCOPY as i128 },
    Value { name: "EF_VI_ALLOW_MEMCPY", value: || EF_VI_ALLOW_MEMCPY as i128 },
    Value { name: "EF_VI_EFCT_UNIQUEUE", value: || EF_VI_EFCT_UNIQUEUE as i128 },
    Value { name: "EF_VI_RX_EXCLUSIVE", value: || EF_VI_RX_EXCLUSIVE as i128 },
    Value { name: "EF_VI_OUT_CLOCK_SYNC_STATUS", value: || EF_VI_OUT_CLOCK_SYNC_STATUS as i128 },
    Value { name: "EF_VI_DISCARD_RX_L4_CSUM_ERR", value: || EF_VI_DISCARD_RX_L4_CSUM_ERR as i128 },
    Value { name: "EF_VI_DISCARD_RX_L3_CSUM_ERR", value: || EF_VI_DISCARD_RX_L3_CSUM_ERR as i128 },
    Value { name: "EF_VI_DISCARD_RX_ETH_FCS_ERR", value: || EF_VI_DISCARD_RX_ETH_FCS_ERR as i128 },
    Value { name: "EF_VI_DISCARD_RX_ETH_LEN_ERR", value: || EF_VI_DISCARD_RX_ETH_LEN_ERR as i128 },
    Value { name: "EF_VI_DISCARD_RX_TOBE_DISC", value: || EF_VI_DISCARD_RX_TOBE_DISC as i128 },
    Value { name: "EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR", value: || EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR as i128 },
    Value { name: "EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR", value: || EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR as i128 },
    Value { name: "EF_VI_DISCARD_RX_L2_CLASS_OTHER", value: || EF_VI_DISCARD_RX_L2_CLASS_OTHER as i128 },
    Value { name: "EF_VI_DISCARD_RX_L3_CLASS_OTHER", value: || EF_VI_DISCARD_RX_L3_CLASS_OTHER as i128 },
    Value { name: "EF_VI_DISCARD_RX_L4_CLASS_OTHER", value: || EF_VI_DISCARD_RX_L4_CLASS_OTHER as i128 },
    Value { name: "TS_FORMAT_SECONDS_27FRACTION", value: || TS_FORMAT_SECONDS_27FRACTION as i128 },
    Value { name: "TS_FORMAT_SECONDS_QTR_NANOSECONDS", value: || TS_FORMAT_SECONDS_QTR_NANOSECONDS as i128 },
    Value { name: "EF_VI_ARCH_FALCON", value: || EF_VI_ARCH_FALCON as i128 },
    Value { name: "EF_VI_ARCH_EF10", value: || EF_VI_ARCH_EF10 as i128 },
    Value { name: "EF_VI_ARCH_EF100", value: || EF_VI_ARCH_EF100 as i128 },
    Value { name: "EF_VI_ARCH_EFCT", value: || EF_VI_ARCH_EFCT as i128 },
    Value { name: "EF_VI_ARCH_AF_XDP", value: || EF_VI_ARCH_AF_XDP as i128 },
    Value { name: "EF_VI_ARCH_EF10CT", value: || EF_VI_ARCH_EF10CT as i128 },
    Value { name: "EF_VI_TX_EXTRA_MARK", value: || EF_VI_TX_EXTRA_MARK as i128 },
    Value { name: "EF_VI_TX_EXTRA_INGRESS_MPORT", value: || EF_VI_TX_EXTRA_INGRESS_MPORT as i128 },
    Value { name: "EF_VI_TX_EXTRA_EGRESS_MPORT", value: || EF_VI_TX_EXTRA_EGRESS_MPORT as i128 },
    Value { name: "EF_VI_TX_EXTRA_CAPSULE_METADATA", value: || EF_VI_TX_EXTRA_CAPSULE_METADATA as i128 },
    Value { name: "EF_VI_LAYOUT_FRAME", value: || EF_VI_LAYOUT_FRAME as i128 },
    Value { name: "EF_VI_LAYOUT_MINOR_TICKS", value: || EF_VI_LAYOUT_MINOR_TICKS as i128 },
    Value { name: "EF_VI_LAYOUT_PACKET_LENGTH", value: || EF_VI_LAYOUT_PACKET_LENGTH as i128 },
    Value { name: "EF_FILTER_FLAG_NONE", value: || EF_FILTER_FLAG_NONE as i128 },
    Value { name: "EF_FILTER_FLAG_MCAST_LOOP_RECEIVE", value: || EF_FILTER_FLAG_MCAST_LOOP_RECEIVE as i128 },
    Value { name: "EF_FILTER_FLAG_EXCLUSIVE_RXQ", value: || EF_FILTER_FLAG_EXCLUSIVE_RXQ as i128 },
    Value { name: "EF_FILTER_FLAG_SHRUB_SHARED", value: || EF_FILTER_FLAG_SHRUB_SHARED as i128 },
    Value { name: "EF_FILTER_VLAN_ID_ANY", value: || EF_FILTER_VLAN_ID_ANY as i128 },
    Value { name: "EF_FILTER_FIELD_ID", value: || EF_FILTER_FIELD_ID as i128 },
    Value { name: "EF_FILTER_FIELD_QUEUE", value: || EF_FILTER_FIELD_QUEUE as i128 },
    Value { name: "EF_FILTER_IS_EXCLUSIVE", value: || EF_FILTER_IS_EXCLUSIVE as i128 },
    Value { name: "EF_PD_DEFAULT", value: || EF_PD_DEFAULT as i128 },
    Value { name: "EF_PD_VF", value: || EF_PD_VF as i128 },
    Value { name: "EF_PD_PHYS_MODE", value: || EF_PD_PHYS_MODE as i128 },
    Value { name: "EF_PD_RX_PACKED_STREAM", value: || EF_PD_RX_PACKED_STREAM as i128 },
    Value { name: "EF_PD_VPORT", value: || EF_PD_VPORT as i128 },
    Value { name: "EF_PD_MCAST_LOOP", value: || EF_PD_MCAST_LOOP as i128 },
    Value { name: "EF_PD_MEMREG_64KiB", value: || EF_PD_MEMREG_64KiB as i128 },
    Value { name: "EF_PD_IGNORE_BLACKLIST", value: || EF_PD_IGNORE_BLACKLIST as i128 },
    Value { name: "EF_PD_LLCT", value: || EF_PD_LLCT as i128 },
    Value { name: "EF_VI_CAP_PIO", value: || EF_VI_CAP_PIO as i128 },
    Value { name: "EF_VI_CAP_PIO_BUFFER_SIZE", value: || EF_VI_CAP_PIO_BUFFER_SIZE as i128 },
    Value { name: "EF_VI_CAP_PIO_BUFFER_COUNT", value: || EF_VI_CAP_PIO_BUFFER_COUNT as i128 },
    Value { name: "EF_VI_CAP_HW_MULTICAST_LOOPBACK", value: || EF_VI_CAP_HW_MULTICAST_LOOPBACK as i128 },
    Value { name: "EF_VI_CAP_HW_MULTICAST_REPLICATION", value: || EF_VI_CAP_HW_MULTICAST_REPLICATION as i128 },
    Value { name: "EF_VI_CAP_HW_RX_TIMESTAMPING", value: || EF_VI_CAP_HW_RX_TIMESTAMPING as i128 },
    Value { name: "EF_VI_CAP_HW_TX_TIMESTAMPING", value: || EF_VI_CAP_HW_TX_TIMESTAMPING as i128 },
    Value { name: "EF_VI_CAP_PACKED_STREAM", value: || EF_VI_CAP_PACKED_STREAM as i128 },
    Value { name: "EF_VI_CAP_PACKED_STREAM_BUFFER_SIZES", value: || EF_VI_CAP_PACKED_STREAM_BUFFER_SIZES as i128 },
    Value { name: "EF_VI_CAP_VPORTS", value: || EF_VI_CAP_VPORTS as i128 },
    Value { name: "EF_VI_CAP_PHYS_MODE", value: || EF_VI_CAP_PHYS_MODE as i128 },
    Value { name: "EF_VI_CAP_BUFFER_MODE", value: || EF_VI_CAP_BUFFER_MODE as i128 },
    Value { name: "EF_VI_CAP_MULTICAST_FILTER_CHAINING", value: || EF_VI_CAP_MULTICAST_FILTER_CHAINING as i128 },
    Value { name: "EF_VI_CAP_MAC_SPOOFING", value: || EF_VI_CAP_MAC_SPOOFING as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_UDP_LOCAL", value: || EF_VI_CAP_RX_FILTER_TYPE_UDP_LOCAL as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_TCP_LOCAL", value: || EF_VI_CAP_RX_FILTER_TYPE_TCP_LOCAL as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_UDP_FULL", value: || EF_VI_CAP_RX_FILTER_TYPE_UDP_FULL as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_TCP_FULL", value: || EF_VI_CAP_RX_FILTER_TYPE_TCP_FULL as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_IP_VLAN", value: || EF_VI_CAP_RX_FILTER_TYPE_IP_VLAN as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_UDP6_LOCAL", value: || EF_VI_CAP_RX_FILTER_TYPE_UDP6_LOCAL as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_TCP6_LOCAL", value: || EF_VI_CAP_RX_FILTER_TYPE_TCP6_LOCAL as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_UDP6_FULL", value: || EF_VI_CAP_RX_FILTER_TYPE_UDP6_FULL as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_TCP6_FULL", value: || EF_VI_CAP_RX_FILTER_TYPE_TCP6_FULL as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_IP6_VLAN", value: || EF_VI_CAP_RX_FILTER_TYPE_IP6_VLAN as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL", value: || EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL as i128 },
    Value {
        name: "EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL_VLAN",
        value: || EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL_VLAN as i128,
    },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_UCAST_ALL", value: || EF_VI_CAP_RX_FILTER_TYPE_UCAST_ALL as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_MCAST_ALL", value: || EF_VI_CAP_RX_FILTER_TYPE_MCAST_ALL as i128 },
    Value {
        name: "EF_VI_CAP_RX_FILTER_TYPE_UCAST_MISMATCH",
        value: || EF_VI_CAP_RX_FILTER_TYPE_UCAST_MISMATCH as i128,
    },
    Value {
        name: "EF_VI_CAP_RX_FILTER_TYPE_MCAST_MISMATCH",
        value: || EF_VI_CAP_RX_FILTER_TYPE_MCAST_MISMATCH as i128,
    },
    Value { name: "EF_VI_CAP_RX_FILTER_TYPE_SNIFF", value: || EF_VI_CAP_RX_FILTER_TYPE_SNIFF as i128 },
    Value { name: "EF_VI_CAP_TX_FILTER_TYPE_SNIFF", value: || EF_VI_CAP_TX_FILTER_TYPE_SNIFF as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_IP4_PROTO", value: || EF_VI_CAP_RX_FILTER_IP4_PROTO as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_ETHERTYPE", value: || EF_VI_CAP_RX_FILTER_ETHERTYPE as i128 },
    Value { name: "EF_VI_CAP_RXQ_SIZES", value: || EF_VI_CAP_RXQ_SIZES as i128 },
    Value { name: "EF_VI_CAP_TXQ_SIZES", value: || EF_VI_CAP_TXQ_SIZES as i128 },
    Value { name: "EF_VI_CAP_EVQ_SIZES", value: || EF_VI_CAP_EVQ_SIZES as i128 },
    Value { name: "EF_VI_CAP_ZERO_RX_PREFIX", value: || EF_VI_CAP_ZERO_RX_PREFIX as i128 },
    Value { name: "EF_VI_CAP_TX_PUSH_ALWAYS", value: || EF_VI_CAP_TX_PUSH_ALWAYS as i128 },
    Value { name: "EF_VI_CAP_NIC_PACE", value: || EF_VI_CAP_NIC_PACE as i128 },
    Value { name: "EF_VI_CAP_RX_MERGE", value: || EF_VI_CAP_RX_MERGE as i128 },
    Value { name: "EF_VI_CAP_TX_ALTERNATIVES", value: || EF_VI_CAP_TX_ALTERNATIVES as i128 },
    Value { name: "EF_VI_CAP_TX_ALTERNATIVES_VFIFOS", value: || EF_VI_CAP_TX_ALTERNATIVES_VFIFOS as i128 },
    Value { name: "EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFERS", value: || EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFERS as i128 },
    Value { name: "EF_VI_CAP_RX_FW_VARIANT", value: || EF_VI_CAP_RX_FW_VARIANT as i128 },
    Value { name: "EF_VI_CAP_TX_FW_VARIANT", value: || EF_VI_CAP_TX_FW_VARIANT as i128 },
    Value { name: "EF_VI_CAP_CTPIO", value: || EF_VI_CAP_CTPIO as i128 },
    Value {
        name: "EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFER_SIZE",
        value: || EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFER_SIZE as i128,
    },
    Value { name: "EF_VI_CAP_RX_FORCE_EVENT_MERGING", value: || EF_VI_CAP_RX_FORCE_EVENT_MERGING as i128 },
    Value { name: "EF_VI_CAP_MIN_BUFFER_MODE_SIZE", value: || EF_VI_CAP_MIN_BUFFER_MODE_SIZE as i128 },
    Value { name: "EF_VI_CAP_CTPIO_ONLY", value: || EF_VI_CAP_CTPIO_ONLY as i128 },
    Value { name: "EF_VI_CAP_RX_SHARED", value: || EF_VI_CAP_RX_SHARED as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_SET_DEST", value: || EF_VI_CAP_RX_FILTER_SET_DEST as i128 },
    Value { name: "EF_VI_CAP_RX_FILTER_MAC_IP4_PROTO", value: || EF_VI_CAP_RX_FILTER_MAC_IP4_PROTO as i128 },
    Value { name: "EF_VI_CAP_MAX", value: || EF_VI_CAP_MAX as i128 },
    Value { name: "ONLOAD_TIMESTAMPING_FLAG_TX_NIC", value: || ONLOAD_TIMESTAMPING_FLAG_TX_NIC as i128 },
    Value { name: "ONLOAD_TIMESTAMPING_FLAG_RX_NIC", value: || ONLOAD_TIMESTAMPING_FLAG_RX_NIC as i128 },
    Value { name: "ONLOAD_TIMESTAMPING_FLAG_RX_CPACKET", value: || ONLOAD_TIMESTAMPING_FLAG_RX_CPACKET as i128 },
    Value { name: "ONLOAD_TS_FLAG_CLOCK_SET", value: || ONLOAD_TS_FLAG_CLOCK_SET as i128 },
    Value { name: "ONLOAD_TS_FLAG_CLOCK_IN_SYNC", value: || ONLOAD_TS_FLAG_CLOCK_IN_SYNC as i128 },
    Value { name: "ONLOAD_TS_FLAG_ACCEPTABLE", value: || ONLOAD_TS_FLAG_ACCEPTABLE as i128 },
    Value { name: "ONLOAD_SCOPE_NOCHANGE", value: || ONLOAD_SCOPE_NOCHANGE as i128 },
    Value { name: "ONLOAD_SCOPE_THREAD", value: || ONLOAD_SCOPE_THREAD as i128 },
    Value { name: "ONLOAD_SCOPE_PROCESS", value: || ONLOAD_SCOPE_PROCESS as i128 },
    Value { name: "ONLOAD_SCOPE_USER", value: || ONLOAD_SCOPE_USER as i128 },
    Value { name: "ONLOAD_SCOPE_GLOBAL", value: || ONLOAD_SCOPE_GLOBAL as i128 },
    Value { name: "ONLOAD_THIS_THREAD", value: || ONLOAD_THIS_THREAD as i128 },
    Value { name: "ONLOAD_ALL_THREADS", value: || ONLOAD_ALL_THREADS as i128 },
    Value { name: "ONLOAD_SPIN_ALL", value: || ONLOAD_SPIN_ALL as i128 },
    Value { name: "ONLOAD_SPIN_UDP_RECV", value: || ONLOAD_SPIN_UDP_RECV as i128 },
    Value { name: "ONLOAD_SPIN_UDP_SEND", value: || ONLOAD_SPIN_UDP_SEND as i128 },
    Value { name: "ONLOAD_SPIN_TCP_RECV", value: || ONLOAD_SPIN_TCP_RECV as i128 },
    Value { name: "ONLOAD_SPIN_TCP_SEND", value: || ONLOAD_SPIN_TCP_SEND as i128 },
    Value { name: "ONLOAD_SPIN_TCP_ACCEPT", value: || ONLOAD_SPIN_TCP_ACCEPT as i128 },
    Value { name: "ONLOAD_SPIN_PIPE_RECV", value: || ONLOAD_SPIN_PIPE_RECV as i128 },
    Value { name: "ONLOAD_SPIN_PIPE_SEND", value: || ONLOAD_SPIN_PIPE_SEND as i128 },
    Value { name: "ONLOAD_SPIN_SELECT", value: || ONLOAD_SPIN_SELECT as i128 },
    Value { name: "ONLOAD_SPIN_POLL", value: || ONLOAD_SPIN_POLL as i128 },
    Value { name: "ONLOAD_SPIN_PKT_WAIT", value: || ONLOAD_SPIN_PKT_WAIT as i128 },
    Value { name: "ONLOAD_SPIN_EPOLL_WAIT", value: || ONLOAD_SPIN_EPOLL_WAIT as i128 },
    Value { name: "ONLOAD_SPIN_STACK_LOCK", value: || ONLOAD_SPIN_STACK_LOCK as i128 },
    Value { name: "ONLOAD_SPIN_SOCK_LOCK", value: || ONLOAD_SPIN_SOCK_LOCK as i128 },
    Value { name: "ONLOAD_SPIN_SO_BUSY_POLL", value: || ONLOAD_SPIN_SO_BUSY_POLL as i128 },
    Value { name: "ONLOAD_SPIN_TCP_CONNECT", value: || ONLOAD_SPIN_TCP_CONNECT as i128 },
    Value { name: "ONLOAD_SPIN_MIMIC_EF_POLL", value: || ONLOAD_SPIN_MIMIC_EF_POLL as i128 },
    Value { name: "ONLOAD_SPIN_MAX", value: || ONLOAD_SPIN_MAX as i128 },
    Value { name: "ONLOAD_FD_FEAT_MSG_WARM", value: || ONLOAD_FD_FEAT_MSG_WARM as i128 },
    Value { name: "ONLOAD_FD_FEAT_UDP_TX_TS_HDR", value: || ONLOAD_FD_FEAT_UDP_TX_TS_HDR as i128 },
    Value { name: "ONLOAD_FD_FEAT_TX_SCM_TS_PKTINFO", value: || ONLOAD_FD_FEAT_TX_SCM_TS_PKTINFO as i128 },
    Value { name: "ONLOAD_DELEGATED_SEND_RC_OK", value: || ONLOAD_DELEGATED_SEND_RC_OK as i128 },
    Value { name: "ONLOAD_DELEGATED_SEND_RC_BAD_SOCKET", value: || ONLOAD_DELEGATED_SEND_RC_BAD_SOCKET as i128 },
    Value { name: "ONLOAD_DELEGATED_SEND_RC_SMALL_HEADER", value: || ONLOAD_DELEGATED_SEND_RC_SMALL_HEADER as i128 },
    Value { name: "ONLOAD_DELEGATED_SEND_RC_SENDQ_BUSY", value: || ONLOAD_DELEGATED_SEND_RC_SENDQ_BUSY as i128 },
    Value { name: "ONLOAD_DELEGATED_SEND_RC_NOWIN", value: || ONLOAD_DELEGATED_SEND_RC_NOWIN as i128 },
    Value { name: "ONLOAD_DELEGATED_SEND_RC_NOARP", value: || ONLOAD_DELEGATED_SEND_RC_NOARP as i128 },
    Value { name: "ONLOAD_DELEGATED_SEND_RC_NOCWIN", value: || ONLOAD_DELEGATED_SEND_RC_NOCWIN as i128 },
    Value { name: "ONLOAD_ZC_BUFFER_HDR_NONE", value: || ONLOAD_ZC_BUFFER_HDR_NONE as i128 },
    Value { name: "ONLOAD_ZC_BUFFER_HDR_UDP", value: || ONLOAD_ZC_BUFFER_HDR_UDP as i128 },
    Value { name: "ONLOAD_ZC_BUFFER_HDR_TCP", value: || ONLOAD_ZC_BUFFER_HDR_TCP as i128 },
    Value { name: "ONLOAD_ZC_CONTINUE", value: || ONLOAD_ZC_CONTINUE as i128 },
    Value { name: "ONLOAD_ZC_TERMINATE", value: || ONLOAD_ZC_TERMINATE as i128 },
    Value { name: "ONLOAD_ZC_KEEP", value: || ONLOAD_ZC_KEEP as i128 },
    Value { name: "ONLOAD_ZC_MODIFIED", value: || ONLOAD_ZC_MODIFIED as i128 },
    Value { name: "ONLOAD_TEMPLATE_FLAGS_SEND_NOW", value: || ONLOAD_TEMPLATE_FLAGS_SEND_NOW as i128 },
    Value { name: "ONLOAD_TEMPLATE_FLAGS_PIO_RETRY", value: || ONLOAD_TEMPLATE_FLAGS_PIO_RETRY as i128 },
    Value { name: "ONLOAD_TEMPLATE_FLAGS_DONTWAIT", value: || ONLOAD_TEMPLATE_FLAGS_DONTWAIT as i128 },
    Value { name: "EF_VI_DMA_ALIGN", value: || EF_VI_DMA_ALIGN as i128 },
    Value { name: "EF_ADDRSPACE_LOCAL", value: || EF_ADDRSPACE_LOCAL as i64 as i128 },
    Value { name: "EF_VI_MAX_QS", value: || EF_VI_MAX_QS as i128 },
    Value { name: "EF_VI_EVENT_POLL_MIN_EVS", value: || EF_VI_EVENT_POLL_MIN_EVS as i128 },
    Value { name: "EF_VI_MAX_EFCT_RXQS", value: || EF_VI_MAX_EFCT_RXQS as i128 },
    Value { name: "EF_REQUEST_ID_MASK", value: || EF_REQUEST_ID_MASK as i128 },
    Value { name: "EF_VI_TX_TS_FRAC_NS_BITS", value: || EF_VI_TX_TS_FRAC_NS_BITS as i128 },
    Value { name: "EF_EVENT_FLAG_SOP", value: || EF_EVENT_FLAG_SOP as i128 },
    Value { name: "EF_EVENT_FLAG_CONT", value: || EF_EVENT_FLAG_CONT as i128 },
    Value { name: "EF_EVENT_FLAG_ISCSI_OK", value: || EF_EVENT_FLAG_ISCSI_OK as i128 },
    Value { name: "EF_EVENT_FLAG_MULTICAST", value: || EF_EVENT_FLAG_MULTICAST as i128 },
    Value { name: "EF_EVENT_FLAG_PS_NEXT_BUFFER", value: || EF_EVENT_FLAG_PS_NEXT_BUFFER as i128 },
    Value { name: "EF_EVENT_FLAG_CTPIO", value: || EF_EVENT_FLAG_CTPIO as i128 },
    Value { name: "EF_VI_SYNC_FLAG_CLOCK_SET", value: || EF_VI_SYNC_FLAG_CLOCK_SET as i128 },
    Value { name: "EF_VI_SYNC_FLAG_CLOCK_IN_SYNC", value: || EF_VI_SYNC_FLAG_CLOCK_IN_SYNC as i128 },
    Value { name: "EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK", value: || EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK as i128 },
    Value { name: "EF_EVENT_SW_DATA_MASK", value: || EF_EVENT_SW_DATA_MASK as i128 },
    Value { name: "EF_RIOV_FLAG_TRANSLATE_ADDR", value: || EF_RIOV_FLAG_TRANSLATE_ADDR as i128 },
    Value { name: "EF_VI_RECEIVE_BATCH", value: || EF_VI_RECEIVE_BATCH as i128 },
    Value { name: "EF_VI_TRANSMIT_BATCH", value: || EF_VI_TRANSMIT_BATCH as i128 },
    Value { name: "EF_VI_CTPIO_CT_THRESHOLD_SNF", value: || EF_VI_CTPIO_CT_THRESHOLD_SNF as i128 },
    Value { name: "EF_VI_NIC_PAGE_SHIFT", value: || EF_VI_NIC_PAGE_SHIFT as i128 },
    Value { name: "EF_VI_NIC_PAGE_SIZE", value: || EF_VI_NIC_PAGE_SIZE as i128 },
    Value { name: "EF_INVALID_ADDR", value: || EF_INVALID_ADDR as i64 as i128 },
    Value { name: "EF_PD_VLAN_NONE", value: || EF_PD_VLAN_NONE as i128 },
    Value { name: "EF_VI_CONFIG_PIO", value: || EF_VI_CONFIG_PIO as i128 },
    Value { name: "EF_VI_PS_FLAG_CLOCK_SET", value: || EF_VI_PS_FLAG_CLOCK_SET as i128 },
    Value { name: "EF_VI_PS_FLAG_CLOCK_IN_SYNC", value: || EF_VI_PS_FLAG_CLOCK_IN_SYNC as i128 },
    Value { name: "EF_VI_PS_FLAG_BAD_FCS", value: || EF_VI_PS_FLAG_BAD_FCS as i128 },
    Value { name: "EF_VI_PS_FLAG_BAD_L4_CSUM", value: || EF_VI_PS_FLAG_BAD_L4_CSUM as i128 },
    Value { name: "EF_VI_PS_FLAG_BAD_L3_CSUM", value: || EF_VI_PS_FLAG_BAD_L3_CSUM as i128 },
    Value { name: "EF_VI_PS_FLAG_BAD_IP_CSUM", value: || EF_VI_PS_FLAG_BAD_IP_CSUM as i128 },
    Value { name: "ONLOAD_MSG_WARM", value: || ONLOAD_MSG_WARM as i128 },
    Value { name: "ONLOAD_MSG_ONEPKT", value: || ONLOAD_MSG_ONEPKT as i128 },
    Value { name: "ONLOAD_SOF_TIMESTAMPING_STREAM", value: || ONLOAD_SOF_TIMESTAMPING_STREAM as i128 },
    Value { name: "ONLOAD_SCM_TIMESTAMPING_STREAM", value: || ONLOAD_SCM_TIMESTAMPING_STREAM as i128 },
    Value { name: "ONLOAD_DONT_ACCELERATE", value: || ONLOAD_DONT_ACCELERATE as i128 },
    Value { name: "ONLOAD_DELEGATED_SEND_FLAG_IGNORE_ARP", value: || ONLOAD_DELEGATED_SEND_FLAG_IGNORE_ARP as i128 },
    Value { name: "ONLOAD_DELEGATED_SEND_FLAG_RESOLVE_ARP", value: || ONLOAD_DELEGATED_SEND_FLAG_RESOLVE_ARP as i128 },
    Value { name: "ONLOAD_ZC_HANDLE_NONZC", value: || ONLOAD_ZC_HANDLE_NONZC.addr() as isize as i128 },
    Value { name: "ONLOAD_MSG_RECV_OS_INLINE", value: || ONLOAD_MSG_RECV_OS_INLINE as i128 },
    Value { name: "ONLOAD_MSG_DONTWAIT", value: || ONLOAD_MSG_DONTWAIT as i128 },
    Value { name: "ONLOAD_ZC_RECV_FLAGS_MASK", value: || ONLOAD_ZC_RECV_FLAGS_MASK as i128 },
    Value { name: "ONLOAD_ZC_RECV_FLAGS_PTHRU_MASK", value: || ONLOAD_ZC_RECV_FLAGS_PTHRU_MASK as i128 },
    Value { name: "ONLOAD_ZC_MSG_SHARED", value: || ONLOAD_ZC_MSG_SHARED as i128 },
    Value { name: "ONLOAD_ZC_END_OF_BURST", value: || ONLOAD_ZC_END_OF_BURST as i128 },
    Value { name: "ONLOAD_MSG_MORE", value: || ONLOAD_MSG_MORE as i128 },
    Value { name: "ONLOAD_MSG_NOSIGNAL", value: || ONLOAD_MSG_NOSIGNAL as i128 },
    Value { name: "ONLOAD_ZC_SEND_FLAGS_MASK", value: || ONLOAD_ZC_SEND_FLAGS_MASK as i128 },
    Value { name: "ONLOAD_ZC_SEND_FLAGS_PTHRU_MASK", value: || ONLOAD_ZC_SEND_FLAGS_PTHRU_MASK as i128 },
];

const FUNCTIONS: &[&str] = &[
    "ef_vi_resource_id",
    "ef_vi_flags",
    "ef_vi_instance",
    "ef_vi_version_str",
    "ef_vi_driver_interface_str",
    "ef_vi_receive_prefix_len",
    "ef_vi_receive_buffer_len",
    "ef_vi_receive_set_buffer_len",
    "ef_vi_receive_space",
    "ef_vi_receive_fill_level",
    "ef_vi_receive_capacity",
    "ef_vi_receive_post",
    "ef_vi_receive_get_timestamp",
    "ef_vi_receive_get_timestamp_with_sync_flags",
    "ef_vi_receive_get_bytes",
    "ef_vi_receive_get_user_data",
    "ef_vi_receive_unbundle",
    "ef_vi_rxq_next_desc_id",
    "ef_vi_transmit_space",
    "ef_vi_transmit_fill_level",
    "ef_vi_transmit_space_bytes",
    "ef_vi_transmit_fill_level_bytes",
    "ef_vi_transmit_capacity",
    "ef_vi_transmit_init",
    "ef_vi_transmitv_init_extra",
    "ef_vi_transmit_init_undo",
    "ef_vi_transmit_unbundle",
    "ef_vi_transmit_alt_num_ids",
    "ef_vi_transmit_alt_query_overhead",
    "ef_vi_transmit_alt_usage",
    "ef_vi_set_tx_push_threshold",
    "ef_vi_transmit_ctpio",
    "ef_eventq_capacity",
    "ef_eventq_current",
    "ef_vi_receive_query_layout",
    "ef_vi_receive_get_discard_flags",
    "ef_eventq_wait",
    "ef_driver_open",
    "ef_driver_close",
    "ef_vi_alloc_from_pd",
    "ef_vi_free",
    "ef_vi_transmit_alt_alloc",
    "ef_vi_transmit_alt_free",
    "ef_vi_transmit_alt_query_buffering",
    "ef_vi_flush",
    "ef_vi_pace",
    "ef_vi_mtu",
    "ef_vi_get_mac",
    "ef_eventq_put",
    "ef_vi_set_alloc_from_pd",
    "ef_vi_set_free",
    "ef_vi_alloc_from_set",
    "ef_vi_prime",
    "ef_filter_spec_init",
    "ef_filter_spec_set_ip4_local",
    "ef_filter_spec_set_ip4_full",
    "ef_filter_spec_set_ip6_local",
    "ef_filter_spec_set_ip6_full",
    "ef_filter_spec_set_vlan",
    "ef_filter_spec_set_eth_local",
    "ef_filter_spec_set_unicast_all",
    "ef_filter_spec_set_multicast_all",
    "ef_filter_spec_set_unicast_mismatch",
    "ef_filter_spec_set_multicast_mismatch",
    "ef_filter_spec_set_port_sniff",
    "ef_filter_spec_set_tx_port_sniff",
    "ef_filter_spec_set_block_kernel",
    "ef_filter_spec_set_block_kernel_multicast",
    "ef_filter_spec_set_eth_type",
    "ef_filter_spec_set_ip_proto",
    "ef_filter_spec_set_user_mark",
    "ef_filter_spec_set_user_flag",
    "ef_filter_spec_set_block_kernel_unicast",
    "ef_filter_spec_set_dest",
    "ef_vi_filter_add",
    "ef_vi_filter_del",
    "ef_vi_filter_query",
    "ef_vi_set_filter_add",
    "ef_vi_set_filter_del",
    "ef_vi_stats_query_layout",
    "ef_vi_stats_query",
    "ef_pd_alloc",
    "ef_pd_alloc_by_name",
    "ef_pd_alloc_with_vport",
    "ef_pd_interface_name",
    "ef_pd_free",
    "ef_memreg_alloc",
    "ef_memreg_free",
    "ef_memreg_dma_addr",
    "ef_pio_alloc",
    "ef_vi_get_pio_size",
    "ef_pio_free",
    "ef_pio_link_vi",
    "ef_pio_unlink_vi",
    "ef_pio_memcpy",
    "ef_vi_capabilities_get",
    "ef_vi_capabilities_max",
    "ef_vi_capabilities_name",
    "ef_ip_checksum",
    "ef_udp_checksum",
    "ef_udp_checksum_ip6",
    "ef_udp_checksum_ipx",
    "ef_udp_checksum_ipx_buf",
    "ef_tcp_checksum",
    "ef_tcp_checksum_ip6",
    "ef_tcp_checksum_ipx",
    "ef_tcp_checksum_ipx_buf",
    "ef_udp_checksum_is_correct",
    "ef_udp_checksum_ip6_is_correct",
    "ef_udp_checksum_ipx_is_correct",
    "ef_tcp_checksum_is_correct",
    "ef_tcp_checksum_ip6_is_correct",
    "ef_tcp_checksum_ipx_is_correct",
    "ef_icmpv6_checksum",
    "ef_vi_packed_stream_get_params",
    "ef_vi_packed_stream_unbundle",
    "ef_packed_stream_packet_first",
    "ef_packed_stream_packet_next",
    "ef_packed_stream_packet_payload",
    "efct_vi_rxpkt_get",
    "efct_vi_rxpkt_get_timestamp",
    "efct_vi_rxpkt_release",
    "efct_vi_rx_future_peek",
    "efct_vi_rx_future_poll",
    "efct_vi_start_transmit_warm",
    "efct_vi_stop_transmit_warm",
    "onload_timestamping_request",
    "onload_is_present",
    "onload_set_stackname",
    "onload_stackname_save",
    "onload_stackname_restore",
    "onload_stack_opt_set_int",
    "onload_stack_opt_get_int",
    "onload_stack_opt_set_str",
    "onload_stack_opt_get_str",
    "onload_stack_opt_reset",
    "onload_fd_stat",
    "onload_thread_set_spin",
    "onload_thread_get_spin",
    "onload_fd_check_feature",
    "onload_move_fd",
    "onload_ordered_epoll_wait",
    "onload_delegated_send_prepare",
    "onload_delegated_send_tcp_update",
    "onload_delegated_send_tcp_advance",
    "onload_delegated_send_complete",
    "onload_delegated_send_cancel",
    "onload_get_tcp_info",
    "onload_socket_nonaccel",
    "onload_socket_unicast_nonaccel",
    "onload_socket_rx_nonaccel",
    "onload_zc_await_stack_sync",
    "onload_zc_alloc_buffers",
    "onload_zc_release_buffers",
    "onload_zc_recv",
    "onload_recvmsg_kernel",
    "onload_zc_send",
    "onload_set_recv_filter",
    "onload_msg_template_alloc",
    "onload_msg_template_update",
    "onload_msg_template_abort",
];

const MACROS: &[&str] = &[
    "EF_EVENT_TYPE",
    "EF_EVENT_RX_BYTES",
    "EF_EVENT_RX_Q_ID",
    "EF_EVENT_RX_RQ_ID",
    "EF_EVENT_RX_CONT",
    "EF_EVENT_RX_SOP",
    "EF_EVENT_RX_PS_NEXT_BUFFER",
    "EF_EVENT_RX_ISCSI_OKAY",
    "EF_EVENT_TX_Q_ID",
    "EF_EVENT_TX_CTPIO",
    "EF_EVENT_RX_DISCARD_Q_ID",
    "EF_EVENT_RX_DISCARD_RQ_ID",
    "EF_EVENT_RX_DISCARD_CONT",
    "EF_EVENT_RX_DISCARD_SOP",
    "EF_EVENT_RX_DISCARD_TYPE",
    "EF_EVENT_RX_DISCARD_BYTES",
    "EF_EVENT_RX_MULTI_Q_ID",
    "EF_EVENT_RX_MULTI_CONT",
    "EF_EVENT_RX_MULTI_SOP",
    "EF_EVENT_RX_MULTI_DISCARD_TYPE",
    "EF_EVENT_TX_ERROR_Q_ID",
    "EF_EVENT_TX_ERROR_TYPE",
    "EF_EVENT_TX_WITH_TIMESTAMP_Q_ID",
    "EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID",
    "EF_EVENT_TX_WITH_TIMESTAMP_SEC",
    "EF_EVENT_TX_WITH_TIMESTAMP_NSEC",
    "EF_EVENT_TX_WITH_TIMESTAMP_NSEC_FRAC16",
    "EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS",
    "EF_EVENT_TX_ALT_Q_ID",
    "EF_EVENT_TX_ALT_ALT_ID",
    "EF_EVENT_RX_NO_DESC_TRUNC_Q_ID",
    "EF_EVENT_SW_DATA",
    "EF_EVENT_PRI_ARG",
    "ef_vi_receive_init",
    "ef_vi_receive_push",
    "ef_vi_receive_get_precise_timestamp",
    "ef_vi_receive_set_discards",
    "ef_vi_receive_get_discards",
    "ef_vi_transmitv_init",
    "ef_vi_transmit_push",
    "ef_vi_transmit",
    "ef_vi_transmitv",
    "ef_vi_transmit_pio",
    "ef_vi_transmit_copy_pio",
    "ef_vi_transmit_pio_warm",
    "ef_vi_transmit_copy_pio_warm",
    "ef_vi_start_transmit_warm",
    "ef_vi_stop_transmit_warm",
    "ef_vi_transmit_alt_select",
    "ef_vi_transmit_alt_select_normal",
    "ef_vi_transmit_alt_stop",
    "ef_vi_transmit_alt_go",
    "ef_vi_transmit_alt_discard",
    "ef_vi_transmitv_ctpio",
    "ef_vi_transmitv_ctpio_copy",
    "ef_vi_transmit_ctpio_fallback",
    "ef_vi_transmitv_ctpio_fallback",
    "ef_eventq_check_event",
    "ef_eventq_check_event_phase_bit",
    "efxdp_ef_eventq_check_event",
    "efct_ef_eventq_check_event",
    "ef_eventq_has_event",
    "ef_eventq_has_many_events",
    "ef_eventq_prime",
    "ef_eventq_poll",
    "ef_eventq_timer_prime",
    "ef_eventq_timer_run",
    "ef_eventq_timer_clear",
    "ef_eventq_timer_zero",
];

const _: unsafe fn(*mut ef_vi) -> c_uint = ef_vi_resource_id;
const _: unsafe fn(*mut ef_vi) -> ef_vi_flags = ef_vi_flags;
const _: unsafe fn(*mut ef_vi) -> c_uint = ef_vi_instance;
const _: unsafe extern "C" fn() -> *const c_char = ef_vi_version_str;
const _: unsafe extern "C" fn() -> *const c_char = ef_vi_driver_interface_str;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_receive_prefix_len;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_receive_buffer_len;
const _: unsafe fn(*mut ef_vi, c_uint) = ef_vi_receive_set_buffer_len;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_receive_space;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_receive_fill_level;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_receive_capacity;
const _: unsafe extern "C" fn(*mut ef_vi, ef_addr, ef_request_id) -> c_int = ef_vi_receive_post;
const _: unsafe extern "C" fn(*mut ef_vi, *const c_void, *mut libc::timespec) -> c_int = ef_vi_receive_get_timestamp;
const _: unsafe extern "C" fn(*mut ef_vi, *const c_void, *mut libc::timespec, *mut c_uint) -> c_int =
    ef_vi_receive_get_timestamp_with_sync_flags;
const _: unsafe extern "C" fn(*mut ef_vi, *const c_void, *mut u16) -> c_int = ef_vi_receive_get_bytes;
const _: unsafe extern "C" fn(*mut ef_vi, *const c_void, *mut u32, *mut u8) -> c_int = ef_vi_receive_get_user_data;
const _: unsafe extern "C" fn(*mut ef_vi, *const ef_event, *mut ef_request_id) -> c_int = ef_vi_receive_unbundle;
const _: unsafe extern "C" fn(*mut ef_vi) -> ef_request_id = ef_vi_rxq_next_desc_id;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_transmit_space;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_transmit_fill_level;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_transmit_space_bytes;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_transmit_fill_level_bytes;
const _: unsafe fn(*const ef_vi) -> c_int = ef_vi_transmit_capacity;
const _: unsafe extern "C" fn(*mut ef_vi, ef_addr, c_int, ef_request_id) -> c_int = ef_vi_transmit_init;
const _: unsafe extern "C" fn(
    *mut ef_vi,
    *const ef_vi_tx_extra,
    *const ef_remote_iovec,
    c_int,
    ef_request_id,
) -> c_int = ef_vi_transmitv_init_extra;
const _: unsafe extern "C" fn(*mut ef_vi) = ef_vi_transmit_init_undo;
const _: unsafe extern "C" fn(*mut ef_vi, *const ef_event, *mut ef_request_id) -> c_int = ef_vi_transmit_unbundle;
const _: unsafe extern "C" fn(*mut ef_vi) -> c_uint = ef_vi_transmit_alt_num_ids;
const _: unsafe extern "C" fn(*mut ef_vi, *mut ef_vi_transmit_alt_overhead) -> c_int =
    ef_vi_transmit_alt_query_overhead;
const _: unsafe fn(*const ef_vi_transmit_alt_overhead, u32) -> u32 = ef_vi_transmit_alt_usage;
const _: unsafe extern "C" fn(*mut ef_vi, c_uint) = ef_vi_set_tx_push_threshold;
const _: unsafe fn(*mut ef_vi, *const c_void, usize, c_uint) = ef_vi_transmit_ctpio;
const _: unsafe extern "C" fn(*mut ef_vi) -> c_int = ef_eventq_capacity;
const _: unsafe fn(*mut ef_vi) -> c_uint = ef_eventq_current;
const _: unsafe extern "C" fn(*mut ef_vi, *mut *const ef_vi_layout_entry, *mut c_int) -> c_int =
    ef_vi_receive_query_layout;
const _: unsafe extern "C" fn(*mut ef_vi, *const c_void, *mut c_uint) -> c_int = ef_vi_receive_get_discard_flags;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle, c_uint, *const libc::timeval) -> c_int = ef_eventq_wait;
const _: unsafe extern "C" fn(*mut ef_driver_handle) -> c_int = ef_driver_open;
const _: unsafe extern "C" fn(ef_driver_handle) -> c_int = ef_driver_close;
const _: unsafe extern "C" fn(
    *mut ef_vi,
    ef_driver_handle,
    *mut ef_pd,
    ef_driver_handle,
    c_int,
    c_int,
    c_int,
    *mut ef_vi,
    ef_driver_handle,
    ef_vi_flags,
) -> c_int = ef_vi_alloc_from_pd;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle) -> c_int = ef_vi_free;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle, c_int, usize) -> c_int = ef_vi_transmit_alt_alloc;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle) -> c_int = ef_vi_transmit_alt_free;
const _: unsafe extern "C" fn(*mut ef_vi, c_int, ef_driver_handle, c_int) -> c_int = ef_vi_transmit_alt_query_buffering;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle) -> c_int = ef_vi_flush;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle, c_int) -> c_int = ef_vi_pace;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle) -> c_uint = ef_vi_mtu;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle, *mut c_void) -> c_int = ef_vi_get_mac;
const _: unsafe extern "C" fn(c_uint, ef_driver_handle, c_uint) -> c_int = ef_eventq_put;
const _: unsafe extern "C" fn(*mut ef_vi_set, ef_driver_handle, *mut ef_pd, ef_driver_handle, c_int) -> c_int =
    ef_vi_set_alloc_from_pd;
const _: unsafe extern "C" fn(*mut ef_vi_set, ef_driver_handle) -> c_int = ef_vi_set_free;
const _: unsafe extern "C" fn(
    *mut ef_vi,
    ef_driver_handle,
    *mut ef_vi_set,
    ef_driver_handle,
    c_int,
    c_int,
    c_int,
    c_int,
    *mut ef_vi,
    ef_driver_handle,
    ef_vi_flags,
) -> c_int = ef_vi_alloc_from_set;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle, c_uint) -> c_int = ef_vi_prime;
const _: unsafe extern "C" fn(*mut ef_filter_spec, ef_filter_flags) = ef_filter_spec_init;
const _: unsafe extern "C" fn(*mut ef_filter_spec, c_int, c_uint, c_int) -> c_int = ef_filter_spec_set_ip4_local;
const _: unsafe extern "C" fn(*mut ef_filter_spec, c_int, c_uint, c_int, c_uint, c_int) -> c_int =
    ef_filter_spec_set_ip4_full;
const _: unsafe extern "C" fn(*mut ef_filter_spec, c_int, *const libc::in6_addr, c_int) -> c_int =
    ef_filter_spec_set_ip6_local;
const _: unsafe extern "C" fn(
    *mut ef_filter_spec,
    c_int,
    *const libc::in6_addr,
    c_int,
    *const libc::in6_addr,
    c_int,
) -> c_int = ef_filter_spec_set_ip6_full;
const _: unsafe extern "C" fn(*mut ef_filter_spec, c_int) -> c_int = ef_filter_spec_set_vlan;
const _: unsafe extern "C" fn(*mut ef_filter_spec, c_int, *const c_void) -> c_int = ef_filter_spec_set_eth_local;
const _: unsafe extern "C" fn(*mut ef_filter_spec) -> c_int = ef_filter_spec_set_unicast_all;
const _: unsafe extern "C" fn(*mut ef_filter_spec) -> c_int = ef_filter_spec_set_multicast_all;
const _: unsafe extern "C" fn(*mut ef_filter_spec) -> c_int = ef_filter_spec_set_unicast_mismatch;
const _: unsafe extern "C" fn(*mut ef_filter_spec) -> c_int = ef_filter_spec_set_multicast_mismatch;
const _: unsafe extern "C" fn(*mut ef_filter_spec, c_int) -> c_int = ef_filter_spec_set_port_sniff;
const _: unsafe extern "C" fn(*mut ef_filter_spec) -> c_int = ef_filter_spec_set_tx_port_sniff;
const _: unsafe extern "C" fn(*mut ef_filter_spec) -> c_int = ef_filter_spec_set_block_kernel;
const _: unsafe extern "C" fn(*mut ef_filter_spec) -> c_int = ef_filter_spec_set_block_kernel_multicast;
const _: unsafe extern "C" fn(*mut ef_filter_spec, u16) -> c_int = ef_filter_spec_set_eth_type;
const _: unsafe extern "C" fn(*mut ef_filter_spec, u8) -> c_int = ef_filter_spec_set_ip_proto;
const _: unsafe extern "C" fn(*mut ef_filter_spec, u32, c_int) -> c_int = ef_filter_spec_set_user_mark;
const _: unsafe extern "C" fn(*mut ef_filter_spec, u8, c_int) -> c_int = ef_filter_spec_set_user_flag;
const _: unsafe extern "C" fn(*mut ef_filter_spec) -> c_int = ef_filter_spec_set_block_kernel_unicast;
const _: unsafe extern "C" fn(*mut ef_filter_spec, c_int, c_uint) -> c_int = ef_filter_spec_set_dest;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle, *const ef_filter_spec, *mut ef_filter_cookie) -> c_int =
    ef_vi_filter_add;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle, *mut ef_filter_cookie) -> c_int = ef_vi_filter_del;
const _: unsafe extern "C" fn(
    *mut ef_vi,
    ef_driver_handle,
    *const ef_filter_cookie,
    *mut ef_filter_info,
    usize,
) -> c_int = ef_vi_filter_query;
const _: unsafe extern "C" fn(*mut ef_vi_set, ef_driver_handle, *const ef_filter_spec, *mut ef_filter_cookie) -> c_int =
    ef_vi_set_filter_add;
const _: unsafe extern "C" fn(*mut ef_vi_set, ef_driver_handle, *mut ef_filter_cookie) -> c_int = ef_vi_set_filter_del;
const _: unsafe extern "C" fn(*mut ef_vi, *mut *const ef_vi_stats_layout) -> c_int = ef_vi_stats_query_layout;
const _: unsafe extern "C" fn(*mut ef_vi, ef_driver_handle, *mut c_void, c_int) -> c_int = ef_vi_stats_query;
const _: unsafe extern "C" fn(*mut ef_pd, ef_driver_handle, c_int, ef_pd_flags) -> c_int = ef_pd_alloc;
const _: unsafe extern "C" fn(*mut ef_pd, ef_driver_handle, *const c_char, ef_pd_flags) -> c_int = ef_pd_alloc_by_name;
const _: unsafe extern "C" fn(*mut ef_pd, ef_driver_handle, *const c_char, ef_pd_flags, c_int) -> c_int =
    ef_pd_alloc_with_vport;
const _: unsafe extern "C" fn(*mut ef_pd) -> *const c_char = ef_pd_interface_name;
const _: unsafe extern "C" fn(*mut ef_pd, ef_driver_handle) -> c_int = ef_pd_free;
const _: unsafe extern "C" fn(
    *mut ef_memreg,
    ef_driver_handle,
    *mut ef_pd,
    ef_driver_handle,
    *mut c_void,
    usize,
) -> c_int = ef_memreg_alloc;
const _: unsafe extern "C" fn(*mut ef_memreg, ef_driver_handle) -> c_int = ef_memreg_free;
const _: unsafe fn(*mut ef_memreg, usize) -> ef_addr = ef_memreg_dma_addr;
const _: unsafe extern "C" fn(*mut ef_pio, ef_driver_handle, *mut ef_pd, c_uint, ef_driver_handle) -> c_int =
    ef_pio_alloc;
const _: unsafe extern "C" fn(*mut ef_vi) -> c_int = ef_vi_get_pio_size;
const _: unsafe extern "C" fn(*mut ef_pio, ef_driver_handle) -> c_int = ef_pio_free;
const _: unsafe extern "C" fn(*mut ef_pio, ef_driver_handle, *mut ef_vi, ef_driver_handle) -> c_int = ef_pio_link_vi;
const _: unsafe extern "C" fn(*mut ef_pio, ef_driver_handle, *mut ef_vi, ef_driver_handle) -> c_int = ef_pio_unlink_vi;
const _: unsafe extern "C" fn(*mut ef_vi, *const c_void, c_int, c_int) -> c_int = ef_pio_memcpy;
const _: unsafe extern "C" fn(ef_driver_handle, c_int, ef_vi_capability, *mut c_ulong) -> c_int =
    ef_vi_capabilities_get;
const _: unsafe extern "C" fn() -> c_int = ef_vi_capabilities_max;
const _: unsafe extern "C" fn(ef_vi_capability) -> *const c_char = ef_vi_capabilities_name;
const _: unsafe extern "C" fn(*const iphdr) -> u32 = ef_ip_checksum;
const _: unsafe extern "C" fn(*const iphdr, *const udphdr, *const libc::iovec, c_int) -> u32 = ef_udp_checksum;
const _: unsafe extern "C" fn(*const ipv6hdr, *const udphdr, *const libc::iovec, c_int) -> u32 = ef_udp_checksum_ip6;
const _: unsafe extern "C" fn(c_int, *const c_void, *const udphdr, *const libc::iovec, c_int) -> u32 =
    ef_udp_checksum_ipx;
const _: unsafe fn(c_int, *const c_void, *const udphdr, *const c_void, usize) -> u32 = ef_udp_checksum_ipx_buf;
const _: unsafe extern "C" fn(*const iphdr, *const tcphdr, *const libc::iovec, c_int) -> u32 = ef_tcp_checksum;
const _: unsafe extern "C" fn(*const ipv6hdr, *const tcphdr, *const libc::iovec, c_int) -> u32 = ef_tcp_checksum_ip6;
const _: unsafe extern "C" fn(c_int, *const c_void, *const tcphdr, *const libc::iovec, c_int) -> u32 =
    ef_tcp_checksum_ipx;
const _: unsafe fn(c_int, *const c_void, *const tcphdr, *const c_void, usize) -> u32 = ef_tcp_checksum_ipx_buf;
const _: unsafe extern "C" fn(*const iphdr, *const udphdr, *const libc::iovec, c_int) -> c_int =
    ef_udp_checksum_is_correct;
const _: unsafe extern "C" fn(*const ipv6hdr, *const udphdr, *const libc::iovec, c_int) -> c_int =
    ef_udp_checksum_ip6_is_correct;
const _: unsafe fn(c_int, *const c_void, *const udphdr, *const c_void, usize) -> c_int = ef_udp_checksum_ipx_is_correct;
const _: unsafe extern "C" fn(*const iphdr, *const tcphdr, *const libc::iovec, c_int) -> c_int =
    ef_tcp_checksum_is_correct;
const _: unsafe extern "C" fn(*const ipv6hdr, *const tcphdr, *const libc::iovec, c_int) -> c_int =
    ef_tcp_checksum_ip6_is_correct;
const _: unsafe fn(c_int, *const c_void, *const tcphdr, *const c_void, usize) -> c_int = ef_tcp_checksum_ipx_is_correct;
const _: unsafe extern "C" fn(*const ipv6hdr, *const c_void, *const libc::iovec, c_int) -> u32 = ef_icmpv6_checksum;
const _: unsafe extern "C" fn(*mut ef_vi, *mut ef_packed_stream_params) -> c_int = ef_vi_packed_stream_get_params;
const _: unsafe extern "C" fn(
    *mut ef_vi,
    *const ef_event,
    *mut *mut ef_packed_stream_packet,
    *mut c_int,
    *mut c_int,
) -> c_int = ef_vi_packed_stream_unbundle;
const _: unsafe fn(*mut c_void, c_int) -> *mut ef_packed_stream_packet = ef_packed_stream_packet_first;
const _: unsafe fn(*mut ef_packed_stream_packet) -> *mut ef_packed_stream_packet = ef_packed_stream_packet_next;
const _: unsafe fn(*mut ef_packed_stream_packet) -> *mut c_void = ef_packed_stream_packet_payload;
const _: unsafe extern "C" fn(*mut ef_vi, u32) -> *const c_void = efct_vi_rxpkt_get;
const _: unsafe fn(*mut ef_vi, u32, *mut libc::timespec, *mut c_uint) -> c_int = efct_vi_rxpkt_get_timestamp;
const _: unsafe extern "C" fn(*mut ef_vi, u32) = efct_vi_rxpkt_release;
const _: unsafe extern "C" fn(*mut ef_vi) -> *const c_void = efct_vi_rx_future_peek;
const _: unsafe extern "C" fn(*mut ef_vi, *mut ef_event, c_int) -> c_int = efct_vi_rx_future_poll;
const _: unsafe extern "C" fn(*mut ef_vi) = efct_vi_start_transmit_warm;
const _: unsafe extern "C" fn(*mut ef_vi) = efct_vi_stop_transmit_warm;
const _: unsafe extern "C" fn(c_int, c_uint) -> c_int = onload_timestamping_request;
const _: unsafe extern "C" fn() -> c_int = onload_is_present;
const _: unsafe extern "C" fn(onload_stackname_who, onload_stackname_scope, *const c_char) -> c_int =
    onload_set_stackname;
const _: unsafe extern "C" fn() -> c_int = onload_stackname_save;
const _: unsafe extern "C" fn() -> c_int = onload_stackname_restore;
const _: unsafe extern "C" fn(*const c_char, i64) -> c_int = onload_stack_opt_set_int;
const _: unsafe extern "C" fn(*const c_char, *mut i64) -> c_int = onload_stack_opt_get_int;
const _: unsafe extern "C" fn(*const c_char, *const c_char) -> c_int = onload_stack_opt_set_str;
const _: unsafe extern "C" fn(*const c_char, *mut c_char, *mut usize) -> c_int = onload_stack_opt_get_str;
const _: unsafe extern "C" fn() -> c_int = onload_stack_opt_reset;
const _: unsafe extern "C" fn(c_int, *mut onload_stat) -> c_int = onload_fd_stat;
const _: unsafe extern "C" fn(onload_spin_type, c_int) -> c_int = onload_thread_set_spin;
const _: unsafe extern "C" fn(*mut c_uint) -> c_int = onload_thread_get_spin;
const _: unsafe extern "C" fn(c_int, onload_fd_feature) -> c_int = onload_fd_check_feature;
const _: unsafe extern "C" fn(c_int) -> c_int = onload_move_fd;
const _: unsafe extern "C" fn(c_int, *mut libc::epoll_event, *mut onload_ordered_epoll_event, c_int, c_int) -> c_int =
    onload_ordered_epoll_wait;
const _: unsafe extern "C" fn(c_int, c_int, c_uint, *mut onload_delegated_send) -> onload_delegated_send_rc =
    onload_delegated_send_prepare;
const _: unsafe fn(*mut onload_delegated_send, c_int, c_int) = onload_delegated_send_tcp_update;
const _: unsafe fn(*mut onload_delegated_send, c_int) = onload_delegated_send_tcp_advance;
const _: unsafe extern "C" fn(c_int, *const libc::iovec, c_int, c_int) -> c_int = onload_delegated_send_complete;
const _: unsafe extern "C" fn(c_int) -> c_int = onload_delegated_send_cancel;
const _: unsafe extern "C" fn(c_int, *mut onload_tcp_info, *mut c_int) -> c_int = onload_get_tcp_info;
const _: unsafe extern "C" fn(c_int, c_int, c_int) -> c_int = onload_socket_nonaccel;
const _: unsafe extern "C" fn(c_int, c_int, c_int) -> c_int = onload_socket_unicast_nonaccel;
const _: unsafe extern "C" fn(c_int, c_int, c_int) -> c_int = onload_socket_rx_nonaccel;
const _: unsafe extern "C" fn(c_int) -> c_int = onload_zc_await_stack_sync;
const _: unsafe extern "C" fn(c_int, *mut onload_zc_iovec, c_int, onload_zc_buffer_type_flags) -> c_int =
    onload_zc_alloc_buffers;
const _: unsafe extern "C" fn(c_int, *mut onload_zc_handle, c_int) -> c_int = onload_zc_release_buffers;
const _: unsafe extern "C" fn(c_int, *mut onload_zc_recv_args) -> c_int = onload_zc_recv;
const _: unsafe extern "C" fn(c_int, *mut libc::msghdr, c_int) -> c_int = onload_recvmsg_kernel;
const _: unsafe extern "C" fn(*mut onload_zc_mmsg, c_int, c_int) -> c_int = onload_zc_send;
const _: unsafe extern "C" fn(c_int, onload_zc_recv_filter_callback, *mut c_void, c_int) -> c_int =
    onload_set_recv_filter;
const _: unsafe extern "C" fn(c_int, *const libc::iovec, c_int, *mut onload_template_handle, c_uint) -> c_int =
    onload_msg_template_alloc;
const _: unsafe extern "C" fn(
    c_int,
    onload_template_handle,
    *const onload_template_msg_update_iovec,
    c_int,
    c_uint,
) -> c_int = onload_msg_template_update;
const _: unsafe extern "C" fn(c_int, onload_template_handle) -> c_int = onload_msg_template_abort;
const _: fn(&ef_event) -> u32 = EF_EVENT_TYPE;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_BYTES;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_Q_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_RQ_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_CONT;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_SOP;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_PS_NEXT_BUFFER;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_ISCSI_OKAY;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_Q_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_CTPIO;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_DISCARD_Q_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_DISCARD_RQ_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_DISCARD_CONT;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_DISCARD_SOP;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_DISCARD_TYPE;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_DISCARD_BYTES;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_MULTI_Q_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_MULTI_CONT;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_MULTI_SOP;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_MULTI_DISCARD_TYPE;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_ERROR_Q_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_ERROR_TYPE;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_WITH_TIMESTAMP_Q_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_WITH_TIMESTAMP_SEC;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_WITH_TIMESTAMP_NSEC;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_WITH_TIMESTAMP_NSEC_FRAC16;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_ALT_Q_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_TX_ALT_ALT_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_RX_NO_DESC_TRUNC_Q_ID;
const _: fn(&ef_event) -> u32 = EF_EVENT_SW_DATA;
const _: fn(&ef_event) -> u32 = EF_EVENT_PRI_ARG;
const _: unsafe fn(*mut ef_vi, ef_addr, ef_request_id) -> c_int = ef_vi_receive_init;
const _: unsafe fn(*mut ef_vi) = ef_vi_receive_push;
const _: unsafe fn(*mut ef_vi, *const c_void, *mut ef_precisetime) -> c_int = ef_vi_receive_get_precise_timestamp;
const _: unsafe fn(*mut ef_vi, c_uint) -> c_int = ef_vi_receive_set_discards;
const _: unsafe fn(*mut ef_vi) -> u64 = ef_vi_receive_get_discards;
const _: unsafe fn(*mut ef_vi, *const ef_iovec, c_int, ef_request_id) -> c_int = ef_vi_transmitv_init;
const _: unsafe fn(*mut ef_vi) = ef_vi_transmit_push;
const _: unsafe fn(*mut ef_vi, ef_addr, c_int, ef_request_id) -> c_int = ef_vi_transmit;
const _: unsafe fn(*mut ef_vi, *const ef_iovec, c_int, ef_request_id) -> c_int = ef_vi_transmitv;
const _: unsafe fn(*mut ef_vi, c_int, c_int, ef_request_id) -> c_int = ef_vi_transmit_pio;
const _: unsafe fn(*mut ef_vi, c_int, *const c_void, c_int, ef_request_id) -> c_int = ef_vi_transmit_copy_pio;
const _: unsafe fn(*mut ef_vi) = ef_vi_transmit_pio_warm;
const _: unsafe fn(*mut ef_vi, c_int, *const c_void, c_int) = ef_vi_transmit_copy_pio_warm;
const _: unsafe fn(*mut ef_vi, *mut ef_vi_tx_warm_state, *mut c_char) = ef_vi_start_transmit_warm;
const _: unsafe fn(*mut ef_vi, *mut ef_vi_tx_warm_state) = ef_vi_stop_transmit_warm;
const _: unsafe fn(*mut ef_vi, c_uint) -> c_int = ef_vi_transmit_alt_select;
const _: unsafe fn(*mut ef_vi) -> c_int = ef_vi_transmit_alt_select_normal;
const _: unsafe fn(*mut ef_vi, c_uint) -> c_int = ef_vi_transmit_alt_stop;
const _: unsafe fn(*mut ef_vi, c_uint) -> c_int = ef_vi_transmit_alt_go;
const _: unsafe fn(*mut ef_vi, c_uint) -> c_int = ef_vi_transmit_alt_discard;
const _: unsafe fn(*mut ef_vi, usize, *const libc::iovec, c_int, c_uint) = ef_vi_transmitv_ctpio;
const _: unsafe fn(*mut ef_vi, usize, *const libc::iovec, c_int, c_uint, *mut c_void) = ef_vi_transmitv_ctpio_copy;
const _: unsafe fn(*mut ef_vi, ef_addr, usize, ef_request_id) -> c_int = ef_vi_transmit_ctpio_fallback;
const _: unsafe fn(*mut ef_vi, *const ef_iovec, c_int, ef_request_id) -> c_int = ef_vi_transmitv_ctpio_fallback;
const _: () = {
    let _ = ef_eventq_check_event;
};
const _: () = {
    let _ = ef_eventq_check_event_phase_bit;
};
const _: () = {
    let _ = efxdp_ef_eventq_check_event;
};
const _: () = {
    let _ = efct_ef_eventq_check_event;
};
const _: unsafe fn(*const ef_vi) -> c_int = ef_eventq_has_event;
const _: unsafe fn(*const ef_vi, c_int) -> c_int = ef_eventq_has_many_events;
const _: unsafe fn(*mut ef_vi) = ef_eventq_prime;
const _: unsafe fn(*mut ef_vi, *mut ef_event, c_int) -> c_int = ef_eventq_poll;
const _: unsafe fn(*mut ef_vi, c_uint) = ef_eventq_timer_prime;
const _: unsafe fn(*mut ef_vi, c_uint) = ef_eventq_timer_run;
const _: unsafe fn(*mut ef_vi) = ef_eventq_timer_clear;
const _: unsafe fn(*mut ef_vi) = ef_eventq_timer_zero;

crate::calls::stubs! {
transmit(a0: *mut ef_vi, a1: ef_addr, a2: c_int, a3: ef_request_id) -> c_int;
transmitv(a0: *mut ef_vi, a1: *const ef_iovec, a2: c_int, a3: ef_request_id) -> c_int;
transmitv_init(a0: *mut ef_vi, a1: *const ef_iovec, a2: c_int, a3: ef_request_id) -> c_int;
transmit_push(a0: *mut ef_vi) -> ();
transmit_pio(a0: *mut ef_vi, a1: c_int, a2: c_int, a3: ef_request_id) -> c_int;
transmit_copy_pio(a0: *mut ef_vi, a1: c_int, a2: *const c_void, a3: c_int, a4: ef_request_id) -> c_int;
start_transmit_warm(a0: *mut ef_vi, a1: *mut ef_vi_tx_warm_state, a2: *mut c_char) -> ();
stop_transmit_warm(a0: *mut ef_vi, a1: *mut ef_vi_tx_warm_state) -> ();
transmit_pio_warm(a0: *mut ef_vi) -> ();
transmit_copy_pio_warm(a0: *mut ef_vi, a1: c_int, a2: *const c_void, a3: c_int) -> ();
transmitv_ctpio(a0: *mut ef_vi, a1: usize, a2: *const libc::iovec, a3: c_int, a4: c_uint) -> ();
transmitv_ctpio_copy(a0: *mut ef_vi, a1: usize, a2: *const libc::iovec, a3: c_int, a4: c_uint, a5: *mut c_void) -> ();
transmit_alt_select(a0: *mut ef_vi, a1: c_uint) -> c_int;
transmit_alt_select_default(a0: *mut ef_vi) -> c_int;
transmit_alt_stop(a0: *mut ef_vi, a1: c_uint) -> c_int;
transmit_alt_go(a0: *mut ef_vi, a1: c_uint) -> c_int;
receive_set_discards(a0: *mut ef_vi, a1: c_uint) -> c_int;
receive_get_discards(a0: *mut ef_vi) -> u64;
transmit_alt_discard(a0: *mut ef_vi, a1: c_uint) -> c_int;
receive_init(a0: *mut ef_vi, a1: ef_addr, a2: ef_request_id) -> c_int;
receive_push(a0: *mut ef_vi) -> ();
receive_get_timestamp(a0: *mut ef_vi, a1: *const c_void, a2: *mut ef_precisetime) -> c_int;
eventq_poll(a0: *mut ef_vi, a1: *mut ef_event, a2: c_int) -> c_int;
eventq_prime(a0: *mut ef_vi) -> ();
eventq_timer_prime(a0: *mut ef_vi, a1: c_uint) -> ();
eventq_timer_run(a0: *mut ef_vi, a1: c_uint) -> ();
eventq_timer_clear(a0: *mut ef_vi) -> ();
eventq_timer_zero(a0: *mut ef_vi) -> ();
eventq_has_event(a0: *const ef_vi) -> c_int;
eventq_has_many_events(a0: *const ef_vi, a1: c_int) -> c_int;
transmit_ctpio_fallback(a0: *mut ef_vi, a1: ef_addr, a2: usize, a3: ef_request_id) -> c_int;
transmitv_ctpio_fallback(a0: *mut ef_vi, a1: *const ef_iovec, a2: c_int, a3: ef_request_id) -> c_int;
}

const CALLS: &[Call] = crate::calls::calls! {
ef_vi_receive_init(a0: *mut ef_vi, a1: ef_addr = 1, a2: ef_request_id = 2);
ef_vi_receive_push(a0: *mut ef_vi);
ef_vi_receive_get_precise_timestamp(a0: *mut ef_vi, a1: *const c_void = 1, a2: *mut ef_precisetime = 2);
ef_vi_receive_set_discards(a0: *mut ef_vi, a1: c_uint = 1);
ef_vi_receive_get_discards(a0: *mut ef_vi);
ef_vi_transmitv_init(a0: *mut ef_vi, a1: *const ef_iovec = 1, a2: c_int = 2, a3: ef_request_id = 3);
ef_vi_transmit_push(a0: *mut ef_vi);
ef_vi_transmit(a0: *mut ef_vi, a1: ef_addr = 1, a2: c_int = 2, a3: ef_request_id = 3);
ef_vi_transmitv(a0: *mut ef_vi, a1: *const ef_iovec = 1, a2: c_int = 2, a3: ef_request_id = 3);
ef_vi_transmit_pio(a0: *mut ef_vi, a1: c_int = 1, a2: c_int = 2, a3: ef_request_id = 3);
ef_vi_transmit_copy_pio(a0: *mut ef_vi, a1: c_int = 1, a2: *const c_void = 2, a3: c_int = 3, a4: ef_request_id = 4);
ef_vi_transmit_pio_warm(a0: *mut ef_vi);
ef_vi_transmit_copy_pio_warm(a0: *mut ef_vi, a1: c_int = 1, a2: *const c_void = 2, a3: c_int = 3);
ef_vi_start_transmit_warm(a0: *mut ef_vi, a1: *mut ef_vi_tx_warm_state = 1, a2: *mut c_char = 2);
ef_vi_stop_transmit_warm(a0: *mut ef_vi, a1: *mut ef_vi_tx_warm_state = 1);
ef_vi_transmit_alt_select(a0: *mut ef_vi, a1: c_uint = 1);
ef_vi_transmit_alt_select_normal(a0: *mut ef_vi);
ef_vi_transmit_alt_stop(a0: *mut ef_vi, a1: c_uint = 1);
ef_vi_transmit_alt_go(a0: *mut ef_vi, a1: c_uint = 1);
ef_vi_transmit_alt_discard(a0: *mut ef_vi, a1: c_uint = 1);
ef_vi_transmitv_ctpio(a0: *mut ef_vi, a1: usize = 1, a2: *const libc::iovec = 2, a3: c_int = 3, a4: c_uint = 4);
ef_vi_transmitv_ctpio_copy(a0: *mut ef_vi, a1: usize = 1, a2: *const libc::iovec = 2, a3: c_int = 3, a4: c_uint = 4, a5: *mut c_void = 5);
ef_vi_transmit_ctpio_fallback(a0: *mut ef_vi, a1: ef_addr = 1, a2: usize = 2, a3: ef_request_id = 3);
ef_vi_transmitv_ctpio_fallback(a0: *mut ef_vi, a1: *const ef_iovec = 1, a2: c_int = 2, a3: ef_request_id = 3);
ef_eventq_has_event(a0: *const ef_vi);
ef_eventq_has_many_events(a0: *const ef_vi, a1: c_int = 1);
ef_eventq_prime(a0: *mut ef_vi);
ef_eventq_poll(a0: *mut ef_vi, a1: *mut ef_event = 1, a2: c_int = 2);
ef_eventq_timer_prime(a0: *mut ef_vi, a1: c_uint = 1);
ef_eventq_timer_run(a0: *mut ef_vi, a1: c_uint = 1);
ef_eventq_timer_clear(a0: *mut ef_vi);
ef_eventq_timer_zero(a0: *mut ef_vi);
};

const ACCESSORS: &[Accessor] = &[
    Accessor { name: "EF_EVENT_TYPE", read: |b| EF_EVENT_TYPE(&value(b)) },
    Accessor { name: "EF_EVENT_RX_BYTES", read: |b| EF_EVENT_RX_BYTES(&value(b)) },
    Accessor { name: "EF_EVENT_RX_Q_ID", read: |b| EF_EVENT_RX_Q_ID(&value(b)) },
    Accessor { name: "EF_EVENT_RX_RQ_ID", read: |b| EF_EVENT_RX_RQ_ID(&value(b)) },
    Accessor { name: "EF_EVENT_RX_CONT", read: |b| EF_EVENT_RX_CONT(&value(b)) },
    Accessor { name: "EF_EVENT_RX_SOP", read: |b| EF_EVENT_RX_SOP(&value(b)) },
    Accessor { name: "EF_EVENT_RX_PS_NEXT_BUFFER", read: |b| EF_EVENT_RX_PS_NEXT_BUFFER(&value(b)) },
    Accessor { name: "EF_EVENT_RX_ISCSI_OKAY", read: |b| EF_EVENT_RX_ISCSI_OKAY(&value(b)) },
    Accessor { name: "EF_EVENT_TX_Q_ID", read: |b| EF_EVENT_TX_Q_ID(&value(b)) },
    Accessor { name: "EF_EVENT_TX_CTPIO", read: |b| EF_EVENT_TX_CTPIO(&value(b)) },
    Accessor { name: "EF_EVENT_RX_DISCARD_Q_ID", read: |b| EF_EVENT_RX_DISCARD_Q_ID(&value(b)) },
    Accessor { name: "EF_EVENT_RX_DISCARD_RQ_ID", read: |b| EF_EVENT_RX_DISCARD_RQ_ID(&value(b)) },
    Accessor { name: "EF_EVENT_RX_DISCARD_CONT", read: |b| EF_EVENT_RX_DISCARD_CONT(&value(b)) },
    Accessor { name: "EF_EVENT_RX_DISCARD_SOP", read: |b| EF_EVENT_RX_DISCARD_SOP(&value(b)) },
    Accessor { name: "EF_EVENT_RX_DISCARD_TYPE", read: |b| EF_EVENT_RX_DISCARD_TYPE(&value(b)) },
    Accessor { name: "EF_EVENT_RX_DISCARD_BYTES", read: |b| EF_EVENT_RX_DISCARD_BYTES(&value(b)) },
    Accessor { name: "EF_EVENT_RX_MULTI_Q_ID", read: |b| EF_EVENT_RX_MULTI_Q_ID(&value(b)) },
    Accessor { name: "EF_EVENT_RX_MULTI_CONT", read: |b| EF_EVENT_RX_MULTI_CONT(&value(b)) },
    Accessor { name: "EF_EVENT_RX_MULTI_SOP", read: |b| EF_EVENT_RX_MULTI_SOP(&value(b)) },
    Accessor { name: "EF_EVENT_RX_MULTI_DISCARD_TYPE", read: |b| EF_EVENT_RX_MULTI_DISCARD_TYPE(&value(b)) },
    Accessor { name: "EF_EVENT_TX_ERROR_Q_ID", read: |b| EF_EVENT_TX_ERROR_Q_ID(&value(b)) },
    Accessor { name: "EF_EVENT_TX_ERROR_TYPE", read: |b| EF_EVENT_TX_ERROR_TYPE(&value(b)) },
    Accessor { name: "EF_EVENT_TX_WITH_TIMESTAMP_Q_ID", read: |b| EF_EVENT_TX_WITH_TIMESTAMP_Q_ID(&value(b)) },
    Accessor { name: "EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID", read: |b| EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID(&value(b)) },
    Accessor { name: "EF_EVENT_TX_WITH_TIMESTAMP_SEC", read: |b| EF_EVENT_TX_WITH_TIMESTAMP_SEC(&value(b)) },
    Accessor { name: "EF_EVENT_TX_WITH_TIMESTAMP_NSEC", read: |b| EF_EVENT_TX_WITH_TIMESTAMP_NSEC(&value(b)) },
    Accessor {
        name: "EF_EVENT_TX_WITH_TIMESTAMP_NSEC_FRAC16",
        read: |b| EF_EVENT_TX_WITH_TIMESTAMP_NSEC_FRAC16(&value(b)),
    },
    Accessor {
        name: "EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS",
        read: |b| EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(&value(b)),
    },
    Accessor { name: "EF_EVENT_TX_ALT_Q_ID", read: |b| EF_EVENT_TX_ALT_Q_ID(&value(b)) },
    Accessor { name: "EF_EVENT_TX_ALT_ALT_ID", read: |b| EF_EVENT_TX_ALT_ALT_ID(&value(b)) },
    Accessor { name: "EF_EVENT_RX_NO_DESC_TRUNC_Q_ID", read: |b| EF_EVENT_RX_NO_DESC_TRUNC_Q_ID(&value(b)) },
    Accessor { name: "EF_EVENT_SW_DATA", read: |b| EF_EVENT_SW_DATA(&value(b)) },
    Accessor { name: "EF_EVENT_PRI_ARG", read: |b| EF_EVENT_PRI_ARG(&value(b)) },
];
