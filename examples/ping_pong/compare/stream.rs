//! Messages one way, as fast as they go.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use examples::cpu::thread_time;

use super::super::pattern::Pattern;
use super::end::{End, Sleep};
use super::limits::Silence;
use super::message;

/// Messages that are sent between two looks at the clock.
const BURST: u64 = 64;
/// How long there may be no room.
const STUCK: Duration = Duration::from_secs(2);

/// How many were sent.
pub struct Sent {
    pub messages: u64,
    pub took: Duration,
    /// CPU time of all messages.
    pub cpu: Duration,
}

/// Sends messages of so many bytes for so long.
pub fn send(end: &mut impl End, payload: usize, time: Duration) -> Result<Sent> {
    let pattern = Pattern::new(2, payload as u32);
    let mut out = vec![0; payload];
    // The contents are checked by the round trips; here they would measure the pattern.
    message::write(&pattern, 0, &mut out);
    let mut silence = Silence::new(end.sleeps());
    let cpu = thread_time();
    let begun = Instant::now();
    let mut messages = 0;
    while begun.elapsed() < time {
        let mut burst = 0;
        while burst < BURST && end.send(&out)? {
            burst += 1;
        }
        messages += burst;
        if burst == BURST {
            silence.broken();
            continue;
        }
        // What was sent makes room when it is reported.
        end.receive(Sleep::AtMost(Duration::ZERO), |_| Ok(()))?;
        if burst > 0 {
            silence.broken();
        } else if silence.lasts(STUCK) {
            bail!("there was no room for a message of {payload} bytes within {} s", STUCK.as_secs_f64());
        }
    }
    // What still waits here is neither received nor lost.
    while !end.is_done() {
        end.receive(Sleep::AtMost(Duration::ZERO), |_| Ok(()))?;
        if silence.lasts(STUCK) {
            bail!("messages of {payload} bytes were not sent within {} s", STUCK.as_secs_f64());
        }
    }
    let took = begun.elapsed();
    Ok(Sent { messages, took, cpu: thread_time() - cpu })
}
