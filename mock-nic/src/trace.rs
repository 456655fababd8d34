//! One line for each call and event, where it was asked for.

use crate::abi::*;
use crate::log::{Sink, log};
use core::ffi::{c_char, c_int};
use core::fmt;
use std::time::SystemTime;

/// Where the trace goes; none where nobody asked.
pub(crate) fn sink() -> Option<&'static Sink> {
    log().ok()?.trace.as_ref()
}

/// A line, with the time.
pub(crate) fn line(text: fmt::Arguments<'_>) {
    if let Some(sink) = sink() {
        let time = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        sink.line(format_args!("{}.{:09} {text}", time.as_secs(), time.subsec_nanos()));
    }
}

/// A call that is not a VI's own, and its result, which it passes on.
pub(crate) fn call<R: Show>(call: fmt::Arguments<'_>, result: R) -> R {
    if sink().is_some() {
        line(format_args!("{call}{}", Returned(&result)));
    }
    result
}

/// Defines calls that are not a VI's own, each by what it does: their lines have all arguments, and refusals have theirs.
macro_rules! traced {
    ($(
        $(#[$attribute:meta])*
        fn $name:ident($($arg:ident: $type:ty),* $(,)?) -> $result:ty = $body:expr;
    )+) => {$(
        $(#[$attribute])*
        #[unsafe(no_mangle)]
        pub(crate) unsafe extern "C" fn $name($($arg: $type),*) -> $result {
            // SAFETY: this call's contract.
            let result = unsafe { $body($($arg),*) };
            if $crate::trace::sink().is_some() {
                let args: &[String] = &[$($crate::trace::Shown(&$arg).to_string()),*];
                return $crate::trace::call(format_args!("{}({})", stringify!($name), args.join(", ")), result);
            }
            result
        }
    )+};
}

pub(crate) use traced;

/// Shows an argument or a result.
pub(crate) trait Show {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
}

macro_rules! show {
    ($($type:ty => $format:literal,)+) => {
        $(impl Show for $type {
            fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, $format, self)
            }
        })+
    };
}

show! {
    c_int => "{}",
    u32 => "{}",
    usize => "{}",
    isize => "{}",
    // DMA addresses.
    u64 => "{:#x}",
}

impl Show for () {
    fn show(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl<T> Show for *const T {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:p}", *self)
    }
}

impl<T> Show for *mut T {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:p}", *self)
    }
}

/// A value by its [`Show`].
pub(crate) struct Shown<'a, T: Show>(pub(crate) &'a T);

impl<T: Show> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(f)
    }
}

/// A result, ` = ` before it; nothing for a call that has none.
pub(crate) struct Returned<'a, T: Show>(pub(crate) &'a T);

impl<T: Show> fmt::Display for Returned<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if size_of::<T>() == 0 { Ok(()) } else { write!(f, " = {}", Shown(self.0)) }
    }
}

/// A string that C gave.
pub(crate) struct Text(pub(crate) *const c_char);

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_null() {
            return f.write_str("null");
        }
        // SAFETY: the ABI's contract: a string.
        write!(f, "{}", unsafe { core::ffi::CStr::from_ptr(self.0) }.to_string_lossy())
    }
}

/// An event as the application gets it.
pub(crate) struct Shape<'a>(pub(crate) &'a ef_event);

impl fmt::Display for Shape<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.generic().type_ {
            EF_EVENT_TYPE_RX => {
                let ef_event_rx { q_id, rq_id, len, flags, .. } = self.0.rx();
                write!(f, "RX q={q_id} id={rq_id} len={len} flags={flags:#x}")
            }
            EF_EVENT_TYPE_RX_DISCARD => {
                let ef_event_rx_discard { q_id, rq_id, len, subtype, .. } = self.0.rx_discard();
                write!(f, "RX_DISCARD q={q_id} id={rq_id} len={len} why={subtype}")
            }
            EF_EVENT_TYPE_TX => {
                let ef_event_tx { q_id, desc_id, flags, .. } = self.0.tx();
                write!(f, "TX q={q_id} descriptor={desc_id} flags={flags:#x}")
            }
            EF_EVENT_TYPE_TX_ERROR => {
                let ef_event_tx_error { q_id, desc_id, subtype, .. } = self.0.tx_error();
                write!(f, "TX_ERROR q={q_id} descriptor={desc_id} why={subtype}")
            }
            EF_EVENT_TYPE_TX_WITH_TIMESTAMP => {
                let ef_event_tx_timestamp { q_id, rq_id, ts_sec, ts_nsec, .. } = self.0.tx_timestamp();
                write!(f, "TX_WITH_TIMESTAMP q={q_id} id={rq_id} time={ts_sec}.{ts_nsec:09}")
            }
            other => {
                let name = match other {
                    EF_EVENT_TYPE_RX_NO_DESC_TRUNC => "RX_NO_DESC_TRUNC",
                    EF_EVENT_TYPE_SW => "SW",
                    EF_EVENT_TYPE_OFLOW => "OFLOW",
                    EF_EVENT_TYPE_RX_PACKED_STREAM => "RX_PACKED_STREAM",
                    EF_EVENT_TYPE_RX_MULTI => "RX_MULTI",
                    EF_EVENT_TYPE_TX_ALT => "TX_ALT",
                    EF_EVENT_TYPE_RX_MULTI_DISCARD => "RX_MULTI_DISCARD",
                    EF_EVENT_TYPE_RESET => "RESET",
                    EF_EVENT_TYPE_RX_MULTI_PKTS => "RX_MULTI_PKTS",
                    EF_EVENT_TYPE_RX_REF => "RX_REF",
                    EF_EVENT_TYPE_RX_REF_DISCARD => "RX_REF_DISCARD",
                    _ => "EVENT",
                };
                // SAFETY: an event is four words.
                let [a, b, c, d] = unsafe { core::mem::transmute_copy::<ef_event, [u32; 4]>(self.0) };
                write!(f, "{name} {a:08x} {b:08x} {c:08x} {d:08x}")
            }
        }
    }
}
