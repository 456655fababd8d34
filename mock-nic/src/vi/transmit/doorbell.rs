//! What the adapter does at a doorbell: it fetches descriptors, sends their packets, and announces that they left.

use crate::abi::*;
use crate::dma::Fault;
use crate::domain;
use crate::faults;
use crate::frame::{Checksums, HEADER_BYTES, is_tcp_or_udp};
use crate::port::MAX_FRAME;
use crate::vi::ctpio::Written;
use crate::vi::descriptor::{Choice, MORE, OPTION};
use crate::vi::event::Event;
use crate::vi::recovery::fail;
use crate::vi::{Vi, alternatives, descriptor, pio};
use crate::wire::{Outgoing, Piece, Stamp, When};
use core::mem::MaybeUninit;
use core::ptr;

/// Pieces of one frame that are gathered where they lie; if there are more, they are put together first.
pub(in crate::vi) const PIECES: usize = 32;

/// Room for a frame.
pub(in crate::vi) type Whole = MaybeUninit<[u8; MAX_FRAME]>;

/// Puts pieces together into one at `base`.
///
/// # Safety
/// The pieces are readable, and there is room for them at `base`, where the first may lie already.
pub(in crate::vi) unsafe fn join(pieces: &[Piece], base: *mut u8) -> Piece {
    let mut length = 0;
    for piece in pieces {
        // SAFETY: the caller's promise.
        unsafe { base.add(length).copy_from(piece.base, piece.length) };
        length += piece.length;
    }
    Piece { base, length }
}

/// The adapter hears that descriptors up to `added` are there, and sends them.
#[inline(always)]
pub(super) fn doorbell<const SPECIAL: bool>(nic: &mut Vi, added: u32) {
    // SAFETY: a VI's ring stays while its adapter's side does.
    let (mask, descriptors) = unsafe { ((*nic.host).vi_txq.mask, (*nic.host).vi_txq.descriptors.cast::<u64>()) };
    if nic.tx.sent == added {
        nic.cells.tx_empty_pushes.add(1);
        return;
    }
    // A packet alone, of one descriptor, is what those send who are in a hurry.
    // SAFETY: masked, the index is within the ring.
    let word = unsafe { *descriptors.add((nic.tx.sent & mask) as usize) };
    if word & (OPTION | MORE) == 0 && added.wrapping_sub(nic.tx.sent) == 1 && !nic.tx.dead {
        nic.tx.sent = added;
        let piece = nic.piece(word);
        match piece.and_then(|piece| send_packet::<SPECIAL>(nic, &[piece], piece.length)) {
            Ok((stamp, ctpio)) if nic.flags & EF_VI_TX_TIMESTAMPS != 0 => stamped(nic, stamp, ctpio),
            Ok((_, ctpio)) => complete::<SPECIAL>(nic, added & mask, ctpio),
            Err(why) => fail(nic, added & mask, why),
        }
        if nic.alternatives.is_some() {
            alternatives::announce(nic);
        }
        return;
    }
    send_all(nic, added);
}

/// The same where the wire is not memory.
#[inline(never)]
pub(super) fn doorbell_outside(nic: &mut Vi, added: u32) {
    if nic.tx.sent == added {
        nic.cells.tx_empty_pushes.add(1);
        return;
    }
    // SAFETY: a VI's ring stays while its adapter's side does; masked, the index is within it.
    let word = unsafe {
        let ring = &raw const (*nic.host).vi_txq;
        *(*ring).descriptors.cast::<u64>().add((nic.tx.sent & (*ring).mask) as usize)
    };
    nic.before_send((word & OPTION == 0).then(|| descriptor::source(word).0));
    send_all(nic, added);
    nic.leave();
}

