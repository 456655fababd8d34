//! A VI's end of an interface through AF_XDP: binding, and receiving; [`send`] has the other side.

mod send;

use super::program::{STAMP_BYTES, STAMPED_BY_DRIVER, STAMPED_BY_KERNEL};
use super::queue::{self, Binding, Queue};
use super::ring::Ring;
use super::umem::{BEFORE, CHUNK, Umem};
use super::{Failed, Mode, Steering};
use crate::counters::Cells;
use crate::errno::Errno;
use crate::frame::{Checksums, MIN_FRAME, is_checksum_open};
use crate::wire::machine::netdev::Queues;
use crate::wire::outside::{Memory, Posted};
use crate::wire::packet::Direct;
use crate::wire::{Flags, Overruns};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::collections::VecDeque;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The end.
pub struct End {
    queues: Vec<Queue>,
    umem: Umem,
    steering: Arc<Steering>,
    cells: Arc<Cells>,
    /// The driver moves frames without a copy of the kernel's.
    pub zero_copy: bool,
    /// Chunks of this library's own that are nobody's now.
    spare: Vec<u64>,
    /// How many of them are kept for what is sent.
    kept: usize,
    /// What the kernel reads in the application's memory, in order, and whether it has.
    sending: VecDeque<(u64, bool)>,
    issued: u32,
    completed: u32,
    /// The frame that was found: its queue, and in how many pieces it came.
    found: Option<(usize, u32)>,
    /// The queue that is looked at first.
    next: usize,
    /// A frame of several pieces, put together.
    whole: Vec<u8>,
    /// Sends frames that are alone, where the kernel copies all frames.
    direct: Option<Direct>,
    /// Frames were put into the transmit ring of which the kernel was not told.
    behind: bool,
    /// Frames that the interface did not take.
    refused: u64,
    /// Calls without an arrival, where the driver is to be polled.
    busy_poll: bool,
    lost: Arc<Lost>,
}

/// A frame that arrived.
pub struct Received {
    /// Where it is.
    pub bytes: *mut u8,
    /// How long.
    pub length: usize,
    /// What is known of it.
    pub flags: Flags,
    /// When it came.
    pub time: Time,
}

/// When a frame came, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// Nobody noted it.
    Unknown,
    /// By the kernel's monotonic clock.
    Kernel(u64),
    /// By the device's clock.
    Driver(u64),
}

/// What is there before the application's memory is known.
pub struct Prepared {
    /// The program, attached.
    pub steering: Arc<Steering>,
    first: OwnedFd,
    interface: i32,
    queues: Queues,
    frame: usize,
}

impl Prepared {
    /// Tries all that can be tried before there is memory.
    pub fn new(interface: i32, queues: Queues, frame: usize, stamps: bool, modes: &[Mode]) -> Result<Self, Failed> {
        let first = queue::open().map_err(|e| ("AF_XDP socket", e))?;
        let steering = Arc::new(Steering::attach(interface, queues.receive, stamps, modes)?);
        Ok(Self { steering, first, interface, queues, frame })
    }

    /// Binds it to the interface's queues, with memory. With `busy_poll` the driver is polled for so long, in
    /// microseconds.
    pub fn bind(self, memory: &Memory, cells: &Arc<Cells>, busy_poll: Option<i32>) -> Result<End, Failed> {
        let Self { steering, first, interface, queues, frame } = self;
        let failed = |e| ("memory for frames", e);
        let mut umem = Umem::new(memory, frame).map_err(failed)?;
        if umem.in_place && queue::register(&first, &umem).is_err() {
            // Not all that lies in that range can be pinned.
            umem = Umem::apart(frame).map_err(failed)?;
        }
        if !umem.in_place {
            queue::register(&first, &umem).map_err(failed)?;
        }
        let how = Binding { pieces: frame + BEFORE + umem.headroom > umem.frame };
        let bound = |e| ("AF_XDP socket on the interface", e);
        let mut all = vec![Queue::bind(first, interface, 0, None, how).map_err(bound)?];
        for number in 1..queues.receive {
            let fd = queue::open().map_err(bound)?;
            let first = Some(all[0].fd.as_raw_fd());
            all.push(Queue::bind(fd, interface, number, first, how).map_err(bound)?);
        }
        if let Some(microseconds) = busy_poll {
            for queue in &all {
                queue.busy_poll(microseconds).map_err(|e| ("busy polling (CAP_NET_ADMIN)", e))?;
            }
        }
        let fds = all.iter().map(|queue| queue.fd.try_clone()).collect::<Result<Vec<_>, _>>();
        let fds = fds.map_err(|e| ("AF_XDP socket", Errno(e.raw_os_error().unwrap_or(libc::EIO))))?;
        let zero_copy = all[0].is_zero_copy();
        let mut end = End {
            zero_copy,
            // With several queues to send by, the kernel would choose another one than the ring's, and frames might overtake.
            direct: if zero_copy || !queues.sends_by_one { None } else { Direct::open(interface, cells).ok() },
            kept: umem.chunks().count() / 2,
            spare: umem.chunks().collect(),
            sending: VecDeque::with_capacity(4096),
            queues: all,
            umem,
            cells: cells.clone(),
            steering,
            issued: 0,
            completed: 0,
            found: None,
            next: 0,
            whole: Vec::with_capacity(frame),
            behind: false,
            refused: 0,
            busy_poll: busy_poll.is_some(),
            lost: Arc::new(Lost::of(fds)),
        };
        end.begin().map_err(|e| ("AF_XDP socket in the program's map", e))?;
        Ok(end)
    }
}

