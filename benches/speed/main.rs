//! How fast the mock is, by the C interface alone, so that one source measures any commit: for `ci/speed.sh`.
//!
//! One VI sends and another receives, both of `lo`, in one thread: frames a second with the completion of each send and
//! the reception of each frame, and the median of the time from there to back.

mod end;

use std::time::Instant;

use end::{End, Mode};

/// Frames that are sent before the receiver polls.
const BURST: usize = 64;

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let usage = "usage: speed rate|trip|count push|doorbell|ctpio COUNT";
    let [what, mode, count] = &arguments[..] else { return Err(usage.into()) };
    let mode = match &**mode {
        "push" => Mode::Push,
        "doorbell" => Mode::Doorbell,
        "ctpio" => Mode::Ctpio,
        _ => return Err(usage.into()),
    };
    let count = count.parse::<usize>().map_err(|e| format!("{count}: {e}"))?;
    let (mut near, mut far) = End::pair(mode)?;
    match &**what {
        "rate" => println!("{:.0}", rate(&mut near, &mut far, count)?),
        "trip" => println!("{}", trip(&mut near, &mut far, count)?),
        // Warmed up, so that what is counted is the same each time.
        "count" => {
            (0..count).try_for_each(|_| op_cycle(&mut near, &mut far))?;
        }
        _ => return Err(usage.into()),
    }
    Ok(())
}

/// A send, its completion and its reception: what callgrind counts.
#[inline(never)]
fn op_cycle(near: &mut End, far: &mut End) -> Result<(), String> {
    near.send()?;
    near.expect(0, 1)?;
    far.expect(1, 0)
}

/// Frames a second.
fn rate(near: &mut End, far: &mut End, count: usize) -> Result<f64, String> {
    let start = Instant::now();
    for _ in 0..count / BURST {
        for _ in 0..BURST {
            near.send()?;
            near.expect(0, 1)?;
        }
        far.expect(BURST, 0)?;
    }
    Ok((count / BURST * BURST) as f64 / start.elapsed().as_secs_f64())
}

/// Nanoseconds from a send until its echo is there, of the middle one.
fn trip(near: &mut End, far: &mut End, count: usize) -> Result<u128, String> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let start = Instant::now();
        near.send()?;
        far.expect(1, 0)?;
        far.send()?;
        near.expect(1, 1)?;
        times.push(start.elapsed().as_nanos());
        far.expect(0, 1)?;
    }
    times.sort_unstable();
    times.get(count / 2).copied().ok_or_else(|| "no trips".into())
}
