//! Where the library and its headers are.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::link::{is_shared, is_static};
use crate::release::DEFAULT;
use crate::settings::{Extensions, Settings};

/// A library with what lies beside it.
pub struct Library {
    /// The file of libciul.
    pub ciul: PathBuf,
    /// The file of libonload_ext, if it is to be linked.
    pub onload_ext: Option<PathBuf>,
    /// The directory that has `etherfabric/ef_vi.h`, if there is one.
    pub include: Option<PathBuf>,
    /// Other libraries that pkg-config names.
    pub more: Vec<String>,
    /// Where those are.
    pub more_directories: Vec<PathBuf>,
}

// Onload's scripts/onload_install puts libciul1.a (never a shared libciul), libonload_ext.a and libonload_ext.so into
// usr/lib64, or on Debian and Ubuntu into usr/lib/<architecture>-linux-gnu, and the headers into usr/include, all below
// a prefix if there is one. By mk/site/ciul.mk and mk/linux_gcc.mk the static library has its version in its name and
// the shared one, which is in a build tree only, has it after its name: libciul.so, libciul.so.1.

/// Directories of libraries below a prefix.
const LIBRARIES: [&str; 6] = ["lib64", "lib", "usr/lib64", "usr/lib", "lib/{multiarch}", "usr/lib/{multiarch}"];
/// The same below a source tree after a build (scripts/mmakebuildtree: build/gnu_x86_64), and below that build itself.
const BUILT: [&str; 4] = ["build/gnu_{arch}/lib/ciul", "build/gnu_{arch}/lib/onload_ext", "lib/ciul", "lib/onload_ext"];
/// Directories of headers below a prefix, a source tree, and a build in such a tree.
const HEADERS: [&str; 4] = ["include", "usr/include", "src/include", "../../src/include"];
/// Names of the library in files: that of the static one, and that of the shared one.
const CIUL: [&str; 2] = ["ciul1", "ciul"];
/// Names of the library of extensions.
const ONLOAD_EXT: [&str; 1] = ["onload_ext"];
/// Names under which pkg-config may know it. Onload itself has no such file yet: the one proposed for it is
/// scripts/onload_misc/open_onload.pc.in, which names libonload_ext alone, but the directory of both.
const PACKAGES: [&str; 4] = ["onload", "open_onload", "ciul", "libciul"];

/// Finds the library, or says where it was looked for and what to do.
pub fn library(settings: &Settings) -> Result<Library, String> {
    // What a user points at is right or wrong: nothing else is tried.
    if let Some(file) = &settings.ciul {
        return named(file, settings);
    }
    if let Some(dir) = &settings.onload_dir {
        let libraries: Vec<&str> = LIBRARIES.into_iter().chain(BUILT).collect();
        let place = Place {
            name: format!("ONLOAD_DIR={}", dir.display()),
            libraries: below(dir, &libraries, &settings.target),
            headers: HEADERS.iter().map(|h| dir.join(h)).collect(),
            ..Place::default()
        };
        return place.look(settings)?.map_err(|miss| message(settings, &[miss]));
    }
    let mut missed = vec!["ONLOAD_DIR: not set".to_owned()];
    println!("{}", missed[0]);
    for place in [pkg_config(settings), system(settings)] {
        match place {
            Ok(place) => match place.look(settings)? {
                Ok(library) => return Ok(library),
                Err(miss) => missed.push(miss),
            },
            Err(miss) => missed.push(miss),
        }
        println!("{}", missed[missed.len() - 1]);
    }
    Err(message(settings, &missed))
}

/// Somewhere to look.
#[derive(Default)]
struct Place {
    name: String,
    libraries: Vec<PathBuf>,
    headers: Vec<PathBuf>,
    more: Vec<String>,
}

