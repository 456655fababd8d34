//! The sending side: a ring of frames that the kernel sends when it is told to. A frame that is alone goes by a call of its
//! own ([`Direct`]): of a frame in a ring the kernel takes the pages, which costs it more than a copy of the bytes.

use super::{Bypass, Direct, Sent, Socket};
use crate::counters::Cells;
use crate::errno::{Errno, Result};
use crate::wire::Outgoing;
use core::sync::atomic::{AtomicU32, Ordering::*};
use std::os::fd::{AsFd, AsRawFd};
use std::sync::Arc;

/// A slot is free.
const FREE: u32 = 0;
/// A slot has a frame to be sent.
const TO_SEND: u32 = 1;
/// Where the frame begins in its slot.
const FRAME_AT: usize = size_of::<libc::tpacket2_hdr>();
/// How long a full ring is waited for, in milliseconds.
const PATIENCE_MS: i32 = 1;

/// Sends frames over an interface.
pub struct Sender {
    socket: Socket,
    /// The slot that is written to next.
    next: usize,
    /// Frames since the kernel last took all that were there: none, or no fewer than still wait.
    behind: usize,
    /// Frames that the interface did not take.
    refused: u64,
    /// Sends what is alone.
    direct: Direct,
    /// The length of a frame in the next slot that is alone until now.
    alone: Option<usize>,
    cells: Arc<Cells>,
}

impl Sender {
    /// For frames of up to so many bytes.
    pub fn open(index: i32, frame: usize, cells: &Arc<Cells>) -> Result<Self> {
        let mut socket = Socket::open()?;
        // A frame that the kernel refuses does not keep back those behind it.
        socket.set(libc::PACKET_LOSS, &1_i32)?;
        socket.map(libc::PACKET_TX_RING, frame)?;
        socket.sends_to(index)?;
        let direct = Direct::open(index, cells)?;
        Ok(Self { socket, next: 0, behind: 0, refused: 0, direct, alone: None, cells: cells.clone() })
    }

    /// Writes a frame into the ring; false if there is no room.
    #[inline]
    pub fn write(&mut self, frame: &Outgoing<'_>) -> bool {
        self.keep_company();
        let Some(ring) = &self.socket.ring else { return false };
        let slot = ring.slot(self.next).as_ptr();
        // SAFETY: the slot's status is shared with the kernel as an aligned word that both write whole.
        let status = unsafe { AtomicU32::from_ptr(&raw mut (*slot).tp_status) };
        if status.load(Acquire) != FREE && !self.wait(self.next) {
            return false;
        }
        // SAFETY: a free slot is this side's, and has room for a frame of the port's behind its header.
        unsafe {
            frame.write(slot.cast::<u8>().add(FRAME_AT));
            (*slot).tp_len = frame.wire_length() as u32;
        }
        self.alone = Some(frame.wire_length());
        if self.behind > 0 {
            self.keep_company();
        }
        true
    }

    /// A frame that was alone is one of those in the ring.
    #[inline]
    fn keep_company(&mut self) {
        if let (Some(_), Some(ring)) = (self.alone.take(), &self.socket.ring) {
            let slot = ring.slot(self.next).as_ptr();
            // SAFETY: as in `write`.
            unsafe { AtomicU32::from_ptr(&raw mut (*slot).tp_status) }.store(TO_SEND, Release);
            self.next = (self.next + 1) % super::SLOTS;
            self.behind += 1;
        }
    }

    /// Sends a frame that is alone; false if there is none, or the kernel has no room for it now.
    #[inline]
    fn push_alone(&mut self) -> bool {
        let (Some(length), Some(ring)) = (self.alone, &self.socket.ring) else { return false };
        // SAFETY: the frame was written there, and the slot is this side's.
        match unsafe { self.direct.send(ring.at(self.next, FRAME_AT).as_ptr(), length) } {
            Sent::Done => {}
            Sent::Refused => self.refused += 1,
            Sent::Later => return false,
        }
        self.alone = None;
        true
    }

    /// Waits a little for a slot to be sent; true if it is.
    #[cold]
    fn wait(&mut self, index: usize) -> bool {
        self.push();
        self.cells.system_calls.add(1);
        let mut poll = libc::pollfd { fd: self.socket.fd.as_raw_fd(), events: libc::POLLOUT, revents: 0 };
        // SAFETY: one structure, which may be written to.
        unsafe { libc::poll(&mut poll, 1, PATIENCE_MS) };
        self.is_free(index)
    }

    fn is_free(&self, index: usize) -> bool {
        self.status(index) == Some(FREE)
    }

    /// The kernel has not taken what is in a slot.
    fn is_waiting(&self, index: usize) -> bool {
        self.status(index) == Some(TO_SEND)
    }

    fn status(&self, index: usize) -> Option<u32> {
        let slot = self.socket.ring.as_ref()?.slot(index).as_ptr();
        // SAFETY: as in `write`.
        Some(unsafe { AtomicU32::from_ptr(&raw mut (*slot).tp_status) }.load(Acquire))
    }

    /// True while frames wait that only another [`Sender::push`] sends.
    pub fn is_behind(&self) -> bool {
        self.behind > 0
    }

    /// Has the kernel send what was written; false if some of it was not taken, or waits.
    #[inline]
    pub fn push(&mut self) -> bool {
        if self.alone.is_some() {
            if self.push_alone() {
                return self.refused == 0;
            }
            self.keep_company();
        }
        if self.behind == 0 {
            return self.refused == 0;
        }
        self.cells.system_calls.add(1);
        // SAFETY: a system call on our own descriptor, which reads the ring.
        let sent = unsafe { libc::send(self.socket.fd.as_raw_fd(), core::ptr::null(), 0, libc::MSG_DONTWAIT) };
        if sent >= 0 {
            // When the socket's memory runs out the kernel leaves the rest in the ring, and says only how much it took.
            if !self.is_waiting((self.next + super::SLOTS - 1) % super::SLOTS) {
                self.behind = 0;
            }
        } else {
            self.failed(Errno::last());
        }
        self.behind == 0 && self.refused == 0
    }

    #[cold]
    fn failed(&mut self, why: Errno) {
        match why {
            // The kernel has no memory for more now: it is told again with the next frame, or the next poll.
            Errno(libc::EAGAIN | libc::ENOBUFS | libc::EINTR) => {}
            _ => self.take_back(),
        }
    }

    /// Nothing leaves an interface that is down: those that wait are lost.
    #[cold]
    pub fn take_back(&mut self) {
        self.refused += u64::from(self.alone.take().is_some());
        while self.behind > 0 {
            let index = (self.next + super::SLOTS - 1) % super::SLOTS;
            let Some(ring) = &self.socket.ring else { return };
            let slot = ring.slot(index).as_ptr();
            // SAFETY: as in `write`.
            let status = unsafe { AtomicU32::from_ptr(&raw mut (*slot).tp_status) };
            if status.compare_exchange(TO_SEND, FREE, AcqRel, Relaxed).is_err() {
                // The kernel has had this one, and those before it.
                break;
            }
            self.refused += 1;
            self.behind -= 1;
            self.next = index;
        }
        self.behind = 0;
    }

    /// What says whether they are seen on their way out. Nobody sees them unless that is told.
    pub fn bypass(&self) -> Result<Bypass> {
        Bypass::of([self.socket.fd.as_fd(), self.direct.fd()])
    }

    /// Frames that the interface did not take since this was last asked.
    pub fn refused(&mut self) -> u64 {
        core::mem::take(&mut self.refused)
    }
}
