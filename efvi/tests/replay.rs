//! A capture as the wire: a program for an adapter is fed with what was captured at another.

// Miri has no files.
#![cfg(not(miri))]

mod common;

use std::path::PathBuf;

use common::*;
use efvi::{Driver, Error, ProtectionDomain, VirtualInterface};

/// A capture that is gone with the test.
struct Capture(PathBuf);

impl Capture {
    /// Of these frames, a microsecond apart, in the plain format of pcap.
    fn of(name: &str, frames: &[Vec<u8>]) -> Capture {
        let path = std::env::temp_dir().join(format!("efvi-replay.{}.{name}", std::process::id()));
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let mut file = words(&[0xa1b2_c3d4, 0x0004_0002, 0, 0, 65535, 1]);
        for (number, frame) in frames.iter().enumerate() {
            let length = frame.len() as u32;
            file.extend(words(&[1_700_000_000, number as u32, length, length]));
            file.extend(frame);
        }
        std::fs::write(&path, file).unwrap();
        Capture(path)
    }

    fn interface(&self) -> String {
        format!("pcap:{}", self.0.display())
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // Best effort: it is in the directory for such files.
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn a_program_gets_what_was_captured() {
    let (near, far) = pair(VirtualInterface::builder());
    let frames: Vec<Vec<u8>> = (0..300).map(|sequence| udp(near.station, far.station, &payload(sequence))).collect();
    let capture = Capture::of("whole", &frames);
    let mut end = End::new(&capture.interface(), far.station.address, VirtualInterface::builder());
    let (_, mut rx, _) = end.start();
    assert_eq!(wait_received(&mut rx, frames.len()), frames);
    expect_quiet(&mut rx);
}

#[test]
fn only_what_a_filter_takes_is_seen() {
    let (near, far) = pair(VirtualInterface::builder());
    let frames: Vec<Vec<u8>> = (0..10)
        .map(|sequence| if sequence % 2 == 0 { (near.station, far.station) } else { (far.station, near.station) })
        .map(|(from, to)| udp(from, to, b"a frame"))
        .collect();
    let capture = Capture::of("half", &frames);
    let mut end = End::new(&capture.interface(), far.station.address, VirtualInterface::builder());
    let (_, mut rx, _) = end.start();
    assert_eq!(wait_received(&mut rx, 5).len(), 5);
    expect_quiet(&mut rx);
}

#[test]
fn what_is_no_capture_is_refused() {
    let capture = Capture::of("spoilt", &[]);
    std::fs::write(&capture.0, "no capture").unwrap();
    let error = ProtectionDomain::open(&Driver::open().unwrap(), &capture.interface()).unwrap_err();
    assert!(matches!(&error, Error::Interface { .. }), "{error:?}");
    assert!(error.to_string().contains(&capture.interface()), "{error}");
}
