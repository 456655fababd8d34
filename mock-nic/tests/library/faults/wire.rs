//! On the wire: frames that are lost, doubled, out of turn, damaged or late, and a link that is down.

use super::{count, frame, frames, kinds, on, send, set};
use crate::common::{Domain, Ends, Packet, Queues, Spec, ready};
use efvi_sys::*;
use mock_nic::{Costs, Fabric, Fault, Faults, VirtualTime, When};
use std::time::Duration;

/// Both ends of a cable, where nothing is late because the machine is busy.
fn on_virtual_time() -> Ends {
    let (near, far) = Fabric::new().with_virtual_time(Costs::default()).cable().unwrap();
    let tx = Domain::on(&near).vi(Queues::default()).unwrap();
    let rx = Domain::on(&far).vi(Queues::default()).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    Ends { near, far, tx, rx }
}

#[test]
fn dropped_frames_complete_and_do_not_arrive() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(near, on(Fault::Drop, 3..5));
    for id in 1..=6 {
        assert_eq!(tx.send(id, &frame(id)), 0);
    }
    assert_eq!(tx.sent(), [1, 2, 3, 4, 5, 6]);
    assert_eq!(rx.frames(), frames([1, 2, 5, 6]));
    assert_eq!((count(near, Fault::Drop), near.counters().tx_frames), (2, 6));
}

/// Frames by CTPIO meet the same wire.
#[test]
fn what_goes_by_ctpio_is_dropped_too() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_TX_CTPIO);
    set(near, on(Fault::Drop, 2));
    for id in 1..=3 {
        assert_eq!(tx.send_ctpio(id, &frame(id), 64), 0);
    }
    assert_eq!((tx.sent(), rx.frames()), (vec![1, 2, 3], frames([1, 3])));
}

#[test]
fn duplicates_arrive_twice() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(near, on(Fault::Duplicate, 2));
    send(tx, 1..=3);
    assert_eq!(rx.frames(), frames([1, 2, 2, 3]));
    assert_eq!(count(near, Fault::Duplicate), 1);
}

#[test]
fn a_reordered_frame_is_overtaken_by_the_next() {
    let Ends { tx, rx, near, .. } = &on_virtual_time();
    rx.fill(0..64);
    set(near, on(Fault::Reorder, When::Every(3)));
    for id in 1..=7 {
        assert_eq!(tx.send(id, &frame(id)), 0);
    }
    VirtualTime::advance(Duration::from_micros(100));
    assert_eq!(rx.frames(), frames([1, 2, 4, 3, 5, 7, 6]));
    assert_eq!(count(near, Fault::Reorder), 2);
    // The last has none behind it: it goes when its VI does, at the latest.
    assert_eq!(tx.send(8, &frame(8)), 0);
    assert_eq!(tx.send(9, &frame(9)), 0);
    tx.free();
    VirtualTime::advance(Duration::from_micros(100));
    assert_eq!(rx.frames(), frames([8, 9]));
}

#[test]
fn a_corrupt_frame_is_a_discard_with_a_bit_flipped() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(near, on(Fault::Corrupt, 2).seed(5));
    send(tx, 1..=3);
    let events = rx.drain();
    assert_eq!(kinds(&events), [EF_EVENT_TYPE_RX, EF_EVENT_TYPE_RX_DISCARD, EF_EVENT_TYPE_RX]);
    assert_eq!(EF_EVENT_RX_DISCARD_TYPE(&events[1]), EF_EVENT_RX_DISCARD_CRC_BAD);
    let bits: u32 = rx.frame(&events[1]).iter().zip(frame(2)).map(|(a, b)| (a ^ b).count_ones()).sum();
    assert_eq!((bits, rx.frame(&events[2])), (1, frame(3)));
    assert_eq!(count(near, Fault::Corrupt), 1);
}

#[test]
fn a_truncated_frame_is_a_discard_that_lacks_its_end() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(near, on(Fault::Truncate, When::Always));
    send(tx, 1..=20);
    for (event, id) in rx.drain().iter().zip(1..) {
        assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX_DISCARD);
        assert_eq!(EF_EVENT_RX_DISCARD_TYPE(event), EF_EVENT_RX_DISCARD_CRC_BAD);
        let arrived = rx.frame(event);
        assert!((60..100).contains(&arrived.len()) && frame(id).starts_with(&arrived));
    }
    assert_eq!(count(near, Fault::Truncate), 20);
    // The shortest frame has no end to lose.
    assert_eq!(tx.send(0, &Packet::UDP.sized(60, 0)), 0);
    let events = rx.drain();
    assert_eq!((kinds(&events), rx.frame(&events[0]).len()), (vec![EF_EVENT_TYPE_RX_DISCARD], 60));
}

/// Late frames hold up those behind them: the order stays, and all arrive.
#[test]
fn a_delayed_frame_and_those_behind_it_come_later_in_order() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(near, on(Fault::Delay, 2).delay(Duration::from_secs(3600)));
    send(tx, 1..=4);
    assert_eq!(rx.frames(), frames([1]));
    assert_eq!(count(near, Fault::Delay), 1);
    // Without faults nothing is late any more.
    set(near, Faults::builder());
    send(tx, 5..=5);
    assert_eq!(rx.frames(), frames([2, 3, 4, 5]));
}

