//! The checksums of a frame's headers: what an adapter fills in on a send by DMA, for the sends on which none does.
//!
//! Sends by CTPIO, and all sends of an X3 or of X4's express datapath, go out as they are: [`fill`] the frame first. An
//! adapter checks what it receives; [`is_correct`] is for frames that came another way.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use efvi::checksum;
//!
//! // Ethernet, IPv4, UDP and four bytes, without checksums.
//! let mut frame = [0_u8; 14 + 20 + 8 + 4];
//! frame[12..14].copy_from_slice(&[0x08, 0x00]);
//! frame[14..18].copy_from_slice(&[0x45, 0, 0, 20 + 8 + 4]);
//! frame[22..24].copy_from_slice(&[64, 17]);
//! frame[26..34].copy_from_slice(&[192, 0, 2, 1, 192, 0, 2, 2]);
//! frame[34..40].copy_from_slice(&[0x1b, 0x58, 0x1b, 0x59, 0, 8 + 4]);
//! frame[42..].copy_from_slice(b"ping");
//!
//! checksum::fill(&mut frame)?;
//! assert!(checksum::is_correct(&frame)?);
//! frame[45] ^= 1;
//! assert!(!checksum::is_correct(&frame)?);
//! # Ok(())
//! # }
//! ```
//!
//! # Cost
//! One pass over the frame, in the library. Of a frame that changes little from send to send, fill in a template, and
//! account for the change yourself (RFC 1624).

use core::ffi::c_int;
use core::ops::Range;

/// Why a frame has no checksums that can be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChecksumError {
    /// It is neither IPv4 nor IPv6, and has no checksum but its frame check sequence.
    #[error("the frame is not of IP (Ethernet type {0:#06x}); there is nothing to compute")]
    NotIp(u16),
    /// What it carries is none of TCP, UDP and ICMPv6.
    #[error("IP protocol {0} is none of TCP (6), UDP (17) and, over IPv6, ICMPv6 (58); compute its checksum yourself")]
    Protocol(u8),
    /// It is a part of a packet: the checksum is of the whole.
    #[error("the frame is a fragment of an IP packet; compute the checksum of the whole before it is cut")]
    Fragment,
    /// It is shorter than its headers say, or they are not headers.
    #[error("the {0} header does not fit the frame of which it is; check the lengths that it has")]
    Malformed(&'static str),
}

/// Fills in the checksums of an Ethernet frame, whatever was there: of the header of IPv4 (`ef_ip_checksum`), and of UDP,
/// TCP or, over IPv6, ICMPv6 (`ef_udp_checksum_ipx`, `ef_tcp_checksum_ipx`, `ef_icmpv6_checksum`; `ef_udp_checksum`,
/// `ef_udp_checksum_ip6`, `ef_tcp_checksum` and `ef_tcp_checksum_ip6` are the same for one version of IP). VLAN tags are
/// looked over, as is what pads the frame.
///
/// # Errors
/// [`ChecksumError`]: there is none to fill in. The frame is as it was then.
pub fn fill(frame: &mut [u8]) -> Result<(), ChecksumError> {
    let layout = Layout::of(frame)?;
    if let Some(header) = &layout.header {
        let checksum = header_checksum(&frame[header.clone()]);
        frame[header.start + 10..][..2].copy_from_slice(&checksum);
    }
    let checksum = layout.transport_checksum(frame);
    frame[layout.checksum_at()].copy_from_slice(&checksum);
    Ok(())
}

/// Whether the checksums of an Ethernet frame are those that [`fill`] fills in. Over IPv4 a UDP checksum of 0 stands for
/// none, and is correct. (In C it is a call for each protocol, since Onload 8.1.3: `ef_udp_checksum_is_correct`,
/// `ef_udp_checksum_ip6_is_correct`, `ef_udp_checksum_ipx_is_correct`, `ef_tcp_checksum_is_correct`,
/// `ef_tcp_checksum_ip6_is_correct`, `ef_tcp_checksum_ipx_is_correct`; none looks at the header of IPv4.)
///
/// # Errors
/// [`ChecksumError`]: there is none to compare.
pub fn is_correct(frame: &[u8]) -> Result<bool, ChecksumError> {
    let layout = Layout::of(frame)?;
    if let Some(header) = &layout.header
        && !same(&frame[header.start + 10..][..2], header_checksum(&frame[header.clone()]))
    {
        return Ok(false);
    }
    let checksum = &frame[layout.checksum_at()];
    if layout.transport == Transport::Udp && checksum == [0, 0] {
        return Ok(layout.header.is_some());
    }
    Ok(same(checksum, layout.transport_checksum(frame)))
}

