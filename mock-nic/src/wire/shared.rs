//! A switch's memory shared between a user's processes, in a file.
//!
//! The file is `efvi-mock.UID.INTERFACE` in `/dev/shm`, or in the directory that `EFVI_MOCK_DIR` names. Nobody else may
//! read it, and what can't be the work of this program is refused. A process announces itself by a lock on a byte of
//! the file, which the kernel lifts however the process ends: so the living are known for certain, a file without any
//! is begun anew, and the last one to leave removes it.

use super::ring::Ring;
use super::switch::{Memory, PATIENCE};
use super::table::{STATIONS, Table};
use crate::clock::clock;
use crate::errno::{Errno, Result};
use core::mem::size_of;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicU32, Ordering::*};
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Changes with the layout of the file: processes of different builds must not share one.
const VERSION: u32 = 1;
const MAGIC: u32 = u32::from_be_bytes(*b"efvi");

const TABLE_AT: usize = 4096;
const RINGS_AT: usize = TABLE_AT + size_of::<Table>();
const FILE_BYTES: usize = RINGS_AT + STATIONS * STATIONS * size_of::<Ring>();

/// Processes that share a file.
const PROCESSES: u32 = 256;
/// The byte that is locked while the tables change.
const TABLE_LOCK: i64 = 0;
/// The first of the bytes by which processes announce themselves.
const PROCESS_LOCKS: i64 = 4096;

/// The file's first page.
#[repr(C, align(4096))]
struct Header {
    magic: AtomicU32,
    version: AtomicU32,
    table_bytes: AtomicU32,
    ring_bytes: AtomicU32,
    /// What the ticks of timestamps are.
    counter: AtomicU32,
}

/// A piece of the file in memory.
struct Mapping<T>(NonNull<T>);

// SAFETY: what is mapped is made to be shared; this only owns the mapping.
unsafe impl<T> Send for Mapping<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Mapping<T> {}

impl<T> Mapping<T> {
    /// Maps a `T` at a place in the file for which there is room.
    fn new(file: &File, at: usize) -> Result<Self> {
        reserve(file, at, size_of::<T>())?;
        // SAFETY: a new mapping of a file of this program's; it disturbs nothing.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                size_of::<T>(),
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_POPULATE,
                file.as_raw_fd(),
                at as libc::off_t,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        NonNull::new(base.cast()).map(Self).ok_or(Errno(libc::ENOMEM))
    }
}

impl<T> Drop for Mapping<T> {
    fn drop(&mut self) {
        // SAFETY: mapped in `new` with this size, and nothing outlives the owner.
        unsafe { libc::munmap(self.0.as_ptr().cast(), size_of::<T>()) };
    }
}

/// Reserves the file's pages now: a store to one that could not be had later would kill the process.
fn reserve(file: &File, at: usize, bytes: usize) -> Result<()> {
    loop {
        // SAFETY: a system call on our own descriptor.
        if unsafe { libc::fallocate(file.as_raw_fd(), 0, at as libc::off_t, bytes as libc::off_t) } == 0 {
            return Ok(());
        }
        match Errno::last() {
            // tmpfs stops for a signal.
            Errno(libc::EINTR) => {}
            // A file system on which nothing can be reserved. The file is long enough all the same.
            Errno(libc::EOPNOTSUPP) => return Ok(()),
            e => return Err(e),
        }
    }
}

/// A lock on a byte of the file that belongs to the open file, not to the process: closing other descriptors of the
/// file doesn't lift it, and two of them in one process exclude each other.
fn byte_lock(file: &File, command: libc::c_int, kind: libc::c_int, from: i64, bytes: i64) -> io::Result<libc::flock> {
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
fn is_locked(file: &File, from: i64, bytes: i64) -> bool {
    // When in doubt it is: nothing is taken away from a process that may be alive.
    byte_lock(file, libc::F_OFD_GETLK, libc::F_WRLCK, from, bytes)
        .map_or(true, |lock| libc::c_int::from(lock.l_type) != libc::F_UNLCK)
}

fn others_live(file: &File) -> bool {
    is_locked(file, PROCESS_LOCKS, i64::from(PROCESSES))
}

/// The lock under which the tables change.
struct TableLock<'a>(&'a File);

