//! Whether installed headers are those that the bindings were made from.

use std::path::Path;

use crate::RELEASE;
use crate::settings::Settings;

/// Compiles the static assertions of the bindings' release against the headers of a directory.
pub fn check(settings: &Settings, include: &Path) -> Result<(), String> {
    let assertions = format!("build/layout/onload-{RELEASE}.c");
    let compiler = cc::Build::new()
        .cargo_metadata(false)
        .target(&settings.target)
        .try_get_compiler()
        .map_err(|e| format!("efvi-sys: no C compiler to check the ef_vi headers with: {e}"))?;
    let output = compiler
        .to_command()
        .args(["-std=gnu11", "-fsyntax-only", "-I"])
        .arg(include)
        .arg(&assertions)
        .env("LC_ALL", "C")
        .output()
        .map_err(|e| format!("efvi-sys: {}: {e}", compiler.path().display()))?;
    println!("cargo:rerun-if-changed={}", include.join("etherfabric").display());
    println!("cargo:rerun-if-changed={}", include.join("onload").display());
    if output.status.success() {
        println!("{}: the headers of Onload {RELEASE}", include.display());
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    Err(format!(
        "efvi-sys: the ef_vi headers in {} are not those of Onload {RELEASE}, which these bindings are for:\n\n  \
         {}\n\n\
         With another layout every call would corrupt memory, so the build stops here. Install Onload {RELEASE}, or\n\
         set ONLOAD_DIR to where it is.",
        include.display(),
        first_difference(&errors),
    ))
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
