//! Keeping a packet past its poll.

use core::fmt;

use crate::memory::{Buffer, PacketPool, TooLong};

use super::packet::Packet;
use super::rx::Lent;

/// A packet that could not be kept: here it is still, with the reason.
///
/// ```
/// use efvi::{Buffer, KeepError, Packet, PacketPool};
///
/// fn keep(packet: Packet<'_>, pool: &mut PacketPool) -> Option<Buffer> {
///     match packet.keep(pool) {
///         Ok(buffer) => Some(buffer),
///         Err(not_kept) => {
///             if not_kept.reason == KeepError::PoolEmpty {
///                 println!("{} bytes are not kept", not_kept.packet.len());
///             }
///             None // the packet goes back to the adapter
///         }
///     }
/// }
/// ```
#[derive(thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct NotKept<'poll> {
    /// The packet, as it was.
    pub packet: Packet<'poll>,
    /// Why it was not kept.
    pub reason: KeepError,
}

impl fmt::Debug for NotKept<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotKept").field("packet", &self.packet).field("reason", &self.reason).finish()
    }
}

/// Why a packet could not be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// The frame has to be copied, and the pool has no buffer for it.
    #[error("the pool has no buffer left to copy the frame into: return some, or build it with more")]
    PoolEmpty,
    /// The frame has to be copied, and is longer than the pool's buffers.
    #[error(transparent)]
    TooLong(TooLong),
    /// Without a copy no more can be held: as many are as the VI has room for packets.
    #[error(
        "as many packets of the adapter's memory are held as there may be: drop some, so that the next poll releases them, or `keep` a copy"
    )]
    TooManyHeld,
}

/// Keeps a packet that came by a rare event: in the buffer that it is in, or copied from the adapter's own memory.
#[inline(never)]
pub(super) fn keep_rare<'poll>(packet: Packet<'poll>, pool: &mut PacketPool) -> Result<Buffer, NotKept<'poll>> {
    let packet = match own_buffer(packet) {
        Ok(buffer) => return Ok(buffer),
        Err(packet) => packet,
    };
    match copy(packet.frame(), pool) {
        Ok(buffer) => {
            if let Lent::Reference(id) = packet.take_lent() {
                packet.inner().release(id);
            }
            Ok(buffer)
        }
        Err(reason) => Err(NotKept { packet, reason }),
    }
}

/// The buffer that a packet of a rare event is in; the packet, if it is in the adapter's own memory.
pub(super) fn own_buffer(packet: Packet<'_>) -> Result<Buffer, Packet<'_>> {
    if let Lent::Buffer(slot) = packet.lent()
        && let Some(buffer) = packet.own(slot)
    {
        packet.take_lent();
        return Ok(buffer);
    }
    Err(packet)
}

/// A frame in a buffer of the pool's.
pub(super) fn copy(frame: &[u8], pool: &mut PacketPool) -> Result<Buffer, KeepError> {
    let mut buffer = pool.take().ok_or(KeepError::PoolEmpty)?;
    match buffer.write(frame) {
        Ok(()) => Ok(buffer),
        Err(too_long) => {
            pool.put(buffer);
            Err(KeepError::TooLong(too_long))
        }
    }
}
