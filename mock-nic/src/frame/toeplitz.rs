//! The Toeplitz hash by which a set of VIs spreads flows.

use super::{ETHERTYPE_IPV4, ETHERTYPE_IPV6, Flow};

/// The key that the driver gives the adapter: two bytes over and over, so that both directions of a flow have one hash.
const KEY: u16 = 0x6d5a;

/// The hash of a flow: over the addresses and ports of TCP and UDP, over the addresses of other IP packets, and 0 of
/// what is not IP.
pub fn hash(flow: &Flow) -> u32 {
    let (source, destination) = flow.addresses();
    let mut input = Input { hash: 0, at: 0 };
    match flow.ethertype() {
        ETHERTYPE_IPV4 => {
            input.take(&(source as u32).to_be_bytes());
            input.take(&(destination as u32).to_be_bytes());
        }
        ETHERTYPE_IPV6 => {
            input.take(&source.to_be_bytes());
            input.take(&destination.to_be_bytes());
        }
        _ => return 0,
    }
    if let Some((from, to)) = flow.ports() {
        input.take(&from.to_be_bytes());
        input.take(&to.to_be_bytes());
    }
    input.hash
}

struct Input {
    hash: u32,
    /// Bits taken so far.
    at: u32,
}

impl Input {
    fn take(&mut self, bytes: &[u8]) {
        // The key's 32 bits from any place on, as it repeats every 16.
        let key = u32::from(KEY) << 16 | u32::from(KEY);
        for byte in bytes {
            for bit in (0..8).rev() {
                if byte >> bit & 1 != 0 {
                    self.hash ^= key.rotate_left(self.at % 16);
                }
                self.at += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::datagram;

    fn of(frame: &[u8]) -> u32 {
        hash(&Flow::parse(frame).unwrap())
    }

    #[test]
    fn the_hash_is_the_sum_of_the_key_at_each_bit() {
        // Worked out by hand for a frame of which two bits are set: bit 31 of the input, and bit 95.
        let mut frame = datagram();
        frame[26..38].fill(0);
        assert_eq!(of(&frame), 0);
        frame[29] = 1;
        assert_eq!(of(&frame), 0x36ad_36ad, "the key from bit 31 on");
        frame[37] = 1;
        assert_eq!(of(&frame), 0, "and, the same, from bit 95 on");
        frame[37] = 2;
        assert_eq!(of(&frame), 0x36ad_36ad ^ 0x9b56_9b56);
    }

    #[test]
    fn both_directions_of_a_flow_have_one_hash() {
        let there = datagram();
        let mut back = there.clone();
        back[26..30].copy_from_slice(&there[30..34]);
        back[30..34].copy_from_slice(&there[26..30]);
        back[34..36].copy_from_slice(&there[36..38]);
        back[36..38].copy_from_slice(&there[34..36]);
        assert_ne!(Flow::parse(&there), Flow::parse(&back));
        assert_eq!(of(&there), of(&back));
        let mut other = there.clone();
        other[37] ^= 1;
        assert_ne!(of(&there), of(&other));
        other[23] = 1;
        assert_eq!(
            of(&other),
            of(&{
                let mut ports = other.clone();
                ports[34..38].fill(9);
                ports
            }),
            "ports are those of TCP and UDP"
        );
    }
}
