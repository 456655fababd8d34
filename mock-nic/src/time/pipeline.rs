//! When a VI's frames are on the wire, and when what it receives is in its memory.

use super::{Costs, STAMP_BASE, now, spend};
use crate::frame::MIN_FRAME;
use crate::wire::switch::Switch;
use crate::wire::{START, Stamp};
use core::sync::atomic::Ordering::Relaxed;
use std::sync::Arc;

/// Preamble and start-of-frame delimiter.
const PREAMBLE: u64 = 8;
/// Frame check sequence.
const FCS: u64 = 4;
/// Inter-frame gap.
const GAP: u64 = 12;

/// The CTPIO aperture's header.
const CTPIO_HEADER: usize = 8;

/// Where the adapter has a frame from.
#[derive(Clone, Copy)]
enum Source {
    /// It fetches it from the host's memory.
    Memory,
    /// The processor wrote it to the adapter.
    Adapter,
}

/// The way of a VI's frames through the adapter.
pub(crate) struct Pipeline {
    costs: Costs,
    /// The port's receive side, which also keeps until when its wire is taken.
    port: Arc<Switch>,
    source: Source,
    /// When the adapter knows of what it is to send.
    known: u64,
    /// When it has fetched what it was to fetch before.
    fetched: u64,
    /// When the last event of the transmit side is in the event queue: none overtakes another.
    completed: u64,
    /// When the last frame that was received is in the host's memory, with its event: buffers are filled in order, and
    /// the ids of events are taken off the ring in theirs.
    received: u64,
}

fn lines(bytes: usize) -> u64 {
    bytes.div_ceil(64) as u64
}

impl Pipeline {
    pub(crate) fn new(costs: Costs, port: Arc<Switch>) -> Self {
        Self { costs, port, source: Source::Memory, known: 0, fetched: 0, completed: 0, received: 0 }
    }

    /// The processor rings the doorbell, with a descriptor in it or not.
    pub(crate) fn doorbell(&mut self, pushed: bool) {
        let Costs { doorbell, push, pcie_write, fetch, .. } = self.costs;
        self.source = Source::Memory;
        self.known = spend(if pushed { push } else { doorbell }) + pcie_write + if pushed { 0 } else { fetch };
        // A frame that went by CTPIO completes with its fallback's descriptor, if not later.
        self.answer(self.known);
    }

    /// The adapter answers, at this time or when it is done with what it was told before.
    fn answer(&mut self, time: u64) {
        self.completed = self.completed.max(time + self.costs.pcie_write + self.costs.event);
    }

    /// The adapter answers what was written to it just now, and sends nothing.
    pub(crate) fn refuse(&mut self) {
        self.answer(now() + self.costs.pcie_write);
    }

    /// The processor writes a frame to the PIO region.
    pub(crate) fn pio(&mut self, length: usize) {
        spend(lines(length) * self.costs.pio_write);
    }

    /// The processor has the adapter do something with frames that it has buffered.
    pub(crate) fn command(&mut self) {
        self.known = spend(self.costs.doorbell) + self.costs.pcie_write;
        self.source = Source::Adapter;
        self.answer(self.known);
    }

    /// What is sent next lies in the adapter.
    pub(crate) fn buffered(&mut self) {
        self.source = Source::Adapter;
    }

    /// The adapter keeps a frame, once it has it.
    pub(crate) fn buffer(&mut self, length: usize) {
        let there = self.ready(length);
        self.answer(there);
    }

    /// When the adapter has a frame whole, or enough of it to send.
    fn ready(&mut self, length: usize) -> u64 {
        match self.source {
            Source::Adapter => self.known,
            Source::Memory => self.fetch(length),
        }
    }

    /// When the adapter has fetched a frame from the host's memory.
    fn fetch(&mut self, length: usize) -> u64 {
        let Costs { payload, payload_64, .. } = self.costs;
        self.fetched = self.fetched.max(self.known + payload) + lines(length) * payload_64;
        self.fetched
    }

    /// The processor writes a frame to the CTPIO aperture. It goes out once `buffered` bytes of it are there. False if
    /// the writes are too slow for the wire, which has begun to send it.
    pub(crate) fn ctpio(&mut self, length: usize, buffered: usize) -> bool {
        let Costs { ctpio_write, pcie_write, .. } = self.costs;
        let start = now();
        let written = spend(lines(CTPIO_HEADER + length) * ctpio_write) + pcie_write;
        let enough = start + lines(CTPIO_HEADER + buffered.min(length)) * ctpio_write + pcie_write;
        self.source = Source::Adapter;
        self.known = enough;
        // The last write brings what is left for the wire when all before it has gone.
        let before = (lines(CTPIO_HEADER + length) - 1) * 64;
        written
            <= enough
                + self.costs.transmit
                + (PREAMBLE + before.saturating_sub(CTPIO_HEADER as u64)) * self.costs.byte()
    }

    /// A frame of this length goes on the wire; its stamp is the time of its first byte.
    pub(crate) fn send(&mut self, length: usize) -> Stamp {
        let ready = self.ready(length);
        let costs = self.costs;
        let frame = (PREAMBLE + length.max(MIN_FRAME) as u64 + FCS) * costs.byte();
        let mut start = ready + costs.transmit;
        let free = &self.port.table().wire_free;
        let taken = |free: u64| {
            start = start.max(free);
            Some(start + frame + GAP * costs.byte())
        };
        // Never refused: the closure gives a time each time.
        free.fetch_update(Relaxed, Relaxed, taken).ok();
        self.answer(start + frame);
        STAMP_BASE + start + PREAMBLE * costs.byte()
    }

    /// When the last event of the transmit side is in the event queue.
    pub(crate) fn completed(&self) -> u64 {
        self.completed
    }

    /// The receiver's stamp of a frame.
    pub(crate) fn arrived(&self, sent: Stamp) -> Stamp {
        sent + self.costs.propagation
    }

    /// When the first bytes of a frame with this stamp of the receiver's can be seen; to look costs time.
    pub(crate) fn look(&self, arrived: Stamp) -> bool {
        spend(self.costs.peek) >= self.delivered(arrived, START) - self.costs.event
    }

    /// True if a frame with this stamp of the receiver's is in the host's memory, with what is said of it.
    pub(crate) fn is_there(&self, arrived: Stamp, length: usize) -> bool {
        now() >= self.delivered(arrived, length)
    }

    /// When a frame with this stamp of the receiver's, and its event, are in the host's memory.
    pub(crate) fn delivered(&self, arrived: Stamp, length: usize) -> u64 {
        let costs = &self.costs;
        let end = arrived - STAMP_BASE + (length as u64 + FCS) * costs.byte();
        end + costs.receive + costs.dma + lines(length.saturating_sub(64)) * costs.dma_64 + costs.event
    }

    /// The same of a frame that is written to the host's memory now, behind those before it.
    pub(crate) fn receive(&mut self, arrived: Stamp, length: usize) -> u64 {
        self.received = self.received.max(self.delivered(arrived, length));
        self.received
    }
}
