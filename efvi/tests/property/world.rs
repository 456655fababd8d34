//! Two ends on a cable, and what a program does at them.

use efvi::mock::{Fabric, FabricPort, Fcs};
use efvi::{
    Batch, Buffer, DiscardReason, Driver, Filter, PacketPool, Pieces, PioRegion, ProtectionDomain, RejectReason,
    Rejected, Transmit, VirtualInterface,
};

use crate::account::{Account, Aside, BUFFER, Coming, Sent};
use crate::common::{Station, address, udp};
use crate::operation::{Op, Side, Use};
use crate::setup::Setup;

/// Bytes of a PIO region: room for a few frames.
const PIO: usize = 4096;

/// What is wrong with a frame.
#[derive(Clone, Copy, Debug)]
pub enum Damage {
    Checksum,
    CheckSequence,
}

/// What became of a batch.
pub enum Ended {
    Pushed,
    Forgotten,
    /// It was taken back, and gave these; none of a batch that was dropped.
    Undone(Option<Vec<Buffer>>),
}

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

impl End {
    fn new(port: FabricPort, host: u8, setup: &Setup) -> End {
        let domain = ProtectionDomain::builder().flags(setup.flags);
        let domain = domain.open(&Driver::open().unwrap(), port.name()).unwrap();
        let pool = PacketPool::builder().buffers(setup.buffers).buffer_size(BUFFER).build(&domain).unwrap();
        let vi = setup.builder.build(&domain).unwrap();
        let pio = setup.pio.then(|| PioRegion::new(&domain, PIO).unwrap());
        pio.iter().for_each(|region| vi.link_pio(region).unwrap());
        let address = address(host, 7000);
        vi.filter_add(&Filter::udp_local(address)).unwrap();
        let station = Station { mac: vi.mac().unwrap(), address };
        let account = Account::new(pool, station, setup.by_reference, pio);
        End { vi, account, port }
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
        self.ends[1 - side].account.room().saturating_sub(self.ends[side].account.staged.len())
    }

    /// At most so many buffers with frames like no others, from the pool or from the program's hands, for which there is
    /// room.
    fn frames(&mut self, side: Side, count: usize) -> Vec<Buffer> {
        let count = count.min(self.room(side));
        (0..count).map_while(|_| self.frame(side)).collect()
    }

    fn frame(&mut self, side: Side) -> Option<Buffer> {
        let (_, own, _) = self.at(side);
        let mut buffer = own.pool.take().or_else(|| own.held.pop())?;
        buffer.write(&self.next_frame(side)).unwrap();
        Some(buffer)
    }

    /// A frame to the other end, like no other.
    fn next_frame(&mut self, side: Side) -> Vec<u8> {
        let number = self.next;
        self.next += 1;
        let length = 18 + number * 37 % 1400;
        let mut payload: Vec<u8> = (0..length).map(|at| (at * 7 + number) as u8).collect();
        payload[..8].copy_from_slice(&number.to_be_bytes());
        let (_, own, other) = self.at(side);
        udp(own.station, other.station, &payload)
    }

    /// Puts frames on the wire to an end that it has to discard.
    pub fn inject(&mut self, side: Side, count: usize, damage: Damage) {
        for _ in 0..count.min(self.room(1 - side)) {
            let mut frame = self.next_frame(1 - side);
            let (fcs, reason) = match damage {
                Damage::Checksum => {
                    frame[24] ^= 1;
                    (Fcs::Good, DiscardReason::Checksum)
                }
                Damage::CheckSequence => (Fcs::Bad, DiscardReason::Crc),
            };
            self.ends[side].port.inject(&frame, fcs).unwrap();
            self.ends[side].account.damaged.expect(&frame, Some(reason));
        }
    }

    /// Sends frames from the PIO region, of which no buffer has anything.
    pub fn send_pio_parts(&mut self, side: Side, count: usize) {
        for _ in 0..count.min(self.room(side)) {
            let frame = self.next_frame(side);
            let (vi, own, other) = self.at(side);
            let Some(part) = own.pio.as_ref().and_then(|region| region.take(frame.len())) else { return };
            let (mut tx, _) = vi.split();
            let result = tx.send_pio_copy(part, &frame);
            own.submit_staged(other);
            match result {
                Ok(()) => own.submitted(Sent { places: Vec::new(), in_pio: true, frame }, other),
                Err(rejected) => {
                    assert_eq!((rejected.reason, tx.space()), (RejectReason::RingFull, 0));
                    return;
                }
            }
        }
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
        let mut sent = Sent { places: Vec::new(), in_pio: false, frame: whole.to_vec() };
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
        own.sent.extend(back.iter().map(|_| Sent { places: Vec::new(), in_pio: false, frame: Vec::new() }));
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
            if !own.by_reference {
                own.aside.iter().for_each(|aside| see(own.place.of(&aside.packet)));
            }
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
            let left = |End { account, .. }: &End| {
                account.sent.len() + account.coming.frames.len() + account.damaged.frames.len()
            };
            world.ends.iter().map(left).sum::<usize>()
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
            let Account { mut pool, place, station, held, aside, sent, coming, damaged, pio, .. } = account;
            assert_eq!(sent.len(), 0, "sends that did not complete");
            for Coming { frames, skipped, .. } in [&coming, &damaged] {
                assert!(frames.len() <= *skipped, "{} frames did not arrive", frames.len());
            }
            let (counters, total) = (port.counters(), coming.total + damaged.total);
            assert_eq!((counters.rx_frames, counters.rx_no_descriptor), (total, 0), "frames that the adapter received");
            if let Some(region) = pio {
                assert!(region.take(region.length()).is_some(), "parts of the region are lost");
            }
            drop(vi);
            // What is held outlives the VI.
            for Aside { packet, frame, .. } in aside {
                assert!(packet[..] == frame, "a packet that is held has changed");
            }
            let free: Vec<Buffer> = std::iter::from_fn(|| pool.take()).collect();
            assert_eq!(free.len() + held.len(), place.count, "the rings' buffers are in the pool again");
            let nobody = udp(station, station, b"who had the filter is gone");
            assert!(port.inject(&nobody, Fcs::Good).is_err(), "the VI was not freed");
        }
    }
}
