//! Captures: files in the classic format of pcap, with stamps in microseconds or nanoseconds, of either byte order.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;

/// Bytes that are read from the file at once.
const CHUNK: usize = 1 << 20;
/// The longest frame that is believed: more than any snap length that programs use.
const LONGEST: u32 = 1 << 18;
/// Link type Ethernet, in the lower bits: above them a length of the check sequence may be said.
const ETHERNET: u32 = 1;
const LINK_TYPE: u32 = 0x03ff_ffff;

/// A capture that is read from its start to its end.
pub struct Capture {
    file: BufReader<File>,
    swapped: bool,
    /// Nanoseconds of a stamp's smaller part.
    unit: u64,
    /// How many records were read.
    records: u64,
    frame: Vec<u8>,
}

/// A record of a capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// Nanoseconds since the epoch.
    pub time: u64,
    /// The frame was longer than what was kept of it.
    pub cut: bool,
}

impl Capture {
    /// Opens a file. The error says what is wrong with it.
    pub fn open(path: &Path) -> Result<Self, String> {
        let file = File::open(path).map_err(|e| format!("{e}: give the path of a capture that can be read"))?;
        let mut file = BufReader::with_capacity(CHUNK, file);
        let mut header = [0; 24];
        let got = fill(&mut file, &mut header).map_err(|e| e.to_string())?;
        let word = |at: usize, swapped: bool| word(&header, at, swapped);
        let (swapped, unit) = match word(0, false) {
            _ if got < 4 => return Err(format!("the file has {got} bytes: that is no capture")),
            0xa1b2_c3d4 => (false, 1000),
            0xd4c3_b2a1 => (true, 1000),
            0xa1b2_3c4d => (false, 1),
            0x4d3c_b2a1 => (true, 1),
            0x0a0d_0d0a => {
                return Err(
                    "it is in the format pcapng: expected pcap; `editcap -F nsecpcap IN OUT` makes one".to_owned()
                );
            }
            other => return Err(format!("it begins with {other:#010x}: expected a capture in the format of pcap")),
        };
        if got < header.len() {
            return Err(format!("the file's header is cut off: expected 24 bytes, got {got}"));
        }
        let kind = word(20, swapped) & LINK_TYPE;
        if kind != ETHERNET {
            return Err(format!("its link type is {kind}: expected {ETHERNET}, Ethernet"));
        }
        Ok(Self { file, swapped, unit, records: 0, frame: Vec::with_capacity(LONGEST as usize) })
    }

    /// Reads the next record; none at the file's end. The error says where the file is wrong.
    pub fn next(&mut self) -> Result<Option<Record>, String> {
        let number = self.records + 1;
        let mut header = [0; 16];
        let got = fill(&mut self.file, &mut header).map_err(|e| format!("record {number}: {e}"))?;
        if got == 0 {
            return Ok(None);
        }
        if got < header.len() {
            return Err(format!("record {number} is cut off after {got} bytes"));
        }
        let word = |at: usize| word(&header, at, self.swapped);
        let (seconds, part, kept, length) = (word(0), word(4), word(8), word(12));
        if kept > LONGEST {
            return Err(format!("record {number} says that it has {kept} bytes: expected {LONGEST} at most"));
        }
        self.frame.resize(kept as usize, 0);
        let got = fill(&mut self.file, &mut self.frame).map_err(|e| format!("record {number}: {e}"))?;
        if got < kept as usize {
            return Err(format!("record {number} is cut off: expected {kept} bytes, got {got}"));
        }
        self.records = number;
        let time = u64::from(seconds) * 1_000_000_000 + u64::from(part) * self.unit;
        Ok(Some(Record { time, cut: kept < length }))
    }

    /// The frame of the record that was read last.
    pub fn frame(&self) -> &[u8] {
        &self.frame
    }
}

/// Reads as much as there is room for, or until the end; how much that is.
fn fill(file: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < into.len() {
        match file.read(&mut into[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(got)
}

fn word(bytes: &[u8], at: usize, swapped: bool) -> u32 {
    let word = bytes[at..].first_chunk().map_or(0, |word| u32::from_ne_bytes(*word));
    if swapped { word.swap_bytes() } else { word }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    fn words(words: &[u32], swapped: bool) -> Vec<u8> {
        words.iter().flat_map(|word| if swapped { word.swap_bytes() } else { *word }.to_ne_bytes()).collect()
    }

    /// A capture of a file with these bytes.
    fn open(bytes: &[u8]) -> Result<Capture, String> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("replay-test.{}.{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).unwrap();
        let capture = Capture::open(&path);
        std::fs::remove_file(&path).unwrap();
        capture
    }

    fn header(magic: u32, link: u32, swapped: bool) -> Vec<u8> {
        words(&[magic, if swapped { 0x0002_0004 } else { 0x0004_0002 }, 0, 0, 65535, link], swapped)
    }

    fn error(bytes: &[u8]) -> String {
        open(bytes).err().unwrap()
    }

    #[test]
    fn both_units_and_both_byte_orders_are_read() {
        for (magic, part) in [(0xa1b2_c3d4, 123_456), (0xa1b2_3c4d, 123_456_000)] {
            for swapped in [false, true] {
                let mut file = header(magic, 1, swapped);
                file.extend(words(&[7, part, 5, 5], swapped));
                file.extend(b"frame");
                file.extend(words(&[8, 0, 2, 60], swapped));
                file.extend(b"fr");
                let mut capture = open(&file).unwrap();
                assert_eq!(capture.next(), Ok(Some(Record { time: 7_123_456_000, cut: false })));
                assert_eq!(capture.frame(), b"frame");
                assert_eq!(capture.next(), Ok(Some(Record { time: 8_000_000_000, cut: true })));
                assert_eq!(capture.frame(), b"fr");
                assert_eq!(capture.next(), Ok(None));
                assert_eq!(capture.next(), Ok(None));
            }
        }
    }

    #[test]
    fn what_is_no_capture_of_ours_is_refused_with_the_reason() {
        assert!(error(b"").contains("0 bytes"));
        assert!(error(b"GET / HTTP").contains("expected a capture"));
        assert!(error(&0x0a0d_0d0a_u32.to_ne_bytes()).contains("editcap"));
        let good = header(0xa1b2_c3d4, 1, false);
        assert!(open(&good).is_ok());
        for length in 4..good.len() {
            assert!(error(&good[..length]).contains("cut off"), "{length}");
        }
        assert!(error(&header(0xa1b2_c3d4, 101, false)).contains("link type is 101"));
        assert!(open(&header(0xa1b2_c3d4, 0xf400_0001, false)).is_ok(), "a length of the check sequence is said");
        assert!(Capture::open(Path::new("/nowhere/at/all")).err().unwrap().contains("can be read"));
    }

    #[test]
    fn a_record_that_breaks_off_says_which() {
        let mut file = header(0xa1b2_c3d4, 1, false);
        file.extend(words(&[1, 2, 4, 4], false));
        file.extend(b"once");
        let whole = file.len();
        file.extend(words(&[3, 4, 4, 4], false));
        file.extend(b"more");
        for length in whole + 1..file.len() {
            let mut capture = open(&file[..length]).unwrap();
            assert!(capture.next().unwrap().is_some());
            let why = capture.next().unwrap_err();
            assert!(why.contains("record 2 is cut off"), "{why}");
        }
        file.truncate(whole);
        file.extend(words(&[3, 4, u32::MAX, 4], false));
        let mut capture = open(&file).unwrap();
        assert!(capture.next().unwrap().is_some());
        assert!(capture.next().unwrap_err().contains("4294967295"));
    }
}
