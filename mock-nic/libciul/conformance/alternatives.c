/* TX alternatives: packets that wait in the adapter until they are let go, or dropped. */
#include "station.h"

static struct port near, far;
static struct station tx, rx;
static struct flow flow;

/* Sends that completed, and packets that left or were dropped, by alternative. */
static int sent, left[8];

/* Takes events until there were so many of either kind. */
static void look(int completions, int departures)
{
  ef_event event;
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  int gone = 0;
  sent = 0;
  memset(left, 0, sizeof(left));
  int64_t end = nanoseconds() + STATION_PATIENCE;
  do
    while (station_event(&tx, &event))
      if (EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX_ALT) {
        REQUIRE(EF_EVENT_TX_ALT_ALT_ID(event) < 8);
        ++left[EF_EVENT_TX_ALT_ALT_ID(event)];
        ++gone;
      } else {
        REQUIRE(EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX);
        sent += ef_vi_transmit_unbundle(&tx.vi, &event, ids);
      }
  while ((sent < completions || gone < departures) && nanoseconds() < end);
}

/* Numbers of the frames that arrive, of which so many are expected; how many. */
static int arrived(uint32_t *numbers, int room, int expected)
{
  ef_event event;
  int n = 0;
  while (n < room && station_await(&rx, &event, n < expected ? STATION_PATIENCE : quiet_time())) {
    REQUIRE(EF_EVENT_TYPE(event) == EF_EVENT_TYPE_RX);
    numbers[n++] = frame_number(station_frame(&rx, &event));
    int id = (int)EF_EVENT_RX_RQ_ID(event);
    REQUIRE(ef_vi_receive_post(&rx.vi, station_dma(&rx, id), id) == 0);
  }
  return n;
}

/* What an adapter without them says. */
static int refused(void)
{
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  CHECK_EQUAL("an adapter without alternatives makes no VI for them", flags_refused(&near, EF_VI_TX_ALT), -EOPNOTSUPP);
  CHECK_EQUAL("on another VI they can't be had", ef_vi_transmit_alt_alloc(&tx.vi, near.driver, 2, 8192), -EINVAL);
  CHECK_EQUAL("nor stopped", ef_vi_transmit_alt_stop(&tx.vi, 0), -EOPNOTSUPP);
  CHECK_EQUAL("nor let go", ef_vi_transmit_alt_go(&tx.vi, 0), -EOPNOTSUPP);
  CHECK_EQUAL("nor selected", ef_vi_transmit_alt_select(&tx.vi, 0), -EOPNOTSUPP);
  station_close(&tx);
  port_close(&near);
  return tap_done();
}

int main(void)
{
  uint32_t numbers[64];
  ef_filter_cookie cookie;
  struct station other;
  struct rings rings = {-1, -1, -1};
  port_open(&near, near_end());
  if (!port_capability(&near, EF_VI_CAP_TX_ALTERNATIVES))
    return refused();
  port_open(&far, far_end());
  CHECK_EQUAL("alternatives and transmit timestamps exclude each other",
              station_try(&other, &near, rings, EF_VI_TX_ALT | EF_VI_TX_TIMESTAMPS), -EOPNOTSUPP);
  station_open(&tx, &near, EF_VI_TX_ALT);
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  station_post(&rx, 0, 64);

  struct ef_vi_transmit_alt_overhead overhead;
  CHECK_EQUAL("what a packet takes of the buffers can be asked",
              ef_vi_transmit_alt_query_overhead(&tx.vi, &overhead), 0);
  CHECK("it is no less than the packet", ef_vi_transmit_alt_usage(&overhead, 200) >= 200);
  CHECK_EQUAL("alternatives can be had", ef_vi_transmit_alt_alloc(&tx.vi, near.driver, 2, 8192), 0);
  CHECK_EQUAL("as many as were asked for", ef_vi_transmit_alt_num_ids(&tx.vi), 2);
  CHECK("with buffers", ef_vi_transmit_alt_query_buffering(&tx.vi, near.index, near.driver, 2) > 0);
  CHECK_EQUAL("each is stopped", ef_vi_transmit_alt_stop(&tx.vi, 0) | ef_vi_transmit_alt_stop(&tx.vi, 1), 0);

  CHECK_EQUAL("sends are directed to one", ef_vi_transmit_alt_select(&tx.vi, 0), 0);
  for (uint32_t n = 0; n < 3; ++n)
    REQUIRE(station_send(&tx, &flow, 200, n) == 0);
  REQUIRE(ef_vi_transmit_alt_select(&tx.vi, 1) == 0);
  for (uint32_t n = 10; n < 12; ++n)
    REQUIRE(station_send(&tx, &flow, 200, n) == 0);
  look(5, 0);
  CHECK_EQUAL("packets that the adapter has taken complete", sent, 5);
  CHECK_EQUAL("and have not left", left[0] + left[1], 0);
  CHECK_EQUAL("while it is stopped nothing arrives", arrived(numbers, 64, 0), 0);

  CHECK_EQUAL("one is let go", ef_vi_transmit_alt_go(&tx.vi, 1), 0);
  CHECK("its packets leave, in order", arrived(numbers, 64, 2) == 2 && numbers[0] == 10 && numbers[1] == 11);
  look(0, 2);
  CHECK("an event tells of each", left[1] == 2 && left[0] == 0);

  CHECK_EQUAL("the other is dropped", ef_vi_transmit_alt_discard(&tx.vi, 0), 0);
  CHECK_EQUAL("nothing of it arrives", arrived(numbers, 64, 0), 0);
  look(0, 3);
  CHECK_EQUAL("events tell of those, too", left[0], 3);

  REQUIRE(ef_vi_transmit_alt_stop(&tx.vi, 0) == 0 && ef_vi_transmit_alt_stop(&tx.vi, 1) == 0);
  CHECK_EQUAL("sends go to the wire again", ef_vi_transmit_alt_select_normal(&tx.vi), 0);
  REQUIRE(station_send(&tx, &flow, 100, 77) == 0);
  CHECK("at once", arrived(numbers, 64, 1) == 1 && numbers[0] == 77);
  look(1, 0);
  CHECK_EQUAL("with a completion", sent, 1);

  /* The technique that they are for: the next message waits, ready to go. */
  int good = 0;
  for (uint32_t n = 0; n < 40; ++n) {
    unsigned alternative = n % 2;
    REQUIRE(ef_vi_transmit_alt_stop(&tx.vi, alternative) == 0);
    REQUIRE(ef_vi_transmit_alt_select(&tx.vi, alternative) == 0);
    REQUIRE(station_send(&tx, &flow, 150, 1000 + n) == 0);
    look(1, 0);
    good += sent == 1 && arrived(numbers, 64, 0) == 0;
    REQUIRE(ef_vi_transmit_alt_go(&tx.vi, alternative) == 0);
    good += arrived(numbers, 64, 1) == 1 && numbers[0] == 1000 + n;
    look(0, 1);
    good += left[alternative] == 1;
  }
  CHECK_EQUAL("two take turns: each waits until it is let go", good, 120);
  CHECK_EQUAL("they are freed", ef_vi_transmit_alt_free(&tx.vi, near.driver), 0);
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
