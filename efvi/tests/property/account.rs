//! The account of an end: what should be where.

use std::collections::VecDeque;

use efvi::{Buffer, DiscardReason, HeldPacket, PacketPool, PioRegion, RejectReason, Rejected};

use crate::common::Station;

/// The size of each buffer: what an adapter may write into one, and more.
pub const BUFFER: usize = 2048;

/// Fewer frames than the mock's wire holds while the receiver does not poll.
const WIRE: usize = 250;

/// Frames behind one that is held in the adapter's own memory: fewer than that has places for packets beside the piece that
/// is kept from use.
const BEHIND_HELD: u64 = 400;

/// Up to so many posted buffers the adapter may not have been told of: it takes them in eights.
const NOT_PUSHED: usize = 7;

/// What should be where at an end: its buffers, and the frames that come to it.
pub struct Account {
    pub pool: PacketPool,
    pub place: Places,
    pub station: Station,
    pub by_reference: bool,
    /// Buffers in the program's hands.
    pub held: Vec<Buffer>,
    /// Packets that are held where they arrived, oldest first.
    pub aside: VecDeque<Aside>,
    /// Where among all frames the oldest came of those that were dropped since the last poll, with which the adapter gets
    /// its memory back.
    dropped: Option<u64>,
    pub pio: Option<PioRegion>,
    /// What is in the transmit ring and the adapter knows of, oldest first.
    pub sent: VecDeque<Sent>,
    /// What is in the transmit ring, behind that, of a batch that was forgotten.
    pub staged: VecDeque<Sent>,
    /// How many buffers are in the receive ring.
    pub posted: usize,
    /// Frames that the other end sent, and damaged ones that were put on the wire, which may overtake each other.
    pub coming: Coming,
    pub damaged: Coming,
}

/// A frame in a transmit ring.
pub struct Sent {
    /// The places of its buffers; none of a send while warming that was taken, whose buffer is back before its descriptor.
    pub places: Vec<usize>,
    /// Whether it lies in the PIO region, and in no buffer.
    pub in_pio: bool,
    pub frame: Vec<u8>,
}

/// A packet that is held.
pub struct Aside {
    pub packet: HeldPacket,
    pub frame: Vec<u8>,
    /// Where among all frames to this end it came, or before.
    at: u64,
}

/// Tells the buffers of a pool apart, by where they lie.
pub struct Places {
    first: usize,
    pub count: usize,
}

impl Places {
    /// The place of a buffer in its pool, counted from 0, by its bytes.
    pub fn of(&self, bytes: &[u8]) -> usize {
        (bytes.as_ptr().addr() - self.first) / BUFFER
    }

    /// What to remember of a buffer that is sent.
    pub fn sent(&self, buffer: &Buffer) -> Sent {
        Sent { places: vec![self.of(buffer)], in_pio: false, frame: buffer.to_vec() }
    }
}

/// The frames on their way to an end, oldest first, each with what is to be said against it.
#[derive(Default)]
pub struct Coming {
    pub frames: VecDeque<(Vec<u8>, Option<DiscardReason>)>,
    /// How many of the oldest may have arrived unseen, in polls that were not looked at to their end.
    pub skipped: usize,
    /// How many were sent at all.
    pub total: u64,
}

impl Coming {
    pub fn expect(&mut self, frame: &[u8], reason: Option<DiscardReason>) {
        self.frames.push_back((frame.to_vec(), reason));
        self.total += 1;
    }

    /// A frame arrived: the oldest, or the next after those that nobody looked at.
    pub fn arrived(&mut self, frame: &[u8], reason: Option<DiscardReason>) {
        loop {
            let (expected, why) = self.frames.pop_front().expect("a frame that was not sent, or once more");
            if expected == frame {
                return assert_eq!(reason, why);
            }
            assert!(self.skipped > 0, "a frame is lost, out of turn or changed");
            self.skipped -= 1;
        }
    }

    pub fn may_be_skipped(&mut self, frames: usize) {
        self.skipped += frames;
    }
}

