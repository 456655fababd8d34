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

use anyhow::Result;

/// Releases that headers and bindings are made for.
pub const RELEASES: [&str; 11] =
    ["8.1.0", "8.1.2", "8.1.3", "8.1-next", "9.0.1", "9.0.2", "9.1.0", "9.1.1", "9.1-next", "9.2.0", "9.2-next"];

/// Makes all generated files.
pub fn generate(releases: &facts::Releases) -> Result<output::Output> {
    let mut output = output::Output::default();
    c::generate(releases, &RELEASES, &mut output)?;
    rust::generate(releases, &RELEASES, &mut output)?;
    Ok(output)
}
