//! C's inline functions and macros, each in a function of a library that is compiled and loaded here.

use std::collections::BTreeSet;
use std::ffi::{CString, c_void};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use generator::c_types::CType;
use generator::facts::{Facts, Function, Releases};

use crate::library;

/// The macros without a type in the facts, as functions.
const MACROS: [(&str, &str); 8] = [
    ("ef_eventq_check_event", "int NAME(const ef_vi *vi, int n) { return MACRO(vi, n); }"),
    ("ef_eventq_check_event_phase_bit", "int NAME(const ef_vi *vi, int n) { return MACRO(vi, n); }"),
    ("efxdp_ef_eventq_check_event", "int NAME(const ef_vi *vi, int n) { return MACRO(vi, n); }"),
    ("efct_ef_eventq_check_event", "int NAME(const ef_vi *vi) { return MACRO(vi); }"),
    ("ef_vi_get_vi_from_q_id", "ef_vi *NAME(ef_vi *vi, int q_id) { return MACRO(vi, q_id); }"),
    ("ef_vi_reinit_txq_post_error", "int NAME(ef_vi *vi) { return MACRO(vi); }"),
    ("ef_vi_set_shrub_client_buffer_count", "int NAME(ef_vi *vi, size_t n) { return MACRO(vi, n); }"),
    (
        "ef_vi_for_each_tx_error_failed_transmit",
        "size_t NAME(ef_vi *vi, ef_request_id *out) { ef_request_id id; size_t n = 0; MACRO(vi, id) out[n++] = id; return n; }",
    ),
];

/// The loaded library.
pub struct Inline {
    handle: *mut c_void,
    not_compared: BTreeSet<String>,
}

impl Inline {
    /// Compiles the headers of a release.
    pub fn compile(release: &str) -> Self {
        let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
        let facts = Releases::load(&root.join("vendor/abi")).unwrap().get(release).unwrap().clone();
        let (text, not_compared) = program(&facts);
        let file = |end: &str| -> PathBuf {
            std::env::temp_dir().join(format!("efvi-sys-differential-{}.{end}", std::process::id()))
        };
        let (source, object) = (file("c"), file("so"));
        std::fs::write(&source, text).unwrap();
        let target = env!("EFVI_SYS_TARGET");
        let mut build = cc::Build::new();
        build.target(target).host(target).opt_level(0).out_dir(std::env::temp_dir()).cargo_metadata(false);
        let include = root.join(format!("vendor/include/onload-{release}"));
        let status = Command::new(build.get_compiler().path())
            .args(["-std=gnu11", "-O1", "-w", "-shared", "-fPIC", "-fwrapv", "-I"])
            .args([&include, &source])
            .arg("-o")
            .arg(&object)
            .status()
            .unwrap();
        assert!(status.success(), "the inline functions of Onload {release} do not compile");
        let name = CString::new(object.to_str().unwrap()).unwrap();
        // SAFETY: the library runs nothing when it is loaded.
        let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        let _ = (std::fs::remove_file(&source), std::fs::remove_file(&object));
        assert!(!handle.is_null(), "{name:?} cannot be loaded");
        Self { handle, not_compared }
    }

    fn symbol(&self, name: &str) -> *mut c_void {
        let name = CString::new(name).unwrap();
        // SAFETY: the handle is that of a library, and never closed.
        unsafe { libc::dlsym(self.handle, name.as_ptr()) }
    }

    /// C's version of what has that name.
    pub fn function(&mut self, name: &str) -> *mut c_void {
        let symbol = self.symbol(&format!("c_{name}"));
        assert!(!symbol.is_null(), "the headers have no {name}");
        self.not_compared.remove(name);
        symbol
    }

    /// Has a function of the library call another.
    pub fn forward(&self, name: &str, to: *const c_void) {
        let variable = self.symbol(&format!("to_{name}")).cast::<*const c_void>();
        if !variable.is_null() {
            // SAFETY: it is a variable of that type, which `program` defines.
            unsafe { variable.write(to) };
        }
    }

    /// Fails if there is an inline function or macro that was not asked for.
    pub fn assert_all_compared(&self) {
        assert!(self.not_compared.is_empty(), "not compared: {:?}", self.not_compared);
    }
}

/// The source, and the names of what is in it to compare.
fn program(facts: &Facts) -> (String, BTreeSet<String>) {
    let mut text: String = facts.headers.iter().map(|h| format!("#include <{h}>\n")).collect();
    let mut names = BTreeSet::new();
    for name in library::names() {
        if let Some(function) = facts.functions.get(name).filter(|f| f.linkage == "extern") {
            let _ = writeln!(text, "{};", declare(function, &format!("(*to_{name})")));
            let _ = writeln!(text, "{}", define(function, name, &format!("to_{name}")));
        }
    }
    for (name, function) in facts.functions.iter().filter(|(_, f)| f.linkage != "extern") {
        let _ = writeln!(text, "{}", define(function, &format!("c_{name}"), name));
        names.insert(name.to_owned());
    }
    for (name, m) in facts.function_macros.iter() {
        // Those that read an event or call a VI's table are held to the facts (interface/calls.rs).
        if m.reads.is_none() && m.calls.is_none() && name != "EF_VI_ALIGN" {
            let (_, function) =
                MACROS.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("{name}: no function"));
            let _ = writeln!(text, "{}", function.replace("NAME", &format!("c_{name}")).replace("MACRO", name));
            names.insert(name.to_owned());
        }
    }
    (text, names)
}

fn declare(function: &Function, declarator: &str) -> String {
    let params =
        function.params.iter().enumerate().map(|(n, p)| CType::parse(&p.ty).unwrap().declare(&format!("p{n}")));
    let params: Vec<String> = params.collect();
    CType::parse(&function.result).unwrap().declare(&format!("{declarator}({})", params.join(", ")))
}

/// A function that calls another of the same type.
fn define(function: &Function, name: &str, calls: &str) -> String {
    let arguments: Vec<String> = (0..function.params.len()).map(|n| format!("p{n}")).collect();
    let back = if function.result == "void" { "" } else { "return " };
    format!("{} {{ {back}{calls}({}); }}", declare(function, name), arguments.join(", "))
}
