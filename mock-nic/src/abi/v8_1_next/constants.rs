// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! Enumerators and constants.

#![allow(non_upper_case_globals)]

use super::*;

/// A packet, or a part of one, was received. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RX: u32 = 0;

/// Sends completed; unbundle it. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_TX: u32 = 1;

/// Something was received with an error. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RX_DISCARD: u32 = 2;

/// A send failed; the transmit ring is dead until revived. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_TX_ERROR: u32 = 3;

/// A packet was cut short for want of receive buffers. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RX_NO_DESC_TRUNC: u32 = 4;

/// A software event. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_SW: u32 = 5;

/// The event queue overflowed and is broken. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_OFLOW: u32 = 6;

/// One send completed, with its time. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_TX_WITH_TIMESTAMP: u32 = 7;

/// Packets were received in a packed stream. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RX_PACKED_STREAM: u32 = 8;

/// Several buffers were received into, by event merging. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RX_MULTI: u32 = 9;

/// A TX alternative sent or dropped a packet. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_TX_ALT: u32 = 10;

/// Several buffers were received into, with an error. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RX_MULTI_DISCARD: u32 = 11;

/// The adapter was reset. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RESET: u32 = 12;

/// A copy by the adapter was done. Since Onload 8.1 or before, not in 9.0.1, 9.0.2, 9.1.0, 9.1.1, 9.1-next, 9.2.0, 9.2-next.
pub const EF_EVENT_TYPE_MEMCPY: u32 = 13;

/// Several packets were received. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RX_MULTI_PKTS: u32 = 14;

/// A packet was received into a shared buffer. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RX_REF: u32 = 15;

/// A packet with an error was received into a shared buffer. Since Onload 8.1 or before.
pub const EF_EVENT_TYPE_RX_REF_DISCARD: u32 = 16;

/// An IP, TCP or UDP checksum is wrong. Since Onload 8.1 or before.
pub const EF_EVENT_RX_DISCARD_CSUM_BAD: u32 = 0;

/// A multicast address matched by its hash only. Since Onload 8.1 or before.
pub const EF_EVENT_RX_DISCARD_MCAST_MISMATCH: u32 = 1;

/// The frame's checksum is wrong. Since Onload 8.1 or before.
pub const EF_EVENT_RX_DISCARD_CRC_BAD: u32 = 2;

/// The frame was cut short. Since Onload 8.1 or before.
pub const EF_EVENT_RX_DISCARD_TRUNC: u32 = 3;

/// The buffer may not be written to. Since Onload 8.1 or before.
pub const EF_EVENT_RX_DISCARD_RIGHTS: u32 = 4;

/// An earlier receive event was lost. Since Onload 8.1 or before.
pub const EF_EVENT_RX_DISCARD_EV_ERROR: u32 = 5;

/// Any other reason. Since Onload 8.1 or before.
pub const EF_EVENT_RX_DISCARD_OTHER: u32 = 6;

/// A checksum inside a tunnel is wrong. Since Onload 8.1 or before.
pub const EF_EVENT_RX_DISCARD_INNER_CSUM_BAD: u32 = 7;

/// Number of discard reasons. Since Onload 8.1 or before.
pub const EF_EVENT_RX_DISCARD_MAX: u32 = 8;

/// The buffer may not be read. Since Onload 8.1 or before.
pub const EF_EVENT_TX_ERROR_RIGHTS: u32 = 0;

/// The pacing queue overflowed. Since Onload 8.1 or before.
pub const EF_EVENT_TX_ERROR_OFLOW: u32 = 1;

/// The packet is too large. Since Onload 8.1 or before.
pub const EF_EVENT_TX_ERROR_2BIG: u32 = 2;

/// The bus failed. Since Onload 8.1 or before.
pub const EF_EVENT_TX_ERROR_BUS: u32 = 3;

/// No options. Since Onload 8.1 or before.
pub const EF_VI_FLAGS_DEFAULT: ef_vi_flags = 0;

/// Check iSCSI header digests on receive. Since Onload 8.1 or before.
pub const EF_VI_ISCSI_RX_HDIG: ef_vi_flags = 2;

/// Insert iSCSI header digests on transmit. Since Onload 8.1 or before.
pub const EF_VI_ISCSI_TX_HDIG: ef_vi_flags = 4;

/// Check iSCSI data digests on receive. Since Onload 8.1 or before.
pub const EF_VI_ISCSI_RX_DDIG: ef_vi_flags = 8;

/// Insert iSCSI data digests on transmit. Since Onload 8.1 or before.
pub const EF_VI_ISCSI_TX_DDIG: ef_vi_flags = 16;

