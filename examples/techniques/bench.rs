//! Two ends of a cable, and one frame from one to the other.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use efvi::mock::{Costs, Fabric, Model, VirtualTime};
use efvi::{
    Buffer, Driver, Filter, PacketPool, PdFlags, ProtectionDomain, Timestamps, VirtualInterface,
    VirtualInterfaceBuilder,
};
use examples::frame::{self, HEADERS, Route};

use super::receives::Receive;
use super::sends::Send;

/// Where adapters' clocks stand when virtual time begins.
const CLOCK_AT_START: Duration = Duration::from_secs(1_000_000_000);
/// Buffers of each end, and so of the receive ring.
const BUFFERS: usize = 8;

const FROM: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 7400);
const TO: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), 7400);

/// How long a part of the way takes.
#[derive(Clone, Copy)]
pub struct Part(pub Duration);

/// Makes both ends anew for each measurement: nothing is left of the one before.
pub struct Bench {
    costs: Costs,
}

/// One end.
pub struct End {
    pub vi: VirtualInterface,
    pub pool: PacketPool,
    pub domain: ProtectionDomain,
}

impl End {
    fn new(interface: &str, flags: PdFlags, builder: VirtualInterfaceBuilder) -> Result<End> {
        let domain = ProtectionDomain::builder().flags(flags).open(&Driver::open()?, interface)?;
        let pool = PacketPool::builder().buffers(BUFFERS).build(&domain)?;
        let vi = builder.build(&domain)?;
        Ok(End { vi, pool, domain })
    }

    /// A buffer that holds this frame.
    pub fn buffer(&mut self, frame: &[u8]) -> Result<Buffer> {
        let mut buffer = self.pool.take().context("no buffer left")?;
        buffer.write(frame)?;
        Ok(buffer)
    }

    /// Takes what a VI reports of itself when it is new: it would keep a wait from sleeping.
    fn settle(&mut self) {
        let (_, mut rx) = self.vi.split();
        while !rx.poll().is_empty() {}
    }
}

impl Bench {
    pub fn new(costs: Costs) -> Bench {
        Bench { costs }
    }

    /// From the call of this send to the frame's first byte on the wire.
    pub fn send(&self, send: Send, length: usize) -> Result<Part> {
        Ok(self.both(send, Receive::POLL, length)?[0])
    }

    /// From a frame's first byte on the wire until the program has it, or as much of it as this waits for.
    pub fn receive(&self, receive: Receive, length: usize) -> Result<Part> {
        // Those that receive by reference send by CTPIO only.
        let send = if receive.model == Model::X2 { Send::Push } else { Send::StoreAndForward };
        Ok(self.both(send, receive, length)?[1])
    }

    /// Both parts of the way.
    pub fn both(&self, send: Send, receive: Receive, length: usize) -> Result<[Part; 2]> {
        // Virtual time is each thread's own and begins with it, so no figure depends on what was measured before.
        let thread = || self.measure(send, receive, length);
        thread::scope(|scope| scope.spawn(thread).join()).map_err(|_| anyhow!("the measuring thread panicked"))?
    }

    /// The adapter's own timestamp of its arrival says when the frame was on the wire.
    fn measure(&self, send: Send, receive: Receive, length: usize) -> Result<[Part; 2]> {
        // Each adapter is on a cable with one of its own model.
        let fabric = Fabric::of(receive.model).with_virtual_time(self.costs);
        let (near, far) =
            fabric.cable().map_err(|errno| anyhow!("no cable on a fabric of {:?}: {errno:?}", receive.model))?;
        let flags = receive.flags();
        let mut near = End::new(near.name(), flags, send.builder())?;
        let mut far = End::new(far.name(), flags, VirtualInterface::builder().timestamps(Timestamps::RX))?;
        far.vi.filter_add(&Filter::udp_local(TO))?;
        far.vi.split().1.fill(&mut far.pool)?;
        near.settle();
        far.settle();
        let route = Route {
            source_mac: near.vi.mac()?.octets(),
            destination_mac: far.vi.mac()?.octets(),
            source: FROM,
            destination: TO,
            vlan: None,
        };
        let mut frame = vec![0; length];
        for (at, byte) in frame[HEADERS..].iter_mut().enumerate() {
            *byte = at as u8;
        }
        frame::write_headers(&mut frame, &route, 1);

        let called = send.send(&mut near, &frame)?;
        let arrival = receive.wait(&mut far, &frame)?;
        let on_wire = arrival.stamped - CLOCK_AT_START - Duration::from_nanos(self.costs.propagation / 1000);
        Ok([Part(on_wire.saturating_sub(called)), Part(arrival.had.saturating_sub(on_wire))])
    }
}

/// The thread's virtual time.
pub fn now() -> Duration {
    VirtualTime::now()
}
