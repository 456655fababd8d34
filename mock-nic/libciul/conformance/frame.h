/* UDP frames as the programs send them. */
#ifndef FRAME_H
#define FRAME_H

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

enum {
  FRAME_IP = 14,
  FRAME_UDP = FRAME_IP + 20,
  FRAME_HEADERS = FRAME_UDP + 8,
  FRAME_SHORTEST = 60,
  FRAME_LONGEST = 1514,
};

/* Where a frame goes and comes from; addresses and ports in host order. */
struct flow {
  uint8_t to_mac[6], from_mac[6];
  uint32_t to, from;
  uint16_t to_port, from_port;
};

static inline void frame_put16(uint8_t *at, unsigned value)
{
  at[0] = (uint8_t)(value >> 8);
  at[1] = (uint8_t)value;
}

static inline unsigned frame_get16(const uint8_t *at)
{
  return (unsigned)at[0] << 8 | at[1];
}

static inline void frame_put32(uint8_t *at, uint32_t value)
{
  frame_put16(at, value >> 16);
  frame_put16(at + 2, value & 0xffff);
}

/* Sum of big-endian 16-bit words, as the checksums of the Internet have it. */
static inline uint32_t frame_sum(const uint8_t *bytes, int length, uint32_t sum)
{
  for (; length > 1; bytes += 2, length -= 2)
    sum += frame_get16(bytes);
  return length ? sum + ((uint32_t)bytes[0] << 8) : sum;
}

static inline unsigned frame_checksum(uint32_t sum)
{
  while (sum >> 16)
    sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/* Fills in both checksums: CTPIO leaves them to the application. */
static inline void frame_seal(uint8_t *frame)
{
  int udp = (int)frame_get16(frame + FRAME_UDP + 4);
  uint32_t pseudo = frame_sum(frame + FRAME_IP + 12, 8, 17 + (uint32_t)udp);
  frame_put16(frame + FRAME_IP + 10, 0);
  frame_put16(frame + FRAME_IP + 10, frame_checksum(frame_sum(frame + FRAME_IP, 20, 0)));
  frame_put16(frame + FRAME_UDP + 6, 0);
  unsigned checksum = frame_checksum(frame_sum(frame + FRAME_UDP, udp, pseudo));
  frame_put16(frame + FRAME_UDP + 6, checksum ? checksum : 0xffff);
}

/* Writes headers for a payload that lies behind them, with both checksums. Returns the frame's length. */
static inline int frame_wrap(uint8_t *frame, const struct flow *flow, int payload)
{
  memcpy(frame, flow->to_mac, 6);
  memcpy(frame + 6, flow->from_mac, 6);
  frame_put16(frame + 12, 0x0800);
  frame[FRAME_IP] = 0x45;
  frame[FRAME_IP + 1] = 0;
  frame_put16(frame + FRAME_IP + 2, (unsigned)payload + 28);
  frame_put32(frame + FRAME_IP + 4, 0x4000);
  frame[FRAME_IP + 8] = 64;
  frame[FRAME_IP + 9] = 17;
  frame_put32(frame + FRAME_IP + 12, flow->from);
  frame_put32(frame + FRAME_IP + 16, flow->to);
  frame_put16(frame + FRAME_UDP, flow->from_port);
  frame_put16(frame + FRAME_UDP + 2, flow->to_port);
  frame_put16(frame + FRAME_UDP + 4, (unsigned)payload + 8);
  frame_seal(frame);
  return FRAME_HEADERS + payload;
}

/* Makes a frame of some length that differs from those with other numbers in every part of its payload. */
static inline int frame_make(uint8_t *frame, const struct flow *flow, int length, uint32_t number)
{
  uint32_t state = number * 2654435761u + 1;
  frame_put32(frame + FRAME_HEADERS, number);
  for (int i = FRAME_HEADERS + 4; i < length; ++i) {
    state = state * 1664525u + 1013904223u;
    frame[i] = (uint8_t)(state >> 24);
  }
  return frame_wrap(frame, flow, length - FRAME_HEADERS);
}

/* Whether a frame goes to a flow's near end. */
static inline int frame_goes(const uint8_t *frame, const struct flow *flow)
{
  uint8_t to[6];
  frame_put32(to, flow->to);
  frame_put16(to + 4, flow->to_port);
  return memcmp(frame + FRAME_IP + 16, to, 4) == 0 && memcmp(frame + FRAME_UDP + 2, to + 4, 2) == 0;
}

/* The number that such a frame was made with. */
static inline uint32_t frame_number(const uint8_t *frame)
{
  return (uint32_t)frame_get16(frame + FRAME_HEADERS) << 16 | frame_get16(frame + FRAME_HEADERS + 2);
}

/* Whether a frame is the one of that number. */
static inline int frame_is(const uint8_t *frame, int length, const struct flow *flow, int made, uint32_t number)
{
  uint8_t expected[FRAME_LONGEST + 4];
  memset(expected, 0, sizeof(expected));
  frame_make(expected, flow, made, number);
  if (made < FRAME_SHORTEST)
    made = FRAME_SHORTEST;
  return length == made && memcmp(frame, expected, (size_t)made) == 0;
}

#endif
