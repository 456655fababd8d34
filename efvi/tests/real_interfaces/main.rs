//! The safe crate on an interface of the machine: a VI at one end of a veth pair, the kernel at the other.
//!
//! Each test runs again in a network namespace of its own, with a pair there, once by each way of the frames that it is for.

#![cfg(not(miri))]

#[path = "../common/mod.rs"]
mod common;

mod changes;
mod huge_pages;
mod veth;
