//! Where libraries and headers are found, and how they are linked.

use std::path::Path;
use std::process::Command;

use crate::run::{OTHER_TARGET, Scratch, TARGET, run, vendor};

/// Searches of a prefix.
fn in_prefix(prefix: &Scratch) -> crate::run::Run {
    run(&[("ONLOAD_DIR", &prefix.0)])
}

#[test]
fn an_install_prefix_is_linked_with_the_bindings_of_its_release() {
    for release in ["8.1.0", "9.1.1", "9.2.0"] {
        let prefix = Scratch::new();
        prefix.libraries(&["usr/lib64/libciul1.a", "usr/lib64/libonload_ext.a", "usr/lib64/libonload_ext.so"]);
        let include = prefix.headers("usr/include", release);
        let run = in_prefix(&prefix);
        assert_eq!(run.values("rustc-link-lib"), ["static=ciul1", "static=onload_ext", "dylib=dl"]);
        let directory = format!("native={}", prefix.0.join("usr/lib64").display());
        assert_eq!(run.values("rustc-link-search"), [&*directory, &*directory]);
        assert_eq!(run.values("release"), [release]);
        assert_eq!(run.values("include"), [include.to_str().unwrap()]);
        assert!(run.values("rustc-cfg").contains(&&*format!("onload={release:?}")), "{}", run.stdout);
    }
}

#[test]
fn every_layout_of_a_prefix_or_a_build_tree_is_known() {
    for (ciul, headers) in [
        ("lib64/libciul1.a", "include"),
        ("lib/libciul1.a", "include"),
        ("lib/x86_64-linux-gnu/libciul1.a", "include"),
        ("usr/lib/libciul.a", "usr/include"),
        ("usr/lib/x86_64-linux-gnu/libciul1.a", "usr/include"),
        ("build/gnu_x86_64/lib/ciul/libciul1.a", "src/include"),
    ] {
        let prefix = Scratch::new();
        prefix.libraries(&[ciul]);
        prefix.headers(headers, "9.2.0");
        let run = in_prefix(&prefix);
        assert_eq!(run.values("release"), ["9.2.0"], "{ciul}");
        assert_eq!(run.values("rustc-link-lib").len(), 1, "{ciul}");
    }
    // The build itself, below the tree.
    let tree = Scratch::new();
    tree.libraries(&["build/gnu_x86_64/lib/ciul/libciul1.a", "build/gnu_x86_64/lib/onload_ext/libonload_ext.a"]);
    tree.headers("src/include", "9.2.0");
    let run = run(&[("ONLOAD_DIR", &tree.0.join("build/gnu_x86_64"))]);
    assert_eq!(run.values("rustc-link-lib"), ["static=ciul1", "static=onload_ext", "dylib=dl"]);
}

#[test]
fn the_shared_libraries_are_linked_on_request() {
    let prefix = Scratch::new();
    prefix.libraries(&["lib64/libciul1.a", "lib64/libciul.so", "lib64/libonload_ext.a", "lib64/libonload_ext.so"]);
    prefix.headers("include", "9.2.0");
    let run = run(&[("ONLOAD_DIR", &prefix.0), ("EFVI_SYS_STATIC", Path::new("0"))]);
    assert_eq!(run.values("rustc-link-lib"), ["dylib=ciul", "dylib=onload_ext"]);
}

#[test]
fn a_shared_library_is_found_by_the_name_that_programs_load() {
    let prefix = Scratch::new();
    prefix.libraries(&["lib64/libciul.so.1", "lib64/libonload_ext.so.2"]);
    prefix.headers("include", "9.2.0");
    let run = run(&[("ONLOAD_DIR", &prefix.0), ("EFVI_SYS_STATIC", Path::new("0"))]);
    let libraries = ["dylib:+verbatim=libciul.so.1", "dylib:+verbatim=libonload_ext.so.2"];
    assert_eq!(run.values("rustc-link-lib"), libraries);
}

#[test]
fn files_that_variables_name_are_linked_as_they_are() {
    let dir = Scratch::new();
    dir.libraries(&["a/lib/libmine.a", "a/lib/libciul.so.1", "a/lib/libonload_ext.a", "b/libext.so.2.0"]);
    let include = vendor("9.1.0");
    let file = |name: &str| dir.0.join(name);
    let with = |more: &[(&str, &Path)]| {
        let all = [&[("EFVI_SYS_INCLUDE", &*include)], more].concat();
        let run = run(&all);
        assert_eq!(run.values("release"), ["9.1.0"]);
        run.values("rustc-link-lib").join(" ")
    };
    assert_eq!(with(&[("EFVI_SYS_CIUL_LIB", &file("a/lib/libmine.a"))]), "static=mine static=onload_ext dylib=dl");
    assert_eq!(with(&[("EFVI_SYS_CIUL_LIB", &file("a/lib/libciul.so.1"))]), "dylib:+verbatim=libciul.so.1");
    let (ciul, ext) = (file("a/lib/libmine.a"), file("b/libext.so.2.0"));
    assert_eq!(
        with(&[("EFVI_SYS_CIUL_LIB", &ciul), ("EFVI_SYS_ONLOAD_EXT_LIB", &ext)]),
        "static=mine dylib:+verbatim=libext.so.2.0"
    );
    assert_eq!(with(&[("EFVI_SYS_CIUL_LIB", &ciul), ("EFVI_SYS_ONLOAD_EXT_LIB", Path::new("0"))]), "static=mine");
}

