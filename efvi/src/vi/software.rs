//! Events that a program puts into an event queue itself.

use alloc::borrow::ToOwned as _;
use alloc::string::String;
use core::ffi::c_uint;
use core::fmt;

use crate::driver::WeakDriver;
use crate::error::{Errno, Error, Result};

use super::Inner;

/// Puts events into a VI's event queue, from any thread: each is polled as
/// [`Event::Software`](crate::Event::Software), and wakes whoever waits for the VI.
///
/// Each takes a place of the queue until it is polled: more than the queue has room for, beside what the rings need, make
/// it overflow.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
/// use efvi::Event;
///
/// let stop = vi.software_events();
/// std::thread::spawn(move || stop.put(0xffff));
/// let (_tx, mut rx) = vi.split();
/// loop {
///     rx.wait(None)?;
///     if let Some(Event::Software(0xffff)) = rx.poll().next() {
///         break;
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SoftwareEvents {
    // The VI's own handle: an id of another VI can't be meant on it. It closes with the VI: while it is open the adapter
    // has the VI's filters.
    driver: WeakDriver,
    id: c_uint,
    interface: String,
}

impl SoftwareEvents {
    /// Puts an event with these 16 bits into the queue (`ef_eventq_put`). A system call.
    ///
    /// # Errors
    /// [`Error::Query`]: the VI is gone (`EBADF`), or has no event queue of its own (`EINVAL`).
    pub fn put(&self, data: u16) -> Result<()> {
        let code = match self.driver.upgrade() {
            // SAFETY: the handle is open; the driver finds out whether the id is an event queue's.
            Some(driver) => unsafe { efvi_sys::ef_eventq_put(self.id, driver.handle(), data.into()) },
            None => -libc::EBADF,
        };
        if code < 0 {
            let errno = Errno::from_return(code);
            return Err(Error::Query { call: "ef_eventq_put", interface: self.interface.clone(), errno });
        }
        Ok(())
    }
}

impl Inner {
    pub(super) fn software_events(&self) -> SoftwareEvents {
        // SAFETY: the VI is live.
        let id = unsafe { efvi_sys::ef_vi_resource_id(self.vi()) };
        SoftwareEvents { driver: self.driver.downgrade(), id, interface: self.domain.interface().to_owned() }
    }
}

impl fmt::Debug for SoftwareEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SoftwareEvents").field("interface", &self.interface).field("id", &self.id).finish()
    }
}
