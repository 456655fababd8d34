//! A buffer that a ring did not take.

use core::fmt;

use crate::error::Errno;
use crate::memory::Buffer;

/// A ring did not take a buffer: here it is back, with the reason. Nothing was sent or posted.
///
/// ```
/// use efvi::{Buffer, RejectReason, Transmit};
///
/// /// Sends a frame if there is room now; otherwise it comes back, to be sent after a poll.
/// fn try_send(tx: &mut Transmit<'_>, buffer: Buffer) -> Result<Option<Buffer>, RejectReason> {
///     match tx.send(buffer) {
///         Ok(()) => Ok(None),
///         Err(rejected) if rejected.reason == RejectReason::RingFull => Ok(Some(rejected.buffer)),
///         Err(rejected) => Err(rejected.reason),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct Rejected {
    /// The buffer, its frame as it was.
    pub buffer: Buffer,
    /// Why it was not taken.
    #[source]
    pub reason: RejectReason,
}

impl Rejected {
    /// Out of the way of the data path.
    #[cold]
    pub(super) fn new(buffer: Buffer, reason: RejectReason) -> Self {
        Rejected { buffer, reason }
    }
}

/// Why a ring did not take a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectReason {
    /// The ring has no slot left (`-EAGAIN`).
    RingFull,
    /// The frame to send has no bytes.
    FrameEmpty,
    /// The frame to send is longer than the interface allows.
    FrameTooLong {
        /// The frame's length in bytes, headers included.
        len: u32,
        /// The longest that can be sent ([`Interface::mtu`](crate::Interface::mtu)).
        max: u32,
    },
    /// The buffer's memory is not registered with the virtual interface's protection domain.
    WrongDomain,
    /// The virtual interface was built without CTPIO.
    CtpioDisabled,
    /// The adapter may write more into a posted buffer than this one holds.
    BufferTooSmall {
        /// What the buffer holds, in bytes.
        capacity: u32,
        /// What it must hold, in bytes.
        needed: u32,
    },
    /// The adapter receives into memory of its own (X3; X4 on its express datapath).
    NothingPosted,
    /// An earlier send failed and the transmit queue with it.
    QueueFailed,
    /// The library refused, with this error.
    Os(Errno),
}

impl RejectReason {
    /// The reason behind a call's return value that is below zero.
    #[cold]
    pub(super) fn from_return(code: i32) -> Self {
        if code == -libc::EAGAIN { RejectReason::RingFull } else { RejectReason::Os(Errno::from_return(code)) }
    }
}

impl core::error::Error for RejectReason {}

impl fmt::Display for RejectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            RejectReason::RingFull => {
                f.write_str("the ring is full: poll, so that completions free slots, then try again")
            }
            RejectReason::FrameEmpty => f.write_str("the frame is empty: write it, or set its length, before sending"),
            RejectReason::FrameTooLong { len, max } => {
                write!(
                    f,
                    "the frame of {len} bytes is longer than the {max} that the interface sends: shorten it or raise the MTU"
                )
            }
            RejectReason::WrongDomain => f.write_str(
                "the buffer belongs to another protection domain: take it from a pool of the virtual interface's, or build the pool for both with `build_shared`",
            ),
            RejectReason::CtpioDisabled => {
                f.write_str("the virtual interface has no CTPIO: build it with `.ctpio(...)`, or use `send`")
            }
            RejectReason::BufferTooSmall { capacity, needed } => {
                write!(
                    f,
                    "the buffer of {capacity} bytes is too small to receive into: expected at least {needed}, as pools have by default"
                )
            }
            RejectReason::NothingPosted => f.write_str(
                "the adapter receives into memory of its own, so no buffers are posted: poll, or use `fill`, which does nothing there",
            ),
            RejectReason::QueueFailed => {
                f.write_str("the transmit queue is dead after a failed send: build a new virtual interface")
            }
            RejectReason::Os(errno) => write!(f, "the library refused the buffer: {errno}"),
        }
    }
}
