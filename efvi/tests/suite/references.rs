//! Packets held past their poll where they are, on all models; and what the memory that they keep means to the adapter.

use crate::common::{
    Fabric, Station, address, each_event, expect_quiet, left_out, take_all, udp, udp_buffer, wait, wait_sent, why,
};
use efvi::mock::Fcs;
use efvi::{Event, HeldPacket, KeepError, Receive, VirtualInterface};

/// Packets that an X3 has in one piece of its memory; fewer under Miri.
const SUPERBUFFER: usize = if cfg!(miri) { 8 } else { 512 };

/// Holds the next packet.
fn hold(rx: &mut Receive<'_>) -> HeldPacket {
    wait(rx, |event| match event {
        Event::Received(packet) => Some(packet.hold().unwrap()),
        other => panic!("{other:?}"),
    })
}

#[test]
fn a_held_packet_outlives_the_poll_and_goes_to_another_thread() {
    for (model, flags, by_reference) in crate::common::models() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = crate::common::end(port.name(), 1, flags, VirtualInterface::builder());
        let station = end.station;
        let (_, mut rx) = end.vi.split();
        rx.fill(&mut end.pool).unwrap();
        // A few at a time: those of two superbuffers would be all that there is.
        let (strategy, packets) = std::sync::mpsc::sync_channel::<HeldPacket>(4);
        let thread =
            std::thread::spawn(move || packets.iter().map(|packet| packet.frame().to_vec()).collect::<Vec<_>>());
        let frames: Vec<_> = (0..3 * SUPERBUFFER).map(|n| udp(station, station, &n.to_le_bytes())).collect();
        for (n, frame) in frames.iter().enumerate() {
            port.inject(frame, Fcs::Good).unwrap();
            let held = hold(&mut rx);
            assert_eq!(held.is_reference(), by_reference, "{model:?}");
            if n % 3 == 0 {
                strategy.send(held).unwrap();
            } else {
                assert_eq!(held[..], frame[..]);
            }
            rx.fill(&mut end.pool).unwrap();
        }
        drop(strategy);
        let seen = thread.join().unwrap();
        assert_eq!(seen.len(), SUPERBUFFER);
        assert!(seen.iter().zip(frames.iter().step_by(3)).all(|(seen, frame)| seen == frame));
        expect_quiet(&mut rx);
        assert_eq!(port.counters().rx_no_descriptor, 0, "{model:?}: what was dropped served again");
    }
}

/// Without a copy where it was received into a buffer, with one where not; then it is sent on.
#[test]
fn a_held_packet_becomes_a_buffer() {
    for (model, flags, by_reference) in crate::common::models() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = crate::common::end(port.name(), 1, flags, VirtualInterface::builder());
        let station = end.station;
        let (mut tx, mut rx) = end.vi.split();
        rx.fill(&mut end.pool).unwrap();
        let frame = udp(station, station, b"held, then sent on");
        port.inject(&frame, Fcs::Good).unwrap();
        let mut held = hold(&mut rx);
        if by_reference {
            let all = take_all(&mut end.pool);
            let not_copied = held.into_buffer(&mut end.pool).unwrap_err();
            assert_eq!(not_copied.reason, KeepError::PoolEmpty);
            held = not_copied.packet;
            drop(all);
        }
        let place = held.as_ptr();
        let buffer = held.into_buffer(&mut end.pool).unwrap();
        assert_eq!(buffer.as_ptr() == place, !by_reference);
        assert_eq!(buffer[..], frame[..]);
        tx.send(buffer).unwrap();
        wait_sent(&mut rx, 1);
    }
}

#[test]
fn discards_are_held_too() {
    for (model, flags, _) in crate::common::models() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = crate::common::end(port.name(), 1, flags, VirtualInterface::builder());
        let frame = udp(end.station, end.station, b"damaged");
        let (_, mut rx) = end.vi.split();
        rx.fill(&mut end.pool).unwrap();
        port.inject(&frame, Fcs::Bad).unwrap();
        let held = wait(&mut rx, |event| match event {
            Event::Discarded(packet) => Some(packet.hold().unwrap()),
            other => panic!("{other:?}"),
        });
        drop(rx.poll());
        assert_eq!(held[..], frame[..], "{model:?}");
    }
}

