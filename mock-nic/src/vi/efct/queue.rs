//! A shared receive queue that a VI is attached to.

use super::receive::{self, Discards};
use super::superbuffers::{FRAME, Id, LONGEST, Superbuffers};
use crate::abi::*;
use crate::counters::Cells;
use crate::errno::Result;
use crate::faults;
use crate::port::{MTU, max_frame};
use crate::time::Pipeline;
use crate::time::port_clock::PortClock;
use crate::vi::Vi;
use crate::wire::{self, Arrival, Flags, Link, START};
use core::slice;

const _: () = assert!(max_frame(MTU) <= LONGEST);

/// What the adapter says of a packet, before its frame.
#[repr(C)]
pub(super) struct Meta {
    /// Seconds in the upper half, quarters of a nanosecond in the lower.
    pub stamp: u64,
    /// Whether there is a timestamp.
    pub stamped: u64,
}

/// The VI's end of the queue.
pub(super) struct Queue {
    /// The queue's number on the port.
    pub id: u8,
    /// Which of the VI's queues it is.
    index: usize,
    pub link: Box<dyn Link>,
    pub memory: Superbuffers,
    /// The application has seen the start of the next frame.
    peeked: bool,
    /// The last poll found a frame.
    busy: bool,
}

impl Queue {
    pub fn new(id: u8, index: usize, link: Box<dyn Link>, superbuffers: u16) -> Result<Self> {
        Ok(Self { id, index, link, memory: Superbuffers::new(superbuffers)?, peeked: false, busy: false })
    }

    /// The next frame, if it has arrived whole.
    #[inline]
    fn arrival(&mut self) -> Option<Arrival> {
        if self.peeked {
            // What began to arrive comes before what others sent meanwhile.
            return self.link.arriving().filter(|arrival| !arrival.flags.has(Flags::ARRIVING));
        }
        self.link.arrival()
    }

    /// True if a poll would find a frame.
    pub fn has_event(&mut self) -> bool {
        self.memory.has_room() && self.arrival().is_some()
    }

    /// Receives frames, and says so in events.
    ///
    /// As for posted buffers, a frame that comes alone is given to the application at once.
    #[inline]
    pub fn poll(&mut self, nic: &Vi, discards: Discards, events: &mut [ef_event]) -> usize {
        let (cells, clock): (&Cells, &PortClock) = (&nic.cells, &nic.clock);
        let limit = if self.busy { events.len() } else { events.len().min(1) };
        let (mut frames, mut count) = (0, 0);
        while frames < limit
            && let Some(mut arrival) = self.arrival()
        {
            if let Some(time) = &nic.time {
                arrival.stamp = time.arrived(arrival.stamp);
                if !time.is_there(arrival.stamp, arrival.length) {
                    break;
                }
            }
            if arrival.length > LONGEST {
                cells.rx_length_errors.add(1);
            } else if let Some((superbuffer, packet)) = self.memory.next() {
                let at = self.memory.at(superbuffer, packet);
                let stamp = receive::pack(clock.time(arrival.stamp));
                // SAFETY: a packet of the queue's own memory, which the application has not got yet, with room for what
                // stands before the frame and the longest frame; the wire's bytes stay until it is called again.
                unsafe {
                    at.cast::<Meta>().write(Meta { stamp, stamped: (arrival.stamp != 0).into() });
                    wire::copy(at.add(FRAME), arrival.bytes, arrival.length);
                }
                self.memory.filled();
                let id = Id { queue: self.index, superbuffer, packet };
                events[count] = self.event(id, &arrival, discards, nic);
                count += 1;
            } else {
                cells.rx_no_descriptor.add(1);
            }
            self.link.take();
            self.peeked = false;
            frames += 1;
        }
        self.busy = frames > 0;
        count
    }

    #[inline]
    fn event(&mut self, id: Id, arrival: &Arrival, discards: Discards, nic: &Vi) -> ef_event {
        let cells: &Cells = &nic.cells;
        cells.rx_frames.add(1);
        cells.rx_bytes.add(arrival.length as u64);
        // SAFETY: the wire's bytes stay until it is called again.
        let frame = unsafe { slice::from_raw_parts(arrival.bytes, arrival.length) };
        let mut flags = discards.of(frame, arrival.flags);
        if faults::armed() {
            flags = faults::adapter::discard_reference(nic, flags);
        }
        let (len, pkt_id, q_id) = (arrival.length as u32, id.number(), self.id.into());
        // What it is for a frame that no filter took is not documented.
        let filter_id = self.link.filter_of(frame).unwrap_or(0).into();
        if flags == 0 {
            return ef_event_rx_ref { len, pkt_id, q_id, filter_id, ..Default::default() }.into();
        }
        cells.rx_discards.add(1);
        ef_event_rx_ref_discard { len, pkt_id, q_id, filter_id, flags, ..Default::default() }.into()
    }

    /// On virtual time: when the next frame will be there, or was.
    #[cold]
    pub fn due(&mut self, time: &Pipeline) -> Option<u64> {
        let arrival = self.arrival()?;
        Some(time.delivered(time.arrived(arrival.stamp), arrival.length))
    }

    /// The start of the next frame, written to where it will be received; none if there is none, or no place for it.
    #[inline]
    pub fn peek(&mut self, time: Option<&Pipeline>) -> Option<*const u8> {
        let arrival = self.link.arriving()?;
        if let Some(time) = time
            && !time.look(time.arrived(arrival.stamp))
        {
            return None;
        }
        let (superbuffer, packet) = self.memory.next()?;
        let at = self.memory.at(superbuffer, packet).wrapping_add(FRAME);
        if !self.peeked {
            // SAFETY: as in `poll`. Of a frame that is still arriving so much is there, or it is not seen yet.
            unsafe { at.copy_from_nonoverlapping(arrival.bytes, arrival.length.min(START)) };
            self.peeked = true;
        }
        Some(at)
    }
}
