//! The kernel's `bpf` call: programs, maps, and what attaches a program to an interface.

use super::assembler::Instruction;
use crate::errno::{Errno, Result};
use core::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

const MAP_CREATE: i32 = 0;
const MAP_UPDATE: i32 = 2;
const PROGRAM_LOAD: i32 = 5;
const LINK_CREATE: i32 = 28;
const LINK_UPDATE: i32 = 29;

/// A map of AF_XDP sockets.
const SOCKETS: u32 = 17;
/// A program for XDP, and where it is attached.
const XDP_PROGRAM: u32 = 6;
const XDP: u32 = 37;
/// The program deals with frames of several pieces.
const HAS_FRAGMENTS: u32 = 1 << 5;
/// The program may ask the driver of its interface.
const FOR_INTERFACE: u32 = 1 << 6;

/// Where a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// In the driver.
    Driver = 4,
    /// In the kernel's network stack, for drivers that can't: slower.
    Generic = 2,
}

fn bpf<T>(command: i32, attributes: &T) -> Result<i32> {
    // SAFETY: a system call that reads a structure of this size, and what it points to, which its maker keeps alive.
    let rc = unsafe { libc::syscall(libc::SYS_bpf, command, attributes as *const T, size_of::<T>()) };
    if rc < 0 { Err(Errno::last()) } else { Ok(rc as i32) }
}

fn descriptor<T>(command: i32, attributes: &T) -> Result<OwnedFd> {
    let fd = bpf(command, attributes)?;
    // SAFETY: these commands make a new descriptor, which is nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// A map of sockets by numbers below `count`.
pub fn socket_map(count: u32) -> Result<OwnedFd> {
    #[repr(C)]
    struct Attributes {
        kind: u32,
        key: u32,
        value: u32,
        count: u32,
        flags: u32,
    }
    descriptor(MAP_CREATE, &Attributes { kind: SOCKETS, key: 4, value: 4, count, flags: 0 })
}

/// Puts a socket into a map.
pub fn put(map: &OwnedFd, index: u32, socket: RawFd) -> Result<()> {
    #[repr(C)]
    struct Attributes {
        map: u32,
        _pad: u32,
        key: u64,
        value: u64,
        flags: u64,
    }
    let value = socket as u32;
    let (key, value) = ((&raw const index).addr() as u64, (&raw const value).addr() as u64);
    bpf(MAP_UPDATE, &Attributes { map: map.as_raw_fd() as u32, _pad: 0, key, value, flags: 0 }).map(drop)
}

/// Loads a program for XDP, which the kernel checks. One that asks the driver is for one interface alone.
pub fn load(program: &[Instruction], interface: Option<i32>) -> Result<OwnedFd> {
    #[repr(C)]
    struct Attributes {
        kind: u32,
        count: u32,
        instructions: u64,
        license: u64,
        log_level: u32,
        log_size: u32,
        log: u64,
        kernel: u32,
        flags: u32,
        name: [u8; 16],
        interface: u32,
        attached: u32,
    }
    let mut attributes = Attributes {
        kind: XDP_PROGRAM,
        count: program.len() as u32,
        instructions: program.as_ptr().addr() as u64,
        license: c"Dual MIT/GPL".as_ptr().addr() as u64,
        log_level: 0,
        log_size: 0,
        log: 0,
        kernel: 0,
        flags: HAS_FRAGMENTS | if interface.is_some() { FOR_INTERFACE } else { 0 },
        name: *b"efvi_mock\0\0\0\0\0\0\0",
        interface: interface.unwrap_or(0) as u32,
        attached: XDP,
    };
    descriptor(PROGRAM_LOAD, &attributes).or_else(|e| {
        // Kernels before 5.18 know no frames of several pieces.
        if e != Errno(libc::EINVAL) || interface.is_some() {
            return Err(e);
        }
        attributes.flags = 0;
        descriptor(PROGRAM_LOAD, &attributes)
    })
}

/// Attaches a program to an interface, for as long as what this gives stays open: it goes with the process, however that
/// ends.
pub fn attach(program: &OwnedFd, interface: i32, mode: Mode) -> Result<OwnedFd> {
    #[repr(C)]
    struct Attributes {
        program: u32,
        interface: u32,
        kind: u32,
        flags: u32,
    }
    let (program, interface) = (program.as_raw_fd() as u32, interface as u32);
    descriptor(LINK_CREATE, &Attributes { program, interface, kind: XDP, flags: mode as u32 })
}

/// Puts another program in place of the one that is attached.
pub fn replace(link: BorrowedFd<'_>, program: &OwnedFd) -> Result<()> {
    #[repr(C)]
    struct Attributes {
        link: u32,
        program: u32,
        flags: u32,
        old: u32,
    }
    let (link, program) = (link.as_raw_fd() as u32, program.as_raw_fd() as u32);
    bpf(LINK_UPDATE, &Attributes { link, program, flags: 0, old: 0 }).map(drop)
}
