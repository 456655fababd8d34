/* Onload 9.1.1: etherfabric/pio.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_PIO_H
#define EFVI_ETHERFABRIC_PIO_H

#include <etherfabric/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ef_pd;
struct ef_vi;
typedef struct ef_pio ef_pio;

/* Whether programmed I/O is built in. */
#define EF_VI_CONFIG_PIO 1

/* A programmed-I/O region. */
struct ef_pio {
  uint8_t *pio_buffer;
  uint8_t *pio_io;
  unsigned int pio_resource_id;
  unsigned int pio_len;
};

/* Allocates a programmed-I/O region. */
extern int ef_pio_alloc(ef_pio *pio, ef_driver_handle pio_dh, struct ef_pd *pd, unsigned int len_hint, ef_driver_handle pd_dh);

/* Bytes of the programmed-I/O region linked to a VI. */
extern int ef_vi_get_pio_size(ef_vi *vi);

/* Frees a programmed-I/O region. */
extern int ef_pio_free(ef_pio *pio, ef_driver_handle pio_dh);

/* Links a programmed-I/O region to a VI. */
extern int ef_pio_link_vi(ef_pio *pio, ef_driver_handle pio_dh, struct ef_vi *vi, ef_driver_handle vi_dh);

/* Unlinks a programmed-I/O region from a VI. */
extern int ef_pio_unlink_vi(ef_pio *pio, ef_driver_handle pio_dh, struct ef_vi *vi, ef_driver_handle vi_dh);

/* Copies into the programmed-I/O region. */
extern int ef_pio_memcpy(ef_vi *vi, const void *base, int offset, int len);


#ifdef __cplusplus
}
#endif

#endif
