//! Bindings from installed headers, by bindgen, for a release that there are none for.
//!
//! Types, functions and constants are the headers' own, in the shapes of the checked-in bindings. The twins of macros
//! and inline functions are those of the nearest release, as far as the headers still have what they stand for.

mod bits;
mod clang;
mod names;
mod nearest;
mod shapes;
mod twins;

use std::fmt::Write;
use std::fs;
use std::path::Path;

use nearest::Nearest;
use proc_macro2::TokenStream;

/// Writes bindings of the headers in `include` to `bindings.rs` in `out_dir`. Returns what could not be taken over.
pub fn bindings(include: &Path, release: &'static str, out_dir: &Path) -> Result<Vec<String>, String> {
    let nearest = Nearest::read(release)?;
    let installed: Vec<String> = nearest.headers.iter().filter(|h| include.join(h).is_file()).cloned().collect();
    let macros: Vec<&str> = nearest.constants.keys().map(String::as_str).collect();
    let headers = clang::read(include, &installed, &macros, out_dir)?;
    let shapes = shapes::shapes(&headers, &nearest);
    let twins = twins::kept(&headers, &nearest);
    for name in twins::without_twin(&headers, &nearest) {
        println!("bindgen: no twin of the macro or inline function {name}");
    }

    let mut text = format!("// Made by efvi-sys's build script from {}.\n\n", include.display());
    let mut exports = String::new();
    let parts = [
        ("types", "#![allow(non_camel_case_types)]", shapes.types),
        ("events", "#![allow(non_camel_case_types)]\nuse super::*;", shapes.events),
        ("constants", "#![allow(non_upper_case_globals)]\nuse super::*;", shapes.constants),
        ("functions", "use super::*;", shapes.functions),
        ("layout", "use super::*;", shapes.layout),
    ];
    for (module, head, tokens) in parts {
        let _ = write!(text, "mod {module} {{\n{head}\n{}}}\n\n", pretty(tokens)?);
        if module != "layout" {
            let _ = writeln!(exports, "pub use {module}::*;");
        }
    }
    for (module, source) in twins.modules {
        let _ = write!(text, "mod {module} {{\n{source}}}\n\n");
        let _ = writeln!(exports, "pub use {module}::*;");
    }
    let _ = write!(
        text,
        "{exports}\n/// The release that is nearest to the headers that the bindings were generated from.\n\
         pub const RELEASE: &str = {release:?};\n"
    );
    let file = out_dir.join("bindings.rs");
    fs::write(&file, text).map_err(|e| format!("efvi-sys: {}: {e}", file.display()))?;
    Ok(shapes.missing.into_iter().chain(twins.missing).collect())
}

fn pretty(tokens: TokenStream) -> Result<String, String> {
    let file = syn::parse2(tokens).map_err(|e| format!("efvi-sys: the bindings that it made do not parse: {e}"))?;
    Ok(prettyplease::unparse(&file))
}
