//! What is received: why a frame is a discard, and when it came.

use super::efct;
use super::queue::Meta;
use crate::abi::*;
use crate::clock::Time;
use crate::frame;
use crate::vi::timestamp::Stamp;
use crate::wire::Flags;
use core::ffi::{c_int, c_uint, c_void};

const CLASS: ef_vi_rx_discard_err_flags =
    EF_VI_DISCARD_RX_L2_CLASS_OTHER | EF_VI_DISCARD_RX_L3_CLASS_OTHER | EF_VI_DISCARD_RX_L4_CLASS_OTHER;

/// What makes a discard unless the application chooses.
pub(super) const DEFAULT_DISCARDS: u64 = DEFAULT as u64;

const DEFAULT: ef_vi_rx_discard_err_flags = EF_VI_DISCARD_RX_L4_CSUM_ERR
    | EF_VI_DISCARD_RX_L3_CSUM_ERR
    | EF_VI_DISCARD_RX_ETH_FCS_ERR
    | EF_VI_DISCARD_RX_ETH_LEN_ERR;

/// EtherTypes below this one are lengths.
const LEAST_TYPE: u16 = 0x600;

/// What makes a discard: `EF_VI_DISCARD_*`.
#[derive(Clone, Copy)]
pub(super) struct Discards(pub u32);

impl Discards {
    /// Those of them that a frame has.
    #[inline]
    pub fn of(self, frame: &[u8], flags: Flags) -> u32 {
        let mut found = 0;
        if flags.has(Flags::FCS_BAD) {
            found |= EF_VI_DISCARD_RX_ETH_FCS_ERR;
        }
        if !flags.has(Flags::CHECKSUMS_GOOD) {
            let verdict = frame::verify_checksums(frame);
            found |= u32::from(verdict.ip_bad) * EF_VI_DISCARD_RX_L3_CSUM_ERR;
            found |= u32::from(verdict.transport_bad) * EF_VI_DISCARD_RX_L4_CSUM_ERR;
        }
        if frame.len() >= 14 && u16::from_be_bytes([frame[12], frame[13]]) < LEAST_TYPE {
            found |= length(frame);
        }
        if self.0 & CLASS != 0 {
            found |= classes(frame);
        }
        found & self.0
    }
}

/// A frame that says its length: whether it is that long.
#[cold]
fn length(frame: &[u8]) -> u32 {
    let said = usize::from(u16::from_be_bytes([frame[12], frame[13]]));
    // Short ones are padded.
    let wrong = 14 + said > frame.len() || (frame.len() > frame::MIN_FRAME && 14 + said != frame.len());
    u32::from(wrong) * EF_VI_DISCARD_RX_ETH_LEN_ERR
}

/// The layers that the adapter makes nothing of.
fn classes(frame: &[u8]) -> u32 {
    let word = |at: usize| frame.get(at..at + 2).map_or(0, |bytes| u16::from_be_bytes([bytes[0], bytes[1]]));
    let byte = |at: usize| frame.get(at).copied();
    let network = if word(12) == 0x8100 { 18 } else { 14 };
    let kind = word(network - 2);
    let transport = match kind {
        0x0800 => byte(network + 9),
        0x86dd => byte(network + 6),
        _ => None,
    };
    let mut others = 0;
    if kind < LEAST_TYPE {
        others |= EF_VI_DISCARD_RX_L2_CLASS_OTHER;
    }
    if kind != 0x0800 && kind != 0x86dd {
        others |= EF_VI_DISCARD_RX_L3_CLASS_OTHER;
    }
    if !transport.is_some_and(|protocol| [frame::TCP, frame::UDP].contains(&protocol)) {
        others |= EF_VI_DISCARD_RX_L4_CLASS_OTHER;
    }
    others
}

/// `ef_vi_receive_set_discards`.
pub(super) unsafe extern "C" fn set_discards(vi: *mut ef_vi, chosen: c_uint) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated.
    unsafe { (*vi).rx_discard_mask = (chosen & (DEFAULT | CLASS)).into() };
    0
}

/// `ef_vi_receive_get_discards`.
pub(super) unsafe extern "C" fn get_discards(vi: *mut ef_vi) -> u64 {
    // SAFETY: as above.
    unsafe { (*vi).rx_discard_mask }
}

/// A time as it stands before a frame.
#[inline]
pub(super) fn pack(time: Time) -> u64 {
    time.seconds << 32 | u64::from(time.nanoseconds * 4 + u32::from(time.sixteenths >> 2))
}

/// When a packet arrived: it is in the packet, and stays there until that is released.
pub(crate) unsafe fn stamp(vi: *mut ef_vi, packet: *const c_void) -> Result<Stamp, c_int> {
    // SAFETY: the ABI's contract: a VI that was allocated, and a packet of it.
    unsafe {
        let Some((nic, efct)) = efct(vi) else { return Err(-libc::EINVAL) };
        let place = efct.queues.iter().find_map(|queue| queue.memory.containing(packet.cast()));
        let Some(place) = place else { return Err(-libc::EINVAL) };
        let meta = place.cast::<Meta>().read();
        if meta.stamped == 0 {
            return Err(-libc::ENODATA);
        }
        let flags = nic.clock.state().flags() & efct.said_of_clock;
        Ok(Stamp { seconds: (meta.stamp >> 32) as u32, quarters: meta.stamp as u32, flags })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u16, length: usize) -> Vec<u8> {
        let mut frame = vec![0; length];
        frame[12..14].copy_from_slice(&kind.to_be_bytes());
        frame
    }

    #[test]
    fn a_frame_that_says_its_length_has_it() {
        let all = Discards(DEFAULT);
        let wrong = |frame: &[u8]| all.of(frame, Flags::default());
        assert_eq!(wrong(&frame(86, 100)), 0);
        assert_eq!(wrong(&frame(86, 99)), EF_VI_DISCARD_RX_ETH_LEN_ERR);
        assert_eq!(wrong(&frame(86, 101)), EF_VI_DISCARD_RX_ETH_LEN_ERR);
        assert_eq!(wrong(&frame(5, 60)), 0, "padded");
        assert_eq!(wrong(&frame(47, 60)), EF_VI_DISCARD_RX_ETH_LEN_ERR);
        assert_eq!(wrong(&frame(0x88f7, 99)), 0, "a type");
    }

    #[test]
    fn what_is_no_known_protocol_is_a_discard_on_request() {
        let class = |frame: &[u8]| Discards(CLASS).of(frame, Flags::CHECKSUMS_GOOD);
        let (l2, l3, l4) =
            (EF_VI_DISCARD_RX_L2_CLASS_OTHER, EF_VI_DISCARD_RX_L3_CLASS_OTHER, EF_VI_DISCARD_RX_L4_CLASS_OTHER);
        assert_eq!(class(&frame(46, 60)), l2 | l3 | l4);
        assert_eq!(class(&frame(0x88f7, 60)), l3 | l4);
        let mut ip = frame(0x0800, 60);
        assert_eq!(class(&ip), l4);
        ip[23] = frame::UDP;
        assert_eq!(class(&ip), 0);
        ip.splice(12..12, [0x81, 0, 0, 5]);
        assert_eq!(class(&ip), 0, "behind a VLAN tag");
        assert_eq!(class(&[0; 5]), l2 | l3 | l4, "no header");
        assert_eq!(Discards(DEFAULT).of(&frame(0x88f7, 60), Flags::default()), 0, "not unless it is asked for");
    }
}
