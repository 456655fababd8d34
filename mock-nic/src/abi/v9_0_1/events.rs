// Made by vendor/generator from vendor/abi. Do not edit: change the facts or the generator, and
// run `cargo run -p generator`.

//! The views of an event. C declares them as a union of bitfields; here each view is a structure with a
//! field for each bitfield, read from an event and written to one by shifts and masks. What is read of a
//! view and not used costs nothing.

#![allow(non_camel_case_types)]

use super::ef_event;

// Bitfields fill words from the lowest bit up on little-endian machines only.
const _: () = assert!(cfg!(target_endian = "little"));

/// The view `generic` of an [`ef_event`]. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_generic {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
}

impl ef_event {
    /// Its view `generic`.
    #[inline(always)]
    pub const fn generic(&self) -> ef_event_generic {
        let words = &self.words;
        ef_event_generic { type_: words[0] & 0xffff }
    }
}

impl From<ef_event_generic> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_generic) -> Self {
        Self { words: [(view.type_ & 0xffff), 0, 0, 0] }
    }
}

/// The view `rx` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_RX` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_rx {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Unused: 8 bits from bit 24 of the event.
    pub __reserved: u32,
    /// Bitfield: 32 bits from bit 32 of the event.
    pub rq_id: u32,
    /// Bitfield: 16 bits from bit 64 of the event.
    pub len: u32,
    /// Bitfield: 16 bits from bit 80 of the event.
    pub flags: u32,
    /// Bitfield: 16 bits from bit 96 of the event.
    pub ofs: u32,
}

impl ef_event {
    /// Its view `rx`.
    #[inline(always)]
    pub const fn rx(&self) -> ef_event_rx {
        let words = &self.words;
        ef_event_rx {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            __reserved: (words[0] >> 24) & 0xff,
            rq_id: words[1],
            len: words[2] & 0xffff,
            flags: (words[2] >> 16) & 0xffff,
            ofs: words[3] & 0xffff,
        }
    }
}

impl From<ef_event_rx> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_rx) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff) | ((view.q_id & 0xff) << 16) | ((view.__reserved & 0xff) << 24),
                view.rq_id,
                (view.len & 0xffff) | ((view.flags & 0xffff) << 16),
                (view.ofs & 0xffff),
            ],
        }
    }
}

impl Default for ef_event_rx {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_RX, q_id: 0, __reserved: 0, rq_id: 0, len: 0, flags: 0, ofs: 0 }
    }
}

/// The view `rx_discard` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_RX_DISCARD` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_rx_discard {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Unused: 8 bits from bit 24 of the event.
    pub __reserved: u32,
    /// Bitfield: 32 bits from bit 32 of the event.
    pub rq_id: u32,
    /// Bitfield: 16 bits from bit 64 of the event.
    pub len: u32,
    /// Bitfield: 16 bits from bit 80 of the event.
    pub flags: u32,
    /// Bitfield: 16 bits from bit 96 of the event.
    pub subtype: u32,
}

impl ef_event {
    /// Its view `rx_discard`.
    #[inline(always)]
    pub const fn rx_discard(&self) -> ef_event_rx_discard {
        let words = &self.words;
        ef_event_rx_discard {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            __reserved: (words[0] >> 24) & 0xff,
            rq_id: words[1],
            len: words[2] & 0xffff,
            flags: (words[2] >> 16) & 0xffff,
            subtype: words[3] & 0xffff,
        }
    }
}

impl From<ef_event_rx_discard> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_rx_discard) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff) | ((view.q_id & 0xff) << 16) | ((view.__reserved & 0xff) << 24),
                view.rq_id,
                (view.len & 0xffff) | ((view.flags & 0xffff) << 16),
                (view.subtype & 0xffff),
            ],
        }
    }
}

impl Default for ef_event_rx_discard {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_RX_DISCARD, q_id: 0, __reserved: 0, rq_id: 0, len: 0, flags: 0, subtype: 0 }
    }
}

