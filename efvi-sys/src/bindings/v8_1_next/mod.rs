// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! Onload 8.1-next.

mod accessors;
#[path = "../../twins/checksum.rs"]
mod checksum_twins;
mod constants;
#[path = "../../twins/delegated_send.rs"]
mod delegated_send_twins;
mod dispatch;
#[path = "../../twins/eventq.rs"]
mod eventq_twins;
mod events;
mod functions;
#[path = "../../twins/has_event.rs"]
mod has_event_twins;
mod layout;
#[path = "../../twins/memory.rs"]
mod memory_twins;
#[path = "../../twins/packed_stream.rs"]
mod packed_stream_twins;
#[path = "../../twins/receive.rs"]
mod receive_twins;
#[path = "../../twins/transmit.rs"]
mod transmit_twins;
mod types;
#[path = "../../twins/vi.rs"]
mod vi_twins;

pub use accessors::*;
pub use checksum_twins::*;
pub use constants::*;
pub use delegated_send_twins::*;
pub use dispatch::*;
pub use eventq_twins::*;
pub use events::*;
pub use functions::*;
pub use has_event_twins::*;
pub use memory_twins::*;
pub use packed_stream_twins::*;
pub use receive_twins::*;
pub use transmit_twins::*;
pub use types::*;
pub use vi_twins::*;

/// The release.
pub const RELEASE: &str = "8.1-next";
