//! All that an adapter says of itself, typed.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use core::fmt;

use crate::error::{Errno, Error, Result};

use super::{Capability, Sizes};

/// What an adapter can do: all its [`Capability`]s, with answers of the type that each has.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::Capability;
///
/// let can = domain.capabilities()?;
/// let tx_ring = can.tx_ring_sizes().largest().unwrap_or(512);
/// if can.has(Capability::Ctpio) {
///     println!("sends by CTPIO, rings of up to {tx_ring}");
/// }
/// # assert!(can.tx_ring_sizes().contains(512));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// By raw number, as in [`Capability::ALL`].
    values: Box<[Option<u64>]>,
}

/// The regions of an adapter for sends by PIO.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// if let Some(pio) = domain.capabilities()?.pio() {
///     println!("{} regions of {} bytes", pio.regions, pio.region_size);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pio {
    /// How many bytes each has.
    pub region_size: usize,
    /// How many there are.
    pub regions: usize,
}

/// The TX alternatives of an adapter.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// if let Some(alternatives) = domain.capabilities()?.tx_alternatives() {
///     let bytes = alternatives.buffers * alternatives.buffer_size;
///     println!("{} alternatives, which share {bytes} bytes", alternatives.count);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TxAlternatives {
    /// How many there are.
    pub count: usize,
    /// How many buffers they share.
    pub buffers: usize,
    /// How many bytes each buffer has.
    pub buffer_size: usize,
}

impl Capabilities {
    pub(crate) fn query(ask: impl Fn(Capability) -> Result<Option<u64>>) -> Result<Self> {
        Ok(Capabilities { values: Capability::ALL.iter().map(|capability| ask(*capability)).collect::<Result<_>>()? })
    }

    /// Whether the adapter has it.
    pub fn has(&self, capability: Capability) -> bool {
        self.value(capability).is_some()
    }

    /// What the adapter says of it: 1 of what it just has, a number or a mask of others, `None` of what it lacks.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::Capability;
    ///
    /// let can = domain.capabilities()?;
    /// for (capability, value) in can.iter() {
    ///     println!("{capability}: {value}");
    /// }
    /// println!("event queues of {:?} events", can.event_queue_sizes());
    /// println!("packed-stream buffers of {:?} KiB", can.packed_stream_buffer_sizes());
    /// println!("memory in pages of {:?} bytes", can.min_page());
    /// assert_eq!(can.value(Capability::Ctpio), domain.capability(Capability::Ctpio)?);
    /// assert!(can.iter().count() <= Capability::ALL.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn value(&self, capability: Capability) -> Option<u64> {
        self.values.get(capability.raw() as usize).copied().flatten()
    }

    /// Which capacities a receive ring can have, in descriptors.
    pub fn rx_ring_sizes(&self) -> Sizes {
        self.sizes(Capability::RxRingSizes)
    }

    /// Which capacities a transmit ring can have, in descriptors.
    pub fn tx_ring_sizes(&self) -> Sizes {
        self.sizes(Capability::TxRingSizes)
    }

    /// Which capacities an event queue can have, in events.
    pub fn event_queue_sizes(&self) -> Sizes {
        self.sizes(Capability::EventQueueSizes)
    }

    /// Which sizes a buffer for packed streams can have, in KiB.
    pub fn packed_stream_buffer_sizes(&self) -> Sizes {
        self.sizes(Capability::PackedStreamBuffers)
    }

    /// The regions for sends by PIO, if there are any.
    pub fn pio(&self) -> Option<Pio> {
        self.has(Capability::Pio).then(|| Pio {
            region_size: self.count(Capability::PioRegionSize),
            regions: self.count(Capability::PioRegions),
        })
    }

    /// The TX alternatives, if there are any.
    pub fn tx_alternatives(&self) -> Option<TxAlternatives> {
        self.has(Capability::TxAlternatives).then(|| TxAlternatives {
            count: self.count(Capability::TxAlternativeCount),
            buffers: self.count(Capability::TxAlternativeBuffers),
            buffer_size: self.count(Capability::TxAlternativeBufferSize),
        })
    }

    /// How large the pages of registered memory must be, in bytes, if the adapter says.
    pub fn min_page(&self) -> Option<usize> {
        self.value(Capability::MinPage).map(|bytes| bytes as usize)
    }

    /// All that the adapter has, with what it says of it.
    pub fn iter(&self) -> impl Iterator<Item = (Capability, u64)> {
        Capability::ALL.iter().filter_map(|capability| Some((*capability, self.value(*capability)?)))
    }

    fn sizes(&self, capability: Capability) -> Sizes {
        Sizes::from_mask(self.value(capability).unwrap_or(0))
    }

    fn count(&self, capability: Capability) -> usize {
        self.value(capability).unwrap_or(0) as usize
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Capability {
    /// The answer behind a query's result and value.
    pub(crate) fn answer(self, code: i32, value: core::ffi::c_ulong, interface: &str) -> Result<Option<u64>> {
        match code {
            code if code == -libc::EOPNOTSUPP => Ok(None),
            code if code < 0 => Err(Error::Capability {
                capability: self,
                interface: interface.to_owned(),
                errno: Errno::from_return(code),
            }),
            _ if value == 0 => Ok(None),
            _ => Ok(Some(value)),
        }
    }
}
