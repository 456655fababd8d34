//! The adapter's own memory to send from: a PIO region and its parts.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::cell::UnsafeCell;
use core::fmt;
use core::mem::MaybeUninit;
use core::ptr;
use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use efvi_sys::{ef_driver_handle, ef_pio, ef_vi};

use crate::domain::ProtectionDomain;
use crate::driver::Driver;
use crate::error::{Errno, Error, Result};
use crate::memory::TooLong;

/// Frames lie at multiples of this.
const BLOCK: usize = 64;
/// The blocks of the longest region: a bit each in a word.
const BLOCKS_MAX: usize = 64;

/// A region of the adapter's memory to send from (`ef_pio_alloc`): the processor writes a frame there, and the adapter
/// needs not fetch it over the bus. Link it with one VI ([`Interface::link_pio`](crate::Interface::link_pio)),
/// then send buffers by [`Transmit::send_pio`](crate::Transmit::send_pio), or take [parts](Self::take) of it and write
/// frames there ahead of time. A clone is the same region.
///
/// Adapters have few regions (`EF_VI_CAP_PIO_BUFFER_COUNT`). This one is given back when its last clone, its last part,
/// and the VI that it is linked with are gone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use efvi::*;
/// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
/// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
/// # let mut vi = VirtualInterface::builder().build(&domain)?;
/// let region = PioRegion::new(&domain, 2048)?;
/// vi.link_pio(&region)?;
/// let (mut tx, mut rx) = vi.split();
///
/// // Ahead of time.
/// let mut part = region.take(60).ok_or("no room in the region")?;
/// tx.write_pio(&mut part, 0, &[0xff; 60])?;
/// // When it matters.
/// tx.send_pio_part(part)?;
///
/// let mut events = rx.poll();
/// while let Some(event) = events.next() {
///     if let Event::SentPio(sent) = event {
///         println!("{} bytes may be used again", sent.into_part().capacity());
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct PioRegion {
    shared: Arc<Shared>,
}

struct Shared {
    /// The library keeps a pointer to it while it is linked.
    pio: UnsafeCell<ef_pio>,
    /// A bit for each block that is no part's.
    free: AtomicU64,
    length: usize,
    linked: AtomicBool,
    /// A handle of its own: closing it is what gives the region back.
    driver: Driver,
    // Dropped last.
    domain: ProtectionDomain,
}

// SAFETY: the structure's pointers are to memory that it owns, and no call ties it to a thread.
unsafe impl Send for Shared {}
// SAFETY: the structure is written where the region is linked, unlinked and freed: by one thread at a time, since
// `linked` is taken by one VI, and freeing comes when nobody else has it.
unsafe impl Sync for Shared {}

impl PioRegion {
    /// Allocates a region of up to so many bytes (`ef_pio_alloc`), at most 4096; the adapter's may be shorter.
    ///
    /// # Errors
    /// [`Error::Pio`]: the adapter has no PIO or no region left (`ENOSPC`). [`Error::DriverOpen`].
    pub fn new(domain: &ProtectionDomain, bytes: usize) -> Result<Self> {
        let hint = bytes.clamp(1, BLOCK * BLOCKS_MAX).next_multiple_of(BLOCK);
        let driver = Driver::open()?;
        let mut pio = MaybeUninit::<ef_pio>::zeroed();
        let code = domain.with_pd(|pd| {
            // SAFETY: both handles are open, the domain is live and locked, and there is room for the region.
            unsafe { efvi_sys::ef_pio_alloc(pio.as_mut_ptr(), driver.handle(), pd, hint as u32, domain.handle()) }
        });
        if code < 0 {
            return Err(error("ef_pio_alloc", domain, code));
        }
        // SAFETY: the call succeeded, so it filled in the structure.
        let pio = unsafe { pio.assume_init() };
        let length = (pio.pio_len as usize).min(BLOCK * BLOCKS_MAX);
        let blocks = length / BLOCK;
        let free = AtomicU64::new(mask(0, blocks));
        let linked = AtomicBool::new(false);
        let domain = domain.clone();
        let pio = UnsafeCell::new(pio);
        Ok(PioRegion { shared: Arc::new(Shared { pio, free, length, linked, driver, domain }) })
    }

