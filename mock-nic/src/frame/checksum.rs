//! Checksums: filled in on the way out, checked on the way in.

use super::{ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_VLAN, TCP, UDP, tunnel};

/// Where a packet's checksums are, and over what they are taken.
struct Layout {
    /// IPv4's header; empty for IPv6, whose header has no checksum.
    ip: usize,
    ip_length: usize,
    /// Both IP addresses.
    addresses: usize,
    transport: usize,
    end: usize,
    /// Offset of the transport checksum: none in fragments, other protocols and datagrams cut short.
    checksum: Option<usize>,
    protocol: u8,
}

#[inline(always)]
fn layout(frame: &[u8]) -> Option<Layout> {
    let ip = match u16::from_be_bytes([*frame.get(12)?, *frame.get(13)?]) {
        ETHERTYPE_IPV4 => 14,
        ETHERTYPE_VLAN if u16::from_be_bytes([*frame.get(16)?, *frame.get(17)?]) == ETHERTYPE_IPV4 => 18,
        ETHERTYPE_IPV6 => return layout_ipv6(frame, 14),
        ETHERTYPE_VLAN if u16::from_be_bytes([frame[16], frame[17]]) == ETHERTYPE_IPV6 => {
            return layout_ipv6(frame, 18);
        }
        _ => return None,
    };
    let header = frame.get(ip..ip + 20)?;
    let ip_length = usize::from(header[0] & 0xf) * 4;
    let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
    if header[0] >> 4 != 4 || ip_length < 20 || total < ip_length || ip + total > frame.len() {
        return None;
    }
    let (transport, end, protocol) = (ip + ip_length, ip + total, header[9]);
    let whole = u16::from_be_bytes([header[6], header[7]]) & 0x3fff == 0;
    let checksum = if whole { checksum_at(protocol, transport, end) } else { None };
    Some(Layout { ip, ip_length, addresses: ip + 12, transport, end, checksum, protocol })
}

#[cold]
fn layout_ipv6(frame: &[u8], ip: usize) -> Option<Layout> {
    let header = frame.get(ip..ip + 40)?;
    let (transport, protocol) = (ip + 40, header[6]);
    let end = transport + usize::from(u16::from_be_bytes([header[4], header[5]]));
    if header[0] >> 4 != 6 || end > frame.len() {
        return None;
    }
    let checksum = checksum_at(protocol, transport, end);
    Some(Layout { ip, ip_length: 0, addresses: ip + 8, transport, end, checksum, protocol })
}

#[inline]
fn checksum_at(protocol: u8, transport: usize, end: usize) -> Option<usize> {
    match protocol {
        UDP if end - transport >= 8 => Some(transport + 6),
        TCP if end - transport >= 20 => Some(transport + 16),
        _ => None,
    }
}

/// The one's complement sum of `bytes` in 64-bit words of this machine's byte order. Such a sum may be taken over wide
/// words and folded later, and comes out byte-swapped on a machine of the other byte order.
#[inline]
fn sum(mut bytes: &[u8]) -> u64 {
    let mut total = 0;
    while let Some((word, rest)) = bytes.split_first_chunk::<8>() {
        total = add(total, u64::from_ne_bytes(*word));
        bytes = rest;
    }
    if let Some((word, rest)) = bytes.split_first_chunk::<4>() {
        total = add(total, u32::from_ne_bytes(*word).into());
        bytes = rest;
    }
    if let Some((word, rest)) = bytes.split_first_chunk::<2>() {
        total = add(total, u16::from_ne_bytes(*word).into());
        bytes = rest;
    }
    if let [byte] = bytes {
        total = add(total, u16::from_ne_bytes([*byte, 0]).into());
    }
    total
}

/// The one's complement sum of two: what is carried out comes in again.
#[inline]
fn add(a: u64, b: u64) -> u64 {
    let (total, carry) = a.overflowing_add(b);
    total + u64::from(carry)
}

/// A sum's 16 bits, in this machine's byte order.
#[inline]
fn fold(total: u64) -> u16 {
    let total = (total >> 32) + (total & 0xffff_ffff);
    let total = (total >> 32) + (total & 0xffff_ffff);
    let total = (total >> 16) + (total & 0xffff);
    ((total >> 16) + (total & 0xffff)) as u16
}

