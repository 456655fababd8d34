//! The C side: our own headers, and a file of static assertions that holds any headers to the facts.

mod asserts;
mod headers;

use std::collections::BTreeSet;

use anyhow::Result;

use crate::docs::Descriptions;
use crate::facts::Releases;
use crate::output::Output;

/// Generates the C files of some releases.
pub fn generate(releases: &Releases, wanted: &[&str], output: &mut Output) -> Result<()> {
    let docs = Descriptions::load()?;
    output.own("vendor/include");
    output.own("efvi-sys/build/layout");
    let mut all = BTreeSet::new();
    for release in wanted {
        let facts = releases.get(release)?;
        for header in &facts.headers {
            let text = headers::generate(facts, &docs, header)?;
            output.text(format!("vendor/include/onload-{release}/{header}"), text);
            all.insert(header.as_str());
        }
        output.text(format!("efvi-sys/build/layout/onload-{release}.c"), asserts::generate(facts)?);
    }
    let text = format!(
        "/* What the assertions of all releases include: headers that this does not compile with are not whole.\n\
         \x20* Made by vendor/generator from vendor/abi. Do not edit. */\n{}",
        asserts::includes(all.into_iter())?
    );
    output.text("efvi-sys/build/layout/headers.c", text);
    Ok(())
}
