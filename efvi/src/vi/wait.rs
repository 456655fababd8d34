//! Waiting for events without polling.

use core::ffi::{c_int, c_uint};
use core::fmt;
use core::ptr;
use core::time::Duration;
#[cfg(feature = "std")]
use std::os::fd::BorrowedFd;

use crate::error::Result;

use super::{Inner, InnerRef, Receive};

/// How a wait ended.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// use efvi::Waited;
/// use std::time::Duration;
///
/// # let (_tx, mut rx) = vi.split();
/// match rx.wait(Duration::from_millis(1))? {
///     Waited::Ready => println!("{:?}", rx.poll()),
///     Waited::TimedOut | Waited::Interrupted => println!("nothing yet"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "only after `Ready` is there something to poll for"]
pub enum Waited {
    /// There is something to poll for.
    Ready,
    /// Nothing has happened for as long as was asked.
    TimedOut,
    /// A signal came (`EINTR`).
    Interrupted,
}

impl<'vi> Receive<'vi> {
    /// Blocks until there is something to poll for, or for as long (`ef_eventq_wait`); without a time, until there is.
    /// What has happened since the last poll ends it at once, so nothing is missed between the two. A system call, and
    /// an interrupt to wake up by: some microseconds, where a poll takes nanoseconds.
    ///
    /// Time counts in microseconds, rounded up.
    ///
    /// # Errors
    /// [`Error::Query`](crate::Error::Query) when the driver refuses.
    pub fn wait(&mut self, timeout: impl Into<Option<Duration>>) -> Result<Waited> {
        self.inner.wait(timeout.into())
    }

    /// Has the next event make [`event_fd`](Self::event_fd) readable (`ef_vi_prime`, `ef_eventq_prime`), for `poll`, `epoll`
    /// and what is built on it. What has happened since the last poll makes it readable at once, so nothing is missed
    /// between the two. It stays readable until the next prime. A system call.
    ///
    /// The order is: poll until there is nothing, prime, wait for the descriptor, poll again. Where readiness is kept (as
    /// tokio's `AsyncFd` does), clear it before the prime, not after.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// # use rustix::event::{PollFd, PollFlags, poll};
    /// let events = vi.software_events();
    /// let (_tx, mut rx) = vi.split();
    /// let descriptor = rx.event_fd(); // for `poll`, an epoll set, `AsyncFd`
    /// rx.prime()?;
    /// events.put(1)?; // it is readable now
    /// # assert_eq!(poll(&mut [PollFd::new(&descriptor, PollFlags::IN)], None)?, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Query`](crate::Error::Query) when the driver refuses.
    pub fn prime(&mut self) -> Result<()> {
        self.inner.prime()
    }

    /// The descriptor that [`prime`](Self::prime) is for: this VI's own driver handle. Only its readiness counts; there is
    /// nothing to read from it.
    #[cfg(feature = "std")]
    pub fn event_fd(&self) -> BorrowedFd<'vi> {
        self.inner.get().driver.fd()
    }

    /// The number of that descriptor, for a program without the standard library. It is the VI's: not to be closed.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// # let (_tx, mut rx) = vi.split();
    /// rx.prime()?;
    /// println!("the next event makes descriptor {} readable", rx.event_descriptor());
    /// # Ok(())
    /// # }
    /// ```
    pub fn event_descriptor(&self) -> c_int {
        self.inner.handle()
    }

    /// The event queue's timer, if the VI was built with one
    /// ([`event_timer`](crate::VirtualInterfaceBuilder::event_timer)).
    pub fn timer(&mut self) -> Option<EventTimer<'_>> {
        EventTimer::new(self.inner)
    }
}

impl Inner {
    /// How far the events are polled.
    fn position(&self) -> c_uint {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_eventq_current(self.vi()) }
    }

    pub(super) fn wait(&self, timeout: Option<Duration>) -> Result<Waited> {
        if !self.events.is_empty() {
            // Left by an `Events` that was forgotten.
            return Ok(Waited::Ready);
        }
        self.release_dropped();
        let time = timeout.map(timeval);
        let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
        // SAFETY: the VI is live, this its only thread, and the handle the one that it was made with; null or a time.
        match unsafe { efvi_sys::ef_eventq_wait(self.vi(), self.handle(), self.position(), time) } {
            code if code == -libc::ETIMEDOUT => Ok(Waited::TimedOut),
            code if code == -libc::EINTR => Ok(Waited::Interrupted),
            code if code < 0 => Err(self.query_error("ef_eventq_wait", code)),
            _ => Ok(Waited::Ready),
        }
    }

    pub(super) fn prime(&self) -> Result<()> {
        // SAFETY: the VI is live, this its only thread, and the handle the one that it was made with.
        match unsafe { efvi_sys::ef_vi_prime(self.vi(), self.handle(), self.position()) } {
            code if code < 0 => Err(self.query_error("ef_vi_prime", code)),
            _ => Ok(()),
        }
    }
}