#[inline]
fn pseudo_header(frame: &[u8], at: &Layout) -> u64 {
    let length = (at.end - at.transport) as u16;
    // The addresses end where the transport header begins, but for IPv4's options.
    let length_of_addresses = if at.ip_length == 0 { 32 } else { 8 };
    add(
        sum(&frame[at.addresses..at.addresses + length_of_addresses]),
        u64::from(u16::from(at.protocol).to_be()) + u64::from(length.to_be()),
    )
}

/// True of a packet of TCP or UDP whose checksum is left to an adapter: the sum of its pseudo-header stands there, as the
/// kernel leaves it. Of the packets that are whole one in 65536 looks the same by chance.
#[inline]
pub fn is_checksum_open(frame: &[u8]) -> bool {
    let Some(at) = layout(frame) else { return false };
    at.checksum.is_some_and(|offset| {
        let there = u16::from_ne_bytes([frame[offset], frame[offset + 1]]);
        there != 0 && there == fold(pseudo_header(frame, &at))
    })
}

/// Checksums to be filled in. Small enough to be passed in a register: it is made and used within a few instructions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checksums {
    ip: Patch,
    transport: Patch,
}

/// Two bytes to be written at a place in a frame; at 0, where no checksum is, for none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Patch {
    at: u16,
    value: u16,
}

impl Patch {
    #[inline]
    unsafe fn write(self, to: *mut u8) {
        if self.at != 0 {
            // SAFETY: the caller's promise: the place lies within the frame at `to`.
            unsafe { to.add(self.at.into()).cast::<u16>().write_unaligned(self.value) };
        }
    }
}

impl Checksums {
    /// The checksums that the adapter fills in on a frame's way out by DMA. Frames that are not IP, or whose lengths
    /// don't add up, have none.
    ///
    /// What stands in their places now is taken out of the sums: the frame is read where the application has it, and
    /// not changed.
    #[inline]
    pub fn of(frame: &[u8], ip: bool, transport: bool) -> Self {
        let mut found = Self::default();
        let Some(at) = layout(frame) else {
            return found;
        };
        let without = |offset: usize| u64::from(!u16::from_ne_bytes([frame[offset], frame[offset + 1]]));
        if ip && at.ip_length != 0 {
            let total = add(sum(&frame[at.ip..at.ip + at.ip_length]), without(at.ip + 10));
            found.ip = Patch { at: (at.ip + 10) as u16, value: !fold(total) };
        }
        if transport && let Some(offset) = at.checksum {
            let total = add(add(sum(&frame[at.transport..at.end]), without(offset)), pseudo_header(frame, &at));
            let value = match !fold(total) {
                // In UDP a sum of 0 would read as "no checksum".
                0 if at.protocol == UDP => 0xffff,
                value => value,
            };
            found.transport = Patch { at: offset as u16, value };
        }
        found
    }

    /// Writes the checksums into the frame at `to`.
    ///
    /// # Safety
    /// `to` has room for the frame that they were made for.
    #[inline]
    pub unsafe fn write(&self, to: *mut u8) {
        // SAFETY: the caller's promise.
        unsafe {
            self.ip.write(to);
            self.transport.write(to);
        }
    }
}

/// What the adapter finds when it checks a received frame's checksums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The IPv4 header's checksum is wrong.
    pub ip_bad: bool,
    /// The TCP or UDP checksum is wrong.
    pub transport_bad: bool,
    /// The same of the packet in a tunnel.
    pub inner_ip_bad: bool,
    /// The same of the packet in a tunnel.
    pub inner_transport_bad: bool,
    /// The frame says that it is longer than it is.
    pub cut_short: bool,
}

/// Checks an IP frame's checksums, and those of the frame in a tunnel. What is not IP has none to be wrong, but may have
/// its length where others have the EtherType.
#[inline]
pub fn verify_checksums(frame: &[u8]) -> Verdict {
    let Some(at) = layout(frame) else {
        return Verdict { cut_short: is_cut_short(frame), ..Verdict::default() };
    };
    let (ip_bad, transport_bad) = wrong(frame, &at);
    let mut verdict = Verdict { ip_bad, transport_bad, ..Verdict::default() };
    if let Some(inner) = tunnel::inner(at.protocol, &frame[at.transport..at.end])
        && let Some(at) = layout(inner)
    {
        (verdict.inner_ip_bad, verdict.inner_transport_bad) = wrong(inner, &at);
    }
    verdict
}

