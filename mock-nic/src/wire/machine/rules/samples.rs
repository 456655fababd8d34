//! Frames, and filters that match some of them: what programs for the kernel are tested with.

use crate::filter::{Filter, Match};
use crate::frame::{ETHERTYPE_IPV4, TCP, UDP};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The end that the datagram goes to.
pub const TO: (IpAddr, u16) = (IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 9);
/// The one that it comes from.
pub const FROM: (IpAddr, u16) = (IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 7);

/// A datagram of IPv4.
pub fn datagram() -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    frame.extend([0x45, 0, 0, 31, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    frame.extend([0, 7, 0, 9, 0, 11, 0, 0, b'a', b'b', b'c']);
    frame
}

/// One of IPv6.
pub fn datagram_v6() -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 8, UDP, 64];
    frame.extend((0..32).map(|i| 0x20 + i));
    frame.extend([0, 7, 0, 9, 0, 8, 0, 0]);
    frame
}

/// Filters of all fields, for those and for others.
pub fn filters() -> Vec<Filter> {
    let address = |first: u8| IpAddr::V6(Ipv6Addr::from(core::array::from_fn::<u8, 16, _>(|i| first + i as u8)));
    let plain = Match::default();
    let matches = [
        Match::ip(UDP, TO, None),
        Match::ip(UDP, TO, Some(FROM)),
        Match::ip(TCP, TO, None),
        Match::ip(UDP, (address(0x30), 9), Some((address(0x20), 7))),
        Match { vlan: Some(5), ..Match::ip(UDP, TO, None) },
        Match { mac: Some(0x0200_0000_0002), ..plain },
        Match { mac: Some(0x0200_0000_0002), vlan: Some(5), ..plain },
        Match { ethertype: Some(0x0806), ..plain },
        Match { ethertype: Some(ETHERTYPE_IPV4), protocol: Some(1), ..plain },
    ];
    matches.into_iter().map(Filter::Match).chain([Filter::AllUnicast, Filter::AllMulticast]).collect()
}

/// Each bit of so many bytes.
pub fn bits(bytes: usize) -> impl Iterator<Item = (usize, u32)> {
    (0..8 * bytes).map(|bit| (bit / 8, bit as u32 % 8))
}
