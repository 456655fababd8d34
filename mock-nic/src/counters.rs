//! What a VI's side of the adapter has counted.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A VI's counters. The thread that uses the VI counts; any may read.
        #[derive(Default)]
        pub(crate) struct Cells {
            $(pub(crate) $name: Counter,)+
        }

        /// A reading of the counters: of a VI, or of a port, whose VIs' are added up.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[repr(C)]
        #[non_exhaustive]
        pub struct Counters {
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        impl Cells {
            /// The counters now.
            pub(crate) fn read(&self) -> Counters {
                Counters { $($name: self.$name.0.load(Relaxed),)+ }
            }

            /// Sets all to 0.
            pub(crate) fn clear(&self) {
                $(self.$name.0.store(0, Relaxed);)+
            }
        }

        impl Counters {
            /// The counters' names with a final 0, in the order in which they lie in memory, each 8 bytes.
            pub(crate) const NAMES: &[&core::ffi::CStr] =
                // Made of the fields' names, which hold no 0.
                &[$(match core::ffi::CStr::from_bytes_with_nul(concat!(stringify!($name), "\0").as_bytes()) {
                    Ok(name) => name,
                    Err(_) => unreachable!(),
                },)+];
        }

        impl Counters {
            /// Each counter's name and value.
            pub fn named(&self) -> impl Iterator<Item = (&'static str, u64)> + use<> {
                [$((stringify!($name), self.$name),)+].into_iter()
            }
        }

        impl core::ops::AddAssign for Counters {
            fn add_assign(&mut self, other: Self) {
                $(self.$name += other.$name;)+
            }
        }
    };
}

/// One count. It has one writer, so that counting needs no locked instruction.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    /// Counts `n` more.
    #[inline]
    pub(crate) fn add(&self, n: u64) {
        self.0.store(self.0.load(Relaxed) + n, Relaxed);
    }
}

counters! {
    /// Frames put on the wire.
    tx_frames,
    /// Their bytes, without FCS.
    tx_bytes,
    /// Frames put on the wire that no VI's filter took.
    tx_unclaimed,
    /// Sends whose first descriptor was pushed with the doorbell.
    tx_pushes,
    /// Sends that rang the doorbell alone, so that the adapter fetched the descriptor.
    tx_doorbells,
    /// Frames sent by CTPIO that cut through: on the wire before they were written whole.
    tx_ctpio_cut_through,
    /// Frames sent by CTPIO, stored and forwarded.
    tx_ctpio_store_and_forward,
    /// Frames written to the CTPIO aperture that went by their fallback.
    tx_ctpio_fallbacks,
    /// Pushes with nothing new: the doorbell was rung for nothing, which a program must not do.
    tx_empty_pushes,
    /// Packets sent from the PIO region.
    tx_pio,
    /// Packets that waited in a stopped TX alternative.
    tx_alt_buffered,
    /// Packets that a TX alternative dropped, as it was told.
    tx_alt_discarded,
    /// Packets sent to a stopped TX alternative that were lost because the buffers were full.
    tx_alt_overruns,
    /// Changes of a TX alternative's state before its `TX_ALT` events were all polled, which a program must not make.
    tx_alt_hasty,
    /// Packets dropped because they are neither TCP nor UDP, as `EF_VI_TX_TCPUDP_ONLY` asks.
    tx_filtered,
    /// Sends refused by the adapter: each raised a `TX_ERROR`.
    tx_errors,
    /// Frames delivered into posted buffers, discards included.
    rx_frames,
    /// Their bytes, without FCS.
    rx_bytes,
    /// Frames delivered as discards.
    rx_discards,
    /// Frames with a wrong check sequence.
    rx_crc_errors,
    /// Frames shorter than they say.
    rx_length_errors,
    /// Frames for the rest of which there was no buffer.
    rx_aborts,
    /// Frames lost because no buffer was posted, or the event queue had overflowed.
    rx_no_descriptor,
    /// Frames that a fault kept off the wire: dropped, or without link.
    tx_faulted,
    /// Arriving frames that a fault took off the wire: without link.
    rx_faulted,
    /// Frames lost on the wire: the VI was not polled in time, or there was no memory for a ring from their sender.
    rx_overruns,
    /// Events lost because the event queue was full.
    ev_overflows,
    /// Packets given to a transmit ring that an error or a reset had stopped: lost, without an event.
    tx_dead,
    /// Frames that were received, or on their way to the VI, and that no event told of: lost in a reset or an overflow, or
    /// with a VI that was freed. Those that a VI left on the wire are counted by the one that gets its place.
    rx_abandoned,
    /// Of an interface of the machine: frames read from the application's memory without a copy of this library's.
    tx_in_place,
    /// The same: frames copied on their way out.
    tx_copied,
    /// The same: frames that the interface did not take although it has a link: it was full.
    tx_refused,
    /// The same: frames sent while the interface was down, or had nobody at its other end, or had gone.
    tx_no_link,
    /// The same: frames longer than the interface's MTU allows, which was lowered after the VI was allocated.
    tx_too_long,
    /// The same: frames written into the posted buffer itself.
    rx_in_place,
    /// The same: frames copied into the posted buffer.
    rx_copied,
    /// The same: frames longer than the port's, as the kernel makes of several TCP segments; they are lost.
    rx_too_long,
    /// Of the frames in place those that the driver moved itself, in AF_XDP's zero-copy mode.
    zero_copies,
    /// Of an interface of the machine: system calls that sends and polls made.
    system_calls,
    /// Timestamps of arrivals that the driver took.
    rx_stamped_by_driver,
    /// The same by the kernel.
    rx_stamped_by_kernel,
    /// The same by this library, when it found the frame.
    rx_stamped_late,
    /// How often the interface went down or came up, had its MTU changed, or went away.
    link_changes,
}
