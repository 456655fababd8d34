//! A ring of frames from one sender to one receiver, in memory that two processes may share.
//!
//! A slot's first word commits it: it holds the slot's sequence number, and is written after all else. A sender killed
//! before that leaves a slot that was never sent; the next one writes it anew. The receiver's position is written by
//! the receiver alone, and no count is kept that could be left half updated: a sender finds its position by looking for
//! the first slot that is not committed.

use super::shared_words::{AtomicU32, AtomicU64, Watched};
use super::{Arrival, Flags, Outgoing, Stamp};
use core::mem::size_of;
use core::ptr::NonNull;
use core::sync::atomic::Ordering::*;

/// Frames that a ring holds.
pub const SLOTS: usize = if cfg!(loom) {
    2
} else if cfg!(miri) {
    8
} else {
    256
};

/// A slot's first words.
#[repr(C, align(128))]
struct Slot {
    commit: AtomicU64,
    stamp: Watched,
}

/// Where the frame begins in a slot: in its first line.
const FRAME_AT: usize = if cfg!(loom) { size_of::<Slot>() } else { 16 };

/// A ring's first line. All zero is an empty ring. The slots follow.
#[repr(C, align(128))]
pub struct Ring {
    /// Frames taken so far.
    taken: AtomicU64,
    /// Where frames for the receiver that there is now begin: those before were for others that had its place.
    start: AtomicU64,
    /// Which receiver that is: its station's generation.
    generation: AtomicU32,
    _line: [u32; 27],
}

/// How long a ring's slots are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Geometry {
    slot_bytes: usize,
}

impl Geometry {
    /// Slots for frames of up to so many bytes.
    ///
    /// A pair of cache lines is fetched together, so a slot begins with one: the second line of a frame comes with the
    /// first. It is an odd number of pairs long, so that the slots' first lines do not all fall into a few sets of the
    /// cache.
    pub fn of(frame: usize) -> Self {
        let pairs = (FRAME_AT + frame).div_ceil(size_of::<Slot>()).max(17) | 1;
        Self { slot_bytes: pairs * size_of::<Slot>() }
    }

    /// The longest frame that a slot holds.
    pub fn frame(self) -> usize {
        self.slot_bytes - FRAME_AT
    }

    /// The bytes of a ring: whole pages.
    pub fn ring_bytes(self) -> usize {
        (size_of::<Ring>() + SLOTS * self.slot_bytes).next_multiple_of(4096)
    }
}

/// A ring in memory of its geometry's length.
#[derive(Clone, Copy)]
pub struct Place {
    /// Where it begins.
    pub ring: NonNull<Ring>,
    /// How it goes on.
    pub geometry: Geometry,
}

/// What commits a slot: the sequence number of the frame in it (32 bits), its length (14), its flags (4), and the
/// generation of the receiver it is for (14).
#[derive(Clone, Copy)]
struct Commit(u64);

impl Commit {
    fn new(position: u64, length: usize, generation: u16, flags: Flags) -> Self {
        Self(
            u64::from((position as u32).wrapping_add(1))
                | (length as u64 & 0x3fff) << 32
                | u64::from(flags.0 & 0xf) << 46
                | u64::from(generation) << 50,
        )
    }

    /// True if the slot holds the frame of this position.
    fn is_for(self, position: u64) -> bool {
        self.0 as u32 == (position as u32).wrapping_add(1)
    }

    /// The same for the start of a frame. No whole frame's word is its equal: two positions that share a slot differ by
    /// an even number, and a number differs from its complement by an odd one.
    fn begun(self) -> Self {
        Self(self.0 ^ u64::from(u32::MAX))
    }

    fn length(self) -> usize {
        (self.0 >> 32) as usize & 0x3fff
    }

    fn flags(self) -> Flags {
        Flags((self.0 >> 46) as u8 & 0xf)
    }

    fn generation(self) -> u16 {
        (self.0 >> 50) as u16
    }
}

/// A generation, which is odd, as slots carry it.
fn short(generation: u32) -> u16 {
    (generation >> 1) as u16 & 0x3fff
}

