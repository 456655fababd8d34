//! A switch with a loopback plug: who gets what is sent.

use super::*;
use crate::filter::Match;
use crate::frame::{Checksums, UDP};
use crate::wire::heap::Heap;
use crate::wire::table::{FILTERS, STATIONS};
use crate::wire::{Flags, OnWire, Outgoing, Piece, When};
use core::net::{IpAddr, Ipv4Addr};

const PORT: [u8; 6] = [2, 0, 0, 0, 0, 9];

fn looped() -> Cable {
    let switch = Arc::new(Switch::new(Box::new(Heap::new(1518)), PORT));
    Cable { near: switch.clone(), far: switch }
}

fn udp(to_port: u16, first_mac: u8) -> Vec<u8> {
    let mut frame = vec![first_mac, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    frame.extend([0x45, 0, 0, 28, 0, 1, 0, 0, 64, UDP, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0, 7]);
    frame.extend(to_port.to_be_bytes());
    frame.resize(60, to_port as u8);
    frame
}

fn send(link: &mut dyn Link, bytes: &[u8]) -> OnWire {
    let pieces = [Piece { base: bytes.as_ptr(), length: bytes.len() }];
    let frame =
        Outgoing { pieces: &pieces, length: bytes.len(), checksums: Checksums::default(), flags: Flags::default() };
    link.transmit(&frame, When::Unasked)
}

fn receive(link: &mut dyn Link) -> Option<Vec<u8>> {
    let arrival = link.arrival()?;
    // SAFETY: valid until `take`.
    let bytes = unsafe { core::slice::from_raw_parts(arrival.bytes, arrival.length) }.to_vec();
    link.take();
    Some(bytes)
}

fn local(port: u16) -> Filter {
    Filter::Match(Match::ip(UDP, (IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), port), None))
}

fn mac(mac: u64) -> Filter {
    Filter::Match(Match { mac: Some(mac), ..Match::default() })
}

#[test]
fn unicast_goes_to_the_one_vi_whose_filter_is_most_specific() {
    let cable = looped();
    let mut sender = cable.attach(Attachment::default()).unwrap();
    let mut a = cable.attach(Attachment::default()).unwrap();
    let mut b = cable.attach(Attachment::default()).unwrap();
    a.filter_add(mac(0x0200_0000_0002), false).unwrap();
    b.filter_add(local(9), false).unwrap();
    send(&mut *sender, &udp(9, 2));
    send(&mut *sender, &udp(8, 2));
    send(&mut *sender, &udp(9, 2));
    assert_eq!(receive(&mut *b), Some(udp(9, 2)));
    assert_eq!(receive(&mut *b), Some(udp(9, 2)));
    assert_eq!(receive(&mut *b), None);
    assert_eq!(receive(&mut *a), Some(udp(8, 2)));
    assert_eq!(receive(&mut *a), None);
    assert_eq!(receive(&mut *sender), None);
}

#[test]
fn multicast_goes_to_each_vi_once() {
    let cable = looped();
    let mut a = cable.attach(Attachment::default()).unwrap();
    let mut b = cable.attach(Attachment::default()).unwrap();
    a.filter_add(Filter::AllMulticast, false).unwrap();
    a.filter_add(mac(0x0300_0000_0002), false).unwrap();
    b.filter_add(Filter::AllMulticast, false).unwrap();
    send(&mut *b, &udp(9, 3));
    for link in [&mut a, &mut b] {
        assert_eq!(receive(&mut **link), Some(udp(9, 3)));
        assert_eq!(receive(&mut **link), None);
    }
}

#[test]
fn filters_take_effect_and_end_at_once() {
    let cable = looped();
    let mut a = cable.attach(Attachment::default()).unwrap();
    let mut b = cable.attach(Attachment::default()).unwrap();
    assert!(!send(&mut *a, &udp(9, 2)).claimed);
    let id = b.filter_add(local(9), false).unwrap();
    assert_eq!(a.filter_add(local(9), false), Err(Errno(libc::EEXIST)), "unicast flows have one owner");
    assert_eq!(a.filter_remove(id), Err(Errno(libc::EINVAL)), "another's filter");
    assert!(send(&mut *a, &udp(9, 2)).claimed);
    b.filter_remove(id).unwrap();
    assert_eq!(b.filter_remove(id), Err(Errno(libc::EINVAL)));
    let again = b.filter_add(local(9), false).unwrap();
    assert_eq!(b.filter_remove(id), Err(Errno(libc::EINVAL)), "the name of one that was removed");
    b.filter_remove(again).unwrap();
    assert!(!send(&mut *a, &udp(9, 2)).claimed);
    assert_eq!(receive(&mut *b), Some(udp(9, 2)));
    assert_eq!(receive(&mut *b), None);
}

