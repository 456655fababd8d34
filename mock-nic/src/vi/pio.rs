//! Sends from the PIO region that a VI is linked with.

use super::transmit::{add_descriptor, push, send_whole};
use super::{Vi, adapter, descriptor};
use crate::abi::*;
use crate::pio::WORD;
use crate::wire::{Piece, Stamp};
use core::ffi::{c_int, c_void};

/// A packet begins at a multiple of this.
const ALIGN: usize = 64;
/// The shortest packet that the region takes.
const SHORTEST: usize = 16;

/// Where a packet lies in the VI's region: `-EINVAL` unless it lies within, is aligned and long enough.
#[inline]
unsafe fn place(vi: *mut ef_vi, offset: c_int, length: c_int) -> Result<(usize, usize, *mut u8), c_int> {
    let (Ok(offset), Ok(bytes)) = (usize::try_from(offset), usize::try_from(length)) else {
        return Err(-libc::EINVAL);
    };
    // SAFETY: the caller gives a VI that was allocated, used by this thread alone.
    let region = unsafe { &(*adapter(vi)).pio };
    match region.as_ref().and_then(|region| region.at(offset, bytes)) {
        Some(place) if offset.is_multiple_of(ALIGN) && bytes >= SHORTEST => Ok((offset, bytes, place)),
        _ => Err(-libc::EINVAL),
    }
}

/// Adds the descriptor and pushes it, if the ring has room.
#[inline]
unsafe fn submit(vi: *mut ef_vi, offset: usize, bytes: usize, id: ef_request_id) -> c_int {
    // SAFETY: as in `place`.
    unsafe {
        let rc = add_descriptor(vi, descriptor::pio(offset, bytes), Some(id));
        if rc == 0 {
            push(vi);
        }
        rc
    }
}

/// `ef_vi_transmit_pio`.
pub(super) unsafe extern "C" fn transmit(vi: *mut ef_vi, offset: c_int, length: c_int, id: ef_request_id) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        match place(vi, offset, length) {
            Ok((offset, bytes, _)) => submit(vi, offset, bytes, id),
            Err(rc) => rc,
        }
    }
}

/// `ef_vi_transmit_copy_pio`. The packet is in the region even if the ring then has no room for it.
pub(super) unsafe extern "C" fn transmit_copy(
    vi: *mut ef_vi,
    offset: c_int,
    packet: *const c_void,
    length: c_int,
    id: ef_request_id,
) -> c_int {
    // SAFETY: as in `transmit`; the program gives `length` bytes, and a region is whole words long.
    unsafe {
        match place(vi, offset, length) {
            Ok((offset, bytes, to)) => {
                let nic = &mut *adapter(vi);
                if let Some(time) = &mut nic.time {
                    time.pio(bytes);
                }
                if nic.pio.as_ref().is_some_and(|region| region.is_mapped()) {
                    to.copy_from_nonoverlapping(packet.cast(), bytes);
                    // The last word is written whole.
                    to.add(bytes).write_bytes(0, bytes.next_multiple_of(WORD) - bytes);
                }
                submit(vi, offset, bytes, id)
            }
            Err(rc) => rc,
        }
    }
}

/// Runs `send` while the ring looks full, so that nothing leaves.
#[inline]
unsafe fn warm(vi: *mut ef_vi, send: impl FnOnce()) {
    // SAFETY: as in `place`; nothing holds a reference to the state.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).txq;
        let removed = (*state).removed;
        (*state).removed = (*state).added.wrapping_sub((*vi).vi_txq.mask);
        send();
        (*state).removed = removed;
    }
}

/// `ef_vi_transmit_pio_warm`.
pub(super) unsafe extern "C" fn transmit_warm(vi: *mut ef_vi) {
    // SAFETY: as in `transmit`.
    unsafe { warm(vi, || _ = transmit(vi, 0, SHORTEST as c_int, 0)) };
}

/// `ef_vi_transmit_copy_pio_warm`: the copy is made.
pub(super) unsafe extern "C" fn transmit_copy_warm(
    vi: *mut ef_vi,
    offset: c_int,
    packet: *const c_void,
    length: c_int,
) {
    // SAFETY: as in `transmit_copy`.
    unsafe { warm(vi, || _ = transmit_copy(vi, offset, packet, length, 0)) };
}

/// The adapter sends a packet of the region.
#[inline]
pub(super) fn send(nic: &mut Vi, offset: usize, length: usize) -> Result<(Stamp, bool), u32> {
    let found = nic.pio.as_ref().and_then(|region| region.at(offset, length));
    match found {
        Some(base) => {
            nic.cells.tx_pio.add(1);
            if let Some(time) = &mut nic.time {
                time.buffered();
            }
            send_whole(nic, &[Piece { base, length }], length)
        }
        // The region was unlinked between the call and now.
        None => Err(EF_EVENT_TX_ERROR_BUS),
    }
}