/// Sends descriptors up to `added`, whatever they are.
#[inline(never)]
fn send_all(nic: &mut Vi, added: u32) {
    // SAFETY: a VI's ring stays while its adapter's side does.
    let (mask, descriptors) = unsafe { ((*nic.host).vi_txq.mask, (*nic.host).vi_txq.descriptors.cast::<u64>()) };
    if nic.tx.dead {
        return lose(nic, descriptors, mask, added);
    }
    // One event for as many packets as the application can unbundle at once.
    let (mut packets, mut by_ctpio) = (0, false);
    while nic.tx.sent != added {
        let before = nic.tx.sent;
        // SAFETY: masked, the index is within the ring.
        let word = unsafe { *descriptors.add((before & mask) as usize) };
        let sent = if word & (OPTION | MORE) == 0 {
            nic.tx.sent = before.wrapping_add(1);
            match nic.piece(word) {
                Ok(piece) => send_whole(nic, &[piece], piece.length),
                Err(why) => Err(why),
            }
        } else if word & OPTION == 0 {
            gather(nic, descriptors, mask, added)
        } else {
            nic.tx.sent = before.wrapping_add(1);
            match descriptor::choice(word) {
                Choice::Pio { offset, length } => pio::send(nic, offset, length),
                Choice::Select(fifo) => {
                    nic.select(fifo);
                    continue;
                }
            }
        };
        match sent {
            Ok((stamp, ctpio)) if nic.tx.single => announce(nic, mask, stamp, ctpio),
            Ok((_, ctpio)) => {
                if packets == EF_VI_TRANSMIT_BATCH || (packets > 0 && ctpio != by_ctpio) {
                    complete::<true>(nic, before & mask, by_ctpio);
                    packets = 0;
                }
                packets += 1;
                by_ctpio = ctpio;
            }
            Err(why) => {
                if packets > 0 {
                    complete::<true>(nic, before & mask, by_ctpio);
                }
                if nic.alternatives.is_some() {
                    alternatives::announce(nic);
                }
                nic.fail_in_turn(nic.tx.sent & mask, why);
                return lose(nic, descriptors, mask, added);
            }
        }
    }
    if packets > 0 {
        complete::<true>(nic, nic.tx.sent & mask, by_ctpio);
    }
    if nic.alternatives.is_some() {
        alternatives::announce(nic);
    }
}

/// The ring is dead: what is on it up to `added` is not sent, and no event says so.
#[cold]
fn lose(nic: &mut Vi, descriptors: *const u64, mask: u32, added: u32) {
    while nic.tx.sent != added {
        // SAFETY: masked, the index is within the ring.
        let word = unsafe { *descriptors.add((nic.tx.sent & mask) as usize) };
        nic.tx.sent = nic.tx.sent.wrapping_add(1);
        let selects = word & OPTION != 0 && matches!(descriptor::choice(word), Choice::Select(_));
        nic.cells.tx_dead.add((word & MORE == 0 && !selects).into());
    }
}

/// Announces a packet by itself.
#[inline]
fn announce(nic: &mut Vi, mask: u32, stamp: Stamp, ctpio: bool) {
    if nic.outside.is_some() {
        nic.note_sent(nic.tx.sent & mask, stamp, ctpio);
    } else {
        stamped(nic, stamp, ctpio);
    }
}

impl Vi {
    /// What a descriptor describes, or the `TX_ERROR` that it makes.
    #[inline]
    fn piece(&self, word: u64) -> Result<Piece, u32> {
        let (address, length) = descriptor::source(word);
        match self.domain.space.translate(address, length) {
            Ok(base) => Ok(Piece { base, length }),
            Err(Fault) => Err(self.refusal(address, length)),
        }
    }

    /// Memory that another domain has registered is not this one's to read; any other address leads nowhere.
    #[cold]
    fn refusal(&self, address: u64, length: usize) -> u32 {
        if domain::reaches(address, length) { EF_EVENT_TX_ERROR_RIGHTS } else { EF_EVENT_TX_ERROR_BUS }
    }

    /// From here on packets go into that FIFO, if one of the VI's alternatives has it.
    fn select(&mut self, fifo: Option<u32>) {
        self.tx.selected =
            fifo.map(|fifo| self.alternatives.as_ref().and_then(|all| all.id_of(fifo)).unwrap_or(usize::MAX));
        self.tx.detour = self.tx.selected.is_some() || self.flags & EF_VI_TX_TCPUDP_ONLY != 0;
    }
}

/// Sends a packet of several descriptors.
#[inline(never)]
fn gather(nic: &mut Vi, descriptors: *const u64, mask: u32, added: u32) -> Result<(Stamp, bool), u32> {
    let mut pieces = [Piece { base: ptr::null(), length: 0 }; PIECES];
    let (mut count, mut length, mut fault) = (0, 0, None);
    let mut whole = Whole::uninit();
    let room = whole.as_mut_ptr().cast();
    loop {
        // SAFETY: masked, the index is within the ring.
        let word = unsafe { *descriptors.add((nic.tx.sent & mask) as usize) };
        nic.tx.sent = nic.tx.sent.wrapping_add(1);
        match nic.piece(word) {
            Ok(piece) if length + piece.length <= MAX_FRAME => {
                if count == PIECES {
                    // SAFETY: translated: registered memory of this domain; their length was checked as they were added.
                    pieces[0] = unsafe { join(&pieces, room) };
                    count = 1;
                }
                pieces[count] = piece;
                count += 1;
                length += piece.length;
            }
            Ok(_) => fault = fault.or(Some(EF_EVENT_TX_ERROR_2BIG)),
            Err(why) => fault = fault.or(Some(why)),
        }
        if word & MORE == 0 || nic.tx.sent == added {
            break;
        }
    }
    match fault {
        Some(why) => Err(why),
        None => send_whole(nic, &pieces[..count], length),
    }
}

