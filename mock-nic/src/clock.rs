//! The port's clock.
//!
//! A frame carries a raw tick count, taken once when it goes on the wire; each end turns it into time of day only when
//! somebody asks. On x86-64 with an invariant time-stamp counter a tick is that counter's, elsewhere a nanosecond.
//!
//! The clock is disciplined to the system's real-time clock as an adapter's is by PTP: at each time-synchronisation
//! event its rate is set so that the error is gone by the next one. It never steps, so differences of timestamps taken
//! around a synchronisation stay true.

use once_cell::sync::Lazy;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::*};
use std::time::Duration;

/// A point in time as the port's clock gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Seconds since the epoch.
    pub seconds: u64,
    /// Nanoseconds of the second.
    pub nanoseconds: u32,
    /// Sixteenths of a nanosecond.
    pub sixteenths: u8,
}

impl Time {
    /// The time so many nanoseconds after the epoch, and a binary fraction of one.
    pub(crate) fn new(ns: u64, fraction: u32) -> Self {
        Self { seconds: ns / NS, nanoseconds: (ns % NS) as u32, sixteenths: (fraction >> 28) as u8 }
    }
}

/// How often a time-synchronisation event is due, in nanoseconds: four a second.
pub const SYNC_INTERVAL_NS: u64 = 250_000_000;

const NS: u64 = 1_000_000_000;

/// What turns ticks into time, as read in one piece through the sequence count.
struct Scale {
    sequence: AtomicU64,
    base_ticks: AtomicU64,
    /// Nanoseconds since the epoch at `base_ticks`, whole.
    base_ns: AtomicU64,
    /// The rest of `base_ns`, as a binary fraction of 32 bits.
    base_fraction: AtomicU64,
    /// Nanoseconds a tick, with 32 bits of fraction.
    rate: AtomicU64,
}

/// What is known of the counter against the system's clock.
struct Discipline {
    /// The first reading of both: the longer ago it was, the better the rate taken from it.
    first: Reading,
    /// The counter's rate, without what is added to mend an error.
    nominal: u64,
    last_sync: u64,
}

/// The counter and the system's clock, read together.
#[derive(Clone, Copy)]
struct Reading {
    /// Ticks between which the system's clock was read.
    width: u64,
    ticks: u64,
    /// By the system's steady clock, from which the rate is taken: it isn't set, nor steered.
    steady_ns: u64,
    /// By the system's clock, which this one follows.
    real_ns: u64,
}

/// The clock of this process's ports.
pub struct Clock {
    scale: Scale,
    discipline: Mutex<Discipline>,
    /// Ticks in a synchronisation interval.
    interval: u64,
    counter: Counter,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Counter {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    Tsc,
    Monotonic,
}

static CLOCK: Lazy<Clock> = Lazy::new(Clock::start);

/// The clock, started on first use. Keep the reference: this looks it up.
pub fn clock() -> &'static Clock {
    &CLOCK
}

/// Nanoseconds by one of the system's clocks. 0 where it can't be read, which Linux does not do.
fn system_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: there is room for the result.
    if unsafe { libc::clock_gettime(clock, &mut time) } != 0 {
        return 0;
    }
    time.tv_sec as u64 * NS + time.tv_nsec as u64
}

/// Time of day. Under Miri's isolation there is none; the monotonic clock from an arbitrary origin serves its tests.
fn real_ns() -> u64 {
    if cfg!(miri) {
        return 1_700_000_000 * NS + system_ns(libc::CLOCK_MONOTONIC);
    }
    system_ns(libc::CLOCK_REALTIME)
}

#[cfg(not(miri))]
const STEADY: libc::clockid_t = libc::CLOCK_MONOTONIC_RAW;
#[cfg(miri)]
const STEADY: libc::clockid_t = libc::CLOCK_MONOTONIC;

fn choose_counter() -> Counter {
    #[cfg(all(target_arch = "x86_64", not(miri)))]
    {
        use core::arch::x86_64::__cpuid;
        // Leaf 0x8000_0007, EDX bit 8: the counter runs at a constant rate in every power state.
        if __cpuid(0x8000_0000).eax >= 0x8000_0007 && __cpuid(0x8000_0007).edx & 1 << 8 != 0 {
            return Counter::Tsc;
        }
    }
    Counter::Monotonic
}

