// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! Onload 9.1-next.

mod accessors;
#[path = "../../twins/check_event.rs"]
mod check_event_twins;
#[path = "../../twins/checksum.rs"]
mod checksum_twins;
mod constants;
#[path = "../../twins/delegated_send.rs"]
mod delegated_send_twins;
#[path = "../../twins/discards.rs"]
mod discards_twins;
mod dispatch;
#[path = "../../twins/efct.rs"]
mod efct_twins;
#[path = "../../twins/eventq.rs"]
mod eventq_twins;
mod events;
mod functions;
mod layout;
#[path = "../../twins/memory.rs"]
mod memory_twins;
#[path = "../../twins/packed_stream.rs"]
mod packed_stream_twins;
#[path = "../../twins/queue_ids.rs"]
mod queue_ids_twins;
#[path = "../../twins/receive.rs"]
mod receive_twins;
#[path = "../../twins/recovery.rs"]
mod recovery_twins;
#[path = "../../twins/shared_queues.rs"]
mod shared_queues_twins;
#[path = "../../twins/transmit.rs"]
mod transmit_twins;
mod types;
#[path = "../../twins/vi.rs"]
mod vi_twins;

pub use accessors::*;
pub use check_event_twins::*;
pub use checksum_twins::*;
pub use constants::*;
pub use delegated_send_twins::*;
pub use discards_twins::*;
pub use dispatch::*;
pub use efct_twins::*;
pub use eventq_twins::*;
pub use events::*;
pub use functions::*;
pub use memory_twins::*;
pub use packed_stream_twins::*;
pub use queue_ids_twins::*;
pub use receive_twins::*;
pub use recovery_twins::*;
pub use shared_queues_twins::*;
pub use transmit_twins::*;
pub use types::*;
pub use vi_twins::*;

/// The release.
pub const RELEASE: &str = "9.1-next";