impl Place {
    /// The library in this place, or what was missed. The outer error is one that no other place makes good.
    fn look(self, settings: &Settings) -> Result<Result<Library, String>, String> {
        let Some(ciul) = self.file(&ciul_names(settings.is_static), suffix(settings.is_static)) else {
            let other = !settings.is_static;
            let hint = match self.file(&ciul_names(other), suffix(other)) {
                Some(file) => format!(" (but {} is there: see EFVI_SYS_STATIC)", file.display()),
                None => String::new(),
            };
            let dirs: Vec<_> = self.libraries.iter().map(|d| d.display().to_string()).collect();
            let dirs = if dirs.is_empty() { "no directory is named".to_owned() } else { dirs.join(", ") };
            return Ok(Err(format!("{}: not in {dirs}{hint}", self.name)));
        };
        println!("{}: found {}", self.name, ciul.display());
        self.complete(ciul, settings).map(Ok)
    }

    /// What belongs to a libciul.
    fn complete(self, ciul: PathBuf, settings: &Settings) -> Result<Library, String> {
        let onload_ext = match &settings.onload_ext {
            Extensions::Off => None,
            Extensions::File(file) => Some(checked(file, "EFVI_SYS_ONLOAD_EXT_LIB")?),
            Extensions::IfFound => self.file(&ONLOAD_EXT, suffix(is_static(&ciul))),
        };
        match &onload_ext {
            Some(file) => println!("{}: found {}", self.name, file.display()),
            None => println!("{}: libonload_ext is not linked", self.name),
        }
        let is_there = |dir: &&PathBuf| dir.join("etherfabric/ef_vi.h").is_file();
        let include = match &settings.include {
            Some(include) if is_there(&include) => Some(include.clone()),
            Some(include) => {
                return Err(format!(
                    "efvi-sys: EFVI_SYS_INCLUDE={} has no etherfabric/ef_vi.h. Set it to the directory that has\n\
                     etherfabric/ and onload/, or unset it to have the headers looked for beside the library.",
                    include.display()
                ));
            }
            None => self.headers.iter().find(is_there).cloned(),
        };
        match &include {
            Some(include) => println!("{}: found headers in {}", self.name, include.display()),
            None => println!("{}: no etherfabric/ef_vi.h", self.name),
        }
        let more_directories = if self.more.is_empty() { Vec::new() } else { self.libraries };
        Ok(Library { ciul, onload_ext, include, more: self.more, more_directories })
    }

    fn file(&self, names: &[&str], suffix: &str) -> Option<PathBuf> {
        let files =
            self.libraries.iter().flat_map(|dir| names.iter().map(move |name| dir.join(format!("lib{name}.{suffix}"))));
        let mut files = files.chain(self.libraries.iter().filter(|_| suffix == "so").flat_map(|dir| {
            // Without the development package there is the name that programs load alone.
            names.iter().flat_map(move |name| (0..10).map(move |version| dir.join(format!("lib{name}.so.{version}"))))
        }));
        files.find(|file| file.is_file())
    }
}

/// The library that EFVI_SYS_CIUL_LIB names.
fn named(file: &Path, settings: &Settings) -> Result<Library, String> {
    let file = checked(file, "EFVI_SYS_CIUL_LIB")?;
    let directory = file.parent().unwrap_or(&file).to_owned();
    let mut headers: Vec<PathBuf> = directory.ancestors().skip(1).take(3).map(|dir| dir.join("include")).collect();
    if let Some(dir) = &settings.onload_dir {
        headers.splice(0..0, HEADERS.iter().map(|h| dir.join(h)));
    }
    let name = format!("EFVI_SYS_CIUL_LIB={}", file.display());
    Place { name, libraries: vec![directory], headers, ..Place::default() }.complete(file, settings)
}

/// A file that a variable names, if it is a library.
fn checked(file: &Path, variable: &str) -> Result<PathBuf, String> {
    let what = match file.is_file() {
        true if is_static(file) || is_shared(file) => return Ok(file.to_owned()),
        true => "is neither a static library (.a) nor a shared one (.so)",
        false => "is not a file",
    };
    Err(format!("efvi-sys: {variable}={} {what}. Set it to the library's file, or unset it.", file.display()))
}

