//! The kernel's functions that programs may call by the numbers that its type information (BTF) gives them.

use once_cell::sync::Lazy;

/// The function that gives the time at which the driver says that a frame came.
const RECEIVE_TIME: &str = "bpf_xdp_metadata_rx_timestamp";

static FOUND: Lazy<Option<i32>> =
    Lazy::new(|| find(&std::fs::read("/sys/kernel/btf/vmlinux").ok()?, RECEIVE_TIME.as_bytes()));

/// Its number; none if the kernel has no such function, or doesn't say.
pub fn receive_time() -> Option<i32> {
    *FOUND
}

const MAGIC: u16 = 0xeb9f;
const FUNCTION: u32 = 12;

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|word| u32::from_ne_bytes(*word))
}

/// The number of a function of that name.
fn find(btf: &[u8], name: &[u8]) -> Option<i32> {
    if btf.first_chunk().map(|magic| u16::from_ne_bytes(*magic)) != Some(MAGIC) {
        return None;
    }
    let part = |offset_at: usize, length_at: usize| {
        let start = word(btf, 4)? as usize + word(btf, offset_at)? as usize;
        btf.get(start..start.checked_add(word(btf, length_at)? as usize)?)
    };
    let (mut types, strings) = (part(8, 12)?, part(16, 20)?);
    // 0 is no type.
    for number in 1.. {
        let (name_at, info) = (word(types, 0)? as usize, word(types, 4)?);
        let (kind, count) = (info >> 24 & 0x1f, info as usize & 0xffff);
        if kind == FUNCTION && strings.get(name_at..)?.split(|byte| *byte == 0).next() == Some(name) {
            return Some(number);
        }
        // What follows depends on the kind: members, parameters, values and the like.
        let more = match kind {
            1 | 14 | 17 => 4,
            3 => 12,
            4 | 5 | 15 | 19 => 12 * count,
            6 | 13 => 8 * count,
            _ => 0,
        };
        types = types.get(12 + more..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let strings = b"\0int\0other\0wanted\0";
        let mut types: Vec<u32> = vec![1, 1 << 24, 4, 0];
        // A structure of two members, a prototype of one parameter, then the functions.
        types.extend([0, 4 << 24 | 2, 8, 1, 1, 0, 1, 1, 32]);
        types.extend([0, 13 << 24 | 1, 1, 0, 1]);
        types.extend([5, 12 << 24, 3]);
        types.extend([11, 12 << 24, 3]);
        let bytes = types.len() as u32 * 4;
        let mut all = MAGIC.to_ne_bytes().to_vec();
        all.extend([1, 0]);
        for number in [24, 0, bytes, bytes, strings.len() as u32].into_iter().chain(types) {
            all.extend(number.to_ne_bytes());
        }
        all.extend(strings);
        all
    }

    #[test]
    fn functions_are_found_by_their_names() {
        assert_eq!(find(&sample(), b"other"), Some(4));
        assert_eq!(find(&sample(), b"wanted"), Some(5));
        assert_eq!(find(&sample(), b"int"), None, "no function");
        assert_eq!(find(&sample(), b"want"), None);
    }

    #[test]
    fn what_is_cut_short_has_none() {
        let sample = sample();
        for length in 0..sample.len() - 1 {
            assert_eq!(find(&sample[..length], b"wanted"), None, "{length}");
        }
        assert_eq!(find(&[0xff; 64], b"wanted"), None);
    }
}
