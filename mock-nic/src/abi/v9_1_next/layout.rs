// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! The layout of every type, asserted at compile time.

#![cfg(target_pointer_width = "64")]

use core::mem::{align_of, offset_of, size_of};

use super::*;

/// Size of the field that a function projects to.
const fn width<S, F>(_field: fn(&S) -> &F) -> usize {
    size_of::<F>()
}

const _: () = {
    assert!(size_of::<ef_event>() == 16);
    assert!(align_of::<ef_event>() == 4);
};

const _: () = {
    assert!(size_of::<ef_iovec>() == 16);
    assert!(align_of::<ef_iovec>() == 8);
    assert!(offset_of!(ef_iovec, iov_base) == 0);
    assert!(width(|s: &ef_iovec| &s.iov_base) == 8);
    assert!(offset_of!(ef_iovec, iov_len) == 8);
    assert!(width(|s: &ef_iovec| &s.iov_len) == 4);
};

const _: () = {
    assert!(size_of::<ef_remote_iovec>() == 24);
    assert!(align_of::<ef_remote_iovec>() == 8);
    assert!(offset_of!(ef_remote_iovec, iov_base) == 0);
    assert!(width(|s: &ef_remote_iovec| &s.iov_base) == 8);
    assert!(offset_of!(ef_remote_iovec, iov_len) == 8);
    assert!(width(|s: &ef_remote_iovec| &s.iov_len) == 4);
    assert!(offset_of!(ef_remote_iovec, flags) == 12);
    assert!(width(|s: &ef_remote_iovec| &s.flags) == 4);
    assert!(offset_of!(ef_remote_iovec, addrspace) == 16);
    assert!(width(|s: &ef_remote_iovec| &s.addrspace) == 8);
};

const _: () = {
    assert!(size_of::<ef_precisetime>() == 16);
    assert!(align_of::<ef_precisetime>() == 8);
    assert!(offset_of!(ef_precisetime, tv_sec) == 0);
    assert!(width(|s: &ef_precisetime| &s.tv_sec) == 8);
    assert!(offset_of!(ef_precisetime, tv_nsec) == 8);
    assert!(width(|s: &ef_precisetime| &s.tv_nsec) == 4);
    assert!(offset_of!(ef_precisetime, tv_nsec_frac) == 12);
    assert!(width(|s: &ef_precisetime| &s.tv_nsec_frac) == 2);
    assert!(offset_of!(ef_precisetime, tv_flags) == 14);
    assert!(width(|s: &ef_precisetime| &s.tv_flags) == 2);
};

const _: () = {
    assert!(size_of::<ef_vi_txq_state>() == 28);
    assert!(align_of::<ef_vi_txq_state>() == 4);
    assert!(offset_of!(ef_vi_txq_state, previous) == 0);
    assert!(width(|s: &ef_vi_txq_state| &s.previous) == 4);
    assert!(offset_of!(ef_vi_txq_state, added) == 4);
    assert!(width(|s: &ef_vi_txq_state| &s.added) == 4);
    assert!(offset_of!(ef_vi_txq_state, removed) == 8);
    assert!(width(|s: &ef_vi_txq_state| &s.removed) == 4);
    assert!(offset_of!(ef_vi_txq_state, ct_added) == 12);
    assert!(width(|s: &ef_vi_txq_state| &s.ct_added) == 4);
    assert!(offset_of!(ef_vi_txq_state, ct_removed) == 16);
    assert!(width(|s: &ef_vi_txq_state| &s.ct_removed) == 4);
    assert!(offset_of!(ef_vi_txq_state, ts_nsec) == 20);
    assert!(width(|s: &ef_vi_txq_state| &s.ts_nsec) == 4);
    assert!(offset_of!(ef_vi_txq_state, ts_nsec_frac) == 24);
    assert!(width(|s: &ef_vi_txq_state| &s.ts_nsec_frac) == 2);
    assert!(offset_of!(ef_vi_txq_state, ts_flags) == 26);
    assert!(width(|s: &ef_vi_txq_state| &s.ts_flags) == 2);
};

const _: () = {
    assert!(size_of::<ef_vi_efct_rxq_ptr>() == 16);
    assert!(align_of::<ef_vi_efct_rxq_ptr>() == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ptr, data_pkt) == 0);
    assert!(width(|s: &ef_vi_efct_rxq_ptr| &s.data_pkt) == 4);
    assert!(offset_of!(ef_vi_efct_rxq_ptr, superbuf_pkts) == 4);
    assert!(width(|s: &ef_vi_efct_rxq_ptr| &s.superbuf_pkts) == 2);
    assert!(offset_of!(ef_vi_efct_rxq_ptr, meta_offset) == 6);
    assert!(width(|s: &ef_vi_efct_rxq_ptr| &s.meta_offset) == 1);
    assert!(offset_of!(ef_vi_efct_rxq_ptr, reserved) == 7);
    assert!(width(|s: &ef_vi_efct_rxq_ptr| &s.reserved) == 1);
    assert!(offset_of!(ef_vi_efct_rxq_ptr, meta_pkt) == 8);
    assert!(width(|s: &ef_vi_efct_rxq_ptr| &s.meta_pkt) == 8);
};

const _: () = {
    assert!(size_of::<ef_vi_efct_rxq_state>() == 32);
    assert!(align_of::<ef_vi_efct_rxq_state>() == 4);
    assert!(offset_of!(ef_vi_efct_rxq_state, free_head) == 0);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.free_head) == 2);
    assert!(offset_of!(ef_vi_efct_rxq_state, fifo_head) == 2);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.fifo_head) == 2);
    assert!(offset_of!(ef_vi_efct_rxq_state, fifo_tail_hw) == 4);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.fifo_tail_hw) == 2);
    assert!(offset_of!(ef_vi_efct_rxq_state, fifo_tail_sw) == 6);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.fifo_tail_sw) == 2);
    assert!(offset_of!(ef_vi_efct_rxq_state, fifo_count_hw) == 8);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.fifo_count_hw) == 2);
    assert!(offset_of!(ef_vi_efct_rxq_state, fifo_count_sw) == 10);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.fifo_count_sw) == 2);
    assert!(offset_of!(ef_vi_efct_rxq_state, sbseq) == 12);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.sbseq) == 4);
    assert!(offset_of!(ef_vi_efct_rxq_state, superbuf_pkts) == 16);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.superbuf_pkts) == 4);
    assert!(offset_of!(ef_vi_efct_rxq_state, config_generation) == 20);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.config_generation) == 4);
    assert!(offset_of!(ef_vi_efct_rxq_state, qid) == 24);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.qid) == 4);
    assert!(offset_of!(ef_vi_efct_rxq_state, generates_events) == 28);
    assert!(width(|s: &ef_vi_efct_rxq_state| &s.generates_events) == 1);
};

