//! The ping end as an ordinary UDP socket: whether pong understands the kernel's frames, and the kernel pong's.

use std::io::ErrorKind;
use std::net::UdpSocket;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, Result, bail};
use examples::cpu;

use super::cli::{PingJob, Place};
use super::own;
use super::pattern::Pattern;
use super::ping::{must_fit, random};
use super::plan::{LARGEST_PAYLOAD, Run};
use super::progress::Progress;
use super::protocol::{Body, Message};
use super::results::{Measurement, Outcome, Parameters, Results, Row};
use super::timer::Timer;

/// How long an answer to a control message may take before the message is sent again.
const AGAIN: Duration = Duration::from_millis(50);
/// How often pong is told that all is done.
const FAREWELLS: u32 = 10;

/// Runs ping: pong is in some other process, on this host or another.
pub fn run(job: &PingJob) -> Result<Results> {
    let place = own::settle_ping(&job.place)?;
    if let Some(cpu) = place.cpu {
        cpu::pin(cpu).with_context(|| format!("ping can't be kept on CPU {cpu}"))?;
    }
    let first = job.runs.first().context("there is nothing to measure")?;
    must_fit(&job.runs, LARGEST_PAYLOAD.into(), &place.interface)?;
    let socket = UdpSocket::bind(place.local).with_context(|| format!("a UDP socket at {}", place.local))?;
    socket.connect(place.remote).with_context(|| format!("a way to {}", place.remote))?;
    let timer = Timer::new();
    // The kernel has the VLANs, and a socket no adapter's timestamps.
    let parameters = Parameters { vlan: None, timestamps: false, ..Parameters::of(first, &place, &timer) };
    let mut ping = Ping { socket, place: &place, session: random()?, timer, bytes: vec![0; LARGEST_PAYLOAD.into()] };
    let rows = ping.all(&job.runs)?;
    Ok(Results { parameters, rows })
}

struct Ping<'a> {
    socket: UdpSocket,
    place: &'a Place,
    session: u64,
    timer: Timer,
    bytes: Vec<u8>,
}

impl Ping<'_> {
    fn all(&mut self, runs: &[Run]) -> Result<Vec<Row>> {
        let progress = Progress::new(runs);
        let mut rows = Vec::with_capacity(runs.len());
        for (number, run) in runs.iter().enumerate() {
            progress.start(run);
            let number = number as u32;
            let limit = if number == 0 { self.place.wait } else { self.place.timeout };
            let asked = Message { session: self.session, run: number, body: Body::SetUp(*run) };
            let outcome = match self.agree(&asked, limit)? {
                Body::Refused(why) => Outcome::Unavailable(format!("pong: {why}")),
                _ => {
                    let measured = self.measure(number, run).inspect_err(|error| self.abort(number, error))?;
                    Outcome::Measured(Box::new(measured))
                }
            };
            progress.advance(run.frames());
            rows.push(Row { run: *run, outcome });
        }
        let end = Message { session: self.session, run: runs.len() as u32, body: Body::End };
        if self.agree(&end, AGAIN * FAREWELLS).is_err() {
            eprintln!("ping_pong ping: pong did not confirm the end; the results are complete all the same");
        }
        Ok(rows)
    }

    /// Says a message until it is answered: the answer.
    fn agree(&mut self, message: &Message, limit: Duration) -> Result<Body> {
        let begun = Instant::now();
        loop {
            // Nobody may be there yet, which the kernel says of the next call.
            self.socket.send(&message.encode()).or_else(refused).context("a message to pong")?;
            let until = Instant::now() + AGAIN;
            while let Some(length) = self.receive(until.saturating_duration_since(Instant::now()))? {
                match Message::decode(&self.bytes[..length]) {
                    Ok(Message { body: Body::Abort(why), session, .. }) if session == self.session => {
                        bail!("pong gave up: {why}")
                    }
                    Ok(answer) if (answer.session, answer.run) == (message.session, message.run) => {
                        return Ok(answer.body);
                    }
                    _ => {}
                }
            }
            if begun.elapsed() >= limit {
                bail!(
                    "pong at {} did not answer within {} s; start `ping_pong pong IFACE` there",
                    self.place.remote,
                    limit.as_secs_f64()
                );
            }
        }
    }

    /// The length of a datagram that comes within a time, which lies in `bytes` then.
    fn receive(&mut self, within: Duration) -> Result<Option<usize>> {
        if within.is_zero() {
            return Ok(None);
        }
        self.socket.set_read_timeout(Some(within)).context("a receive timeout")?;
        match self.socket.recv(&mut self.bytes) {
            Ok(length) => Ok(Some(length)),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionRefused) => Ok(None),
            Err(error) => Err(error).context("receiving from pong"),
        }
    }

    fn measure(&mut self, number: u32, run: &Run) -> Result<Measurement> {
        let pattern = Pattern::new(self.session, number);
        let mut payload = vec![0; run.payload.into()];
        let mut measured = Measurement::new();
        self.socket.set_read_timeout(Some(self.place.timeout)).context("a receive timeout")?;
        for sequence in 0..run.frames() {
            if sequence == u64::from(run.warm_ups) {
                measured.started = SystemTime::now();
            }
            pattern.fill(sequence, &mut payload);
            let start = self.timer.ticks();
            self.socket.send(&payload).with_context(|| format!("sending frame {sequence} of {run}"))?;
            let end = loop {
                let received = self.socket.recv(&mut self.bytes);
                let end = self.timer.ticks();
                let length = received.with_context(|| {
                    format!(
                        "no echo of frame {sequence} of {run} within {} s: the frame or its echo was lost, or pong is gone",
                        self.place.timeout.as_secs_f64()
                    )
                })?;
                let got = &self.bytes[..length];
                if got == payload {
                    break end;
                }
                match Message::decode(got) {
                    Ok(Message { session, body: Body::Abort(why), .. }) if session == self.session => {
                        bail!("pong gave up: {why}")
                    }
                    // One that was late.
                    Ok(_) => {}
                    Err(_) => bail!("the echo of frame {sequence} of {run} is not what was sent"),
                }
            };
            measured.checked += 1;
            if sequence >= u64::from(run.warm_ups) {
                measured.software.record(self.timer.nanoseconds(start, end));
            }
        }
        measured.took = measured.started.elapsed().unwrap_or_default();
        // How pong's frames left only pong knows.
        measured.by_ctpio = run.iterations.into();
        Ok(measured)
    }

    /// Tells pong that this end gives up.
    fn abort(&self, run: u32, error: &anyhow::Error) {
        let body = Body::Abort(format!("{error:#}"));
        // There is an error to report already.
        let _ = self.socket.send(&Message { session: self.session, run, body }.encode());
    }
}

/// That nobody was there for an earlier datagram does not matter to this one.
fn refused(error: std::io::Error) -> std::io::Result<usize> {
    if error.kind() == ErrorKind::ConnectionRefused { Ok(0) } else { Err(error) }
}
