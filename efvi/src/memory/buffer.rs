//! One buffer: a frame in memory that the adapter can reach.

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};

use efvi_sys::ef_addr;

use super::pool::{self, Shared};

/// What is known of a buffer. One cache line each, in an array apart from the data, so that buffers on two threads
/// share none and the data keeps its alignment.
#[repr(align(64))]
pub(super) struct Header {
    pub(super) data: NonNull<u8>,
    /// Where the adapter of `domain` finds the buffer.
    pub(super) dma: ef_addr,
    /// The protection domain that the buffer was last used in: one that its memory is registered with.
    pub(super) domain: usize,
    pub(super) pool: NonNull<Shared>,
    /// The next buffer of the list that this one is in.
    pub(super) next: *mut Header,
    /// Its number in the receive ring that it was last posted in.
    pub(super) slot: u32,
    pub(super) capacity: u16,
    /// Where in the buffer the frame starts, and how long it is: `start + length <= capacity`.
    pub(super) start: u16,
    pub(super) length: u16,
}

/// A buffer that holds one frame, from a [`PacketPool`](crate::PacketPool).
///
/// It dereferences to the frame: the bytes that a send puts on the wire, or that were received. The one value *is*
/// the right to touch the memory: posting or sending a buffer moves it to the adapter, and a completion moves it back.
/// It can go to another thread. Dropped, on any thread, it returns to its pool.
///
/// ```compile_fail
/// fn copy(buffer: efvi::Buffer) -> (efvi::Buffer, efvi::Buffer) {
///     (buffer.clone(), buffer)
/// }
/// ```
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// let mut buffer = pool.take().ok_or("the pool is empty")?;
/// buffer.write(&[0; 60])?; // a template
/// buffer[12..14].copy_from_slice(&[0x88, 0xb5]); // what changes from frame to frame
/// assert_eq!((buffer.len(), buffer.capacity()), (60, 2048));
/// // Or in place:
/// buffer.capacity_mut()[..4].copy_from_slice(b"ping");
/// buffer.set_len(4)?;
/// assert_eq!(buffer[..], *b"ping");
/// # Ok(())
/// # }
/// ```
pub struct Buffer {
    header: NonNull<Header>,
}

