//! A port's clock: the machine's, or virtual time; and the state that PTP has it in.

use super::{NS, STAMP_BASE, now};
use crate::abi::*;
use crate::clock::{Clock, SYNC_INTERVAL_NS, Time, clock};
use crate::wire::Stamp;
use core::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::Arc;

/// When virtual time begins, in nanoseconds since the epoch: 2001-09-09, 01:46:40.
const VIRTUAL_EPOCH: u64 = 1_000_000_000_000_000_000;

/// What is known of a port's clock by those who read its timestamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u32)]
pub enum ClockState {
    /// Set, and in step with its master: both flags.
    #[default]
    InSync,
    /// Set, but not in step: `EF_VI_SYNC_FLAG_CLOCK_SET` alone.
    NotInSync,
    /// Nobody has set it: neither flag, and its time is that since the port came up.
    NotSet,
    /// The adapter tells no time any more. VIs that knew it have lost it: `-EL2NSYNC`, and transmit timestamps of 0.
    /// New ones have never known it: `-ENOMSG`.
    Lost,
}

impl ClockState {
    const ALL: [Self; 4] = [Self::InSync, Self::NotInSync, Self::NotSet, Self::Lost];

    /// `EF_VI_SYNC_FLAG_*`.
    pub(crate) fn flags(self) -> u32 {
        match self {
            Self::InSync => EF_VI_SYNC_FLAG_CLOCK_SET | EF_VI_SYNC_FLAG_CLOCK_IN_SYNC,
            Self::NotInSync => EF_VI_SYNC_FLAG_CLOCK_SET,
            Self::NotSet | Self::Lost => 0,
        }
    }
}

/// The time of a capture: that of the frame which came last.
pub(crate) struct CapturedTime {
    /// Nanoseconds since the epoch, and a base: a stamp of 0 is none.
    now: AtomicU64,
    /// Counts how often it went back by more than timestamps can.
    edition: AtomicU32,
}

impl CapturedTime {
    /// Before the first frame, which was captured then.
    pub(crate) fn new(nanoseconds: u64) -> Self {
        Self { now: AtomicU64::new(nanoseconds + STAMP_BASE), edition: AtomicU32::new(0) }
    }

    /// A frame was captured then: its stamp.
    pub(crate) fn set(&self, nanoseconds: u64) -> Stamp {
        let stamp = nanoseconds + STAMP_BASE;
        if self.now.swap(stamp, Relaxed) > stamp {
            // Timestamps count from a time event, which has to come anew.
            self.edition.fetch_add(1, Relaxed);
        }
        stamp
    }
}

/// A port's clock.
pub(crate) struct PortClock {
    /// The time of a capture, which it tells in place of others.
    captured: Option<Arc<CapturedTime>>,
    /// The machine's; none on virtual time.
    real: Option<&'static Clock>,
    /// Nanoseconds since the epoch when the port came up.
    began: u64,
    /// The time is not the plain one.
    adjusted: AtomicBool,
    state: AtomicU32,
    /// How fast it runs away, in parts per million, and since when.
    drift: AtomicI64,
    drifts_since: AtomicU64,
    /// Counts changes.
    edition: AtomicU32,
}

impl PortClock {
    pub(crate) fn new(is_virtual: bool) -> Self {
        if is_virtual {
            crate::vi::special::expect();
        }
        let real = (!is_virtual).then(clock);
        let mut clock = Self {
            captured: None,
            real,
            began: 0,
            adjusted: AtomicBool::new(false),
            state: AtomicU32::new(ClockState::InSync as u32),
            drift: AtomicI64::new(0),
            drifts_since: AtomicU64::new(0),
            edition: AtomicU32::new(0),
        };
        clock.began = clock.nanoseconds(clock.ticks()).0;
        clock
    }

    /// One that tells a capture's time, in nanoseconds.
    pub(crate) fn of_capture(time: Arc<CapturedTime>) -> Self {
        let began = time.now.load(Relaxed) - STAMP_BASE;
        Self { captured: Some(time), real: None, began, ..Self::new(true) }
    }

    /// Ticks now.
    #[inline]
    pub(crate) fn ticks(&self) -> Stamp {
        match self.real {
            Some(clock) => clock.ticks(),
            None => self.captured.as_ref().map_or_else(|| now() + STAMP_BASE, |time| time.now.load(Relaxed)),
        }
    }

    /// Ticks between two time-synchronisation events.
    #[inline]
    pub(crate) fn sync_interval(&self) -> u64 {
        match self.real {
            Some(clock) => clock.sync_interval(),
            None if self.captured.is_some() => SYNC_INTERVAL_NS,
            None => SYNC_INTERVAL_NS * NS,
        }
    }

