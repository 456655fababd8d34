//! What keeps the kernel from answering frames that a VI takes.
//!
//! The kernel gets them, too. Where the filter's address is one of its own and no program of the machine's listens there,
//! it would tell the sender so, by ICMP or a TCP reset, and break the flow. So a socket of the kernel's is bound there that
//! takes nothing; where there is one already, or the address is not the kernel's, it has nothing to say, and there is none.

use super::{attach, program::Instruction};
use crate::filter::{Filter, Match};
use crate::frame::{ETHERTYPE_IPV4, TCP};
use crate::wire::machine::netdev::{self, socket};
use core::mem::size_of;
use std::os::fd::{AsRawFd, OwnedFd};

/// A socket that takes nothing.
pub struct Guard(#[expect(dead_code, reason = "kept open")] OwnedFd);

impl Guard {
    /// That of a filter, where it needs one.
    pub fn of(filter: &Filter) -> Option<Self> {
        let Filter::Match(Match { to: Some((address, port)), protocol: Some(protocol), ethertype, .. }) = *filter
        else {
            return None;
        };
        let v4 = ethertype == Some(ETHERTYPE_IPV4);
        let stream = protocol == TCP;
        let domain = if v4 { libc::AF_INET } else { libc::AF_INET6 };
        let fd = socket(domain, if stream { libc::SOCK_STREAM } else { libc::SOCK_DGRAM }, 0).ok()?;
        let nothing = [Instruction { code: 0x06, jt: 0, jf: 0, k: 0 }];
        attach(fd.as_raw_fd(), &nothing).ok()?;
        if v4 {
            let address = libc::sockaddr_in {
                sin_family: libc::AF_INET as u16,
                sin_port: port.to_be(),
                sin_addr: libc::in_addr { s_addr: (address as u32).to_be() },
                sin_zero: [0; 8],
            };
            bind(&fd, &address)?;
        } else {
            netdev::set(fd.as_raw_fd(), libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, &1_i32).ok()?;
            let address = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as u16,
                sin6_port: port.to_be(),
                sin6_flowinfo: 0,
                sin6_addr: libc::in6_addr { s6_addr: address.to_be_bytes() },
                sin6_scope_id: 0,
            };
            bind(&fd, &address)?;
        }
        // SAFETY: a system call on our own descriptor.
        if stream && unsafe { libc::listen(fd.as_raw_fd(), 1) } < 0 {
            return None;
        }
        Some(Self(fd))
    }
}

fn bind<T>(fd: &OwnedFd, address: &T) -> Option<()> {
    // SAFETY: an address of this size.
    let rc = unsafe { libc::bind(fd.as_raw_fd(), (address as *const T).cast(), size_of::<T>() as u32) };
    (rc == 0).then_some(())
}
