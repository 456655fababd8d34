//! What the adapter does wrong. Called by the data path where [`armed`](super::armed) says so, and nowhere else.

use super::Fault;
use super::link::FaultyLink;
use super::state::Active;
use crate::abi::*;
use crate::counters::Cells;
use crate::pcap::CaptureLink;
use crate::port::Port;
use crate::vi::{Vi, adapter, event, release};
use crate::wire::Link;
use core::ffi::c_int;
use core::{ptr, slice};
use std::sync::Arc;

/// Puts faults and capture between a VI and its wire, once. Capture comes next to the wire: it shows what is on it.
#[cold]
pub(crate) fn equip(nic: &mut Vi) {
    if core::mem::replace(&mut nic.equipped, true) {
        return;
    }
    let (port, cells) = (nic.domain.port.clone(), nic.cells.clone());
    for link in nic.links() {
        // SAFETY: the link is read out and another written in its place, and nothing in between can panic: it
        // allocates, which aborts if it fails.
        unsafe {
            let inner = ptr::read(link);
            ptr::write(link, wrapped(inner, &port, &cells));
        }
    }
}

/// A VI's end of the wire, with what stands between the two.
pub(crate) fn wrapped(link: Box<dyn Link>, port: &Arc<Port>, cells: &Arc<Cells>) -> Box<dyn Link> {
    let link = Box::new(CaptureLink::new(link, port.clone()));
    Box::new(FaultyLink::new(link, port.clone(), cells.clone()))
}

/// Before a packet is sent: the `TX_ERROR` that it makes.
#[cold]
pub(crate) fn before_packet(nic: &mut Vi) -> Result<(), u32> {
    const ERRORS: [(Fault, u32); 4] = [
        (Fault::TxErrorRights, EF_EVENT_TX_ERROR_RIGHTS),
        (Fault::TxErrorOverflow, EF_EVENT_TX_ERROR_OFLOW),
        (Fault::TxErrorTooBig, EF_EVENT_TX_ERROR_2BIG),
        (Fault::TxErrorBus, EF_EVENT_TX_ERROR_BUS),
    ];
    equip(nic);
    let Some(faults) = nic.domain.port.faults.active() else { return Ok(()) };
    match first(&faults, &ERRORS) {
        Some(why) => Err(why),
        None => Ok(()),
    }
}

/// Of some faults that exclude each other the first that happens at this occasion, which is one of each of them.
fn first(faults: &Active, among: &[(Fault, u32)]) -> Option<u32> {
    let due = |&&(fault, _): &&(Fault, u32)| faults.due(fault).is_some();
    // All are asked: an occasion of one is an occasion of each.
    let due: Vec<_> = among.iter().filter(due).collect();
    due.first().map(|&&(fault, what)| {
        faults.count(fault);
        what
    })
}

/// `ef_eventq_poll` on an adapter that may have faults.
#[cold]
pub(crate) unsafe fn poll(vi: *mut ef_vi, events: *mut ef_event, room: usize) -> c_int {
    // SAFETY: the caller's contract is the call's.
    unsafe {
        for user in users(vi) {
            equip(&mut *adapter(user));
        }
        let count = event::poll_wires::<true>(vi, events, room);
        let nic = &*adapter(vi);
        let Some(faults) = nic.domain.port.faults.active() else { return count };
        let out = slice::from_raw_parts_mut(events, count.max(0) as usize);
        spoil_clock(vi, &faults, out);
        discard(vi, &faults, out);
        lose(vi, &faults, out) as c_int
    }
}

/// The VIs that use the event queue.
unsafe fn users(vi: *mut ef_vi) -> impl Iterator<Item = *mut ef_vi> {
    // SAFETY: the caller's VI is allocated, and the library keeps `vi_qs` true.
    let all = unsafe { (&(*vi).vi_qs)[..(*vi).vi_qs_n as usize].to_vec() };
    all.into_iter().filter(|user| !user.is_null())
}

