//! When a frame was received or sent.

use core::cmp::Ordering;
use core::hash::{Hash, Hasher};
use core::ops::{Add, Sub};
use core::time::Duration;
#[cfg(feature = "std")]
use std::time::{SystemTime, UNIX_EPOCH};

use super::TimeDelta;

/// When a frame was received or sent, by the adapter's clock: time since the epoch.
///
/// Timestamps are compared by their time alone; the sync state says how far the clock is to be trusted. The difference
/// of two is a [`TimeDelta`].
///
/// # Which clock
/// This is the adapter's clock. Timestamps of both directions and of all virtual interfaces of one adapter are by the
/// same; those of two adapters can be held against each other only while both are [in sync](SyncState::in_sync). The
/// host's clock is another: `SystemTime` and `Instant` can't be subtracted from a timestamp, nor compared with one.
/// [`to_system_time`](Self::to_system_time) says where the two are taken for one.
///
/// ```
/// # fn latency(received: efvi::Timestamp, sent: efvi::Timestamp) -> efvi::TimeDelta {
/// sent - received // both by the adapter's clock
/// # }
/// ```
/// ```compile_fail,E0308
/// # fn latency(received: efvi::Timestamp) -> efvi::TimeDelta {
/// std::time::SystemTime::now() - received // by two clocks
/// # }
/// ```
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
///
/// ```
/// # fn is_of_use(time: efvi::Timestamp) -> bool {
/// // Set by whoever keeps the adapter's clock, and kept in step with it.
/// time.sync.clock_set && time.sync.in_sync
/// # }
/// ```
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
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// use efvi::{Event, TimestampError};
///
/// # vi.filter_add(&efvi::Filter::all_multicast())?;
/// # let (_tx, mut rx) = vi.split();
/// # rx.fill(&mut pool)?;
/// # port.inject(&[0xff; 60], efvi::mock::Fcs::Good).expect("a frame");
/// # let mut received = 0;
/// # while received == 0 {
/// # let mut events = rx.poll();
/// while let Some(event) = events.next() {
///     let Event::Received(packet) = event else { continue };
///     match packet.timestamp() {
///         Ok(time) => println!("{:?}", time.to_system_time()),
///         Err(TimestampError::NoTimestamp) => println!("the VI was built without"),
///         Err(TimestampError::NotSynchronised) => println!("the next one will have it"),
///         Err(error) => println!("{error}"),
///     }
/// #     received += 1;
/// }
/// # }
/// # Ok(())
/// # }
/// ```
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

    /// The time from `earlier` to this, rounded to whole nanoseconds; `None` when `earlier` is later. Subtract the two
    /// for a difference that keeps the fraction, or may be below zero.
    ///
    /// ```
    /// # fn age(received: efvi::Timestamp, now: efvi::Timestamp) -> Option<std::time::Duration> {
    /// println!("received {:?} after the epoch", received.since_epoch());
    /// now.duration_since(received) // none if the adapter's clock was set back in between
    /// # }
    /// ```
    pub fn duration_since(self, earlier: Timestamp) -> Option<Duration> {
        (self - earlier).to_duration()
    }

    /// The time of day, as if the adapter's clock were the host's: right to within what their synchronisation is, if it
    /// is [in sync](SyncState::in_sync) with the time that the host has, too (as by sfptpd). The fraction is cut off.
    /// `None` for a time that `SystemTime` does not hold.
    ///
    /// Since the two clocks differ, use it to say when something was, and not to measure.
    #[cfg(feature = "std")]
    pub fn to_system_time(self) -> Option<SystemTime> {
        UNIX_EPOCH.checked_add(self.since_epoch())
    }

    /// The time since the epoch in whole nanoseconds; the fraction is cut off.
    pub fn since_epoch(self) -> Duration {
        // The second has fewer nanoseconds than would carry.
        Duration::new(self.seconds, self.nanoseconds.min(999_999_999))
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

/// The time from the second to the first, with the fraction; below zero when the second is later.
impl Sub for Timestamp {
    type Output = TimeDelta;

    fn sub(self, earlier: Timestamp) -> TimeDelta {
        TimeDelta::from_units(self.units() - earlier.units())
    }
}

/// A time so much later, by the same clock in the same state. It stops at the ends of what a timestamp holds.
impl Add<TimeDelta> for Timestamp {
    type Output = Timestamp;

    fn add(self, delta: TimeDelta) -> Timestamp {
        const SECOND: i128 = 1_000_000_000 << 16;
        const LAST: i128 = (u64::MAX as i128 + 1) * SECOND - 1;
        let units = self.units().saturating_add(delta.units()).clamp(0, LAST);
        Timestamp {
            seconds: (units / SECOND) as u64,
            nanoseconds: ((units % SECOND) >> 16) as u32,
            fraction: units as u16,
            sync: self.sync,
        }
    }
}

/// A time so much earlier, as with the sum.
impl Sub<TimeDelta> for Timestamp {
    type Output = Timestamp;

    fn sub(self, delta: TimeDelta) -> Timestamp {
        self + -delta
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
        assert_eq!((b - a).as_nanoseconds(), 1.5);
        assert_eq!((a - b).as_nanoseconds(), -1.5);
        assert_eq!((a + (b - a), b - (b - a)), (b, a));
        assert_eq!(b.duration_since(a), Some(Duration::from_nanos(2)));
        assert_eq!(a.duration_since(b), None);
        assert_eq!(a.duration_since(a), Some(Duration::ZERO));
    }

    #[cfg(feature = "std")]
    #[test]
    fn the_time_of_day_is_without_the_fraction() {
        let time = at(1_700_000_000, 123_456_789, 0xffff);
        let expected = UNIX_EPOCH + Duration::new(1_700_000_000, 123_456_789);
        assert_eq!(time.to_system_time(), Some(expected));
        assert_eq!(at(u64::MAX, 0, 0).to_system_time(), None);
        let odd = Timestamp { nanoseconds: u32::MAX, ..time };
        assert_eq!(odd.since_epoch(), Duration::new(1_700_000_000, 999_999_999));
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
        let first = at(0, 0, 0);
        assert!((last - first).as_nanoseconds() > 1e28);
        // Rounded up, it is longer than the longest duration.
        assert_eq!(last.duration_since(first), None);
        assert!(at(u64::MAX, 999_999_999, 0).duration_since(first).is_some());
        assert_eq!((last + TimeDelta::from_units(1), first - TimeDelta::from_nanoseconds(1)), (last, first));
        assert_eq!(last + TimeDelta::from_units(i128::MAX), last);
    }
}
