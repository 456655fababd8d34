/* What the assertions of all releases include: headers that this does not compile with are not whole.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#include <etherfabric/base.h>
#include <etherfabric/capabilities.h>
#include <etherfabric/checksum.h>
#include <etherfabric/ef_vi.h>
#include <etherfabric/efct_vi.h>
#include <etherfabric/memreg.h>
#include <etherfabric/packedstream.h>
#include <etherfabric/pd.h>
#include <etherfabric/pio.h>
#include <etherfabric/timer.h>
#include <etherfabric/vi.h>
#ifndef EFVI_SYS_WITHOUT_EXTENSIONS
#include <onload/extensions.h>
#include <onload/extensions_timestamping.h>
#include <onload/extensions_zc.h>
#endif
