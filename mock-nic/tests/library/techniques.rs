//! What each technique of sending and of receiving is worth, on virtual time: one send and one receive with each switched
//! on in turn, as a table. `--nocapture` shows it.

use crate::common::{Domain, Ends, Packet, Pio, Queues, Spec, Vi, efct, readable};
use efvi_sys::*;
use mock_nic::{Costs, Fabric, Model, VirtualTime};
use std::fmt::Write;
use std::time::Duration;

const LENGTHS: [usize; 2] = [60, 1514];

/// A way to send.
struct Send {
    name: &'static str,
    flags: ef_vi_flags,
    /// Before it is needed in a hurry.
    prepare: fn(&Vi, &[u8]),
    send: fn(&Vi, &[u8]),
    /// From the call to the first byte on the wire, in picoseconds.
    expected: fn(&Costs, usize) -> u64,
}

/// A way to get what has arrived.
struct Receive {
    name: &'static str,
    /// Before the poll that is to find the frame.
    sleep: fn(&Vi),
    /// How long after the event is in memory the program has it, but for the polls.
    expected: fn(&Costs) -> u64,
}

const SENDS: [Send; 7] = [
    Send {
        name: "DMA, doorbell",
        flags: EF_VI_TX_PUSH_DISABLE,
        prepare: |_, _| (),
        send: |tx, frame| assert_eq!(tx.send(0, frame), 0),
        expected: |costs, length| costs.doorbell + costs.pcie_write + costs.fetch + payload(costs, length),
    },
    Send {
        name: "DMA, TX push",
        flags: EF_VI_TX_PUSH_ALWAYS,
        prepare: |_, _| (),
        send: |tx, frame| assert_eq!(tx.send(0, frame), 0),
        expected: |costs, length| costs.push + costs.pcie_write + payload(costs, length),
    },
    Send {
        name: "PIO, copied by the call",
        flags: EF_VI_TX_PUSH_ALWAYS,
        prepare: |tx, _| link_pio(tx),
        send: |tx, frame| assert_eq!(tx.transmit_copy_pio(0, frame, 0), 0),
        expected: |costs, length| lines(length) * costs.pio_write + costs.push + costs.pcie_write,
    },
    Send {
        name: "PIO, copied before",
        flags: EF_VI_TX_PUSH_ALWAYS,
        prepare: |tx, frame| {
            link_pio(tx);
            assert_eq!(tx.pio_memcpy(0, frame), 0);
        },
        send: |tx, frame| assert_eq!(tx.transmit_pio(0, frame.len() as i32, 0), 0),
        expected: |costs, _| costs.push + costs.pcie_write,
    },
    Send {
        name: "TX alternative, let go",
        flags: EF_VI_TX_ALT,
        prepare: |tx, frame| {
            assert_eq!((tx.alternatives(1, 4096), tx.stop(0), tx.select(0)), (0, 0, 0));
            assert_eq!(tx.send(0, frame), 0);
            VirtualTime::advance(Duration::from_micros(10));
        },
        send: |tx, _| assert_eq!(tx.go(0), 0),
        expected: |costs, _| costs.doorbell + costs.pcie_write,
    },
    Send {
        name: "CTPIO, store and forward",
        flags: EF_VI_TX_CTPIO,
        prepare: |_, _| (),
        send: |tx, frame| assert_eq!(tx.send_ctpio(0, frame, EF_VI_CTPIO_CT_THRESHOLD_SNF), 0),
        expected: |costs, length| lines(8 + length) * costs.ctpio_write + costs.pcie_write,
    },
    Send {
        name: "CTPIO, cut-through at 64",
        flags: EF_VI_TX_CTPIO,
        prepare: |_, _| (),
        send: |tx, frame| assert_eq!(tx.send_ctpio(0, frame, 64), 0),
        expected: |costs, length| lines(8 + length.min(64)) * costs.ctpio_write + costs.pcie_write,
    },
];