fn pkg_config(settings: &Settings) -> Result<Place, String> {
    let mut misses = Vec::new();
    for package in PACKAGES {
        let mut probe = pkg_config::Config::new();
        let library = match probe.cargo_metadata(false).statik(settings.is_static).probe(package) {
            Ok(library) => library,
            Err(e @ (pkg_config::Error::CrossCompilation | pkg_config::Error::Command { .. })) => {
                return Err(format!("pkg-config: {}", e.to_string().trim()));
            }
            Err(_) => {
                misses.push(package);
                continue;
            }
        };
        let variable = |name: &str| {
            let value = pkg_config::get_variable(package, name).ok().filter(|v| !v.is_empty());
            value.map(PathBuf::from)
        };
        let mut headers = library.include_paths;
        headers.extend(variable("includedir"));
        // The flags may name the directory of Onload's extensions, which are included as <onload/extensions.h> too.
        headers.extend(headers.clone().iter().filter_map(|dir| dir.parent()).map(Path::to_owned));
        let mut libraries = library.link_paths;
        libraries.extend(variable("libdir").filter(|dir| !libraries.contains(dir)));
        let ours = |name: &String| CIUL.iter().chain(&ONLOAD_EXT).any(|own| own == name);
        return Ok(Place {
            name: format!("pkg-config {package}"),
            libraries,
            headers,
            more: library.libs.into_iter().filter(|name| !ours(name)).collect(),
        });
    }
    Err(format!("pkg-config: no package {}", misses.join(" or ")))
}

fn system(settings: &Settings) -> Result<Place, String> {
    if settings.is_cross {
        return Err("system: not searched, because it has libraries for this machine".to_owned());
    }
    let roots = ["/usr", "/usr/local"];
    let libraries =
        roots.iter().flat_map(|root| below(Path::new(root), &["lib64", "lib", "lib/{multiarch}"], &settings.target));
    Ok(Place {
        name: "system".to_owned(),
        libraries: libraries.collect(),
        headers: roots.iter().map(|root| Path::new(root).join("include")).collect(),
        ..Place::default()
    })
}

/// Names of libciul, the usual one first.
fn ciul_names(is_static: bool) -> [&'static str; 2] {
    if is_static { CIUL } else { [CIUL[1], CIUL[0]] }
}

/// How the file of a library ends.
fn suffix(is_static: bool) -> &'static str {
    if is_static { "a" } else { "so" }
}

/// Directories below a root, for a target.
fn below(root: &Path, dirs: &[&str], target: &str) -> Vec<PathBuf> {
    // Debian and Onload name them by the architecture, without the vendor that Rust has.
    let architecture = target.split('-').next().unwrap_or_default();
    let multiarch = target.replace("-unknown-", "-");
    dirs.iter().map(|dir| root.join(dir.replace("{multiarch}", &multiarch).replace("{arch}", architecture))).collect()
}

fn message(settings: &Settings, missed: &[String]) -> String {
    let suffix = suffix(settings.is_static);
    let names = ciul_names(settings.is_static).map(|name| format!("lib{name}.{suffix}"));
    let mut text = format!(
        "efvi-sys: the ef_vi library was not found, and feature `mock-nic` is off.\n\n\
         Looked for {}:\n",
        names.join(" or ")
    );
    for miss in missed {
        let _ = writeln!(text, "  - {miss}");
    }
    let other_kind = match settings.is_static {
        // Onload installs no shared one, so it is offered where it was seen.
        true if missed.iter().any(|miss| miss.contains("EFVI_SYS_STATIC")) => {
            "\n  - set EFVI_SYS_STATIC=0 to link the shared library rather than the static one"
        }
        true => "",
        false => "\n  - unset EFVI_SYS_STATIC to link the static library, the only one that Onload installs",
    };
    let _ = write!(
        text,
        "\nDo one of these:\n\
         \x20 - without an adapter: enable feature `mock-nic`, which links the adapter in software\n\
         \x20 - install Onload, such as {DEFAULT}, with its headers and libraries (packages onload and onload-devel,\n\
         \x20   or `scripts/onload_install` from https://github.com/Xilinx-CNS/onload)\n\
         \x20 - set ONLOAD_DIR to an install prefix (it has include/ and lib64/) or to a tree that Onload was built in\n\
         \x20 - set EFVI_SYS_CIUL_LIB to the library's file, and EFVI_SYS_INCLUDE to the directory that has etherfabric/\n\
         \x20 - to check a program without linking it, as an editor does: enable `mock-nic`, or set DOCS_RS=1{other_kind}"
    );
    text
}
