/* Onload 9.0.2: etherfabric/efct_vi.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_EFCT_VI_H
#define EFVI_ETHERFABRIC_EFCT_VI_H

#include <etherfabric/ef_vi.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ef_vi;
struct timespec;


/* Frame of a packet id. */
extern const void *efct_vi_rxpkt_get(struct ef_vi *vi, uint32_t pkt_id);

/* Gives a packet id back. */
extern void efct_vi_rxpkt_release(struct ef_vi *vi, uint32_t pkt_id);

/* Start of a packet that is still arriving, or null. */
extern const void *efct_vi_rx_future_peek(struct ef_vi *vi);

/* Events of the packet that was peeked at. */
extern int efct_vi_rx_future_poll(ef_vi *vi, ef_event *evs, int evs_len);

/* Starts transmit warming. */
extern void efct_vi_start_transmit_warm(ef_vi *vi);

/* Stops transmit warming. */
extern void efct_vi_stop_transmit_warm(ef_vi *vi);


/* Receive time of a packet id. */
static inline int efct_vi_rxpkt_get_timestamp(struct ef_vi *vi, uint32_t pkt_id, struct timespec *ts_out, unsigned int *flags_out)
{
  ef_precisetime time;
  int rc = ef_vi_receive_get_precise_timestamp(vi, efct_vi_rxpkt_get(vi, pkt_id), &time);
  ts_out->tv_sec = time.tv_sec;
  ts_out->tv_nsec = time.tv_nsec;
  *flags_out = time.tv_flags;
  return rc;
}

#ifdef __cplusplus
}
#endif

#endif
