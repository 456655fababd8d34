//! What the adapter reads in a frame: the fields that filters match, and checksums.

/// The shortest frame on the wire, without its FCS: shorter ones are padded.
pub const MIN_FRAME: usize = 60;

/// Header bytes that are enough to steer a frame: Ethernet, one VLAN tag, IPv4 with all options, ports.
pub const HEADER_BYTES: usize = 14 + 4 + 60 + 4;

const ETHERTYPE_VLAN: u16 = 0x8100;
const ETHERTYPE_IPV4: u16 = 0x0800;
/// The protocol number of TCP.
pub const TCP: u8 = 6;
/// The protocol number of UDP.
pub const UDP: u8 = 17;

/// The fields of a frame by which it is steered; two frames of equal flow go the same way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Destination MAC address in the upper 48 bits, EtherType in the lower 16.
    mac_and_type: u64,
    /// Source and destination IPv4 address, 0 where there is none.
    addresses: u64,
    /// Source port, destination port, protocol; and the VLAN with a bit that says there is one.
    ports: u64,
}

const HAS_PORTS: u64 = 1 << 40;
const HAS_VLAN: u64 = 1 << 60;

impl Flow {
    /// Reads a frame's first bytes; `None` where it is shorter than an Ethernet header.
    #[inline]
    pub fn parse(header: &[u8]) -> Option<Self> {
        let ethernet: &[u8; 14] = header.first_chunk()?;
        let mut ethertype = u16::from_be_bytes([ethernet[12], ethernet[13]]);
        let mut network = &header[14..];
        let mut ports = 0;
        if ethertype == ETHERTYPE_VLAN {
            let (tag, rest) = network.split_first_chunk::<4>()?;
            ports = HAS_VLAN | u64::from(u16::from_be_bytes([tag[0], tag[1]]) & 0xfff) << 48;
            ethertype = u16::from_be_bytes([tag[2], tag[3]]);
            network = rest;
        }
        let mac = u64::from_be_bytes(*ethernet.first_chunk::<8>()?) & !0xffff;
        let mut flow = Self { mac_and_type: mac | u64::from(ethertype), addresses: 0, ports };
        if ethertype == ETHERTYPE_IPV4
            && let Some(ip) = network.first_chunk::<20>()
        {
            flow.addresses = u64::from_be_bytes([ip[12], ip[13], ip[14], ip[15], ip[16], ip[17], ip[18], ip[19]]);
            flow.ports |= u64::from(ip[9]) << 32;
            let fragment = u16::from_be_bytes([ip[6], ip[7]]) & 0x3fff;
            let length = usize::from(ip[0] & 0xf) * 4;
            if fragment == 0
                && (ip[9] == UDP || ip[9] == TCP)
                && let Some(transport) = network.get(length..length + 4)
            {
                flow.ports |=
                    HAS_PORTS | u64::from(u32::from_be_bytes([transport[0], transport[1], transport[2], transport[3]]));
            }
        }
        Some(flow)
    }

    /// A number that differs for most flows.
    #[inline]
    pub fn hash(&self) -> usize {
        let mixed = (self.ports ^ self.addresses ^ self.mac_and_type).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 48) as usize
    }

    /// The destination MAC address.
    pub fn mac(&self) -> u64 {
        self.mac_and_type >> 16
    }

    /// True if the destination is a group of stations (multicast or broadcast).
    pub fn is_multicast(&self) -> bool {
        self.mac() >> 40 & 1 != 0
    }

    /// The VLAN the frame is tagged with.
    pub fn vlan(&self) -> Option<u16> {
        (self.ports & HAS_VLAN != 0).then_some((self.ports >> 48) as u16 & 0xfff)
    }

    /// The IPv4 addresses, source and destination, and the protocol.
    pub fn ipv4(&self) -> Option<(u32, u32, u8)> {
        (self.mac_and_type as u16 == ETHERTYPE_IPV4).then_some((
            (self.addresses >> 32) as u32,
            self.addresses as u32,
            (self.ports >> 32) as u8,
        ))
    }

    /// The ports, source and destination, of an unfragmented TCP or UDP datagram.
    pub fn ports(&self) -> Option<(u16, u16)> {
        (self.ports & HAS_PORTS != 0).then_some(((self.ports >> 16) as u16, self.ports as u16))
    }
}

