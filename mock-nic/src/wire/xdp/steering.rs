//! The XDP program on an interface, as filters change.

use super::bpf::{self, Mode};
use super::program;
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
    /// What it takes is stamped.
    stamps: bool,
    /// What keeps the interface's doors open for frames that are not its own.
    admits: OwnedFd,
    /// Where the program runs.
    pub mode: Mode,
}

/// What failed.
pub type Failed = (&'static str, Errno);

impl Steering {
    /// Attaches a program that takes nothing yet.
    pub fn attach(interface: i32, queues: u32, stamps: bool) -> core::result::Result<Self, Failed> {
        let admits = socket(libc::AF_PACKET, libc::SOCK_RAW, 0).map_err(|e| ("packet socket", e))?;
        let sockets = bpf::socket_map(queues).map_err(|e| ("BPF map", e))?;
        let code = program::assemble(&[], sockets.as_raw_fd(), stamps).map_err(|e| ("XDP program", e))?;
        let program = bpf::load(&code).map_err(|e| ("XDP program", e))?;
        let attach = |mode| bpf::attach(&program, interface, mode).map(|link| (link, mode));
        let attached = attach(Mode::Driver).or_else(|e| match e {
            // Who has the interface already has it in either mode.
            Errno(libc::EBUSY | libc::EPERM | libc::ENODEV) => Err(e),
            _ => attach(Mode::Generic),
        });
        let (link, mode) = attached.map_err(|e| ("XDP program on the interface", e))?;
        Ok(Self { sockets, link, stamps, admits, mode })
    }

    /// Takes what comes on a queue to a socket.
    pub fn put(&self, queue: u32, socket: &OwnedFd) -> Result<()> {
        bpf::put(&self.sockets, queue, socket.as_raw_fd())
    }

    /// Takes what the rules say.
    pub fn steer(&self, rules: &[Rule]) -> Result<()> {
        let code = program::assemble(rules, self.sockets.as_raw_fd(), self.stamps)?;
        bpf::replace(self.link.as_fd(), &bpf::load(&code)?)
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
