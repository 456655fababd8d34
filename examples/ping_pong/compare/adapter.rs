//! An end that is efvi's: a virtual interface, the same on every wire.

use std::net::SocketAddrV4;

use anyhow::{Context as _, Result, bail};
use efvi::{
    Buffer, DiscardReason, Driver, Event, Filter, Packet, PacketPool, Pieces, ProtectionDomain, RejectReason, Transmit,
    VirtualInterface,
};
use examples::frame::{self, BROADCAST, HEADERS, Mac, Route};

use super::drops::{self, Count};
use super::end::{End, Sleep};
use super::wire::Wire;

/// Descriptors of each ring.
const RING: u32 = 1024;
/// Buffers: for the receive ring, and as many for what is being sent.
const BUFFERS: usize = 2 * RING as usize;
/// The bytes of a buffer. Longer frames take several.
const BUFFER_SIZE: usize = 2048;

/// Counters of the mock adapter that are of lost messages.
const LOST: [(&str, &str); 10] = [
    ("tx_refused", "interface not taking frames"),
    ("tx_no_link", "interface without a link"),
    ("tx_too_long", "longer than the MTU"),
    ("tx_unclaimed", "no filter for them"),
    ("tx_faulted", "fault, sending"),
    (OVERRUNS, "wire's ring"),
    // Those among them of which it had only received a part.
    ("rx_no_descriptor", "no buffer posted"),
    ("rx_discards", "discarded frames"),
    ("rx_too_long", "frames too long"),
    ("rx_faulted", "fault, receiving"),
];

const OVERRUNS: &str = "rx_overruns";
/// Its counter of system calls.
const CALLS: &str = "system_calls";

/// A virtual interface with a filter for its address.
pub struct Adapter {
    vi: VirtualInterface,
    pool: PacketPool,
    route: Route,
    /// The frame that is to be sent.
    image: Vec<u8>,
    /// Frames that were sent and of which that was not reported yet.
    under_way: usize,
    whole: Whole,
    interface: String,
    /// The interface counts what the wire's ring had no room for, too.
    doubles: bool,
}

impl Adapter {
    pub fn open(
        wire: Wire,
        interface: &str,
        local: SocketAddrV4,
        remote: SocketAddrV4,
        longest: usize,
    ) -> Result<Adapter> {
        let domain = ProtectionDomain::open(&Driver::open()?, interface)?;
        let mut vi = VirtualInterface::builder().rx_capacity(RING).tx_capacity(RING).build(&domain)?;
        let (largest, asked) = ((vi.mtu()? as usize).saturating_sub(HEADERS), longest);
        if asked > largest {
            bail!("a message of {asked} bytes does not fit a frame on {interface}; the largest is {largest}");
        }
        let mut pool = PacketPool::builder().buffers(BUFFERS).buffer_size(BUFFER_SIZE).build(&domain)?;
        vi.split().1.fill(&mut pool).map_err(efvi::Error::Rejected)?;
        vi.filter_add(&Filter::udp_local(local))?;
        let route = Route {
            source_mac: vi.mac()?.octets(),
            destination_mac: BROADCAST,
            source: local,
            destination: remote,
            vlan: None,
        };
        Ok(Adapter {
            vi,
            pool,
            route,
            image: Vec::new(),
            under_way: 0,
            whole: Whole::default(),
            interface: interface.to_owned(),
            doubles: wire == Wire::Xdp,
        })
    }

    /// Looks once what has come, and hands over the frames that are for this end.
    #[inline]
    fn poll(&mut self, mut taken: impl FnMut(&[u8]) -> Result<()>) -> Result<usize> {
        let mut count = 0;
        let (_, mut receive) = self.vi.split();
        let mut events = receive.poll();
        while let Some(event) = events.next() {
            match event {
                // Dropped, it is posted again.
                Event::Received(packet) => {
                    if let Some(frame) = self.whole.with(&packet)
                        && frame::goes_to(frame, HEADERS, self.route.source)
                    {
                        count += 1;
                        taken(frame)?;
                    }
                }
                Event::Sent(done) => {
                    self.under_way -= 1;
                    self.pool.put(done.buffer);
                }
                Event::SentPieces(done) => {
                    self.under_way -= 1;
                    done.into_pieces().for_each(|buffer| self.pool.put(buffer));
                }
                other => must_be_harmless(&other)?,
            }
        }
        drop(events);
        Ok(count)
    }
}

/// Sends a frame, from several buffers if it takes them; false if there is no room for it now.
#[inline]
fn send(transmit: &mut Transmit<'_>, pool: &mut PacketPool, frame: &[u8]) -> Result<bool> {
    if frame.len() > BUFFER_SIZE {
        return send_pieces(transmit, pool, frame);
    }
    // Those that were sent come back by events.
    let Some(mut buffer) = pool.take() else { return Ok(false) };
    buffer.write(frame)?;
    send_buffer(transmit, pool, buffer)
}

#[inline]
fn send_buffer(transmit: &mut Transmit<'_>, pool: &mut PacketPool, buffer: Buffer) -> Result<bool> {
    match transmit.send(buffer) {
        Ok(()) => Ok(true),
        Err(rejected) if rejected.reason == RejectReason::RingFull => {
            pool.put(rejected.buffer);
            Ok(false)
        }
        Err(rejected) => Err(efvi::Error::from(rejected)).context("sending a message"),
    }
}

