//! The adapter's receive filters: what they match, how they rank and when two are the same.

use crate::frame::{ETHERTYPE_IPV4, ETHERTYPE_IPV6, Flow, TCP, UDP};
use core::net::IpAddr;

/// A filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Frames with these fields.
    Match(Match),
    /// All unicast frames.
    AllUnicast,
    /// All multicast and broadcast frames.
    AllMulticast,
    /// Unicast frames, of one VLAN or of any, that nobody else wants: no other filter, nor the kernel.
    UnicastMismatch {
        /// The VLAN.
        vlan: Option<u16>,
    },
    /// The same for multicast.
    MulticastMismatch {
        /// The VLAN.
        vlan: Option<u16>,
    },
    /// Copies of what the port delivers to the host; or, if promiscuous, of all that arrives at it.
    Sniff {
        /// Of all.
        promiscuous: bool,
    },
    /// Copies of all that the port sends.
    SniffSent,
    /// Takes nothing, but keeps frames from the kernel.
    BlockKernel {
        /// Unicast ones.
        unicast: bool,
        /// Multicast ones.
        multicast: bool,
    },
}

/// The fields that a frame must have; what is `None` may be anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Match {
    /// Destination MAC address, in the low 48 bits. Not together with `to`.
    pub mac: Option<u64>,
    /// VLAN.
    pub vlan: Option<u16>,
    /// EtherType.
    pub ethertype: Option<u16>,
    /// IP protocol.
    pub protocol: Option<u8>,
    /// Destination IP address, IPv4's in the low 32 bits, and port.
    pub to: Option<(u128, u16)>,
    /// Source IP address and port.
    pub from: Option<(u128, u16)>,
}

/// A filter as 32-bit words: so it stands in a filter table that processes share.
pub type Words = [u32; 11];

const MATCH: u32 = 1;
const ALL_UNICAST: u32 = 2;
const ALL_MULTICAST: u32 = 3;
const UNICAST_MISMATCH: u32 = 4;
const MULTICAST_MISMATCH: u32 = 5;
const SNIFF: u32 = 6;
const SNIFF_SENT: u32 = 7;
const BLOCK_KERNEL: u32 = 8;

/// Which of a match's fields there are, in the first word.
const MAC: u32 = 1 << 8;
const VLAN: u32 = 1 << 9;
const ETHERTYPE: u32 = 1 << 10;
const PROTOCOL: u32 = 1 << 11;
const TO: u32 = 1 << 12;
const FROM: u32 = 1 << 13;
/// Two bits for filters that have none of these.
const FIRST: u32 = 1 << 8;
const SECOND: u32 = 1 << 9;

fn address_words(address: u128) -> [u32; 4] {
    core::array::from_fn(|i| (address >> (96 - 32 * i)) as u32)
}

fn address(words: &[u32]) -> u128 {
    words.iter().fold(0, |address, word| address << 32 | u128::from(*word))
}

impl Match {
    /// TCP or UDP to an address and port; of one flow, if `from` is given.
    pub fn ip(protocol: u8, to: (IpAddr, u16), from: Option<(IpAddr, u16)>) -> Self {
        let end = |(address, port): (IpAddr, u16)| match address {
            IpAddr::V4(v4) => (u32::from(v4).into(), port),
            IpAddr::V6(v6) => (u128::from(v6), port),
        };
        let ethertype = if to.0.is_ipv4() { ETHERTYPE_IPV4 } else { ETHERTYPE_IPV6 };
        Self {
            ethertype: Some(ethertype),
            protocol: Some(protocol),
            to: Some(end(to)),
            from: from.map(end),
            ..Self::default()
        }
    }

    fn to_words(self) -> Words {
        let bit = |there: bool, bit: u32| if there { bit } else { 0 };
        let head = MATCH
            | bit(self.mac.is_some(), MAC)
            | bit(self.vlan.is_some(), VLAN)
            | bit(self.ethertype.is_some(), ETHERTYPE)
            | bit(self.protocol.is_some(), PROTOCOL)
            | bit(self.to.is_some(), TO)
            | bit(self.from.is_some(), FROM)
            | u32::from(self.protocol.unwrap_or(0)) << 16;
        let types = u32::from(self.vlan.unwrap_or(0)) << 16 | u32::from(self.ethertype.unwrap_or(0));
        let ((to, to_port), (from, from_port)) = (self.to.unwrap_or_default(), self.from.unwrap_or_default());
        let [a, b, c, d] = address_words(to | u128::from(self.mac.unwrap_or(0)));
        let [e, f, g, h] = address_words(from);
        [head, types, u32::from(to_port) << 16 | u32::from(from_port), a, b, c, d, e, f, g, h]
    }

    fn from_words(words: &Words) -> Self {
        let [head, types, ports, ..] = *words;
        let has = |bit: u32| head & bit != 0;
        Self {
            mac: has(MAC).then(|| address(&words[5..7]) as u64),
            vlan: has(VLAN).then_some((types >> 16) as u16),
            ethertype: has(ETHERTYPE).then_some(types as u16),
            protocol: has(PROTOCOL).then_some((head >> 16) as u8),
            to: has(TO).then(|| (address(&words[3..7]), (ports >> 16) as u16)),
            from: has(FROM).then(|| (address(&words[7..11]), ports as u16)),
        }
    }

