//! Batches: staged, pushed, undone, dropped, forgotten.

use crate::common::*;
use efvi::{Ctpio, CutThrough, RejectReason, VirtualInterface};

#[test]
fn pushed_frames_arrive_in_order() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let mut batch = tx.stage(udp_buffer(pool, from, to, &payload(0))).unwrap();
    for sequence in 1..7 {
        batch.add(udp_buffer(pool, from, to, &payload(sequence))).unwrap();
    }
    assert_eq!(batch.len(), 7);
    expect_quiet(&mut rx);
    batch.push();
    let received = wait_received(&mut rx, 7);
    for (sequence, frame) in received.iter().enumerate() {
        assert_eq!(*frame, udp(from, to, &payload(sequence)));
    }
    assert_eq!(wait_sent(&mut completions, 7).len(), 7);
}

#[test]
fn undone_buffers_come_back_in_order_and_nothing_is_sent() {
    let (mut a, mut b) = pair(VirtualInterface::builder().tx_capacity(512));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    // Enough rounds that a position lost in any of them would fill the ring.
    for round in 0..if cfg!(miri) { 3 } else { 200 } {
        let mut batch = tx.stage(udp_buffer(pool, from, to, &[round, 0])).unwrap();
        for n in 1..4 {
            batch.add(udp_buffer(pool, from, to, &[round, n])).unwrap();
        }
        let undone = batch.undo();
        assert_eq!(undone.len(), 4);
        for (n, buffer) in undone.enumerate() {
            assert_eq!(*body(&buffer), [round, n as u8]);
            pool.put(buffer);
        }
        assert_eq!(tx.space(), 511);
        tx.send(udp_buffer(pool, from, to, &[round])).unwrap();
        assert_eq!(*body(&wait_received(&mut rx, 1)[0]), [round]);
        assert_eq!(*body(&wait_sent(&mut completions, 1)[0].buffer), [round]);
    }
    expect_quiet(&mut rx);
}

#[test]
fn a_dropped_batch_sends_nothing_and_returns_its_buffers() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, _, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let free = take_all(pool);
    let count = free.len();
    drop(free);
    let mut batch = tx.stage(udp_buffer(pool, from, to, b"a")).unwrap();
    batch.add(udp_buffer(pool, from, to, b"b")).unwrap();
    drop(batch);
    assert_eq!(take_all(pool).len(), count);
    expect_quiet(&mut rx);
}

#[test]
fn buffers_left_in_the_iterator_return_to_their_pool() {
    let (mut a, b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, _, pool) = a.start();
    let count = take_all(pool).len();
    let mut batch = tx.stage(udp_buffer(pool, from, to, b"a")).unwrap();
    for _ in 0..3 {
        batch.add(udp_buffer(pool, from, to, b"b")).unwrap();
    }
    let mut undone = batch.undo();
    let first = undone.next().unwrap();
    drop(undone);
    assert_eq!(take_all(pool).len(), count - 1);
    drop(first);
    assert_eq!(take_all(pool).len(), count);
}

#[test]
fn a_batch_that_fills_the_ring_keeps_what_it_has() {
    let (mut a, mut b) = pair(VirtualInterface::builder().tx_capacity(512));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let mut batch = tx.stage(udp_buffer(pool, from, to, &0_u16.to_be_bytes())).unwrap();
    for n in 1..511_u16 {
        batch.add(udp_buffer(pool, from, to, &n.to_be_bytes())).unwrap();
    }
    let rejected = batch.add(udp_buffer(pool, from, to, b"no room")).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::RingFull);
    assert_eq!(*body(&rejected.buffer), *b"no room");
    assert_eq!(batch.len(), 511);
    batch.push();
    assert_eq!(wait_sent(&mut completions, 511).len(), 511);
    assert!(
        wait_received(&mut rx, BURST).iter().enumerate().all(|(n, frame)| *body(frame) == (n as u16).to_be_bytes())
    );
}

#[test]
fn a_forgotten_batch_goes_with_the_next_send() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();

    std::mem::forget(tx.stage(udp_buffer(pool, from, to, b"forgotten 1")).unwrap());
    expect_quiet(&mut rx);
    tx.send(udp_buffer(pool, from, to, b"sent 1")).unwrap();
    let received = wait_received(&mut rx, 2);
    assert_eq!(received[0], udp(from, to, b"forgotten 1"));
    assert_eq!(received[1], udp(from, to, b"sent 1"));
    assert_eq!(wait_sent(&mut completions, 2).len(), 2);

    std::mem::forget(tx.stage(udp_buffer(pool, from, to, b"forgotten 2")).unwrap());
    tx.send_ctpio(udp_buffer(pool, from, to, b"sent 2"), CutThrough::After(64)).unwrap();
    let received = wait_received(&mut rx, 2);
    assert_eq!(received[0], udp(from, to, b"forgotten 2"));
    assert_eq!(received[1], udp(from, to, b"sent 2"));
    let sent = wait_sent(&mut completions, 2);
    assert_eq!((sent[0].by_ctpio, sent[1].by_ctpio), (false, true));

    // Taken up by the next batch, whose undo takes all back.
    std::mem::forget(tx.stage(udp_buffer(pool, from, to, b"forgotten 3")).unwrap());
    let batch = tx.stage(udp_buffer(pool, from, to, b"staged 3")).unwrap();
    assert_eq!(batch.len(), 2);
    let undone: Vec<_> = batch.undo().collect();
    assert_eq!(*body(&undone[0]), *b"forgotten 3");
    assert_eq!(*body(&undone[1]), *b"staged 3");
    expect_quiet(&mut rx);
}

/// The frames of a forgotten batch are never sent; their buffers stay the VI's until it is dropped.
#[test]
fn a_forgotten_batch_at_the_end() {
    let (mut a, b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, _, pool) = a.start();
    let count = take_all(pool).len();
    std::mem::forget(tx.stage(udp_buffer(pool, from, to, b"forgotten")).unwrap());
    assert_eq!(take_all(pool).len(), count - 1);
    let End { vi, mut pool, .. } = a;
    drop(vi);
    assert_eq!(take_all(&mut pool).len(), pool.buffers());
}
