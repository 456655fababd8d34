//! The virtual interface: its rings and event queue, in two halves.
//!
//! Both halves work on one `ef_vi`, which the library reaches through pointers of its own. So nothing here ever forms
//! a reference to it: it lies in an `UnsafeCell`, is passed to the library by pointer, and read by the library's own
//! functions. What both halves need beside it is in `Cell`s. The halves borrow what holds it, which is not `Sync`, so
//! neither they nor anything borrowed from them leaves the thread; the VI as a whole may.

mod batch;
mod builder;
mod discards;
mod dispatch;
mod event;
mod events;
mod interface;
mod keep;
mod merge;
mod packet;
mod rare;
mod receive;
mod rejected;
mod rx;
mod shared;
mod shared_poll;
mod software;
mod transmit;
mod tx;
mod wait;

use alloc::boxed::Box;
use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};
#[cfg(feature = "std")]
use std::os::fd::{AsFd, BorrowedFd};

use efvi_sys::{ef_driver_handle, ef_vi};

use crate::domain::ProtectionDomain;
use crate::driver::Driver;
use crate::error::Result;
use crate::set::ViSet;

pub use batch::Batch;
pub use builder::{Ctpio, Timestamps, TxFlags, TxPush, VirtualInterfaceBuilder};
pub use discards::Discards;
pub use event::{Event, EventHandler, SendError, Sent};
pub use events::Events;
pub use interface::Interface;
pub use keep::{KeepError, NotKept};
pub use packet::{DiscardReason, DiscardedPacket, Packet};
pub use receive::Receive;
pub use rejected::{RejectReason, Rejected};
pub use rx::{Arriving, HeldPacket, NotCopied, PackedPacket, PackedPackets, StreamBuffer};
pub use shared::{Member, SharedEventQueue, SharedEventQueueBuilder};
pub use shared_poll::{SharedEvents, SharedPoll};
pub use software::SoftwareEvents;
pub use transmit::Transmit;
#[cfg(onload_since = "9.1.0")]
pub use tx::DeadQueue;
#[cfg(onload_since = "9.0.1")]
pub use tx::Warming;
pub use tx::{
    Alternative, AlternativeError, AlternativeState, CtpioFallback, CutThrough, Frame, Pieces, PioWriteError,
    SendFailed, SendMode, SentPieces, SentPio,
};
pub use wait::{EventTimer, Waited};

use events::EventQueue;
use rx::RxRing;
use tx::TxRing;

/// A virtual interface on an adapter (`ef_vi_alloc_from_pd`): a transmit ring, a receive ring and an event queue.
///
/// [`split`](Self::split) gives its two halves, which send, receive and poll. It belongs to one thread at a time: it
/// can be moved to another, not shared.
///
/// Dropping it flushes its rings, after which the adapter has none of their buffers any more, and frees it; then the
/// buffers return to their pools. Should the driver refuse either, all of it is leaked, since the adapter may still write to
/// them.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// println!("{} at {}, frames of up to {} bytes", vi.interface(), vi.mac()?, vi.mtu()?);
/// let worker = std::thread::spawn(move || {
///     let (_tx, mut rx) = vi.split();
///     rx.poll().is_empty()
/// });
/// # assert!(worker.join().expect("no panic"));
/// # Ok(())
/// # }
/// ```
pub struct VirtualInterface {
    inner: NonNull<Inner>,
}

// SAFETY: a VI may be used from any one thread at a time, and what it holds beside is its own; the buffers in its rings
// may go to any thread.
unsafe impl Send for VirtualInterface {}

/// The `ef_vi` and what both halves need beside it. It never moves: the library keeps pointers into it.
#[repr(C)]
pub(crate) struct Inner {
    // First, so that it has the address of the whole.
    vi: UnsafeCell<MaybeUninit<ef_vi>>,
    domain_id: usize,
    tx: TxRing,
    rx: RxRing,
    events: EventQueue,
    /// A number that no other VI of this process has, for its filters.
    serial: u64,
    /// The VI's own handle: it serves one VI's wake-ups.
    driver: Driver,
    /// The set that it is of, which is freed after it.
    set: Option<ViSet>,
    // Dropped last: the buffers in the rings above may be the last of their pools, which need it too.
    domain: ProtectionDomain,
}

impl Inner {
    #[inline(always)]
    fn vi(&self) -> *mut ef_vi {
        self.vi.get().cast()
    }

    /// The handle that the VI was made with: the one for all calls on it.
    fn handle(&self) -> ef_driver_handle {
        self.driver.handle()
    }
}

impl Inner {
    /// Frees a VI that is dropped, or leaves that to the last of the packets that are held.
    ///
    /// # Safety
    /// The VI is live, no half of it is left, and this is its last use.
    unsafe fn retire(inner: NonNull<Inner>) -> Result<()> {
        // SAFETY: the caller's promise. No reference to the VI is left over the close, with which it may be gone.
        unsafe {
            let closing = inner.as_ref().rx.holding.as_ref().map(rx::Holding::to_close);
            let is_last = closing.is_none_or(|closing| closing.close());
            if is_last { Inner::free(inner) } else { Ok(()) }
        }
    }

