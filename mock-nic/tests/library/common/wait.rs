//! Blocking: priming, waiting, timers, software events.

use super::{Driver, Vi};
use efvi_sys::*;
use std::ffi::{c_int, c_uint};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::ptr;

/// True if the driver handle is readable within so many milliseconds; -1 waits for ever.
pub fn readable(driver: &Driver, milliseconds: c_int) -> bool {
    let mut poll = libc::pollfd { fd: driver.0, events: libc::POLLIN, revents: 0 };
    // SAFETY: one structure, which may be written to.
    let count = unsafe { libc::poll(&mut poll, 1, milliseconds) };
    assert!(count >= 0 && (count == 0 || poll.revents == libc::POLLIN), "{count} {}", poll.revents);
    count > 0
}

/// An epoll set with a driver handle in it.
pub struct Epoll(OwnedFd);

impl Epoll {
    pub fn of(driver: &Driver) -> Self {
        // SAFETY: a system call that makes a new descriptor, and nobody else's.
        let set = unsafe { OwnedFd::from_raw_fd(libc::epoll_create1(libc::EPOLL_CLOEXEC)) };
        let mut wanted = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 0 };
        // SAFETY: a structure that is only read.
        let rc = unsafe { libc::epoll_ctl(set.as_raw_fd(), libc::EPOLL_CTL_ADD, driver.0, &mut wanted) };
        assert_eq!(rc, 0);
        Self(set)
    }

    /// How many are ready within so many milliseconds; -1 waits for ever.
    pub fn ready(&mut self, milliseconds: c_int) -> c_int {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        // SAFETY: room for one event.
        unsafe { libc::epoll_wait(self.0.as_raw_fd(), &mut event, 1, milliseconds) }
    }
}

// SAFETY of all calls below: a VI that was allocated, by the thread that allocated it, since `Vi` is not `Send`.
impl Vi {
    /// The read position of the event queue.
    pub fn current(&self) -> c_uint {
        // SAFETY: see above.
        unsafe { ef_eventq_current(self.raw) }
    }

    /// Primes the VI from where it was last polled.
    pub fn prime(&self) -> c_int {
        self.prime_from(&self.domain.driver, self.current())
    }

    /// Primes the VI on a handle, from a position.
    pub fn prime_from(&self, driver: &Driver, current: c_uint) -> c_int {
        // SAFETY: see above.
        unsafe { ef_vi_prime(self.raw, driver.0, current) }
    }

    /// Primes the event queue without a call to the driver.
    pub fn eventq_prime(&self) {
        // SAFETY: see above.
        unsafe { ef_eventq_prime(self.raw) }
    }

    /// Waits for an event for so many microseconds; 0 is for ever, as is none.
    pub fn wait(&self, microseconds: Option<i64>) -> c_int {
        let time = microseconds.map(|us| libc::timeval { tv_sec: us / 1_000_000, tv_usec: us % 1_000_000 });
        let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: see above; null or a time.
        unsafe { ef_eventq_wait(self.raw, self.domain.driver.0, self.current(), time.cast()) }
    }

    /// The id by which software events are posted.
    pub fn resource_id(&self) -> c_uint {
        // SAFETY: see above.
        unsafe { ef_vi_resource_id(self.raw) }
    }

    pub fn timer_prime(&self, microseconds: c_uint) {
        // SAFETY: see above.
        unsafe { ef_eventq_timer_prime(self.raw, microseconds) }
    }

    pub fn timer_run(&self, microseconds: c_uint) {
        // SAFETY: see above.
        unsafe { ef_eventq_timer_run(self.raw, microseconds) }
    }

    pub fn timer_clear(&self) {
        // SAFETY: see above.
        unsafe { ef_eventq_timer_clear(self.raw) }
    }

    pub fn timer_zero(&self) {
        // SAFETY: see above.
        unsafe { ef_eventq_timer_zero(self.raw) }
    }
}

/// Posts a software event; from any thread.
pub fn put(resource_id: c_uint, handle: ef_driver_handle, bits: c_uint) -> c_int {
    // SAFETY: numbers, which the call checks.
    unsafe { ef_eventq_put(resource_id, handle, bits) }
}
