//! Receive and transmit timestamps.

use crate::common::{Domain, Ends, Packet, Queues, Time, Vi, ready};
use efvi_sys::*;
use mock_nic::{Fabric, Fcs};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const NS: u64 = 1_000_000_000;
/// How far the port's clock may be from the system's.
const TOLERANCE: u64 = 50_000_000;
/// How far two readings of one frame's time may be apart: they are the same ticks, made into time at two moments between
/// which the clock may have been synchronised.
const SAME: u64 = 1_000_000;
const BOTH: ef_vi_flags = EF_VI_RX_TIMESTAMPS | EF_VI_TX_TIMESTAMPS;

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(100, number)
}

fn system() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64
}

fn nanoseconds(time: &Time) -> u64 {
    assert!(u64::from(time.nanoseconds) < NS);
    time.seconds * NS + u64::from(time.nanoseconds)
}

/// The times of the frames that have arrived, each read before the next poll.
fn received(rx: &Vi) -> Vec<u64> {
    let (mut times, mut idle) = (Vec::new(), 0);
    while idle < 16 {
        let events = rx.poll(16);
        idle = if events.is_empty() { idle + 1 } else { 0 };
        for event in events {
            assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX);
            let id = EF_EVENT_RX_RQ_ID(&event) as usize;
            let time = rx.timestamp(id).unwrap();
            let flags = EF_VI_SYNC_FLAG_CLOCK_SET | EF_VI_SYNC_FLAG_CLOCK_IN_SYNC;
            assert_eq!(time.flags, flags);
            times.push(nanoseconds(&time));
            assert_eq!(rx.receive_post(rx.buffer(id), id as i32), 0);
        }
    }
    times
}

/// Id, CTPIO flag and time of each completed send.
fn completed(tx: &Vi) -> Vec<(u32, bool, u64)> {
    let read = |event: &ef_event| {
        assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_TX_WITH_TIMESTAMP);
        let flags = EF_VI_SYNC_FLAG_CLOCK_SET | EF_VI_SYNC_FLAG_CLOCK_IN_SYNC;
        assert_eq!(EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(event), flags);
        let (sec, nsec) = (EF_EVENT_TX_WITH_TIMESTAMP_SEC(event), EF_EVENT_TX_WITH_TIMESTAMP_NSEC(event));
        assert!(u64::from(nsec) < NS);
        let time = u64::from(sec) * NS + u64::from(nsec);
        (EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID(event), EF_EVENT_TX_CTPIO(event) != 0, time)
    };
    tx.drain().iter().map(read).collect()
}

