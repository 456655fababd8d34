//! The wire that is memory. A switch is a port's receive side: the VIs connected to it, their filters, and a ring for
//! each pair of a sender and a receiver. The sender steers: it finds the receivers in the filter table and writes the
//! frame into their rings, so that a frame is copied once on its way out and a receiver sees only what is its own.

use super::primed::Barrier;
use super::queues::{self, Wanted};
use super::ring::{Receiver, Ring, Sender};
use super::table::{STATIONS, Table};
use super::{Arrival, Flags, Link, OnWire, Outgoing, Overruns, Stamp, When, Wire};
use crate::clock::{Clock, clock};
use crate::errno::{Errno, Result};
use crate::filter::Filter;
use crate::frame::{Fingerprint, Flow, HEADER_BYTES};
use crate::interrupt::Interrupt;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::*;
use std::sync::Arc;
use std::time::Duration;

/// Where a switch's tables and rings lie.
pub trait Memory: Send + Sync {
    /// The tables. They stay where they are while the memory exists.
    fn table(&self) -> &Table;

    /// The ring to a receiver from a sender, made on first asking. It stays while the memory exists.
    fn ring(&self, receiver: usize, sender: usize) -> Result<NonNull<Ring>>;

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

/// How long a send waits, when it finds that a receiver is new: long enough for a process that lost its CPU while it
/// changed the tables. One that is stopped holds sends up no longer, and not soon again.
const SEND_PATIENCE: Duration = Duration::from_millis(50);

/// A port's receive side.
pub struct Switch {
    memory: Box<dyn Memory>,
    /// The memory's tables: asked for once, because the data path reads them.
    table: NonNull<Table>,
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
    /// A switch over its memory.
    pub fn new(memory: Box<dyn Memory>) -> Self {
        let table = NonNull::from(memory.table());
        Self { memory, table }
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
            self.table().edition.fetch_add(1, Release);
            Ok(())
        })?;
        result
    }

    /// This process's number, as the memory has it.
    pub(super) fn process(&self) -> u32 {
        self.memory.process()
    }

    fn connect(&self, stamps: bool) -> Result<(usize, u32)> {
        self.change(|table| {
            let id = table.stations.iter().position(|s| s.state.in_use().is_none()).ok_or(Errno(libc::EBUSY))?;
            let station = &table.stations[id];
            station.process.store(self.memory.process(), Relaxed);
            station.stamps.store(stamps.into(), Relaxed);
            station.overruns.store(0, Relaxed);
            station.queue.store(0, Relaxed);
            station.primed.take();
            // Senders that had a ring to the last user of this entry announce themselves again to this one.
            station.senders.store(0, Relaxed);
            Ok((id, station.state.open()))
        })
    }

    fn filter_add(&self, station: usize, generation: u32, filter: Filter) -> Result<u32> {
        self.change(|table| {
            let mut free = None;
            for (index, entry) in table.filters.iter().enumerate() {
                match table.filter(entry) {
                    Some((other, owner)) if other == filter && (owner == station || !filter.is_multicast()) => {
                        return Err(Errno(libc::EEXIST));
                    }
                    Some(_) => {}
                    None => free = free.or(Some((index, entry))),
                }
            }
            let (index, entry) = free.ok_or(Errno(libc::EBUSY))?;
            Ok(filter_id(index, entry.write(filter, station, generation)))
        })
    }

    fn filter_remove(&self, station: usize, id: u32) -> Result<()> {
        self.change(|table| {
            let index = id as usize & 0xff;
            let entry = table.filters.get(index).ok_or(Errno(libc::ENOENT))?;
            let used = entry.state.in_use().filter(|&generation| filter_id(index, generation) == id);
            match (used, table.filter(entry)) {
                (Some(generation), Some((_, owner))) if owner == station => {
                    entry.state.close(generation);
                    Ok(())
                }
                _ => Err(Errno(libc::ENOENT)),
            }
        })
    }

    /// Bit by station: those to which frames of the flow go. One for a unicast frame, any number for a multicast one.
    fn steer(&self, flow: &Flow) -> u64 {
        let (mut all, mut best) = (0, None);
        for entry in &self.table().filters {
            if let Some((filter, station)) = self.table().filter(entry)
                && filter.matches(flow)
            {
                all |= 1 << station;
                if best.is_none_or(|(rank, _)| filter.rank() > rank) {
                    best = Some((filter.rank(), 1 << station));
                }
            }
        }
        let receivers = if flow.is_multicast() { all } else { best.map_or(0, |(_, station)| station) };
        queues::sharing(self.table(), receivers)
    }
}

