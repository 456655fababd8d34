//! The rules of a VI: what is wrong with a call is seen from the call, the rings and a little that is remembered.

use super::Violation;
use super::ctpio_frame::CtpioFrame;
use super::packets::Packets;
use crate::abi::*;
use crate::dma::PAGE;
use crate::domain;
use crate::vi::{adapter, event, is_efct};
use crate::watch::{self, Checked};
use core::ffi::{c_int, c_void};
use std::collections::VecDeque;

/// What is remembered of a VI's past.
#[derive(Default)]
pub(crate) struct State {
    /// A CTPIO frame waits for its fallback.
    ctpio: bool,
    /// The frame.
    written: CtpioFrame,
    /// The path is warmed: nothing leaves.
    warming: bool,
    /// TX and TX_ERROR events that were given and not unbundled: the descriptors that they end at.
    completed: VecDeque<u32>,
    /// The receive ring's consumed count when the last poll began.
    polled: u32,
    /// PIO regions from which sends are under way: first byte, end, and the ring's added count behind them.
    pio: Vec<(usize, usize, u32)>,
    /// Packets by id.
    pub(crate) packets: Packets,
}

/// A descriptor's address.
fn address(descriptor: u64) -> u64 {
    descriptor & 0xffff_ffff_ffff
}

/// The ids between two counts of a ring.
unsafe fn outstanding(ids: *mut u32, mask: u32, from: u32, to: u32, id: u32) -> bool {
    let count = to.wrapping_sub(from);
    // SAFETY: masked, the index is within the caller's ring.
    (0..count).any(|i| unsafe { *ids.add((from.wrapping_add(i) & mask) as usize) == id })
}

/// A descriptor as the receive and transmit rings have it.
unsafe fn descriptor(ring: *mut c_void, mask: u32, at: u32) -> u64 {
    // SAFETY: masked, the index is within the caller's ring of 8-byte descriptors.
    unsafe { *ring.cast::<u64>().add((at & mask) as usize) }
}

impl State {
    /// An address that the adapter is to read or write.
    unsafe fn dma(&self, vi: &Checked<'_>, base: ef_addr, length: usize) {
        // SAFETY: the caller's VI is allocated.
        let own = unsafe { &vi.nic().domain };
        let (mut at, end) = (base, base.wrapping_add(length.max(1) as u64));
        while at < end {
            let within = (PAGE - at as usize % PAGE).min((end - at) as usize);
            if !own.space.reaches(at, within) {
                match domain::owner_of(at) {
                    Some(other) => vi.report(
                        Violation::DmaOtherDomain,
                        format_args!("DMA address {at:#x} is of domain {other}, not of this VI's"),
                    ),
                    None => {
                        vi.report(Violation::DmaUnregistered, format_args!("DMA address {at:#x} is not registered"))
                    }
                }
                return;
            }
            at += within as u64;
        }
    }

    /// A send by DMA or PIO is to be added to the ring.
    pub(crate) unsafe fn send(&mut self, vi: &Checked<'_>, pieces: &[ef_iovec], id: ef_request_id) {
        if core::mem::take(&mut self.ctpio) {
            vi.report(Violation::CtpioWithoutFallback, format_args!("a send with id {id} before the fallback"));
        }
        self.written.clear();
        // SAFETY: this call's contract.
        unsafe { self.add(vi, pieces, id) };
    }

    /// The fallback of a CTPIO send is to be added to the ring.
    pub(crate) unsafe fn fall_back(&mut self, vi: &Checked<'_>, pieces: &[ef_iovec], id: ef_request_id) {
        // SAFETY: this call's contract.
        unsafe {
            self.add(vi, pieces, id);
            if !self.warming {
                self.written.compare(vi, pieces, id);
            }
        }
    }

    /// A packet is to be added to the ring.
    unsafe fn add(&mut self, vi: &Checked<'_>, pieces: &[ef_iovec], id: ef_request_id) {
        if self.warming {
            return;
        }
        // SAFETY: the caller's VI is allocated.
        unsafe {
            let (ring, state) = (&(*vi.vi).vi_txq, &(*(*vi.vi).ep_state).txq);
            if id as u32 == EF_REQUEST_ID_MASK {
                vi.report(Violation::IdReserved, format_args!("a send with id {id:#x}"));
            } else if outstanding(ring.ids, ring.mask, state.removed, state.added, id as u32) {
                vi.report(Violation::IdReused, format_args!("a send with id {id}, which is still outstanding"));
            }
            for piece in pieces {
                self.dma(vi, piece.iov_base, piece.iov_len as usize);
            }
        }
    }

    /// A fallback was taken, or not.
    pub(crate) fn fell_back(&mut self, rc: c_int) {
        if rc != -libc::EAGAIN {
            self.ctpio = false;
            self.written.clear();
        }
    }

