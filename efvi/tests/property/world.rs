//! Two ends on a cable, and the account of what should be where.

use std::collections::VecDeque;

use efvi::mock::{Fabric, FabricPort};
use efvi::{
    Batch, Buffer, Driver, Filter, PacketPool, Pieces, ProtectionDomain, RejectReason, Rejected, Transmit,
    VirtualInterface,
};

use crate::common::{Station, address, udp};
use crate::operation::{Op, Side, Use};
use crate::setup::Setup;

/// The size of each buffer: what an adapter may write into one, and more.
const BUFFER: usize = 2048;

/// Fewer frames than the mock's wire holds while the receiver does not poll.
const WIRE: usize = 250;

/// Up to so many posted buffers the adapter may not have been told of: it takes them in eights.
const NOT_PUSHED: usize = 7;

pub struct World {
    ends: [End; 2],
    /// How many events a poll takes at most.
    pub batch: usize,
    /// The number of the next frame.
    next: u64,
}

/// An end of the cable.
pub struct End {
    pub vi: VirtualInterface,
    pub account: Account,
    port: FabricPort,
}

/// What should be where at an end: its buffers, and the frames that come to it.
pub struct Account {
    pub pool: PacketPool,
    pub place: Places,
    station: Station,
    by_reference: bool,
    /// Buffers in the program's hands.
    pub held: Vec<Buffer>,
    /// What is in the transmit ring and the adapter knows of, oldest first.
    pub sent: VecDeque<Sent>,
    /// What is in the transmit ring, behind that, of a batch that was forgotten.
    staged: VecDeque<Sent>,
    /// How many buffers are in the receive ring.
    posted: usize,
    pub coming: Coming,
}

/// A frame in a transmit ring.
pub struct Sent {
    /// The places of its buffers; none of a send while warming that was taken, whose buffer is back before its descriptor.
    pub places: Vec<usize>,
    pub frame: Vec<u8>,
}

/// Tells the buffers of a pool apart, by where they lie.
pub struct Places {
    first: usize,
    count: usize,
}

impl Places {
    /// The place of a buffer in its pool, counted from 0.
    pub fn of(&self, buffer: &Buffer) -> usize {
        (buffer.as_ptr().addr() - self.first) / BUFFER
    }

    /// What to remember of a buffer that is sent.
    pub fn sent(&self, buffer: &Buffer) -> Sent {
        Sent { places: vec![self.of(buffer)], frame: buffer.to_vec() }
    }
}

/// What became of a batch.
pub enum Ended {
    Pushed,
    Forgotten,
    /// It was taken back, and gave these; none of a batch that was dropped.
    Undone(Option<Vec<Buffer>>),
}

/// The frames on their way to an end, oldest first.
#[derive(Default)]
pub struct Coming {
    frames: VecDeque<Vec<u8>>,
    /// How many of the oldest may have arrived unseen, in polls that were not looked at to their end.
    skipped: usize,
    /// How many were sent at all.
    total: u64,
}

impl Coming {
    pub fn expect(&mut self, frame: &[u8]) {
        self.frames.push_back(frame.to_vec());
        self.total += 1;
    }

    /// A frame arrived: the oldest, or the next after those that nobody looked at.
    pub fn arrived(&mut self, frame: &[u8]) {
        loop {
            let expected = self.frames.pop_front().expect("a frame that was not sent, or once more");
            if expected == frame {
                return;
            }
            assert!(self.skipped > 0, "a frame is lost, out of turn or changed");
            self.skipped -= 1;
        }
    }

    pub fn may_be_skipped(&mut self, frames: usize) {
        self.skipped += frames;
    }
}

impl End {
    fn new(port: FabricPort, host: u8, setup: &Setup) -> End {
        let domain = ProtectionDomain::builder().flags(setup.flags);
        let domain = domain.open(&Driver::open().unwrap(), port.name()).unwrap();
        let mut pool = PacketPool::builder().buffers(setup.buffers).buffer_size(BUFFER).build(&domain).unwrap();
        let vi = setup.builder.build(&domain).unwrap();
        let address = address(host, 7000);
        vi.filter_add(&Filter::udp_local(address)).unwrap();
        let station = Station { mac: vi.mac().unwrap(), address };
        let all: Vec<Buffer> = std::iter::from_fn(|| pool.take()).collect();
        let first = all.iter().map(|buffer| buffer.as_ptr().addr()).min().unwrap();
        let place = Places { first, count: all.len() };
        drop(all);
        let (held, sent, staged, coming) = Default::default();
        let by_reference = setup.by_reference;
        let account = Account { pool, place, station, by_reference, held, sent, staged, posted: 0, coming };
        End { vi, account, port }
    }
}

