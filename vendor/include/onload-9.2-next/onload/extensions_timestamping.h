/* Onload 9.2-next: onload/extensions_timestamping.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ONLOAD_EXTENSIONS_TIMESTAMPING_H
#define EFVI_ONLOAD_EXTENSIONS_TIMESTAMPING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct onload_timestamp;


/* Timestamps to report on a socket. */
enum onload_timestamping_flags {
  ONLOAD_TIMESTAMPING_FLAG_TX_NIC = 1, /* Transmit times by the adapter. */
  ONLOAD_TIMESTAMPING_FLAG_RX_NIC = 2, /* Receive times by the adapter. */
  ONLOAD_TIMESTAMPING_FLAG_RX_CPACKET = 4, /* Receive times by a switch's trailer. */
};

/* Quality of a timestamp. */
enum onload_ts_flags {
  ONLOAD_TS_FLAG_CLOCK_SET = 1, /* The clock has been set. */
  ONLOAD_TS_FLAG_CLOCK_IN_SYNC = 2, /* The clock is synchronised. */
  ONLOAD_TS_FLAG_ACCEPTABLE = 128, /* The time may be used by the stack's policy. */
};

/* A time with a 24-bit fraction of a nanosecond and flags. */
struct onload_timestamp {
  uint64_t sec;
  uint32_t nsec;
  unsigned int nsec_frac : 24;
  unsigned int flags : 8;
};

/* Extended timestamp in a socket's control message. */
struct scm_timestamping_ooext {
  uint32_t type;
  uint32_t padding;
  struct onload_timestamp timestamp;
};

/* Sets which timestamps a socket reports. */
extern int onload_timestamping_request(int fd, unsigned int flags);


#ifdef __cplusplus
}
#endif

#endif
