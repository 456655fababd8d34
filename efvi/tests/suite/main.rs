//! What a program does, on every model: over cables of the mock's own; and, started again by [`over_interfaces`], over veth
//! pairs, which are interfaces of the machine.

#[path = "../common/mod.rs"]
mod common;

mod batch;
mod ctpio;
mod dispatch;
mod filter_kinds;
mod filters;
mod models;
// It starts processes.
#[cfg(not(miri))]
mod over_interfaces;
mod packets;
mod pieces;
mod pio;
mod references;
mod send_models;
mod send_receive;
mod sets;
mod shared_queue;
mod timestamps;
mod waiting;
