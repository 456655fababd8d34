// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! Structures, unions and typedefs.

#![allow(non_camel_case_types)]

use core::ffi::*;

/// What an event queue delivers: a receive, a completed send, an error. Since Onload 8.1 or before.
///
/// Its views are methods, such as `rx`; each view converts back with `From`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ef_event {
    pub(super) words: [u32; 4],
}

/// A piece of a packet in DMA space. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_iovec {
    /// `ef_addr` at byte 0.
    pub iov_base: ef_addr,
    /// `unsigned int` at byte 8.
    pub iov_len: c_uint,
}

/// A piece of a packet in some address space. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_remote_iovec {
    /// `ef_addr` at byte 0.
    pub iov_base: ef_addr,
    /// `unsigned int` at byte 8.
    pub iov_len: c_uint,
    /// `uint32_t` at byte 12.
    pub flags: u32,
    /// `ef_addrspace` at byte 16.
    pub addrspace: ef_addrspace,
}

/// A time with a 16-bit fraction of a nanosecond and synchronisation flags. Since Onload 9.0.1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_precisetime {
    /// `int64_t` at byte 0.
    pub tv_sec: i64,
    /// `uint32_t` at byte 8.
    pub tv_nsec: u32,
    /// `uint16_t` at byte 12.
    pub tv_nsec_frac: u16,
    /// `uint16_t` at byte 14.
    pub tv_flags: u16,
}

/// Counters of a transmit ring and its cut-through FIFO. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_txq_state {
    /// `uint32_t` at byte 0.
    pub previous: u32,
    /// `uint32_t` at byte 4.
    pub added: u32,
    /// `uint32_t` at byte 8.
    pub removed: u32,
    /// `uint32_t` at byte 12.
    pub ct_added: u32,
    /// `uint32_t` at byte 16.
    pub ct_removed: u32,
    /// `uint32_t` at byte 20.
    pub ts_nsec: u32,
    /// `uint16_t` at byte 24. Since Onload 9.0.1.
    pub ts_nsec_frac: u16,
    /// `uint16_t` at byte 26. Since Onload 9.0.1.
    pub ts_flags: u16,
}

/// Read position in a shared receive queue. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_efct_rxq_ptr {
    /// `uint32_t` at byte 0. Since Onload 9.0.1.
    pub data_pkt: u32,
    /// `uint16_t` at byte 4. Since Onload 9.0.1.
    pub superbuf_pkts: u16,
    /// `uint8_t` at byte 6. Since Onload 9.0.1.
    pub meta_offset: u8,
    /// `uint8_t` at byte 7. Since Onload 9.0.1.
    pub reserved: u8,
    /// `uint64_t` at byte 8. Since Onload 9.0.1.
    pub meta_pkt: u64,
}

/// Counters of a receive ring, and the state of shared receive queues. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_rxq_state {
    /// `uint32_t` at byte 0.
    pub posted: u32,
    /// `uint32_t` at byte 4.
    pub added: u32,
    /// `uint32_t` at byte 8.
    pub removed: u32,
    /// `uint32_t` at byte 12.
    pub in_jumbo: u32,
    /// `uint32_t` at byte 16.
    pub bytes_acc: u32,
    /// `uint16_t` at byte 20.
    pub last_desc_i: u16,
    /// `uint16_t` at byte 22.
    pub rx_ps_credit_avail: u16,
    /// `ef_vi_efct_rxq_ptr [8]` at byte 24.
    pub rxq_ptr: [ef_vi_efct_rxq_ptr; 8],
    /// `int16_t [8]` at byte 152. Since Onload 8.1.3, not in 9.1.0, 9.1.1, 9.1-next, 9.2.0, 9.2-next.
    pub sb_desc_free_head: [i16; 8],
}

/// Read position and time synchronisation of an event queue. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_eventq_state {
    /// `ef_eventq_ptr` at byte 0.
    pub evq_ptr: ef_eventq_ptr,
    /// `int32_t` at byte 4.
    pub evq_clear_stride: i32,
    /// `uint32_t` at byte 8.
    pub sync_timestamp_major: u32,
    /// `uint32_t` at byte 12.
    pub sync_timestamp_minor: u32,
    /// `uint32_t` at byte 16.
    pub sync_timestamp_minimum: u32,
    /// `uint32_t` at byte 20.
    pub sync_timestamp_synchronised: u32,
    /// `uint32_t` at byte 24.
    pub unsol_credit_seq: u32,
    /// `uint32_t` at byte 28.
    pub sync_flags: u32,
}

/// A transmit ring. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_txq {
    /// `uint32_t` at byte 0.
    pub mask: u32,
    /// `uint32_t` at byte 4.
    pub ct_fifo_bytes: u32,
    /// `uint64_t` at byte 8.
    pub efct_fixed_header: u64,
    /// `uint32_t` at byte 16. Since Onload 9.0.1.
    pub efct_aperture_mask: u32,
    /// `void *` at byte 24.
    pub descriptors: *mut c_void,
    /// `uint32_t *` at byte 32.
    pub ids: *mut u32,
}

/// A receive ring. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_rxq {
    /// `uint32_t` at byte 0.
    pub mask: u32,
    /// `void *` at byte 8.
    pub descriptors: *mut c_void,
    /// `uint32_t *` at byte 16.
    pub ids: *mut u32,
}

