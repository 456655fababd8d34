//! The library as a program sees it: through the C interface, by the raw bindings, against what ef_vi documents.
//!
//! One file an area. The harness in [`common`] holds all that is unsafe.

mod allocation;
mod alternatives;
mod cables;
mod checks;
mod checksums;
mod common;
mod ctpio;
mod discards;
mod driver;
mod errors;
mod events;
mod faults;
mod filter_kinds;
mod filters;
mod jumbo;
mod memory;
mod merging;
mod packed_stream;
mod pcap;
mod pio;
mod processes;
mod receive;
mod rss;
mod sniffing;
mod techniques;
mod timers;
mod timestamps;
mod trace;
mod transmit;
mod tx_errors;
mod virtual_time;
mod wakeups;
