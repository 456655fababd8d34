//! An end that is killed or interrupted.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use super::common::*;

#[test]
fn when_pong_is_killed_ping_ends_within_its_timeout() {
    let wire = Wire::new("kill-pong");
    let pong = wire.start("pong lo");
    let mut ping = wire.start("ping lo -n 100000000 --timeout 1");
    thread::sleep(Duration::from_millis(700));
    assert!(ping.is_running());
    drop(pong);
    let ended = ping.end().failed("no echo of frame ");
    assert!(ended.took < Duration::from_secs(4), "{ended:#?}");
    // Nothing of it is in the way of the next.
    wire.run("-n 50 -w 0").succeeded();
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

#[test]
fn when_ping_is_killed_pong_ends_within_its_timeout() {
    let wire = Wire::new("kill-ping");
    let mut pong = wire.start("pong lo --timeout 1");
    let ping = wire.start("ping lo -n 100000000");
    thread::sleep(Duration::from_millis(700));
    assert!(pong.is_running());
    drop(ping);
    let ended = pong.end().failed("no frame from ping for 1 s");
    assert!(ended.took < Duration::from_secs(4), "{ended:#?}");
    wire.run("-n 50 -w 0").succeeded();
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

#[test]
fn alone_it_notices_at_once_that_its_pong_was_killed() {
    let wire = Wire::new("kill-child");
    let mut both = wire.start("-n 100000000 --timeout 30");
    let child = both.child_at_work();
    thread::sleep(Duration::from_millis(500));
    assert!(both.is_running());
    kill(child);
    let ended = both.end().failed("was killed by signal 9");
    assert!(ended.took < Duration::from_secs(5), "{ended:#?}");
}

#[test]
fn alone_its_pong_dies_with_it() {
    let wire = Wire::new("kill-parent");
    let both = wire.start("-n 100000000");
    let child = both.child_at_work();
    thread::sleep(Duration::from_millis(300));
    drop(both);
    until("pong is gone", || (!Path::new(&format!("/proc/{child}")).exists()).then_some(()));
}

#[test]
fn interrupted_it_leaves_nothing_behind() {
    let wire = Wire::new("signals");
    for signal in [Signal::INT, Signal::TERM] {
        let pong = wire.start("pong lo --wait 30");
        until("pong opens the wire", || (!wire.left_behind().is_empty()).then_some(()));
        send_signal(pong.child.id() as i32, signal);
        assert_eq!(pong.end().status.code(), Some(128 + signal.as_raw()));
        assert_eq!(wire.left_behind(), Vec::<PathBuf>::new());
        let both = wire.start("-n 4000000000");
        both.child_at_work();
        until("it opens the wire", || (!wire.left_behind().is_empty()).then_some(()));
        send_signal(both.child.id() as i32, signal);
        both.end();
        until("its pong is gone, too", || wire.left_behind().is_empty().then_some(()));
    }
}

/// Kills a process as `kill -9` does.
fn kill(pid: i32) {
    send_signal(pid, Signal::KILL);
}

fn send_signal(pid: i32, signal: Signal) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}