/// A shared receive queue that the VI is attached to. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_efct_rxq {
    /// `struct` at byte 0. Since Onload 9.0.1.
    pub live: ef_vi_efct_rxq_live,
    /// `int` at byte 24. Since Onload 9.0.1, not in 9.1.0, 9.1.1, 9.1-next, 9.2.0, 9.2-next.
    pub qid: c_int,
    /// `uint32_t` at byte 28.
    pub config_generation: u32,
    /// `const char *` at byte 32.
    pub superbuf: *const c_char,
}

/// `live` of [`ef_vi_efct_rxq`]. Since Onload 9.0.1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_efct_rxq_live {
    /// `const uint32_t *` at byte 0.
    pub superbuf_pkts: *const u32,
    /// `const unsigned int *` at byte 8.
    pub config_generation: *const c_uint,
    /// `const uint64_t *` at byte 16.
    pub time_sync: *const u64,
}

/// How superbuffers of shared receive queues are obtained and given back. Since Onload 9.0.1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_efct_rxq_ops {
    /// `bool (*)(const struct ef_vi *, int)` at byte 0.
    pub available: Option<unsafe extern "C" fn(*const ef_vi, c_int) -> bool>,
    /// `int (*)(struct ef_vi *, int, bool *, unsigned int *)` at byte 8.
    pub next: Option<unsafe extern "C" fn(*mut ef_vi, c_int, *mut bool, *mut c_uint) -> c_int>,
    /// `void (*)(struct ef_vi *, int, int)` at byte 16.
    pub free: Option<unsafe extern "C" fn(*mut ef_vi, c_int, c_int)>,
    /// `void (*)(struct ef_vi *, int, int, bool)` at byte 24.
    pub post: Option<unsafe extern "C" fn(*mut ef_vi, c_int, c_int, bool)>,
    /// `int (*)(struct ef_vi *, int, int, unsigned int, bool)` at byte 32.
    pub attach: Option<unsafe extern "C" fn(*mut ef_vi, c_int, c_int, c_uint, bool) -> c_int>,
    /// `int (*)(struct ef_vi *, int)` at byte 40.
    pub refresh: Option<unsafe extern "C" fn(*mut ef_vi, c_int) -> c_int>,
    /// `int (*)(struct ef_vi *, ef_driver_handle)` at byte 48.
    pub prime: Option<unsafe extern "C" fn(*mut ef_vi, ef_driver_handle) -> c_int>,
    /// `void (*)(struct ef_vi *)` at byte 56.
    pub cleanup: Option<unsafe extern "C" fn(*mut ef_vi)>,
}

/// All shared receive queues of a VI. Since Onload 9.0.1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_efct_rxqs {
    /// `const uint64_t *` at byte 0.
    pub active_qs: *const u64,
    /// `uint64_t` at byte 8.
    pub max_qs: u64,
    /// `ef_vi_efct_rxq [8]` at byte 16.
    pub q: [ef_vi_efct_rxq; 8],
    /// `ef_vi_efct_rxq_ops *` at byte 336.
    pub ops: *mut ef_vi_efct_rxq_ops,
    /// `uint8_t` at byte 344.
    pub meta_offset: u8,
    /// `uint16_t` at byte 346.
    pub rx_stride: u16,
    /// `const struct efab_efct_rxq_uk_shm_base *` at byte 352.
    pub shm: *const efab_efct_rxq_uk_shm_base,
}

/// The counters of a VI's rings and event queue. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_state {
    /// `ef_eventq_state` at byte 0.
    pub evq: ef_eventq_state,
    /// `ef_vi_txq_state` at byte 32.
    pub txq: ef_vi_txq_state,
    /// `ef_vi_rxq_state` at byte 64.
    pub rxq: ef_vi_rxq_state,
}

/// Counters of what went wrong on a VI. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_stats {
    /// `uint32_t` at byte 0.
    pub rx_ev_lost: u32,
    /// `uint32_t` at byte 4.
    pub rx_ev_bad_desc_i: u32,
    /// `uint32_t` at byte 8.
    pub rx_ev_bad_q_label: u32,
    /// `uint32_t` at byte 12.
    pub evq_gap: u32,
}

/// Kind of adapter that a VI is on. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_nic_type {
    /// `unsigned char` at byte 0.
    pub arch: c_uchar,
    /// `char` at byte 1.
    pub variant: c_char,
    /// `unsigned char` at byte 2.
    pub revision: c_uchar,
    /// `unsigned char` at byte 3.
    pub nic_flags: c_uchar,
}

/// How packet lengths round up in TX alternative buffers. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_transmit_alt_overhead {
    /// `uint32_t` at byte 0.
    pub pre_round: u32,
    /// `uint32_t` at byte 4.
    pub mask: u32,
    /// `uint32_t` at byte 8.
    pub post_round: u32,
}

/// Extra options of a send. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_tx_extra {
    /// `enum ef_vi_tx_extra_flags` at byte 0.
    pub flags: ef_vi_tx_extra_flags,
    /// `uint32_t` at byte 4.
    pub mark: u32,
    /// `uint16_t` at byte 8.
    pub ingress_mport: u16,
    /// `uint16_t` at byte 10.
    pub egress_mport: u16,
}

