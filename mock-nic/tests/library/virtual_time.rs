//! Virtual time: what a send and a receive cost, by the table of costs and by nothing else.

use crate::common::{Directory, Domain, Ends, Interface, Packet, Queues, Spec, Vi, again, readable, role, succeeds};
use efvi_sys::*;
use mock_nic::{ClockState, Costs, Fabric, Fcs, VirtualTime};
use std::process::Stdio;
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

fn echo(vi: &Vi, rounds: usize) {
    for round in 0..rounds {
        let (_, event) = next(vi);
        let id = EF_EVENT_RX_RQ_ID(&event) as usize;
        assert_eq!(vi.receive_post(vi.buffer(id), id as i32), 0);
        assert_eq!(vi.send(round % 64, &Packet::UDP.sized(SHORT, round)), 0);
        complete(vi);
    }
}

fn complete(vi: &Vi) {
    let (_, event) = next(vi);
    assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_TX);
    vi.unbundle(&event);
}

fn ping(vi: &Vi, rounds: usize) -> u64 {
    for round in 0..rounds {
        assert_eq!(vi.send(round % 64, &Packet::UDP.sized(SHORT, round)), 0);
        complete(vi);
        let (_, event) = next(vi);
        assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX);
        let id = EF_EVENT_RX_RQ_ID(&event) as usize;
        assert_eq!(vi.receive_post(vi.buffer(id), id as i32), 0);
    }
    now()
}

fn ping_pong_of_threads(rounds: usize) -> u64 {
    let (near, far) = Fabric::new().with_virtual_time(Costs::default()).cable().unwrap();
    let station = |port: &mock_nic::FabricPort| {
        let vi = Domain::on(port).vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        vi.fill(0..64);
        vi
    };
    let (ready, is_ready) = std::sync::mpsc::channel();
    let pong = thread::spawn(move || {
        let vi = station(&far);
        ready.send(()).unwrap();
        echo(&vi, rounds);
    });
    let time = thread::spawn(move || {
        let vi = station(&near);
        is_ready.recv().unwrap();
        ping(&vi, rounds)
    });
    let time = time.join().unwrap();
    pong.join().unwrap();
    time
}

/// However the machine schedules them.
#[test]
fn two_threads_take_the_same_time_in_every_run() {
    let first = ping_pong_of_threads(50);
    assert!(first > 0);
    for _ in 0..3 {
        assert_eq!(ping_pong_of_threads(50), first);
    }
}

/// Over `lo`, asked for from outside.
#[test]
fn two_processes_take_the_same_time_in_every_run() {
    const TEST: &str = "virtual_time::two_processes_take_the_same_time_in_every_run";
    let station = |to: &Spec| {
        let driver = crate::common::Driver::open();
        let domain = Domain::open(&driver, &Interface::Name("lo"), EF_PD_DEFAULT).unwrap();
        let vi = domain.vi(Queues::default()).unwrap();
        vi.filter(to).unwrap();
        vi.fill(0..64);
        vi
    };
    match role().as_deref() {
        None => {
            let run = || {
                let directory = Directory::new();
                let mut ping = again(TEST, "ping");
                ping.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_CLOCK", "virtual");
                let output = ping.env("EFVI_MOCK_COSTS", "speed=25,fetch=350.5").output().unwrap();
                let text = String::from_utf8(output.stdout).unwrap();
                assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
                text.lines().find_map(|line| line.split("took ").nth(1)?.parse::<u64>().ok()).unwrap()
            };
            let first = run();
            assert!(first > 0);
            assert_eq!((run(), run()), (first, first));
        }
        Some("ping") => {
            let vi = station(&Spec::udp());
            let mut pong = again(TEST, "pong").stdout(Stdio::piped()).spawn().unwrap();
            let mut says = std::io::BufReader::new(pong.stdout.take().unwrap());
            let mut line = String::new();
            while !line.contains("ready") {
                line.clear();
                assert_ne!(std::io::BufRead::read_line(&mut says, &mut line).unwrap(), 0);
            }
            for round in 0..50 {
                assert_eq!(vi.send(round % 64, &other_way().sized(SHORT, round)), 0);
                complete(&vi);
                let (_, event) = next(&vi);
                let id = EF_EVENT_RX_RQ_ID(&event) as usize;
                assert_eq!(vi.receive_post(vi.buffer(id), id as i32), 0);
            }
            println!("took {}", now());
            assert!(pong.wait().unwrap().success());
        }
        Some("pong") => {
            let vi = station(&Spec::local(&other_way()));
            println!("ready");
            echo(&vi, 50);
        }
        Some(other) => panic!("{other}"),
    }
}

/// To the process that echoes.
fn other_way() -> Packet {
    Packet { from: Packet::UDP.to, to: Packet::UDP.from, ..Packet::UDP }
}

