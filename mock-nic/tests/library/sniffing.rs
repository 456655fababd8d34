//! Copies: of what a port receives, of what it sends, and of multicast for the sender's own host.

use crate::common::{Domain, Packet, Part, Queues, Spec, Vi};
use crate::filters::port_with;
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fcs};
use std::rc::Rc;

const UDP: Packet = Packet::UDP;

fn frame(packet: &Packet) -> Vec<u8> {
    packet.sized(100, 0)
}

/// How many frames each VI got of one that arrives.
fn copies(port: &FabricPort, vis: &[Rc<Vi>], packet: &Packet) -> Vec<usize> {
    port.inject(&frame(packet), Fcs::Good).ok();
    vis.iter().map(|vi| vi.frames().len()).collect()
}

/// A sniffer gets copies of what the port delivers to the host, its VIs' and its kernel's; a promiscuous one of all.
#[test]
fn a_sniffer_gets_copies_of_what_is_delivered() {
    for promiscuous in [false, true] {
        let (port, vis) = port_with(2);
        vis[0].filter(&Spec::udp()).unwrap();
        let cookie = vis[1].filter(&Spec::of(&[Part::Sniff(promiscuous)])).unwrap();
        assert_eq!(copies(&port, &vis, &UDP), [1, 1], "who has the filter keeps it");
        assert_eq!(copies(&port, &vis, &Packet { mac: port.mac(), ..Packet::TCP }), [0, 1], "the kernel's");
        assert_eq!(port.left_to_kernel(), 1, "which it still gets");
        assert_eq!(copies(&port, &vis, &Packet::TCP), [0, promiscuous.into()], "nobody's");
        assert_eq!(vis[1].unfilter(cookie), 0);
        assert_eq!(copies(&port, &vis, &UDP), [1, 0]);
        assert_eq!(vis[1].unfilter(cookie), -libc::EINVAL, "twice");
    }
}

/// What a VI that sniffs has filters for it copies, so that the kernel gets it too.
#[test]
fn a_sniffer_leaves_the_kernel_its_frames() {
    let (port, vis) = port_with(1);
    let packet = Packet { mac: port.mac(), ..UDP };
    vis[0].filter(&Spec::udp()).unwrap();
    assert_eq!((copies(&port, &vis, &packet), port.left_to_kernel()), (vec![1], 0));
    vis[0].filter(&Spec::of(&[Part::Sniff(false)])).unwrap();
    assert_eq!((copies(&port, &vis, &packet), port.left_to_kernel()), (vec![1], 1));
}

/// A port has one sniffer of each kind.
#[test]
fn a_port_has_one_sniffer() {
    let (_port, vis) = port_with(2);
    for part in [Part::Sniff(true), Part::SniffSent] {
        let cookie = vis[0].filter(&Spec::of(&[part])).unwrap();
        assert_eq!(vis[1].filter(&Spec::of(&[part])).err(), Some(-libc::EEXIST));
        assert_eq!(vis[1].unfilter(cookie), -libc::EINVAL, "another's");
        assert_eq!(vis[0].unfilter(cookie), 0);
        vis[1].filter(&Spec::of(&[part])).unwrap();
    }
}

/// Copies of all that the port sends come back, by whichever VI it is sent; what arrives does not.
#[test]
fn what_a_port_sends_can_be_sniffed() {
    let (near, far) = Fabric::new().cable().unwrap();
    let on = |port: &FabricPort| {
        let vi = Domain::on(port).vi(Queues::default()).unwrap();
        vi.fill(0..504);
        vi
    };
    let (sender, sniffer, receiver) = (on(&near), on(&near), on(&far));
    receiver.filter(&Spec::udp()).unwrap();
    let cookie = sniffer.filter(&Spec::of(&[Part::SniffSent])).unwrap();
    for number in 0..100 {
        assert_eq!(sender.send(number, &UDP.sized(60 + number, number)), 0);
        assert_eq!(sender.sent(), [number as i32]);
        assert_eq!(sniffer.frames(), [UDP.sized(60 + number, number)]);
        assert_eq!(receiver.frames(), [UDP.sized(60 + number, number)]);
    }
    assert_eq!(sniffer.send(0, &frame(&Packet::TCP)), 0, "its own, too");
    let events = sniffer.drain();
    let kinds: Vec<_> = events.iter().map(EF_EVENT_TYPE).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == EF_EVENT_TYPE_RX).count(), 1);
    near.inject(&frame(&UDP), Fcs::Good).unwrap_err();
    assert!(sniffer.frames().is_empty());
    assert_eq!(sniffer.unfilter(cookie), 0);
    assert_eq!(sender.send(0, &frame(&UDP)), 0);
    assert_eq!((sniffer.frames().len(), receiver.frames().len()), (0, 1));
}

/// Frames from both ends of the cable are received in turn.
#[test]
fn copies_do_not_starve_what_arrives() {
    let (near, _far) = Fabric::new().cable().unwrap();
    let sender = Domain::on(&near).vi(Queues::default()).unwrap();
    let sniffer = Domain::on(&near).vi(Queues::default()).unwrap();
    sniffer.fill(0..64);
    sniffer.filter(&Spec::of(&[Part::SniffSent])).unwrap();
    sniffer.filter(&Spec::local(&Packet::TCP)).unwrap();
    for number in 0..10 {
        assert_eq!(sender.send(number, &frame(&UDP)), 0);
        near.inject(&frame(&Packet::TCP), Fcs::Good).unwrap();
    }
    let protocols: Vec<_> = sniffer.frames().iter().map(|frame| frame[23]).collect();
    assert_eq!(protocols.len(), 20);
    assert!(protocols.windows(2).all(|pair| pair[0] != pair[1]), "{protocols:?}");
}

/// Multicast goes to other VIs of the sender's port, if the sender's domain loops it back and their filters take what is
/// looped; not to those of the sender's domain; and unicast never.
#[test]
fn multicast_is_looped_back_on_request() {
    const GROUP: Packet = Packet::MULTICAST;
    let (near, far) = Fabric::new().cable().unwrap();
    let looping = Domain::with(&near, EF_PD_MCAST_LOOP).unwrap();
    let receiving = |domain: &Rc<Domain>, spec: &Spec| {
        let vi = domain.vi(Queues::default()).unwrap();
        vi.fill(0..64);
        vi.filter(spec).unwrap();
        vi
    };
    let sender = looping.vi(Queues::default()).unwrap();
    let vis = [
        receiving(&Domain::on(&near), &Spec::local(&GROUP).looped()),
        receiving(&Domain::on(&near), &Spec::local(&GROUP)),
        receiving(&looping, &Spec::local(&GROUP).looped()),
        receiving(&Domain::on(&near), &Spec::udp().looped()),
        receiving(&Domain::on(&far), &Spec::local(&GROUP)),
    ];
    let got = |from: &Vi, packet: &Packet| {
        assert_eq!(from.send(0, &frame(packet)), 0);
        from.sent();
        vis.each_ref().map(|vi| vi.frames().len())
    };
    assert_eq!(got(&sender, &GROUP), [1, 0, 0, 0, 1]);
    assert_eq!(got(&sender, &UDP), [0, 0, 0, 0, 0]);
    let plain = Domain::on(&near).vi(Queues::default()).unwrap();
    assert_eq!(got(&plain, &GROUP), [0, 0, 0, 0, 1], "its domain does not loop");
}
