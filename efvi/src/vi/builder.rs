//! Setting up a virtual interface.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use bitflags::bitflags;
use efvi_sys::{ef_vi, ef_vi_flags};

use crate::capability::Capability;
use crate::domain::{PdFlags, ProtectionDomain};
use crate::error::{Errno, Error, Result, Ring, vi_hint};
use crate::release;

use crate::set::ViSet;

use super::events::EventQueue;
use super::interface::longest_frame;
use super::rx::{Holding, RxRing, StreamBuffer};
use super::transmit::TxRing;
use super::{Inner, VirtualInterface, next_serial};

bitflags! {
    /// Which frames the adapter timestamps.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::{Timestamps, VirtualInterface};
    ///
    /// let vi = VirtualInterface::builder().timestamps(Timestamps::RX | Timestamps::TX).build(&domain)?;
    /// # Ok(())
    /// # }
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Timestamps: u32 {
        /// Those received (`EF_VI_RX_TIMESTAMPS`).
        const RX = 1;
        /// Those sent (`EF_VI_TX_TIMESTAMPS`). Each send then completes by an event of its own.
        const TX = 2;
    }
}

bitflags! {
    /// How the adapter treats frames that are sent by DMA or PIO.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct TxFlags: u32 {
        /// It does not fill in the IPv4 header's checksum (`EF_VI_TX_IP_CSUM_DIS`).
        const NO_IP_CHECKSUM = 1;
        /// It does not fill in TCP's and UDP's checksums (`EF_VI_TX_TCPUDP_CSUM_DIS`).
        const NO_TRANSPORT_CHECKSUM = 2;
        /// It drops what is neither TCP nor UDP; the send completes (`EF_VI_TX_TCPUDP_ONLY`).
        const TCP_UDP_ONLY = 4;
        /// It drops what is not from an address that the VI has a filter for (`EF_VI_TX_FILTER_IP`). Older adapters.
        const FILTER_IP = 8;
        /// The same of Ethernet addresses (`EF_VI_TX_FILTER_MAC`). Older adapters.
        const FILTER_MAC = 16;
    }
}

/// When a DMA send hands its descriptor over with the doorbell, which spares the adapter a fetch.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{TxPush, VirtualInterface};
///
/// let vi = VirtualInterface::builder().tx_push(TxPush::Below(4)).build(&domain)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TxPush {
    /// The library's way: while few descriptors are outstanding.
    #[default]
    Default,
    /// On every send (`EF_VI_TX_PUSH_ALWAYS`).
    Always,
    /// Never (`EF_VI_TX_PUSH_DISABLE`): each send rings the doorbell alone.
    Never,
    /// While fewer descriptors than this are outstanding (`ef_vi_set_tx_push_threshold`).
    Below(u32),
}

/// What becomes of a frame that the processor writes through too slowly.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{Capability, Ctpio, VirtualInterface};
///
/// let ctpio = domain.capability(Capability::Ctpio)?.map(|_| Ctpio::NoPoison); // if there is CTPIO
/// let vi = VirtualInterface::builder().ctpio(ctpio).build(&domain)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ctpio {
    /// Its start is on the wire already: the adapter ends it with a bad frame check sequence, and sends it again by the
    /// fallback. The fastest (`EF_VI_TX_CTPIO`).
    Poison,
    /// It never is: the adapter starts when it has the whole frame, whatever the cut-through threshold
    /// (`EF_VI_TX_CTPIO_NO_POISON`).
    NoPoison,
}

/// Where a VI is made, beside its domain.
#[derive(Clone, Copy, Default)]
pub(super) struct Place<'a> {
    /// In this set, at this place or, below 0, at any.
    pub(super) set: Option<(&'a ViSet, i32)>,
    /// On the event queue of this VI.
    pub(super) queue: Option<&'a Inner>,
    /// With an event queue alone.
    pub(super) no_rings: bool,
}

