//! Virtual time: what a send and a receive cost, by the table of costs and by nothing else.

mod clock;
mod runs;

use crate::common::{Domain, Ends, Packet, Queues, Spec, Vi, readable};
use efvi_sys::*;
use mock_nic::{Costs, Fabric, VirtualTime};
use std::thread;
use std::time::Duration;

/// Bytes of a frame, without FCS.
const SHORT: usize = 60;
const LONG: usize = 1514;
/// Bytes that go on the wire before and after a frame, and between two.
const PREAMBLE: u64 = 8;
const FCS: u64 = 4;
const GAP: u64 = 12;

const STAMPS: ef_vi_flags = EF_VI_RX_TIMESTAMPS | EF_VI_TX_TIMESTAMPS;

/// A cable on virtual time; a VI at each end.
fn ends(costs: Costs, flags: ef_vi_flags) -> Ends {
    let (near, far) = Fabric::new().with_virtual_time(costs).cable().unwrap();
    let tx = Domain::on(&near).vi(Queues { flags, ..Queues::default() }).unwrap();
    let rx = Domain::on(&far).vi(Queues { flags, ..Queues::default() }).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    rx.fill(0..64);
    Ends { near, far, tx, rx }
}

/// So fine that a poll finds an event exactly at its time: all costs, and the bytes of all speeds, are multiples of it.
fn fine() -> Costs {
    let mut costs = Costs::default();
    costs.poll = 40;
    costs
}

fn now() -> u64 {
    VirtualTime::picoseconds()
}

fn lines(bytes: usize) -> u64 {
    bytes.div_ceil(64) as u64
}

fn byte(costs: &Costs) -> u64 {
    8000 / costs.speed
}

/// Polls until an event is there: how many polls it took, and which it is.
fn next(vi: &Vi) -> (u64, ef_event) {
    let mut polls = 0;
    loop {
        polls += 1;
        if let [event] = vi.poll(1)[..] {
            return (polls, event);
        }
        assert!(polls < 100_000_000, "nothing comes");
        // The other end may need this core.
        if polls.is_multiple_of(256) {
            thread::yield_now();
        }
    }
}

/// What a frame takes from its first byte on the wire to its event in memory.
fn reception(costs: &Costs, length: usize) -> u64 {
    costs.propagation
        + (length as u64 + FCS) * byte(costs)
        + costs.receive
        + costs.dma
        + lines(length.saturating_sub(64)) * costs.dma_64
        + costs.event
}

/// From before a send to the event of the frame at the other end.
fn one_way(ends: &Ends, send: impl FnOnce(&Vi)) -> u64 {
    let start = now();
    send(&ends.tx);
    let (_, event) = next(&ends.rx);
    assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX);
    now() - start
}

fn send(length: usize) -> impl Fn(&Vi) {
    move |tx| assert_eq!(tx.send(0, &Packet::UDP.sized(length, 0)), 0)
}

fn ctpio(length: usize, threshold: u32) -> impl Fn(&Vi) {
    move |tx| tx.ctpio(&Packet::UDP.sized(length, 0), threshold)
}

fn dma(costs: &Costs, length: usize) -> u64 {
    costs.payload + lines(length) * costs.payload_64 + costs.transmit + PREAMBLE * byte(costs)
}

#[test]
fn a_push_spares_the_fetch_of_the_descriptor() {
    for length in [SHORT, LONG] {
        let costs = fine();
        let pushed = one_way(&ends(costs, 0), send(length));
        let rung = one_way(&ends(costs, EF_VI_TX_PUSH_DISABLE), send(length));
        let rest = costs.pcie_write + dma(&costs, length) + reception(&costs, length);
        assert_eq!(pushed, costs.push + rest);
        assert_eq!(rung, costs.doorbell + costs.fetch + rest);
    }
}

#[test]
fn ctpio_spares_the_fetch_of_the_payload_and_cutting_through_the_wait_for_all_of_it() {
    let costs = fine();
    let write = |bytes: usize| lines(8 + bytes) * costs.ctpio_write + costs.pcie_write;
    for length in [SHORT, LONG] {
        let rest = costs.transmit + PREAMBLE * byte(&costs) + reception(&costs, length);
        let whole = one_way(&ends(costs, EF_VI_TX_CTPIO), ctpio(length, EF_VI_CTPIO_CT_THRESHOLD_SNF));
        assert_eq!(whole, write(length) + rest);
        let through = one_way(&ends(costs, EF_VI_TX_CTPIO), ctpio(length, 64));
        assert_eq!(through, write(length.min(64)) + rest);
    }
}

/// A wire that is faster than the processor's writes runs dry if it starts too early.
#[test]
fn a_writer_that_is_slower_than_the_wire_underruns() {
    let mut costs = fine();
    costs.speed = 100;
    let ends = ends(costs, EF_VI_TX_CTPIO);
    let frame = Packet::UDP.sized(LONG, 0);
    for (threshold, passes) in [(64, false), (EF_VI_CTPIO_CT_THRESHOLD_SNF, true), (1200, true)] {
        assert_eq!(ends.tx.send_ctpio(0, &frame, threshold), 0);
        let (_, event) = next(&ends.tx);
        assert_eq!(EF_EVENT_TX_CTPIO(&event) != 0, passes, "threshold {threshold}");
        ends.tx.unbundle(&event);
        if !passes {
            let (_, event) = next(&ends.rx);
            assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX_DISCARD);
        }
        let (_, event) = next(&ends.rx);
        assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX);
    }
}