    /// Flushes and frees the VI, and gives up what it has.
    ///
    /// The flush is what takes the buffers from the adapter: freeing a VI only unmaps its rings, and the adapter goes on
    /// with them as long as the handle is open, of which others may have a duplicate.
    ///
    /// # Safety
    /// As `retire`, and none of its packets is held.
    unsafe fn free(inner: NonNull<Inner>) -> Result<()> {
        // SAFETY: the caller's promise.
        let this = unsafe { inner.as_ref() };
        // If its guard was forgotten: the library is to find its own aperture.
        #[cfg(onload_since = "9.0.1")]
        drop(this.end_warming());
        // The adapter may still reach the rings and the buffers in them where a call fails: leak all rather than let them
        // be reused.
        // SAFETY: the VI is live, and this its only thread; the handle is open.
        match unsafe { efvi_sys::ef_vi_flush(this.vi(), this.handle()) } {
            code if code < 0 => return Err(this.query_error("ef_vi_flush", code)),
            _ => {}
        }
        this.leave_pio();
        // SAFETY: as above.
        match unsafe { efvi_sys::ef_vi_free(this.vi(), this.handle()) } {
            code if code < 0 => return Err(this.query_error("ef_vi_free", code)),
            _ => {}
        }
        let notes = this.rx.holding.as_ref().map(rx::Holding::freed);
        // SAFETY: it came out of a box, and nothing reaches it any more. Its buffers are nobody else's again.
        drop(unsafe { Box::from_raw(inner.as_ptr()) });
        drop(notes);
        Ok(())
    }
}

/// A reference to an [`Inner`], for the halves and what they lend. Not a `&Inner`, so that the compiler's message
/// about another thread is one about this, and not one about each cell.
#[derive(Clone, Copy)]
struct InnerRef<'vi> {
    inner: NonNull<Inner>,
    borrow: PhantomData<&'vi ()>,
}

impl<'vi> From<&'vi Inner> for InnerRef<'vi> {
    #[inline(always)]
    fn from(inner: &'vi Inner) -> Self {
        InnerRef { inner: NonNull::from(inner), borrow: PhantomData }
    }
}

impl<'vi> InnerRef<'vi> {
    /// The same as a reference.
    #[inline(always)]
    fn get(self) -> &'vi Inner {
        // SAFETY: made from a reference that lives as long.
        unsafe { self.inner.as_ref() }
    }
}

impl Deref for InnerRef<'_> {
    type Target = Inner;

    #[inline(always)]
    fn deref(&self) -> &Inner {
        // SAFETY: made from a reference that lives longer than this.
        unsafe { self.inner.as_ref() }
    }
}

impl VirtualInterface {
    /// For a VI: set what differs from the default, then build it in a domain.
    pub fn builder() -> VirtualInterfaceBuilder {
        VirtualInterfaceBuilder::default()
    }

    /// The two halves. They live in one thread, and borrow the VI; split it again as often as needed, since all state
    /// is the VI's. It costs nothing.
    #[inline]
    pub fn split(&mut self) -> (Transmit<'_>, Receive<'_>) {
        let inner = self.inner();
        (Transmit::new(inner.into()), Receive::new(inner.into()))
    }

    /// Stops the VI and frees it (`ef_vi_flush`, `ef_vi_free`): nothing more is sent or received by it, and the buffers
    /// that its rings have return to their pools. Dropping it does the same, and does not say how it went. While packets of
    /// the adapter's own memory are [held](crate::Packet::hold) it is not freed: that is done with the last of them.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// vi.close()?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Query`](crate::Error::Query) when the driver refuses. Then the VI's buffers are lost, since the adapter may still reach them.
    pub fn close(self) -> Result<()> {
        let this = ManuallyDrop::new(self);
        // SAFETY: the VI is dropped by this, once, and no half of it is left.
        unsafe { Inner::retire(this.inner) }
    }

    fn inner(&self) -> &Inner {
        // SAFETY: it lives as long as the VI, and is only ever reached by shared references.
        unsafe { self.inner.as_ref() }
    }
}

impl fmt::Debug for VirtualInterface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VirtualInterface").field("interface", &self.interface()).finish_non_exhaustive()
    }
}

impl Deref for VirtualInterface {
    type Target = Interface;

    #[inline]
    fn deref(&self) -> &Interface {
        self.inner().interface()
    }
}

/// The descriptor that [`Receive::prime`] has the next event make readable. It is this VI's own. While a duplicate of it is
/// open the adapter keeps the VI's filters, and drops what they match once the VI is gone.
#[cfg(feature = "std")]
impl AsFd for VirtualInterface {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner().driver.fd()
    }
}

impl Drop for VirtualInterface {
    fn drop(&mut self) {
        // Whoever wants to know calls `close`.
        // SAFETY: the VI is dropped by this, once, and no half of it is left.
        unsafe { Inner::retire(self.inner) }.ok();
    }
}

/// A number that no other VI, or set of VIs, of this process has.
pub(crate) fn next_serial() -> u64 {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    SERIAL.fetch_add(1, Ordering::Relaxed)
}
