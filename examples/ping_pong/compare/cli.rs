//! The command line of `ping_pong compare`.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser};
use examples::{cpu, frame};

use super::super::cli::parse_seconds;
use super::super::own;
use super::super::sizes::Sizes;
use super::message;
use super::wire::Wire;
use super::worker::{self, Plan};

/// UDP round trips over one interface by sockets and by efvi, side by side
///
/// For each wire: round trips one at a time, messages at fixed rates up to the first that loses any, and messages one
/// way as fast as they go. `ping_pong compare IFACE --answer` runs on the other host, or in the other network namespace;
/// both ends need the interface's IPv4 addresses to be its own, as sockets are compared. About 15 s a wire.
#[derive(Debug, Parser)]
#[command(name = "ping_pong compare", version)]
struct Cli {
    /// The interface to compare on
    #[arg(value_name = "IFACE")]
    interface: String,

    /// Be the other end: answer whoever compares, until killed
    #[arg(long)]
    answer: bool,

    /// IPv4 address of the other end
    #[arg(long, value_name = "ADDRESS", required_unless_present_any = ["answer", "worker"])]
    remote: Option<Ipv4Addr>,

    /// IPv4 address of this end [default: the interface's]
    #[arg(long, value_name = "ADDRESS")]
    local: Option<Ipv4Addr>,

    /// UDP port of both ends, and the TCP port at which the other end answers
    #[arg(long, default_value_t = 8080, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,

    /// Wires to compare, with commas [default: all that this program was built for]
    #[arg(short = 'W', long = "wire", value_name = "WIRES", value_enum, value_delimiter = ',')]
    wires: Vec<Wire>,

    /// Round trips to measure one at a time for each wire; 0 for none
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100_000)]
    iterations: u32,

    /// Round trips before the measured ones
    #[arg(short = 'w', long, value_name = "N", default_value_t = 10_000)]
    warm_ups: u32,

    /// Bytes of a message, 8 at least; its frame is 42 bytes longer
    #[arg(short = 's', long = "size", value_name = "BYTES", default_value_t = 22)]
    #[arg(value_parser = clap::value_parser!(u16).range(message::SHORTEST as i64..))]
    size: u16,

    /// Messages a second, ascending, with commas; 0 for no fixed rates
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_value = "50000,100000,200000")]
    rates: Vec<u32>,

    /// Only these rates, and not higher ones until one loses messages or is not reached
    #[arg(long)]
    only_rates: bool,

    /// Bytes of messages to send one way as fast as they go: a size, a range MIN-MAX[:STEP], or a list with commas
    /// [default: 18,82,210,466,978,1234,1472, which are frames of 64 to 1518 bytes, and longer ones if the MTU lets them]
    #[arg(long, value_name = "SIZES")]
    streams: Option<Sizes>,

    /// Send none one way
    #[arg(long, conflicts_with = "streams")]
    no_streams: bool,

    /// Seconds for each rate, and for each size one way
    #[arg(long, value_name = "SECONDS", default_value = "0.5", value_parser = parse_seconds)]
    seconds: Duration,

    /// CPU to keep this end on [default: one of two that are allowed]
    #[arg(long, value_name = "CPU")]
    cpu: Option<usize>,

    /// CPU to keep the other end of the wire in memory on, which is on this machine [default: the other of the two]
    #[arg(long, value_name = "CPU")]
    peer_cpu: Option<usize>,

    /// Seconds without a message after which a wire has failed
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = parse_seconds)]
    timeout: Duration,

    /// Seconds to wait for the other end to appear
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = parse_seconds)]
    wait: Duration,

    /// Print one JSON document in place of the tables
    #[arg(long)]
    json: bool,

    /// What a process that this program starts is to do
    #[arg(long, hide = true, value_name = "JOB")]
    worker: Option<String>,
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Job {
    Ask(AskJob),
    Answer(AnswerJob),
    Work(worker::Job),
}

/// What the asking side does.
#[derive(Debug)]
pub struct AskJob {
    pub interface: String,
    pub local: SocketAddrV4,
    pub remote: SocketAddrV4,
    pub wires: Vec<Wire>,
    pub plan: Plan,
    pub cpu: Option<usize>,
    pub peer_cpu: Option<usize>,
    pub timeout: Duration,
    pub wait: Duration,
    pub json: bool,
}

impl AskJob {
    /// The longest message.
    pub fn longest(&self) -> usize {
        let streams = self.plan.sizes.as_ref().map_or(&[][..], |sizes| sizes.as_slice());
        streams.iter().map(|size| usize::from(*size)).fold(self.plan.payload, usize::max)
    }
}

/// What the answering side does.
#[derive(Debug)]
pub struct AnswerJob {
    pub interface: String,
    pub local: SocketAddrV4,
    pub cpu: Option<usize>,
}

/// Frames that are sent one way unless others are asked for, in bytes with FCS: those of RFC 2544, and longer ones where
/// the MTU lets them.
const FRAMES: [usize; 11] = [64, 128, 256, 512, 1024, 1280, 1518, 2048, 4096, 8192, 9018];

