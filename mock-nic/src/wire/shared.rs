//! A switch's memory shared between a user's processes, in a file.
//!
//! The file is `efvi-mock.UID.INTERFACE` in `/dev/shm`, or in the directory that `EFVI_MOCK_DIR` names. Nobody else may
//! read it, and what can't be the work of this program is refused. A process announces itself by a lock on a byte of
//! the file, which the kernel lifts however the process ends: so the living are known for certain, a file without any
//! is begun anew, and the last one to leave removes it.

mod locks;
mod users;

use super::ring::{Geometry, Place, Ring};
use super::switch::{Memory, PATIENCE};
use super::table::{STATIONS, Table};
use crate::clock::clock;
use crate::errno::{Errno, Result};
use crate::interrupt::{Interrupt, raise_named};
use crate::log::log;
use crate::time::Costs;
use core::fmt;
use core::mem::size_of;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicU32, Ordering::*};
use locks::{HOLDER_AT, PROCESS_LOCKS, PROCESSES, TableLock, byte_lock, is_locked, others_live};
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, Metadata, OpenOptions};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use users::Claim;

/// Changes with the layout of the file: processes of different builds must not share one.
const VERSION: u32 = 6;
const MAGIC: u32 = u32::from_be_bytes(*b"efvi");

const TABLE_AT: usize = 4096;
const RINGS_AT: usize = TABLE_AT + size_of::<Table>();

/// Senders that a station may have: at the other end of the cable, and at its own.
const SENDERS: usize = 2 * STATIONS;

fn file_bytes(geometry: Geometry) -> usize {
    RINGS_AT + STATIONS * SENDERS * geometry.ring_bytes()
}

/// The file's first page. At [`HOLDER_AT`] in it stands who has the lock.
#[repr(C, align(4096))]
struct Header {
    magic: AtomicU32,
    version: AtomicU32,
    table_bytes: AtomicU32,
    ring_bytes: AtomicU32,
    /// What the ticks of timestamps are.
    counter: AtomicU32,
    /// On virtual time, a print of what things cost.
    costs: AtomicU32,
}

const _: () = assert!(core::mem::offset_of!(Header, costs) + size_of::<u32>() <= HOLDER_AT as usize);

/// A piece of the file in memory, which begins with a `T`.
struct Mapping<T> {
    base: NonNull<T>,
    bytes: usize,
}

// SAFETY: what is mapped is made to be shared; this only owns the mapping.
unsafe impl<T> Send for Mapping<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Mapping<T> {}

impl<T> Mapping<T> {
    /// Maps a piece of the file for which there is room, and in which a `T` has.
    fn new(file: &File, at: usize, bytes: usize) -> Result<Self> {
        reserve(file, at, bytes)?;
        // SAFETY: a new mapping of a file of this program's; it disturbs nothing.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_POPULATE,
                file.as_raw_fd(),
                at as libc::off_t,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        let base = NonNull::new(base.cast()).ok_or(Errno(libc::ENOMEM))?;
        Ok(Self { base, bytes })
    }
}

