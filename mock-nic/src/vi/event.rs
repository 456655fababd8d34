//! The event queue: a ring of 8-byte events in host memory, as an EF10 adapter's. An empty slot is all ones.

use super::discards::Errors;
use super::{adapter, alternatives, merge, packed_stream, receive, release, software, special};
use crate::abi::*;
use crate::faults;
use core::ffi::c_int;

/// A slot without an event.
pub(crate) const EMPTY: u64 = u64::MAX;

/// In place of the flags of a time event: time is not known any more. The real library finds that out by itself once
/// the adapter has been silent for a while.
pub(super) const LOST: u32 = 0x80;

/// An event as it stands in the queue. The upper four bits say which it is.
#[derive(Clone, Copy)]
pub(crate) enum Event {
    /// A receive descriptor was consumed.
    Received {
        label: u32,
        bytes: u32,
        /// The frame goes on in the next descriptor.
        more: bool,
        multicast: bool,
        errors: Errors,
    },
    /// Several receive descriptors were consumed; flags and errors are those of the last.
    Merged { label: u32, count: u32, more: bool, multicast: bool, errors: Errors },
    /// Packets were added to a packed stream, the first of them in the next buffer if `rotate`.
    Packed { label: u32, count: u32, rotate: bool, errors: Errors },
    /// The adapter ran out of descriptors in the middle of a frame.
    Truncated { label: u32 },
    /// Descriptors up to this index were sent.
    Sent { label: u32, end: u32, ctpio: bool },
    /// First half of a transmit timestamp: nanoseconds, sixteenths.
    StampLow { nanoseconds: u32, sixteenths: u8 },
    /// Second half: seconds, and what it belongs to.
    StampHigh { label: u32, seconds: u32, ctpio: bool },
    /// A send was refused; descriptors up to this index are done with.
    Failed { label: u32, end: u32, why: u32 },
    /// A packet has left a TX alternative's FIFO.
    Left { label: u32, fifo: u32 },
    /// The adapter's time, for the timestamps that follow.
    Time {
        seconds: u32,
        quarters: u32,
        /// `EF_VI_SYNC_FLAG_*`.
        flags: u32,
    },
    /// Posted by the application.
    Software { data: u16 },
    /// The adapter was reset.
    Reset,
}

impl Event {
    /// Received frames that end with it.
    pub(super) fn frames(self) -> u64 {
        match self {
            Self::Received { more: false, .. } => 1,
            Self::Merged { count, more: false, .. } | Self::Packed { count, .. } => count.into(),
            _ => 0,
        }
    }
}

const RECEIVED: u64 = 0;
const TRUNCATED: u64 = 1;
const SENT: u64 = 2;
const STAMP_LOW: u64 = 3;
const STAMP_HIGH: u64 = 4;
const FAILED: u64 = 5;
const TIME: u64 = 6;
const LEFT: u64 = 7;
const SOFTWARE: u64 = 8;
const MERGED: u64 = 10;
const PACKED: u64 = 11;
const RESET: u64 = 12;

impl Event {
    #[inline]
    pub(super) fn encode(self) -> u64 {
        let (kind, rest) = match self {
            Self::Received { label, bytes, more, multicast, errors } => (
                RECEIVED,
                u64::from(bytes)
                    | u64::from(label) << 32
                    | u64::from(errors.0) << 40
                    | u64::from(more) << 56
                    | u64::from(multicast) << 57,
            ),
            Self::Merged { label, count, more, multicast, errors } => (
                MERGED,
                u64::from(count)
                    | u64::from(label) << 32
                    | u64::from(errors.0) << 40
                    | u64::from(more) << 56
                    | u64::from(multicast) << 57,
            ),
            Self::Packed { label, count, rotate, errors } => (
                PACKED,
                u64::from(count) | u64::from(label) << 32 | u64::from(errors.0) << 40 | u64::from(rotate) << 56,
            ),
            Self::Truncated { label } => (TRUNCATED, u64::from(label) << 32),
            Self::Sent { label, end, ctpio } => {
                (SENT, u64::from(end) | u64::from(label) << 32 | u64::from(ctpio) << 48)
            }
            Self::StampLow { nanoseconds, sixteenths } => {
                (STAMP_LOW, u64::from(nanoseconds) | u64::from(sixteenths) << 32)
            }
            Self::StampHigh { label, seconds, ctpio } => {
                (STAMP_HIGH, u64::from(seconds) | u64::from(label) << 32 | u64::from(ctpio) << 48)
            }
            Self::Failed { label, end, why } => {
                (FAILED, u64::from(end) | u64::from(label) << 32 | u64::from(why) << 40)
            }
            Self::Left { label, fifo } => (LEFT, u64::from(fifo) | u64::from(label) << 32),
            // Only the upper six bits of the quarters of a nanosecond fit the event of the real adapter.
            Self::Time { seconds, quarters, flags } => {
                (TIME, u64::from(seconds) | u64::from(quarters >> 26) << 32 | u64::from(flags) << 40)
            }
            Self::Software { data } => (SOFTWARE, data.into()),
            Self::Reset => (RESET, 0),
        };
        kind << 60 | rest
    }

