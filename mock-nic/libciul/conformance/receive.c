/* Receiving into posted buffers: pushes of eight, the prefix, long frames, missing buffers, discards. */
#include "station.h"

static struct port near, far;
static struct station tx;
static struct flow flow;

static void open_receiver(struct station *rx, unsigned long long flags)
{
  ef_filter_cookie cookie;
  station_open(rx, &far, flags);
  REQUIRE(station_filter(rx, &flow, &cookie) == 0);
}

static void eights(void)
{
  struct station rx;
  ef_event events[32];
  open_receiver(&rx, EF_VI_FLAGS_DEFAULT);
  station_post(&rx, 0, 7);
  CHECK_EQUAL("posted buffers are counted", ef_vi_receive_fill_level(&rx.vi), 7);
  REQUIRE(station_send(&tx, &flow, 60, 1) == 0);
  CHECK_EQUAL("up to seven buffers stay back: the frame finds none", station_collect(&rx, events, 32, 0), 0);
  station_post(&rx, 7, 3);
  for (uint32_t n = 0; n < 10; ++n)
    REQUIRE(station_send(&tx, &flow, 60, 100 + n) == 0);
  CHECK_EQUAL("with the eighth there are eight", station_collect(&rx, events, 32, 8), 8);
  int order = 1;
  for (int i = 0; i < 8; ++i)
    order &= (int)EF_EVENT_RX_RQ_ID(events[i]) == i && frame_number(station_frame(&rx, &events[i])) == 100 + (uint32_t)i;
  CHECK("they are used in the order of posting", order);
  CHECK_EQUAL("the ring has the two that stayed back", ef_vi_receive_fill_level(&rx.vi), 2);
  CHECK_EQUAL("space and level add up", ef_vi_receive_space(&rx.vi), ef_vi_receive_capacity(&rx.vi) - 2);
  station_drain(&tx);
  station_close(&rx);
}

static void full(void)
{
  struct station rx;
  open_receiver(&rx, EF_VI_FLAGS_DEFAULT);
  int posted = 0;
  while (ef_vi_receive_init(&rx.vi, station_dma(&rx, 0), posted) == 0)
    ++posted;
  CHECK_EQUAL("a ring of N slots holds N-1", posted, ef_vi_receive_capacity(&rx.vi));
  CHECK_EQUAL("the next is refused", ef_vi_receive_init(&rx.vi, station_dma(&rx, 0), 0), -EAGAIN);
  CHECK_EQUAL("post says the same", ef_vi_receive_post(&rx.vi, station_dma(&rx, 0), 0), -EAGAIN);
  station_close(&rx);
}

static void flags_and_prefix(void)
{
  struct station rx;
  ef_event event[4];
  open_receiver(&rx, EF_VI_FLAGS_DEFAULT);
  CHECK_EQUAL("without timestamps there is no prefix", ef_vi_receive_prefix_len(&rx.vi), 0);
  CHECK_EQUAL("1792 bytes of a buffer are used", ef_vi_receive_buffer_len(&rx.vi), 1792);
  station_post(&rx, 0, 8);
  memset(station_buffer(&rx, 0), 0xee, BUFFER);
  REQUIRE(station_send(&tx, &flow, 100, 5) == 0);
  REQUIRE(station_wait(&rx, event, 4) == 1);
  CHECK("a frame is whole: SOP without CONT", EF_EVENT_RX_SOP(event[0]) && !EF_EVENT_RX_CONT(event[0]));
  CHECK_EQUAL("the event has its length", EF_EVENT_RX_BYTES(event[0]), 100);
  CHECK_EQUAL("and the queue's id", EF_EVENT_RX_Q_ID(event[0]), 0);
  CHECK("the bytes are those that were sent", frame_is(station_buffer(&rx, 0), 100, &flow, 100, 5));
  int behind = 1;
  for (int i = 128; i < BUFFER; ++i)
    behind &= station_buffer(&rx, 0)[i] == 0xee;
  CHECK("nothing is written behind the frame", behind);
  CHECK("unicast is not flagged as multicast", !(event[0].rx.flags & EF_EVENT_FLAG_MULTICAST));
  station_close(&rx);

  if (!port_capability(&far, EF_VI_CAP_HW_RX_TIMESTAMPING))
    return;
  open_receiver(&rx, EF_VI_RX_TIMESTAMPS);
  CHECK_EQUAL("with timestamps the prefix has 14 bytes", ef_vi_receive_prefix_len(&rx.vi), 14);
  const ef_vi_layout_entry *layout = NULL;
  int entries = 0, frame_at = -1;
  CHECK_EQUAL("the layout can be asked for", ef_vi_receive_query_layout(&rx.vi, &layout, &entries), 0);
  for (int i = 0; i < entries; ++i)
    if (layout[i].evle_type == EF_VI_LAYOUT_FRAME)
      frame_at = layout[i].evle_offset;
  CHECK_EQUAL("it has the frame behind the prefix", frame_at, 14);
  station_post(&rx, 0, 8);
  REQUIRE(station_send(&tx, &flow, 100, 6) == 0);
  REQUIRE(station_wait(&rx, event, 4) == 1);
  CHECK_EQUAL("lengths of events include it", EF_EVENT_RX_BYTES(event[0]), 114);
  CHECK("the frame is where it says", frame_is(station_buffer(&rx, 0) + 14, 100, &flow, 100, 6));
  station_drain(&tx);
  station_close(&rx);
}

