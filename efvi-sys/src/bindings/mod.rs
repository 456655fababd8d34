// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! The interface of each release of Onload, from the facts.
//!
//! Sizes and offsets are those of 64-bit Linux.

mod v9_2_0;
pub use v9_2_0::*;