/// Those who share `lo` must agree on its time; what is no clock and no cost is refused.
#[test]
fn a_clock_that_cannot_be_is_refused() {
    const TEST: &str = "virtual_time::a_clock_that_cannot_be_is_refused";
    let open = || Domain::open(&crate::common::Driver::open(), &Interface::Name("lo"), EF_PD_DEFAULT);
    match role().as_deref() {
        None => {
            let directory = Directory::new();
            let run = |role, clock, costs| {
                let mut run = again(TEST, role);
                run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_CLOCK", clock).env("EFVI_MOCK_COSTS", costs);
                run
            };
            succeeds(run("invalid", "sundial", ""));
            succeeds(run("invalid", "virtual", "bell=1"));
            succeeds(run("valid", "real", "fetch=1"));
            let mut first =
                run("first", "virtual", "fetch=1").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let mut says = std::io::BufReader::new(first.stdout.take().unwrap());
            let mut line = String::new();
            while !line.contains("open") {
                line.clear();
                assert_ne!(std::io::BufRead::read_line(&mut says, &mut line).unwrap(), 0);
            }
            succeeds(run("another time", "virtual", "fetch=2"));
            succeeds(run("another time", "real", ""));
            succeeds(run("valid", "virtual", "fetch=1"));
            drop(first.stdin.take());
            assert!(first.wait().unwrap().success());
        }
        Some("invalid") => assert_eq!(open().err(), Some(-libc::EINVAL)),
        Some("another time") => assert_eq!(open().err(), Some(-libc::EPROTO)),
        Some("first") => {
            let _domain = open().unwrap();
            println!("open");
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
        Some(_) => drop(open().unwrap()),
    }
}

/// The flags that a receive timestamp has, or why there is none; and a transmit timestamp's time and flags.
fn stamps(ends: &Ends) -> (Result<u32, i32>, (u32, u32)) {
    send(SHORT)(&ends.tx);
    let (_, sent) = next(&ends.tx);
    let (_, event) = next(&ends.rx);
    let id = EF_EVENT_RX_RQ_ID(&event) as usize;
    let time = ends.rx.timestamp(id).map(|time| time.flags);
    (time, (EF_EVENT_TX_WITH_TIMESTAMP_SEC(&sent), EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(&sent)))
}

#[test]
fn timestamps_say_in_what_state_the_clock_is() {
    let ends = ends(Costs::default(), STAMPS);
    let set_all = |state| [&ends.near, &ends.far].map(|port| port.set_clock(state));
    let both = EF_VI_SYNC_FLAG_CLOCK_SET | EF_VI_SYNC_FLAG_CLOCK_IN_SYNC;
    for _ in 0..2 {
        assert_eq!(stamps(&ends), (Ok(both), (1_000_000_000, both)));
        set_all(ClockState::NotInSync);
        assert_eq!(stamps(&ends), (Ok(EF_VI_SYNC_FLAG_CLOCK_SET), (1_000_000_000, EF_VI_SYNC_FLAG_CLOCK_SET)));
        set_all(ClockState::NotSet);
        assert_eq!(stamps(&ends), (Ok(0), (0, 0)), "it counts from 0");
        set_all(ClockState::Lost);
        for _ in 0..3 {
            assert_eq!(stamps(&ends), (Err(-libc::EL2NSYNC), (0, 0)));
        }
        set_all(ClockState::InSync);
    }
}

#[test]
fn a_vi_that_never_knew_the_time_says_so() {
    let (near, far) = Fabric::new().with_virtual_time(Costs::default()).cable().unwrap();
    far.set_clock(ClockState::Lost);
    let rx = Domain::on(&far).vi(Queues { flags: STAMPS, ..Queues::default() }).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    rx.fill(0..8);
    far.inject(&Packet::UDP.sized(SHORT, 0), Fcs::Good).unwrap();
    let (_, event) = next(&rx);
    assert_eq!(rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).err(), Some(-libc::ENOMSG));
    far.set_clock(ClockState::InSync);
    far.inject(&Packet::UDP.sized(SHORT, 0), Fcs::Good).unwrap();
    let (_, event) = next(&rx);
    assert!(rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).is_ok());
    drop(near);
}

#[test]
fn a_clock_that_drifts_shows_in_the_timestamps() {
    let costs = Costs::default();
    let Ends { rx, far, .. } = &ends(costs, STAMPS);
    far.set_clock_drift(100);
    let start = now();
    // In steps, so that the time events keep up.
    for _ in 0..10 {
        VirtualTime::advance(Duration::from_millis(100));
        far.inject(&Packet::UDP.sized(SHORT, 0), Fcs::Good).unwrap();
        let sent = now();
        let (_, event) = next(rx);
        let time = rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).unwrap();
        let time = time.seconds * 1_000_000_000 + u64::from(time.nanoseconds) - 1_000_000_000_000_000_000;
        let right = (sent + costs.propagation) / 1000;
        let error = (sent - start) / 10_000 / 1000;
        assert!(time.abs_diff(right + error) <= 1, "{time} {right} {error}");
    }
}
