//! The loop that answers the measured one: each frame goes back in the buffer in which it came.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use efvi::Event;
use examples::frame::{self, Mac};

use super::check::Mismatch;
use super::load::{Load, Several, Single, Whose};
use super::patience::{Patience, Verdict};
use super::pattern::Pattern;
use super::plan::Run;
use super::protocol::{Body, Message};
use super::station::{Station, is_poisoned, must_be_harmless, say};
use super::timer::Timer;

/// Echoes all frames of a run. `ready` is the message that said so to ping, in case that it has to hear it again.
pub fn run(
    station: &mut Station,
    run: &Run,
    ready: &Message,
    peer: Mac,
    timer: &Timer,
    timeout: Duration,
) -> Result<()> {
    if station.fits_one_buffer(run) {
        answer_all::<Single>(station, run, ready, peer, timer, timeout)
    } else {
        answer_all::<Several>(station, run, ready, peer, timer, timeout)
    }
}

/// The loop, for frames that lie in memory as `L` says.
fn answer_all<L: Load>(
    station: &mut Station,
    run: &Run,
    ready: &Message,
    peer: Mac,
    timer: &Timer,
    timeout: Duration,
) -> Result<()> {
    let set_up = station.set_up;
    let own = station.mac;
    let route = station.route_to(peer);
    let local = route.source;
    let headers = route.headers();
    let way = station.way(run);
    let (mut transmit, mut receive) = station.vi.split();
    let mut patience = Patience::new(timer, timeout);
    let mut load = L::default();
    let mut echoed = 0;

    while echoed < run.frames() {
        let mut say_ready = false;
        let mut back = false;
        let mut events = receive.poll();
        let mut any = false;
        while let Some(event) = events.next() {
            any = true;
            let done = match event {
                Event::Received(packet) => {
                    match load.whose(&packet, headers, local) {
                        Whose::Others => {}
                        Whose::Control => say_ready |= answer(&packet, ready)?,
                        Whose::Measured => {
                            let echo = load
                                .turn_around(packet, headers, &mut station.pool, &own, &peer)
                                .with_context(|| format!("keeping frame {echoed} of {run}"))?;
                            if let Some(echo) = echo {
                                L::send(way, &mut transmit, echo)
                                    .with_context(|| format!("echoing frame {echoed} of {run}"))?;
                            }
                        }
                    }
                    continue;
                }
                Event::Sent(done) => L::sent(done, headers),
                Event::SentPieces(done) => L::sent_pieces(done),
                Event::Discarded(packet) if is_poisoned(set_up, packet.reason()) => None,
                other => {
                    must_be_harmless(&other)?;
                    None
                }
            };
            if let Some(done) = done {
                check(L::start(&done.frame), L::length(&done.frame), headers, run, echoed)
                    .map_err(|mismatch| anyhow::anyhow!("{mismatch}"))
                    .with_context(|| format!("frame {echoed} of {run}"))?;
                echoed += 1;
                L::put(&mut station.pool, done.frame);
                back = true;
            }
        }
        drop(events);
        if back {
            receive.fill(&mut station.pool).map_err(efvi::Error::Rejected).context("posting the buffer of an echo")?;
        }
        if say_ready {
            say(&mut transmit, &mut station.pool, ready, &route)?;
        }
        if any {
            patience.reset();
        } else if patience.nothing(|| Ok(()))? == Verdict::GiveUp {
            bail!(
                "no frame from ping for {} s; the next would have been frame {echoed} of {run} ({} frames in all): it \
                 was lost, or ping is gone",
                timeout.as_secs_f64(),
                run.frames()
            );
        }
    }
    Ok(())
}

/// Whether a control message in the middle of a run asks for `ready` again.
#[cold]
fn answer(packet: &[u8], ready: &Message) -> Result<bool> {
    let Ok(Ok(message)) = frame::read(packet).map(|udp| Message::decode(udp.payload)) else {
        return Ok(false);
    };
    if message.session != ready.session {
        return Ok(false);
    }
    match message.body {
        Body::SetUp(_) => Ok(message.run == ready.run),
        Body::Abort(why) => bail!("ping gave up: {why}"),
        Body::End => bail!("ping ended the session in the middle of a run"),
        Body::Ready | Body::ReadyBySocket | Body::Refused(_) | Body::Ended => Ok(false),
    }
}