// SAFETY: a buffer is the only way to its header and data; the pool that it returns to is made for any thread.
unsafe impl Send for Buffer {}
// SAFETY: through a shared reference a buffer is only read.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// # Safety
    /// The header must be of a live pool, and no other `Buffer` may have it.
    #[inline(always)]
    pub(super) unsafe fn from_header(header: NonNull<Header>) -> Self {
        Buffer { header }
    }

    /// Gives up the buffer for its header, without returning it to the pool.
    #[inline(always)]
    pub(super) fn into_header(self) -> NonNull<Header> {
        ManuallyDrop::new(self).header
    }

    /// What it is known by while it lies in a slot.
    #[inline(always)]
    pub(crate) fn loan(&self) -> Loan {
        Loan { header: self.header }
    }

    /// Notes the slot that it is in.
    #[inline(always)]
    pub(crate) fn set_slot(&mut self, slot: u32) {
        self.header_mut().slot = slot;
    }

    #[inline(always)]
    fn header(&self) -> &Header {
        // SAFETY: the header outlives the buffer and this is the only way to it; `self` is borrowed as the result is.
        unsafe { self.header.as_ref() }
    }

    #[inline(always)]
    fn header_mut(&mut self) -> &mut Header {
        // SAFETY: as in `header`; `self` is borrowed mutably as the result is.
        unsafe { self.header.as_mut() }
    }

    /// The bytes that the buffer has room for.
    #[inline]
    pub fn capacity(&self) -> usize {
        usize::from(self.header().capacity)
    }

    /// The whole of the buffer, to write a frame into: follow with [`set_len`](Self::set_len). The frame then starts
    /// at the buffer's first byte, and is empty until its length is set.
    #[inline]
    pub fn capacity_mut(&mut self) -> &mut [u8] {
        self.set_frame(0, 0);
        let header = self.header();
        // SAFETY: `capacity` bytes at `data` belong to this buffer alone and are initialised (the memory came zeroed);
        // `self` is borrowed mutably as the result is.
        unsafe { core::slice::from_raw_parts_mut(header.data.as_ptr(), usize::from(header.capacity)) }
    }

    /// Sets the frame's length, in bytes. The frame starts where it did; bytes that this adds have the value that the
    /// memory last had.
    ///
    /// # Errors
    /// [`TooLong`] if the frame would leave the buffer; it keeps its length then.
    #[inline]
    pub fn set_len(&mut self, length: usize) -> Result<(), TooLong> {
        let header = self.header_mut();
        let room = usize::from(header.capacity - header.start);
        if length > room {
            return Err(TooLong { length, capacity: room });
        }
        header.length = length as u16;
        Ok(())
    }

    /// Makes the frame a copy of these bytes.
    ///
    /// # Errors
    /// [`TooLong`] if they are more than the buffer has room for; the frame is as it was then.
    #[inline]
    pub fn write(&mut self, frame: &[u8]) -> Result<(), TooLong> {
        let capacity = self.capacity();
        if frame.len() > capacity {
            return Err(TooLong { length: frame.len(), capacity });
        }
        self.set_frame(0, frame.len() as u16);
        // SAFETY: the buffer has room for that many bytes from its first on, checked above, and nobody else reads or
        // writes them; so they are not the source's either.
        unsafe { ptr::copy_nonoverlapping(frame.as_ptr(), self.header().data.as_ptr(), frame.len()) };
        Ok(())
    }

    /// Sets where the frame lies. What leaves the buffer is cut off.
    #[inline(always)]
    pub(crate) fn set_frame(&mut self, start: u16, length: u16) {
        let header = self.header_mut();
        header.start = start.min(header.capacity);
        header.length = length.min(header.capacity - header.start);
    }

    /// Where the adapter finds the buffer.
    #[inline(always)]
    pub(crate) fn dma(&self) -> ef_addr {
        self.header().dma
    }

    /// Where the adapter finds the frame.
    #[inline(always)]
    pub(crate) fn frame_dma(&self) -> ef_addr {
        let header = self.header();
        header.dma + ef_addr::from(header.start)
    }

    /// The buffer's first byte.
    #[inline(always)]
    pub(crate) fn data(&self) -> *mut u8 {
        self.header().data.as_ptr()
    }

    /// The protection domain that the buffer can be used in as it is.
    #[inline(always)]
    pub(crate) fn domain(&self) -> usize {
        self.header().domain
    }

    /// Makes the buffer one to be used in this domain, if its memory is registered there.
    #[inline(never)]
    pub(crate) fn enter(&mut self, domain: usize) -> bool {
        let header = self.header_mut();
        // SAFETY: this is the header's buffer.
        let Some(dma) = (unsafe { pool::dma_in(header, domain) }) else {
            return false;
        };
        header.dma = dma;
        header.domain = domain;
        true
    }
}

impl Deref for Buffer {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        let header = self.header();
        // SAFETY: `start + length <= capacity`, and `capacity` bytes at `data` are this buffer's and initialised.
        unsafe {
            let start = header.data.as_ptr().add(usize::from(header.start));
            core::slice::from_raw_parts(start, usize::from(header.length))
        }
    }
}

impl DerefMut for Buffer {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [u8] {
        let header = self.header();
        // SAFETY: as in `deref`; `self` is borrowed mutably as the result is.
        unsafe {
            let start = header.data.as_ptr().add(usize::from(header.start));
            core::slice::from_raw_parts_mut(start, usize::from(header.length))
        }
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        self
    }
}

impl Drop for Buffer {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the buffer is gone after this, so its header is the pool's.
        unsafe { pool::give_back(self.header) };
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").field("len", &self.len()).field("capacity", &self.capacity()).finish_non_exhaustive()
    }
}

/// A buffer that lies in a slot of a receive ring, looked at. It is not the right to the buffer: that is in the slot.
#[derive(Clone, Copy)]
pub(crate) struct Loan {
    header: NonNull<Header>,
}

