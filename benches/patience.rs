//! Waiting by polling, with an end.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// Longer than a busy machine keeps a thread off its CPU.
const LIMIT: Duration = Duration::from_secs(10);
/// Polls between two looks at the clock, a power of two.
const LOOK: u32 = 1 << 16;

/// One wait. It has no spin-loop hint: the pause that makes would be measured along.
pub(crate) struct Patience {
    polls: u32,
    since: Option<Instant>,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Patience { polls: 0, since: None }
    }

    /// Nothing has come: an error that names `what` when that has been so for too long.
    #[inline(always)]
    pub(crate) fn nothing(&mut self, what: &str) -> Result<()> {
        self.polls = self.polls.wrapping_add(1);
        if self.polls.is_multiple_of(LOOK) { self.look(what) } else { Ok(()) }
    }

    #[cold]
    fn look(&mut self, what: &str) -> Result<()> {
        let since = self.since.get_or_insert_with(Instant::now);
        if since.elapsed() > LIMIT {
            bail!("{what} did not come within {} s: the other end is gone, or has lost it", LIMIT.as_secs());
        }
        Ok(())
    }
}