/// What start of transmit warming saves for its stop. Since Onload 9.0.1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_tx_warm_state {
    /// `unsigned int` at byte 0.
    pub removed: c_uint,
    /// `char *` at byte 8.
    pub vi_ctpio_mmap_ptr: *mut c_char,
}

/// A virtual interface: an event queue with its rings, and the calls that work them. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi {
    /// `unsigned int` at byte 0.
    pub inited: c_uint,
    /// `unsigned int` at byte 4.
    pub vi_resource_id: c_uint,
    /// `unsigned int` at byte 8.
    pub vi_i: c_uint,
    /// `ef_driver_handle` at byte 12.
    pub dh: ef_driver_handle,
    /// `unsigned int` at byte 16.
    pub rx_buffer_len: c_uint,
    /// `unsigned int` at byte 20.
    pub rx_prefix_len: c_uint,
    /// `uint8_t` at byte 24.
    pub last_ctpio_failed: u8,
    /// `uint64_t` at byte 32.
    pub rx_discard_mask: u64,
    /// `int` at byte 40.
    pub rx_ts_correction: c_int,
    /// `unsigned int` at byte 44.
    pub rx_pkt_len_offset: c_uint,
    /// `unsigned int` at byte 48.
    pub rx_pkt_len_mask: c_uint,
    /// `int` at byte 52.
    pub tx_ts_correction_ns: c_int,
    /// `enum ef_timestamp_format` at byte 56.
    pub ts_format: ef_timestamp_format,
    /// `uint8_t` at byte 60. Since Onload 9.0.1.
    pub ts_subnano_bits: u8,
    /// `char *` at byte 64.
    pub vi_mem_mmap_ptr: *mut c_char,
    /// `int` at byte 72.
    pub vi_mem_mmap_bytes: c_int,
    /// `char *` at byte 80.
    pub vi_io_mmap_ptr: *mut c_char,
    /// `int` at byte 88.
    pub vi_io_mmap_bytes: c_int,
    /// `char *` at byte 96.
    pub vi_ctpio_mmap_ptr: *mut c_char,
    /// `uint32_t` at byte 104.
    pub vi_ctpio_wb_ticks: u32,
    /// `char *` at byte 112. Since Onload 9.0.1, not in 9.1.0, 9.1.1, 9.1-next, 9.2.0, 9.2-next.
    pub vi_rx_post_buffer_mmap_ptr: *mut c_char,
    /// `int` at byte 120. Since Onload 9.0.1, not in 9.1.0, 9.1.1, 9.1-next, 9.2.0, 9.2-next.
    pub vi_rx_post_buffer_mmap_bytes: c_int,
    /// `int` at byte 124.
    pub ep_state_bytes: c_int,
    /// `int` at byte 128.
    pub vi_clustered: c_int,
    /// `int` at byte 132.
    pub vi_is_packed_stream: c_int,
    /// `int` at byte 136.
    pub vi_is_normal: c_int,
    /// `unsigned int` at byte 140.
    pub vi_ps_buf_size: c_uint,
    /// `ef_vi_ioaddr_t` at byte 144.
    pub io: ef_vi_ioaddr_t,
    /// `struct ef_pio *` at byte 152.
    pub linked_pio: *mut ef_pio,
    /// `char *` at byte 160.
    pub evq_base: *mut c_char,
    /// `unsigned int` at byte 168.
    pub evq_mask: c_uint,
    /// `int` at byte 172.
    pub evq_phase_bits: c_int,
    /// `unsigned int` at byte 176.
    pub timer_quantum_ns: c_uint,
    /// `unsigned int` at byte 180.
    pub tx_push_thresh: c_uint,
    /// `ef_vi_txq` at byte 184.
    pub vi_txq: ef_vi_txq,
    /// `ef_vi_rxq` at byte 224.
    pub vi_rxq: ef_vi_rxq,
    /// `ef_vi_state *` at byte 248.
    pub ep_state: *mut ef_vi_state,
    /// `enum ef_vi_flags` at byte 256.
    pub vi_flags: ef_vi_flags,
    /// `enum ef_vi_out_flags` at byte 260.
    pub vi_out_flags: ef_vi_out_flags,
    /// `ef_vi_stats *` at byte 264.
    pub vi_stats: *mut ef_vi_stats,
    /// `struct ef_vi *[32]` at byte 272.
    pub vi_qs: [*mut ef_vi; 32],
    /// `int` at byte 528.
    pub vi_qs_n: c_int,
    /// `uint8_t` at byte 532. Since Onload 8.1 or before, not in 9.1.1, 9.1-next, 9.2.0, 9.2-next.
    pub future_qid: u8,
    /// `ef_vi_efct_rxqs` at byte 536. Since Onload 9.0.1.
    pub efct_rxqs: ef_vi_efct_rxqs,
    /// `unsigned int` at byte 896.
    pub tx_alt_num: c_uint,
    /// `unsigned int *` at byte 904.
    pub tx_alt_id2hw: *mut c_uint,
    /// `unsigned int *` at byte 912.
    pub tx_alt_hw2id: *mut c_uint,
    /// `struct ef_vi_nic_type` at byte 920.
    pub nic_type: ef_vi_nic_type,
    /// `int (*)(struct ef_vi *)` at byte 928.
    pub xdp_kick: Option<unsafe extern "C" fn(*mut ef_vi) -> c_int>,
    /// `void *` at byte 936.
    pub xdp_kick_context: *mut c_void,
    /// `uint32_t` at byte 944. Since Onload 9.0.1.
    pub unsol_credit_seq_mask: u32,
    /// `struct ops` at byte 952.
    pub ops: ef_vi_ops,
    /// `struct internal_ops` at byte 1216.
    pub internal_ops: ef_vi_internal_ops,
}

