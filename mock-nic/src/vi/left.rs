//! VIs that were freed and not flushed.
//!
//! Freeing a VI gives up the application's side of it only. The adapter's goes on: it has the buffers that were posted,
//! and writes to them, until the queues are flushed or the driver handle is closed. So such a VI is left here, with its
//! filters, until then. Nothing runs by itself: what has arrived for it is written with the next call that allocates,
//! frees, opens or closes something, so before the memory can have another use that the adapter is told of.

use super::queue::{Queue, Slots};
use super::software::Inbox;
use super::{Vi, event, receive};
use crate::abi::*;
use crate::array::Array;
#[cfg(not(miri))]
use crate::dma::PAGE;
use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use once_cell::sync::Lazy;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A VI without an application.
struct Left {
    nic: *mut Vi,
    /// What stands for the application's structure, which may be gone.
    host: *mut ef_vi,
    handle: ef_driver_handle,
    /// Nobody polls for its events; they have a queue of their own, because the other's owner may be freed, too.
    _events: Array<u64>,
}

// SAFETY: what it points to is its own. A VI may be used by any thread, one at a time: the one that has the lock.
unsafe impl Send for Left {}

static LEFT: Lazy<Mutex<Vec<Left>>> = Lazy::new(Mutex::default);
static ANY: AtomicBool = AtomicBool::new(false);

fn left() -> MutexGuard<'static, Vec<Left>> {
    LEFT.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the adapter still has buffers of a VI to write to.
pub(super) fn has_buffers(nic: &Vi) -> bool {
    // SAFETY: a VI, its state and its queue stay while its adapter's side does.
    let (posted, was_reset) = unsafe { ((*(*nic.host).ep_state).rxq.posted, (*nic.queue).was_reset()) };
    let posted = posted != nic.rx.fetched || nic.rx.stream.has_buffer();
    // A reset stops the rings. Where the wire is another interface it has the buffers, and gives them up with its socket.
    nic.efct.is_none() && nic.outside.is_none() && posted && !was_reset
}

/// Leaves a VI that is freed. Its event queue is the caller's to drop.
pub(super) fn leave(mut nic: Box<Vi>) {
    // SAFETY: a VI is there while it is freed.
    let mut copy = unsafe { *nic.host };
    let handle = copy.dh;
    let events = Array::new((copy.vi_rxq.mask as usize + 1) * 2, event::EMPTY);
    let slots = Slots { base: events.base, count: (copy.vi_rxq.mask as usize + 1) * 2 };
    let inbox = Inbox::new(handle, 0);
    let queue = Queue::new(slots, nic.cells.clone(), nic.clock.clone(), false, inbox, None);
    nic.queue = Box::into_raw(Box::new(queue));
    let nic = Box::into_raw(nic);
    copy.io = nic.cast();
    let host = Box::into_raw(Box::new(copy));
    // SAFETY: made just now.
    unsafe {
        (*nic).host = host;
        (*nic).queue_vi = host;
    }
    left().push(Left { nic, host, handle, _events: events });
    ANY.store(true, Relaxed);
}

impl Left {
    /// Writes what has arrived.
    fn catch_up(&mut self) {
        // SAFETY: it is this one's alone.
        let nic = unsafe { &mut *self.nic };
        if nic.link.arrival().is_some() && !is_mapped(nic) {
            // The adapter would go on with pages that are nobody's any more.
            // SAFETY: a VI and its state stay while its adapter's side does.
            nic.rx.fetched = unsafe { (*(*nic.host).ep_state).rxq.posted };
            nic.rx.stream.stop();
        }
        while receive::pump::<true>(nic, 1) > 0 {
            nic.events().empty();
        }
    }
}

/// Whether the memory is still there to which descriptors point that the adapter has.
fn is_mapped(nic: &Vi) -> bool {
    // SAFETY: a VI and its rings stay while its adapter's side does.
    let (posted, mask) = unsafe { ((*(*nic.host).ep_state).rxq.posted, (*nic.host).vi_rxq.mask) };
    (0..posted.wrapping_sub(nic.rx.fetched)).all(|ahead| {
        let at = nic.rx.fetched.wrapping_add(ahead) & mask;
        // SAFETY: masked, the index is within the ring.
        let word = unsafe { *(*nic.host).vi_rxq.descriptors.cast::<u64>().add(at as usize) };
        let space = &nic.domain.space;
        // What is registered no more is not, either.
        space.translate(word & 0xffff_ffff_ffff, 1).is_ok_and(is_page_mapped)
    })
}

/// Whether an address is in memory of this process.
fn is_page_mapped(at: *mut u8) -> bool {
    #[cfg(not(miri))]
    {
        let page = at.map_addr(|at| at & !(PAGE - 1)).cast();
        // SAFETY: the call reads and writes nothing; it fails where nothing is mapped.
        unsafe { libc::msync(page, PAGE, libc::MS_ASYNC) == 0 }
    }
    // Miri knows by itself.
    #[cfg(miri)]
    !at.is_null()
}

impl Drop for Left {
    fn drop(&mut self) {
        // SAFETY: all came out of boxes, and nothing else reaches them.
        unsafe {
            let mut nic = Box::from_raw(self.nic);
            nic.links().for_each(|link| link.leave());
            drop(Box::from_raw(nic.queue));
            drop(nic);
            drop(Box::from_raw(self.host));
        }
    }
}

/// Writes what has arrived for VIs that were left.
pub(crate) fn catch_up() {
    if ANY.load(Relaxed) {
        left().iter_mut().for_each(Left::catch_up);
    }
}

/// A handle is closed: the VIs of it end.
pub(crate) fn closed(handle: ef_driver_handle) {
    catch_up();
    if ANY.load(Relaxed) {
        let ended: Vec<_> = left().extract_if(.., |vi| vi.handle == handle).collect();
        drop(ended);
    }
}