/// Sets up a [`VirtualInterface`].
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{Ctpio, Timestamps, VirtualInterface};
///
/// let builder = VirtualInterface::builder().rx_capacity(1024).timestamps(Timestamps::RX).ctpio(Ctpio::Poison);
/// let [feed, orders] = [builder.build(&domain)?, builder.build(&domain)?]; // a builder can be used again
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use = "a builder does nothing until `build`"]
pub struct VirtualInterfaceBuilder {
    rx_capacity: Option<u32>,
    tx_capacity: Option<u32>,
    event_capacity: Option<u32>,
    event_batch: usize,
    timestamps: Timestamps,
    tx_push: TxPush,
    ctpio: Option<Ctpio>,
    merge_events: bool,
    packed_stream: Option<(StreamBuffer, u32)>,
    tx_flags: TxFlags,
    alternatives: Option<(u32, u32)>,
    event_timer: bool,
}

impl Default for VirtualInterfaceBuilder {
    fn default() -> Self {
        VirtualInterfaceBuilder {
            rx_capacity: None,
            tx_capacity: None,
            event_capacity: None,
            event_batch: 16,
            timestamps: Timestamps::empty(),
            tx_push: TxPush::Default,
            ctpio: None,
            merge_events: false,
            packed_stream: None,
            tx_flags: TxFlags::empty(),
            alternatives: None,
            event_timer: false,
        }
    }
}

impl VirtualInterfaceBuilder {
    /// The size of the receive ring, a power of two. It holds one buffer fewer. By default 512, or what the
    /// environment variable `EF_VI_RXQ_SIZE` says.
    pub fn rx_capacity(mut self, descriptors: u32) -> Self {
        self.rx_capacity = Some(descriptors);
        self
    }

    /// The size of the transmit ring, a power of two. It holds one frame fewer. By default 512, or what the
    /// environment variable `EF_VI_TXQ_SIZE` says.
    pub fn tx_capacity(mut self, descriptors: u32) -> Self {
        self.tx_capacity = Some(descriptors);
        self
    }

    /// The size of the event queue, a power of two. By default what both rings need, or what the environment variable
    /// `EF_VI_EVQ_SIZE` says: one that is too small overflows, and the VI is lost.
    pub fn event_capacity(mut self, events: u32) -> Self {
        self.event_capacity = Some(events);
        self
    }

    /// How many events a poll returns at most: at least 2, and 16 by default.
    ///
    /// ```compile_fail
    /// efvi::VirtualInterface::builder().event_batch::<1>();
    /// ```
    pub fn event_batch<const EVENTS: usize>(mut self) -> Self {
        const {
            assert!(EVENTS >= efvi_sys::EF_VI_EVENT_POLL_MIN_EVS as usize, "a poll needs room for at least 2 events");
            assert!(EVENTS <= 1 << 15, "a poll takes at most 32768 events: more than an event queue holds");
        }
        self.event_batch = EVENTS;
        self
    }

    /// Which frames the adapter timestamps (`EF_VI_RX_TIMESTAMPS`, `EF_VI_TX_TIMESTAMPS`); none by default. They cost an
    /// event more for each send, and a prefix in each receive buffer.
    pub fn timestamps(mut self, timestamps: Timestamps) -> Self {
        self.timestamps = timestamps;
        self
    }

    /// When DMA sends use TX push: by default as the library has it, while few descriptors are outstanding.
    pub fn tx_push(mut self, tx_push: TxPush) -> Self {
        self.tx_push = tx_push;
        self
    }