/// `ops` of [`ef_vi`]. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_ops {
    /// `int (*)(struct ef_vi *, ef_addr, int, ef_request_id)` at byte 0.
    pub transmit: Option<unsafe extern "C" fn(*mut ef_vi, ef_addr, c_int, ef_request_id) -> c_int>,
    /// `int (*)(struct ef_vi *, const ef_iovec *, int, ef_request_id)` at byte 8.
    pub transmitv: Option<unsafe extern "C" fn(*mut ef_vi, *const ef_iovec, c_int, ef_request_id) -> c_int>,
    /// `int (*)(struct ef_vi *, const ef_iovec *, int, ef_request_id)` at byte 16.
    pub transmitv_init: Option<unsafe extern "C" fn(*mut ef_vi, *const ef_iovec, c_int, ef_request_id) -> c_int>,
    /// `void (*)(struct ef_vi *)` at byte 24.
    pub transmit_push: Option<unsafe extern "C" fn(*mut ef_vi)>,
    /// `int (*)(struct ef_vi *, int, int, ef_request_id)` at byte 32.
    pub transmit_pio: Option<unsafe extern "C" fn(*mut ef_vi, c_int, c_int, ef_request_id) -> c_int>,
    /// `int (*)(struct ef_vi *, int, const void *, int, ef_request_id)` at byte 40.
    pub transmit_copy_pio:
        Option<unsafe extern "C" fn(*mut ef_vi, c_int, *const c_void, c_int, ef_request_id) -> c_int>,
    /// `void (*)(struct ef_vi *, ef_vi_tx_warm_state *, char *)` at byte 48. Since Onload 9.0.1.
    pub start_transmit_warm: Option<unsafe extern "C" fn(*mut ef_vi, *mut ef_vi_tx_warm_state, *mut c_char)>,
    /// `void (*)(struct ef_vi *, ef_vi_tx_warm_state *)` at byte 56. Since Onload 9.0.1.
    pub stop_transmit_warm: Option<unsafe extern "C" fn(*mut ef_vi, *mut ef_vi_tx_warm_state)>,
    /// `void (*)(struct ef_vi *)` at byte 64.
    pub transmit_pio_warm: Option<unsafe extern "C" fn(*mut ef_vi)>,
    /// `void (*)(struct ef_vi *, int, const void *, int)` at byte 72.
    pub transmit_copy_pio_warm: Option<unsafe extern "C" fn(*mut ef_vi, c_int, *const c_void, c_int)>,
    /// `void (*)(struct ef_vi *, size_t, const struct iovec *, int, unsigned int)` at byte 80.
    pub transmitv_ctpio: Option<unsafe extern "C" fn(*mut ef_vi, usize, *const libc::iovec, c_int, c_uint)>,
    /// `void (*)(struct ef_vi *, size_t, const struct iovec *, int, unsigned int, void *)` at byte 88.
    pub transmitv_ctpio_copy:
        Option<unsafe extern "C" fn(*mut ef_vi, usize, *const libc::iovec, c_int, c_uint, *mut c_void)>,
    /// `int (*)(struct ef_vi *, unsigned int)` at byte 96.
    pub transmit_alt_select: Option<unsafe extern "C" fn(*mut ef_vi, c_uint) -> c_int>,
    /// `int (*)(struct ef_vi *)` at byte 104.
    pub transmit_alt_select_default: Option<unsafe extern "C" fn(*mut ef_vi) -> c_int>,
    /// `int (*)(struct ef_vi *, unsigned int)` at byte 112.
    pub transmit_alt_stop: Option<unsafe extern "C" fn(*mut ef_vi, c_uint) -> c_int>,
    /// `int (*)(struct ef_vi *, unsigned int)` at byte 120.
    pub transmit_alt_go: Option<unsafe extern "C" fn(*mut ef_vi, c_uint) -> c_int>,
    /// `int (*)(struct ef_vi *, unsigned int)` at byte 128.
    pub receive_set_discards: Option<unsafe extern "C" fn(*mut ef_vi, c_uint) -> c_int>,
    /// `uint64_t (*)(struct ef_vi *)` at byte 136.
    pub receive_get_discards: Option<unsafe extern "C" fn(*mut ef_vi) -> u64>,
    /// `int (*)(struct ef_vi *, unsigned int)` at byte 144.
    pub transmit_alt_discard: Option<unsafe extern "C" fn(*mut ef_vi, c_uint) -> c_int>,
    /// `int (*)(struct ef_vi *, ef_addr, ef_request_id)` at byte 152.
    pub receive_init: Option<unsafe extern "C" fn(*mut ef_vi, ef_addr, ef_request_id) -> c_int>,
    /// `void (*)(struct ef_vi *)` at byte 160.
    pub receive_push: Option<unsafe extern "C" fn(*mut ef_vi)>,
    /// `int (*)(struct ef_vi *, const void *, ef_precisetime *)` at byte 168. Since Onload 9.0.1.
    pub receive_get_timestamp: Option<unsafe extern "C" fn(*mut ef_vi, *const c_void, *mut ef_precisetime) -> c_int>,
    /// `int (*)(struct ef_vi *, ef_event *, int)` at byte 176.
    pub eventq_poll: Option<unsafe extern "C" fn(*mut ef_vi, *mut ef_event, c_int) -> c_int>,
    /// `void (*)(struct ef_vi *)` at byte 184.
    pub eventq_prime: Option<unsafe extern "C" fn(*mut ef_vi)>,
    /// `void (*)(struct ef_vi *, unsigned int)` at byte 192.
    pub eventq_timer_prime: Option<unsafe extern "C" fn(*mut ef_vi, c_uint)>,
    /// `void (*)(struct ef_vi *, unsigned int)` at byte 200.
    pub eventq_timer_run: Option<unsafe extern "C" fn(*mut ef_vi, c_uint)>,
    /// `void (*)(struct ef_vi *)` at byte 208.
    pub eventq_timer_clear: Option<unsafe extern "C" fn(*mut ef_vi)>,
    /// `void (*)(struct ef_vi *)` at byte 216.
    pub eventq_timer_zero: Option<unsafe extern "C" fn(*mut ef_vi)>,
    /// `int (*)(const struct ef_vi *)` at byte 224. Since Onload 9.0.1.
    pub eventq_has_event: Option<unsafe extern "C" fn(*const ef_vi) -> c_int>,
    /// `int (*)(const struct ef_vi *, int)` at byte 232. Since Onload 9.0.1.
    pub eventq_has_many_events: Option<unsafe extern "C" fn(*const ef_vi, c_int) -> c_int>,
    /// `int (*)(struct ef_vi *, ef_addr, size_t, ef_request_id)` at byte 240.
    pub transmit_ctpio_fallback: Option<unsafe extern "C" fn(*mut ef_vi, ef_addr, usize, ef_request_id) -> c_int>,
    /// `int (*)(struct ef_vi *, const ef_iovec *, int, ef_request_id)` at byte 248.
    pub transmitv_ctpio_fallback:
        Option<unsafe extern "C" fn(*mut ef_vi, *const ef_iovec, c_int, ef_request_id) -> c_int>,
    /// `int (*)(struct ef_vi *, ef_event *, int)` at byte 256. Since Onload 9.0.2.
    pub receive_poll: Option<unsafe extern "C" fn(*mut ef_vi, *mut ef_event, c_int) -> c_int>,
}

