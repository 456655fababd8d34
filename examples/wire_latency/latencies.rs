//! What was measured, and how it is shown.

use std::fmt;

use anyhow::{Result, bail};
use efvi::{TimeDelta, Timestamp, TimestampError};
use hdrhistogram::Histogram;

/// Latencies, and the frames that there is none of.
pub struct Latencies {
    /// In picoseconds: transmit timestamps have sixteenths of a nanosecond.
    picoseconds: Histogram<u64>,
    /// What the histogram has not exactly.
    shortest: Option<TimeDelta>,
    longest: TimeDelta,
    sum: TimeDelta,
    in_sync: bool,
    /// Answers without both times, and why the first was.
    missing: u64,
    why: Option<String>,
}

impl Latencies {
    pub fn new() -> Result<Latencies> {
        // Up to a second.
        let picoseconds = Histogram::new_with_max(1_000_000_000_000, 3)?;
        let (longest, sum) = (TimeDelta::ZERO, TimeDelta::ZERO);
        Ok(Latencies { picoseconds, shortest: None, longest, sum, in_sync: true, missing: 0, why: None })
    }

    /// Frames that were answered, with a latency and without.
    pub fn answered(&self) -> u64 {
        self.picoseconds.len() + self.missing
    }

    /// Adds an answer, by when its frame was received and when it was sent.
    pub fn add(&mut self, received: Result<Timestamp, TimestampError>, sent: Option<Timestamp>) {
        let (received, sent) = match (received, sent) {
            (Ok(received), Some(sent)) => (received, sent),
            (received, _) => return self.miss(received.err()),
        };
        self.in_sync &= received.sync.in_sync && sent.sync.in_sync;
        let latency = sent - received;
        self.sum += latency;
        self.longest = self.longest.max(latency);
        self.shortest = Some(self.shortest.map_or(latency, |shortest| shortest.min(latency)));
        self.picoseconds.saturating_record((latency.as_nanoseconds() * 1000.0).round().max(0.0) as u64);
    }

    #[cold]
    fn miss(&mut self, error: Option<TimestampError>) {
        self.missing += 1;
        let why = || error.map_or("the adapter gave no transmit timestamp".to_owned(), |error| error.to_string());
        self.why.get_or_insert_with(why);
    }

    /// An error if there is no latency at all.
    pub fn must_be_some(&self) -> Result<()> {
        match &self.why {
            _ if !self.picoseconds.is_empty() => Ok(()),
            Some(why) => bail!("no latency could be measured: {why}"),
            None => bail!("no frame came; send UDP to the address and port, or leave out --no-stimulus"),
        }
    }
}

impl fmt::Display for Latencies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.picoseconds.len();
        writeln!(f, "{:>8} {count}", "frames")?;
        if let Some(shortest) = self.shortest {
            writeln!(f, "{:>8} {shortest:.1}", "min")?;
            for (name, quantile) in [("50%", 0.5), ("90%", 0.9), ("99%", 0.99), ("99.9%", 0.999)] {
                // The histogram says the upper end of where it is.
                let value = self.picoseconds.value_at_quantile(quantile) as f64 / 1000.0;
                writeln!(f, "{name:>8} {:.1} ns", value.min(self.longest.as_nanoseconds()))?;
            }
            writeln!(f, "{:>8} {:.1}", "max", self.longest)?;
            writeln!(f, "{:>8} {:.1} ns", "mean", self.sum.as_nanoseconds() / count as f64)?;
        }
        if let Some(why) = &self.why {
            writeln!(f, "{:>8} {}: {why}", "without", self.missing)?;
        }
        // Out of sync, differences are still right but for the clock's rate.
        write!(f, "{:>8} the adapter's, {}in sync with its source", "clock", if self.in_sync { "" } else { "not " })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanoseconds: i64) -> Timestamp {
        Timestamp::default() + TimeDelta::from_nanoseconds(nanoseconds)
    }

    #[test]
    fn a_latency_is_from_receiving_to_sending() {
        let mut latencies = Latencies::new().unwrap();
        latencies.add(Ok(at(1_000)), Some(at(1_750) + TimeDelta::from_units(1 << 15)));
        latencies.add(Ok(at(3_000)), Some(at(3_250)));
        let text = latencies.to_string();
        for line in ["frames 2", "min 250.0 ns", "max 750.5 ns", "mean 500.2 ns", "not in sync"] {
            assert!(text.contains(line), "`{line}` is missing:\n{text}");
        }
        latencies.must_be_some().unwrap();
    }

    #[test]
    fn what_has_no_time_is_counted_and_said() {
        let mut latencies = Latencies::new().unwrap();
        assert!(latencies.must_be_some().unwrap_err().to_string().contains("no frame came"));
        latencies.add(Err(TimestampError::NotSynchronised), Some(at(1)));
        latencies.add(Ok(at(1)), None);
        assert_eq!(latencies.answered(), 2);
        assert!(latencies.to_string().contains("without 2: not yet synchronised"), "{latencies}");
        assert!(latencies.must_be_some().unwrap_err().to_string().contains("not yet synchronised"));
    }
}
