//! The allocator, counting its calls.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call goes on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: the caller's contract is the system's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: the caller's contract is the system's.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        CALLS.set(CALLS.get() + 1);
        // SAFETY: the caller's contract is the system's.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Calls of the allocator by this thread: each test has one of its own, and the mock none beside it.
pub fn calls() -> u64 {
    CALLS.get()
}

/// How often each data path is run.
pub const ROUNDS: usize = if cfg!(miri) { 10 } else { 2000 };

/// Runs a data path again and again: after the first few times nothing of it may call the allocator.
pub fn expect_none(mut round: impl FnMut()) {
    // The first time a wire's way is used it may be set up.
    for _ in 0..3 {
        round();
    }
    let before = calls();
    for _ in 0..ROUNDS {
        round();
    }
    assert_eq!(calls() - before, 0, "calls of the allocator in {ROUNDS} rounds");
}

#[test]
fn the_counter_counts() {
    let before = calls();
    drop(std::hint::black_box(vec![0_u8; 100]));
    assert_eq!(calls() - before, 2);
}
