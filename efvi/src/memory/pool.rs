//! A pool of buffers over one registered region.
//!
//! The free buffers are a linked list of headers that the pool's owner takes from and puts to without atomics. Buffers
//! dropped elsewhere go onto a second list, a stack that any thread can push to and only the owner empties, whole:
//! nothing is ever popped from it singly, so it has no ABA problem. When the owner's list is empty it takes the stack.
//!
//! Dropping the pool closes the stack. Buffers that are out then keep the region; each that comes back after the close
//! counts down, and the last one frees the region.

use std::fmt;
use std::mem::MaybeUninit;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicIsize, AtomicPtr, Ordering};

use efvi_sys::ef_memreg;

use crate::domain::ProtectionDomain;
use crate::error::{Errno, Error, Result};

use super::buffer::{Buffer, Header};
use super::region::{Backing, Region};
use super::{MAX_BUFFER_SIZE, MIN_BUFFER_SIZE};

/// Registered packet memory, cut into buffers of one size.
///
/// A buffer never crosses a page of the adapter's, so a frame always takes one descriptor. The memory is mapped,
/// populated and registered once, when the pool is built; taking and returning buffers allocates nothing. It is not
/// there in a forked child: use it in the process that built it.
///
/// Dropping the pool while buffers are out is fine: the memory stays until the last of them is dropped.
pub struct PacketPool {
    shared: NonNull<Shared>,
    /// The owner's free list.
    free: *mut Header,
}

// SAFETY: the pool's list is reached by its owner alone; what other threads reach is atomic.
unsafe impl Send for PacketPool {}
// SAFETY: through a shared reference only constants of the pool are read.
unsafe impl Sync for PacketPool {}

/// What a pool and its buffers share. It lives until the pool and all of its buffers are gone.
pub(super) struct Shared {
    /// Free buffers that were dropped, newest first; `CLOSED` once the pool is gone.
    returned: AtomicPtr<Header>,
    /// After the close: buffers still out. It starts at 0 and the close adds, so a buffer that comes back between the
    /// two makes it negative; it reaches 0 by exactly one operation, whose thread frees all.
    outstanding: AtomicIsize,
    headers: NonNull<[Header]>,
    registration: ef_memreg,
    domain: ProtectionDomain,
    // Fields drop in this order: the memory goes last, after its registration (see `Drop`) and headers.
    region: Region,
    buffer_size: usize,
}

/// Marks the stack of a pool that is gone. No header has this address, since headers are aligned.
const CLOSED: *mut Header = ptr::without_provenance_mut(1);

impl PacketPool {
    /// For a pool: give the number and the size of the buffers, then build it in a domain.
    pub fn builder() -> PacketPoolBuilder {
        PacketPoolBuilder::default()
    }

    /// Takes a buffer with an empty frame; `None` when all are out.
    #[inline]
    pub fn take(&mut self) -> Option<Buffer> {
        let header = match NonNull::new(self.free) {
            Some(header) => header,
            None => self.reclaim()?,
        };
        // SAFETY: a header on the free list is the pool's alone; the next line takes it off the list.
        let mut buffer = unsafe {
            self.free = (*header.as_ptr()).next;
            Buffer::from_header(header)
        };
        buffer.set_frame(0, 0);
        Some(buffer)
    }

    /// Returns a buffer: as dropping it, but without an atomic operation. A buffer of another pool goes to that one.
    #[inline]
    pub fn put(&mut self, buffer: Buffer) {
        let header = buffer.into_header();
        // SAFETY: the header came out of a buffer that is gone now, so it is whose list it goes to.
        unsafe {
            if (*header.as_ptr()).pool == self.shared {
                (*header.as_ptr()).next = self.free;
                self.free = header.as_ptr();
            } else {
                give_back(header);
            }
        }
    }

    /// Takes over all buffers that were dropped.
    #[cold]
    fn reclaim(&mut self) -> Option<NonNull<Header>> {
        // Acquire: what their last owners did to the buffers comes before what ours will do.
        NonNull::new(self.shared().returned.swap(ptr::null_mut(), Ordering::Acquire))
    }