/// A filter's name: its place, and which use of it, so that the name of one that was removed is not another's.
pub(super) fn filter_id(index: usize, generation: u32) -> u32 {
    (generation & 0x7f_ffff) << 8 | index as u32
}

impl Wire for Cable {
    fn attach(&self, stamps: bool) -> Result<Box<dyn Link>> {
        let (id, generation) = self.near.connect(stamps)?;
        Ok(Box::new(Station {
            near: self.near.clone(),
            far: self.far.clone(),
            id,
            generation,
            receivers: core::array::from_fn(|_| None),
            senders: core::array::from_fn(|_| None),
            prints: Memo::new(),
            flows: Memo::new(),
            next: 0,
            begun: (0, 0),
            refused: None,
            interrupt: None,
            barrier: Barrier::of_process(),
            clock: clock(),
        }))
    }

    #[cfg(not(miri))]
    fn leave(&self) {
        self.near.memory.leave();
        if !Arc::ptr_eq(&self.near, &self.far) {
            self.far.memory.leave();
        }
    }
}

/// Flows whose receivers a sender remembers, at most.
const FLOWS: usize = 8;

/// Where a flow goes, as of an edition of the filter table.
#[derive(Clone, Copy)]
struct Remembered<K> {
    flow: K,
    edition: u64,
    receivers: u64,
}

/// The flows that a sender remembers, each in a place that its hash gives.
struct Memo<K>([Option<Remembered<K>>; FLOWS]);

impl<K: Copy + PartialEq> Memo<K> {
    fn new() -> Self {
        Self([None; FLOWS])
    }

    #[inline]
    fn get(&self, hash: usize, flow: K, edition: u64) -> Option<u64> {
        self.0[hash % FLOWS].filter(|known| known.flow == flow && known.edition == edition).map(|known| known.receivers)
    }

    fn set(&mut self, hash: usize, flow: K, edition: u64, receivers: u64) {
        self.0[hash % FLOWS] = Some(Remembered { flow, edition, receivers });
    }
}

/// The sending end of a ring to one station while it is what it was when the end was made.
struct Outbound {
    generation: u32,
    sender: Sender,
}

/// A VI's place at its port's switch, with a cable to another.
struct Station {
    near: Arc<Switch>,
    far: Arc<Switch>,
    id: usize,
    generation: u32,
    /// Rings from other stations, as they announce themselves.
    receivers: [Option<Receiver>; STATIONS],
    /// Rings to other stations, as they are needed.
    senders: [Option<Outbound>; STATIONS],
    prints: Memo<Fingerprint>,
    flows: Memo<Flow>,
    /// The station whose ring is looked at first; its frame is the one that `arrival` gave.
    next: usize,
    /// The receivers to which a frame was begun, and how much of it.
    begun: (u64, usize),
    /// The receiver to which no ring could be had, and when that was tried last.
    refused: Option<(usize, u32, Stamp)>,
    interrupt: Option<Arc<Interrupt>>,
    barrier: Barrier,
    clock: &'static Clock,
}

impl Station {
    /// Where the frame goes, bit by station of the far switch.
    #[inline]
    fn receivers_of(&mut self, frame: &Outgoing<'_>) -> u64 {
        match frame.pieces {
            [piece] => {
                // SAFETY: a piece is readable.
                self.receivers_of_header(unsafe {
                    core::slice::from_raw_parts(piece.base, piece.length.min(HEADER_BYTES))
                })
            }
            _ => self.receivers_of_header(frame.header(&mut [0; HEADER_BYTES])),
        }
    }

    #[inline]
    fn receivers_of_header(&mut self, header: &[u8]) -> u64 {
        // Read before the filters: if they change while they are searched, what is remembered is of an old edition.
        let edition = self.far.table().edition.load(Acquire);
        let print = Fingerprint::of(header);
        if let Some(print) = print
            && let Some(receivers) = self.prints.get(print.hash(), print, edition)
        {
            return receivers;
        }
        let Some(flow) = Flow::parse(header) else { return 0 };
        let hash = flow.hash();
        let receivers = self.flows.get(hash, flow, edition).unwrap_or_else(|| self.far.steer(&flow));
        self.flows.set(hash, flow, edition, receivers);
        if let Some(print) = print {
            self.prints.set(print.hash(), print, edition, receivers);
        }
        receivers
    }

