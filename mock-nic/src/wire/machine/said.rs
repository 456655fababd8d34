//! What is to be said of an interface: why it can't be had, which way its frames go, and what happens to it. It goes to the
//! log that `EFVI_MOCK_LOG=wire` asks for, and the last refusal is kept for who asks.

use super::Interface;
use crate::errno::{Errno, Result};
use crate::log::log;
use core::cell::RefCell;
use core::fmt;

thread_local! {
    static REFUSAL: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Why the last `ef_vi_alloc_from_pd` of this thread was refused, if that was for what an interface of the machine lacks:
/// which capability is missing, and what else would do. It is told once.
pub fn take_refusal() -> Option<String> {
    REFUSAL.take()
}

/// Says something of an interface.
pub(super) fn say(interface: &Interface, text: fmt::Arguments<'_>) {
    if let Ok(log) = log()
        && let Some(sink) = &log.wire
    {
        sink.line(format_args!("{}: {text}", interface.name.to_string_lossy()));
    }
}

/// The same of what makes a call fail.
pub(super) fn refuse<T>(interface: &Interface, errno: Errno, text: String) -> Result<T> {
    say(interface, format_args!("{text}"));
    REFUSAL.set(Some(format!("{}: {text}", interface.name.to_string_lossy())));
    Err(errno)
}

/// What failed, and what can be done.
pub(super) fn reason(what: &str, errno: Errno) -> String {
    let hint = match errno.0 {
        libc::EPERM | libc::EACCES => match what {
            PACKET => {
                "it takes CAP_NET_RAW (setcap cap_net_raw+ep, or root); `lo` and the cables (cable0a) take no privileges"
            }
            _ => {
                "it takes CAP_NET_RAW, CAP_NET_ADMIN and CAP_BPF (setcap cap_net_raw,cap_net_admin,cap_bpf+ep, or root); packet sockets take CAP_NET_RAW alone"
            }
        },
        libc::EBUSY => "another XDP program or AF_XDP socket has the interface: `ip link show` tells its id",
        libc::ENOBUFS | libc::ENOMEM => "more locked memory is needed: ulimit -l, or CAP_IPC_LOCK",
        libc::EOPNOTSUPP | libc::EAFNOSUPPORT | libc::EINVAL => "the kernel or the driver has no such thing",
        libc::ENETDOWN => "bring it up: ip link set IFACE up",
        libc::ENODEV | libc::ENXIO => "the interface has gone",
        _ => "",
    };
    let error = std::io::Error::from_raw_os_error(errno.0);
    if hint.is_empty() { format!("{what}: {error}") } else { format!("{what}: {error}: {hint}") }
}

/// The name of a thing that can fail.
pub(super) const PACKET: &str = "packet socket";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_capability_is_named_and_what_does_without() {
        let text = reason(PACKET, Errno(libc::EPERM));
        assert!(text.contains("CAP_NET_RAW") && text.contains("cable0a"), "{text}");
        let text = reason("AF_XDP socket", Errno(libc::EPERM));
        assert!(text.contains("CAP_BPF") && text.contains("CAP_NET_ADMIN") && text.contains("packet"), "{text}");
    }
}
