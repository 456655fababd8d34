//! What polls have to see to besides frames: nothing, as a rule. So that they find that out at the cost of one branch,
//! whatever brings more with it says so here first.

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};

static EXPECTED: AtomicBool = AtomicBool::new(false);

/// True once this process has, or had, faults, a capture, virtual time, software events, or a wire that is not memory.
#[inline(always)]
pub(super) fn expected() -> bool {
    EXPECTED.load(Relaxed)
}

/// From now on polls see to everything.
pub(crate) fn expect() {
    EXPECTED.store(true, Relaxed);
}
