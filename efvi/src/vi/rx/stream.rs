//! Packed streams: packets one behind the other in large buffers.

use core::cell::Cell;
use core::fmt;
use core::iter::FusedIterator;
use core::marker::PhantomData;
use core::ops::Deref;
use core::ptr::{self, NonNull};
use core::slice;

use efvi_sys::{ef_event, ef_packed_stream_packet};

use crate::error::{Error, Result};
use crate::memory::{Buffer, PacketPool, StreamMemory};
use crate::time::{Timestamp, TimestampError};

use super::super::keep::{self, KeepError};
use super::super::packet::DiscardReason;
use super::super::{Inner, InnerRef};
use super::Lent;

/// The size of the buffers of a packed stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamBuffer {
    /// 64 KiB (`EF_VI_RX_PS_BUF_SIZE_64K`).
    Kib64,
    /// 1 MiB.
    Mib1,
}

impl StreamBuffer {
    /// The size in bytes.
    pub const fn bytes(self) -> usize {
        match self {
            StreamBuffer::Kib64 => 64 << 10,
            StreamBuffer::Mib1 => 1 << 20,
        }
    }
}

/// The adapter takes descriptors in so many.
const TAKEN: u32 = 8;

/// With one buffer that is read, and the others posted, but fewer than it takes, it would have none.
const FEWEST: u32 = 2 * TAKEN;

/// The packed stream of a VI. The ring has its buffers in turn, from which the adapter fills one after the other.
pub(in crate::vi) struct Stream {
    memory: StreamMemory,
    /// Where in a buffer the first packet's header is, in bytes.
    start: i32,
    /// The buffer that is being read; none before the first packet.
    current: Cell<Option<usize>>,
    /// Where the next packet will be.
    next: Cell<*mut ef_packed_stream_packet>,
    /// The packets of the event that is being handed out.
    bundle: Cell<Bundle>,
}

/// The packets of one event.
#[derive(Clone, Copy)]
struct Bundle {
    first: *mut ef_packed_stream_packet,
    count: u32,
    /// What the library says of their timestamps.
    code: i32,
}

impl Inner {
    /// Makes the stream of a VI that was built for it, and posts its buffers.
    pub(in crate::vi) fn start_stream(&self, size: StreamBuffer, buffers: u32) -> Result<()> {
        // SAFETY: the VI is live and this its only thread.
        let capacity = unsafe { efvi_sys::ef_vi_receive_capacity(self.vi()) }.max(0) as u32;
        let most = capacity / TAKEN * TAKEN;
        if buffers == 0 || buffers > most || most < FEWEST {
            return Err(Error::StreamBuffers { requested: buffers, max: most });
        }
        let count = buffers.next_multiple_of(TAKEN).max(FEWEST) as usize;
        let mut params = efvi_sys::ef_packed_stream_params {
            psp_buffer_size: 0,
            psp_buffer_align: 0,
            psp_start_offset: 0,
            psp_max_usable_buffers: 0,
        };
        // SAFETY: the VI is live and this its only thread; there is room for the result.
        match unsafe { efvi_sys::ef_vi_packed_stream_get_params(self.vi(), &raw mut params) } {
            code if code < 0 => return Err(self.query_error("ef_vi_packed_stream_get_params", code)),
            _ => {}
        }
        // The library says of what size they are, which no adapter has other than asked for.
        let bytes = size.bytes().max(params.psp_buffer_size.max(0) as usize);
        let memory = StreamMemory::new(&self.domain, bytes, count)?;
        let (current, next) = (Cell::new(None), Cell::new(ptr::null_mut()));
        let bundle = Cell::new(Bundle { first: ptr::null_mut(), count: 0, code: 0 });
        let stream = Stream { memory, start: params.psp_start_offset, current, next, bundle };
        let stream = self.rx.stream.get_or_init(|| stream);
        for index in 0..stream.memory.count() {
            let code = self.post_stream(stream, index);
            if code < 0 {
                return Err(self.query_error("ef_vi_receive_init", code));
            }
        }
        Ok(())
    }

