/* The express datapath (X3, X4): packets are references into shared buffers, and every send is written through. */
#include "station.h"

#include <etherfabric/efct_vi.h>

enum { LENGTH = 200 };

static struct port near, far;
static struct station tx, rx;
static struct flow flow;

static int is_reference(const ef_event *event)
{
  return EF_EVENT_TYPE(*event) == EF_EVENT_TYPE_RX_REF;
}

/* Takes the completions of so many sends; how many there were. */
static int completed(int sends)
{
  ef_request_id ids[1024];
  return station_completed(&tx, ids, 1024, sends);
}

static void references(void)
{
  ef_event event, second;
  REQUIRE(station_send(&tx, &flow, LENGTH, 1) == 0);
  REQUIRE(station_next(&rx, &event));
  CHECK("what is received is a reference", is_reference(&event));
  CHECK_EQUAL("with the frame's length, no prefix counted", event.rx_ref.len, LENGTH);
  const uint8_t *frame = (const uint8_t *)efct_vi_rxpkt_get(&rx.vi, event.rx_ref.pkt_id);
  CHECK("the reference gives the frame", frame_is(frame, (int)event.rx_ref.len, &flow, LENGTH, 1));
  REQUIRE(station_send(&tx, &flow, LENGTH, 2) == 0);
  REQUIRE(station_next(&rx, &second));
  CHECK("another packet is another reference", second.rx_ref.pkt_id != event.rx_ref.pkt_id);
  CHECK("a held packet stays as it is", frame_is(frame, LENGTH, &flow, LENGTH, 1));
  efct_vi_rxpkt_release(&rx.vi, event.rx_ref.pkt_id);
  efct_vi_rxpkt_release(&rx.vi, second.rx_ref.pkt_id);
  CHECK_EQUAL("sends complete", completed(2), 2);
}

static void many(void)
{
  int right = 0;
  for (uint32_t n = 0; n < 5000; ++n) {
    ef_event event;
    REQUIRE(station_send(&tx, &flow, 60 + (int)(n % 1400), n) == 0);
    REQUIRE(station_next(&rx, &event));
    const void *frame = efct_vi_rxpkt_get(&rx.vi, event.rx_ref.pkt_id);
    right += is_reference(&event) &&
             frame_is((const uint8_t *)frame, (int)event.rx_ref.len, &flow, 60 + (int)(n % 1400), n);
    efct_vi_rxpkt_release(&rx.vi, event.rx_ref.pkt_id);
    right += completed(1) == 1;
  }
  CHECK_EQUAL("packets that are released make room for as many as come", right, 10000);
}

static void sending(void)
{
  int capacity = ef_vi_transmit_space_bytes(&tx.vi);
  CHECK("space is counted in bytes, too", capacity > FRAME_LONGEST);
  REQUIRE(station_send(&tx, &flow, LENGTH, 1) == 0);
  CHECK("a send takes its bytes", ef_vi_transmit_space_bytes(&tx.vi) <= capacity - LENGTH);
  int sent = 1;
  while (station_send(&tx, &flow, FRAME_LONGEST, 2) == 0)
    REQUIRE(++sent < 100000);
  CHECK_EQUAL("until there is no room", station_send(&tx, &flow, FRAME_LONGEST, 3), -EAGAIN);
  CHECK_EQUAL("all of them complete", completed(sent), sent);
  CHECK_EQUAL("and give their bytes back", ef_vi_transmit_space_bytes(&tx.vi), capacity);
  ef_event event;
  for (int n = 0; n < sent; ++n) {
    REQUIRE(station_next(&rx, &event) && is_reference(&event));
    efct_vi_rxpkt_release(&rx.vi, event.rx_ref.pkt_id);
  }

  int id = SENDING;
  uint8_t *frame = station_buffer(&tx, id);
  frame_make(frame, &flow, LENGTH, 9);
  frame[FRAME_UDP + 6] ^= 1;
  REQUIRE(ef_vi_transmit(&tx.vi, station_dma(&tx, id), LENGTH, id) == 0);
  REQUIRE(station_next(&rx, &event));
  CHECK_EQUAL("no checksum is filled in: a wrong one is a discard", EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX_REF_DISCARD);
  CHECK("which says why", event.rx_ref_discard.flags & EF_VI_DISCARD_RX_L4_CSUM_ERR);
  efct_vi_rxpkt_release(&rx.vi, event.rx_ref_discard.pkt_id);
  CHECK_EQUAL("it is completed all the same", completed(1), 1);

  frame_make(frame, &flow, LENGTH, 10);
  ef_vi_transmit_ctpio(&tx.vi, frame, LENGTH, 64);
  CHECK_EQUAL("a fallback call names the send", ef_vi_transmit_ctpio_fallback(&tx.vi, station_dma(&tx, id), LENGTH, id),
              0);
  REQUIRE(station_next(&rx, &event) && is_reference(&event));
  CHECK("the frame came", frame_number((const uint8_t *)efct_vi_rxpkt_get(&rx.vi, event.rx_ref.pkt_id)) == 10);
  efct_vi_rxpkt_release(&rx.vi, event.rx_ref.pkt_id);
  CHECK("once", !station_stray(&rx, &event));
  CHECK_EQUAL("and completes once", completed(1), 1);
}

