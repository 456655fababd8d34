//! A VI's end of a wire that does things to frames: what leaves is lost, doubled, damaged, late or out of turn, what
//! arrives finds no link, or no buffer.

use super::Fault;
use super::state::Active;
use crate::clock::SYNC_INTERVAL_NS;
use crate::counters::Cells;
use crate::frame::{Checksums, MIN_FRAME};
use crate::port::Port;
use crate::wire::pass::pass;
use crate::wire::{Arrival, Flags, Link, OnWire, Outgoing, Piece, Stamp, When};
use core::time::Duration;
use std::collections::VecDeque;
use std::sync::Arc;

/// Ethernet, IPv4 and UDP headers: a frame that is damaged behind them still finds its receiver.
const HEADERS: usize = 42;

/// How long an overtaken frame waits for the one that overtakes it.
const PATIENCE: Duration = Duration::from_millis(1);

/// Arriving frames that are thrown away in one look at the wire.
const THROWN_AWAY: usize = 64;

/// A frame that is kept back.
struct Held {
    bytes: Vec<u8>,
    flags: Flags,
    /// What its sender knows of the time.
    when: When,
    /// Ticks at which it goes.
    due: Stamp,
}

/// A link with the faults of its port.
pub(crate) struct FaultyLink {
    inner: Box<dyn Link>,
    port: Arc<Port>,
    cells: Arc<Cells>,
    /// The frame that the next one is to overtake.
    overtaken: Option<Held>,
    /// The last frame is one that the next overtakes.
    turn: bool,
    /// Late frames, in order.
    late: VecDeque<Held>,
    /// The frame that arrives has been looked at: it is to be taken.
    seen: bool,
}

impl FaultyLink {
    pub(crate) fn new(inner: Box<dyn Link>, port: Arc<Port>, cells: Arc<Cells>) -> Self {
        Self { inner, port, cells, overtaken: None, turn: false, late: VecDeque::new(), seen: false }
    }

    fn in_future(&self, time: Duration) -> Stamp {
        self.port.clock.ticks().wrapping_add(self.ticks(time))
    }

    fn ticks(&self, time: Duration) -> u64 {
        (time.as_nanos() * u128::from(self.port.clock.sync_interval()) / u128::from(SYNC_INTERVAL_NS)) as u64
    }

    fn send_held(&mut self, held: &Held) {
        let pieces = [Piece { base: held.bytes.as_ptr(), length: held.bytes.len() }];
        let (length, flags) = (held.bytes.len(), held.flags);
        let frame = Outgoing { pieces: &pieces, length, checksums: Checksums::default(), flags };
        if !self.inner.transmit(&frame, held.when).claimed {
            self.cells.tx_unclaimed.add(1);
        }
    }

    /// Sends what was kept back long enough.
    fn release(&mut self) {
        if self.late.is_empty() && self.overtaken.is_none() {
            return;
        }
        let now = self.port.clock.ticks();
        let over = |held: &Held| now.wrapping_sub(held.due) as i64 >= 0;
        while self.late.front().is_some_and(over)
            && let Some(held) = self.late.pop_front()
        {
            self.send_held(&held);
        }
        if let Some(held) = self.overtaken.take_if(|held| over(held)) {
            self.send_held(&held);
        }
    }

    /// Sends all that was kept back.
    fn flush(&mut self) {
        while let Some(held) = self.late.pop_front().or_else(|| self.overtaken.take()) {
            self.send_held(&held);
        }
    }

    /// As a sender sees it whose frame did not reach anybody, or not yet: no frame that nobody wanted.
    fn away(&self, when: When) -> OnWire {
        let stamp = match when {
            When::Unasked => 0,
            When::Now => self.port.clock.ticks(),
            When::At(stamp) => stamp,
        };
        OnWire { stamp, claimed: true }
    }
}

/// What becomes of a frame that leaves.
struct Fate {
    lost: Option<Fault>,
    truncated: Option<u64>,
    corrupted: Option<u64>,
    duplicated: bool,
    overtaken: bool,
    delayed: bool,
}

impl Fate {
    /// All faults are asked whatever the others say: what one does must not move the occasions of another.
    fn of(faults: &Active) -> Self {
        let down = faults.due(Fault::LinkDown).map(|_| Fault::LinkDown);
        let dropped = faults.due(Fault::Drop).map(|_| Fault::Drop);
        Self {
            lost: down.or(dropped),
            truncated: faults.due(Fault::Truncate),
            corrupted: faults.due(Fault::Corrupt),
            duplicated: faults.due(Fault::Duplicate).is_some(),
            overtaken: faults.due(Fault::Reorder).is_some(),
            delayed: faults.due(Fault::Delay).is_some(),
        }
    }

    fn is_none(&self) -> bool {
        let damaged = self.truncated.is_some() || self.corrupted.is_some();
        self.lost.is_none() && !damaged && !self.duplicated && !self.overtaken && !self.delayed
    }

