//! Sending by DMA: descriptors, doorbell and push, completion, what the adapter does to a frame.

use crate::common::{Ends, Packet, Queues, Vi, cable, ready};
use efvi_sys::*;

/// A UDP frame that differs from its neighbours, 60 bytes long.
fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60, number)
}

/// A packet that nobody receives, for tests of the sender alone.
fn unheard() -> Vec<u8> {
    Packet::TCP.sized(60, 0)
}

#[test]
fn descriptors_leave_only_when_they_are_pushed() {
    let Ends { tx, rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    for id in 0..3 {
        assert_eq!(tx.transmit_init(tx.load(id, &frame(id)), 60, id), 0);
    }
    assert!(tx.drain().is_empty() && rx.drain().is_empty());
    tx.transmit_push();
    assert_eq!(rx.frames(), [frame(0), frame(1), frame(2)]);
    assert_eq!(tx.sent(), [0, 1, 2]);
}

#[test]
fn undo_takes_back_what_was_not_pushed() {
    let Ends { tx, rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.send(0, &frame(0)), 0);
    assert_eq!(tx.transmit_init(tx.load(1, &frame(1)), 60, 1), 0);
    let address = tx.load(2, &frame(2));
    assert_eq!(tx.transmitv_init(&[(address, 30), (address + 30, 30)], 2), 0);
    assert_eq!(tx.transmit_ring().1, 4);
    tx.transmit_undo();
    assert_eq!(tx.transmit_ring().1, 1);
    tx.transmit_undo();
    assert_eq!(tx.transmit_ring().1, 1, "nothing more to undo");
    assert_eq!(tx.send(3, &frame(3)), 0);
    assert_eq!(rx.frames(), [frame(0), frame(3)]);
    assert_eq!(tx.sent(), [0, 3]);
}

/// A ring of 512 slots holds 511; the next is `-EAGAIN` and changes nothing.
#[test]
fn a_full_ring_takes_nothing() {
    let Ends { tx, .. } = &cable(Queues::default(), Queues::default());
    for id in 0..511 {
        assert_eq!(tx.send(id, &unheard()), 0, "{id}");
    }
    let address = tx.load(0, &unheard());
    for _ in 0..3 {
        assert_eq!(tx.transmit(address, 60, 1000), -libc::EAGAIN);
        assert_eq!(tx.transmit_init(address, 60, 1000), -libc::EAGAIN);
        assert_eq!(tx.transmitv(&[(address, 60)], 1000), -libc::EAGAIN);
        assert_eq!(tx.transmitv_init(&[(address, 60)], 1000), -libc::EAGAIN);
        assert_eq!(tx.transmit_ring(), (511, 511, 0));
    }
    assert_eq!(tx.sent(), (0..511).collect::<Vec<_>>());
    assert_eq!(tx.transmit_ring(), (511, 0, 511));
    assert_eq!(tx.statistic("tx_frames"), 511);
}

/// A length below 0 is `-EINVAL` and changes nothing.
#[test]
fn a_negative_length_is_refused() {
    let Ends { tx, .. } = &cable(Queues::default(), Queues::default());
    let address = tx.load(0, &unheard());
    let negative = usize::MAX;
    assert_eq!(tx.transmit(address, negative, 1), -libc::EINVAL);
    assert_eq!(tx.transmit_init(address + 64, negative, 1), -libc::EINVAL);
    assert_eq!(tx.transmit_ring(), (511, 0, 511));
}

/// A packet whose pieces do not all fit takes no slot, and leaves no id behind.
#[test]
fn a_packet_goes_into_the_ring_whole_or_not_at_all() {
    let Ends { tx, .. } = &cable(Queues::default(), Queues::default());
    for id in 0..509 {
        assert_eq!(tx.send(id, &unheard()), 0);
    }
    let address = tx.load(0, &unheard());
    let thirds = [(address, 20), (address + 20, 20), (address + 40, 20)];
    assert_eq!(tx.transmitv(&thirds, 7000), -libc::EAGAIN);
    assert_eq!(tx.transmit_ring(), (511, 509, 2));
    assert_eq!(tx.transmitv(&[(address, 20), (address + 20, 40)], 7001), 0);
    assert_eq!(tx.transmit_ring(), (511, 511, 0));
    let mut expected: Vec<i32> = (0..509).collect();
    expected.push(7001);
    assert_eq!(tx.sent(), expected);
    assert_eq!(tx.statistic("tx_frames"), 510);
}

/// A buffer that crosses a page takes two descriptors.
#[test]
fn a_descriptor_ends_at_the_page() {
    let domain = crate::common::Domain::on(&mock_nic::Fabric::new().looped().unwrap());
    let vi = domain.vi(Queues::default()).unwrap();
    let memory = crate::common::Memory::new(&domain, 2);
    vi.filter(&crate::common::Spec::udp()).unwrap();
    vi.fill(0..8);
    // In DMA space the second page does not follow the first: the pieces are given one by one.
    let sent = Packet::UDP.sized(1000, 0);
    memory.write(4096 - 100, &sent);
    assert_eq!(vi.transmitv_init(&[(memory.dma(4096 - 100), 100), (memory.dma(4096), 900)], 1), 0);
    assert_eq!(vi.transmit_ring().1, 2);
    vi.transmit_push();
    let events = vi.drain();
    let kinds: Vec<_> = events.iter().map(EF_EVENT_TYPE).collect();
    assert_eq!(kinds, [EF_EVENT_TYPE_TX, EF_EVENT_TYPE_RX]);
    assert_eq!(vi.unbundle(&events[0]), [1]);
    assert_eq!(vi.frame(&events[1]), sent);
    // As one buffer it is two descriptors, too; the second is at an address that was not registered.
    assert_eq!(vi.transmit_init(memory.dma(4096 - 100), 1000, 2), 0);
    assert_eq!(vi.transmit_ring().1, 2);
    vi.transmit_push();
    let events = vi.drain();
    assert_eq!(events.len(), 1);
    assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_TX_ERROR);
}

