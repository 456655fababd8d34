//! The tables that a person reads.

use std::fmt::Write as _;

use super::plan::Mode;
use super::results::{Measurement, Outcome, Results, Row};
use super::statistics::Summary;
use super::timer::Source;

impl Results {
    /// The tables and what to know about them, ready to print.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        self.head(&mut text);
        let clock = match self.parameters.clock.source {
            Source::Tsc => "this program's clock (time-stamp counter)",
            Source::Monotonic => "this program's clock (the system's; no steady time-stamp counter)",
        };
        self.table(&mut text, clock, |measured| measured.software.summary());
        if self.parameters.timestamps {
            let clock = "the adapter's timestamps (ping transmitted to echo received)";
            self.table(&mut text, clock, |measured| measured.adapter.recorder.summary());
        }
        self.notes(&mut text);
        text
    }

    fn head(&self, text: &mut String) {
        let parameters = &self.parameters;
        let mut line = format!(
            "ping_pong over {}: {} round trips a row after {} warm-ups",
            parameters.interface, parameters.iterations, parameters.warm_ups,
        );
        if let Some(vlan) = parameters.vlan {
            line += &format!("; VLAN {}, priority {}", vlan.id(), vlan.priority());
        }
        if self.rows.iter().any(|row| row.run.set_up.mode == Mode::Ctpio) {
            let poison = if parameters.no_poison { "no poison" } else { "poison" };
            line += &format!("; CTPIO cut-through {}, {poison}", parameters.cut_through);
        }
        put(text, format_args!("{line}"));
    }

    fn table(&self, text: &mut String, clock: &str, summary: impl Fn(&Measurement) -> Option<Summary>) {
        put(text, format_args!("\nUDP round trip in ns, there and back (not halved), by {clock}"));
        put(
            text,
            format_args!(
                "{:<12} {:>7} {:>6} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11} {:>11}",
                "mode", "payload", "frame", "min", "p50", "p90", "p99", "p99.9", "max", "mean", "stddev",
            ),
        );
        for Row { run, outcome } in &self.rows {
            let frame = run.frame_length(self.parameters.headers());
            let start = format!("{:<12} {:>7} {:>6}", run.set_up.mode, run.payload, frame);
            match outcome {
                Outcome::Unavailable(_) => put(text, format_args!("{start} {:>9}", "-")),
                Outcome::Measured(measured) => match summary(measured) {
                    None => put(text, format_args!("{start} {:>9}", "-")),
                    Some(times) => put(
                        text,
                        format_args!(
                            "{start} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9} {:>11.1} {:>11.1}",
                            times.min,
                            times.p50,
                            times.p90,
                            times.p99,
                            times.p99_9,
                            times.max,
                            times.mean,
                            times.stddev,
                        ),
                    ),
                },
            }
        }
    }

    fn notes(&self, text: &mut String) {
        put(text, format_args!(""));
        let checked: u64 = self.measured().map(|(_, measured)| measured.checked).sum();
        put(
            text,
            format_args!("{checked} echoes checked, warm-ups included: length, contents and sequence all right."),
        );
        put(
            text,
            format_args!(
                "payload: UDP bytes; frame: payload and {} bytes of headers{}, without the FCS. Reading the clock costs {} ns, \
             not subtracted.",
                self.parameters.headers(),
                if self.parameters.vlan.is_some() { ", a VLAN tag's 4 among them" } else { "" },
                self.parameters.clock.cost
            ),
        );
        if self.parameters.one_cpu {
            put(
                text,
                format_args!(
                    "Both ends share one CPU: these are times of the scheduler. Allow two CPUs to measure the path."
                ),
            );
        }
        for Row { run, outcome } in &self.rows {
            match outcome {
                Outcome::Unavailable(reason) => put(text, format_args!("{run}: not measured: {reason}")),
                Outcome::Measured(measured) => {
                    let iterations = u64::from(run.iterations);
                    if run.set_up.mode == Mode::Ctpio && measured.by_ctpio < iterations {
                        put(
                            text,
                            format_args!(
                                "{run}: {} of {iterations} frames went by the DMA fallback, not by CTPIO",
                                iterations - measured.by_ctpio
                            ),
                        );
                    }
                    if measured.poisoned > 0 {
                        put(
                            text,
                            format_args!("{run}: {} echoes arrived poisoned first, then whole", measured.poisoned),
                        );
                    }
                    if let Some(why) = &measured.adapter.why {
                        put(
                            text,
                            format_args!(
                                "{run}: {} of {iterations} round trips without adapter times: {why}",
                                measured.adapter.missing
                            ),
                        );
                    }
                }
            }
        }
        self.sync_note(text);
    }

    fn sync_note(&self, text: &mut String) {
        let mut timed = self
            .measured()
            .map(|(_, measured)| &measured.adapter)
            .filter(|times| !times.recorder.histogram().is_empty())
            .peekable();
        if timed.peek().is_none() {
            return;
        }
        let (mut clock_set, mut in_sync) = (true, true);
        for times in timed {
            clock_set &= times.clock_set;
            in_sync &= times.in_sync;
        }
        put(
            text,
            format_args!(
                "The adapter's clock was {}set and {}in sync with its reference; differences of two of its timestamps \
             need neither.",
                if clock_set { "" } else { "not " },
                if in_sync { "" } else { "not " },
            ),
        );
    }
}

