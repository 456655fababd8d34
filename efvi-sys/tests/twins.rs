//! The twins of inline functions and macros, on a VI made by hand.

use std::ffi::{c_int, c_void};
use std::mem::MaybeUninit;

use efvi_sys::*;

/// A VI whose rings have 8 slots, with its state and ids.
struct Vi(*mut ef_vi);

fn vi(tx: (u32, u32), rx: (u32, u32)) -> Vi {
    // SAFETY: both structures are integers, pointers and optional functions, for which zeros are valid.
    let (mut vi, mut state): (Box<ef_vi>, Box<ef_vi_state>) =
        unsafe { (Box::new(MaybeUninit::zeroed().assume_init()), Box::new(MaybeUninit::zeroed().assume_init())) };
    let ids = Box::new([0_u32, 1, EF_REQUEST_ID_MASK, 3, 4, 5, 6, 7]);
    (state.txq.added, state.txq.removed) = tx;
    (state.rxq.added, state.rxq.removed) = rx;
    state.evq.evq_ptr = 0x120;
    (vi.vi_txq.mask, vi.vi_rxq.mask) = (7, 7);
    vi.vi_txq.ids = Box::into_raw(ids).cast();
    vi.ep_state = Box::into_raw(state);
    Vi(Box::into_raw(vi))
}

impl Drop for Vi {
    fn drop(&mut self) {
        // SAFETY: `vi` took all three out of boxes of these types.
        unsafe {
            let vi = Box::from_raw(self.0);
            drop(Box::from_raw(vi.ep_state));
            drop(Box::from_raw(vi.vi_txq.ids.cast::<[u32; 8]>()));
        }
    }
}

#[test]
fn rings_wrap() {
    // Counters past their wrap-around.
    let vi = vi((3, u32::MAX - 1), (4, 4));
    let p = vi.0.cast_const();
    // SAFETY: the VI has what these read.
    unsafe {
        assert_eq!(ef_vi_transmit_capacity(p), 7);
        assert_eq!(ef_vi_transmit_fill_level(p), 5);
        assert_eq!(ef_vi_transmit_space(p), 2);
        assert_eq!(ef_vi_receive_fill_level(p), 0);
        assert_eq!(ef_vi_receive_space(p), 7);
        assert_eq!(ef_eventq_current(vi.0), 0x120);
    }
}

#[cfg(onload_since = "9.1.0")]
#[test]
fn failed_sends_are_walked_in_order_without_the_reserved_id() {
    let vi = vi((u32::MAX.wrapping_add(5), u32::MAX), (0, 0));
    // SAFETY: the ring has 8 ids.
    let ids: Vec<_> = unsafe { ef_vi_for_each_tx_error_failed_transmit(vi.0) }.collect();
    assert_eq!(ids, [7, 0, 1, 3]);
}

unsafe extern "C" fn poll(vi: *mut ef_vi, evs: *mut ef_event, len: c_int) -> c_int {
    assert_eq!(len, 2);
    // SAFETY: the test passes a VI, and an array of two events.
    unsafe {
        *evs = ef_event_sw { data: (*vi).vi_i, ..Default::default() }.into();
        *evs.add(1) = ef_event_generic { type_: EF_EVENT_TYPE_RESET }.into();
    }
    2
}

#[test]
fn macros_call_the_table_of_the_vi() {
    let vi = vi((0, 0), (0, 0));
    let mut events = [ef_event::default(); 2];
    // SAFETY: the entry is filled in, and the array has two events.
    let n = unsafe {
        (*vi.0).vi_i = 0xBEEF;
        (*vi.0).ops.eventq_poll = Some(poll);
        ef_eventq_poll(vi.0, events.as_mut_ptr(), 2)
    };
    assert_eq!(n, 2);
    assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_SW);
    assert_eq!(EF_EVENT_SW_DATA(&events[0]), 0xBEEF);
    assert_eq!(EF_EVENT_TYPE(&events[1]), EF_EVENT_TYPE_RESET);
}

