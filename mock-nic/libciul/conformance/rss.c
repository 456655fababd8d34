/* The life of a program that spreads its load: a set of VIs with one filter, a thread for each VI. A flow stays with one
 * VI; all of them together get everything. */
#include "station.h"

#include <pthread.h>

enum { VIS = 4, FLOWS = 64, EACH = 20, FRAMES = FLOWS * EACH };

static struct port near, far;
static struct flow flow;
static int done;

/* A VI of the set and what its thread has received. */
struct worker {
  struct station station;
  pthread_t thread;
  int total, wrong;
  /* How many of each flow, and the number that has to come next. */
  int of_flow[FLOWS];
};

static struct worker workers[VIS];

static struct flow flow_number(int n)
{
  struct flow one = flow;
  one.from = flow.from + (uint32_t)(n / 8);
  one.from_port = (uint16_t)(2000 + n * 37);
  return one;
}

static void *work(void *argument)
{
  struct worker *worker = (struct worker *)argument;
  ef_event event;
  int64_t deadline = nanoseconds() + 30000000000;
  /* Until all is sent, and then until nothing is left. */
  for (int last = 0; nanoseconds() < deadline;) {
    int over = __atomic_load_n(&done, __ATOMIC_ACQUIRE);
    if (!station_event(&worker->station, &event)) {
      if (over && last++)
        break;
      continue;
    }
    if (EF_EVENT_TYPE(event) != EF_EVENT_TYPE_RX) {
      ++worker->wrong;
      continue;
    }
    const uint8_t *frame = station_frame(&worker->station, &event);
    uint32_t number = frame_number(frame);
    int of = (int)(number % FLOWS);
    struct flow expected = flow_number(of);
    worker->wrong += !frame_is(frame, station_frame_length(&worker->station, &event), &expected, 100, number);
    /* Within a flow frames stay in order. */
    worker->wrong += (int)number / FLOWS != worker->of_flow[of]++;
    __atomic_fetch_add(&worker->total, 1, __ATOMIC_RELEASE);
    int id = (int)EF_EVENT_RX_RQ_ID(event);
    worker->wrong += ef_vi_receive_post(&worker->station.vi, station_dma(&worker->station, id), id) != 0;
  }
  return NULL;
}

static int received(void)
{
  int total = 0;
  for (int i = 0; i < VIS; ++i)
    total += __atomic_load_n(&workers[i].total, __ATOMIC_ACQUIRE);
  return total;
}

int main(void)
{
  static struct station tx;
  ef_vi_set set;
  ef_filter_spec spec;
  ef_filter_cookie cookie;
  port_open(&near, near_end());
  port_open(&far, far_end());
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  if (port_capability(&far, EF_VI_CAP_RX_SHARED)) {
    CHECK_EQUAL("an adapter of shared queues spreads nothing over a set of VIs",
                ef_vi_set_alloc_from_pd(&set, far.driver, &far.domain, far.driver, VIS), -EOPNOTSUPP);
    station_close(&tx);
    port_close(&far);
    port_close(&near);
    return tap_done();
  }
  CHECK_EQUAL("a set can be had", ef_vi_set_alloc_from_pd(&set, far.driver, &far.domain, far.driver, VIS), 0);
  for (int i = 0; i < VIS; ++i) {
    struct station *station = &workers[i].station;
    memset(station, 0, sizeof(*station));
    station->port = &far;
    CHECK("each of its VIs is allocated from it",
          ef_vi_alloc_from_set(&station->vi, far.driver, &set, far.driver, i, -1, -1, -1, NULL, -1,
                               EF_VI_FLAGS_DEFAULT) >= 0);
    station_equip(station);
    station_post(station, 0, 504);
  }
  flow = station_flow(&tx, &workers[0].station, "192.0.2.1");
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_ip4_local(&spec, IPPROTO_UDP, htonl(flow.to), htons(flow.to_port)) == 0);
  CHECK_EQUAL("one filter is for all of them", ef_vi_set_filter_add(&set, far.driver, &spec, &cookie), 0);
  for (int i = 0; i < VIS; ++i)
    REQUIRE(pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
  int64_t deadline = nanoseconds() + 20000000000;
  for (uint32_t n = 0; n < FRAMES; ++n) {
    struct flow one = flow_number((int)(n % FLOWS));
    REQUIRE(station_send(&tx, &one, 100, n) == 0);
    station_drain(&tx);
    /* No more on the wire than it holds. */
    while ((int)n - received() > 100)
      REQUIRE(nanoseconds() < deadline);
  }
  while (received() < FRAMES && nanoseconds() < deadline)
    continue;
  __atomic_store_n(&done, 1, __ATOMIC_RELEASE);
  int wrong = 0, busy = 0, split = 0;
  for (int i = 0; i < VIS; ++i) {
    REQUIRE(pthread_join(workers[i].thread, NULL) == 0);
    printf("# VI %d: %d frames\n", i, workers[i].total);
    wrong += workers[i].wrong;
    busy += workers[i].total > 0;
    for (int f = 0; f < FLOWS; ++f)
      split += workers[i].of_flow[f] != 0 && workers[i].of_flow[f] != EACH;
  }
  CHECK_EQUAL("everything is received, once", received(), FRAMES);
  CHECK_EQUAL("whole, and in order within a flow", wrong, 0);
  CHECK_EQUAL("a flow stays with one VI", split, 0);
  CHECK("the load is spread", busy > 1);
  CHECK_EQUAL("the filter goes", ef_vi_set_filter_del(&set, far.driver, &cookie), 0);
  for (int i = 0; i < VIS; ++i)
    station_close(&workers[i].station);
  CHECK_EQUAL("then the set", ef_vi_set_free(&set, far.driver), 0);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
