//! The receive half of a virtual interface, which also polls.

use core::fmt;

use crate::memory::{Buffer, PacketPool};
use crate::release;

#[cfg(onload_since = "9.0.1")]
use super::Inner;
use super::events::Events;
use super::rejected::{RejectReason, Rejected};
use super::{InnerRef, Interface};

/// The receive half of a [`VirtualInterface`](crate::VirtualInterface): it posts buffers, and polls for the events of
/// both halves.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// let (_tx, mut rx) = vi.split();
/// let posted = rx.fill(&mut pool)?;
/// assert_eq!((posted, rx.space()), (rx.capacity(), 0));
/// while let Some(event) = rx.poll().next() {
///     println!("{event:?}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct Receive<'vi> {
    pub(super) inner: InnerRef<'vi>,
}

impl<'vi> Receive<'vi> {
    #[inline]
    pub(super) fn new(inner: InnerRef<'vi>) -> Self {
        Receive { inner }
    }

    #[cfg(onload_since = "9.0.1")]
    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    /// Posts a buffer for the adapter to receive into (`ef_vi_receive_init`, and `ef_vi_receive_push` with every
    /// eighth: the adapter takes them in eights, so up to seven of the posted wait for more. That is
    /// `ef_vi_receive_post` without its seven pushes in vain).
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back: the ring is full, the buffer too small or of another domain, or the adapter
    /// receives into memory of its own ([`RejectReason::NothingPosted`](crate::RejectReason::NothingPosted)).
    #[inline]
    pub fn post(&mut self, buffer: Buffer) -> Result<(), Rejected> {
        self.inner.post(buffer)
    }

    /// Posts buffers of this pool until the ring is full or the pool empty, and returns how many. None, and no error, on
    /// an adapter that receives into memory of its own (X3; X4 on its express datapath), and with a packed stream.
    ///
    /// # Errors
    /// The reason, if the ring refuses the pool's buffers: they are too small or of another domain. The buffer that was
    /// refused is back in the pool.
    pub fn fill(&mut self, pool: &mut PacketPool) -> Result<usize, RejectReason> {
        self.inner.fill(pool)
    }

    /// The VI beside its data path: filters, statistics, and so on.
    pub fn vi(&self) -> &'vi Interface {
        self.inner.get().interface()
    }

    /// Asks for what has happened on the VI since the last poll (`ef_eventq_poll`), at most as many events as its
    /// event batch holds. It returns at once.
    #[inline(always)]
    pub fn poll(&mut self) -> Events<'_> {
        let any = self.inner.poll_all();
        Events::polled(self.inner, any)
    }

    /// Asks for received frames alone (`ef_receive_poll`), which spares a look at what was sent: for a loop that waits for
    /// a frame. [`poll`](Self::poll) now and then for the rest.
    ///
    /// X3 and X4's express datapath have it since Onload 9.0.2 (`EF_VI_CAP_RX_POLL`); elsewhere, and before, it is
    /// [`poll`](Self::poll), and gives all events.
    ///
    /// ```
    /// # use efvi::{Driver, Event, Filter, ProtectionDomain, VirtualInterface};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fabric = efvi::mock::Fabric::of(efvi::mock::Model::X3);
    /// # let (port, _other) = fabric.cable().expect("a cable");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// # let mut vi = VirtualInterface::builder().build(&domain)?;
    /// # vi.filter_add(&Filter::all_multicast())?;
    /// # port.inject(&[0xff; 60], efvi::mock::Fcs::Good).expect("a frame");
    /// # let (_tx, mut rx) = vi.split();
    /// let mut received = 0;
    /// while received == 0 {
    ///     let mut events = rx.poll_received();
    ///     while let Some(event) = events.next() {
    ///         if let Event::Received(packet) = event {
    ///             received += packet.len();
    ///         }
    ///     }
    /// }
    /// # assert_eq!(received, 60);
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn poll_received(&mut self) -> Events<'_> {
        let any = if self.inner.rx.polls_alone {
            // SAFETY: the VI is live and this its only thread; its adapter has the operation, seen when it was built;
            // there is room for as many events, and nothing borrows from it.
            self.inner.poll_by(|vi, events, room| unsafe { release::receive_poll(vi, events, room) })
        } else {
            self.inner.poll_all()
        };
        Events::polled(self.inner, any)
    }

    /// How many more buffers the ring takes (`ef_vi_receive_space`); none on an adapter that receives into memory of its
    /// own, and with a packed stream.
    #[inline]
    pub fn space(&self) -> usize {
        self.inner.receive_space()
    }

    /// How many buffers the ring holds when full: one fewer than its size (`ef_vi_receive_capacity`). On an adapter that
    /// receives into memory of its own, about how many packets that has room for.
    #[inline]
    pub fn capacity(&self) -> usize {
        // SAFETY: the VI is live and this its only thread.
        unsafe { efvi_sys::ef_vi_receive_capacity(self.inner.vi()) }.max(0) as usize
    }
}

impl fmt::Debug for Receive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receive").field("space", &self.space()).field("capacity", &self.capacity()).finish()
    }
}