/// The view `tx` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_TX` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_tx {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Bitfield: 4 bits from bit 24 of the event.
    pub flags: u32,
    /// Unused: 4 bits from bit 28 of the event. Since Onload 9.0.1.
    pub __reserved: u32,
    /// Bitfield: 16 bits from bit 32 of the event.
    pub desc_id: u32,
}

impl ef_event {
    /// Its view `tx`.
    #[inline(always)]
    pub const fn tx(&self) -> ef_event_tx {
        let words = &self.words;
        ef_event_tx {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            flags: (words[0] >> 24) & 0xf,
            __reserved: (words[0] >> 28) & 0xf,
            desc_id: words[1] & 0xffff,
        }
    }
}

impl From<ef_event_tx> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_tx) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff)
                    | ((view.q_id & 0xff) << 16)
                    | ((view.flags & 0xf) << 24)
                    | ((view.__reserved & 0xf) << 28),
                (view.desc_id & 0xffff),
                0,
                0,
            ],
        }
    }
}

impl Default for ef_event_tx {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_TX, q_id: 0, flags: 0, __reserved: 0, desc_id: 0 }
    }
}

/// The view `tx_error` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_TX_ERROR` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_tx_error {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Bitfield: 4 bits from bit 24 of the event.
    pub flags: u32,
    /// Unused: 4 bits from bit 28 of the event. Since Onload 9.0.1.
    pub __reserved: u32,
    /// Bitfield: 16 bits from bit 32 of the event.
    pub desc_id: u32,
    /// Bitfield: 16 bits from bit 48 of the event.
    pub subtype: u32,
}

impl ef_event {
    /// Its view `tx_error`.
    #[inline(always)]
    pub const fn tx_error(&self) -> ef_event_tx_error {
        let words = &self.words;
        ef_event_tx_error {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            flags: (words[0] >> 24) & 0xf,
            __reserved: (words[0] >> 28) & 0xf,
            desc_id: words[1] & 0xffff,
            subtype: (words[1] >> 16) & 0xffff,
        }
    }
}

impl From<ef_event_tx_error> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_tx_error) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff)
                    | ((view.q_id & 0xff) << 16)
                    | ((view.flags & 0xf) << 24)
                    | ((view.__reserved & 0xf) << 28),
                (view.desc_id & 0xffff) | ((view.subtype & 0xffff) << 16),
                0,
                0,
            ],
        }
    }
}

impl Default for ef_event_tx_error {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_TX_ERROR, q_id: 0, flags: 0, __reserved: 0, desc_id: 0, subtype: 0 }
    }
}

/// The view `tx_timestamp` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_TX_WITH_TIMESTAMP` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_tx_timestamp {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Bitfield: 4 bits from bit 24 of the event.
    pub flags: u32,
    /// Bitfield: 4 bits from bit 28 of the event. Since Onload 9.0.1.
    pub ts_nsec_frac: u32,
    /// Bitfield: 32 bits from bit 32 of the event.
    pub rq_id: u32,
    /// Bitfield: 32 bits from bit 64 of the event.
    pub ts_sec: u32,
    /// Bitfield: 30 bits from bit 96 of the event.
    pub ts_nsec: u32,
    /// Bitfield: 2 bits from bit 126 of the event. Since Onload 9.0.1.
    pub ts_flags: u32,
}

impl ef_event {
    /// Its view `tx_timestamp`.
    #[inline(always)]
    pub const fn tx_timestamp(&self) -> ef_event_tx_timestamp {
        let words = &self.words;
        ef_event_tx_timestamp {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            flags: (words[0] >> 24) & 0xf,
            ts_nsec_frac: (words[0] >> 28) & 0xf,
            rq_id: words[1],
            ts_sec: words[2],
            ts_nsec: words[3] & 0x3fffffff,
            ts_flags: (words[3] >> 30) & 0x3,
        }
    }
}

impl From<ef_event_tx_timestamp> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_tx_timestamp) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff)
                    | ((view.q_id & 0xff) << 16)
                    | ((view.flags & 0xf) << 24)
                    | ((view.ts_nsec_frac & 0xf) << 28),
                view.rq_id,
                view.ts_sec,
                (view.ts_nsec & 0x3fffffff) | ((view.ts_flags & 0x3) << 30),
            ],
        }
    }
}

