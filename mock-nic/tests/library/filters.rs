//! Filters: what each kind takes, which of several gets a frame, and their life.

use crate::common::{Domain, Packet, Queues, Spec, Vi};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fcs};
use std::rc::Rc;

/// A port and VIs that are ready to receive on it.
pub fn port_with(vis: usize) -> (FabricPort, Vec<Rc<Vi>>) {
    let port = Fabric::new().looped().unwrap();
    let vis = (0..vis)
        .map(|_| {
            let vi = Domain::on(&port).vi(Queues::default()).unwrap();
            vi.fill(0..504);
            vi
        })
        .collect();
    (port, vis)
}

/// Which of the VIs get a packet.
pub fn takers(port: &FabricPort, vis: &[Rc<Vi>], packet: &Packet) -> Vec<usize> {
    takers_of(port, vis, &packet.sized(100, 0))
}

/// Which of the VIs get a frame.
pub fn takers_of(port: &FabricPort, vis: &[Rc<Vi>], frame: &[u8]) -> Vec<usize> {
    let claimed = port.inject(frame, Fcs::Good).is_ok();
    let taken = |vi: &Rc<Vi>| match &vi.frames()[..] {
        [] => false,
        [one] => {
            assert_eq!(one, frame);
            true
        }
        more => panic!("{} copies", more.len()),
    };
    let takers: Vec<_> = (0..vis.len()).filter(|&i| taken(&vis[i])).collect();
    assert_eq!(claimed, !takers.is_empty());
    takers
}

const UDP: Packet = Packet::UDP;
const TCP: Packet = Packet::TCP;

#[test]
fn without_a_filter_nothing_is_received() {
    let (port, vis) = port_with(1);
    assert!(takers(&port, &vis, &UDP).is_empty());
    assert!(takers(&port, &vis, &Packet::MULTICAST).is_empty());
}

/// Protocol, local address and local port; nothing else.
#[test]
fn a_local_filter_takes_what_goes_to_an_address_and_port() {
    for base in [UDP, TCP] {
        let (port, vis) = port_with(1);
        vis[0].filter(&Spec::local(&base)).unwrap();
        let takes = |packet| takers(&port, &vis, &packet) == [0];
        assert!(takes(base));
        assert!(takes(Packet { from: ([203, 0, 113, 9], 1), ..base }), "from anywhere");
        assert!(takes(Packet { mac: [2, 9, 9, 9, 9, 9], ..base }), "to any MAC address");
        assert!(!takes(Packet { protocol: 23 - base.protocol, ..base }), "the other protocol");
        assert!(!takes(Packet { to: ([192, 0, 2, 3], 9), ..base }));
        assert!(!takes(Packet { to: ([192, 0, 2, 2], 10), ..base }));
        assert!(!takes(Packet { to: ([2, 2, 0, 192], 9), ..base }), "byte order");
        assert!(!takes(Packet { to: ([192, 0, 2, 2], 9_u16.swap_bytes()), ..base }), "byte order");
    }
}

/// Both ends.
#[test]
fn a_full_filter_takes_one_flow() {
    for base in [UDP, TCP] {
        let (port, vis) = port_with(1);
        vis[0].filter(&Spec::full(&base)).unwrap();
        let takes = |packet| takers(&port, &vis, &packet) == [0];
        assert!(takes(base));
        assert!(!takes(Packet { from: ([192, 0, 2, 9], 7), ..base }));
        assert!(!takes(Packet { from: ([192, 0, 2, 1], 8), ..base }));
        assert!(!takes(Packet { to: ([192, 0, 2, 3], 9), ..base }));
        assert!(!takes(Packet { to: ([192, 0, 2, 2], 10), ..base }));
        assert!(!takes(Packet { from: base.to, to: base.from, ..base }), "the other direction");
        assert!(!takes(Packet { protocol: 23 - base.protocol, ..base }));
    }
}

