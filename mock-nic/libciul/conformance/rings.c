/* Sizes of rings and event queues. */
#include "station.h"

static int size_refused(struct port *port, int events, int receive, int transmit)
{
  struct station station;
  struct rings rings = {events, receive, transmit};
  int rc = station_try(&station, port, rings, EF_VI_FLAGS_DEFAULT);
  if (rc >= 0)
    REQUIRE(ef_vi_free(&station.vi, port->driver) == 0);
  return rc < 0 ? rc : 0;
}

static void sizes(struct port *port)
{
  unsigned long offered = port_capability(port, EF_VI_CAP_RXQ_SIZES);
  for (int size = 512; size <= 4096; size *= 2)
    if (offered & (unsigned long)size) {
      struct station station;
      struct rings rings = {-1, size, -1};
      CHECK("a receive ring of an offered size can be had",
            station_try(&station, port, rings, EF_VI_FLAGS_DEFAULT) >= 0);
      CHECK_EQUAL("one slot of it stays free", ef_vi_receive_capacity(&station.vi), size - 1);
      REQUIRE(ef_vi_free(&station.vi, port->driver) == 0);
    }
  offered = port_capability(port, EF_VI_CAP_TXQ_SIZES);
  for (int size = 512; size <= 2048; size *= 2)
    if (offered & (unsigned long)size) {
      struct station station;
      struct rings rings = {-1, -1, size};
      CHECK("a transmit ring of an offered size can be had",
            station_try(&station, port, rings, EF_VI_FLAGS_DEFAULT) >= 0);
      CHECK_EQUAL("one slot of it stays free", ef_vi_transmit_capacity(&station.vi), size - 1);
      REQUIRE(ef_vi_free(&station.vi, port->driver) == 0);
    }
  CHECK_EQUAL("a size that is not offered is refused: receive", size_refused(port, -1, 500, -1), -EINVAL);
  CHECK_EQUAL("a size that is not offered is refused: transmit", size_refused(port, -1, -1, 1000), -EINVAL);
  CHECK_EQUAL("a size that is not offered is refused: events", size_refused(port, 3000, -1, -1), -EINVAL);
  CHECK_EQUAL("a VI without a ring and without a queue is none", size_refused(port, 0, 0, 0), -EINVAL);
}

static void defaults(struct port *port)
{
  struct station station;
  struct rings rings = {-1, -1, -1};
  REQUIRE(station_try(&station, port, rings, EF_VI_FLAGS_DEFAULT) >= 0);
  CHECK_EQUAL("-1 asks for 512 receive slots", ef_vi_receive_capacity(&station.vi), 511);
  CHECK_EQUAL("-1 asks for 512 transmit slots", ef_vi_transmit_capacity(&station.vi), 511);
  CHECK("the event queue holds what both complete", ef_eventq_capacity(&station.vi) >= 1023);
  CHECK_EQUAL("a new receive ring is empty", ef_vi_receive_fill_level(&station.vi), 0);
  CHECK_EQUAL("a new transmit ring is empty", ef_vi_transmit_fill_level(&station.vi), 0);
  CHECK_EQUAL("all of it is space", ef_vi_transmit_space(&station.vi), 511);
  REQUIRE(ef_vi_free(&station.vi, port->driver) == 0);

  struct rings transmit_only = {-1, 0, -1};
  CHECK("a VI may send only", station_try(&station, port, transmit_only, EF_VI_FLAGS_DEFAULT) >= 0);
  REQUIRE(ef_vi_free(&station.vi, port->driver) == 0);

  if (!(port_capability(port, EF_VI_CAP_TXQ_SIZES) & 1024))
    return;
  setenv("EF_VI_TXQ_SIZE", "1024", 1);
  REQUIRE(station_try(&station, port, rings, EF_VI_FLAGS_DEFAULT) >= 0);
  CHECK_EQUAL("EF_VI_TXQ_SIZE overrides the default", ef_vi_transmit_capacity(&station.vi), 1023);
  REQUIRE(ef_vi_free(&station.vi, port->driver) == 0);
  unsetenv("EF_VI_TXQ_SIZE");
}

static void shared_queue(struct port *port)
{
  if (port_capability(port, EF_VI_CAP_RX_SHARED))
    return;
  struct station owner, guest;
  struct rings rings = {2048, -1, -1};
  REQUIRE(station_try(&owner, port, rings, EF_VI_FLAGS_DEFAULT) >= 0);
  memset(&guest, 0, sizeof(guest));
  int label = ef_vi_alloc_from_pd(&guest.vi, port->driver, &port->domain, port->driver, 0, -1, -1, &owner.vi,
                                  port->driver, EF_VI_FLAGS_DEFAULT);
  CHECK("a VI may use another's event queue: the result is its queue id", label == 1);
#ifdef ef_vi_get_vi_from_q_id
  CHECK("the queue id leads to the VI", ef_vi_get_vi_from_q_id(&owner.vi, label) == &guest.vi);
  CHECK("0 leads to the queue's owner", ef_vi_get_vi_from_q_id(&owner.vi, 0) == &owner.vi);
#endif
  CHECK_EQUAL("the guest is freed first", ef_vi_free(&guest.vi, port->driver), 0);
  CHECK_EQUAL("then the owner", ef_vi_free(&owner.vi, port->driver), 0);
}

int main(void)
{
  struct port port;
  port_open(&port, near_end());
  sizes(&port);
  defaults(&port);
  shared_queue(&port);
  port_close(&port);
  return tap_done();
}
