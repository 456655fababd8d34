//! What the transmit half knows that the data path of single frames does not look at.

use alloc::boxed::Box;
use core::cell::{Cell, OnceCell};
use core::ptr::NonNull;

use crate::memory::Buffer;
use crate::pio::PioLink;

use super::super::Inner;
use super::super::rejected::RejectReason;
use super::alternatives::Alternatives;
use super::aside::Aside;
use super::completed::Lent;

/// While one of these is on, single frames are kept out by a longest frame of 0 bytes, which costs them no look at it.
pub(in crate::vi) struct State {
    /// A send failed, and the queue takes none until it is revived.
    pub(super) dead: Cell<bool>,
    /// The frame that was written by CTPIO and waits for its fallback.
    pub(super) fallback: Cell<Option<Buffer>>,
    /// The TX alternative that descriptors go to.
    pub(super) selected: Cell<Option<u8>>,
    pub(super) alternatives: OnceCell<Alternatives>,
    /// The PIO region that the VI is linked with: out of a box.
    pio: Cell<Option<NonNull<PioLink>>>,
    pub(super) aside: Aside,
    /// The frame of the event at hand.
    pub(in crate::vi) lent: Lent,
    #[cfg(onload_since = "9.0.1")]
    pub(super) warm: super::warm::Warm,
}

impl State {
    pub(in crate::vi) fn new(slots: u32, ctpio: bool) -> Self {
        #[cfg(not(onload_since = "9.0.1"))]
        let _ = ctpio;
        State {
            dead: Cell::new(false),
            fallback: Cell::new(None),
            selected: Cell::new(None),
            alternatives: OnceCell::new(),
            pio: Cell::new(None),
            aside: Aside::new(slots),
            lent: Lent::new(),
            #[cfg(onload_since = "9.0.1")]
            warm: super::warm::Warm::new(ctpio),
        }
    }

    pub(in crate::vi) fn fail(&self) {
        self.dead.set(true);
    }

    #[inline]
    pub(in crate::vi) fn pio(&self) -> Option<&PioLink> {
        // SAFETY: it is taken out of this by linking and unlinking alone, which call nothing of the program's while this is
        // borrowed, nor does any other user of this.
        self.pio.get().map(|link| unsafe { &*link.as_ptr() })
    }

    pub(in crate::vi) fn link_pio(&self, link: Box<PioLink>) {
        drop(self.unlink_pio());
        self.pio.set(Some(NonNull::from(Box::leak(link))));
    }

    pub(in crate::vi) fn unlink_pio(&self) -> Option<Box<PioLink>> {
        let link = self.pio.take()?;
        // SAFETY: it came out of a box, and is reached from nowhere else any more.
        Some(unsafe { Box::from_raw(link.as_ptr()) })
    }

    pub(super) fn alternative_lost(&self, alternative: u8) {
        if let Some(alternatives) = self.alternatives.get() {
            alternatives.lost(alternative);
        }
    }

    fn is_open(&self) -> bool {
        let fallback = self.fallback.take();
        let waits = fallback.is_some();
        self.fallback.set(fallback);
        !waits && !self.dead.get() && self.selected.get().is_none()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        drop(self.unlink_pio());
    }
}

impl Inner {
    /// Lets single frames through or keeps them out, as the state has it.
    #[cold]
    pub(in crate::vi) fn set_limits(&self) {
        let open = self.tx.state.is_open();
        self.tx.set_limits(open);
    }

    /// Makes the ring ready for any send: what is left to do by a guard that was forgotten is done, and descriptors go
    /// straight to the wire.
    #[cold]
    pub(in crate::vi) fn make_ready(&self) -> Result<(), RejectReason> {
        if self.tx.state.dead.get() {
            return Err(RejectReason::QueueFailed);
        }
        self.push_staged();
        self.finish_fallback().map_err(|(_, reason)| reason)?;
        self.select(None)?;
        self.set_limits();
        Ok(())
    }

    /// The same for sends other than of single frames, which look at the state themselves.
    #[inline]
    pub(in crate::vi) fn ready(&self) -> Result<(), RejectReason> {
        if self.tx.is_closed() { self.make_ready() } else { Ok(()) }
    }

    /// Releases before 9.0 have no warming.
    #[cfg(not(onload_since = "9.0.1"))]
    #[inline]
    pub(in crate::vi) fn is_warming(&self) -> bool {
        false
    }
}
