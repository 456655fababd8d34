//! A capture as the wire: the interface `pcap:FILE`.

use crate::common::namespace::wait_for;
use crate::common::{Directory, Domain, Driver, Interface, Packet, Queues, Spec, Vi, again, readable, role, succeeds};
use efvi_sys::*;
use std::fmt::Write as _;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Where the captures of these tests begin, in nanoseconds since the epoch: in the past.
const BEGUN: u64 = 1_500_000_000_999_999_000;

/// Writes a capture of these frames, each at its nanoseconds behind the first.
fn write(path: &Path, frames: &[(u64, Vec<u8>)]) {
    let mut file: Vec<u8> = Vec::new();
    let words = |file: &mut Vec<u8>, words: &[u32]| file.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    words(&mut file, &[0xa1b2_3c4d, 0x0002_0004, 0, 0, 65535, 1]);
    for (after, frame) in frames {
        let (time, length) = (BEGUN + after, frame.len() as u32);
        words(&mut file, &[(time / 1_000_000_000) as u32, (time % 1_000_000_000) as u32, length, length]);
        file.extend(frame);
    }
    std::fs::write(path, file).unwrap();
}

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60 + number % 1000, number)
}

/// A VI of the interface that has a capture as its wire, with a filter for [`Packet::UDP`].
fn vi(name: &str, flags: ef_vi_flags) -> Rc<Vi> {
    let vi = Domain::named(name).vi(Queues { flags, ..Queues::default() }).unwrap();
    vi.fill(0..64);
    vi.filter(&Spec::udp()).unwrap();
    vi
}

/// The next frame, and the buffer that it is in.
fn next(vi: &Vi) -> (Vec<u8>, usize) {
    let event = wait_for("a frame", || vi.poll(1).pop());
    assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX, "{event:?}");
    let id = EF_EVENT_RX_RQ_ID(&event) as usize;
    (vi.frame(&event), id)
}

/// Runs the rest of a test in a process with this environment, the name of a capture of these frames given.
fn replayed(test: &str, environment: &[(&str, &str)], frames: &[(u64, Vec<u8>)], rest: impl FnOnce(&str)) {
    if let Some(name) = role() {
        return rest(&name);
    }
    let directory = Directory::new();
    let file = directory.path().join("capture.pcap");
    write(&file, frames);
    let mut command = again(test, &format!("pcap:{}", file.display()));
    command.envs(environment.iter().copied());
    succeeds(command);
}

#[test]
fn all_frames_come_in_order_and_then_the_link_goes_down() {
    let mut all: Vec<_> = (0..500).map(|number| (number as u64 * 1000, frame(number))).collect();
    // One that no filter takes.
    all.insert(7, (6500, Packet { to: ([192, 0, 2, 2], 10), ..Packet::UDP }.sized(60, 7)));
    let name = "replay::all_frames_come_in_order_and_then_the_link_goes_down";
    replayed(name, &[("EFVI_MOCK_REPLAY", "fast")], &all, |interface| {
        let domain = Domain::named(interface);
        let vi = domain.vi(Queues::default()).unwrap();
        vi.fill(0..64);
        assert_eq!(vi.poll(8).len(), 0, "without a filter nothing is lost");
        vi.filter(&Spec::udp()).unwrap();
        for number in 0..500 {
            let (got, buffer) = next(&vi);
            assert_eq!(got, frame(number));
            vi.receive_post(vi.buffer(buffer), buffer as i32);
        }
        assert_eq!(vi.poll(8).len(), 0);
        assert_eq!(vi.statistic("link_changes"), 1);
        assert_eq!(vi.statistic("rx_frames"), 500);
        assert_eq!(vi.statistic("rx_overruns") + vi.statistic("rx_no_descriptor"), 0);
        // What is sent then goes nowhere, as into any cable that nobody is at the other end of.
        assert_eq!(vi.send(70, &frame(1)), 0);
        assert_eq!(vi.sent(), [70]);
        assert_eq!(domain.interface_name(), interface);
    });
}

#[test]
fn timestamps_are_the_captures_if_that_is_asked_for() {
    // Gaps of all sizes, and a step back.
    let after = [0, 1, 1000, 300_000_000, 300_000_001, 90_000_000_000, 89_999_999_000, 89_999_998_000, 5_000_000_000];
    let all: Vec<_> = after.iter().enumerate().map(|(number, after)| (*after, frame(number))).collect();
    let name = "replay::timestamps_are_the_captures_if_that_is_asked_for";
    replayed(name, &[("EFVI_MOCK_REPLAY", "fast,stamps")], &all, |interface| {
        let vi = vi(interface, EF_VI_RX_TIMESTAMPS);
        for (number, after) in after.iter().enumerate() {
            let (got, buffer) = next(&vi);
            assert_eq!(got, frame(number));
            let stamp = vi.timestamp(buffer).unwrap();
            let time = BEGUN + after;
            assert_eq!((stamp.seconds, u64::from(stamp.nanoseconds)), (time / 1_000_000_000, time % 1_000_000_000));
        }
    });
}

#[test]
fn timestamps_are_todays_else() {
    let name = "replay::timestamps_are_todays_else";
    replayed(name, &[], &[(0, frame(0))], |interface| {
        let vi = vi(interface, EF_VI_RX_TIMESTAMPS);
        let (_, buffer) = next(&vi);
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        assert!(vi.timestamp(buffer).unwrap().seconds.abs_diff(now.as_secs()) <= 60);
    });
}

