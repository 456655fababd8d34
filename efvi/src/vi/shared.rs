//! An event queue that several virtual interfaces share.

use alloc::borrow::ToOwned as _;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;
#[cfg(feature = "std")]
use std::os::fd::{AsFd, BorrowedFd};

use crate::domain::ProtectionDomain;
use crate::error::{Error, Result};
use crate::memory::{Buffer, PacketPool};
use crate::set::ViSet;

use super::builder::{Place, Timestamps, VirtualInterfaceBuilder};
use super::rejected::{RejectReason, Rejected};
use super::shared_poll::SharedPoll;
use super::{Inner, InnerRef, Interface, SoftwareEvents, Transmit, VirtualInterface};

/// How many VIs an event queue can serve, the one that it is of included.
pub(super) const MAX_QUEUES: usize = efvi_sys::EF_VI_MAX_QS as usize;

/// An event queue for several virtual interfaces, of one adapter or domain or of several: one poll, and one wait, serves
/// them all. Each event comes with the label of the VI that it is of, in a type of the program's own.
///
/// The queue has its members, frees them before itself, and checks that it has room for whatever their rings can raise.
/// [`split`](Self::split) gives each member, to send and post by, and the poll. All of it is in one thread at a time.
///
/// ```
/// use efvi::{Event, Filter, PacketPool, SharedEventQueue, VirtualInterface};
///
/// #[derive(Clone, Copy, Debug, PartialEq)]
/// enum Line {
///     Feed,
///     Orders,
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// let mut pool = PacketPool::builder().buffers(1024).build(&domain)?;
/// let mut queue = SharedEventQueue::builder().event_capacity(4096).build(&domain)?;
/// queue.add(Line::Feed, VirtualInterface::builder(), &domain)?;
/// queue.add(Line::Orders, VirtualInterface::builder(), &domain)?;
///
/// let ([mut feed, mut orders], mut poll) = queue.split()?;
/// feed.filter_add(&Filter::all_multicast())?;
/// feed.fill(&mut pool)?;
/// let mut order = pool.take().ok_or("the pool is empty")?;
/// order.write(&[0xff; 60])?;
/// orders.transmit().send(order)?;
/// let mut done = false;
/// while !done {
///     let mut events = poll.poll();
///     while let Some((line, event)) = events.next() {
///         match (line, event) {
///             (Some(Line::Feed), Event::Received(packet)) => println!("{} bytes", packet.len()),
///             (Some(Line::Orders), Event::Sent(sent)) => {
///                 pool.put(sent.buffer);
///                 done = true;
///             }
///             (line, other) => println!("{line:?}: {other:?}"),
///         }
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct SharedEventQueue<L> {
    // Before the owner of the event queue, which can't be freed before them.
    pub(super) members: Vec<(VirtualInterface, L)>,
    /// By the number that events have for a VI: which member it is.
    pub(super) by_queue: [Option<u8>; MAX_QUEUES],
    /// The member whose event was handed out last.
    pub(super) current: core::cell::Cell<Option<u8>>,
    pub(super) owner: VirtualInterface,
    timestamps: Timestamps,
    /// How many events it holds, and how many the members' rings can raise.
    capacity: usize,
    needed: usize,
}

impl SharedEventQueue<()> {
    /// For a shared event queue: set what differs from the default, then build it in a domain.
    pub fn builder() -> SharedEventQueueBuilder {
        let owner = VirtualInterface::builder().event_capacity(4096);
        SharedEventQueueBuilder { owner, timestamps: Timestamps::empty() }
    }
}

impl<L: Copy> SharedEventQueue<L> {
    /// Makes a VI on this queue (`ef_vi_alloc_from_pd`), whose events will have that label. What its builder says of
    /// event queues counts for nothing; it has the queue's timestamps.
    ///
    /// # Errors
    /// As [`VirtualInterfaceBuilder::build`]; with `EBUSY` for a 32nd member. [`Error::EventQueueFull`]: the queue has
    /// not the room for all that its rings can raise. [`Error::EventQueueTimestamps`]: the queue has not the timestamps
    /// that are asked for.
    pub fn add(&mut self, label: L, builder: VirtualInterfaceBuilder, domain: &ProtectionDomain) -> Result<()> {
        self.add_as(label, builder, domain, None)
    }

