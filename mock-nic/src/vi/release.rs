//! What differs between releases of Onload, and nothing else: the rest of the mock is the same for all.

use crate::abi::*;
#[cfg(any(onload_since = "9.0.1", onload = "8.1-next"))]
use core::ffi::c_int;
#[cfg(onload_since = "9.0.1")]
use {
    super::{event, timestamp, warm},
    core::ffi::c_void,
};

/// The entries of `ops` that some releases lack; all others are empty here.
pub(crate) const OPS: ef_vi_ops = {
    // SAFETY: the table holds optional functions only, and zeros are none.
    let mut ops: ef_vi_ops = unsafe { core::mem::zeroed() };
    #[cfg(onload_since = "9.0.1")]
    {
        ops.start_transmit_warm = Some(warm::start_warm);
        ops.stop_transmit_warm = Some(warm::stop_warm);
        ops.receive_get_timestamp = Some(precise_timestamp);
        ops.eventq_has_event = Some(has_event);
        ops.eventq_has_many_events = Some(event::has_many_events);
    }
    #[cfg(not(onload_since = "9.0.1"))]
    {
        ops.transmitv_init_extra = Some(no_extra);
        ops.transmit_memcpy = Some(no_memcpy);
        ops.transmit_memcpy_sync = Some(no_memcpy_sync);
    }
    #[cfg(onload_since = "9.0.2")]
    {
        ops.receive_poll = Some(no_poll);
    }
    #[cfg(onload_since = "9.1-next")]
    {
        ops.receive_get_filter_id = Some(filter_id);
    }
    #[cfg(any(onload = "8.1-next", onload = "9.2-next"))]
    {
        ops.future_eventq_poll = Some(no_poll);
    }
    ops
};

/// The flag for filter ids, which the older releases lack.
#[cfg(onload_since = "9.1-next")]
pub(crate) const RX_FILTER_ID: ef_vi_flags = EF_VI_RX_FILTER_ID;
#[cfg(not(onload_since = "9.1-next"))]
pub(crate) const RX_FILTER_ID: ef_vi_flags = 0;

/// Whether a VI's flags ask for filter ids.
pub(crate) const fn has_filter_ids(flags: ef_vi_flags) -> bool {
    #[cfg(onload_since = "9.1-next")]
    return flags & EF_VI_RX_FILTER_ID != 0;
    #[cfg(not(onload_since = "9.1-next"))]
    {
        _ = flags;
        false
    }
}

/// The layout's entry for filter ids, of which the older releases have none to show.
#[cfg(onload_since = "9.1-next")]
pub(crate) const LAYOUT_FILTER_ID: ef_vi_layout_type = EF_VI_LAYOUT_FILTER_ID;
#[cfg(not(onload_since = "9.1-next"))]
pub(crate) const LAYOUT_FILTER_ID: ef_vi_layout_type = EF_VI_LAYOUT_PACKET_LENGTH;

/// Whether a domain's flags ask for X4's express datapath; the flag has had two names.
pub(crate) const fn is_express(flags: ef_pd_flags) -> bool {
    #[cfg(onload_since = "9.1.0")]
    return flags & EF_PD_EXPRESS != 0;
    #[cfg(all(onload_since = "9.0.1", not(onload_since = "9.1.0")))]
    return flags & EF_PD_LLCT != 0;
    #[cfg(not(onload_since = "9.0.1"))]
    {
        _ = flags;
        false
    }
}

/// Whether a filter's flags ask for a queue that others may use, too.
pub(crate) const fn is_shared(flags: ef_filter_flags) -> bool {
    #[cfg(onload_since = "9.1.0")]
    return flags & EF_FILTER_FLAG_SHARED_RXQ != 0;
    #[cfg(not(onload_since = "9.1.0"))]
    {
        _ = flags;
        false
    }
}

/// A capability that is asked for, and the domain's flags for the datapath that is asked about.
pub(crate) fn capability_flags(capability: ef_vi_capability) -> (ef_vi_capability, ef_pd_flags) {
    #[cfg(onload_since = "9.1.0")]
    if capability & EF_VI_CAP_F_LLCT != 0 {
        return (capability & !EF_VI_CAP_F_ALL, EF_PD_EXPRESS);
    }
    (capability, EF_PD_DEFAULT)
}

/// The architecture of X4's express datapath; the older releases know no X4.
#[cfg(onload_since = "9.0.1")]
pub(crate) const EF10CT: Option<ef_vi_arch> = Some(EF_VI_ARCH_EF10CT);
#[cfg(not(onload_since = "9.0.1"))]
pub(crate) const EF10CT: Option<ef_vi_arch> = None;

/// Fields that only some releases have.
pub(crate) fn fill(host: &mut ef_vi, events: usize) {
    #[cfg(onload_since = "9.0.1")]
    {
        host.ts_subnano_bits = 2;
    }
    #[cfg(onload_since = "9.2.0")]
    if events > 0 {
        host.evq_max_events = events as core::ffi::c_uint - 1;
    }
    // The older releases have neither.
    let _ = (host, events);
}

/// Notes the VI whose event queue this one uses.
pub(crate) fn set_queue_vi(host: &mut ef_vi, queue_vi: *mut ef_vi) {
    #[cfg(onload_since = "9.2.0")]
    {
        host.evq_vi = queue_vi;
    }
    #[cfg(not(onload_since = "9.2.0"))]
    let _ = (host, queue_vi);
}

/// Keeps the first half of a transmit timestamp until the second comes.
pub(crate) fn keep_stamp(state: &mut ef_vi_txq_state, nanoseconds: u32, sixteenths: u8) {
    state.ts_nsec = nanoseconds;
    #[cfg(onload_since = "9.0.1")]
    {
        state.ts_nsec_frac = sixteenths.into();
    }
    #[cfg(not(onload_since = "9.0.1"))]
    let _ = sixteenths;
}

