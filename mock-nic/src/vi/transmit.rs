//! The transmit side of a VI: descriptors, TX push, completions.

mod doorbell;

use super::ctpio::Written;
use super::descriptor::MORE;
use super::{adapter, descriptor, ids_slot, is_efct, special};
use crate::abi::*;
use crate::array::given;
use crate::dma::PAGE;
use crate::watch::exported;
use core::ffi::{c_int, c_uint};
use doorbell::{doorbell, doorbell_outside};

pub(super) use doorbell::{PIECES, Whole, complete, join, send, send_whole, stamped};

/// Outstanding descriptors below which a new one is pushed, unless the application chooses.
pub(crate) const PUSH_THRESHOLD: u32 = 16;

/// The adapter's side of the transmit ring.
pub(crate) struct Ring {
    /// Descriptors done with.
    sent: u32,
    /// A frame came through the aperture: the next descriptors are its fallback.
    pub(super) ctpio: Option<Written>,
    /// The alternative to which packets go; straight to the wire with none.
    selected: Option<usize>,
    /// Packets don't all go straight to the wire: an alternative is selected, or some are dropped.
    detour: bool,
    /// Packets are announced one by one: they have timestamps, or their wire is not memory.
    single: bool,
    /// After an error nothing is sent until the application has recovered.
    pub(crate) dead: bool,
}

impl Ring {
    pub(super) fn new(flags: ef_vi_flags, outside: bool) -> Self {
        let (detour, single) = (flags & EF_VI_TX_TCPUDP_ONLY != 0, outside || flags & EF_VI_TX_TIMESTAMPS != 0);
        Self { sent: 0, ctpio: None, selected: None, detour, single, dead: false }
    }
}

/// `ef_vi_transmitv_init`.
pub(crate) unsafe extern "C" fn init_vector(
    vi: *mut ef_vi,
    pieces: *const ef_iovec,
    count: c_int,
    id: ef_request_id,
) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone, and `count` pieces.
    unsafe {
        let ring = &raw const (*vi).vi_txq;
        let state = &raw mut (*(*vi).ep_state).txq;
        let (mask, removed, start) = ((*ring).mask, (*state).removed, (*state).added);
        let mut added = start;
        for (i, piece) in given(pieces, count).iter().enumerate() {
            let (mut address, mut left) = (piece.iov_base, piece.iov_len as usize);
            loop {
                // A descriptor ends at the page's end.
                let length = left.min(PAGE - address as usize % PAGE);
                left -= length;
                if added.wrapping_sub(removed) >= mask {
                    return -libc::EAGAIN;
                }
                let more = left > 0 || i + 1 < count as usize;
                *(*ring).descriptors.cast::<u64>().add((added & mask) as usize) =
                    descriptor::data(address, length) | if more { MORE } else { 0 };
                added = added.wrapping_add(1);
                address += length as u64;
                if left == 0 {
                    break;
                }
            }
        }
        if added == start {
            return -libc::EINVAL;
        }
        *ids_slot((*ring).ids, added.wrapping_sub(1), mask) = id as u32;
        (*state).added = added;
        0
    }
}

/// `ef_vi_transmit_push`.
pub(crate) unsafe extern "C" fn push(vi: *mut ef_vi) {
    // SAFETY: as in `init_vector`.
    unsafe { if special::expected() { push_special(vi) } else { push_as::<false>(vi) } }
}

/// A push that may have more to see to than frames.
#[cold]
unsafe fn push_special(vi: *mut ef_vi) {
    // SAFETY: as in `init_vector`.
    unsafe { push_as::<true>(vi) };
}

/// A push; if `SPECIAL`, sees to what [`special`] is about, too.
#[inline(always)]
unsafe fn push_as<const SPECIAL: bool>(vi: *mut ef_vi) {
    // SAFETY: as in `init_vector`.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).txq;
        let first = *(*vi).vi_txq.descriptors.cast::<u64>().add(((*state).previous & (*vi).vi_txq.mask) as usize);
        let few = (*state).previous.wrapping_sub((*state).removed) < (*vi).tx_push_thresh;
        (*state).previous = (*state).added;
        let nic = &mut *adapter(vi);
        let pushed = few && descriptor::can_push(first);
        if pushed {
            nic.cells.tx_pushes.add(1);
        } else {
            nic.cells.tx_doorbells.add(1);
        }
        if SPECIAL && let Some(time) = &mut nic.time {
            time.doorbell(pushed);
        }
        if SPECIAL && nic.outside.is_some() {
            return doorbell_outside(nic, (*state).added);
        }
        doorbell::<SPECIAL>(nic, (*state).added);
    }
}

/// `ef_vi_transmit`.
pub(crate) unsafe extern "C" fn transmit(vi: *mut ef_vi, base: ef_addr, length: c_int, id: ef_request_id) -> c_int {
    // SAFETY: as in `init_vector`.
    unsafe {
        let rc = init_single(vi, base, length, id);
        if rc == 0 {
            push(vi);
        }
        rc
    }
}

/// A packet of one piece, which as a rule is one descriptor.
#[inline]
unsafe fn init_single(vi: *mut ef_vi, base: ef_addr, length: c_int, id: ef_request_id) -> c_int {
    // SAFETY: as in `init_vector`.
    unsafe {
        let Ok(bytes) = usize::try_from(length) else { return -libc::EINVAL };
        if base as usize % PAGE + bytes > PAGE {
            let piece = ef_iovec { iov_base: base, iov_len: length as c_uint };
            return init_vector(vi, &piece, 1, id);
        }
        add_descriptor(vi, descriptor::data(base, bytes), Some(id))
    }
}

