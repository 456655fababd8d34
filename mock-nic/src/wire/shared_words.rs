//! What threads and processes share, as loom has to see it: where it tries their orders it takes the place of the atomic
//! words, and watches plain ones.

#[cfg(not(all(test, loom)))]
pub use core::sync::atomic::{AtomicU32, AtomicU64, fence};
#[cfg(all(test, loom))]
pub use loom::sync::atomic::{AtomicU32, AtomicU64, fence};

#[cfg(not(all(test, loom)))]
use core::cell::UnsafeCell;
#[cfg(all(test, loom))]
use loom::cell::UnsafeCell;

/// A plain word, written and read with what it belongs to. It stands for all of that: loom fails a model in which two
/// threads come to it without an order.
#[derive(Debug, Default)]
#[repr(transparent)]
pub struct Watched(UnsafeCell<u64>);

impl Watched {
    /// Writes the word.
    ///
    /// # Safety
    /// Nobody else comes to it meanwhile.
    #[inline(always)]
    pub unsafe fn write(&self, word: u64) {
        #[cfg(not(all(test, loom)))]
        // SAFETY: the caller's promise.
        unsafe {
            self.0.get().write(word)
        };
        #[cfg(all(test, loom))]
        // SAFETY: the caller's promise, which loom holds him to.
        self.0.with_mut(|at| unsafe { at.write(word) });
    }

    /// Reads the word.
    ///
    /// # Safety
    /// Nobody writes it meanwhile.
    #[inline(always)]
    pub unsafe fn read(&self) -> u64 {
        #[cfg(not(all(test, loom)))]
        // SAFETY: the caller's promise.
        return unsafe { self.0.get().read() };
        #[cfg(all(test, loom))]
        // SAFETY: the caller's promise, which loom holds him to.
        return self.0.with(|at| unsafe { at.read() });
    }
}
