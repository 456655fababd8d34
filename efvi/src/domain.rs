//! The protection domain: which memory a virtual interface may reach, on which interface.

use alloc::borrow::ToOwned as _;
use alloc::ffi::CString;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::ffi::CStr;
use core::fmt;
use core::mem::MaybeUninit;

use bitflags::bitflags;
use efvi_sys::{ef_driver_handle, ef_pd};

use crate::capability::{Capabilities, Capability};
use crate::driver::Driver;
use crate::error::{Errno, Error, Result};
use crate::os::Lock;
use crate::release;

bitflags! {
    /// What a protection domain is for (`ef_pd_flags`).
    ///
    /// ```
    /// use efvi::{Driver, PdFlags, ProtectionDomain};
    ///
    /// # fn main() -> efvi::Result<()> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// let flags = PdFlags::MULTICAST_LOOP;
    /// let domain = ProtectionDomain::builder().flags(flags).open(&Driver::open()?, port.name())?;
    /// # Ok(())
    /// # }
    /// ```
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct PdFlags: u32 {
        /// Use a virtual function of the adapter (`EF_PD_VF`).
        const VIRTUAL_FUNCTION = efvi_sys::EF_PD_VF;
        /// Give the adapter physical addresses, which spares it a look-up (`EF_PD_PHYS_MODE`). The administrator must
        /// allow it.
        const PHYSICAL_ADDRESSES = efvi_sys::EF_PD_PHYS_MODE;
        /// VIs in the domain receive packed streams (`EF_PD_RX_PACKED_STREAM`).
        const PACKED_STREAM = efvi_sys::EF_PD_RX_PACKED_STREAM;
        /// Multicast that is sent loops back to the domain's own interfaces (`EF_PD_MCAST_LOOP`).
        const MULTICAST_LOOP = efvi_sys::EF_PD_MCAST_LOOP;
        /// Memory is registered in pages of 64 KiB at least (`EF_PD_MEMREG_64KiB`).
        const MEMORY_64KIB = efvi_sys::EF_PD_MEMREG_64KiB;
        /// Use the interface though the administrator has excluded it from Onload (`EF_PD_IGNORE_BLACKLIST`).
        const IGNORE_EXCLUSION = efvi_sys::EF_PD_IGNORE_BLACKLIST;
        /// Use the express datapath of an X4, which is as an X3's: sends are written through, packets are received into
        /// the adapter's own memory (`EF_PD_EXPRESS`, `EF_PD_LLCT` before Onload 9.1.0). Since Onload 9.0.1.
        #[cfg(onload_since = "9.0.1")]
        const EXPRESS = release::PD_EXPRESS;
    }
}

/// A protection domain on one interface (`ef_pd_alloc`): the memory registered in it can be used by the virtual
/// interfaces made in it, and by no others.
///
/// A clone is the same domain. It is freed when the last clone and all pools and virtual interfaces in it are gone.
///
/// ```
/// use efvi::{Driver, ProtectionDomain};
///
/// # fn main() -> efvi::Result<()> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let interface = port.name();
/// let domain = ProtectionDomain::open(&Driver::open()?, interface)?;
/// assert_eq!(domain.interface(), interface);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ProtectionDomain {
    inner: Arc<Inner>,
}

struct Inner {
    // Set-up calls take the domain as mutable: one at a time.
    pd: Lock<Pd>,
    /// A handle of its own: the driver has the domain until the handle is closed.
    own: Driver,
    driver: Driver,
    interface: String,
    flags: PdFlags,
}

struct Pd(ef_pd);

// SAFETY: the structure's pointers are to memory that it owns; no call ties it to a thread.
unsafe impl Send for Pd {}

impl ProtectionDomain {
    /// A domain on the interface of this name, with default flags (`ef_pd_alloc_by_name`).
    ///
    /// The name can be that of a cluster too, which `solar_clusterd` has set up: VIs of all processes that name it share
    /// its filters, and each gets a part of the flows.
    ///
    /// # Errors
    /// [`Error::Interface`] when there is no such interface, it is not an adapter's, or this user may not use it.
    /// [`Error::DriverOpen`] when there is no handle for it: each domain has one of its own.
    pub fn open(driver: &Driver, interface: &str) -> Result<Self> {
        Self::builder().open(driver, interface)
    }

