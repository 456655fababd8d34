//! Faults that are asked for: each happens when it was to, is counted, and shows to the program as the adapter shows it.

use crate::common::{Directory, Domain, Ends, Packet, Pio, Queues, Spec, Vi, again, efct, ready, role, succeeds};
use efvi_sys::*;
use mock_nic::{Costs, Fabric, FabricPort, Fault, Faults, FaultsBuilder, Model, VirtualTime, When};
use std::time::Duration;

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(100, number)
}

fn frames(numbers: impl IntoIterator<Item = usize>) -> Vec<Vec<u8>> {
    numbers.into_iter().map(frame).collect()
}

fn set(port: &FabricPort, faults: FaultsBuilder) {
    port.set_faults(&faults.build());
}

fn on(fault: Fault, when: impl Into<When>) -> FaultsBuilder {
    Faults::builder().on(fault, when)
}

/// How often a fault has happened.
fn count(port: &FabricPort, fault: Fault) -> u64 {
    port.faults().iter().find(|(other, _)| *other == fault).expect("it was set").1
}

/// Sends frames with these numbers, and takes their completions.
fn send(tx: &Vi, numbers: impl IntoIterator<Item = usize>) {
    for id in numbers {
        assert_eq!(tx.send(id, &frame(id)), 0);
    }
    tx.sent();
}

/// Both ends of a cable, where nothing is late because the machine is busy.
fn on_virtual_time() -> Ends {
    let (near, far) = Fabric::new().with_virtual_time(Costs::default()).cable().unwrap();
    let tx = Domain::on(&near).vi(Queues::default()).unwrap();
    let rx = Domain::on(&far).vi(Queues::default()).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    Ends { near, far, tx, rx }
}

/// Kind of each event.
fn kinds(events: &[ef_event]) -> Vec<u32> {
    events.iter().map(EF_EVENT_TYPE).collect()
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

#[test]
fn without_descriptors_frames_are_lost_and_counted() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(far, on(Fault::NoDescriptors, 2..4));
    send(tx, 1..=5);
    assert_eq!(rx.frames(), frames([1, 4, 5]));
    assert_eq!((count(far, Fault::NoDescriptors), rx.statistic("rx_no_descriptor")), (2, 2));
    assert_eq!(rx.receive_ring().1, 61, "their buffers are still posted");
}

#[test]
fn every_reason_makes_its_discard_and_gives_the_buffer_back() {
    let reasons = [
        (Fault::DiscardChecksum, EF_EVENT_RX_DISCARD_CSUM_BAD),
        (Fault::DiscardMulticast, EF_EVENT_RX_DISCARD_MCAST_MISMATCH),
        (Fault::DiscardCrc, EF_EVENT_RX_DISCARD_CRC_BAD),
        (Fault::DiscardTruncated, EF_EVENT_RX_DISCARD_TRUNC),
        (Fault::DiscardRights, EF_EVENT_RX_DISCARD_RIGHTS),
        (Fault::DiscardEvent, EF_EVENT_RX_DISCARD_EV_ERROR),
        (Fault::DiscardOther, EF_EVENT_RX_DISCARD_OTHER),
        (Fault::DiscardInnerChecksum, EF_EVENT_RX_DISCARD_INNER_CSUM_BAD),
    ];
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    for (fault, subtype) in reasons {
        set(far, on(fault, 2));
        send(tx, 1..=3);
        let events = rx.drain();
        assert_eq!(kinds(&events), [EF_EVENT_TYPE_RX, EF_EVENT_TYPE_RX_DISCARD, EF_EVENT_TYPE_RX], "{fault}");
        assert_eq!(EF_EVENT_RX_DISCARD_TYPE(&events[1]), subtype, "{fault}");
        assert_eq!(events.iter().map(|event| rx.frame(event)).collect::<Vec<_>>(), frames(1..=3));
        assert_eq!(count(far, fault), 1);
        for event in &events {
            let id = EF_EVENT_RX_RQ_ID(event);
            assert_eq!(rx.receive_post(rx.buffer(id as usize), id as i32), 0);
        }
    }
    assert_eq!(rx.statistic("rx_discards"), 8);
}

