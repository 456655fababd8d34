//! Cables that are opened by the names of their ends.

use crate::common::{Directory, Domain, Driver, Interface, Packet, Queues, Spec, again, role, succeeds};
use efvi_sys::*;
use std::process::{Child, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Runs a test's process over a directory of its own, which must be empty in the end.
fn start(test: &str) {
    let directory = Directory::new();
    let mut process = again(test, "first");
    process.env("EFVI_MOCK_DIR", directory.path());
    succeeds(process);
    assert!(directory.files().is_empty(), "{:?} are left", directory.files());
}

fn open(end: &str, packet: &Packet) -> Rc<crate::common::Vi> {
    let vi = Domain::named(end).vi(Queues::default()).unwrap();
    vi.filter(&Spec::local(packet)).unwrap();
    vi.fill(0..64);
    vi
}

/// What one end sends the other receives, and never itself, whatever its filters.
#[test]
fn what_one_end_sends_the_other_receives() {
    const TEST: &str = "cables::what_one_end_sends_the_other_receives";
    if role().is_none() {
        return start(TEST);
    }
    let (a, b) = (open("cable7a", &Packet::UDP), open("cable7b", &Packet::UDP));
    for number in 0..200 {
        let (from, to) = if number % 2 == 0 { (&a, &b) } else { (&b, &a) };
        let frame = Packet::UDP.sized(60 + number, number);
        // An end's own 64 buffers serve for receiving.
        assert_eq!(from.send(64 + number, &frame), 0);
        let event = to.poll(2);
        assert_eq!(event.iter().map(EF_EVENT_TYPE).collect::<Vec<_>>(), [EF_EVENT_TYPE_RX]);
        assert_eq!(to.frame(&event[0]), frame);
        let id = EF_EVENT_RX_RQ_ID(&event[0]) as usize;
        to.receive_post(to.buffer(id), id as i32);
        assert_eq!(from.sent(), [64 + number as i32]);
        assert!(from.poll(2).is_empty());
    }
    assert_ne!(a.mac(), b.mac());
}

/// Two processes have an end each, and nobody else's wire is disturbed.
#[test]
fn two_processes_have_an_end_each() {
    const TEST: &str = "cables::two_processes_have_an_end_each";
    match role().as_deref() {
        None => start(TEST),
        Some("first") => {
            let a = open("cable0a", &Packet::UDP);
            let other = open("cable1b", &Packet::UDP);
            let spawn =
                || -> Child { again(TEST, "other").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap() };
            let mut child = spawn();
            let start = Instant::now();
            let frame = loop {
                let event = a.poll(16);
                if let Some(event) = event.first() {
                    break a.frame(event);
                }
                assert!(start.elapsed() < Duration::from_secs(20), "nothing came");
            };
            assert_eq!(frame, Packet::UDP.sized(100, 1));
            assert!(other.poll(16).is_empty());
            child.kill().unwrap();
            child.wait().unwrap();
        }
        Some(_) => {
            let b = open("cable0b", &Packet::UDP);
            loop {
                let rc = b.send(1, &Packet::UDP.sized(100, 1));
                assert!(rc == 0 || rc == -libc::EAGAIN, "{rc}");
                b.sent();
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }
}

#[test]
fn what_is_no_end_of_a_cable_is_no_interface() {
    for name in ["cable0", "cable0c", "cable256a", "cable00a"] {
        let refused = Domain::open(&Driver::open(), &Interface::Name(name), EF_PD_DEFAULT).err();
        assert_eq!(refused, Some(-libc::ENODEV), "{name}");
    }
}

/// `EFVI_MOCK_ALIAS` gives other names to the interfaces, by which, and by whose indices, they open; a program is told
/// the name that it knows.
#[test]
fn other_names_lead_to_cables() {
    const TEST: &str = "cables::other_names_lead_to_cables";
    if role().is_none() {
        let directory = Directory::new();
        let mut run = again(TEST, "first");
        run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_ALIAS", "eth2=cable7a,eth3=cable7b,lo=cable7b");
        return succeeds(run);
    }
    let (a, b) = (open("eth2", &Packet::UDP), open("cable7b", &Packet::UDP));
    let frame = Packet::UDP.sized(60, 0);
    assert_eq!(a.send(64, &frame), 0);
    let event = b.poll(2);
    assert_eq!(event.iter().map(EF_EVENT_TYPE).collect::<Vec<_>>(), [EF_EVENT_TYPE_RX]);
    assert_eq!(b.frame(&event[0]), frame);

    let c = Domain::named("eth3").vi(Queues::default()).unwrap();
    assert_eq!(b.mac(), c.mac());
    let driver = Driver::open();
    // SAFETY: a string.
    let index = unsafe { libc::if_nametoindex(c"lo".as_ptr()) } as i32;
    for (interface, name) in
        [(Interface::Name("eth3"), "eth3"), (Interface::Name("cable7b"), "cable7b"), (Interface::Index(index), "lo")]
    {
        let domain = Domain::open(&driver, &interface, EF_PD_DEFAULT).unwrap();
        assert_eq!(domain.interface_name(), name);
        assert_eq!(domain.vi(Queues::default()).unwrap().mac(), b.mac());
    }
    assert_eq!(Domain::open(&driver, &Interface::Name("eth4"), EF_PD_DEFAULT).err(), Some(-libc::ENODEV));
}

/// A value that can't be is an error of the call that opens an interface, and said once on standard error.
#[test]
fn names_that_cannot_be_are_refused() {
    const TEST: &str = "cables::names_that_cannot_be_are_refused";
    if role().is_none() {
        let directory = Directory::new();
        let mut run = again(TEST, "first");
        run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_ALIAS", "eth2=cable7");
        let output = run.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let errors = String::from_utf8(output.stderr).unwrap();
        let lines: Vec<_> = errors.lines().filter(|line| line.starts_with("mock-nic:")).collect();
        let expected = "mock-nic: EFVI_MOCK_ALIAS=eth2=cable7: expected 'lo', an end of a cable from 'cable0a' to \
                        'cable255b', or 'pcap:FILE', behind '=' in 'eth2=cable7'";
        assert_eq!(lines, [expected; 2]);
        return;
    }
    let driver = Driver::open();
    for name in ["eth2", "lo"] {
        assert_eq!(Domain::open(&driver, &Interface::Name(name), EF_PD_DEFAULT).err(), Some(-libc::EINVAL));
    }
}