#[test]
fn a_vi_that_takes_a_place_over_gets_only_its_own_frames() {
    let cable = looped();
    let mut sender = cable.attach(Attachment::default()).unwrap();
    let mut first = cable.attach(Attachment::default()).unwrap();
    first.filter_add(local(9), false).unwrap();
    for _ in 0..3 {
        send(&mut *sender, &udp(9, 2));
    }
    drop(first);
    let mut second = cable.attach(Attachment::default()).unwrap();
    assert!(!send(&mut *sender, &udp(9, 2)).claimed, "the filter went with the VI");
    second.filter_add(local(10), false).unwrap();
    send(&mut *sender, &udp(10, 2));
    assert_eq!(receive(&mut *second), Some(udp(10, 2)));
    assert_eq!(receive(&mut *second), None);
    assert_eq!(second.overruns().abandoned(), 3);
}

#[test]
fn the_tables_limits_are_errors() {
    let cable = looped();
    let mut links: Vec<_> = (0..STATIONS).map(|_| cable.attach(Attachment::default()).unwrap()).collect();
    assert_eq!(cable.attach(Attachment::default()).err(), Some(Errno(libc::EBUSY)));
    for port in 0..FILTERS as u16 {
        links[0].filter_add(local(port), false).unwrap();
    }
    assert_eq!(links[1].filter_add(local(999), false), Err(Errno(libc::EBUSY)));
    drop(links.remove(0));
    assert!(links[0].filter_add(local(999), false).is_ok());
}

#[test]
fn a_receiver_that_does_not_take_its_frames_loses_them_counted() {
    let cable = looped();
    let mut sender = cable.attach(Attachment::default()).unwrap();
    let mut receiver = cable.attach(Attachment::default()).unwrap();
    receiver.filter_add(local(9), false).unwrap();
    let n = crate::wire::ring::SLOTS as u64;
    for _ in 0..n + 7 {
        send(&mut *sender, &udp(9, 2));
    }
    let overruns = receiver.overruns();
    assert_eq!(overruns.read(), 7);
    overruns.clear();
    assert_eq!(overruns.read(), 0);
    let mut got = 0;
    while receive(&mut *receiver).is_some() {
        got += 1;
    }
    assert_eq!(got, n);
}

#[test]
fn senders_are_served_in_turn() {
    let cable = looped();
    let mut a = cable.attach(Attachment::default()).unwrap();
    let mut b = cable.attach(Attachment::default()).unwrap();
    let mut receiver = cable.attach(Attachment::default()).unwrap();
    receiver.filter_add(local(9), false).unwrap();
    receiver.filter_add(local(8), false).unwrap();
    for _ in 0..4 {
        send(&mut *a, &udp(9, 2));
        send(&mut *b, &udp(8, 2));
    }
    let order: Vec<u8> = core::iter::from_fn(|| receive(&mut *receiver)).map(|f| f[37]).collect();
    assert_eq!(order, [9, 8, 9, 8, 9, 8, 9, 8]);
}

#[test]
fn stamps_are_taken_only_if_asked_for() {
    let cable = looped();
    let mut sender = cable.attach(Attachment::default()).unwrap();
    let mut plain = cable.attach(Attachment::default()).unwrap();
    let mut stamped = cable.attach(Attachment { stamps: true, ..Attachment::default() }).unwrap();
    plain.filter_add(local(8), false).unwrap();
    stamped.filter_add(local(9), false).unwrap();
    assert_eq!(send(&mut *sender, &udp(8, 2)).stamp, 0);
    assert_ne!(send(&mut *sender, &udp(9, 2)).stamp, 0);
    assert_ne!(stamped.arrival().unwrap().stamp, 0);
    assert_eq!(plain.arrival().unwrap().stamp, 0);
}