#[test]
fn a_short_delay_is_over_by_itself() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(near, on(Fault::Delay, When::Always).delay(Duration::from_micros(1)));
    send(tx, 1..=3);
    let mut arrived = Vec::new();
    while arrived.len() < 3 {
        tx.poll(1);
        arrived.extend(rx.frames());
    }
    assert_eq!(arrived, frames([1, 2, 3]));
}

/// On virtual time the stamp says when a late frame is there.
#[test]
fn a_delay_on_virtual_time_is_in_the_stamps() {
    let fabric = Fabric::new().with_virtual_time(Default::default());
    let (near, far) = fabric.cable().unwrap();
    let tx = Domain::on(&near).vi(Queues::default()).unwrap();
    let rx = Domain::on(&far).vi(Queues { flags: EF_VI_RX_TIMESTAMPS, ..Queues::default() }).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    rx.fill(0..8);
    // Sends, lets time pass, and receives; the time at which the frame was there.
    let stamp = |id: usize, wait: u64| {
        assert_eq!(tx.send(id, &frame(id)), 0);
        VirtualTime::advance(Duration::from_millis(wait));
        tx.sent();
        let events = rx.drain();
        let event = events.first()?;
        assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX);
        let time = rx.timestamp(EF_EVENT_RX_RQ_ID(event) as usize).unwrap();
        Some(Duration::new(time.seconds, time.nanoseconds))
    };
    let first = stamp(0, 1).unwrap();
    set(&near, on(Fault::Delay, 1).delay(Duration::from_millis(30)));
    assert_eq!(stamp(1, 20), None);
    VirtualTime::advance(Duration::from_millis(20));
    let late = rx.drain();
    assert_eq!(kinds(&late), [EF_EVENT_TYPE_RX]);
    let time = rx.timestamp(EF_EVENT_RX_RQ_ID(&late[0]) as usize).unwrap();
    let late = Duration::new(time.seconds, time.nanoseconds) - first;
    assert!((Duration::from_millis(31)..Duration::from_millis(32)).contains(&late), "{late:?}");
    assert_eq!(count(&near, Fault::Delay), 1);
}

#[test]
fn without_a_link_nothing_leaves_and_nothing_arrives() {
    let Ends { tx, rx, near, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(near, on(Fault::LinkDown, 1..3));
    send(tx, 1..=4);
    assert_eq!(rx.frames(), frames([3, 4]));
    set(far, on(Fault::LinkDown, 1..3));
    send(tx, 5..=8);
    assert_eq!(rx.frames(), frames([7, 8]));
    assert_eq!((count(near, Fault::LinkDown), count(far, Fault::LinkDown)), (2, 2));
}

/// What a run of many frames with every wire fault comes to: what arrived, in order, and the counts.
fn storm(seed: u64, polls_every: usize) -> (Vec<Vec<u8>>, Vec<(Fault, u64)>) {
    let Ends { tx, rx, near, .. } = &on_virtual_time();
    rx.fill(0..504);
    let chance = 0.05;
    let faults = Faults::builder()
        .seed(seed)
        .on(Fault::Drop, chance)
        .on(Fault::Duplicate, chance)
        .on(Fault::Reorder, chance)
        .on(Fault::Corrupt, chance)
        .on(Fault::Truncate, chance)
        .on(Fault::Delay, chance)
        .delay(Duration::from_micros(30))
        .on(Fault::LinkDown, 300..310);
    set(near, faults);
    let mut arrived = Vec::new();
    for id in 1..=1000 {
        assert_eq!(tx.send(id, &frame(id)), 0);
        if id % polls_every == 0 {
            // Until all is there.
            VirtualTime::advance(Duration::from_micros(100));
            tx.sent();
            for event in rx.drain() {
                arrived.push(rx.frame(&event));
                let id = EF_EVENT_RX_RQ_ID(&event);
                assert_eq!(rx.receive_post(rx.buffer(id as usize), id as i32), 0);
            }
        }
    }
    (arrived, near.faults())
}

/// The same seed does the same to the same frames, however the program polls; each frame is accounted for.
#[test]
fn seeds_reproduce() {
    let (arrived, counts) = storm(7, 1);
    let count = |wanted: Fault| counts.iter().find(|(fault, _)| *fault == wanted).unwrap().1;
    let expected = 1000 - count(Fault::Drop) - count(Fault::LinkDown) + count(Fault::Duplicate);
    // The last frame may still be waiting to be overtaken.
    assert!((expected - 1..=expected).contains(&(arrived.len() as u64)), "{} of {expected}", arrived.len());
    assert!(counts.iter().all(|(_, count)| *count > 5), "{counts:?}");
    for polls_every in [1, 50] {
        let again = storm(7, polls_every);
        assert_eq!(again.1, counts);
        assert!(again.0 == arrived, "other frames with the same seed, {polls_every} sends before each look");
    }
    assert_ne!(storm(8, 1).1, counts);
}
