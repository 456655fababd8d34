/* Event queues: polls, looking ahead, small arrays, batches, software events, a queue shared by VIs. */
#include "station.h"

static struct port near, far;
static struct station tx, rx;
static struct flow flow;
static int is_shared;

static void send_many(int count)
{
  for (int n = 0; n < count; ++n)
    REQUIRE(station_send(&tx, &flow, 60, (uint32_t)n) == 0);
}

/* Whether there is an event to see, or comes soon. */
static int is_seen(void)
{
  for (int64_t end = nanoseconds() + STATION_PATIENCE; nanoseconds() < end;)
    if (ef_eventq_has_event(&rx.vi))
      return 1;
  return 0;
}

static void polling(void)
{
  ef_event events[32];
  CHECK_EQUAL("a poll of an empty queue returns at once with nothing", ef_eventq_poll(&rx.vi, events, 32), 0);
  CHECK("there is no event to see", !ef_eventq_has_event(&rx.vi));
  send_many(20);
  CHECK("an event is seen", is_seen());
  int total = 0, order = 1;
  for (int64_t end = nanoseconds() + STATION_PATIENCE; total < 20 && nanoseconds() < end;) {
    int count = ef_eventq_poll(&rx.vi, events, 2);
    order &= count <= 2;
    for (int i = 0; i < count; ++i)
      order &= station_take(&rx, &events[i], &flow, 60) == total++;
  }
  CHECK_EQUAL("an array of two takes all, bit by bit", total, 20);
  CHECK("each once and in order", order);
  station_drain(&tx);
}

/* Whether that many events are waiting. */
static int waiting(struct station *station, int count)
{
#ifdef ef_eventq_has_many_events
  return ef_eventq_has_many_events(&station->vi, count);
#else
  /* Earlier releases count from 0. */
  return ef_eventq_has_many_events(&station->vi, count - 1);
#endif
}

static void looking(void)
{
  ef_event events[32];
  send_many(3);
  int seen = 0, count = 0;
  if (is_shared) {
    /* Where packets are no events of the queue, it has none to count. */
    CHECK("looking ahead sees a packet", is_seen());
    CHECK("which is not in the event queue", !waiting(&rx, 1));
    count = station_collect(&rx, events, 32, 3);
    CHECK_EQUAL("polls have them all", count, 3);
    for (int i = 0; i < count; ++i)
      REQUIRE(station_take(&rx, &events[i], &flow, 60) == i);
    CHECK("then there is none to see", !ef_eventq_has_event(&rx.vi));
    station_drain(&tx);
    return;
  }
  for (int64_t end = nanoseconds() + STATION_PATIENCE; !seen && nanoseconds() < end;)
    seen = waiting(&rx, 3);
  CHECK("looking ahead sees as many as there are", seen);
  CHECK("and no more", !waiting(&rx, 4));
  CHECK("looking takes nothing", ef_eventq_has_event(&rx.vi));
  count = ef_eventq_poll(&rx.vi, events, 32);
  CHECK_EQUAL("the poll has them all", count, 3);
  for (int i = 0; i < count; ++i)
    REQUIRE(station_take(&rx, &events[i], &flow, 60) == i);
  CHECK("then there is none to see", !ef_eventq_has_event(&rx.vi));
  station_drain(&tx);
}

static void both_rings(void)
{
  /* Its queue has completions and arrivals: a VI at one end, which sends to the other, where what it gets comes from. With
   * a loopback plug they are one. */
  struct station self;
  ef_filter_cookie cookie;
  ef_event events[16];
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  station_open(&self, &far, EF_VI_FLAGS_DEFAULT);
  struct flow own = station_flow(&tx, &self, "192.0.2.9");
  REQUIRE(station_filter(&self, &own, &cookie) == 0);
  station_prepare(&self, 64);
  for (uint32_t n = 0; n < 16; ++n)
    REQUIRE(station_send(&self, &own, 60, n) == 0 && (is_loopback() || station_send(&tx, &own, 60, n) == 0));
  int arrived = 0, ended = 0;
  for (int64_t end = nanoseconds() + STATION_PATIENCE; (arrived < 16 || ended < 16) && nanoseconds() < end;)
    for (int i = 0, count = ef_eventq_poll(&self.vi, events, 16); i < count; ++i)
      if (EF_EVENT_TYPE(events[i]) != EF_EVENT_TYPE_TX)
        arrived += station_take(&self, &events[i], &own, 60) == arrived;
      else
        ended += ef_vi_transmit_unbundle(&self.vi, &events[i], ids);
  CHECK_EQUAL("one queue serves both rings: arrivals", arrived, 16);
  CHECK_EQUAL("and completions", ended, 16);
  station_drain(&tx);
  station_close(&self);
}

