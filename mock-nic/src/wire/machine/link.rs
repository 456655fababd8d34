//! A VI's end of an interface of the machine.

mod outside;

use super::monitor::Monitor;
use super::netdev::queues;
use super::place::Place;
use super::rules::Owner;
use super::said::{PACKET, reason, refuse, say, take_refusal};
use super::{Choice, Interface};
use crate::clock::{Clock, clock};
use crate::counters::Cells;
use crate::errno::{Errno, Result};
use crate::filter::Filter;
use crate::frame::{Flow, HEADER_BYTES};
use crate::interrupt::Interrupt;
use crate::wire::outside::{Memory, Outside};
use crate::wire::packet::{Receiver, Sender, Slot};
use crate::wire::xdp::{End, Failed, Mode, Prepared, Time};
use crate::wire::{Arrival, Attachment, Flags, Link, OnWire, Outgoing, Overruns, Stamp, When, hardware_id};
use core::sync::atomic::Ordering::{AcqRel, Release};
use std::os::fd::RawFd;
use std::sync::{Arc, Mutex, PoisonError};

/// What AF_XDP has no place for.
const UNSERVED: Errno = Errno(libc::EOPNOTSUPP);

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
    overruns: Arc<Lost>,
    clock: &'static Clock,
    /// Nothing goes over it any more.
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
    pub(super) fn open(interface: &Arc<Interface>, how: Attachment) -> Result<Self> {
        // What another call was refused for is not this one's.
        take_refusal();
        let place = Arc::new(Place::new(interface.number()));
        let mut link = Self {
            interface: interface.clone(),
            place,
            cells: how.cells,
            stamps: how.stamps,
            xdp: Xdp::No,
            sender: None,
            receiver: None,
            arrived: None,
            interrupt: None,
            monitor: Monitor::new(interface.netdev.index, interface.netdev.mtu)?,
            overruns: Arc::default(),
            clock: clock(),
            broken: false,
        };
        let alone = match (how.posts, how.shares) {
            (false, _) => Err(("AF_XDP for an adapter without posted buffers (EFVI_MOCK_MODEL)", UNSERVED)),
            (_, true) => Err(("AF_XDP for a VI of a set", UNSERVED)),
            _ => Ok(()),
        };
        match interface.choice {
            Choice::Packet(_) => link.use_packets("as EFVI_MOCK_WIRE asks")?,
            _ => match alone.and_then(|()| link.prepare()) {
                Ok(prepared) => link.xdp = Xdp::Prepared(Box::new(prepared)),
                Err(failed) => link.without_xdp(failed)?,
            },
        }
        if how.shares {
            link.receiver()?;
        }
        interface.lock().places.push(Arc::downgrade(&link.place));
        Ok(link)
    }

    /// Does all for AF_XDP that can be done without memory.
    fn prepare(&self) -> core::result::Result<Prepared, Failed> {
        let interface = &self.interface;
        if interface.xdp_taken.swap(true, AcqRel) {
            return Err(("AF_XDP, which another VI of this process has on the interface", Errno(libc::EBUSY)));
        }
        let queues = queues(&interface.name);
        let modes = interface.choice.modes();
        let prepared = Prepared::new(interface.netdev.index, queues, interface.frame, self.stamps, modes);
        match prepared {
            Ok(prepared) => {
                self.place.with_takers(|takers| takers.xdp = Some(prepared.steering.clone()));
                Ok(prepared)
            }
            Err(failed) => {
                interface.xdp_taken.store(false, Release);
                Err(failed)
            }
        }
    }

    /// AF_XDP can't be had: packet sockets, unless it was asked for.
    fn without_xdp(&mut self, (what, errno): Failed) -> Result<()> {
        let text = reason(what, errno);
        if matches!(self.interface.choice, Choice::Xdp | Choice::GenericXdp) {
            return refuse(&self.interface, errno, text);
        }
        self.use_packets(&text)
    }

    fn use_packets(&mut self, why: &str) -> Result<()> {
        let interface = &self.interface;
        let sender = Sender::open(interface.netdev.index, interface.frame, &self.cells);
        self.sender = Some(sender.or_else(|e| refuse(interface, e, reason(PACKET, e)))?);
        say(interface, format_args!("VI {} by packet sockets: {why}", self.place.number));
        Ok(())
    }

    /// The memory is known: AF_XDP sockets are bound with it. True if they write into posted buffers.
    #[cold]
    fn bind(&mut self, memory: &Memory) -> bool {
        let Xdp::Prepared(prepared) = core::mem::replace(&mut self.xdp, Xdp::No) else { return false };
        let mode = prepared.steering.mode;
        match prepared.bind(memory, &self.cells, self.interface.busy_poll) {
            Ok(end) => {
                self.overruns.add(end.lost());
                if let Some(interrupt) = &self.interrupt {
                    end.descriptors().for_each(|fd| _ = interrupt.watch(fd));
                }
                say(
                    &self.interface,
                    format_args!(
                        "VI {} by AF_XDP, {}, program in the {}, {} queue(s), frames {}",
                        self.place.number,
                        if end.zero_copy { "zero-copy" } else { "copy mode" },
                        if mode == Mode::Driver { "driver" } else { "network stack" },
                        end.queues(),
                        if end.is_in_place() { "in place" } else { "copied by this library" },
                    ),
                );
                let in_place = end.is_in_place() && memory.posts;
                self.xdp = Xdp::Bound(Box::new(end));
                in_place
            }
            Err(failed) => {
                self.give_up(failed);
                false
            }
        }
    }

    /// AF_XDP turns out not to work: the VI goes on by packet sockets, or not at all.
    #[cold]
    fn give_up(&mut self, failed: Failed) {
        self.place.with_takers(|takers| takers.xdp = None);
        self.interface.xdp_taken.store(false, Release);
        let filters = self.interface.with_rules(|rules| rules.of(|owner| self.place.owns(owner)).collect::<Vec<_>>());
        let packets = self.without_xdp(failed).and_then(|()| {
            if filters.is_empty() {
                return Ok(());
            }
            self.receiver()?;
            self.interface.change(|_| Ok(()))?;
            filters.iter().try_for_each(|filter| self.place.admit(&self.interface, filter))
        });
        self.broken = packets.is_err();
    }

    /// The receiving side of packet sockets, opened on first asking.
    fn receiver(&mut self) -> Result<&mut Receiver> {
        if self.receiver.is_none() {
            let interface = &self.interface;
            let receiver = Receiver::open(interface.netdev.index, interface.frame, interface.choice.format())
                .or_else(|e| refuse(interface, e, reason(PACKET, e)))?;
            self.place.with_takers(|takers| takers.packet = Some(receiver.lost()));
            self.overruns.add(receiver.lost());
            if let Some(interrupt) = &self.interrupt {
                interrupt.watch(receiver.fd())?;
            }
            self.receiver = Some(receiver);
        }
        self.receiver.as_mut().ok_or(Errno(libc::EIO))
    }

    /// What AF_XDP has.
    #[inline]
    fn next_xdp(&mut self) -> Option<Arrival> {
        let Xdp::Bound(end) = &mut self.xdp else { return None };
        loop {
            let received = end.peek()?;
            if received.length > self.interface.frame {
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
        if !frame.flags.has(Flags::FCS_BAD) {
            let taken = match (&mut self.xdp, &mut self.sender) {
                (Xdp::Bound(end), _) => end.transmit(frame),
                (Xdp::No, Some(sender)) => {
                    let taken = sender.write(frame);
                    self.cells.tx_copied.add(taken.into());
                    taken
                }
                _ => false,
            };
            self.cells.tx_refused.add((!taken).into());
        }
        OnWire { stamp, claimed: true }
    }

    #[inline]
    fn arrival(&mut self) -> Option<Arrival> {
        if self.arrived.is_none() {
            let by_xdp = self.next_xdp().map(|arrival| (arrival, From::Xdp));
            self.arrived = by_xdp.or_else(|| self.next_packet().map(|arrival| (arrival, From::Packet)));
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
        if self.place.with_takers(|takers| takers.xdp.take()).is_some() {
            // The program goes before another VI's comes.
            self.xdp = Xdp::No;
            self.interface.xdp_taken.store(false, Release);
        }
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
