//! One end of a wire: a virtual interface with its memory, its filter, and the way to the other end.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::str::FromStr;

use anyhow::{Context as _, Result, anyhow, bail};
use efvi::{
    Buffer, Ctpio, CutThrough, Driver, Event, Filter, Packet, PacketPool, ProtectionDomain, Receive, Rejected,
    Timestamps, Transmit, TxPush, VirtualInterface,
};
use examples::frame::{self, HEADERS, Mac, Route};

use crate::patience::Patience;

/// The length of the frames, in bytes, without the frame check sequence: 42 of headers and 22 of UDP payload.
pub const FRAME: usize = 64;

/// Frames that may be sent before the other end polls: the mock's wire holds 256.
pub const BURST: usize = 128;

const RING: u32 = 512;
const BUFFERS: usize = 2 * RING as usize;

/// When the adapter may start on a CTPIO frame: with its whole length there, which for so short a frame is at once.
const CUT_THROUGH: CutThrough = CutThrough::After(FRAME as u32);

/// How frames are handed to the adapter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By DMA, the descriptor going along with the doorbell.
    DmaPush,
    /// By DMA, the doorbell alone.
    DmaDoorbell,
    /// By CTPIO, with the fallback by DMA behind it.
    Ctpio,
}

/// What is measured of a way to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// How frames are handed to the adapter.
    pub mode: Mode,
    /// Whether the adapter timestamps what it sends and receives.
    pub timestamps: bool,
}

impl Kind {
    /// Without timestamps.
    #[must_use]
    pub const fn plain(mode: Mode) -> Kind {
        Kind { mode, timestamps: false }
    }

    /// With timestamps in both directions.
    #[must_use]
    pub const fn timestamped(mode: Mode) -> Kind {
        Kind { mode, timestamps: true }
    }
}

const MODES: [(Mode, &str); 3] =
    [(Mode::DmaPush, "dma-push"), (Mode::DmaDoorbell, "dma-doorbell"), (Mode::Ctpio, "ctpio")];
const WITH_TIMESTAMPS: &str = "+timestamps";

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = MODES.iter().find(|(mode, _)| *mode == self.mode).map_or("", |(_, name)| name);
        write!(f, "{name}{}", if self.timestamps { WITH_TIMESTAMPS } else { "" })
    }
}

impl FromStr for Kind {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Kind> {
        let (name, timestamps) = text.strip_suffix(WITH_TIMESTAMPS).map_or((text, false), |name| (name, true));
        let known = MODES.iter().find(|(_, known)| *known == name);
        let (mode, _) =
            known.ok_or_else(|| anyhow!("`{text}` is no kind of round trip, as `ctpio+timestamps` is one"))?;
        Ok(Kind { mode: *mode, timestamps })
    }
}

/// Which of two ends: each has its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The one that measures.
    Near,
    /// The one that answers.
    Far,
}

impl Side {
    fn address(self) -> SocketAddrV4 {
        match self {
            Side::Near => SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 7001),
            Side::Far => SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), 7002),
        }
    }

    fn other(self) -> Side {
        match self {
            Side::Near => Side::Far,
            Side::Far => Side::Near,
        }
    }
}

/// A virtual interface ready for use: its receive ring full, its filter set.
pub struct End {
    /// The interface.
    pub vi: VirtualInterface,
    /// The buffers that are not in its rings.
    pub pool: PacketPool,
    /// How it sends.
    pub mode: Mode,
    /// The way from this end to the other.
    pub route: Route,
}

impl End {
    /// Opens one side of an interface, on which `peer` is the other side's address.
    ///
    /// # Errors
    /// efvi's, with what it was for.
    pub fn open(interface: &str, side: Side, peer: Mac, kind: Kind) -> Result<End> {
        let domain = ProtectionDomain::open(&Driver::open()?, interface)?;
        let mut builder = VirtualInterface::builder().rx_capacity(RING).tx_capacity(RING);
        builder = match kind.mode {
            Mode::DmaPush => builder.tx_push(TxPush::Always),
            Mode::DmaDoorbell => builder.tx_push(TxPush::Never),
            Mode::Ctpio => builder.ctpio(Ctpio::Poison),
        };
        if kind.timestamps {
            builder = builder.timestamps(Timestamps::RX | Timestamps::TX);
        }
        let mut vi = builder.build(&domain)?;
        let mut pool = PacketPool::builder().buffers(BUFFERS).build(&domain)?;
        vi.split().1.fill(&mut pool).context("filling the receive ring")?;
        vi.filter_add(&Filter::udp_local(side.address()))?;
        let route = Route {
            source_mac: vi.mac()?.octets(),
            destination_mac: peer,
            source: side.address(),
            destination: side.other().address(),
            vlan: None,
        };
        Ok(End { vi, pool, mode: kind.mode, route })
    }