/* Packets go first in a poll, and completions have what room is left. */
static void crowded(void)
{
  enum { MANY = 100, ROOM = 16 };
  ef_event events[ROOM];
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  int packets = 0, sent = 0, full = 0, behind = 0, hasty = 0;
  for (uint32_t n = 0; n < MANY; ++n)
    REQUIRE(station_send(&rx, &flow, LENGTH, n) == 0 && (is_loopback() || station_send(&tx, &flow, LENGTH, n) == 0));
  for (int64_t end = nanoseconds() + quiet_time(); nanoseconds() < end;)
    continue;
  for (int64_t end = nanoseconds() + STATION_PATIENCE; packets + sent < 2 * MANY && nanoseconds() < end;) {
    int count = ef_eventq_poll(&rx.vi, events, ROOM), here = 0;
    for (int i = 0; i < count; ++i)
      if (is_reference(&events[i])) {
        behind += i != here++;
        efct_vi_rxpkt_release(&rx.vi, events[i].rx_ref.pkt_id);
      } else {
        REQUIRE(EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_TX);
        sent += ef_vi_transmit_unbundle(&rx.vi, &events[i], ids);
      }
    packets += here;
    full += here == ROOM;
    hasty += count - here > 1;
  }
  CHECK("a poll gives packets first", packets == MANY && behind == 0);
  CHECK("one that they fill tells of no completion, however many there are", full > 0);
  CHECK_EQUAL("no poll tells of more than one", hasty, 0);
  CHECK_EQUAL("they all come in the end", sent, MANY);
  station_drain(&tx);
}

static void future(void)
{
  ef_event events[4];
  CHECK("nothing is to come, so nothing is seen", efct_vi_rx_future_peek(&rx.vi) == NULL);
  REQUIRE(station_send(&tx, &flow, LENGTH, 21) == 0);
  const uint8_t *start = NULL;
  for (int64_t end = nanoseconds() + STATION_PATIENCE; start == NULL && nanoseconds() < end;)
    start = (const uint8_t *)efct_vi_rx_future_peek(&rx.vi);
  REQUIRE(start != NULL);
  CHECK_EQUAL("a frame can be seen before its event", frame_number(start), 21);
  int count = 0;
  for (int64_t end = nanoseconds() + STATION_PATIENCE; count == 0 && nanoseconds() < end;)
    count = efct_vi_rx_future_poll(&rx.vi, events, 4);
  CHECK("its event is had by a poll of that queue", count == 1 && is_reference(&events[0]));
  CHECK("and gives the same place", efct_vi_rxpkt_get(&rx.vi, events[0].rx_ref.pkt_id) == start);
  efct_vi_rxpkt_release(&rx.vi, events[0].rx_ref.pkt_id);
  REQUIRE(completed(1) == 1);
}

static void timestamps(void)
{
  ef_event event;
  unsigned flags = 0;
  struct timespec time, now;
  REQUIRE(station_send(&tx, &flow, LENGTH, 31) == 0);
  REQUIRE(station_next(&rx, &event) && is_reference(&event));
  CHECK_EQUAL("a packet has its time", efct_vi_rxpkt_get_timestamp(&rx.vi, event.rx_ref.pkt_id, &time, &flags), 0);
  clock_gettime(CLOCK_REALTIME, &now);
  CHECK("which is the system's", llabs((long long)time.tv_sec - (long long)now.tv_sec) <= 1);
  CHECK("with the clock's state", flags & EF_VI_SYNC_FLAG_CLOCK_SET);
  efct_vi_rxpkt_release(&rx.vi, event.rx_ref.pkt_id);
  REQUIRE(completed(1) == 1);
}

/* What an adapter with buffers of the application's own says. */
static int refused(void)
{
  ef_filter_cookie cookie;
  ef_filter_spec spec;
  ef_event event;
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  CHECK_EQUAL("where buffers are posted the architecture is EF10", station_architecture(&rx), EF_VI_ARCH_EF10);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_ip4_local(&spec, IPPROTO_UDP, htonl(flow.to), htons(flow.to_port)) == 0);
  REQUIRE(ef_filter_spec_set_dest(&spec, 1, 0) == 0);
  CHECK_EQUAL("there is no shared queue to steer to", ef_vi_filter_add(&rx.vi, far.driver, &spec, &cookie), -EOPNOTSUPP);
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  station_prepare(&rx, 8);
  REQUIRE(station_send(&tx, &flow, LENGTH, 1) == 0);
  REQUIRE(station_next(&rx, &event));
  CHECK_EQUAL("a frame is received in a posted buffer", EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX);
  CHECK_EQUAL("whole", station_take(&rx, &event, &flow, LENGTH), 1);
  CHECK("and not as a reference, too", !station_stray(&rx, &event));
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}

int main(void)
{
  ef_filter_cookie cookie;
  port_open(&near, near_end());
  port_open(&far, far_end());
  if (!port_capability(&far, EF_VI_CAP_RX_SHARED))
    return refused();
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  station_open(&rx, &far, EF_VI_RX_TIMESTAMPS);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  references();
  many();
  sending();
  crowded();
  future();
  timestamps();
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
