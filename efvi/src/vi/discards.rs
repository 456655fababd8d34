//! Which wrong frames are discards.

use bitflags::bitflags;

use crate::error::Result;

use super::Interface;

bitflags! {
    /// What the adapter finds wrong with frames, to choose what makes a discard ([`Interface::set_discards`]).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Discards: u32 {
        /// A wrong TCP or UDP checksum (`EF_VI_DISCARD_RX_L4_CSUM_ERR`).
        const TRANSPORT_CHECKSUM = efvi_sys::EF_VI_DISCARD_RX_L4_CSUM_ERR;
        /// A wrong IPv4 header checksum (`EF_VI_DISCARD_RX_L3_CSUM_ERR`).
        const IP_CHECKSUM = efvi_sys::EF_VI_DISCARD_RX_L3_CSUM_ERR;
        /// A wrong frame check sequence (`EF_VI_DISCARD_RX_ETH_FCS_ERR`).
        const CRC = efvi_sys::EF_VI_DISCARD_RX_ETH_FCS_ERR;
        /// A frame that is not as long as it says (`EF_VI_DISCARD_RX_ETH_LEN_ERR`).
        const LENGTH = efvi_sys::EF_VI_DISCARD_RX_ETH_LEN_ERR;
        /// A frame that the adapter has marked for discard (`EF_VI_DISCARD_RX_TOBE_DISC`).
        const MARKED = efvi_sys::EF_VI_DISCARD_RX_TOBE_DISC;
        /// A wrong TCP or UDP checksum within a tunnel (`EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR`).
        const INNER_TRANSPORT_CHECKSUM = efvi_sys::EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR;
        /// A wrong IPv4 header checksum within a tunnel (`EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR`).
        const INNER_IP_CHECKSUM = efvi_sys::EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR;
    }
}

impl Interface {
    /// Chooses what makes a frame an [`Event::Discarded`](crate::Event::Discarded) (`ef_vi_receive_set_discards`): the
    /// other frames with something wrong come as [`Event::Received`](crate::Event::Received), and nothing tells them from
    /// good ones. At first it is what the library chooses, errors of checksum, check sequence and length among them.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// use efvi::Discards;
    ///
    /// // The feed has checks of its own.
    /// vi.set_discards(Discards::all() - Discards::TRANSPORT_CHECKSUM)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Query`](crate::Error::Query) when the adapter has no such choice.
    pub fn set_discards(&self, discards: Discards) -> Result<()> {
        let inner = &self.inner;
        // SAFETY: the VI is live and this its only thread; the entry of the library's table is there when it is called.
        let code = unsafe {
            match (*inner.vi()).ops.receive_set_discards {
                Some(_) => efvi_sys::ef_vi_receive_set_discards(inner.vi(), discards.bits()),
                None => -libc::EOPNOTSUPP,
            }
        };
        if code < 0 { Err(inner.query_error("ef_vi_receive_set_discards", code)) } else { Ok(()) }
    }
}
