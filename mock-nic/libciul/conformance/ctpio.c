/* CTPIO: frames streamed into the adapter, each followed by its fallback. */
#include "station.h"

static struct port near, far;
static struct station rx;
static struct flow flow;

/* The next frame's number, or -1 if none comes, -2 if it is not as it was made, -3 if it is a discard. */
static long long received(int length)
{
  return station_receive(&rx, &flow, length, STATION_PATIENCE);
}

/* The same of one that must not come. */
static long long stray(int length)
{
  return station_receive(&rx, &flow, length, quiet_time());
}

/* How many sends completed with the next event, if that says that they went by CTPIO, or by DMA, as `by_ctpio` says. */
static int completed(struct station *tx, int by_ctpio)
{
  ef_event event;
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  int n = 0;
  for (int more = station_next(tx, &event); more; more = station_event(tx, &event)) {
    REQUIRE(EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX);
    int ended = ef_vi_transmit_unbundle(&tx->vi, &event, ids);
    if (!!EF_EVENT_TX_CTPIO(event) == by_ctpio)
      n += ended;
  }
  return n;
}

static void way(unsigned long long flags, unsigned threshold, const char *rule)
{
  struct station tx;
  station_open(&tx, &near, flags);
  int good = 0;
  for (uint32_t n = 0; n < 50; ++n) {
    int id = SENDING + (int)n, length = 60 + (int)n * 20;
    uint8_t *frame = station_buffer(&tx, id);
    frame_make(frame, &flow, length, n);
    ef_vi_transmit_ctpio(&tx.vi, frame, (size_t)length, threshold);
    good += ef_vi_transmit_ctpio_fallback(&tx.vi, station_dma(&tx, id), (size_t)length, id) == 0;
    good += received(length) == (long long)n;
    good += completed(&tx, 1) == 1;
  }
  CHECK_EQUAL(rule, good, 150);
  CHECK_EQUAL("each goes once", stray(60), -1);
  station_close(&tx);
}

static void vectors(void)
{
  struct station tx;
  station_open(&tx, &near, EF_VI_TX_CTPIO);
  int id = SENDING;
  uint8_t frame[FRAME_LONGEST];
  frame_make(frame, &flow, 700, 12);
  struct iovec pieces[3] = {{frame, 42}, {frame + 42, 1}, {frame + 43, 657}};
  memcpy(station_buffer(&tx, id), frame, 700);
  ef_vi_transmitv_ctpio(&tx.vi, 700, pieces, 3, 64);
  CHECK_EQUAL("the fallback follows", ef_vi_transmit_ctpio_fallback(&tx.vi, station_dma(&tx, id), 700, id), 0);
  CHECK_EQUAL("a vector is one frame", received(700), 12);
  CHECK_EQUAL("and one completion", completed(&tx, 1), 1);

  memset(station_buffer(&tx, id), 0, 700);
  ef_vi_transmitv_ctpio_copy(&tx.vi, 700, pieces, 3, 64, station_buffer(&tx, id));
  CHECK("the copying call leaves the frame in the fallback's buffer",
        memcmp(station_buffer(&tx, id), frame, 700) == 0);
  ef_iovec halves[2] = {{station_dma(&tx, id), 300}, {station_dma(&tx, id) + 300, 400}};
  CHECK_EQUAL("a fallback may be in pieces", ef_vi_transmitv_ctpio_fallback(&tx.vi, halves, 2, id), 0);
  CHECK_EQUAL("it arrives", received(700), 12);
  CHECK_EQUAL("once", stray(700), -1);
  REQUIRE(completed(&tx, 1) == 1);
  station_close(&tx);
}

static void rules(void)
{
  struct station tx;
  station_open(&tx, &near, EF_VI_TX_CTPIO);
  int id = SENDING;
  uint8_t *frame = station_buffer(&tx, id);

  frame_make(frame, &flow, 200, 1);
  frame[FRAME_UDP + 6] ^= 1;
  ef_vi_transmit_ctpio(&tx.vi, frame, 200, 64);
  REQUIRE(ef_vi_transmit_ctpio_fallback(&tx.vi, station_dma(&tx, id), 200, id) == 0);
  CHECK_EQUAL("no checksum is filled in on this path: a wrong one makes a discard", received(200), -3);
  REQUIRE(completed(&tx, 1) == 1);

  REQUIRE(station_send(&tx, &flow, 300, 3) == 0);
  frame_make(frame, &flow, 300, 4);
  ef_vi_transmit_ctpio(&tx.vi, frame, 300, 64);
  REQUIRE(ef_vi_transmit_ctpio_fallback(&tx.vi, station_dma(&tx, id), 300, id) == 0);
  CHECK_EQUAL("both ways of sending keep their order", received(300), 3);
  CHECK_EQUAL("whichever comes first", received(300), 4);
  station_drain(&tx);
  CHECK_EQUAL("all slots are free in the end", ef_vi_transmit_fill_level(&tx.vi), 0);
  station_close(&tx);
}

/* Where the fallback is a descriptor: a send by DMA, unless the frame has gone. */
static void by_dma(void)
{
  struct station tx;
  station_open(&tx, &near, EF_VI_TX_CTPIO);
  int id = SENDING;
  frame_make(station_buffer(&tx, id), &flow, 200, 2);
  CHECK_EQUAL("a fallback without its frame is a send by DMA",
              ef_vi_transmit_ctpio_fallback(&tx.vi, station_dma(&tx, id), 200, id), 0);
  CHECK_EQUAL("it arrives", received(200), 2);
  CHECK_EQUAL("and says that it did not go by CTPIO", completed(&tx, 0), 1);
  station_close(&tx);
}

int main(void)
{
  struct station tx;
  port_open(&near, near_end());
  port_open(&far, far_end());
  CHECK("the adapter has CTPIO", port_capability(&near, EF_VI_CAP_CTPIO));
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  station_close(&tx);
  ef_filter_cookie cookie;
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  station_prepare(&rx, 504);
  way(EF_VI_TX_CTPIO, 64, "cut-through: every frame is on the wire at the call, its fallback sends nothing");
  way(EF_VI_TX_CTPIO, EF_VI_CTPIO_CT_THRESHOLD_SNF, "store and forward: the same");
  way(EF_VI_TX_CTPIO | EF_VI_TX_CTPIO_NO_POISON, 64, "without poison: the same");
  vectors();
  rules();
  if (!port_capability(&near, EF_VI_CAP_CTPIO_ONLY))
    by_dma();
  station_close(&rx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
