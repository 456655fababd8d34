//! The calls of `etherfabric/efct_vi.h`.

use super::superbuffers::{FRAME, Id};
use super::{efct, events, transmit};
use crate::abi::*;
use crate::array::given_mut;
use crate::faults;
use crate::watch::{self, exported};
use core::ffi::{c_int, c_void};
use core::ptr;

exported! {
    /// `efct_vi_rxpkt_get`.
    fn efct_vi_rxpkt_get(vi: *mut ef_vi, pkt_id: u32) -> *const c_void = get,
        before |rules, vi| rules.packets.used(vi, pkt_id);
    /// `efct_vi_rxpkt_release`.
    fn efct_vi_rxpkt_release(vi: *mut ef_vi, pkt_id: u32) -> () = release,
        before |rules, vi| rules.packets.release(vi, pkt_id);
    /// `efct_vi_rx_future_peek`.
    fn efct_vi_rx_future_peek(vi: *mut ef_vi) -> *const c_void = future_peek;
    /// `efct_vi_start_transmit_warm`.
    fn efct_vi_start_transmit_warm(vi: *mut ef_vi) -> () = start_warm, before |rules, _vi| rules.warm(true);
    /// `efct_vi_stop_transmit_warm`.
    fn efct_vi_stop_transmit_warm(vi: *mut ef_vi) -> () = stop_warm, before |rules, _vi| rules.warm(false);
}

#[inline(always)]
pub(super) unsafe fn get(vi: *mut ef_vi, pkt_id: u32) -> *const c_void {
    let id = Id::new(pkt_id);
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        let queue = efct(vi).and_then(|(_, efct)| efct.queues.get(id.queue));
        let packet = queue.and_then(|queue| queue.memory.packet(id.superbuffer, id.packet));
        packet.map_or(ptr::null(), |packet| packet.add(FRAME).cast())
    }
}

#[inline(always)]
unsafe fn release(vi: *mut ef_vi, pkt_id: u32) {
    let id = Id::new(pkt_id);
    // SAFETY: as in `get`.
    unsafe {
        if let Some((_, efct)) = efct(vi)
            && let Some(queue) = efct.queues.get_mut(id.queue)
        {
            queue.memory.release(id.superbuffer);
        }
    }
}

#[inline(always)]
unsafe fn future_peek(vi: *mut ef_vi) -> *const c_void {
    // SAFETY: as in `get`.
    unsafe {
        let Some((nic, efct)) = efct(vi) else { return ptr::null() };
        if faults::armed() && events::was_reset(nic) {
            return ptr::null();
        }
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
    // SAFETY: this call's contract.
    unsafe {
        if watch::watching() {
            return watch::polled(vi, "efct_vi_rx_future_poll", evs, evs_len, |_| Some(future_poll));
        }
        future_poll(vi, evs, evs_len)
    }
}

pub(super) unsafe extern "C" fn future_poll(vi: *mut ef_vi, evs: *mut ef_event, evs_len: c_int) -> c_int {
    // SAFETY: as in `get`, and room for so many events.
    unsafe {
        let Some((nic, efct)) = efct(vi) else { return 0 };
        events::future_poll(vi, nic, efct, given_mut(evs, evs_len)) as c_int
    }
}

unsafe fn start_warm(vi: *mut ef_vi) {
    // SAFETY: as in `get`.
    unsafe { transmit::warm(vi, true) };
}

unsafe fn stop_warm(vi: *mut ef_vi) {
    // SAFETY: as in `get`.
    unsafe { transmit::warm(vi, false) };
}
