//! Handing the events of a poll to a program's methods.

use efvi_sys::ef_event;

use super::InnerRef;
use super::event::{Event, EventHandler, Sent};
use super::events::Events;

impl Events<'_> {
    /// Hands each event to the program's methods, in order: as a loop over [`next`](Self::next), and less work, since what an
    /// event lends is put back right where it was lent. The methods are best short: then they are part of this loop.
    ///
    /// ```
    /// # use efvi::*;
    /// struct Feed {
    ///     bytes: usize,
    ///     pool: PacketPool,
    /// }
    ///
    /// impl EventHandler for Feed {
    ///     fn received(&mut self, packet: Packet<'_>) {
    ///         self.bytes += packet.len();
    ///     }
    ///
    ///     fn sent(&mut self, sent: Sent) {
    ///         self.pool.put(sent.buffer);
    ///     }
    /// }
    ///
    /// # fn main() -> Result<()> {
    /// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// # let mut pool = PacketPool::builder().buffers(64).build(&domain)?;
    /// # let mut vi = VirtualInterface::builder().build(&domain)?;
    /// # vi.filter_add(&Filter::all_multicast())?;
    /// # let (_tx, mut rx) = vi.split();
    /// # rx.fill(&mut pool).expect("buffers that the ring takes");
    /// # port.inject(&[0xff; 60], mock::Fcs::Good).expect("a frame");
    /// let mut feed = Feed { bytes: 0, pool };
    /// while feed.bytes == 0 {
    ///     rx.poll().dispatch(&mut feed);
    /// }
    /// # assert_eq!(feed.bytes, 60);
    /// # Ok(())
    /// # }
    /// ```
    // Nothing here takes the address of `self`: it lies in registers.
    #[inline(always)]
    pub fn dispatch(mut self, handler: &mut impl EventHandler) {
        let inner = self.inner;
        let events = &inner.events;
        if let Some(loan) = self.at.lent.take() {
            // SAFETY: the packet is gone that it was lent to, and was not kept: the buffer is in its slot.
            unsafe { inner.repost(loan) };
            self.at.advance(events);
        }
        self.ended = true;
        if !self.any && events.is_empty() {
            return;
        }
        // Until the end: what a method that panics leaves is dealt with.
        self.ended = false;
        loop {
            // SAFETY: before the end, so one of the events that the poll wrote, which lie still until the next poll.
            let event: &ef_event = unsafe { &*self.at.next };
            let kind = event.generic().type_;
            if kind == efvi_sys::EF_EVENT_TYPE_RX
                && let Some(loan) = inner.rx.posted.lend(event.rx().rq_id)
            {
                let rx = event.rx();
                handler.received(inner.packet(&mut self.at, loan, rx.len, rx.flags));
                // Unless it was kept, with which its event is over.
                if self.at.lent.take().is_some() {
                    // SAFETY: the packet is gone that it was lent to, and the buffer in its slot.
                    unsafe { inner.repost(loan) };
                    self.at.advance(events);
                    // Here, too, where the subtraction has just told.
                    if events.is_empty() {
                        break;
                    }
                    continue;
                }
            } else if kind == efvi_sys::EF_EVENT_TYPE_TX {
                let by_ctpio = event.tx().flags & efvi_sys::EF_EVENT_FLAG_CTPIO != 0;
                match inner.next_sent(event, &mut self.at) {
                    Some(Some(buffer)) => handler.sent(Sent { buffer, by_ctpio, timestamp: None }),
                    Some(None) => {
                        inner.dispatch_next(handler);
                        self.at.next = events.position();
                    }
                    None => {}
                }
            } else {
                inner.dispatch_next(handler);
                self.at.next = events.position();
            }
            if events.is_empty() {
                break;
            }
        }
        self.ended = true;
    }
}

impl InnerRef<'_> {
    /// Hands out the next event, whatever it is.
    // Not in line, so that the loop has registers to spare.
    #[inline(never)]
    fn dispatch_next(self, handler: &mut impl EventHandler) {
        let mut events = Events::of(self);
        match events.next() {
            Some(Event::Received(packet)) => handler.received(packet),
            Some(Event::Sent(sent)) => handler.sent(sent),
            Some(event) => handler.other(event),
            None => {}
        }
        if let Some(loan) = events.at.lent.take() {
            // SAFETY: the packet is gone that it was lent to, and was not kept: the buffer is in its slot.
            unsafe { self.repost(loan) };
            self.events.advance();
        }
        // The rest is whose this is called by.
        core::mem::forget(events);
    }
}