static void shared(void)
{
  struct station owner, guest;
  ef_filter_cookie cookies[2];
  ef_event events[8];
  struct rings rings = {is_shared ? 512 : 2048, -1, -1};
  REQUIRE(station_try(&owner, &far, rings, EF_VI_FLAGS_DEFAULT) >= 0);
  station_equip(&owner);
  memset(&guest, 0, sizeof(guest));
  guest.port = &far;
  int label = ef_vi_alloc_from_pd(&guest.vi, far.driver, &far.domain, far.driver, 0, -1, -1, &owner.vi, far.driver,
                                  EF_VI_FLAGS_DEFAULT);
  if (is_shared) {
    CHECK_EQUAL("sends complete on the queue of their own VI: it can't be another's", label, -EOPNOTSUPP);
    station_close(&owner);
    return;
  }
  REQUIRE(label > 0);
  station_equip(&guest);
  struct flow to_owner = station_flow(&tx, &owner, "192.0.2.10"), to_guest = station_flow(&tx, &owner, "192.0.2.11");
  REQUIRE(station_filter(&owner, &to_owner, &cookies[0]) == 0);
  REQUIRE(station_filter(&guest, &to_guest, &cookies[1]) == 0);
  station_post(&owner, 0, 8);
  station_post(&guest, 0, 8);
  REQUIRE(station_send(&tx, &to_guest, 60, 1) == 0);
  REQUIRE(station_wait(&owner, events, 8) == 1);
  CHECK_EQUAL("an event on a shared queue names the VI that it is about", EF_EVENT_RX_Q_ID(events[0]), label);
  REQUIRE(station_send(&tx, &to_owner, 60, 2) == 0);
  REQUIRE(station_wait(&owner, events, 8) == 1);
  CHECK_EQUAL("the owner's is 0", EF_EVENT_RX_Q_ID(events[0]), 0);
  station_drain(&tx);
  station_close(&guest);
  station_close(&owner);
}

/* A queue that is too small for what completes: once it has run over it is broken. */
static void overflow(void)
{
  struct station small;
  ef_event events[16];
  int sends = is_shared ? 500 : 1000, sent = 0;
  struct rings rings = {is_shared ? 128 : 512, is_shared ? 0 : -1, is_shared ? 512 : 2048};
  REQUIRE(station_try(&small, &near, rings, EF_VI_TX_TIMESTAMPS) >= 0);
  station_equip(&small);
  struct flow nobody = station_flow(&small, &rx, "192.0.2.99");
  frame_make(station_buffer(&small, SENDING), &nobody, 60, 0);
  /* Each is pushed alone, with a time of its own: an event each. */
  while (sent < sends && ef_vi_transmit(&small.vi, station_dma(&small, SENDING), 60, sent) == 0)
    ++sent;
  int good = 0, broken = 0;
  for (int64_t end = nanoseconds() + STATION_PATIENCE; !broken && nanoseconds() < end;)
    for (int i = 0, count = ef_eventq_poll(&small.vi, events, 16); i < count; ++i) {
      good += EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_TX_WITH_TIMESTAMP;
      broken |= EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_OFLOW;
    }
  CHECK("a queue that ran over says so", broken);
  CHECK("behind the events that it held", good > 0 && good < sent);
  CHECK_EQUAL("and stays broken", ef_eventq_poll(&small.vi, events, 16) > 0 ? EF_EVENT_TYPE(events[0]) : -1,
              EF_EVENT_TYPE_OFLOW);
  station_close(&small);
}

int main(void)
{
  port_open(&near, near_end());
  port_open(&far, far_end());
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  is_shared = port_capability(&far, EF_VI_CAP_RX_SHARED) != 0;
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  station_prepare(&rx, 64);
  ef_filter_cookie cookie;
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  polling();
  looking();
  both_rings();
  shared();
  overflow();
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
