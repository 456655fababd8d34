// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! Which release of Onload the interface is of. The same in each crate that has one interface of several.

/// Variable that pins a release.
pub const PIN: &str = "EFVI_SYS_RELEASE";

/// The release that the environment pins; none if it leaves the choice.
pub fn pinned() -> Result<Option<&'static str>, String> {
    println!("cargo:rerun-if-env-changed={PIN}");
    let Some(pin) = std::env::var_os(PIN).filter(|pin| !pin.is_empty()) else {
        return Ok(None);
    };
    match RELEASES.iter().find(|release| pin == **release) {
        Some(release) => Ok(Some(release)),
        None => Err(format!(
            "{PIN}={} is no release that there are bindings for. Unset it, or set it to one of: {}",
            pin.display(),
            RELEASES.join(", ")
        )),
    }
}

/// Has the crate compiled for a release: `#[cfg(onload = "9.2.0")]`, and `#[cfg(onload_since = "9.0.1")]` for what
/// came with a release and stayed.
pub fn select(release: &str) {
    let all = RELEASES.map(|r| format!("{r:?}")).join(", ");
    println!("cargo:rustc-check-cfg=cfg(onload, values({all}))");
    println!("cargo:rustc-check-cfg=cfg(onload_since, values({all}))");
    println!("cargo:rustc-cfg=onload={release:?}");
    let last = RELEASES.iter().position(|r| *r == release).unwrap_or(0);
    for since in &RELEASES[..=last] {
        println!("cargo:rustc-cfg=onload_since={since:?}");
    }
}

/// All releases that there are bindings for, oldest first.
pub const RELEASES: [&str; 11] =
    ["8.1.0", "8.1.2", "8.1.3", "8.1-next", "9.0.1", "9.0.2", "9.1.0", "9.1.1", "9.1-next", "9.2.0", "9.2-next"];

/// The release of the mock adapter, and of documentation, unless another is pinned.
pub const DEFAULT: &str = "9.2.0";
