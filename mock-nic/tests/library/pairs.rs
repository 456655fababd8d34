//! VIs at both ends of a veth pair.

use crate::common::namespace::{PATIENCE, Veth, ip, over_each_wire, wait_for};
use crate::common::{Domain, Packet, Queues, Spec, Vi, readable};
use efvi_sys::*;
use mock_nic::OpenPort;
use std::rc::Rc;

const OUT: Packet =
    Packet { mac: Veth::FAR_MAC, vlan: None, protocol: 17, from: (Veth::OURS, 9001), to: (Veth::KERNELS, 9002) };

/// A VI at each end; the far one takes what the near one sends.
fn both() -> (Veth, Rc<Vi>, Rc<Vi>) {
    let veth = Veth::new(1500, 1);
    let [near, far] = [Veth::NEAR, Veth::FAR].map(|end| Domain::named(end).vi(Queues::default()).unwrap());
    far.filter(&Spec::local(&OUT)).unwrap();
    (veth, near, far)
}

/// Buffers are the adapter's from the push on: a frame that comes before the first poll is not lost.
#[test]
fn what_is_posted_serves_before_the_first_poll() {
    over_each_wire("pairs::what_is_posted_serves_before_the_first_poll", |_| {
        let (_veth, near, far) = both();
        far.fill(0..64);
        let frames: Vec<_> = (0..20).map(|n| OUT.sized(60 + n, n)).collect();
        for (id, frame) in frames.iter().enumerate() {
            assert_eq!(near.send(id, frame), 0);
        }
        let mut received = Vec::new();
        wait_for("the frames", || {
            received.extend(far.poll(16).iter().map(|event| far.frame(event)));
            (received.len() >= frames.len()).then_some(())
        });
        assert_eq!(received, frames);
    });
}

/// Whoever sleeps at one interface is not woken by what becomes of others.
#[test]
fn other_interfaces_wake_nobody() {
    over_each_wire("pairs::other_interfaces_wake_nobody", |_| {
        let (_veth, near, far) = both();
        far.fill(0..64);
        // How it came up may be heard of late.
        wait_for("quiet", || {
            assert_eq!(far.prime(), 0);
            (!readable(&far.domain.driver, 100)).then_some(())
        });
        ip("link add other type veth");
        ip("link set other up");
        ip("link del other");
        assert!(!readable(&far.domain.driver, 0));
        assert_eq!(near.send(0, &OUT.sized(60, 1)), 0);
        assert!(readable(&far.domain.driver, PATIENCE.as_millis() as i32));
    });
}

/// A port of the machine's is had by its name while a program has it open.
#[test]
fn an_open_port_has_its_counters_and_faults() {
    over_each_wire("pairs::an_open_port_has_its_counters_and_faults", |_| {
        assert!(OpenPort::find(Veth::NEAR).is_none());
        let (_veth, near, far) = both();
        let port = OpenPort::find(Veth::FAR).unwrap();
        far.fill(0..64);
        let send = |id| {
            assert_eq!(near.send(id, &OUT.sized(60, id)), 0);
            wait_for("a send", || near.poll(1).pop());
        };
        send(0);
        wait_for("a frame", || far.poll(1).pop());
        assert_eq!(port.counters().rx_frames, 1);
        assert_eq!(OpenPort::find(Veth::NEAR).unwrap().counters().tx_frames, 1);
        port.set_faults(&"link_down".parse().unwrap());
        send(1);
        wait_for("the fault", || {
            assert!(far.poll(1).is_empty());
            (port.counters().rx_faulted == 1).then_some(())
        });
        drop((near, far));
        assert_eq!(port.counters().rx_frames, 1, "it stays with its handle");
    });
}
