//! Several VIs on one event queue: each event has its VI's label, and each buffer comes back to where it was.

use std::mem;
use std::time::Instant;

use crate::common::*;
use efvi::mock::Fcs;
use efvi::{
    Buffer, Error, Event, Filter, MacAddress, Member, PacketPool, ProtectionDomain, RejectReason, SharedEventQueue,
    SharedPoll, Timestamps, VirtualInterface,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    A,
    B,
}

const TYPES: [u16; 2] = [0x88b5, 0x88b6];

/// Two members on two ports, each with a filter for its type, and a pool for each.
struct Setup {
    queue: SharedEventQueue<Line>,
    pools: [PacketPool; 2],
    ports: [Port; 2],
}

fn domain_on(port: &Port) -> ProtectionDomain {
    domain(port.name())
}

fn setup(builder: VirtualInterface2) -> Setup {
    let (a, b) = Fabric::new().cable().unwrap();
    let ports = [a, b];
    let domains = ports.each_ref().map(domain_on);
    let pools = domains.each_ref().map(|domain| PacketPool::builder().buffers(600).build(domain).unwrap());
    let mut queue = builder.build(&domains[0]).unwrap();
    for (label, domain) in [Line::A, Line::B].into_iter().zip(&domains) {
        queue.add(label, VirtualInterface::builder(), domain).unwrap();
    }
    let (members, _) = queue.split::<2>().unwrap();
    for (member, ethertype) in members.iter().zip(TYPES) {
        member.filter_add(&Filter::ethertype(ethertype)).unwrap();
    }
    Setup { queue, pools, ports }
}

type VirtualInterface2 = efvi::SharedEventQueueBuilder;

fn frame(ethertype: u16, number: u8) -> Vec<u8> {
    let mut frame = vec![number; 60 + usize::from(number)];
    frame[..6].copy_from_slice(&MacAddress([2, 0, 0, 0, 0, 5]).octets());
    frame[6..12].copy_from_slice(&[2, 0, 0, 0, 0, 6]);
    frame[12..14].copy_from_slice(&ethertype.to_be_bytes());
    frame
}

fn buffer(pool: &mut PacketPool, ethertype: u16, number: u8) -> Buffer {
    let mut buffer = pool.take().unwrap();
    buffer.write(&frame(ethertype, number)).unwrap();
    buffer
}

/// Polls until so many events were there.
fn events(poll: &mut SharedPoll<'_, Line>, count: usize, mut each: impl FnMut(Option<Line>, Event<'_>)) {
    let mut seen = 0;
    let start = Instant::now();
    while start.elapsed() < DEADLINE {
        let mut events = poll.poll();
        while let Some((label, event)) = events.next() {
            each(label, event);
            seen += 1;
        }
        if seen >= count {
            assert_eq!(seen, count);
            return;
        }
    }
    panic!("{seen} of {count} events");
}

#[test]
fn every_event_has_its_label() {
    let mut setup = setup(SharedEventQueue::builder());
    let ([mut a, mut b], mut poll) = setup.queue.split().unwrap();
    assert_eq!((a.label(), b.label()), (Line::A, Line::B));
    for (member, pool) in [&mut a, &mut b].into_iter().zip(&mut setup.pools) {
        assert_eq!(member.fill(pool).unwrap(), 511);
        assert_eq!(member.receive_space(), 0);
    }
    // In turn, so that neither's events follow each other.
    const ROUNDS: u8 = if cfg!(miri) { 5 } else { 60 };
    for number in 0..ROUNDS {
        for (member, (pool, ethertype)) in [&mut a, &mut b].into_iter().zip(setup.pools.iter_mut().zip(TYPES)) {
            // To the other's port: the cable is between them.
            let other = TYPES[usize::from(ethertype == TYPES[0])];
            member.transmit().send(buffer(pool, other, number)).unwrap();
        }
    }
    let (mut sent, mut received) = ([0, 0], [0, 0]);
    events(&mut poll, 4 * usize::from(ROUNDS), |label, event| {
        let line = label.expect("the queue has none of its own") as usize;
        match event {
            Event::Sent(done) => {
                assert_eq!(done.buffer[..], frame(TYPES[1 - line], sent[line]));
                sent[line] += 1;
            }
            Event::Received(packet) => {
                assert_eq!(packet[..], frame(TYPES[line], received[line]));
                received[line] += 1;
            }
            other => panic!("{other:?}"),
        }
    });
    assert_eq!((sent, received), ([ROUNDS; 2], [ROUNDS; 2]));
    // Every packet was posted again.
    assert_eq!([a.receive_space(), b.receive_space()], [0, 0]);
    assert_eq!(setup.pools.each_mut().map(|pool| take_all(pool).len()), [600 - 511; 2]);
}

