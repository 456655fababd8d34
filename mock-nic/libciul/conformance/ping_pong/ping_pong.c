/* UDP round trips by ef_vi in C, with the protocol of examples/ping_pong: either end goes with either end of that one.
 *
 *   ping_pong pong INTERFACE
 *   ping_pong ping INTERFACE [-m ctpio|dma-push|dma-doorbell] [-n ITERATIONS] [-w WARM-UPS] [-s PAYLOAD]
 *
 * Addresses and port are the other program's defaults. */
#include "../station.h"

#include <unistd.h>

#include "protocol.h"

enum { PORT = 8080, AGAIN = 20000000, PATIENCE = 10 };

static const char *const PING = "192.0.2.1", *const PONG = "192.0.2.2";
static const char *const WAY_NAMES[WAYS] = {"ctpio", "dma-push", "dma-doorbell"};
static const int64_t SECOND = 1000000000;

/* An end: its VI as set up for a run, and who it is. */
struct end {
  struct port port;
  struct station station;
  struct run run;
  struct flow own;
  int is_open, spare;
};

/* A frame that came. */
struct arrival {
  uint8_t *frame;
  int length, id;
};

static void fail(const char *what)
{
  fprintf(stderr, "ping_pong: %s\n", what);
  exit(1);
}

static int same_set_up(const struct run *one, const struct run *other)
{
  return one->way == other->way && one->flags == other->flags;
}

/* Makes the VI for a run, unless it is that already. The flow is the one to this end. */
static void set_up(struct end *end, const struct run *run, int is_ping)
{
  static const unsigned long long FLAGS[WAYS] = {EF_VI_TX_CTPIO, EF_VI_TX_PUSH_ALWAYS, EF_VI_TX_PUSH_DISABLE};
  int keep = end->is_open && same_set_up(&end->run, run);
  end->run = *run;
  if (keep)
    return;
  if (end->is_open)
    station_close(&end->station);
  unsigned long long flags = FLAGS[run->way];
  if (run->way == BY_CTPIO && (run->flags & NO_POISON))
    flags |= EF_VI_TX_CTPIO_NO_POISON;
  if (run->flags & TIMESTAMPS)
    flags |= EF_VI_RX_TIMESTAMPS | EF_VI_TX_TIMESTAMPS;
  station_open(&end->station, &end->port, flags);
  end->is_open = 1;
  end->own = station_flow(&end->station, is_ping ? PING : PONG);
  end->own.from = ntohl(inet_addr(is_ping ? PONG : PING));
  end->own.to_port = end->own.from_port = PORT;
  ef_filter_cookie cookie;
  if (station_filter(&end->station, &end->own, &cookie) != 0)
    fail("another program has this end's address and port");
  station_post(&end->station, 0, 504);
}

/* The way from this end to the other. */
static struct flow flow_to(const struct end *end, const uint8_t *mac)
{
  struct flow flow = end->own;
  memcpy(flow.to_mac, mac, 6);
  memcpy(flow.from_mac, end->own.to_mac, 6);
  flow.to = end->own.from;
  flow.from = end->own.to;
  return flow;
}

/* Sends a frame that lies in a buffer behind as many bytes as a received one's prefix has. */
static void send_frame(struct end *end, int id, int offset, int length)
{
  struct station *station = &end->station;
  ef_addr dma = station_dma(station, id) + (unsigned)offset;
  int rc;
  if (end->run.way == BY_CTPIO) {
    ef_vi_transmit_ctpio(&station->vi, station_buffer(station, id) + offset, (size_t)length, end->run.threshold);
    rc = ef_vi_transmit_ctpio_fallback(&station->vi, dma, (size_t)length, id);
  } else {
    rc = ef_vi_transmit(&station->vi, dma, length, id);
  }
  if (rc != 0)
    fail("a send was refused");
}

/* A buffer that nothing is sent from. */
static int spare(struct end *end)
{
  end->spare = (end->spare + 1) % 256;
  return SENDING + end->spare;
}

static void say(struct end *end, const struct message *message, const uint8_t *to)
{
  int id = spare(end);
  struct flow flow = flow_to(end, to);
  uint8_t *frame = station_buffer(&end->station, id);
  int length = frame_wrap(frame, &flow, message_write(frame + FRAME_HEADERS, message));
  send_frame(end, id, 0, length);
}

static void repost(struct end *end, int id)
{
  if (ef_vi_receive_post(&end->station.vi, station_dma(&end->station, id), id) != 0)
    fail("a buffer could not be posted");
}

/* The next frame, if one came; completions are unbundled. What was received and sent back is posted again. */
static int next(struct end *end, struct arrival *arrival, int *sent)
{
  struct station *station = &end->station;
  ef_event event;
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  while (station_event(station, &event)) {
    int count = 0;
    switch (EF_EVENT_TYPE(event)) {
    case EF_EVENT_TYPE_RX:
      arrival->id = (int)EF_EVENT_RX_RQ_ID(event);
      arrival->frame = station_frame(station, &event);
      arrival->length = station_frame_length(station, &event);
      return 1;
    case EF_EVENT_TYPE_RX_DISCARD:
      repost(end, (int)EF_EVENT_RX_DISCARD_RQ_ID(event));
      break;
    case EF_EVENT_TYPE_TX:
      count = ef_vi_transmit_unbundle(&station->vi, &event, ids);
      break;
    case EF_EVENT_TYPE_TX_WITH_TIMESTAMP:
      ids[0] = (int)EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID(event);
      count = 1;
      break;
    default:
      fail("the adapter reported something that the VI can't go on after");
    }
    *sent += count;
    for (int i = 0; i < count; ++i)
      if (ids[i] < SENDING)
        repost(end, ids[i]);
  }
  return 0;
}

