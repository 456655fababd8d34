// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! The interface of each release of Onload, from the facts.
//!
//! Sizes and offsets are those of 64-bit Linux.

#[cfg(onload = "8.1.0")]
mod v8_1_0;
#[cfg(onload = "8.1.0")]
pub use v8_1_0::*;

#[cfg(onload = "8.1.2")]
mod v8_1_2;
#[cfg(onload = "8.1.2")]
pub use v8_1_2::*;

#[cfg(onload = "8.1.3")]
mod v8_1_3;
#[cfg(onload = "8.1.3")]
pub use v8_1_3::*;

#[cfg(onload = "8.1-next")]
mod v8_1_next;
#[cfg(onload = "8.1-next")]
pub use v8_1_next::*;

#[cfg(onload = "9.0.1")]
mod v9_0_1;
#[cfg(onload = "9.0.1")]
pub use v9_0_1::*;

#[cfg(onload = "9.0.2")]
mod v9_0_2;
#[cfg(onload = "9.0.2")]
pub use v9_0_2::*;

#[cfg(onload = "9.1.0")]
mod v9_1_0;
#[cfg(onload = "9.1.0")]
pub use v9_1_0::*;

#[cfg(onload = "9.1.1")]
mod v9_1_1;
#[cfg(onload = "9.1.1")]
pub use v9_1_1::*;

#[cfg(onload = "9.1-next")]
mod v9_1_next;
#[cfg(onload = "9.1-next")]
pub use v9_1_next::*;

#[cfg(onload = "9.2.0")]
mod v9_2_0;
#[cfg(onload = "9.2.0")]
pub use v9_2_0::*;

#[cfg(onload = "9.2-next")]
mod v9_2_next;
#[cfg(onload = "9.2-next")]
pub use v9_2_next::*;
