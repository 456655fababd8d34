//! An interface of the machine changes under a program: what it sees of that.

use std::time::Duration;

use crate::common::*;
use crate::veth::{self, WIRES, ip, over, until};
use efvi::{Event, Filter, Receive, RejectReason, VirtualInterface, Waited};

/// Polls until the program is told that the adapter is lost; says how many frames came before.
fn until_reset(rx: &mut Receive<'_>) -> usize {
    let mut frames = 0;
    wait(rx, |event| match event {
        Event::Received(_) => {
            frames += 1;
            None
        }
        Event::Reset => Some(()),
        other => panic!("{other:?}"),
    });
    frames
}

#[test]
fn a_link_that_goes_down_loses_sends_and_returns_all_buffers() {
    over(WIRES, "changes::a_link_that_goes_down_loses_sends_and_returns_all_buffers", || {
        let (socket, to) = veth::socket();
        let mut end = End::new("near", address(1, 7001), VirtualInterface::builder());
        let from = end.station;
        let buffers = end.pool.buffers();
        let mut sent = 0;
        let mut reached = 0;
        let mut got = [0; 100];
        for change in ["near down", "near up", "far down", "far up"] {
            let (mut tx, mut completions) = end.vi.split();
            for _ in 0..10 {
                tx.send(udp_buffer(&mut end.pool, from, to, b"an order")).unwrap();
                wait_sent(&mut completions, 1);
                sent += 1;
            }
            reached += std::iter::from_fn(|| socket.recv(&mut got).ok()).count() as u64;
            ip(&format!("link set {change}"));
            if change.ends_with("up") {
                veth::know_near();
            }
        }
        // What is lost is known by name, and nothing comes late.
        let statistics = end.vi.statistics().unwrap();
        let lost = statistics.get("tx_no_link").unwrap();
        assert_eq!((reached, lost), (20, 20), "{statistics:?}");
        assert_eq!(sent, 40);
        assert!(statistics.get("link_changes").unwrap() >= 2);
        assert_eq!(take_all(&mut end.pool).len(), buffers);

        // It goes on, both ways.
        let (mut tx, mut rx) = end.vi.split();
        rx.fill(&mut end.pool).unwrap();
        until("a frame out", || {
            let buffer = end.pool.take()?;
            tx.send(write_udp(buffer, from, to)).unwrap();
            wait_sent(&mut rx, 1);
            socket.recv(&mut got).ok()
        });
        let arrived = until("a frame in", || {
            socket.send_to(b"a fill", from.address).ok();
            let mut events = rx.poll();
            match events.next() {
                Some(Event::Received(packet)) => Some(packet.frame().to_vec()),
                None => None,
                other => panic!("{other:?}"),
            }
        });
        assert_eq!(body(&arrived), b"a fill");
    });
}

/// A frame in a buffer.
fn write_udp(mut buffer: efvi::Buffer, from: Station, to: Station) -> efvi::Buffer {
    buffer.write(&udp(from, to, b"an order")).unwrap();
    buffer
}

#[test]
fn an_mtu_is_followed_by_the_next_vi() {
    over(WIRES, "changes::an_mtu_is_followed_by_the_next_vi", || {
        let (socket, to) = veth::socket();
        let mut end = End::new("near", address(1, 7001), VirtualInterface::builder());
        let from = end.station;
        let mut got = [0; 2000];
        let frame = |length: usize| udp(from, to, &vec![7; length]);
        let mut send = |end: &mut End, length: usize| {
            let (mut tx, mut completions) = end.vi.split();
            let mut buffer = end.pool.take().unwrap();
            buffer.write(&frame(length)).unwrap();
            if let Err(rejected) = tx.send(buffer) {
                return Err(rejected.reason);
            }
            wait_sent(&mut completions, 1);
            Ok(socket.recv(&mut got).unwrap_or(0))
        };
        assert_eq!(send(&mut end, 1200), Ok(1200));
        ip("link set near mtu 1000");
        until("the change", || {
            expect_quiet(&mut end.vi.split().1);
            (end.vi.statistics().unwrap().get("link_changes").unwrap() > 0).then_some(())
        });
        // The VI was built for more: the send completes, and the frame is lost.
        assert_eq!(end.vi.mtu().unwrap(), 1014);
        assert_eq!(send(&mut end, 1200), Ok(0));
        assert_eq!(end.vi.statistics().unwrap().get("tx_too_long"), Some(1));
        assert_eq!(send(&mut end, 900), Ok(900));
        // One that is built now refuses it.
        drop(end);
        let mut end = End::new("near", address(1, 7001), VirtualInterface::builder());
        assert!(matches!(send(&mut end, 1200), Err(RejectReason::FrameTooLong { max: 1014, .. })));
        assert_eq!(send(&mut end, 900), Ok(900));
    });
}

#[test]
fn a_deleted_interface_is_a_reset_and_then_errors_that_say_what_to_do() {
    over(WIRES, "changes::a_deleted_interface_is_a_reset_and_then_errors_that_say_what_to_do", || {
        let (socket, _) = veth::socket();
        let mut end = End::new("near", address(1, 7001), VirtualInterface::builder());
        let (_, mut rx, _) = end.start();
        assert_eq!(rx.wait(Duration::from_micros(1)).unwrap(), Waited::TimedOut);
        socket.send_to(b"the last", address(1, 7001)).unwrap();
        assert_eq!(rx.wait(None).unwrap(), Waited::Ready);
        ip("link del near");
        assert_eq!(until_reset(&mut rx), 1, "what came before comes first");
        expect_quiet(&mut rx);
        let refused = [
            rx.wait(None).unwrap_err(),
            rx.prime().unwrap_err(),
            end.vi.mtu().unwrap_err(),
            end.vi.filter_add(&Filter::all_multicast()).unwrap_err(),
            VirtualInterface::builder().build(&end.domain).unwrap_err(),
        ];
        for error in refused {
            let text = error.to_string();
            for part in ["near", "ENODEV", "has gone", "another"] {
                assert!(text.contains(part), "`{part}` is missing: {text}");
            }
        }
        // It is dropped as ever.
        drop(end);

        // A wait that is under way ends with it.
        ip("link add near mtu 1500 type veth peer name far");
        ["near", "far"].iter().for_each(|name| ip(&format!("link set {name} up")));
        let mut end = End::new("near", address(1, 7001), VirtualInterface::builder());
        let (_, mut rx, _) = end.start();
        let deleter = std::thread::spawn(|| {
            std::thread::sleep(Duration::from_millis(20));
            ip("link del far");
        });
        // The other end's going may wake it first.
        while !{
            assert_eq!(rx.wait(None).unwrap(), Waited::Ready);
            let mut events = rx.poll();
            matches!(events.next(), Some(Event::Reset))
        } {}
        deleter.join().unwrap();
    });
}
