//! Software events, which a program posts to an event queue itself, from any thread: they lie in an inbox until the
//! thread that has the queue polls.

use super::event::Event;
use super::queue::Queue;
use super::special;
use crate::abi::*;
use crate::driver;
use crate::errno::{Errno, Result, to_c};
use crate::interrupt::Interrupt;
use crate::time::VirtualTime;
use crate::trace::traced;
use crate::wire::primed::Primed;
use core::ffi::{c_int, c_uint};
use core::sync::atomic::{AtomicBool, Ordering::*, fence};
use once_cell::sync::{Lazy, OnceCell};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

/// The inboxes of the event queues, by their VI's resource id.
static INBOXES: Lazy<Mutex<HashMap<c_uint, Arc<Inbox>>>> = Lazy::new(Mutex::default);

/// An event queue's software events that it has not been given yet.
pub(super) struct Inbox {
    handle: ef_driver_handle,
    /// One more than the queue holds: it breaks the queue, as it would the adapter's.
    limit: usize,
    pending: AtomicBool,
    events: Mutex<VecDeque<u16>>,
    primed: Primed,
    interrupt: OnceCell<Arc<Interrupt>>,
}

impl Inbox {
    pub(super) fn new(handle: ef_driver_handle, slots: usize) -> Arc<Self> {
        Arc::new(Self {
            handle,
            limit: slots,
            pending: AtomicBool::new(false),
            events: Mutex::default(),
            primed: Primed::default(),
            interrupt: OnceCell::new(),
        })
    }

    /// Makes it known as that of the VI with this resource id.
    pub(super) fn register(inbox: &Arc<Self>, id: c_uint) {
        INBOXES.lock().unwrap_or_else(PoisonError::into_inner).insert(id, inbox.clone());
    }

    /// The VI with this resource id goes.
    pub(super) fn unregister(id: c_uint) {
        INBOXES.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    /// True if there are events in it.
    #[inline]
    pub(super) fn is_pending(&self) -> bool {
        self.pending.load(Relaxed)
    }

    /// Has the next event raise the interrupt. It may be there already: ask [`Inbox::is_pending`] after a full barrier.
    pub(super) fn prime(&self, interrupt: &Arc<Interrupt>) {
        self.interrupt.get_or_init(|| interrupt.clone());
        self.primed.set();
    }

    fn put(&self, data: u16) {
        special::expect();
        {
            let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
            if events.len() < self.limit {
                events.push_back(data);
            }
            self.pending.store(true, Relaxed);
        }
        fence(SeqCst);
        if self.primed.is_set()
            && self.primed.take()
            && let Some(interrupt) = self.interrupt.get()
        {
            interrupt.raise();
        }
    }
}

/// Moves the inbox's events to the queue.
#[cold]
pub(super) fn deliver(queue: &mut Queue) {
    let inbox = queue.inbox.clone();
    let mut events = inbox.events.lock().unwrap_or_else(PoisonError::into_inner);
    inbox.pending.store(false, Relaxed);
    queue.at(VirtualTime::picoseconds());
    for data in events.drain(..) {
        queue.raise(Event::Software { data });
    }
}

fn put(id: c_uint, handle: ef_driver_handle, bits: c_uint) -> Result<c_int> {
    driver::check(handle)?;
    let data = u16::try_from(bits).map_err(|_| Errno(libc::EINVAL))?;
    let inbox = INBOXES.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
    let inbox = inbox.filter(|inbox| inbox.handle == handle).ok_or(Errno(libc::EINVAL))?;
    inbox.put(data);
    Ok(0)
}

traced! {
    /// `ef_eventq_put`. `-EINVAL` for more than 16 bits, and for an id that is no event queue's of this handle.
    fn ef_eventq_put(resource_id: c_uint, evq_dh: ef_driver_handle, ev_bits: c_uint) -> c_int = put_checked;
}

unsafe fn put_checked(resource_id: c_uint, evq_dh: ef_driver_handle, ev_bits: c_uint) -> c_int {
    to_c(put(resource_id, evq_dh, ev_bits))
}
