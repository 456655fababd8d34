//! Events of every kind on a shared queue: each with its member's label, and whatever it has goes back where it was from.

mod common;

use common::{Station, address, cut, posted, take_all, udp, udp_buffer};
use efvi::mock::{Fabric, FabricPort, Fcs, Model};
use efvi::{
    Ctpio, CutThrough, Driver, Event, Filter, PacketPool, PdFlags, PioRegion, ProtectionDomain, SharedEventQueue,
    SharedPoll, VirtualInterface, VirtualInterfaceBuilder,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    A,
    B,
}

const LINES: [Line; 2] = [Line::A, Line::B];
/// Their memory fills pages of 2 MiB, which an X4 asks for.
const BUFFERS: usize = 1024;

/// Two members, on the two ports of a cable.
struct Setup {
    queue: SharedEventQueue<Line>,
    pools: [PacketPool; 2],
    ports: [FabricPort; 2],
    stations: [Station; 2],
}

fn setup((model, flags): (Model, PdFlags), builder: VirtualInterfaceBuilder) -> Setup {
    let (a, b) = Fabric::of(model).cable().unwrap();
    let ports = [a, b];
    let domains = ports
        .each_ref()
        .map(|port| ProtectionDomain::builder().flags(flags).open(&Driver::open().unwrap(), port.name()).unwrap());
    let pools = domains.each_ref().map(|domain| PacketPool::builder().buffers(BUFFERS).build(domain).unwrap());
    let mut queue = SharedEventQueue::builder().event_capacity(8192).build(&domains[0]).unwrap();
    for (label, domain) in LINES.into_iter().zip(&domains) {
        queue.add(label, builder, domain).unwrap();
    }
    let (mut members, _) = queue.split::<2>().unwrap();
    let mut host = 0;
    let stations = members.each_mut().map(|member| {
        host += 1;
        let address = address(host, 7000);
        member.filter_add(&Filter::udp_local(address)).unwrap();
        Station { mac: member.mac().unwrap(), address }
    });
    Setup { queue, pools, ports, stations }
}

/// Polls until so many events were there, and then sees that there are no more.
fn events(poll: &mut SharedPoll<'_, Line>, count: usize, mut each: impl FnMut(Line, Event<'_>)) {
    let (mut seen, mut quiet) = (0, 0);
    for _ in 0..100_000 {
        let mut events = poll.poll();
        let before = seen;
        while let Some((label, event)) = events.next() {
            each(label.expect("the queue has none of its own"), event);
            seen += 1;
        }
        quiet = if seen == before && seen >= count { quiet + 1 } else { 0 };
        if quiet == 20 {
            assert_eq!(seen, count);
            return;
        }
    }
    panic!("{seen} of {count} events");
}

#[test]
fn packets_and_sends_in_pieces_have_their_labels() {
    // The VIs of the others have no event queue to share.
    for model in posted() {
        let mut setup = setup(model, VirtualInterface::builder().ctpio(Ctpio::Poison));
        let stations = setup.stations;
        let ([mut a, mut b], mut poll) = setup.queue.split().unwrap();
        for (member, pool) in [&mut a, &mut b].into_iter().zip(&mut setup.pools) {
            member.fill(pool).unwrap();
        }
        for round in 0..if cfg!(miri) { 2 } else { 300_usize } {
            for (line, member) in [&mut a, &mut b].into_iter().enumerate() {
                let (from, to) = (stations[line], stations[1 - line]);
                let pool = &mut setup.pools[line];
                let frame = udp(from, to, &[round as u8; 30]);
                let tx = member.transmit();
                tx.send(udp_buffer(pool, from, to, &[round as u8; 30])).unwrap();
                tx.send_pieces(cut(pool, &frame, &[14])).unwrap();
                tx.send_ctpio_pieces(cut(pool, &frame, &[14]), CutThrough::After(64)).unwrap();
                tx.send(udp_buffer(pool, from, to, &[round as u8; 30])).unwrap();
            }
            let (mut sent, mut received) = ([0; 2], [0; 2]);
            let each = |label: Line, event: Event<'_>| {
                let line = label as usize;
                let expected = udp(stations[line], stations[1 - line], &[round as u8; 30]);
                match event {
                    Event::Sent(done) => {
                        assert_eq!((&done.buffer[..], [0, 3].contains(&sent[line])), (&expected[..], true));
                        sent[line] += 1;
                    }
                    Event::SentPieces(done) => {
                        assert!([1, 2].contains(&sent[line]), "in order");
                        sent[line] += 1;
                        // Every other time nobody takes them.
                        if round % 2 == 0 {
                            let bytes: Vec<_> = done.into_pieces().flat_map(|piece| piece.to_vec()).collect();
                            assert_eq!(bytes, expected);
                        }
                    }
                    Event::Received(packet) => {
                        assert_eq!(packet[..], udp(stations[1 - line], stations[line], &[round as u8; 30]));
                        received[line] += 1;
                    }
                    other => panic!("{other:?}"),
                }
            };
            if round % 3 == 2 {
                // What nobody looks at goes back, too, be it dropped or forgotten.
                for _ in 0..100 {
                    let mut events = poll.poll();
                    if round % 2 == 0 {
                        let _ = events.next();
                        drop(events);
                    } else {
                        std::mem::forget(events);
                    }
                }
                events(&mut poll, 0, |_, event| panic!("{event:?}"));
            } else {
                events(&mut poll, 16, each);
                assert_eq!((sent, received), ([4; 2], [4; 2]), "{model:?}");
            }
            for (line, pool) in setup.pools.iter_mut().enumerate() {
                assert_eq!(take_all(pool).len(), BUFFERS - 511, "{model:?}, round {round}, line {line}");
            }
        }
        assert!(setup.ports.iter().all(|port| port.counters().rx_no_descriptor == 0));
    }
}

