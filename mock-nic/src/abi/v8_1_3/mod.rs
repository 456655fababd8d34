// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! Onload 8.1.3.

mod constants;
mod events;
mod layout;
mod types;

pub use constants::*;
pub use events::*;
pub use types::*;

/// The release.
pub const RELEASE: &str = "8.1.3";