/// The time in microseconds, rounded up. To the library 0 is for ever, so the least is 1.
fn timeval(time: Duration) -> libc::timeval {
    let microseconds = time.as_nanos().div_ceil(1000).max(1);
    // Beyond that no driver counts.
    let seconds = i32::try_from(microseconds / 1_000_000).unwrap_or(i32::MAX);
    libc::timeval { tv_sec: seconds.into(), tv_usec: (microseconds % 1_000_000) as i64 }
}

/// The timer of an event queue: it delays wake-ups, so that one serves several frames. It raises no event.
///
/// Times count in microseconds, rounded up, and in steps of the adapter's; an EF10 has 14 bits of some 1.5 µs.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use std::time::Duration;
///
/// let mut vi = efvi::VirtualInterface::builder().event_timer(true).build(&domain)?;
/// let (_tx, mut rx) = vi.split();
/// if let Some(mut timer) = rx.timer() {
///     timer.prime(Duration::from_micros(20)); // then one wake-up serves what comes within 20 µs
/// }
/// rx.prime()?;
/// # Ok(())
/// # }
/// ```
pub struct EventTimer<'a> {
    inner: InnerRef<'a>,
}

impl<'a> EventTimer<'a> {
    pub(super) fn new(inner: InnerRef<'a>) -> Option<Self> {
        // SAFETY: the VI is live.
        let flags = unsafe { efvi_sys::ef_vi_flags(inner.vi()) };
        (flags & efvi_sys::EF_VI_ENABLE_EV_TIMER != 0).then_some(EventTimer { inner })
    }

    /// Has the next event start the timer, and the timer wake who waits (`ef_eventq_timer_prime`).
    pub fn prime(&mut self, time: Duration) {
        // SAFETY: the VI is live, this its only thread, and built with a timer.
        unsafe { efvi_sys::ef_eventq_timer_prime(self.inner.vi(), microseconds(time)) };
    }

    /// Starts the timer now (`ef_eventq_timer_run`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use std::time::Duration;
    ///
    /// # let mut vi = efvi::VirtualInterface::builder().event_timer(true).build(&domain)?;
    /// # let (_tx, mut rx) = vi.split();
    /// let mut timer = rx.timer().ok_or("the VI was built without a timer")?;
    /// timer.run(Duration::from_micros(50));
    /// timer.clear(); // no longer
    /// timer.zero(); // from the next event to the timer's next step
    /// # Ok(())
    /// # }
    /// ```
    pub fn run(&mut self, time: Duration) {
        // SAFETY: as above.
        unsafe { efvi_sys::ef_eventq_timer_run(self.inner.vi(), microseconds(time)) };
    }

    /// Stops the timer (`ef_eventq_timer_clear`).
    pub fn clear(&mut self) {
        // SAFETY: as above.
        unsafe { efvi_sys::ef_eventq_timer_clear(self.inner.vi()) };
    }

    /// Has the next event start the timer, to run out with its next step (`ef_eventq_timer_zero`).
    pub fn zero(&mut self) {
        // SAFETY: as above.
        unsafe { efvi_sys::ef_eventq_timer_zero(self.inner.vi()) };
    }
}

impl fmt::Debug for EventTimer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventTimer").finish_non_exhaustive()
    }
}

fn microseconds(time: Duration) -> c_uint {
    c_uint::try_from(time.as_nanos().div_ceil(1000)).unwrap_or(c_uint::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_up_and_never_for_ever() {
        let pair = |time: Duration| (timeval(time).tv_sec, timeval(time).tv_usec);
        assert_eq!(pair(Duration::ZERO), (0, 1));
        assert_eq!(pair(Duration::from_nanos(1001)), (0, 2));
        assert_eq!(pair(Duration::from_millis(2500)), (2, 500_000));
        assert_eq!(pair(Duration::MAX).0, i64::from(i32::MAX));
        assert_eq!(microseconds(Duration::from_nanos(1)), 1);
        assert_eq!(microseconds(Duration::MAX), c_uint::MAX);
    }
}
