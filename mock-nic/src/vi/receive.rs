//! The receive side of a VI: posted buffers, and the prefix before a frame.

use super::discards::{Errors, check};
use super::event::Event;
use super::merge::{self, Pending};
use super::packed_stream::{self, Stream};
use super::release::has_filter_ids;
use super::timestamp::quarters;
use super::{Vi, adapter, ids_slot, is_efct, special};
use crate::abi::*;
use crate::dma::Fault;
use crate::faults;
use crate::frame::HEADER_BYTES;
use crate::watch::exported;
use crate::wire::{self, Arrival, Flags};
use core::ffi::c_int;

/// Length of what stands before a frame where it is asked for.
pub(crate) const PREFIX: usize = 14;
pub(super) const PREFIX_FILTER_AT: usize = 4;
pub(super) const PREFIX_LENGTH_AT: usize = 8;
pub(super) const PREFIX_STAMP_AT: usize = 10;

/// The prefix's filter id where none is known.
pub(super) const NO_FILTER: u16 = u16::MAX;

/// The buffer length that a VI starts with.
pub(crate) const BUFFER_LENGTH: u32 = 2048 - 256;

/// The adapter's side of the receive ring.
#[derive(Default)]
pub(crate) struct Ring {
    /// Descriptors consumed.
    pub(super) fetched: u32,
    /// The last poll found a frame.
    busy: bool,
    /// How frames are given to the application.
    pub(super) mode: Mode,
    /// Of event merging.
    pub(super) pending: Pending,
    /// Of a packed stream.
    pub(super) stream: Stream,
}

/// How frames are given to the application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    /// An event for each descriptor.
    #[default]
    Normal,
    /// Events for several.
    Merged,
    /// Many frames in one descriptor's buffer.
    PackedStream,
}

impl Mode {
    /// What a VI's flags ask for.
    pub(super) fn of(flags: ef_vi_flags) -> Self {
        match flags {
            flags if flags & EF_VI_RX_PACKED_STREAM != 0 => Self::PackedStream,
            flags if flags & EF_VI_RX_EVENT_MERGE != 0 => Self::Merged,
            _ => Self::Normal,
        }
    }
}

impl Ring {
    /// An empty ring.
    pub(super) fn new(mode: Mode, stream: Stream) -> Self {
        Self { mode, stream, ..Self::default() }
    }
}

/// A receive descriptor: a DMA address and the length of the buffer there.
fn descriptor(address: u64, length: u32) -> u64 {
    address & 0xffff_ffff_ffff | u64::from(length) << 48
}

/// Takes up to `budget` frames off the wire; says how many.
///
/// A frame that comes alone is given to the application at once: only when frames stand in line, as seen by the last
/// poll having found one too, is it worth looking for a second.
#[inline(always)]
pub(crate) fn pump<const SPECIAL: bool>(vi: &mut Vi, budget: usize) -> usize {
    let limit = if vi.rx.busy { budget } else { budget.min(1) };
    let mut count = 0;
    while count < limit
        && let Some(mut arrival) = vi.link.arrival()
    {
        if SPECIAL && vi.time.is_some() {
            arrive(vi, &mut arrival);
        }
        match vi.rx.mode {
            _ if SPECIAL && vi.outside.is_some() => deliver_from_outside(vi, &arrival),
            Mode::Normal => deliver::<SPECIAL, false, false>(vi, &arrival),
            Mode::Merged => deliver_merged(vi, &arrival),
            Mode::PackedStream => packed_stream::deliver(vi, &arrival),
        }
        vi.link.take();
        count += 1;
    }
    if vi.rx.mode != Mode::Normal {
        // Nothing waits in the adapter: what this poll has found is all there is.
        vi.flush_merged();
        packed_stream::flush(vi);
    }
    if SPECIAL && vi.outside.is_some() {
        vi.attend();
    }
    vi.rx.busy = count > 0;
    count
}

