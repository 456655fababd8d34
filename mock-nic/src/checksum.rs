//! Checksums for applications: of what CTPIO sends, and of what is received.
//!
//! All are in network byte order, as a header has them.

use crate::abi::{iphdr, ipv6hdr, tcphdr, udphdr};
use core::ffi::{c_int, c_void};
use core::slice;

const ICMPV6: u8 = 58;
const TCP: u8 = 6;
const UDP: u8 = 17;
/// Where the checksum lies in each header.
const IP_CHECK: usize = 10;
const TCP_CHECK: usize = 16;
const UDP_CHECK: usize = 6;

/// The sum of 16-bit words, which any pieces may add up to.
#[derive(Default)]
struct Sum {
    total: u64,
    /// The first byte of a word whose second is the next piece's.
    half: Option<u8>,
}

impl Sum {
    fn word(mut self, word: u16) -> Self {
        // Nobody can hand in the 2^48 words after which it would overflow.
        self.total += u64::from(word);
        self
    }

    fn bytes(mut self, mut bytes: &[u8]) -> Self {
        if let (Some(half), [first, rest @ ..]) = (self.half, bytes) {
            self = self.word(u16::from_ne_bytes([half, *first]));
            self.half = None;
            bytes = rest;
        }
        let (words, rest) = bytes.as_chunks::<2>();
        self.total += words.iter().map(|word| u64::from(u16::from_ne_bytes(*word))).sum::<u64>();
        if let [last] = rest {
            self.half = Some(*last);
        }
        self
    }

    /// A header without the checksum that it has.
    fn header(self, header: &[u8], check: usize) -> Self {
        self.bytes(&header[..check]).bytes(&header[check + 2..])
    }

    fn complement(self) -> u32 {
        let mut total = self.total + self.half.map_or(0, |half| u64::from(u16::from_ne_bytes([half, 0])));
        while total > 0xffff {
            total = (total >> 16) + (total & 0xffff);
        }
        u32::from(!(total as u16))
    }
}

/// The pieces of a payload.
unsafe fn pieces(sum: Sum, iov: *const libc::iovec, count: c_int) -> Sum {
    let mut sum = sum;
    for n in 0..usize::try_from(count).unwrap_or(0) {
        // SAFETY: the ABI's contract: so many pieces, each readable.
        unsafe {
            let piece = &*iov.add(n);
            if piece.iov_len > 0 {
                sum = sum.bytes(slice::from_raw_parts(piece.iov_base.cast(), piece.iov_len));
            }
        }
    }
    sum
}

/// The headers of IP, as bytes, which need not be aligned.
#[derive(Clone, Copy)]
enum Ip {
    V4(*const u8),
    V6(*const u8),
}

impl Ip {
    fn of(family: c_int, header: *const c_void) -> Self {
        if family == libc::AF_INET6 { Self::V6(header.cast()) } else { Self::V4(header.cast()) }
    }

    unsafe fn half(header: *const u8, at: usize) -> u16 {
        // SAFETY: the ABI's contract: a whole header.
        unsafe { header.add(at).cast::<u16>().read_unaligned() }
    }

    /// Bytes behind its header, by its own length.
    unsafe fn length(self) -> u16 {
        // SAFETY: the ABI's contract: a whole header.
        unsafe {
            match self {
                Self::V4(header) => {
                    let all = u16::from_be(Self::half(header, 2));
                    all.wrapping_sub(u16::from(*header & 15) * 4).to_be()
                }
                Self::V6(header) => Self::half(header, 4),
            }
        }
    }

    /// The sum of the pseudo header; the length is in network byte order.
    unsafe fn pseudo(self, protocol: u8, length: u16) -> Sum {
        // SAFETY: the ABI's contract: a whole header.
        let addresses = unsafe {
            match self {
                Self::V4(header) => slice::from_raw_parts(header.add(12), 8),
                Self::V6(header) => slice::from_raw_parts(header.add(8), 32),
            }
        };
        Sum::default().bytes(addresses).word(u16::from(protocol).to_be()).word(length)
    }
}

/// UDP: its header without the checksum, or with the one that is there.
unsafe fn udp(ip: Ip, udp: *const udphdr, with: bool, iov: *const libc::iovec, count: c_int) -> u32 {
    // SAFETY: the ABI's contract: whole headers, and a payload of so many pieces.
    unsafe {
        let header = slice::from_raw_parts(udp.cast::<u8>(), 8);
        let sum = ip.pseudo(UDP, Ip::half(header.as_ptr(), 4));
        let sum = if with { sum.bytes(header) } else { sum.header(header, UDP_CHECK) };
        pieces(sum, iov, count).complement()
    }
}

/// A UDP checksum as it is sent: 0 would say that there is none.
fn sent(checksum: u32) -> u32 {
    if checksum == 0 { 0xffff } else { checksum }
}

