//! The checksums that applications ask for, held against frames whose checksums the adapter filled in, and against
//! arithmetic done by hand.

use crate::common::{Packet, Queues, cable};
use efvi_sys::*;
use std::ptr::null;

fn piece(bytes: &[u8]) -> libc::iovec {
    libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() }
}

/// The payload cut at two places, so that words lie across pieces.
fn cuts(payload: &[u8], one: usize, two: usize) -> [libc::iovec; 4] {
    [piece(&payload[..one]), piece(&payload[one..one]), piece(&payload[one..two]), piece(&payload[two..])]
}

/// A checksum in network byte order, as a number.
fn host(checksum: u32) -> u16 {
    u16::from_be(checksum as u16)
}

/// A frame as the adapter sends it, checksums filled in.
fn sent(packet: &Packet, length: usize) -> Vec<u8> {
    let ends = &cable(Queues::default(), Queues::default());
    ends.rx.fill(0..8);
    let frame = packet.sized(length, 7);
    assert_eq!(ends.tx.send(0, &frame), 0);
    let frames = ends.rx.frames();
    assert_eq!(frames.len(), 1);
    frames[0].clone()
}

fn stands(frame: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([frame[at], frame[at + 1]])
}

#[test]
fn udp_over_ipv4_is_as_the_adapter_fills_it_in() {
    for length in 64..100 {
        let frame = &sent(&Packet::UDP, length)[..length];
        let (ip, udp, payload) = (frame[14..].as_ptr(), frame[34..].as_ptr(), &frame[42..]);
        for (one, two) in [(0, 0), (1, 2), (3, 10), (8, 21)] {
            let iov = cuts(payload, one, two);
            // SAFETY: headers and payload of a whole frame.
            unsafe {
                assert_eq!(host(ef_ip_checksum(ip.cast())), stands(frame, 24));
                let sum = ef_udp_checksum(ip.cast(), udp.cast(), iov.as_ptr(), 4);
                assert_eq!(host(sum), stands(frame, 40), "{length} {one} {two}");
                assert_eq!(ef_udp_checksum_ipx(libc::AF_INET, ip.cast(), udp.cast(), iov.as_ptr(), 4), sum);
                #[cfg(onload_since = "8.1.3")]
                assert_eq!(ef_udp_checksum_is_correct(ip.cast(), udp.cast(), iov.as_ptr(), 4), 1);
            }
        }
    }
}

#[test]
fn tcp_over_ipv4_is_correct_as_sent_and_no_more_when_a_byte_changes() {
    let mut frame = vec![0_u8; 14];
    frame.extend([0x45, 0, 0, 43, 0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    frame.extend([0, 7, 0, 9, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x18, 1, 0, 0xaa, 0xbb, 0, 0, b'a', b'b', b'c']);
    // The pseudo header, the header without its checksum, the payload.
    let words = [0xc000, 0x201, 0xc000, 0x202, 6, 23, 7, 9, 1, 2, 0x5018, 0x100, 0x6162, 0x6300];
    let total: u32 = words.iter().sum();
    let expected = !((total & 0xffff) + (total >> 16)) as u16;
    let iov = [piece(&frame[54..55]), piece(&frame[55..])];
    // SAFETY: headers and payload of a whole frame.
    let sum = unsafe { ef_tcp_checksum(frame[14..].as_ptr().cast(), frame[34..].as_ptr().cast(), iov.as_ptr(), 2) };
    assert_eq!(host(sum), expected);
    #[cfg(onload_since = "8.1.3")]
    for at in 0..frame.len() {
        let mut frame = frame.clone();
        frame[50..52].copy_from_slice(&expected.to_be_bytes());
        if at > 53 {
            frame[at] ^= 4;
        }
        let iov = piece(&frame[54..]);
        // SAFETY: as above.
        let correct =
            unsafe { ef_tcp_checksum_is_correct(frame[14..].as_ptr().cast(), frame[34..].as_ptr().cast(), &iov, 1) };
        assert_eq!(correct, (at <= 53).into(), "{at}");
    }
}

#[test]
fn sums_over_ipv6_are_those_of_the_pseudo_header_and_the_rest() {
    let mut ip = vec![0x60_u8, 0, 0, 0, 0, 11, 17, 64];
    for end in [1, 2] {
        ip.extend([0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, end]);
    }
    let udp = [0, 7, 0, 9, 0, 11, 0xff, 0xff, b'a', b'b', b'c'];
    let addresses = 2 * (0x2001 + 0xdb8) + 1 + 2;
    let fold = |total: u32| !((total & 0xffff) + (total >> 16)) as u16;
    let expected = fold(addresses + 17 + 11 + 7 + 9 + 11 + 0x6162 + 0x6300);
    let iov = piece(&udp[8..]);
    // SAFETY: a whole packet.
    unsafe {
        assert_eq!(host(ef_udp_checksum_ip6(ip.as_ptr().cast(), udp.as_ptr().cast(), &iov, 1)), expected);
        let either = ef_udp_checksum_ipx(libc::AF_INET6, ip.as_ptr().cast(), udp.as_ptr().cast(), &iov, 1);
        assert_eq!(host(either), expected);
    }
    // An echo request: type, code; what follows the checksum is in pieces.
    ip[5] = 8;
    ip[6] = 58;
    let icmp = [128, 0, 0x12, 0x34, 0, 1, 0, 2];
    let iov = [piece(&icmp[4..5]), piece(&icmp[5..])];
    // SAFETY: as above.
    let sum = unsafe { ef_icmpv6_checksum(ip.as_ptr().cast(), icmp.as_ptr().cast(), iov.as_ptr(), 2) };
    assert_eq!(host(sum), fold(addresses + 58 + 8 + 0x8000 + 1 + 2));
}

/// A UDP checksum that comes to 0 is 0xffff; TCP's may be 0.
#[test]
fn only_udp_has_no_zero() {
    // Addresses and ports such that all adds up to 0xffff.
    let ip = [0x45_u8, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0];
    let length = 8_u16;
    let rest = 0xffff - (17 + 2 * length);
    let [high, low] = rest.to_be_bytes();
    let udp = [high, low, 0, 0, 0, 8, 0, 0];
    // SAFETY: whole headers, no payload.
    assert_eq!(unsafe { ef_udp_checksum(ip.as_ptr().cast(), udp.as_ptr().cast(), null(), 0) }, 0xffff);
}
