//! Memory registered with protection domains.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use efvi_sys::{ef_addr, ef_memreg};

use crate::domain::ProtectionDomain;
use crate::error::{Errno, Error, Result};

use super::given::PacketMemory;

/// Memory, and where the adapter of each domain finds it.
pub(super) struct Registered {
    base: NonNull<u8>,
    length: usize,
    /// One at least; no two of one domain.
    registrations: Vec<Registration>,
    /// Taken out when the registrations are gone, and not if one stays.
    memory: Option<Box<dyn PacketMemory>>,
}

// SAFETY: the memory and the domains can go to any thread, and the library's structure of a registration is plain data.
unsafe impl Send for Registered {}

struct Registration {
    raw: ef_memreg,
    domain: ProtectionDomain,
}

impl Registered {
    /// Registers memory with each of these domains (`ef_memreg_alloc`): one at least.
    pub(super) fn new(mut memory: Box<dyn PacketMemory>, domains: &[&ProtectionDomain]) -> Result<Self> {
        let region = memory.region();
        let mut registered = Registered {
            base: region.cast(),
            length: region.len(),
            registrations: Vec::with_capacity(domains.len()),
            memory: Some(memory),
        };
        for domain in domains {
            // A failure drops what there is so far.
            if registered.dma(domain.id(), 0).is_none() {
                let raw = register(domain, registered.base, registered.length)?;
                registered.registrations.push(Registration { raw, domain: (*domain).clone() });
            }
        }
        Ok(registered)
    }

    pub(super) fn base(&self) -> NonNull<u8> {
        self.base
    }

    pub(super) fn domains(&self) -> impl ExactSizeIterator<Item = &ProtectionDomain> {
        self.registrations.iter().map(|registration| &registration.domain)
    }

    /// Where the adapter of a domain finds the byte at this offset, which is below the memory's length; `None` if the
    /// memory is not registered there.
    #[inline]
    pub(super) fn dma(&self, domain: usize, offset: usize) -> Option<ef_addr> {
        debug_assert!(offset < self.length);
        let registration = self.registrations.iter().find(|registration| registration.domain.id() == domain)?;
        // SAFETY: the registration covers the memory, so this offset too; the call only reads.
        Some(unsafe { efvi_sys::ef_memreg_dma_addr((&raw const registration.raw).cast_mut(), offset) })
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        for registration in &mut self.registrations {
            // SAFETY: registered with this handle, which the domain keeps open.
            let code = unsafe { efvi_sys::ef_memreg_free(&mut registration.raw, registration.domain.handle()) };
            if code < 0 {
                // The adapter may still reach the memory: leak it rather than let it be reused.
                core::mem::forget(self.memory.take());
            }
        }
    }
}

fn register(domain: &ProtectionDomain, base: NonNull<u8>, bytes: usize) -> Result<ef_memreg> {
    let mut registration = MaybeUninit::<ef_memreg>::zeroed();
    let handle = domain.handle();
    let base = base.as_ptr().cast();
    let code = domain.with_pd(|pd| {
        // SAFETY: the handle is open, the domain live and locked, and the memory mapped at least until the
        // registration is given up.
        unsafe { efvi_sys::ef_memreg_alloc(registration.as_mut_ptr(), handle, pd, handle, base, bytes) }
    });
    if code < 0 {
        let interface = domain.interface().to_owned();
        return Err(Error::Register { interface, bytes, errno: Errno::from_return(code) });
    }
    // SAFETY: the call succeeded, so it filled in the structure.
    Ok(unsafe { registration.assume_init() })
}