impl Default for ef_event_tx_timestamp {
    #[inline(always)]
    fn default() -> Self {
        Self {
            type_: super::EF_EVENT_TYPE_TX_WITH_TIMESTAMP,
            q_id: 0,
            flags: 0,
            ts_nsec_frac: 0,
            rq_id: 0,
            ts_sec: 0,
            ts_nsec: 0,
            ts_flags: 0,
        }
    }
}

/// The view `tx_alt` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_TX_ALT` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_tx_alt {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Unused: 8 bits from bit 24 of the event.
    pub __reserved: u32,
    /// Bitfield: 16 bits from bit 32 of the event.
    pub alt_id: u32,
}

impl ef_event {
    /// Its view `tx_alt`.
    #[inline(always)]
    pub const fn tx_alt(&self) -> ef_event_tx_alt {
        let words = &self.words;
        ef_event_tx_alt {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            __reserved: (words[0] >> 24) & 0xff,
            alt_id: words[1] & 0xffff,
        }
    }
}

impl From<ef_event_tx_alt> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_tx_alt) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff) | ((view.q_id & 0xff) << 16) | ((view.__reserved & 0xff) << 24),
                (view.alt_id & 0xffff),
                0,
                0,
            ],
        }
    }
}

impl Default for ef_event_tx_alt {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_TX_ALT, q_id: 0, __reserved: 0, alt_id: 0 }
    }
}

/// The view `rx_no_desc_trunc` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_RX_NO_DESC_TRUNC` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_rx_no_desc_trunc {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
}

impl ef_event {
    /// Its view `rx_no_desc_trunc`.
    #[inline(always)]
    pub const fn rx_no_desc_trunc(&self) -> ef_event_rx_no_desc_trunc {
        let words = &self.words;
        ef_event_rx_no_desc_trunc { type_: words[0] & 0xffff, q_id: (words[0] >> 16) & 0xff }
    }
}

impl From<ef_event_rx_no_desc_trunc> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_rx_no_desc_trunc) -> Self {
        Self { words: [(view.type_ & 0xffff) | ((view.q_id & 0xff) << 16), 0, 0, 0] }
    }
}

impl Default for ef_event_rx_no_desc_trunc {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_RX_NO_DESC_TRUNC, q_id: 0 }
    }
}

/// The view `rx_packed_stream` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_RX_PACKED_STREAM` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_rx_packed_stream {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Unused: 8 bits from bit 24 of the event.
    pub __reserved: u32,
    /// Bitfield: 16 bits from bit 32 of the event.
    pub flags: u32,
    /// Bitfield: 16 bits from bit 48 of the event.
    pub n_pkts: u32,
    /// Bitfield: 8 bits from bit 64 of the event.
    pub ps_flags: u32,
}

impl ef_event {
    /// Its view `rx_packed_stream`.
    #[inline(always)]
    pub const fn rx_packed_stream(&self) -> ef_event_rx_packed_stream {
        let words = &self.words;
        ef_event_rx_packed_stream {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            __reserved: (words[0] >> 24) & 0xff,
            flags: words[1] & 0xffff,
            n_pkts: (words[1] >> 16) & 0xffff,
            ps_flags: words[2] & 0xff,
        }
    }
}

impl From<ef_event_rx_packed_stream> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_rx_packed_stream) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff) | ((view.q_id & 0xff) << 16) | ((view.__reserved & 0xff) << 24),
                (view.flags & 0xffff) | ((view.n_pkts & 0xffff) << 16),
                (view.ps_flags & 0xff),
                0,
            ],
        }
    }
}

impl Default for ef_event_rx_packed_stream {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_RX_PACKED_STREAM, q_id: 0, __reserved: 0, flags: 0, n_pkts: 0, ps_flags: 0 }
    }
}

/// The view `sw` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_SW` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_sw {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 32 bits from bit 32 of the event.
    pub data: u32,
}

impl ef_event {
    /// Its view `sw`.
    #[inline(always)]
    pub const fn sw(&self) -> ef_event_sw {
        let words = &self.words;
        ef_event_sw { type_: words[0] & 0xffff, data: words[1] }
    }
}

