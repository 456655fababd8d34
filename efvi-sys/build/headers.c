/* What the static assertions of the releases include, for headers that are of none of them or not whole. */

#include <etherfabric/ef_vi.h>
#include <onload/extensions.h>
#include <onload/extensions_zc.h>