/// TCP likewise, options included.
unsafe fn tcp(ip: Ip, tcp: *const tcphdr, with: bool, iov: *const libc::iovec, count: c_int) -> u32 {
    // SAFETY: the ABI's contract: whole headers, and a payload of so many pieces.
    unsafe {
        let tcp = tcp.cast::<u8>();
        // A header that says it is shorter than the least is read as the least.
        let length = usize::from(*tcp.add(12) >> 4).max(5) * 4;
        let header = slice::from_raw_parts(tcp, length);
        let sum = ip.pseudo(TCP, ip.length());
        let sum = if with { sum.bytes(header) } else { sum.header(header, TCP_CHECK) };
        pieces(sum, iov, count).complement()
    }
}

/// `ef_ip_checksum`, options included.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_ip_checksum(ip: *const iphdr) -> u32 {
    let ip = ip.cast::<u8>();
    // SAFETY: the ABI's contract: a whole header.
    let header = unsafe { slice::from_raw_parts(ip, usize::from(*ip & 15).max(5) * 4) };
    Sum::default().header(header, IP_CHECK).complement()
}

/// Defines functions of the ABI that are one of the sums above.
macro_rules! checksums {
    ($(
        $(#[$attribute:meta])*
        fn $name:ident($ip:ident: $ip_type:ty, $transport:ident: $type:ty) -> $result:ty = |$iov:ident, $count:ident|
            $sum:expr;
    )*) => {$(
        #[doc = concat!("`", stringify!($name), "`.")]
        $(#[$attribute])*
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name($ip: $ip_type, $transport: $type, $iov: *const libc::iovec, $count: c_int) -> $result {
            // SAFETY: this call's contract.
            unsafe { $sum }
        }
    )*};
}

checksums! {
    fn ef_udp_checksum(ip: *const iphdr, header: *const udphdr) -> u32 =
        |iov, count| sent(udp(Ip::V4(ip.cast()), header, false, iov, count));
    fn ef_udp_checksum_ip6(ip: *const ipv6hdr, header: *const udphdr) -> u32 =
        |iov, count| sent(udp(Ip::V6(ip.cast()), header, false, iov, count));
    fn ef_tcp_checksum(ip: *const iphdr, header: *const tcphdr) -> u32 =
        |iov, count| tcp(Ip::V4(ip.cast()), header, false, iov, count);
    fn ef_tcp_checksum_ip6(ip: *const ipv6hdr, header: *const tcphdr) -> u32 =
        |iov, count| tcp(Ip::V6(ip.cast()), header, false, iov, count);
    fn ef_icmpv6_checksum(ip: *const ipv6hdr, icmp: *const c_void) -> u32 = |iov, count| icmpv6(ip, icmp, iov, count);
    #[cfg(onload_since = "8.1.3")]
    fn ef_udp_checksum_is_correct(ip: *const iphdr, header: *const udphdr) -> c_int =
        |iov, count| (udp(Ip::V4(ip.cast()), header, true, iov, count) == 0).into();
    #[cfg(onload_since = "8.1.3")]
    fn ef_udp_checksum_ip6_is_correct(ip: *const ipv6hdr, header: *const udphdr) -> c_int =
        |iov, count| (udp(Ip::V6(ip.cast()), header, true, iov, count) == 0).into();
    #[cfg(onload_since = "8.1.3")]
    fn ef_tcp_checksum_is_correct(ip: *const iphdr, header: *const tcphdr) -> c_int =
        |iov, count| (tcp(Ip::V4(ip.cast()), header, true, iov, count) == 0).into();
    #[cfg(onload_since = "8.1.3")]
    fn ef_tcp_checksum_ip6_is_correct(ip: *const ipv6hdr, header: *const tcphdr) -> c_int =
        |iov, count| (tcp(Ip::V6(ip.cast()), header, true, iov, count) == 0).into();
}

/// ICMPv6: type and code, then what follows the checksum, in pieces.
unsafe fn icmpv6(ip: *const ipv6hdr, icmp: *const c_void, iov: *const libc::iovec, count: c_int) -> u32 {
    // SAFETY: the ABI's contract: a whole header, the message's first bytes, and so many pieces.
    unsafe {
        let ip = Ip::V6(ip.cast());
        let sum = ip.pseudo(ICMPV6, ip.length()).bytes(slice::from_raw_parts(icmp.cast(), 2));
        pieces(sum, iov, count).complement()
    }
}

/// `ef_udp_checksum_ipx`: over either IP, by the family.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_udp_checksum_ipx(
    family: c_int,
    ip: *const c_void,
    header: *const udphdr,
    iov: *const libc::iovec,
    count: c_int,
) -> u32 {
    // SAFETY: this call's contract.
    unsafe { sent(udp(Ip::of(family, ip), header, false, iov, count)) }
}

/// `ef_tcp_checksum_ipx`: over either IP, by the family.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_tcp_checksum_ipx(
    family: c_int,
    ip: *const c_void,
    header: *const tcphdr,
    iov: *const libc::iovec,
    count: c_int,
) -> u32 {
    // SAFETY: this call's contract.
    unsafe { tcp(Ip::of(family, ip), header, false, iov, count) }
}