    /// Both ends of a cable in this process, near and far.
    ///
    /// # Errors
    /// As of [`open`](Self::open).
    #[cfg(feature = "mock-nic")]
    pub fn pair(kind: Kind) -> Result<(End, End)> {
        let fabric = efvi::mock::Fabric::new();
        let (near, far) = fabric.cable().map_err(|errno| anyhow!("no cable: {errno:?}"))?;
        // The ends keep their ports, so the fabric may go.
        Ok((End::open(near.name(), Side::Near, far.mac(), kind)?, End::open(far.name(), Side::Far, near.mac(), kind)?))
    }

    /// A buffer with a frame of [`FRAME`] bytes for the other end, checksums filled in.
    ///
    /// # Errors
    /// The pool is empty, or its buffers too short.
    pub fn frame(&mut self) -> Result<Buffer> {
        let mut buffer = self.pool.take().context("no buffer left to send from")?;
        buffer.capacity_mut()[HEADERS..FRAME].fill(0xa5);
        buffer.set_len(FRAME)?;
        frame::write_headers(&mut buffer, &self.route, 0);
        Ok(buffer)
    }

    /// Takes the next so many frames, and posts their buffers again.
    ///
    /// # Errors
    /// As of [`receive`].
    pub fn drain(&mut self, frames: usize) -> Result<()> {
        receive(&mut self.vi.split().1, frames, |_| Ok(()))
    }
}

impl Mode {
    /// Sends a frame.
    ///
    /// # Errors
    /// efvi's.
    #[inline(always)]
    pub fn send(self, tx: &mut Transmit<'_>, buffer: Buffer) -> Result<(), Rejected> {
        match self {
            Mode::DmaPush | Mode::DmaDoorbell => tx.send(buffer),
            Mode::Ctpio => tx.send_ctpio(buffer, CUT_THROUGH),
        }
    }
}

/// Polls until so many frames have been received, and hands each to `take`.
///
/// # Errors
/// They do not come, something else does, or `take` fails.
#[inline(always)]
pub fn receive(rx: &mut Receive<'_>, frames: usize, mut take: impl FnMut(Packet<'_>) -> Result<()>) -> Result<()> {
    wait(rx, frames, "a frame", |event| match event {
        Event::Received(packet) => take(packet),
        other => unexpected(&other),
    })
}

/// Polls until so many sends have completed, and hands their buffers to `back`.
///
/// # Errors
/// They do not complete, or something else happens.
#[inline(always)]
pub fn complete(rx: &mut Receive<'_>, sends: usize, mut back: impl FnMut(Buffer)) -> Result<()> {
    wait(rx, sends, "the completion of a send", |event| match event {
        Event::Sent(sent) => {
            back(sent.buffer);
            Ok(())
        }
        other => unexpected(&other),
    })
}

#[inline(always)]
fn wait(rx: &mut Receive<'_>, events: usize, what: &str, mut each: impl FnMut(Event<'_>) -> Result<()>) -> Result<()> {
    let mut left = events;
    let mut patience = Patience::new();
    while left > 0 {
        let before = left;
        let mut events = rx.poll();
        while let Some(event) = events.next() {
            each(event)?;
            left = left.saturating_sub(1);
        }
        if left == before {
            patience.nothing(what)?;
        }
    }
    Ok(())
}

/// The error for an event that has no place in a benchmark.
///
/// # Errors
/// Always.
#[cold]
pub fn unexpected(event: &Event<'_>) -> Result<()> {
    bail!("unexpected event: {event:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_it_is_written() {
        for (mode, _) in MODES {
            for kind in [Kind::plain(mode), Kind::timestamped(mode)] {
                assert_eq!(kind.to_string().parse::<Kind>().unwrap(), kind);
            }
        }
        assert!("pigeon".parse::<Kind>().unwrap_err().to_string().contains("pigeon"));
    }

    #[cfg(feature = "mock-nic")]
    #[test]
    fn a_burst_arrives_whole_and_as_it_was_sent() {
        for (mode, _) in MODES {
            let (mut near, mut far) = End::pair(Kind::plain(mode)).unwrap();
            let expected = near.frame().unwrap().to_vec();
            assert_eq!(frame::read(&expected).unwrap().payload, [0xa5; FRAME - HEADERS]);
            for _ in 0..BURST {
                let buffer = near.frame().unwrap();
                mode.send(&mut near.vi.split().0, buffer).unwrap();
            }
            let mut back = 0;
            complete(&mut near.vi.split().1, BURST, |_| back += 1).unwrap();
            assert_eq!(back, BURST);
            let (_, mut rx) = far.vi.split();
            let mut events = rx.poll();
            let Some(Event::Received(packet)) = events.next() else { panic!("no frame came by {mode:?}") };
            assert_eq!(packet[..], expected);
            drop(events);
            // Whatever that poll took beside the first frame is posted again; the ring is full but for those staged.
            assert!(rx.space() < RING as usize / 2);
        }
    }
}
