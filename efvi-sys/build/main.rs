//! Finds, checks and links the real library; with feature `mock-nic` there is nothing to do.

mod find;
mod headers;
mod settings;

use std::process::ExitCode;

use find::Library;
use settings::Settings;

/// The release that the bindings are for.
const RELEASE: &str = "9.2.0";

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build");
    let settings = Settings::read();
    // The tests ask the C compiler for this target.
    println!("cargo:rustc-env=EFVI_SYS_TARGET={}", settings.target);
    println!("cargo:release={RELEASE}");
    if settings.mock_nic || settings.docs_rs {
        return ExitCode::SUCCESS;
    }
    match find::library(&settings).and_then(|library| link(&settings, &library)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\n{message}\n");
            ExitCode::FAILURE
        }
    }
}

/// Checks the headers that came with a library, and has it linked.
fn link(settings: &Settings, library: &Library) -> Result<(), String> {
    match &library.include {
        Some(include) => {
            headers::check(settings, include)?;
            println!("cargo:include={}", include.display());
        }
        None => println!(
            "cargo:warning=efvi-sys: no ef_vi headers beside {}: that it is Onload {RELEASE} is not checked",
            library.ciul.display()
        ),
    }
    for file in [Some(&library.ciul), library.onload_ext.as_ref()].into_iter().flatten() {
        let directory = file.parent().unwrap_or(file);
        println!("cargo:rustc-link-search=native={}", directory.display());
        println!("cargo:rustc-link-lib={}={}", settings.kind(), find::link_name(file));
    }
    Ok(())
}
