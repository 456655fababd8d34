//! The kinds of filters beside those of [`filters`](crate::filters): what each takes, which go together, and which wins.

use crate::common::{Packet, Packet6, Part, Spec};
use crate::filters::{port_with, takers, takers_of};
use efvi_sys::*;
#[cfg(onload_since = "9.1-next")]
use mock_nic::Fcs;

const UDP: Packet = Packet::UDP;
const MAC: [u8; 6] = UDP.mac;
const ANY: i32 = EF_FILTER_VLAN_ID_ANY;

/// A frame that is not IP.
fn ethernet(mac: [u8; 6], ethertype: u16) -> Vec<u8> {
    let mut frame = Packet { mac, ..UDP }.sized(60, 0);
    frame[12..14].copy_from_slice(&ethertype.to_be_bytes());
    frame
}

/// A ping: IP, and neither TCP nor UDP.
fn icmp(mac: [u8; 6]) -> Vec<u8> {
    let mut frame = Packet { mac, ..UDP }.sized(60, 0);
    frame[23] = 1;
    // The header's checksum goes up by as much as the protocol goes down.
    let sum = u16::from_be_bytes([frame[24], frame[25]]);
    let (sum, carry) = sum.overflowing_add(16);
    frame[24..26].copy_from_slice(&(sum + u16::from(carry)).to_be_bytes());
    frame
}

/// Protocol, local address and local port; and both ends.
#[test]
fn ipv6_filters_take_what_ipv4_ones_do() {
    const UDP6: Packet6 = Packet6::UDP;
    for base in [UDP6, Packet6 { protocol: 6, ..UDP6 }] {
        for full in [false, true] {
            let (port, vis) = port_with(1);
            vis[0].filter(&Spec::of(&[if full { Part::Full6(base) } else { Part::Local6(base) }])).unwrap();
            let takes = |packet: Packet6| takers_of(&port, &vis, &packet.sized(120)) == [0];
            assert!(takes(base));
            assert!(takes(Packet6 { mac: [2, 9, 9, 9, 9, 9], vlan: Some(3), ..base }), "any MAC address and VLAN");
            assert_eq!(takes(Packet6 { from: (base.from.0, 8), ..base }), !full);
            assert_eq!(takes(Packet6 { from: (base.to.0, 7), ..base }), !full);
            assert!(!takes(Packet6 { to: (base.to.0, 10), ..base }));
            assert!(!takes(Packet6 { to: (base.from.0, 9), ..base }));
            assert!(!takes(Packet6 { protocol: 23 - base.protocol, ..base }));
            assert!(takers(&port, &vis, &UDP).is_empty(), "IPv4");
        }
    }
}

/// A VLAN added to a filter is one more thing that has to match.
#[test]
fn a_vlan_narrows_a_filter() {
    let parts = [
        (Part::Local(UDP), UDP.sized(100, 0)),
        (Part::Full(UDP), UDP.sized(100, 0)),
        (Part::Local6(Packet6::UDP), Packet6::UDP.sized(100)),
        (Part::Ethertype(0x88b5), ethernet(MAC, 0x88b5)),
        (Part::Protocol(1), icmp(MAC)),
        (Part::UnicastMismatch, ethernet(MAC, 0x88b5)),
        (Part::MulticastMismatch, ethernet([1, 0, 0x5e, 0, 0, 5], 0x88b5)),
    ];
    for (part, frame) in parts {
        let tagged = |vlan: u8| [&frame[..12], &[0x81, 0, 0x60, vlan], &frame[12..]].concat();
        for order in [[part, Part::Vlan(5)], [Part::Vlan(5), part]] {
            let (port, vis) = port_with(1);
            vis[0].filter(&Spec::of(&order)).unwrap();
            assert_eq!(takers_of(&port, &vis, &tagged(5)), [0], "{order:?}");
            assert!(takers_of(&port, &vis, &tagged(6)).is_empty(), "{order:?}");
            assert!(takers_of(&port, &vis, &frame).is_empty(), "{order:?}");
        }
        let (port, vis) = port_with(1);
        vis[0].filter(&Spec::of(&[part])).unwrap();
        assert_eq!(takers_of(&port, &vis, &frame), [0], "{part:?}");
        assert_eq!(takers_of(&port, &vis, &tagged(6)), [0], "{part:?}");
    }
}

