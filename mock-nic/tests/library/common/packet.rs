//! Frames to send.

/// The addresses of an IPv4 frame, from which it is made.
#[derive(Clone, Copy, Debug)]
pub struct Packet {
    pub mac: [u8; 6],
    pub vlan: Option<u16>,
    pub protocol: u8,
    pub from: ([u8; 4], u16),
    pub to: ([u8; 4], u16),
}

impl Packet {
    /// The datagram of most tests.
    pub const UDP: Self =
        Self { mac: [2, 0, 0, 0, 0, 2], vlan: None, protocol: 17, from: ([192, 0, 2, 1], 7), to: ([192, 0, 2, 2], 9) };
    /// The same as a TCP segment.
    pub const TCP: Self = Self { protocol: 6, ..Self::UDP };
    /// A datagram to a group.
    pub const MULTICAST: Self = Self { mac: [1, 0, 0x5e, 0, 0, 5], to: ([224, 0, 0, 5], 9), ..Self::UDP };

    /// Where the IP header starts.
    pub fn ip_at(&self) -> usize {
        if self.vlan.is_some() { 18 } else { 14 }
    }

    /// Where the IP header's checksum stands.
    pub fn ip_checksum_at(&self) -> usize {
        self.ip_at() + 10
    }

    /// Where the UDP or TCP checksum stands.
    pub fn transport_checksum_at(&self) -> usize {
        self.ip_at() + 20 + if self.protocol == 17 { 6 } else { 16 }
    }

    /// Bytes of the headers.
    pub fn headers(&self) -> usize {
        self.ip_at() + 20 + if self.protocol == 17 { 8 } else { 20 }
    }

    /// The frame with this payload: checksums right, not padded.
    pub fn frame(&self, payload: &[u8]) -> Vec<u8> {
        let mut frame = self.mac.to_vec();
        frame.extend([2, 0, 0, 0, 0, 1]);
        if let Some(vlan) = self.vlan {
            frame.extend([0x81, 0]);
            frame.extend(vlan.to_be_bytes());
        }
        frame.extend([8, 0]);
        let ip = frame.len();
        let datagram = self.headers() - ip - 20 + payload.len();
        frame.extend([0x45, 0]);
        frame.extend((20 + datagram as u16).to_be_bytes());
        frame.extend([0, 1, 0x40, 0, 64, self.protocol, 0, 0]);
        frame.extend(self.from.0);
        frame.extend(self.to.0);
        let transport = frame.len();
        frame.extend(self.from.1.to_be_bytes());
        frame.extend(self.to.1.to_be_bytes());
        if self.protocol == 17 {
            frame.extend((datagram as u16).to_be_bytes());
            frame.extend([0, 0]);
        } else {
            // Sequence, acknowledgement, header length and ACK, window, checksum, urgent pointer.
            frame.extend([0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]);
        }
        frame.extend(payload);
        let sum = complement(add(0, &frame[ip..transport]));
        frame[ip + 10..ip + 12].copy_from_slice(&sum.to_be_bytes());
        let pseudo = add(u32::from(self.protocol) + datagram as u32, &frame[ip + 12..ip + 20]);
        let sum = match complement(add(pseudo, &frame[transport..])) {
            0 if self.protocol == 17 => 0xffff,
            sum => sum,
        };
        let at = self.transport_checksum_at();
        frame[at..at + 2].copy_from_slice(&sum.to_be_bytes());
        frame
    }

    /// The frame of `length` bytes, whose payload counts up from `first`.
    pub fn sized(&self, length: usize, first: usize) -> Vec<u8> {
        let payload: Vec<u8> = (0..length - self.headers()).map(|i| (first + i) as u8).collect();
        self.frame(&payload)
    }
}

/// The addresses of an IPv6 frame, from which it is made.
#[derive(Clone, Copy, Debug)]
pub struct Packet6 {
    pub mac: [u8; 6],
    pub vlan: Option<u16>,
    pub protocol: u8,
    pub from: ([u8; 16], u16),
    pub to: ([u8; 16], u16),
}

const fn documentation(last: u8) -> [u8; 16] {
    [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]
}

impl Packet6 {
    /// A datagram.
    pub const UDP: Self = Self {
        mac: [2, 0, 0, 0, 0, 2],
        vlan: None,
        protocol: 17,
        from: (documentation(1), 7),
        to: (documentation(2), 9),
    };

    /// A frame of `length` bytes: the checksum right, the payload counting up.
    pub fn sized(&self, length: usize) -> Vec<u8> {
        let mut frame = self.mac.to_vec();
        frame.extend([2, 0, 0, 0, 0, 1]);
        if let Some(vlan) = self.vlan {
            frame.extend([0x81, 0]);
            frame.extend(vlan.to_be_bytes());
        }
        frame.extend([0x86, 0xdd, 0x60, 0, 0, 0]);
        let ip = frame.len() - 4;
        let datagram = (length - ip - 40) as u16;
        frame.extend(datagram.to_be_bytes());
        frame.extend([self.protocol, 64]);
        frame.extend(self.from.0);
        frame.extend(self.to.0);
        let transport = frame.len();
        frame.extend(self.from.1.to_be_bytes());
        frame.extend(self.to.1.to_be_bytes());
        let checksum = if self.protocol == 17 {
            frame.extend(datagram.to_be_bytes());
            frame.extend([0, 0]);
            transport + 6
        } else {
            frame.extend([0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 0xff, 0xff, 0, 0, 0, 0]);
            transport + 16
        };
        frame.extend((frame.len()..length).map(|i| i as u8));
        let pseudo = add(u32::from(self.protocol) + u32::from(datagram), &frame[ip + 8..ip + 40]);
        let sum = complement(add(pseudo, &frame[transport..]));
        frame[checksum..checksum + 2].copy_from_slice(&sum.to_be_bytes());
        frame
    }
}

/// One's complement sum of 16-bit words (RFC 1071).
fn add(sum: u32, bytes: &[u8]) -> u32 {
    bytes.chunks(2).fold(sum, |sum, word| sum + (u32::from(word[0]) << 8 | u32::from(*word.get(1).unwrap_or(&0))))
}

fn complement(mut sum: u32) -> u16 {
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
