//! One message at a time: it goes out, it comes back, and how long that took.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use examples::cpu::thread_time;

use super::super::pattern::Pattern;
use super::super::statistics::{Recorder, Summary};
use super::super::timer::Timer;
use super::end::{End, Sleep};
use super::limits::Silence;
use super::message;

/// What to measure.
pub struct Plan {
    pub payload: usize,
    pub warm_ups: u32,
    pub iterations: u32,
    pub timeout: Duration,
}

/// The times, and the CPU time of each message in ns.
pub fn measure(end: &mut impl End, timer: &Timer, plan: &Plan) -> Result<(Summary, f64)> {
    let pattern = Pattern::new(0, 0);
    let mut recorder = Recorder::new();
    let (mut out, mut scratch) = (vec![0; plan.payload], vec![0; plan.payload]);
    let mut silence = Silence::new(end.sleeps());
    let mut cpu = thread_time();
    for number in 0..u64::from(plan.warm_ups) + u64::from(plan.iterations) {
        if number == u64::from(plan.warm_ups) {
            cpu = thread_time();
        }
        message::write(&pattern, number, &mut out);
        let mut back = None;
        let start = timer.ticks();
        while !end.send(&out)? {
            // What was sent before makes room.
            end.receive(Sleep::AtMost(Duration::ZERO), |_| Ok(()))?;
            if silence.lasts(plan.timeout) {
                bail!("there was no room for message {number} within {} s", plan.timeout.as_secs_f64());
            }
        }
        while back.is_none() {
            let came = end.receive(Sleep::UntilNews, |got| {
                let time = timer.ticks();
                let seen = message::read(&pattern, got, &mut scratch)?;
                if seen != number {
                    bail!("message {seen} came back where {number} was due");
                }
                back = Some(time);
                Ok(())
            })?;
            if came != 0 {
                silence.broken();
            } else if silence.lasts(plan.timeout) {
                bail!("message {number} did not come back within {} s", plan.timeout.as_secs_f64());
            }
        }
        if let Some(back) = back
            && number >= u64::from(plan.warm_ups)
        {
            recorder.record(timer.nanoseconds(start, back));
        }
    }
    let cpu = (thread_time() - cpu).as_nanos() as f64 / f64::from(plan.iterations);
    Ok((recorder.summary().context("no round trips were asked for")?, cpu))
}