/// Transmit buffers have physical addresses. Since Onload 8.1 or before.
pub const EF_VI_TX_PHYS_ADDR: ef_vi_flags = 32;

/// Receive buffers have physical addresses. Since Onload 8.1 or before.
pub const EF_VI_RX_PHYS_ADDR: ef_vi_flags = 64;

/// Do not insert IP checksums. Since Onload 8.1 or before.
pub const EF_VI_TX_IP_CSUM_DIS: ef_vi_flags = 128;

/// Do not insert TCP and UDP checksums. Since Onload 8.1 or before.
pub const EF_VI_TX_TCPUDP_CSUM_DIS: ef_vi_flags = 256;

/// Send TCP and UDP packets only. Since Onload 8.1 or before.
pub const EF_VI_TX_TCPUDP_ONLY: ef_vi_flags = 512;

/// Check sent packets against the IP filters. Since Onload 8.1 or before.
pub const EF_VI_TX_FILTER_IP: ef_vi_flags = 1024;

/// Check sent packets against the MAC filters. Since Onload 8.1 or before.
pub const EF_VI_TX_FILTER_MAC: ef_vi_flags = 2048;

/// First mask of the transmit filter. Since Onload 8.1 or before.
pub const EF_VI_TX_FILTER_MASK_1: ef_vi_flags = 4096;

/// Second mask of the transmit filter. Since Onload 8.1 or before.
pub const EF_VI_TX_FILTER_MASK_2: ef_vi_flags = 8192;

/// Both masks of the transmit filter. Since Onload 8.1 or before.
pub const EF_VI_TX_FILTER_MASK_3: ef_vi_flags = 12288;

/// Never push a descriptor with the doorbell. Since Onload 8.1 or before.
pub const EF_VI_TX_PUSH_DISABLE: ef_vi_flags = 16384;

/// Always push a descriptor with the doorbell. Since Onload 8.1 or before.
pub const EF_VI_TX_PUSH_ALWAYS: ef_vi_flags = 32768;

/// Timestamp received packets. Since Onload 8.1 or before.
pub const EF_VI_RX_TIMESTAMPS: ef_vi_flags = 65536;

/// Timestamp sent packets. Since Onload 8.1 or before.
pub const EF_VI_TX_TIMESTAMPS: ef_vi_flags = 131072;

/// Receive in packed streams. Since Onload 8.1 or before.
pub const EF_VI_RX_PACKED_STREAM: ef_vi_flags = 524288;

/// Packed-stream buffers of 64 KiB. Since Onload 8.1 or before.
pub const EF_VI_RX_PS_BUF_SIZE_64K: ef_vi_flags = 1048576;

/// Merge receive events. Since Onload 8.1 or before.
pub const EF_VI_RX_EVENT_MERGE: ef_vi_flags = 2097152;

/// Have TX alternatives. Since Onload 8.1 or before.
pub const EF_VI_TX_ALT: ef_vi_flags = 4194304;

/// Have the event queue's timer. Since Onload 8.1 or before.
pub const EF_VI_ENABLE_EV_TIMER: ef_vi_flags = 8388608;

/// Have CTPIO. Since Onload 8.1 or before.
pub const EF_VI_TX_CTPIO: ef_vi_flags = 16777216;

/// Buffer CTPIO frames whole, so that none is poisoned. Since Onload 8.1 or before.
pub const EF_VI_TX_CTPIO_NO_POISON: ef_vi_flags = 33554432;

/// Receive without a copy on AF_XDP. Since Onload 8.1 or before.
pub const EF_VI_RX_ZEROCOPY: ef_vi_flags = 67108864;

/// Allow copies by the adapter. Since Onload 8.1 or before.
pub const EF_VI_ALLOW_MEMCPY: ef_vi_flags = 134217728;

/// Receive on one shared queue only. Since Onload 8.1 or before.
pub const EF_VI_EFCT_UNIQUEUE: ef_vi_flags = 268435456;

/// Share the receive queue with nobody. Since Onload 8.1 or before.
pub const EF_VI_RX_EXCLUSIVE: ef_vi_flags = 536870912;

/// Timestamps come with the clock's state. Since Onload 8.1 or before.
pub const EF_VI_OUT_CLOCK_SYNC_STATUS: ef_vi_out_flags = 1;

/// TCP or UDP checksum. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_L4_CSUM_ERR: ef_vi_rx_discard_err_flags = 1;

/// IP checksum. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_L3_CSUM_ERR: ef_vi_rx_discard_err_flags = 2;

