//! What connects ports: a [`Wire`] carries frames from a VI's transmit side to the VIs whose filters match.
//!
//! A wire is two small traits. [`switch`] is the one that is memory: within a process ([`heap`]), or shared between
//! processes ([`shared`]). [`machine`] is an interface of the machine: frames go through the kernel, by its packet sockets
//! ([`packet`]) or past its network stack ([`xdp`]). [`replay`] is a file, whose frames come to the port.

pub mod heap;
pub mod machine;
pub mod outside;
pub mod packet;
pub(crate) mod pass;
pub mod primed;
pub mod queues;
pub mod replay;
pub mod ring;
pub mod shared;
pub mod shared_words;
pub mod switch;
pub mod table;
pub mod xdp;

use crate::counters::Cells;
use crate::errno::Result;
use crate::filter::Filter;
use crate::frame::{self, Checksums};
use crate::interrupt::Interrupt;
use core::ffi::CStr;
use outside::Outside;
use queues::Wanted;
use std::sync::Arc;

/// What an interface's name opens.
pub trait Wire: Send + Sync {
    /// Connects a VI. It gets nothing until it has a filter.
    fn attach(&self, how: Attachment) -> Result<Box<dyn Link>>;

    /// Makes a set of up to so many VIs, over which filters spread what they take.
    fn set(&self, count: usize) -> Result<Box<dyn Set>>;

    /// The MTU now, of a wire of which it may change. `ENODEV` if that has gone.
    fn mtu(&self) -> Option<Result<usize>> {
        None
    }

    /// True if the name that it was opened by still stands for it: an interface of the machine may be renamed, or gone.
    fn is_named(&self, name: &CStr) -> bool {
        let _ = name;
        true
    }

    /// Frames that arrived here and were left to the kernel.
    fn left_to_kernel(&self) -> u64;

    /// Leaves nothing behind that outlives this process, which is about to end without dropping the wire.
    #[cfg(not(miri))]
    fn leave(&self) {}
}

/// What a VI asks of the wire.
#[derive(Clone, Default)]
pub struct Attachment {
    /// Its arrivals need a timestamp.
    pub stamps: bool,
    /// Its protection domain, by a number of this process's.
    pub domain: u32,
    /// Multicast that it sends also goes to VIs of its own port, those of its domain aside.
    pub loops: bool,
    /// It posts buffers that the wire may write to.
    pub posts: bool,
    /// It is one of a set, and so not alone.
    pub shares: bool,
    /// Where it counts.
    pub cells: Arc<Cells>,
}

/// A set of VIs. It ends when it is dropped.
pub trait Set: Send + Sync {
    /// Gives a VI, which its link's [`Link::member`] names, a place in the set.
    fn join(&self, index: usize, member: u64) -> Result<()>;

    /// Spreads frames over the set's VIs. The number names the filter.
    fn filter_add(&self, filter: Filter, looped: bool) -> Result<u32>;

    /// Removes one of the set's filters.
    fn filter_remove(&self, id: u32) -> Result<()>;
}

/// A VI's end of the wire. It is left when it is dropped.
pub trait Link: Send {
    /// Puts a frame on the wire.
    fn transmit(&mut self, frame: &Outgoing<'_>, when: When) -> OnWire;

    /// The next frame for this VI, which stays the next one until it is taken.
    fn arrival(&mut self) -> Option<Arrival>;

    /// Takes the frame that [`Link::arrival`] gave off the wire.
    fn take(&mut self);

    /// What is raised for a frame that arrives while this VI is primed. Made on first asking.
    fn interrupt(&mut self) -> Result<Arc<Interrupt>>;

    /// Has the next frame raise the interrupt. Frames that were sent before may be there already: once
    /// [`primed::Barrier::receiver`] is passed, [`Link::arrival`] tells.
    fn prime(&mut self);

    /// Steers frames to this VI; with `looped` also multicast that VIs of its port send. The number names the filter.
    fn filter_add(&mut self, filter: Filter, looped: bool) -> Result<u32>;

    /// Removes one of this VI's filters.
    fn filter_remove(&mut self, id: u32) -> Result<()>;

    /// True of the name of one of this VI's filters.
    fn has_filter(&self, id: u32) -> bool;

    /// Which filter gave this VI a frame, as [`hardware_id`] tells it; none if that filter is gone.
    fn filter_of(&mut self, frame: &[u8]) -> Option<u16>;

    /// What a [`Set`] knows this VI by.
    fn member(&self) -> u64;

    /// What a wire wants of its VI that is not memory: none of one that is.
    fn outside(&mut self) -> Option<&mut dyn Outside> {
        None
    }

    /// The shared receive queue to which a filter would steer. Wires of which each VI has its own end give what is asked
    /// for.
    fn queue_for(&self, filter: Filter, wanted: &Wanted) -> Result<u8> {
        let _ = filter;
        Ok(wanted.queue.or(wanted.preferred).unwrap_or(0))
    }

    /// Makes this the VI's end of a shared receive queue, and steers frames to that. The number names the filter.
    fn queue_filter_add(&mut self, filter: Filter, queue: u8, wanted: &Wanted) -> Result<u32> {
        let _ = (queue, wanted);
        self.filter_add(filter, false)
    }

    /// The next frame for this VI, or as much of it as has arrived: [`Flags::ARRIVING`] says that there is more to come.
    /// It stays the next one.
    fn arriving(&mut self) -> Option<Arrival> {
        self.arrival()
    }

    /// Puts the start of a frame on the wire; true if a VI's filter takes it. [`Link::finish`] has to follow before
    /// anything else is sent.
    fn begin(&mut self, start: &[u8], stamp: Stamp) -> bool {
        let _ = (start, stamp);
        false
    }

    /// Puts the rest of the frame on the wire, to where its start went.
    fn finish(&mut self, rest: &[u8], flags: Flags) {
        let _ = (rest, flags);
    }

    /// The VI is about to go: what is kept back is sent, and nothing is received from here on.
    fn leave(&mut self) {}

    /// What reads, from any thread, how many frames for this VI were lost because it did not take them off the wire in
    /// time. It must not be called once the link is dropped.
    fn overruns(&self) -> Arc<dyn Overruns>;
}

/// What the adapter calls a filter, of which a filter's name tells one use.
pub fn hardware_id(id: u32) -> u16 {
    id as u16 & 0xff
}

/// A count of frames that a VI lost on the wire.
pub trait Overruns: Send + Sync {
    /// The count.
    fn read(&self) -> u64;

