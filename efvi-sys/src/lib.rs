//! Raw bindings of AMD Solarflare's ef_vi and of the Onload extensions API.
//!
//! Everything has the name that it has in C, and the layout, which a static assertion holds to the vendor's for every
//! type and field. What C does by macros and inline functions is here as inline Rust, because there is no symbol to
//! link: calls through a VI's own table ([`ef_vi_transmit`], [`ef_eventq_poll`]), what is read of an event
//! ([`EF_EVENT_TYPE`], [`EF_EVENT_RX_BYTES`]), and what is read of a VI ([`ef_vi_transmit_space`]).
//!
//! The safe crate over this one is `efvi`.
//!
//! An item says since which release of Onload it exists. A field or method that says nothing is as old as its type.
//!
//! # Linking
//!
//! The build script looks for the real library, in this order, and says with `cargo build -vv` what it found and missed:
//!
//! 1. `ONLOAD_DIR`: an install prefix, or a tree that Onload was built in. If it is set, nothing else is tried;
//! 2. pkg-config, as package `onload`, `open_onload`, `ciul` or `libciul`;
//! 3. the system's own directories, unless it builds for another machine.
//!
//! It links libciul and, if it is beside it, libonload_ext. Nothing is downloaded, and nothing is written but below
//! cargo's own `OUT_DIR`. Cross-compiling takes the compiler that `cc` finds for the target (`CC_<target>`), pkg-config
//! as its own rules say (`PKG_CONFIG_ALLOW_CROSS`, `PKG_CONFIG_SYSROOT_DIR`), or `ONLOAD_DIR` in the target's root.
//!
//! | variable | what it does |
//! |---|---|
//! | `ONLOAD_DIR` | where to look, and nowhere else; as any path here, from the root |
//! | `EFVI_SYS_STATIC` | `1`, the default: link the static libraries, as AMD's programs do; `0`: the shared ones. Onload installs libciul as a static library alone, so `0` is for its build tree |
//! | `EFVI_SYS_CIUL_LIB` | the file of libciul, such as `/opt/lib/libciul1.a` or `/opt/lib/libciul.so.1`: nothing is looked for |
//! | `EFVI_SYS_ONLOAD_EXT_LIB` | the file of libonload_ext; `0`: link none |
//! | `EFVI_SYS_INCLUDE` | the directory that has `etherfabric/` and `onload/`, if they are not beside the library; `onload/` may be missing where libonload_ext is not linked |
//! | `EFVI_SYS_RELEASE` | pins a release, such as `9.1.1` |
//! | `EFVI_SYS_BINDGEN` | with feature `bindgen`: `1`, always generate; `0`, never |
//! | `DOCS_RS` | set to anything: nothing is looked for or linked, as docs.rs builds documentation. It serves `cargo check` in an editor where there is no library, as feature `mock-nic` does |
//!
//! A shared library has to be where the loader finds it when the program starts: in a directory of `ldconfig`, or of
//! `LD_LIBRARY_PATH`.
//!
//! # Releases
//!
//! The layout of [`ef_vi`] changes with almost every release of Onload, so there are bindings for each, from 8.1.0 on.
//! The C compiler holds every size, offset and value of each release against the headers that were found, and the
//! bindings that match are taken; if none match, the build stops and names the first difference. [`RELEASE`] says which
//! were taken. What it can't hold against them is what a release's macros and inline functions do, whose bodies are not
//! compared, and names that the headers have besides: a new enumerator or function leaves them of the release that they
//! otherwise match. Without headers `EFVI_SYS_RELEASE` has to say it; with headers, they must be of the release that it pins.
//! (It is a variable rather than features because features add up: two crates of one program could ask for two
//! releases, and only one library is linked.)
//!
//! Feature `bindgen` is for headers that match none, those of a release newer than this crate: types, functions and
//! constants are then generated from them, in the shapes that the checked-in bindings have. It needs libclang when the
//! crate is built. Macros and inline functions are those of the nearest release, and [`RELEASE`] names it. They read
//! fields by name, so fields may have moved. What stands for a macro is left out, with a warning, if the macro is gone,
//! has another number of parameters or names other fields; what stands for an inline function, if that is gone or has
//! other types. That an inline function does something else than it did cannot be seen. [`GENERATED`] says whether the
//! bindings are such. Headers that match a release get that release's bindings, unless `EFVI_SYS_BINDGEN=1`.
//!
//! A dependent's build script has the release as `DEP_CIUL_RELEASE`, all of them as `DEP_CIUL_RELEASES`, the headers as
//! `DEP_CIUL_INCLUDE`, and `DEP_CIUL_GENERATED=1` where the bindings are generated.
//!
//! Feature `mock-nic` links the adapter in software instead: nothing has to be installed, and none of the variables
//! count but `EFVI_SYS_RELEASE`.
//!
//! Onload also installs `onload/extensions_zc_hlrx.h`, helpers over the zero-copy calls. They are not here.
//!
//! # Events
//!
//! C declares [`ef_event`] as a union of bitfields. Here each of its views is a structure that reads from an event and
//! turns into one:
//!
//! ```
//! use efvi_sys::*;
//!
//! let event = ef_event::from(ef_event_rx { rq_id: 7, len: 60, ..Default::default() });
//! assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX);
//! assert_eq!(EF_EVENT_RX_BYTES(&event), 60);
//! assert_eq!(event.rx().rq_id, 7);
//! ```

#![no_std]

// Functions of the C interface have no mangled names: naming the crates is what links them.
#[cfg(feature = "mock-nic")]
extern crate mock_nic as _;
#[cfg(feature = "mock-nic")]
extern crate onload_ext as _;

#[cfg(not(efvi_sys_generated))]
mod bindings;
#[cfg(efvi_sys_generated)]
#[allow(clippy::all, clippy::pedantic, unused_imports)]
mod bindings {
    include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
}

pub use bindings::*;

/// Whether the headers of the library that is linked were found to be of [`RELEASE`]. They are not looked at with feature
/// `mock-nic`, are missing where a release is pinned without them, and may be newer where bindings are generated.
pub const HEADERS_MATCH: bool = cfg!(efvi_sys_headers_match);

/// Whether the bindings were generated from installed headers (feature `bindgen`). If so, [`RELEASE`] is the nearest
/// release that there are checked-in bindings for, and the library may be a newer one.
pub const GENERATED: bool = cfg!(efvi_sys_generated);
