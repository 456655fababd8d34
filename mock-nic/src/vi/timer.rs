//! The event queue's timer. When it runs out it wakes whoever blocks on the driver handle; it raises no event that a
//! poll gives: the adapter sends its timeout events to its driver.

use super::adapter;
use super::queue::Queue;
use super::wakeup::users;
use crate::abi::*;
use crate::errno::{Errno, Result};
use crate::wire::primed::Barrier;
use core::ffi::c_uint;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// What the timer counts in, in nanoseconds.
pub(super) const QUANTUM_NS: c_uint = 1536;

/// The most that it counts to: 14 bits.
const LONGEST: u64 = (1 << 14) - 1;

/// An event queue's timer.
pub(super) struct Timer {
    fd: OwnedFd,
    /// For how long it runs, in nanoseconds.
    duration: u64,
}

impl Timer {
    pub(super) fn new() -> Result<Self> {
        let flags = libc::TFD_CLOEXEC | libc::TFD_NONBLOCK;
        // SAFETY: a system call that makes a new descriptor.
        let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, flags) };
        if fd < 0 {
            return Err(Errno::last());
        }
        // SAFETY: new, and nobody else's.
        Ok(Self { fd: unsafe { OwnedFd::from_raw_fd(fd) }, duration: 0 })
    }

    /// What is readable once it has run out, until it is set again or [`Timer::acknowledge`].
    pub(super) fn fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }

    /// Not run out any more, if it had.
    fn acknowledge(&self) {
        let mut times = [0_u8; 8];
        // SAFETY: a system call on our own descriptor, with room for what it gives. None is as good as some.
        unsafe { libc::read(self.fd(), times.as_mut_ptr().cast(), times.len()) };
    }

    /// Has it run out after so many nanoseconds; 0 stops it.
    fn set(&mut self, after: u64) {
        let value = libc::timespec { tv_sec: (after / 1_000_000_000) as i64, tv_nsec: (after % 1_000_000_000) as i64 };
        let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let setting = libc::itimerspec { it_interval: zero, it_value: value };
        // SAFETY: a system call on our own descriptor, with a structure that it only reads.
        unsafe { libc::timerfd_settime(self.fd(), 0, &setting, core::ptr::null_mut()) };
    }
}

impl Queue {
    /// Starts the timer. On virtual time it is readable at once, since whoever blocks on it waits by the machine's; that
    /// its time has passed is seen to when the application polls.
    pub(super) fn start_timer(&mut self) {
        let Some(timer) = &mut self.timer else { return };
        match &mut self.later {
            Some(later) => {
                later.set_timer(Some(timer.duration));
                timer.set(1);
            }
            None => timer.set(timer.duration),
        }
    }

    /// A prime: that the timer has run out is forgotten.
    pub(super) fn acknowledge_timer(&mut self) {
        let Some(timer) = &mut self.timer else { return };
        timer.acknowledge();
        if self.later.as_ref().is_some_and(|later| later.has_timer()) {
            timer.set(1);
        }
    }

    fn stop_timer(&mut self) {
        self.set_timer(false);
        if let Some(timer) = &mut self.timer {
            timer.set(0);
        }
        if let Some(later) = &mut self.later {
            later.set_timer(None);
        }
    }
}

/// The time for so many microseconds: whole quanta, rounded up, as many as the register holds.
fn duration(microseconds: c_uint) -> u64 {
    (u64::from(microseconds) * 1000).div_ceil(QUANTUM_NS.into()).clamp(1, LONGEST) * u64::from(QUANTUM_NS)
}

/// Stops the timer of a VI's event queue, which is given to `then` with it. None where it was not allocated with one.
unsafe fn stop(vi: *mut ef_vi, then: impl FnOnce(&mut Queue)) {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        let queue = &mut *(*adapter(vi)).queue;
        if queue.timer.is_some() {
            queue.stop_timer();
            then(queue);
        }
    }
}

/// Has the next event start the timer.
unsafe fn hold(vi: *mut ef_vi, duration: u64) {
    // SAFETY: as in `stop`.
    unsafe {
        stop(vi, |queue| {
            if let Some(timer) = &mut queue.timer {
                timer.duration = duration;
            }
            queue.set_timer(true);
            // An event that comes while the application sleeps is raised when it polls; only a sender can tell it.
            // It wakes the application itself then, rather than by the timer: early, by the time that was asked for.
            if queue.was_primed() {
                users(vi).for_each(|user| user.link.prime());
                Barrier::of_process().receiver();
            }
        });
        let waiting = users(vi).any(|user| user.link.arrival().is_some());
        if waiting {
            (*(*adapter(vi)).queue).start_timer();
        }
    }
}

/// `ef_eventq_timer_prime`: the next event starts it.
pub(crate) unsafe extern "C" fn prime(vi: *mut ef_vi, microseconds: c_uint) {
    // SAFETY: this call's contract.
    unsafe { hold(vi, duration(microseconds)) };
}

/// `ef_eventq_timer_run`: it starts now.
pub(crate) unsafe extern "C" fn run(vi: *mut ef_vi, microseconds: c_uint) {
    // SAFETY: this call's contract.
    unsafe {
        stop(vi, |queue| {
            if let Some(timer) = &mut queue.timer {
                timer.duration = duration(microseconds);
            }
            queue.start_timer();
        })
    };
}

/// `ef_eventq_timer_clear`: it is stopped.
pub(crate) unsafe extern "C" fn clear(vi: *mut ef_vi) {
    // SAFETY: this call's contract.
    unsafe { stop(vi, |_| {}) };
}

/// `ef_eventq_timer_zero`: the next event starts it, and it runs out with the next tick.
pub(crate) unsafe extern "C" fn zero(vi: *mut ef_vi) {
    // SAFETY: this call's contract.
    unsafe { hold(vi, QUANTUM_NS.into()) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_quanta_rounded_up() {
        assert_eq!(duration(1), 1536);
        assert_eq!(duration(2), 3072);
        assert_eq!(duration(192), 192_000);
        assert_eq!(duration(c_uint::MAX), LONGEST * 1536);
    }
}
