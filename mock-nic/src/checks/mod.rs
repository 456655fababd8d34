//! Checking mode: the program's mistakes, reported by name.
//!
//! The adapter does not tell a program of most of these: it corrupts memory, loses frames or answers something else
//! much later. [`rules`] has the rules of a VI, [`resources`] those of handles and memory, [`packets`] those of
//! packet ids, [`ctpio_frame`] that of fallbacks.

pub(crate) mod ctpio_frame;
pub(crate) mod packets;
pub(crate) mod resources;
pub(crate) mod rules;

use crate::errno::Result;
use crate::settings;
use core::fmt;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use once_cell::sync::Lazy;
use std::sync::{Arc, Mutex, PoisonError};

macro_rules! violations {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// A mistake that a program makes with ef_vi.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Violation {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Violation {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name in reports, and in `EFVI_MOCK_CHECKS`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

violations! {
    /// `dma_unregistered`: a DMA address that no domain has registered.
    DmaUnregistered = "dma_unregistered",
    /// `dma_other_domain`: a DMA address of another protection domain.
    DmaOtherDomain = "dma_other_domain",
    /// `id_reused`: a request id that is still outstanding on its ring.
    IdReused = "id_reused",
    /// `id_reserved`: the request id 0xffffffff, which marks slots that have none.
    IdReserved = "id_reserved",
    /// `event_forgotten`: a TX or TX_ERROR event that was not unbundled before the next of its queue was, or the VI was
    /// freed.
    EventForgotten = "event_forgotten",
    /// `ctpio_without_fallback`: another send, or the VI's end, between a CTPIO send and its fallback.
    CtpioWithoutFallback = "ctpio_without_fallback",
    /// `fallback_differs`: the fallback of a CTPIO send with another frame than was written.
    FallbackDiffers = "fallback_differs",
    /// `empty_push`: a push of the transmit ring with nothing new on it.
    EmptyPush = "empty_push",
    /// `use_after_free`: a call of a VI that was freed, or of a PIO region whose copy in the library it uses.
    UseAfterFree = "use_after_free",
    /// `memory_in_use`: memory freed while descriptors of a VI point to it.
    MemoryInUse = "memory_in_use",
    /// `buffer_posted_twice`: a receive buffer that overlaps one that is still posted.
    BufferPostedTwice = "buffer_posted_twice",
    /// `event_queue_too_small`: an event queue that does not hold an event for each descriptor of the rings that use it.
    EventQueueTooSmall = "event_queue_too_small",
    /// `two_threads`: a call of a VI while another thread is in one.
    TwoThreads = "two_threads",
    /// `pio_reused`: a PIO region written to before the send from it completed.
    PioReused = "pio_reused",
    /// `pio_in_use`: a PIO region freed while a VI is linked with it.
    PioInUse = "pio_in_use",
    /// `resources_left`: a driver handle closed while VIs, domains or memory that were made with it are left.
    ResourcesLeft = "resources_left",
    /// `stale_timestamp`: the receive timestamp of a packet that came before the last poll.
    StaleTimestamp = "stale_timestamp",
    /// `packet_unknown`: a packet id, released or asked for, that no event gave.
    PacketUnknown = "packet_unknown",
    /// `packet_released_twice`: a packet that is released again.
    PacketReleasedTwice = "packet_released_twice",
    /// `packet_after_release`: a released packet that is asked for. Reading its memory is as wrong, but is not seen.
    PacketAfterRelease = "packet_after_release",
    /// `packet_not_released`: packets that were not released when their VI is freed.
    PacketNotReleased = "packet_not_released",
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A mistake that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// Which it is.
    pub violation: Violation,
    /// The call and the numbers that are wrong.
    pub text: String,
}

/// What is done with mistakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Keep,
    Report,
    Abort,
}

/// What is checked, what is done about it, and what was found.
pub(crate) struct Checks {
    action: Action,
    allowed: Vec<Violation>,
    found: Mutex<Vec<Found>>,
    count: AtomicU64,
}

impl Checks {
    fn new(action: Action) -> Self {
        Self { action, allowed: Vec::new(), found: Mutex::default(), count: AtomicU64::new(0) }
    }

    /// Checks whose findings are kept until they are asked for.
    pub(crate) fn kept() -> Arc<Self> {
        Arc::new(Self::new(Action::Keep))
    }

    /// The checks that the environment asks for.
    pub(crate) fn asked() -> Result<Option<Arc<Self>>> {
        ASKED.clone()
    }

    /// A mistake of the program's.
    #[cold]
    pub(crate) fn report(&self, violation: Violation, text: fmt::Arguments<'_>) {
        if self.allowed.contains(&violation) {
            return;
        }
        self.count.fetch_add(1, Relaxed);
        if self.action == Action::Keep {
            let found = Found { violation, text: text.to_string() };
            self.found.lock().unwrap_or_else(PoisonError::into_inner).push(found);
            return;
        }
        eprintln!("mock-nic: {violation}: {text}");
        if self.action == Action::Abort {
            std::process::abort();
        }
    }

    /// How many were found.
    pub(crate) fn count(&self) -> u64 {
        self.count.load(Relaxed)
    }

    /// What was found since this was last asked.
    pub(crate) fn take(&self) -> Vec<Found> {
        core::mem::take(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// `EFVI_MOCK_CHECKS`: `report` or `abort`, and behind it, with commas, mistakes that are none to this program, each
/// with a `-` before its name.
fn parse(text: &str) -> core::result::Result<Checks, String> {
    let expected = |what: &str| {
        let names: Vec<_> = Violation::ALL.iter().map(|violation| violation.name()).collect();
        format!(
            "'report' or 'abort', behind it perhaps checks to leave out as in 'report,-id_reused', not '{what}'. The \
             checks: {}",
            names.join(", ")
        )
    };
    let mut items = text.split(',').map(str::trim);
    let mut checks = Checks::new(match items.next() {
        Some("report") => Action::Report,
        Some("abort") => Action::Abort,
        other => return Err(expected(other.unwrap_or_default())),
    });
    for item in items {
        let known = |name: &str| Violation::ALL.iter().find(|violation| violation.name() == name);
        let allowed = item.strip_prefix('-').and_then(known).ok_or_else(|| expected(item))?;
        checks.allowed.push(*allowed);
    }
    Ok(checks)
}

static ASKED: Lazy<Result<Option<Arc<Checks>>>> =
    Lazy::new(|| Ok(settings::read("EFVI_MOCK_CHECKS", parse)?.map(Arc::new)));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_says_what_is_done_and_what_is_left_out() {
        let checks = parse("abort,-id_reused, -two_threads").unwrap();
        assert_eq!(checks.action, Action::Abort);
        assert_eq!(checks.allowed, [Violation::IdReused, Violation::TwoThreads]);
        for bad in ["", "no", "report,id_reused", "report,-id"] {
            let error = parse(bad).err().unwrap();
            assert!(Violation::ALL.iter().all(|violation| error.contains(violation.name())), "{error}");
        }
    }

    #[test]
    fn what_is_found_is_kept_until_it_is_taken() {
        let checks = Checks::kept();
        checks.report(Violation::EmptyPush, format_args!("vi{}", 1));
        assert_eq!(checks.take(), [Found { violation: Violation::EmptyPush, text: "vi1".to_owned() }]);
        assert_eq!(checks.take(), []);
    }
}
