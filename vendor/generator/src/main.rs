//! `generator`: writes the headers and the bindings. `generator --check`: compares them with what is checked in.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use generator::facts::Releases;

fn main() -> Result<ExitCode> {
    let check = match std::env::args().nth(1).as_deref() {
        None => false,
        Some("--check") => true,
        Some(other) => bail!("unknown argument {other:?}: it takes --check or nothing"),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let releases = Releases::load(&root.join("vendor/abi"))?;
    let output = generator::generate(&releases)?;

    if !check {
        let written = output.write(&root)?;
        println!("{} files, {written} of them changed", output.len());
        return Ok(ExitCode::SUCCESS);
    }
    let differences = output.differences(&root)?;
    for difference in &differences {
        eprintln!("{}: {}", difference.path.display(), difference.what);
    }
    if differences.is_empty() {
        println!("{} files are as generated", output.len());
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("not as generated: run `cargo run -p generator` and commit what it writes");
    Ok(ExitCode::FAILURE)
}
