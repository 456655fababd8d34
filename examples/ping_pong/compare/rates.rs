//! Messages at a fixed rate. Each is due at its time, whatever became of those before, and its time counts from when it
//! was due: a wire that stalls is late with all the messages that it holds up, not with one.

use std::time::Duration;

use anyhow::Result;
use examples::cpu::thread_time;

use super::super::pattern::Pattern;
use super::super::statistics::{Recorder, Summary};
use super::super::timer::Timer;
use super::end::{End, Sleep};
use super::message;

/// How long to wait for messages that have not come back, after the last one that has.
const DRAIN: Duration = Duration::from_millis(200);
/// Messages that are sent in a row before it is looked whether any have come back.
const BURST: u32 = 8;
/// How many times as long as it was meant to a measurement may take.
const OVERTIME: u32 = 2;

/// What to measure.
pub struct Plan {
    pub payload: usize,
    /// Messages a second.
    pub rate: u32,
    pub time: Duration,
    /// Tells this measurement's messages from those of others.
    pub number: u32,
}

/// What came of it.
pub struct Found {
    pub sent: u64,
    pub lost: u64,
    /// Messages a second.
    pub achieved: f64,
    pub times: Option<Summary>,
    /// CPU time of all messages.
    pub cpu: Duration,
}

/// When the messages are due, in ns from the first.
#[derive(Debug, Clone, Copy)]
struct Schedule {
    rate: u64,
}

impl Schedule {
    fn due(self, number: u64) -> u64 {
        (u128::from(number) * 1_000_000_000 / u128::from(self.rate)) as u64
    }
}

/// The messages that have come back.
struct Seen {
    bits: Vec<u64>,
    count: u64,
}

impl Seen {
    fn new(messages: u64) -> Seen {
        Seen { bits: vec![0; messages.div_ceil(64) as usize], count: 0 }
    }

    /// True the first time.
    fn add(&mut self, number: u64) -> bool {
        let Some(word) = self.bits.get_mut((number / 64) as usize) else { return false };
        let bit = 1 << (number % 64);
        let first = *word & bit == 0;
        *word |= bit;
        self.count += u64::from(first);
        first
    }
}

pub fn measure(end: &mut impl End, timer: &Timer, plan: &Plan) -> Result<Found> {
    let pattern = Pattern::new(1, plan.number);
    let schedule = Schedule { rate: plan.rate.into() };
    let total = ((u128::from(plan.rate) * plan.time.as_nanos()) / 1_000_000_000).max(1) as u64;
    let mut recorder = Recorder::new();
    let mut seen = Seen::new(total);
    let (mut out, mut scratch) = (vec![0; plan.payload], vec![0; plan.payload]);
    let limit = (plan.time * OVERTIME).as_nanos() as u64;
    let (mut sent, mut last_sent, mut last_back) = (0, 0, 0);
    let cpu = thread_time();
    let start = timer.ticks();
    loop {
        let now = timer.nanoseconds(start, timer.ticks());
        let mut burst = 0;
        while sent < total && burst < BURST && schedule.due(sent) <= now && now < limit {
            message::write(&pattern, sent, &mut out);
            if !end.send(&out)? {
                break;
            }
            sent += 1;
            burst += 1;
            last_sent = now;
        }
        let all = sent == total || now >= limit;
        if all && (seen.count == sent || now.saturating_sub(last_sent.max(last_back)) > DRAIN.as_nanos() as u64) {
            break;
        }
        // Late already, there is no time to sleep.
        let ahead = if all { DRAIN.as_nanos() as u64 / 10 } else { schedule.due(sent).saturating_sub(now) };
        end.receive(Sleep::AtMost(Duration::from_nanos(ahead)), |got| {
            let time = timer.nanoseconds(start, timer.ticks());
            // Of the measurement before this one, and late.
            let Ok(number) = message::read(&pattern, got, &mut scratch) else { return Ok(()) };
            if seen.add(number) {
                recorder.record(time.saturating_sub(schedule.due(number)));
                last_back = time;
            }
            Ok(())
        })?;
    }
    let took = last_sent.max(schedule.due(sent.saturating_sub(1))).max(1);
    // As many periods as there are between the first message and the last.
    let achieved = sent.saturating_sub(1).max(1) as f64 * 1e9 / took as f64;
    Ok(Found { sent, lost: sent - seen.count, achieved, times: recorder.summary(), cpu: thread_time() - cpu })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_due_at_the_rate_however_many_there_are() {
        let schedule = Schedule { rate: 300_000 };
        assert_eq!(schedule.due(0), 0);
        assert_eq!(schedule.due(3), 10_000);
        assert_eq!(schedule.due(300_000 * 3600), 3600 * 1_000_000_000);
        assert_eq!(schedule.due(1), 3333);
    }

    #[test]
    fn a_message_counts_once() {
        let mut seen = Seen::new(65);
        assert!(seen.add(0) && seen.add(64) && !seen.add(64) && !seen.add(200));
        assert_eq!(seen.count, 2);
    }
}
