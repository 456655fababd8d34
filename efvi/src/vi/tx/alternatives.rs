//! TX alternatives: frames that wait in the adapter, to be let go or dropped by one short call.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use core::cell::Cell;
use core::fmt;
use core::mem::MaybeUninit;

use efvi_sys::ef_vi_transmit_alt_overhead;

use crate::error::{Errno, Error, Result as SetUp};
use crate::memory::Buffer;

use super::super::rejected::{RejectReason, Rejected};
use super::super::transmit::Transmit;
use super::super::{Inner, VirtualInterface};
use super::aside::Entry;

/// What is known of a VI's alternatives.
pub(super) struct Alternatives {
    overhead: ef_vi_transmit_alt_overhead,
    /// Bytes of the adapter's memory that they share, and those that frames take.
    space: u32,
    used: Cell<u32>,
    each: Box<[Queue]>,
}

struct Queue {
    state: Cell<AlternativeState>,
    /// What its frames take of the space, oldest first: a ring, `waiting` of them from `oldest` on.
    usage: Box<[Cell<u32>]>,
    oldest: Cell<u32>,
    waiting: Cell<u32>,
}

/// What an alternative does with the frames that are sent to it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut pool = efvi::PacketPool::builder().build(&domain)?;
/// # let mut frame = || { let mut buffer = pool.take().expect("a buffer"); buffer.write(&[0xff; 60]).map(|()| buffer) };
/// # use efvi::*;
/// # let mut vi = VirtualInterface::builder().alternatives(1, 4096).build(&domain)?;
/// # let (mut tx, mut rx) = vi.split();
/// let mut alternative = tx.alternative(0).ok_or("no such alternative")?;
/// println!("a frame of 60 bytes takes {} of {}", alternative.usage(60), alternative.space());
/// alternative.send(frame()?)?;
/// assert_eq!((alternative.state(), alternative.waiting()), (AlternativeState::Stopped, 1));
/// alternative.discard()?; // not needed after all
/// if let Err(AlternativeError::Draining { waiting, .. }) = alternative.stop() {
///     println!("{waiting} frame has not been reported as gone: poll first");
/// }
/// # while tx.alternative(0).is_some_and(|alternative| alternative.waiting() > 0) { drop(rx.poll()); }
/// tx.alternative(0).ok_or("no such alternative")?.stop()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlternativeState {
    /// It keeps them.
    Stopped,
    /// It sends them, those that it kept first.
    Going,
    /// It drops them, those that it kept too.
    Discarding,
}

impl Alternatives {
    /// What a frame takes; one that is short is padded on the way.
    fn usage_of(&self, bytes: usize) -> u32 {
        const SHORTEST: u32 = 60;
        // SAFETY: the overhead was filled in.
        unsafe { efvi_sys::ef_vi_transmit_alt_usage(&self.overhead, (bytes as u32).max(SHORTEST)) }
    }

    fn push(&self, alternative: u8, usage: u32) {
        if let Some(queue) = self.each.get(usize::from(alternative)) {
            let at = (queue.oldest.get() + queue.waiting.get()) as usize % queue.usage.len();
            queue.usage[at].set(usage);
            queue.waiting.set(queue.waiting.get() + 1);
            self.used.set(self.used.get() + usage);
        }
    }

    /// A frame has left it.
    fn left(&self, alternative: u8) {
        if let Some(queue) = self.each.get(usize::from(alternative))
            && let Some(fewer) = queue.waiting.get().checked_sub(1)
        {
            let oldest = queue.oldest.get() as usize;
            self.used.set(self.used.get() - queue.usage[oldest].get());
            queue.oldest.set(((oldest + 1) % queue.usage.len()) as u32);
            queue.waiting.set(fewer);
        }
    }

    /// The newest frame, or one of as many as are lost, has not got there.
    pub(super) fn lost(&self, alternative: u8) {
        if let Some(queue) = self.each.get(usize::from(alternative))
            && let Some(fewer) = queue.waiting.get().checked_sub(1)
        {
            let newest = (queue.oldest.get() + fewer) as usize % queue.usage.len();
            self.used.set(self.used.get() - queue.usage[newest].get());
            queue.waiting.set(fewer);
        }
    }
}

