//! A pool of buffers over one registered region.
//!
//! The free buffers are a linked list of headers that the pool's owner takes from and puts to without atomics. Buffers
//! dropped elsewhere go onto a second list, a stack that any thread can push to and only the owner empties, whole:
//! nothing is ever popped from it singly, so it has no ABA problem. When the owner's list is empty it takes the stack.
//!
//! Dropping the pool closes the stack. Buffers that are out then keep the region; each that comes back after the close
//! counts down, and the last one closes the registration's handle, which takes the region from the adapter, and unmaps it.

use alloc::boxed::Box;
use core::fmt;
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicIsize, AtomicPtr, Ordering};

use efvi_sys::ef_addr;

use crate::domain::ProtectionDomain;

use super::PacketPoolBuilder;
use super::backing::{Backing, Declined};
use super::buffer::{Buffer, Header};
use super::numa;
use super::registration::Registered;

/// Registered packet memory, cut into buffers of one size.
///
/// A buffer never crosses a page of the adapter's, so a frame always takes one descriptor. The memory is mapped,
/// populated and registered once, when the pool is built; taking and returning buffers allocates nothing. It is not
/// there in a forked child: use it in the process that built it. A virtual interface can have buffers of several pools
/// at a time, as of small ones to send and large ones to receive into.
///
/// Dropping the pool while buffers are out is fine: the memory stays until the last of them is dropped.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::PacketPool;
///
/// let mut pool = PacketPool::builder().buffers(1024).buffer_size(2048).build(&domain)?;
/// let buffer = pool.take().ok_or("the pool is empty")?;
/// pool.put(buffer); // a few instructions
/// let buffer = pool.take().ok_or("the pool is empty")?;
/// std::thread::spawn(move || drop(buffer)); // from anywhere, at the cost of an atomic operation
/// # Ok(())
/// # }
/// ```
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
    memory: Registered,
    source: Source,
    buffer_size: usize,
}

/// Where a pool's memory came from.
pub(super) struct Source {
    pub(super) backing: Backing,
    pub(super) declined: Box<[Declined]>,
}

/// Marks the stack of a pool that is gone. No header has this address, since headers are aligned.
const CLOSED: *mut Header = ptr::without_provenance_mut(1);

impl PacketPool {
    /// For a pool: give the number and the size of the buffers, then build it in a domain.
    pub fn builder() -> PacketPoolBuilder {
        PacketPoolBuilder::default()
    }

    /// Cuts memory into buffers: `buffers`, above 0, of `buffer_size` bytes fit in it.
    pub(super) fn new(memory: Registered, source: Source, buffers: usize, buffer_size: usize) -> PacketPool {
        // The headers point back to what is shared, and that to the headers: the pointers first, then the contents.
        let shared = NonNull::from(Box::leak(Box::<Shared>::new_uninit())).cast::<Shared>();
        let domain = memory.domains().next().map_or(0, ProtectionDomain::id);
        let headers: Box<[Header]> = (0..buffers)
            .map(|index| Header {
                // SAFETY: buffer `index` lies within the memory, which is at least `buffers * buffer_size` long.
                data: unsafe { memory.base().add(index * buffer_size) },
                dma: memory.dma(domain, index * buffer_size).unwrap_or(0),
                domain,
                pool: shared,
                next: ptr::null_mut(),
                slot: 0,
                capacity: buffer_size as u16,
                start: 0,
                length: 0,
            })
            .collect();
        let headers = NonNull::from(Box::leak(headers));
        let mut free = ptr::null_mut();
        for index in (0..buffers).rev() {
            // SAFETY: `index` is within the array, and nothing else reaches it yet.
            unsafe {
                let header = headers.cast::<Header>().add(index).as_ptr();
                (*header).next = free;
                free = header;
            }
        }
        let (returned, outstanding) = (AtomicPtr::new(ptr::null_mut()), AtomicIsize::new(0));
        // SAFETY: the box's memory is for this type, and it is written once.
        unsafe { shared.write(Shared { returned, outstanding, headers, memory, source, buffer_size }) };
        PacketPool { shared, free }
    }

