//! A transmit queue that an error has stopped: what was lost comes back, and the queue is revived.

#![cfg(onload_since = "9.1.0")]

mod common;

use common::*;
use efvi::mock::{Fabric, Fault, Faults};
use efvi::{
    Ctpio, CutThrough, Event, Frame, PioRegion, Receive, RejectReason, SendError, VirtualInterface,
    VirtualInterfaceBuilder,
};

/// Both ends, where the `nth` send from now on fails.
fn failing(builder: VirtualInterfaceBuilder, nth: u64) -> (End, End) {
    let (near, far) = Fabric::new().cable().unwrap();
    near.set_faults(&Faults::builder().on(Fault::TxErrorBus, nth).build());
    (
        End::new(near.name(), address(1, 7001), builder),
        End::new(far.name(), address(2, 7002), VirtualInterface::builder()),
    )
}

/// The frame that failed, with the sends completed before it.
fn wait_failed(rx: &mut Receive<'_>) -> (Vec<Vec<u8>>, Frame) {
    let mut sent = Vec::new();
    let failed = wait(rx, |event| match event {
        Event::Sent(done) => {
            sent.push(done.buffer.to_vec());
            None
        }
        Event::SendFailed(failed) => {
            assert_eq!(failed.reason, SendError::Bus);
            Some(failed.into_frame())
        }
        other => panic!("{other:?}"),
    });
    (sent, failed)
}

#[test]
fn what_was_lost_comes_back_and_the_revived_queue_sends() {
    let (mut a, mut b) = failing(VirtualInterface::builder(), 3);
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    assert!(tx.dead().is_none());
    for n in 1..=6 {
        tx.send(udp_buffer(pool, from, to, &[n])).unwrap();
    }
    let (sent, failed) = wait_failed(&mut completions);
    assert_eq!(sent, [udp(from, to, &[1]), udp(from, to, &[2])]);
    assert_eq!(failed.into_buffer().unwrap()[..], udp(from, to, &[3]));
    assert_eq!(wait_received(&mut rx, 2).len(), 2);
    let rejected = tx.send(udp_buffer(pool, from, to, b"dead")).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::QueueFailed);
    assert_eq!(tx.send_pieces([rejected.buffer]).unwrap_err().reason, RejectReason::QueueFailed);

    let mut dead = tx.dead().unwrap();
    for n in 4..=6 {
        assert_eq!(dead.next().unwrap().into_buffer().unwrap()[..], udp(from, to, &[n]));
    }
    assert!(dead.next().is_none());
    // Dropped, it is dead still.
    drop(dead);
    tx.dead().unwrap().revive().unwrap();
    assert!(tx.dead().is_none());
    assert_eq!(tx.space(), tx.capacity());
    for round in 0..3 {
        tx.send(udp_buffer(pool, from, to, &[round])).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [udp(from, to, &[round])]);
        assert_eq!(wait_sent(&mut completions, 1)[0].buffer[..], udp(from, to, &[round]));
    }
}

#[test]
fn lost_frames_that_nobody_takes_return_to_their_pool() {
    let (mut a, b) = failing(VirtualInterface::builder(), 1);
    let (from, to) = (a.station, b.station);
    let mut pool = efvi::PacketPool::builder().buffers(16).build(&a.domain).unwrap();
    let (mut tx, mut rx) = a.vi.split();
    for n in 0..8 {
        tx.send(udp_buffer(&mut pool, from, to, &[n])).unwrap();
    }
    drop(wait_failed(&mut rx));
    tx.dead().unwrap().revive().unwrap();
    assert_eq!(take_all(&mut pool).len(), 16);
}

/// Whatever a frame lies in is handed back as it was handed in.
#[test]
fn frames_of_every_kind_are_lost_and_found() {
    let (mut a, mut b) = failing(VirtualInterface::builder().alternatives(2, 4096).ctpio(Ctpio::Poison), 1);
    let region = PioRegion::new(&a.domain, 4096).unwrap();
    a.vi.link_pio(&region).unwrap();
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let frame = udp(from, to, b"frame");
    // The first of all fails, the others are behind it.
    tx.send_pieces(cut(pool, &frame, &[14])).unwrap();
    tx.send_pieces(cut(pool, &frame, &[14])).unwrap();
    tx.alternative(1).unwrap().send(filled(pool, &frame)).unwrap();
    tx.send_pio(filled(pool, &frame)).unwrap();
    let mut part = region.take(60).unwrap();
    tx.write_pio(&mut part, 0, &frame).unwrap();
    tx.send_pio_part(part).unwrap();
    std::mem::forget(tx.stage(filled(pool, &frame)).unwrap());

    let (_, failed) = wait_failed(&mut completions);
    assert!(matches!(failed, Frame::InPieces(ref pieces) if pieces.len() == 2), "{failed:?}");
    let mut dead = tx.dead().unwrap();
    assert!(matches!(dead.next(), Some(Frame::InPieces(pieces)) if pieces.bytes() == 60));
    assert!(matches!(dead.next(), Some(Frame::Single(buffer)) if buffer[..] == frame));
    assert!(matches!(dead.next(), Some(Frame::Single(buffer)) if buffer[..] == frame));
    assert!(matches!(dead.next(), Some(Frame::InPio(part)) if part.len() == 60));
    assert!(matches!(dead.next(), Some(Frame::Single(buffer)) if buffer[..] == frame));
    dead.revive().unwrap();
    assert!(region.take(region.length()).is_some());

    // The alternative's account has the frame no more, and what is sent goes to the wire.
    let mut alternative = tx.alternative(1).unwrap();
    assert_eq!((alternative.waiting(), alternative.space()), (0, 4096));
    alternative.go().unwrap();
    tx.send_ctpio(filled(pool, &frame), CutThrough::After(64)).unwrap();
    tx.send_pieces(cut(pool, &frame, &[14])).unwrap();
    assert_eq!(wait_received(&mut rx, 2), [&*frame, &*frame]);
    expect_quiet(&mut rx);
}

/// The end of warming would put old counts onto a ring that was reset meanwhile: more room than there is, and a frame on
/// the wire by CTPIO whose fallback finds none.
#[test]
fn a_queue_is_not_revived_while_warming() {
    for forget in [false, true] {
        let (mut a, mut b) = failing(VirtualInterface::builder().ctpio(Ctpio::Poison), 4);
        let (from, to) = (a.station, b.station);
        let (mut tx, mut completions, pool) = a.start();
        let (_, mut rx, _) = b.start();
        for n in 1..=6 {
            tx.send(udp_buffer(pool, from, to, &[n])).unwrap();
        }
        drop(wait_failed(&mut completions));
        wait_received(&mut rx, 3);
        let mut warming = tx.warm(&mut completions).unwrap();
        assert!(warming.dead().is_none());
        if forget {
            std::mem::forget(warming);
            assert!(tx.dead().is_none(), "until the next poll");
            drop(completions.poll());
        } else {
            drop(warming);
        }
        tx.dead().unwrap().revive().unwrap();
        assert_eq!(tx.space(), tx.capacity());
        tx.send_ctpio(udp_buffer(pool, from, to, b"order"), CutThrough::StoreAndForward).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"order")]);
        assert_eq!(wait_sent(&mut completions, 1)[0].buffer[..], udp(from, to, b"order"));
        assert_eq!(tx.space(), tx.capacity());
    }
}
