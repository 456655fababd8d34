//! `ping_pong compare`.

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

#[test]
fn a_comparison_with_nobody_says_what_to_start() {
    let wire = Wire::new("compare-nobody");
    let ended = wire.run("compare lo --local 127.0.0.1 --remote 127.0.0.1 --port 1 --wait 0.05 -W socket");
    assert!(!ended.status.success());
    assert!(ended.stderr.contains("--answer"), "{}", ended.stderr);
}
