/* The life of a latency program: round trips with each way to send, against a process that echoes. */
#include "station.h"

#include <etherfabric/pio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LENGTH = 64, HELLO = 0x7fffffff, STOP = 0x7ffffffe };

enum technique { DMA, PIO, CTPIO };

/* A way to send. */
struct mode {
  const char *name;
  unsigned long long flags;
  enum technique by;
  enum ef_vi_capability needs;
};

static const struct mode MODES[] = {
    {"DMA, doorbell only", EF_VI_TX_PUSH_DISABLE, DMA, EF_VI_CAP_BUFFER_MODE},
    {"DMA, descriptor pushed", EF_VI_TX_PUSH_ALWAYS, DMA, EF_VI_CAP_TX_PUSH_ALWAYS},
    {"PIO", EF_VI_FLAGS_DEFAULT, PIO, EF_VI_CAP_PIO},
    {"CTPIO, cut through", EF_VI_TX_CTPIO, CTPIO, EF_VI_CAP_CTPIO},
    {"CTPIO, buffered whole", EF_VI_TX_CTPIO | EF_VI_TX_CTPIO_NO_POISON, CTPIO, EF_VI_CAP_CTPIO},
};

static ef_pio region;

/* Addresses of this process's interface and of the other's. */
static uint8_t macs[2][6];

/* How often a frame goes there and back: less where the kernel takes its time for each. */
static int trips(void)
{
  return quiet_time() == 0 ? 1000 : 100;
}

static struct flow flow_to(int to_child)
{
  struct flow flow = interface_flow(macs[!to_child], macs[to_child], to_child ? "192.0.2.2" : "192.0.2.1");
  flow.from = ntohl(inet_addr(to_child ? "192.0.2.1" : "192.0.2.2"));
  return flow;
}

static void ready(struct station *station, struct port *port, const struct mode *mode, int child)
{
  ef_filter_cookie cookie;
  station_open(station, port, mode->flags);
  struct flow own = flow_to(child);
  REQUIRE(station_filter(station, &own, &cookie) == 0);
  station_prepare(station, 64);
  if (mode->by == PIO) {
    REQUIRE(ef_pio_alloc(&region, port->driver, &port->domain, 32 * LENGTH, port->driver) == 0);
    REQUIRE(ef_pio_link_vi(&region, port->driver, &station->vi, port->driver) == 0);
  }
}

static void finish(struct station *station, struct port *port, const struct mode *mode)
{
  if (mode->by == PIO) {
    REQUIRE(ef_pio_unlink_vi(&region, port->driver, &station->vi, port->driver) == 0);
    REQUIRE(ef_pio_free(&region, port->driver) == 0);
  }
  station_close(station);
  port_close(port);
}

static void send_number(struct station *station, const struct mode *mode, const struct flow *flow, uint32_t number)
{
  int id = SENDING + (int)(number % SENDING);
  uint8_t *frame = station_buffer(station, id);
  frame_make(frame, flow, LENGTH, number);
  if (mode->by == PIO) {
    REQUIRE(ef_vi_transmit_copy_pio(&station->vi, (int)(number % 32) * LENGTH, frame, LENGTH, id) == 0);
  } else if (mode->by == CTPIO) {
    ef_vi_transmit_ctpio(&station->vi, frame, LENGTH, 40);
    REQUIRE(ef_vi_transmit_ctpio_fallback(&station->vi, station_dma(station, id), LENGTH, id) == 0);
  } else {
    REQUIRE(ef_vi_transmit(&station->vi, station_dma(station, id), LENGTH, id) == 0);
  }
}

/* Polls once. The number of a whole frame that came, or -1. Completions are unbundled and counted. */
static long long next(struct station *station, const struct flow *flow, int *completed, int *by_ctpio)
{
  ef_event event;
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  long long number = -1;
  while (number == -1 && station_event(station, &event)) {
    if (EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX) {
      int count = ef_vi_transmit_unbundle(&station->vi, &event, ids);
      *completed += count;
      *by_ctpio += EF_EVENT_TX_CTPIO(event) ? count : 0;
      continue;
    }
    number = station_take(station, &event, flow, LENGTH);
    REQUIRE(number >= 0);
  }
  return number;
}

