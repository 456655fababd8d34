//! A progress bar for whoever watches a terminal.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::plan::Run;

/// How often the bar of a run moves: each move costs the next round trip its warm caches.
pub const STEPS: u64 = 50;

/// The bar of all runs; nothing at all where stderr is no terminal.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    pub fn new(runs: &[Run]) -> Progress {
        if !std::io::stderr().is_terminal() {
            return Progress { bar: ProgressBar::hidden() };
        }
        let bar = ProgressBar::with_draw_target(Some(runs.iter().map(Run::frames).sum()), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:40} {percent:>3} % {msg}").expect("a constant template");
        bar.set_style(style);
        Progress { bar }
    }

    /// Says which run it is.
    pub fn start(&self, run: &Run) {
        self.bar.set_message(run.to_string());
    }

    /// So many more round trips are done.
    pub fn advance(&self, round_trips: u64) {
        self.bar.inc(round_trips);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
