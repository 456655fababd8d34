//! How measured frames lie in memory: each in one buffer, or, where they are longer than that, in several. The loops are
//! compiled for either, so that short frames don't pay for long ones.

use std::net::SocketAddrV4;

use anyhow::{Context as _, Result, anyhow};
use efvi::{Buffer, Packet, PacketPool, Pieces, SentPieces, Timestamp, TimestampError, Transmit};
use examples::frame::{self, Mac};

use super::station::{Way, is_control};

/// What the loops do with frames, which depends on how they lie in memory.
pub trait Load: Default {
    /// What a frame lies in that is to be sent.
    type Frame;

    /// What a frame of so many bytes lies in.
    fn take(pool: &mut PacketPool, length: usize) -> Result<Self::Frame>;

    /// Writes a frame of that length.
    fn write(frame: Self::Frame, image: &[u8]) -> Result<Self::Frame>;

    /// Sends it.
    fn send(way: Way, transmit: &mut Transmit<'_>, frame: Self::Frame) -> Result<(), efvi::Error>;

    /// The measured frame that was sent, if it is one: from one buffer.
    fn sent(done: efvi::Sent, headers: usize) -> Option<Sent<Self::Frame>>;

    /// The same from several.
    fn sent_pieces(done: SentPieces<'_>) -> Option<Sent<Self::Frame>>;

    /// Its first bytes, the headers among them.
    fn start(frame: &Self::Frame) -> &[u8];

    /// How long it is.
    fn length(frame: &Self::Frame) -> usize;

    /// Done with it.
    fn put(pool: &mut PacketPool, frame: Self::Frame);

    /// The frame that came with this packet; none while more of it is to come.
    fn whole<'a>(&'a mut self, packet: &'a Packet<'_>) -> Option<&'a [u8]>;

    /// When the frame came that is whole with this packet.
    fn timestamp(&self, packet: &Packet<'_>) -> Result<Timestamp, TimestampError>;

    /// Whose the frame is that this packet belongs to.
    fn whose(&mut self, packet: &Packet<'_>, headers: usize, near: SocketAddrV4) -> Whose;

    /// Keeps a packet of a measured frame: the answer to it, once all of it is there.
    fn turn_around(
        &mut self,
        packet: Packet<'_>,
        headers: usize,
        pool: &mut PacketPool,
        own: &Mac,
        peer: &Mac,
    ) -> Result<Option<Self::Frame>>;
}

/// A measured frame that was sent.
pub struct Sent<F> {
    pub frame: F,
    pub by_ctpio: bool,
    pub timestamp: Option<Timestamp>,
}

/// Whose a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// A measured one.
    Measured,
    /// A control message.
    Control,
    /// Of a queue that is shared with others.
    Others,
}

/// Frames in one buffer.
#[derive(Debug, Default)]
pub struct Single;

impl Load for Single {
    type Frame = Buffer;

    fn take(pool: &mut PacketPool, _length: usize) -> Result<Buffer> {
        pool.take().context("no buffer left to send from")
    }

    #[inline(always)]
    fn write(mut frame: Buffer, image: &[u8]) -> Result<Buffer> {
        frame.write(image)?;
        Ok(frame)
    }

    #[inline(always)]
    fn send(way: Way, transmit: &mut Transmit<'_>, frame: Buffer) -> Result<(), efvi::Error> {
        way.send(transmit, frame).map_err(efvi::Error::from)
    }

    #[inline(always)]
    fn sent(done: efvi::Sent, headers: usize) -> Option<Sent<Buffer>> {
        // Control messages complete as well, with buffers of their own.
        let is_measured = !is_control(&done.buffer, headers);
        is_measured.then_some(Sent { frame: done.buffer, by_ctpio: done.by_ctpio, timestamp: done.timestamp })
    }

    #[inline(always)]
    fn sent_pieces(_done: SentPieces<'_>) -> Option<Sent<Buffer>> {
        None
    }

    #[inline(always)]
    fn start(frame: &Buffer) -> &[u8] {
        frame
    }

    #[inline(always)]
    fn length(frame: &Buffer) -> usize {
        frame.len()
    }

    #[inline(always)]
    fn put(pool: &mut PacketPool, frame: Buffer) {
        pool.put(frame);
    }

    #[inline(always)]
    fn whole<'a>(&'a mut self, packet: &'a Packet<'_>) -> Option<&'a [u8]> {
        Some(packet)
    }

    #[inline(always)]
    fn timestamp(&self, packet: &Packet<'_>) -> Result<Timestamp, TimestampError> {
        packet.timestamp()
    }