    /// The number of buffers, free or out.
    pub fn buffers(&self) -> usize {
        self.shared().headers.len()
    }

    /// The size of each buffer, in bytes.
    pub fn buffer_size(&self) -> usize {
        self.shared().buffer_size
    }

    /// What pages the memory came from.
    pub fn backing(&self) -> Backing {
        self.shared().region.backing()
    }

    fn shared(&self) -> &Shared {
        // SAFETY: it lives at least as long as the pool.
        unsafe { self.shared.as_ref() }
    }
}

impl fmt::Debug for PacketPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketPool")
            .field("interface", &self.shared().domain.interface())
            .field("buffers", &self.buffers())
            .field("buffer_size", &self.buffer_size())
            .field("backing", &self.backing())
            .finish()
    }
}

impl Drop for PacketPool {
    fn drop(&mut self) {
        // Acquire as in `reclaim`; release, so that whoever frees the memory later sees all that was done here.
        let returned = self.shared().returned.swap(CLOSED, Ordering::AcqRel);
        // SAFETY: both lists are the pool's alone now, and their headers live.
        let free = unsafe { count(self.free) + count(returned) };
        let out = (self.buffers() - free) as isize;
        // With none out nobody else can get here. Otherwise each buffer that comes back sees the close, and counts.
        if out == 0 || self.shared().outstanding.fetch_add(out, Ordering::AcqRel) + out == 0 {
            // SAFETY: the pool is gone after this, and no buffer is out.
            unsafe { free_shared(self.shared) };
        }
    }
}

/// The length of a list of headers.
///
/// # Safety
/// The list must be reachable by the caller alone.
unsafe fn count(mut header: *mut Header) -> usize {
    let mut length = 0;
    while !header.is_null() {
        length += 1;
        // SAFETY: not null, so a live header of a list that is the caller's.
        header = unsafe { (*header).next };
    }
    length
}

/// Returns a buffer to its pool, from any thread.
///
/// # Safety
/// The header must be of a buffer that is out, and that buffer gone.
pub(super) unsafe fn give_back(header: NonNull<Header>) {
    let header = header.as_ptr();
    // SAFETY: this buffer is out, so what its pool shares lives until the push below succeeds, or until the last
    // count-down, after both of which it is not touched again. The header is this call's until then.
    unsafe {
        let shared = (*header).pool;
        let returned = &raw const (*shared.as_ptr()).returned;
        let mut head = (*returned).load(Ordering::Relaxed);
        while head != CLOSED {
            (*header).next = head;
            // Release: pairs with the acquire of whoever empties the stack.
            match (*returned).compare_exchange_weak(head, header, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(newer) => head = newer,
            }
        }
        if (*shared.as_ptr()).outstanding.fetch_sub(1, Ordering::AcqRel) == 1 {
            free_shared(shared);
        }
    }
}

/// # Safety
/// The pool must be gone, all buffers back, and nobody else be about to do this.
#[cold]
unsafe fn free_shared(shared: NonNull<Shared>) {
    // SAFETY: it came out of a box, and by the contract nothing else reaches it now.
    drop(unsafe { Box::from_raw(shared.as_ptr()) });
}

impl Drop for Shared {
    fn drop(&mut self) {
        // SAFETY: the registration was made with this handle, which the domain keeps open. A failure leaves the memory
        // registered, but the adapter has no descriptor of it: every buffer is back.
        unsafe { efvi_sys::ef_memreg_free(&mut self.registration, self.domain.handle()) };
        // SAFETY: the headers came out of a box and no buffer refers to them any more.
        drop(unsafe { Box::from_raw(self.headers.as_ptr()) });
    }
}

/// Sets up a [`PacketPool`].
#[derive(Clone, Copy, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct PacketPoolBuilder {
    buffers: usize,
    buffer_size: usize,
    huge_pages: bool,
}

impl Default for PacketPoolBuilder {
    fn default() -> Self {
        PacketPoolBuilder { buffers: 1024, buffer_size: 2048, huge_pages: false }
    }
}

impl PacketPoolBuilder {
    /// The number of buffers: 1024 by default. A ring that is full holds one fewer than its capacity.
    pub fn buffers(mut self, buffers: usize) -> Self {
        self.buffers = buffers;
        self
    }