/// Frame checksum. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_ETH_FCS_ERR: ef_vi_rx_discard_err_flags = 4;

/// Frame length. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_ETH_LEN_ERR: ef_vi_rx_discard_err_flags = 8;

/// Not used any more. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_TOBE_DISC: ef_vi_rx_discard_err_flags = 16;

/// TCP or UDP checksum inside a tunnel. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR: ef_vi_rx_discard_err_flags = 32;

/// IP checksum inside a tunnel. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR: ef_vi_rx_discard_err_flags = 64;

/// Link layer not recognised. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_L2_CLASS_OTHER: ef_vi_rx_discard_err_flags = 128;

/// Network layer not recognised. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_L3_CLASS_OTHER: ef_vi_rx_discard_err_flags = 256;

/// Transport layer not recognised. Since Onload 8.1 or before.
pub const EF_VI_DISCARD_RX_L4_CLASS_OTHER: ef_vi_rx_discard_err_flags = 512;

/// Fractions of a second in 27 bits. Since Onload 8.1 or before.
pub const TS_FORMAT_SECONDS_27FRACTION: ef_timestamp_format = 0;

/// Quarters of a nanosecond. Since Onload 8.1 or before.
pub const TS_FORMAT_SECONDS_QTR_NANOSECONDS: ef_timestamp_format = 1;

/// 5000 and 6000 series. Since Onload 8.1 or before.
pub const EF_VI_ARCH_FALCON: ef_vi_arch = 0;

/// 7000 and 8000 series, X2. Since Onload 8.1 or before.
pub const EF_VI_ARCH_EF10: ef_vi_arch = 1;

/// SN1000 series. Since Onload 8.1 or before.
pub const EF_VI_ARCH_EF100: ef_vi_arch = 2;

/// X3. Since Onload 8.1 or before.
pub const EF_VI_ARCH_EFCT: ef_vi_arch = 3;

/// Any adapter, through AF_XDP. Since Onload 8.1 or before.
pub const EF_VI_ARCH_AF_XDP: ef_vi_arch = 4;

/// The mark is given. Since Onload 8.1 or before.
pub const EF_VI_TX_EXTRA_MARK: ef_vi_tx_extra_flags = 1;

/// The ingress port is given. Since Onload 8.1 or before.
pub const EF_VI_TX_EXTRA_INGRESS_MPORT: ef_vi_tx_extra_flags = 2;

/// The egress port is given. Since Onload 8.1 or before.
pub const EF_VI_TX_EXTRA_EGRESS_MPORT: ef_vi_tx_extra_flags = 4;

/// The packet begins with capsule metadata. Since Onload 8.1 or before.
pub const EF_VI_TX_EXTRA_CAPSULE_METADATA: ef_vi_tx_extra_flags = 8;

/// The frame. Since Onload 8.1 or before.
pub const EF_VI_LAYOUT_FRAME: ef_vi_layout_type = 0;

/// Fraction of the receive time, 32 bits. Since Onload 8.1 or before.
pub const EF_VI_LAYOUT_MINOR_TICKS: ef_vi_layout_type = 1;

/// Length of the packet, 16 bits. Since Onload 8.1 or before.
pub const EF_VI_LAYOUT_PACKET_LENGTH: ef_vi_layout_type = 2;

/// No options. Since Onload 8.1 or before.
pub const EF_FILTER_FLAG_NONE: ef_filter_flags = 0;

/// Receive multicast that this host sends. Since Onload 8.1 or before.
pub const EF_FILTER_FLAG_MCAST_LOOP_RECEIVE: ef_filter_flags = 2;

/// Use a receive queue of one's own. Since Onload 8.1 or before.
pub const EF_FILTER_FLAG_EXCLUSIVE_RXQ: ef_filter_flags = 4;

/// Match any VLAN and none. Since Onload 8.1 or before.
pub const EF_FILTER_VLAN_ID_ANY: i32 = -1;

/// The filter's id. Since Onload 8.1 or before.
pub const EF_FILTER_FIELD_ID: ef_filter_info_fields = 1;

/// The receive queue. Since Onload 8.1 or before.
pub const EF_FILTER_FIELD_QUEUE: ef_filter_info_fields = 2;

/// The receive queue is the VI's own. Since Onload 8.1.2.
pub const EF_FILTER_IS_EXCLUSIVE: ef_filter_info_flags = 4;

/// No options. Since Onload 8.1 or before.
pub const EF_PD_DEFAULT: ef_pd_flags = 0;

