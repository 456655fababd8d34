//! The transmit side of a VI: descriptors, doorbell and TX push, CTPIO and its fallback.

use super::event::Event;
use super::{Vi, adapter, ids_slot};
use crate::abi::*;
use crate::dma::{Fault, PAGE};
use crate::port::MAX_FRAME;
use crate::wire::{Flags, Outgoing, Piece, Stamp};
use core::ffi::{c_char, c_int, c_uint, c_void};
use core::ptr;

/// Outstanding descriptors below which a new one is pushed, unless the application chooses.
pub(crate) const PUSH_THRESHOLD: u32 = 16;

/// Descriptors of one frame that the adapter gathers.
const PIECES: usize = 32;

/// The longest frame that the CTPIO aperture takes.
const CTPIO_FRAME: usize = 4096 - 8;

/// A transmit descriptor: DMA address, length, and whether the frame goes on in the next.
const MORE: u64 = 1 << 63;

/// The adapter's side of the transmit ring.
#[derive(Default)]
pub(crate) struct Ring {
    /// Descriptors done with.
    sent: u32,
    /// A frame came through the aperture: the next descriptors are its fallback.
    ctpio: Option<Written>,
    /// After an error nothing is sent until the application has recovered.
    pub(crate) dead: bool,
}

/// What became of a frame written to the CTPIO aperture.
#[derive(Clone, Copy)]
enum Written {
    /// It is on the wire.
    Sent(Stamp),
    /// It has to go by its fallback.
    Refused,
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
        for (i, piece) in core::slice::from_raw_parts(pieces, count.max(0) as usize)
            .iter()
            .enumerate()
        {
            let (mut address, mut left) = (piece.iov_base, piece.iov_len as usize);
            loop {
                // A descriptor ends at the page's end.
                let length = left.min(PAGE - address as usize % PAGE);
                left -= length;
                if added.wrapping_sub(removed) >= mask {
                    return -libc::EAGAIN;
                }
                let more = left > 0 || i + 1 < count as usize;
                *(*ring)
                    .descriptors
                    .cast::<u64>()
                    .add((added & mask) as usize) = address & 0xffff_ffff_ffff
                    | (length as u64) << 48
                    | if more { MORE } else { 0 };
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
    unsafe {
        let state = &raw mut (*(*vi).ep_state).txq;
        let first = *(*vi)
            .vi_txq
            .descriptors
            .cast::<u64>()
            .add(((*state).previous & (*vi).vi_txq.mask) as usize);
        let few = (*state).previous.wrapping_sub((*state).removed) < (*vi).tx_push_thresh;
        (*state).previous = (*state).added;
        let nic = &mut *adapter(vi);
        if few && first & MORE == 0 {
            nic.cells.tx_pushes.add(1);
        } else {
            nic.cells.tx_doorbells.add(1);
        }
        doorbell(nic, (*state).added);
    }
}

/// `ef_vi_transmit`.
pub(crate) unsafe extern "C" fn transmit(
    vi: *mut ef_vi,
    base: ef_addr,
    length: c_int,
    id: ef_request_id,
) -> c_int {
    let piece = ef_iovec {
        iov_base: base,
        iov_len: length as c_uint,
    };
    // SAFETY: this call's contract is that of the vector of one piece.
    unsafe { transmit_vector(vi, &piece, 1, id) }
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

/// Completions that go into one event.
struct Completed {
    /// Descriptors up to here are done with.
    end: u32,
    packets: u32,
    ctpio: bool,
}

/// The adapter hears that descriptors up to `added` are there, and sends them.
#[inline]
fn doorbell(nic: &mut Vi, added: u32) {
    // SAFETY: a VI's ring stays while its adapter's side does.
    let (mask, descriptors) = unsafe {
        (
            (*nic.host).vi_txq.mask,
            (*nic.host).vi_txq.descriptors.cast::<u64>(),
        )
    };
    let mut done: Option<Completed> = None;
    while nic.tx.sent != added && !nic.tx.dead {
        let mut pieces = [Piece {
            base: ptr::null(),
            length: 0,
        }; PIECES];
        let (mut count, mut length, mut fault) = (0, 0, None);
        loop {
            // SAFETY: masked, the index is within the ring.
            let word = unsafe { *descriptors.add((nic.tx.sent & mask) as usize) };
            nic.tx.sent = nic.tx.sent.wrapping_add(1);
            let bytes = (word >> 48) as usize & 0x7fff;
            match nic.domain.space.translate(word & 0xffff_ffff_ffff, bytes) {
                Ok(base) if count < PIECES => {
                    pieces[count] = Piece {
                        base,
                        length: bytes,
                    }
                }
                Ok(_) => fault = Some(EF_EVENT_TX_ERROR_2BIG),
                Err(Fault) => fault = Some(EF_EVENT_TX_ERROR_BUS),
            }
            count += 1;
            length += bytes;
            if word & MORE == 0 || nic.tx.sent == added {
                break;
            }
        }
        if length > MAX_FRAME {
            fault = Some(EF_EVENT_TX_ERROR_2BIG);
        }
        let end = nic.tx.sent;
        if let Some(why) = fault {
            complete(nic, done.take());
            fail(nic, end & mask, why);
            return;
        }
        let (stamp, ctpio) = match nic.tx.ctpio.take() {
            Some(Written::Sent(stamp)) => (stamp, true),
            refused_or_none => {
                if refused_or_none.is_some() {
                    nic.cells.tx_ctpio_fallbacks.add(1);
                }
                let insert = nic.insert;
                let flags = if insert == (true, true) {
                    Flags::CHECKSUMS_GOOD
                } else {
                    Flags::default()
                };
                (
                    send(
                        nic,
                        &Outgoing {
                            pieces: &pieces[..count],
                            length,
                            insert,
                            flags,
                        },
                    ),
                    false,
                )
            }
        };
        if nic.flags & EF_VI_TX_TIMESTAMPS != 0 {
            stamped(nic, stamp, ctpio);
            continue;
        }
        // One event for as many packets as the application can unbundle at once.
        let (packets, first) = match &done {
            Some(d) if d.ctpio == ctpio && d.packets < EF_VI_TRANSMIT_BATCH => {
                (d.packets + 1, false)
            }
            _ => (1, true),
        };
        if first {
            complete(nic, done.take());
        }
        done = Some(Completed {
            end: end & mask,
            packets,
            ctpio,
        });
    }
    complete(nic, done);
}

#[inline]
fn complete(nic: &mut Vi, done: Option<Completed>) {
    if let Some(Completed { end, ctpio, .. }) = done {
        let label = nic.label;
        nic.events().raise(Event::Sent { label, end, ctpio });
    }
}

#[inline]
fn stamped(nic: &mut Vi, stamp: Stamp, ctpio: bool) {
    let time = nic.clock.time(stamp);
    let label = nic.label;
    let events = nic.events();
    events.stamped(stamp);
    events.raise(Event::StampLow {
        nanoseconds: time.nanoseconds,
        sixteenths: time.sixteenths,
    });
    events.raise(Event::StampHigh {
        label,
        seconds: time.seconds as u32,
        ctpio,
    });
}

#[cold]
fn fail(nic: &mut Vi, end: u32, why: u32) {
    nic.tx.dead = true;
    nic.tx.ctpio = None;
    nic.cells.tx_errors.add(1);
    let label = nic.label;
    nic.events().raise(Event::Failed { label, end, why });
}

#[inline]
fn send(nic: &mut Vi, frame: &Outgoing<'_>) -> Stamp {
    nic.cells.tx_frames.add(1);
    nic.cells.tx_bytes.add(frame.length as u64);
    nic.link
        .transmit(frame, nic.flags & EF_VI_TX_TIMESTAMPS != 0)
}

/// `ef_vi_transmitv_ctpio`.
pub(crate) unsafe extern "C" fn ctpio(
    vi: *mut ef_vi,
    length: usize,
    pieces: *const libc::iovec,
    count: c_int,
    threshold: c_uint,
) {
    // SAFETY: the ABI's contract: a VI that was allocated with CTPIO, used by this thread alone; `count` pieces.
    unsafe {
        let nic = &mut *adapter(vi);
        // While the path is warmed the frame goes to other memory than the aperture.
        if (*vi).vi_ctpio_mmap_ptr != nic.aperture()
            || nic.flags & EF_VI_TX_CTPIO == 0
            || nic.tx.dead
        {
            return;
        }
        let iov = core::slice::from_raw_parts(pieces, count.max(0) as usize);
        let mut gathered = [Piece {
            base: ptr::null(),
            length: 0,
        }; PIECES];
        if length > CTPIO_FRAME.min(MAX_FRAME) || iov.len() > PIECES {
            nic.tx.ctpio = Some(Written::Refused);
            return;
        }
        for (to, from) in gathered.iter_mut().zip(iov) {
            *to = Piece {
                base: from.iov_base.cast(),
                length: from.iov_len,
            };
        }
        if threshold >= EF_VI_CTPIO_CT_THRESHOLD_SNF || threshold as usize >= length {
            nic.cells.tx_ctpio_store_and_forward.add(1);
        } else {
            nic.cells.tx_ctpio_cut_through.add(1);
        }
        let pieces = &gathered[..iov.len()];
        // What comes through the aperture goes out as it is.
        let frame = Outgoing {
            pieces,
            length,
            insert: (false, false),
            flags: Flags::default(),
        };
        let stamp = send(nic, &frame);
        nic.tx.ctpio = Some(Written::Sent(stamp));
    }
}

/// `ef_vi_transmitv_ctpio_copy`: the same, and a copy for the fallback.
pub(crate) unsafe extern "C" fn ctpio_copy(
    vi: *mut ef_vi,
    length: usize,
    pieces: *const libc::iovec,
    count: c_int,
    threshold: c_uint,
    fallback: *mut c_void,
) {
    // SAFETY: as in `ctpio`; `fallback` has room for the frame.
    unsafe {
        ctpio(vi, length, pieces, count, threshold);
        let mut to = fallback.cast::<u8>();
        for piece in core::slice::from_raw_parts(pieces, count.max(0) as usize) {
            to.copy_from_nonoverlapping(piece.iov_base.cast(), piece.iov_len);
            to = to.add(piece.iov_len);
        }
    }
}

/// `ef_vi_transmit_ctpio_fallback`.
pub(crate) unsafe extern "C" fn fallback(
    vi: *mut ef_vi,
    base: ef_addr,
    length: usize,
    id: ef_request_id,
) -> c_int {
    let piece = ef_iovec {
        iov_base: base,
        iov_len: length as c_uint,
    };
    // SAFETY: this call's contract is that of the vector of one piece.
    unsafe { fallback_vector(vi, &piece, 1, id) }
}

/// `ef_vi_transmitv_ctpio_fallback`.
pub(crate) unsafe extern "C" fn fallback_vector(
    vi: *mut ef_vi,
    pieces: *const ef_iovec,
    count: c_int,
    id: ef_request_id,
) -> c_int {
    // SAFETY: as in `init_vector`.
    unsafe {
        if (*vi).vi_flags & EF_VI_TX_CTPIO == 0 {
            return -libc::EOPNOTSUPP;
        }
        transmit_vector(vi, pieces, count, id)
    }
}

/// `ef_vi_start_transmit_warm`: the ring looks full and the aperture is elsewhere, so that nothing leaves.
pub(crate) unsafe extern "C" fn start_warm(
    vi: *mut ef_vi,
    saved: *mut ef_vi_tx_warm_state,
    aperture: *mut c_char,
) {
    // SAFETY: as in `init_vector`, and room for what is saved.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).txq;
        (*saved).removed = (*state).removed;
        (*saved).vi_ctpio_mmap_ptr = (*vi).vi_ctpio_mmap_ptr;
        (*state).removed = (*state).added.wrapping_sub((*vi).vi_txq.mask);
        (*vi).vi_ctpio_mmap_ptr = aperture;
    }
}

/// `ef_vi_stop_transmit_warm`.
pub(crate) unsafe extern "C" fn stop_warm(vi: *mut ef_vi, saved: *mut ef_vi_tx_warm_state) {
    // SAFETY: as in `start_warm`.
    unsafe {
        (*(*vi).ep_state).txq.removed = (*saved).removed;
        (*vi).vi_ctpio_mmap_ptr = (*saved).vi_ctpio_mmap_ptr;
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

/// `ef_vi_transmit_init`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_transmit_init(
    vi: *mut ef_vi,
    base: ef_addr,
    length: c_int,
    id: ef_request_id,
) -> c_int {
    let piece = ef_iovec {
        iov_base: base,
        iov_len: length as c_uint,
    };
    // SAFETY: this call's contract is that of the vector of one piece.
    unsafe { init_vector(vi, &piece, 1, id) }
}

/// `ef_vi_transmit_init_undo`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_transmit_init_undo(vi: *mut ef_vi) {
    // SAFETY: as in `init_vector`.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).txq;
        while (*state).added != (*state).previous {
            (*state).added = (*state).added.wrapping_sub(1);
            *ids_slot((*vi).vi_txq.ids, (*state).added, (*vi).vi_txq.mask) = EF_REQUEST_ID_MASK;
        }
    }
}

/// `ef_vi_transmit_unbundle`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_transmit_unbundle(
    vi: *mut ef_vi,
    event: *const ef_event,
    ids: *mut ef_request_id,
) -> c_int {
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

/// `ef_vi_set_tx_push_threshold`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_set_tx_push_threshold(vi: *mut ef_vi, threshold: c_uint) {
    // SAFETY: the ABI's contract: a VI that was allocated.
    unsafe { (*vi).tx_push_thresh = threshold };
}

/// `ef_vi_reinit_txq_post_error`: the ring is empty again, and alive. Ids that were on it are lost.
#[unsafe(no_mangle)]
unsafe extern "C" fn __ef_vi_reinit_txq_post_error(vi: *mut ef_vi) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        let nic = &mut *adapter(vi);
        if !nic.tx.dead {
            return -libc::EINVAL;
        }
        let mask = (*vi).vi_txq.mask;
        for i in 0..=mask {
            *ids_slot((*vi).vi_txq.ids, i, mask) = EF_REQUEST_ID_MASK;
        }
        let state = &raw mut (*(*vi).ep_state).txq;
        (*state).previous = 0;
        (*state).added = 0;
        (*state).removed = 0;
        nic.tx = Ring::default();
        0
    }
}