    /// The size of each buffer in bytes, a power of two from 256 to 4096: 2048 by default. Posting for receive takes
    /// at least what the adapter may write into one, 1792 on EF10.
    pub fn buffer_size(mut self, bytes: usize) -> Self {
        self.buffer_size = bytes;
        self
    }

    /// Whether to use huge pages if the system has any free; [`PacketPool::backing`] says whether it had.
    pub fn huge_pages(mut self, huge_pages: bool) -> Self {
        self.huge_pages = huge_pages;
        self
    }

    /// Maps the memory and registers it with the domain's adapter (`ef_memreg_alloc`).
    ///
    /// # Errors
    /// [`Error::BufferSize`], [`Error::BufferCount`]: sizes that can't be. [`Error::Memory`]: the system has not that
    /// much. [`Error::Register`]: the adapter can't take that much.
    pub fn build(self, domain: &ProtectionDomain) -> Result<PacketPool> {
        let PacketPoolBuilder { buffers, buffer_size, huge_pages } = self;
        if !buffer_size.is_power_of_two() || !(MIN_BUFFER_SIZE..=MAX_BUFFER_SIZE).contains(&buffer_size) {
            let nearest = buffer_size.clamp(MIN_BUFFER_SIZE, MAX_BUFFER_SIZE).next_power_of_two();
            return Err(Error::BufferSize { requested: buffer_size, nearest });
        }
        let max = isize::MAX as usize / MAX_BUFFER_SIZE;
        if buffers == 0 || buffers > max {
            return Err(Error::BufferCount { requested: buffers, max });
        }
        let region = Region::new(buffers * buffer_size, huge_pages)?;
        let registration = register(domain, &region)?;

        // The headers point back to what is shared, and that to the headers: the pointers first, then the contents.
        let memory = NonNull::from(Box::leak(Box::<Shared>::new_uninit()));
        let shared = memory.cast::<Shared>();
        let mut free = ptr::null_mut();
        let headers: Box<[Header]> = (0..buffers)
            .map(|index| Header {
                // SAFETY: buffer `index` lies within the region, which is at least `buffers * buffer_size` long.
                data: unsafe { region.base().add(index * buffer_size) },
                // SAFETY: the registration covers the region, so this offset too.
                dma: unsafe { efvi_sys::ef_memreg_dma_addr(&raw const registration as *mut _, index * buffer_size) },
                domain: domain.id(),
                pool: shared,
                next: ptr::null_mut(),
                capacity: buffer_size as u16,
                start: 0,
                length: 0,
            })
            .collect();
        let headers = NonNull::from(Box::leak(headers));
        for index in (0..buffers).rev() {
            // SAFETY: `index` is within the array, and nothing else reaches it yet.
            unsafe {
                let header = headers.cast::<Header>().add(index).as_ptr();
                (*header).next = free;
                free = header;
            }
        }
        // SAFETY: the box's memory is for this type, and it is written once.
        unsafe {
            shared.write(Shared {
                returned: AtomicPtr::new(ptr::null_mut()),
                outstanding: AtomicIsize::new(0),
                headers,
                registration,
                domain: domain.clone(),
                region,
                buffer_size,
            });
        }
        Ok(PacketPool { shared, free })
    }
}

fn register(domain: &ProtectionDomain, region: &Region) -> Result<ef_memreg> {
    let mut registration = MaybeUninit::<ef_memreg>::zeroed();
    let handle = domain.handle();
    let base = region.base().as_ptr().cast();
    let code = domain.with_pd(|pd| {
        // SAFETY: the handle is open, the domain live and locked, and the memory mapped at least until the
        // registration is given up.
        unsafe { efvi_sys::ef_memreg_alloc(registration.as_mut_ptr(), handle, pd, handle, base, region.length()) }
    });
    if code < 0 {
        return Err(Error::Register {
            interface: domain.interface().to_owned(),
            bytes: region.length(),
            errno: Errno::from_return(code),
        });
    }
    // SAFETY: the call succeeded, so it filled in the structure.
    Ok(unsafe { registration.assume_init() })
}
