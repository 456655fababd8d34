//! What a wire needs of a VI when it is not this library's memory: the kernel takes frames in batches, may write to the
//! posted buffers itself, and tells only later that what was sent can be used again.

use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering::*};
use std::sync::Arc;

/// The side of a [`super::Link`] that its VI sees to where there is one.
pub trait Outside {
    /// Hands over what was transmitted since the last time. Until then it may stay behind.
    fn push(&mut self);

    /// True while frames wait that only another push sends.
    fn is_behind(&self) -> bool;

    /// True until memory was offered, and taken.
    fn wants_memory(&self) -> bool;

    /// The memory of which the VI's buffers are made is known now. True if the wire writes to posted buffers itself.
    fn offer(&mut self, memory: &Memory) -> bool;

    /// Posts a buffer. The wire writes a frame behind the prefix, where it can; if not it keeps memory of its own for
    /// one frame. Says which, unless it has room for neither now.
    fn post(&mut self, buffer: *mut u8, length: usize) -> Option<Posted>;

    /// Throws the frame away that [`super::Link::arrival`] gave: its buffer stays posted.
    fn discard(&mut self);

    /// How many frames were transmitted that are read where the application has them.
    fn issued(&self) -> u32;

    /// How many of them, from the first on, have been read.
    fn completed(&mut self) -> u32;

    /// True once, when the wire has come to leave posted buffers alone for good: what others get, too, it does not write
    /// there. Asked at each poll.
    fn withdraws(&mut self) -> bool;

    /// True while frames wait until the wire has withdrawn.
    fn is_withdrawing(&self) -> bool;

    /// What has become of the interface. Asked now and then.
    fn state(&mut self) -> State;
}

/// A registration of memory. The same addresses may be registered anew when it has ended, with other pages behind them:
/// that is another one.
#[derive(Clone, Debug, Default)]
pub struct Registered {
    /// Its addresses.
    pub range: Range<usize>,
    /// Shared by all that know of it.
    ended: Arc<AtomicBool>,
}

impl Registered {
    /// Of these addresses.
    pub fn new(range: Range<usize>) -> Self {
        Self { range, ended: Arc::default() }
    }

    /// The memory was given back.
    pub fn end(&self) {
        self.ended.store(true, Release);
    }

    /// True until then.
    #[inline]
    pub fn lasts(&self) -> bool {
        !self.ended.load(Acquire)
    }
}

/// What memory a VI's buffers are made of.
#[derive(Clone, Debug)]
pub struct Memory {
    /// The registered memory that the first buffer is in.
    pub region: Registered,
    /// Bytes before a frame in its buffer.
    pub prefix: usize,
    /// Length of a buffer, the prefix with it.
    pub buffer: usize,
    /// Frames are received into posted buffers one by one.
    pub posts: bool,
}

/// Where the frame of a posted buffer will be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// Into it.
    InPlace,
    /// Elsewhere, to be copied.
    Aside,
}

/// What has become of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is there.
    There,
    /// It was deleted, or its adapter reset: nothing goes over it any more.
    Gone,
}
