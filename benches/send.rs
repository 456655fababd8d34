//! A send, from the call until the completion has given the buffer back.
//!
//! The receiver takes the frames in between, unmeasured: a wire that is full would make sends cheaper than they are.

use std::time::Duration;

use anyhow::{Context as _, Result};
use benches::end::{BURST, End, Kind, Mode, complete};
use criterion::{Criterion, Throughput};
use efvi::Buffer;
use quanta::Clock;

/// Frames by one doorbell.
const BATCH: usize = 16;

fn main() -> Result<()> {
    let mut criterion = benches::criterion();
    send(&mut criterion, &Clock::new())?;
    criterion.final_summary();
    Ok(())
}

fn send(criterion: &mut Criterion, clock: &Clock) -> Result<()> {
    let mut group = criterion.benchmark_group("send");
    group.throughput(Throughput::Elements(1));
    for mode in [Mode::DmaPush, Mode::DmaDoorbell, Mode::Ctpio] {
        let kind = Kind::plain(mode);
        let (mut near, mut far) = End::pair(kind)?;
        group.bench_function(kind.to_string(), |bencher| {
            bencher.iter_custom(|sends| singly(&mut near, &mut far, sends, clock).expect("frames are sent"));
        });
    }
    group.throughput(Throughput::Elements(BATCH as u64));
    let (mut near, mut far) = End::pair(Kind::plain(Mode::DmaDoorbell))?;
    group.bench_function(format!("dma-doorbell, batch of {BATCH}"), |bencher| {
        bencher.iter_custom(|batches| in_batches(&mut near, &mut far, batches, clock).expect("batches are sent"));
    });
    group.finish();
    Ok(())
}

fn singly(near: &mut End, far: &mut End, sends: u64, clock: &Clock) -> Result<Duration> {
    let mode = near.mode;
    let mut buffer = Some(near.frame()?);
    let (mut tx, mut rx) = near.vi.split();
    in_bursts(sends, BURST, clock, far, 1, || {
        mode.send(&mut tx, buffer.take().context("no buffer came back")?)?;
        complete(&mut rx, 1, |sent| buffer = Some(sent))
    })
}

fn in_batches(near: &mut End, far: &mut End, batches: u64, clock: &Clock) -> Result<Duration> {
    let mut buffers = (0..BATCH).map(|_| near.frame()).collect::<Result<Vec<Buffer>>>()?;
    let (mut tx, mut rx) = near.vi.split();
    in_bursts(batches, BURST / BATCH, clock, far, BATCH, || {
        let mut frames = buffers.drain(..);
        let mut batch = tx.stage(frames.next().context("no buffer came back")?)?;
        for frame in frames {
            batch.add(frame)?;
        }
        batch.push();
        complete(&mut rx, BATCH, |sent| buffers.push(sent))
    })
}

/// Times so many calls, in bursts after each of which the far end takes the frames that every call has sent.
fn in_bursts(
    calls: u64,
    burst: usize,
    clock: &Clock,
    far: &mut End,
    frames: usize,
    mut call: impl FnMut() -> Result<()>,
) -> Result<Duration> {
    let mut time = 0;
    let mut left = calls;
    while left > 0 {
        let burst = left.min(burst as u64);
        let start = clock.raw();
        for _ in 0..burst {
            call()?;
        }
        time += clock.delta_as_nanos(start, clock.raw());
        far.drain(burst as usize * frames)?;
        left -= burst;
    }
    Ok(Duration::from_nanos(time))
}
