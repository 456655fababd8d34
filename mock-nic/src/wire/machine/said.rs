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

/// The same of what makes a call fail. A missing capability is `EPERM`, also where the kernel's verifier says `EACCES`.
pub(super) fn refuse<T>(interface: &Interface, errno: Errno, text: String) -> Result<T> {
    let errno = if errno == Errno(libc::EACCES) { Errno(libc::EPERM) } else { errno };
    say(interface, format_args!("{text}"));
    REFUSAL.set(Some(format!("{}: {text}", interface.name.to_string_lossy())));
    Err(errno)
}

/// What failed at an interface, and what can be done.
pub(super) fn reason(interface: &Interface, what: &str, errno: Errno) -> String {
    let error = std::io::Error::from_raw_os_error(errno.0);
    match hint(&interface.name.to_string_lossy(), what, errno) {
        hint if hint.is_empty() => format!("{what}: {error}"),
        hint => format!("{what}: {error}: {hint}"),
    }
}

fn hint(interface: &str, what: &str, errno: Errno) -> String {
    let text = match errno.0 {
        libc::EPERM | libc::EACCES => return lacking(what, effective()),
        libc::EBUSY => "another XDP program or AF_XDP socket has the interface: `ip link show` tells the program's id",
        libc::ENOBUFS | libc::ENOMEM => "more locked memory is needed: ulimit -l, or CAP_IPC_LOCK",
        libc::EAFNOSUPPORT | libc::EINVAL => "the kernel or the driver has no such thing",
        libc::ENETDOWN => return format!("bring it up: ip link set {interface} up"),
        libc::ENODEV | libc::ENXIO => {
            "the interface has gone: it was deleted, or moved to another network namespace; open another"
        }
        _ => "",
    };
    text.to_owned()
}

/// The name of a thing that can fail.
pub(super) const PACKET: &str = "packet socket";

/// Capabilities by their numbers. The last two load the program: without `CAP_PERFMON` the kernel allows no arithmetic with
/// offsets that it does not know, and the program steps over headers of any length.
const CAPABILITIES: [(&str, u32); 4] =
    [("CAP_NET_RAW", 13), ("CAP_NET_ADMIN", 12), ("CAP_BPF", 39), ("CAP_PERFMON", 38)];
/// What has the rights of [`CAPABILITIES`]' last two, too.
const SYS_ADMIN: u32 = 21;

/// This process's capabilities, as bits; all where the kernel doesn't say.
fn effective() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    line.and_then(|bits| u64::from_str_radix(bits.trim(), 16).ok()).unwrap_or(u64::MAX)
}

/// Which capabilities are missing, and what takes fewer.
fn lacking(what: &str, has: u64) -> String {
    let needed = if what == PACKET { &CAPABILITIES[..1] } else { &CAPABILITIES[..] };
    // What any way to an interface takes is the first.
    let instead = if what == PACKET || has >> CAPABILITIES[0].1 & 1 == 0 {
        "`lo` and the cables (cable0a) take no privileges"
    } else {
        "packet sockets (EFVI_MOCK_WIRE=packet) take CAP_NET_RAW alone"
    };
    let lacks = |(name, bit): &(&'static str, u32)| {
        let has = has >> bit & 1 != 0 || (["CAP_BPF", "CAP_PERFMON"].contains(name) && has >> SYS_ADMIN & 1 != 0);
        (!has).then_some(*name)
    };
    let names: Vec<_> = needed.iter().filter_map(lacks).collect();
    if names.is_empty() {
        let names = needed.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        return format!("it takes {names}, not in a container's user namespace only; {instead}");
    }
    let (names, lower) = (names.join(", "), names.join(",").to_lowercase());
    format!("this process lacks {names}: setcap {lower}+ep PROGRAM, or run it as root; {instead}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_capabilities_are_named_and_what_does_without() {
        let text = lacking(PACKET, 0);
        assert!(text.contains("CAP_NET_RAW: setcap cap_net_raw+ep") && text.contains("cable0a"), "{text}");
        let text = lacking("AF_XDP socket", 1 << 13);
        assert!(text.contains("lacks CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON:") && text.contains("=packet"), "{text}");
        let text = lacking("AF_XDP socket", 0);
        assert!(
            text.contains("lacks CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF, CAP_PERFMON:") && text.contains("cable0a"),
            "{text}"
        );
        let text = lacking("AF_XDP socket", 1 << 13 | 1 << 12 | 1 << 39);
        assert!(text.contains("lacks CAP_PERFMON:") && text.contains("=packet"), "{text}");
        let text = lacking("AF_XDP socket", 1 << 13 | 1 << 21);
        assert!(text.contains("lacks CAP_NET_ADMIN:"), "{text}");
        assert!(lacking(PACKET, u64::MAX).contains("namespace"));
    }
}
