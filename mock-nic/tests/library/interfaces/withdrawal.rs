//! A VI gives AF_XDP up when there is a frame that another VI gets, too, and goes on by a packet socket.

use super::{IN, OUT, event, is_sanitized, receive, send};
use crate::common::namespace::{Veth, ip, over_each_wire, wait_for};
use crate::common::{Domain, Packet, Queues, Spec, Vi, again, role, succeeds};
use efvi_sys::*;
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::rc::Rc;

/// A group that two VIs listen to.
const GROUP: ([u8; 4], u16) = ([239, 1, 2, 3], 9010);
const TO_GROUP: Packet = Packet { mac: [1, 0, 0x5e, 1, 2, 3], to: GROUP, ..IN };

/// Runs a test where the first VI of an interface gets AF_XDP and the second a packet socket.
fn over_both(test: &str, body: impl Fn()) {
    over_each_wire(test, |wire| match wire {
        "both" => body(),
        // Once is enough: it is the same with each wire that is asked for.
        "xdp" => {
            let mut both = again(test, "both");
            both.env_remove("EFVI_MOCK_WIRE");
            succeeds(both);
        }
        _ => {}
    });
}

/// Two VIs that listen to the group, and a socket to send from.
fn two(veth: &Veth, flags: ef_vi_flags) -> (Rc<Vi>, Rc<Vi>, UdpSocket) {
    two_on(Veth::NEAR, veth, flags)
}

fn two_on(interface: &str, veth: &Veth, flags: ef_vi_flags) -> (Rc<Vi>, Rc<Vi>, UdpSocket) {
    let [first, second] = [(); 2].map(|()| {
        let vi = Domain::named(interface).vi(Queues { flags, ..Queues::default() }).unwrap();
        vi.fill(0..64);
        vi.filter(&Spec::local(&TO_GROUP)).unwrap();
        vi
    });
    first.filter(&Spec::local(&IN)).unwrap();
    // Each has its memory, and its sockets are bound.
    first.poll(1);
    second.poll(1);
    ip("route add 239.0.0.0/8 dev veth1");
    (first, second, veth.socket(9002))
}

/// How many AF_XDP sockets this process has open.
fn xdp_sockets() -> usize {
    let entries = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
    let is_xdp = |entry: &std::fs::DirEntry| {
        let fd: i32 = entry.file_name().to_str().unwrap().parse().unwrap();
        let (mut domain, mut length) = (0_i32, size_of::<i32>() as u32);
        // SAFETY: a system call that writes a number where there is room for it, or fails.
        let rc = unsafe {
            libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_DOMAIN, (&raw mut domain).cast(), &raw mut length)
        };
        rc == 0 && domain == libc::AF_XDP
    };
    entries.filter(is_xdp).count()
}

/// The sockets are closed then, so that others can have the queues; what comes later is received all the same.
#[test]
fn a_withdrawal_closes_the_sockets() {
    over_both("interfaces::withdrawal::a_withdrawal_closes_the_sockets", || {
        let veth = Veth::new(1500, 1);
        let (first, second, socket) = two(&veth, 0);
        assert_eq!(xdp_sockets(), 2, "the socket, and what counts its losses");
        // What the set waits for changes with them.
        assert_eq!(first.prime(), 0);
        for text in [b"one", b"two"] {
            socket.send_to(text, SocketAddr::from(GROUP)).unwrap();
            for vi in [&first, &second] {
                assert_eq!(receive(vi)[42..45], *text);
            }
        }
        assert_eq!(xdp_sockets(), 0);
        assert_eq!(first.wait(Some(1000)), -libc::ETIMEDOUT);
        socket.send_to(b"to one", SocketAddr::from((Veth::OURS, 9001))).unwrap();
        assert_eq!(first.wait(None), 0);
        assert_eq!(receive(&first)[42..48], *b"to one");
        send(&first, &OUT.frame(b"back"), 5);
        assert_eq!(socket.recv(&mut [0; 100]).unwrap(), 4);
        assert_eq!(first.statistic("tx_copied"), 1);
    });
}

/// What AF_XDP has received by then keeps its timestamp.
#[test]
fn a_withdrawal_keeps_timestamps() {
    over_both("interfaces::withdrawal::a_withdrawal_keeps_timestamps", || {
        let veth = Veth::new(1500, 1);
        let (first, second, socket) = two(&veth, EF_VI_RX_TIMESTAMPS);
        socket.send_to(b"both", SocketAddr::from(GROUP)).unwrap();
        // Once the second has it, it waits for the first, too, which looks there when it has nothing else.
        receive(&second);
        assert_eq!(first.prime(), 0);
        for _ in 0..3 {
            socket.send_to(b"own", SocketAddr::from((Veth::OURS, 9001))).unwrap();
        }
        for _ in 0..4 {
            let event = event(&first);
            assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX);
            assert!(first.timestamp(EF_EVENT_RX_RQ_ID(&event) as usize).is_ok());
        }
        assert_eq!((first.statistic("rx_stamped_by_kernel"), first.statistic("rx_stamped_late")), (4, 0));
    });
}

