//! An end that is killed or interrupted.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use rustix::process::Signal;

use super::common::*;

#[test]
fn when_pong_is_killed_ping_ends_within_its_timeout() {
    let wire = Wire::new("kill-pong");
    let frames = Capture::new("kill-pong");
    // The end that is killed writes, so that the file doesn't grow while the other waits.
    let pong = frames.start(&wire, "pong lo");
    let ping = wire.start("ping lo -n 100000000 --timeout 1");
    frames.fills();
    drop(pong);
    ping.end().failed("no echo of frame ");
    // Nothing of it is in the way of the next.
    wire.run("-n 50 -w 0").succeeded();
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

#[test]
fn when_ping_is_killed_pong_ends_within_its_timeout() {
    let wire = Wire::new("kill-ping");
    let frames = Capture::new("kill-ping");
    let pong = wire.start("pong lo --timeout 1");
    let ping = frames.start(&wire, "ping lo -n 100000000");
    frames.fills();
    drop(ping);
    pong.end().failed("no frame from ping for 1 s");
    wire.run("-n 50 -w 0").succeeded();
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

#[test]
fn alone_it_notices_at_once_that_its_pong_was_killed() {
    let wire = Wire::new("kill-child");
    // Noticed, it ends long before the timeout does.
    let mut both = wire.start("-n 100000000 --timeout 3600");
    let child = both.child_at_work();
    thread::sleep(Duration::from_millis(500));
    assert!(both.is_running());
    kill(child);
    both.end().failed("was killed by signal 9");
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
