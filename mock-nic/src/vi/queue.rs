//! The adapter's side of an event queue: events are written into it, and what waits for one is told.

use super::Vi;
use super::event::{EMPTY, Event, LOST};
use super::software::Inbox;
use super::timer::Timer;
use crate::counters::Cells;
use crate::interrupt::Interrupt;
use crate::time::port_clock::{ClockState, PortClock};
use crate::time::{Later, VirtualTime};
use std::sync::Arc;

/// An event queue's memory.
pub(super) struct Slots {
    pub(super) base: *mut u64,
    pub(super) count: usize,
}

/// The adapter's side of an event queue.
pub(crate) struct Queue {
    slots: *mut u64,
    mask: usize,
    written: usize,
    /// `ATTEND_*`: what an event has to see to besides being written.
    attend: u8,
    /// What is raised when an event comes while the queue is primed.
    interrupt: Option<Arc<Interrupt>>,
    pub(super) timer: Option<Timer>,
    pub(super) inbox: Arc<Inbox>,
    cells: Arc<Cells>,
    clock: Arc<PortClock>,
    /// The edition of the clock that was told last.
    clock_edition: u32,
    /// What is still under way, on virtual time.
    pub(super) later: Option<Box<Later>>,
    /// When the last time event was raised; none where no timestamps are asked for.
    synchronised: Option<u64>,
    idle: u32,
}

/// An event was lost: the queue is broken.
const ATTEND_OVERFLOW: u8 = 1 << 0;
/// The next event raises the interrupt.
const ATTEND_PRIMED: u8 = 1 << 1;
/// The next event starts the timer.
const ATTEND_TIMER: u8 = 1 << 2;
/// Events are under way for a time before they are in the queue.
const ATTEND_VIRTUAL: u8 = 1 << 3;
/// It was not full, the adapter was reset.
const ATTEND_RESET: u8 = 1 << 4;

/// Empty polls between two looks at the clock, which costs more than the rest of the poll.
const IDLE_POLLS: u32 = 1024;

impl Queue {
    /// A queue over `slots`, all of which are empty.
    pub(super) fn new(
        slots: Slots,
        cells: Arc<Cells>,
        clock: Arc<PortClock>,
        stamps: bool,
        inbox: Arc<Inbox>,
        later: Option<Box<Later>>,
    ) -> Self {
        let mut queue = Self {
            slots: slots.base,
            mask: slots.count.wrapping_sub(1),
            written: 0,
            attend: if later.is_some() { ATTEND_VIRTUAL } else { 0 },
            interrupt: None,
            timer: None,
            inbox,
            cells,
            clock_edition: clock.edition(),
            clock,
            later,
            synchronised: stamps.then_some(0),
            idle: 0,
        };
        if stamps {
            queue.synchronise(queue.clock.ticks());
        }
        queue
    }

    /// Raises an event. Where there is no room the queue is broken, as the adapter's would be.
    #[inline]
    pub(crate) fn raise(&mut self, event: Event) {
        self.raise_word(event.encode());
    }

    /// Raises an event as it stands in the queue.
    #[inline]
    pub(super) fn raise_word(&mut self, word: u64) {
        if self.attend != 0 {
            self.raise_attended(word);
        } else {
            self.write(word);
        }
    }

    #[cold]
    fn raise_attended(&mut self, word: u64) {
        if self.is_broken() {
            self.cells.ev_overflows.add(1);
            return;
        }
        match &mut self.later {
            Some(later) => later.push(word),
            None => self.write(word),
        }
        if self.attend & ATTEND_PRIMED != 0
            && let Some(interrupt) = &self.interrupt
        {
            interrupt.raise();
        }
        if self.attend & ATTEND_TIMER != 0 {
            self.start_timer();
        }
        self.attend &= ATTEND_OVERFLOW | ATTEND_VIRTUAL | ATTEND_RESET;
    }

    #[inline]
    fn write(&mut self, word: u64) {
        let slot = self.slots.wrapping_add(self.written & self.mask);
        // SAFETY: masked, the index is within the queue's memory, which lives as long as its VI. One slot is always
        // kept empty, so that the reader can tell the end.
        unsafe {
            if *slot != EMPTY || *self.slots.wrapping_add((self.written + 1) & self.mask) != EMPTY {
                self.attend |= ATTEND_OVERFLOW;
                self.cells.ev_overflows.add(1);
                return;
            }
            *slot = word;
        }
        self.written += 1;
    }

    /// Loses events, so many that the application would have got, and all that are in the queue or under way to it, which
    /// breaks it.
    pub(crate) fn lose(&mut self, events: usize) {
        self.attend |= ATTEND_OVERFLOW;
        let behind = self.empty();
        self.cells.ev_overflows.add((events + behind) as u64);
    }

    /// The adapter was reset: what was in the queue is lost, and no event comes any more.
    pub(crate) fn reset(&mut self) {
        self.end();
        self.empty();
    }

    /// The adapter is gone: no event comes any more, behind those in the queue.
    pub(super) fn end(&mut self) {
        self.attend |= ATTEND_OVERFLOW | ATTEND_RESET;
    }

