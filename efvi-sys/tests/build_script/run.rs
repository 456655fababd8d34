//! Runs the build script.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

/// The target that the tests build for, and one that is another.
pub const TARGET: &str = "x86_64-unknown-linux-gnu";
pub const OTHER_TARGET: &str = "aarch64-unknown-linux-gnu";

/// A fresh directory, removed when dropped.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("efvi-sys-build-{}-{number}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        Self(dir)
    }

    /// Writes a file into it. A library is an archive of nothing: the build script does not look inside.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Puts libraries of those names into it.
    pub fn libraries(&self, names: &[&str]) {
        for name in names {
            self.file(name, "!<arch>\n");
        }
    }

    /// Puts the headers of a release into a directory of it.
    pub fn headers(&self, directory: &str, release: &str) -> PathBuf {
        let path = self.0.join(directory);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(vendor(release), &path).unwrap();
        path
    }

    /// Puts a copy of a release's headers into `include`, with one text in a header replaced by another.
    pub fn altered(&self, release: &str, edits: &[(&str, &str, &str)]) -> PathBuf {
        for directory in ["etherfabric", "onload"] {
            for entry in fs::read_dir(vendor(release).join(directory)).unwrap() {
                let path = entry.unwrap().path();
                let name = format!("{directory}/{}", path.file_name().unwrap().to_str().unwrap());
                let mut text = fs::read_to_string(&path).unwrap();
                for (_, old, new) in edits.iter().filter(|(header, ..)| *header == name) {
                    assert!(text.contains(old), "{name} has no {old}");
                    text = text.replacen(old, new, 1);
                }
                self.file(&format!("include/{name}"), &text);
            }
        }
        self.0.join("include")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Our headers of a release.
pub fn vendor(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../vendor/include/onload-{release}")).canonicalize().unwrap()
}

/// How the build script ended.
pub struct Run {
    pub is_ok: bool,
    pub stdout: String,
    pub stderr: String,
    #[cfg(feature = "bindgen")]
    pub out_dir: Scratch,
}

/// Runs the build script with some variables, and none of those that this process has of its own.
pub fn run(variables: &[(&str, &Path)]) -> Run {
    let out_dir = Scratch::new();
    let mut command = Command::new(include_str!(concat!(env!("OUT_DIR"), "/build-script")));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).env_clear();
    for name in ["PATH", "HOME", "CC", "LIBCLANG_PATH", "LD_LIBRARY_PATH"] {
        command.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    if cfg!(feature = "bindgen") {
        command.env("CARGO_FEATURE_BINDGEN", "1");
    }
    command.env("TARGET", TARGET).env("HOST", TARGET).env("OPT_LEVEL", "0").env("OUT_DIR", &out_dir.0);
    // No packages but those that a test names.
    command.env("PKG_CONFIG_LIBDIR", &out_dir.0);
    command.envs(variables.iter().copied());
    let output = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (stdout, stderr) = (text(output.stdout), text(output.stderr));
    Run {
        is_ok: output.status.success(),
        stdout,
        stderr,
        #[cfg(feature = "bindgen")]
        out_dir,
    }
}

impl Run {
    /// The values that it gives cargo for a key, such as `rustc-link-lib`.
    #[track_caller]
    pub fn values(&self, key: &str) -> Vec<&str> {
        assert!(self.is_ok, "{}", self.stderr);
        let prefix = format!("cargo:{key}=");
        self.stdout.lines().filter_map(|line| line.strip_prefix(&*prefix)).collect()
    }

    /// Whether it fails with a message that has all of the texts in it, and no panic.
    #[track_caller]
    pub fn assert_refused(&self, texts: &[&str]) {
        assert!(!self.is_ok, "{}", self.stdout);
        // A compiler may have said something before.
        assert!(self.stderr.lines().any(|line| line.starts_with("efvi-sys: ")), "{}", self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        for text in texts {
            assert!(self.stderr.contains(text), "no {text:?} in: {}", self.stderr);
        }
    }
}
