//! Waking a receiver that sleeps: the flag by which it asks for it, and the memory barriers around it.
//!
//! A receiver that is about to sleep sets the flag, then looks for frames once more. A sender writes its frame, then
//! looks at the flag. Each stores and then loads what the other stores, and the processor may let a load overtake the
//! store before it; then neither would see the other, and the receiver would sleep on a frame. A full barrier between
//! store and load on both sides excludes that. The sender would pay for it on every frame, the receiver only when it
//! sleeps; so the kernel runs the sender's for it: `membarrier`, called by the receiver, makes every thread of the
//! processes that have registered, those of this library, pass a full barrier. What a sender did before that point the
//! receiver sees, what it does after it comes after the flag. The sender itself keeps the compiler from reordering.

use super::shared_words::{AtomicU32, fence};
use core::sync::atomic::{Ordering::*, compiler_fence};
use once_cell::sync::Lazy;
use std::time::Duration;

/// Set while its receiver wants to be woken by the next frame.
#[derive(Default)]
#[repr(transparent)]
pub struct Primed(AtomicU32);

impl Primed {
    /// Asks to be woken. Then come [`Barrier::receiver`], and a last look for frames.
    pub fn set(&self) {
        self.0.store(1, Relaxed);
    }

    /// Nobody is to be woken. True if somebody was: it falls to whoever gets this answer, and to nobody else.
    #[cold]
    pub fn take(&self) -> bool {
        self.0.swap(0, AcqRel) != 0
    }

    /// True if the receiver is to be woken, asked after [`Barrier::sender`].
    #[inline]
    pub fn is_set(&self) -> bool {
        self.0.load(Relaxed) != 0
    }
}

/// How this process orders its stores before its loads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// By the kernel, when a receiver asks.
    Kernel,
    /// By an instruction on each side: there is no such call, or it is forbidden.
    Instruction,
}

const QUERY: i32 = 0;
const GLOBAL: i32 = 1 << 0;
const GLOBAL_EXPEDITED: i32 = 1 << 1;
const REGISTER_GLOBAL_EXPEDITED: i32 = 1 << 2;

/// Microseconds in which a store leaves the store buffer of any processor, with much to spare.
const SETTLED: Duration = Duration::from_micros(500);

fn membarrier(command: i32) -> i64 {
    if cfg!(any(miri, loom)) {
        return -1;
    }
    // SAFETY: a system call without arguments in memory.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) }
}

static BARRIER: Lazy<Barrier> = Lazy::new(|| {
    let wanted = i64::from(GLOBAL_EXPEDITED | REGISTER_GLOBAL_EXPEDITED);
    let offered = membarrier(QUERY);
    if offered > 0 && offered & wanted == wanted && membarrier(REGISTER_GLOBAL_EXPEDITED) == 0 {
        Barrier::Kernel
    } else {
        Barrier::Instruction
    }
});

impl Barrier {
    /// This process's; the first call registers it with the kernel.
    pub fn of_process() -> Self {
        *BARRIER
    }

    /// Between writing a frame and looking whether its receiver sleeps.
    #[inline]
    pub fn sender(self) {
        match self {
            Self::Kernel => compiler_fence(SeqCst),
            Self::Instruction => fence(SeqCst),
        }
    }

    /// Between asking to be woken and the last look for frames.
    #[cold]
    pub fn receiver(self) {
        fence(SeqCst);
        let ordered = self == Self::Kernel && membarrier(GLOBAL_EXPEDITED) == 0;
        // Senders of this process have a barrier of their own then; others may rely on the kernel's. Without it their
        // stores are waited for.
        if !ordered && !cfg!(any(miri, loom)) && membarrier(GLOBAL) != 0 {
            std::thread::sleep(SETTLED);
        }
    }
}

/// Every order in which two threads' loads and stores may take effect, by `RUSTFLAGS="--cfg loom" cargo test -p mock-nic
/// --lib primed`. The kernel's barrier can't be modelled: it does at one point what the instruction does at each.
#[cfg(all(test, loom))]
mod tests {
    use super::*;
    use loom::sync::Arc;
    use loom::thread;

    #[derive(Default)]
    struct Shared {
        frames: [AtomicU32; 2],
        primed: Primed,
        interrupts: AtomicU32,
    }

    fn send(shared: &Shared, frame: usize) {
        shared.frames[frame].store(1, Release);
        Barrier::Instruction.sender();
        if shared.primed.is_set() && shared.primed.take() {
            // Raised and cleared through the kernel, which orders both.
            shared.interrupts.fetch_add(1, AcqRel);
        }
    }

    /// The frames that a receiver sees which is about to sleep.
    fn prime(shared: &Shared) -> u32 {
        shared.primed.set();
        Barrier::Instruction.receiver();
        shared.frames.iter().map(|frame| frame.load(Acquire)).sum()
    }

    #[test]
    fn a_receiver_sees_each_frame_or_is_woken_and_once() {
        loom::model(|| {
            let shared = Arc::new(Shared::default());
            let senders = [0, 1].map(|frame| {
                let shared = shared.clone();
                thread::spawn(move || send(&shared, frame))
            });
            let seen = prime(&shared);
            senders.into_iter().for_each(|sender| sender.join().unwrap());
            let woken = shared.interrupts.load(Relaxed);
            assert!(seen == 2 || woken == 1, "{seen} seen, woken {woken} times");
        });
    }

    /// One that was woken, saw what there was and primes again.
    #[test]
    fn a_second_prime_is_as_good_as_the_first() {
        loom::model(|| {
            let shared = Arc::new(Shared::default());
            let sender = {
                let shared = shared.clone();
                thread::spawn(move || (0..2).for_each(|frame| send(&shared, frame)))
            };
            prime(&shared);
            let woken = shared.interrupts.swap(0, AcqRel);
            let seen = prime(&shared);
            sender.join().unwrap();
            let woken_again = shared.interrupts.load(Relaxed);
            assert!(seen == 2 || woken_again > 0, "{woken} {seen} {woken_again}");
        });
    }
}
