//! What a virtual interface offers beside its data path.

use alloc::borrow::ToOwned as _;
use core::fmt;
use core::mem::MaybeUninit;
#[cfg(feature = "std")]
use std::os::fd::{AsFd, BorrowedFd};

use efvi_sys::ef_filter_info;

use crate::domain::ProtectionDomain;
use crate::error::{Errno, Error, Result};
use crate::filter::{Filter, FilterGuard, FilterId, FilterInfo, Steer};
use crate::mac::MacAddress;
use crate::statistics::Statistics;

use super::Inner;
use super::software::SoftwareEvents;

/// A virtual interface beside its data path: its filters, its addresses, its statistics. None of it is for the data
/// path: most are system calls.
///
/// A [`VirtualInterface`](crate::VirtualInterface) and a [`Member`](crate::Member) of a shared event queue dereference to
/// it, and [`Receive::vi`](crate::Receive::vi) gives it while the VI is split.
#[repr(transparent)]
pub struct Interface {
    pub(super) inner: Inner,
}

impl Inner {
    #[inline]
    pub(super) fn interface(&self) -> &Interface {
        // SAFETY: the same layout, by `repr(transparent)`.
        unsafe { &*core::ptr::from_ref(self).cast() }
    }

    #[cold]
    pub(super) fn query_error(&self, call: &'static str, code: i32) -> Error {
        Error::Query { call, interface: self.domain.interface().to_owned(), errno: Errno::from_return(code) }
    }
}

/// What `ef_vi_mtu` answers, which has an unsigned result for errors, too; or else the code of one.
pub(super) fn longest_frame(answer: u32) -> core::result::Result<u32, i32> {
    match answer as i32 {
        0 => Err(-libc::ENODEV),
        code if code < 0 => Err(code),
        _ => Ok(answer),
    }
}

