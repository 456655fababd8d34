//! A VI's place at its port's switch, with a cable to another.

use super::rings::Rings;
use super::steer::{Memo, Route};
use super::{Cable, Switch};
use crate::clock::{Clock, clock};
use crate::errno::Result;
use crate::filter::Filter;
use crate::frame::{Fingerprint, Flow, HEADER_BYTES};
use crate::interrupt::Interrupt;
use crate::wire::queues::Wanted;
use crate::wire::ring::Receiver;
use crate::wire::table::{STATIONS, Target, pack};
use crate::wire::{Arrival, Attachment, Flags, Link, OnWire, Outgoing, Overruns, Stamp, When};
use core::sync::atomic::Ordering::*;
use std::sync::Arc;

pub(super) struct Station {
    near: Arc<Switch>,
    id: usize,
    generation: u32,
    /// Multicast goes to this end of the cable, too.
    loops: bool,
    /// Rings from other stations, as they announce themselves: from the other end of the cable, and from this one.
    receivers: [Option<Receiver>; 2 * STATIONS],
    /// Rings to the other end of the cable.
    far: Rings,
    /// Rings to this end, where it is another, once they are needed.
    here: Option<Box<Rings>>,
    prints: Memo<Fingerprint, Route>,
    flows: Memo<Flow, Route>,
    /// By which filters this VI got frames.
    filters: Memo<Flow, Option<u16>>,
    /// The one by which it gets all of them, if there is one, in the tables' edition of that number.
    only_filter: (u64, Option<u16>),
    /// The station whose ring is looked at first; its frame is the one that `arrival` gave.
    next: usize,
    /// The receivers to which a frame was begun, and how much of it.
    begun: (u64, usize),
    /// It has left.
    gone: bool,
    interrupt: Option<Arc<Interrupt>>,
    clock: &'static Clock,
}

impl Station {
    pub(super) fn connect(cable: &Cable, how: Attachment) -> Result<Self> {
        let (id, generation) = cable.near.connect(&how)?;
        Ok(Self {
            near: cable.near.clone(),
            id,
            generation,
            loops: how.loops,
            receivers: core::array::from_fn(|_| None),
            far: Rings::new(cable.far.clone(), id),
            here: None,
            prints: Memo::new(),
            flows: Memo::new(),
            filters: Memo::new(),
            only_filter: (0, None),
            next: 0,
            begun: (0, 0),
            gone: false,
            interrupt: None,
            clock: clock(),
        })
    }

    /// Where the frame goes.
    #[inline(always)]
    fn route(&mut self, frame: &Outgoing<'_>) -> Route {
        match frame.pieces {
            [piece] => {
                // SAFETY: a piece is readable.
                self.route_of(unsafe { core::slice::from_raw_parts(piece.base, piece.length.min(HEADER_BYTES)) })
            }
            _ => self.route_of(frame.header(&mut [0; HEADER_BYTES])),
        }
    }

    #[inline(always)]
    fn route_of(&mut self, header: &[u8]) -> Route {
        // Read before the filters: if they change while they are searched, what is remembered is of an old edition.
        let edition = self.far.switch.table().edition.load(Acquire);
        let print = Fingerprint::of(header);
        if let Some(print) = print
            && let Some(route) = self.prints.get(print.hash(), print, edition)
        {
            return route;
        }
        self.look_up(header, edition, print)
    }

    #[inline(never)]
    fn look_up(&mut self, header: &[u8], edition: u64, print: Option<Fingerprint>) -> Route {
        let Some(flow) = Flow::parse(header) else { return Route::default() };
        let hash = flow.hash();
        let route = match self.flows.get(hash, flow, edition) {
            Some(route) => route,
            None => {
                let route = self.far.switch.steer(&flow);
                self.flows.set(hash, flow, edition, route);
                route
            }
        };
        if let Some(print) = print {
            self.prints.set(print.hash(), print, edition, route);
        }
        route
    }

