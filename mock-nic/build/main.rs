//! Chooses the release whose interface the mock has.

mod release;

use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo:rerun-if-changed=build");
    match release::pinned() {
        Ok(pinned) => {
            release::select(pinned.unwrap_or(release::DEFAULT));
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("\nmock-nic: {message}\n");
            ExitCode::FAILURE
        }
    }
}
