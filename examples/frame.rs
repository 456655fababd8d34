//! UDP over IPv4 over Ethernet, with a VLAN's tag or without: written, read and turned around in place.
//!
//! What a data path does with a frame is told how many bytes there are before the payload, [`HEADERS`] or
//! [`TAGGED_HEADERS`]: it asks no frame whether it has a tag.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::vlan::Vlan;

/// Bytes before the payload: Ethernet (14), IPv4 without options (20), UDP (8).
pub const HEADERS: usize = ETHERNET + PACKET_HEADERS;
/// The same of a frame in a VLAN, whose tag is behind the Ethernet addresses.
pub const TAGGED_HEADERS: usize = HEADERS + TAG;
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
const TAG: usize = 4;
const PACKET_HEADERS: usize = IPV4 + UDP;
const ETHERTYPE_IPV4: u16 = 0x0800;
const ETHERTYPE_VLAN: u16 = 0x8100;
const PROTOCOL_UDP: u8 = 17;
const DONT_FRAGMENT: u16 = 0x4000;
const TIME_TO_LIVE: u8 = 64;

// Where the fields that this module changes lie: of the Ethernet header in a frame, of all others in its packet.
const AT_TYPE: usize = 12;
const AT_TAG: usize = 14;
const AT_IDENTIFICATION: usize = 4;
const AT_FRAGMENT: usize = 6;
const AT_PROTOCOL: usize = 9;
const AT_IP_CHECKSUM: usize = 10;
const AT_IP_SOURCE: usize = 12;
const AT_IP_DESTINATION: usize = 16;
const AT_UDP: usize = IPV4;
const AT_UDP_DESTINATION: usize = AT_UDP + 2;
const AT_UDP_LENGTH: usize = AT_UDP + 4;
const AT_UDP_CHECKSUM: usize = AT_UDP + 6;

/// Bytes before the payload of a frame in this VLAN, or in none.
#[must_use]
pub const fn headers(vlan: Option<Vlan>) -> usize {
    if vlan.is_some() { TAGGED_HEADERS } else { HEADERS }
}

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
    /// The tag, of a frame in a VLAN.
    pub vlan: Option<Vlan>,
}

impl Route {
    /// Bytes before the payload of a frame that goes there.
    #[must_use]
    pub fn headers(&self) -> usize {
        headers(self.vlan)
    }

