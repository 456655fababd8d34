//! Holds the bindings, and our C headers, to the facts in `vendor/abi`: those of every release, whichever is selected.

mod bindings;
mod bitfields;
mod calls;
mod compilers;
mod facts;
mod headers;
mod table;

/// The tables of all releases that there are bindings for.
const TABLES: &[table::Table] = bindings::TABLES;
