// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! Onload 9.2.0.

mod accessors;
mod constants;
mod dispatch;
mod events;
mod functions;
mod layout;
mod types;

pub use accessors::*;
pub use constants::*;
pub use dispatch::*;
pub use events::*;
pub use functions::*;
pub use types::*;
