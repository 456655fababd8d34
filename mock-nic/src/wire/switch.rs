//! The wire that is memory. A switch is a port's receive side: the VIs connected to it, their filters, and a ring for
//! each pair of a sender and a receiver. The sender steers: it finds the receivers in the filter table and writes the
//! frame into their rings, so that a frame is copied once on its way out and a receiver sees only what is its own.

mod rings;
mod set;
mod station;
mod steer;

use super::ring::Place;
use super::table::{FilterEntry, Installed, SET_MEMBERS, Table, Target};
use super::{Attachment, Link, Set, Wire};
use crate::errno::{Errno, Result};
use crate::filter::Filter;
use crate::interrupt::Interrupt;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::*;
use std::sync::Arc;
use std::time::Duration;

/// Where a switch's tables and rings lie.
pub trait Memory: Send + Sync {
    /// The tables. They stay where they are while the memory exists.
    fn table(&self) -> &Table;

    /// The ring to a receiver from a sender, made on first asking. It stays while the memory exists. Senders of this
    /// same port are numbered from `STATIONS` on, unless they are those of the other end of the cable, too.
    fn ring(&self, receiver: usize, sender: usize) -> Result<Place>;

    /// Runs `change` while nobody else, in this process or another, changes the tables. `ETIMEDOUT` if somebody else
    /// does for as long as `patience`.
    fn locked(&self, patience: Duration, change: &mut dyn FnMut() -> Result<()>) -> Result<()>;

    /// Makes the interrupt of a station of this process.
    fn interrupt(&self, station: usize) -> Result<Arc<Interrupt>>;

    /// Raises a station's interrupt, whichever process's it is.
    fn raise(&self, station: usize);

    /// Takes away the interrupt of a station of this process, if it has one.
    fn withdraw(&self, station: usize);

    /// This process's number.
    fn process(&self) -> u32;

    /// True while the process of that number lives.
    fn lives(&self, process: u32) -> bool;

    /// Leaves nothing behind that outlives this process, which is about to end.
    #[cfg(not(miri))]
    fn leave(&self) {}
}

/// How long a change waits for others to finish theirs: a stopped process must not stop everybody.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// A port's receive side.
pub struct Switch {
    memory: Box<dyn Memory>,
    /// The memory's tables: asked for once, because the data path reads them.
    table: NonNull<Table>,
    /// The port's address: what goes there is the kernel's, unless a filter takes it.
    mac: u64,
}

// SAFETY: the tables are atomics, in memory that may be shared, and `memory` keeps them.
unsafe impl Send for Switch {}
// SAFETY: as above.
unsafe impl Sync for Switch {}

/// A wire from one port to the receive side of another, or of the same one.
pub struct Cable {
    /// The receive side of the port that the VIs belong to.
    pub near: Arc<Switch>,
    /// The receive side of the port at the other end.
    pub far: Arc<Switch>,
}

impl Switch {
    /// A switch over its memory, for the port of that address.
    pub fn new(memory: Box<dyn Memory>, mac: [u8; 6]) -> Self {
        let table = NonNull::from(memory.table());
        let [a, b, c, d, e, f] = mac;
        Self { memory, table, mac: u64::from_be_bytes([0, 0, a, b, c, d, e, f]) }
    }

    #[inline]
    pub(crate) fn table(&self) -> &Table {
        // SAFETY: the tables stay where they are while the memory exists.
        unsafe { self.table.as_ref() }
    }

    /// Changes the tables under the lock, and tells senders to look again.
    pub(super) fn change<T>(&self, mut change: impl FnMut(&Table) -> Result<T>) -> Result<T> {
        let mut result = Err(Errno(libc::EIO));
        self.memory.locked(PATIENCE, &mut || {
            self.table().reap(|process| self.memory.lives(process));
            result = change(self.table());
            self.note_sniffers();
            self.table().edition.fetch_add(1, Release);
            Ok(())
        })?;
        result
    }

