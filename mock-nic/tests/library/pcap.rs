//! Capture: a file with the frames that a port sends and receives, in pcap's format.

use crate::common::{Directory, Domain, Ends, Packet, Queues, Spec, again, ready, role, succeeds};
use efvi_sys::*;
use mock_nic::{Errno, Fault, Faults};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

/// The time and the bytes of each frame in a file.
fn read(path: &Path) -> Vec<(Duration, Vec<u8>)> {
    let file = std::fs::read(path).unwrap();
    let word = |at: usize| u32::from_ne_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!((word(0), word(4), word(20)), (0xa1b2_3c4d, 2 | 4 << 16, 1), "nanoseconds, version 2.4, Ethernet");
    let (mut frames, mut at) = (Vec::new(), 24);
    while at < file.len() {
        let (seconds, nanoseconds, length) = (word(at), word(at + 4), word(at + 8) as usize);
        assert_eq!(word(at + 12) as usize, length, "frames are whole");
        frames.push((Duration::new(seconds.into(), nanoseconds), file[at + 16..at + 16 + length].to_vec()));
        at += 16 + length;
    }
    assert_eq!(at, file.len());
    frames
}

fn bytes(path: &Path) -> Vec<Vec<u8>> {
    read(path).into_iter().map(|(_, bytes)| bytes).collect()
}

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60 + number, number)
}

#[test]
fn both_directions_are_there_once_each() {
    let directory = Directory::new();
    let files = [directory.path().join("near"), directory.path().join("far")];
    let Ends { tx, rx, near, far } = &ready(EF_VI_TX_CTPIO);
    assert_eq!(tx.send(0, &frame(0)), 0);
    near.capture(&files[0]).unwrap();
    far.capture(&files[1]).unwrap();
    assert_eq!(rx.frames(), [frame(0)]);
    let back = Packet { to: ([192, 0, 2, 1], 7), ..Packet::UDP };
    tx.filter(&Spec::local(&back)).unwrap();
    tx.fill(0..8);
    assert_eq!(tx.send(1, &frame(1)), 0);
    assert_eq!(tx.send_ctpio(2, &frame(2), 64), 0);
    assert_eq!(rx.frames(), [frame(1), frame(2)]);
    assert_eq!(rx.send(0, &back.sized(70, 0)), 0);
    assert_eq!(tx.drain().len(), 4, "completions of three sends, and the answer");
    let answer = back.sized(70, 0);
    assert_eq!(bytes(&files[0]), [frame(1), frame(2), answer.clone()], "as long as it was captured");
    assert_eq!(bytes(&files[1]), [frame(0), frame(1), frame(2), answer]);
    near.end_capture();
    assert_eq!(tx.send(3, &frame(3)), 0);
    assert_eq!(bytes(&files[0]).len(), 3);
}

