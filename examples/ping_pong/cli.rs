//! The command line.

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, ValueEnum};
use efvi::MacAddress;
use examples::frame::Mac;
use examples::vlan::Vlan;

use super::plan::{Mode, Run, SetUp, Threshold};
use super::sizes::Sizes;

/// The interface over which `ping_pong` alone runs.
pub const ALONE: &str = "lo";

/// Ping's address where its interface has none.
pub const PING_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
/// Pong's.
pub const PONG_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);

/// UDP round trips through efvi: percentiles of how long they take
///
/// Alone, `ping_pong` runs both ends on this machine over `lo`, the wire of the mock adapter. `ping_pong pong IFACE` and
/// `ping_pong ping IFACE` are the two ends, on one host or two, started in either order; ping tells pong what to do and
/// prints the results.
#[derive(Debug, Parser)]
#[command(name = "ping_pong", version)]
struct Cli {
    /// The end to run [default: both]
    #[arg(value_enum, requires = "interface")]
    end: Option<End>,

    /// The interface to run it on: `lo` for the mock adapter's wire, or an adapter's
    #[arg(value_name = "IFACE")]
    interface: Option<String>,

    /// Round trips to measure for each mode and size
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100_000, help_heading = MEASURE)]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    iterations: u32,

    /// Round trips before the measured ones
    #[arg(short = 'w', long, value_name = "N", default_value_t = 10_000, help_heading = MEASURE)]
    warm_ups: u32,

    /// UDP payload in bytes: one size, a range MIN-MAX[:STEP], or a list with commas
    ///
    /// The frame is 42 bytes longer, by its Ethernet, IPv4 and UDP headers, the FCS not counted: 22 makes 64; in a VLAN it
    /// is 46 bytes longer. The adapter pads frames below 60 bytes. The largest payload is the MTU less 28; what one buffer
    /// does not hold (frames above 1778 bytes) is sent from several and received into several.
    #[arg(short = 's', long = "size", value_name = "SIZES", default_value = "22", help_heading = MEASURE)]
    sizes: Sizes,

    /// Bytes that the adapter buffers before a CTPIO frame starts onto the wire, or `snf` for all (store and forward)
    #[arg(short = 'c', long, value_name = "BYTES", default_value = "64", help_heading = MEASURE)]
    cut_through: Threshold,

    /// Have CTPIO frames buffered whole, so that none is ever sent poisoned
    #[arg(short = 'p', long, help_heading = MEASURE)]
    no_poison: bool,

    /// Ways to send, with commas [default: each but `best`]
    #[arg(short = 'm', long = "mode", value_name = "MODES", value_enum, value_delimiter = ',')]
    #[arg(help_heading = MEASURE)]
    modes: Vec<Mode>,

    /// Do without the adapter's timestamps, and what they cost
    #[arg(long, help_heading = MEASURE)]
    no_timestamps: bool,

    /// CPU to keep this end on [default: one of two that are allowed]
    #[arg(long, value_name = "CPU", help_heading = THIS_END)]
    cpu: Option<usize>,

    /// CPU to keep the pong end on that `ping_pong` alone starts
    #[arg(long, value_name = "CPU", help_heading = THIS_END)]
    peer_cpu: Option<usize>,

    /// Use the express datapath of an X4, which is like an X3's
    #[arg(long, help_heading = THIS_END)]
    express: bool,

    /// IPv4 address of this end [default: the interface's; where it has none, 192.0.2.1 for ping, 192.0.2.2 for pong]
    #[arg(long, value_name = "ADDRESS", help_heading = THIS_END)]
    local: Option<Ipv4Addr>,

    /// IPv4 address of the other end; pong on an interface that has an address answers anyone unless told [default where
    /// it has none: 192.0.2.2 for ping, 192.0.2.1 for pong]
    #[arg(long, value_name = "ADDRESS", help_heading = THIS_END)]
    remote: Option<Ipv4Addr>,

    /// Be an ordinary UDP socket of the kernel's: does the other end, which is efvi's, understand it?
    #[arg(long, help_heading = THIS_END)]
    socket: bool,

    /// UDP port of both ends; pairs with different ports run side by side
    #[arg(long, default_value_t = 8080, help_heading = THIS_END)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,

    /// Send in this VLAN, and receive from it alone, on an adapter that steers UDP by VLAN: a number from 1 to 4094, and
    /// the frames' priority up to 7 (802.1Q); echoes keep that of ping
    ///
    /// Each end has its own: where a switch takes tags off, one may be without. Of the interface in the VLAN nothing is
    /// known: addresses are the interface's without a VLAN unless they are given. With `--socket` give the kernel's
    /// interface in the VLAN in place of this.
    #[arg(long, value_name = "ID[:PRIORITY]", help_heading = THIS_END)]
    vlan: Option<Vlan>,

    /// Ethernet address of the other end, or of the router to it [default: as the kernel has it, or learned from the
    /// other end]
    #[arg(long, value_name = "MAC", help_heading = THIS_END)]
    remote_mac: Option<MacAddress>,

    /// Seconds without a frame after which a run has failed
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = parse_seconds)]
    #[arg(help_heading = THIS_END)]
    timeout: Duration,

    /// Seconds to wait for the other end to appear
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = parse_seconds)]
    #[arg(help_heading = THIS_END)]
    wait: Duration,

    /// Serve one ping after the other, until killed
    #[arg(long, help_heading = THIS_END)]
    forever: bool,

    /// The process that started this one and without which it ends
    #[arg(long, hide = true, value_name = "PID")]
    parent: Option<i32>,

    /// Print one JSON document in place of the tables
    #[arg(long, help_heading = OUTPUT)]
    json: bool,

    /// Write an HdrHistogram interval log as well
    #[arg(long, value_name = "FILE", help_heading = OUTPUT)]
    hdr: Option<PathBuf>,
}

