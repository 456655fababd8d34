//! The asking side: has each wire measured in turn.

use std::io::Read as _;
use std::net::{SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::super::cli::{PING_ADDRESS, PONG_ADDRESS};
use super::cli::AskJob;
use super::control::{self, Opening};
use super::outcome::{Comparison, Outcome, Row};
use super::wire::Wire;
use super::worker;

/// How often the other end is looked for.
const AGAIN: Duration = Duration::from_millis(50);
/// Silence after which it is said what is waited for.
const PATIENT: Duration = Duration::from_secs(1);
/// How long a process may take to end once the other end of its control connection has gone.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// The interface of a wire in memory, on which the ends have addresses of their own.
const MEMORY: &str = "lo";

pub fn run(job: &AskJob) -> Result<Comparison> {
    let mut rows = Vec::new();
    for wire in &job.wires {
        let outcome = one(job, *wire)?;
        rows.push(Row { wire: *wire, outcome });
    }
    Ok(Comparison {
        program: "ping_pong compare",
        version: env!("CARGO_PKG_VERSION"),
        interface: job.interface.clone(),
        payload: job.plan.payload,
        iterations: job.plan.iterations,
        warm_ups: job.plan.warm_ups,
        time: job.plan.time,
        rows,
    })
}

/// Measures a wire. What goes wrong with it alone is its outcome.
fn one(job: &AskJob, wire: Wire) -> Result<Outcome> {
    let mut ping = worker::Job {
        wire,
        interface: job.interface.clone(),
        local: job.local,
        remote: job.remote,
        cpu: job.cpu,
        longest: job.longest(),
        timeout: job.timeout,
        plan: Some(job.plan.clone()),
    };
    let (near, _pong): (OwnedFd, Option<Killed>) = if wire.is_local() {
        ping.interface = MEMORY.to_owned();
        ping.local.set_ip(PING_ADDRESS);
        ping.remote.set_ip(PONG_ADDRESS);
        let (near, far) = UnixStream::pair().context("a control connection")?;
        let pong =
            worker::Job { local: ping.remote, remote: ping.local, cpu: job.peer_cpu, plan: None, ..ping.clone() };
        let pong = worker::start(&pong, Stdio::from(OwnedFd::from(far)), Stdio::null())?;
        (near.into(), Some(Killed(pong)))
    } else {
        (call(job, wire)?.into(), None)
    };
    let mut worker = Killed(worker::start(&ping, Stdio::from(near), Stdio::piped())?);
    let mut text = String::new();
    let out = worker.0.stdout.as_mut().context("the output of a process")?;
    out.read_to_string(&mut text).context("the output of a process")?;
    let status = worker.0.wait().context("the end of a process")?;
    if text.is_empty() {
        return Ok(Outcome::Unavailable { reason: format!("the process that measured it failed: {status}") });
    }
    serde_json::from_str(&text).with_context(|| format!("a process measured `{text}`, which is not understood"))
}

/// A connection to the answering side, which knows what it is for.
fn call(job: &AskJob, wire: Wire) -> Result<TcpStream> {
    let begun = Instant::now();
    let mut told = false;
    let mut stream = loop {
        let tried = TcpStream::connect_timeout(&SocketAddr::V4(job.remote), job.timeout);
        let error = match tried {
            Ok(stream) => break stream,
            Err(error) => error,
        };
        if begun.elapsed() >= job.wait {
            bail!("nobody answers at {} (TCP): {error}; start `ping_pong compare IFACE --answer` there", job.remote);
        }
        if begun.elapsed() >= PATIENT && !told {
            told = true;
            eprintln!("ping_pong compare: waiting for the other end at {}", job.remote);
        }
        std::thread::sleep(AGAIN);
    };
    if let (Ok(SocketAddr::V4(near)), Ok(far)) = (stream.local_addr(), stream.peer_addr())
        && SocketAddr::V4(SocketAddrV4::new(*near.ip(), far.port())) == far
    {
        bail!(
            "{} is an address of this machine, to which nothing goes over {}; give each end a network namespace of its \
             own, as ci/compare.sh does",
            job.remote.ip(),
            job.interface
        );
    }
    stream.set_nodelay(true).context("the control connection")?;
    let opening =
        Opening { version: control::VERSION, wire, from: job.local, longest: job.longest(), timeout: job.timeout };
    std::io::Write::write_all(&mut stream, &control::line(&opening)?).context("the control connection")?;
    Ok(stream)
}

/// A process that does not outlive this. It is given time to end by itself, as it does with its control connection, so that
/// it leaves nothing in shared memory.
pub struct Killed(pub Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let until = Instant::now() + LAST_WORDS;
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        // Both fail if it is gone already, which is all that is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
