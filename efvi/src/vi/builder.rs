//! Setting up a virtual interface.

mod make;
mod options;

use alloc::string::String;
use alloc::vec::Vec;

use efvi_sys::ef_vi_flags;

use crate::domain::ProtectionDomain;
use crate::error::Result;
use crate::set::ViSet;

use super::VirtualInterface;
use super::rx::StreamBuffer;

pub(super) use make::Place;
pub use options::{Ctpio, Timestamps, TxFlags, TxPush};

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
    /// The size of the receive ring in descriptors (`rxq_capacity`), a power of two. It holds one buffer fewer. By default
    /// 512, or what the environment variable `EF_VI_RXQ_SIZE` says.
    pub fn rx_capacity(mut self, descriptors: u32) -> Self {
        self.rx_capacity = Some(descriptors);
        self
    }

    /// The size of the transmit ring in descriptors (`txq_capacity`), a power of two. It holds one buffer fewer, and a
    /// frame in pieces takes one descriptor for each. By default 512, or what the environment variable `EF_VI_TXQ_SIZE`
    /// says.
    pub fn tx_capacity(mut self, descriptors: u32) -> Self {
        self.tx_capacity = Some(descriptors);
        self
    }

    /// The size of the event queue in events (`evq_capacity`), a power of two. By default what both rings need, or what
    /// the environment variable `EF_VI_EVQ_SIZE` says: one that is too small overflows, and the VI is lost.
    pub fn event_capacity(mut self, events: u32) -> Self {
        self.event_capacity = Some(events);
        self
    }

    /// How many events a poll takes at most (`ef_eventq_poll`): from 2 to 32768, and 16 by default. Another number does not
    /// compile.
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

    /// When DMA sends use TX push (`EF_VI_TX_PUSH_ALWAYS`, `EF_VI_TX_PUSH_DISABLE`, `ef_vi_set_tx_push_threshold`): by
    /// default as the library has it, while few descriptors are outstanding.
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
    /// [`Event::Packed`](crate::Event::Packed). The VI has the buffers itself, in huge pages where there are any: so many
    /// of that size, 16 at least and rounded up to a multiple of 8, since the adapter takes them in eights. A buffer is
    /// posted again when the adapter has gone on to the next, and all events before that were taken. While all are full,
    /// frames are lost.
    ///
    /// The domain has to be for it ([`PdFlags::PACKED_STREAM`](crate::PdFlags::PACKED_STREAM)), and the adapter to have it
    /// ([`Capability::PackedStream`](crate::Capability::PackedStream)), as X2 can with firmware for it, and X3 and X4's
    /// express datapath can't: [`build`](Self::build) fails with [`Error::Lacks`](crate::Error::Lacks) then, and with
    /// [`Error::PackedStream`](crate::Error::PackedStream) where something else that was asked for excludes it. Not together
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

    /// Enables sends by CTPIO (`EF_VI_TX_CTPIO`, `EF_VI_TX_CTPIO_NO_POISON`); none by default. Where the adapter has no
    /// CTPIO, [`build`](Self::build) fails with `EOPNOTSUPP`.
    pub fn ctpio(mut self, ctpio: impl Into<Option<Ctpio>>) -> Self {
        self.ctpio = ctpio.into();
        self
    }

    /// How the adapter treats frames that are sent by DMA or PIO (`EF_VI_TX_IP_CSUM_DIS` and others): by default it fills in
    /// checksums, and sends all.
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
    /// tell the interface's longest frame. [`Error::Lacks`], [`Error::PackedStream`]: there is no packed stream.
    ///
    /// [`Error::Capacity`]: crate::Error::Capacity
    /// [`Error::VirtualInterface`]: crate::Error::VirtualInterface
    /// [`Error::Adapter`]: crate::Error::Adapter
    /// [`Error::Query`]: crate::Error::Query
    /// [`Error::Lacks`]: crate::Error::Lacks
    /// [`Error::PackedStream`]: crate::Error::PackedStream
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

#[cfg(test)]
mod tests {
    use super::*;

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
