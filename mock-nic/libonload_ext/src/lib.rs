//! The Onload extensions API as its library answers in a program that Onload does not accelerate.
//!
//! Onload's own `libonload_ext` is such a stub: under `onload`, the preloaded library's functions take the place of
//! these. Without it a call that only asks for something (a stack's name, an option, spinning) succeeds and does
//! nothing; one that has to bring something back says that it can't, each in the way that it documents: `-ENOSYS`, or
//! -1 with `errno` set. The functions that make a socket that is not accelerated make one: no socket is.
//!
//! Nothing here reads or writes what the arguments point at, so pointers have no type of their own.

mod answers;
mod sockets;

/// Version of the extensions: major, minor, micro. Onload reads it from the shared library to see whether it fits.
#[unsafe(no_mangle)]
pub static onload_ext_version: [core::ffi::c_uint; 3] = [2, 0, 0];