    /// The way back.
    #[must_use]
    pub fn reversed(self) -> Route {
        Route {
            source_mac: self.destination_mac,
            destination_mac: self.source_mac,
            source: self.destination,
            destination: self.source,
            vlan: self.vlan,
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

/// Writes the headers in front of the payload, which lies behind [`Route::headers`] bytes, with both checksums.
///
/// `frame` is the whole frame: its length says how long the payload is.
///
/// # Panics
/// If `frame` is shorter than its headers or longer than IPv4 can say.
pub fn write_headers(frame: &mut [u8], route: &Route, identification: u16) {
    let (ethernet, packet) = frame.split_at_mut(route.headers() - PACKET_HEADERS);
    let ip_length = u16::try_from(packet.len()).expect("frame longer than IPv4 allows");
    let udp_length = ip_length - IPV4 as u16;

    ethernet[0..6].copy_from_slice(&route.destination_mac);
    ethernet[6..12].copy_from_slice(&route.source_mac);
    if let Some(vlan) = route.vlan {
        put_u16(ethernet, AT_TYPE, ETHERTYPE_VLAN);
        put_u16(ethernet, AT_TAG, vlan.bits());
    }
    let at_type = ethernet.len() - 2;
    put_u16(ethernet, at_type, ETHERTYPE_IPV4);

    packet[0] = 0x45;
    packet[1] = 0;
    put_u16(packet, 2, ip_length);
    put_u16(packet, AT_IDENTIFICATION, identification);
    put_u16(packet, AT_FRAGMENT, DONT_FRAGMENT);
    packet[8] = TIME_TO_LIVE;
    packet[AT_PROTOCOL] = PROTOCOL_UDP;
    put_u16(packet, AT_IP_CHECKSUM, 0);
    packet[AT_IP_SOURCE..][..4].copy_from_slice(&route.source.ip().octets());
    packet[AT_IP_DESTINATION..][..4].copy_from_slice(&route.destination.ip().octets());
    let checksum = !fold(sum(&packet[..AT_UDP]));
    put_u16(packet, AT_IP_CHECKSUM, checksum);

    put_u16(packet, AT_UDP, route.source.port());
    put_u16(packet, AT_UDP_DESTINATION, route.destination.port());
    put_u16(packet, AT_UDP_LENGTH, udp_length);
    put_u16(packet, AT_UDP_CHECKSUM, 0);
    // 0 on the wire means that there is no checksum; its equal 0xffff stands for the value.
    let checksum = match !fold(udp_sum(packet, udp_length)) {
        0 => 0xffff,
        other => other,
    };
    put_u16(packet, AT_UDP_CHECKSUM, checksum);
}

/// Bytes before the payload of a frame, if it is one of UDP over IPv4, by what it says of a VLAN.
#[must_use]
pub fn headers_of(frame: &[u8]) -> usize {
    headers(tag(frame))
}

/// The tag of a frame in a VLAN.
fn tag(frame: &[u8]) -> Option<Vlan> {
    let is_tagged = frame.len() >= AT_TAG + 2 && get_u16(frame, AT_TYPE) == ETHERTYPE_VLAN;
    is_tagged.then(|| Vlan::from_bits(get_u16(frame, AT_TAG)))
}

/// Reads a UDP frame, in a VLAN or in none, and checks lengths and checksums. Padding after the payload is left out.
///
/// # Errors
/// [`FrameError`] says what is wrong with it.
pub fn read(frame: &[u8]) -> Result<UdpFrame<'_>, FrameError> {
    let vlan = tag(frame);
    let before = headers(vlan) - PACKET_HEADERS;
    if frame.len() < before + PACKET_HEADERS {
        return Err(FrameError::Short { got: frame.len(), expected: before + PACKET_HEADERS });
    }
    let packet = &frame[before..];
    let fragment = get_u16(packet, AT_FRAGMENT) & !DONT_FRAGMENT;
    if get_u16(frame, before - 2) != ETHERTYPE_IPV4
        || packet[0] != 0x45
        || fragment != 0
        || packet[AT_PROTOCOL] != PROTOCOL_UDP
    {
        return Err(FrameError::NotUdp);
    }
    let ip = usize::from(get_u16(packet, 2));
    let udp_length = get_u16(packet, AT_UDP_LENGTH);
    let udp = usize::from(udp_length);
    if udp < UDP || ip != IPV4 + udp {
        return Err(FrameError::Lengths { ip, udp });
    }
    if packet.len() < ip {
        return Err(FrameError::Short { got: frame.len(), expected: before + ip });
    }
    let packet = &packet[..ip];
    if fold(sum(&packet[..AT_UDP])) != 0xffff {
        return Err(FrameError::IpChecksum);
    }
    if get_u16(packet, AT_UDP_CHECKSUM) != 0 && fold(udp_sum(packet, udp_length)) != 0xffff {
        return Err(FrameError::UdpChecksum);
    }
    Ok(UdpFrame {
        route: Route {
            destination_mac: mac(frame, 0),
            source_mac: mac(frame, 6),
            source: SocketAddrV4::new(address(packet, AT_IP_SOURCE), get_u16(packet, AT_UDP)),
            destination: SocketAddrV4::new(address(packet, AT_IP_DESTINATION), get_u16(packet, AT_UDP_DESTINATION)),
            vlan,
        },
        identification: get_u16(packet, AT_IDENTIFICATION),
        payload: &packet[PACKET_HEADERS..],
    })
}

/// Makes a received frame, with so many bytes before its payload, its own reply: from `own` to `peer`, IPv4 addresses and UDP
/// ports exchanged, in the VLAN in which it came. Of a frame in several buffers the first is enough.
///
/// Both checksums stay right: a sum does not change when its terms trade places.
///
/// # Panics
/// If `frame` is shorter than its headers.
#[inline]
pub fn turn_around(frame: &mut [u8], headers: usize, own: &Mac, peer: &Mac) {
    let (ethernet, packet) = frame.split_at_mut(headers - PACKET_HEADERS);
    let ethernet: &mut [u8; ETHERNET] = ethernet.first_chunk_mut().expect("headers without Ethernet's");
    ethernet[0..6].copy_from_slice(peer);
    ethernet[6..12].copy_from_slice(own);
    let packet: &mut [u8; PACKET_HEADERS] = packet.first_chunk_mut().expect("frame shorter than its headers");
    let (source, destination) = packet[AT_IP_SOURCE..AT_UDP].split_at_mut(4);
    source.swap_with_slice(destination);
    let (source, destination) = packet[AT_UDP..AT_UDP_LENGTH].split_at_mut(2);
    source.swap_with_slice(destination);
}

/// IPv4 identification of a frame with so many bytes before its payload, or `None` of one without an IPv4 header.
#[inline]
#[must_use]
pub fn identification(frame: &[u8], headers: usize) -> Option<u16> {
    let field = frame.get(headers - PACKET_HEADERS + AT_IDENTIFICATION..)?.first_chunk()?;
    Some(u16::from_be_bytes(*field))
}

/// Whether a UDP frame with so many bytes before its payload goes to this address and port. On an adapter with shared receive
/// queues others' frames come, too.
#[inline]
#[must_use]
pub fn goes_to(frame: &[u8], headers: usize, near: SocketAddrV4) -> bool {
    let packet = frame.get(headers - PACKET_HEADERS..).and_then(|packet| packet.first_chunk::<PACKET_HEADERS>());
    let Some(packet) = packet else { return false };
    // That it has a tag is asked where one is expected: without, what stands there is no such address.
    (headers == HEADERS || get_u16(frame, AT_TYPE) == ETHERTYPE_VLAN)
        && packet[AT_IP_DESTINATION..][..4] == near.ip().octets()
        && get_u16(packet, AT_UDP_DESTINATION) == near.port()
}

/// Whether `got` bytes are what the wire makes of a frame of `sent`: the same, or padded to [`SHORTEST`].
#[inline]
#[must_use]
pub fn is_length_on_wire(got: usize, sent: usize) -> bool {
    got == sent || (sent < SHORTEST && got == SHORTEST)
}

fn put_u16(bytes: &mut [u8], at: usize, value: u16) {
    bytes[at..at + 2].copy_from_slice(&value.to_be_bytes());
}

fn get_u16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn mac(frame: &[u8], at: usize) -> Mac {
    let mut mac = [0; 6];
    mac.copy_from_slice(&frame[at..at + 6]);
    mac
}

fn address(packet: &[u8], at: usize) -> Ipv4Addr {
    Ipv4Addr::new(packet[at], packet[at + 1], packet[at + 2], packet[at + 3])
}

/// Sum of the UDP header, the payload and the pseudo header.
fn udp_sum(packet: &[u8], udp_length: u16) -> u64 {
    sum(&packet[AT_IP_SOURCE..]) + u64::from(PROTOCOL_UDP) + u64::from(udp_length)
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
mod tests;