    /// Brings it in step with the system's clock, if that is due. Virtual time has no master.
    pub(crate) fn synchronise(&self) {
        if let Some(clock) = self.real {
            clock.synchronise();
        }
    }

    /// Nanoseconds since the epoch, and 32 bits of fraction.
    #[inline]
    fn nanoseconds(&self, ticks: Stamp) -> (u64, u32) {
        match self.real {
            Some(clock) => clock.nanoseconds(ticks),
            None if self.captured.is_some() => (ticks.saturating_sub(STAMP_BASE), 0),
            None => {
                let picoseconds = ticks.saturating_sub(STAMP_BASE);
                (VIRTUAL_EPOCH + picoseconds / NS, (((picoseconds % NS) << 32) / NS) as u32)
            }
        }
    }

    /// The time at `ticks`.
    #[inline]
    pub(crate) fn time(&self, ticks: Stamp) -> Time {
        let (mut ns, fraction) = self.nanoseconds(ticks);
        if self.adjusted.load(Relaxed) {
            ns = self.adjust(ns);
        }
        Time::new(ns, fraction)
    }

    #[cold]
    fn adjust(&self, ns: u64) -> u64 {
        let run = i128::from(ns) - i128::from(self.drifts_since.load(Relaxed));
        let error = run * i128::from(self.drift.load(Relaxed)) / 1_000_000;
        let origin = if self.state() == ClockState::NotSet { self.began } else { 0 };
        (i128::from(ns.saturating_sub(origin)) + error).clamp(0, u64::MAX.into()) as u64
    }

    /// The state that it is in.
    pub(crate) fn state(&self) -> ClockState {
        ClockState::ALL[self.state.load(Relaxed) as usize % ClockState::ALL.len()]
    }

    /// How often it was changed: then the time is told anew.
    #[inline]
    pub(crate) fn edition(&self) -> u32 {
        let captured = self.captured.as_ref().map_or(0, |time| time.edition.load(Relaxed));
        self.edition.load(Relaxed).wrapping_add(captured)
    }

    pub(crate) fn set_state(&self, state: ClockState) {
        self.state.store(state as u32, Relaxed);
        self.changed();
    }

    pub(crate) fn set_drift(&self, parts_per_million: i64) {
        self.drifts_since.store(self.nanoseconds(self.ticks()).0, Relaxed);
        self.drift.store(parts_per_million, Relaxed);
        self.changed();
    }

    fn changed(&self) {
        let plain = self.state() != ClockState::NotSet && self.drift.load(Relaxed) == 0;
        self.adjusted.store(!plain, Relaxed);
        self.edition.fetch_add(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ns(time: Time) -> u64 {
        time.seconds * 1_000_000_000 + u64::from(time.nanoseconds)
    }

    #[test]
    fn virtual_time_is_exact() {
        let clock = PortClock::new(true);
        let time = clock.time(STAMP_BASE + 1_234_567_890_625);
        assert_eq!((time.seconds, time.nanoseconds, time.sixteenths), (1_000_000_001, 234_567_890, 10));
    }

    #[test]
    fn a_captures_time_is_that_of_its_frames() {
        let time = Arc::new(CapturedTime::new(5));
        let clock = PortClock::of_capture(time.clone());
        assert_eq!(ns(clock.time(clock.ticks())), 5);
        let edition = clock.edition();
        assert_eq!(ns(clock.time(time.set(1_700_000_000_123_456_789))), 1_700_000_000_123_456_789);
        assert_eq!(ns(clock.time(clock.ticks())), 1_700_000_000_123_456_789);
        assert_eq!(clock.edition(), edition);
        time.set(1_600_000_000_000_000_000);
        assert_ne!(clock.edition(), edition, "it went back");
    }

    #[test]
    fn a_clock_that_drifts_runs_away_and_comes_back() {
        let clock = PortClock::new(true);
        let second = STAMP_BASE + 1_000_000_000 * NS;
        clock.set_drift(50);
        assert_eq!(ns(clock.time(second)), VIRTUAL_EPOCH + 1_000_050_000);
        clock.set_drift(-50);
        assert_eq!(ns(clock.time(second)), VIRTUAL_EPOCH + 999_950_000);
        clock.set_drift(0);
        assert_eq!(ns(clock.time(second)), VIRTUAL_EPOCH + 1_000_000_000);
    }

    #[test]
    fn a_clock_that_nobody_set_counts_from_0() {
        let clock = PortClock::new(true);
        clock.set_state(ClockState::NotSet);
        assert_eq!(ns(clock.time(STAMP_BASE + 7 * NS)), 7);
        clock.set_state(ClockState::NotInSync);
        assert_eq!(ns(clock.time(STAMP_BASE + 7 * NS)), VIRTUAL_EPOCH + 7);
    }
}
