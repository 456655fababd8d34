//! The receiving side: a ring into which the kernel copies the frames that the socket's program takes.

use super::{BLOCKS, Format, Ring, Socket, attach, program};
use crate::array::Array;
use crate::errno::Result;
use crate::filter::{Filter, Match};
use crate::frame::{Checksums, ETHERTYPE_IPV4, ETHERTYPE_VLAN, MIN_FRAME};
use crate::wire::machine::netdev;
use crate::wire::machine::rules::Rule;
use crate::wire::{Flags, Overruns};
use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;

/// A slot is the kernel's.
const KERNELS: u32 = 0;
/// A slot has a frame.
const HAS_FRAME: u32 = 1 << 0;
/// The frame's sender is this machine, and has left its checksum to the adapter.
const CHECKSUM_OPEN: u32 = 1 << 3;
/// The kernel took a VLAN tag off.
const HAS_TAG: u32 = 1 << 4;
/// Of what protocol the tag is, is said.
const HAS_TAG_PROTOCOL: u32 = 1 << 6;

/// The length of a tag, and where it stands.
const TAG: usize = 4;
const TAG_AT: usize = 12;

/// Nanoseconds of a second.
const NS: u64 = 1_000_000_000;

/// All frames that arrive and leave.
const ALL: i32 = libc::ETH_P_ALL;

/// Receives frames of an interface.
pub struct Receiver {
    socket: Socket,
    at: At,
    frame: usize,
    /// A short frame with its padding, for which a block has no room. Not within: who has the frame may use the receiver.
    short: Array<u8>,
    lost: Arc<Lost>,
}

/// Where the next frame is.
enum At {
    /// In this slot.
    Slot(usize),
    /// In this block, at this offset with so many frames left in it, once it was handed over.
    Block(usize, Option<(usize, u32)>),
}

/// What the kernel says of a frame in the ring, in either format.
struct Header {
    base: *mut u8,
    status: u32,
    at: usize,
    captured: u32,
    length: u32,
    tag: (u16, u16),
    time: u64,
}

/// A frame in the ring.
pub struct Received {
    /// Where it is.
    pub bytes: *mut u8,
    /// How long.
    pub length: usize,
    /// What is known of it.
    pub flags: Flags,
    /// When the kernel got it, in nanoseconds since the epoch.
    pub time: u64,
}

/// What a slot has.
pub enum Slot {
    /// Nothing yet.
    Empty,
    /// A frame.
    Frame(Received),
    /// A frame that no port could carry, or none.
    TooLong,
}

impl Receiver {
    /// For frames of up to so many bytes. It gets none before [`Receiver::steer`] tells which.
    pub fn open(index: i32, frame: usize, format: Format) -> Result<Self> {
        let mut socket = Socket::open()?;
        attach(socket.fd.as_raw_fd(), &program::assemble(&[])?)?;
        socket.set(libc::PACKET_RESERVE, &(TAG as u32))?;
        match format {
            Format::Slots => socket.map(libc::PACKET_RX_RING, frame + TAG)?,
            Format::Blocks => socket.map_blocks()?,
        }
        socket.set(libc::PACKET_IGNORE_OUTGOING, &1_i32)?;
        socket.bind(index, ALL)?;
        let fd = socket.fd.try_clone().map_err(|e| crate::errno::Errno(e.raw_os_error().unwrap_or(libc::EIO)))?;
        let lost = Arc::new(Lost { fd, count: AtomicU64::new(0) });
        let at = if format == Format::Slots { At::Slot(0) } else { At::Block(0, None) };
        Ok(Self { socket, at, frame, short: Array::new(MIN_FRAME, 0), lost })
    }

    /// What is readable while a frame waits.
    pub fn fd(&self) -> RawFd {
        self.socket.fd.as_raw_fd()
    }

    /// An interface that went down leaves an error, which would wake who waits for frames again and again.
    pub fn forget_error(&self) {
        netdev::get(self.fd(), libc::SOL_SOCKET, libc::SO_ERROR, 0_i32).ok();
    }

    /// What counts the frames for which the ring had no room, and has the kernel take other frames.
    pub fn lost(&self) -> Arc<Lost> {
        self.lost.clone()
    }

