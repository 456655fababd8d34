//! The answering side: starts a process for each wire that it is asked for.

use std::io::Read as _;
use std::net::{SocketAddrV4, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::ask::Killed;
use super::cli::AnswerJob;
use super::control::{self, LONGEST, Opening, Reply, VERSION};
use super::worker;

/// How long who calls may take to say what for.
const OPENING: Duration = Duration::from_secs(5);

/// Answers until it is killed.
pub fn run(job: &AnswerJob) -> Result<()> {
    let listener = TcpListener::bind(job.local).with_context(|| format!("TCP at {}", job.local))?;
    loop {
        let (stream, from) = listener.accept().context("a call of the other end")?;
        if let Err(error) = serve(job, stream) {
            eprintln!("ping_pong compare: {from}: {error:#}; waiting for the next");
        }
    }
}

/// Answers one call: has a process do what is asked for.
fn serve(job: &AnswerJob, mut stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true).context("the control connection")?;
    let opening: Opening = control::parse(&first_line(&mut stream)?)?;
    let refuse = |stream: &mut TcpStream, why: String| -> Result<()> {
        std::io::Write::write_all(stream, &control::line(&Reply::Unavailable(why))?).context("the control connection")
    };
    if opening.version != VERSION {
        return refuse(&mut stream, format!("it speaks version {VERSION}, not {}", opening.version));
    }
    if opening.wire.is_local() {
        return refuse(&mut stream, "a wire in memory ends on the same machine".to_owned());
    }
    let work = worker::Job {
        wire: opening.wire,
        interface: job.interface.clone(),
        local: job.local,
        remote: SocketAddrV4::new(*opening.from.ip(), opening.from.port()),
        cpu: job.cpu,
        longest: opening.longest,
        timeout: opening.timeout,
        plan: None,
    };
    let mut worker = Killed(worker::start(&work, Stdio::from(OwnedFd::from(stream)), Stdio::null())?);
    let status = worker.0.wait().context("the end of a process")?;
    if !status.success() {
        bail!("the process for {} failed: {status}", opening.wire);
    }
    Ok(())
}

/// What who calls says first. No byte behind it is taken: those are for the process that is started.
fn first_line(stream: &mut TcpStream) -> Result<String> {
    stream.set_read_timeout(Some(OPENING)).context("the control connection")?;
    let mut line = Vec::new();
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte).context("no line that says what the call is for")?;
        if byte == [b'\n'] {
            break;
        }
        line.push(byte[0]);
        if line.len() > LONGEST {
            bail!("a line of more than {LONGEST} bytes");
        }
    }
    stream.set_read_timeout(None).context("the control connection")?;
    String::from_utf8(line).context("what the call is for")
}
