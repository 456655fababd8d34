//! What the types forbid does not compile, and the message says why. `ui/rules.md` says which rule each case holds.

// Miri can't start a compiler.
#![cfg(not(miri))]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

#[test]
fn rules_are_types() {
    let cases = trybuild::TestCases::new();
    // One that is right makes trybuild build and not only check, without which constants are not evaluated.
    cases.pass("tests/ui/allowed.rs");
    cases.compile_fail("tests/ui/refused_*.rs");
    // Of what older releases don't have.
    #[cfg(onload_since = "9.0.1")]
    cases.compile_fail("tests/ui/since_9_0_1/refused_*.rs");
    #[cfg(onload_since = "9.1.0")]
    cases.compile_fail("tests/ui/since_9_1_0/refused_*.rs");
}

/// A rule, the cases that break it, and the tests of what happens at run time.
struct Rule<'a> {
    rule: &'a str,
    cases: Vec<&'a str>,
    tests: Vec<&'a str>,
}

fn rules(table: &str) -> Vec<Rule<'_>> {
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let &["", rule, _how, cases, tests, ""] = &cells[..] else { panic!("a row of four cells: {row}") };
        let [cases, tests] = [cases, tests].map(|cell| cell.split('`').skip(1).step_by(2).collect());
        Rule { rule, cases, tests }
    })
    .collect()
}

/// Whether there is that test, of behaviour or of a unit: `file::function`.
fn is_there(test: &str) -> bool {
    let (file, function) = test.split_once("::").unwrap_or((test, ""));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = ["tests/FILE.rs", "tests/FILE/main.rs", "tests/suite/FILE.rs", "src/FILE.rs"];
    let places = places.map(|place| place.replace("FILE", file));
    let mut texts = places.iter().filter_map(|place| fs::read_to_string(root.join(place)).ok());
    texts.any(|text| {
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        lines.windows(2).any(|pair| pair == ["#[test]", &format!("fn {function}() {{")])
    })
}

/// The cases of a directory and of those within it, by name, with their messages or without.
fn cases(directory: &Path, all: &mut BTreeMap<String, bool>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            cases(&path, all);
        } else if path.extension().is_some_and(|extension| extension == "rs") && name.starts_with("refused_") {
            // Without its message a case would be taken for one to be written.
            all.insert(name, path.with_extension("stderr").exists());
        }
    }
}

#[test]
fn every_rule_has_what_holds_it() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let table = fs::read_to_string(directory.join("rules.md")).unwrap();
    let rules = rules(&table);
    let mut found = BTreeMap::new();
    cases(&directory, &mut found);
    let mut wrong = Vec::new();
    for Rule { rule, cases, tests } in &rules {
        if cases.is_empty() && tests.is_empty() {
            wrong.push(format!("nothing holds it: {rule}"));
        }
        let missing = cases.iter().filter(|case| found.get(**case) != Some(&true));
        wrong.extend(missing.map(|case| format!("{case}: no such case with its message")));
        let missing = tests.iter().filter(|test| !is_there(test));
        wrong.extend(missing.map(|test| format!("{test}: no such test")));
    }
    let listed: BTreeSet<&str> = rules.iter().flat_map(|rule| rule.cases.iter().copied()).collect();
    let unlisted = found.keys().filter(|case| !listed.contains(case.as_str()));
    wrong.extend(unlisted.map(|case| format!("{case}: of no rule in rules.md")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rules.len() > 8, "{} rules: the table is not read", rules.len());
}
