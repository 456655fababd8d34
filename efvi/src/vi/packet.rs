//! A frame that was received.

use core::fmt;
use core::ops::Deref;
use core::ptr::NonNull;
use core::slice;

use crate::memory::{Buffer, Loan, PacketPool};
use crate::release;
use crate::time::{Timestamp, TimestampError};

use super::InnerRef;
use super::events::At;
use super::keep::{self, NotKept};
use super::rx::{self, HeldPacket, Lent};

/// A received frame, where the adapter wrote it. It dereferences to the frame's bytes.
///
/// On most adapters it lies in a buffer that was posted; on X3, and X4's express datapath, in memory of the adapter's own
/// that several programs may see. So it is read here, and not changed: [`keep`](Self::keep) gives a buffer that is
/// yours. With the next event that is taken, or when the [`Events`](crate::Events) are dropped, the buffer is posted
/// again, or the reference to the adapter's memory released (`efct_vi_rxpkt_release`). The packet borrows the poll that
/// reported it, so it is used before the next event is taken and before the next poll: what the library keeps of a
/// frame, such as its timestamp, is valid no longer.
///
/// ```
/// use efvi::{Buffer, Packet, PacketPool};
///
/// /// Looks at a frame where it is, and keeps those of one kind.
/// fn filter(packet: Packet<'_>, pool: &mut PacketPool) -> Option<Buffer> {
///     let is_ours = packet.get(12..14) == Some(&[0x88, 0xb5]);
///     is_ours.then(|| packet.keep(pool).ok()).flatten()
/// }
/// ```
// Without a drop of its own: events would have one then that is too large to be inlined, and lie in memory for it.
pub struct Packet<'poll> {
    inner: InnerRef<'poll>,
    /// Where the poll has the buffer, which is there as long as this is. Nothing, of a packet that came by a rare event:
    /// `inner.rx.lent` has it.
    at: &'poll mut At,
    /// The frame's first byte. `inner.rx` has the prefix's length, which is before the start of a frame.
    frame: NonNull<u8>,
    // As wide as the event has it: less work than the 16 bits that it needs.
    length: u32,
    flags: u16,
}

/// Where a packet of a rare event is, before it is lent, and what is wrong with it if anything is.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub(super) frame: NonNull<u8>,
    pub(super) length: u32,
    pub(super) flags: u16,
    pub(super) reason: DiscardReason,
}

impl Found {
    pub(super) const NOTHING: Self =
        Found { frame: NonNull::dangling(), length: 0, flags: 0, reason: DiscardReason::Other };
}

impl<'poll> Packet<'poll> {
    /// Notes the buffer where the poll has its packet's, and lends it.
    ///
    /// # Safety
    ///
    /// The VI lives for `'poll`; the buffer is in its slot, of an event of the last poll, and has `length` bytes from
    /// `start` on.
    #[inline(always)]
    pub(super) unsafe fn posted(
        inner: InnerRef<'poll>,
        at: &'poll mut At,
        loan: Loan,
        (start, length): (usize, u32),
        flags: u32,
    ) -> Self {
        // SAFETY: within the buffer, as the caller promises.
        let frame = unsafe { loan.data().add(start) };
        at.lent = Some(loan);
        Packet { inner, at, frame, length, flags: flags as u16 }
    }

    /// Lends what was found.
    ///
    /// # Safety
    ///
    /// The VI lives for `'poll`; what was found is of its last poll, and noted in `inner.rx.lent`; its bytes are there
    /// until it is put back.
    #[inline(always)]
    pub(super) unsafe fn found(inner: InnerRef<'poll>, at: &'poll mut At, found: Found) -> Self {
        Packet { inner, at, frame: found.frame, length: found.length, flags: found.flags }
    }

    /// What a rare event lent.
    pub(super) fn lent(&self) -> Lent {
        self.inner.rx.lent.get()
    }

    /// Takes over what a rare event lent: whoever has the result puts it back.
    pub(super) fn take_lent(&self) -> Lent {
        let lent = self.lent();
        if !matches!(lent, Lent::Nothing) {
            self.inner.rx.lent.set(Lent::Gone);
        }
        lent
    }