impl From<ef_event_sw> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_sw) -> Self {
        Self { words: [(view.type_ & 0xffff), view.data, 0, 0] }
    }
}

impl Default for ef_event_sw {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_SW, data: 0 }
    }
}

/// The view `rx_multi` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_RX_MULTI` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_rx_multi {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Unused: 8 bits from bit 24 of the event.
    pub __reserved: u32,
    /// Bitfield: 16 bits from bit 32 of the event.
    pub n_descs: u32,
    /// Bitfield: 16 bits from bit 48 of the event.
    pub flags: u32,
}

impl ef_event {
    /// Its view `rx_multi`.
    #[inline(always)]
    pub const fn rx_multi(&self) -> ef_event_rx_multi {
        let words = &self.words;
        ef_event_rx_multi {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            __reserved: (words[0] >> 24) & 0xff,
            n_descs: words[1] & 0xffff,
            flags: (words[1] >> 16) & 0xffff,
        }
    }
}

impl From<ef_event_rx_multi> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_rx_multi) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff) | ((view.q_id & 0xff) << 16) | ((view.__reserved & 0xff) << 24),
                (view.n_descs & 0xffff) | ((view.flags & 0xffff) << 16),
                0,
                0,
            ],
        }
    }
}

impl Default for ef_event_rx_multi {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_RX_MULTI, q_id: 0, __reserved: 0, n_descs: 0, flags: 0 }
    }
}

/// The view `rx_multi_discard` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_RX_MULTI_DISCARD` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_rx_multi_discard {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Unused: 8 bits from bit 24 of the event.
    pub __reserved: u32,
    /// Bitfield: 16 bits from bit 32 of the event.
    pub n_descs: u32,
    /// Bitfield: 16 bits from bit 48 of the event.
    pub flags: u32,
    /// Bitfield: 16 bits from bit 64 of the event.
    pub subtype: u32,
}

impl ef_event {
    /// Its view `rx_multi_discard`.
    #[inline(always)]
    pub const fn rx_multi_discard(&self) -> ef_event_rx_multi_discard {
        let words = &self.words;
        ef_event_rx_multi_discard {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            __reserved: (words[0] >> 24) & 0xff,
            n_descs: words[1] & 0xffff,
            flags: (words[1] >> 16) & 0xffff,
            subtype: words[2] & 0xffff,
        }
    }
}

impl From<ef_event_rx_multi_discard> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_rx_multi_discard) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff) | ((view.q_id & 0xff) << 16) | ((view.__reserved & 0xff) << 24),
                (view.n_descs & 0xffff) | ((view.flags & 0xffff) << 16),
                (view.subtype & 0xffff),
                0,
            ],
        }
    }
}

impl Default for ef_event_rx_multi_discard {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_RX_MULTI_DISCARD, q_id: 0, __reserved: 0, n_descs: 0, flags: 0, subtype: 0 }
    }
}

/// The view `rx_multi_pkts` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_RX_MULTI_PKTS` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_rx_multi_pkts {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 8 bits from bit 16 of the event.
    pub q_id: u32,
    /// Unused: 8 bits from bit 24 of the event.
    pub __reserved: u32,
    /// Bitfield: 16 bits from bit 32 of the event.
    pub n_pkts: u32,
    /// Bitfield: 16 bits from bit 48 of the event.
    pub flags: u32,
}

impl ef_event {
    /// Its view `rx_multi_pkts`.
    #[inline(always)]
    pub const fn rx_multi_pkts(&self) -> ef_event_rx_multi_pkts {
        let words = &self.words;
        ef_event_rx_multi_pkts {
            type_: words[0] & 0xffff,
            q_id: (words[0] >> 16) & 0xff,
            __reserved: (words[0] >> 24) & 0xff,
            n_pkts: words[1] & 0xffff,
            flags: (words[1] >> 16) & 0xffff,
        }
    }
}

impl From<ef_event_rx_multi_pkts> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_rx_multi_pkts) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff) | ((view.q_id & 0xff) << 16) | ((view.__reserved & 0xff) << 24),
                (view.n_pkts & 0xffff) | ((view.flags & 0xffff) << 16),
                0,
                0,
            ],
        }
    }
}