/* The message in a frame, if it is one. */
static int heard(const struct arrival *arrival, struct message *message)
{
  int udp = (int)frame_get16(arrival->frame + FRAME_UDP + 4);
  return udp >= 8 && FRAME_UDP + udp <= arrival->length &&
         message_read(arrival->frame + FRAME_HEADERS, udp - 8, message);
}

static int is_control(const struct arrival *arrival)
{
  return arrival->length > FRAME_HEADERS && arrival->frame[FRAME_HEADERS] == MESSAGE_MARK;
}

/* Sends a measured frame back from where it lies. */
static void turn_around(struct end *end, const struct arrival *arrival)
{
  uint8_t *frame = arrival->frame, addresses[4], ports[2];
  memcpy(frame, frame + 6, 6);
  memcpy(frame + 6, end->own.to_mac, 6);
  memcpy(addresses, frame + FRAME_IP + 12, 4);
  memcpy(frame + FRAME_IP + 12, frame + FRAME_IP + 16, 4);
  memcpy(frame + FRAME_IP + 16, addresses, 4);
  memcpy(ports, frame + FRAME_UDP, 2);
  memcpy(frame + FRAME_UDP, frame + FRAME_UDP + 2, 2);
  memcpy(frame + FRAME_UDP + 2, ports, 2);
  send_frame(end, arrival->id, ef_vi_receive_prefix_len(&end->station.vi), arrival->length);
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
    repost(end, arrival.id);
    if (!understood || (last.session && message.session != last.session))
      continue;
    answer = message;
    if (message.kind == SET_UP) {
      if (message.session != last.session || message.number != last.number)
        set_up(end, &message.run, 0);
      last = message;
      answer.kind = READY;
      say(end, &answer, peer);
    } else if (message.kind == END) {
      answer.kind = ENDED;
      /* Again, should it be lost, as long as ping may ask. */
      for (int64_t linger = nanoseconds() + SECOND / 10; nanoseconds() < linger; usleep(5000))
        say(end, &answer, peer);
      return;
    } else if (message.kind == ABORT) {
      fail("ping gave up");
    }
  }
  fail("nothing from ping for a while");
}

/* Says something until it is answered; whether it was, and by whom. */
static int ask(struct end *end, const struct message *message, int wanted, uint8_t *peer, int64_t patience)
{
  struct message answer;
  struct arrival arrival;
  int sent = 0;
  for (int64_t deadline = nanoseconds() + patience; nanoseconds() < deadline;) {
    say(end, message, peer);
    for (int64_t again = nanoseconds() + AGAIN; nanoseconds() < again;) {
      if (!next(end, &arrival, &sent))
        continue;
      int understood = heard(&arrival, &answer);
      uint8_t from[6];
      memcpy(from, arrival.frame + 6, 6);
      repost(end, arrival.id);
      if (!understood || answer.session != message->session || answer.number != message->number)
        continue;
      if (answer.kind == REFUSED || answer.kind == ABORT)
        fail("pong refused");
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
    repost(end, arrival.id);
  }
  return took;
}

static void ping(struct end *end, struct run run, int only)
{
  uint8_t peer[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  int64_t *times = (int64_t *)calloc(run.iterations, sizeof(*times));
  REQUIRE(times != NULL);
  struct message message;
  memset(&message, 0, sizeof(message));
  message.session = (uint64_t)nanoseconds() << 16 ^ (uint64_t)getpid();
  printf("%-12s %7s %10s %10s %10s\n", "mode", "payload", "p50", "p99", "max");
  for (int way = 0; way < WAYS; ++way) {
    if (only >= 0 && way != only)
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

int main(int argc, char **argv)
{
  static struct end end;
  struct run run = {0, TIMESTAMPS, 64, 22, 1000, 10000};
  int only = -1, option;
  while ((option = getopt(argc, argv, "m:n:w:s:")) != -1)
    switch (option) {
    case 'm':
      for (only = 0; only < WAYS && strcmp(optarg, WAY_NAMES[only]) != 0; ++only)
        continue;
      if (only == WAYS)
        fail("modes are ctpio, dma-push, dma-doorbell");
      break;
    case 'n': run.iterations = (uint32_t)number_of(optarg, 1, 10000000); break;
    case 'w': run.warm_ups = (uint32_t)number_of(optarg, 0, 10000000); break;
    case 's': run.payload = (uint16_t)number_of(optarg, 0, FRAME_LONGEST - FRAME_HEADERS); break;
    default: return 2;
    }
  int is_ping = argc - optind == 2 && strcmp(argv[optind], "ping") == 0;
  if (!is_ping && !(argc - optind == 2 && strcmp(argv[optind], "pong") == 0)) {
    fprintf(stderr, "usage: ping_pong pong|ping INTERFACE [-m MODE] [-n ITERATIONS] [-w WARM-UPS] [-s PAYLOAD]\n");
    return 2;
  }
  port_open(&end.port, argv[optind + 1]);
  if (is_ping)
    ping(&end, run, only);
  else
    pong(&end);
  station_close(&end.station);
  port_close(&end.port);
  return 0;
}
