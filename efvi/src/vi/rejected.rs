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
pub struct Rejected<T: fmt::Debug = Buffer> {
    /// The buffer, its frame as it was; or what else the frame lies in.
    pub buffer: T,
    /// Why it was not taken.
    #[source]
    pub reason: RejectReason,
}

impl<T: fmt::Debug> Rejected<T> {
    /// Out of the way of the data path.
    #[cold]
    pub(super) fn new(buffer: T, reason: RejectReason) -> Self {
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
    /// The frame to send is shorter than what PIO takes.
    FrameTooShort {
        /// The frame's length in bytes.
        len: u32,
        /// The shortest, in bytes.
        min: u32,
    },
    /// The frame is in more pieces than can be sent.
    TooManyPieces {
        /// The most that there can be.
        max: u32,
    },
    /// The virtual interface is linked with no PIO region.
    NoPioRegion,
    /// The part is of a PIO region that the virtual interface is not linked with.
    WrongPioRegion,
    /// The PIO region has no room for the frame now.
    PioFull,
    /// The space of the TX alternatives has no room for the frame now.
    AlternativesFull {
        /// What the frame takes, in bytes.
        needed: u32,
        /// What is free, in bytes.
        free: u32,
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
    /// The adapter receives into memory of its own (X3; X4 on its express datapath), or the VI into a packed stream's.
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
            RejectReason::FrameTooShort { len, min } => {
                write!(f, "the frame of {len} bytes is too short for PIO: expected at least {min}; pad it, or use `send`")
            }
            RejectReason::TooManyPieces { max } => {
                write!(f, "the frame is in too many pieces: expected at most {max}; copy some together")
            }
            RejectReason::NoPioRegion => {
                f.write_str("the virtual interface has no PIO region: link one with `link_pio`, or use `send`")
            }
            RejectReason::WrongPioRegion => {
                f.write_str("the part is of another PIO region: take it from the one that the virtual interface is linked with")
            }
            RejectReason::PioFull => f.write_str(
                "the PIO region has no room for the frame: poll, so that completions free parts, or use `send`",
            ),
            RejectReason::AlternativesFull { needed, free } => write!(
                f,
                "the frame takes {needed} bytes of the alternatives' space, of which {free} are free: let frames go and poll, or build the virtual interface with more"
            ),
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
                "the adapter receives into memory of its own, or into a packed stream's, so no buffers are posted: poll, or use `fill`, which does nothing there",
            ),
            RejectReason::QueueFailed => {
                f.write_str("the transmit queue is dead after a failed send: revive it (`Transmit::dead`, since Onload 9.1.0), or build a new virtual interface")
            }
            RejectReason::Os(errno) => write!(f, "the library refused the buffer: {errno}"),
        }
    }
}