/// What was sent leaves, and is announced, whether AF_XDP is given up in between or not.
#[test]
fn a_withdrawal_loses_nothing_that_was_sent() {
    over_both("interfaces::withdrawal::a_withdrawal_loses_nothing_that_was_sent", || {
        let veth = Veth::new(1500, 1);
        let (first, second, socket) = two(&veth, 0);
        socket.send_to(b"both", SocketAddr::from(GROUP)).unwrap();
        receive(&second);
        assert_eq!(first.prime(), 0);
        let mut sent = 0;
        let mut announced = Vec::new();
        let mut got = [0; 100];
        let mut is_there = false;
        while !is_there || sent < 100 {
            // In place, and copied as what is shorter than a frame can be.
            for length in [30, 1] {
                let frame = OUT.frame(&[sent as u8; 100][..length]);
                assert_eq!(first.transmit_init(first.load(100 + sent % 50, &frame), frame.len(), sent % 50), 0);
                sent += 1;
            }
            first.transmit_push();
            wait_for("the completions", || {
                for event in first.poll(16) {
                    match EF_EVENT_TYPE(&event) {
                        EF_EVENT_TYPE_TX => announced.extend(first.unbundle(&event)),
                        _ => is_there = true,
                    }
                }
                (announced.len() == sent).then_some(())
            });
            for byte in [sent - 2, sent - 1] {
                assert!(socket.recv(&mut got).unwrap() > 0);
                assert_eq!(got[0], byte as u8);
            }
        }
        assert!(announced.iter().copied().eq((0..sent as i32).map(|i| i % 50)));
        assert_eq!((first.statistic("tx_refused"), first.statistic("tx_no_link")), (0, 0));
        assert_eq!(xdp_sockets(), 0);
    });
}

/// How many files this process may have open from here on; how many it was before.
fn limit_files(limit: u64) -> u64 {
    let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: system calls with a structure that is there.
    unsafe {
        assert_eq!(libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limits), 0);
        let before = core::mem::replace(&mut limits.rlim_cur, limit);
        assert_eq!(libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limits), 0);
        before
    }
}

/// A VI's filters go with it, also where the program of another can't be changed then.
#[test]
fn filters_of_a_vi_that_is_freed_do_not_come_back() {
    over_both("interfaces::withdrawal::filters_of_a_vi_that_is_freed_do_not_come_back", || {
        let veth = Veth::new(1500, 1);
        let (first, second, socket) = two(&veth, 0);
        let to_second = Spec::local(&Packet { to: (Veth::OURS, 9020), ..IN });
        second.filter(&to_second).unwrap();
        assert_eq!(first.filter(&to_second).err(), Some(-libc::EEXIST));
        // No program can be loaded.
        let before = limit_files(3);
        assert_eq!(second.free(), 0);
        limit_files(before);
        first.filter(&to_second).unwrap();
        socket.send_to(b"the first's", SocketAddr::from((Veth::OURS, 9020))).unwrap();
        assert_eq!(receive(&first)[42..53], *b"the first's");
    });
}

/// What waits at the packet socket comes before the event that says that the interface has gone.
#[test]
fn what_came_before_an_interface_goes_comes_before_its_reset() {
    over_both("interfaces::withdrawal::what_came_before_an_interface_goes_comes_before_its_reset", || {
        let veth = Veth::new(1500, 1);
        let (first, second, socket) = two(&veth, 0);
        for _ in 0..3 {
            socket.send_to(b"both", SocketAddr::from(GROUP)).unwrap();
            receive(&second);
        }
        ip("link del veth1");
        let mut came = 0;
        wait_for("the reset", || {
            first.prime();
            let event = first.poll(1).pop()?;
            if EF_EVENT_TYPE(&event) == EF_EVENT_TYPE_RESET {
                return Some(());
            }
            assert_eq!(first.frame(&event)[42..46], *b"both");
            came += 1;
            None
        });
        assert_eq!(came, 3);
    });
}

/// Slows a port down.
const SLOW: &str = "tc qdisc add dev veth0 root tbf rate 8mbit burst 2kb limit 10mb";

fn run(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// Behind a slow port: what the kernel has not read yet when AF_XDP is to be given up is waited for.
#[test]
fn a_withdrawal_waits_for_a_slow_port() {
    let try_it = format!("ip link add veth0 type veth && {SLOW}");
    if role().is_none() && !run("unshare", &["--net", "sh", "-c", &try_it]) {
        println!("skipped: to slow a port down takes root, unshare, ip, tc, and the kernel's tbf");
        return;
    }
    over_both("interfaces::withdrawal::a_withdrawal_waits_for_a_slow_port", || {
        let veth = Veth::new(1500, 1);
        ip("link add vl0 type bridge");
        ip("link set veth0 master vl0");
        ip("link set vl0 up");
        assert!(run("sh", &["-c", SLOW]));
        let (first, second, socket) = two_on("vl0", &veth, 0);
        let send = |id: usize| {
            let frame = OUT.frame(&[7; 100]);
            assert_eq!(first.transmit_init(first.load(id, &frame), frame.len(), id), 0);
        };
        // More than a socket may have under way.
        const FRAMES: usize = 400;
        (0..FRAMES).for_each(send);
        first.transmit_push();
        if is_sanitized() && first.statistic("tx_in_place") == 0 {
            return;
        }
        assert_eq!(first.statistic("tx_in_place"), FRAMES as u64);
        let (mut announced, mut arrived) = (Vec::new(), 0);
        socket.set_nonblocking(true).unwrap();
        socket.send_to(b"both", SocketAddr::from(GROUP)).unwrap();
        let mut is_there = false;
        receive(&second);
        wait_for("all frames", || {
            for event in first.poll(16) {
                match EF_EVENT_TYPE(&event) {
                    EF_EVENT_TYPE_TX => announced.extend(first.unbundle(&event)),
                    _ => is_there = true,
                }
            }
            while socket.recv(&mut [0; 200]).is_ok() {
                arrived += 1;
            }
            (is_there && arrived == FRAMES && announced.len() == FRAMES).then_some(())
        });
        assert!(announced.iter().copied().eq(0..FRAMES as i32));
        assert_eq!((xdp_sockets(), first.statistic("tx_refused")), (0, 0));
    });
}
