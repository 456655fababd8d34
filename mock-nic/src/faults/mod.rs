//! What goes wrong, on purpose: which faults, and when.
//!
//! A fault happens on a schedule, or by chance from a seed. Chance is a function of the seed, the fault and the number
//! of the occasion, so the same seed gives the same faults whatever else is configured and however fast things go.
//!
//! [`link`] is what the wire does wrong, [`adapter`] what the adapter does. Neither is in the way of a program without
//! faults: the data path asks [`armed`], a branch on a constant until some port is given its first fault.

pub(crate) mod adapter;
mod grammar;
pub(crate) mod link;
pub(crate) mod state;

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use core::time::Duration;
use std::ops::{Range, RangeFrom};

pub use grammar::FaultsError;

/// Some port of this process has, or had, faults or a capture.
static ARMED: AtomicBool = AtomicBool::new(false);

/// False until some port of this process has faults, or is captured.
#[inline(always)]
pub(crate) fn armed() -> bool {
    ARMED.load(Relaxed)
}

/// From now on the data path looks whether its port has faults, or is captured.
pub(crate) fn arm() {
    ARMED.store(true, Relaxed);
    crate::vi::special::expect();
}

macro_rules! faults {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// A kind of fault. Each has occasions, which are counted from 1 on for each port: that is what schedules name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[repr(u8)]
        pub enum Fault {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Fault {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name in `EFVI_MOCK_FAULTS`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

faults! {
    /// `drop`: a frame that the port sends is lost.
    Drop = "drop",
    /// `duplicate`: a frame that the port sends arrives twice.
    Duplicate = "duplicate",
    /// `reorder`: a frame that the port sends is overtaken by the next one; by none if none follows within 1 ms.
    Reorder = "reorder",
    /// `corrupt`: a bit of a frame that the port sends is flipped, behind the headers if there is something, and its
    /// check sequence is wrong.
    Corrupt = "corrupt",
    /// `truncate`: a frame that the port sends loses its end, so that its check sequence is wrong. 60 bytes remain.
    Truncate = "truncate",
    /// `delay`: a frame that the port sends, and those behind it, are late by the time set; 10 µs unless told. They go
    /// at the first send or poll of their VI after that, or when it is freed; on virtual time their stamps are late.
    Delay = "delay",
    /// `link_down`: a frame that leaves or arrives finds no link, and is lost.
    LinkDown = "link_down",
    /// `no_descriptors`: a frame arrives and is lost as if no buffer were posted; on X3 and X4 as if a packet of each
    /// superbuffer were held.
    NoDescriptors = "no_descriptors",
    /// `discard:csum`: a frame arrives as `RX_DISCARD` with `CSUM_BAD`. As all discards: as `RX_MULTI_DISCARD` where events
    /// are merged, with a flag of its event in a packed stream (this reason and CRC only), as `RX_REF_DISCARD` on X3 and X4
    /// (`csum`, `crc`, `trunc` and `other`: the wrong checksum, check sequence, length, or class of frame). A reason that
    /// the VI's events can't have has no occasion there; one that the program has chosen to get delivered is delivered.
    DiscardChecksum = "discard:csum",
    /// `discard:mcast`: a frame arrives as `RX_DISCARD` with `MCAST_MISMATCH`.
    DiscardMulticast = "discard:mcast",
    /// `discard:crc`: a frame arrives as `RX_DISCARD` with `CRC_BAD`.
    DiscardCrc = "discard:crc",
    /// `discard:trunc`: a frame arrives as `RX_DISCARD` with `TRUNC`.
    DiscardTruncated = "discard:trunc",
    /// `discard:rights`: a frame arrives as `RX_DISCARD` with `RIGHTS`.
    DiscardRights = "discard:rights",
    /// `discard:ev_error`: a frame arrives as `RX_DISCARD` with `EV_ERROR`.
    DiscardEvent = "discard:ev_error",
    /// `discard:other`: a frame arrives as `RX_DISCARD` with `OTHER`.
    DiscardOther = "discard:other",
    /// `discard:inner_csum`: a frame arrives as `RX_DISCARD` with `INNER_CSUM_BAD`.
    DiscardInnerChecksum = "discard:inner_csum",
    /// `tx_error:rights`: a packet sent by DMA or PIO, on X3 and X4 any, makes a `TX_ERROR` with `RIGHTS`.
    TxErrorRights = "tx_error:rights",
    /// `tx_error:oflow`: a packet sent by DMA or PIO, on X3 and X4 any, makes a `TX_ERROR` with `OFLOW`.
    TxErrorOverflow = "tx_error:oflow",
    /// `tx_error:2big`: a packet sent by DMA or PIO, on X3 and X4 any, makes a `TX_ERROR` with `2BIG`.
    TxErrorTooBig = "tx_error:2big",
    /// `tx_error:bus`: a packet sent by DMA or PIO, on X3 and X4 any, makes a `TX_ERROR` with `BUS`.
    TxErrorBus = "tx_error:bus",
    /// `ctpio_underrun`: the writer of a CTPIO frame is too slow: a frame that cuts through is poisoned, one that is
    /// stored first does not go; its fallback sends it either way. X3 and X4 have no fallback: a frame that cuts through
    /// is poisoned, and lost.
    CtpioUnderrun = "ctpio_underrun",
    /// `evq_overflow`: an event and those behind it are lost, and the event queue is broken: `OFLOW`. On X3 and X4 frames
    /// don't come by the event queue: what was sent is lost.
    EventOverflow = "evq_overflow",
    /// `reset`: an event and those behind it are lost, as the adapter is reset: `RESET`, and nothing after it.
    Reset = "reset",
    /// `no_vi`: allocating a VI is refused with `-EBUSY`.
    NoVi = "no_vi",
    /// `no_filter`: adding a filter is refused with `-EBUSY`.
    NoFilter = "no_filter",
    /// `no_memory`: registering memory is refused with `-ENOMEM`.
    NoMemory = "no_memory",
    /// `no_pio`: allocating a PIO region is refused with `-ENOSPC`.
    NoPio = "no_pio",
    /// `clock_unset`: after a poll timestamps say neither CLOCK_SET nor CLOCK_IN_SYNC.
    ClockUnset = "clock_unset",
    /// `clock_unsync`: after a poll timestamps don't say CLOCK_IN_SYNC.
    ClockUnsynced = "clock_unsync",
    /// `clock_lost`: after a poll the event queue has lost step with the adapter's time: receive timestamps are
    /// `-EL2NSYNC` until its next time event. On X3 and X4, whose packets have their whole time with them, timestamps say
    /// neither CLOCK_SET nor CLOCK_IN_SYNC.
    ClockLost = "clock_lost",
}

impl Fault {
    const COUNT: usize = Self::ALL.len();

    /// The kind of that name.
    fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}

impl core::fmt::Display for Fault {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// Which of a fault's occasions it takes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum When {
    /// All.
    Always,
    /// Each with this probability, from 0 to 1.
    Chance(f64),
    /// The occasions of these numbers; the first is 1.
    Occasions(Range<u64>),
    /// Each that is a multiple of this.
    Every(u64),
}

impl From<f64> for When {
    fn from(probability: f64) -> Self {
        Self::Chance(probability)
    }
}

impl From<u64> for When {
    fn from(occasion: u64) -> Self {
        Self::Occasions(occasion..occasion.saturating_add(1))
    }
}

impl From<Range<u64>> for When {
    fn from(occasions: Range<u64>) -> Self {
        Self::Occasions(occasions)
    }
}

impl From<RangeFrom<u64>> for When {
    fn from(occasions: RangeFrom<u64>) -> Self {
        Self::Occasions(occasions.start..u64::MAX)
    }
}

/// The faults of a port. By default there are none.
///
/// ```
/// use mock_nic::{Fabric, Fault, Faults};
///
/// let (near, far) = Fabric::new().cable().unwrap();
/// // What near sends: one frame in ten thousand is lost, the thousandth is damaged.
/// near.set_faults(&Faults::builder().seed(7).on(Fault::Drop, 1e-4).on(Fault::Corrupt, 1000).build());
/// // The same as text, which is what the variable EFVI_MOCK_FAULTS takes.
/// near.set_faults(&"seed=7,drop=1e-4,corrupt@1000".parse().unwrap());
/// assert!(near.faults().iter().all(|&(_, count)| count == 0));
/// # drop(far);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    seed: u64,
    rules: Vec<(Fault, When)>,
    delay: Duration,
    drift: Option<i64>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { seed: 0, rules: Vec::new(), delay: Duration::from_micros(10), drift: None }
    }
}

impl Faults {
    /// Starts from no faults.
    pub fn builder() -> FaultsBuilder {
        FaultsBuilder::default()
    }

    /// How fast the clock runs away, in parts per million, if that is to change.
    pub(crate) fn drift(&self) -> Option<i64> {
        self.drift
    }
}

/// Makes [`Faults`].
#[derive(Clone, Debug, Default)]
pub struct FaultsBuilder(Faults);

impl FaultsBuilder {
    /// What chance starts from; 0 unless told.
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.seed = seed;
        self
    }

    /// Adds a fault: by chance (`1e-4`), at one occasion (`1000`), at some (`5..8`, `5..`), or as [`When`] says. A
    /// fault that is added more than once happens whenever one of them says so.
    pub fn on(mut self, fault: Fault, when: impl Into<When>) -> Self {
        self.0.rules.push((fault, when.into()));
        self
    }

    /// How late [`Fault::Delay`] makes frames; 10 µs unless told.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.0.delay = delay;
        self
    }

    /// How fast the port's clock runs away from here on, in parts per million; it stays as it is unless told.
    pub fn drift(mut self, parts_per_million: i64) -> Self {
        self.0.drift = Some(parts_per_million);
        self
    }

    /// The faults.
    pub fn build(self) -> Faults {
        self.0
    }
}
