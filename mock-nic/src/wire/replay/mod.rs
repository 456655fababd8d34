//! A file as the wire: an interface `pcap:FILE` is the port of an adapter to which a capture's frames come.
//!
//! The frames come as they were captured, from the first poll on after a VI has a filter: with the capture's own timing, so
//! many times as fast, or as fast as they are taken, as `EFVI_MOCK_REPLAY` says; and with timestamps of the machine's clock
//! or of the capture's. What the program sends goes nowhere. Where the capture ends the link goes down: each VI counts a
//! `link_changes`, and `EFVI_MOCK_LOG=wire` says how many frames there were.

mod alarm;
mod capture;
mod feeder;
mod link;
mod pace;

use crate::errno::Result;
use crate::filter::Filter;
use crate::settings;
use crate::time::port_clock::CapturedTime;
use crate::wire::heap::Heap;
use crate::wire::switch::{Cable, Switch};
use crate::wire::{Attachment, Link, Set, Wire};
use capture::Capture;
use core::ffi::CStr;
use feeder::Feeder;
use pace::Manner;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

/// What the names of such interfaces begin with.
const PREFIX: &[u8] = b"pcap:";

/// The file that an interface's name says, if it is of this kind.
pub fn file_of(name: &CStr) -> Option<&Path> {
    name.to_bytes().strip_prefix(PREFIX).map(|path| Path::new(OsStr::from_bytes(path)))
}

/// The wire.
pub struct Replay {
    cable: Cable,
    feeder: Arc<Feeder>,
}

impl Replay {
    /// A wire to the port of that address from a file.
    pub fn open(path: &Path, mac: [u8; 6], frame: usize) -> Result<Self> {
        let name = format!("pcap:{}", path.display());
        let manner = settings::read("EFVI_MOCK_REPLAY", Manner::parse)?.unwrap_or_default();
        let [near, far] = [mac, [0; 6]].map(|mac| Arc::new(Switch::new(Box::new(Heap::new(frame)), mac)));
        let source = Cable { near: far.clone(), far: near.clone() }.attach(Attachment::default())?;
        let feeder = Capture::open(path)
            .and_then(|capture| Feeder::new(name.clone(), capture, manner, source, frame))
            .map_err(|why| feeder::refuse(&name, &why))?;
        Ok(Self { cable: Cable { near, far }, feeder: Arc::new(feeder) })
    }

    /// The capture's time, if the port's clock is to tell that.
    pub fn time(&self) -> Option<Arc<CapturedTime>> {
        self.feeder.time()
    }
}

impl Wire for Replay {
    fn attach(&self, how: Attachment) -> Result<Box<dyn Link>> {
        let cells = how.cells.clone();
        Ok(Box::new(link::ReplayLink::new(self.cable.attach(how)?, self.feeder.clone(), cells)))
    }

    fn set(&self, count: usize) -> Result<Box<dyn Set>> {
        Ok(Box::new(Members { inner: self.cable.set(count)?, feeder: self.feeder.clone() }))
    }

    fn left_to_kernel(&self) -> u64 {
        self.cable.left_to_kernel()
    }
}

/// A set of VIs, whose filters let the capture begin, too.
struct Members {
    inner: Box<dyn Set>,
    feeder: Arc<Feeder>,
}

impl Set for Members {
    fn join(&self, index: usize, member: u64) -> Result<()> {
        self.inner.join(index, member)
    }

    fn filter_add(&self, filter: Filter, looped: bool) -> Result<u32> {
        let id = self.inner.filter_add(filter, looped)?;
        self.feeder.open();
        Ok(id)
    }

    fn filter_remove(&self, id: u32) -> Result<()> {
        self.inner.filter_remove(id)
    }
}
