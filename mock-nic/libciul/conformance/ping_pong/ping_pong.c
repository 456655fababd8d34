/* UDP round trips by ef_vi in C, with the protocol of examples/ping_pong: either end goes with either end of that one.
 *
 *   ping_pong pong INTERFACE
 *   ping_pong ping INTERFACE [-m MODE,...] [-n ITERATIONS] [-w WARM-UPS] [-s PAYLOAD]
 *
 * Modes are ctpio, dma-push, dma-doorbell and pio; all that the adapter has unless some are asked for. Addresses and port
 * are the other program's defaults. The datapath of an X4 is chosen by EF_VI_PD_FLAGS=express in the environment. */
#include "end.h"

#include <unistd.h>

enum { AGAIN = 20000000, PATIENCE = 10 };

static const char *const WAY_NAMES[WAYS] = {"ctpio", "dma-push", "dma-doorbell", "pio"};
static const int64_t SECOND = 1000000000;

static void fail_for(const char *what, const char *why)
{
  fprintf(stderr, "ping_pong: %s: %s\n", what, why);
  exit(1);
}

/* Echoes what comes, and does what ping asks for, until it says that all is done. */
static void pong(struct end *end)
{
  struct run plain = {BY_DOORBELL, 0, 0, 0, 0, 0};
  struct message last, message, answer;
  struct arrival arrival;
  int sent = 0;
  memset(&last, 0, sizeof(last));
  set_up(end, &plain, 0);
  for (int64_t deadline = nanoseconds() + 6 * PATIENCE * SECOND; nanoseconds() < deadline;) {
    if (!next(end, &arrival, &sent))
      continue;
    deadline = nanoseconds() + PATIENCE * SECOND;
    if (!is_control(&arrival)) {
      turn_around(end, &arrival);
      continue;
    }
    int understood = heard(&arrival, &message);
    uint8_t peer[6];
    memcpy(peer, arrival.frame + 6, 6);
    finish(end, &arrival);
    if (!understood || (last.session && message.session != last.session))
      continue;
    answer = message;
    if (message.kind == SET_UP) {
      const char *lacks = lacking(&end->port, message.run.way);
      if (!lacks && (message.session != last.session || message.number != last.number))
        set_up(end, &message.run, 0);
      last = message;
      answer.kind = lacks ? REFUSED : READY;
      if (lacks)
        snprintf(answer.text, sizeof(answer.text), "%s", lacks);
      say(end, &answer, peer);
    } else if (message.kind == END) {
      answer.kind = ENDED;
      /* Again, should it be lost, as long as ping may ask. */
      for (int64_t linger = nanoseconds() + SECOND / 10; nanoseconds() < linger; usleep(5000))
        say(end, &answer, peer);
      return;
    } else if (message.kind == ABORT) {
      fail_for("ping gave up", message.text);
    }
  }
  fail("nothing from ping for a while");
}

/* Says something until it is answered, after ever longer times: one that is held up finds no more than there is room for
 * on the wire. Whether it was, and by whom. */
static int ask(struct end *end, const struct message *message, int wanted, uint8_t *peer, int64_t patience)
{
  struct message answer;
  struct arrival arrival;
  int sent = 0;
  int64_t deadline = nanoseconds() + patience;
  for (int64_t pause = AGAIN; nanoseconds() < deadline; pause += AGAIN) {
    say(end, message, peer);
    for (int64_t again = nanoseconds() + pause; nanoseconds() < again;) {
      if (!next(end, &arrival, &sent))
        continue;
      int understood = heard(&arrival, &answer);
      uint8_t from[6];
      memcpy(from, arrival.frame + 6, 6);
      finish(end, &arrival);
      if (!understood || answer.session != message->session || answer.number != message->number)
        continue;
      if (answer.kind == REFUSED || answer.kind == ABORT)
        fail_for("pong refused", answer.text);
      if (answer.kind == wanted) {
        memcpy(peer, from, 6);
        return 1;
      }
    }
  }
  return 0;
}

static int ascending(const void *a, const void *b)
{
  int64_t one = *(const int64_t *)a, other = *(const int64_t *)b;
  return (one > other) - (one < other);
}

/* One round trip; nanoseconds that it took. Every byte of the echo is compared. */
static int64_t trip(struct end *end, uint32_t sequence, const uint8_t *peer)
{
  uint8_t expected[FRAME_LONGEST];
  struct arrival arrival;
  int id = spare(end), payload = end->run.payload, sent = 0;
  struct flow there = flow_to(end, peer), back = end->own;
  uint8_t *frame = station_buffer(&end->station, id);
  for (int i = 0; i < payload; ++i)
    frame[FRAME_HEADERS + i] = (uint8_t)((sequence + 7u * (unsigned)i) & 0x7f);
  memcpy(expected, frame, sizeof(expected));
  int length = frame_wrap(frame, &there, payload);
  memcpy(back.from_mac, peer, 6);
  frame_wrap(expected, &back, payload);
  /* The sequence number is the IPv4 identification. */
  frame_put16(frame + FRAME_IP + 4, sequence & 0xffff);
  frame_put16(expected + FRAME_IP + 4, sequence & 0xffff);
  frame_seal(frame);
  frame_seal(expected);
  int64_t start = nanoseconds(), took = -1, deadline = start + PATIENCE * SECOND;
  send_frame(end, id, 0, length);
  while (took < 0 || sent == 0) {
    if (nanoseconds() > deadline)
      fail("no echo");
    if (!next(end, &arrival, &sent))
      continue;
    int64_t now = nanoseconds();
    if (!is_control(&arrival)) {
      int wire = length < FRAME_SHORTEST ? FRAME_SHORTEST : length;
      if (took >= 0 || arrival.length != wire || memcmp(arrival.frame, expected, (size_t)length) != 0)
        fail("what came back is not the echo");
      took = now - start;
    }
    finish(end, &arrival);
  }
  return took;
}