const MEASURE: &str = "What to measure (pong has it from ping)";
const THIS_END: &str = "This end";
const OUTPUT: &str = "Output of ping";

/// Options of ping, which pong hears of from ping.
const PINGS: [&str; 9] =
    ["iterations", "warm_ups", "sizes", "cut_through", "no_poison", "modes", "no_timestamps", "json", "hdr"];
/// Options of pong only.
const PONGS: [&str; 2] = ["forever", "parent"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum End {
    /// Sends, and prints how long the echoes took
    Ping,
    /// Echoes
    Pong,
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Job {
    /// Both ends, pong in a process of its own on `pong_cpu`.
    Both {
        ping: PingJob,
        pong_cpu: Option<usize>,
    },
    Ping(PingJob),
    Pong(PongJob),
}

/// How an end reaches the other.
#[derive(Debug, Clone)]
pub struct Place {
    pub interface: String,
    pub local: SocketAddrV4,
    pub remote: SocketAddrV4,
    pub remote_mac: Option<Mac>,
    /// The tag of all frames.
    pub vlan: Option<Vlan>,
    pub cpu: Option<usize>,
    /// On the express datapath of an X4.
    pub express: bool,
    /// A socket of the kernel's in place of a virtual interface.
    pub socket: bool,
    /// How long a frame may take in a run.
    pub timeout: Duration,
    /// How long the other end may take to appear.
    pub wait: Duration,
}

/// What ping does.
#[derive(Debug)]
pub struct PingJob {
    pub place: Place,
    pub runs: Vec<Run>,
    pub json: bool,
    pub hdr: Option<PathBuf>,
}

/// What pong does.
#[derive(Debug)]
pub struct PongJob {
    pub place: Place,
    pub forever: bool,
    pub parent: Option<i32>,
}

/// Reads a command line. The error is clap's: it knows how to print itself, and whether it is a call for help.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Job, clap::Error> {
    let matches = Cli::command().try_get_matches_from(arguments)?;
    let cli = Cli::from_arg_matches(&matches)?;
    cli.refuse_strangers(&matches)?;
    Ok(cli.into_job())
}

impl Cli {
    /// Refuses options that the end in question would ignore.
    fn refuse_strangers(&self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let refuse = |ids: &[&str], why: &str| {
            for id in ids {
                if matches.value_source(id) == Some(ValueSource::CommandLine) {
                    let option = option_of(id);
                    let text = format!("`{option}` {why}");
                    return Err(Cli::command().error(ErrorKind::ArgumentConflict, text));
                }
            }
            Ok(())
        };
        if self.socket {
            refuse(&["vlan"], "is for efvi's end; a socket is in a VLAN on the kernel's interface in it, like eth1.5")?;
        }
        match self.end {
            None => {
                refuse(&PONGS, "is for `ping_pong pong IFACE`")?;
                refuse(&["remote_mac", "socket"], "is for `ping_pong ping IFACE` and `ping_pong pong IFACE`")
            }
            Some(End::Ping) => {
                refuse(&PONGS, "is for `ping_pong pong IFACE`")?;
                refuse(&["peer_cpu"], "is for `ping_pong` alone: give pong its own `--cpu`")
            }
            Some(End::Pong) => {
                refuse(&PINGS, "is for ping, which tells pong")?;
                refuse(&["peer_cpu"], "is for `ping_pong` alone: give ping its own `--cpu`")
            }
        }
    }

    fn into_job(self) -> Job {
        // Of ends that have an interface of their own it is looked at first what addresses that has.
        let (local, remote) = match self.end {
            None => (PING_ADDRESS, PONG_ADDRESS),
            Some(_) => (Ipv4Addr::UNSPECIFIED, Ipv4Addr::UNSPECIFIED),
        };
        let runs = self.runs();
        let place = Place {
            interface: self.interface.unwrap_or_else(|| ALONE.to_owned()),
            local: SocketAddrV4::new(self.local.unwrap_or(local), self.port),
            remote: SocketAddrV4::new(self.remote.unwrap_or(remote), self.port),
            remote_mac: self.remote_mac.map(MacAddress::octets),
            vlan: self.vlan,
            cpu: self.cpu,
            express: self.express,
            socket: self.socket,
            timeout: self.timeout,
            wait: self.wait,
        };
        if self.end == Some(End::Pong) {
            return Job::Pong(PongJob { place, forever: self.forever, parent: self.parent });
        }
        let ping = PingJob { place, runs, json: self.json, hdr: self.hdr };
        if self.end == Some(End::Ping) { Job::Ping(ping) } else { Job::Both { ping, pong_cpu: self.peer_cpu } }
    }

    /// A run for each mode and size: all sizes of a mode, then the next mode.
    fn runs(&self) -> Vec<Run> {
        let modes = if self.modes.is_empty() { &Mode::EACH[..] } else { &self.modes };
        let mut runs = Vec::with_capacity(modes.len() * self.sizes.as_slice().len());
        for mode in modes {
            for payload in self.sizes.as_slice() {
                runs.push(Run {
                    set_up: SetUp {
                        mode: *mode,
                        no_poison: self.no_poison,
                        timestamps: !self.no_timestamps && !self.socket,
                    },
                    threshold: self.cut_through,
                    payload: *payload,
                    warm_ups: self.warm_ups,
                    iterations: self.iterations,
                    by_socket: self.socket,
                });
            }
        }
        runs
    }
}

/// How the option of a field is written.
fn option_of(id: &str) -> String {
    Cli::command()
        .get_arguments()
        .find(|argument| argument.get_id() == id)
        .and_then(|argument| argument.get_long())
        .map_or_else(|| id.to_owned(), |long| format!("--{long}"))
}

/// Reads a time.
pub fn parse_seconds(text: &str) -> Result<Duration, String> {
    text.parse::<f64>()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|time| *time > Duration::ZERO && *time < Duration::from_secs(1_000_000))
        .ok_or_else(|| format!("`{text}` is not a time: give seconds above 0, like 5 or 0.5"))
}

