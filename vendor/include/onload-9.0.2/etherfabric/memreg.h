/* Onload 9.0.2: etherfabric/memreg.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_MEMREG_H
#define EFVI_ETHERFABRIC_MEMREG_H

#include <etherfabric/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ef_pd;
typedef struct ef_memreg ef_memreg;


/* A registered memory region. */
struct ef_memreg {
  ef_addr *mr_dma_addrs;
  ef_addr *mr_dma_addrs_base;
};

/* Registers memory for DMA. */
extern int ef_memreg_alloc(ef_memreg *mr, ef_driver_handle mr_dh, struct ef_pd *pd, ef_driver_handle pd_dh, void *p_mem, size_t len_bytes);

/* Ends the registration of memory. */
extern int ef_memreg_free(ef_memreg *mr, ef_driver_handle mr_dh);


/* DMA address of a byte of registered memory. */
static inline ef_addr ef_memreg_dma_addr(ef_memreg *mr, size_t offset)
{
  return mr->mr_dma_addrs[offset >> EF_VI_NIC_PAGE_SHIFT] | (offset & (EF_VI_NIC_PAGE_SIZE - 1));
}

#ifdef __cplusplus
}
#endif

#endif
