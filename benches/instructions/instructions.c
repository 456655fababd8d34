/* The operations of a data path in C, by the macros and inline functions of ef_vi, for ci/instructions.sh to count.
 *
 * It does what a right program has to do and no more: buffers come from a free list and go back to it, a full ring is
 * seen before a frame is written to the adapter, receive buffers are submitted in eights, a frame starts behind its
 * prefix, its pieces are told apart, and a frame that is not as it should be gives its buffer back.
 *
 * Built with CHECKED it has what efvi guarantees, too, and trusts its caller and the ids of events no more than efvi does:
 * a frame is not empty, fits its buffer and the MTU, its buffer is of the VI's domain, and goes to the adapter and comes
 * back only by whom has it at the time; what a poll finds that was to find nothing is not lost. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <etherfabric/ef_vi.h>
#include <etherfabric/memreg.h>
#include <etherfabric/pd.h>
#include <etherfabric/vi.h>

enum { BUFFERS = 1024, SIZE = 2048, FRAME = 64, EVENTS = 16 };

/* Whether the checks are on: then the compiler keeps what is in CHECK, and else nothing is left of it. */
#ifdef CHECKED
#define CHECK(condition) (condition)
#define NOTE(statement) statement
#else
#define CHECK(condition) 1
#define NOTE(statement)
#endif

struct buffer {
  ef_addr dma;
  uint8_t* data;
#ifdef CHECKED
  ef_pd* domain;
  uint32_t length, capacity;
  enum { PROGRAM, ADAPTER } holder;
#endif
};

struct end {
  ef_vi vi;
  ef_memreg memory;
  struct buffer buffers[BUFFERS];
  int free[BUFFERS];
  int free_count;
  unsigned added;
  uint64_t sum;
  unsigned prefix, room;
#ifdef CHECKED
  ef_pd* domain;
  uint32_t mtu;
#endif
};

/* As in a program of several VIs: not a copy made for the one that is passed. */
#define OPERATION __attribute__((noipa))

/* Makes a frame of so many bytes of a buffer that is the program's. */
#define SET_LENGTH(buffer, bytes) \
  (CHECK((bytes) <= (buffer)->capacity && (buffer)->holder == PROGRAM) && CHECK(((buffer)->length = (bytes)) != 0))

/* Whether a frame can be sent. */
#define MAY_SEND(end, buffer) \
  (CHECK((buffer)->length - 1 < (end)->mtu) && CHECK((buffer)->domain == (end)->domain))

/* Whether an event's id is of a buffer that the adapter has. */
#define IS_OUT(end, id) (CHECK((unsigned) (id) < BUFFERS) && CHECK((end)->buffers[id].holder == ADAPTER))

/* A frame sent by DMA, with TX push. */
OPERATION int op_send(struct end* end)
{
  if( end->free_count == 0 )
    return -1;
  int id = end->free[end->free_count - 1];
  struct buffer* buffer = &end->buffers[id];
  if( ! SET_LENGTH(buffer, FRAME) || ! MAY_SEND(end, buffer) )
    return -1;
  int rc = ef_vi_transmit(&end->vi, buffer->dma, FRAME, id);
  if( rc == 0 ) {
    --end->free_count;
    NOTE(buffer->holder = ADAPTER);
  }
  return rc;
}

/* A frame sent by CTPIO, with its fallback. */
OPERATION int op_ctpio(struct end* end)
{
  if( end->free_count == 0 || ef_vi_transmit_space(&end->vi) <= 0 )
    return -1;
  int id = end->free[end->free_count - 1];
  struct buffer* buffer = &end->buffers[id];
  if( ! SET_LENGTH(buffer, FRAME) || ! MAY_SEND(end, buffer) )
    return -1;
  ef_vi_transmit_ctpio(&end->vi, buffer->data, FRAME, FRAME);
  int rc = ef_vi_transmit_ctpio_fallback(&end->vi, buffer->dma, FRAME, id);
  if( rc == 0 ) {
    --end->free_count;
    NOTE(buffer->holder = ADAPTER);
  }
  return rc;
}

