//! Every order in which elements may come back, by ci/loom.sh.
//!
//! Tried by hand, each of these alone is found: `Relaxed` in place of the exchange's release, of the acquire of the take or
//! of the close, or at either count; a close that does not count what came back before it.

use super::*;
use alloc::boxed::Box;
use alloc::vec::Vec;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

/// Stands for a packet, which is read while it is out and written once it is back.
type Packet = UnsafeCell<u32>;

/// What the owner and the elements share.
struct Shared {
    stack: UnsafeCell<Returned<Packet>>,
    elements: [*mut Element<Packet>; 2],
    /// Stands for the owner: used by whoever has an element, written by whoever frees all.
    owner: UnsafeCell<bool>,
}

// SAFETY: it is used by the stack's rules alone, which loom watches.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    fn new() -> Arc<Self> {
        let element = |value| Box::into_raw(Box::new(Element { next: ptr::null_mut(), value: UnsafeCell::new(value) }));
        Arc::new(Shared {
            stack: UnsafeCell::new(Returned::new()),
            elements: [element(0), element(1)],
            owner: UnsafeCell::new(false),
        })
    }

    fn stack(&self) -> *const Returned<Packet> {
        self.stack.with(|stack| stack)
    }

    /// Reads a packet and brings it back; frees all if it was the last. True then.
    fn use_and_return(&self, number: usize) -> bool {
        let element = self.elements[number];
        // SAFETY: the element is out, and this thread's; the stack lives as long as this.
        let last = unsafe {
            (*element).value.with(|value| assert_eq!(*value as usize % 2, number));
            self.owner.with(|freed| assert!(!*freed));
            Returned::put(self.stack(), element)
        };
        if last {
            self.free();
        }
        last
    }

    /// The packets of a list, by number, each written anew.
    fn list(&self, mut list: *mut Element<Packet>) -> Vec<usize> {
        let mut numbers = Vec::new();
        while !list.is_null() {
            // SAFETY: an element that was taken is the owner's.
            unsafe {
                (*list).value.with_mut(|value| {
                    numbers.push(*value as usize % 2);
                    *value += 2;
                });
                list = (*list).next;
            }
        }
        numbers
    }

    /// Comes to all that there is as if to free it: loom fails the model unless all else comes before.
    fn free(&self) {
        self.owner.with_mut(|freed| {
            // SAFETY: nobody else has anything of it.
            assert!(!unsafe { core::mem::replace(&mut *freed, true) }, "freed twice");
        });
        self.stack.with_mut(|stack| {
            // SAFETY: as above.
            let stack = unsafe { &mut *stack };
            stack.newest.with_mut(|_| ());
            stack.outstanding.with_mut(|_| ());
        });
        for element in self.elements {
            // SAFETY: as above.
            unsafe { (*element).value.with_mut(|value| *value += 2) };
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        for element in self.elements {
            // SAFETY: made by a box, and the last to have anything of it is gone.
            drop(unsafe { Box::from_raw(element) });
        }
    }
}

/// Each element comes back once for each time that it was out, though it goes out again while another comes.
#[test]
fn what_is_put_is_taken_once() {
    loom::model(|| {
        let shared = Shared::new();
        let threads = [0, 1].map(|number| {
            let shared = shared.clone();
            thread::spawn(move || assert!(!shared.use_and_return(number)))
        });
        // SAFETY: the stack is there.
        let take = || unsafe { &*shared.stack() }.take();
        let early = shared.list(take());
        for number in &early {
            assert!(!shared.use_and_return(*number));
        }
        for thread in threads {
            thread.join().unwrap();
        }
        let mut all = shared.list(take());
        all.sort_unstable();
        assert_eq!(all, [0, 1]);
        assert!(take().is_null());
    });
}

/// One thread frees all, after everybody else is done with it, whoever comes last.
#[test]
fn the_last_one_frees_all() {
    check_close(None, false);
}

/// The same where the owner takes some before it goes: a thread is interrupted up to twice.
#[test]
fn what_was_taken_is_not_counted_at_the_close() {
    check_close(Some(2), true);
}

fn check_close(interruptions: Option<usize>, takes: bool) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = interruptions;
    builder.check(move || {
        let shared = Shared::new();
        let threads = [0, 1].map(|number| {
            let shared = shared.clone();
            thread::spawn(move || shared.use_and_return(number))
        });
        let mut out = 2;
        if takes {
            // SAFETY: the stack is there.
            out -= shared.list(unsafe { &*shared.stack() }.take()).len() as isize;
        }
        shared.owner.with(|_| ());
        // SAFETY: the stack is there; called once.
        let all_back = unsafe { Returned::close(shared.stack(), out) };
        if all_back {
            shared.free();
        }
        let last = threads.map(|thread| thread.join().unwrap());
        assert_eq!(u8::from(all_back) + u8::from(last[0]) + u8::from(last[1]), 1);
    });
}
