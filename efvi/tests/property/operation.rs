//! What a program may do, and how often it does it.

use efvi::{Buffer, CutThrough, Event, Packet};
use proptest::prelude::*;

use crate::account::{Account, Sent};
use crate::world::{Damage, Ended, World};

/// One of the two ends of the cable.
pub type Side = usize;

/// What a program does at one end.
#[derive(Clone, Debug)]
pub enum Op {
    /// Sends so many frames one by one.
    Send(Side, usize),
    /// Sends so many by CTPIO.
    SendCtpio(Side, usize),
    /// The same, the later half by its guard, finished or dropped.
    SendCtpioHalves(Side, usize, bool),
    /// Sends a frame in so many pieces.
    SendPieces(Side, usize),
    /// Sends so many by PIO, from buffers.
    SendPio(Side, usize),
    /// The same, from nothing but the region.
    SendPioParts(Side, usize),
    /// Runs so many sends while warming.
    Warm(Side, usize),
    /// Stages so many and pushes them.
    Push(Side, usize),
    /// Stages so many and takes them back.
    Undo(Side, usize),
    /// Stages so many and drops the batch.
    DropBatch(Side, usize),
    /// Stages so many and forgets the batch, which goes with the next send or push.
    ForgetBatch(Side, usize),
    /// Posts so many buffers.
    Post(Side, usize),
    /// Fills the receive ring.
    Fill(Side),
    /// Polls, takes so many of the events, and drops the rest. What it does with packets goes in turn.
    Poll(Side, usize, Vec<Use>),
    /// Takes so many buffers out of the pool.
    Take(Side, usize),
    /// Returns so many buffers to the pool.
    Put(Side, usize),
    /// Drops so many buffers.
    Drop(Side, usize),
    /// Drops so many buffers on another thread.
    DropElsewhere(Side, usize),
    /// Drops so many packets that are held.
    Release(Side, usize),
    /// The same on another thread.
    ReleaseElsewhere(Side, usize),
    /// Makes so many packets that are held buffers.
    Own(Side, usize),
    /// Has so many damaged frames arrive.
    Inject(Side, usize, Damage),
}

/// What a program does with a packet.
#[derive(Clone, Copy, Debug)]
pub enum Use {
    Look,
    Keep,
    /// Keeps it where it is.
    Hold,
    /// Keeps it and sends it back as it is, but for its addresses.
    Forward,
}

pub fn operations() -> impl Strategy<Value = Op> {
    let (side, few, many) = (0..2_usize, 1..8_usize, 1..300_usize);
    let on = |count: std::ops::Range<usize>| (side.clone(), count);
    let uses = prop::sample::select(vec![Use::Look, Use::Keep, Use::Hold, Use::Forward]);
    let uses = prop::collection::vec(uses, 1..6);
    let damages = prop::sample::select(vec![Damage::Checksum, Damage::CheckSequence]);
    prop_oneof![
        8 => on(few.clone()).prop_map(|(side, count)| Op::Send(side, count)),
        4 => on(few.clone()).prop_map(|(side, count)| Op::SendCtpio(side, count)),
        2 => (on(few.clone()), any::<bool>()).prop_map(|((side, count), end)| Op::SendCtpioHalves(side, count, end)),
        3 => on(1..9).prop_map(|(side, count)| Op::SendPieces(side, count)),
        2 => on(few.clone()).prop_map(|(side, count)| Op::SendPio(side, count)),
        1 => on(few.clone()).prop_map(|(side, count)| Op::SendPioParts(side, count)),
        1 => on(few.clone()).prop_map(|(side, count)| Op::Warm(side, count)),
        1 => on(many.clone()).prop_map(|(side, count)| Op::Send(side, count)),
        4 => on(1..80).prop_map(|(side, count)| Op::Push(side, count)),
        1 => on(few.clone()).prop_map(|(side, count)| Op::Undo(side, count)),
        1 => on(few.clone()).prop_map(|(side, count)| Op::DropBatch(side, count)),
        1 => on(few.clone()).prop_map(|(side, count)| Op::ForgetBatch(side, count)),
        4 => on(many.clone()).prop_map(|(side, count)| Op::Post(side, count)),
        3 => side.clone().prop_map(Op::Fill),
        12 => (side.clone(), 0..80_usize, uses).prop_map(|(side, take, uses)| Op::Poll(side, take, uses)),
        1 => on(many.clone()).prop_map(|(side, count)| Op::Take(side, count)),
        1 => on(many.clone()).prop_map(|(side, count)| Op::Put(side, count)),
        3 => on(many.clone()).prop_map(|(side, count)| Op::Release(side, count)),
        1 => on(few.clone()).prop_map(|(side, count)| Op::ReleaseElsewhere(side, count)),
        2 => on(few.clone()).prop_map(|(side, count)| Op::Own(side, count)),
        3 => (on(few.clone()), damages).prop_map(|((side, count), damage)| Op::Inject(side, count, damage)),
        1 => on(many).prop_map(|(side, count)| Op::Drop(side, count)),
        1 => on(few).prop_map(|(side, count)| Op::DropElsewhere(side, count)),
    ]
}