#[test]
fn an_ethernet_filter_takes_what_goes_to_a_mac_address() {
    let (port, vis) = port_with(2);
    vis[0].filter(&Spec::ethernet(UDP.mac, None)).unwrap();
    vis[1].filter(&Spec::ethernet([2, 0, 0, 0, 0, 3], Some(5))).unwrap();
    let takers = |mac, vlan| takers(&port, &vis, &Packet { mac, vlan, ..UDP });
    assert_eq!(takers(UDP.mac, None), [0]);
    assert_eq!(takers(UDP.mac, Some(5)), [0], "any VLAN");
    assert!(takers([2, 0, 0, 0, 0, 9], None).is_empty());
    assert_eq!(takers([2, 0, 0, 0, 0, 3], Some(5)), [1]);
    assert!(takers([2, 0, 0, 0, 0, 3], Some(6)).is_empty());
    assert!(takers([2, 0, 0, 0, 0, 3], None).is_empty());
    // Whatever the frame holds.
    let mut arp = UDP.sized(60, 0);
    arp[12..14].copy_from_slice(&[8, 6]);
    port.inject(&arp, Fcs::Good).unwrap();
    assert_eq!(vis[0].frames(), [arp]);
}

#[test]
fn the_multicast_filter_takes_all_groups_and_nothing_else() {
    let (port, vis) = port_with(1);
    vis[0].filter(&Spec::all_multicast()).unwrap();
    assert_eq!(takers(&port, &vis, &Packet::MULTICAST), [0]);
    assert_eq!(takers(&port, &vis, &Packet { mac: [0xff; 6], ..UDP }), [0]);
    assert!(takers(&port, &vis, &UDP).is_empty());
}

/// Unicast goes to one VI: that of the most specific filter, in whatever order they were added.
#[test]
fn the_most_specific_filter_wins() {
    let tagged = Packet { vlan: Some(5), ..UDP };
    let specs: [fn() -> Spec; 4] = [
        || Spec::full(&Packet::UDP),
        || Spec::local(&Packet::UDP),
        || Spec::ethernet(Packet::UDP.mac, Some(5)),
        || Spec::ethernet(Packet::UDP.mac, None),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let (port, vis) = port_with(4);
        let mut cookies: Vec<_> = order.iter().map(|&i| (i, vis[i].filter(&specs[i]()).unwrap())).collect();
        cookies.sort_by_key(|(i, _)| *i);
        // Without the most specific the next one has it.
        for (i, cookie) in cookies {
            assert_eq!(takers(&port, &vis, &tagged), [i]);
            assert_eq!(vis[i].unfilter(cookie), 0);
        }
        assert!(takers(&port, &vis, &tagged).is_empty());
    }
}

/// Multicast goes to all VIs that have a filter for it, once to each.
#[test]
fn multicast_goes_to_several() {
    let (port, vis) = port_with(4);
    vis[0].filter(&Spec::local(&Packet::MULTICAST)).unwrap();
    vis[1].filter(&Spec::local(&Packet::MULTICAST)).unwrap();
    vis[2].filter(&Spec::all_multicast()).unwrap();
    vis[2].filter(&Spec::local(&Packet::MULTICAST)).unwrap();
    vis[3].filter(&Spec::udp()).unwrap();
    assert_eq!(takers(&port, &vis, &Packet::MULTICAST), [0, 1, 2]);
    assert_eq!(takers(&port, &vis, &Packet { to: ([224, 0, 0, 6], 9), ..Packet::MULTICAST }), [2]);
    assert_eq!(takers(&port, &vis, &UDP), [3]);
}

#[test]
fn a_filter_that_is_there_already_exists() {
    let (_port, vis) = port_with(2);
    for spec in [
        Spec::udp(),
        Spec::local(&TCP),
        Spec::full(&UDP),
        Spec::full(&TCP),
        Spec::ethernet(UDP.mac, None),
        Spec::ethernet(UDP.mac, Some(5)),
    ] {
        vis[0].filter(&spec).unwrap();
        assert_eq!(vis[0].filter(&spec).err(), Some(-libc::EEXIST), "the VI's own");
        assert_eq!(vis[1].filter(&spec).err(), Some(-libc::EEXIST), "another's");
    }
    // The same group for two VIs is no duplicate, twice for one is.
    let spec = Spec::all_multicast();
    vis[0].filter(&spec).unwrap();
    vis[1].filter(&spec).unwrap();
    assert_eq!(vis[0].filter(&spec).err(), Some(-libc::EEXIST));
}

