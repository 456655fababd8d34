//! The adapter's receive filters: what they match, how they rank and when two are the same.

use crate::frame::Flow;

/// A receive filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// Frames to an IPv4 address and port.
    Ip4Local {
        /// TCP or UDP.
        protocol: u8,
        /// Destination address.
        address: u32,
        /// Destination port.
        port: u16,
    },
    /// Frames of one IPv4 flow.
    Ip4Full {
        /// TCP or UDP.
        protocol: u8,
        /// Destination address.
        address: u32,
        /// Destination port.
        port: u16,
        /// Source address.
        remote_address: u32,
        /// Source port.
        remote_port: u16,
    },
    /// Frames to a MAC address, of one VLAN or of any.
    EthernetLocal {
        /// Destination MAC address, in the low 48 bits.
        mac: u64,
        /// The VLAN, `None` for any.
        vlan: Option<u16>,
    },
    /// All multicast and broadcast frames.
    AllMulticast,
}

/// A filter as 32-bit words: so it stands in a filter table that processes share, and in `ef_filter_spec`.
pub type Words = [u32; 6];

const IP4_LOCAL: u32 = 1;
const IP4_FULL: u32 = 2;
const ETHERNET_LOCAL: u32 = 3;
const ALL_MULTICAST: u32 = 4;
const ANY_VLAN: u32 = u32::MAX;

impl Filter {
    /// The filter as words; `from_words` reads them back.
    pub fn to_words(self) -> Words {
        match self {
            Self::Ip4Local { protocol, address, port } => {
                [IP4_LOCAL, u32::from(protocol), address, u32::from(port), 0, 0]
            }
            Self::Ip4Full { protocol, address, port, remote_address, remote_port } => {
                [IP4_FULL, u32::from(protocol), address, u32::from(port), remote_address, u32::from(remote_port)]
            }
            Self::EthernetLocal { mac, vlan } => {
                [ETHERNET_LOCAL, (mac >> 32) as u32, mac as u32, vlan.map_or(ANY_VLAN, u32::from), 0, 0]
            }
            Self::AllMulticast => [ALL_MULTICAST, 0, 0, 0, 0, 0],
        }
    }

    /// The filter that the words say; `None` where they say none.
    pub fn from_words(words: &Words) -> Option<Self> {
        let [kind, a, b, c, d, e] = *words;
        Some(match kind {
            IP4_LOCAL => Self::Ip4Local { protocol: a as u8, address: b, port: c as u16 },
            IP4_FULL => Self::Ip4Full {
                protocol: a as u8,
                address: b,
                port: c as u16,
                remote_address: d,
                remote_port: e as u16,
            },
            ETHERNET_LOCAL => Self::EthernetLocal {
                mac: u64::from(a) << 32 | u64::from(b),
                vlan: (c != ANY_VLAN).then_some(c as u16),
            },
            ALL_MULTICAST => Self::AllMulticast,
            _ => return None,
        })
    }

    /// True if frames of the flow match.
    pub fn matches(&self, flow: &Flow) -> bool {
        match *self {
            Self::Ip4Local { protocol, address, port } => {
                matches!((flow.ipv4(), flow.ports()),
                    (Some((_, to, p)), Some((_, to_port))) if (p, to, to_port) == (protocol, address, port))
            }
            Self::Ip4Full { protocol, address, port, remote_address, remote_port } => {
                flow.ipv4() == Some((remote_address, address, protocol)) && flow.ports() == Some((remote_port, port))
            }
            Self::EthernetLocal { mac, vlan } => flow.mac() == mac && (vlan.is_none() || flow.vlan() == vlan),
            Self::AllMulticast => flow.is_multicast(),
        }
    }

    /// Of the filters that match a unicast frame, the one of the highest rank gets it: the most specific.
    pub fn rank(&self) -> u32 {
        match self {
            Self::Ip4Full { .. } => 5,
            Self::Ip4Local { .. } => 4,
            Self::EthernetLocal { vlan: Some(_), .. } => 3,
            Self::EthernetLocal { vlan: None, .. } => 2,
            Self::AllMulticast => 1,
        }
    }

    /// True if the filter takes multicast frames, which several VIs may have at once.
    pub fn is_multicast(&self) -> bool {
        match *self {
            Self::Ip4Local { address, .. } | Self::Ip4Full { address, .. } => {
                address >> 28 == 0xe || address == u32::MAX
            }
            Self::EthernetLocal { mac, .. } => mac >> 40 & 1 != 0,
            Self::AllMulticast => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::UDP;

    fn all() -> [Filter; 5] {
        [
            Filter::Ip4Full {
                protocol: UDP,
                address: 0xc000_0202,
                port: 9,
                remote_address: 0xc000_0201,
                remote_port: 7,
            },
            Filter::Ip4Local { protocol: UDP, address: 0xc000_0202, port: 9 },
            Filter::EthernetLocal { mac: 0x0200_0000_0002, vlan: Some(5) },
            Filter::EthernetLocal { mac: 0x0200_0000_0002, vlan: None },
            Filter::AllMulticast,
        ]
    }

    #[test]
    fn words_give_the_filter_back() {
        for filter in all() {
            assert_eq!(Filter::from_words(&filter.to_words()), Some(filter));
        }
        assert_eq!(Filter::from_words(&[99, 0, 0, 0, 0, 0]), None);
        assert_eq!(Filter::from_words(&[0; 6]), None);
    }

    #[test]
    fn each_kind_matches_its_fields_and_ranks_by_how_specific_it_is() {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
        frame.extend([0x45, 0, 0, 28, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2, 0, 7, 0, 9, 0, 8, 0, 0]);
        let matching = |frame: &[u8]| -> Vec<usize> {
            let flow = Flow::parse(frame).unwrap();
            (0..5).filter(|&i| all()[i].matches(&flow)).collect()
        };
        assert_eq!(matching(&frame), [0, 1, 3]);
        frame[35] = 8; // another source port
        assert_eq!(matching(&frame), [1, 3]);
        frame[23] = 6; // TCP
        assert_eq!(matching(&frame), [3]);
        frame[0] = 3; // a group address
        assert_eq!(matching(&frame), [4]);
        assert!(all().windows(2).all(|w| w[0].rank() > w[1].rank()));
    }
}