/* Takes back the buffers of an event of sends, and returns their number. */
static inline int complete(struct end* end, const ef_event* event)
{
  ef_request_id ids[EF_VI_TRANSMIT_BATCH];
  int n = ef_vi_transmit_unbundle(&end->vi, event, ids);
  for( int j = 0; j < n; ++j )
    if( IS_OUT(end, ids[j]) ) {
      NOTE(end->buffers[ids[j]].holder = PROGRAM);
      end->free[end->free_count++] = ids[j];
    }
  return n;
}

/* A poll that finds a send completed, and takes its buffer back. */
OPERATION int op_completion(struct end* end)
{
  ef_event events[EVENTS];
  int completed = 0;
  int count = ef_eventq_poll(&end->vi, events, EVENTS);
  for( int i = 0; i < count; ++i )
    if( EF_EVENT_TYPE(events[i]) == EF_EVENT_TYPE_TX )
      completed += complete(end, &events[i]);
  return completed;
}

/* Posts a buffer again that was received into. */
static inline void repost(struct end* end, int id)
{
  if( ef_vi_receive_init(&end->vi, end->buffers[id].dma, id) != 0 ) {
    NOTE(end->buffers[id].holder = PROGRAM);
    end->free[end->free_count++] = id;
  }
  else if( ++end->added % 8 == 0 )
    ef_vi_receive_push(&end->vi);
}

/* A poll that finds a frame, reads of it, and posts its buffer again. */
OPERATION int op_receive(struct end* end)
{
  ef_event events[EVENTS];
  int received = 0;
  int count = ef_eventq_poll(&end->vi, events, EVENTS);
  for( int i = 0; i < count; ++i )
    switch( EF_EVENT_TYPE(events[i]) ) {
    case EF_EVENT_TYPE_RX: {
      int id = EF_EVENT_RX_RQ_ID(events[i]);
      unsigned length = EF_EVENT_RX_BYTES(events[i]) - end->prefix;
      uint64_t word;
      if( ! IS_OUT(end, id) )
        break;
      /* Frames of several pieces are not for this program: it sees that this is none. */
      if( EF_EVENT_RX_SOP(events[i]) && ! EF_EVENT_RX_CONT(events[i]) && CHECK(length <= end->room) ) {
        if( length >= sizeof(word) ) {
          memcpy(&word, end->buffers[id].data + end->prefix, sizeof(word));
          end->sum += word;
        }
        ++received;
      }
      repost(end, id);
      break;
    }
    case EF_EVENT_TYPE_RX_DISCARD:
      if( IS_OUT(end, EF_EVENT_RX_DISCARD_RQ_ID(events[i])) )
        repost(end, EF_EVENT_RX_DISCARD_RQ_ID(events[i]));
      break;
    }
  return received;
}

#ifdef CHECKED
/* Deals with events that nobody looks at. */
static __attribute__((cold, noinline)) void finish(struct end* end, const ef_event* events, int count)
{
  for( int i = 0; i < count; ++i )
    switch( EF_EVENT_TYPE(events[i]) ) {
    case EF_EVENT_TYPE_TX:
      complete(end, &events[i]);
      break;
    case EF_EVENT_TYPE_RX:
      if( IS_OUT(end, EF_EVENT_RX_RQ_ID(events[i])) )
        repost(end, EF_EVENT_RX_RQ_ID(events[i]));
      break;
    case EF_EVENT_TYPE_RX_DISCARD:
      if( IS_OUT(end, EF_EVENT_RX_DISCARD_RQ_ID(events[i])) )
        repost(end, EF_EVENT_RX_DISCARD_RQ_ID(events[i]));
      break;
    }
}
#endif