/// A specification holds one filter; those that do not go together are refused, and leave it as it was.
#[test]
fn a_second_filter_on_a_specification_is_not_supported() {
    let first: [fn(&mut Spec) -> i32; 4] = [
        |spec| spec.set_local(&UDP),
        |spec| spec.set_full(&UDP),
        |spec| spec.set_ethernet([2, 0, 0, 0, 0, 7], EF_FILTER_VLAN_ID_ANY),
        Spec::set_all_multicast,
    ];
    for (i, set) in first.iter().enumerate() {
        let mut spec = Spec::new();
        assert_eq!(set(&mut spec), 0);
        for (j, other) in first.iter().enumerate() {
            assert_eq!(other(&mut spec), -libc::EPROTONOSUPPORT, "{i} then {j}");
        }
        let (port, vis) = port_with(1);
        vis[0].filter(&spec).unwrap();
        let expected = [i <= 1, i == 0, i == 2, i == 3];
        let packets = [
            UDP,
            Packet { from: ([192, 0, 2, 77], 7), ..UDP },
            Packet { mac: [2, 0, 0, 0, 0, 7], to: ([192, 0, 2, 77], 1), ..UDP },
            Packet::MULTICAST,
        ];
        assert_eq!(packets.map(|packet| takers(&port, &vis, &packet) == [0]), expected, "{i}");
    }
}

#[test]
fn what_makes_no_filter_is_refused() {
    let (_port, vis) = port_with(1);
    assert_eq!(vis[0].filter(&Spec::new()).err(), Some(-libc::EINVAL), "nothing was set");
    let icmp = Packet { protocol: 1, ..UDP };
    assert_eq!(vis[0].filter(&Spec::local(&icmp)).err(), Some(-libc::EPROTONOSUPPORT), "ICMP has no ports");
    for vlan in [4096, -2] {
        let mut spec = Spec::new();
        assert_eq!(spec.set_ethernet(UDP.mac, vlan), 0, "the setters only note");
        assert_eq!(vis[0].filter(&spec).err(), Some(-libc::EINVAL), "{vlan}");
    }
    vis[0].filter(&Spec::ethernet(UDP.mac, Some(4095))).unwrap();
}

/// A filter takes effect with the call that adds it and none with the call that removes it, also for senders that have
/// just used it.
#[test]
fn filters_take_effect_at_once() {
    let (port, vis) = port_with(3);
    let sender = &vis[2];
    let mut sent = 0;
    let mut heard = || {
        assert_eq!(sender.send(sent, &UDP.sized(60, sent)), 0);
        assert_eq!(sender.sent(), [sent as i32]);
        sent += 1;
        [vis[0].frames().len(), vis[1].frames().len()]
    };
    for _ in 0..20 {
        assert_eq!(heard(), [0, 0]);
        let local = vis[0].filter(&Spec::udp()).unwrap();
        assert_eq!(heard(), [1, 0]);
        assert_eq!(heard(), [1, 0]);
        let full = vis[1].filter(&Spec::full(&UDP)).unwrap();
        assert_eq!(heard(), [0, 1]);
        assert_eq!(vis[0].unfilter(local), 0);
        assert_eq!(heard(), [0, 1]);
        assert_eq!(vis[1].unfilter(full), 0);
    }
    assert_eq!(port.counters().tx_frames, 100);
}

#[test]
fn a_filter_is_removed_once_and_by_its_vi() {
    let (port, vis) = port_with(2);
    let cookie = vis[0].filter(&Spec::udp()).unwrap();
    assert!(vis[1].unfilter(cookie) < 0, "another's");
    assert_eq!(takers(&port, &vis, &UDP), [0]);
    assert_eq!(vis[0].unfilter(cookie), 0);
    assert!(vis[0].unfilter(cookie) < 0, "twice");
    for filter_id in [-1, 100_000, i32::MAX] {
        assert!(vis[0].unfilter(ef_filter_cookie { filter_id, ..cookie }) < 0);
    }
}

