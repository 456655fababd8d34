//! The adapter's time.

mod delta;
mod timestamp;

pub use delta::TimeDelta;
pub use timestamp::{SyncState, Timestamp, TimestampError};
