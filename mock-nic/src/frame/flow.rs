//! Flows: what of a frame decides where it goes.

use super::{ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_VLAN, TCP, UDP};

/// The fields of a frame by which it is steered; two frames of equal flow go the same way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Destination MAC address in the upper 48 bits, EtherType in the lower 16.
    mac_and_type: u64,
    /// Source port, destination port, protocol; and the VLAN with a bit that says there is one.
    ports: u64,
    /// Source IP address, 0 where there is none.
    source: u128,
    /// Destination IP address.
    destination: u128,
}

const HAS_PORTS: u64 = 1 << 40;
const HAS_PROTOCOL: u64 = 1 << 41;
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
        let mut flow = Self { mac_and_type: mac | u64::from(ethertype), ports, source: 0, destination: 0 };
        match ethertype {
            ETHERTYPE_IPV4 => flow.ipv4(network),
            ETHERTYPE_IPV6 => flow.ipv6(network),
            _ => {}
        }
        Some(flow)
    }

    #[inline]
    fn ipv4(&mut self, network: &[u8]) {
        let Some(ip) = network.first_chunk::<20>() else { return };
        self.source = u32::from_be_bytes([ip[12], ip[13], ip[14], ip[15]]).into();
        self.destination = u32::from_be_bytes([ip[16], ip[17], ip[18], ip[19]]).into();
        let whole = u16::from_be_bytes([ip[6], ip[7]]) & 0x3fff == 0;
        self.transport(ip[9], whole, network.get(usize::from(ip[0] & 0xf) * 4..));
    }

    #[inline]
    fn ipv6(&mut self, network: &[u8]) {
        let Some((ip, rest)) = network.split_first_chunk::<40>() else { return };
        let address = |at: usize| {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&ip[at..at + 16]);
            u128::from_be_bytes(bytes)
        };
        self.source = address(8);
        self.destination = address(24);
        // A fragment's next header is the fragment header, which has no ports.
        self.transport(ip[6], true, Some(rest));
    }

    #[inline]
    fn transport(&mut self, protocol: u8, whole: bool, rest: Option<&[u8]>) {
        self.ports |= HAS_PROTOCOL | u64::from(protocol) << 32;
        if whole
            && (protocol == UDP || protocol == TCP)
            && let Some(ports) = rest.and_then(|rest| rest.first_chunk::<4>())
        {
            self.ports |= HAS_PORTS | u64::from(u32::from_be_bytes(*ports));
        }
    }

    /// A number that differs for most flows.
    #[inline]
    pub fn hash(&self) -> usize {
        let addresses = self.source ^ self.destination.rotate_left(32);
        let mixed = self.ports ^ self.mac_and_type ^ (addresses >> 64) as u64 ^ addresses as u64;
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize
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

    /// The EtherType, that of what is in the VLAN if the frame is tagged.
    pub fn ethertype(&self) -> u16 {
        self.mac_and_type as u16
    }

    /// The protocol of an IP packet.
    pub fn protocol(&self) -> Option<u8> {
        (self.ports & HAS_PROTOCOL != 0).then_some((self.ports >> 32) as u8)
    }

    /// The IP addresses, source and destination, those of IPv4 in the low 32 bits; 0 where there are none.
    pub fn addresses(&self) -> (u128, u128) {
        (self.source, self.destination)
    }

    /// The ports, source and destination, of an unfragmented TCP or UDP datagram.
    pub fn ports(&self) -> Option<(u16, u16)> {
        (self.ports & HAS_PORTS != 0).then_some(((self.ports >> 16) as u16, self.ports as u16))
    }
}

