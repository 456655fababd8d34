//! Interrupts: what makes a driver handle readable.
//!
//! A driver handle is an epoll set, which is itself readable while anything in it is. Each VI that is primed on the
//! handle has an interrupt in the set: a descriptor that is readable from when the interrupt is raised until it is
//! cleared. An eventfd serves within a process; between processes it is a FIFO, which others open by its name.

use crate::errno::{Errno, Result};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// A VI's interrupt.
pub(crate) struct Interrupt {
    raised: File,
    /// Where other descriptors raise it, too, once it is armed: a set of them all.
    others: Option<(OwnedFd, Mutex<Vec<RawFd>>)>,
}

impl Interrupt {
    /// One for this process.
    pub(crate) fn local() -> Result<Self> {
        // SAFETY: a system call that makes a new descriptor.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        // SAFETY: new, and nobody else's.
        if fd < 0 { Err(Errno::last()) } else { Ok(Self::of(unsafe { OwnedFd::from_raw_fd(fd) }.into())) }
    }

    fn of(raised: File) -> Self {
        Self { raised, others: None }
    }

    /// One for this process that sockets raise, too, while it is [armed](Interrupt::arm).
    pub(crate) fn with_others() -> Result<Self> {
        let local = Self::local()?;
        // SAFETY: a system call that makes a new descriptor.
        let set = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if set < 0 {
            return Err(Errno::last());
        }
        // SAFETY: new, and nobody else's.
        let set = unsafe { OwnedFd::from_raw_fd(set) };
        control(&set, libc::EPOLL_CTL_ADD, local.raised.as_raw_fd(), libc::EPOLLIN)?;
        Ok(Self { others: Some((set, Mutex::default())), ..local })
    }

    /// Has the interrupt raised while this descriptor, too, is readable and it is armed.
    pub(crate) fn watch(&self, fd: RawFd) -> Result<()> {
        let Some((set, others)) = &self.others else { return Ok(()) };
        control(set, libc::EPOLL_CTL_ADD, fd, 0)?;
        others.lock().unwrap_or_else(PoisonError::into_inner).push(fd);
        Ok(())
    }

    /// This descriptor, which is about to be closed, does not raise it any more.
    pub(crate) fn forget(&self, fd: RawFd) {
        let Some((set, others)) = &self.others else { return };
        others.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| *other != fd);
        control(set, libc::EPOLL_CTL_DEL, fd, 0).ok();
    }

    /// Nothing else raises it any more. What has an error would do that whether it is armed or not.
    pub(crate) fn forget_others(&self) {
        let Some((set, others)) = &self.others else { return };
        for fd in others.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            control(set, libc::EPOLL_CTL_DEL, fd, 0).ok();
        }
    }

    /// From here on until it is cleared what arrives raises it.
    pub(crate) fn arm(&self) {
        self.listen(libc::EPOLLIN);
    }

    fn listen(&self, events: i32) {
        let Some((set, others)) = &self.others else { return };
        for fd in others.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            control(set, libc::EPOLL_CTL_MOD, *fd, events).ok();
        }
    }

    /// One that this user's other processes can raise, too, under this name. What a dead process left there goes.
    pub(crate) fn named(path: &Path) -> Result<Self> {
        let name = std::ffi::CString::new(path.as_os_str().as_bytes()).map_err(|_| Errno(libc::EINVAL))?;
        std::fs::remove_file(path).ok();
        // SAFETY: a valid string.
        if unsafe { libc::mkfifo(name.as_ptr(), 0o600) } != 0 {
            return Err(Errno::last());
        }
        open(path).map(Self::of)
    }

    /// Raises it.
    pub(crate) fn raise(&self) {
        // Full means raised.
        (&self.raised).write_all(&1_u64.to_ne_bytes()).ok();
    }

    /// Clears it.
    pub(crate) fn clear(&self) {
        self.listen(0);
        let mut scratch = [0; 512];
        // An eventfd is empty after one read; a FIFO when there is less than was asked for.
        while matches!((&self.raised).read(&mut scratch), Ok(n) if n == scratch.len()) {}
    }

    /// What is readable while it is raised.
    pub(crate) fn fd(&self) -> RawFd {
        self.others.as_ref().map_or_else(|| self.raised.as_raw_fd(), |(set, _)| set.as_raw_fd())
    }
}

/// Changes what a set of descriptors waits for.
fn control(set: &OwnedFd, operation: i32, fd: RawFd, events: i32) -> Result<()> {
    let mut wanted = libc::epoll_event { events: events as u32, u64: 0 };
    // SAFETY: a system call with a structure that it only reads.
    let rc = unsafe { libc::epoll_ctl(set.as_raw_fd(), operation, fd, &mut wanted) };
    if rc < 0 { Err(Errno::last()) } else { Ok(()) }
}

/// Opens a FIFO, if that is what it is and it is this user's. Both ends are opened: one that has a writer never reads as
/// closed, and to write to one that has a reader, if only oneself, raises no SIGPIPE.
fn open(path: &Path) -> Result<File> {
    let flags = libc::O_NONBLOCK | libc::O_NOFOLLOW | libc::O_CLOEXEC;
    let error = |e: std::io::Error| Errno(e.raw_os_error().unwrap_or(libc::EIO));
    let file = OpenOptions::new().read(true).write(true).custom_flags(flags).open(path).map_err(error)?;
    let about = file.metadata().map_err(error)?;
    // SAFETY: always succeeds.
    if about.file_type().is_fifo() && about.uid() == unsafe { libc::geteuid() } {
        Ok(file)
    } else {
        Err(Errno(libc::EACCES))
    }
}

/// Raises the interrupt of that name. If its owner has gone there is nobody to wake.
pub(crate) fn raise_named(path: &Path) {
    if let Ok(file) = open(path) {
        Interrupt::of(file).raise();
    }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    fn readable(fd: RawFd) -> bool {
        let mut poll = libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure, which may be written to.
        unsafe { libc::poll(&mut poll, 1, 0) > 0 }
    }

    #[test]
    fn is_readable_from_raise_to_clear() {
        let interrupt = Interrupt::local().unwrap();
        for _ in 0..3 {
            assert!(!readable(interrupt.fd()));
            interrupt.raise();
            interrupt.raise();
            assert!(readable(interrupt.fd()));
            interrupt.clear();
        }
    }

    #[test]
    fn is_raised_by_its_name() {
        let path = std::env::temp_dir().join(format!("interrupt-test.{}", std::process::id()));
        raise_named(&path);
        std::fs::write(&path, "left by the dead").unwrap();
        raise_named(&path);
        assert_eq!(std::fs::read(&path).unwrap(), b"left by the dead", "only a FIFO is written to");
        let interrupt = Interrupt::named(&path).unwrap();
        for _ in 0..3 {
            assert!(!readable(interrupt.fd()));
            // More often than a FIFO has room for.
            (0..10_000).for_each(|_| raise_named(&path));
            assert!(readable(interrupt.fd()));
            interrupt.clear();
        }
        std::fs::remove_file(&path).unwrap();
        raise_named(&path);
        assert!(!readable(interrupt.fd()));
    }
}
