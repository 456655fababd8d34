//! Frames with something wrong with them: RX_DISCARD, its reasons, and choosing which are made.

use crate::common::{Ends, Packet, Packet6, Part, Queues, Spec, Vi, cable, ready};
use efvi_sys::*;
use mock_nic::Fcs;

const ALL: u32 = EF_VI_DISCARD_RX_L4_CSUM_ERR | EF_VI_DISCARD_RX_L3_CSUM_ERR | EF_VI_DISCARD_RX_ETH_FCS_ERR;

/// What the adapter can find beside these.
const MORE: u32 =
    EF_VI_DISCARD_RX_ETH_LEN_ERR | EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR | EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR;

/// A datagram with a wrong byte.
fn with_wrong(at: usize) -> Vec<u8> {
    let mut frame = Packet::UDP.sized(100, 0);
    frame[at] ^= 0x10;
    frame
}

fn bad_ip() -> Vec<u8> {
    with_wrong(Packet::UDP.ip_checksum_at())
}

fn bad_udp() -> Vec<u8> {
    with_wrong(Packet::UDP.transport_checksum_at())
}

/// The reason of the discard that the frame became; none if it was received.
fn reason(Ends { rx, far, .. }: &Ends, frame: &[u8], fcs: Fcs) -> Option<u32> {
    far.inject(frame, fcs).unwrap();
    let events = rx.drain();
    assert_eq!(events.len(), 1);
    let event = &events[0];
    // Either way the buffer is back, with the frame in it.
    assert_eq!(rx.frame(event), frame);
    match EF_EVENT_TYPE(event) {
        EF_EVENT_TYPE_RX => None,
        kind => {
            assert_eq!(kind, EF_EVENT_TYPE_RX_DISCARD);
            assert_eq!(EF_EVENT_RX_DISCARD_BYTES(event), frame.len() as u32);
            assert_eq!((EF_EVENT_RX_DISCARD_SOP(event) != 0, EF_EVENT_RX_DISCARD_CONT(event)), (true, 0));
            Some(EF_EVENT_RX_DISCARD_TYPE(event))
        }
    }
}

#[test]
fn wrong_checksums_and_check_sequences_make_discards() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(reason(&ends, &Packet::UDP.sized(100, 0), Fcs::Good), None);
    assert_eq!(reason(&ends, &bad_ip(), Fcs::Good), Some(EF_EVENT_RX_DISCARD_CSUM_BAD));
    assert_eq!(reason(&ends, &bad_udp(), Fcs::Good), Some(EF_EVENT_RX_DISCARD_CSUM_BAD));
    assert_eq!(reason(&ends, &with_wrong(80), Fcs::Good), Some(EF_EVENT_RX_DISCARD_CSUM_BAD), "payload");
    assert_eq!(reason(&ends, &Packet::UDP.sized(100, 0), Fcs::Bad), Some(EF_EVENT_RX_DISCARD_CRC_BAD));
    assert_eq!(reason(&ends, &bad_udp(), Fcs::Bad), Some(EF_EVENT_RX_DISCARD_CRC_BAD), "the lowest layer's");
    assert_eq!((ends.rx.statistic("rx_discards"), ends.rx.statistic("rx_frames")), (5, 6));
}

#[test]
fn tcp_and_tagged_frames_are_checked_too() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    ends.rx.filter(&Spec::local(&Packet::TCP)).unwrap();
    for packet in [Packet::TCP, Packet { vlan: Some(9), ..Packet::UDP }, Packet { vlan: Some(9), ..Packet::TCP }] {
        let frame = packet.sized(200, 0);
        assert_eq!(reason(&ends, &frame, Fcs::Good), None);
        for at in [packet.ip_checksum_at(), packet.transport_checksum_at(), 199] {
            let mut wrong = frame.clone();
            wrong[at] ^= 1;
            assert_eq!(reason(&ends, &wrong, Fcs::Good), Some(EF_EVENT_RX_DISCARD_CSUM_BAD), "byte {at}");
        }
    }
}

/// A UDP checksum of 0 says that there is none; fragments have none of their own, other protocols another; what is not
/// IPv4 has none at all.
#[test]
fn what_has_no_checksum_has_no_wrong_one() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    ends.rx.filter(&Spec::ethernet(Packet::UDP.mac, None)).unwrap();
    let at = Packet::UDP.transport_checksum_at();
    let mut none = Packet::UDP.sized(100, 0);
    none[at..at + 2].fill(0);
    assert_eq!(reason(&ends, &none, Fcs::Good), None);
    let mut arp = bad_ip();
    arp[12..14].copy_from_slice(&[8, 6]);
    assert_eq!(reason(&ends, &arp, Fcs::Good), None);
    // The header's checksum goes down by as much as the flags, or the protocol, go up.
    let mut fragment = bad_udp();
    fragment[20] ^= 0x20;
    let sum = u16::from_be_bytes([fragment[24], fragment[25]]);
    let (sum, borrow) = sum.overflowing_sub(0x2000);
    fragment[24..26].copy_from_slice(&(sum - u16::from(borrow)).to_be_bytes());
    assert_eq!(fragment[20], 0x60, "more fragments follow");
    assert_eq!(reason(&ends, &fragment, Fcs::Good), None);
    let mut icmp = bad_udp();
    icmp[23] = 1;
    let sum = u16::from_be_bytes([icmp[24], icmp[25]]);
    let (sum, carry) = sum.overflowing_add(16);
    icmp[24..26].copy_from_slice(&(sum + u16::from(carry)).to_be_bytes());
    assert_eq!(reason(&ends, &icmp, Fcs::Good), None);
}

