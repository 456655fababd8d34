//! Packed streams: the adapter writes one packet after another into a large buffer, each behind a header.
//!
//! It goes on to the next buffer when a packet does not fit any more. It needs credit to write: one for each 64 KiB of
//! buffer space that it enters. The library gives credit as the application unbundles events, so that the events of all
//! that may be written fit into the queue.

use super::discards::{Errors, check as check_frame};
use super::event::Event;
use super::{Vi, adapter, receive, timestamp};
use crate::abi::*;
use crate::domain::Domain;
use crate::errno::{Errno, Result};
use crate::faults;
use crate::watch::exported;
use crate::wire::{self, Arrival};
use core::ffi::c_int;

/// Where the first packet's prefix stands in a buffer.
const START: usize = 256;
/// Packets stand on such boundaries, with a gap of that many bytes at least between them.
const ALIGNMENT: usize = 64;
/// The header that the library fills in ends where the adapter's prefix begins.
const HEADER: usize = size_of::<ef_packed_stream_packet>();
/// The adapter's prefix: part of a second (4 bytes), bytes stored (2), bytes on the wire (2).
const PREFIX: usize = 8;
/// Buffer space for one credit.
const CREDIT: usize = 64 << 10;
/// Events of the shortest packets in that space, each with its own.
const EVENTS_PER_CREDIT: c_int = (CREDIT / space(60)) as c_int;

/// Buffer space that a packet takes.
const fn space(length: usize) -> usize {
    (PREFIX + length + ALIGNMENT).next_multiple_of(ALIGNMENT)
}

/// The adapter's side of a packed stream.
#[derive(Default)]
pub(crate) struct Stream {
    buffer_bytes: usize,
    credit: u32,
    /// The buffer that is being filled: its DMA address, and where the next packet goes.
    current: Option<(u64, usize)>,
    pending: Pending,
}

/// Packets of which the event is still to be raised.
#[derive(Clone, Copy, Default)]
struct Pending {
    count: u32,
    rotate: bool,
    errors: Errors,
}

/// The buffer size that a VI's flags ask for.
pub(super) fn buffer_bytes(flags: ef_vi_flags) -> u32 {
    if flags & EF_VI_RX_PS_BUF_SIZE_64K != 0 { 64 << 10 } else { 1 << 20 }
}

/// Refuses a packed stream with event merging, `EINVAL`, or in a domain without them, `EPERM`.
pub(super) fn check(flags: ef_vi_flags, domain: &Domain) -> Result<()> {
    if flags & EF_VI_RX_PACKED_STREAM == 0 {
        return Ok(());
    }
    if flags & EF_VI_RX_EVENT_MERGE != 0 {
        return Err(Errno(libc::EINVAL));
    }
    if domain.flags & EF_PD_RX_PACKED_STREAM == 0 { Err(Errno(libc::EPERM)) } else { Ok(()) }
}

impl Stream {
    pub(super) fn new(flags: ef_vi_flags) -> Self {
        // The library counts a first credit as given.
        Self { buffer_bytes: buffer_bytes(flags) as usize, credit: 1, ..Self::default() }
    }

    /// Has nothing more written into the buffer that is being filled.
    pub(super) fn stop(&mut self) {
        self.current = None;
    }

    /// True if there is such a buffer.
    pub(super) fn has_buffer(&self) -> bool {
        self.current.is_some()
    }
}

/// A new VI's first credit.
pub(super) unsafe fn begin(vi: *mut ef_vi) {
    // SAFETY: the caller gives a VI that was allocated.
    unsafe {
        if (*vi).vi_is_packed_stream != 0 {
            let state = &raw mut (*(*vi).ep_state).rxq;
            (*state).rx_ps_credit_avail = 1;
            (*state).last_desc_i = (*vi).vi_rxq.mask as u16;
            give_credit(vi);
        }
    }
}

/// The most credit for which the event queue has room, beside the VI's sends and half a minute of time events.
unsafe fn max_credit(vi: *mut ef_vi) -> c_int {
    // SAFETY: the caller gives a VI that was allocated.
    unsafe {
        let queue = &*(*adapter(vi)).queue_vi;
        let events_per_send = if (*vi).vi_flags & (EF_VI_TX_TIMESTAMPS | EF_VI_TX_ALT) != 0 { 3 } else { 1 };
        let capacity = queue.evq_mask.div_ceil(8) as c_int - 1;
        let events = capacity - (*vi).vi_txq.mask as c_int * events_per_send - 100;
        (events / EVENTS_PER_CREDIT).clamp(0, 127)
    }
}

/// Gives the adapter as much credit as it may have.
unsafe fn give_credit(vi: *mut ef_vi) {
    // SAFETY: the caller gives a VI that was allocated.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).rxq;
        let most = max_credit(vi) as u16;
        if (*state).rx_ps_credit_avail < most {
            let more = most - (*state).rx_ps_credit_avail;
            (*state).rx_ps_credit_avail = most;
            (*adapter(vi)).rx.stream.credit += u32::from(more);
        }
    }
}

