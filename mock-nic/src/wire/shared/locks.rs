//! Locks on bytes of the file, by which processes exclude each other and announce themselves. The kernel lifts them
//! however a process ends.

use super::say;
use crate::errno::{Errno, Result};
use core::mem::size_of;
use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// Processes that share a file.
pub(super) const PROCESSES: u32 = 256;
/// The byte that is locked while the tables change.
const TABLE_LOCK: i64 = 0;
/// The byte that is locked, shared, by all processes of the user who has the interface.
pub(super) const USERS_LOCK: i64 = 1;
/// The first of the bytes by which processes announce themselves.
pub(super) const PROCESS_LOCKS: i64 = 4096;

/// Where the file says which process has [`TABLE_LOCK`]: the kernel does not tell of such locks.
pub(super) const HOLDER_AT: u64 = 2048;

/// A lock on a byte of the file that belongs to the open file, not to the process: closing other descriptors of the
/// file doesn't lift it, and two of them in one process exclude each other.
pub(super) fn byte_lock(
    file: &File,
    command: libc::c_int,
    kind: libc::c_int,
    from: i64,
    bytes: i64,
) -> io::Result<libc::flock> {
    // SAFETY: all zero is a `flock`.
    let mut lock: libc::flock = unsafe { core::mem::zeroed() };
    lock.l_type = kind as libc::c_short;
    lock.l_whence = libc::SEEK_SET as libc::c_short;
    lock.l_start = from;
    lock.l_len = bytes;
    // SAFETY: a system call on our own descriptor, with a structure that it may write to.
    if unsafe { libc::fcntl(file.as_raw_fd(), command, &mut lock) } == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(lock)
}

/// True if somebody else has a lock on any of the bytes.
pub(super) fn is_locked(file: &File, from: i64, bytes: i64) -> bool {
    // When in doubt it is: nothing is taken away from a process that may be alive.
    byte_lock(file, libc::F_OFD_GETLK, libc::F_WRLCK, from, bytes)
        .map_or(true, |lock| libc::c_int::from(lock.l_type) != libc::F_UNLCK)
}

pub(super) fn others_live(file: &File) -> bool {
    is_locked(file, PROCESS_LOCKS, i64::from(PROCESSES))
}

/// The lock under which the tables change.
pub(super) struct TableLock<'a>(&'a File);

impl<'a> TableLock<'a> {
    /// `ETIMEDOUT` if somebody else has it for as long as `patience`.
    pub(super) fn take(file: &'a File, path: &Path, patience: Duration) -> Result<Self> {
        let start = Instant::now();
        loop {
            match byte_lock(file, libc::F_OFD_SETLK, libc::F_WRLCK, TABLE_LOCK, 1) {
                Ok(_) => {
                    let lock = Self(file);
                    lock.sign();
                    return Ok(lock);
                }
                Err(e) if matches!(e.raw_os_error(), Some(libc::EAGAIN | libc::EACCES | libc::EINTR)) => {
                    if start.elapsed() > patience {
                        let holder = holder(file).map_or("another process".to_owned(), |pid| format!("process {pid}"));
                        say(path, format_args!("{holder} has had its lock for {patience:?}: is it stopped?"));
                        return Err(Errno(libc::ETIMEDOUT));
                    }
                    std::thread::sleep(Duration::from_micros(50));
                }
                Err(e) => return Err(Errno(e.raw_os_error().unwrap_or(libc::EIO))),
            }
        }
    }

    /// Says who has it. Nothing but a message is the poorer for a file that has no room for that.
    pub(super) fn sign(&self) {
        self.0.write_at(&std::process::id().to_ne_bytes(), HOLDER_AT).ok();
    }
}

impl Drop for TableLock<'_> {
    fn drop(&mut self) {
        // Can't fail for a lock that is held; closing the file would lift it too.
        byte_lock(self.0, libc::F_OFD_SETLK, libc::F_UNLCK, TABLE_LOCK, 1).ok();
    }
}

/// The process that had the lock last.
pub(super) fn holder(file: &File) -> Option<u32> {
    let mut bytes = [0; size_of::<u32>()];
    file.read_exact_at(&mut bytes, HOLDER_AT).ok()?;
    Some(u32::from_ne_bytes(bytes)).filter(|pid| *pid != 0)
}
