/* Sending by DMA: descriptors, push and doorbell, vectors, undo, the full ring, completions. And the same calls where
 * every send is written through. */
#include "station.h"

static struct port near, far;
static struct station tx, rx;
static struct flow flow;

/* The ids of completed sends, in order, until there are so many; how many. */
static int completed(ef_request_id *ids, int room, int expected)
{
  return station_completed(&tx, ids, room, expected);
}

/* The next frame's number, or -1 if none comes; it is given back. */
static long long received(int length)
{
  return station_receive(&rx, &flow, length, STATION_PATIENCE);
}

/* The same of one that must not come. */
static long long stray(int length)
{
  return station_receive(&rx, &flow, length, quiet_time());
}

/* How many frames come, of which so many are expected; -2 if they are not those that come next. */
static int received_all(uint32_t first, int length, int expected)
{
  int count = 0;
  long long number;
  while ((number = count < expected ? received(length) : stray(length)) != -1)
    if (number != first + (uint32_t)count++)
      return -2;
  return count;
}

/* Takes so many frames, whatever they are. */
static void receive(int count, int length)
{
  while (count-- > 0)
    REQUIRE(received(length) != -1);
}

static void one(void)
{
  ef_request_id ids[512];
  CHECK_EQUAL("transmit takes a frame", station_send(&tx, &flow, 200, 1), 0);
  CHECK_EQUAL("it arrives as it was sent", received(200), 1);
  CHECK_EQUAL("one send completes", completed(ids, 512, 1), 1);
  CHECK_EQUAL("with its id", ids[0], SENDING + 1);
  CHECK_EQUAL("the slot is free again", ef_vi_transmit_fill_level(&tx.vi), 0);
  CHECK_EQUAL("a short frame is taken", station_send(&tx, &flow, 50, 2), 0);
  CHECK_EQUAL("and padded with zeros to 60 bytes", received(50), 2);
  CHECK_EQUAL("the largest frame goes", station_send(&tx, &flow, FRAME_LONGEST, 3), 0);
  CHECK_EQUAL("whole", received(FRAME_LONGEST), 3);
  REQUIRE(completed(ids, 512, 2) == 2);
}

static void push(void)
{
  ef_request_id ids[512];
  for (uint32_t n = 0; n < 5; ++n) {
    frame_make(station_buffer(&tx, SENDING + (int)n), &flow, 100, n);
    REQUIRE(ef_vi_transmit_init(&tx.vi, station_dma(&tx, SENDING + (int)n), 100, (int)n) == 0);
  }
  CHECK_EQUAL("init adds descriptors", ef_vi_transmit_fill_level(&tx.vi), 5);
  CHECK_EQUAL("nothing leaves before the push", stray(100), -1);
  ef_vi_transmit_push(&tx.vi);
  CHECK_EQUAL("a push submits all of them, in order", received_all(0, 100, 5), 5);
  CHECK_EQUAL("and all complete", completed(ids, 512, 5), 5);
  CHECK("in order", ids[0] == 0 && ids[4] == 4);

  for (int n = 0; n < 3; ++n)
    REQUIRE(ef_vi_transmit_init(&tx.vi, station_dma(&tx, SENDING), 100, n) == 0);
  ef_vi_transmit_init_undo(&tx.vi);
  CHECK_EQUAL("undo takes back what was not pushed", ef_vi_transmit_fill_level(&tx.vi), 0);
  REQUIRE(station_send(&tx, &flow, 100, 9) == 0);
  CHECK_EQUAL("what is sent next is sent alone", received_all(9, 100, 1), 1);
  CHECK_EQUAL("and completes alone", completed(ids, 512, 1), 1);
}

