/* Onload 9.1.0: etherfabric/vi.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_VI_H
#define EFVI_ETHERFABRIC_VI_H

#include <etherfabric/base.h>
#include <netinet/in.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ef_pd;
struct ef_vi;
struct in6_addr;
typedef struct ef_vi_set ef_vi_set;
typedef struct ef_filter_spec ef_filter_spec;
typedef struct ef_filter_cookie ef_filter_cookie;
typedef struct ef_filter_info ef_filter_info;
typedef struct ef_vi_stats_field_layout ef_vi_stats_field_layout;
typedef struct ef_vi_stats_layout ef_vi_stats_layout;


/* Options of a filter. */
enum ef_filter_flags {
  EF_FILTER_FLAG_NONE = 0, /* No options. */
  EF_FILTER_FLAG_MCAST_LOOP_RECEIVE = 2, /* Receive multicast that this host sends. */
  EF_FILTER_FLAG_EXCLUSIVE_RXQ = 4, /* Use a receive queue of one's own. */
  EF_FILTER_FLAG_SHARED_RXQ = 8, /* Use a shared receive queue. */
};

enum {
  EF_FILTER_VLAN_ID_ANY = -1, /* Match any VLAN and none. */
};

/* Which fields a filter query filled in. */
enum ef_filter_info_fields {
  EF_FILTER_FIELD_ID = 1, /* The filter's id. */
  EF_FILTER_FIELD_QUEUE = 2, /* The receive queue. */
};

/* Properties that a filter query finds. */
enum ef_filter_info_flags {
  EF_FILTER_IS_EXCLUSIVE = 4, /* The receive queue is the VI's own. */
};

/* A set of VIs that share filters. */
struct ef_vi_set {
  unsigned int vis_res_id;
  struct ef_pd *vis_pd;
};

/* Which packets a filter steers. */
struct ef_filter_spec {
  unsigned int type;
  unsigned int flags;
  unsigned int data[12];
};

/* Handle of an installed filter. */
struct ef_filter_cookie {
  int filter_id;
  int filter_type;
};

/* What a filter query finds out. */
struct ef_filter_info {
  uint64_t valid_fields;
  unsigned int flags;
  unsigned int filter_id;
  unsigned int q_id;
};

/* Name and place of one statistic. */
struct ef_vi_stats_field_layout {
  char *evsfl_name;
  int evsfl_offset;
  int evsfl_size;
};

/* Names and places of all statistics. */
struct ef_vi_stats_layout {
  int evsl_data_size;
  int evsl_fields_num;
  __extension__ ef_vi_stats_field_layout evsl_fields[];
};

/* Allocates a VI in a protection domain. */
extern int ef_vi_alloc_from_pd(ef_vi *vi, ef_driver_handle vi_dh, struct ef_pd *pd, ef_driver_handle pd_dh, int evq_capacity, int rxq_capacity, int txq_capacity, ef_vi *evq_opt, ef_driver_handle evq_dh, enum ef_vi_flags flags);

/* Frees a VI. */
extern int ef_vi_free(ef_vi *vi, ef_driver_handle nic);

/* Allocates TX alternatives and their buffers. */
extern int ef_vi_transmit_alt_alloc(struct ef_vi *vi, ef_driver_handle vi_dh, int num_alts, size_t buf_space);

/* Frees TX alternatives. */
extern int ef_vi_transmit_alt_free(struct ef_vi *vi, ef_driver_handle vi_dh);

/* Bytes of buffers there are for so many TX alternatives. */
extern int ef_vi_transmit_alt_query_buffering(struct ef_vi *vi, int ifindex, ef_driver_handle vi_dh, int n_alts);

/* Flushes the VI's rings, so that all buffers may be reused. */
extern int ef_vi_flush(ef_vi *vi, ef_driver_handle nic);

/* Sets the VI's pacing. */
extern int ef_vi_pace(ef_vi *vi, ef_driver_handle nic, int val);

/* Frame size limit of the VI's interface. */
extern unsigned int ef_vi_mtu(ef_vi *vi, ef_driver_handle vi_dh);

/* MAC address of the VI's interface, as 6 bytes. */
extern int ef_vi_get_mac(ef_vi *vi, ef_driver_handle vi_dh, void *mac_out);

/* Posts a software event of 16 bits to an event queue. */
extern int ef_eventq_put(unsigned int resource_id, ef_driver_handle evq_dh, unsigned int ev_bits);

/* Allocates a set of VIs in a protection domain. */
extern int ef_vi_set_alloc_from_pd(ef_vi_set *vi_set, ef_driver_handle vi_set_dh, struct ef_pd *pd, ef_driver_handle pd_dh, int n_vis);

/* Frees a set of VIs. */
extern int ef_vi_set_free(ef_vi_set *vi_set, ef_driver_handle vi_set_dh);

/* Allocates a VI of a set. */
extern int ef_vi_alloc_from_set(ef_vi *vi, ef_driver_handle vi_dh, ef_vi_set *vi_set, ef_driver_handle vi_set_dh, int index_in_vi_set, int evq_capacity, int rxq_capacity, int txq_capacity, ef_vi *evq_opt, ef_driver_handle evq_dh, enum ef_vi_flags flags);