/// Use a virtual function. Since Onload 8.1 or before.
pub const EF_PD_VF: ef_pd_flags = 1;

/// Use physical addresses. Since Onload 8.1 or before.
pub const EF_PD_PHYS_MODE: ef_pd_flags = 2;

/// Allow packed streams. Since Onload 8.1 or before.
pub const EF_PD_RX_PACKED_STREAM: ef_pd_flags = 4;

/// Have a virtual port. Since Onload 8.1 or before.
pub const EF_PD_VPORT: ef_pd_flags = 8;

/// Loop multicast back to this host. Since Onload 8.1 or before.
pub const EF_PD_MCAST_LOOP: ef_pd_flags = 16;

/// Registered memory comes in pieces of 64 KiB. Since Onload 8.1 or before.
pub const EF_PD_MEMREG_64KiB: ef_pd_flags = 32;

/// Use interfaces that Onload is told to leave alone. Since Onload 8.1 or before.
pub const EF_PD_IGNORE_BLACKLIST: ef_pd_flags = 64;

/// Programmed I/O. Since Onload 8.1 or before.
pub const EF_VI_CAP_PIO: ef_vi_capability = 0;

/// Bytes of a programmed-I/O region. Since Onload 8.1 or before.
pub const EF_VI_CAP_PIO_BUFFER_SIZE: ef_vi_capability = 1;

/// Number of programmed-I/O regions. Since Onload 8.1 or before.
pub const EF_VI_CAP_PIO_BUFFER_COUNT: ef_vi_capability = 2;

/// Loopback of multicast by the adapter. Since Onload 8.1 or before.
pub const EF_VI_CAP_HW_MULTICAST_LOOPBACK: ef_vi_capability = 3;

/// Replication of multicast by the adapter. Since Onload 8.1 or before.
pub const EF_VI_CAP_HW_MULTICAST_REPLICATION: ef_vi_capability = 4;

/// Receive timestamps. Since Onload 8.1 or before.
pub const EF_VI_CAP_HW_RX_TIMESTAMPING: ef_vi_capability = 5;

/// Transmit timestamps. Since Onload 8.1 or before.
pub const EF_VI_CAP_HW_TX_TIMESTAMPING: ef_vi_capability = 6;

/// Packed streams. Since Onload 8.1 or before.
pub const EF_VI_CAP_PACKED_STREAM: ef_vi_capability = 7;

/// Sizes of packed-stream buffers, as a mask of KiB. Since Onload 8.1 or before.
pub const EF_VI_CAP_PACKED_STREAM_BUFFER_SIZES: ef_vi_capability = 8;

/// Virtual ports. Since Onload 8.1 or before.
pub const EF_VI_CAP_VPORTS: ef_vi_capability = 9;

/// Physical addressing. Since Onload 8.1 or before.
pub const EF_VI_CAP_PHYS_MODE: ef_vi_capability = 10;

/// Buffer-table addressing. Since Onload 8.1 or before.
pub const EF_VI_CAP_BUFFER_MODE: ef_vi_capability = 11;

/// Several filters for the same multicast group. Since Onload 8.1 or before.
pub const EF_VI_CAP_MULTICAST_FILTER_CHAINING: ef_vi_capability = 12;

/// Sending from foreign MAC addresses. Since Onload 8.1 or before.
pub const EF_VI_CAP_MAC_SPOOFING: ef_vi_capability = 13;

/// Filters on UDP over IPv4, local end. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_UDP_LOCAL: ef_vi_capability = 14;

/// Filters on TCP over IPv4, local end. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_TCP_LOCAL: ef_vi_capability = 15;

/// Filters on UDP over IPv4, both ends. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_UDP_FULL: ef_vi_capability = 16;

/// Filters on TCP over IPv4, both ends. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_TCP_FULL: ef_vi_capability = 17;

/// IPv4 filters with a VLAN. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_IP_VLAN: ef_vi_capability = 18;

/// Filters on UDP over IPv6, local end. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_UDP6_LOCAL: ef_vi_capability = 19;

/// Filters on TCP over IPv6, local end. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_TCP6_LOCAL: ef_vi_capability = 20;

/// Filters on UDP over IPv6, both ends. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_UDP6_FULL: ef_vi_capability = 21;

/// Filters on TCP over IPv6, both ends. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_TCP6_FULL: ef_vi_capability = 22;

/// IPv6 filters with a VLAN. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_IP6_VLAN: ef_vi_capability = 23;

/// Filters on the destination MAC address. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL: ef_vi_capability = 24;

/// Filters on the destination MAC address with a VLAN. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL_VLAN: ef_vi_capability = 25;