// SAFETY: it is an address. Whoever uses it promises that the buffer is where it may be looked at.
unsafe impl Send for Loan {}

impl Loan {
    /// Where the adapter finds the buffer.
    ///
    /// # Safety
    /// It is still in its slot.
    #[inline(always)]
    pub(crate) unsafe fn dma(self) -> ef_addr {
        // SAFETY: the caller's promise: the header lives, and nobody changes it.
        unsafe { (*self.header.as_ptr()).dma }
    }

    /// The number of its slot.
    ///
    /// # Safety
    /// It is still in its slot.
    #[inline(always)]
    pub(crate) unsafe fn slot(self) -> u32 {
        // SAFETY: as above.
        unsafe { (*self.header.as_ptr()).slot }
    }

    /// Its first byte.
    ///
    /// # Safety
    /// It is still in its slot.
    #[inline(always)]
    pub(crate) unsafe fn data(self) -> NonNull<u8> {
        // SAFETY: as above.
        unsafe { (*self.header.as_ptr()).data }
    }
}

/// A frame does not fit its buffer.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// let mut pool = efvi::PacketPool::builder().buffer_size(256).build(&domain)?;
/// let mut buffer = pool.take().ok_or("the pool is empty")?;
/// let too_long = buffer.write(&[0; 300]).unwrap_err();
/// assert_eq!((too_long.length, too_long.capacity), (300, 256));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a frame of {length} bytes does not fit a buffer with room for {capacity}: shorten it, or build the pool with larger buffers"
)]
#[non_exhaustive]
pub struct TooLong {
    /// The frame's length, in bytes.
    pub length: usize,
    /// What there is room for, in bytes.
    pub capacity: usize,
}

/// Buffers that a call gave back: an iterator over them, in the order in which they were handed in. Those not taken
/// out of it return to their pools when it is dropped.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// # let mut frame = || { let mut buffer = pool.take().expect("a buffer"); buffer.write(&[0xff; 60]).map(|()| buffer) };
/// let (mut tx, _rx) = vi.split();
/// let mut batch = tx.stage(frame()?)?;
/// batch.add(frame()?)?;
/// let back = batch.undo(); // not sent
/// assert_eq!(back.len(), 2);
/// back.for_each(|buffer| pool.put(buffer));
/// # Ok(())
/// # }
/// ```
pub struct Buffers {
    head: *mut Header,
    length: usize,
    owns: PhantomData<Buffer>,
}

// SAFETY: it owns buffers, which may go to another thread, and nothing else.
unsafe impl Send for Buffers {}
// SAFETY: nothing of the buffers can be reached through a shared reference.
unsafe impl Sync for Buffers {}

impl Buffers {
    pub(crate) fn new() -> Self {
        Buffers { head: ptr::null_mut(), length: 0, owns: PhantomData }
    }

    /// Puts a buffer before the others. They are linked through their headers, so this allocates nothing.
    pub(crate) fn push_front(&mut self, mut buffer: Buffer) {
        buffer.header_mut().next = self.head;
        self.head = buffer.into_header().as_ptr();
        self.length += 1;
    }
}

impl Iterator for Buffers {
    type Item = Buffer;

    #[inline]
    fn next(&mut self) -> Option<Buffer> {
        let header = NonNull::new(self.head)?;
        // SAFETY: the list's headers are of buffers that it owns; this one leaves the list with the next line.
        let buffer = unsafe { Buffer::from_header(header) };
        self.head = buffer.header().next;
        self.length -= 1;
        Some(buffer)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.length, Some(self.length))
    }
}

impl ExactSizeIterator for Buffers {}

impl core::iter::FusedIterator for Buffers {}

impl Drop for Buffers {
    fn drop(&mut self) {
        self.for_each(drop);
    }
}

impl fmt::Debug for Buffers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffers").field("len", &self.length).finish()
    }
}

const _: () = {
    assert!(size_of::<Header>() == 64);
    assert!(size_of::<Option<Buffer>>() == size_of::<usize>());
};