#[cfg(test)]
mod tests {
    use super::super::own;
    use super::*;

    fn parse_line(line: &str) -> Result<Job, clap::Error> {
        parse(format!("ping_pong {line}").split_whitespace().map(OsString::from))
    }

    fn error(line: &str) -> String {
        let error = parse_line(line).map(|_| ()).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{line}");
        error.to_string()
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
        for id in PINGS.iter().chain(&PONGS).chain(&["peer_cpu", "remote_mac"]) {
            assert!(option_of(id).starts_with("--"), "{id}");
        }
    }

    #[test]
    fn alone_it_runs_all_modes_over_lo() {
        let Ok(Job::Both { ping, pong_cpu: None }) = parse_line("") else { panic!("both ends") };
        assert_eq!(ping.place.interface, "lo");
        assert_eq!(ping.place.local.to_string(), "192.0.2.1:8080");
        assert_eq!(ping.place.remote.to_string(), "192.0.2.2:8080");
        assert!(!ping.place.express);
        assert_eq!(ping.runs.len(), 4);
        for (run, mode) in ping.runs.iter().zip(Mode::EACH) {
            assert_eq!(run.set_up, SetUp { mode, no_poison: false, timestamps: true });
            assert_eq!((run.iterations, run.warm_ups, run.payload), (100_000, 10_000, 22));
            assert_eq!(run.threshold, Threshold::Bytes(64));
        }
    }