/// Adds a descriptor, with an id if it completes, for which there may be no room. It is not pushed.
#[inline(always)]
pub(super) unsafe fn add_descriptor(vi: *mut ef_vi, descriptor: u64, id: Option<ef_request_id>) -> c_int {
    // SAFETY: as in `init_vector`.
    unsafe {
        let ring = &raw const (*vi).vi_txq;
        let state = &raw mut (*(*vi).ep_state).txq;
        let (mask, added) = ((*ring).mask, (*state).added);
        if added.wrapping_sub((*state).removed) >= mask {
            return -libc::EAGAIN;
        }
        *(*ring).descriptors.cast::<u64>().add((added & mask) as usize) = descriptor;
        if let Some(id) = id {
            *ids_slot((*ring).ids, added, mask) = id as u32;
        }
        (*state).added = added.wrapping_add(1);
        0
    }
}

/// `ef_vi_transmitv`.
pub(crate) unsafe extern "C" fn transmit_vector(
    vi: *mut ef_vi,
    pieces: *const ef_iovec,
    count: c_int,
    id: ef_request_id,
) -> c_int {
    // SAFETY: as in `init_vector`.
    unsafe {
        let rc = init_vector(vi, pieces, count, id);
        if rc == 0 {
            push(vi);
        }
        rc
    }
}

/// Takes the next packet's id off the ring, with its descriptors.
pub(crate) unsafe fn take_next_id(vi: *mut ef_vi) -> u32 {
    // SAFETY: the caller gives a VI whose adapter has sent a packet: an id is there before `added`.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).txq;
        loop {
            let slot = ids_slot((*vi).vi_txq.ids, (*state).removed, (*vi).vi_txq.mask);
            (*state).removed = (*state).removed.wrapping_add(1);
            let id = slot.replace(EF_REQUEST_ID_MASK);
            if id != EF_REQUEST_ID_MASK || (*state).removed == (*state).added {
                return id;
            }
        }
    }
}

exported! {
    /// `ef_vi_transmit_init`.
    fn ef_vi_transmit_init(vi: *mut ef_vi, base: ef_addr, length: c_int, id: ef_request_id) -> c_int = add_single,
        before |rules, vi| rules.send(vi, &[ef_iovec { iov_base: base, iov_len: length as c_uint }], id);
    /// `ef_vi_transmit_init_undo`.
    fn ef_vi_transmit_init_undo(vi: *mut ef_vi) -> () = undo;
    /// `ef_vi_transmit_unbundle`.
    fn ef_vi_transmit_unbundle(vi: *mut ef_vi, event: *const ef_event, ids: *mut ef_request_id) -> c_int = unbundle,
        before |rules, vi| rules.unbundle(vi, event);
    /// `ef_vi_set_tx_push_threshold`.
    fn ef_vi_set_tx_push_threshold(vi: *mut ef_vi, threshold: c_uint) -> () = set_push_threshold;
    /// `ef_vi_pace`.
    fn ef_vi_pace(vi: *mut ef_vi, nic: ef_driver_handle, val: c_int) -> c_int = pace;
}

#[inline(always)]
unsafe fn add_single(vi: *mut ef_vi, base: ef_addr, length: c_int, id: ef_request_id) -> c_int {
    // SAFETY: as in `init_vector`.
    unsafe {
        if is_efct(vi) {
            // Without descriptors a packet that is added is sent.
            return super::efct::transmit(vi, base, length, id);
        }
        init_single(vi, base, length, id)
    }
}

unsafe fn undo(vi: *mut ef_vi) {
    // SAFETY: as in `init_vector`.
    unsafe {
        if is_efct(vi) {
            // What was added there was sent: `previous` is what has completed.
            return;
        }
        let state = &raw mut (*(*vi).ep_state).txq;
        while (*state).added != (*state).previous {
            (*state).added = (*state).added.wrapping_sub(1);
            *ids_slot((*vi).vi_txq.ids, (*state).added, (*vi).vi_txq.mask) = EF_REQUEST_ID_MASK;
        }
    }
}

#[inline(always)]
unsafe fn unbundle(vi: *mut ef_vi, event: *const ef_event, ids: *mut ef_request_id) -> c_int {
    // SAFETY: as in `init_vector`; a TX or TX_ERROR event of this VI, and room for EF_VI_TRANSMIT_BATCH ids.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).txq;
        let mask = (*vi).vi_txq.mask;
        let end = (*event).tx().desc_id & mask;
        let mut count = 0;
        while (*state).removed & mask != end && count < EF_VI_TRANSMIT_BATCH {
            let slot = ids_slot((*vi).vi_txq.ids, (*state).removed, mask);
            let id = slot.replace(EF_REQUEST_ID_MASK);
            (*state).removed = (*state).removed.wrapping_add(1);
            if id != EF_REQUEST_ID_MASK {
                *ids.add(count as usize) = id as ef_request_id;
                count += 1;
            }
        }
        count as c_int
    }
}

unsafe fn set_push_threshold(vi: *mut ef_vi, threshold: c_uint) {
    // SAFETY: the ABI's contract: a VI that was allocated.
    unsafe { (*vi).tx_push_thresh = threshold };
}

/// As the real library answers for every adapter that there is now.
fn pace(_vi: *mut ef_vi, _nic: ef_driver_handle, _val: c_int) -> c_int {
    -libc::EOPNOTSUPP
}
