//! Tunnels that the adapter looks into: VXLAN, Geneve and NVGRE.

use super::UDP;

/// The ports at which the driver tells the adapter to expect each.
const VXLAN: u16 = 4789;
const GENEVE: u16 = 6081;
const GRE: u8 = 47;
/// The EtherType of a whole Ethernet frame.
const BRIDGED: u16 = 0x6558;

/// The Ethernet frame in a tunnel, from what an IP header is followed by.
pub(super) fn inner(protocol: u8, packet: &[u8]) -> Option<&[u8]> {
    let word = |at: usize| Some(u16::from_be_bytes([*packet.get(at)?, *packet.get(at + 1)?]));
    match protocol {
        UDP => match word(2)? {
            VXLAN => packet.get(16..),
            GENEVE if word(10)? == BRIDGED => packet.get(16 + usize::from(packet[8] & 0x3f) * 4..),
            _ => None,
        },
        // With a key, of which the rest is the flow, and nothing else.
        GRE if word(0)? == 0x2000 && word(2)? == BRIDGED => packet.get(8..),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_in_a_tunnel_is_found() {
        let mut vxlan = vec![0, 1, 0x12, 0xb5, 0, 20, 0, 0, 8, 0, 0, 0, 0, 0, 5, 0];
        vxlan.extend([9; 14]);
        assert_eq!(inner(UDP, &vxlan), Some(&[9; 14][..]));
        vxlan[3] ^= 1;
        assert_eq!(inner(UDP, &vxlan), None, "another port");
        let mut geneve = vec![0, 1, 0x17, 0xc1, 0, 20, 0, 0, 1, 0, 0x65, 0x58, 0, 0, 5, 0, 0xaa, 0xaa, 0xaa, 0xaa];
        geneve.extend([9; 14]);
        assert_eq!(inner(UDP, &geneve), Some(&[9; 14][..]), "behind the options");
        let mut nvgre = vec![0x20, 0, 0x65, 0x58, 0, 0, 5, 0];
        nvgre.extend([9; 14]);
        assert_eq!(inner(GRE, &nvgre), Some(&[9; 14][..]));
        for length in 0..8 {
            inner(UDP, &vxlan[..length]);
            inner(UDP, &geneve[..length]);
            assert_eq!(inner(GRE, &nvgre[..length]), None);
        }
    }
}