/// A packet of each superbuffer held: there is no place to receive into, and frames are lost. Once one is dropped, the
/// next poll, though it finds nothing, makes room.
#[test]
fn references_run_the_superbuffers_out_and_polls_release_them() {
    for (model, flags) in crate::common::by_reference() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = crate::common::end(port.name(), 1, flags, VirtualInterface::builder());
        let frame = udp(end.station, end.station, b"");
        let (_, mut rx) = end.vi.split();
        let mut held = Vec::new();
        let mut received = 0;
        loop {
            let lost = port.counters().rx_no_descriptor;
            port.inject(&frame, Fcs::Good).unwrap();
            let mut got = None;
            while got.is_none() && port.counters().rx_no_descriptor == lost {
                if let Some(Event::Received(packet)) = rx.poll().next() {
                    got = Some((received % SUPERBUFFER == 1).then(|| packet.hold().unwrap()));
                }
            }
            match got {
                Some(packet) => held.extend(packet),
                None => {
                    assert_eq!(port.counters().rx_no_descriptor, lost + 1, "{model:?}");
                    break;
                }
            }
            received += 1;
        }
        assert_eq!(received, held.len() * SUPERBUFFER, "{model:?}");
        // Dropped elsewhere, released here.
        std::thread::spawn(move || drop(held)).join().unwrap();
        assert!(rx.poll().is_empty());
        for _ in 0..SUPERBUFFER {
            port.inject(&frame, Fcs::Good).unwrap();
            wait(&mut rx, |event| matches!(event, Event::Received(_)).then_some(()));
        }
    }
}

/// With as many held as the VI has room for packets, the next is given back, until one is dropped.
#[test]
fn only_so_many_are_held() {
    for (model, flags) in crate::common::by_reference() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let builder = VirtualInterface::builder().rx_capacity(if cfg!(miri) { 8 } else { 512 });
        let mut end = crate::common::end(port.name(), 1, flags, builder);
        let frame = udp(end.station, end.station, b"held");
        let (_, mut rx) = end.vi.split();
        let mut held = Vec::new();
        let most = rx.capacity();
        while held.len() < most {
            port.inject(&frame, Fcs::Good).unwrap();
            held.push(hold(&mut rx));
        }
        for _ in 0..3 {
            port.inject(&frame, Fcs::Good).unwrap();
            wait(&mut rx, |event| {
                let Event::Received(packet) = event else { panic!("{event:?}") };
                let refused = packet.hold().unwrap_err();
                assert_eq!(refused.reason, KeepError::TooManyHeld);
                assert_eq!(refused.packet.frame(), frame);
                // Dropped here, with the packet still lent, it makes room at once.
                drop(held.pop());
                held.push(refused.packet.hold().unwrap());
                Some(())
            });
        }
        assert!(held.iter().all(|packet| packet[..] == frame), "{model:?}");
    }
}

/// The VI goes with the last of its packets, and its filters with it.
#[test]
fn held_packets_keep_their_vi() {
    for (model, flags) in crate::common::by_reference() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        for on_another_thread in [false, true] {
            let mut end = crate::common::end(port.name(), 1, flags, VirtualInterface::builder());
            let frame = udp(end.station, end.station, b"outlives its VI");
            let (_, mut rx) = end.vi.split();
            let mut held = Vec::new();
            for _ in 0..3 {
                port.inject(&frame, Fcs::Good).unwrap();
                held.push(hold(&mut rx));
            }
            held.pop();
            if on_another_thread {
                drop(end.vi);
            } else {
                end.vi.close().unwrap();
            }
            drop((end.pool, held.pop()));
            assert_eq!(held[0][..], frame[..], "{model:?}");
            let unknown = left_out(why::TAKEN);
            assert!(unknown || port.inject(&frame, Fcs::Good).is_ok(), "its filter is there");
            if on_another_thread {
                std::thread::spawn(move || drop(held)).join().unwrap();
            } else {
                drop(held);
            }
            assert!(unknown || port.inject(&frame, Fcs::Good).is_err(), "and gone");
        }
    }
}

/// While packets are held, sends complete and events are told apart as ever.
#[test]
fn polls_go_on_while_packets_are_held() {
    for (model, flags) in crate::common::by_reference() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = crate::common::end(port.name(), 1, flags, VirtualInterface::builder());
        let station = end.station;
        let elsewhere = Station { address: address(9, 9), ..station };
        let (mut tx, mut rx) = end.vi.split();
        let mut held = Vec::new();
        for n in 0..if cfg!(miri) { 6_usize } else { 300 } {
            tx.send(udp_buffer(&mut end.pool, station, elsewhere, &n.to_le_bytes())).unwrap();
            port.inject(&udp(station, station, &n.to_le_bytes()), Fcs::Good).unwrap();
            let (mut sent, mut received) = (0, 0);
            while (sent, received) != (1, 1) {
                each_event(rx.poll(), |event| match event {
                    Event::Sent(done) => {
                        end.pool.put(done.buffer);
                        sent += 1;
                    }
                    Event::Received(packet) => {
                        assert_eq!(packet[..], udp(station, station, &n.to_le_bytes()));
                        held.push(packet.hold().unwrap());
                        received += 1;
                    }
                    other => panic!("{other:?}"),
                });
            }
            if n % 5 == 4 {
                held.drain(..4);
            }
        }
        assert_eq!(port.counters().rx_no_descriptor, 0, "{model:?}");
    }
}

#[test]
fn held_packets_are_anybodys() {
    crate::common::only_in_memory(why::NO_WIRE);
    fn check<T: Send + Sync + 'static>() {}
    check::<HeldPacket>();
}