/// The bytes of the commonest frame, IPv4 without options or VLAN tag, on which its flow depends: so that a frame of a
/// flow that is known is recognised without being parsed.
#[derive(Clone, Copy, Debug)]
pub struct Fingerprint([u64; 4]);

impl PartialEq for Fingerprint {
    /// Word by word: a comparison by wider loads would wait for the stores of words that were just made.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let [a, b, c, d] = self.0;
        let [e, f, g, h] = other.0;
        (a ^ e) | (b ^ f) | (c ^ g) | (d ^ h) == 0
    }
}

impl Fingerprint {
    /// Of a frame's first bytes; none if the frame is another.
    #[inline]
    pub fn of(header: &[u8]) -> Option<Self> {
        let header: &[u8; 38] = header.first_chunk()?;
        let word = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&header[at..at + 8]);
            u64::from_be_bytes(bytes)
        };
        // EtherType, version and header length; any other frame is parsed.
        if word(12) >> 40 != 0x08_0045 {
            return None;
        }
        Some(Self([
            // Destination MAC address.
            word(0) >> 16,
            // Fragment offset and flag, protocol.
            word(20) & 0x3fff_00ff_0000_0000,
            // Addresses and ports.
            word(26),
            word(30),
        ]))
    }

    /// A number that differs for most flows.
    #[inline]
    pub fn hash(&self) -> usize {
        // The destination's address and both ports.
        (self.0[3].wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize
    }
}

/// Where a frame's checksums are, and over what they are taken.
struct Layout {
    ip: usize,
    ip_length: usize,
    transport: usize,
    end: usize,
    /// Offset of the transport checksum: none in fragments, other protocols and datagrams cut short.
    checksum: Option<usize>,
    protocol: u8,
}

#[inline]
fn layout(frame: &[u8]) -> Option<Layout> {
    let ip = match u16::from_be_bytes([*frame.get(12)?, *frame.get(13)?]) {
        ETHERTYPE_IPV4 => 14,
        ETHERTYPE_VLAN if u16::from_be_bytes([*frame.get(16)?, *frame.get(17)?]) == ETHERTYPE_IPV4 => 18,
        _ => return None,
    };
    let header = frame.get(ip..ip + 20)?;
    let ip_length = usize::from(header[0] & 0xf) * 4;
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] >> 4 != 4 || ip_length < 20 || total < ip_length || ip + total > frame.len() {
        return None;
    }
    let (transport, end, protocol) = (ip + ip_length, ip + total, header[9]);
    let whole = u16::from_be_bytes([header[6], header[7]]) & 0x3fff == 0;
    let checksum = match protocol {
        UDP if whole && end - transport >= 8 => Some(transport + 6),
        TCP if whole && end - transport >= 20 => Some(transport + 16),
        _ => None,
    };
    Some(Layout { ip, ip_length, transport, end, checksum, protocol })
}

/// The one's complement sum of `bytes` in 64-bit words of this machine's byte order. Such a sum may be taken over wide
/// words and folded later, and comes out byte-swapped on a machine of the other byte order.
#[inline]
fn sum(mut bytes: &[u8]) -> u64 {
    let mut total = 0;
    while let Some((word, rest)) = bytes.split_first_chunk::<8>() {
        total = add(total, u64::from_ne_bytes(*word));
        bytes = rest;
    }
    if let Some((word, rest)) = bytes.split_first_chunk::<4>() {
        total = add(total, u32::from_ne_bytes(*word).into());
        bytes = rest;
    }
    if let Some((word, rest)) = bytes.split_first_chunk::<2>() {
        total = add(total, u16::from_ne_bytes(*word).into());
        bytes = rest;
    }
    if let [byte] = bytes {
        total = add(total, u16::from_ne_bytes([*byte, 0]).into());
    }
    total
}

/// The one's complement sum of two: what is carried out comes in again.
#[inline]
fn add(a: u64, b: u64) -> u64 {
    let (total, carry) = a.overflowing_add(b);
    total + u64::from(carry)
}

/// A sum's 16 bits, in this machine's byte order.
#[inline]
fn fold(total: u64) -> u16 {
    let total = (total >> 32) + (total & 0xffff_ffff);
    let total = (total >> 32) + (total & 0xffff_ffff);
    let total = (total >> 16) + (total & 0xffff);
    ((total >> 16) + (total & 0xffff)) as u16
}