    /// Damages a frame as it is to be.
    fn damage(&self, faults: &Active, held: &mut Held) {
        if let Some(random) = self.truncated {
            let length = held.bytes.len();
            held.bytes.truncate(if length > MIN_FRAME {
                MIN_FRAME + random as usize % (length - MIN_FRAME)
            } else {
                length
            });
            held.flags = Flags::FCS_BAD;
            faults.count(Fault::Truncate);
        }
        if let Some(random) = self.corrupted {
            let first = if held.bytes.len() > HEADERS { HEADERS } else { 0 };
            let at = first + (random >> 3) as usize % (held.bytes.len() - first);
            held.bytes[at] ^= 1 << (random & 7);
            held.flags = Flags::FCS_BAD;
            faults.count(Fault::Corrupt);
        }
    }
}

impl Link for FaultyLink {
    pass!(interrupt prime filter_add filter_remove has_filter filter_of queue_for queue_filter_add);
    pass!(member outside overruns);

    fn transmit(&mut self, frame: &Outgoing<'_>, when: When) -> OnWire {
        let Some(faults) = self.port.faults.active() else {
            self.flush();
            return self.inner.transmit(frame, when);
        };
        self.release();
        let fate = Fate::of(&faults);
        if let Some(fault) = fate.lost {
            faults.count(fault);
            self.cells.tx_faulted.add(1);
            return self.away(when);
        }
        if fate.is_none() && self.late.is_empty() && self.overtaken.is_none() {
            self.turn = false;
            return self.inner.transmit(frame, when);
        }
        let mut held = Held { bytes: vec![0; frame.wire_length()], flags: frame.flags, when, due: 0 };
        // SAFETY: there is room for the frame, and its pieces are readable.
        unsafe { frame.write(held.bytes.as_mut_ptr()) };
        fate.damage(&faults, &mut held);
        let copies = if fate.duplicated { 2 } else { 1 };
        if fate.duplicated {
            faults.count(Fault::Duplicate);
        }
        // Whether it is overtaken depends on the frames alone, not on how long the last one waited.
        let overtaken = fate.overtaken && !fate.duplicated && !fate.delayed && !self.turn;
        let overtakes = core::mem::replace(&mut self.turn, overtaken);
        if overtaken {
            faults.count(Fault::Reorder);
        }
        let stamped = self.away(when);
        if let (true, When::At(stamp)) = (fate.delayed, when) {
            // On virtual time nothing has to be kept back: it is the stamp that says when a frame is there.
            faults.count(Fault::Delay);
            held.when = When::At(stamp + self.ticks(faults.delay()));
            for _ in 0..copies {
                self.send_held(&held);
            }
        } else if fate.delayed || !self.late.is_empty() {
            if fate.delayed {
                faults.count(Fault::Delay);
                held.due = self.in_future(faults.delay());
            } else if let Some(last) = self.late.back() {
                // Those behind a late frame stay behind it.
                held.due = last.due;
            }
            let end = self.late.len();
            let at = if overtakes && self.overtaken.is_none() { end.saturating_sub(1) } else { end };
            for _ in 0..copies {
                self.late.insert(at, Held { bytes: held.bytes.clone(), ..held });
            }
        } else if overtaken {
            held.due = self.in_future(PATIENCE);
            // One may still wait, if a late frame came between.
            if let Some(waiting) = self.overtaken.replace(held) {
                self.send_held(&waiting);
            }
        } else {
            for _ in 0..copies {
                self.send_held(&held);
            }
            if let Some(overtaken) = self.overtaken.take() {
                self.send_held(&overtaken);
            }
        }
        stamped
    }

    fn arrival(&mut self) -> Option<Arrival> {
        self.release();
        if !self.seen
            && let Some(faults) = self.port.faults.active()
        {
            for _ in 0..THROWN_AWAY {
                self.inner.arrival()?;
                let down = faults.due(Fault::LinkDown);
                let unposted = faults.due(Fault::NoDescriptors);
                if down.is_some() {
                    faults.count(Fault::LinkDown);
                    self.cells.rx_faulted.add(1);
                } else if unposted.is_some() {
                    faults.count(Fault::NoDescriptors);
                    self.cells.rx_no_descriptor.add(1);
                } else {
                    break;
                }
                match self.inner.outside() {
                    Some(wire) => wire.discard(),
                    None => self.inner.take(),
                }
            }
        }
        let arrival = self.inner.arrival();
        self.seen = arrival.is_some();
        arrival
    }

    fn take(&mut self) {
        self.seen = false;
        self.inner.take();
    }

    fn arriving(&mut self) -> Option<Arrival> {
        // What faults do to a frame is decided when it is whole.
        if self.port.faults.active().is_some() { self.arrival() } else { self.inner.arriving() }
    }

    /// A frame that leaves piece by piece goes behind those that are due, and is itself spared: what its receiver has
    /// seen of it can't be taken back.
    fn begin(&mut self, start: &[u8], stamp: Stamp) -> bool {
        self.release();
        self.inner.begin(start, stamp)
    }

    fn finish(&mut self, rest: &[u8], flags: Flags) {
        self.inner.finish(rest, flags);
    }

    fn leave(&mut self) {
        self.flush();
        self.inner.leave();
    }
}

impl Drop for FaultyLink {
    fn drop(&mut self) {
        self.flush();
    }
}
