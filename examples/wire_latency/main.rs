//! Measures wire to wire: how long from the moment at which the adapter receives a frame to that at which the answer
//! leaves it. Both times are by the adapter's own clock, on one virtual interface, so no host clock takes part.
//!
//! ```text
//! cargo run --release --example wire_latency                     # both ends, over the mock adapter
//! cargo run --release --no-default-features -p examples --example wire_latency -- eth1 --no-stimulus
//! ```
//! With `--no-stimulus` the frames are to come from elsewhere: any UDP to the address and port.

mod latencies;
mod reflector;
mod stimulus;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, anyhow};
use clap::Parser;

use reflector::Reflector;

#[derive(Parser)]
#[command(about = "Measures the latency from wire to wire by the adapter's timestamps", version)]
struct Cli {
    /// The interface that answers
    #[arg(default_value = "lo")]
    interface: String,
    /// The address that it answers for
    #[arg(long, default_value_t = Ipv4Addr::new(192, 0, 2, 2))]
    address: Ipv4Addr,
    /// The UDP port that it answers on
    #[arg(long, default_value_t = 7302)]
    port: u16,
    /// How many frames to answer
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    count: u64,
    /// The UDP payload of a stimulus, in bytes
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(0..=1400))]
    size: u16,
    /// Send the answers by CTPIO, cut through after 64 bytes
    #[arg(long)]
    ctpio: bool,
    /// Send no frames to answer: they come from elsewhere
    #[arg(long)]
    no_stimulus: bool,
    /// The interface that frames are sent from, unless it is the one that answers
    #[arg(long, conflicts_with = "no_stimulus")]
    from: Option<String>,
    /// Seconds without a frame after which to stop and print what there is
    #[arg(long, default_value_t = 10)]
    timeout: u64,
}

fn main() -> Result<()> {
    let cli = Cli::parse();
    let local = SocketAddrV4::new(cli.address, cli.port);
    let mut reflector = Reflector::open(&cli.interface, local, cli.ctpio)?;
    let timeout = Duration::from_secs(cli.timeout);
    let ended = AtomicBool::new(false);
    let latencies = thread::scope(|scope| {
        let stimulus = (!cli.no_stimulus).then(|| {
            let (mac, ended) = (reflector.mac(), &ended);
            let from = cli.from.as_deref().unwrap_or(&cli.interface);
            scope.spawn(move || stimulus::run(from, local, mac, usize::from(cli.size), ended))
        });
        let alive = || stimulus.as_ref().is_none_or(|thread| !thread.is_finished());
        let latencies = reflector.run(cli.count, timeout, &alive);
        ended.store(true, Ordering::Relaxed);
        if let Some(thread) = stimulus {
            thread.join().map_err(|_| anyhow!("the thread that sends frames panicked"))??;
        }
        latencies
    })?;
    println!("{latencies}");
    latencies.must_be_some()
}
