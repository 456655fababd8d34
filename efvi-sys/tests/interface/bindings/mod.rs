// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! The bindings of each release, as the Rust compiler sees them.

pub mod v9_2_0;