/// `internal_ops` of [`ef_vi`]. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_internal_ops {
    /// `int (*)(struct ef_vi *, struct efab_nic_design_parameters *)` at byte 0. Since Onload 9.0.1.
    pub design_parameters: Option<unsafe extern "C" fn(*mut ef_vi, *mut efab_nic_design_parameters) -> c_int>,
    /// `int (*)(struct ef_vi *, const struct ef_filter_spec *, const struct ef_filter_cookie *, int, bool)` at byte 8.
    pub post_filter_add:
        Option<unsafe extern "C" fn(*mut ef_vi, *const ef_filter_spec, *const ef_filter_cookie, c_int, bool) -> c_int>,
}

/// Where one piece of metadata lies in a receive buffer. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_layout_entry {
    /// `enum ef_vi_layout_type` at byte 0.
    pub evle_type: ef_vi_layout_type,
    /// `int` at byte 4.
    pub evle_offset: c_int,
    /// `const char *` at byte 8.
    pub evle_description: *const c_char,
}

/// A set of VIs that share filters. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_set {
    /// `unsigned int` at byte 0.
    pub vis_res_id: c_uint,
    /// `struct ef_pd *` at byte 8.
    pub vis_pd: *mut ef_pd,
}

/// Which packets a filter steers. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_filter_spec {
    /// `unsigned int` at byte 0.
    pub type_: c_uint,
    /// `unsigned int` at byte 4.
    pub flags: c_uint,
    /// `unsigned int [12]` at byte 8.
    pub data: [c_uint; 12],
}

/// Handle of an installed filter. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_filter_cookie {
    /// `int` at byte 0.
    pub filter_id: c_int,
    /// `int` at byte 4.
    pub filter_type: c_int,
}

/// What a filter query finds out. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_filter_info {
    /// `uint64_t` at byte 0.
    pub valid_fields: u64,
    /// `unsigned int` at byte 8.
    pub flags: c_uint,
    /// `unsigned int` at byte 12.
    pub filter_id: c_uint,
    /// `unsigned int` at byte 16.
    pub q_id: c_uint,
}

/// Name and place of one statistic. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_stats_field_layout {
    /// `char *` at byte 0.
    pub evsfl_name: *mut c_char,
    /// `int` at byte 8.
    pub evsfl_offset: c_int,
    /// `int` at byte 12.
    pub evsfl_size: c_int,
}