#[inline]
fn pseudo_header(frame: &[u8], at: &Layout) -> u64 {
    let length = (at.end - at.transport) as u16;
    add(sum(&frame[at.ip + 12..at.ip + 20]), u64::from(u16::from(at.protocol).to_be()) + u64::from(length.to_be()))
}

/// Checksums to be filled in. Small enough to be passed in a register: it is made and used within a few instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksums {
    ip: Patch,
    transport: Patch,
}

/// Two bytes to be written at a place in a frame; at 0, where no checksum is, for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Patch {
    at: u16,
    value: u16,
}

impl Patch {
    #[inline]
    unsafe fn write(self, to: *mut u8) {
        if self.at != 0 {
            // SAFETY: the caller's promise: the place lies within the frame at `to`.
            unsafe { to.add(self.at.into()).cast::<u16>().write_unaligned(self.value) };
        }
    }
}

impl Checksums {
    /// The checksums that the adapter fills in on a frame's way out by DMA. Frames that are not IPv4, or whose lengths
    /// don't add up, have none.
    ///
    /// What stands in their places now is taken out of the sums: the frame is read where the application has it, and
    /// not changed.
    #[inline]
    pub fn of(frame: &[u8], ip: bool, transport: bool) -> Self {
        let mut found = Self::default();
        let Some(at) = layout(frame) else {
            return found;
        };
        let without = |offset: usize| u64::from(!u16::from_ne_bytes([frame[offset], frame[offset + 1]]));
        if ip {
            let total = add(sum(&frame[at.ip..at.ip + at.ip_length]), without(at.ip + 10));
            found.ip = Patch { at: (at.ip + 10) as u16, value: !fold(total) };
        }
        if transport && let Some(offset) = at.checksum {
            let total = add(add(sum(&frame[at.transport..at.end]), without(offset)), pseudo_header(frame, &at));
            let value = match !fold(total) {
                // In UDP a sum of 0 would read as "no checksum".
                0 if at.protocol == UDP => 0xffff,
                value => value,
            };
            found.transport = Patch { at: offset as u16, value };
        }
        found
    }

    /// Writes the checksums into the frame at `to`.
    ///
    /// # Safety
    /// `to` has room for the frame that they were made for.
    #[inline]
    pub unsafe fn write(&self, to: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe {
            self.ip.write(to);
            self.transport.write(to);
        }
    }
}

/// What the adapter finds when it checks a received frame's checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The IPv4 header's checksum is wrong.
    pub ip_bad: bool,
    /// The TCP or UDP checksum is wrong.
    pub transport_bad: bool,
}

/// Checks an IPv4 frame's checksums. What is not IPv4 has none to be wrong.
pub fn verify_checksums(frame: &[u8]) -> Verdict {
    let Some(at) = layout(frame) else {
        return Verdict { ip_bad: false, transport_bad: false };
    };
    let ip_bad = fold(sum(&frame[at.ip..at.ip + at.ip_length])) != 0xffff;
    let transport_bad = at.checksum.is_some_and(|offset| {
        let none = at.protocol == UDP && frame[offset..offset + 2] == [0, 0];
        !none && fold(add(sum(&frame[at.transport..at.end]), pseudo_header(frame, &at))) != 0xffff
    });
    Verdict { ip_bad, transport_bad }
}

