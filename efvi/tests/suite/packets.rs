//! Received packets: dropped, kept, forwarded, discarded, forgotten.

use crate::common::*;
use efvi::mock::Fcs;
use efvi::{DiscardReason, Event, RejectReason, VirtualInterface};

/// More than a ring holds, so that its positions wrap.
const ROUNDS: usize = if cfg!(miri) { 20 } else { 1200 };

#[test]
fn a_dropped_packet_is_posted_again() {
    let (mut a, mut b) = pair(VirtualInterface::builder().rx_capacity(512));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    assert_eq!(rx.space(), 0);
    // Many times the ring: it never runs dry, for every buffer goes back.
    for sequence in 0..ROUNDS {
        tx.send(udp_buffer(pool, from, to, &payload(sequence))).unwrap();
        pool.put(wait_sent(&mut completions, 1).remove(0).buffer);
        assert_eq!(wait_received(&mut rx, 1), [udp(from, to, &payload(sequence))]);
        assert_eq!(rx.space(), 0);
    }
}

#[test]
fn a_kept_packet_outlives_the_poll_and_leaves_the_ring() {
    const KEPT: usize = if cfg!(miri) { 5 } else { 40 };
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, its_pool) = b.start();
    let mut kept = Vec::new();
    for sequence in 0..KEPT {
        tx.send(udp_buffer(pool, from, to, &payload(sequence))).unwrap();
        wait_sent(&mut completions, 1);
        kept.push(wait(&mut rx, |event| match event {
            Event::Received(packet) => Some(packet.keep(its_pool).unwrap()),
            other => panic!("{other:?}"),
        }));
    }
    assert_eq!(rx.space(), KEPT);
    for (sequence, buffer) in kept.iter().enumerate() {
        assert_eq!(buffer[..], udp(from, to, &payload(sequence)), "unchanged by later frames");
    }
    assert_eq!(rx.fill(its_pool), Ok(KEPT));
    assert_eq!(rx.fill(its_pool), Ok(0));
}

#[test]
fn a_kept_packet_is_sent_on_without_a_copy() {
    let (mut a, mut b) = pair(VirtualInterface::builder().timestamps(efvi::Timestamps::RX));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (mut their_tx, mut rx, its_pool) = b.start();
    tx.send(udp_buffer(pool, from, to, b"there and back")).unwrap();
    wait_sent(&mut completions, 1);
    let back = udp(to, from, b"there and back");
    let place = wait(&mut rx, |event| {
        let Event::Received(packet) = event else { panic!("{event:?}") };
        let place = packet.as_ptr();
        let mut buffer = packet.keep(its_pool).unwrap();
        assert_eq!(buffer.as_ptr(), place);
        buffer[..back.len()].copy_from_slice(&back);
        their_tx.send(buffer).unwrap();
        Some(place)
    });
    assert_eq!(wait_received(&mut completions, 1)[0][..back.len()], back);
    let sent = wait_sent(&mut rx, 1).remove(0);
    assert_eq!(sent.buffer.as_ptr(), place);
    // Posted again, it receives as any other.
    its_pool.put(sent.buffer);
    assert_eq!(rx.fill(its_pool), Ok(1));
}

#[test]
fn a_kept_packet_goes_to_another_thread() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, its_pool) = b.start();
    let (strategy, packets) = std::sync::mpsc::channel::<efvi::Buffer>();
    let received = std::thread::spawn(move || packets.iter().map(|buffer| buffer.len()).sum::<usize>());
    let mut total = 0;
    for sequence in 0..if cfg!(miri) { 5 } else { 100 } {
        let frame = udp_buffer(pool, from, to, &payload(sequence));
        total += frame.len();
        tx.send(frame).unwrap();
        wait_sent(&mut completions, 1);
        wait(&mut rx, |event| match event {
            Event::Received(packet) => strategy.send(packet.keep(its_pool).unwrap()).ok(),
            other => panic!("{other:?}"),
        });
        rx.fill(its_pool).unwrap();
    }
    drop(strategy);
    assert_eq!(received.join().unwrap(), total);
    // Those dropped there are here again.
    let free = take_all(its_pool).len();
    assert_eq!(free + rx.capacity(), its_pool.buffers());
}

#[test]
fn events_not_taken_are_dealt_with() {
    let (mut a, mut b) = pair(VirtualInterface::builder().rx_capacity(512).tx_capacity(512));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for _ in 0..if cfg!(miri) { 2 } else { 10 } {
        for n in 0..7 {
            tx.send(udp_buffer(pool, from, to, &[n])).unwrap();
        }
        // Each side takes one event, and drops the rest of the poll.
        wait(&mut completions, |event| matches!(event, Event::Sent(_)).then_some(()));
        wait(&mut rx, |event| matches!(event, Event::Received(_)).then_some(()));
        for rx in [&mut completions, &mut rx] {
            until_quiet(|| !rx.poll().is_empty());
        }
        assert_eq!(tx.space(), 511);
        assert_eq!(rx.space(), 0);
    }
    expect_quiet(&mut rx);
    expect_quiet(&mut completions);
    let free = take_all(pool).len();
    assert_eq!(free + completions.capacity(), pool.buffers());
}

