//! One end's place on the wire: a virtual interface set up for a way to send, its packet memory, and the control
//! messages over it.

use std::fmt;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail};
use efvi::{
    Buffer, Capability, Ctpio, CutThrough, DiscardReason, Driver, Event, Filter, PacketPool, PdFlags, Pieces,
    ProtectionDomain, Rejected, SendMode, Timestamps, Transmit, TxPush, VirtualInterface,
};
use examples::frame::{self, HEADERS, Mac, Route, TAGGED_HEADERS};

use super::cli::Place;
use super::plan::{Mode, Run, SetUp, Threshold};
use super::protocol::{self, MARK, Message, NotAMessage};

/// Descriptors of each ring: one round trip is under way at a time; the rest is for what else may arrive.
const RING: u32 = 512;
/// Buffers: for the receive ring, and as many for what is being sent.
const BUFFERS: usize = 2 * RING as usize;
/// Bytes of a buffer. A received frame with the adapter's prefix fits what EF10 uses of it, which is 1792, or comes in
/// several.
const BUFFER_SIZE: usize = 2048;
const LONGEST_SINGLE: usize = 1792 - 14;
/// The longest frame of all: with as many pieces as one may have, of which the first is no shorter than the others.
const LONGEST_FRAME: usize = Pieces::MAX * LONGEST_SINGLE;
/// The longest frame by CTPIO, which is what the adapter's aperture takes.
const LONGEST_CTPIO: usize = 4092;
/// Empty polls in a row after which waiting for a message sleeps: nobody measures how long that takes.
const SPIN: u32 = 1000;
const SLEEP: Duration = Duration::from_micros(50);

const _: () = assert!(protocol::LONGEST + TAGGED_HEADERS <= LONGEST_SINGLE);

/// Opens the interface.
pub fn open_domain(place: &Place) -> Result<ProtectionDomain> {
    let driver = Driver::open()?;
    let mut flags = PdFlags::empty();
    if place.express {
        // Not every release has the flag.
        flags = PdFlags::from_name("EXPRESS").context(
            "`--express`: the interface of this release of Onload has no express datapath; build for 9.0.1 or a later one",
        )?;
    }
    Ok(ProtectionDomain::builder().flags(flags).open(&driver, &place.interface)?)
}

/// What of the adapter keeps it from sending a run's frames so, if anything does. Where every send is written through, a
/// send that asks for no CTPIO is made all the same, but it is no send by DMA.
pub fn lacking(domain: &ProtectionDomain, place: &Place, run: &Run) -> Result<Option<String>> {
    let mode = run.set_up.mode;
    let length = run.frame_length(frame::headers(place.vlan));
    let only_ctpio = domain.capability(Capability::CtpioOnly)?.is_some();
    Ok(match mode {
        Mode::Ctpio if length > LONGEST_CTPIO => {
            Some(format!("CTPIO takes frames of up to {LONGEST_CTPIO} bytes, and these have {length}"))
        }
        Mode::Ctpio | Mode::Best => None,
        _ if only_ctpio => Some("this adapter sends by CTPIO only".to_owned()),
        Mode::Pio if !SendMode::Pio.is_supported(domain)? => Some("this adapter has no PIO".to_owned()),
        Mode::Pio if length > LONGEST_SINGLE => {
            Some(format!("PIO is from one buffer, which takes {LONGEST_SINGLE} bytes, and these frames have {length}"))
        }
        Mode::Pio | Mode::DmaPush | Mode::DmaDoorbell => None,
    })
}

/// A virtual interface, its memory, and who it is.
pub struct Station {
    pub set_up: SetUp,
    pub mac: Mac,
    pub vi: VirtualInterface,
    pub pool: PacketPool,
    /// The fastest way that this end's adapter has, if that is what is asked for.
    best: Option<SendMode>,
    place: Place,
}

/// A control message that arrived, or what looked like one.
#[derive(Debug)]
pub struct Heard {
    pub message: Result<Message, NotAMessage>,
    pub route: Route,
    /// That the frame's timestamp was there, if any were asked for.
    pub timestamp: bool,
}

