//! The example `wire_latency` as its users run it, over `lo`, the wire of the mock adapter.
#![cfg(feature = "mock-nic")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

#[path = "../wire_latency/latencies.rs"]
// Here for its unit tests.
mod latencies;

/// Runs the example, on a wire of its own.
fn run(name: &str, arguments: &str) -> Output {
    run_on("x2", "", name, arguments)
}

/// The same on an adapter of this model, by the datapath that its domains are asked for.
fn run_on(model: &str, datapath: &str, name: &str, arguments: &str) -> Output {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("examples/wire_latency");
    assert!(program.exists(), "`cargo build -p examples --example wire_latency` builds it");
    let memory = Path::new("/dev/shm");
    let base: PathBuf = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let wire = base.join(format!("wire_latency-test-{}-{name}", std::process::id()));
    std::fs::create_dir(&wire).unwrap();
    let output = Command::new(program)
        .args(arguments.split_whitespace())
        .env("EFVI_MOCK_DIR", &wire)
        .env("EFVI_MOCK_MODEL", model)
        .env("EF_VI_PD_FLAGS", datapath)
        .output();
    let left = std::fs::read_dir(&wire).unwrap().count();
    std::fs::remove_dir_all(&wire).unwrap();
    assert_eq!(left, 0, "the wire is gone with its last user");
    output.unwrap()
}

/// The number behind a name.
fn value(text: &str, name: &str) -> f64 {
    let line = text.lines().find(|line| line.split_whitespace().next() == Some(name));
    let line = line.unwrap_or_else(|| panic!("no `{name}` in\n{text}"));
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn latencies_are_measured_whichever_way_answers_go() {
    for (model, datapath) in [("x2", ""), ("x3", ""), ("x4", ""), ("x4", "express")] {
        for (name, arguments) in [("dma", "--count 300"), ("ctpio", "--count 300 --ctpio --size 400")] {
            let output = run_on(model, datapath, &format!("{model}{datapath}-{name}"), arguments);
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{model} {datapath}: {text}{}", String::from_utf8_lossy(&output.stderr));
            let without = if text.contains("without") { value(&text, "without") } else { 0.0 };
            assert_eq!(value(&text, "frames") + without, 300.0, "{text}");
            // The answer leaves after its frame has come, and there is an order in what is printed.
            let row = ["min", "50%", "90%", "99%", "99.9%", "max"].map(|name| value(&text, name));
            assert!(row[0] > 0.0 && row.is_sorted(), "{text}");
            assert!((row[0]..=row[5]).contains(&value(&text, "mean")), "{text}");
        }
    }
}

#[test]
fn without_frames_it_says_so() {
    let output = run("none", "--no-stimulus --timeout 0");
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("no frame came"), "{text}");
}

#[test]
fn an_interface_that_is_not_there_is_said() {
    let output = run("missing", "--from no-such0 --timeout 5");
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("no-such0") && text.contains("ENODEV"), "{text}");
}