    fn matches(&self, flow: &Flow) -> bool {
        let ((source, destination), ports) = (flow.addresses(), flow.ports());
        self.mac.is_none_or(|mac| flow.mac() == mac)
            && self.vlan.is_none_or(|vlan| flow.vlan() == Some(vlan))
            && self.ethertype.is_none_or(|ethertype| flow.ethertype() == ethertype)
            && self.protocol.is_none_or(|protocol| flow.protocol() == Some(protocol))
            && self.to.is_none_or(|(to, port)| destination == to && ports.is_some_and(|ports| ports.1 == port))
            && self.from.is_none_or(|(from, port)| source == from && ports.is_some_and(|ports| ports.0 == port))
            && !self.is_void()
    }

    /// True of what the adapter's firmware takes, but has no match for: IP as an EtherType, TCP and UDP as protocols.
    pub fn is_void(&self) -> bool {
        self.to.is_none()
            && match self.protocol {
                Some(protocol) => protocol == TCP || protocol == UDP,
                None => matches!(self.ethertype, Some(ETHERTYPE_IPV4 | ETHERTYPE_IPV6)),
            }
    }

    fn rank(&self) -> u32 {
        let fields = match self {
            Self { to: Some(_), from: Some(_), .. } => 6,
            Self { to: Some(_), .. } => 5,
            Self { mac: Some(_), protocol, ethertype, .. } if protocol.is_some() || ethertype.is_some() => 4,
            Self { mac: Some(_), .. } => 3,
            Self { protocol: Some(_), .. } => 2,
            _ => 1,
        };
        100 + fields * 2 + u32::from(self.vlan.is_some())
    }

    fn is_multicast(&self) -> bool {
        match (self.to, self.mac) {
            (Some((address, _)), _) if self.ethertype == Some(ETHERTYPE_IPV4) => {
                address >> 28 == 0xe || address == u32::MAX.into()
            }
            (Some((address, _)), _) => address >> 120 == 0xff,
            (None, Some(mac)) => mac >> 40 & 1 != 0,
            (None, None) => false,
        }
    }
}

impl Filter {
    /// The filter as words; `from_words` reads them back.
    pub fn to_words(self) -> Words {
        let bits = |kind: u32, first: bool, second: bool| {
            let mut words = [0; 11];
            words[0] = kind | if first { FIRST } else { 0 } | if second { SECOND } else { 0 };
            words
        };
        let vlan = |kind: u32, vlan: Option<u16>| {
            let mut words = bits(kind, vlan.is_some(), false);
            words[1] = vlan.unwrap_or(0).into();
            words
        };
        match self {
            Self::Match(fields) => fields.to_words(),
            Self::AllUnicast => bits(ALL_UNICAST, false, false),
            Self::AllMulticast => bits(ALL_MULTICAST, false, false),
            Self::UnicastMismatch { vlan: of } => vlan(UNICAST_MISMATCH, of),
            Self::MulticastMismatch { vlan: of } => vlan(MULTICAST_MISMATCH, of),
            Self::Sniff { promiscuous } => bits(SNIFF, promiscuous, false),
            Self::SniffSent => bits(SNIFF_SENT, false, false),
            Self::BlockKernel { unicast, multicast } => bits(BLOCK_KERNEL, unicast, multicast),
        }
    }

    /// The filter that the words say; `None` where they say none.
    pub fn from_words(words: &Words) -> Option<Self> {
        let (first, second) = (words[0] & FIRST != 0, words[0] & SECOND != 0);
        let vlan = first.then_some(words[1] as u16);
        Some(match words[0] & 0xff {
            MATCH => Self::Match(Match::from_words(words)),
            ALL_UNICAST => Self::AllUnicast,
            ALL_MULTICAST => Self::AllMulticast,
            UNICAST_MISMATCH => Self::UnicastMismatch { vlan },
            MULTICAST_MISMATCH => Self::MulticastMismatch { vlan },
            SNIFF => Self::Sniff { promiscuous: first },
            SNIFF_SENT => Self::SniffSent,
            BLOCK_KERNEL => Self::BlockKernel { unicast: first, multicast: second },
            _ => return None,
        })
    }

    /// True if the filter takes frames of the flow; those that only watch take none.
    pub fn matches(&self, flow: &Flow) -> bool {
        let of = |vlan: &Option<u16>| vlan.is_none() || flow.vlan() == *vlan;
        match self {
            Self::Match(fields) => fields.matches(flow),
            Self::AllUnicast => !flow.is_multicast(),
            Self::AllMulticast => flow.is_multicast(),
            Self::UnicastMismatch { vlan } => !flow.is_multicast() && of(vlan),
            Self::MulticastMismatch { vlan } => flow.is_multicast() && of(vlan),
            Self::Sniff { .. } | Self::SniffSent | Self::BlockKernel { .. } => false,
        }
    }

