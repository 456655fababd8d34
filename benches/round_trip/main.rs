//! The round trip of a 64-byte frame (without its frame check sequence; 22 bytes of UDP payload): in one thread, between
//! two threads on two cores, and between two processes on two cores over `lo`.
//!
//! As the limit, a bare cache line goes there and back between the same two cores. It is measured in turns with the
//! frames, before each of criterion's samples, so that what happens to the machine happens to both. Criterion reports
//! means. The table after it has the percentiles of every single trip of the same samples.

mod directory;
mod peer;
mod session;

use anyhow::{Context as _, Result};
use benches::end::{Kind, Mode};
use benches::table::{self, Row, Times};
use criterion::Criterion;
use examples::cpu;
use quanta::Clock;

use directory::Directory;
use session::{Place, Session};

const KINDS: [Kind; 3] = [Kind::plain(Mode::DmaPush), Kind::plain(Mode::Ctpio), Kind::timestamped(Mode::Ctpio)];

fn main() -> Result<()> {
    // This process is the other end of another, or the one that measures.
    if peer::serve_parent()? {
        return Ok(());
    }
    let directory = Directory::create()?;
    // SAFETY: this is the first that this program does: it has no other thread yet.
    unsafe { std::env::set_var("EFVI_MOCK_DIR", directory.path()) };

    let mut criterion = benches::criterion();
    let cpus = cpu::pair(&cpu::allowed().context("which CPUs may be used")?);
    if let Some((near, _)) = cpus {
        cpu::pin(near).with_context(|| format!("keeping to CPU {near}"))?;
    }
    let bench = Bench { clock: Clock::new(), directory: &directory, far_cpu: cpus.map(|(_, far)| far) };
    let mut rows = Vec::new();
    for place in [Place::Thread, Place::Threads, Place::Processes] {
        if place != Place::Thread && cpus.is_none() {
            println!("round trip, {place}: skipped, it needs two CPUs and this process may use only one");
            continue;
        }
        rows.extend(bench.run(&mut criterion, place));
    }
    criterion.final_summary();
    // None ran with `--list`, and a filter leaves some out; `cargo test` measures nothing.
    if !rows.is_empty() && std::env::args().any(|argument| argument == "--bench") {
        println!("Round trips of a 64-byte frame (FCS not counted), in ns:\n\n{}", table::render(&rows));
        match cpus {
            Some((near, far)) => println!("The limit is a cache line there and back between CPUs {near} and {far}.\n"),
            None => println!("There is no limit to hold them against: that needs two CPUs.\n"),
        }
    }
    Ok(())
}

struct Bench<'a> {
    clock: Clock,
    directory: &'a Directory,
    far_cpu: Option<usize>,
}

impl Bench<'_> {
    /// Runs all kinds at one place: the limit's row first, then theirs.
    fn run(&self, criterion: &mut Criterion, place: Place) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut limits = Times::default();
        let mut group = criterion.benchmark_group(format!("round trip/{place}"));
        for kind in KINDS {
            let mut session = None;
            group.bench_function(kind.to_string(), |bencher| {
                // Criterion comes here once a sample, and not at all if a filter leaves this one out.
                let session: &mut Session = session.get_or_insert_with(|| {
                    Session::open(place, kind, self.far_cpu, self.directory).expect("both ends can be set up")
                });
                bencher.iter_custom(|trips| session.section(trips, &self.clock).expect("frames come back"));
            });
            let Some(session) = session else { continue };
            let (times, limit) = session.finish();
            limits.add(&limit);
            rows.push(Row {
                name: format!("{place}: {kind}"),
                times,
                limit: Some(limit).filter(|limit| !limit.is_empty()),
            });
        }
        group.finish();
        // One thread is held against the limit of two.
        if place != Place::Thread && !limits.is_empty() {
            rows.insert(0, Row { name: format!("{place}: cache line"), times: limits, limit: None });
        }
        rows
    }
}
