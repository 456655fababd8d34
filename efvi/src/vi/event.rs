//! What a poll reports.

use crate::memory::Buffer;
use crate::time::Timestamp;

use super::packet::{DiscardedPacket, Packet};
use super::rx::PackedPackets;
use super::tx::{SendFailed, SentPieces, SentPio};

/// What a program does with each event, for [`Events::dispatch`](crate::Events::dispatch).
pub trait EventHandler {
    /// A frame was received ([`Event::Received`]). With the return its buffer is posted again, unless it was kept.
    #[inline]
    fn received(&mut self, packet: Packet<'_>) {
        let _ = packet;
    }

    /// A frame was sent ([`Event::Sent`]). Left alone, its buffer returns to its pool.
    #[inline]
    fn sent(&mut self, sent: Sent) {
        drop(sent);
    }

    /// Any other event.
    fn other(&mut self, event: Event<'_>) {
        drop(event);
    }
}

/// One event of a poll, in the order in which the adapter reported them.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// use efvi::Event;
///
/// # vi.filter_add(&efvi::Filter::all_multicast())?;
/// # let (_tx, mut rx) = vi.split();
/// # rx.fill(&mut pool)?;
/// # port.inject(&[0xff; 60], efvi::mock::Fcs::Good).expect("a frame");
/// # let mut frames = 0;
/// # while frames == 0 {
/// let mut events = rx.poll();
/// while let Some(event) = events.next() {
///     match event {
///         Event::Received(packet) => frames += usize::from(packet.is_start()),
///         Event::Discarded(packet) => println!("damaged: {}", packet.reason()),
///         Event::Sent(done) => pool.put(done.buffer),
///         Event::SendFailed(lost) => return Err(lost.reason.into()),
///         Event::NoDescriptors => println!("a frame was lost"),
///         Event::Overflow | Event::Reset => return Err("a new VI is needed".into()),
///         other => println!("{other:?}"),
///     }
/// }
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'poll> {
    /// A frame was received.
    Received(Packet<'poll>),
    /// A frame was received that is not as it should be.
    Discarded(DiscardedPacket<'poll>),
    /// Frames were received in a packed stream.
    Packed(PackedPackets<'poll>),
    /// A frame was sent.
    Sent(Sent),
    /// A frame in several pieces was sent.
    SentPieces(SentPieces<'poll>),
    /// A frame was sent from a part of the PIO region.
    SentPio(SentPio<'poll>),
    /// A frame has left the TX alternative of this number: it was sent, or dropped if that was asked for.
    Alternative(u32),
    /// A frame was not sent, and the transmit queue is dead: revive it (`Transmit::dead`, since Onload 9.1.0), or build
    /// a new VI.
    SendFailed(SendFailed<'poll>),
    /// A frame was lost, or its end, because no buffer was posted for it.
    NoDescriptors,
    /// The event queue overflowed: events were lost, and with them the account of the rings. Build a new VI, with an
    /// event queue that holds one event for each descriptor of both rings.
    Overflow,
    /// The adapter was reset or unplugged, or its interface deleted: nothing more will happen here. Build a new VI.
    Reset,
    /// An event that a program put into the queue (`ef_eventq_put`), with its 16 bits.
    Software(u16),
    /// An event of a type that this crate does not know, by its number (`EF_EVENT_TYPE`).
    Other(u32),
}

/// A frame that was sent: its buffer is back.
///
/// ```
/// # use efvi::{Buffer, PacketPool, Sent};
/// /// Sends the same frame once more, if it went by DMA.
/// fn again(tx: &mut efvi::Transmit<'_>, pool: &mut PacketPool, sent: Sent) -> efvi::Result<()> {
///     match sent.by_ctpio {
///         true => pool.put(sent.buffer),
///         false => tx.send(sent.buffer)?,
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Sent {
    /// The buffer, with the frame still in it.
    pub buffer: Buffer,
    /// Whether it went by CTPIO; if not, by DMA, be it as CTPIO's fallback.
    pub by_ctpio: bool,
    /// When it went on the wire, if the VI was built with transmit timestamps.
    pub timestamp: Option<Timestamp>,
}

/// Why the adapter did not send a frame.
///
/// ```
/// use efvi::{Event, PacketPool, SendError};
///
/// /// Takes the buffer back, and says why its frame was not sent.
/// fn failed(event: Event<'_>, pool: &mut PacketPool) -> Option<SendError> {
///     let Event::SendFailed(lost) = event else { return None };
///     let reason = lost.reason;
///     if let Some(buffer) = lost.into_frame().into_buffer() {
///         pool.put(buffer);
///     }
///     Some(reason)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The VI may not send this frame (`EF_EVENT_TX_ERROR_RIGHTS`).
    #[error("the virtual interface may not send this frame")]
    Rights,
    /// The transmit ring overflowed (`EF_EVENT_TX_ERROR_OFLOW`).
    #[error("the transmit ring overflowed")]
    Overflow,
    /// The frame is too long (`EF_EVENT_TX_ERROR_2BIG`).
    #[error("the frame is too long for the adapter")]
    TooLong,
    /// The adapter could not read the frame (`EF_EVENT_TX_ERROR_BUS`).
    #[error("the adapter could not read the frame from memory")]
    Bus,
    /// Any other reason, by its number (`EF_EVENT_TX_ERROR_TYPE`).
    #[error("the adapter reports error {0}")]
    Other(u32),
}

impl SendError {
    #[cold]
    pub(super) fn from_raw(subtype: u32) -> Self {
        match subtype {
            efvi_sys::EF_EVENT_TX_ERROR_RIGHTS => SendError::Rights,
            efvi_sys::EF_EVENT_TX_ERROR_OFLOW => SendError::Overflow,
            efvi_sys::EF_EVENT_TX_ERROR_2BIG => SendError::TooLong,
            efvi_sys::EF_EVENT_TX_ERROR_BUS => SendError::Bus,
            other => SendError::Other(other),
        }
    }
}
