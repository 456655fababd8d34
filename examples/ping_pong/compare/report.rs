//! The tables that a person reads.

use std::fmt::Write as _;

use super::super::statistics::Summary;
use super::outcome::{Calls, Comparison, Cpu, Measured, Outcome};
use super::wire::Wire;

/// The tables and what to know about them, ready to print.
pub fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    let Comparison { interface, payload, iterations, warm_ups, time, .. } = comparison;
    put(
        &mut text,
        format_args!(
            "ping_pong compare over {interface}: messages of {payload} bytes of UDP; {iterations} round trips after \
             {warm_ups} warm-ups; {} s for each rate and size",
            time.as_secs_f64()
        ),
    );
    round_trips(&mut text, comparison);
    rates(&mut text, comparison);
    streams(&mut text, comparison);
    notes(&mut text, comparison);
    text
}

/// Adds a line.
fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{}", line.to_string().trim_end()).expect("a String takes all");
}

/// Five percentiles.
fn percentiles(times: &Summary) -> String {
    let Summary { p50, p90, p99, p99_9, max, .. } = times;
    format!("{p50:>9} {p90:>9} {p99:>9} {p99_9:>9} {max:>10}")
}

const PERCENTILES: &str = "      p50       p90       p99     p99.9        max";

fn cpu(cpu: &Cpu) -> String {
    format!("{:>8.0} {:>8.0}", cpu.ping, cpu.pong)
}

fn calls(calls: &Calls) -> String {
    let one = |calls: Option<f64>| calls.map_or_else(|| "-".to_owned(), |calls| format!("{calls:.2}"));
    format!("{:>7} {:>7}", one(calls.ping), one(calls.pong))
}

const COSTS: &str = "cpu ping cpu pong   calls   calls";

fn round_trips(text: &mut String, comparison: &Comparison) {
    let times = |wanted: Wire| {
        let mut measured = comparison.measured();
        measured.find(|(wire, _)| *wire == wanted).and_then(|(_, measured)| measured.round_trips.as_ref())
    };
    if comparison.measured().all(|(_, measured)| measured.round_trips.is_none()) {
        return;
    }
    put(
        text,
        format_args!(
            "\nRound trip in ns, there and back, one message at a time; for each, CPU time in ns and system calls at ping and \
             at pong"
        ),
    );
    put(text, format_args!("{:<19} {PERCENTILES} {COSTS}   against sockets: p50, p99", "wire"));
    for row in &comparison.rows {
        let Outcome::Measured(Measured { round_trips: Some(trips), .. }) = &row.outcome else {
            put(text, format_args!("{:<19} {:>9}", row.wire, "-"));
            continue;
        };
        let mut gains = String::new();
        for socket in [Wire::Socket, Wire::SocketPolled] {
            if let Some(base) = times(socket)
                && row.wire != socket
                && !(row.wire == Wire::Socket)
            {
                let gain = |theirs: u64, ours: u64| theirs as f64 / ours.max(1) as f64;
                let name = if socket == Wire::Socket { "sleeping" } else { "polled" };
                let (p50, p99) = (gain(base.times.p50, trips.times.p50), gain(base.times.p99, trips.times.p99));
                write!(gains, "  {name} {p50:.2}x {p99:.2}x").expect("a String takes all");
            }
        }
        let (times, cpu, calls) = (percentiles(&trips.times), cpu(&trips.cpu), calls(&trips.calls));
        put(text, format_args!("{:<19} {times} {cpu} {calls} {gains}", row.wire));
    }
}

fn rates(text: &mut String, comparison: &Comparison) {
    if comparison.measured().all(|(_, measured)| measured.rates.is_empty()) {
        return;
    }
    put(
        text,
        format_args!(
            "\nAt fixed rates: from when a message was due until it was back, in ns; messages that did not come back"
        ),
    );
    put(
        text,
        format_args!(
            "{:<19} {:>9} {:>9} {PERCENTILES} {:>9} {:>8} {:>8}",
            "wire", "asked/s", "sent/s", "lost", "cpu ping", "cpu pong"
        ),
    );
    for (wire, measured) in comparison.measured() {
        for rate in &measured.rates {
            let times = rate.times.as_ref().map_or_else(|| format!("{:>50}", "-"), percentiles);
            put(
                text,
                format_args!(
                    "{wire:<19} {:>9} {:>9.0} {times} {:>9} {}",
                    rate.asked,
                    rate.achieved,
                    rate.lost,
                    cpu(&rate.cpu)
                ),
            );
        }
    }
}

fn streams(text: &mut String, comparison: &Comparison) {
    if comparison.measured().all(|(_, measured)| measured.streams.is_empty()) {
        return;
    }
    put(text, format_args!("\nOne way, as fast as it goes. sent = received + what the counters say + unaccounted"));
    put(
        text,
        format_args!(
            "{:<19} {:>6} {:>10} {:>10} {:>10} {:>9} {:>11} {COSTS}  counted",
            "wire", "frame", "received/s", "Mbit/s", "sent", "lost", "unaccounted"
        ),
    );
    for (wire, measured) in comparison.measured() {
        for stream in &measured.streams {
            let seconds = stream.took.as_secs_f64().max(1e-9);
            let rate = stream.received as f64 / seconds;
            let counted: Vec<String> =
                stream.lost_at.iter().map(|count| format!("{} {}", count.at, count.messages)).collect();
            put(
                text,
                format_args!(
                    "{wire:<19} {:>6} {rate:>10.0} {:>10.1} {:>10} {:>9} {:>11} {} {}  {}",
                    stream.frame,
                    rate * stream.frame as f64 * 8.0 / 1e6,
                    stream.sent,
                    stream.sent.saturating_sub(stream.received),
                    stream.unaccounted,
                    cpu(&stream.cpu),
                    calls(&stream.calls),
                    counted.join(", ")
                ),
            );
        }
    }
}

fn notes(text: &mut String, comparison: &Comparison) {
    put(text, format_args!(""));
    put(
        text,
        format_args!(
            "Every message that came back was compared with what was sent. frame: with padding and FCS. cpu: of the thread \
             that sends and receives, polling included. calls: the system calls with which it does so, for each message; - \
             where nobody counts them."
        ),
    );
    if comparison.rows.iter().any(|row| row.wire.is_local()) {
        put(text, format_args!("memory: both ends on this machine, whichever interface is compared."));
    }
    for row in &comparison.rows {
        match &row.outcome {
            Outcome::Unavailable { reason } => put(text, format_args!("{}: not measured: {reason}", row.wire)),
            Outcome::Measured(measured) => {
                for note in &measured.notes {
                    put(text, format_args!("{}: {note}", row.wire));
                }
            }
        }
    }
}