/// EtherType and IP protocol, of any station or of one. The firmware takes IP as an EtherType, and TCP and UDP as
/// protocols, but they match nothing.
#[test]
fn ethertypes_and_protocols_are_matched() {
    let other = [2, 0, 0, 0, 0, 7];
    let (port, vis) = port_with(4);
    vis[0].filter(&Spec::of(&[Part::Ethertype(0x88b5)])).unwrap();
    vis[1].filter(&Spec::of(&[Part::Ethertype(0x88b5), Part::Ethernet(MAC, ANY)])).unwrap();
    vis[2].filter(&Spec::of(&[Part::Protocol(1)])).unwrap();
    vis[3].filter(&Spec::of(&[Part::Ethernet(MAC, ANY), Part::Protocol(1)])).unwrap();
    assert_eq!(takers_of(&port, &vis, &ethernet(other, 0x88b5)), [0]);
    assert_eq!(takers_of(&port, &vis, &ethernet(MAC, 0x88b5)), [1]);
    assert_eq!(takers_of(&port, &vis, &icmp(other)), [2]);
    assert_eq!(takers_of(&port, &vis, &icmp(MAC)), [3]);
    assert!(takers_of(&port, &vis, &ethernet(MAC, 0x88b6)).is_empty());
    for part in [Part::Ethertype(0x0800), Part::Ethertype(0x86dd), Part::Protocol(6), Part::Protocol(17)] {
        vis[0].filter(&Spec::of(&[part])).unwrap();
    }
    assert!(takers(&port, &vis, &UDP).is_empty());
    assert!(takers(&port, &vis, &Packet::TCP).is_empty());
    assert!(takers_of(&port, &vis, &Packet6::UDP.sized(100)).is_empty());
}

/// All of a class, whatever there is for the kernel; other VIs' filters go first with unicast.
#[test]
fn filters_for_all_take_the_rest() {
    let (port, vis) = port_with(2);
    vis[0].filter(&Spec::of(&[Part::AllUnicast])).unwrap();
    vis[1].filter(&Spec::udp()).unwrap();
    assert_eq!(takers(&port, &vis, &UDP), [1]);
    assert_eq!(takers(&port, &vis, &Packet::TCP), [0]);
    assert_eq!(takers_of(&port, &vis, &ethernet(port.mac(), 0x0806)), [0]);
    assert!(takers(&port, &vis, &Packet::MULTICAST).is_empty());
    assert_eq!(vis[1].filter(&Spec::of(&[Part::AllUnicast])).err(), Some(-libc::EEXIST));
    vis[1].filter(&Spec::of(&[Part::AllMulticast])).unwrap();
    assert_eq!(takers(&port, &vis, &Packet::MULTICAST), [1]);
}

/// What no other filter takes, and the kernel has not subscribed to: its own address, and that of all stations.
#[test]
fn mismatch_filters_take_what_nobody_wants() {
    let (port, vis) = port_with(4);
    vis[0].filter(&Spec::of(&[Part::UnicastMismatch])).unwrap();
    vis[1].filter(&Spec::of(&[Part::MulticastMismatch])).unwrap();
    vis[2].filter(&Spec::udp()).unwrap();
    vis[3].filter(&Spec::local(&Packet::MULTICAST)).unwrap();
    assert_eq!(takers(&port, &vis, &UDP), [2]);
    assert_eq!(takers(&port, &vis, &Packet::TCP), [0]);
    assert_eq!(takers(&port, &vis, &Packet::MULTICAST), [3]);
    assert_eq!(takers(&port, &vis, &Packet { to: ([224, 0, 0, 9], 9), ..Packet::MULTICAST }), [1]);
    let before = port.left_to_kernel();
    assert!(takers_of(&port, &vis, &ethernet(port.mac(), 0x0806)).is_empty());
    assert!(takers_of(&port, &vis, &ethernet([0xff; 6], 0x0806)).is_empty());
    assert_eq!(port.left_to_kernel() - before, 2);
}

/// What the adapter has for the kernel is the kernel's, unless a VI's filter takes it.
#[test]
fn kernel_traffic_is_left_alone() {
    let (port, vis) = port_with(1);
    vis[0].filter(&Spec::udp()).unwrap();
    assert_eq!(takers(&port, &vis, &Packet { mac: port.mac(), ..UDP }), [0]);
    assert_eq!(port.left_to_kernel(), 0);
    assert!(takers(&port, &vis, &Packet { mac: port.mac(), ..Packet::TCP }).is_empty());
    assert!(takers(&port, &vis, &Packet { mac: [0xff; 6], ..Packet::TCP }).is_empty());
    assert_eq!(port.left_to_kernel(), 2);
    assert!(takers(&port, &vis, &Packet::TCP).is_empty());
    assert_eq!(port.left_to_kernel(), 2, "another station's");
}