/* A poll that finds nothing: whether it did. */
OPERATION int op_empty_poll(struct end* end)
{
  ef_event events[EVENTS];
  int count = ef_eventq_poll(&end->vi, events, EVENTS);
  if( count <= 0 )
    return 1;
  NOTE(finish(end, events, count));
  return 0;
}

static void check(int ok, const char* what)
{
  if( ! ok ) {
    fprintf(stderr, "instructions.c: %s failed\n", what);
    exit(1);
  }
}

static void open_end(struct end* end, ef_driver_handle driver, ef_pd* pd, unsigned flags)
{
  check(ef_vi_alloc_from_pd(&end->vi, driver, pd, driver, -1, 512, 512, NULL, -1, flags) >= 0, "ef_vi_alloc_from_pd");
  end->prefix = ef_vi_receive_prefix_len(&end->vi);
  end->room = ef_vi_receive_buffer_len(&end->vi) - end->prefix;
  NOTE(end->domain = pd);
  NOTE(end->mtu = ef_vi_mtu(&end->vi, driver) + 14);
  uint8_t* data = aligned_alloc(4096, BUFFERS * SIZE);
  check(data != NULL, "aligned_alloc");
  memset(data, 0, BUFFERS * SIZE);
  check(ef_memreg_alloc(&end->memory, driver, pd, driver, data, BUFFERS * SIZE) == 0, "ef_memreg_alloc");
  for( int i = 0; i < BUFFERS; ++i ) {
    end->buffers[i].data = data + i * SIZE;
    end->buffers[i].dma = ef_memreg_dma_addr(&end->memory, i * SIZE);
    NOTE(end->buffers[i].domain = pd);
    NOTE(end->buffers[i].capacity = SIZE);
  }
}

int main(int argc, char** argv)
{
  check(argc == 3, "usage: instructions send|ctpio COUNT");
  int ctpio = strcmp(argv[1], "ctpio") == 0;
  int count = atoi(argv[2]);
  static const uint8_t mac[6] = {2, 0, 0, 0, 0, 0x77};
  static struct end near, far;
  ef_driver_handle driver;
  ef_pd pd;
  check(ef_driver_open(&driver) == 0, "ef_driver_open");
  check(ef_pd_alloc_by_name(&pd, driver, "lo", EF_PD_DEFAULT) == 0, "ef_pd_alloc_by_name");
  open_end(&near, driver, &pd, EF_VI_TX_CTPIO | EF_VI_TX_CTPIO_NO_POISON);
  open_end(&far, driver, &pd, 0);
  for( int i = 0; i < BUFFERS; ++i ) {
    memcpy(near.buffers[i].data, mac, sizeof(mac));
    near.buffers[i].data[12] = 0x88;
    near.buffers[i].data[13] = 0xb5;
    near.free[near.free_count++] = i;
  }
  for( int i = 0; i < 504; ++i ) {
    check(ef_vi_receive_init(&far.vi, far.buffers[i].dma, i) == 0, "ef_vi_receive_init");
    NOTE(far.buffers[i].holder = ADAPTER);
  }
  ef_vi_receive_push(&far.vi);
  ef_filter_spec filter;
  ef_filter_spec_init(&filter, EF_FILTER_FLAG_NONE);
  check(ef_filter_spec_set_eth_local(&filter, EF_FILTER_VLAN_ID_ANY, mac) == 0, "ef_filter_spec_set_eth_local");
  check(ef_vi_filter_add(&far.vi, driver, &filter, NULL) == 0, "ef_vi_filter_add");

  for( int i = 0; i < count; ++i ) {
    check(op_empty_poll(&near), "an empty poll");
    check((ctpio ? op_ctpio(&near) : op_send(&near)) == 0, "a send");
    check(op_completion(&near) == 1, "its completion");
    check(op_receive(&far) == 1, "its reception");
  }
  check(far.sum != 0, "reading the frames");
  return 0;
}