const _: () = {
    assert!(size_of::<ef_vi_rxq_state>() == 424);
    assert!(align_of::<ef_vi_rxq_state>() == 8);
    assert!(offset_of!(ef_vi_rxq_state, posted) == 0);
    assert!(width(|s: &ef_vi_rxq_state| &s.posted) == 4);
    assert!(offset_of!(ef_vi_rxq_state, added) == 4);
    assert!(width(|s: &ef_vi_rxq_state| &s.added) == 4);
    assert!(offset_of!(ef_vi_rxq_state, removed) == 8);
    assert!(width(|s: &ef_vi_rxq_state| &s.removed) == 4);
    assert!(offset_of!(ef_vi_rxq_state, in_jumbo) == 12);
    assert!(width(|s: &ef_vi_rxq_state| &s.in_jumbo) == 4);
    assert!(offset_of!(ef_vi_rxq_state, bytes_acc) == 16);
    assert!(width(|s: &ef_vi_rxq_state| &s.bytes_acc) == 4);
    assert!(offset_of!(ef_vi_rxq_state, last_desc_i) == 20);
    assert!(width(|s: &ef_vi_rxq_state| &s.last_desc_i) == 2);
    assert!(offset_of!(ef_vi_rxq_state, rx_ps_credit_avail) == 22);
    assert!(width(|s: &ef_vi_rxq_state| &s.rx_ps_credit_avail) == 2);
    assert!(offset_of!(ef_vi_rxq_state, efct_active_qs) == 24);
    assert!(width(|s: &ef_vi_rxq_state| &s.efct_active_qs) == 8);
    assert!(offset_of!(ef_vi_rxq_state, rxq_ptr) == 32);
    assert!(width(|s: &ef_vi_rxq_state| &s.rxq_ptr) == 128);
    assert!(offset_of!(ef_vi_rxq_state, efct_state) == 160);
    assert!(width(|s: &ef_vi_rxq_state| &s.efct_state) == 256);
    assert!(offset_of!(ef_vi_rxq_state, n_evq_rx_pkts) == 416);
    assert!(width(|s: &ef_vi_rxq_state| &s.n_evq_rx_pkts) == 4);
};

const _: () = {
    assert!(size_of::<ef_eventq_state>() == 32);
    assert!(align_of::<ef_eventq_state>() == 4);
    assert!(offset_of!(ef_eventq_state, evq_ptr) == 0);
    assert!(width(|s: &ef_eventq_state| &s.evq_ptr) == 4);
    assert!(offset_of!(ef_eventq_state, evq_clear_stride) == 4);
    assert!(width(|s: &ef_eventq_state| &s.evq_clear_stride) == 4);
    assert!(offset_of!(ef_eventq_state, sync_timestamp_major) == 8);
    assert!(width(|s: &ef_eventq_state| &s.sync_timestamp_major) == 4);
    assert!(offset_of!(ef_eventq_state, sync_timestamp_minor) == 12);
    assert!(width(|s: &ef_eventq_state| &s.sync_timestamp_minor) == 4);
    assert!(offset_of!(ef_eventq_state, sync_timestamp_minimum) == 16);
    assert!(width(|s: &ef_eventq_state| &s.sync_timestamp_minimum) == 4);
    assert!(offset_of!(ef_eventq_state, sync_timestamp_synchronised) == 20);
    assert!(width(|s: &ef_eventq_state| &s.sync_timestamp_synchronised) == 4);
    assert!(offset_of!(ef_eventq_state, unsol_credit_seq) == 24);
    assert!(width(|s: &ef_eventq_state| &s.unsol_credit_seq) == 4);
    assert!(offset_of!(ef_eventq_state, sync_flags) == 28);
    assert!(width(|s: &ef_eventq_state| &s.sync_flags) == 4);
};

const _: () = {
    assert!(size_of::<ef_vi_txq>() == 40);
    assert!(align_of::<ef_vi_txq>() == 8);
    assert!(offset_of!(ef_vi_txq, mask) == 0);
    assert!(width(|s: &ef_vi_txq| &s.mask) == 4);
    assert!(offset_of!(ef_vi_txq, ct_fifo_bytes) == 4);
    assert!(width(|s: &ef_vi_txq| &s.ct_fifo_bytes) == 4);
    assert!(offset_of!(ef_vi_txq, efct_fixed_header) == 8);
    assert!(width(|s: &ef_vi_txq| &s.efct_fixed_header) == 8);
    assert!(offset_of!(ef_vi_txq, efct_aperture_mask) == 16);
    assert!(width(|s: &ef_vi_txq| &s.efct_aperture_mask) == 4);
    assert!(offset_of!(ef_vi_txq, ct_thresh_min) == 20);
    assert!(width(|s: &ef_vi_txq| &s.ct_thresh_min) == 1);
    assert!(offset_of!(ef_vi_txq, reserved) == 21);
    assert!(width(|s: &ef_vi_txq| &s.reserved) == 3);
    assert!(offset_of!(ef_vi_txq, descriptors) == 24);
    assert!(width(|s: &ef_vi_txq| &s.descriptors) == 8);
    assert!(offset_of!(ef_vi_txq, ids) == 32);
    assert!(width(|s: &ef_vi_txq| &s.ids) == 8);
};

const _: () = {
    assert!(size_of::<ef_vi_rxq>() == 24);
    assert!(align_of::<ef_vi_rxq>() == 8);
    assert!(offset_of!(ef_vi_rxq, mask) == 0);
    assert!(width(|s: &ef_vi_rxq| &s.mask) == 4);
    assert!(offset_of!(ef_vi_rxq, descriptors) == 8);
    assert!(width(|s: &ef_vi_rxq| &s.descriptors) == 8);
    assert!(offset_of!(ef_vi_rxq, ids) == 16);
    assert!(width(|s: &ef_vi_rxq| &s.ids) == 8);
};

const _: () = {
    assert!(size_of::<ef_vi_efct_rxq>() == 48);
    assert!(align_of::<ef_vi_efct_rxq>() == 8);
    assert!(offset_of!(ef_vi_efct_rxq, live) == 0);
    assert!(width(|s: &ef_vi_efct_rxq| &s.live) == 24);
    assert!(offset_of!(ef_vi_efct_rxq, live.superbuf_pkts) == 0);
    assert!(width(|s: &ef_vi_efct_rxq| &s.live.superbuf_pkts) == 8);
    assert!(offset_of!(ef_vi_efct_rxq, live.config_generation) == 8);
    assert!(width(|s: &ef_vi_efct_rxq| &s.live.config_generation) == 8);
    assert!(offset_of!(ef_vi_efct_rxq, live.time_sync) == 16);
    assert!(width(|s: &ef_vi_efct_rxq| &s.live.time_sync) == 8);
    assert!(offset_of!(ef_vi_efct_rxq, config_generation) == 24);
    assert!(width(|s: &ef_vi_efct_rxq| &s.config_generation) == 4);
    assert!(offset_of!(ef_vi_efct_rxq, superbuf) == 32);
    assert!(width(|s: &ef_vi_efct_rxq| &s.superbuf) == 8);
    assert!(offset_of!(ef_vi_efct_rxq, mappings) == 40);
    assert!(width(|s: &ef_vi_efct_rxq| &s.mappings) == 8);
};

const _: () = {
    assert!(size_of::<ef_vi_efct_rxq_ops>() == 128);
    assert!(align_of::<ef_vi_efct_rxq_ops>() == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, available) == 0);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.available) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, next) == 8);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.next) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, free) == 16);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.free) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, post) == 24);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.post) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, pre_attach) == 32);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.pre_attach) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, attach) == 40);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.attach) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, detach) == 48);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.detach) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, refresh) == 56);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.refresh) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, refresh_mappings) == 64);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.refresh_mappings) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, prime) == 72);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.prime) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, get_wakeup_params) == 80);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.get_wakeup_params) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, get_rxq_resource_id) == 88);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.get_rxq_resource_id) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, cleanup) == 96);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.cleanup) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, dump_stats) == 104);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.dump_stats) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, set_client_buf_count) == 112);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.set_client_buf_count) == 8);
    assert!(offset_of!(ef_vi_efct_rxq_ops, user_data) == 120);
    assert!(width(|s: &ef_vi_efct_rxq_ops| &s.user_data) == 8);
};

