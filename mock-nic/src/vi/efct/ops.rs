//! The dispatch table of a VI on this datapath.

use super::{events, receive, release, transmit};
use crate::abi::*;
use core::ffi::{c_int, c_uint, c_void};

/// The `ops` of a VI. What the adapters haven't (PIO, TX alternatives) is `-EOPNOTSUPP`, posting buffers is `-ENOSYS`, and
/// timers do nothing, as the library has it.
pub(crate) const OPS: ef_vi_ops = ef_vi_ops {
    transmit: Some(transmit::transmit),
    transmitv: Some(transmit::transmit_vector),
    transmitv_init: Some(transmit::transmit_vector),
    transmit_push: Some(transmit::push),
    transmit_pio: Some(no_pio),
    transmit_copy_pio: Some(no_copy_pio),
    transmit_pio_warm: Some(no_effect),
    transmit_copy_pio_warm: Some(no_pio_warm),
    transmitv_ctpio: Some(transmit::ctpio),
    transmitv_ctpio_copy: Some(transmit::ctpio_copy),
    transmit_alt_select: Some(no_alternative),
    transmit_alt_select_default: Some(no_alternatives),
    transmit_alt_stop: Some(no_alternative),
    transmit_alt_go: Some(no_alternative),
    receive_set_discards: Some(receive::set_discards),
    receive_get_discards: Some(receive::get_discards),
    transmit_alt_discard: Some(no_alternative),
    receive_init: Some(no_buffer),
    receive_push: Some(no_effect),
    eventq_poll: Some(events::poll),
    eventq_prime: Some(no_effect),
    eventq_timer_prime: Some(no_timer),
    eventq_timer_run: Some(no_timer),
    eventq_timer_clear: Some(no_effect),
    eventq_timer_zero: Some(no_effect),
    transmit_ctpio_fallback: Some(transmit::fallback),
    transmitv_ctpio_fallback: Some(transmit::fallback_vector),
    ..release::OPS
};

unsafe extern "C" fn no_pio(_: *mut ef_vi, _: c_int, _: c_int, _: ef_request_id) -> c_int {
    -libc::EOPNOTSUPP
}

unsafe extern "C" fn no_copy_pio(_: *mut ef_vi, _: c_int, _: *const c_void, _: c_int, _: ef_request_id) -> c_int {
    -libc::EOPNOTSUPP
}

unsafe extern "C" fn no_pio_warm(_: *mut ef_vi, _: c_int, _: *const c_void, _: c_int) {}

unsafe extern "C" fn no_effect(_: *mut ef_vi) {}

unsafe extern "C" fn no_timer(_: *mut ef_vi, _: c_uint) {}

unsafe extern "C" fn no_alternative(_: *mut ef_vi, _: c_uint) -> c_int {
    -libc::EOPNOTSUPP
}

unsafe extern "C" fn no_alternatives(_: *mut ef_vi) -> c_int {
    -libc::EOPNOTSUPP
}

/// `ef_vi_receive_init`.
pub(crate) unsafe extern "C" fn no_buffer(_: *mut ef_vi, _: ef_addr, _: ef_request_id) -> c_int {
    -libc::ENOSYS
}