#[test]
fn headers_beside_a_named_file_are_found() {
    let prefix = Scratch::new();
    prefix.libraries(&["usr/lib/x86_64-linux-gnu/libciul1.a"]);
    prefix.headers("usr/include", "9.0.2");
    let run = run(&[("EFVI_SYS_CIUL_LIB", &prefix.0.join("usr/lib/x86_64-linux-gnu/libciul1.a"))]);
    assert_eq!(run.values("release"), ["9.0.2"]);
}

#[test]
fn pkg_config_is_asked_where_no_directory_is_named() {
    if !Command::new("pkg-config").arg("--version").output().is_ok_and(|o| o.status.success()) {
        println!("pkg-config does not run here: what it says is not checked");
        return;
    }
    let prefix = Scratch::new();
    prefix.libraries(&["lib64/libciul1.a", "lib64/libonload_ext.a"]);
    prefix.headers("include", "9.2.0");
    let package = |name: &str, more: &str| {
        let text = format!(
            "prefix={}\nlibdir=${{prefix}}/lib64\nincludedir=${{prefix}}/include/onload\n\
             Name: {name}\nDescription: a test's\nVersion: 9.2.0\nCflags: -I${{includedir}}\n{more}\n",
            prefix.0.display()
        );
        prefix.file(&format!("pc/{name}.pc"), &text);
        let run = run(&[("PKG_CONFIG_PATH", &prefix.0.join("pc"))]);
        std::fs::remove_dir_all(prefix.0.join("pc")).unwrap();
        assert_eq!(run.values("release"), ["9.2.0"]);
        assert!(run.stdout.contains(&format!("pkg-config {name}: found")), "{}", run.stdout);
        run.values("rustc-link-lib").join(" ")
    };
    // One that names the extensions alone, and one that names all, and what the static library needs.
    assert_eq!(package("open_onload", "Libs: -L${libdir} -lonload_ext"), "static=ciul1 static=onload_ext dylib=dl");
    assert_eq!(
        package("onload", "Libs: -L${libdir} -lciul1 -lonload_ext\nLibs.private: -lnuma"),
        "static=ciul1 static=onload_ext dylib=dl dylib=numa"
    );
}

#[test]
fn another_target_has_directories_of_its_own() {
    let sysroot = Scratch::new();
    sysroot.libraries(&["usr/lib/x86_64-linux-gnu/libciul1.a", "usr/lib/aarch64-linux-gnu/libciul1.a"]);
    sysroot.headers("usr/include", "9.2.0");
    let target = Path::new(OTHER_TARGET);
    // The compiler for that target may not be installed here; any will do for the layout of 64 bits.
    let compiler = std::env::var("CC").unwrap_or("cc".into());
    let run =
        run(&[("TARGET", target), ("CC_aarch64_unknown_linux_gnu", Path::new(&compiler)), ("ONLOAD_DIR", &sysroot.0)]);
    assert_eq!(run.values("release"), ["9.2.0"]);
    let directory = format!("native={}", sysroot.0.join("usr/lib/aarch64-linux-gnu").display());
    assert_eq!(run.values("rustc-link-search"), [&*directory]);
}

#[test]
fn documentation_and_the_mock_need_no_library() {
    for (variable, release) in [("DOCS_RS", "9.2.0"), ("CARGO_FEATURE_MOCK_NIC", "9.2.0"), ("DOCS_RS", "8.1.3")] {
        let run = run(&[
            (variable, Path::new("1")),
            ("ONLOAD_DIR", Path::new("/nowhere")),
            ("EFVI_SYS_RELEASE", Path::new(release)),
        ]);
        assert!(run.values("rustc-link-lib").is_empty());
        assert_eq!(run.values("release"), [release]);
    }
}

#[test]
fn every_place_is_said_to_be_found_or_missed() {
    let prefix = Scratch::new();
    prefix.libraries(&["lib64/libciul1.a"]);
    prefix.headers("include", "9.2.0");
    let run = in_prefix(&prefix);
    for said in ["found", "libonload_ext is not linked", "found headers in", "the headers of Onload 9.2.0"] {
        assert!(run.stdout.contains(said), "no {said:?} in {}", run.stdout);
    }
    assert_eq!(run.values("releases")[0].split(' ').count(), 11);
    assert!(TARGET.starts_with("x86_64"));
}
