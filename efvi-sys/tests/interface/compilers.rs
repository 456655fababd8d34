//! The C and C++ compilers that are installed here.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A compiler and the standard to compile for.
pub struct Compiler {
    pub name: &'static str,
    path: PathBuf,
    arguments: &'static [&'static str],
}

/// The C compiler, and the C++ compiler if there is one.
pub fn all() -> Vec<Compiler> {
    let mut found = vec![Compiler { name: "C11", path: detect(false), arguments: &["-std=c11"] }];
    let cpp = detect(true);
    if Command::new(&cpp).arg("--version").output().is_ok_and(|o| o.status.success()) {
        found.push(Compiler { name: "C++17", path: cpp, arguments: &["-std=c++17", "-x", "c++"] });
    } else {
        println!("no C++ compiler ({} does not run): C++17 is not checked", cpp.display());
    }
    found
}

fn detect(cpp: bool) -> PathBuf {
    let target = env!("EFVI_SYS_TARGET");
    let mut build = cc::Build::new();
    build.target(target).host(target).opt_level(0).out_dir(std::env::temp_dir());
    build.cargo_metadata(false).cpp(cpp).get_compiler().path().to_owned()
}

impl Compiler {
    /// Compiles a file with all warnings as errors.
    pub fn compile(&self, include: &Path, file: &Path, more: &[&str]) -> Output {
        Command::new(&self.path)
            .args(self.arguments)
            .args(["-Wall", "-Wextra", "-Wpedantic", "-Werror"])
            .arg("-I")
            .arg(include)
            .arg(file)
            .args(more)
            .output()
            .unwrap_or_else(|e| panic!("{}: {e}", self.path.display()))
    }
}

/// A fresh directory for a test's files, removed when dropped.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let dir = std::env::temp_dir().join(format!("efvi-sys-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    /// Writes a file into it.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The root of the checkout.
pub fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}
