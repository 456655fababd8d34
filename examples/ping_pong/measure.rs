//! The measured loop: a frame out, its echo back, one at a time.

use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result, bail};
use efvi::{Event, Timestamp, TimestampError};
use examples::frame::{self, Route};

use super::check::{self, Mismatch};
use super::load::{Load, Several, Single};
use super::patience::{Patience, Verdict};
use super::pattern::Pattern;
use super::plan::{Mode, Run};
use super::progress::{Progress, STEPS};
use super::protocol::{Body, Message};
use super::results::{AdapterTimes, Measurement};
use super::station::{Station, is_poisoned, must_be_harmless};
use super::timer::Timer;

/// What a run is about, beside the frames.
pub struct Setting<'a> {
    pub session: u64,
    /// Number of the run in the session.
    pub number: u32,
    pub timer: &'a Timer,
    pub timeout: Duration,
    pub progress: &'a Progress,
    /// Pong is a socket of the kernel's.
    pub by_socket: bool,
}

/// What one round trip left behind.
struct Trip {
    /// Ticks when the echo was there.
    end: u64,
    received: Result<Timestamp, TimestampError>,
}

/// Sends all frames of a run, each after the echo of the one before, and checks every echo.
///
/// `watch` is asked in long waits whether it is worth waiting on.
pub fn run(
    station: &mut Station,
    run: &Run,
    route: &Route,
    setting: &Setting<'_>,
    watch: &mut dyn FnMut() -> Result<()>,
) -> Result<Measurement> {
    if station.fits_one_buffer(run) {
        exchange::<Single>(station, run, route, setting, watch)
    } else {
        exchange::<Several>(station, run, route, setting, watch)
    }
}

/// The loop, for frames that lie in memory as `L` says.
fn exchange<L: Load>(
    station: &mut Station,
    run: &Run,
    route: &Route,
    setting: &Setting<'_>,
    watch: &mut dyn FnMut() -> Result<()>,
) -> Result<Measurement> {
    let set_up = station.set_up;
    let way = station.way(run);
    let headers = route.headers();
    let (mut transmit, mut receive) = station.vi.split();
    let timer = setting.timer;
    let compare = if setting.by_socket { check::compare_datagram } else { check::compare };
    let pattern = Pattern::new(setting.session, setting.number);
    let chunk = (run.frames() / STEPS).max(1);
    let mut measured = Measurement::new();
    let mut image = vec![0; run.frame_length(headers)];
    let mut load = L::default();
    let mut frame = L::take(&mut station.pool, image.len())?;

    for sequence in 0..run.frames() {
        if sequence == u64::from(run.warm_ups) {
            measured.started = SystemTime::now();
        }
        pattern.fill(sequence, &mut image[headers..]);
        frame::write_headers(&mut image, route, Pattern::identification(sequence));
        frame = L::write(frame, &image)?;
        // From here on the image is the echo that has to come.
        frame::turn_around(&mut image, headers, &route.destination_mac, &route.source_mac);
        let mut patience = Patience::new(timer, setting.timeout);
        let mut trip = None;
        let mut sent = None;

        let start = timer.ticks();
        L::send(way, &mut transmit, frame).with_context(|| format!("sending frame {sequence} of {run}"))?;
        while trip.is_none() || sent.is_none() {
            let mut events = receive.poll();
            let mut any = false;
            while let Some(event) = events.next() {
                any = true;
                match event {
                    Event::Received(packet) => {
                        let end = timer.ticks();
                        let Some(echo) = load.whole(&packet) else { continue };
                        // The measured part is over.
                        if trip.is_none()
                            && let Err(mismatch) = compare(echo, &image)
                        {
                            stray(echo, mismatch, route, setting)
                                .with_context(|| format!("the echo of frame {sequence} of {run}"))?;
                        } else if trip.is_none() {
                            trip = Some(Trip { end, received: load.timestamp(&packet) });
                        } else {
                            stray(echo, Mismatch::Twice, route, setting)
                                .with_context(|| format!("the echo of frame {sequence} of {run}"))?;
                        }
                    }
                    Event::Sent(done) => sent = L::sent(done, headers).or(sent),
                    Event::SentPieces(done) => sent = L::sent_pieces(done).or(sent),
                    Event::Discarded(packet) if is_poisoned(set_up, packet.reason()) => {
                        measured.poisoned += 1;
                    }
                    other => must_be_harmless(&other)?,
                }
            }
            if any {
                patience.reset();
            } else if patience.nothing(&mut *watch)? == Verdict::GiveUp {
                let limit = setting.timeout.as_secs_f64();
                match &trip {
                    None => bail!(
                        "no echo of frame {sequence} of {run} ({} frames in all) within {limit} s: the frame or its \
                         echo was lost, or pong is gone",
                        run.frames()
                    ),
                    Some(_) => bail!("the adapter did not report frame {sequence} of {run} as sent within {limit} s"),
                }
            }
        }
        let (Some(trip), Some(sent)) = (trip, sent) else { unreachable!("the loop ends with both") };
        measured.checked += 1;
        if sequence >= u64::from(run.warm_ups) {
            measured.software.record(timer.nanoseconds(start, trip.end));
            measured.by_ctpio += u64::from(sent.by_ctpio);
            if set_up.timestamps {
                measured.adapter.add(sent.timestamp, trip.received);
            }
        }
        frame = sent.frame;
        if (sequence + 1) % chunk == 0 {
            setting.progress.advance(chunk);
        }
    }
    setting.progress.advance(run.frames() % chunk);
    measured.took = measured.started.elapsed().unwrap_or_default();
    if !matches!(set_up.mode, Mode::Ctpio | Mode::Best) {
        measured.by_ctpio = 0;
    }
    Ok(measured)
}

/// What arrived is not the echo: fine if it is another's, or a control message that was late, an error if pong gave up or if it is
/// anything else.
#[cold]
fn stray(packet: &[u8], mismatch: Mismatch, route: &Route, setting: &Setting<'_>) -> Result<()> {
    if !frame::goes_to(packet, route.headers(), route.source) {
        // Of a queue that is shared with others.
        return Ok(());
    }
    let message = frame::read(packet).ok().map(|udp| Message::decode(udp.payload));
    match message {
        Some(Ok(Message { session, body: Body::Abort(why), .. })) if session == setting.session => {
            bail!("pong gave up: {why}")
        }
        Some(Ok(_)) => Ok(()),
        _ => bail!("{mismatch}"),
    }
}

impl AdapterTimes {
    /// Adds a round trip, from when the adapter sent the frame to when it received the echo.
    fn add(&mut self, sent: Option<Timestamp>, received: Result<Timestamp, TimestampError>) {
        match (sent, received) {
            (Some(sent), Ok(received)) => {
                for sync in [sent.sync, received.sync] {
                    self.clock_set &= sync.clock_set;
                    self.in_sync &= sync.in_sync;
                }
                // An echo can't be received before its frame was sent, but for the clock's last digits.
                self.recorder.record((received - sent).as_nanoseconds().round().max(0.0) as u64);
            }
            (sent, received) => self.miss(sent.is_some(), received.err()),
        }
    }

    #[cold]
    fn miss(&mut self, was_sent: bool, error: Option<TimestampError>) {
        self.missing += 1;
        if self.why.is_none() {
            self.why = Some(match error {
                Some(error) => format!("of the echo: {error}"),
                None if was_sent => "of the echo".to_owned(),
                None => "the adapter gave no transmit timestamp".to_owned(),
            });
        }
    }
}
