//! The faults of a port while it runs: which occasions there were, and which of them were taken.

use super::{Fault, Faults, When};
use crate::errno::{Errno, Result};
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use core::time::Duration;
use std::sync::{Arc, PoisonError, RwLock};

/// A port's faults: none until some are set.
#[derive(Default)]
pub(crate) struct Slot(RwLock<Option<Arc<Active>>>);

/// Faults that are set, and what they have come to.
pub(crate) struct Active {
    seed: u64,
    delay: Duration,
    /// When each fault happens.
    rules: [Vec<When>; Fault::COUNT],
    /// Occasions so far, by fault.
    seen: [AtomicU64; Fault::COUNT],
    /// Faults that happened.
    happened: [AtomicU64; Fault::COUNT],
}

impl Slot {
    /// Sets the faults; occasions and counts start anew.
    pub(crate) fn set(&self, faults: &Faults) {
        let active = (!faults.rules.is_empty()).then(|| {
            super::arm();
            let zeros = || core::array::from_fn(|_| AtomicU64::new(0));
            let mut rules = core::array::from_fn(|_| Vec::new());
            for (fault, when) in &faults.rules {
                rules[*fault as usize].push(when.clone());
            }
            Arc::new(Active { seed: faults.seed, delay: faults.delay, rules, seen: zeros(), happened: zeros() })
        });
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = active;
    }

    /// The faults that are set.
    pub(crate) fn active(&self) -> Option<Arc<Active>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// True if the fault happens at this occasion.
    pub(crate) fn happens(&self, fault: Fault) -> bool {
        self.active().is_some_and(|active| active.happens(fault))
    }

    /// The error of a call that the fault refuses at this occasion.
    pub(crate) fn refuse(&self, fault: Fault, errno: i32) -> Result<()> {
        if self.happens(fault) { Err(Errno(errno)) } else { Ok(()) }
    }

    /// The faults that are set, once each, and how often each has happened.
    pub(crate) fn counts(&self) -> Vec<(Fault, u64)> {
        let Some(active) = self.active() else { return Vec::new() };
        let set = |fault: &&Fault| !active.rules[**fault as usize].is_empty();
        let count = |&fault: &Fault| (fault, active.happened[fault as usize].load(Relaxed));
        Fault::ALL.iter().filter(set).map(count).collect()
    }
}

impl Active {
    /// A number made of the seed, the fault and the occasion: by the finaliser of SplitMix64, whose output passes for
    /// random whatever the input.
    fn draw(&self, fault: Fault, occasion: u64) -> u64 {
        let stream = mix(self.seed ^ mix(fault as u64 + 1));
        mix(stream.wrapping_add(occasion.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// The fault's next occasion: none if it is not to happen then, otherwise a random number for its own use. Whoever
    /// lets it happen counts it.
    pub(crate) fn due(&self, fault: Fault) -> Option<u64> {
        let rules = &self.rules[fault as usize];
        if rules.is_empty() {
            return None;
        }
        let occasion = self.seen[fault as usize].fetch_add(1, Relaxed) + 1;
        let drawn = self.draw(fault, occasion);
        let due = rules.iter().any(|when| match when {
            When::Always => true,
            // 53 bits are what a float of this size has.
            When::Chance(p) => ((drawn >> 11) as f64) < p * (1_u64 << 53) as f64,
            When::Occasions(range) => range.contains(&occasion),
            When::Every(n) => occasion.is_multiple_of(*n),
        });
        due.then(|| mix(drawn))
    }

    /// The fault happened.
    pub(crate) fn count(&self, fault: Fault) {
        self.happened[fault as usize].fetch_add(1, Relaxed);
    }

    /// True if the fault happens at this occasion, which is counted.
    pub(crate) fn happens(&self, fault: Fault) -> bool {
        let due = self.due(fault).is_some();
        if due {
            self.count(fault);
        }
        due
    }

    /// How late a delayed frame is.
    pub(crate) fn delay(&self) -> Duration {
        self.delay
    }
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn occasions(faults: Faults, fault: Fault, count: u64) -> Vec<u64> {
        let slot = Slot::default();
        slot.set(&faults);
        (1..=count).filter(|_| slot.happens(fault)).collect()
    }

    #[test]
    fn schedules_name_occasions_from_1_on() {
        let on = |when: When| occasions(Faults::builder().on(Fault::Drop, when).build(), Fault::Drop, 10);
        assert_eq!(on(3.into()), [3]);
        assert_eq!(on((5..8).into()), [5, 6, 7]);
        assert_eq!(on((9..).into()), [9, 10]);
        assert_eq!(on(When::Every(4)), [4, 8]);
        assert_eq!(on(When::Always).len(), 10);
        assert!(on(0.0.into()).is_empty());
        assert_eq!(on(1.0.into()).len(), 10);
        assert!(occasions(Faults::builder().on(Fault::Drop, 1).build(), Fault::Delay, 10).is_empty());
        let both = Faults::builder().on(Fault::Drop, 2).on(Fault::Drop, When::Every(3)).build();
        assert_eq!(occasions(both, Fault::Drop, 6), [2, 3, 6]);
    }

    /// Miri takes its time.
    const MANY: u64 = if cfg!(miri) { 5000 } else { 100_000 };

    #[test]
    fn chance_is_the_seeds_and_each_faults_own() {
        let alone = |seed, fault| Faults::builder().seed(seed).on(fault, 0.01).build();
        let seven = occasions(alone(7, Fault::Drop), Fault::Drop, MANY);
        let expected = MANY as usize / 100;
        assert!((expected * 8 / 10..expected * 12 / 10).contains(&seven.len()), "{} of {MANY} at 1 %", seven.len());
        assert_eq!(occasions(alone(7, Fault::Drop), Fault::Drop, MANY), seven);
        assert_ne!(occasions(alone(8, Fault::Drop), Fault::Drop, MANY), seven);
        assert_ne!(occasions(alone(7, Fault::Delay), Fault::Delay, MANY), seven);
        // Others change nothing.
        let more = Faults::builder().seed(7).on(Fault::Delay, 0.5).on(Fault::Drop, 0.01).build();
        assert_eq!(occasions(more, Fault::Drop, MANY), seven);
    }

    #[test]
    fn what_happened_is_listed() {
        let slot = Slot::default();
        assert_eq!(slot.counts(), []);
        slot.set(&Faults::builder().on(Fault::NoVi, 2..4).on(Fault::Drop, 1).build());
        assert_eq!(slot.counts(), [(Fault::Drop, 0), (Fault::NoVi, 0)]);
        let refused = (0..5).filter(|_| slot.refuse(Fault::NoVi, libc::EBUSY) == Err(Errno(libc::EBUSY))).count();
        assert_eq!((refused, slot.counts()), (2, vec![(Fault::Drop, 0), (Fault::NoVi, 2)]));
        slot.set(&Faults::default());
        assert_eq!(slot.counts(), []);
    }
}
