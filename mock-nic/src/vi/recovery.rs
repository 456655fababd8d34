//! Transmit errors: the event, the dead ring behind it, and its revival.

use super::event::Event;
use super::transmit::Ring;
use super::{Vi, adapter, ids_slot};
use crate::abi::*;
use crate::checks::rules::State;
use crate::watch::{self, Checked};
use core::ffi::c_int;

/// A send was refused: all descriptors up to `end` are done with, and no more are taken until the ring is revived.
#[cold]
pub(super) fn fail(nic: &mut Vi, end: u32, why: u32) {
    nic.tx.dead = true;
    nic.tx.ctpio = None;
    nic.cells.tx_errors.add(1);
    let label = nic.label;
    nic.completions().raise(Event::Failed { label, end, why });
}

/// `ef_vi_reinit_txq_post_error`: the ring is empty again, and alive. Ids that were on it are lost, and what was
/// selected is the way straight to the wire.
#[unsafe(no_mangle)]
unsafe extern "C" fn __ef_vi_reinit_txq_post_error(vi: *mut ef_vi) -> c_int {
    // SAFETY: this call's contract.
    unsafe {
        if watch::watching() {
            let rule = |rules: &mut State, _: &Checked<'_>| rules.revived();
            return watch::call(vi, format_args!("ef_vi_reinit_txq_post_error()"), rule, || revive(vi));
        }
        revive(vi)
    }
}

unsafe fn revive(vi: *mut ef_vi) -> c_int {
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
        nic.tx = Ring::new(nic.flags);
        0
    }
}
