//! A VI whose wire is not memory: buffers are posted to whatever it is, what was sent completes later, and the interface
//! may change or go away.

use super::event::Event;
use super::receive::Mode;
use super::recovery::fail;
use super::{Vi, ids_slot};
use crate::abi::*;
use crate::wire::Stamp;
use crate::wire::outside::{Memory, Posted, Registered, State};
use crate::wire::{Arrival, Flags};
use std::collections::VecDeque;

/// Polls between two looks at what has become of the interface.
const LOOK: u32 = 1024;

/// How often the wire is asked whether it is done with what was sent, before a flush gives up.
const PATIENCE: u32 = 10_000;

/// What such a VI keeps.
#[derive(Default)]
pub(crate) struct Side {
    /// Packets that were sent and not yet announced, in order.
    sent: VecDeque<Sent>,
    /// A send that failed after those, until they are announced: the end of its descriptors, and why.
    failed: Option<(u32, u32)>,
    /// The wire writes to posted buffers itself.
    in_place: bool,
    /// Receive descriptors up to this one are with the wire.
    posted: u32,
    /// Where the frame of each of them will be, by its place in the ring.
    places: Vec<Posted>,
    polls: u32,
    /// The interface has gone.
    gone: bool,
}

/// A packet that was sent.
#[derive(Clone, Copy)]
struct Sent {
    /// The end of its descriptors.
    end: u32,
    /// The wire reads it where it is, as one of so many; all of them are to be read before it is done with.
    issued: u32,
    stamp: Stamp,
    ctpio: bool,
}

impl Side {
    /// For rings of these sizes: nothing is allocated later.
    pub(crate) fn new(receive: usize, transmit: usize) -> Self {
        Self { sent: VecDeque::with_capacity(transmit), places: vec![Posted::Aside; receive], ..Self::default() }
    }

    /// The first packet that was sent, if as many as are completed are all that it waits for.
    fn done(&mut self, completed: u32) -> Option<Sent> {
        let first = self.sent.front()?;
        if first.issued.wrapping_sub(completed) as i32 <= 0 { self.sent.pop_front() } else { None }
    }

    /// The send that failed, once all those before it are announced.
    #[inline]
    fn due_failure(&mut self) -> Option<(u32, u32)> {
        if self.sent.is_empty() { self.failed.take() } else { None }
    }
}

impl Vi {
    /// A packet was put on the wire: it is announced in its turn.
    #[cold]
    pub(super) fn note_sent(&mut self, end: u32, stamp: Stamp, ctpio: bool) {
        let issued = self.link.outside().map_or(0, |wire| wire.issued());
        if let Some(side) = &mut self.outside {
            side.sent.push_back(Sent { end, issued, stamp, ctpio });
        }
    }

    /// The doorbell was rung: what was transmitted leaves, and what is done with is announced.
    #[inline(never)]
    pub(super) fn leave(&mut self) {
        let Some(wire) = self.link.outside() else { return };
        wire.push();
        self.announce_sent();
    }

    /// Announces the packets whose memory is the application's again.
    fn announce_sent(&mut self) {
        let Some(completed) = self.link.outside().map(|wire| wire.completed()) else { return };
        let stamps = self.flags & EF_VI_TX_TIMESTAMPS != 0;
        // One event for as many packets as the application can unbundle at once.
        let mut bundle: Option<(Sent, i32)> = None;
        while let Some(sent) = self.outside.as_mut().and_then(|side| side.done(completed)) {
            if stamps {
                super::transmit::stamped(self, sent.stamp, sent.ctpio);
                continue;
            }
            bundle = match bundle {
                Some((first, count)) if count < EF_VI_TRANSMIT_BATCH as i32 && first.ctpio == sent.ctpio => {
                    Some((sent, count + 1))
                }
                Some((done, _)) => {
                    super::transmit::complete::<true>(self, done.end, done.ctpio);
                    Some((sent, 1))
                }
                None => Some((sent, 1)),
            };
        }
        if let Some((done, _)) = bundle {
            super::transmit::complete::<true>(self, done.end, done.ctpio);
        }
        if let Some((end, why)) = self.outside.as_mut().and_then(|side| side.due_failure()) {
            fail(self, end, why);
        }
    }

    /// A send failed: nothing more is taken, and its event comes after those of what was sent before it.
    #[cold]
    pub(super) fn fail_in_turn(&mut self, end: u32, why: u32) {
        match &mut self.outside {
            Some(side) if !side.sent.is_empty() => {
                side.failed = Some((end, why));
                self.tx.dead = true;
            }
            _ => fail(self, end, why),
        }
    }

    /// The ring is revived: of what was on it nothing is announced any more.
    pub(super) fn forget_sent(&mut self) {
        if let Some(side) = &mut self.outside {
            side.sent.clear();
            side.failed = None;
        }
    }

