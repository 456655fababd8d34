//! What a monitor's socket is to hear: of all that the kernel announces, what is of its own interface. Where others come and
//! go, as on a host of containers, whoever sleeps is not woken for that.

use super::netdev;
use crate::errno::Result;
use std::os::fd::{AsRawFd, OwnedFd};

// Of the kernel's classic filter language.
const LOAD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const IF_EQUAL: u16 = 0x15;
const RETURN: u16 = 0x06;

/// Where a message has its type, and one about an interface that one's index.
const TYPE_AT: u32 = 4;
const INDEX_AT: u32 = 20;

/// Messages that come and go of interfaces are heard if they are of this one; others are heard.
fn program(index: i32) -> [libc::sock_filter; 7] {
    let step = |code, k, jt, jf| libc::sock_filter { code, jt, jf, k };
    // The language takes what it loads for big-endian.
    let kind = |kind: u16| u32::from(u16::from_be_bytes(kind.to_ne_bytes()));
    [
        step(LOAD_HALF, TYPE_AT, 0, 0),
        step(IF_EQUAL, kind(libc::RTM_NEWLINK), 1, 0),
        step(IF_EQUAL, kind(libc::RTM_DELLINK), 0, 2),
        step(LOAD, INDEX_AT, 0, 0),
        step(IF_EQUAL, u32::from_be_bytes(index.to_ne_bytes()), 0, 1),
        step(RETURN, u32::MAX, 0, 0),
        step(RETURN, 0, 0, 0),
    ]
}

/// Has a socket hear no more than that.
pub fn only_of(socket: &OwnedFd, index: i32) -> Result<()> {
    let program = program(index);
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
    netdev::set(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &filter)
}