/// Names and places of all statistics. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_vi_stats_layout {
    /// `int` at byte 0.
    pub evsl_data_size: c_int,
    /// `int` at byte 4.
    pub evsl_fields_num: c_int,
    /// `ef_vi_stats_field_layout []` at byte 8.
    pub evsl_fields: [ef_vi_stats_field_layout; 0],
}

/// A protection domain: what memory and VIs have to share. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_pd {
    /// `enum ef_pd_flags` at byte 0.
    pub pd_flags: ef_pd_flags,
    /// `unsigned int` at byte 4.
    pub pd_resource_id: c_uint,
    /// `char *` at byte 8.
    pub pd_intf_name: *mut c_char,
    /// `char *` at byte 16.
    pub pd_cluster_name: *mut c_char,
    /// `int` at byte 24.
    pub pd_cluster_sock: c_int,
    /// `ef_driver_handle` at byte 28.
    pub pd_cluster_dh: ef_driver_handle,
    /// `unsigned int` at byte 32.
    pub pd_cluster_viset_resource_id: c_uint,
    /// `int` at byte 36.
    pub pd_cluster_viset_index: c_int,
}

/// A registered memory region. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_memreg {
    /// `ef_addr *` at byte 0.
    pub mr_dma_addrs: *mut ef_addr,
    /// `ef_addr *` at byte 8.
    pub mr_dma_addrs_base: *mut ef_addr,
}

/// A programmed-I/O region. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_pio {
    /// `uint8_t *` at byte 0.
    pub pio_buffer: *mut u8,
    /// `uint8_t *` at byte 8.
    pub pio_io: *mut u8,
    /// `unsigned int` at byte 16.
    pub pio_resource_id: c_uint,
    /// `unsigned int` at byte 20.
    pub pio_len: c_uint,
}

/// Header of a packet in a packed-stream buffer. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_packed_stream_packet {
    /// `uint16_t` at byte 0.
    pub ps_next_offset: u16,
    /// `uint8_t` at byte 2.
    pub ps_pkt_start_offset: u8,
    /// `uint8_t` at byte 3.
    pub ps_flags: u8,
    /// `uint16_t` at byte 4.
    pub ps_cap_len: u16,
    /// `uint16_t` at byte 6.
    pub ps_orig_len: u16,
    /// `uint32_t` at byte 8.
    pub ps_ts_sec: u32,
    /// `uint32_t` at byte 12.
    pub ps_ts_nsec: u32,
}

/// Dimensions of packed-stream buffers. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ef_packed_stream_params {
    /// `int` at byte 0.
    pub psp_buffer_size: c_int,
    /// `int` at byte 4.
    pub psp_buffer_align: c_int,
    /// `int` at byte 8.
    pub psp_start_offset: c_int,
    /// `int` at byte 12.
    pub psp_max_usable_buffers: c_int,
}

/// A time with a 24-bit fraction of a nanosecond and flags. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct onload_timestamp {
    /// `uint64_t` at byte 0.
    pub sec: u64,
    /// `uint32_t` at byte 8.
    pub nsec: u32,
    /// Bitfields `nsec_frac` (24 bits), `flags` (8 bits) at byte 12, lowest bits first; read and set them with the methods.
    pub nsec_frac_flags: u32,
}

impl onload_timestamp {
    /// The bitfield `nsec_frac`.
    #[inline(always)]
    pub const fn nsec_frac(&self) -> u32 {
        (self.nsec_frac_flags) & 0xffffff
    }

    /// Sets the bitfield `nsec_frac` to the low 24 bits of `value`.
    #[inline(always)]
    pub const fn set_nsec_frac(&mut self, value: u32) {
        self.nsec_frac_flags = (self.nsec_frac_flags & !(0xffffff)) | (value & 0xffffff);
    }

    /// The bitfield `flags`.
    #[inline(always)]
    pub const fn flags(&self) -> u32 {
        (self.nsec_frac_flags >> 24) & 0xff
    }

    /// Sets the bitfield `flags` to the low 8 bits of `value`.
    #[inline(always)]
    pub const fn set_flags(&mut self, value: u32) {
        self.nsec_frac_flags = (self.nsec_frac_flags & !(0xff << 24)) | ((value & 0xff) << 24);
    }
}

/// Extended timestamp in a socket's control message. Since Onload 9.0.1.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct scm_timestamping_ooext {
    /// `uint32_t` at byte 0.
    pub type_: u32,
    /// `uint32_t` at byte 4.
    pub padding: u32,
    /// `struct onload_timestamp` at byte 8.
    pub timestamp: onload_timestamp,
}

/// Transmit timestamps of a range of a TCP stream. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onload_scm_timestamping_stream {
    /// `struct timespec` at byte 0.
    pub first_sent: libc::timespec,
    /// `struct timespec` at byte 16.
    pub last_sent: libc::timespec,
    /// `size_t` at byte 32.
    pub len: usize,
}

/// Stack and endpoint of an accelerated file descriptor. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct onload_stat {
    /// `int32_t` at byte 0.
    pub stack_id: i32,
    /// `char *` at byte 8.
    pub stack_name: *mut c_char,
    /// `int32_t` at byte 16.
    pub endpoint_id: i32,
    /// `int32_t` at byte 20.
    pub endpoint_state: i32,
}

