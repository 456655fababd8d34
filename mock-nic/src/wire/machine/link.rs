//! A VI's end of an interface of the machine.

mod changes;
mod outside;
mod ways;
mod withdrawal;

use super::Interface;
use super::monitor::Monitor;
use super::place::Place;
use super::rules::Owner;
use crate::clock::Clock;
use crate::counters::Cells;
use crate::errno::Result;
use crate::filter::Filter;
use crate::frame::{Flow, HEADER_BYTES};
use crate::interrupt::Interrupt;
use crate::wire::outside::Outside;
use crate::wire::packet::{Receiver, Sender, Slot};
use crate::wire::queues::Wanted;
use crate::wire::xdp::{End, Prepared, Time};
use crate::wire::{Arrival, Flags, Link, OnWire, Outgoing, Overruns, Stamp, When, hardware_id};
use core::sync::atomic::Ordering::Release;
use std::os::fd::RawFd;
use std::sync::{Arc, Mutex, PoisonError};

/// A VI's end.
pub(super) struct MachineLink {
    interface: Arc<Interface>,
    place: Arc<Place>,
    cells: Arc<Cells>,
    /// Arrivals need a timestamp.
    stamps: bool,
    xdp: Xdp,
    /// By packet sockets: the sending side, unless AF_XDP does that.
    sender: Option<Sender>,
    /// The receiving side, there once there is a filter, unless AF_XDP does that.
    receiver: Option<Receiver>,
    /// The frame that [`Link::arrival`] gave, until it is taken, and who has it.
    arrived: Option<(Arrival, From)>,
    interrupt: Option<Arc<Interrupt>>,
    monitor: Monitor,
    /// The longest frame for which it was made.
    frame: usize,
    /// The longest without a tag that the interface takes now, as it was last heard; 0 while it takes none.
    longest: usize,
    /// How many times something of what was sent did not leave since the last change.
    unsent: u32,
    overruns: Arc<Lost>,
    clock: &'static Clock,
    /// Frames wait that AF_XDP has left to several VIs.
    crowded: bool,
    /// AF_XDP was given up for those.
    withdrawn: bool,
    /// Neither AF_XDP nor packet sockets can be had any more.
    broken: bool,
}

/// AF_XDP.
enum Xdp {
    /// It can't be had, or isn't asked for.
    No,
    /// All is ready but the application's memory.
    Prepared(Box<Prepared>),
    /// Frames go through it.
    Bound(Box<End>),
}

/// Where a frame waits.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    Xdp,
    Packet,
}

// SAFETY: the arrival's bytes belong to the receiving side, which is `Send`, and are read through this only.
unsafe impl Send for MachineLink {}

impl MachineLink {
    /// What AF_XDP has.
    #[inline]
    fn next_xdp(&mut self) -> Option<Arrival> {
        let Xdp::Bound(end) = &mut self.xdp else { return None };
        loop {
            let received = end.peek()?;
            if received.length > self.frame {
                self.cells.rx_too_long.add(1);
                end.discard();
                continue;
            }
            let stamp = if self.stamps { stamp(self.clock, &self.cells, received.time) } else { 0 };
            if received.flags.has(Flags::IN_PLACE) {
                self.cells.rx_in_place.add(1);
                self.cells.zero_copies.add(end.zero_copy.into());
            } else {
                self.cells.rx_copied.add(1);
            }
            return Some(Arrival { bytes: received.bytes, length: received.length, stamp, flags: received.flags });
        }
    }

    fn owner(&self) -> Owner {
        Owner::Link(self.place.number)
    }

    /// Ticks at which something was, so many nanoseconds since the epoch.
    fn ticks_at(&self, time: u64) -> Stamp {
        self.clock.ticks_ago(Clock::real_age(time))
    }

    /// What the packet socket has.
    #[inline]
    fn next_packet(&mut self) -> Option<Arrival> {
        loop {
            let received = match self.receiver.as_mut()?.peek() {
                Slot::Empty => return None,
                Slot::Frame(received) => received,
                Slot::TooLong => {
                    self.cells.rx_too_long.add(1);
                    self.receiver.as_mut()?.take();
                    continue;
                }
            };
            // SAFETY: the slot's frame, which is this side's until it is taken.
            let header = unsafe { core::slice::from_raw_parts(received.bytes, received.length.min(HEADER_BYTES)) };
            if self.place.is_anothers(&self.interface, header) {
                self.receiver.as_mut()?.take();
                continue;
            }
            let stamp = if self.stamps {
                self.cells.rx_stamped_by_kernel.add(1);
                self.ticks_at(received.time)
            } else {
                0
            };
            self.cells.rx_copied.add(1);
            return Some(Arrival { bytes: received.bytes, length: received.length, stamp, flags: received.flags });
        }
    }
}

impl Link for MachineLink {
    fn transmit(&mut self, frame: &Outgoing<'_>, when: When) -> OnWire {
        let stamp = match when {
            When::Unasked => 0,
            When::Now => self.clock.ticks(),
            When::At(stamp) => stamp,
        };
        // The kernel makes the check sequence itself: a frame with a bad one would be dropped on arrival, and is so here.
        if !frame.flags.has(Flags::FCS_BAD) && (frame.length <= self.longest || self.fits(frame)) {
            let taken = match (&mut self.xdp, &mut self.sender) {
                (Xdp::Bound(end), _) => end.transmit(frame),
                (Xdp::No, Some(sender)) => {
                    let taken = sender.write(frame);
                    self.cells.tx_copied.add(taken.into());
                    taken
                }
                _ => false,
            };
            if !taken {
                self.refused();
            }
        }
        OnWire { stamp, claimed: true }
    }

