//! Event merging: one event for several receive descriptors.

use super::discards::Errors;
use super::event::Event;
use super::{Vi, ids_slot};
use crate::abi::*;
use crate::watch::exported;
use core::ffi::c_int;

/// Frames, each in one descriptor and nothing wrong with it, of which the event is still to be raised.
#[derive(Clone, Copy, Default)]
pub(crate) struct Pending {
    count: u32,
    multicast: bool,
}

impl Vi {
    /// A frame was written into so many descriptors.
    ///
    /// Good frames of one descriptor share an event with those before them of the same class; any other has events of
    /// its own, for it is the last descriptor to which an event's flags and errors belong.
    #[inline(never)]
    pub(super) fn merge(&mut self, descriptors: u32, multicast: bool, errors: Errors) {
        let pending = self.rx.pending;
        if pending.count == EF_VI_RECEIVE_BATCH || pending.multicast != multicast || descriptors > 1 || errors.0 != 0 {
            self.flush_merged();
        }
        if descriptors == 1 && errors.0 == 0 {
            self.rx.pending = Pending { count: self.rx.pending.count + 1, multicast };
            return;
        }
        self.raise_merged(descriptors, false, multicast, errors);
    }

    /// So many descriptors were filled with the beginning of a frame, for the rest of which there are none.
    #[cold]
    pub(super) fn merge_truncated(&mut self, descriptors: u32, multicast: bool) {
        self.flush_merged();
        self.raise_merged(descriptors, true, multicast, Errors(0));
    }

    fn raise_merged(&mut self, mut descriptors: u32, more: bool, multicast: bool, errors: Errors) {
        let label = self.label;
        while descriptors > EF_VI_RECEIVE_BATCH {
            let count = EF_VI_RECEIVE_BATCH;
            self.events().raise(Event::Merged { label, count, more: true, multicast, errors: Errors(0) });
            descriptors -= count;
        }
        self.events().raise(Event::Merged { label, count: descriptors, more, multicast, errors });
    }

    /// Raises the event of the frames that wait for more.
    #[inline(never)]
    pub(super) fn flush_merged(&mut self) {
        let Pending { count, multicast } = core::mem::take(&mut self.rx.pending);
        if count > 0 {
            let label = self.label;
            self.events().raise(Event::Merged { label, count, more: false, multicast, errors: Errors(0) });
        }
    }
}

/// The application's event for descriptors that were consumed. They stay on the ring until it is unbundled.
pub(super) unsafe fn event(
    vi: *mut ef_vi,
    label: u32,
    count: u32,
    more: bool,
    multicast: bool,
    errors: Errors,
) -> ef_event {
    // SAFETY: the caller gives a VI of the queue; its state stays while it does.
    let (counted, flags) = unsafe {
        let state = &raw mut (*(*vi).ep_state).rxq;
        let mut flags = u32::from(multicast) * EF_EVENT_FLAG_MULTICAST;
        if (*state).in_jumbo == 0 {
            flags |= EF_EVENT_FLAG_SOP;
        }
        if more {
            flags |= EF_EVENT_FLAG_CONT;
        }
        (*state).in_jumbo = more.into();
        (*state).last_desc_i = (*state).last_desc_i.wrapping_add(count as u16) & 0xf;
        (errors.counted(vi), flags)
    };
    if counted.0 == 0 {
        return ef_event_rx_multi { q_id: label, n_descs: count, flags, ..Default::default() }.into();
    }
    let subtype = counted.subtype();
    ef_event_rx_multi_discard { q_id: label, n_descs: count, flags, subtype, ..Default::default() }.into()
}

exported! {
    /// `ef_vi_receive_unbundle`.
    fn ef_vi_receive_unbundle(vi: *mut ef_vi, event: *const ef_event, ids: *mut ef_request_id) -> c_int = unbundle;
}

unsafe fn unbundle(vi: *mut ef_vi, event: *const ef_event, ids: *mut ef_request_id) -> c_int {
    // SAFETY: the ABI's contract: a RX_MULTI or RX_MULTI_DISCARD event of this VI, which one thread uses, and room for
    // EF_VI_RECEIVE_BATCH ids.
    unsafe {
        let mut count = 0;
        for _ in 0..(*event).rx_multi().n_descs.min(EF_VI_RECEIVE_BATCH) {
            let id = next_id(vi);
            if id != EF_REQUEST_ID_MASK {
                *ids.add(count) = id as ef_request_id;
                count += 1;
            }
        }
        count as c_int
    }
}

/// `ef_vi_rxq_next_desc_id`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_rxq_next_desc_id(vi: *mut ef_vi) -> ef_request_id {
    // SAFETY: this call's contract.
    unsafe { next_id(vi) as ef_request_id }
}

/// Takes the next descriptor's id off the ring.
#[inline]
pub(super) unsafe fn next_id(vi: *mut ef_vi) -> u32 {
    // SAFETY: the caller gives a VI that was allocated; its state and ring stay while it does.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).rxq;
        let slot = ids_slot((*vi).vi_rxq.ids, (*state).removed, (*vi).vi_rxq.mask);
        (*state).removed = (*state).removed.wrapping_add(1);
        slot.replace(EF_REQUEST_ID_MASK)
    }
}
