//! What the macros do: which entry of a VI's table each calls and with what, and which bits of an event each reads.

use std::cell::RefCell;

use generator::facts::{Facts, Releases};

use crate::TABLES;
use crate::compilers::root;

/// A macro that calls an entry of a VI's table.
pub struct Call {
    pub name: &'static str,
    /// Calls it on a VI whose every entry notes that it is called. Returns the arguments, and whether the result is
    /// that of the entry.
    pub run: fn() -> (Vec<u64>, bool),
}

/// A macro that reads an event, given as its bytes.
pub struct Accessor {
    pub name: &'static str,
    pub read: fn(&[u8]) -> u32,
}

/// An argument or a result of a call.
pub trait Word {
    /// All of it.
    fn word(&self) -> u64;
    /// As much of those bits as there is room for.
    fn of(word: u64) -> Self;
}

macro_rules! integers {
    ($($t:ty),*) => {
        $(impl Word for $t {
            fn word(&self) -> u64 {
                *self as u64
            }
            fn of(word: u64) -> Self {
                word as $t
            }
        })*
    };
}
integers!(i32, u32, i64, u64, isize, usize);

impl Word for () {
    fn word(&self) -> u64 {
        0
    }
    fn of(_: u64) -> Self {}
}

impl<T> Word for *const T {
    fn word(&self) -> u64 {
        self.addr() as u64
    }
    fn of(word: u64) -> Self {
        core::ptr::without_provenance(word as usize)
    }
}

impl<T> Word for *mut T {
    fn word(&self) -> u64 {
        self.addr() as u64
    }
    fn of(word: u64) -> Self {
        core::ptr::without_provenance_mut(word as usize)
    }
}

/// The n-th argument: no two have bytes in common places.
pub fn argument<T: Word>(n: u32) -> T {
    T::of(0x0123_4567_89AB_CDEF_u64.rotate_left(8 * n))
}

/// What every entry returns, as much of it as its type holds.
const RESULT: u64 = 0x7654_3210_FEDC_BA98;

/// Whether a result is that of the entry.
pub fn is_result<R: Word>(result: &R) -> bool {
    result.word() == R::of(RESULT).word()
}

thread_local! {
    static SEEN: RefCell<Vec<(&'static str, Vec<u64>)>> = const { RefCell::new(Vec::new()) };
}

/// An entry was called.
pub fn seen<R: Word>(entry: &'static str, arguments: &[u64]) -> R {
    SEEN.with_borrow_mut(|seen| seen.push((entry, arguments.to_vec())));
    R::of(RESULT)
}

/// An entry of its own for each of a VI's table, and a VI that has them all.
macro_rules! stubs {
    ($($entry:ident($($p:ident: $t:ty),*) -> $r:ty;)*) => {
        mod stubs {
            use super::*;
            $(pub unsafe extern "C" fn $entry($($p: $t),*) -> $r {
                crate::calls::seen(stringify!($entry), &[$(crate::calls::Word::word(&$p)),*])
            })*
        }

        fn vi_of_stubs() -> Box<ef_vi> {
            // SAFETY: the structure is integers, pointers and optional functions, for which zeros are valid.
            let mut vi: Box<ef_vi> = unsafe { Box::new(core::mem::MaybeUninit::zeroed().assume_init()) };
            $(vi.ops.$entry = Some(stubs::$entry);)*
            vi
        }
    };
}

/// Calls of the macros on such a VI.
macro_rules! calls {
    ($($name:ident($vi:ident: $v:ty $(, $p:ident: $t:ty = $n:literal)*);)*) => {
        &[$(crate::calls::Call {
            name: stringify!($name),
            run: || {
                let mut vi = vi_of_stubs();
                let $vi = &raw mut *vi as $v;
                $(let $p: $t = crate::calls::argument($n);)*
                // SAFETY: the entries take anything, and look at none of it.
                let result = unsafe { $name($vi $(, $p)*) };
                let arguments = vec![crate::calls::Word::word(&$vi) $(, crate::calls::Word::word(&$p))*];
                (arguments, crate::calls::is_result(&result))
            },
        }),*]
    };
}
pub(crate) use {calls, stubs};

#[test]
fn macros_call_their_entry_with_their_arguments() {
    let releases = Releases::load(&root().join("vendor/abi")).unwrap();
    for table in TABLES {
        let facts = releases.get(table.release).unwrap();
        let expected: Vec<(&str, &str)> =
            facts.function_macros.iter().filter_map(|(name, m)| Some((name, m.calls.as_deref()?))).collect();
        assert_eq!(
            table.calls.iter().map(|c| c.name).collect::<Vec<_>>(),
            expected.iter().map(|e| e.0).collect::<Vec<_>>()
        );
        for (call, (_, entry)) in table.calls.iter().zip(&expected) {
            let (arguments, is_result) = (call.run)();
            let entry = entry.strip_prefix("ops.").unwrap();
            let what = format!("Onload {}: {}", table.release, call.name);
            assert_eq!(SEEN.take(), [(entry, arguments)], "{what}");
            assert!(is_result, "{what}: not the entry's result");
        }
        println!("Onload {}: {} macros call their entries", table.release, expected.len());
    }
}

/// The constant that a macro masks its field with.
fn flag(name: &str, field: &str) -> Option<&'static str> {
    let flags = [
        ("_SOP", "EF_EVENT_FLAG_SOP"),
        ("_CONT", "EF_EVENT_FLAG_CONT"),
        ("_ISCSI_OKAY", "EF_EVENT_FLAG_ISCSI_OK"),
        ("_PS_NEXT_BUFFER", "EF_EVENT_FLAG_PS_NEXT_BUFFER"),
        ("_CTPIO", "EF_EVENT_FLAG_CTPIO"),
    ];
    if name == "EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS" && field == "ts_nsec" {
        return Some("EF_EVENT_TX_WITH_TIMESTAMP_SYNC_MASK");
    }
    flags.iter().find(|(end, _)| field == "flags" && name.ends_with(end)).map(|(_, flag)| *flag)
}

