/* Onload 8.1.2: onload/extensions.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ONLOAD_EXTENSIONS_H
#define EFVI_ONLOAD_EXTENSIONS_H

#include <onload/extensions_timestamping.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

struct epoll_event;
struct iovec;
struct onload_delegated_send;
struct onload_ordered_epoll_event;
struct onload_stat;
struct onload_tcp_info;
struct timespec;

/* Warms the send path, sends nothing. */
#define ONLOAD_MSG_WARM 1024
/* Receives at most one packet. */
#define ONLOAD_MSG_ONEPKT 131072
/* Asks for transmit times of ranges of a TCP stream. */
#define ONLOAD_SOF_TIMESTAMPING_STREAM 8388608
/* Type of the control message with such times. */
#define ONLOAD_SCM_TIMESTAMPING_STREAM 8388608
/* Stack name (a null pointer) for sockets that are not accelerated. */
#define ONLOAD_DONT_ACCELERATE NULL
/* Do not look up the destination's MAC address. */
#define ONLOAD_DELEGATED_SEND_FLAG_IGNORE_ARP 1
/* Resolve the destination's MAC address, which may take time. */
#define ONLOAD_DELEGATED_SEND_FLAG_RESOLVE_ARP 2

/* Who shares a stack of that name. */
enum onload_stackname_scope {
  ONLOAD_SCOPE_NOCHANGE = 0, /* Leave the scope as it is. */
  ONLOAD_SCOPE_THREAD = 1, /* The thread. */
  ONLOAD_SCOPE_PROCESS = 2, /* The process. */
  ONLOAD_SCOPE_USER = 3, /* The user's processes. */
  ONLOAD_SCOPE_GLOBAL = 4, /* All processes. */
};

/* Whom a stack name is set for. */
enum onload_stackname_who {
  ONLOAD_THIS_THREAD = 0, /* The calling thread. */
  ONLOAD_ALL_THREADS = 1, /* All threads of the process. */
};

/* A call that may busy-wait. */
enum onload_spin_type {
  ONLOAD_SPIN_ALL = 0, /* Every kind of call. */
  ONLOAD_SPIN_UDP_RECV = 1, /* Receive on UDP. */
  ONLOAD_SPIN_UDP_SEND = 2, /* Send on UDP. */
  ONLOAD_SPIN_TCP_RECV = 3, /* Receive on TCP. */
  ONLOAD_SPIN_TCP_SEND = 4, /* Send on TCP. */
  ONLOAD_SPIN_TCP_ACCEPT = 5, /* Accept on TCP. */
  ONLOAD_SPIN_PIPE_RECV = 6, /* Read from a pipe. */
  ONLOAD_SPIN_PIPE_SEND = 7, /* Write to a pipe. */
  ONLOAD_SPIN_SELECT = 8, /* select. */
  ONLOAD_SPIN_POLL = 9, /* poll. */
  ONLOAD_SPIN_PKT_WAIT = 10, /* Wait for packet buffers. */
  ONLOAD_SPIN_EPOLL_WAIT = 11, /* epoll. */
  ONLOAD_SPIN_STACK_LOCK = 12, /* Wait for the stack's lock. */
  ONLOAD_SPIN_SOCK_LOCK = 13, /* Wait for a socket's lock. */
  ONLOAD_SPIN_SO_BUSY_POLL = 14, /* What SO_BUSY_POLL sets. */
  ONLOAD_SPIN_TCP_CONNECT = 15, /* Connect on TCP. */
  ONLOAD_SPIN_MIMIC_EF_POLL = 16, /* What the option EF_POLL_USEC sets. */
  ONLOAD_SPIN_MAX = 17, /* Number of kinds. */
};

/* A feature that a socket may have. */
enum onload_fd_feature {
  ONLOAD_FD_FEAT_MSG_WARM = 0, /* `ONLOAD_MSG_WARM`. */
  ONLOAD_FD_FEAT_UDP_TX_TS_HDR = 1, /* UDP transmit times come with headers. */
};

/* Result of preparing a delegated send. */
enum onload_delegated_send_rc {
  ONLOAD_DELEGATED_SEND_RC_OK = 0, /* Prepared. */
  ONLOAD_DELEGATED_SEND_RC_BAD_SOCKET = 1, /* Not a connected, accelerated TCP socket. */
  ONLOAD_DELEGATED_SEND_RC_SMALL_HEADER = 2, /* The buffer for headers is too small. */
  ONLOAD_DELEGATED_SEND_RC_SENDQ_BUSY = 3, /* The send queue is not empty. */
  ONLOAD_DELEGATED_SEND_RC_NOWIN = 4, /* The send window is closed. */
  ONLOAD_DELEGATED_SEND_RC_NOARP = 5, /* The destination's MAC address is unknown. */
  ONLOAD_DELEGATED_SEND_RC_NOCWIN = 6, /* The congestion window is closed. */
};

/* Transmit timestamps of a range of a TCP stream. */
struct onload_scm_timestamping_stream {
  struct timespec first_sent;
  struct timespec last_sent;
  size_t len;
};

