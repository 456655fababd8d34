//! The Rust side: bindings for efvi-sys, and the types alone for mock-nic.

mod asserts;
mod constants;
mod dispatch;
mod events;
mod functions;
mod table;
mod twins;
mod types;

use std::fmt::Write;

use anyhow::Result;

use crate::docs::Descriptions;
use crate::facts::{Facts, Releases};
use crate::output::Output;

/// First line of every generated file.
const MARK: &str = "// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and\n\
                    // run `cargo run -p generator`.\n\n";

/// The newest release with a number.
const DEFAULT: &str = "9.2.0";

/// What the tests of efvi-sys compare with the facts.
const TABLES: &str = "efvi-sys/tests/interface/bindings";

/// Generates the Rust files of some releases.
pub fn generate(releases: &Releases, wanted: &[&str], output: &mut Output) -> Result<()> {
    let docs = Descriptions::load()?;
    // The mock defines the functions itself: it gets the types alone.
    let places = [("efvi-sys/src/bindings", true), ("mock-nic/src/abi", false)];
    for (place, _) in places {
        output.own(place);
        let mut index = format!(
            "{MARK}//! The interface of each release of Onload, from the facts.\n//!\n\
             //! Sizes and offsets are those of 64-bit Linux.\n\n"
        );
        for release in wanted {
            let module = releases.get(release)?.module();
            writeln!(
                index,
                "#[cfg(onload = {release:?})]\nmod {module};\n#[cfg(onload = {release:?})]\npub use {module}::*;\n"
            )?;
        }
        output.rust(format!("{place}/mod.rs"), &index)?;
    }
    output.own(TABLES);
    let mut index = format!("{MARK}//! The bindings of each release, as the Rust compiler sees them.\n\n");
    let mut tables = String::new();
    for release in wanted {
        let module = releases.get(release)?.module();
        writeln!(index, "mod {module};")?;
        writeln!(tables, "{module}::TABLE,")?;
    }
    writeln!(index, "\nuse crate::table::Table;\n\n/// All releases.\npub const TABLES: &[Table] = &[{tables}];")?;
    output.rust(format!("{TABLES}/mod.rs"), &index)?;
    for place in ["efvi-sys/build", "mock-nic/build"] {
        let (last, all) = (DEFAULT, format!("{wanted:?}"));
        let text = format!(
            "{MARK}{}\n/// All releases that there are bindings for, oldest first.\n\
             pub const RELEASES: [&str; {}] = {all};\n\n\
             /// The release of the mock adapter, and of documentation, unless another is pinned.\n\
             pub const DEFAULT: &str = {last:?};",
            include_str!("../../rust/release.rs"),
            wanted.len()
        );
        output.rust(format!("{place}/release.rs"), &text)?;
    }
    let all_twins = twins::Twins::load()?;
    for release in wanted {
        let facts = releases.get(release)?;
        let context = Context { releases, facts, docs: &docs };
        let common = [
            ("types", types::generate(&context)?),
            ("events", events::generate(&context)?),
            ("constants", constants::generate(&context)?),
            ("layout", asserts::generate(&context)?),
        ];
        let calls = [
            ("accessors", dispatch::accessors(&context)?),
            ("dispatch", dispatch::generate(&context)?),
            ("functions", functions::generate(&context)?),
        ];
        let table = format!("{MARK}{}", table::generate(&context)?);
        output.rust(format!("{TABLES}/{}.rs", facts.module()), &table)?;
        for (place, has_calls) in places {
            let dir = format!("{place}/{}", facts.module());
            let mut index = format!("{MARK}//! Onload {}.\n\n", facts.release);
            let mut exports = String::new();
            for (name, text) in common.iter().chain(if has_calls { &calls[..] } else { &[] }) {
                output.rust(format!("{dir}/{name}.rs"), &format!("{MARK}{text}"))?;
                writeln!(index, "mod {name};")?;
                if *name != "layout" {
                    writeln!(exports, "pub use {name}::*;")?;
                }
            }
            for twins in all_twins.iter().filter(|_| has_calls) {
                if twins.is_in(facts)? {
                    twins.check_docs(&context)?;
                    let name = format!("{}_twins", twins.module);
                    writeln!(index, "#[path = \"../../twins/{}.rs\"]\nmod {name};", twins.module)?;
                    writeln!(exports, "pub use {name}::*;")?;
                }
            }
            writeln!(exports, "\n/// The release.\npub const RELEASE: &str = {release:?};")?;
            output.rust(format!("{dir}/mod.rs"), &format!("{index}\n{exports}"))?;
        }
    }
    Ok(())
}

/// What every part needs.
struct Context<'a> {
    releases: &'a Releases,
    facts: &'a Facts,
    docs: &'a Descriptions,
}

impl Context<'_> {
    /// Since which release there is a macro or function, whichever it is in each.
    fn since_call(&self, name: &str) -> String {
        self.releases.since(|f| f.function_macros.contains(name) || f.functions.contains(name))
    }

    /// The Rust name of a C structure, enum or typedef.
    fn name(&self, c: &str) -> String {
        let bare = c
            .strip_prefix("struct ")
            .or_else(|| c.strip_prefix("enum "))
            .or_else(|| c.strip_prefix("union "))
            .unwrap_or(c);
        match bare {
            "ops" | "internal_ops" => format!("ef_vi_{bare}"),
            _ if types::LIBC.contains(&bare) => format!("libc::{bare}"),
            _ => bare.to_owned(),
        }
    }
}

/// A C identifier as a Rust one.
pub(crate) fn ident(name: &str) -> String {
    match name {
        "type" | "ref" | "move" | "loop" | "match" | "in" => format!("{name}_"),
        _ => name.to_owned(),
    }
}