    /// Before a flush: what was sent is announced, for which the wire is given a little time.
    #[cold]
    pub(super) fn settle(&mut self) {
        for _ in 0..PATIENCE {
            if !self.has_unannounced() {
                break;
            }
            self.leave();
            std::thread::yield_now();
        }
    }

    /// True if packets were sent that are not announced yet.
    pub(super) fn has_unannounced(&self) -> bool {
        self.outside.as_ref().is_some_and(|side| !side.sent.is_empty())
    }

    /// True if the wire has to be asked again, because of what was sent: it is not announced yet, or has not left.
    pub(super) fn is_sending(&mut self) -> bool {
        self.has_unannounced() || self.link.outside().is_some_and(|wire| wire.is_behind())
    }

    /// The application is about to sleep: what it posted and sent is handed over first, and when it wakes, what woke it
    /// may be the interface.
    #[cold]
    pub(super) fn before_sleep(&mut self) {
        if self.outside.is_some() {
            self.attend();
            if !self.links().any(|link| link.arrival().is_some()) {
                self.hear();
            }
        }
        if let Some(side) = &mut self.outside {
            side.polls = LOOK - 1;
        }
    }

    /// What was heard already is not to wake it, nor what its other ends have heard.
    fn hear(&mut self) {
        self.look();
        let gone = self.has_gone();
        for link in self.links() {
            if gone {
                link.leave();
            } else if let Some(wire) = link.outside() {
                wire.state();
            }
        }
    }

    /// At each poll, and before the application sleeps: what the wire is to know, and what it has to say.
    #[inline(never)]
    pub(super) fn attend(&mut self) {
        if self.link.outside().is_some_and(|wire| wire.withdraws()) {
            self.take_back();
        }
        self.post_buffers();
        self.leave();
        let Some(side) = &mut self.outside else { return };
        side.polls = side.polls.wrapping_add(1);
        if side.polls.is_multiple_of(LOOK) {
            self.look();
        }
    }

    /// The wire has nothing of the application's any more: buffers are there to be copied to, what was sent has left.
    #[cold]
    fn take_back(&mut self) {
        let issued = self.link.outside().map_or(0, |wire| wire.issued());
        if let Some(side) = &mut self.outside {
            side.in_place = false;
            side.sent.iter_mut().for_each(|sent| sent.issued = issued);
        }
    }

    /// Looks what has become of the interface. One that went away is to the application an adapter that was reset.
    #[cold]
    fn look(&mut self) {
        let Some(State::Gone) = self.link.outside().map(|wire| wire.state()) else { return };
        let arrived = self.link.arrival().is_some() || self.link.outside().is_some_and(|wire| wire.is_withdrawing());
        let Some(side) = self.outside.as_mut().filter(|side| !side.gone) else { return };
        if arrived {
            // What came before comes before.
            side.polls = LOOK - 1;
            return;
        }
        side.gone = true;
        side.sent.clear();
        side.failed = None;
        self.tx.dead = true;
        self.link.leave();
        if !self.events().was_reset() {
            self.events().raise(Event::Reset);
            // One that has no room for it, or had none before, says that it overflowed.
            if !self.events().is_broken() {
                self.events().end();
            }
        }
    }

    /// True of one whose wire is not memory.
    #[inline]
    pub(super) fn is_outside(&self) -> bool {
        self.outside.is_some()
    }

    /// True once the application was told, or is about to be, that the interface has gone.
    pub(super) fn has_gone(&self) -> bool {
        self.outside.as_ref().is_some_and(|side| side.gone)
    }

    /// True if the interface has gone and the application was not told: that was heard a moment ago, or something is to come
    /// before it. What it would be woken by was read.
    pub(super) fn is_going(&mut self) -> bool {
        !self.has_gone() && self.link.outside().is_some_and(|wire| matches!(wire.state(), State::Gone))
    }