impl Counter {
    #[inline]
    fn read(self) -> u64 {
        match self {
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            // SAFETY: reading the time-stamp counter has no effect on memory; every x86-64 has it.
            Counter::Tsc => unsafe { core::arch::x86_64::_rdtsc() },
            // The same for all processes: one sends what another receives.
            Counter::Monotonic => system_ns(libc::CLOCK_MONOTONIC),
        }
    }
}

impl Counter {
    /// Both clocks, as close together as a few attempts come: an interrupt between them would spoil the rate.
    fn reading(self) -> Reading {
        let attempts = (0..8).map(|_| {
            let before = self.read();
            let (steady_ns, real_ns) = (system_ns(STEADY), real_ns());
            let width = self.read().wrapping_sub(before);
            Reading { width, ticks: before.wrapping_add(width / 2), steady_ns, real_ns }
        });
        let none = Reading { width: u64::MAX, ticks: 0, steady_ns: 0, real_ns: 0 };
        attempts.min_by_key(|reading| reading.width).unwrap_or(none)
    }

    /// Nanoseconds a tick between two readings, with 32 bits of fraction; none where they are too close together, or
    /// too uncertain, to give it to 50 ppm.
    fn rate(self, from: &Reading, to: &Reading) -> Option<u64> {
        if self == Self::Monotonic {
            return Some(1 << 32);
        }
        let ticks = to.ticks.wrapping_sub(from.ticks);
        if from.width.checked_add(to.width)? > ticks / 20_000 {
            return None;
        }
        rate_of(ticks, to.steady_ns.checked_sub(from.steady_ns)?)
    }
}

impl Clock {
    fn start() -> Self {
        let counter = choose_counter();
        let first = counter.reading();
        // A virtual machine may be off its processor at either reading: then try again, with a longer baseline.
        let measured = (0..10).find_map(|_| {
            if counter != Counter::Monotonic {
                std::thread::sleep(Duration::from_millis(5));
            }
            counter.rate(&first, &counter.reading())
        });
        // Without a rate a tick is taken for a nanosecond; synchronisation mends it.
        let nominal = measured.unwrap_or(1 << 32);
        Self {
            scale: Scale {
                sequence: AtomicU64::new(0),
                base_ticks: AtomicU64::new(first.ticks),
                base_ns: AtomicU64::new(first.real_ns),
                base_fraction: AtomicU64::new(0),
                rate: AtomicU64::new(nominal),
            },
            discipline: Mutex::new(Discipline { first, nominal, last_sync: first.ticks }),
            interval: ((u128::from(SYNC_INTERVAL_NS) << 32) / u128::from(nominal)) as u64,
            counter,
        }
    }

    /// What the counter is, as a number: ticks of one are nothing to the other.
    pub fn counter(&self) -> u32 {
        match self.counter {
            #[cfg(all(target_arch = "x86_64", not(miri)))]
            Counter::Tsc => 1,
            Counter::Monotonic => 2,
        }
    }

    /// The counter now.
    #[inline]
    pub fn ticks(&self) -> u64 {
        self.counter.read()
    }

    /// Ticks between two time-synchronisation events.
    #[inline]
    pub fn sync_interval(&self) -> u64 {
        self.interval
    }

    /// Nanoseconds since the epoch at `ticks`, and 32 bits of fraction.
    pub(crate) fn nanoseconds(&self, ticks: u64) -> (u64, u32) {
        let scale = &self.scale;
        loop {
            let sequence = scale.sequence.load(Acquire);
            let base_ticks = scale.base_ticks.load(Relaxed);
            let base_ns = scale.base_ns.load(Relaxed);
            let fraction = scale.base_fraction.load(Relaxed);
            let rate = scale.rate.load(Relaxed);
            core::sync::atomic::fence(Acquire);
            if sequence & 1 == 0 && scale.sequence.load(Relaxed) == sequence {
                // Signed: a frame may have been stamped just before the last synchronisation.
                let delta = i128::from(ticks.wrapping_sub(base_ticks) as i64) * i128::from(rate) + i128::from(fraction);
                let ns = (i128::from(base_ns) + (delta >> 32)).max(0) as u64;
                return (ns, delta as u32);
            }
            core::hint::spin_loop();
        }
    }

