//! The memory that AF_XDP sockets receive into and send from: one range of addresses (the UMEM). It is the application's
//! registered memory, where frames need no copy, and some of this library's own just below or above it, for what has to be
//! copied.

use crate::errno::{Errno, Result};
use crate::wire::outside::{Memory, Registered};
use core::ops::Range;
use core::ptr;

/// Bytes that the kernel keeps free before each frame.
pub const BEFORE: usize = 256;
/// The sizes that the kernel takes for the memory of a frame.
const SMALLEST: usize = 2048;
const LARGEST: usize = 4096;
/// The distance of the chunks of this library's own part.
pub const CHUNK: usize = 4096;

/// The system's page.
const PAGE: usize = 4096;
/// How far below the application's memory this library's may lie: allocators that align to huge pages leave as much.
const GAP: usize = 2 << 20;

/// Chunks of its own: where all frames are copied, and where only some are, if there is room for so many.
const CHUNKS: usize = 2048;
const FEW_CHUNKS: [usize; 3] = [128, 16, 4];

/// The memory. What lies between this library's part and the application's is nobody's here.
pub struct Umem {
    base: *mut u8,
    bytes: usize,
    /// This library's own, by its offsets.
    own: Range<usize>,
    /// The application's; empty if it is not part of it.
    theirs: Range<usize>,
    /// Its registration: the kernel has the pages of that one, whatever the addresses are later.
    registered: Registered,
    /// What of each frame's memory the kernel may use.
    pub frame: usize,
    /// Bytes between those that the kernel keeps and the frame: the prefix's.
    pub headroom: usize,
    /// The application's memory is part of it.
    pub in_place: bool,
}

// SAFETY: it names memory that the kernel and the VI's thread use; this only owns the mapping of the first part.
unsafe impl Send for Umem {}

impl Umem {
    /// Memory for frames of up to so many bytes. The application's is part of it if the frames fit its buffers, and if
    /// there are free addresses next to it.
    pub fn new(memory: &Memory, frame: usize) -> Result<Self> {
        match Self::around(memory, frame) {
            Some(umem) => Ok(umem),
            None => Self::apart(frame),
        }
    }

    /// Of its own alone.
    pub fn apart(frame: usize) -> Result<Self> {
        let bytes = CHUNKS * CHUNK;
        let base = map(ptr::null_mut(), bytes, 0)?;
        // Longer frames come in several pieces.
        let room = if frame + BEFORE + super::program::STAMP_BYTES <= SMALLEST { SMALLEST } else { LARGEST };
        let registered = Registered::default();
        Ok(Self { base, bytes, own: 0..bytes, theirs: 0..0, registered, frame: room, headroom: 0, in_place: false })
    }

    /// With the application's.
    fn around(memory: &Memory, frame: usize) -> Option<Self> {
        let Memory { region: registered, prefix, buffer, posts } = memory;
        let region = &registered.range;
        if region.is_empty() {
            return None;
        }
        let mut room = SMALLEST;
        if *posts {
            room = (BEFORE + prefix + frame).next_multiple_of(64).max(SMALLEST);
            // A frame must not run over its buffer's end, whoever sends it.
            if room > LARGEST || room - BEFORE > *buffer {
                return None;
            }
        } else if frame > LARGEST {
            return None;
        } else if frame + BEFORE > SMALLEST {
            room = LARGEST;
        }
        let end = region.end.next_multiple_of(PAGE);
        // What an allocator keeps of the region it gave lies next to it. It becomes part of the memory, and nobody writes
        // there. Above is the second choice: what the kernel keeps before the first buffer's frame is then missing.
        let (own, start) = FEW_CHUNKS.into_iter().find_map(|chunks| {
            let own = chunks * CHUNK;
            let gaps = || (0..=GAP).step_by(PAGE);
            let below = gaps().filter_map(|gap| region.start.checked_sub(own + gap));
            let above = gaps().map(|gap| end + gap);
            below.chain(above).find(|&start| map_at(start, own)).map(|start| (own, start))
        })?;
        let first = start.min(region.start);
        let at = |range: Range<usize>| range.start - first..range.end - first;
        Some(Self {
            base: ptr::with_exposed_provenance_mut(first),
            bytes: end.max(start + own) - first,
            own: at(start..start + own),
            theirs: at(region.clone()),
            registered: registered.clone(),
            frame: room,
            headroom: *prefix,
            in_place: true,
        })
    }

