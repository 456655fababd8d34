//! Whether the memory in use stays what it was.

use anyhow::{Context as _, Result, ensure};

/// A process may use so many bytes more than when it was first looked at.
const SLACK: u64 = 1 << 20;

/// What was in use when it was first looked at.
#[derive(Default)]
pub struct Memory(Option<u64>);

impl Memory {
    /// Looks again.
    pub fn stay_flat(&mut self) -> Result<()> {
        let now = in_use()?;
        let start = *self.0.get_or_insert(now);
        ensure!(now <= start + SLACK, "memory in use grew from {start} to {now} bytes");
        Ok(())
    }
}

/// Bytes of memory in use that files don't back.
fn in_use() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("/proc/self/status has no RssAnon")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}