/// Filters on all unicast. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_UCAST_ALL: ef_vi_capability = 26;

/// Filters on all multicast. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_MCAST_ALL: ef_vi_capability = 27;

/// Filters on unmatched unicast. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_UCAST_MISMATCH: ef_vi_capability = 28;

/// Filters on unmatched multicast. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_MCAST_MISMATCH: ef_vi_capability = 29;

/// Copies of all that is received. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_TYPE_SNIFF: ef_vi_capability = 30;

/// Copies of all that is sent. Since Onload 8.1 or before.
pub const EF_VI_CAP_TX_FILTER_TYPE_SNIFF: ef_vi_capability = 31;

/// Filters on the IPv4 protocol. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_IP4_PROTO: ef_vi_capability = 32;

/// Filters on the Ethernet type. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_ETHERTYPE: ef_vi_capability = 33;

/// Sizes of receive rings, as a mask. Since Onload 8.1 or before.
pub const EF_VI_CAP_RXQ_SIZES: ef_vi_capability = 34;

/// Sizes of transmit rings, as a mask. Since Onload 8.1 or before.
pub const EF_VI_CAP_TXQ_SIZES: ef_vi_capability = 35;

/// Sizes of event queues, as a mask. Since Onload 8.1 or before.
pub const EF_VI_CAP_EVQ_SIZES: ef_vi_capability = 36;

/// Receive without a prefix. Since Onload 8.1 or before.
pub const EF_VI_CAP_ZERO_RX_PREFIX: ef_vi_capability = 37;

/// Pushing a descriptor with every doorbell. Since Onload 8.1 or before.
pub const EF_VI_CAP_TX_PUSH_ALWAYS: ef_vi_capability = 38;

/// Pacing. Since Onload 8.1 or before.
pub const EF_VI_CAP_NIC_PACE: ef_vi_capability = 39;

/// Merging of receive events. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_MERGE: ef_vi_capability = 40;

/// TX alternatives. Since Onload 8.1 or before.
pub const EF_VI_CAP_TX_ALTERNATIVES: ef_vi_capability = 41;

/// Number of TX alternatives. Since Onload 8.1 or before.
pub const EF_VI_CAP_TX_ALTERNATIVES_VFIFOS: ef_vi_capability = 42;

/// Number of buffers for TX alternatives. Since Onload 8.1 or before.
pub const EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFERS: ef_vi_capability = 43;

/// Variant of the receive firmware. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FW_VARIANT: ef_vi_capability = 44;

/// Variant of the transmit firmware. Since Onload 8.1 or before.
pub const EF_VI_CAP_TX_FW_VARIANT: ef_vi_capability = 45;

/// CTPIO. Since Onload 8.1 or before.
pub const EF_VI_CAP_CTPIO: ef_vi_capability = 46;

/// Bytes of a buffer for TX alternatives. Since Onload 8.1 or before.
pub const EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFER_SIZE: ef_vi_capability = 47;

/// Receive events are always merged. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FORCE_EVENT_MERGING: ef_vi_capability = 48;

/// Least page size of registered memory, in bytes. Since Onload 8.1 or before.
pub const EF_VI_CAP_MIN_BUFFER_MODE_SIZE: ef_vi_capability = 49;

/// CTPIO is the only way to send. Since Onload 8.1 or before.
pub const EF_VI_CAP_CTPIO_ONLY: ef_vi_capability = 50;

/// Receive queues are shared. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_SHARED: ef_vi_capability = 51;

/// Filters with a chosen queue. Since Onload 8.1 or before.
pub const EF_VI_CAP_RX_FILTER_SET_DEST: ef_vi_capability = 52;

/// Filters on MAC address and IPv4 protocol. Since Onload 8.1.2.
pub const EF_VI_CAP_RX_FILTER_MAC_IP4_PROTO: ef_vi_capability = 53;

/// Number of capabilities. Since Onload 8.1 or before.
pub const EF_VI_CAP_MAX: ef_vi_capability = 54;

/// Transmit times by the adapter. Since Onload 8.1 or before.
pub const ONLOAD_TIMESTAMPING_FLAG_TX_NIC: onload_timestamping_flags = 1;

/// Receive times by the adapter. Since Onload 8.1 or before.
pub const ONLOAD_TIMESTAMPING_FLAG_RX_NIC: onload_timestamping_flags = 2;

/// Receive times by a switch's trailer. Since Onload 8.1 or before.
pub const ONLOAD_TIMESTAMPING_FLAG_RX_CPACKET: onload_timestamping_flags = 4;

