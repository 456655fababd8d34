//! When a packet arrived: the prefix has the part of a second, time events tell of the second.

use super::receive::PREFIX_STAMP_AT;
use super::{Vi, adapter, is_efct};
use crate::abi::*;
use crate::watch::exported;
use crate::wire::Arrival;
use core::ffi::{c_int, c_uint, c_void};
use core::ptr;

/// The prefix's timestamp field where there is no timestamp.
const NO_STAMP: u32 = u32::MAX;

/// Quarters of a nanosecond in a second.
const SECOND: u32 = 4_000_000_000;

/// The part of a second at which a frame arrived.
#[inline]
pub(super) fn quarters(vi: &Vi, arrival: &Arrival, stamps: bool) -> u32 {
    if stamps && arrival.stamp != 0 {
        let time = vi.clock.time(arrival.stamp);
        time.nanoseconds * 4 + u32::from(time.sixteenths >> 2)
    } else {
        NO_STAMP
    }
}

/// When a packet arrived.
pub(crate) struct Stamp {
    pub seconds: u32,
    /// Quarters of a nanosecond.
    pub quarters: u32,
    /// `EF_VI_SYNC_FLAG_*`.
    pub flags: u32,
}

/// What `ef_vi_receive_get_precise_timestamp` finds, or its negative result.
///
/// The prefix holds the part below a second; the second is that of the last time event, or the one before or after it.
/// The difference to that event tells which, and where it is neither the queue is out of step.
pub(crate) unsafe fn stamp(vi: *mut ef_vi, packet: *const c_void) -> core::result::Result<Stamp, c_int> {
    // SAFETY: as in `init`; the packet starts with its prefix.
    unsafe {
        if is_efct(vi) {
            return super::efct::stamp(vi, packet);
        }
        if (*vi).vi_flags & EF_VI_RX_TIMESTAMPS == 0 {
            return Err(-libc::ENODATA);
        }
        let quarters = u32::from_le(ptr::read_unaligned(packet.byte_add(PREFIX_STAMP_AT).cast()));
        if quarters == NO_STAMP {
            return Err(-libc::ENODATA);
        }
        let evq = &raw mut (*(*(*adapter(vi)).queue_vi).ep_state).evq;
        if (*evq).sync_timestamp_synchronised == 0 {
            return Err(if (*evq).sync_timestamp_major == u32::MAX { -libc::ENOMSG } else { -libc::EL2NSYNC });
        }
        let Some(seconds) = second_of(quarters, (*evq).sync_timestamp_major, (*evq).sync_timestamp_minor) else {
            (*evq).sync_timestamp_synchronised = 0;
            return Err(-libc::EL2NSYNC);
        };
        Ok(Stamp { seconds, quarters, flags: (*evq).sync_flags })
    }
}

/// Writes a packet's time as the older calls give it.
pub(crate) unsafe fn timestamp(
    vi: *mut ef_vi,
    packet: *const c_void,
    out: *mut libc::timespec,
    flags_out: *mut c_uint,
) -> c_int {
    // SAFETY: the ABI's contract: a packet of the last poll, and room for both results.
    unsafe {
        let (stamp, rc) = match stamp(vi, packet) {
            Ok(stamp) => (stamp, 0),
            Err(rc) => (Stamp { seconds: 0, quarters: 0, flags: 0 }, rc),
        };
        (*out).tv_sec = stamp.seconds.into();
        (*out).tv_nsec = (stamp.quarters / 4).into();
        *flags_out = stamp.flags;
        rc
    }
}

unsafe fn timestamp_alone(vi: *mut ef_vi, packet: *const c_void, out: *mut libc::timespec) -> c_int {
    let mut flags = 0;
    // SAFETY: the same contract.
    let rc = unsafe { timestamp(vi, packet, out, &mut flags) };
    if rc < 0 { -1 } else { 0 }
}

/// The second in which a packet arrived, from its part of a second and the last time event; none where the packet is
/// neither up to 0.45 s younger than the event (they come each 0.25 s, and may be 0.2 s late) nor 0.1 s older.
fn second_of(quarters: u32, major: u32, minor: u32) -> Option<u32> {
    let wrapped = quarters < minor;
    let difference = if wrapped { quarters + (SECOND - minor) } else { quarters - minor };
    if difference < SECOND / 4 + SECOND / 5 {
        Some(major.wrapping_add(wrapped.into()))
    } else if difference > SECOND - SECOND / 10 {
        Some(major.wrapping_sub((!wrapped).into()))
    } else {
        None
    }
}

exported! {
    /// `ef_vi_receive_get_timestamp_with_sync_flags`.
    fn ef_vi_receive_get_timestamp_with_sync_flags(
        vi: *mut ef_vi, packet: *const c_void, out: *mut libc::timespec, flags_out: *mut c_uint
    ) -> c_int = timestamp, before |rules, vi| rules.timestamp(vi, packet);
    /// `ef_vi_receive_get_timestamp`, which tells of no reason why there is none.
    fn ef_vi_receive_get_timestamp(vi: *mut ef_vi, packet: *const c_void, out: *mut libc::timespec) -> c_int
        = timestamp_alone, before |rules, vi| rules.timestamp(vi, packet);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_found_around_the_time_event() {
        let quarter = SECOND / 4;
        assert_eq!(second_of(5, 100, 5), Some(100));
        assert_eq!(second_of(quarter, 100, 0), Some(100));
        assert_eq!(second_of(3, 100, 3 * quarter), Some(101), "after it, in the next second");
        assert_eq!(second_of(quarter - 9, 100, quarter), Some(100), "a little before it");
        assert_eq!(second_of(SECOND - 9, 100, 0), Some(99), "before it, in the last second");
        assert_eq!(second_of(2 * quarter, 100, 0), None, "too far from it to tell");
        assert_eq!(second_of(0, 100, 2 * quarter), None);
    }
}
