//! Driver handles.

use crate::abi::*;
use crate::checks::{Checks, resources};
use crate::errno::{Errno, Result, to_c};
use crate::log::log;
use crate::trace;
use crate::vi::left;
use core::ffi::{CStr, c_char, c_int};
use once_cell::sync::Lazy;
use std::collections::HashSet;
use std::os::fd::RawFd;
use std::sync::{Mutex, PoisonError};

/// The release, as C has it.
const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("MOCK_NIC_RELEASE"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a release's name holds no NUL"),
};

/// The handles that are open.
static OPEN: Lazy<Mutex<HashSet<ef_driver_handle>>> = Lazy::new(Mutex::default);

/// `EBADF` unless the handle is open.
pub(crate) fn check(handle: ef_driver_handle) -> Result<()> {
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if open.contains(&handle) { Ok(()) } else { Err(Errno(libc::EBADF)) }
}

fn open() -> Result<ef_driver_handle> {
    left::catch_up();
    // What the environment asks for in vain is an error of the first call.
    log()?;
    Checks::asked()?;
    // A descriptor of its own, as the real driver's is: what was closed is not mistaken for it. An epoll set, which is
    // readable while one of the interrupts in it is.
    // SAFETY: a system call that makes a new descriptor.
    let handle = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    if handle < 0 {
        return Err(Errno::last());
    }
    OPEN.lock().unwrap_or_else(PoisonError::into_inner).insert(handle);
    Ok(handle)
}

/// What was freed, and that the driver has until the handle is closed with which it was made.
static KEPT: Lazy<Mutex<Vec<Kept>>> = Lazy::new(Mutex::default);

type Kept = (ef_driver_handle, Box<dyn Send>);

/// Keeps what was freed until its handle is closed; if it is, it goes now.
pub(crate) fn keep(handle: ef_driver_handle, freed: impl Send + 'static) {
    // Under the lock under which a handle is closed: it is so before, or after.
    let open = OPEN.lock().unwrap_or_else(PoisonError::into_inner);
    if open.contains(&handle) {
        KEPT.lock().unwrap_or_else(PoisonError::into_inner).push((handle, Box::new(freed)));
    }
}

fn give_up_kept(handle: ef_driver_handle) {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let ended: Vec<_> = kept.extract_if(.., |(of, _)| *of == handle).collect();
    // What goes may need the lock.
    drop(kept);
    drop(ended);
}

/// Has the handle be readable while `fd` is, until that is closed.
pub(crate) fn watch(handle: ef_driver_handle, fd: RawFd) -> Result<()> {
    let mut wanted = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 0 };
    // SAFETY: a system call with a structure that it only reads.
    if unsafe { libc::epoll_ctl(handle, libc::EPOLL_CTL_ADD, fd, &mut wanted) } == 0 {
        return Ok(());
    }
    match Errno::last() {
        Errno(libc::EEXIST) => Ok(()),
        e => Err(e),
    }
}

/// `ef_driver_open`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_driver_open(handle_out: *mut ef_driver_handle) -> c_int {
    match open() {
        Ok(handle) => {
            // SAFETY: the ABI's contract: room for the handle.
            unsafe { handle_out.write(handle) };
            trace::call(format_args!("ef_driver_open({handle})"), 0)
        }
        Err(e) => to_c(Err(e)),
    }
}

/// `ef_driver_close`.
#[unsafe(no_mangle)]
unsafe extern "C" fn ef_driver_close(handle: ef_driver_handle) -> c_int {
    if !OPEN.lock().unwrap_or_else(PoisonError::into_inner).remove(&handle) {
        return -libc::EBADF;
    }
    left::closed(handle);
    give_up_kept(handle);
    resources::closed(handle);
    crate::pio::close(handle);
    // SAFETY: the descriptor was made in `open`, and nobody else has it.
    unsafe { libc::close(handle) };
    trace::call(format_args!("ef_driver_close({handle})"), 0)
}

/// `ef_vi_version_str`: the release whose interface the mock was compiled with.
#[unsafe(no_mangle)]
extern "C" fn ef_vi_version_str() -> *const c_char {
    VERSION.as_ptr()
}

/// `ef_vi_driver_interface_str`: the mock's own, by which it is told from the real library.
#[unsafe(no_mangle)]
extern "C" fn ef_vi_driver_interface_str() -> *const c_char {
    c"mock-nic".as_ptr()
}
