//! Events that are still under way to their queue.

use super::{Costs, now, spend, wait_until};
use core::cmp::Reverse;
use std::collections::BinaryHeap;

/// What is under way to an event queue.
pub(crate) struct Later {
    costs: Costs,
    /// When each is there, a number to keep those of one time in order, and the event.
    events: BinaryHeap<Reverse<(u64, u64, u64)>>,
    count: u64,
    /// When those that are raised now will be there.
    at: u64,
    /// When the last time event that was raised will be there.
    told: u64,
    /// Since when the application sleeps.
    asleep: Option<u64>,
    /// When the timer runs out.
    timer: Option<u64>,
}

impl Later {
    pub(crate) fn new(costs: Costs) -> Self {
        Self { costs, events: BinaryHeap::new(), count: 0, at: 0, told: 0, asleep: None, timer: None }
    }

    /// What is raised from here on will be there at this time.
    pub(crate) fn at(&mut self, time: u64) {
        self.at = time;
    }

    /// A time event is raised next.
    pub(crate) fn tell_time(&mut self) {
        self.told = self.at;
    }

    /// True if what is raised next will be there before the time event that was raised for it.
    pub(crate) fn overtakes_time(&self) -> bool {
        self.at < self.told
    }

    /// Takes an event.
    pub(crate) fn push(&mut self, word: u64) {
        self.events.push(Reverse((self.at, self.count, word)));
        self.count += 1;
    }

    /// True if nothing is under way.
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The application primes the queue, to sleep.
    pub(crate) fn prime(&mut self) {
        self.asleep = Some(spend(self.costs.prime));
    }

    /// The timer runs out after so many nanoseconds; it is stopped if none.
    pub(crate) fn set_timer(&mut self, nanoseconds: Option<u64>) {
        self.timer = nanoseconds.map(|ns| now() + ns * super::NS);
    }

    /// True while the timer runs.
    pub(crate) fn has_timer(&self) -> bool {
        self.timer.is_some()
    }

    /// The application slept for so long, and nothing came.
    pub(crate) fn slept(&mut self, picoseconds: u64) {
        spend(picoseconds);
        self.asleep = None;
    }

    /// The application polls. If it slept, it was woken by what comes first; if there is something for it, here or
    /// under way, polling costs time. `received` is when a frame will be there that raises no event.
    pub(crate) fn poll(&mut self, here: bool, received: Option<u64>) {
        let first = self.events.peek().map(|Reverse((time, ..))| *time);
        let first = first.into_iter().chain(received).min();
        let expiry = self.timer.filter(|expiry| first.is_none_or(|first| *expiry <= first));
        if let Some(since) = self.asleep
            && let Some(time) = expiry.or(first)
            && !here
            && time > since
        {
            wait_until(time);
            spend(self.costs.interrupt + self.costs.wake_up);
            self.timer = self.timer.filter(|_| expiry.is_none());
        }
        if here || first.is_some() {
            self.asleep = None;
        }
        if here || first.is_some() {
            spend(self.costs.poll);
        }
    }

    /// Takes the next event, whenever it would be there.
    pub(crate) fn pop_early(&mut self) -> Option<u64> {
        self.events.pop().map(|Reverse((.., word))| word)
    }

    /// The next event that is there by now.
    pub(crate) fn pop(&mut self) -> Option<u64> {
        let Reverse((time, ..)) = self.events.peek()?;
        if *time > now() {
            return None;
        }
        self.events.pop().map(|Reverse((.., word))| word)
    }
}
