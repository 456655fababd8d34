//! The other end, on the other CPU: in a thread of its own, or in a process of its own.

use std::fmt;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::str::FromStr;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use anyhow::{Context as _, Result, anyhow, bail};
use benches::end::{End, Kind, Side};
use benches::line::{Line, SharedLine};
use benches::trip::Echo;
use efvi::{Driver, ProtectionDomain, VirtualInterface};
use examples::cpu;
use examples::frame::Mac;
use rustix::process::Signal;

/// The interface that two processes meet on.
pub const INTERFACE: &str = "lo";
/// Tells a process that it is the other end: `CPU KIND FILE`, the file being that of the shared cache line.
const ENVIRONMENT: &str = "EFVI_BENCHES_FAR_END";
/// What that process says when it can be sent frames.
const READY: &str = "ready";

/// What the other end is told to do next.
#[derive(Clone, Copy)]
pub enum Work {
    /// Send the cache line back so many times.
    Line(u64),
    /// Send so many frames back.
    Frames(u64),
}

/// The other end. Dropped, it ends.
pub enum Peer {
    Thread { work: Option<mpsc::Sender<Work>>, thread: Option<JoinHandle<Result<()>>> },
    Process { work: ChildStdin, child: Child },
}

impl Peer {
    /// Starts a thread. Without an `end` it has only the cache line to send back.
    pub fn thread(cpu: usize, line: Arc<Line>, mut end: Option<End>) -> Peer {
        let (work, orders) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            cpu::pin(cpu).with_context(|| format!("keeping to CPU {cpu}"))?;
            orders.into_iter().try_for_each(|work| perform(work, &line, end.as_mut()))
        });
        Peer::Thread { work: Some(work), thread: Some(thread) }
    }

    /// Starts a process, and waits until it can be sent frames.
    pub fn process(cpu: usize, line: &Path, kind: Kind) -> Result<Peer> {
        let mut child = Command::new(std::env::current_exe()?)
            .env(ENVIRONMENT, format!("{cpu} {kind} {}", line.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the far end as a process")?;
        let (work, said) = child.stdin.take().zip(child.stdout.take()).context("no pipes to the far end")?;
        let peer = Peer::Process { work, child };
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        if line.trim() != READY {
            bail!("the far end did not start; what it has to say of that is above");
        }
        Ok(peer)
    }

    /// Tells it what to do next, after what it is doing.
    pub fn begin(&mut self, next: Work) -> Result<()> {
        let told = match self {
            Peer::Thread { work, .. } => work.as_ref().is_some_and(|work| work.send(next).is_ok()),
            Peer::Process { work, .. } => writeln!(work, "{next}").is_ok(),
        };
        if told { Ok(()) } else { Err(anyhow!("the far end is gone")) }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let outcome = match self {
            Peer::Thread { work, thread } => {
                // With nobody left to tell it more, it ends.
                drop(work.take());
                thread
                    .take()
                    .map(JoinHandle::join)
                    .unwrap_or(Ok(Ok(())))
                    .unwrap_or_else(|_| Err(anyhow!("it panicked")))
            }
            Peer::Process { child, .. } => {
                let ended = child.kill().and_then(|()| child.wait());
                ended.map(drop).context("ending the process")
            }
        };
        if let Err(error) = outcome {
            eprintln!("the far end: {error:#}");
        }
    }
}

/// If a parent started this process as its far end: serves it until it ends.
pub fn serve_parent() -> Result<bool> {
    let Some(order) = std::env::var_os(ENVIRONMENT) else { return Ok(false) };
    // A parent that is killed takes this process along. One gone before has closed the pipe that is read below.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).context("tying this process to its parent")?;
    let order = order.to_str().context("the order is not UTF-8")?;
    let mut words = order.splitn(3, ' ');
    let mut word = || words.next().with_context(|| format!("{ENVIRONMENT} is `{order}`, not `CPU KIND FILE`"));
    let (cpu, kind, file) = (word()?.parse()?, word()?.parse()?, word()?);
    cpu::pin(cpu).with_context(|| format!("keeping to CPU {cpu}"))?;
    let line = SharedLine::open(Path::new(file))?;
    let mut end = End::open(INTERFACE, Side::Far, address(INTERFACE)?, kind)?;
    println!("{READY}");
    for work in std::io::stdin().lines() {
        perform(work?.parse()?, &line, Some(&mut end))?;
    }
    Ok(true)
}

fn perform(work: Work, line: &Line, end: Option<&mut End>) -> Result<()> {
    match work {
        Work::Line(trips) => line.answer(trips),
        Work::Frames(frames) => Echo::new(end.context("there is no end to answer from")?).answer(frames),
    }
}

/// The Ethernet address of an interface: on one with a loopback plug, that of both ends.
pub fn address(interface: &str) -> Result<Mac> {
    let domain = ProtectionDomain::open(&Driver::open()?, interface)?;
    Ok(VirtualInterface::builder().build(&domain)?.mac()?.octets())
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Work::Line(trips) => write!(f, "line {trips}"),
            Work::Frames(frames) => write!(f, "frames {frames}"),
        }
    }
}

impl FromStr for Work {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Work> {
        match text.split_once(' ') {
            Some(("line", trips)) => Ok(Work::Line(trips.parse()?)),
            Some(("frames", frames)) => Ok(Work::Frames(frames.parse()?)),
            _ => bail!("`{text}` is neither `line N` nor `frames N`"),
        }
    }
}
