//! Polling: receive queues are looked at themselves; the event queue has what was sent, and the time.

use super::receive::Discards;
use super::{Efct, efct};
use crate::abi::*;
use crate::array::given_mut;
use crate::faults;
use crate::time::VirtualTime;
use crate::vi::event::{self, EMPTY, Event};
use crate::vi::{Vi, ids_slot, software};
use core::ffi::c_int;

/// The upper four bits of a completion, which no other event has.
const COMPLETION: u64 = 15;

/// An event: frames up to this one were sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Completion {
    pub label: u32,
    /// How many frames were written when this one was; the event has the lower eight bits.
    pub sequence: u32,
    /// Seconds, of which the event has the lower eight bits, and quarters of a nanosecond.
    pub stamp: Option<u64>,
}

impl Completion {
    #[inline]
    pub fn encode(self) -> u64 {
        COMPLETION << 60
            | u64::from(self.label) << 50
            | u64::from(self.stamp.is_some()) << 48
            | u64::from(self.sequence & 0xff) << 40
            | self.stamp.unwrap_or(0) & 0xff_ffff_ffff
    }

    #[inline]
    fn decode(word: u64) -> Option<Self> {
        (word >> 60 == COMPLETION).then_some(Self {
            label: (word >> 50) as u32 & 0x3f,
            sequence: (word >> 40) as u32 & 0xff,
            stamp: (word >> 48 & 1 != 0).then_some(word & 0xff_ffff_ffff),
        })
    }
}

/// `ef_eventq_poll`.
pub(super) unsafe extern "C" fn poll(vi: *mut ef_vi, events: *mut ef_event, length: c_int) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone, and room for `length` events.
    unsafe {
        let Some((nic, efct)) = efct(vi) else { return 0 };
        let events = given_mut(events, length);
        if faults::armed() {
            return faults::adapter::poll_references(vi, events, |events| poll_all(vi, nic, efct, events)) as c_int;
        }
        let (received, sent) = poll_all(vi, nic, efct, events);
        (received + sent) as c_int
    }
}

/// What was received, in front, and what was sent: how many of each.
#[inline]
unsafe fn poll_all(vi: *mut ef_vi, nic: &mut Vi, efct: &mut Efct, events: &mut [ef_event]) -> (usize, usize) {
    // SAFETY: as in `poll`.
    unsafe {
        attend(vi, nic, efct);
        let received = receive(vi, nic, efct, events);
        if received == 0 && nic.is_outside() {
            attend_outside(nic, efct);
        }
        (received, sent(vi, nic, &mut events[received..]))
    }
}

/// Sees to what comes from elsewhere: events of the application's own, and what is there by now on virtual time.
#[inline]
unsafe fn attend(vi: *mut ef_vi, nic: &mut Vi, efct: &mut Efct) {
    if faults::armed() {
        faults::adapter::equip(nic);
    }
    let queue = nic.events();
    if queue.inbox.is_pending() {
        software::deliver(queue);
    }
    if let Some(time) = &nic.time {
        let due = efct.queues.iter_mut().filter_map(|queue| queue.due(time)).min();
        let here = due.is_some_and(|due| due <= VirtualTime::picoseconds());
        // SAFETY: the caller gives a VI with an event queue of its own.
        let here = here || unsafe { *event::head(vi, 0) } != EMPTY;
        nic.events().catch_up(here, due);
    }
}

/// Nothing has come from an interface of the machine: it may have gone.
#[cold]
fn attend_outside(nic: &mut Vi, efct: &mut Efct) {
    nic.attend();
    if nic.has_gone() {
        efct.links().for_each(|link| link.leave());
    }
}

/// What was received, of all queues.
#[inline]
pub(super) unsafe fn receive(vi: *mut ef_vi, nic: &Vi, efct: &mut Efct, events: &mut [ef_event]) -> usize {
    if faults::armed() && was_reset(nic) {
        return 0;
    }
    // SAFETY: the caller gives a VI that was allocated.
    let discards = Discards(unsafe { (*vi).rx_discard_mask } as u32);
    let mut count = 0;
    for queue in &mut efct.queues {
        count += queue.poll(nic, discards, &mut events[count..]);
    }
    count
}

/// The adapter was reset: nothing is received any more.
#[cold]
pub(super) fn was_reset(nic: &Vi) -> bool {
    // SAFETY: the VI's event queue stays while it does.
    unsafe { (*nic.queue).was_reset() }
}

/// The frames of the queue at which a packet was peeked.
pub(super) unsafe fn future_poll(vi: *mut ef_vi, nic: &mut Vi, efct: &mut Efct, events: &mut [ef_event]) -> usize {
    if nic.time.is_some() {
        // SAFETY: as in `receive`.
        unsafe { attend(vi, nic, efct) };
    }
    if faults::armed() && was_reset(nic) {
        return 0;
    }
    // SAFETY: as in `receive`.
    let discards = Discards(unsafe { (*vi).rx_discard_mask } as u32);
    match efct.queues.get_mut(efct.peeked) {
        Some(queue) => queue.poll(nic, discards, events),
        None => 0,
    }
}

