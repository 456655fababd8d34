//! Sends a frame by a call of its own, from where it is. For one frame that costs the kernel less than a ring does, of packets
//! as of AF_XDP: it copies the bytes, and keeps no account of memory.

use super::Socket;
use crate::counters::Cells;
use crate::errno::{Errno, Result};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::sync::Arc;

/// A packet socket without a ring.
pub struct Direct {
    socket: Socket,
    cells: Arc<Cells>,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is done with.
    Done,
    /// The interface did not take it: it is down, or its MTU is less than it was.
    Refused,
    /// The kernel has no room for it now.
    Later,
}

impl Direct {
    /// Over an interface.
    pub fn open(index: i32, cells: &Arc<Cells>) -> Result<Self> {
        let socket = Socket::open()?;
        socket.sends_to(index)?;
        Ok(Self { socket, cells: cells.clone() })
    }

    /// The socket.
    pub(super) fn fd(&self) -> BorrowedFd<'_> {
        self.socket.fd.as_fd()
    }

    /// Sends a frame.
    ///
    /// # Safety
    /// So many bytes can be read there.
    #[inline]
    pub unsafe fn send(&self, frame: *const u8, length: usize) -> Sent {
        self.cells.system_calls.add(1);
        // SAFETY: a system call on our own descriptor, which reads the frame.
        let sent = unsafe { libc::send(self.socket.fd.as_raw_fd(), frame.cast(), length, libc::MSG_DONTWAIT) };
        if sent >= 0 {
            return Sent::Done;
        }
        match Errno::last() {
            Errno(libc::EAGAIN | libc::ENOBUFS | libc::EINTR) => Sent::Later,
            _ => Sent::Refused,
        }
    }
}
