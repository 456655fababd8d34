//! What each technique is worth: one send and one receive with each switched on in turn, as a table of nanoseconds.
//!
//! ```text
//! cargo run --release --example techniques                       by the default costs
//! cargo run --release --example techniques -- --costs speed=25,fetch=600
//! ```
//! It runs on the mock adapter's virtual clock, which only the adapter and the calls to it advance: the table is the same
//! in every run and on every machine. It shows what techniques change, not how fast an adapter is: for that, give the
//! costs that were measured on it.

mod bench;
mod receives;
mod sends;

use anyhow::{Result, anyhow};
use clap::Parser;
use efvi::mock::Costs;

use bench::{Bench, Part};
use receives::Receive;
use sends::Send;

/// Bytes of the frames, without the FCS: the shortest and the longest of an untagged Ethernet.
const LENGTHS: [usize; 2] = [60, 1514];

#[derive(Parser)]
#[command(about = "Prints what each technique of sending and of receiving is worth, on virtual time", version)]
struct Cli {
    /// What steps cost, in ns: name=ns for each that is not to have its default, with commas; speed is in Gb/s
    #[arg(long, value_parser = costs, default_value = "")]
    costs: Costs,
}

fn costs(text: &str) -> Result<Costs, String> {
    Costs::parse(text).map_err(|expected| format!("expected {expected}"))
}

fn main() -> Result<()> {
    let bench = Bench::new(Cli::parse().costs);
    println!("{:<57} {:>4} B {:>4} B", "send: from the call to the first byte on the wire", LENGTHS[0], LENGTHS[1]);
    for send in Send::EACH {
        row(send.name(), |length| bench.send(send, length))?;
    }
    println!("\nreceive: from there until the program has it");
    for receive in Receive::each() {
        row(&receive.name(), |length| bench.receive(receive, length))?;
    }
    println!("\nthe whole way, slowest and fastest");
    let (first, last) = (Receive::SLOWEST, Receive::FASTEST);
    for (send, receive) in [(Send::Doorbell, first), (Send::CutThrough, last)] {
        row(&format!("{}; {}", send.name(), receive.name()), |length| {
            let [send, receive] = bench.both(send, receive, length)?;
            Ok(Part(send.0 + receive.0))
        })?;
    }
    Ok(())
}

/// Prints a row: the figure of each length.
fn row(name: &str, mut figure: impl FnMut(usize) -> Result<Part>) -> Result<()> {
    let mut line = format!("  {name:<55}");
    for length in LENGTHS {
        let part = figure(length).map_err(|error| anyhow!("{name}, {length} bytes: {error:#}"))?;
        line += &format!(" {:>6}", part.0.as_nanos());
    }
    println!("{line}");
    Ok(())
}
