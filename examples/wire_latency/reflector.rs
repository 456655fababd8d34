//! Answers frames from where they lie, with the adapter's times of both.

use std::collections::VecDeque;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use efvi::{
    Ctpio, CutThrough, Driver, Event, Filter, PacketPool, ProtectionDomain, Timestamp, TimestampError, Timestamps,
    VirtualInterface,
};
use examples::frame::{self, HEADERS, Mac};

use super::latencies::Latencies;

/// Descriptors of each ring, and buffers for both.
const RING: u32 = 512;
const CUT_THROUGH: CutThrough = CutThrough::After(64);

/// A virtual interface that gives every frame for its address back to the sender.
pub struct Reflector {
    vi: VirtualInterface,
    pool: PacketPool,
    local: SocketAddrV4,
    mac: Mac,
    ctpio: bool,
}

impl Reflector {
    pub fn open(interface: &str, local: SocketAddrV4, ctpio: bool) -> Result<Reflector> {
        let domain = ProtectionDomain::open(&Driver::open()?, interface)?;
        let pool = PacketPool::builder().buffers(2 * RING as usize).build(&domain)?;
        let builder = VirtualInterface::builder().rx_capacity(RING).tx_capacity(RING);
        let builder = builder.timestamps(Timestamps::RX | Timestamps::TX).ctpio(ctpio.then_some(Ctpio::Poison));
        let vi = builder.build(&domain)?;
        vi.filter_add(&Filter::udp_local(local))?;
        let mac = vi.mac()?.octets();
        Ok(Reflector { vi, pool, local, mac, ctpio })
    }

    pub fn mac(&self) -> Mac {
        self.mac
    }

    /// Answers `count` frames; fewer if none comes for `patience`, or whoever sends them is no longer `alive`.
    pub fn run(&mut self, count: u64, patience: Duration, alive: &dyn Fn() -> bool) -> Result<Latencies> {
        /// Empty polls after which the time is looked at.
        const IDLE: u32 = 1000;
        let (mut tx, mut rx) = self.vi.split();
        rx.fill(&mut self.pool)?;
        let mut latencies = Latencies::new()?;
        // When the frames under way were received: they are sent in this order.
        let mut received: VecDeque<Result<Timestamp, TimestampError>> = VecDeque::with_capacity(RING as usize);
        let (mut last, mut idle) = (Instant::now(), 0);
        while latencies.answered() < count {
            let mut events = rx.poll();
            let mut any = false;
            let mut back = false;
            while let Some(event) = events.next() {
                any = true;
                match event {
                    Event::Received(packet) if frame::goes_to(&packet, HEADERS, self.local) && packet[6] & 1 == 0 => {
                        let time = packet.timestamp();
                        let mut buffer = packet.keep(&mut self.pool).map_err(|not_kept| anyhow!("{not_kept}"))?;
                        let mut peer = Mac::default();
                        peer.copy_from_slice(&buffer[6..12]);
                        frame::turn_around(&mut buffer, HEADERS, &self.mac, &peer);
                        let answered = if self.ctpio { tx.send_ctpio(buffer, CUT_THROUGH) } else { tx.send(buffer) };
                        answered.map_err(efvi::Error::from)?;
                        received.push_back(time);
                    }
                    Event::Sent(sent) => {
                        if let Some(time) = received.pop_front() {
                            latencies.add(time, sent.timestamp);
                        }
                        self.pool.put(sent.buffer);
                        back = true;
                    }
                    // What is not to be answered, or spoilt on the way: an X3's queue is shared with other programs.
                    Event::Received(_) | Event::Discarded(_) => {}
                    other => bail!("the adapter reported {other:?}; the virtual interface can't go on"),
                }
            }
            drop(events);
            if back {
                // None where the adapter receives into memory of its own.
                rx.fill(&mut self.pool)?;
            }
            idle = if any { 0 } else { idle + 1 };
            if any {
                last = Instant::now();
            } else if idle % IDLE == 0 {
                if last.elapsed() >= patience || !alive() {
                    break;
                }
                // There may be one CPU for both ends.
                std::thread::yield_now();
            }
        }
        Ok(latencies)
    }
}
