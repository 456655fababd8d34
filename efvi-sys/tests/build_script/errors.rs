//! What the build script refuses, and what it says then.

use std::path::Path;

use crate::run::{OTHER_TARGET, Scratch, run, vendor};

/// A field of `ef_vi` made wider.
const WIDER: (&str, &str, &str) =
    ("etherfabric/ef_vi.h", "unsigned int rx_prefix_len;", "unsigned long rx_prefix_len;");

#[test]
fn nothing_found_says_where_it_looked_and_what_to_do() {
    // For another target, so that an Onload of this machine is not found.
    let run = run(&[("TARGET", Path::new(OTHER_TARGET))]);
    run.assert_refused(&[
        "libciul1.a or libciul.a",
        "ONLOAD_DIR: not set",
        "pkg-config: ",
        "system: not searched",
        "enable feature `mock-nic`",
        "install Onload",
        "set ONLOAD_DIR",
        "EFVI_SYS_CIUL_LIB",
        "DOCS_RS=1",
    ]);
    // Onload installs no shared one: it is spoken of where it was seen.
    assert!(!run.stderr.contains("EFVI_SYS_STATIC"), "{}", run.stderr);
}

#[test]
fn a_wrong_directory_is_not_made_good_elsewhere() {
    let dir = Scratch::new();
    dir.libraries(&["lib64/libciul.so"]);
    run(&[("ONLOAD_DIR", &dir.0)]).assert_refused(&[
        &format!("ONLOAD_DIR={}: not in {}/lib64", dir.0.display(), dir.0.display()),
        "libciul.so is there: see EFVI_SYS_STATIC",
    ]);
    run(&[("ONLOAD_DIR", &dir.0)]).assert_refused(&["set EFVI_SYS_STATIC=0"]);
    dir.libraries(&["lib64/libciul1.a"]);
    std::fs::remove_file(dir.0.join("lib64/libciul.so")).unwrap();
    let shared = run(&[("ONLOAD_DIR", &dir.0), ("EFVI_SYS_STATIC", Path::new("0"))]);
    shared.assert_refused(&["libciul.so or libciul1.so", "libciul1.a is there", "unset EFVI_SYS_STATIC"]);
}

#[test]
fn missing_headers_need_a_pin() {
    let prefix = Scratch::new();
    prefix.libraries(&["lib64/libciul1.a"]);
    let dir = ("ONLOAD_DIR", &*prefix.0);
    run(&[dir]).assert_refused(&[
        "no ef_vi headers",
        "EFVI_SYS_INCLUDE",
        "EFVI_SYS_RELEASE",
        "9.1-next, 9.2.0, 9.2-next",
    ]);
    let pinned = run(&[dir, ("EFVI_SYS_RELEASE", Path::new("9.1.1"))]);
    assert_eq!(pinned.values("release"), ["9.1.1"]);
    assert!(pinned.values("warning")[0].ends_with("that it is Onload 9.1.1 is not checked"));
}

#[test]
fn a_pin_holds_against_the_headers() {
    let prefix = Scratch::new();
    prefix.libraries(&["lib64/libciul1.a"]);
    prefix.headers("include", "9.1.1");
    let pinned = |release: &str| run(&[("ONLOAD_DIR", &prefix.0), ("EFVI_SYS_RELEASE", Path::new(release))]);
    assert_eq!(pinned("9.1.1").values("release"), ["9.1.1"]);
    pinned("9.2.0").assert_refused(&["are not those of Onload 9.2.0", "EFVI_SYS_RELEASE pins", " should be "]);
    pinned("7.0").assert_refused(&["EFVI_SYS_RELEASE=7.0 is no release", "8.1.0, 8.1.2"]);
}

#[test]
fn altered_headers_are_refused_by_their_first_difference() {
    for release in ["8.1.2", "9.2.0"] {
        let prefix = Scratch::new();
        prefix.libraries(&["lib64/libciul1.a"]);
        prefix.altered(release, &[WIDER]);
        let never = ("EFVI_SYS_BINDGEN", Path::new("0"));
        run(&[("ONLOAD_DIR", &prefix.0), never]).assert_refused(&[
            &format!("The nearest is\nOnload {release}"),
            "(ef_vi, rx_prefix_len) should be ",
            "feature `bindgen`",
            "install one of these releases",
        ]);
    }
}

