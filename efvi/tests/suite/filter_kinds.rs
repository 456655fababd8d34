//! Each kind of filter gets what it says, and nothing else.

use std::net::{SocketAddr, SocketAddrV6};

use crate::common::*;
use efvi::mock::Fcs;
use efvi::{Error, Filter, FilterFlags, MacAddress, PdFlags, ProtectionDomain, Receive, VirtualInterface};

const MAC: MacAddress = MacAddress([2, 0, 0, 0, 0, 0x55]);
const GROUP: MacAddress = MacAddress([1, 0, 0x5e, 1, 2, 3]);

/// A frame to an address, in a VLAN or none, with what follows the Ethernet header.
fn frame(to: MacAddress, vlan: Option<u16>, ethertype: u16, rest: &[u8]) -> Vec<u8> {
    let mut frame = [&to.octets()[..], &[2, 0, 0, 0, 0, 9]].concat();
    if let Some(vlan) = vlan {
        frame.extend([[0x81, 0], vlan.to_be_bytes()].concat());
    }
    frame.extend(ethertype.to_be_bytes());
    frame.extend(rest);
    frame.resize(frame.len().max(60), 0);
    frame
}

fn ipv4(to: MacAddress, vlan: Option<u16>, protocol: u8) -> Vec<u8> {
    let mut ip = [0x45, 0, 0, 40, 0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 9, 192, 0, 2, 1];
    let sum: u32 = ip.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1])).sum();
    let sum = !((sum & 0xffff) + (sum >> 16)) as u16;
    ip[10..12].copy_from_slice(&sum.to_be_bytes());
    frame(to, vlan, 0x0800, &ip)
}

/// UDP without a checksum is no IPv6; the adapter reports it, and steers it all the same.
fn udp6(from: SocketAddrV6, to: SocketAddrV6) -> Vec<u8> {
    let (length, protocol) = (8_u16, 17_u8);
    let mut udp = [from.port().to_be_bytes(), to.port().to_be_bytes(), length.to_be_bytes(), [0, 0]].concat();
    let pseudo = [&from.ip().octets()[..], &to.ip().octets(), &[0, 0, 0, 8, 0, 0, 0, 17], &udp].concat();
    let mut sum: u32 = pseudo.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(word[1])).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    udp[6..8].copy_from_slice(&(!(sum as u16)).to_be_bytes());
    let ip = [&[0x60, 0, 0, 0][..], &length.to_be_bytes(), &[protocol, 64], &from.ip().octets(), &to.ip().octets()];
    frame(MAC, None, 0x86dd, &[&ip.concat()[..], &udp].concat())
}

/// Has a VI with this filter alone receive: those it should get, and then one of those that it should not.
#[track_caller]
fn only(filter: Filter, gets: &[Vec<u8>], not: &[Vec<u8>]) {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut end = bare(&port);
    end.vi.filter_add(&filter).unwrap();
    let (_, mut rx, _) = end.start();
    for frame in not {
        nobodys(&port, frame);
    }
    expect_quiet(&mut rx);
    for frame in gets {
        port.inject(frame, Fcs::Good).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [&frame[..]], "{filter}");
    }
    expect_quiet(&mut rx);
}

/// Injects a frame that no VI has a filter for, which the call may say.
#[track_caller]
fn nobodys(port: &Port, frame: &[u8]) {
    assert_ne!(port.offer(frame), Some(true), "somebody has a filter for it");
}

/// An end with no filter but one that matches nothing here.
fn bare(port: &Port) -> End {
    End::new(port.name(), address(77, 77), VirtualInterface::builder())
}

#[test]
fn ethernet_type() {
    let filter = Filter::ethertype(0x88b5);
    let tagged = frame(MAC, Some(7), 0x88b5, b"x");
    only(
        filter,
        &[frame(MAC, None, 0x88b5, b"a"), frame(GROUP, None, 0x88b5, b"b")],
        &[frame(MAC, None, 0x88b6, b"c")],
    );
    only(filter.mac(MAC), &[frame(MAC, None, 0x88b5, b"a")], &[frame(GROUP, None, 0x88b5, b"b")]);
    only(filter.vlan(7), &[tagged], &[frame(MAC, Some(8), 0x88b5, b"y"), frame(MAC, None, 0x88b5, b"z")]);
}

#[test]
fn ip_protocol() {
    let filter = Filter::ip_protocol(89);
    only(filter, &[ipv4(MAC, None, 89), ipv4(GROUP, None, 89)], &[ipv4(MAC, None, 88)]);
    only(filter.vlan(3), &[ipv4(MAC, Some(3), 89)], &[ipv4(MAC, None, 89), ipv4(MAC, Some(4), 89)]);
}

