//! Chooses the release whose extensions there are.

#[path = "../build/release.rs"]
mod release;

use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=../build/release.rs");
    match release::pinned() {
        Ok(pinned) => {
            release::select(pinned.unwrap_or(release::DEFAULT));
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("\nlibonload_ext: {message}\n");
            ExitCode::FAILURE
        }
    }
}