/// Writes what has arrived into posted buffers; then the adapter has none of those any more.
pub(super) fn flush(vi: &mut Vi) {
    while !vi.events().is_broken() && pump::<true>(vi, 1) > 0 {}
    // SAFETY: a VI and its state stay while its adapter's side does.
    vi.rx.fetched = unsafe { (*(*vi.host).ep_state).rxq.posted };
    vi.rx.stream.stop();
}

/// The same where the wire is an interface of the machine, which may write to posted buffers by itself: it is given up.
/// Frames may come without end: those that there are buffers for are what has arrived.
pub(super) fn flush_outside(vi: &mut Vi) {
    if vi.has_references() {
        // The buffers are not the application's.
        return;
    }
    // SAFETY: as above.
    let posted = |vi: &Vi| unsafe { (*(*vi.host).ep_state).rxq.posted };
    let has_buffers = |vi: &Vi| posted(vi) != vi.rx.fetched || vi.rx.stream.has_buffer();
    while has_buffers(vi) && !vi.events().is_broken() && pump::<true>(vi, 1) > 0 {}
    vi.rx.fetched = posted(vi);
    vi.rx.stream.stop();
    vi.tx.dead = true;
    vi.link.leave();
}

/// On virtual time: when the frame is here, and what it raises.
#[cold]
fn arrive(vi: &mut Vi, arrival: &mut Arrival) {
    if let Some(time) = &mut vi.time {
        arrival.stamp = time.arrived(arrival.stamp);
        let there = time.receive(arrival.stamp, arrival.length);
        vi.events().receives_at(there);
    }
}

/// The same as `deliver`, for events of several frames.
#[inline(never)]
fn deliver_merged(vi: &mut Vi, arrival: &Arrival) {
    deliver::<true, true, false>(vi, arrival);
}

/// A frame that the wire may have written into its buffer itself.
#[inline(never)]
fn deliver_from_outside(vi: &mut Vi, arrival: &Arrival) {
    if !vi.place(arrival) {
        vi.cells.rx_no_descriptor.add(1);
        return;
    }
    match (vi.rx.mode, arrival.flags.has(Flags::IN_PLACE)) {
        (Mode::PackedStream, _) => packed_stream::deliver(vi, arrival),
        (Mode::Merged, false) => deliver_merged(vi, arrival),
        (Mode::Merged, true) => deliver::<true, true, true>(vi, arrival),
        (Mode::Normal, false) => deliver::<true, false, false>(vi, arrival),
        (Mode::Normal, true) => deliver::<true, false, true>(vi, arrival),
    }
}

