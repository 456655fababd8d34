/* Onload 8.1.0: etherfabric/ef_vi.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_EF_VI_H
#define EFVI_ETHERFABRIC_EF_VI_H

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#define ef_vi_inline static inline
#define ef_vi_pure __attribute__((pure))
#define ef_vi_cold __attribute__((cold))
#define ef_vi_noinline __attribute__((noinline))
#define ef_timespec struct timespec
/* Format of EF_EVENT_PRI_ARG. */
#define EF_EVENT_FMT "[ev:%x]"

#ifdef __cplusplus
extern "C" {
#endif

struct ef_filter_cookie;
struct ef_filter_spec;
struct ef_pio;
struct ef_vi;
struct ef_vi_nic_type;
struct ef_vi_transmit_alt_overhead;
struct ef_vi_tx_extra;
struct efab_efct_rxq_uk_shm_base;
struct iovec;
struct timespec;
typedef union ef_event ef_event;
typedef struct ef_iovec ef_iovec;
typedef struct ef_remote_iovec ef_remote_iovec;
typedef struct ef_vi_txq_state ef_vi_txq_state;
typedef struct ef_vi_efct_rxq_ptr ef_vi_efct_rxq_ptr;
typedef struct ef_vi_rxq_state ef_vi_rxq_state;
typedef struct ef_eventq_state ef_eventq_state;
typedef struct ef_vi_txq ef_vi_txq;
typedef struct ef_vi_rxq ef_vi_rxq;
typedef struct ef_vi_efct_rxq ef_vi_efct_rxq;
typedef struct ef_vi_state ef_vi_state;
typedef struct ef_vi_stats ef_vi_stats;
typedef struct ef_vi ef_vi;
typedef struct ef_vi_layout_entry ef_vi_layout_entry;

/* Bytes of a cache line, which DMA buffers align to. */
#define EF_VI_DMA_ALIGN 64
/* The process's own address space. */
#define EF_ADDRSPACE_LOCAL ((ef_addrspace)-1)
/* Most queues on one event queue. */
#define EF_VI_MAX_QS 32
/* Least length of the array that a poll fills. */
#define EF_VI_EVENT_POLL_MIN_EVS 2
/* Most shared receive queues of a VI. */
#define EF_VI_MAX_EFCT_RXQS 8
/* The reserved id: no send and no buffer has it. */
#define EF_REQUEST_ID_MASK 0xffffffffu
/* Start of a packet. */
#define EF_EVENT_FLAG_SOP 1
/* The packet continues in the next buffer. */
#define EF_EVENT_FLAG_CONT 2
/* The iSCSI digests are right. */
#define EF_EVENT_FLAG_ISCSI_OK 4
/* The packet is multicast. */
#define EF_EVENT_FLAG_MULTICAST 8
/* The first event of a new packed-stream buffer. */
#define EF_EVENT_FLAG_PS_NEXT_BUFFER 16
/* Sent by CTPIO. */
#define EF_EVENT_FLAG_CTPIO 1
/* The adapter's clock has been set. */
#define EF_VI_SYNC_FLAG_CLOCK_SET 1
/* The adapter's clock is synchronised (PTP). */
#define EF_VI_SYNC_FLAG_CLOCK_IN_SYNC 2
/* Both synchronisation flags. */
#define EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK 3
/* The bits that a software event carries. */
#define EF_EVENT_SW_DATA_MASK 65535
/* The address is translated by the adapter. */
#define EF_RIOV_FLAG_TRANSLATE_ADDR 1
/* Most buffers that one receive event completes. */
#define EF_VI_RECEIVE_BATCH 15
/* Most sends that one transmit event completes. */
#define EF_VI_TRANSMIT_BATCH 64
/* Cut-through threshold that means store-and-forward. */
#define EF_VI_CTPIO_CT_THRESHOLD_SNF 65535

enum {
  EF_EVENT_TYPE_RX = 0, /* A packet, or a part of one, was received. */
  EF_EVENT_TYPE_TX = 1, /* Sends completed; unbundle it. */
  EF_EVENT_TYPE_RX_DISCARD = 2, /* Something was received with an error. */
  EF_EVENT_TYPE_TX_ERROR = 3, /* A send failed; the transmit ring is dead until revived. */
  EF_EVENT_TYPE_RX_NO_DESC_TRUNC = 4, /* A packet was cut short for want of receive buffers. */
  EF_EVENT_TYPE_SW = 5, /* A software event. */
  EF_EVENT_TYPE_OFLOW = 6, /* The event queue overflowed and is broken. */
  EF_EVENT_TYPE_TX_WITH_TIMESTAMP = 7, /* One send completed, with its time. */
  EF_EVENT_TYPE_RX_PACKED_STREAM = 8, /* Packets were received in a packed stream. */
  EF_EVENT_TYPE_RX_MULTI = 9, /* Several buffers were received into, by event merging. */
  EF_EVENT_TYPE_TX_ALT = 10, /* A TX alternative sent or dropped a packet. */
  EF_EVENT_TYPE_RX_MULTI_DISCARD = 11, /* Several buffers were received into, with an error. */
  EF_EVENT_TYPE_RESET = 12, /* The adapter was reset. */
  EF_EVENT_TYPE_MEMCPY = 13, /* A copy by the adapter was done. */
  EF_EVENT_TYPE_RX_MULTI_PKTS = 14, /* Several packets were received. */
  EF_EVENT_TYPE_RX_REF = 15, /* A packet was received into a shared buffer. */
  EF_EVENT_TYPE_RX_REF_DISCARD = 16, /* A packet with an error was received into a shared buffer. */
};

enum {
  EF_EVENT_RX_DISCARD_CSUM_BAD = 0, /* An IP, TCP or UDP checksum is wrong. */
  EF_EVENT_RX_DISCARD_MCAST_MISMATCH = 1, /* A multicast address matched by its hash only. */
  EF_EVENT_RX_DISCARD_CRC_BAD = 2, /* The frame's checksum is wrong. */
  EF_EVENT_RX_DISCARD_TRUNC = 3, /* The frame was cut short. */
  EF_EVENT_RX_DISCARD_RIGHTS = 4, /* The buffer may not be written to. */
  EF_EVENT_RX_DISCARD_EV_ERROR = 5, /* An earlier receive event was lost. */
  EF_EVENT_RX_DISCARD_OTHER = 6, /* Any other reason. */
  EF_EVENT_RX_DISCARD_INNER_CSUM_BAD = 7, /* A checksum inside a tunnel is wrong. */
  EF_EVENT_RX_DISCARD_MAX = 8, /* Number of discard reasons. */
};

enum {
  EF_EVENT_TX_ERROR_RIGHTS = 0, /* The buffer may not be read. */
  EF_EVENT_TX_ERROR_OFLOW = 1, /* The pacing queue overflowed. */
  EF_EVENT_TX_ERROR_2BIG = 2, /* The packet is too large. */
  EF_EVENT_TX_ERROR_BUS = 3, /* The bus failed. */
};

/* Options of a VI. */
enum ef_vi_flags {
  EF_VI_FLAGS_DEFAULT = 0, /* No options. */
  EF_VI_ISCSI_RX_HDIG = 2, /* Check iSCSI header digests on receive. */
  EF_VI_ISCSI_TX_HDIG = 4, /* Insert iSCSI header digests on transmit. */
  EF_VI_ISCSI_RX_DDIG = 8, /* Check iSCSI data digests on receive. */
  EF_VI_ISCSI_TX_DDIG = 16, /* Insert iSCSI data digests on transmit. */
  EF_VI_TX_PHYS_ADDR = 32, /* Transmit buffers have physical addresses. */
  EF_VI_RX_PHYS_ADDR = 64, /* Receive buffers have physical addresses. */
  EF_VI_TX_IP_CSUM_DIS = 128, /* Do not insert IP checksums. */
  EF_VI_TX_TCPUDP_CSUM_DIS = 256, /* Do not insert TCP and UDP checksums. */
  EF_VI_TX_TCPUDP_ONLY = 512, /* Send TCP and UDP packets only. */
  EF_VI_TX_FILTER_IP = 1024, /* Check sent packets against the IP filters. */
  EF_VI_TX_FILTER_MAC = 2048, /* Check sent packets against the MAC filters. */
  EF_VI_TX_FILTER_MASK_1 = 4096, /* First mask of the transmit filter. */
  EF_VI_TX_FILTER_MASK_2 = 8192, /* Second mask of the transmit filter. */
  EF_VI_TX_FILTER_MASK_3 = 12288, /* Both masks of the transmit filter. */
  EF_VI_TX_PUSH_DISABLE = 16384, /* Never push a descriptor with the doorbell. */
  EF_VI_TX_PUSH_ALWAYS = 32768, /* Always push a descriptor with the doorbell. */
  EF_VI_RX_TIMESTAMPS = 65536, /* Timestamp received packets. */
  EF_VI_TX_TIMESTAMPS = 131072, /* Timestamp sent packets. */
  EF_VI_RX_PACKED_STREAM = 524288, /* Receive in packed streams. */
  EF_VI_RX_PS_BUF_SIZE_64K = 1048576, /* Packed-stream buffers of 64 KiB. */
  EF_VI_RX_EVENT_MERGE = 2097152, /* Merge receive events. */
  EF_VI_TX_ALT = 4194304, /* Have TX alternatives. */
  EF_VI_ENABLE_EV_TIMER = 8388608, /* Have the event queue's timer. */
  EF_VI_TX_CTPIO = 16777216, /* Have CTPIO. */
  EF_VI_TX_CTPIO_NO_POISON = 33554432, /* Buffer CTPIO frames whole, so that none is poisoned. */
  EF_VI_RX_ZEROCOPY = 67108864, /* Receive without a copy on AF_XDP. */
  EF_VI_ALLOW_MEMCPY = 134217728, /* Allow copies by the adapter. */
  EF_VI_EFCT_UNIQUEUE = 268435456, /* Receive on one shared queue only. */
  EF_VI_RX_EXCLUSIVE = 536870912, /* Share the receive queue with nobody. */
};

/* Features that a new VI turned out to have. */
enum ef_vi_out_flags {
  EF_VI_OUT_CLOCK_SYNC_STATUS = 1, /* Timestamps come with the clock's state. */
};

/* Receive errors that make a discard event. */
enum ef_vi_rx_discard_err_flags {
  EF_VI_DISCARD_RX_L4_CSUM_ERR = 1, /* TCP or UDP checksum. */
  EF_VI_DISCARD_RX_L3_CSUM_ERR = 2, /* IP checksum. */
  EF_VI_DISCARD_RX_ETH_FCS_ERR = 4, /* Frame checksum. */
  EF_VI_DISCARD_RX_ETH_LEN_ERR = 8, /* Frame length. */
  EF_VI_DISCARD_RX_TOBE_DISC = 16, /* Not used any more. */
  EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR = 32, /* TCP or UDP checksum inside a tunnel. */
  EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR = 64, /* IP checksum inside a tunnel. */
  EF_VI_DISCARD_RX_L2_CLASS_OTHER = 128, /* Link layer not recognised. */
  EF_VI_DISCARD_RX_L3_CLASS_OTHER = 256, /* Network layer not recognised. */
  EF_VI_DISCARD_RX_L4_CLASS_OTHER = 512, /* Transport layer not recognised. */
};

/* Unit of the fraction in an adapter's timestamps. */
enum ef_timestamp_format {
  TS_FORMAT_SECONDS_27FRACTION = 0, /* Fractions of a second in 27 bits. */
  TS_FORMAT_SECONDS_QTR_NANOSECONDS = 1, /* Quarters of a nanosecond. */
};

/* Architecture of an adapter. */
enum ef_vi_arch {
  EF_VI_ARCH_FALCON = 0, /* 5000 and 6000 series. */
  EF_VI_ARCH_EF10 = 1, /* 7000 and 8000 series, X2. */
  EF_VI_ARCH_EF100 = 2, /* SN1000 series. */
  EF_VI_ARCH_EFCT = 3, /* X3. */
  EF_VI_ARCH_AF_XDP = 4, /* Any adapter, through AF_XDP. */
};

/* Which extra options of a send are given. */
enum ef_vi_tx_extra_flags {
  EF_VI_TX_EXTRA_MARK = 1, /* The mark is given. */
  EF_VI_TX_EXTRA_INGRESS_MPORT = 2, /* The ingress port is given. */
  EF_VI_TX_EXTRA_EGRESS_MPORT = 4, /* The egress port is given. */
  EF_VI_TX_EXTRA_CAPSULE_METADATA = 8, /* The packet begins with capsule metadata. */
};

/* Kind of data in a receive buffer. */
enum ef_vi_layout_type {
  EF_VI_LAYOUT_FRAME = 0, /* The frame. */
  EF_VI_LAYOUT_MINOR_TICKS = 1, /* Fraction of the receive time, 32 bits. */
  EF_VI_LAYOUT_PACKET_LENGTH = 2, /* Length of the packet, 16 bits. */
};

/* File descriptor of the driver. */
typedef int ef_driver_handle;

/* Position in an event queue. */
typedef uint32_t ef_eventq_ptr;

/* Address in DMA space. */
typedef uint64_t ef_addr;

/* Address of a VI's registers. */
typedef char *ef_vi_ioaddr_t;

/* Names an address space. */
typedef uint64_t ef_addrspace;

/* The application's name for a posted buffer or a send. */
typedef int ef_request_id;

/* Refreshes the mappings of a receive queue's superbuffers. */
typedef int ef_vi_efct_superbuf_refresh_t(struct ef_vi *, int);

/* What an event queue delivers: a receive, a completed send, an error. */
union ef_event {
  struct {
    unsigned int type : 16;
  } generic;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int __reserved : 8;
    unsigned int rq_id : 32;
    unsigned int len : 16;
    unsigned int flags : 16;
    unsigned int ofs : 16;
  } rx;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int __reserved : 8;
    unsigned int rq_id : 32;
    unsigned int len : 16;
    unsigned int flags : 16;
    unsigned int subtype : 16;
  } rx_discard;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int flags : 8;
    unsigned int desc_id : 16;
  } tx;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int flags : 8;
    unsigned int desc_id : 16;
    unsigned int subtype : 16;
  } tx_error;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int flags : 8;
    unsigned int rq_id : 32;
    unsigned int ts_sec : 32;
    unsigned int ts_nsec : 32;
  } tx_timestamp;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int __reserved : 8;
    unsigned int alt_id : 16;
  } tx_alt;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
  } rx_no_desc_trunc;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int __reserved : 8;
    unsigned int flags : 16;
    unsigned int n_pkts : 16;
    unsigned int ps_flags : 8;
  } rx_packed_stream;
  struct {
    unsigned int type : 16;
    unsigned int data;
  } sw;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int __reserved : 8;
    unsigned int n_descs : 16;
    unsigned int flags : 16;
  } rx_multi;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int __reserved : 8;
    unsigned int n_descs : 16;
    unsigned int flags : 16;
    unsigned int subtype : 16;
  } rx_multi_discard;
  struct {
    unsigned int type : 16;
    unsigned int q_id : 8;
    unsigned int __reserved : 8;
    unsigned int n_pkts : 16;
    unsigned int flags : 16;
  } rx_multi_pkts;
  struct {
    unsigned int type : 16;
    unsigned int __reserved : 16;
    unsigned int dma_id : 32;
  } memcpy;
  struct {
    unsigned int type : 16;
    unsigned int len : 16;
    unsigned int pkt_id : 32;
    unsigned int q_id : 8;
    unsigned int filter_id : 16;
    unsigned int user : 8;
  } rx_ref;
  struct {
    unsigned int type : 16;
    unsigned int len : 16;
    unsigned int pkt_id : 32;
    unsigned int q_id : 8;
    unsigned int filter_id : 16;
    unsigned int user : 8;
    unsigned int flags : 16;
  } rx_ref_discard;
};