/// Adds a line.
fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a String takes all");
}

#[cfg(test)]
mod tests {
    use super::super::results::sample;
    use super::*;

    #[test]
    fn a_row_a_mode_in_each_table() {
        let text = sample::results().to_text();
        let rows: Vec<Vec<&str>> = text
            .lines()
            .filter(|line| line.starts_with("ctpio "))
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0][..5], ["ctpio", "22", "64", "1001", "1500"]);
        assert_eq!(rows[1][..5], ["ctpio", "22", "64", "501", "1000"]);
        assert_eq!(rows[0].len(), 11);
        assert!(text.contains("not halved"));
        assert!(text.contains("1010 echoes checked"));
        assert!(text.contains("costs 17 ns"));
    }

    #[test]
    fn columns_line_up() {
        let text = sample::results().to_text();
        let ends = |line: &str| {
            let bytes = line.as_bytes();
            (0..bytes.len())
                .filter(|at| bytes[*at] != b' ' && bytes.get(at + 1).is_none_or(|next| *next == b' '))
                .skip(1)
                .collect::<Vec<_>>()
        };
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|line| line.starts_with("mode")).unwrap();
        assert_eq!(ends(lines[at]), ends(lines[at + 1]));
    }

    #[test]
    fn what_was_not_as_asked_is_said() {
        let text = sample::results().to_text();
        assert!(text.contains("dma-push, payload 22: not measured: the adapter has no TX push"));
        assert!(text.contains("ctpio, payload 22: 10 of 1000 frames went by the DMA fallback"));
        assert!(text.contains("ctpio, payload 22: 2 echoes arrived poisoned first"));
        assert!(text.contains("clock was set and not in sync"));
        assert!(!text.contains("share one CPU"));
    }

    #[test]
    fn without_timestamps_there_is_one_table() {
        let mut results = sample::results();
        results.parameters.timestamps = false;
        results.parameters.one_cpu = true;
        let Outcome::Measured(measured) = &mut results.rows[0].outcome else { panic!("measured") };
        measured.adapter = super::super::results::AdapterTimes::new();
        results.rows[0].run.set_up.mode = Mode::DmaDoorbell;
        let text = results.to_text();
        assert!(!text.contains("cut-through"));
        assert_eq!(text.matches("not halved").count(), 1);
        assert!(!text.contains("adapter's clock"));
        assert!(text.contains("share one CPU"));
    }
}
