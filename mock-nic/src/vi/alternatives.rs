//! TX alternatives: packets that wait in the adapter until they are let go, or dropped.
//!
//! Each alternative is a FIFO of the port; the alternatives of a VI share buffers of the port's pool. A packet that is
//! sent to one is fetched and completed as any, with a `TX` event; that it has left the FIFO a `TX_ALT` event tells.
//!
//! Before its first state is chosen, an alternative lets packets go: a program that forgets to stop it finds out.

use super::event::Event;
use super::transmit::{add_descriptor, send};
use super::{Vi, adapter};
use crate::abi::*;
use crate::array::Array;
use crate::driver;
use crate::errno::{Errno, Result, to_c};
use crate::frame::Checksums;
use crate::port::{self, Port};
use crate::watch::exported;
use crate::wire::{Outgoing, Piece};
use core::ffi::{c_int, c_uint};
use core::ptr;
use std::sync::{Arc, MutexGuard, PoisonError};

/// What a port has for alternatives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// FIFOs: an alternative takes one.
    pub(crate) fifos: u32,
    /// Buffers of the pool.
    pub(crate) buffers: usize,
    /// Bytes of a buffer.
    pub(crate) buffer_size: usize,
}

/// Buffers that an alternative takes over and above what its packets fill.
const SPARE: usize = 2;

/// Packets are stored in words of this many bytes, with one more for each packet.
const WORD: u32 = 32;

/// What is taken of a port's FIFOs (a bit for each) and buffers.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    fifos: u32,
    buffers: usize,
}

impl Taken {
    /// Takes FIFOs and buffers: those of `count` alternatives and `space` bytes of packets.
    fn take(&mut self, limits: Limits, count: usize, space: usize) -> Option<(Vec<u32>, usize)> {
        let buffers = space.div_ceil(limits.buffer_size).checked_add(count.checked_mul(SPARE)?)?;
        let free: Vec<u32> = (0..limits.fifos).filter(|fifo| self.fifos >> fifo & 1 == 0).take(count).collect();
        if free.len() < count || buffers > limits.buffers - self.buffers {
            return None;
        }
        self.fifos |= free.iter().fold(0, |mask, fifo| mask | 1 << fifo);
        self.buffers += buffers;
        Some((free, buffers))
    }

    fn give_back(&mut self, fifos: &[u32], buffers: usize) {
        self.fifos &= !fifos.iter().fold(0, |mask, fifo| mask | 1 << fifo);
        self.buffers -= buffers;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Stop,
    Go,
    Discard,
}

/// An alternative.
struct Alternative {
    state: State,
    /// The packets that wait, each behind its length.
    waiting: Vec<u8>,
    /// Packets that have left, with no event raised yet.
    left: u32,
    /// `TX_ALT` events that were raised and not polled yet.
    unpolled: u32,
}

/// The alternatives of a VI.
pub(crate) struct Alternatives {
    port: Arc<Port>,
    /// The FIFO of each alternative; what the C structure points to.
    fifos: Array<c_uint>,
    /// The alternative of each FIFO; likewise.
    ids: Array<c_uint>,
    buffers: usize,
    /// Bytes that packets may fill, and those that they do.
    room: usize,
    filled: usize,
    each: Vec<Alternative>,
}

impl Drop for Alternatives {
    fn drop(&mut self) {
        taken(&self.port).give_back(self.fifos.elements(), self.buffers);
    }
}

fn taken(port: &Port) -> MutexGuard<'_, Taken> {
    port.alternatives.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes of the buffers that a packet fills, as `ef_vi_transmit_alt_usage` has it.
fn usage(length: usize) -> usize {
    length.next_multiple_of(WORD as usize) + WORD as usize
}

impl Alternatives {
    fn new(port: &Arc<Port>, count: c_int, space: usize) -> Result<Self> {
        let (Ok(count @ 1..), 1..) = (usize::try_from(count), space) else {
            return Err(Errno(libc::EINVAL));
        };
        let limits = port.model.alternatives().ok_or(Errno(libc::EINVAL))?;
        let (fifos, buffers) = taken(port).take(limits, count, space).ok_or(Errno(libc::EBUSY))?;
        let mut ids = vec![0; limits.fifos as usize];
        for (id, fifo) in fifos.iter().enumerate() {
            ids[*fifo as usize] = id as c_uint;
        }
        let room = space.next_multiple_of(limits.buffer_size);
        // Room for all packets in each, so that sending allocates nothing.
        let each = fifos.iter().map(|_| Alternative {
            state: State::Go,
            waiting: Vec::with_capacity(room),
            left: 0,
            unpolled: 0,
        });
        let each = each.collect();
        Ok(Self { port: port.clone(), fifos: fifos.into(), ids: ids.into(), buffers, room, filled: 0, each })
    }

