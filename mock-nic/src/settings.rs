//! What the environment asks of the mock.
//!
//! Each variable is read and checked by the module that it is about. A value that is no value is an error of the call
//! that first needs it, `-EINVAL`, and a line on standard error says what was expected: whoever sets a variable of the
//! mock's looks for its effect.

use crate::errno::{Errno, Result};

/// The variable's value as read by `parse`, whose error is what was expected; none where it is not set, or empty.
pub(crate) fn read<T>(
    variable: &str,
    parse: impl FnOnce(&str) -> core::result::Result<T, String>,
) -> Result<Option<T>> {
    let Some(value) = std::env::var_os(variable).filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let parsed = match value.to_str() {
        Some(text) => parse(text),
        None => Err("text".to_owned()),
    };
    parsed.map(Some).map_err(|expected| {
        eprintln!("mock-nic: {variable}={}: expected {expected}", value.display());
        Errno(libc::EINVAL)
    })
}

/// The path of a file that a variable names: `%p` in it stands for the process's number, so that each has its own.
pub(crate) fn path_of(value: &str) -> std::path::PathBuf {
    value.replace("%p", &std::process::id().to_string()).into()
}
