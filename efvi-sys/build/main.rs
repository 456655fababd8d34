//! Finds, checks and links the real library, and chooses the bindings of its release; with feature `mock-nic` there is
//! nothing to find.

mod find;
mod headers;
mod release;
mod settings;

use std::process::ExitCode;

use find::Library;
use settings::Settings;

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build");
    match build() {
        Ok(release) => {
            release::select(release);
            // To dependents: DEP_CIUL_RELEASE and DEP_CIUL_RELEASES.
            println!("cargo:release={release}");
            println!("cargo:releases={}", release::RELEASES.join(" "));
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("\n{message}\n");
            ExitCode::FAILURE
        }
    }
}

/// Has the library linked, if there is to be one. Returns the release to have bindings of.
fn build() -> Result<&'static str, String> {
    let settings = Settings::read()?;
    // The tests ask the C compiler for this target.
    println!("cargo:rustc-env=EFVI_SYS_TARGET={}", settings.target);
    if settings.mock_nic || settings.docs_rs {
        return Ok(settings.pinned.unwrap_or(release::DEFAULT));
    }
    link(&settings, &find::library(&settings)?)
}

/// Finds out the release of a library by its headers, and has it linked.
fn link(settings: &Settings, library: &Library) -> Result<&'static str, String> {
    let release = match (&library.include, settings.pinned) {
        (Some(include), _) => {
            let release = headers::release(settings, include)?;
            // To dependents: DEP_CIUL_INCLUDE.
            println!("cargo:include={}", include.display());
            release
        }
        (None, Some(pin)) => {
            println!(
                "cargo:warning=efvi-sys: no ef_vi headers beside {}: that it is Onload {pin} is not checked",
                library.ciul.display()
            );
            pin
        }
        (None, None) => {
            return Err(format!(
                "efvi-sys: no ef_vi headers beside {}, so its release cannot be found out. Install them, or set {} to\n\
                 the release that it is of, one of: {}.",
                library.ciul.display(),
                release::PIN,
                release::RELEASES.join(", ")
            ));
        }
    };
    for file in [Some(&library.ciul), library.onload_ext.as_ref()].into_iter().flatten() {
        let directory = file.parent().unwrap_or(file);
        println!("cargo:rustc-link-search=native={}", directory.display());
        println!("cargo:rustc-link-lib={}={}", settings.kind(), find::link_name(file));
    }
    Ok(release)
}
