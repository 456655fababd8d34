//! Raw bindings of AMD Solarflare's ef_vi and of the Onload extensions API.
//!
//! Everything has the name that it has in C, and the layout, which a static assertion holds to the vendor's for every
//! type and field. What C does by macros and inline functions is here as inline Rust, because there is no symbol to
//! link: calls through a VI's own table ([`ef_vi_transmit`], [`ef_eventq_poll`]), what is read of an event
//! ([`EF_EVENT_TYPE`], [`EF_EVENT_RX_BYTES`]), and what is read of a VI ([`ef_vi_transmit_space`]).
//!
//! The safe crate over this one is `efvi`.
//!
//! # Linking
//!
//! The build script looks for the real library, in this order, and says with `cargo build -vv` what it found and missed:
//!
//! 1. `ONLOAD_DIR`: an install prefix, or a tree that Onload was built in;
//! 2. pkg-config, if that program is installed;
//! 3. the system's own directories.
//!
//! There are bindings for each release of Onload from 8.1.0 on. If it finds the headers too, the C compiler holds every
//! size, offset and value of each release against them, and the bindings that match are taken; if none match, the build
//! stops and names the first difference. [`RELEASE`] says which were taken. `EFVI_SYS_RELEASE`, such as `9.1.1`, pins a
//! release. `EFVI_SYS_STATIC=0` links the shared library; the static one is the default.
//!
//! A dependent's build script has the release as `DEP_CIUL_RELEASE`, and the headers as `DEP_CIUL_INCLUDE`.
//!
//! Feature `mock-nic` links the adapter in software instead: nothing has to be installed.
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

/// Whether the bindings were generated from installed headers (feature `bindgen`). If so, [`RELEASE`] is the nearest
/// release that there are checked-in bindings for, and the library may be a newer one.
pub const GENERATED: bool = cfg!(efvi_sys_generated);