impl Default for ef_event_rx_multi_pkts {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_RX_MULTI_PKTS, q_id: 0, __reserved: 0, n_pkts: 0, flags: 0 }
    }
}

/// The view `rx_ref` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_RX_REF` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_rx_ref {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 16 bits from bit 16 of the event.
    pub len: u32,
    /// Bitfield: 32 bits from bit 32 of the event.
    pub pkt_id: u32,
    /// Bitfield: 8 bits from bit 64 of the event.
    pub q_id: u32,
    /// Bitfield: 16 bits from bit 72 of the event.
    pub filter_id: u32,
    /// Bitfield: 8 bits from bit 88 of the event.
    pub user: u32,
}

impl ef_event {
    /// Its view `rx_ref`.
    #[inline(always)]
    pub const fn rx_ref(&self) -> ef_event_rx_ref {
        let words = &self.words;
        ef_event_rx_ref {
            type_: words[0] & 0xffff,
            len: (words[0] >> 16) & 0xffff,
            pkt_id: words[1],
            q_id: words[2] & 0xff,
            filter_id: (words[2] >> 8) & 0xffff,
            user: (words[2] >> 24) & 0xff,
        }
    }
}

impl From<ef_event_rx_ref> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_rx_ref) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff) | ((view.len & 0xffff) << 16),
                view.pkt_id,
                (view.q_id & 0xff) | ((view.filter_id & 0xffff) << 8) | ((view.user & 0xff) << 24),
                0,
            ],
        }
    }
}

impl Default for ef_event_rx_ref {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_RX_REF, len: 0, pkt_id: 0, q_id: 0, filter_id: 0, user: 0 }
    }
}

/// The view `rx_ref_discard` of an [`ef_event`]. Its default is an event of type `EF_EVENT_TYPE_RX_REF_DISCARD` with all else 0. Since Onload 8.1 or before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ef_event_rx_ref_discard {
    /// Bitfield: 16 bits from bit 0 of the event.
    pub type_: u32,
    /// Bitfield: 16 bits from bit 16 of the event.
    pub len: u32,
    /// Bitfield: 32 bits from bit 32 of the event.
    pub pkt_id: u32,
    /// Bitfield: 8 bits from bit 64 of the event.
    pub q_id: u32,
    /// Bitfield: 16 bits from bit 72 of the event.
    pub filter_id: u32,
    /// Bitfield: 8 bits from bit 88 of the event.
    pub user: u32,
    /// Bitfield: 16 bits from bit 96 of the event.
    pub flags: u32,
}

impl ef_event {
    /// Its view `rx_ref_discard`.
    #[inline(always)]
    pub const fn rx_ref_discard(&self) -> ef_event_rx_ref_discard {
        let words = &self.words;
        ef_event_rx_ref_discard {
            type_: words[0] & 0xffff,
            len: (words[0] >> 16) & 0xffff,
            pkt_id: words[1],
            q_id: words[2] & 0xff,
            filter_id: (words[2] >> 8) & 0xffff,
            user: (words[2] >> 24) & 0xff,
            flags: words[3] & 0xffff,
        }
    }
}

impl From<ef_event_rx_ref_discard> for ef_event {
    /// The event of this view; bits that don't fit their field are dropped, others are 0.
    #[inline(always)]
    fn from(view: ef_event_rx_ref_discard) -> Self {
        Self {
            words: [
                (view.type_ & 0xffff) | ((view.len & 0xffff) << 16),
                view.pkt_id,
                (view.q_id & 0xff) | ((view.filter_id & 0xffff) << 8) | ((view.user & 0xff) << 24),
                (view.flags & 0xffff),
            ],
        }
    }
}

impl Default for ef_event_rx_ref_discard {
    #[inline(always)]
    fn default() -> Self {
        Self { type_: super::EF_EVENT_TYPE_RX_REF_DISCARD, len: 0, pkt_id: 0, q_id: 0, filter_id: 0, user: 0, flags: 0 }
    }
}