    /// Makes a VI on this queue that is one of a set (`ef_vi_alloc_from_set`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::{SharedEventQueue, ViSet, VirtualInterface};
    ///
    /// let set = ViSet::new(&domain, 2)?;
    /// let mut queue = SharedEventQueue::builder().build(&domain)?;
    /// queue.add_in(0, VirtualInterface::builder(), &set)?;
    /// queue.add_in(1, VirtualInterface::builder(), &set)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`add`](Self::add) and [`VirtualInterfaceBuilder::build_in`].
    pub fn add_in(&mut self, label: L, builder: VirtualInterfaceBuilder, set: &ViSet) -> Result<()> {
        self.add_as(label, builder, set.domain(), Some((set, -1)))
    }

    fn add_as(
        &mut self,
        label: L,
        builder: VirtualInterfaceBuilder,
        domain: &ProtectionDomain,
        set: Option<(&ViSet, i32)>,
    ) -> Result<()> {
        let owner = self.owner.inner();
        let interface = || domain.interface().to_owned();
        let timestamps = builder.asked_timestamps();
        if !self.timestamps.contains(timestamps) {
            return Err(Error::EventQueueTimestamps { interface: interface(), timestamps });
        }
        let builder = builder.timestamps(self.timestamps).batch(owner.events.batch());
        let place = Place { set, queue: Some(owner), no_rings: false };
        let (vi, queue) = builder.build_as(domain, place)?;
        let needed = self.needed + self.events_of(vi.inner());
        if needed > self.capacity {
            return Err(Error::EventQueueFull { interface: interface(), capacity: self.capacity, needed });
        }
        let index = self.members.len() as u8;
        if let Some(member) = usize::try_from(queue).ok().and_then(|queue| self.by_queue.get_mut(queue)) {
            *member = Some(index);
        }
        self.members.push((vi, label));
        self.needed = needed;
        Ok(())
    }

    /// How many events a VI's rings can raise between two polls: one a descriptor, and two a send with a timestamp.
    fn events_of(&self, inner: &Inner) -> usize {
        // SAFETY: the VI is live and this its only thread.
        let (rx, tx) =
            unsafe { (efvi_sys::ef_vi_receive_capacity(inner.vi()), efvi_sys::ef_vi_transmit_capacity(inner.vi())) };
        let each_send = if self.timestamps.contains(Timestamps::TX) { 2 } else { 1 };
        rx.max(0) as usize + tx.max(0) as usize * each_send
    }

    /// Each member, in the order in which they were added, and the poll.
    ///
    /// # Errors
    /// [`Error::Members`]: there are more members than that, or fewer.
    pub fn split<const N: usize>(&mut self) -> Result<([Member<'_, L>; N], SharedPoll<'_, L>)> {
        let count = self.members.len();
        let (members, poll) = self.split_all();
        match members.try_into() {
            Ok(members) => Ok((members, poll)),
            Err(_) => Err(Error::Members { members: count, requested: N }),
        }
    }

    /// The same, where the number of members is not known to the compiler.
    pub fn split_all(&mut self) -> (Vec<Member<'_, L>>, SharedPoll<'_, L>) {
        let this = &*self;
        let members = this.members.iter().map(|(vi, label)| Member::new(vi.inner().into(), *label)).collect();
        (members, SharedPoll::new(this))
    }
}

impl<L> SharedEventQueue<L> {
    /// How many members it has.
    pub fn members(&self) -> usize {
        self.members.len()
    }

    /// How many events it holds: one fewer than its size (`ef_eventq_capacity`).
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// What puts events into the queue, from any thread. They have no label.
    pub fn software_events(&self) -> SoftwareEvents {
        self.owner.software_events()
    }
}

/// The descriptor that [`SharedPoll::prime`] has the next event of any member make readable.
#[cfg(feature = "std")]
impl<L> AsFd for SharedEventQueue<L> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.owner.as_fd()
    }
}

impl<L: fmt::Debug> fmt::Debug for SharedEventQueue<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels: Vec<&L> = self.members.iter().map(|(_, label)| label).collect();
        f.debug_struct("SharedEventQueue").field("capacity", &self.capacity).field("members", &labels).finish()
    }
}

/// Sets up a [`SharedEventQueue`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{SharedEventQueue, Timestamps, VirtualInterface};
///
/// let builder = SharedEventQueue::builder().event_capacity(8192).event_batch::<32>().timestamps(Timestamps::RX);
/// let mut queue = builder.build(&domain)?;
/// for line in 0..4_u8 {
///     queue.add(line, VirtualInterface::builder(), &domain)?;
/// }
/// assert_eq!((queue.members(), queue.capacity()), (4, 8191));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct SharedEventQueueBuilder {
    owner: VirtualInterfaceBuilder,
    timestamps: Timestamps,
}