/// True if a frame's first bytes are those of a TCP or UDP packet, over IPv4 or IPv6.
pub fn is_tcp_or_udp(header: &[u8]) -> bool {
    let ethertype = |at: usize| header.get(at..at + 2).map(|bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
    let at = if ethertype(12) == Some(ETHERTYPE_VLAN) { 16 } else { 12 };
    let protocol = match ethertype(at) {
        Some(ETHERTYPE_IPV4) => header.get(at + 2 + 9),
        Some(0x86dd) => header.get(at + 2 + 6),
        _ => None,
    };
    matches!(protocol, Some(&(TCP | UDP)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert_checksums(frame: &mut [u8], ip: bool, transport: bool) {
        // SAFETY: made for this frame.
        unsafe { Checksums::of(frame, ip, transport).write(frame.as_mut_ptr()) };
    }

    /// A UDP datagram with payload `abc` from 192.0.2.1:7 to 192.0.2.2:9; checksums worked out by hand (RFC 1071).
    fn datagram() -> Vec<u8> {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
        frame.extend([0x45, 0, 0, 31, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
        frame.extend([0, 7, 0, 9, 0, 11, 0, 0, b'a', b'b', b'c']);
        frame
    }

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

    #[test]
    fn checksums_are_those_of_rfc_1071() {
        let mut frame = datagram();
        insert_checksums(&mut frame, true, true);
        // 4500+001f+0001+4011+c000+0201+c000+0202 = 20934; folded 0936; complement f6c9.
        assert_eq!(frame[24..26], [0xf6, 0xc9]);
        // c000+0201+c000+0202+0011+000b + 0007+0009+000b+6162+6300 = 24895... folded and complemented:
        let total: u32 = 0xc000 + 0x201 + 0xc000 + 0x202 + 0x11 + 0xb + 7 + 9 + 0xb + 0x6162 + 0x6300;
        let folded = !((total & 0xffff) + (total >> 16)) as u16;
        assert_eq!(frame[40..42], folded.to_be_bytes());
        assert_eq!(verify_checksums(&frame), Verdict { ip_bad: false, transport_bad: false });
    }

    #[test]
    fn what_stood_in_the_checksums_places_does_not_matter() {
        let mut expected = datagram();
        insert_checksums(&mut expected, true, true);
        for junk in [0, 1, 0x55, 0x80, 0xff] {
            let mut frame = datagram();
            for at in [24, 25, 40, 41] {
                frame[at] = junk;
            }
            insert_checksums(&mut frame, true, true);
            assert_eq!(frame, expected);
        }
    }

    #[test]
    fn every_flipped_bit_of_a_datagram_is_found() {
        let mut frame = datagram();
        insert_checksums(&mut frame, true, true);
        for byte in 34..frame.len() {
            // A length that no longer fits the datagram hides the rest; the two are not under test here.
            if (38..40).contains(&byte) {
                continue;
            }
            frame[byte] ^= 4;
            assert!(verify_checksums(&frame).transport_bad, "byte {byte}");
            frame[byte] ^= 4;
        }
    }

    #[test]
    fn flows_are_told_apart_by_each_field() {
        let base = datagram();
        let flow = Flow::parse(&base).unwrap();
        assert_eq!(flow.ipv4(), Some((0xc000_0201, 0xc000_0202, UDP)));
        assert_eq!(flow.ports(), Some((7, 9)));
        for byte in [0, 5, 13, 26, 33, 35, 37] {
            let mut other = base.clone();
            other[byte] ^= 1;
            assert_ne!(Flow::parse(&other), Some(flow), "byte {byte}");
        }
        for byte in [6, 18, 24, 40, 44] {
            let mut same = base.clone();
            same[byte] ^= 1;
            assert_eq!(Flow::parse(&same), Some(flow), "byte {byte}");
        }
    }

    #[test]
    fn a_fingerprint_stands_for_its_flow() {
        let base = datagram();
        let print = Fingerprint::of(&base).unwrap();
        for byte in 0..base.len() {
            for bit in 0..8 {
                let mut other = base.clone();
                other[byte] ^= 1 << bit;
                match Fingerprint::of(&other) {
                    Some(same) if same == print => {
                        assert_eq!(Flow::parse(&other), Flow::parse(&base), "byte {byte}, bit {bit}");
                    }
                    _ => {}
                }
            }
        }
        // What changes from packet to packet of a flow is not part of it.
        for byte in [6, 17, 18, 19, 22, 24, 39, 41, 42] {
            let mut same = base.clone();
            same[byte] ^= 1;
            assert_eq!(Fingerprint::of(&same), Some(print), "byte {byte}");
        }
        assert_eq!(Fingerprint::of(&base[..37]), None);
    }

    #[test]
    fn fragments_have_no_ports_and_short_frames_no_flow() {
        let mut frame = datagram();
        frame[20] = 0x20;
        assert_eq!(Flow::parse(&frame).unwrap().ports(), None);
        for length in 0..frame.len() {
            let flow = Flow::parse(&frame[..length]);
            assert_eq!(flow.is_some(), length >= 14);
            verify_checksums(&frame[..length]);
        }
    }

    #[test]
    fn a_vlan_tag_is_read() {
        let mut frame = datagram();
        frame.splice(12..12, [0x81, 0, 0x20, 5]);
        let flow = Flow::parse(&frame).unwrap();
        assert_eq!((flow.vlan(), flow.ports()), (Some(5), Some((7, 9))));
    }
}
