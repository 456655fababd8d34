//! Two ends that are started apart.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::common::*;

#[test]
fn two_ends_find_each_other_in_either_order() {
    let wire = Wire::new("order");
    for ping_first in [false, true] {
        let (first, second) = if ping_first {
            ("ping lo -n 200 -w 20 --json", "pong lo")
        } else {
            ("pong lo", "ping lo -n 200 -w 20 --json")
        };
        let mut early = wire.start(first);
        thread::sleep(Duration::from_millis(400));
        assert!(early.is_running());
        let late = wire.start(second).end().succeeded();
        let early = early.end().succeeded();
        let (ping, pong) = if ping_first { (early, late) } else { (late, early) };
        for row in rows(&ping.document()) {
            check_row(row, 200, 20);
        }
        assert_eq!(pong.stdout, "");
    }
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

#[test]
fn two_pairs_with_different_ports_do_not_mix() {
    let wire = Wire::new("pairs");
    let pongs: Vec<Run> = ["pong lo --port 7001", "pong lo --port 7002"].map(|line| wire.start(line)).into();
    let pings: Vec<Run> = ["ping lo --port 7001 -n 2000 -w 0 --json", "ping lo --port 7002 -n 2000 -w 0 -s 300 --json"]
        .map(|line| wire.start(line))
        .into();
    for (ping, payload) in pings.into_iter().zip([22, 300]) {
        let document = ping.end().succeeded().document();
        assert_eq!(rows(&document).len(), 4);
        for row in rows(&document) {
            check_row(row, 2000, 0);
            assert_eq!(row["payload"], payload);
        }
    }
    for pong in pongs {
        pong.end().succeeded();
    }
}

#[test]
fn a_second_pair_on_the_same_port_is_refused_and_does_no_harm() {
    let wire = Wire::new("same-port");
    let mut pong = wire.start("pong lo --port 7003");
    // Until it has the address, the second might be the first.
    until("pong opens the wire", || (!wire.left_behind().is_empty()).then_some(()));
    thread::sleep(Duration::from_millis(300));
    assert!(pong.is_running());
    wire.run("pong lo --port 7003").failed("192.0.2.2:7003 on lo is in use by another program");
    let ping = wire.run("ping lo --port 7003 -n 100 -w 0 --json").succeeded();
    check_row(&rows(&ping.document())[0], 100, 0);
    pong.end().succeeded();
}

#[test]
fn pong_serves_for_ever_if_asked_to() {
    let wire = Wire::new("forever");
    let mut pong = wire.start("pong lo --forever --timeout 0.5");
    for _ in 0..3 {
        let ping = wire.run("ping lo -n 50 -w 5 --json").succeeded();
        assert_eq!(rows(&ping.document()).len(), 4);
    }
    // A ping that dies does not take it along.
    let ping = wire.start("ping lo -n 100000000");
    thread::sleep(Duration::from_millis(500));
    drop(ping);
    thread::sleep(Duration::from_millis(1500));
    assert!(pong.is_running());
    wire.run("ping lo -n 50 -w 5").succeeded();
}

#[test]
fn waiting_for_the_other_end_has_a_limit() {
    let wire = Wire::new("nobody");
    wire.run("pong lo --wait 0.3").failed("no ping from 192.0.2.1:8080 on lo within 0.3 s");
    wire.run("ping lo --wait 0.3").failed("pong at 192.0.2.2:8080 did not answer on lo within 0.3 s");
}

#[test]
fn pong_says_who_else_it_heard() {
    let wire = Wire::new("stranger");
    let pong = wire.start("pong lo --wait 5");
    until("pong polls", || pong.polls().then_some(()));
    wire.run("ping lo --local 192.0.2.77 --wait 0.5").failed("did not answer");
    pong.end().failed("the last from 192.0.2.77:8080");
}

#[test]
fn two_users_do_not_share_a_wire() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can run a program as two users");
        return;
    }
    let wire = Wire::new("users");
    fs::set_permissions(&wire.directory, fs::Permissions::from_mode(0o1777)).unwrap();
    // Where another user can reach it.
    let copy = std::env::temp_dir().join(format!("ping_pong-of-nobody-{}", std::process::id()));
    fs::copy(program(), &copy).unwrap();
    let as_nobody = |arguments: &str| wire.spawn(Command::new(&copy).uid(65534).gid(65534), arguments);

    // Set up, not only started: of two users that open the wire at the same moment, both may be refused.
    let roots = wire.start("pong lo --wait 30");
    until("root's pong polls", || roots.polls().then_some(()));
    as_nobody("ping lo --wait 1").end().failed("another user");
    drop(roots);

    // What root's killed pong left is in nobody's way, and root is refused in turn.
    let theirs = as_nobody("pong lo --wait 30");
    until("their pong polls", || theirs.polls().then_some(()));
    assert_eq!(wire.left_behind().len(), 2);
    wire.run("ping lo --wait 1").failed("another user");
    let pings = as_nobody("ping lo -n 100 -w 10 --json").end().succeeded();
    assert!(!rows(&pings.document()).is_empty());
    theirs.end().succeeded();
    fs::remove_file(copy).unwrap();
}
