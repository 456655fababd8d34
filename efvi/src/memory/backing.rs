//! What memory a pool asks for, and what it got.

use core::fmt;

use crate::error::Errno;

/// The size of the pages that a pool's memory is made of. Larger ones take fewer entries of the adapter's and the
/// processor's translation tables. They are ordered by size.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{PacketPool, Pages};
///
/// // 1 GiB if there is such a page, 2 MiB otherwise, and an error if there is neither.
/// let pool = PacketPool::builder().pages(Pages::Huge1G).at_least(Pages::Huge2M).build(&domain);
/// # drop(pool);
/// assert_eq!(Pages::Huge2M.bytes(), 2 << 20);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Pages {
    /// The system's base size.
    #[default]
    Base,
    /// Huge pages of 2 MiB.
    Huge2M,
    /// Huge pages of 1 GiB.
    Huge1G,
}

impl Pages {
    /// The size in bytes; of base pages the adapter's page of 4096 bytes, of which they are a multiple.
    pub const fn bytes(self) -> usize {
        match self {
            Pages::Base => super::PAGE,
            Pages::Huge2M => 2 << 20,
            Pages::Huge1G => 1 << 30,
        }
    }

    /// The next smaller size.
    pub(super) fn smaller(self) -> Option<Self> {
        match self {
            Pages::Base => None,
            Pages::Huge2M => Some(Pages::Base),
            Pages::Huge1G => Some(Pages::Huge2M),
        }
    }

    /// The smallest pages of at least so many bytes; the largest that there are if none is.
    pub(super) fn of_at_least(bytes: usize) -> Self {
        let sizes = [Pages::Base, Pages::Huge2M];
        sizes.into_iter().find(|pages| pages.bytes() >= bytes).unwrap_or(Pages::Huge1G)
    }
}

impl fmt::Display for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pages::Base => "base pages",
            Pages::Huge2M => "huge pages of 2 MiB",
            Pages::Huge1G => "huge pages of 1 GiB",
        })
    }
}

/// Where a pool's memory came from.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{Backing, PacketPool, Pages};
///
/// let pool = PacketPool::builder().pages(Pages::Huge2M).build(&domain)?;
/// if pool.backing() != Backing::Mapped(Pages::Huge2M) {
///     println!("packet memory is of {} only", pool.backing());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backing {
    /// Mapped by the pool, of pages of this size.
    Mapped(Pages),
    /// Given by the program ([`PacketPoolBuilder::build_in`](crate::PacketPoolBuilder::build_in)).
    Given,
}

impl fmt::Display for Backing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Backing::Mapped(pages) => pages.fmt(f),
            Backing::Given => f.write_str("memory given by the program"),
        }
    }
}

/// The NUMA node that a pool's memory should be on.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{Numa, PacketPool};
///
/// let pool = PacketPool::builder().numa(Numa::Any).build(&domain)?;
/// println!("packet memory is on node {:?}", pool.numa_node());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Numa {
    /// That of the interface, where the system knows it and has room there; otherwise any. What keeps it from that is
    /// in [`PacketPool::declined`](crate::PacketPool::declined).
    #[default]
    OfInterface,
    /// This node and no other.
    Node(u32),
    /// Any: as the thread's own policy has it.
    Any,
}

/// What a pool wanted and did not get, and why: it has the next best instead.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{PacketPool, Pages, Wanted};
///
/// let pool = PacketPool::builder().pages(Pages::Huge2M).build(&domain)?;
/// for declined in pool.declined() {
///     match declined.wanted {
///         Wanted::Pages(pages) => println!("no {pages}: {}", declined.errno),
///         _ => println!("{declined}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Declined {
    /// What was wanted.
    pub wanted: Wanted,
    /// The system call that did not give it.
    pub call: &'static str,
    /// What the call set `errno` to.
    pub errno: Errno,
}

/// What a pool can want of its memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Wanted {
    /// Pages of this size.
    Pages(Pages),
    /// This NUMA node.
    Node(u32),
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.wanted {
            Wanted::Pages(pages) => {
                write!(f, "no {pages}: {}: {}; {}", self.call, self.errno, pages_hint(pages))
            }
            Wanted::Node(node) => write!(
                f,
                "not bound to NUMA node {node}: {}: {}; in a container, allow the call (CAP_SYS_NICE), or start the program with numactl",
                self.call, self.errno
            ),
        }
    }
}

/// How to have such pages.
pub(crate) fn pages_hint(pages: Pages) -> &'static str {
    match pages {
        Pages::Base => "free memory",
        Pages::Huge2M => "reserve more, as by `sysctl vm.nr_hugepages=512`",
        Pages::Huge1G => "reserve more, as by `hugepagesz=1G hugepages=2` on the kernel's command line",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString as _;

    #[test]
    fn the_pages_for_an_adapters_page() {
        assert_eq!(Pages::of_at_least(4096), Pages::Base);
        assert_eq!(Pages::of_at_least(4097), Pages::Huge2M);
        assert_eq!(Pages::of_at_least(2 << 20), Pages::Huge2M);
        assert_eq!(Pages::of_at_least(3 << 20), Pages::Huge1G);
        assert!(Pages::Base < Pages::Huge2M && Pages::Huge2M < Pages::Huge1G);
        assert_eq!(Pages::Huge1G.smaller().and_then(Pages::smaller), Some(Pages::Base));
        assert_eq!(Pages::Base.smaller(), None);
    }

    #[test]
    fn what_was_declined_says_why_and_what_to_do() {
        let errno = Errno::from_return(-libc::ENOMEM);
        let text = Declined { wanted: Wanted::Pages(Pages::Huge2M), call: "mmap", errno }.to_string();
        for part in ["huge pages of 2 MiB", "mmap", "ENOMEM", "nr_hugepages"] {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
        let text = Declined { wanted: Wanted::Node(3), call: "mbind", errno }.to_string();
        assert!(text.contains("node 3") && text.contains("mbind"), "{text}");
    }
}