#[test]
fn every_transmit_error_kills_the_ring_and_names_its_packet() {
    let errors = [
        (Fault::TxErrorRights, EF_EVENT_TX_ERROR_RIGHTS),
        (Fault::TxErrorOverflow, EF_EVENT_TX_ERROR_OFLOW),
        (Fault::TxErrorTooBig, EF_EVENT_TX_ERROR_2BIG),
        (Fault::TxErrorBus, EF_EVENT_TX_ERROR_BUS),
    ];
    for (fault, subtype) in errors {
        let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
        set(near, on(fault, 3));
        for id in 1..=5 {
            let address = tx.load(id, &frame(id));
            assert_eq!(tx.transmit_init(address, 100, id), 0);
        }
        tx.transmit_push();
        let events = tx.drain();
        assert_eq!(kinds(&events), [EF_EVENT_TYPE_TX, EF_EVENT_TYPE_TX_ERROR]);
        assert_eq!((tx.unbundle(&events[0]), tx.unbundle(&events[1])), (vec![1, 2], vec![3]));
        assert_eq!(EF_EVENT_TX_ERROR_TYPE(&events[1]), subtype, "{fault}");
        assert_eq!(count(near, fault), 1);
        assert_eq!(rx.frames(), frames([1, 2]));
        // As documented: what was lost is walked, the ring revived, and the lost is sent again.
        #[cfg(onload_since = "9.1.0")]
        {
            let lost = tx.lost_in_error();
            assert_eq!(lost, [4, 5]);
            assert_eq!(tx.reinit_transmit(), 0);
            send(tx, [3, 4, 5]);
            assert_eq!(rx.frames(), frames([3, 4, 5]));
        }
    }
}

/// An underrun poisons what cut through; the receiver discards that, and gets the fallback: nothing is lost.
#[test]
fn a_ctpio_underrun_poisons_the_frame_and_the_fallback_sends_it() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_TX_CTPIO);
    set(near, on(Fault::CtpioUnderrun, When::Every(2)));
    for id in 1..=4 {
        assert_eq!(tx.send_ctpio(id, &frame(id), 64), 0);
    }
    assert_eq!(tx.sent(), [1, 2, 3, 4]);
    let events = rx.drain();
    let (good, poisoned): (Vec<ef_event>, Vec<ef_event>) =
        events.iter().copied().partition(|e| EF_EVENT_TYPE(e) == EF_EVENT_TYPE_RX);
    assert_eq!(good.iter().map(|event| rx.frame(event)).collect::<Vec<_>>(), frames(1..=4));
    assert_eq!(poisoned.iter().map(EF_EVENT_RX_DISCARD_TYPE).collect::<Vec<_>>(), [EF_EVENT_RX_DISCARD_CRC_BAD; 2]);
    assert_eq!((count(near, Fault::CtpioUnderrun), tx.statistic("tx_ctpio_fallbacks")), (2, 2));
}

/// A broken queue says so at every poll, and nothing else; a VI in its place goes on.
#[test]
fn an_overflowed_event_queue_is_replaced() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(far, on(Fault::EventOverflow, 3));
    send(tx, 1..=4);
    let mut arrived = Vec::new();
    let overflowed = loop {
        let events = rx.poll(16);
        arrived.extend(events.iter().filter(|e| EF_EVENT_TYPE(e) == EF_EVENT_TYPE_RX).map(|event| rx.frame(event)));
        if events.iter().any(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_OFLOW) {
            break kinds(&events);
        }
    };
    assert_eq!((arrived, overflowed.last()), (frames([1, 2]), Some(&EF_EVENT_TYPE_OFLOW)));
    assert_eq!(kinds(&rx.poll(16)), [EF_EVENT_TYPE_OFLOW]);
    assert_eq!(count(far, Fault::EventOverflow), 1);
    assert!(rx.statistic("ev_overflows") >= 1);
    assert_eq!((rx.flush(), rx.free()), (0, 0));
    let next = rx.domain.vi(Queues::default()).unwrap();
    next.filter(&Spec::udp()).unwrap();
    next.fill(0..64);
    send(tx, 5..=6);
    assert_eq!(next.frames(), frames([5, 6]));
}

/// After a reset there is one event that says so; the VI is dead, another in its place lives.
#[test]
fn after_a_reset_the_vi_is_replaced() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(far, on(Fault::Reset, 2));
    send(tx, 1..=3);
    let mut events = Vec::new();
    while events.last().is_none_or(|event| EF_EVENT_TYPE(event) != EF_EVENT_TYPE_RESET) {
        events.extend(rx.poll(16));
    }
    assert_eq!(kinds(&events), [EF_EVENT_TYPE_RX, EF_EVENT_TYPE_RESET]);
    send(tx, 4..=4);
    assert_eq!(rx.send(1, &frame(1)), 0);
    assert!(rx.drain().is_empty());
    assert_eq!(count(far, Fault::Reset), 1);
    assert_eq!(rx.free(), 0);
    let next = rx.domain.vi(Queues::default()).unwrap();
    next.filter(&Spec::udp()).unwrap();
    next.fill(0..64);
    send(tx, 5..=6);
    assert_eq!(next.frames(), frames([5, 6]));
}

