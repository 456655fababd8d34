/* Timestamps of what is received and sent. */
#include "station.h"

static struct port near, far;
static struct station tx, rx;
static struct flow flow;

/* Time of a received frame in nanoseconds, or a negative error. */
static int64_t received_at(struct station *station, const ef_event *event, unsigned *flags)
{
  struct packet packet;
  struct timespec time;
  REQUIRE(station_packet(station, event, &packet));
  int rc = station_time(station, &packet, &time, flags);
  station_return(station, &packet);
  return rc < 0 ? rc : (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t system_time(void)
{
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* A VI that did not ask for timestamps. */
static void none(void)
{
  struct station plain;
  ef_event event[2];
  ef_filter_cookie cookie;
  unsigned flags = 0;
  station_open(&plain, &far, EF_VI_FLAGS_DEFAULT);
  struct flow own = station_flow(&tx, &plain, "192.0.2.20");
  REQUIRE(station_filter(&plain, &own, &cookie) == 0);
  station_prepare(&plain, 8);
  REQUIRE(station_send(&tx, &own, 60, 1) == 0);
  REQUIRE(station_wait(&plain, event, 2) == 1);
  int64_t time = received_at(&plain, &event[0], &flags);
  if (port_capability(&far, EF_VI_CAP_RX_SHARED))
    CHECK("a packet in a shared buffer has its time whoever asks", time > 0);
  else
    CHECK_EQUAL("a VI without timestamps has no data", time, -ENODATA);
  station_close(&plain);
}

int main(void)
{
  ef_event event[2];
  ef_filter_cookie cookie;
  port_open(&near, near_end());
  port_open(&far, far_end());
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  CHECK("the adapter has timestamps of both directions", port_capability(&far, EF_VI_CAP_HW_RX_TIMESTAMPING) &&
                                                             port_capability(&near, EF_VI_CAP_HW_TX_TIMESTAMPING));
  none();
  station_close(&tx);
  station_open(&tx, &near, EF_VI_TX_TIMESTAMPS);
  station_open(&rx, &far, EF_VI_RX_TIMESTAMPS);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  station_prepare(&rx, 64);

  /* Time has to have come to a queue before it is known. */
  ef_event nothing[2];
  ef_eventq_poll(&rx.vi, nothing, 2);
  ef_eventq_poll(&tx.vi, nothing, 2);
  int64_t before = system_time(), last = 0;
  int ordered = 1, between = 1, synchronised = 1, same = 1, own = 1, whole = 1;
  for (int n = 0; n < 50; ++n) {
    unsigned flags = 0;
    REQUIRE(station_send(&tx, &flow, 200, (uint32_t)n) == 0);
    REQUIRE(station_wait(&rx, event, 2) == 1);
    int64_t time = received_at(&rx, &event[0], &flags);
    if (time == -ENOMSG) /* not yet in step */
      continue;
    ordered &= time >= last;
    between &= time >= before - 1000000000 && time <= system_time() + 1000000000;
    synchronised &= (flags & EF_VI_SYNC_FLAG_CLOCK_SET) && (flags & EF_VI_SYNC_FLAG_CLOCK_IN_SYNC);
    REQUIRE(station_wait(&tx, event, 2) == 1);
    own &= EF_EVENT_TYPE(event[0]) == EF_EVENT_TYPE_TX_WITH_TIMESTAMP &&
           EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID(event[0]) == (unsigned)(SENDING + n);
    whole &= EF_EVENT_TX_WITH_TIMESTAMP_NSEC(event[0]) < 1000000000;
    int64_t sent = (int64_t)EF_EVENT_TX_WITH_TIMESTAMP_SEC(event[0]) * 1000000000 + EF_EVENT_TX_WITH_TIMESTAMP_NSEC(event[0]);
    /* The wire takes no longer than a second, whatever its clock. */
    same &= time + 1000 >= sent && time - sent < 1000000000;
    last = time;
  }
  CHECK("frames have times", last > 0);
  CHECK("in the order of their arrival", ordered);
  CHECK("that are the system's", between);
  CHECK("with flags that say the clock is set and in step", synchronised);
  CHECK("each send has an event of its own, with its id", own);
  CHECK("and a time", whole);
  CHECK("which is not after that of its arrival", same);
  CHECK_EQUAL("such an event frees the slot", ef_vi_transmit_fill_level(&tx.vi), 0);
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
