//! The revival of a transmit ring that an error has stopped.

use super::transmit::Ring;
use super::{adapter, ids_slot};
use crate::abi::*;
use crate::checks::rules::State;
use crate::watch::{self, Checked};
use core::ffi::c_int;

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
        (*state).ct_added = 0;
        (*state).ct_removed = 0;
        (*vi).last_ctpio_failed = 0;
        nic.forget_sent();
        nic.tx = Ring::new(nic.flags, nic.outside.is_some());
        0
    }
}
