//! The sending ends of rings to the stations of a switch.

use super::Switch;
use crate::clock::{Clock, clock};
use crate::errno::Errno;
use crate::wire::primed::Barrier;
use crate::wire::ring::Sender;
use crate::wire::table::STATIONS;
use crate::wire::{Flags, Outgoing, Stamp};
use core::sync::atomic::Ordering::*;
use std::sync::Arc;
use std::time::Duration;

/// How long a send waits, when it finds that a receiver is new: long enough for a process that lost its CPU while it
/// changed the tables. One that is stopped holds sends up no longer, and not soon again.
const SEND_PATIENCE: Duration = Duration::from_millis(50);

/// The sending end of a ring to one station while it is what it was when the end was made.
struct Outbound {
    generation: u32,
    sender: Sender,
}

/// A station's rings to those of a switch, as they are needed.
pub(super) struct Rings {
    pub(super) switch: Arc<Switch>,
    /// By what number the rings know the sender.
    id: usize,
    senders: [Option<Outbound>; STATIONS],
    /// The receiver to which no ring could be had, and when that was tried last.
    refused: Option<(usize, u32, Stamp)>,
    barrier: Barrier,
    clock: &'static Clock,
}

impl Rings {
    pub(super) fn new(switch: Arc<Switch>, id: usize) -> Self {
        Self {
            switch,
            id,
            senders: core::array::from_fn(|_| None),
            refused: None,
            barrier: Barrier::of_process(),
            clock: clock(),
        }
    }

    /// Makes the ring to a station ready, if it can be had now. What stands in the way (no memory, or a process that
    /// was stopped while it changed the tables) is not asked again for a while: sends go on.
    #[cold]
    fn open(&mut self, to: usize, generation: u32) -> bool {
        let now = self.clock.ticks();
        if let Some((station, refused, when)) = self.refused
            && (station, refused) == (to, generation)
            && now.wrapping_sub(when) < self.clock.sync_interval()
        {
            return false;
        }
        self.senders[to] = None;
        let (switch, id) = (self.switch.clone(), self.id);
        let mut opened = None;
        let result = switch.memory.locked(SEND_PATIENCE, &mut || {
            let station = &switch.table().stations[to];
            if station.state.in_use() != Some(generation) {
                return Err(Errno(libc::ENODEV));
            }
            let ring = switch.memory.ring(to, id)?;
            // SAFETY: the memory keeps the ring, and `switch` keeps the memory; this station is the only sender of this
            // ring, and its last end was dropped above.
            let sender = unsafe { Sender::new(ring, generation) };
            opened = Some(Outbound { generation, sender });
            let announced = if id < STATIONS { &station.senders } else { &station.neighbours };
            announced.fetch_or(1 << (id % STATIONS), Release);
            Ok(())
        });
        self.refused = result.err().map(|_| (to, generation, now));
        self.senders[to] = opened;
        self.senders[to].is_some()
    }

    /// Writes the frame into one receiver's ring, or counts it there as lost; false if the receiver has gone. The clock
    /// is read if the receiver asks for a stamp and it was not yet.
    #[inline(always)]
    pub(super) fn send(&mut self, to: usize, frame: &Outgoing<'_>, stamp: &mut Stamp) -> bool {
        let station = &self.switch.table().stations[to];
        let Some(current) = station.state.in_use() else {
            return self.receiver_gone();
        };
        if *stamp == 0 && station.stamps.load(Relaxed) != 0 {
            *stamp = self.clock.ticks();
        }
        if self.senders[to].as_ref().is_none_or(|s| s.generation != current) && !self.open(to, current) {
            self.overrun(to);
            return true;
        }
        if let Some(outbound) = &mut self.senders[to]
            && !outbound.sender.send(frame, *stamp)
        {
            self.overrun(to);
        }
        self.sent(to);
        true
    }

    /// Writes the start of a frame into one receiver's ring; false if there is none, or no room, which counts as lost.
    pub(super) fn begin(&mut self, to: usize, start: &[u8], stamp: Stamp) -> bool {
        let Some(current) = self.switch.table().stations[to].state.in_use() else {
            return self.receiver_gone();
        };
        let there = self.senders[to].as_ref().is_some_and(|s| s.generation == current) || self.open(to, current);
        let begun = there && self.senders[to].as_mut().is_some_and(|outbound| outbound.sender.begin(start, stamp));
        if !begun {
            self.overrun(to);
        }
        begun
    }

    /// Writes what follows the start, so many bytes, that [`Rings::begin`] has written.
    pub(super) fn finish(&mut self, to: usize, begun: usize, rest: &[u8], flags: Flags) {
        if let Some(outbound) = &mut self.senders[to] {
            outbound.sender.finish(begun, rest, flags);
            self.sent(to);
        }
    }

    #[inline(always)]
    fn sent(&mut self, to: usize) {
        self.barrier.sender();
        if self.switch.table().stations[to].primed.is_set() {
            self.wake(to);
        }
    }

    /// The receiver asked to be woken.
    #[cold]
    fn wake(&self, to: usize) {
        if self.switch.table().stations[to].primed.take() {
            self.switch.memory.raise(to);
        }
    }

    /// The filters were looked up before the receiver went: all who remember them are to look again.
    #[cold]
    fn receiver_gone(&self) -> bool {
        self.switch.table().edition.fetch_add(1, Release);
        false
    }

    #[cold]
    fn overrun(&mut self, to: usize) {
        let station = &self.switch.table().stations[to];
        let lost = station.overruns.fetch_add(1, Relaxed);
        // A receiver that stopped taking frames may be dead: its filters must not go on claiming them. Closing it needs
        // no lock: its number is not given out again before the tables are reaped under the lock.
        if lost.is_multiple_of(256)
            && let Some(generation) = station.state.in_use()
            && !self.switch.memory.lives(station.process.load(Relaxed))
        {
            station.state.close(generation);
            self.switch.table().edition.fetch_add(1, Release);
        }
    }
}
