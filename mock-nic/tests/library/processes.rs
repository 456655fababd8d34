//! `lo` between processes. A test runs itself again: `first` is the process that goes on, the others come and go.

use crate::common::{Directory, Domain, Packet, Queues, Spec, Vi, again, role, succeeds};
use efvi_sys::*;
use std::process::{Child, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

/// What the first process receives.
const TO_FIRST: Packet = Packet { to: ([127, 0, 0, 1], 9), ..Packet::UDP };
/// What the others receive.
const TO_OTHER: Packet = Packet { to: ([127, 0, 0, 2], 9), ..Packet::UDP };
/// Nothing takes longer, unless something is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a test's first process over a directory of its own, which must be empty in the end.
fn start(test: &str) {
    let directory = Directory::new();
    let mut first = again(test, "first");
    first.env("EFVI_MOCK_DIR", directory.path());
    succeeds(first);
    assert!(directory.files().is_empty(), "{:?} are left", directory.files());
}

/// Another process of this test; what it prints is not kept.
fn other(test: &str, role: &str) -> Child {
    again(test, role).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn directory_files() -> usize {
    std::fs::read_dir(std::env::var_os("EFVI_MOCK_DIR").unwrap()).unwrap().count()
}

fn open(packet: &Packet) -> Rc<Vi> {
    let flags = EF_VI_TX_CTPIO;
    let vi = Domain::named("lo").vi(Queues { flags, ..Queues::default() }).unwrap();
    vi.filter(&Spec::local(packet)).unwrap();
    vi.fill(0..504);
    vi
}

/// The next frames; their buffers are posted again, completed sends unbundled.
fn poll(vi: &Vi) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    for event in vi.poll(16) {
        match EF_EVENT_TYPE(&event) {
            EF_EVENT_TYPE_TX => {
                vi.unbundle(&event);
            }
            kind => {
                assert_eq!(kind, EF_EVENT_TYPE_RX, "{event:?}");
                frames.push(vi.frame(&event));
                let id = EF_EVENT_RX_RQ_ID(&event);
                assert_eq!(vi.receive_post(vi.buffer(id as usize), id as i32), 0);
            }
        }
    }
    frames
}

/// Waits for a frame, the next that comes but for copies of `stray`.
fn expect(vi: &Vi, expected: &[u8], stray: &[u8]) {
    let (start, mut found) = (Instant::now(), false);
    while !found {
        for frame in poll(vi).into_iter().filter(|frame| frame != stray) {
            assert_eq!((&frame[..], found), (expected, false));
            found = true;
        }
        assert!(start.elapsed() < PATIENCE, "nothing came");
    }
}

/// Sends everything back that comes, with its number, for as long as it is not killed.
fn echo() {
    let vi = open(&TO_OTHER);
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        for frame in poll(&vi) {
            let number = frame[TO_OTHER.headers()].into();
            // The ring is full if more comes than a poll has room to complete; then the answer is lost.
            let rc = vi.send(number, &TO_FIRST.sized(frame.len(), number));
            assert!(rc == 0 || rc == -libc::EAGAIN, "{rc}");
        }
    }
}

/// Sends a frame until it comes back: a process that is being started loses what comes before it is there.
fn expect_echo(vi: &Vi, number: usize, length: usize) {
    let start = Instant::now();
    let expected = TO_FIRST.sized(length, number);
    loop {
        assert_eq!(vi.send(number, &TO_OTHER.sized(length, number)), 0);
        for _ in 0..200 {
            if poll(vi).contains(&expected) {
                return;
            }
        }
        std::thread::yield_now();
        assert!(start.elapsed() < PATIENCE, "no echo");
    }
}

/// Frames of every length go both ways, each once, whole and in order.
#[test]
fn two_processes_exchange_frames() {
    const TEST: &str = "processes::two_processes_exchange_frames";
    match role().as_deref() {
        None => start(TEST),
        Some("first") => {
            let vi = open(&TO_FIRST);
            let mut child = other(TEST, "other");
            expect_echo(&vi, 255, 60);
            for number in 0..250 {
                let length = 60 + number * 5;
                let frame = TO_OTHER.sized(length, number);
                let rc = if number % 2 == 0 { vi.send(number, &frame) } else { vi.send_ctpio(number, &frame, 64) };
                assert_eq!(rc, 0);
                // Of the beginning more answers than one may be on their way.
                expect(&vi, &TO_FIRST.sized(length, number), &TO_FIRST.sized(60, 255));
            }
            assert!(poll(&vi).is_empty());
            child.kill().unwrap();
            child.wait().unwrap();
        }
        Some(_) => echo(),
    }
}

