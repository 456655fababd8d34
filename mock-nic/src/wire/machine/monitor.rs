//! Changes of an interface while it is used, as the kernel announces them.

use super::netdev::socket;
use super::news;
use crate::errno::{Errno, Result};
use core::mem::{size_of, zeroed};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// What is known of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// It was brought up.
    pub up: bool,
    /// There is somebody at the other end.
    pub carrier: bool,
    /// Its MTU.
    pub mtu: usize,
    /// It was deleted, or moved to another network namespace.
    pub gone: bool,
}

impl Condition {
    /// Frames can leave it.
    pub fn has_link(&self) -> bool {
        self.up && self.carrier && !self.gone
    }
}

/// Where changes are heard of.
pub struct Monitor {
    socket: OwnedFd,
    index: i32,
    /// As it was last heard.
    pub condition: Condition,
}

/// The attribute of a message that has the MTU.
const MTU: u16 = 4;
const ALIGNMENT: usize = 4;

/// There is somebody at the other end, as the driver says. `IFF_RUNNING` says the same up to a second later.
const LOWER_UP: u32 = 1 << 16;

/// A message's header, and what follows of one about an interface: family, type, index, flags and what of them changed.
const HEADER: usize = size_of::<libc::nlmsghdr>();
const INFO: usize = 16;

