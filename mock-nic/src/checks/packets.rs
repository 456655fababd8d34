//! The rules of packet ids, which VIs without descriptors are given instead of buffers: each is released once.
//!
//! Only calls are seen. That a program reads a packet's memory after it has released it shows in nothing: the memory stays
//! mapped, and the adapter fills it with another frame.

use super::Violation;
use crate::abi::*;
use crate::watch::Checked;
use std::collections::BTreeSet;

/// The packets of a VI.
#[derive(Default)]
pub(crate) struct Packets {
    /// Given by an event and not released.
    held: BTreeSet<u32>,
    /// Released, and not given again.
    released: BTreeSet<u32>,
}

impl Packets {
    /// An event was given.
    pub(crate) fn event(&mut self, event: &ef_event) {
        if [EF_EVENT_TYPE_RX_REF, EF_EVENT_TYPE_RX_REF_DISCARD].contains(&event.generic().type_) {
            let id = event.rx_ref().pkt_id;
            self.released.remove(&id);
            self.held.insert(id);
        }
    }

    /// A packet is asked for.
    pub(crate) fn used(&self, vi: &Checked<'_>, id: u32) {
        if self.released.contains(&id) {
            vi.report(Violation::PacketAfterRelease, format_args!("packet {id:#x} was released"));
        } else if !self.held.contains(&id) {
            vi.report(Violation::PacketUnknown, format_args!("packet {id:#x} is asked for, which no event gave"));
        }
    }

    /// A packet is to be released.
    pub(crate) fn release(&mut self, vi: &Checked<'_>, id: u32) {
        if self.held.remove(&id) {
            self.released.insert(id);
        } else if self.released.contains(&id) {
            vi.report(Violation::PacketReleasedTwice, format_args!("packet {id:#x} released a second time"));
        } else {
            vi.report(Violation::PacketUnknown, format_args!("packet {id:#x} released, which no event gave"));
        }
    }

    /// The VI is to be freed.
    pub(crate) fn freed(&self, vi: &Checked<'_>) {
        if let Some(first) = self.held.first() {
            let count = self.held.len();
            let text = format_args!("freed with {count} packets that were not released, the first {first:#x}");
            vi.report(Violation::PacketNotReleased, text);
        }
    }
}
