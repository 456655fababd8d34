//! The receive ring: what is posted in it, and where in a buffer a frame is.

use core::cell::{Cell, OnceCell};

use efvi_sys::{EF_EVENT_FLAG_CONT, EF_EVENT_FLAG_SOP, ef_request_id};

use crate::memory::{Buffer, Loan, PacketPool};

use super::super::Inner;
use super::super::merge::Bundle;
use super::super::packet::Found;
use super::super::rejected::{RejectReason, Rejected};
use super::held::Holding;
use super::posted::Posted;
use super::stream::Stream;

/// What the receive half knows, beside the library's own state.
pub(in crate::vi) struct RxRing {
    pub(in crate::vi) posted: Posted,
    /// Whether the adapter receives into memory of its own, and events refer to packets there: nothing is posted.
    pub(in crate::vi) by_reference: bool,
    /// What the adapter may write into a buffer at most, in bytes; where none are posted more than any buffer holds.
    pub(in crate::vi) buffer_length: u32,
    /// How far into the buffer a frame starts, in bytes.
    prefix: usize,
    /// The flags of a frame in one piece over its length, for one of no bytes: the prefix alone.
    whole_frame: u32,
    /// What a buffer has room for behind the prefix.
    frame_room: u32,
    /// The bytes of the frame so far, where one spans buffers: events count from its start.
    frame_bytes: Cell<u32>,
    pub(in crate::vi) bundle: Bundle,
    /// The packet that a rare event was found to be of: here, so that next to nothing of such events is in line.
    pub(in crate::vi) found: Cell<Found>,
    /// What was lent of a rare event.
    pub(in crate::vi) lent: Cell<Lent>,
    /// The references that are held past their poll, of an adapter that has them.
    pub(in crate::vi) holding: Option<Holding>,
    /// The packed stream that is received, in place of frames in posted buffers.
    pub(in crate::vi) stream: OnceCell<Stream>,
    /// Whether received frames can be polled for alone.
    pub(in crate::vi) polls_alone: bool,
}

/// The flags that say which piece of a frame a buffer holds.
const PIECE: u32 = EF_EVENT_FLAG_SOP | EF_EVENT_FLAG_CONT;

/// What was lent of the queue's next event, if that is a rare one. The event is over when it is put back.
#[derive(Clone, Copy)]
pub(in crate::vi) enum Lent {
    /// Nothing yet.
    Nothing,
    /// The buffer in this slot.
    Buffer(u32),
    /// A packet of the adapter's own memory, by its number.
    Reference(u32),
    /// What was lent is the program's, or the adapter's again.
    Gone,
}

impl RxRing {
    pub(in crate::vi) fn new(capacity: u32, buffer_length: u32, prefix: u32) -> Self {
        RxRing {
            posted: Posted::new(capacity),
            by_reference: false,
            buffer_length,
            prefix: prefix as usize,
            whole_frame: EF_EVENT_FLAG_SOP << 16 | prefix,
            frame_room: buffer_length.saturating_sub(prefix),
            frame_bytes: Cell::new(0),
            bundle: Bundle::new(),
            found: Cell::new(Found::NOTHING),
            lent: Cell::new(Lent::Nothing),
            holding: None,
            stream: OnceCell::new(),
            polls_alone: false,
        }
    }

    /// How far before a frame its prefix starts, in bytes.
    #[inline(always)]
    pub(in crate::vi) fn prefix(&self) -> usize {
        self.prefix
    }

    /// Whether no buffers are posted: the adapter receives into memory of its own, or into a packed stream's.
    pub(in crate::vi) fn takes_no_buffers(&self) -> bool {
        self.by_reference || self.stream.get().is_some()
    }

    /// For an adapter that receives into memory of its own.
    pub(in crate::vi) fn by_reference(prefix: u32, holding: Option<Holding>, polls_alone: bool) -> Self {
        RxRing { by_reference: true, holding, polls_alone, ..Self::new(0, u32::MAX, prefix) }
    }
}

