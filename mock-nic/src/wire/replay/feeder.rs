//! What puts a capture's frames on the wire towards the port. Whoever polls feeds.

use super::capture::{Capture, Record};
use super::pace::{Manner, Pace};
use crate::errno::Errno;
use crate::frame::Checksums;
use crate::log::log;
use crate::time::port_clock::CapturedTime;
use crate::wire::{Flags, Link, Outgoing, Piece, When};
use core::sync::atomic::{AtomicBool, Ordering::*};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Frames that are fed in one look, if the VI that looks wants none of them.
const AT_ONCE: usize = 64;

/// A capture on its way to the port.
pub struct Feeder {
    name: String,
    /// A VI has a filter: before that all frames would be lost.
    open: AtomicBool,
    ended: AtomicBool,
    state: Mutex<State>,
    time: Option<Arc<CapturedTime>>,
}

struct State {
    capture: Capture,
    /// The capture's frame that comes next.
    next: Option<Record>,
    pace: Pace,
    link: Box<dyn Link>,
    /// The longest frame that the port carries.
    longest: usize,
    fed: u64,
    /// Frames that nobody's filter takes, that are too long, and that the capture does not have whole.
    unclaimed: u64,
    too_long: u64,
    cut: u64,
}

impl Feeder {
    /// One that has not begun. The error says what is wrong with the capture.
    pub fn new(
        name: String,
        mut capture: Capture,
        manner: Manner,
        link: Box<dyn Link>,
        longest: usize,
    ) -> Result<Self, String> {
        let next = capture.next()?;
        let time = manner.captured_time.then(|| Arc::new(CapturedTime::new(next.map_or(0, |first| first.time))));
        let pace = Pace::new(manner.speed);
        let state = State { capture, next, pace, link, longest, fed: 0, unclaimed: 0, too_long: 0, cut: 0 };
        let (open, ended) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Self { name, open, ended, state: Mutex::new(state), time })
    }

    /// The capture's time, if the port's clock is to tell that.
    pub fn time(&self) -> Option<Arc<CapturedTime>> {
        self.time.clone()
    }

    /// A VI has a filter now.
    pub fn open(&self) {
        self.open.store(true, Relaxed);
    }

    /// True once the last frame was fed.
    #[inline]
    pub fn has_ended(&self) -> bool {
        self.ended.load(Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Feeds what is due, until `enough` says that there is something for who asks. If another thread feeds, nothing is
    /// done: what it feeds is there at the next look.
    pub fn feed(&self, mut enough: impl FnMut() -> bool) {
        if self.has_ended() || !self.open.load(Relaxed) {
            return;
        }
        let Ok(mut state) = self.state.try_lock() else { return };
        for _ in 0..AT_ONCE {
            let Some(record) = state.next else { return };
            if state.pace.wait(record.time) > Duration::ZERO {
                return;
            }
            self.send(&mut state, record);
            match state.capture.next() {
                Ok(next) => state.next = next,
                Err(why) => {
                    state.next = None;
                    self.say(format_args!("the capture breaks off: {why}"));
                }
            }
            if state.next.is_none() {
                self.end(&state);
            }
            if enough() {
                return;
            }
        }
    }

    /// Puts a frame on the wire.
    fn send(&self, state: &mut State, record: Record) {
        let when = match &self.time {
            Some(time) => When::At(time.set(record.time)),
            None => When::Unasked,
        };
        let frame = state.capture.frame();
        state.fed += 1;
        state.cut += u64::from(record.cut);
        if frame.len() > state.longest {
            state.too_long += 1;
            return;
        }
        let pieces = [Piece { base: frame.as_ptr(), length: frame.len() }];
        let (length, checksums, flags) = (frame.len(), Checksums::default(), Flags::default());
        let sent = state.link.transmit(&Outgoing { pieces: &pieces, length, checksums, flags }, when);
        state.unclaimed += u64::from(!sent.claimed);
    }

    /// That was the last frame.
    fn end(&self, state: &State) {
        let State { fed, unclaimed, too_long, cut, .. } = state;
        self.say(format_args!(
            "the capture has ended: {fed} frames, of which {unclaimed} that no filter takes, {too_long} longer than the port \
             carries, {cut} cut short in the file"
        ));
        self.ended.store(true, Release);
    }

    fn say(&self, text: core::fmt::Arguments<'_>) {
        if let Ok(log) = log()
            && let Some(sink) = &log.wire
        {
            sink.line(format_args!("{}: {text}", self.name));
        }
    }

    /// How long it is until the next frame is due; none if none will come.
    pub fn wait(&self) -> Option<Duration> {
        if !self.open.load(Relaxed) {
            return None;
        }
        let state = &mut *self.lock();
        let next = state.next?;
        Some(state.pace.wait(next.time))
    }
}

/// What is wrong with a capture is said on standard error: it was asked for by its name.
pub fn refuse(name: &str, why: &str) -> Errno {
    eprintln!("mock-nic: {name}: {why}");
    Errno(libc::EINVAL)
}