const RECEIVES: [Receive; 3] = [
    Receive { name: "poll", sleep: |_| (), expected: |_| 0 },
    Receive {
        name: "interrupt, ef_vi_prime and poll(2)",
        sleep: |rx| {
            assert_eq!(rx.prime(), 0);
            assert!(readable(&rx.domain.driver, -1));
        },
        expected: |costs| costs.interrupt + costs.wake_up,
    },
    Receive {
        name: "interrupt, ef_eventq_wait",
        sleep: |rx| assert_eq!(rx.wait(None), 0),
        expected: |costs| costs.interrupt + costs.wake_up,
    },
];

/// Has the VI send from a region, which stays until the VI goes.
fn link_pio(tx: &Vi) {
    assert_eq!(Pio::alloc(&tx.domain, 4096).unwrap().link(tx), 0);
}

fn lines(bytes: usize) -> u64 {
    bytes.div_ceil(64) as u64
}

fn payload(costs: &Costs, length: usize) -> u64 {
    costs.payload + lines(length) * costs.payload_64
}

fn byte(costs: &Costs) -> u64 {
    8000 / costs.speed
}

/// The end of a cable on virtual time, and the other end.
fn ends(costs: &Costs, flags: ef_vi_flags) -> Ends {
    let (near, far) = Fabric::new().with_virtual_time(*costs).cable().unwrap();
    let tx = Domain::on(&near).vi(Queues { flags, ..Queues::default() }).unwrap();
    let rx = Domain::on(&far).vi(Queues { flags: EF_VI_RX_TIMESTAMPS, ..Queues::default() }).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    rx.fill(0..8);
    Ends { near, far, tx, rx }
}

/// Nanoseconds of virtual time, as timestamps count them.
fn now() -> u64 {
    1_000_000_000_000_000_000 + VirtualTime::picoseconds() / 1000
}

fn next(vi: &Vi) -> ef_event {
    loop {
        if let [event] = vi.poll(1)[..] {
            return event;
        }
    }
}

/// Nanoseconds from before a send to its first byte on the wire, and from there to the event at the other end.
fn measure(costs: &Costs, send: &Send, receive: &Receive, length: usize) -> (u64, u64) {
    let Ends { tx, rx, .. } = &ends(costs, send.flags);
    // What there is to say about the time has been said: it would keep the receiver from sleeping.
    assert!(rx.poll(8).is_empty() && tx.poll(8).is_empty());
    let frame = Packet::UDP.sized(length, 0);
    (send.prepare)(tx, &frame);
    let start = now();
    (send.send)(tx, &frame);
    (receive.sleep)(rx);
    let event = next(rx);
    let had = now();
    let arrived = rx.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).unwrap();
    let arrived = arrived.seconds * 1_000_000_000 + u64::from(arrived.nanoseconds);
    let left = arrived - costs.propagation / 1000;
    (left - start, had - left)
}

/// A way to get what has arrived by reference; true if it has the start of a packet, or all of it.
struct Look {
    name: &'static str,
    look: fn(&Vi) -> bool,
    /// What one look costs, and how much of a frame has to be there.
    cost: fn(&Costs) -> u64,
    needs: fn(usize) -> usize,
}

const LOOKS: [Look; 2] = [
    Look {
        name: "poll, by reference",
        look: |rx| rx.poll(1).iter().any(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_RX_REF),
        cost: |costs| costs.poll,
        needs: |length| length,
    },
    Look {
        name: "future peek",
        look: |rx| rx.peek().is_some(),
        cost: |costs| costs.peek,
        // As much as may be read before the rest is there.
        needs: |length| length.min(62),
    },
];

