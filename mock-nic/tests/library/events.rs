//! The event queue: polling, looking without taking, overflow.

use crate::common::{Ends, Packet, Queues, cable, ready};
use efvi_sys::*;
use mock_nic::Fcs;

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60 + number % 500, number)
}

#[test]
fn a_poll_returns_at_once_with_what_there_is() {
    let Ends { rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert!(rx.poll(16).is_empty());
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert_eq!(rx.poll(16).len(), 1);
    assert!(rx.poll(16).is_empty());
}

/// However small the array, nothing is lost and nothing comes twice.
#[test]
fn small_arrays_take_events_bit_by_bit() {
    for room in [2, 3, 5, 64] {
        let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
        for number in 0..50 {
            far.inject(&frame(number), Fcs::Good).unwrap();
            assert_eq!(rx.send(number, &Packet::TCP.sized(60, 0)), 0);
        }
        let (mut frames, mut sent, mut polls) = (Vec::new(), Vec::new(), 0);
        while frames.len() < 50 || sent.len() < 50 {
            let events = rx.poll(room);
            assert!(events.len() <= room);
            for event in events {
                match EF_EVENT_TYPE(&event) {
                    EF_EVENT_TYPE_RX => frames.push(rx.frame(&event)),
                    EF_EVENT_TYPE_TX => sent.extend(rx.unbundle(&event)),
                    other => panic!("event of type {other}"),
                }
            }
            polls += 1;
            assert!(polls < 1000);
        }
        assert_eq!(frames, (0..50).map(frame).collect::<Vec<_>>());
        assert_eq!(sent, (0..50).collect::<Vec<_>>());
        assert!(rx.drain().is_empty() && tx.drain().is_empty());
    }
}

/// Looking takes nothing, and does not change what a poll gives.
#[test]
fn looking_for_events_leaves_them_in_the_queue() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert!(!rx.has_event() && !rx.has_many_events(1));
    for number in 0..3 {
        far.inject(&frame(number), Fcs::Good).unwrap();
    }
    for _ in 0..10 {
        assert!(rx.has_event());
    }
    // Frames that come together are seen together, at the latest at the second look.
    assert!(rx.has_many_events(3) || rx.has_many_events(3));
    assert!(rx.has_many_events(1) && rx.has_many_events(2));
    assert!(!rx.has_many_events(4));
    assert_eq!(rx.frames(), [frame(0), frame(1), frame(2)]);
    assert!(!rx.has_event());
    assert_eq!(tx.send(0, &frame(0)), 0);
    assert!(tx.has_event() && !tx.has_many_events(2));
    assert_eq!(tx.sent(), [0]);
    assert!(!tx.has_many_events(i32::MAX));
}

/// The default queue holds a completion of each descriptor that both rings hold, and of timestamps what they need.
#[test]
fn a_queue_of_the_default_size_does_not_overflow() {
    for flags in [EF_VI_FLAGS_DEFAULT, EF_VI_RX_TIMESTAMPS | EF_VI_TX_TIMESTAMPS] {
        let Ends { rx, far, .. } = &cable(Queues::default(), Queues { flags, ..Queues::default() });
        rx.fill(0..511);
        for id in 0..511 {
            assert_eq!(rx.send(id, &Packet::TCP.sized(60, 0)), 0);
        }
        for half in [0..252, 252..504_u64] {
            for number in half.clone() {
                far.inject(&frame(number as usize), Fcs::Good).unwrap();
            }
            // Brings the frames into the queue without taking an event out.
            let looks = (0..1000).take_while(|_| rx.statistic("rx_frames") < half.end && !rx.has_many_events(1500));
            assert!(looks.count() < 1000);
        }
        let events = rx.drain();
        let count = |kind| events.iter().filter(|event| EF_EVENT_TYPE(event) == kind).count();
        assert_eq!((count(EF_EVENT_TYPE_RX), count(EF_EVENT_TYPE_OFLOW)), (504, 0));
        if flags == EF_VI_FLAGS_DEFAULT {
            let ids = events.iter().filter(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX);
            assert_eq!(ids.flat_map(|event| rx.unbundle(event)).collect::<Vec<_>>(), (0..511).collect::<Vec<_>>());
        } else {
            assert_eq!(count(EF_EVENT_TYPE_TX_WITH_TIMESTAMP), 511);
        }
        assert_eq!(rx.statistic("ev_overflows"), 0);
    }
}

/// A queue that is too small for what completes breaks: what is in it can be had, then OFLOW, again and again.
#[test]
fn a_queue_that_overflows_is_broken() {
    let queues = Queues { events: 512, transmit: 2048, ..Queues::default() };
    let Ends { tx, .. } = &cable(queues, Queues::default());
    for id in 0..1000 {
        assert_eq!(tx.send(id, &Packet::TCP.sized(60, 0)), 0);
    }
    let mut ids = Vec::new();
    loop {
        let events = tx.poll(16);
        assert!(!events.is_empty());
        if EF_EVENT_TYPE(&events[0]) == EF_EVENT_TYPE_OFLOW {
            break;
        }
        ids.extend(events.iter().flat_map(|event| tx.unbundle(event)));
    }
    assert_eq!(ids, (0..511).collect::<Vec<_>>(), "capacity and contents");
    assert_eq!(tx.statistic("ev_overflows"), 1000 - 511);
    let kinds: Vec<_> = tx.poll(16).iter().map(EF_EVENT_TYPE).collect();
    assert_eq!(kinds, [EF_EVENT_TYPE_OFLOW]);
}

/// The read position goes round with the queue.
#[test]
fn a_queue_goes_round() {
    let queues = Queues { events: 512, ..Queues::default() };
    let Ends { tx, .. } = &cable(queues, Queues::default());
    for id in 0..2000 {
        assert_eq!(tx.send(id, &Packet::TCP.sized(60, 0)), 0);
        assert_eq!(tx.sent(), [id as i32]);
    }
}
