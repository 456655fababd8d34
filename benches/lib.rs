//! Benchmarks of efvi.
