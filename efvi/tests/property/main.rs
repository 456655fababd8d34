//! Random sequences of what a program may do, on random rings, on each model: at each step every buffer is accounted for
//! (in its pool, in the program's hands, or in a ring), and every frame arrives once, in order, with its contents.
//!
//! `cargo test` runs a few sequences. `PROPTEST_CASES=100000 cargo test -p efvi --test property --release` runs many;
//! `PROPTEST_MAX_SHRINK_ITERS` and the like are proptest's own. What fails is shrunk to a short sequence and printed.
//!
//! A new operation is a variant of [`operation::Op`], a line in its strategy, and what it does.

// Too many steps for Miri, which runs the same path in `path.rs`.
#![cfg(not(miri))]

mod account;
#[path = "../common/mod.rs"]
mod common;
mod operation;
mod setup;
mod world;

use proptest::collection::vec;
use proptest::test_runner::{Config, TestRunner};

use world::World;

#[test]
fn whatever_a_program_does_every_buffer_and_every_frame_is_accounted_for() {
    let mut config = Config { failure_persistence: None, max_shrink_iters: 5000, ..Config::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = 32;
    }
    let cases = (setup::setups(), vec(operation::operations(), 1..200));
    let outcome = TestRunner::new(config).run(&cases, |(setup, operations)| {
        let mut world = World::new(&setup);
        for operation in &operations {
            world.apply(operation);
            world.check();
        }
        world.finish();
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
