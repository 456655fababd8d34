//! The C side: our own headers, and a file of static assertions that holds any headers to the facts.

mod asserts;
mod headers;

use anyhow::Result;

use crate::docs::Descriptions;
use crate::facts::Releases;
use crate::output::Output;

/// Generates the C files of some releases.
pub fn generate(releases: &Releases, wanted: &[&str], output: &mut Output) -> Result<()> {
    let docs = Descriptions::load()?;
    output.own("vendor/include");
    output.own("efvi-sys/build/layout");
    for release in wanted {
        let facts = releases.get(release)?;
        for header in &facts.headers {
            let text = headers::generate(facts, &docs, header)?;
            output.text(format!("vendor/include/onload-{release}/{header}"), text);
        }
        output.text(format!("efvi-sys/build/layout/onload-{release}.c"), asserts::generate(facts)?);
    }
    Ok(())
}