const _: () = {
    assert!(size_of::<ef_vi_efct_rxqs>() == 424);
    assert!(align_of::<ef_vi_efct_rxqs>() == 8);
    assert!(offset_of!(ef_vi_efct_rxqs, active_qs) == 0);
    assert!(width(|s: &ef_vi_efct_rxqs| &s.active_qs) == 8);
    assert!(offset_of!(ef_vi_efct_rxqs, max_qs) == 8);
    assert!(width(|s: &ef_vi_efct_rxqs| &s.max_qs) == 8);
    assert!(offset_of!(ef_vi_efct_rxqs, q) == 16);
    assert!(width(|s: &ef_vi_efct_rxqs| &s.q) == 384);
    assert!(offset_of!(ef_vi_efct_rxqs, ops) == 400);
    assert!(width(|s: &ef_vi_efct_rxqs| &s.ops) == 8);
    assert!(offset_of!(ef_vi_efct_rxqs, meta_offset) == 408);
    assert!(width(|s: &ef_vi_efct_rxqs| &s.meta_offset) == 1);
    assert!(offset_of!(ef_vi_efct_rxqs, rx_stride) == 410);
    assert!(width(|s: &ef_vi_efct_rxqs| &s.rx_stride) == 2);
    assert!(offset_of!(ef_vi_efct_rxqs, shm) == 416);
    assert!(width(|s: &ef_vi_efct_rxqs| &s.shm) == 8);
};

const _: () = {
    assert!(size_of::<ef_vi_state>() == 488);
    assert!(align_of::<ef_vi_state>() == 8);
    assert!(offset_of!(ef_vi_state, evq) == 0);
    assert!(width(|s: &ef_vi_state| &s.evq) == 32);
    assert!(offset_of!(ef_vi_state, txq) == 32);
    assert!(width(|s: &ef_vi_state| &s.txq) == 28);
    assert!(offset_of!(ef_vi_state, rxq) == 64);
    assert!(width(|s: &ef_vi_state| &s.rxq) == 424);
};

const _: () = {
    assert!(size_of::<ef_vi_stats>() == 848);
    assert!(align_of::<ef_vi_stats>() == 8);
    assert!(offset_of!(ef_vi_stats, rx_ev_lost) == 0);
    assert!(width(|s: &ef_vi_stats| &s.rx_ev_lost) == 4);
    assert!(offset_of!(ef_vi_stats, rx_ev_bad_desc_i) == 4);
    assert!(width(|s: &ef_vi_stats| &s.rx_ev_bad_desc_i) == 4);
    assert!(offset_of!(ef_vi_stats, rx_ev_bad_q_label) == 8);
    assert!(width(|s: &ef_vi_stats| &s.rx_ev_bad_q_label) == 4);
    assert!(offset_of!(ef_vi_stats, evq_gap) == 12);
    assert!(width(|s: &ef_vi_stats| &s.evq_gap) == 4);
    assert!(offset_of!(ef_vi_stats, efct_rxq_stats) == 16);
    assert!(width(|s: &ef_vi_stats| &s.efct_rxq_stats) == 832);
};

const _: () = {
    assert!(size_of::<ef_vi_nic_type>() == 4);
    assert!(align_of::<ef_vi_nic_type>() == 1);
    assert!(offset_of!(ef_vi_nic_type, arch) == 0);
    assert!(width(|s: &ef_vi_nic_type| &s.arch) == 1);
    assert!(offset_of!(ef_vi_nic_type, variant) == 1);
    assert!(width(|s: &ef_vi_nic_type| &s.variant) == 1);
    assert!(offset_of!(ef_vi_nic_type, revision) == 2);
    assert!(width(|s: &ef_vi_nic_type| &s.revision) == 1);
    assert!(offset_of!(ef_vi_nic_type, nic_flags) == 3);
    assert!(width(|s: &ef_vi_nic_type| &s.nic_flags) == 1);
};

const _: () = {
    assert!(size_of::<ef_vi_transmit_alt_overhead>() == 12);
    assert!(align_of::<ef_vi_transmit_alt_overhead>() == 4);
    assert!(offset_of!(ef_vi_transmit_alt_overhead, pre_round) == 0);
    assert!(width(|s: &ef_vi_transmit_alt_overhead| &s.pre_round) == 4);
    assert!(offset_of!(ef_vi_transmit_alt_overhead, mask) == 4);
    assert!(width(|s: &ef_vi_transmit_alt_overhead| &s.mask) == 4);
    assert!(offset_of!(ef_vi_transmit_alt_overhead, post_round) == 8);
    assert!(width(|s: &ef_vi_transmit_alt_overhead| &s.post_round) == 4);
};

const _: () = {
    assert!(size_of::<ef_vi_tx_extra>() == 12);
    assert!(align_of::<ef_vi_tx_extra>() == 4);
    assert!(offset_of!(ef_vi_tx_extra, flags) == 0);
    assert!(width(|s: &ef_vi_tx_extra| &s.flags) == 4);
    assert!(offset_of!(ef_vi_tx_extra, mark) == 4);
    assert!(width(|s: &ef_vi_tx_extra| &s.mark) == 4);
    assert!(offset_of!(ef_vi_tx_extra, ingress_mport) == 8);
    assert!(width(|s: &ef_vi_tx_extra| &s.ingress_mport) == 2);
    assert!(offset_of!(ef_vi_tx_extra, egress_mport) == 10);
    assert!(width(|s: &ef_vi_tx_extra| &s.egress_mport) == 2);
};

const _: () = {
    assert!(size_of::<ef_vi_tx_warm_state>() == 16);
    assert!(align_of::<ef_vi_tx_warm_state>() == 8);
    assert!(offset_of!(ef_vi_tx_warm_state, removed) == 0);
    assert!(width(|s: &ef_vi_tx_warm_state| &s.removed) == 4);
    assert!(offset_of!(ef_vi_tx_warm_state, vi_ctpio_mmap_ptr) == 8);
    assert!(width(|s: &ef_vi_tx_warm_state| &s.vi_ctpio_mmap_ptr) == 8);
};

