//! The clock of the software round trip: the CPU's time-stamp counter, where it is steady.

use std::time::Duration;

use quanta::Clock;
use serde::{Deserialize, Serialize};

/// What the clock reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The time-stamp counter, scaled to nanoseconds.
    Tsc,
    /// The system's monotonic clock: this machine has no steady counter.
    Monotonic,
}

/// A calibrated clock. Cheap to clone; clones agree.
#[derive(Debug, Clone)]
pub struct Timer {
    clock: Clock,
}

impl Timer {
    /// Takes up to some 200 ms for the calibration, once in a process.
    pub fn new() -> Timer {
        Timer { clock: Clock::new() }
    }

    /// Ticks: what the measured loop reads.
    #[inline(always)]
    pub fn ticks(&self) -> u64 {
        self.clock.raw()
    }

    /// Nanoseconds between two readings.
    #[inline(always)]
    pub fn nanoseconds(&self, from: u64, to: u64) -> u64 {
        self.clock.delta_as_nanos(from, to)
    }

    /// Time since a reading.
    pub fn since(&self, from: u64) -> Duration {
        Duration::from_nanos(self.nanoseconds(from, self.ticks()))
    }

    pub fn source(&self) -> Source {
        // The system's clock counts in nanoseconds already; a counter at exactly 1 GHz does not exist.
        const TICKS: u64 = 1 << 40;
        if self.nanoseconds(0, TICKS) == TICKS { Source::Monotonic } else { Source::Tsc }
    }

    /// What a measured time contains of the clock itself: the median of readings in direct succession, in ns.
    pub fn cost(&self) -> u64 {
        let mut costs: Vec<u64> = (0..10_001)
            .map(|_| {
                let from = self.ticks();
                let to = self.ticks();
                self.nanoseconds(from, to)
            })
            .collect();
        costs.sort_unstable();
        costs[costs.len() / 2]
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn it_agrees_with_the_systems_clock() {
        let timer = Timer::new();
        let (system, ours) = (Instant::now(), timer.ticks());
        std::thread::sleep(Duration::from_millis(50));
        let (ours, system) = (timer.since(ours), system.elapsed());
        let difference = ours.abs_diff(system);
        assert!(difference < Duration::from_millis(5), "{ours:?} and {system:?}");
    }

    #[test]
    fn reading_it_costs_less_than_a_microsecond() {
        assert!(Timer::new().cost() < 1000);
    }
}
