//! Capture: the frames that a port's VIs send and receive, in a file that tshark and tcpdump read.
//!
//! Each frame is written by one system call, when it is on the wire or taken off it: so the file is whole whichever way
//! the program ends, and two VIs' frames don't mix. A frame that several VIs receive is there once for each.

use crate::errno::{Errno, Result};
use crate::port::Port;
use crate::wire::pass::pass;
use crate::wire::{Arrival, Flags, Link, OnWire, Outgoing, Stamp, When};
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

/// A port's capture: none until one is started.
#[derive(Default)]
pub(crate) struct Slot(RwLock<Option<Arc<File>>>);

/// Magic number of a file whose stamps are nanoseconds.
const MAGIC: u32 = 0xa1b2_3c4d;
/// The longest frame that is kept whole, as the file's header says it.
const SNAP: u32 = 65535;
/// Link type Ethernet.
const ETHERNET: u32 = 1;

impl Slot {
    /// Starts a capture into a new file, which ends the last one.
    pub(crate) fn start(&self, path: &Path) -> Result<()> {
        let errno = |e: std::io::Error| Errno(e.raw_os_error().unwrap_or(libc::EIO));
        let mut file = File::create(path).map_err(errno)?;
        // Version 2.4, stamps in UTC of no stated accuracy.
        let words = [MAGIC, 2 | 4 << 16, 0, 0, SNAP, ETHERNET];
        file.write_all(&words.map(u32::to_ne_bytes).concat()).map_err(errno)?;
        crate::faults::arm();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(file));
        Ok(())
    }

    /// Ends the capture.
    pub(crate) fn stop(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn file(&self) -> Option<Arc<File>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A link whose frames are captured while its port is.
pub(crate) struct CaptureLink {
    inner: Box<dyn Link>,
    port: Arc<Port>,
    /// The frame that [`Link::arrival`] gave, until it is taken.
    arrived: Option<Arrival>,
    /// The start of a frame that leaves piece by piece, and its stamp: empty once it has left.
    begun: (Vec<u8>, Stamp),
    record: Vec<u8>,
}

impl CaptureLink {
    pub(crate) fn new(inner: Box<dyn Link>, port: Arc<Port>) -> Self {
        Self { inner, port, arrived: None, begun: (Vec::new(), 0), record: Vec::new() }
    }

    /// Writes the frame that `fill` puts into room for `length` bytes. A file that can't be written to is given up.
    fn write(&mut self, mut file: &File, stamp: Stamp, length: usize, fill: impl FnOnce(&mut [u8])) {
        const HEADER: usize = 16;
        let clock = &self.port.clock;
        let time = clock.time(if stamp == 0 { clock.ticks() } else { stamp });
        let words = [time.seconds as u32, time.nanoseconds, length as u32, length as u32];
        self.record.clear();
        self.record.extend(words.map(u32::to_ne_bytes).concat());
        self.record.resize(HEADER + length, 0);
        fill(&mut self.record[HEADER..]);
        if file.write_all(&self.record).is_err() {
            self.port.capture.stop();
        }
    }
}

impl Link for CaptureLink {
    pass!(interrupt prime filter_add filter_remove has_filter filter_of queue_for queue_filter_add);
    pass!(member outside overruns);

    fn transmit(&mut self, frame: &Outgoing<'_>, when: When) -> OnWire {
        let Some(file) = self.port.capture.file() else { return self.inner.transmit(frame, when) };
        let when = if matches!(when, When::Unasked) { When::Now } else { when };
        let sent = self.inner.transmit(frame, when);
        // SAFETY: there is room for the frame, and its pieces are readable.
        self.write(&file, sent.stamp, frame.wire_length(), |to| unsafe { frame.write(to.as_mut_ptr()) });
        sent
    }

    fn arrival(&mut self) -> Option<Arrival> {
        self.arrived = self.inner.arrival();
        self.arrived
    }

    fn take(&mut self) {
        if let Some(arrival) = self.arrived.take()
            && let Some(file) = self.port.capture.file()
        {
            // SAFETY: the bytes stay valid until the inner link's next call.
            let frame = unsafe { core::slice::from_raw_parts(arrival.bytes, arrival.length) };
            self.write(&file, arrival.stamp, frame.len(), |to| to.copy_from_slice(frame));
        }
        self.inner.take();
    }

    fn arriving(&mut self) -> Option<Arrival> {
        self.arrived = self.inner.arriving();
        self.arrived
    }

    fn begin(&mut self, start: &[u8], stamp: Stamp) -> bool {
        let begun = self.inner.begin(start, stamp);
        self.begun.0.clear();
        if begun && self.port.capture.file().is_some() {
            self.begun.0.extend_from_slice(start);
            self.begun.1 = stamp;
        }
        begun
    }

    fn finish(&mut self, rest: &[u8], flags: Flags) {
        self.inner.finish(rest, flags);
        let (mut frame, stamp) = core::mem::take(&mut self.begun);
        if !frame.is_empty()
            && let Some(file) = self.port.capture.file()
        {
            frame.extend_from_slice(rest);
            self.write(&file, stamp, frame.len(), |to| to.copy_from_slice(&frame));
        }
    }

    fn leave(&mut self) {
        self.inner.leave();
    }
}

// SAFETY: the arrival's bytes belong to the inner link, which is `Send`, and are read through this one only.
unsafe impl Send for CaptureLink {}

// Miri has no files.
#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;
    use crate::fabric::{Fabric, FabricPort};
    use crate::filter::{Filter, Match};
    use crate::{faults, port};
    use std::ffi::CString;

    const START: [u8; 62] = [2; 62];
    const REST: [u8; 38] = [7; 38];

    fn begin(port: &FabricPort) -> Box<dyn Link> {
        let port = port::by_name(&CString::new(port.name()).unwrap()).unwrap().0;
        let link = port.wire.attach(Default::default()).unwrap();
        let mut link = faults::adapter::wrapped(link, &port, &Arc::default());
        assert!(link.begin(&START, 1_000));
        link
    }

    /// Faults and capture stand between a VI and its wire: a frame that leaves piece by piece passes both.
    #[test]
    fn a_frame_that_leaves_piece_by_piece_arrives_and_is_captured() {
        let port = Fabric::new().looped().unwrap();
        let opened = port::by_name(&CString::new(port.name()).unwrap()).unwrap().0;
        let mut receiver = opened.wire.attach(Default::default()).unwrap();
        let all = Match { mac: Some(0x0202_0202_0202), ..Match::default() };
        receiver.filter_add(Filter::Match(all), false).unwrap();
        let path = std::env::temp_dir().join(format!("pcap-begun.{}", std::process::id()));
        port.capture(&path).unwrap();

        let mut link = begin(&port);
        assert!(receiver.arriving().unwrap().flags.has(Flags::ARRIVING));
        link.finish(&REST, Flags::FCS_BAD);
        let arrival = receiver.arrival().unwrap();
        // SAFETY: valid until the next call.
        let bytes = unsafe { core::slice::from_raw_parts(arrival.bytes, arrival.length) };
        assert!(bytes == [&START[..], &REST].concat() && arrival.flags == Flags::FCS_BAD);
        let file = std::fs::read(&path).unwrap();
        assert_eq!(file.len(), 24 + 16 + 100, "the file's header, the frame's, the frame");
        assert!(file.ends_with(bytes));

        // Nothing is left of it for the next one, nor of one that was begun before the capture.
        port.end_capture();
        let mut link = begin(&port);
        port.capture(&path).unwrap();
        link.finish(&REST, Flags::default());
        assert_eq!(std::fs::read(&path).unwrap().len(), 24);
        std::fs::remove_file(&path).ok();
    }
}
