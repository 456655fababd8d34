//! The dispatch table of a VI.

use super::{alternatives, ctpio, discards, event, pio, receive, release, timer, transmit, wakeup};
use crate::abi::*;

/// The `ops` of a VI of the X2 model.
///
/// Calls that only other adapters have answer `-EOPNOTSUPP`.
pub(crate) const OPS: ef_vi_ops = ef_vi_ops {
    transmit: Some(transmit::transmit),
    transmitv: Some(transmit::transmit_vector),
    transmitv_init: Some(transmit::init_vector),
    transmit_push: Some(transmit::push),
    transmit_pio: Some(pio::transmit),
    transmit_copy_pio: Some(pio::transmit_copy),
    transmit_pio_warm: Some(pio::transmit_warm),
    transmit_copy_pio_warm: Some(pio::transmit_copy_warm),
    transmitv_ctpio: Some(ctpio::ctpio),
    transmitv_ctpio_copy: Some(ctpio::ctpio_copy),
    transmit_alt_select: Some(alternatives::select_alternative),
    transmit_alt_select_default: Some(alternatives::select_normal),
    transmit_alt_stop: Some(alternatives::stop),
    transmit_alt_go: Some(alternatives::go),
    receive_set_discards: Some(discards::set_discards),
    receive_get_discards: Some(discards::get_discards),
    transmit_alt_discard: Some(alternatives::discard),
    receive_init: Some(receive::init),
    receive_push: Some(receive::push),
    eventq_poll: Some(event::poll),
    eventq_prime: Some(wakeup::eventq_prime),
    eventq_timer_prime: Some(timer::prime),
    eventq_timer_run: Some(timer::run),
    eventq_timer_clear: Some(timer::clear),
    eventq_timer_zero: Some(timer::zero),
    transmit_ctpio_fallback: Some(ctpio::fallback),
    transmitv_ctpio_fallback: Some(ctpio::fallback_vector),
    ..release::OPS
};