/// Makes discards of some of the frames that arrived whole.
unsafe fn discard(vi: *mut ef_vi, faults: &Arc<Active>, events: &mut [ef_event]) {
    const REASONS: [(Fault, u32); 8] = [
        (Fault::DiscardChecksum, EF_EVENT_RX_DISCARD_CSUM_BAD),
        (Fault::DiscardMulticast, EF_EVENT_RX_DISCARD_MCAST_MISMATCH),
        (Fault::DiscardCrc, EF_EVENT_RX_DISCARD_CRC_BAD),
        (Fault::DiscardTruncated, EF_EVENT_RX_DISCARD_TRUNC),
        (Fault::DiscardRights, EF_EVENT_RX_DISCARD_RIGHTS),
        (Fault::DiscardEvent, EF_EVENT_RX_DISCARD_EV_ERROR),
        (Fault::DiscardOther, EF_EVENT_RX_DISCARD_OTHER),
        (Fault::DiscardInnerChecksum, EF_EVENT_RX_DISCARD_INNER_CSUM_BAD),
    ];
    for event in events.iter_mut().filter(|event| event.generic().type_ == EF_EVENT_TYPE_RX) {
        let ef_event_rx { q_id, rq_id, len, flags, .. } = event.rx();
        if flags & EF_EVENT_FLAG_CONT != 0 {
            continue;
        }
        if let Some(subtype) = first(faults, &REASONS) {
            *event = ef_event_rx_discard { q_id, rq_id, len, flags, subtype, ..Default::default() }.into();
            // SAFETY: the library keeps `vi_qs` true: the event's queue is there.
            let nic = unsafe { &*adapter((*vi).vi_qs[q_id as usize]) };
            nic.cells.rx_discards.add(1);
        }
    }
}

/// Loses events, with what breaks the queue that lost them; says how many are left.
unsafe fn lose(vi: *mut ef_vi, faults: &Arc<Active>, events: &mut [ef_event]) -> usize {
    for at in 0..events.len() {
        let reset = faults.due(Fault::Reset).is_some();
        let overflow = faults.due(Fault::EventOverflow).is_some();
        if !reset && !overflow {
            continue;
        }
        faults.count(if reset { Fault::Reset } else { Fault::EventOverflow });
        // SAFETY: the caller's VI is allocated, and so are its queue's users; this thread alone uses them.
        unsafe {
            let kind = if reset {
                for user in users(vi) {
                    (*adapter(user)).tx.dead = true;
                }
                (*(*adapter(vi)).queue).reset();
                EF_EVENT_TYPE_RESET
            } else {
                (*(*adapter(vi)).queue).lose(events.len() - at);
                EF_EVENT_TYPE_OFLOW
            };
            events[at] = ef_event_generic { type_: kind }.into();
        }
        return at + 1;
    }
    events.len()
}

/// Takes from what the application is told of the clock.
unsafe fn spoil_clock(vi: *mut ef_vi, faults: &Arc<Active>, events: &mut [ef_event]) {
    let unset = faults.happens(Fault::ClockUnset);
    let unsynced = faults.happens(Fault::ClockUnsynced);
    let lost = faults.happens(Fault::ClockLost);
    // SAFETY: the caller's VI has an event queue, and its state stays while it does.
    let (evq, nic) = unsafe { (&mut (*(*vi).ep_state).evq, &*adapter(vi)) };
    let all = nic.clock.state().flags();
    let kept = match (unset, unsynced) {
        (true, _) => 0,
        (_, true) => all & EF_VI_SYNC_FLAG_CLOCK_SET,
        _ => all,
    };
    if evq.sync_timestamp_synchronised != 0 {
        evq.sync_flags = kept;
    }
    if lost {
        evq.sync_timestamp_synchronised = 0;
    }
    for event in events.iter_mut().filter(|event| event.generic().type_ == EF_EVENT_TYPE_TX_WITH_TIMESTAMP) {
        *event = release::with_sync_flags(event.tx_timestamp(), kept).into();
    }
}