/// Length and sequence of a frame that went back, by its first bytes. Ping compares every byte of it.
#[inline]
fn check(start: &[u8], length: usize, headers: usize, run: &Run, sequence: u64) -> Result<(), Mismatch> {
    let expected = run.frame_length(headers);
    if !frame::is_length_on_wire(length, expected) {
        return Err(Mismatch::Length { got: length, expected });
    }
    if run.by_socket {
        // The kernel numbers its datagrams as it likes.
        return Ok(());
    }
    let expected = Pattern::identification(sequence);
    match frame::identification(start, headers) {
        Some(got) if got != expected => Err(Mismatch::Sequence { got, expected }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddrV4};

    use examples::frame::{HEADERS, Route, TAGGED_HEADERS};
    use examples::vlan::Vlan;

    use super::super::plan::Mode;
    use super::super::results::sample;
    use super::*;

    fn packet_in(vlan: Option<Vlan>, payload: &[u8], identification: u16) -> Vec<u8> {
        let route = Route {
            source_mac: [2; 6],
            destination_mac: [4; 6],
            source: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1),
            destination: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 2),
            vlan,
        };
        let mut packet = vec![0; route.headers()];
        packet.extend_from_slice(payload);
        frame::write_headers(&mut packet, &route, identification);
        packet
    }

    fn packet(payload: &[u8], identification: u16) -> Vec<u8> {
        packet_in(None, payload, identification)
    }

    #[test]
    fn an_echo_is_checked_for_length_and_sequence() {
        let run = sample::run(Mode::Ctpio);
        let check = |echo: &[u8], sequence| check(echo, echo.len(), HEADERS, &run, sequence);
        assert_eq!(check(&packet(&[0; 22], 7), 7), Ok(()));
        assert_eq!(check(&packet(&[0; 22], 7), 7 + (1 << 16)), Ok(()));
        assert_eq!(check(&packet(&[0; 22], 7), 6), Err(Mismatch::Sequence { got: 7, expected: 6 }));
        assert_eq!(check(&packet(&[0; 21], 7), 7), Err(Mismatch::Length { got: 63, expected: 64 }));
    }

    #[test]
    fn an_echo_in_a_vlan_is_longer_by_its_tag() {
        let run = sample::run(Mode::Ctpio);
        let check = |echo: &[u8], sequence| check(echo, echo.len(), TAGGED_HEADERS, &run, sequence);
        let tagged = packet_in(Some("5:3".parse().unwrap()), &[0; 22], 7);
        assert_eq!(check(&tagged, 7), Ok(()));
        assert_eq!(check(&tagged, 6), Err(Mismatch::Sequence { got: 7, expected: 6 }));
        assert_eq!(check(&packet(&[0; 22], 7), 7), Err(Mismatch::Length { got: 64, expected: 68 }));
    }

    #[test]
    fn only_the_same_set_up_asks_again() {
        let run = sample::run(Mode::Ctpio);
        let ready = Message { session: 5, run: 2, body: Body::Ready };
        let say = |session, run, body| answer(&packet(&Message { session, run, body }.encode(), 0), &ready);
        assert!(say(5, 2, Body::SetUp(run)).unwrap());
        assert!(!say(5, 1, Body::SetUp(run)).unwrap());
        assert!(!say(6, 2, Body::SetUp(run)).unwrap());
        assert!(!say(6, 2, Body::Abort("foreign".into())).unwrap());
        assert!(!say(5, 2, Body::Ready).unwrap());
        assert!(say(5, 9, Body::Abort("enough".into())).unwrap_err().to_string().contains("enough"));
        assert!(say(5, 9, Body::End).is_err());
        assert!(!answer(&packet(&[MARK_ONLY; 30], 0), &ready).unwrap());
        assert!(!answer(&[MARK_ONLY; 50], &ready).unwrap());
    }

    const MARK_ONLY: u8 = super::super::protocol::MARK;
}
