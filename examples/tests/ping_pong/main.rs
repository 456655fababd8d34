//! The example `ping_pong` as its users run it: processes over `lo`, the wire of the mock adapter.
#![cfg(feature = "mock-nic")]

mod common;
mod compare;
mod endings;
mod ends;
mod frames;
mod modes;
mod output;
mod refusals;
