//! What an adapter can do.

use core::fmt;

/// A capability of an adapter, for [`ProtectionDomain::capability`](crate::ProtectionDomain::capability).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Capability {
    /// Frames can be written through to the wire (`EF_VI_CAP_CTPIO`).
    Ctpio,
    /// TX push can be asked for on every send (`EF_VI_CAP_TX_PUSH_ALWAYS`).
    TxPushAlways,
    /// Received frames carry the adapter's time (`EF_VI_CAP_HW_RX_TIMESTAMPING`).
    RxTimestamps,
    /// Sent frames are reported with the adapter's time (`EF_VI_CAP_HW_TX_TIMESTAMPING`).
    TxTimestamps,
}

impl Capability {
    pub(crate) fn raw(self) -> efvi_sys::ef_vi_capability {
        match self {
            Capability::Ctpio => efvi_sys::EF_VI_CAP_CTPIO,
            Capability::TxPushAlways => efvi_sys::EF_VI_CAP_TX_PUSH_ALWAYS,
            Capability::RxTimestamps => efvi_sys::EF_VI_CAP_HW_RX_TIMESTAMPING,
            Capability::TxTimestamps => efvi_sys::EF_VI_CAP_HW_TX_TIMESTAMPING,
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Capability::Ctpio => "CTPIO",
            Capability::TxPushAlways => "TX push on every send",
            Capability::RxTimestamps => "receive timestamps",
            Capability::TxTimestamps => "transmit timestamps",
        })
    }
}
