/* The life of a forwarder: what comes in at one port goes out at the other, without a copy where buffers are posted: the
 * memory is registered with both ports, and a buffer is posted again when its frame has gone. What an adapter receives
 * into buffers of its own is copied. Between the ends of two wires, the mock's cables unless INTERFACES names others, in a
 * process of its own; this one is what is behind them. */
#include "station.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* A round is no more than the transmit FIFO of an adapter without descriptors holds. */
enum { FRAMES = 4000, ROUND = 16, EACH = BUFFERS / 2, POSTED = 504, HELLO = 0x7fffffff };

/* One side of the forwarder. */
struct side {
  struct port port;
  ef_vi vi;
  ef_memreg memory;
  /* Its adapter's buffers are shared; copies go from buffers in turn. */
  int is_shared, first, turn;
};

static uint8_t *packets;

static ef_addr address(struct side *side, int id)
{
  return ef_memreg_dma_addr(&side->memory, (size_t)id * BUFFER);
}

static void side_open(struct side *side, const char *interface, int first)
{
  port_open(&side->port, interface);
  ef_driver_handle driver = side->port.driver;
  REQUIRE(ef_vi_alloc_from_pd(&side->vi, driver, &side->port.domain, driver, -1, -1, -1, NULL, -1,
                              EF_VI_FLAGS_DEFAULT) >= 0);
  REQUIRE(ef_memreg_alloc(&side->memory, driver, &side->port.domain, driver, packets, 2 * EACH * BUFFER) == 0);
  side->first = first;
  side->is_shared = port_capability(&side->port, EF_VI_CAP_RX_SHARED) != 0;
  for (int id = first; id < first + POSTED && !side->is_shared; ++id)
    REQUIRE(ef_vi_receive_init(&side->vi, address(side, id), id) == 0);
  ef_vi_receive_push(&side->vi);
  ef_filter_spec spec;
  ef_filter_cookie cookie;
  struct flow flow;
  memset(&flow, 0, sizeof(flow));
  flow.to = ntohl(inet_addr("192.0.2.1"));
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_ip4_local(&spec, IPPROTO_UDP, htonl(flow.to), htons(9000)) == 0);
  REQUIRE(ef_vi_filter_add(&side->vi, driver, &spec, &cookie) == 0);
}

static void forward(struct side *from, struct side *to)
{
  ef_event events[16];
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  int count = ef_eventq_poll(&from->vi, events, 16), sent = 0, posted = 0;
  for (int i = 0; i < count; ++i)
    if (EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_RX_REF) {
      /* There is a buffer for each slot of the other's ring. */
      uint32_t packet = events[i].rx_ref.pkt_id;
      int id = from->first + from->turn++ % EACH, length = (int)events[i].rx_ref.len;
      memcpy(packets + (size_t)id * BUFFER, efct_vi_rxpkt_get(&from->vi, packet), (size_t)length);
      efct_vi_rxpkt_release(&from->vi, packet);
      REQUIRE(ef_vi_transmit_init(&to->vi, address(to, id), length, id) == 0);
      ++sent;
    } else if (EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_RX) {
      int id = (int)EF_EVENT_RX_RQ_ID(events[i]);
      int rc = ef_vi_transmit_init(&to->vi, address(to, id), (int)EF_EVENT_RX_BYTES(events[i]), id);
      REQUIRE(rc == 0);
      ++sent;
    } else {
      /* What went out here came in at the other port: its buffer is that port's again. */
      REQUIRE(EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_TX);
      int gone = ef_vi_transmit_unbundle(&from->vi, &events[i], ids);
      for (int j = 0; j < gone && !to->is_shared; ++j)
        REQUIRE(ef_vi_receive_init(&to->vi, address(to, ids[j]), ids[j]) == 0);
      posted += to->is_shared ? 0 : gone;
    }
  if (sent > 0)
    ef_vi_transmit_push(&to->vi);
  if (posted > 0)
    ef_vi_receive_push(&to->vi);
}