/* A piece of a packet in DMA space. */
struct ef_iovec {
  ef_addr iov_base;
  unsigned int iov_len;
};

/* A piece of a packet in some address space. */
struct ef_remote_iovec {
  ef_addr iov_base;
  unsigned int iov_len;
  uint32_t flags;
  ef_addrspace addrspace;
};

/* Counters of a transmit ring and its cut-through FIFO. */
struct ef_vi_txq_state {
  uint32_t previous;
  uint32_t added;
  uint32_t removed;
  uint32_t ct_added;
  uint32_t ct_removed;
  uint32_t ts_nsec;
};

/* Read position in a shared receive queue. */
struct ef_vi_efct_rxq_ptr {
  uint32_t prev;
  uint64_t next;
};

/* Counters of a receive ring, and the state of shared receive queues. */
struct ef_vi_rxq_state {
  uint32_t posted;
  uint32_t added;
  uint32_t removed;
  uint32_t in_jumbo;
  uint32_t bytes_acc;
  uint16_t last_desc_i;
  uint16_t rx_ps_credit_avail;
  ef_vi_efct_rxq_ptr rxq_ptr[8];
};

/* Read position and time synchronisation of an event queue. */
struct ef_eventq_state {
  ef_eventq_ptr evq_ptr;
  int32_t evq_clear_stride;
  uint32_t sync_timestamp_major;
  uint32_t sync_timestamp_minor;
  uint32_t sync_timestamp_minimum;
  uint32_t sync_timestamp_synchronised;
  uint32_t unsol_credit_seq;
  uint32_t sync_flags;
};

