//! What an adapter can do.

mod query;
mod sizes;

use core::fmt;

pub use query::{Capabilities, Pio, TxAlternatives};
pub use sizes::Sizes;

macro_rules! capabilities {
    ($($name:ident = $raw:ident, $text:literal, $doc:literal $(, since $since:literal)?;)*) => {
        /// A capability of an adapter, for [`ProtectionDomain::capability`](crate::ProtectionDomain::capability).
        ///
        /// ```
        /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
        /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
        /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
        /// use efvi::Capability;
        ///
        /// let can = domain.capability(Capability::Ctpio)?.is_some();
        /// println!("{}: {}", Capability::Ctpio, if can { "yes" } else { "no" });
        /// # Ok(())
        /// # }
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Capability {
            $(
                #[doc = concat!($doc, " (`", stringify!($raw), "`).", $(" Since Onload ", $since, ".")?)]
                $(#[cfg(onload_since = $since)])?
                $name,
            )*
        }

        impl Capability {
            /// All of them, in ef_vi's order: as many as `ef_vi_capabilities_max` says of this release.
            pub const ALL: &'static [Capability] = &[$($(#[cfg(onload_since = $since)])? Capability::$name,)*];

            pub(crate) fn raw(self) -> efvi_sys::ef_vi_capability {
                match self {
                    $($(#[cfg(onload_since = $since)])? Capability::$name => efvi_sys::$raw,)*
                }
            }
        }

        /// What it is, in words (what `ef_vi_capabilities_name` is for in C).
        impl fmt::Display for Capability {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $($(#[cfg(onload_since = $since)])? Capability::$name => $text,)*
                })
            }
        }
    };
}

capabilities! {
    Pio = EF_VI_CAP_PIO, "PIO", "Frames can be written into a region of the adapter's";
    PioRegionSize = EF_VI_CAP_PIO_BUFFER_SIZE, "the size of PIO regions", "How many bytes a PIO region has";
    PioRegions = EF_VI_CAP_PIO_BUFFER_COUNT, "the number of PIO regions", "How many PIO regions there are";
    MulticastLoopback = EF_VI_CAP_HW_MULTICAST_LOOPBACK, "loopback of multicast", "Multicast that is sent can loop back";
    MulticastReplication = EF_VI_CAP_HW_MULTICAST_REPLICATION, "replication of multicast", "Multicast goes to every VI with a filter for it";
    RxTimestamps = EF_VI_CAP_HW_RX_TIMESTAMPING, "receive timestamps", "Received frames carry the adapter's time";
    TxTimestamps = EF_VI_CAP_HW_TX_TIMESTAMPING, "transmit timestamps", "Sent frames are reported with the adapter's time";
    PackedStream = EF_VI_CAP_PACKED_STREAM, "packed streams", "Frames can be received packed into large buffers";
    PackedStreamBuffers = EF_VI_CAP_PACKED_STREAM_BUFFER_SIZES, "the sizes of packed-stream buffers", "Which sizes those buffers can have, as a mask of KiB";
    VirtualPorts = EF_VI_CAP_VPORTS, "virtual ports", "Domains can have a virtual port each";
    PhysicalAddresses = EF_VI_CAP_PHYS_MODE, "physical addressing", "Domains can use physical addresses";
    BufferAddresses = EF_VI_CAP_BUFFER_MODE, "buffer-table addressing", "Domains can use addresses by the adapter's table";
    MulticastFilterChaining = EF_VI_CAP_MULTICAST_FILTER_CHAINING, "chained multicast filters", "Several VIs can have the same multicast filter";
    MacSpoofing = EF_VI_CAP_MAC_SPOOFING, "foreign source addresses", "Frames can be sent from other Ethernet addresses";
    FilterUdpLocal = EF_VI_CAP_RX_FILTER_TYPE_UDP_LOCAL, "UDP filters, local end", "Filters on UDP over IPv4 by the local end";
    FilterTcpLocal = EF_VI_CAP_RX_FILTER_TYPE_TCP_LOCAL, "TCP filters, local end", "Filters on TCP over IPv4 by the local end";
    FilterUdpFull = EF_VI_CAP_RX_FILTER_TYPE_UDP_FULL, "UDP filters, both ends", "Filters on UDP over IPv4 by both ends";
    FilterTcpFull = EF_VI_CAP_RX_FILTER_TYPE_TCP_FULL, "TCP filters, both ends", "Filters on TCP over IPv4 by both ends";
    FilterIpVlan = EF_VI_CAP_RX_FILTER_TYPE_IP_VLAN, "IPv4 filters with a VLAN", "Filters on IPv4 can have a VLAN";
    FilterUdp6Local = EF_VI_CAP_RX_FILTER_TYPE_UDP6_LOCAL, "UDP filters over IPv6, local end", "Filters on UDP over IPv6 by the local end";
    FilterTcp6Local = EF_VI_CAP_RX_FILTER_TYPE_TCP6_LOCAL, "TCP filters over IPv6, local end", "Filters on TCP over IPv6 by the local end";
    FilterUdp6Full = EF_VI_CAP_RX_FILTER_TYPE_UDP6_FULL, "UDP filters over IPv6, both ends", "Filters on UDP over IPv6 by both ends";
    FilterTcp6Full = EF_VI_CAP_RX_FILTER_TYPE_TCP6_FULL, "TCP filters over IPv6, both ends", "Filters on TCP over IPv6 by both ends";
    FilterIp6Vlan = EF_VI_CAP_RX_FILTER_TYPE_IP6_VLAN, "IPv6 filters with a VLAN", "Filters on IPv6 can have a VLAN";
    FilterEthernet = EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL, "Ethernet filters", "Filters on the Ethernet address";
    FilterEthernetVlan = EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL_VLAN, "Ethernet filters with a VLAN", "Filters on the Ethernet address can have a VLAN";
    FilterAllUnicast = EF_VI_CAP_RX_FILTER_TYPE_UCAST_ALL, "filters for all unicast", "Filters for all unicast";
    FilterAllMulticast = EF_VI_CAP_RX_FILTER_TYPE_MCAST_ALL, "filters for all multicast", "Filters for all multicast";
    FilterUnicastMismatch = EF_VI_CAP_RX_FILTER_TYPE_UCAST_MISMATCH, "filters for unmatched unicast", "Filters for unicast that nothing else matches";
    FilterMulticastMismatch = EF_VI_CAP_RX_FILTER_TYPE_MCAST_MISMATCH, "filters for unmatched multicast", "Filters for multicast that nothing else matches";
    FilterSniff = EF_VI_CAP_RX_FILTER_TYPE_SNIFF, "sniffing", "Filters that copy what the port receives";
    FilterSniffSent = EF_VI_CAP_TX_FILTER_TYPE_SNIFF, "sniffing of what is sent", "Filters that copy what the port sends";
    FilterIpProtocol = EF_VI_CAP_RX_FILTER_IP4_PROTO, "IP protocol filters", "Filters on the IPv4 protocol";
    FilterEthertype = EF_VI_CAP_RX_FILTER_ETHERTYPE, "Ethernet type filters", "Filters on the Ethernet type";
    RxRingSizes = EF_VI_CAP_RXQ_SIZES, "the sizes of receive rings", "Which capacities a receive ring can have, as a mask";
    TxRingSizes = EF_VI_CAP_TXQ_SIZES, "the sizes of transmit rings", "Which capacities a transmit ring can have, as a mask";
    EventQueueSizes = EF_VI_CAP_EVQ_SIZES, "the sizes of event queues", "Which capacities an event queue can have, as a mask";
    ZeroRxPrefix = EF_VI_CAP_ZERO_RX_PREFIX, "receive without a prefix", "Frames can be received without a prefix";
    TxPushAlways = EF_VI_CAP_TX_PUSH_ALWAYS, "TX push on every send", "TX push can be asked for on every send";
    Pacing = EF_VI_CAP_NIC_PACE, "pacing", "The adapter can pace a transmit ring";
    RxMerge = EF_VI_CAP_RX_MERGE, "merging of receive events", "One event can report several received frames";
    TxAlternatives = EF_VI_CAP_TX_ALTERNATIVES, "TX alternatives", "Frames can be prepared and sent, or dropped, later";
    TxAlternativeCount = EF_VI_CAP_TX_ALTERNATIVES_VFIFOS, "the number of TX alternatives", "How many TX alternatives there are";
    TxAlternativeBuffers = EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFERS, "the number of buffers for TX alternatives", "How many buffers they share";
    RxFirmware = EF_VI_CAP_RX_FW_VARIANT, "the receive firmware", "Which variant of the firmware receives";
    TxFirmware = EF_VI_CAP_TX_FW_VARIANT, "the transmit firmware", "Which variant of the firmware sends";
    Ctpio = EF_VI_CAP_CTPIO, "CTPIO", "Frames can be written through to the wire";
    TxAlternativeBufferSize = EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFER_SIZE, "the size of buffers for TX alternatives", "How many bytes each of those buffers has";
    RxMergeForced = EF_VI_CAP_RX_FORCE_EVENT_MERGING, "forced merging of receive events", "Receive events are always merged";
    MinPage = EF_VI_CAP_MIN_BUFFER_MODE_SIZE, "the least page of registered memory", "How large the pages of registered memory must be, in bytes";
    CtpioOnly = EF_VI_CAP_CTPIO_ONLY, "CTPIO as the only way to send", "CTPIO is the only way to send";
    RxShared = EF_VI_CAP_RX_SHARED, "shared receive queues", "Receive queues are shared by the driver";
    FilterQueue = EF_VI_CAP_RX_FILTER_SET_DEST, "filters to a queue", "Filters can name the receive queue";
    FilterMacIpProtocol = EF_VI_CAP_RX_FILTER_MAC_IP4_PROTO, "IP protocol filters with an Ethernet address", "Filters on the IPv4 protocol can have an Ethernet address", since "8.1.2";
    RxPoll = EF_VI_CAP_RX_POLL, "polling for receive events alone", "Receive events can be polled for alone", since "9.0.2";
    RxRef = EF_VI_CAP_RX_REF, "received frames by reference", "Frames are received into the driver's buffers and lent", since "9.1.0";
    ExtraDatapaths = EF_VI_CAP_EXTRA_DATAPATHS, "further datapaths", "Which further datapaths there are, as a mask", since "9.1.0";
    RxFilterId = EF_VI_CAP_RX_FILTER_ID, "filter ids of received frames", "Received frames say which filter steered them", since "9.1-next";
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    #[test]
    fn every_capability_of_the_release_is_there_in_order() {
        let raw: Vec<_> = Capability::ALL.iter().map(|capability| capability.raw()).collect();
        assert_eq!(raw, (0..efvi_sys::EF_VI_CAP_MAX).collect::<Vec<_>>());
    }
}
