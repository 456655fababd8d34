//! A clock that is not set, not in step, lost, or runs away.

use super::{frame, kinds, on, send, set};
use crate::common::{Ends, ready};
use efvi_sys::*;
use mock_nic::{Fault, When};
use std::time::Duration;

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
    // Twice as fast, from before the time is taken.
    far.set_faults(&"drift_ppm=1000000".parse().unwrap());
    let real = std::time::Instant::now();
    while real.elapsed() < Duration::from_millis(20) {}
    let elapsed = stamp(1) - before;
    assert!(elapsed >= 40_000_000, "{elapsed} ns in 20 ms or more");
}
