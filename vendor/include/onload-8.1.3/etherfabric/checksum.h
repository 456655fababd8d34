/* Onload 8.1.3: etherfabric/checksum.h. Declarations only, in our words.
 * Made by vendor/generator from vendor/abi. Do not edit. */
#ifndef EFVI_ETHERFABRIC_CHECKSUM_H
#define EFVI_ETHERFABRIC_CHECKSUM_H

#include <etherfabric/base.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#ifdef __cplusplus
extern "C" {
#endif

struct iovec;
struct iphdr;
struct ipv6hdr;
struct tcphdr;
struct udphdr;


/* Checksum of an IPv4 header. */
extern uint32_t ef_ip_checksum(const struct iphdr *ip);

/* Checksum of UDP over IPv4. */
extern uint32_t ef_udp_checksum(const struct iphdr *ip, const struct udphdr *udp, const struct iovec *iov, int iovlen);

/* Checksum of UDP over IPv6. */
extern uint32_t ef_udp_checksum_ip6(const struct ipv6hdr *ip6, const struct udphdr *udp, const struct iovec *iov, int iovlen);

/* Checksum of UDP over either IP. */
extern uint32_t ef_udp_checksum_ipx(int af, const void *ipx, const struct udphdr *udp, const struct iovec *iov, int iovlen);

/* Checksum of TCP over IPv4. */
extern uint32_t ef_tcp_checksum(const struct iphdr *ip, const struct tcphdr *tcp, const struct iovec *iov, int iovlen);

/* Checksum of TCP over IPv6. */
extern uint32_t ef_tcp_checksum_ip6(const struct ipv6hdr *ip6, const struct tcphdr *tcp, const struct iovec *iov, int iovlen);

/* Checksum of TCP over either IP. */
extern uint32_t ef_tcp_checksum_ipx(int af, const void *ipx, const struct tcphdr *tcp, const struct iovec *iov, int iovlen);

/* Whether UDP over IPv4 has the right checksum. */
extern int ef_udp_checksum_is_correct(const struct iphdr *ip, const struct udphdr *udp, const struct iovec *iov, int iovlen);

/* Whether UDP over IPv6 has the right checksum. */
extern int ef_udp_checksum_ip6_is_correct(const struct ipv6hdr *ip6, const struct udphdr *udp, const struct iovec *iov, int iovlen);

/* Whether TCP over IPv4 has the right checksum. */
extern int ef_tcp_checksum_is_correct(const struct iphdr *ip, const struct tcphdr *tcp, const struct iovec *iov, int iovlen);

/* Whether TCP over IPv6 has the right checksum. */
extern int ef_tcp_checksum_ip6_is_correct(const struct ipv6hdr *ip6, const struct tcphdr *tcp, const struct iovec *iov, int iovlen);

/* Checksum of ICMPv6. */
extern uint32_t ef_icmpv6_checksum(const struct ipv6hdr *ip6, const void *icmp, const struct iovec *iov, int iovlen);


/* Checksum of UDP over either IP, payload in one piece. */
static inline uint32_t ef_udp_checksum_ipx_buf(int af, const void *ipx, const struct udphdr *udp, const void *payload, size_t payload_len)
{
  struct iovec piece;
  piece.iov_base = (void *)(uintptr_t)payload;
  piece.iov_len = payload_len;
  return ef_udp_checksum_ipx(af, ipx, udp, &piece, 1);
}

/* Checksum of TCP over either IP, payload in one piece. */
static inline uint32_t ef_tcp_checksum_ipx_buf(int af, const void *ipx, const struct tcphdr *tcp, const void *payload, size_t payload_len)
{
  struct iovec piece;
  piece.iov_base = (void *)(uintptr_t)payload;
  piece.iov_len = payload_len;
  return ef_tcp_checksum_ipx(af, ipx, tcp, &piece, 1);
}

/* Whether UDP over either IP has the right checksum, payload in one piece. */
static inline int ef_udp_checksum_ipx_is_correct(int af, const void *ipx, const struct udphdr *udp, const void *payload, size_t payload_len)
{
  struct iovec piece;
  piece.iov_base = (void *)(uintptr_t)payload;
  piece.iov_len = payload_len;
  return af == AF_INET6 ? ef_udp_checksum_ip6_is_correct((const struct ipv6hdr *)ipx, udp, &piece, 1)
                        : ef_udp_checksum_is_correct((const struct iphdr *)ipx, udp, &piece, 1);
}

/* Whether TCP over either IP has the right checksum, payload in one piece. */
static inline int ef_tcp_checksum_ipx_is_correct(int af, const void *ipx, const struct tcphdr *tcp, const void *payload, size_t payload_len)
{
  struct iovec piece;
  piece.iov_base = (void *)(uintptr_t)payload;
  piece.iov_len = payload_len;
  return af == AF_INET6 ? ef_tcp_checksum_ip6_is_correct((const struct ipv6hdr *)ipx, tcp, &piece, 1)
                        : ef_tcp_checksum_is_correct((const struct iphdr *)ipx, tcp, &piece, 1);
}

#ifdef __cplusplus
}
#endif

#endif
