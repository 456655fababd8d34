//! The virtual interface: its rings and event queue, in two halves.
//!
//! Both halves work on one `ef_vi`, which the library reaches through pointers of its own. So nothing here ever forms
//! a reference to it: it lies in an `UnsafeCell`, is passed to the library by pointer, and read by the library's own
//! functions. What both halves need beside it is in `Cell`s. The halves borrow what holds it, which is not `Sync`, so
//! neither they nor anything borrowed from them leaves the thread; the VI as a whole may.

mod batch;
mod builder;
mod event;
mod packet;
mod receive;
mod rejected;
mod transmit;

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::mem::MaybeUninit;
use core::ops::Deref;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU64, Ordering};

use efvi_sys::ef_vi;

use crate::domain::ProtectionDomain;
use crate::error::{Errno, Error, Result};
use crate::filter::{Filter, FilterId};
use crate::mac::MacAddress;

pub use batch::Batch;
pub use builder::{Ctpio, Timestamps, TxPush, VirtualInterfaceBuilder};
pub use event::{Event, SendError, SendFailed, Sent};
pub use packet::{DiscardReason, DiscardedPacket, Packet};
pub use receive::{Events, Receive};
pub use rejected::{RejectReason, Rejected};
pub use transmit::{CutThrough, Transmit};

use receive::{EventQueue, RxRing};
use transmit::TxRing;

/// A virtual interface on an adapter (`ef_vi_alloc_from_pd`): a transmit ring, a receive ring and an event queue.
///
/// [`split`](Self::split) gives its two halves, which send, receive and poll. It belongs to one thread at a time: it
/// can be moved to another, not shared.
///
/// Dropping it takes its rings from the adapter first; then the buffers that were in them return to their pools. Should
/// the library fail to free it, they are leaked, since the adapter may still write to them.
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
    // Dropped last: the buffers in the rings above may be the last of their pools, which need it too.
    domain: ProtectionDomain,
}

impl Inner {
    #[inline(always)]
    fn vi(&self) -> *mut ef_vi {
        self.vi.get().cast()
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
    /// is the VI's.
    #[inline]
    pub fn split(&mut self) -> (Transmit<'_>, Receive<'_>) {
        let inner = self.inner();
        (Transmit::new(inner.into()), Receive::new(inner.into()))
    }

    /// Steers the frames that match the filter to this VI (`ef_vi_filter_add`).
    ///
    /// # Errors
    /// [`Error::Filter`]: the same filter is there already (`EEXIST`), the table is full (`EBUSY`), or the adapter
    /// can't match this (`EPROTONOSUPPORT`).
    pub fn filter_add(&mut self, filter: &Filter) -> Result<FilterId> {
        let inner = self.inner();
        let refused = |errno| Error::Filter { filter: *filter, interface: inner.domain.interface().to_owned(), errno };
        let spec = filter.spec().map_err(refused)?;
        let mut cookie = MaybeUninit::zeroed();
        // SAFETY: the VI is live and this its only thread; the handle is open, the spec initialised, and the cookie
        // live for the call.
        let code = unsafe { efvi_sys::ef_vi_filter_add(inner.vi(), inner.domain.handle(), &spec, cookie.as_mut_ptr()) };
        if code < 0 {
            return Err(refused(Errno::from_return(code)));
        }
        // SAFETY: the call succeeded, so it wrote the cookie.
        Ok(FilterId { cookie: unsafe { cookie.assume_init() }, vi: inner.serial })
    }

    /// Takes a filter away (`ef_vi_filter_del`). Its id is used up by this, whatever comes of it.
    ///
    /// # Errors
    /// [`Error::ForeignFilter`]: it is another VI's, which keeps the filter until it is dropped. [`Error::FilterRemove`]: the
    /// adapter does not have it.
    pub fn filter_remove(&mut self, filter: FilterId) -> Result<()> {
        let inner = self.inner();
        let interface = || inner.domain.interface().to_owned();
        if filter.vi != inner.serial {
            return Err(Error::ForeignFilter { interface: interface() });
        }
        let mut cookie = filter.cookie;
        // SAFETY: the VI is live and this its only thread; the handle is open, and the cookie one that this VI got.
        let code = unsafe { efvi_sys::ef_vi_filter_del(inner.vi(), inner.domain.handle(), &mut cookie) };
        if code < 0 {
            return Err(Error::FilterRemove { interface: interface(), errno: Errno::from_return(code) });
        }
        Ok(())
    }

    /// The Ethernet address of the interface (`ef_vi_get_mac`).
    ///
    /// # Errors
    /// [`Error::Query`] when the driver can't answer.
    pub fn mac(&self) -> Result<MacAddress> {
        let inner = self.inner();
        let mut octets = [0u8; 6];
        // SAFETY: the VI is live and this its only thread; the handle is open; six bytes are written.
        let code = unsafe { efvi_sys::ef_vi_get_mac(inner.vi(), inner.domain.handle(), octets.as_mut_ptr().cast()) };
        if code < 0 {
            return Err(self.query_error("ef_vi_get_mac", code));
        }
        Ok(MacAddress(octets))
    }

    /// The longest frame in bytes, Ethernet header included, frame check sequence not (`ef_vi_mtu`).
    ///
    /// # Errors
    /// [`Error::Query`] when the driver can't answer.
    pub fn mtu(&self) -> Result<u32> {
        let inner = self.inner();
        // SAFETY: the VI is live and this its only thread, and the handle open.
        match unsafe { efvi_sys::ef_vi_mtu(inner.vi(), inner.domain.handle()) } {
            0 => Err(self.query_error("ef_vi_mtu", -libc::ENODEV)),
            mtu if (mtu as i32) < 0 => Err(self.query_error("ef_vi_mtu", mtu as i32)),
            mtu => Ok(mtu),
        }
    }

    /// The name of the interface.
    pub fn interface(&self) -> &str {
        self.domain().interface()
    }

    /// The protection domain that the VI was built in.
    pub fn domain(&self) -> &ProtectionDomain {
        &self.inner().domain
    }

    #[cold]
    fn query_error(&self, call: &'static str, code: i32) -> Error {
        Error::Query { call, interface: self.interface().to_owned(), errno: Errno::from_return(code) }
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

impl Drop for VirtualInterface {
    fn drop(&mut self) {
        let inner = self.inner();
        // SAFETY: the VI is live and no half of it is left; the handle is open.
        if unsafe { efvi_sys::ef_vi_free(inner.vi(), inner.domain.handle()) } < 0 {
            // The adapter may still reach the rings and the buffers in them: leak all rather than let them be reused.
            return;
        }
        // SAFETY: it came out of a box, and nothing reaches it any more. Its buffers are nobody else's again.
        drop(unsafe { Box::from_raw(self.inner.as_ptr()) });
    }
}

fn next_serial() -> u64 {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    SERIAL.fetch_add(1, Ordering::Relaxed)
}