    #[inline(always)]
    fn whose(&mut self, packet: &Packet<'_>, headers: usize, near: SocketAddrV4) -> Whose {
        if !frame::goes_to(packet, headers, near) {
            Whose::Others
        } else if is_control(packet, headers) {
            Whose::Control
        } else {
            Whose::Measured
        }
    }

    #[inline(always)]
    fn turn_around(
        &mut self,
        packet: Packet<'_>,
        headers: usize,
        pool: &mut PacketPool,
        own: &Mac,
        peer: &Mac,
    ) -> Result<Option<Buffer>> {
        let mut buffer = keep(packet, pool)?;
        frame::turn_around(&mut buffer, headers, own, peer);
        Ok(Some(buffer))
    }
}

/// Frames in several buffers. What is sent is cut as buffers are long, what comes as the adapter cuts it.
#[derive(Debug)]
pub struct Several {
    /// The bytes of a frame that comes.
    whole: Vec<u8>,
    /// When its first bytes came.
    timestamp: Result<Timestamp, TimestampError>,
    /// The same of a frame that is to go back: whose it is, and its pieces.
    whose: Whose,
    pieces: Pieces,
}

impl Default for Several {
    fn default() -> Self {
        Several {
            whole: Vec::new(),
            timestamp: Err(TimestampError::NoTimestamp),
            whose: Whose::Others,
            pieces: Pieces::new(),
        }
    }
}

impl Load for Several {
    type Frame = Pieces;

    fn take(pool: &mut PacketPool, length: usize) -> Result<Pieces> {
        let mut pieces = Pieces::new();
        for _ in 0..length.div_ceil(pool.buffer_size()) {
            let buffer = pool.take().context("no buffer left to send from")?;
            pieces.push(buffer).map_err(|_| too_many())?;
        }
        Ok(pieces)
    }

    fn write(frame: Pieces, image: &[u8]) -> Result<Pieces> {
        let mut written = Pieces::new();
        let mut rest = image;
        for mut buffer in frame {
            let (piece, more) = rest.split_at(rest.len().min(buffer.capacity()));
            buffer.write(piece)?;
            written.push(buffer).map_err(|_| too_many())?;
            rest = more;
        }
        Ok(written)
    }

    fn send(way: Way, transmit: &mut Transmit<'_>, frame: Pieces) -> Result<(), efvi::Error> {
        way.send_pieces(transmit, frame).map_err(efvi::Error::from)
    }

    fn sent(_done: efvi::Sent, _headers: usize) -> Option<Sent<Pieces>> {
        // A control message.
        None
    }

    fn sent_pieces(done: SentPieces<'_>) -> Option<Sent<Pieces>> {
        let (by_ctpio, timestamp) = (done.by_ctpio(), done.timestamp());
        Some(Sent { frame: done.into_pieces(), by_ctpio, timestamp })
    }

    fn start(frame: &Pieces) -> &[u8] {
        frame.iter().next().map_or(&[][..], |first| &first[..])
    }

    fn length(frame: &Pieces) -> usize {
        frame.bytes()
    }

    fn put(pool: &mut PacketPool, frame: Pieces) {
        frame.for_each(|buffer| pool.put(buffer));
    }

    fn whole<'a>(&'a mut self, packet: &'a Packet<'_>) -> Option<&'a [u8]> {
        if packet.is_start() {
            // Of a frame that was discarded in its middle, too.
            self.whole.clear();
            self.timestamp = packet.timestamp();
        }
        self.whole.extend_from_slice(packet);
        (!packet.continues()).then_some(&self.whole)
    }

    fn timestamp(&self, _packet: &Packet<'_>) -> Result<Timestamp, TimestampError> {
        self.timestamp
    }

    fn whose(&mut self, packet: &Packet<'_>, headers: usize, near: SocketAddrV4) -> Whose {
        if packet.is_start() {
            self.whose = Single.whose(packet, headers, near);
        }
        self.whose
    }

    fn turn_around(
        &mut self,
        packet: Packet<'_>,
        headers: usize,
        pool: &mut PacketPool,
        own: &Mac,
        peer: &Mac,
    ) -> Result<Option<Pieces>> {
        let (starts, ends) = (packet.is_start(), !packet.continues());
        let mut buffer = keep(packet, pool)?;
        if starts {
            self.pieces = Pieces::new();
            frame::turn_around(&mut buffer, headers, own, peer);
        }
        self.pieces.push(buffer).map_err(|_| too_many())?;
        Ok(ends.then(|| std::mem::take(&mut self.pieces)))
    }
}

#[inline(always)]
fn keep(packet: Packet<'_>, pool: &mut PacketPool) -> Result<Buffer> {
    packet.keep(pool).map_err(|not_kept| anyhow!("{not_kept}"))
}

#[cold]
fn too_many() -> anyhow::Error {
    anyhow!("a frame in more than {} buffers", Pieces::MAX)
}