/// Sends a packet, unless it went by CTPIO already; when it was on the wire, and whether it was that.
#[inline(always)]
fn send_packet<const SPECIAL: bool>(nic: &mut Vi, pieces: &[Piece], length: usize) -> Result<(Stamp, bool), u32> {
    if length > nic.max_frame {
        return Err(EF_EVENT_TX_ERROR_2BIG);
    }
    match nic.tx.ctpio.take() {
        Some(Written::Sent(stamp)) => return Ok((stamp, true)),
        Some(Written::Refused) => nic.cells.tx_ctpio_fallbacks.add(1),
        None => {}
    }
    if SPECIAL && faults::armed() {
        faults::adapter::before_packet(nic)?;
    }
    let checksums = checksums(pieces, length, nic.insert);
    let frame = Outgoing { pieces, length, checksums, flags: nic.inserted };
    if nic.tx.detour {
        return detour(nic, &frame).map(|stamp| (stamp, false));
    }
    Ok((send_as::<SPECIAL>(nic, &frame), false))
}

/// The same, out of line: for packets that are not one descriptor's, so that those that are go their way in line.
#[inline(never)]
pub(in crate::vi) fn send_whole(nic: &mut Vi, pieces: &[Piece], length: usize) -> Result<(Stamp, bool), u32> {
    send_packet::<true>(nic, pieces, length)
}

/// Sends a packet to the alternative that is selected; or drops it, if it is one of those that the VI may not send.
#[inline(never)]
fn detour(nic: &mut Vi, frame: &Outgoing<'_>) -> Result<Stamp, u32> {
    let mut scratch = [0; HEADER_BYTES];
    if nic.flags & EF_VI_TX_TCPUDP_ONLY != 0 && !is_tcp_or_udp(frame.header(&mut scratch)) {
        nic.cells.tx_filtered.add(1);
        return Ok(nic.clock.ticks());
    }
    match nic.tx.selected {
        Some(id) => alternatives::put(nic, id, frame).map(|()| 0),
        None => Ok(send(nic, frame)),
    }
}

/// The checksums that the adapter fills in.
#[inline]
fn checksums(pieces: &[Piece], length: usize, insert: (bool, bool)) -> Checksums {
    if insert == (false, false) {
        return Checksums::default();
    }
    if let [piece] = pieces {
        // SAFETY: translated: registered memory of this domain.
        let frame = unsafe { core::slice::from_raw_parts(piece.base, piece.length) };
        return Checksums::of(frame, insert.0, insert.1);
    }
    gathered_checksums(pieces, length, insert)
}

#[inline(never)]
fn gathered_checksums(pieces: &[Piece], length: usize, insert: (bool, bool)) -> Checksums {
    let mut whole = Whole::uninit();
    // SAFETY: as above; the pieces' lengths add up to `length`, which the caller has checked against MAX_FRAME.
    let frame = unsafe {
        let piece = join(pieces, whole.as_mut_ptr().cast());
        core::slice::from_raw_parts(piece.base, length)
    };
    Checksums::of(frame, insert.0, insert.1)
}

#[inline]
pub(in crate::vi) fn complete<const SPECIAL: bool>(nic: &mut Vi, end: u32, ctpio: bool) {
    let label = nic.label;
    let events = if SPECIAL { nic.completions() } else { nic.events() };
    events.raise(Event::Sent { label, end, ctpio });
}

#[inline]
pub(in crate::vi) fn stamped(nic: &mut Vi, stamp: Stamp, ctpio: bool) {
    let time = nic.clock.time(stamp);
    let label = nic.label;
    let events = nic.completions();
    events.stamped(stamp);
    events.raise(Event::StampLow { nanoseconds: time.nanoseconds, sixteenths: time.sixteenths });
    events.raise(Event::StampHigh { label, seconds: time.seconds as u32, ctpio });
}

/// Puts a frame on the wire; when it was there, if anybody asks.
#[inline]
pub(in crate::vi) fn send(nic: &mut Vi, frame: &Outgoing<'_>) -> Stamp {
    send_as::<true>(nic, frame)
}

#[inline(always)]
fn send_as<const SPECIAL: bool>(nic: &mut Vi, frame: &Outgoing<'_>) -> Stamp {
    nic.cells.tx_frames.add(1);
    nic.cells.tx_bytes.add(frame.length as u64);
    let when = match nic.time.as_mut().filter(|_| SPECIAL) {
        None if nic.flags & EF_VI_TX_TIMESTAMPS != 0 => When::Now,
        None => When::Unasked,
        Some(time) => When::At(time.send(frame.length)),
    };
    let sent = nic.link.transmit(frame, when);
    if !sent.claimed {
        nic.cells.tx_unclaimed.add(1);
    }
    sent.stamp
}
