//! Transmit: every frame is written through to the adapter's FIFO by the processor, and sent when it is there whole, or
//! as much of it as its cut-through threshold says.

use super::efct;
use super::events::Completion;
use crate::abi::*;
use crate::array::given;
use crate::dma::Fault;
use crate::faults;
use crate::frame::Checksums;
use crate::port::MAX_FRAME;
use crate::vi::ctpio::gather;
use crate::vi::event::Event;
use crate::vi::queue::Queue;
use crate::vi::{Vi, ids_slot};
use crate::wire::{Flags, Outgoing, Piece};
use core::ffi::{c_int, c_uint, c_void};
use core::mem::MaybeUninit;

/// A frame takes a multiple of this in the FIFO, with its header.
const ALIGNMENT: usize = 64;
const HEADER: usize = 8;

/// What of the adapter's 32 KiB frames can use: it keeps a line free, and the header of a frame is not counted.
pub(super) const FIFO_BYTES: u32 = (32 * 1024 - ALIGNMENT - HEADER) as u32;

/// Bits of the header that goes before each frame.
const STAMP: u64 = 1 << 22;
const WARM: u64 = 1 << 23;

/// The threshold's unit is the line; this many and more are store-and-forward.
const NO_CUT_THROUGH: usize = 0xff;

/// The id of a frame that was written by CTPIO and whose fallback call is yet to come.
const POSTED: u32 = 0xefc7_efc7;

/// What all headers of a VI have in common.
pub(super) fn header(flags: ef_vi_flags) -> u64 {
    if flags & EF_VI_TX_TIMESTAMPS != 0 { STAMP } else { 0 }
}

/// True if there is room for a frame, in the FIFO and in the ring of what has not completed.
#[inline]
unsafe fn has_room(vi: *mut ef_vi, length: usize) -> bool {
    // SAFETY: the caller gives a VI that was allocated, used by this thread alone.
    unsafe {
        let state = &raw const (*(*vi).ep_state).txq;
        let used = (*state).ct_added.wrapping_sub((*state).ct_removed) as usize;
        let outstanding = (*state).added.wrapping_sub((*state).removed);
        used + length <= (*vi).vi_txq.ct_fifo_bytes as usize && outstanding < (*vi).vi_txq.mask
    }
}

/// What becomes of a frame that is written.
#[derive(Clone, Copy)]
struct Frame<'a> {
    /// None is a frame that can't be sent, and why.
    pieces: Result<&'a [Piece], u32>,
    length: usize,
    id: u32,
    /// It starts on the wire when so many lines are there, its header included.
    lines: usize,
}

impl Frame<'_> {
    /// True if it starts on the wire before it is written whole.
    fn cuts_through(&self) -> bool {
        self.lines < NO_CUT_THROUGH && self.lines * ALIGNMENT < self.length + HEADER
    }

    /// Bytes of it that are there when it starts.
    fn buffered(&self) -> usize {
        if self.cuts_through() { (self.lines * ALIGNMENT).saturating_sub(HEADER) } else { self.length }
    }
}

/// Writes a frame for which there is room.
#[inline]
unsafe fn write(vi: *mut ef_vi, nic: &mut Vi, frame: Frame<'_>) {
    let warm;
    // SAFETY: as in `has_room`; masked, the index is within the rings.
    unsafe {
        let (ring, state) = (&raw const (*vi).vi_txq, &raw mut (*(*vi).ep_state).txq);
        warm = (*ring).efct_fixed_header & WARM != 0;
        let (mask, at) = ((*ring).mask, (*state).added);
        let bytes = (frame.length + HEADER).next_multiple_of(ALIGNMENT);
        *(*ring).descriptors.cast::<u64>().add((at & mask) as usize) = bytes as u64;
        *ids_slot((*ring).ids, at, mask) = if warm { EF_REQUEST_ID_MASK } else { frame.id };
        (*state).ct_added = (*state).ct_added.wrapping_add(bytes as u32);
        (*state).added = at.wrapping_add(1);
        if nic.tx.dead {
            nic.cells.tx_dead.add(u64::from(!warm));
            return;
        }
    }
    // SAFETY: as above.
    let sequence = unsafe { (*(*vi).ep_state).txq.added };
    let label = nic.label;
    if warm {
        refused(nic).raise_word(Completion { label, sequence, stamp: None }.encode());
        return;
    }
    let too_long = if frame.length > nic.max_frame { Err(EF_EVENT_TX_ERROR_2BIG) } else { Ok(()) };
    let refused = if faults::armed() { faults::adapter::before_packet(nic) } else { Ok(()) };
    match refused.and(too_long).and(frame.pieces) {
        Ok(pieces) => {
            let stamp = send(nic, pieces, frame);
            nic.completions().raise_word(Completion { label, sequence, stamp }.encode());
        }
        Err(why) => fail(nic, sequence, why),
    }
}

