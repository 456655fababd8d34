//! Setting up a packet pool.

use alloc::boxed::Box;

use crate::domain::ProtectionDomain;
use crate::error::{Error, Result};

use super::backing::{Backing, Numa, Pages};
use super::given::{self, PacketMemory};
use super::pool::{PacketPool, Source};
use super::region::{self, Mapped, Request};
use super::registration::Registered;
use super::{MAX_BUFFER_SIZE, MIN_BUFFER_SIZE};

/// Sets up a [`PacketPool`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{Numa, PacketPool, Pages};
///
/// let pool = PacketPool::builder().buffers(512).buffer_size(2048).pages(Pages::Huge2M).numa(Numa::OfInterface);
/// let pool = pool.build(&domain)?;
/// assert_eq!((pool.buffers(), pool.buffer_size()), (512, 2048));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct PacketPoolBuilder {
    buffers: usize,
    buffer_size: usize,
    pages: Pages,
    at_least: Pages,
    numa: Numa,
    locked: bool,
}

impl Default for PacketPoolBuilder {
    fn default() -> Self {
        PacketPoolBuilder {
            buffers: 1024,
            buffer_size: 2048,
            pages: Pages::Base,
            at_least: Pages::Base,
            numa: Numa::OfInterface,
            locked: false,
        }
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

    /// The pages wished for: base pages by default. Where there are none of this size, the next smaller serves:
    /// [`PacketPool::backing`] says which it was, and [`PacketPool::declined`] why.
    ///
    /// An adapter that takes memory in huge pages only (X4) is given huge pages, whatever is asked for here. Where the
    /// system has none of those set aside, memory that is aligned as they are is tried; the adapter may refuse it.
    ///
    /// ```
    /// # use efvi::{Driver, PacketPool, Pages, ProtectionDomain};
    /// # fn main() -> efvi::Result<()> {
    /// # let port = efvi::mock::Fabric::new().looped().expect("a port");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// let pool = PacketPool::builder().pages(Pages::Huge2M).build(&domain)?;
    /// println!("packet memory is of {}", pool.backing());
    /// for declined in pool.declined() {
    ///     println!("{declined}"); // no huge pages of 2 MiB: mmap: ENOMEM, ...
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn pages(mut self, pages: Pages) -> Self {
        self.pages = pages;
        self
    }

    /// The smallest pages that will do: base pages by default. Building fails where there are only smaller ones.
    pub fn at_least(mut self, pages: Pages) -> Self {
        self.at_least = pages;
        self
    }

    /// The NUMA node that the memory shall be on: by default the interface's, where that is known. With several
    /// domains it is the first's.
    pub fn numa(mut self, numa: Numa) -> Self {
        self.numa = numa;
        self
    }

    /// Whether to lock the memory (`mlock`), which counts against the process's limit (`ulimit -l`); no by default. The
    /// driver holds registered memory in place in any case. The lock also keeps the processor's own map of it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// match efvi::PacketPool::builder().buffers(64).locked(true).build(&domain) {
    ///     Ok(pool) => println!("{} buffers", pool.buffers()),
    ///     Err(error) => println!("{error}"), // says how to raise the limit
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn locked(mut self, locked: bool) -> Self {
        self.locked = locked;
        self
    }

    /// Maps the memory and registers it with the domain's adapter (`ef_memreg_alloc`).
    ///
    /// # Errors
    /// [`Error::BufferSize`], [`Error::BufferCount`]: sizes that can't be. [`Error::Memory`]: the system has not that
    /// much, or not as it must be. [`Error::Register`]: the adapter can't take that much.
    pub fn build(self, domain: &ProtectionDomain) -> Result<PacketPool> {
        self.build_shared(&[domain])
    }

    /// Maps the memory and registers it with several domains: a buffer can then be received on one interface and sent
    /// on another, as it is.
    ///
    /// A buffer carries its address in the domain that it was last used in, at first that of the first domain. Using it
    /// in another looks the new address up: some ten instructions, and nothing that is paid otherwise.
    ///
    /// ```
    /// # use efvi::{Driver, Event, Filter, PacketPool, ProtectionDomain, VirtualInterface};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fabric = efvi::mock::Fabric::new();
    /// # let (a, _left) = fabric.cable().expect("a cable");
    /// # let (b, _right) = fabric.cable().expect("a cable");
    /// let driver = Driver::open()?;
    /// let near = ProtectionDomain::open(&driver, a.name())?;
    /// let far = ProtectionDomain::open(&driver, b.name())?;
    /// let mut pool = PacketPool::builder().build_shared(&[&near, &far])?;
    /// let (mut from, mut to) = (VirtualInterface::builder().build(&near)?, VirtualInterface::builder().build(&far)?);
    /// from.filter_add(&Filter::all_multicast())?;
    /// let (_, mut rx) = from.split();
    /// let (mut tx, mut sent) = to.split();
    /// rx.fill(&mut pool)?;
    /// # a.inject(&[0xff; 60], efvi::mock::Fcs::Good).expect("a frame");
    ///
    /// let mut forwarded = 0;
    /// while forwarded == 0 {
    ///     let mut events = rx.poll();
    ///     while let Some(event) = events.next() {
    ///         if let Event::Received(packet) = event {
    ///             let buffer = packet.keep(&mut pool).map_err(|not_kept| not_kept.reason)?;
    ///             tx.send(buffer)?;
    ///             forwarded += 1;
    ///         }
    ///     }
    ///     drop(events);
    ///     drop(sent.poll()); // gives the buffers back to the pool
    ///     rx.fill(&mut pool)?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`build`](Self::build); [`Error::NoDomain`] if there is none.
    pub fn build_shared(self, domains: &[&ProtectionDomain]) -> Result<PacketPool> {
        self.check_buffer_size()?;
        let first = domains.first().ok_or(Error::NoDomain)?;
        let max = isize::MAX as usize / MAX_BUFFER_SIZE;
        if self.buffers == 0 || self.buffers > max {
            return Err(Error::BufferCount { requested: self.buffers, max });
        }
        let Mapped { region, pages, declined } = region::map(&Request {
            bytes: self.buffers * self.buffer_size,
            adapter_page: adapter_page(domains),
            pages: self.pages,
            at_least: self.at_least,
            numa: self.numa,
            interface: first.interface(),
            locked: self.locked,
        })?;
        let source = Source { backing: Backing::Mapped(pages), declined: declined.into_boxed_slice() };
        let memory = Registered::new(Box::new(region), domains)?;
        Ok(PacketPool::new(memory, source, self.buffers, self.buffer_size))
    }

    /// Registers memory that the program gives with one domain or several (`ef_memreg_alloc`): as many buffers as fit.
    /// The number of buffers, pages, node and lock that are set here are for memory that the pool maps itself.
    ///
    /// ```
    /// # use efvi::{Backing, Driver, PacketPool, Page, ProtectionDomain};
    /// # fn main() -> efvi::Result<()> {
    /// # let port = efvi::mock::Fabric::new().looped().expect("a port");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// let memory = vec![Page::ZERO; 64];
    /// let pool = PacketPool::builder().buffer_size(2048).build_in(memory, &[&domain])?;
    /// assert_eq!((pool.buffers(), pool.backing()), (128, Backing::Given));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::GivenMemory`]: the adapter can't have memory that starts there or is that long. [`Error::BufferSize`],
    /// [`Error::NoDomain`], [`Error::Register`] as with the others. The memory is dropped then.
    pub fn build_in(self, memory: impl PacketMemory, domains: &[&ProtectionDomain]) -> Result<PacketPool> {
        self.check_buffer_size()?;
        if domains.is_empty() {
            return Err(Error::NoDomain);
        }
        // Boxed before it is asked where it is, so that it moves no more.
        let mut memory: Box<dyn PacketMemory> = Box::new(memory);
        let buffers = given::check(memory.region(), adapter_page(domains), self.buffer_size)?;
        let source = Source { backing: Backing::Given, declined: Box::default() };
        Ok(PacketPool::new(Registered::new(memory, domains)?, source, buffers, self.buffer_size))
    }

    fn check_buffer_size(&self) -> Result<()> {
        let requested = self.buffer_size;
        if requested.is_power_of_two() && (MIN_BUFFER_SIZE..=MAX_BUFFER_SIZE).contains(&requested) {
            return Ok(());
        }
        let nearest = requested.clamp(MIN_BUFFER_SIZE, MAX_BUFFER_SIZE).next_power_of_two();
        Err(Error::BufferSize { requested, nearest })
    }
}

/// The largest page that one of these domains' adapters wants memory in.
fn adapter_page(domains: &[&ProtectionDomain]) -> usize {
    domains.iter().map(|domain| domain.memory_page()).max().unwrap_or(super::PAGE)
}
