//! An end of the wire: a virtual interface, for as long as the adapter lets it live.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use anyhow::{Context as _, Result, bail};
use efvi::{
    Ctpio, CutThrough, Driver, Error, Event, Filter, PacketPool, PdFlags, PioRegion, ProtectionDomain, RejectReason,
    Timestamp, Timestamps, Transmit, VirtualInterface,
};
use examples::frame::{BROADCAST, Route};

use crate::Model;
use crate::frames;

/// Attempts at what is refused for a while.
const ATTEMPTS: usize = 100;

/// Which of the two ends it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Sender,
    Receiver,
}

impl Side {
    fn interface(self) -> &'static str {
        if self == Side::Sender { "cable0a" } else { "cable0b" }
    }

    fn address(self) -> SocketAddrV4 {
        SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1 + self as u8), 9401)
    }

    fn other(self) -> Self {
        if self == Side::Sender { Side::Receiver } else { Side::Sender }
    }

    /// Each end has timestamps of what it is for.
    fn timestamps(self) -> Timestamps {
        if self == Side::Sender { Timestamps::TX } else { Timestamps::RX }
    }
}

/// What the program counts.
#[derive(Default)]
pub struct Account {
    /// Frames that the ring took.
    pub sent: u64,
    /// Of these: reported as sent.
    completed: u64,
    /// Of these: reported as not sent.
    failed: u64,
    /// Of these: without a report, behind one that was not sent or with their VI.
    unreported: u64,
    /// Frames that arrived as they were sent.
    good: u64,
    /// Frames that arrived and were discards.
    discarded: u64,
    /// Frames that arrived as good ones and were not.
    pub wrong: u64,
    /// Timestamps that were not to be had, or not to be trusted.
    untimed: u64,
    /// VIs that were replaced.
    pub replaced: u64,
    /// Transmit queues that were revived.
    revived: u64,
    /// Calls that were refused, and made again.
    refused: u64,
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Account { sent, completed, failed, unreported, good, discarded, wrong, .. } = self;
        let Account { untimed, replaced, revived, refused, .. } = self;
        write!(f, "sent={sent} completed={completed} failed={failed} unreported={unreported} good={good} ")?;
        write!(f, "discarded={discarded} wrong={wrong} untimed={untimed} ")?;
        write!(f, "replaced={replaced} revived={revived} refused={refused}")
    }
}

/// The protection domain of an end; it is kept, as the adapter is.
pub fn open(side: Side, model: Model) -> Result<ProtectionDomain> {
    let flags = match model {
        Model::X4 => PdFlags::from_name("EXPRESS").context("X4's express datapath came with Onload 9.0.1")?,
        Model::X2 | Model::X3 => PdFlags::empty(),
    };
    Ok(ProtectionDomain::builder().flags(flags).open(&Driver::open()?, side.interface())?)
}

/// How a frame is sent.
#[derive(Clone, Copy)]
enum Way {
    Dma,
    Ctpio,
    Pio,
}

/// A virtual interface and what it needs.
pub struct Link {
    vi: VirtualInterface,
    pool: PacketPool,
    route: Route,
    /// How frames are sent, in turn.
    ways: &'static [Way],
    /// Frames that were sent and not reported on yet.
    under_way: u64,
    /// The adapter has given up on it: it has to be replaced.
    pub lost: bool,
}

impl Link {
    /// Sets everything up.
    pub fn new(domain: &ProtectionDomain, side: Side, model: Model, account: &mut Account) -> Result<Self> {
        let mut pool = insist(account, || PacketPool::builder().buffers(1024).build(domain))?;
        let builder = VirtualInterface::builder().rx_capacity(512).tx_capacity(512).ctpio(Ctpio::Poison);
        let mut vi = insist(account, || builder.timestamps(side.timestamps()).build(domain))?;
        vi.split().1.fill(&mut pool).map_err(Error::Rejected)?;
        insist(account, || vi.filter_add(&Filter::udp_local(side.address())))?;
        let ways: &[Way] = if model == Model::X2 {
            let region = insist(account, || PioRegion::new(domain, 4096))?;
            vi.link_pio(&region)?;
            &[Way::Dma, Way::Ctpio, Way::Pio]
        } else {
            &[Way::Dma, Way::Ctpio]
        };
        let (source, destination) = (side.address(), side.other().address());
        let route =
            Route { source_mac: vi.mac()?.octets(), destination_mac: BROADCAST, source, destination, vlan: None };
        Ok(Self { vi, pool, route, ways, under_way: 0, lost: false })
    }