    /// What the kernel is told of it.
    pub fn registration(&self) -> libc::xdp_umem_reg {
        libc::xdp_umem_reg {
            addr: self.base.addr() as u64,
            len: self.bytes as u64,
            chunk_size: self.frame as u32,
            headroom: self.headroom as u32,
            // The application's buffers lie where they lie.
            flags: if self.in_place { libc::XDP_UMEM_UNALIGNED_CHUNK_FLAG } else { 0 },
            tx_metadata_len: 0,
        }
    }

    /// Where an offset is.
    #[inline]
    pub fn at(&self, offset: u64) -> *mut u8 {
        self.base.wrapping_add(offset as usize)
    }

    /// The offset of so many bytes of the application's memory; none if they are not all in it, or if it was given back.
    #[inline]
    pub fn offset_of(&self, address: usize, length: usize) -> Option<u64> {
        let offset = address.wrapping_sub(self.base.addr());
        let inside = self.theirs.contains(&offset) && length <= self.theirs.end - offset;
        (inside && self.registered.lasts()).then_some(offset as u64)
    }

    /// The offset of what the kernel is to be given so that it writes a frame into a buffer there, behind the prefix.
    pub fn frame_for(&self, address: usize) -> Option<u64> {
        self.offset_of(address, self.frame - BEFORE)?.checked_sub(BEFORE as u64)
    }

    /// True of what lies in this library's own part.
    #[inline]
    pub fn is_own(&self, offset: u64) -> bool {
        self.own.contains(&(offset as usize))
    }

    /// True of what lies in the application's part, and that was given back.
    #[inline]
    pub fn is_given_back(&self, offset: u64) -> bool {
        !self.registered.lasts() && !self.is_own(offset)
    }

    /// The offsets of its own chunks. The bytes before the frame of the application's first buffer may be in the last one,
    /// which is left out.
    pub fn chunks(&self) -> impl Iterator<Item = u64> {
        let step = if self.in_place { CHUNK } else { self.frame };
        let end = if self.in_place { self.own.end - CHUNK } else { self.own.end };
        (self.own.start..end).step_by(step).map(|offset| offset as u64)
    }

    /// The chunk of its own that an offset is in.
    pub fn chunk_of(&self, offset: u64) -> u64 {
        let step = if self.in_place { CHUNK } else { self.frame } as u64;
        offset - (offset - self.own.start as u64) % step
    }
}

impl Drop for Umem {
    fn drop(&mut self) {
        // SAFETY: mapped with this size and place, and nothing outlives the owner; the kernel keeps the pages that it still needs.
        unsafe { libc::munmap(self.base.wrapping_add(self.own.start).cast(), self.own.len()) };
    }
}

/// Maps so many bytes there; false if anything is there.
fn map_at(start: usize, bytes: usize) -> bool {
    match map(ptr::without_provenance_mut(start), bytes, libc::MAP_FIXED_NOREPLACE) {
        Ok(base) if base.expose_provenance() == start => true,
        // Kernels before 4.17 take the address for a wish.
        Ok(elsewhere) => {
            // SAFETY: mapped just now.
            unsafe { libc::munmap(elsewhere.cast(), bytes) };
            false
        }
        Err(_) => false,
    }
}