    /// The alternative that has this FIFO.
    pub(super) fn id_of(&self, fifo: u32) -> Option<usize> {
        let id = *self.ids.elements().get(fifo as usize)? as usize;
        (self.fifos.elements().get(id) == Some(&fifo)).then_some(id)
    }
}

/// A packet is sent to the alternative that is selected.
pub(super) fn put(nic: &mut Vi, id: usize, frame: &Outgoing<'_>) -> core::result::Result<(), u32> {
    // Freed while it was selected.
    let Some(alternatives) = nic.alternatives.as_deref_mut() else {
        return Err(EF_EVENT_TX_ERROR_BUS);
    };
    let Some(alternative) = alternatives.each.get_mut(id) else {
        return Err(EF_EVENT_TX_ERROR_BUS);
    };
    match alternative.state {
        State::Go => {
            alternative.left += 1;
            send(nic, frame);
        }
        State::Discard => {
            alternative.left += 1;
            nic.cells.tx_alt_discarded.add(1);
        }
        State::Stop if usage(frame.length) > alternatives.room - alternatives.filled => {
            nic.cells.tx_alt_overruns.add(1);
        }
        State::Stop => {
            if let Some(time) = &mut nic.time {
                time.buffer(frame.length);
            }
            alternatives.filled += usage(frame.length);
            let (at, bytes) = (alternative.waiting.len(), frame.wire_length());
            alternative.waiting.resize(at + LENGTH + bytes, 0);
            alternative.waiting[at..at + LENGTH].copy_from_slice(&(frame.length as u16).to_le_bytes());
            // SAFETY: there is room for the frame behind its length, as was just made.
            unsafe { frame.write(alternative.waiting.as_mut_ptr().add(at + LENGTH)) };
            nic.cells.tx_alt_buffered.add(1);
        }
    }
    Ok(())
}

/// Bytes before each packet that waits.
const LENGTH: usize = 2;

/// Raises the events of packets that left when they were sent, behind the event of their completion.
#[cold]
pub(super) fn announce(nic: &mut Vi) {
    let count = nic.alternatives.as_ref().map_or(0, |alternatives| alternatives.each.len());
    for id in 0..count {
        departed(nic, id, 0);
    }
}

/// Raises the events of `more` packets that have left, and of those that left before.
fn departed(nic: &mut Vi, id: usize, more: u32) {
    let Some(alternatives) = nic.alternatives.as_deref_mut() else {
        return;
    };
    let (fifo, alternative) = (alternatives.fifos.elements()[id], &mut alternatives.each[id]);
    let count = core::mem::take(&mut alternative.left) + more;
    alternative.unpolled += count;
    let label = nic.label;
    for _ in 0..count {
        nic.completions().raise(Event::Left { label, fifo });
    }
}

/// Changes an alternative's state; what waits in it is let go, or dropped.
fn change(nic: &mut Vi, id: usize, state: State) -> c_int {
    let Some(alternatives) = nic.alternatives.as_deref_mut() else {
        return -libc::EINVAL;
    };
    let Some(alternative) = alternatives.each.get_mut(id) else {
        return -libc::EINVAL;
    };
    if alternative.unpolled > 0 && alternative.state != state {
        nic.cells.tx_alt_hasty.add(1);
    }
    alternative.state = state;
    if let Some(time) = &mut nic.time {
        time.command();
    }
    if state == State::Stop {
        return 0;
    }
    let mut waiting = core::mem::take(&mut alternative.waiting);
    let (mut at, mut count, mut freed) = (0, 0, 0);
    while let Some(length) = waiting[at..].first_chunk::<LENGTH>() {
        let length = usize::from(u16::from_le_bytes(*length));
        let piece = Piece { base: waiting[at + LENGTH..].as_ptr(), length };
        // Checksums were filled in when it was fetched.
        let flags = nic.inserted;
        let frame = Outgoing { pieces: &[piece], length, checksums: Checksums::default(), flags };
        at += LENGTH + frame.wire_length();
        if state == State::Go {
            send(nic, &frame);
        } else {
            nic.cells.tx_alt_discarded.add(1);
        }
        freed += usage(length);
        count += 1;
    }
    waiting.clear();
    if let Some(alternatives) = nic.alternatives.as_deref_mut() {
        alternatives.filled -= freed;
        alternatives.each[id].waiting = waiting;
    }
    if nic.outside.is_some() {
        nic.leave();
    }
    departed(nic, id, count);
    0
}

/// The `TX_ALT` event of a packet that has left its FIFO, as it is polled.
pub(super) unsafe fn event(vi: *mut ef_vi, label: u32, fifo: u32) -> Option<ef_event> {
    // SAFETY: the caller gives a VI of the queue, used by this thread alone.
    let alternatives = unsafe { (*adapter(vi)).alternatives.as_deref_mut() }?;
    let id = alternatives.id_of(fifo)?;
    let unpolled = &mut alternatives.each[id].unpolled;
    *unpolled = unpolled.saturating_sub(1);
    Some(ef_event_tx_alt { q_id: label, alt_id: id as u32, ..Default::default() }.into())
}

/// The flag is what a VI needs for any call about alternatives.
unsafe fn has_flag(vi: *const ef_vi) -> bool {
    // SAFETY: the caller gives a VI that was allocated.
    unsafe { (*vi).vi_flags & EF_VI_TX_ALT != 0 }
}

/// The VI's adapter side, if it has alternatives.
unsafe fn with(vi: *mut ef_vi, act: impl FnOnce(&mut Vi) -> c_int) -> c_int {
    // SAFETY: the caller gives a VI that was allocated, used by this thread alone.
    unsafe { if has_flag(vi) { act(&mut *adapter(vi)) } else { -libc::EOPNOTSUPP } }
}

/// Adds the descriptor that chooses where the packets go that are sent after it. It is pushed with the next of them.
unsafe fn select(vi: *mut ef_vi, fifo: Option<u32>) -> c_int {
    // SAFETY: the caller gives a VI that was allocated, used by this thread alone.
    unsafe { add_descriptor(vi, super::descriptor::select(fifo), None) }
}

/// `ef_vi_transmit_alt_select`.
pub(super) unsafe extern "C" fn select_alternative(vi: *mut ef_vi, id: c_uint) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        with(vi, |nic| {
            let alternatives = nic.alternatives.as_deref();
            match alternatives.and_then(|alternatives| alternatives.fifos.elements().get(id as usize)) {
                Some(fifo) => select(vi, Some(*fifo)),
                None => -libc::EINVAL,
            }
        })
    }
}