const _: () = {
    assert!(size_of::<ef_vi>() == 1312);
    assert!(align_of::<ef_vi>() == 8);
    assert!(offset_of!(ef_vi, inited) == 0);
    assert!(width(|s: &ef_vi| &s.inited) == 4);
    assert!(offset_of!(ef_vi, vi_resource_id) == 4);
    assert!(width(|s: &ef_vi| &s.vi_resource_id) == 4);
    assert!(offset_of!(ef_vi, vi_i) == 8);
    assert!(width(|s: &ef_vi| &s.vi_i) == 4);
    assert!(offset_of!(ef_vi, dh) == 12);
    assert!(width(|s: &ef_vi| &s.dh) == 4);
    assert!(offset_of!(ef_vi, rx_buffer_len) == 16);
    assert!(width(|s: &ef_vi| &s.rx_buffer_len) == 4);
    assert!(offset_of!(ef_vi, rx_prefix_len) == 20);
    assert!(width(|s: &ef_vi| &s.rx_prefix_len) == 4);
    assert!(offset_of!(ef_vi, last_ctpio_failed) == 24);
    assert!(width(|s: &ef_vi| &s.last_ctpio_failed) == 1);
    assert!(offset_of!(ef_vi, rx_discard_mask) == 32);
    assert!(width(|s: &ef_vi| &s.rx_discard_mask) == 8);
    assert!(offset_of!(ef_vi, rx_ts_correction) == 40);
    assert!(width(|s: &ef_vi| &s.rx_ts_correction) == 4);
    assert!(offset_of!(ef_vi, rx_pkt_len_offset) == 44);
    assert!(width(|s: &ef_vi| &s.rx_pkt_len_offset) == 4);
    assert!(offset_of!(ef_vi, rx_pkt_len_mask) == 48);
    assert!(width(|s: &ef_vi| &s.rx_pkt_len_mask) == 4);
    assert!(offset_of!(ef_vi, tx_ts_correction_ns) == 52);
    assert!(width(|s: &ef_vi| &s.tx_ts_correction_ns) == 4);
    assert!(offset_of!(ef_vi, ts_format) == 56);
    assert!(width(|s: &ef_vi| &s.ts_format) == 4);
    assert!(offset_of!(ef_vi, ts_subnano_bits) == 60);
    assert!(width(|s: &ef_vi| &s.ts_subnano_bits) == 1);
    assert!(offset_of!(ef_vi, vi_mem_mmap_ptr) == 64);
    assert!(width(|s: &ef_vi| &s.vi_mem_mmap_ptr) == 8);
    assert!(offset_of!(ef_vi, vi_mem_mmap_bytes) == 72);
    assert!(width(|s: &ef_vi| &s.vi_mem_mmap_bytes) == 4);
    assert!(offset_of!(ef_vi, vi_io_mmap_ptr) == 80);
    assert!(width(|s: &ef_vi| &s.vi_io_mmap_ptr) == 8);
    assert!(offset_of!(ef_vi, vi_io_mmap_bytes) == 88);
    assert!(width(|s: &ef_vi| &s.vi_io_mmap_bytes) == 4);
    assert!(offset_of!(ef_vi, vi_ctpio_mmap_ptr) == 96);
    assert!(width(|s: &ef_vi| &s.vi_ctpio_mmap_ptr) == 8);
    assert!(offset_of!(ef_vi, vi_ctpio_wb_ticks) == 104);
    assert!(width(|s: &ef_vi| &s.vi_ctpio_wb_ticks) == 4);
    assert!(offset_of!(ef_vi, ep_state_bytes) == 108);
    assert!(width(|s: &ef_vi| &s.ep_state_bytes) == 4);
    assert!(offset_of!(ef_vi, vi_clustered) == 112);
    assert!(width(|s: &ef_vi| &s.vi_clustered) == 4);
    assert!(offset_of!(ef_vi, vi_is_packed_stream) == 116);
    assert!(width(|s: &ef_vi| &s.vi_is_packed_stream) == 4);
    assert!(offset_of!(ef_vi, vi_is_normal) == 120);
    assert!(width(|s: &ef_vi| &s.vi_is_normal) == 4);
    assert!(offset_of!(ef_vi, vi_ps_buf_size) == 124);
    assert!(width(|s: &ef_vi| &s.vi_ps_buf_size) == 4);
    assert!(offset_of!(ef_vi, io) == 128);
    assert!(width(|s: &ef_vi| &s.io) == 8);
    assert!(offset_of!(ef_vi, linked_pio) == 136);
    assert!(width(|s: &ef_vi| &s.linked_pio) == 8);
    assert!(offset_of!(ef_vi, evq_base) == 144);
    assert!(width(|s: &ef_vi| &s.evq_base) == 8);
    assert!(offset_of!(ef_vi, evq_mask) == 152);
    assert!(width(|s: &ef_vi| &s.evq_mask) == 4);
    assert!(offset_of!(ef_vi, evq_phase_bits) == 156);
    assert!(width(|s: &ef_vi| &s.evq_phase_bits) == 4);
    assert!(offset_of!(ef_vi, timer_quantum_ns) == 160);
    assert!(width(|s: &ef_vi| &s.timer_quantum_ns) == 4);
    assert!(offset_of!(ef_vi, tx_push_thresh) == 164);
    assert!(width(|s: &ef_vi| &s.tx_push_thresh) == 4);
    assert!(offset_of!(ef_vi, vi_txq) == 168);
    assert!(width(|s: &ef_vi| &s.vi_txq) == 40);
    assert!(offset_of!(ef_vi, vi_rxq) == 208);
    assert!(width(|s: &ef_vi| &s.vi_rxq) == 24);
    assert!(offset_of!(ef_vi, ep_state) == 232);
    assert!(width(|s: &ef_vi| &s.ep_state) == 8);
    assert!(offset_of!(ef_vi, vi_flags) == 240);
    assert!(width(|s: &ef_vi| &s.vi_flags) == 8);
    assert!(offset_of!(ef_vi, vi_out_flags) == 248);
    assert!(width(|s: &ef_vi| &s.vi_out_flags) == 4);
    assert!(offset_of!(ef_vi, vi_stats) == 256);
    assert!(width(|s: &ef_vi| &s.vi_stats) == 8);
    assert!(offset_of!(ef_vi, vi_qs) == 264);
    assert!(width(|s: &ef_vi| &s.vi_qs) == 256);
    assert!(offset_of!(ef_vi, vi_qs_n) == 520);
    assert!(width(|s: &ef_vi| &s.vi_qs_n) == 4);
    assert!(offset_of!(ef_vi, future_qix) == 524);
    assert!(width(|s: &ef_vi| &s.future_qix) == 1);
    assert!(offset_of!(ef_vi, efct_rxqs) == 528);
    assert!(width(|s: &ef_vi| &s.efct_rxqs) == 424);
    assert!(offset_of!(ef_vi, tx_alt_num) == 952);
    assert!(width(|s: &ef_vi| &s.tx_alt_num) == 4);
    assert!(offset_of!(ef_vi, tx_alt_id2hw) == 960);
    assert!(width(|s: &ef_vi| &s.tx_alt_id2hw) == 8);
    assert!(offset_of!(ef_vi, tx_alt_hw2id) == 968);
    assert!(width(|s: &ef_vi| &s.tx_alt_hw2id) == 8);
    assert!(offset_of!(ef_vi, nic_type) == 976);
    assert!(width(|s: &ef_vi| &s.nic_type) == 4);
    assert!(offset_of!(ef_vi, xdp_kick) == 984);
    assert!(width(|s: &ef_vi| &s.xdp_kick) == 8);
    assert!(offset_of!(ef_vi, xdp_kick_context) == 992);
    assert!(width(|s: &ef_vi| &s.xdp_kick_context) == 8);
    assert!(offset_of!(ef_vi, unsol_credit_seq_mask) == 1000);
    assert!(width(|s: &ef_vi| &s.unsol_credit_seq_mask) == 4);
    assert!(offset_of!(ef_vi, compat_data) == 1008);
    assert!(width(|s: &ef_vi| &s.compat_data) == 8);
    assert!(offset_of!(ef_vi, ops) == 1016);
    assert!(width(|s: &ef_vi| &s.ops) == 272);
    assert!(offset_of!(ef_vi, ops.transmit) == 1016);
    assert!(width(|s: &ef_vi| &s.ops.transmit) == 8);
    assert!(offset_of!(ef_vi, ops.transmitv) == 1024);
    assert!(width(|s: &ef_vi| &s.ops.transmitv) == 8);
    assert!(offset_of!(ef_vi, ops.transmitv_init) == 1032);
    assert!(width(|s: &ef_vi| &s.ops.transmitv_init) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_push) == 1040);
    assert!(width(|s: &ef_vi| &s.ops.transmit_push) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_pio) == 1048);
    assert!(width(|s: &ef_vi| &s.ops.transmit_pio) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_copy_pio) == 1056);
    assert!(width(|s: &ef_vi| &s.ops.transmit_copy_pio) == 8);
    assert!(offset_of!(ef_vi, ops.start_transmit_warm) == 1064);
    assert!(width(|s: &ef_vi| &s.ops.start_transmit_warm) == 8);
    assert!(offset_of!(ef_vi, ops.stop_transmit_warm) == 1072);
    assert!(width(|s: &ef_vi| &s.ops.stop_transmit_warm) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_pio_warm) == 1080);
    assert!(width(|s: &ef_vi| &s.ops.transmit_pio_warm) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_copy_pio_warm) == 1088);
    assert!(width(|s: &ef_vi| &s.ops.transmit_copy_pio_warm) == 8);
    assert!(offset_of!(ef_vi, ops.transmitv_ctpio) == 1096);
    assert!(width(|s: &ef_vi| &s.ops.transmitv_ctpio) == 8);
    assert!(offset_of!(ef_vi, ops.transmitv_ctpio_copy) == 1104);
    assert!(width(|s: &ef_vi| &s.ops.transmitv_ctpio_copy) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_alt_select) == 1112);
    assert!(width(|s: &ef_vi| &s.ops.transmit_alt_select) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_alt_select_default) == 1120);
    assert!(width(|s: &ef_vi| &s.ops.transmit_alt_select_default) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_alt_stop) == 1128);
    assert!(width(|s: &ef_vi| &s.ops.transmit_alt_stop) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_alt_go) == 1136);
    assert!(width(|s: &ef_vi| &s.ops.transmit_alt_go) == 8);
    assert!(offset_of!(ef_vi, ops.receive_set_discards) == 1144);
    assert!(width(|s: &ef_vi| &s.ops.receive_set_discards) == 8);
    assert!(offset_of!(ef_vi, ops.receive_get_discards) == 1152);
    assert!(width(|s: &ef_vi| &s.ops.receive_get_discards) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_alt_discard) == 1160);
    assert!(width(|s: &ef_vi| &s.ops.transmit_alt_discard) == 8);
    assert!(offset_of!(ef_vi, ops.receive_init) == 1168);
    assert!(width(|s: &ef_vi| &s.ops.receive_init) == 8);
    assert!(offset_of!(ef_vi, ops.receive_push) == 1176);
    assert!(width(|s: &ef_vi| &s.ops.receive_push) == 8);
    assert!(offset_of!(ef_vi, ops.receive_get_timestamp) == 1184);
    assert!(width(|s: &ef_vi| &s.ops.receive_get_timestamp) == 8);
    assert!(offset_of!(ef_vi, ops.eventq_poll) == 1192);
    assert!(width(|s: &ef_vi| &s.ops.eventq_poll) == 8);
    assert!(offset_of!(ef_vi, ops.eventq_prime) == 1200);
    assert!(width(|s: &ef_vi| &s.ops.eventq_prime) == 8);
    assert!(offset_of!(ef_vi, ops.eventq_timer_prime) == 1208);
    assert!(width(|s: &ef_vi| &s.ops.eventq_timer_prime) == 8);
    assert!(offset_of!(ef_vi, ops.eventq_timer_run) == 1216);
    assert!(width(|s: &ef_vi| &s.ops.eventq_timer_run) == 8);
    assert!(offset_of!(ef_vi, ops.eventq_timer_clear) == 1224);
    assert!(width(|s: &ef_vi| &s.ops.eventq_timer_clear) == 8);
    assert!(offset_of!(ef_vi, ops.eventq_timer_zero) == 1232);
    assert!(width(|s: &ef_vi| &s.ops.eventq_timer_zero) == 8);
    assert!(offset_of!(ef_vi, ops.eventq_has_event) == 1240);
    assert!(width(|s: &ef_vi| &s.ops.eventq_has_event) == 8);
    assert!(offset_of!(ef_vi, ops.eventq_has_many_events) == 1248);
    assert!(width(|s: &ef_vi| &s.ops.eventq_has_many_events) == 8);
    assert!(offset_of!(ef_vi, ops.transmit_ctpio_fallback) == 1256);
    assert!(width(|s: &ef_vi| &s.ops.transmit_ctpio_fallback) == 8);
    assert!(offset_of!(ef_vi, ops.transmitv_ctpio_fallback) == 1264);
    assert!(width(|s: &ef_vi| &s.ops.transmitv_ctpio_fallback) == 8);
    assert!(offset_of!(ef_vi, ops.receive_poll) == 1272);
    assert!(width(|s: &ef_vi| &s.ops.receive_poll) == 8);
    assert!(offset_of!(ef_vi, ops.receive_get_filter_id) == 1280);
    assert!(width(|s: &ef_vi| &s.ops.receive_get_filter_id) == 8);
    assert!(offset_of!(ef_vi, internal_ops) == 1288);
    assert!(width(|s: &ef_vi| &s.internal_ops) == 24);
    assert!(offset_of!(ef_vi, internal_ops.design_parameters) == 1288);
    assert!(width(|s: &ef_vi| &s.internal_ops.design_parameters) == 8);
    assert!(offset_of!(ef_vi, internal_ops.pre_filter_add) == 1296);
    assert!(width(|s: &ef_vi| &s.internal_ops.pre_filter_add) == 8);
    assert!(offset_of!(ef_vi, internal_ops.post_filter_add) == 1304);
    assert!(width(|s: &ef_vi| &s.internal_ops.post_filter_add) == 8);
};