    /// What a call on it has returned.
    pub(crate) fn error(&self, call: &'static str, code: i32) -> Error {
        error(call, &self.shared.domain, code)
    }

    /// The length in bytes.
    pub fn length(&self) -> usize {
        self.shared.length
    }

    /// Takes a part with room for a frame of so many bytes; `None` when the region has no such room left. What it holds
    /// is not said until it is written.
    pub fn take(&self, bytes: usize) -> Option<PioPart> {
        let blocks = bytes.max(1).div_ceil(BLOCK);
        if blocks > BLOCKS_MAX {
            return None;
        }
        let mut free = self.shared.free.load(Ordering::Relaxed);
        loop {
            // A bit stays where so many free blocks begin.
            let mut starts = free;
            for _ in 1..blocks {
                starts &= starts >> 1;
            }
            if starts == 0 {
                return None;
            }
            let block = starts.trailing_zeros() as usize;
            let rest = free & !mask(block, blocks);
            // Acquire: what was done with the part by its last owner comes before.
            match self.shared.free.compare_exchange_weak(free, rest, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => {
                    let region = self.clone();
                    return Some(PioPart { region, block: block as u8, blocks: blocks as u8, length: 0 });
                }
                Err(newer) => free = newer,
            }
        }
    }
}

impl fmt::Debug for PioRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PioRegion").field("length", &self.length()).finish_non_exhaustive()
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: allocated with this handle, which is open still, and linked with no VI: one that it is linked with
        // keeps this. A failure leaves nothing to do: closing the handle gives it up.
        unsafe { efvi_sys::ef_pio_free(self.pio.get(), self.driver.handle()) };
    }
}

/// So many bits from this one on.
fn mask(block: usize, blocks: usize) -> u64 {
    let ones = if blocks >= BLOCKS_MAX { u64::MAX } else { (1 << blocks) - 1 };
    ones << block
}

fn error(call: &'static str, domain: &ProtectionDomain, code: i32) -> Error {
    Error::Pio { call, interface: domain.interface().to_owned(), errno: Errno::from_return(code) }
}

/// A part of a [`PioRegion`], for one frame. As with a [`Buffer`](crate::Buffer), the one value is the right to it: sending
/// moves it to the adapter, and the completion moves it back. Dropped, it is the region's again.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut frame = || { let mut buffer = pool.take().expect("a buffer"); buffer.write(&[0xff; 60]).map(|()| buffer) };
/// # use efvi::*;
/// # let mut vi = VirtualInterface::builder().build(&domain)?;
/// let region = PioRegion::new(&domain, 2048)?;
/// vi.link_pio(&region)?;
/// let (mut tx, mut rx) = vi.split();
/// let mut part = region.take(100).ok_or("no room in the region")?;
/// assert_eq!((part.offset() % 64, part.capacity()), (0, 128));
/// tx.write_pio(&mut part, 0, &[0xff; 60])?;
/// assert!(matches!(tx.write_pio(&mut part, 100, &[0; 60]), Err(PioWriteError::TooLong(_))));
/// drop(part); // the region's again
///
/// let part = region.take(60).ok_or("no room in the region")?;
/// tx.send_pio_copy(part, &[0xff; 60])?; // from any memory
/// tx.send_pio(frame()?)?; // from a buffer, by a part that the call takes itself
/// # let mut sent = 0;
/// # while sent < 2 { let mut events = rx.poll(); while let Some(_) = events.next() { sent += 1; } }
/// vi.unlink_pio()?;
/// # Ok(())
/// # }
/// ```
pub struct PioPart {
    region: PioRegion,
    block: u8,
    blocks: u8,
    length: u16,
}

impl PioPart {
    /// Where in the region it begins, in bytes: a multiple of 64.
    #[inline]
    pub fn offset(&self) -> usize {
        usize::from(self.block) * BLOCK
    }

    /// The bytes that it has room for: a multiple of 64.
    #[inline]
    pub fn capacity(&self) -> usize {
        usize::from(self.blocks) * BLOCK
    }

    /// The length of the frame in it, in bytes.
    #[inline]
    pub fn len(&self) -> usize {
        usize::from(self.length)
    }