/// Leave the scope as it is. Since Onload 8.1 or before.
pub const ONLOAD_SCOPE_NOCHANGE: onload_stackname_scope = 0;

/// The thread. Since Onload 8.1 or before.
pub const ONLOAD_SCOPE_THREAD: onload_stackname_scope = 1;

/// The process. Since Onload 8.1 or before.
pub const ONLOAD_SCOPE_PROCESS: onload_stackname_scope = 2;

/// The user's processes. Since Onload 8.1 or before.
pub const ONLOAD_SCOPE_USER: onload_stackname_scope = 3;

/// All processes. Since Onload 8.1 or before.
pub const ONLOAD_SCOPE_GLOBAL: onload_stackname_scope = 4;

/// The calling thread. Since Onload 8.1 or before.
pub const ONLOAD_THIS_THREAD: onload_stackname_who = 0;

/// All threads of the process. Since Onload 8.1 or before.
pub const ONLOAD_ALL_THREADS: onload_stackname_who = 1;

/// Every kind of call. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_ALL: onload_spin_type = 0;

/// Receive on UDP. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_UDP_RECV: onload_spin_type = 1;

/// Send on UDP. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_UDP_SEND: onload_spin_type = 2;

/// Receive on TCP. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_TCP_RECV: onload_spin_type = 3;

/// Send on TCP. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_TCP_SEND: onload_spin_type = 4;

/// Accept on TCP. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_TCP_ACCEPT: onload_spin_type = 5;

/// Read from a pipe. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_PIPE_RECV: onload_spin_type = 6;

/// Write to a pipe. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_PIPE_SEND: onload_spin_type = 7;

/// select. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_SELECT: onload_spin_type = 8;

/// poll. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_POLL: onload_spin_type = 9;

/// Wait for packet buffers. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_PKT_WAIT: onload_spin_type = 10;

/// epoll. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_EPOLL_WAIT: onload_spin_type = 11;

/// Wait for the stack's lock. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_STACK_LOCK: onload_spin_type = 12;

/// Wait for a socket's lock. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_SOCK_LOCK: onload_spin_type = 13;

/// What SO_BUSY_POLL sets. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_SO_BUSY_POLL: onload_spin_type = 14;

/// Connect on TCP. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_TCP_CONNECT: onload_spin_type = 15;

/// What the option EF_POLL_USEC sets. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_MIMIC_EF_POLL: onload_spin_type = 16;

/// Number of kinds. Since Onload 8.1 or before.
pub const ONLOAD_SPIN_MAX: onload_spin_type = 17;

/// `ONLOAD_MSG_WARM`. Since Onload 8.1 or before.
pub const ONLOAD_FD_FEAT_MSG_WARM: onload_fd_feature = 0;

/// UDP transmit times come with headers. Since Onload 8.1 or before.
pub const ONLOAD_FD_FEAT_UDP_TX_TS_HDR: onload_fd_feature = 1;

/// Prepared. Since Onload 8.1 or before.
pub const ONLOAD_DELEGATED_SEND_RC_OK: onload_delegated_send_rc = 0;

/// Not a connected, accelerated TCP socket. Since Onload 8.1 or before.
pub const ONLOAD_DELEGATED_SEND_RC_BAD_SOCKET: onload_delegated_send_rc = 1;

/// The buffer for headers is too small. Since Onload 8.1 or before.
pub const ONLOAD_DELEGATED_SEND_RC_SMALL_HEADER: onload_delegated_send_rc = 2;

/// The send queue is not empty. Since Onload 8.1 or before.
pub const ONLOAD_DELEGATED_SEND_RC_SENDQ_BUSY: onload_delegated_send_rc = 3;

/// The send window is closed. Since Onload 8.1 or before.
pub const ONLOAD_DELEGATED_SEND_RC_NOWIN: onload_delegated_send_rc = 4;

/// The destination's MAC address is unknown. Since Onload 8.1 or before.
pub const ONLOAD_DELEGATED_SEND_RC_NOARP: onload_delegated_send_rc = 5;

/// The congestion window is closed. Since Onload 8.1 or before.
pub const ONLOAD_DELEGATED_SEND_RC_NOCWIN: onload_delegated_send_rc = 6;

/// No headers. Since Onload 8.1 or before.
pub const ONLOAD_ZC_BUFFER_HDR_NONE: onload_zc_buffer_type_flags = 0;

/// UDP headers. Since Onload 8.1 or before.
pub const ONLOAD_ZC_BUFFER_HDR_UDP: onload_zc_buffer_type_flags = 1;

