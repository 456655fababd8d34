//! An interface is one user's at a time. The files of other users can't be opened, but the kernel's list of locks says
//! which bytes of them are locked, and so whether anybody uses them.
//!
//! A process announces itself, by its own lock, before it looks whether others have, and has the interface once it has
//! seen that none has: then it locks a byte that says so. Of two that start at once the second to announce itself sees
//! the first, so never do both have it. Where each sees the other, the one of the user with the lower number stays, and
//! the other withdraws until it is settled: one of them gets the interface.

use super::locks::{PROCESS_LOCKS, USERS_LOCK, byte_lock, is_locked};
use super::{say, user};
use crate::errno::{Errno, Result};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// How far a user has got with an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Progress {
    /// Announced: it wants the interface.
    Announced,
    /// It has the interface.
    Has,
}

/// What comes of wanting the interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Claim {
    /// It is this user's.
    Ours,
    /// Another user wants it, too, and goes first.
    Withdraw,
}

/// Makes the interface this user's, for a process that has announced itself. `EACCES` if it is another's; `ETIMEDOUT` if
/// another wants it for as long as `patience`, and neither gets it nor withdraws.
pub(super) fn claim(file: &File, path: &Path, interface: &str, patience: Duration) -> Result<Claim> {
    let directory = path.parent().unwrap_or(Path::new("."));
    let start = Instant::now();
    // Where a process of this user has it, no other user can: they see that process, and this one, which is announced.
    while !is_locked(file, USERS_LOCK, 1) {
        match wanted_by(directory, interface) {
            None => break,
            Some((uid, Progress::Has)) => {
                say(path, format_args!("user {uid} has the interface open"));
                return Err(Errno(libc::EACCES));
            }
            Some((uid, Progress::Announced)) if uid < user() => return Ok(Claim::Withdraw),
            Some((uid, Progress::Announced)) if start.elapsed() > patience => {
                say(path, format_args!("user {uid} has been opening the interface for {patience:?}: is that stopped?"));
                return Err(Errno(libc::ETIMEDOUT));
            }
            Some(_) => std::thread::sleep(Duration::from_micros(50)),
        }
    }
    let lock = byte_lock(file, libc::F_OFD_SETLK, libc::F_RDLCK, USERS_LOCK, 1);
    lock.map(|_| Claim::Ours).map_err(|e| Errno(e.raw_os_error().unwrap_or(libc::EIO)))
}

/// The other user who has the interface, or wants it: who has got furthest, and of several the one with the lowest number.
fn wanted_by(directory: &Path, interface: &str) -> Option<(u32, Progress)> {
    let entries = fs::read_dir(directory).ok()?;
    let others = entries.flatten().filter_map(|entry| {
        let uid = owner_of(&entry.file_name(), interface).filter(|uid| *uid != user())?;
        let about = entry.metadata().ok().filter(|about| about.uid() != user())?;
        // When in doubt it is theirs.
        let locks = fs::read_to_string("/proc/locks").map_or(Some(Progress::Has), |locks| {
            let device = about.dev();
            let place = format!("{:02x}:{:02x}:{}", libc::major(device), libc::minor(device), about.ino());
            locks.lines().filter_map(|line| progress(line, &place)).max()
        })?;
        Some((uid, locks))
    });
    others.max_by_key(|(uid, progress)| (*progress, u32::MAX - uid))
}

/// What a line of the kernel's list of locks says of this file: `device:inode FIRST LAST` at the end are the bytes.
fn progress(line: &str, place: &str) -> Option<Progress> {
    let mut words = line.split_whitespace().skip_while(|word| *word != place);
    let first: i64 = words.nth(1)?.parse().ok()?;
    match first {
        USERS_LOCK => Some(Progress::Has),
        PROCESS_LOCKS.. => Some(Progress::Announced),
        _ => None,
    }
}

/// The user whose file for the interface this is.
fn owner_of(name: &OsStr, interface: &str) -> Option<u32> {
    name.to_str()?.strip_prefix("efvi-mock.")?.strip_suffix(interface)?.strip_suffix('.')?.parse().ok()
}