const _: () = {
    assert!(size_of::<ef_vi_compat_data>() == 296);
    assert!(align_of::<ef_vi_compat_data>() == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_arch) == 0);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_arch) == 4);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops) == 8);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops) == 272);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit) == 8);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmitv) == 16);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmitv) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmitv_init) == 24);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmitv_init) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_push) == 32);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_push) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_pio) == 40);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_pio) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_copy_pio) == 48);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_copy_pio) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.start_transmit_warm) == 56);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.start_transmit_warm) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.stop_transmit_warm) == 64);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.stop_transmit_warm) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_pio_warm) == 72);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_pio_warm) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_copy_pio_warm) == 80);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_copy_pio_warm) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmitv_ctpio) == 88);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmitv_ctpio) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmitv_ctpio_copy) == 96);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmitv_ctpio_copy) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_alt_select) == 104);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_alt_select) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_alt_select_default) == 112);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_alt_select_default) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_alt_stop) == 120);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_alt_stop) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_alt_go) == 128);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_alt_go) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.receive_set_discards) == 136);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.receive_set_discards) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.receive_get_discards) == 144);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.receive_get_discards) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_alt_discard) == 152);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_alt_discard) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.receive_init) == 160);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.receive_init) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.receive_push) == 168);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.receive_push) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.receive_get_timestamp) == 176);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.receive_get_timestamp) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.eventq_poll) == 184);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.eventq_poll) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.eventq_prime) == 192);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.eventq_prime) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.eventq_timer_prime) == 200);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.eventq_timer_prime) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.eventq_timer_run) == 208);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.eventq_timer_run) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.eventq_timer_clear) == 216);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.eventq_timer_clear) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.eventq_timer_zero) == 224);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.eventq_timer_zero) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.eventq_has_event) == 232);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.eventq_has_event) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.eventq_has_many_events) == 240);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.eventq_has_many_events) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmit_ctpio_fallback) == 248);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmit_ctpio_fallback) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.transmitv_ctpio_fallback) == 256);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.transmitv_ctpio_fallback) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.receive_poll) == 264);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.receive_poll) == 8);
    assert!(offset_of!(ef_vi_compat_data, underlying_ops.receive_get_filter_id) == 272);
    assert!(width(|s: &ef_vi_compat_data| &s.underlying_ops.receive_get_filter_id) == 8);
    assert!(offset_of!(ef_vi_compat_data, arch) == 280);
    assert!(width(|s: &ef_vi_compat_data| &s.arch) == 16);
    assert!(offset_of!(ef_vi_compat_data, arch.ef10) == 280);
    assert!(offset_of!(ef_vi_compat_data, arch.ef10.rx_descriptors) == 280);
    assert!(offset_of!(ef_vi_compat_data, arch.ef10.tx_dma_buf) == 288);
};

