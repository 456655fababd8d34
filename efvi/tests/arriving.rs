//! Frames that are seen while they arrive (X3, X4's express datapath), and polls for received frames alone.

mod common;

use common::{expect_quiet, udp, wait};
use efvi::mock::{Fabric, Fcs};
use efvi::{DiscardReason, Event, VirtualInterface};

#[test]
fn the_start_of_a_frame_is_seen_before_its_event() {
    for (model, flags) in common::by_reference() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = common::end(port.name(), 1, flags, VirtualInterface::builder());
        let station = end.station;
        let (_, mut rx) = end.vi.split();
        assert!(rx.can_peek());
        assert!(rx.peek().is_none(), "nothing arrives");
        for n in 0..if cfg!(miri) { 10 } else { 1500_usize } {
            let frame = udp(station, station, &[n as u8; 400]);
            let rest = port.begin(&frame[..100]).unwrap();
            let arriving = rx.peek().expect("it arrives");
            assert_eq!(arriving.start()[..], frame[..62]);
            let place = arriving.start().as_ptr();
            let Err(still) = arriving.poll() else { panic!("its end is not there yet") };
            assert_eq!(still.start()[..], frame[..62], "seen again");
            // Nor has a poll of all found it; it is seen again, in the same place.
            assert!(rx.poll().is_empty());
            let again = rx.peek().expect("still");
            assert_eq!(again.start().as_ptr(), place);
            rest.finish(&frame[100..], if n % 3 == 2 { Fcs::Bad } else { Fcs::Good }).unwrap();
            if n % 3 == 1 {
                // Any poll reports it.
                wait(&mut rx, |event| matches!(event, Event::Received(packet) if packet[..] == frame).then_some(()));
                continue;
            }
            let mut events = again.poll().expect("it is there");
            match events.next() {
                Some(Event::Received(packet)) => {
                    assert_eq!((packet.as_ptr(), &packet[..]), (place, &frame[..]), "{n}");
                    assert_eq!(n % 3, 0);
                }
                Some(Event::Discarded(packet)) => {
                    assert_eq!((packet.reason(), packet.frame()), (DiscardReason::Crc, &frame[..]));
                    assert_eq!(n % 3, 2);
                }
                other => panic!("{other:?}"),
            }
            assert!(events.next().is_none());
        }
        assert_eq!(port.counters().rx_no_descriptor, 0, "{model:?}: each was put back");
    }
}

/// A frame whose sender breaks it off becomes a discard.
#[test]
fn a_frame_that_breaks_off_is_discarded() {
    for (model, flags) in common::by_reference() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = common::end(port.name(), 1, flags, VirtualInterface::builder());
        let frame = udp(end.station, end.station, &[1; 400]);
        let (_, mut rx) = end.vi.split();
        let broken = port.begin(&frame[..200]).unwrap();
        assert_eq!(rx.peek().unwrap().start()[..], frame[..62]);
        drop(broken);
        let mut events = rx.peek().unwrap().poll().expect("its end");
        let Some(Event::Discarded(packet)) = events.next() else { panic!("{model:?}: a discard") };
        assert_eq!(packet.reason(), DiscardReason::Crc);
        assert_eq!(packet.frame()[..62], frame[..62]);
    }
}

#[test]
fn adapters_that_receive_into_buffers_show_nothing_early() {
    for (model, flags, by_reference) in common::models() {
        if by_reference {
            continue;
        }
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = common::end(port.name(), 1, flags, VirtualInterface::builder());
        let frame = udp(end.station, end.station, b"whole");
        let (_, mut rx) = end.vi.split();
        rx.fill(&mut end.pool).unwrap();
        port.inject(&frame, Fcs::Good).unwrap();
        assert!(!rx.can_peek());
        assert!(rx.peek().is_none());
        wait(&mut rx, |event| matches!(event, Event::Received(packet) if packet[..] == frame).then_some(()));
    }
}

/// What was sent is not seen by it where the adapter has it; elsewhere it is a poll.
#[test]
fn received_frames_are_polled_for_alone() {
    for (model, flags, by_reference) in common::models() {
        let port = Fabric::of(model).looped().unwrap();
        let mut end = common::end(port.name(), 1, flags, VirtualInterface::builder());
        let station = end.station;
        let (mut tx, mut rx) = end.vi.split();
        rx.fill(&mut end.pool).unwrap();
        for n in 0..if cfg!(miri) { 5 } else { 600_usize } {
            tx.send(common::udp_buffer(&mut end.pool, station, station, &n.to_le_bytes())).unwrap();
            let (mut sent, mut received) = (0, 0);
            for _ in 0..4 {
                let mut events = rx.poll_received();
                while let Some(event) = events.next() {
                    match event {
                        Event::Received(packet) => {
                            assert_eq!(packet[..], udp(station, station, &n.to_le_bytes()));
                            received += 1;
                        }
                        Event::Sent(_) => sent += 1,
                        other => panic!("{other:?}"),
                    }
                }
            }
            let alone = by_reference && cfg!(onload_since = "9.0.2");
            assert_eq!((received, sent), (1, usize::from(!alone)), "{model:?}");
            if alone {
                common::wait_sent(&mut rx, 1);
            }
        }
        expect_quiet(&mut rx);
    }
}
