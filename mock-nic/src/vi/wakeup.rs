//! Waking an application that blocks: it primes its event queue, and the next event makes the driver handle readable.

use super::queue::Queue;
use super::{Vi, adapter};
use crate::abi::*;
use crate::driver;
use crate::errno::{Errno, Result, to_c};
use crate::trace::traced;
use crate::watch::exported;
use crate::wire::primed::Barrier;
use core::ffi::{c_int, c_uint};
use core::ptr;
use core::time::Duration;
use std::time::Instant;

/// How long a wait sleeps before it asks the wire whether it is done with what was sent: at first, and after a while.
const FIRST_STEP: Duration = Duration::from_micros(50);
const LAST_STEP: Duration = Duration::from_millis(1);

/// The VIs that use a VI's event queue, itself first.
///
/// # Safety
/// The VI is allocated, and nobody holds a reference to the adapter's side of any of them.
pub(super) unsafe fn users(vi: *mut ef_vi) -> impl Iterator<Item = &'static mut Vi> {
    // SAFETY: the caller's promise; the library keeps `vi_qs` filled with allocated VIs.
    let labels = unsafe { (*vi).vi_qs_n } as usize;
    (0..labels).filter_map(move |label| {
        // SAFETY: as above.
        unsafe {
            let user = (*vi).vi_qs[label];
            (!user.is_null()).then(|| &mut *adapter(user))
        }
    })
}

/// Primes a VI's event queue. Whatever has happened since the position `current` of the queue is not waited for: then the
/// interrupt is raised at once.
///
/// # Safety
/// An allocated VI, used by this thread alone.
unsafe fn prime(vi: *mut ef_vi, watching: Option<ef_driver_handle>, current: c_uint) -> Result<()> {
    // SAFETY: the caller's promise; each reference is used up before the next is made.
    unsafe {
        if (*vi).evq_mask == 0 {
            return Err(Errno(libc::EINVAL));
        }
        for user in users(vi) {
            user.before_sleep();
            for link in user.links() {
                let interrupt = link.interrupt()?;
                if let Some(handle) = watching {
                    driver::watch(handle, interrupt.fd())?;
                }
                interrupt.clear();
            }
        }
        let own = (*adapter(vi)).link.interrupt()?;
        if users(vi).any(|user| user.has_gone()) && !(*(*adapter(vi)).queue).has_events(current) {
            // It was told, and nothing would wake it any more.
            return Err(Errno(libc::ENODEV));
        }
        let queue: &mut Queue = &mut *(*adapter(vi)).queue;
        queue.prime(&own);
        if let (Some(timer), Some(handle)) = (&queue.timer, watching) {
            driver::watch(handle, timer.fd())?;
        }
        queue.acknowledge_timer();
        users(vi).flat_map(Vi::links).for_each(|link| link.prime());
        Barrier::of_process().receiver();
        let queue: &mut Queue = &mut *(*adapter(vi)).queue;
        // Nothing tells when the wire is done with what was sent. Whoever waits here asks it meanwhile; whoever waits by a
        // handle is to poll.
        let sending = watching.is_some() && users(vi).any(|user| user.is_sending());
        let going = users(vi).any(|user| user.is_going());
        if sending
            || going
            || queue.has_moved_on(current)
            || users(vi).flat_map(Vi::links).any(|link| link.arrival().is_some())
        {
            own.raise();
        }
        Ok(())
    }
}

/// `EINVAL` unless the VI was allocated with this handle: the driver looks it up among the handle's.
unsafe fn check(vi: *mut ef_vi, handle: ef_driver_handle) -> Result<()> {
    driver::check(handle)?;
    // SAFETY: the caller gives a VI that was allocated.
    if unsafe { (*vi).dh } == handle { Ok(()) } else { Err(Errno(libc::EINVAL)) }
}

exported! {
    /// `ef_vi_prime`. The handle is readable from the next event after `current_ptr` to the next prime; it is not read.
    /// Unlike the real driver's it may serve several VIs. `-EINVAL` for a VI that is not of this handle, or has no event
    /// queue of its own; `-ENODEV` for one whose interface has gone, once the program has polled the `RESET`.
    fn ef_vi_prime(vi: *mut ef_vi, dh: ef_driver_handle, current_ptr: c_uint) -> c_int = prime_checked;
}

unsafe fn prime_checked(vi: *mut ef_vi, dh: ef_driver_handle, current_ptr: c_uint) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    to_c(unsafe { check(vi, dh).and_then(|()| prime(vi, Some(dh), current_ptr)) }.map(|()| 0))
}

