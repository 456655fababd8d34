//! VIs at both ends of a veth pair.

use crate::common::namespace::{PATIENCE, Veth, ip, over_each_wire, wait_for};
use crate::common::{Domain, Packet, Part, Queues, Spec, Vi, again, readable, succeeds};
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

/// A VI that AF_XDP writes into posted buffers for has some for what it shares with others, too, however often.
#[test]
fn multicast_reaches_the_vi_that_has_af_xdp_too() {
    const TEST: &str = "pairs::multicast_reaches_the_vi_that_has_af_xdp_too";
    over_each_wire(TEST, |wire| {
        if wire.starts_with("xdp") {
            // Several VIs share the interface: only one of them can have AF_XDP.
            let mut any = again(TEST, "any");
            any.env_remove("EFVI_MOCK_WIRE");
            return succeeds(any);
        }
        let _veth = Veth::new(1500, 1);
        let group = Packet { mac: [1, 0, 0x5e, 1, 2, 3], to: ([239, 1, 2, 3], 9010), ..OUT };
        let far = |filter| {
            let vi = Domain::named(Veth::FAR).vi(Queues::default()).unwrap();
            vi.filter(&Spec::local(filter)).unwrap();
            vi.fill(0..64);
            vi
        };
        // What it posts becomes the wire's memory, while there are free addresses beside it.
        let first = far(&OUT);
        let second = far(&group);
        first.filter(&Spec::local(&group)).unwrap();
        let near = Domain::named(Veth::NEAR).vi(Queues::default()).unwrap();
        for n in 0..500 {
            // In the first rounds all that was posted is AF_XDP's: the frame for both waits for a buffer that comes back.
            let own: Vec<_> = (0..if n < 2 { 8 } else { 1 }).map(|i| OUT.sized(80 + i, n)).collect();
            let both = group.sized(100, n);
            for (id, frame) in [&both].into_iter().chain(&own).enumerate() {
                assert_eq!(near.send(id, frame), 0);
            }
            let mut sent = 0;
            wait_for("the sends", || {
                near.poll(1).iter().for_each(|event| sent += near.unbundle(event).len());
                (sent == 1 + own.len()).then_some(())
            });
            let all = [&own[..], std::slice::from_ref(&both)].concat();
            for (vi, mut expected) in [(&first, all), (&second, vec![both])] {
                while !expected.is_empty() {
                    let event = wait_for("a frame", || vi.poll(1).pop());
                    assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX, "{event:?}");
                    let (frame, id) = (vi.frame(&event), EF_EVENT_RX_RQ_ID(&event) as usize);
                    expected.remove(expected.iter().position(|one| *one == frame).expect("one of them"));
                    vi.fill(id..id + 1);
                }
                assert!(vi.poll(4).is_empty());
            }
        }
        // Sanitizers leave none.
        let sanitized = ["ASAN_OPTIONS", "TSAN_OPTIONS"].iter().any(|name| std::env::var_os(name).is_some());
        if wire == "any" && !sanitized {
            assert!(
                first.statistic("rx_in_place") > 0 && first.statistic("rx_copied") >= 500,
                "{:?}",
                first.statistics(false)
            );
        }
    });
}

/// What the port's VIs send is seen by the one that asks for that.
#[test]
fn a_sniffer_sees_what_is_sent() {
    over_each_wire("pairs::a_sniffer_sees_what_is_sent", |wire| {
        let (_veth, near, _far) = both();
        if wire.starts_with("xdp") {
            assert_eq!(near.filter(&Spec::of(&[Part::SniffSent])).err(), Some(-libc::EOPNOTSUPP));
            return;
        }
        let [sniffer, late] = [(), ()].map(|()| Domain::named(Veth::NEAR).vi(Queues::default()).unwrap());
        sniffer.fill(0..64);
        let send = |vi: &Vi, n| {
            assert_eq!(vi.send(0, &OUT.sized(70, n)), 0);
            wait_for("a send", || vi.poll(1).pop().map(|event| assert_eq!(vi.unbundle(&event), [0])));
        };
        // The kernel sends of its own accord (IPv6), and that is seen, too.
        let copy = || {
            let event = sniffer.poll(1).pop()?;
            let (frame, id) = (sniffer.frame(&event), EF_EVENT_RX_RQ_ID(&event) as usize);
            sniffer.fill(id..id + 1);
            (frame[12..14] == [8, 0]).then_some(frame)
        };
        send(&near, 0);
        let id = sniffer.filter(&Spec::of(&[Part::SniffSent])).unwrap();
        let later = Domain::named(Veth::NEAR).vi(Queues::default()).unwrap();
        for (n, vi) in [&near, &late, &later].into_iter().enumerate() {
            send(vi, 1 + n);
            assert_eq!(wait_for("a copy", copy), OUT.sized(70, 1 + n));
        }
        assert_eq!(sniffer.unfilter(id), 0);
        send(&near, 9);
        assert!((0..64).find_map(|_| copy()).is_none());
    });
}