/// Nanoseconds from a frame's first byte on the wire until a VI without descriptors has it, on such a model.
fn measure_look(costs: &Costs, model: Model, look: &Look, length: usize) -> u64 {
    let port = Fabric::of(model).with_virtual_time(*costs).looped().unwrap();
    let vi = efct::domain(&port, model).vi(Queues::default()).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    let frame = Packet::UDP.sized(length, 0);
    let start = VirtualTime::picoseconds();
    vi.ctpio(&frame, EF_VI_CTPIO_CT_THRESHOLD_SNF);
    while !(look.look)(&vi) {}
    let had = VirtualTime::picoseconds() - start;
    let left = lines(8 + length) * costs.ctpio_write + costs.pcie_write + costs.transmit + 8 * byte(costs);
    let expected = left
        + costs.propagation
        + ((look.needs)(length) as u64 + 4) * byte(costs)
        + costs.receive
        + costs.dma
        + lines((look.needs)(length).saturating_sub(64)) * costs.dma_64;
    let late = had - expected;
    // A peek looks at the packet, a poll at the event behind it.
    assert!(late <= (look.cost)(costs) + costs.event, "{} on {model:?}: {had}, {expected} ps", look.name);
    (had - left) / 1000
}

/// Rows of the table: both parts of each measurement, held against what the costs add up to.
fn table(costs: &Costs) -> String {
    let mut table = String::new();
    let mut row = |name: &str, length: usize, part: &str, time: u64| {
        writeln!(table, "{name:<36}{length:>7}{part:>24}{time:>8}").unwrap();
    };
    for length in LENGTHS {
        for send in &SENDS {
            let (to_wire, _) = measure(costs, send, &RECEIVES[0], length);
            let expected = (send.expected)(costs, length) + costs.transmit + 8 * byte(costs);
            assert!(to_wire.abs_diff(expected / 1000) <= 1, "{}: {to_wire}, {expected} ps", send.name);
            row(send.name, length, "call to wire", to_wire);
        }
    }
    for length in LENGTHS {
        for receive in &RECEIVES {
            let (_, from_wire) = measure(costs, &SENDS[1], receive, length);
            let in_memory = costs.propagation
                + (length as u64 + 4) * byte(costs)
                + costs.receive
                + costs.dma
                + lines(length.saturating_sub(64)) * costs.dma_64
                + costs.event;
            let expected = in_memory + (receive.expected)(costs);
            // It is had by the first poll after that.
            let late = (from_wire + 1) * 1000 - expected;
            assert!(late <= costs.poll + 2000, "{}: {from_wire}, {expected} ps", receive.name);
            row(receive.name, length, "wire to program", from_wire);
        }
    }
    for length in LENGTHS {
        for model in efct::MODELS.iter().copied() {
            for look in &LOOKS {
                let from_wire = measure_look(costs, model, look, length);
                row(&format!("{}, {model:?}", look.name), length, "wire to program", from_wire);
            }
        }
    }
    table
}

#[test]
fn each_technique_is_worth_what_the_costs_say_in_every_run() {
    let run = || std::thread::spawn(|| table(&Costs::default())).join().unwrap();
    let first = run();
    println!("\n{:<36}{:>7}{:>24}{:>8}\n{first}", "technique", "bytes", "", "ns");
    assert_eq!(
        first.lines().count(),
        LENGTHS.len() * (SENDS.len() + RECEIVES.len() + efct::MODELS.len() * LOOKS.len())
    );
    for _ in 0..3 {
        assert_eq!(run(), first);
    }
}

/// A cost that is set shows in what depends on it, and in nothing else.
#[test]
fn costs_can_be_set_one_by_one() {
    let mut slow = Costs::default();
    slow.fetch += 1_000_000;
    for (send, later) in SENDS.iter().zip([1000, 0, 0, 0, 0, 0, 0]) {
        let before = measure(&Costs::default(), send, &RECEIVES[0], 60).0;
        let after = measure(&slow, send, &RECEIVES[0], 60).0;
        assert!((before + later).abs_diff(after) <= 1, "{}: {before} {after}", send.name);
    }
}