impl End {
    fn begin(&mut self) -> crate::errno::Result<()> {
        if !self.umem.in_place {
            // Half of the memory is for what arrives.
            let share = self.spare.len() / 2 / self.queues.len();
            for at in 0..self.queues.len() {
                let chunks = self.spare.split_off(self.spare.len() - share);
                chunks.into_iter().for_each(|chunk| _ = self.fill(at, chunk));
            }
        }
        for queue in &self.queues {
            self.steering.put(queue.number, &queue.fd)?;
        }
        Ok(())
    }

    /// True if frames are written into posted buffers.
    pub fn is_in_place(&self) -> bool {
        self.umem.in_place
    }

    /// How many queues there are.
    pub fn queues(&self) -> usize {
        self.queues.len()
    }

    /// What is readable while a frame waits.
    pub fn descriptors(&self) -> impl Iterator<Item = RawFd> {
        self.queues.iter().map(|queue| queue.fd.as_raw_fd())
    }

    /// What counts the frames that were lost.
    pub fn lost(&self) -> Arc<Lost> {
        self.lost.clone()
    }

    /// Gives the kernel memory for a frame on a queue.
    fn fill(&mut self, at: usize, offset: u64) -> bool {
        let queue = &mut self.queues[at];
        if !queue.fill.push(offset) {
            return false;
        }
        queue.fill.publish();
        queue.filled += 1;
        true
    }

    /// The queue that has the least memory to fill.
    fn neediest(&self) -> usize {
        (0..self.queues.len()).min_by_key(|&at| self.queues[at].filled).unwrap_or(0)
    }

    /// Posts a buffer.
    pub fn post(&mut self, buffer: *mut u8, length: usize) -> Option<Posted> {
        let at = self.neediest();
        if length >= self.umem.frame - BEFORE
            && let Some(offset) = self.umem.frame_for(buffer.addr())
            && self.can_place(offset)
        {
            return self.fill(at, offset).then_some(Posted::InPlace);
        }
        // Memory of this library's own in its place; some is kept for what is sent.
        if self.spare.len() <= self.kept {
            return None;
        }
        let chunk = self.spare.pop()?;
        if self.fill(at, chunk) {
            return Some(Posted::Aside);
        }
        self.spare.push(chunk);
        None
    }

    /// The device reads and writes by physical addresses: a frame must lie on pages that are neighbours there, too.
    fn can_place(&self, offset: u64) -> bool {
        const HUGE: usize = 2 << 20;
        let start = self.umem.at(offset).addr();
        !self.zero_copy || start / HUGE == (start + self.umem.frame - 1) / HUGE
    }

    /// The next frame, which stays the next one until it is [taken](End::take).
    #[inline]
    pub fn peek(&mut self) -> Option<Received> {
        let count = self.queues.len();
        for turn in 0..count {
            let at = (self.next + turn) % count;
            while let Some(first) = self.queues[at].receive.peek(0) {
                if !self.umem.is_given_back(data(first.addr)) {
                    return self.received(at, first);
                }
                self.lose(at, first);
            }
        }
        self.wake();
        None
    }

    /// A frame came into memory that the application has given back: nobody may look there any more.
    #[cold]
    fn lose(&mut self, at: usize, piece: libc::xdp_desc) {
        self.cells.rx_no_descriptor.add((piece.options & libc::XDP_PKT_CONTD == 0).into());
        self.found = Some((at, 1));
        self.finish(false);
    }

    /// True if there is a frame. To look at it is left to [`End::peek`], which takes its stamp off.
    pub fn has_frame(&mut self) -> bool {
        self.queues.iter_mut().any(|queue| queue.receive.peek(0).is_some())
    }

    /// Nothing is there: has the driver look, where it waits to be told to.
    #[inline]
    fn wake(&mut self) {
        for queue in &self.queues {
            if self.busy_poll || queue.fill.wants_wakeup() {
                self.cells.system_calls.add(1);
                queue.wake_receiver();
            }
        }
    }

