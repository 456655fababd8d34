//! Threads and processes on one virtual time: the same in every run.

use super::{SHORT, next, now};
use crate::common::{Directory, Domain, Driver, Interface, Packet, Queues, Spec, Vi, again, role, succeeds};
use efvi_sys::*;
use mock_nic::{Costs, Fabric};
use std::process::Stdio;
use std::thread;

fn echo(vi: &Vi, rounds: usize) {
    for round in 0..rounds {
        let (_, event) = next(vi);
        let id = EF_EVENT_RX_RQ_ID(&event) as usize;
        assert_eq!(vi.receive_post(vi.buffer(id), id as i32), 0);
        assert_eq!(vi.send(round % 64, &Packet::UDP.sized(SHORT, round)), 0);
        complete(vi);
    }
}

fn complete(vi: &Vi) {
    let (_, event) = next(vi);
    assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_TX);
    vi.unbundle(&event);
}

fn ping(vi: &Vi, rounds: usize) -> u64 {
    for round in 0..rounds {
        assert_eq!(vi.send(round % 64, &Packet::UDP.sized(SHORT, round)), 0);
        complete(vi);
        let (_, event) = next(vi);
        assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX);
        let id = EF_EVENT_RX_RQ_ID(&event) as usize;
        assert_eq!(vi.receive_post(vi.buffer(id), id as i32), 0);
    }
    now()
}

fn ping_pong_of_threads(rounds: usize) -> u64 {
    let (near, far) = Fabric::new().with_virtual_time(Costs::default()).cable().unwrap();
    let station = |port: &mock_nic::FabricPort| {
        let vi = Domain::on(port).vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        vi.fill(0..64);
        vi
    };
    let (ready, is_ready) = std::sync::mpsc::channel();
    let pong = thread::spawn(move || {
        let vi = station(&far);
        ready.send(()).unwrap();
        echo(&vi, rounds);
    });
    let time = thread::spawn(move || {
        let vi = station(&near);
        is_ready.recv().unwrap();
        ping(&vi, rounds)
    });
    let time = time.join().unwrap();
    pong.join().unwrap();
    time
}

/// However the machine schedules them.
#[test]
fn two_threads_take_the_same_time_in_every_run() {
    let first = ping_pong_of_threads(50);
    assert!(first > 0);
    for _ in 0..3 {
        assert_eq!(ping_pong_of_threads(50), first);
    }
}

/// Over `lo`, asked for from outside.
#[test]
fn two_processes_take_the_same_time_in_every_run() {
    const TEST: &str = "virtual_time::runs::two_processes_take_the_same_time_in_every_run";
    let station = |to: &Spec| {
        let driver = Driver::open();
        let domain = Domain::open(&driver, &Interface::Name("lo"), EF_PD_DEFAULT).unwrap();
        let vi = domain.vi(Queues::default()).unwrap();
        vi.filter(to).unwrap();
        vi.fill(0..64);
        vi
    };
    match role().as_deref() {
        None => {
            let run = || {
                let directory = Directory::new();
                let mut ping = again(TEST, "ping");
                ping.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_CLOCK", "virtual");
                let output = ping.env("EFVI_MOCK_COSTS", "speed=25,fetch=350.5").output().unwrap();
                let text = String::from_utf8(output.stdout).unwrap();
                assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
                text.lines().find_map(|line| line.split("took ").nth(1)?.parse::<u64>().ok()).unwrap()
            };
            let first = run();
            assert!(first > 0);
            assert_eq!((run(), run()), (first, first));
        }
        Some("ping") => {
            let vi = station(&Spec::udp());
            let mut pong = again(TEST, "pong").stdout(Stdio::piped()).spawn().unwrap();
            let mut says = std::io::BufReader::new(pong.stdout.take().unwrap());
            let mut line = String::new();
            while !line.contains("ready") {
                line.clear();
                assert_ne!(std::io::BufRead::read_line(&mut says, &mut line).unwrap(), 0);
            }
            for round in 0..50 {
                assert_eq!(vi.send(round % 64, &other_way().sized(SHORT, round)), 0);
                complete(&vi);
                let (_, event) = next(&vi);
                let id = EF_EVENT_RX_RQ_ID(&event) as usize;
                assert_eq!(vi.receive_post(vi.buffer(id), id as i32), 0);
            }
            println!("took {}", now());
            assert!(pong.wait().unwrap().success());
        }
        Some("pong") => {
            let vi = station(&Spec::local(&other_way()));
            println!("ready");
            echo(&vi, 50);
        }
        Some(other) => panic!("{other}"),
    }
}

/// To the process that echoes.
fn other_way() -> Packet {
    Packet { from: Packet::UDP.to, to: Packet::UDP.from, ..Packet::UDP }
}

/// Those who share `lo` must agree on its time; what is no clock and no cost is refused.
#[test]
fn a_clock_that_cannot_be_is_refused() {
    const TEST: &str = "virtual_time::runs::a_clock_that_cannot_be_is_refused";
    let open = || Domain::open(&Driver::open(), &Interface::Name("lo"), EF_PD_DEFAULT);
    match role().as_deref() {
        None => {
            let directory = Directory::new();
            let run = |role, clock, costs| {
                let mut run = again(TEST, role);
                run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_CLOCK", clock).env("EFVI_MOCK_COSTS", costs);
                run
            };
            succeeds(run("invalid", "sundial", ""));
            succeeds(run("invalid", "virtual", "bell=1"));
            succeeds(run("valid", "real", "fetch=1"));
            let mut first =
                run("first", "virtual", "fetch=1").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let mut says = std::io::BufReader::new(first.stdout.take().unwrap());
            let mut line = String::new();
            while !line.contains("open") {
                line.clear();
                assert_ne!(std::io::BufRead::read_line(&mut says, &mut line).unwrap(), 0);
            }
            succeeds(run("another time", "virtual", "fetch=2"));
            succeeds(run("another time", "real", ""));
            succeeds(run("valid", "virtual", "fetch=1"));
            drop(first.stdin.take());
            assert!(first.wait().unwrap().success());
        }
        Some("invalid") => assert_eq!(open().err(), Some(-libc::EINVAL)),
        Some("another time") => assert_eq!(open().err(), Some(-libc::EPROTO)),
        Some("first") => {
            let _domain = open().unwrap();
            println!("open");
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
        Some(_) => drop(open().unwrap()),
    }
}