    /// For a domain with other than default flags, or by interface index.
    pub fn builder() -> ProtectionDomainBuilder {
        ProtectionDomainBuilder::default()
    }

    /// The name of the interface (`ef_pd_interface_name`).
    pub fn interface(&self) -> &str {
        &self.inner.interface
    }

    /// What the adapter says of a capability (`ef_pd_capabilities_get`): its value, `None` where it lacks it.
    ///
    /// # Errors
    /// [`Error::Capability`] when the driver can't answer.
    pub fn capability(&self, capability: Capability) -> Result<Option<u64>> {
        let mut value = 0;
        let handle = self.handle();
        let code = self.with_pd(|pd| {
            // SAFETY: the handle is open, the domain live and locked, `value` a live variable.
            unsafe { release::capability(handle, pd, capability.raw(), &mut value) }
        });
        capability.answer(code, value, self.interface())
    }

    /// What the adapter says of all capabilities: [`capability`](Self::capability) for each, once.
    ///
    /// # Errors
    /// As [`capability`](Self::capability).
    pub fn capabilities(&self) -> Result<Capabilities> {
        Capabilities::query(|capability| self.capability(capability))
    }

    /// The flags that the domain was opened with.
    pub fn flags(&self) -> PdFlags {
        self.inner.flags
    }

    /// The driver that the domain was opened with.
    pub fn driver(&self) -> &Driver {
        &self.inner.driver
    }

    /// The pages that the adapter wants memory in, in bytes (`EF_VI_CAP_MIN_BUFFER_MODE_SIZE`).
    pub(crate) fn memory_page(&self) -> usize {
        const PAGE: usize = crate::memory::PAGE;
        /// What domains with either flag take.
        const LARGE_PAGE: usize = 64 << 10;
        let mut value = 0;
        let handle = self.handle();
        let code = self.with_pd(|pd| {
            // SAFETY: the handle is open, the domain live and locked, `value` a live variable.
            unsafe { release::capability(handle, pd, efvi_sys::EF_VI_CAP_MIN_BUFFER_MODE_SIZE, &mut value) }
        });
        // A driver that can't say has adapters that take the usual ones.
        let asked = usize::try_from(value).ok().filter(|bytes| code >= 0 && bytes.is_power_of_two());
        let large = self.flags().intersects(PdFlags::PACKED_STREAM | PdFlags::MEMORY_64KIB);
        asked.unwrap_or(PAGE).max(if large { LARGE_PAGE } else { PAGE })
    }

    pub(crate) fn handle(&self) -> ef_driver_handle {
        self.inner.own.handle()
    }

    /// Runs a set-up call on the domain, one at a time.
    pub(crate) fn with_pd<R>(&self, call: impl FnOnce(*mut ef_pd) -> R) -> R {
        self.inner.pd.with(|pd| {
            // SAFETY: the pointer is to the domain, within which its structure lies.
            call(unsafe { &raw mut (*pd).0 })
        })
    }

    /// A number that no other live domain has.
    pub(crate) fn id(&self) -> usize {
        Arc::as_ptr(&self.inner).addr()
    }
}

impl fmt::Debug for ProtectionDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProtectionDomain").field("interface", &self.interface()).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // SAFETY: the domain is live; the pools and VIs in it held an `Arc` of this, so they are gone; the driver is
        // still open, for `self.own` is dropped after this.
        unsafe { efvi_sys::ef_pd_free(&mut self.pd.get_mut().0, self.own.handle()) };
    }
}

/// Sets up a [`ProtectionDomain`].
///
/// ```
/// use efvi::{Driver, PdFlags, ProtectionDomain};
///
/// # fn main() -> efvi::Result<()> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let index = port.ifindex() as u32;
/// let domain = ProtectionDomain::builder().flags(PdFlags::MULTICAST_LOOP).open_index(&Driver::open()?, index)?;
/// println!("on {}", domain.interface());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use = "a builder does nothing until `open`"]
pub struct ProtectionDomainBuilder {
    flags: PdFlags,
    vport: Option<Option<u16>>,
}

