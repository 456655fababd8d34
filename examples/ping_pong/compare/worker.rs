//! The two processes that measure a wire. Each has the control connection as its standard input; the asking one writes
//! what it has measured to its standard output.

use std::net::SocketAddrV4;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use examples::{cpu, frame};
use serde::{Deserialize, Serialize};

use super::super::results::ClockFacts;
use super::super::sizes::Sizes;
use super::super::timer::Timer;
use super::adapter::Adapter;
use super::control::{self, Control, Reply, Tally};
use super::drops::{self, Count};
use super::end::{End, Sleep};
use super::limits::Silence;
use super::outcome::{self, Calls, Cpu, Measured, Outcome, Rate, RoundTrips, Stream};
use super::socket::{Manner, Socket};
use super::wire::Wire;
use super::{message, rates, round_trips, stream};

/// Rates beyond the ones that were asked for grow by so much, until one is not carried.
const GROWTH: (u32, u32) = (3, 2);
/// No rate is tried beyond this one.
const HIGHEST_RATE: u32 = 20_000_000;
/// How long what was sent may still arrive after an end was told to stop.
const STRAGGLERS: Duration = Duration::from_millis(100);
/// How long the first message waits for an answer: the kernel may have to ask who has the address.
const FIRST: Duration = Duration::from_millis(300);

/// What a wire in memory carries unless it is told otherwise, and how it is told.
const MTU: usize = 1500;
const MTU_VARIABLE: &str = "EFVI_MOCK_MTU";

/// What a process is to do, as it is told on its command line.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Job {
    pub wire: Wire,
    pub interface: String,
    pub local: SocketAddrV4,
    pub remote: SocketAddrV4,
    pub cpu: Option<usize>,
    /// The longest message, in bytes.
    pub longest: usize,
    /// How long nothing may come before it gives up.
    pub timeout: Duration,
    /// What to measure; none of the end that answers.
    pub plan: Option<Plan>,
}

/// What to measure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    pub payload: usize,
    pub warm_ups: u32,
    /// 0 for no round trips one by one.
    pub iterations: u32,
    /// Messages a second, ascending.
    pub rates: Vec<u32>,
    /// After them higher ones, until one is not carried.
    pub until_loss: bool,
    /// Sizes of messages to send one way as fast as they go.
    pub sizes: Option<Sizes>,
    /// How long each rate and each size takes.
    pub time: Duration,
}

/// Starts a process for a job.
pub fn start(job: &Job, control: Stdio, out: Stdio) -> Result<Child> {
    let mut command = Command::new(std::env::current_exe().context("the path of this program")?);
    command.arg0("ping_pong").args([super::NAME, &job.interface, "--worker"]);
    command.arg(serde_json::to_string(job).context("what a process is to do")?);
    if let Some(way) = job.wire.mocks() {
        command.env("EFVI_MOCK_WIRE", way);
    }
    let packet = job.longest + frame::HEADERS - frame::ETHERNET;
    if job.wire.is_local() && packet > MTU && std::env::var_os(MTU_VARIABLE).is_none() {
        command.env(MTU_VARIABLE, packet.to_string());
    }
    command.stdin(control).stdout(out).spawn().context("could not start a second process")
}

/// Does a job.
pub fn run(job: &Job) -> Result<()> {
    if let Some(cpu) = job.cpu {
        cpu::pin(cpu).with_context(|| format!("CPU {cpu}"))?;
    }
    match job.wire {
        Wire::Socket => run_over(job, socket(job, Manner::Blocks)),
        Wire::SocketPolled => run_over(job, socket(job, Manner::Polled)),
        Wire::Packet | Wire::Xdp | Wire::XdpGeneric | Wire::Memory | Wire::Adapter => {
            run_over(job, Adapter::open(job.wire, &job.interface, job.local, job.remote, job.longest))
        }
    }
}

fn socket(job: &Job, manner: Manner) -> Result<Socket> {
    Socket::open(manner, &job.interface, job.local, job.remote, job.longest)
}

fn run_over(job: &Job, end: Result<impl End>) -> Result<()> {
    let mut control = Control::of_stdin()?;
    match &job.plan {
        None => answer(job, end, &mut control),
        Some(plan) => {
            let outcome = end.and_then(|end| ask(job, plan, end, control));
            let outcome = match outcome {
                Ok(measured) => Outcome::Measured(measured),
                Err(error) => Outcome::Unavailable { reason: format!("{error:#}") },
            };
            println!("{}", serde_json::to_string(&outcome).context("what was measured")?);
            Ok(())
        }
    }
}

