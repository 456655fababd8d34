//! `ping_pong compare`.

use std::process::Command;

use serde_json::Value;

use super::common::*;

/// Without an interface of its own, which takes privileges, one wire can be compared: the one in memory.
#[test]
fn a_comparison_accounts_for_every_message() {
    let wire = Wire::new("compare");
    let ended = wire.run(
        "compare lo --local 127.0.0.1 --remote 127.0.0.1 -W memory -n 300 -w 10 -s 100 --rates 1000,2000 --only-rates \
         --seconds 0.05 --streams 22,1000 --json",
    );
    assert!(ended.status.success(), "{ended:?}");
    let document: Value = serde_json::from_str(&ended.stdout).unwrap();
    let row = &document["rows"][0];
    assert_eq!((&row["wire"], &row["outcome"]), (&"memory".into(), &"measured".into()));
    assert_eq!(row["round_trips"]["times"]["count"], 300);
    let rates = row["rates"].as_array().unwrap();
    assert_eq!(rates.iter().map(|rate| rate["asked"].as_u64().unwrap()).collect::<Vec<_>>(), [1000, 2000]);
    for rate in rates {
        let back = rate["times"]["count"].as_u64().unwrap_or(0);
        assert_eq!(rate["sent"].as_u64().unwrap(), back + rate["lost"].as_u64().unwrap());
    }
    let streams = row["streams"].as_array().unwrap();
    assert_eq!(streams.len(), 2);
    for stream in streams {
        let lost: u64 = stream["lost_at"].as_array().unwrap().iter().map(|at| at["messages"].as_u64().unwrap()).sum();
        assert_eq!(stream["sent"].as_u64().unwrap(), stream["received"].as_u64().unwrap() + lost, "{stream}");
    }
    assert!(wire.left_behind().is_empty());
}

/// Frames that come twice are more than were sent: no sum is right then.
#[test]
fn a_comparison_that_does_not_add_up_fails() {
    let wire = Wire::new("compare-unaccounted");
    let line = "compare lo --local 127.0.0.1 --remote 127.0.0.1 -W memory -n 0 --rates 0 --seconds 0.1 --streams 18";
    let with = |faults| wire.spawn(Command::new(program()).env("EFVI_MOCK_FAULTS", faults), line).end();
    let ended = with("duplicate@20");
    assert!(!ended.status.success(), "{ended:?}");
    assert!(ended.stderr.contains("memory, frames of 64 bytes"), "{}", ended.stderr);
    assert!(ended.stderr.contains("and 1 too many"), "{}", ended.stderr);
    assert!(ended.stdout.contains("unaccounted"), "{}", ended.stdout);
    // What is lost on purpose is counted, and adds up.
    let ended = with("drop@20");
    assert!(ended.status.success(), "{ended:?}");
    assert!(ended.stdout.contains("ping: fault, sending 1"), "{}", ended.stdout);
}

#[test]
fn a_comparison_with_nobody_says_what_to_start() {
    let wire = Wire::new("compare-nobody");
    let ended = wire.run("compare lo --local 127.0.0.1 --remote 127.0.0.1 --port 1 --wait 0.05 -W socket");
    assert!(!ended.status.success());
    assert!(ended.stderr.contains("--answer"), "{}", ended.stderr);
}