static void ping(struct end *end, struct run run, unsigned ways)
{
  uint8_t peer[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  int64_t *times = (int64_t *)calloc(run.iterations, sizeof(*times));
  REQUIRE(times != NULL);
  struct message message;
  memset(&message, 0, sizeof(message));
  message.session = (uint64_t)nanoseconds() << 16 ^ (uint64_t)getpid();
  printf("%-12s %7s %10s %10s %10s\n", "mode", "payload", "p50", "p99", "max");
  for (int way = 0; way < WAYS; ++way) {
    if (!(ways >> way & 1))
      continue;
    run.way = (uint8_t)way;
    set_up(end, &run, 1);
    message.kind = SET_UP;
    message.run = run;
    if (!ask(end, &message, READY, peer, 6 * PATIENCE * SECOND))
      fail("no pong");
    for (uint32_t n = 0; n < run.warm_ups + run.iterations; ++n) {
      int64_t took = trip(end, n, peer);
      if (n >= run.warm_ups)
        times[n - run.warm_ups] = took;
    }
    qsort(times, run.iterations, sizeof(*times), ascending);
    printf("%-12s %7d %10lld %10lld %10lld\n", WAY_NAMES[way], run.payload, (long long)times[run.iterations / 2],
           (long long)times[(uint64_t)run.iterations * 99 / 100], (long long)times[run.iterations - 1]);
    ++message.number;
  }
  message.kind = END;
  if (!ask(end, &message, ENDED, peer, SECOND))
    fprintf(stderr, "ping_pong: pong did not confirm the end\n");
  printf("%u echoes checked: length, contents and sequence all right\n",
         message.number * (run.warm_ups + run.iterations));
  free(times);
}

static int number_of(const char *text, long least, long most)
{
  char *end;
  long number = strtol(text, &end, 10);
  if (*end != 0 || end == text || number < least || number > most)
    fail("an option's number is out of its range");
  return (int)number;
}

/* The modes of a list, a bit each. */
static unsigned ways_of(char *list)
{
  unsigned ways = 0;
  for (const char *name = strtok(list, ","); name != NULL; name = strtok(NULL, ",")) {
    int way = 0;
    while (way < WAYS && strcmp(name, WAY_NAMES[way]) != 0)
      ++way;
    if (way == WAYS)
      fail("modes are ctpio, dma-push, dma-doorbell, pio");
    ways |= 1u << way;
  }
  return ways;
}

/* The modes to measure: those that were asked for, or all that the adapter has. */
static unsigned choose(struct port *port, unsigned asked)
{
  unsigned ways = 0;
  for (int way = 0; way < WAYS; ++way) {
    const char *lacks = lacking(port, way);
    if (lacks && (asked >> way & 1))
      fail_for(WAY_NAMES[way], lacks);
    if (!lacks && (!asked || (asked >> way & 1)))
      ways |= 1u << way;
  }
  return ways;
}

int main(int argc, char **argv)
{
  static struct end end;
  struct run run = {0, TIMESTAMPS, 64, 22, 1000, 10000};
  unsigned asked = 0;
  int option;
  while ((option = getopt(argc, argv, "m:n:w:s:")) != -1)
    switch (option) {
    case 'm': asked |= ways_of(optarg); break;
    case 'n': run.iterations = (uint32_t)number_of(optarg, 1, 10000000); break;
    case 'w': run.warm_ups = (uint32_t)number_of(optarg, 0, 10000000); break;
    case 's': run.payload = (uint16_t)number_of(optarg, 0, FRAME_LONGEST - FRAME_HEADERS); break;
    default: return 2;
    }
  int is_ping = argc - optind == 2 && strcmp(argv[optind], "ping") == 0;
  if (!is_ping && !(argc - optind == 2 && strcmp(argv[optind], "pong") == 0)) {
    fprintf(stderr, "usage: ping_pong pong|ping INTERFACE [-m MODE,...] [-n ITERATIONS] [-w WARM-UPS] [-s PAYLOAD]\n");
    return 2;
  }
  port_open(&end.port, argv[optind + 1]);
  if (is_ping)
    ping(&end, run, choose(&end.port, asked));
  else
    pong(&end);
  end_close(&end);
  return 0;
}