/// Time and byte count that order an epoll event. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onload_ordered_epoll_event {
    /// `struct timespec` at byte 0.
    pub ts: libc::timespec,
    /// `int` at byte 16.
    pub bytes: c_int,
}

/// Headers and windows of a send that the application does itself. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct onload_delegated_send {
    /// `void *` at byte 0.
    pub headers: *mut c_void,
    /// `int` at byte 8.
    pub headers_len: c_int,
    /// `int` at byte 12.
    pub mss: c_int,
    /// `int` at byte 16.
    pub send_wnd: c_int,
    /// `int` at byte 20.
    pub cong_wnd: c_int,
    /// `int` at byte 24.
    pub user_size: c_int,
    /// `int` at byte 28.
    pub tcp_seq_offset: c_int,
    /// `int` at byte 32.
    pub ip_len_offset: c_int,
    /// `int` at byte 36.
    pub ip_tcp_hdr_len: c_int,
    /// `int [5]` at byte 40.
    pub reserved: [c_int; 5],
}

/// Buffers and windows of an accelerated TCP socket. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct onload_tcp_info {
    /// `int` at byte 0.
    pub so_recvbuf: c_int,
    /// `int` at byte 4.
    pub rcvbuf_used: c_int,
    /// `int` at byte 8.
    pub rcv_window: c_int,
    /// `int` at byte 12.
    pub so_sndbuf: c_int,
    /// `int` at byte 16.
    pub so_sndbuf_pkts: c_int,
    /// `int` at byte 20.
    pub sndbuf_pkts_avail: c_int,
    /// `int` at byte 24.
    pub snd_mss: c_int,
    /// `int` at byte 28.
    pub snd_window: c_int,
    /// `int` at byte 32.
    pub cong_window: c_int,
}

/// A zero-copy buffer and its range. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onload_zc_iovec {
    /// `union` at byte 0.
    pub unnamed: onload_zc_iovec_unnamed,
    /// Bitfields `iov_len` (48 bits), `iov_flags` (16 bits) at byte 8, lowest bits first; read and set them with the methods.
    pub iov_len_iov_flags: u64,
    /// `onload_zc_handle` at byte 16.
    pub buf: onload_zc_handle,
    /// `void *` at byte 24. Since Onload 9.0.1.
    pub unused: *mut c_void,
}

impl onload_zc_iovec {
    /// The bitfield `iov_len`.
    #[inline(always)]
    pub const fn iov_len(&self) -> u64 {
        (self.iov_len_iov_flags) & 0xffffffffffff
    }

    /// Sets the bitfield `iov_len` to the low 48 bits of `value`.
    #[inline(always)]
    pub const fn set_iov_len(&mut self, value: u64) {
        self.iov_len_iov_flags = (self.iov_len_iov_flags & !(0xffffffffffff)) | (value & 0xffffffffffff);
    }

    /// The bitfield `iov_flags`.
    #[inline(always)]
    pub const fn iov_flags(&self) -> u64 {
        (self.iov_len_iov_flags >> 48) & 0xffff
    }

    /// Sets the bitfield `iov_flags` to the low 16 bits of `value`.
    #[inline(always)]
    pub const fn set_iov_flags(&mut self, value: u64) {
        self.iov_len_iov_flags = (self.iov_len_iov_flags & !(0xffff << 48)) | ((value & 0xffff) << 48);
    }
}

/// An unnamed union of [`onload_zc_iovec`]. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy)]
pub union onload_zc_iovec_unnamed {
    /// `void *` at byte 0.
    pub iov_base: *mut c_void,
    /// `uint64_t` at byte 0.
    pub iov_ptr: u64,
}

/// A zero-copy message. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onload_zc_msg {
    /// `struct onload_zc_iovec *` at byte 0.
    pub iov: *mut onload_zc_iovec,
    /// `struct msghdr` at byte 8.
    pub msghdr: libc::msghdr,
}

/// A zero-copy message with its socket and result. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onload_zc_mmsg {
    /// `struct onload_zc_msg` at byte 0.
    pub msg: onload_zc_msg,
    /// `int` at byte 64.
    pub rc: c_int,
    /// `int` at byte 68.
    pub fd: c_int,
}

/// Parameters of a zero-copy receive. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct onload_zc_recv_args {
    /// `struct onload_zc_msg` at byte 0.
    pub msg: onload_zc_msg,
    /// `onload_zc_recv_callback` at byte 64.
    pub cb: onload_zc_recv_callback,
    /// `void *` at byte 72.
    pub user_ptr: *mut c_void,
    /// `int` at byte 80.
    pub flags: c_int,
}

/// A change to a templated send. Since Onload 8.1 or before.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct onload_template_msg_update_iovec {
    /// `void *` at byte 0.
    pub otmu_base: *mut c_void,
    /// `size_t` at byte 8.
    pub otmu_len: usize,
    /// `off_t` at byte 16.
    pub otmu_offset: libc::off_t,
    /// `unsigned int` at byte 24.
    pub otmu_flags: c_uint,
}

/// File descriptor of the driver. Since Onload 8.1 or before.
pub type ef_driver_handle = c_int;