/// `ef_vi_transmit_alt_select_normal`.
pub(super) unsafe extern "C" fn select_normal(vi: *mut ef_vi) -> c_int {
    // SAFETY: as in `select_alternative`.
    unsafe { with(vi, |_| select(vi, None)) }
}

/// `ef_vi_transmit_alt_stop`.
pub(super) unsafe extern "C" fn stop(vi: *mut ef_vi, id: c_uint) -> c_int {
    // SAFETY: as in `select_alternative`.
    unsafe { with(vi, |nic| change(nic, id as usize, State::Stop)) }
}

/// `ef_vi_transmit_alt_go`.
pub(super) unsafe extern "C" fn go(vi: *mut ef_vi, id: c_uint) -> c_int {
    // SAFETY: as in `select_alternative`.
    unsafe { with(vi, |nic| change(nic, id as usize, State::Go)) }
}

/// `ef_vi_transmit_alt_discard`.
pub(super) unsafe extern "C" fn discard(vi: *mut ef_vi, id: c_uint) -> c_int {
    // SAFETY: as in `select_alternative`.
    unsafe { with(vi, |nic| change(nic, id as usize, State::Discard)) }
}

exported! {
    /// `ef_vi_transmit_alt_alloc`. `-EBUSY` when the port's FIFOs or buffers don't suffice, `-EALREADY` if the VI has
    /// alternatives, `-EINVAL` if it was allocated without the flag.
    fn ef_vi_transmit_alt_alloc(
        vi: *mut ef_vi, vi_dh: ef_driver_handle, num_alts: c_int, buf_space: usize
    ) -> c_int = allocate;
}