    /// Has the adapter report up to 15 received frames by one event (`EF_VI_RX_EVENT_MERGE`), which takes more frames a
    /// second at the price of latency; not by default. Each frame is still an [`Event`](crate::Event) of its own here
    /// (`ef_vi_receive_unbundle`, `ef_vi_receive_get_bytes`). Not on X3, nor on X4's express datapath, which refer to
    /// each packet.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// let vi = efvi::VirtualInterface::builder().merge_events(true).build(&domain)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn merge_events(mut self, merge: bool) -> Self {
        self.merge_events = merge;
        self
    }

    /// Receives a packed stream (`EF_VI_RX_PACKED_STREAM`): the adapter writes frames one behind the other into large
    /// buffers, which takes the most frames a second, at the price of latency; not by default. They come as
    /// [`Event::Packed`](crate::Event::Packed). The VI has the buffers itself: so many of that size, 16
    /// at least and rounded up to a multiple of 8, in which the adapter takes them, in huge pages where there are any. A buffer is posted again when the adapter has gone on to the
    /// next, and all events before that were taken. While all are full, frames are lost.
    ///
    /// The domain has to be for it ([`PdFlags::PACKED_STREAM`]), and the adapter to have it
    /// ([`Capability::PackedStream`]), as X2 can with firmware for it, and X3 and X4's express datapath can't. Not together
    /// with [`merge_events`](Self::merge_events), nor on a shared event queue.
    ///
    /// ```
    /// use efvi::{Event, Filter, PdFlags, ProtectionDomain, StreamBuffer, VirtualInterface};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let (driver, interface) = (efvi::Driver::open()?, port.name());
    /// let domain = ProtectionDomain::builder().flags(PdFlags::PACKED_STREAM).open(&driver, interface)?;
    /// let mut vi = VirtualInterface::builder().packed_stream(StreamBuffer::Kib64, 16).build(&domain)?;
    /// vi.filter_add(&Filter::all_multicast())?;
    /// # port.inject(&[0xff; 60], efvi::mock::Fcs::Good).expect("a frame");
    ///
    /// let (_tx, mut rx) = vi.split();
    /// let mut bytes = 0;
    /// while bytes == 0 {
    ///     let mut events = rx.poll();
    ///     while let Some(event) = events.next() {
    ///         if let Event::Packed(packets) = event {
    ///             bytes += packets.map(|packet| packet.len()).sum::<usize>();
    ///         }
    ///     }
    /// }
    /// # assert_eq!(bytes, 60);
    /// # Ok(())
    /// # }
    /// ```
    pub fn packed_stream(mut self, size: StreamBuffer, buffers: u32) -> Self {
        self.packed_stream = Some((size, buffers));
        self
    }

    /// Enables sends by CTPIO (`EF_VI_TX_CTPIO`); none by default.
    pub fn ctpio(mut self, ctpio: impl Into<Option<Ctpio>>) -> Self {
        self.ctpio = ctpio.into();
        self
    }

    /// How the adapter treats frames that are sent by DMA or PIO: by default it fills in checksums, and sends all.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::{TxFlags, VirtualInterface};
    ///
    /// // All frames have their checksums already.
    /// let flags = TxFlags::NO_IP_CHECKSUM | TxFlags::NO_TRANSPORT_CHECKSUM;
    /// let vi = VirtualInterface::builder().tx_flags(flags).build(&domain)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn tx_flags(mut self, flags: TxFlags) -> Self {
        self.tx_flags = flags;
        self
    }

    /// Gives the VI TX alternatives (`EF_VI_TX_ALT`, `ef_vi_transmit_alt_alloc`): their number, and the bytes of the
    /// adapter's memory that they share for frames. They begin stopped. The adapter can't timestamp sends then. None
    /// by default.
    pub fn alternatives(mut self, number: u32, bytes: u32) -> Self {
        self.alternatives = Some((number, bytes));
        self
    }

    /// Whether the event queue has a timer, which can delay wake-ups (`EF_VI_ENABLE_EV_TIMER`): none by default.
    pub fn event_timer(mut self, event_timer: bool) -> Self {
        self.event_timer = event_timer;
        self
    }

    /// Makes the VI (`ef_vi_alloc_from_pd`).
    ///
    /// # Errors
    /// [`Error::Capacity`]: a capacity that is no power of two. [`Error::VirtualInterface`]: the adapter can't make
    /// such a VI. [`Error::Adapter`]: it is of a family that this crate does not drive. [`Error::Query`]: the driver can't
    /// tell the interface's longest frame.
    pub fn build(self, domain: &ProtectionDomain) -> Result<VirtualInterface> {
        Ok(self.build_as(domain, Place::default())?.0)
    }

    /// Makes the VI as one of a set, at any place that is free (`ef_vi_alloc_from_set`). It is in the set's domain.
    ///
    /// # Errors
    /// As [`build`](Self::build); with `ENOSPC` when the set has all its VIs.
    pub fn build_in(self, set: &ViSet) -> Result<VirtualInterface> {
        Ok(self.build_as(set.domain(), Place { set: Some((set, -1)), ..Place::default() })?.0)
    }

    /// Makes the VI as one of a set, at this place in it, from 0 up (`ef_vi_alloc_from_set`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// use efvi::{ViSet, VirtualInterface};
    ///
    /// let set = ViSet::new(&domain, 2)?;
    /// let second = VirtualInterface::builder().build_at(&set, 1)?;
    /// assert!(VirtualInterface::builder().build_at(&set, 2).is_err(), "there is no such place");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`build_in`](Self::build_in); with `EDOM` when the set has no such place, and `EEXIST` when it is taken.
    pub fn build_at(self, set: &ViSet, place: usize) -> Result<VirtualInterface> {
        let place = i32::try_from(place).unwrap_or(i32::MAX);
        Ok(self.build_as(set.domain(), Place { set: Some((set, place)), ..Place::default() })?.0)
    }

    /// Makes the VI, and gives the number that events on its queue have for it.
    pub(super) fn build_as(self, domain: &ProtectionDomain, place: Place<'_>) -> Result<(VirtualInterface, i32)> {
        if self.packed_stream.is_some() {
            self.check_stream(domain, &place)?;
        }
        let rx_capacity = if place.no_rings { 0 } else { capacity(Ring::Receive, self.rx_capacity)? };
        let tx_capacity = if place.no_rings { 0 } else { capacity(Ring::Transmit, self.tx_capacity)? };
        let event_capacity = if place.queue.is_some() { 0 } else { capacity(Ring::Event, self.event_capacity)? };
        // The handle serves wake-ups of one VI only.
        let driver = domain.driver().another()?;
        let handle = driver.handle();
        let (queue_vi, queue_handle) = place.queue.map_or((ptr::null_mut(), -1), |owner| (owner.vi(), owner.handle()));
        let (flags, flag_names) = self.flags();

        // The VI is made where it stays: the library keeps pointers into it.
        let memory = Box::leak(Box::<Inner>::new_uninit());
        let inner = NonNull::from(&mut *memory).cast::<Inner>();
        // SAFETY: within the box; the cell's contents are what is at its address.
        let vi = UnsafeCell::raw_get(unsafe { &raw const (*inner.as_ptr()).vi }).cast::<ef_vi>();
        let give_up = |error| {
            // SAFETY: the box just made, of which nothing that needs dropping is initialised.
            drop(unsafe { Box::from_raw(inner.as_ptr().cast::<MaybeUninit<Inner>>()) });
            Err(error)
        };
        // SAFETY: room for the structure, not initialised yet.
        unsafe { vi.write_bytes(0, 1) };
        let sizes = (event_capacity, rx_capacity, tx_capacity);
        let code = match place.set {
            None => domain.with_pd(|pd| {
                // SAFETY: `vi` is where the VI stays, zeroed; the handles are open, the domain live and locked; there is
                // no VI whose event queue is used, or it is live, and this its only thread.
                unsafe {
                    efvi_sys::ef_vi_alloc_from_pd(
                        vi,
                        handle,
                        pd,
                        domain.handle(),
                        sizes.0,
                        sizes.1,
                        sizes.2,
                        queue_vi,
                        queue_handle,
                        flags,
                    )
                }
            }),
            Some((set, index)) => set.with_raw(|set, set_handle| {
                // SAFETY: as above, for a set that is live and locked, with its domain.
                unsafe {
                    efvi_sys::ef_vi_alloc_from_set(
                        vi,
                        handle,
                        set,
                        set_handle,
                        index,
                        sizes.0,
                        sizes.1,
                        sizes.2,
                        queue_vi,
                        queue_handle,
                        flags,
                    )
                }
            }),
        };
        if code < 0 {
            let interface = domain.interface().to_owned();
            let call = if place.set.is_some() { "ef_vi_alloc_from_set" } else { "ef_vi_alloc_from_pd" };
            let errno = Errno::from_return(code);
            let hint = vi_hint(errno, &flag_names);
            return give_up(Error::VirtualInterface { call, interface, flags: flag_names, errno, hint });
        }

        // SAFETY: the VI was made by the call above, and this is its only thread.
        let (architecture, has_ctpio, mtu, rx_ring, tx_ring, buffer_length, prefix) = unsafe {
            (
                u32::from((*vi).nic_type.arch),
                (*vi).ops.transmitv_ctpio.is_some() && (*vi).ops.transmit_ctpio_fallback.is_some(),
                longest_frame(efvi_sys::ef_vi_mtu(vi, handle)),
                efvi_sys::ef_vi_receive_capacity(vi),
                efvi_sys::ef_vi_transmit_capacity(vi),
                efvi_sys::ef_vi_receive_buffer_len(vi),
                efvi_sys::ef_vi_receive_prefix_len(vi),
            )
        };
        let by_reference = release::receives_by_reference(architecture);
        let interface = || domain.interface().to_owned();
        let refusal = if architecture != efvi_sys::EF_VI_ARCH_EF10 && !by_reference {
            Some(Error::Adapter { interface: interface(), architecture })
        } else if self.ctpio.is_some() && !has_ctpio {
            // The macros would call what is not there.
            let errno = Errno::from_return(-libc::EOPNOTSUPP);
            let call = "ef_vi_alloc_from_pd";
            let hint = vi_hint(errno, &flag_names);
            Some(Error::VirtualInterface { call, interface: interface(), flags: flag_names, errno, hint })
        } else if let Err(code) = mtu {
            Some(Error::Query { call: "ef_vi_mtu", interface: interface(), errno: Errno::from_return(code) })
        } else {
            None
        };
        if let Some(error) = refusal {
            // SAFETY: live, and used no more.
            if unsafe { efvi_sys::ef_vi_free(vi, handle) } < 0 {
                // The library may still reach it: leak the box, and the domain with it.
                core::mem::forget((domain.clone(), driver));
                return Err(error);
            }
            return give_up(error);
        }
        // An error has been one of the refusals.
        let mtu = mtu.unwrap_or_default();
        if let TxPush::Below(threshold) = self.tx_push {
            // SAFETY: the VI is live and this its only thread.
            unsafe { efvi_sys::ef_vi_set_tx_push_threshold(vi, threshold) };
        }

        // What a ring holds is one less than its size, which is what the slots are made for.
        let slots = |holds: i32| holds.max(0) as u32 + 1;
        // SAFETY: the other fields, each written once, which makes the whole initialised.
        unsafe {
            let self_ptr = inner;
            let inner = inner.as_ptr();
            (&raw mut (*inner).domain_id).write(domain.id());
            // Where nothing is posted, every send is written through.
            let ctpio = match self.ctpio {
                _ if by_reference => u32::MAX,
                Some(_) => LONGEST_CTPIO,
                None => 0,
            };
            (&raw mut (*inner).tx).write(TxRing::new(slots(tx_ring), self.event_batch, mtu, ctpio));
            let prefix = prefix.max(0) as u32;
            (&raw mut (*inner).rx).write(if by_reference {
                // A member's references could not be told from the queue's poll, which is what releases them.
                let holding = place.queue.is_none().then(|| Holding::new(rx_ring.clamp(0, MOST_HELD) as u32, self_ptr));
                RxRing::by_reference(prefix, holding, release::polls_received_alone(vi))
            } else {
                // A stream's buffers are its own.
                let stream = self.packed_stream.is_some();
                let (holds, length) =
                    if stream { (0, u32::MAX) } else { (rx_ring.max(0) as u32, buffer_length.max(0) as u32) };
                RxRing::new(holds, length, prefix)
            });
            // A member's events are in the batch of the queue that it shares.
            let batch = if place.queue.is_some() { 0 } else { self.event_batch };
            (&raw mut (*inner).events).write(EventQueue::new(batch));
            (&raw mut (*inner).serial).write(next_serial());
            (&raw mut (*inner).driver).write(driver);
            (&raw mut (*inner).set).write(place.set.map(|(set, _)| set.clone()));
            (&raw mut (*inner).domain).write(domain.clone());
        }
        let vi = VirtualInterface { inner };
        if let Some((number, bytes)) = self.alternatives {
            vi.make_alternatives(number, bytes)?;
        }
        if let Some((size, buffers)) = self.packed_stream {
            vi.inner().start_stream(size, buffers)?;
        }
        Ok((vi, code))
    }

    /// Refuses a packed stream that can't be, before the library does, which would not say why.
    fn check_stream(&self, domain: &ProtectionDomain, place: &Place<'_>) -> Result<()> {
        let interface = || domain.interface().to_owned();
        if domain.capability(Capability::PackedStream)?.is_none() {
            return Err(Error::Lacks { capability: Capability::PackedStream, interface: interface() });
        }
        let problem = if !domain.flags().contains(PdFlags::PACKED_STREAM) {
            "the protection domain is not for it; open it with `PdFlags::PACKED_STREAM`"
        } else if self.merge_events {
            "it merges events by itself; leave `merge_events` out"
        } else if place.queue.is_some() {
            "it needs an event queue of its own; build the virtual interface without the shared one"
        } else {
            return Ok(());
        };
        Err(Error::PackedStream { interface: interface(), problem })
    }

    pub(super) fn asked_timestamps(&self) -> Timestamps {
        self.timestamps
    }

    /// As `event_batch`, with a number that was given to that.
    pub(super) fn batch(mut self, events: usize) -> Self {
        self.event_batch = events;
        self
    }

    /// The flags for the VI, and their names in C.
    fn flags(&self) -> (ef_vi_flags, String) {
        let mut flags = efvi_sys::EF_VI_FLAGS_DEFAULT;
        let mut names = Vec::new();
        let mut set = |asked: bool, flag: ef_vi_flags, name: &'static str| {
            if asked {
                flags |= flag;
                names.push(name);
            }
        };
        set(self.timestamps.contains(Timestamps::RX), efvi_sys::EF_VI_RX_TIMESTAMPS, "EF_VI_RX_TIMESTAMPS");
        set(self.timestamps.contains(Timestamps::TX), efvi_sys::EF_VI_TX_TIMESTAMPS, "EF_VI_TX_TIMESTAMPS");
        let stream = self.packed_stream.map(|(size, _)| size);
        set(stream.is_some(), efvi_sys::EF_VI_RX_PACKED_STREAM, "EF_VI_RX_PACKED_STREAM");
        let small = stream == Some(StreamBuffer::Kib64);
        set(small, efvi_sys::EF_VI_RX_PS_BUF_SIZE_64K, "EF_VI_RX_PS_BUF_SIZE_64K");
        set(self.merge_events, efvi_sys::EF_VI_RX_EVENT_MERGE, "EF_VI_RX_EVENT_MERGE");
        set(self.tx_push == TxPush::Always, efvi_sys::EF_VI_TX_PUSH_ALWAYS, "EF_VI_TX_PUSH_ALWAYS");
        set(self.tx_push == TxPush::Never, efvi_sys::EF_VI_TX_PUSH_DISABLE, "EF_VI_TX_PUSH_DISABLE");
        set(self.ctpio.is_some(), efvi_sys::EF_VI_TX_CTPIO, "EF_VI_TX_CTPIO");
        let no_poison = self.ctpio == Some(Ctpio::NoPoison);
        set(no_poison, efvi_sys::EF_VI_TX_CTPIO_NO_POISON, "EF_VI_TX_CTPIO_NO_POISON");
        set(self.alternatives.is_some(), efvi_sys::EF_VI_TX_ALT, "EF_VI_TX_ALT");
        let asked = |flag| self.tx_flags.contains(flag);
        set(asked(TxFlags::NO_IP_CHECKSUM), efvi_sys::EF_VI_TX_IP_CSUM_DIS, "EF_VI_TX_IP_CSUM_DIS");
        set(asked(TxFlags::NO_TRANSPORT_CHECKSUM), efvi_sys::EF_VI_TX_TCPUDP_CSUM_DIS, "EF_VI_TX_TCPUDP_CSUM_DIS");
        set(asked(TxFlags::TCP_UDP_ONLY), efvi_sys::EF_VI_TX_TCPUDP_ONLY, "EF_VI_TX_TCPUDP_ONLY");
        set(asked(TxFlags::FILTER_IP), efvi_sys::EF_VI_TX_FILTER_IP, "EF_VI_TX_FILTER_IP");
        set(asked(TxFlags::FILTER_MAC), efvi_sys::EF_VI_TX_FILTER_MAC, "EF_VI_TX_FILTER_MAC");
        set(self.event_timer, efvi_sys::EF_VI_ENABLE_EV_TIMER, "EF_VI_ENABLE_EV_TIMER");
        if names.is_empty() {
            names.push("EF_VI_FLAGS_DEFAULT");
        }
        (flags, names.join(" | "))
    }
}