#[test]
fn ip_version_6() {
    let address = |host: u16, port| SocketAddrV6::new([0xfd00, 0, 0, 0, 0, 0, 0, host].into(), port, 0, 0);
    let (near, far, else_far) = (address(1, 7000), address(2, 8000), address(3, 8000));
    only(Filter::udp_local(near), &[udp6(far, near), udp6(else_far, near)], &[udp6(far, address(1, 7001))]);
    only(Filter::udp_full(near, far), &[udp6(far, near)], &[udp6(else_far, near), udp6(address(2, 8001), near)]);
    only(Filter::tcp_local(near), &[], &[udp6(far, near)]);
}

#[test]
fn all_and_unmatched() {
    let [unicast, multicast] = [[frame(MAC, None, 0x88b5, b"u")], [frame(GROUP, None, 0x88b5, b"m")]];
    for filter in [Filter::all_unicast(), Filter::unicast_mismatch()] {
        only(filter, &unicast, &multicast);
    }
    for filter in [Filter::all_multicast(), Filter::multicast_mismatch()] {
        only(filter, &multicast, &unicast);
    }
    let tagged = frame(MAC, Some(5), 0x88b5, b"t");
    only(
        Filter::unicast_mismatch().vlan(5),
        &[tagged],
        &[frame(MAC, None, 0x88b5, b"u"), frame(MAC, Some(6), 0x88b5, b"t")],
    );
}

#[test]
fn what_another_filter_matches_is_no_mismatch() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let (mut own, mut rest) = (bare(&port), bare2(&port));
    own.vi.filter_add(&Filter::ethernet_local(MAC, None)).unwrap();
    rest.vi.filter_add(&Filter::unicast_mismatch()).unwrap();
    let (_, mut own, _) = own.start();
    let (_, mut rest, _) = rest.start();
    let other = MacAddress([2, 0, 0, 0, 0, 0x56]);
    for (to, rx, idle) in [(MAC, 0, 1), (other, 1, 0)] {
        let halves: [&mut Receive<'_>; 2] = [&mut own, &mut rest];
        let frame = frame(to, None, 0x88b5, b"to one");
        port.inject(&frame, Fcs::Good).unwrap();
        assert_eq!(wait_received(halves[rx], 1), [&frame[..]]);
        expect_quiet(halves[idle]);
    }
}

fn bare2(port: &Port) -> End {
    End::new(port.name(), address(78, 78), VirtualInterface::builder())
}

#[test]
fn a_sniffer_gets_copies() {
    wire::not_by_xdp(why::ONE_TAKES);
    let (port, _other) = Fabric::new().cable().unwrap();
    let (mut own, mut sniffer) = (bare(&port), bare2(&port));
    own.vi.filter_add(&Filter::ethernet_local(MAC, None)).unwrap();
    let received = sniffer.vi.filter_add(&Filter::sniff(true)).unwrap();
    let (mut tx, mut rx, pool) = own.start();
    let mut copies = {
        let (_, mut copies, _) = sniffer.start();
        let incoming = frame(MAC, None, 0x88b5, b"received");
        port.inject(&incoming, Fcs::Good).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [&incoming[..]]);
        assert_eq!(wait_received(&mut copies, 1), [&incoming[..]]);
        copies
    };
    copies.vi().filter_remove(received).unwrap();
    let _sent = copies.vi().filter_scoped(&Filter::sniff_sent()).unwrap();
    let outgoing = frame(MAC, None, 0x88b6, b"sent");
    let mut buffer = pool.take().unwrap();
    buffer.write(&outgoing).unwrap();
    tx.send(buffer).unwrap();
    assert_eq!(wait_received(&mut copies, 1), [&outgoing[..]]);
    wait_sent(&mut rx, 1);
}

#[test]
fn the_kernel_gets_nothing_that_is_kept_from_it() {
    for (filter, unicast, multicast) in [
        (Filter::block_kernel(), false, false),
        (Filter::block_kernel_unicast(), false, true),
        (Filter::block_kernel_multicast(), true, false),
    ] {
        let (port, _other) = Fabric::new().cable().unwrap();
        let fabric = port.of_fabric(why::KERNELS);
        let mut end = bare(&port);
        let guard = end.vi.filter_scoped(&filter).unwrap();
        // The kernel's own: what is to the port's address.
        let mac = MacAddress(fabric.mac());
        for (to, left) in [(mac, unicast), (MacAddress::BROADCAST, multicast)] {
            let before = fabric.left_to_kernel();
            nobodys(&port, &frame(to, None, 0x88b5, b"nobody's"));
            assert_eq!(fabric.left_to_kernel() > before, left, "{filter}");
        }
        guard.remove().unwrap();
        assert!(end.start().1.poll().is_empty());
        let before = fabric.left_to_kernel();
        nobodys(&port, &frame(mac, None, 0x88b5, b"nobody's"));
        assert!(fabric.left_to_kernel() > before);
    }
}

