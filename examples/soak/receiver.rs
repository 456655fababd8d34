//! The end that receives, and answers.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use efvi::ProtectionDomain;

use crate::Model;
use crate::frames::END;
use crate::link::{self, Account, Link, Side};
use crate::memory::Memory;

/// Frames after which the sender is told how far it is.
const ANSWER: u64 = 32;
/// How long nothing must have come before it stops, once the sender has said that it is done.
const QUIET: Duration = Duration::from_millis(300);
/// How long nothing may come before that.
const PATIENCE: Duration = Duration::from_secs(30);
/// Frames between two looks at the memory in use.
const LOOK: u64 = 1 << 17;
/// Empty polls between two looks at the clock.
const POLLS: u32 = 1024;

/// How far it is.
struct Progress {
    model: Model,
    /// The number after the highest that came.
    highest: u64,
    answered: u64,
    looked: u64,
    /// The sender has said that it is done.
    ended: bool,
    heard: Instant,
    empty: u32,
    memory: Memory,
}

/// Receives until the sender is done; prints `ready` when that can be started.
pub fn receive(model: Model) -> Result<()> {
    let domain = link::open(Side::Receiver, model)?;
    let (heard, memory) = (Instant::now(), Memory::default());
    let mut progress = Progress { model, highest: 0, answered: 0, looked: 0, ended: false, heard, empty: 0, memory };
    let mut account = Account::default();
    while !progress.is_over(&domain, &mut account)? {}
    progress.memory.stay_flat()?;
    println!("{account}");
    ensure!(account.wrong == 0, "{} frames arrived as good and were not", account.wrong);
    Ok(())
}

impl Progress {
    /// Goes on with a VI until that is lost, or nothing comes any more.
    fn is_over(&mut self, domain: &ProtectionDomain, account: &mut Account) -> Result<bool> {
        let first = account.sent == 0 && account.replaced == 0;
        let mut link = Link::new(domain, Side::Receiver, self.model, account)?;
        if first {
            println!("ready");
        }
        let mut quiet = false;
        while !link.lost && !quiet {
            quiet = self.turn(&mut link, account)?;
        }
        link.end(account);
        Ok(quiet)
    }

    /// True once nothing comes any more.
    fn turn(&mut self, link: &mut Link, account: &mut Account) -> Result<bool> {
        let (highest, mut end) = (&mut self.highest, false);
        let any = link.poll(account, |number| match number {
            END => end = true,
            number => *highest = (*highest).max(number + 1),
        })?;
        self.ended |= end;
        if end {
            link.send(END, account)?;
        } else if self.highest - self.answered >= ANSWER && link.send(self.highest, account)? {
            self.answered = self.highest;
        }
        if self.highest - self.looked >= LOOK {
            self.looked = self.highest;
            self.memory.stay_flat()?;
        }
        if any {
            self.empty = 0;
            return Ok(false);
        }
        self.empty += 1;
        if self.empty == 1 {
            self.heard = Instant::now();
        } else if self.empty.is_multiple_of(POLLS) {
            let silent = self.heard.elapsed();
            ensure!(self.ended || silent < PATIENCE, "nothing came for {} s", PATIENCE.as_secs());
            return Ok(self.ended && silent > QUIET && link.is_idle());
        }
        Ok(false)
    }
}