impl<'a> TableLock<'a> {
    fn take(file: &'a File, patience: Duration) -> Result<Self> {
        let start = Instant::now();
        loop {
            match byte_lock(file, libc::F_OFD_SETLK, libc::F_WRLCK, TABLE_LOCK, 1) {
                Ok(_) => return Ok(Self(file)),
                Err(e) if matches!(e.raw_os_error(), Some(libc::EAGAIN | libc::EACCES | libc::EINTR)) => {
                    if start.elapsed() > patience {
                        return Err(Errno(libc::ETIMEDOUT));
                    }
                    std::thread::sleep(Duration::from_micros(50));
                }
                Err(e) => return Err(Errno(e.raw_os_error().unwrap_or(libc::EIO))),
            }
        }
    }
}

impl Drop for TableLock<'_> {
    fn drop(&mut self) {
        // Can't fail for a lock that is held; closing the file would lift it too.
        byte_lock(self.0, libc::F_OFD_SETLK, libc::F_UNLCK, TABLE_LOCK, 1).ok();
    }
}

/// Tables and rings in a file that this user's processes share.
pub struct Shared {
    file: File,
    path: PathBuf,
    process: u32,
    /// The process that joined. Its locks belong to the open file, which a forked child shares: the child is not it.
    pid: u32,
    table: Mapping<Table>,
    rings: Mutex<HashMap<usize, Mapping<Ring>>>,
    lock: Mutex<()>,
}

fn directory() -> PathBuf {
    std::env::var_os("EFVI_MOCK_DIR").map_or_else(|| PathBuf::from("/dev/shm"), PathBuf::from)
}

fn user() -> u32 {
    // SAFETY: always succeeds.
    unsafe { libc::geteuid() }
}

/// Opens the file, made if need be; refuses what is not a private file of this user's.
fn open(path: &Path) -> Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(libc::O_NOFOLLOW)
        .open(path)
        .map_err(|e| Errno(e.raw_os_error().unwrap_or(libc::EIO)))?;
    let about = metadata(&file)?;
    if !about.file_type().is_file() || about.uid() != user() || about.mode() & 0o7777 != 0o600 {
        return Err(Errno(libc::EACCES));
    }
    Ok(file)
}

fn metadata(file: &File) -> Result<Metadata> {
    file.metadata().map_err(|e| Errno(e.raw_os_error().unwrap_or(libc::EIO)))
}

/// True if another user's processes have the interface open. Their file can't be opened, but the kernel's list of
/// locks says whether anybody uses it.
fn used_by_another(directory: &Path, interface: &str) -> bool {
    let Ok(entries) = fs::read_dir(directory) else {
        return false;
    };
    let mut others = entries.flatten().filter(|entry| {
        let name = entry.file_name();
        owner_of(&name, interface).is_some_and(|uid| uid != user()) && entry.metadata().is_ok_and(|m| m.uid() != user())
    });
    others.any(|entry| {
        let Ok(about) = entry.metadata() else {
            return false;
        };
        let Ok(locks) = fs::read_to_string("/proc/locks") else {
            return true;
        };
        let device = about.dev();
        let place = format!("{:02x}:{:02x}:{}", libc::major(device), libc::minor(device), about.ino());
        locks.lines().any(|line| line.split_whitespace().any(|word| word == place))
    })
}

/// The user whose file for the interface this is.
fn owner_of(name: &OsStr, interface: &str) -> Option<u32> {
    name.to_str()?.strip_prefix("efvi-mock.")?.strip_suffix(interface)?.strip_suffix('.')?.parse().ok()
}

impl Shared {
    /// Joins the processes of this user that have the interface open.
    ///
    /// `EACCES` if another user's have it open, or if the file is not private to this user; `EPROTO` if the processes
    /// that use it are of another build; `EUSERS` if there are too many.
    pub fn join(interface: &str) -> Result<Self> {
        Self::join_in(&directory(), interface)
    }

    fn join_in(directory: &Path, interface: &str) -> Result<Self> {
        let path = directory.join(format!("efvi-mock.{}.{interface}", user()));
        // The last user may remove the file between our opening and locking it; then there is a new one to open.
        for _ in 0..100 {
            let file = open(&path)?;
            if let Some(shared) = Self::enter(file, &path)? {
                // Looked for after announcing ourselves: of two that start at once, one sees the other.
                if used_by_another(directory, interface) {
                    return Err(Errno(libc::EACCES));
                }
                return Ok(shared);
            }
        }
        Err(Errno(libc::EBUSY))
    }