/// Position in an event queue. Since Onload 8.1 or before.
pub type ef_eventq_ptr = u32;

/// Address in DMA space. Since Onload 8.1 or before.
pub type ef_addr = u64;

/// Address of a VI's registers. Since Onload 8.1 or before.
pub type ef_vi_ioaddr_t = *mut c_char;

/// Names an address space. Since Onload 8.1 or before.
pub type ef_addrspace = u64;

/// The application's name for a posted buffer or a send. Since Onload 8.1 or before.
pub type ef_request_id = c_int;

/// Handle of a zero-copy buffer. Since Onload 8.1 or before.
pub type onload_zc_handle = *mut oo_zc_buf;

/// Called for each message that a zero-copy receive gets. Since Onload 8.1 or before.
pub type onload_zc_recv_callback =
    Option<unsafe extern "C" fn(*mut onload_zc_recv_args, c_int) -> onload_zc_callback_rc>;

/// Called for each message before a socket receives it. Since Onload 8.1 or before.
pub type onload_zc_recv_filter_callback =
    Option<unsafe extern "C" fn(*mut onload_zc_msg, *mut c_void, c_int) -> onload_zc_callback_rc>;

/// Handle of a templated send. Since Onload 8.1 or before.
pub type onload_template_handle = *mut oo_msg_template;

/// Options of a VI. Since Onload 8.1 or before.
pub type ef_vi_flags = u32;

/// Features that a new VI turned out to have. Since Onload 8.1 or before.
pub type ef_vi_out_flags = u32;

/// Receive errors that make a discard event. Since Onload 8.1 or before.
pub type ef_vi_rx_discard_err_flags = u32;

/// Unit of the fraction in an adapter's timestamps. Since Onload 8.1 or before.
pub type ef_timestamp_format = u32;

/// Architecture of an adapter. Since Onload 8.1 or before.
pub type ef_vi_arch = u32;

/// Which extra options of a send are given. Since Onload 8.1 or before.
pub type ef_vi_tx_extra_flags = u32;

/// Kind of data in a receive buffer. Since Onload 8.1 or before.
pub type ef_vi_layout_type = u32;

/// Options of a filter. Since Onload 8.1 or before.
pub type ef_filter_flags = u32;

/// Which fields a filter query filled in. Since Onload 8.1 or before.
pub type ef_filter_info_fields = u32;

/// Properties that a filter query finds. Since Onload 8.1.2.
pub type ef_filter_info_flags = u32;

/// Options of a protection domain. Since Onload 8.1 or before.
pub type ef_pd_flags = u32;

/// Something that an adapter may support. Since Onload 8.1 or before.
pub type ef_vi_capability = u32;

/// Timestamps to report on a socket. Since Onload 8.1 or before.
pub type onload_timestamping_flags = u32;

/// Quality of a timestamp. Since Onload 9.0.1.
pub type onload_ts_flags = u32;

/// Who shares a stack of that name. Since Onload 8.1 or before.
pub type onload_stackname_scope = u32;

/// Whom a stack name is set for. Since Onload 8.1 or before.
pub type onload_stackname_who = u32;

/// A call that may busy-wait. Since Onload 8.1 or before.
pub type onload_spin_type = u32;

/// A feature that a socket may have. Since Onload 8.1 or before.
pub type onload_fd_feature = u32;

/// Result of preparing a delegated send. Since Onload 8.1 or before.
pub type onload_delegated_send_rc = u32;

/// Headers to leave room for in a zero-copy buffer. Since Onload 8.1 or before.
pub type onload_zc_buffer_type_flags = u32;

/// What a zero-copy callback tells Onload to do. Since Onload 8.1 or before.
pub type onload_zc_callback_rc = u32;

/// Options of a templated send. Since Onload 8.1 or before.
pub type onload_template_flags = u32;

/// Opaque: only pointers to it are used. Since Onload 8.1 or before.
#[repr(C)]
pub struct efab_efct_rxq_uk_shm_base {
    _opaque: [u8; 0],
}

/// Opaque: only pointers to it are used. Since Onload 9.0.1.
#[repr(C)]
pub struct efab_nic_design_parameters {
    _opaque: [u8; 0],
}

/// Opaque: only pointers to it are used. Since Onload 8.1 or before.
#[repr(C)]
pub struct iphdr {
    _opaque: [u8; 0],
}

/// Opaque: only pointers to it are used. Since Onload 8.1 or before.
#[repr(C)]
pub struct ipv6hdr {
    _opaque: [u8; 0],
}

/// Opaque: only pointers to it are used. Since Onload 8.1 or before.
#[repr(C)]
pub struct oo_msg_template {
    _opaque: [u8; 0],
}

/// Opaque: only pointers to it are used. Since Onload 8.1 or before.
#[repr(C)]
pub struct oo_zc_buf {
    _opaque: [u8; 0],
}

/// Opaque: only pointers to it are used. Since Onload 8.1 or before.
#[repr(C)]
pub struct tcphdr {
    _opaque: [u8; 0],
}

/// Opaque: only pointers to it are used. Since Onload 8.1 or before.
#[repr(C)]
pub struct udphdr {
    _opaque: [u8; 0],
}
