//! The contents of measured frames: a pattern of session, run and sequence number, so that no frame is mistaken for
//! another, and no byte can change, move or stay behind unnoticed.

use super::protocol::MARK;

/// The pattern of one run.
#[derive(Debug, Clone, Copy)]
pub struct Pattern {
    seed: u64,
}

impl Pattern {
    pub fn new(session: u64, run: u32) -> Pattern {
        Pattern { seed: mix(mix(session.wrapping_add(STEP)).wrapping_add(u64::from(run))) }
    }

    /// Fills the payload of the frame with this sequence number.
    pub fn fill(&self, sequence: u64, payload: &mut [u8]) {
        let mut state = mix(self.seed.wrapping_add(sequence));
        for chunk in payload.chunks_mut(8) {
            state = state.wrapping_add(STEP);
            chunk.copy_from_slice(&mix(state).to_le_bytes()[..chunk.len()]);
        }
        // Tells measured frames from control messages, whose first byte has the top bit set.
        if let Some(first) = payload.first_mut() {
            *first &= !0x80;
        }
    }

    /// IPv4 identification of the frame with this sequence number: what numbers a frame without payload.
    pub fn identification(sequence: u64) -> u16 {
        sequence as u16
    }
}

const _: () = assert!(MARK & 0x80 != 0);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A bijection in which every input bit moves every output bit (the finaliser of SplitMix64).
fn mix(mut value: u64) -> u64 {
    value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn payload(session: u64, run: u32, sequence: u64, length: usize) -> Vec<u8> {
        let mut payload = vec![0xff; length];
        Pattern::new(session, run).fill(sequence, &mut payload);
        payload
    }

    #[test]
    fn session_run_and_sequence_all_count() {
        let mut seen = HashSet::new();
        for session in 0..4 {
            for run in 0..4 {
                for sequence in 0..1000 {
                    assert!(seen.insert(payload(session, run, sequence, 22)));
                }
            }
        }
    }

    #[test]
    fn it_is_the_same_each_time_and_a_prefix_of_longer_ones() {
        let long = payload(1, 2, 3, 1472);
        for length in [0, 1, 7, 8, 9, 22, 1471] {
            assert_eq!(payload(1, 2, 3, length), long[..length]);
        }
    }

    #[test]
    fn it_never_looks_like_a_control_message() {
        for sequence in 0..10_000 {
            assert_ne!(payload(9, 0, sequence, 1)[0], MARK);
        }
    }
}