#[test]
fn events_are_empty_when_all_have_been_taken() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    assert!(rx.poll().is_empty() && completions.poll().is_empty());
    for n in 0..3 {
        tx.send(udp_buffer(pool, from, to, &[n])).unwrap();
    }
    for rx in [&mut completions, &mut rx] {
        let mut taken = 0;
        // Under load they take a moment to arrive.
        while taken < 3 {
            let mut events = rx.poll();
            loop {
                let was_empty = events.is_empty();
                let is_none = events.next().is_none();
                assert_eq!(was_empty, is_none, "{taken} taken");
                if is_none {
                    break;
                }
                taken += 1;
            }
        }
        assert!(rx.poll().is_empty());
    }
}

#[test]
fn a_full_ring_takes_a_send_for_each_completion_handed_out() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let fill = |tx: &mut efvi::Transmit<'_>, pool: &mut efvi::PacketPool| {
        let mut sent = 0;
        loop {
            match tx.send(udp_buffer(pool, from, to, b"full")) {
                Ok(()) => sent += 1,
                Err(rejected) => {
                    assert_eq!(rejected.reason, RejectReason::RingFull);
                    pool.put(rejected.buffer);
                    break sent;
                }
            }
        }
    };
    let mut outstanding = fill(&mut tx, pool);
    assert_eq!(outstanding, tx.capacity());
    // While a poll's completions are handed out, each makes room for one more, in order.
    for _ in 0..if cfg!(miri) { 2 } else { 40 } {
        let mut events = completions.poll();
        while let Some(event) = events.next() {
            let Event::Sent(sent) = event else { panic!("{event:?}") };
            drop(sent);
            outstanding -= 1;
            tx.send(udp_buffer(pool, from, to, b"next")).unwrap();
            outstanding += 1;
        }
        drop(events);
        let mut lost = rx.poll();
        while lost.next().is_some() {}
    }
    wait_sent(&mut completions, outstanding);
    assert_eq!(tx.space(), tx.capacity());
}

#[test]
fn forgotten_events_are_dealt_with_by_the_next_poll() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, its_pool) = b.start();
    let mut forgotten = 0;
    for _ in 0..ROUNDS / 7 {
        for n in 0..7 {
            tx.send(udp_buffer(pool, from, to, &[n])).unwrap();
        }
        for rx in [&mut completions, &mut rx] {
            loop {
                let mut events = rx.poll();
                if events.next().is_some() {
                    std::mem::forget(events);
                    break;
                }
            }
        }
        // The library has the slots of packets that were not handed out yet: not all of them can be posted into.
        while let Some(buffer) = its_pool.take() {
            if let Err(rejected) = rx.post(buffer) {
                its_pool.put(rejected.buffer);
                break;
            }
        }
        // What was forgotten, and what came later: no more than was sent.
        for (rx, what) in [(&mut completions, "sent"), (&mut rx, "received")] {
            let mut left = 0;
            until_quiet(|| {
                let before = left;
                let mut events = rx.poll();
                while events.next().is_some() {
                    left += 1;
                }
                left > before
            });
            assert!(left < 7, "{left} {what} after one of seven was handed out");
            forgotten += 6 - left;
        }
        assert_eq!((tx.space(), rx.space()), (511, 0));
    }
    assert!(forgotten > 0, "no poll had more than one event to forget");
    for (pool, ring) in [(pool, completions.capacity()), (its_pool, rx.capacity())] {
        let free = take_all(pool).len();
        assert_eq!(free + ring, pool.buffers(), "nothing is lost");
    }
}

#[test]
fn the_last_packet_of_a_poll_that_is_dropped_is_posted_again() {
    const FRAMES: usize = if cfg!(miri) { 5 } else { 50 };
    let (mut a, mut b) = pair(VirtualInterface::builder().rx_capacity(512));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, its_pool) = b.start();
    for sequence in 0..FRAMES {
        tx.send(udp_buffer(pool, from, to, &payload(sequence))).unwrap();
        wait_sent(&mut completions, 1);
        wait(&mut rx, |event| match event {
            Event::Received(packet) => {
                assert_eq!(packet[..], udp(from, to, &payload(sequence)));
                Some(())
            }
            other => panic!("{other:?}"),
        });
        assert_eq!(rx.space(), 0, "posted again as the poll ends");
    }
    let free = take_all(its_pool).len();
    assert_eq!(free + rx.capacity(), its_pool.buffers());
}