static void vectors(void)
{
  ef_request_id ids[512];
  int base = SENDING + 40;
  uint8_t frame[FRAME_LONGEST];
  frame_make(frame, &flow, 1000, 77);
  int lengths[4] = {14, 20, 500, 466}, at = 0;
  ef_iovec pieces[4];
  for (int i = 0; i < 4; ++i) {
    memcpy(station_buffer(&tx, base + i), frame + at, (size_t)lengths[i]);
    pieces[i].iov_base = station_dma(&tx, base + i);
    pieces[i].iov_len = (unsigned)lengths[i];
    at += lengths[i];
  }
  CHECK_EQUAL("transmitv takes a frame in pieces", ef_vi_transmitv(&tx.vi, pieces, 4, 7), 0);
  CHECK_EQUAL("each piece has a descriptor", ef_vi_transmit_fill_level(&tx.vi), 4);
  CHECK_EQUAL("it arrives in one", received(1000), 77);
  CHECK_EQUAL("with one completion", completed(ids, 512, 1), 1);
  CHECK_EQUAL("that frees all its slots", ef_vi_transmit_fill_level(&tx.vi), 0);
  CHECK_EQUAL("transmitv_init adds without pushing", ef_vi_transmitv_init(&tx.vi, pieces, 4, 8), 0);
  CHECK_EQUAL("so nothing leaves", stray(1000), -1);
  ef_vi_transmit_push(&tx.vi);
  CHECK_EQUAL("until the push", received(1000), 77);
  REQUIRE(completed(ids, 512, 1) == 1);

  /* A frame that starts shortly before a page's end. */
  int page_end = 2 * BUFFER - 100;
  memcpy(station_buffer(&tx, base) + page_end, frame, 1000);
  ef_iovec halves[2] = {{station_dma(&tx, base) + (unsigned)page_end, 100}, {station_dma(&tx, base + 2), 900}};
  CHECK_EQUAL("a frame across a page's end goes in two pieces", ef_vi_transmitv(&tx.vi, halves, 2, 9), 0);
  CHECK_EQUAL("whole", received(1000), 77);
  REQUIRE(completed(ids, 512, 1) == 1);
}

static void full(void)
{
  ef_request_id ids[1024];
  int sent = 0, capacity = ef_vi_transmit_capacity(&tx.vi);
  frame_make(station_buffer(&tx, SENDING), &flow, 60, 0);
  while (ef_vi_transmit_init(&tx.vi, station_dma(&tx, SENDING), 60, sent) == 0)
    ++sent;
  CHECK_EQUAL("a ring of N slots holds N-1", sent, capacity);
  CHECK_EQUAL("no space is left", ef_vi_transmit_space(&tx.vi), 0);
  CHECK_EQUAL("the next is refused", ef_vi_transmit_init(&tx.vi, station_dma(&tx, SENDING), 60, 0), -EAGAIN);
  ef_iovec pieces[2] = {{station_dma(&tx, SENDING), 30}, {station_dma(&tx, SENDING) + 30, 30}};
  CHECK_EQUAL("in pieces, too", ef_vi_transmitv_init(&tx.vi, pieces, 2, 0), -EAGAIN);
  CHECK_EQUAL("and nothing of it was taken", ef_vi_transmit_fill_level(&tx.vi), capacity);
  ef_vi_transmit_push(&tx.vi);
  int all = 1, count = completed(ids, 1024, capacity);
  for (int i = 0; i < count; ++i)
    all &= ids[i] == i;
  CHECK_EQUAL("all that fitted complete", count, capacity);
  CHECK("each once and in order", all);
  CHECK_EQUAL("there is space again", ef_vi_transmit_space(&tx.vi), capacity);
  while (stray(60) != -1)
    continue;
}

static void unbundle(void)
{
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  ef_event events[64];
  int total = 0, most = 0, count = 0, n = 200;
  for (int i = 0; i < n; ++i)
    REQUIRE(ef_vi_transmit_init(&tx.vi, station_dma(&tx, SENDING), 60, i) == 0);
  ef_vi_transmit_push(&tx.vi);
  for (int64_t end = nanoseconds() + STATION_PATIENCE; total < n && nanoseconds() < end;)
    for (int i = 0, came = ef_eventq_poll(&tx.vi, events, 64); i < came; ++i, ++count) {
      int got = ef_vi_transmit_unbundle(&tx.vi, &events[i], ids);
      total += got;
      most = got > most ? got : most;
    }
  CHECK_EQUAL("unbundling yields every send", total, n);
  CHECK("an event completes 64 at most", most <= EF_VI_TRANSMIT_BATCH && count >= n / EF_VI_TRANSMIT_BATCH);
  receive(n, 60);
}

