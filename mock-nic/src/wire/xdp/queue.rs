//! An AF_XDP socket on one of an interface's queues.

use super::ring::{Kind, Ring};
use super::umem::Umem;
use crate::counters::Counter;
use crate::errno::{Errno, Result};
use crate::wire::machine::netdev::{self, socket};
use core::mem::size_of;
use core::ptr;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

/// Entries of the rings.
const RECEIVE: u32 = 4096;
const TRANSMIT: u32 = 4096;
const FILL: u32 = 4096;
const COMPLETION: u32 = 4096;

/// How long a queue is waited for that is another socket's.
const PATIENCE: Duration = Duration::from_millis(500);

/// The kernel takes no more frames in one call than a few: it is called until it has them all.
const CALLS: usize = 256;

/// A socket with its rings. The rings of memory are those of its queue.
pub struct Queue {
    /// The socket.
    pub fd: OwnedFd,
    /// Which queue.
    pub number: u32,
    /// What arrived.
    pub receive: Ring<libc::xdp_desc>,
    /// Memory for what will arrive.
    pub fill: Ring<u64>,
    /// Memory of what was sent.
    pub completion: Ring<u64>,
    /// What is to be sent, of the first queue.
    pub transmit: Option<Ring<libc::xdp_desc>>,
    /// How much memory the kernel has to fill.
    pub filled: u32,
}

/// How sockets are bound.
#[derive(Clone, Copy, Debug, Default)]
pub struct Binding {
    /// Frames may come and go in several pieces.
    pub pieces: bool,
}

/// A socket that is yet to be bound.
pub fn open() -> Result<OwnedFd> {
    socket(libc::AF_XDP, libc::SOCK_RAW, 0)
}

/// Gives a socket its memory.
pub fn register(fd: &OwnedFd, umem: &Umem) -> Result<()> {
    netdev::set(fd.as_raw_fd(), libc::SOL_XDP, libc::XDP_UMEM_REG, &umem.registration())
}

impl Queue {
    /// Binds a socket to an interface's queue. The first has the memory, others share its.
    pub fn bind(fd: OwnedFd, interface: i32, number: u32, first: Option<RawFd>, how: Binding) -> Result<Self> {
        let raw = fd.as_raw_fd();
        let queue = Self {
            number,
            fill: Ring::map(raw, Kind::Fill, FILL)?,
            completion: Ring::map(raw, Kind::Completion, COMPLETION)?,
            receive: Ring::map(raw, Kind::Receive, RECEIVE)?,
            transmit: if first.is_none() { Some(Ring::map(raw, Kind::Transmit, TRANSMIT)?) } else { None },
            filled: 0,
            fd,
        };
        let mut flags = match first {
            Some(_) => libc::XDP_SHARED_UMEM,
            None => libc::XDP_USE_NEED_WAKEUP,
        };
        if how.pieces && first.is_none() {
            flags |= libc::XDP_USE_SG;
        }
        let address = libc::sockaddr_xdp {
            sxdp_family: libc::AF_XDP as u16,
            sxdp_flags: flags,
            sxdp_ifindex: interface as u32,
            sxdp_queue_id: number,
            sxdp_shared_umem_fd: first.unwrap_or(0) as u32,
        };
        let start = Instant::now();
        loop {
            // SAFETY: an address of this size.
            let rc = unsafe { libc::bind(raw, (&raw const address).cast(), size_of::<libc::sockaddr_xdp>() as u32) };
            match if rc < 0 { Err(Errno::last()) } else { Ok(()) } {
                Ok(()) => return Ok(queue),
                // The kernel takes its time to tidy up behind a socket that was closed.
                Err(Errno(libc::EBUSY)) if start.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(1)),
                Err(e) => return Err(e),
            }
        }
    }

    /// The driver moves frames without a copy of the kernel's.
    pub fn is_zero_copy(&self) -> bool {
        let none = libc::xdp_options { flags: 0 };
        netdev::get(self.fd.as_raw_fd(), libc::SOL_XDP, libc::XDP_OPTIONS, none)
            .is_ok_and(|options| options.flags & libc::XDP_OPTIONS_ZEROCOPY != 0)
    }

    /// Has the kernel poll the driver when the socket is called, for so many microseconds, rather than wait for its
    /// interrupts. `EPERM` without CAP_NET_ADMIN.
    pub fn busy_poll(&self, microseconds: i32) -> Result<()> {
        const FRAMES: i32 = 64;
        let set = |option: i32, value: i32| netdev::set(self.fd.as_raw_fd(), libc::SOL_SOCKET, option, &value);
        set(libc::SO_PREFER_BUSY_POLL, 1)?;
        set(libc::SO_BUSY_POLL, microseconds)?;
        set(libc::SO_BUSY_POLL_BUDGET, FRAMES)
    }

    /// Has the driver look for memory to fill, and for frames.
    #[inline]
    pub fn wake_receiver(&self) {
        // SAFETY: a system call on our own descriptor that reads nothing.
        unsafe {
            libc::recvfrom(
                self.fd.as_raw_fd(),
                ptr::null_mut(),
                0,
                libc::MSG_DONTWAIT,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
    }

    /// Has the kernel send what is in the transmit ring; where it `copies`, says how many frames it dropped because the
    /// interface did not take them. An error is of an interface that is down or gone; what is not sent for other reasons is
    /// left for the next call.
    #[inline]
    pub fn wake_sender(&mut self, copies: bool, calls: &Counter) -> Result<u64> {
        let Some(transmit) = &self.transmit else { return Ok(0) };
        let mut dropped = 0;
        for _ in 0..CALLS {
            if !transmit.wants_wakeup() || transmit.is_drained() {
                break;
            }
            calls.add(1);
            // SAFETY: a system call on our own descriptor that reads nothing.
            let rc = unsafe { libc::sendto(self.fd.as_raw_fd(), ptr::null(), 0, libc::MSG_DONTWAIT, ptr::null(), 0) };
            if rc < 0 {
                match Errno::last() {
                    Errno(libc::EAGAIN) => {}
                    // The last frame that it took is done with, and was not sent.
                    Errno(libc::EBUSY) if copies => dropped += 1,
                    e @ Errno(libc::ENETDOWN | libc::ENXIO) => return Err(e),
                    _ => break,
                }
            }
        }
        Ok(dropped)
    }

    /// Frames that were lost because there was no memory to fill, or no room in the ring.
    pub fn lost(fd: RawFd) -> u64 {
        let none = libc::xdp_statistics {
            rx_dropped: 0,
            rx_invalid_descs: 0,
            tx_invalid_descs: 0,
            rx_ring_full: 0,
            rx_fill_ring_empty_descs: 0,
            tx_ring_empty_descs: 0,
        };
        netdev::get(fd, libc::SOL_XDP, libc::XDP_STATISTICS, none)
            .map_or(0, |counts| counts.rx_dropped + counts.rx_ring_full)
    }
}
