//! Packed streams: packets one behind the other in large buffers, lent by the event that they came by.

mod common;

use common::{address, each_event, expect_quiet, payload, take_all, udp};
use efvi::mock::{ClockState, Fabric, FabricPort, Fcs, Model};
use efvi::{
    Capability, DiscardReason, Driver, Error, Event, Filter, KeepError, PackedPacket, PacketPool, PdFlags,
    ProtectionDomain, Receive, RejectReason, SharedEventQueue, StreamBuffer, Timestamps, VirtualInterface,
    VirtualInterfaceBuilder,
};

/// Frames injected between two polls: fewer than the wire holds.
const BURST: usize = if cfg!(miri) { 6 } else { 60 };

fn domain(port: &FabricPort, flags: PdFlags) -> ProtectionDomain {
    ProtectionDomain::builder().flags(flags).open(&Driver::open().unwrap(), port.name()).unwrap()
}

fn small(buffers: u32) -> VirtualInterfaceBuilder {
    VirtualInterface::builder().packed_stream(StreamBuffer::Kib64, buffers)
}

/// A VI with a stream, and what makes frames for it.
fn stream(builder: VirtualInterfaceBuilder) -> (FabricPort, VirtualInterface, impl Fn(usize) -> Vec<u8>) {
    let (port, _other) = Fabric::new().cable().unwrap();
    let vi = builder.build(&domain(&port, PdFlags::PACKED_STREAM)).unwrap();
    let station = common::Station { mac: vi.mac().unwrap(), address: address(1, 7000) };
    vi.filter_add(&Filter::udp_local(station.address)).unwrap();
    (port, vi, move |n| udp(station, station, &payload(n)))
}

/// Takes as many packets, each of an event that says how many it has.
fn drain(rx: &mut Receive<'_>, count: usize, mut look: impl FnMut(PackedPacket<'_>)) {
    let mut got = 0;
    for _ in 0..100 * count {
        each_event(rx.poll(), |event| {
            let Event::Packed(packets) = event else { panic!("{event:?}") };
            let expected = got + packets.len();
            assert!((1..=15).contains(&packets.len()));
            for packet in packets {
                look(packet);
                got += 1;
            }
            assert_eq!(got, expected);
        });
        if got == count {
            return;
        }
    }
    panic!("{got} of {count} packets came");
}

#[test]
fn packets_come_in_order_over_many_buffers() {
    for size in [StreamBuffer::Kib64, StreamBuffer::Mib1] {
        let builder = VirtualInterface::builder().packed_stream(size, 8).timestamps(Timestamps::RX);
        let (port, mut vi, frame) = stream(builder);
        let (_, mut rx) = vi.split();
        let (mut bytes, mut sent, mut got) = (0, 0, 0);
        // Several times all of the buffers.
        let enough = if cfg!(miri) { 3000 } else { 20 * size.bytes() };
        let mut last = None;
        while bytes < enough {
            for _ in 0..BURST {
                port.inject(&frame(sent), Fcs::Good).unwrap();
                sent += 1;
            }
            drain(&mut rx, BURST, |packet| {
                assert_eq!(packet[..], frame(got), "{got}");
                assert_eq!((packet.original_len(), packet.problem()), (packet.len(), None));
                let time = packet.timestamp().unwrap();
                assert!(time.sync.clock_set && time.sync.in_sync);
                assert!(last.replace(time).is_none_or(|last| last <= time));
                bytes += packet.len();
                got += 1;
            });
        }
        expect_quiet(&mut rx);
        assert_eq!(port.counters().rx_no_descriptor, 0, "buffers were posted again");
    }
}

/// Buffers go back when nobody looks, too, or when what polled is forgotten.
#[test]
fn packets_that_are_not_taken_hold_nothing_up() {
    let (port, mut vi, frame) = stream(small(8));
    let (_, mut rx) = vi.split();
    for round in 0..if cfg!(miri) { 5 } else { 300 } {
        for n in 0..BURST {
            port.inject(&frame(n), Fcs::Good).unwrap();
        }
        match round % 5 {
            0 => while !rx.poll().is_empty() {},
            1 => {
                let mut events = rx.poll();
                assert!(matches!(events.next(), Some(Event::Packed(_))));
                std::mem::forget(events);
                while !rx.poll().is_empty() {}
            }
            2 => loop {
                let events = rx.poll();
                if events.is_empty() {
                    break;
                }
                std::mem::forget(events);
            },
            _ => {
                let mut got = 0;
                drain(&mut rx, BURST, |packet| {
                    assert_eq!(packet[..], frame(got), "round {round}");
                    got += 1;
                });
            }
        }
    }
    assert_eq!(port.counters().rx_no_descriptor, 0);
}