impl Inner {
    /// Adds a buffer to the ring, without telling the adapter: true if it is time to.
    #[inline(always)]
    pub(in crate::vi) fn receive_init(&self, mut buffer: Buffer) -> Result<bool, Rejected> {
        if (buffer.domain() != self.domain_id || (buffer.capacity() as u32) < self.rx.buffer_length)
            && let Some(reason) = self.reason_against_posting(&mut buffer)
        {
            return Err(Rejected::new(buffer, reason));
        }
        let dma = buffer.dma();
        // The library's own count would not do: to it a packet that is lent, or waits for it, has left the ring.
        let id = match self.rx.posted.fill(buffer) {
            Ok(slot) => slot,
            Err(buffer) => return Err(Rejected::new(buffer, RejectReason::RingFull)),
        };
        // SAFETY: the VI is live and this its only thread; the buffer is registered in its domain, holds as much as
        // the adapter may write, and is nobody's but its slot's until the completion; the id is below the reserved one.
        match unsafe { efvi_sys::ef_vi_receive_init(self.vi(), dma, id as ef_request_id) } {
            0 => Ok(self.rx.posted.is_push_due()),
            code => Err(self.refused_posting(id, code)),
        }
    }

    /// Takes back the buffer that the library has just refused.
    #[cold]
    fn refused_posting(&self, slot: u32, code: i32) -> Rejected {
        // SAFETY: put in by the caller; the library takes no buffers.
        let buffer = unsafe { self.rx.posted.take(slot).unwrap_unchecked() };
        Rejected::new(buffer, RejectReason::from_return(code))
    }

    /// Why a buffer can't be posted; none if it was only last used in another domain and can be in this.
    #[cold]
    fn reason_against_posting(&self, buffer: &mut Buffer) -> Option<RejectReason> {
        let (capacity, needed) = (buffer.capacity() as u32, self.rx.buffer_length);
        if self.rx.takes_no_buffers() {
            Some(RejectReason::NothingPosted)
        } else if buffer.domain() != self.domain_id && !buffer.enter(self.domain_id) {
            Some(RejectReason::WrongDomain)
        } else {
            (capacity < needed).then_some(RejectReason::BufferTooSmall { capacity, needed })
        }
    }

    #[inline(always)]
    pub(in crate::vi) fn receive_push(&self) {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_receive_push(self.vi()) };
    }

    /// Adds a buffer to the ring, and tells the adapter of each eight.
    #[inline(always)]
    pub(in crate::vi) fn post(&self, buffer: Buffer) -> Result<(), Rejected> {
        if self.receive_init(buffer)? {
            self.receive_push();
        }
        Ok(())
    }

    /// Posts buffers of this pool until the ring is full or the pool empty, and returns how many.
    pub(in crate::vi) fn fill(&self, pool: &mut PacketPool) -> Result<usize, RejectReason> {
        let mut posted = 0;
        let mut outcome = Ok(());
        // None where no buffers are posted.
        while self.receive_space() > 0
            && let Some(buffer) = pool.take()
        {
            if let Err(rejected) = self.receive_init(buffer) {
                pool.put(rejected.buffer);
                if rejected.reason != RejectReason::RingFull {
                    outcome = Err(rejected.reason);
                }
                break;
            }
            posted += 1;
        }
        if posted > 0 {
            self.receive_push();
        }
        outcome.map(|()| posted)
    }

    /// How many more buffers the ring takes.
    #[inline]
    pub(in crate::vi) fn receive_space(&self) -> usize {
        if self.rx.takes_no_buffers() {
            return 0;
        }
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_receive_space(self.vi()) }.max(0) as usize
    }

    /// Posts a buffer again that was received into, from the slot in which it still is. The library has room, since to it
    /// the buffer had left the ring. If ever not, the buffer returns to its pool.
    ///
    /// # Safety
    /// The buffer is in its slot, its descriptor completed, and nothing borrows from it.
    #[inline(always)]
    pub(in crate::vi) unsafe fn repost(&self, loan: Loan) {
        // SAFETY: the caller's promise, and as in `receive_init`, where this buffer was checked when it was first posted.
        if unsafe { efvi_sys::ef_vi_receive_init(self.vi(), loan.dma(), loan.slot() as ef_request_id) } != 0 {
            return self.give_up(loan);
        }
        if self.rx.posted.is_push_due() {
            self.receive_push();
        }
    }

    /// Gives a packet of the adapter's memory back to it.
    // Not in line: the library is called anyway, and the path of posted buffers stays as short as it is without.
    #[inline(never)]
    pub(in crate::vi) fn release(&self, id: u32) {
        // SAFETY: the VI is live and this its only thread; the packet is one of its events, not released before, and
        // nothing borrows from it.
        unsafe { efvi_sys::efct_vi_rxpkt_release(self.vi(), id) };
    }

    /// Returns this buffer, which the library refused, to its pool.
    // `inline`, as `cold` functions of a loop are here, has it compiled with its caller. The address of another crate's
    // would be loaded before the loop, to take up a register.
    #[cold]
    #[inline]
    fn give_up(&self, loan: Loan) {
        // SAFETY: the caller has just looked at it, and it is in its slot still.
        drop(self.rx.posted.take(unsafe { loan.slot() }));
    }

    /// Ends what was lent of a rare event: it is the adapter's again, if it is not the program's. False if nothing was.
    pub(in crate::vi) fn settle(&self) -> bool {
        match self.rx.lent.replace(Lent::Nothing) {
            Lent::Nothing => return false,
            Lent::Gone => {}
            Lent::Reference(id) => self.release(id),
            Lent::Buffer(slot) => {
                if let Some(loan) = self.rx.posted.lend(slot) {
                    // SAFETY: just seen in its slot; it was lent, so its descriptor completed, and whoever it was lent
                    // to has it no more.
                    unsafe { self.repost(loan) };
                }
            }
        }
        true
    }

    /// Where in a buffer that was received into the frame is, or its piece, and how long. `bytes` counts from the start
    /// of the frame, prefix included.
    #[inline(always)]
    pub(in crate::vi) fn place(&self, bytes: u32, flags: u32) -> (usize, u32) {
        // One comparison for a frame in one piece and a length that can be: anything else is a large number here.
        let length = (bytes | (flags & PIECE) << 16).wrapping_sub(self.rx.whole_frame);
        if length > self.rx.frame_room {
            return self.piece(bytes, flags);
        }
        (self.rx.prefix, length)
    }

    /// Where in its buffer a piece of a frame lies that spans several, and how long it is.
    #[cold]
    #[inline]
    fn piece(&self, bytes: u32, flags: u32) -> (usize, u32) {
        let (start, before) = if flags & EF_EVENT_FLAG_SOP != 0 {
            (self.rx.prefix, self.rx.prefix as u32)
        } else {
            (0, self.rx.frame_bytes.get())
        };
        self.rx.frame_bytes.set(bytes);
        (start, bytes.saturating_sub(before).min(self.rx.buffer_length - start as u32))
    }
}

