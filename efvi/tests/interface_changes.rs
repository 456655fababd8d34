//! An interface of the machine changes under a program: what it sees of that.
//!
//! Each test runs again in a network namespace of its own, with a veth pair there, once by each way of the frames.

#![cfg(not(miri))]

mod common;

use std::net::UdpSocket;
use std::process::Command;
use std::time::{Duration, Instant};

use common::*;
use efvi::{Event, Filter, Receive, RejectReason, VirtualInterface, Waited};

/// Set in the run that has a namespace of its own.
const INSIDE: &str = "EFVI_TEST_NAMESPACE";

fn succeeds(mut command: Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

fn ip(line: &str) {
    let output = Command::new("ip").args(line.split(' ')).output().unwrap();
    assert!(output.status.success(), "ip {line}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Runs a test's body in a namespace of its own with `near` for VIs and `far` for the kernel, once for each way of the
/// frames. Says why where that is not allowed.
fn over_each_wire(test: &str, body: impl Fn()) {
    if std::env::var_os(INSIDE).is_some() {
        ip("link add near mtu 1500 address 02:00:00:00:09:01 type veth peer name far address 02:00:00:00:09:02");
        ip("addr add 192.0.2.2/24 dev far");
        ["lo", "near", "far"].iter().for_each(|name| ip(&format!("link set {name} up")));
        ip("neigh add 192.0.2.1 lladdr 02:00:00:00:09:01 dev far");
        return body();
    }
    let mut probe = Command::new("unshare");
    probe.args(["--net", "ip", "link", "add", "type", "veth"]);
    if !succeeds(probe) {
        println!("skipped: {test}: to make network namespaces takes root, unshare and ip");
        return;
    }
    for wire in ["xdp", "packet", "packet-blocks"] {
        let mut again = Command::new("unshare");
        again.arg("--net").arg(std::env::current_exe().unwrap()).args(["--exact", test, "--nocapture"]);
        let output = again.env(INSIDE, "1").env("EFVI_MOCK_WIRE", wire).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success() && said.contains("1 passed"), "{wire}:\n{said}");
    }
}

/// Asks until there is an answer.
fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < Duration::from_secs(10), "{what}: not within ten seconds");
        std::thread::yield_now();
    }
}

/// The kernel's socket at the far end.
fn socket() -> UdpSocket {
    let socket = UdpSocket::bind(("192.0.2.2", 7002)).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    socket
}

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
    over_each_wire("a_link_that_goes_down_loses_sends_and_returns_all_buffers", || {
        let socket = socket();
        let mut end = End::new("near", address(1, 7001), VirtualInterface::builder());
        let to = Station { mac: efvi::MacAddress([2, 0, 0, 0, 9, 2]), address: address(2, 7002) };
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
                ip("neigh replace 192.0.2.1 lladdr 02:00:00:00:09:01 dev far");
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
        socket.send_to(b"a fill", from.address).unwrap();
        assert_eq!(body(&wait_received(&mut rx, 1)[0]), b"a fill");
    });
}

/// A frame in a buffer.
fn write_udp(mut buffer: efvi::Buffer, from: Station, to: Station) -> efvi::Buffer {
    buffer.write(&udp(from, to, b"an order")).unwrap();
    buffer
}

#[test]
fn an_mtu_is_followed_by_the_next_vi() {
    over_each_wire("an_mtu_is_followed_by_the_next_vi", || {
        let socket = socket();
        let mut end = End::new("near", address(1, 7001), VirtualInterface::builder());
        let to = Station { mac: efvi::MacAddress([2, 0, 0, 0, 9, 2]), address: address(2, 7002) };
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
    over_each_wire("a_deleted_interface_is_a_reset_and_then_errors_that_say_what_to_do", || {
        let socket = socket();
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