    /// Whether it has no frame.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Sets the length of the frame, in bytes.
    ///
    /// # Errors
    /// [`TooLong`] if there is not that much room; the length is as it was then.
    #[inline]
    pub fn set_len(&mut self, length: usize) -> Result<(), TooLong> {
        if length > self.capacity() {
            return Err(TooLong { length, capacity: self.capacity() });
        }
        self.length = length as u16;
        Ok(())
    }
}

impl Drop for PioPart {
    fn drop(&mut self) {
        let blocks = mask(usize::from(self.block), usize::from(self.blocks));
        // Release: pairs with the acquire of who takes them next.
        self.region.shared.free.fetch_or(blocks, Ordering::Release);
    }
}

impl fmt::Debug for PioPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (offset, capacity) = (self.offset(), self.capacity());
        f.debug_struct("PioPart")
            .field("offset", &offset)
            .field("capacity", &capacity)
            .field("len", &self.len())
            .finish()
    }
}

/// A VI's link with a region.
pub(crate) struct PioLink {
    pub(crate) region: PioRegion,
}

impl PioLink {
    /// Links the region with a VI (`ef_pio_link_vi`).
    ///
    /// # Safety
    /// The VI is live, made with this handle, and this its only thread; the link is kept until the VI is freed or
    /// unlinked.
    pub(crate) unsafe fn new(region: &PioRegion, vi: *mut ef_vi, handle: ef_driver_handle) -> Result<Box<Self>> {
        let shared = &region.shared;
        if shared.linked.swap(true, Ordering::AcqRel) {
            return Err(error("ef_pio_link_vi", &shared.domain, -libc::EALREADY));
        }
        // From here on dropping this says that it is linked no more.
        let link = PioLink { region: region.clone() };
        // SAFETY: both are live, both handles open; no other VI has the region, seen above.
        let code = unsafe { efvi_sys::ef_pio_link_vi(shared.pio.get(), shared.driver.handle(), vi, handle) };
        if code < 0 { Err(error("ef_pio_link_vi", &shared.domain, code)) } else { Ok(Box::new(link)) }
    }

    /// Takes the region from the VI (`ef_pio_unlink_vi`), unless it is `busy`: a frame is being sent from it.
    ///
    /// # Safety
    /// As of [`new`](Self::new), for the VI that it is linked with.
    pub(crate) unsafe fn unlink(&self, busy: bool, vi: *mut ef_vi, handle: ef_driver_handle) -> Result<()> {
        let shared = &self.region.shared;
        let code = if busy {
            -libc::EBUSY
        } else {
            // SAFETY: both are live, both handles open.
            unsafe { efvi_sys::ef_pio_unlink_vi(shared.pio.get(), shared.driver.handle(), vi, handle) }
        };
        if code < 0 {
            return Err(error("ef_pio_unlink_vi", &shared.domain, code));
        }
        // The library has unmapped the region, and maps it again only where it finds no pointer.
        // SAFETY: both are live, and no other VI has the region.
        unsafe {
            (*shared.pio.get()).pio_io = ptr::null_mut();
            (*vi).linked_pio = ptr::null_mut();
        }
        Ok(())
    }

    /// Notes in the library's copy of the region what was written to a part past it. The adapter is written to in whole
    /// words, which `ef_pio_memcpy` fills up from that copy: bytes beside those it writes would become what they were.
    ///
    /// # Safety
    /// The part is this call's alone, and of the region that is linked; the frame fits into it.
    #[inline]
    pub(crate) unsafe fn note(&self, part: &PioPart, frame: &[u8]) {
        // SAFETY: the copy is as long as the region, and stays until that is freed; its part is the caller's.
        unsafe {
            let copy = (*self.region.shared.pio.get()).pio_buffer;
            copy.add(part.offset()).copy_from_nonoverlapping(frame.as_ptr(), frame.len());
        }
    }

    /// Whether the part is of the region that is linked.
    #[inline]
    pub(crate) fn has(&self, part: &PioPart) -> bool {
        Arc::ptr_eq(&self.region.shared, &part.region.shared)
    }
}

impl Drop for PioLink {
    fn drop(&mut self) {
        self.region.shared.linked.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_has_so_many_bits_from_its_block_on() {
        assert_eq!(mask(0, 64), u64::MAX);
        assert_eq!(mask(0, 1), 1);
        assert_eq!(mask(62, 2), 3 << 62);
        assert_eq!(mask(3, 0), 0);
    }
}