    /// Takes a buffer with an empty frame; `None` when all are out. A few instructions; when the pool's own are used up,
    /// one atomic operation takes over all that were dropped.
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

    /// Where the memory came from, and of what pages it is.
    pub fn backing(&self) -> Backing {
        self.shared().source.backing
    }

    /// What was wanted of the memory and was not to be had, with the reason: pages larger than those that
    /// [`backing`](Self::backing) says, or the interface's NUMA node. Empty if all is as it should be.
    pub fn declined(&self) -> &[Declined] {
        &self.shared().source.declined
    }

    /// The NUMA node that the memory is on, as the kernel says of its first page (`get_mempolicy`); `None` if it does
    /// not say.
    pub fn numa_node(&self) -> Option<u32> {
        numa::of_memory(self.shared().memory.base())
    }

    /// The protection domains that the memory is registered with, one at least.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let pool = efvi::PacketPool::builder().build(&domain)?;
    /// for domain in pool.domains() {
    ///     println!("for {}", domain.interface());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn domains(&self) -> impl ExactSizeIterator<Item = &ProtectionDomain> {
        self.shared().memory.domains()
    }

    fn shared(&self) -> &Shared {
        // SAFETY: it lives at least as long as the pool.
        unsafe { self.shared.as_ref() }
    }
}

impl fmt::Debug for PacketPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PacketPool")
            .field("interface", &self.domains().next().map(ProtectionDomain::interface))
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
// `inline` has it compiled with its caller, which then calls it directly: a loop would load the address of another
// crate's before it starts, and set a register aside for it. `cold` keeps it a call: `put` is the short way.
#[cold]
#[inline]
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

/// Where the adapter of a domain finds a buffer; `None` if the buffer's memory is not registered there.
///
/// # Safety
/// The header must be of a buffer that is out, and the caller's alone.
pub(super) unsafe fn dma_in(header: &Header, domain: usize) -> Option<ef_addr> {
    // SAFETY: this buffer is out, so what its pool shares lives; of that, the memory is only read while it does.
    let memory = unsafe { &(*header.pool.as_ptr()).memory };
    memory.dma(domain, header.data.addr().get() - memory.base().addr().get())
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
        // SAFETY: the headers came out of a box and no buffer refers to them any more.
        drop(unsafe { Box::from_raw(self.headers.as_ptr()) });
    }
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use core::sync::atomic::AtomicUsize;
    use std::vec::Vec;

    use super::*;
    use crate::mock::Fabric;
    use crate::{Driver, Page, VirtualInterface};

    static DROPPED: AtomicUsize = AtomicUsize::new(0);

    /// Pages that say when they go.
    struct Counted(Vec<Page>);

    // SAFETY: as of the pages within, which this owns.
    unsafe impl crate::PacketMemory for Counted {
        fn region(&mut self) -> NonNull<[u8]> {
            self.0.region()
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn memory_goes_after_its_last_buffer_and_its_registrations() {
        let dropped = || DROPPED.load(Ordering::SeqCst);
        let (port, other) = Fabric::new().cable().unwrap();
        let domain = |interface| ProtectionDomain::open(&Driver::open().unwrap(), interface).unwrap();
        let domains = [domain(port.name()), domain(other.name())];
        let memory = Counted(std::vec![Page::ZERO; 32]);
        let mut pool = PacketPool::builder().build_in(memory, &[&domains[0], &domains[1]]).unwrap();
        let mut vi = VirtualInterface::builder().build(&domains[1]).unwrap();
        let held = pool.take();
        vi.split().1.fill(&mut pool).unwrap();
        drop(pool);
        drop(domains);
        assert_eq!(dropped(), 0, "buffers are posted, and one is held");
        std::thread::spawn(move || drop(held)).join().unwrap();
        assert_eq!(dropped(), 0, "buffers are posted");
        drop(vi);
        assert_eq!(dropped(), 1);

        // What is refused goes at once.
        PacketPool::builder().build_in(Counted(Vec::new()), &[&domain(port.name())]).unwrap_err();
        assert_eq!(dropped(), 2);
    }
}