/// `ef_eventq_prime`: the same on the VI's own handle, from what was last polled. It has no result to refuse with.
pub(crate) unsafe extern "C" fn eventq_prime(vi: *mut ef_vi) {
    // SAFETY: as in `ef_vi_prime`.
    unsafe {
        let current = (*(*vi).ep_state).evq.evq_ptr;
        prime(vi, Some((*vi).dh), current).ok();
    }
}

traced! {
    /// `ef_eventq_wait`: until an event after `current_ptr`, or for `timeout`: no timeout, or one of 0, is for ever.
    /// `-ETIMEDOUT` after it, `-EINTR` for a signal, `-ENODEV` as for `ef_vi_prime`.
    fn ef_eventq_wait(
        vi: *mut ef_vi, vi_dh: ef_driver_handle, current_ptr: c_uint, timeout: *const libc::timeval
    ) -> c_int = wait_checked;
}

unsafe fn wait_checked(
    vi: *mut ef_vi,
    vi_dh: ef_driver_handle,
    current_ptr: c_uint,
    timeout: *const libc::timeval,
) -> c_int {
    // SAFETY: as in `ef_vi_prime`; null or a time.
    to_c(unsafe { check(vi, vi_dh).and_then(|()| wait(vi, current_ptr, timeout.as_ref())) }.map(|()| 0))
}

unsafe fn wait(vi: *mut ef_vi, current: c_uint, timeout: Option<&libc::timeval>) -> Result<()> {
    let limit = match timeout {
        Some(time) if time.tv_sec < 0 || !(0..1_000_000).contains(&time.tv_usec) => return Err(Errno(libc::EINVAL)),
        Some(time) => libc::timespec { tv_sec: time.tv_sec, tv_nsec: time.tv_usec * 1000 },
        None => libc::timespec { tv_sec: 0, tv_nsec: 0 },
    };
    let for_ever = limit.tv_sec == 0 && limit.tv_nsec == 0;
    // SAFETY: the caller's promise.
    unsafe {
        prime(vi, None, current)?;
        let mut polled = [libc::pollfd { fd: -1, events: libc::POLLIN, revents: 0 }; EF_VI_MAX_QS as usize];
        let mut count = 0;
        for link in users(vi).flat_map(Vi::links) {
            polled[count].fd = link.interrupt()?.fd();
            count += 1;
        }
        let ready = match sleep(vi, &mut polled[..count], (!for_ever).then_some(limit)) {
            0 => {
                // As long on virtual time.
                if let Some(later) = &mut (*(*adapter(vi)).queue).later {
                    later.slept((limit.tv_sec as u64).saturating_mul(1_000_000_000_000) + limit.tv_nsec as u64 * 1000);
                }
                Err(Errno(libc::ETIMEDOUT))
            }
            n if n < 0 => Err(Errno::last()),
            _ => Ok(()),
        };
        // What the wait raised is not for the handle.
        for link in users(vi).flat_map(Vi::links) {
            link.interrupt()?.clear();
        }
        ready
    }
}

/// Sleeps until one of these is readable, or for so long: as `ppoll` says. While the wire is not done with what was sent,
/// that is in steps, after each of which it is asked.
unsafe fn sleep(vi: *mut ef_vi, polled: &mut [libc::pollfd], limit: Option<libc::timespec>) -> c_int {
    let start = Instant::now();
    let limit = limit.map(|limit| Duration::new(limit.tv_sec as u64, limit.tv_nsec as u32));
    let mut step = FIRST_STEP;
    loop {
        // SAFETY: the caller's: as in `prime`.
        let sending = unsafe { users(vi).any(|user| user.is_sending()) };
        let left = limit.map(|limit| limit.saturating_sub(start.elapsed()));
        let now = if sending { Some(left.map_or(step, |left| left.min(step))) } else { left };
        let time = now.map(|now| libc::timespec { tv_sec: now.as_secs() as i64, tv_nsec: now.subsec_nanos().into() });
        // SAFETY: so many structures, which may be written to, and null or a time.
        let ready = unsafe {
            let time = time.as_ref().map_or(ptr::null(), ptr::from_ref);
            libc::ppoll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, time, ptr::null())
        };
        if ready != 0 || now == left {
            return ready;
        }
        step = (step * 2).min(LAST_STEP);
        // What is done with is announced, and that raises the interrupt.
        // SAFETY: as above.
        unsafe { users(vi).for_each(Vi::attend) };
    }
}
