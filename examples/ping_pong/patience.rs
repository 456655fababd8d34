//! Waiting for a frame: at full speed as long as it may come any moment, and not for ever.

use std::time::Duration;

use anyhow::Result;

use super::timer::Timer;

/// Empty polls in a row after which the wait is no longer one of a normal round trip, but of a lost frame or a peer
/// that has no CPU: time to look at the clock, and to let others run.
const SPIN: u32 = 4096;
/// How often a long wait asks whether it still makes sense.
const ASK: Duration = Duration::from_millis(50);

/// Counts empty polls in a row.
#[derive(Debug)]
pub struct Patience<'a> {
    timer: &'a Timer,
    limit: Duration,
    empty: u32,
    /// When the wait was first looked at.
    since: Option<u64>,
    asked: Duration,
}

/// What to do after an empty poll.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Wait,
    /// The limit is over.
    GiveUp,
}

impl<'a> Patience<'a> {
    pub fn new(timer: &'a Timer, limit: Duration) -> Patience<'a> {
        Patience { timer, limit, empty: 0, since: None, asked: Duration::ZERO }
    }

    /// There was something: the wait starts anew.
    #[inline(always)]
    pub fn reset(&mut self) {
        self.empty = 0;
        self.since = None;
    }

    /// There was nothing. `ask` is called now and then in long waits; its error ends them.
    #[inline(always)]
    pub fn nothing(&mut self, ask: impl FnMut() -> Result<()>) -> Result<Verdict> {
        self.empty += 1;
        if self.empty < SPIN { Ok(Verdict::Wait) } else { self.long(ask) }
    }

    #[cold]
    fn long(&mut self, mut ask: impl FnMut() -> Result<()>) -> Result<Verdict> {
        self.empty = 0;
        let Some(since) = self.since else {
            self.since = Some(self.timer.ticks());
            self.asked = Duration::ZERO;
            std::thread::yield_now();
            return Ok(Verdict::Wait);
        };
        let waited = self.timer.since(since);
        if waited >= self.limit {
            return Ok(Verdict::GiveUp);
        }
        if waited - self.asked >= ASK {
            self.asked = waited;
            ask()?;
        }
        std::thread::yield_now();
        Ok(Verdict::Wait)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn it_ends_after_its_limit_and_asks_meanwhile() {
        let timer = Timer::new();
        let limit = Duration::from_millis(200);
        let mut patience = Patience::new(&timer, limit);
        let start = Instant::now();
        let mut asked = 0;
        let mut ask = || {
            asked += 1;
            Ok(())
        };
        while patience.nothing(&mut ask).unwrap() == Verdict::Wait {}
        assert!(start.elapsed() >= limit - Duration::from_millis(5));
        assert!((1..=4).contains(&asked), "{asked}");
    }

    #[test]
    fn something_starts_it_anew() {
        let timer = Timer::new();
        let mut patience = Patience::new(&timer, Duration::from_millis(50));
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(200) {
            assert_eq!(patience.nothing(|| Ok(())).unwrap(), Verdict::Wait);
            patience.reset();
        }
    }

    #[test]
    fn an_answer_of_no_ends_it() {
        let timer = Timer::new();
        let mut patience = Patience::new(&timer, Duration::from_secs(60));
        let error = loop {
            if let Err(error) = patience.nothing(|| anyhow::bail!("the child is gone")) {
                break error;
            }
        };
        assert_eq!(error.to_string(), "the child is gone");
    }
}
