/* The life of a program that sleeps: it primes its event queue, blocks on the driver's handle, and wakes with the next
 * event, whoever brings it. */
#include "station.h"

#include <poll.h>
#include <pthread.h>

enum { ROUNDS = 300 };

static struct port near, far;
static struct station rx;
static struct flow flow;
/* The round for which the other thread is to send. */
static int wanted;

/* Sends one frame for each round, some time after it was asked for. */
static void *sender(void *argument)
{
  struct station *tx = (struct station *)argument;
  int64_t deadline = nanoseconds() + 30000000000;
  for (int round = 1; round <= ROUNDS; ++round) {
    while (__atomic_load_n(&wanted, __ATOMIC_ACQUIRE) < round)
      if (nanoseconds() > deadline)
        return NULL;
    /* At any moment between the other's last poll and its sleep. */
    for (int64_t moment = nanoseconds() + round % 50 * 2000; nanoseconds() < moment;)
      continue;
    REQUIRE(station_send(tx, &flow, 60, (uint32_t)round) == 0);
    station_drain(tx);
  }
  return NULL;
}

/* Whether the handle becomes readable within that time. */
static int readable(int milliseconds)
{
  struct pollfd handle = {far.driver, POLLIN, 0};
  return poll(&handle, 1, milliseconds) == 1;
}

static int receive(uint32_t number)
{
  ef_event event;
  if (!station_event(&rx, &event))
    return 0;
  REQUIRE(station_take(&rx, &event, &flow, 60) == (long long)number);
  return 1;
}

static void sleep_and_wake(int by_handle)
{
  static struct station tx;
  pthread_t thread;
  int received = 0, overslept = 0;
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  __atomic_store_n(&wanted, 0, __ATOMIC_RELEASE);
  REQUIRE(pthread_create(&thread, NULL, sender, &tx) == 0);
  for (int round = 1; round <= ROUNDS; ++round) {
    __atomic_store_n(&wanted, round, __ATOMIC_RELEASE);
    /* Wakes may come for nothing; they must not be missed. */
    for (int tries = 0; tries < 100; ++tries) {
      if (receive((uint32_t)round)) {
        ++received;
        break;
      }
      if (by_handle) {
        REQUIRE(ef_vi_prime(&rx.vi, far.driver, ef_eventq_current(&rx.vi)) == 0);
        overslept += !readable(5000);
      } else {
        struct timeval patience = {5, 0};
        int rc = ef_eventq_wait(&rx.vi, far.driver, ef_eventq_current(&rx.vi), &patience);
        overslept += rc == -ETIMEDOUT;
        REQUIRE(rc == 0 || rc == -ETIMEDOUT);
      }
    }
  }
  REQUIRE(pthread_join(thread, NULL) == 0);
  CHECK_EQUAL(by_handle ? "primed and polled for: every frame of another thread is received"
                        : "ef_eventq_wait: every frame of another thread is received",
              received, ROUNDS);
  CHECK_EQUAL("no wake-up is lost", overslept, 0);
  station_close(&tx);
}

static void nothing(void)
{
  struct timeval moment = {0, 20000};
  int64_t start = nanoseconds();
  CHECK_EQUAL("waiting for nothing ends when the time is up",
              ef_eventq_wait(&rx.vi, far.driver, ef_eventq_current(&rx.vi), &moment), -ETIMEDOUT);
  CHECK("and not before", nanoseconds() >= start + 20000000);
  CHECK_EQUAL("a primed handle without events is not readable",
              ef_vi_prime(&rx.vi, far.driver, ef_eventq_current(&rx.vi)) == 0 && readable(20), 0);
}

static void software(void)
{
  ef_event event;
  CHECK_EQUAL("a software event can be posted", ef_eventq_put(ef_vi_resource_id(&rx.vi), far.driver, 0xbeef), 0);
  REQUIRE(station_event(&rx, &event));
  CHECK_EQUAL("it comes by the next poll", EF_EVENT_TYPE(event), EF_EVENT_TYPE_SW);
  CHECK_EQUAL("with its bits", EF_EVENT_SW_DATA(event), 0xbeef);
  REQUIRE(ef_vi_prime(&rx.vi, far.driver, ef_eventq_current(&rx.vi)) == 0);
  REQUIRE(ef_eventq_put(ef_vi_resource_id(&rx.vi), far.driver, 7) == 0);
  CHECK("it wakes a sleeper", readable(5000));
  REQUIRE(station_event(&rx, &event));
  CHECK_EQUAL("who finds it", EF_EVENT_SW_DATA(event), 7);
}

int main(void)
{
  port_open(&near, near_end());
  port_open(&far, far_end());
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&rx, &rx, "192.0.2.1");
  ef_filter_cookie cookie;
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  station_prepare(&rx, 64);
  nothing();
  software();
  sleep_and_wake(1);
  sleep_and_wake(0);
  station_close(&rx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