impl VirtualInterface {
    /// Sets up the alternatives of a new VI, all stopped.
    pub(in crate::vi) fn make_alternatives(&self, count: u32, space: u32) -> SetUp<()> {
        let inner = self.inner();
        let (vi, handle) = (inner.vi(), inner.handle());
        let checked = |call, code: i32| {
            let interface = inner.domain.interface().to_owned();
            let errno = Errno::from_return(code);
            if code < 0 { Err(Error::Alternatives { call, interface, count, space, errno }) } else { Ok(()) }
        };
        const ALLOC: &str = "ef_vi_transmit_alt_alloc";
        // They are counted in bytes here.
        let number = i32::try_from(count).ok().filter(|number| *number <= 256).unwrap_or(-1);
        if number < 0 {
            return checked(ALLOC, -libc::EINVAL);
        }
        // SAFETY: the VI is live and this its only thread; the handle is open.
        checked(ALLOC, unsafe { efvi_sys::ef_vi_transmit_alt_alloc(vi, handle, number, space as usize) })?;
        let mut overhead = MaybeUninit::<ef_vi_transmit_alt_overhead>::zeroed();
        // SAFETY: as above, and there is room for the result.
        checked("ef_vi_transmit_alt_query_overhead", unsafe {
            efvi_sys::ef_vi_transmit_alt_query_overhead(vi, overhead.as_mut_ptr())
        })?;
        for alternative in 0..count {
            // SAFETY: as above; it is one of them.
            checked("ef_vi_transmit_alt_stop", unsafe { efvi_sys::ef_vi_transmit_alt_stop(vi, alternative) })?;
        }
        // SAFETY: filled in by the call that succeeded.
        let overhead = unsafe { overhead.assume_init() };
        let mut alternatives = Alternatives { overhead, space, used: Cell::new(0), each: Box::default() };
        // As many as there can be of the shortest.
        let most = space / alternatives.usage_of(0).max(1) + 1;
        alternatives.each = (0..count)
            .map(|_| Queue {
                state: Cell::new(AlternativeState::Stopped),
                usage: (0..most).map(|_| Cell::new(0)).collect(),
                oldest: Cell::new(0),
                waiting: Cell::new(0),
            })
            .collect();
        // The first time, since this is called for a new VI.
        let _ = inner.tx.state.alternatives.set(alternatives);
        Ok(())
    }
}

impl Inner {
    /// A frame has left an alternative: it was sent or dropped.
    #[cold]
    pub(in crate::vi) fn alternative_left(&self, alternative: u32) {
        if let (Some(alternatives), Ok(alternative)) = (self.tx.state.alternatives.get(), u8::try_from(alternative)) {
            alternatives.left(alternative);
        }
    }

    /// Has the next descriptors go to this alternative, or straight to the wire. What is straight to the wire is
    /// submitted at once, so that taking back what is staged never takes it back.
    pub(super) fn select(&self, to: Option<u8>) -> Result<(), RejectReason> {
        let selected = &self.tx.state.selected;
        if selected.get() == to {
            return Ok(());
        }
        // SAFETY: the VI is live and this its only thread; the alternative is one of its own.
        let code = unsafe {
            match to {
                Some(alternative) => efvi_sys::ef_vi_transmit_alt_select(self.vi(), alternative.into()),
                None => efvi_sys::ef_vi_transmit_alt_select_normal(self.vi()),
            }
        };
        if code < 0 {
            return Err(RejectReason::from_return(code));
        }
        // SAFETY: the VI is live and this its only thread; there is a new descriptor.
        unsafe { efvi_sys::ef_vi_transmit_push(self.vi()) };
        self.tx.staged.set(0);
        selected.set(to);
        self.set_limits();
        Ok(())
    }
}

impl<'vi> Transmit<'vi> {
    /// One of the alternatives that the VI was built with
    /// ([`VirtualInterfaceBuilder::alternatives`](crate::VirtualInterfaceBuilder::alternatives)), counted from 0.
    #[inline]
    pub fn alternative(&mut self, number: u32) -> Option<Alternative<'_, 'vi>> {
        let alternatives = self.inner().tx.state.alternatives.get()?;
        if number as usize >= alternatives.each.len() {
            return None;
        }
        Some(Alternative { tx: self, number: number as u8 })
    }

