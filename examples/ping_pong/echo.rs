//! The loop that answers the measured one: each frame goes back in the buffer in which it came.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use efvi::Event;
use examples::frame::{self, Mac};

use super::check::Mismatch;
use super::patience::{Patience, Verdict};
use super::pattern::Pattern;
use super::plan::Run;
use super::protocol::{Body, Message};
use super::station::{Station, is_control, is_poisoned, must_be_harmless, say};
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
    let set_up = station.set_up;
    let own = station.mac;
    let route = station.route_to(peer);
    let local = route.source;
    let way = station.way(run);
    let (mut transmit, mut receive) = station.vi.split();
    let mut patience = Patience::new(timer, timeout);
    let mut echoed = 0;

    while echoed < run.frames() {
        let mut say_ready = false;
        let mut back = false;
        let mut events = receive.poll();
        let mut any = false;
        while let Some(event) = events.next() {
            any = true;
            match event {
                Event::Received(packet) => {
                    if !frame::goes_to(&packet, local) {
                        // Of a queue that is shared with others.
                    } else if is_control(&packet) {
                        say_ready |= answer(&packet, ready)?;
                    } else {
                        let mut buffer = packet
                            .keep(&mut station.pool)
                            .map_err(|not_kept| anyhow::anyhow!("{not_kept}"))
                            .with_context(|| format!("keeping frame {echoed} of {run}"))?;
                        frame::turn_around(&mut buffer, &own, &peer);
                        way.send(&mut transmit, buffer)
                            .map_err(efvi::Error::from)
                            .with_context(|| format!("echoing frame {echoed} of {run}"))?;
                    }
                }
                Event::Sent(done) if is_control(&done.buffer) => {}
                Event::Sent(done) => {
                    check(&done.buffer, run, echoed)
                        .map_err(|mismatch| anyhow::anyhow!("{mismatch}"))
                        .with_context(|| format!("frame {echoed} of {run}"))?;
                    echoed += 1;
                    station.pool.put(done.buffer);
                    back = true;
                }
                Event::Discarded(packet) if is_poisoned(set_up, packet.reason()) => {}
                other => must_be_harmless(&other)?,
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

/// Length and sequence of a frame that went back. Ping compares every byte of it.
#[inline]
fn check(echo: &[u8], run: &Run, sequence: u64) -> Result<(), Mismatch> {
    if !frame::is_length_on_wire(echo.len(), run.frame_length()) {
        return Err(Mismatch::Length { got: echo.len(), expected: run.frame_length() });
    }
    if run.by_socket {
        // The kernel numbers its datagrams as it likes.
        return Ok(());
    }
    let expected = Pattern::identification(sequence);
    match frame::identification(echo) {
        Some(got) if got != expected => Err(Mismatch::Sequence { got, expected }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddrV4};

    use examples::frame::{HEADERS, Route};

    use super::super::plan::Mode;
    use super::super::results::sample;
    use super::*;

    fn packet(payload: &[u8], identification: u16) -> Vec<u8> {
        let route = Route {
            source_mac: [2; 6],
            destination_mac: [4; 6],
            source: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 1),
            destination: SocketAddrV4::new(Ipv4Addr::LOCALHOST, 2),
        };
        let mut packet = vec![0; HEADERS];
        packet.extend_from_slice(payload);
        frame::write_headers(&mut packet, &route, identification);
        packet
    }

    #[test]
    fn an_echo_is_checked_for_length_and_sequence() {
        let run = sample::run(Mode::Ctpio);
        assert_eq!(check(&packet(&[0; 22], 7), &run, 7), Ok(()));
        assert_eq!(check(&packet(&[0; 22], 7), &run, 7 + (1 << 16)), Ok(()));
        assert_eq!(check(&packet(&[0; 22], 7), &run, 6), Err(Mismatch::Sequence { got: 7, expected: 6 }));
        assert_eq!(check(&packet(&[0; 21], 7), &run, 7), Err(Mismatch::Length { got: 63, expected: 64 }));
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
