//! Frames from one end to the other, in each mode.

use crate::common::*;
use efvi::{Ctpio, CutThrough, Event, RejectReason, TxPush, VirtualInterface};

/// How a frame is sent.
#[derive(Clone, Copy, Debug)]
enum Mode {
    Dma,
    Ctpio(CutThrough),
}

fn exchange(builder: efvi::VirtualInterfaceBuilder, mode: Mode, by_ctpio: bool) {
    let (mut a, mut b) = pair(builder);
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for sequence in 0..if cfg!(miri) { 5 } else { 200 } {
        let payload = payload(sequence);
        let buffer = udp_buffer(pool, from, to, &payload);
        match mode {
            Mode::Dma => tx.send(buffer).unwrap(),
            Mode::Ctpio(cut_through) => tx.send_ctpio(buffer, cut_through).unwrap(),
        }
        let sent = wait_sent(&mut completions, 1).remove(0);
        assert_eq!(sent.by_ctpio, by_ctpio, "frame {sequence}");
        assert_eq!(sent.timestamp, None);
        let expected = udp(from, to, &payload);
        assert_eq!(sent.buffer[..], expected, "the frame is still in its buffer");
        assert_eq!(wait_received(&mut rx, 1), [expected], "frame {sequence}");
        pool.put(sent.buffer);
    }
    expect_quiet(&mut rx);
    expect_quiet(&mut completions);
}

#[test]
fn dma() {
    exchange(VirtualInterface::builder(), Mode::Dma, false);
}

#[test]
fn dma_with_tx_push_always() {
    exchange(VirtualInterface::builder().tx_push(TxPush::Always), Mode::Dma, false);
}

#[test]
fn dma_with_doorbell_only() {
    exchange(VirtualInterface::builder().tx_push(TxPush::Never), Mode::Dma, false);
}

#[test]
fn dma_with_tx_push_below_a_threshold() {
    exchange(VirtualInterface::builder().tx_push(TxPush::Below(2)), Mode::Dma, false);
}

#[test]
fn ctpio_cut_through() {
    exchange(VirtualInterface::builder().ctpio(Ctpio::Poison), Mode::Ctpio(CutThrough::After(64)), true);
}

#[test]
fn ctpio_store_and_forward() {
    exchange(VirtualInterface::builder().ctpio(Ctpio::Poison), Mode::Ctpio(CutThrough::StoreAndForward), true);
}

#[test]
fn ctpio_with_a_threshold_beyond_every_frame() {
    exchange(VirtualInterface::builder().ctpio(Ctpio::Poison), Mode::Ctpio(CutThrough::After(u32::MAX)), true);
}

#[test]
fn ctpio_without_poison() {
    exchange(VirtualInterface::builder().ctpio(Ctpio::NoPoison), Mode::Ctpio(CutThrough::After(64)), true);
}

#[test]
fn dma_on_an_interface_with_ctpio() {
    exchange(VirtualInterface::builder().ctpio(Ctpio::Poison), Mode::Dma, false);
}

/// The counters of the port tell which way the descriptors went.
#[test]
fn tx_push_is_used_as_asked() {
    for (tx_push, pushed) in [(TxPush::Always, true), (TxPush::Never, false), (TxPush::Below(0), false)] {
        let (port, other) = Fabric::new().cable().unwrap();
        let mut a = End::new(port.name(), address(1, 1), VirtualInterface::builder().tx_push(tx_push));
        let b = End::new(other.name(), address(2, 2), VirtualInterface::builder());
        let from = a.station;
        let (mut tx, mut rx, pool) = a.start();
        for _ in 0..5 {
            tx.send(udp_buffer(pool, from, b.station, b"x")).unwrap();
            wait_sent(&mut rx, 1);
        }
        let counters = port.counters();
        let expected = if pushed { (5, 0) } else { (0, 5) };
        assert_eq!((counters.tx_pushes, counters.tx_doorbells), expected, "{tx_push:?}");
    }
}

#[test]
fn a_full_ring_gives_the_buffer_back_and_recovers() {
    let (mut a, b) = pair(VirtualInterface::builder().tx_capacity(512));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    assert_eq!(tx.capacity(), 511);
    // Several rounds, so that the ring's positions wrap.
    for round in 0..if cfg!(miri) { 1 } else { 10 } {
        assert_eq!(tx.space(), 511);
        for n in 0..511_u16 {
            let [high, low] = n.to_be_bytes();
            tx.send(udp_buffer(pool, from, to, &[round, high, low])).unwrap();
        }
        assert_eq!(tx.space(), 0);
        let frame = udp(from, to, b"one too many");
        let mut buffer = pool.take().unwrap();
        buffer.write(&frame).unwrap();
        let rejected = tx.send(buffer).unwrap_err();
        assert_eq!(rejected.reason, RejectReason::RingFull);
        assert_eq!(rejected.buffer[..], frame, "the buffer comes back as it was");
        let stage = tx.stage(rejected.buffer).unwrap_err();
        assert_eq!(stage.reason, RejectReason::RingFull);

        for (n, done) in wait_sent(&mut completions, 511).into_iter().enumerate() {
            let [high, low] = (n as u16).to_be_bytes();
            assert_eq!(*body(&done.buffer), [round, high, low], "completions are in order");
        }
    }
}