/// Completes the event of a timestamped send.
pub(crate) fn stamp_event(event: ef_event_tx_timestamp, low: &ef_vi_txq_state, flags: u32) -> ef_event_tx_timestamp {
    #[cfg(onload_since = "9.0.1")]
    return ef_event_tx_timestamp {
        ts_nsec: low.ts_nsec,
        ts_nsec_frac: low.ts_nsec_frac.into(),
        ts_flags: flags,
        ..event
    };
    // The flags take the place of the lowest bits.
    #[cfg(not(onload_since = "9.0.1"))]
    return ef_event_tx_timestamp {
        ts_nsec: low.ts_nsec & !EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK | flags & EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK,
        ..event
    };
}

/// The event of a timestamped send with only those of its sync flags that are in `kept`.
pub(crate) fn with_sync_flags(event: ef_event_tx_timestamp, kept: u32) -> ef_event_tx_timestamp {
    #[cfg(onload_since = "9.0.1")]
    return ef_event_tx_timestamp { ts_flags: event.ts_flags & kept, ..event };
    #[cfg(not(onload_since = "9.0.1"))]
    return ef_event_tx_timestamp { ts_nsec: event.ts_nsec & (kept | !EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK), ..event };
}

/// `ef_vi_receive_get_precise_timestamp`.
#[cfg(onload_since = "9.0.1")]
unsafe extern "C" fn precise_timestamp(vi: *mut ef_vi, packet: *const c_void, out: *mut ef_precisetime) -> c_int {
    // SAFETY: the ABI's contract: a packet of the last poll, and room for the result.
    unsafe {
        out.write(ef_precisetime { tv_sec: 0, tv_nsec: 0, tv_nsec_frac: 0, tv_flags: 0 });
        match timestamp::stamp(vi, packet) {
            Ok(stamp) => {
                out.write(ef_precisetime {
                    tv_sec: stamp.seconds.into(),
                    tv_nsec: stamp.quarters / 4,
                    tv_nsec_frac: (stamp.quarters as u16 & 3) << 14,
                    tv_flags: stamp.flags as u16,
                });
                0
            }
            Err(rc) => rc,
        }
    }
}

/// `ef_eventq_has_event`.
#[cfg(onload_since = "9.0.1")]
unsafe extern "C" fn has_event(vi: *const ef_vi) -> c_int {
    // SAFETY: as for `has_many_events`.
    unsafe { event::has_many_events(vi, 1) }
}

/// `ef_vi_receive_get_filter_id`: from the packet's prefix.
#[cfg(onload_since = "9.1-next")]
unsafe extern "C" fn filter_id(vi: *mut ef_vi, _event: *const ef_event, packet: *const c_void) -> i32 {
    // SAFETY: the ABI's contract: a VI that was allocated, and a packet of it.
    unsafe {
        if !has_filter_ids((*vi).vi_flags) {
            return -libc::EOPNOTSUPP;
        }
        match u16::from_le(packet.byte_add(super::receive::PREFIX_FILTER_AT).cast::<u16>().read_unaligned()) {
            super::receive::NO_FILTER => -libc::ENODATA,
            id => id.into(),
        }
    }
}

#[cfg(any(onload_since = "9.0.2", onload = "8.1-next"))]
unsafe extern "C" fn no_poll(_: *mut ef_vi, _: *mut ef_event, _: c_int) -> c_int {
    -libc::EOPNOTSUPP
}

#[cfg(not(onload_since = "9.0.1"))]
pub(crate) use until_8_1::*;

/// What only the branch 8.1 has.
#[cfg(not(onload_since = "9.0.1"))]
mod until_8_1 {
    use crate::abi::*;
    use crate::vi::{efct, event};
    use core::ffi::c_int;

    pub(crate) unsafe extern "C" fn no_extra(
        _: *mut ef_vi,
        _: *const ef_vi_tx_extra,
        _: *const ef_remote_iovec,
        _: c_int,
        _: ef_request_id,
    ) -> c_int {
        -libc::EOPNOTSUPP
    }

    pub(crate) unsafe extern "C" fn no_memcpy(
        _: *mut ef_vi,
        _: *const ef_remote_iovec,
        _: c_int,
        _: *const ef_remote_iovec,
        _: c_int,
    ) -> isize {
        -libc::EOPNOTSUPP as isize
    }

    pub(crate) unsafe extern "C" fn no_memcpy_sync(_: *mut ef_vi, _: ef_request_id) -> c_int {
        -libc::EOPNOTSUPP
    }

    /// `ef_eventq_check_event`: whether there is an event so many after the next.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn ef_eventq_check_event(vi: *const ef_vi, look_ahead: c_int) -> c_int {
        // SAFETY: the same contract.
        unsafe { event::has_many_events(vi, look_ahead.saturating_add(1)) }
    }

    /// `ef_eventq_check_event_phase_bit`: as above, on adapters with phase bits, such as X3.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn ef_eventq_check_event_phase_bit(vi: *const ef_vi, look_ahead: c_int) -> c_int {
        // SAFETY: the same contract.
        unsafe { efct::has_many_events(vi, look_ahead.saturating_add(1)) }
    }

    /// `efxdp_ef_eventq_check_event`: as above.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn efxdp_ef_eventq_check_event(vi: *const ef_vi, look_ahead: c_int) -> c_int {
        // SAFETY: the same contract.
        unsafe { ef_eventq_check_event(vi, look_ahead) }
    }

    /// `efct_ef_eventq_check_event`: whether there is an event, on X3.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn efct_ef_eventq_check_event(vi: *const ef_vi) -> c_int {
        // SAFETY: the same contract.
        unsafe { efct::has_event(vi) }
    }
}