    /// Hands newly posted buffers to the wire.
    #[inline(never)]
    pub(super) fn post_buffers(&mut self) {
        let host = self.host;
        // SAFETY: a VI and its rings stay while its adapter's side does; only this thread uses them.
        let (posted, mask) = unsafe { ((*(*host).ep_state).rxq.posted, (*host).vi_rxq.mask) };
        let Some(side) = &self.outside else { return };
        if side.posted == posted {
            return;
        }
        if self.link.outside().is_some_and(|wire| wire.wants_memory()) {
            // SAFETY: masked, the index is within the ring.
            let word =
                unsafe { *(*host).vi_rxq.descriptors.cast::<u64>().add((posted.wrapping_sub(1) & mask) as usize) };
            let buffer = self.domain.space.translate(word & 0xffff_ffff_ffff, 1).map_or(0, |buffer| buffer.addr());
            self.offer_memory(buffer, (word >> 48) as usize);
        }
        let (Some(side), Some(wire)) = (&mut self.outside, self.link.outside()) else { return };
        if wire.wants_memory() {
            // It can't have it yet.
            return;
        }
        if !side.in_place {
            side.posted = posted;
            return;
        }
        while side.posted != posted {
            // SAFETY: masked, the index is within the ring.
            let word = unsafe { *(*host).vi_rxq.descriptors.cast::<u64>().add((side.posted & mask) as usize) };
            let length = (word >> 48) as usize;
            // A buffer that is not registered any more is found out when its frame comes.
            let buffer = self.domain.space.translate(word & 0xffff_ffff_ffff, 1).unwrap_or(core::ptr::null_mut());
            let Some(place) = wire.post(buffer, length) else { return };
            side.places[(side.posted & mask) as usize] = place;
            side.posted = side.posted.wrapping_add(1);
        }
    }

    /// Tells the wire of what memory the VI's buffers are, of which this is one, of that length.
    #[cold]
    fn offer_memory(&mut self, buffer: usize, length: usize) {
        // SAFETY: as above.
        let (receives, prefix) = unsafe { ((*self.host).vi_rxq.mask != 0, (*self.host).rx_prefix_len as usize) };
        let region = self.domain.region(buffer);
        let memory = if !receives {
            Memory { region, prefix: 0, buffer: 0, posts: false }
        } else if self.rx.mode == Mode::PackedStream || region.range.is_empty() {
            // Frames are not received one by one into buffers: all is copied.
            Memory { region: Registered::default(), prefix: 0, buffer: 0, posts: false }
        } else {
            Memory { region, prefix, buffer: length, posts: true }
        };
        let in_place = self.link.outside().is_some_and(|wire| wire.offer(&memory));
        if let Some(side) = &mut self.outside {
            side.in_place = in_place;
        }
    }

    /// Before the first packet is sent: the wire has to know the memory. If no buffer is posted yet it is that of what is
    /// sent, which begins at this DMA address.
    #[inline(never)]
    pub(super) fn before_send(&mut self, address: Option<u64>) {
        if !self.link.outside().is_some_and(|wire| wire.wants_memory()) {
            return;
        }
        self.post_buffers();
        if self.link.outside().is_some_and(|wire| wire.wants_memory()) {
            let buffer = address.and_then(|address| self.domain.space.translate(address, 1).ok());
            // SAFETY: as above.
            let length = unsafe { (*self.host).rx_buffer_len } as usize;
            self.offer_memory(buffer.map_or(0, |buffer| buffer.addr()), length);
        }
    }

    /// Finds the descriptor in whose buffer a frame is, or one whose frame was to be copied, and puts it first among those
    /// that were posted: so the application gets buffers in the order in which they were filled. False if there is none
    /// and the frame is lost.
    #[cold]
    pub(super) fn place(&mut self, arrival: &Arrival) -> bool {
        let host = self.host;
        let Some(side) = &mut self.outside else { return true };
        if !side.in_place {
            return true;
        }
        // SAFETY: as above.
        let (mask, prefix) = unsafe { ((*host).vi_rxq.mask, (*host).rx_prefix_len as usize) };
        let in_place = arrival.flags.has(Flags::IN_PLACE);
        let (first, end) = (self.rx.fetched, side.posted);
        let descriptor = |index: u32| {
            // SAFETY: masked, the index is within the ring.
            unsafe { (*host).vi_rxq.descriptors.cast::<u64>().add((index & mask) as usize) }
        };
        let mut room = 0;
        let mut front = first;
        for index in (0..end.wrapping_sub(first)).map(|ahead| first.wrapping_add(ahead)) {
            // SAFETY: within the ring.
            let word = unsafe { *descriptor(index) };
            let found = if in_place {
                let buffer = self.domain.space.translate(word & 0xffff_ffff_ffff, 1);
                buffer.is_ok_and(|buffer| buffer.wrapping_add(prefix).cast_const() == arrival.bytes)
            } else {
                side.places[(index & mask) as usize] == Posted::Aside
            };
            if !found {
                continue;
            }
            if index != front {
                // SAFETY: within the ring; each slot is the adapter's until its event is raised.
                unsafe {
                    core::ptr::swap(descriptor(front), descriptor(index));
                    let ids = (*host).vi_rxq.ids;
                    core::ptr::swap(ids_slot(ids, front, mask), ids_slot(ids, index, mask));
                }
                side.places.swap((front & mask) as usize, (index & mask) as usize);
            }
            front = front.wrapping_add(1);
            room += (word >> 48) as usize;
            // A frame that is copied may need several.
            if in_place || room >= prefix + arrival.length {
                return true;
            }
        }
        false
    }
}
