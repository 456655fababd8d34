//! The interfaces that any program can open by name, and what each is plugged into.
//!
//! `lo` has a loopback plug. `cable0a` and `cable0b` are the two ends of a cable, for programs that need two ports, such
//! as a forwarder; there are 256 such cables, numbered in decimal. All of a user's processes share them. Any other name is
//! that of an interface of the machine.

use crate::errno::{Errno, Result};
use crate::time::Costs;
use crate::wire::shared::Shared;
use crate::wire::switch::{Cable, Switch};
use core::ffi::CStr;
use std::sync::Arc;

/// Indices of the ends of cables lie above those that the kernel gives out, and below those of fabrics.
const CABLES_AT: i32 = 0x2000_0000;

/// An interface of the mock's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interface {
    /// `lo`.
    Loopback,
    /// An end of a cable.
    End(u8, Side),
}

/// Which end of a cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    A,
    B,
}

impl Interface {
    /// The interface of that name. `ENODEV` if there is none, as the driver says of what is none of its adapters.
    pub(crate) fn parse(name: &CStr) -> Result<Self> {
        let name = name.to_str().map_err(|_| Errno(libc::ENODEV))?;
        if name == "lo" {
            return Ok(Self::Loopback);
        }
        let end = || {
            let rest = name.strip_prefix("cable")?;
            let (number, side) =
                rest.strip_suffix('a').map(|n| (n, Side::A)).or_else(|| Some((rest.strip_suffix('b')?, Side::B)))?;
            let number: u8 = number.parse().ok()?;
            // One name for each: not `cable00a`, not `cable+1a`.
            (Self::End(number, side).name() == name).then_some(Self::End(number, side))
        };
        end().ok_or(Errno(libc::ENODEV))
    }

    fn name(self) -> String {
        match self {
            Self::Loopback => "lo".to_owned(),
            Self::End(number, Side::A) => format!("cable{number}a"),
            Self::End(number, Side::B) => format!("cable{number}b"),
        }
    }

    /// Its index. `ENODEV` where the machine has no `lo`.
    pub(crate) fn index(self) -> Result<i32> {
        match self {
            Self::Loopback => {
                // SAFETY: a valid string.
                let index = unsafe { libc::if_nametoindex(c"lo".as_ptr()) } as i32;
                if index == 0 { Err(Errno(libc::ENODEV)) } else { Ok(index) }
            }
            Self::End(number, side) => Ok(CABLES_AT + 2 * i32::from(number) + side as i32),
        }
    }

    /// Its address: the same for every process.
    pub(crate) fn mac(self) -> [u8; 6] {
        match self {
            Self::Loopback => [2, 0, 0, 0, 0, 1],
            Self::End(number, side) => [2, 0, 2, 0, number, side as u8 + 1],
        }
    }

    /// Plugs it in, here and for this user's other processes, for frames of up to so many bytes. `costs` are those of
    /// virtual time.
    pub(crate) fn plug(self, frame: usize, costs: Option<&Costs>) -> Result<Cable> {
        let near = join(self, frame, costs)?;
        let far = match self {
            Self::Loopback => near.clone(),
            Self::End(number, Side::A) => join(Self::End(number, Side::B), frame, costs)?,
            Self::End(number, Side::B) => join(Self::End(number, Side::A), frame, costs)?,
        };
        Ok(Cable { near, far })
    }
}

/// The receive side of an interface.
fn join(interface: Interface, frame: usize, costs: Option<&Costs>) -> Result<Arc<Switch>> {
    Ok(Arc::new(Switch::new(Box::new(Shared::join(&interface.name(), frame, costs)?), interface.mac())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_interface_has_one_name() {
        assert_eq!(Interface::parse(c"lo"), Ok(Interface::Loopback));
        assert_eq!(Interface::parse(c"cable0a"), Ok(Interface::End(0, Side::A)));
        assert_eq!(Interface::parse(c"cable255b"), Ok(Interface::End(255, Side::B)));
        for other in [c"", c"lo0", c"cable", c"cablea", c"cable0", c"cable0c", c"cable00a", c"cable+1a", c"cable256a"] {
            assert_eq!(Interface::parse(other), Err(Errno(libc::ENODEV)), "{other:?}");
        }
    }

    #[test]
    fn indices_and_addresses_differ() {
        let ends = [(0, Side::A), (0, Side::B), (1, Side::A), (255, Side::B)].map(|(n, side)| Interface::End(n, side));
        for (at, one) in ends.iter().enumerate() {
            for other in &ends[at + 1..] {
                assert_ne!(one.index(), other.index());
                assert_ne!(one.mac(), other.mac());
            }
        }
    }
}
