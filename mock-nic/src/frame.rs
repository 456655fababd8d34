//! What the adapter reads in a frame: the fields that filters match, checksums, and the hash that spreads flows.

mod checksum;
mod flow;
mod toeplitz;
mod tunnel;

pub use checksum::{Checksums, is_checksum_open, verify_checksums};
pub use flow::{Fingerprint, Flow};
pub use toeplitz::hash;

/// The shortest frame on the wire, without its FCS: shorter ones are padded.
pub const MIN_FRAME: usize = 60;

/// Header bytes that are enough to steer a frame: Ethernet, one VLAN tag, IPv4 with all options, ports. IPv6 has less.
pub const HEADER_BYTES: usize = 14 + 4 + 60 + 4;

/// The EtherType of a VLAN tag.
pub const ETHERTYPE_VLAN: u16 = 0x8100;
/// The EtherType of IPv4.
pub const ETHERTYPE_IPV4: u16 = 0x0800;
/// The EtherType of IPv6.
pub const ETHERTYPE_IPV6: u16 = 0x86dd;
/// The protocol number of TCP.
pub const TCP: u8 = 6;
/// The protocol number of UDP.
pub const UDP: u8 = 17;

/// True if a frame's first bytes are those of a TCP or UDP packet, over IPv4 or IPv6.
pub fn is_tcp_or_udp(header: &[u8]) -> bool {
    let ethertype = |at: usize| header.get(at..at + 2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
    let at = if ethertype(12) == Some(ETHERTYPE_VLAN) { 16 } else { 12 };
    let protocol = match ethertype(at) {
        Some(ETHERTYPE_IPV4) => header.get(at + 2 + 9),
        Some(ETHERTYPE_IPV6) => header.get(at + 2 + 6),
        _ => None,
    };
    matches!(protocol, Some(&(TCP | UDP)))
}

/// A UDP datagram with payload `abc` from 192.0.2.1:7 to 192.0.2.2:9, without its checksums.
#[cfg(test)]
fn datagram() -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
    frame.extend([0x45, 0, 0, 31, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    frame.extend([0, 7, 0, 9, 0, 11, 0, 0, b'a', b'b', b'c']);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tcp_and_udp_are_told_from_the_rest() {
        let of = |ethertype: &[u8], protocol_at: usize, protocol: u8| {
            let mut header = vec![0; 60];
            header[12..12 + ethertype.len()].copy_from_slice(ethertype);
            header[protocol_at] = protocol;
            header
        };
        for (protocol, is) in [(TCP, true), (UDP, true), (1, false), (0, false)] {
            assert_eq!(is_tcp_or_udp(&of(&[8, 0], 23, protocol)), is);
            assert_eq!(is_tcp_or_udp(&of(&[0x81, 0, 0, 5, 8, 0], 27, protocol)), is);
            assert_eq!(is_tcp_or_udp(&of(&[0x86, 0xdd], 20, protocol)), is);
            assert!(!is_tcp_or_udp(&of(&[8, 6], 23, protocol)));
        }
        let udp = of(&[8, 0], 23, UDP);
        for short in [0, 13, 14, 23] {
            assert!(!is_tcp_or_udp(&udp[..short]));
        }
    }
}