impl SharedEventQueueBuilder {
    /// The size of the event queue in events, a power of two: 4096 by default. It has to hold an event for each descriptor of all
    /// members' rings, two for each send with a timestamp.
    pub fn event_capacity(mut self, events: u32) -> Self {
        self.owner = self.owner.event_capacity(events);
        self
    }

    /// How many events a poll returns at most, as [`VirtualInterfaceBuilder::event_batch`].
    pub fn event_batch<const EVENTS: usize>(mut self) -> Self {
        self.owner = self.owner.event_batch::<EVENTS>();
        self
    }

    /// Which frames of the members the adapter timestamps; none by default.
    pub fn timestamps(mut self, timestamps: Timestamps) -> Self {
        self.owner = self.owner.timestamps(timestamps);
        self.timestamps = timestamps;
        self
    }

    /// Whether the queue has a timer, as [`VirtualInterfaceBuilder::event_timer`].
    pub fn event_timer(mut self, event_timer: bool) -> Self {
        self.owner = self.owner.event_timer(event_timer);
        self
    }

    /// Makes the queue: a VI without rings (`ef_vi_alloc_from_pd`, `ef_eventq_capacity`).
    ///
    /// # Errors
    /// As [`VirtualInterfaceBuilder::build`].
    pub fn build<L: Copy>(self, domain: &ProtectionDomain) -> Result<SharedEventQueue<L>> {
        let place = Place { no_rings: true, ..Place::default() };
        let (owner, _) = self.owner.build_as(domain, place)?;
        // SAFETY: the VI is live and this its only thread.
        let capacity = unsafe { efvi_sys::ef_eventq_capacity(owner.inner().vi()) }.max(0) as usize;
        Ok(SharedEventQueue {
            members: Vec::new(),
            by_queue: [None; MAX_QUEUES],
            current: core::cell::Cell::new(None),
            owner,
            timestamps: self.timestamps,
            capacity,
            needed: 0,
        })
    }
}

/// A virtual interface on a [`SharedEventQueue`]: it sends and posts buffers; what comes of it, the queue's poll tells.
/// It dereferences to an [`Interface`], for filters and the rest.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// use efvi::{Filter, SharedEventQueue, VirtualInterface};
///
/// let mut queue = SharedEventQueue::builder().build(&domain)?;
/// queue.add("feed A", VirtualInterface::builder(), &domain)?;
/// queue.add("feed B", VirtualInterface::builder(), &domain)?;
/// let (mut members, _poll) = queue.split_all();
/// for member in &mut members {
///     member.filter_add(&Filter::all_multicast())?;
///     let posted = member.fill(&mut pool)?;
///     println!("{}: {posted} buffers, room for {}", member.label(), member.receive_space());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Member<'queue, L> {
    inner: InnerRef<'queue>,
    tx: Transmit<'queue>,
    label: L,
}

impl<'queue, L: Copy> Member<'queue, L> {
    fn new(inner: InnerRef<'queue>, label: L) -> Self {
        Member { inner, tx: Transmit::new(inner), label }
    }

    /// The label that its events have.
    pub fn label(&self) -> L {
        self.label
    }

    /// Its transmit half.
    #[inline]
    pub fn transmit(&mut self) -> &mut Transmit<'queue> {
        &mut self.tx
    }

    /// Posts a buffer, as [`Receive::post`](crate::Receive::post).
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back: the ring is full, or the buffer too small or of another domain.
    #[inline]
    pub fn post(&mut self, buffer: Buffer) -> Result<(), Rejected> {
        self.inner.post(buffer)
    }

    /// Posts buffers of this pool until the ring is full or the pool empty, and returns how many.
    ///
    /// # Errors
    /// As [`Receive::fill`](crate::Receive::fill).
    pub fn fill(&mut self, pool: &mut PacketPool) -> Result<usize, RejectReason> {
        self.inner.fill(pool)
    }

    /// How many more buffers the receive ring takes (`ef_vi_receive_space`).
    #[inline]
    pub fn receive_space(&self) -> usize {
        self.inner.receive_space()
    }
}

impl<L> Deref for Member<'_, L> {
    type Target = Interface;

    fn deref(&self) -> &Interface {
        self.inner.get().interface()
    }
}

impl<L: fmt::Debug> fmt::Debug for Member<'_, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("label", &self.label).field("transmit", &self.tx).finish_non_exhaustive()
    }
}
