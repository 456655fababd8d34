//! The four rings that an AF_XDP socket shares with the kernel.

use crate::errno::{Errno, Result};
use crate::wire::machine::netdev;
use core::marker::PhantomData;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicU32, Ordering::*};
use std::os::fd::RawFd;

/// Which ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Frames that arrived.
    Receive,
    /// Frames to be sent.
    Transmit,
    /// Memory for frames that will arrive.
    Fill,
    /// Memory whose frames were sent.
    Completion,
}

impl Kind {
    fn option(self) -> i32 {
        match self {
            Self::Receive => libc::XDP_RX_RING,
            Self::Transmit => libc::XDP_TX_RING,
            Self::Fill => libc::XDP_UMEM_FILL_RING,
            Self::Completion => libc::XDP_UMEM_COMPLETION_RING,
        }
    }

    fn offset(self) -> u64 {
        match self {
            Self::Receive => libc::XDP_PGOFF_RX_RING as u64,
            Self::Transmit => libc::XDP_PGOFF_TX_RING as u64,
            Self::Fill => libc::XDP_UMEM_PGOFF_FILL_RING,
            Self::Completion => libc::XDP_UMEM_PGOFF_COMPLETION_RING,
        }
    }

    fn place(self, offsets: &libc::xdp_mmap_offsets) -> libc::xdp_ring_offset {
        match self {
            Self::Receive => offsets.rx,
            Self::Transmit => offsets.tx,
            Self::Fill => offsets.fr,
            Self::Completion => offsets.cr,
        }
    }
}

/// A ring of `T`, one end of which is the kernel's.
pub struct Ring<T> {
    base: NonNull<u8>,
    bytes: usize,
    producer: NonNull<AtomicU32>,
    consumer: NonNull<AtomicU32>,
    flags: NonNull<AtomicU32>,
    entries: NonNull<T>,
    mask: u32,
    /// This side's end, which the kernel is told of by [`Ring::publish`].
    own: u32,
    /// The kernel's, as last seen.
    seen: u32,
    _entries: PhantomData<T>,
}

// SAFETY: the mapping is the ring's own, and used by one thread at a time.
unsafe impl<T: Send> Send for Ring<T> {}

impl<T: Copy> Ring<T> {
    /// Gives a socket a ring of so many entries, a power of two, and maps it.
    pub fn map(fd: RawFd, kind: Kind, entries: u32) -> Result<Self> {
        netdev::set(fd, libc::SOL_XDP, kind.option(), &entries)?;
        let none = libc::xdp_ring_offset { producer: 0, consumer: 0, desc: 0, flags: 0 };
        let none = libc::xdp_mmap_offsets { rx: none, tx: none, fr: none, cr: none };
        let offsets = kind.place(&netdev::get(fd, libc::SOL_XDP, libc::XDP_MMAP_OFFSETS, none)?);
        let bytes = offsets.desc as usize + entries as usize * size_of::<T>();
        // SAFETY: a new mapping of the socket's own memory; it disturbs nothing.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_POPULATE,
                fd,
                kind.offset() as libc::off_t,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        let base: NonNull<u8> = NonNull::new(base.cast()).ok_or(Errno(libc::ENOMEM))?;
        // SAFETY: the kernel's offsets lie within the mapping, aligned for what is there.
        let at = |offset: u64| unsafe { base.add(offset as usize) };
        Ok(Self {
            base,
            bytes,
            producer: at(offsets.producer).cast(),
            consumer: at(offsets.consumer).cast(),
            flags: at(offsets.flags).cast(),
            entries: at(offsets.desc).cast(),
            mask: entries - 1,
            own: 0,
            seen: 0,
            _entries: PhantomData,
        })
    }

    #[inline]
    fn word(&self, word: NonNull<AtomicU32>) -> &AtomicU32 {
        // SAFETY: within the mapping, and shared with the kernel as words.
        unsafe { word.as_ref() }
    }

    /// The kernel wants to be called, or it does not look at the ring.
    #[inline]
    pub fn wants_wakeup(&self) -> bool {
        self.word(self.flags).load(Relaxed) & libc::XDP_RING_NEED_WAKEUP != 0
    }

    /// As producer: adds an entry, of which the kernel hears by [`Ring::publish`]; false if there is no room.
    #[inline]
    pub fn push(&mut self, entry: T) -> bool {
        if self.own.wrapping_sub(self.seen) > self.mask {
            self.seen = self.word(self.consumer).load(Acquire);
            if self.own.wrapping_sub(self.seen) > self.mask {
                return false;
            }
        }
        // SAFETY: masked, the index is within the ring; the entry is this side's until it is published.
        unsafe { self.entries.add((self.own & self.mask) as usize).write(entry) };
        self.own = self.own.wrapping_add(1);
        true
    }

    /// As producer: the room that there is.
    pub fn room(&mut self) -> u32 {
        self.seen = self.word(self.consumer).load(Acquire);
        self.mask + 1 - self.own.wrapping_sub(self.seen)
    }

    /// How many entries this side has added, or given back, since there is the ring; modulo 2^32.
    pub fn own(&self) -> u32 {
        self.own
    }

    /// As producer: takes the last entry back, unless the kernel has it already; of a ring that it looks at only when it is
    /// called.
    pub fn take_back(&mut self) -> Option<T> {
        if self.is_drained() {
            return None;
        }
        self.own = self.own.wrapping_sub(1);
        self.publish();
        // SAFETY: masked, the index is within the ring; this side wrote the entry.
        Some(unsafe { self.entries.add((self.own & self.mask) as usize).read() })
    }

    /// As producer: takes the entry back that was added and not published, if it is the only one, and the kernel has taken
    /// all before it.
    #[inline]
    pub fn take_only(&mut self) -> Option<T> {
        let before = self.own.wrapping_sub(1);
        if self.word(self.producer).load(Relaxed) != before || self.word(self.consumer).load(Acquire) != before {
            return None;
        }
        self.own = before;
        // SAFETY: masked, the index is within the ring; this side wrote the entry.
        Some(unsafe { self.entries.add((self.own & self.mask) as usize).read() })
    }

    /// As producer: has the kernel see what was added.
    #[inline]
    pub fn publish(&self) {
        self.word(self.producer).store(self.own, Release);
    }

    /// As producer: true once the kernel has taken all that was published.
    #[inline]
    pub fn is_drained(&self) -> bool {
        self.word(self.consumer).load(Acquire) == self.own
    }

    /// As consumer: the entry so far behind the next; none if it is not there yet.
    #[inline]
    pub fn peek(&mut self, ahead: u32) -> Option<T> {
        if self.seen.wrapping_sub(self.own) <= ahead {
            self.seen = self.word(self.producer).load(Acquire);
            if self.seen.wrapping_sub(self.own) <= ahead {
                return None;
            }
        }
        // SAFETY: masked, the index is within the ring; the kernel has filled the entry.
        Some(unsafe { self.entries.add((self.own.wrapping_add(ahead) & self.mask) as usize).read() })
    }

    /// As consumer: gives so many entries back.
    #[inline]
    pub fn release(&mut self, entries: u32) {
        self.own = self.own.wrapping_add(entries);
        self.word(self.consumer).store(self.own, Release);
    }
}

impl<T> Drop for Ring<T> {
    fn drop(&mut self) {
        // SAFETY: mapped with this size, and nothing outlives the owner.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.bytes) };
    }
}