/// Frames are never early. How late they are is the machine's business.
#[test]
fn frames_come_with_the_captures_timing_or_a_multiple_of_it() {
    let all: Vec<_> = (0..4).map(|number| (number as u64 * 400_000_000, frame(number))).collect();
    let name = "replay::frames_come_with_the_captures_timing_or_a_multiple_of_it";
    if role().is_none() {
        replayed(name, &[("EFVI_MOCK_REPLAY", "x1")], &all, |_| {});
    }
    replayed(name, &[("EFVI_MOCK_REPLAY", "x20")], &all, |interface| {
        let speed = if std::env::var("EFVI_MOCK_REPLAY").as_deref() == Ok("x20") { 20 } else { 1 };
        let vi = vi(interface, 0);
        // The first frame is due at the first poll, which is later.
        let begun = Instant::now();
        for number in 0..4 {
            let (got, _) = next(&vi);
            assert_eq!(got, frame(number as usize));
            let due = Duration::from_millis(400 * number / speed);
            assert!(begun.elapsed() >= due, "{number} came after {:?}", begun.elapsed());
        }
    });
}

#[test]
fn a_program_that_sleeps_is_woken_for_each_frame() {
    let all: Vec<_> = (0..3).map(|number| (number as u64 * 50_000_000, frame(number))).collect();
    let name = "replay::a_program_that_sleeps_is_woken_for_each_frame";
    replayed(name, &[], &all, |interface| {
        let vi = vi(interface, 0);
        for number in 0..3 {
            assert_eq!(vi.prime(), 0);
            assert!(readable(&vi.domain.driver, -1));
            assert_eq!(next(&vi).0, frame(number));
        }
        assert_eq!(vi.prime(), 0);
        assert!(!readable(&vi.domain.driver, 0), "the capture is at its end");
    });
}

#[test]
fn several_vis_share_a_capture_by_their_filters() {
    let other = Packet { to: ([192, 0, 2, 2], 10), ..Packet::UDP };
    let all: Vec<_> = (0..20).map(|n| (n as u64, if n % 2 == 0 { frame(n) } else { other.sized(60 + n, n) })).collect();
    let name = "replay::several_vis_share_a_capture_by_their_filters";
    replayed(name, &[("EFVI_MOCK_REPLAY", "fast")], &all, |interface| {
        let domain = Domain::named(interface);
        let [even, odd] = [(); 2].map(|()| {
            let vi = domain.vi(Queues::default()).unwrap();
            vi.fill(0..64);
            vi
        });
        odd.filter(&Spec::local(&other)).unwrap();
        even.filter(&Spec::udp()).unwrap();
        for n in 0..10 {
            assert_eq!(next(&even).0, frame(2 * n));
        }
        for n in 0..10 {
            assert_eq!(next(&odd).0, other.sized(61 + 2 * n, 2 * n + 1));
        }
    });
}

/// `-EINVAL`, and a line on standard error that says why.
#[test]
fn a_bad_file_is_refused_with_the_reason() {
    let refused = |name: &str| Domain::open(&Driver::open(), &Interface::Name(name), EF_PD_DEFAULT).err();
    if let Some(name) = role() {
        assert_eq!(refused(&name), Some(-libc::EINVAL));
        return;
    }
    let directory = Directory::new();
    let path = |name: &str| directory.path().join(name);
    write(&path("good"), &[(0, frame(0))]);
    std::fs::write(path("text"), "not a capture, but long enough to be one").unwrap();
    std::fs::write(path("pcapng"), [0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28]).unwrap();
    std::fs::write(path("cut"), &std::fs::read(path("good")).unwrap()[..50]).unwrap();
    let test = "replay::a_bad_file_is_refused_with_the_reason";
    let said = |file: &str, replay: &str| {
        let mut command = again(test, &format!("pcap:{}", path(file).display()));
        let output = command.env("EFVI_MOCK_REPLAY", replay).output().unwrap();
        let mut said = String::from_utf8(output.stderr).unwrap();
        write!(said, " status {}", output.status.success()).unwrap();
        said
    };
    for (file, replay, expected) in [
        ("text", "", "in the format of pcap"),
        ("pcapng", "", "editcap"),
        ("cut", "", "record 1 is cut off"),
        ("none", "", "can be read"),
        ("good", "10", "x100"),
    ] {
        let said = said(file, replay);
        assert!(said.contains(expected) && said.contains("status true"), "{file}: {said}");
    }
    assert!(said("good", "").contains("status false"), "a good one is not refused");
}

#[test]
fn a_capture_of_a_port_can_be_the_wire_of_another() {
    let name = "replay::a_capture_of_a_port_can_be_the_wire_of_another";
    replayed(name, &[("EFVI_MOCK_REPLAY", "fast")], &[(0, frame(0)), (5, frame(1))], |interface| {
        let directory = Directory::new();
        let file = directory.path().join("again.pcap");
        let crate::common::Ends { tx, rx, near, .. } = &crate::common::ready(0);
        near.capture(&file).unwrap();
        let first = vi(interface, 0);
        for number in 0..2 {
            assert_eq!(tx.send(number, &next(&first).0), 0);
        }
        near.end_capture();
        let second = vi(&format!("pcap:{}", file.display()), 0);
        assert_eq!([next(&second).0, next(&second).0].to_vec(), rx.frames());
    });
}