    /// The number of alternatives.
    pub fn alternatives(&self) -> u32 {
        self.inner().tx.state.alternatives.get().map_or(0, |alternatives| alternatives.each.len() as u32)
    }
}

/// A TX alternative: a queue in the adapter. Frames are sent to it ahead of time, and while it is stopped wait there, a
/// step from the wire; [`go`](Self::go) lets them all out, [`discard`](Self::discard) drops them. A frame's buffer comes
/// back when the adapter has fetched it, by [`Event::Sent`](crate::Event::Sent); that it has left the queue
/// [`Event::Alternative`](crate::Event::Alternative) tells.
///
/// It borrows the transmit half:
/// ```compile_fail,E0499
/// # use efvi::*;
/// fn send(tx: &mut Transmit<'_>, a: Buffer, b: Buffer) {
///     let mut alternative = tx.alternative(0).unwrap();
///     let _ = tx.send(a);
///     let _ = alternative.send(b);
/// }
/// ```
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use efvi::*;
/// # let (port, _other) = mock::Fabric::new().cable().expect("a cable");
/// # let domain = ProtectionDomain::open(&Driver::open()?, port.name())?;
/// # let mut pool = PacketPool::builder().buffers(8).build(&domain)?;
/// let mut vi = VirtualInterface::builder().alternatives(2, 4096).build(&domain)?;
/// let (mut tx, mut rx) = vi.split();
/// let mut buffer = pool.take().ok_or("the pool is empty")?;
/// buffer.write(&[0xff; 60])?;
/// let mut alternative = tx.alternative(1).ok_or("no such alternative")?;
/// alternative.send(buffer)?;
/// // When it matters.
/// alternative.go()?;
///
/// let mut left = 0;
/// let mut events = rx.poll();
/// while let Some(event) = events.next() {
///     if let Event::Alternative(1) = event {
///         left += 1;
///     }
/// }
/// assert_eq!(left, 1);
/// drop(events);
/// tx.alternative(1).ok_or("no such alternative")?.stop()?; // for the next
/// # Ok(())
/// # }
/// ```
pub struct Alternative<'tx, 'vi> {
    tx: &'tx mut Transmit<'vi>,
    number: u8,
}

impl Alternative<'_, '_> {
    /// Sends a frame to the alternative (`ef_vi_transmit_alt_select`, `ef_vi_transmit`). Turning from the wire or another
    /// alternative to this one takes a descriptor and a doorbell, and so does turning back with the next send of another
    /// kind.
    ///
    /// # Errors
    /// [`Rejected`] gives the buffer back: as of [`Transmit::send`], and when the space that the alternatives share has
    /// no room for it (the adapter would drop it).
    pub fn send(&mut self, mut buffer: Buffer) -> Result<(), Rejected> {
        let inner = *self.tx.inner_ref();
        let usage = match self.admit(&mut buffer) {
            Ok(usage) => usage,
            Err(reason) => return Err(Rejected::new(buffer, reason)),
        };
        let (dma, length, id) = (buffer.frame_dma(), buffer.len() as i32, inner.tx.next_id());
        // SAFETY: the VI is live and this its only thread; the frame lies within memory registered in its domain, which
        // is kept until the completion; the id is below the reserved one.
        match unsafe { efvi_sys::ef_vi_transmit(inner.vi(), dma, length, id) } {
            0 => inner.tx.set_aside(Entry::Alternative(buffer, self.number)),
            code => return Err(Rejected::new(buffer, RejectReason::from_return(code))),
        }
        if let Some(alternatives) = inner.tx.state.alternatives.get() {
            alternatives.push(self.number, usage);
        }
        Ok(())
    }

    fn admit(&self, buffer: &mut Buffer) -> Result<u32, RejectReason> {
        let inner = self.tx.inner();
        if inner.tx.state.dead.get() {
            return Err(RejectReason::QueueFailed);
        }
        inner.finish_fallback().map_err(|(_, reason)| reason)?;
        inner.enter(buffer)?;
        inner.check_length(buffer.len(), buffer.get(12..14) == Some(&[0x81, 0x00]), false)?;
        let (needed, free) = (self.usage(buffer.len()), self.space());
        if needed > free {
            return Err(RejectReason::AlternativesFull { needed, free });
        }
        inner.select(Some(self.number))?;
        Ok(needed)
    }

