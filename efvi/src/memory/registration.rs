//! Memory registered with protection domains.

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

use efvi_sys::{ef_addr, ef_memreg};

use crate::domain::ProtectionDomain;
use crate::driver::Driver;
use crate::error::{Errno, Error, Result};

use super::given::PacketMemory;

/// Memory, and where the adapter of each domain finds it.
pub(super) struct Registered {
    base: NonNull<u8>,
    length: usize,
    /// One at least; no two of one domain.
    registrations: Vec<Registration>,
    /// Dropped when the registrations are gone, and not if one stays.
    memory: Option<Box<dyn PacketMemory>>,
}

// SAFETY: the memory and the domains can go to any thread, and the library's structure of a registration is plain data.
unsafe impl Send for Registered {}

struct Registration {
    raw: ef_memreg,
    /// A handle of its own: the adapter has the memory until the handle is closed, whatever else is freed.
    driver: Driver,
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
                let registration = register(domain, registered.base, registered.length)?;
                registered.registrations.push(registration);
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
            // It frees the library's table; the close of the handle, after this, is what takes the memory from the adapter.
            // SAFETY: registered with this handle, which is open.
            let code = unsafe { efvi_sys::ef_memreg_free(&mut registration.raw, registration.driver.handle()) };
            if code < 0 {
                // The adapter may still reach the memory: leak it rather than let it be reused.
                core::mem::forget(self.memory.take());
            }
        }
    }
}

fn register(domain: &ProtectionDomain, base: NonNull<u8>, bytes: usize) -> Result<Registration> {
    let mut registration = MaybeUninit::<ef_memreg>::zeroed();
    let driver = domain.driver().another()?;
    let (handle, domain_handle) = (driver.handle(), domain.handle());
    let base = base.as_ptr().cast();
    let code = domain.with_pd(|pd| {
        // SAFETY: the handles are open, the domain live and locked, and the memory mapped at least until the
        // registration is given up.
        unsafe { efvi_sys::ef_memreg_alloc(registration.as_mut_ptr(), handle, pd, domain_handle, base, bytes) }
    });
    if code < 0 {
        let interface = domain.interface().to_owned();
        return Err(Error::Register { interface, bytes, errno: Errno::from_return(code) });
    }
    // SAFETY: the call succeeded, so it filled in the structure.
    let raw = unsafe { registration.assume_init() };
    Ok(Registration { raw, driver, domain: domain.clone() })
}