    /// A frame is to be written to the aperture.
    pub(crate) unsafe fn ctpio(&mut self, vi: &Checked<'_>, pieces: *const libc::iovec, count: c_int) {
        if self.ctpio {
            vi.report(Violation::CtpioWithoutFallback, format_args!("another CTPIO send before the fallback"));
        }
        if !self.warming {
            // SAFETY: the ABI's contract: that many pieces.
            unsafe { self.written.keep(pieces, count) };
        }
        // Without descriptors there is nothing that a fallback would complete.
        // SAFETY: the caller's VI is allocated.
        if unsafe { is_efct(vi.vi) } {
            return;
        }
        // SAFETY: the caller's VI is allocated.
        self.ctpio = !self.warming && unsafe { (*vi.vi).vi_flags } & EF_VI_TX_CTPIO != 0;
    }

    /// The transmit ring is to be pushed.
    pub(crate) unsafe fn push(&mut self, vi: &Checked<'_>) {
        // SAFETY: the caller's VI is allocated. Without descriptors a push is nothing.
        if unsafe { is_efct(vi.vi) } {
            return;
        }
        // SAFETY: the caller's VI is allocated.
        let state = unsafe { &(*(*vi.vi).ep_state).txq };
        if state.added == state.previous && !self.warming {
            vi.report(Violation::EmptyPush, format_args!("transmit_push with nothing new since the last one"));
        }
    }

    /// Warming begins, or ends.
    pub(crate) fn warm(&mut self, warming: bool) {
        self.warming = warming;
    }

    /// Bytes of a PIO region are to be written.
    pub(crate) unsafe fn write_pio(&mut self, vi: &Checked<'_>, offset: c_int, length: c_int) {
        // SAFETY: the caller's VI is allocated.
        let removed = unsafe { (*(*vi.vi).ep_state).txq.removed };
        self.pio.retain(|(_, _, end)| end.wrapping_sub(removed) as i32 > 0);
        let (first, end) = (offset.max(0) as usize, offset.max(0) as usize + length.max(0) as usize);
        if let Some((from, to, _)) = self.pio.iter().find(|(from, to, _)| first < *to && *from < end) {
            let text = format_args!("PIO bytes {first}..{end} written while the send of {from}..{to} is outstanding");
            vi.report(Violation::PioReused, text);
        }
    }

    /// A send from PIO was taken, or not.
    pub(crate) unsafe fn sent_pio(&mut self, vi: &Checked<'_>, offset: c_int, length: c_int, rc: c_int) {
        if rc == 0 {
            // SAFETY: the caller's VI is allocated.
            let added = unsafe { (*(*vi.vi).ep_state).txq.added };
            self.pio.push((offset as usize, (offset + length) as usize, added));
        }
    }

    /// A buffer is to be posted.
    pub(crate) unsafe fn post(&mut self, vi: &Checked<'_>, base: ef_addr, id: ef_request_id) {
        // SAFETY: the caller's VI is allocated.
        unsafe {
            let (ring, state) = (&(*vi.vi).vi_rxq, &(*(*vi.vi).ep_state).rxq);
            // A packed stream's buffers have no ids, and are aligned to their size, or refused.
            let stream = (*vi.vi).vi_is_packed_stream != 0;
            let length = u64::from(if stream { (*vi.vi).vi_ps_buf_size } else { (*vi.vi).rx_buffer_len });
            if stream && !base.is_multiple_of(length) {
                return;
            }
            if !stream && id as u32 == EF_REQUEST_ID_MASK {
                vi.report(Violation::IdReserved, format_args!("a buffer posted with id {id:#x}"));
            } else if !stream && outstanding(ring.ids, ring.mask, state.removed, state.added, id as u32) {
                vi.report(Violation::IdReused, format_args!("a buffer posted with id {id}, which is still posted"));
            }
            let posted = state.added.wrapping_sub(state.removed);
            for at in 0..posted {
                let word = descriptor(ring.descriptors.cast(), ring.mask, state.removed.wrapping_add(at));
                // A stream's descriptor tells where in the buffer the first packet goes.
                let (other, other_length) =
                    if stream { (address(word) & !(length - 1), length) } else { (address(word), word >> 48) };
                if base < other + other_length && other < base + length {
                    let text = format_args!("a buffer posted at {base:#x} while the one at {other:#x} is");
                    vi.report(Violation::BufferPostedTwice, text);
                    break;
                }
            }
            self.dma(vi, base, length as usize);
        }
    }

    /// A poll begins: what it gives is what timestamps may be read of.
    pub(crate) unsafe fn before_poll(&mut self, vi: &Checked<'_>) {
        // SAFETY: the caller's VI is allocated.
        self.polled = unsafe { (*(*vi.vi).ep_state).rxq.removed };
        // SAFETY: as above.
        for other in unsafe { others(vi) } {
            other.check(|rules, other| {
                // SAFETY: a watched VI is allocated.
                rules.polled = unsafe { (*(*other.vi).ep_state).rxq.removed };
            });
        }
    }