impl Station {
    /// Makes a virtual interface for this set-up, with the filter for this end's address and receive buffers posted.
    pub fn open(domain: &ProtectionDomain, place: &Place, set_up: SetUp) -> Result<Station> {
        let mut builder = VirtualInterface::builder().rx_capacity(RING).tx_capacity(RING);
        if set_up.timestamps {
            builder = builder.timestamps(Timestamps::RX | Timestamps::TX);
        }
        let mut best = None;
        let mut vi = match set_up.mode {
            Mode::DmaDoorbell => builder.tx_push(TxPush::Never).build(domain)?,
            Mode::DmaPush => builder.tx_push(TxPush::Always).build(domain)?,
            Mode::Pio => SendMode::Pio.build(builder, domain)?,
            Mode::Ctpio if set_up.no_poison => builder.ctpio(Ctpio::NoPoison).build(domain)?,
            Mode::Ctpio => builder.ctpio(Ctpio::Poison).build(domain)?,
            Mode::Best => {
                let mode = match SendMode::best(domain)? {
                    // Cut through, it may poison.
                    SendMode::Ctpio(_) if set_up.no_poison => SendMode::Ctpio(CutThrough::StoreAndForward),
                    mode => mode,
                };
                best.insert(mode).build(builder, domain)?
            }
        };
        let mut pool = PacketPool::builder().buffers(BUFFERS).buffer_size(BUFFER_SIZE).build(domain)?;
        vi.split().1.fill(&mut pool).map_err(efvi::Error::Rejected)?;
        let filter = Filter::udp_local(place.local);
        let filter = place.vlan.map_or(filter, |vlan| filter.vlan(vlan.id()));
        vi.filter_add(&filter).map_err(|error| no_filter(error, place))?;
        let mac = vi.mac()?.octets();
        Ok(Station { set_up, mac, vi, pool, best, place: place.clone() })
    }

    /// How a run with this station's set-up hands its frames to the adapter.
    pub fn way(&self, run: &Run) -> Way {
        match (self.best, self.set_up.mode, run.threshold) {
            (Some(SendMode::Ctpio(_)), ..) if self.length(run) > LONGEST_CTPIO => Way::By(SendMode::Dma),
            (Some(SendMode::Pio), ..) if !self.fits_one_buffer(run) => Way::By(SendMode::Dma),
            (Some(mode), ..) => Way::By(mode),
            (None, Mode::Pio, _) => Way::By(SendMode::Pio),
            (None, Mode::DmaPush | Mode::DmaDoorbell | Mode::Best, _) => Way::By(SendMode::Dma),
            (None, Mode::Ctpio, Threshold::Bytes(bytes)) => Way::Ctpio(CutThrough::After(bytes.into())),
            (None, Mode::Ctpio, Threshold::StoreAndForward) => Way::Ctpio(CutThrough::StoreAndForward),
        }
    }

    /// Bytes of each of a run's frames.
    fn length(&self, run: &Run) -> usize {
        run.frame_length(frame::headers(self.place.vlan))
    }

    /// Whether each of a run's frames is sent from one buffer, and received into one.
    pub fn fits_one_buffer(&self, run: &Run) -> bool {
        self.length(run) <= LONGEST_SINGLE
    }

    /// The largest UDP payload of a frame. A VLAN's tag is on top of the MTU.
    pub fn largest_payload(&self) -> Result<usize> {
        let frame = (self.vi.mtu()? as usize).min(LONGEST_FRAME - (TAGGED_HEADERS - HEADERS));
        Ok(frame.saturating_sub(HEADERS))
    }

    /// The way from this end to the other.
    pub fn route_to(&self, peer: Mac) -> Route {
        Route {
            source_mac: self.mac,
            destination_mac: peer,
            source: self.place.local,
            destination: self.place.remote,
            vlan: self.place.vlan,
        }
    }

    /// The other end is this one, from here on.
    pub fn answer(&mut self, remote: SocketAddrV4) {
        self.place.remote = remote;
    }

    /// Sends a control message.
    pub fn say(&mut self, message: &Message, to: Mac) -> Result<()> {
        let route = self.route_to(to);
        say(&mut self.vi.split().0, &mut self.pool, message, &route)
    }

    /// Waits for a control message that `wanted` makes something of, until the deadline: `None` then.
    pub fn hear<T>(&mut self, deadline: Instant, mut wanted: impl FnMut(Heard) -> Option<T>) -> Result<Option<T>> {
        let (_, mut receive) = self.vi.split();
        let mut empty = 0;
        loop {
            let mut found = None;
            let mut events = receive.poll();
            let mut any = false;
            while let Some(event) = events.next() {
                any = true;
                match event {
                    Event::Received(packet) => {
                        if found.is_none()
                            && let Ok(udp) = frame::read(&packet)
                            && udp.route.destination == self.place.local
                        {
                            found = wanted(Heard {
                                message: Message::decode(udp.payload),
                                route: udp.route,
                                timestamp: packet.timestamp().is_ok(),
                            });
                        }
                    }
                    // Anyone may send us garbage; here it is not what is measured.
                    Event::Discarded(_) => {}
                    other => must_be_harmless(&other)?,
                }
            }
            drop(events);
            if found.is_some() {
                return Ok(found);
            }
            empty = if any { 0 } else { empty + 1 };
            if Instant::now() >= deadline {
                return Ok(None);
            }
            if empty > SPIN {
                std::thread::sleep(SLEEP);
            }
        }
    }
}