    /// Of the filters that match a unicast frame, the one of the highest rank gets it: the most specific.
    pub fn rank(&self) -> u32 {
        match self {
            Self::Match(fields) => fields.rank(),
            Self::AllUnicast | Self::AllMulticast => 99,
            Self::UnicastMismatch { vlan } | Self::MulticastMismatch { vlan } => 1 + u32::from(vlan.is_some()),
            Self::Sniff { .. } | Self::SniffSent | Self::BlockKernel { .. } => 0,
        }
    }

    /// True of those that get what nobody else wants.
    pub fn is_mismatch(&self) -> bool {
        matches!(self, Self::UnicastMismatch { .. } | Self::MulticastMismatch { .. })
    }

    /// True if several VIs may have the filter at once: it takes multicast frames, or no frames at all.
    pub fn may_be_shared(&self) -> bool {
        match self {
            Self::Match(fields) => fields.is_multicast(),
            Self::AllMulticast | Self::MulticastMismatch { .. } | Self::BlockKernel { .. } => true,
            Self::AllUnicast | Self::UnicastMismatch { .. } | Self::Sniff { .. } | Self::SniffSent => false,
        }
    }

    /// True of two that the port can have one of.
    pub fn excludes(&self, other: &Self) -> bool {
        self == other || matches!((self, other), (Self::Sniff { .. }, Self::Sniff { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::net::{Ipv4Addr, Ipv6Addr};

    const TO: (IpAddr, u16) = (IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)), 9);
    const FROM: (IpAddr, u16) = (IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 7);
    const MAC: u64 = 0x0200_0000_0002;

    /// From the most specific on.
    fn ranked() -> Vec<Filter> {
        let plain = Match::default();
        let tagged = |fields: Match| Match { vlan: Some(5), ..fields };
        let (full, local) = (Match::ip(UDP, TO, Some(FROM)), Match::ip(UDP, TO, None));
        let mac = Match { mac: Some(MAC), ..plain };
        let mac_type = Match { ethertype: Some(0x0806), ..mac };
        let protocol = Match { ethertype: Some(ETHERTYPE_IPV4), protocol: Some(1), ..plain };
        let ethertype = Match { ethertype: Some(0x0806), ..plain };
        let matches = [full, local, mac_type, mac, protocol, ethertype];
        let mut all: Vec<_> = matches.into_iter().flat_map(|m| [tagged(m), m].map(Filter::Match)).collect();
        all.push(Filter::AllUnicast);
        all.push(Filter::UnicastMismatch { vlan: Some(5) });
        all.push(Filter::UnicastMismatch { vlan: None });
        all
    }

    #[test]
    fn words_give_the_filter_back() {
        let v6 = |last: u16| (IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 1, last)), last);
        let mut all = ranked();
        all.extend([
            Filter::Match(Match { vlan: Some(4095), ..Match::ip(TCP, v6(1), Some(v6(2))) }),
            Filter::AllMulticast,
            Filter::MulticastMismatch { vlan: None },
            Filter::MulticastMismatch { vlan: Some(0) },
            Filter::Sniff { promiscuous: true },
            Filter::Sniff { promiscuous: false },
            Filter::SniffSent,
            Filter::BlockKernel { unicast: true, multicast: false },
            Filter::BlockKernel { unicast: false, multicast: true },
        ]);
        for filter in all {
            assert_eq!(Filter::from_words(&filter.to_words()), Some(filter));
        }
        assert_eq!(Filter::from_words(&[99; 11]), None);
        assert_eq!(Filter::from_words(&[0; 11]), None);
    }

    #[test]
    fn filters_rank_by_how_specific_they_are() {
        assert!(ranked().windows(2).all(|pair| pair[0].rank() > pair[1].rank()));
    }

    #[test]
    fn each_kind_matches_its_fields() {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
        frame.extend([0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0, 7, 0, 9, 0, 8, 0, 0]);
        let untagged: Vec<_> = ranked().into_iter().skip(1).step_by(2).take(6).chain([Filter::AllUnicast]).collect();
        let matching = |frame: &[u8]| -> Vec<usize> {
            let flow = Flow::parse(frame).unwrap();
            (0..untagged.len()).filter(|&i| untagged[i].matches(&flow)).collect()
        };
        assert_eq!(matching(&frame), [0, 1, 3, 6]);
        frame[35] = 8; // another source port
        assert_eq!(matching(&frame), [1, 3, 6]);
        frame[23] = 1; // ICMP
        assert_eq!(matching(&frame), [3, 4, 6]);
        frame[12..14].copy_from_slice(&[8, 6]);
        assert_eq!(matching(&frame), [2, 3, 5, 6]);
        frame[0] = 3; // a group address
        assert_eq!(matching(&frame), [5]);
        assert!(Filter::AllMulticast.matches(&Flow::parse(&frame).unwrap()));
    }
}