    /// The VI that lent it.
    pub(super) fn inner(&self) -> InnerRef<'poll> {
        self.inner
    }

    /// Makes a buffer that was lent the program's.
    #[inline(always)]
    pub(super) fn own(&self, slot: u32) -> Option<Buffer> {
        let mut buffer = self.inner.rx.posted.take(slot)?;
        let start = self.frame.as_ptr().addr() - buffer.data().addr();
        buffer.set_frame(start as u16, self.length as u16);
        Some(buffer)
    }

    /// The number of the packet, if it is a reference.
    #[inline]
    fn reference(&self) -> Option<u32> {
        match self.lent() {
            Lent::Reference(id) => Some(id),
            _ => None,
        }
    }

    /// The frame: from the Ethernet header on, without the frame check sequence. What the adapter puts before it
    /// (`ef_vi_receive_query_layout`) is left out.
    #[inline]
    pub fn frame(&self) -> &[u8] {
        // SAFETY: as the makers were promised; the bytes are initialised, and nobody writes them until the buffer or the
        // reference is put back, which the borrow of the poll rules out.
        unsafe { slice::from_raw_parts(self.frame.as_ptr(), self.length as usize) }
    }

    /// When the adapter received the frame (`ef_vi_receive_get_precise_timestamp`; before Onload 9.0.1
    /// `ef_vi_receive_get_timestamp_with_sync_flags`, which has no fraction).
    ///
    /// # Errors
    /// [`TimestampError`]: the VI was built without receive timestamps, or the clocks are not in step.
    #[inline]
    pub fn timestamp(&self) -> Result<Timestamp, TimestampError> {
        if !self.is_start() {
            // The prefix is before the frame's first bytes only.
            return Err(TimestampError::NoTimestamp);
        }
        // SAFETY: the VI is live and this its only thread; behind its prefix, which only the adapter writes, there is a
        // frame of its last poll.
        unsafe {
            let packet = self.frame.sub(self.inner.rx.prefix());
            release::receive_timestamp(self.inner.vi(), packet.as_ptr().cast(), self.reference())
        }
    }

    /// The frame in a buffer of its own: to change it, to hold it past the poll, to hand it to another thread, or to send
    /// it on.
    ///
    /// # Cost
    /// Where buffers are posted nothing is copied, and nothing is taken from the pool: it is the buffer that the frame was
    /// received into. The receive ring then holds one fewer: [`fill`](crate::Receive::fill) it when there is time. On X3,
    /// and X4's express datapath, the frame is copied into a buffer of the pool's, and the adapter has its memory back.
    ///
    /// # Errors
    /// [`NotKept`] gives the packet back: it would have to be copied, and the pool is empty, or its buffers are too small.
    #[inline]
    pub fn keep(self, pool: &mut PacketPool) -> Result<Buffer, NotKept<'poll>> {
        match self.take_posted() {
            Ok(buffer) => Ok(buffer),
            Err(packet) => keep::keep_rare(packet, pool),
        }
    }

    /// The frame where it is, to be read past the poll, and by other threads: never copied.
    ///
    /// # Cost
    /// Where buffers are posted it is the buffer, as with [`keep`](Self::keep). On X3, and X4's express datapath, it is a
    /// reference to the adapter's memory, a piece of which (hundreds of packets) the adapter can't use again until all
    /// its packets are released. So hold packets shortly, or few: with one held in each piece, the adapter has nowhere to
    /// receive into, and frames are lost, of which no event tells ([`statistics`](crate::Interface::statistics) may). A
    /// reference that was dropped is released with the VI's next poll, so poll on. While any are out, a poll takes some
    /// twenty instructions more.
    ///
    /// # The VI
    /// References keep the VI: dropped, it goes with the last of them, and its filters with it.
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
    /// let (packets, to_strategy) = std::sync::mpsc::channel();
    /// let strategy = std::thread::spawn(move || {
    ///     let held: efvi::HeldPacket = to_strategy.recv().expect("a packet");
    ///     held.len() // and dropped
    /// });
    /// let (_tx, mut rx) = vi.split();
    /// let mut sent = false;
    /// while !sent {
    ///     let mut events = rx.poll();
    ///     while let Some(event) = events.next() {
    ///         if let Event::Received(packet) = event {
    ///             packets.send(packet.hold().map_err(|not_kept| not_kept.reason)?)?;
    ///             sent = true;
    ///         }
    ///     }
    /// }
    /// assert_eq!(strategy.join().expect("the thread"), 60);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`NotKept`] gives the packet back: as many references are out as [`Receive::capacity`](crate::Receive::capacity)
    /// says, or the VI is a member of a shared event queue, which has none.
    #[inline]
    pub fn hold(self) -> Result<HeldPacket, NotKept<'poll>> {
        match self.take_posted() {
            Ok(buffer) => Ok(HeldPacket::of_buffer(buffer)),
            Err(packet) => rx::hold_rare(packet),
        }
    }

    /// The buffer that the packet is in, if it came by an event of its own.
    #[inline(always)]
    fn take_posted(self) -> Result<Buffer, Self> {
        if let Some(loan) = self.at.lent
            // SAFETY: it was lent from its slot, and is there still.
            && let Some(buffer) = self.own(unsafe { loan.slot() })
        {
            self.at.lent = None;
            self.at.advance(&self.inner.events);
            return Ok(buffer);
        }
        Err(self)
    }

    /// Whether this is where a frame starts. Always, unless frames are longer than a buffer.
    #[inline]
    pub fn is_start(&self) -> bool {
        u32::from(self.flags) & efvi_sys::EF_EVENT_FLAG_SOP != 0
    }

    /// Whether the frame goes on in the next packet. Never, unless frames are longer than a buffer.
    ///
    /// ```
    /// /// Adds a frame's pieces up, and returns the length of a whole one.
    /// fn length(packet: &efvi::Packet<'_>, so_far: &mut usize) -> Option<usize> {
    ///     *so_far = if packet.is_start() { 0 } else { *so_far } + packet.len();
    ///     (!packet.continues()).then_some(*so_far)
    /// }
    /// ```
    #[inline]
    pub fn continues(&self) -> bool {
        u32::from(self.flags) & efvi_sys::EF_EVENT_FLAG_CONT != 0
    }
}

