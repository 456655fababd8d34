//! Whether what a VI sends goes past the sockets that listen to what leaves the interface.

use crate::errno::{Errno, Result};
use crate::wire::machine::netdev;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

/// The sockets by which a VI sends, as other threads see them.
pub struct Bypass([OwnedFd; 2]);

impl Bypass {
    pub(super) fn of(sockets: [BorrowedFd<'_>; 2]) -> Result<Self> {
        let own = |socket: BorrowedFd<'_>| {
            socket.try_clone_to_owned().map_err(|e| Errno(e.raw_os_error().unwrap_or(libc::EIO)))
        };
        let [one, other] = sockets;
        Ok(Self([own(one)?, own(other)?]))
    }

    /// Straight to the driver, as what is in a hurry goes; or where it is seen, and may queue.
    pub fn set(&self, straight: bool) -> Result<()> {
        self.0.iter().try_for_each(|socket| {
            netdev::set(socket.as_raw_fd(), libc::SOL_PACKET, libc::PACKET_QDISC_BYPASS, &i32::from(straight))
        })
    }
}