/// Writes a frame into posted buffers and raises their events, or has them wait for more if `MERGED`. One that is
/// `IN_PLACE` is in the first already, behind its prefix.
#[inline(always)]
fn deliver<const SPECIAL: bool, const MERGED: bool, const IN_PLACE: bool>(vi: &mut Vi, arrival: &Arrival) {
    let host = vi.host;
    // SAFETY: a VI and its rings stay while its adapter's side does; only this thread uses them.
    let (posted, mask, prefix_length) =
        unsafe { ((*(*host).ep_state).rxq.posted, (*host).vi_rxq.mask, (*host).rx_prefix_len as usize) };
    if posted == vi.rx.fetched || vi.events().is_broken() {
        vi.cells.rx_no_descriptor.add(1);
        return;
    }
    let stamps = vi.flags & EF_VI_RX_TIMESTAMPS != 0;
    if stamps {
        // An event that waits for more is of frames before that time.
        if MERGED && vi.events().is_time_due(arrival.stamp) {
            vi.flush_merged();
        }
        vi.events().stamped(arrival.stamp);
    }
    let prefix = if prefix_length == 0 { [0; PREFIX] } else { prefix(vi, arrival, stamps) };
    let mut errors = check(arrival);
    if SPECIAL && faults::armed() {
        errors = faults::adapter::discard(vi, errors, faults::adapter::REASONS);
    }
    // SAFETY: the destination's first byte is there in every frame.
    let multicast = unsafe { *arrival.bytes } & 1 != 0;
    let total = prefix_length + arrival.length;
    let first = vi.rx.fetched;
    let mut at = 0;
    while at < total {
        if posted == vi.rx.fetched {
            let label = vi.label;
            if MERGED {
                vi.merge_truncated(posted.wrapping_sub(first), multicast);
            }
            vi.events().raise(Event::Truncated { label });
            vi.cells.rx_aborts.add(1);
            vi.cells.rx_no_descriptor.add(1);
            return;
        }
        // SAFETY: masked, the index is within the ring.
        let word = unsafe { *(*host).vi_rxq.descriptors.cast::<u64>().add((vi.rx.fetched & mask) as usize) };
        let room = ((word >> 48) as usize).min(total - at);
        match vi.domain.space.translate(word & 0xffff_ffff_ffff, room) {
            // SAFETY: translated: registered memory of this domain, which has room for the prefix.
            Ok(to) if IN_PLACE => unsafe { to.copy_from_nonoverlapping(prefix.as_ptr(), prefix_length) },
            // SAFETY: translated: registered memory of this domain; prefix and frame are long enough for `at + room`.
            Ok(to) => unsafe { copy(to, &prefix[..prefix_length], arrival.bytes, at, room) },
            Err(Fault) => {
                errors = Errors(Errors::RIGHTS);
                at = total - room;
            }
        }
        vi.rx.fetched = vi.rx.fetched.wrapping_add(1);
        at += room;
        let more = at < total;
        let errors = if more { Errors(0) } else { errors };
        if !MERGED {
            let label = vi.label;
            vi.events().raise(Event::Received { label, bytes: room as u32, more, multicast, errors });
        }
    }
    if MERGED {
        vi.merge(vi.rx.fetched.wrapping_sub(first), multicast, errors);
    }
    count(vi, arrival, errors);
}

/// Counts a frame that was delivered.
#[inline]
pub(super) fn count(vi: &Vi, arrival: &Arrival, errors: Errors) {
    vi.cells.rx_frames.add(1);
    vi.cells.rx_bytes.add(arrival.length as u64);
    if errors.0 != 0 {
        count_errors(vi, errors);
    }
}

#[cold]
fn count_errors(vi: &Vi, errors: Errors) {
    let is = |error: u16| u64::from(errors.0 & error != 0);
    vi.cells.rx_crc_errors.add(is(Errors::FCS));
    vi.cells.rx_length_errors.add(is(Errors::LENGTH));
    // SAFETY: a VI stays while its adapter's side does.
    if unsafe { errors.counted(vi.host) }.0 != 0 {
        vi.cells.rx_discards.add(1);
    }
}

/// Copies `length` bytes of prefix and frame, from byte `at` of the two on.
#[inline]
unsafe fn copy(mut to: *mut u8, prefix: &[u8], frame: *const u8, mut at: usize, mut length: usize) {
    // SAFETY: the caller's promise: `to` has room, and prefix and frame together are `at + length` long at least.
    unsafe {
        if at < prefix.len() {
            let n = length.min(prefix.len() - at);
            to.copy_from_nonoverlapping(prefix.as_ptr().add(at), n);
            (to, at, length) = (to.add(n), at + n, length - n);
        }
        wire::copy(to, frame.add(at - prefix.len()), length);
    }
}

fn prefix(vi: &mut Vi, arrival: &Arrival, stamps: bool) -> [u8; PREFIX] {
    let mut prefix = [0; PREFIX];
    if has_filter_ids(vi.flags) {
        prefix[PREFIX_FILTER_AT..PREFIX_FILTER_AT + 2].copy_from_slice(&filter_of(vi, arrival).to_le_bytes());
    }
    prefix[PREFIX_LENGTH_AT..PREFIX_LENGTH_AT + 2].copy_from_slice(&(arrival.length as u16).to_le_bytes());
    prefix[PREFIX_STAMP_AT..PREFIX_STAMP_AT + 4].copy_from_slice(&quarters(vi, arrival, stamps).to_le_bytes());
    prefix
}