impl Place {
    #[inline]
    fn slot(self, position: u64) -> NonNull<Slot> {
        let at = size_of::<Ring>() + position as usize % SLOTS * self.geometry.slot_bytes;
        // SAFETY: the ring is mapped while its ends exist, and the index is below SLOTS. No reference to the slots as a
        // whole is made: the other end writes to some of them.
        unsafe { NonNull::new_unchecked(self.ring.as_ptr().byte_add(at).cast()) }
    }
}

/// Where a slot's frame is.
#[inline]
fn frame(slot: NonNull<Slot>) -> *mut u8 {
    // SAFETY: within the slot.
    unsafe { slot.as_ptr().cast::<u8>().add(FRAME_AT) }
}

fn taken<'a>(ring: NonNull<Ring>) -> &'a AtomicU64 {
    // SAFETY: as in `slot`; an atomic may be shared.
    unsafe { &(*ring.as_ptr()).taken }
}

fn start<'a>(ring: NonNull<Ring>) -> &'a AtomicU64 {
    // SAFETY: as in `slot`; an atomic may be shared.
    unsafe { &(*ring.as_ptr()).start }
}

fn commit<'a>(slot: NonNull<Slot>) -> &'a AtomicU64 {
    // SAFETY: as in `slot`; an atomic may be shared.
    unsafe { &(*slot.as_ptr()).commit }
}

/// The stamp of a slot that is this end's for now, as its frame is.
fn stamp<'a>(slot: NonNull<Slot>) -> &'a Watched {
    // SAFETY: as in `slot`; the other end leaves it alone.
    unsafe { &(*slot.as_ptr()).stamp }
}

/// The first position that is not committed, from the receiver's position on.
fn end(place: Place) -> u64 {
    let first = taken(place.ring).load(Acquire);
    let full = first.saturating_add(SLOTS as u64);
    (first..full).find(|&p| !Commit(commit(place.slot(p)).load(Acquire)).is_for(p)).unwrap_or(full)
}

/// The sending end. There must be one at a time.
pub struct Sender {
    place: Place,
    position: u64,
    /// The receiver's position when last looked at.
    taken: u64,
    generation: u16,
}

// SAFETY: the ring's memory is shared between processes anyway; the protocol, not the thread, keeps the ends apart.
unsafe impl Send for Sender {}

impl Sender {
    /// Takes up sending where the last sender left off.
    ///
    /// # Safety
    /// The ring stays mapped while the sender exists, and no other sender of it does.
    pub unsafe fn new(place: Place, generation: u32) -> Self {
        let (ring, position) = (place.ring, end(place));
        // SAFETY: as in `slot`; an atomic may be shared.
        let last = unsafe { &(*ring.as_ptr()).generation };
        if last.swap(generation, Relaxed) != generation {
            start(ring).store(position, Release);
        }
        let generation = short(generation);
        Self { place, position, taken: taken(ring).load(Acquire), generation }
    }

    /// Writes a frame; false if the ring is full.
    #[inline]
    pub fn send(&mut self, outgoing: &Outgoing<'_>, stamp: Stamp) -> bool {
        if self.position.wrapping_sub(self.taken) >= SLOTS as u64 {
            self.taken = taken(self.place.ring).load(Acquire);
            if self.position.wrapping_sub(self.taken) >= SLOTS as u64 {
                return false;
            }
        }
        let length = outgoing.wire_length();
        if length > self.place.geometry.frame() {
            return false;
        }
        let slot = self.place.slot(self.position);
        // SAFETY: the slot is free (the receiver has taken what was in it), this is the only sender, and a frame of
        // this length fits.
        unsafe {
            outgoing.write(frame(slot));
            self::stamp(slot).write(stamp);
        }
        commit(slot).store(Commit::new(self.position, length, self.generation, outgoing.flags).0, Release);
        self.position = self.position.wrapping_add(1);
        true
    }