impl World {
    pub fn apply(&mut self, operation: &Op) {
        match *operation {
            Op::Send(side, count) => self.send_each(side, count, false, |tx, buffer| tx.send(buffer)),
            Op::SendCtpio(side, count) => {
                self.send_each(side, count, true, |tx, buffer| tx.send_ctpio(buffer, CutThrough::After(64)));
            }
            Op::SendCtpioHalves(side, count, finish) => self.send_each(side, count, true, |tx, buffer| {
                let later = tx.write_ctpio(buffer, CutThrough::After(64))?;
                if finish {
                    return later.finish();
                }
                drop(later);
                Ok(())
            }),
            Op::SendPieces(side, count) => self.send_pieces(side, count),
            Op::SendPio(side, count) if self.at(side).1.pio.is_some() => {
                self.send_each(side, count, true, |tx, buffer| tx.send_pio(buffer));
            }
            // There is no region.
            Op::SendPio(side, count) => self.send_each(side, count, false, |tx, buffer| tx.send(buffer)),
            Op::SendPioParts(side, count) => self.send_pio_parts(side, count),
            #[cfg(onload_since = "9.0.1")]
            Op::Warm(side, count) => self.warm(side, count),
            // There is no warming.
            #[cfg(not(onload_since = "9.0.1"))]
            Op::Warm(side, count) => self.send_each(side, count, false, |tx, buffer| tx.send(buffer)),
            Op::Push(side, count) => self.stage(side, count, |batch| {
                batch.push();
                Ended::Pushed
            }),
            Op::Undo(side, count) => self.stage(side, count, |batch| Ended::Undone(Some(batch.undo().collect()))),
            Op::DropBatch(side, count) => self.stage(side, count, |batch| {
                drop(batch);
                Ended::Undone(None)
            }),
            Op::ForgetBatch(side, count) => self.stage(side, count, |batch| {
                std::mem::forget(batch);
                Ended::Forgotten
            }),
            Op::Post(side, count) => self.post(side, count),
            Op::Fill(side) => self.fill(side),
            Op::Poll(side, take, ref uses) => self.poll(side, take, uses),
            Op::Take(side, count) => {
                let (_, own, _) = self.at(side);
                own.held.extend(std::iter::from_fn(|| own.pool.take()).take(count));
            }
            Op::Put(side, count) => {
                let (_, own, _) = self.at(side);
                let count = count.min(own.held.len());
                own.held.drain(..count).for_each(|buffer| own.pool.put(buffer));
            }
            Op::Drop(side, count) => drop(self.give_up(side, count)),
            Op::DropElsewhere(side, count) => {
                let buffers = self.give_up(side, count);
                std::thread::spawn(move || drop(buffers)).join().unwrap();
            }
            Op::Release(side, count) => drop(self.at(side).1.release(count)),
            Op::ReleaseElsewhere(side, count) => {
                let packets = self.at(side).1.release(count);
                std::thread::spawn(move || drop(packets)).join().unwrap();
            }
            Op::Own(side, count) => self.own(side, count),
            Op::Inject(side, count, damage) => self.inject(side, count, damage),
        }
    }

    /// Makes packets that are held buffers: a copy where they lie in the adapter's own memory, if there is a buffer for it.
    fn own(&mut self, side: Side, count: usize) {
        let (_, own, _) = self.at(side);
        for packet in own.release(count) {
            let (frame, is_copied) = (packet.to_vec(), packet.is_reference());
            match packet.into_buffer(&mut own.pool) {
                Ok(buffer) => {
                    assert_eq!(buffer[..], frame[..]);
                    own.held.push(buffer);
                }
                Err(not_copied) => {
                    assert!(is_copied && own.pool.take().is_none(), "{not_copied}");
                    assert_eq!(not_copied.packet[..], frame[..]);
                }
            }
        }
    }

