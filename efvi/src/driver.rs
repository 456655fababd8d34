//! The handle of the driver.

use alloc::sync::Arc;
use core::fmt;

use efvi_sys::ef_driver_handle;

use crate::error::{Errno, Error, Result};
use crate::library::Library;

/// An open driver (`ef_driver_open`), closed when the last clone and all that was made from it are gone.
#[derive(Clone)]
pub struct Driver {
    inner: Arc<Inner>,
}

struct Inner {
    handle: ef_driver_handle,
    library: Library,
}

impl Driver {
    /// Opens the driver, once the library is found to be of the release that the program was built for.
    ///
    /// # Errors
    /// [`Error::Library`] when the library is of another release.
    /// [`Error::DriverOpen`] when the driver is not loaded or this user may not open it.
    pub fn open() -> Result<Self> {
        let library = Library::check()?;
        let mut handle: ef_driver_handle = -1;
        // SAFETY: the call writes a handle through a pointer to a live variable of its type.
        let code = unsafe { efvi_sys::ef_driver_open(&mut handle) };
        if code < 0 {
            return Err(Error::DriverOpen { errno: Errno::from_return(code) });
        }
        Ok(Driver { inner: Arc::new(Inner { handle, library }) })
    }

    /// The library that the program runs with.
    pub fn library(&self) -> &Library {
        &self.inner.library
    }

    pub(crate) fn handle(&self) -> ef_driver_handle {
        self.inner.handle
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
