//! VLANs (802.1Q): the tag that says to which a frame belongs, and with what priority.

use std::fmt;
use std::str::FromStr;

/// A tag: the number of a VLAN, and the priority of a frame in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vlan(u16);

/// The bits of a tag that are the VLAN's number.
const ID: u16 = 0x0fff;
/// Where the priority begins. The bit below, which lets a switch drop the frame first, is never set here.
const PRIORITY_AT: u32 = 13;
/// Numbers of VLANs: 0 says that there is none, and the highest is reserved.
const FIRST: u16 = 1;
const LAST: u16 = ID - 1;
const HIGHEST_PRIORITY: u16 = 7;

impl Vlan {
    /// As it stands in a frame.
    #[must_use]
    pub fn from_bits(bits: u16) -> Vlan {
        Vlan(bits)
    }

    /// What stands in a frame.
    #[must_use]
    pub fn bits(self) -> u16 {
        self.0
    }

    /// The VLAN's number.
    #[must_use]
    pub fn id(self) -> u16 {
        self.0 & ID
    }

    /// The frame's priority, from 0 to 7.
    #[must_use]
    pub fn priority(self) -> u16 {
        self.0 >> PRIORITY_AT
    }
}

impl FromStr for Vlan {
    type Err = String;

    /// Reads `5`, or `5:3` with a priority.
    fn from_str(text: &str) -> Result<Self, String> {
        let (id, priority) = text.split_once(':').unwrap_or((text, "0"));
        // No sign: `parse` takes a plus.
        let number = |text: &str| text.parse::<u16>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let id = number(id).filter(|id| (FIRST..=LAST).contains(id));
        let priority = number(priority).filter(|priority| *priority <= HIGHEST_PRIORITY);
        match (id, priority) {
            (Some(id), Some(priority)) => Ok(Vlan(priority << PRIORITY_AT | id)),
            _ => Err(format!(
                "`{text}` is not a VLAN: give its number, from {FIRST} to {LAST} (0 and 4095 are reserved), and behind a \
                 colon, if it is not 0, the frames' priority, up to {HIGHEST_PRIORITY}: 5 or 5:3"
            )),
        }
    }
}

impl fmt::Display for Vlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.priority() {
            0 => write!(f, "{}", self.id()),
            priority => write!(f, "{}:{priority}", self.id()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_priority() {
        for (text, id, priority) in [("1", 1, 0), ("5:3", 5, 3), ("4094:7", 4094, 7)] {
            let vlan: Vlan = text.parse().unwrap();
            assert_eq!((vlan.id(), vlan.priority()), (id, priority));
            assert_eq!(vlan.bits(), priority << 13 | id);
            assert_eq!((vlan.to_string(), Vlan::from_bits(vlan.bits())), (text.to_owned(), vlan));
        }
        assert_eq!("9:0".parse::<Vlan>().unwrap().to_string(), "9");
    }

    #[test]
    fn what_is_no_vlan_says_what_is() {
        for text in
            ["", "0", "4095", "4096", "-1", "+5", "65541", "five", "5:", ":3", "5:8", "5:+3", "5:3:1", "5.3", "0:3"]
        {
            let error = text.parse::<Vlan>().unwrap_err();
            assert!(error.contains("from 1 to 4094") && error.contains("5:3"), "{text}: {error}");
        }
    }
}