/// Whether two checksums stand for the same: there are two ways to write 0.
fn same(a: &[u8], b: [u8; 2]) -> bool {
    let zero = |sum: &[u8]| sum == [0, 0] || sum == [0xff, 0xff];
    a == b || zero(a) && zero(&b)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Transport {
    Tcp,
    Udp,
    Icmpv6,
}

/// The parts of a packet: the header if it has a checksum, the protocol, and the rest.
type Parts = (Option<Range<usize>>, u8, Range<usize>);

/// Where things lie in a frame, as its own headers say, and as it has room for.
struct Layout {
    /// IPv4's header, which has a checksum.
    header: Option<Range<usize>>,
    /// Where IP begins.
    ip: usize,
    /// The transport's header and payload.
    body: Range<usize>,
    transport: Transport,
    /// How long the transport's header is.
    header_length: usize,
}

impl Layout {
    fn of(frame: &[u8]) -> Result<Layout, ChecksumError> {
        let word = |at: usize| Some(u16::from_be_bytes([*frame.get(at)?, *frame.get(at + 1)?]));
        let mut at = 12;
        let mut kind = word(at).ok_or(ChecksumError::Malformed("Ethernet"))?;
        while let 0x8100 | 0x88a8 = kind {
            at += 4;
            kind = word(at).ok_or(ChecksumError::Malformed("VLAN"))?;
        }
        let ip = at + 2;
        let (header, protocol, body) = match kind {
            0x0800 => Self::ipv4(&frame[ip..])?,
            0x86dd => Self::ipv6(&frame[ip..])?,
            other => return Err(ChecksumError::NotIp(other)),
        };
        let (header, body) = (header.map(|header| ip + header.start..ip + header.end), ip + body.start..ip + body.end);
        let bytes = &frame[body.clone()];
        let (transport, header_length, length) = match protocol {
            6 => {
                let length = bytes.get(12).map_or(0, |offset| usize::from(offset >> 4) * 4);
                let fits = (20..=bytes.len()).contains(&length);
                (Transport::Tcp, length, fits.then_some(bytes.len()).ok_or(ChecksumError::Malformed("TCP"))?)
            }
            17 => {
                let length = word(body.start + 4).map_or(0, usize::from);
                let fits = (8..=bytes.len()).contains(&length);
                (Transport::Udp, 8, fits.then_some(length).ok_or(ChecksumError::Malformed("UDP"))?)
            }
            58 if header.is_none() => {
                let length = bytes.len();
                (Transport::Icmpv6, 4, (length >= 4).then_some(length).ok_or(ChecksumError::Malformed("ICMPv6"))?)
            }
            other => return Err(ChecksumError::Protocol(other)),
        };
        Ok(Layout { header, ip, body: body.start..body.start + length, transport, header_length })
    }

    fn ipv4(packet: &[u8]) -> Result<Parts, ChecksumError> {
        let malformed = ChecksumError::Malformed("IPv4");
        let [first, _, high, low, _, _, fragment, offset, _, protocol, ..] = *packet else { return Err(malformed) };
        let (header, total) = (usize::from(first & 15) * 4, usize::from(u16::from_be_bytes([high, low])));
        if first >> 4 != 4 || header < 20 || total < header || packet.len() < total {
            return Err(malformed);
        }
        // Anything but the flag not to fragment.
        if (fragment & 0x3f, offset) != (0, 0) {
            return Err(ChecksumError::Fragment);
        }
        Ok((Some(0..header), protocol, header..total))
    }

    fn ipv6(packet: &[u8]) -> Result<Parts, ChecksumError> {
        const HEADER: usize = 40;
        const FRAGMENT: u8 = 44;
        let malformed = ChecksumError::Malformed("IPv6");
        let [first, _, _, _, high, low, protocol, ..] = *packet else { return Err(malformed) };
        let total = HEADER + usize::from(u16::from_be_bytes([high, low]));
        if first >> 4 != 6 || packet.len() < total {
            return Err(malformed);
        }
        if protocol == FRAGMENT {
            return Err(ChecksumError::Fragment);
        }
        Ok((None, protocol, HEADER..total))
    }

    /// Where the transport's checksum lies.
    fn checksum_at(&self) -> Range<usize> {
        let start = self.body.start
            + match self.transport {
                Transport::Tcp => 16,
                Transport::Udp => 6,
                Transport::Icmpv6 => 2,
            };
        start..start + 2
    }

    fn transport_checksum(&self, frame: &[u8]) -> [u8; 2] {
        let family = if self.header.is_some() { libc::AF_INET } else { libc::AF_INET6 };
        let ip = frame[self.ip..].as_ptr();
        let (header, payload) = frame[self.body.clone()].split_at(self.header_length);
        let pieces = libc::iovec { iov_base: payload.as_ptr().cast_mut().cast(), iov_len: payload.len() };
        let (pieces, count): (*const libc::iovec, c_int) = (&raw const pieces, 1);
        // SAFETY: `of` has seen that the headers are of these kinds and whole, with what follows them as long as they say;
        // they and the payload are only read. The library takes them as they lie in a frame.
        let checksum = unsafe {
            match self.transport {
                Transport::Tcp => {
                    efvi_sys::ef_tcp_checksum_ipx(family, ip.cast(), header.as_ptr().cast(), pieces, count)
                }
                Transport::Udp => {
                    efvi_sys::ef_udp_checksum_ipx(family, ip.cast(), header.as_ptr().cast(), pieces, count)
                }
                Transport::Icmpv6 => efvi_sys::ef_icmpv6_checksum(ip.cast(), header.as_ptr().cast(), pieces, count),
            }
        };
        // As it lies in the header.
        (checksum as u16).to_ne_bytes()
    }
}

/// The checksum of a header of IPv4, which is as long as it says.
fn header_checksum(header: &[u8]) -> [u8; 2] {
    // SAFETY: the header is whole, and only read.
    let checksum = unsafe { efvi_sys::ef_ip_checksum(header.as_ptr().cast()) };
    (checksum as u16).to_ne_bytes()
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// The internet checksum of bytes, big-endian: RFC 1071 as it is written.
    fn reference(pieces: &[&[u8]]) -> u16 {
        let bytes = pieces.concat();
        let words = bytes.chunks(2).map(|word| u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0)));
        let mut sum: u32 = words.sum();
        while sum > 0xffff {
            sum = (sum >> 16) + (sum & 0xffff);
        }
        !(sum as u16)
    }

    /// A frame with wrong checksums, and what those should be: of the header, and of the body.
    fn frame(version: u8, protocol: u8, payload: &[u8], tags: usize, options: usize) -> (Vec<u8>, Option<u16>, u16) {
        let mut body = match protocol {
            6 => {
                let mut tcp = std::vec![0x11; 20 + options];
                tcp[12] = (((20 + options) / 4) << 4) as u8;
                tcp
            }
            17 => [&[1, 2, 3, 4][..], &(8 + payload.len() as u16).to_be_bytes(), &[0x11; 2]].concat(),
            _ => std::vec![128, 0, 0x11, 0x11],
        };
        let at = match protocol {
            6 => 16,
            17 => 6,
            _ => 2,
        };
        body.extend(payload);
        let length = body.len() as u16;
        let (header, addresses) = if version == 4 {
            let mut header = std::vec![0x22_u8; 20 + options];
            header[0] = 0x40 | ((20 + options) / 4) as u8;
            header[2..4].copy_from_slice(&((20 + options) as u16 + length).to_be_bytes());
            (header[6], header[7], header[9]) = (0x40, 0, protocol);
            let addresses = header[12..20].to_vec();
            (header, addresses)
        } else {
            let mut header = std::vec![0x33_u8; 40];
            header[0] = 0x60;
            header[4..6].copy_from_slice(&length.to_be_bytes());
            header[6] = protocol;
            let addresses = header[8..40].to_vec();
            (header, addresses)
        };
        let mut cleared = body.clone();
        cleared[at..at + 2].fill(0);
        let expected = reference(&[&addresses, &[0, protocol], &length.to_be_bytes(), &cleared]);
        let of_header = (version == 4).then(|| reference(&[&header[..10], &header[12..]]));
        let kind: &[u8] = if version == 4 { &[0x08, 0x00] } else { &[0x86, 0xdd] };
        let mut frame = std::vec![9; 12];
        frame.extend([0x81, 0, 0, 5].repeat(tags));
        frame.extend_from_slice(kind);
        frame.extend(header);
        frame.extend(body);
        (frame, of_header, if protocol == 17 && expected == 0 { 0xffff } else { expected })
    }

    #[test]
    fn checksums_are_those_of_the_rfc() {
        for (version, protocols) in [(4, &[6, 17][..]), (6, &[6, 17, 58])] {
            for protocol in protocols {
                for length in [0, 1, 2, 17, 100, 1001] {
                    for (tags, options, padding) in [(0, 0, 0), (1, 12, 9), (2, 40, 1)] {
                        let payload: Vec<u8> = (0..length).map(|at| (at * 31 + length) as u8).collect();
                        let (mut bytes, of_header, of_body) = frame(version, *protocol, &payload, tags, options);
                        bytes.extend(std::vec![0xa5; padding]);
                        let what = (version, protocol, length, tags);
                        assert_eq!(is_correct(&bytes), Ok(false), "{what:?}");
                        fill(&mut bytes).unwrap();
                        let layout = Layout::of(&bytes).unwrap();
                        assert_eq!(bytes[layout.checksum_at()], of_body.to_be_bytes(), "{what:?}");
                        if let Some(expected) = of_header {
                            let start = layout.header.as_ref().unwrap().start;
                            assert_eq!(bytes[start + 10..][..2], expected.to_be_bytes(), "{what:?}");
                        }
                        assert_eq!(is_correct(&bytes), Ok(true), "{what:?}");
                        let last = layout.body.end - 1;
                        bytes[last] ^= 0x10;
                        assert_eq!(is_correct(&bytes), Ok(false), "{what:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_udp_checksum_of_zero_is_none_over_ipv4_and_wrong_over_ipv6() {
        for (version, expected) in [(4, true), (6, false)] {
            let (mut bytes, ..) = frame(version, 17, b"payload", 0, 0);
            fill(&mut bytes).unwrap();
            let at = Layout::of(&bytes).unwrap().checksum_at();
            bytes[at].fill(0);
            assert_eq!(is_correct(&bytes), Ok(expected));
        }
    }

    #[test]
    fn what_has_no_checksums_is_an_error_and_stays_as_it_is() {
        let good = frame(4, 17, b"payload", 0, 0).0;
        let with = |at: usize, value: u8| {
            let mut bytes = good.clone();
            bytes[at] = value;
            bytes
        };
        for (mut bytes, expected) in [
            (with(12, 0x88), ChecksumError::NotIp(0x8800)),
            (with(23, 1), ChecksumError::Protocol(1)),
            (with(20, 0x20), ChecksumError::Fragment),
            (with(21, 1), ChecksumError::Fragment),
            (with(14, 0x65), ChecksumError::Malformed("IPv4")),
            (with(14, 0x44), ChecksumError::Malformed("IPv4")),
            (with(16, 0xff), ChecksumError::Malformed("IPv4")),
            (with(38, 0xff), ChecksumError::Malformed("UDP")),
            (with(39, 7), ChecksumError::Malformed("UDP")),
        ] {
            let before = bytes.clone();
            assert_eq!(fill(&mut bytes), Err(expected));
            assert_eq!(is_correct(&bytes), Err(expected));
            assert_eq!(bytes, before);
        }
        // Cut short anywhere, or damaged anywhere, it is an error or computed; it is never read beyond its end.
        for (version, protocol) in [(4, 6), (4, 17), (6, 6), (6, 17), (6, 58)] {
            let whole = frame(version, protocol, b"payload", 1, 4).0;
            for length in 0..whole.len() {
                fill(&mut whole[..length].to_vec()).unwrap_err();
            }
            for at in 12..whole.len() {
                for bit in 0..8 {
                    let mut damaged = whole.clone();
                    damaged[at] ^= 1 << bit;
                    fill(&mut damaged).ok();
                }
            }
        }
    }
}