    #[test]
    fn options_may_stand_before_and_behind_the_end() {
        for line in ["-n 5 -w 0 ping eth0 -s 0,9", "ping -s 0,9 eth0 -n 5 -w0"] {
            let Ok(Job::Ping(ping)) = parse_line(line) else { panic!("ping") };
            assert_eq!(ping.place.interface, "eth0");
            assert_eq!(ping.runs.len(), 8);
            assert_eq!((ping.runs[1].iterations, ping.runs[1].payload), (5, 9));
        }
    }

    #[test]
    fn pong_mirrors_ping() {
        let Ok(Job::Pong(pong)) = parse_line("pong lo --port 7 --forever --timeout 0.5 --wait 2") else {
            panic!("pong")
        };
        assert!(pong.forever);
        let place = own::settled(&pong.place, own::Side::Pong, None).unwrap();
        assert_eq!(place.local.to_string(), "192.0.2.2:7");
        assert_eq!(place.remote.to_string(), "192.0.2.1:7");
        assert_eq!(pong.place.timeout, Duration::from_millis(500));
        assert_eq!(pong.place.wait, Duration::from_secs(2));
    }

    #[test]
    fn modes_and_addresses() {
        let line = "ping lo -m dma-push,ctpio -p -c snf --no-timestamps --local 10.0.0.1 --remote 10.0.0.2 \
                    --remote-mac 00:0F:53:aa:bb:01 --cpu 3 --express --vlan 5:3";
        let Ok(Job::Ping(ping)) = parse_line(line) else { panic!("ping") };
        assert_eq!(ping.runs[0].set_up.mode, Mode::DmaPush);
        assert_eq!(ping.runs[1].set_up.mode, Mode::Ctpio);
        assert!(ping.runs[1].set_up.no_poison && !ping.runs[1].set_up.timestamps);
        assert_eq!(ping.runs[1].threshold, Threshold::StoreAndForward);
        assert_eq!(ping.place.local.ip().octets(), [10, 0, 0, 1]);
        assert_eq!(ping.place.remote.ip().octets(), [10, 0, 0, 2]);
        assert_eq!(ping.place.remote_mac, Some([0, 0x0f, 0x53, 0xaa, 0xbb, 1]));
        assert_eq!(ping.place.cpu, Some(3));
        assert!(ping.place.express);
        assert_eq!(ping.place.vlan.map(|vlan| (vlan.id(), vlan.priority())), Some((5, 3)));
    }

    #[test]
    fn what_an_end_would_ignore_is_refused() {
        assert!(error("pong lo -n 5").contains("`--iterations` is for ping"));
        assert!(error("pong lo --json").contains("`--json` is for ping"));
        assert!(error("ping lo --forever").contains("`--forever` is for"));
        assert!(error("--forever").contains("`--forever` is for"));
        assert!(error("ping lo --peer-cpu 1").contains("`--peer-cpu` is for"));
        assert!(error("--remote-mac 02:00:00:00:00:01").contains("`--remote-mac` is for"));
        assert!(error("--socket").contains("`--socket` is for"));
        assert!(error("ping lo --socket --vlan 5").contains("`--vlan` is for efvi's end"));
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(error("ping").contains("IFACE"));
        assert!(error("pang lo").contains("pang"));
        assert!(error("-n 0").contains('0'));
        assert!(error("-n x").contains('x'));
        assert!(error("-w -1").contains("-1"));
        assert!(error("-s 70000").contains("bytes from 0 to 65507"));
        assert!(error("-c 65535").contains("snf"));
        assert!(error("-m fast").contains("dma-doorbell"));
        assert!(error("--timeout 0").contains("seconds above 0"));
        assert!(error("--timeout nan").contains("seconds above 0"));
        assert!(error("--wait 1e300").contains("seconds above 0"));
        assert!(error("--port 0").contains('0'));
        assert!(error("--local ::1").contains("::1"));
        for vlan in ["0", "4095", "4096", "five", "5:8", "5:"] {
            assert!(error(&format!("--vlan {vlan}")).contains("from 1 to 4094"), "{vlan}");
        }
        for mac in ["1", "00:0f:53:12:34", "00:0f:53:12:34:56:78", "00:0f:53:12:34:+5", "g0:0f:53:12:34:56"] {
            assert!(error(&format!("ping lo --remote-mac {mac}")).contains("Ethernet address"), "{mac}");
        }
    }
}