/// Sends a control message by an open transmit half.
pub fn say(transmit: &mut Transmit<'_>, pool: &mut PacketPool, message: &Message, route: &Route) -> Result<()> {
    let mut bytes = vec![0; route.headers()];
    bytes.extend_from_slice(&message.encode());
    frame::write_headers(&mut bytes, route, 0);
    let mut buffer = pool.take().context("no buffer left for a control message")?;
    buffer.write(&bytes)?;
    transmit.send(buffer).map_err(efvi::Error::from).context("sending a control message")
}

/// Whether a frame with so many bytes before its payload is a control message's, by the first byte of that. Measured
/// frames are none.
#[inline(always)]
pub fn is_control(frame: &[u8], headers: usize) -> bool {
    frame.get(headers).is_some_and(|first| *first == MARK)
}

/// How a run hands its frames to the adapter.
#[derive(Debug, Clone, Copy)]
pub enum Way {
    By(SendMode),
    Ctpio(CutThrough),
}

impl Way {
    /// Sends a measured frame.
    #[inline(always)]
    pub fn send(self, transmit: &mut Transmit<'_>, buffer: Buffer) -> Result<(), Rejected> {
        match self {
            Way::By(mode) => transmit.send_by(mode, buffer),
            Way::Ctpio(threshold) => transmit.send_ctpio(buffer, threshold),
        }
    }

    /// Sends a measured frame that is in several buffers; by DMA, what would be by PIO.
    pub fn send_pieces(self, transmit: &mut Transmit<'_>, pieces: Pieces) -> Result<(), Rejected<Pieces>> {
        match self {
            Way::By(SendMode::Ctpio(threshold)) | Way::Ctpio(threshold) => {
                transmit.send_ctpio_pieces(pieces, threshold)
            }
            Way::By(_) => transmit.send_pieces(pieces),
        }
    }
}

/// Lets pass what does not matter to a round trip; an error for what ends it.
#[cold]
pub fn must_be_harmless(event: &Event<'_>) -> Result<()> {
    match event {
        Event::Received(_) | Event::Sent(_) | Event::Software(_) => Ok(()),
        Event::Discarded(packet) => bail!("the adapter discarded a received frame: {:?}", packet.reason()),
        Event::Reset => {
            bail!("the adapter was reset or unplugged, or the interface deleted: start again when it is there")
        }
        other => bail!("the adapter reported {other:?}; the virtual interface can't go on"),
    }
}

/// Whether a discarded frame is one of a CTPIO underrun: spoilt on purpose, with the good one behind it.
#[cold]
pub fn is_poisoned(set_up: SetUp, reason: DiscardReason) -> bool {
    matches!(set_up.mode, Mode::Ctpio | Mode::Best) && !set_up.no_poison && reason == DiscardReason::Crc
}

/// Why a set-up did not work: `Err` if the interface can't be used at all, `Ok` with the reason if only this set-up
/// is beyond the adapter.
pub fn diagnose(domain: &ProtectionDomain, place: &Place, set_up: SetUp, error: anyhow::Error) -> Result<String> {
    if set_up == SetUp::PLAIN || Station::open(domain, place, SetUp::PLAIN).is_err() {
        return Err(error);
    }
    let mut reason = format!("{error:#}");
    let without = SetUp { timestamps: false, ..set_up };
    if set_up.timestamps && Station::open(domain, place, without).is_ok() {
        reason += "; it works with --no-timestamps";
    }
    Ok(reason)
}

/// Says what it means here that the adapter did not take the filter.
fn no_filter(error: efvi::Error, place: &Place) -> anyhow::Error {
    const EEXIST: i32 = 17;
    const EPROTONOSUPPORT: i32 = 93;
    let efvi::Error::Filter { errno, .. } = &error else { return anyhow!(error) };
    let meaning = match (errno.code(), place.vlan) {
        (EEXIST, _) => format!(
            "{} on {} is in use by another program; give each pair of ping and pong a `--port` of its own",
            place.local, place.interface
        ),
        (EPROTONOSUPPORT, Some(vlan)) => format!(
            "the adapter of {} can't steer UDP in VLAN {} (no `Capability::FilterIpVlan`); do without `--vlan`, or use an \
             adapter that can",
            place.interface,
            vlan.id()
        ),
        _ => return anyhow!(error),
    };
    anyhow!(error).context(meaning)
}

impl fmt::Debug for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Station").field("set_up", &self.set_up).finish_non_exhaustive()
    }
}