    #[inline]
    fn received(&mut self, at: usize, first: libc::xdp_desc) -> Option<Received> {
        let offset = data(first.addr);
        let bytes = self.umem.at(offset);
        let in_place = !self.umem.is_own(offset);
        let mut received = Received { bytes, length: first.len as usize, flags: Flags::default(), time: Time::Unknown };
        if self.steering.stamps() {
            received.time = stamp_before(bytes);
        }
        let mut pieces = 1;
        if first.options & libc::XDP_PKT_CONTD != 0 {
            pieces = self.put_together(at)?;
            received.bytes = self.whole.as_mut_ptr();
            received.length = self.whole.len();
        } else if in_place {
            received.flags = Flags::IN_PLACE;
        }
        self.found = Some((at, pieces));
        // SAFETY: the frame is this side's until it is taken. Its memory has room for the shortest frame.
        unsafe {
            if received.length < MIN_FRAME {
                received.bytes.add(received.length).write_bytes(0, MIN_FRAME - received.length);
                received.length = MIN_FRAME;
            }
            let frame = core::slice::from_raw_parts(received.bytes, received.length);
            if is_checksum_open(frame) {
                // A sender on this machine has left it to an adapter that there is none of.
                Checksums::of(frame, false, true).write(received.bytes);
                received.flags.0 |= Flags::CHECKSUMS_GOOD.0;
            }
        }
        Some(received)
    }

    /// Copies the pieces of a frame together; says how many there are, unless some are yet to come.
    #[cold]
    fn put_together(&mut self, at: usize) -> Option<u32> {
        self.whole.clear();
        for piece in 0.. {
            let descriptor = self.queues[at].receive.peek(piece)?;
            let from = self.umem.at(data(descriptor.addr));
            // SAFETY: the kernel wrote so many bytes there.
            self.whole.extend_from_slice(unsafe { core::slice::from_raw_parts(from, descriptor.len as usize) });
            if descriptor.options & libc::XDP_PKT_CONTD == 0 {
                return Some(piece + 1);
            }
        }
        None
    }

    /// Takes the frame off.
    #[inline]
    pub fn take(&mut self) {
        self.finish(false);
    }

    /// Throws the frame away: the buffer that it is in stays posted.
    #[cold]
    pub fn discard(&mut self) {
        self.finish(true);
    }

    #[inline]
    fn finish(&mut self, again: bool) {
        let Some((at, pieces)) = self.found.take() else { return };
        for piece in 0..pieces {
            self.queues[at].filled -= 1;
            let Some(descriptor) = self.queues[at].receive.peek(piece) else { continue };
            if again && !self.umem.is_own(data(descriptor.addr)) {
                // There is room: it came from there. The bits above are of the frame's place in it.
                self.fill(at, descriptor.addr & ((1 << ADDRESS_BITS) - 1));
            } else if let offset = data(descriptor.addr)
                && self.umem.is_own(offset)
            {
                let chunk = self.umem.chunk_of(offset);
                // Where all is copied the memory is to be filled again; elsewhere it goes with the next buffer that
                // needs some.
                if self.umem.in_place || !self.fill(at, chunk) {
                    self.spare.push(chunk);
                }
            }
        }
        self.queues[at].receive.release(pieces);
        self.next = (at + 1) % self.queues.len();
    }
}

/// The stamp before a frame, of which there is room for one, if the program put one there.
fn stamp_before(frame: *mut u8) -> Time {
    // SAFETY: the bytes before the frame are its prefix's, or those that the kernel keeps; it wrote the frame to memory
    // that it was given for that.
    unsafe {
        let stamp = frame.sub(STAMP_BYTES);
        // What is written next into this memory may have none.
        let kind = stamp.cast::<u32>().read_unaligned();
        stamp.cast::<u32>().write_unaligned(0);
        let time = stamp.add(4).cast::<u64>().read_unaligned();
        match kind {
            STAMPED_BY_KERNEL => Time::Kernel(time),
            STAMPED_BY_DRIVER => Time::Driver(time),
            _ => Time::Unknown,
        }
    }
}

/// Bits of an offset of what the kernel was given; those above say where in it a frame is.
const ADDRESS_BITS: u32 = 48;

/// An offset with what unaligned memory has in the upper bits.
fn data(address: u64) -> u64 {
    (address & ((1 << ADDRESS_BITS) - 1)) + (address >> ADDRESS_BITS)
}

impl Drop for End {
    fn drop(&mut self) {
        self.lost.close();
    }
}

/// What the sockets lost.
pub struct Lost {
    /// The sockets as other threads see them, until they are closed, and what those had lost by then.
    counts: Mutex<(Vec<OwnedFd>, u64)>,
    cleared: AtomicU64,
}

impl Lost {
    fn of(fds: Vec<OwnedFd>) -> Self {
        Self { counts: Mutex::new((fds, 0)), cleared: AtomicU64::new(0) }
    }

    fn counts(&self) -> MutexGuard<'_, (Vec<OwnedFd>, u64)> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sockets are about to go. With a descriptor left they would keep their queues, and the memory.
    fn close(&self) {
        let mut counts = self.counts();
        counts.1 += lost_by(&counts.0);
        counts.0.clear();
    }
}

fn lost_by(sockets: &[OwnedFd]) -> u64 {
    sockets.iter().map(|fd| Queue::lost(fd.as_raw_fd())).sum()
}

impl Overruns for Lost {
    fn read(&self) -> u64 {
        let counts = self.counts();
        (counts.1 + lost_by(&counts.0)).saturating_sub(self.cleared.load(Relaxed))
    }

    fn clear(&self) {
        self.cleared.fetch_add(self.read(), Relaxed);
    }
}
