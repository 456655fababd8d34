//! Both ends set up for one kind of round trip, and the sections in which it is measured.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use benches::end::{End, Kind, Side};
use benches::line::{Line, SharedLine};
use benches::table::Times;
use benches::trip::{Echo, Ping};
use quanta::Clock;

use crate::directory::Directory;
use crate::peer::{INTERFACE, Peer, Work, address};

/// Trips at the start of a section that are not measured: the other end has to wake up, and caches to fill.
const WARM_UPS: u64 = 256;

/// Where the two ends are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Thread,
    Threads,
    Processes,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Place::Thread => "one thread",
            Place::Threads => "two threads",
            Place::Processes => "two processes",
        })
    }
}

/// Both ends, and what has been measured between them.
pub struct Session {
    /// The other CPU's. It goes first: a thread that answers must end before what it uses.
    peer: Option<Peer>,
    near: End,
    /// The far end, if this thread has it.
    far: Option<End>,
    timestamps: bool,
    line: Box<dyn Deref<Target = Line>>,
    trips: Times,
    limit: Times,
}

impl Session {
    /// Sets both ends up. `far_cpu` is the other CPU, which is needed for everything but one thread's own trips.
    pub fn open(place: Place, kind: Kind, far_cpu: Option<usize>, directory: &Directory) -> Result<Session> {
        let other_cpu = || far_cpu.with_context(|| format!("{place} need a second CPU"));
        let local = Arc::new(Line::default());
        let mut line: Box<dyn Deref<Target = Line>> = Box::new(Arc::clone(&local));
        let (near, far, peer) = match place {
            Place::Thread => {
                let (near, far) = End::pair(kind)?;
                (near, Some(far), far_cpu.map(|cpu| Peer::thread(cpu, local, None)))
            }
            Place::Threads => {
                let (near, far) = End::pair(kind)?;
                (near, None, Some(Peer::thread(other_cpu()?, local, Some(far))))
            }
            Place::Processes => {
                let file = directory.path().join("line");
                line = Box::new(SharedLine::open(&file)?);
                let near = End::open(INTERFACE, Side::Near, address(INTERFACE)?, kind)?;
                (near, None, Some(Peer::process(other_cpu()?, &file, kind)?))
            }
        };
        let (trips, limit) = (Times::default(), Times::default());
        Ok(Session { peer, near, far, timestamps: kind.timestamps, line, trips, limit })
    }

    /// Measures so many trips of the cache line, if there is another CPU, and then as many of a frame. Returns the sum
    /// of the latter.
    pub fn section(&mut self, trips: u64, clock: &Clock) -> Result<Duration> {
        let warm_ups = trips.min(WARM_UPS);
        if let Some(peer) = &mut self.peer {
            peer.begin(Work::Line(warm_ups + trips))?;
            let line: &Line = &self.line;
            section(warm_ups, trips, &mut self.limit, || line.trip(clock))?;
        }
        let mut ping = Ping::new(&mut self.near, self.timestamps)?;
        match (&mut self.far, &mut self.peer) {
            (Some(far), _) => {
                let mut echo = Echo::new(far);
                section(warm_ups, trips, &mut self.trips, || ping.trip(clock, || echo.poll().map(drop)))
            }
            (None, Some(peer)) => {
                peer.begin(Work::Frames(warm_ups + trips))?;
                section(warm_ups, trips, &mut self.trips, || ping.trip(clock, || Ok(())))
            }
            (None, None) => unreachable!("the far end is in this thread or with the peer"),
        }
    }

    /// The times of all trips, and of the cache line's.
    pub fn finish(self) -> (Times, Times) {
        (self.trips, self.limit)
    }
}

fn section(warm_ups: u64, trips: u64, times: &mut Times, mut trip: impl FnMut() -> Result<u64>) -> Result<Duration> {
    for _ in 0..warm_ups {
        trip()?;
    }
    let mut sum = 0;
    for _ in 0..trips {
        let time = trip()?;
        times.record(time);
        sum += time;
    }
    Ok(Duration::from_nanos(sum))
}