/// Sends a frame; its time, where that is asked for.
#[inline]
fn send(nic: &mut Vi, pieces: &[Piece], frame: Frame<'_>) -> Option<u64> {
    let mut flags = Flags::default();
    let in_time = match &mut nic.time {
        Some(time) => time.ctpio(frame.length, frame.buffered()),
        None => true,
    };
    if frame.cuts_through() {
        nic.cells.tx_ctpio_cut_through.add(1);
        // What is on the wire already can't be taken back, only spoilt; there is no descriptor to send it again.
        if nic.domain.port.underruns() || !in_time {
            flags = Flags::FCS_BAD;
        }
    } else {
        nic.cells.tx_ctpio_store_and_forward.add(1);
    }
    // Nothing is filled in on this way.
    let outgoing = Outgoing { pieces, length: frame.length, checksums: Checksums::default(), flags };
    let ticks = crate::vi::transmit::send(nic, &outgoing);
    if nic.outside.is_some() {
        nic.leave();
    }
    if nic.flags & EF_VI_TX_TIMESTAMPS == 0 {
        return None;
    }
    nic.completions().stamped(ticks);
    Some(super::receive::pack(nic.clock.time(ticks)))
}

#[cold]
fn fail(nic: &mut Vi, end: u32, why: u32) {
    nic.tx.dead = true;
    nic.cells.tx_errors.add(1);
    let label = nic.label;
    refused(nic).raise(Event::Failed { label, end, why });
}

/// The queue, for the event of a frame that the adapter does not send.
#[inline]
fn refused(nic: &mut Vi) -> &mut Queue {
    if let Some(time) = &mut nic.time {
        time.refuse();
    }
    nic.completions()
}

/// Writes a frame of several pieces, gathered as the FIFO gathers them.
#[inline(never)]
unsafe fn write_gathered(
    vi: *mut ef_vi,
    nic: &mut Vi,
    pieces: impl Iterator<Item = Result<Piece, u32>>,
    frame: Frame<'_>,
) {
    let mut gathered = [MaybeUninit::<u8>::uninit(); MAX_FRAME];
    let base = gathered.as_mut_ptr().cast::<u8>();
    let mut at = 0;
    for piece in pieces {
        match piece {
            Ok(piece) if piece.length <= MAX_FRAME - at => {
                // SAFETY: the piece is readable, and there is room for it.
                unsafe { base.add(at).copy_from_nonoverlapping(piece.base, piece.length) };
                at += piece.length;
            }
            bad => {
                let why = bad.err().unwrap_or(EF_EVENT_TX_ERROR_2BIG);
                // SAFETY: the caller's promise.
                return unsafe { write(vi, nic, Frame { pieces: Err(why), ..frame }) };
            }
        }
    }
    let whole = [Piece { base, length: at }];
    // SAFETY: the caller's promise.
    unsafe { write(vi, nic, Frame { pieces: Ok(&whole), ..frame }) };
}

/// What the application's memory has at a DMA address; it is read by the processor.
#[inline]
fn memory(nic: &Vi, address: ef_addr, length: usize) -> Result<Piece, u32> {
    match nic.domain.space.translate_linear(address, length) {
        Ok(base) => Ok(Piece { base, length }),
        Err(Fault) => Err(EF_EVENT_TX_ERROR_BUS),
    }
}

/// `ef_vi_transmit`.
pub(crate) unsafe extern "C" fn transmit(vi: *mut ef_vi, base: ef_addr, length: c_int, id: ef_request_id) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        let Some((nic, _)) = efct(vi) else { return -libc::EINVAL };
        let Ok(length) = usize::try_from(length) else { return -libc::EINVAL };
        if !has_room(vi, length) {
            return -libc::EAGAIN;
        }
        let piece = memory(nic, base, length).map(|piece| [piece]);
        let pieces = piece.as_ref().map(|piece| &piece[..]).map_err(|why| *why);
        write(vi, nic, Frame { pieces, length, id: id as u32, lines: NO_CUT_THROUGH });
        0
    }
}

/// `ef_vi_transmitv`, and `ef_vi_transmitv_init`: what is written is sent, without a push.
pub(super) unsafe extern "C" fn transmit_vector(
    vi: *mut ef_vi,
    pieces: *const ef_iovec,
    count: c_int,
    id: ef_request_id,
) -> c_int {
    // SAFETY: as in `transmit`, and `count` pieces.
    unsafe {
        let Some((nic, _)) = efct(vi) else { return -libc::EINVAL };
        let iov = given(pieces, count);
        if iov.is_empty() {
            return -libc::EINVAL;
        }
        let length = iov.iter().map(|piece| piece.iov_len as usize).sum();
        if !has_room(vi, length) {
            return -libc::EAGAIN;
        }
        let domain = nic.domain.clone();
        let pieces =
            iov.iter().map(|piece| match domain.space.translate_linear(piece.iov_base, piece.iov_len as usize) {
                Ok(base) => Ok(Piece { base, length: piece.iov_len as usize }),
                Err(Fault) => Err(EF_EVENT_TX_ERROR_BUS),
            });
        write_gathered(vi, nic, pieces, Frame { pieces: Ok(&[]), length, id: id as u32, lines: NO_CUT_THROUGH });
        0
    }
}

