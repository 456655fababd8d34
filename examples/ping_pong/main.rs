//! UDP round trips between two processes through efvi, and percentiles of how long they take.
//!
//! ```text
//! cargo run --release --example ping_pong                        both ends on this machine, over the mock adapter
//! cargo run --release --example ping_pong -- --help              what else it can do
//!
//! cargo build --release --no-default-features -p examples --example ping_pong      with the real library
//! target/release/examples/ping_pong pong eth1                    on one host
//! target/release/examples/ping_pong ping eth1                    on the other
//! ```
//! `ping_pong compare` is a program of its own ([`compare`]): what efvi is worth against sockets on the same interface.
//!
//! Where to look first: [`measure`] is the measured loop, [`echo`] the one that answers it, [`station`] the set-up of a
//! virtual interface for each way to send, [`load`] what differs for frames that take several buffers.

mod both;
mod check;
mod cli;
mod compare;
mod echo;
mod hdr;
mod load;
mod measure;
mod own;
mod patience;
mod pattern;
mod ping;
mod plan;
mod pong;
mod progress;
mod protocol;
mod results;
mod sizes;
mod socket_ping;
mod socket_pong;
mod station;
mod statistics;
mod table;
mod timer;

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};

use cli::{Job, PingJob};
use results::Results;

#[cfg(not(test))] // The test harness brings a `main` of its own.
fn main() -> ExitCode {
    exit_on_signals();
    run(std::env::args_os())
}

/// Has SIGINT and SIGTERM end the program like a return from `main`, so that the mock leaves nothing in shared memory.
#[cfg(not(test))]
fn exit_on_signals() {
    use signal_hook::consts::{SIGINT, SIGTERM};
    // Without it they end the program all the same; the next run clears away what is left then.
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            // As a shell gives it.
            std::process::exit(128 + signal);
        }
    });
}

/// The whole program: 0 when all went well, 1 when it did not, 2 for a wrong command line.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if arguments.get(1).is_some_and(|first| first == compare::NAME) {
        return compare::run(arguments.into_iter().skip(2));
    }
    let job = match cli::parse(arguments) {
        Ok(job) => job,
        Err(error) => {
            // Nobody is left to tell if this fails.
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    let (name, outcome) = match &job {
        Job::Both { ping, pong_cpu } => {
            ("ping_pong", both::run(ping, *pong_cpu).and_then(|results| show(ping, &results)))
        }
        Job::Ping(ping) if ping.place.socket => {
            ("ping_pong ping", socket_ping::run(ping).and_then(|results| show(ping, &results)))
        }
        Job::Pong(pong) if pong.place.socket => ("ping_pong pong", socket_pong::run(pong)),
        Job::Ping(ping) => ("ping_pong ping", ping::run(ping).and_then(|results| show(ping, &results))),
        Job::Pong(pong) => ("ping_pong pong", pong::run(pong)),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Puts out what ping measured.
fn show(job: &PingJob, results: &Results) -> anyhow::Result<()> {
    let text = if job.json { results.to_json().context("the results as JSON")? } else { results.to_text() };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("standard output")?;
    if let Some(path) = &job.hdr {
        write_hdr(path, results).with_context(|| format!("the histogram log {}", path.display()))?;
    }
    if results.measured().next().is_none() {
        bail!("none of the modes could be measured; the reasons are in the output");
    }
    Ok(())
}

fn write_hdr(path: &Path, results: &Results) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    results.write_hdr_log(&mut file)?;
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_command_line_is_exit_code_2() {
        let line = ["ping_pong", "--no-such-option"];
        assert_eq!(run(line.map(OsString::from)), ExitCode::from(2));
    }
}
