//! A frame that was received.

use core::fmt;
use core::ops::{Deref, DerefMut};
use core::slice;

use crate::memory::Buffer;
use crate::release;
use crate::time::{Timestamp, TimestampError};

use super::InnerRef;

/// A received frame, in the buffer that the adapter wrote it into. It dereferences to the frame's bytes.
///
/// Its buffer is posted again with the next event that is taken, or when the [`Events`](crate::Events) are dropped;
/// [`keep`](Self::keep) takes the buffer out instead. It borrows the poll that reported it, so it is used before the
/// next event is taken and before the next poll: what the library keeps of a frame, such as its timestamp, is valid no
/// longer.
// Without a drop of its own: events would have one then that is too large to be inlined, and lie in memory for it.
pub struct Packet<'poll> {
    inner: InnerRef<'poll>,
    /// Where the poll has the buffer, which is there as long as this is.
    place: &'poll mut Option<Buffer>,
    /// Where in the buffer the frame lies: the buffer is told if it is kept.
    start: u16,
    length: u16,
    flags: u16,
}

impl<'poll> Packet<'poll> {
    /// Puts the buffer where the poll has its packet's, and lends it.
    ///
    /// # Safety
    ///
    /// The VI lives for `'poll`, and the buffer has `length` bytes from `start` on.
    #[inline(always)]
    pub(super) unsafe fn new(
        inner: InnerRef<'poll>,
        place: &'poll mut Option<Buffer>,
        buffer: Buffer,
        (start, length): (u16, u16),
        flags: u32,
    ) -> Self {
        // Without dropping what was there: nothing was.
        core::mem::forget(place.replace(buffer));
        Packet { inner, place, start, length, flags: flags as u16 }
    }

    /// The buffer's first byte.
    #[inline(always)]
    fn data(&self) -> *mut u8 {
        // SAFETY: `new` put a buffer there, and only `keep` takes it out, which uses up the packet.
        unsafe { self.place.as_ref().unwrap_unchecked() }.data()
    }

    /// The frame: from the Ethernet header on, without the frame check sequence.
    #[inline]
    pub fn frame(&self) -> &[u8] {
        // SAFETY: within the buffer, as `new` was promised, whose bytes are initialised and this packet's.
        unsafe { slice::from_raw_parts(self.data().add(self.start.into()), self.length.into()) }
    }

    /// The frame, to change it in place.
    #[inline]
    pub fn frame_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `frame`; `self` is borrowed mutably as the result is.
        unsafe { slice::from_raw_parts_mut(self.data().add(self.start.into()), self.length.into()) }
    }

    /// When the adapter received the frame (`ef_vi_receive_get_precise_timestamp`; before Onload 9.0.1
    /// `ef_vi_receive_get_timestamp_with_sync_flags`, which has no fraction).
    ///
    /// # Errors
    /// [`TimestampError`]: the VI was built without receive timestamps, or the clocks are not in step.
    #[inline]
    pub fn timestamp(&self) -> Result<Timestamp, TimestampError> {
        if !self.is_start() {
            // The prefix is before the frame's first bytes only.
            return Err(TimestampError::NoTimestamp);
        }
        // SAFETY: the VI is live and this its only thread; the buffer holds a frame of its last poll, behind the
        // prefix, which only the adapter writes.
        unsafe { release::receive_timestamp(self.inner.vi(), self.data().cast()) }
    }

    /// Takes the buffer out, with the frame as the buffer's frame: to hold it past the poll, hand it to another thread,
    /// or send it on. Nothing is copied. The receive ring then holds one buffer fewer: post another.
    #[inline]
    pub fn keep(self) -> Buffer {
        // SAFETY: `new` put it there, and only this takes it out, which uses up the packet.
        let mut buffer = unsafe { self.place.take().unwrap_unchecked() };
        buffer.set_frame(self.start, self.length);
        buffer
    }

    /// Whether this is where a frame starts. Always, unless frames are longer than a buffer.
    #[inline]
    pub fn is_start(&self) -> bool {
        u32::from(self.flags) & efvi_sys::EF_EVENT_FLAG_SOP != 0
    }

    /// Whether the frame goes on in the next packet. Never, unless frames are longer than a buffer.
    #[inline]
    pub fn continues(&self) -> bool {
        u32::from(self.flags) & efvi_sys::EF_EVENT_FLAG_CONT != 0
    }
}

