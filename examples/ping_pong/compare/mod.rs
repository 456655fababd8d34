//! What kernel bypass is worth on this machine: the same messages over the same interface by blocking UDP sockets, UDP
//! sockets that are polled, packet sockets, AF_XDP, and for scale over memory, in one run.
//!
//! ```text
//! ping_pong compare eth1 --answer                    on one host
//! ping_pong compare eth1 --remote 198.51.100.2       on the other, which prints the tables
//! ```
//!
//! Each wire is measured by two processes of its own ([`worker`]), which talk over a TCP connection beside it
//! ([`control`]) and differ in nothing but their [`end::End`].

mod adapter;
mod answer;
mod ask;
mod cli;
mod control;
mod drops;
mod end;
mod limits;
mod message;
mod outcome;
mod rates;
mod report;
mod round_trips;
mod socket;
mod stream;
mod wire;
mod worker;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use cli::Job;

/// The first argument that asks for this.
pub const NAME: &str = "compare";

/// Runs `ping_pong compare`; the arguments are those behind it.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let job = match cli::parse(arguments) {
        Ok(job) => job,
        Err(error) => {
            // Nobody is left to tell if this fails.
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    let outcome = match &job {
        Job::Ask(job) => ask::run(job).and_then(|comparison| show(&comparison, job.json)),
        Job::Answer(job) => answer::run(job),
        Job::Work(job) => worker::run(job),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ping_pong {NAME}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn show(comparison: &outcome::Comparison, json: bool) -> Result<()> {
    let text = if json {
        serde_json::to_string_pretty(comparison).context("the results as JSON")? + "\n"
    } else {
        report::text(comparison)
    };
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).context("standard output")?;
    if comparison.measured().next().is_none() {
        bail!("none of the wires could be measured; the reasons are in the output");
    }
    comparison.must_add_up()
}
