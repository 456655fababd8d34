//! Frames through the kernel's packet sockets: for hosts and interfaces where AF_XDP is not to be had.
//!
//! The kernel copies each frame that a VI's filters take into a ring that is mapped here, and goes on with it as ever:
//! nothing is taken from it. Frames to be sent are written into another ring, from which the kernel takes them.

mod bypass;
mod direct;
mod guard;
mod program;
mod receiver;
mod sender;

pub use bypass::Bypass;
pub use direct::{Direct, Sent};
pub use guard::Guard;
pub use receiver::{Lost, Receiver, Slot, admit};
pub use sender::Sender;

use crate::errno::{Errno, Result};
use crate::wire::machine::netdev::{self, socket};
use core::mem::{size_of, zeroed};
use core::ptr::{self, NonNull};
use std::os::fd::{AsRawFd, OwnedFd};

/// The format of a receive ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// TPACKET_V2: a slot for each frame, which is there as soon as it comes.
    #[default]
    Slots,
    /// TPACKET_V3: blocks of frames one behind the other, so that many more wait in as much memory. A block is handed over
    /// when it is full, or after a millisecond: a frame that comes alone is late by that.
    Blocks,
}

/// How the kernel numbers them.
const VERSION_2: i32 = 1;
const VERSION_3: i32 = 2;

/// A packet socket, with a ring.
struct Socket {
    fd: OwnedFd,
    ring: Option<Ring>,
}

/// A ring of slots that the kernel shares.
struct Ring {
    base: NonNull<u8>,
    slot: usize,
    slots: usize,
}

// SAFETY: the mapping is the socket's own, and used by one thread at a time.
unsafe impl Send for Ring {}

/// Bytes of a ring's slot beside the frame: header, address, room for a tag, alignment.
const BESIDE: usize = 128;
/// Blocks of a ring, and what the kernel wants to be told of the frames in them.
const BLOCKS: usize = 64;
const FRAME_OF_BLOCK: usize = 2048;
/// Slots of a ring.
const SLOTS: usize = 1024;
/// The memory that a ring is made of comes in pieces of this size.
const BLOCK: usize = 64 << 10;

impl Socket {
    /// One that gets nothing yet.
    fn open() -> Result<Self> {
        Ok(Self { fd: socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_NONBLOCK, 0)?, ring: None })
    }

    fn set<T>(&self, option: i32, value: &T) -> Result<()> {
        netdev::set(self.fd.as_raw_fd(), libc::SOL_PACKET, option, value)
    }

    /// Gives it a ring for frames of up to so many bytes.
    fn map(&mut self, option: i32, frame: usize) -> Result<()> {
        let slot = (frame + BESIDE).next_power_of_two();
        let request = libc::tpacket_req {
            tp_block_size: BLOCK as u32,
            tp_block_nr: (SLOTS * slot / BLOCK) as u32,
            tp_frame_size: slot as u32,
            tp_frame_nr: SLOTS as u32,
        };
        self.set(libc::PACKET_VERSION, &VERSION_2)?;
        self.set(option, &request)?;
        self.map_ring(slot, SLOTS)
    }

    /// Gives it a receive ring of blocks.
    fn map_blocks(&mut self) -> Result<()> {
        let request = libc::tpacket_req3 {
            tp_block_size: BLOCK as u32,
            tp_block_nr: BLOCKS as u32,
            tp_frame_size: FRAME_OF_BLOCK as u32,
            tp_frame_nr: (BLOCKS * BLOCK / FRAME_OF_BLOCK) as u32,
            tp_retire_blk_tov: 1,
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        self.set(libc::PACKET_VERSION, &VERSION_3)?;
        self.set(libc::PACKET_RX_RING, &request)?;
        self.map_ring(BLOCK, BLOCKS)
    }

    fn map_ring(&mut self, slot: usize, slots: usize) -> Result<()> {
        // SAFETY: a new mapping of the socket's own memory; it disturbs nothing.
        let base = unsafe {
            libc::mmap(
                ptr::null_mut(),
                slots * slot,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_POPULATE,
                self.fd.as_raw_fd(),
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(Errno::last());
        }
        let base = NonNull::new(base.cast()).ok_or(Errno(libc::ENOMEM))?;
        self.ring = Some(Ring { base, slot, slots });
        Ok(())
    }

    /// Has it send over an interface, and get nothing.
    fn sends_to(&self, index: i32) -> Result<()> {
        // Straight to the driver: what is in a hurry doesn't queue.
        self.set(libc::PACKET_QDISC_BYPASS, &1_i32).ok();
        self.bind(index, 0)
    }

    /// Binds it to an interface: it gets frames of that protocol, none for 0.
    fn bind(&self, index: i32, protocol: i32) -> Result<()> {
        // SAFETY: all zero is an address.
        let mut address: libc::sockaddr_ll = unsafe { zeroed() };
        address.sll_family = libc::AF_PACKET as u16;
        address.sll_protocol = (protocol as u16).to_be();
        address.sll_ifindex = index;
        // SAFETY: an address of this size.
        let rc = unsafe {
            libc::bind(self.fd.as_raw_fd(), (&raw const address).cast(), size_of::<libc::sockaddr_ll>() as u32)
        };
        if rc < 0 { Err(Errno::last()) } else { Ok(()) }
    }
}

impl Ring {
    /// The header of a slot.
    #[inline]
    fn slot(&self, index: usize) -> NonNull<libc::tpacket2_hdr> {
        self.at(index, 0).cast()
    }

    /// A place in a slot, or block.
    #[inline]
    fn at(&self, index: usize, offset: usize) -> NonNull<u8> {
        // SAFETY: wrapped, the index is within the ring, and the offset in its slot.
        unsafe { self.base.add(index % self.slots * self.slot + offset % self.slot) }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: mapped with this size, and nothing outlives the owner.
        unsafe { libc::munmap(self.base.as_ptr().cast(), self.slots * self.slot) };
    }
}

/// Has the kernel run a program on each frame of a socket.
fn attach(fd: i32, program: &[program::Instruction]) -> Result<()> {
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_ptr().cast_mut() };
    netdev::set(fd, libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &filter)
}