impl Deref for Packet<'_> {
    type Target = [u8];

    #[inline(always)]
    fn deref(&self) -> &[u8] {
        self.frame()
    }
}

impl fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packet").field("len", &self.len()).finish_non_exhaustive()
    }
}

/// A received frame that is not as it should be, with what there is of it. What it lies in goes the same way as a
/// [`Packet`]'s: put back with the next event, or kept.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// use efvi::{DiscardReason, Event};
///
/// # vi.filter_add(&efvi::Filter::all_multicast())?;
/// # let (_tx, mut rx) = vi.split();
/// # rx.fill(&mut pool)?;
/// # port.inject(&[0xff; 60], efvi::mock::Fcs::Bad).expect("a frame");
/// # let mut bad_crc = 0;
/// # while bad_crc == 0 {
/// # let mut events = rx.poll();
/// while let Some(event) = events.next() {
///     let Event::Discarded(packet) = event else { continue };
///     match packet.reason() {
///         DiscardReason::Crc => bad_crc += 1,
///         reason => println!("{reason}: {:02x?}", packet.frame()),
///     }
/// }
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct DiscardedPacket<'poll> {
    packet: Packet<'poll>,
    reason: DiscardReason,
}

impl<'poll> DiscardedPacket<'poll> {
    #[inline]
    pub(super) fn new(packet: Packet<'poll>, reason: DiscardReason) -> Self {
        DiscardedPacket { packet, reason }
    }

    /// What is wrong with the frame (`EF_EVENT_RX_DISCARD_TYPE`). Of an X3 and X4, which report several errors of a frame,
    /// the one that says most, as `ef_vi_get_rx_discard_subtype_from_flags`.
    pub fn reason(&self) -> DiscardReason {
        self.reason
    }

    /// The bytes that were received.
    pub fn frame(&self) -> &[u8] {
        self.packet.frame()
    }

