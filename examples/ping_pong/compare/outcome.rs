//! What a comparison has found.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::super::results::ClockFacts;
use super::super::statistics::Summary;
use super::drops::Count;
use super::wire::Wire;

/// Everything about one comparison. Times are in ns, there and back.
#[derive(Debug, Serialize)]
pub struct Comparison {
    pub program: &'static str,
    pub version: &'static str,
    pub interface: String,
    /// Bytes of a message of the round trips and rates.
    pub payload: usize,
    pub iterations: u32,
    pub warm_ups: u32,
    /// How long each rate and each size was measured.
    pub time: Duration,
    pub rows: Vec<Row>,
}

/// One wire.
#[derive(Debug, Serialize)]
pub struct Row {
    pub wire: Wire,
    #[serde(flatten)]
    pub outcome: Outcome,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    Measured(Measured),
    /// It can't be had, or went wrong, for this reason.
    Unavailable {
        reason: String,
    },
}

/// What was measured of one wire.
#[derive(Debug, Serialize, Deserialize)]
pub struct Measured {
    pub clock: ClockFacts,
    pub round_trips: Option<RoundTrips>,
    pub rates: Vec<Rate>,
    pub streams: Vec<Stream>,
    /// What else is to be said of it.
    pub notes: Vec<String>,
}

/// CPU time for each message, in ns, of the thread that sends and receives at each end: what it spends in the kernel with
/// it, and what it spends looking for messages.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Cpu {
    pub ping: f64,
    pub pong: f64,
}

/// One message at a time.
#[derive(Debug, Serialize, Deserialize)]
pub struct RoundTrips {
    pub times: Summary,
    pub cpu: Cpu,
}

/// Messages at a fixed rate, whether or not those before have come back.
#[derive(Debug, Serialize, Deserialize)]
pub struct Rate {
    /// Messages a second that were to be sent.
    pub asked: u32,
    /// Messages a second that were sent.
    pub achieved: f64,
    pub sent: u64,
    /// Messages that did not come back.
    pub lost: u64,
    /// From when a message was to be sent until it was back.
    pub times: Option<Summary>,
    pub cpu: Cpu,
    /// Where messages were lost, as far as counters tell.
    pub lost_at: Vec<Count>,
}

impl Rate {
    /// True if the wire carried the rate: nothing was lost, and hardly anything late.
    pub fn was_carried(&self) -> bool {
        self.lost == 0 && self.achieved >= 0.99 * f64::from(self.asked)
    }
}

/// Messages one way, as fast as they go.
#[derive(Debug, Serialize, Deserialize)]
pub struct Stream {
    /// Bytes of a message.
    pub payload: usize,
    /// Bytes of its frame, without FCS.
    pub frame: usize,
    pub took: Duration,
    pub sent: u64,
    pub received: u64,
    /// Where messages were lost, by the counters of both ends.
    pub lost_at: Vec<Count>,
    pub cpu: Cpu,
}

impl Stream {
    /// Messages of which no counter says where they are.
    pub fn unaccounted(&self) -> i64 {
        let counted: u64 = self.lost_at.iter().map(|count| count.messages).sum();
        self.sent as i64 - self.received as i64 - counted as i64
    }
}

impl Comparison {
    /// The wires that were measured.
    pub fn measured(&self) -> impl Iterator<Item = (Wire, &Measured)> {
        self.rows.iter().filter_map(|row| match &row.outcome {
            Outcome::Measured(measured) => Some((row.wire, measured)),
            Outcome::Unavailable { .. } => None,
        })
    }
}