    /// What goes elsewhere than to the VIs that take the frame.
    #[cold]
    fn send_copies(&mut self, frame: &Outgoing<'_>, route: Route, stamp: &mut Stamp) {
        if route.kernel {
            self.far.switch.table().kernel.fetch_add(1, Relaxed);
        }
        for station in bits(route.copies) {
            self.far.send(station, frame, stamp);
        }
        let mut here = self.near.table().sniffers.load(Acquire);
        if self.loops
            && let Some(flow) = Flow::parse(frame.header(&mut [0; HEADER_BYTES]))
            && flow.is_multicast()
        {
            here |= self.near.steer_looped(&flow, self.id);
        }
        if here == 0 {
            return;
        }
        let rings = if Arc::ptr_eq(&self.near, &self.far.switch) {
            &mut self.far
        } else {
            let (near, id) = (&self.near, self.id);
            self.here.get_or_insert_with(|| Box::new(Rings::new(near.clone(), STATIONS + id)))
        };
        for station in bits(here) {
            rings.send(station, frame, stamp);
        }
    }

    /// Takes up a ring that a sender announced.
    #[cold]
    fn accept_ring(&mut self, from: usize) {
        // A failure (no memory to map it) leaves the frames in the ring, and the next poll tries again.
        if let Ok(ring) = self.near.memory.ring(self.id, from) {
            // SAFETY: the memory keeps the ring, and `near` keeps the memory; this station is its only receiver.
            let receiver = unsafe { Receiver::new(ring, self.generation) };
            self.near.table().stations[self.id].abandoned.fetch_add(receiver.left, Relaxed);
            self.receivers[from] = Some(receiver);
        }
    }

    #[inline(always)]
    fn look(&mut self, from: usize, peek: impl Fn(&mut Receiver) -> Option<Arrival>) -> Option<Arrival> {
        if self.receivers[from].is_none() {
            self.accept_ring(from);
        }
        let arrival = self.receivers[from].as_mut().and_then(peek)?;
        self.next = from;
        Some(arrival)
    }

    /// The next frame where both ends of the cable send to this VI: each sender in its turn.
    #[cold]
    fn next_of_both(
        &mut self,
        senders: u64,
        neighbours: u64,
        peek: impl Fn(&mut Receiver) -> Option<Arrival>,
    ) -> Option<Arrival> {
        let announced = u128::from(senders) | u128::from(neighbours) << STATIONS;
        let first = self.next;
        let turns = (0..2 * STATIONS).map(|turn| (first + turn) % (2 * STATIONS));
        turns.filter(|from| announced >> from & 1 != 0).find_map(|from| self.look(from, &peek))
    }

    /// The first ring, from the one after the last that was served, in which there is something to see.
    #[inline(always)]
    fn next(&mut self, peek: impl Fn(&mut Receiver) -> Option<Arrival>) -> Option<Arrival> {
        let station = &self.near.table().stations[self.id];
        let senders = station.senders.load(Acquire);
        let neighbours = station.neighbours.load(Acquire);
        if neighbours != 0 {
            return self.next_of_both(senders, neighbours, peek);
        }
        // From the one after the last that was served, round.
        let mut left = senders.rotate_right(self.next as u32);
        while left != 0 {
            let from = (self.next + left.trailing_zeros() as usize) % STATIONS;
            if let Some(arrival) = self.look(from, &peek) {
                return Some(arrival);
            }
            left &= left - 1;
        }
        None
    }

    fn target(&self) -> Target {
        Target::Station(self.id, self.generation)
    }
}

/// The numbers of the bits that are set.
fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros() as usize);
        word &= word.wrapping_sub(1);
        bit
    })
}