/* A transmit ring. */
struct ef_vi_txq {
  uint32_t mask;
  uint32_t ct_fifo_bytes;
  uint64_t efct_fixed_header;
  void *descriptors;
  uint32_t *ids;
};

/* A receive ring. */
struct ef_vi_rxq {
  uint32_t mask;
  void *descriptors;
  uint32_t *ids;
};

/* A shared receive queue that the VI is attached to. */
struct ef_vi_efct_rxq {
  unsigned int resource_id;
  const char *superbuf;
  uint64_t *current_mappings;
  uint32_t config_generation;
  ef_vi_efct_superbuf_refresh_t *refresh_func;
};

/* The counters of a VI's rings and event queue. */
struct ef_vi_state {
  ef_eventq_state evq;
  ef_vi_txq_state txq;
  ef_vi_rxq_state rxq;
};

/* Counters of what went wrong on a VI. */
struct ef_vi_stats {
  uint32_t rx_ev_lost;
  uint32_t rx_ev_bad_desc_i;
  uint32_t rx_ev_bad_q_label;
  uint32_t evq_gap;
};

/* Kind of adapter that a VI is on. */
struct ef_vi_nic_type {
  unsigned char arch;
  char variant;
  unsigned char revision;
  unsigned char nic_flags;
};

/* How packet lengths round up in TX alternative buffers. */
struct ef_vi_transmit_alt_overhead {
  uint32_t pre_round;
  uint32_t mask;
  uint32_t post_round;
};

