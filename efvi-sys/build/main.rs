//! Finds, checks and links the real library, and chooses the bindings of its release, or generates some; with feature
//! `mock-nic` there is nothing to find.

mod find;
#[cfg(feature = "bindgen")]
mod generate;
mod headers;
mod link;
mod release;
mod settings;

use std::path::Path;
use std::process::ExitCode;

use find::Library;
use settings::{Bindgen, Settings};

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rustc-check-cfg=cfg(efvi_sys_generated)");
    println!("cargo:rustc-check-cfg=cfg(efvi_sys_headers_match)");
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
    // They run this program: a file tells them where it is, which no other build depends on.
    if let Ok(program) = std::env::current_exe() {
        let _ = std::fs::write(settings.out_dir.join("build-script"), program.as_os_str().as_encoded_bytes());
    }
    if settings.docs_rs {
        return Ok(settings.pinned.unwrap_or(release::DEFAULT));
    }
    if settings.mock_nic {
        return mock_nic(&settings);
    }
    let library = find::library(&settings)?;
    let release = match &library.include {
        Some(include) => matching(&settings, include, library.onload_ext.is_some())?,
        None => pinned(&settings, &library)?,
    };
    link::link(&library);
    Ok(release)
}

/// The mock has the layout of one release. Bindings that are generated over it have to be of that one too: its tests
/// are then those of the generator.
fn mock_nic(settings: &Settings) -> Result<&'static str, String> {
    let release = settings.pinned.unwrap_or(release::DEFAULT);
    let Some(include) = settings.include.as_ref().filter(|_| settings.bindgen == Bindgen::Always) else {
        return Ok(release);
    };
    let settings = Settings { pinned: Some(release), ..Settings::read()? };
    if let Some(difference) = headers::release(&settings, include, true)?.difference {
        return Err(format!(
            "efvi-sys: feature `mock-nic` is on, and the mock is Onload {release}, but the headers in {} are not:\n\n\
             \x20 {difference}\n\nSet {} to the release that they are of, or EFVI_SYS_INCLUDE to the mock's.",
            include.display(),
            release::PIN
        ));
    }
    generate(&settings, include, release)?;
    Ok(release)
}

/// The release to have bindings of, by the headers; bindings are generated from them if there are none for them.
fn matching(settings: &Settings, include: &Path, links_extensions: bool) -> Result<&'static str, String> {
    // To dependents: DEP_CIUL_INCLUDE.
    println!("cargo:include={}", include.display());
    let release = headers::release(settings, include, links_extensions)?;
    if release.difference.is_none() {
        println!("cargo:rustc-cfg=efvi_sys_headers_match");
    }
    match (&release.difference, settings.bindgen, settings.pinned) {
        (_, Bindgen::Always, _) | (Some(_), Bindgen::IfUnknown, None) => generate(settings, include, release.name)?,
        (None, ..) => {}
        (Some(difference), bindgen, None) => {
            let offer = if bindgen == Bindgen::Never && cfg!(feature = "bindgen") {
                "unset EFVI_SYS_BINDGEN, so that feature `bindgen` generates bindings from these headers"
            } else {
                "enable feature `bindgen`, which generates bindings from these headers (it needs libclang)"
            };
            return Err(format!(
                "efvi-sys: the ef_vi headers in {} are of no release that there are bindings for. The nearest is\n\
                 Onload {}; the first difference from it:\n\n  {difference}\n\n\
                 With another layout every call would corrupt memory, so the build stops here. Do one of these:\n\
                 \x20 - {offer}\n\
                 \x20 - install one of these releases, or set ONLOAD_DIR to where one is: {}",
                include.display(),
                release.name,
                release::RELEASES.join(", ")
            ));
        }
        (Some(difference), _, Some(pin)) => {
            return Err(format!(
                "efvi-sys: the ef_vi headers in {} are not those of Onload {pin}, which {} pins:\n\n  {difference}\n\n\
                 With another layout every call would corrupt memory, so the build stops here. Unset {} to have the\n\
                 release found out, or set ONLOAD_DIR to where Onload {pin} is.",
                include.display(),
                release::PIN,
                release::PIN
            ));
        }
    }
    Ok(release.name)
}

/// The pinned release of a library that has no headers beside it.
fn pinned(settings: &Settings, library: &Library) -> Result<&'static str, String> {
    let missing = format!("efvi-sys: no ef_vi headers (etherfabric/ef_vi.h) beside {}", library.ciul.display());
    match settings.pinned {
        _ if settings.bindgen == Bindgen::Always => Err(format!(
            "{missing}, to generate bindings from.\nInstall them (package onload-devel), or set EFVI_SYS_INCLUDE to the \
             directory that has etherfabric/."
        )),
        Some(pin) => {
            println!("cargo:warning={missing}: that it is Onload {pin} is not checked");
            Ok(pin)
        }
        None => Err(format!(
            "{missing}, so its release cannot be found out. Do one of these:\n\
             \x20 - install them (package onload-devel)\n\
             \x20 - set EFVI_SYS_INCLUDE to the directory that has etherfabric/ and onload/\n\
             \x20 - set {} to the release that the library is of, which is then not checked, one of: {}",
            release::PIN,
            release::RELEASES.join(", ")
        )),
    }
}

/// Generates bindings, with the twins of a release over them.
fn generate(settings: &Settings, include: &Path, release: &'static str) -> Result<(), String> {
    #[cfg(feature = "bindgen")]
    {
        for missing in generate::bindings(include, release, &settings.out_dir)? {
            println!("cargo:warning=efvi-sys: left out of the generated bindings: {missing}");
        }
        println!("{}: bindings generated, with the inline functions of Onload {release}", include.display());
        println!("cargo:rustc-cfg=efvi_sys_generated");
        // To dependents: DEP_CIUL_GENERATED.
        println!("cargo:generated=1");
        Ok(())
    }
    #[cfg(not(feature = "bindgen"))]
    Err(format!(
        "efvi-sys: to generate bindings of {} near Onload {release} into {}, enable feature `bindgen`.",
        include.display(),
        settings.out_dir.display()
    ))
}
