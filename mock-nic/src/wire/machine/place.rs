//! A VI's place at an interface, as other threads see it: when filters change, each place follows.

use super::Interface;
use super::rules::{Owner, Rules};
use crate::errno::{Errno, Result};
use crate::filter::Filter;
use crate::frame::{self, Flow};
use crate::wire::packet::{Bypass, Guard, Lost};
use crate::wire::xdp::Steering;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// What takes frames for a VI.
#[derive(Default)]
pub struct Takers {
    /// Its packet socket: of one that has no AF_XDP, or for what that one leaves to others.
    pub packet: Option<Arc<Lost>>,
    /// Its XDP program.
    pub xdp: Option<Arc<Steering>>,
    /// Its sending packet socket.
    pub sender: Option<Bypass>,
    guards: Vec<(Filter, Guard)>,
}

/// A VI's place.
pub struct Place {
    /// The VI's number.
    pub number: u64,
    takers: Mutex<Takers>,
    /// The set that it is in, its index there, and how many there are.
    seat: OnceLock<(u64, usize, usize)>,
    /// The shared queue of which it is an end.
    queue: OnceLock<u8>,
}

impl Place {
    /// One that takes nothing yet.
    pub fn new(number: u64) -> Self {
        Self { number, takers: Mutex::default(), seat: OnceLock::new(), queue: OnceLock::new() }
    }

    /// True of a VI's own filters, and of its set's and its queue's.
    pub fn owns(&self, owner: Owner) -> bool {
        match owner {
            Owner::Link(number) => number == self.number,
            Owner::Set(number) => self.seat.get().is_some_and(|seat| seat.0 == number),
            Owner::Queue(queue, _) => self.queue.get() == Some(&queue),
        }
    }

    /// Takes a place in a set.
    pub fn join(&self, set: u64, index: usize, count: usize) -> Result<()> {
        self.seat.set((set, index, count)).map_err(|_| Errno(libc::EBUSY))
    }

    /// Becomes an end of a shared queue, if it is none of another.
    pub fn attach(&self, queue: u8) -> Result<()> {
        if *self.queue.get_or_init(|| queue) == queue { Ok(()) } else { Err(Errno(libc::EBUSY)) }
    }

    /// True of an end of that queue.
    pub fn is_end_of(&self, queue: u8) -> bool {
        self.queue.get() == Some(&queue)
    }

    /// True of frames that are another member's.
    #[inline]
    pub fn is_anothers(&self, interface: &Interface, frame: &[u8]) -> bool {
        self.seat.get().is_some() && self.is_another_members(interface, frame)
    }

    #[cold]
    fn is_another_members(&self, interface: &Interface, header: &[u8]) -> bool {
        let (Some(&(_, index, count)), Some(flow)) = (self.seat.get(), Flow::parse(header)) else { return false };
        // What a filter of the VI's own takes is its own.
        let entry = interface.with_rules(|rules| rules.matching(|owner| self.owns(owner), &flow));
        // The indirection table has 128 entries, filled in turn.
        entry.is_none_or(|entry| matches!(entry.owner, Owner::Set(_)))
            && frame::hash(&flow) as usize % 128 % count != index
    }

    /// Changes what takes frames for it.
    pub fn with_takers<T>(&self, change: impl FnOnce(&mut Takers) -> T) -> T {
        change(&mut self.takers.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Has what takes frames follow the filters.
    pub fn follow(&self, interface: &Interface, rules: &Rules) -> Result<()> {
        let mine = |owner| self.owns(owner);
        self.with_takers(|takers| {
            if let Some(xdp) = &takers.xdp {
                xdp.steer(&rules.takes(mine, interface.mac()))?;
            }
            if let Some(packet) = &takers.packet {
                packet.steer(&match takers.xdp {
                    Some(_) => rules.shared(mine),
                    None => rules.copies(mine, interface.mac()),
                })?;
            }
            if let Some(sender) = &takers.sender {
                sender.set(!rules.has_sniffer_of_sent())?;
            }
            // A filter that is gone needs no guard.
            let kept: Vec<_> = rules.of(mine).collect();
            takers.guards.retain(|(filter, _)| kept.contains(filter));
            Ok(())
        })
    }

    /// Has the interface let in what a filter needs, and the kernel keep quiet about it.
    pub fn admit(&self, interface: &Interface, filter: &Filter) -> Result<()> {
        let (index, mac) = (interface.netdev.index, interface.mac());
        self.with_takers(|takers| {
            if let Some(packet) = &takers.packet {
                packet.admit(index, mac, filter)?;
            }
            if let Some(xdp) = &takers.xdp {
                xdp.admit(index, mac, filter)?;
            } else {
                takers.guards.extend(Guard::of(filter).map(|guard| (*filter, guard)));
            }
            Ok(())
        })
    }
}
