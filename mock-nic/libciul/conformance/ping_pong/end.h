/* One end of ping_pong: its VI as a run wants it, what it sends, and what arrives. */
#ifndef END_H
#define END_H

#include "../station.h"

#include <etherfabric/pio.h>

#include "protocol.h"

enum {
  PORT = 8080,
  /* Bytes of the PIO region for a frame. */
  PIO_ROOM = 2048,
};

static const char *const PING = "192.0.2.1", *const PONG = "192.0.2.2";

/* An end: its VI as set up for a run, and who it is. */
struct end {
  struct port port;
  struct station station;
  struct run run;
  struct flow own;
  ef_pio region;
  int is_open, has_region, spare, place;
};

/* A frame that came: in a buffer of ours, or in one that the adapter shares. */
struct arrival {
  struct packet packet;
  const uint8_t *frame;
  int length;
};

static inline void fail(const char *what)
{
  fprintf(stderr, "ping_pong: %s\n", what);
  exit(1);
}

/* What of the adapter keeps it from sending so; nothing if it can. */
static inline const char *lacking(struct port *port, int way)
{
  if (way == BY_CTPIO)
    return port_capability(port, EF_VI_CAP_CTPIO) ? NULL : "this adapter has no CTPIO";
  if (port_capability(port, EF_VI_CAP_CTPIO_ONLY))
    return "this adapter sends by CTPIO only";
  if (way == BY_PIO)
    return port_capability(port, EF_VI_CAP_PIO) ? NULL : "this adapter has no PIO";
  if (way == BY_PUSH)
    return port_capability(port, EF_VI_CAP_TX_PUSH_ALWAYS) ? NULL : "this adapter does not push every descriptor";
  return NULL;
}

static inline void shut(struct end *end)
{
  ef_driver_handle driver = end->port.driver;
  if (end->run.way == BY_PIO)
    REQUIRE(ef_pio_unlink_vi(&end->region, driver, &end->station.vi, driver) == 0);
  station_close(&end->station);
  end->is_open = 0;
}

/* Gives back all that the end has. */
static inline void end_close(struct end *end)
{
  if (end->is_open)
    shut(end);
  if (end->has_region)
    REQUIRE(ef_pio_free(&end->region, end->port.driver) == 0);
  port_close(&end->port);
}

/* Makes the VI for a run, unless it is that already. The flow is the one to this end. */
static inline void set_up(struct end *end, const struct run *run, int is_ping)
{
  static const unsigned long long FLAGS[WAYS] = {EF_VI_TX_CTPIO, EF_VI_TX_PUSH_ALWAYS, EF_VI_TX_PUSH_DISABLE,
                                                 EF_VI_FLAGS_DEFAULT};
  if (end->is_open && end->run.way == run->way && end->run.flags == run->flags) {
    end->run = *run;
    return;
  }
  if (end->is_open)
    shut(end);
  end->run = *run;
  unsigned long long flags = FLAGS[run->way];
  if (run->way == BY_CTPIO && (run->flags & NO_POISON))
    flags |= EF_VI_TX_CTPIO_NO_POISON;
  if (run->flags & TIMESTAMPS)
    flags |= EF_VI_RX_TIMESTAMPS | EF_VI_TX_TIMESTAMPS;
  station_open(&end->station, &end->port, flags);
  ef_driver_handle driver = end->port.driver;
  if (run->way == BY_PIO) {
    /* Kept for later runs: the driver has a freed one back only when its handle is closed. */
    if (!end->has_region)
      REQUIRE(ef_pio_alloc(&end->region, driver, &end->port.domain, (unsigned)-1, driver) == 0);
    end->has_region = 1;
    REQUIRE(ef_pio_link_vi(&end->region, driver, &end->station.vi, driver) == 0);
    REQUIRE(ef_vi_get_pio_size(&end->station.vi) >= PIO_ROOM);
  }
  end->is_open = 1;
  end->own = station_flow(&end->station, &end->station, is_ping ? PING : PONG);
  end->own.from = ntohl(inet_addr(is_ping ? PONG : PING));
  end->own.to_port = end->own.from_port = PORT;
  ef_filter_cookie cookie;
  int rc = station_filter(&end->station, &end->own, &cookie);
  if (rc == -EEXIST)
    fail("another program has this end's address and port");
  REQUIRE(rc == 0);
  station_prepare(&end->station, 504);
}

/* The way from this end to the other. */
static inline struct flow flow_to(const struct end *end, const uint8_t *mac)
{
  struct flow flow = end->own;
  memcpy(flow.to_mac, mac, 6);
  memcpy(flow.from_mac, end->own.to_mac, 6);
  flow.to = end->own.from;
  flow.from = end->own.to;
  return flow;
}