    #[inline]
    fn arrival(&mut self) -> Option<Arrival> {
        if self.arrived.is_none() {
            let by_xdp = self.next_xdp().map(|arrival| (arrival, From::Xdp));
            self.arrived = by_xdp.or_else(|| self.next_beside().map(|arrival| (arrival, From::Packet)));
        }
        self.arrived.map(|(arrival, _)| arrival)
    }

    #[inline]
    fn take(&mut self) {
        match (self.arrived.take(), &mut self.xdp, &mut self.receiver) {
            (Some((_, From::Xdp)), Xdp::Bound(end), _) => end.take(),
            (Some((_, From::Packet)), _, Some(receiver)) => receiver.take(),
            _ => {}
        }
    }

    fn interrupt(&mut self) -> Result<Arc<Interrupt>> {
        if let Some(interrupt) = &self.interrupt {
            return Ok(interrupt.clone());
        }
        let interrupt = Arc::new(Interrupt::with_others()?);
        for fd in self.descriptors() {
            interrupt.watch(fd)?;
        }
        Ok(self.interrupt.insert(interrupt).clone())
    }

    fn prime(&mut self) {
        if let Some(interrupt) = &self.interrupt {
            interrupt.arm();
        }
    }

    fn filter_add(&mut self, filter: Filter, _looped: bool) -> Result<u32> {
        match self.xdp {
            Xdp::No => _ = self.receiver()?,
            // What others get, too, comes by packet sockets.
            _ if filter.may_be_shared() => _ = self.receiver()?,
            _ => {}
        }
        self.interface.filter_add(self.owner(), filter)
    }

    fn queue_for(&self, filter: Filter, wanted: &Wanted) -> Result<u8> {
        self.interface.queue_for(filter, wanted)
    }

    fn queue_filter_add(&mut self, filter: Filter, queue: u8, wanted: &Wanted) -> Result<u32> {
        self.place.attach(queue)?;
        self.receiver()?;
        self.interface.queue_filter_add(self.owner(), filter, queue, wanted)
    }

    fn filter_remove(&mut self, id: u32) -> Result<()> {
        self.interface.filter_remove(self.owner(), id)
    }

    fn has_filter(&self, id: u32) -> bool {
        self.interface.with_rules(|rules| rules.has(self.owner(), id))
    }

    fn filter_of(&mut self, frame: &[u8]) -> Option<u16> {
        let flow = Flow::parse(frame)?;
        let entry = self.interface.with_rules(|rules| rules.matching(|owner| self.place.owns(owner), &flow))?;
        Some(hardware_id(entry.id))
    }

    fn member(&self) -> u64 {
        self.place.number
    }

    fn leave(&mut self) {
        self.arrived = None;
        if let Some(interrupt) = &self.interrupt {
            interrupt.forget_others();
        }
        let takers = self.place.with_takers(core::mem::take);
        // A link may leave more than once: by then another VI may have AF_XDP.
        let had_xdp = core::mem::take(&mut self.withdrawn) || takers.xdp.is_some();
        // The program goes before another VI's comes.
        drop(takers);
        (self.xdp, self.sender, self.receiver) = (Xdp::No, None, None);
        if had_xdp {
            self.interface.xdp_taken.store(false, Release);
        }
    }

    fn overruns(&self) -> Arc<dyn Overruns> {
        self.overruns.clone()
    }

    fn outside(&mut self) -> Option<&mut dyn Outside> {
        Some(self)
    }
}

impl MachineLink {
    /// What is readable while a frame waits, or the interface changes.
    fn descriptors(&self) -> Vec<RawFd> {
        let mut all: Vec<_> = self.receiver.iter().map(Receiver::fd).collect();
        if let Xdp::Bound(end) = &self.xdp {
            all.extend(end.descriptors());
        }
        all.push(self.monitor.fd());
        all
    }
}

impl Drop for MachineLink {
    fn drop(&mut self) {
        self.leave();
        self.interface.forget(self.owner());
    }
}

/// Ticks at which a frame came; counts who knows that.
fn stamp(clock: &Clock, cells: &Cells, time: Time) -> Stamp {
    /// How old a frame may be by a device's clock. One that is further off is not set to the time of day.
    const OLDEST: u64 = 10_000_000_000;
    match time {
        Time::Kernel(time) => {
            cells.rx_stamped_by_kernel.add(1);
            clock.ticks_ago(Clock::monotonic_age(time))
        }
        Time::Driver(time) if Clock::real_age(time) < OLDEST => {
            cells.rx_stamped_by_driver.add(1);
            clock.ticks_ago(Clock::real_age(time))
        }
        _ => {
            cells.rx_stamped_late.add(1);
            clock.ticks()
        }
    }
}

/// What is lost where the frames of a VI wait, wherever that is.
#[derive(Default)]
struct Lost(Mutex<Vec<Arc<dyn Overruns>>>);

impl Lost {
    fn add(&self, more: Arc<dyn Overruns>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(more);
    }
}

impl Overruns for Lost {
    fn read(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().map(|lost| lost.read()).sum()
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().for_each(|lost| lost.clear());
    }
}
