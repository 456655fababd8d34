//! The pong end: waits for a ping, makes ready for each of its runs, echoes, and ends with it.

use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use efvi::ProtectionDomain;
use examples::cpu;
use examples::frame::{Mac, Route};
use examples::vlan::Vlan;
use rustix::process::{Pid, Signal};

use super::cli::{Place, PongJob};
use super::echo;
use super::own;
use super::plan::{Run, SetUp};
use super::protocol::{Body, Message, NotAMessage};
use super::station::{Heard, Station, diagnose, lacking, open_domain};
use super::timer::Timer;

/// How long pong stays to confirm the end again, should the confirmation be lost.
const LINGER: Duration = Duration::from_millis(100);
/// How often a wait for ping looks up.
const LOOK_UP: Duration = Duration::from_secs(3600);

/// Serves one ping, or one after the other.
pub fn run(job: &PongJob) -> Result<()> {
    if let Some(parent) = job.parent {
        end_with(parent)?;
    }
    let allowed = cpu::allowed().context("which CPUs may be used")?;
    let place = &own::settle(&job.place, own::Side::Pong)?;
    if let Some(cpu) = place.cpu.or_else(|| cpu::pair(&allowed).map(|(_, pong)| pong)) {
        cpu::pin(cpu).with_context(|| format!("pong can't be kept on CPU {cpu}"))?;
    }
    let timer = Timer::new();
    let domain = open_domain(place)?;
    loop {
        let mut pong = Pong { domain: &domain, place: place.clone(), timer: &timer, station: None };
        let outcome = pong.serve(!job.forever);
        if !job.forever {
            return outcome;
        }
        if let Err(error) = outcome {
            if pong.station.is_none() {
                // Without an interface there is nothing to go on with.
                return Err(error);
            }
            eprintln!("ping_pong pong: {error:#}; waiting for the next ping");
        }
    }
}

/// Has the kernel end this process when its parent ends.
pub fn end_with(parent: i32) -> Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::TERM)).context("tying this process to its parent")?;
    // The parent may have been gone before.
    if rustix::process::getppid().map(Pid::as_raw_nonzero).map(i32::from) != Some(parent) {
        bail!("the process {parent} that started this one is gone");
    }
    Ok(())
}

struct Pong<'a> {
    domain: &'a ProtectionDomain,
    /// Ping's address is filled in once it has called, where it may be anyone's.
    place: Place,
    timer: &'a Timer,
    station: Option<Station>,
}

/// True of who is answered by this end: in its VLAN, and at ping's address where that is known.
fn is_peer(place: &Place, route: &Route) -> bool {
    own::is_peer(place, route.source) && route.vlan.map(Vlan::id) == place.vlan.map(Vlan::id)
}

/// What ping asks for.
struct Request {
    message: Message,
    from: SocketAddrV4,
    peer: Mac,
}