/// `ef_vi_receive_init` of a packed stream: the buffer has to be aligned to its size. It has no id.
pub(super) unsafe extern "C" fn init(vi: *mut ef_vi, address: ef_addr, _id: ef_request_id) -> c_int {
    // SAFETY: this call's contract.
    unsafe {
        if !address.is_multiple_of((*vi).vi_ps_buf_size.into()) {
            return -libc::EINVAL;
        }
        receive::init(vi, address | START as u64, 0)
    }
}

/// Writes a frame into the stream.
#[inline(never)]
pub(super) fn deliver(vi: &mut Vi, arrival: &Arrival) {
    if vi.events().is_broken() || !make_room(vi, space(arrival.length)) {
        vi.cells.rx_no_descriptor.add(1);
        return;
    }
    let stamps = vi.flags & EF_VI_RX_TIMESTAMPS != 0;
    if stamps {
        if vi.events().is_time_due(arrival.stamp) {
            flush(vi);
        }
        vi.events().stamped(arrival.stamp);
    }
    let Some((base, at)) = vi.rx.stream.current else { return };
    let mut prefix = [0; PREFIX];
    prefix[..4].copy_from_slice(&timestamp::quarters(vi, arrival, stamps).to_le_bytes());
    prefix[4..6].copy_from_slice(&(arrival.length as u16).to_le_bytes());
    prefix[6..].copy_from_slice(&(arrival.length as u16).to_le_bytes());
    let mut errors = check_frame(arrival);
    if faults::armed() {
        errors = faults::adapter::discard(vi, errors, faults::adapter::PACKED_STREAM_REASONS);
    }
    match vi.domain.space.translate(base + at as u64, PREFIX + arrival.length) {
        // SAFETY: translated: registered memory of this domain, with room for both.
        Ok(to) => unsafe {
            to.copy_from_nonoverlapping(prefix.as_ptr(), PREFIX);
            wire::copy(to.add(PREFIX), arrival.bytes, arrival.length);
        },
        Err(_) => {
            // No header can tell of it: the frame is lost, as one without a buffer.
            vi.cells.rx_no_descriptor.add(1);
            return;
        }
    }
    let end = at + space(arrival.length);
    vi.rx.stream.credit -= u32::from(end / CREDIT != at / CREDIT);
    vi.rx.stream.current = Some((base, end));
    errors.0 &= Errors::FCS | Errors::TRANSPORT_CHECKSUM | Errors::IP_CHECKSUM;
    if vi.rx.stream.pending.count == EF_VI_RECEIVE_BATCH || vi.rx.stream.pending.errors != errors {
        flush(vi);
    }
    vi.rx.stream.pending.count += 1;
    vi.rx.stream.pending.errors = errors;
    receive::count(vi, arrival, errors);
}

/// Finds room for a packet, in this buffer or the next; false if there is none, or no credit for it.
fn make_room(vi: &mut Vi, bytes: usize) -> bool {
    let stream = &vi.rx.stream;
    if let Some((_, at)) = stream.current
        && at + bytes < stream.buffer_bytes
    {
        let end = at + bytes;
        return end / CREDIT == at / CREDIT || stream.credit > 0;
    }
    let host = vi.host;
    // SAFETY: a VI and its rings stay while its adapter's side does; only this thread uses them. Masked, the index is
    // within the ring.
    let word = unsafe {
        let (posted, mask) = ((*(*host).ep_state).rxq.posted, (*host).vi_rxq.mask);
        if posted == vi.rx.fetched || stream.credit == 0 {
            return false;
        }
        *(*host).vi_rxq.descriptors.cast::<u64>().add((vi.rx.fetched & mask) as usize)
    };
    flush(vi);
    vi.rx.fetched = vi.rx.fetched.wrapping_add(1);
    vi.rx.stream.credit -= 1;
    vi.rx.stream.current = Some((word & 0xffff_ffff_ffff & !(START as u64), START));
    vi.rx.stream.pending.rotate = true;
    true
}

/// Raises the event of the packets that wait for more.
#[inline(never)]
pub(super) fn flush(vi: &mut Vi) {
    if vi.rx.stream.pending.count > 0 {
        let Pending { count, rotate, errors } = core::mem::take(&mut vi.rx.stream.pending);
        let label = vi.label;
        vi.events().raise(Event::Packed { label, count, rotate, errors });
    }
}