unsafe fn allocate(vi: *mut ef_vi, vi_dh: ef_driver_handle, num_alts: c_int, buf_space: usize) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, used by this thread alone.
    unsafe {
        let nic = &mut *adapter(vi);
        if num_alts <= 0 || buf_space == 0 || !has_flag(vi) {
            return -libc::EINVAL;
        }
        if nic.alternatives.is_some() {
            return -libc::EALREADY;
        }
        let port = &nic.domain.port;
        to_c(driver::check(vi_dh).and_then(|()| Alternatives::new(port, num_alts, buf_space)).map(|new| {
            (*vi).tx_alt_num = num_alts as c_uint;
            (*vi).tx_alt_id2hw = new.fifos.base;
            (*vi).tx_alt_hw2id = new.ids.base;
            nic.alternatives = Some(Box::new(new));
            0
        }))
    }
}

exported! {
    /// `ef_vi_transmit_alt_free`. What waits is dropped. `-EINVAL` if there are none.
    fn ef_vi_transmit_alt_free(vi: *mut ef_vi, vi_dh: ef_driver_handle) -> c_int = give_back;
}

unsafe fn give_back(vi: *mut ef_vi, _vi_dh: ef_driver_handle) -> c_int {
    // SAFETY: as in `ef_vi_transmit_alt_alloc`.
    unsafe {
        if (*adapter(vi)).alternatives.take().is_none() {
            return -libc::EINVAL;
        }
        (*vi).tx_alt_num = 0;
        (*vi).tx_alt_id2hw = ptr::null_mut();
        (*vi).tx_alt_hw2id = ptr::null_mut();
    }
    0
}

/// `ef_vi_transmit_alt_num_ids`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_vi_transmit_alt_num_ids(vi: *mut ef_vi) -> c_uint {
    // SAFETY: the ABI's contract: a VI that was allocated.
    unsafe { (*vi).tx_alt_num }
}

exported! {
    /// `ef_vi_transmit_alt_query_buffering`: bytes for so many alternatives, if nobody else had any.
    fn ef_vi_transmit_alt_query_buffering(
        vi: *mut ef_vi, ifindex: c_int, vi_dh: ef_driver_handle, n_alts: c_int
    ) -> c_int = query_buffering;
}

unsafe fn query_buffering(vi: *mut ef_vi, ifindex: c_int, vi_dh: ef_driver_handle, n_alts: c_int) -> c_int {
    // SAFETY: as in `ef_vi_transmit_alt_num_ids`.
    let (true, Ok(count)) = (unsafe { has_flag(vi) }, usize::try_from(n_alts)) else {
        return -libc::EINVAL;
    };
    to_c(driver::check(vi_dh).and_then(|()| port::by_index(ifindex)).and_then(|(port, _)| {
        let limits = port.model.alternatives().ok_or(Errno(libc::EINVAL))?;
        Ok((limits.buffer_size * limits.buffers.saturating_sub(count.saturating_mul(SPARE))) as c_int)
    }))
}

exported! {
    /// `ef_vi_transmit_alt_query_overhead`.
    fn ef_vi_transmit_alt_query_overhead(
        vi: *mut ef_vi, params: *mut ef_vi_transmit_alt_overhead
    ) -> c_int = query_overhead;
}

unsafe fn query_overhead(vi: *mut ef_vi, params: *mut ef_vi_transmit_alt_overhead) -> c_int {
    // SAFETY: the ABI's contract: a VI that was allocated, and room for the result.
    unsafe {
        if !has_flag(vi) {
            return -libc::EINVAL;
        }
        params.write(ef_vi_transmit_alt_overhead { pre_round: WORD - 1, mask: !(WORD - 1), post_round: WORD });
    }
    0
}
