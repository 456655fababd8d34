//! What capabilities are called.

use crate::abi::*;
use core::ffi::{CStr, c_char};

/// `ef_vi_capabilities_name`.
#[unsafe(no_mangle)]
extern "C" fn ef_vi_capabilities_name(cap: ef_vi_capability) -> *const c_char {
    name(cap).as_ptr()
}

fn name(capability: ef_vi_capability) -> &'static CStr {
    match capability {
        EF_VI_CAP_PIO => c"Programmed I/O",
        EF_VI_CAP_PIO_BUFFER_SIZE => c"Bytes of a programmed-I/O region",
        EF_VI_CAP_PIO_BUFFER_COUNT => c"Number of programmed-I/O regions",
        EF_VI_CAP_HW_MULTICAST_LOOPBACK => c"Loopback of multicast by the adapter",
        EF_VI_CAP_HW_MULTICAST_REPLICATION => c"Replication of multicast by the adapter",
        EF_VI_CAP_HW_RX_TIMESTAMPING => c"Receive timestamps",
        EF_VI_CAP_HW_TX_TIMESTAMPING => c"Transmit timestamps",
        EF_VI_CAP_PACKED_STREAM => c"Packed streams",
        EF_VI_CAP_PACKED_STREAM_BUFFER_SIZES => c"Sizes of packed-stream buffers, as a mask of KiB",
        EF_VI_CAP_VPORTS => c"Virtual ports",
        EF_VI_CAP_PHYS_MODE => c"Physical addressing",
        EF_VI_CAP_BUFFER_MODE => c"Buffer-table addressing",
        EF_VI_CAP_MULTICAST_FILTER_CHAINING => c"Several filters for the same multicast group",
        EF_VI_CAP_MAC_SPOOFING => c"Sending from foreign MAC addresses",
        EF_VI_CAP_RX_FILTER_TYPE_UDP_LOCAL => c"Filters on UDP over IPv4, local end",
        EF_VI_CAP_RX_FILTER_TYPE_TCP_LOCAL => c"Filters on TCP over IPv4, local end",
        EF_VI_CAP_RX_FILTER_TYPE_UDP_FULL => c"Filters on UDP over IPv4, both ends",
        EF_VI_CAP_RX_FILTER_TYPE_TCP_FULL => c"Filters on TCP over IPv4, both ends",
        EF_VI_CAP_RX_FILTER_TYPE_IP_VLAN => c"IPv4 filters with a VLAN",
        EF_VI_CAP_RX_FILTER_TYPE_UDP6_LOCAL => c"Filters on UDP over IPv6, local end",
        EF_VI_CAP_RX_FILTER_TYPE_TCP6_LOCAL => c"Filters on TCP over IPv6, local end",
        EF_VI_CAP_RX_FILTER_TYPE_UDP6_FULL => c"Filters on UDP over IPv6, both ends",
        EF_VI_CAP_RX_FILTER_TYPE_TCP6_FULL => c"Filters on TCP over IPv6, both ends",
        EF_VI_CAP_RX_FILTER_TYPE_IP6_VLAN => c"IPv6 filters with a VLAN",
        EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL => c"Filters on the destination MAC address",
        EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL_VLAN => c"Filters on the destination MAC address with a VLAN",
        EF_VI_CAP_RX_FILTER_TYPE_UCAST_ALL => c"Filters on all unicast",
        EF_VI_CAP_RX_FILTER_TYPE_MCAST_ALL => c"Filters on all multicast",
        EF_VI_CAP_RX_FILTER_TYPE_UCAST_MISMATCH => c"Filters on unmatched unicast",
        EF_VI_CAP_RX_FILTER_TYPE_MCAST_MISMATCH => c"Filters on unmatched multicast",
        EF_VI_CAP_RX_FILTER_TYPE_SNIFF => c"Copies of all that is received",
        EF_VI_CAP_TX_FILTER_TYPE_SNIFF => c"Copies of all that is sent",
        EF_VI_CAP_RX_FILTER_IP4_PROTO => c"Filters on the IPv4 protocol",
        EF_VI_CAP_RX_FILTER_ETHERTYPE => c"Filters on the Ethernet type",
        EF_VI_CAP_RXQ_SIZES => c"Sizes of receive rings, as a mask",
        EF_VI_CAP_TXQ_SIZES => c"Sizes of transmit rings, as a mask",
        EF_VI_CAP_EVQ_SIZES => c"Sizes of event queues, as a mask",
        EF_VI_CAP_ZERO_RX_PREFIX => c"Receive without a prefix",
        EF_VI_CAP_TX_PUSH_ALWAYS => c"Pushing a descriptor with every doorbell",
        EF_VI_CAP_NIC_PACE => c"Pacing",
        EF_VI_CAP_RX_MERGE => c"Merging of receive events",
        EF_VI_CAP_TX_ALTERNATIVES => c"TX alternatives",
        EF_VI_CAP_TX_ALTERNATIVES_VFIFOS => c"Number of TX alternatives",
        EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFERS => c"Number of buffers for TX alternatives",
        EF_VI_CAP_RX_FW_VARIANT => c"Variant of the receive firmware",
        EF_VI_CAP_TX_FW_VARIANT => c"Variant of the transmit firmware",
        EF_VI_CAP_CTPIO => c"CTPIO",
        EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFER_SIZE => c"Bytes of a buffer for TX alternatives",
        EF_VI_CAP_RX_FORCE_EVENT_MERGING => c"Receive events are always merged",
        EF_VI_CAP_MIN_BUFFER_MODE_SIZE => c"Least page size of registered memory, in bytes",
        EF_VI_CAP_CTPIO_ONLY => c"CTPIO is the only way to send",
        EF_VI_CAP_RX_SHARED => c"Receive queues are shared",
        EF_VI_CAP_RX_FILTER_SET_DEST => c"Filters with a chosen queue",
        #[cfg(onload_since = "8.1.2")]
        EF_VI_CAP_RX_FILTER_MAC_IP4_PROTO => c"Filters on MAC address and IPv4 protocol",
        #[cfg(onload_since = "9.0.2")]
        EF_VI_CAP_RX_POLL => c"Receive events can be polled for alone",
        #[cfg(onload_since = "9.1.0")]
        EF_VI_CAP_RX_REF => c"Receive events carry packet ids",
        #[cfg(onload_since = "9.1.0")]
        EF_VI_CAP_EXTRA_DATAPATHS => c"Further datapaths: EF_VI_EXTRA_DATAPATH_*",
        #[cfg(onload_since = "9.1-next")]
        EF_VI_CAP_RX_FILTER_ID => c"Report of the filter that steered a packet",
        _ => c"Unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_capability_has_a_name_of_its_own() {
        let names: std::collections::HashSet<_> = (0..EF_VI_CAP_MAX).map(name).collect();
        assert_eq!(names.len(), EF_VI_CAP_MAX as usize);
        assert!(!names.contains(c"Unknown"));
        assert_eq!(name(EF_VI_CAP_MAX), c"Unknown");
    }
}
