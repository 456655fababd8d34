//! Arrays that C structures point into.

use core::ptr;

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
        unsafe { core::slice::from_raw_parts(self.base, self.length) }
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