/// The id of the filter that a frame came by.
#[inline(never)]
fn filter_of(vi: &mut Vi, arrival: &Arrival) -> u16 {
    // SAFETY: the wire's bytes stay valid until it is asked for the next frame or gives this one up.
    let frame = unsafe { core::slice::from_raw_parts(arrival.bytes, arrival.length.min(HEADER_BYTES)) };
    vi.link.filter_of(frame).unwrap_or(NO_FILTER)
}

/// The application's event for a consumed descriptor, whose id it takes off the ring.
pub(crate) unsafe fn event(
    vi: *mut ef_vi,
    label: u32,
    bytes: u32,
    more: bool,
    multicast: bool,
    errors: Errors,
) -> ef_event {
    // SAFETY: the caller gives a VI of the queue; its state and ring stay while it does.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).rxq;
        let rq_id = merge::next_id(vi);
        let mut flags = u32::from(multicast) * EF_EVENT_FLAG_MULTICAST;
        if (*state).in_jumbo == 0 {
            flags |= EF_EVENT_FLAG_SOP;
            (*state).bytes_acc = 0;
        }
        if more {
            flags |= EF_EVENT_FLAG_CONT;
        }
        (*state).in_jumbo = more.into();
        (*state).bytes_acc += bytes;
        let len = (*state).bytes_acc;
        let counted = errors.counted(vi);
        if counted.0 == 0 {
            return ef_event_rx { q_id: label, rq_id, len, flags, ..Default::default() }.into();
        }
        let subtype = counted.subtype();
        ef_event_rx_discard { q_id: label, rq_id, len, flags, subtype, ..Default::default() }.into()
    }
}

/// `ef_vi_receive_init`.
pub(crate) unsafe extern "C" fn init(vi: *mut ef_vi, address: ef_addr, id: ef_request_id) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).rxq;
        let mask = (*vi).vi_rxq.mask;
        if (*state).added.wrapping_sub((*state).removed) >= mask {
            return -libc::EAGAIN;
        }
        let at = (*state).added & mask;
        *(*vi).vi_rxq.descriptors.cast::<u64>().add(at as usize) = descriptor(address, (*vi).rx_buffer_len);
        *ids_slot((*vi).vi_rxq.ids, at, mask) = id as u32;
        (*state).added = (*state).added.wrapping_add(1);
        0
    }
}

/// `ef_vi_receive_init` of a VI that may have a packed stream.
#[inline(always)]
pub(crate) unsafe fn init_of_its_kind(vi: *mut ef_vi, address: ef_addr, id: ef_request_id) -> c_int {
    // SAFETY: as in `init`.
    unsafe { if (*vi).vi_is_packed_stream != 0 { packed_stream::init(vi, address, id) } else { init(vi, address, id) } }
}

/// `ef_vi_receive_push`: the doorbell takes descriptors in eights.
pub(crate) unsafe extern "C" fn push(vi: *mut ef_vi) {
    // SAFETY: as in `init`.
    unsafe {
        let state = &raw mut (*(*vi).ep_state).rxq;
        (*state).posted = (*state).added & !7;
        if special::expected() {
            let nic = &mut *adapter(vi);
            nic.post_buffers();
        }
    }
}

exported! {
    /// `ef_vi_receive_post`.
    fn ef_vi_receive_post(vi: *mut ef_vi, address: ef_addr, id: ef_request_id) -> c_int = post,
        before |rules, vi| rules.post(vi, address, id);
}

#[inline(always)]
unsafe fn post(vi: *mut ef_vi, address: ef_addr, id: ef_request_id) -> c_int {
    // SAFETY: as in `init`.
    unsafe {
        if is_efct(vi) {
            return super::efct::no_buffer(vi, address, id);
        }
        let rc = init_of_its_kind(vi, address, id);
        if rc == 0 {
            push(vi);
        }
        rc
    }
}