impl Link for Station {
    #[inline]
    fn transmit(&mut self, frame: &Outgoing<'_>, when: When) -> OnWire {
        let route = self.route(frame);
        let mut ticks = match when {
            When::Unasked => 0,
            When::Now => self.clock.ticks(),
            When::At(stamp) => stamp,
        };
        let mut claimed = false;
        let mut to = route.takers;
        while to != 0 {
            claimed |= self.far.send(to.trailing_zeros() as usize, frame, &mut ticks);
            to &= to - 1;
        }
        if route.elsewhere | self.loops | (self.near.table().sniffers.load(Relaxed) != 0) {
            self.send_copies(frame, route, &mut ticks);
        }
        OnWire { stamp: ticks, claimed }
    }

    #[inline]
    fn arrival(&mut self) -> Option<Arrival> {
        self.next(Receiver::peek)
    }

    #[inline]
    fn arriving(&mut self) -> Option<Arrival> {
        self.next(Receiver::peek_start)
    }

    fn begin(&mut self, start: &[u8], stamp: Stamp) -> bool {
        let to = self.route_of(&start[..start.len().min(HEADER_BYTES)]).takers;
        let begun = bits(to).filter(|&station| self.far.begin(station, start, stamp));
        self.begun = (begun.fold(0, |begun, station| begun | 1 << station), start.len());
        self.begun.0 != 0
    }

    fn finish(&mut self, rest: &[u8], flags: Flags) {
        let (to, length) = core::mem::take(&mut self.begun);
        for station in bits(to) {
            self.far.finish(station, length, rest, flags);
        }
    }

    #[inline]
    fn take(&mut self) {
        if let Some(receiver) = &mut self.receivers[self.next] {
            receiver.take();
        }
        self.next = (self.next + 1) % (2 * STATIONS);
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

    fn filter_add(&mut self, filter: Filter, looped: bool) -> Result<u32> {
        self.near.filter_add(self.target(), filter, looped)
    }

    fn filter_remove(&mut self, id: u32) -> Result<()> {
        self.near.filter_remove(self.target(), id)
    }

    fn has_filter(&self, id: u32) -> bool {
        self.near.filter_named(self.target(), id).is_some()
    }

    fn filter_of(&mut self, frame: &[u8]) -> Option<u16> {
        let edition = self.near.table().edition.load(Acquire);
        if self.only_filter.0 != edition {
            self.only_filter = (edition, self.near.only_filter(self.id));
        }
        if let (_, Some(only)) = self.only_filter {
            return Some(only);
        }
        let flow = Flow::parse(frame)?;
        let hash = flow.hash();
        if let Some(known) = self.filters.get(hash, flow, edition) {
            return known;
        }
        let found = self.near.filter_of(&flow, self.id);
        self.filters.set(hash, flow, edition, found);
        found
    }

    fn member(&self) -> u64 {
        pack(self.id, self.generation)
    }

    fn queue_for(&self, filter: Filter, wanted: &Wanted) -> Result<u8> {
        self.near.queue_for(filter, wanted)
    }

    fn queue_filter_add(&mut self, filter: Filter, queue: u8, wanted: &Wanted) -> Result<u32> {
        self.near.queue_filter_add(self.id, self.generation, filter, queue, wanted)
    }

    fn leave(&mut self) {
        if core::mem::replace(&mut self.gone, true) {
            return;
        }
        // First: once the station is closed another may have it, and an interrupt of its name.
        self.near.memory.withdraw(self.id);
        // Its filters go with it. No lock is needed, and so none can be held against it.
        let table = self.near.table();
        // While the place is still its own: senders would go on looking for it.
        table.sniffers.fetch_and(!(1 << self.id), Relaxed);
        table.stations[self.id].state.close(self.generation);
        table.edition.fetch_add(1, Release);
    }

    fn overruns(&self) -> Arc<dyn Overruns> {
        Arc::new(Lost { switch: self.near.clone(), id: self.id })
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

    fn abandoned(&self) -> u64 {
        self.switch.table().stations[self.id].abandoned.load(Relaxed)
    }

    fn clear(&self) {
        let station = &self.switch.table().stations[self.id];
        station.overruns.store(0, Relaxed);
        station.abandoned.store(0, Relaxed);
    }
}

impl Drop for Station {
    fn drop(&mut self) {
        self.leave();
    }
}
