//! The dispatch table of a VI.

use super::{ctpio, discards, event, receive, release, transmit};
use crate::abi::*;
use core::ffi::{c_int, c_uint, c_void};

/// The `ops` of a VI of the X2 model.
///
/// Calls that the model has and this version does not serve (PIO, TX alternatives) answer `-EOPNOTSUPP`, as do those
/// that only other adapters have. Priming and timers have no result to say it with; what they lead up to,
/// `ef_vi_prime` and `ef_eventq_wait`, is not there to be linked.
pub(crate) const OPS: ef_vi_ops = ef_vi_ops {
    transmit: Some(transmit::transmit),
    transmitv: Some(transmit::transmit_vector),
    transmitv_init: Some(transmit::init_vector),
    transmit_push: Some(transmit::push),
    transmit_pio: Some(no_pio),
    transmit_copy_pio: Some(no_copy_pio),
    transmit_pio_warm: Some(no_effect),
    transmit_copy_pio_warm: Some(no_pio_warm),
    transmitv_ctpio: Some(ctpio::ctpio),
    transmitv_ctpio_copy: Some(ctpio::ctpio_copy),
    transmit_alt_select: Some(no_alternative),
    transmit_alt_select_default: Some(no_alternatives),
    transmit_alt_stop: Some(no_alternative),
    transmit_alt_go: Some(no_alternative),
    receive_set_discards: Some(discards::set_discards),
    receive_get_discards: Some(discards::get_discards),
    transmit_alt_discard: Some(no_alternative),
    receive_init: Some(receive::init),
    receive_push: Some(receive::push),
    eventq_poll: Some(event::poll),
    eventq_prime: Some(no_effect),
    eventq_timer_prime: Some(no_timer),
    eventq_timer_run: Some(no_timer),
    eventq_timer_clear: Some(no_effect),
    eventq_timer_zero: Some(no_effect),
    transmit_ctpio_fallback: Some(ctpio::fallback),
    transmitv_ctpio_fallback: Some(ctpio::fallback_vector),
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