/* Arms the event queue, so that the driver handle becomes readable at the next event. */
extern int ef_vi_prime(ef_vi *vi, ef_driver_handle dh, unsigned int current_ptr);

/* Starts a filter specification. */
extern void ef_filter_spec_init(ef_filter_spec *filter_spec, enum ef_filter_flags flags);

/* Matches IPv4 protocol, local address and port. */
extern int ef_filter_spec_set_ip4_local(ef_filter_spec *filter_spec, int protocol, unsigned int host_be32, int port_be16);

/* Matches IPv4 protocol, local and remote address and port. */
extern int ef_filter_spec_set_ip4_full(ef_filter_spec *filter_spec, int protocol, unsigned int host_be32, int port_be16, unsigned int rhost_be32, int rport_be16);

/* Matches IPv6 protocol, local address and port. */
extern int ef_filter_spec_set_ip6_local(ef_filter_spec *filter_spec, int protocol, const struct in6_addr *host, int port_be16);

/* Matches IPv6 protocol, local and remote address and port. */
extern int ef_filter_spec_set_ip6_full(ef_filter_spec *filter_spec, int protocol, const struct in6_addr *host, int port_be16, const struct in6_addr *rhost, int rport_be16);

/* Adds a VLAN to what is matched. */
extern int ef_filter_spec_set_vlan(ef_filter_spec *filter_spec, int vlan_id);

/* Matches destination MAC address and VLAN. */
extern int ef_filter_spec_set_eth_local(ef_filter_spec *filter_spec, int vlan_id, const void *mac);

/* Matches all unicast packets. */
extern int ef_filter_spec_set_unicast_all(ef_filter_spec *filter_spec);

/* Matches all multicast packets. */
extern int ef_filter_spec_set_multicast_all(ef_filter_spec *filter_spec);

/* Matches unicast packets that no other filter matches. */
extern int ef_filter_spec_set_unicast_mismatch(ef_filter_spec *filter_spec);

/* Matches multicast packets that no other filter matches. */
extern int ef_filter_spec_set_multicast_mismatch(ef_filter_spec *filter_spec);

/* Copies all packets that the port receives. */
extern int ef_filter_spec_set_port_sniff(ef_filter_spec *filter_spec, int promiscuous);

/* Copies all packets that the port sends. */
extern int ef_filter_spec_set_tx_port_sniff(ef_filter_spec *filter_spec);

/* Keeps all packets from the kernel. */
extern int ef_filter_spec_set_block_kernel(ef_filter_spec *filter_spec);

/* Keeps multicast packets from the kernel. */
extern int ef_filter_spec_set_block_kernel_multicast(ef_filter_spec *filter_spec);

/* Matches an Ethernet type. */
extern int ef_filter_spec_set_eth_type(ef_filter_spec *filter_spec, uint16_t ether_type_be16);

/* Matches an IP protocol. */
extern int ef_filter_spec_set_ip_proto(ef_filter_spec *filter_spec, uint8_t ip_proto);

/* Has the adapter mark what is matched. */
extern __attribute__((deprecated)) int ef_filter_spec_set_user_mark(ef_filter_spec *filter_spec, uint32_t user_mark, int bitwise_or);

/* Has the adapter flag what is matched. */
extern __attribute__((deprecated)) int ef_filter_spec_set_user_flag(ef_filter_spec *filter_spec, uint8_t user_flag, int bitwise_or);

/* Keeps unicast packets from the kernel. */
extern int ef_filter_spec_set_block_kernel_unicast(ef_filter_spec *filter_spec);

/* Sets the queue that packets go to. */
extern int ef_filter_spec_set_dest(ef_filter_spec *filter_spec, int dest, unsigned int flags);

/* Installs a filter that steers packets to a VI. */
extern int ef_vi_filter_add(ef_vi *vi, ef_driver_handle vi_dh, const ef_filter_spec *filter_spec, ef_filter_cookie *filter_cookie_out);

/* Removes a filter of a VI. */
extern int ef_vi_filter_del(ef_vi *vi, ef_driver_handle vi_dh, ef_filter_cookie *filter_cookie);

/* Asks for an installed filter's id and queue. */
extern int ef_vi_filter_query(ef_vi *vi, ef_driver_handle vi_dh, const ef_filter_cookie *filter_cookie, ef_filter_info *filter_info, size_t filter_info_size);

/* Installs a filter that spreads packets over a set of VIs. */
extern int ef_vi_set_filter_add(ef_vi_set *vi_set, ef_driver_handle vi_set_dh, const ef_filter_spec *filter_spec, ef_filter_cookie *filter_cookie_out);

/* Removes a filter of a set. */
extern int ef_vi_set_filter_del(ef_vi_set *vi_set, ef_driver_handle vi_set_dh, ef_filter_cookie *filter_cookie);

/* Names and places of the statistics. */
extern int ef_vi_stats_query_layout(ef_vi *vi, const ef_vi_stats_layout **layout_out);

/* Reads the statistics, and resets them if asked. */
extern int ef_vi_stats_query(ef_vi *vi, ef_driver_handle vi_dh, void *data, int do_reset);


#ifdef __cplusplus
}
#endif

#endif
