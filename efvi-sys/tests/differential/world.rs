//! A VI of random numbers, its rings and what is around it, always at the same addresses.

use std::cell::RefCell;
use std::collections::HashSet;
use std::mem::size_of;

use crate::bindings::*;
use crate::library;

/// Slots of the largest ring.
pub const SLOTS: usize = 64;
/// How many VIs a twin is tried on.
const TRIALS: u64 = 100;
/// Bytes that packets, headers and events are in: the next packet of a packed stream is up to 64 KiB away.
const BYTES: usize = 80 << 10;
/// As many of them are at random.
const RANDOM_BYTES: usize = 4096;

/// A result of a call.
pub trait Word {
    fn word(&self) -> u64;
}

macro_rules! integers {
    ($($t:ty),*) => {
        $(impl Word for $t {
            fn word(&self) -> u64 {
                *self as u64
            }
        })*
    };
}
integers!(i32, u32, i64, u64);

impl Word for () {
    fn word(&self) -> u64 {
        0
    }
}

impl<T> Word for *mut T {
    fn word(&self) -> u64 {
        self.addr() as u64
    }
}

/// Memory in whole words.
#[derive(Clone, PartialEq)]
struct Words(Vec<u64>);

impl Words {
    fn new(bytes: usize) -> Self {
        Self(vec![0; bytes.div_ceil(8)])
    }

    fn at<T>(&mut self) -> *mut T {
        self.0.as_mut_ptr().cast()
    }
}

/// All of it.
#[derive(Clone, PartialEq)]
struct Memory {
    vi: Words,
    state: Words,
    ids: Words,
    table: Words,
    bytes: Words,
    small: Words,
}

pub struct World {
    memory: RefCell<Memory>,
    random: RefCell<u64>,
}

/// Compares what a call does here and in C: what it returns, what it calls with what, and what it writes.
pub fn compare(name: &str, call: impl Fn(&World, bool) -> u64) {
    let world = World {
        memory: RefCell::new(Memory {
            vi: Words::new(size_of::<ef_vi>()),
            state: Words::new(size_of::<ef_vi_state>()),
            ids: Words::new(4 * SLOTS),
            table: Words::new(512),
            bytes: Words::new(BYTES),
            small: Words::new(256),
        }),
        random: RefCell::new(0),
    };
    let mut effects = HashSet::new();
    for seed in 1..=TRIALS {
        let run = |is_c| {
            world.fill(seed);
            let result = call(&world, is_c);
            (result, library::calls(), world.memory.borrow().clone())
        };
        let (ours, theirs) = (run(false), run(true));
        assert_eq!((ours.0, &ours.1), (theirs.0, &theirs.1), "{name}, VI {seed}: what it returns and calls");
        assert!(ours.2 == theirs.2, "{name}, VI {seed}: what it writes");
        world.fill(seed);
        let has_written = *world.memory.borrow() != theirs.2;
        effects.insert((theirs.0, theirs.1, has_written.then_some(seed)));
    }
    // A call with no other argument than the VI is the same each time.
    let has_called = effects.iter().any(|(_, calls, _)| !calls.is_empty());
    assert!(effects.len() > 1 || has_called, "{name}: C always does the same, so nothing was compared");
}

impl World {
    fn fill(&self, seed: u64) {
        *self.random.borrow_mut() = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let memory = &mut *self.memory.borrow_mut();
        let Memory { vi, state, ids, table, bytes, small } = memory;
        for words in [&mut *vi, state, ids, table, small] {
            words.0.fill_with(|| self.random());
        }
        bytes.0[..RANDOM_BYTES / 8].fill_with(|| self.random());
        let (ep, vi) = (state.at::<ef_vi_state>(), vi.at::<ef_vi>());
        // SAFETY: each has room for its structure; only integers, pointers and optional functions are written.
        unsafe {
            for id in 0..SLOTS {
                if self.random().is_multiple_of(4) {
                    *ids.at::<u32>().add(id) = EF_REQUEST_ID_MASK;
                }
            }
            let mask = SLOTS as u32 / 2_u32.pow(self.random() as u32 % 4) - 1;
            (*vi).ep_state = ep;
            (*vi).vi_txq.ids = ids.at();
            (*vi).vi_txq.mask = mask;
            let waiting = self.random() as u32 % (mask + 1);
            (*ep).txq.added = (*ep).txq.removed.wrapping_add(waiting);
            (*vi).evq_phase_bits = self.random() as i32 & 1;
            (*vi).nic_type.arch = (self.random() % 6) as u8;
            library::tables(vi, table.at());
        }
    }

    /// The next random number.
    pub fn random(&self) -> u64 {
        let mut state = self.random.borrow_mut();
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        state.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn vi(&self) -> *mut ef_vi {
        self.memory.borrow_mut().vi.at()
    }

    /// Bytes at random, with zeros after them.
    pub fn bytes<T>(&self) -> *mut T {
        self.memory.borrow_mut().bytes.at()
    }

    /// A small structure of random numbers.
    pub fn small<T>(&self) -> *mut T {
        self.memory.borrow_mut().small.at()
    }

    /// Registered memory of 512 pages.
    pub fn region(&self) -> *mut ef_memreg {
        let region = self.small::<ef_memreg>();
        // SAFETY: there is room for the structure.
        unsafe { (*region).mr_dma_addrs = self.bytes() };
        region
    }

    /// A number of bytes that no sum of two overflows.
    pub fn length(&self) -> i32 {
        self.random() as i32 >> 2
    }

    /// A delegated send whose headers are random bytes.
    pub fn delegated_send(&self) -> *mut onload_delegated_send {
        let send = self.small::<onload_delegated_send>();
        // SAFETY: there is room for the structure.
        unsafe {
            (*send).headers = self.bytes();
            (*send).tcp_seq_offset = self.random() as i32 & 0xFF;
            (*send).ip_len_offset = self.random() as i32 & 0xFF;
            for number in [
                &raw mut (*send).send_wnd,
                &raw mut (*send).cong_wnd,
                &raw mut (*send).user_size,
                &raw mut (*send).ip_tcp_hdr_len,
            ] {
                *number = self.length();
            }
        }
        send
    }

    /// A queue of an event queue.
    #[cfg(onload_since = "9.1.0")]
    pub fn queue(&self) -> i32 {
        (self.random() % EF_VI_MAX_QS as u64) as i32
    }

    /// A family of addresses.
    #[cfg(onload_since = "8.1.3")]
    pub fn family(&self) -> i32 {
        [libc::AF_INET, libc::AF_INET6][self.random() as usize & 1]
    }
}
