//! Messages: a number, and behind it a pattern that goes with it, so that none is taken for another.

use anyhow::{Result, bail};

use super::super::pattern::Pattern;

/// The shortest message: its number.
pub const SHORTEST: usize = 8;

/// Writes the message of that number.
pub fn write(pattern: &Pattern, number: u64, message: &mut [u8]) {
    let (head, rest) = message.split_at_mut(SHORTEST);
    head.copy_from_slice(&number.to_le_bytes());
    pattern.fill(number, rest);
}

/// The number of a message that has come, of which every byte is checked. `scratch` is of a message's length.
pub fn read(pattern: &Pattern, message: &[u8], scratch: &mut [u8]) -> Result<u64> {
    if message.len() != scratch.len() {
        bail!("a message of {} bytes came back as one of {}", scratch.len(), message.len());
    }
    let Some(head) = message.first_chunk() else { bail!("a message without a number") };
    let number = u64::from_le_bytes(*head);
    write(pattern, number, scratch);
    if message != scratch {
        bail!("message {number} came back with other contents");
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_message_counts() {
        let pattern = Pattern::new(1, 2);
        for length in [SHORTEST, 22, 1472] {
            let mut message = vec![0; length];
            write(&pattern, 0x1234_5678, &mut message);
            assert_eq!(read(&pattern, &message, &mut vec![0; length]).unwrap(), 0x1234_5678);
            assert!(read(&pattern, &message, &mut vec![0; length + 1]).is_err());
            for at in SHORTEST..length {
                let mut other = message.clone();
                other[at] ^= 1;
                assert!(read(&pattern, &other, &mut vec![0; length]).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn what_has_no_number_is_none() {
        assert!(read(&Pattern::new(1, 2), &[1, 2], &mut [0; 2]).is_err());
    }
}