    /// A poll gave events.
    pub(crate) unsafe fn after_poll(&mut self, vi: &Checked<'_>, events: &[ef_event]) {
        for given in events {
            self.packets.event(given);
            let (queue, end) = match given.generic().type_ {
                EF_EVENT_TYPE_TX => (given.tx().q_id, given.tx().desc_id),
                EF_EVENT_TYPE_TX_ERROR => (given.tx_error().q_id, given.tx_error().desc_id),
                _ => continue,
            };
            // SAFETY: the caller's VI is allocated, and `vi_qs` true.
            let user = unsafe { event::user(vi.vi, queue) };
            if user == vi.vi {
                self.completed.push_back(end);
                continue;
            }
            // SAFETY: as above.
            for other in unsafe { others(vi) } {
                other.check(|rules, other| {
                    if other.vi == user {
                        rules.completed.push_back(end);
                    }
                });
            }
        }
    }

    /// An event is to be unbundled.
    pub(crate) unsafe fn unbundle(&mut self, vi: &Checked<'_>, given: *const ef_event) {
        // SAFETY: the ABI's contract: a TX or TX_ERROR event.
        let end = unsafe { (*given).tx().desc_id };
        if let Some(place) = self.completed.iter().position(|other| *other == end) {
            for forgotten in self.completed.drain(..=place).take(place) {
                let text =
                    format_args!("the TX event of descriptor {forgotten} was not unbundled before that of {end}");
                vi.report(Violation::EventForgotten, text);
            }
        }
    }

    /// The transmit ring was made anew.
    #[cfg(onload_since = "9.1.0")]
    pub(crate) fn revived(&mut self) {
        self.completed.clear();
        self.pio.clear();
        self.ctpio = false;
        self.written.clear();
    }

    /// A packet's timestamp is to be read.
    pub(crate) unsafe fn timestamp(&mut self, vi: &Checked<'_>, packet: *const c_void) {
        // SAFETY: the caller's VI is allocated. A packet that is a reference keeps its time.
        if unsafe { is_efct(vi.vi) } {
            return;
        }
        // SAFETY: the caller's VI is allocated.
        unsafe {
            let (ring, removed) = (&(*vi.vi).vi_rxq, (*(*vi.vi).ep_state).rxq.removed);
            let is_packet = |at: u32| {
                let word = descriptor(ring.descriptors.cast(), ring.mask, at);
                vi.nic().domain.space.translate(address(word), 1) == Ok(packet.cast_mut().cast())
            };
            let fresh = removed.wrapping_sub(self.polled);
            if (0..fresh).any(|i| is_packet(self.polled.wrapping_add(i))) {
                return;
            }
            // What was consumed before that and has not been posted again.
            let added = (*(*vi.vi).ep_state).rxq.added;
            let known = (ring.mask + 1).saturating_sub(added.wrapping_sub(removed)).saturating_sub(fresh);
            if (1..=known.min(self.polled)).any(|i| is_packet(self.polled.wrapping_sub(i))) {
                let text = format_args!("the timestamp of the packet at {packet:p}, which came before the last poll");
                vi.report(Violation::StaleTimestamp, text);
            }
        }
    }

    /// The VI is to be freed.
    pub(crate) unsafe fn freed(&mut self, vi: &Checked<'_>) {
        if self.ctpio {
            vi.report(Violation::CtpioWithoutFallback, format_args!("freed before the fallback"));
        }
        for forgotten in &self.completed {
            let text = format_args!("freed before the TX event of descriptor {forgotten} was unbundled");
            vi.report(Violation::EventForgotten, text);
        }
        self.packets.freed(vi);
    }
}

/// The other watched VIs that use this one's event queue.
unsafe fn others(vi: &Checked<'_>) -> Vec<std::sync::Arc<watch::Watch>> {
    // SAFETY: the caller's VI is allocated, and `vi_qs` true.
    unsafe {
        let users = &(&(*vi.vi).vi_qs)[..(*vi.vi).vi_qs_n as usize];
        let others = users.iter().filter(|user| !user.is_null() && **user != vi.vi);
        others.filter_map(|user| (*adapter(*user)).watch.clone()).collect()
    }
}

/// A VI was allocated: whether its event queue holds what may complete.
pub(crate) unsafe fn event_queue(vi: &Checked<'_>, queue_vi: *mut ef_vi) {
    // SAFETY: the caller's VIs are allocated, and `vi_qs` true.
    unsafe {
        let users = &(&(*queue_vi).vi_qs)[..(*queue_vi).vi_qs_n as usize];
        let needed = |user: &*mut ef_vi| {
            let (receive, transmit) = ((**user).vi_rxq.mask, (**user).vi_txq.mask);
            // A send with a timestamp, or to an alternative, takes two events. What X3 receives takes none: it has a queue of its own.
            let stamped = u32::from((**user).vi_flags & (EF_VI_TX_TIMESTAMPS | EF_VI_TX_ALT) != 0);
            let posted = u32::from((**user).nic_type.arch == EF_VI_ARCH_EF10 as u8);
            receive * posted + transmit * (1 + stamped)
        };
        let needed: u32 = users.iter().filter(|user| !user.is_null()).map(needed).sum();
        let capacity = (*queue_vi).evq_mask / 8;
        if needed > capacity {
            let text = format_args!("an event queue for {capacity} events with rings that may complete {needed}");
            vi.report(Violation::EventQueueTooSmall, text);
        }
    }
}
