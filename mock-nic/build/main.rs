//! Chooses the release whose interface the mock has.

mod release;

use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build");
    // `RUSTFLAGS="--cfg loom"` has the tests of what threads share run under loom.
    println!("cargo::rustc-check-cfg=cfg(loom)");
    match release::pinned() {
        Ok(pinned) => {
            let release = pinned.unwrap_or(release::DEFAULT);
            release::select(release);
            println!("cargo:rustc-env=MOCK_NIC_RELEASE={release}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("\nmock-nic: {message}\n");
            ExitCode::FAILURE
        }
    }
}
