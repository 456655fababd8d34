//! Warming the transmit path.

use core::ffi::c_char;

use crate::abi::*;

/// `ef_vi_start_transmit_warm`: the ring looks full and the aperture is elsewhere, so that nothing leaves.
pub(crate) unsafe extern "C" fn start_warm(vi: *mut ef_vi, saved: *mut ef_vi_tx_warm_state, aperture: *mut c_char) {
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
