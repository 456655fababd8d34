//! What to do about an error: the last part of its message.

use alloc::string::String;

use crate::memory::{Pages, pages_hint};

use super::Errno;

pub(super) fn driver_hint(errno: Errno) -> &'static str {
    match errno.code() {
        libc::ENOENT | libc::ENODEV | libc::ENXIO => "load the driver with `onload_tool reload`",
        libc::EACCES | libc::EPERM => "give this user access to the driver's device files",
        libc::EMFILE => "raise the limit of open files (`ulimit -n`)",
        _ => "check the driver with `onload --version` and the kernel's log",
    }
}

pub(super) fn interface_hint(errno: Errno) -> &'static str {
    if cfg!(feature = "mock-nic") {
        return mock_interface_hint(errno);
    }
    match errno.code() {
        libc::ENODEV | libc::ENXIO | libc::ENOENT => {
            "no such interface, or not of an adapter that ef_vi drives; `ip link` lists the interfaces"
        }
        libc::EACCES | libc::EPERM => {
            "this user may not use the interface, or another user has it; run as the same user or ask for access"
        }
        libc::ELIBACC => "the library and the driver are of different releases; install matching ones",
        libc::EOPNOTSUPP | libc::EINVAL => "the adapter does not have what the domain's flags ask for; leave them out",
        _ => "check the interface with `ip link` and the kernel's log",
    }
}

/// Of the mock's shared interfaces: set-up does not wait for ever.
const STOPPED: &str = "a process that is stopped holds the mock's file in /dev/shm (or $EFVI_MOCK_DIR), EFVI_MOCK_LOG=wire names it; continue or end it, or set EFVI_MOCK_DIR to another directory";

/// What to do where the mock adapter is linked in place of the real library.
fn mock_interface_hint(errno: Errno) -> &'static str {
    match errno.code() {
        libc::ENODEV => {
            "the mock adapter, which this program is linked with, has the interface `lo`, cables such as `cable0a`, the ports of a `Fabric`, and the machine's Ethernet interfaces, which `ip link` lists"
        }
        libc::EACCES | libc::EPERM => {
            "another user has the mock's `lo` open, or its file in /dev/shm (or $EFVI_MOCK_DIR) is not private to this user; run as the same user, or set EFVI_MOCK_DIR to another directory"
        }
        libc::ENOENT | libc::ENOTDIR | libc::EROFS => {
            "the mock's directory, /dev/shm or $EFVI_MOCK_DIR, is missing or can't be written to; set EFVI_MOCK_DIR to one that can"
        }
        libc::ENOSPC | libc::ENOMEM => {
            "there is no room in the mock's directory, /dev/shm or $EFVI_MOCK_DIR; make room, or set EFVI_MOCK_DIR to another"
        }
        libc::EPROTO => {
            "processes of another build have the mock's `lo` open; stop them, or set EFVI_MOCK_DIR to another directory"
        }
        libc::EUSERS => "too many processes have the mock's `lo` open; stop some",
        libc::ETIMEDOUT => STOPPED,
        libc::EOPNOTSUPP => "the mock adapter does not have what the domain's flags ask for; leave them out",
        _ => "check the mock's directory, /dev/shm or $EFVI_MOCK_DIR",
    }
}

pub(super) fn architecture_name(architecture: u32) -> &'static str {
    // EF10CT is not in the older releases' list.
    match architecture {
        efvi_sys::EF_VI_ARCH_FALCON => "5000 or 6000 series",
        efvi_sys::EF_VI_ARCH_EF100 => "EF100",
        efvi_sys::EF_VI_ARCH_EFCT => "EFCT: X3",
        efvi_sys::EF_VI_ARCH_AF_XDP => "AF_XDP",
        5 => "EF10CT: X4's express datapath",
        _ => "unknown",
    }
}

pub(super) fn memory_hint(call: &str, pages: Pages) -> &'static str {
    match call {
        "mlock" => "raise the limit of locked memory (`ulimit -l`), or ask for fewer buffers",
        "mbind" => "name a NUMA node that there is (`numactl --hardware`) and that this process may use",
        _ if pages > Pages::Base => pages_hint(pages),
        _ => "ask for fewer buffers or free memory",
    }
}

pub(super) fn register_hint(errno: Errno) -> &'static str {
    match errno.code() {
        libc::ENOSPC | libc::ENOMEM | libc::ENOBUFS => {
            "the adapter's buffer table or locked memory is used up; ask for fewer buffers, huge pages, or raise `ulimit -l`"
        }
        libc::EINVAL => {
            "the adapter may need memory of huge pages; set some aside, as by `sysctl vm.nr_hugepages=512`, and build the pool with `.pages(Pages::Huge2M)`"
        }
        _ => "check the kernel's log",
    }
}

