//! What a poll reports of sends that are of more than a buffer, and of those that failed.
//!
//! The VI keeps the frame until it is taken out of the event or the next event is asked for. So these are small, and
//! there is nothing to do when they are dropped: a loop that has no use for them does not pay for them.

use core::fmt;

use efvi_sys::ef_event;

use crate::pio::PioPart;
use crate::release;
use crate::time::Timestamp;

use super::super::InnerRef;
use super::super::event::SendError;
use super::{Frame, Pieces};

/// A frame that is lent with an event, and the event.
struct Lent<'poll> {
    inner: InnerRef<'poll>,
    event: &'poll ef_event,
}

impl Lent<'_> {
    /// The frame.
    ///
    /// # Safety
    /// There is one: what is lent is taken once, and before the next event.
    #[inline]
    unsafe fn take(self) -> Frame {
        let frame = self.inner.tx.state.lent.take();
        debug_assert!(frame.is_some());
        // SAFETY: the caller's promise.
        unsafe { frame.unwrap_unchecked() }
    }

    fn by_ctpio(&self) -> bool {
        let flags = match self.event.generic().type_ {
            efvi_sys::EF_EVENT_TYPE_TX_WITH_TIMESTAMP => self.event.tx_timestamp().flags,
            _ => self.event.tx().flags,
        };
        flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0
    }

    fn timestamp(&self) -> Option<Timestamp> {
        (self.event.generic().type_ == efvi_sys::EF_EVENT_TYPE_TX_WITH_TIMESTAMP)
            .then(|| release::transmit_timestamp(self.event))
    }
}

/// A frame in several pieces that was sent. Its buffers are back: [`into_pieces`](Self::into_pieces) has them. Not taken,
/// they return to their pools with the next event.
pub struct SentPieces<'poll> {
    lent: Lent<'poll>,
}

impl<'poll> SentPieces<'poll> {
    /// The pieces are lent with this event.
    #[inline]
    pub(in crate::vi) fn new(inner: InnerRef<'poll>, event: &'poll ef_event) -> Self {
        SentPieces { lent: Lent { inner, event } }
    }

    /// The pieces, in order, with the frame still in them.
    pub fn into_pieces(self) -> Pieces {
        // SAFETY: lent when this was made, and taken by this alone, which is used up.
        match unsafe { self.lent.take() } {
            Frame::InPieces(pieces) => pieces,
            _ => Pieces::new(),
        }
    }

    /// Whether it went by CTPIO; if not, by DMA, be it as CTPIO's fallback.
    pub fn by_ctpio(&self) -> bool {
        self.lent.by_ctpio()
    }

    /// When it went on the wire, if the VI was built with transmit timestamps.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.lent.timestamp()
    }
}

impl fmt::Debug for SentPieces<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (by_ctpio, timestamp) = (self.by_ctpio(), self.timestamp());
        f.debug_struct("SentPieces").field("by_ctpio", &by_ctpio).field("timestamp", &timestamp).finish_non_exhaustive()
    }
}

/// A frame that was sent from the PIO region. Its part is back: [`into_part`](Self::into_part) has it. Not taken, it is
/// the region's again with the next event.
pub struct SentPio<'poll> {
    lent: Lent<'poll>,
}

impl<'poll> SentPio<'poll> {
    /// The part is lent with this event.
    #[inline]
    pub(in crate::vi) fn new(inner: InnerRef<'poll>, event: &'poll ef_event) -> Self {
        SentPio { lent: Lent { inner, event } }
    }

    /// The part, with the frame still in it.
    pub fn into_part(self) -> PioPart {
        // SAFETY: lent when this was made, and taken by this alone, which is used up.
        match unsafe { self.lent.take() } {
            Frame::InPio(part) => part,
            // SAFETY: this is made for a part only.
            _ => unsafe { core::hint::unreachable_unchecked() },
        }
    }

    /// When it went on the wire, if the VI was built with transmit timestamps.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.lent.timestamp()
    }
}

impl fmt::Debug for SentPio<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SentPio").field("timestamp", &self.timestamp()).finish_non_exhaustive()
    }
}

/// A frame of which the adapter reports an error. What it lay in is back: [`into_frame`](Self::into_frame) has it. Not
/// taken, it goes to its pool or region with the next event. The frames behind it stay with the adapter until the queue
/// is revived or the VI dropped.
#[non_exhaustive]
pub struct SendFailed<'poll> {
    inner: InnerRef<'poll>,
    /// What went wrong.
    pub reason: SendError,
}

impl<'poll> SendFailed<'poll> {
    /// The frame is lent with the event at hand.
    #[inline]
    pub(in crate::vi) fn new(inner: InnerRef<'poll>, reason: SendError) -> Self {
        SendFailed { inner, reason }
    }

    /// What the frame lies in: of a single buffer, [`into_buffer`](Frame::into_buffer) gives that.
    pub fn into_frame(self) -> Frame {
        let frame = self.inner.tx.state.lent.take();
        debug_assert!(frame.is_some());
        // SAFETY: lent when this was made, and taken by this alone, which is used up.
        unsafe { frame.unwrap_unchecked() }
    }
}

impl fmt::Debug for SendFailed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SendFailed").field("reason", &self.reason).finish_non_exhaustive()
    }
}
