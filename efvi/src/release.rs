//! What differs between releases of Onload, and nothing else: the rest of the crate is the same for all.

#[cfg(not(onload_since = "9.1.0"))]
use core::ffi::CStr;
use core::ffi::{c_int, c_ulong, c_void};

use efvi_sys::{ef_driver_handle, ef_event, ef_pd, ef_vi, ef_vi_capability};

use crate::time::{Timestamp, TimestampError};

/// The adapters that receive into memory of their own, by their architecture: X3, and X4 on its express datapath.
pub(crate) const fn receives_by_reference(architecture: efvi_sys::ef_vi_arch) -> bool {
    #[cfg(onload_since = "9.0.1")]
    if architecture == efvi_sys::EF_VI_ARCH_EF10CT {
        return true;
    }
    architecture == efvi_sys::EF_VI_ARCH_EFCT
}

/// Whether the library polls for received frames alone on the VI's adapter, which it does since Onload 9.0.2.
///
/// # Safety
///
/// `vi` is live and this its only thread.
pub(crate) unsafe fn polls_received_alone(vi: *const ef_vi) -> bool {
    #[cfg(onload_since = "9.0.2")]
    // SAFETY: the same contract.
    return unsafe { (*vi).ops.receive_poll.is_some() };
    #[cfg(not(onload_since = "9.0.2"))]
    {
        _ = vi;
        false
    }
}

/// Polls for received frames alone.
///
/// # Safety
///
/// `vi` is live and this its only thread, its library does that (`polls_received_alone`), and there is room for as many
/// events.
#[inline(always)]
pub(crate) unsafe fn receive_poll(vi: *mut ef_vi, events: *mut ef_event, room: c_int) -> c_int {
    #[cfg(onload_since = "9.0.2")]
    // SAFETY: the same contract.
    return unsafe { efvi_sys::ef_receive_poll(vi, events, room) };
    // Not called, then.
    #[cfg(not(onload_since = "9.0.2"))]
    // SAFETY: the same contract.
    unsafe {
        efvi_sys::ef_eventq_poll(vi, events, room)
    }
}

/// When a packet was received.
///
/// # Safety
///
/// `vi` is live and this its only thread; `packet` is the start of a frame of its last poll, prefix included; its number
/// is given if the adapter has it in memory of its own.
#[cfg(onload_since = "9.0.1")]
#[inline]
pub(crate) unsafe fn receive_timestamp(
    vi: *mut ef_vi,
    packet: *const c_void,
    _: Option<u32>,
) -> Result<Timestamp, TimestampError> {
    let mut time = efvi_sys::ef_precisetime { tv_sec: 0, tv_nsec: 0, tv_nsec_frac: 0, tv_flags: 0 };
    // SAFETY: the VI is live. Not every adapter has the operation.
    if unsafe { (*vi).ops.receive_get_timestamp.is_none() } {
        return Err(TimestampError::NoTimestamp);
    }
    // SAFETY: the same contract; the adapter has the operation, and there is room for the result.
    match unsafe { efvi_sys::ef_vi_receive_get_precise_timestamp(vi, packet, &raw mut time) } {
        code if code < 0 => Err(TimestampError::from_return(code)),
        _ => Ok(Timestamp::new(time.tv_sec as u64, time.tv_nsec, time.tv_nsec_frac, time.tv_flags.into())),
    }
}

/// When a packet was received: in these releases by a call that has no fraction.
///
/// # Safety
///
/// `vi` is live and this its only thread; `packet` is the start of a frame of its last poll, prefix included; its number
/// is given if the adapter has it in memory of its own.
#[cfg(not(onload_since = "9.0.1"))]
#[inline]
pub(crate) unsafe fn receive_timestamp(
    vi: *mut ef_vi,
    packet: *const c_void,
    reference: Option<u32>,
) -> Result<Timestamp, TimestampError> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let mut flags = 0;
    let code = match reference {
        // SAFETY: the same contract; there is room for both results.
        None => unsafe {
            efvi_sys::ef_vi_receive_get_timestamp_with_sync_flags(vi, packet, &raw mut time, &raw mut flags)
        },
        // SAFETY: as above, and the packet is of that number.
        Some(id) => unsafe { efvi_sys::efct_vi_rxpkt_get_timestamp(vi, id, &raw mut time, &raw mut flags) },
    };
    match code {
        code if code < 0 => Err(TimestampError::from_return(code)),
        _ => Ok(Timestamp::new(time.tv_sec as u64, time.tv_nsec as u32, 0, flags)),
    }
}

/// The timestamp of an `EF_EVENT_TYPE_TX_WITH_TIMESTAMP` event.
#[inline]
pub(crate) fn transmit_timestamp(event: &ef_event) -> Timestamp {
    let tx = event.tx_timestamp();
    // The event has the upper bits of the fraction.
    #[cfg(onload_since = "9.0.1")]
    let (nanoseconds, fraction) = (tx.ts_nsec, (tx.ts_nsec_frac << (16 - efvi_sys::EF_VI_TX_TS_FRAC_NS_BITS)) as u16);
    // The flags are in the place of the lowest bits.
    #[cfg(not(onload_since = "9.0.1"))]
    let (nanoseconds, fraction) = (tx.ts_nsec & !efvi_sys::EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK, 0);
    let flags = efvi_sys::EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(event);
    Timestamp::new(u64::from(tx.ts_sec), nanoseconds, fraction, flags)
}