static void long_frames(void)
{
  struct station rx;
  ef_event events[8];
  open_receiver(&rx, EF_VI_FLAGS_DEFAULT);
  ef_vi_receive_set_buffer_len(&rx.vi, 512);
  CHECK_EQUAL("the used length can be set", ef_vi_receive_buffer_len(&rx.vi), 512);
  station_post(&rx, 0, 8);
  REQUIRE(station_send(&tx, &flow, 1200, 7) == 0);
  CHECK_EQUAL("a frame longer than a buffer spans several", station_collect(&rx, events, 8, 3), 3);
  CHECK("SOP is on the first alone",
        EF_EVENT_RX_SOP(events[0]) && !EF_EVENT_RX_SOP(events[1]) && !EF_EVENT_RX_SOP(events[2]));
  CHECK("CONT on all but the last",
        EF_EVENT_RX_CONT(events[0]) && EF_EVENT_RX_CONT(events[1]) && !EF_EVENT_RX_CONT(events[2]));
  CHECK_EQUAL("the last event has the frame's length", EF_EVENT_RX_BYTES(events[2]), 1200);
  uint8_t whole[1536];
  for (int i = 0; i < 3; ++i)
    memcpy(whole + i * 512, station_buffer(&rx, i), 512);
  CHECK("the pieces are the frame", frame_is(whole, 1200, &flow, 1200, 7));
  station_drain(&tx);
  station_close(&rx);
}

static void none(void)
{
  struct station rx;
  ef_event events[16];
  open_receiver(&rx, EF_VI_FLAGS_DEFAULT);
  REQUIRE(station_send(&tx, &flow, 60, 1) == 0);
  CHECK_EQUAL("a frame that finds no buffer is dropped", station_collect(&rx, events, 16, 0), 0);
  station_post(&rx, 0, 8);
  CHECK_EQUAL("and does not come later", station_collect(&rx, events, 16, 0), 0);
  for (uint32_t n = 2; n < 10; ++n)
    REQUIRE(station_send(&tx, &flow, 60, n) == 0);
  CHECK_EQUAL("the next ones have the buffers", station_collect(&rx, events, 16, 8), 8);
  CHECK_EQUAL("one each", frame_number(station_frame(&rx, &events[0])), 2);

  const ef_vi_stats_layout *layout = NULL;
  REQUIRE(ef_vi_stats_query_layout(&rx.vi, &layout) == 0);
  uint8_t *data = (uint8_t *)calloc(1, (size_t)layout->evsl_data_size);
  REQUIRE(data != NULL);
  CHECK_EQUAL("the VI has statistics", ef_vi_stats_query(&rx.vi, far.driver, data, 1), 0);
  /* They begin anew, and all that happens then is this. */
  REQUIRE(station_send(&tx, &flow, 60, 10) == 0);
  REQUIRE(station_collect(&rx, events, 16, 0) == 0);
  REQUIRE(ef_vi_stats_query(&rx.vi, far.driver, data, 0) == 0);
  int named = layout->evsl_fields_num > 0, inside = 1, any = 0;
  for (int i = 0; i < layout->evsl_fields_num; ++i) {
    const ef_vi_stats_field_layout *field = &layout->evsl_fields[i];
    named &= field->evsfl_name != NULL && field->evsfl_name[0] != 0;
    inside &= field->evsfl_offset + field->evsfl_size <= layout->evsl_data_size;
    for (int at = 0; at < field->evsfl_size; ++at)
      any |= data[field->evsfl_offset + at];
  }
  CHECK("each has a name", named);
  CHECK("and a place of its own", inside);
  CHECK("the dropped frame is counted", any);
  free(data);
  station_drain(&tx);
  station_close(&rx);
}

/* The reason of the discard that the frame in the sending buffer becomes; -1 if it is received. Sent without help of the
 * adapter's, so that what is wrong stays wrong. */