/// What a macro reads of an event that has one bit set.
fn read_of_bit(facts: &Facts, name: &str, path: &str, bit: u64) -> u64 {
    let constant = |name: &str| {
        let enumerators = facts.enums.iter().flat_map(|(_, e)| e.values.iter()).map(|(n, v)| (n, *v));
        let mut all = enumerators.chain(facts.constants.iter().map(|(n, c)| (n, c.value)));
        all.find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no {name}")).1 as u64
    };
    let field = facts.types.get("ef_event").unwrap().fields.iter().find(|f| f.name == path).unwrap();
    let width = field.bits.unwrap_or(32);
    let value = match bit.checked_sub(field.offset_bits) {
        Some(place) if place < width => 1 << place,
        _ => 0,
    };
    let field = path.split_once('.').unwrap().1;
    match flag(name, field) {
        Some(flag) => value & constant(flag),
        None if name.ends_with("_FRAC16") => value << (16 - constant("EF_VI_TX_TS_FRAC_NS_BITS")),
        None => {
            assert_ne!(field, "flags", "{name}: which flag?");
            value
        }
    }
}

#[test]
fn macros_read_their_bits_of_an_event_and_no_others() {
    let releases = Releases::load(&root().join("vendor/abi")).unwrap();
    for table in TABLES {
        let facts = releases.get(table.release).unwrap();
        let size = facts.types.get("ef_event").unwrap().size;
        let expected: Vec<(&str, &str)> =
            facts.function_macros.iter().filter_map(|(name, m)| Some((name, m.reads.as_deref()?))).collect();
        let names: Vec<&str> = expected.iter().map(|e| e.0).collect();
        assert_eq!(table.accessors.iter().map(|a| a.name).collect::<Vec<_>>(), names);
        for (accessor, (name, path)) in table.accessors.iter().zip(&expected) {
            for bit in 0..8 * size {
                let mut event = vec![0; size as usize];
                event[bit as usize / 8] = 1 << (bit % 8);
                let read = u64::from((accessor.read)(&event));
                let expected = read_of_bit(facts, name, path, bit);
                assert_eq!(read, expected, "Onload {}: {name} of bit {bit}", table.release);
            }
        }
        println!("Onload {}: {} macros read their bits", table.release, expected.len());
    }
}
