//! Where the library and its headers are.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::release::DEFAULT;
use crate::settings::Settings;

/// A library with what lies beside it.
pub struct Library {
    /// The file of libciul.
    pub ciul: PathBuf,
    /// The file of libonload_ext, if it is there.
    pub onload_ext: Option<PathBuf>,
    /// The directory that has `etherfabric/ef_vi.h`, if there is one.
    pub include: Option<PathBuf>,
}

/// Directories of libraries below a prefix; the last three are those of a tree that Onload was built in.
const LIBRARIES: [&str; 7] = [
    "lib64",
    "lib",
    "usr/lib64",
    "usr/lib",
    "build/gnu_x86_64/lib/ciul",
    "build/gnu_x86_64/lib/onload_ext",
    "build/gnu_x86_64/lib",
];
/// Directories of headers below a prefix.
const HEADERS: [&str; 3] = ["include", "usr/include", "src/include"];
/// Names of the library in files; the first is the one that Onload installs.
const CIUL: [&str; 2] = ["ciul1", "ciul"];
/// Names of the library of extensions.
const ONLOAD_EXT: [&str; 1] = ["onload_ext"];
/// Names under which pkg-config may know it.
const PACKAGES: [&str; 2] = ["onload", "ciul"];

/// Finds the library, or says where it was looked for and what to do.
pub fn library(settings: &Settings) -> Result<Library, String> {
    let mut missed = Vec::new();
    // What a user points at is right or wrong: nothing else is tried.
    if let Some(dir) = &settings.onload_dir {
        let libraries: Vec<PathBuf> = below(dir, &LIBRARIES, &settings.target);
        let headers = HEADERS.iter().map(|h| dir.join(h)).collect();
        let place = Place { name: format!("ONLOAD_DIR={}", dir.display()), libraries, headers };
        return place.look(settings).map_err(|miss| message(settings, &[miss]));
    }
    missed.push("ONLOAD_DIR: not set".to_owned());
    for place in [pkg_config(settings), system(settings)] {
        match place.and_then(|place| place.look(settings)) {
            Ok(library) => return Ok(library),
            Err(miss) => {
                println!("{miss}");
                missed.push(miss);
            }
        }
    }
    Err(message(settings, &missed))
}

/// The name to link a library file by: `ciul1` for `libciul1.a`.
pub fn link_name(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    stem.strip_prefix("lib").unwrap_or(&stem).to_owned()
}

/// Somewhere to look.
struct Place {
    name: String,
    libraries: Vec<PathBuf>,
    headers: Vec<PathBuf>,
}

impl Place {
    fn look(&self, settings: &Settings) -> Result<Library, String> {
        let file = |names: &[&str], suffix: &str| {
            let files = self
                .libraries
                .iter()
                .flat_map(|dir| names.iter().map(move |name| dir.join(format!("lib{name}.{suffix}"))));
            files.into_iter().find(|file| file.is_file())
        };
        let Some(ciul) = file(&CIUL, settings.suffix()) else {
            let other = if settings.is_static { "so" } else { "a" };
            let hint = match file(&CIUL, other) {
                Some(file) => format!(" (but {} is there: see EFVI_SYS_STATIC)", file.display()),
                None => String::new(),
            };
            let dirs: Vec<_> = self.libraries.iter().map(|d| d.display().to_string()).collect();
            return Err(format!("{}: not in {}{hint}", self.name, dirs.join(", ")));
        };
        println!("{}: found {}", self.name, ciul.display());
        println!("cargo:rerun-if-changed={}", ciul.display());
        let is_there = |dir: &&PathBuf| dir.join("etherfabric/ef_vi.h").is_file();
        Ok(Library {
            ciul,
            onload_ext: file(&ONLOAD_EXT, settings.suffix()),
            include: self.headers.iter().find(is_there).cloned(),
        })
    }
}

fn pkg_config(settings: &Settings) -> Result<Place, String> {
    if settings.is_cross {
        return Err("pkg-config: not asked, because it answers for this machine".to_owned());
    }
    let ask = |arguments: &[&str]| Command::new(&settings.pkg_config).args(arguments).output();
    for package in PACKAGES {
        let exists =
            ask(&["--exists", package]).map_err(|e| format!("pkg-config: {}: {e}", settings.pkg_config.display()))?;
        if !exists.status.success() {
            continue;
        }
        let variable = |name: &str| {
            let output = ask(&[&format!("--variable={name}"), package]).ok()?;
            let path = String::from_utf8(output.stdout).ok()?.trim().to_owned();
            (!path.is_empty()).then(|| PathBuf::from(path))
        };
        return Ok(Place {
            name: format!("pkg-config {package}"),
            libraries: variable("libdir").into_iter().collect(),
            headers: variable("includedir").into_iter().collect(),
        });
    }
    Err(format!("pkg-config: no package {}", PACKAGES.join(" or ")))
}

fn system(settings: &Settings) -> Result<Place, String> {
    if settings.is_cross {
        return Err("system: not searched, because it has libraries for this machine".to_owned());
    }
    let roots = ["/usr", "/usr/local"];
    let libraries = roots.iter().flat_map(|root| below(Path::new(root), &LIBRARIES[..2], &settings.target));
    Ok(Place {
        name: "system".to_owned(),
        libraries: libraries.collect(),
        headers: roots.iter().map(|root| Path::new(root).join("include")).collect(),
    })
}

/// Directories below a root, with Debian's own for the target.
fn below(root: &Path, dirs: &[&str], target: &str) -> Vec<PathBuf> {
    let multiarch = target.replace("-unknown-", "-");
    let mut all: Vec<PathBuf> = dirs.iter().map(|dir| root.join(dir)).collect();
    all.insert(2, root.join("lib").join(multiarch));
    all
}

fn message(settings: &Settings, missed: &[String]) -> String {
    let names: Vec<String> = CIUL.iter().map(|name| format!("lib{name}.{}", settings.suffix())).collect();
    let mut text = format!(
        "efvi-sys: the ef_vi library was not found, and feature `mock-nic` is off.\n\n\
         Looked for {}:\n",
        names.join(" or ")
    );
    for miss in missed {
        let _ = writeln!(text, "  - {miss}");
    }
    let other_kind = if settings.is_static {
        "set EFVI_SYS_STATIC=0 to link the shared library rather than the static one"
    } else {
        "unset EFVI_SYS_STATIC to link the static library, as is the default"
    };
    let _ = write!(
        text,
        "\nDo one of these:\n\
         \x20 - without an adapter: enable feature `mock-nic`, which links the adapter in software\n\
         \x20 - install Onload, such as {DEFAULT}, with its headers and libraries (packages onload and onload-devel,\n\
         \x20   or `scripts/onload_install` from https://github.com/Xilinx-CNS/onload)\n\
         \x20 - set ONLOAD_DIR to an install prefix (it has include/ and lib64/) or to a tree that Onload was built in\n\
         \x20 - {other_kind}"
    );
    text
}
