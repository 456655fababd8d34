/* The driver, protection domains, registered memory, and what the adapter can do. */
#include "station.h"

static void driver(void)
{
  ef_driver_handle one = -1, other = -1;
  CHECK_EQUAL("opening the driver gives 0", ef_driver_open(&one), 0);
  CHECK_EQUAL("it can be opened more than once", ef_driver_open(&other), 0);
  CHECK("handles are file descriptors that differ", one >= 0 && other >= 0 && one != other);
  CHECK_EQUAL("closing gives 0", ef_driver_close(other), 0);
  CHECK("a handle is closed once", ef_driver_close(other) < 0);
  ef_pd domain;
  CHECK_EQUAL("what is no handle opens nothing", ef_pd_alloc_by_name(&domain, other, near_end(), EF_PD_DEFAULT), -EBADF);
  CHECK_EQUAL("the other is still open", ef_driver_close(one), 0);
}

static void domain(void)
{
  ef_driver_handle handle;
  ef_pd domain;
  REQUIRE(ef_driver_open(&handle) == 0);
  CHECK_EQUAL("an unknown interface is no device", ef_pd_alloc_by_name(&domain, handle, "nosuch0", EF_PD_DEFAULT),
              -ENODEV);
  CHECK_EQUAL("a name opens a domain", ef_pd_alloc_by_name(&domain, handle, near_end(), EF_PD_DEFAULT), 0);
  CHECK("the domain knows its interface", strcmp(ef_pd_interface_name(&domain), near_end()) == 0);
  CHECK_EQUAL("freeing it gives 0", ef_pd_free(&domain, handle), 0);
  int index = (int)if_nametoindex(near_end());
  CHECK_EQUAL("an index opens one as well", ef_pd_alloc(&domain, handle, index, EF_PD_DEFAULT), 0);
  CHECK("the index is that of the interface", strcmp(ef_pd_interface_name(&domain), near_end()) == 0);
  REQUIRE(ef_pd_free(&domain, handle) == 0);
  CHECK_EQUAL("an unknown index is no device", ef_pd_alloc(&domain, handle, 123456, EF_PD_DEFAULT), -ENODEV);
  CHECK_EQUAL("an end of a cable is an interface", ef_pd_alloc_by_name(&domain, handle, "cable9a", EF_PD_DEFAULT), 0);
  REQUIRE(ef_pd_free(&domain, handle) == 0);
  REQUIRE(ef_driver_close(handle) == 0);
}

static void memory(struct port *port)
{
  /* Some adapters register memory by larger pages. */
  size_t page = port_capability(port, EF_VI_CAP_MIN_BUFFER_MODE_SIZE);
  page = page > EF_VI_NIC_PAGE_SIZE ? page : EF_VI_NIC_PAGE_SIZE;
  uint8_t *pages = large_pages(16 * page);
  ef_memreg one, other;
  CHECK_EQUAL("memory is registered", ef_memreg_alloc(&one, port->driver, &port->domain, port->driver, pages, 8 * page),
              0);
  CHECK("DMA addresses are contiguous within a page",
        ef_memreg_dma_addr(&one, page + 4095) == ef_memreg_dma_addr(&one, page) + 4095);
  CHECK("a page's DMA address is a page's", ef_memreg_dma_addr(&one, 0) % EF_VI_NIC_PAGE_SIZE == 0);
  CHECK_EQUAL("the same memory can be registered again",
              ef_memreg_alloc(&other, port->driver, &port->domain, port->driver, pages, 8 * page), 0);
  CHECK("registrations have addresses of their own", ef_memreg_dma_addr(&one, 0) != ef_memreg_dma_addr(&other, 0));
  CHECK_EQUAL("a registration ends", ef_memreg_free(&other, port->driver), 0);
  CHECK_EQUAL("memory that starts in the middle of a page is refused",
              ef_memreg_alloc(&other, port->driver, &port->domain, port->driver, pages + 2048, page), -EINVAL);
  CHECK_EQUAL("a length that is no multiple of 2048 is refused",
              ef_memreg_alloc(&other, port->driver, &port->domain, port->driver, pages, 1000), -EINVAL);
  CHECK_EQUAL("the first one's ends last", ef_memreg_free(&one, port->driver), 0);
  munmap(pages, 16 * page);
}

static void capabilities(struct port *port)
{
  unsigned long value = 0;
  CHECK("there is a highest capability", ef_vi_capabilities_max() == EF_VI_CAP_MAX - 1);
  CHECK_EQUAL("an unknown one is not known",
              ef_vi_capabilities_get(port->driver, port->index, (enum ef_vi_capability)EF_VI_CAP_MAX, &value), -ENOSYS);
  CHECK_EQUAL("receive rings have sizes", ef_vi_capabilities_get(port->driver, port->index, EF_VI_CAP_RXQ_SIZES, &value), 0);
  CHECK("512 is one of them", value & 512);
  CHECK_EQUAL("an unknown interface has none", ef_vi_capabilities_get(port->driver, 123456, EF_VI_CAP_CTPIO, &value),
              -ENODEV);
  CHECK("UDP filters are offered", port_capability(port, EF_VI_CAP_RX_FILTER_TYPE_UDP_LOCAL));
}

/* The order that the documentation asks for: the VI, its memory, the domain, the handle. */
static void order(void)
{
  struct port port;
  struct station station;
  port_open(&port, near_end());
  station_open(&station, &port, EF_VI_FLAGS_DEFAULT);
  uint8_t mac[6];
  CHECK_EQUAL("a VI knows its port's address", ef_vi_get_mac(&station.vi, port.driver, mac), 0);
  CHECK("which is no group's", (mac[0] & 1) == 0);
  CHECK("frames carry an MTU of 1500 bytes at least", ef_vi_mtu(&station.vi, port.driver) >= 1500);
  CHECK_EQUAL("the VI goes first", ef_vi_free(&station.vi, port.driver), 0);
  CHECK_EQUAL("then its memory", ef_memreg_free(&station.memory, port.driver), 0);
  munmap(station.buffers, BUFFERS * BUFFER);
  CHECK_EQUAL("then the domain", ef_pd_free(&port.domain, port.driver), 0);
  CHECK_EQUAL("then the handle", ef_driver_close(port.driver), 0);
}

int main(void)
{
  struct port port;
  driver();
  domain();
  port_open(&port, near_end());
  memory(&port);
  capabilities(&port);
  port_close(&port);
  order();
  CHECK("the library says its release", ef_vi_version_str()[0] >= '8');
  return tap_done();
}
