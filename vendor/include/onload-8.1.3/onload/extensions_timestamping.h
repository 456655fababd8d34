/* Onload 8.1.3: onload/extensions_timestamping.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ONLOAD_EXTENSIONS_TIMESTAMPING_H
#define EFVI_ONLOAD_EXTENSIONS_TIMESTAMPING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif



/* Timestamps to report on a socket. */
enum onload_timestamping_flags {
  ONLOAD_TIMESTAMPING_FLAG_TX_NIC = 1, /* Transmit times by the adapter. */
  ONLOAD_TIMESTAMPING_FLAG_RX_NIC = 2, /* Receive times by the adapter. */
  ONLOAD_TIMESTAMPING_FLAG_RX_CPACKET = 4, /* Receive times by a switch's trailer. */
};

/* A time with a 24-bit fraction of a nanosecond and flags. */
struct onload_timestamp {
  uint64_t sec;
  uint32_t nsec;
  unsigned int nsec_frac : 24;
  unsigned int reserved : 8;
};

/* Sets which timestamps a socket reports. */
extern int onload_timestamping_request(int fd, unsigned int flags);


#ifdef __cplusplus
}
#endif

#endif