#[cfg(all(test, feature = "mock-nic"))]
mod tests {
    use std::vec::Vec;

    use crate::mock::{Fabric, Fcs};
    use crate::{Driver, Event, Filter, MacAddress, PacketPool, ProtectionDomain, VirtualInterface};

    /// Frames longer than a buffer: the mock's MTU has none, so the adapter is told of shorter buffers.
    #[test]
    fn a_frame_over_several_buffers_comes_in_pieces_that_add_up() {
        const PIECE: usize = 256;
        let (port, _other) = Fabric::new().cable().unwrap();
        let domain = ProtectionDomain::open(&Driver::open().unwrap(), port.name()).unwrap();
        let mut pool = PacketPool::builder().buffers(600).build(&domain).unwrap();
        let mut vi = VirtualInterface::builder().timestamps(crate::Timestamps::RX).build(&domain).unwrap();
        let mac = MacAddress([2, 0, 0, 0, 0, 0x33]);
        vi.filter_add(&Filter::ethernet_local(mac, None)).unwrap();
        // SAFETY: the VI is live and this its only thread; the buffers are longer than that.
        unsafe { efvi_sys::ef_vi_receive_set_buffer_len(vi.inner().vi(), PIECE as u32) };
        let (_, mut rx) = vi.split();
        rx.fill(&mut pool).unwrap();

        for length in [60_usize, 242, 243, 300, 498, 499, 1000, 1514] {
            let mut frame: Vec<u8> = (0..length).map(|at| (at * 3 + length) as u8).collect();
            frame[..6].copy_from_slice(&mac.octets());
            frame[6] = 2;
            frame[12..14].copy_from_slice(&[0x88, 0xb5]);
            port.inject(&frame, Fcs::Good).unwrap();
            let (mut whole, mut pieces, mut ended) = (Vec::new(), 0, false);
            while !ended {
                let mut events = rx.poll();
                while let Some(event) = events.next() {
                    let Event::Received(packet) = event else { panic!("{event:?}") };
                    assert!(!ended, "a piece after the last");
                    assert_eq!(packet.is_start(), pieces == 0);
                    assert_eq!(packet.timestamp().is_ok(), pieces == 0, "the first piece has the frame's time");
                    ended = !packet.continues();
                    pieces += 1;
                    whole.extend_from_slice(packet.frame());
                }
            }
            assert_eq!(whole, frame);
            assert_eq!(pieces, (length + 14).div_ceil(PIECE), "{length} bytes");
            assert_eq!(rx.space(), 0, "every piece was posted again");
        }
    }
}
