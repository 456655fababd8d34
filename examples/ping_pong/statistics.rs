//! Times of many round trips, and what to say about them.

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

/// Longest time that is told from longer ones: longer than any timeout one would wait for.
const LONGEST_NS: u64 = 3_600_000_000_000;
/// Digits to which a time is kept: 3, that is 0.1 %.
const DIGITS: u8 = 3;

/// Records times in ns. Recording neither allocates nor fails.
#[derive(Debug, Clone)]
pub struct Recorder {
    histogram: Histogram<u64>,
}

impl Recorder {
    pub fn new() -> Recorder {
        let histogram =
            Histogram::new_with_bounds(1, LONGEST_NS, DIGITS).expect("constant bounds that the histogram allows");
        Recorder { histogram }
    }

    #[inline]
    pub fn record(&mut self, nanoseconds: u64) {
        self.histogram.saturating_record(nanoseconds);
    }

    pub fn histogram(&self) -> &Histogram<u64> {
        &self.histogram
    }

    /// The numbers of one row; `None` if nothing was recorded.
    pub fn summary(&self) -> Option<Summary> {
        let histogram = &self.histogram;
        (!histogram.is_empty()).then(|| Summary {
            count: histogram.len(),
            min: histogram.min(),
            p50: histogram.value_at_quantile(0.5),
            p90: histogram.value_at_quantile(0.9),
            p99: histogram.value_at_quantile(0.99),
            p99_9: histogram.value_at_quantile(0.999),
            max: histogram.max(),
            mean: histogram.mean(),
            stddev: histogram.stdev(),
        })
    }
}

/// Times in ns, to three digits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub count: u64,
    pub min: u64,
    pub p50: u64,
    pub p90: u64,
    pub p99: u64,
    #[serde(rename = "p99.9")]
    pub p99_9: u64,
    pub max: u64,
    pub mean: f64,
    pub stddev: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Equal but for the histogram's three digits.
    fn close(got: f64, expected: f64) -> bool {
        (got - expected).abs() <= expected * 0.002 + 1.0
    }

    #[test]
    fn of_nothing_there_is_nothing_to_say() {
        assert_eq!(Recorder::new().summary(), None);
    }

    #[test]
    fn of_one_time_all_are_that_time() {
        let mut recorder = Recorder::new();
        recorder.record(777);
        let summary = recorder.summary().unwrap();
        assert_eq!((summary.count, summary.min, summary.p50, summary.max), (1, 777, 777, 777));
        assert_eq!((summary.mean, summary.stddev), (777.0, 0.0));
    }

    #[test]
    fn percentiles_are_where_they_belong() {
        let mut recorder = Recorder::new();
        // Backwards, as the order must not matter.
        for time in (1..=10_000).rev() {
            recorder.record(time);
        }
        let summary = recorder.summary().unwrap();
        assert_eq!(summary.count, 10_000);
        assert_eq!(summary.min, 1);
        for (got, expected) in [
            (summary.p50, 5000.0),
            (summary.p90, 9000.0),
            (summary.p99, 9900.0),
            (summary.p99_9, 9990.0),
            (summary.max, 10_000.0),
        ] {
            assert!(close(got as f64, expected), "{got} for {expected}");
        }
        assert!(close(summary.mean, 5000.5));
        assert!(close(summary.stddev, 2886.75));
    }

    #[test]
    fn impossible_times_are_kept_at_the_ends() {
        let mut recorder = Recorder::new();
        recorder.record(0);
        recorder.record(u64::MAX);
        let summary = recorder.summary().unwrap();
        assert_eq!((summary.count, summary.min), (2, 0));
        assert!(close(summary.max as f64, LONGEST_NS as f64));
    }
}