/* Extra options of a send. */
struct ef_vi_tx_extra {
  enum ef_vi_tx_extra_flags flags;
  uint32_t mark;
  uint16_t ingress_mport;
  uint16_t egress_mport;
};

/* A virtual interface: an event queue with its rings, and the calls that work them. */
struct ef_vi {
  unsigned int inited;
  unsigned int vi_resource_id;
  unsigned int vi_i;
  unsigned int abs_idx;
  ef_driver_handle dh;
  unsigned int rx_buffer_len;
  unsigned int rx_prefix_len;
  uint8_t last_ctpio_failed;
  uint64_t rx_discard_mask;
  int rx_ts_correction;
  unsigned int rx_pkt_len_offset;
  unsigned int rx_pkt_len_mask;
  int tx_ts_correction_ns;
  enum ef_timestamp_format ts_format;
  char *vi_mem_mmap_ptr;
  int vi_mem_mmap_bytes;
  char *vi_io_mmap_ptr;
  int vi_io_mmap_bytes;
  char *vi_ctpio_mmap_ptr;
  uint32_t vi_ctpio_wb_ticks;
  int ep_state_bytes;
  int vi_clustered;
  int vi_is_packed_stream;
  int vi_is_normal;
  unsigned int vi_ps_buf_size;
  ef_vi_ioaddr_t io;
  struct ef_pio *linked_pio;
  char *evq_base;
  unsigned int evq_mask;
  int evq_phase_bits;
  unsigned int timer_quantum_ns;
  unsigned int tx_push_thresh;
  ef_vi_txq vi_txq;
  ef_vi_rxq vi_rxq;
  ef_vi_state *ep_state;
  enum ef_vi_flags vi_flags;
  enum ef_vi_out_flags vi_out_flags;
  ef_vi_stats *vi_stats;
  struct ef_vi *vi_qs[32];
  int vi_qs_n;
  uint8_t future_qid;
  ef_vi_efct_rxq efct_rxq[8];
  struct efab_efct_rxq_uk_shm_base *efct_shm;
  int max_efct_rxq;
  unsigned int tx_alt_num;
  unsigned int *tx_alt_id2hw;
  unsigned int *tx_alt_hw2id;
  struct ef_vi_nic_type nic_type;
  int (*xdp_kick)(struct ef_vi *);
  void *xdp_kick_context;
  struct ops {
    int (*transmit)(struct ef_vi *, ef_addr, int, ef_request_id);
    int (*transmitv)(struct ef_vi *, const ef_iovec *, int, ef_request_id);
    int (*transmitv_init)(struct ef_vi *, const ef_iovec *, int, ef_request_id);
    void (*transmit_push)(struct ef_vi *);
    int (*transmit_pio)(struct ef_vi *, int, int, ef_request_id);
    int (*transmit_copy_pio)(struct ef_vi *, int, const void *, int, ef_request_id);
    void (*transmit_pio_warm)(struct ef_vi *);
    void (*transmit_copy_pio_warm)(struct ef_vi *, int, const void *, int);
    void (*transmitv_ctpio)(struct ef_vi *, size_t, const struct iovec *, int, unsigned int);
    void (*transmitv_ctpio_copy)(struct ef_vi *, size_t, const struct iovec *, int, unsigned int, void *);
    int (*transmit_alt_select)(struct ef_vi *, unsigned int);
    int (*transmit_alt_select_default)(struct ef_vi *);
    int (*transmit_alt_stop)(struct ef_vi *, unsigned int);
    int (*transmit_alt_go)(struct ef_vi *, unsigned int);
    int (*receive_set_discards)(struct ef_vi *, unsigned int);
    uint64_t (*receive_get_discards)(struct ef_vi *);
    int (*transmit_alt_discard)(struct ef_vi *, unsigned int);
    int (*receive_init)(struct ef_vi *, ef_addr, ef_request_id);
    void (*receive_push)(struct ef_vi *);
    int (*eventq_poll)(struct ef_vi *, ef_event *, int);
    void (*eventq_prime)(struct ef_vi *);
    void (*eventq_timer_prime)(struct ef_vi *, unsigned int);
    void (*eventq_timer_run)(struct ef_vi *, unsigned int);
    void (*eventq_timer_clear)(struct ef_vi *);
    void (*eventq_timer_zero)(struct ef_vi *);
    int (*transmitv_init_extra)(struct ef_vi *, const struct ef_vi_tx_extra *, const ef_remote_iovec *, int, ef_request_id);
    ssize_t (*transmit_memcpy)(struct ef_vi *, const ef_remote_iovec *, int, const ef_remote_iovec *, int);
    int (*transmit_memcpy_sync)(struct ef_vi *, ef_request_id);
    int (*transmit_ctpio_fallback)(struct ef_vi *, ef_addr, size_t, ef_request_id);
    int (*transmitv_ctpio_fallback)(struct ef_vi *, const ef_iovec *, int, ef_request_id);
  } ops;
  struct internal_ops {
    int (*post_filter_add)(struct ef_vi *, const struct ef_filter_spec *, const struct ef_filter_cookie *, int);
  } internal_ops;
};

