//! What the documentation has of each public item: a type has an example, or is in one; a function is in one. All of them are
//! run (`cargo test --doc`); the compiler's lints see to it that every item is described, and its errors. And what it says that
//! a step costs.

// Reads files, and is as right on any interpreter.
#![cfg(not(miri))]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A public item as it is declared.
#[derive(Debug, PartialEq)]
struct Item {
    name: String,
    is_function: bool,
    /// Whether its own documentation has an example.
    has_example: bool,
}

fn sources(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(sources(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            all.push(path);
        }
    }
    all
}

/// The first word of a text.
fn word(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The public items that a source declares, less its unit tests.
fn items(source: &str) -> Vec<Item> {
    let lines: Vec<&str> = source.lines().take_while(|line| *line != "mod tests {").map(str::trim_start).collect();
    let mut items = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(rest) = line.strip_prefix("pub ") else { continue };
        let rest = rest.trim_start_matches("const ").trim_start_matches("unsafe ");
        let Some((kind, rest)) = rest.split_once(' ') else { continue };
        if !["fn", "struct", "enum", "trait"].contains(&kind) {
            continue;
        }
        let above = lines[..at].iter().rev();
        let has_example = above
            .take_while(|line| !line.is_empty() && !line.ends_with('{') && !line.ends_with('}') && !line.ends_with(';'))
            .any(|line| line.starts_with("/// ```"));
        items.push(Item { name: word(rest), is_function: kind == "fn", has_example });
    }
    items
}

/// The words of a text's examples: of documentation comments, or of Markdown.
fn words_of_examples(text: &str, is_markdown: bool) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    // Within a block of code, and whether that is compiled and run: otherwise it shows nothing.
    let mut block = None;
    for line in text.lines().map(str::trim_start) {
        let comment = line.strip_prefix("///").or(line.strip_prefix("//!"));
        let Some(line) = (if is_markdown { Some(line) } else { comment }) else {
            block = None;
            continue;
        };
        let line = line.trim_start();
        if let Some(attributes) = line.strip_prefix("```") {
            let is_run = !["compile_fail", "ignore", "text", "no_run"].iter().any(|word| attributes.starts_with(word));
            block = if block.is_some() { None } else { Some(is_run) };
        } else if block == Some(true) {
            words.extend(line.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_owned));
        }
    }
    words
}

#[test]
fn every_type_and_every_function_is_in_an_example() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let exported = fs::read_to_string(root.join("src/lib.rs")).unwrap();
    let exported: BTreeSet<&str> = exported.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
    let mut in_examples = BTreeSet::new();
    let mut all = Vec::new();
    for path in sources(&root.join("src"), "rs") {
        let source = fs::read_to_string(path).unwrap();
        in_examples.extend(words_of_examples(&source, false));
        all.extend(items(&source));
    }
    for path in sources(&root.join("docs"), "md") {
        in_examples.extend(words_of_examples(&fs::read_to_string(path).unwrap(), true));
    }
    let public = all.iter().filter(|item| item.is_function || exported.contains(item.name.as_str()));
    let lacking: Vec<_> = public
        .filter(|item| !in_examples.contains(&item.name) && (item.is_function || !item.has_example))
        .map(|item| item.name.as_str())
        .collect();
    assert!(lacking.is_empty(), "in no example: {lacking:?}");
    assert!(all.len() > 200, "{} items: the sources are not read", all.len());
}

#[test]
fn items_and_examples_are_found() {
    let source = "/// A thing.\n///\n/// ```\n/// let a = A::new();\n/// ```\n#[derive(Debug)]\npub struct A {\n    a: u32,\n}\n\n\
                  impl A {\n    /// ```compile_fail\n    /// hidden()\n    /// ```\n    /// said\n    pub const fn new() -> Self {\n    }\n\n    \
                  pub(crate) fn inner() {}\n}\n\nmod tests {\n    pub fn test() {}\n}\n";
    let item = |name: &str, is_function, has_example| Item { name: name.to_owned(), is_function, has_example };
    assert_eq!(items(source), [item("A", false, true), item("new", true, true)]);
    let words = words_of_examples(source, false);
    assert!(
        words.contains("new") && !words.contains("hidden") && !words.contains("said") && !words.contains("thing"),
        "{words:?}"
    );
    let words = words_of_examples("text\n```\ncode\n```\nmore\n```text\nno\n```\n", true);
    assert!(words.contains("code") && !words.contains("text") && !words.contains("no"), "{words:?}");
}

/// The numbers in a column of the table with this header.
fn column(text: &str, header: &str, name: &str) -> Vec<u32> {
    let cells = |row: &str| -> Vec<String> { row.split('|').map(|cell| cell.trim().to_owned()).collect() };
    let at = cells(header).iter().position(|cell| cell == name).expect("a column");
    let rows = text.lines().skip_while(|line| *line != header).skip(2).take_while(|line| line.starts_with('|'));
    rows.filter_map(|row| cells(row)[at].parse().ok()).collect()
}

/// What the README and the guide say that this crate takes is what `ci/instructions.sh` lets it take.
#[test]
fn the_costs_that_are_told_are_those_that_are_held() {
    let crate_ = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &str| fs::read_to_string(crate_.join(path)).unwrap();
    let script = read("../ci/instructions.sh");
    // `[op_send]=36`: by `dispatch` or without events, and then by `next`.
    let limits: Vec<f64> = script
        .split("[op_")
        .filter_map(|rest| rest.split_once("]=")?.1.split([' ', ')']).next()?.parse().ok())
        .collect();
    let [poll, send, ctpio, completion, receive, completion_next, receive_next] = limits[..] else {
        panic!("{limits:?}")
    };
    let held = [poll, send, ctpio, completion, completion_next, receive, receive_next].map(|limit| limit as u32);
    let (readme, guide) = (read("../README.md"), read("docs/guide.md"));
    let in_readme = |name| column(&readme, "| instructions | C | C, checked | raw bindings | `efvi` |", name);
    let in_guide = |name| column(&guide, "| step | C | C, checked | here | beside |", name);
    assert_eq!((in_readme("`efvi`"), in_guide("here")), (held.to_vec(), held.to_vec()));
    for name in ["C", "C, checked"] {
        assert_eq!(in_readme(name), in_guide(name), "{name}");
    }
}