impl Account {
    /// What was staged goes with what is submitted now.
    fn submit_staged(&mut self, to: &mut Account) {
        for sent in self.staged.drain(..) {
            to.coming.expect(&sent.frame);
            self.sent.push_back(sent);
        }
    }

    /// A frame was taken, and submitted.
    pub fn submitted(&mut self, sent: Sent, to: &mut Account) {
        self.submit_staged(to);
        to.coming.expect(&sent.frame);
        self.sent.push_back(sent);
    }

    /// The oldest send, which completed.
    pub fn completed(&mut self) -> Sent {
        loop {
            let sent = self.sent.pop_front().expect("a completion of nothing");
            if !sent.places.is_empty() {
                return sent;
            }
        }
    }

    /// The descriptors in the transmit ring: one for each buffer, or for each frame where it is written through.
    pub fn outstanding(&self) -> usize {
        let all = self.sent.iter().chain(&self.staged);
        all.map(|sent| if self.by_reference { 1 } else { sent.places.len() }).sum()
    }

    /// A packet's buffer left the receive ring, if it was of that.
    pub fn kept(&mut self) {
        self.posted -= usize::from(!self.by_reference);
    }

    /// A frame was not taken, with so much space in the ring.
    fn refused(&mut self, rejected: Rejected, space: usize) {
        assert_eq!(rejected.reason, RejectReason::RingFull);
        // Where frames are written through, it may be for want of bytes.
        assert!(space == 0 || self.by_reference, "refused with room for {space}");
        assert!(self.outstanding() > 0, "refused with nothing in the ring");
        self.held.push(rejected.buffer);
    }
}

impl World {
    pub fn new(setup: &Setup) -> World {
        let (near, far) = Fabric::of(setup.model).cable().unwrap();
        World { ends: [End::new(near, 1, setup), End::new(far, 2, setup)], batch: setup.batch, next: 0 }
    }

    /// The VI and the account of an end, and the other's account.
    pub fn at(&mut self, side: Side) -> (&mut VirtualInterface, &mut Account, &mut Account) {
        let [a, b] = &mut self.ends;
        let (end, other) = if side == 0 { (a, b) } else { (b, a) };
        (&mut end.vi, &mut end.account, &mut other.account)
    }

    /// How many frames more an end can send without one being lost: as many as there are buffers for at the other, and as
    /// the wire holds.
    pub fn room(&self, side: Side) -> usize {
        let (from, to) = (&self.ends[side].account, &self.ends[1 - side].account);
        let buffers = if to.by_reference { WIRE } else { to.posted.saturating_sub(NOT_PUSHED) };
        buffers.min(WIRE).saturating_sub(to.coming.frames.len() + from.staged.len())
    }

    /// At most so many buffers with frames like no others, from the pool or from the program's hands, for which there is
    /// room.
    fn frames(&mut self, side: Side, count: usize) -> Vec<Buffer> {
        let count = count.min(self.room(side));
        (0..count).map_while(|_| self.frame(side)).collect()
    }

    fn frame(&mut self, side: Side) -> Option<Buffer> {
        let number = self.next;
        let (_, own, other) = self.at(side);
        let mut buffer = own.pool.take().or_else(|| own.held.pop())?;
        let length = 18 + number * 37 % 1400;
        let mut payload: Vec<u8> = (0..length).map(|at| (at * 7 + number) as u8).collect();
        payload[..8].copy_from_slice(&number.to_be_bytes());
        buffer.write(&udp(own.station, other.station, &payload)).unwrap();
        self.next += 1;
        Some(buffer)
    }