    /// Makes the ring to a station ready, if it can be had now. What stands in the way (no memory, or a process that
    /// was stopped while it changed the tables) is not asked again for a while: sends go on.
    #[cold]
    fn open_ring(&mut self, to: usize, generation: u32) -> bool {
        let now = self.clock.ticks();
        if let Some((station, refused, when)) = self.refused
            && (station, refused) == (to, generation)
            && now.wrapping_sub(when) < self.clock.sync_interval()
        {
            return false;
        }
        self.senders[to] = None;
        let (far, id) = (self.far.clone(), self.id);
        let mut opened = None;
        let result = far.memory.locked(SEND_PATIENCE, &mut || {
            let station = &far.table().stations[to];
            if station.state.in_use() != Some(generation) {
                return Err(Errno(libc::ENODEV));
            }
            let ring = far.memory.ring(to, id)?;
            // SAFETY: the memory keeps the ring, and `far` keeps the memory; this station is the only sender of this
            // ring, and its last end was dropped above.
            let sender = unsafe { Sender::new(ring, generation) };
            opened = Some(Outbound { generation, sender });
            station.senders.fetch_or(1 << id, Release);
            Ok(())
        });
        self.refused = result.err().map(|_| (to, generation, now));
        self.senders[to] = opened;
        self.senders[to].is_some()
    }

    /// Writes the frame into one receiver's ring, or counts it there as lost; false if the receiver has gone.
    #[inline]
    fn send_to(&mut self, to: usize, frame: &Outgoing<'_>, stamp: Stamp) -> bool {
        match self.with_ring(to, |sender| sender.send(frame, stamp)) {
            None => return false,
            Some(true) => {}
            Some(false) => self.overrun(to),
        }
        self.barrier.sender();
        if self.far.table().stations[to].primed.is_set() {
            self.wake(to);
        }
        true
    }

    /// The receiver asked to be woken.
    #[cold]
    fn wake(&self, to: usize) {
        if self.far.table().stations[to].primed.take() {
            self.far.memory.raise(to);
        }
    }

    /// The filters were looked up before the receiver went: all who remember them are to look again.
    #[cold]
    fn receiver_gone(&self) -> bool {
        self.far.table().edition.fetch_add(1, Release);
        false
    }

    #[cold]
    fn overrun(&mut self, to: usize) {
        let station = &self.far.table().stations[to];
        let lost = station.overruns.fetch_add(1, Relaxed);
        // A receiver that stopped taking frames may be dead: its filters must not go on claiming them. Closing it needs
        // no lock: its number is not given out again before the tables are reaped under the lock.
        if lost.is_multiple_of(256)
            && let Some(generation) = station.state.in_use()
            && !self.far.memory.lives(station.process.load(Relaxed))
        {
            station.state.close(generation);
            self.far.table().edition.fetch_add(1, Release);
        }
    }

    /// Takes up a ring that a sender announced.
    #[cold]
    fn accept_ring(&mut self, from: usize) {
        // A failure (no memory to map it) leaves the frames in the ring, and the next poll tries again.
        if let Ok(ring) = self.near.memory.ring(self.id, from) {
            // SAFETY: the memory keeps the ring, and `near` keeps the memory; this station is its only receiver.
            self.receivers[from] = Some(unsafe { Receiver::new(ring, self.generation) });
        }
    }
}

impl Link for Station {
    #[inline]
    fn transmit(&mut self, frame: &Outgoing<'_>, when: When) -> OnWire {
        let mut to = self.receivers_of(frame);
        let mut ticks = match when {
            When::Unasked => 0,
            When::Now => self.clock.ticks(),
            When::At(stamp) => stamp,
        };
        let mut claimed = false;
        while to != 0 {
            let station = to.trailing_zeros() as usize;
            if ticks == 0 && self.far.table().stations[station].stamps.load(Relaxed) != 0 {
                ticks = self.clock.ticks();
            }
            claimed |= self.send_to(station, frame, ticks);
            to &= to - 1;
        }
        OnWire { stamp: ticks, claimed }
    }

    #[inline]
    fn arrival(&mut self) -> Option<Arrival> {
        self.look(Receiver::peek)
    }

    #[inline]
    fn arriving(&mut self) -> Option<Arrival> {
        self.look(Receiver::peek_start)
    }

