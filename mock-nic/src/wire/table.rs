//! The tables of a switch, as they lie in memory that processes may share: which VIs are connected, and their filters.
//!
//! Everything is an atomic word. Entries are changed under the switch's lock only, and each becomes valid, or invalid,
//! by one store to its state word; so whoever is killed while changing one leaves a table that holds. Senders look
//! filters up without the lock: the edition tells them when to look again.

use crate::filter::{Filter, Words};
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

/// VIs that a switch connects.
pub const STATIONS: usize = 64;

/// Filters that a port holds.
pub const FILTERS: usize = 256;

/// The tables.
#[repr(C, align(4096))]
pub struct Table {
    /// Counts changes of the filters and stations; senders that remember where a flow goes compare it.
    pub edition: AtomicU64,
    _line: [u64; 7],
    /// The connected VIs.
    pub stations: [Station; STATIONS],
    /// The filters.
    pub filters: [FilterEntry; FILTERS],
}

impl Table {
    /// Disconnects the VIs of processes that died. The caller holds the lock.
    pub fn reap(&self, lives: impl Fn(u32) -> bool) {
        for (id, station) in self.stations.iter().enumerate() {
            if station.state.in_use().is_some() && !lives(station.process.load(Relaxed)) {
                self.disconnect(id);
            }
        }
    }

    /// Removes a station: its filters first, so that none is left that leads nowhere. The caller holds the lock.
    pub fn disconnect(&self, id: usize) {
        for entry in &self.filters {
            if entry.state.in_use().is_some() && entry.station.load(Relaxed) == id as u32 {
                entry.state.close();
            }
        }
        self.stations[id].state.close();
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

    /// Ends its use.
    pub fn close(&self) {
        let state = self.0.load(Acquire);
        if state & 1 != 0 {
            self.0.store(state.wrapping_add(1), Release);
        }
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
    _pad: u32,
    /// Frames that its senders lost because its ring was full.
    pub overruns: AtomicU64,
    _line: [u64; 5],
    /// Bit by station: those that have a ring to this one. On a line of its own: each poll reads it.
    pub senders: AtomicU64,
}

/// A filter of the port.
#[repr(C, align(64))]
pub struct FilterEntry {
    /// Whether it is there.
    pub state: State,
    /// The station to which it steers.
    pub station: AtomicU32,
    words: [AtomicU32; 6],
}

impl FilterEntry {
    /// What is filtered, and for which station; none if the entry is free or changes meanwhile.
    pub fn read(&self) -> Option<(Filter, u32)> {
        let before = self.state.in_use()?;
        let station = self.station.load(Relaxed);
        let words: Words = core::array::from_fn(|i| self.words[i].load(Relaxed));
        core::sync::atomic::fence(Acquire);
        if self.state.in_use() != Some(before) {
            return None;
        }
        Some((Filter::from_words(&words)?, station))
    }

    /// Fills a free entry and puts it to use.
    pub fn write(&self, filter: Filter, station: u32) {
        self.station.store(station, Relaxed);
        for (to, word) in self.words.iter().zip(filter.to_words()) {
            to.store(word, Relaxed);
        }
        self.state.open();
    }
}