/// Posting while a packet is lent: the packet finds its way back all the same.
#[test]
fn a_ring_can_be_filled_while_its_packet_is_lent() {
    let mut setup = setup(SharedEventQueue::builder());
    let ([mut a, _b], mut poll) = setup.queue.split().unwrap();
    let [pool, _] = &mut setup.pools;
    a.fill(pool).unwrap();
    for number in 0..20 {
        setup.ports[0].inject(&frame(TYPES[0], number), Fcs::Good).unwrap();
    }
    let mut seen = 0;
    while seen < 20 {
        let mut events = poll.poll();
        while let Some((label, event)) = events.next() {
            let (Some(Line::A), Event::Received(packet)) = (label, event) else { panic!() };
            a.fill(pool).unwrap();
            let rejected = a.post(pool.take().unwrap()).unwrap_err();
            assert_eq!(rejected.reason, RejectReason::RingFull);
            assert_eq!(packet[..], frame(TYPES[0], seen));
            seen += 1;
        }
    }
    drop(setup.queue);
    assert_eq!(take_all(&mut setup.pools[0]).len(), 600, "none was lost");
}

/// Nothing is lost with what is not taken, dropped or forgotten, but a packet that was lent when it was forgotten.
#[test]
fn events_that_are_not_taken() {
    for forget in [false, true] {
        let mut setup = setup(SharedEventQueue::builder());
        let ([mut a, mut b], mut poll) = setup.queue.split().unwrap();
        for (member, pool) in [&mut a, &mut b].into_iter().zip(&mut setup.pools) {
            member.fill(pool).unwrap();
            for number in 0..6 {
                member.transmit().send(buffer(pool, 0x9999, number)).unwrap();
            }
        }
        for (port, ethertype) in setup.ports.iter().zip(TYPES) {
            for number in 0..3 {
                port.inject(&frame(ethertype, number), Fcs::Good).unwrap();
            }
        }
        // One poll finds them all; the first sends come as one event.
        loop {
            let mut events = poll.poll();
            let Some(event) = events.next() else { continue };
            assert!(matches!(event, (Some(_), Event::Sent(_))));
            if forget {
                mem::forget(events);
                assert_eq!(poll.wait(None).unwrap(), efvi::Waited::Ready);
            }
            break;
        }
        until_quiet(|| poll.poll().next().is_some());
        drop(setup.queue);
        assert_eq!(setup.pools.each_mut().map(|pool| take_all(pool).len()), [600; 2]);
    }
}

#[test]
fn software_events_are_the_queues_own() {
    let mut setup = setup(SharedEventQueue::builder());
    let own = setup.queue.software_events();
    let ([a, _b], mut poll) = setup.queue.split().unwrap();
    own.put(7).unwrap();
    assert_eq!(poll.wait(None).unwrap(), efvi::Waited::Ready);
    events(&mut poll, 1, |label, event| assert!(matches!((label, event), (None, Event::Software(7)))));
    let error = a.software_events().put(7).unwrap_err();
    assert!(error.to_string().contains("ef_eventq_put"), "a member has no queue: {error}");
}

#[test]
#[cfg(not(miri))]
fn one_wait_serves_all_members() {
    let mut setup = setup(SharedEventQueue::builder());
    let (mut members, mut poll) = setup.queue.split_all();
    for (member, pool) in members.iter_mut().zip(&mut setup.pools) {
        member.fill(pool).unwrap();
    }
    for ((port, ethertype), line) in setup.ports.iter().zip(TYPES).zip([Line::A, Line::B]) {
        assert_eq!(poll.wait(std::time::Duration::ZERO).unwrap(), efvi::Waited::TimedOut);
        std::thread::scope(|scope| {
            scope.spawn(|| port.inject(&frame(ethertype, 1), Fcs::Good).unwrap());
            assert_eq!(poll.wait(None).unwrap(), efvi::Waited::Ready);
        });
        events(&mut poll, 1, |label, event| {
            assert!(matches!(event, Event::Received(_)));
            assert_eq!(label, Some(line));
        });
    }
}

