//! The ways that a message can take.

use std::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// A way that messages take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Wire {
    /// UDP sockets of the kernel that sleep until something has come.
    Socket,
    /// The same, asked again and again (SO_BUSY_POLL, and without ever sleeping).
    SocketPolled,
    /// efvi over packet sockets (AF_PACKET).
    Packet,
    /// efvi over AF_XDP, the program in the driver if it can be.
    Xdp,
    /// efvi over AF_XDP, the program in the network stack.
    XdpGeneric,
    /// efvi over memory that two processes share: on this machine, whichever interface is compared.
    Memory,
    /// efvi over the interface as the library has it: of the real library that is the adapter.
    Adapter,
}

impl Wire {
    /// What is compared unless something else is asked for.
    pub fn all() -> &'static [Wire] {
        if cfg!(feature = "mock-nic") {
            &[Wire::Socket, Wire::SocketPolled, Wire::Packet, Wire::Xdp, Wire::XdpGeneric, Wire::Memory]
        } else {
            &[Wire::Socket, Wire::SocketPolled, Wire::Adapter]
        }
    }

    /// True if the other end is on this machine, too, started for it.
    pub fn is_local(self) -> bool {
        self == Wire::Memory
    }

    /// What the mock is told of it by `EFVI_MOCK_WIRE`.
    pub fn mocks(self) -> Option<&'static str> {
        match self {
            Wire::Packet => Some("packet"),
            Wire::Xdp => Some("xdp"),
            Wire::XdpGeneric => Some("xdp-generic"),
            Wire::Socket | Wire::SocketPolled | Wire::Memory | Wire::Adapter => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Wire::Socket => "UDP socket",
            Wire::SocketPolled => "UDP socket, polled",
            Wire::Packet => "AF_PACKET",
            Wire::Xdp => "AF_XDP",
            Wire::XdpGeneric => "AF_XDP, generic",
            Wire::Memory => "memory",
            Wire::Adapter => "adapter",
        }
    }
}

impl fmt::Display for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
