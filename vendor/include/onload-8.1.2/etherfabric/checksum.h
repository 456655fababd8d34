/* Onload 8.1.2: etherfabric/checksum.h. Declarations only, in our words.
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

/* Checksum of ICMPv6. */
extern uint32_t ef_icmpv6_checksum(const struct ipv6hdr *ip6, const void *icmp, const struct iovec *iov, int iovlen);


#ifdef __cplusplus
}
#endif

#endif