    /// This process's number, as the memory has it.
    pub(super) fn process(&self) -> u32 {
        self.memory.process()
    }

    fn connect(&self, how: &Attachment) -> Result<(usize, u32)> {
        self.change(|table| {
            let id = table.stations.iter().position(|s| s.state.in_use().is_none()).ok_or(Errno(libc::EBUSY))?;
            let station = &table.stations[id];
            station.process.store(self.memory.process(), Relaxed);
            station.stamps.store(how.stamps.into(), Relaxed);
            station.domain.store(how.domain, Relaxed);
            station.overruns.store(0, Relaxed);
            station.abandoned.store(0, Relaxed);
            station.queue.store(0, Relaxed);
            station.primed.take();
            // Senders that had a ring to the last user of this entry announce themselves again to this one.
            station.senders.store(0, Relaxed);
            station.neighbours.store(0, Relaxed);
            Ok((id, station.state.open()))
        })
    }

    /// Makes a set, without VIs yet.
    fn open_set(&self, count: usize) -> Result<(usize, u32)> {
        if !(1..=SET_MEMBERS).contains(&count) {
            return Err(Errno(libc::EINVAL));
        }
        self.change(|table| {
            let id = table.sets.iter().position(|s| s.state.in_use().is_none()).ok_or(Errno(libc::EBUSY))?;
            let set = &table.sets[id];
            set.process.store(self.memory.process(), Relaxed);
            set.count.store(count as u32, Relaxed);
            for member in &set.members {
                member.store(0, Relaxed);
            }
            Ok((id, set.state.open()))
        })
    }

    /// `EEXIST` if there is such a filter: to whomever it steers, or, where several may have it, to the same.
    fn filter_add(&self, target: Target, filter: Filter, looped: bool) -> Result<u32> {
        self.change(|table| {
            let mut free = None;
            for (index, entry) in table.filters.iter().enumerate() {
                match table.filter(entry) {
                    Some(other)
                        if other.filter.excludes(&filter) && (other.target == target || !filter.may_be_shared()) =>
                    {
                        return Err(Errno(libc::EEXIST));
                    }
                    Some(_) => {}
                    None => free = free.or(Some((index, entry))),
                }
            }
            let (index, entry) = free.ok_or(Errno(libc::EBUSY))?;
            Ok(filter_id(index, entry.write(&Installed { filter, target, looped })))
        })
    }

    /// `EINVAL` if it is none of the target's.
    fn filter_remove(&self, target: Target, id: u32) -> Result<()> {
        self.change(|_| {
            let (entry, generation) = self.filter_named(target, id).ok_or(Errno(libc::EINVAL))?;
            entry.state.close(generation);
            Ok(())
        })
    }

    /// The target's filter of that name, and which use of its place it is.
    fn filter_named(&self, target: Target, id: u32) -> Option<(&FilterEntry, u32)> {
        let index = id as usize & 0xff;
        let entry = self.table().filters.get(index)?;
        let generation = entry.state.in_use().filter(|&generation| filter_id(index, generation) == id)?;
        (self.table().filter(entry)?.target == target).then_some((entry, generation))
    }
}

/// A filter's name: its place, and which use of it, so that the name of one that was removed is not another's.
pub(super) fn filter_id(index: usize, generation: u32) -> u32 {
    (generation & 0x7f_ffff) << 8 | index as u32
}

impl Wire for Cable {
    fn attach(&self, how: Attachment) -> Result<Box<dyn Link>> {
        Ok(Box::new(station::Station::connect(self, how)?))
    }

    fn set(&self, count: usize) -> Result<Box<dyn Set>> {
        Ok(Box::new(set::Members::open(&self.near, count)?))
    }

    fn left_to_kernel(&self) -> u64 {
        self.near.table().kernel.load(Relaxed)
    }

    #[cfg(not(miri))]
    fn leave(&self) {
        self.near.memory.leave();
        if !Arc::ptr_eq(&self.near, &self.far) {
            self.far.memory.leave();
        }
    }
}

#[cfg(test)]
mod tests;
