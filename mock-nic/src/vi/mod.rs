//! Virtual interfaces: the application's `ef_vi`, and the adapter's side of it.
//!
//! `ef_vi` and what it points to are kept as the real library keeps them, because the macros and inline functions of
//! the C interface read them. The adapter's side hangs on `ef_vi.io`, where the real one has its doorbells.

mod alloc;
pub(crate) mod alternatives;
mod ctpio;
mod descriptor;
pub(crate) mod discards;
mod efct;
pub(crate) mod event;
#[cfg(onload_since = "9.0.1")]
mod extra;
mod filter_spec;
mod filters;
mod layout;
pub(crate) mod left;
mod merge;
mod ops;
mod outside;
mod packed_stream;
mod pio;
mod queue;
pub(crate) mod receive;
mod recovery;
pub(crate) mod release;
#[cfg(onload_since = "9.1.0")]
mod revival;
mod set;
mod software;
pub(crate) mod special;
mod stats;
mod timer;
mod timestamp;
pub(crate) mod transmit;
mod wakeup;
#[cfg(onload_since = "9.0.1")]
mod warm;

/// The longest frame that a VI without descriptors can receive.
pub(crate) use efct::LONGEST as LONGEST_REFERENCED;

use crate::abi::*;
use crate::counters::Cells;
use crate::domain::Domain;
use crate::pio::Linked;
use crate::port::ViCounters;
use crate::time::Pipeline;
use crate::time::port_clock::PortClock;
use crate::watch::Watch;
use crate::wire::{Flags, Link};
use core::ffi::c_char;
use std::sync::Arc;

/// The adapter's side of a VI.
pub(crate) struct Vi {
    /// The application's side.
    pub(crate) host: *mut ef_vi,
    pub(crate) flags: ef_vi_flags,
    pub(crate) domain: Arc<Domain>,
    pub(crate) link: Box<dyn Link>,
    pub(crate) cells: Arc<Cells>,
    /// The same, with what the wire counts, as the port has it too.
    counted: ViCounters,
    pub(crate) clock: Arc<PortClock>,
    /// On virtual time only.
    pub(crate) time: Option<Box<Pipeline>>,
    /// The event queue: this VI's or another's.
    pub(crate) queue: *mut queue::Queue,
    /// The VI whose event queue it is.
    pub(crate) queue_vi: *mut ef_vi,
    /// Which of the event queue's users this VI is.
    pub(crate) label: u32,
    /// Checksums filled in on the way out: IPv4's, TCP's and UDP's.
    pub(crate) insert: (bool, bool),
    /// What a frame with them says of itself.
    pub(crate) inserted: Flags,
    /// The port's longest frame.
    pub(crate) max_frame: usize,
    pub(crate) tx: transmit::Ring,
    /// The PIO region that it is linked with.
    pub(crate) pio: Option<Linked>,
    pub(crate) alternatives: Option<Box<alternatives::Alternatives>>,
    pub(crate) rx: receive::Ring,
    sniffs: filters::Sniffs,
    /// Its place in a set of VIs.
    _seat: Option<set::Seat>,
    /// On X3, and on X4's express datapath.
    efct: Option<Box<efct::Efct>>,
    /// Where its wire is not memory.
    outside: Option<Box<outside::Side>>,
    /// Faults and capture stand between it and its wire.
    pub(crate) equipped: bool,
    /// Who watches its calls.
    pub(crate) watch: Option<Arc<Watch>>,
    memory: alloc::Memory,
}

impl Vi {
    /// The VI's ends of the wire: its own, and those of the shared queues that it is attached to.
    pub(crate) fn links(&mut self) -> impl Iterator<Item = &mut Box<dyn Link>> {
        core::iter::once(&mut self.link).chain(self.efct.iter_mut().flat_map(|efct| efct.links()))
    }

    /// It receives packets by reference, not into posted buffers.
    pub(crate) fn has_references(&self) -> bool {
        self.efct.is_some()
    }

    /// Of what is known of the clock the timestamps of packet references say these `EF_VI_SYNC_FLAG_*` at most.
    pub(crate) fn say_of_references(&mut self, flags: u32) {
        if let Some(efct) = &mut self.efct {
            efct.said_of_clock = flags;
        }
    }

    /// What stands for the CTPIO aperture: nothing is written through it, but its address tells whether the
    /// application has put other memory in its place.
    pub(crate) fn aperture(&self) -> *mut c_char {
        self.memory.aperture
    }
}

/// The adapter's side of an allocated VI.
#[inline]
pub(crate) unsafe fn adapter(vi: *mut ef_vi) -> *mut Vi {
    // SAFETY: the caller gives a VI that was allocated.
    unsafe { (*vi).io.cast() }
}

/// True for a VI of the datapath without descriptors.
#[inline]
pub(crate) unsafe fn is_efct(vi: *mut ef_vi) -> bool {
    // SAFETY: the caller gives a VI that was allocated.
    unsafe { u32::from((*vi).nic_type.arch) != EF_VI_ARCH_EF10 }
}

/// The place of a descriptor's id.
#[inline]
pub(crate) unsafe fn ids_slot(ids: *mut u32, index: u32, mask: u32) -> *mut u32 {
    // SAFETY: the caller gives a ring's ids and mask.
    unsafe { ids.add((index & mask) as usize) }
}
