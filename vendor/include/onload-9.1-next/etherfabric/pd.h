/* Onload 9.1-next: etherfabric/pd.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_PD_H
#define EFVI_ETHERFABRIC_PD_H

#include <etherfabric/base.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ef_pd ef_pd;

/* No VLAN. */
#define EF_PD_VLAN_NONE (-1)

/* Options of a protection domain. */
enum ef_pd_flags {
  EF_PD_DEFAULT = 0, /* No options. */
  EF_PD_VF = 1, /* Use a virtual function. */
  EF_PD_PHYS_MODE = 2, /* Use physical addresses. */
  EF_PD_RX_PACKED_STREAM = 4, /* Allow packed streams. */
  EF_PD_VPORT = 8, /* Have a virtual port. */
  EF_PD_MCAST_LOOP = 16, /* Loop multicast back to this host. */
  EF_PD_MEMREG_64KiB = 32, /* Registered memory comes in pieces of 64 KiB. */
  EF_PD_IGNORE_BLACKLIST = 64, /* Use interfaces that Onload is told to leave alone. */
  EF_PD_EXPRESS = 128, /* Use the express datapath. */
};

/* A protection domain: what memory and VIs have to share. */
struct ef_pd {
  enum ef_pd_flags pd_flags;
  unsigned int pd_resource_id;
  char *pd_intf_name;
  char *pd_cluster_name;
  int pd_cluster_sock;
  ef_driver_handle pd_cluster_dh;
  unsigned int pd_cluster_viset_resource_id;
  int pd_cluster_viset_index;
};

/* Allocates a protection domain on an interface by index. */
extern int ef_pd_alloc(ef_pd *pd, ef_driver_handle pd_dh, int ifindex, enum ef_pd_flags flags);

/* Allocates a protection domain on an interface or cluster by name. */
extern int ef_pd_alloc_by_name(ef_pd *pd, ef_driver_handle pd_dh, const char *cluster_or_intf_name, enum ef_pd_flags flags);

/* Allocates a protection domain with a virtual port and VLAN. */
extern int ef_pd_alloc_with_vport(ef_pd *pd, ef_driver_handle pd_dh, const char *intf_name, enum ef_pd_flags flags, int vlan_id);

/* Name of the protection domain's interface. */
extern const char *ef_pd_interface_name(ef_pd *pd);

/* Frees a protection domain. */
extern int ef_pd_free(ef_pd *pd, ef_driver_handle pd_dh);


#ifdef __cplusplus
}
#endif

#endif