/* Where one piece of metadata lies in a receive buffer. */
struct ef_vi_layout_entry {
  enum ef_vi_layout_type evle_type;
  int evle_offset;
  const char *evle_description;
};

/* The release of the library. */
extern const char *ef_vi_version_str(void);

/* The driver interface that the library needs. */
extern const char *ef_vi_driver_interface_str(void);

/* Posts one receive buffer and pushes it. */
extern int ef_vi_receive_post(ef_vi *vi, ef_addr addr, ef_request_id dma_id);

/* Receive time of a packet. */
extern int ef_vi_receive_get_timestamp(ef_vi *vi, const void *pkt, struct timespec *ts_out);

/* Receive time of a packet, and whether the clock was synchronised. */
extern int ef_vi_receive_get_timestamp_with_sync_flags(ef_vi *vi, const void *pkt, struct timespec *ts_out, unsigned int *flags_out);

/* Length of a packet under event merging. */
extern int ef_vi_receive_get_bytes(ef_vi *vi, const void *pkt, uint16_t *bytes_out);

/* Mark and flag that filter rules gave a packet. */
extern int ef_vi_receive_get_user_data(ef_vi *vi, const void *pkt, uint32_t *user_mark, uint8_t *user_flag);

/* Ids of the buffers that a merged receive event completes. */
extern int ef_vi_receive_unbundle(ef_vi *ep, const ef_event *event, ef_request_id *ids);

/* Id of the next receive buffer to complete. */
extern ef_request_id ef_vi_rxq_next_desc_id(ef_vi *vi);

/* Adds a transmit descriptor without pushing it. */
extern int ef_vi_transmit_init(ef_vi *vi, ef_addr addr, int bytes, ef_request_id dma_id);

/* Takes back the transmit descriptors that were not pushed. */
extern void ef_vi_transmit_init_undo(ef_vi *vi);

/* Ids of the sends that an event completes; frees their slots. */
extern int ef_vi_transmit_unbundle(ef_vi *ep, const ef_event *event, ef_request_id *ids);

/* Number of the VI's TX alternatives. */
extern unsigned int ef_vi_transmit_alt_num_ids(ef_vi *vi);

/* How packet lengths round up in the VI's TX alternatives. */
extern int ef_vi_transmit_alt_query_overhead(ef_vi *vi, struct ef_vi_transmit_alt_overhead *params);

/* Sets below how many outstanding sends a descriptor is pushed with the doorbell. */
extern void ef_vi_set_tx_push_threshold(ef_vi *vi, unsigned int threshold);

/* Former name of `ef_eventq_has_many_events`. */
extern int ef_eventq_check_event(const ef_vi *vi, int look_ahead);

/* Former name of `ef_eventq_has_many_events` where events have phase bits. */
extern int ef_eventq_check_event_phase_bit(const ef_vi *vi, int look_ahead);

/* Former name of `ef_eventq_has_many_events` on AF_XDP. */
extern int efxdp_ef_eventq_check_event(const ef_vi *vi, int look_ahead);

/* Former name of `ef_eventq_has_event` on X3. */
extern int efct_ef_eventq_check_event(const ef_vi *vi);

/* Events that the event queue holds. */
extern int ef_eventq_capacity(ef_vi *vi);

