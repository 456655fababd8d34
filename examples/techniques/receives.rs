//! The ways to get what has arrived.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use efvi::mock::Model;
use efvi::{Event, Events, PdFlags};
use rustix::event::{PollFd, PollFlags, poll};

use super::bench::{End, now};

/// A way to receive, on a model of adapter.
#[derive(Clone, Copy)]
pub struct Receive {
    way: Way,
    pub model: Model,
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Poll,
    /// Sleeps until the VI's descriptor is readable.
    Prime,
    /// Sleeps in the call.
    Wait,
    /// Looks at the start of what is arriving.
    Peek,
}

/// A frame that is there.
pub struct Arrival {
    /// The program's time when it had what it waited for.
    pub had: Duration,
    /// The adapter's, of its arrival.
    pub stamped: Duration,
}

impl Receive {
    pub const POLL: Receive = Receive { way: Way::Poll, model: Model::X2 };
    pub const SLOWEST: Receive = Receive { way: Way::Prime, model: Model::X2 };
    pub const FASTEST: Receive = Receive { way: Way::Peek, model: Model::X3 };

    /// Into posted buffers on an X2; by reference on the others that this release has.
    pub fn each() -> Vec<Receive> {
        let mut each = [Way::Prime, Way::Wait, Way::Poll].map(|way| Receive { way, model: Model::X2 }).to_vec();
        let express = express().is_some().then_some(Model::X4);
        for model in [Some(Model::X3), express].into_iter().flatten() {
            each.extend([Way::Poll, Way::Peek].map(|way| Receive { way, model }));
        }
        each
    }

    pub fn name(self) -> String {
        let way = match self.way {
            Way::Prime => "interrupt, ef_vi_prime and poll(2)",
            Way::Wait => "interrupt, ef_eventq_wait",
            Way::Poll if self.model == Model::X2 => "poll",
            Way::Poll => "poll, by reference",
            Way::Peek => "future peek",
        };
        format!("{way}, {:?}", self.model)
    }

    /// The datapath of the model.
    pub fn flags(self) -> PdFlags {
        if self.model == Model::X4 { express().unwrap_or_default() } else { PdFlags::empty() }
    }

    /// Waits for this frame, in this way.
    pub fn wait(self, end: &mut End, frame: &[u8]) -> Result<Arrival> {
        let (_, mut rx) = end.vi.split();
        match self.way {
            Way::Poll => {}
            Way::Prime => {
                rx.prime()?;
                poll(&mut [PollFd::from_borrowed_fd(rx.event_fd(), PollFlags::IN)], None)?;
            }
            Way::Wait => {
                let waited = rx.wait(None)?;
                ensure!(waited == efvi::Waited::Ready, "the wait ended by {waited:?}");
            }
            Way::Peek => {
                let mut arriving = loop {
                    if let Some(arriving) = rx.peek() {
                        break arriving;
                    }
                };
                let had = now();
                let start = arriving.start().len().min(frame.len());
                ensure!(arriving.start()[..start] == frame[..start], "another frame arrives");
                let events = loop {
                    match arriving.poll() {
                        Ok(events) => break events,
                        Err(not_yet) => arriving = not_yet,
                    }
                };
                return Ok(Arrival { had, ..arrival(events, frame)?.context("it did not arrive")? });
            }
        }
        loop {
            if let Some(arrival) = arrival(rx.poll(), frame)? {
                return Ok(arrival);
            }
        }
    }
}

/// The frame, if it is among these events.
fn arrival(mut events: Events<'_>, frame: &[u8]) -> Result<Option<Arrival>> {
    let had = now();
    let arrival = match events.next() {
        None => return Ok(None),
        Some(Event::Received(packet)) => {
            ensure!(packet[..] == *frame, "it is not the frame that was sent");
            Arrival { had, stamped: packet.timestamp()?.since_epoch() }
        }
        Some(other) => bail!("expected a frame: {other:?}"),
    };
    Ok(Some(arrival))
}

/// The flag for an X4's express datapath. Not every release has it.
fn express() -> Option<PdFlags> {
    PdFlags::from_name("EXPRESS")
}
