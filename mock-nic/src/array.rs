//! Arrays that C structures point into.

use core::ffi::c_int;
use core::{ptr, slice};

/// An array that C code gives, of so many elements: none for a count below 1, of which C code may say that it is nowhere.
///
/// # Safety
/// If there are any, they are there, and stay as long as the result is used.
#[inline]
pub(crate) unsafe fn given<'a, T>(base: *const T, count: c_int) -> &'a [T] {
    if count <= 0 {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts(base, count as usize) }
}

/// The same, to write to.
///
/// # Safety
/// As for [`given`], and nobody else looks at them.
#[inline]
pub(crate) unsafe fn given_mut<'a, T>(base: *mut T, count: c_int) -> &'a mut [T] {
    if count <= 0 {
        return &mut [];
    }
    // SAFETY: the caller's promise.
    unsafe { slice::from_raw_parts_mut(base, count as usize) }
}

/// An array that C structures point into.
pub(crate) struct Array<T> {
    /// Where it is. Kept as a pointer: moving a box would end the validity of those made from it.
    pub(crate) base: *mut T,
    length: usize,
}

impl<T> Array<T> {
    /// An array of `length` times `value`.
    pub(crate) fn new(length: usize, value: T) -> Self
    where
        T: Clone,
    {
        vec![value; length].into()
    }

    /// Its elements.
    pub(crate) fn elements(&self) -> &[T] {
        // SAFETY: made of a box of this length; C code only reads it while this is borrowed.
        unsafe { slice::from_raw_parts(self.base, self.length) }
    }
}

impl<T> Drop for Array<T> {
    fn drop(&mut self) {
        // SAFETY: made in `new` of a box of this length.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(self.base, self.length)) });
    }
}

impl<T> From<Vec<T>> for Array<T> {
    fn from(elements: Vec<T>) -> Self {
        let elements = elements.into_boxed_slice();
        let length = elements.len();
        Self { base: Box::into_raw(elements).cast(), length }
    }
}

// SAFETY: it owns its elements, as a box does.
unsafe impl<T: Send> Send for Array<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_of_none_may_be_nowhere() {
        for count in [0, -1, c_int::MIN] {
            // SAFETY: there are none.
            let (read, written) =
                unsafe { (given::<u64>(ptr::null(), count), given_mut::<u64>(ptr::null_mut(), count)) };
            assert!(read.is_empty() && written.is_empty(), "{count}");
        }
        let mut array = [1, 2, 3];
        // SAFETY: the array's own elements, one after the other.
        unsafe {
            given_mut(array.as_mut_ptr(), 2)[1] = 7;
            assert_eq!(given(array.as_ptr(), 3), [1, 7, 3]);
        }
    }
}
