//! What the tests use that differs between releases of Onload.

use core::ffi::{c_int, c_ulong, c_void};

use efvi_sys::*;

/// A receive timestamp.
#[derive(Debug)]
pub struct Time {
    pub seconds: u64,
    pub nanoseconds: u32,
    /// `EF_VI_SYNC_FLAG_*`.
    pub flags: u32,
}

/// The time of a packet, or the call's negative result.
///
/// # Safety
///
/// `vi` is allocated, and `packet` a buffer with room for a prefix.
#[cfg(onload_since = "9.0.1")]
pub unsafe fn timestamp(vi: *mut ef_vi, packet: *const c_void) -> Result<Time, c_int> {
    let mut time = ef_precisetime { tv_sec: -1, tv_nsec: 0, tv_nsec_frac: 0, tv_flags: 0 };
    // SAFETY: the same contract.
    let rc = unsafe { ef_vi_receive_get_precise_timestamp(vi, packet, &mut time) };
    if rc != 0 {
        return Err(rc);
    }
    Ok(Time { seconds: time.tv_sec as u64, nanoseconds: time.tv_nsec, flags: time.tv_flags.into() })
}

/// The time of a packet, or the call's negative result.
///
/// # Safety
///
/// `vi` is allocated, and `packet` a buffer with room for a prefix.
#[cfg(not(onload_since = "9.0.1"))]
pub unsafe fn timestamp(vi: *mut ef_vi, packet: *const c_void) -> Result<Time, c_int> {
    let (mut time, mut flags) = (libc::timespec { tv_sec: -1, tv_nsec: 0 }, 0);
    // SAFETY: the same contract.
    let rc = unsafe { ef_vi_receive_get_timestamp_with_sync_flags(vi, packet, &mut time, &mut flags) };
    if rc != 0 {
        return Err(rc);
    }
    Ok(Time { seconds: time.tv_sec as u64, nanoseconds: time.tv_nsec as u32, flags })
}

/// The domain's flag for X4's express datapath.
#[cfg(onload_since = "9.1.0")]
pub const EXPRESS: ef_pd_flags = EF_PD_EXPRESS;
/// The domain's flag for X4's express datapath.
#[cfg(all(onload_since = "9.0.1", not(onload_since = "9.1.0")))]
pub const EXPRESS: ef_pd_flags = EF_PD_LLCT;

/// A capability of the adapter, or the call's negative result.
///
/// # Safety
///
/// `pd` is allocated, or zeros.
#[cfg(onload_since = "9.1.0")]
pub unsafe fn capability(
    driver: ef_driver_handle,
    pd: *mut ef_pd,
    wanted: ef_vi_capability,
    value: &mut c_ulong,
) -> c_int {
    // SAFETY: the same contract.
    unsafe { ef_pd_capabilities_get(driver, pd, driver, wanted, value) }
}

/// A capability of the adapter, or the call's negative result. These releases ask by the interface's index.
///
/// # Safety
///
/// `pd` is allocated, or zeros.
#[cfg(not(onload_since = "9.1.0"))]
pub unsafe fn capability(
    driver: ef_driver_handle,
    pd: *mut ef_pd,
    wanted: ef_vi_capability,
    value: &mut c_ulong,
) -> c_int {
    // SAFETY: the same contract.
    let name = unsafe { ef_pd_interface_name(pd) };
    if name.is_null() {
        return -libc::ENODEV;
    }
    // SAFETY: the name of a domain is a string.
    let name = unsafe { std::ffi::CStr::from_ptr(name) };
    // A fabric's ports are no interfaces of the machine: their names have their indices from this one on.
    let index = match name.to_str().ok().and_then(|n| n.strip_prefix("mock")?.parse::<c_int>().ok()) {
        Some(number) => 0x4000_0000 + number,
        // SAFETY: a string.
        None => unsafe { libc::if_nametoindex(name.as_ptr()) as c_int },
    };
    // SAFETY: there is room for the value.
    unsafe { ef_vi_capabilities_get(driver, index, wanted, value) }
}

/// The VI that a queue id in an event stands for.
///
/// # Safety
///
/// `vi` is allocated, and `id` is from one of its events.
pub unsafe fn vi_of_queue(vi: *mut ef_vi, id: c_int) -> *mut ef_vi {
    #[cfg(onload_since = "9.1.0")]
    // SAFETY: the same contract.
    return unsafe { ef_vi_get_vi_from_q_id(vi, id) };
    #[cfg(not(onload_since = "9.1.0"))]
    // SAFETY: the same contract.
    return unsafe { (*vi).vi_qs[id as usize] };
}

/// What `ef_eventq_has_many_events` is given to tell whether so many events wait: until 8.1 it looks at the event that is
/// so many after the next.
pub const fn look_ahead(count: c_int) -> c_int {
    if cfg!(onload_since = "9.0.1") { count } else { count - 1 }
}
