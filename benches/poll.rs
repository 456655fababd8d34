//! A poll that finds nothing: what a spinning receiver does nearly all the time.

use anyhow::Result;
use benches::end::{End, Kind, Mode, complete};
use criterion::{BenchmarkGroup, Criterion, measurement::WallTime};

fn main() -> Result<()> {
    let mut criterion = benches::criterion();
    poll(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

fn poll(criterion: &mut Criterion) -> Result<()> {
    let mut group = criterion.benchmark_group("poll");
    let (mut near, _far) = End::pair(Kind::plain(Mode::DmaPush))?;
    empty(&mut group, "empty", &mut near);

    let (mut near, _far) = End::pair(Kind::timestamped(Mode::DmaPush))?;
    empty(&mut group, "empty, timestamps", &mut near);

    // The mock's receiver looks for frames of each sender that it has heard of.
    let (mut near, mut far) = End::pair(Kind::plain(Mode::DmaPush))?;
    let frame = far.frame()?;
    let (mut tx, mut rx) = far.vi.split();
    tx.send(frame)?;
    complete(&mut rx, 1, drop)?;
    near.drain(1)?;
    empty(&mut group, "empty, a sender on the wire", &mut near);
    group.finish();
    Ok(())
}

fn empty(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, end: &mut End) {
    let (_, mut rx) = end.vi.split();
    group.bench_function(name, |bencher| bencher.iter(|| rx.poll().next().is_none()));
}
