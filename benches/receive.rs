//! A frame received, and a buffer posted in place of its own.
//!
//! The frames are put on the wire before, unmeasured and by the same core, so they are in its caches: this is what
//! receiving costs, not how long a frame takes from another core.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Result, anyhow};
use benches::end::{self, BURST, End, Kind, Mode};
use criterion::{Criterion, Throughput};
use efvi::{PacketPool, Receive};
use quanta::Clock;

fn main() -> Result<()> {
    let mut criterion = benches::criterion();
    receive(&mut criterion, &Clock::new())?;
    criterion.final_summary();
    Ok(())
}

fn receive(criterion: &mut Criterion, clock: &Clock) -> Result<()> {
    let mut group = criterion.benchmark_group("receive");
    group.throughput(Throughput::Elements(1));

    let (mut near, mut far) = End::pair(Kind::plain(Mode::DmaPush))?;
    group.bench_function("repost", |bencher| {
        bencher.iter_custom(|frames| {
            let repost = |rx: &mut Receive<'_>, burst| {
                end::receive(rx, burst, |packet| {
                    black_box(packet.frame().last());
                    Ok(())
                })
            };
            in_bursts(&mut near, &mut far, frames, clock, repost).expect("frames are received")
        });
    });

    // A copy is made on adapters that receive into memory of their own, of which this is none.
    let mut pool = PacketPool::builder().buffers(1).build(far.vi.domain())?;
    let mut kept = Vec::with_capacity(BURST);
    group.bench_function("keep and post", |bencher| {
        bencher.iter_custom(|frames| {
            let keep = |rx: &mut Receive<'_>, burst| {
                end::receive(rx, burst, |packet| {
                    black_box(packet.frame().last());
                    kept.push(packet.keep(&mut pool).map_err(|not_kept| anyhow!("{not_kept}"))?);
                    Ok(())
                })?;
                kept.drain(..).try_for_each(|buffer| Ok(rx.post(buffer)?))
            };
            in_bursts(&mut near, &mut far, frames, clock, keep).expect("frames are received")
        });
    });

    let (mut near, mut far) = End::pair(Kind::timestamped(Mode::DmaPush))?;
    group.bench_function("repost, timestamps", |bencher| {
        bencher.iter_custom(|frames| {
            let read = |rx: &mut Receive<'_>, burst| {
                end::receive(rx, burst, |packet| {
                    black_box(packet.timestamp()?);
                    black_box(packet.frame().last());
                    Ok(())
                })
            };
            in_bursts(&mut near, &mut far, frames, clock, read).expect("frames are received")
        });
    });
    group.finish();
    Ok(())
}

/// Times `take` of so many frames, in bursts that the near end sends before.
fn in_bursts(
    near: &mut End,
    far: &mut End,
    frames: u64,
    clock: &Clock,
    mut take: impl FnMut(&mut Receive<'_>, usize) -> Result<()>,
) -> Result<Duration> {
    let mut time = 0;
    let mut left = frames;
    while left > 0 {
        let burst = left.min(BURST as u64) as usize;
        for _ in 0..burst {
            let frame = near.frame()?;
            near.vi.split().0.send(frame)?;
        }
        let (_, mut completions) = near.vi.split();
        end::complete(&mut completions, burst, |sent| near.pool.put(sent))?;

        let (_, mut rx) = far.vi.split();
        let start = clock.raw();
        take(&mut rx, burst)?;
        time += clock.delta_as_nanos(start, clock.raw());
        left -= burst as u64;
    }
    Ok(Duration::from_nanos(time))
}
