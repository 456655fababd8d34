//! The ping end: agrees on each run with pong, measures it, and takes leave.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use efvi::ProtectionDomain;
use examples::cpu;
use examples::frame::{BROADCAST, Mac, Route};

use super::cli::{PingJob, Place};
use super::measure::{self, Setting};
use super::own;
use super::plan::Run;
use super::progress::Progress;
use super::protocol::{Body, Message, NotAMessage, VERSION};
use super::results::{Outcome, Parameters, Results, Row};
use super::station::{Heard, Station, diagnose, lacking, open_domain};
use super::timer::Timer;

/// How long an answer to a control message may take before the message is sent again.
const AGAIN: Duration = Duration::from_millis(20);
/// How long a new interface may take to learn the adapter's time.
const CLOCK: Duration = Duration::from_secs(1);
/// How often it is asked whether it has.
const SOON: Duration = Duration::from_millis(1);
/// How often pong is told that all is done.
const FAREWELLS: u32 = 25;
/// Silence after which ping says what it is waiting for.
const PATIENT: Duration = Duration::from_secs(1);

/// Runs ping by itself: pong is in some other process, on this host or another.
pub fn run(job: &PingJob) -> Result<Results> {
    measure(job, &own::settle_ping(&job.place)?, false, &mut || Ok(()))
}

/// Runs ping. `watch` is asked in long waits whether pong can still answer.
pub fn measure(job: &PingJob, place: &Place, one_cpu: bool, watch: &mut dyn FnMut() -> Result<()>) -> Result<Results> {
    if let Some(cpu) = place.cpu {
        cpu::pin(cpu).with_context(|| format!("ping can't be kept on CPU {cpu}"))?;
    }
    let timer = Timer::new();
    let first = job.runs.first().context("there is nothing to measure")?;
    let parameters = Parameters { one_cpu, ..Parameters::of(first, place, &timer) };
    let mut ping =
        Ping { domain: open_domain(place)?, place, session: random()?, station: None, peer: None, timer, watch };
    let rows = ping.all(&job.runs).inspect_err(|error| ping.abort(error))?;
    Ok(Results { parameters, rows })
}

struct Ping<'a> {
    domain: ProtectionDomain,
    place: &'a Place,
    session: u64,
    station: Option<Station>,
    /// Pong's Ethernet address, once it has answered.
    peer: Option<Mac>,
    timer: Timer,
    watch: &'a mut dyn FnMut() -> Result<()>,
}

/// What pong answers to a set-up.
enum Answer {
    /// To pong, which is a socket of the kernel's or not.
    Ready(Route, bool),
    Refused(String),
}

