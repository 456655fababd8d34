//! A directory for the mock's wires and the shared cache line, so that nobody else's wires are disturbed.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

const NAME: &str = "efvi-benches-";

/// The directory, removed when dropped.
pub struct Directory(PathBuf);

impl Directory {
    /// Makes one of this process's own, in memory if there is such a place. Those of runs that were killed go.
    pub fn create() -> Result<Directory> {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        remove_old(&parent);
        let path = parent.join(format!("{NAME}{}", std::process::id()));
        DirBuilder::new().mode(0o700).create(&path).with_context(|| format!("making {}", path.display()))?;
        Ok(Directory(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // What stays, the next run removes.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Removes the directories whose process is gone. Another user's can't be, and that is no concern of ours.
fn remove_old(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(|name| name.strip_prefix(NAME)?.parse::<u32>().ok()) else {
            continue;
        };
        if process == std::process::id() || !Path::new(&format!("/proc/{process}")).exists() {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}
