/* Onload 8.1-next: etherfabric/capabilities.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_CAPABILITIES_H
#define EFVI_ETHERFABRIC_CAPABILITIES_H

#include <etherfabric/pd.h>

#ifdef __cplusplus
extern "C" {
#endif



/* Something that an adapter may support. */
enum ef_vi_capability {
  EF_VI_CAP_PIO = 0, /* Programmed I/O. */
  EF_VI_CAP_PIO_BUFFER_SIZE = 1, /* Bytes of a programmed-I/O region. */
  EF_VI_CAP_PIO_BUFFER_COUNT = 2, /* Number of programmed-I/O regions. */
  EF_VI_CAP_HW_MULTICAST_LOOPBACK = 3, /* Loopback of multicast by the adapter. */
  EF_VI_CAP_HW_MULTICAST_REPLICATION = 4, /* Replication of multicast by the adapter. */
  EF_VI_CAP_HW_RX_TIMESTAMPING = 5, /* Receive timestamps. */
  EF_VI_CAP_HW_TX_TIMESTAMPING = 6, /* Transmit timestamps. */
  EF_VI_CAP_PACKED_STREAM = 7, /* Packed streams. */
  EF_VI_CAP_PACKED_STREAM_BUFFER_SIZES = 8, /* Sizes of packed-stream buffers, as a mask of KiB. */
  EF_VI_CAP_VPORTS = 9, /* Virtual ports. */
  EF_VI_CAP_PHYS_MODE = 10, /* Physical addressing. */
  EF_VI_CAP_BUFFER_MODE = 11, /* Buffer-table addressing. */
  EF_VI_CAP_MULTICAST_FILTER_CHAINING = 12, /* Several filters for the same multicast group. */
  EF_VI_CAP_MAC_SPOOFING = 13, /* Sending from foreign MAC addresses. */
  EF_VI_CAP_RX_FILTER_TYPE_UDP_LOCAL = 14, /* Filters on UDP over IPv4, local end. */
  EF_VI_CAP_RX_FILTER_TYPE_TCP_LOCAL = 15, /* Filters on TCP over IPv4, local end. */
  EF_VI_CAP_RX_FILTER_TYPE_UDP_FULL = 16, /* Filters on UDP over IPv4, both ends. */
  EF_VI_CAP_RX_FILTER_TYPE_TCP_FULL = 17, /* Filters on TCP over IPv4, both ends. */
  EF_VI_CAP_RX_FILTER_TYPE_IP_VLAN = 18, /* IPv4 filters with a VLAN. */
  EF_VI_CAP_RX_FILTER_TYPE_UDP6_LOCAL = 19, /* Filters on UDP over IPv6, local end. */
  EF_VI_CAP_RX_FILTER_TYPE_TCP6_LOCAL = 20, /* Filters on TCP over IPv6, local end. */
  EF_VI_CAP_RX_FILTER_TYPE_UDP6_FULL = 21, /* Filters on UDP over IPv6, both ends. */
  EF_VI_CAP_RX_FILTER_TYPE_TCP6_FULL = 22, /* Filters on TCP over IPv6, both ends. */
  EF_VI_CAP_RX_FILTER_TYPE_IP6_VLAN = 23, /* IPv6 filters with a VLAN. */
  EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL = 24, /* Filters on the destination MAC address. */
  EF_VI_CAP_RX_FILTER_TYPE_ETH_LOCAL_VLAN = 25, /* Filters on the destination MAC address with a VLAN. */
  EF_VI_CAP_RX_FILTER_TYPE_UCAST_ALL = 26, /* Filters on all unicast. */
  EF_VI_CAP_RX_FILTER_TYPE_MCAST_ALL = 27, /* Filters on all multicast. */
  EF_VI_CAP_RX_FILTER_TYPE_UCAST_MISMATCH = 28, /* Filters on unmatched unicast. */
  EF_VI_CAP_RX_FILTER_TYPE_MCAST_MISMATCH = 29, /* Filters on unmatched multicast. */
  EF_VI_CAP_RX_FILTER_TYPE_SNIFF = 30, /* Copies of all that is received. */
  EF_VI_CAP_TX_FILTER_TYPE_SNIFF = 31, /* Copies of all that is sent. */
  EF_VI_CAP_RX_FILTER_IP4_PROTO = 32, /* Filters on the IPv4 protocol. */
  EF_VI_CAP_RX_FILTER_ETHERTYPE = 33, /* Filters on the Ethernet type. */
  EF_VI_CAP_RXQ_SIZES = 34, /* Sizes of receive rings, as a mask. */
  EF_VI_CAP_TXQ_SIZES = 35, /* Sizes of transmit rings, as a mask. */
  EF_VI_CAP_EVQ_SIZES = 36, /* Sizes of event queues, as a mask. */
  EF_VI_CAP_ZERO_RX_PREFIX = 37, /* Receive without a prefix. */
  EF_VI_CAP_TX_PUSH_ALWAYS = 38, /* Pushing a descriptor with every doorbell. */
  EF_VI_CAP_NIC_PACE = 39, /* Pacing. */
  EF_VI_CAP_RX_MERGE = 40, /* Merging of receive events. */
  EF_VI_CAP_TX_ALTERNATIVES = 41, /* TX alternatives. */
  EF_VI_CAP_TX_ALTERNATIVES_VFIFOS = 42, /* Number of TX alternatives. */
  EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFERS = 43, /* Number of buffers for TX alternatives. */
  EF_VI_CAP_RX_FW_VARIANT = 44, /* Variant of the receive firmware. */
  EF_VI_CAP_TX_FW_VARIANT = 45, /* Variant of the transmit firmware. */
  EF_VI_CAP_CTPIO = 46, /* CTPIO. */
  EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFER_SIZE = 47, /* Bytes of a buffer for TX alternatives. */
  EF_VI_CAP_RX_FORCE_EVENT_MERGING = 48, /* Receive events are always merged. */
  EF_VI_CAP_MIN_BUFFER_MODE_SIZE = 49, /* Least page size of registered memory, in bytes. */
  EF_VI_CAP_CTPIO_ONLY = 50, /* CTPIO is the only way to send. */
  EF_VI_CAP_RX_SHARED = 51, /* Receive queues are shared. */
  EF_VI_CAP_RX_FILTER_SET_DEST = 52, /* Filters with a chosen queue. */
  EF_VI_CAP_RX_FILTER_MAC_IP4_PROTO = 53, /* Filters on MAC address and IPv4 protocol. */
  EF_VI_CAP_MAX = 54, /* Number of capabilities. */
};

/* Asks an interface for a capability. */
extern int ef_vi_capabilities_get(ef_driver_handle handle, int ifindex, enum ef_vi_capability cap, unsigned long *value);

/* Highest capability that the library knows. */
extern int ef_vi_capabilities_max(void);

/* Name of a capability. */
extern const char *ef_vi_capabilities_name(enum ef_vi_capability cap);


#ifdef __cplusplus
}
#endif

#endif
