/* A port, a VI on it and packet buffers: what every program needs first. Compiles as C11 and as C++17. */
#ifndef STATION_H
#define STATION_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <etherfabric/base.h>
#include <etherfabric/capabilities.h>
#include <etherfabric/ef_vi.h>
#include <etherfabric/efct_vi.h>
#include <etherfabric/memreg.h>
#include <etherfabric/pd.h>
#include <etherfabric/vi.h>
#include <net/if.h>
#include <sys/mman.h>
#include <time.h>

#include "frame.h"
#include "tap.h"

enum {
  BUFFER = 2048,
  BUFFERS = 1024,
  /* Buffers from here on are for sending. */
  SENDING = BUFFERS / 2,
};

/* How long is waited for what has to come, in nanoseconds. */
static const int64_t STATION_PATIENCE = 5000000000;

/* An interface that is open. */
struct port {
  ef_driver_handle driver;
  ef_pd domain;
  int index;
};

/* A VI with its buffers. */
struct station {
  struct port *port;
  ef_vi vi;
  ef_memreg memory;
  uint8_t *buffers;
  /* Events of the last poll that nobody has looked at. */
  ef_event events[16];
  int at, count;
  /* What its first filter steers here. */
  struct flow wanted;
  int has_filter;
};

/* How many slots rings have; -1 for the default, 0 for none. */
struct rings {
  int events, receive, transmit;
};

/* The interface at a place. The environment's INTERFACES names them, with commas between: what is sent at the first
 * arrives at the second and the other way round, and the same goes for the third and the fourth. */
static inline const char *interface_at(unsigned place, const char *otherwise)
{
  static char names[4][IF_NAMESIZE];
  const char *given = getenv("INTERFACES");
  if (given == NULL)
    return otherwise;
  for (unsigned at = 0; at < 4; ++at) {
    size_t length = strcspn(given, ",");
    REQUIRE(length < IF_NAMESIZE);
    memcpy(names[at], given, length);
    names[at][length] = 0;
    given += length + (given[length] == ',');
  }
  REQUIRE(names[place][0] != 0);
  return names[place];
}

/* The ends of the wire that a program runs over; one with a loopback plug is both. */
static inline const char *near_end(void)
{
  return interface_at(0, "lo");
}

static inline const char *far_end(void)
{
  return interface_at(1, "lo");
}

/* With a loopback plug a VI gets what it sends, over a wire what is sent at the other end. */
static inline int is_loopback(void)
{
  return strcmp(near_end(), far_end()) == 0;
}

/* How long is waited for what must not come. On the mock's own `lo` a frame is there with the call that sent it. */
static inline int64_t quiet_time(void)
{
  return getenv("INTERFACES") == NULL ? 0 : 10000000;
}

static inline void port_open(struct port *port, const char *interface)
{
  /* The mock's cables have no index of the kernel's; what its adapters can do, that of any other tells. */
  port->index = (int)if_nametoindex(interface);
  port->index = port->index > 0 ? port->index : 1;
  REQUIRE(ef_driver_open(&port->driver) == 0);
  REQUIRE(ef_pd_alloc_by_name(&port->domain, port->driver, interface, EF_PD_DEFAULT) == 0);
}

static inline void port_close(struct port *port)
{
  REQUIRE(ef_pd_free(&port->domain, port->driver) == 0);
  REQUIRE(ef_driver_close(port->driver) == 0);
}

/* What the port can do; 0 if it can't, or if nobody knows. */
static inline unsigned long port_capability(struct port *port, enum ef_vi_capability capability)
{
  unsigned long value = 0;
#ifdef ef_vi_reinit_txq_post_error /* the call came with the same release */
  if (ef_pd_capabilities_get(port->driver, &port->domain, port->driver, capability, &value) != 0)
    return 0;
#else
  if (ef_vi_capabilities_get(port->driver, port->index, capability, &value) != 0)
    return 0;
#endif
  return value;
}

/* Tries to make a VI; the call's result. */
static inline int station_try(struct station *station, struct port *port, struct rings rings, unsigned long long flags)
{
  memset(station, 0, sizeof(*station));
  station->port = port;
  return ef_vi_alloc_from_pd(&station->vi, port->driver, &port->domain, port->driver, rings.events, rings.receive,
                             rings.transmit, NULL, -1, (enum ef_vi_flags)flags);
}