    /// Sends frames one by one. `pushes` if even a send that is refused has what is staged go first.
    pub fn send_each(
        &mut self,
        side: Side,
        count: usize,
        pushes: bool,
        send: impl Fn(&mut Transmit<'_>, Buffer) -> Result<(), Rejected>,
    ) {
        let mut frames = self.frames(side, count).into_iter();
        let (vi, own, other) = self.at(side);
        let (mut tx, _) = vi.split();
        for buffer in frames.by_ref() {
            let sent = own.place.sent(&buffer);
            match send(&mut tx, buffer) {
                Ok(()) => own.submitted(sent, other),
                Err(rejected) => {
                    if pushes {
                        own.submit_staged(other);
                    }
                    own.refused(rejected, tx.space());
                    break;
                }
            }
        }
        own.held.extend(frames);
    }

    /// Sends a frame in so many pieces.
    pub fn send_pieces(&mut self, side: Side, count: usize) {
        let Some(whole) = self.frames(side, 1).pop() else { return };
        let (vi, own, other) = self.at(side);
        let (mut tx, _) = vi.split();
        let mut sent = Sent { places: Vec::new(), frame: whole.to_vec() };
        let mut pieces = Pieces::new();
        for piece in whole.chunks(whole.len().div_ceil(count)) {
            let Some(mut buffer) = own.pool.take().or_else(|| own.held.pop()) else { break };
            buffer.write(piece).unwrap();
            sent.places.push(own.place.of(&buffer));
            pieces.push(buffer).unwrap();
        }
        let is_whole = pieces.bytes() == whole.len();
        own.held.push(whole);
        if !is_whole {
            return own.held.extend(pieces);
        }
        match tx.send_pieces(pieces) {
            Ok(()) => own.submitted(sent, other),
            Err(rejected) => {
                assert_eq!(rejected.reason, RejectReason::RingFull);
                assert!(tx.space() < sent.places.len() || own.by_reference);
                own.held.extend(rejected.buffer);
            }
        }
    }

    /// Stages frames, and ends the batch by `end`. Which of its buffers that gives back: none if the frames go, and all
    /// or, where they go to the pool, none if they don't.
    pub fn stage(&mut self, side: Side, count: usize, end: impl Fn(Batch<'_, '_>) -> Ended) {
        let mut frames = self.frames(side, count).into_iter();
        let (vi, own, other) = self.at(side);
        let (mut tx, _) = vi.split();
        let Some(first) = frames.next() else { return };
        let sent = own.place.sent(&first);
        let space = tx.space();
        let mut batch = match tx.stage(first) {
            Ok(batch) => batch,
            Err(rejected) => {
                own.held.extend(frames);
                return own.refused(rejected, space);
            }
        };
        own.staged.push_back(sent);
        let mut refused = None;
        for buffer in frames.by_ref() {
            let sent = own.place.sent(&buffer);
            if let Err(rejected) = batch.add(buffer) {
                refused = Some(rejected);
                break;
            }
            own.staged.push_back(sent);
        }
        own.held.extend(frames);
        if !own.by_reference {
            assert_eq!(batch.len(), own.staged.len(), "with those of a batch that was forgotten");
        }
        match end(batch) {
            Ended::Forgotten if !own.by_reference => {}
            Ended::Undone(back) if !own.by_reference => {
                let staged: Vec<usize> = own.staged.drain(..).flat_map(|sent| sent.places).collect();
                if let Some(back) = back {
                    let places: Vec<usize> = back.iter().map(|buffer| own.place.of(buffer)).collect();
                    assert_eq!(places, staged, "taken back in order");
                    own.held.extend(back);
                }
            }
            // What is written through is on its way, whatever becomes of the batch.
            Ended::Undone(Some(back)) => {
                assert!(back.is_empty());
                own.submit_staged(other);
            }
            _ => own.submit_staged(other),
        }
        if let Some(rejected) = refused {
            // What is taken back has made room by now.
            assert_eq!(rejected.reason, RejectReason::RingFull);
            own.held.push(rejected.buffer);
        }
    }

    /// Runs sends that go nowhere: what is taken comes back at the end.
    #[cfg(onload_since = "9.0.1")]
    pub fn warm(&mut self, side: Side, count: usize) {
        let frames = self.frames(side, count);
        let (vi, own, other) = self.at(side);
        let (mut tx, mut rx) = vi.split();
        let all: Vec<usize> = frames.iter().map(|buffer| own.place.of(buffer)).collect();
        let mut warming = tx.warm(&mut rx).unwrap();
        let (mut refused, mut taken) = (Vec::new(), Vec::new());
        for buffer in frames {
            let place = own.place.of(&buffer);
            match warming.send_ctpio(buffer, efvi::CutThrough::After(64)) {
                Ok(()) => taken.push(place),
                Err(rejected) => refused.push(rejected.buffer),
            }
        }
        let back: Vec<Buffer> = warming.end().collect();
        assert_eq!(back.iter().map(|buffer| own.place.of(buffer)).collect::<Vec<_>>(), taken, "in order");
        assert_eq!(back.len() + refused.len(), all.len());
        assert!(back.is_empty() || own.by_reference, "the ring looked full");
        // What was staged went, before all of this.
        own.submit_staged(other);
        own.sent.extend(back.iter().map(|_| Sent { places: Vec::new(), frame: Vec::new() }));
        own.held.extend(back.into_iter().chain(refused));
    }

    pub fn post(&mut self, side: Side, count: usize) {
        let (vi, own, _) = self.at(side);
        let (_, mut rx) = vi.split();
        for _ in 0..count {
            let Some(buffer) = own.pool.take().or_else(|| own.held.pop()) else { return };
            let Err(rejected) = rx.post(buffer) else {
                own.posted += 1;
                continue;
            };
            let (none, full) = (RejectReason::NothingPosted, RejectReason::RingFull);
            assert_eq!(rejected.reason, if own.by_reference { none } else { full });
            assert_eq!(rx.space(), 0);
            own.held.push(rejected.buffer);
            return;
        }
    }

    pub fn fill(&mut self, side: Side) {
        let (vi, own, _) = self.at(side);
        own.posted += vi.split().1.fill(&mut own.pool).unwrap();
    }

    /// Every buffer is in one place, and the rings have as many as they should.
    pub fn check(&mut self) {
        for End { vi, account: own, .. } in &mut self.ends {
            let mut seen = vec![false; own.place.count];
            let mut see = |place: usize| assert!(!std::mem::replace(&mut seen[place], true), "a buffer in two places");
            let free: Vec<Buffer> = std::iter::from_fn(|| own.pool.take()).collect();
            free.iter().chain(&own.held).for_each(|buffer| see(own.place.of(buffer)));
            own.sent.iter().chain(&own.staged).flat_map(|sent| &sent.places).copied().for_each(see);
            free.into_iter().for_each(|buffer| own.pool.put(buffer));
            let in_receive_ring = seen.iter().filter(|seen| !**seen).count();
            assert_eq!(in_receive_ring, own.posted, "buffers are lost, or in no ring");

            let outstanding = own.outstanding();
            let (tx, rx) = vi.split();
            assert_eq!(tx.capacity() - tx.space(), outstanding, "descriptors in the transmit ring");
            if !own.by_reference {
                assert_eq!(rx.capacity() - rx.space(), own.posted, "descriptors in the receive ring");
            }
        }
    }

    /// Lets all that is under way end, and checks that nothing is left of it.
    pub fn finish(mut self) {
        let under_way = |world: &World| {
            let ends = world.ends.iter().map(|End { account, .. }| account.sent.len() + account.coming.frames.len());
            ends.sum::<usize>()
        };
        let (mut left, mut idle) = (under_way(&self), 0);
        while idle < 10 {
            for side in 0..2 {
                self.apply(&Op::Poll(side, usize::MAX, vec![Use::Look]));
            }
            idle = if under_way(&self) == left { idle + 1 } else { 0 };
            left = under_way(&self);
        }
        self.check();
        for End { vi, account, port } in self.ends {
            let Account { mut pool, place, held, sent, coming, .. } = account;
            assert_eq!(sent.len(), 0, "sends that did not complete");
            let Coming { frames, skipped, total } = coming;
            assert!(frames.len() <= skipped, "{} frames did not arrive", frames.len());
            let counters = port.counters();
            assert_eq!((counters.rx_frames, counters.rx_no_descriptor), (total, 0), "frames that the adapter received");
            drop(vi);
            let free: Vec<Buffer> = std::iter::from_fn(|| pool.take()).collect();
            assert_eq!(free.len() + held.len(), place.count, "the rings' buffers are in the pool again");
        }
    }
}
