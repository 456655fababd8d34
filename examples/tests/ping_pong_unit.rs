//! The unit tests of the example `ping_pong`. Cargo builds an example as a program or for its own tests, and
//! `tests/ping_pong` needs the program.

#[path = "../ping_pong/main.rs"]
mod ping_pong;
