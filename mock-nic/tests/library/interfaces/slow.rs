//! An interface that is slower than its VI: what is sent waits on its way.

use super::{IN, OUT, event, vi_on};
use crate::common::namespace::{Veth, ip, over_each_wire, wait_for};
use crate::common::{Spec, Vi};
use efvi_sys::*;
use std::net::UdpSocket;
use std::os::fd::AsRawFd;
use std::process::Command;
use std::rc::Rc;

/// The interface: a bridge whose one port has a token bucket.
const SLOW: &str = "slow0";

/// A VI on a bridge that hands frames on to the kernel's end of a veth pair, slowly, and a socket there. None where the
/// kernel has no bridge or no token bucket.
fn slow() -> Option<(Rc<Vi>, UdpSocket)> {
    let veth = Veth::new(1500, 1);
    let lines = [
        "ip link add slow0 type bridge",
        "ip link set veth0 master slow0",
        "tc qdisc add dev veth0 root tbf rate 16mbit burst 10kb latency 60s",
    ];
    for line in lines {
        let mut words = line.split(' ');
        let output = Command::new(words.next()?).args(words).output();
        if !output.is_ok_and(|output| output.status.success()) {
            println!("skipped: no slow interface, because this failed: {line}");
            return None;
        }
    }
    ip("link set slow0 up");
    ip("link set veth1 arp off");
    let socket = veth.socket(9002);
    socket.set_nonblocking(true).unwrap();
    let bytes = 16_i32 << 20;
    // SAFETY: a system call that reads one number.
    let rc = unsafe {
        libc::setsockopt(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, (&raw const bytes).cast(), 4)
    };
    assert_eq!(rc, 0, "room for all that is sent");
    let vi = vi_on(SLOW, 0, &Spec::local(&IN));
    vi.fill(0..64);
    // A new port of a bridge may take a moment.
    let mut got = [0; 2000];
    wait_for("a way through the bridge", || {
        assert_eq!(vi.send(64, &numbered(u32::MAX)), 0);
        assert_eq!(vi.unbundle(&event(&vi)), [64]);
        std::thread::sleep(std::time::Duration::from_millis(10));
        socket.recv(&mut got).ok()
    });
    Some((vi, socket))
}

/// A long frame with a number in it.
fn numbered(number: u32) -> Vec<u8> {
    OUT.frame(&number.to_be_bytes().repeat(350))
}

/// Takes what has arrived.
fn arrived(socket: &UdpSocket, numbers: &mut Vec<u32>) {
    let mut got = [0; 2000];
    while let Ok(length) = socket.recv(&mut got) {
        assert_eq!(length, 1400);
        let number = u32::from_be_bytes([got[0], got[1], got[2], got[3]]);
        if number != u32::MAX {
            numbers.push(number);
        }
    }
}

/// What the kernel has no room for yet leaves with a later poll, before what is sent later.
#[test]
fn a_backlog_leaves_in_order() {
    over_each_wire("interfaces::slow::a_backlog_leaves_in_order", |wire| {
        // An AF_XDP socket has its own account of what is under way, and completes no sooner.
        if !wire.starts_with("packet") {
            return;
        }
        let Some((vi, socket)) = slow() else { return };
        let (mut number, mut numbers) = (0, Vec::new());
        for frames in [64, 64, 64, 64, 64, 64, 1, 1, 1] {
            for id in 0..frames {
                let frame = numbered(number);
                assert_eq!(vi.transmit_init(vi.load(id, &frame), frame.len(), id), 0);
                number += 1;
            }
            vi.transmit_push();
            let mut done = 0;
            while done < frames {
                done += vi.unbundle(&event(&vi)).len();
            }
        }
        wait_for("all that was sent", || {
            vi.poll(4);
            arrived(&socket, &mut numbers);
            (numbers.len() >= number as usize).then_some(())
        });
        assert!(numbers.iter().copied().eq(0..number), "{numbers:?}");
        assert_eq!((vi.statistic("tx_refused"), vi.statistic("tx_no_link")), (0, 0));
    });
}

/// A send that fails is told of after those before it, which are still on their way; a revived ring is empty, and stays so
/// whatever completes later.
#[test]
fn a_failure_comes_in_its_turn() {
    over_each_wire("interfaces::slow::a_failure_comes_in_its_turn", |_| {
        let Some((vi, _socket)) = slow() else { return };
        let fill_and_fail = || {
            for id in 0..60 {
                let frame = numbered(id as u32);
                assert_eq!(vi.transmit_init(vi.load(id, &frame), frame.len(), id), 0);
            }
            vi.transmit_push();
            assert_eq!(vi.transmit(4096, 60, 99), 0, "nothing is registered there");
        };
        fill_and_fail();
        let mut ids = Vec::new();
        loop {
            let event = event(&vi);
            ids.extend(vi.unbundle(&event));
            if EF_EVENT_TYPE(&event) == EF_EVENT_TYPE_TX_ERROR {
                break;
            }
            assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_TX);
            assert!(ids.iter().copied().eq(0..ids.len() as i32), "{ids:?}");
        }
        assert!(ids.iter().copied().eq((0..60).chain([99])), "{ids:?}");
        assert_eq!(vi.reinit_transmit(), 0);
        assert_eq!(vi.transmit_ring().1, 0);

        // What was announced already is unbundled first, as after any error; the rest is forgotten.
        fill_and_fail();
        while vi.transmit_ring().1 > 0 {
            let Some(event) = vi.poll(1).pop() else { break };
            vi.unbundle(&event);
        }
        assert_eq!(vi.reinit_transmit(), 0);
        assert_eq!(vi.transmit_ring().1, 0);
        for id in 0..4 {
            assert_eq!(vi.send(id, &numbered(id as u32)), 0);
        }
        let mut ids = Vec::new();
        while ids.len() < 4 {
            let event = event(&vi);
            assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_TX, "{event:?}");
            ids.extend(vi.unbundle(&event));
            assert_eq!(vi.transmit_ring().1, 4 - ids.len() as i32);
        }
        assert_eq!(ids, [0, 1, 2, 3]);
        assert!(vi.poll(16).is_empty());
    });
}

/// A wait ends with an event, however long what was sent takes.
#[test]
fn a_wait_ends_with_an_event() {
    over_each_wire("interfaces::slow::a_wait_ends_with_an_event", |_| {
        let Some((vi, _socket)) = slow() else { return };
        for id in 0..60 {
            let frame = numbered(id as u32);
            assert_eq!(vi.transmit_init(vi.load(id, &frame), frame.len(), id), 0);
        }
        vi.transmit_push();
        let mut done = 0;
        while done < 60 {
            assert_eq!(vi.wait(None), 0);
            let events = vi.poll(16);
            assert!(!events.is_empty(), "woken for nothing after {done}");
            done += events.iter().map(|event| vi.unbundle(event).len()).sum::<usize>();
        }
        assert_eq!(vi.wait(Some(1000)), -libc::ETIMEDOUT);
    });
}