/// The bytes of the commonest frames, IPv4 without options or VLAN tag and what is neither IP nor tagged, on which their
/// flow depends: so that a frame of a flow that is known is recognised without being parsed.
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
        // EtherType, version and header length.
        if word(12) >> 40 != 0x08_0045 {
            return match (word(12) >> 48) as u16 {
                ETHERTYPE_IPV4 | ETHERTYPE_IPV6 | ETHERTYPE_VLAN => None,
                // Of the rest the flow is the address and the type, which no bit of IPv4's second word is mistaken for.
                other => Some(Self([0, 1 << 16 | u64::from(other), 0, word(0) >> 16])),
            };
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
        // The destination's address and both ports, or its MAC address.
        (self.0[3].wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::datagram;

    #[test]
    fn flows_are_told_apart_by_each_field() {
        let base = datagram();
        let flow = Flow::parse(&base).unwrap();
        assert_eq!((flow.ethertype(), flow.protocol()), (ETHERTYPE_IPV4, Some(UDP)));
        assert_eq!(flow.addresses(), (0xc000_0201, 0xc000_0202));
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
        stands_for_its_flow(&base);
        // What changes from packet to packet of a flow is not part of it.
        for byte in [6, 17, 18, 19, 22, 24, 39, 41, 42] {
            let mut same = base.clone();
            same[byte] ^= 1;
            assert_eq!(Fingerprint::of(&same), Some(print), "byte {byte}");
        }
        assert_eq!(Fingerprint::of(&base[..37]), None);
    }

    #[test]
    fn what_is_not_ip_has_a_fingerprint_too() {
        let mut frame = datagram();
        for ethertype in [0x88b5_u16, 0x0806, 0] {
            frame[12..14].copy_from_slice(&ethertype.to_be_bytes());
            let print = Fingerprint::of(&frame).unwrap();
            stands_for_its_flow(&frame);
            let mut same = frame.clone();
            (6..12).chain(14..frame.len()).for_each(|byte| same[byte] ^= 0xff);
            assert_eq!(Fingerprint::of(&same), Some(print), "of the destination and the type alone");
        }
        let nothing = Fingerprint::of(&[0; 60]).unwrap();
        let mut ipv4 = [0; 60];
        ipv4[12..15].copy_from_slice(&[8, 0, 0x45]);
        assert_ne!(Fingerprint::of(&ipv4), Some(nothing));
        for ethertype in [ETHERTYPE_IPV6, ETHERTYPE_VLAN] {
            frame[12..14].copy_from_slice(&ethertype.to_be_bytes());
            assert_eq!(Fingerprint::of(&frame), None);
        }
    }

    /// A frame that differs by a bit has another fingerprint, unless it is of the same flow.
    fn stands_for_its_flow(base: &[u8]) {
        let print = Fingerprint::of(base).unwrap();
        for (byte, bit) in (0..base.len()).flat_map(|byte| (0..8).map(move |bit| (byte, bit))) {
            let mut other = base.to_vec();
            other[byte] ^= 1 << bit;
            if Fingerprint::of(&other) == Some(print) {
                assert_eq!(Flow::parse(&other), Flow::parse(base), "byte {byte}, bit {bit}");
            }
        }
    }

    #[test]
    fn fragments_have_no_ports_and_short_frames_no_flow() {
        let mut frame = datagram();
        frame[20] = 0x20;
        assert_eq!(Flow::parse(&frame).unwrap().ports(), None);
        for length in 0..frame.len() {
            let flow = Flow::parse(&frame[..length]);
            assert_eq!(flow.is_some(), length >= 14);
        }
    }

    #[test]
    fn a_vlan_tag_is_read() {
        let mut frame = datagram();
        frame.splice(12..12, [0x81, 0, 0x20, 5]);
        let flow = Flow::parse(&frame).unwrap();
        assert_eq!((flow.vlan(), flow.ports()), (Some(5), Some((7, 9))));
    }

    #[test]
    fn an_ipv6_flow_is_told_apart_by_each_field() {
        let mut base = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 8, UDP, 64];
        base.extend((0..32).map(|i| 0x20 + i));
        base.extend([0, 7, 0, 9, 0, 8, 0, 0]);
        let flow = Flow::parse(&base).unwrap();
        assert_eq!((flow.protocol(), flow.ports()), (Some(UDP), Some((7, 9))));
        assert_eq!(flow.addresses().0 >> 120, 0x20);
        assert_eq!(flow.addresses().1 as u8, 0x3f);
        for byte in (0..6).chain(20..21).chain(22..58) {
            let mut other = base.clone();
            other[byte] ^= 1;
            assert_ne!(Flow::parse(&other), Some(flow), "byte {byte}");
        }
        for length in 0..base.len() {
            assert_eq!(Flow::parse(&base[..length]).is_some(), length >= 14);
        }
    }
}