/* Where metadata lies in receive buffers. */
extern int ef_vi_receive_query_layout(ef_vi *vi, const ef_vi_layout_entry **layout_out, int *layout_len_out);

/* Receive errors of a packet, from its prefix. */
extern int ef_vi_receive_get_discard_flags(ef_vi *vi, const void *pkt, unsigned int *discard_flags);

/* Attribute that aligns to so many bytes (C only). */
#define EF_VI_ALIGN(x) \
  __attribute__((aligned(x)))
/* Type of an event: `EF_EVENT_TYPE_*`. */
#define EF_EVENT_TYPE(e) \
  ((e).generic.type)
/* Bytes received. */
#define EF_EVENT_RX_BYTES(e) \
  ((e).rx.len)
/* Queue that received. */
#define EF_EVENT_RX_Q_ID(e) \
  ((e).rx.q_id)
/* Id of the buffer received into. */
#define EF_EVENT_RX_RQ_ID(e) \
  ((e).rx.rq_id)
/* Set if the packet continues in the next buffer. */
#define EF_EVENT_RX_CONT(e) \
  ((e).rx.flags & EF_EVENT_FLAG_CONT)
/* Set if the buffer has the start of the packet. */
#define EF_EVENT_RX_SOP(e) \
  ((e).rx.flags & EF_EVENT_FLAG_SOP)
/* Set if the event is the first in a new packed-stream buffer. */
#define EF_EVENT_RX_PS_NEXT_BUFFER(e) \
  ((e).rx_packed_stream.flags & EF_EVENT_FLAG_PS_NEXT_BUFFER)
/* Set if the iSCSI digests are right. */
#define EF_EVENT_RX_ISCSI_OKAY(e) \
  ((e).rx.flags & EF_EVENT_FLAG_ISCSI_OK)
/* Queue that sent. */
#define EF_EVENT_TX_Q_ID(e) \
  ((e).tx.q_id)
/* Set if the sends went by CTPIO. */
#define EF_EVENT_TX_CTPIO(e) \
  ((e).tx.flags & EF_EVENT_FLAG_CTPIO)
/* Queue that received what is discarded. */
#define EF_EVENT_RX_DISCARD_Q_ID(e) \
  ((e).rx_discard.q_id)
/* Id of the buffer with what is discarded. */
#define EF_EVENT_RX_DISCARD_RQ_ID(e) \
  ((e).rx_discard.rq_id)
/* Set if the discarded packet continues in the next buffer. */
#define EF_EVENT_RX_DISCARD_CONT(e) \
  ((e).rx_discard.flags & EF_EVENT_FLAG_CONT)
/* Set if the buffer has the start of the discarded packet. */
#define EF_EVENT_RX_DISCARD_SOP(e) \
  ((e).rx_discard.flags & EF_EVENT_FLAG_SOP)
/* Reason of the discard: `EF_EVENT_RX_DISCARD_*`. */
#define EF_EVENT_RX_DISCARD_TYPE(e) \
  ((e).rx_discard.subtype)
/* Bytes received of what is discarded. */
#define EF_EVENT_RX_DISCARD_BYTES(e) \
  ((e).rx_discard.len)
/* Queue that received the merged packets. */
#define EF_EVENT_RX_MULTI_Q_ID(e) \
  ((e).rx_multi.q_id)
/* Set if the last of the merged packets continues. */
#define EF_EVENT_RX_MULTI_CONT(e) \
  ((e).rx_multi.flags & EF_EVENT_FLAG_CONT)
/* Set if the merged buffers begin with a packet's start. */
#define EF_EVENT_RX_MULTI_SOP(e) \
  ((e).rx_multi.flags & EF_EVENT_FLAG_SOP)
/* Reason of the merged discard: `EF_EVENT_RX_DISCARD_*`. */
#define EF_EVENT_RX_MULTI_DISCARD_TYPE(e) \
  ((e).rx_multi_discard.subtype)
/* Queue whose send failed. */
#define EF_EVENT_TX_ERROR_Q_ID(e) \
  ((e).tx_error.q_id)
/* Reason of the failure: `EF_EVENT_TX_ERROR_*`. */
#define EF_EVENT_TX_ERROR_TYPE(e) \
  ((e).tx_error.subtype)
/* Queue that sent the timestamped packet. */
#define EF_EVENT_TX_WITH_TIMESTAMP_Q_ID(e) \
  ((e).tx_timestamp.q_id)
/* Id of the timestamped send. */
#define EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID(e) \
  ((e).tx_timestamp.rq_id)
/* Seconds of the transmit time. */
#define EF_EVENT_TX_WITH_TIMESTAMP_SEC(e) \
  ((e).tx_timestamp.ts_sec)
/* Nanoseconds of the transmit time. */
#define EF_EVENT_TX_WITH_TIMESTAMP_NSEC(e) \
  ((e).tx_timestamp.ts_nsec)
/* Whether the clock was set and synchronised: `EF_VI_SYNC_FLAG_*`. */
#define EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(e) \
  ((e).tx_timestamp.ts_nsec & EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK)
/* Queue of the TX alternative. */
#define EF_EVENT_TX_ALT_Q_ID(e) \
  ((e).tx_alt.q_id)
/* TX alternative that sent or dropped a packet. */
#define EF_EVENT_TX_ALT_ALT_ID(e) \
  ((e).tx_alt.alt_id)
/* Queue that ran out of buffers. */
#define EF_EVENT_RX_NO_DESC_TRUNC_Q_ID(e) \
  ((e).rx_no_desc_trunc.q_id)
