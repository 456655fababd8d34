//! Which release installed headers are of.

use std::path::Path;

use crate::release::{PIN, RELEASES};
use crate::settings::Settings;

/// Compiles the static assertions of releases against the headers of a directory: all releases', or those of the pinned
/// one alone. Returns the release whose assertions hold.
pub fn release(settings: &Settings, include: &Path) -> Result<&'static str, String> {
    println!("cargo:rerun-if-changed={}", include.join("etherfabric").display());
    println!("cargo:rerun-if-changed={}", include.join("onload").display());
    let compiler = cc::Build::new()
        .cargo_metadata(false)
        .target(&settings.target)
        .try_get_compiler()
        .map_err(|e| format!("efvi-sys: no C compiler to check the ef_vi headers with: {e}"))?;
    // The nearest release is the one with the fewest differences. Other offsets count last: one wider field moves all
    // that follow it.
    let mut nearest: Option<((usize, usize), &str, String)> = None;
    // The newest first: it is what most have.
    for release in RELEASES.iter().rev().filter(|r| settings.pinned.is_none_or(|pin| pin == **r)) {
        let output = compiler
            .to_command()
            .args(["-std=gnu11", "-fsyntax-only", "-I"])
            .arg(include)
            .arg(format!("build/layout/onload-{release}.c"))
            // clang stops at 20 errors otherwise; GCC has no such limit.
            .args(compiler.is_like_clang().then_some("-ferror-limit=0"))
            .env("LC_ALL", "C")
            .output()
            .map_err(|e| format!("efvi-sys: {}: {e}", compiler.path().display()))?;
        if output.status.success() {
            println!("{}: the headers of Onload {release}", include.display());
            return Ok(release);
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let all: Vec<&str> = errors.lines().filter(|line| line.contains("error:")).collect();
        let offsets = all.iter().filter(|line| line.contains("\"offsetof(")).count();
        let count = (all.len() - offsets, offsets);
        println!("{}: not Onload {release}: {} differences", include.display(), all.len());
        if nearest.as_ref().is_none_or(|(fewest, ..)| count < *fewest) {
            nearest = Some((count, release, first_difference(&errors).to_owned()));
        }
    }
    let (_, nearest, difference) = nearest.unwrap_or_default();
    Err(match settings.pinned {
        Some(pin) => format!(
            "efvi-sys: the ef_vi headers in {} are not those of Onload {pin}, which {PIN} pins:\n\n  {difference}\n\n\
             With another layout every call would corrupt memory, so the build stops here. Unset {PIN} to have the\n\
             release found out, or set ONLOAD_DIR to where Onload {pin} is.",
            include.display()
        ),
        None => format!(
            "efvi-sys: the ef_vi headers in {} are of no release that there are bindings for. The nearest is Onload\n\
             {nearest}; the first difference from it:\n\n  {difference}\n\n\
             With another layout every call would corrupt memory, so the build stops here. Install one of these\n\
             releases, or set ONLOAD_DIR to where one is: {}.",
            include.display(),
            RELEASES.join(", ")
        ),
    })
}

/// The text of the first assertion that failed, or the compiler's first error.
fn first_difference(errors: &str) -> &str {
    let error = errors.lines().find(|line| line.contains("error:")).unwrap_or(errors);
    let text = error.split_once("error:").map_or(error, |(_, text)| text).trim();
    // GCC quotes the text, clang may precede it by the expression.
    match text.split_once('"') {
        Some((_, quoted)) => quoted.trim_end_matches('"'),
        None => text,
    }
}