/* Stack and endpoint of an accelerated file descriptor. */
struct onload_stat {
  int32_t stack_id;
  char *stack_name;
  int32_t endpoint_id;
  int32_t endpoint_state;
};

/* Time and byte count that order an epoll event. */
struct onload_ordered_epoll_event {
  struct timespec ts;
  int bytes;
};

/* Headers and windows of a send that the application does itself. */
struct onload_delegated_send {
  void *headers;
  int headers_len;
  int mss;
  int send_wnd;
  int cong_wnd;
  int user_size;
  int tcp_seq_offset;
  int ip_len_offset;
  int ip_tcp_hdr_len;
  int reserved[5];
};

/* Buffers and windows of an accelerated TCP socket. */
struct onload_tcp_info {
  int so_recvbuf;
  int rcvbuf_used;
  int rcv_window;
  int so_sndbuf;
  int so_sndbuf_pkts;
  int sndbuf_pkts_avail;
  int snd_mss;
  int snd_window;
  int cong_window;
};

/* Whether the process runs under Onload. */
extern int onload_is_present(void);

/* Sets the name of the stack that new sockets belong to. */
extern int onload_set_stackname(enum onload_stackname_who who, enum onload_stackname_scope scope, const char *stackname);

/* Saves the thread's stack name. */
extern int onload_stackname_save(void);

/* Restores the thread's saved stack name. */
extern int onload_stackname_restore(void);

/* Sets an integer option of stacks made from now on. */
extern int onload_stack_opt_set_int(const char *opt, int64_t val);

/* Reads an integer option of stacks. */
extern int onload_stack_opt_get_int(const char *opt, int64_t *val);

/* Sets a string option of stacks made from now on. */
extern int onload_stack_opt_set_str(const char *opt, const char *val);

/* Reads a string option of stacks. */
extern int onload_stack_opt_get_str(const char *opt, char *val_out, size_t *val_out_len);

/* Sets all options of stacks back. */
extern int onload_stack_opt_reset(void);

/* Stack and endpoint of a file descriptor. */
extern int onload_fd_stat(int fd, struct onload_stat *stat);

/* Sets whether a kind of call busy-waits in this thread. */
extern int onload_thread_set_spin(enum onload_spin_type type, int spin);

/* Reads which kinds of call busy-wait in this thread. */
extern int onload_thread_get_spin(unsigned int *state);

/* Whether a socket has a feature. */
extern int onload_fd_check_feature(int fd, enum onload_fd_feature feature);

/* Moves a socket to the thread's current stack. */
extern int onload_move_fd(int fd);

/* Epoll with events in the order of arrival on the wire. */
extern int onload_ordered_epoll_wait(int epfd, struct epoll_event *events, struct onload_ordered_epoll_event *oo_events, int maxevents, int timeout);

/* Reserves send window and gets headers for sends that the application does. */
extern enum onload_delegated_send_rc onload_delegated_send_prepare(int fd, int size, unsigned int flags, struct onload_delegated_send *out);

/* Hands Onload the payload that was sent. */
extern int onload_delegated_send_complete(int fd, const struct iovec *iov, int iovlen, int flags);

/* Gives up what is left of a reservation. */
extern int onload_delegated_send_cancel(int fd);

/* Buffers and windows of a TCP socket. */
extern int onload_get_tcp_info(int fd, struct onload_tcp_info *info, int *len_in_out);

/* Makes a socket that is not accelerated. */
extern int onload_socket_nonaccel(int domain, int type, int protocol);

/* Makes a socket that is accelerated for multicast only. */
extern int onload_socket_unicast_nonaccel(int domain, int type, int protocol);


/* Sets length and push flag in the headers of a delegated send. */
static inline void onload_delegated_send_tcp_update(struct onload_delegated_send *ds, int bytes, int push)
{
  unsigned char *headers = (unsigned char *)ds->headers;
  unsigned char *length = headers + ds->ip_len_offset;
  unsigned char *tcp_flags = headers + ds->tcp_seq_offset + 9;
  unsigned int n = (unsigned int)(bytes + ds->ip_tcp_hdr_len);
  length[0] = (unsigned char)(n >> 8);
  length[1] = (unsigned char)n;
  if (push)
    *tcp_flags = (unsigned char)(*tcp_flags | 0x08u);
  else
    *tcp_flags = (unsigned char)(*tcp_flags & ~0x08u);
}

/* Moves the headers of a delegated send past what was sent. */
static inline void onload_delegated_send_tcp_advance(struct onload_delegated_send *ds, int bytes)
{
  unsigned char *at = (unsigned char *)ds->headers + ds->tcp_seq_offset;
  uint32_t sequence = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
  ds->send_wnd -= bytes;
  ds->cong_wnd -= bytes;
  ds->user_size -= bytes;
  sequence += (uint32_t)bytes;
  at[0] = (unsigned char)(sequence >> 24);
  at[1] = (unsigned char)(sequence >> 16);
  at[2] = (unsigned char)(sequence >> 8);
  at[3] = (unsigned char)sequence;
}

#ifdef __cplusplus
}
#endif

#endif
