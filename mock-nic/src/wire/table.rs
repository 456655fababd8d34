//! The tables of a switch, as they lie in memory that processes may share: which VIs are connected, their filters, and
//! the sets of VIs over which filters spread.
//!
//! Everything is an atomic word. Entries are changed under the switch's lock only, and each becomes valid, or invalid,
//! by one store to its state word; so whoever is killed while changing one leaves a table that holds. Senders look
//! filters up without the lock: the edition tells them when to look again.

use super::primed::Primed;
use super::shared_words::{AtomicU32, AtomicU64, fence};
use crate::filter::{Filter, Words};
use core::sync::atomic::Ordering::*;

/// VIs that a switch connects.
pub const STATIONS: usize = if cfg!(miri) { 8 } else { 64 };

/// Filters that a port holds.
pub const FILTERS: usize = if cfg!(miri) { 16 } else { 256 };

/// Sets of VIs that a port holds.
pub const SETS: usize = if cfg!(miri) { 2 } else { 32 };

/// The most VIs that a set has.
pub const SET_MEMBERS: usize = 64;

/// The tables.
#[repr(C, align(4096))]
pub struct Table {
    /// Counts changes of the filters and stations; senders that remember where a flow goes compare it.
    pub edition: AtomicU64,
    /// Bit by station: those that want copies of what is sent. Made anew of the filters with each change.
    pub sniffers: AtomicU64,
    /// Frames that were left to the kernel.
    pub kernel: AtomicU64,
    _line: [u64; 5],
    /// In virtual time: when what was sent from here has left the wire.
    pub wire_free: AtomicU64,
    _wire_line: [u64; 7],
    /// The connected VIs.
    pub stations: [Station; STATIONS],
    /// The filters.
    pub filters: [FilterEntry; FILTERS],
    /// The sets.
    pub sets: [SetEntry; SETS],
}

/// Where a filter steers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A VI, by its station and that one's generation.
    Station(usize, u32),
    /// A set of VIs, by its place and generation.
    Set(usize, u32),
}

/// A filter that is in the table.
#[derive(Clone, Copy, Debug)]
pub struct Installed {
    /// The filter.
    pub filter: Filter,
    /// Where it steers to.
    pub target: Target,
    /// Whether it takes multicast that this host sends.
    pub looped: bool,
}

impl Table {
    /// Disconnects the VIs of processes that died, and their sets. The caller holds the lock.
    pub fn reap(&self, lives: impl Fn(u32) -> bool) {
        let owned = self.stations.iter().map(|s| (&s.state, &s.process));
        for (state, process) in owned.chain(self.sets.iter().map(|s| (&s.state, &s.process))) {
            if let Some(generation) = state.in_use()
                && !lives(process.load(Relaxed))
            {
                state.close(generation);
            }
        }
    }

    /// A filter; none if the entry is free, what it steers to has gone, or it changes meanwhile.
    pub fn filter(&self, entry: &FilterEntry) -> Option<Installed> {
        let installed = entry.read()?;
        let (state, generation) = match installed.target {
            Target::Station(station, generation) => (&self.stations.get(station)?.state, generation),
            Target::Set(set, generation) => (&self.sets.get(set)?.state, generation),
        };
        (state.in_use() == Some(generation)).then_some(installed)
    }

    /// The station of the target to which frames of that hash go; none if there is no VI in its place.
    pub fn station(&self, target: Target, hash: impl FnOnce() -> u32) -> Option<usize> {
        match target {
            Target::Station(station, _) => Some(station),
            Target::Set(set, _) => {
                let set = &self.sets[set];
                // The indirection table has 128 entries, filled in turn.
                let member = hash() % 128 % set.count.load(Relaxed).max(1);
                let (station, generation) = unpack(set.members.get(member as usize)?.load(Acquire));
                (self.stations.get(station)?.state.in_use() == Some(generation)).then_some(station)
            }
        }
    }
}

/// A station and its generation in one word; 0 is none, as generations in use are odd.
pub fn pack(station: usize, generation: u32) -> u64 {
    station as u64 | u64::from(generation) << 32
}

fn unpack(word: u64) -> (usize, u32) {
    (word as usize & 0xff, (word >> 32) as u32)
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
    /// Frames that were left on the wire by the VIs that had its place.
    pub abandoned: AtomicU64,
    /// The shared receive queue that it is the VI's end of, as [`super::queues`] writes it; 0 for none.
    pub queue: AtomicU64,
    /// Its protection domain, as its process numbers them.
    pub domain: AtomicU32,
    _pad: u32,
    _line: [u64; 2],
    /// Bit by station of the other end of the cable: those that have a ring to this one. On a line of its own: each
    /// poll reads it.
    pub senders: AtomicU64,
    /// The same by station of this port, whose sends are copied to this one.
    pub neighbours: AtomicU64,
}

/// A set of VIs.
#[repr(C, align(64))]
pub struct SetEntry {
    /// Whether it is there.
    pub state: State,
    /// The process whose it is.
    pub process: AtomicU32,
    /// How many VIs it is for.
    pub count: AtomicU32,
    _pad: u32,
    /// The station of each, and its generation; a VI that was not allocated yet, or has gone, is none.
    pub members: [AtomicU64; SET_MEMBERS],
}

/// A filter of the port. It is valid while what it steers to is what it was when the filter was added: a station that
/// goes takes its filters with it by the one store that closes it.
#[repr(C, align(64))]
pub struct FilterEntry {
    /// Whether it is there.
    pub state: State,
    words: [AtomicU32; 11],
    /// The station to which it steers, and that one's generation in the upper half.
    owner: AtomicU64,
}

/// In `owner`: it is a set, not a station.
const SET: u64 = 1 << 8;
/// In `owner`: multicast that this host sends is taken too.
const LOOPED: u64 = 1 << 9;

impl FilterEntry {
    fn read(&self) -> Option<Installed> {
        let before = self.state.in_use()?;
        let owner = self.owner.load(Relaxed);
        let words: Words = core::array::from_fn(|i| self.words[i].load(Relaxed));
        fence(Acquire);
        if self.state.in_use() != Some(before) {
            return None;
        }
        let (place, generation) = unpack(owner);
        let target = if owner & SET == 0 { Target::Station(place, generation) } else { Target::Set(place, generation) };
        Some(Installed { filter: Filter::from_words(&words)?, target, looped: owner & LOOPED != 0 })
    }

    /// Fills an entry that is free, or was left by a station that has gone, and puts it to use. The caller holds the
    /// lock. Returns its generation.
    pub fn write(&self, installed: &Installed) -> u32 {
        if let Some(old) = self.state.in_use() {
            self.state.close(old);
        }
        // Whoever sees a word of the new filter sees that the old one is closed.
        fence(Release);
        let owner = match installed.target {
            Target::Station(station, generation) => pack(station, generation),
            Target::Set(set, generation) => pack(set, generation) | SET,
        };
        self.owner.store(owner | if installed.looped { LOOPED } else { 0 }, Relaxed);
        for (to, word) in self.words.iter().zip(installed.filter.to_words()) {
            to.store(word, Relaxed);
        }
        self.state.open()
    }
}

#[cfg(all(test, loom))]
mod models;