impl Monitor {
    /// Listens for changes of an interface. `ENODEV` if there is none of that index.
    pub fn new(index: i32) -> Result<Self> {
        let socket = socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_NONBLOCK, libc::NETLINK_ROUTE)?;
        news::only_of(&socket, index)?;
        // SAFETY: all zero is an address.
        let mut address: libc::sockaddr_nl = unsafe { zeroed() };
        address.nl_family = libc::AF_NETLINK as libc::sa_family_t;
        address.nl_groups = libc::RTMGRP_LINK as u32;
        // SAFETY: an address of this size.
        let bound = unsafe {
            libc::bind(socket.as_raw_fd(), (&raw const address).cast(), size_of::<libc::sockaddr_nl>() as u32)
        };
        if bound < 0 {
            return Err(Errno::last());
        }
        // Until the kernel's answer tells more.
        let condition = Condition { up: false, carrier: false, mtu: 0, gone: false };
        let mut monitor = Self { socket, index, condition };
        monitor.ask()?;
        monitor.changed();
        if monitor.condition.gone { Err(Errno(libc::ENODEV)) } else { Ok(monitor) }
    }

    /// What is readable when something has changed.
    pub fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Asks how it is now. The answer comes as a change does, and is there already: announcements may be late.
    pub fn ask(&self) -> Result<()> {
        let mut request = Vec::with_capacity(HEADER + INFO);
        request.extend(((HEADER + INFO) as u32).to_ne_bytes());
        request.extend(libc::RTM_GETLINK.to_ne_bytes());
        request.extend((libc::NLM_F_REQUEST as u16).to_ne_bytes());
        // Number and sender of the message; family and type.
        request.extend([0; 8 + 4]);
        request.extend(self.index.to_ne_bytes());
        request.extend([0; 8]);
        // SAFETY: so many bytes, which are only read.
        let sent = unsafe { libc::send(self.fd(), request.as_ptr().cast(), request.len(), 0) };
        if sent < 0 { Err(Errno::last()) } else { Ok(()) }
    }

    /// What has changed since this was last asked: the condition now, if any has.
    pub fn changed(&mut self) -> Option<Condition> {
        let before = self.condition;
        let mut buffer = [0_u8; 16 << 10];
        loop {
            // SAFETY: a system call that writes at most as much as there is room for.
            let read = unsafe { libc::recv(self.fd(), buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT) };
            let Ok(read) = usize::try_from(read) else {
                // Some were lost: what holds now is asked for.
                if Errno::last() == Errno(libc::ENOBUFS) && self.ask().is_ok() {
                    continue;
                }
                break;
            };
            self.hear(&buffer[..read.min(buffer.len())]);
        }
        (self.condition != before).then_some(self.condition)
    }

    /// Reads the kernel's messages.
    fn hear(&mut self, mut messages: &[u8]) {
        while messages.len() >= HEADER {
            let length = u32_at(messages, 0) as usize;
            let kind = u16_at(messages, 4);
            if !(HEADER..=messages.len()).contains(&length) {
                return;
            }
            let (message, rest) = messages.split_at(length);
            self.hear_one(kind, &message[HEADER..]);
            messages = rest.get(length.next_multiple_of(ALIGNMENT) - length..).unwrap_or_default();
        }
    }

    fn hear_one(&mut self, kind: u16, body: &[u8]) {
        // An answer that there is none.
        if kind == libc::NLMSG_ERROR as u16 && body.len() >= 4 && u32_at(body, 0) as i32 == -libc::ENODEV {
            self.condition.gone = true;
        }
        if body.len() < INFO || u32_at(body, 4) as i32 != self.index {
            return;
        }
        if kind == libc::RTM_DELLINK {
            // A bridge says the same of a port that leaves it.
            self.condition.gone |= u32::from(body[0]) == libc::AF_UNSPEC as u32;
        } else if kind == libc::RTM_NEWLINK {
            let flags = u32_at(body, 8);
            self.condition.up = flags & libc::IFF_UP as u32 != 0;
            self.condition.carrier = flags & LOWER_UP != 0;
            let mut attributes = &body[INFO..];
            while attributes.len() >= 8 {
                let length = usize::from(u16_at(attributes, 0)).max(ALIGNMENT);
                if u16_at(attributes, 2) == MTU {
                    self.condition.mtu = u32_at(attributes, 4) as usize;
                }
                attributes = attributes.get(length.next_multiple_of(ALIGNMENT)..).unwrap_or_default();
            }
        }
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes[at..].first_chunk().map_or(0, |word| u32::from_ne_bytes(*word))
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes[at..].first_chunk().map_or(0, |word| u16::from_ne_bytes(*word))
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    fn message(kind: u16, index: i32, flags: i32, attributes: &[u8]) -> Vec<u8> {
        let length = 32 + attributes.len();
        let mut all = (length as u32).to_ne_bytes().to_vec();
        all.extend(kind.to_ne_bytes());
        all.extend([0; 10]);
        all.extend([0; 4]);
        all.extend(index.to_ne_bytes());
        all.extend(flags.to_ne_bytes());
        all.extend([0; 4]);
        all.extend(attributes);
        all
    }

    fn mtu(value: u32) -> Vec<u8> {
        // A name before it, of a length that is padded.
        let mut all = [7_u16.to_ne_bytes(), 3_u16.to_ne_bytes()].concat();
        all.extend([b'e', b'0', 0, 0]);
        all.extend([8_u16.to_ne_bytes(), MTU.to_ne_bytes()].concat());
        all.extend(value.to_ne_bytes());
        all
    }

    /// One of the loopback interface, which each namespace has, that takes itself for another's.
    fn monitor() -> Monitor {
        Monitor { index: 7, ..Monitor::new(LOOPBACK).unwrap() }
    }

    /// The index of `lo`.
    const LOOPBACK: i32 = 1;

    #[test]
    fn what_holds_is_known_from_the_start() {
        let monitor = Monitor::new(LOOPBACK).unwrap();
        assert!(monitor.condition.mtu > 0 && !monitor.condition.gone);
        assert_eq!(Monitor::new(i32::MAX).err(), Some(Errno(libc::ENODEV)));
    }

    #[test]
    fn messages_are_understood() {
        let mut monitor = monitor();
        let up = libc::IFF_UP | LOWER_UP as i32;
        let mut both = message(libc::RTM_NEWLINK, 8, 0, &mtu(99));
        both.extend(message(libc::RTM_NEWLINK, 7, up, &mtu(9000)));
        monitor.hear(&both);
        let there = Condition { up: true, carrier: true, mtu: 9000, gone: false };
        assert_eq!(monitor.condition, there, "another's is not heard");
        assert!(there.has_link());
        monitor.hear(&message(libc::RTM_NEWLINK, 7, libc::IFF_UP, &[]));
        assert_eq!(monitor.condition, Condition { carrier: false, ..there });
        assert!(!monitor.condition.has_link());
        let mut left_a_bridge = message(libc::RTM_DELLINK, 7, 0, &[]);
        left_a_bridge[HEADER] = libc::AF_BRIDGE as u8;
        monitor.hear(&left_a_bridge);
        assert!(!monitor.condition.gone);
        monitor.hear(&message(libc::RTM_DELLINK, 7, 0, &[]));
        assert!(monitor.condition.gone);
    }

    #[test]
    fn what_is_no_message_is_nothing() {
        let mut monitor = monitor();
        let before = monitor.condition;
        let whole = message(libc::RTM_NEWLINK, 7, libc::IFF_UP, &mtu(1501));
        for length in 0..whole.len() {
            monitor.hear(&whole[..length]);
        }
        monitor.hear(&[0; 64]);
        monitor.hear(&[0xff; 64]);
        assert_eq!(monitor.condition, before);
    }
}
