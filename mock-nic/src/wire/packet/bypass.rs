//! Whether what a VI sends goes past the sockets that listen to what leaves the interface.

use crate::errno::{Errno, Result};
use crate::wire::machine::netdev;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// A sending socket, as other threads see it.
pub struct Bypass(OwnedFd);

impl Bypass {
    pub(super) fn of(socket: BorrowedFd<'_>) -> Result<Self> {
        socket.try_clone_to_owned().map(Self).map_err(|e| Errno(e.raw_os_error().unwrap_or(libc::EIO)))
    }

    /// Straight to the driver, as what is in a hurry goes; or where it is seen, and may queue.
    pub fn set(&self, straight: bool) -> Result<()> {
        netdev::set(self.0.as_raw_fd(), libc::SOL_PACKET, libc::PACKET_QDISC_BYPASS, &i32::from(straight))
    }
}
