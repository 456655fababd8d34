//! An interface goes away while VIs use it.

use super::changes::{heard, part, socket, traffic};
use super::{IN, OUT, vi, vi_on};
use crate::common::namespace::{PATIENCE, Veth, ip, over_each_wire, wait_for};
use crate::common::{Domain, Driver, Interface, Queues, Spec, Vi, readable, role, succeeds};
use efvi_sys::*;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

/// The next event, which is that the adapter was reset: a VI that nobody wakes looks for that once in many polls.
pub fn is_reset(vi: &Vi) {
    let next = wait_for("the reset", || (0..3000).find_map(|_| vi.poll(1).pop()));
    assert_eq!(EF_EVENT_TYPE(&next), EF_EVENT_TYPE_RESET, "{next:?}");
}

/// An interface that was deleted is an adapter that was reset: what came before comes before the event, there is one, and
/// all calls say that there is no such interface any more.
#[test]
fn a_deleted_interface_is_a_reset_and_then_an_error() {
    over_each_wire("interfaces::gone::a_deleted_interface_is_a_reset_and_then_an_error", |_| {
        let veth = Veth::new(1500, 1);
        let socket = socket(&veth);
        let vi = vi(0);
        for _ in 0..5 {
            socket.send_to(b"the last", SocketAddr::from((Veth::OURS, 9001))).unwrap();
        }
        // After a prime the next poll looks what has become of the interface.
        wait_for("a frame", || (vi.prime() == 0 && readable(&vi.domain.driver, 0)).then_some(()));
        std::thread::sleep(Duration::from_millis(20));
        ip("link del veth0");
        let mut came = 0;
        wait_for("the reset", || match vi.poll(1).pop() {
            Some(event) if EF_EVENT_TYPE(&event) == EF_EVENT_TYPE_RESET => Some(()),
            Some(event) => {
                assert_eq!(vi.frame(&event)[42..50], *b"the last");
                came += 1;
                None
            }
            None => None,
        });
        // The kernel may have had some of them still.
        assert!((2..=5).contains(&came), "{came}");
        assert_eq!(heard(&vi), 1, "and no other event");

        // Sends are taken, and lost, as of a ring that is dead.
        assert_eq!(vi.send(1, &OUT.frame(b"lost")), 0);
        assert!(vi.drain().is_empty());
        assert_eq!(vi.statistic("tx_dead"), 1);
        // Nothing would wake who waits.
        assert_eq!(vi.wait(None), -libc::ENODEV);
        assert_eq!(vi.prime(), -libc::ENODEV);
        assert!(!readable(&vi.domain.driver, 0));
        assert_eq!(vi.filter(&Spec::full(&IN)).err(), Some(-libc::ENODEV));
        assert_eq!(vi.mtu() as i32, -libc::ENODEV);
        assert_eq!(vi.flush(), 0);
        assert_eq!(vi.domain.vi(Queues::default()).err(), Some(-libc::ENODEV));
        let why = mock_nic::take_refusal().unwrap();
        assert!(why.contains("veth0: ") && why.contains("has gone"), "{why}");
        let open = |interface| Domain::open(&Driver::open(), &interface, EF_PD_DEFAULT);
        assert_eq!(open(Interface::Name(Veth::NEAR)).err(), Some(-libc::ENODEV));

        // One that is made anew with its name is another.
        drop(socket);
        let veth = Veth::new(1500, 1);
        let socket = self::socket(&veth);
        let anew = super::vi(0);
        traffic(&anew, &socket);
        assert!(vi.drain().is_empty());
        drop(vi);
        traffic(&anew, &socket);
    });
}

/// Who waits without a limit is woken.
#[test]
fn a_waiter_is_woken_when_the_interface_goes() {
    over_each_wire("interfaces::gone::a_waiter_is_woken_when_the_interface_goes", |_| {
        let _veth = Veth::new(1500, 1);
        let vi = vi(0);
        heard(&vi);
        let deleter = std::thread::spawn(|| {
            std::thread::sleep(Duration::from_millis(50));
            ip("link del veth1");
        });
        // It may be woken by the other end's going first.
        loop {
            assert_eq!(vi.wait(None), 0);
            match vi.drain().first().map(EF_EVENT_TYPE) {
                Some(kind) => break assert_eq!(kind, EF_EVENT_TYPE_RESET),
                None => continue,
            }
        }
        deleter.join().unwrap();
    });
}

/// To a program in one network namespace an interface that moves to another is gone.
#[test]
fn an_interface_that_moves_to_another_namespace_is_gone() {
    over_each_wire("interfaces::gone::an_interface_that_moves_to_another_namespace_is_gone", |_| {
        let _veth = Veth::new(1500, 1);
        let vi = vi(0);
        heard(&vi);
        // It says so once it is in a namespace of its own.
        let mut command = Command::new("unshare");
        command.args(["--net", "sh", "-c", "echo there; read end"]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut elsewhere = command.spawn().unwrap();
        let mut line = String::new();
        let mut said = std::io::BufReader::new(elsewhere.stdout.as_mut().unwrap());
        std::io::BufRead::read_line(&mut said, &mut line).unwrap();
        ip(&format!("link set veth0 netns {}", elsewhere.id()));
        is_reset(&vi);
        assert_eq!(vi.send(1, &OUT.frame(b"lost")), 0);
        assert!(vi.drain().is_empty());
        assert_eq!(vi.wait(None), -libc::ENODEV);
        drop(vi);
        drop(elsewhere.stdin.take());
        assert!(elsewhere.wait().is_ok());
    });
}

/// VIs that receive by reference hear of it, too.
#[test]
fn every_datapath_hears_that_the_interface_has_gone() {
    over_each_wire("interfaces::gone::every_datapath_hears_that_the_interface_has_gone", |wire| {
        // Theirs is no AF_XDP.
        if wire.starts_with("xdp") {
            return;
        }
        let _veth = Veth::new(1500, 1);
        let mut x3 = part("gone::an_x3_hears_of_it", "x3");
        x3.env("EFVI_MOCK_MODEL", "x3");
        succeeds(x3);
    });
}

/// The part of it that has the model.
#[test]
fn an_x3_hears_of_it() {
    if role().as_deref() != Some("x3") {
        return;
    }
    let vi = vi_on(Veth::NEAR, 0, &Spec::local(&IN));
    // Changes that matter to nobody wake it once at most.
    ip("link set veth0 mtu 1400");
    while vi.wait(Some(100_000)) == 0 {
        assert!(vi.drain().is_empty());
    }
    assert_eq!(vi.mtu(), 1414);
    assert_eq!(vi.prime(), 0);
    ip("link del veth0");
    assert!(readable(&vi.domain.driver, PATIENCE.as_millis() as i32));
    is_reset(&vi);
    assert!(vi.drain().is_empty(), "once");
    assert_eq!(vi.wait(None), -libc::ENODEV);
}
