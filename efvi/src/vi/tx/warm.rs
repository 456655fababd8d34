//! Running the way of a send without sending, to have its code and data in the processor's caches.

use alloc::boxed::Box;
use core::cell::Cell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};
use core::ptr::{self, NonNull};

use efvi_sys::ef_vi_tx_warm_state;

use crate::memory::Buffers;

use super::super::receive::Receive;
use super::super::shared::Member;
use super::super::shared_poll::SharedPoll;
use super::super::transmit::Transmit;
use super::super::{Inner, InnerRef};

/// What warming needs of a VI.
pub(super) struct Warm {
    /// What the library saved when it started, while it is on.
    saved: Cell<Option<Saved>>,
    /// What CTPIO writes to meanwhile.
    aperture: Option<NonNull<Aperture>>,
}

#[derive(Clone, Copy)]
struct Saved {
    state: ef_vi_tx_warm_state,
    /// The ring's next slot then.
    next: u32,
}

/// What stands in for the adapter's aperture of a VI, which is a page.
#[repr(C, align(4096))]
struct Aperture([u8; 4096]);

impl Warm {
    pub(super) fn new(ctpio: bool) -> Self {
        let aperture = ctpio.then(|| NonNull::from(Box::leak(Box::new(Aperture([0; 4096])))));
        Warm { saved: Cell::new(None), aperture }
    }
}

impl Drop for Warm {
    fn drop(&mut self) {
        if let Some(aperture) = self.aperture {
            // SAFETY: it came out of a box, and warming is over: the VI is freed.
            drop(unsafe { Box::from_raw(aperture.as_ptr()) });
        }
    }
}

impl<'vi> Transmit<'vi> {
    /// Starts warming (`ef_vi_start_transmit_warm`): until the guard is dropped, sends by it run their whole way, and
    /// nothing leaves. The code, the ring's lines and the adapter's addresses stay in the caches; run it where the wait
    /// for something to send is long. It borrows the receive half too, since completions can't be taken meanwhile:
    /// `None` if that is another VI's. Since Onload 9.0.1. A member of a shared queue has [`Member::warm`].
    ///
    /// A send is [`Rejected`](crate::Rejected) as if the ring were full, which gives its buffer back at once; on adapters
    /// that are only written through to (X3) it succeeds, and the buffer comes back at the end. So call the very function
    /// that you send by:
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use efvi::*;
    /// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// # let mut pool = PacketPool::builder().buffers(8).build(&domain)?;
    /// # let mut vi = VirtualInterface::builder().ctpio(Ctpio::Poison).build(&domain)?;
    /// # let (mut tx, mut rx) = vi.split();
    /// fn order(tx: &mut Transmit<'_>, buffer: Buffer) -> Result<(), Rejected> {
    ///     tx.send_ctpio(buffer, CutThrough::After(64))
    /// }
    ///
    /// let mut buffer = pool.take().ok_or("the pool is empty")?;
    /// buffer.write(&[0xff; 60])?;
    /// let mut warming = tx.warm(&mut rx).ok_or("halves of two interfaces")?;
    /// let _ = order(&mut warming, buffer);
    /// for buffer in warming.end() {
    ///     pool.put(buffer);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn warm<'a>(&'a mut self, rx: &'a mut Receive<'_>) -> Option<Warming<'a, 'vi>> {
        let inner = *self.inner_ref();
        if !ptr::eq::<Inner>(&*inner, rx.inner()) {
            return None;
        }
        // What is left of events and guards that were forgotten, one of them of warming perhaps, comes first.
        inner.finish_forgotten_events();
        Some(self.warm_on(inner, 0))
    }

    /// Starts warming. The VI's events come by this VI's queue, where it has this number; none is left there.
    fn warm_on<'a>(&'a mut self, queue: InnerRef<'vi>, number: u8) -> Warming<'a, 'vi> {
        let inner = *self.inner_ref();
        inner.start_warming();
        // A poll would take completions from a ring that is not as it seems: should the guard be forgotten, it finds
        // this first.
        queue.events.set_trap(number);
        Warming { inner, queue, tx: self, borrow: PhantomData }
    }
}

