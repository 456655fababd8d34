//! Frames that are still arriving.

use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

use super::super::InnerRef;
use super::super::events::Events;
use super::super::receive::Receive;

/// How many bytes of a frame that is still arriving can be read (`EFCT_FUTURE_VALID_BYTES`).
const START: usize = 62;

/// A frame of which the adapter has written the first bytes, and not yet the rest: from [`Receive::peek`].
///
/// It is no event. What is decided from it counts once the frame's event says that it is good: it may turn out a
/// [`Discarded`](crate::Event::Discarded), as when its sender broke it off. [`poll`](Self::poll) asks for that event, as
/// any later poll of the VI reports it. The bytes borrow the receive half, so they are used before the next poll.
pub struct Arriving<'poll> {
    inner: InnerRef<'poll>,
    start: NonNull<u8>,
    /// It stands for the receive half.
    borrow: PhantomData<&'poll mut ()>,
}

impl<'vi> Receive<'vi> {
    /// Looks at the frame that is arriving (`efct_vi_rx_future_peek`): its first 62 bytes, which hold the headers of most,
    /// so that a program can work on them while the rest comes off the wire. `None` while nothing arrives. It returns at
    /// once.
    ///
    /// X3 and X4's express datapath have it; with others it is always `None`, which [`can_peek`](Self::can_peek) tells.
    /// It looks at what is received alone: [`poll`](Self::poll) now and then for what was sent. Where the adapter's
    /// memory is full of packets that are held, nothing is seen to arrive.
    ///
    /// ```
    /// # use efvi::{Driver, Event, Filter, ProtectionDomain, VirtualInterface};
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fabric = efvi::mock::Fabric::of(efvi::mock::Model::X3);
    /// # let (port, _other) = fabric.cable().expect("a cable");
    /// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
    /// # let mut vi = VirtualInterface::builder().build(&domain)?;
    /// # vi.filter_add(&Filter::all_multicast())?;
    /// # let frame = [0xff; 1000];
    /// # let mut on_the_wire = Some(port.begin(&frame[..100]).expect("a frame"));
    /// let (_tx, mut rx) = vi.split();
    /// let mut decided = 0;
    /// while decided == 0 {
    ///     let Some(mut arriving) = rx.peek() else { continue };
    ///     let likely = arriving.start()[14]; // prepare by what is here ...
    ///     let mut events = loop {
    /// #       if let Some(rest) = on_the_wire.take() { rest.finish(&frame[100..], efvi::mock::Fcs::Good).expect("room"); }
    ///         match arriving.poll() {
    ///             Ok(events) => break events,
    ///             Err(not_yet) => arriving = not_yet,
    ///         }
    ///     };
    ///     while let Some(event) = events.next() {
    ///         match event {
    ///             Event::Received(packet) if packet[14] == likely => decided += 1, // ... and act on the whole
    ///             other => println!("prepared for nothing: {other:?}"),
    ///         }
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn peek(&mut self) -> Option<Arriving<'_>> {
        let inner = self.inner;
        if !inner.rx.by_reference {
            return None;
        }
        // SAFETY: the VI is live, this its only thread, and of an adapter with such queues.
        let start = NonNull::new(unsafe { efvi_sys::efct_vi_rx_future_peek(inner.vi()) }.cast_mut())?;
        Some(Arriving { inner, start: start.cast(), borrow: PhantomData })
    }

    /// Whether the adapter shows frames that are still arriving ([`peek`](Self::peek)).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// use efvi::Arriving;
    ///
    /// /// What a frame's Ethernet type is, before all of it is here.
    /// fn kind(arriving: &Arriving<'_>) -> u16 {
    ///     u16::from_be_bytes([arriving.start()[12], arriving.start()[13]])
    /// }
    /// # let (_tx, mut rx) = vi.split();
    /// if rx.can_peek() {
    ///     println!("{:?}", rx.peek().map(|arriving| kind(&arriving)));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[inline]
    pub fn can_peek(&self) -> bool {
        self.inner.rx.by_reference
    }
}

impl<'poll> Arriving<'poll> {
    /// The frame's first 62 bytes, from the Ethernet header on. Of a frame of 60 or 61 bytes those after its end mean
    /// nothing.
    #[inline]
    pub fn start(&self) -> &[u8; START] {
        // SAFETY: the adapter has written as many, and nobody writes them again until its event was polled and the packet
        // put back, which the borrow of the receive half rules out.
        unsafe { self.start.cast().as_ref() }
    }

    /// Asks for the event of this frame (`efct_vi_rx_future_poll`): a poll of the queue that it arrives in, and of nothing
    /// else. Of the events the first is this frame's, the others are of those behind it. It returns at once.
    ///
    /// # Errors
    /// The frame itself, while it is still arriving.
    #[inline]
    pub fn poll(self) -> Result<Events<'poll>, Self> {
        let inner = self.inner;
        // SAFETY: the VI is live and this its only thread; a frame was peeked at, and its queue not polled since, for
        // this borrows the receive half; there is room for as many events.
        let any = inner.poll_by(|vi, events, room| unsafe { efvi_sys::efct_vi_rx_future_poll(vi, events, room) });
        if any { Ok(Events::polled(inner, any)) } else { Err(self) }
    }
}

impl fmt::Debug for Arriving<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arriving").field("start", self.start()).finish()
    }
}
