//! Packed streams: many packets in one large buffer, each behind a header, and the credit that the adapter needs.

use crate::common::{Domain, Memory, Packet, Queues, Spec, Stream, params};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fcs};
use std::rc::Rc;

fn port() -> (FabricPort, Rc<Domain>) {
    let port = Fabric::new().with_mtu(9000).looped().unwrap();
    let domain = Domain::with(&port, EF_PD_RX_PACKED_STREAM).unwrap();
    (port, domain)
}

/// A stream with all of its buffers posted.
fn stream(flags: ef_vi_flags, buffers: usize) -> (FabricPort, Stream) {
    let (port, domain) = port();
    let mut stream = Stream::new(&domain, flags, buffers);
    stream.vi.filter(&Spec::udp()).unwrap();
    (0..buffers).for_each(|buffer| stream.post(buffer));
    (port, stream)
}

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60 + number % 1400, number)
}

/// Buffer space that a packet takes: prefix, frame and a gap of 64 bytes, in lines of 64.
fn space(frame: usize) -> usize {
    (8 + frame + 64).next_multiple_of(64)
}

/// The buffers' size, their alignment to it, and where in one the first header is.
#[test]
fn the_dimensions_are_as_documented() {
    for (flags, bytes) in [(0, 1 << 20), (EF_VI_RX_PS_BUF_SIZE_64K, 64 << 10)] {
        let (_port, domain) = port();
        let stream = Stream::new(&domain, flags, 1);
        let params = params(&stream.vi).unwrap();
        assert_eq!((params.psp_buffer_size, params.psp_buffer_align), (bytes, bytes));
        assert_eq!(params.psp_start_offset, 256 - 16, "the first packet's line, less the header before it");
        // Credit for 94 times 64 KiB: 32767 events, less the sends' and the time's, by 341 for the shortest packets.
        let usable = 94 * 65536 / bytes + 1;
        assert_eq!(params.psp_max_usable_buffers, (usable + 7) / 8 * 8 + 8);
        // SAFETY: an allocated VI.
        assert_eq!(unsafe { ef_eventq_capacity(stream.vi.raw) }, 32767, "the largest event queue is the default");
    }
    let (port, _domain) = port();
    let plain = Domain::on(&port).vi(Queues::default()).unwrap();
    assert_eq!(params(&plain).err(), Some(-libc::EINVAL));
}

/// The domain has to be for packed streams, and the VI not for event merging.
#[test]
fn a_stream_needs_its_domain() {
    let (port, domain) = port();
    let with = |flags| Queues { flags, ..Queues::default() };
    let plain = Domain::on(&port).vi(with(EF_VI_RX_PACKED_STREAM));
    assert_eq!(plain.err(), Some(-libc::EPERM));
    let both = domain.vi(with(EF_VI_RX_PACKED_STREAM | EF_VI_RX_EVENT_MERGE));
    assert_eq!(both.err(), Some(-libc::EINVAL));
    domain.vi(with(0)).unwrap();
}

/// Such a domain registers memory in large pages.
#[test]
fn memory_is_registered_in_large_pages() {
    let (port, domain) = port();
    let aligned = Memory::register(&domain, 0, 1 << 20).unwrap();
    assert_eq!(aligned.dma(0) % (1 << 20), 0);
    assert_eq!(aligned.dma((1 << 20) - 1) - aligned.dma(0), (1 << 20) - 1, "neighbours in DMA space");
    assert_eq!(Memory::register(&domain, 4096, 1 << 20).err(), Some(-libc::EINVAL));
    assert_eq!(Memory::register(&domain, 0, (1 << 20) + 4096).err(), Some(-libc::EINVAL));
    let pieces = Domain::with(&port, EF_PD_MEMREG_64KiB).unwrap();
    assert!(Memory::register(&pieces, 0, 1 << 20).is_ok());
    assert_eq!(Memory::register(&pieces, 0, 4096).err(), Some(-libc::EINVAL));
}

/// A buffer starts where it is aligned to its size.
#[test]
fn buffers_are_aligned_to_their_size() {
    let (_port, domain) = port();
    let stream = Stream::new(&domain, EF_VI_RX_PS_BUF_SIZE_64K, 16);
    for at in [64, 4096, 32768] {
        assert_eq!(stream.post_at(at), -libc::EINVAL, "{at}");
    }
    assert_eq!(stream.post_at(65536), 0);
}

/// Packets come in order, several to an event, and at most 15; the first event says that a buffer begins.
#[test]
fn packets_follow_one_another_in_a_buffer() {
    let (port, mut stream) = stream(0, 8);
    for number in 0..100 {
        port.inject(&frame(number), Fcs::Good).unwrap();
    }
    let mut got = Vec::new();
    for _ in 0..20 {
        for (starts, packets) in stream.poll(64) {
            assert_eq!(starts, got.is_empty());
            assert!((1..=EF_VI_RECEIVE_BATCH as usize).contains(&packets.len()));
            got.extend(packets.into_iter().map(|packet| packet.frame));
        }
    }
    assert_eq!(got, (0..100).map(frame).collect::<Vec<_>>());
    assert_eq!(stream.vi.statistic("rx_frames"), 100);
}

