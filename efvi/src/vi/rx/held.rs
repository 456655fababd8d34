//! Packets that are held past their poll, where they are.
//!
//! A packet of the adapter's own memory can be released by the VI's thread only. So a reference that is held has a note,
//! of which there are as many as the VI was made with. The VI's thread has a list of free ones; dropping a reference, on
//! any thread, puts its note onto a second list, a stack that only the VI's thread empties. It looks there with each poll
//! while any are out, and not otherwise.
//!
//! Dropping the VI closes the stack. References that are out then keep the VI, and the last one that comes back frees it.

use alloc::boxed::Box;
use core::cell::Cell;
use core::fmt;
use core::ops::Deref;
use core::ptr::{self, NonNull};
use core::slice;

use crate::memory::{Buffer, PacketPool};

use super::super::Inner;
use super::super::keep::{self, KeepError, NotKept};
use super::super::packet::Packet;
use super::Lent;
use super::returned::{Element, Returned};

/// A received frame that is held past its poll, where the adapter wrote it: from [`Packet::hold`]. It dereferences to the
/// frame's bytes, and can go to another thread. Dropped, on any thread, what it lies in is free again: a posted buffer
/// returns to its pool, a piece of the adapter's own memory is released by the VI's thread, with its next poll.
///
/// It is read, and not changed; [`into_buffer`](Self::into_buffer) gives a buffer that is yours, for that or to be sent.
pub struct HeldPacket {
    kind: Kind,
}

enum Kind {
    Buffer(Buffer),
    Reference(Reference),
}

/// The right to a packet of the adapter's own memory, by its note.
struct Reference {
    note: NonNull<Note>,
}

// SAFETY: the packet's bytes are only read, its note is the reference's alone, and what it is returned to is made for any
// thread.
unsafe impl Send for Reference {}
// SAFETY: through a shared reference it is only read.
unsafe impl Sync for Reference {}

/// What is known of a packet that is held.
type Note = Element<Held>;

struct Held {
    frame: NonNull<u8>,
    length: u16,
    id: u32,
    notes: NonNull<Notes>,
}

/// What a VI and the references to its packets share. It lives until the VI and all of them are gone.
struct Notes {
    /// Of references that were dropped.
    returned: Returned<Held>,
    all: NonNull<[Note]>,
    /// The VI, for the last to free.
    vi: NonNull<Inner>,
}

/// A VI's side of the references to its packets.
pub(in crate::vi) struct Holding {
    notes: NonNull<Notes>,
    free: Cell<*mut Note>,
    /// How many are out, or dropped and not released yet.
    out: Cell<u32>,
}

impl Holding {
    /// For so many references.
    pub(in crate::vi) fn new(count: u32, vi: NonNull<Inner>) -> Self {
        // The notes point to what is shared, and that to the notes: the pointers first, then the contents.
        let notes = NonNull::from(Box::leak(Box::<Notes>::new_uninit())).cast::<Notes>();
        let blank = |_| {
            let value = Held { frame: NonNull::dangling(), length: 0, id: 0, notes };
            Note { next: ptr::null_mut(), value }
        };
        let all = NonNull::from(Box::leak((0..count).map(blank).collect::<Box<[Note]>>()));
        let mut free = ptr::null_mut();
        for index in (0..count as usize).rev() {
            // SAFETY: `index` is within the array, and nothing else reaches it yet.
            unsafe {
                let note = all.cast::<Note>().add(index).as_ptr();
                (*note).next = free;
                free = note;
            }
        }
        // SAFETY: the box's memory is for this type, and it is written once.
        unsafe { notes.write(Notes { returned: Returned::new(), all, vi }) };
        Holding { notes, free: Cell::new(free), out: Cell::new(0) }
    }

    fn notes(&self) -> &Notes {
        // SAFETY: they live at least as long as the VI's side.
        unsafe { self.notes.as_ref() }
    }

    /// A reference to a packet; `None` when all notes are in use.
    fn hold(&self, id: u32, frame: NonNull<u8>, length: u16) -> Option<Reference> {
        let note = NonNull::new(self.free.get())?;
        // SAFETY: a note of the free list is the VI's alone; it is taken off the list here.
        unsafe {
            let note = note.as_ptr();
            self.free.set((*note).next);
            let held = &raw mut (*note).value;
            (*held).id = id;
            (*held).frame = frame;
            (*held).length = length;
        }
        self.out.set(self.out.get() + 1);
        Some(Reference { note })
    }

    /// What `close` takes.
    pub(in crate::vi) fn to_close(&self) -> Closing {
        Closing { notes: self.notes, out: self.out.get() as isize }
    }

    /// The notes, to be freed after the VI.
    pub(in crate::vi) fn freed(&self) -> Freed {
        Freed { notes: self.notes }
    }
}

/// A VI that is dropped, as far as its references go. It has no borrow of the VI, which may go while it is used.
pub(in crate::vi) struct Closing {
    notes: NonNull<Notes>,
    out: isize,
}

impl Closing {
    /// Closes the stack. True if no reference is out, so that the VI is to be freed now. Otherwise the last reference does
    /// it.
    ///
    /// # Safety
    /// It is of a VI that is dropped and not freed yet, and this is its only call.
    pub(in crate::vi) unsafe fn close(self) -> bool {
        // SAFETY: the notes live until the VI is freed, which is the last reference's to do once the stack is closed.
        unsafe { Returned::close(&raw const (*self.notes.as_ptr()).returned, self.out) }
    }
}