/* The bits of a software event. */
#define EF_EVENT_SW_DATA(e) \
  ((e).sw.data)
/* The argument that formats an event. */
#define EF_EVENT_PRI_ARG(e) \
  ((unsigned int)(e).generic.type)
/* Adds a receive buffer to the ring without pushing it. */
#define ef_vi_receive_init(vi, addr, dma_id) \
  ((vi)->ops.receive_init((vi), (addr), (dma_id)))
/* Submits the receive buffers that were added. */
#define ef_vi_receive_push(vi) \
  ((vi)->ops.receive_push((vi)))
/* Sets which receive errors make discard events. */
#define ef_vi_receive_set_discards(vi, discard_err_flags) \
  ((vi)->ops.receive_set_discards((vi), (discard_err_flags)))
/* Which receive errors make discard events. */
#define ef_vi_receive_get_discards(vi) \
  ((vi)->ops.receive_get_discards((vi)))
/* Adds the descriptors of a packet in pieces without pushing them. */
#define ef_vi_transmitv_init(vi, iov, iov_len, dma_id) \
  ((vi)->ops.transmitv_init((vi), (iov), (iov_len), (dma_id)))
/* Adds transmit descriptors with extra options. */
#define ef_vi_transmitv_init_extra(vi, extra, iov, iov_len, dma_id) \
  ((vi)->ops.transmitv_init_extra((vi), (extra), (iov), (iov_len), (dma_id)))
/* Submits the transmit descriptors that were added. */
#define ef_vi_transmit_push(vi) \
  ((vi)->ops.transmit_push((vi)))
/* Adds a transmit descriptor and pushes it. */
#define ef_vi_transmit(vi, base, len, dma_id) \
  ((vi)->ops.transmit((vi), (base), (len), (dma_id)))
/* Adds the descriptors of a packet in pieces and pushes them. */
#define ef_vi_transmitv(vi, iov, iov_len, dma_id) \
  ((vi)->ops.transmitv((vi), (iov), (iov_len), (dma_id)))
/* Sends what lies in the programmed-I/O region. */
#define ef_vi_transmit_pio(vi, offset, len, dma_id) \
  ((vi)->ops.transmit_pio((vi), (offset), (len), (dma_id)))
/* Copies a frame into the programmed-I/O region and sends it. */
#define ef_vi_transmit_copy_pio(vi, pio_offset, src_buf, len, dma_id) \
  ((vi)->ops.transmit_copy_pio((vi), (pio_offset), (src_buf), (len), (dma_id)))
/* Warms the path of `ef_vi_transmit_pio`. */
#define ef_vi_transmit_pio_warm(vi) \
  ((vi)->ops.transmit_pio_warm((vi)))
/* Warms the path of `ef_vi_transmit_copy_pio`. */
#define ef_vi_transmit_copy_pio_warm(vi, pio_offset, src_buf, len) \
  ((vi)->ops.transmit_copy_pio_warm((vi), (pio_offset), (src_buf), (len)))
/* Directs sends to a TX alternative. */
#define ef_vi_transmit_alt_select(vi, alt_id) \
  ((vi)->ops.transmit_alt_select((vi), (alt_id)))
/* Directs sends to the wire again. */
#define ef_vi_transmit_alt_select_normal(vi) \
  ((vi)->ops.transmit_alt_select_default((vi)))
/* Makes a TX alternative buffer its packets. */
#define ef_vi_transmit_alt_stop(vi, alt_id) \
  ((vi)->ops.transmit_alt_stop((vi), (alt_id)))
/* Makes a TX alternative send its packets. */
#define ef_vi_transmit_alt_go(vi, alt_id) \
  ((vi)->ops.transmit_alt_go((vi), (alt_id)))
/* Makes a TX alternative drop its packets. */
#define ef_vi_transmit_alt_discard(vi, alt_id) \
  ((vi)->ops.transmit_alt_discard((vi), (alt_id)))
/* Streams a frame in pieces to the adapter; the fallback call has to follow. */
#define ef_vi_transmitv_ctpio(vi, frame_len, frame_iov, frame_iov_len, ct_threshold) \
  ((vi)->ops.transmitv_ctpio((vi), (frame_len), (frame_iov), (frame_iov_len), (ct_threshold)))
/* Streams a frame in pieces to the adapter and copies it to the fallback buffer. */
#define ef_vi_transmitv_ctpio_copy(vi, frame_len, frame_iov, frame_iov_len, ct_threshold, fallback) \
  ((vi)->ops.transmitv_ctpio_copy((vi), (frame_len), (frame_iov), (frame_iov_len), (ct_threshold), (fallback)))
/* Gives the frame to send if CTPIO fails. */
#define ef_vi_transmit_ctpio_fallback(vi, dma_addr, len, dma_id) \
  ((vi)->ops.transmit_ctpio_fallback((vi), (dma_addr), (len), (dma_id)))
/* Gives the frame in pieces to send if CTPIO fails. */
#define ef_vi_transmitv_ctpio_fallback(vi, dma_iov, dma_iov_len, dma_id) \
  ((vi)->ops.transmitv_ctpio_fallback((vi), (dma_iov), (dma_iov_len), (dma_id)))
/* Adds a copy between pieces of memory that the adapter makes. */
#define ef_vi_transmit_memcpy(vi, dst_iov, dst_iov_len, src_iov, src_iov_len) \
  ((vi)->ops.transmit_memcpy((vi), (dst_iov), (dst_iov_len), (src_iov), (src_iov_len)))
