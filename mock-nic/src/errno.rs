//! The errors of the C ABI: negative errno values.

/// An errno value, as a positive number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

/// What a call of the adapter's driver comes to.
pub type Result<T> = core::result::Result<T, Errno>;

impl Errno {
    /// The calling thread's `errno`.
    pub(crate) fn last() -> Self {
        Self(std::io::Error::last_os_error().raw_os_error().unwrap_or(libc::EIO))
    }
}

/// A result as C sees it: the value, or the errno negated.
pub(crate) fn to_c(result: Result<i32>) -> i32 {
    match result {
        Ok(value) => value,
        Err(Errno(errno)) => -errno,
    }
}