#[test]
fn a_vi_without_timestamps_has_no_data() {
    let Ends { rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert_eq!(rx.drain().len(), 1);
    assert_eq!(rx.timestamp(0).err(), Some(-libc::ENODATA));
    let Ends { rx, .. } = &ready(EF_VI_TX_TIMESTAMPS);
    assert_eq!(rx.timestamp(0).err(), Some(-libc::ENODATA));
}

/// Until a poll has seen the adapter's time nothing can be said.
#[test]
fn before_the_first_poll_there_is_no_time() {
    let Ends { rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    // A prefix as if a packet had been written.
    assert_eq!(rx.timestamp(9).err(), Some(-libc::ENOMSG));
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert_eq!(rx.drain().len(), 1);
    assert!(rx.timestamp(0).is_ok());
}

/// The oldest of the calls gives the same seconds and nanoseconds, and -1 whatever stands in the way.
#[test]
fn the_plain_call_gives_the_same_time() {
    let Ends { rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    assert_eq!(rx.plain_timestamp(0), Err(-1));
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert_eq!(rx.drain().len(), 1);
    let time = rx.timestamp(0).unwrap();
    assert_eq!(rx.plain_timestamp(0), Ok((time.seconds, time.nanoseconds)));
}

#[test]
fn receive_times_lie_between_readings_of_the_system_clock_and_in_order() {
    let Ends { rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    let mut last = 0;
    for round in 0..50 {
        let before = system();
        for number in 0..5 {
            far.inject(&frame(round + number), Fcs::Good).unwrap();
        }
        let after = system();
        let times = received(rx);
        assert_eq!(times.len(), 5);
        for time in times {
            assert!(time >= last, "{time} after {last}");
            assert!(time + TOLERANCE >= before && time <= after + TOLERANCE, "{before} {time} {after}");
            last = time;
        }
    }
}

/// The time is that of arriving, not that of polling.
#[test]
fn receive_times_are_taken_on_the_wire() {
    let Ends { rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    far.inject(&frame(0), Fcs::Good).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let polled = system();
    let times = received(rx);
    assert!(polled - times[0] > 100_000_000, "polled at {polled}, arrived at {}", times[0]);
}

#[test]
fn each_send_has_an_event_of_its_own_with_its_id_and_time() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_TIMESTAMPS | EF_VI_TX_CTPIO);
    let before = system();
    for id in 0..10 {
        let rc = if id % 2 == 0 { tx.send(id, &frame(id)) } else { tx.send_ctpio(id, &frame(id), 64) };
        assert_eq!(rc, 0);
    }
    let address = tx.load(10, &frame(10));
    assert_eq!(tx.transmitv_init(&[(address, 40), (address + 40, 60)], 10), 0);
    assert_eq!(tx.transmit_init(tx.load(11, &frame(11)), 100, 0xffff_fffe), 0);
    tx.transmit_push();
    let after = system();
    let sent = completed(tx);
    let mut expected: Vec<_> = (0..11).map(|id| (id, id < 10 && id % 2 == 1)).collect();
    expected.push((0xffff_fffe, false));
    assert_eq!(sent.iter().map(|&(id, ctpio, _)| (id, ctpio)).collect::<Vec<_>>(), expected);
    assert!(sent.windows(2).all(|two| two[0].2 <= two[1].2), "{sent:?}");
    assert!(sent[0].2 + TOLERANCE >= before && sent[11].2 <= after + TOLERANCE);
    // The event has freed the slots: there is nothing to unbundle.
    assert_eq!(tx.transmit_ring(), (511, 0, 511));
    assert_eq!(rx.frames().len(), 12);
}

/// Transmit times have sixteenths of a nanosecond.
#[cfg(onload_since = "9.0.1")]
#[test]
fn transmit_times_have_four_bits_of_fraction() {
    let Ends { tx, .. } = &ready(EF_VI_TX_TIMESTAMPS);
    for id in 0..50 {
        assert_eq!(tx.send(id, &frame(id)), 0);
    }
    for event in tx.drain() {
        assert_eq!(EF_EVENT_TX_WITH_TIMESTAMP_NSEC_FRAC16(&event) & 0xfff, 0);
    }
}

#[test]
fn both_ends_of_a_cable_have_the_same_time_of_a_frame() {
    let Ends { tx, rx, .. } = &ready(BOTH | EF_VI_TX_CTPIO);
    for id in 0..60 {
        let rc = if id % 2 == 0 { tx.send(id, &frame(id)) } else { tx.send_ctpio(id, &frame(id), 64) };
        assert_eq!(rc, 0);
        let (sent, arrived) = (completed(tx), received(rx));
        assert_eq!((sent.len(), arrived.len()), (1, 1));
        assert!(sent[0].2.abs_diff(arrived[0]) < SAME, "{sent:?} {arrived:?}");
    }
}

/// From before a second's end to after it.
#[test]
fn times_are_right_around_the_second() {
    let Ends { tx, rx, .. } = &ready(BOTH);
    // Seen now, so that the first time event lies in the old second.
    assert_eq!(tx.send(0, &frame(0)), 0);
    assert_eq!((completed(tx).len(), received(rx).len()), (1, 1));
    let now = system() % NS;
    std::thread::sleep(Duration::from_nanos((NS - 60_000_000).saturating_sub(now)));
    let start = system();
    let boundary = start / NS * NS + NS;
    let (mut last, mut early, mut late) = (0, 0, 0);
    while system() < boundary + 60_000_000 {
        let before = system();
        assert_eq!(tx.send(1, &frame(1)), 0);
        let after = system();
        let (sent, arrived) = (completed(tx), received(rx));
        let (sent, arrived) = (sent[0].2, arrived[0]);
        assert!(sent + TOLERANCE >= before && sent <= after + TOLERANCE, "{before} {sent} {after}");
        assert!(sent.abs_diff(arrived) < SAME && arrived >= last, "{sent} {arrived} {last}");
        last = arrived;
        if arrived < boundary {
            early += 1
        } else {
            late += 1
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(late > 0, "{early} {late}");
}

/// Packets that arrived in the old second and are polled in the new one have the old one's time.
#[test]
fn packets_polled_in_the_next_second_keep_theirs() {
    let Ends { rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert_eq!(received(rx).len(), 1);
    let now = system() % NS;
    std::thread::sleep(Duration::from_nanos((NS - 30_000_000).saturating_sub(now)));
    let mut readings = Vec::new();
    for number in 0..12 {
        let before = system();
        far.inject(&frame(number), Fcs::Good).unwrap();
        readings.push((before, system()));
        std::thread::sleep(Duration::from_millis(5));
    }
    let times = received(rx);
    assert_eq!(times.len(), 12);
    for (time, (before, after)) in times.into_iter().zip(readings) {
        assert!(time + TOLERANCE >= before && time <= after + TOLERANCE, "{before} {time} {after}");
    }
}

/// A VI that is polled again after a long silence is in step at once.
#[test]
fn a_silence_does_not_put_time_out_of_step() {
    let Ends { rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    for silence in [0, 700, 1200] {
        std::thread::sleep(Duration::from_millis(silence));
        let before = system();
        far.inject(&frame(0), Fcs::Good).unwrap();
        let after = system();
        let times = received(rx);
        assert!(times[0] + TOLERANCE >= before && times[0] <= after + TOLERANCE);
    }
}

/// All events of a poll can be read after it, whatever the array's length.
#[test]
fn time_is_in_step_for_all_packets_of_a_poll() {
    let Ends { rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    let mut readings = Vec::new();
    for number in 0..40 {
        let before = system();
        far.inject(&frame(number), Fcs::Good).unwrap();
        readings.push((before, system()));
        std::thread::sleep(Duration::from_millis(15));
    }
    let mut times = Vec::new();
    while times.len() < 40 {
        for event in rx.poll(64) {
            times.push(nanoseconds(&rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).unwrap()));
        }
    }
    for (time, (before, after)) in times.into_iter().zip(readings) {
        assert!(time + TOLERANCE >= before && time <= after + TOLERANCE, "{before} {time} {after}");
    }
}

/// A VI on another's event queue takes its time from there.
#[test]
fn a_shared_event_queue_brings_time_for_all() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    let owner = domain.vi(Queues { flags: BOTH, ..Queues::default() }).unwrap();
    let share = Some(owner.clone());
    let user = domain.vi(Queues { events: 0, share, flags: BOTH, ..Queues::default() }).unwrap();
    user.filter(&crate::common::Spec::udp()).unwrap();
    user.fill(0..8);
    let before = system();
    assert_eq!(user.send(5, &frame(5)), 0);
    let after = system();
    let events = owner.drain();
    let kinds: Vec<_> = events.iter().map(EF_EVENT_TYPE).collect();
    assert_eq!(kinds, [EF_EVENT_TYPE_TX_WITH_TIMESTAMP, EF_EVENT_TYPE_RX]);
    assert_eq!((EF_EVENT_TX_WITH_TIMESTAMP_Q_ID(&events[0]), EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID(&events[0])), (1, 5));
    assert_eq!(user.transmit_ring().1, 0);
    let time = nanoseconds(&user.timestamp(0).unwrap());
    assert!(time + TOLERANCE >= before && time <= after + TOLERANCE);
}
