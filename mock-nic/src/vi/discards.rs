//! What is wrong with a received frame, and which of it makes a discard.

use crate::abi::*;
use crate::frame;
use crate::watch::exported;
use crate::wire::{Arrival, Flags};
use core::ffi::{c_int, c_uint};

/// What is wrong with a received frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Errors(pub(crate) u16);

impl Errors {
    pub(crate) const TRANSPORT_CHECKSUM: u16 = 1 << 0;
    pub(crate) const IP_CHECKSUM: u16 = 1 << 1;
    pub(crate) const FCS: u16 = 1 << 2;
    pub(crate) const RIGHTS: u16 = 1 << 3;
    pub(crate) const INNER_TRANSPORT_CHECKSUM: u16 = 1 << 4;
    const INNER_IP_CHECKSUM: u16 = 1 << 5;
    pub(crate) const LENGTH: u16 = 1 << 6;
    pub(crate) const MULTICAST: u16 = 1 << 7;
    pub(crate) const TRUNCATED: u16 = 1 << 8;
    pub(crate) const EVENT: u16 = 1 << 9;
    pub(crate) const OTHER: u16 = 1 << 10;
    /// Those that can't be chosen away.
    const FIXED: u16 = Self::RIGHTS | Self::MULTICAST | Self::TRUNCATED | Self::EVENT | Self::OTHER;
    /// Those that make a discard unless the application chooses.
    pub(crate) const DEFAULT: u16 = !Self::FIXED & 0x7f;

    /// Those that make a discard for the VI.
    ///
    /// # Safety
    /// The VI is allocated.
    #[inline]
    pub(crate) unsafe fn counted(self, vi: *const ef_vi) -> Self {
        // SAFETY: the caller's promise.
        Self(self.0 & (unsafe { (*vi).rx_discard_mask } as u16 | Self::FIXED))
    }

    /// The reason that a discard's event gives, of the lowest layer that has one.
    pub(crate) fn subtype(self) -> u32 {
        match self.0 {
            e if e & Self::RIGHTS != 0 => EF_EVENT_RX_DISCARD_RIGHTS,
            e if e & (Self::FCS | Self::LENGTH) != 0 => EF_EVENT_RX_DISCARD_CRC_BAD,
            e if e & Self::TRUNCATED != 0 => EF_EVENT_RX_DISCARD_TRUNC,
            e if e & Self::MULTICAST != 0 => EF_EVENT_RX_DISCARD_MCAST_MISMATCH,
            e if e & Self::EVENT != 0 => EF_EVENT_RX_DISCARD_EV_ERROR,
            e if e & Self::OTHER != 0 => EF_EVENT_RX_DISCARD_OTHER,
            e if e & (Self::TRANSPORT_CHECKSUM | Self::IP_CHECKSUM) != 0 => EF_EVENT_RX_DISCARD_CSUM_BAD,
            _ => EF_EVENT_RX_DISCARD_INNER_CSUM_BAD,
        }
    }
}

/// What the adapter finds wrong with an arrival.
#[inline]
pub(super) fn check(arrival: &Arrival) -> Errors {
    if arrival.flags == Flags::CHECKSUMS_GOOD {
        return Errors(0);
    }
    if arrival.flags.has(Flags::FCS_BAD) {
        return Errors(Errors::FCS);
    }
    if arrival.flags.has(Flags::CHECKSUMS_GOOD) {
        return Errors(0);
    }
    check_sums(arrival)
}

#[inline(never)]
fn check_sums(arrival: &Arrival) -> Errors {
    // SAFETY: the wire's bytes stay valid until it is called again.
    let verdict = frame::verify_checksums(unsafe { core::slice::from_raw_parts(arrival.bytes, arrival.length) });
    Errors(
        (u16::from(verdict.ip_bad) * Errors::IP_CHECKSUM)
            | (u16::from(verdict.transport_bad) * Errors::TRANSPORT_CHECKSUM)
            | (u16::from(verdict.inner_ip_bad) * Errors::INNER_IP_CHECKSUM)
            | (u16::from(verdict.inner_transport_bad) * Errors::INNER_TRANSPORT_CHECKSUM)
            | (u16::from(verdict.cut_short) * Errors::LENGTH),
    )
}

/// The flags of `ef_vi_receive_set_discards` that the model has, and what each stands for. It ignores the others.
const KNOWN: [(c_uint, u16); 6] = [
    (EF_VI_DISCARD_RX_L4_CSUM_ERR, Errors::TRANSPORT_CHECKSUM),
    (EF_VI_DISCARD_RX_L3_CSUM_ERR, Errors::IP_CHECKSUM),
    (EF_VI_DISCARD_RX_ETH_FCS_ERR, Errors::FCS),
    (EF_VI_DISCARD_RX_ETH_LEN_ERR, Errors::LENGTH),
    (EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR, Errors::INNER_TRANSPORT_CHECKSUM),
    (EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR, Errors::INNER_IP_CHECKSUM),
];

/// `ef_vi_receive_set_discards`.
pub(crate) unsafe extern "C" fn set_discards(vi: *mut ef_vi, chosen: c_uint) -> c_int {
    let mask = KNOWN.iter().filter(|(flag, _)| chosen & flag != 0).fold(0, |mask, (_, bit)| mask | bit);
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe { (*vi).rx_discard_mask = u64::from(mask) };
    0
}

/// `ef_vi_receive_get_discards`: as `set_discards` was given them.
pub(crate) unsafe extern "C" fn get_discards(vi: *mut ef_vi) -> u64 {
    // SAFETY: as in `set_discards`.
    let mask = unsafe { (*vi).rx_discard_mask } as u16;
    KNOWN.iter().filter(|(_, bit)| mask & bit != 0).fold(0, |flags, (flag, _)| flags | u64::from(*flag))
}

exported! {
    /// `ef_vi_receive_get_discard_flags`: for adapters that put them into the prefix, which none does any more.
    fn ef_vi_receive_get_discard_flags(
        vi: *mut ef_vi, packet: *const core::ffi::c_void, discard_flags: *mut c_uint
    ) -> c_int = no_discard_flags;
}

unsafe fn no_discard_flags(_vi: *mut ef_vi, _packet: *const core::ffi::c_void, _discard_flags: *mut c_uint) -> c_int {
    -libc::EOPNOTSUPP
}
