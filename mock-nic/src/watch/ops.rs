//! The table of a VI that is watched: each entry checks, calls what stood there, and writes its line.

use super::{Of, Refused, of};
use crate::abi::*;
use crate::array::given;
use crate::trace::{Returned, Shape, Shown};
#[cfg(onload_since = "9.0.1")]
use core::ffi::c_char;
use core::ffi::{c_int, c_uint, c_void};

/// Defines the entries. Behind a signature may stand the rules that are checked before the call, and those after it,
/// which see its result.
macro_rules! watched {
    ($(
        $(#[$cfg:meta])?
        $name:ident($this:ident: $vi:ty $(, $arg:ident: $type:ty)*) -> $result:ty
        $(, before |$before:ident, $checked:ident| $rule:expr)?
        $(, after |$after:ident, $seen:ident, $value:ident| $effect:expr)?;
    )+) => {
        $(
            $(#[$cfg])?
            unsafe extern "C" fn $name($this: $vi $(, $arg: $type)*) -> $result {
                const NAME: &str = stringify!($name);
                let vi = $this as *mut ef_vi;
                // SAFETY: the ABI's contract is that of the entry that is called; the rules read what it reads.
                unsafe {
                    let Of::Watched(watch) = of(vi, NAME) else { return Refused::VALUE };
                    let mut inner = watch.enter(NAME);
                    $(if let Some(checks) = &watch.checks {
                        let ($before, $checked) = (&mut inner.rules, &watch.as_checked(vi, checks));
                        $rule;
                    })?
                    let result = match watch.ops.$name {
                        Some(entry) => entry($this $(, $arg)*),
                        None => Refused::VALUE,
                    };
                    $(if let Some(checks) = &watch.checks {
                        let ($after, $seen, $value) = (&mut inner.rules, &watch.as_checked(vi, checks), &result);
                        $effect;
                    })?
                    if watch.traced {
                        let args: &[String] = &[$(Shown(&$arg).to_string()),*];
                        watch.trace(&mut inner, format_args!("{NAME}({}){}", args.join(", "), Returned(&result)));
                    }
                    result
                }
            }
        )+

        /// The table that stands for `inner`: it has the same calls.
        pub(super) fn watched(inner: &ef_vi_ops) -> ef_vi_ops {
            let mut ops = *inner;
            watch_polls(&mut ops, inner);
            $(
                $(#[$cfg])?
                {
                    ops.$name = inner.$name.and(Some($name));
                }
            )+
            ops
        }
    };
}

watched! {
    transmit(vi: *mut ef_vi, base: ef_addr, length: c_int, id: ef_request_id) -> c_int,
        before |rules, vi| rules.send(vi, &[ef_iovec { iov_base: base, iov_len: length as c_uint }], id);
    transmitv(vi: *mut ef_vi, pieces: *const ef_iovec, count: c_int, id: ef_request_id) -> c_int,
        before |rules, vi| rules.send(vi, list(pieces, count), id);
    transmitv_init(vi: *mut ef_vi, pieces: *const ef_iovec, count: c_int, id: ef_request_id) -> c_int,
        before |rules, vi| rules.send(vi, list(pieces, count), id);
    transmit_push(vi: *mut ef_vi) -> (),
        before |rules, vi| rules.push(vi);
    transmit_pio(vi: *mut ef_vi, offset: c_int, length: c_int, id: ef_request_id) -> c_int,
        before |rules, vi| rules.send(vi, &[], id),
        after |rules, vi, rc| rules.sent_pio(vi, offset, length, *rc);
    transmit_copy_pio(vi: *mut ef_vi, offset: c_int, from: *const c_void, length: c_int, id: ef_request_id) -> c_int,
        before |rules, vi| {
            rules.write_pio(vi, offset, length);
            rules.send(vi, &[], id)
        },
        after |rules, vi, rc| rules.sent_pio(vi, offset, length, *rc);
    transmit_pio_warm(vi: *mut ef_vi) -> ();
    transmit_copy_pio_warm(vi: *mut ef_vi, offset: c_int, from: *const c_void, length: c_int) -> ();
    transmitv_ctpio(vi: *mut ef_vi, length: usize, pieces: *const libc::iovec, count: c_int, threshold: c_uint) -> (),
        before |rules, vi| rules.ctpio(vi, pieces, count);
    transmitv_ctpio_copy(
        vi: *mut ef_vi, length: usize, pieces: *const libc::iovec, count: c_int, threshold: c_uint, copy: *mut c_void
    ) -> (),
        before |rules, vi| rules.ctpio(vi, pieces, count);
    transmit_ctpio_fallback(vi: *mut ef_vi, base: ef_addr, length: usize, id: ef_request_id) -> c_int,
        before |rules, vi| rules.fall_back(vi, &[ef_iovec { iov_base: base, iov_len: length as c_uint }], id),
        after |rules, _vi, rc| rules.fell_back(*rc);
    transmitv_ctpio_fallback(vi: *mut ef_vi, pieces: *const ef_iovec, count: c_int, id: ef_request_id) -> c_int,
        before |rules, vi| rules.fall_back(vi, list(pieces, count), id),
        after |rules, _vi, rc| rules.fell_back(*rc);
    transmit_alt_select(vi: *mut ef_vi, alternative: c_uint) -> c_int;
    transmit_alt_select_default(vi: *mut ef_vi) -> c_int;
    transmit_alt_stop(vi: *mut ef_vi, alternative: c_uint) -> c_int;
    transmit_alt_go(vi: *mut ef_vi, alternative: c_uint) -> c_int;
    transmit_alt_discard(vi: *mut ef_vi, alternative: c_uint) -> c_int;
    #[cfg(onload_since = "9.0.1")]
    start_transmit_warm(vi: *mut ef_vi, saved: *mut ef_vi_tx_warm_state, aperture: *mut c_char) -> (),
        before |rules, _vi| rules.warm(true);
    #[cfg(onload_since = "9.0.1")]
    stop_transmit_warm(vi: *mut ef_vi, saved: *mut ef_vi_tx_warm_state) -> (),
        before |rules, _vi| rules.warm(false);
    receive_set_discards(vi: *mut ef_vi, flags: c_uint) -> c_int;
    receive_get_discards(vi: *mut ef_vi) -> u64;
    receive_init(vi: *mut ef_vi, address: ef_addr, id: ef_request_id) -> c_int,
        before |rules, vi| rules.post(vi, address, id);
    receive_push(vi: *mut ef_vi) -> ();
    #[cfg(onload_since = "9.0.1")]
    receive_get_timestamp(vi: *mut ef_vi, packet: *const c_void, time: *mut ef_precisetime) -> c_int,
        before |rules, vi| rules.timestamp(vi, packet);
    #[cfg(onload_since = "9.1-next")]
    receive_get_filter_id(vi: *mut ef_vi, event: *const ef_event, packet: *const c_void) -> c_int;
    eventq_prime(vi: *mut ef_vi) -> ();
    eventq_timer_prime(vi: *mut ef_vi, value: c_uint) -> ();
    eventq_timer_run(vi: *mut ef_vi, value: c_uint) -> ();
    eventq_timer_clear(vi: *mut ef_vi) -> ();
    eventq_timer_zero(vi: *mut ef_vi) -> ();
    #[cfg(onload_since = "9.0.1")]
    eventq_has_event(vi: *const ef_vi) -> c_int;
    #[cfg(onload_since = "9.0.1")]
    eventq_has_many_events(vi: *const ef_vi, count: c_int) -> c_int;
    #[cfg(not(onload_since = "9.0.1"))]
    transmitv_init_extra(
        vi: *mut ef_vi, extra: *const ef_vi_tx_extra, pieces: *const ef_remote_iovec, count: c_int, id: ef_request_id
    ) -> c_int;
    #[cfg(not(onload_since = "9.0.1"))]
    transmit_memcpy(
        vi: *mut ef_vi, to: *const ef_remote_iovec, to_count: c_int, from: *const ef_remote_iovec, from_count: c_int
    ) -> isize;
    #[cfg(not(onload_since = "9.0.1"))]
    transmit_memcpy_sync(vi: *mut ef_vi, id: ef_request_id) -> c_int;
}

/// The pieces of a send.
unsafe fn list<'a>(pieces: *const ef_iovec, count: c_int) -> &'a [ef_iovec] {
    // SAFETY: the ABI's contract: that many pieces.
    unsafe { given(pieces, count) }
}

/// Defines the entries that poll.
macro_rules! polls {
    ($($(#[$cfg:meta])? $name:ident,)+) => {
        $(
            $(#[$cfg])?
            unsafe extern "C" fn $name(vi: *mut ef_vi, events: *mut ef_event, length: c_int) -> c_int {
                // SAFETY: the ABI's contract.
                unsafe { polled(vi, stringify!($name), events, length, |ops| ops.$name) }
            }
        )+

        /// Puts those in their places of which there is something in `inner`.
        fn watch_polls(ops: &mut ef_vi_ops, inner: &ef_vi_ops) {
            $(
                $(#[$cfg])?
                {
                    ops.$name = inner.$name.and(Some($name));
                }
            )+
        }
    };
}

polls! {
    eventq_poll,
    #[cfg(onload_since = "9.0.2")]
    receive_poll,
    #[cfg(any(onload = "8.1-next", onload = "9.2-next"))]
    future_eventq_poll,
}

/// What polls.
type Poll = unsafe extern "C" fn(*mut ef_vi, *mut ef_event, c_int) -> c_int;

/// A poll, by what `entry` makes of the table that stood there: what it found has a line for each event, and those that find
/// nothing are counted.
#[cold]
pub(crate) unsafe fn polled(
    vi: *mut ef_vi,
    name: &'static str,
    events: *mut ef_event,
    length: c_int,
    entry: fn(&ef_vi_ops) -> Option<Poll>,
) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, or was freed, and room for that many events.
    unsafe {
        let watch = match of(vi, name) {
            Of::Watched(watch) => watch,
            Of::Unwatched => return entry(&(*vi).ops).map_or(0, |poll| poll(vi, events, length)),
            Of::Gone => return -libc::EINVAL,
        };
        let mut inner = watch.enter(name);
        if let Some(checks) = &watch.checks {
            inner.rules.before_poll(&watch.as_checked(vi, checks));
        }
        let count = entry(&watch.ops).map_or(0, |poll| poll(vi, events, length));
        let found = given(events, count);
        if let Some(checks) = &watch.checks {
            inner.rules.after_poll(&watch.as_checked(vi, checks), found);
        }
        if watch.traced && count == 0 {
            watch.trace_idle(&mut inner, name);
        } else if watch.traced {
            watch.trace(&mut inner, format_args!("{name}({length}) = {count}"));
            for event in found {
                watch.trace(&mut inner, format_args!("  {}", Shape(event)));
            }
        }
        count
    }
}
