//! What the types forbid does not compile, and the message says why.

// Miri can't start a compiler.
#![cfg(not(miri))]

#[test]
fn rules_are_types() {
    let cases = trybuild::TestCases::new();
    // One that is right makes trybuild build and not only check, without which constants are not evaluated.
    cases.pass("tests/ui/allowed.rs");
    cases.compile_fail("tests/ui/refused_*.rs");
}
