//! Making a virtual interface as its builder says.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::ptr::{self, NonNull};

use efvi_sys::ef_vi;

use crate::capability::Capability;
use crate::domain::{PdFlags, ProtectionDomain};
use crate::error::{Errno, Error, Result, Ring, vi_hint};
use crate::release;
use crate::set::ViSet;

use super::super::events::EventQueue;
use super::super::interface::longest_frame;
use super::super::rx::{Holding, RxRing};
use super::super::tx::TxRing;
use super::super::{Inner, VirtualInterface, next_serial};
use super::{TxPush, VirtualInterfaceBuilder};

/// Where a VI is made, beside its domain.
#[derive(Clone, Copy, Default)]
pub(in crate::vi) struct Place<'a> {
    /// In this set, at this place or, below 0, at any.
    pub(in crate::vi) set: Option<(&'a ViSet, i32)>,
    /// On the event queue of this VI.
    pub(in crate::vi) queue: Option<&'a Inner>,
    /// With an event queue alone.
    pub(in crate::vi) no_rings: bool,
}

impl VirtualInterfaceBuilder {
    /// Makes the VI, and gives the number that events on its queue have for it.
    pub(in crate::vi) fn build_as(
        self,
        domain: &ProtectionDomain,
        place: Place<'_>,
    ) -> Result<(VirtualInterface, i32)> {
        if self.packed_stream.is_some() {
            self.check_stream(domain, &place)?;
        }
        let rx_capacity = if place.no_rings { 0 } else { capacity(Ring::Receive, self.rx_capacity)? };
        let tx_capacity = if place.no_rings { 0 } else { capacity(Ring::Transmit, self.tx_capacity)? };
        let event_capacity = if place.queue.is_some() { 0 } else { capacity(Ring::Event, self.event_capacity)? };
        // The handle serves wake-ups of one VI only.
        let driver = domain.driver().another()?;
        let handle = driver.handle();
        let (queue_vi, queue_handle) = place.queue.map_or((ptr::null_mut(), -1), |owner| (owner.vi(), owner.handle()));
        let (flags, flag_names) = self.flags();

        // The VI is made where it stays: the library keeps pointers into it.
        let memory = Box::leak(Box::<Inner>::new_uninit());
        let inner = NonNull::from(&mut *memory).cast::<Inner>();
        // SAFETY: within the box; the cell's contents are what is at its address.
        let vi = UnsafeCell::raw_get(unsafe { &raw const (*inner.as_ptr()).vi }).cast::<ef_vi>();
        let give_up = |error| {
            // SAFETY: the box just made, of which nothing that needs dropping is initialised.
            drop(unsafe { Box::from_raw(inner.as_ptr().cast::<MaybeUninit<Inner>>()) });
            Err(error)
        };
        // SAFETY: room for the structure, not initialised yet.
        unsafe { vi.write_bytes(0, 1) };
        let sizes = (event_capacity, rx_capacity, tx_capacity);
        let code = match place.set {
            None => domain.with_pd(|pd| {
                // SAFETY: `vi` is where the VI stays, zeroed; the handles are open, the domain live and locked; there is
                // no VI whose event queue is used, or it is live, and this its only thread.
                unsafe {
                    efvi_sys::ef_vi_alloc_from_pd(
                        vi,
                        handle,
                        pd,
                        domain.handle(),
                        sizes.0,
                        sizes.1,
                        sizes.2,
                        queue_vi,
                        queue_handle,
                        flags,
                    )
                }
            }),
            Some((set, index)) => set.with_raw(|set, set_handle| {
                // SAFETY: as above, for a set that is live and locked, with its domain.
                unsafe {
                    efvi_sys::ef_vi_alloc_from_set(
                        vi,
                        handle,
                        set,
                        set_handle,
                        index,
                        sizes.0,
                        sizes.1,
                        sizes.2,
                        queue_vi,
                        queue_handle,
                        flags,
                    )
                }
            }),
        };
        if code < 0 {
            let interface = domain.interface().to_owned();
            let call = if place.set.is_some() { "ef_vi_alloc_from_set" } else { "ef_vi_alloc_from_pd" };
            let errno = Errno::from_return(code);
            let hint = vi_hint(errno, &flag_names);
            return give_up(Error::VirtualInterface { call, interface, flags: flag_names, errno, hint });
        }

        // SAFETY: the VI was made by the call above, and this is its only thread.
        let (architecture, has_ctpio, mtu, rx_ring, tx_ring, buffer_length, prefix) = unsafe {
            (
                u32::from((*vi).nic_type.arch),
                (*vi).ops.transmitv_ctpio.is_some() && (*vi).ops.transmit_ctpio_fallback.is_some(),
                longest_frame(efvi_sys::ef_vi_mtu(vi, handle)),
                efvi_sys::ef_vi_receive_capacity(vi),
                efvi_sys::ef_vi_transmit_capacity(vi),
                efvi_sys::ef_vi_receive_buffer_len(vi),
                efvi_sys::ef_vi_receive_prefix_len(vi),
            )
        };
        let by_reference = release::receives_by_reference(architecture);
        let interface = || domain.interface().to_owned();
        let refusal = if architecture != efvi_sys::EF_VI_ARCH_EF10 && !by_reference {
            Some(Error::Adapter { interface: interface(), architecture })
        } else if self.ctpio.is_some() && !has_ctpio {
            // The macros would call what is not there.
            let errno = Errno::from_return(-libc::EOPNOTSUPP);
            let call = "ef_vi_alloc_from_pd";
            let hint = vi_hint(errno, &flag_names);
            Some(Error::VirtualInterface { call, interface: interface(), flags: flag_names, errno, hint })
        } else if let Err(code) = mtu {
            Some(Error::Query { call: "ef_vi_mtu", interface: interface(), errno: Errno::from_return(code) })
        } else {
            None
        };
        if let Some(error) = refusal {
            // SAFETY: live, and used no more.
            if unsafe { efvi_sys::ef_vi_free(vi, handle) } < 0 {
                // The library may still reach it: leak the box, and the domain with it.
                core::mem::forget((domain.clone(), driver));
                return Err(error);
            }
            return give_up(error);
        }
        // An error has been one of the refusals.
        let mtu = mtu.unwrap_or_default();
        if let TxPush::Below(threshold) = self.tx_push {
            // SAFETY: the VI is live and this its only thread.
            unsafe { efvi_sys::ef_vi_set_tx_push_threshold(vi, threshold) };
        }

        // What a ring holds is one less than its size, which is what the slots are made for.
        let slots = |holds: i32| holds.max(0) as u32 + 1;
        // SAFETY: the other fields, each written once, which makes the whole initialised.
        unsafe {
            let self_ptr = inner;
            let inner = inner.as_ptr();
            (&raw mut (*inner).domain_id).write(domain.id());
            // Where nothing is posted, every send is written through.
            let ctpio = match self.ctpio {
                _ if by_reference => u32::MAX,
                Some(_) => LONGEST_CTPIO,
                None => 0,
            };
            (&raw mut (*inner).tx).write(TxRing::new(slots(tx_ring), self.event_batch, mtu, ctpio));
            let prefix = prefix.max(0) as u32;
            (&raw mut (*inner).rx).write(if by_reference {
                // A member's references could not be told from the queue's poll, which is what releases them.
                let holding = place.queue.is_none().then(|| Holding::new(rx_ring.clamp(0, MOST_HELD) as u32, self_ptr));
                RxRing::by_reference(prefix, holding, release::polls_received_alone(vi))
            } else {
                // A stream's buffers are its own.
                let stream = self.packed_stream.is_some();
                let (holds, length) =
                    if stream { (0, u32::MAX) } else { (rx_ring.max(0) as u32, buffer_length.max(0) as u32) };
                RxRing::new(holds, length, prefix)
            });
            // A member's events are in the batch of the queue that it shares.
            let batch = if place.queue.is_some() { 0 } else { self.event_batch };
            (&raw mut (*inner).events).write(EventQueue::new(batch));
            (&raw mut (*inner).serial).write(next_serial());
            (&raw mut (*inner).driver).write(driver);
            (&raw mut (*inner).set).write(place.set.map(|(set, _)| set.clone()));
            (&raw mut (*inner).domain).write(domain.clone());
        }
        let vi = VirtualInterface { inner };
        if let Some((number, bytes)) = self.alternatives {
            vi.make_alternatives(number, bytes)?;
        }
        if let Some((size, buffers)) = self.packed_stream {
            vi.inner().start_stream(size, buffers)?;
        }
        Ok((vi, code))
    }

