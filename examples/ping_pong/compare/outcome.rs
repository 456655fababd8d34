//! What a comparison has found.

use std::time::Duration;

use anyhow::{Result, bail};
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

/// System calls for each message, by which each end sends and looks for messages; none where nobody counts them.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Calls {
    pub ping: Option<f64>,
    pub pong: Option<f64>,
}

/// One message at a time.
#[derive(Debug, Serialize, Deserialize)]
pub struct RoundTrips {
    pub times: Summary,
    pub cpu: Cpu,
    pub calls: Calls,
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
    /// Bytes of its frame, padding and FCS among them.
    pub frame: usize,
    pub took: Duration,
    pub sent: u64,
    pub received: u64,
    /// Where messages were lost, by the counters of both ends.
    pub lost_at: Vec<Count>,
    /// Messages of which no counter says where they are, or so many fewer than the counters say.
    pub unaccounted: i64,
    pub cpu: Cpu,
    pub calls: Calls,
}

/// What is left of those that were sent without those that were received or counted as lost.
pub fn unaccounted(sent: u64, received: u64, lost_at: &[Count]) -> i64 {
    let counted: u64 = lost_at.iter().map(|count| count.messages).sum();
    sent.wrapping_sub(received).wrapping_sub(counted) as i64
}

impl Comparison {
    /// The wires that were measured.
    pub fn measured(&self) -> impl Iterator<Item = (Wire, &Measured)> {
        self.rows.iter().filter_map(|row| match &row.outcome {
            Outcome::Measured(measured) => Some((row.wire, measured)),
            Outcome::Unavailable { .. } => None,
        })
    }

    /// An error unless all that were sent one way were received or counted as lost.
    pub fn must_add_up(&self) -> Result<()> {
        let wrong = self.measured().flat_map(|(wire, measured)| {
            let streams = measured.streams.iter().filter(|stream| stream.unaccounted != 0);
            streams.map(move |stream| {
                let Stream { frame, sent, received, unaccounted, .. } = stream;
                let (count, what) = match unaccounted {
                    0.. => (*unaccounted, "that no counter of either end names"),
                    _ => (-unaccounted, "too many in what the ends received and their counters name"),
                };
                format!("{wire}, frames of {frame} bytes: {sent} sent, {received} received, and {count} {what}")
            })
        });
        let wrong: Vec<String> = wrong.collect();
        if wrong.is_empty() {
            return Ok(());
        }
        bail!("messages are unaccounted for: {}", wrong.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::timer::Source;
    use super::*;

    fn comparison(sent: u64, received: u64, lost: &[u64]) -> Comparison {
        let lost_at: Vec<Count> = lost.iter().map(|messages| Count::new("somewhere", *messages)).collect();
        let cpu = Cpu { ping: 0.0, pong: 0.0 };
        let stream = Stream {
            payload: 18,
            frame: 64,
            took: Duration::from_secs(1),
            sent,
            received,
            unaccounted: unaccounted(sent, received, &lost_at),
            lost_at,
            cpu,
            calls: Calls { ping: None, pong: Some(1.0) },
        };
        let clock = ClockFacts { source: Source::Monotonic, cost: 0 };
        let measured =
            Measured { clock, round_trips: None, rates: Vec::new(), streams: vec![stream], notes: Vec::new() };
        Comparison {
            program: "",
            version: "",
            interface: String::new(),
            payload: 0,
            iterations: 0,
            warm_ups: 0,
            time: Duration::ZERO,
            rows: vec![Row { wire: Wire::Xdp, outcome: Outcome::Measured(measured) }],
        }
    }

    #[test]
    fn what_was_sent_is_received_or_has_a_name() {
        comparison(100, 100, &[]).must_add_up().unwrap();
        comparison(100, 90, &[7, 3]).must_add_up().unwrap();
        let error =
            |sent, received, lost: &[u64]| comparison(sent, received, lost).must_add_up().unwrap_err().to_string();
        let missing = error(100, 90, &[7]);
        assert!(missing.contains("AF_XDP, frames of 64 bytes: 100 sent, 90 received, and 3 that no"), "{missing}");
        let over = error(100, 90, &[11]);
        assert!(over.contains("and 1 too many"), "{over}");
        assert!(error(100, 101, &[]).contains("and 1 too many"));
    }
}
