// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! The bindings of each release, as the Rust compiler sees them.

mod v8_1_0;
mod v8_1_2;
mod v8_1_3;
mod v8_1_next;
mod v9_0_1;
mod v9_0_2;
mod v9_1_0;
mod v9_1_1;
mod v9_1_next;
mod v9_2_0;
mod v9_2_next;

use crate::table::Table;

/// All releases.
pub const TABLES: &[Table] = &[
    v8_1_0::TABLE,
    v8_1_2::TABLE,
    v8_1_3::TABLE,
    v8_1_next::TABLE,
    v9_0_1::TABLE,
    v9_0_2::TABLE,
    v9_1_0::TABLE,
    v9_1_1::TABLE,
    v9_1_next::TABLE,
    v9_2_0::TABLE,
    v9_2_next::TABLE,
];
