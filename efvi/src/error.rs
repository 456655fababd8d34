//! What can go wrong while setting up, one kind a failure.

use alloc::string::String;
use core::fmt;

use crate::filter::Filter;
use crate::library::Library;
use crate::memory::{Pages, TooLong};
use crate::{Capability, Rejected};

mod errno;
mod hint;

pub use errno::Errno;
pub(crate) use hint::vi_hint;
use hint::{
    alternatives_hint, architecture_name, driver_hint, filter_hint, interface_hint, memory_hint, pio_hint, query_hint,
    register_hint, set_hint,
};

/// The result of a set-up call.
pub type Result<T, E = Error> = core::result::Result<T, E>;

/// A failure of a set-up call. Each names the ef_vi call, its subject, the error number, and what to do.
///
/// ```
/// use efvi::{Driver, Error, ProtectionDomain};
///
/// # fn main() -> efvi::Result<()> {
/// match ProtectionDomain::open(&Driver::open()?, "eth99") {
///     Err(Error::Interface { interface, errno }) => println!("{interface}: {errno}"),
///     // "ef_pd_alloc on interface eth99: ENODEV, No such device (os error 19); ..."
///     Err(other) => println!("{other}"),
///     Ok(_) => println!("there is an eth99"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The library that the program runs with is of another release than the bindings that it was built with.
    #[error(
        "the ef_vi library is of Onload {library}, and this program was built for Onload {bindings}: their structures differ or may differ, so no call is made; run it with the library of Onload {bindings}, build it again with the headers and the library of the other, or set EFVI_ANY_LIBRARY=1 if you know that they are alike"
    )]
    Library {
        /// The library.
        library: Library,
        /// The release of the bindings.
        bindings: &'static str,
    },

    /// The driver could not be opened.
    #[error("ef_driver_open: {errno}; {}", driver_hint(*.errno))]
    DriverOpen {
        /// What `ef_driver_open` returned.
        errno: Errno,
    },

    /// The name can't be an interface's.
    #[error("{interface:?} is no interface name: expected 1 or more bytes without NUL; `ip link` lists the interfaces")]
    InterfaceName {
        /// The name as given.
        interface: String,
    },

    /// No protection domain could be made on the interface.
    #[error("ef_pd_alloc on interface {interface}: {errno}; {}", interface_hint(*.errno))]
    Interface {
        /// The interface, by name or by index as it was asked for.
        interface: String,
        /// What `ef_pd_alloc` or `ef_pd_alloc_by_name` returned.
        errno: Errno,
    },

    /// A capability of the adapter could not be asked for.
    #[error(
        "ef_pd_capabilities_get of {capability} on interface {interface}: {errno}; check that the driver's release matches the library's"
    )]
    Capability {
        /// The capability asked for.
        capability: Capability,
        /// The interface.
        interface: String,
        /// What `ef_pd_capabilities_get` returned.
        errno: Errno,
    },

    /// The buffers of a pool can't have this size.
    #[error("buffer size {requested}: expected a power of two from {MIN_BUFFER_SIZE} to {MAX_BUFFER_SIZE} bytes, so that no buffer crosses a page; use {nearest}", MIN_BUFFER_SIZE = crate::memory::MIN_BUFFER_SIZE, MAX_BUFFER_SIZE = crate::memory::MAX_BUFFER_SIZE)]
    BufferSize {
        /// The size asked for, in bytes.
        requested: usize,
        /// The nearest size that is possible.
        nearest: usize,
    },

    /// A pool can't have this number of buffers.
    #[error("a pool of {requested} buffers: expected from 1 to {max}; ask for at least as many as the rings hold")]
    BufferCount {
        /// The number asked for.
        requested: usize,
        /// The largest number possible at this buffer size.
        max: usize,
    },

    /// The system gave no memory for a pool, or not as it must be.
    #[error("{call} of {bytes} bytes of {pages} for packets: {errno}; {}", memory_hint(.call, *.pages))]
    Memory {
        /// The system call.
        call: &'static str,
        /// How much was asked for, in bytes.
        bytes: usize,
        /// The pages that it was last asked for in.
        pages: Pages,
        /// What the call set `errno` to.
        errno: Errno,
    },

    /// The memory given for a pool can't be registered.
    #[error(
        "the memory given for a packet pool starts at {address:#x} and has {bytes} bytes: expected a start at a multiple of {alignment}, and a multiple of {unit} bytes that holds one buffer at least; give a `Vec<efvi::Page>`, or huge pages where the multiple is 2 MiB"
    )]
    GivenMemory {
        /// Where it starts.
        address: usize,
        /// How long it is.
        bytes: usize,
        /// What the adapter wants the start to be a multiple of, in bytes.
        alignment: usize,
        /// What the adapter wants the length to be a multiple of, in bytes.
        unit: usize,
    },

    /// A pool needs a domain that its memory is registered with.
    #[error("a packet pool for no protection domain: expected one at least; name the domains that its buffers are for")]
    NoDomain,

    /// A pool's memory could not be registered with the adapter.
    #[error("ef_memreg_alloc of {bytes} bytes on interface {interface}: {errno}; {}", register_hint(*.errno))]
    Register {
        /// The interface.
        interface: String,
        /// How much was to be registered, in bytes.
        bytes: usize,
        /// What `ef_memreg_alloc` returned.
        errno: Errno,
    },

    /// A ring can't have this capacity.
    #[error("{ring} capacity {requested}: expected a power of two of at least 2; the nearest is {nearest}")]
    Capacity {
        /// Which of the VI's rings.
        ring: Ring,
        /// The capacity asked for.
        requested: u32,
        /// The nearest capacity that is possible.
        nearest: u32,
    },

    /// The adapter made no virtual interface.
    #[error("{call} on interface {interface} ({flags:?}): {errno}; {hint}")]
    VirtualInterface {
        /// The ef_vi call.
        call: &'static str,
        /// The interface.
        interface: String,
        /// The flags asked for, by their names in C.
        flags: String,
        /// What the call returned.
        errno: Errno,
        /// What to do about it.
        hint: String,
    },

    /// The adapter made no set of virtual interfaces.
    #[error("ef_vi_set_alloc_from_pd of {count} on interface {interface}: {errno}; {}", set_hint(*.errno))]
    Set {
        /// The interface.
        interface: String,
        /// How many VIs were asked for.
        count: usize,
        /// What `ef_vi_set_alloc_from_pd` returned.
        errno: Errno,
    },

    /// A shared event queue is too small for the rings of another member: it could overflow.
    #[error(
        "a shared event queue of {capacity} events on interface {interface}: its members' rings can raise {needed}; build it with `.event_capacity({})`, or the members with smaller rings", .needed.next_power_of_two()
    )]
    EventQueueFull {
        /// The interface.
        interface: String,
        /// How many events it holds.
        capacity: usize,
        /// How many there can be, with the member that was to be added.
        needed: usize,
    },

    /// A member of a shared event queue asks for timestamps that the queue was not built for.
    #[error(
        "{timestamps:?} for a member of a shared event queue on interface {interface}: the queue has none; build the queue with them"
    )]
    EventQueueTimestamps {
        /// The interface.
        interface: String,
        /// What the member asks for.
        timestamps: crate::Timestamps,
    },

    /// A shared event queue was to be split into another number of members than it has.
    #[error(
        "a shared event queue of {members} members: it can't be split into {requested}; take as many as were added"
    )]
    Members {
        /// How many it has.
        members: usize,
        /// Into how many it was to be split.
        requested: usize,
    },

    /// The adapter behind the interface is of a family that this crate does not drive yet.
    #[error(
        "interface {interface} is an adapter of architecture {architecture} ({}): expected EF10 (7000, 8000 series, X2 or X4), EFCT (X3) or EF10CT (X4); use such an adapter", architecture_name(*.architecture)
    )]
    Adapter {
        /// The interface.
        interface: String,
        /// The adapter's `ef_vi_arch`.
        architecture: u32,
    },

    /// The adapter has not what is asked for.
    #[error(
        "interface {interface} lacks {capability}: do without, or use an adapter that has it; `ProtectionDomain::capability` tells"
    )]
    Lacks {
        /// What it lacks.
        capability: Capability,
        /// The interface.
        interface: String,
    },

    /// A packed stream can't be received like that.
    #[error("a packed stream on interface {interface}: {problem}")]
    PackedStream {
        /// The interface.
        interface: String,
        /// What is in the way, and what to do.
        problem: &'static str,
    },

    /// A packed stream can't have this number of buffers.
    #[error(
        "a packed stream of {requested} buffers: expected 1 or more, which come to 16 at least, and no more than the {max} that the receive ring holds; ask for fewer, or for a larger ring (`.rx_capacity`)"
    )]
    StreamBuffers {
        /// The number asked for.
        requested: u32,
        /// The largest number possible with this ring.
        max: u32,
    },

    /// A PIO region was refused.
    #[error("{call} on interface {interface}: {errno}; {}", pio_hint(*.errno))]
    Pio {
        /// The ef_vi call.
        call: &'static str,
        /// The interface.
        interface: String,
        /// What the call returned.
        errno: Errno,
    },

    /// The VI got no TX alternatives.
    #[error("{call} of {count} alternatives with {space} bytes on interface {interface}: {errno}; {}", alternatives_hint(*.errno))]
    Alternatives {
        /// The ef_vi call.
        call: &'static str,
        /// The interface.
        interface: String,
        /// The number asked for.
        count: u32,
        /// The space asked for, in bytes.
        space: u32,
        /// What the call returned.
        errno: Errno,
    },

    /// A dead transmit queue could not be revived.
    #[error("ef_vi_reinit_txq_post_error on interface {interface}: {errno}; build a new virtual interface")]
    Revive {
        /// The interface.
        interface: String,
        /// What the call returned.
        errno: Errno,
    },

    /// The gap between frames could not be set.
    #[error(
        "ef_vi_pace on interface {interface}: {errno}; only old adapters can (`Capability::Pacing`); space the sends by the program"
    )]
    Pace {
        /// The interface.
        interface: String,
        /// What the call returned.
        errno: Errno,
    },

    /// A property of a VI could not be read, or it can't be waited for.
    #[error("{call} on interface {interface}: {errno}; {}", query_hint(*.errno))]
    Query {
        /// The ef_vi call.
        call: &'static str,
        /// The interface.
        interface: String,
        /// What the call returned.
        errno: Errno,
    },

    /// A filter was refused.
    #[error("ef_vi_filter_add of {filter} on interface {interface}: {errno}; {}", filter_hint(*.errno))]
    Filter {
        /// The filter.
        filter: Filter,
        /// The interface.
        interface: String,
        /// What `ef_vi_filter_add`, or the call that set up the filter, returned.
        errno: Errno,
    },

    /// A filter can't be removed from a VI that it was not added to.
    #[error(
        "ef_vi_filter_del on interface {interface}: the filter was added to another virtual interface; remove it there"
    )]
    ForeignFilter {
        /// The interface.
        interface: String,
    },

    /// A filter could not be removed.
    #[error(
        "ef_vi_filter_del on interface {interface}: {errno}; a filter is removed once, by the identity that adding it gave"
    )]
    FilterRemove {
        /// The interface.
        interface: String,
        /// What `ef_vi_filter_del` returned.
        errno: Errno,
    },

    /// A frame is longer than the buffer that should hold it.
    #[error(transparent)]
    TooLong(#[from] TooLong),

    /// A buffer was not taken by a ring. The buffer itself has gone back to its pool.
    #[error("{0}")]
    Rejected(crate::RejectReason),
}

impl<T: fmt::Debug> From<Rejected<T>> for Error {
    fn from(rejected: Rejected<T>) -> Self {
        Error::Rejected(rejected.reason)
    }
}

/// One of the rings of a virtual interface.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{Error, Ring, VirtualInterface};
///
/// let refused = VirtualInterface::builder().tx_capacity(500).build(&domain);
/// assert!(matches!(refused, Err(Error::Capacity { ring: Ring::Transmit, nearest: 512, .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ring {
    /// The receive ring.
    Receive,
    /// The transmit ring.
    Transmit,
    /// The event queue.
    Event,
}

impl fmt::Display for Ring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Ring::Receive => "receive ring",
            Ring::Transmit => "transmit ring",
            Ring::Event => "event queue",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use super::*;

    #[test]
    fn an_error_names_call_subject_errno_and_remedy() {
        let error = Error::Interface { interface: "eth9".into(), errno: Errno::from_return(-libc::ENODEV) };
        let text = error.to_string();
        for part in ["ef_pd_alloc", "eth9", "ENODEV", "mock adapter"] {
            assert!(text.contains(part), "{part} is missing: {text}");
        }
    }
}