    fn enter(file: File, path: &Path) -> Result<Option<Self>> {
        let lock = TableLock::take(&file, PATIENCE)?;
        if metadata(&file)?.nlink() == 0 {
            return Ok(None);
        }
        let fresh = !others_live(&file);
        if fresh {
            // What the dead left is not looked at. Reserved first: without memory there must be no file either.
            let sized = || -> Result<()> {
                for bytes in [0, FILE_BYTES as u64] {
                    file.set_len(bytes).map_err(|e| Errno(e.raw_os_error().unwrap_or(libc::EIO)))?;
                }
                reserve(&file, 0, RINGS_AT)
            };
            if let Err(e) = sized() {
                fs::remove_file(path).ok();
                return Err(e);
            }
        } else if metadata(&file)?.len() != FILE_BYTES as u64 {
            return Err(Errno(libc::EPROTO));
        }
        let header = Mapping::<Header>::new(&file, 0)?;
        // SAFETY: atomics, mapped until the end of this function.
        let header = unsafe { header.0.as_ref() };
        let words = [&header.magic, &header.version, &header.table_bytes, &header.ring_bytes, &header.counter];
        let ours = [MAGIC, VERSION, size_of::<Table>() as u32, size_of::<Ring>() as u32, clock().counter()];
        for (word, ours) in words.into_iter().zip(ours) {
            if fresh {
                word.store(ours, Relaxed);
            } else if word.load(Relaxed) != ours {
                return Err(Errno(libc::EPROTO));
            }
        }
        let table = Mapping::<Table>::new(&file, TABLE_AT)?;
        let process = (0..PROCESSES)
            .find(|&p| byte_lock(&file, libc::F_OFD_SETLK, libc::F_WRLCK, PROCESS_LOCKS + i64::from(p), 1).is_ok())
            .ok_or(Errno(libc::EUSERS))?;
        // What was a dead process's must not pass for this one's with its number.
        // SAFETY: atomics, mapped.
        unsafe { table.0.as_ref() }
            .reap(|other| other != process && is_locked(&file, PROCESS_LOCKS + i64::from(other), 1));
        drop(lock);
        let pid = std::process::id();
        let lock = Mutex::new(());
        Ok(Some(Self { file, path: path.into(), process, pid, table, rings: Mutex::default(), lock }))
    }

    /// Takes leave of the others, and removes the file if there are none.
    fn depart(&self) {
        if self.pid != std::process::id() {
            return;
        }
        let Ok(_lock) = TableLock::take(&self.file, PATIENCE) else {
            return;
        };
        // From here on this process counts as dead; of two that leave together, the second is the last.
        self.table().reap(|process| process != self.process);
        let own = PROCESS_LOCKS + i64::from(self.process);
        byte_lock(&self.file, libc::F_OFD_SETLK, libc::F_UNLCK, own, 1).ok();
        let same = || Some(fs::metadata(&self.path).ok()?.ino() == self.file.metadata().ok()?.ino());
        if !others_live(&self.file) && same() == Some(true) {
            // If it can't be removed (the directory was made read-only) the next user begins it anew.
            fs::remove_file(&self.path).ok();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.depart();
    }
}

impl Memory for Shared {
    fn table(&self) -> &Table {
        // SAFETY: atomics, of which any bits are a value, mapped as long as `self`.
        unsafe { self.table.0.as_ref() }
    }

    fn ring(&self, receiver: usize, sender: usize) -> Result<NonNull<Ring>> {
        let mut rings = self.rings.lock().map_err(|_| Errno(libc::EIO))?;
        let key = receiver * STATIONS + sender;
        if let Some(ring) = rings.get(&key) {
            return Ok(ring.0);
        }
        let ring = Mapping::new(&self.file, RINGS_AT + key * size_of::<Ring>())?;
        Ok(rings.entry(key).or_insert(ring).0)
    }

    fn locked(&self, patience: Duration, change: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        // To the kernel a forked child and its parent are the same owner of the lock.
        if self.pid != std::process::id() {
            return Err(Errno(libc::EIO));
        }
        // A panic while it was held can't have left an entry half changed: each changes by one store.
        let _threads = self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _processes = TableLock::take(&self.file, patience)?;
        change()
    }

    fn process(&self) -> u32 {
        self.process
    }