/// Blocking takes nothing, and keeps frames from the kernel; of one class, or of both; until it is removed.
#[test]
fn the_kernel_can_be_blocked() {
    let (port, vis) = port_with(2);
    let to_kernel = || {
        [port.mac(), [0xff; 6]].map(|mac| {
            let before = port.left_to_kernel();
            assert!(takers_of(&port, &vis, &ethernet(mac, 0x0806)).is_empty());
            port.left_to_kernel() > before
        })
    };
    assert_eq!(to_kernel(), [true, true]);
    for (part, expected) in [
        (Part::BlockKernel, [false, false]),
        (Part::BlockKernelUnicast, [false, true]),
        (Part::BlockKernelMulticast, [true, false]),
    ] {
        let cookie = vis[0].filter(&Spec::of(&[part])).unwrap();
        let again = vis[1].filter(&Spec::of(&[part])).unwrap();
        assert_eq!(to_kernel(), expected, "{part:?}");
        assert_eq!(vis[0].unfilter(cookie), 0);
        assert_eq!(to_kernel(), expected, "the other VI's");
        assert_eq!(vis[1].unfilter(again), 0);
        assert_eq!(to_kernel(), [true, true]);
    }
}

/// Of all kinds that match a unicast frame the most specific wins.
#[test]
fn kinds_rank_from_the_most_specific_on() {
    let specs = [
        &[Part::Full(UDP), Part::Vlan(5)][..],
        &[Part::Full(UDP)],
        &[Part::Local(UDP), Part::Vlan(5)],
        &[Part::Local(UDP)],
        &[Part::Ethernet(MAC, 5)],
        &[Part::Ethernet(MAC, ANY)],
        &[Part::AllUnicast],
        &[Part::Vlan(5), Part::UnicastMismatch],
        &[Part::UnicastMismatch],
    ];
    let tagged = Packet { vlan: Some(5), ..UDP };
    let (port, vis) = port_with(specs.len());
    let cookies: Vec<_> = vis.iter().zip(specs).map(|(vi, parts)| vi.filter(&Spec::of(parts)).unwrap()).collect();
    for (i, cookie) in cookies.into_iter().enumerate() {
        assert_eq!(takers(&port, &vis, &tagged), [i]);
        assert_eq!(vis[i].unfilter(cookie), 0);
    }
    assert!(takers(&port, &vis, &tagged).is_empty());
}

/// Which parts a specification can hold together; all others are `-EPROTONOSUPPORT`.
#[test]
fn parts_that_do_not_go_together_are_refused() {
    let all = [
        Part::Local(UDP),
        Part::Full(UDP),
        Part::Local6(Packet6::UDP),
        Part::Full6(Packet6::UDP),
        Part::Vlan(5),
        Part::Ethernet(MAC, ANY),
        Part::Ethertype(0x88b5),
        Part::Protocol(1),
        Part::AllUnicast,
        Part::AllMulticast,
        Part::UnicastMismatch,
        Part::MulticastMismatch,
        Part::Sniff(true),
        Part::SniffSent,
        Part::BlockKernel,
        Part::BlockKernelUnicast,
        Part::BlockKernelMulticast,
    ];
    let with_vlan = [0, 1, 2, 3, 6, 7, 10, 11];
    for (i, first) in all.iter().enumerate() {
        for (j, second) in all.iter().enumerate() {
            let pair = [i.min(j), i.max(j)];
            let together = match pair {
                [low, 4] | [4, low] => low != 4 && with_vlan.contains(&low),
                [5, 6] | [5, 7] => true,
                _ => false,
            };
            let mut spec = Spec::of(&[*first]);
            let expected = if together { 0 } else { -libc::EPROTONOSUPPORT };
            assert_eq!(spec.set(second), expected, "{first:?}, {second:?}");
        }
    }
}