/// Streams have no discards: each packet says what is wrong with it.
#[test]
fn bad_packets_say_so() {
    let (port, mut vi, frame) = stream(small(8));
    let (_, mut rx) = vi.split();
    let mut bad_checksum = frame(1);
    bad_checksum[24] ^= 1;
    for (frame, fcs, problem) in [
        (frame(0), Fcs::Good, None),
        (bad_checksum, Fcs::Good, Some(DiscardReason::Checksum)),
        (frame(2), Fcs::Bad, Some(DiscardReason::Crc)),
    ] {
        port.inject(&frame, fcs).unwrap();
        common::wait(&mut rx, |event| {
            let Event::Packed(mut packets) = event else { panic!("{event:?}") };
            let packet = packets.next().unwrap();
            assert_eq!((packet.frame(), packet.problem()), (&frame[..], problem));
            assert!(packets.next().is_none());
            Some(())
        });
    }
}

#[test]
fn packets_are_copied_to_be_kept() {
    let (port, mut vi, frame) = stream(small(8));
    // Memory of such a domain is registered in large pages, whatever is asked for.
    let mut pool = PacketPool::builder().buffers(4).build(vi.domain()).unwrap();
    let (mut tx, mut rx) = vi.split();
    assert_eq!((rx.fill(&mut pool), rx.space()), (Ok(0), 0), "its buffers are its own");
    let rejected = rx.post(pool.take().unwrap()).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::NothingPosted);
    drop(rejected);
    port.inject(&frame(7), Fcs::Good).unwrap();
    let kept = common::wait(&mut rx, |event| {
        let Event::Packed(mut packets) = event else { panic!("{event:?}") };
        let packet = packets.next().unwrap();
        let all = take_all(&mut pool);
        assert!(matches!(packet.copy(&mut pool), Err(KeepError::PoolEmpty)));
        drop(all);
        Some(packet.copy(&mut pool).unwrap())
    });
    assert_eq!(kept[..], frame(7));
    tx.send(kept).unwrap();
    common::wait_sent(&mut rx, 1);
}

#[test]
fn timestamps_are_there_when_asked_for_and_in_step() {
    for (builder, state, expected) in [
        (small(8), ClockState::InSync, Err(efvi::TimestampError::NoTimestamp)),
        (small(8).timestamps(Timestamps::RX), ClockState::InSync, Ok(true)),
        (small(8).timestamps(Timestamps::RX), ClockState::NotInSync, Ok(false)),
        (small(8).timestamps(Timestamps::RX), ClockState::NotSet, Ok(false)),
        (small(8).timestamps(Timestamps::RX), ClockState::Lost, Err(efvi::TimestampError::SynchronisationLost)),
    ] {
        let (port, mut vi, frame) = stream(builder);
        port.set_clock(state);
        let (_, mut rx) = vi.split();
        port.inject(&frame(0), Fcs::Good).unwrap();
        let time = common::wait(&mut rx, |event| {
            let Event::Packed(mut packets) = event else { panic!("{event:?}") };
            Some(packets.next().unwrap().timestamp())
        });
        assert_eq!(time.map(|time| time.sync.in_sync), expected);
    }
}

#[test]
fn what_can_not_have_a_stream_says_why() {
    let refused = |port: &FabricPort, flags, builder: VirtualInterfaceBuilder, parts: &[&str]| {
        let error = builder.build(&domain(port, flags)).unwrap_err();
        let text = error.to_string();
        for part in parts.iter().chain(&[port.name()]) {
            assert!(text.contains(part), "{part:?} is missing in: {text}");
        }
        error
    };
    for (model, flags) in common::by_reference() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let error = refused(&port, flags, small(8), &["packed streams", "capability"]);
        assert!(matches!(error, Error::Lacks { capability: Capability::PackedStream, .. }));
    }
    let (port, _other) = Fabric::of(Model::X2).cable().unwrap();
    refused(&port, PdFlags::empty(), small(8), &["protection domain", "PdFlags::PACKED_STREAM"]);
    refused(&port, PdFlags::PACKED_STREAM, small(8).merge_events(true), &["merge_events"]);
    let domain = domain(&port, PdFlags::PACKED_STREAM);
    let mut queue = SharedEventQueue::builder().build(&domain).unwrap();
    let error = queue.add((), small(8), &domain).unwrap_err();
    assert!(error.to_string().contains("event queue of its own"), "{error}");
    for buffers in [0, 512, u32::MAX] {
        let error = small(buffers).build(&domain).unwrap_err();
        assert!(matches!(error, Error::StreamBuffers { requested, max: 504 } if requested == buffers), "{error}");
        assert!(error.to_string().contains("rx_capacity"), "{error}");
    }
    // None of these left anything behind.
    small(504).build(&domain).unwrap();
}