/* Sends a measured frame that lies in a buffer behind as many bytes as a received one's prefix has. */
static inline void send_frame(struct end *end, int id, int offset, int length)
{
  struct station *station = &end->station;
  const uint8_t *frame = station_buffer(station, id) + offset;
  ef_addr dma = station_dma(station, id) + (unsigned)offset;
  int rc;
  if (end->run.way == BY_CTPIO) {
    ef_vi_transmit_ctpio(&station->vi, frame, (size_t)length, end->run.threshold);
    rc = ef_vi_transmit_ctpio_fallback(&station->vi, dma, (size_t)length, id);
  } else if (end->run.way == BY_PIO) {
    /* One trip is under way at a time, so a place is free again when its turn comes. */
    end->place = (end->place + PIO_ROOM) % (ef_vi_get_pio_size(&station->vi) / PIO_ROOM * PIO_ROOM);
    rc = ef_vi_transmit_copy_pio(&station->vi, end->place, frame, length, id);
  } else {
    rc = ef_vi_transmit(&station->vi, dma, length, id);
  }
  if (rc != 0)
    fail("a send was refused");
}

/* A buffer that nothing is sent from. */
static inline int spare(struct end *end)
{
  end->spare = (end->spare + 1) % 256;
  return SENDING + end->spare;
}

/* Sends a message, in the way that every adapter has. */
static inline void say(struct end *end, const struct message *message, const uint8_t *to)
{
  int id = spare(end);
  struct flow flow = flow_to(end, to);
  uint8_t *frame = station_buffer(&end->station, id);
  int length = frame_wrap(frame, &flow, message_write(frame + FRAME_HEADERS, message));
  if (ef_vi_transmit(&end->station.vi, station_dma(&end->station, id), length, id) != 0)
    fail("a message was refused");
}

static inline void repost(struct end *end, int id)
{
  if (ef_vi_receive_post(&end->station.vi, station_dma(&end->station, id), id) != 0)
    fail("a buffer could not be posted");
}

/* The next frame, if one came; completions are unbundled. What was received and sent back is posted again. */
static inline int next(struct end *end, struct arrival *arrival, int *sent)
{
  struct station *station = &end->station;
  ef_event event;
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  while (station_event(station, &event)) {
    int count = 0;
    if (station_packet(station, &event, &arrival->packet)) {
      arrival->frame = arrival->packet.frame;
      arrival->length = arrival->packet.length;
      return 1;
    }
    switch (EF_EVENT_TYPE(event)) {
    case EF_EVENT_TYPE_RX_DISCARD:
      repost(end, (int)EF_EVENT_RX_DISCARD_RQ_ID(event));
      break;
    case EF_EVENT_TYPE_RX_REF_DISCARD:
      efct_vi_rxpkt_release(&station->vi, event.rx_ref_discard.pkt_id);
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

/* Done with a frame: its buffer is posted again, or its reference given back. */
static inline void finish(struct end *end, const struct arrival *arrival)
{
  station_return(&end->station, &arrival->packet);
}

/* The message in a frame, if it is one. */
static inline int heard(const struct arrival *arrival, struct message *message)
{
  int udp = (int)frame_get16(arrival->frame + FRAME_UDP + 4);
  return udp >= 8 && FRAME_UDP + udp <= arrival->length &&
         message_read(arrival->frame + FRAME_HEADERS, udp - 8, message);
}

static inline int is_control(const struct arrival *arrival)
{
  return arrival->length > FRAME_HEADERS && arrival->frame[FRAME_HEADERS] == MESSAGE_MARK;
}

/* Sends a measured frame back: from where it lies, or, if that is the adapter's, from a copy. */
static inline void turn_around(struct end *end, const struct arrival *arrival)
{
  struct station *station = &end->station;
  int id = (int)arrival->packet.id, offset = ef_vi_receive_prefix_len(&station->vi);
  if (arrival->packet.is_shared) {
    id = spare(end);
    offset = 0;
    memcpy(station_buffer(station, id), arrival->frame, (size_t)arrival->length);
    finish(end, arrival);
  }
  uint8_t *frame = station_buffer(station, id) + offset, addresses[4], ports[2];
  memcpy(frame, frame + 6, 6);
  memcpy(frame + 6, end->own.to_mac, 6);
  memcpy(addresses, frame + FRAME_IP + 12, 4);
  memcpy(frame + FRAME_IP + 12, frame + FRAME_IP + 16, 4);
  memcpy(frame + FRAME_IP + 16, addresses, 4);
  memcpy(ports, frame + FRAME_UDP, 2);
  memcpy(frame + FRAME_UDP, frame + FRAME_UDP + 2, 2);
  memcpy(frame + FRAME_UDP + 2, ports, 2);
  send_frame(end, id, offset, arrival->length);
}

#endif
