//! Virtual time: a clock that only the adapter and the calls to it advance, by a table of what each step costs.
//!
//! Each thread has a time of its own, as each core goes on at its own pace. A call advances its thread by what it costs
//! the processor. From there the adapter takes over: it works out when the frame is on the wire, and the frame carries
//! that time. Whoever receives it sees it when it has arrived by the receiver's own time: a poll that finds it still
//! under way advances its thread by one poll, and one that finds nothing under way costs nothing, since how often an
//! idle thread polls is chance. So what a program measures depends on what it does, not on the machine, and is the same
//! in every run, between threads and between processes too. Only threads that send through one port at the same
//! (virtual) time queue up for its wire in the order in which they really came.

mod costs;
mod later;
mod pipeline;
pub(crate) mod port_clock;

pub use costs::Costs;
pub(crate) use later::Later;
pub(crate) use pipeline::Pipeline;
pub use port_clock::ClockState;

use core::cell::Cell;
use std::time::Duration;

thread_local! {
    static NOW: Cell<u64> = const { Cell::new(0) };
}

/// Picoseconds in a nanosecond.
const NS: u64 = 1000;

/// What is added to a time to stamp a frame with: a stamp of 0 is none.
const STAMP_BASE: u64 = 1;

/// The calling thread's virtual time.
#[derive(Clone, Copy, Debug)]
pub struct VirtualTime(());

impl VirtualTime {
    /// Picoseconds since the thread began.
    pub fn picoseconds() -> u64 {
        NOW.get()
    }

    /// The same, rounded down to nanoseconds.
    pub fn now() -> Duration {
        Duration::from_nanos(NOW.get() / NS)
    }

    /// Lets time pass on the calling thread: for what a program does itself.
    pub fn advance(by: Duration) {
        spend(u64::try_from(by.as_nanos()).unwrap_or(u64::MAX).saturating_mul(NS));
    }
}

/// The calling thread's time.
fn now() -> u64 {
    NOW.get()
}

/// Advances the calling thread; its time then.
fn spend(picoseconds: u64) -> u64 {
    let then = NOW.get().saturating_add(picoseconds);
    NOW.set(then);
    then
}

/// Advances the calling thread to a time, if it is not past it.
fn wait_until(time: u64) {
    NOW.set(NOW.get().max(time));
}