#[test]
fn the_application_chooses_which_errors_make_discards() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(ends.rx.discards() as u32 & ALL, ALL, "all unless it does");
    for chosen in (0..=ALL).rev() {
        assert_eq!(ends.rx.set_discards(chosen), 0);
        assert_eq!(ends.rx.discards(), chosen.into());
        let expected = |flag: u32, why: u32| (chosen & flag != 0).then_some(why);
        assert_eq!(
            reason(&ends, &bad_ip(), Fcs::Good),
            expected(EF_VI_DISCARD_RX_L3_CSUM_ERR, EF_EVENT_RX_DISCARD_CSUM_BAD),
            "{chosen:#x}"
        );
        assert_eq!(
            reason(&ends, &bad_udp(), Fcs::Good),
            expected(EF_VI_DISCARD_RX_L4_CSUM_ERR, EF_EVENT_RX_DISCARD_CSUM_BAD)
        );
        assert_eq!(
            reason(&ends, &Packet::UDP.sized(100, 0), Fcs::Bad),
            expected(EF_VI_DISCARD_RX_ETH_FCS_ERR, EF_EVENT_RX_DISCARD_CRC_BAD)
        );
        assert_eq!(reason(&ends, &Packet::UDP.sized(100, 0), Fcs::Good), None);
    }
}

/// A frame in a VXLAN tunnel.
fn tunnelled(inner: &[u8]) -> Vec<u8> {
    let outer = Packet { to: (Packet::UDP.to.0, 4789), ..Packet::UDP };
    outer.frame(&[&[8, 0, 0, 0, 0, 0, 5, 0][..], inner].concat())
}

/// Checksums of the packet in a tunnel are checked too, and have a reason of their own; those outside come first.
#[test]
fn checksums_in_a_tunnel_are_checked() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    ends.rx.filter(&Spec::local(&Packet { to: (Packet::UDP.to.0, 4789), ..Packet::UDP })).unwrap();
    assert_eq!(reason(&ends, &tunnelled(&Packet::TCP.sized(100, 0)), Fcs::Good), None);
    for (bad, flag) in [(bad_ip(), EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR), (bad_udp(), EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR)]
    {
        assert_eq!(ends.rx.set_discards(ALL | MORE), 0);
        assert_eq!(reason(&ends, &tunnelled(&bad), Fcs::Good), Some(EF_EVENT_RX_DISCARD_INNER_CSUM_BAD));
        let mut both = tunnelled(&bad);
        both[Packet::UDP.ip_checksum_at()] ^= 1;
        assert_eq!(reason(&ends, &both, Fcs::Good), Some(EF_EVENT_RX_DISCARD_CSUM_BAD));
        assert_eq!(ends.rx.set_discards((ALL | MORE) & !flag), 0);
        assert_eq!(reason(&ends, &tunnelled(&bad), Fcs::Good), None, "not chosen");
    }
}

/// A length field (IEEE 802.3) of more than the frame holds.
#[test]
fn a_frame_shorter_than_it_says_is_a_discard() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    ends.rx.filter(&Spec::ethernet(Packet::UDP.mac, None)).unwrap();
    let with_length = |length: u16| {
        let mut frame = Packet::UDP.sized(100, 0);
        frame[12..14].copy_from_slice(&length.to_be_bytes());
        frame
    };
    assert_eq!(reason(&ends, &with_length(86), Fcs::Good), None);
    assert_eq!(reason(&ends, &with_length(87), Fcs::Good), Some(EF_EVENT_RX_DISCARD_CRC_BAD));
    assert_eq!(ends.rx.set_discards(ALL), 0);
    assert_eq!(reason(&ends, &with_length(87), Fcs::Good), None, "not chosen");
}

