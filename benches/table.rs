//! Percentiles of round trips as a table.

use std::fmt::Write as _;

use hdrhistogram::Histogram;

/// Times in nanoseconds, up to a second; longer ones count as that.
#[derive(Clone)]
pub struct Times(Histogram<u64>);

const SECOND: u64 = 1_000_000_000;

impl Default for Times {
    fn default() -> Self {
        // These bounds are valid ones: a lowest of at least 1, a highest of at least twice that, 0 to 5 digits.
        Times(Histogram::new_with_bounds(1, SECOND, 3).expect("valid bounds"))
    }
}

impl Times {
    /// Adds one.
    #[inline(always)]
    pub fn record(&mut self, nanoseconds: u64) {
        self.0.saturating_record(nanoseconds);
    }

    /// Adds all of another's.
    ///
    /// # Panics
    /// Never: all have the same bounds.
    pub fn add(&mut self, other: &Times) {
        self.0.add(&other.0).expect("the same bounds");
    }

    /// The median.
    #[must_use]
    pub fn p50(&self) -> u64 {
        self.0.value_at_quantile(0.5)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One row: what was measured, and how long it took.
pub struct Row {
    /// Where, and what.
    pub name: String,
    /// The times.
    pub times: Times,
    /// The limit measured in turns with it.
    pub limit: Option<Times>,
}

/// The rows as text: percentiles in nanoseconds, the limit's median, and the ratio of the two medians.
#[must_use]
pub fn render(rows: &[Row]) -> String {
    let width = rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    let mut text = format!("{:width$}", "");
    for title in ["min", "p50", "p90", "p99", "p99.9", "trips", "limit p50", "p50/limit"] {
        let _ = write!(text, " {title:>9}");
    }
    text.push('\n');
    for Row { name, times, limit } in rows {
        let _ = write!(text, "{name:width$} {:>9}", times.0.min());
        for quantile in [0.5, 0.9, 0.99, 0.999] {
            let _ = write!(text, " {:>9}", times.0.value_at_quantile(quantile));
        }
        let _ = write!(text, " {:>9}", times.0.len());
        match limit.as_ref().map(Times::p50).filter(|limit| *limit > 0) {
            Some(limit) => {
                let _ = write!(text, " {limit:>9} {:>9.2}", times.p50() as f64 / limit as f64);
            }
            None => {
                let _ = write!(text, " {:>9} {:>9}", "-", "-");
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(values: impl IntoIterator<Item = u64>) -> Times {
        let mut times = Times::default();
        values.into_iter().for_each(|value| times.record(value));
        times
    }

    #[test]
    fn a_row_has_percentiles_and_the_ratio_to_its_limit() {
        let row = Row { name: "x".to_owned(), times: times(1..=1000), limit: Some(times([200; 3])) };
        let bare = Row { name: "bare line".to_owned(), times: times([200; 3]), limit: None };
        let text = render(&[row, bare]);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert_eq!(lines[1], ["x", "1", "500", "900", "990", "999", "1000", "200", "2.50"]);
        assert_eq!(lines[2], ["bare", "line", "200", "200", "200", "200", "200", "3", "-", "-"]);
        assert!(text.lines().all(|line| line.len() == text.lines().next().unwrap().len()), "{text}");
    }

    #[test]
    fn sums_and_very_long_times() {
        let mut all = times([100]);
        all.add(&times([300, u64::MAX]));
        assert_eq!(all.p50(), 300);
        assert!(all.0.max() >= SECOND);
        assert!(times([]).is_empty() && !all.is_empty());
    }
}