/* Asks for an event when the copies added before it are done. */
#define ef_vi_transmit_memcpy_sync(vi, dma_id) \
  ((vi)->ops.transmit_memcpy_sync((vi), (dma_id)))
/* Arms the event queue without a call to the driver. */
#define ef_eventq_prime(vi) \
  ((vi)->ops.eventq_prime((vi)))
/* Takes events from the event queue; returns how many. */
#define ef_eventq_poll(evq, evs, evs_len) \
  ((evq)->ops.eventq_poll((evq), (evs), (evs_len)))

/* The VI's resource id, as `ef_eventq_put` wants it. */
static inline unsigned int ef_vi_resource_id(ef_vi *vi)
{
  return vi->vi_resource_id;
}

/* The flags that the VI was allocated with. */
static inline enum ef_vi_flags ef_vi_flags(ef_vi *vi)
{
  return vi->vi_flags;
}

/* The VI's number on its adapter. */
static inline unsigned int ef_vi_instance(ef_vi *vi)
{
  return vi->vi_i;
}

/* Bytes of metadata before a frame in its first receive buffer. */
static inline int ef_vi_receive_prefix_len(const ef_vi *vi)
{
  return (int)vi->rx_prefix_len;
}

/* Usable bytes of a posted receive buffer. */
static inline int ef_vi_receive_buffer_len(const ef_vi *vi)
{
  return (int)vi->rx_buffer_len;
}

/* Sets the usable bytes of receive buffers posted from now on. */
static inline void ef_vi_receive_set_buffer_len(ef_vi *vi, unsigned int buf_len)
{
  vi->rx_buffer_len = buf_len;
}

/* Free slots of the receive ring. */
static inline int ef_vi_receive_space(const ef_vi *vi)
{
  const ef_vi_rxq_state *ring = &vi->ep_state->rxq;
  return (int)(vi->vi_rxq.mask - (ring->added - ring->removed));
}

/* Receive buffers posted and not completed. */
static inline int ef_vi_receive_fill_level(const ef_vi *vi)
{
  const ef_vi_rxq_state *ring = &vi->ep_state->rxq;
  return (int)(ring->added - ring->removed);
}

/* Receive buffers that the ring holds. */
static inline int ef_vi_receive_capacity(const ef_vi *vi)
{
  return (int)vi->vi_rxq.mask;
}

/* Free slots of the transmit ring. */
static inline int ef_vi_transmit_space(const ef_vi *vi)
{
  const ef_vi_txq_state *ring = &vi->ep_state->txq;
  return (int)(vi->vi_txq.mask - (ring->added - ring->removed));
}

/* Transmit descriptors added and not completed. */
static inline int ef_vi_transmit_fill_level(const ef_vi *vi)
{
  const ef_vi_txq_state *ring = &vi->ep_state->txq;
  return (int)(ring->added - ring->removed);
}

/* Free bytes of the cut-through FIFO; negative when it is overfull. */
static inline int ef_vi_transmit_space_bytes(const ef_vi *vi)
{
  const ef_vi_txq_state *ring = &vi->ep_state->txq;
  return (int)(vi->vi_txq.ct_fifo_bytes - (ring->ct_added - ring->ct_removed));
}

/* Bytes in the cut-through FIFO. */
static inline int ef_vi_transmit_fill_level_bytes(const ef_vi *vi)
{
  const ef_vi_txq_state *ring = &vi->ep_state->txq;
  return (int)(ring->ct_added - ring->ct_removed);
}

/* Transmit descriptors that the ring holds. */
static inline int ef_vi_transmit_capacity(const ef_vi *vi)
{
  return (int)vi->vi_txq.mask;
}

/* Bytes that a packet takes of a TX alternative's buffer. */
static inline uint32_t ef_vi_transmit_alt_usage(const struct ef_vi_transmit_alt_overhead *params, uint32_t pkt_len)
{
  return ((pkt_len + params->pre_round) & params->mask) + params->post_round;
}

/* Streams a frame to the adapter; the fallback call has to follow. */
static inline void ef_vi_transmit_ctpio(ef_vi *vi, const void *frame_buf, size_t frame_len, unsigned int ct_threshold)
{
  struct iovec frame;
  frame.iov_base = (void *)(uintptr_t)frame_buf;
  frame.iov_len = frame_len;
  ef_vi_transmitv_ctpio(vi, frame_len, &frame, 1, ct_threshold);
}

/* Whether a poll would give an event. */
static inline int ef_eventq_has_event(const ef_vi *vi)
{
  int efct = vi->nic_type.arch == EF_VI_ARCH_EFCT;
  if (!vi->evq_phase_bits)
    return ef_eventq_check_event(vi, 0);
  if (vi->nic_type.arch == EF_VI_ARCH_AF_XDP)
    return efxdp_ef_eventq_check_event(vi, 0);
  return efct ? efct_ef_eventq_check_event(vi) : ef_eventq_check_event_phase_bit(vi, 0);
}

/* Whether that many events are waiting. */
static inline int ef_eventq_has_many_events(const ef_vi *evq, int n_events)
{
  return evq->evq_phase_bits ? ef_eventq_check_event_phase_bit(evq, n_events) : ef_eventq_check_event(evq, n_events);
}

/* Read position in the event queue, for `ef_vi_prime` and `ef_eventq_wait`. */
static inline unsigned int ef_eventq_current(ef_vi *evq)
{
  return evq->ep_state->evq.evq_ptr;
}

#ifdef __cplusplus
}
#endif

#endif
