//! What the types forbid does not compile, and the message says why.

// Miri can't start a compiler.
#![cfg(not(miri))]

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
