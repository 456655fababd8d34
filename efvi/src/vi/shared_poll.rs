//! Polling a shared event queue.

use core::fmt;
use core::time::Duration;
#[cfg(feature = "std")]
use std::os::fd::BorrowedFd;

use efvi_sys::ef_event;

use crate::error::Result;

use super::event::Event;
use super::shared::SharedEventQueue;
use super::wait::{EventTimer, Waited};
use super::{Events, Inner, VirtualInterface};

/// The poll of a [`SharedEventQueue`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{SharedEventQueue, VirtualInterface, Waited};
/// use std::time::Duration;
///
/// let mut queue = SharedEventQueue::builder().build(&domain)?;
/// queue.add('a', VirtualInterface::builder(), &domain)?;
/// let ([_member], mut poll) = queue.split()?;
/// if poll.wait(Duration::from_micros(50))? == Waited::Ready {
///     while let Some((label, event)) = poll.poll().next() {
///         println!("{label:?}: {event:?}");
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct SharedPoll<'queue, L> {
    queue: &'queue SharedEventQueue<L>,
}

impl<'queue, L: Copy> SharedPoll<'queue, L> {
    pub(super) fn new(queue: &'queue SharedEventQueue<L>) -> Self {
        SharedPoll { queue }
    }

    pub(super) fn owner(&self) -> &'queue Inner {
        self.queue.owner.inner()
    }

    /// Asks for what has happened on all members since the last poll (`ef_eventq_poll`), at most as many events as the
    /// queue's batch holds. It returns at once.
    #[inline]
    pub fn poll(&mut self) -> SharedEvents<'_, L> {
        if self.has_left() {
            // Left by a `SharedEvents` that was forgotten.
            self.finish();
        }
        self.owner().poll_all();
        SharedEvents { queue: self.queue, active: None }
    }

    /// The member whose event was handed out last.
    #[inline]
    fn current(&self) -> Option<&'queue (VirtualInterface, L)> {
        self.queue.members.get(usize::from(self.queue.current.get()?))
    }

    /// Whether events of the last poll are to be handed out still.
    #[inline]
    fn has_left(&self) -> bool {
        !self.owner().events.is_empty() || self.current().is_some_and(|(vi, _)| !vi.inner().events.is_empty())
    }

    /// The number that events have for a VI, if it is a member.
    #[cfg(onload_since = "9.0.1")]
    pub(super) fn number_of(&self, vi: &Inner) -> Option<u8> {
        let index = self.queue.members.iter().position(|(member, _)| core::ptr::eq(member.inner(), vi))?;
        let number = self.queue.by_queue.iter().position(|member| *member == Some(index as u8))?;
        Some(number as u8)
    }

    /// Deals with what a `SharedEvents` left that was forgotten.
    #[cold]
    pub(super) fn finish(&self) {
        let active = self.current().map(|(vi, label)| (Events::of(vi.inner().into()), *label));
        drop(SharedEvents { queue: self.queue, active });
    }

    /// Blocks until there is something to poll for, or for as long (`ef_eventq_wait`), as
    /// [`Receive::wait`](crate::Receive::wait).
    ///
    /// # Errors
    /// [`Error::Query`](crate::Error::Query) when the driver refuses.
    pub fn wait(&mut self, timeout: impl Into<Option<Duration>>) -> Result<Waited> {
        if self.has_left() {
            return Ok(Waited::Ready);
        }
        self.owner().wait(timeout.into())
    }

    /// Has the next event of any member make [`event_fd`](Self::event_fd) readable (`ef_vi_prime`), as
    /// [`Receive::prime`](crate::Receive::prime).
    ///
    /// # Errors
    /// [`Error::Query`](crate::Error::Query) when the driver refuses.
    pub fn prime(&mut self) -> Result<()> {
        self.owner().prime()
    }

    /// The descriptor that [`prime`](Self::prime) is for.
    #[cfg(feature = "std")]
    pub fn event_fd(&self) -> BorrowedFd<'queue> {
        self.owner().driver.fd()
    }

    /// The queue's timer, if it was built with one.
    pub fn timer(&mut self) -> Option<EventTimer<'_>> {
        EventTimer::new(self.owner().into())
    }
}

