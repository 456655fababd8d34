//! Sends frames from one process to another, as many as asked for, while the mock adapter does to them, and to the
//! programs, all that can go wrong. In the end every frame has to be accounted for, every frame that arrived as good has
//! to be as it was sent, the memory in use has to be what it was, and every fault has to have happened.
//!
//! This process starts the two, a sender and a receiver, each at its end of a cable, and adds up what they and the mock
//! counted.

mod account;
mod faults;
mod frames;
mod link;
mod memory;
mod receiver;
mod run;
mod sender;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand, ValueEnum};
use rustix::process::Signal;

/// The adapter that is soaked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Model {
    X2,
    X3,
    /// On its express datapath; without it is as an X2.
    X4,
}

#[derive(Parser)]
#[command(
    about = "Sends frames between two processes over the mock adapter, which fails in all ways, and checks each",
    version
)]
#[command(args_conflicts_with_subcommands = true)]
struct Cli {
    /// How many frames
    #[arg(default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(100_000..))]
    frames: u64,
    /// The adapter
    #[arg(long, value_enum, default_value = "x2")]
    model: Model,
    /// What chance starts from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(subcommand)]
    end: Option<End>,
}

/// What the processes that are started do.
#[derive(Subcommand)]
enum End {
    #[command(hide = true)]
    Send { model: Model, frames: u64 },
    #[command(hide = true)]
    Receive { model: Model },
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    if cli.end.is_some() {
        rustix::process::set_parent_process_death_signal(Some(Signal::TERM)).context("tying this to its parent")?;
    }
    match cli.end {
        None => run::both_ends(cli.frames, cli.model, cli.seed),
        Some(End::Send { model, frames }) => sender::send(model, frames),
        Some(End::Receive { model }) => receiver::receive(model),
    }
}