/* Sends back each number that comes, until it is told to stop or hears nothing for long. */
static int echo(const struct mode *mode)
{
  struct port port;
  struct station station;
  port_open(&port, far_end());
  ready(&station, &port, mode, 1);
  struct flow back = flow_to(0), own = flow_to(1);
  int completed = 0, by_ctpio = 0;
  int64_t heard = nanoseconds();
  for (;;) {
    long long number = next(&station, &own, &completed, &by_ctpio);
    if (number == STOP)
      break;
    if (number >= 0) {
      send_number(&station, mode, &back, (uint32_t)number);
      heard = nanoseconds();
    } else if (nanoseconds() > heard + 10000000000)
      return 1;
  }
  finish(&station, &port, mode);
  return 0;
}

static int ascending(const void *a, const void *b)
{
  int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
  return (one > other) - (one < other);
}

static void measure(const struct mode *mode)
{
  static int64_t times[1000];
  fflush(stdout);
  pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0)
    _exit(echo(mode));
  struct port port;
  struct station station;
  port_open(&port, near_end());
  ready(&station, &port, mode, 0);
  struct flow there = flow_to(1), own = flow_to(0);
  int completed = 0, by_ctpio = 0, sends = 0, right = 0;
  /* The other end loses what comes before it is there. It is greeted after ever longer times: if it is held up and finds
   * all greetings at once, there has to be room for them and the first number on the wire, and for the answers in its ring.
   * An adapter of shared queues tells it of no completion while packets fill its polls. */
  int64_t start = nanoseconds(), patience = 100000;
  for (long long number = -1; number != HELLO; patience *= 2) {
    REQUIRE(nanoseconds() < start + 10000000000);
    send_number(&station, mode, &there, HELLO);
    ++sends;
    for (int64_t again = nanoseconds() + patience; number == -1 && nanoseconds() < again;) {
      number = next(&station, &own, &completed, &by_ctpio);
      if (number == -1)
        usleep(20);
    }
  }
  for (uint32_t n = 1; n <= (uint32_t)trips(); ++n) {
    long long number = -1;
    start = nanoseconds();
    send_number(&station, mode, &there, n);
    ++sends;
    while (number == -1) {
      number = next(&station, &own, &completed, &by_ctpio);
      /* Of the beginning more echoes than one may be on their way. */
      number = number == HELLO ? -1 : number;
      REQUIRE(nanoseconds() < start + 5000000000);
    }
    times[n - 1] = nanoseconds() - start;
    right += number == n;
  }
  send_number(&station, mode, &there, STOP);
  ++sends;
  for (int64_t end = nanoseconds() + 5000000000; completed < sends && nanoseconds() < end;)
    next(&station, &own, &completed, &by_ctpio);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  qsort(times, (size_t)trips(), sizeof(times[0]), ascending);
  printf("# %s: median %lld ns\n", mode->name, (long long)times[trips() / 2]);
  CHECK_EQUAL("each frame comes back once, in order and whole", right, trips());
  CHECK_EQUAL("each send completes", completed, sends);
  CHECK_EQUAL("and says which way it went", by_ctpio, mode->by == CTPIO ? sends : 0);
  CHECK_EQUAL("the other end ended well", status, 0);
  finish(&station, &port, mode);
}

int main(void)
{
  /* The port is asked and closed again: a child must not inherit it. */
  int possible[sizeof(MODES) / sizeof(MODES[0])];
  struct port port;
  interface_mac(near_end(), macs[0]);
  interface_mac(far_end(), macs[1]);
  port_open(&port, near_end());
  if (port_capability(&port, EF_VI_CAP_CTPIO_ONLY)) {
    CHECK_EQUAL("an adapter that fetches no descriptor has none pushed", flags_refused(&port, EF_VI_TX_PUSH_ALWAYS),
                -EOPNOTSUPP);
    CHECK_EQUAL("nor has it PIO", ef_pio_alloc(&region, port.driver, &port.domain, LENGTH, port.driver), -EOPNOTSUPP);
  }
  for (size_t i = 0; i < sizeof(MODES) / sizeof(MODES[0]); ++i)
    possible[i] = port_capability(&port, MODES[i].needs) != 0;
  port_close(&port);
  for (size_t i = 0; i < sizeof(MODES) / sizeof(MODES[0]); ++i)
    if (possible[i])
      measure(&MODES[i]);
  return tap_done();
}
