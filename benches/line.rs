//! A bare cache line there and back between two cores: no message between them can be faster, so this is the limit that
//! a round trip over the mock is held against.

use std::fs::OpenOptions;
use std::ops::Deref;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result};
use quanta::Clock;
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};

use crate::patience::Patience;

/// A cache line that two cores write in turn. Nothing else is in it, nor in its neighbour, which is fetched along.
#[repr(C, align(128))]
#[derive(Default)]
pub struct Line {
    /// Even: the measuring core's turn. Odd: the other's.
    turn: AtomicU64,
}

impl Line {
    /// Sends the line to the other core and waits for it to come back: the time in nanoseconds.
    ///
    /// # Errors
    /// It does not come back.
    #[inline(always)]
    pub fn trip(&self, clock: &Clock) -> Result<u64> {
        let turn = self.turn.load(Ordering::Relaxed);
        let mut patience = Patience::new();
        let start = clock.raw();
        self.turn.store(turn.wrapping_add(1), Ordering::Release);
        while self.turn.load(Ordering::Acquire) != turn.wrapping_add(2) {
            patience.nothing("the cache line")?;
        }
        Ok(clock.delta_as_nanos(start, clock.raw()))
    }

    /// The other core's part: sends the line back so many times.
    ///
    /// # Errors
    /// It does not come.
    pub fn answer(&self, trips: u64) -> Result<()> {
        for _ in 0..trips {
            let mut patience = Patience::new();
            let turn = loop {
                let turn = self.turn.load(Ordering::Acquire);
                if turn % 2 == 1 {
                    break turn;
                }
                patience.nothing("the cache line")?;
            };
            self.turn.store(turn.wrapping_add(1), Ordering::Release);
        }
        Ok(())
    }
}

/// A [`Line`] in a file, shared by the processes that open it.
pub struct SharedLine {
    line: NonNull<Line>,
}

// SAFETY: the mapping stays until the drop, whichever thread that is on, and what is in it is atomic.
unsafe impl Send for SharedLine {}

impl SharedLine {
    /// Maps the line in this file, which is made if need be.
    ///
    /// # Errors
    /// The file can't be made or mapped.
    pub fn open(path: &Path) -> Result<SharedLine> {
        let what = || format!("the cache line in {}", path.display());
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).mode(0o600).open(path).with_context(what)?;
        file.set_len(size_of::<Line>() as u64).with_context(what)?;
        let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED | MapFlags::POPULATE);
        // SAFETY: a new mapping, which disturbs no other.
        let memory = unsafe { mmap(ptr::null_mut(), size_of::<Line>(), protection, flags, &file, 0) };
        let line = NonNull::new(memory.with_context(what)?.cast()).with_context(what)?;
        Ok(SharedLine { line })
    }
}

impl Deref for SharedLine {
    type Target = Line;

    #[inline(always)]
    fn deref(&self) -> &Line {
        // SAFETY: mapped until the drop, aligned to a page, as long as a line; any bytes are one. The file is not cut
        // short: only `open` sets its length.
        unsafe { self.line.as_ref() }
    }
}

impl Drop for SharedLine {
    fn drop(&mut self) {
        // SAFETY: mapped in `open` with this length, and no reference is left. It can only fail for a bad address.
        let _ = unsafe { munmap(self.line.as_ptr().cast(), size_of::<Line>()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_there_and_back() {
        let (line, clock) = (Line::default(), Clock::new());
        std::thread::scope(|scope| {
            let other = scope.spawn(|| line.answer(100));
            for trip in 0..100 {
                assert_eq!(line.turn.load(Ordering::Relaxed), 2 * trip);
                line.trip(&clock).unwrap();
            }
            other.join().unwrap().unwrap();
        });
    }

    #[test]
    fn two_mappings_are_one_line() {
        let path = std::env::temp_dir().join(format!("efvi-benches-line-{}", std::process::id()));
        let (here, there) = (SharedLine::open(&path).unwrap(), SharedLine::open(&path).unwrap());
        std::fs::remove_file(&path).unwrap();
        here.turn.store(1, Ordering::Relaxed);
        there.answer(1).unwrap();
        assert_eq!(here.turn.load(Ordering::Relaxed), 2);
    }
}