const _: () = {
    assert!(size_of::<ef_vi_layout_entry>() == 16);
    assert!(align_of::<ef_vi_layout_entry>() == 8);
    assert!(offset_of!(ef_vi_layout_entry, evle_type) == 0);
    assert!(width(|s: &ef_vi_layout_entry| &s.evle_type) == 4);
    assert!(offset_of!(ef_vi_layout_entry, evle_offset) == 4);
    assert!(width(|s: &ef_vi_layout_entry| &s.evle_offset) == 4);
    assert!(offset_of!(ef_vi_layout_entry, evle_description) == 8);
    assert!(width(|s: &ef_vi_layout_entry| &s.evle_description) == 8);
};

const _: () = {
    assert!(size_of::<ef_vi_set>() == 16);
    assert!(align_of::<ef_vi_set>() == 8);
    assert!(offset_of!(ef_vi_set, vis_res_id) == 0);
    assert!(width(|s: &ef_vi_set| &s.vis_res_id) == 4);
    assert!(offset_of!(ef_vi_set, vis_pd) == 8);
    assert!(width(|s: &ef_vi_set| &s.vis_pd) == 8);
};

const _: () = {
    assert!(size_of::<ef_filter_spec>() == 56);
    assert!(align_of::<ef_filter_spec>() == 4);
    assert!(offset_of!(ef_filter_spec, type_) == 0);
    assert!(width(|s: &ef_filter_spec| &s.type_) == 4);
    assert!(offset_of!(ef_filter_spec, flags) == 4);
    assert!(width(|s: &ef_filter_spec| &s.flags) == 4);
    assert!(offset_of!(ef_filter_spec, data) == 8);
    assert!(width(|s: &ef_filter_spec| &s.data) == 48);
};

const _: () = {
    assert!(size_of::<ef_filter_cookie>() == 8);
    assert!(align_of::<ef_filter_cookie>() == 4);
    assert!(offset_of!(ef_filter_cookie, filter_id) == 0);
    assert!(width(|s: &ef_filter_cookie| &s.filter_id) == 4);
    assert!(offset_of!(ef_filter_cookie, filter_type) == 4);
    assert!(width(|s: &ef_filter_cookie| &s.filter_type) == 4);
};

const _: () = {
    assert!(size_of::<ef_filter_info>() == 24);
    assert!(align_of::<ef_filter_info>() == 8);
    assert!(offset_of!(ef_filter_info, valid_fields) == 0);
    assert!(width(|s: &ef_filter_info| &s.valid_fields) == 8);
    assert!(offset_of!(ef_filter_info, flags) == 8);
    assert!(width(|s: &ef_filter_info| &s.flags) == 4);
    assert!(offset_of!(ef_filter_info, filter_id) == 12);
    assert!(width(|s: &ef_filter_info| &s.filter_id) == 4);
    assert!(offset_of!(ef_filter_info, q_id) == 16);
    assert!(width(|s: &ef_filter_info| &s.q_id) == 4);
};

const _: () = {
    assert!(size_of::<ef_vi_stats_field_layout>() == 16);
    assert!(align_of::<ef_vi_stats_field_layout>() == 8);
    assert!(offset_of!(ef_vi_stats_field_layout, evsfl_name) == 0);
    assert!(width(|s: &ef_vi_stats_field_layout| &s.evsfl_name) == 8);
    assert!(offset_of!(ef_vi_stats_field_layout, evsfl_offset) == 8);
    assert!(width(|s: &ef_vi_stats_field_layout| &s.evsfl_offset) == 4);
    assert!(offset_of!(ef_vi_stats_field_layout, evsfl_size) == 12);
    assert!(width(|s: &ef_vi_stats_field_layout| &s.evsfl_size) == 4);
};

const _: () = {
    assert!(size_of::<ef_vi_stats_layout>() == 8);
    assert!(align_of::<ef_vi_stats_layout>() == 8);
    assert!(offset_of!(ef_vi_stats_layout, evsl_data_size) == 0);
    assert!(width(|s: &ef_vi_stats_layout| &s.evsl_data_size) == 4);
    assert!(offset_of!(ef_vi_stats_layout, evsl_fields_num) == 4);
    assert!(width(|s: &ef_vi_stats_layout| &s.evsl_fields_num) == 4);
    assert!(offset_of!(ef_vi_stats_layout, evsl_fields) == 8);
    assert!(width(|s: &ef_vi_stats_layout| &s.evsl_fields) == 0);
};

const _: () = {
    assert!(size_of::<ef_pd>() == 40);
    assert!(align_of::<ef_pd>() == 8);
    assert!(offset_of!(ef_pd, pd_flags) == 0);
    assert!(width(|s: &ef_pd| &s.pd_flags) == 4);
    assert!(offset_of!(ef_pd, pd_resource_id) == 4);
    assert!(width(|s: &ef_pd| &s.pd_resource_id) == 4);
    assert!(offset_of!(ef_pd, pd_intf_name) == 8);
    assert!(width(|s: &ef_pd| &s.pd_intf_name) == 8);
    assert!(offset_of!(ef_pd, pd_cluster_name) == 16);
    assert!(width(|s: &ef_pd| &s.pd_cluster_name) == 8);
    assert!(offset_of!(ef_pd, pd_cluster_sock) == 24);
    assert!(width(|s: &ef_pd| &s.pd_cluster_sock) == 4);
    assert!(offset_of!(ef_pd, pd_cluster_dh) == 28);
    assert!(width(|s: &ef_pd| &s.pd_cluster_dh) == 4);
    assert!(offset_of!(ef_pd, pd_cluster_viset_resource_id) == 32);
    assert!(width(|s: &ef_pd| &s.pd_cluster_viset_resource_id) == 4);
    assert!(offset_of!(ef_pd, pd_cluster_viset_index) == 36);
    assert!(width(|s: &ef_pd| &s.pd_cluster_viset_index) == 4);
};

const _: () = {
    assert!(size_of::<ef_memreg>() == 16);
    assert!(align_of::<ef_memreg>() == 8);
    assert!(offset_of!(ef_memreg, mr_dma_addrs) == 0);
    assert!(width(|s: &ef_memreg| &s.mr_dma_addrs) == 8);
    assert!(offset_of!(ef_memreg, mr_dma_addrs_base) == 8);
    assert!(width(|s: &ef_memreg| &s.mr_dma_addrs_base) == 8);
};

const _: () = {
    assert!(size_of::<ef_pio>() == 24);
    assert!(align_of::<ef_pio>() == 8);
    assert!(offset_of!(ef_pio, pio_buffer) == 0);
    assert!(width(|s: &ef_pio| &s.pio_buffer) == 8);
    assert!(offset_of!(ef_pio, pio_io) == 8);
    assert!(width(|s: &ef_pio| &s.pio_io) == 8);
    assert!(offset_of!(ef_pio, pio_resource_id) == 16);
    assert!(width(|s: &ef_pio| &s.pio_resource_id) == 4);
    assert!(offset_of!(ef_pio, pio_len) == 20);
    assert!(width(|s: &ef_pio| &s.pio_len) == 4);
};

