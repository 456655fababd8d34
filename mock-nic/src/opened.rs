//! The ports that this process has open, whatever they are plugged into.

use crate::alias;
use crate::counters::Counters;
use crate::faults::Faults;
use crate::port::{self, Port};
use std::ffi::CString;
use std::sync::Arc;

/// A port that a domain of this process is on: of a fabric, `lo`, the end of a cable, a capture, or an interface of the
/// machine. It stays for as long as this does.
#[derive(Clone)]
pub struct OpenPort(Arc<Port>);

impl OpenPort {
    /// The port under the name by which programs open it; none if nobody has it open.
    pub fn find(name: &str) -> Option<Self> {
        let name = alias::resolve(&CString::new(name).ok()?).ok()?;
        port::find(|port| port.name == name).map(Self)
    }

    /// What the port's VIs, of this process, have counted.
    pub fn counters(&self) -> Counters {
        self.0.counters()
    }

    /// Sets what goes wrong at this port from now on, in place of what went wrong before. Occasions and counts start
    /// anew.
    pub fn set_faults(&self, faults: &Faults) {
        self.0.set_faults(faults);
    }

    /// Has the writers of the next CTPIO frames on this port be too slow for the wire, as
    /// [`FabricPort::underrun_ctpio`](crate::FabricPort::underrun_ctpio) does.
    pub fn underrun_ctpio(&self, frames: u32) {
        self.0.underrun_next(frames);
    }
}
