//! What the kernel says of an interface.

use crate::errno::{Errno, Result};
use core::ffi::CStr;
use core::mem::{size_of, zeroed};
use std::ffi::CString;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// An interface, as it was when it was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Netdev {
    /// Its index.
    pub index: i32,
    /// Its address.
    pub mac: [u8; 6],
    /// Its MTU.
    pub mtu: usize,
}

/// A request of the kernel about an interface.
fn request(name: &CStr) -> Result<libc::ifreq> {
    // SAFETY: all zero is a request.
    let mut request: libc::ifreq = unsafe { zeroed() };
    let bytes = name.to_bytes();
    if bytes.len() >= request.ifr_name.len() {
        return Err(Errno(libc::ENODEV));
    }
    for (to, from) in request.ifr_name.iter_mut().zip(bytes) {
        *to = *from as libc::c_char;
    }
    Ok(request)
}

/// A socket to ask by.
pub fn socket(domain: i32, kind: i32, protocol: i32) -> Result<OwnedFd> {
    // SAFETY: a system call that makes a new descriptor.
    let fd = unsafe { libc::socket(domain, kind | libc::SOCK_CLOEXEC, protocol) };
    // SAFETY: new, and nobody else's.
    if fd < 0 { Err(Errno::last()) } else { Ok(unsafe { OwnedFd::from_raw_fd(fd) }) }
}

fn ask(fd: RawFd, code: libc::Ioctl, request: &mut libc::ifreq) -> Result<()> {
    // SAFETY: a system call with a request of the kind that these codes take.
    if unsafe { libc::ioctl(fd, code, request as *mut libc::ifreq) } < 0 { Err(Errno::last()) } else { Ok(()) }
}

/// The interface of that name. `ENODEV` if there is none, or it is none of Ethernet.
pub fn find(name: &CStr) -> Result<Netdev> {
    let socket = socket(libc::AF_INET, libc::SOCK_DGRAM, 0)?;
    let index = index_of(name).ok_or(Errno(libc::ENODEV))?;
    let mut asked = request(name)?;
    ask(socket.as_raw_fd(), libc::SIOCGIFHWADDR as libc::Ioctl, &mut asked)?;
    // SAFETY: the call has filled in the address.
    let address = unsafe { asked.ifr_ifru.ifru_hwaddr };
    if address.sa_family != libc::ARPHRD_ETHER {
        return Err(Errno(libc::ENODEV));
    }
    let mut mac = [0; 6];
    for (to, from) in mac.iter_mut().zip(address.sa_data) {
        *to = from as u8;
    }
    Ok(Netdev { index, mac, mtu: mtu(name)? })
}

/// The name that an interface has now. `ENODEV` if it is gone.
pub fn name_of(index: i32) -> Result<CString> {
    let mut name = [0; libc::IF_NAMESIZE];
    // SAFETY: the buffer is of the size that the call asks for.
    let found = unsafe { libc::if_indextoname(index as u32, name.as_mut_ptr()) };
    if found.is_null() {
        return Err(Errno(libc::ENODEV));
    }
    // SAFETY: the call succeeded, so it wrote a string.
    Ok(unsafe { CStr::from_ptr(found) }.into())
}

/// The index of the interface that has a name now; none if there is none.
pub fn index_of(name: &CStr) -> Option<i32> {
    // SAFETY: a valid string.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) } as i32;
    (index != 0).then_some(index)
}

/// An interface's MTU.
pub fn mtu(name: &CStr) -> Result<usize> {
    let socket = socket(libc::AF_INET, libc::SOCK_DGRAM, 0)?;
    let mut asked = request(name)?;
    ask(socket.as_raw_fd(), libc::SIOCGIFMTU as libc::Ioctl, &mut asked)?;
    // SAFETY: the call has filled in the MTU.
    Ok(unsafe { asked.ifr_ifru.ifru_mtu }.max(0) as usize)
}

/// `ethtool`'s question for the numbers of queues.
#[repr(C)]
#[derive(Default)]
struct Channels {
    command: u32,
    most: [u32; 4],
    receive: u32,
    transmit: u32,
    other: u32,
    combined: u32,
}

/// An interface's queues.
#[derive(Clone, Copy, Debug)]
pub struct Queues {
    /// How many it receives on; 1 where its driver doesn't say.
    pub receive: u32,
    /// It sends by one alone, and its driver says so.
    pub sends_by_one: bool,
}

/// An interface's queues.
pub fn queues(name: &CStr) -> Queues {
    const GET_CHANNELS: u32 = 0x3c;
    let mut channels = Channels { command: GET_CHANNELS, ..Channels::default() };
    let answer = socket(libc::AF_INET, libc::SOCK_DGRAM, 0).and_then(|socket| {
        let mut asked = request(name)?;
        asked.ifr_ifru.ifru_data = (&raw mut channels).cast();
        ask(socket.as_raw_fd(), libc::SIOCETHTOOL as libc::Ioctl, &mut asked)
    });
    match answer {
        Ok(()) => Queues {
            receive: (channels.receive + channels.combined).max(1),
            sends_by_one: channels.transmit + channels.combined == 1,
        },
        Err(_) => Queues { receive: 1, sends_by_one: false },
    }
}

/// Sets a socket's option.
pub fn set<T>(fd: RawFd, level: i32, option: i32, value: &T) -> Result<()> {
    // SAFETY: a system call that reads a value of this size.
    let rc =
        unsafe { libc::setsockopt(fd, level, option, (value as *const T).cast(), size_of::<T>() as libc::socklen_t) };
    if rc < 0 { Err(Errno::last()) } else { Ok(()) }
}

/// Reads a socket's option into what was there.
pub fn get<T: Copy>(fd: RawFd, level: i32, option: i32, mut value: T) -> Result<T> {
    let mut length = size_of::<T>() as libc::socklen_t;
    // SAFETY: a system call that writes at most a value of this size, of plain numbers.
    let rc = unsafe { libc::getsockopt(fd, level, option, (&raw mut value).cast(), &mut length) };
    if rc < 0 { Err(Errno::last()) } else { Ok(value) }
}

#[cfg(all(test, not(miri)))]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_ethernet_interface_is_refused() {
        for name in [c"", c"lo0", c"a name that is too long", c"lo"] {
            assert_eq!(find(name), Err(Errno(libc::ENODEV)), "{name:?}");
        }
        assert_eq!(queues(c"none").receive, 1);
    }
}