    #[inline]
    pub(super) fn decode(word: u64) -> Self {
        let (low, label) = (word as u32, (word >> 32) as u32 & 0xff);
        let bit = |n: u32| word >> n & 1 != 0;
        match word >> 60 {
            RECEIVED => Self::Received {
                label,
                bytes: low,
                more: bit(56),
                multicast: bit(57),
                errors: Errors((word >> 40) as u16),
            },
            MERGED => Self::Merged {
                label,
                count: low,
                more: bit(56),
                multicast: bit(57),
                errors: Errors((word >> 40) as u16),
            },
            PACKED => Self::Packed { label, count: low, rotate: bit(56), errors: Errors((word >> 40) as u16) },
            TRUNCATED => Self::Truncated { label },
            SENT => Self::Sent { label, end: low, ctpio: bit(48) },
            STAMP_LOW => Self::StampLow { nanoseconds: low, sixteenths: (word >> 32) as u8 },
            STAMP_HIGH => Self::StampHigh { label, seconds: low, ctpio: bit(48) },
            FAILED => Self::Failed { label, end: low, why: (word >> 40) as u32 & 0xff },
            LEFT => Self::Left { label, fifo: low },
            SOFTWARE => Self::Software { data: low as u16 },
            RESET => Self::Reset,
            _ => Self::Time {
                seconds: low,
                quarters: ((word >> 32) as u32 & 0x3f) << 26,
                flags: (word >> 40) as u32 & 0xff,
            },
        }
    }
}

/// The event at the head of the queue, left in it.
#[inline]
pub(super) unsafe fn head(vi: *mut ef_vi, ahead: u32) -> *mut u64 {
    // SAFETY: the caller gives a VI with an event queue; the mask keeps the offset within it.
    unsafe {
        let offset = (*(*vi).ep_state).evq.evq_ptr.wrapping_add(ahead * 8) & (*vi).evq_mask;
        (*vi).evq_base.add(offset as usize).cast()
    }
}

/// Takes frames off the wires of the VIs that use this queue, at most `limit`; if `SPECIAL`, sees to what [`special`] is
/// about, too.
#[inline(always)]
unsafe fn pump<const SPECIAL: bool>(vi: *mut ef_vi, limit: usize) {
    // SAFETY: the library keeps `vi_qs` filled with the VIs that use the queue; each has its adapter's side.
    unsafe {
        let queue = (*adapter(vi)).queue;
        if SPECIAL && (*queue).inbox.is_pending() {
            software::deliver(&mut *queue);
        }
        let queues = (*vi).vi_qs_n as usize;
        let mut budget = limit;
        for label in 0..queues {
            let user = (*vi).vi_qs[label];
            if !user.is_null() && budget > 0 {
                budget -= receive::pump::<SPECIAL>(&mut *adapter(user), budget);
            }
        }
        if SPECIAL && (*queue).is_virtual() {
            (*queue).catch_up(*head(vi, 0) != EMPTY, None);
        }
    }
}

/// Sees to everything, out of line.
#[inline(never)]
unsafe fn pump_special(vi: *mut ef_vi, limit: usize) {
    // SAFETY: the caller's promise.
    unsafe { pump::<true>(vi, limit) };
}