    #[cfg(not(miri))]
    fn leave(&self) {
        // A thread that is in the middle of a change goes on in it until the process has ended.
        if let Ok(_threads) = self.lock.try_lock() {
            self.depart();
        }
    }

    fn lives(&self, process: u32) -> bool {
        process == self.process || is_locked(&self.file, PROCESS_LOCKS + i64::from(process), 1)
    }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;
    use crate::filter::Filter;
    use crate::frame::Checksums;
    use crate::wire::switch::{Cable, Switch};
    use crate::wire::{Flags, Link, Outgoing, Piece, Wire};
    use std::mem::ManuallyDrop;
    use std::os::unix::fs::{PermissionsExt, chown, symlink};
    use std::sync::Arc;

    /// A directory of the test's own. The locks belong to open files, so that joining twice from one process is like
    /// joining from two.
    struct Directory(PathBuf);

    impl Directory {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("efvi-shared-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }
        fn file(&self) -> PathBuf {
            self.0.join(format!("efvi-mock.{}.t0", user()))
        }
        fn join(&self) -> Result<Shared> {
            Shared::join_in(&self.0, "t0")
        }
    }

    impl Drop for Directory {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).ok();
        }
    }

    fn port(memory: Shared) -> Cable {
        let switch = Arc::new(Switch::new(Box::new(memory)));
        Cable { near: switch.clone(), far: switch }
    }

    const MINE: Filter = Filter::EthernetLocal { mac: 0x0200_0000_0002, vlan: None };

