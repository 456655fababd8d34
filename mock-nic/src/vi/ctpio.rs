//! CTPIO: frames that the processor writes through to the wire, and their fallback by DMA.

use super::transmit::{PIECES, Whole, join, send, transmit, transmit_vector};
use super::{Vi, adapter, special};
use crate::abi::*;
use crate::array::given;
use crate::faults;
use crate::frame::Checksums;
use crate::pio::WORD;
use crate::wire::{Flags, Outgoing, Piece, Stamp};
use core::ffi::{c_int, c_uint, c_void};
use core::ptr;

/// What is written to the aperture before a frame.
const HEADER: usize = 4;
/// The aperture is a page, which is written to in lines.
const PAGE: usize = 4096;
const LINE: usize = 64;
/// The longest frame that it takes.
const CTPIO_FRAME: usize = PAGE - HEADER;

/// What became of a frame written to the CTPIO aperture.
#[derive(Clone, Copy)]
pub(super) enum Written {
    /// It is on the wire.
    Sent(Stamp),
    /// It has to go by its fallback.
    Refused,
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
        if nic.flags & EF_VI_TX_CTPIO == 0 {
            return;
        }
        // While the path is warmed the frame goes to other memory than the aperture.
        if (*vi).vi_ctpio_mmap_ptr != nic.aperture() {
            return write_aside((*vi).vi_ctpio_mmap_ptr.cast(), given(pieces, count), length);
        }
        if nic.tx.dead {
            return;
        }
        // An empty one may be nowhere.
        if count == 1 && length.wrapping_sub(1) < longest(nic) && (*pieces).iov_len == length {
            return write(nic, &[piece(&*pieces)], length, threshold);
        }
        write_gathered(nic, given(pieces, count), length, threshold);
    }
}

/// Writes a frame to memory that stands in for the aperture, as far as it would write to that: the real one looks no
/// more at where it ends.
#[cold]
unsafe fn write_aside(to: *mut u8, iov: &[libc::iovec], length: usize) {
    // SAFETY: the caller's pieces; the memory is the application's, which has to be as long as the aperture.
    unsafe {
        to.copy_from_nonoverlapping((length as u32).to_le_bytes().as_ptr(), HEADER);
        let mut at = HEADER;
        for piece in iov.iter().filter(|piece| piece.iov_len > 0) {
            to.add(at).copy_from_nonoverlapping(piece.iov_base.cast(), piece.iov_len);
            at += piece.iov_len;
        }
        to.add(at).write_bytes(0, at.next_multiple_of(LINE) - at);
    }
}

/// The longest frame that can be written.
#[inline]
fn longest(nic: &Vi) -> usize {
    CTPIO_FRAME.min(nic.max_frame)
}

fn piece(piece: &libc::iovec) -> Piece {
    Piece { base: piece.iov_base.cast(), length: piece.iov_len }
}

/// Writes a frame of several pieces, or refuses one that can't be written.
#[inline(never)]
unsafe fn write_gathered(nic: &mut Vi, iov: &[libc::iovec], length: usize, threshold: c_uint) {
    // A length that the pieces don't add up to is a frame that can't be sent; the real one would underrun.
    let whole = iov.iter().try_fold(0_usize, |sum, piece| sum.checked_add(piece.iov_len)) == Some(length);
    if length > longest(nic) || !whole {
        nic.tx.ctpio = Some(Written::Refused);
        return;
    }
    let mut gathered = [Piece { base: ptr::null(), length: 0 }; PIECES];
    let (mut count, mut joined) = (0, Whole::uninit());
    let room = joined.as_mut_ptr().cast();
    // Those that are empty may be nowhere.
    for one in iov.iter().filter(|one| one.iov_len > 0) {
        if count == PIECES {
            // SAFETY: the caller's pieces, whose lengths were checked.
            gathered[0] = unsafe { join(&gathered, room) };
            count = 1;
        }
        gathered[count] = piece(one);
        count += 1;
    }
    write(nic, &gathered[..count], length, threshold);
}