    fn give_up(&mut self, side: Side, count: usize) -> Vec<Buffer> {
        let (_, own, _) = self.at(side);
        own.held.drain(..count.min(own.held.len())).collect()
    }

    fn poll(&mut self, side: Side, take: usize, uses: &[Use]) {
        let (batch, mut room) = (self.batch, self.room(side));
        let (vi, own, other) = self.at(side);
        let (mut tx, mut rx) = vi.split();
        let mut uses = uses.iter().cycle();
        let mut events = rx.poll();
        own.polled();
        for taken in 0..take {
            let Some(event) = events.next() else { break };
            let mut buffer = match event {
                Event::Sent(done) => {
                    let Sent { places, frame, in_pio } = own.completed();
                    assert_eq!((vec![own.place.of(&done.buffer)], in_pio), (places, false), "sends complete in order");
                    assert_eq!(done.buffer[..], frame[..], "with the frame that was sent");
                    if taken % 2 == 0 {
                        own.pool.put(done.buffer)
                    } else {
                        own.held.push(done.buffer)
                    }
                    continue;
                }
                Event::SentPieces(done) => {
                    let Sent { places, frame, .. } = own.completed();
                    let pieces: Vec<Buffer> = done.into_pieces().collect();
                    let their_places: Vec<usize> = pieces.iter().map(|buffer| own.place.of(buffer)).collect();
                    let bytes: Vec<u8> = pieces.iter().flat_map(|buffer| buffer.iter().copied()).collect();
                    assert_eq!((their_places, bytes), (places, frame), "sends complete in order");
                    own.held.extend(pieces);
                    continue;
                }
                Event::SentPio(done) => {
                    let Sent { frame, in_pio, .. } = own.completed();
                    assert_eq!((done.into_part().len(), true), (frame.len(), in_pio), "sends complete in order");
                    continue;
                }
                Event::Received(packet) => {
                    own.coming.arrived(packet.frame(), None);
                    let how = uses.next().copied().unwrap_or(Use::Look);
                    let Some(buffer) = keep(own, packet, how) else { continue };
                    if room == 0 || matches!(how, Use::Keep) {
                        own.held.push(buffer);
                        continue;
                    }
                    buffer
                }
                Event::Discarded(packet) => {
                    own.damaged.arrived(packet.frame(), Some(packet.reason()));
                    match uses.next() {
                        None | Some(Use::Look) => {}
                        Some(Use::Hold) => {
                            if let Ok(packet) = packet.hold() {
                                own.hold(packet);
                            }
                        }
                        Some(Use::Keep | Use::Forward) => {
                            if let Ok(buffer) = packet.keep(&mut own.pool) {
                                own.kept();
                                own.held.push(buffer);
                            }
                        }
                    }
                    continue;
                }
                other => panic!("{other:?}"),
            };
            turn_around(&mut buffer);
            let sent = own.place.sent(&buffer);
            match tx.send(buffer) {
                Ok(()) => {
                    own.submitted(sent, other);
                    room -= 1;
                }
                Err(rejected) => own.held.push(rejected.buffer),
            }
        }
        if !events.is_empty() {
            // Dealt with unseen: at most what a poll takes, of which a merged one is 15 frames.
            for coming in [&mut own.coming, &mut own.damaged] {
                coming.may_be_skipped(15 * batch);
            }
        }
        drop(events);
        // Completions unseen: their buffers are in the pool.
        let outstanding = tx.capacity() - tx.space();
        while own.outstanding() > outstanding {
            own.sent.pop_front().expect("what was staged is in the ring");
        }
    }
}

/// The packet's buffer, if it is to be kept so, and can be: otherwise it would have to be copied, and the pool is empty.
fn keep(own: &mut Account, packet: Packet<'_>, how: Use) -> Option<Buffer> {
    match how {
        Use::Look => None,
        Use::Hold => {
            if let Ok(packet) = packet.hold() {
                own.hold(packet);
            }
            None
        }
        Use::Keep | Use::Forward => {
            let buffer = packet.keep(&mut own.pool).ok()?;
            own.kept();
            Some(buffer)
        }
    }
}

/// Has a frame go back where it came from: what its checksums cover stays the same.
fn turn_around(frame: &mut [u8]) {
    let mut swap = |a: usize, b: usize, length: usize| (0..length).for_each(|at| frame.swap(a + at, b + at));
    swap(0, 6, 6);
    swap(26, 30, 4);
    swap(34, 36, 2);
}
