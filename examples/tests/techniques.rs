//! The example `techniques` as its users run it: its table, which is the same in every run, and the order that techniques
//! must have.

use std::collections::HashMap;
use std::process::{Command, Output};

fn run(arguments: &[&str]) -> Output {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("examples/techniques");
    assert!(program.exists(), "`cargo build -p examples --example techniques` builds it");
    Command::new(program).args(arguments).output().unwrap()
}

fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The figures of each row, of frames of 60 and of 1514 bytes, by the row's name.
fn rows(table: &str) -> HashMap<&str, [u64; 2]> {
    let rows = table.lines().filter_map(|line| {
        let (rest, long) = line.strip_prefix("  ")?.rsplit_once(' ')?;
        let (name, short) = rest.trim_end().rsplit_once(' ')?;
        Some((name.trim_end(), [short.parse().unwrap(), long.parse().unwrap()]))
    });
    rows.collect()
}

const SHORT: usize = 0;
const LONG: usize = 1;

#[test]
fn the_table_is_the_same_in_every_run() {
    let first = text(run(&[]));
    assert!(rows(&first).len() >= 14, "{first}");
    for _ in 0..3 {
        assert_eq!(text(run(&[])), first);
    }
}

#[test]
fn each_technique_gains_where_it_should() {
    let table = text(run(&[]));
    let rows = rows(&table);
    let gains = |slow: &str, fast: &str, lengths: &[usize]| {
        for length in lengths {
            let (slow_takes, fast_takes) = (rows[slow][*length], rows[fast][*length]);
            assert!(slow_takes > fast_takes, "{slow}: {slow_takes}, {fast}: {fast_takes}\n{table}");
        }
    };
    // Each spares what the one before it has: the fetch of the descriptor, that of the payload, the copy.
    gains("DMA, doorbell", "DMA, TX push", &[SHORT, LONG]);
    gains("DMA, TX push", "PIO, copied by the call", &[SHORT, LONG]);
    gains("PIO, copied by the call", "PIO, copied before", &[SHORT, LONG]);
    gains("DMA, TX push", "CTPIO, store and forward", &[SHORT, LONG]);
    // A frame that is not longer than the threshold has nothing to cut through.
    gains("CTPIO, store and forward", "CTPIO, cut-through at 64", &[LONG]);
    assert_eq!(rows["CTPIO, store and forward"][SHORT], rows["CTPIO, cut-through at 64"][SHORT], "{table}");
    // What lies in the adapter, or is cut through, leaves at once whatever its length.
    for name in ["PIO, copied before", "TX alternative, let go", "CTPIO, cut-through at 64", "future peek, X3"] {
        assert_eq!(rows[name][SHORT], rows[name][LONG], "{table}");
    }
    gains("interrupt, ef_vi_prime and poll(2), X2", "poll, X2", &[SHORT, LONG]);
    gains("interrupt, ef_eventq_wait, X2", "poll, X2", &[SHORT, LONG]);
    gains("poll, by reference, X3", "future peek, X3", &[SHORT, LONG]);
    gains("poll, X2", "future peek, X3", &[SHORT, LONG]);
}

/// A cost shows in what depends on it, and in nothing else.
#[test]
fn a_cost_that_is_set_shows_where_it_is_paid() {
    let (table, slow) = (text(run(&[])), text(run(&["--costs", "fetch=1400"])));
    let (before, after) = (rows(&table), rows(&slow));
    assert_eq!(before.len(), after.len());
    for (name, figures) in before {
        let later = if name.starts_with("DMA, doorbell") { 1000 } else { 0 };
        assert_eq!(after[name], figures.map(|figure| figure + later), "{name}\n{table}{slow}");
    }
}

#[test]
fn wrong_costs_are_explained() {
    for wrong in ["no-such-step=1", "fetch", "speed=11"] {
        let output = run(&["--costs", wrong]);
        assert_eq!(output.status.code(), Some(2), "{wrong}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.starts_with("error: ") && error.contains("expected"), "{error}");
    }
}