impl ProtectionDomainBuilder {
    /// The domain's flags; none by default.
    pub fn flags(mut self, flags: PdFlags) -> Self {
        self.flags = flags;
        self
    }

    /// Makes the domain on a virtual port of the interface, in this VLAN or, with `None`, in none
    /// (`ef_pd_alloc_with_vport`): its VIs see and send frames without the tag. The interface is given by its name then.
    ///
    /// ```
    /// use efvi::{Driver, Error, ProtectionDomain};
    ///
    /// # fn main() -> efvi::Result<()> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let interface = port.name();
    /// match ProtectionDomain::builder().virtual_port(Some(7)).open(&Driver::open()?, interface) {
    ///     Ok(domain) => println!("in VLAN 7 of {}", domain.interface()),
    ///     Err(Error::Interface { errno, .. }) => println!("no virtual ports: {errno}"), // as on the mock
    ///     Err(other) => return Err(other),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn virtual_port(mut self, vlan: Option<u16>) -> Self {
        self.vport = Some(vlan);
        self
    }

    /// Makes the domain on the interface of this name (`ef_pd_alloc_by_name`).
    ///
    /// # Errors
    /// As [`ProtectionDomain::open`].
    pub fn open(self, driver: &Driver, interface: &str) -> Result<ProtectionDomain> {
        let name = match CString::new(interface) {
            Ok(name) if !interface.is_empty() => name,
            _ => {
                return Err(Error::InterfaceName { interface: interface.to_owned() });
            }
        };
        let vport = self.vport;
        self.finish(driver, interface.to_owned(), |pd, handle, flags| match vport {
            // SAFETY: `pd` points to memory for a domain, the handle is open, the name ends in NUL.
            None => unsafe { efvi_sys::ef_pd_alloc_by_name(pd, handle, name.as_ptr(), flags) },
            Some(vlan) => {
                let vlan = vlan.map_or(efvi_sys::EF_PD_VLAN_NONE, i32::from);
                // SAFETY: as above.
                unsafe { efvi_sys::ef_pd_alloc_with_vport(pd, handle, name.as_ptr(), flags, vlan) }
            }
        })
    }

    /// Makes the domain on the interface of this index (`ef_pd_alloc`).
    ///
    /// # Errors
    /// As [`ProtectionDomain::open`].
    pub fn open_index(self, driver: &Driver, ifindex: u32) -> Result<ProtectionDomain> {
        let label = format!("with index {ifindex}");
        let Ok(index) = i32::try_from(ifindex) else {
            return Err(Error::Interface { interface: label, errno: Errno::from_return(-libc::ENODEV) });
        };
        if self.vport.is_some() {
            // The library makes virtual ports by name only.
            return Err(Error::Interface { interface: label, errno: Errno::from_return(-libc::EINVAL) });
        }
        self.finish(driver, label, |pd, handle, flags| {
            // SAFETY: `pd` points to memory for a domain and the handle is open.
            unsafe { efvi_sys::ef_pd_alloc(pd, handle, index, flags) }
        })
    }

    fn finish(
        self,
        driver: &Driver,
        label: String,
        alloc: impl FnOnce(*mut ef_pd, ef_driver_handle, efvi_sys::ef_pd_flags) -> i32,
    ) -> Result<ProtectionDomain> {
        let mut pd = MaybeUninit::<ef_pd>::zeroed();
        let own = driver.another()?;
        let code = alloc(pd.as_mut_ptr(), own.handle(), self.flags.bits());
        if code < 0 {
            return Err(Error::Interface { interface: label, errno: Errno::from_return(code) });
        }
        // SAFETY: the call succeeded, so it filled in the structure.
        let mut pd = unsafe { pd.assume_init() };
        // SAFETY: the domain is live.
        let name = unsafe { efvi_sys::ef_pd_interface_name(&mut pd) };
        let interface = if name.is_null() {
            label
        } else {
            // SAFETY: not null, so a C string of the domain, which is live.
            unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
        };
        Ok(ProtectionDomain {
            inner: Arc::new(Inner { pd: Lock::new(Pd(pd)), own, driver: driver.clone(), interface, flags: self.flags }),
        })
    }
}
