//! Virtual time, and waking, on X3.

use crate::common::efct::receiving;
use crate::common::{Domain, Packet, Queues, Spec, Vi};
use efvi_sys::*;
use mock_nic::{ClockState, Costs, Fabric, FabricPort, Fcs, Model, VirtualTime};
use std::rc::Rc;

fn virtually() -> (FabricPort, Rc<Vi>) {
    let port = Fabric::of(Model::X3).with_virtual_time(Costs::default()).looped().unwrap();
    let vi = Domain::on(&port).vi(Queues::default()).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    (port, vi)
}

/// The picoseconds from now until `look` finds something.
fn until<T>(mut look: impl FnMut() -> Option<T>) -> (u64, T) {
    let start = VirtualTime::picoseconds();
    for _ in 0..10_000 {
        if let Some(found) = look() {
            return (VirtualTime::picoseconds() - start, found);
        }
    }
    panic!("nothing came");
}

fn polled(vi: &Vi) -> ef_event {
    until(|| vi.poll(1).first().copied()).1
}

/// Cut-through is on the wire sooner than store-and-forward; a peek sees a packet sooner than a poll.
#[test]
fn each_technique_has_its_worth_in_virtual_time() {
    let (_port, vi) = virtually();
    let frame = Packet::UDP.sized(1000, 1);
    let trip = |threshold, peek: bool| {
        let start = VirtualTime::picoseconds();
        vi.ctpio(&frame, threshold);
        let found = if peek {
            until(|| vi.peek());
            VirtualTime::picoseconds()
        } else {
            until(|| vi.poll(1).first().filter(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_RX_REF).copied());
            VirtualTime::picoseconds()
        };
        // All of it is over before the next.
        VirtualTime::advance(std::time::Duration::from_micros(50));
        vi.drain();
        found - start
    };
    let times = [trip(0, true), trip(0, false), trip(u32::MAX, true), trip(u32::MAX, false)];
    assert!(times[0] < times[1] && times[2] < times[3], "a peek is sooner: {times:?}");
    assert!(times[0] < times[2] && times[1] < times[3], "cut-through is sooner: {times:?}");
    assert_eq!(times, [trip(0, true), trip(0, false), trip(u32::MAX, true), trip(u32::MAX, false)], "in every run");
}

/// A frame that cuts through is still being written when its start is seen at the other end; what then becomes of it is told
/// when all of it is there. Each end has a thread, and so a time, of its own.
#[test]
fn a_frame_is_seen_while_it_is_still_written() {
    let frame = Packet::UDP.sized(1900, 1);
    // At the faster speed the writer is too slow for the wire: the frame is poisoned behind its start.
    for (speed, kind) in [(10, EF_EVENT_TYPE_RX_REF), (100, EF_EVENT_TYPE_RX_REF_DISCARD)] {
        let mut costs = Costs::default();
        (costs.speed, costs.pcie_write, costs.transmit, costs.receive, costs.dma) = (speed, 0, 0, 0, 0);
        let fabric = Fabric::of(Model::X3).with_mtu(1964).with_virtual_time(costs);
        let (near, far) = fabric.cable().unwrap();
        let frame = frame.clone();
        let receiver = move || {
            let rx = Domain::on(&far).vi(Queues::default()).unwrap();
            rx.filter(&Spec::udp()).unwrap();
            let (send, sent) = std::sync::mpsc::channel();
            let (done, wait) = std::sync::mpsc::channel::<()>();
            let bytes = frame.clone();
            let sender = std::thread::spawn(move || {
                let tx = Domain::on(&near).vi(Queues::default()).unwrap();
                tx.ctpio(&bytes, 64);
                send.send(VirtualTime::picoseconds()).unwrap();
                wait.recv().unwrap_err();
            });
            let written = sent.recv().unwrap();
            let (seen, start) = until(|| rx.peek());
            assert!(seen < written, "seen at {seen} ps, written at {written}");
            assert_eq!(start, frame[..60]);
            assert!(rx.future_poll().is_empty(), "no more than its start");
            let (_, events) = until(|| Some(rx.future_poll()).filter(|events| !events.is_empty()));
            assert_eq!((events.len(), EF_EVENT_TYPE(&events[0])), (1, kind));
            assert_eq!(rx.referenced(&events[0]), frame);
            drop(done);
            sender.join().unwrap();
        };
        std::thread::spawn(receiver).join().unwrap();
    }
}

/// Sends complete after they were on the wire.
#[test]
fn a_completion_takes_its_time() {
    let (_port, vi) = virtually();
    vi.send(1, &[2; 60]);
    assert!(vi.poll(4).is_empty(), "not at once");
    let event = polled(&vi);
    assert_eq!(vi.unbundle(&event), [1]);
}

/// A packet's time says what state the clock is in.
#[test]
fn a_packets_time_says_the_clocks_state() {
    let (port, vi) = receiving();
    for (state, flags) in [
        (ClockState::InSync, EF_VI_SYNC_FLAG_CLOCK_SET | EF_VI_SYNC_FLAG_CLOCK_IN_SYNC),
        (ClockState::NotInSync, EF_VI_SYNC_FLAG_CLOCK_SET),
        (ClockState::NotSet, 0),
    ] {
        port.set_clock(state);
        port.inject(&Packet::UDP.sized(100, 1), Fcs::Good).unwrap();
        assert_eq!(vi.packet_time(polled(&vi).rx_ref().pkt_id).unwrap().flags, flags, "{state:?}");
    }
}

/// A frame to one of the VI's queues wakes who waits for it; one that is there already is not waited for.
#[test]
fn a_received_packet_ends_a_wait() {
    /// Milliseconds, longer than anything here takes on a busy machine.
    const LONG: i64 = 60_000;
    let (port, vi) = receiving();
    let wait = |milliseconds: i64| {
        let limit = libc::timeval { tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000 };
        // SAFETY: an allocated VI, its handle, and a time.
        unsafe { ef_eventq_wait(vi.raw, vi.domain.driver.0, 0, &limit) }
    };
    assert_eq!(wait(1), -libc::ETIMEDOUT);
    port.inject(&Packet::UDP.sized(100, 1), Fcs::Good).unwrap();
    assert_eq!(wait(LONG), 0, "it is there already");
    assert_eq!(vi.references().len(), 1);
    let injected = {
        let port = port.clone();
        std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(20));
            port.inject(&Packet::UDP.sized(100, 2), Fcs::Good).unwrap();
        })
    };
    assert_eq!(wait(LONG), 0, "it wakes");
    injected.join().unwrap();
    assert_eq!(vi.references().len(), 1);
}

/// An application's own events come through the same poll.
#[test]
fn software_events_are_polled() {
    let (_port, vi) = receiving();
    // SAFETY: an open handle.
    assert_eq!(unsafe { ef_eventq_put((*vi.raw).vi_resource_id, vi.domain.driver.0, 77) }, 0);
    assert!(vi.has_event());
    let events = vi.poll(2);
    assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_SW);
    assert_eq!(EF_EVENT_SW_DATA(&events[0]), 77);
}

/// Faults of the wire are an X3's, too: they stand before each of its queues, and before its sends.
#[test]
fn faults_stand_before_the_queues() {
    let (port, vi) = receiving();
    port.set_faults(&"no_descriptors@2".parse().unwrap());
    for number in 0..3 {
        port.inject(&Packet::UDP.sized(100, number), Fcs::Good).unwrap();
    }
    let received: Vec<_> = vi.references();
    assert_eq!(received, [Packet::UDP.sized(100, 0), Packet::UDP.sized(100, 2)]);
    assert_eq!(port.counters().rx_no_descriptor, 1);
}
