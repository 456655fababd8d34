//! The shape of the generated tables, and what they are computed with.

use crate::calls::{Accessor, Call};

/// The bindings of a release.
pub struct Table {
    pub release: &'static str,
    pub types: &'static [Type],
    pub fields: &'static [Field],
    pub bitfields: &'static [Bitfield],
    pub values: &'static [Value],
    pub functions: &'static [&'static str],
    pub macros: &'static [&'static str],
    pub calls: &'static [Call],
    pub accessors: &'static [Accessor],
}

/// A structure or union.
pub struct Type {
    pub name: &'static str,
    pub size: usize,
    pub align: usize,
}

/// A field, by its dotted path.
pub struct Field {
    pub ty: &'static str,
    pub path: &'static str,
    pub offset: usize,
    pub width: Option<usize>,
}

/// A bitfield: the bytes of its structure with nothing else set, and its value in given bytes.
pub struct Bitfield {
    pub ty: &'static str,
    pub path: &'static str,
    pub write: fn(u64) -> Vec<u8>,
    pub read: fn(&[u8]) -> u64,
}

/// An enumerator or constant.
pub struct Value {
    pub name: &'static str,
    pub value: fn() -> i128,
}

/// Size of the field that a function projects to.
pub const fn width<S, F>(_field: fn(&S) -> &F) -> usize {
    size_of::<F>()
}

/// The bytes of a value without padding.
pub fn bytes<T: Copy>(value: T) -> Vec<u8> {
    // SAFETY: the structures with bitfields have no padding, so all their bytes are initialised.
    unsafe { core::slice::from_raw_parts((&raw const value).cast::<u8>(), size_of::<T>()).to_vec() }
}

/// The value of those bytes.
pub fn value<T: Copy>(bytes: &[u8]) -> T {
    assert_eq!(bytes.len(), size_of::<T>());
    // SAFETY: the length is right, and the structures with bitfields hold integers and pointers, for which any bytes
    // will do.
    unsafe { bytes.as_ptr().cast::<T>().read_unaligned() }
}