/// A packet that does not fit any more begins the next buffer, and the event says so. Buffers posted again are used again.
#[test]
fn a_full_buffer_is_followed_by_the_next() {
    let (port, mut stream) = stream(EF_VI_RX_PS_BUF_SIZE_64K, 16);
    let per_buffer = (65536 - 256 - 1) / space(1000);
    let (mut number, mut in_buffer, mut buffers) = (0, 0, 0);
    while buffers < 100 {
        port.inject(&Packet::UDP.sized(1000, number), Fcs::Good).unwrap();
        let events = stream.poll(16);
        assert_eq!(events.len(), 1, "packet {number}");
        let (starts, packets) = &events[0];
        assert_eq!(packets[0].frame, Packet::UDP.sized(1000, number));
        if *starts {
            assert!(buffers == 0 || in_buffer == per_buffer, "{in_buffer} in buffer {buffers}");
            // The one before is the application's again; posted in eights it stays in turn.
            if buffers > 0 {
                stream.post((buffers - 1) % 16);
            }
            (buffers, in_buffer) = (buffers + 1, 0);
        }
        (number, in_buffer) = (number + 1, in_buffer + 1);
    }
    assert_eq!(stream.vi.statistic("rx_no_descriptor"), 0);
}

/// Long packets too are whole, in one piece.
#[test]
fn jumbo_packets_are_whole() {
    let (port, mut stream) = stream(0, 8);
    for number in 0..50 {
        let frame = Packet::UDP.sized(9014 - number, number);
        port.inject(&frame, Fcs::Good).unwrap();
        let events = stream.poll(16);
        assert_eq!(events[0].1[0].frame, frame);
    }
}

/// What is wrong with a packet is said in the flags of its header; nothing is a discard.
#[test]
fn bad_packets_are_flagged() {
    let (port, mut stream) = stream(0, 8);
    let good = Packet::UDP.sized(100, 0);
    let wrong = |at: usize| {
        let mut frame = good.clone();
        frame[at] ^= 1;
        frame
    };
    let cases = [
        (good.clone(), Fcs::Good, 0),
        (good.clone(), Fcs::Bad, EF_VI_PS_FLAG_BAD_FCS),
        (wrong(Packet::UDP.ip_checksum_at()), Fcs::Good, EF_VI_PS_FLAG_BAD_L3_CSUM),
        (wrong(99), Fcs::Good, EF_VI_PS_FLAG_BAD_L4_CSUM),
    ];
    for (frame, fcs, flags) in &cases {
        port.inject(frame, *fcs).unwrap();
        let events = stream.poll(16);
        let packet = &events[0].1[0];
        assert_eq!((&packet.frame, u32::from(packet.flags)), (frame, *flags));
    }
    // Found together, each keeps its own.
    for _ in 0..3 {
        for (frame, fcs, _) in &cases {
            port.inject(frame, *fcs).unwrap();
        }
    }
    let mut flags: Vec<u32> = Vec::new();
    for _ in 0..16 {
        flags
            .extend(stream.poll(16).into_iter().flat_map(|(_, packets)| packets).map(|packet| u32::from(packet.flags)));
    }
    assert_eq!(flags, cases.each_ref().map(|(_, _, flags)| *flags).repeat(3));
}

/// With timestamps the header has the time, and the clock's state in its flags; without, unbundling says that there is
/// none.
#[test]
fn packets_have_their_time() {
    let (port, mut stamped) = stream(EF_VI_RX_TIMESTAMPS, 8);
    for number in 0..30 {
        port.inject(&frame(number), Fcs::Good).unwrap();
        let events = stamped.poll(16);
        let packet = &events[0].1[0];
        assert_eq!(stamped.rc, 0);
        assert_eq!(u32::from(packet.flags), EF_VI_PS_FLAG_CLOCK_SET | EF_VI_PS_FLAG_CLOCK_IN_SYNC);
        assert!(packet.seconds > 1_600_000_000);
    }
    let (port, mut plain) = stream(0, 8);
    port.inject(&frame(0), Fcs::Good).unwrap();
    let events = plain.poll(16);
    assert_eq!((events[0].1[0].seconds, plain.rc), (0, -libc::ENODATA));
}

/// Buffers are posted in eights; without one, packets are lost.
#[test]
fn packets_without_a_buffer_are_lost() {
    let (port, domain) = port();
    let mut stream = Stream::new(&domain, EF_VI_RX_PS_BUF_SIZE_64K, 16);
    stream.vi.filter(&Spec::udp()).unwrap();
    (0..7).for_each(|buffer| stream.post(buffer));
    port.inject(&frame(0), Fcs::Good).unwrap();
    assert!(stream.poll(16).is_empty());
    assert_eq!(stream.vi.statistic("rx_no_descriptor"), 1);
    stream.post(7);
    port.inject(&frame(1), Fcs::Good).unwrap();
    assert_eq!(stream.poll(16)[0].1[0].frame, frame(1));
}

/// The adapter writes only as far as it has credit, which unbundling gives: events for all of it fit into the queue.
#[test]
fn without_credit_packets_are_lost() {
    let (port, mut stream) = stream(0, 16);
    let mut held = Vec::new();
    let mut sent = 0;
    // Take events, and unbundle none.
    while stream.vi.statistic("rx_no_descriptor") == 0 {
        port.inject(&Packet::UDP.sized(9000, sent), Fcs::Good).unwrap();
        held.extend(stream.vi.poll(16));
        sent += 1;
        assert!(sent < 10_000, "credit has an end");
    }
    // 94 times 64 KiB, of which the ends of buffers are not used.
    let most = 94 * 65536 / space(9000);
    assert!((most - 20..=most + 1).contains(&sent), "{sent}");
    let mut number = 0;
    for event in &held {
        for packet in stream.unbundle(event).1 {
            assert_eq!(packet.frame, Packet::UDP.sized(9000, number));
            number += 1;
        }
    }
    assert_eq!(number, sent - 1);
    port.inject(&frame(7), Fcs::Good).unwrap();
    assert_eq!(stream.poll(16)[0].1[0].frame, frame(7), "credit is back");
}