/// The longest frame by CTPIO where it is written to a page from its begin on, behind 4 bytes of a header.
const LONGEST_CTPIO: u32 = 4096 - 4;

/// The most packets of the adapter's own memory that are held at a time, whatever there is room for.
const MOST_HELD: i32 = 1 << 16;

/// The capacity as the library takes it, -1 for its default.
fn capacity(ring: Ring, requested: Option<u32>) -> Result<i32> {
    const MAX: u32 = 1 << 30;
    let Some(requested) = requested else {
        return Ok(-1);
    };
    if (2..=MAX).contains(&requested) && requested.is_power_of_two() {
        return Ok(requested as i32);
    }
    let above = requested.clamp(2, MAX).next_power_of_two();
    let below = above / 2;
    let nearest = if below >= 2 && requested.abs_diff(below) < requested.abs_diff(above) { below } else { above };
    Err(Error::Capacity { ring, requested, nearest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capacity_is_a_power_of_two_or_the_default() {
        assert!(matches!(capacity(Ring::Receive, None), Ok(-1)));
        assert!(matches!(capacity(Ring::Receive, Some(512)), Ok(512)));
        for (asked, expected) in [(0, 2), (1, 2), (3, 4), (500, 512), (600, 512), (800, 1024), (u32::MAX, 1 << 30)] {
            match capacity(Ring::Transmit, Some(asked)) {
                Err(Error::Capacity { ring: Ring::Transmit, requested, nearest }) => {
                    assert_eq!((requested, nearest), (asked, expected));
                }
                other => panic!("{asked}: {other:?}"),
            }
        }
    }

    #[test]
    fn flags_are_those_asked_for() {
        let (flags, names) = VirtualInterface::builder().flags();
        assert_eq!((flags, names.as_str()), (0, "EF_VI_FLAGS_DEFAULT"));
        let builder =
            VirtualInterface::builder().ctpio(Ctpio::NoPoison).tx_push(TxPush::Never).timestamps(Timestamps::RX);
        let (flags, names) = builder.flags();
        assert_eq!(flags, (1 << 16) | (1 << 14) | (1 << 24) | (1 << 25));
        assert_eq!(names, "EF_VI_RX_TIMESTAMPS | EF_VI_TX_PUSH_DISABLE | EF_VI_TX_CTPIO | EF_VI_TX_CTPIO_NO_POISON");
        assert_eq!(builder.ctpio(None).flags().0, (1 << 16) | (1 << 14));
    }
}