    /// Sends the frame of a number; false if there is no room for it now.
    pub fn send(&mut self, number: u64, account: &mut Account) -> Result<bool> {
        if self.lost {
            return Ok(false);
        }
        let Some(mut buffer) = self.pool.take() else { return Ok(false) };
        frames::fill(&mut buffer, number, &self.route)?;
        let (mut transmit, _) = self.vi.split();
        let sent = match self.ways[(number % self.ways.len() as u64) as usize] {
            Way::Dma => transmit.send(buffer),
            Way::Ctpio => transmit.send_ctpio(buffer, CutThrough::After(64)),
            Way::Pio => match transmit.send_pio(buffer) {
                Err(rejected) if rejected.reason == RejectReason::PioFull => transmit.send(rejected.buffer),
                sent => sent,
            },
        };
        match sent {
            Ok(()) => {
                account.sent += 1;
                self.under_way += 1;
                Ok(true)
            }
            Err(rejected) if rejected.reason == RejectReason::RingFull => {
                self.pool.put(rejected.buffer);
                Ok(false)
            }
            Err(rejected) => Err(Error::from(rejected).into()),
        }
    }

    /// Takes what there is, and hands out the numbers of frames that arrived; false if there was nothing.
    pub fn poll(&mut self, account: &mut Account, mut heard: impl FnMut(u64)) -> Result<bool> {
        let (mut transmit, mut receive) = self.vi.split();
        let mut events = receive.poll();
        let (mut any, mut dead) = (false, false);
        while let Some(event) = events.next() {
            any = true;
            match event {
                Event::Received(packet) => {
                    match frames::number_of(&packet) {
                        Some(number) => heard(number),
                        None => account.wrong += 1,
                    }
                    account.good += 1;
                    account.untimed += u64::from(!is_trusted(packet.timestamp().ok()));
                }
                Event::Discarded(_) => account.discarded += 1,
                Event::Sent(sent) => {
                    account.completed += 1;
                    account.untimed += u64::from(!is_trusted(sent.timestamp));
                    self.under_way -= 1;
                    self.pool.put(sent.buffer);
                }
                Event::SendFailed(_) => {
                    account.failed += 1;
                    self.under_way -= 1;
                    dead = true;
                }
                Event::Overflow | Event::Reset => self.lost = true,
                other => bail!("the adapter reported {other:?}"),
            }
        }
        drop(events);
        if dead {
            self.lost |= !revive(&mut transmit, &mut self.under_way, account)?;
        }
        Ok(any)
    }

    /// True once all that was sent was reported on.
    pub fn is_idle(&self) -> bool {
        self.under_way == 0
    }

    /// Ends it; notes what is lost with it.
    pub fn end(self, account: &mut Account) {
        account.unreported += self.under_way;
        account.replaced += u64::from(self.lost);
    }
}

/// Has a dead transmit queue take frames again, without those that were behind the one that failed; false if nothing
/// but a new VI will do.
#[cfg(onload_since = "9.1.0")]
fn revive(transmit: &mut Transmit<'_>, under_way: &mut u64, account: &mut Account) -> Result<bool> {
    if let Some(mut queue) = transmit.dead() {
        let behind = queue.by_ref().count() as u64;
        queue.revive()?;
        *under_way -= behind;
        account.unreported += behind;
        account.revived += 1;
    }
    Ok(true)
}

/// Before Onload 9.1.0 no queue is revived.
#[cfg(not(onload_since = "9.1.0"))]
fn revive(_: &mut Transmit<'_>, _: &mut u64, _: &mut Account) -> Result<bool> {
    Ok(false)
}

fn is_trusted(timestamp: Option<Timestamp>) -> bool {
    timestamp.is_some_and(|timestamp| timestamp.sync.clock_set && timestamp.sync.in_sync)
}

/// Makes a call again while it is refused for want of what others may have.
fn insist<T>(account: &mut Account, mut call: impl FnMut() -> efvi::Result<T>) -> Result<T> {
    for _ in 0..ATTEMPTS {
        match call() {
            Ok(made) => return Ok(made),
            Err(Error::Register { .. } | Error::VirtualInterface { .. } | Error::Filter { .. } | Error::Pio { .. }) => {
                account.refused += 1
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(call()?)
}
