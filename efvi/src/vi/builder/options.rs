//! What of a virtual interface is chosen from a few.

use bitflags::bitflags;

bitflags! {
    /// Which frames the adapter timestamps.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::{Timestamps, VirtualInterface};
    ///
    /// let vi = VirtualInterface::builder().timestamps(Timestamps::RX | Timestamps::TX).build(&domain)?;
    /// # Ok(())
    /// # }
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Timestamps: u32 {
        /// Those received (`EF_VI_RX_TIMESTAMPS`).
        const RX = 1;
        /// Those sent (`EF_VI_TX_TIMESTAMPS`). Each send then completes by an event of its own.
        const TX = 2;
    }
}

bitflags! {
    /// How the adapter treats frames that are sent by DMA or PIO: flags for the making of the VI
    /// (`ef_vi_alloc_from_pd`). What is sent by CTPIO goes out as it is, whatever they are.
    ///
    /// ```
    /// use efvi::{TxFlags, VirtualInterface};
    ///
    /// // A program that fills in all checksums by itself.
    /// let flags = TxFlags::NO_IP_CHECKSUM | TxFlags::NO_TRANSPORT_CHECKSUM;
    /// let builder = VirtualInterface::builder().tx_flags(flags);
    /// # let _ = builder;
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct TxFlags: u32 {
        /// It does not fill in the IPv4 header's checksum (`EF_VI_TX_IP_CSUM_DIS`).
        const NO_IP_CHECKSUM = 1;
        /// It does not fill in TCP's and UDP's checksums (`EF_VI_TX_TCPUDP_CSUM_DIS`).
        const NO_TRANSPORT_CHECKSUM = 2;
        /// It drops what is neither TCP nor UDP; the send completes all the same (`EF_VI_TX_TCPUDP_ONLY`).
        const TCP_UDP_ONLY = 4;
        /// It drops what is not from an IPv4 address and port that the VI has a filter for (`EF_VI_TX_FILTER_IP`): adapters
        /// older than those that this crate drives. Others may refuse it when the VI is built, or not heed it.
        const FILTER_IP = 8;
        /// The same of Ethernet addresses (`EF_VI_TX_FILTER_MAC`).
        const FILTER_MAC = 16;
    }
}

/// When a DMA send hands its descriptor over with the doorbell, which spares the adapter a fetch.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{TxPush, VirtualInterface};
///
/// let vi = VirtualInterface::builder().tx_push(TxPush::Below(4)).build(&domain)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TxPush {
    /// The library's way: while few descriptors are outstanding.
    #[default]
    Default,
    /// On every send (`EF_VI_TX_PUSH_ALWAYS`).
    Always,
    /// Never (`EF_VI_TX_PUSH_DISABLE`): each send rings the doorbell alone.
    Never,
    /// While fewer descriptors than this are outstanding (`ef_vi_set_tx_push_threshold`).
    Below(u32),
}

/// What becomes of a frame that the processor writes through too slowly.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{Capability, Ctpio, VirtualInterface};
///
/// let ctpio = domain.capability(Capability::Ctpio)?.map(|_| Ctpio::NoPoison); // if there is CTPIO
/// let vi = VirtualInterface::builder().ctpio(ctpio).build(&domain)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ctpio {
    /// Its start is on the wire already: the adapter ends it with a bad frame check sequence, and sends it again by the
    /// fallback. The fastest (`EF_VI_TX_CTPIO`).
    Poison,
    /// It never is: the adapter starts when it has the whole frame, whatever the cut-through threshold
    /// (`EF_VI_TX_CTPIO_NO_POISON`).
    NoPoison,
}