/// Writes a frame to the aperture, from where it goes on the wire, or doesn't.
#[inline(always)]
fn write(nic: &mut Vi, pieces: &[Piece], length: usize, threshold: c_uint) {
    let whole = threshold >= EF_VI_CTPIO_CT_THRESHOLD_SNF || nic.flags & EF_VI_TX_CTPIO_NO_POISON != 0;
    let cuts_through = !whole && (threshold as usize) < length;
    // What comes through the aperture goes out as it is.
    let checksums = Checksums::default();
    let mut flags = Flags::default();
    if special::expected() && underruns(nic, length, if cuts_through { threshold as usize } else { length }, &mut flags)
    {
        // Bytes that are on the wire can't be taken back, only spoilt; what was still buffered is dropped.
        if cuts_through {
            send(nic, &Outgoing { pieces, length, checksums, flags: Flags::FCS_BAD });
        }
        nic.tx.ctpio = Some(Written::Refused);
        return;
    }
    if cuts_through {
        nic.cells.tx_ctpio_cut_through.add(1);
    } else {
        nic.cells.tx_ctpio_store_and_forward.add(1);
    }
    let stamp = send(nic, &Outgoing { pieces, length, checksums, flags });
    if flags != Flags::default() {
        nic.leave();
    }
    nic.tx.ctpio = Some(Written::Sent(stamp));
}

/// Sees to what [`special`] is about before a frame is written, and gives it flags. True if the frame, which goes out once `buffered` bytes of it are there, is written too slowly for the wire.
#[cold]
fn underruns(nic: &mut Vi, length: usize, buffered: usize, flags: &mut Flags) -> bool {
    if faults::armed() {
        faults::adapter::equip(nic);
    }
    if nic.outside.is_some() {
        nic.before_send(None);
        *flags = Flags::WRITTEN_THROUGH;
    }
    let in_time = nic.time.as_mut().is_none_or(|time| time.ctpio(length, buffered));
    nic.domain.port.underruns() || (buffered < length && !in_time)
}

/// `ef_vi_transmitv_ctpio_copy`: the same, and a copy for the fallback, which has all but the header of the words that
/// are written: up to 7 bytes behind the frame are overwritten.
pub(crate) unsafe extern "C" fn ctpio_copy(
    vi: *mut ef_vi,
    length: usize,
    pieces: *const libc::iovec,
    count: c_int,
    threshold: c_uint,
    fallback: *mut c_void,
) {
    // SAFETY: as in `ctpio`; `fallback` has room for the frame and the rest of its last word.
    unsafe {
        ctpio(vi, length, pieces, count, threshold);
        let end = gather(given(pieces, count), fallback.cast());
        // A frame of no bytes may be nowhere.
        if length > 0 {
            end.write_bytes(0, (HEADER + length).next_multiple_of(WORD) - (HEADER + length));
        }
    }
}

/// Copies pieces one behind the other: the end of the copy.
///
/// # Safety
/// The pieces are there, and `to` has room for them.
pub(super) unsafe fn gather(pieces: &[libc::iovec], mut to: *mut u8) -> *mut u8 {
    for piece in pieces {
        // SAFETY: the caller's promise.
        unsafe {
            to.copy_from_nonoverlapping(piece.iov_base.cast(), piece.iov_len);
            to = to.add(piece.iov_len);
        }
    }
    to
}

/// `ef_vi_transmit_ctpio_fallback`.
pub(crate) unsafe extern "C" fn fallback(vi: *mut ef_vi, base: ef_addr, length: usize, id: ef_request_id) -> c_int {
    // SAFETY: as in `transmit::init_vector`.
    unsafe {
        if (*vi).vi_flags & EF_VI_TX_CTPIO == 0 {
            return -libc::EOPNOTSUPP;
        }
        transmit(vi, base, length as c_int, id)
    }
}

/// `ef_vi_transmitv_ctpio_fallback`.
pub(crate) unsafe extern "C" fn fallback_vector(
    vi: *mut ef_vi,
    pieces: *const ef_iovec,
    count: c_int,
    id: ef_request_id,
) -> c_int {
    // SAFETY: as in `transmit::init_vector`.
    unsafe {
        if (*vi).vi_flags & EF_VI_TX_CTPIO == 0 {
            return -libc::EOPNOTSUPP;
        }
        transmit_vector(vi, pieces, count, id)
    }
}