const _: () = {
    assert!(size_of::<ef_packed_stream_packet>() == 16);
    assert!(align_of::<ef_packed_stream_packet>() == 4);
    assert!(offset_of!(ef_packed_stream_packet, ps_next_offset) == 0);
    assert!(width(|s: &ef_packed_stream_packet| &s.ps_next_offset) == 2);
    assert!(offset_of!(ef_packed_stream_packet, ps_pkt_start_offset) == 2);
    assert!(width(|s: &ef_packed_stream_packet| &s.ps_pkt_start_offset) == 1);
    assert!(offset_of!(ef_packed_stream_packet, ps_flags) == 3);
    assert!(width(|s: &ef_packed_stream_packet| &s.ps_flags) == 1);
    assert!(offset_of!(ef_packed_stream_packet, ps_cap_len) == 4);
    assert!(width(|s: &ef_packed_stream_packet| &s.ps_cap_len) == 2);
    assert!(offset_of!(ef_packed_stream_packet, ps_orig_len) == 6);
    assert!(width(|s: &ef_packed_stream_packet| &s.ps_orig_len) == 2);
    assert!(offset_of!(ef_packed_stream_packet, ps_ts_sec) == 8);
    assert!(width(|s: &ef_packed_stream_packet| &s.ps_ts_sec) == 4);
    assert!(offset_of!(ef_packed_stream_packet, ps_ts_nsec) == 12);
    assert!(width(|s: &ef_packed_stream_packet| &s.ps_ts_nsec) == 4);
};

const _: () = {
    assert!(size_of::<ef_packed_stream_params>() == 16);
    assert!(align_of::<ef_packed_stream_params>() == 4);
    assert!(offset_of!(ef_packed_stream_params, psp_buffer_size) == 0);
    assert!(width(|s: &ef_packed_stream_params| &s.psp_buffer_size) == 4);
    assert!(offset_of!(ef_packed_stream_params, psp_buffer_align) == 4);
    assert!(width(|s: &ef_packed_stream_params| &s.psp_buffer_align) == 4);
    assert!(offset_of!(ef_packed_stream_params, psp_start_offset) == 8);
    assert!(width(|s: &ef_packed_stream_params| &s.psp_start_offset) == 4);
    assert!(offset_of!(ef_packed_stream_params, psp_max_usable_buffers) == 12);
    assert!(width(|s: &ef_packed_stream_params| &s.psp_max_usable_buffers) == 4);
};

const _: () = {
    assert!(size_of::<onload_timestamp>() == 16);
    assert!(align_of::<onload_timestamp>() == 8);
    assert!(offset_of!(onload_timestamp, sec) == 0);
    assert!(width(|s: &onload_timestamp| &s.sec) == 8);
    assert!(offset_of!(onload_timestamp, nsec) == 8);
    assert!(width(|s: &onload_timestamp| &s.nsec) == 4);
};

const _: () = {
    assert!(size_of::<scm_timestamping_ooext>() == 24);
    assert!(align_of::<scm_timestamping_ooext>() == 8);
    assert!(offset_of!(scm_timestamping_ooext, type_) == 0);
    assert!(width(|s: &scm_timestamping_ooext| &s.type_) == 4);
    assert!(offset_of!(scm_timestamping_ooext, padding) == 4);
    assert!(width(|s: &scm_timestamping_ooext| &s.padding) == 4);
    assert!(offset_of!(scm_timestamping_ooext, timestamp) == 8);
    assert!(width(|s: &scm_timestamping_ooext| &s.timestamp) == 16);
};

const _: () = {
    assert!(size_of::<onload_scm_timestamping_stream>() == 40);
    assert!(align_of::<onload_scm_timestamping_stream>() == 8);
    assert!(offset_of!(onload_scm_timestamping_stream, first_sent) == 0);
    assert!(width(|s: &onload_scm_timestamping_stream| &s.first_sent) == 16);
    assert!(offset_of!(onload_scm_timestamping_stream, last_sent) == 16);
    assert!(width(|s: &onload_scm_timestamping_stream| &s.last_sent) == 16);
    assert!(offset_of!(onload_scm_timestamping_stream, len) == 32);
    assert!(width(|s: &onload_scm_timestamping_stream| &s.len) == 8);
};

const _: () = {
    assert!(size_of::<onload_stat>() == 24);
    assert!(align_of::<onload_stat>() == 8);
    assert!(offset_of!(onload_stat, stack_id) == 0);
    assert!(width(|s: &onload_stat| &s.stack_id) == 4);
    assert!(offset_of!(onload_stat, stack_name) == 8);
    assert!(width(|s: &onload_stat| &s.stack_name) == 8);
    assert!(offset_of!(onload_stat, endpoint_id) == 16);
    assert!(width(|s: &onload_stat| &s.endpoint_id) == 4);
    assert!(offset_of!(onload_stat, endpoint_state) == 20);
    assert!(width(|s: &onload_stat| &s.endpoint_state) == 4);
};

const _: () = {
    assert!(size_of::<onload_ordered_epoll_event>() == 24);
    assert!(align_of::<onload_ordered_epoll_event>() == 8);
    assert!(offset_of!(onload_ordered_epoll_event, ts) == 0);
    assert!(width(|s: &onload_ordered_epoll_event| &s.ts) == 16);
    assert!(offset_of!(onload_ordered_epoll_event, bytes) == 16);
    assert!(width(|s: &onload_ordered_epoll_event| &s.bytes) == 4);
};

const _: () = {
    assert!(size_of::<onload_delegated_send>() == 64);
    assert!(align_of::<onload_delegated_send>() == 8);
    assert!(offset_of!(onload_delegated_send, headers) == 0);
    assert!(width(|s: &onload_delegated_send| &s.headers) == 8);
    assert!(offset_of!(onload_delegated_send, headers_len) == 8);
    assert!(width(|s: &onload_delegated_send| &s.headers_len) == 4);
    assert!(offset_of!(onload_delegated_send, mss) == 12);
    assert!(width(|s: &onload_delegated_send| &s.mss) == 4);
    assert!(offset_of!(onload_delegated_send, send_wnd) == 16);
    assert!(width(|s: &onload_delegated_send| &s.send_wnd) == 4);
    assert!(offset_of!(onload_delegated_send, cong_wnd) == 20);
    assert!(width(|s: &onload_delegated_send| &s.cong_wnd) == 4);
    assert!(offset_of!(onload_delegated_send, user_size) == 24);
    assert!(width(|s: &onload_delegated_send| &s.user_size) == 4);
    assert!(offset_of!(onload_delegated_send, tcp_seq_offset) == 28);
    assert!(width(|s: &onload_delegated_send| &s.tcp_seq_offset) == 4);
    assert!(offset_of!(onload_delegated_send, ip_len_offset) == 32);
    assert!(width(|s: &onload_delegated_send| &s.ip_len_offset) == 4);
    assert!(offset_of!(onload_delegated_send, ip_tcp_hdr_len) == 36);
    assert!(width(|s: &onload_delegated_send| &s.ip_tcp_hdr_len) == 4);
    assert!(offset_of!(onload_delegated_send, reserved) == 40);
    assert!(width(|s: &onload_delegated_send| &s.reserved) == 20);
};