    /// Refuses a packed stream that can't be, before the library does, which would not say why.
    fn check_stream(&self, domain: &ProtectionDomain, place: &Place<'_>) -> Result<()> {
        let interface = || domain.interface().to_owned();
        if domain.capability(Capability::PackedStream)?.is_none() {
            return Err(Error::Lacks { capability: Capability::PackedStream, interface: interface() });
        }
        let problem = if !domain.flags().contains(PdFlags::PACKED_STREAM) {
            "the protection domain is not for it; open it with `PdFlags::PACKED_STREAM`"
        } else if self.merge_events {
            "it merges events by itself; leave `merge_events` out"
        } else if place.queue.is_some() {
            "it needs an event queue of its own; build the virtual interface without the shared one"
        } else {
            return Ok(());
        };
        Err(Error::PackedStream { interface: interface(), problem })
    }
}

/// The longest frame by CTPIO where it is written to a page from its begin on, behind 4 bytes of a header.
const LONGEST_CTPIO: u32 = 4096 - 4;

/// The most packets of the adapter's own memory that are held at a time, whatever there is room for.
const MOST_HELD: i32 = 1 << 16;

/// The capacity as the library takes it, -1 for its default.
fn capacity(ring: Ring, requested: Option<u32>) -> Result<i32> {
    const MAX: u32 = 1 << 30;
    let Some(requested) = requested else {
        return Ok(-1);
    };
    if (2..=MAX).contains(&requested) && requested.is_power_of_two() {
        return Ok(requested as i32);
    }
    let above = requested.clamp(2, MAX).next_power_of_two();
    let below = above / 2;
    let nearest = if below >= 2 && requested.abs_diff(below) < requested.abs_diff(above) { below } else { above };
    Err(Error::Capacity { ring, requested, nearest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_capacity_is_a_power_of_two_or_the_default() {
        assert!(matches!(capacity(Ring::Receive, None), Ok(-1)));
        assert!(matches!(capacity(Ring::Receive, Some(512)), Ok(512)));
        for (asked, expected) in [(0, 2), (1, 2), (3, 4), (500, 512), (600, 512), (800, 1024), (u32::MAX, 1 << 30)] {
            match capacity(Ring::Transmit, Some(asked)) {
                Err(Error::Capacity { ring: Ring::Transmit, requested, nearest }) => {
                    assert_eq!((requested, nearest), (asked, expected));
                }
                other => panic!("{asked}: {other:?}"),
            }
        }
    }
}
