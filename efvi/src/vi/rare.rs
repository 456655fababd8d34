//! What an event is that is neither of a good frame received nor of a send done.

use core::ptr::NonNull;

use efvi_sys::{EF_EVENT_FLAG_SOP, ef_event};

use crate::memory::Buffer;

use super::InnerRef;
use super::event::SendError;
use super::packet::{DiscardReason, Found};
use super::rx::Reference;

/// An event that is not made on the data path, but for what it holds beside: small, to be returned in registers.
pub(super) enum Rare {
    /// Nothing: the adapter has no such buffer or packet.
    Nothing,
    /// A packet, which `RxRing::found` has.
    Received,
    Discarded,
    SendFailed(SendError),
    NoDescriptors,
    Software(u16),
    Overflow,
    Reset,
    Other(u32),
}

impl<'poll> InnerRef<'poll> {
    /// What an event is that is neither of a good frame received nor of a send done.
    #[cold]
    pub(super) fn rare_event(self, event: &ef_event) -> Rare {
        let kind = event.generic().type_;
        if kind == efvi_sys::EF_EVENT_TYPE_TX_ERROR {
            self.tx.fail();
            return Rare::SendFailed(SendError::from_raw(event.tx_error().subtype));
        }
        // The queue stays with a reference's event until that is put back.
        if kind == efvi_sys::EF_EVENT_TYPE_RX_REF || kind == efvi_sys::EF_EVENT_TYPE_RX_REF_DISCARD {
            match self.rx.reference.replace(Reference::None) {
                Reference::None => {
                    let rx = event.rx_ref_discard();
                    let reason =
                        (kind == efvi_sys::EF_EVENT_TYPE_RX_REF_DISCARD).then(|| DiscardReason::from_errors(rx.flags));
                    return self.found_reference(rx.pkt_id, rx.len, reason);
                }
                Reference::Lent(id) => self.release(id),
                Reference::Released => {}
            }
            self.events.advance();
            return Rare::Nothing;
        }
        // The queue stays with a merged event until its last packet.
        if kind == efvi_sys::EF_EVENT_TYPE_RX_MULTI || kind == efvi_sys::EF_EVENT_TYPE_RX_MULTI_DISCARD {
            let reason = (kind == efvi_sys::EF_EVENT_TYPE_RX_MULTI_DISCARD)
                .then(|| DiscardReason::from_raw(event.rx_multi_discard().subtype));
            return match self.next_merged(event) {
                Some(merged) => self.found_buffer(merged.buffer, merged.place, merged.flags, reason),
                None => Rare::Nothing,
            };
        }
        self.events.advance();
        match kind {
            efvi_sys::EF_EVENT_TYPE_RX_DISCARD => {
                let rx = event.rx_discard();
                match self.rx.slots.take(rx.rq_id) {
                    Some(buffer) => {
                        let place = self.place(rx.len, rx.flags);
                        self.found_buffer(buffer, place, rx.flags, Some(DiscardReason::from_raw(rx.subtype)))
                    }
                    None => Rare::Nothing,
                }
            }
            efvi_sys::EF_EVENT_TYPE_RX_NO_DESC_TRUNC => Rare::NoDescriptors,
            efvi_sys::EF_EVENT_TYPE_SW => Rare::Software(event.sw().data as u16),
            efvi_sys::EF_EVENT_TYPE_OFLOW => Rare::Overflow,
            efvi_sys::EF_EVENT_TYPE_RESET => Rare::Reset,
            other => Rare::Other(other),
        }
    }

    /// Notes the packet in a buffer, for `Events` to hand out.
    fn found_buffer(self, buffer: Buffer, place: (u32, u32), flags: u32, reason: Option<DiscardReason>) -> Rare {
        // SAFETY: the buffer had room for what the adapter may write when it was posted, within which the place is.
        let frame = unsafe { NonNull::new_unchecked(buffer.data().add(place.0 as usize)) };
        self.found(Some(buffer.into_raw()), frame, place.1, flags, reason)
    }

    /// Notes the packet of the adapter's own memory, for `Events` to hand out.
    fn found_reference(self, id: u32, length: u32, reason: Option<DiscardReason>) -> Rare {
        // SAFETY: the VI is live and this its only thread; the number is of an event of its last poll.
        match NonNull::new(unsafe { efvi_sys::efct_vi_rxpkt_get(self.vi(), id) }.cast_mut()) {
            Some(frame) => {
                self.rx.reference.set(Reference::Lent(id));
                self.found(None, frame.cast(), length, EF_EVENT_FLAG_SOP, reason)
            }
            None => {
                self.events.advance();
                Rare::Nothing
            }
        }
    }

    #[inline(always)]
    fn found(
        self,
        buffer: Option<NonNull<()>>,
        frame: NonNull<u8>,
        length: u32,
        flags: u32,
        reason: Option<DiscardReason>,
    ) -> Rare {
        let rare = if reason.is_some() { Rare::Discarded } else { Rare::Received };
        let reason = reason.unwrap_or(DiscardReason::Other);
        self.rx.found.set(Found { buffer, frame, length: length as u16, flags: flags as u16, reason });
        rare
    }
}
