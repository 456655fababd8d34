/* Packed streams: packets one behind the other in large buffers. */
#include "station.h"

#include <etherfabric/packedstream.h>

enum { STREAM_BUFFERS = 16, PACKETS = 2500, SMALL = 64 * 1024 };

/* What an adapter without them says. */
static int refused(struct port *port)
{
  ef_pd domain;
  /* The variable would take the place of the flag. */
  if (getenv("EF_VI_PD_FLAGS") == NULL)
    CHECK_EQUAL("an adapter without packed streams makes no domain for them",
                ef_pd_alloc_by_name(&domain, port->driver, far_end(), EF_PD_RX_PACKED_STREAM), -EOPNOTSUPP);
  CHECK_EQUAL("an adapter without packed streams makes no VI for them", flags_refused(port, EF_VI_RX_PACKED_STREAM), -EOPNOTSUPP);
  port_close(port);
  return tap_done();
}

int main(void)
{
  struct port near, far, stream_port;
  static struct station tx;
  ef_vi vi;
  ef_memreg memory;
  port_open(&far, far_end());
  if (!port_capability(&far, EF_VI_CAP_PACKED_STREAM))
    return refused(&far);
  uint8_t macs[2][6];
  interface_mac(near_end(), macs[0]);
  interface_mac(far_end(), macs[1]);
  struct flow flow = interface_flow(macs[0], macs[1], "192.0.2.1");
  port_open(&near, near_end());
  station_open(&tx, &near, EF_VI_FLAGS_DEFAULT);
  enum ef_vi_flags flags = (enum ef_vi_flags)(EF_VI_RX_PACKED_STREAM | EF_VI_RX_PS_BUF_SIZE_64K);
  CHECK("a packed stream needs a domain that is for it",
        ef_vi_alloc_from_pd(&vi, far.driver, &far.domain, far.driver, -1, -1, -1, NULL, -1, flags) < 0);
  REQUIRE(ef_driver_open(&stream_port.driver) == 0);
  ef_driver_handle driver = stream_port.driver;
  REQUIRE(ef_pd_alloc_by_name(&stream_port.domain, driver, far_end(), EF_PD_RX_PACKED_STREAM) == 0);
  CHECK("in such a domain it can be had",
        ef_vi_alloc_from_pd(&vi, driver, &stream_port.domain, driver, -1, -1, -1, NULL, -1, flags) >= 0);
  ef_packed_stream_params params;
  CHECK_EQUAL("its dimensions can be asked", ef_vi_packed_stream_get_params(&vi, &params), 0);
  CHECK_EQUAL("the buffers have the size that was asked for", params.psp_buffer_size, SMALL);
  CHECK_EQUAL("and are aligned to it", params.psp_buffer_align, SMALL);

  /* Some adapters register memory by larger pages. */
  size_t page = port_capability(&far, EF_VI_CAP_MIN_BUFFER_MODE_SIZE), bytes = (size_t)STREAM_BUFFERS * SMALL;
  bytes = bytes > page ? bytes : page;
  uint8_t *buffers = large_pages(bytes);
  REQUIRE(ef_memreg_alloc(&memory, driver, &stream_port.domain, driver, buffers, bytes) == 0);
  for (int i = 0; i < STREAM_BUFFERS; ++i)
    REQUIRE(ef_vi_receive_post(&vi, ef_memreg_dma_addr(&memory, (size_t)i * SMALL), i) == 0);
  ef_filter_spec spec;
  ef_filter_cookie cookie;
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_ip4_local(&spec, IPPROTO_UDP, htonl(flow.to), htons(flow.to_port)) == 0);
  REQUIRE(ef_vi_filter_add(&vi, driver, &spec, &cookie) == 0);

  ef_packed_stream_packet *next = NULL;
  int got = 0, right = 1, begun = 0;
  for (uint32_t n = 0; n < PACKETS; n += 50) {
    for (uint32_t i = n; i < n + 50; ++i) {
      REQUIRE(station_send(&tx, &flow, 60 + (int)(i % 1000), i) == 0);
    }
    station_drain(&tx);
    ef_event events[8];
    int64_t end = nanoseconds() + STATION_PATIENCE;
    while (got < (int)n + 50 && nanoseconds() < end)
      for (int i = 0, count = ef_eventq_poll(&vi, events, 8); i < count; ++i) {
        REQUIRE(EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_RX_PACKED_STREAM);
        if (EF_EVENT_RX_PS_NEXT_BUFFER(events[i])) {
          /* The buffer before it is the application's again. */
          if (begun > 0) {
            int gone = (begun - 1) % STREAM_BUFFERS;
            REQUIRE(ef_vi_receive_post(&vi, ef_memreg_dma_addr(&memory, (size_t)gone * SMALL), gone) == 0);
          }
          next = ef_packed_stream_packet_first(buffers + (size_t)(begun++ % STREAM_BUFFERS) * SMALL,
                                               params.psp_start_offset);
        }
        ef_packed_stream_packet *packet = next;
        int packets = 0, total = 0, sum = 0;
        REQUIRE(ef_vi_packed_stream_unbundle(&vi, &events[i], &next, &packets, &total) == -ENODATA || packets > 0);
        for (int p = 0; p < packets; ++p, ++got) {
          right &= frame_is((const uint8_t *)ef_packed_stream_packet_payload(packet), packet->ps_cap_len, &flow,
                            60 + got % 1000, (uint32_t)got);
          sum += packet->ps_cap_len;
          packet = ef_packed_stream_packet_next(packet);
        }
        right &= sum == total && packet == next;
      }
  }
  printf("# %d buffers\n", begun);
  CHECK_EQUAL("every packet comes", got, PACKETS);
  CHECK("whole, in order, and the event's count of bytes is theirs", right);
  CHECK("a full buffer is followed by the next, and those posted again are used again", begun > STREAM_BUFFERS);
  REQUIRE(ef_vi_free(&vi, driver) == 0);
  REQUIRE(ef_memreg_free(&memory, driver) == 0);
  munmap(buffers, bytes);
  port_close(&stream_port);
  station_close(&tx);
  port_close(&near);
  port_close(&far);
  return tap_done();
}
