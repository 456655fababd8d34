//! Which way a VI's frames go: through AF_XDP, or through packet sockets where that can't be had.

use super::{MachineLink, Xdp};
use crate::clock::clock;
use crate::errno::{Errno, Result};
use crate::port::max_frame;
use crate::wire::Attachment;
use crate::wire::machine::monitor::Monitor;
use crate::wire::machine::netdev::queues;
use crate::wire::machine::place::Place;
use crate::wire::machine::said::{PACKET, reason, refuse, say, take_refusal};
use crate::wire::machine::{Choice, Interface};
use crate::wire::outside::Memory;
use crate::wire::packet::{Receiver, Sender};
use crate::wire::xdp::{Failed, Mode, Prepared};
use core::sync::atomic::Ordering::{AcqRel, Release};
use std::sync::Arc;

/// What AF_XDP has no place for.
const UNSERVED: Errno = Errno(libc::EOPNOTSUPP);

impl MachineLink {
    pub(in crate::wire::machine) fn open(interface: &Arc<Interface>, how: Attachment) -> Result<Self> {
        // What another call was refused for is not this one's.
        take_refusal();
        let place = Arc::new(Place::new(interface.number()));
        let monitor = Monitor::new(interface.netdev.index);
        let monitor =
            monitor.or_else(|e| refuse(interface, e, reason(interface, "listening for the interface's changes", e)))?;
        let frame = max_frame(monitor.condition.mtu.min(interface.most));
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
            monitor,
            frame,
            longest: 0,
            unsent: 0,
            overruns: Arc::default(),
            clock: clock(),
            crowded: false,
            withdrawn: false,
            broken: false,
        };
        link.longest = link.longest_now();
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
        // Its sockets can't be bound to one that is down, which would be found out only later.
        if !self.monitor.condition.up {
            return Err(("AF_XDP on the interface", Errno(libc::ENETDOWN)));
        }
        if interface.xdp_taken.swap(true, AcqRel) {
            return Err(("AF_XDP, which another VI of this process has on the interface", Errno(libc::EBUSY)));
        }
        let queues = queues(&interface.name_now().unwrap_or_default());
        let modes = interface.choice.modes();
        let prepared = Prepared::new(interface.netdev.index, queues, self.frame, self.stamps, modes);
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
        let text = reason(&self.interface, what, errno);
        if matches!(self.interface.choice, Choice::Xdp | Choice::GenericXdp) {
            return refuse(&self.interface, errno, text);
        }
        self.use_packets(&text)
    }

    pub(super) fn use_packets(&mut self, why: &str) -> Result<()> {
        let interface = &self.interface;
        let sender = Sender::open(interface.netdev.index, self.frame, &self.cells);
        let sender = sender.or_else(|e| refuse(interface, e, reason(interface, PACKET, e)))?;
        let bypass = sender.bypass()?;
        bypass.set(!interface.with_rules(|rules| rules.has_sniffer_of_sent()))?;
        self.place.with_takers(|takers| takers.sender = Some(bypass));
        self.sender = Some(sender);
        say(interface, format_args!("VI {} by packet sockets: {why}", self.place.number));
        Ok(())
    }

    /// The memory is known: AF_XDP sockets are bound with it. True if they write into posted buffers.
    /// While the interface is down that waits.
    #[cold]
    pub(super) fn bind(&mut self, memory: &Memory) -> bool {
        self.look_closely();
        if !self.monitor.condition.up && !self.monitor.condition.gone {
            return false;
        }
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
        let packets = self.without_xdp(failed).and_then(|()| self.admit_to_packets());
        self.broken = packets.is_err();
    }

    /// The packet socket gets what the VI's filters take.
    pub(super) fn admit_to_packets(&mut self) -> Result<()> {
        let filters = self.interface.with_rules(|rules| rules.of(|owner| self.place.owns(owner)).collect::<Vec<_>>());
        if filters.is_empty() {
            return Ok(());
        }
        self.receiver()?;
        self.interface.change(|_| Ok(()))?;
        filters.iter().try_for_each(|filter| self.place.admit(&self.interface, filter))
    }

    /// The receiving side of packet sockets, opened on first asking.
    pub(super) fn receiver(&mut self) -> Result<&mut Receiver> {
        if self.receiver.is_none() {
            let interface = &self.interface;
            let receiver = Receiver::open(interface.netdev.index, self.frame, interface.choice.format())
                .or_else(|e| refuse(interface, e, reason(interface, PACKET, e)))?;
            self.place.with_takers(|takers| takers.packet = Some(receiver.lost()));
            self.overruns.add(receiver.lost());
            if let Some(interrupt) = &self.interrupt {
                interrupt.watch(receiver.fd())?;
            }
            self.receiver = Some(receiver);
        }
        self.receiver.as_mut().ok_or(Errno(libc::EIO))
    }
}
