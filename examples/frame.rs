//! UDP over IPv4 over Ethernet: written, read and turned around in place.

use std::net::{Ipv4Addr, SocketAddrV4};

/// Bytes before the payload: Ethernet (14), IPv4 without options (20), UDP (8).
pub const HEADERS: usize = ETHERNET + IPV4 + UDP;
/// The shortest frame on a wire, without its FCS: adapters pad up to it.
pub const SHORTEST: usize = 60;
/// Bytes of the check sequence behind a frame.
pub const FCS: usize = 4;
/// Bytes of the Ethernet header.
pub const ETHERNET: usize = 14;
/// The Ethernet address that every adapter receives.
pub const BROADCAST: Mac = [0xff; 6];

/// An Ethernet address, in the order of the wire.
pub type Mac = [u8; 6];

const IPV4: usize = 20;
const UDP: usize = 8;
const ETHERTYPE_IPV4: u16 = 0x0800;
const PROTOCOL_UDP: u8 = 17;
const DONT_FRAGMENT: u16 = 0x4000;
const TIME_TO_LIVE: u8 = 64;

// Where the fields that this module changes lie in a frame.
const AT_IP: usize = ETHERNET;
const AT_IDENTIFICATION: usize = AT_IP + 4;
const AT_IP_CHECKSUM: usize = AT_IP + 10;
const AT_IP_SOURCE: usize = AT_IP + 12;
const AT_IP_DESTINATION: usize = AT_IP + 16;
const AT_UDP: usize = AT_IP + IPV4;
const AT_UDP_LENGTH: usize = AT_UDP + 4;
const AT_UDP_CHECKSUM: usize = AT_UDP + 6;

/// Where a frame comes from and goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Ethernet address of the sender.
    pub source_mac: Mac,
    /// Ethernet address of the receiver.
    pub destination_mac: Mac,
    /// IPv4 address and UDP port of the sender.
    pub source: SocketAddrV4,
    /// IPv4 address and UDP port of the receiver.
    pub destination: SocketAddrV4,
}

impl Route {
    /// The way back.
    #[must_use]
    pub fn reversed(self) -> Route {
        Route {
            source_mac: self.destination_mac,
            destination_mac: self.source_mac,
            source: self.destination,
            destination: self.source,
        }
    }
}

/// Why bytes are not a UDP frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Fewer bytes than the headers, or than the headers promise.
    #[error("the frame has {got} bytes, its headers ask for {expected}")]
    Short {
        /// Bytes there are.
        got: usize,
        /// Bytes there should be.
        expected: usize,
    },
    /// Not IPv4 without options and fragments, carrying UDP.
    #[error("the frame is not UDP over IPv4 without options and fragments")]
    NotUdp,
    /// The lengths of IPv4 and UDP disagree or are impossible.
    #[error("IPv4 length {ip} and UDP length {udp} do not fit each other")]
    Lengths {
        /// Total length by the IPv4 header.
        ip: usize,
        /// Length by the UDP header.
        udp: usize,
    },
    /// The IPv4 header's checksum is wrong.
    #[error("the checksum of the IPv4 header is wrong")]
    IpChecksum,
    /// The UDP checksum is wrong.
    #[error("the UDP checksum is wrong")]
    UdpChecksum,
}

/// A UDP frame that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UdpFrame<'a> {
    /// Its addresses.
    pub route: Route,
    /// IPv4 identification.
    pub identification: u16,
    /// UDP payload, without padding.
    pub payload: &'a [u8],
}

/// Writes the headers in front of the payload that lies at [`HEADERS`]`..`, with both checksums.
///
/// `frame` is the whole frame: its length says how long the payload is.
///
/// # Panics
/// If `frame` is shorter than its headers or longer than IPv4 can say.
pub fn write_headers(frame: &mut [u8], route: &Route, identification: u16) {
    let ip_length = u16::try_from(frame.len() - ETHERNET).expect("frame longer than IPv4 allows");
    let udp_length = ip_length - IPV4 as u16;

    frame[0..6].copy_from_slice(&route.destination_mac);
    frame[6..12].copy_from_slice(&route.source_mac);
    put_u16(frame, 12, ETHERTYPE_IPV4);

    frame[AT_IP] = 0x45;
    frame[AT_IP + 1] = 0;
    put_u16(frame, AT_IP + 2, ip_length);
    put_u16(frame, AT_IDENTIFICATION, identification);
    put_u16(frame, AT_IP + 6, DONT_FRAGMENT);
    frame[AT_IP + 8] = TIME_TO_LIVE;
    frame[AT_IP + 9] = PROTOCOL_UDP;
    put_u16(frame, AT_IP_CHECKSUM, 0);
    frame[AT_IP_SOURCE..][..4].copy_from_slice(&route.source.ip().octets());
    frame[AT_IP_DESTINATION..][..4].copy_from_slice(&route.destination.ip().octets());
    let checksum = !fold(sum(&frame[AT_IP..AT_UDP]));
    put_u16(frame, AT_IP_CHECKSUM, checksum);

    put_u16(frame, AT_UDP, route.source.port());
    put_u16(frame, AT_UDP + 2, route.destination.port());
    put_u16(frame, AT_UDP_LENGTH, udp_length);
    put_u16(frame, AT_UDP_CHECKSUM, 0);
    // 0 on the wire means that there is no checksum; its equal 0xffff stands for the value.
    let checksum = match !fold(udp_sum(frame, udp_length)) {
        0 => 0xffff,
        other => other,
    };
    put_u16(frame, AT_UDP_CHECKSUM, checksum);
}

