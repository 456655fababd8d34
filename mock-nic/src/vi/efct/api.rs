//! The calls of `etherfabric/efct_vi.h`.

use super::superbuffers::{FRAME, Id};
use super::{efct, events, transmit};
use crate::abi::*;
use core::ffi::{c_int, c_void};
use core::{ptr, slice};

/// `efct_vi_rxpkt_get`.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn efct_vi_rxpkt_get(vi: *mut ef_vi, pkt_id: u32) -> *const c_void {
    let id = Id::new(pkt_id);
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        let queue = efct(vi).and_then(|(_, efct)| efct.queues.get(id.queue));
        let packet = queue.and_then(|queue| queue.memory.packet(id.superbuffer, id.packet));
        packet.map_or(ptr::null(), |packet| packet.add(FRAME).cast())
    }
}

/// `efct_vi_rxpkt_release`.
#[unsafe(no_mangle)]
unsafe extern "C" fn efct_vi_rxpkt_release(vi: *mut ef_vi, pkt_id: u32) {
    let id = Id::new(pkt_id);
    // SAFETY: as in `efct_vi_rxpkt_get`.
    unsafe {
        if let Some((_, efct)) = efct(vi)
            && let Some(queue) = efct.queues.get_mut(id.queue)
        {
            queue.memory.release(id.superbuffer);
        }
    }
}

/// `efct_vi_rx_future_peek`.
#[unsafe(no_mangle)]
unsafe extern "C" fn efct_vi_rx_future_peek(vi: *mut ef_vi) -> *const c_void {
    // SAFETY: as in `efct_vi_rxpkt_get`.
    unsafe {
        let Some((nic, efct)) = efct(vi) else { return ptr::null() };
        let time = nic.time.as_deref();
        let found = efct.queues.iter_mut().enumerate().find_map(|(i, queue)| Some((i, queue.peek(time)?)));
        let Some((index, start)) = found else { return ptr::null() };
        efct.peeked = index;
        super::release::set_peeked(&mut *vi, index);
        start.cast()
    }
}

/// `efct_vi_rx_future_poll`.
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn efct_vi_rx_future_poll(vi: *mut ef_vi, evs: *mut ef_event, evs_len: c_int) -> c_int {
    let room = usize::try_from(evs_len).unwrap_or(0);
    // SAFETY: as in `efct_vi_rxpkt_get`, and room for so many events.
    unsafe {
        let Some((nic, efct)) = efct(vi) else { return 0 };
        events::future_poll(vi, nic, efct, slice::from_raw_parts_mut(evs, room)) as c_int
    }
}

/// `efct_vi_start_transmit_warm`.
#[unsafe(no_mangle)]
unsafe extern "C" fn efct_vi_start_transmit_warm(vi: *mut ef_vi) {
    // SAFETY: as in `efct_vi_rxpkt_get`.
    unsafe { transmit::warm(vi, true) };
}

/// `efct_vi_stop_transmit_warm`.
#[unsafe(no_mangle)]
unsafe extern "C" fn efct_vi_stop_transmit_warm(vi: *mut ef_vi) {
    // SAFETY: as in `efct_vi_rxpkt_get`.
    unsafe { transmit::warm(vi, false) };
}
