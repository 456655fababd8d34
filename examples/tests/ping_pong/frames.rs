//! Frames in a VLAN, and frames that are longer than a buffer.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::common::*;

/// Payloads of frames that are padded and that are not, with a tag and without, up to the largest.
const SIZES: [u64; 6] = [0, 13, 14, 18, 22, 1472];

/// Runs both ends in one go, or apart on these interfaces: ping's document.
#[track_caller]
fn document(wire: &Wire, ends: Option<[&str; 2]>, both: &str, pings: &str) -> Value {
    let Some([ping, pong]) = ends else {
        return wire.run(&format!("{both} {pings} --json")).succeeded().document();
    };
    let pong = wire.start(&format!("pong {pong} {both}"));
    let ping = wire.run(&format!("ping {ping} {both} {pings} --json")).succeeded();
    pong.end().succeeded();
    ping.document()
}

/// The two ends of a cable; and without: one process for both on `lo`.
const PLACES: [Option<[&str; 2]>; 2] = [None, Some(["cable0a", "cable0b"])];

fn list(sizes: &[u64]) -> String {
    sizes.iter().map(u64::to_string).collect::<Vec<_>>().join(",")
}

/// The frames of a capture.
fn captured(path: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(path).unwrap();
    let mut rest = &bytes[24..];
    let mut frames = Vec::new();
    while let Some((header, more)) = rest.split_first_chunk::<16>() {
        let length = u32::from_ne_bytes(*header[8..].first_chunk().unwrap()) as usize;
        frames.push(more[..length].to_vec());
        rest = &more[length..];
    }
    frames
}

#[test]
fn in_a_vlan_all_modes_are_measured() {
    for (model, ends) in [("x2", PLACES[0]), ("x2", PLACES[1]), ("x4", PLACES[0])] {
        let wire = Wire::of(model, &format!("vlan-{model}-{}", ends.is_some()));
        let document = document(&wire, ends, "--vlan 5:3", &format!("-n 100 -w 10 -s {}", list(&SIZES)));
        assert_eq!(document["vlan"], json!({"id": 5, "priority": 3}));
        assert_eq!(rows(&document).len(), 4 * SIZES.len());
        for (row, payload) in rows(&document).iter().zip(SIZES.iter().cycle()) {
            check_row(row, 100, 10);
            assert_eq!((&row["payload"], &row["frame"]), (&json!(payload), &json!(payload + 46)), "{row:#}");
        }
    }
}

/// Every frame of a session has its tag, control messages too: those of ping and their echoes the priority of ping, what
/// pong says its own.
#[test]
fn in_a_vlan_every_frame_has_the_tag() {
    let capture = std::env::temp_dir().join(format!("ping_pong-tags-{}", std::process::id()));
    for (mode, sizes) in [("ctpio,pio,dma-push,dma-doorbell", "0,22,1472"), ("best", "3000,8972")] {
        let wire = Wire::new(&format!("tags-{mode}")).with("EFVI_MOCK_MTU", 9000);
        let pong = wire.start("pong lo --vlan 4094");
        let wire = wire.with("EFVI_MOCK_PCAP", capture.display());
        let ping = wire.run(&format!("ping lo --vlan 4094:7 -n 20 -w 0 -s {sizes} -m {mode} --json")).succeeded();
        pong.end().succeeded();
        assert!(rows(&ping.document()).iter().any(|row| row["outcome"] == "measured"));
        let tags: Vec<[u8; 4]> = captured(&capture).iter().map(|frame| *frame[12..].first_chunk().unwrap()).collect();
        let of = |tag: [u8; 4]| tags.iter().filter(|found| **found == tag).count();
        let (ours, pongs) = (of([0x81, 0, 0xef, 0xfe]), of([0x81, 0, 0x0f, 0xfe]));
        assert!(ours >= 80 && pongs >= 2, "{ours} and {pongs}");
        assert_eq!(ours + pongs, tags.len());
    }
    fs::remove_file(capture).unwrap();
}

#[test]
fn ends_in_different_vlans_do_not_meet() {
    let wire = Wire::new("two-vlans");
    let pong = wire.start("pong lo --vlan 5 --wait 30");
    for other in ["--vlan 6", ""] {
        wire.run(&format!("ping lo {other} --wait 0.5")).failed("did not answer on lo");
    }
    let ping = wire.run("ping lo --vlan 5:1 -n 50 -w 0 --json").succeeded();
    check_row(&rows(&ping.document())[0], 50, 0);
    pong.end().succeeded();
    let untagged = wire.start("pong lo --wait 5");
    until("pong polls", || untagged.polls().then_some(()));
    wire.run("ping lo --vlan 5 --wait 0.5").failed("did not answer on lo");
    untagged.end().failed("frames came from others, the last from 192.0.2.1:8080 in VLAN 5");
}

/// Two pairs with the same addresses, each in a VLAN of its own, or one in none.
#[test]
fn pairs_in_different_vlans_do_not_mix() {
    let wire = Wire::new("vlan-pairs");
    let vlans = ["--vlan 7", "--vlan 8"];
    let pongs = vlans.map(|vlan| wire.start(&format!("pong lo {vlan}")));
    let pings = vlans.map(|vlan| wire.start(&format!("ping lo {vlan} -n 1000 -w 0 --json")));
    for ping in pings {
        for row in rows(&ping.end().succeeded().document()) {
            check_row(row, 1000, 0);
        }
    }
    for pong in pongs {
        pong.end().succeeded();
    }
}

