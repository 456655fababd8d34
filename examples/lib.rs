//! What the programs that use efvi share: frames and CPUs.

pub mod cpu;
pub mod frame;
pub mod vlan;