/// Up to a page's end is one descriptor, one byte more is two.
#[test]
fn the_pages_last_byte_belongs_to_it() {
    let Ends { tx, .. } = &cable(Queues::default(), Queues::default());
    let page = tx.buffer(Vi::HALF);
    for (at, length, descriptors) in [(4036, 60, 1), (4037, 60, 2), (4095, 60, 2), (0, 1514, 1), (2582, 1514, 1)] {
        assert_eq!(tx.transmit_init(page + at, length, 0), 0);
        assert_eq!(tx.transmit_ring().1, descriptors, "{length} bytes at {at}");
        tx.transmit_undo();
    }
}

#[test]
fn a_packet_of_many_pieces_arrives_in_one() {
    let Ends { tx, rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    let mut number = 0;
    for size in [1, 7, 14, 34, 42, 59, 61, 100, 1000] {
        for length in [60, 61, 700, 1514] {
            if length / size > 500 {
                continue;
            }
            let sent = Packet::UDP.sized(length, number);
            let address = tx.load(number, &sent);
            let pieces: Vec<_> =
                (0..length).step_by(size).map(|at| (address + at as u64, size.min(length - at))).collect();
            assert_eq!(tx.transmitv(&pieces, number), 0);
            assert_eq!(tx.transmit_ring().1, pieces.len() as i32);
            assert_eq!(tx.sent(), [number as i32]);
            assert_eq!(rx.frames(), [sent], "{length} bytes in pieces of {size}");
            number += 1;
        }
    }
    assert!(number > 15);
}

/// An event completes up to 64 packets; each id comes once, and in the order of sending.
#[test]
fn unbundling_yields_every_id_once_and_in_order() {
    let Ends { tx, .. } = &cable(Queues::default(), Queues::default());
    let mut expected = Vec::new();
    let address = tx.load(0, &unheard());
    for id in 0..200 {
        // Ids as an application may choose them, of which some packets have several descriptors.
        let id = id * 7919 % 4093;
        let pieces = [(address, 10), (address + 10, 20), (address + 30, 30)];
        match id % 3 {
            0 => assert_eq!(tx.transmit_init(address, 60, id), 0),
            1 => assert_eq!(tx.transmitv_init(&[(address, 20), (address + 20, 40)], id), 0),
            _ => assert_eq!(tx.transmitv_init(&pieces, id), 0),
        }
        expected.push(id as i32);
    }
    tx.transmit_push();
    let events = tx.drain();
    assert!(events.len() >= 200_usize.div_ceil(EF_VI_TRANSMIT_BATCH as usize));
    let ids: Vec<_> = events.iter().flat_map(|event| tx.unbundle(event)).collect();
    assert_eq!(ids, expected);
    assert_eq!(tx.transmit_ring(), (511, 0, 511));
    // An event that was unbundled has nothing left.
    assert!(tx.unbundle(&events[events.len() - 1]).is_empty());
}

/// All ids but 0xffffffff can be used.
#[test]
fn ids_have_32_bits() {
    let Ends { tx, .. } = &cable(Queues::default(), Queues::default());
    let ids = [0_u32, 1, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe];
    for id in ids {
        assert_eq!(tx.transmit(tx.load(0, &unheard()), 60, id as usize), 0);
    }
    assert_eq!(tx.sent(), ids.map(|id| id as i32));
}

/// Sends 20 without completing any, then one more after all were: pushes and doorbells.
fn pushes_and_doorbells(flags: ef_vi_flags, threshold: Option<u32>) -> (u64, u64) {
    let ends = cable(Queues { flags, ..Queues::default() }, Queues::default());
    if let Some(threshold) = threshold {
        ends.tx.set_push_threshold(threshold);
    }
    for id in 0..20 {
        assert_eq!(ends.tx.send(id, &unheard()), 0);
    }
    assert_eq!(ends.tx.sent().len(), 20);
    assert_eq!(ends.tx.send(20, &unheard()), 0);
    let counters = ends.near.counters();
    assert_eq!((counters.tx_pushes, counters.tx_doorbells), {
        (ends.tx.statistic("tx_pushes"), ends.tx.statistic("tx_doorbells"))
    });
    (counters.tx_pushes, counters.tx_doorbells)
}

#[test]
fn descriptors_are_pushed_while_fewer_than_the_threshold_are_outstanding() {
    assert_eq!(pushes_and_doorbells(EF_VI_FLAGS_DEFAULT, None), (16 + 1, 4));
    assert_eq!(pushes_and_doorbells(EF_VI_TX_PUSH_DISABLE, None), (0, 21));
    assert_eq!(pushes_and_doorbells(EF_VI_TX_PUSH_ALWAYS, None), (21, 0));
    assert_eq!(pushes_and_doorbells(EF_VI_FLAGS_DEFAULT, Some(5)), (5 + 1, 15));
    assert_eq!(pushes_and_doorbells(EF_VI_FLAGS_DEFAULT, Some(0)), (0, 21));
    assert_eq!(pushes_and_doorbells(EF_VI_TX_PUSH_DISABLE, Some(100)), (21, 0));
}

#[test]
fn a_descriptor_that_goes_on_in_another_is_not_pushed() {
    let ends = cable(Queues { flags: EF_VI_TX_PUSH_ALWAYS, ..Queues::default() }, Queues::default());
    let address = ends.tx.load(0, &unheard());
    assert_eq!(ends.tx.transmitv(&[(address, 20), (address + 20, 40)], 0), 0);
    assert_eq!((ends.near.counters().tx_pushes, ends.near.counters().tx_doorbells), (0, 1));
    // It is the first of those that are new that counts, and they are submitted by one store.
    assert_eq!(ends.tx.transmit_init(address, 60, 1), 0);
    assert_eq!(ends.tx.transmitv_init(&[(address, 20), (address + 20, 40)], 2), 0);
    ends.tx.transmit_push();
    assert_eq!((ends.near.counters().tx_pushes, ends.near.counters().tx_doorbells), (1, 1));
    assert_eq!(ends.tx.sent(), [0, 1, 2]);
}

/// Shorter frames are padded to 60 bytes with zeros, whatever stood there before.
#[test]
fn short_frames_are_padded() {
    let Ends { tx, rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.send(0, &[0xee; 1500]), 0, "leaves its bytes in the adapter's memory");
    for payload in 0..=20 {
        let sent = Packet::UDP.frame(&vec![0xab; payload]);
        tx.load(1, &[0xdd; 100]);
        assert_eq!(tx.send(1, &sent), 0);
        let mut padded = sent.clone();
        padded.resize(sent.len().max(60), 0);
        assert_eq!(rx.frames(), [padded]);
    }
}

#[test]
fn frames_of_every_length_arrive_as_they_were_sent() {
    let Ends { tx, rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    for length in (60..=1514).step_by(13).chain([61, 63, 64, 65, 127, 128, 1513, 1514]) {
        let sent = Packet::UDP.sized(length, length);
        assert_eq!(tx.send(length, &sent), 0);
        let events = rx.drain();
        assert_eq!(rx.frame(&events[0]), sent);
        assert_eq!((events.len(), tx.sent()), (1, vec![length as i32]));
        let id = EF_EVENT_RX_RQ_ID(&events[0]);
        assert_eq!(rx.receive_post(rx.buffer(id as usize), id as i32), 0);
    }
}

/// The largest frame is the MTU's, and a VLAN tag on top.
#[test]
fn the_longest_frame_has_the_mtus_length() {
    let Ends { tx, rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.mtu(), 1514);
    let tagged = Packet { vlan: Some(5), ..Packet::UDP }.sized(1518, 0);
    assert_eq!(tx.send(0, &Packet::UDP.sized(1514, 0)), 0);
    assert_eq!(tx.send(1, &tagged), 0);
    assert_eq!(tx.sent(), [0, 1]);
    let received = rx.frames();
    assert_eq!((received.len(), &received[1]), (2, &tagged));
}

/// A frame with wrong checksums, and where they are right.
fn spoilt(packet: &Packet, payload: usize) -> (Vec<u8>, Vec<u8>) {
    let right = packet.frame(&vec![0x5a; payload]);
    let mut wrong = right.clone();
    for at in [packet.ip_checksum_at(), packet.transport_checksum_at()] {
        wrong[at] ^= 0xff;
        wrong[at + 1] = 0;
    }
    (wrong, right)
}

/// What arrives of a frame sent by DMA, checked by nobody.
fn over(ends: &Ends, sent: &[u8]) -> Vec<u8> {
    assert_eq!(ends.rx.set_discards(0), 0);
    assert_eq!(ends.tx.send(0, sent), 0);
    assert_eq!(ends.tx.sent(), [0]);
    let mut frames = ends.rx.frames();
    assert_eq!(frames.len(), 1);
    frames.remove(0)
}

#[test]
fn checksums_are_filled_in() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    ends.rx.filter(&crate::common::Spec::local(&Packet::TCP)).unwrap();
    for payload in [18, 19, 100, 1001] {
        for packet in [Packet::UDP, Packet::TCP, Packet { vlan: Some(7), ..Packet::UDP }] {
            let (wrong, right) = spoilt(&packet, payload);
            assert_eq!(over(&ends, &wrong), right);
        }
    }
    // In pieces, too.
    let (wrong, right) = spoilt(&Packet::UDP, 500);
    let address = ends.tx.load(0, &wrong);
    assert_eq!(ends.tx.transmitv(&[(address, 33), (address + 33, wrong.len() - 33)], 0), 0);
    assert_eq!(ends.rx.frames(), [right]);
    // The application's own buffer is only read.
    assert_eq!(ends.tx.memory.read(Vi::HALF * Vi::BUFFER, wrong.len()), wrong);
}

/// A UDP checksum that comes to 0 is sent as 0xffff: 0 would say that there is none.
#[test]
fn a_udp_checksum_of_zero_is_sent_as_ones() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    let mut payload = [0_u8; 18];
    let at = Packet::UDP.transport_checksum_at();
    let plain = Packet::UDP.frame(&payload);
    // The payload's last word takes up what the sum lacks.
    payload[16..].copy_from_slice(&plain[at..at + 2]);
    let right = Packet::UDP.frame(&payload);
    assert_eq!(right[at..at + 2], [0xff, 0xff]);
    let mut wrong = right.clone();
    wrong[at] = 1;
    assert_eq!(over(&ends, &wrong), right);
}