static int discarded(struct station *raw, struct station *rx, int length)
{
  ef_event event[2];
  REQUIRE(ef_vi_transmit(&raw->vi, station_dma(raw, SENDING), length, 1) == 0);
  REQUIRE(station_wait(rx, event, 2) == 1);
  station_drain(raw);
  int kind = EF_EVENT_TYPE(event[0]), reason = -1;
  if (kind == EF_EVENT_TYPE_RX_DISCARD)
    reason = (int)EF_EVENT_RX_DISCARD_TYPE(event[0]);
  else if (kind == EF_EVENT_TYPE_RX_REF_DISCARD)
    reason = (int)event[0].rx_ref_discard.flags;
  /* Either way the buffer is the application's again, or the reference is its to give back. */
  REQUIRE(station_take(rx, &event[0], &flow, length) >= -3);
  return reason;
}

static void discards(void)
{
  struct station raw, rx;
  int is_shared = port_capability(&far, EF_VI_CAP_RX_SHARED) != 0;
  int bad_ip = is_shared ? (int)EF_VI_DISCARD_RX_L3_CSUM_ERR : (int)EF_EVENT_RX_DISCARD_CSUM_BAD;
  int bad_udp = is_shared ? (int)EF_VI_DISCARD_RX_L4_CSUM_ERR : (int)EF_EVENT_RX_DISCARD_CSUM_BAD;
  station_open(&raw, &near, EF_VI_TX_IP_CSUM_DIS | EF_VI_TX_TCPUDP_CSUM_DIS);
  open_receiver(&rx, EF_VI_FLAGS_DEFAULT);
  station_prepare(&rx, 64);
  uint8_t *frame = station_buffer(&raw, SENDING);
  frame_make(frame, &flow, 100, 1);
  CHECK_EQUAL("a good frame is received", discarded(&raw, &rx, 100), -1);
  frame[FRAME_IP + 10] ^= 1;
  CHECK_EQUAL("a wrong IP checksum is a discard", discarded(&raw, &rx, 100), bad_ip);
  frame_make(frame, &flow, 100, 1);
  frame[90] ^= 1;
  CHECK_EQUAL("a wrong UDP checksum is one", discarded(&raw, &rx, 100), bad_udp);
  frame_put16(frame + FRAME_UDP + 6, 0);
  CHECK_EQUAL("no UDP checksum is none", discarded(&raw, &rx, 100), -1);
  frame_make(frame, &flow, 100, 1);
  frame[90] ^= 1;
  CHECK_EQUAL("which errors are discards can be chosen",
              ef_vi_receive_set_discards(&rx.vi, EF_VI_DISCARD_RX_ETH_FCS_ERR), 0);
  CHECK_EQUAL("the choice can be read", ef_vi_receive_get_discards(&rx.vi), EF_VI_DISCARD_RX_ETH_FCS_ERR);
  CHECK_EQUAL("what is not chosen is received", discarded(&raw, &rx, 100), -1);
  station_close(&rx);
  station_close(&raw);
}

/* Where the adapter receives into buffers of its own. */
static void unposted(void)
{
  struct station rx;
  ef_event event;
  open_receiver(&rx, EF_VI_FLAGS_DEFAULT);
  CHECK_EQUAL("no buffer is taken", ef_vi_receive_init(&rx.vi, station_dma(&rx, 0), 0), -ENOSYS);
  CHECK_EQUAL("nor posted", ef_vi_receive_post(&rx.vi, station_dma(&rx, 0), 0), -ENOSYS);
  CHECK_EQUAL("there is no prefix", ef_vi_receive_prefix_len(&rx.vi), 0);
  for (int length = FRAME_SHORTEST; length <= FRAME_LONGEST; length += FRAME_LONGEST - FRAME_SHORTEST) {
    REQUIRE(station_send(&tx, &flow, length, (uint32_t)length) == 0);
    REQUIRE(station_wait(&rx, &event, 1) == 1);
    CHECK_EQUAL("a frame is whole, however long", station_take(&rx, &event, &flow, length), length);
  }
  station_drain(&tx);
  station_close(&rx);
}

int main(void)
{
  struct station rx;
  port_open(&near, near_end());
  port_open(&far, far_end());
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  station_open(&rx, &far, EF_VI_FLAGS_DEFAULT);
  flow = station_flow(&tx, &rx, "192.0.2.1");
  station_close(&rx);
  if (port_capability(&far, EF_VI_CAP_RX_SHARED)) {
    unposted();
  } else {
    eights();
    full();
    flags_and_prefix();
    long_frames();
    none();
  }
  discards();
  station_close(&tx);
  port_close(&far);
  port_close(&near);
  return tap_done();
}
