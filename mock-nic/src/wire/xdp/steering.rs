//! The XDP program on an interface, as filters change.

use super::bpf::{self, Mode};
use super::btf;
use super::program::{self, Stamps};
use crate::errno::{Errno, Result};
use crate::filter::Filter;
use crate::wire::machine::netdev::socket;
use crate::wire::machine::rules::Rule;
use crate::wire::packet::admit;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// The program that is attached to an interface, and the sockets to which it redirects. Dropped, it is detached.
pub struct Steering {
    sockets: OwnedFd,
    link: OwnedFd,
    /// How what it takes is stamped.
    stamps: Stamps,
    interface: i32,
    /// What keeps the interface's doors open for frames that are not its own.
    admits: OwnedFd,
    /// Where the program runs.
    pub mode: Mode,
}

/// Puts a program together and loads it.
fn load(rules: &[Rule], sockets: &OwnedFd, stamps: Stamps, interface: i32) -> Result<OwnedFd> {
    let code = program::assemble(rules, sockets.as_raw_fd(), stamps)?;
    bpf::load(&code, matches!(stamps, Stamps::Driver(_)).then_some(interface))
}

/// What failed.
pub type Failed = (&'static str, Errno);

impl Steering {
    /// Attaches a program that takes nothing yet, in the first of these modes that can be had.
    pub fn attach(interface: i32, queues: u32, stamps: bool, modes: &[Mode]) -> core::result::Result<Self, Failed> {
        let admits = socket(libc::AF_PACKET, libc::SOCK_RAW, 0).map_err(|e| ("packet socket", e))?;
        let sockets = bpf::socket_map(queues).map_err(|e| ("BPF map", e))?;
        let driver = btf::receive_time().filter(|_| stamps).map(Stamps::Driver);
        let kernel = if stamps { Stamps::Kernel } else { Stamps::None };
        let mut refused = ("XDP program", Errno(libc::EOPNOTSUPP));
        for stamps in driver.into_iter().chain([kernel]) {
            let program = match load(&[Rule::never()], &sockets, stamps, interface) {
                Ok(program) => program,
                Err(e) => {
                    refused = ("XDP program", e);
                    continue;
                }
            };
            for &mode in modes {
                match bpf::attach(&program, interface, mode) {
                    Ok(link) => return Ok(Self { sockets, link, stamps, interface, admits, mode }),
                    Err(e) => refused = ("XDP program on the interface", e),
                }
                // Who has the interface already has it in either mode.
                if matches!(refused.1, Errno(libc::EBUSY | libc::EPERM | libc::ENODEV)) {
                    return Err(refused);
                }
            }
        }
        Err(refused)
    }

    /// True if what it takes is stamped.
    #[inline]
    pub fn stamps(&self) -> bool {
        self.stamps != Stamps::None
    }

    /// Takes what comes on a queue to a socket.
    pub fn put(&self, queue: u32, socket: &OwnedFd) -> Result<()> {
        bpf::put(&self.sockets, queue, socket.as_raw_fd())
    }

    /// Takes what the rules say.
    pub fn steer(&self, rules: &[Rule]) -> Result<()> {
        // A program that takes nothing is as long as any other: what the kernel refuses it refuses from the start.
        let rules = if rules.is_empty() { vec![Rule::never()] } else { rules.to_vec() };
        bpf::replace(self.link.as_fd(), &load(&rules, &self.sockets, self.stamps, self.interface)?)
    }

    /// Has the interface let in what a filter needs.
    pub fn admit(&self, interface: i32, mac: u64, filter: &Filter) -> Result<()> {
        if matches!(filter, Filter::Sniff { .. } | Filter::SniffSent) {
            // The program can take frames, not copy them.
            return Err(Errno(libc::EOPNOTSUPP));
        }
        admit(self.admits.as_raw_fd(), interface, mac, filter)
    }
}
