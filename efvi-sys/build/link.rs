//! Has cargo link what was found.

use std::path::Path;

use crate::find::Library;

/// Links libciul, then what it needs: a static library comes before those that it calls.
pub fn link(library: &Library) {
    for file in [Some(&library.ciul), library.onload_ext.as_ref()].into_iter().flatten() {
        let directory = file.parent().unwrap_or(file);
        println!("cargo:rerun-if-changed={}", file.display());
        println!("cargo:rustc-link-search=native={}", directory.display());
        println!("cargo:rustc-link-lib={}", argument(file));
    }
    // By Onload's mk/site/libs.mk the static extensions look up Onload's functions with dlsym.
    if library.onload_ext.as_ref().is_some_and(|file| is_static(file)) {
        println!("cargo:rustc-link-lib=dylib=dl");
    }
    for directory in &library.more_directories {
        println!("cargo:rustc-link-search=native={}", directory.display());
    }
    for name in &library.more {
        println!("cargo:rustc-link-lib=dylib={name}");
    }
}

/// How cargo names a file to link: `static=ciul1` for `libciul1.a`. A name that a linker would not find by itself, such
/// as that of `libciul.so.1`, is taken as it is.
fn argument(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let kind = if is_static(file) { "static" } else { "dylib" };
    match name.strip_prefix("lib").and_then(|name| name.strip_suffix(".a").or_else(|| name.strip_suffix(".so"))) {
        Some(stem) => format!("{kind}={stem}"),
        None => format!("{kind}:+verbatim={name}"),
    }
}

/// Whether a file is a static library.
pub fn is_static(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "a")
}

/// Whether a file is a shared library: its name has `.so` in it, with a version after it or not.
pub fn is_shared(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    name.ends_with(".so") || name.contains(".so.")
}
