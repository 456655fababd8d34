/* Onload 9.1.1: etherfabric/base.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_BASE_H
#define EFVI_ETHERFABRIC_BASE_H

#include <etherfabric/ef_vi.h>
#include <sys/time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct timeval;

/* Binary logarithm of `EF_VI_NIC_PAGE_SIZE`. */
#define EF_VI_NIC_PAGE_SHIFT 12
/* Bytes within which DMA addresses are contiguous. */
#define EF_VI_NIC_PAGE_SIZE 4096
/* No DMA address. */
#define EF_INVALID_ADDR ((ef_addr)-1)

/* Sleeps until the event queue has events or time is up. */
extern int ef_eventq_wait(ef_vi *vi, ef_driver_handle vi_dh, unsigned int current_ptr, const struct timeval *timeout);

/* Opens the driver. */
extern int ef_driver_open(ef_driver_handle *dh_out);

/* Closes the driver. */
extern int ef_driver_close(ef_driver_handle dh);


#ifdef __cplusplus
}
#endif

#endif