/// A VI may have many; its own all work, and each is its own.
#[test]
fn a_vi_may_have_many_filters() {
    let (port, vis) = port_with(2);
    let packet = |i: usize| Packet { to: (UDP.to.0, 1000 + i as u16), ..UDP };
    for i in 0..100 {
        vis[i % 2].filter(&Spec::local(&packet(i))).unwrap();
    }
    for i in 0..100 {
        assert_eq!(takers(&port, &vis, &packet(i)), [i % 2]);
    }
}

/// The table has an end, at which adding is an error; what is removed makes room.
#[test]
fn the_filter_table_is_limited() {
    let (port, vis) = port_with(1);
    let packet = |i: usize| Packet { to: (UDP.to.0, 1000 + i as u16), ..UDP };
    let cookies: Vec<_> = (0..10_000).map_while(|i| vis[0].filter(&Spec::local(&packet(i))).ok()).collect();
    let count = cookies.len();
    assert!((100..10_000).contains(&count), "{count}");
    assert!(vis[0].filter(&Spec::all_multicast()).is_err());
    assert_eq!(takers(&port, &vis, &packet(count - 1)), [0]);
    assert!(takers(&port, &vis, &packet(count)).is_empty());
    assert_eq!(vis[0].unfilter(cookies[count / 2]), 0);
    vis[0].filter(&Spec::local(&packet(count))).unwrap();
    assert_eq!(takers(&port, &vis, &packet(count)), [0]);
    assert!(takers(&port, &vis, &packet(count / 2)).is_empty());
}

/// Filters go with their VI, and can be had by another.
#[test]
fn filters_go_with_their_vi() {
    let (port, mut vis) = port_with(3);
    vis[0].filter(&Spec::full(&UDP)).unwrap();
    vis[1].filter(&Spec::udp()).unwrap();
    assert_eq!(takers(&port, &vis, &UDP), [0]);
    vis.remove(0);
    assert_eq!(takers(&port, &vis, &UDP), [0], "the second VI's");
    vis.remove(0);
    assert!(takers(&port, &vis, &UDP).is_empty());
    vis[0].filter(&Spec::full(&UDP)).unwrap();
    vis[0].filter(&Spec::udp()).unwrap();
    assert_eq!(takers(&port, &vis, &UDP), [0]);
}

/// What a VI was sent before its filter went can be taken; a new VI in its place does not get it.
#[test]
fn a_new_vi_gets_nothing_of_an_old_ones() {
    let (port, mut vis) = port_with(1);
    vis[0].filter(&Spec::udp()).unwrap();
    for _ in 0..5 {
        port.inject(&UDP.sized(60, 1), Fcs::Good).unwrap();
    }
    vis.clear();
    let vi = Domain::on(&port).vi(Queues::default()).unwrap();
    vi.fill(0..8);
    vi.filter(&Spec::udp()).unwrap();
    assert!(vi.frames().is_empty());
    assert_eq!(takers(&port, &[vi], &UDP), [0]);
}

/// Fragments have no ports: no filter that names one takes them.
#[test]
fn fragments_are_not_taken_by_port() {
    let (_port, vis) = port_with(2);
    vis[0].filter(&Spec::udp()).unwrap();
    vis[1].filter(&Spec::ethernet(UDP.mac, None)).unwrap();
    for bytes in [[0x20, 0], [0, 1]] {
        let mut fragment = UDP.sized(60, 0);
        fragment[20..22].copy_from_slice(&bytes);
        assert_eq!(vis[0].send(0, &fragment), 0, "by DMA, which sets the header's checksum right");
        assert_eq!(vis[0].sent(), [0], "nothing else");
        assert_eq!(vis[1].frames().len(), 1);
    }
}