impl Account {
    pub fn new(mut pool: PacketPool, station: Station, by_reference: bool, pio: Option<PioRegion>) -> Self {
        let all: Vec<Buffer> = std::iter::from_fn(|| pool.take()).collect();
        let first = all.iter().map(|buffer| buffer.as_ptr().addr()).min().unwrap();
        let place = Places { first, count: all.len() };
        drop(all);
        let (held, aside, sent, staged, coming, damaged) = Default::default();
        let (dropped, posted) = (None, 0);
        Account { pool, place, station, by_reference, held, aside, dropped, pio, sent, staged, posted, coming, damaged }
    }

    /// What was staged goes with what is submitted now.
    pub fn submit_staged(&mut self, to: &mut Account) {
        for sent in self.staged.drain(..) {
            to.coming.expect(&sent.frame, None);
            self.sent.push_back(sent);
        }
    }

    /// A frame was taken, and submitted.
    pub fn submitted(&mut self, sent: Sent, to: &mut Account) {
        self.submit_staged(to);
        to.coming.expect(&sent.frame, None);
        self.sent.push_back(sent);
    }

    /// The oldest send, which completed.
    pub fn completed(&mut self) -> Sent {
        loop {
            let sent = self.sent.pop_front().expect("a completion of nothing");
            if !sent.places.is_empty() || sent.in_pio {
                return sent;
            }
        }
    }

    /// The descriptors in the transmit ring: one for each buffer, or for each frame where it is written through.
    pub fn outstanding(&self) -> usize {
        let all = self.sent.iter().chain(&self.staged);
        all.map(|sent| if self.by_reference { 1 } else { sent.places.len() + usize::from(sent.in_pio) }).sum()
    }

    /// A packet's buffer left the receive ring, if it was of that.
    pub fn kept(&mut self) {
        self.posted -= usize::from(!self.by_reference);
    }

    /// How many frames have come for sure.
    fn came(&self) -> u64 {
        [&self.coming, &self.damaged].map(|coming| coming.total - coming.frames.len() as u64).iter().sum()
    }

    /// A packet is held past its poll.
    pub fn hold(&mut self, packet: HeldPacket) {
        assert_eq!(packet.is_reference(), self.by_reference);
        self.kept();
        self.aside.push_back(Aside { frame: packet.to_vec(), at: self.came() - 1, packet });
    }

    /// Gives up packets that are held, the oldest so many. They have not changed.
    pub fn release(&mut self, count: usize) -> Vec<HeldPacket> {
        let released = self.aside.drain(..count.min(self.aside.len()));
        let mut packets = Vec::new();
        for Aside { packet, frame, at } in released {
            assert!(packet[..] == frame, "a packet that is held has changed");
            self.dropped = Some(self.dropped.map_or(at, |oldest| oldest.min(at)));
            packets.push(packet);
        }
        packets
    }

    /// With a poll the adapter has the memory again of packets that were dropped.
    pub fn polled(&mut self) {
        self.dropped = None;
    }

    /// How many frames more may come.
    pub fn room(&self) -> usize {
        let on_the_way = self.coming.frames.len() + self.damaged.frames.len();
        let wire = WIRE.saturating_sub(on_the_way);
        if !self.by_reference {
            return wire.min(self.posted.saturating_sub(NOT_PUSHED + on_the_way));
        }
        // What is held keeps memory from use.
        let oldest = self.aside.iter().map(|aside| aside.at).chain(self.dropped).min();
        let total = self.coming.total + self.damaged.total;
        oldest.map_or(wire, |oldest| wire.min((oldest + BEHIND_HELD).saturating_sub(total) as usize))
    }

    /// A frame was not taken, with so much space in the ring.
    pub fn refused(&mut self, rejected: Rejected, space: usize) {
        if rejected.reason == RejectReason::PioFull {
            let region = self.pio.as_ref().expect("a region");
            assert!(region.take(rejected.buffer.len()).is_none(), "refused with room in the region");
            return self.held.push(rejected.buffer);
        }
        assert_eq!(rejected.reason, RejectReason::RingFull);
        // Where frames are written through, it may be for want of bytes.
        assert!(space == 0 || self.by_reference, "refused with room for {space}");
        assert!(self.outstanding() > 0, "refused with nothing in the ring");
        self.held.push(rejected.buffer);
    }
}
