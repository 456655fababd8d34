//! What the tests share: two ends on a cable, and UDP frames between them.
// Each test binary uses some of this.
#![allow(dead_code, unused_imports, reason = "every test binary compiles all of it and uses a part")]

pub mod wire;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

use efvi::mock::Model;
use efvi::{
    Buffer, Driver, Event, Events, Filter, MacAddress, PacketPool, PdFlags, Pieces, ProtectionDomain, Receive, Sent,
    Transmit, VirtualInterface, VirtualInterfaceBuilder,
};
pub use wire::{Fabric, Port, left_out, only_in_memory, until_quiet, why};

/// Ethernet, IPv4 and UDP headers.
pub const HEADERS: usize = 14 + 20 + 8;

/// The longest UDP payload on an MTU of 1500. Miri, which is slow, gets shorter ones.
pub const MAX_PAYLOAD: usize = if cfg!(miri) { 64 } else { 1500 - 28 };

/// Fewer frames than the mock's wire holds while the receiver does not poll.
pub const BURST: usize = if cfg!(miri) { 7 } else { 250 };

/// How long to wait for what should happen at once. Miri's clock counts its own steps.
pub const DEADLINE: Duration = Duration::from_secs(if cfg!(miri) { 300 } else { 10 });

/// Where frames come from or go to.
#[derive(Clone, Copy, Debug)]
pub struct Station {
    pub mac: MacAddress,
    pub address: SocketAddrV4,
}

/// A VI with its memory, and a filter for its station.
pub struct End {
    pub vi: VirtualInterface,
    pub pool: PacketPool,
    pub domain: ProtectionDomain,
    pub station: Station,
}

impl End {
    pub fn new(interface: &str, address: SocketAddrV4, builder: VirtualInterfaceBuilder) -> End {
        Self::with(interface, address, PdFlags::empty(), builder)
    }

    pub fn with(interface: &str, address: SocketAddrV4, flags: PdFlags, builder: VirtualInterfaceBuilder) -> End {
        let domain = ProtectionDomain::builder().flags(flags).open(&Driver::open().unwrap(), interface).unwrap();
        let pool = PacketPool::builder().buffers(if cfg!(miri) { 1024 } else { 2048 }).build(&domain).unwrap();
        let vi = builder.build(&domain).unwrap();
        vi.filter_add(&Filter::udp_local(address)).unwrap();
        let station = Station { mac: vi.mac().unwrap(), address };
        End { vi, pool, domain, station }
    }

    /// The halves, with the receive ring filled, and the pool.
    pub fn start(&mut self) -> (Transmit<'_>, Receive<'_>, &mut PacketPool) {
        let (tx, mut rx) = self.vi.split();
        rx.fill(&mut self.pool).unwrap();
        (tx, rx, &mut self.pool)
    }
}

/// The models of this release, with what chooses the datapath of each, and whether that receives into memory of its own.
/// Over a veth pair the one of this process.
pub fn models() -> Vec<(Model, PdFlags, bool)> {
    let mut models = vec![
        (Model::X2, PdFlags::empty(), false),
        (Model::X3, PdFlags::empty(), true),
        #[cfg(onload_since = "9.0.1")]
        (Model::X4, PdFlags::empty(), false),
        #[cfg(onload_since = "9.0.1")]
        (Model::X4, PdFlags::EXPRESS, true),
    ];
    models.retain(|(model, flags, _)| wire::over_veth().is_none_or(|ours| ours == (*model, *flags)));
    models
}

/// Those that receive into memory of their own.
pub fn by_reference() -> Vec<(Model, PdFlags)> {
    those_that(|by_reference| by_reference)
}

/// Those that receive into buffers that the program posts.
pub fn posted() -> Vec<(Model, PdFlags)> {
    those_that(|by_reference| !by_reference)
}

fn those_that(receive: impl Fn(bool) -> bool) -> Vec<(Model, PdFlags)> {
    let models = models().into_iter().filter(|model| receive(model.2));
    let models: Vec<_> = models.map(|(model, flags, _)| (model, flags)).collect();
    if models.is_empty() {
        wire::of_another_model();
    }
    models
}

/// An end on such a domain.
pub fn end(interface: &str, host: u8, flags: PdFlags, builder: VirtualInterfaceBuilder) -> End {
    End::with(interface, address(host, 7000), flags, builder)
}

pub fn domain(interface: &str) -> ProtectionDomain {
    ProtectionDomain::open(&Driver::open().unwrap(), interface).unwrap()
}

pub fn address(host: u8, port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, host), port)
}

/// Two ends on a cable of their own.
pub fn pair(builder: VirtualInterfaceBuilder) -> (End, End) {
    let (a, b) = Fabric::new().cable().unwrap();
    // The ends keep their ports.
    (End::new(a.name(), address(1, 7001), builder), End::new(b.name(), address(2, 7002), builder))
}

