/* Event merging: one event for several packets. */
#include "station.h"

int main(void)
{
  struct port near, far;
  static struct station tx, rx;
  ef_filter_cookie cookie;
  ef_event events[16];
  ef_request_id ids[EF_VI_RECEIVE_BATCH];
  port_open(&far, far_end());
  if (!port_capability(&far, EF_VI_CAP_RX_MERGE)) {
    CHECK_EQUAL("an adapter that merges no events makes no VI for them", flags_refused(&far, EF_VI_RX_EVENT_MERGE),
                -EOPNOTSUPP);
    port_close(&far);
    return tap_done();
  }
  port_open(&near, near_end());
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  station_open(&rx, &far, EF_VI_RX_EVENT_MERGE);
  struct flow flow = station_flow(&tx, &rx, "192.0.2.1");
  REQUIRE(station_filter(&rx, &flow, &cookie) == 0);
  station_post(&rx, 0, 64);
  int prefix = ef_vi_receive_prefix_len(&rx.vi);
  CHECK_EQUAL("merged packets have a prefix of 14 bytes", prefix, 14);

  REQUIRE(station_send(&tx, &flow, 100, 1) == 0);
  REQUIRE(station_wait(&rx, events, 16) == 1);
  CHECK_EQUAL("one packet alone has an event of the merged kind", EF_EVENT_TYPE(events[0]), EF_EVENT_TYPE_RX_MULTI);
  CHECK_EQUAL("unbundling it gives one id", ef_vi_receive_unbundle(&rx.vi, &events[0], ids), 1);
  CHECK_EQUAL("the first buffer's", ids[0], 0);
  uint16_t bytes = 0;
  CHECK_EQUAL("the length is in the prefix", ef_vi_receive_get_bytes(&rx.vi, station_buffer(&rx, 0), &bytes), 0);
  CHECK_EQUAL("without the prefix's own", bytes, 100);
  CHECK("the packet is behind it", frame_is(station_buffer(&rx, 0) + prefix, 100, &flow, 100, 1));

  for (uint32_t n = 0; n < 40; ++n)
    REQUIRE(station_send(&tx, &flow, 60 + (int)n * 10, 100 + n) == 0);
  /* Until some stand in line. */
  for (int64_t end = nanoseconds() + quiet_time(); nanoseconds() < end;)
    continue;
  int packets = 0, all = 0, most = 0, right = 1, next = 1;
  for (int64_t end = nanoseconds() + STATION_PATIENCE; packets < 40 && nanoseconds() < end;)
    for (int i = 0, count = ef_eventq_poll(&rx.vi, events, 16); i < count; ++i) {
      REQUIRE(EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_RX_MULTI);
      int n = ef_vi_receive_unbundle(&rx.vi, &events[i], ids);
      ++all;
      most = n > most ? n : most;
      right &= EF_EVENT_RX_MULTI_SOP(events[i]) && !EF_EVENT_RX_MULTI_CONT(events[i]);
      for (int j = 0; j < n; ++j, ++packets) {
        right &= ids[j] == next++;
        REQUIRE(ef_vi_receive_get_bytes(&rx.vi, station_buffer(&rx, ids[j]), &bytes) == 0);
        right &= frame_is(station_buffer(&rx, ids[j]) + prefix, bytes, &flow, 60 + packets * 10,
                          100 + (uint32_t)packets);
      }
    }
  CHECK_EQUAL("all packets are in the events", packets, 40);
  CHECK("in order, whole, each in the next buffer", right);
  CHECK("packets in line share events", all < 40);
  CHECK("of 15 at most", most <= EF_VI_RECEIVE_BATCH);
  CHECK_EQUAL("unbundling frees their slots", ef_vi_receive_fill_level(&rx.vi), 64 - 41);
  station_drain(&tx);
  station_close(&rx);
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
