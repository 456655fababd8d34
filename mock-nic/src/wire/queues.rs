//! Shared receive queues (X3, X4): a filter steers to a queue of the port, and every VI that is attached to the queue
//! gets what is steered there, also by filters of others.
//!
//! A VI has a station for each queue that it is attached to. The queue stands in the station's entry of the table with
//! its owner: the protection domain that has the queue to itself, or nobody.

use super::switch::{Switch, filter_id};
use super::table::{FilterEntry, Installed, STATIONS, Table, Target};
use crate::errno::{Errno, Result};
use crate::filter::Filter;
use core::sync::atomic::Ordering::*;

/// Receive queues of a port.
pub const QUEUES: u8 = 16;

/// The owner of a queue that anybody may attach to.
pub const NOBODY: u64 = 0;

/// What queue a filter is to steer to.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// This one and no other.
    pub queue: Option<u8>,
    /// This one, if any will do: the VI is attached to it already.
    pub preferred: Option<u8>,
    /// Who is to have the queue to himself, by his number in this process, or [`NOBODY`].
    pub owner: u64,
    /// The adapter copies multicast frames to the queues of all filters that match; else equal filters share a queue.
    pub replicates: bool,
}

/// A station's queue and its owner, as one word of the table.
fn word(queue: u8, owner: u64) -> u64 {
    (u64::from(queue) + 1) | owner << 8
}

/// A word's queue and owner.
fn read(word: u64) -> Option<(u8, u64)> {
    (word as u8).checked_sub(1).map(|queue| (queue, word >> 8))
}

/// An owner as the table has it: no other process's is equal.
fn owner(process: u32, number: u64) -> u64 {
    if number == NOBODY { NOBODY } else { (u64::from(process) & 0xff_ffff) << 32 | number & 0xffff_ffff }
}

/// The receivers, and those that share a queue with one of them.
pub fn sharing(table: &Table, receivers: u64) -> u64 {
    let mut all = receivers;
    for station in (0..STATIONS).filter(|station| receivers >> station & 1 != 0) {
        let queue = table.stations[station].queue.load(Relaxed);
        if queue != 0 {
            let others = (0..STATIONS).filter(|&other| {
                let other = &table.stations[other];
                other.queue.load(Relaxed) == queue && other.state.in_use().is_some()
            });
            all |= others.fold(0, |mask, other| mask | 1 << other);
        }
    }
    all
}

/// Who has which queues of a port.
pub trait Queues {
    /// The filters, the queues to which they steer, and those queues' owners.
    fn steered(&self) -> impl Iterator<Item = (Filter, u8, u64)>;

    /// How many VIs are attached to a queue.
    fn users(&self, queue: u8) -> usize;

    /// True if whoever owns the queue, by the filters that steer there, is this one.
    fn admits(&self, queue: u8, owner: u64) -> bool {
        self.steered().all(|(_, q, o)| q != queue || o == owner)
    }

    /// The queue for a filter.
    fn choose(&self, filter: Filter, wanted: &Wanted) -> Result<u8> {
        if wanted.queue.is_some_and(|queue| queue >= QUEUES) {
            return Err(Errno(libc::EINVAL));
        }
        let equal = self.steered().find(|(other, ..)| *other == filter);
        if let Some((_, queue, owner)) = equal
            && !(wanted.replicates && filter.may_be_shared())
        {
            return match wanted.queue {
                Some(other) if other != queue => Err(Errno(libc::EEXIST)),
                _ if owner != wanted.owner => Err(Errno(libc::EPERM)),
                _ => Ok(queue),
            };
        }
        if let Some(queue) = wanted.queue {
            return if self.admits(queue, wanted.owner) { Ok(queue) } else { Err(Errno(libc::EPERM)) };
        }
        if let Some(queue) = wanted.preferred.filter(|&queue| self.admits(queue, wanted.owner)) {
            return Ok(queue);
        }
        // Queue 0 is the kernel's, and for those for whom nothing else is left.
        let free = (1..QUEUES).filter(|&queue| self.admits(queue, wanted.owner)).min_by_key(|&queue| self.users(queue));
        match free {
            Some(queue) if wanted.owner == NOBODY || self.users(queue) == 0 => Ok(queue),
            _ if wanted.owner != NOBODY => Err(Errno(libc::EPERM)),
            _ => Ok(0),
        }
    }
}

impl Queues for Table {
    fn steered(&self) -> impl Iterator<Item = (Filter, u8, u64)> {
        let steers = |entry: &FilterEntry| {
            let Installed { filter, target: Target::Station(station, _), .. } = self.filter(entry)? else {
                return None;
            };
            let (queue, owner) = read(self.stations[station].queue.load(Relaxed))?;
            Some((filter, queue, owner))
        };
        self.filters.iter().filter_map(steers)
    }

