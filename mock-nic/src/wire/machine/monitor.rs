//! Changes of an interface while it is used, as the kernel announces them.

use super::netdev::{self, socket};
use super::news;
use crate::errno::{Errno, Result};
use core::mem::{size_of, zeroed};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// What is known of an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition {
    /// It is up, and there is somebody at the other end.
    pub running: bool,
    /// Its MTU.
    pub mtu: usize,
    /// It was deleted.
    pub gone: bool,
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

impl Monitor {
    /// Listens for changes of an interface, of which this is known.
    pub fn new(index: i32, mtu: usize) -> Result<Self> {
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
        Ok(Self { socket, index, condition: Condition { running: true, mtu, gone: false } })
    }

    /// What is readable when something has changed.
    pub fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// What has changed since this was last asked: the condition now, if any has.
    pub fn changed(&mut self) -> Option<Condition> {
        let before = self.condition;
        let mut buffer = [0_u8; 16 << 10];
        loop {
            // SAFETY: a system call that writes at most as much as there is room for.
            let read = unsafe {
                libc::recv(self.socket.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len(), libc::MSG_DONTWAIT)
            };
            let Ok(read) = usize::try_from(read) else {
                // Some were lost: what holds now is asked for.
                if Errno::last() == Errno(libc::ENOBUFS) {
                    self.refresh();
                    continue;
                }
                break;
            };
            self.hear(&buffer[..read.min(buffer.len())]);
        }
        (self.condition != before).then_some(self.condition)
    }

    fn refresh(&mut self) {
        let mut name = [0; libc::IF_NAMESIZE];
        // SAFETY: the buffer is of the size that the call asks for.
        let found = unsafe { libc::if_indextoname(self.index as u32, name.as_mut_ptr()) };
        if found.is_null() {
            self.condition.gone = true;
            return;
        }
        // SAFETY: the call succeeded, so it wrote a string.
        let name = unsafe { core::ffi::CStr::from_ptr(found) };
        if let Ok(mtu) = netdev::mtu(name) {
            self.condition.mtu = mtu;
        }
    }

    /// Reads the kernel's messages.
    fn hear(&mut self, mut messages: &[u8]) {
        const HEADER: usize = size_of::<libc::nlmsghdr>();
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
        // Family, type, index, flags and what of them changed.
        const INFO: usize = 16;
        if body.len() < INFO || u32_at(body, 4) as i32 != self.index {
            return;
        }
        if kind == libc::RTM_DELLINK {
            self.condition.gone = true;
        } else if kind == libc::RTM_NEWLINK {
            let wanted = (libc::IFF_UP | libc::IFF_RUNNING) as u32;
            self.condition.running = u32_at(body, 8) & wanted == wanted;
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

    #[test]
    fn messages_are_understood() {
        let mut monitor = Monitor::new(7, 1500).unwrap();
        let up = libc::IFF_UP | libc::IFF_RUNNING;
        let mut both = message(libc::RTM_NEWLINK, 8, 0, &mtu(99));
        both.extend(message(libc::RTM_NEWLINK, 7, up, &mtu(9000)));
        monitor.hear(&both);
        assert_eq!(monitor.condition, Condition { running: true, mtu: 9000, gone: false }, "another's is not heard");
        monitor.hear(&message(libc::RTM_NEWLINK, 7, libc::IFF_UP, &[]));
        assert!(!monitor.condition.running);
        monitor.hear(&message(libc::RTM_DELLINK, 7, 0, &[]));
        assert!(monitor.condition.gone);
    }

    #[test]
    fn what_is_no_message_is_nothing() {
        let mut monitor = Monitor::new(7, 1500).unwrap();
        let before = monitor.condition;
        let whole = message(libc::RTM_NEWLINK, 7, libc::IFF_UP | libc::IFF_RUNNING, &mtu(1500));
        for length in 0..whole.len() {
            monitor.hear(&whole[..length]);
        }
        monitor.hear(&[0; 64]);
        monitor.hear(&[0xff; 64]);
        assert_eq!(monitor.condition, before);
    }
}