#[test]
fn a_guard_takes_its_filter_along() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut end = bare(&port);
    let (_, mut rx, _) = end.start();
    let filter = Filter::ethertype(0x88b5);
    let frame = frame(MAC, None, 0x88b5, b"scoped");
    let arrives = |rx: &mut Receive<'_>| {
        port.inject(&frame, Fcs::Good).unwrap();
        assert_eq!(wait_received(rx, 1), [&frame[..]]);
    };
    let is_nobodys = |rx: &mut Receive<'_>| {
        nobodys(&port, &frame);
        expect_quiet(rx);
    };
    is_nobodys(&mut rx);
    let guard = rx.vi().filter_scoped(&filter).unwrap();
    arrives(&mut rx);
    assert!(matches!(rx.vi().filter_add(&filter), Err(Error::Filter { .. })), "it is there");
    drop(guard);
    is_nobodys(&mut rx);
    rx.vi().filter_scoped(&filter).unwrap().remove().unwrap();
    is_nobodys(&mut rx);
    let id = rx.vi().filter_scoped(&filter).unwrap().leave();
    arrives(&mut rx);
    rx.vi().filter_remove(id).unwrap();
}

#[test]
fn the_driver_knows_a_filter() {
    let (a, b) = pair(VirtualInterface::builder());
    let filters =
        [Filter::ethertype(0x88b5), Filter::ethertype(0x88b6)].map(|filter| a.vi.filter_add(&filter).unwrap());
    let [first, second] = filters.each_ref().map(|id| a.vi.filter_info(id).unwrap());
    assert!(first.filter_id.is_some() && first.filter_id != second.filter_id, "{first:?} {second:?}");
    assert_eq!((first.queue, first.exclusive), (None, false), "there are no shared queues on an X2");
    assert!(matches!(b.vi.filter_info(&filters[0]), Err(Error::ForeignFilter { .. })));
}

/// Multicast that a VI of this host sends, where its domain lets it loop.
#[test]
fn multicast_of_this_host_is_received_on_request() {
    only_in_memory(why::LOOPS);
    let (port, _other) = Fabric::new().cable().unwrap();
    let driver = efvi::Driver::open().unwrap();
    let looping = ProtectionDomain::builder().flags(PdFlags::MULTICAST_LOOP).open(&driver, port.name()).unwrap();
    let mut pool = efvi::PacketPool::builder().buffers(64).build(&looping).unwrap();
    let mut sender = VirtualInterface::builder().build(&looping).unwrap();
    let (mut with, mut without) = (bare(&port), bare2(&port));
    let looped = Filter::udp_local("239.1.2.3:5000".parse::<SocketAddr>().unwrap());
    with.vi.filter_add(&looped.flags(FilterFlags::MULTICAST_LOOP)).unwrap();
    without.vi.filter_add(&looped).unwrap();
    let group = Station { mac: GROUP, address: "239.1.2.3:5000".parse().unwrap() };
    let (mut tx, mut completions) = sender.split();
    let frame = udp(Station { mac: MAC, address: address(9, 9) }, group, b"to all, also here");
    let mut buffer = pool.take().unwrap();
    buffer.write(&frame).unwrap();
    tx.send(buffer).unwrap();
    wait_sent(&mut completions, 1);
    assert_eq!(wait_received(&mut with.start().1, 1), [&frame[..]]);
    expect_quiet(&mut without.start().1);
}

#[test]
fn what_can_not_be_combined_is_refused() {
    let (a, _b) = pair(VirtualInterface::builder());
    for filter in [
        Filter::all_multicast().vlan(5),
        Filter::all_unicast().mac(MAC),
        Filter::udp_local(address(1, 9)).mac(MAC),
        Filter::sniff(false).vlan(5),
        Filter::ethertype(0x800).queue(3),
    ] {
        let error = a.vi.filter_add(&filter).unwrap_err();
        assert!(error.to_string().contains(&filter.to_string()), "{error}");
        let Error::Filter { errno, .. } = error else { panic!("{error:?}") };
        assert!([libc::EPROTONOSUPPORT, libc::EOPNOTSUPP].contains(&errno.code()), "{filter}: {errno}");
    }
}