#[test]
fn the_speed_of_the_link_is_that_of_each_byte() {
    let time = |speed| {
        let mut costs = fine();
        costs.speed = speed;
        one_way(&ends(costs, 0), send(LONG))
    };
    let bytes = LONG as u64 + PREAMBLE + FCS;
    assert_eq!(time(10) - time(25), bytes * (800 - 320));
    assert_eq!(time(25) - time(100), bytes * (320 - 80));
}

#[test]
fn timestamps_are_of_the_first_byte_at_each_end() {
    let costs = Costs::default();
    let Ends { tx, rx, .. } = &ends(costs, STAMPS);
    let before = now();
    send(SHORT)(tx);
    let (_, sent) = next(tx);
    let sent = u64::from(EF_EVENT_TX_WITH_TIMESTAMP_SEC(&sent)) * 1_000_000_000
        + u64::from(EF_EVENT_TX_WITH_TIMESTAMP_NSEC(&sent));
    let (_, event) = next(rx);
    let time = rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).unwrap();
    let arrived = time.seconds * 1_000_000_000 + u64::from(time.nanoseconds);
    let left = arrived - costs.propagation / 1000;
    // Until 8.1 the last two bits of a transmit timestamp's nanoseconds are flags.
    assert_eq!(left & !3, sent & !3);
    // Virtual time began in 2001.
    let on_wire = before + costs.push + costs.pcie_write + dma(&costs, SHORT);
    assert_eq!(left, 1_000_000_000_000_000_000 + on_wire / 1000);
}

/// One wire: each waits until the last has left it, with the gap.
#[test]
fn frames_queue_up_for_the_wire() {
    let costs = fine();
    let Ends { tx, rx, .. } = &ends(costs, STAMPS);
    for id in 0..10 {
        let address = tx.load(id, &Packet::UDP.sized(LONG, id));
        assert_eq!(tx.transmit_init(address, LONG, id), 0);
    }
    tx.transmit_push();
    let mut last = None;
    for _ in 0..10 {
        let (_, event) = next(rx);
        let time = rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).unwrap();
        let time = time.seconds * 1_000_000_000 + u64::from(time.nanoseconds);
        if let Some(last) = last.replace(time) {
            let frame = (PREAMBLE + LONG as u64 + FCS + GAP) * byte(&costs);
            // Quarters of a nanosecond, rounded down to whole ones.
            assert!((time - last).abs_diff(frame / 1000) <= 1, "{time} {last}");
        }
    }
}

#[test]
fn a_completion_comes_when_the_frame_has_left_and_a_poll_costs_its_time() {
    let costs = Costs::default();
    let Ends { tx, .. } = &ends(costs, 0);
    let start = now();
    send(SHORT)(tx);
    let left = start + costs.push + costs.pcie_write + dma(&costs, SHORT) + (SHORT as u64 + FCS) * byte(&costs);
    let posted = now();
    let (polls, _) = next(tx);
    assert_eq!(now(), posted + polls * costs.poll);
    let there = left + costs.pcie_write + costs.event;
    assert!(now() >= there && now() - there < costs.poll, "{there}");
    let idle = now();
    assert!(tx.poll(8).is_empty());
    assert_eq!(now(), idle, "with nothing under way polling costs nothing");
}

/// Whoever sleeps pays for the interrupt and for being woken.
#[test]
fn an_interrupt_costs_more_than_polling() {
    let costs = fine();
    let by_handle = one_way_asleep(&costs, |rx| {
        assert_eq!(rx.prime(), 0);
        assert!(readable(&rx.domain.driver, -1));
    });
    let by_waiting = one_way_asleep(&costs, |rx| assert_eq!(rx.wait(None), 0));
    let polled = one_way(&ends(costs, 0), send(SHORT));
    let sent = costs.push + costs.pcie_write + dma(&costs, SHORT) + reception(&costs, SHORT);
    assert_eq!(polled, sent);
    let slept = sent + costs.interrupt + costs.wake_up;
    assert!(by_handle == slept + costs.poll && by_waiting == by_handle, "{by_handle} {by_waiting} {slept}");
}

fn one_way_asleep(costs: &Costs, sleep: impl FnOnce(&Vi)) -> u64 {
    let ends = ends(*costs, 0);
    let start = now();
    send(SHORT)(&ends.tx);
    sleep(&ends.rx);
    next(&ends.rx);
    now() - start
}

#[test]
fn a_wait_takes_its_time() {
    let costs = Costs::default();
    let Ends { rx, .. } = &ends(costs, 0);
    let start = now();
    assert_eq!(rx.wait(Some(250)), -libc::ETIMEDOUT);
    assert_eq!(now(), start + costs.prime + 250_000_000);
}

#[test]
fn a_timer_runs_out_at_its_time() {
    let costs = Costs::default();
    let Ends { rx, .. } = &ends(costs, EF_VI_ENABLE_EV_TIMER);
    let start = now();
    rx.timer_run(100);
    assert_eq!(rx.prime(), 0);
    assert!(readable(&rx.domain.driver, -1));
    assert!(rx.poll(8).is_empty());
    // In whole quanta of 1536 ns.
    assert_eq!(now(), start + 66 * 1_536_000 + costs.interrupt + costs.wake_up);
    assert_eq!(rx.prime(), 0);
    assert!(!readable(&rx.domain.driver, 0), "it has run out");
}

/// What a program spends itself is its own affair, and it can say so.
#[test]
fn a_program_can_let_time_pass() {
    let costs = fine();
    let Ends { tx, rx, .. } = &ends(costs, 0);
    send(SHORT)(tx);
    VirtualTime::advance(Duration::from_micros(5));
    let start = now();
    assert_eq!(next(rx).0, 1, "it is there");
    assert_eq!(now(), start + costs.poll);
    assert_eq!(VirtualTime::now(), Duration::from_nanos(now() / 1000));
}
