//! The library as a program sees it: through the C interface, by the raw bindings, against what ef_vi documents.
//!
//! One file an area. The harness in [`common`] holds all that is unsafe.

mod allocation;
mod alternatives;
mod broken_queues;
mod cables;
mod checks;
mod checks_shared;
mod checksums;
mod common;
mod ctpio;
mod discards;
mod driver;
mod efct_queues;
mod efct_receive;
mod efct_time;
mod efct_transmit;
mod errors;
mod events;
mod every_fault;
mod faults;
mod filter_kinds;
mod filters;
mod interfaces;
mod jumbo;
mod memory;
mod merging;
mod models;
mod packed_stream;
mod pairs;
mod pcap;
mod pio;
mod processes;
mod receive;
mod replay;
mod rss;
mod sniffing;
mod techniques;
mod timers;
mod timestamps;
mod trace;
mod transmit;
mod tx_errors;
mod virtual_order;
mod virtual_time;
mod wakeups;
#[cfg(onload_since = "9.0.1")]
mod x4;