/// What can be said, but the adapter has not.
#[test]
fn what_the_adapter_has_not_is_refused() {
    let (_port, vis) = port_with(1);
    let refusal = |parts: &[Part]| vis[0].filter(&Spec::of(parts)).err();
    assert_eq!(refusal(&[Part::Vlan(5)]), Some(-libc::EINVAL), "a VLAN alone");
    assert_eq!(refusal(&[Part::Local(UDP), Part::Vlan(4096)]), Some(-libc::EINVAL));
    assert_eq!(refusal(&[Part::Local6(Packet6 { protocol: 58, ..Packet6::UDP })]), Some(-libc::EPROTONOSUPPORT));
    assert_eq!(refusal(&[Part::Local(UDP), Part::Destination(3, 0)]), Some(-libc::EOPNOTSUPP), "for shared queues");
    let mut spec = Spec::udp();
    assert_eq!(spec.set(&Part::Destination(3, 1)), -libc::EINVAL, "there are no flags");
    assert_eq!(spec.set(&Part::Destination(-1, 0)), -libc::EINVAL);
    assert_eq!(spec.set(&Part::Mark), -libc::EOPNOTSUPP);
    assert_eq!(spec.set(&Part::Flag), -libc::EOPNOTSUPP);
    vis[0].filter(&spec).unwrap();
}

/// No remote address makes a full filter a local one.
#[test]
fn a_full_filter_without_a_remote_end_is_a_local_one() {
    let (port, vis) = port_with(1);
    vis[0].filter(&Spec::full(&Packet { from: ([0; 4], 0), ..UDP })).unwrap();
    assert_eq!(takers(&port, &vis, &UDP), [0]);
    assert_eq!(vis[0].filter(&Spec::udp()).err(), Some(-libc::EEXIST));
}

/// A query tells the id that packets carry; only of the VI's own filters, and while they are there.
#[test]
fn a_filter_can_be_asked_for_its_id() {
    let (_port, vis) = port_with(2);
    let (a, b) = (vis[0].filter(&Spec::udp()).unwrap(), vis[0].filter(&Spec::local(&Packet::TCP)).unwrap());
    let (fields, id, _) = vis[0].query(&a).unwrap();
    assert_eq!(fields, EF_FILTER_FIELD_ID.into(), "there is no shared queue to tell of");
    assert_ne!(vis[0].query(&b).unwrap().1, id);
    assert_eq!(vis[1].query(&a), Err(-libc::EINVAL), "another's");
    assert_eq!(vis[0].unfilter(a), 0);
    assert_eq!(vis[0].query(&a), Err(-libc::EINVAL));
    let sniff = vis[0].filter(&Spec::of(&[Part::Sniff(true)])).unwrap();
    assert_eq!(vis[0].query(&sniff), Err(-libc::EINVAL), "it has no id");
}

/// The prefix tells which filter a packet came by.
#[cfg(onload_since = "9.1-next")]
#[test]
fn packets_carry_the_id_of_their_filter() {
    use crate::common::{Domain, Queues};
    use mock_nic::Fabric;
    for flags in [EF_VI_RX_FILTER_ID, EF_VI_RX_FILTER_ID | EF_VI_RX_TIMESTAMPS | EF_VI_RX_EVENT_MERGE] {
        let port = Fabric::new().looped().unwrap();
        let vi = Domain::on(&port).vi(Queues { flags, ..Queues::default() }).unwrap();
        vi.fill(0..16);
        let cookies = [Spec::udp(), Spec::full(&UDP), Spec::local(&Packet::TCP)].map(|spec| vi.filter(&spec).unwrap());
        let ids = cookies.map(|cookie| vi.query(&cookie).unwrap().1 as i32);
        let got = |buffer: usize, packet: &Packet| {
            port.inject(&packet.sized(100, 0), Fcs::Good).unwrap();
            let event = vi.drain()[0];
            if flags & EF_VI_RX_EVENT_MERGE != 0 {
                vi.unbundle_receive(&event);
            }
            let packet = vi.memory.address(buffer * crate::common::Vi::BUFFER);
            // SAFETY: an allocated VI, its event, and a packet of it.
            unsafe { ef_vi_receive_get_filter_id(vi.raw, &event, packet.cast()) }
        };
        assert_eq!(got(0, &UDP), ids[1], "the most specific");
        assert_eq!(got(1, &Packet { from: ([192, 0, 2, 77], 1), ..UDP }), ids[0]);
        assert_eq!(got(2, &Packet::TCP), ids[2]);
        assert_eq!(got(3, &UDP), ids[1]);
    }
    let (_port, vis) = port_with(1);
    // SAFETY: an allocated VI, and a buffer of it.
    let rc = unsafe { ef_vi_receive_get_filter_id(vis[0].raw, &ef_event::default(), vis[0].memory.address(0).cast()) };
    assert_eq!(rc, -libc::EOPNOTSUPP, "not asked for");
}