impl Pong<'_> {
    /// Serves one session. `limited` says whether the wait for it has an end.
    fn serve(&mut self, limited: bool) -> Result<()> {
        self.station = Some(Station::open(self.domain, &self.place, SetUp::PLAIN)?);
        let mut request = self.first_request(limited)?;
        self.answer_only(request.from)?;
        let session = request.message.session;
        // The last run that was answered, and how.
        let mut last: Option<Message> = None;
        loop {
            let Request { message, peer, .. } = request;
            match message.body {
                Body::End => return self.confirm_end(session, message.run, peer),
                Body::Abort(why) => bail!("ping gave up: {why}"),
                Body::SetUp(run) if last.as_ref().is_none_or(|last| last.run < message.run) => {
                    let body = match self.make_ready(&run)? {
                        Ok(()) => Body::Ready,
                        Err(why) => Body::Refused(why),
                    };
                    let answer = Message { session, run: message.run, body };
                    self.station()?.say(&answer, peer)?;
                    if answer.body == Body::Ready {
                        self.echo(&run, &answer, peer)?;
                    }
                    last = Some(answer);
                }
                // Ping has not heard that it was refused. To one that heard it is ready it is too late an echo.
                Body::SetUp(_) => {
                    if let Some(answer @ Message { body: Body::Refused(_), .. }) = &last
                        && answer.run == message.run
                    {
                        let answer = answer.clone();
                        self.station()?.say(&answer, peer)?;
                    }
                }
                Body::Ready | Body::ReadyBySocket | Body::Refused(_) | Body::Ended => {}
            }
            request = self.next_request(session)?;
        }
    }

    fn station(&mut self) -> Result<&mut Station> {
        self.station.as_mut().context("no virtual interface")
    }

    /// From here on it is this ping that is answered.
    fn answer_only(&mut self, ping: SocketAddrV4) -> Result<()> {
        self.place.remote = ping;
        self.station()?.answer(ping);
        Ok(())
    }

    /// Waits for a ping that begins.
    fn first_request(&mut self, limited: bool) -> Result<Request> {
        let mut strangers = 0_u64;
        let mut last_stranger = None;
        let deadline = Instant::now() + self.place.wait;
        loop {
            let until = if limited { deadline } else { Instant::now() + LOOK_UP };
            let request = self.request(until, |heard, place| {
                if !is_peer(place, &heard.route) {
                    strangers += 1;
                    last_stranger = Some(heard.route);
                    return false;
                }
                matches!(heard.message, Ok(Message { body: Body::SetUp(_), .. }))
            })?;
            if let Some(request) = request {
                return Ok(request);
            }
            if limited {
                let seen = last_stranger.map_or_else(String::new, |last| {
                    let vlan = last.vlan.map_or_else(String::new, |vlan| format!(" in VLAN {}", vlan.id()));
                    format!("; {strangers} frames came from others, the last from {}{vlan}", last.source)
                });
                bail!(
                    "no ping from {} on {} within {} s{seen}",
                    self.place.remote,
                    self.place.interface,
                    self.place.wait.as_secs_f64()
                );
            }
        }
    }

    /// Waits for what ping wants next.
    fn next_request(&mut self, session: u64) -> Result<Request> {
        let until = Instant::now() + self.place.timeout;
        let request = self.request(until, |heard, place| {
            heard.route.source == place.remote && matches!(&heard.message, Ok(message) if message.session == session)
        })?;
        request.with_context(|| {
            format!(
                "nothing more from ping within {} s: it is gone, or takes longer than `--timeout` between runs",
                self.place.timeout.as_secs_f64()
            )
        })
    }

    /// Waits for a message that is `wanted`; answers those of other versions meanwhile.
    fn request(&mut self, until: Instant, mut wanted: impl FnMut(&Heard, &Place) -> bool) -> Result<Option<Request>> {
        let place = self.place.clone();
        loop {
            let heard = self.station()?.hear(until, |heard| {
                let foreign =
                    matches!(heard.message, Err(NotAMessage::Version { .. })) && is_peer(&place, &heard.route);
                (foreign || wanted(&heard, &place)).then_some(heard)
            })?;
            let Some(Heard { message, route, .. }) = heard else {
                return Ok(None);
            };
            let peer = place.remote_mac.unwrap_or(route.source_mac);
            match message {
                Ok(message) => return Ok(Some(Request { message, from: route.source, peer })),
                // Its head says of which version this end is.
                Err(NotAMessage::Version { session, run, version }) => {
                    let body = Body::Refused(format!("pong can't read version {version}"));
                    self.station()?.say(&Message { session, run, body }, peer)?;
                }
                Err(_) => {}
            }
        }
    }

    /// Sets the interface up for a run; the reason if it is not possible.
    fn make_ready(&mut self, run: &Run) -> Result<Result<(), String>> {
        if let Some(reason) = lacking(self.domain, &self.place, run)? {
            return Ok(Err(reason));
        }
        if self.station.as_ref().is_none_or(|station| station.set_up != run.set_up) {
            // Gone before its successor comes: both have the same filter.
            self.station = None;
            match Station::open(self.domain, &self.place, run.set_up) {
                Ok(station) => self.station = Some(station),
                Err(error) => {
                    let reason = diagnose(self.domain, &self.place, run.set_up, error)?;
                    self.station = Some(Station::open(self.domain, &self.place, SetUp::PLAIN)?);
                    return Ok(Err(reason));
                }
            }
        }
        let largest = self.station()?.largest_payload()?;
        if usize::from(run.payload) > largest {
            return Ok(Err(format!(
                "a payload of {} bytes does not fit a frame on {}; give sizes from 0 to {largest}",
                run.payload, self.place.interface
            )));
        }
        Ok(Ok(()))
    }

    /// Echoes a run; tells ping if that goes wrong.
    fn echo(&mut self, run: &Run, ready: &Message, peer: Mac) -> Result<()> {
        let (timer, timeout) = (self.timer, self.place.timeout);
        let station = self.station()?;
        echo::run(station, run, ready, peer, timer, timeout).inspect_err(|error| {
            let body = Body::Abort(format!("{error:#}"));
            // There is an error to report already.
            let _ = station.say(&Message { body, ..ready.clone() }, peer);
        })
    }

    /// Confirms the end, again as long as ping may ask.
    fn confirm_end(&mut self, session: u64, run: u32, peer: Mac) -> Result<()> {
        let ended = Message { session, run, body: Body::Ended };
        let until = Instant::now() + LINGER;
        let station = self.station()?;
        loop {
            station.say(&ended, peer)?;
            let again = station.hear(until, |heard| {
                matches!(&heard.message, Ok(Message { session: theirs, body: Body::End, .. }) if *theirs == session)
                    .then_some(())
            })?;
            if again.is_none() {
                return Ok(());
            }
        }
    }
}
