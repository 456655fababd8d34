//! Filters steer frames.

use crate::common::*;
use efvi::mock::Fcs;
use efvi::{Filter, MacAddress, Receive, VirtualInterface};

/// Sees that exactly this frame is there.
#[track_caller]
fn gets(rx: &mut Receive<'_>, frame: &[u8]) {
    assert_eq!(wait_received(rx, 1), [frame]);
    expect_quiet(rx);
}

#[test]
fn the_most_specific_filter_gets_the_frame() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut local = End::new(port.name(), address(1, 7000), VirtualInterface::builder());
    let mut full = End::new(port.name(), address(1, 7001), VirtualInterface::builder());
    let mut ethernet = End::new(port.name(), address(1, 7002), VirtualInterface::builder());
    let to = local.station;
    let friend = Station { mac: MacAddress([2, 0, 0, 0, 0, 7]), address: address(2, 9) };
    let stranger = Station { address: address(2, 10), ..friend };
    let elsewhere = Station { address: address(1, 8000), ..to };
    let by_friend = full.vi.filter_add(&Filter::udp_full(to.address, friend.address)).unwrap();
    ethernet.vi.filter_add(&Filter::ethernet_local(to.mac, None)).unwrap();

    {
        let (_, mut local, _) = local.start();
        let (_, mut full, _) = full.start();
        let (_, mut ethernet, _) = ethernet.start();
        for (from, to, rx) in [(friend, to, &mut full), (stranger, to, &mut local), (friend, elsewhere, &mut ethernet)]
        {
            let frame = udp(from, to, b"to whom it concerns, padded");
            port.inject(&frame, Fcs::Good).unwrap();
            gets(rx, &frame);
        }
        for rx in [&mut local, &mut full, &mut ethernet] {
            expect_quiet(rx);
        }
    }

    full.vi.filter_remove(by_friend).unwrap();
    let frame = udp(friend, to, b"again");
    port.inject(&frame, Fcs::Good).unwrap();
    gets(&mut local.start().1, &frame);
    expect_quiet(&mut full.vi.split().1);
}

#[test]
fn multicast_goes_to_all_who_ask() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut a = End::new(port.name(), address(1, 1), VirtualInterface::builder());
    let mut b = End::new(port.name(), address(1, 2), VirtualInterface::builder());
    let mut c = End::new(port.name(), address(1, 3), VirtualInterface::builder());
    for end in [&mut a, &mut b] {
        end.vi.filter_add(&Filter::all_multicast()).unwrap();
    }
    let from = a.station;
    let group = Station {
        mac: MacAddress([1, 0, 0x5e, 1, 2, 3]),
        address: std::net::SocketAddrV4::new([239, 1, 2, 3].into(), 5000),
    };
    let frame = udp(from, group, b"to all");
    port.inject(&frame, Fcs::Good).unwrap();
    gets(&mut a.start().1, &frame);
    gets(&mut b.start().1, &frame);
    expect_quiet(&mut c.start().1);
}

#[test]
fn a_vlan_is_told_from_another() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mac = MacAddress([2, 0, 0, 0, 0, 0x55]);
    let mut five = End::new(port.name(), address(1, 1), VirtualInterface::builder());
    let mut any = End::new(port.name(), address(1, 2), VirtualInterface::builder());
    five.vi.filter_add(&Filter::ethernet_local(mac, 5)).unwrap();
    any.vi.filter_add(&Filter::ethernet_local(mac, None)).unwrap();
    let (_, mut five, _) = five.start();
    let (_, mut any, _) = any.start();
    let tagged = |vlan: u16| {
        let mut frame = vec![0; 64];
        frame[..6].copy_from_slice(&mac.octets());
        frame[6] = 2;
        frame[12..14].copy_from_slice(&[0x81, 0x00]);
        frame[14..16].copy_from_slice(&vlan.to_be_bytes());
        frame[16..18].copy_from_slice(&[0x88, 0xb5]);
        frame
    };
    port.inject(&tagged(5), Fcs::Good).unwrap();
    gets(&mut five, &tagged(5));
    port.inject(&tagged(6), Fcs::Good).unwrap();
    gets(&mut any, &tagged(6));
    expect_quiet(&mut five);
}

/// What a VI on the machine's `lo` sends comes back to whoever asks for it, itself included.
#[test]
// Miri has no memory shared between processes.
#[cfg(not(miri))]
fn lo_comes_back() {
    only_in_memory(why::MEMORY);
    let port = 20_000 + (std::process::id() % 20_000) as u16;
    let mut a = End::new("lo", address(1, port), VirtualInterface::builder());
    let mut b = End::new("lo", address(2, port), VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut rx, pool) = a.start();
    let (_, mut their_rx, _) = b.start();
    tx.send(udp_buffer(pool, from, to, b"to the other")).unwrap();
    wait_sent(&mut rx, 1);
    gets(&mut their_rx, &udp(from, to, b"to the other"));
    tx.send(udp_buffer(pool, from, from, b"to itself")).unwrap();
    let (mut sent, mut received) = (0, 0);
    wait(&mut rx, |event| {
        match event {
            efvi::Event::Sent(_) => sent += 1,
            efvi::Event::Received(packet) => {
                assert_eq!(packet[..], udp(from, from, b"to itself"));
                received += 1;
            }
            other => panic!("{other:?}"),
        }
        (sent == 1 && received == 1).then_some(())
    });
}

#[test]
fn the_name_of_a_removed_filter_is_no_others() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let end = End::new(port.name(), address(1, 7), efvi::VirtualInterface::builder());
    // What is removed is given up: the type says so.
    let first = end.vi.filter_add(&Filter::udp_local(address(1, 8))).unwrap();
    end.vi.filter_remove(first).unwrap();
    let second = end.vi.filter_add(&Filter::udp_local(address(1, 9))).unwrap();
    end.vi.filter_remove(second).unwrap();
    end.vi.filter_add(&Filter::udp_local(address(1, 8))).unwrap();
}