    /// Writes the start of a frame, of which nothing is padded or filled in; false if the ring is full. Nothing else may
    /// be sent until [`Sender::finish`].
    pub fn begin(&mut self, start: &[u8], stamp: Stamp) -> bool {
        self.taken = taken(self.place.ring).load(Acquire);
        if self.position.wrapping_sub(self.taken) >= SLOTS as u64 || start.len() > self.place.geometry.frame() {
            return false;
        }
        let slot = self.place.slot(self.position);
        // SAFETY: as in `send`.
        unsafe {
            frame(slot).copy_from_nonoverlapping(start.as_ptr(), start.len());
            self::stamp(slot).write(stamp);
        }
        let word = Commit::new(self.position, start.len(), self.generation, Flags::default());
        commit(slot).store(word.begun().0, Release);
        true
    }

    /// Writes what follows the `begun` bytes that [`Sender::begin`] was given, which the receiver may be reading.
    pub fn finish(&mut self, begun: usize, rest: &[u8], flags: Flags) {
        let length = begun + rest.len();
        if length > self.place.geometry.frame() {
            return;
        }
        let slot = self.place.slot(self.position);
        // SAFETY: as in `send`; the receiver reads no more than what was begun until the slot is committed.
        unsafe {
            frame(slot).add(begun).copy_from_nonoverlapping(rest.as_ptr(), rest.len());
        }
        commit(slot).store(Commit::new(self.position, length, self.generation, flags).0, Release);
        self.position = self.position.wrapping_add(1);
    }
}

/// The receiving end. There must be one at a time.
pub struct Receiver {
    place: Place,
    position: u64,
    generation: u16,
    /// Frames for VIs that had this one's place before, which were left in the ring.
    pub left: u64,
}

// SAFETY: as for `Sender`.
unsafe impl Send for Receiver {}

impl Receiver {
    /// Takes up receiving where the last receiver left off: with the frames of this generation, past those for VIs
    /// that were there before.
    ///
    /// # Safety
    /// The ring stays mapped while the receiver exists, and no other receiver of it does.
    pub unsafe fn new(place: Place, generation: u32) -> Self {
        let ring = place.ring;
        let (taken, start) = (taken(ring), start(ring).load(Acquire));
        let mut position = taken.load(Acquire);
        let left = (start.wrapping_sub(position) as i64).max(0) as u64;
        if left > 0 {
            position = start;
            taken.store(position, Release);
        }
        Self { place, position, generation: short(generation), left }
    }

    /// The next frame, if there is one.
    #[inline]
    pub fn peek(&mut self) -> Option<Arrival> {
        self.look(|_| None)
    }

    /// The next frame, or as much of it as has arrived, which [`Flags::ARRIVING`] tells.
    #[inline]
    pub fn peek_start(&mut self) -> Option<Arrival> {
        self.look(|word| Some(Commit(word.begun().0 | u64::from(Flags::ARRIVING.0) << 46)))
    }

    /// The frame at this position; `other` makes what it can of a slot that holds none.
    #[inline(always)]
    fn look(&mut self, other: impl Fn(Commit) -> Option<Commit>) -> Option<Arrival> {
        loop {
            let slot = self.place.slot(self.position);
            let mut word = Commit(commit(slot).load(Acquire));
            if !word.is_for(self.position) {
                word = other(word).filter(|begun| begun.is_for(self.position))?;
            }
            // The length is checked because a peer that breaks the protocol must not break this process.
            if word.generation() == self.generation && word.length() <= self.place.geometry.frame() {
                return Some(Arrival {
                    // Committed, so the sender leaves it alone until it is taken.
                    bytes: frame(slot),
                    length: word.length(),
                    // SAFETY: as above, and within the slot.
                    stamp: unsafe { stamp(slot).read() },
                    flags: word.flags(),
                });
            }
            self.take();
        }
    }

    /// Gives the slot of the frame that `peek` gave back to the sender.
    #[inline]
    pub fn take(&mut self) {
        self.position = self.position.wrapping_add(1);
        taken(self.place.ring).store(self.position, Release);
    }
}

#[cfg(all(test, loom))]
mod models;

#[cfg(test)]
mod tests;
