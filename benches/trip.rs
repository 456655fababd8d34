//! A frame there and back: the end that measures, and the one that answers.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use efvi::{Buffer, Event, PacketPool, Receive, Transmit};
use examples::frame::{self, HEADERS, Mac, Route};
use quanta::Clock;

use crate::end::{End, FRAME, Mode, unexpected};
use crate::patience::Patience;

/// The end that measures: one frame is under way at a time.
pub struct Ping<'end> {
    tx: Transmit<'end>,
    rx: Receive<'end>,
    mode: Mode,
    route: Route,
    timestamps: bool,
    /// What the next frame goes in.
    buffer: Option<Buffer>,
    sequence: u16,
}

impl<'end> Ping<'end> {
    /// Measures from this end. `timestamps` says that received frames must have one.
    ///
    /// # Errors
    /// There is no buffer to send from.
    pub fn new(end: &'end mut End, timestamps: bool) -> Result<Ping<'end>> {
        let buffer = Some(end.frame()?);
        let (mode, route) = (end.mode, end.route);
        let (tx, rx) = end.vi.split();
        Ok(Ping { tx, rx, mode, route, timestamps, buffer, sequence: 0 })
    }

    /// One round trip, in nanoseconds: from before the send until the echo has been taken out of the event queue. That
    /// it is the right echo is checked after that; that the send has completed is waited for.
    ///
    /// `other` is called in turn with polling: it is the other end, if that is in this thread.
    ///
    /// # Errors
    /// The echo is wrong, or does not come.
    #[inline(always)]
    pub fn trip(&mut self, clock: &Clock, mut other: impl FnMut() -> Result<()>) -> Result<u64> {
        let mut buffer = self.buffer.take().context("the frame before is still under way")?;
        self.sequence = self.sequence.wrapping_add(1);
        frame::write_headers(&mut buffer, &self.route, self.sequence);
        let mut echoed = None;
        let mut patience = Patience::new();

        let start = clock.raw();
        self.mode.send(&mut self.tx, buffer)?;
        while echoed.is_none() || self.buffer.is_none() {
            other()?;
            let mut events = self.rx.poll();
            let mut any = false;
            while let Some(event) = events.next() {
                any = true;
                match event {
                    Event::Received(packet) => {
                        let end = clock.raw();
                        ensure!(packet.len() == FRAME, "an echo of {} bytes to a frame of {FRAME}", packet.len());
                        ensure!(
                            frame::identification(&packet, HEADERS) == Some(self.sequence) && echoed.is_none(),
                            "an echo that is not of frame {}, or comes twice",
                            self.sequence
                        );
                        if self.timestamps {
                            packet.timestamp()?;
                        }
                        echoed = Some(end);
                    }
                    Event::Sent(sent) => self.buffer = Some(sent.buffer),
                    other => unexpected(&other)?,
                }
            }
            if !any {
                patience.nothing("the echo of a frame")?;
            }
        }
        let end = echoed.context("no echo")?;
        // What is left for the other end to do after its echo is not of this trip, nor of the next.
        other()?;
        Ok(clock.delta_as_nanos(start, end))
    }
}

/// The end that answers: each frame goes back in the buffer in which it came.
pub struct Echo<'end> {
    tx: Transmit<'end>,
    rx: Receive<'end>,
    pool: &'end mut PacketPool,
    mode: Mode,
    own: Mac,
    completed: u64,
}

impl<'end> Echo<'end> {
    /// Answers from this end.
    pub fn new(end: &'end mut End) -> Echo<'end> {
        let (mode, own) = (end.mode, end.route.source_mac);
        let (tx, rx) = end.vi.split();
        Echo { tx, rx, pool: &mut end.pool, mode, own, completed: 0 }
    }

    /// Polls once, and answers what has come. Returns whether anything has happened.
    ///
    /// # Errors
    /// The echo can't be sent, or something unexpected has come.
    #[inline(always)]
    pub fn poll(&mut self) -> Result<bool> {
        let mut back = None;
        let mut any = false;
        let mut events = self.rx.poll();
        while let Some(event) = events.next() {
            any = true;
            match event {
                Event::Received(packet) => {
                    let mut buffer = packet.keep(self.pool).map_err(|not_kept| anyhow!("{not_kept}"))?;
                    let Some(peer) = buffer.get(6..).and_then(|rest| rest.first_chunk().copied()) else {
                        bail!("a frame of {} bytes", buffer.len())
                    };
                    frame::turn_around(&mut buffer, HEADERS, &self.own, &peer);
                    self.mode.send(&mut self.tx, buffer)?;
                }
                Event::Sent(sent) => {
                    ensure!(back.replace(sent.buffer).is_none(), "two echoes at once: frames must go one by one");
                }
                other => unexpected(&other)?,
            }
        }
        drop(events);
        if let Some(buffer) = back {
            self.completed += 1;
            self.rx.post(buffer)?;
        }
        Ok(any)
    }

    /// Answers so many frames.
    ///
    /// # Errors
    /// As of [`poll`](Self::poll), or they do not come.
    pub fn answer(&mut self, frames: u64) -> Result<()> {
        let end = self.completed + frames;
        let mut patience = Patience::new();
        while self.completed < end {
            if self.poll()? {
                patience = Patience::new();
            } else {
                patience.nothing("a frame to answer")?;
            }
        }
        Ok(())
    }
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use super::*;
    use crate::end::Kind;

    const KINDS: [Kind; 3] = [Kind::plain(Mode::DmaPush), Kind::plain(Mode::Ctpio), Kind::timestamped(Mode::Ctpio)];

    #[test]
    fn round_trips_in_one_thread() {
        let clock = Clock::new();
        for kind in KINDS {
            let (mut near, mut far) = End::pair(kind).unwrap();
            // More than the rings hold, so that every buffer must have come back.
            let mut echo = Echo::new(&mut far);
            let mut ping = Ping::new(&mut near, kind.timestamps).unwrap();
            for _ in 0..3000 {
                assert!(ping.trip(&clock, || echo.poll().map(drop)).unwrap() > 0);
            }
            assert_eq!(echo.completed, 3000);
        }
    }

    #[test]
    fn round_trips_between_threads() {
        let clock = Clock::new();
        for kind in KINDS {
            let (mut near, mut far) = End::pair(kind).unwrap();
            std::thread::scope(|scope| {
                let echo = scope.spawn(move || Echo::new(&mut far).answer(50));
                let mut ping = Ping::new(&mut near, kind.timestamps).unwrap();
                for _ in 0..50 {
                    ping.trip(&clock, || Ok(())).unwrap();
                }
                echo.join().unwrap().unwrap();
            });
        }
    }
}