    /// The bytes in a buffer of their own, as [`Packet::keep`].
    ///
    /// # Errors
    /// As [`Packet::keep`].
    pub fn keep(self, pool: &mut PacketPool) -> Result<Buffer, NotKept<'poll>> {
        self.packet.keep(pool)
    }

    /// The bytes where they are, as [`Packet::hold`].
    ///
    /// # Errors
    /// As [`Packet::hold`].
    pub fn hold(self) -> Result<HeldPacket, NotKept<'poll>> {
        self.packet.hold()
    }
}

/// What is wrong with a received frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DiscardReason {
    /// The IP, TCP or UDP checksum is wrong (`EF_EVENT_RX_DISCARD_CSUM_BAD`).
    #[error("bad checksum")]
    Checksum,
    /// Multicast that no filter asked for (`EF_EVENT_RX_DISCARD_MCAST_MISMATCH`).
    #[error("multicast that was not asked for")]
    MulticastMismatch,
    /// The frame check sequence is wrong (`EF_EVENT_RX_DISCARD_CRC_BAD`): also of a frame that a CTPIO sender broke off.
    #[error("bad frame check sequence")]
    Crc,
    /// The frame was cut short (`EF_EVENT_RX_DISCARD_TRUNC`).
    #[error("truncated")]
    Truncated,
    /// The VI may not write to the buffer (`EF_EVENT_RX_DISCARD_RIGHTS`).
    #[error("no right to the buffer")]
    Rights,
    /// The adapter reported what it should not have (`EF_EVENT_RX_DISCARD_EV_ERROR`).
    #[error("unexpected event")]
    Event,
    /// A checksum of the inner packet of a tunnel is wrong (`EF_EVENT_RX_DISCARD_INNER_CSUM_BAD`).
    #[error("bad inner checksum")]
    InnerChecksum,
    /// The frame is not as long as it says (`EF_VI_DISCARD_RX_ETH_LEN_ERR`). X3 and X4 tell.
    #[error("bad length")]
    Length,
    /// Any other reason (`EF_EVENT_RX_DISCARD_OTHER`, `EF_VI_DISCARD_RX_L2_CLASS_OTHER` and its like).
    #[error("another reason")]
    Other,
}

impl DiscardReason {
    /// Of the errors that an X3 or X4 reports, `EF_VI_DISCARD_*`, the one that says most: what follows from a damaged
    /// frame is no news.
    #[cold]
    pub(super) fn from_errors(errors: u32) -> Self {
        let any = |of: u32| errors & of != 0;
        if any(efvi_sys::EF_VI_DISCARD_RX_ETH_FCS_ERR) {
            DiscardReason::Crc
        } else if any(efvi_sys::EF_VI_DISCARD_RX_ETH_LEN_ERR) {
            DiscardReason::Length
        } else if any(efvi_sys::EF_VI_DISCARD_RX_L3_CSUM_ERR | efvi_sys::EF_VI_DISCARD_RX_L4_CSUM_ERR) {
            DiscardReason::Checksum
        } else if any(efvi_sys::EF_VI_DISCARD_RX_INNER_L3_CSUM_ERR | efvi_sys::EF_VI_DISCARD_RX_INNER_L4_CSUM_ERR) {
            DiscardReason::InnerChecksum
        } else {
            DiscardReason::Other
        }
    }

    #[cold]
    pub(super) fn from_raw(subtype: u32) -> Self {
        match subtype {
            efvi_sys::EF_EVENT_RX_DISCARD_CSUM_BAD => DiscardReason::Checksum,
            efvi_sys::EF_EVENT_RX_DISCARD_MCAST_MISMATCH => DiscardReason::MulticastMismatch,
            efvi_sys::EF_EVENT_RX_DISCARD_CRC_BAD => DiscardReason::Crc,
            efvi_sys::EF_EVENT_RX_DISCARD_TRUNC => DiscardReason::Truncated,
            efvi_sys::EF_EVENT_RX_DISCARD_RIGHTS => DiscardReason::Rights,
            efvi_sys::EF_EVENT_RX_DISCARD_EV_ERROR => DiscardReason::Event,
            efvi_sys::EF_EVENT_RX_DISCARD_INNER_CSUM_BAD => DiscardReason::InnerChecksum,
            _ => DiscardReason::Other,
        }
    }
}
