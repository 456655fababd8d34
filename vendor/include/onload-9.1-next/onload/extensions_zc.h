/* Onload 9.1-next: onload/extensions_zc.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ONLOAD_EXTENSIONS_ZC_H
#define EFVI_ONLOAD_EXTENSIONS_ZC_H

#include <onload/extensions.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

struct iovec;
struct msghdr;
struct onload_template_msg_update_iovec;
struct onload_zc_iovec;
struct onload_zc_mmsg;
struct onload_zc_msg;
struct onload_zc_recv_args;
struct oo_msg_template;
struct oo_zc_buf;

/* Handle of a range that is no zero-copy buffer. */
#define ONLOAD_ZC_HANDLE_NONZC ((onload_zc_handle)(uintptr_t)-1)
/* Receives the kernel's messages too. */
#define ONLOAD_MSG_RECV_OS_INLINE 1073741824
/* Does not block. */
#define ONLOAD_MSG_DONTWAIT 64
/* Flags that a zero-copy receive takes. */
#define ONLOAD_ZC_RECV_FLAGS_MASK 1073741888
/* Those of them that are the socket call's own. */
#define ONLOAD_ZC_RECV_FLAGS_PTHRU_MASK 64
/* The message is shared: its buffers must not be changed. */
#define ONLOAD_ZC_MSG_SHARED 1
/* No further message is waiting. */
#define ONLOAD_ZC_END_OF_BURST 2
/* More is to be sent soon. */
#define ONLOAD_MSG_MORE 32768
/* No signal if the peer has closed. */
#define ONLOAD_MSG_NOSIGNAL 16384
/* Flags that a zero-copy send takes. */
#define ONLOAD_ZC_SEND_FLAGS_MASK 50240
/* Those of them that are the socket call's own. */
#define ONLOAD_ZC_SEND_FLAGS_PTHRU_MASK 49216

/* Headers to leave room for in a zero-copy buffer. */
enum onload_zc_buffer_type_flags {
  ONLOAD_ZC_BUFFER_HDR_NONE = 0, /* No headers. */
  ONLOAD_ZC_BUFFER_HDR_UDP = 1, /* UDP headers. */
  ONLOAD_ZC_BUFFER_HDR_TCP = 2, /* TCP headers. */
};

/* What a zero-copy callback tells Onload to do. */
enum onload_zc_callback_rc {
  ONLOAD_ZC_CONTINUE = 0, /* Go on with the next message. */
  ONLOAD_ZC_TERMINATE = 1, /* Stop receiving. */
  ONLOAD_ZC_KEEP = 2, /* The application keeps the buffers. */
  ONLOAD_ZC_MODIFIED = 4, /* The message was changed. */
};

/* Options of a templated send. */
enum onload_template_flags {
  ONLOAD_TEMPLATE_FLAGS_SEND_NOW = 1, /* Send after the change. */
  ONLOAD_TEMPLATE_FLAGS_PIO_RETRY = 2, /* Try again to get programmed I/O. */
  ONLOAD_TEMPLATE_FLAGS_DONTWAIT = 64, /* Do not block. */
};

/* Handle of a zero-copy buffer. */
typedef struct oo_zc_buf *onload_zc_handle;

/* Called for each message that a zero-copy receive gets. */
typedef enum onload_zc_callback_rc (*onload_zc_recv_callback)(struct onload_zc_recv_args *, int);

/* Called for each message before a socket receives it. */
typedef enum onload_zc_callback_rc (*onload_zc_recv_filter_callback)(struct onload_zc_msg *, void *, int);

/* Handle of a templated send. */
typedef struct oo_msg_template *onload_template_handle;

/* A zero-copy buffer and its range. */
struct onload_zc_iovec {
  union {
    void *iov_base;
    uint64_t iov_ptr;
  };
  uint64_t iov_len : 48;
  uint64_t iov_flags : 16;
  onload_zc_handle buf;
  void *unused;
};

/* A zero-copy message. */
struct onload_zc_msg {
  struct onload_zc_iovec *iov;
  struct msghdr msghdr;
};

/* A zero-copy message with its socket and result. */
struct onload_zc_mmsg {
  struct onload_zc_msg msg;
  int rc;
  int fd;
};

/* Parameters of a zero-copy receive. */
struct onload_zc_recv_args {
  struct onload_zc_msg msg;
  onload_zc_recv_callback cb;
  void *user_ptr;
  int flags;
};

/* A change to a templated send. */
struct onload_template_msg_update_iovec {
  void *otmu_base;
  size_t otmu_len;
  off_t otmu_offset;
  unsigned int otmu_flags;
};

/* Waits until the stack of a socket agrees with the kernel. */
extern int onload_zc_await_stack_sync(int fd);

/* Allocates zero-copy buffers. */
extern int onload_zc_alloc_buffers(int fd, struct onload_zc_iovec *iovecs, int iovecs_len, enum onload_zc_buffer_type_flags flags);

/* Gives zero-copy buffers back. */
extern int onload_zc_release_buffers(int fd, onload_zc_handle *bufs, int bufs_len);

/* Receives by callback, without a copy. */
extern int onload_zc_recv(int fd, struct onload_zc_recv_args *args);

/* Receives what the kernel has for a socket. */
extern int onload_recvmsg_kernel(int fd, struct msghdr *msg, int flags);

/* Sends zero-copy messages. */
extern int onload_zc_send(struct onload_zc_mmsg *msgs, int mlen, int flags);

/* Sets a callback that sees messages before a socket receives them. */
extern int onload_set_recv_filter(int fd, onload_zc_recv_filter_callback filter, void *cb_arg, int flags);

/* Makes a templated send. */
extern int onload_msg_template_alloc(int fd, const struct iovec *initial_msg, int mlen, onload_template_handle *handle, unsigned int flags);

/* Changes a templated send, and sends it if asked. */
extern int onload_msg_template_update(int fd, onload_template_handle handle, const struct onload_template_msg_update_iovec *, int ulen, unsigned int flags);

/* Gives a templated send up. */
extern int onload_msg_template_abort(int fd, onload_template_handle handle);


#ifdef __cplusplus
}
#endif

#endif
