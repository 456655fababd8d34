//! The pong end as an ordinary UDP socket: whether the kernel understands ping's frames, and ping the kernel's.

use std::io::ErrorKind;
use std::net::{SocketAddr, SocketAddrV4, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::cli::{Place, PongJob};
use super::own;
use super::plan::LARGEST_PAYLOAD;
use super::pong::end_with;
use super::protocol::{Body, MARK, Message, NotAMessage};

/// How long a receive may take before the time is looked at.
const NAP: Duration = Duration::from_millis(50);
/// How long pong stays to confirm the end again, should the confirmation be lost.
const LINGER: Duration = Duration::from_millis(200);

/// Serves one ping, or one after the other.
pub fn run(job: &PongJob) -> Result<()> {
    if let Some(parent) = job.parent {
        end_with(parent)?;
    }
    let place = own::settle(&job.place, own::Side::Pong)?;
    let socket = UdpSocket::bind(place.local).with_context(|| format!("a UDP socket at {}", place.local))?;
    socket.set_read_timeout(Some(NAP)).context("a receive timeout")?;
    let mut bytes = vec![0; LARGEST_PAYLOAD.into()];
    loop {
        let outcome = Pong { socket: &socket, place: &place, ping: None }.serve(&mut bytes, !job.forever);
        if !job.forever {
            return outcome;
        }
        if let Err(error) = outcome {
            eprintln!("ping_pong pong: {error:#}; waiting for the next ping");
        }
    }
}

struct Pong<'a> {
    socket: &'a UdpSocket,
    place: &'a Place,
    /// Who is served, and by which session.
    ping: Option<(SocketAddrV4, u64)>,
}

impl Pong<'_> {
    fn serve(&mut self, bytes: &mut [u8], limited: bool) -> Result<()> {
        let mut last = Instant::now();
        let mut leaves = None;
        loop {
            let (length, from) = match self.socket.recv_from(bytes) {
                Ok((length, SocketAddr::V4(from))) => (length, from),
                Ok(_) => continue,
                // An answer found nobody any more.
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::ConnectionRefused) => {
                    if leaves.is_some_and(|leaves| Instant::now() >= leaves) {
                        return Ok(());
                    }
                    self.is_in_time(last, limited)?;
                    continue;
                }
                Err(error) => return Err(error).context("receiving from ping"),
            };
            let is_ping = self.ping.map_or_else(|| own::is_peer(self.place, from), |(ping, _)| ping == from);
            if !is_ping {
                continue;
            }
            let payload = &bytes[..length];
            if payload.first() != Some(&MARK) {
                // A frame without payload is a measured one, too.
                if self.ping.is_some() && leaves.is_none() {
                    last = Instant::now();
                    self.send(payload, from)?;
                }
                continue;
            }
            match Message::decode(payload) {
                Ok(message) => {
                    if self.answer(&message, from)? {
                        leaves = Some(Instant::now() + LINGER);
                    }
                    last = Instant::now();
                }
                Err(NotAMessage::Version { session, run, version }) => {
                    let body = Body::Refused(format!("pong can't read version {version}"));
                    self.send(&Message { session, run, body }.encode(), from)?;
                }
                Err(_) => {}
            }
        }
    }

    /// Answers a control message; true if it was the last.
    fn answer(&mut self, message: &Message, from: SocketAddrV4) -> Result<bool> {
        if self.ping.is_some_and(|(_, session)| session != message.session) {
            return Ok(false);
        }
        let body = match &message.body {
            Body::SetUp(_) => {
                self.ping = Some((from, message.session));
                Body::ReadyBySocket
            }
            Body::End if self.ping.is_some() => Body::Ended,
            Body::Abort(why) if self.ping.is_some() => bail!("ping gave up: {why}"),
            _ => return Ok(false),
        };
        let ends = body == Body::Ended;
        self.send(&Message { body, ..message.clone() }.encode(), from)?;
        Ok(ends)
    }

    fn send(&self, payload: &[u8], to: SocketAddrV4) -> Result<()> {
        self.socket.send_to(payload, to).map(drop).with_context(|| format!("answering {to}"))
    }

    fn is_in_time(&self, last: Instant, limited: bool) -> Result<()> {
        let limit = if self.ping.is_some() { self.place.timeout } else { self.place.wait };
        if last.elapsed() < limit || (self.ping.is_none() && !limited) {
            return Ok(());
        }
        bail!("nothing from ping within {} s: it is gone, or its frames were lost", limit.as_secs_f64())
    }
}