impl<L> fmt::Debug for SharedPoll<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedPoll").field("members", &self.queue.members.len()).finish_non_exhaustive()
    }
}

/// The events of one poll of a shared queue, lent one at a time, as [`Events`] are. Those not taken are dealt with when
/// this is dropped.
///
/// ```
/// use efvi::{Event, SharedEvents};
///
/// /// Counts the frames of each of four lines.
/// fn count(mut events: SharedEvents<'_, usize>, frames: &mut [usize; 4]) {
///     while let Some((line, event)) = events.next() {
///         if let (Some(line), Event::Received(_)) = (line, event) {
///             frames[line] += 1;
///         }
///     }
/// }
/// ```
pub struct SharedEvents<'poll, L: Copy> {
    queue: &'poll SharedEventQueue<L>,
    /// The member whose event is being handed out: an event of sends stands for several.
    active: Option<(Events<'poll>, L)>,
}

impl<L: Copy> SharedEvents<'_, L> {
    /// The next event, with the label of its member (`ef_vi_get_vi_from_q_id`); without, if it is the queue's own: an event
    /// of the program's, an overflow, a reset. `None` when there are no more.
    #[inline]
    #[allow(clippy::should_implement_trait, reason = "an iterator can't lend")]
    pub fn next(&mut self) -> Option<(Option<L>, Event<'_>)> {
        loop {
            if let Some((events, label)) = &mut self.active {
                let label = *label;
                let events: *mut Events<'_> = events;
                // SAFETY: borrowed from `self`, as the result is. Only where there is none is it used again, which the
                // compiler does not see.
                if let Some(event) = unsafe { (*events).next() } {
                    return Some((Some(label), event));
                }
            }
            let event = self.queue.owner.inner().events.pass()?;
            // SAFETY: one of the events that the poll wrote, which lie still until the next poll.
            if let Some(own) = unsafe { self.dispatch(event) } {
                return Some((None, own));
            }
        }
    }

    /// Gives an event to the member that it is of; the queue's own comes back.
    ///
    /// # Safety
    /// It is one of the last poll's.
    #[inline]
    unsafe fn dispatch(&mut self, event: *mut ef_event) -> Option<Event<'static>> {
        // SAFETY: the caller's promise.
        let (kind, queue) = unsafe { ((*event).generic().type_, (*event).rx().q_id) };
        match kind {
            // SAFETY: the caller's promise.
            efvi_sys::EF_EVENT_TYPE_SW => return Some(Event::Software(unsafe { (*event).sw() }.data as u16)),
            efvi_sys::EF_EVENT_TYPE_OFLOW => return Some(Event::Overflow),
            efvi_sys::EF_EVENT_TYPE_RESET => return Some(Event::Reset),
            _ => {}
        }
        // All other kinds have the queue's number in one place.
        let index = self.queue.by_queue.get(queue as usize).copied().flatten();
        let Some((index, (vi, label))) =
            index.and_then(|index| Some((index, self.queue.members.get(usize::from(index))?)))
        else {
            return Some(Event::Other(kind));
        };
        let inner = vi.inner();
        inner.events.take_over(event);
        match &mut self.active {
            Some((events, _)) if self.queue.current.get() == Some(index) => events.renew(),
            _ => {
                // The one before has nothing left.
                self.queue.current.set(Some(index));
                self.active = Some((Events::of(inner.into()), *label));
            }
        }
        None
    }
}

impl<L: Copy> Drop for SharedEvents<'_, L> {
    #[inline]
    fn drop(&mut self) {
        // What the active member has left it deals with itself.
        while !self.queue.owner.inner().events.is_empty() {
            self.next();
        }
    }
}

impl<L: Copy> fmt::Debug for SharedEvents<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedEvents").finish_non_exhaustive()
    }
}