    /// Ticks so many nanoseconds ago.
    pub(crate) fn ticks_ago(&self, ns: u64) -> u64 {
        let rate = u128::from(self.scale.rate.load(Relaxed)).max(1);
        self.ticks().wrapping_sub(((u128::from(ns) << 32) / rate) as u64)
    }

    /// Nanoseconds since a time by the system's monotonic clock.
    pub(crate) fn monotonic_age(ns: u64) -> u64 {
        system_ns(libc::CLOCK_MONOTONIC).saturating_sub(ns)
    }

    /// Nanoseconds since a time of day.
    pub(crate) fn real_age(ns: u64) -> u64 {
        real_ns().saturating_sub(ns)
    }

    /// Brings the clock towards the system's, if an interval has passed since this was last done.
    pub fn synchronise(&self) {
        let Ok(mut discipline) = self.discipline.lock() else { return };
        if self.ticks().wrapping_sub(discipline.last_sync) < self.interval {
            return;
        }
        let now = self.counter.reading();
        discipline.last_sync = now.ticks;
        discipline.nominal = self.counter.rate(&discipline.first, &now).unwrap_or(discipline.nominal);
        let nominal = i128::from(discipline.nominal);
        let (ours, fraction) = self.nanoseconds(now.ticks);
        // At most 200 ppm of slew: more would show in the timestamps' differences.
        let error = (i128::from(now.real_ns) - i128::from(ours)).clamp(-50_000, 50_000);
        let rate = nominal + nominal * error / i128::from(SYNC_INTERVAL_NS);
        let ticks = now.ticks;
        let scale = &self.scale;
        scale.sequence.fetch_add(1, AcqRel);
        core::sync::atomic::fence(Release);
        scale.base_ticks.store(ticks, Relaxed);
        scale.base_ns.store(ours, Relaxed);
        scale.base_fraction.store(u64::from(fraction), Relaxed);
        scale.rate.store(rate as u64, Relaxed);
        scale.sequence.fetch_add(1, Release);
    }
}

/// Nanoseconds a tick, with 32 bits of fraction; none where the reading can't be a clock's.
fn rate_of(ticks: u64, ns: u64) -> Option<u64> {
    let rate = (u128::from(ns) << 32).checked_div(u128::from(ticks))?;
    // From 100 MHz to 20 GHz.
    (1 << 32 >> 5..=10 << 32).contains(&(rate as u64)).then_some(rate as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_system_clock() {
        let clock = clock();
        let (ns, fraction) = clock.nanoseconds(clock.ticks());
        let time = Time::new(ns, fraction);
        let real = real_ns();
        let ours = time.seconds * NS + u64::from(time.nanoseconds);
        assert!(real.abs_diff(ours) < NS, "the port's clock is {} ns off", real.abs_diff(ours));
        assert!(time.sixteenths < 16);
    }

    #[test]
    fn does_not_step_at_a_synchronisation() {
        let clock = Clock::start();
        let ticks = clock.ticks().wrapping_add(clock.interval);
        clock.discipline.lock().unwrap().last_sync = clock.ticks().wrapping_sub(2 * clock.interval);
        let before = clock.nanoseconds(ticks).0;
        clock.synchronise();
        let after = clock.nanoseconds(ticks).0;
        // Only the rate changes, by 200 ppm at most, so an interval ahead differs by 50 us at most.
        assert!(before.abs_diff(after) <= 2 * 50_000 + 1000, "{before} {after}");
    }

    #[test]
    fn a_system_clock_that_is_set_does_not_change_the_rate() {
        let clock = Clock::start();
        let mut discipline = clock.discipline.lock().unwrap();
        let nominal = discipline.nominal;
        discipline.first.real_ns -= NS;
        discipline.last_sync = clock.ticks().wrapping_sub(2 * clock.interval);
        drop(discipline);
        clock.synchronise();
        let rate = clock.scale.rate.load(Relaxed);
        assert!(rate.abs_diff(nominal) <= nominal / 2000, "{nominal} became {rate}");
    }

    #[test]
    fn refuses_rates_that_no_counter_has() {
        assert_eq!(rate_of(0, 5), None);
        assert_eq!(rate_of(1000, 0), None);
        assert_eq!(rate_of(1000, 1000), Some(1 << 32));
    }
}
