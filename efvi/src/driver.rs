//! The handle of the driver.

use alloc::format;
use alloc::sync::{Arc, Weak};
use core::fmt;
#[cfg(feature = "std")]
use std::os::fd::BorrowedFd;

use efvi_sys::ef_driver_handle;

use crate::capability::Capabilities;
use crate::domain::PdFlags;
use crate::error::{Errno, Error, Result};
use crate::library::Library;
use crate::release;

/// An open driver (`ef_driver_open`), closed when the last clone and all that was made from it are gone.
///
/// ```
/// # fn main() -> efvi::Result<()> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let index = port.ifindex() as u32;
/// use efvi::{Capability, Driver, PdFlags};
///
/// let driver = Driver::open()?;
/// println!("ef_vi {}", driver.library());
/// if driver.capabilities(index, PdFlags::empty())?.has(Capability::RxTimestamps) {
///     println!("interface {index} has hardware timestamps");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Driver {
    inner: Arc<Inner>,
}

struct Inner {
    handle: ef_driver_handle,
    library: Library,
}

impl Driver {
    /// Opens the driver (`ef_driver_open`), once the library is found to be of the release that the program was built
    /// for. A file descriptor, and a system call.
    ///
    /// # Errors
    /// [`Error::Library`] when the library is of another release.
    /// [`Error::DriverOpen`] when the driver is not loaded or this user may not open it.
    pub fn open() -> Result<Self> {
        let library = Library::check()?;
        Ok(Driver { inner: Arc::new(Inner { handle: open()?, library }) })
    }

    /// The library that the program runs with.
    pub fn library(&self) -> &Library {
        &self.inner.library
    }

    /// What the adapter behind the interface of this index can do, for a domain with these flags, without making one
    /// (`ef_vi_capabilities_get_from_pd_flags`; before Onload 9.1.0 `ef_vi_capabilities_get`, whatever the flags).
    /// The indices are `ip link`'s.
    ///
    /// # Errors
    /// [`Error::Capability`]: there is no such interface, or the driver can't answer.
    pub fn capabilities(&self, ifindex: u32, flags: PdFlags) -> Result<Capabilities> {
        let interface = format!("#{ifindex}");
        Capabilities::query(|capability| {
            let mut value = 0;
            let index = i32::try_from(ifindex).unwrap_or(-1);
            // SAFETY: the handle is open.
            let code = unsafe {
                release::capability_of_interface(self.handle(), index, flags.bits(), capability.raw(), &mut value)
            };
            capability.answer(code, value, &interface)
        })
    }

    /// Another handle of the same driver: one serves one VI's wake-ups.
    pub(crate) fn another(&self) -> Result<Self> {
        Ok(Driver { inner: Arc::new(Inner { handle: open()?, library: self.inner.library.clone() }) })
    }

    pub(crate) fn handle(&self) -> ef_driver_handle {
        self.inner.handle
    }

    /// For whoever uses the handle while it is open, and must not keep it so.
    pub(crate) fn downgrade(&self) -> WeakDriver {
        WeakDriver { inner: Arc::downgrade(&self.inner) }
    }
}

/// A driver that others may close.
#[derive(Clone)]
pub(crate) struct WeakDriver {
    inner: Weak<Inner>,
}

impl WeakDriver {
    /// The driver, unless it is closed; open as long as the result is there.
    pub(crate) fn upgrade(&self) -> Option<Driver> {
        Some(Driver { inner: self.inner.upgrade()? })
    }
}

fn open() -> Result<ef_driver_handle> {
    let mut handle: ef_driver_handle = -1;
    // SAFETY: the call writes a handle through a pointer to a live variable of its type.
    let code = unsafe { efvi_sys::ef_driver_open(&mut handle) };
    if code < 0 {
        return Err(Error::DriverOpen { errno: Errno::from_return(code) });
    }
    Ok(handle)
}

#[cfg(feature = "std")]
impl Driver {
    /// The handle as the file descriptor that it is.
    pub(crate) fn fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the handle is a file descriptor, open as long as this lives.
        unsafe { BorrowedFd::borrow_raw(self.handle()) }
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("handle", &self.inner.handle).field("library", &self.inner.library).finish()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // SAFETY: the handle is open, and whatever used it held an `Arc` of this and is gone. A failure leaves nothing
        // to do: the handle is given up either way.
        unsafe { efvi_sys::ef_driver_close(self.handle) };
    }
}