/// `ef_eventq_poll`.
pub(crate) unsafe extern "C" fn poll(vi: *mut ef_vi, events: *mut ef_event, length: c_int) -> c_int {
    let room = usize::try_from(length).unwrap_or(0);
    // SAFETY: this call's contract.
    unsafe {
        if special::expected() {
            return poll_special(vi, events, room);
        }
        poll_wires::<false>(vi, events, room)
    }
}

/// A poll where it may have more to see to than frames.
#[cold]
unsafe fn poll_special(vi: *mut ef_vi, events: *mut ef_event, room: usize) -> c_int {
    // SAFETY: the caller's contract is the call's.
    unsafe {
        if faults::armed() {
            return faults::adapter::poll(vi, events, room);
        }
        poll_wires::<true>(vi, events, room)
    }
}

/// What a poll does, but for faults.
#[inline(always)]
pub(crate) unsafe fn poll_wires<const SPECIAL: bool>(vi: *mut ef_vi, events: *mut ef_event, room: usize) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone, and room for that many events.
    unsafe {
        let queue = (*adapter(vi)).queue;
        if SPECIAL {
            pump_special(vi, room);
        } else {
            pump::<false>(vi, room);
        }
        if *head(vi, 0) == EMPTY {
            if (*queue).is_broken() && !(*queue).was_reset() && room > 0 {
                events.write(ef_event_generic { type_: EF_EVENT_TYPE_OFLOW }.into());
                return 1;
            }
            (*queue).idle();
            return 0;
        }
        drain(vi, events, room) as c_int
    }
}

/// Turns events of the queue into the application's, for which there is so much room. With none `out` may be nowhere.
#[inline(always)]
unsafe fn drain(vi: *mut ef_vi, out: *mut ef_event, room: usize) -> usize {
    let mut count = 0;
    while count < room {
        // SAFETY: the caller's VI has an event queue.
        let slot = unsafe { head(vi, 0) };
        // SAFETY: within the queue.
        let word = unsafe { *slot };
        if word == EMPTY {
            break;
        }
        let event = Event::decode(word);
        // A time event would change the meaning of timestamps of packets that this poll has already given.
        if count > 0 && matches!(event, Event::Time { .. }) {
            break;
        }
        // SAFETY: as above; `vi_qs` holds a VI for each label that the adapter was given.
        if let Some(event) = unsafe { translate(vi, event) } {
            // SAFETY: there is room.
            unsafe { out.add(count).write(event) };
            count += 1;
        }
        // SAFETY: as above.
        unsafe {
            *slot = EMPTY;
            let evq = &raw mut (*(*vi).ep_state).evq;
            (*evq).evq_ptr = (*evq).evq_ptr.wrapping_add(8);
        }
    }
    count
}

/// The VI of that label, which may be null.
pub(crate) unsafe fn user(vi: *mut ef_vi, label: u32) -> *mut ef_vi {
    // SAFETY: the caller's VI is allocated.
    unsafe { (*vi).vi_qs.get(label as usize).copied().unwrap_or(core::ptr::null_mut()) }
}