    /// The next frame, which stays there until it is [taken](Receiver::take). It is to be looked at once.
    #[inline]
    pub fn peek(&mut self) -> Slot {
        let Some(header) = self.header() else { return Slot::Empty };
        let (mut at, mut length) = (header.at, header.captured as usize);
        let tagged = header.status & HAS_TAG != 0;
        let whole = header.captured == header.length;
        if !whole || length + if tagged { TAG } else { 0 } > self.frame || at < TAG || length < TAG_AT {
            return Slot::TooLong;
        }
        let base = header.base;
        let mut flags = Flags::default();
        // SAFETY: the frame is this side's, and room for a tag was asked for before it. `short` has room for the shortest.
        unsafe {
            if tagged {
                let protocol = if header.status & HAS_TAG_PROTOCOL != 0 { header.tag.0 } else { ETHERTYPE_VLAN };
                base.add(at - TAG).copy_from(base.add(at), TAG_AT);
                at -= TAG;
                length += TAG;
                let tag = [protocol.to_be_bytes(), header.tag.1.to_be_bytes()].concat();
                base.add(at + TAG_AT).copy_from_nonoverlapping(tag.as_ptr(), TAG);
            }
            let mut bytes = base.add(at);
            if header.status & CHECKSUM_OPEN != 0 {
                let frame = core::slice::from_raw_parts(bytes, length);
                Checksums::of(frame, false, true).write(bytes);
                flags = Flags::CHECKSUMS_GOOD;
            }
            // As the wire would have it.
            if length < MIN_FRAME {
                let short = self.short.base;
                short.copy_from_nonoverlapping(bytes, length);
                short.add(length).write_bytes(0, MIN_FRAME - length);
                (bytes, length) = (short, MIN_FRAME);
            }
            Slot::Frame(Received { bytes, length, flags, time: header.time })
        }
    }

    /// True if there is a frame.
    pub fn has_frame(&mut self) -> bool {
        self.header().is_some()
    }

    /// What the kernel says of the next frame.
    #[inline]
    fn header(&mut self) -> Option<Header> {
        let ring = self.socket.ring.as_ref()?;
        match &mut self.at {
            At::Slot(index) => {
                let slot = ring.slot(*index).as_ptr();
                // SAFETY: the slot's status is shared with the kernel as an aligned word that both write whole.
                let status = unsafe { AtomicU32::from_ptr(&raw mut (*slot).tp_status) }.load(Acquire);
                if status & HAS_FRAME == 0 {
                    return None;
                }
                // SAFETY: the kernel has filled in the header, and gave the slot over.
                let header = unsafe { *slot };
                Some(Header {
                    base: slot.cast(),
                    status,
                    at: header.tp_mac.into(),
                    captured: header.tp_snaplen,
                    length: header.tp_len,
                    tag: (header.tp_vlan_tpid, header.tp_vlan_tci),
                    time: u64::from(header.tp_sec) * NS + u64::from(header.tp_nsec),
                })
            }
            At::Block(index, next) => {
                // Blocks that were handed over for their time alone are empty.
                while next.is_none_or(|(_, left)| left == 0) {
                    if next.take().is_some() {
                        status_of(ring, *index).store(KERNELS, Release);
                        *index = (*index + 1) % BLOCKS;
                    }
                    if status_of(ring, *index).load(Acquire) & HAS_FRAME == 0 {
                        return None;
                    }
                    // SAFETY: the kernel has filled in the block's header, and gave the block over.
                    let about = unsafe { (*ring.at(*index, 0).cast::<Block>().as_ptr()).about };
                    *next = Some((about.offset_to_first_pkt as usize, about.num_pkts));
                }
                let (offset, _) = (*next)?;
                let base = ring.at(*index, offset).as_ptr();
                // SAFETY: the kernel has filled in the frame's header, where the block's or the last one's says.
                let header = unsafe { *base.cast::<libc::tpacket3_hdr>() };
                Some(Header {
                    base,
                    status: header.tp_status,
                    at: header.tp_mac.into(),
                    captured: header.tp_snaplen,
                    length: header.tp_len,
                    tag: (header.hv1.tp_vlan_tpid, header.hv1.tp_vlan_tci as u16),
                    time: u64::from(header.tp_sec) * NS + u64::from(header.tp_nsec),
                })
            }
        }
    }

    /// Gives the frame's memory back.
    #[inline]
    pub fn take(&mut self) {
        let Some(ring) = &self.socket.ring else { return };
        match &mut self.at {
            At::Slot(index) => {
                let slot = ring.slot(*index).as_ptr();
                // SAFETY: as in `header`.
                unsafe { AtomicU32::from_ptr(&raw mut (*slot).tp_status) }.store(KERNELS, Release);
                *index = (*index + 1) % super::SLOTS;
            }
            // The block goes back when the next frame is looked for.
            At::Block(index, Some((offset, left))) => {
                let base = ring.at(*index, *offset).cast::<libc::tpacket3_hdr>();
                // SAFETY: as in `header`.
                *offset += unsafe { (*base.as_ptr()).tp_next_offset } as usize;
                *left -= 1;
            }
            At::Block(_, None) => {}
        }
    }
}