/// Reads a UDP frame and checks lengths and checksums. Padding after the payload is left out.
///
/// # Errors
/// [`FrameError`] says what is wrong with it.
pub fn read(frame: &[u8]) -> Result<UdpFrame<'_>, FrameError> {
    if frame.len() < HEADERS {
        return Err(FrameError::Short { got: frame.len(), expected: HEADERS });
    }
    let fragment = get_u16(frame, AT_IP + 6) & !DONT_FRAGMENT;
    if get_u16(frame, 12) != ETHERTYPE_IPV4 || frame[AT_IP] != 0x45 || fragment != 0 || frame[AT_IP + 9] != PROTOCOL_UDP
    {
        return Err(FrameError::NotUdp);
    }
    let ip = usize::from(get_u16(frame, AT_IP + 2));
    let udp_length = get_u16(frame, AT_UDP_LENGTH);
    let udp = usize::from(udp_length);
    if udp < UDP || ip != IPV4 + udp {
        return Err(FrameError::Lengths { ip, udp });
    }
    if frame.len() < ETHERNET + ip {
        return Err(FrameError::Short { got: frame.len(), expected: ETHERNET + ip });
    }
    let frame = &frame[..ETHERNET + ip];
    if fold(sum(&frame[AT_IP..AT_UDP])) != 0xffff {
        return Err(FrameError::IpChecksum);
    }
    if get_u16(frame, AT_UDP_CHECKSUM) != 0 && fold(udp_sum(frame, udp_length)) != 0xffff {
        return Err(FrameError::UdpChecksum);
    }
    Ok(UdpFrame {
        route: Route {
            destination_mac: mac(frame, 0),
            source_mac: mac(frame, 6),
            source: SocketAddrV4::new(address(frame, AT_IP_SOURCE), get_u16(frame, AT_UDP)),
            destination: SocketAddrV4::new(address(frame, AT_IP_DESTINATION), get_u16(frame, AT_UDP + 2)),
        },
        identification: get_u16(frame, AT_IDENTIFICATION),
        payload: &frame[HEADERS..],
    })
}

/// Makes a received frame its own reply: from `own` to `peer`, IPv4 addresses and UDP ports exchanged.
///
/// Both checksums stay right: a sum does not change when its terms trade places.
///
/// # Panics
/// If `frame` is shorter than its headers.
#[inline]
pub fn turn_around(frame: &mut [u8], own: &Mac, peer: &Mac) {
    let headers: &mut [u8; HEADERS] = frame.first_chunk_mut().expect("frame shorter than its headers");
    headers[0..6].copy_from_slice(peer);
    headers[6..12].copy_from_slice(own);
    let (source, destination) = headers[AT_IP_SOURCE..AT_UDP].split_at_mut(4);
    source.swap_with_slice(destination);
    let (source, destination) = headers[AT_UDP..AT_UDP_LENGTH].split_at_mut(2);
    source.swap_with_slice(destination);
}

/// IPv4 identification of a frame, or `None` of one without an IPv4 header.
#[inline]
#[must_use]
pub fn identification(frame: &[u8]) -> Option<u16> {
    let field = frame.get(AT_IDENTIFICATION..AT_IDENTIFICATION + 2)?;
    Some(u16::from_be_bytes([field[0], field[1]]))
}

/// Whether a UDP frame goes to this address and port. On an adapter with shared receive queues others' frames come, too.
#[inline]
#[must_use]
pub fn goes_to(frame: &[u8], near: SocketAddrV4) -> bool {
    frame.len() >= HEADERS
        && frame[AT_IP_DESTINATION..AT_IP_DESTINATION + 4] == near.ip().octets()
        && get_u16(frame, AT_UDP + 2) == near.port()
}

/// Whether `got` bytes are what the wire makes of a frame of `sent`: the same, or padded to [`SHORTEST`].
#[inline]
#[must_use]
pub fn is_length_on_wire(got: usize, sent: usize) -> bool {
    got == sent || (sent < SHORTEST && got == SHORTEST)
}

fn put_u16(frame: &mut [u8], at: usize, value: u16) {
    frame[at..at + 2].copy_from_slice(&value.to_be_bytes());
}