#[test]
fn headers_that_do_not_compile_are_no_other_layout() {
    let prefix = Scratch::new();
    prefix.libraries(&["lib64/libciul1.a", "lib64/libonload_ext.a"]);
    prefix.headers("include/etherfabric", "9.2.0/etherfabric");
    let dir = ("ONLOAD_DIR", &*prefix.0);
    run(&[dir]).assert_refused(&["do not compile", "onload/extensions.h", "Install them whole"]);
    let broken = Scratch::new();
    broken.libraries(&["lib64/libciul1.a"]);
    broken.altered("9.2.0", &[("etherfabric/pd.h", "extern int ef_pd_alloc(", "extern int ef_pd_alloc(unknown,")]);
    run(&[("ONLOAD_DIR", &broken.0)]).assert_refused(&["do not compile", "unknown", "Install them whole"]);
}

#[test]
fn headers_of_extensions_that_are_not_linked_may_be_missing() {
    for release in ["8.1.0", "9.2.0"] {
        let prefix = Scratch::new();
        prefix.libraries(&["lib64/libciul1.a"]);
        prefix.headers("include/etherfabric", &format!("{release}/etherfabric"));
        let run = run(&[("ONLOAD_DIR", &prefix.0)]);
        assert_eq!(run.values("release"), [release]);
        assert!(run.values("rustc-cfg").contains(&"efvi_sys_headers_match"));
    }
}

#[test]
fn machines_that_onload_does_not_run_on_are_refused() {
    for (variable, value) in [("CARGO_CFG_TARGET_POINTER_WIDTH", "32"), ("CARGO_CFG_TARGET_ENDIAN", "big")] {
        run(&[(variable, Path::new(value))]).assert_refused(&["64-bit little-endian machines", "not for x86_64"]);
    }
}

#[test]
fn relative_paths_are_refused() {
    for variable in ["ONLOAD_DIR", "EFVI_SYS_INCLUDE", "EFVI_SYS_CIUL_LIB", "EFVI_SYS_ONLOAD_EXT_LIB"] {
        run(&[(variable, Path::new("../onload"))]).assert_refused(&[variable, "../onload is relative", "whole path"]);
    }
}

#[test]
fn variables_that_name_nothing_are_refused() {
    let dir = Scratch::new();
    dir.libraries(&["libciul1.a", "libonload_ext.txt"]);
    let ciul = dir.0.join("libciul1.a");
    let include = vendor("9.2.0");
    let named = |more: &[(&str, &Path)]| {
        run(&[&[("EFVI_SYS_CIUL_LIB", &*ciul), ("EFVI_SYS_INCLUDE", &*include)], more].concat())
    };
    assert!(named(&[]).is_ok);
    named(&[("EFVI_SYS_CIUL_LIB", &dir.0)]).assert_refused(&["EFVI_SYS_CIUL_LIB=", "is not a file"]);
    named(&[("EFVI_SYS_ONLOAD_EXT_LIB", &dir.0.join("libonload_ext.txt"))])
        .assert_refused(&["EFVI_SYS_ONLOAD_EXT_LIB=", "neither a static library (.a) nor a shared one (.so)"]);
    named(&[("EFVI_SYS_INCLUDE", &dir.0)]).assert_refused(&["EFVI_SYS_INCLUDE=", "has no etherfabric/ef_vi.h"]);
    named(&[("EFVI_SYS_STATIC", Path::new("no"))]).assert_refused(&["EFVI_SYS_STATIC=no is neither 0 nor 1"]);
}

#[test]
fn no_compiler_is_said() {
    let prefix = Scratch::new();
    prefix.libraries(&["lib64/libciul1.a"]);
    prefix.headers("include", "9.2.0");
    run(&[("ONLOAD_DIR", &prefix.0), ("CC", Path::new("/nowhere/cc"))]).assert_refused(&["no C compiler", "set CC"]);
}
