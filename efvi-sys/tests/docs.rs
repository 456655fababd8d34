//! What the documentation says of each raw item: what it is, and since which release of Onload it exists.

use std::fs;
use std::path::{Path, PathBuf};

/// What an item needs to have said of it.
#[derive(Clone, Copy, PartialEq)]
enum Needs {
    /// What it is. A field or method without a release is as old as its type.
    Description,
    /// Since which release it exists, too.
    Since,
}

/// The name of a public item that a line begins, and what it needs. Methods and fields are indented.
fn item(line: &str, file: &str) -> Option<(String, Needs)> {
    let indented = line.len() - line.trim_start().len();
    let rest = line.trim_start().strip_prefix("pub ")?;
    let is_function_of_c = file == "functions.rs";
    let needs = if indented == 0 || is_function_of_c { Needs::Since } else { Needs::Description };
    let words = ["const", "unsafe", "fn", "struct", "union", "type"];
    let name = rest.split(' ').find(|word| !words.contains(word))?;
    let name = name.split(|c: char| !c.is_alphanumeric() && c != '_').next()?.to_owned();
    (!["mod", "use", "RELEASE"].contains(&name.as_str())).then_some((name, needs))
}

/// Public items of a file, and those of them that lack something.
fn check(path: &Path) -> (usize, Vec<String>) {
    let text = fs::read_to_string(path).unwrap();
    let file = path.file_name().unwrap().to_str().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let mut lacking = Vec::new();
    let mut count = 0;
    for (at, line) in lines.iter().enumerate() {
        let Some((name, needs)) = item(line, file) else { continue };
        count += 1;
        let above = lines[..at].iter().rev().map(|line| line.trim_start());
        let above: Vec<&str> = above.take_while(|line| line.starts_with("///") || line.starts_with("#[")).collect();
        // The description is what comes before the first empty line.
        let described = above.iter().rev().filter_map(|line| line.strip_prefix("///"));
        let description: String = described.take_while(|line| !line.is_empty()).collect();
        let is_said = description.contains(' ') && description.ends_with('.');
        if !is_said || (needs == Needs::Since && !description.contains(" Since Onload ")) {
            lacking.push(format!("{}: {name}: {description:?}", path.display()));
        }
    }
    (count, lacking)
}

fn sources(dir: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else {
            all.push(path);
        }
    }
}

#[test]
fn every_item_is_described_with_its_first_release() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src.join("bindings"), &mut files);
    sources(&src.join("twins"), &mut files);
    let (mut count, mut lacking) = (0, Vec::new());
    for file in files.iter().filter(|file| file.file_name().is_some_and(|name| name != "mod.rs")) {
        let (found, missing) = check(file);
        count += found;
        lacking.extend(missing);
    }
    println!("{count} items in {} files", files.len());
    assert!(count > 10_000, "{count} items: the files are not read");
    assert!(lacking.is_empty(), "{} of {count} items:\n{}", lacking.len(), lacking.join("\n"));
}

#[test]
fn an_item_without_a_release_is_found() {
    let dir = std::env::temp_dir().join(format!("efvi-sys-docs-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let file = dir.join("types.rs");
    fs::write(
        &file,
        "/// A thing. Since Onload 9.0.1.\npub struct A {\n    /// At byte 0.\n    pub a: u32,\n    pub b: u32,\n}\n\n\
         /// Another thing.\n#[inline]\npub const unsafe fn f() {}\npub type T = u32;\n",
    )
    .unwrap();
    let (count, lacking) = check(&file);
    fs::remove_dir_all(&dir).unwrap();
    let names: Vec<&str> = lacking.iter().filter_map(|l| l.split(": ").nth(1)).collect();
    assert_eq!((count, names), (5, vec!["b", "f", "T"]));
}