    fn begin(&mut self, start: &[u8], stamp: Stamp) -> bool {
        let mut to = self.receivers_of_header(&start[..start.len().min(HEADER_BYTES)]);
        let mut begun = 0;
        while to != 0 {
            let station = to.trailing_zeros() as usize;
            let begins = |sender: &mut Sender| sender.begin(start, stamp);
            match self.with_ring(station, begins) {
                Some(true) => begun |= 1 << station,
                Some(false) => self.overrun(station),
                None => {}
            }
            to &= to - 1;
        }
        self.begun = (begun, start.len());
        begun != 0
    }

    fn finish(&mut self, rest: &[u8], flags: Flags) {
        let (mut to, length) = core::mem::take(&mut self.begun);
        while to != 0 {
            if let Some(outbound) = &mut self.senders[to.trailing_zeros() as usize] {
                outbound.sender.finish(length, rest, flags);
            }
            to &= to - 1;
        }
    }

    #[inline]
    fn take(&mut self) {
        if let Some(receiver) = &mut self.receivers[self.next] {
            receiver.take();
        }
        self.next = (self.next + 1) % STATIONS;
    }

    fn interrupt(&mut self) -> Result<Arc<Interrupt>> {
        if let Some(interrupt) = &self.interrupt {
            return Ok(interrupt.clone());
        }
        Ok(self.interrupt.insert(self.near.memory.interrupt(self.id)?).clone())
    }

    fn prime(&mut self) {
        self.near.table().stations[self.id].primed.set();
    }

    fn filter_add(&mut self, filter: Filter) -> Result<u32> {
        self.near.filter_add(self.id, self.generation, filter)
    }

    fn filter_remove(&mut self, id: u32) -> Result<()> {
        self.near.filter_remove(self.id, id)
    }

    fn queue_for(&self, filter: Filter, wanted: &Wanted) -> Result<u8> {
        self.near.queue_for(filter, wanted)
    }

    fn queue_filter_add(&mut self, filter: Filter, queue: u8, wanted: &Wanted) -> Result<u32> {
        self.near.queue_filter_add(self.id, self.generation, filter, queue, wanted)
    }

    fn overruns(&self) -> Arc<dyn Overruns> {
        Arc::new(Lost { switch: self.near.clone(), id: self.id })
    }
}

impl Station {
    /// The first ring, from the one after the last that was served, in which there is something to see.
    #[inline(always)]
    fn look(&mut self, peek: impl Fn(&mut Receiver) -> Option<Arrival>) -> Option<Arrival> {
        let senders = self.near.table().stations[self.id].senders.load(Acquire);
        // From the one after the last that was served, round.
        let mut left = senders.rotate_right(self.next as u32);
        while left != 0 {
            let from = (self.next + left.trailing_zeros() as usize) % STATIONS;
            if self.receivers[from].is_none() {
                self.accept_ring(from);
            }
            if let Some(arrival) = self.receivers[from].as_mut().and_then(&peek) {
                self.next = from;
                return Some(arrival);
            }
            left &= left - 1;
        }
        None
    }

    /// Does something with the ring to a station: false if there is none, nothing if the station has gone.
    #[inline]
    fn with_ring(&mut self, to: usize, write: impl FnOnce(&mut Sender) -> bool) -> Option<bool> {
        let Some(current) = self.far.table().stations[to].state.in_use() else {
            self.receiver_gone();
            return None;
        };
        if self.senders[to].as_ref().is_none_or(|s| s.generation != current) && !self.open_ring(to, current) {
            return Some(false);
        }
        self.senders[to].as_mut().map(|outbound| write(&mut outbound.sender))
    }
}

/// What a station's senders counted there.
struct Lost {
    switch: Arc<Switch>,
    id: usize,
}

impl Overruns for Lost {
    fn read(&self) -> u64 {
        self.switch.table().stations[self.id].overruns.load(Relaxed)
    }

    fn clear(&self) {
        self.switch.table().stations[self.id].overruns.store(0, Relaxed);
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        // First: once the station is closed another may have it, and an interrupt of its name.
        self.near.memory.withdraw(self.id);
        // Its filters go with it. No lock is needed, and so none can be held against it.
        let table = self.near.table();
        table.stations[self.id].state.close(self.generation);
        table.edition.fetch_add(1, Release);
    }
}

#[cfg(test)]
mod tests;
