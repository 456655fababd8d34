//! The end that sends.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use efvi::ProtectionDomain;

use crate::Model;
use crate::frames::END;
use crate::link::{self, Account, Link, Side};
use crate::memory::Memory;

/// Frames under way at most: fewer than the wire holds between two polls.
const WINDOW: u64 = 192;
/// Frames that are sent between two polls.
const BURST: usize = 16;
/// How long no answer may come before what is under way is taken for lost.
const LOST: Duration = Duration::from_millis(5);
/// How long no answer at all may come.
const PATIENCE: Duration = Duration::from_secs(30);
/// Frames between two looks at the memory in use.
const LOOK: u64 = 1 << 17;

/// How far it is.
struct Progress {
    model: Model,
    frames: u64,
    next: u64,
    /// The receiver has those below, or they are lost.
    answered: u64,
    done: bool,
    heard: Instant,
    waited: Instant,
    memory: Memory,
}

/// Sends so many frames, then says that it has until the receiver has heard it.
pub fn send(model: Model, frames: u64) -> Result<()> {
    let domain = link::open(Side::Sender, model)?;
    let now = Instant::now();
    let memory = Memory::default();
    let mut progress = Progress { model, frames, next: 0, answered: 0, done: false, heard: now, waited: now, memory };
    let mut account = Account::default();
    while !progress.is_over(&domain, &mut account)? {}
    progress.memory.stay_flat()?;
    let seconds = now.elapsed().as_secs_f64();
    println!("{account}");
    println!("{:.0} frames a second over {seconds:.1} s", account.sent as f64 / seconds);
    ensure!(account.wrong == 0, "{} frames arrived as good and were not", account.wrong);
    Ok(())
}

impl Progress {
    /// Goes on with a VI until that is lost, or all is done and reported.
    fn is_over(&mut self, domain: &ProtectionDomain, account: &mut Account) -> Result<bool> {
        let mut link = Link::new(domain, Side::Sender, self.model, account)?;
        while !(link.lost || self.done && link.is_idle()) {
            self.turn(&mut link, account)?;
        }
        let over = !link.lost;
        link.end(account);
        Ok(over)
    }

    fn turn(&mut self, link: &mut Link, account: &mut Account) -> Result<()> {
        for _ in 0..BURST {
            if self.next >= self.frames || self.next - self.answered >= WINDOW || !link.send(self.next, account)? {
                break;
            }
            self.next += 1;
            if self.next.is_multiple_of(LOOK) {
                self.memory.stay_flat()?;
            }
        }
        let (mut answer, mut end) = (None, false);
        link.poll(account, |number| match number {
            END => end = true,
            number => answer = answer.max(Some(number)),
        })?;
        self.done |= end;
        if answer.is_some() || end {
            self.heard = Instant::now();
            self.waited = self.heard;
            self.answered = self.answered.max(answer.unwrap_or(0).min(self.next));
        } else if self.waited.elapsed() > LOST {
            self.waited = Instant::now();
            self.answered = self.next;
            if self.next == self.frames && !self.done {
                link.send(END, account)?;
            }
            ensure!(self.heard.elapsed() < PATIENCE, "no answer for {} s", PATIENCE.as_secs());
        }
        Ok(())
    }
}