/// The messages of such frames that an interface of this MTU carries, in bytes.
fn streams(mtu: Option<usize>) -> Sizes {
    let mtu = mtu.unwrap_or(1500);
    let fit = FRAMES.into_iter().filter(|frame| frame - frame::ETHERNET - frame::FCS <= mtu);
    fit.map(|bytes| (bytes - frame::HEADERS - frame::FCS) as u16).collect()
}

/// Reads the arguments behind `compare`.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Job, clap::Error> {
    let cli = Cli::try_parse_from(std::iter::once(OsString::from(super::NAME)).chain(arguments))?;
    let wrong = |kind, text: String| Cli::command().error(kind, text);
    if let Some(job) = &cli.worker {
        return serde_json::from_str(job)
            .map(Job::Work)
            .map_err(|error| wrong(ErrorKind::InvalidValue, format!("`--worker {job}`: {error}")));
    }
    let local = match cli.local {
        Some(local) => local,
        None => own::address(&cli.interface).ok_or_else(|| {
            let text = format!("{} has no IPv4 address: give it one, or say which with `--local`", cli.interface);
            wrong(ErrorKind::MissingRequiredArgument, text)
        })?,
    };
    let local = SocketAddrV4::new(local, cli.port);
    let pair = cpu::allowed().ok().and_then(|allowed| cpu::pair(&allowed)).unzip();
    if cli.answer {
        return Ok(Job::Answer(AnswerJob { interface: cli.interface, local, cpu: cli.cpu.or(pair.1) }));
    }
    let streams = cli.streams.unwrap_or_else(|| streams(own::mtu(&cli.interface)));
    let smallest = streams.as_slice().iter().min();
    if smallest.is_some_and(|size| usize::from(*size) < message::SHORTEST) {
        let text = format!("`--streams`: a message has at least {} bytes", message::SHORTEST);
        return Err(wrong(ErrorKind::ValueValidation, text));
    }
    let Some(remote) = cli.remote else {
        return Err(wrong(ErrorKind::MissingRequiredArgument, "`--remote` says where the other end is".to_owned()));
    };
    let mut rates: Vec<u32> = cli.rates.into_iter().filter(|rate| *rate != 0).collect();
    rates.sort_unstable();
    let plan = Plan {
        payload: cli.size.into(),
        warm_ups: cli.warm_ups,
        iterations: cli.iterations,
        rates,
        until_loss: !cli.only_rates,
        sizes: (!cli.no_streams).then_some(streams),
        time: cli.seconds,
    };
    Ok(Job::Ask(AskJob {
        interface: cli.interface,
        local,
        remote: SocketAddrV4::new(remote, cli.port),
        wires: if cli.wires.is_empty() { Wire::all().to_vec() } else { cli.wires },
        plan,
        cpu: cli.cpu.or(pair.0),
        peer_cpu: cli.peer_cpu.or(pair.1),
        timeout: cli.timeout,
        wait: cli.wait,
        json: cli.json,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_line(line: &str) -> Result<Job, clap::Error> {
        parse(line.split_whitespace().map(OsString::from))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn all_wires_are_compared_unless_others_are_asked_for() {
        let Ok(Job::Ask(job)) = parse_line("eth1 --local 10.0.0.1 --remote 10.0.0.2 --rates 9,5") else {
            panic!("ask")
        };
        assert_eq!(job.wires, Wire::all());
        assert_eq!(job.plan.rates, [5, 9]);
        assert!(job.plan.until_loss);
        assert_eq!(job.longest(), 1472);
        let line = "eth1 --local 10.0.0.1 --remote 10.0.0.2 -W xdp,socket --rates 0 --no-streams -s 99";
        let Ok(Job::Ask(job)) = parse_line(line) else { panic!("ask") };
        assert_eq!(job.wires, [Wire::Xdp, Wire::Socket]);
        assert!(job.plan.rates.is_empty() && job.plan.sizes.is_none());
        assert_eq!(job.longest(), 99);
    }

    #[test]
    fn frames_are_as_long_as_the_mtu_lets_them() {
        assert_eq!(streams(None).as_slice(), [18, 82, 210, 466, 978, 1234, 1472]);
        assert_eq!(streams(Some(100)).as_slice(), [18]);
        assert_eq!(streams(Some(9000)).as_slice()[7..], [2002, 4050, 8146, 8972]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let error = |line| parse_line(line).map(|_| ()).unwrap_err().to_string();
        assert!(error("eth1").contains("--remote"));
        assert!(error("no-such-interface --remote 10.0.0.2").contains("no IPv4 address"));
        assert!(error("eth1 --remote 10.0.0.2 -s 7").contains('8'));
        assert!(error("eth1 --local 10.0.0.1 --remote 10.0.0.2 --streams 4").contains("at least 8"));
        assert!(error("eth1 -W carrier-pigeon").contains("socket-polled"));
        assert!(error("eth1 --worker {").contains("--worker"));
    }
}
