//! What an event is that is neither of a good frame received nor of a send done.

use core::ptr::NonNull;

use efvi_sys::{EF_EVENT_FLAG_SOP, ef_event};

use crate::memory::Loan;

use super::InnerRef;
use super::event::SendError;
#[cfg(onload_since = "9.0.1")]
use super::events::TRAP;
use super::packet::{DiscardReason, Found};
use super::rx::Lent;
use super::tx::Special;

/// An event that is not made on the data path, but for what it holds beside: small, to be returned in registers.
pub(super) enum Rare {
    /// A packet, which `RxRing::found` has.
    Received,
    /// The same, with something wrong with it.
    Discarded,
    SentPieces,
    SentPio,
    SendFailed(SendError),
    Alternative(u32),
    /// Packets of a packed stream, which `RxRing::stream` has.
    Packed,
    NoDescriptors,
    Software(u16),
    Overflow,
    Reset,
    Other(u32),
}

impl<'poll> InnerRef<'poll> {
    /// What an event is that is neither of a good frame received nor of a send done; `None` if that is nothing: it is over,
    /// or the adapter has no such buffer or packet.
    #[cold]
    pub(super) fn rare_event(self, event: &ef_event) -> Option<Rare> {
        let kind = event.generic().type_;
        // The queue stays with a transmit event until the last of its frames is handed out, or given up.
        let special = match kind {
            efvi_sys::EF_EVENT_TYPE_TX => Some(self.sent_aside(event)),
            efvi_sys::EF_EVENT_TYPE_TX_WITH_TIMESTAMP => Some(self.sent_aside_with_timestamp(event)),
            efvi_sys::EF_EVENT_TYPE_TX_ERROR => Some(self.failed(event)),
            _ => None,
        };
        if let Some(special) = special {
            return match special {
                Special::Nothing => None,
                Special::Pieces => Some(Rare::SentPieces),
                Special::Part => Some(Rare::SentPio),
                Special::Failed => Some(Rare::SendFailed(SendError::from_raw(event.tx_error().subtype))),
            };
        }
        // The queue stays with an event of packets until the last of them is put back.
        if self.settle() && self.rx.bundle.pass() {
            self.events.advance();
            return None;
        }
        match kind {
            efvi_sys::EF_EVENT_TYPE_RX_REF => {
                let rx = event.rx_ref();
                return self.found_reference(rx.pkt_id, rx.len, None);
            }
            efvi_sys::EF_EVENT_TYPE_RX_REF_DISCARD => {
                let rx = event.rx_ref_discard();
                return self.found_reference(rx.pkt_id, rx.len, Some(DiscardReason::from_errors(rx.flags)));
            }
            efvi_sys::EF_EVENT_TYPE_RX_MULTI => return self.found_merged(event, None),
            efvi_sys::EF_EVENT_TYPE_RX_MULTI_DISCARD => {
                return self.found_merged(event, Some(DiscardReason::from_raw(event.rx_multi_discard().subtype)));
            }
            efvi_sys::EF_EVENT_TYPE_RX_PACKED_STREAM if self.next_packed(event) => return Some(Rare::Packed),
            efvi_sys::EF_EVENT_TYPE_RX_DISCARD => {
                let rx = event.rx_discard();
                if let Some(loan) = self.rx.posted.lend(rx.rq_id) {
                    let place = self.place(rx.len, rx.flags);
                    return self.found_buffer(loan, place, rx.flags, Some(DiscardReason::from_raw(rx.subtype)));
                }
            }
            _ => {}
        }
        self.events.advance();
        match kind {
            efvi_sys::EF_EVENT_TYPE_RX_DISCARD | efvi_sys::EF_EVENT_TYPE_RX_PACKED_STREAM => None,
            efvi_sys::EF_EVENT_TYPE_RX_NO_DESC_TRUNC => Some(Rare::NoDescriptors),
            efvi_sys::EF_EVENT_TYPE_TX_ALT => {
                let alternative = event.tx_alt().alt_id;
                self.alternative_left(alternative);
                Some(Rare::Alternative(alternative))
            }
            #[cfg(onload_since = "9.0.1")]
            TRAP => {
                drop(self.end_warming());
                None
            }
            efvi_sys::EF_EVENT_TYPE_SW => Some(Rare::Software(event.sw().data as u16)),
            efvi_sys::EF_EVENT_TYPE_OFLOW => Some(Rare::Overflow),
            efvi_sys::EF_EVENT_TYPE_RESET => Some(Rare::Reset),
            other => Some(Rare::Other(other)),
        }
    }

    /// Notes the next packet of a merged event.
    fn found_merged(self, event: &ef_event, reason: Option<DiscardReason>) -> Option<Rare> {
        match self.next_merged(event) {
            Some(merged) => self.found_buffer(merged.loan, merged.place, merged.flags, reason),
            None => None,
        }
    }

    /// Notes the packet in a buffer, for `Events` to hand out.
    fn found_buffer(self, loan: Loan, place: (usize, u32), flags: u32, reason: Option<DiscardReason>) -> Option<Rare> {
        // SAFETY: in its slot. The buffer had room for what the adapter may write when it was posted, within which the
        // place is.
        let (slot, frame) = unsafe { (loan.slot(), loan.data().add(place.0)) };
        self.found(Lent::Buffer(slot), frame, place.1, flags, reason)
    }

    /// Notes the packet of the adapter's own memory, for `Events` to hand out.
    fn found_reference(self, id: u32, length: u32, reason: Option<DiscardReason>) -> Option<Rare> {
        // SAFETY: the VI is live and this its only thread; the number is of an event of its last poll.
        match NonNull::new(unsafe { efvi_sys::efct_vi_rxpkt_get(self.vi(), id) }.cast_mut()) {
            Some(frame) => self.found(Lent::Reference(id), frame.cast(), length, EF_EVENT_FLAG_SOP, reason),
            None => {
                self.events.advance();
                None
            }
        }
    }

    fn found(
        self,
        lent: Lent,
        frame: NonNull<u8>,
        length: u32,
        flags: u32,
        reason: Option<DiscardReason>,
    ) -> Option<Rare> {
        self.rx.lent.set(lent);
        self.rx.found.set(Found { frame, length, flags: flags as u16, reason: reason.unwrap_or(DiscardReason::Other) });
        if reason.is_some() { Some(Rare::Discarded) } else { Some(Rare::Received) }
    }
}
