//! Frames that can be told from each other, and from damaged ones.

use efvi::{Buffer, TooLong};
use examples::frame::{self, HEADERS, Route};

/// Bytes of a frame: enough to be cut through, and to lose an end.
const SHORTEST: usize = 80;
/// In place of a number: the sender has sent all.
pub const END: u64 = u64::MAX;

/// Fills a buffer with the frame of a number: its length and payload follow from that.
pub fn fill(buffer: &mut Buffer, number: u64, route: &Route) -> Result<(), TooLong> {
    buffer.set_len(length_of(number))?;
    buffer[HEADERS..HEADERS + 8].copy_from_slice(&number.to_le_bytes());
    for (at, byte) in buffer[HEADERS + 8..].iter_mut().enumerate() {
        *byte = pattern(number, at);
    }
    frame::write_headers(buffer, route, number as u16);
    Ok(())
}

fn length_of(number: u64) -> usize {
    SHORTEST + (number % 61) as usize * 3
}

fn pattern(number: u64, at: usize) -> u8 {
    (number as u8).wrapping_mul(31).wrapping_add(at as u8)
}

/// The number of a frame that is as it was sent.
pub fn number_of(frame: &[u8]) -> Option<u64> {
    let payload = frame.get(HEADERS..)?;
    let (number, rest) = payload.split_first_chunk::<8>()?;
    let number = u64::from_le_bytes(*number);
    let whole =
        frame.len() == length_of(number) && rest.iter().enumerate().all(|(at, byte)| *byte == pattern(number, at));
    whole.then_some(number)
}
