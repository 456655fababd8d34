//! Whether an echo is the frame that was sent.

use std::fmt;

use examples::frame;
use examples::vlan::Vlan;

/// Bytes of the Ethernet addresses, which are the business of whoever sends a frame on.
const ADDRESSES: usize = 12;

/// What is wrong with an echo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mismatch {
    Length {
        got: usize,
        expected: usize,
    },
    Sequence {
        got: u16,
        expected: u16,
    },
    Byte {
        at: usize,
        got: u8,
        expected: u8,
    },
    /// It was there already.
    Twice,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mismatch::Length { got, expected } => {
                write!(f, "it has {got} bytes and should have {expected}")
            }
            Mismatch::Sequence { got, expected } => {
                write!(
                    f,
                    "its IPv4 identification, the sequence number's low 16 bits, is {got} and should be {expected}"
                )
            }
            Mismatch::Byte { at, got, expected } => {
                write!(f, "byte {at} of the frame is {got:#04x} and should be {expected:#04x}")
            }
            Mismatch::Twice => f.write_str("it, or another frame, arrived after it was complete"),
        }
    }
}

/// Compares a frame that arrived with what should arrive: length, headers, payload. Padding that the adapter added to a
/// short frame is not looked at.
#[inline]
pub fn compare(got: &[u8], expected: &[u8]) -> Result<(), Mismatch> {
    let same =
        frame::is_length_on_wire(got.len(), expected.len()) && got[ADDRESSES..expected.len()] == expected[ADDRESSES..];
    if same { Ok(()) } else { Err(difference(got, expected)) }
}

/// The same of an echo that a socket of the kernel's has sent: what must be right is where it comes from and goes to, the
/// VLAN, the checksums and the payload.
pub fn compare_datagram(got: &[u8], expected: &[u8]) -> Result<(), Mismatch> {
    let length = Mismatch::Length { got: got.len(), expected: expected.len() };
    let (Ok(echo), Ok(sent)) = (frame::read(got), frame::read(expected)) else {
        return Err(length);
    };
    if echo.payload.len() != sent.payload.len() {
        return Err(length);
    }
    // The kernel has priorities of its own.
    let ends = |udp: &frame::UdpFrame<'_>| {
        let frame::Route { source, destination, vlan, .. } = udp.route;
        (source, destination, vlan.map(Vlan::id))
    };
    if ends(&echo) == ends(&sent) && echo.payload == sent.payload { Ok(()) } else { Err(difference(got, expected)) }
}

#[cold]
fn difference(got: &[u8], expected: &[u8]) -> Mismatch {
    let length = Mismatch::Length { got: got.len(), expected: expected.len() };
    if !frame::is_length_on_wire(got.len(), expected.len()) {
        return length;
    }
    let headers = frame::headers_of(expected);
    if let (Some(got), Some(expected)) = (frame::identification(got, headers), frame::identification(expected, headers))
        && got != expected
    {
        return Mismatch::Sequence { got, expected };
    }
    (ADDRESSES..expected.len()).find(|at| got[*at] != expected[*at]).map_or(length, |at| Mismatch::Byte {
        at,
        got: got[at],
        expected: expected[at],
    })
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddrV4};

    use examples::frame::Route;

    use super::*;

    fn frame(length: usize) -> Vec<u8> {
        (0..length).map(|byte| byte as u8).collect()
    }

    #[test]
    fn equal_frames_pass_whatever_their_addresses_and_padding() {
        for length in [42, 43, 60, 64, 1514] {
            let expected = frame(length);
            let mut got = expected.clone();
            got[..ADDRESSES].fill(0xee);
            assert_eq!(compare(&got, &expected), Ok(()));
            got.resize(length.max(60), 0xee);
            assert_eq!(compare(&got, &expected), Ok(()));
        }
    }

    #[test]
    fn of_a_datagram_what_the_kernel_makes_up_does_not_count() {
        let end = |host, port| SocketAddrV4::new(Ipv4Addr::new(192, 0, 2, host), port);
        let route =
            |source| Route { source_mac: [2; 6], destination_mac: [4; 6], source, destination: end(1, 7), vlan: None };
        let datagram = |route: &Route, payload: &[u8], identification| {
            let mut frame = vec![0; route.headers()];
            frame.extend_from_slice(payload);
            frame::write_headers(&mut frame, route, identification);
            frame
        };
        let expected = datagram(&route(end(2, 7)), b"payload", 1);
        assert_eq!(compare_datagram(&datagram(&route(end(2, 7)), b"payload", 9), &expected), Ok(()));
        assert!(compare_datagram(&datagram(&route(end(2, 8)), b"payload", 1), &expected).is_err());
        assert!(compare_datagram(&datagram(&route(end(2, 7)), b"payloaD", 1), &expected).is_err());
        assert!(compare_datagram(&datagram(&route(end(2, 7)), b"payloads", 1), &expected).is_err());
        let mut broken = expected.clone();
        broken[frame::HEADERS] ^= 1;
        assert!(compare_datagram(&broken, &expected).is_err());

        let [plain, tagged, priority, other] = [None, Some("5"), Some("5:3"), Some("6")].map(|vlan| {
            let vlan = vlan.map(|vlan| vlan.parse().unwrap());
            datagram(&Route { vlan, ..route(end(2, 7)) }, b"payload", 1)
        });
        assert_eq!(compare_datagram(&priority, &tagged), Ok(()));
        assert!(compare_datagram(&plain, &tagged).is_err());
        assert!(compare_datagram(&tagged, &plain).is_err());
        assert!(compare_datagram(&other, &tagged).is_err());
    }

    #[test]
    fn each_other_byte_counts() {
        let expected = frame(64);
        for at in ADDRESSES..expected.len() {
            let mut got = expected.clone();
            got[at] ^= 0x40;
            let mismatch = compare(&got, &expected).unwrap_err();
            match mismatch {
                Mismatch::Sequence { .. } => assert!((18..20).contains(&at)),
                other => assert_eq!(other, Mismatch::Byte { at, got: expected[at] ^ 0x40, expected: expected[at] }),
            }
        }
    }

    #[test]
    fn the_length_counts() {
        let expected = frame(64);
        for length in [0, 11, 42, 63, 65] {
            let mismatch = compare(&frame(length), &expected).unwrap_err();
            assert_eq!(mismatch, Mismatch::Length { got: length, expected: 64 });
        }
    }
}