    fn send(link: &mut dyn Link, byte: u8) {
        let frame = [&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 9, 9], [byte; 50].as_slice()].concat();
        let pieces = [Piece { base: frame.as_ptr(), length: frame.len() }];
        let flags = Flags::default();
        link.transmit(
            &Outgoing { pieces: &pieces, length: frame.len(), checksums: Checksums::default(), flags },
            false,
        );
    }

    fn receive(link: &mut dyn Link) -> Option<u8> {
        let arrival = link.arrival()?;
        // SAFETY: valid until `take`; longer than that.
        let byte = unsafe { *arrival.bytes.add(20) };
        link.take();
        Some(byte)
    }

    /// What a process that is killed leaves: its memory unmapped and its locks lifted, nothing else.
    fn kill(memory: Shared) {
        let memory = ManuallyDrop::new(memory);
        // SAFETY: each is read once, and none used again.
        unsafe {
            drop(ptr::read(&memory.table));
            drop(ptr::read(&memory.rings));
            drop(ptr::read(&memory.file));
        }
    }

    #[test]
    fn the_file_is_private_and_goes_with_its_last_user() {
        let directory = Directory::new("private");
        let first = directory.join().unwrap();
        let about = fs::metadata(directory.file()).unwrap();
        assert_eq!((about.mode() & 0o7777, about.uid()), (0o600, user()));
        let second = directory.join().unwrap();
        assert_ne!(first.process(), second.process());
        drop(first);
        assert!(directory.file().exists());
        drop(second);
        assert!(!directory.file().exists());
        assert_eq!(fs::read_dir(&directory.0).unwrap().count(), 0);
    }

    #[test]
    fn processes_exchange_frames() {
        let directory = Directory::new("exchange");
        let (a, b) = (port(directory.join().unwrap()), port(directory.join().unwrap()));
        let (mut from, mut to) = (a.attach(false).unwrap(), b.attach(false).unwrap());
        to.filter_add(MINE).unwrap();
        assert_eq!(from.filter_add(MINE), Err(Errno(libc::EEXIST)), "one port, whoever opened it");
        for byte in 0..200 {
            send(&mut *from, byte);
            assert_eq!(receive(&mut *to), Some(byte));
        }
    }

    #[test]
    fn what_the_dead_left_is_cleared_away() {
        let directory = Directory::new("dead");
        let survivor = port(directory.join().unwrap());
        let mut link = survivor.attach(false).unwrap();
        for round in 0..200 {
            let memory = directory.join().unwrap();
            memory.table().stations[5].process.store(memory.process(), Relaxed);
            let generation = memory.table().stations[5].state.open();
            memory.table().filters[7].write(MINE, 5, generation);
            kill(memory);
            // The dead one's filter is in nobody's way, and its places are used again.
            let id = link.filter_add(MINE).unwrap_or_else(|e| panic!("round {round}: {e:?}"));
            send(&mut *link, 3);
            assert_eq!(receive(&mut *link), Some(3));
            link.filter_remove(id).unwrap();
        }
    }

    #[test]
    fn a_number_is_not_handed_on_with_its_last_owners_stations() {
        let directory = Directory::new("number");
        let _keeps_the_file = directory.join().unwrap();
        let memory = directory.join().unwrap();
        let number = memory.process();
        memory.table().stations[0].process.store(number, Relaxed);
        memory.table().stations[0].state.open();
        kill(memory);
        let next = directory.join().unwrap();
        assert_eq!(next.process(), number);
        assert_eq!(next.table().stations[0].state.in_use(), None);
    }

    #[test]
    fn a_file_without_live_users_is_begun_anew() {
        let directory = Directory::new("anew");
        let memory = directory.join().unwrap();
        let generation = memory.table().stations[0].state.open();
        memory.table().filters[0].write(MINE, 0, generation);
        memory.table().edition.store(77, Relaxed);
        kill(memory);
        assert!(directory.file().exists());
        let memory = directory.join().unwrap();
        assert_eq!(memory.table().edition.load(Relaxed), 0);
        assert!(memory.table().filter(&memory.table().filters[0]).is_none());
        drop(memory);
        // Garbage of any size, too.
        for garbage in [vec![], vec![0xff; 100], vec![0xff; 1 << 20]] {
            fs::write(directory.file(), garbage).unwrap();
            fs::set_permissions(directory.file(), PermissionsExt::from_mode(0o600)).unwrap();
            drop(port(directory.join().unwrap()).attach(false).unwrap());
            assert!(!directory.file().exists());
        }
    }

    #[test]
    fn files_that_are_not_ours_are_refused() {
        let directory = Directory::new("refused");
        let path = directory.file();
        let refused = |what: &str| {
            let errno = directory.join().err().unwrap_or_else(|| panic!("{what}: taken")).0;
            assert!([libc::EACCES, libc::ELOOP, libc::EISDIR].contains(&errno), "{what}: {errno}");
            if path.is_dir() { fs::remove_dir(&path).unwrap() } else { fs::remove_file(&path).unwrap() }
        };
        fs::write(&path, "x").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
        refused("others may read it");
        symlink("/dev/null", &path).unwrap();
        refused("a link");
        fs::create_dir(&path).unwrap();
        refused("a directory");
        if user() == 0 {
            fs::write(&path, "x").unwrap();
            fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            chown(&path, Some(65534), None).unwrap();
            refused("another user's, which root could open");
        } else {
            eprintln!("skipped: another user's file; only root can make one");
        }
    }

    #[test]
    fn another_build_is_refused_while_it_lives() {
        let directory = Directory::new("build");
        let memory = directory.join().unwrap();
        let header = Mapping::<Header>::new(&memory.file, 0).unwrap();
        // SAFETY: atomics, mapped.
        unsafe { header.0.as_ref() }.version.store(VERSION + 1, Relaxed);
        assert_eq!(directory.join().err(), Some(Errno(libc::EPROTO)));
        memory.file.set_len(5 << 20).unwrap();
        assert_eq!(directory.join().err(), Some(Errno(libc::EPROTO)));
        drop(header);
        kill(memory);
        assert!(directory.join().is_ok());
    }

    #[test]
    fn an_interface_in_use_by_another_user_is_refused() {
        if user() != 0 {
            eprintln!("skipped: only root can act for two users");
            return;
        }
        let directory = Directory::new("users");
        let path = directory.0.join("efvi-mock.65534.t0");
        fs::write(&path, "x").unwrap();
        chown(&path, Some(65534), None).unwrap();
        assert!(directory.join().is_ok(), "theirs, but nobody uses it");
        let file = OpenOptions::new().read(true).write(true).open(&path).unwrap();
        byte_lock(&file, libc::F_OFD_SETLK, libc::F_WRLCK, PROCESS_LOCKS, 1).unwrap();
        assert_eq!(directory.join().err(), Some(Errno(libc::EACCES)));
        assert!(!directory.file().exists(), "nothing is left of the attempt");
        drop(file);
        assert!(directory.join().is_ok());
        assert!(Shared::join_in(&directory.0, "other").is_ok(), "another interface");
    }

    #[test]
    fn a_stopped_process_does_not_stop_the_others() {
        let directory = Directory::new("stopped");
        let memory = directory.join().unwrap();
        let other = directory.join().unwrap();
        let _stopped = TableLock::take(&other.file, PATIENCE).unwrap();
        let patience = Duration::from_millis(20);
        assert_eq!(memory.locked(patience, &mut || Ok(())), Err(Errno(libc::ETIMEDOUT)));
    }

    #[test]
    fn a_missing_directory_is_an_error() {
        let directory = Directory::new("missing");
        assert_eq!(Shared::join_in(&directory.0.join("missing"), "t0").err(), Some(Errno(libc::ENOENT)));
    }

    #[test]
    fn a_vi_dropped_while_a_process_is_stopped_takes_its_filters_with_it() {
        let directory = Directory::new("dropped");
        let (cable, other) = (port(directory.join().unwrap()), directory.join().unwrap());
        let mut link = cable.attach(false).unwrap();
        link.filter_add(MINE).unwrap();
        let stopped = TableLock::take(&other.file, PATIENCE).unwrap();
        drop(link);
        drop(stopped);
        cable.attach(false).unwrap().filter_add(MINE).unwrap();
    }

    #[test]
    fn a_send_does_not_wait_for_a_stopped_process() {
        let directory = Directory::new("send");
        let (cable, other) = (port(directory.join().unwrap()), directory.join().unwrap());
        let (mut from, mut to) = (cable.attach(false).unwrap(), cable.attach(false).unwrap());
        to.filter_add(MINE).unwrap();
        let stopped = TableLock::take(&other.file, PATIENCE).unwrap();
        for byte in 0..5 {
            send(&mut *from, byte);
        }
        assert_eq!(to.overruns().read(), 5, "lost, and counted");
        drop(stopped);
        let start = Instant::now();
        while receive(&mut *to).is_none() {
            assert!(start.elapsed() < Duration::from_secs(20), "no ring was made once it went on");
            send(&mut *from, 9);
        }
    }

    #[test]
    fn two_that_leave_together_leave_nothing() {
        let directory = Directory::new("together");
        for round in 0..200 {
            let (a, b) = (directory.join().unwrap(), directory.join().unwrap());
            let barrier = std::sync::Barrier::new(2);
            std::thread::scope(|scope| {
                for memory in [a, b] {
                    scope.spawn(|| {
                        barrier.wait();
                        drop(memory);
                    });
                }
            });
            assert!(!directory.file().exists(), "round {round}");
        }
        // At exit: one is told after the other, and then both end.
        let (a, b) = (directory.join().unwrap(), directory.join().unwrap());
        a.leave();
        b.leave();
        assert!(!directory.file().exists());
        kill(a);
        kill(b);
    }

    #[test]
    fn a_forked_child_leaves_its_parents_wire_alone() {
        let directory = Directory::new("fork");
        let mut memory = directory.join().unwrap();
        // What a child sees: the same open file, another process.
        memory.pid += 1;
        memory.leave();
        assert!(directory.file().exists());
        assert_eq!(memory.locked(PATIENCE, &mut || Ok(())), Err(Errno(libc::EIO)));
        memory.pid -= 1;
        assert_eq!(memory.locked(PATIENCE, &mut || Ok(())), Ok(()));
    }

    #[test]
    fn a_full_file_system_loses_frames_that_are_counted() {
        let directory = Directory::new("full");
        let target = std::ffi::CString::new(directory.0.to_str().unwrap()).unwrap();
        // SAFETY: valid strings.
        let rc = unsafe {
            libc::mount(c"efvi".as_ptr(), target.as_ptr(), c"tmpfs".as_ptr(), 0, c"size=300k".as_ptr().cast())
        };
        if rc != 0 {
            eprintln!("skipped: a small file system can't be mounted: {}", io::Error::last_os_error());
            return;
        }
        let cable = port(directory.join().unwrap());
        let (mut from, mut to) = (cable.attach(false).unwrap(), cable.attach(false).unwrap());
        to.filter_add(MINE).unwrap();
        for byte in 0..100 {
            send(&mut *from, byte);
        }
        assert_eq!(to.overruns().read(), 100);
        assert_eq!(receive(&mut *to), None);
        drop((from, to, cable));
        // SAFETY: a valid string; mounted above.
        unsafe { libc::umount2(target.as_ptr(), libc::MNT_DETACH) };
    }
}