/// Every frame that is not delivered is counted: those behind a reset, and those on the wire to a VI that is freed.
#[test]
fn what_a_vi_never_tells_of_is_counted() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(far, on(Fault::Reset, 2));
    send(tx, 1..=4);
    assert_eq!(kinds(&rx.poll(2)), [EF_EVENT_TYPE_RX]);
    // This one has two frames; the reset, with the first of them, loses both.
    assert_eq!(kinds(&rx.poll(2)), [EF_EVENT_TYPE_RESET]);
    assert_eq!((far.counters().rx_frames, far.counters().rx_abandoned), (3, 2));
    send(tx, 5..=5);
    assert_eq!(rx.free(), 0);
    assert_eq!(far.counters().rx_abandoned, 2);
    let next = rx.domain.vi(Queues::default()).unwrap();
    next.filter(&Spec::udp()).unwrap();
    next.fill(0..64);
    send(tx, 6..=6);
    assert_eq!(next.frames(), frames([6]));
    assert_eq!((far.counters().rx_frames, far.counters().rx_abandoned), (4, 4));
    // Received, but never asked for.
    send(tx, 7..=9);
    assert!(next.has_many_events(1));
    let received = far.counters().rx_frames - 4;
    assert!(received > 0);
    assert_eq!(next.free(), 0);
    assert_eq!(far.counters().rx_abandoned, 4 + received);
}

/// What a program sends on a dead ring is counted, on every model.
#[test]
fn what_a_dead_ring_takes_is_counted() {
    for model in [Model::X2].into_iter().chain(efct::MODELS.iter().copied()) {
        let (near, _far) = Fabric::of(model).cable().unwrap();
        set(&near, on(Fault::TxErrorBus, 1));
        let domain = if model == Model::X2 { Domain::on(&near) } else { efct::domain(&near, model) };
        let tx = domain.vi(Queues::default()).unwrap();
        for id in 1..=3 {
            assert_eq!(tx.send(id, &frame(id)), 0);
        }
        assert_eq!(tx.transmitv(&[(tx.load(4, &frame(4)), 30), (tx.load(4, &frame(4)) + 30, 30)], 4), 0);
        let counters = near.counters();
        assert_eq!((counters.tx_errors, counters.tx_dead, counters.tx_frames), (1, 3, 0), "{model:?}");
    }
}

#[test]
fn what_is_allocated_can_be_refused() {
    let port = Fabric::new().looped().unwrap();
    set(&port, on(Fault::NoVi, 2).on(Fault::NoFilter, 1).on(Fault::NoMemory, 2).on(Fault::NoPio, 1));
    let domain = Domain::on(&port);
    let vi = domain.vi(Queues::default()).unwrap();
    assert_eq!(vi.filter(&Spec::udp()).err(), Some(-libc::EBUSY));
    vi.filter(&Spec::udp()).unwrap();
    assert_eq!(crate::common::Memory::register(&domain, 0, 4096).err(), Some(-libc::ENOMEM));
    crate::common::Memory::register(&domain, 0, 4096).unwrap();
    assert_eq!(domain.vi(Queues::default()).err(), Some(-libc::EBUSY));
    domain.vi(Queues::default()).unwrap();
    assert_eq!(Pio::alloc(&domain, 4096).err(), Some(-libc::ENOSPC));
    Pio::alloc(&domain, 4096).unwrap();
    let once = [Fault::NoVi, Fault::NoFilter, Fault::NoMemory, Fault::NoPio].map(|fault| (fault, 1));
    assert_eq!(port.faults(), once);
}

#[test]
fn timestamps_say_what_is_wrong_with_the_clock() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    let stamp = |id: usize| {
        send(tx, [id]);
        let events = rx.drain();
        assert_eq!(kinds(&events), [EF_EVENT_TYPE_RX]);
        rx.timestamp(EF_EVENT_RX_RQ_ID(&events[0]) as usize).map(|time| time.flags)
    };
    let (is_set, in_sync) = (EF_VI_SYNC_FLAG_CLOCK_SET, EF_VI_SYNC_FLAG_CLOCK_IN_SYNC);
    assert_eq!(stamp(0), Ok(is_set | in_sync));
    set(far, on(Fault::ClockUnset, When::Always));
    assert_eq!(stamp(1), Ok(0));
    set(far, on(Fault::ClockUnsynced, When::Always));
    assert_eq!(stamp(2), Ok(is_set));
    set(far, on(Fault::Drop, 0.0));
    assert_eq!(stamp(3), Ok(is_set | in_sync), "it is in step again");
    set(far, on(Fault::ClockLost, When::Always));
    assert_eq!(stamp(4), Err(-libc::EL2NSYNC));
}