/// TCP headers. Since Onload 8.1 or before.
pub const ONLOAD_ZC_BUFFER_HDR_TCP: onload_zc_buffer_type_flags = 2;

/// Go on with the next message. Since Onload 8.1 or before.
pub const ONLOAD_ZC_CONTINUE: onload_zc_callback_rc = 0;

/// Stop receiving. Since Onload 8.1 or before.
pub const ONLOAD_ZC_TERMINATE: onload_zc_callback_rc = 1;

/// The application keeps the buffers. Since Onload 8.1 or before.
pub const ONLOAD_ZC_KEEP: onload_zc_callback_rc = 2;

/// The message was changed. Since Onload 8.1 or before.
pub const ONLOAD_ZC_MODIFIED: onload_zc_callback_rc = 4;

/// Send after the change. Since Onload 8.1 or before.
pub const ONLOAD_TEMPLATE_FLAGS_SEND_NOW: onload_template_flags = 1;

/// Try again to get programmed I/O. Since Onload 8.1 or before.
pub const ONLOAD_TEMPLATE_FLAGS_PIO_RETRY: onload_template_flags = 2;

/// Do not block. Since Onload 8.1 or before.
pub const ONLOAD_TEMPLATE_FLAGS_DONTWAIT: onload_template_flags = 64;

/// Bytes of a cache line, which DMA buffers align to. Since Onload 8.1 or before.
pub const EF_VI_DMA_ALIGN: u32 = 64;

/// The process's own address space. Since Onload 8.1 or before.
pub const EF_ADDRSPACE_LOCAL: ef_addrspace = ef_addrspace::MAX;

/// Most queues on one event queue. Since Onload 8.1 or before.
pub const EF_VI_MAX_QS: u32 = 32;

/// Least length of the array that a poll fills. Since Onload 8.1 or before.
pub const EF_VI_EVENT_POLL_MIN_EVS: u32 = 2;

/// Most shared receive queues of a VI. Since Onload 8.1 or before.
pub const EF_VI_MAX_EFCT_RXQS: u32 = 8;

/// The reserved id: no send and no buffer has it. Since Onload 8.1 or before.
pub const EF_REQUEST_ID_MASK: u32 = 4294967295;

/// Start of a packet. Since Onload 8.1 or before.
pub const EF_EVENT_FLAG_SOP: u32 = 1;

/// The packet continues in the next buffer. Since Onload 8.1 or before.
pub const EF_EVENT_FLAG_CONT: u32 = 2;

/// The iSCSI digests are right. Since Onload 8.1 or before.
pub const EF_EVENT_FLAG_ISCSI_OK: u32 = 4;

/// The packet is multicast. Since Onload 8.1 or before.
pub const EF_EVENT_FLAG_MULTICAST: u32 = 8;

/// The first event of a new packed-stream buffer. Since Onload 8.1 or before.
pub const EF_EVENT_FLAG_PS_NEXT_BUFFER: u32 = 16;

/// Sent by CTPIO. Since Onload 8.1 or before.
pub const EF_EVENT_FLAG_CTPIO: u32 = 1;

/// The adapter's clock has been set. Since Onload 8.1 or before.
pub const EF_VI_SYNC_FLAG_CLOCK_SET: u32 = 1;

/// The adapter's clock is synchronised (PTP). Since Onload 8.1 or before.
pub const EF_VI_SYNC_FLAG_CLOCK_IN_SYNC: u32 = 2;

/// Both synchronisation flags. Since Onload 8.1 or before.
pub const EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK: u32 = 3;

/// The bits that a software event carries. Since Onload 8.1 or before.
pub const EF_EVENT_SW_DATA_MASK: u32 = 65535;

/// The address is translated by the adapter. Since Onload 8.1 or before.
pub const EF_RIOV_FLAG_TRANSLATE_ADDR: u32 = 1;

/// Most buffers that one receive event completes. Since Onload 8.1 or before.
pub const EF_VI_RECEIVE_BATCH: u32 = 15;

/// Most sends that one transmit event completes. Since Onload 8.1 or before.
pub const EF_VI_TRANSMIT_BATCH: u32 = 64;

/// Cut-through threshold that means store-and-forward. Since Onload 8.1 or before.
pub const EF_VI_CTPIO_CT_THRESHOLD_SNF: u32 = 65535;

/// Binary logarithm of `EF_VI_NIC_PAGE_SIZE`. Since Onload 8.1 or before.
pub const EF_VI_NIC_PAGE_SHIFT: u32 = 12;

