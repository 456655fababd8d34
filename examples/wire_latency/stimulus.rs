//! Sends frames to be answered, one at a time.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use efvi::{Driver, Event, Filter, PacketPool, ProtectionDomain, VirtualInterface};
use examples::frame::{self, HEADERS, Mac, Route};

/// After which a frame is taken for lost, and the next one sent.
const LOST: Duration = Duration::from_millis(100);

/// Sends a frame to that address, waits for the answer, and so on until it is `ended`.
pub fn run(interface: &str, to: SocketAddrV4, mac: Mac, size: usize, ended: &AtomicBool) -> Result<()> {
    let domain = ProtectionDomain::open(&Driver::open()?, interface)?;
    let mut pool = PacketPool::builder().buffers(1024).build(&domain)?;
    let mut vi = VirtualInterface::builder().build(&domain)?;
    let from = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), to.port());
    vi.filter_add(&Filter::udp_local(from))?;
    let source_mac = vi.mac()?.octets();
    let route = Route { source_mac, destination_mac: mac, source: from, destination: to, vlan: None };
    let (mut tx, mut rx) = vi.split();
    rx.fill(&mut pool)?;
    let mut bytes = vec![0; HEADERS + size];
    frame::write_headers(&mut bytes, &route, 0);
    while !ended.load(Ordering::Relaxed) {
        let mut buffer = pool.take().context("no buffer left: sends do not complete")?;
        buffer.write(&bytes)?;
        tx.send(buffer).map_err(efvi::Error::from)?;
        let deadline = Instant::now() + LOST;
        let mut answered = false;
        while !answered && !ended.load(Ordering::Relaxed) && Instant::now() < deadline {
            let mut events = rx.poll();
            let idle = events.is_empty();
            while let Some(event) = events.next() {
                match event {
                    // An X3's queue is shared with other programs.
                    Event::Received(packet) => answered |= frame::goes_to(&packet, HEADERS, from),
                    Event::Sent(sent) => pool.put(sent.buffer),
                    _ => {}
                }
            }
            drop(events);
            if idle {
                std::thread::yield_now();
            }
        }
    }
    Ok(())
}