const _: () = {
    assert!(size_of::<onload_tcp_info>() == 36);
    assert!(align_of::<onload_tcp_info>() == 4);
    assert!(offset_of!(onload_tcp_info, so_recvbuf) == 0);
    assert!(width(|s: &onload_tcp_info| &s.so_recvbuf) == 4);
    assert!(offset_of!(onload_tcp_info, rcvbuf_used) == 4);
    assert!(width(|s: &onload_tcp_info| &s.rcvbuf_used) == 4);
    assert!(offset_of!(onload_tcp_info, rcv_window) == 8);
    assert!(width(|s: &onload_tcp_info| &s.rcv_window) == 4);
    assert!(offset_of!(onload_tcp_info, so_sndbuf) == 12);
    assert!(width(|s: &onload_tcp_info| &s.so_sndbuf) == 4);
    assert!(offset_of!(onload_tcp_info, so_sndbuf_pkts) == 16);
    assert!(width(|s: &onload_tcp_info| &s.so_sndbuf_pkts) == 4);
    assert!(offset_of!(onload_tcp_info, sndbuf_pkts_avail) == 20);
    assert!(width(|s: &onload_tcp_info| &s.sndbuf_pkts_avail) == 4);
    assert!(offset_of!(onload_tcp_info, snd_mss) == 24);
    assert!(width(|s: &onload_tcp_info| &s.snd_mss) == 4);
    assert!(offset_of!(onload_tcp_info, snd_window) == 28);
    assert!(width(|s: &onload_tcp_info| &s.snd_window) == 4);
    assert!(offset_of!(onload_tcp_info, cong_window) == 32);
    assert!(width(|s: &onload_tcp_info| &s.cong_window) == 4);
};

const _: () = {
    assert!(size_of::<onload_zc_iovec>() == 32);
    assert!(align_of::<onload_zc_iovec>() == 8);
    assert!(offset_of!(onload_zc_iovec, unnamed) == 0);
    assert!(width(|s: &onload_zc_iovec| &s.unnamed) == 8);
    assert!(offset_of!(onload_zc_iovec, unnamed.iov_base) == 0);
    assert!(offset_of!(onload_zc_iovec, unnamed.iov_ptr) == 0);
    assert!(offset_of!(onload_zc_iovec, buf) == 16);
    assert!(width(|s: &onload_zc_iovec| &s.buf) == 8);
    assert!(offset_of!(onload_zc_iovec, unused) == 24);
    assert!(width(|s: &onload_zc_iovec| &s.unused) == 8);
};

const _: () = {
    assert!(size_of::<onload_zc_msg>() == 64);
    assert!(align_of::<onload_zc_msg>() == 8);
    assert!(offset_of!(onload_zc_msg, iov) == 0);
    assert!(width(|s: &onload_zc_msg| &s.iov) == 8);
    assert!(offset_of!(onload_zc_msg, msghdr) == 8);
    assert!(width(|s: &onload_zc_msg| &s.msghdr) == 56);
};

const _: () = {
    assert!(size_of::<onload_zc_mmsg>() == 72);
    assert!(align_of::<onload_zc_mmsg>() == 8);
    assert!(offset_of!(onload_zc_mmsg, msg) == 0);
    assert!(width(|s: &onload_zc_mmsg| &s.msg) == 64);
    assert!(offset_of!(onload_zc_mmsg, rc) == 64);
    assert!(width(|s: &onload_zc_mmsg| &s.rc) == 4);
    assert!(offset_of!(onload_zc_mmsg, fd) == 68);
    assert!(width(|s: &onload_zc_mmsg| &s.fd) == 4);
};

const _: () = {
    assert!(size_of::<onload_zc_recv_args>() == 88);
    assert!(align_of::<onload_zc_recv_args>() == 8);
    assert!(offset_of!(onload_zc_recv_args, msg) == 0);
    assert!(width(|s: &onload_zc_recv_args| &s.msg) == 64);
    assert!(offset_of!(onload_zc_recv_args, cb) == 64);
    assert!(width(|s: &onload_zc_recv_args| &s.cb) == 8);
    assert!(offset_of!(onload_zc_recv_args, user_ptr) == 72);
    assert!(width(|s: &onload_zc_recv_args| &s.user_ptr) == 8);
    assert!(offset_of!(onload_zc_recv_args, flags) == 80);
    assert!(width(|s: &onload_zc_recv_args| &s.flags) == 4);
};

const _: () = {
    assert!(size_of::<onload_template_msg_update_iovec>() == 32);
    assert!(align_of::<onload_template_msg_update_iovec>() == 8);
    assert!(offset_of!(onload_template_msg_update_iovec, otmu_base) == 0);
    assert!(width(|s: &onload_template_msg_update_iovec| &s.otmu_base) == 8);
    assert!(offset_of!(onload_template_msg_update_iovec, otmu_len) == 8);
    assert!(width(|s: &onload_template_msg_update_iovec| &s.otmu_len) == 8);
    assert!(offset_of!(onload_template_msg_update_iovec, otmu_offset) == 16);
    assert!(width(|s: &onload_template_msg_update_iovec| &s.otmu_offset) == 8);
    assert!(offset_of!(onload_template_msg_update_iovec, otmu_flags) == 24);
    assert!(width(|s: &onload_template_msg_update_iovec| &s.otmu_flags) == 4);
};

const _: () = assert!(size_of::<ef_vi_flags>() == 8);
const _: () = assert!(size_of::<ef_vi_out_flags>() == 4);
const _: () = assert!(size_of::<ef_vi_rx_discard_err_flags>() == 4);
const _: () = assert!(size_of::<ef_timestamp_format>() == 4);
const _: () = assert!(size_of::<ef_vi_arch>() == 4);
const _: () = assert!(size_of::<ef_vi_tx_extra_flags>() == 4);
const _: () = assert!(size_of::<ef_vi_layout_type>() == 4);
const _: () = assert!(size_of::<ef_filter_flags>() == 4);
const _: () = assert!(size_of::<ef_filter_info_fields>() == 4);
const _: () = assert!(size_of::<ef_filter_info_flags>() == 4);
const _: () = assert!(size_of::<ef_pd_flags>() == 4);
const _: () = assert!(size_of::<ef_vi_capability>() == 4);
const _: () = assert!(size_of::<ef_vi_capability_flags>() == 4);
const _: () = assert!(size_of::<ef_vi_extra_datapaths>() == 4);
const _: () = assert!(size_of::<onload_timestamping_flags>() == 4);
const _: () = assert!(size_of::<onload_ts_flags>() == 4);
const _: () = assert!(size_of::<onload_stackname_scope>() == 4);
const _: () = assert!(size_of::<onload_stackname_who>() == 4);
const _: () = assert!(size_of::<onload_spin_type>() == 4);
const _: () = assert!(size_of::<onload_fd_feature>() == 4);
const _: () = assert!(size_of::<onload_delegated_send_rc>() == 4);
const _: () = assert!(size_of::<onload_zc_buffer_type_flags>() == 4);
const _: () = assert!(size_of::<onload_zc_callback_rc>() == 4);
const _: () = assert!(size_of::<onload_template_flags>() == 4);
const _: () = assert!(size_of::<ef_driver_handle>() == 4);
const _: () = assert!(size_of::<ef_eventq_ptr>() == 4);
const _: () = assert!(size_of::<ef_addr>() == 8);
const _: () = assert!(size_of::<ef_vi_ioaddr_t>() == 8);
const _: () = assert!(size_of::<ef_addrspace>() == 8);
const _: () = assert!(size_of::<ef_request_id>() == 4);
const _: () = assert!(size_of::<ef_vi_dump_log_fn_t>() == 8);
const _: () = assert!(size_of::<onload_zc_handle>() == 8);
const _: () = assert!(size_of::<onload_zc_recv_callback>() == 8);
const _: () = assert!(size_of::<onload_zc_recv_filter_callback>() == 8);
const _: () = assert!(size_of::<onload_template_handle>() == 8);