#[test]
fn checksum_flags_leave_checksums_alone() {
    let (ip, transport) = (Packet::UDP.ip_checksum_at(), Packet::UDP.transport_checksum_at());
    let (wrong, right) = spoilt(&Packet::UDP, 100);
    let mut ip_only = wrong.clone();
    ip_only[ip..ip + 2].copy_from_slice(&right[ip..ip + 2]);
    let mut transport_only = wrong.clone();
    transport_only[transport..transport + 2].copy_from_slice(&right[transport..transport + 2]);
    for (flags, expected) in [
        (EF_VI_TX_TCPUDP_CSUM_DIS, &ip_only),
        (EF_VI_TX_IP_CSUM_DIS, &transport_only),
        (EF_VI_TX_IP_CSUM_DIS | EF_VI_TX_TCPUDP_CSUM_DIS, &wrong),
    ] {
        assert_eq!(over(&ready(flags), &wrong), *expected, "{flags:#x}");
    }
}

/// Other protocols, fragments, and what is not IPv4 are left alone, but for the header checksum of IPv4.
#[test]
fn only_tcp_and_udp_over_ipv4_have_a_checksum_filled_in() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    ends.rx.filter(&crate::common::Spec::ethernet(Packet::UDP.mac, None)).unwrap();
    let mut arp = Packet::UDP.sized(60, 0);
    arp[12..14].copy_from_slice(&[8, 6]);
    assert_eq!(over(&ends, &arp), arp);
    let mut icmp = Packet::UDP.sized(60, 0);
    icmp[23] = 1;
    let mut expected = icmp.clone();
    // The protocol's number went from 17 to 1: so did the sum, and its complement goes up.
    let sum = u16::from_be_bytes([icmp[24], icmp[25]]) + 16;
    expected[24..26].copy_from_slice(&sum.to_be_bytes());
    assert_eq!(over(&ends, &icmp), expected);
    let mut fragment = Packet::UDP.sized(60, 0);
    fragment[20] = 0x20;
    fragment[40] ^= 0xff;
    let sent = over(&ends, &fragment);
    assert_eq!(sent[40..], fragment[40..], "a fragment's payload is not summed");
}
