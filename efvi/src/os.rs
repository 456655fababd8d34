//! What the crate needs of the system beside ef_vi, without the standard library.

use core::cell::UnsafeCell;
use core::ffi::{CStr, c_char};

/// The error of the last system call.
#[cfg(not(miri))]
#[cold]
pub(crate) fn errno() -> i32 {
    // SAFETY: the thread's own variable, which is always there.
    unsafe { *libc::__errno_location() }
}

/// The system's words for an error number.
pub(crate) fn with_text<R>(errno: i32, show: impl FnOnce(&str) -> R) -> R {
    let mut text: [c_char; 128] = [0; 128];
    // SAFETY: the call writes a C string of at most that length. Of an error that it does not know it says so.
    unsafe { libc::strerror_r(errno, text.as_mut_ptr(), text.len()) };
    // SAFETY: a C string, or the zero that was there.
    show(unsafe { CStr::from_ptr(text.as_ptr()) }.to_str().unwrap_or("unknown error"))
}

/// Whether an environment variable has this value.
pub(crate) fn variable_is(name: &CStr, value: &CStr) -> bool {
    #[cfg(feature = "std")]
    {
        // Not by the C library, which does not know of another thread that sets one.
        name.to_str().ok().and_then(std::env::var_os).is_some_and(|found| found.as_encoded_bytes() == value.to_bytes())
    }
    #[cfg(not(feature = "std"))]
    {
        // SAFETY: the name is a C string. That no other thread sets one meanwhile is, in C, the program's to see to.
        let found = unsafe { libc::getenv(name.as_ptr()) };
        // SAFETY: a C string, unless it is null.
        !found.is_null() && unsafe { CStr::from_ptr(found) } == value
    }
}

/// What set-up calls change, one at a time: a mutex of the C library, on which a thread sleeps.
pub(crate) struct Lock<T> {
    mutex: UnsafeCell<libc::pthread_mutex_t>,
    value: UnsafeCell<T>,
}

// SAFETY: a mutex that is not held is plain data.
unsafe impl<T: Send> Send for Lock<T> {}
// SAFETY: the value is only reached by who holds the mutex, which is made for any thread: by one after the other.
unsafe impl<T: Send> Sync for Lock<T> {}

impl<T> Lock<T> {
    /// It must not move any more once it has been used: keep it in an `Arc`.
    pub(crate) const fn new(value: T) -> Self {
        Lock { mutex: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER), value: UnsafeCell::new(value) }
    }

    /// Runs a call on the value, with nobody else there.
    pub(crate) fn with<R>(&self, call: impl FnOnce(*mut T) -> R) -> R {
        /// Unlocks however the call ends.
        struct Held<'a>(&'a UnsafeCell<libc::pthread_mutex_t>);

        impl Drop for Held<'_> {
            fn drop(&mut self) {
                // SAFETY: locked below by this thread.
                unsafe { libc::pthread_mutex_unlock(self.0.get()) };
            }
        }

        // SAFETY: a live mutex of the default kind, that this thread does not hold: calls don't nest. So it can't fail.
        unsafe { libc::pthread_mutex_lock(self.mutex.get()) };
        let _held = Held(&self.mutex);
        call(self.value.get())
    }

    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString as _;
    use std::sync::Arc;
    use std::{thread, vec::Vec};

    #[test]
    fn errors_have_the_systems_words() {
        // Miri's say more.
        assert!(with_text(libc::ENODEV, str::to_string).starts_with("No such device"));
        assert!(with_text(4000, str::to_string).contains("nknown"));
    }

    // Miri shows none of the environment.
    #[cfg(not(miri))]
    #[test]
    fn a_variable_has_a_value_or_not() {
        let path = std::ffi::CString::new(std::env::var("PATH").unwrap()).unwrap();
        assert!(variable_is(c"PATH", &path));
        assert!(!variable_is(c"PATH", c"1"));
        assert!(!variable_is(c"EFVI_NO_SUCH_VARIABLE", c""));
    }

    #[test]
    fn one_at_a_time() {
        const ROUNDS: u32 = if cfg!(miri) { 20 } else { 10_000 };
        let lock = Arc::new(Lock::new(0_u32));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let lock = Arc::clone(&lock);
                thread::spawn(move || {
                    for _ in 0..ROUNDS {
                        // SAFETY: nobody else is there.
                        lock.with(|count| unsafe { *count += 1 });
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(*Arc::into_inner(lock).unwrap().get_mut(), 4 * ROUNDS);
    }

    #[test]
    fn a_panic_unlocks() {
        let lock = Arc::new(Lock::new(()));
        let other = Arc::clone(&lock);
        thread::spawn(move || other.with(|_| panic!("on purpose"))).join().unwrap_err();
        lock.with(|_| ());
    }
}