    /// Posts a buffer of the stream; the library's answer.
    fn post_stream(&self, stream: &Stream, index: usize) -> i32 {
        let Some(dma) = stream.memory.dma(index) else { return -libc::EFAULT };
        // SAFETY: the VI is live and this its only thread; the buffer is registered in its domain, of the size that its
        // streams have, and nobody's. These descriptors have no ids.
        unsafe {
            let code = efvi_sys::ef_vi_receive_init(self.vi(), dma, 0);
            if code == 0 {
                efvi_sys::ef_vi_receive_push(self.vi());
            }
            code
        }
    }

    /// Finds the packets of an event, and gives back the buffer before it that it is the end of. True if there are any.
    #[inline(never)]
    pub(in crate::vi) fn next_packed(&self, event: &ef_event) -> bool {
        let Some(stream) = self.rx.stream.get() else { return false };
        if efvi_sys::EF_EVENT_RX_PS_NEXT_BUFFER(event) != 0 {
            let index = match stream.current.get() {
                // Nothing is borrowed from it: its packets were of the events before. There is room, for the adapter has
                // gone on to another.
                Some(before) => {
                    self.post_stream(stream, before);
                    (before + 1) % stream.memory.count()
                }
                None => 0,
            };
            stream.current.set(Some(index));
            let buffer = stream.memory.buffer(index).as_ptr().cast();
            // SAFETY: a buffer of the stream, in which the offset is.
            stream.next.set(unsafe { efvi_sys::ef_packed_stream_packet_first(buffer, stream.start) });
        }
        let first = stream.next.get();
        if first.is_null() {
            // An event without a buffer: the adapter has none of that.
            return false;
        }
        let (mut next, mut count, mut bytes) = (first, 0, 0);
        // SAFETY: the VI is live and this its only thread; the event is one of a packed stream of its last poll, not
        // unbundled before, and its first packet is there.
        let code = unsafe {
            efvi_sys::ef_vi_packed_stream_unbundle(self.vi(), event, &raw mut next, &raw mut count, &raw mut bytes)
        };
        stream.next.set(next);
        stream.bundle.set(Bundle { first, count: count.max(0) as u32, code });
        // They are put back with their buffer; with the event there is nothing to do.
        self.rx.lent.set(Lent::Gone);
        true
    }
}

impl<'poll> InnerRef<'poll> {
    /// The packets that `next_packed` found.
    ///
    /// # Safety
    /// They were found with this event.
    pub(in crate::vi) unsafe fn packed(self) -> PackedPackets<'poll> {
        let none = Bundle { first: ptr::null_mut(), count: 0, code: 0 };
        let bundle = self.get().rx.stream.get().map_or(none, |stream| stream.bundle.get());
        PackedPackets { bundle, poll: PhantomData }
    }
}

/// The packets of one event of a packed stream (`ef_vi_packed_stream_unbundle`): an iterator over them, in the order in
/// which they came. They are where the adapter wrote them until the next event is taken, and need not be taken.
///
/// ```
/// use efvi::{PackedPacket, PackedPackets};
///
/// /// The bytes of the good packets of an event.
/// fn bytes(packets: PackedPackets<'_>) -> usize {
///     let is_good = |packet: &PackedPacket<'_>| packet.problem().is_none() && packet.frame().len() == packet.original_len();
///     packets.filter(is_good).map(|packet| packet.frame().len()).sum()
/// }
/// ```
pub struct PackedPackets<'poll> {
    bundle: Bundle,
    poll: PhantomData<&'poll [u8]>,
}

impl<'poll> Iterator for PackedPackets<'poll> {
    type Item = PackedPacket<'poll>;