/// What an adapter says of a capability, with the call's result.
///
/// # Safety
///
/// `handle` is open, and `pd` is live and used by nobody else.
#[cfg(onload_since = "9.1.0")]
pub(crate) unsafe fn capability(
    handle: ef_driver_handle,
    pd: *mut ef_pd,
    capability: ef_vi_capability,
    value: &mut c_ulong,
) -> c_int {
    // SAFETY: the same contract.
    unsafe { efvi_sys::ef_pd_capabilities_get(handle, pd, handle, capability, value) }
}

/// What an adapter says of a capability, with the call's result: in these releases it is asked for by the interface.
///
/// # Safety
///
/// `handle` is open, and `pd` is live and used by nobody else.
#[cfg(not(onload_since = "9.1.0"))]
pub(crate) unsafe fn capability(
    handle: ef_driver_handle,
    pd: *mut ef_pd,
    capability: ef_vi_capability,
    value: &mut c_ulong,
) -> c_int {
    // SAFETY: the domain is live.
    let name = unsafe { efvi_sys::ef_pd_interface_name(pd) };
    if name.is_null() {
        return -libc::ENODEV;
    }
    // SAFETY: not null, so a C string of the domain.
    match index_of(unsafe { CStr::from_ptr(name) }) {
        0 => -libc::ENODEV,
        // SAFETY: the handle is open, and there is room for the value.
        index => unsafe { efvi_sys::ef_vi_capabilities_get(handle, index as c_int, capability, value) },
    }
}

/// The index of an interface, 0 if there is none of that name.
#[cfg(not(onload_since = "9.1.0"))]
fn index_of(name: &CStr) -> core::ffi::c_uint {
    // SAFETY: a C string.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        // The system does not know the ports of a fabric.
        #[cfg(feature = "mock-nic")]
        0 => mock_nic::port_index(name).unwrap_or(0),
        index => index,
    }
}

/// What an adapter says of a capability before there is a domain with these flags.
///
/// # Safety
///
/// `handle` is open.
#[cfg(onload_since = "9.1.0")]
pub(crate) unsafe fn capability_of_interface(
    handle: ef_driver_handle,
    index: c_int,
    flags: efvi_sys::ef_pd_flags,
    capability: ef_vi_capability,
    value: &mut c_ulong,
) -> c_int {
    // SAFETY: the same contract; there is room for the value.
    unsafe { efvi_sys::ef_vi_capabilities_get_from_pd_flags(handle, index, flags, capability, value) }
}

/// What an adapter says of a capability: in these releases whatever the flags.
///
/// # Safety
///
/// `handle` is open.
#[cfg(not(onload_since = "9.1.0"))]
pub(crate) unsafe fn capability_of_interface(
    handle: ef_driver_handle,
    index: c_int,
    _flags: efvi_sys::ef_pd_flags,
    capability: ef_vi_capability,
    value: &mut c_ulong,
) -> c_int {
    // SAFETY: the same contract; there is room for the value.
    unsafe { efvi_sys::ef_vi_capabilities_get(handle, index, capability, value) }
}

/// The flag for the express datapath, which has had two names.
#[cfg(onload_since = "9.1.0")]
pub(crate) const PD_EXPRESS: efvi_sys::ef_pd_flags = efvi_sys::EF_PD_EXPRESS;
#[cfg(all(onload_since = "9.0.1", not(onload_since = "9.1.0")))]
pub(crate) const PD_EXPRESS: efvi_sys::ef_pd_flags = efvi_sys::EF_PD_LLCT;

/// Whether a filter's receive queue is the VI's own, which the oldest release does not say.
#[cfg(onload_since = "8.1.2")]
pub(crate) fn is_exclusive(flags: core::ffi::c_uint) -> bool {
    flags & efvi_sys::EF_FILTER_IS_EXCLUSIVE as core::ffi::c_uint != 0
}
#[cfg(not(onload_since = "8.1.2"))]
pub(crate) fn is_exclusive(_flags: core::ffi::c_uint) -> bool {
    false
}

#[cfg(all(test, onload_since = "9.0.1"))]
mod tests {
    use std::boxed::Box;
    use std::mem::MaybeUninit;

    use super::*;

    #[test]
    fn an_adapter_without_timestamps_has_none() {
        // SAFETY: the structure is integers, pointers and optional functions, for which zeros are valid.
        let mut vi: Box<ef_vi> = unsafe { Box::new(MaybeUninit::zeroed().assume_init()) };
        // SAFETY: nothing is called: the table is empty.
        let time = unsafe { receive_timestamp(&raw mut *vi, core::ptr::null(), None) };
        assert_eq!(time, Err(TimestampError::NoTimestamp));
    }
}