/* What becomes of a VI with these flags: 0 if it can be had, which it then is not any more, else the error. */
static inline int flags_refused(struct port *port, unsigned long long flags)
{
  struct station station;
  struct rings rings = {-1, -1, -1};
  int rc = station_try(&station, port, rings, flags);
  if (rc >= 0)
    REQUIRE(ef_vi_free(&station.vi, port->driver) == 0);
  return rc < 0 ? rc : 0;
}

/* Pages, aligned as adapters want them that register memory by large ones. */
static inline uint8_t *large_pages(size_t bytes)
{
  const size_t page = 2 << 20;
  void *room = mmap(NULL, bytes + page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  REQUIRE(room != MAP_FAILED);
  size_t before = (page - (uintptr_t)room % page) % page;
  if (before > 0)
    REQUIRE(munmap(room, before) == 0);
  REQUIRE(munmap((uint8_t *)room + before + bytes, page - before) == 0);
  return (uint8_t *)room + before;
}

/* Gives a VI its buffers. */
static inline void station_equip(struct station *station)
{
  uint8_t *memory = large_pages(BUFFERS * BUFFER);
  station->buffers = memory;
  struct port *port = station->port;
  REQUIRE(ef_memreg_alloc(&station->memory, port->driver, &port->domain, port->driver, memory, BUFFERS * BUFFER) == 0);
}

/* A VI of default rings with its buffers. */
static inline void station_open(struct station *station, struct port *port, unsigned long long flags)
{
  struct rings rings = {-1, -1, -1};
  REQUIRE(station_try(station, port, rings, flags) >= 0);
  station_equip(station);
}

static inline void station_close(struct station *station)
{
  struct port *port = station->port;
  /* Freeing gives up this side only: unflushed, the adapter keeps its buffers and filters until the handle is closed. */
  REQUIRE(ef_vi_flush(&station->vi, port->driver) == 0);
  REQUIRE(ef_vi_free(&station->vi, port->driver) == 0);
  REQUIRE(ef_memreg_free(&station->memory, port->driver) == 0);
  REQUIRE(munmap(station->buffers, BUFFERS * BUFFER) == 0);
}

static inline uint8_t *station_buffer(struct station *station, int id)
{
  return station->buffers + id * BUFFER;
}

static inline ef_addr station_dma(struct station *station, int id)
{
  return ef_memreg_dma_addr(&station->memory, (size_t)id * BUFFER);
}

/* Posts buffers, their numbers being their ids. */
static inline void station_post(struct station *station, int from, int count)
{
  for (int id = from; id < from + count; ++id)
    REQUIRE(ef_vi_receive_init(&station->vi, station_dma(station, id), id) == 0);
  ef_vi_receive_push(&station->vi);
}

/* The address of an interface. It is opened for that and closed again. */
static inline void interface_mac(const char *interface, uint8_t *mac)
{
  struct port port;
  struct station station;
  struct rings rings = {-1, 0, -1};
  port_open(&port, interface);
  REQUIRE(station_try(&station, &port, rings, EF_VI_FLAGS_DEFAULT) >= 0);
  REQUIRE(ef_vi_get_mac(&station.vi, port.driver, mac) == 0);
  REQUIRE(ef_vi_free(&station.vi, port.driver) == 0);
  port_close(&port);
}

/* A flow between interfaces of these addresses to this IP address, port 9000. */
static inline struct flow interface_flow(const uint8_t *from, const uint8_t *to, const char *address)
{
  struct flow flow;
  memcpy(flow.from_mac, from, 6);
  memcpy(flow.to_mac, to, 6);
  flow.to = ntohl(inet_addr(address));
  flow.from = ntohl(inet_addr("192.0.2.200"));
  flow.to_port = 9000;
  flow.from_port = 9001;
  return flow;
}

/* A flow between stations. */
static inline struct flow station_flow(struct station *from, struct station *to, const char *address)
{
  uint8_t macs[2][6];
  REQUIRE(ef_vi_get_mac(&from->vi, from->port->driver, macs[0]) == 0);
  REQUIRE(ef_vi_get_mac(&to->vi, to->port->driver, macs[1]) == 0);
  return interface_flow(macs[0], macs[1], address);
}

/* Steers a flow to a station. */
static inline int station_filter(struct station *station, const struct flow *flow, ef_filter_cookie *cookie)
{
  ef_filter_spec spec;
  ef_filter_spec_init(&spec, EF_FILTER_FLAG_NONE);
  REQUIRE(ef_filter_spec_set_ip4_local(&spec, IPPROTO_UDP, htonl(flow->to), htons(flow->to_port)) == 0);
  int rc = ef_vi_filter_add(&station->vi, station->port->driver, &spec, cookie);
  if (rc == 0 && !station->has_filter) {
    station->wanted = *flow;
    station->has_filter = 1;
  }
  return rc;
}

/* Sends a frame of that number by DMA, from the sending buffer that it falls on. */
static inline int station_send(struct station *station, const struct flow *flow, int length, uint32_t number)
{
  int id = SENDING + (int)(number % SENDING);
  frame_make(station_buffer(station, id), flow, length, number);
  return ef_vi_transmit(&station->vi, station_dma(station, id), length, id);
}

/* The frame that a receive event is about, behind its prefix. */
static inline uint8_t *station_frame(struct station *station, const ef_event *event)
{
  return station_buffer(station, (int)EF_EVENT_RX_RQ_ID(*event)) + ef_vi_receive_prefix_len(&station->vi);
}

static inline int station_frame_length(struct station *station, const ef_event *event)
{
  return (int)EF_EVENT_RX_BYTES(*event) - ef_vi_receive_prefix_len(&station->vi);
}

/* A packet, in a buffer of ours or in one that is shared. */
struct packet {
  const uint8_t *frame;
  int length, is_shared;
  uint32_t id;
};

/* The packet of an event, if that is about one. */
static inline int station_packet(struct station *station, const ef_event *event, struct packet *packet)
{
  packet->is_shared = EF_EVENT_TYPE(*event) == EF_EVENT_TYPE_RX_REF;
  if (packet->is_shared) {
    packet->id = event->rx_ref.pkt_id;
    packet->length = (int)event->rx_ref.len;
    packet->frame = (const uint8_t *)efct_vi_rxpkt_get(&station->vi, packet->id);
    return 1;
  }
  if (EF_EVENT_TYPE(*event) != EF_EVENT_TYPE_RX)
    return 0;
  packet->id = EF_EVENT_RX_RQ_ID(*event);
  packet->length = station_frame_length(station, event);
  packet->frame = station_frame(station, event);
  return 1;
}

/* Done with it: its buffer is posted again, or its reference given back. */
static inline void station_return(struct station *station, const struct packet *packet)
{
  if (packet->is_shared)
    efct_vi_rxpkt_release(&station->vi, packet->id);
  else
    REQUIRE(ef_vi_receive_post(&station->vi, station_dma(station, (int)packet->id), (int)packet->id) == 0);
}

/* Posts buffers where they are the application's. */
static inline void station_prepare(struct station *station, int count)
{
  if (!port_capability(station->port, EF_VI_CAP_RX_SHARED))
    station_post(station, 0, count);
}

/* When a packet arrived, and the state of the clock; the call's result. */
static inline int station_time(struct station *station, const struct packet *packet, struct timespec *time,
                               unsigned *flags)
{
  if (packet->is_shared)
    return efct_vi_rxpkt_get_timestamp(&station->vi, packet->id, time, flags);
  const uint8_t *buffer = station_buffer(station, (int)packet->id);
#ifdef ef_vi_receive_get_precise_timestamp
  ef_precisetime precise;
  int rc = ef_vi_receive_get_precise_timestamp(&station->vi, buffer, &precise);
  time->tv_sec = precise.tv_sec;
  time->tv_nsec = precise.tv_nsec;
  *flags = precise.tv_flags;
  return rc;
#else
  return ef_vi_receive_get_timestamp_with_sync_flags(&station->vi, buffer, time, flags);
#endif
}

/* The frame number of a packet of this length and flow, which is given back; -1 for an event about none, -2 for a frame
 * that is not as it was made, -3 for a discard. */
static inline long long station_take(struct station *station, const ef_event *event, const struct flow *flow, int length)
{
  struct packet packet;
  if (station_packet(station, event, &packet)) {
    long long number = frame_number(packet.frame);
    if (!frame_is(packet.frame, packet.length, flow, length, (uint32_t)number))
      number = -2;
    station_return(station, &packet);
    return number;
  }
  if (EF_EVENT_TYPE(*event) == EF_EVENT_TYPE_RX_REF_DISCARD) {
    efct_vi_rxpkt_release(&station->vi, event->rx_ref_discard.pkt_id);
    return -3;
  }
  if (EF_EVENT_TYPE(*event) != EF_EVENT_TYPE_RX_DISCARD)
    return -1;
  int id = (int)EF_EVENT_RX_DISCARD_RQ_ID(*event);
  REQUIRE(ef_vi_receive_post(&station->vi, station_dma(station, id), id) == 0);
  return -3;
}

/* Nanoseconds since some moment. */
static inline int64_t nanoseconds(void)
{
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Gives a packet back that is another's. A VI gets all that its queues get: where these are shared, what filters of other
 * processes ask for, too. */
static inline int station_declines(struct station *station, const ef_event *event)
{
  if (!station->has_filter || EF_EVENT_TYPE(*event) != EF_EVENT_TYPE_RX_REF)
    return 0;
  if (frame_goes((const uint8_t *)efct_vi_rxpkt_get(&station->vi, event->rx_ref.pkt_id), &station->wanted))
    return 0;
  efct_vi_rxpkt_release(&station->vi, event->rx_ref.pkt_id);
  return 1;
}

/* The next event, if there is one: of the last poll, or of another. */
static inline int station_event(struct station *station, ef_event *event)
{
  do {
    if (station->at == station->count) {
      station->at = 0;
      station->count = ef_eventq_poll(&station->vi, station->events, 16);
      if (station->count == 0)
        return 0;
    }
    *event = station->events[station->at++];
  } while (station_declines(station, event));
  return 1;
}

/* The next event, for which is waited so long; whether it came. */
static inline int station_await(struct station *station, ef_event *event, int64_t patience)
{
  int64_t deadline = nanoseconds() + patience;
  do {
    if (station_event(station, event))
      return 1;
  } while (nanoseconds() < deadline);
  return 0;
}

/* The next event, which has to come. */
static inline int station_next(struct station *station, ef_event *event)
{
  return station_await(station, event, STATION_PATIENCE);
}

/* Whether an event comes that must not. */
static inline int station_stray(struct station *station, ef_event *event)
{
  return station_await(station, event, quiet_time());
}

/* Polls until an event comes or a few seconds are over; how many came. */
static inline int station_wait(struct station *station, ef_event *events, int room)
{
  int64_t deadline = nanoseconds() + STATION_PATIENCE;
  for (;;) {
    int count = ef_eventq_poll(&station->vi, events, room);
    if (count != 0 || nanoseconds() > deadline)
      return count;
  }
}

/* Polls until so many events have come, and then whether there are more; how many came. */
static inline int station_collect(struct station *station, ef_event *events, int room, int expected)
{
  int count = 0;
  for (int64_t end = nanoseconds() + STATION_PATIENCE; count < expected && nanoseconds() < end;)
    count += ef_eventq_poll(&station->vi, events + count, room - count);
  int64_t end = nanoseconds() + quiet_time();
  do
    count += room - count < 2 ? 0 : ef_eventq_poll(&station->vi, events + count, room - count);
  while (nanoseconds() < end);
  return count;
}

/* The number of the next frame of a flow, as `station_take` tells it; -1 if none comes in that time. */
static inline long long station_receive(struct station *station, const struct flow *flow, int length, int64_t patience)
{
  ef_event event;
  return station_await(station, &event, patience) ? station_take(station, &event, flow, length) : -1;
}

/* The ids of sends that complete, in order, until there are so many; how many. With 0, of those that must not. */
static inline int station_completed(struct station *station, ef_request_id *ids, int room, int expected)
{
  ef_event event;
  int n = 0;
  int64_t end = nanoseconds() + (expected > 0 ? STATION_PATIENCE : quiet_time());
  do
    while (station_event(station, &event)) {
      REQUIRE(EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX);
      REQUIRE(n + EF_VI_TRANSMIT_BATCH <= room);
      n += ef_vi_transmit_unbundle(&station->vi, &event, ids + n);
    }
  while ((n < expected || expected == 0) && nanoseconds() < end);
  return n;
}

/* Takes events until all that was sent has completed. */
static inline void station_drain(struct station *station)
{
  ef_event events[16];
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  int64_t end = nanoseconds() + STATION_PATIENCE;
  do {
    int count;
    while ((count = ef_eventq_poll(&station->vi, events, 16)) > 0)
      for (int i = 0; i < count; ++i)
        if (EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_TX || EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_TX_ERROR)
          ef_vi_transmit_unbundle(&station->vi, &events[i], ids);
  } while (ef_vi_transmit_fill_level(&station->vi) > 0 && nanoseconds() < end);
}

/* Architecture of the port's adapter. */
static inline int station_architecture(struct station *station)
{
  return station->vi.nic_type.arch;
}

#endif