impl Ping<'_> {
    fn all(&mut self, runs: &[Run]) -> Result<Vec<Row>> {
        let progress = Progress::new(runs);
        let mut rows = Vec::with_capacity(runs.len());
        for (number, run) in runs.iter().enumerate() {
            progress.start(run);
            let outcome = self.one(number as u32, run, runs, &progress)?;
            rows.push(Row { run: *run, outcome });
        }
        self.take_leave(runs.len() as u32)?;
        Ok(rows)
    }

    fn one(&mut self, number: u32, run: &Run, runs: &[Run], progress: &Progress) -> Result<Outcome> {
        if let Some(reason) = lacking(&self.domain, self.place, run)? {
            progress.advance(run.frames());
            return Ok(Outcome::Unavailable(reason));
        }
        if self.station.as_ref().is_none_or(|station| station.set_up != run.set_up) {
            // Gone before its successor comes: both have the same filter.
            self.station = None;
            match Station::open(&self.domain, self.place, run.set_up) {
                Ok(station) => self.station = Some(station),
                Err(error) => {
                    let reason = diagnose(&self.domain, self.place, run.set_up, error)?;
                    progress.advance(run.frames());
                    return Ok(Outcome::Unavailable(reason));
                }
            }
        }
        let station = self.station.as_mut().context("no virtual interface")?;
        if number == 0 {
            must_fit(runs, station.largest_payload()?, &self.place.interface)?;
        }
        let (route, by_socket) = match self.agree(number, run)? {
            Answer::Ready(route, by_socket) => (route, by_socket),
            Answer::Refused(why) => {
                progress.advance(run.frames());
                return Ok(Outcome::Unavailable(format!("pong: {why}")));
            }
        };
        let setting = Setting {
            session: self.session,
            number,
            timer: &self.timer,
            timeout: self.place.timeout,
            progress,
            by_socket,
        };
        let station = self.station.as_mut().context("no virtual interface")?;
        let measured = measure::run(station, run, &route, &setting, self.watch)?;
        Ok(Outcome::Measured(Box::new(measured)))
    }

    /// Has pong make ready for a run: asks until it answers.
    fn agree(&mut self, number: u32, run: &Run) -> Result<Answer> {
        let begun = Instant::now();
        let limit = if self.peer.is_some() { self.place.timeout } else { self.place.wait };
        let message = Message { session: self.session, run: number, body: Body::SetUp(*run) };
        let mut told = self.peer.is_some();
        let mut first_answer = None;
        loop {
            (self.watch)()?;
            let Some(heard) = self.exchange(&message)? else {
                let waited = begun.elapsed();
                if waited >= limit {
                    let vlan = self.place.vlan.map_or_else(String::new, |vlan| {
                        format!(", and `--vlan {}` unless a switch takes tags off", vlan.id())
                    });
                    bail!(
                        "pong at {} did not answer on {} within {} s; start `ping_pong pong IFACE` there, with the same \
                         port and the addresses the other way round{vlan}",
                        self.place.remote,
                        self.place.interface,
                        limit.as_secs_f64()
                    );
                }
                if waited >= PATIENT && !told {
                    told = true;
                    eprintln!("ping_pong ping: waiting for pong at {} on {}", self.place.remote, self.place.interface);
                }
                continue;
            };
            let peer = self.place.remote_mac.unwrap_or(heard.route.source_mac);
            self.peer = Some(peer);
            match heard.message {
                Ok(Message { body: body @ (Body::Ready | Body::ReadyBySocket), .. }) => {
                    let answered = *first_answer.get_or_insert_with(Instant::now);
                    // The first events with the adapter's time may still be on their way.
                    if run.set_up.timestamps && !heard.timestamp && answered.elapsed() < CLOCK {
                        std::thread::sleep(SOON);
                        continue;
                    }
                    let station = self.station.as_ref().context("no virtual interface")?;
                    return Ok(Answer::Ready(station.route_to(peer), body == Body::ReadyBySocket));
                }
                Ok(Message { body: Body::Refused(why), .. }) => return Ok(Answer::Refused(why)),
                Ok(Message { body: Body::Abort(why), .. }) => bail!("pong gave up: {why}"),
                Err(NotAMessage::Version { version, .. }) => bail!(
                    "pong speaks version {version} of the protocol, this ping version {VERSION}; run the same build on both ends"
                ),
                _ => {}
            }
        }
    }

    /// Sends a message and waits a little for an answer to it.
    fn exchange(&mut self, message: &Message) -> Result<Option<Heard>> {
        let to = self.place.remote_mac.or(self.peer).unwrap_or(BROADCAST);
        let (remote, session, run) = (self.place.remote, message.session, message.run);
        let station = self.station.as_mut().context("no virtual interface")?;
        station.say(message, to)?;
        station.hear(Instant::now() + AGAIN, |heard| {
            let ours = match &heard.message {
                Ok(answer) => answer.session == session && answer.run == run,
                Err(NotAMessage::Version { session: theirs, run: number, .. }) => *theirs == session && *number == run,
                Err(_) => false,
            };
            let answers = !matches!(&heard.message, Ok(Message { body: Body::SetUp(_) | Body::End, .. }));
            (ours && answers && heard.route.source == remote).then_some(heard)
        })
    }

    /// Tells pong that all is done. The results do not depend on its answer.
    fn take_leave(&mut self, runs: u32) -> Result<()> {
        if self.peer.is_none() {
            return Ok(());
        }
        if self.station.is_none() {
            self.station = Some(Station::open(&self.domain, self.place, super::plan::SetUp::PLAIN)?);
        }
        let end = Message { session: self.session, run: runs, body: Body::End };
        for _ in 0..FAREWELLS {
            if let Some(Heard { message: Ok(Message { body: Body::Ended, .. }), .. }) = self.exchange(&end)? {
                return Ok(());
            }
        }
        eprintln!("ping_pong ping: pong did not confirm the end; the results are complete all the same");
        Ok(())
    }

    /// Tells pong, if it can be reached, that this end gives up.
    fn abort(&mut self, error: &anyhow::Error) {
        if let (Some(station), Some(peer)) = (&mut self.station, self.peer) {
            let body = Body::Abort(format!("{error:#}"));
            // There is an error to report already.
            let _ = station.say(&Message { session: self.session, run: 0, body }, peer);
        }
    }
}

/// An error that names the range if a payload is too large for the interface.
pub fn must_fit(runs: &[Run], largest: usize, interface: &str) -> Result<()> {
    match runs.iter().find(|run| usize::from(run.payload) > largest) {
        None => Ok(()),
        Some(run) => Err(anyhow!(
            "a payload of {} bytes does not fit a frame on {interface}; give sizes from 0 to {largest}",
            run.payload
        )),
    }
}

/// A number that no other session has.
pub fn random() -> Result<u64> {
    let mut bytes = [0; 8];
    rustix::rand::getrandom(&mut bytes[..], rustix::rand::GetRandomFlags::empty()).context("a random number")?;
    Ok(u64::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::super::plan::Mode;
    use super::super::results::sample;
    use super::*;

    #[test]
    fn a_payload_beyond_the_mtu_is_an_error_with_the_range() {
        let mut runs = [sample::run(Mode::Ctpio), sample::run(Mode::DmaPush)];
        runs[1].payload = 1472;
        assert!(must_fit(&runs, 1472, "lo").is_ok());
        runs[1].payload = 1473;
        let error = must_fit(&runs, 1472, "lo").unwrap_err().to_string();
        assert!(error.contains("1473") && error.contains("0 to 1472") && error.contains("lo"), "{error}");
    }

    #[test]
    fn sessions_differ() {
        assert_ne!(random().unwrap(), random().unwrap());
    }
}
