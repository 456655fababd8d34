//! All that can go wrong, and how likely that is to be.

use efvi::mock::Fault;

use crate::Model;

/// Parts per million by which the clocks run away.
const DRIFT: i64 = 20;

/// How often a fault should happen at least among all frames, so that a run without it is as good as impossible.
const OFTEN: f64 = 40.0;

/// The faults that the adapter of a model can have.
pub fn possible(model: Model) -> impl Iterator<Item = Fault> {
    // An X3 or X4 has no flag for these discards, and no PIO.
    let on_x2_alone =
        [Fault::DiscardMulticast, Fault::DiscardRights, Fault::DiscardEvent, Fault::DiscardInnerChecksum, Fault::NoPio];
    Fault::ALL.iter().copied().filter(move |fault| model == Model::X2 || !on_x2_alone.contains(fault))
}

/// Those of a process as the variable takes them, for a run of so many frames.
pub fn setting(model: Model, frames: u64, seed: u64) -> String {
    let mut setting = format!("seed={seed},drift_ppm={DRIFT}");
    for fault in possible(model) {
        let name = fault.name();
        setting += &match fault {
            // At the first call, and after that often.
            Fault::NoVi | Fault::NoFilter | Fault::NoMemory | Fault::NoPio => format!(",{name}@1,{name}=0.1"),
            // Each poll is an occasion, of which there are many; and a clock that is lost is so for a quarter of a second.
            Fault::ClockUnset | Fault::ClockUnsynced | Fault::ClockLost => {
                format!(",{name}@1000,{name}={:e}", 1.0 / frames as f64)
            }
            _ => format!(",{name}={:e}", least(fault).max(OFTEN / frames as f64)),
        };
    }
    setting
}

/// The probability of a fault in a long run.
fn least(fault: Fault) -> f64 {
    match fault {
        // Each of these costs what was under way.
        Fault::TxErrorRights | Fault::TxErrorOverflow | Fault::TxErrorTooBig | Fault::TxErrorBus => 2e-7,
        Fault::EventOverflow | Fault::Reset => 2e-7,
        _ => 1e-5,
    }
}