    fn users(&self, queue: u8) -> usize {
        let uses = |station: &&super::table::Station| {
            station.state.in_use().is_some()
                && read(station.queue.load(Relaxed)).is_some_and(|(other, _)| other == queue)
        };
        self.stations.iter().filter(uses).count()
    }
}

impl Switch {
    /// [`super::Link::queue_for`].
    pub(super) fn queue_for(&self, filter: Filter, wanted: &Wanted) -> Result<u8> {
        let wanted = Wanted { owner: owner(self.process(), wanted.owner), ..*wanted };
        self.change(|table| table.choose(filter, &wanted))
    }

    /// [`super::Link::queue_filter_add`].
    pub(super) fn queue_filter_add(
        &self,
        station: usize,
        generation: u32,
        filter: Filter,
        queue: u8,
        wanted: &Wanted,
    ) -> Result<u32> {
        let owner = owner(self.process(), wanted.owner);
        self.change(|table| {
            // Others may have changed it since it was chosen.
            table.choose(filter, &Wanted { queue: Some(queue), owner, ..*wanted })?;
            let free = table.filters.iter().enumerate().find(|(_, entry)| table.filter(entry).is_none());
            let (index, entry) = free.ok_or(Errno(libc::EBUSY))?;
            table.stations[station].queue.store(word(queue, owner), Relaxed);
            let target = Target::Station(station, generation);
            Ok(filter_id(index, entry.write(&Installed { filter, target, looped: false })))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::filter::Match;
    use crate::frame::UDP;
    use crate::wire::heap::Heap;
    use crate::wire::switch::Memory;
    use core::net::Ipv4Addr;

    const ANY: Wanted = Wanted { queue: None, preferred: None, owner: NOBODY, replicates: false };

    fn local(port: u16) -> Filter {
        Filter::Match(Match::ip(UDP, (Ipv4Addr::from(1).into(), port), None))
    }

    /// Empty tables but for stations that are in use.
    fn tables(stations: usize) -> Heap {
        let heap = Heap::new(1518);
        heap.table().stations[..stations].iter().for_each(|station| _ = station.state.open());
        heap
    }

    fn add(table: &Table, station: usize, filter: Filter, wanted: &Wanted) -> Result<u8> {
        let queue = table.choose(filter, wanted)?;
        table.stations[station].queue.store(word(queue, wanted.owner), Relaxed);
        let entry = table.filters.iter().find(|entry| table.filter(entry).is_none()).unwrap();
        let target = Target::Station(station, table.stations[station].state.in_use().unwrap());
        entry.write(&Installed { filter, target, looped: false });
        Ok(queue)
    }

    #[test]
    fn each_vi_gets_a_queue_that_nobody_uses_while_there_are_some() {
        let tables = tables(3);
        let table = tables.table();
        assert_eq!(add(table, 0, local(1), &ANY), Ok(1));
        assert_eq!(add(table, 1, local(2), &ANY), Ok(2));
        assert_eq!(add(table, 0, local(3), &Wanted { preferred: Some(1), ..ANY }), Ok(1), "the VI's own");
        assert_eq!(add(table, 2, local(1), &ANY), Ok(1), "an equal filter: the same queue");
        assert_eq!(sharing(table, 0b001), 0b101);
        assert_eq!(sharing(table, 0b010), 0b010);
        assert_eq!(table.choose(local(1), &Wanted { queue: Some(2), ..ANY }), Err(Errno(libc::EEXIST)));
        assert_eq!(table.choose(local(9), &Wanted { queue: Some(QUEUES), ..ANY }), Err(Errno(libc::EINVAL)));
    }

    #[test]
    fn a_queue_has_one_owner_or_none() {
        let tables = tables(4);
        let table = tables.table();
        let mine = Wanted { owner: owner(7, 1), ..ANY };
        assert_eq!(add(table, 0, local(1), &mine), Ok(1));
        assert_eq!(add(table, 1, local(2), &ANY), Ok(2));
        let refused = Err(Errno(libc::EPERM));
        assert_eq!(table.choose(local(1), &ANY), refused, "an equal filter of another's queue");
        assert_eq!(table.choose(local(3), &Wanted { queue: Some(1), ..ANY }), refused, "another's queue");
        assert_eq!(table.choose(local(3), &Wanted { queue: Some(2), ..mine }), refused, "a shared one");
        assert_eq!(table.choose(local(3), &Wanted { queue: Some(1), ..mine }), Ok(1));
        assert_eq!(table.choose(local(3), &Wanted { owner: owner(8, 1), ..ANY }), Ok(3), "another process's domain");
    }
}
