//! Makes everything that follows from the facts in `vendor/abi`: our C headers, the Rust bindings and the static
//! assertions that hold both to the facts.

pub mod c;
pub mod c_types;
pub mod docs;
pub mod facts;
pub mod macros;
pub mod output;
pub mod rust;
pub mod snippets;
pub mod tree;