fn get_u16(frame: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([frame[at], frame[at + 1]])
}

fn mac(frame: &[u8], at: usize) -> Mac {
    let mut mac = [0; 6];
    mac.copy_from_slice(&frame[at..at + 6]);
    mac
}

fn address(frame: &[u8], at: usize) -> Ipv4Addr {
    Ipv4Addr::new(frame[at], frame[at + 1], frame[at + 2], frame[at + 3])
}

/// Sum of the UDP header, the payload and the pseudo header.
fn udp_sum(frame: &[u8], udp_length: u16) -> u64 {
    sum(&frame[AT_IP_SOURCE..]) + u64::from(PROTOCOL_UDP) + u64::from(udp_length)
}

/// Sum of big-endian 16-bit words; an odd byte counts as the high half of one.
fn sum(bytes: &[u8]) -> u64 {
    let words = bytes.chunks_exact(2);
    let odd = words.remainder().first().map_or(0, |byte| u64::from(*byte) << 8);
    words.map(|word| u64::from(u16::from_be_bytes([word[0], word[1]]))).sum::<u64>() + odd
}

/// One's complement sum in 16 bits.
fn fold(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: Route = Route {
        source_mac: [2, 0, 0, 0, 0, 1],
        destination_mac: [2, 0, 0, 0, 0, 2],
        source: SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 1), 8080),
        destination: SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, 2), 9090),
    };

    #[test]
    fn a_frame_goes_where_its_headers_say() {
        let there = frame(b"there");
        assert!(goes_to(&there, ROUTE.destination));
        assert!(!goes_to(&there, ROUTE.source));
        assert!(!goes_to(&there, SocketAddrV4::new(*ROUTE.destination.ip(), 9091)));
        assert!(!goes_to(&there[..HEADERS - 1], ROUTE.destination));
    }

    fn frame(payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![0xaa; HEADERS];
        frame.extend_from_slice(payload);
        write_headers(&mut frame, &ROUTE, 0x1234);
        frame
    }

    #[test]
    fn the_bytes_are_those_of_the_standards() {
        // Checksums worked out by hand from RFC 791 and RFC 768.
        let expected = [
            2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00, // Ethernet
            0x45, 0, 0, 31, 0x12, 0x34, 0x40, 0, 64, 17, 0xa4, 0x96, // IPv4
            192, 0, 2, 1, 192, 0, 2, 2, // addresses
            0x1f, 0x90, 0x23, 0x82, 0, 11, 0x34, 0xc0, // UDP
            1, 2, 3,
        ];
        assert_eq!(frame(&[1, 2, 3]), expected);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, 2, 22, 23, 1472] {
            let payload: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            let frame = frame(&payload);
            let read = read(&frame).unwrap();
            assert_eq!(read.route, ROUTE);
            assert_eq!(read.identification, 0x1234);
            assert_eq!(read.payload, payload);
        }
    }

    #[test]
    fn padding_is_not_payload() {
        let mut frame = frame(&[7; 3]);
        frame.resize(SHORTEST, 0x55);
        assert_eq!(read(&frame).unwrap().payload, [7; 3]);
    }

    #[test]
    fn turned_around_it_is_the_reply_with_right_checksums() {
        let mut frame = frame(b"there and back");
        turn_around(&mut frame, &ROUTE.destination_mac, &ROUTE.source_mac);
        let read = read(&frame).unwrap();
        assert_eq!(read.route, ROUTE.reversed());
        assert_eq!(read.identification, 0x1234);
        assert_eq!(read.payload, b"there and back");
    }

    #[test]
    fn every_flipped_bit_below_the_ethernet_header_is_noticed() {
        let good = frame(b"every bit");
        for at in ETHERNET..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                // The don't-fragment and reserved bits are in the checksum; everything else is too.
                assert!(read(&bad).is_err(), "byte {at}, bit {bit}");
            }
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        let good = frame(b"cut");
        for length in 0..good.len() {
            assert!(matches!(read(&good[..length]), Err(FrameError::Short { .. })), "{length}");
        }
    }

    #[test]
    fn a_checksum_of_zero_is_sent_as_all_ones() {
        // Some two bytes of payload make the sum come out as zero: find them and look at the field.
        let found = (0..=u16::MAX).any(|value| {
            let frame = frame(&value.to_be_bytes());
            assert_ne!(get_u16(&frame, AT_UDP_CHECKSUM), 0);
            get_u16(&frame, AT_UDP_CHECKSUM) == 0xffff && read(&frame).is_ok()
        });
        assert!(found);
    }

    #[test]
    fn lengths_on_the_wire() {
        assert!(is_length_on_wire(42, 42));
        assert!(is_length_on_wire(60, 42));
        assert!(!is_length_on_wire(59, 42));
        assert!(!is_length_on_wire(61, 60));
        assert!(!is_length_on_wire(60, 61));
    }
}