pub(crate) fn vi_hint(errno: Errno, flags: &str) -> String {
    // The mock knows what an interface of the machine lacks.
    #[cfg(feature = "mock-nic")]
    if let Some(reason) = mock_nic::take_refusal() {
        return reason;
    }
    if errno.code() == libc::EOPNOTSUPP {
        let mut hint = String::from(
            "the adapter lacks a feature asked for, or two exclude each other; ask `ProtectionDomain::capability`",
        );
        let mut before = " for";
        for (flag, capability) in FLAG_CAPABILITIES {
            if flags.split(" | ").any(|asked| asked == *flag) {
                hint.push_str(before);
                hint.push_str(" `Capability::");
                hint.push_str(capability);
                hint.push('`');
                before = " and";
            }
        }
        return hint;
    }
    String::from(vi_hint_of(errno))
}

/// Flags of a virtual interface, and what says whether the adapter can serve them.
const FLAG_CAPABILITIES: &[(&str, &str)] = &[
    ("EF_VI_RX_TIMESTAMPS", "RxTimestamps"),
    ("EF_VI_TX_TIMESTAMPS", "TxTimestamps"),
    ("EF_VI_TX_PUSH_ALWAYS", "TxPushAlways"),
    ("EF_VI_TX_CTPIO", "Ctpio"),
    ("EF_VI_TX_ALT", "TxAlternatives"),
    ("EF_VI_RX_EVENT_MERGE", "RxMerge"),
];

fn vi_hint_of(errno: Errno) -> &'static str {
    match errno.code() {
        libc::EBUSY | libc::ENOSPC | libc::ENOBUFS => {
            "the adapter, or the set or the event queue, has no virtual interface left; close others"
        }
        libc::EINVAL => "the adapter may not have rings of this capacity; ask `ProtectionDomain::capabilities`",
        libc::EDOM => "the set has no such place; they count from 0",
        libc::EEXIST => "this place in the set is taken; use another, or `build_in`",
        libc::ETIMEDOUT if cfg!(feature = "mock-nic") => STOPPED,
        libc::EACCES | libc::EPERM => "this user may not use the interface; ask for access",
        libc::ENODEV | libc::ENXIO => GONE,
        _ => "check the kernel's log",
    }
}

pub(super) fn pio_hint(errno: Errno) -> &'static str {
    match errno.code() {
        libc::ENOSPC | libc::ENOMEM => "the adapter has no region left; drop others",
        libc::EOPNOTSUPP => "the adapter has no PIO (`Capability::Pio`); send by CTPIO or DMA",
        libc::EALREADY => {
            "a virtual interface is linked with one region and a region with one of them; unlink it first"
        }
        libc::EBUSY => "sends from the region have not been handed out; poll until they are",
        libc::EINVAL => "region and virtual interface must be of one adapter",
        _ => "check the kernel's log",
    }
}

/// What to do about a VI whose interface has gone.
const GONE: &str = "the interface has gone (unplugged, deleted, or moved to another network namespace): drop the virtual interface, and build another on an interface that is there, as `ip link` lists them";

pub(super) fn query_hint(errno: Errno) -> &'static str {
    match errno.code() {
        libc::ENODEV | libc::ENXIO => GONE,
        _ => "check that the interface is still up",
    }
}

pub(super) fn set_hint(errno: Errno) -> &'static str {
    match errno.code() {
        libc::EINVAL | libc::EDOM => "the adapter may not have sets of that many; try 2, 4 or 8",
        libc::EBUSY | libc::ENOSPC | libc::ENOBUFS => {
            "the adapter has no virtual interface or RSS context left; close others"
        }
        libc::EOPNOTSUPP => "the adapter does not spread by RSS; use a virtual interface alone",
        _ => "check the kernel's log",
    }
}

pub(super) fn alternatives_hint(errno: Errno) -> &'static str {
    match errno.code() {
        libc::EBUSY | libc::ENOSPC => "the adapter has not as many left; ask for fewer, or for less space",
        libc::EINVAL => "ask for 1 to 256 alternatives and more than 0 bytes",
        _ => "the adapter may lack them; ask `ProtectionDomain::capability` for `Capability::TxAlternatives`",
    }
}

pub(super) fn filter_hint(errno: Errno) -> &'static str {
    match errno.code() {
        libc::EBUSY | libc::ENOSPC | libc::ENOBUFS => "the filter table is full; remove a filter first",
        libc::EEXIST => "the same filter is there already, here or on another virtual interface; add it once",
        libc::EPROTONOSUPPORT => "the adapter can't match this combination; use another kind of filter",
        libc::EINVAL => "a value is out of range (a VLAN is below 4096), or the two ends are of different IP versions",
        libc::EACCES | libc::EPERM => "this user may not add such a filter; run with CAP_NET_ADMIN",
        libc::ENODEV | libc::ENXIO => GONE,
        _ => "check the kernel's log",
    }
}