/// The application's event for packets in the stream.
pub(super) unsafe fn event(vi: *mut ef_vi, label: u32, count: u32, rotate: bool, errors: Errors) -> ef_event {
    // SAFETY: the caller gives a VI of the queue; its state and ring stay while it does.
    let counted = unsafe {
        let state = &raw mut (*(*vi).ep_state).rxq;
        (*state).last_desc_i = (*state).last_desc_i.wrapping_add(count as u16) & 0xf;
        if rotate {
            super::merge::next_id(vi);
            (*state).rx_ps_credit_avail = (*state).rx_ps_credit_avail.saturating_sub(1);
        }
        errors.counted(vi).0
    };
    let flag = |error: u16, flag: u32| if counted & error != 0 { flag } else { 0 };
    ef_event_rx_packed_stream {
        q_id: label,
        flags: u32::from(rotate) * EF_EVENT_FLAG_PS_NEXT_BUFFER,
        n_pkts: count,
        ps_flags: flag(Errors::FCS, EF_VI_PS_FLAG_BAD_FCS)
            | flag(Errors::TRANSPORT_CHECKSUM, EF_VI_PS_FLAG_BAD_L4_CSUM)
            | flag(Errors::IP_CHECKSUM, EF_VI_PS_FLAG_BAD_L3_CSUM),
        ..Default::default()
    }
    .into()
}

exported! {
    /// `ef_vi_packed_stream_get_params`.
    fn ef_vi_packed_stream_get_params(vi: *mut ef_vi, params: *mut ef_packed_stream_params) -> c_int = get_params;
}

unsafe fn get_params(vi: *mut ef_vi, params: *mut ef_packed_stream_params) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, and room for the result.
    unsafe {
        if (*vi).vi_is_packed_stream == 0 {
            return -libc::EINVAL;
        }
        let bytes = (*vi).vi_ps_buf_size as c_int;
        let usable = max_credit(vi) * CREDIT as c_int / bytes + 1;
        params.write(ef_packed_stream_params {
            psp_buffer_size: bytes,
            psp_buffer_align: bytes,
            psp_start_offset: (START - HEADER) as c_int,
            // Descriptors are posted in eights.
            psp_max_usable_buffers: (usable + 7) / 8 * 8 + 8,
        });
    }
    0
}

exported! {
    /// `ef_vi_packed_stream_unbundle`: fills in the headers, and gives back the credit for the space that was used.
    fn ef_vi_packed_stream_unbundle(
        vi: *mut ef_vi, event: *const ef_event, next: *mut *mut ef_packed_stream_packet, packets: *mut c_int, bytes: *mut c_int
    ) -> c_int = unbundle_event;
}

unsafe fn unbundle_event(
    vi: *mut ef_vi,
    event: *const ef_event,
    next: *mut *mut ef_packed_stream_packet,
    packets: *mut c_int,
    bytes: *mut c_int,
) -> c_int {
    // SAFETY: the ABI's contract: an event of this VI, where its first packet is, and room for the results.
    unsafe {
        let event = (*event).rx_packed_stream();
        let first = *next;
        let (mut packet, mut total, mut rc) = (first, 0, 0);
        for _ in 0..event.n_pkts {
            let (length, result) = unbundle(vi, packet, event.ps_flags as u8);
            rc = result;
            total += c_int::from(length);
            packet = packet.byte_add(space(length.into()));
        }
        let place = |packet: *mut ef_packed_stream_packet| (packet.addr() + HEADER) / CREDIT;
        let crossed = place(packet) - place(first);
        let state = &raw mut (*(*vi).ep_state).rxq;
        (*state).rx_ps_credit_avail = (*state).rx_ps_credit_avail.saturating_sub(crossed as u16);
        give_credit(vi);
        *next = packet;
        *packets = event.n_pkts as c_int;
        *bytes = total;
        rc
    }
}

/// Fills in the header before a packet; its length, and what there is to say of its time.
unsafe fn unbundle(vi: *mut ef_vi, packet: *mut ef_packed_stream_packet, flags: u8) -> (u16, c_int) {
    // SAFETY: the caller gives a packet that the adapter wrote: its prefix follows the header.
    unsafe {
        let prefix = packet.add(1).cast::<u8>();
        let length = |at: usize| u16::from_le(prefix.add(at).cast::<u16>().read_unaligned());
        let (stamp, rc) = match timestamp::stamp(vi, prefix.sub(receive::PREFIX_STAMP_AT).cast()) {
            Ok(stamp) => (stamp, 0),
            Err(rc) => (timestamp::Stamp { seconds: 0, quarters: 0, flags: 0 }, rc),
        };
        packet.write(ef_packed_stream_packet {
            ps_next_offset: space(length(4).into()) as u16,
            ps_pkt_start_offset: (HEADER + PREFIX) as u8,
            ps_flags: stamp.flags as u8 | flags,
            ps_cap_len: length(4),
            ps_orig_len: length(6),
            ps_ts_sec: stamp.seconds,
            ps_ts_nsec: stamp.quarters / 4,
        });
        let stored = length(4);
        // As the real library: what follows the header is not to be taken for an option.
        prefix.cast::<u32>().write_unaligned(0);
        (stored, rc)
    }
}