impl Interface {
    /// Sets the least gap between frames that are sent (`ef_vi_pace`), where the adapter can
    /// ([`Capability::Pacing`](crate::Capability::Pacing)). The gap is 100 ns times two to the power of `doublings`: 0 is
    /// 100 ns, 1 is 200 ns, 3 is 800 ns, 10 is about 0.1 ms. `None` is no gap, with the lower priority of what is paced.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// if let Err(error) = vi.pace(Some(3)) {
    ///     println!("{error}"); // 800 ns between two frames is not to be had
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::Pace`]: the adapter can't (`EOPNOTSUPP`), as none of today's can.
    pub fn pace(&self, doublings: Option<u8>) -> Result<()> {
        let inner = &self.inner;
        let gap = doublings.map_or(-1, i32::from);
        // SAFETY: the VI is live and this its only thread, and the handle open.
        match unsafe { efvi_sys::ef_vi_pace(inner.vi(), inner.handle(), gap) } {
            code if code < 0 => {
                Err(Error::Pace { interface: self.interface().to_owned(), errno: Errno::from_return(code) })
            }
            _ => Ok(()),
        }
    }

    /// Steers the frames that match the filter to this VI (`ef_vi_filter_add`), as long as the VI lives or until
    /// [`filter_remove`](Self::filter_remove).
    ///
    /// # Errors
    /// [`Error::Filter`]: the same filter is there already (`EEXIST`), the table is full (`EBUSY`), or the adapter
    /// can't match this (`EPROTONOSUPPORT`).
    pub fn filter_add(&self, filter: &Filter) -> Result<FilterId> {
        let inner = &self.inner;
        let refused = |errno| Error::Filter { filter: *filter, interface: self.interface().to_owned(), errno };
        let spec = filter.spec().map_err(refused)?;
        let mut cookie = MaybeUninit::zeroed();
        // SAFETY: the VI is live and this its only thread; the handle is open, the spec initialised, and the cookie
        // live for the call.
        let code = unsafe { efvi_sys::ef_vi_filter_add(inner.vi(), inner.handle(), &spec, cookie.as_mut_ptr()) };
        if code < 0 {
            return Err(refused(Errno::from_return(code)));
        }
        // SAFETY: the call succeeded, so it wrote the cookie.
        Ok(FilterId { cookie: unsafe { cookie.assume_init() }, owner: inner.serial })
    }

    /// Adds a filter that goes with its guard (`ef_vi_filter_add`, `ef_vi_filter_del`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let mut vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// use efvi::Filter;
    ///
    /// let (tx, rx) = vi.split();
    /// let auction = rx.vi().filter_scoped(&Filter::ethertype(0x88b5))?;
    /// // ... receive, and when that is over:
    /// drop(auction);
    /// # rx.vi().filter_add(&Filter::ethertype(0x88b5))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`filter_add`](Self::filter_add).
    pub fn filter_scoped(&self, filter: &Filter) -> Result<FilterGuard<'_>> {
        Ok(FilterGuard::new(self, self.filter_add(filter)?))
    }

    /// Takes a filter away (`ef_vi_filter_del`). Its id is used up by this, whatever comes of it.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// let filter = vi.filter_add(&efvi::Filter::ethertype(0x88b5))?;
    /// vi.filter_remove(filter)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Error::ForeignFilter`]: it is another VI's, which keeps the filter until it is dropped. [`Error::FilterRemove`]: the
    /// adapter does not have it.
    pub fn filter_remove(&self, filter: FilterId) -> Result<()> {
        let inner = &self.inner;
        let mut cookie = self.own(&filter)?.cookie;
        // SAFETY: the VI is live and this its only thread; the handle is open, and the cookie one that this VI got.
        let code = unsafe { efvi_sys::ef_vi_filter_del(inner.vi(), inner.handle(), &mut cookie) };
        if code < 0 {
            let interface = self.interface().to_owned();
            return Err(Error::FilterRemove { interface, errno: Errno::from_return(code) });
        }
        Ok(())
    }

    /// What the driver knows about a filter of this VI (`ef_vi_filter_query`).
    ///
    /// # Errors
    /// [`Error::ForeignFilter`]: it is another VI's. [`Error::Query`]: the driver can't tell, as of a sniffing filter.
    pub fn filter_info(&self, filter: &FilterId) -> Result<FilterInfo> {
        let inner = &self.inner;
        let cookie = self.own(filter)?.cookie;
        let mut info = ef_filter_info { valid_fields: 0, flags: 0, filter_id: 0, q_id: 0 };
        // SAFETY: the VI is live and this its only thread; the handle is open, the cookie one that this VI got, and there
        // is room for as many bytes as are said.
        let code = unsafe {
            let size = size_of::<ef_filter_info>();
            efvi_sys::ef_vi_filter_query(inner.vi(), inner.handle(), &cookie, &raw mut info, size)
        };
        if code < 0 {
            return Err(inner.query_error("ef_vi_filter_query", code));
        }
        Ok(FilterInfo::from_raw(&info))
    }

    fn own<'f>(&self, filter: &'f FilterId) -> Result<&'f FilterId> {
        if filter.owner == self.inner.serial {
            return Ok(filter);
        }
        Err(Error::ForeignFilter { interface: self.interface().to_owned() })
    }

    /// The Ethernet address of the interface (`ef_vi_get_mac`).
    ///
    /// # Errors
    /// [`Error::Query`] when the driver can't answer.
    pub fn mac(&self) -> Result<MacAddress> {
        let inner = &self.inner;
        let mut octets = [0u8; 6];
        // SAFETY: the VI is live and this its only thread; the handle is open; six bytes are written.
        let code = unsafe { efvi_sys::ef_vi_get_mac(inner.vi(), inner.handle(), octets.as_mut_ptr().cast()) };
        if code < 0 {
            return Err(inner.query_error("ef_vi_get_mac", code));
        }
        Ok(MacAddress(octets))
    }

    /// The longest frame in bytes, Ethernet header included, frame check sequence not (`ef_vi_mtu`). The driver is asked:
    /// it is that of now. What can be sent is held to what it was when the VI was built.
    ///
    /// # Errors
    /// [`Error::Query`] when the driver can't answer.
    pub fn mtu(&self) -> Result<u32> {
        let inner = &self.inner;
        // SAFETY: the VI is live and this its only thread, and the handle open.
        let answer = unsafe { efvi_sys::ef_vi_mtu(inner.vi(), inner.handle()) };
        longest_frame(answer).map_err(|code| inner.query_error("ef_vi_mtu", code))
    }

    /// What the adapter has counted for this VI (`ef_vi_stats_query`).
    ///
    /// # Errors
    /// [`Error::Query`] when the adapter has no statistics of a VI, or the driver can't answer.
    pub fn statistics(&self) -> Result<Statistics> {
        self.query_statistics(false)
    }

    /// The same, and starts to count from 0 again (`ef_vi_stats_query` with `do_reset`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
    /// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
    /// # let vi = efvi::VirtualInterface::builder().build(&domain)?;
    /// let since_the_last = vi.take_statistics()?;
    /// println!("{since_the_last:?}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As [`statistics`](Self::statistics).
    pub fn take_statistics(&self) -> Result<Statistics> {
        self.query_statistics(true)
    }

    fn query_statistics(&self, reset: bool) -> Result<Statistics> {
        let inner = &self.inner;
        // SAFETY: the VI is live and this its only thread, and the handle open.
        let statistics = unsafe { Statistics::query(inner.vi(), inner.handle(), reset) };
        statistics.map_err(|(call, code)| inner.query_error(call, code))
    }

    /// What puts events into this VI's event queue, from any thread. Of a member of a shared event queue: into a queue
    /// that it has not, so each is refused; take the queue's own.
    pub fn software_events(&self) -> SoftwareEvents {
        self.inner.software_events()
    }

    /// The name of the interface.
    pub fn interface(&self) -> &str {
        self.domain().interface()
    }

    /// The protection domain that the VI was built in.
    pub fn domain(&self) -> &ProtectionDomain {
        &self.inner.domain
    }
}

impl Steer for Interface {
    fn remove(&self, filter: FilterId) -> Result<()> {
        self.filter_remove(filter)
    }
}

/// The descriptor that [`Receive::prime`](crate::Receive::prime) has the next event make readable. It is this VI's own.
#[cfg(feature = "std")]
impl AsFd for Interface {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.driver.fd()
    }
}

impl fmt::Debug for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interface").field("interface", &self.interface()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::longest_frame;

    #[test]
    fn no_length_is_an_error_and_an_error_no_length() {
        assert_eq!(longest_frame(1514), Ok(1514));
        assert_eq!(longest_frame(0), Err(-libc::ENODEV));
        assert_eq!(longest_frame(-libc::ENETDOWN as u32), Err(-libc::ENETDOWN));
    }
}