/// The notes of a VI that is freed: dropped, they are, too.
pub(in crate::vi) struct Freed {
    notes: NonNull<Notes>,
}

impl Drop for Freed {
    fn drop(&mut self) {
        // SAFETY: both came out of boxes, and nothing reaches them any more: the VI is gone, and no reference is out.
        unsafe {
            let notes = Box::from_raw(self.notes.as_ptr());
            drop(Box::from_raw(notes.all.as_ptr()));
        }
    }
}

impl Inner {
    /// Releases the packets of which the references were dropped. True if there are others.
    pub(in crate::vi) fn release_dropped(&self) -> bool {
        let Some(holding) = &self.rx.holding else { return false };
        // What their last owners read comes before the adapter's writes.
        let mut returned = holding.notes().returned.take();
        while let Some(note) = NonNull::new(returned) {
            // SAFETY: a note of a list that is the VI's alone now; each goes from it to the free one.
            unsafe {
                let note = note.as_ptr();
                returned = (*note).next;
                (*note).next = holding.free.replace(note);
                self.release((*note).value.id);
            }
            holding.out.set(holding.out.get() - 1);
        }
        holding.out.get() > 0
    }
}

/// Holds a packet that came by a rare event.
#[inline(never)]
pub(in crate::vi) fn hold_rare(packet: Packet<'_>) -> Result<HeldPacket, NotKept<'_>> {
    let inner = packet.inner();
    let packet = match keep::own_buffer(packet) {
        Ok(buffer) => return Ok(HeldPacket::of_buffer(buffer)),
        Err(packet) => packet,
    };
    let frame = NonNull::from(packet.frame());
    let hold = || match packet.lent() {
        Lent::Reference(id) => inner.rx.holding.as_ref()?.hold(id, frame.cast(), frame.len() as u16),
        _ => None,
    };
    let reference = hold().or_else(|| {
        inner.release_dropped();
        hold()
    });
    match reference {
        Some(reference) => {
            packet.take_lent();
            // From now on each poll looks for those that were dropped.
            inner.events.attend_next();
            Ok(HeldPacket { kind: Kind::Reference(reference) })
        }
        None => Err(NotKept { packet, reason: KeepError::TooManyHeld }),
    }
}

impl HeldPacket {
    #[inline]
    pub(in crate::vi) fn of_buffer(buffer: Buffer) -> Self {
        HeldPacket { kind: Kind::Buffer(buffer) }
    }

    /// The frame: from the Ethernet header on, without the frame check sequence.
    #[inline]
    pub fn frame(&self) -> &[u8] {
        match &self.kind {
            Kind::Buffer(buffer) => buffer,
            Kind::Reference(reference) => reference.frame(),
        }
    }

    /// Whether it lies in the adapter's own memory, of which it keeps a piece from use (X3, X4's express datapath).
    #[inline]
    pub fn is_reference(&self) -> bool {
        matches!(self.kind, Kind::Reference(_))
    }

    /// The frame in a buffer of its own, to change it or to send it on. Without a copy, and taking nothing from the
    /// pool, unless it [is a reference](Self::is_reference).
    ///
    /// # Errors
    /// [`NotCopied`] gives the packet back: the pool is empty, or its buffers are too small.
    pub fn into_buffer(self, pool: &mut PacketPool) -> Result<Buffer, NotCopied> {
        let reference = match self.kind {
            Kind::Buffer(buffer) => return Ok(buffer),
            Kind::Reference(reference) => reference,
        };
        match keep::copy(reference.frame(), pool) {
            Ok(buffer) => Ok(buffer),
            Err(reason) => Err(NotCopied { packet: HeldPacket { kind: Kind::Reference(reference) }, reason }),
        }
    }
}

/// A packet that could not be copied into a buffer: here it is still, with the reason.
///
/// ```
/// use efvi::{Buffer, HeldPacket, NotCopied, PacketPool};
///
/// fn buffer(held: HeldPacket, pool: &mut PacketPool) -> Option<Buffer> {
///     if held.is_reference() {
///         println!("{} bytes are copied", held.frame().len());
///     }
///     held.into_buffer(pool).map_err(|error: NotCopied| println!("{error}")).ok()
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
#[non_exhaustive]
pub struct NotCopied {
    /// The packet, as it was.
    pub packet: HeldPacket,
    /// Why it was not copied.
    pub reason: KeepError,
}

impl Deref for HeldPacket {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        self.frame()
    }
}

impl AsRef<[u8]> for HeldPacket {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for HeldPacket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldPacket").field("len", &self.len()).field("is_reference", &self.is_reference()).finish()
    }
}

impl Reference {
    #[inline]
    fn frame(&self) -> &[u8] {
        // SAFETY: the note is this reference's, which keeps the packet where it is, its bytes initialised and unchanged,
        // and the VI with it.
        unsafe {
            let held = &self.note.as_ref().value;
            slice::from_raw_parts(held.frame.as_ptr(), held.length.into())
        }
    }
}

impl Drop for Reference {
    fn drop(&mut self) {
        let note = self.note.as_ptr();
        // SAFETY: this reference is out, so what it shares with its VI lives until its note is back. The note is this
        // call's until then. Whoever brings the last one back is the last that has anything of the VI, which was dropped
        // and not freed.
        unsafe {
            let notes = (*note).value.notes.as_ptr();
            if Returned::put(&raw const (*notes).returned, note) {
                // There is nobody to tell how it went.
                Inner::free((*notes).vi).ok();
            }
        }
    }
}