/// A process that is killed, at whatever moment, takes nothing along: the first one goes on, and the next one has the
/// place, the filter and the frames of the one before.
#[test]
fn a_killed_process_leaves_the_others_whole() {
    const TEST: &str = "processes::a_killed_process_leaves_the_others_whole";
    match role().as_deref() {
        None => start(TEST),
        Some("first") => {
            let vi = open(&TO_FIRST);
            let own = Packet { to: ([127, 0, 0, 3], 9), ..Packet::UDP };
            vi.filter(&Spec::local(&own)).unwrap();
            // Any numbers do, as long as they differ from run to run.
            let mut random = std::process::id() as u64 | 1;
            for round in 0..30 {
                let mut child = other(TEST, "other");
                if round % 3 > 0 {
                    expect_echo(&vi, round, 60 + round);
                }
                // In every third round the moment lies within the other's start.
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let moment = Instant::now() + Duration::from_micros((random >> 33) % 12_000);
                while Instant::now() < moment {
                    assert_eq!(vi.send(0, &TO_OTHER.sized(60, 0)), 0);
                    poll(&vi);
                }
                child.kill().unwrap();
                child.wait().unwrap();
                // To the dead, more than the wire holds; then to itself.
                for number in 0..300 {
                    assert_eq!(vi.send(number, &TO_OTHER.sized(60, number)), 0);
                    poll(&vi);
                }
                while !poll(&vi).is_empty() {}
                assert_eq!(vi.send(round, &own.sized(200, round)), 0);
                let start = Instant::now();
                while !poll(&vi).contains(&own.sized(200, round)) {
                    assert!(start.elapsed() < PATIENCE);
                }
            }
            let mut child = other(TEST, "other");
            expect_echo(&vi, 77, 777);
            child.kill().unwrap();
            child.wait().unwrap();
        }
        Some(_) => echo(),
    }
}

/// What one process filters another can't, until it has gone.
#[test]
fn a_filter_is_one_processs_at_a_time() {
    const TEST: &str = "processes::a_filter_is_one_processs_at_a_time";
    match role().as_deref() {
        None => start(TEST),
        Some("first") => {
            let mut child = other(TEST, "other");
            let vi = open(&TO_FIRST);
            expect_echo(&vi, 1, 60);
            assert_eq!(vi.filter(&Spec::local(&TO_OTHER)).err(), Some(-libc::EEXIST));
            child.kill().unwrap();
            child.wait().unwrap();
            vi.filter(&Spec::local(&TO_OTHER)).unwrap();
        }
        Some(_) => echo(),
    }
}

/// The only process is killed: its file stays, and the next one begins anew with it.
#[test]
fn a_file_of_the_dead_is_begun_anew() {
    const TEST: &str = "processes::a_file_of_the_dead_is_begun_anew";
    match role().as_deref() {
        None => start(TEST),
        Some("first") => {
            let mut child = other(TEST, "alone");
            let start = Instant::now();
            // It says with a second file that it is there.
            while directory_files() < 2 {
                assert!(start.elapsed() < PATIENCE);
                std::thread::sleep(Duration::from_millis(1));
            }
            child.kill().unwrap();
            child.wait().unwrap();
            std::fs::remove_file(ready_file()).unwrap();
            assert_eq!(directory_files(), 1);
            let vi = open(&TO_OTHER);
            assert_eq!(vi.send(0, &TO_OTHER.sized(60, 3)), 0);
            expect(&vi, &TO_OTHER.sized(60, 3), &[]);
            assert!(poll(&vi).is_empty());
        }
        Some(_) => {
            let vi = open(&TO_OTHER);
            assert_eq!(vi.send(0, &TO_OTHER.sized(60, 1)), 0);
            std::fs::write(ready_file(), "").unwrap();
            echo_nothing();
        }
    }
}

fn ready_file() -> std::path::PathBuf {
    std::path::Path::new(&std::env::var_os("EFVI_MOCK_DIR").unwrap()).join("ready")
}

/// Until it is killed.
fn echo_nothing() {
    std::thread::sleep(PATIENCE);
}

/// A process that ends without freeing anything leaves no file.
#[test]
fn an_exit_without_freeing_leaves_no_file() {
    const TEST: &str = "processes::an_exit_without_freeing_leaves_no_file";
    match role().as_deref() {
        None => start(TEST),
        Some("first") => {
            let status = other(TEST, "other").wait().unwrap();
            assert_eq!(status.code(), Some(42));
            assert_eq!(directory_files(), 0);
        }
        Some(_) => {
            let vi = open(&TO_OTHER);
            assert_eq!(vi.send(0, &TO_OTHER.sized(60, 1)), 0);
            assert_eq!(directory_files(), 1);
            std::process::exit(42);
        }
    }
}
