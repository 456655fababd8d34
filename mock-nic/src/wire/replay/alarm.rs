//! A timer that a VI sleeps on.

use crate::errno::{Errno, Result};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// Readable once its time has come.
pub(super) struct Alarm(OwnedFd);

impl Alarm {
    pub(super) fn new() -> Result<Self> {
        // SAFETY: a system call that makes a new descriptor.
        let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_CLOEXEC | libc::TFD_NONBLOCK) };
        // SAFETY: new, and nobody else's.
        if fd < 0 { Err(Errno::last()) } else { Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) })) }
    }

    pub(super) fn fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// Sets it; without a time it never comes.
    pub(super) fn set(&self, after: Option<Duration>) {
        let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // A time of 0 would stop it.
        let value = after.map_or(zero, |after| libc::timespec {
            tv_sec: after.as_secs() as libc::time_t,
            tv_nsec: libc::c_long::from(after.subsec_nanos().max(u32::from(after.as_secs() == 0)) as i32),
        });
        let setting = libc::itimerspec { it_interval: zero, it_value: value };
        // SAFETY: a system call on our own descriptor, with a structure that it only reads.
        unsafe { libc::timerfd_settime(self.fd(), 0, &setting, core::ptr::null_mut()) };
    }
}
