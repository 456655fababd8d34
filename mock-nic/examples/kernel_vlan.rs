//! Puts the kernel's stack of an interface into a VLAN, where the kernel has no VLAN interfaces (8021q): a program of the
//! kernel's BPF machine takes the tags off what comes, and drops what is not of the VLAN; another one tags what leaves.
//! For `ci/interop.sh`, in which a socket of the kernel's talks to efvi in a VLAN.
//!
//! ```text
//! kernel_vlan IFACE ID[:PRIORITY]        until it is ended, and with it what it has attached
//! ```
//! Takes CAP_NET_ADMIN and CAP_BPF, and Linux 6.6. The tag of what leaves is beside the frame, as the kernel's VLAN
//! interfaces have it: `ethtool -K IFACE txvlan off` has it written into the frame, which AF_XDP at the other end of a veth
//! needs.

use std::ffi::CString;
use std::io::{Error, Result};
use std::mem::size_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::ExitCode;

/// An instruction: operation, registers (source in the upper four bits), offset, number.
#[repr(C)]
struct Instruction(u8, u8, i16, i32);

/// What a program answers: go on as without it, or drop the frame.
const NEXT: i32 = -1;
const DROP: i32 = 2;

// The kernel's functions.
const PUSH_TAG: i32 = 18;
const POP_TAG: i32 = 19;

/// Where the kernel says whether a frame has a tag, and the tag.
const HAS_TAG: i16 = 20;
const TAG: i16 = 24;
const ID: u16 = 0x0fff;
const ETHERTYPE_VLAN: u16 = 0x8100;

const SET: u8 = 0xb7;
const COPY: u8 = 0xbf;
const LOAD: u8 = 0x61;
const AND: u8 = 0x57;
const IF_EQUAL: u8 = 0x15;
const IF_UNEQUAL: u8 = 0x55;
const CALL: u8 = 0x85;
const EXIT: u8 = 0x95;

/// Takes the tag of this VLAN off, and drops all else.
fn untags(tag: u16) -> Vec<Instruction> {
    vec![
        Instruction(COPY, 0x16, 0, 0),
        Instruction(LOAD, 0x60, HAS_TAG, 0),
        Instruction(IF_EQUAL, 0, 6, 0),
        Instruction(LOAD, 0x60, TAG, 0),
        Instruction(AND, 0, 0, ID.into()),
        Instruction(IF_UNEQUAL, 0, 3, (tag & ID).into()),
        Instruction(CALL, 0, 0, POP_TAG),
        Instruction(SET, 0, 0, NEXT),
        Instruction(EXIT, 0, 0, 0),
        Instruction(SET, 0, 0, DROP),
        Instruction(EXIT, 0, 0, 0),
    ]
}

/// Adds this tag.
fn tags(tag: u16) -> Vec<Instruction> {
    vec![
        Instruction(SET, 2, 0, ETHERTYPE_VLAN.to_be().into()),
        Instruction(SET, 3, 0, tag.into()),
        Instruction(CALL, 0, 0, PUSH_TAG),
        Instruction(SET, 0, 0, NEXT),
        Instruction(EXIT, 0, 0, 0),
    ]
}

// Of the kernel's `bpf` call: what is asked for, the kind of program, and where it runs.
const PROGRAM_LOAD: i32 = 5;
const LINK_CREATE: i32 = 28;
const CLASSIFIER: u32 = 3;
const INGRESS: u32 = 46;
const EGRESS: u32 = 47;

/// A call of the kernel's that makes a descriptor.
fn bpf<T>(command: i32, attributes: &T) -> Result<OwnedFd> {
    // SAFETY: it reads a structure of this size, and what that points to, which its maker keeps.
    let fd = unsafe { libc::syscall(libc::SYS_bpf, command, attributes as *const T, size_of::<T>()) };
    if fd < 0 {
        return Err(Error::last_os_error());
    }
    // SAFETY: a new descriptor, which is nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Has a program run on an interface for as long as what this gives is open: no longer than this process is there.
fn attach(interface: u32, place: u32, program: &[Instruction]) -> Result<OwnedFd> {
    #[repr(C)]
    struct Program {
        kind: u32,
        count: u32,
        instructions: u64,
        license: u64,
    }
    #[repr(C)]
    struct Link {
        program: u32,
        interface: u32,
        place: u32,
        flags: u32,
    }
    let license = c"Dual MIT/GPL".as_ptr().addr() as u64;
    let (count, instructions) = (program.len() as u32, program.as_ptr().addr() as u64);
    let program = bpf(PROGRAM_LOAD, &Program { kind: CLASSIFIER, count, instructions, license })?;
    bpf(LINK_CREATE, &Link { program: program.as_raw_fd() as u32, interface, place, flags: 0 })
}

fn read(text: &str) -> Option<u16> {
    let (id, priority) = text.split_once(':').unwrap_or((text, "0"));
    let (id, priority) = (id.parse::<u16>().ok()?, priority.parse::<u16>().ok()?);
    ((1..ID).contains(&id) && priority < 8).then_some(priority << 13 | id)
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [interface, vlan] = arguments.as_slice() else {
        eprintln!("usage: kernel_vlan IFACE ID[:PRIORITY]");
        return ExitCode::from(2);
    };
    let Some(tag) = read(vlan) else {
        eprintln!(
            "kernel_vlan: `{vlan}` is not a VLAN: give a number from 1 to 4094, and a priority up to 7: 5 or 5:3"
        );
        return ExitCode::from(2);
    };
    let Ok(name) = CString::new(interface.as_str()) else { return ExitCode::from(2) };
    // SAFETY: a name that ends with a zero.
    let index = unsafe { libc::if_nametoindex(name.as_ptr()) };
    if index == 0 {
        eprintln!("kernel_vlan: {interface}: {}", Error::last_os_error());
        return ExitCode::FAILURE;
    }
    let links = attach(index, INGRESS, &untags(tag)).and_then(|first| Ok([first, attach(index, EGRESS, &tags(tag))?]));
    match links {
        Err(error) => {
            eprintln!("kernel_vlan: no BPF programs on {interface} (TCX links, Linux 6.6): {error}");
            ExitCode::FAILURE
        }
        Ok(_links) => {
            println!("kernel_vlan: the kernel's stack of {interface} is in VLAN {vlan}");
            loop {
                std::thread::park();
            }
        }
    }
}
