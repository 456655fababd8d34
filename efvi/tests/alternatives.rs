//! TX alternatives: frames that wait in the adapter.

mod common;

use common::*;
use efvi::{
    AlternativeError, AlternativeState, Ctpio, CutThrough, Error, Event, Receive, RejectReason, Timestamps,
    VirtualInterface, VirtualInterfaceBuilder,
};

fn builder() -> VirtualInterfaceBuilder {
    VirtualInterface::builder().alternatives(2, 8192)
}

/// Completed sends and the alternatives that frames left, until there are so many of each.
fn happened(rx: &mut Receive<'_>, sends: usize, leaves: usize) -> Vec<u32> {
    let (mut sent, mut left) = (0, Vec::new());
    wait(rx, |event| {
        match event {
            Event::Sent(_) => sent += 1,
            Event::Alternative(number) => left.push(number),
            other => panic!("{other:?}"),
        }
        (sent >= sends && left.len() >= leaves).then_some(())
    });
    assert_eq!((sent, left.len()), (sends, leaves));
    left
}

#[test]
fn frames_wait_until_they_are_let_go() {
    let (mut a, mut b) = pair(builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    assert_eq!(tx.alternatives(), 2);
    assert!(tx.alternative(2).is_none());
    let mut alternative = tx.alternative(1).unwrap();
    assert_eq!(alternative.state(), AlternativeState::Stopped);
    for sequence in 0..3 {
        alternative.send(udp_buffer(pool, from, to, &[sequence])).unwrap();
    }
    assert_eq!(alternative.waiting(), 3);
    assert_eq!(happened(&mut completions, 3, 0), [0; 0]);
    expect_quiet(&mut rx);
    // What is sent past it goes straight to the wire.
    tx.send(udp_buffer(pool, from, to, b"past")).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"past")]);
    tx.alternative(1).unwrap().go().unwrap();
    let received = wait_received(&mut rx, 3);
    assert!(received.iter().zip(0..).all(|(frame, sequence)| *frame == udp(from, to, &[sequence])));
    assert_eq!(happened(&mut completions, 1, 3), [1, 1, 1]);
    let mut alternative = tx.alternative(1).unwrap();
    assert_eq!(alternative.waiting(), 0);
    alternative.stop().unwrap();
}

#[test]
fn the_state_changes_only_when_all_events_are_in() {
    let (mut a, mut b) = pair(builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for discard in [false, true] {
        let mut alternative = tx.alternative(0).unwrap();
        alternative.send(udp_buffer(pool, from, to, b"waits")).unwrap();
        let state = if discard {
            alternative.discard().unwrap();
            AlternativeState::Discarding
        } else {
            alternative.go().unwrap();
            AlternativeState::Going
        };
        let error = AlternativeError::Draining { state, waiting: 1 };
        assert_eq!(alternative.stop(), Err(error));
        assert!(error.to_string().contains("poll until"), "{error}");
        let other = if discard { alternative.go() } else { alternative.discard() };
        assert_eq!((other, alternative.state()), (Err(error), state));
        assert_eq!(happened(&mut completions, 1, 1), [0]);
        tx.alternative(0).unwrap().stop().unwrap();
    }
    assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"waits")]);
    expect_quiet(&mut rx);
}

#[test]
fn no_frame_is_lost_for_want_of_space() {
    let (mut a, mut b) = pair(builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for round in 0..3 {
        let mut kept = 0;
        let rejected = loop {
            let mut alternative = tx.alternative((kept % 2) as u32).unwrap();
            let free = alternative.space();
            let buffer = udp_buffer(pool, from, to, &payload(kept + round));
            let needed = alternative.usage(buffer.len());
            match alternative.send(buffer) {
                Ok(()) => assert_eq!(alternative.space(), free - needed),
                Err(rejected) => {
                    assert_eq!(rejected.reason, RejectReason::AlternativesFull { needed, free });
                    break rejected;
                }
            }
            kept += 1;
        };
        assert_eq!(rejected.buffer[..], udp(from, to, &payload(kept + round)));
        assert!(kept > 8);
        tx.alternative(0).unwrap().go().unwrap();
        tx.alternative(1).unwrap().discard().unwrap();
        assert_eq!(happened(&mut completions, kept, kept).len(), kept);
        let even: Vec<_> = (0..kept).step_by(2).map(|at| udp(from, to, &payload(at + round))).collect();
        assert_eq!(wait_received(&mut rx, even.len()), even);
        for number in 0..2 {
            let mut alternative = tx.alternative(number).unwrap();
            alternative.stop().unwrap();
            assert_eq!(alternative.space(), 8192);
        }
    }
}

/// Whatever is sent after an alternative goes to the wire; taking back a batch does not change that.
#[test]
fn every_other_send_goes_straight_to_the_wire() {
    let (mut a, mut b) = pair(builder().ctpio(Ctpio::Poison));
    let region = efvi::PioRegion::new(&a.domain, 4096).unwrap();
    a.vi.link_pio(&region).unwrap();
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for way in 0..6 {
        tx.alternative(0).unwrap().send(udp_buffer(pool, from, to, b"waits")).unwrap();
        let next = udp_buffer(pool, from, to, &[way]);
        match way {
            0 => tx.send(next).unwrap(),
            1 => tx.send_ctpio(next, CutThrough::After(64)).unwrap(),
            2 => tx.stage(next).unwrap().push(),
            3 => tx.send_pio(next).unwrap(),
            4 => tx.write_ctpio(next, CutThrough::After(64)).unwrap().finish().unwrap(),
            _ => {
                drop(tx.stage(udp_buffer(pool, from, to, b"taken back")).unwrap());
                tx.send(next).unwrap();
            }
        }
        assert_eq!(wait_received(&mut rx, 1), [udp(from, to, &[way])]);
        assert_eq!(happened(&mut completions, 2, 0), [0; 0]);
    }
    tx.alternative(0).unwrap().discard().unwrap();
    assert_eq!(happened(&mut completions, 0, 6), [0; 6]);
    expect_quiet(&mut rx);
}

#[test]
fn alternatives_that_can_not_be() {
    let (a, _b) = pair(VirtualInterface::builder());
    let refused = |builder: VirtualInterfaceBuilder, parts: &[&str]| {
        let error = builder.build(&a.domain).unwrap_err();
        for part in parts {
            assert!(error.to_string().contains(part), "{part} is missing: {error}");
        }
        error
    };
    for (number, bytes) in [(0, 1024), (1, 0), (257, 1024), (u32::MAX, 1)] {
        let error =
            refused(VirtualInterface::builder().alternatives(number, bytes), &["ef_vi_transmit_alt_alloc", "EINVAL"]);
        assert!(matches!(error, Error::Alternatives { .. }));
    }
    refused(VirtualInterface::builder().alternatives(1, u32::MAX), &["EBUSY", "fewer"]);
    refused(builder().timestamps(Timestamps::TX), &["EF_VI_TX_ALT", "EOPNOTSUPP"]);
    // None of these kept any of the adapter's.
    builder().build(&a.domain).unwrap();
}