#[test]
fn transmit_timestamps_say_it_too() {
    let Ends { tx, near, .. } = &ready(EF_VI_TX_TIMESTAMPS);
    let flags = |id: usize| {
        assert_eq!(tx.send(id, &frame(id)), 0);
        let events = tx.drain();
        assert_eq!(kinds(&events), [EF_EVENT_TYPE_TX_WITH_TIMESTAMP]);
        EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(&events[0])
    };
    assert_eq!(flags(0), EF_VI_SYNC_FLAG_CLOCK_SET | EF_VI_SYNC_FLAG_CLOCK_IN_SYNC);
    set(near, on(Fault::ClockUnsynced, When::Always));
    assert_eq!(flags(1), EF_VI_SYNC_FLAG_CLOCK_SET);
    set(near, on(Fault::ClockUnset, When::Always));
    assert_eq!(flags(2), 0);
}

#[test]
fn a_clock_runs_away() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    let stamp = |id: usize| {
        send(tx, [id]);
        let events = rx.drain();
        let time = rx.timestamp(EF_EVENT_RX_RQ_ID(&events[0]) as usize).unwrap();
        time.seconds as i64 * 1_000_000_000 + i64::from(time.nanoseconds)
    };
    let before = stamp(0);
    let real = std::time::Instant::now();
    // Twice as fast.
    far.set_faults(&"drift_ppm=1000000".parse().unwrap());
    while real.elapsed() < Duration::from_millis(20) {}
    let elapsed = stamp(1) - before;
    assert!(elapsed >= 40_000_000, "{elapsed} ns in 20 ms or more");
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

#[test]
fn what_is_set_replaces_what_was_set() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(near.faults(), []);
    set(near, on(Fault::Drop, When::Always));
    send(tx, 1..=2);
    assert_eq!(near.faults(), [(Fault::Drop, 2)]);
    set(near, on(Fault::Duplicate, When::Always));
    send(tx, 3..=3);
    set(near, Faults::builder());
    send(tx, 4..=4);
    assert_eq!((rx.frames(), near.faults()), (frames([3, 3, 4]), vec![]));
}

/// From outside by a variable, for `lo`; a value that is none is an error of the call that opens the port.
#[test]
fn the_variable_sets_the_faults_of_lo() {
    const TEST: &str = "faults::the_variable_sets_the_faults_of_lo";
    match role().as_deref() {
        None => {
            let directory = Directory::new();
            for (role, value) in [("set", "seed=7,drop@2..4,duplicate@5"), ("bad", "seed=7,dorp=1e-4")] {
                let mut run = again(TEST, role);
                run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_FAULTS", value);
                succeeds(run);
            }
            let mut run = again(TEST, "bad");
            run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_FAULTS", "drop=2");
            let errors = String::from_utf8(run.output().unwrap().stderr).unwrap();
            let line = errors.lines().find(|line| line.contains("EFVI_MOCK_FAULTS")).unwrap();
            assert_eq!(
                line,
                "mock-nic: EFVI_MOCK_FAULTS=drop=2: expected a probability from 0 to 1 after 'drop=', not '2'"
            );
        }
        Some("set") => {
            let vi = Domain::named("lo").vi(Queues::default()).unwrap();
            vi.filter(&Spec::udp()).unwrap();
            vi.fill(0..64);
            for id in 1..=5 {
                assert_eq!(vi.send(id, &frame(id)), 0);
            }
            let events = vi.drain();
            let arrived: Vec<_> = events.iter().filter(|e| EF_EVENT_TYPE(e) == EF_EVENT_TYPE_RX).collect();
            assert_eq!(arrived.iter().map(|event| vi.frame(event)).collect::<Vec<_>>(), frames([1, 4, 5, 5]));
        }
        _ => {
            let driver = crate::common::Driver::open();
            let lo = crate::common::Interface::Name("lo");
            assert_eq!(Domain::open(&driver, &lo, EF_PD_DEFAULT).err(), Some(-libc::EINVAL));
        }
    }
}
