//! Error numbers.

use core::fmt;

use crate::os;

/// An error number, as the calls of ef_vi return it (there with the sign turned).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (port, _other) = efvi::mock::Fabric::new().cable().expect("a cable");
/// # let domain = efvi::ProtectionDomain::open(&efvi::Driver::open()?, port.name())?;
/// use efvi::{Error, Filter};
///
/// let vi = efvi::VirtualInterface::builder().build(&domain)?;
/// vi.filter_add(&Filter::ethertype(0x88b5))?;
/// if let Err(Error::Filter { errno, .. }) = vi.filter_add(&Filter::ethertype(0x88b5)) {
///     assert_eq!((errno.name(), errno.code()), (Some("EEXIST"), libc::EEXIST));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Errno(i32);

impl Errno {
    /// The error behind a return value that is below zero.
    #[cold]
    pub(crate) fn from_return(code: i32) -> Self {
        Errno(code.wrapping_abs())
    }

    /// The error of the last system call.
    #[cfg(not(miri))]
    #[cold]
    pub(crate) fn last() -> Self {
        Errno(os::errno())
    }

    /// The number, above zero: `libc::ENODEV` and so on.
    pub fn code(self) -> i32 {
        self.0
    }

    /// The name in C, for the errors that ef_vi is known to return.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            libc::EPERM => "EPERM",
            libc::ENOENT => "ENOENT",
            libc::EIO => "EIO",
            libc::ENXIO => "ENXIO",
            libc::EBADF => "EBADF",
            libc::EAGAIN => "EAGAIN",
            libc::ENOMEM => "ENOMEM",
            libc::EACCES => "EACCES",
            libc::EFAULT => "EFAULT",
            libc::EBUSY => "EBUSY",
            libc::EALREADY => "EALREADY",
            libc::EEXIST => "EEXIST",
            libc::ENODEV => "ENODEV",
            libc::EINVAL => "EINVAL",
            libc::EMFILE => "EMFILE",
            libc::ENOSPC => "ENOSPC",
            libc::ERANGE => "ERANGE",
            libc::ENOSYS => "ENOSYS",
            libc::ENODATA => "ENODATA",
            libc::ENOMSG => "ENOMSG",
            libc::EDOM => "EDOM",
            libc::EINTR => "EINTR",
            libc::EL2NSYNC => "EL2NSYNC",
            libc::EPROTONOSUPPORT => "EPROTONOSUPPORT",
            libc::EOPNOTSUPP => "EOPNOTSUPP",
            libc::ENETDOWN => "ENETDOWN",
            libc::ENOBUFS => "ENOBUFS",
            libc::ETIMEDOUT => "ETIMEDOUT",
            libc::ELIBACC => "ELIBACC",
            _ => return None,
        })
    }
}

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.name() {
            write!(f, "{name}, ")?;
        }
        os::with_text(self.0, |text| write!(f, "{text} (os error {})", self.0))
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "errno {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{format, string::ToString as _};

    use super::*;

    #[test]
    fn an_errno_shows_its_name_and_its_text() {
        let errno = Errno::from_return(-libc::ENODEV);
        assert_eq!(errno.code(), libc::ENODEV);
        assert_eq!(errno.name(), Some("ENODEV"));
        assert_eq!(format!("{errno:?}"), "ENODEV");
        assert!(errno.to_string().starts_with("ENODEV, "), "{errno}");
    }

    #[test]
    fn an_unknown_errno_shows_its_number() {
        let errno = Errno::from_return(-4000);
        assert_eq!(errno.name(), None);
        assert_eq!(format!("{errno:?}"), "errno 4000");
        assert!(errno.to_string().contains("4000"), "{errno}");
    }
}
