//! Takes over from efvi-sys which release of Onload the bindings are of.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let releases = env::var("DEP_CIUL_RELEASES").unwrap_or_default();
    let release = env::var("DEP_CIUL_RELEASE").unwrap_or_default();
    let all: Vec<String> = releases.split(' ').map(|r| format!("{r:?}")).collect();
    println!("cargo:rustc-check-cfg=cfg(onload_since, values({}))", all.join(", "));
    println!("cargo:rustc-check-cfg=cfg(loom)");
    println!("cargo:rustc-env=EFVI_RELEASES={releases}");
    // Oldest first, up to the one that it is.
    let last = releases.split(' ').position(|r| r == release);
    for since in all.iter().take(last.map_or(0, |last| last + 1)) {
        println!("cargo:rustc-cfg=onload_since={since}");
    }
}
