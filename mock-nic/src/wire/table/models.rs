//! Every order in which a sender may see a change of the filters, by ci/loom.sh.
//!
//! Tried by hand, each of these alone is found: without either fence of an entry; with `Relaxed` where an entry is
//! opened or its state read; with `Relaxed` where the edition is counted or read; with the edition read after the
//! entries.

use super::*;
use crate::filter::Match;
use loom::sync::Arc;
use loom::thread;

const TO: Match = Match {
    mac: None,
    vlan: Some(1),
    ethertype: Some(2),
    protocol: Some(6),
    to: Some((3 << 96 | 4 << 64 | 5 << 32 | 6, 7)),
    from: Some((8 << 96 | 9 << 64 | 10 << 32 | 11, 12)),
};
const FIRST: Installed = Installed { filter: Filter::Match(TO), target: Target::Station(0, 1), looped: false };
/// Different in every word.
const SECOND: Installed =
    Installed { filter: Filter::MulticastMismatch { vlan: None }, target: Target::Set(1, 5), looped: true };

fn free() -> FilterEntry {
    let words = core::array::from_fn(|_| AtomicU32::new(0));
    FilterEntry { state: State(AtomicU32::new(0)), words, owner: AtomicU64::new(0) }
}

/// A model in which a thread is interrupted up to twice: an entry's words are too many for all.
fn check(model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(2);
    builder.check(model);
}

/// An entry that is given to another filter is seen as one or the other, or as none; never as a mix of both.
#[test]
fn a_filter_is_seen_whole_while_its_entry_changes_hands() {
    check(|| {
        let entry = Arc::new(free());
        entry.write(&FIRST);
        // Not the changer: it looks at the state too, and loom keeps one access by which to choose the next order.
        let reader = {
            let entry = entry.clone();
            thread::spawn(move || entry.read())
        };
        entry.write(&SECOND);
        let seen = reader.join().unwrap();
        let is = |seen: &Installed, what: &Installed| format!("{seen:?}") == format!("{what:?}");
        assert!(seen.is_none_or(|seen| is(&seen, &FIRST) || is(&seen, &SECOND)), "{seen:?}");
        assert!(entry.read().is_some_and(|seen| is(&seen, &SECOND)));
    });
}

/// What a sender remembers, it remembers of an edition: while that is the table's, it holds.
#[test]
fn what_is_remembered_of_the_last_edition_is_so() {
    check(|| {
        let table = Arc::new((AtomicU64::new(0), free(), free()));
        let removed = table.1.write(&FIRST);
        let changer = {
            let table = table.clone();
            thread::spawn(move || {
                let (edition, first, second) = &*table;
                first.state.close(removed);
                edition.fetch_add(1, Release);
                second.write(&SECOND);
                edition.fetch_add(1, Release);
            })
        };
        let (edition, first, second) = &*table;
        // As a sender does, which may find a change that was not counted yet, but then looks again.
        let of = edition.load(Acquire);
        let found = (first.read().is_some(), second.read().is_some());
        assert!(of < 1 || !found.0, "a filter that was removed is remembered of edition {of}");
        assert!(of < 2 || found.1, "a filter that was added is not remembered of edition {of}");
        changer.join().unwrap();
    });
}