impl Deref for Packet<'_> {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        self.frame()
    }
}

impl DerefMut for Packet<'_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [u8] {
        self.frame_mut()
    }
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// A received frame that is not as it should be, with what there is of it. Its buffer goes the same way as a
/// [`Packet`]'s: posted again with the next event, or kept.
#[derive(Debug)]
pub struct DiscardedPacket<'poll> {
    packet: Packet<'poll>,
    reason: DiscardReason,
}

impl<'poll> DiscardedPacket<'poll> {
    #[inline]
    pub(super) fn new(packet: Packet<'poll>, subtype: u32) -> Self {
        DiscardedPacket { packet, reason: DiscardReason::from_raw(subtype) }
    }

    /// What is wrong with the frame.
    pub fn reason(&self) -> DiscardReason {
        self.reason
    }

    /// The bytes that were received.
    pub fn frame(&self) -> &[u8] {
        self.packet.frame()
    }

    /// Takes the buffer out, as [`Packet::keep`].
    pub fn keep(self) -> Buffer {
        self.packet.keep()
    }
}

/// What is wrong with a received frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DiscardReason {
    /// The IP, TCP or UDP checksum is wrong (`EF_EVENT_RX_DISCARD_CSUM_BAD`).
    #[error("bad checksum")]
    Checksum,
    /// Multicast that no filter asked for (`EF_EVENT_RX_DISCARD_MCAST_MISMATCH`).
    #[error("multicast that was not asked for")]
    MulticastMismatch,
    /// The frame check sequence is wrong (`EF_EVENT_RX_DISCARD_CRC_BAD`): also of a frame that a CTPIO sender broke off.
    #[error("bad frame check sequence")]
    Crc,
    /// The frame was cut short (`EF_EVENT_RX_DISCARD_TRUNC`).
    #[error("truncated")]
    Truncated,
    /// The VI may not write to the buffer (`EF_EVENT_RX_DISCARD_RIGHTS`).
    #[error("no right to the buffer")]
    Rights,
    /// The adapter reported what it should not have (`EF_EVENT_RX_DISCARD_EV_ERROR`).
    #[error("unexpected event")]
    Event,
    /// A checksum of the inner packet of a tunnel is wrong (`EF_EVENT_RX_DISCARD_INNER_CSUM_BAD`).
    #[error("bad inner checksum")]
    InnerChecksum,
    /// Any other reason (`EF_EVENT_RX_DISCARD_OTHER`).
    #[error("another reason")]
    Other,
}

impl DiscardReason {
    #[cold]
    fn from_raw(subtype: u32) -> Self {
        match subtype {
            efvi_sys::EF_EVENT_RX_DISCARD_CSUM_BAD => DiscardReason::Checksum,
            efvi_sys::EF_EVENT_RX_DISCARD_MCAST_MISMATCH => DiscardReason::MulticastMismatch,
            efvi_sys::EF_EVENT_RX_DISCARD_CRC_BAD => DiscardReason::Crc,
            efvi_sys::EF_EVENT_RX_DISCARD_TRUNC => DiscardReason::Truncated,
            efvi_sys::EF_EVENT_RX_DISCARD_RIGHTS => DiscardReason::Rights,
            efvi_sys::EF_EVENT_RX_DISCARD_EV_ERROR => DiscardReason::Event,
            efvi_sys::EF_EVENT_RX_DISCARD_INNER_CSUM_BAD => DiscardReason::InnerChecksum,
            _ => DiscardReason::Other,
        }
    }
}
