/* PIO: packets sent from the adapter's own memory. */
#include "station.h"

#include <etherfabric/pio.h>

static struct port near, far;
static struct station tx, rx;
static struct flow flow;
static ef_pio pio;

/* The next frame's number, or -1 if none comes, -2 if it is not whole; its buffer is posted again. */
static long long received(int length)
{
  return station_receive(&rx, &flow, length, STATION_PATIENCE);
}

/* The same of one that must not come. */
static long long stray(int length)
{
  return station_receive(&rx, &flow, length, quiet_time());
}

static int completed(ef_request_id *ids, int expected)
{
  return station_completed(&tx, ids, 512, expected);
}

static void region(void)
{
  uint8_t frame[FRAME_LONGEST];
  frame_make(frame, &flow, 200, 1);
  CHECK_EQUAL("without a region there is nothing to send from", ef_vi_transmit_copy_pio(&tx.vi, 0, frame, 200, 1),
              -EINVAL);
  CHECK_EQUAL("a region can be had", ef_pio_alloc(&pio, near.driver, &near.domain, (unsigned)-1, near.driver), 0);
  CHECK_EQUAL("it is linked with a VI", ef_pio_link_vi(&pio, near.driver, &tx.vi, near.driver), 0);
  CHECK_EQUAL("with one at a time", ef_pio_link_vi(&pio, near.driver, &tx.vi, near.driver), -EALREADY);
  CHECK_EQUAL("its size is the adapter's", ef_vi_get_pio_size(&tx.vi),
              (long long)port_capability(&near, EF_VI_CAP_PIO_BUFFER_SIZE));
}

static void sending(void)
{
  uint8_t frame[FRAME_LONGEST];
  ef_request_id ids[512];
  frame_make(frame, &flow, 200, 7);
  CHECK_EQUAL("a frame is copied into the region", ef_pio_memcpy(&tx.vi, frame, 0, 200), 0);
  CHECK_EQUAL("nothing leaves by that", stray(200), -1);
  CHECK_EQUAL("and sent from there", ef_vi_transmit_pio(&tx.vi, 0, 200, 3), 0);
  CHECK_EQUAL("it arrives", received(200), 7);
  CHECK("and completes with its id", completed(ids, 1) == 1 && ids[0] == 3);
  CHECK_EQUAL("the region keeps it: it can be sent again", ef_vi_transmit_pio(&tx.vi, 0, 200, 4), 0);
  CHECK_EQUAL("the same", received(200), 7);
  REQUIRE(completed(ids, 1) == 1);

  frame_make(frame, &flow, 300, 8);
  CHECK_EQUAL("one call copies and sends", ef_vi_transmit_copy_pio(&tx.vi, 512, frame, 300, 5), 0);
  memset(frame, 0, sizeof(frame));
  CHECK_EQUAL("the source may be used again at once", received(300), 8);
  REQUIRE(completed(ids, 1) == 1);

  int good = 0;
  for (uint32_t n = 0; n < 16; ++n) {
    frame_make(frame, &flow, 100, n);
    good += ef_vi_transmit_copy_pio(&tx.vi, (int)n * 128, frame, 100, (int)n) == 0;
  }
  for (uint32_t n = 0; n < 16; ++n)
    good += received(100) == (long long)n;
  CHECK_EQUAL("several lie in the region and leave in order", good, 32);
  CHECK_EQUAL("all complete", completed(ids, 16), 16);
}

static void refusals(void)
{
  uint8_t frame[FRAME_LONGEST];
  ef_request_id ids[512];
  int size = ef_vi_get_pio_size(&tx.vi);
  frame_make(frame, &flow, 200, 1);
  CHECK_EQUAL("an offset that is no multiple of 64 is refused", ef_vi_transmit_pio(&tx.vi, 32, 100, 1), -EINVAL);
  CHECK_EQUAL("fewer than 16 bytes are refused", ef_vi_transmit_pio(&tx.vi, 0, 15, 1), -EINVAL);
  CHECK_EQUAL("what ends behind the region is refused", ef_vi_transmit_pio(&tx.vi, size - 64, 100, 1), -EINVAL);
  CHECK_EQUAL("in the copying call, too", ef_vi_transmit_copy_pio(&tx.vi, 32, frame, 100, 1), -EINVAL);
  CHECK_EQUAL("nothing of it was taken", ef_vi_transmit_fill_level(&tx.vi), 0);
  ef_vi_transmit_pio_warm(&tx.vi);
  ef_vi_transmit_copy_pio_warm(&tx.vi, 0, frame, 200);
  CHECK_EQUAL("warming sends nothing", stray(200), -1);
  CHECK_EQUAL("and takes no slot", ef_vi_transmit_fill_level(&tx.vi), 0);
  CHECK_EQUAL("nothing completes by it", completed(ids, 0), 0);
}

/* What an adapter without PIO says. */
static int refused(void)
{
  uint8_t frame[FRAME_LONGEST];
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &tx, "192.0.2.1");
  frame_make(frame, &flow, 200, 1);
  CHECK_EQUAL("an adapter without PIO has no region",
              ef_pio_alloc(&pio, near.driver, &near.domain, (unsigned)-1, near.driver), -EOPNOTSUPP);
  CHECK_EQUAL("nothing is sent from one", ef_vi_transmit_pio(&tx.vi, 0, 200, 1), -EOPNOTSUPP);
  CHECK_EQUAL("nor copied and sent", ef_vi_transmit_copy_pio(&tx.vi, 0, frame, 200, 1), -EOPNOTSUPP);
  CHECK_EQUAL("nothing of it was taken", ef_vi_transmit_fill_level(&tx.vi), 0);
  station_close(&tx);
  port_close(&near);
  return tap_done();
}

int main(void)
{
  port_open(&near, near_end());
  if (!port_capability(&near, EF_VI_CAP_PIO))
    return refused();
  port_open(&far, far_end());
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  ef_filter_cookie cookie;
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  station_post(&rx, 0, 64);
  region();
  sending();
  refusals();
  CHECK_EQUAL("the region is unlinked", ef_pio_unlink_vi(&pio, near.driver, &tx.vi, near.driver), 0);
  CHECK_EQUAL("then freed", ef_pio_free(&pio, near.driver), 0);
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
