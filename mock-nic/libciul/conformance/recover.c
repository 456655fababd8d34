/* The life of a program that recovers from transmit errors: a bad send kills the transmit ring; the program finds what
 * was lost with it, brings the ring back and sends that again. Nothing comes twice, nothing is missing. */
#include "station.h"

enum { FRAMES = 600, BAD_EACH = 50, LENGTH = 120 };

static struct port near, far;
static struct station tx, rx;
static struct flow flow;
static uint8_t seen[FRAMES];

/* What is sent and not yet known to be so, by id. */
static int outstanding[FRAMES];
static int completed, errors;

static void start(void)
{
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
}

static void add(int number, int bad)
{
  int id = SENDING + number % SENDING;
  frame_make(station_buffer(&tx, id), &flow, LENGTH, (uint32_t)number);
  /* An address that nobody registered. */
  ef_addr from = bad ? (ef_addr)0x123456000 : station_dma(&tx, id);
  REQUIRE(ef_vi_transmit_init(&tx.vi, from, LENGTH, number) == 0);
  outstanding[number] = 1;
}

static void unbundle(const ef_event *event)
{
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  int count = ef_vi_transmit_unbundle(&tx.vi, event, ids);
  for (int i = 0; i < count; ++i) {
    outstanding[ids[i]] = 0;
    ++completed;
  }
}

/* Brings the ring back; the numbers that were lost with it are outstanding still. */
static void revive(void)
{
#ifdef ef_vi_reinit_txq_post_error
  int id, walked = 0, expected = 0;
  ef_vi_for_each_tx_error_failed_transmit(&tx.vi, id)
  {
    REQUIRE(outstanding[id]);
    ++walked;
  }
  for (int number = 0; number < FRAMES; ++number)
    expected += outstanding[number];
  if (walked != expected)
    CHECK_EQUAL("the walk gives what was lost", walked, expected);
  REQUIRE(ef_vi_reinit_txq_post_error(&tx.vi) == 0);
#else
  /* These releases have no way back but a new VI. */
  station_close(&tx);
  start();
#endif
}

/* Takes what has arrived. */
static void take(void)
{
  ef_event event;
  while (station_event(&rx, &event)) {
    REQUIRE(EF_EVENT_TYPE(event) == EF_EVENT_TYPE_RX);
    uint32_t number = frame_number(station_frame(&rx, &event));
    REQUIRE(number < FRAMES);
    ++seen[number];
    int id = (int)EF_EVENT_RX_RQ_ID(event);
    REQUIRE(ef_vi_receive_post(&rx.vi, station_dma(&rx, id), id) == 0);
  }
}

/* How many of a batch are not known to be sent. */
static int left(int first, int count)
{
  int n = 0;
  for (int number = first; number < first + count; ++number)
    n += outstanding[number];
  return n;
}

/* Sends all of a batch, however often the ring has to be brought back. */
static void deliver(int first, int count, int bad)
{
  for (int number = first; number < first + count; ++number)
    add(number, number == bad);
  for (int tries = 0; tries < 10; ++tries) {
    ef_event events[8];
    int died = 0;
    ef_vi_transmit_push(&tx.vi);
    for (int64_t end = nanoseconds() + STATION_PATIENCE; !died && left(first, count) > 0 && nanoseconds() < end;)
      for (int i = 0, n = ef_eventq_poll(&tx.vi, events, 8); i < n; ++i) {
        if (EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_TX_ERROR) {
          REQUIRE(EF_EVENT_TX_ERROR_TYPE(events[i]) == EF_EVENT_TX_ERROR_BUS ||
                  EF_EVENT_TX_ERROR_TYPE(events[i]) == EF_EVENT_TX_ERROR_RIGHTS);
          died = 1;
        }
        unbundle(&events[i]);
      }
    take();
    if (!died)
      return;
    ++errors;
    revive();
    /* The bad one's event completed it too: it is corrected and sent again with those behind it. */
    add(bad, 0);
    for (int number = first; number < first + count; ++number)
      if (outstanding[number] && number != bad)
        add(number, 0);
  }
  CHECK("the ring comes back for good", 0);
}

/* An adapter to which the CPU writes the frames fetches none by DMA: sends from memory that nobody registered are no
 * errors, and there is nothing to recover from. */
static int never_dies(void)
{
  static uint8_t frame[FRAME_LONGEST];
  ef_event event;
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  ef_filter_cookie cookie;
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  int arrived = 0, right = 1;
  for (uint32_t number = 0; number < BAD_EACH; ++number) {
    frame_make(frame, &flow, LENGTH, number);
    ef_vi_transmit_ctpio(&tx.vi, frame, LENGTH, 64);
    REQUIRE(ef_vi_transmit_ctpio_fallback(&tx.vi, 0, LENGTH, (int)number) == 0);
    arrived += station_receive(&rx, &flow, LENGTH, STATION_PATIENCE) == (long long)number;
    for (int more = station_next(&tx, &event); more; more = station_event(&tx, &event)) {
      right &= EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX;
      unbundle(&event);
    }
  }
  CHECK_EQUAL("frames are written from memory that is not registered", arrived, BAD_EACH);
  CHECK_EQUAL("and complete", completed, BAD_EACH);
  CHECK("none with an error", right);
  CHECK_EQUAL("the ring is empty", ef_vi_transmit_fill_level(&tx.vi), 0);
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}

int main(void)
{
  port_open(&near, near_end());
  port_open(&far, far_end());
  start();
  if (port_capability(&near, EF_VI_CAP_CTPIO_ONLY))
    return never_dies();
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  ef_filter_cookie cookie;
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  station_post(&rx, 0, 504);
  for (int first = 0; first < FRAMES; first += BAD_EACH)
    deliver(first, BAD_EACH, first + first / BAD_EACH * 4 % BAD_EACH);
  int once = 0;
  for (int64_t end = nanoseconds() + STATION_PATIENCE; once < FRAMES && nanoseconds() < end;) {
    take();
    once = 0;
    for (int number = 0; number < FRAMES; ++number)
      once += seen[number] > 0;
  }
  /* What comes twice comes with that, or soon. */
  for (int64_t end = nanoseconds() + quiet_time(); nanoseconds() < end;)
    take();
  once = 0;
  for (int number = 0; number < FRAMES; ++number)
    once += seen[number] == 1;
  CHECK_EQUAL("each bad send was an error", errors, FRAMES / BAD_EACH);
  CHECK_EQUAL("every frame arrived exactly once", once, FRAMES);
#ifdef ef_vi_reinit_txq_post_error
  CHECK_EQUAL("each send completed, the bad ones with their error", completed, FRAMES + errors);
#endif
  CHECK_EQUAL("the ring is empty", ef_vi_transmit_fill_level(&tx.vi), 0);
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