static void forwarder(void)
{
  static struct side left, right;
  /* Ended with its parent, however that ends. */
  REQUIRE(prctl(PR_SET_PDEATHSIG, SIGKILL) == 0);
  packets = large_pages(2 * EACH * BUFFER);
  side_open(&left, interface_at(1, "cable1b"), 0);
  side_open(&right, interface_at(2, "cable2a"), EACH);
  for (int64_t end = nanoseconds() + 30000000000; nanoseconds() < end;)
    for (int i = 0; i < 1000; ++i) {
      forward(&left, &right);
      forward(&right, &left);
    }
}

/* Takes the next frame of a flow that is not of the beginning; whether it is the one of that number. */
static int take(struct station *station, const struct flow *flow, int length, uint32_t number, int64_t patience)
{
  ef_event event;
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  for (int64_t end = nanoseconds() + patience; nanoseconds() < end;) {
    if (!station_event(station, &event))
      continue;
    if (EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX) {
      ef_vi_transmit_unbundle(&station->vi, &event, ids);
      continue;
    }
    struct packet packet;
    REQUIRE(station_packet(station, &event, &packet));
    uint32_t came = frame_number(packet.frame);
    int right = came == number && frame_is(packet.frame, packet.length, flow, length, number);
    station_return(station, &packet);
    if (came == HELLO && number != HELLO)
      continue;
    return right;
  }
  return 0;
}

/* Sends rounds of frames in at one side and takes them at the other. */
static int pass(struct station *from, struct station *to, struct flow *flow)
{
  int right = 0;
  for (uint32_t n = 0; n < FRAMES; n += ROUND) {
    for (uint32_t i = n; i < n + ROUND; ++i)
      REQUIRE(station_send(from, flow, 60 + (int)(i % 1400), i) == 0);
    for (uint32_t i = n; i < n + ROUND; ++i)
      right += take(to, flow, 60 + (int)(i % 1400), i, 5000000000);
    station_drain(from);
  }
  return right;
}

int main(void)
{
  struct port ports[2];
  static struct station source, sink;
  fflush(stdout);
  pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    forwarder();
    _exit(1);
  }
  port_open(&ports[0], interface_at(0, "cable1a"));
  port_open(&ports[1], interface_at(3, "cable2b"));
  station_open(&source, &ports[0], EF_VI_FLAGS_DEFAULT);
  station_open(&sink, &ports[1], EF_VI_FLAGS_DEFAULT);
  struct flow flow = station_flow(&source, &sink, "192.0.2.1"), back = station_flow(&sink, &source, "192.0.2.1");
  ef_filter_cookie cookies[2];
  REQUIRE(station_filter(&source, &back, &cookies[0]) == 0);
  REQUIRE(station_filter(&sink, &flow, &cookies[1]) == 0);
  station_prepare(&source, 504);
  station_prepare(&sink, 504);
  /* The forwarder takes a moment to be there; until then frames are lost. It is asked after ever longer times: what it finds
   * at once if it is held up must leave room on the wire for a round. */
  int there = 0;
  for (int64_t patience = 1000000; patience < 8000000000 && !there; patience *= 2) {
    REQUIRE(station_send(&source, &flow, 100, HELLO) == 0);
    there = take(&sink, &flow, 100, HELLO, patience);
    station_drain(&source);
  }
  CHECK("the forwarder starts", there);
  CHECK_EQUAL("every frame of one direction passes, whole and in order", pass(&source, &sink, &flow), FRAMES);
  CHECK_EQUAL("and of the other", pass(&sink, &source, &back), FRAMES);
  REQUIRE(kill(child, SIGKILL) == 0);
  int status;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK("the forwarder lived until it was ended", WIFSIGNALED(status));
  station_close(&sink);
  station_close(&source);
  port_close(&ports[1]);
  port_close(&ports[0]);
  return tap_done();
}
