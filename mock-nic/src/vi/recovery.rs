//! Transmit errors: the event, and the dead ring behind it.

use super::Vi;
use super::event::Event;

/// A send was refused: all descriptors up to `end` are done with, and no more are taken until the ring is revived.
#[cold]
pub(super) fn fail(nic: &mut Vi, end: u32, why: u32) {
    nic.tx.dead = true;
    nic.tx.ctpio = None;
    nic.cells.tx_errors.add(1);
    let label = nic.label;
    nic.completions().raise(Event::Failed { label, end, why });
}