impl<'queue, L: Copy> Member<'queue, L> {
    /// Starts warming, as [`Transmit::warm`]. It borrows the poll, since completions can't be taken meanwhile: `None` if
    /// that is another queue's. Since Onload 9.0.1.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use efvi::*;
    /// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// # let mut pool = PacketPool::builder().buffers(8).build(&domain)?;
    /// # let mut queue = SharedEventQueue::builder().build(&domain)?;
    /// # queue.add("orders", VirtualInterface::builder(), &domain)?;
    /// let ([mut orders], mut poll) = queue.split()?;
    /// let mut buffer = pool.take().ok_or("the pool is empty")?;
    /// buffer.write(&[0xff; 60])?;
    /// let mut warming = orders.warm(&mut poll).ok_or("another queue's poll")?;
    /// let refused = warming.send(buffer).unwrap_err();
    /// warming.end();
    /// // Now it leaves.
    /// orders.transmit().send(refused.buffer)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn warm<'a>(&'a mut self, poll: &'a mut SharedPoll<'queue, L>) -> Option<Warming<'a, 'queue>> {
        let tx = self.transmit();
        let number = poll.number_of(tx.inner())?;
        poll.finish();
        Some(tx.warm_on(poll.owner().into(), number))
    }
}

impl Inner {
    #[inline]
    pub(in crate::vi) fn is_warming(&self) -> bool {
        self.tx.state.warm.saved.get().is_some()
    }

    fn start_warming(&self) {
        // Whatever keeps frames out now does so for sends while warming too.
        let _ = self.make_ready();
        self.push_staged();
        let warm = &self.tx.state.warm;
        let mut state = ef_vi_tx_warm_state { removed: 0, vi_ctpio_mmap_ptr: ptr::null_mut() };
        let aperture = warm.aperture.map_or(ptr::null_mut(), NonNull::as_ptr);
        // SAFETY: the VI is live and this its only thread; the aperture's stand-in lives as long as the VI; what is
        // saved is given back by `end_warming`, before completions are taken and before the VI is freed.
        unsafe { efvi_sys::ef_vi_start_transmit_warm(self.vi(), &mut state, aperture.cast()) };
        warm.saved.set(Some(Saved { state, next: self.tx.slots.next() }));
    }

    /// Ends warming, if it is on, and gives the buffers back that were sent to nowhere.
    #[cold]
    pub(in crate::vi) fn end_warming(&self) -> Buffers {
        let Some(Saved { mut state, next }) = self.tx.state.warm.saved.take() else { return Buffers::new() };
        // SAFETY: the VI is live and this its only thread; this is what the start saved.
        unsafe { efvi_sys::ef_vi_stop_transmit_warm(self.vi(), &mut state) };
        self.tx.staged.set(0);
        let mut buffers = Buffers::new();
        if let Some(buffer) = self.tx.state.fallback.take() {
            buffers.push_front(buffer);
        }
        let sent = self.tx.slots.since(next);
        self.tx.take_newest_into(&mut buffers, sent);
        // Where sends are written through, the adapter completes what warmed, and may name it by its id. That is to find
        // an empty slot, and not the next frame's: as the ring's descriptors, its slots are not used again before.
        self.tx.slots.skip(sent);
        self.set_limits();
        buffers
    }
}

/// Warming is on: sends by this go nowhere. It is the transmit half, as far as its methods go.
///
/// Completions are not taken meanwhile:
/// ```compile_fail,E0499
/// # use efvi::*;
/// fn warm(tx: &mut Transmit<'_>, rx: &mut Receive<'_>, buffer: Buffer) {
///     let mut warming = tx.warm(rx).unwrap();
///     rx.poll();
///     let _ = warming.send(buffer);
/// }
/// ```
///
/// If its drop does not run (by `mem::forget`), nothing is sent until the next poll, which ends it.
#[must_use = "warming ends when this is dropped"]
pub struct Warming<'a, 'vi> {
    // Its own: what it dereferences to can be exchanged for another VI's.
    inner: InnerRef<'vi>,
    /// What has the queue of its events.
    queue: InnerRef<'vi>,
    tx: &'a mut Transmit<'vi>,
    /// It stands for the receive half.
    borrow: PhantomData<&'a mut ()>,
}

impl Warming<'_, '_> {
    /// Ends warming (`ef_vi_stop_transmit_warm`), which dropping this does too, and gives back the buffers that sends
    /// took, in order.
    #[inline]
    pub fn end(self) -> Buffers {
        ManuallyDrop::new(self).stop()
    }

    fn stop(&self) -> Buffers {
        self.queue.events.clear_trap();
        if self.queue.release_dropped() {
            // Nobody may have looked for them meanwhile.
            self.queue.events.attend_next();
        }
        self.inner.end_warming()
    }
}

impl<'vi> Deref for Warming<'_, 'vi> {
    type Target = Transmit<'vi>;

    #[inline]
    fn deref(&self) -> &Transmit<'vi> {
        self.tx
    }
}

impl<'vi> DerefMut for Warming<'_, 'vi> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Transmit<'vi> {
        self.tx
    }
}

impl Drop for Warming<'_, '_> {
    fn drop(&mut self) {
        drop(self.stop());
    }
}

impl fmt::Debug for Warming<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Warming").finish_non_exhaustive()
    }
}