// In line: as a call it hands its event over in memory, twice a frame.
#[inline(always)]
pub(super) unsafe fn translate(vi: *mut ef_vi, event: Event) -> Option<ef_event> {
    // SAFETY: the caller's promise.
    let user = |label: u32| Some(unsafe { user(vi, label) }).filter(|user| !user.is_null());
    Some(match event {
        // SAFETY: a VI of this queue.
        Event::Received { label, bytes, more, multicast, errors } => unsafe {
            receive::event(user(label)?, label, bytes, more, multicast, errors)
        },
        // SAFETY: a VI of this queue.
        Event::Merged { label, count, more, multicast, errors } => unsafe {
            merge::event(user(label)?, label, count, more, multicast, errors)
        },
        // SAFETY: a VI of this queue.
        Event::Packed { label, count, rotate, errors } => unsafe {
            packed_stream::event(user(label)?, label, count, rotate, errors)
        },
        Event::Truncated { label } => {
            // SAFETY: a VI of this queue.
            unsafe { (*(*user(label)?).ep_state).rxq.in_jumbo = 0 };
            ef_event_rx_no_desc_trunc { q_id: label, ..Default::default() }.into()
        }
        Event::Sent { label, end, ctpio } => {
            user(label)?;
            ef_event_tx { q_id: label, desc_id: end, flags: ctpio.into(), ..Default::default() }.into()
        }
        Event::StampLow { nanoseconds, sixteenths } => {
            // SAFETY: the queue's own VI.
            unsafe { release::keep_stamp(&mut (*(*vi).ep_state).txq, nanoseconds, sixteenths) };
            return None;
        }
        // SAFETY: VIs of this queue.
        Event::StampHigh { label, seconds, ctpio } => unsafe {
            let state = (*vi).ep_state;
            let seconds = if (*state).evq.sync_timestamp_synchronised != 0 {
                seconds
            } else {
                // A time that nobody knows is given as 0.
                release::keep_stamp(&mut (*state).txq, 0, 0);
                0
            };
            let stamped = ef_event_tx_timestamp {
                q_id: label,
                flags: ctpio.into(),
                rq_id: super::transmit::take_next_id(user(label)?),
                ts_sec: seconds,
                ..Default::default()
            };
            release::stamp_event(stamped, &(*state).txq, (*state).evq.sync_flags).into()
        },
        Event::Failed { label, end, why } => {
            user(label)?;
            ef_event_tx_error { q_id: label, desc_id: end, subtype: why, ..Default::default() }.into()
        }
        // SAFETY: a VI of this queue.
        Event::Left { label, fifo } => return unsafe { alternatives::event(user(label)?, label, fifo) },
        Event::Time { seconds, quarters, flags } => {
            // SAFETY: the queue's own VI.
            unsafe {
                let evq = &raw mut (*(*vi).ep_state).evq;
                (*evq).sync_timestamp_major = seconds;
                (*evq).sync_timestamp_minor = quarters;
                (*evq).sync_timestamp_minimum = seconds.wrapping_sub(1);
                (*evq).sync_timestamp_synchronised = (flags != LOST).into();
                (*evq).sync_flags = flags & !LOST;
            }
            return None;
        }
        Event::Software { data } => ef_event_sw { data: data.into(), ..Default::default() }.into(),
        Event::Reset => ef_event_generic { type_: EF_EVENT_TYPE_RESET }.into(),
    })
}

/// `ef_eventq_has_many_events`: true if at least `count` events wait, counted as the adapter's.
pub(crate) unsafe extern "C" fn has_many_events(vi: *const ef_vi, count: c_int) -> c_int {
    let vi = vi.cast_mut();
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone. What the adapter delivers
    // meanwhile changes its own memory and the queue's, not the structure.
    unsafe {
        let count = u32::try_from(count).unwrap_or(0);
        pump_special(vi, count as usize);
        (count <= (*vi).evq_mask / 8 && (0..count).all(|ahead| *head(vi, ahead) != EMPTY)).into()
    }
}

/// `ef_eventq_capacity`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_eventq_capacity(vi: *mut ef_vi) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated. One slot stays empty.
    unsafe { (*vi).evq_mask.div_ceil(8) as c_int - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_back_as_they_were_raised() {
        let events = [
            Event::Received { label: 31, bytes: 1532, more: true, multicast: true, errors: Errors(0xffff) },
            Event::Received { label: 0, bytes: 0, more: false, multicast: false, errors: Errors(0) },
            Event::Merged { label: 31, count: 15, more: true, multicast: true, errors: Errors(0x7f) },
            Event::Packed { label: 3, count: 15, rotate: true, errors: Errors(0x7) },
            Event::Truncated { label: 7 },
            Event::Sent { label: 3, end: 0xffff, ctpio: true },
            Event::StampLow { nanoseconds: 999_999_999, sixteenths: 15 },
            Event::StampHigh { label: 3, seconds: u32::MAX, ctpio: true },
            Event::Failed { label: 1, end: 511, why: 3 },
            Event::Left { label: 31, fifo: 30 },
            Event::Time { seconds: u32::MAX, quarters: 0x3f << 26, flags: 3 },
            Event::Software { data: 0xffff },
            Event::Reset,
        ];
        for event in events {
            let word = event.encode();
            assert_ne!(word, EMPTY);
            assert_eq!(Event::decode(word).encode(), word);
        }
    }
}