fn map(at: *mut u8, bytes: usize, flags: i32) -> Result<*mut u8> {
    // SAFETY: a new mapping, which takes no place that is taken.
    let base = unsafe {
        libc::mmap(
            at.cast(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_POPULATE | flags,
            -1,
            0,
        )
    };
    if base == libc::MAP_FAILED { Err(Errno::last()) } else { Ok(base.cast()) }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    fn memory(region: Range<usize>, prefix: usize, buffer: usize) -> Memory {
        Memory { region: Registered::new(region), prefix, buffer, posts: true }
    }

    /// Memory around a region so many bytes into a mapping with free addresses below it. Other threads may take those
    /// meanwhile: then it is tried again.
    fn around(into: usize, bytes: usize) -> (Range<usize>, Umem) {
        let attempt = |_| {
            let own = FEW_CHUNKS[0] * CHUNK;
            let base = map(ptr::null_mut(), own + into + bytes, 0).unwrap();
            // SAFETY: the lower part of what was mapped just now.
            unsafe { libc::munmap(base.cast(), own) };
            let start = base.addr() + own + into;
            let umem = Umem::new(&memory(start..start + bytes, 14, 1792), 1518).unwrap();
            (umem.in_place && umem.base.addr() == base.addr()).then_some((start..start + bytes, umem))
        };
        (0..100).find_map(attempt).unwrap()
    }

    #[test]
    fn the_applications_memory_is_part_of_it_where_frames_fit() {
        // A little of something else between is no harm.
        for into in [0, PAGE, 1 << 20] {
            let (region, umem) = around(into, 64 << 10);
            assert_eq!((umem.frame, umem.headroom), (2048, 14));
            assert_eq!(umem.base.addr() + umem.bytes, region.end);
            let offset = umem.offset_of(region.start, 100).unwrap();
            assert_eq!(umem.at(offset).addr(), region.start);
            assert!(!umem.is_own(offset) && umem.chunks().all(|chunk| umem.is_own(chunk)));
            assert_eq!(umem.offset_of(region.end - 1, 2), None);
            assert_eq!(umem.offset_of(region.start - 1, 1), None);
            // The bytes before the first buffer's frame are nobody's.
            assert!(umem.chunks().all(|chunk| chunk as usize + CHUNK + BEFORE <= offset as usize));
        }
    }

    #[test]
    fn the_applications_memory_is_part_of_it_until_it_is_given_back() {
        let (region, umem) = around(0, 64 << 10);
        let offset = umem.frame_for(region.start + 2048).unwrap();
        let own = umem.chunks().next().unwrap();
        assert!(!umem.is_given_back(offset) && !umem.is_given_back(own));
        umem.registered.end();
        assert_eq!((umem.frame_for(region.start + 2048), umem.offset_of(region.start, 100)), (None, None));
        assert!(umem.is_given_back(offset) && !umem.is_given_back(own));
    }

    #[test]
    fn frames_that_do_not_fit_a_buffer_are_copied() {
        let base = map(ptr::null_mut(), 64 << 10, 0).unwrap().addr();
        let region = base..base + (64 << 10);
        let jumbo = Umem::new(&memory(region.clone(), 0, 1792), 9018).unwrap();
        assert!(!jumbo.in_place && jumbo.frame == 4096);
        let short = Umem::new(&memory(region, 0, 1024), 1518).unwrap();
        assert!(!short.in_place && short.frame == 2048);
        assert_eq!(short.offset_of(short.base.addr(), 1), None);
    }

    #[test]
    fn memory_without_room_below_it_has_it_above() {
        let attempt = |_| {
            let (own, bytes) = (FEW_CHUNKS[0] * CHUNK, 8 << 20);
            let base = map(ptr::null_mut(), bytes + own, 0).unwrap();
            // SAFETY: the upper part of what was mapped just now.
            unsafe { libc::munmap(base.wrapping_add(bytes).cast(), own) };
            let end = base.addr() + bytes;
            let umem = Umem::new(&memory(end - (64 << 10)..end, 0, 1792), 1518).unwrap();
            (umem.in_place && umem.at(umem.own.start as u64).addr() == end).then_some((end, umem))
        };
        let (end, umem) = (0..100).find_map(attempt).unwrap();
        assert_eq!(umem.frame_for(end - (64 << 10)), None, "the first buffer's");
        assert_eq!(umem.frame_for(end - (62 << 10)), Some(2048 - BEFORE as u64));
        assert_eq!(umem.chunk_of(umem.own.start as u64 + 5000), umem.own.start as u64 + 4096);
    }

    #[test]
    fn memory_between_others_is_not_part_of_it() {
        let base = map(ptr::null_mut(), 8 << 20, 0).unwrap().addr();
        let region = base + (4 << 20)..base + (5 << 20);
        let umem = Umem::new(&memory(region, 0, 1792), 1518).unwrap();
        assert!(!umem.in_place);
    }
}