/// What was sent: one event a poll, because the ids of the next depend on what the application has unbundled.
#[inline]
unsafe fn sent(vi: *mut ef_vi, nic: &mut Vi, events: &mut [ef_event]) -> usize {
    if events.is_empty() {
        return 0;
    }
    // SAFETY: the caller gives a VI with an event queue of its own, used by this thread alone.
    unsafe {
        loop {
            let slot = event::head(vi, 0);
            let word = *slot;
            if word == EMPTY {
                let queue = nic.events();
                if queue.is_broken() && !queue.was_reset() {
                    events[0] = ef_event_generic { type_: EF_EVENT_TYPE_OFLOW }.into();
                    return 1;
                }
                queue.idle();
                return 0;
            }
            let (event, again) = match Completion::decode(word) {
                Some(completion) => {
                    let (event, again) = complete(vi, completion);
                    (Some(event), again)
                }
                None => (event::translate(vi, Event::decode(word)), false),
            };
            if !again {
                *slot = EMPTY;
                let evq = &raw mut (*(*vi).ep_state).evq;
                (*evq).evq_ptr = (*evq).evq_ptr.wrapping_add(8);
            }
            if let Some(event) = event {
                events[0] = event;
                return 1;
            }
        }
    }
}

/// The application's event for a completion, and whether more of it is left than one event can tell.
#[inline]
unsafe fn complete(vi: *mut ef_vi, completion: Completion) -> (ef_event, bool) {
    // SAFETY: as in `sent`; masked, the index is within the rings.
    unsafe {
        let (ring, state) = (&raw const (*vi).vi_txq, &raw mut (*(*vi).ep_state).txq);
        let frames = completion.sequence.wrapping_sub((*state).previous) & 0xff;
        let now = frames.min(EF_VI_TRANSMIT_BATCH);
        for _ in 0..now {
            let at = (*state).previous & (*ring).mask;
            let bytes = *(*ring).descriptors.cast::<u64>().add(at as usize);
            (*state).ct_removed = (*state).ct_removed.wrapping_add(bytes as u32);
            (*state).previous = (*state).previous.wrapping_add(1);
        }
        let (q_id, flags) = (completion.label, EF_EVENT_FLAG_CTPIO);
        let Some(stamp) = completion.stamp else {
            let event = ef_event_tx { q_id, desc_id: (*state).previous, flags, ..Default::default() };
            return (event.into(), frames > now);
        };
        let evq = &raw const (*(*vi).ep_state).evq;
        // The event has the lower bits of the second; it is that of the last time event or the one after it.
        let second = (*evq).sync_timestamp_major;
        let next = u32::from((stamp >> 32) as u32 == second.wrapping_add(1) & 0xff);
        let rq_id = ids_slot((*ring).ids, (*state).removed, (*ring).mask).replace(EF_REQUEST_ID_MASK);
        (*state).removed = (*state).removed.wrapping_add(1);
        let stamped =
            ef_event_tx_timestamp { q_id, flags, rq_id, ts_sec: second.wrapping_add(next), ..Default::default() };
        let quarters = stamp as u32;
        let low = &raw mut (*(*vi).ep_state).txq;
        crate::vi::release::keep_stamp(&mut *low, quarters / 4, (quarters as u8 & 3) << 2);
        (crate::vi::release::stamp_event(stamped, &*low, (*evq).sync_flags).into(), false)
    }
}

/// `ef_eventq_has_event`.
pub(crate) unsafe extern "C" fn has_event(vi: *const ef_vi) -> c_int {
    // SAFETY: as in `poll`. What is looked at changes the adapter's side only.
    unsafe {
        let Some((nic, efct)) = efct(vi.cast_mut()) else { return 0 };
        attend(vi.cast_mut(), nic, efct);
        let received = !(faults::armed() && was_reset(nic)) && efct.queues.iter_mut().any(super::Queue::has_event);
        (received || *event::head(vi.cast_mut(), 0) != EMPTY).into()
    }
}

/// `ef_eventq_has_many_events`: as the library does on these adapters, it counts what is in the event queue, where
/// received packets are not.
pub(crate) unsafe extern "C" fn has_many_events(vi: *const ef_vi, count: c_int) -> c_int {
    // SAFETY: as in `has_event`.
    unsafe {
        let count = u32::try_from(count).unwrap_or(0);
        (count <= (*vi).evq_mask / 8 && (0..count).all(|ahead| *event::head(vi.cast_mut(), ahead) != EMPTY)).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn completions_are_read_back_as_they_were_raised() {
        for (label, sequence, stamp) in [(31, 255, Some(0xff_ee6b_27ff)), (0, 0, None), (1, 7, Some(0))] {
            let word = Completion { label, sequence, stamp }.encode();
            assert_ne!(word, EMPTY);
            assert_eq!(Completion::decode(word), Some(Completion { label, sequence, stamp }));
        }
        assert_eq!(Completion::decode(6 << 60), None);
    }
}
