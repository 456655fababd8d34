//! Ethernet addresses.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

/// An Ethernet address.
///
/// ```
/// use efvi::MacAddress;
///
/// let mac: MacAddress = "00:0f:53:01:02:03".parse()?;
/// assert_eq!(mac.octets(), [0x00, 0x0f, 0x53, 0x01, 0x02, 0x03]);
/// assert!(!mac.is_multicast() && MacAddress::BROADCAST.is_multicast());
/// # Ok::<(), efvi::ParseMacError>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// The address of all stations.
    pub const BROADCAST: MacAddress = MacAddress([0xff; 6]);

    /// The bytes, as they go on the wire.
    pub const fn octets(self) -> [u8; 6] {
        self.0
    }

    /// Whether it is a group's address: multicast or broadcast.
    pub const fn is_multicast(self) -> bool {
        self.0[0] & 1 != 0
    }
}

impl From<[u8; 6]> for MacAddress {
    fn from(octets: [u8; 6]) -> Self {
        MacAddress(octets)
    }
}

impl From<MacAddress> for [u8; 6] {
    fn from(address: MacAddress) -> Self {
        address.0
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

impl fmt::Debug for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no Ethernet address.
///
/// ```
/// let error = "00-0f-53-01-02-03".parse::<efvi::MacAddress>().unwrap_err();
/// assert!(error.to_string().contains("00:0f:53:01:02:03"), "it says what is expected");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no Ethernet address: expected six bytes in hexadecimal, as in 00:0f:53:01:02:03")]
pub struct ParseMacError {
    text: String,
}

impl FromStr for MacAddress {
    type Err = ParseMacError;

    fn from_str(text: &str) -> Result<Self, ParseMacError> {
        let bad = || ParseMacError { text: text.to_owned() };
        let mut octets = [0; 6];
        let mut parts = text.split(':');
        for octet in &mut octets {
            let part = parts.next().filter(|part| part.len() == 2 && part.bytes().all(|b| b.is_ascii_hexdigit()));
            *octet = part.and_then(|part| u8::from_str_radix(part, 16).ok()).ok_or_else(bad)?;
        }
        if parts.next().is_some() { Err(bad()) } else { Ok(MacAddress(octets)) }
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use super::*;

    #[test]
    fn text_and_address_round_trip() {
        let address = MacAddress([0x00, 0x0f, 0x53, 0xa1, 0xb2, 0xc3]);
        assert_eq!(address.to_string(), "00:0f:53:a1:b2:c3");
        assert_eq!("00:0F:53:a1:b2:c3".parse(), Ok(address));
        assert!(!address.is_multicast());
        assert!(MacAddress::BROADCAST.is_multicast());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "00:0f:53:a1:b2", "00:0f:53:a1:b2:c3:d4", "00:0f:53:a1:b2:+3", "0:0f:53:a1:b2:c3", "x"] {
            assert!(text.parse::<MacAddress>().is_err(), "{text}");
        }
    }
}
