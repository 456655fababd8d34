//! An end that is efvi's: a virtual interface, the same on every wire.

use std::net::SocketAddrV4;

use anyhow::{Context as _, Result, bail};
use efvi::{DiscardReason, Driver, Event, Filter, PacketPool, ProtectionDomain, RejectReason, VirtualInterface};
use examples::frame::{self, BROADCAST, HEADERS, Mac, Route};

use super::drops::{self, Count};
use super::end::{End, Sleep};
use super::wire::Wire;

/// Descriptors of each ring.
const RING: u32 = 1024;
/// Buffers: for the receive ring, and as many for what is being sent.
const BUFFERS: usize = 2 * RING as usize;
/// The least bytes of a buffer that is received into.
const BUFFER_SIZE: usize = 2048;

/// Counters of the mock adapter that are of lost messages. An adapter has the fifth as well.
const LOST: [(&str, &str); 6] = [
    ("tx_refused", "interface not taking frames"),
    ("tx_no_link", "interface without a link"),
    ("tx_too_long", "longer than the MTU"),
    (OVERRUNS, "wire's ring"),
    ("rx_no_descriptor", "no buffer posted"),
    ("rx_discards", "discarded frames"),
];

const OVERRUNS: &str = "rx_overruns";

/// A virtual interface with a filter for its address.
pub struct Adapter {
    vi: VirtualInterface,
    pool: PacketPool,
    route: Route,
    /// The frame that is to be sent.
    image: Vec<u8>,
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
        Ok(Adapter { vi, pool, route, image: Vec::new(), interface: interface.to_owned(), doubles: wire == Wire::Xdp })
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
                    if frame::goes_to(&packet, HEADERS, self.route.source) {
                        count += 1;
                        taken(&packet)?;
                    }
                }
                Event::Sent(done) => self.pool.put(done.buffer),
                other => must_be_harmless(&other)?,
            }
        }
        drop(events);
        Ok(count)
    }
}

/// An error for what ends a measurement.
#[cold]
fn must_be_harmless(event: &Event<'_>) -> Result<()> {
    match event {
        Event::Discarded(packet) if packet.reason() != DiscardReason::Crc => {
            bail!("the adapter discarded a received frame: {:?}", packet.reason())
        }
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
        let Some(mut buffer) = self.pool.take() else {
            // Those that were sent come back by events.
            return Ok(false);
        };
        self.image.resize(HEADERS + message.len(), 0);
        self.image[HEADERS..].copy_from_slice(message);
        frame::write_headers(&mut self.image, &self.route, 0);
        buffer.write(&self.image)?;
        match self.vi.split().0.send(buffer) {
            Ok(()) => Ok(true),
            Err(rejected) if rejected.reason == RejectReason::RingFull => {
                self.pool.put(rejected.buffer);
                Ok(false)
            }
            Err(rejected) => Err(efvi::Error::from(rejected)).context("sending a message"),
        }
    }

    #[inline]
    fn receive(&mut self, _sleep: Sleep, mut taken: impl FnMut(&[u8]) -> Result<()>) -> Result<usize> {
        self.poll(|frame| taken(payload(frame)?))
    }

    #[inline]
    fn echo(&mut self, _sleep: Sleep) -> Result<usize> {
        let (own, peer) = (self.route.source_mac, self.route.destination_mac);
        let (mut transmit, mut receive) = self.vi.split();
        let (mut count, mut back) = (0, false);
        let mut events = receive.poll();
        while let Some(event) = events.next() {
            match event {
                Event::Received(packet) => {
                    if !frame::goes_to(&packet, HEADERS, self.route.source) {
                        continue;
                    }
                    let mut buffer = packet.keep(&mut self.pool).map_err(|not_kept| anyhow::anyhow!("{not_kept}"))?;
                    frame::turn_around(&mut buffer, HEADERS, &own, &peer);
                    match transmit.send(buffer) {
                        Ok(()) => count += 1,
                        // What does not go back is lost, and counted as such by who waits for it.
                        Err(rejected) if rejected.reason == RejectReason::RingFull => {
                            self.pool.put(rejected.buffer);
                        }
                        Err(rejected) => return Err(efvi::Error::from(rejected)).context("echoing a message"),
                    }
                }
                Event::Sent(done) => {
                    self.pool.put(done.buffer);
                    back = true;
                }
                other => must_be_harmless(&other)?,
            }
        }
        drop(events);
        if back {
            receive.fill(&mut self.pool).map_err(efvi::Error::Rejected).context("posting buffers")?;
        }
        Ok(count)
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
