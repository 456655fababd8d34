//! What ping prints and writes.

use std::fs;

use super::common::*;

#[test]
fn alone_it_prints_two_tables_and_no_progress_bar_in_a_pipe() {
    let wire = Wire::new("table");
    let ended = wire.run("-n 100 -w 10").succeeded();
    for mode in ["ctpio ", "pio ", "dma-push ", "dma-doorbell "] {
        let rows: Vec<&str> = ended.stdout.lines().filter(|line| line.starts_with(mode)).collect();
        assert_eq!(rows.len(), 2, "{ended:#?}");
        for row in rows {
            assert_eq!(row.split_whitespace().count(), 11, "{row}");
        }
    }
    assert!(ended.stdout.contains("440 echoes checked"), "{ended:#?}");
    assert!(ended.stdout.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{ended:#?}");
}

#[test]
fn every_size_of_a_sweep_is_a_row() {
    let wire = Wire::new("sweep");
    let ended = wire.run("-n 50 -w 0 -s 0-4,17-19,1400-1472:36 -m dma-push,ctpio -c snf -p --json").succeeded();
    let document = ended.document();
    let sizes = [0, 1, 2, 3, 4, 17, 18, 19, 1400, 1436, 1472];
    let expected = ["dma-push", "ctpio"].iter().flat_map(|mode| sizes.map(|size| (*mode, size)));
    let got: Vec<(&str, u64)> =
        rows(&document).iter().map(|row| (row["mode"].as_str().unwrap(), row["payload"].as_u64().unwrap())).collect();
    assert_eq!(got, expected.collect::<Vec<_>>());
    for row in rows(&document) {
        check_row(row, 50, 0);
    }
    assert_eq!(document["cut_through"], "snf");
    assert_eq!(document["no_poison"], true);
}

#[test]
fn without_timestamps_there_is_one_table() {
    let wire = Wire::new("plain");
    let ended = wire.run("-n 100 -w 0 -m ctpio --no-timestamps").succeeded();
    assert_eq!(ended.stdout.lines().filter(|line| line.starts_with("ctpio ")).count(), 1, "{ended:#?}");
}

#[test]
fn the_histogram_log_holds_every_time() {
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};
    let wire = Wire::new("hdr");
    let path = wire.directory.with_extension("hlog");
    wire.run(&format!("-n 300 -w 0 -m ctpio,dma-push --hdr {}", path.display())).succeeded();
    let log = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let tags: Vec<String> = IntervalLogIterator::new(&log)
        .filter_map(|entry| match entry.unwrap() {
            LogEntry::Interval(interval) => Some(interval.tag().unwrap().as_str().to_owned()),
            _ => None,
        })
        .collect();
    let expected = ["ctpio-22-software", "ctpio-22-adapter", "dma-push-22-software", "dma-push-22-adapter"];
    assert_eq!(tags, expected);
}

#[test]
fn a_log_that_cannot_be_written_is_an_error_with_its_name() {
    let wire = Wire::new("nolog");
    let ended = wire.run("-n 10 -w 0 -m ctpio --hdr /no/such/directory/log");
    assert_eq!(ended.status.code(), Some(1), "{ended:#?}");
    assert!(ended.stderr.contains("/no/such/directory/log"), "{ended:#?}");
}