#[test]
fn stamps_are_the_ports_time() {
    let directory = Directory::new();
    let file = directory.path().join("file");
    let Ends { tx, rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    far.capture(&file).unwrap();
    assert_eq!(tx.send(0, &frame(0)), 0);
    let events = rx.drain();
    let stamp = rx.timestamp(EF_EVENT_RX_RQ_ID(&events[0]) as usize).unwrap();
    let (time, _) = read(&file)[0];
    assert_eq!(time, Duration::new(stamp.seconds, stamp.nanoseconds), "the one that the program gets");
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap();
    assert!(now.abs_diff(time) < Duration::from_secs(60));
}

/// What is on the wire is captured: damaged frames as they are, lost ones not, and padding.
#[test]
fn the_wire_is_what_is_captured() {
    let directory = Directory::new();
    let file = directory.path().join("file");
    let Ends { tx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    near.capture(&file).unwrap();
    near.set_faults(&Faults::builder().on(Fault::Drop, 1).on(Fault::Duplicate, 2).on(Fault::Truncate, 3).build());
    for id in 1..=3 {
        assert_eq!(tx.send(id, &frame(40)), 0);
    }
    assert_eq!(tx.send(4, &Packet::UDP.frame(b"short")), 0);
    let captured = bytes(&file);
    assert_eq!(captured[..2], [frame(40), frame(40)]);
    assert!(captured[2].len() < 100 && frame(40).starts_with(&captured[2]));
    assert_eq!((captured.len(), captured[3].len()), (4, 60));
}

#[test]
fn a_file_that_cannot_be_made_is_an_error() {
    let port = mock_nic::Fabric::new().looped().unwrap();
    assert_eq!(port.capture("/nowhere/at/all"), Err(Errno(libc::ENOENT)));
}

/// By the variable `lo` is captured, and the file is whole though the program ends without freeing anything.
#[test]
fn the_variable_captures_lo() {
    const TEST: &str = "pcap::the_variable_captures_lo";
    if role().is_some() {
        let vi = Domain::named("lo").vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        vi.fill(0..8);
        assert_eq!(vi.send(0, &frame(0)), 0);
        assert_eq!(vi.drain().len(), 2);
        std::mem::forget(vi);
        return;
    }
    let directory = Directory::new();
    let mut run = again(TEST, "captured");
    run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_PCAP", directory.path().join("lo.%p.pcap"));
    succeeds(run);
    let files = directory.files();
    let [file] = &files[..] else { panic!("{files:?}") };
    let number = file.strip_prefix("lo.").and_then(|rest| rest.strip_suffix(".pcap")).unwrap();
    assert!(number.parse::<u32>().is_ok(), "{file}");
    assert_eq!(bytes(&directory.path().join(file)), [frame(0), frame(0)], "sent, and received");
}

/// A reader that is not ours, tcpdump, finds the frames in it, whole, with all digits of their times.
#[test]
fn tcpdump_reads_it() {
    let directory = Directory::new();
    let file = directory.path().join("file");
    let Ends { tx, rx, far, .. } = &ready(EF_VI_RX_TIMESTAMPS);
    far.capture(&file).unwrap();
    let frames = [frame(0), frame(1), frame(1400)];
    for (id, frame) in frames.iter().enumerate() {
        assert_eq!(tx.send(id, frame), 0);
    }
    assert_eq!(rx.frames(), frames);
    // Root's tcpdump would take another user's rights, and read nothing of root's.
    let user = if std::path::Path::new("/proc/self").metadata().is_ok_and(|it| it.uid() == 0) { "root" } else { "" };
    let user: &[&str] = if user.is_empty() { &[] } else { &["-Z", user] };
    let shown = Command::new("tcpdump")
        .args(["-n", "-e", "-vv", "-x", "-tt", "--time-stamp-precision=nano", "-r"])
        .arg(&file)
        .args(user)
        .output();
    let Ok(shown) = shown else {
        eprintln!("skipped: there is no tcpdump");
        return;
    };
    assert!(shown.status.success(), "{shown:?}");
    let text = String::from_utf8(shown.stdout).unwrap();
    let mut packets: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        match (line.starts_with(char::is_whitespace), line.trim().strip_prefix("0x"), packets.last_mut()) {
            (false, ..) => packets.push((line.to_owned(), String::new())),
            (true, Some(hex), Some((_, bytes))) => {
                bytes.extend(hex.split_once(':').unwrap().1.chars().filter(char::is_ascii_hexdigit));
            }
            (true, _, Some((about, _))) => about.push_str(line),
            _ => {}
        }
    }
    let times = read(&file).into_iter().map(|(time, _)| format!("{}.{:09} ", time.as_secs(), time.subsec_nanos()));
    let expected: Vec<_> = times.zip(&frames).collect();
    assert_eq!(packets.len(), expected.len(), "{text}");
    for ((about, bytes), (time, frame)) in packets.iter().zip(&expected) {
        assert!(about.starts_with(time) && about.contains(&format!("length {}: ", frame.len())), "{time}: {about}");
        assert!(about.contains("udp sum ok"), "{about}");
        // It shows what is behind the Ethernet header.
        assert_eq!(*bytes, frame[14..].iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}