    /// Takes all events out of the queue, and those that are under way to it; says how many. The frames that they were
    /// about are counted as lost. Only of a queue that is broken, or goes: what is written next would not be where it is
    /// looked for.
    pub(super) fn empty(&mut self) -> usize {
        let (mut events, mut frames) = (0, 0);
        let mut lose = |word| {
            events += 1;
            frames += Event::decode(word).frames();
        };
        for at in 0..self.mask.wrapping_add(1) {
            // SAFETY: within the queue's memory, which lives as long as its VI.
            let word = unsafe { self.slots.add(at).replace(EMPTY) };
            if word != EMPTY {
                lose(word);
            }
        }
        if let Some(later) = &mut self.later {
            core::iter::from_fn(|| later.pop_early()).for_each(lose);
        }
        self.cells.rx_abandoned.add(frames);
        events
    }

    /// True if it is not an overflow that broke it.
    pub(crate) fn was_reset(&self) -> bool {
        self.attend & ATTEND_RESET != 0
    }

    /// The queue lost an event and is broken: nothing that would raise another may happen.
    #[inline]
    pub(crate) fn is_broken(&self) -> bool {
        self.attend & ATTEND_OVERFLOW != 0
    }

    /// Events are under way for a time before they are in the queue.
    #[inline]
    pub(super) fn is_virtual(&self) -> bool {
        self.attend & ATTEND_VIRTUAL != 0
    }

    /// On virtual time: when what is raised from here on is there.
    pub(super) fn at(&mut self, time: u64) {
        if let Some(later) = &mut self.later {
            later.at(time);
        }
    }

    /// On virtual time: when the frame and its events are there that are raised from here on.
    pub(super) fn receives_at(&mut self, time: u64) {
        self.at(time);
        if self.synchronised.is_some() && self.later.as_ref().is_some_and(|later| later.overtakes_time()) {
            // It needs a time event of its own.
            self.clock_edition = self.clock.edition().wrapping_sub(1);
        }
    }

    /// On virtual time, the application polls: what has come by now is put into the queue.
    #[cold]
    pub(super) fn catch_up(&mut self, here: bool, received: Option<u64>) {
        let Some(mut later) = self.later.take() else { return };
        later.poll(here, received);
        while !self.is_broken()
            && let Some(word) = later.pop()
        {
            self.write(word);
        }
        self.later = Some(later);
    }

    /// Has the next event raise the interrupt.
    pub(super) fn prime(&mut self, interrupt: &Arc<Interrupt>) {
        self.interrupt = Some(interrupt.clone());
        self.attend |= ATTEND_PRIMED;
        self.inbox.prime(interrupt);
        if let Some(later) = &mut self.later {
            later.prime();
        }
    }

    /// True once it was primed: only then has the driver handle anything to be readable by.
    pub(super) fn was_primed(&self) -> bool {
        self.interrupt.is_some()
    }

    /// Has the next event start the timer, or not.
    pub(super) fn set_timer(&mut self, primed: bool) {
        self.attend = self.attend & !ATTEND_TIMER | if primed { ATTEND_TIMER } else { 0 };
    }

    /// True if there are events after this position, or will be by themselves.
    pub(super) fn has_moved_on(&self, current: u32) -> bool {
        self.has_events(current)
            || self.is_broken()
            || self.inbox.is_pending()
            || self.later.as_ref().is_some_and(|later| !later.is_empty())
    }

    /// True if events after this position are in it.
    pub(super) fn has_events(&self, current: u32) -> bool {
        self.written & self.mask != (current / 8) as usize & self.mask
    }

    /// Raises a time event if it's due: before any event with a timestamp that needs it.
    #[inline]
    pub(crate) fn stamped(&mut self, ticks: u64) {
        if self.is_time_due(ticks) {
            self.synchronise(ticks);
        }
    }

    /// True if a time event has to be raised before the next event with a timestamp.
    #[inline]
    pub(crate) fn is_time_due(&self, ticks: u64) -> bool {
        self.synchronised.is_some_and(|last| {
            ticks.wrapping_sub(last) as i64 >= self.clock.sync_interval() as i64
                || self.clock.edition() != self.clock_edition
        })
    }

    #[cold]
    fn synchronise(&mut self, ticks: u64) {
        self.clock.synchronise();
        self.clock_edition = self.clock.edition();
        let state = self.clock.state();
        let now = self.clock.time(ticks);
        let flags = if state != ClockState::Lost {
            self.synchronised = Some(ticks);
            state.flags()
        } else if self.synchronised.replace(0) == Some(0) {
            // Not told before, or told that it is lost.
            return;
        } else {
            LOST
        };
        if let Some(later) = &mut self.later {
            later.tell_time();
        }
        self.raise(Event::Time { seconds: now.seconds as u32, quarters: now.nanoseconds * 4, flags });
    }

    /// Nothing happened: now and then look whether a time event is due.
    #[inline]
    pub(super) fn idle(&mut self) {
        self.idle += 1;
        if self.idle >= IDLE_POLLS {
            self.idle = 0;
            if self.synchronised.is_some() {
                self.at(VirtualTime::picoseconds());
                self.stamped(self.clock.ticks());
            }
        }
    }
}

impl Vi {
    /// The queue to which this VI's events go.
    #[inline]
    pub(crate) fn events(&mut self) -> &mut Queue {
        // SAFETY: the queue is an allocation of its own, kept while any VI uses it, by one thread at a time; nobody
        // holds another reference to it across this call.
        unsafe { &mut *self.queue }
    }

    /// The same, for the completion of the last send.
    #[inline]
    pub(crate) fn completions(&mut self) -> &mut Queue {
        if let Some(time) = &self.time {
            let completed = time.completed();
            self.events().at(completed);
        }
        self.events()
    }
}
