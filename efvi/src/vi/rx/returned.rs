//! The stack by which a thread gets back what it gave to others.
//!
//! Any thread puts an element onto it; its owner alone takes them off, all at once. Nothing is ever popped singly, so it
//! has no ABA problem. Once its owner is gone it is closed, and whoever brings the last element back is told so.

use core::ptr;
#[cfg(not(all(test, loom)))]
use core::sync::atomic::{AtomicIsize, AtomicPtr, Ordering};
#[cfg(all(test, loom))]
use loom::sync::atomic::{AtomicIsize, AtomicPtr, Ordering};

/// A stack of elements that were given out.
pub(super) struct Returned<T> {
    /// Of those that are back, newest first; closed once the owner is gone.
    newest: AtomicPtr<Element<T>>,
    /// After the close: elements still out. It starts at 0 and the close adds, so one that comes back between the two
    /// makes it negative; it reaches 0 by exactly one operation, whose thread frees all.
    outstanding: AtomicIsize,
}

/// What is given out. One cache line each, so that two on two threads share none.
#[repr(align(64))]
pub(super) struct Element<T> {
    /// The next of the list that this one is in.
    pub(super) next: *mut Element<T>,
    pub(super) value: T,
}

impl<T> Returned<T> {
    /// Marks a stack that is closed. No element has this address, since elements are aligned.
    const CLOSED: *mut Element<T> = ptr::without_provenance_mut(1);

    pub(super) fn new() -> Self {
        Returned { newest: AtomicPtr::new(ptr::null_mut()), outstanding: AtomicIsize::new(0) }
    }

    /// All that are back, as a list; null if none is.
    #[inline]
    pub(super) fn take(&self) -> *mut Element<T> {
        // Acquire: what those who had them did comes before what is done with them now.
        self.newest.swap(ptr::null_mut(), Ordering::Acquire)
    }

    /// Brings an element back. True if the stack is closed and this was the last that was out: then all is to be freed,
    /// and nobody else has anything of it.
    ///
    /// # Safety
    /// The stack lives until this element is back; it may be gone when this returns, unless that is with true. The
    /// element is out, and this call's alone.
    // By pointer: a reference would have to be good until the end of the call.
    pub(super) unsafe fn put(stack: *const Self, element: *mut Element<T>) -> bool {
        // SAFETY: the caller's promise: the stack is there until the exchange or the count-down below has taken effect,
        // and neither it nor the element is touched after that.
        unsafe {
            let newest = &raw const (*stack).newest;
            let mut head = (*newest).load(Ordering::Relaxed);
            while head != Self::CLOSED {
                (*element).next = head;
                // Release: pairs with the acquire of the owner that takes it.
                match (*newest).compare_exchange_weak(head, element, Ordering::Release, Ordering::Relaxed) {
                    Ok(_) => return false,
                    Err(newer) => head = newer,
                }
            }
            (*stack).outstanding.fetch_sub(1, Ordering::AcqRel) == 1
        }
    }

    /// Closes the stack, with so many elements out or not taken yet. True if all are back: then all is to be freed.
    /// Otherwise whoever brings the last one back is told so.
    ///
    /// # Safety
    /// The stack is there, and this is the owner's last call. It may be gone when this returns, unless that is with true.
    pub(super) unsafe fn close(stack: *const Self, mut out: isize) -> bool {
        // SAFETY: the stack lives until the last element is back, which can't have told before the add below. Acquire:
        // what other threads did with those that are back comes before what is done here. The add is also a release, so
        // that whoever frees later sees all that was done here.
        unsafe {
            let mut back = (*stack).newest.swap(Self::CLOSED, Ordering::Acquire);
            while !back.is_null() {
                out -= 1;
                back = (*back).next;
            }
            // With none out nobody else can get here. Otherwise each that comes back sees the close, and counts.
            out == 0 || (*stack).outstanding.fetch_add(out, Ordering::AcqRel) + out == 0
        }
    }
}

#[cfg(all(test, loom))]
mod models;