#[test]
fn timestamps_are_the_queues() {
    let mut setup = setup(SharedEventQueue::builder().timestamps(Timestamps::TX).event_capacity(8192));
    let ([mut a, _b], mut poll) = setup.queue.split().unwrap();
    a.transmit().send(buffer(&mut setup.pools[0], 0x9999, 1)).unwrap();
    events(&mut poll, 1, |label, event| {
        let Event::Sent(done) = event else { panic!("{event:?}") };
        assert_eq!(label, Some(Line::A));
        assert!(done.timestamp.is_some());
    });
    let domain = domain_on(&setup.ports[0]);
    let stamped = VirtualInterface::builder().timestamps(Timestamps::RX);
    let error = setup.queue.add(Line::A, stamped, &domain).unwrap_err();
    assert!(matches!(error, Error::EventQueueTimestamps { timestamps: Timestamps::RX, .. }), "{error:?}");
}

#[test]
fn a_queue_has_room_for_all_of_its_members() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain_on(&port);
    let mut queue = SharedEventQueue::builder().event_capacity(2048).build::<u32>(&domain).unwrap();
    let builder = VirtualInterface::builder().rx_capacity(512).tx_capacity(512);
    queue.add(0, builder, &domain).unwrap();
    queue.add(1, builder, &domain).unwrap();
    let error = queue.add(2, builder, &domain).unwrap_err();
    assert!(matches!(error, Error::EventQueueFull { needed: 3066, .. }), "{error:?}");
    assert!(error.to_string().contains("event_capacity(4096)"), "{error}");
    assert_eq!(queue.members(), 2, "the one that was refused is gone");
    let error = queue.split::<3>().unwrap_err();
    assert!(matches!(error, Error::Members { members: 2, requested: 3 }));
}

#[test]
fn a_queue_takes_thirty_one_members() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain_on(&port);
    let mut queue = SharedEventQueue::builder().event_capacity(32_768).build(&domain).unwrap();
    let builder = VirtualInterface::builder().rx_capacity(512).tx_capacity(512);
    for label in 0..31 {
        queue.add(label, builder, &domain).unwrap();
    }
    match queue.add(31, builder, &domain).unwrap_err() {
        Error::VirtualInterface { errno, .. } => assert_eq!(errno.code(), libc::EBUSY),
        other => panic!("{other:?}"),
    }
}

/// A queue goes to another thread with all its members, buffers and all.
#[test]
fn a_queue_moves_as_a_whole() {
    let mut setup = setup(SharedEventQueue::builder());
    {
        let (mut members, _) = setup.queue.split_all();
        members.iter_mut().zip(&mut setup.pools).for_each(|(member, pool)| _ = member.fill(pool).unwrap());
    }
    setup.ports[1].inject(&frame(TYPES[1], 9), Fcs::Good).unwrap();
    let mut queue = setup.queue;
    let thread = std::thread::spawn(move || {
        let (_, mut poll) = queue.split_all();
        events(&mut poll, 1, |label, _| assert_eq!(label, Some(Line::B)));
    });
    thread.join().unwrap();
    assert_eq!(setup.pools.each_mut().map(|pool| take_all(pool).len()), [600; 2]);
}

/// A member of a set of VIs, and one that is not.
#[test]
fn a_member_can_be_of_a_set() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain_on(&port);
    let mut pool = PacketPool::builder().buffers(600).build(&domain).unwrap();
    let set = efvi::ViSet::new(&domain, 2).unwrap();
    let mut queue = SharedEventQueue::builder().build(&domain).unwrap();
    queue.add_in(Line::A, VirtualInterface::builder(), &set).unwrap();
    queue.add_in(Line::B, VirtualInterface::builder(), &set).unwrap();
    set.filter_add(&Filter::udp_local(address(1, 7))).unwrap();
    let mac = MacAddress([2, 0, 0, 0, 0, 1]);
    let (mut members, mut poll): (Vec<Member<'_, Line>>, _) = queue.split_all();
    for member in &mut members {
        for _ in 0..64 {
            member.post(pool.take().unwrap()).unwrap();
        }
    }
    for from in 0..32 {
        let frame = udp(Station { mac, address: address(9, from) }, Station { mac, address: address(1, 7) }, b"rss");
        port.inject(&frame, Fcs::Good).unwrap();
    }
    let mut counts = [0, 0];
    events(&mut poll, 32, |label, _| counts[label.unwrap() as usize] += 1);
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
}