fn send_pieces(transmit: &mut Transmit<'_>, pool: &mut PacketPool, frame: &[u8]) -> Result<bool> {
    let mut pieces = Pieces::new();
    for bytes in frame.chunks(BUFFER_SIZE) {
        let Some(mut buffer) = pool.take() else { return Ok(false) };
        buffer.write(bytes)?;
        if pieces.push(buffer).is_err() {
            bail!("a frame of {} bytes takes more than {} buffers", frame.len(), Pieces::MAX);
        }
    }
    match transmit.send_pieces(pieces) {
        Ok(()) => Ok(true),
        Err(rejected) if rejected.reason == RejectReason::RingFull => Ok(false),
        Err(rejected) => bail!("sending a message: {}", rejected.reason),
    }
}

/// Puts frames together that come in several buffers.
#[derive(Default)]
struct Whole(Vec<u8>);

impl Whole {
    /// The frame that ends with this buffer, if one does.
    #[inline]
    fn with<'a>(&'a mut self, packet: &'a Packet<'_>) -> Option<&'a [u8]> {
        if is_whole(packet) { Some(packet.frame()) } else { self.with_piece(packet).map(|frame| &*frame) }
    }

    #[cold]
    fn with_piece(&mut self, packet: &Packet<'_>) -> Option<&mut [u8]> {
        if packet.is_start() {
            self.0.clear();
        }
        self.0.extend_from_slice(packet.frame());
        (!packet.continues()).then_some(&mut self.0)
    }
}

/// True of a frame that is in one buffer.
#[inline]
fn is_whole(packet: &Packet<'_>) -> bool {
    packet.is_start() && !packet.continues()
}

/// An error for what ends a measurement.
#[cold]
fn must_be_harmless(event: &Event<'_>) -> Result<()> {
    match event {
        Event::Discarded(packet) if packet.reason() != DiscardReason::Crc => {
            bail!("the adapter discarded a received frame: {:?}", packet.reason())
        }
        // The end of a frame for which there was no buffer: it is counted.
        Event::NoDescriptors => Ok(()),
        Event::Discarded(_) | Event::Received(_) | Event::Sent(_) | Event::Software(_) => Ok(()),
        other => bail!("the adapter reported {other:?}; the virtual interface can't go on"),
    }
}

/// The payload of a frame that is for this end.
#[inline]
fn payload(frame: &[u8]) -> Result<&[u8]> {
    Ok(frame::read(frame)?.payload)
}

impl End for Adapter {
    fn sleeps(&self) -> bool {
        false
    }

    fn mac(&self) -> Option<Mac> {
        Some(self.route.source_mac)
    }

    fn set_peer(&mut self, mac: Mac) {
        self.route.destination_mac = mac;
    }

    #[inline]
    fn send(&mut self, message: &[u8]) -> Result<bool> {
        self.image.resize(HEADERS + message.len(), 0);
        self.image[HEADERS..].copy_from_slice(message);
        frame::write_headers(&mut self.image, &self.route, 0);
        let sent = send(&mut self.vi.split().0, &mut self.pool, &self.image)?;
        self.under_way += usize::from(sent);
        Ok(sent)
    }

    #[inline]
    fn receive(&mut self, _sleep: Sleep, mut taken: impl FnMut(&[u8]) -> Result<()>) -> Result<usize> {
        self.poll(|frame| taken(payload(frame)?))
    }

    #[inline]
    fn echo(&mut self, _sleep: Sleep) -> Result<usize> {
        let (own, peer) = (self.route.source_mac, self.route.destination_mac);
        let (mut transmit, mut receive) = self.vi.split();
        let (mut count, mut back) = (0, 0);
        let mut events = receive.poll();
        while let Some(event) = events.next() {
            match event {
                Event::Received(packet) if is_whole(&packet) => {
                    if !frame::goes_to(&packet, HEADERS, self.route.source) {
                        continue;
                    }
                    let mut buffer = packet.keep(&mut self.pool).map_err(|not_kept| anyhow::anyhow!("{not_kept}"))?;
                    frame::turn_around(&mut buffer, HEADERS, &own, &peer);
                    // What does not go back is lost, and counted as such by who waits for it.
                    let sent = send_buffer(&mut transmit, &mut self.pool, buffer)?;
                    count += usize::from(sent);
                }
                Event::Received(packet) => {
                    if let Some(frame) = self.whole.with_piece(&packet)
                        && frame::goes_to(frame, HEADERS, self.route.source)
                    {
                        frame::turn_around(frame, HEADERS, &own, &peer);
                        count += usize::from(send(&mut transmit, &mut self.pool, frame)?);
                    }
                }
                Event::Sent(done) => {
                    back += 1;
                    self.pool.put(done.buffer);
                }
                Event::SentPieces(done) => {
                    back += 1;
                    done.into_pieces().for_each(|buffer| self.pool.put(buffer));
                }
                other => must_be_harmless(&other)?,
            }
        }
        drop(events);
        self.under_way = (self.under_way + count) - back;
        if back > 0 {
            receive.fill(&mut self.pool).map_err(efvi::Error::Rejected).context("posting buffers")?;
        }
        Ok(count)
    }

    fn is_done(&self) -> bool {
        self.under_way == 0
    }

    fn calls(&self) -> Result<Option<u64>> {
        // Not every adapter has statistics of a VI, and none but the mock counts these.
        Ok(self.vi.statistics().ok().and_then(|statistics| statistics.get(CALLS)))
    }

    fn lost(&self) -> Result<Vec<Count>> {
        let mut lost = drops::of_interface(&self.interface);
        // Not every adapter has statistics of a VI.
        if let Ok(statistics) = self.vi.statistics() {
            if self.doubles
                && let Some(overruns) = statistics.get(OVERRUNS)
                && let Some(received) = lost.iter_mut().find(|count| count.at == drops::RECEIVING)
            {
                received.messages = received.messages.saturating_sub(overruns);
            }
            let known = LOST.iter().filter_map(|(name, at)| Some(Count::new(at, statistics.get(name)?)));
            lost.extend(known);
        }
        Ok(lost)
    }
}
