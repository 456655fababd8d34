//! The datapath of X3 and of X4's express mode: sends are written through to the adapter, without descriptors, and
//! frames are received into buffers that the adapter's driver owns, from queues that VIs share.

mod api;
mod events;
mod filters;
mod ops;
mod queue;
mod receive;
mod release;
mod superbuffers;
mod transmit;

#[cfg(not(onload_since = "9.0.1"))]
pub(super) use events::{has_event, has_many_events};
pub(super) use filters::{Access, add as filter_add, queue as filter_queue, remove as filter_remove};
pub(super) use ops::{OPS, no_buffer};
pub(super) use receive::stamp;
pub(crate) use superbuffers::LONGEST;
pub(super) use transmit::transmit;

use super::{Vi, adapter};
use crate::abi::*;
use crate::array::Array;
use crate::errno::{Errno, Result};
use crate::wire::{Link, Overruns};
use queue::Queue;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shared receive queues that a VI can attach to.
const MAX_QUEUES: usize = EF_VI_MAX_EFCT_RXQS as usize;

/// The adapter's side of a VI on this datapath, besides what all have.
pub(crate) struct Efct {
    /// The queues that the VI is attached to, in the order in which it was.
    queues: Vec<Queue>,
    /// The queue at which a packet was last peeked.
    peeked: usize,
    /// Superbuffers of a queue.
    superbuffers: u16,
    /// `EF_VI_SYNC_FLAG_*` that timestamps say if the clock has them.
    pub(super) said_of_clock: u32,
    overruns: Arc<Lost>,
    /// What `ef_vi` points into.
    live: Array<Live>,
    tables: release::Tables,
}

/// What the driver tells the library of the queues.
#[derive(Clone)]
#[repr(C)]
struct Live {
    /// Bit by queue of the VI: attached.
    active: u64,
    /// The last time event: whether the clock is set, and in step.
    time_sync: u64,
    /// Packets of a superbuffer; 0 is not attached.
    packets: [u32; MAX_QUEUES],
    /// Changes of the queues' memory.
    generation: [u32; MAX_QUEUES],
}

/// Flags that this datapath refuses.
const REFUSED: ef_vi_flags = EF_VI_RX_PACKED_STREAM
    | EF_VI_RX_PS_BUF_SIZE_64K
    | EF_VI_RX_EVENT_MERGE
    | EF_VI_TX_ALT
    | EF_VI_TX_PUSH_ALWAYS
    | EF_VI_ENABLE_EV_TIMER
    | EF_VI_RX_ZEROCOPY;

/// Whether a VI can be had: sends complete on the event queue of their own VI only.
pub(super) fn check(flags: ef_vi_flags, shares_events: bool) -> Result<()> {
    if flags & REFUSED != 0 || shares_events { Err(Errno(libc::EOPNOTSUPP)) } else { Ok(()) }
}

impl Efct {
    /// Of a VI that may receive so many packets before it releases any, and is not attached to a queue yet.
    pub(super) fn new(packets: usize, lost: Arc<dyn Overruns>) -> Box<Self> {
        let live = Live { active: 0, time_sync: 0b11, packets: [0; MAX_QUEUES], generation: [1; MAX_QUEUES] };
        Box::new(Self {
            queues: Vec::with_capacity(MAX_QUEUES),
            peeked: 0,
            superbuffers: superbuffers::count(packets),
            said_of_clock: u32::MAX,
            overruns: Arc::new(Lost(Mutex::new(vec![lost]))),
            live: vec![live].into(),
            tables: release::Tables::new(),
        })
    }

    /// The ends of the wire of the queues that the VI is attached to.
    pub(super) fn links(&mut self) -> impl Iterator<Item = &mut Box<dyn Link>> {
        self.queues.iter_mut().map(|queue| &mut queue.link)
    }

    /// What counts the frames that the VI lost on the wire.
    pub(super) fn overruns(&self) -> Arc<dyn Overruns> {
        self.overruns.clone()
    }
}

/// The frames that were lost on each of the VI's ends of the wire.
struct Lost(Mutex<Vec<Arc<dyn Overruns>>>);

impl Lost {
    fn ends(&self) -> MutexGuard<'_, Vec<Arc<dyn Overruns>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Overruns for Lost {
    fn read(&self) -> u64 {
        self.ends().iter().map(|end| end.read()).sum()
    }

    fn abandoned(&self) -> u64 {
        self.ends().iter().map(|end| end.abandoned()).sum()
    }

    fn clear(&self) {
        self.ends().iter().for_each(|end| end.clear());
    }
}

/// The application's structure, as far as it differs on this datapath.
pub(super) fn fill(host: &mut ef_vi, nic: &Vi) {
    let Some(efct) = &nic.efct else { return };
    host.ops = OPS;
    // Nothing is posted, and nothing stands before a frame.
    host.rx_buffer_len = 0;
    host.rx_prefix_len = 0;
    host.rx_pkt_len_offset = 0;
    host.rx_pkt_len_mask = 0;
    host.rx_discard_mask = receive::DEFAULT_DISCARDS;
    host.tx_push_thresh = 0;
    host.evq_phase_bits = 1;
    // Sends are written through with or without the flag.
    host.vi_ctpio_mmap_ptr = nic.aperture();
    if host.vi_txq.mask != 0 {
        host.vi_txq.ct_fifo_bytes = transmit::FIFO_BYTES;
        host.vi_txq.efct_fixed_header = transmit::header(host.vi_flags);
    }
    release::fill(host, nic.domain.datapath, efct);
}

/// The adapter's side, of a VI that is on this datapath; in two, because the one is in a box of the other which nobody
/// else looks into.
#[inline]
unsafe fn efct<'a>(vi: *mut ef_vi) -> Option<(&'a mut Vi, &'a mut Efct)> {
    // SAFETY: the caller gives a VI that was allocated, used by this thread alone.
    unsafe {
        let nic = adapter(vi).as_mut()?;
        let efct: *mut Efct = nic.efct.as_deref_mut()?;
        Some((nic, &mut *efct))
    }
}