impl<T> Drop for Mapping<T> {
    fn drop(&mut self) {
        // SAFETY: mapped in `new` with this size, and nothing outlives the owner.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.bytes) };
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

/// Tables and rings in a file that this user's processes share.
pub struct Shared {
    file: File,
    path: PathBuf,
    process: u32,
    /// The process that joined. Its locks belong to the open file, which a forked child shares: the child is not it.
    pid: u32,
    table: Mapping<Table>,
    rings: Mutex<HashMap<usize, Mapping<Ring>>>,
    geometry: Geometry,
    /// The stations of this process that have an interrupt.
    interrupts: Mutex<HashSet<usize>>,
    lock: Mutex<()>,
}

/// The ticks of virtual time, as `Clock::counter` numbers what ticks are of.
const VIRTUAL: u32 = 3;

/// Tells costs from others: FNV-1a over their words.
fn print(costs: &Costs) -> u32 {
    costs
        .words()
        .flat_map(u64::to_le_bytes)
        .fold(0x811c_9dc5, |print, byte| (print ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn directory() -> PathBuf {
    std::env::var_os("EFVI_MOCK_DIR").map_or_else(|| PathBuf::from("/dev/shm"), PathBuf::from)
}

/// Says, where that is asked for, why an interface can't be had or changed.
fn say(path: &Path, text: fmt::Arguments<'_>) {
    if let Ok(log) = log()
        && let Some(sink) = &log.wire
    {
        sink.line(format_args!("{}: {text}", path.display()));
    }
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

/// The FIFO that raises a station's interrupt: beside the file.
fn interrupt_path(path: &Path, station: usize) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(format!(".interrupt{station}"));
    name.into()
}

/// Removes what those left who were killed.
fn remove_interrupts(path: &Path) {
    for station in 0..STATIONS {
        fs::remove_file(interrupt_path(path, station)).ok();
    }
}

impl Shared {
    /// Joins the processes of this user that have the interface open.
    ///
    /// `frame` is the longest frame on the wire. `costs` are those of virtual time, on which all must be who share the
    /// interface.
    ///
    /// `EACCES` if another user's have it open, or if the file is not private to this user; `EPROTO` if the processes
    /// that use it are of another build, have another MTU, or keep another time; `EUSERS` if there are too many;
    /// `ETIMEDOUT` if a process that is stopped is in the way.
    pub fn join(interface: &str, frame: usize, costs: Option<&Costs>) -> Result<Self> {
        Self::join_in(&directory(), interface, frame, costs, PATIENCE)
    }

    fn join_in(
        directory: &Path,
        interface: &str,
        frame: usize,
        costs: Option<&Costs>,
        patience: Duration,
    ) -> Result<Self> {
        let geometry = Geometry::of(frame);
        let path = directory.join(format!("efvi-mock.{}.{interface}", user()));
        let start = Instant::now();
        loop {
            let file = open(&path)?;
            // None: the last user removed the file between our opening and locking it, and there is a new one to open.
            if let Some(shared) = Self::enter(file, &path, geometry, costs, patience)? {
                // Only now that this process has announced itself.
                if users::claim(&shared.file, &path, interface, patience)? == Claim::Ours {
                    return Ok(shared);
                }
                drop(shared);
                std::thread::sleep(Duration::from_millis(1));
            }
            if start.elapsed() > patience {
                say(&path, format_args!("others have been opening it for {patience:?}: is one of them stopped?"));
                return Err(Errno(libc::ETIMEDOUT));
            }
        }
    }

    fn enter(
        file: File,
        path: &Path,
        geometry: Geometry,
        costs: Option<&Costs>,
        patience: Duration,
    ) -> Result<Option<Self>> {
        let lock = TableLock::take(&file, path, patience)?;
        if metadata(&file)?.nlink() == 0 {
            return Ok(None);
        }
        let fresh = !others_live(&file);
        if fresh {
            remove_interrupts(path);
            // What the dead left is not looked at. Reserved first: without memory there must be no file either.
            let sized = || -> Result<()> {
                for bytes in [0, file_bytes(geometry) as u64] {
                    file.set_len(bytes).map_err(|e| Errno(e.raw_os_error().unwrap_or(libc::EIO)))?;
                }
                reserve(&file, 0, RINGS_AT)
            };
            if let Err(e) = sized() {
                fs::remove_file(path).ok();
                return Err(e);
            }
            lock.sign();
        } else if metadata(&file)?.len() != file_bytes(geometry) as u64 {
            return Err(Errno(libc::EPROTO));
        }
        let header = Mapping::<Header>::new(&file, 0, size_of::<Header>())?;
        // SAFETY: atomics, mapped until the end of this function.
        let header = unsafe { header.base.as_ref() };
        let words = [&header.magic, &header.version, &header.table_bytes, &header.ring_bytes];
        let ours = [MAGIC, VERSION, size_of::<Table>() as u32, geometry.ring_bytes() as u32];
        let (counter, print) = costs.map_or_else(|| (clock().counter(), 0), |costs| (VIRTUAL, print(costs)));
        let times = [(&header.counter, counter), (&header.costs, print)];
        for (word, ours) in words.into_iter().zip(ours).chain(times) {
            if fresh {
                word.store(ours, Relaxed);
            } else if word.load(Relaxed) != ours {
                if times.iter().any(|(time, _)| ptr::eq(*time, word)) {
                    eprintln!(
                        "mock-nic: {}: the processes that have the interface open keep another time: \
                         EFVI_MOCK_CLOCK and EFVI_MOCK_COSTS must be the same for all",
                        path.display()
                    );
                }
                return Err(Errno(libc::EPROTO));
            }
        }
        let table = Mapping::<Table>::new(&file, TABLE_AT, size_of::<Table>())?;
        let process = (0..PROCESSES)
            .find(|&p| byte_lock(&file, libc::F_OFD_SETLK, libc::F_WRLCK, PROCESS_LOCKS + i64::from(p), 1).is_ok())
            .ok_or(Errno(libc::EUSERS))?;
        // What was a dead process's must not pass for this one's with its number.
        // SAFETY: atomics, mapped.
        unsafe { table.base.as_ref() }
            .reap(|other| other != process && is_locked(&file, PROCESS_LOCKS + i64::from(other), 1));
        drop(lock);
        let pid = std::process::id();
        let lock = Mutex::new(());
        let path = path.to_owned();
        let (rings, interrupts) = (Mutex::default(), Mutex::default());
        Ok(Some(Self { file, path, process, pid, table, rings, geometry, interrupts, lock }))
    }

    /// Takes leave of the others, and removes the file if there are none.
    fn depart(&self) {
        if self.pid != std::process::id() {
            return;
        }
        let Ok(_lock) = TableLock::take(&self.file, &self.path, PATIENCE) else {
            return;
        };
        // While their stations are still this process's: another may have a FIFO of that name soon after.
        for station in self.interrupts.lock().unwrap_or_else(PoisonError::into_inner).drain() {
            fs::remove_file(interrupt_path(&self.path, station)).ok();
        }
        // From here on this process counts as dead; of two that leave together, the second is the last.
        self.table().reap(|process| process != self.process);
        let own = PROCESS_LOCKS + i64::from(self.process);
        byte_lock(&self.file, libc::F_OFD_SETLK, libc::F_UNLCK, own, 1).ok();
        let same = || Some(fs::metadata(&self.path).ok()?.ino() == self.file.metadata().ok()?.ino());
        if !others_live(&self.file) && same() == Some(true) {
            // If it can't be removed (the directory was made read-only) the next user begins it anew.
            remove_interrupts(&self.path);
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
        unsafe { self.table.base.as_ref() }
    }

    fn ring(&self, receiver: usize, sender: usize) -> Result<Place> {
        let mut rings = self.rings.lock().map_err(|_| Errno(libc::EIO))?;
        let (key, geometry) = (receiver * SENDERS + sender, self.geometry);
        if let Some(ring) = rings.get(&key) {
            return Ok(Place { ring: ring.base, geometry });
        }
        let bytes = geometry.ring_bytes();
        let ring = Mapping::new(&self.file, RINGS_AT + key * bytes, bytes)?;
        Ok(Place { ring: rings.entry(key).or_insert(ring).base, geometry })
    }

    fn locked(&self, patience: Duration, change: &mut dyn FnMut() -> Result<()>) -> Result<()> {
        // To the kernel a forked child and its parent are the same owner of the lock.
        if self.pid != std::process::id() {
            return Err(Errno(libc::EIO));
        }
        // A panic while it was held can't have left an entry half changed: each changes by one store.
        let _threads = self.lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _processes = TableLock::take(&self.file, &self.path, patience)?;
        change()
    }

    fn interrupt(&self, station: usize) -> Result<Arc<Interrupt>> {
        let interrupt = Interrupt::named(&interrupt_path(&self.path, station))?;
        self.interrupts.lock().unwrap_or_else(PoisonError::into_inner).insert(station);
        Ok(Arc::new(interrupt))
    }

    fn raise(&self, station: usize) {
        raise_named(&interrupt_path(&self.path, station));
    }

    fn withdraw(&self, station: usize) {
        // A forked child's copy of the station is not the station.
        if self.pid == std::process::id()
            && self.interrupts.lock().unwrap_or_else(PoisonError::into_inner).remove(&station)
        {
            fs::remove_file(interrupt_path(&self.path, station)).ok();
        }
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
mod tests;