/// `ef_vi_transmit_push`: there is nothing that was not sent.
pub(super) unsafe extern "C" fn push(_: *mut ef_vi) {}

/// `ef_vi_transmitv_ctpio`: from any memory, and with a cut-through threshold.
pub(super) unsafe extern "C" fn ctpio(
    vi: *mut ef_vi,
    length: usize,
    pieces: *const libc::iovec,
    count: c_int,
    threshold: c_uint,
) {
    // SAFETY: as in `transmit`, and `count` pieces.
    unsafe {
        let Some((nic, _)) = efct(vi) else { return };
        let room = has_room(vi, length);
        // The fallback call says so, and tries again.
        (*vi).last_ctpio_failed = (!room).into();
        if !room {
            return;
        }
        let lines = (threshold as usize + HEADER).div_ceil(ALIGNMENT);
        let frame = Frame { pieces: Ok(&[]), length, id: POSTED, lines };
        // An empty one may be nowhere.
        if count == 1 && length > 0 && (*pieces).iov_len == length {
            return write(vi, nic, Frame { pieces: Ok(&[piece(&*pieces)]), ..frame });
        }
        write_pieces(vi, nic, given(pieces, count), frame);
    }
}

#[inline]
fn piece(piece: &libc::iovec) -> Piece {
    Piece { base: piece.iov_base.cast(), length: piece.iov_len }
}

/// Writes a frame of several pieces. A length that they don't add up to is a frame that can't be sent.
#[inline(never)]
unsafe fn write_pieces(vi: *mut ef_vi, nic: &mut Vi, iov: &[libc::iovec], frame: Frame<'_>) {
    let whole = iov.iter().try_fold(0_usize, |sum, piece| sum.checked_add(piece.iov_len)) == Some(frame.length);
    // SAFETY: the caller's promise.
    unsafe {
        if whole {
            write_gathered(vi, nic, iov.iter().map(|one| Ok(piece(one))), frame);
        } else {
            write(vi, nic, Frame { pieces: Err(EF_EVENT_TX_ERROR_2BIG), ..frame });
        }
    }
}

/// `ef_vi_transmitv_ctpio_copy`: the same, and a copy for the fallback.
pub(super) unsafe extern "C" fn ctpio_copy(
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
        gather(given(pieces, count), fallback.cast());
    }
}

/// The fallback call after CTPIO: sends what found no room, or gives what was sent its id.
unsafe fn after_ctpio(vi: *mut ef_vi, id: ef_request_id, send: impl FnOnce() -> c_int) -> c_int {
    // SAFETY: as in `transmit`.
    unsafe {
        if (*vi).last_ctpio_failed != 0 {
            let rc = send();
            (*vi).last_ctpio_failed = (rc == -libc::EAGAIN).into();
            return rc;
        }
        let state = &raw const (*(*vi).ep_state).txq;
        let last = ids_slot((*vi).vi_txq.ids, (*state).added.wrapping_sub(1), (*vi).vi_txq.mask);
        // Also that of a frame that only warmed, which is then reported as sent: nothing tells the two apart here.
        if (*state).added != (*state).removed {
            *last = id as u32;
        }
        0
    }
}

/// `ef_vi_transmit_ctpio_fallback`.
pub(super) unsafe extern "C" fn fallback(vi: *mut ef_vi, base: ef_addr, length: usize, id: ef_request_id) -> c_int {
    // SAFETY: as in `transmit`.
    unsafe { after_ctpio(vi, id, || transmit(vi, base, length as c_int, id)) }
}

/// `ef_vi_transmitv_ctpio_fallback`.
pub(super) unsafe extern "C" fn fallback_vector(
    vi: *mut ef_vi,
    pieces: *const ef_iovec,
    count: c_int,
    id: ef_request_id,
) -> c_int {
    // SAFETY: as in `transmit_vector`.
    unsafe { after_ctpio(vi, id, || transmit_vector(vi, pieces, count, id)) }
}

/// Sets whether sends only warm: they are written with a flag that has the adapter drop them.
pub(super) unsafe fn warm(vi: *mut ef_vi, on: bool) {
    // SAFETY: as in `transmit`.
    unsafe {
        let header = &raw mut (*vi).vi_txq.efct_fixed_header;
        *header = if on { *header | WARM } else { *header & !WARM };
    }
}
