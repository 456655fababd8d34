//! The adapter's time.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::time::Duration;

/// When a frame was received or sent, by the adapter's clock: time since the epoch.
///
/// Timestamps are compared by their time alone; the sync state says how far the clock is to be trusted.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Timestamp {
    /// Whole seconds since the epoch.
    pub seconds: u64,
    /// Nanoseconds of the second, below 1,000,000,000.
    pub nanoseconds: u32,
    /// The rest, in units of 1/65536 ns. Transmit timestamps carry its upper 4 bits only.
    pub fraction: u16,
    /// The state of the adapter's clock.
    pub sync: SyncState,
}

/// Whether an adapter's clock can be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct SyncState {
    /// The clock has been set (`EF_VI_SYNC_FLAG_CLOCK_SET`).
    pub clock_set: bool,
    /// The clock is in sync with its external source (`EF_VI_SYNC_FLAG_CLOCK_IN_SYNC`).
    pub in_sync: bool,
}

impl SyncState {
    #[inline]
    fn from_flags(flags: u32) -> Self {
        SyncState {
            clock_set: flags & efvi_sys::EF_VI_SYNC_FLAG_CLOCK_SET != 0,
            in_sync: flags & efvi_sys::EF_VI_SYNC_FLAG_CLOCK_IN_SYNC != 0,
        }
    }
}

/// There is no timestamp on a received frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The frame carries none (`-ENODATA`).
    #[error("the frame has no timestamp; build the virtual interface with `.timestamps(Timestamps::RX)`")]
    NoTimestamp,
    /// The library does not know the adapter's time yet (`-ENOMSG`).
    #[error("not yet synchronised with the adapter's clock; poll for a second and take the next frame's")]
    NotSynchronised,
    /// The library has lost the adapter's time (`-EL2NSYNC`).
    #[error("synchronisation with the adapter's clock was lost; poll at least four times a second")]
    SynchronisationLost,
    /// Any other failure, by its error number.
    #[error("ef_vi_receive_get_precise_timestamp failed with errno {0}; report it, it is not documented")]
    Other(i32),
}

impl TimestampError {
    #[cold]
    pub(crate) fn from_return(code: i32) -> Self {
        match code.wrapping_abs() {
            libc::ENODATA => TimestampError::NoTimestamp,
            libc::ENOMSG => TimestampError::NotSynchronised,
            libc::EL2NSYNC => TimestampError::SynchronisationLost,
            errno => TimestampError::Other(errno),
        }
    }
}

impl Timestamp {
    /// A time with `EF_VI_SYNC_FLAG_*`.
    #[inline]
    pub(crate) fn new(seconds: u64, nanoseconds: u32, fraction: u16, flags: u32) -> Self {
        Timestamp { seconds, nanoseconds, fraction, sync: SyncState::from_flags(flags) }
    }

    /// Nanoseconds from `earlier` to this, with the fraction; below zero when `earlier` is later.
    pub fn since(self, earlier: Timestamp) -> f64 {
        // The whole nanoseconds in integers: they would lose their fraction in a float of the time since the epoch.
        let nanoseconds = self.whole_nanoseconds() - earlier.whole_nanoseconds();
        let fraction = i32::from(self.fraction) - i32::from(earlier.fraction);
        nanoseconds as f64 + f64::from(fraction) / 65536.0
    }

    /// The time from `earlier` to this, rounded to whole nanoseconds; `None` when `earlier` is later.
    pub fn duration_since(self, earlier: Timestamp) -> Option<Duration> {
        let units = self.units() - earlier.units();
        let nanoseconds = u128::try_from(units).ok()?.saturating_add(1 << 15) >> 16;
        // Only rounding up from the end of time gets there.
        let seconds = u64::try_from(nanoseconds / 1_000_000_000).unwrap_or(u64::MAX);
        Some(Duration::new(seconds, (nanoseconds % 1_000_000_000) as u32))
    }

    fn whole_nanoseconds(self) -> i128 {
        i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanoseconds)
    }

    /// The time in units of 1/65536 ns.
    fn units(self) -> i128 {
        (self.whole_nanoseconds() << 16) + i128::from(self.fraction)
    }

    fn key(self) -> (u64, u32, u16) {
        (self.seconds, self.nanoseconds, self.fraction)
    }
}

impl PartialEq for Timestamp {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Timestamp {}

impl PartialOrd for Timestamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Timestamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(&other.key())
    }
}

impl Hash for Timestamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64, nanoseconds: u32, fraction: u16) -> Timestamp {
        Timestamp { seconds, nanoseconds, fraction, sync: SyncState::default() }
    }

    #[test]
    fn differences_keep_the_fraction_far_from_the_epoch() {
        let a = at(1_700_000_000, 999_999_999, 0xc000);
        let b = at(1_700_000_001, 1, 0x4000);
        assert_eq!(b.since(a), 1.5);
        assert_eq!(a.since(b), -1.5);
        assert_eq!(b.duration_since(a), Some(Duration::from_nanos(2)));
        assert_eq!(a.duration_since(b), None);
        assert_eq!(a.duration_since(a), Some(Duration::ZERO));
    }

    #[test]
    fn order_is_that_of_time_alone() {
        let a = at(1, 2, 3);
        let mut same = a;
        same.sync.in_sync = true;
        assert_eq!(a, same);
        assert!(a < at(1, 2, 4) && at(1, 2, 4) < at(1, 3, 0) && at(1, 3, 0) < at(2, 0, 0));
    }

    #[test]
    fn errors_are_told_apart() {
        assert_eq!(TimestampError::from_return(-libc::ENODATA), TimestampError::NoTimestamp);
        assert_eq!(TimestampError::from_return(-libc::ENOMSG), TimestampError::NotSynchronised);
        assert_eq!(TimestampError::from_return(-libc::EL2NSYNC), TimestampError::SynchronisationLost);
        assert_eq!(TimestampError::from_return(-5), TimestampError::Other(5));
    }

    #[test]
    fn extremes_do_not_overflow() {
        let last = at(u64::MAX, 999_999_999, u16::MAX);
        assert!(last.since(at(0, 0, 0)) > 1e27);
        assert!(last.duration_since(at(0, 0, 0)).is_some());
    }
}
