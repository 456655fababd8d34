/* The life of a sender and of a sink: one process sends as fast as its ring allows, in batches; the other receives with
 * filters and timestamps. The sink grants what the sender may send, so that nothing is lost. */
#include "station.h"

#include <sys/wait.h>
#include <unistd.h>

enum { FRAMES = 20000, WINDOW = 256, GRANT = 64, BATCH = 16, LENGTH = 200 };

/* Addresses of the sender's interface and of the sink's. */
static uint8_t macs[2][6];

static struct flow flow_to(int to_sink, const char *address, uint16_t port)
{
  struct flow flow = interface_flow(macs[!to_sink], macs[to_sink], address);
  flow.to_port = port;
  return flow;
}

/* Receives all frames, in order; grants the sender more as it goes. Returns the number of things that went wrong. */
static int sink(void)
{
  struct port port;
  struct station station;
  ef_filter_cookie cookies[2];
  ef_event events[16];
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  port_open(&port, far_end());
  int stamps = port_capability(&port, EF_VI_CAP_HW_RX_TIMESTAMPING) != 0;
  station_open(&station, &port, stamps ? EF_VI_RX_TIMESTAMPS : EF_VI_FLAGS_DEFAULT);
  struct flow data = flow_to(1, "192.0.2.2", 9000), other = flow_to(1, "192.0.2.2", 9001);
  struct flow grants = flow_to(0, "192.0.2.1", 9000);
  REQUIRE(station_filter(&station, &data, &cookies[0]) == 0);
  REQUIRE(station_filter(&station, &other, &cookies[1]) == 0);
  REQUIRE(ef_vi_filter_del(&station.vi, port.driver, &cookies[1]) == 0);
  station_prepare(&station, 504);
  uint32_t expected = 0;
  int wrong = 0, untimed = 0;
  int64_t last = 0, deadline = nanoseconds() + 20000000000, granted = -1, again = 0;
  while (expected < FRAMES && nanoseconds() < deadline) {
    /* What the sender may send up to; said again from time to time, for the sender may not have been there yet. */
    if (expected / GRANT != granted || nanoseconds() > again) {
      int rc = station_send(&station, &grants, 64, expected + WINDOW);
      wrong += rc != 0 && rc != -EAGAIN;
      /* With no room for it, it is said later. */
      if (rc == 0) {
        granted = expected / GRANT;
        again = nanoseconds() + 5000000;
      }
    }
    int count = ef_eventq_poll(&station.vi, events, 16);
    for (int i = 0; i < count; ++i) {
      if (EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_TX) {
        ef_vi_transmit_unbundle(&station.vi, &events[i], ids);
        continue;
      }
      struct packet packet;
      if (station_declines(&station, &events[i]))
        continue;
      if (!station_packet(&station, &events[i], &packet)) {
        ++wrong;
        continue;
      }
      wrong += !frame_is(packet.frame, packet.length, &data, LENGTH, expected);
      ++expected;
      if (stamps) {
        struct timespec time;
        unsigned flags;
        int rc = station_time(&station, &packet, &time, &flags);
        int64_t now = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
        untimed += rc != 0;
        if (rc == 0) {
          /* A clock that follows another may be set back a little. */
          wrong += now + 1000000 < last || !(flags & EF_VI_SYNC_FLAG_CLOCK_SET);
          last = now;
        }
      }
      station_return(&station, &packet);
    }
  }
  wrong += expected != FRAMES;
  /* Only the first may come before time has. */
  wrong += untimed > WINDOW;
  /* The last grant says that all is there. */
  for (int i = 0; i < 20; ++i) {
    station_drain(&station);
    wrong += station_send(&station, &grants, 64, FRAMES + WINDOW) != 0;
    usleep(1000);
  }
  station_close(&station);
  port_close(&port);
  return wrong > 100 ? 100 : wrong;
}

int main(void)
{
  interface_mac(near_end(), macs[0]);
  interface_mac(far_end(), macs[1]);
  fflush(stdout);
  pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0)
    _exit(sink());
  struct port port;
  struct station station;
  ef_filter_cookie cookie;
  ef_event events[16];
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  port_open(&port, near_end());
  station_open(&station, &port, EF_VI_FLAGS_DEFAULT);
  struct flow grants = flow_to(0, "192.0.2.1", 9000), data = flow_to(1, "192.0.2.2", 9000);
  struct flow stray = flow_to(1, "192.0.2.2", 9001);
  REQUIRE(station_filter(&station, &grants, &cookie) == 0);
  station_prepare(&station, 504);
  uint32_t sent = 0, limit = 0;
  int completed = 0, refused = 0, strays = 0, wrong = 0;
  int64_t start = nanoseconds(), deadline = start + 20000000000;
  while ((limit < FRAMES + WINDOW || completed < (int)sent + strays) && nanoseconds() < deadline) {
    int batch = 0;
    while (batch < BATCH && sent < limit && sent < FRAMES) {
      int id = SENDING + (int)(sent % SENDING);
      frame_make(station_buffer(&station, id), &data, LENGTH, sent);
      if (ef_vi_transmit_init(&station.vi, station_dma(&station, id), LENGTH, id) != 0) {
        ++refused;
        break;
      }
      ++sent;
      ++batch;
    }
    if (batch > 0) {
      ef_vi_transmit_push(&station.vi);
      /* Now and then one to a port that has no filter any more. */
      if (sent % 1024 < BATCH)
        strays += station_send(&station, &stray, LENGTH, sent) == 0;
    }
    struct packet packet;
    int count = ef_eventq_poll(&station.vi, events, 16);
    for (int i = 0; i < count; ++i)
      if (EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_TX) {
        completed += ef_vi_transmit_unbundle(&station.vi, &events[i], ids);
      } else if (station_declines(&station, &events[i])) {
        continue;
      } else if (station_packet(&station, &events[i], &packet)) {
        uint32_t number = frame_number(packet.frame);
        limit = number > limit ? number : limit;
        station_return(&station, &packet);
      } else {
        ++wrong;
      }
  }
  double seconds = (double)(nanoseconds() - start) / 1e9;
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  printf("# %.0f frames a second, %d times the ring was full\n", FRAMES / seconds, refused);
  CHECK_EQUAL("all was sent", sent, FRAMES);
  CHECK_EQUAL("and completed", completed, (int)sent + strays);
  CHECK_EQUAL("nothing went wrong at the sender", wrong, 0);
  CHECK("the sink got every frame of its filter, in order and in time, and no other",
        WIFEXITED(status) && WEXITSTATUS(status) == 0);
  CHECK_EQUAL("the transmit ring is empty", ef_vi_transmit_fill_level(&station.vi), 0);
  station_close(&station);
  port_close(&port);
  return tap_done();
}