#[test]
fn merged_packets_have_their_labels() {
    let mut setup = setup((Model::X2, PdFlags::empty()), VirtualInterface::builder().merge_events(true));
    let stations = setup.stations;
    let ([mut a, mut b], mut poll) = setup.queue.split().unwrap();
    for (member, pool) in [&mut a, &mut b].into_iter().zip(&mut setup.pools) {
        member.fill(pool).unwrap();
    }
    const BURST: u8 = if cfg!(miri) { 5 } else { 100 };
    for round in 0..if cfg!(miri) { 1 } else { 20 } {
        for number in 0..BURST {
            for (line, port) in setup.ports.iter().enumerate() {
                port.inject(&udp(stations[1 - line], stations[line], &[number, round]), Fcs::Good).unwrap();
            }
        }
        let mut received = [0; 2];
        events(&mut poll, 2 * usize::from(BURST), |label, event| {
            let line = label as usize;
            let Event::Received(packet) = event else { panic!("{event:?}") };
            assert_eq!(packet[..], udp(stations[1 - line], stations[line], &[received[line], round]));
            received[line] += 1;
        });
        assert_eq!((a.receive_space(), b.receive_space()), (0, 0), "every packet was posted again");
    }
}

/// Adapters that are only written through to complete sends on their VI's own queue; alternatives report there, too.
#[test]
fn what_can_not_share_a_queue_is_refused() {
    let refused = |(model, flags): (Model, PdFlags), builder: VirtualInterfaceBuilder, part: &str| {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let domain = ProtectionDomain::builder().flags(flags).open(&Driver::open().unwrap(), port.name()).unwrap();
        let owner = SharedEventQueue::builder().event_capacity(4096).build(&domain);
        let error = match owner {
            Ok(mut queue) => queue.add(Line::A, builder, &domain).unwrap_err(),
            Err(error) => error,
        };
        let text = error.to_string();
        assert!(text.contains("EOPNOTSUPP") && text.contains(part), "{text}");
    };
    let plain = VirtualInterface::builder();
    refused((Model::X3, PdFlags::empty()), plain, "ProtectionDomain::capability");
    #[cfg(onload_since = "9.0.1")]
    refused((Model::X4, PdFlags::EXPRESS), plain, "ProtectionDomain::capability");
    refused((Model::X2, PdFlags::empty()), plain.alternatives(2, 4096), "Capability::TxAlternatives");
}

/// Parts of the adapter's memory, on one of two members.
#[test]
fn parts_of_a_region_come_back_with_their_label() {
    let mut setup = setup((Model::X2, PdFlags::empty()), VirtualInterface::builder());
    let [from, to] = setup.stations;
    let ([mut a, mut b], mut poll) = setup.queue.split().unwrap();
    let region = PioRegion::new(a.domain(), 4096).unwrap();
    a.link_pio(&region).unwrap();
    b.fill(&mut setup.pools[1]).unwrap();
    for round in 0..if cfg!(miri) { 2 } else { 200 } {
        let frame = udp(from, to, &[round]);
        a.transmit().send_pio(udp_buffer(&mut setup.pools[0], from, to, &[round])).unwrap();
        a.transmit().send_pio_copy(region.take(frame.len()).unwrap(), &frame).unwrap();
        let mut kinds = Vec::new();
        events(&mut poll, 4, |label, event| match (label, event) {
            (Line::A, Event::Sent(done)) => {
                assert_eq!(done.buffer[..], frame);
                kinds.push(0);
            }
            // Every other time nobody takes it.
            (Line::A, Event::SentPio(done)) => {
                assert!(round % 2 == 0 || done.into_part().len() == frame.len());
                kinds.push(1);
            }
            (Line::B, Event::Received(packet)) => assert_eq!(packet[..], frame),
            other => panic!("{other:?}"),
        });
        assert_eq!(kinds, [0, 1], "in order");
        assert!(region.take(4096).is_some(), "all parts are back");
    }
}

