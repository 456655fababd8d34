//! Keeping a packet past its poll, in a buffer.

use core::fmt;

use crate::memory::{Buffer, PacketPool, TooLong};

use super::packet::Packet;

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
}

/// Copies a packet of the adapter's own memory.
#[inline]
pub(super) fn copy<'poll>(packet: Packet<'poll>, pool: &mut PacketPool) -> Result<Buffer, NotKept<'poll>> {
    let reason = match pool.take() {
        None => KeepError::PoolEmpty,
        Some(mut buffer) => match buffer.write(packet.frame()) {
            Ok(()) => {
                packet.release();
                return Ok(buffer);
            }
            Err(too_long) => {
                pool.put(buffer);
                KeepError::TooLong(too_long)
            }
        },
    };
    Err(NotKept { packet, reason })
}
