//! Event merging: one event for several receive buffers.

use core::cell::Cell;

use efvi_sys::{EF_EVENT_FLAG_CONT, EF_EVENT_FLAG_SOP, ef_event, ef_request_id};

use crate::memory::Loan;

use super::Inner;

const BATCH: usize = efvi_sys::EF_VI_RECEIVE_BATCH as usize;

/// The ids of the buffers that an event completed, which of them wait to be handed out, and the frame they are of.
pub(super) struct Bundle {
    ids: [Cell<ef_request_id>; BATCH],
    next: Cell<u32>,
    count: Cell<u32>,
    /// The bytes of the frame so far that are still to come, in the next buffers.
    rest: Cell<u32>,
}

impl Bundle {
    pub(super) fn new() -> Self {
        Bundle { ids: [const { Cell::new(0) }; BATCH], next: Cell::new(0), count: Cell::new(0), rest: Cell::new(0) }
    }

    /// Whether the one that is being handed out is the last. Always, of an event that is not merged.
    pub(super) fn is_last(&self) -> bool {
        self.next.get() + 1 >= self.count.get()
    }

    /// The one that was handed out is over. True if it was the last, with which the bundle is, too.
    pub(super) fn pass(&self) -> bool {
        let last = self.is_last();
        if last {
            self.count.set(0);
            self.next.set(0);
        } else {
            self.next.set(self.next.get() + 1);
        }
        last
    }
}

/// A buffer of a merged event, where in it the frame or a piece of it lies, and which piece that is.
pub(super) struct Merged {
    pub(super) loan: Loan,
    pub(super) place: (usize, u32),
    pub(super) flags: u32,
}

impl Inner {
    /// The next buffer of those that a RX_MULTI or RX_MULTI_DISCARD event completed, the next event of the queue. The
    /// queue stays with the event until the last of them is put back, so none is lost if what polled is forgotten.
    pub(super) fn next_merged(&self, event: &ef_event) -> Option<Merged> {
        let bundle = &self.rx.bundle;
        if bundle.count.get() == 0 {
            let ids = bundle.ids.as_ptr().cast_mut().cast();
            // SAFETY: the VI is live and this its only thread; the event is a merged one of its last poll, not
            // unbundled before; there is room for the most ids that there can be, in cells laid out as what they hold.
            let count = unsafe { efvi_sys::ef_vi_receive_unbundle(self.vi(), event, ids) };
            bundle.count.set(count.clamp(0, BATCH as i32) as u32);
            if event.rx_multi().flags & EF_EVENT_FLAG_SOP != 0 {
                // Whatever was to come of another frame does not.
                bundle.rest.set(0);
            }
        }
        while bundle.next.get() < bundle.count.get() {
            let id = bundle.ids.get(bundle.next.get() as usize)?.get();
            if let Some(loan) = self.rx.posted.lend(id as u32) {
                return Some(self.merged(loan));
            }
            if bundle.pass() {
                break;
            }
        }
        self.events.advance();
        None
    }

    /// What a buffer has of a frame: its length is in the prefix, which only the first buffer has.
    #[inline(always)]
    fn merged(&self, loan: Loan) -> Merged {
        let rest = self.rx.bundle.rest.get();
        let (start, length, first) = if rest == 0 {
            let mut bytes = 0;
            // SAFETY: the VI is live and this its only thread; the buffer is in its slot, and starts with the prefix that
            // the adapter wrote.
            unsafe { efvi_sys::ef_vi_receive_get_bytes(self.vi(), loan.data().as_ptr().cast(), &raw mut bytes) };
            (self.rx.prefix(), u32::from(bytes), EF_EVENT_FLAG_SOP)
        } else {
            (0, rest, 0)
        };
        // SAFETY: the VI is live.
        let room = unsafe { efvi_sys::ef_vi_receive_buffer_len(self.vi()) }.max(0) as u32;
        let here = length.min(room.min(self.rx.buffer_length).saturating_sub(start as u32));
        self.rx.bundle.rest.set(length - here);
        let flags = if here < length { first | EF_EVENT_FLAG_CONT } else { first };
        Merged { loan, place: (start, here), flags }
    }
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use crate::mock::{Fabric, Fcs};
    use crate::{DiscardReason, Driver, Event, Filter, MacAddress, PacketPool, ProtectionDomain, VirtualInterface};
    use std::vec::Vec;

