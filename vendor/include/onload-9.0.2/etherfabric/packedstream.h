/* Onload 9.0.2: etherfabric/packedstream.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_PACKEDSTREAM_H
#define EFVI_ETHERFABRIC_PACKEDSTREAM_H

#include <etherfabric/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ef_packed_stream_packet ef_packed_stream_packet;
typedef struct ef_packed_stream_params ef_packed_stream_params;

/* The adapter's clock has been set. */
#define EF_VI_PS_FLAG_CLOCK_SET 1
/* The adapter's clock is synchronised (PTP). */
#define EF_VI_PS_FLAG_CLOCK_IN_SYNC 2
/* The frame's checksum is wrong. */
#define EF_VI_PS_FLAG_BAD_FCS 4
/* The TCP or UDP checksum is wrong or unchecked. */
#define EF_VI_PS_FLAG_BAD_L4_CSUM 8
/* The IPv4 checksum is wrong or unchecked. */
#define EF_VI_PS_FLAG_BAD_L3_CSUM 16
/* Either of the two checksum flags. */
#define EF_VI_PS_FLAG_BAD_IP_CSUM 24

/* Header of a packet in a packed-stream buffer. */
struct ef_packed_stream_packet {
  uint16_t ps_next_offset;
  uint8_t ps_pkt_start_offset;
  uint8_t ps_flags;
  uint16_t ps_cap_len;
  uint16_t ps_orig_len;
  uint32_t ps_ts_sec;
  uint32_t ps_ts_nsec;
};

/* Dimensions of packed-stream buffers. */
struct ef_packed_stream_params {
  int psp_buffer_size;
  int psp_buffer_align;
  int psp_start_offset;
  int psp_max_usable_buffers;
};

/* Dimensions of the VI's packed-stream buffers. */
extern int ef_vi_packed_stream_get_params(ef_vi *vi, ef_packed_stream_params *psp_out);

/* Packets and bytes that a packed-stream event stands for. */
extern int ef_vi_packed_stream_unbundle(ef_vi *vi, const ef_event *ev, ef_packed_stream_packet **pkt_iter, int *n_pkts_out, int *n_bytes_out);


/* First packet of a packed-stream buffer. */
static inline ef_packed_stream_packet *ef_packed_stream_packet_first(void *start_of_buffer, int psp_start_offset)
{
  return (ef_packed_stream_packet *)(void *)((char *)start_of_buffer + psp_start_offset);
}

/* The packet after one in a packed-stream buffer. */
static inline ef_packed_stream_packet *ef_packed_stream_packet_next(ef_packed_stream_packet *ps_pkt)
{
  return (ef_packed_stream_packet *)(void *)((char *)ps_pkt + ps_pkt->ps_next_offset);
}

/* Frame of a packet in a packed-stream buffer. */
static inline void *ef_packed_stream_packet_payload(ef_packed_stream_packet *ps_pkt)
{
  return (char *)ps_pkt + ps_pkt->ps_pkt_start_offset;
}

#ifdef __cplusplus
}
#endif

#endif