#[inline]
fn wrong(frame: &[u8], at: &Layout) -> (bool, bool) {
    let ip_bad = at.ip_length != 0 && fold(sum(&frame[at.ip..at.ip + at.ip_length])) != 0xffff;
    let transport_bad = at.checksum.is_some_and(|offset| {
        // UDP over IPv4 may do without.
        let none = at.protocol == UDP && at.ip_length != 0 && frame[offset..offset + 2] == [0, 0];
        !none && fold(add(sum(&frame[at.transport..at.end]), pseudo_header(frame, at))) != 0xffff
    });
    (ip_bad, transport_bad)
}

/// True of a frame with a length (IEEE 802.3) of more than it holds.
#[inline]
fn is_cut_short(frame: &[u8]) -> bool {
    let length = frame.get(12..14).map_or(0, |field| usize::from(u16::from_be_bytes([field[0], field[1]])));
    length <= 1500 && length + 14 > frame.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::datagram;

    fn insert_checksums(frame: &mut [u8], ip: bool, transport: bool) {
        // SAFETY: made for this frame.
        unsafe { Checksums::of(frame, ip, transport).write(frame.as_mut_ptr()) };
    }

    #[test]
    fn checksums_are_those_of_rfc_1071() {
        let mut frame = datagram();
        insert_checksums(&mut frame, true, true);
        // 4500+001f+0001+4011+c000+0201+c000+0202 = 20934; folded 0936; complement f6c9.
        assert_eq!(frame[24..26], [0xf6, 0xc9]);
        // c000+0201+c000+0202+0011+000b + 0007+0009+000b+6162+6300 = 24895... folded and complemented:
        let total: u32 = 0xc000 + 0x201 + 0xc000 + 0x202 + 0x11 + 0xb + 7 + 9 + 0xb + 0x6162 + 0x6300;
        let folded = !((total & 0xffff) + (total >> 16)) as u16;
        assert_eq!(frame[40..42], folded.to_be_bytes());
        assert_eq!(verify_checksums(&frame), Verdict::default());
    }

    #[test]
    fn what_stood_in_the_checksums_places_does_not_matter() {
        let mut expected = datagram();
        insert_checksums(&mut expected, true, true);
        for junk in [0, 1, 0x55, 0x80, 0xff] {
            let mut frame = datagram();
            for at in [24, 25, 40, 41] {
                frame[at] = junk;
            }
            insert_checksums(&mut frame, true, true);
            assert_eq!(frame, expected);
        }
    }

    #[test]
    fn every_flipped_bit_of_a_datagram_is_found() {
        let mut frame = datagram();
        insert_checksums(&mut frame, true, true);
        for byte in 34..frame.len() {
            // A length that no longer fits the datagram hides the rest; the two are not under test here.
            if (38..40).contains(&byte) {
                continue;
            }
            frame[byte] ^= 4;
            assert!(verify_checksums(&frame).transport_bad, "byte {byte}");
            frame[byte] ^= 4;
        }
    }

    /// UDP over IPv6 from 2000::1 to 2000::2; the checksum worked out by hand.
    #[test]
    fn ipv6_has_a_transport_checksum_and_no_other() {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 10, UDP, 64];
        for last in [1, 2] {
            frame.extend([0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
        }
        frame.extend([0, 7, 0, 9, 0, 10, 0, 0, b'a', b'b']);
        let plain = frame.clone();
        insert_checksums(&mut frame, true, true);
        let sum = !(0x2000_u16 + 1 + 0x2000 + 2 + 10 + 17 + 7 + 9 + 10 + 0x6162);
        assert_eq!(frame[60..62], sum.to_be_bytes());
        frame[60..62].fill(0);
        assert_eq!(frame, plain, "nothing else was touched");
        assert!(verify_checksums(&frame).transport_bad, "UDP over IPv6 can't do without");
    }

    #[test]
    fn a_frame_shorter_than_its_length_field_is_cut_short() {
        let mut frame = vec![0; 60];
        frame[12..14].copy_from_slice(&46_u16.to_be_bytes());
        assert_eq!(verify_checksums(&frame), Verdict::default());
        frame[13] = 47;
        assert!(verify_checksums(&frame).cut_short);
        frame[12..14].copy_from_slice(&1536_u16.to_be_bytes());
        assert_eq!(verify_checksums(&frame), Verdict::default(), "an EtherType");
    }
}