    /// Frames of all lengths, some bad, on buffers of two lengths: in order, whole, and every buffer posted again.
    #[test]
    fn merged_frames_come_one_by_one_and_in_pieces_that_add_up() {
        for piece in [1792, 256] {
            let (port, _other) = Fabric::new().cable().unwrap();
            let domain = ProtectionDomain::open(&Driver::open().unwrap(), port.name()).unwrap();
            let mut pool = PacketPool::builder().buffers(600).build(&domain).unwrap();
            let builder = VirtualInterface::builder().merge_events(true).timestamps(crate::Timestamps::RX);
            let mut vi = builder.build(&domain).unwrap();
            let mac = MacAddress([2, 0, 0, 0, 0, 0x33]);
            let _filter = vi.filter_add(&Filter::ethernet_local(mac, None)).unwrap();
            // SAFETY: the VI is live and this its only thread; the buffers are longer than that.
            unsafe { efvi_sys::ef_vi_receive_set_buffer_len(vi.inner().vi(), piece) };
            let (_, mut rx) = vi.split();
            rx.fill(&mut pool).unwrap();
            for round in 0..if cfg!(miri) { 2 } else { 20 } {
                // No more than the wire holds, which is little under Miri.
                let lengths = (0..if cfg!(miri) { 7 } else { 40_usize })
                    .map(|at| [60, 242, 243, 300, 498, 499, 1000, 1514][(at * 5 + round) % 8]);
                let frames: Vec<Vec<u8>> = lengths
                    .map(|length| {
                        let mut frame: Vec<u8> = (0..length).map(|at| (at * 3 + length) as u8).collect();
                        frame[..6].copy_from_slice(&mac.octets());
                        frame[6] = 2;
                        frame[12..14].copy_from_slice(&[0x88, 0xb5]);
                        frame
                    })
                    .collect();
                for (at, frame) in frames.iter().enumerate() {
                    port.inject(frame, if at % 7 == 6 { Fcs::Bad } else { Fcs::Good }).unwrap();
                }
                let (mut whole, mut at) = (Vec::new(), 0);
                while at < frames.len() {
                    let mut events = rx.poll();
                    let mut taken = 0;
                    while let Some(event) = events.next() {
                        let goes_on = match event {
                            Event::Received(packet) => {
                                assert_eq!(packet.is_start(), whole.is_empty());
                                assert_eq!(packet.timestamp().is_ok(), packet.is_start());
                                whole.extend_from_slice(packet.frame());
                                packet.continues()
                            }
                            Event::Discarded(packet) => {
                                assert_eq!((packet.reason(), at % 7), (DiscardReason::Crc, 6));
                                whole.extend_from_slice(packet.frame());
                                whole.len() < frames[at].len()
                            }
                            other => panic!("{other:?}"),
                        };
                        if !goes_on {
                            assert_eq!(core::mem::take(&mut whole), frames[at]);
                            at += 1;
                        }
                        taken += 1;
                        if taken == 9 && round % 2 == 1 && piece == 1792 {
                            break;
                        }
                    }
                    if taken == 9 && round % 2 == 1 && piece == 1792 {
                        // What is left of the poll goes to nobody, and is posted again all the same.
                        drop(events);
                        while !rx.poll().is_empty() {}
                        break;
                    }
                }
                assert_eq!(rx.space(), 0, "every buffer was posted again");
            }
        }
    }
}
