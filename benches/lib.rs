//! What the benchmarks of efvi share.
//!
//! - [`end`]: a virtual interface with its memory, at one end of a wire.
//! - [`trip`]: a frame there and back between two ends, timed.
//! - [`mod@line`]: a cache line there and back between two cores, timed: the limit of what software can do.
//! - [`table`]: percentiles as a table.
//!
//! `cargo bench` runs `poll`, `send`, `receive` and `round_trip`; `cargo test` runs each once, unmeasured.

use std::time::Duration;

use criterion::Criterion;

pub mod end;
pub mod line;
mod patience;
pub mod table;
pub mod trip;

/// Criterion as all benchmarks here use it, with the command line's wishes: all of them take less than three minutes.
#[must_use]
pub fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .nresamples(20_000)
        .configure_from_args()
}