    #[inline]
    fn next(&mut self) -> Option<PackedPacket<'poll>> {
        self.bundle.count = self.bundle.count.checked_sub(1)?;
        let header = NonNull::new(self.bundle.first)?;
        // SAFETY: the library filled in the headers of as many packets as there are, of which this is one; nobody writes
        // them until the poll is over.
        self.bundle.first = unsafe { efvi_sys::ef_packed_stream_packet_next(header.as_ptr()) };
        Some(PackedPacket { header, code: self.bundle.code, poll: PhantomData })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.bundle.count as usize, Some(self.bundle.count as usize))
    }
}

impl ExactSizeIterator for PackedPackets<'_> {}

impl FusedIterator for PackedPackets<'_> {}

impl fmt::Debug for PackedPackets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackedPackets").field("len", &self.len()).finish()
    }
}

/// A packet of a packed stream, where the adapter wrote it. It dereferences to the frame's bytes. It borrows the event
/// that it came by; [`copy`](Self::copy) it to have it longer.
#[derive(Clone, Copy)]
pub struct PackedPacket<'poll> {
    header: NonNull<ef_packed_stream_packet>,
    code: i32,
    poll: PhantomData<&'poll [u8]>,
}

impl<'poll> PackedPacket<'poll> {
    #[inline(always)]
    fn header(&self) -> &ef_packed_stream_packet {
        // SAFETY: the library filled it in, and nobody writes it until the poll is over.
        unsafe { self.header.as_ref() }
    }

    /// The frame, as far as it was stored (`ef_packed_stream_packet_payload`): from the Ethernet header on, without the
    /// frame check sequence.
    #[inline]
    pub fn frame(&self) -> &'poll [u8] {
        // SAFETY: the header says where the frame is and how long, as the adapter wrote it; nobody writes it until the
        // poll is over.
        unsafe {
            let frame = efvi_sys::ef_packed_stream_packet_payload(self.header.as_ptr());
            slice::from_raw_parts(frame.cast::<u8>(), self.header().ps_cap_len.into())
        }
    }

    /// How long the frame was on the wire, in bytes.
    #[inline]
    pub fn original_len(&self) -> usize {
        self.header().ps_orig_len.into()
    }

    /// When the adapter received the frame, in whole nanoseconds.
    ///
    /// # Errors
    /// [`TimestampError`]: the VI was built without receive timestamps, or the clocks are not in step.
    #[inline]
    pub fn timestamp(&self) -> Result<Timestamp, TimestampError> {
        let header = self.header();
        if header.ps_ts_sec == 0 && header.ps_ts_nsec == 0 {
            // None was filled in. The code is of the event's packets together, and tells why.
            return Err(if self.code < 0 {
                TimestampError::from_return(self.code)
            } else {
                TimestampError::NoTimestamp
            });
        }
        let flags =
            u32::from(header.ps_flags) & (efvi_sys::EF_VI_PS_FLAG_CLOCK_SET | efvi_sys::EF_VI_PS_FLAG_CLOCK_IN_SYNC);
        Ok(Timestamp::new(header.ps_ts_sec.into(), header.ps_ts_nsec, 0, flags))
    }

    /// What is wrong with the frame, if anything is: streams have no discards.
    #[inline]
    pub fn problem(&self) -> Option<DiscardReason> {
        let flags = u32::from(self.header().ps_flags);
        if flags & efvi_sys::EF_VI_PS_FLAG_BAD_FCS != 0 {
            Some(DiscardReason::Crc)
        } else {
            (flags & efvi_sys::EF_VI_PS_FLAG_BAD_IP_CSUM != 0).then_some(DiscardReason::Checksum)
        }
    }

    /// A copy of the frame in a buffer of the pool's: to hold it past the poll, or to send it on.
    ///
    /// # Errors
    /// [`KeepError`]: the pool is empty, or its buffers are too small.
    pub fn copy(&self, pool: &mut PacketPool) -> Result<Buffer, KeepError> {
        keep::copy(self.frame(), pool)
    }
}

impl Deref for PackedPacket<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.frame()
    }
}

impl fmt::Debug for PackedPacket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PackedPacket")
            .field("len", &self.len())
            .field("problem", &self.problem())
            .finish_non_exhaustive()
    }
}
