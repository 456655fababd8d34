/* The messages of examples/ping_pong, whose protocol.rs has the table. */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include "../frame.h"

enum {
  MESSAGE_MARK = 0xc0,
  MESSAGE_VERSION = 2,
  MESSAGE_HEAD = 20,
  MESSAGE_RUN = 14,
  /* Bytes of a text that are kept. */
  MESSAGE_TEXT = 100,
};

enum message_kind { SET_UP = 1, READY, REFUSED, END, ENDED, ABORT };
enum message_flag { NO_POISON = 1, TIMESTAMPS = 2 };
enum way { BY_CTPIO, BY_PUSH, BY_DOORBELL, BY_PIO, WAYS };

/* What is measured. */
struct run {
  uint8_t way, flags;
  uint16_t threshold, payload;
  uint32_t warm_ups, iterations;
};

struct message {
  uint8_t kind;
  uint64_t session;
  uint32_t number;
  struct run run;
  /* Why, of REFUSED and ABORT. */
  char text[MESSAGE_TEXT + 1];
};

static inline uint32_t get32(const uint8_t *at)
{
  return (uint32_t)frame_get16(at) << 16 | frame_get16(at + 2);
}

/* Writes a message; its length. */
static inline int message_write(uint8_t *at, const struct message *message)
{
  const uint8_t head[4] = {MESSAGE_MARK, 'p', 'p', 'c'};
  int has_text = message->kind == REFUSED || message->kind == ABORT;
  int rest = message->kind == SET_UP ? MESSAGE_RUN : has_text ? (int)strlen(message->text) : 0;
  memcpy(at, head, 4);
  at[4] = MESSAGE_VERSION;
  at[5] = message->kind;
  frame_put16(at + 6, (unsigned)rest);
  frame_put32(at + 8, (uint32_t)(message->session >> 32));
  frame_put32(at + 12, (uint32_t)message->session);
  frame_put32(at + 16, message->number);
  if (has_text)
    memcpy(at + MESSAGE_HEAD, message->text, (size_t)rest);
  if (message->kind == SET_UP) {
    at[20] = message->run.way;
    at[21] = message->run.flags;
    frame_put16(at + 22, message->run.threshold);
    frame_put16(at + 24, message->run.payload);
    frame_put32(at + 26, message->run.warm_ups);
    frame_put32(at + 30, message->run.iterations);
  }
  return MESSAGE_HEAD + rest;
}

/* Reads one; whether it is well-formed, of this version. */
static inline int message_read(const uint8_t *at, int length, struct message *message)
{
  const uint8_t head[5] = {MESSAGE_MARK, 'p', 'p', 'c', MESSAGE_VERSION};
  if (length < MESSAGE_HEAD || memcmp(at, head, 5) != 0 || (int)frame_get16(at + 6) != length - MESSAGE_HEAD)
    return 0;
  message->kind = at[5];
  message->session = (uint64_t)get32(at + 8) << 32 | get32(at + 12);
  message->number = get32(at + 16);
  int rest = length - MESSAGE_HEAD, text = rest < MESSAGE_TEXT ? rest : MESSAGE_TEXT;
  memcpy(message->text, at + MESSAGE_HEAD, (size_t)text);
  message->text[text] = 0;
  if (message->kind != SET_UP)
    return 1;
  if (rest != MESSAGE_RUN || at[20] >= WAYS || (at[21] & ~(NO_POISON | TIMESTAMPS)))
    return 0;
  message->run.way = at[20];
  message->run.flags = at[21];
  message->run.threshold = (uint16_t)frame_get16(at + 22);
  message->run.payload = (uint16_t)frame_get16(at + 24);
  message->run.warm_ups = get32(at + 26);
  message->run.iterations = get32(at + 30);
  return 1;
}

#endif