/// A block's header.
#[repr(C)]
struct Block {
    version: u32,
    private_at: u32,
    about: libc::tpacket_hdr_v1,
}

/// A block's status.
#[inline]
fn status_of(ring: &Ring, index: usize) -> &AtomicU32 {
    let block = ring.at(index, 0).cast::<Block>().as_ptr();
    // SAFETY: the block's status is shared with the kernel as an aligned word that both write whole.
    unsafe { AtomicU32::from_ptr(&raw mut (*block).about.block_status) }
}

/// The socket as other threads see it: what it lost is read, and what it takes is changed.
pub struct Lost {
    fd: OwnedFd,
    count: AtomicU64,
}

impl Lost {
    /// Has the kernel take what the rules say.
    pub fn steer(&self, rules: &[Rule]) -> Result<()> {
        attach(self.fd.as_raw_fd(), &program::assemble(rules)?)
    }

    /// Has the interface let frames in that are not for its own address, as a filter needs it; and frames that this host
    /// sends be seen.
    pub fn admit(&self, index: i32, mac: u64, filter: &Filter) -> Result<()> {
        let fd = self.fd.as_raw_fd();
        if *filter == Filter::SniffSent {
            netdev::set(fd, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, &0_i32)?;
        }
        admit(fd, index, mac, filter)
    }
}

/// Joins what a filter needs to be joined, for as long as the socket is open.
pub fn admit(fd: RawFd, index: i32, own: u64, filter: &Filter) -> Result<()> {
    let join = |kind: i32, mac: u64| {
        let mut address = [0; 8];
        address[..6].copy_from_slice(&mac.to_be_bytes()[2..]);
        let request = libc::packet_mreq { mr_ifindex: index, mr_type: kind as u16, mr_alen: 6, mr_address: address };
        netdev::set(fd, libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &request)
    };
    match filter {
        Filter::Match(Match { mac: Some(mac), .. }) if mac >> 40 & 1 != 0 => join(libc::PACKET_MR_MULTICAST, *mac),
        Filter::Match(Match { mac: Some(mac), .. }) if *mac != own => join(libc::PACKET_MR_UNICAST, *mac),
        Filter::Match(Match { to: Some((address, _)), ethertype, .. }) => match group(*address, *ethertype) {
            Some(mac) => join(libc::PACKET_MR_MULTICAST, mac),
            None => Ok(()),
        },
        Filter::Match(_) | Filter::BlockKernel { .. } | Filter::SniffSent => Ok(()),
        Filter::AllMulticast | Filter::MulticastMismatch { .. } => join(libc::PACKET_MR_ALLMULTI, 0),
        Filter::Sniff { promiscuous: false } => Ok(()),
        Filter::AllUnicast | Filter::UnicastMismatch { .. } | Filter::Sniff { .. } => join(libc::PACKET_MR_PROMISC, 0),
    }
}

/// The Ethernet address of an IP group.
fn group(address: u128, ethertype: Option<u16>) -> Option<u64> {
    if ethertype == Some(ETHERTYPE_IPV4) {
        (address >> 28 == 0xe).then_some(0x0100_5e00_0000 | address as u64 & 0x7f_ffff)
    } else {
        (address >> 120 == 0xff).then_some(0x3333_0000_0000 | address as u64 & 0xffff_ffff)
    }
}

impl Overruns for Lost {
    fn read(&self) -> u64 {
        let none = libc::tpacket_stats { tp_packets: 0, tp_drops: 0 };
        // The kernel counts from the last time that it was asked.
        let new = netdev::get(self.fd.as_raw_fd(), libc::SOL_PACKET, libc::PACKET_STATISTICS, none);
        let new = new.map_or(0, |stats| u64::from(stats.tp_drops));
        self.count.fetch_add(new, Relaxed) + new
    }

    fn clear(&self) {
        self.read();
        self.count.store(0, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_have_their_ethernet_addresses() {
        assert_eq!(group(0xefff_0102, Some(ETHERTYPE_IPV4)), Some(0x0100_5e7f_0102));
        assert_eq!(group(0xc000_0201, Some(ETHERTYPE_IPV4)), None);
        assert_eq!(group(0xff02 << 112 | 0x1_0002, None), Some(0x3333_0001_0002));
        assert_eq!(group(0x2001 << 112, None), None);
    }
}