static void checksums(void)
{
  ef_request_id ids[512];
  int id = SENDING + 3;
  uint8_t *frame = station_buffer(&tx, id);
  frame_make(frame, &flow, 300, 5);
  frame[FRAME_IP + 10] ^= 0x55;
  frame[FRAME_UDP + 6] ^= 0xaa;
  REQUIRE(ef_vi_transmit(&tx.vi, station_dma(&tx, id), 300, id) == 0);
  CHECK_EQUAL("the adapter fills in the checksums of IP and UDP", received(300), 5);
  REQUIRE(completed(ids, 512, 1) == 1);
}

static void pushing(unsigned long long flags, const char *rule)
{
  struct station other;
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  station_open(&other, &near, flags);
  int sent = 0, arrived = 0, ended = 0;
  for (uint32_t n = 0; n < 100; ++n) {
    sent += station_send(&other, &flow, 80, n) == 0;
    arrived += received(80) == (long long)n;
    ended += station_completed(&other, ids, EF_VI_TRANSMIT_BATCH, 1);
  }
  CHECK(rule, sent == 100 && arrived == 100 && ended == 100);
  station_close(&other);
}

/* Where the CPU writes every frame to the adapter: there are no descriptors that wait for a push. */
static void written_through(void)
{
  ef_request_id ids[512];
  int id = SENDING;
  frame_make(station_buffer(&tx, id), &flow, 100, 5);
  CHECK_EQUAL("init sends", ef_vi_transmit_init(&tx.vi, station_dma(&tx, id), 100, 5), 0);
  CHECK_EQUAL("before any push", received(100), 5);
  ef_vi_transmit_push(&tx.vi);
  CHECK_EQUAL("which adds nothing", stray(100), -1);
  CHECK_EQUAL("it completes once", completed(ids, 512, 1), 1);
  ef_iovec pieces[2] = {{station_dma(&tx, id), 60}, {station_dma(&tx, id) + 60, 40}};
  CHECK_EQUAL("a frame may be in pieces", ef_vi_transmitv(&tx.vi, pieces, 2, 6), 0);
  CHECK_EQUAL("it arrives in one", received(100), 5);
  CHECK("with one completion", completed(ids, 512, 1) == 1 && ids[0] == 6);
  CHECK_EQUAL("a VI that pushes every descriptor can't be had", flags_refused(&near, EF_VI_TX_PUSH_ALWAYS), -EOPNOTSUPP);

  int n = 200, total = 0, most = 0;
  ef_event events[64];
  for (int i = 0; i < n; ++i)
    REQUIRE(ef_vi_transmit(&tx.vi, station_dma(&tx, id), 100, i) == 0);
  for (int64_t end = nanoseconds() + STATION_PATIENCE; total < n && nanoseconds() < end;)
    for (int i = 0, count = ef_eventq_poll(&tx.vi, events, 64); i < count; ++i) {
      int got = ef_vi_transmit_unbundle(&tx.vi, &events[i], ids);
      total += got;
      most = got > most ? got : most;
    }
  CHECK_EQUAL("unbundling yields every send", total, n);
  CHECK("an event completes 64 at most", most <= EF_VI_TRANSMIT_BATCH);
  receive(n, 100);
}

/* Where the adapter fetches frames by descriptors. */
static void fetched(void)
{
  push();
  vectors();
  full();
  unbundle();
  checksums();
  pushing(EF_VI_TX_PUSH_DISABLE, "with the doorbell only all is sent");
  if (port_capability(&near, EF_VI_CAP_TX_PUSH_ALWAYS))
    pushing(EF_VI_TX_PUSH_ALWAYS, "with a push each time all is sent");
  ef_vi_set_tx_push_threshold(&tx.vi, 1);
  ef_request_id ids[512];
  CHECK_EQUAL("the threshold of pushes changes nothing of what is sent", station_send(&tx, &flow, 90, 4), 0);
  CHECK_EQUAL("it arrives", received(90), 4);
  CHECK_EQUAL("and completes", completed(ids, 512, 1), 1);
}

int main(void)
{
  port_open(&near, near_end());
  port_open(&far, far_end());
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  ef_filter_cookie cookie;
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  station_prepare(&rx, 504);
  one();
  if (port_capability(&near, EF_VI_CAP_CTPIO_ONLY))
    written_through();
  else
    fetched();
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