/// A UDP frame as it is on the wire: checksums filled in, padded to 60 bytes.
pub fn udp(from: Station, to: Station, payload: &[u8]) -> Vec<u8> {
    let mut ip = [0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    ip[2..4].copy_from_slice(&((28 + payload.len()) as u16).to_be_bytes());
    ip[12..16].copy_from_slice(&from.address.ip().octets());
    ip[16..20].copy_from_slice(&to.address.ip().octets());
    let sum = checksum(&[&ip]);
    ip[10..12].copy_from_slice(&sum.to_be_bytes());

    let length = ((8 + payload.len()) as u16).to_be_bytes();
    let ports = [from.address.port().to_be_bytes(), to.address.port().to_be_bytes()].concat();
    let sum = match checksum(&[&ip[12..], &[0, 17], &length, &ports, &length, payload]) {
        0 => 0xffff,
        sum => sum,
    };
    let ethernet = [&to.mac.octets()[..], &from.mac.octets(), &[0x08, 0x00]].concat();
    let mut frame = [&ethernet[..], &ip, &ports, &length, &sum.to_be_bytes(), payload].concat();
    frame.resize(frame.len().max(60), 0);
    frame
}

/// The internet checksum of these pieces, each but the last of even length.
fn checksum(pieces: &[&[u8]]) -> u16 {
    let words = pieces.iter().flat_map(|piece| piece.chunks(2));
    let mut sum: u32 = words.map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0))).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// The payload of a UDP frame.
pub fn body(frame: &[u8]) -> &[u8] {
    let length = usize::from(u16::from_be_bytes([frame[38], frame[39]]));
    &frame[HEADERS..HEADERS + length - 8]
}

/// A buffer that holds a UDP frame.
pub fn udp_buffer(pool: &mut PacketPool, from: Station, to: Station, payload: &[u8]) -> Buffer {
    filled(pool, &udp(from, to, payload))
}

/// A buffer that holds these bytes.
pub fn filled(pool: &mut PacketPool, bytes: &[u8]) -> Buffer {
    let mut buffer = pool.take().expect("the pool is empty");
    buffer.write(bytes).unwrap();
    buffer
}

/// The frame in buffers of so many bytes each, the last with the rest.
pub fn cut(pool: &mut PacketPool, frame: &[u8], lengths: &[usize]) -> Pieces {
    let mut pieces = Pieces::new();
    let mut rest = frame;
    for length in lengths {
        let (head, tail) = rest.split_at(*length);
        pieces.push(filled(pool, head)).unwrap();
        rest = tail;
    }
    pieces.push(filled(pool, rest)).unwrap();
    pieces
}

/// All free buffers of a pool; they go back when the result is dropped.
pub fn take_all(pool: &mut PacketPool) -> Vec<Buffer> {
    std::iter::from_fn(|| pool.take()).collect()
}

/// A payload that differs in length and contents from its neighbours'.
pub fn payload(sequence: usize) -> Vec<u8> {
    (0..18 + sequence * 37 % (MAX_PAYLOAD - 17)).map(|at| (at * 7 + sequence) as u8).collect()
}

/// Hands out all events of a poll, which says before each that there is one.
pub fn each_event(mut events: Events<'_>, mut each: impl FnMut(Event<'_>)) {
    loop {
        let is_empty = events.is_empty();
        let Some(event) = events.next() else {
            assert!(is_empty);
            return;
        };
        assert!(!is_empty);
        each(event);
    }
}

/// Polls until `each` returns something. It may take long, but not long without any event.
pub fn wait<T>(rx: &mut Receive<'_>, mut each: impl FnMut(Event<'_>) -> Option<T>) -> T {
    let mut deadline = Instant::now() + DEADLINE;
    loop {
        let mut events = rx.poll();
        let mut idle = true;
        while let Some(event) = events.next() {
            idle = false;
            if let Some(result) = each(event) {
                return result;
            }
        }
        drop(events);
        if idle {
            assert!(Instant::now() < deadline, "nothing happened in {DEADLINE:?}");
            // Tests share the processors; the other end may be waiting for this one.
            std::thread::yield_now();
        } else {
            deadline = Instant::now() + DEADLINE;
        }
    }
}

/// Waits for `count` sends to complete.
pub fn wait_sent(rx: &mut Receive<'_>, count: usize) -> Vec<Sent> {
    let mut sent = Vec::new();
    if count == 0 {
        return sent;
    }
    wait(rx, |event| {
        match event {
            Event::Sent(done) => sent.push(done),
            other => panic!("expected a send to complete: {other:?}"),
        }
        (sent.len() == count).then_some(())
    });
    sent
}

/// Waits for `count` frames to arrive and copies them.
pub fn wait_received(rx: &mut Receive<'_>, count: usize) -> Vec<Vec<u8>> {
    let mut received = Vec::new();
    if count == 0 {
        return received;
    }
    wait(rx, |event| {
        match event {
            Event::Received(packet) => received.push(packet.frame().to_vec()),
            other => panic!("expected a frame to arrive: {other:?}"),
        }
        (received.len() == count).then_some(())
    });
    received
}

/// Sees that nothing more happens.
pub fn expect_quiet(rx: &mut Receive<'_>) {
    let mut polls = 0;
    until_quiet(|| {
        if let Some(event) = rx.poll().next() {
            panic!("expected nothing: {event:?}");
        }
        polls += 1;
        polls < 100
    });
}
