//! What the environment asks for.

use std::env;
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
    /// Link `libciul.a` rather than `libciul.so`.
    pub is_static: bool,
    /// Whether the program runs on a machine of another kind than this one.
    pub is_cross: bool,
    /// What is compiled for.
    pub target: String,
    /// The release that the environment pins.
    pub pinned: Option<&'static str>,
    /// The pkg-config program.
    pub pkg_config: PathBuf,
}

impl Settings {
    /// Reads them, and has cargo watch them.
    pub fn read() -> Result<Self, String> {
        let watched = |name: &str| {
            println!("cargo:rerun-if-env-changed={name}");
            env::var_os(name).filter(|value| !value.is_empty())
        };
        let target = env::var("TARGET").unwrap_or_default();
        Ok(Self {
            mock_nic: env::var_os("CARGO_FEATURE_MOCK_NIC").is_some(),
            docs_rs: watched("DOCS_RS").is_some(),
            onload_dir: watched("ONLOAD_DIR").map(PathBuf::from),
            is_static: watched("EFVI_SYS_STATIC").is_none_or(|value| value != "0"),
            is_cross: env::var("HOST").is_ok_and(|host| host != target),
            target,
            pkg_config: watched("PKG_CONFIG").map_or("pkg-config".into(), PathBuf::from),
            pinned: release::pinned().map_err(|message| format!("efvi-sys: {message}"))?,
        })
    }

    /// How cargo names the kind of library to link.
    pub fn kind(&self) -> &'static str {
        if self.is_static { "static" } else { "dylib" }
    }

    /// How the file of such a library ends.
    pub fn suffix(&self) -> &'static str {
        if self.is_static { "a" } else { "so" }
    }
}