/// The answering end.
fn answer(job: &Job, end: Result<impl End>, control: &mut Control) -> Result<()> {
    let mut end = match end {
        Ok(end) => end,
        Err(error) => return control.say(&Reply::Unavailable(format!("{error:#}"))),
    };
    control.say(&Reply::Open { mac: end.mac(), note: end.note()? })?;
    loop {
        let echoes = match control.hear(job.timeout)? {
            None => return Ok(()),
            Some(control::Command::Echo { mac }) => {
                if let Some(mac) = mac {
                    end.set_peer(mac);
                }
                true
            }
            Some(control::Command::Count) => false,
            Some(control::Command::Stop) => continue,
        };
        let (before, calls) = (end.lost()?, end.calls()?);
        control.say(&Reply::Ready)?;
        let cpu = cpu::thread_time();
        let mut messages = 0;
        let mut silence = Silence::new(end.sleeps());
        // What it takes to wait for stragglers is no message's.
        let mut spent = None;
        loop {
            let came = if echoes { end.echo(Sleep::UntilNews)? } else { end.receive(Sleep::UntilNews, |_| Ok(()))? };
            if came != 0 {
                messages += came as u64;
                silence.broken();
            } else if control.has_news() {
                if spent.is_none() {
                    spent = Some((cpu::thread_time() - cpu, calls_since(calls, &end)?));
                }
                if silence.lasts(STRAGGLERS) {
                    break;
                }
            } else {
                // The CPU goes to others now and then.
                silence.lasts(STRAGGLERS);
            }
        }
        let (cpu, calls) = match spent {
            Some(spent) => spent,
            None => (cpu::thread_time() - cpu, calls_since(calls, &end)?),
        };
        let lost = drops::since(&before, &end.lost()?);
        match control.hear(job.timeout)? {
            Some(control::Command::Stop) => {}
            None => return Ok(()),
            Some(other) => bail!("the other end wants {other:?} before it has said stop"),
        }
        control.say(&Reply::Stopped(Tally { messages, cpu: cpu.as_nanos() as u64, calls, lost }))?;
    }
}

/// The asking end.
fn ask(job: &Job, plan: &Plan, end: impl End, control: Control) -> Result<Measured> {
    let timer = Timer::new();
    let clock = ClockFacts { source: timer.source(), cost: timer.cost() };
    let mut asking = Asking { end, control, timer, timeout: job.timeout };
    let mut notes: Vec<String> = asking.end.note()?.into_iter().collect();
    match asking.control.expect(job.timeout)? {
        Reply::Open { mac, note } => {
            if let Some(mac) = mac {
                asking.end.set_peer(mac);
            }
            notes.extend(note.map(|note| format!("at the other end: {note}")));
        }
        Reply::Unavailable(reason) => bail!("at the other end: {reason}"),
        other => bail!("the other end said {other:?} before it was ready"),
    }
    asking.introduce()?;
    let round_trips = if plan.iterations > 0 { Some(asking.round_trips(plan)?) } else { None };
    let mut rates = Vec::new();
    for rate in ladder(&plan.rates, plan.until_loss) {
        let found = asking.rate(plan, rate, rates.len() as u32)?;
        let carried = found.was_carried();
        rates.push(found);
        if !carried && plan.rates.last().is_none_or(|last| rate >= *last) {
            break;
        }
    }
    let mut streams = Vec::new();
    for payload in plan.sizes.as_ref().map_or(&[][..], |sizes| sizes.as_slice()) {
        streams.push(asking.stream(plan, usize::from(*payload))?);
    }
    Ok(Measured { clock, round_trips, rates, streams, notes })
}

/// The rates that are tried, the last ones only if those before were carried.
fn ladder(asked: &[u32], until_loss: bool) -> impl Iterator<Item = u32> {
    let beyond = asked.last().copied().filter(|_| until_loss);
    let grown =
        |rate: &u32| rate.checked_mul(GROWTH.0).map(|rate| rate / GROWTH.1).filter(|rate| *rate <= HIGHEST_RATE);
    asked.iter().copied().chain(std::iter::successors(beyond, grown).skip(1))
}

struct Asking<E> {
    end: E,
    control: Control,
    timer: Timer,
    timeout: Duration,
}

impl<E: End> Asking<E> {
    fn command(&mut self, command: &control::Command) -> Result<()> {
        self.control.say(command)?;
        match self.control.expect(self.timeout)? {
            Reply::Ready => Ok(()),
            other => bail!("the other end said {other:?} and not that it is ready"),
        }
    }

    fn stop(&mut self) -> Result<Tally> {
        self.control.say(&control::Command::Stop)?;
        match self.control.expect(self.timeout)? {
            Reply::Stopped(tally) => Ok(tally),
            other => bail!("the other end said {other:?} and not that it has stopped"),
        }
    }

    fn echo(&mut self) -> Result<()> {
        self.command(&control::Command::Echo { mac: self.end.mac() })
    }

