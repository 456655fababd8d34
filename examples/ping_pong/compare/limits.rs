//! How long to wait for what does not come.

use std::time::{Duration, Instant};

/// Empty looks in a row after which others get the CPU and the clock is looked at.
const SPIN: u32 = 4096;

/// Counts empty looks.
#[derive(Debug)]
pub struct Silence {
    /// Empty looks between two at the clock.
    every: u32,
    empty: u32,
    since: Option<Instant>,
}

impl Silence {
    /// `sleeps` says that a look that finds nothing takes its time.
    pub fn new(sleeps: bool) -> Silence {
        Silence { every: if sleeps { 1 } else { SPIN }, empty: 0, since: None }
    }

    /// Something came.
    #[inline(always)]
    pub fn broken(&mut self) {
        self.empty = 0;
        self.since = None;
    }

    /// Nothing came; true if that is so for longer than `limit`.
    #[inline(always)]
    pub fn lasts(&mut self, limit: Duration) -> bool {
        self.empty += 1;
        self.empty >= self.every && self.look(limit)
    }

    #[cold]
    fn look(&mut self, limit: Duration) -> bool {
        self.empty = 0;
        std::thread::yield_now();
        self.since.get_or_insert_with(Instant::now).elapsed() >= limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lasts_as_long_as_nothing_comes() {
        for sleeps in [false, true] {
            let mut silence = Silence::new(sleeps);
            let begun = Instant::now();
            while !silence.lasts(Duration::from_millis(20)) {}
            assert!(begun.elapsed() >= Duration::from_millis(20));
            silence.broken();
            assert!(!silence.lasts(Duration::from_secs(60)));
        }
    }
}
