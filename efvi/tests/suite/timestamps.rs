//! The adapter's time on frames received and sent.

use std::time::Duration;

use crate::common::*;
use efvi::{Ctpio, CutThrough, Event, Timestamp, TimestampError, Timestamps, VirtualInterface};

#[test]
fn both_ends_of_the_wire_agree() {
    let builder = VirtualInterface::builder().timestamps(Timestamps::RX | Timestamps::TX).ctpio(Ctpio::Poison);
    let (mut a, mut b) = pair(builder);
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, its_pool) = b.start();
    let mut last = Timestamp::default();
    for sequence in 0..if cfg!(miri) { 5 } else { 50 } {
        let buffer = udp_buffer(pool, from, to, &payload(sequence));
        let by_ctpio = sequence % 2 == 0;
        if by_ctpio {
            tx.send_ctpio(buffer, CutThrough::After(64)).unwrap();
        } else {
            tx.send(buffer).unwrap();
        }
        let sent = wait_sent(&mut completions, 1).remove(0);
        assert_eq!(sent.by_ctpio, by_ctpio);
        let sent = sent.timestamp.expect("asked for");
        let (received, frame) = wait(&mut rx, |event| match event {
            Event::Received(packet) => Some((packet.timestamp().unwrap(), packet.keep(its_pool).unwrap())),
            other => panic!("{other:?}"),
        });
        assert_eq!(frame[..], udp(from, to, &payload(sequence)));
        drop(frame);
        rx.fill(its_pool).unwrap();
        for time in [sent, received] {
            assert!(time.nanoseconds < 1_000_000_000);
            assert!(time.sync.clock_set && time.sync.in_sync, "{time:?}");
            assert!(time > last, "{time:?} after {last:?}");
        }
        // Receive times have quarters of a nanosecond, transmit times sixteenths.
        assert_eq!(received.fraction & 0x3fff, 0);
        assert_eq!(sent.fraction & 0x0fff, 0);
        let flight = (received - sent).as_nanoseconds();
        assert!((-1.0..1e9).contains(&flight), "{flight} ns from {sent:?} to {received:?}");
        last = sent.min(received);
        std::thread::sleep(Duration::from_micros(20));
    }
    // Miri has no time of day.
    if cfg!(not(miri)) {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        assert!(now.as_secs().abs_diff(last.seconds) < 60, "time since the epoch: {last:?}");
    }
}

/// Long enough that the queue must be synchronised again on the way.
#[test]
fn time_stays_known_over_a_pause() {
    let (mut a, mut b) = pair(VirtualInterface::builder().timestamps(Timestamps::RX));
    let (from, to) = (a.station, b.station);
    let (mut tx, _, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let mut times = Vec::new();
    for _ in 0..4 {
        tx.send(udp_buffer(pool, from, to, b"tick")).unwrap();
        times.push(wait(&mut rx, |event| match event {
            Event::Received(packet) => Some(packet.timestamp().unwrap()),
            other => panic!("{other:?}"),
        }));
        std::thread::sleep(Duration::from_millis(300));
    }
    for pair in times.windows(2) {
        let between = pair[1].duration_since(pair[0]).expect("in order");
        assert!((Duration::from_millis(250)..Duration::from_secs(10)).contains(&between), "{between:?}");
    }
}

#[test]
fn a_frame_has_none_unless_asked_for() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    tx.send(udp_buffer(pool, from, to, b"x")).unwrap();
    assert_eq!(wait_sent(&mut completions, 1)[0].timestamp, None);
    let error = wait(&mut rx, |event| match event {
        Event::Received(packet) => Some(packet.timestamp().unwrap_err()),
        other => panic!("{other:?}"),
    });
    assert_eq!(error, TimestampError::NoTimestamp);
    assert!(error.to_string().contains("Timestamps::RX"), "it says what to do: {error}");
}

/// With transmit timestamps each send completes by an event of its own, also those of one batch and a whole ring.
#[test]
fn each_send_of_a_batch_has_its_own() {
    let (mut a, b) = pair(VirtualInterface::builder().timestamps(Timestamps::TX));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    for _ in 0..5 {
        let mut batch = tx.stage(udp_buffer(pool, from, to, &[0])).unwrap();
        for n in 1..127 {
            batch.add(udp_buffer(pool, from, to, &[n])).unwrap();
        }
        batch.push();
        let sent = wait_sent(&mut completions, 127);
        for (n, done) in sent.iter().enumerate() {
            assert_eq!(*body(&done.buffer), [n as u8]);
        }
        assert!(sent.windows(2).all(|pair| pair[0].timestamp.unwrap() <= pair[1].timestamp.unwrap()));
        assert_eq!(tx.space(), tx.capacity());
    }
}
