//! The event queue's timer: what it wakes, and that it raises no events.

use crate::common::{Ends, Packet, Queues, Vi, cable, readable, ready};
use efvi_sys::*;
use mock_nic::Fcs;

/// A timer that is not to run out during a test, and one that is.
const LONG: u32 = 25_000;
const SHORT: u32 = 100;

fn frame() -> Vec<u8> {
    Packet::UDP.sized(100, 0)
}

/// A primed VI with a timer at the end of a cable.
fn timed() -> Ends {
    let ends = ready(EF_VI_ENABLE_EV_TIMER);
    assert_eq!(ends.rx.prime(), 0);
    ends
}

fn is_readable(vi: &Vi, milliseconds: i32) -> bool {
    readable(&vi.domain.driver, milliseconds)
}

#[test]
fn a_running_timer_wakes_when_it_runs_out_and_raises_no_event() {
    let Ends { rx, .. } = &timed();
    rx.timer_run(SHORT);
    assert!(is_readable(rx, -1));
    assert!(rx.drain().is_empty());
    assert_eq!(rx.prime(), 0);
    assert!(!is_readable(rx, 0), "it runs once");
}

#[test]
fn a_primed_timer_starts_with_the_next_event() {
    let Ends { tx, .. } = &timed();
    assert_eq!(tx.prime(), 0);
    // A completed send uses the prime up; from here on only the timer wakes.
    assert_eq!(tx.send(0, &frame()), 0);
    assert!(is_readable(tx, 0));
    tx.timer_prime(SHORT);
    tx.drain();
    assert_eq!(tx.prime(), 0);
    assert!(!is_readable(tx, 5), "without an event it does not run");
    assert_eq!(tx.send(1, &frame()), 0);
    assert!(is_readable(tx, -1));
}

#[test]
fn a_timer_of_zero_runs_out_with_the_next_event() {
    let Ends { rx, far, .. } = &timed();
    rx.timer_zero();
    assert!(!is_readable(rx, 0));
    far.inject(&frame(), Fcs::Good).unwrap();
    assert!(is_readable(rx, -1));
}

#[test]
fn a_cleared_timer_does_not_run_out() {
    let Ends { rx, .. } = &timed();
    rx.timer_run(LONG);
    rx.timer_clear();
    rx.timer_run(LONG);
    rx.timer_prime(SHORT);
    assert!(!is_readable(rx, 40), "each programming stops what ran");
    rx.timer_clear();
    rx.timer_run(SHORT);
    assert!(is_readable(rx, -1));
    rx.timer_clear();
    assert!(!is_readable(rx, 0), "to clear it takes back that it ran out");
}

/// As with the real driver, which learns of the handle by the first prime.
#[test]
fn a_timer_wakes_only_a_handle_that_was_primed() {
    let Ends { rx, .. } = &ready(EF_VI_ENABLE_EV_TIMER);
    rx.timer_run(1);
    assert!(!is_readable(rx, 5));
    assert_eq!(rx.prime(), 0);
    rx.timer_run(1);
    assert!(is_readable(rx, -1));
}

#[test]
fn without_the_flag_there_is_no_timer() {
    let Ends { rx, .. } = &cable(Queues::default(), Queues::default());
    assert_eq!(rx.prime(), 0);
    rx.timer_run(1);
    rx.timer_prime(1);
    rx.timer_zero();
    rx.timer_clear();
    rx.timer_run(1);
    assert!(!is_readable(rx, 5));
}