/// Bytes within which DMA addresses are contiguous. Since Onload 8.1 or before.
pub const EF_VI_NIC_PAGE_SIZE: u32 = 4096;

/// No DMA address. Since Onload 8.1 or before.
pub const EF_INVALID_ADDR: ef_addr = ef_addr::MAX;

/// No VLAN. Since Onload 8.1 or before.
pub const EF_PD_VLAN_NONE: i32 = -1;

/// Whether programmed I/O is built in. Since Onload 8.1 or before.
pub const EF_VI_CONFIG_PIO: u32 = 1;

/// The adapter's clock has been set. Since Onload 8.1 or before.
pub const EF_VI_PS_FLAG_CLOCK_SET: u32 = 1;

/// The adapter's clock is synchronised (PTP). Since Onload 8.1 or before.
pub const EF_VI_PS_FLAG_CLOCK_IN_SYNC: u32 = 2;

/// The frame's checksum is wrong. Since Onload 8.1 or before.
pub const EF_VI_PS_FLAG_BAD_FCS: u32 = 4;

/// The TCP or UDP checksum is wrong or unchecked. Since Onload 8.1 or before.
pub const EF_VI_PS_FLAG_BAD_L4_CSUM: u32 = 8;

/// The IPv4 checksum is wrong or unchecked. Since Onload 8.1 or before.
pub const EF_VI_PS_FLAG_BAD_L3_CSUM: u32 = 16;

/// Either of the two checksum flags. Since Onload 8.1 or before.
pub const EF_VI_PS_FLAG_BAD_IP_CSUM: u32 = 24;

/// Warms the send path, sends nothing. Since Onload 8.1 or before.
pub const ONLOAD_MSG_WARM: i32 = 1024;

/// Receives at most one packet. Since Onload 8.1 or before.
pub const ONLOAD_MSG_ONEPKT: i32 = 131072;

/// Asks for transmit times of ranges of a TCP stream. Since Onload 8.1 or before.
pub const ONLOAD_SOF_TIMESTAMPING_STREAM: i32 = 8388608;

/// Type of the control message with such times. Since Onload 8.1 or before.
pub const ONLOAD_SCM_TIMESTAMPING_STREAM: i32 = 8388608;

/// Stack name (a null pointer) for sockets that are not accelerated. Since Onload 8.1 or before.
pub const ONLOAD_DONT_ACCELERATE: u32 = 0;

/// Do not look up the destination's MAC address. Since Onload 8.1 or before.
pub const ONLOAD_DELEGATED_SEND_FLAG_IGNORE_ARP: u32 = 1;

/// Resolve the destination's MAC address, which may take time. Since Onload 8.1 or before.
pub const ONLOAD_DELEGATED_SEND_FLAG_RESOLVE_ARP: u32 = 2;

/// Handle of a range that is no zero-copy buffer. Since Onload 8.1 or before.
pub const ONLOAD_ZC_HANDLE_NONZC: onload_zc_handle = core::ptr::without_provenance_mut(usize::MAX);

/// Receives the kernel's messages too. Since Onload 8.1 or before.
pub const ONLOAD_MSG_RECV_OS_INLINE: i32 = 1073741824;

/// Does not block. Since Onload 8.1 or before.
pub const ONLOAD_MSG_DONTWAIT: i32 = 64;

/// Flags that a zero-copy receive takes. Since Onload 8.1 or before.
pub const ONLOAD_ZC_RECV_FLAGS_MASK: i32 = 1073741888;

/// Those of them that are the socket call's own. Since Onload 8.1 or before.
pub const ONLOAD_ZC_RECV_FLAGS_PTHRU_MASK: i32 = 64;

/// The message is shared: its buffers must not be changed. Since Onload 8.1 or before.
pub const ONLOAD_ZC_MSG_SHARED: i32 = 1;

/// No further message is waiting. Since Onload 8.1 or before.
pub const ONLOAD_ZC_END_OF_BURST: i32 = 2;

/// More is to be sent soon. Since Onload 8.1 or before.
pub const ONLOAD_MSG_MORE: i32 = 32768;

/// No signal if the peer has closed. Since Onload 8.1 or before.
pub const ONLOAD_MSG_NOSIGNAL: i32 = 16384;

/// Flags that a zero-copy send takes. Since Onload 8.1 or before.
pub const ONLOAD_ZC_SEND_FLAGS_MASK: i32 = 50240;

/// Those of them that are the socket call's own. Since Onload 8.1 or before.
pub const ONLOAD_ZC_SEND_FLAGS_PTHRU_MASK: i32 = 49216;