    /// Frames that the VIs which had its place before left on the wire.
    fn abandoned(&self) -> u64 {
        0
    }

    /// Starts it from 0.
    fn clear(&self);
}

/// What became of a frame that was put on the wire.
#[derive(Clone, Copy, Debug)]
pub struct OnWire {
    /// When it was there.
    pub stamp: Stamp,
    /// A VI's filter took it.
    pub claimed: bool,
}

/// What a frame is stamped with when it goes on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing, unless a receiver asks for it: to read the clock costs time.
    Unasked,
    /// The time by the clock.
    Now,
    /// This time.
    At(Stamp),
}

/// Ticks of the port's clock at which a frame was on the wire; 0 where nobody asked.
pub type Stamp = u64;

/// A frame that arrived. The bytes stay valid until the link's next call.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// The frame's bytes, without FCS.
    pub bytes: *const u8,
    /// How many.
    pub length: usize,
    /// When it was on the wire.
    pub stamp: Stamp,
    /// What is known of it.
    pub flags: Flags,
}

/// Bytes of a frame that may be seen before the rest has arrived: `EFCT_FUTURE_VALID_BYTES`.
pub const START: usize = 62;

/// What goes with a frame on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// The frame's check sequence is wrong: poisoned by its sender, or damaged.
    pub const FCS_BAD: Self = Self(1);
    /// The sending port has filled in the checksums itself, so that they are right.
    pub const CHECKSUMS_GOOD: Self = Self(2);
    /// The frame is to be copied: its memory may change as soon as it was transmitted.
    pub const WRITTEN_THROUGH: Self = Self(16);
    /// The frame lies where it is to be: behind the prefix in a buffer that was posted ([`Outside::post`]).
    pub const IN_PLACE: Self = Self(4);
    /// Only the frame's start is there. No frame is sent with it.
    pub const ARRIVING: Self = Self(8);

    /// True if all of `other` is set.
    #[inline]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// A frame on its way out, still in the application's memory.
pub struct Outgoing<'a> {
    /// Its pieces.
    pub pieces: &'a [Piece],
    /// The length of the pieces together.
    pub length: usize,
    /// Checksums that the adapter fills in.
    pub checksums: Checksums,
    /// What goes with it.
    pub flags: Flags,
}

/// A piece of a frame: `length` readable bytes at `base`.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// Where it is.
    pub base: *const u8,
    /// How long it is.
    pub length: usize,
}

/// Copies a frame, or a piece of one. The first 64 bytes are copied in line: most frames that are in a hurry have not
/// many more, and a call costs them as much as the copy.
///
/// # Safety
/// As for a copy of `length` bytes that don't overlap.
#[inline(always)]
pub unsafe fn copy(to: *mut u8, from: *const u8, length: usize) {
    // SAFETY: the caller's promise.
    unsafe {
        if length < 64 {
            to.copy_from_nonoverlapping(from, length);
            return;
        }
        to.cast::<[u8; 64]>().write_unaligned(from.cast::<[u8; 64]>().read_unaligned());
        if length > 64 {
            to.add(64).copy_from_nonoverlapping(from.add(64), length - 64);
        }
    }
}

impl Outgoing<'_> {
    /// The frame's length on the wire.
    #[inline]
    pub fn wire_length(&self) -> usize {
        self.length.max(frame::MIN_FRAME)
    }

    /// Writes the frame to `to` as it goes out: gathered, checksums filled in, padded.
    ///
    /// # Safety
    /// `to` has room for [`Outgoing::wire_length`] bytes which nothing else touches meanwhile, and the pieces are
    /// readable.
    #[inline]
    pub unsafe fn write(&self, to: *mut u8) {
        let mut at = 0;
        for piece in self.pieces {
            // SAFETY: the caller's promise; the pieces' lengths add up to `length`.
            unsafe { copy(to.add(at), piece.base, piece.length) };
            at += piece.length;
        }
        if at < frame::MIN_FRAME {
            // SAFETY: there is room for `wire_length` bytes, which is at least MIN_FRAME.
            unsafe { to.add(at).write_bytes(0, frame::MIN_FRAME - at) };
        }
        // SAFETY: they were made for this frame. They are written and nothing is read back: the receiver has this
        // memory in its cache, and a load that the store buffer can't serve would wait for it.
        unsafe { self.checksums.write(to) };
    }

    /// The frame's first bytes, enough to steer it.
    #[inline]
    pub fn header<'b>(&self, scratch: &'b mut [u8; frame::HEADER_BYTES]) -> &'b [u8] {
        let mut at = 0;
        for piece in self.pieces {
            let n = piece.length.min(scratch.len() - at);
            // SAFETY: the piece is readable, and `n` bytes fit behind `at`.
            unsafe { piece.base.copy_to_nonoverlapping(scratch.as_mut_ptr().add(at), n) };
            at += n;
            if at == scratch.len() {
                break;
            }
        }
        &scratch[..at]
    }
}
