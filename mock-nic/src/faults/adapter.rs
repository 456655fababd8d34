//! What the adapter does wrong. Called by the data path where [`armed`](super::armed) says so, and nowhere else.

use super::Fault;
use super::link::FaultyLink;
use super::state::Active;
use crate::abi::*;
use crate::array::given_mut;
use crate::counters::Cells;
use crate::pcap::CaptureLink;
use crate::port::Port;
use crate::vi::discards::Errors;
use crate::vi::{Vi, adapter, event, release};
use crate::wire::Link;
use core::ffi::c_int;
use core::ptr;
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
fn first<T: Copy>(faults: &Active, among: &[(Fault, T)]) -> Option<T> {
    let due = |&&(fault, _): &&(Fault, T)| faults.due(fault).is_some();
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
        let out = given_mut(events, count);
        spoil_clock(vi, &faults, out);
        lose(vi, &faults, out, 0) as c_int
    }
}

/// `ef_eventq_poll` of a VI without descriptors, by `poll`, on an adapter that may have faults: the events in front, so
/// many, are of frames, which don't come by the event queue.
#[cold]
pub(crate) unsafe fn poll_references(
    vi: *mut ef_vi,
    events: &mut [ef_event],
    poll: impl FnOnce(&mut [ef_event]) -> (usize, usize),
) -> usize {
    // SAFETY: the caller's contract is the call's.
    unsafe {
        equip(&mut *adapter(vi));
        let (received, sent) = poll(events);
        let nic = &mut *adapter(vi);
        let Some(faults) = nic.domain.port.faults.active() else {
            nic.say_of_references(u32::MAX);
            return received + sent;
        };
        let out = &mut events[..received + sent];
        spoil_clock(vi, &faults, out);
        lose(vi, &faults, out, received)
    }
}

/// The VIs that use the event queue.
unsafe fn users(vi: *mut ef_vi) -> impl Iterator<Item = *mut ef_vi> {
    // SAFETY: the caller's VI is allocated, and the library keeps `vi_qs` true.
    let all = unsafe { (&(*vi).vi_qs)[..(*vi).vi_qs_n as usize].to_vec() };
    all.into_iter().filter(|user| !user.is_null())
}

/// What can be wrong with a frame that a VI with descriptors receives.
pub(crate) const REASONS: &[(Fault, Errors)] = &[
    (Fault::DiscardChecksum, Errors(Errors::TRANSPORT_CHECKSUM)),
    (Fault::DiscardMulticast, Errors(Errors::MULTICAST)),
    (Fault::DiscardCrc, Errors(Errors::FCS)),
    (Fault::DiscardTruncated, Errors(Errors::TRUNCATED)),
    (Fault::DiscardRights, Errors(Errors::RIGHTS)),
    (Fault::DiscardEvent, Errors(Errors::EVENT)),
    (Fault::DiscardOther, Errors(Errors::OTHER)),
    (Fault::DiscardInnerChecksum, Errors(Errors::INNER_TRANSPORT_CHECKSUM)),
];

/// The same of a packed stream, whose packets have flags for these only.
pub(crate) const PACKED_STREAM_REASONS: &[(Fault, Errors)] =
    &[(Fault::DiscardChecksum, Errors(Errors::TRANSPORT_CHECKSUM)), (Fault::DiscardCrc, Errors(Errors::FCS))];

/// The same of a VI without descriptors: `EF_VI_DISCARD_*`. A packet's reference has no other flags.
const REFERENCE_REASONS: &[(Fault, u32)] = &[
    (Fault::DiscardChecksum, EF_VI_DISCARD_RX_L4_CSUM_ERR),
    (Fault::DiscardCrc, EF_VI_DISCARD_RX_ETH_FCS_ERR),
    (Fault::DiscardTruncated, EF_VI_DISCARD_RX_ETH_LEN_ERR),
    (Fault::DiscardOther, EF_VI_DISCARD_RX_L2_CLASS_OTHER),
];

/// What is wrong with a frame that arrived whole: what was found, unless a fault makes something else of it.
#[cold]
pub(crate) fn discard(nic: &Vi, found: Errors, reasons: &[(Fault, Errors)]) -> Errors {
    let Some(faults) = nic.domain.port.faults.active() else { return found };
    first(&faults, reasons).unwrap_or(found)
}

/// The same for a frame that is given by reference.
#[cold]
pub(crate) fn discard_reference(nic: &Vi, found: u32) -> u32 {
    let Some(faults) = nic.domain.port.faults.active() else { return found };
    first(&faults, REFERENCE_REASONS).unwrap_or(found)
}

/// Loses events, with what breaks the queue that lost them; says how many are left. The first `apart` of them don't come
/// by the queue: only a reset loses those.
unsafe fn lose(vi: *mut ef_vi, faults: &Arc<Active>, events: &mut [ef_event], apart: usize) -> usize {
    for at in 0..events.len() {
        let reset = faults.due(Fault::Reset).is_some();
        let overflow = at >= apart && faults.due(Fault::EventOverflow).is_some();
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
            let nic = &*adapter(vi);
            nic.cells.rx_abandoned.add(events[at..].iter().map(frames).sum());
            events[at] = ef_event_generic { type_: kind }.into();
        }
        return at + 1;
    }
    events.len()
}

/// Received frames that end with the application's event.
fn frames(event: &ef_event) -> u64 {
    match event.generic().type_ {
        EF_EVENT_TYPE_RX | EF_EVENT_TYPE_RX_DISCARD => u64::from(event.rx().flags & EF_EVENT_FLAG_CONT == 0),
        EF_EVENT_TYPE_RX_REF | EF_EVENT_TYPE_RX_REF_DISCARD => 1,
        EF_EVENT_TYPE_RX_MULTI | EF_EVENT_TYPE_RX_MULTI_DISCARD => event.rx_multi().n_descs.into(),
        EF_EVENT_TYPE_RX_PACKED_STREAM => event.rx_packed_stream().n_pkts.into(),
        _ => 0,
    }
}

/// Takes from what the application is told of the clock.
unsafe fn spoil_clock(vi: *mut ef_vi, faults: &Arc<Active>, events: &mut [ef_event]) {
    let unset = faults.happens(Fault::ClockUnset);
    let unsynced = faults.happens(Fault::ClockUnsynced);
    let lost = faults.happens(Fault::ClockLost);
    // SAFETY: the caller's VI has an event queue, and its state stays while it does.
    let (evq, nic) = unsafe { (&mut (*(*vi).ep_state).evq, &mut *adapter(vi)) };
    let all = nic.clock.state().flags();
    // Packet references have their whole time with them: what is lost is all that could be said of it.
    let kept = match (unset || (lost && nic.has_references()), unsynced) {
        (true, _) => 0,
        (_, true) => all & EF_VI_SYNC_FLAG_CLOCK_SET,
        _ => all,
    };
    if evq.sync_timestamp_synchronised != 0 {
        evq.sync_flags = kept;
    }
    if lost && !nic.has_references() {
        evq.sync_timestamp_synchronised = 0;
    }
    nic.say_of_references(kept);
    for event in events.iter_mut().filter(|event| event.generic().type_ == EF_EVENT_TYPE_TX_WITH_TIMESTAMP) {
        *event = release::with_sync_flags(event.tx_timestamp(), kept).into();
    }
}
