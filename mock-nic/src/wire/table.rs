//! The tables of a switch, as they lie in memory that processes may share: which VIs are connected, and their filters.
//!
//! Everything is an atomic word. Entries are changed under the switch's lock only, and each becomes valid, or invalid,
//! by one store to its state word; so whoever is killed while changing one leaves a table that holds. Senders look
//! filters up without the lock: the edition tells them when to look again.

use super::primed::Primed;
use crate::filter::{Filter, Words};
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::*, fence};

/// VIs that a switch connects.
pub const STATIONS: usize = if cfg!(miri) { 8 } else { 64 };

/// Filters that a port holds.
pub const FILTERS: usize = if cfg!(miri) { 16 } else { 256 };

/// The tables.
#[repr(C, align(4096))]
pub struct Table {
    /// Counts changes of the filters and stations; senders that remember where a flow goes compare it.
    pub edition: AtomicU64,
    _line: [u64; 7],
    /// In virtual time: when what was sent from here has left the wire.
    pub wire_free: AtomicU64,
    _wire_line: [u64; 7],
    /// The connected VIs.
    pub stations: [Station; STATIONS],
    /// The filters.
    pub filters: [FilterEntry; FILTERS],
}

impl Table {
    /// Disconnects the VIs of processes that died. The caller holds the lock.
    pub fn reap(&self, lives: impl Fn(u32) -> bool) {
        for station in &self.stations {
            if let Some(generation) = station.state.in_use()
                && !lives(station.process.load(Relaxed))
            {
                station.state.close(generation);
            }
        }
    }

    /// A filter and the station to which it steers; none if the entry is free, its station has gone, or it changes
    /// meanwhile.
    pub fn filter(&self, entry: &FilterEntry) -> Option<(Filter, usize)> {
        let (filter, owner) = entry.read()?;
        let (station, generation) = (owner as usize & 0xff, (owner >> 32) as u32);
        (self.stations.get(station)?.state.in_use() == Some(generation)).then_some((filter, station))
    }
}

/// An entry's state: odd while it is in use; counts up with each change, so that a later use is told from this one.
#[repr(transparent)]
pub struct State(AtomicU32);

impl State {
    /// The entry's generation while in use.
    #[inline]
    pub fn in_use(&self) -> Option<u32> {
        let state = self.0.load(Acquire);
        (state & 1 != 0).then_some(state)
    }

    /// Puts the entry to use: what was written to it before is seen by whoever sees that. Returns its generation.
    pub fn open(&self) -> u32 {
        self.0.fetch_or(1, AcqRel) | 1
    }

    /// Ends the use that has this generation; any other is left alone.
    pub fn close(&self, generation: u32) {
        // Who comes second finds it closed, which is what was wanted.
        self.0.compare_exchange(generation, generation.wrapping_add(1), AcqRel, Relaxed).ok();
    }
}

/// A connected VI.
#[repr(C, align(128))]
pub struct Station {
    /// Whether it is there.
    pub state: State,
    /// The process whose it is, as the switch's memory numbers them.
    pub process: AtomicU32,
    /// 1 if its arrivals need timestamps.
    pub stamps: AtomicU32,
    /// Whether it is to be woken: next to the state, which a sender reads anyway.
    pub primed: Primed,
    /// Frames that its senders lost because its ring was full.
    pub overruns: AtomicU64,
    /// The shared receive queue that it is the VI's end of, as [`super::queues`] writes it; 0 for none.
    pub queue: AtomicU64,
    _line: [u64; 4],
    /// Bit by station: those that have a ring to this one. On a line of its own: each poll reads it.
    pub senders: AtomicU64,
}

/// A filter of the port. It is valid while its station is what it was when the filter was added: a station that goes
/// takes its filters with it by the one store that closes it.
#[repr(C, align(64))]
pub struct FilterEntry {
    /// Whether it is there.
    pub state: State,
    words: [AtomicU32; 6],
    /// The station to which it steers, and that one's generation in the upper half.
    owner: AtomicU64,
}

impl FilterEntry {
    fn read(&self) -> Option<(Filter, u64)> {
        let before = self.state.in_use()?;
        let owner = self.owner.load(Relaxed);
        let words: Words = core::array::from_fn(|i| self.words[i].load(Relaxed));
        fence(Acquire);
        if self.state.in_use() != Some(before) {
            return None;
        }
        Some((Filter::from_words(&words)?, owner))
    }

    /// Fills an entry that is free, or was left by a station that has gone, and puts it to use. The caller holds the
    /// lock. Returns its generation.
    pub fn write(&self, filter: Filter, station: usize, generation: u32) -> u32 {
        if let Some(old) = self.state.in_use() {
            self.state.close(old);
        }
        // Whoever sees a word of the new filter sees that the old one is closed.
        fence(Release);
        self.owner.store(station as u64 | u64::from(generation) << 32, Relaxed);
        for (to, word) in self.words.iter().zip(filter.to_words()) {
            to.store(word, Relaxed);
        }
        self.state.open()
    }
}