    /// Has messages go there and back until one has: before that the kernel may have to ask for addresses, and a message
    /// may be lost.
    fn introduce(&mut self) -> Result<()> {
        self.echo()?;
        let plan = |timeout| round_trips::Plan { payload: message::SHORTEST, warm_ups: 0, iterations: 1, timeout };
        let (first, then) = (plan(FIRST), plan(self.timeout));
        if round_trips::measure(&mut self.end, &self.timer, &first).is_err() {
            round_trips::measure(&mut self.end, &self.timer, &then).context("the first message")?;
        }
        self.stop().map(drop)
    }

    fn round_trips(&mut self, plan: &Plan) -> Result<RoundTrips> {
        let one = round_trips::Plan {
            payload: plan.payload,
            warm_ups: plan.warm_ups,
            iterations: plan.iterations,
            timeout: self.timeout,
        };
        self.echo()?;
        let calls = self.end.calls()?;
        let (times, ping) = round_trips::measure(&mut self.end, &self.timer, &one)?;
        let calls = calls_since(calls, &self.end)?;
        let tally = self.stop()?;
        let sent = u64::from(plan.warm_ups) + u64::from(plan.iterations);
        let cpu = Cpu { ping, pong: each(tally.cpu, tally.messages) };
        Ok(RoundTrips { times, cpu, calls: calls_each(calls, sent, &tally) })
    }

    fn rate(&mut self, plan: &Plan, rate: u32, number: u32) -> Result<Rate> {
        let before = self.end.lost()?;
        self.echo()?;
        let one = rates::Plan { payload: plan.payload, rate, time: plan.time, number };
        let found = rates::measure(&mut self.end, &self.timer, &one)?;
        let tally = self.stop()?;
        Ok(Rate {
            asked: rate,
            achieved: found.achieved,
            sent: found.sent,
            lost: found.lost,
            times: found.times,
            cpu: Cpu { ping: each(found.cpu.as_nanos() as u64, found.sent), pong: each(tally.cpu, tally.messages) },
            lost_at: both(drops::since(&before, &self.end.lost()?), tally.lost),
        })
    }

    fn stream(&mut self, plan: &Plan, payload: usize) -> Result<Stream> {
        let before = self.end.lost()?;
        self.command(&control::Command::Count)?;
        let calls = self.end.calls()?;
        let sent = stream::send(&mut self.end, payload, plan.time)?;
        let calls = calls_since(calls, &self.end)?;
        let tally = self.stop()?;
        let calls = calls_each(calls, sent.messages, &tally);
        let lost_at = both(drops::since(&before, &self.end.lost()?), tally.lost);
        Ok(Stream {
            payload,
            frame: (payload + frame::HEADERS).max(frame::SHORTEST) + frame::FCS,
            took: sent.took,
            sent: sent.messages,
            received: tally.messages,
            unaccounted: outcome::unaccounted(sent.messages, tally.messages, &lost_at),
            lost_at,
            cpu: Cpu { ping: each(sent.cpu.as_nanos() as u64, sent.messages), pong: each(tally.cpu, tally.messages) },
            calls,
        })
    }
}

/// The counters of both ends, and whose they are.
fn both(ping: Vec<Count>, pong: Vec<Count>) -> Vec<Count> {
    let named = |end: &'static str| move |count: Count| Count { at: format!("{end}: {}", count.at), ..count };
    ping.into_iter().map(named("ping")).chain(pong.into_iter().map(named("pong"))).collect()
}

fn each(all: u64, messages: u64) -> f64 {
    all as f64 / messages.max(1) as f64
}

/// System calls that an end has made since it had made so many.
fn calls_since(before: Option<u64>, end: &impl End) -> Result<Option<u64>> {
    Ok(before.zip(end.calls()?).map(|(before, now)| now.saturating_sub(before)))
}

/// The same for each message, with those of the other end.
fn calls_each(ping: Option<u64>, sent: u64, pong: &Tally) -> Calls {
    Calls { ping: ping.map(|calls| each(calls, sent)), pong: pong.calls.map(|calls| each(calls, pong.messages)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_go_on_until_loss_and_not_for_ever() {
        let all: Vec<u32> = ladder(&[50_000, 200_000], true).collect();
        assert_eq!(all[..5], [50_000, 200_000, 300_000, 450_000, 675_000]);
        assert!(all.iter().all(|rate| *rate <= HIGHEST_RATE) && all.len() < 20);
        assert_eq!(ladder(&[7, 9], false).collect::<Vec<_>>(), [7, 9]);
        assert_eq!(ladder(&[], true).count(), 0);
    }

    #[test]
    fn a_count_says_at_which_end_it_is() {
        let both = both(vec![Count::new("a", 1)], vec![Count::new("a", 2)]);
        assert_eq!(both, [Count::new("ping: a", 1), Count::new("pong: a", 2)]);
    }
}
