//! The mock adapter as a C library: `libciul.so` and `libciul.a`, in place of those of Onload.
//!
//! There is nothing here but the crate type: the functions are those that `mock-nic` exports.

// Naming the crate is what links it.
extern crate mock_nic as _;
