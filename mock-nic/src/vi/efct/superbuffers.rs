//! The memory that a queue receives into: superbuffers, each a row of packets. The adapter fills one after the other; a
//! superbuffer is the adapter's again when all its packets were released.

use crate::errno::{Errno, Result};
use core::ptr;
use std::collections::VecDeque;

/// Packets of a superbuffer (fewer under Miri, which is slow).
pub(super) const PACKETS: u16 = if cfg!(miri) { 8 } else { 512 };
/// Bytes from one packet to the next.
pub(super) const STRIDE: usize = 2048;
/// Where the frame stands in its packet; before it is what the adapter says of a packet.
pub(super) const FRAME: usize = 66;
/// The longest frame for which a packet has room.
pub(crate) const LONGEST: usize = STRIDE - FRAME;
/// Bytes of a superbuffer.
pub(super) const BYTES: usize = PACKETS as usize * STRIDE;

/// Bits of a packet's id below the superbuffer's number, and below the queue's.
const PACKET_BITS: u32 = 16;
const QUEUE_SHIFT: u32 = 27;

/// Superbuffers for so many packets: memory comes in huge pages, of two superbuffers each.
pub(super) fn count(packets: usize) -> u16 {
    (packets.div_ceil(512).max(1).next_multiple_of(2)) as u16
}

/// A packet's id: where it is.
#[derive(Clone, Copy)]
pub(super) struct Id {
    /// Which of the VI's queues.
    pub queue: usize,
    pub superbuffer: u16,
    pub packet: u16,
}

impl Id {
    #[inline]
    pub fn number(self) -> u32 {
        (self.queue as u32) << QUEUE_SHIFT | u32::from(self.superbuffer) << PACKET_BITS | u32::from(self.packet)
    }

    #[inline]
    pub fn new(number: u32) -> Self {
        Self {
            queue: (number >> QUEUE_SHIFT) as usize,
            superbuffer: (number >> PACKET_BITS) as u16 & 0x7ff,
            packet: number as u16,
        }
    }
}

/// A queue's memory.
pub(super) struct Superbuffers {
    base: *mut u8,
    mapped: (*mut u8, usize),
    /// Packets of each superbuffer that are the application's, or yet to come.
    held: Vec<u16>,
    /// The adapter's, in the order in which it will fill them.
    free: VecDeque<u16>,
    /// The one that is being filled, and its next packet.
    current: u16,
    next: u16,
}

// SAFETY: it owns the memory.
unsafe impl Send for Superbuffers {}

impl Superbuffers {
    pub fn new(count: u16) -> Result<Self> {
        // A huge page more, to start on the edge of one.
        let (bytes, edge) = (usize::from(count) * BYTES, 2 << 20);
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: new memory, wherever there is room.
        let mapping = unsafe { libc::mmap(ptr::null_mut(), bytes + edge, access, kind, -1, 0) };
        if mapping == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        let base = mapping.cast::<u8>().wrapping_add(mapping.addr().next_multiple_of(edge) - mapping.addr());
        #[cfg(not(miri))]
        // SAFETY: the memory that was just mapped. It serves as well if the advice isn't taken.
        unsafe {
            libc::madvise(base.cast(), bytes, libc::MADV_HUGEPAGE)
        };
        Ok(Self {
            base,
            mapped: (mapping.cast(), bytes + edge),
            held: vec![0; count.into()],
            free: (0..count).collect(),
            current: 0,
            next: PACKETS,
        })
    }

    /// Where the memory starts.
    pub fn base(&self) -> *mut u8 {
        self.base
    }

    /// The packet that the next frame goes to; none while the application holds one of each superbuffer.
    #[inline]
    pub fn next(&mut self) -> Option<(u16, u16)> {
        if self.next == PACKETS {
            self.current = self.free.pop_front()?;
            self.held[usize::from(self.current)] = PACKETS;
            self.next = 0;
        }
        Some((self.current, self.next))
    }

    /// The frame went there.
    #[inline]
    pub fn filled(&mut self) {
        self.next += 1;
    }

    /// True if there is a packet for the next frame.
    pub fn has_room(&self) -> bool {
        self.next < PACKETS || !self.free.is_empty()
    }

    /// Where a packet is; none if no such has been given out.
    #[inline]
    pub fn packet(&self, superbuffer: u16, packet: u16) -> Option<*mut u8> {
        let held = *self.held.get(usize::from(superbuffer))?;
        let given = if superbuffer == self.current { self.next } else { PACKETS };
        (held > 0 && packet < given).then(|| self.at(superbuffer, packet))
    }

    /// Where a packet of the memory is.
    #[inline]
    pub fn at(&self, superbuffer: u16, packet: u16) -> *mut u8 {
        self.base.wrapping_add(usize::from(superbuffer) * BYTES + usize::from(packet) * STRIDE)
    }

    /// The packet in which an address is.
    pub fn containing(&self, address: *const u8) -> Option<*mut u8> {
        let offset = address.addr().checked_sub(self.base.addr())?;
        (offset < self.held.len() * BYTES).then(|| self.base.wrapping_add(offset / STRIDE * STRIDE))
    }

    /// The application gives a packet back.
    #[inline]
    pub fn release(&mut self, superbuffer: u16) {
        let Some(held) = self.held.get_mut(usize::from(superbuffer)).filter(|held| **held > 0) else { return };
        *held -= 1;
        if *held == 0 {
            self.free.push_back(superbuffer);
        }
    }
}

impl Drop for Superbuffers {
    fn drop(&mut self) {
        // SAFETY: mapped in `new`, by nobody else.
        unsafe { libc::munmap(self.mapped.0.cast(), self.mapped.1) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_say_where_a_packet_is() {
        for (queue, superbuffer, packet) in [(0, 0, 0), (7, 2047, 511), (3, 1, 510)] {
            let id = Id::new(Id { queue, superbuffer, packet }.number());
            assert_eq!((id.queue, id.superbuffer, id.packet), (queue, superbuffer, packet));
        }
        assert_eq!([512, 513, 1024, 1025, 131_072].map(count), [2, 2, 2, 4, 256]);
    }

    #[test]
    fn one_packet_that_is_held_keeps_its_superbuffer() {
        let mut memory = Superbuffers::new(2).unwrap();
        let take = |memory: &mut Superbuffers| {
            let place = memory.next();
            if place.is_some() {
                memory.filled();
            }
            place
        };
        for superbuffer in 0..2 {
            for packet in 0..PACKETS {
                assert_eq!(take(&mut memory), Some((superbuffer, packet)));
                if packet != 3 {
                    memory.release(superbuffer);
                }
            }
        }
        assert_eq!(take(&mut memory), None);
        assert!(!memory.has_room());
        assert!(memory.packet(1, 3).is_some());
        memory.release(1);
        assert!(memory.packet(1, 3).is_none(), "the adapter's");
        assert_eq!(take(&mut memory), Some((1, 0)));
        assert!(memory.packet(1, 0).is_some());
        assert!(memory.packet(1, 1).is_none(), "not filled yet");
        for _ in 0..2 * PACKETS {
            memory.release(0);
        }
        assert_eq!(memory.free, [0], "given back once, however often it is released");
    }
}
