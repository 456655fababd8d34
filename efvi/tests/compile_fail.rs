//! What the types forbid does not compile, and the message says why. `ui/rules.md` says which rule each case holds.

// Miri can't start a compiler.
#![cfg(not(miri))]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn rules_are_types() {
    let cases = trybuild::TestCases::new();
    // One that is right makes trybuild build and not only check, without which constants are not evaluated.
    cases.pass("tests/ui/allowed.rs");
    cases.compile_fail("tests/ui/refused_*.rs");
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

/// The file of a test: of behaviour, or of a unit.
fn file(of: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let places = [format!("tests/{of}.rs"), format!("tests/{of}/main.rs"), format!("src/{of}.rs")];
    places.into_iter().map(|place| root.join(place)).find(|path| path.exists())
}

#[test]
fn every_rule_has_what_holds_it() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let table = fs::read_to_string(directory.join("rules.md")).unwrap();
    let rules = rules(&table);
    let mut wrong = Vec::new();
    for Rule { rule, cases, tests } in &rules {
        if cases.is_empty() && tests.is_empty() {
            wrong.push(format!("nothing holds it: {rule}"));
        }
        for case in cases {
            // Without its message the case would be taken for one to be written.
            if ["rs", "stderr"].iter().any(|extension| !directory.join(case).with_extension(extension).exists()) {
                wrong.push(format!("{case}: no such case with its message"));
            }
        }
        for test in tests {
            let (of, function) = test.split_once("::").unwrap_or((test, ""));
            let is_there = file(of).is_some_and(|path| {
                let text = fs::read_to_string(path).unwrap();
                text.contains(&format!("#[test]\nfn {function}("))
                    || text.contains(&format!("    #[test]\n    fn {function}("))
            });
            if !is_there {
                wrong.push(format!("{test}: no such test"));
            }
        }
    }
    let listed: BTreeSet<&str> = rules.iter().flat_map(|rule| rule.cases.iter().copied()).collect();
    for entry in fs::read_dir(&directory).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        match name.strip_suffix(".rs") {
            Some(case) if case.starts_with("refused_") && !listed.contains(case) => {
                wrong.push(format!("{case}: of no rule in rules.md"));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(rules.len() > 8, "{} rules: the table is not read", rules.len());
}
