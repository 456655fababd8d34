//! NUMA nodes: where an interface is, where memory shall be, and where it is.

use core::ptr::NonNull;

#[cfg(not(miri))]
use crate::error::Errno;

/// The node of an interface, by sysfs; `None` if the system does not know.
#[cfg(not(miri))]
pub(super) fn of_interface(interface: &str) -> Option<u32> {
    // The name is one component: anything else is no interface's.
    if interface.is_empty() || interface.contains(['/', '\0']) {
        return None;
    }
    let path = alloc::format!("/sys/class/net/{interface}/device/numa_node\0");
    let mut text = [0_u8; 16];
    // SAFETY: the path ends in NUL.
    let file = unsafe { libc::open(path.as_ptr().cast(), libc::O_RDONLY | libc::O_CLOEXEC) };
    if file < 0 {
        return None;
    }
    // SAFETY: the file is open, and there is room for as many bytes.
    let length = unsafe { libc::read(file, text.as_mut_ptr().cast(), text.len()) };
    // SAFETY: opened above.
    unsafe { libc::close(file) };
    parse(text.get(..usize::try_from(length).ok()?)?)
}

/// A node's number; `None` for -1, which stands for none.
#[cfg(any(test, not(miri)))]
fn parse(text: &[u8]) -> Option<u32> {
    core::str::from_utf8(text).ok()?.trim().parse().ok()
}

/// Asks for a node's memory, for pages that are not there yet: strictly, or if it has any.
#[cfg(not(miri))]
pub(super) fn bind(base: NonNull<u8>, length: usize, node: u32, strict: bool) -> Result<(), Errno> {
    // As many as the kernel can be built for.
    const NODES: usize = 1024;
    const WORD: usize = usize::BITS as usize;
    let mut mask = [0_usize; NODES / WORD];
    let Some(word) = mask.get_mut(node as usize / WORD) else {
        return Err(Errno::from_return(-libc::EINVAL));
    };
    *word = 1 << (node as usize % WORD);
    let mode = if strict { libc::MPOL_BIND } else { libc::MPOL_PREFERRED };
    // SAFETY: the range is a mapping of the caller's, whose policy this sets; the mask has as many bits, and the kernel
    // takes the number as one more than it reads.
    let code = unsafe { libc::syscall(libc::SYS_mbind, base.as_ptr(), length, mode, mask.as_ptr(), NODES + 1, 0) };
    if code == 0 { Ok(()) } else { Err(Errno::last()) }
}

/// The node that a page in memory is on; `None` if the kernel does not say.
#[cfg(not(miri))]
pub(super) fn of_memory(base: NonNull<u8>) -> Option<u32> {
    // Of <linux/mempolicy.h>: the node, not the policy, and that of an address.
    const MPOL_F_NODE: libc::c_int = 1;
    const MPOL_F_ADDR: libc::c_int = 2;
    let mut node: libc::c_int = -1;
    let flags = MPOL_F_NODE | MPOL_F_ADDR;
    let (mask, bits) = (core::ptr::null_mut::<usize>(), 0_usize);
    // SAFETY: the page is mapped, and there is room for the node's number; no mask is asked for.
    let code = unsafe { libc::syscall(libc::SYS_get_mempolicy, &raw mut node, mask, bits, base.as_ptr(), flags) };
    if code == 0 { u32::try_from(node).ok() } else { None }
}

/// Miri has no system to ask.
#[cfg(miri)]
pub(super) fn of_memory(_: NonNull<u8>) -> Option<u32> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nodes_number_is_read_as_sysfs_writes_it() {
        assert_eq!(parse(b"0\n"), Some(0));
        assert_eq!(parse(b"12\n"), Some(12));
        for none in [&b"-1\n"[..], b"", b"\n", b"x\n", b"\xff"] {
            assert_eq!(parse(none), None);
        }
    }

    #[cfg(not(miri))]
    #[test]
    fn what_is_no_interface_has_no_node() {
        for name in ["", "no-such-interface", "../net/lo", "with\0nul"] {
            assert_eq!(of_interface(name), None, "{name:?}");
        }
    }
}