    /// Lets its frames go, and those that come (`ef_vi_transmit_alt_go`).
    ///
    /// # Errors
    /// [`AlternativeError`]: it is discarding, and not all of its frames' events are in.
    #[inline]
    pub fn go(&mut self) -> Result<(), AlternativeError> {
        self.change(AlternativeState::Going)
    }

    /// Has it keep the frames that come (`ef_vi_transmit_alt_stop`).
    ///
    /// # Errors
    /// [`AlternativeError`]: not all of its frames' events are in.
    #[inline]
    pub fn stop(&mut self) -> Result<(), AlternativeError> {
        self.change(AlternativeState::Stopped)
    }

    /// Drops its frames, and those that come (`ef_vi_transmit_alt_discard`).
    ///
    /// # Errors
    /// [`AlternativeError`]: it is going, and not all of its frames' events are in.
    #[inline]
    pub fn discard(&mut self) -> Result<(), AlternativeError> {
        self.change(AlternativeState::Discarding)
    }

    /// What it does now.
    pub fn state(&self) -> AlternativeState {
        self.queue().map_or(AlternativeState::Stopped, |queue| queue.state.get())
    }

    /// The frames that were sent to it and have not left it, as far as polls have handed events out.
    pub fn waiting(&self) -> usize {
        self.queue().map_or(0, |queue| queue.waiting.get() as usize)
    }

    /// What a frame of this length takes of the space, in bytes (`ef_vi_transmit_alt_usage`).
    pub fn usage(&self, bytes: usize) -> u32 {
        self.all().map_or(0, |alternatives| alternatives.usage_of(bytes))
    }

    /// What is free of the space that all alternatives share, in bytes.
    pub fn space(&self) -> u32 {
        self.all().map_or(0, |alternatives| alternatives.space.saturating_sub(alternatives.used.get()))
    }

    fn all(&self) -> Option<&Alternatives> {
        self.tx.inner().tx.state.alternatives.get()
    }

    fn queue(&self) -> Option<&Queue> {
        self.all()?.each.get(usize::from(self.number))
    }

    #[inline]
    fn change(&mut self, to: AlternativeState) -> Result<(), AlternativeError> {
        let inner = self.tx.inner();
        let Some(queue) = self.queue() else { return Ok(()) };
        let (from, waiting) = (queue.state.get(), queue.waiting.get());
        if from == to {
            return Ok(());
        }
        if from != AlternativeState::Stopped && waiting > 0 {
            return Err(AlternativeError::Draining { state: from, waiting });
        }
        let (vi, number) = (inner.vi(), self.number.into());
        // SAFETY: the VI is live and this its only thread; the alternative is one of its own, and drained.
        let code = unsafe {
            match to {
                AlternativeState::Stopped => efvi_sys::ef_vi_transmit_alt_stop(vi, number),
                AlternativeState::Going => efvi_sys::ef_vi_transmit_alt_go(vi, number),
                AlternativeState::Discarding => efvi_sys::ef_vi_transmit_alt_discard(vi, number),
            }
        };
        if code < 0 {
            return Err(AlternativeError::Os(Errno::from_return(code)));
        }
        queue.state.set(to);
        Ok(())
    }
}

impl fmt::Debug for Alternative<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alternative")
            .field("number", &self.number)
            .field("state", &self.state())
            .field("waiting", &self.waiting())
            .finish()
    }
}

/// Why an alternative did not change its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AlternativeError {
    /// It is letting frames out.
    #[error(
        "the alternative is {state:?}, and {waiting} of its frames have not been reported as gone: poll until each has its `Event::Alternative`"
    )]
    Draining {
        /// What it does.
        state: AlternativeState,
        /// The frames that have not left it.
        waiting: u32,
    },
    /// The library refused, with this error.
    #[error("the library refused the change of the alternative's state: {0}")]
    Os(Errno),
}
