//! What a VI sends through AF_XDP.

use super::{CHUNK, End, Ring};
use crate::frame::MIN_FRAME;
use crate::wire::packet::Sent;
use crate::wire::{Flags, Outgoing};

impl End {
    /// Puts a frame into the transmit ring; false if there is no room.
    #[inline]
    pub fn transmit(&mut self, frame: &Outgoing<'_>) -> bool {
        if let [piece] = frame.pieces
            && !frame.flags.has(Flags::WRITTEN_THROUGH)
            && piece.length >= MIN_FRAME
            && let Some(offset) = self.umem.offset_of(piece.base.addr(), piece.length)
            && (!self.zero_copy || self.can_place(offset))
        {
            // SAFETY: registered memory of the VI's, which is the adapter's until the send completes.
            unsafe { frame.checksums.write(piece.base.cast_mut()) };
            if !self.queue_up(offset, piece.length, 0) {
                return false;
            }
            self.sending.push_back((offset, false));
            self.issued = self.issued.wrapping_add(1);
            self.cells.tx_in_place.add(1);
            if self.zero_copy {
                self.cells.zero_copies.add(1);
            }
            return true;
        }
        self.transmit_copy(frame)
    }

    fn transmit_copy(&mut self, frame: &Outgoing<'_>) -> bool {
        let length = frame.wire_length();
        let room = if self.umem.in_place { CHUNK } else { self.umem.frame };
        let pieces = length.div_ceil(room);
        if self.spare.len() < pieces {
            self.push();
            self.reap();
        }
        if self.spare.len() < pieces || self.room() < pieces as u32 {
            return false;
        }
        self.cells.tx_copied.add(1);
        if pieces > 1 {
            return self.transmit_pieces(frame, room);
        }
        let Some(chunk) = self.spare.pop() else { return false };
        // SAFETY: the chunk is nobody's, and has room for the frame.
        unsafe { frame.write(self.umem.at(chunk)) };
        self.queue_up(chunk, length, 0)
    }

    /// A frame that no chunk has room for.
    #[cold]
    fn transmit_pieces(&mut self, frame: &Outgoing<'_>, room: usize) -> bool {
        let length = frame.wire_length();
        let mut whole = vec![0; length];
        // SAFETY: there is room for the frame.
        unsafe { frame.write(whole.as_mut_ptr()) };
        let last = length.div_ceil(room) - 1;
        whole.chunks(room).enumerate().all(|(at, piece)| {
            let Some(chunk) = self.spare.pop() else { return false };
            // SAFETY: the chunk is nobody's, and has room for the piece.
            unsafe { self.umem.at(chunk).copy_from_nonoverlapping(piece.as_ptr(), piece.len()) };
            self.queue_up(chunk, piece.len(), if at < last { libc::XDP_PKT_CONTD } else { 0 })
        })
    }

    fn room(&mut self) -> u32 {
        self.queues[0].transmit.as_mut().map_or(0, |transmit| transmit.room())
    }

    #[inline]
    fn queue_up(&mut self, offset: u64, length: usize, options: u32) -> bool {
        let descriptor = libc::xdp_desc { addr: offset, len: length as u32, options };
        let added = self.queues[0].transmit.as_mut().is_some_and(|transmit| transmit.push(descriptor));
        // Without room, those before are still to be published.
        self.behind |= added;
        added
    }

    /// Has the kernel send what was put into the ring; false if [some](End::refused) of it was not taken.
    #[inline]
    pub fn push(&mut self) -> bool {
        if core::mem::take(&mut self.behind) {
            if self.push_alone() {
                return self.refused == 0;
            }
            if let Some(transmit) = &self.queues[0].transmit {
                transmit.publish();
            }
        }
        match self.queues[0].wake_sender(!self.zero_copy, &self.cells.system_calls) {
            Ok(dropped) => self.refused += dropped,
            // The driver may have them.
            Err(_) if self.zero_copy => {}
            Err(_) => self.take_back(),
        }
        self.refused == 0
    }

    /// Sends a frame that is alone past the ring, where that is quicker: true if it is done with.
    #[inline]
    fn push_alone(&mut self) -> bool {
        let (Some(direct), Some(transmit)) = (&self.direct, &mut self.queues[0].transmit) else { return false };
        let Some(descriptor) = transmit.take_only() else { return false };
        // SAFETY: the frame is there, and nobody else's until it is done with.
        match unsafe { direct.send(self.umem.at(descriptor.addr), descriptor.len as usize) } {
            Sent::Done => {}
            Sent::Refused => self.refused += 1,
            Sent::Later => {
                // There is room: it comes from there.
                transmit.push(descriptor);
                return false;
            }
        }
        self.sent(descriptor.addr);
        true
    }

    /// Nothing leaves an interface that is down: what waits for that is lost.
    #[cold]
    pub fn take_back(&mut self) {
        if self.zero_copy {
            return;
        }
        while let Some(descriptor) = self.queues[0].transmit.as_mut().and_then(Ring::take_back) {
            self.sent(descriptor.addr);
            self.refused += u64::from(descriptor.options & libc::XDP_PKT_CONTD == 0);
        }
    }

    /// How many entries of the transmit ring the kernel is not done with: each comes to the completion ring.
    pub fn unfinished(&mut self) -> u32 {
        self.reap();
        let queue = &self.queues[0];
        queue.transmit.as_ref().map_or(0, |transmit| transmit.own().wrapping_sub(queue.completion.own()))
    }

    /// Frames that the interface did not take since this was last asked.
    pub fn refused(&mut self) -> u64 {
        core::mem::take(&mut self.refused)
    }

    /// Takes what was sent off the completion ring.
    #[inline]
    fn reap(&mut self) {
        while let Some(offset) = self.queues[0].completion.peek(0) {
            self.queues[0].completion.release(1);
            self.sent(offset);
        }
    }

    /// What was sent from there is done with.
    #[inline]
    fn sent(&mut self, offset: u64) {
        if self.umem.is_own(offset) {
            self.spare.push(offset);
            return;
        }
        // As a rule the first: only where the kernel frees out of turn is it another.
        if let Some(sent) = self.sending.iter_mut().find(|sent| sent.0 == offset && !sent.1) {
            sent.1 = true;
        }
        while self.sending.front().is_some_and(|sent| sent.1) {
            self.sending.pop_front();
            self.completed = self.completed.wrapping_add(1);
        }
    }

    /// Frames that are read where the application has them.
    pub fn issued(&self) -> u32 {
        self.issued
    }

    /// How many of them have been read, from the first on.
    #[inline]
    pub fn completed(&mut self) -> u32 {
        if self.issued != self.completed {
            self.reap();
        }
        self.completed
    }
}
