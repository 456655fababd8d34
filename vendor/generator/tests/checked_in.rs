//! What is checked in is what the generator makes.

use std::path::Path;

use generator::facts::Releases;

#[test]
fn generated_files_are_current() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let releases = Releases::load(&root.join("vendor/abi")).unwrap();
    let output = generator::generate(&releases).unwrap();
    let differences = output.differences(root).unwrap();
    assert!(differences.is_empty(), "run `cargo run -p generator`: {differences:#?}");
}

#[test]
fn since_names_the_first_release_and_the_gaps() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let releases = Releases::load(&root.join("vendor/abi")).unwrap();
    let since = |name: &str| releases.since(|f| f.functions.contains(name));
    assert_eq!(since("ef_vi_free"), "Since Onload 8.1 or before.");
    let order: Vec<&str> = releases.0.iter().map(|f| f.release.as_str()).collect();
    assert!(order.windows(2).any(|pair| pair == ["8.1.3", "8.1-next"]), "{order:?}");
    assert!(order.windows(2).any(|pair| pair == ["8.1-next", "9.0.1"]), "{order:?}");
}
