//! Sets of virtual interfaces, over which the adapter spreads what it receives.

use alloc::borrow::ToOwned as _;
use alloc::sync::Arc;
use core::fmt;
use core::mem::MaybeUninit;

use efvi_sys::ef_vi_set;

use crate::domain::ProtectionDomain;
use crate::driver::Driver;
use crate::error::{Errno, Error, Result};
use crate::filter::{Filter, FilterGuard, FilterId, Steer};
use crate::os::Lock;
use crate::vi::next_serial;

/// A set of virtual interfaces (`ef_vi_set_alloc_from_pd`). What a filter of the set matches is spread over the VIs by
/// receive-side scaling (RSS): the adapter hashes each frame's flow, so all frames of one flow go to one VI. The VIs can
/// be in different threads, which is what a set is for.
///
/// A clone is the same set. It is freed when the last clone and all its VIs are gone.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{Filter, ViSet, VirtualInterface};
///
/// let set = ViSet::new(&domain, 2)?;
/// let mut workers = Vec::new();
/// for _ in 0..2 {
///     let mut vi = VirtualInterface::builder().build_in(&set)?;
///     workers.push(std::thread::spawn(move || {
///         let (_tx, mut rx) = vi.split();
///         // ... post buffers and poll
///         rx.poll().is_empty()
///     }));
/// }
/// set.filter_add(&Filter::tcp_local("192.0.2.1:80".parse::<std::net::SocketAddr>()?))?;
/// # for worker in workers { assert!(worker.join().expect("no panic")); }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct ViSet {
    inner: Arc<Inner>,
}

struct Inner {
    // Set-up calls take the set as mutable: one at a time.
    raw: Lock<Raw>,
    count: usize,
    serial: u64,
    /// A handle of its own: the adapter has the set and its filters until the handle is closed.
    driver: Driver,
    // Dropped last: the library's set refers to the domain.
    domain: ProtectionDomain,
}

struct Raw(ef_vi_set);

// SAFETY: the structure points to the domain, which is kept and locked for each call; no call ties it to a thread.
unsafe impl Send for Raw {}

impl ViSet {
    /// A set of so many VIs (`ef_vi_set_alloc_from_pd`), to be made in it by
    /// [`VirtualInterfaceBuilder::build_in`](crate::VirtualInterfaceBuilder::build_in).
    ///
    /// # Errors
    /// [`Error::Set`]: the adapter has no set of this size, or none left. [`Error::DriverOpen`]: there is no handle for it.
    pub fn new(domain: &ProtectionDomain, count: usize) -> Result<Self> {
        let refused = |errno| Error::Set { interface: domain.interface().to_owned(), count, errno };
        let vis = i32::try_from(count).map_err(|_| refused(Errno::from_return(-libc::EINVAL)))?;
        let driver = domain.driver().another()?;
        let mut raw = MaybeUninit::<ef_vi_set>::zeroed();
        let code = domain.with_pd(|pd| {
            // SAFETY: there is room for a set; the handle is open, and the domain live, locked and not moved.
            unsafe { efvi_sys::ef_vi_set_alloc_from_pd(raw.as_mut_ptr(), driver.handle(), pd, domain.handle(), vis) }
        });
        if code < 0 {
            return Err(refused(Errno::from_return(code)));
        }
        // SAFETY: the call succeeded, so it filled in the structure.
        let raw = Lock::new(Raw(unsafe { raw.assume_init() }));
        Ok(ViSet { inner: Arc::new(Inner { raw, count, serial: next_serial(), driver, domain: domain.clone() }) })
    }

    /// How many VIs the set can have.
    pub fn count(&self) -> usize {
        self.inner.count
    }

    /// The protection domain that the set is in, and its VIs are.
    pub fn domain(&self) -> &ProtectionDomain {
        &self.inner.domain
    }

    /// Spreads the frames that match the filter over the set's VIs (`ef_vi_set_filter_add`), as long as the set lives or
    /// until [`filter_remove`](Self::filter_remove).
    ///
    /// # Errors
    /// [`Error::Filter`], as for a VI's filters.
    pub fn filter_add(&self, filter: &Filter) -> Result<FilterId> {
        let interface = || self.domain().interface().to_owned();
        let refused = |errno| Error::Filter { filter: *filter, interface: interface(), errno };
        let spec = filter.spec().map_err(refused)?;
        let mut cookie = MaybeUninit::zeroed();
        let code = self.with_raw(|set, handle| {
            // SAFETY: the set is live and locked, the handle open, the spec initialised, and there is room for a cookie.
            unsafe { efvi_sys::ef_vi_set_filter_add(set, handle, &spec, cookie.as_mut_ptr()) }
        });
        if code < 0 {
            return Err(refused(Errno::from_return(code)));
        }
        // SAFETY: the call succeeded, so it wrote the cookie.
        Ok(FilterId { cookie: unsafe { cookie.assume_init() }, owner: self.inner.serial })
    }

    /// Adds a filter that goes with its guard (`ef_vi_set_filter_add`, `ef_vi_set_filter_del`).
    ///
    /// # Errors
    /// As [`filter_add`](Self::filter_add).
    pub fn filter_scoped(&self, filter: &Filter) -> Result<FilterGuard<'_>> {
        Ok(FilterGuard::new(self, self.filter_add(filter)?))
    }

    /// Takes a filter away (`ef_vi_set_filter_del`). Its id is used up by this, whatever comes of it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// let set = efvi::ViSet::new(&domain, 2)?;
    /// let filter = set.filter_add(&efvi::Filter::ethertype(0x88b5))?;
    /// set.filter_remove(filter)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::ForeignFilter`]: it is not this set's. [`Error::FilterRemove`]: the adapter does not have it.
    pub fn filter_remove(&self, filter: FilterId) -> Result<()> {
        let interface = || self.domain().interface().to_owned();
        if filter.owner != self.inner.serial {
            return Err(Error::ForeignFilter { interface: interface() });
        }
        let mut cookie = filter.cookie;
        let code = self.with_raw(|set, handle| {
            // SAFETY: the set is live and locked, the handle open, and the cookie one that this set got.
            unsafe { efvi_sys::ef_vi_set_filter_del(set, handle, &mut cookie) }
        });
        if code < 0 {
            return Err(Error::FilterRemove { interface: interface(), errno: Errno::from_return(code) });
        }
        Ok(())
    }

    /// Runs a set-up call on the set, one at a time; on its domain too, which the library reaches from it.
    pub(crate) fn with_raw<R>(&self, call: impl FnOnce(*mut ef_vi_set, efvi_sys::ef_driver_handle) -> R) -> R {
        // The set before its domain, here as everywhere.
        self.inner.raw.with(|raw| {
            // SAFETY: live, and nobody else's meanwhile.
            let set = unsafe { &raw mut (*raw).0 };
            self.domain().with_pd(|_| call(set, self.inner.driver.handle()))
        })
    }
}

impl Steer for ViSet {
    fn remove(&self, filter: FilterId) -> Result<()> {
        self.filter_remove(filter)
    }
}

impl fmt::Debug for ViSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let interface = self.domain().interface();
        f.debug_struct("ViSet").field("interface", &interface).field("count", &self.count()).finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let raw = self.raw.get_mut();
        // SAFETY: the set is live, and its VIs, which held an `Arc` of this, are gone; the driver is open still, and the
        // domain there, for both are dropped after this.
        unsafe { efvi_sys::ef_vi_set_free(&mut raw.0, self.driver.handle()) };
    }
}
