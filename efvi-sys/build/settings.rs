//! What the environment asks for.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use crate::release;

/// The variables and features that the build depends on.
pub struct Settings {
    /// Feature `mock-nic`.
    pub mock_nic: bool,
    /// docs.rs builds documentation: nothing is linked.
    pub docs_rs: bool,
    /// Where to look, and nowhere else.
    pub onload_dir: Option<PathBuf>,
    /// The directory of the headers.
    pub include: Option<PathBuf>,
    /// The file of libciul.
    pub ciul: Option<PathBuf>,
    /// What is said of libonload_ext.
    pub onload_ext: Extensions,
    /// Link `libciul.a` rather than `libciul.so`.
    pub is_static: bool,
    /// Whether the program runs on a machine of another kind than this one.
    pub is_cross: bool,
    /// What is compiled for.
    pub target: String,
    /// The release that the environment pins.
    pub pinned: Option<&'static str>,
    /// When to generate bindings.
    pub bindgen: Bindgen,
    /// Where files may be written.
    pub out_dir: PathBuf,
}

/// Whether libonload_ext is linked.
pub enum Extensions {
    /// If it is where libciul is.
    IfFound,
    /// Not at all.
    Off,
    /// This file.
    File(PathBuf),
}

/// When bindings are generated from the headers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Bindgen {
    /// Never: feature `bindgen` is off, or the environment says so.
    Never,
    /// Where the headers are of no release that there are bindings for.
    IfUnknown,
    /// Always.
    Always,
}

impl Settings {
    /// Reads them, and has cargo watch them.
    pub fn read() -> Result<Self, String> {
        let target = env::var("TARGET").unwrap_or_default();
        let settings = Self {
            mock_nic: feature("MOCK_NIC"),
            docs_rs: watched("DOCS_RS").is_some(),
            onload_dir: watched("ONLOAD_DIR").map(PathBuf::from),
            include: watched("EFVI_SYS_INCLUDE").map(PathBuf::from),
            ciul: watched("EFVI_SYS_CIUL_LIB").map(PathBuf::from),
            onload_ext: match watched("EFVI_SYS_ONLOAD_EXT_LIB") {
                None => Extensions::IfFound,
                Some(no) if no == "0" => Extensions::Off,
                Some(file) => Extensions::File(file.into()),
            },
            is_static: switch("EFVI_SYS_STATIC")?.unwrap_or(true),
            is_cross: env::var("HOST").is_ok_and(|host| host != target),
            target: target.clone(),
            bindgen: match (switch("EFVI_SYS_BINDGEN")?, feature("BINDGEN")) {
                (Some(true), false) => {
                    return Err("efvi-sys: EFVI_SYS_BINDGEN=1 asks for bindings from the installed headers, but \
                                feature `bindgen` is off. Enable it, or unset EFVI_SYS_BINDGEN."
                        .to_owned());
                }
                (Some(true), true) => Bindgen::Always,
                (None, true) => Bindgen::IfUnknown,
                (Some(false), _) | (None, false) => Bindgen::Never,
            },
            pinned: release::pinned().map_err(|message| format!("efvi-sys: {message}"))?,
            out_dir: env::var_os("OUT_DIR").unwrap_or_default().into(),
        };
        // Paths are used here, and by the linker, in other directories than the user's.
        let named = [
            ("ONLOAD_DIR", settings.onload_dir.as_ref()),
            ("EFVI_SYS_INCLUDE", settings.include.as_ref()),
            ("EFVI_SYS_CIUL_LIB", settings.ciul.as_ref()),
            (
                "EFVI_SYS_ONLOAD_EXT_LIB",
                match &settings.onload_ext {
                    Extensions::File(file) => Some(file),
                    _ => None,
                },
            ),
        ];
        for (variable, path) in named {
            if let Some(path) = path.filter(|path| path.is_relative()) {
                return Err(format!(
                    "efvi-sys: {variable}={} is relative, and cargo runs build scripts in other directories. Set it to \
                     the whole path.",
                    path.display()
                ));
            }
        }
        // The layouts are those of 64-bit machines, where integers begin with their lowest byte.
        let is_other = |name: &str, value: &str| env::var(name).is_ok_and(|v| v != value);
        if is_other("CARGO_CFG_TARGET_POINTER_WIDTH", "64") || is_other("CARGO_CFG_TARGET_ENDIAN", "little") {
            return Err(format!(
                "efvi-sys: there are bindings for 64-bit little-endian machines, as Onload runs on, and not for {target}."
            ));
        }
        Ok(settings)
    }
}

fn feature(name: &str) -> bool {
    env::var_os(format!("CARGO_FEATURE_{name}")).is_some()
}

/// A variable, which cargo runs the build script again for. Empty is unset.
fn watched(name: &str) -> Option<OsString> {
    println!("cargo:rerun-if-env-changed={name}");
    env::var_os(name).filter(|value| !value.is_empty())
}

/// A variable that is on or off.
fn switch(name: &str) -> Result<Option<bool>, String> {
    match watched(name) {
        None => Ok(None),
        Some(value) if value == "1" => Ok(Some(true)),
        Some(value) if value == "0" => Ok(Some(false)),
        Some(value) => Err(format!("efvi-sys: {name}={} is neither 0 nor 1.", value.display())),
    }
}