/// The adapter's own statistics, of 4 bytes each, come first, by its names for them.
#[test]
fn the_adapters_statistics_tell_what_was_wrong() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    ends.rx.filter(&Spec::ethernet(Packet::UDP.mac, None)).unwrap();
    assert_eq!(reason(&ends, &bad_udp(), Fcs::Bad), Some(EF_EVENT_RX_DISCARD_CRC_BAD));
    let mut short = Packet::UDP.sized(100, 0);
    short[12..14].copy_from_slice(&200_u16.to_be_bytes());
    reason(&ends, &short, Fcs::Good);
    let names = ["RX CRC errors", "RX trunk errors", "RX no descriptor errors", "RX abort errors"];
    let first: Vec<_> = ends.rx.statistics(false).into_iter().take(4).collect();
    assert_eq!(first, names.map(str::to_owned).into_iter().zip([1, 1, 0, 0]).collect::<Vec<_>>());
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    rx.set_buffer_len(64);
    rx.fill(0..8);
    far.inject(&Packet::UDP.sized(1000, 0), Fcs::Good).unwrap();
    rx.drain();
    far.inject(&Packet::UDP.sized(60, 0), Fcs::Good).unwrap();
    rx.drain();
    assert_eq!(rx.statistic("RX abort errors"), 1);
    assert_eq!(rx.statistic("RX no descriptor errors"), 2);
    rx.statistics(true);
    assert_eq!(rx.statistic("RX abort errors"), 0, "set back");
}

#[test]
fn ipv6_checksums_are_checked() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    let base = Packet6::UDP;
    for packet in [base, Packet6 { protocol: 6, ..base }, Packet6 { vlan: Some(9), ..base }] {
        ends.rx.filter(&Spec::of(&[Part::Local6(packet), Part::Vlan(EF_FILTER_VLAN_ID_ANY)])).ok();
        let frame = packet.sized(200);
        assert_eq!(reason(&ends, &frame, Fcs::Good), None);
        let mut wrong = frame.clone();
        wrong[199] ^= 1;
        assert_eq!(reason(&ends, &wrong, Fcs::Good), Some(EF_EVENT_RX_DISCARD_CSUM_BAD));
    }
}

/// All that the adapter can find makes a discard unless the application chooses; what only others find is ignored.
#[test]
fn what_is_chosen_is_read_back() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(ends.rx.discards(), (ALL | MORE).into());
    for chosen in [0, EF_VI_DISCARD_RX_ETH_LEN_ERR, MORE, ALL | MORE] {
        assert_eq!(ends.rx.set_discards(chosen | EF_VI_DISCARD_RX_L3_CLASS_OTHER), 0);
        assert_eq!(ends.rx.discards(), chosen.into());
    }
}

/// Of a frame in several buffers all come back, and the last says what was wrong.
#[test]
fn a_bad_frame_in_several_buffers_gives_all_of_them_back() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    rx.set_buffer_len(256);
    rx.fill(0..8);
    far.inject(&Packet::UDP.sized(700, 0), Fcs::Bad).unwrap();
    far.inject(&Packet::UDP.sized(60, 0), Fcs::Good).unwrap();
    let events = rx.drain();
    let kinds: Vec<_> = events.iter().map(EF_EVENT_TYPE).collect();
    assert_eq!(kinds, [EF_EVENT_TYPE_RX, EF_EVENT_TYPE_RX, EF_EVENT_TYPE_RX_DISCARD, EF_EVENT_TYPE_RX]);
    let ids: Vec<_> = events.iter().map(EF_EVENT_RX_RQ_ID).collect();
    assert_eq!(ids, [0, 1, 2, 3]);
    assert_eq!((EF_EVENT_RX_DISCARD_BYTES(&events[2]), EF_EVENT_RX_DISCARD_CONT(&events[2])), (700, 0));
    assert_eq!((EF_EVENT_RX_BYTES(&events[3]), EF_EVENT_RX_SOP(&events[3]) != 0), (60, true));
    assert_eq!(rx.statistic("rx_discards"), 1);
}

/// Good and bad frames come in the order in which they were on the wire.
#[test]
fn discards_keep_their_place() {
    let Ends { rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    for number in 0..60 {
        let fcs = if number % 3 == 0 { Fcs::Bad } else { Fcs::Good };
        far.inject(&Packet::UDP.sized(60 + number, number), fcs).unwrap();
    }
    for (number, event) in rx.drain().iter().enumerate() {
        let kind = if number % 3 == 0 { EF_EVENT_TYPE_RX_DISCARD } else { EF_EVENT_TYPE_RX };
        assert_eq!(EF_EVENT_TYPE(event), kind);
        assert_eq!(rx.frame(event), Packet::UDP.sized(60 + number, number));
    }
    assert_eq!(rx.receive_ring().1, 4);
}

/// A buffer is the application's after a discard: it can be posted at once.
#[test]
fn the_buffer_of_a_discard_is_posted_again() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    rx.fill(0..8);
    let repost = |vi: &Vi, event: &ef_event| {
        let id = EF_EVENT_RX_DISCARD_RQ_ID(event);
        assert_eq!(vi.receive_post(vi.buffer(id as usize), id as i32), 0);
    };
    for _ in 0..100 {
        for _ in 0..8 {
            far.inject(&bad_udp(), Fcs::Good).unwrap();
        }
        let events = rx.drain();
        assert_eq!(events.len(), 8);
        events.iter().for_each(|event| repost(rx, event));
    }
    assert_eq!((rx.statistic("rx_discards"), rx.statistic("rx_no_descriptor")), (800, 0));
}