#[test]
fn an_adapter_that_can_not_steer_by_vlan_is_named() {
    for (model, option) in [("x3", ""), ("x4", "--express")] {
        let wire = Wire::of(model, &format!("no-vlan-{model}"));
        for end in ["ping", "pong"] {
            let ended = wire.run(&format!("{end} lo --vlan 5 {option}"));
            let ended = ended.failed("the adapter of lo can't steer UDP in VLAN 5 (no `Capability::FilterIpVlan`)");
            assert!(ended.stderr.contains("EPROTONOSUPPORT"), "{ended:#?}");
        }
    }
}

#[test]
fn what_is_no_vlan_is_refused() {
    let wire = Wire::new("bad-vlan");
    for vlan in ["0", "4095", "65536", "-1", "five", "5:8", "5:", ""] {
        let ended = wire.run(&format!("ping lo --vlan={vlan}"));
        assert_eq!(ended.status.code(), Some(2), "{ended:#?}");
        assert!(ended.stderr.contains("from 1 to 4094"), "{ended:#?}");
    }
    let ended = wire.run("ping lo --socket --vlan 5");
    assert_eq!(ended.status.code(), Some(2), "{ended:#?}");
    assert!(ended.stderr.contains("`--vlan` is for efvi's end"), "{ended:#?}");
}

/// The longest frame in one buffer, and by CTPIO.
const SINGLE: u64 = 1778;
const CTPIO: u64 = 4092;

/// Frames on both sides of what a buffer holds, of what is received into one, and of what CTPIO takes, and the largest.
#[test]
fn long_frames_take_several_buffers() {
    for (number, (ends, vlan)) in [(PLACES[0], ""), (PLACES[1], ""), (PLACES[0], "--vlan 9")].into_iter().enumerate() {
        let headers = if vlan.is_empty() { 42 } else { 46 };
        let wire = Wire::new(&format!("jumbo-{number}")).with("EFVI_MOCK_MTU", 9000).with("EFVI_MOCK_CHECKS", "abort");
        let sizes: Vec<u64> = [SINGLE, SINGLE + 1, 2048, 2049, CTPIO, CTPIO + 1, 8014, 8972 + headers]
            .map(|frame| frame - headers)
            .into();
        let document = document(&wire, ends, vlan, &format!("-n 30 -w 3 -s {}", list(&sizes)));
        assert_eq!(rows(&document).len(), 4 * sizes.len());
        for row in rows(&document) {
            let frame = row["frame"].as_u64().unwrap();
            assert_eq!(frame, row["payload"].as_u64().unwrap() + headers);
            let longest = match row["mode"].as_str().unwrap() {
                "ctpio" => CTPIO,
                "pio" => SINGLE,
                _ => u64::MAX,
            };
            if frame <= longest {
                check_row(row, 30, 3);
            } else {
                assert_eq!(row["outcome"], "unavailable", "{row:#}");
                let reason = row["reason"].as_str().unwrap();
                assert!(reason.contains(&longest.to_string()) && reason.ends_with(&frame.to_string()), "{row:#}");
            }
        }
        assert!(wire.left_behind().is_empty());
    }
}

/// Each end takes the best that its adapter has for a frame of that length.
#[test]
fn the_best_mode_takes_frames_of_any_length() {
    for (model, mtu, sizes) in
        [("x2", 9000, [1736, 4050, 8972]), ("x4", 9000, [1737, 4051, 8000]), ("x3", 1964, [1472, 1737, 1936])]
    {
        let wire = Wire::of(model, &format!("best-jumbo-{model}")).with("EFVI_MOCK_MTU", mtu);
        let ended = wire.run(&format!("-m best -n 100 -w 10 -s {} --json", list(&sizes))).succeeded();
        for (row, payload) in rows(&ended.document()).iter().zip(sizes) {
            check_row(row, 100, 10);
            assert_eq!(row["payload"], payload);
        }
        let beyond = mtu - 28 + 1;
        wire.run(&format!("-n 10 -w 0 -s 22,{beyond}")).failed(&format!("give sizes from 0 to {}", mtu - 28));
    }
}

/// A frame in several buffers that the adapter broke off is thrown away with all its pieces; the good one behind it is
/// what counts.
#[test]
fn long_frames_may_come_poisoned_first() {
    for (number, vlan) in ["", "--vlan 5:3"].into_iter().enumerate() {
        let wire = Wire::new(&format!("jumbo-poison-{number}")).with("EFVI_MOCK_MTU", 9000);
        let wire = wire.with("EFVI_MOCK_FAULTS", "ctpio_underrun/7");
        let ended = wire.run(&format!("{vlan} -m ctpio -n 300 -w 0 -s 1400,1800,4000 --json")).succeeded();
        for row in rows(&ended.document()) {
            check_row(row, 300, 0);
            assert!(row["poisoned"].as_u64().unwrap() > 0, "{row:#}");
        }
    }
}

#[test]
fn a_capture_without_a_vlan_has_no_tag() {
    let capture = std::env::temp_dir().join(format!("ping_pong-no-tags-{}", std::process::id()));
    let wire = Wire::new("no-tags");
    let pong = wire.start("pong lo");
    let wire = wire.with("EFVI_MOCK_PCAP", capture.display());
    let document = wire.run("ping lo -m dma-push -n 20 -w 0 --json").succeeded().document();
    pong.end().succeeded();
    assert_eq!(document["vlan"], Value::Null);
    assert!(captured(&capture).iter().all(|frame| frame[12..14] == [8, 0]));
    fs::remove_file(capture).unwrap();
}