unsafe extern "C" fn ctpio(vi: *mut ef_vi, frame_len: usize, iov: *const libc::iovec, iov_len: c_int, threshold: u32) {
    assert_eq!((iov_len, threshold), (1, 64));
    // SAFETY: the vector has one piece, and the VI is the test's.
    unsafe {
        assert_eq!((*iov).iov_len, frame_len);
        (*vi).vi_i = *(*iov).iov_base.cast::<u32>();
    }
}

#[test]
fn ctpio_passes_the_frame_in_one_piece() {
    let vi = vi((0, 0), (0, 0));
    let frame = [0xA5A5_5A5A_u32; 15];
    // SAFETY: the entry is filled in, and the frame has its length.
    let seen = unsafe {
        (*vi.0).ops.transmitv_ctpio = Some(ctpio);
        ef_vi_transmit_ctpio(vi.0, frame.as_ptr().cast(), 60, 64);
        (*vi.0).vi_i
    };
    assert_eq!(seen, 0xA5A5_5A5A);
}

#[test]
fn dma_addresses_go_page_by_page() {
    let mut pages: [ef_addr; 2] = [0x10_0000, 0x7000];
    let mut region = ef_memreg { mr_dma_addrs: pages.as_mut_ptr(), mr_dma_addrs_base: pages.as_mut_ptr() };
    // SAFETY: the region has two pages.
    unsafe {
        assert_eq!(ef_memreg_dma_addr(&raw mut region, 2048), 0x10_0800);
        assert_eq!(ef_memreg_dma_addr(&raw mut region, 4096 + 64), 0x7040);
    }
}

#[cfg(onload_since = "9.0.1")]
#[test]
fn transmit_times_have_a_16_bit_fraction() {
    let event = ef_event::from(ef_event_tx_timestamp {
        ts_nsec: 999_999_999,
        ts_nsec_frac: 0b1001,
        ts_flags: EF_VI_SYNC_FLAG_CLOCK_IN_SYNC,
        ..Default::default()
    });
    assert_eq!(EF_EVENT_TX_WITH_TIMESTAMP_NSEC(&event), 999_999_999);
    assert_eq!(EF_EVENT_TX_WITH_TIMESTAMP_NSEC_FRAC16(&event), 0x9000);
    assert_eq!(EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(&event), EF_VI_SYNC_FLAG_CLOCK_IN_SYNC);
}

#[cfg(onload_since = "9.1.0")]
#[test]
fn discards_name_the_lowest_layer() {
    let both = EF_VI_DISCARD_RX_ETH_FCS_ERR | EF_VI_DISCARD_RX_L4_CSUM_ERR;
    assert_eq!(ef_vi_get_rx_discard_subtype_from_flags(both), EF_EVENT_RX_DISCARD_CRC_BAD);
    assert_eq!(ef_vi_get_rx_discard_subtype_from_flags(0), EF_EVENT_RX_DISCARD_OTHER);
}

#[test]
fn delegated_send_headers_are_updated_in_network_order() {
    let mut headers = [0u8; 54];
    headers[38..42].copy_from_slice(&0xFFFF_FFF0_u32.to_be_bytes());
    headers[47] = 0x10;
    let mut send = onload_delegated_send {
        headers: headers.as_mut_ptr().cast::<c_void>(),
        headers_len: 54,
        mss: 1460,
        send_wnd: 1000,
        cong_wnd: 900,
        user_size: 800,
        tcp_seq_offset: 38,
        ip_len_offset: 16,
        ip_tcp_hdr_len: 40,
        reserved: [0; 5],
    };
    // SAFETY: the offsets lie in the headers.
    unsafe {
        onload_delegated_send_tcp_update(&raw mut send, 500, 1);
        onload_delegated_send_tcp_advance(&raw mut send, 500);
    }
    assert_eq!((send.send_wnd, send.cong_wnd, send.user_size), (500, 400, 300));
    assert_eq!(headers[16..18], 540_u16.to_be_bytes());
    assert_eq!(headers[38..42], 484_u32.to_be_bytes());
    assert_eq!(headers[47], 0x18);
}