#[test]
fn a_frame_with_a_bad_check_sequence_is_discarded_with_its_reason() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut end = End::new(port.name(), address(1, 7), VirtualInterface::builder().rx_capacity(512));
    let to = end.station;
    let (_, mut rx, its_pool) = end.start();
    let frame = udp(to, to, b"a frame that is long enough not to be padded");

    for n in 0..if cfg!(miri) { 5 } else { 40 } {
        port.inject(&frame, Fcs::Bad).unwrap();
        let kept = wait(&mut rx, |event| match event {
            Event::Discarded(packet) => {
                assert_eq!(packet.reason(), DiscardReason::Crc);
                assert_eq!(packet.frame(), frame);
                Some((n % 4 == 0).then(|| packet.keep(its_pool).unwrap()))
            }
            other => panic!("{other:?}"),
        });
        if let Some(buffer) = kept {
            assert_eq!(buffer[..], frame);
            rx.post(buffer).unwrap();
        }
        assert_eq!(rx.space(), 0);
    }
    port.inject(&frame, Fcs::Good).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [frame]);
    let free = take_all(its_pool).len();
    assert_eq!(free + rx.capacity(), its_pool.buffers());
}

#[test]
fn a_frame_with_a_bad_checksum_is_discarded_with_its_reason() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut end = End::new(port.name(), address(1, 7), VirtualInterface::builder().rx_capacity(512));
    let to = end.station;
    let (_, mut rx, its_pool) = end.start();
    let frame = udp(to, to, b"a frame that is long enough not to be padded");
    let mut bad_checksum = frame.clone();
    bad_checksum[24] ^= 1;
    port.inject(&bad_checksum, Fcs::Good).unwrap();
    wait(&mut rx, |event| match event {
        Event::Discarded(packet) => {
            assert_eq!(packet.reason(), DiscardReason::Checksum);
            Some(())
        }
        other => panic!("{other:?}"),
    });
    port.inject(&frame, Fcs::Good).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [frame]);
    let free = take_all(its_pool).len();
    assert_eq!(free + rx.capacity(), its_pool.buffers());
}

#[test]
fn frames_without_a_posted_buffer_are_dropped() {
    let (mut a, mut b) = pair(VirtualInterface::builder().rx_capacity(512));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx) = b.vi.split();
    let send = |tx: &mut efvi::Transmit<'_>, pool: &mut efvi::PacketPool, completions: &mut efvi::Receive<'_>, n| {
        tx.send(udp_buffer(pool, from, to, &[n])).unwrap();
        wait_sent(completions, 1);
    };
    send(&mut tx, pool, &mut completions, 0);
    expect_quiet(&mut rx);
    // Seven stay back, since the adapter takes eight.
    for _ in 0..7 {
        rx.post(b.pool.take().unwrap()).unwrap();
    }
    send(&mut tx, pool, &mut completions, 1);
    expect_quiet(&mut rx);
    rx.post(b.pool.take().unwrap()).unwrap();
    send(&mut tx, pool, &mut completions, 2);
    assert_eq!(wait_received(&mut rx, 1), [udp(from, to, &[2])]);
}

/// An event queue too small for the rings: the loss of events is reported.
#[test]
fn an_event_queue_that_overflows_says_so() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let mut end = End::new(port.name(), address(1, 7), VirtualInterface::builder().event_capacity(512));
    let station = end.station;
    let elsewhere = Station { address: address(9, 9), ..station };
    let (mut tx, mut rx, pool) = end.start();
    while tx.space() > 0 {
        tx.send(udp_buffer(pool, station, elsewhere, b"unclaimed")).unwrap();
    }
    let frame = udp(station, station, b"one event too many");
    for _ in 0..7 {
        port.inject(&frame, Fcs::Good).unwrap();
    }
    wait(&mut rx, |event| match event {
        Event::Overflow => Some(()),
        Event::Sent(_) | Event::Received(_) => None,
        other => panic!("{other:?}"),
    });
}

/// Once events are lost the ids of later ones could not be told: nothing more is delivered, right or wrong.
#[test]
fn after_an_overflow_nothing_wrong_is_delivered() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let builder = VirtualInterface::builder().timestamps(efvi::Timestamps::TX).event_capacity(512);
    let mut end = End::new(port.name(), address(1, 7), builder);
    let station = end.station;
    let elsewhere = Station { address: address(9, 9), ..station };
    let (mut tx, mut rx, pool) = end.start();
    // Two events each, with their timestamps: more than the queue holds.
    for _ in 0..300 {
        tx.send(udp_buffer(pool, station, elsewhere, b"unclaimed")).unwrap();
    }
    let frame = udp(station, station, b"arrives after the overflow");
    let mut overflows = 0;
    for _ in 0..1000 {
        port.inject(&frame, Fcs::Good).unwrap();
        let mut events = rx.poll();
        while let Some(event) = events.next() {
            match event {
                Event::Sent(_) if overflows == 0 => {}
                Event::Overflow => overflows += 1,
                other => panic!("after {overflows} overflows: {other:?}"),
            }
        }
    }
    assert!(overflows > 0);
}
