//! Which release installed headers are of.

use std::cmp::Reverse;
use std::fs;
use std::path::Path;

use crate::release::RELEASES;
use crate::settings::Settings;

/// What a release has to do with headers.
pub struct Release {
    /// The release: theirs, or the nearest to them.
    pub name: &'static str,
    /// The first difference between them, if there is any.
    pub difference: Option<String>,
}

/// Compiles the static assertions of releases against the headers of a directory: all releases', or those of the pinned
/// one alone. Returns the release whose assertions hold, or the nearest. The headers of the extensions may be missing
/// where those are not linked.
pub fn release(settings: &Settings, include: &Path, links_extensions: bool) -> Result<Release, String> {
    println!("cargo:rerun-if-changed={}", include.join("etherfabric").display());
    println!("cargo:rerun-if-changed={}", include.join("onload").display());
    let no_compiler =
        |e: String| format!("efvi-sys: no C compiler to check the ef_vi headers with: {e}\n\nInstall one, or set CC.");
    let compiler = cc::Build::new()
        .cargo_metadata(false)
        .target(&settings.target)
        .opt_level(0)
        .try_get_compiler()
        .map_err(|e| no_compiler(e.to_string()))?;
    let is_without = !links_extensions && !include.join("onload").is_dir();
    if is_without {
        println!("{}: no onload/: the extensions are not checked, and not linked", include.display());
    }
    let compile = |file: &str| {
        compiler
            .to_command()
            .args(["-std=gnu11", "-fsyntax-only"])
            .args(is_without.then_some("-DEFVI_SYS_WITHOUT_EXTENSIONS"))
            .arg("-I")
            .arg(include)
            .arg(file)
            // clang stops at 20 errors otherwise; GCC has no such limit.
            .args(compiler.is_like_clang().then_some("-ferror-limit=0"))
            .env("LC_ALL", "C")
            .output()
            .map_err(|e| no_compiler(format!("{}: {e}", compiler.path().display())))
    };
    // What does not compile is no other layout.
    let alone = compile("build/layout/headers.c")?;
    if !alone.status.success() {
        let errors = String::from_utf8_lossy(&alone.stderr);
        let first = errors.lines().find(|line| line.contains("error:")).unwrap_or(&errors);
        return Err(format!(
            "efvi-sys: the ef_vi headers in {} do not compile:\n\n  {}\n\n\
             Install them whole (package onload-devel: etherfabric/ and onload/), and the C library's own headers for\n\
             {}, or set CC to a compiler that has them.",
            include.display(),
            first.trim(),
            settings.target
        ));
    }
    // The nearest release is the one with the fewest differences, other offsets aside: one wider field moves all that
    // follow it. Of several, it is the one of which most holds.
    let mut nearest: Option<((usize, Reverse<usize>), Release)> = None;
    // The newest first: it is what most have.
    for release in RELEASES.iter().rev().filter(|r| settings.pinned.is_none_or(|pin| pin == **r)) {
        let assertions = format!("build/layout/onload-{release}.c");
        let output = compile(&assertions)?;
        if output.status.success() {
            println!("{}: the headers of Onload {release}", include.display());
            return Ok(Release { name: release, difference: None });
        }
        let errors = String::from_utf8_lossy(&output.stderr);
        let all: Vec<&str> = errors.lines().filter(|line| line.contains("error:")).collect();
        let offsets = all.iter().filter(|line| line.contains("\"offsetof(")).count();
        let text = fs::read_to_string(&assertions).map_err(|e| format!("efvi-sys: {assertions}: {e}"))?;
        let asserted = text.lines().filter(|line| line.starts_with("IS(") || line.starts_with("HAS(")).count();
        let distance = (all.len() - offsets, Reverse(asserted.saturating_sub(all.len())));
        println!("{}: not Onload {release}: {} differences", include.display(), all.len());
        if nearest.as_ref().is_none_or(|(least, _)| distance < *least) {
            let difference = Some(first_difference(&errors).to_owned());
            nearest = Some((distance, Release { name: release, difference }));
        }
    }
    nearest.map(|(_, release)| release).ok_or_else(|| "efvi-sys: there are bindings for no release at all.".to_owned())
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