#[test]
fn a_full_ring_refuses_ctpio_before_a_byte_goes_out() {
    let (mut a, mut b) = pair(VirtualInterface::builder().tx_capacity(512).ctpio(Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for n in 0..511_u16 {
        tx.send_ctpio(udp_buffer(pool, from, to, &n.to_be_bytes()), CutThrough::After(64)).unwrap();
        if usize::from(n) % BURST == BURST - 1 {
            wait_received(&mut rx, BURST);
        }
    }
    wait_received(&mut rx, 511 % BURST);
    let buffer = udp_buffer(pool, from, to, b"too many");
    let rejected = tx.send_ctpio(buffer, CutThrough::After(64)).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::RingFull);
    expect_quiet(&mut rx);
    assert_eq!(wait_sent(&mut completions, 511).len(), 511);
    tx.send_ctpio(rejected.buffer, CutThrough::After(64)).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"too many")]);
}

/// A poll reports completions in batches of what one event can cover.
#[test]
fn more_completions_than_one_event_covers() {
    let (mut a, mut b) = pair(VirtualInterface::builder().tx_capacity(512));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let mut batch = tx.stage(udp_buffer(pool, from, to, &0_u16.to_be_bytes())).unwrap();
    for n in 1..BURST as u16 {
        batch.add(udp_buffer(pool, from, to, &n.to_be_bytes())).unwrap();
    }
    batch.push();
    for (n, done) in wait_sent(&mut completions, BURST).into_iter().enumerate() {
        assert_eq!(*body(&done.buffer), (n as u16).to_be_bytes());
    }
    assert_eq!(wait_received(&mut rx, BURST).len(), BURST);
    assert_eq!(tx.space(), 511);
}

/// Sends between the events of a poll: the ring has the slots, though not all completions were handed out.
#[test]
fn sends_while_completions_are_handed_out() {
    let (mut a, b) = pair(VirtualInterface::builder().tx_capacity(512));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let mut batch = tx.stage(udp_buffer(pool, from, to, &0_u16.to_be_bytes())).unwrap();
    for n in 1..511_u16 {
        batch.add(udp_buffer(pool, from, to, &n.to_be_bytes())).unwrap();
    }
    batch.push();
    let last = if cfg!(miri) { 600 } else { 3000 };
    let mut next = 511_u16;
    let mut expected = 0_u16;
    wait(&mut completions, |event| {
        let Event::Sent(done) = event else { panic!("{event:?}") };
        assert_eq!(*body(&done.buffer), expected.to_be_bytes());
        expected += 1;
        if next < last {
            let mut buffer = done.buffer;
            buffer.write(&udp(from, to, &next.to_be_bytes())).unwrap();
            tx.send(buffer).unwrap();
            next += 1;
        }
        (expected == last).then_some(())
    });
    assert_eq!(tx.space(), 511);
}

/// Both ways at once between two threads, each with its own VI.
#[test]
fn two_threads() {
    const FRAMES: usize = if cfg!(miri) { 5 } else { 5000 };
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    // Before anything is sent.
    b.start();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // The VI has moved here; it is split here.
            let (mut tx, mut rx, pool) = b.start();
            let mut left = 2 * FRAMES;
            wait(&mut rx, |event| {
                match event {
                    Event::Received(packet) => tx.send(udp_buffer(pool, to, from, body(&packet))).unwrap(),
                    Event::Sent(done) => pool.put(done.buffer),
                    other => panic!("{other:?}"),
                }
                left -= 1;
                (left == 0).then_some(())
            });
        });
        let (mut tx, mut rx, pool) = a.start();
        for sequence in 0..FRAMES {
            let payload = payload(sequence);
            tx.send_ctpio(udp_buffer(pool, from, to, &payload), CutThrough::After(64)).unwrap();
            let (mut echoed, mut sent) = (false, false);
            wait(&mut rx, |event| {
                match event {
                    Event::Received(packet) => {
                        assert_eq!(*body(&packet), payload);
                        echoed = true;
                    }
                    Event::Sent(done) => {
                        pool.put(done.buffer);
                        sent = true;
                    }
                    other => panic!("{other:?}"),
                }
                (echoed && sent).then_some(())
            });
        }
    });
}

/// A VLAN tag comes on top of the MTU; a frame that is as long without one is refused.
#[test]
fn a_full_frame_may_have_a_tag() {
    let (a, b) = Fabric::new().cable().unwrap();
    let mut near = End::new(a.name(), address(1, 7), VirtualInterface::builder());
    let mut far = End::new(b.name(), address(2, 7), VirtualInterface::builder());
    let (from, to) = (near.station, far.station);
    let mut frame = udp(from, to, &[7; MAX_PAYLOAD]);
    let length = frame.len();
    frame.splice(12..12, [0x81, 0, 0, 5]);
    let (mut tx, mut done, pool) = near.start();
    let (_, mut rx, _) = far.start();
    let mut buffer = pool.take().unwrap();
    buffer.write(&frame).unwrap();
    tx.send(buffer).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [frame.clone()]);
    wait_sent(&mut done, 1);
    if cfg!(miri) {
        // The frames are shorter there.
        return;
    }
    assert_eq!(length, 1514);
    frame[12..14].copy_from_slice(&[8, 0]);
    let mut buffer = pool.take().unwrap();
    buffer.write(&frame).unwrap();
    let rejected = tx.send(buffer).unwrap_err();
    assert_eq!(rejected.reason, efvi::RejectReason::FrameTooLong { len: 1518, max: 1514 });
}