/// The queue of one member dies; the other's goes on, and the first is revived.
#[test]
#[cfg(onload_since = "9.1.0")]
fn a_send_that_failed_has_its_label_and_stops_no_other_member() {
    use efvi::mock::{Fault, Faults};
    let mut setup = setup((Model::X2, PdFlags::empty()), VirtualInterface::builder());
    setup.ports[0].set_faults(&Faults::builder().on(Fault::TxErrorBus, 2).build());
    let [from, to] = setup.stations;
    let ([mut a, mut b], mut poll) = setup.queue.split().unwrap();
    let [near, far] = &mut setup.pools;
    let frame = udp(from, to, b"pieces");
    a.transmit().send(udp_buffer(near, from, to, b"first")).unwrap();
    a.transmit().send_pieces(cut(near, &frame, &[14])).unwrap();
    a.transmit().send(udp_buffer(near, from, to, b"behind")).unwrap();
    b.transmit().send(udp_buffer(far, to, from, b"other")).unwrap();
    let mut seen = Vec::new();
    events(&mut poll, 3, |label, event| match event {
        Event::Sent(done) => seen.push((label, done.buffer.to_vec())),
        Event::SendFailed(failed) => {
            // It is revived while its event is at hand, which must not make it die again.
            let frame = failed.into_frame();
            let mut dead = a.transmit().dead().unwrap();
            assert_eq!(dead.next().unwrap().into_buffer().unwrap()[..], udp(from, to, b"behind"));
            dead.revive().unwrap();
            let efvi::Frame::InPieces(pieces) = frame else { panic!("{frame:?}") };
            seen.push((label, pieces.flat_map(|piece| piece.to_vec()).collect()));
        }
        other => panic!("{other:?}"),
    });
    seen.sort_by_key(|(label, _)| *label as usize);
    assert_eq!(seen, [(Line::A, udp(from, to, b"first")), (Line::A, frame), (Line::B, udp(to, from, b"other"))]);
    assert!(a.transmit().dead().is_none());
    for n in 0..5 {
        a.transmit().send(udp_buffer(near, from, to, &[n])).unwrap();
        events(&mut poll, 1, |label, event| assert!(label == Line::A && matches!(event, Event::Sent(_))));
    }
    assert_eq!(take_all(near).len(), BUFFERS);
}

#[test]
#[cfg(onload_since = "9.0.1")]
fn a_member_is_warmed_while_nobody_polls() {
    // The VIs of the others have no event queue to share.
    for model in posted() {
        let mut setup = setup(model, VirtualInterface::builder());
        let [from, to] = setup.stations;
        let ([mut a, mut b], mut poll) = setup.queue.split().unwrap();
        let [near, far] = &mut setup.pools;
        for round in 0..4 {
            a.transmit().send(udp_buffer(near, from, to, b"before")).unwrap();
            let mut warming = a.warm(&mut poll).unwrap();
            drop(warming.send(udp_buffer(near, from, to, b"warm")));
            if round % 2 == 0 {
                warming.end();
            } else {
                // The next poll ends it.
                std::mem::forget(warming);
            }
            b.transmit().send(udp_buffer(far, to, from, b"other")).unwrap();
            events(&mut poll, 2, |label, event| {
                let Event::Sent(done) = event else { panic!("{event:?}") };
                let expected = [udp(from, to, b"before"), udp(to, from, b"other")];
                assert_eq!(done.buffer[..], expected[label as usize], "{model:?}");
            });
        }
        assert_eq!(setup.ports[0].counters().tx_frames, 4, "{model:?}: none was sent while warming");
        assert_eq!([take_all(near).len(), take_all(far).len()], [BUFFERS; 2]);
    }
    let mut here = setup((Model::X2, PdFlags::empty()), VirtualInterface::builder());
    let mut there = setup((Model::X2, PdFlags::empty()), VirtualInterface::builder());
    let ([mut a, _], _) = here.queue.split::<2>().unwrap();
    let (_, mut poll) = there.queue.split_all();
    assert!(a.warm(&mut poll).is_none());
}
