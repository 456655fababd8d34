//! The suite over interfaces of the machine: this program runs itself again, in a network namespace of its own, where the
//! tests' ports are the ends of veth pairs.
//!
//! Each test is carried, or [`NOT_CARRIED`] says why not.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::common::wire::{OVER_VETH, why};

/// What of a test an interface does not carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    All,
    /// A part of it, or a way of doing it.
    Part,
}

/// Where it does not.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Over {
    Any,
    Xdp,
}

use Over::{Any, Xdp};
use What::{All, Part};

/// What an interface of the machine does not carry of which test, and why. What is not here is carried; what is here and is
/// carried is an error.
const NOT_CARRIED: &[(&str, What, Over, &str)] = &[
    ("dispatch::a_method_that_panics_loses_and_doubles_nothing", Part, Any, why::CHECK_SEQUENCE),
    ("dispatch::the_account_is_that_of_a_loop_over_next", Part, Any, why::CHECK_SEQUENCE),
    ("dispatch::the_account_is_that_of_a_loop_over_next", Part, Any, why::ORDER),
    (
        "dispatch::what_is_left_of_a_forgotten_poll_is_put_back_before_the_next_is_dispatched",
        Part,
        Any,
        why::CHECK_SEQUENCE,
    ),
    ("filter_kinds::a_sniffer_gets_copies", All, Xdp, why::ONE_TAKES),
    ("filter_kinds::multicast_of_this_host_is_received_on_request", All, Any, why::LOOPS),
    ("filter_kinds::the_kernel_gets_nothing_that_is_kept_from_it", All, Any, why::KERNELS),
    ("filters::lo_comes_back", All, Any, why::MEMORY),
    ("filters::multicast_goes_to_all_who_ask", Part, Xdp, why::SHARED),
    (
        "models::a_frame_with_a_bad_check_sequence_is_discarded_with_its_reason_and_its_bytes",
        All,
        Any,
        why::CHECK_SEQUENCE,
    ),
    ("packets::a_frame_with_a_bad_check_sequence_is_discarded_with_its_reason", All, Any, why::CHECK_SEQUENCE),
    ("references::discards_are_held_too", All, Any, why::CHECK_SEQUENCE),
    ("references::held_packets_are_anybodys", All, Any, why::NO_WIRE),
    ("references::held_packets_keep_their_vi", Part, Any, why::TAKEN),
    ("sets::a_place_is_taken_once", Part, Xdp, why::SETS),
    ("sets::a_set_lives_as_long_as_its_vis", Part, Xdp, why::SETS),
    ("sets::filters_of_a_set_are_its_own_and_go_with_their_guard", Part, Xdp, why::SETS),
    ("sets::flows_are_spread_and_each_goes_one_way", Part, Xdp, why::SETS),
    ("shared_queue::a_member_can_be_of_a_set", Part, Xdp, why::SETS),
    ("waiting::a_process_wakes_another", All, Any, why::MEMORY),
];

#[test]
fn x2_by_af_xdp() {
    run("x2", "xdp", &[]);
}

#[test]
fn x2_by_packet_sockets() {
    run("x2", "packet", &[]);
}

/// Arrivals are later by milliseconds there: a few tests do.
#[test]
fn x2_by_packet_sockets_with_blocks() {
    run("x2", "packet-blocks", &["send_receive::", "filters::", "pieces::"]);
}

/// AF_XDP needs posted buffers.
#[test]
fn x3_by_packet_sockets() {
    run("x3", "packet", &[]);
}

#[test]
fn x4_by_af_xdp() {
    run("x4", "xdp", &[]);
}

#[test]
fn x4_by_packet_sockets() {
    run("x4", "packet", &[]);
}

#[test]
fn x4_express_by_packet_sockets() {
    run("x4-express", "packet", &[]);
}

/// What one test has told.
#[derive(Default)]
struct Outcome {
    passed: bool,
    /// It is of other models.
    is_anothers: bool,
    interfaces: Vec<String>,
    not_carried: BTreeSet<(What, String)>,
    /// All that it printed.
    text: String,
}

/// Runs the tests, or some, over veth pairs.
fn run(model: &str, wire: &str, filters: &[&str]) {
    if cfg!(not(onload_since = "9.0.1")) && model.starts_with("x4") {
        println!("skipped: this release has no X4");
        return;
    }
    let probe = ["--net", "ip", "link", "add", "type", "veth"];
    if !Command::new("unshare").args(probe).output().is_ok_and(|output| output.status.success()) {
        println!("skipped: to make network namespaces takes root, unshare and ip");
        return;
    }
    let log = std::env::temp_dir().join(format!("efvi-suite-{model}-{wire}-{}.log", std::process::id()));
    let mut command = Command::new("unshare");
    // Whatever hangs is ended.
    command.args(["--net", "timeout", "300"]).arg(std::env::current_exe().unwrap());
    command.args(filters).args(["--skip", "over_interfaces::", "--show-output"]);
    command.env(OVER_VETH, model).env("EFVI_MOCK_MODEL", model.trim_end_matches("-express"));
    command.env("EFVI_MOCK_LOG", format!("wire:{}", log.display())).env("RUST_BACKTRACE", "0");
    // Several VIs of a process share an interface in some tests: then one has AF_XDP.
    if wire != "xdp" {
        command.env("EFVI_MOCK_WIRE", wire);
    }
    let output = command.output().unwrap();
    let (text, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("\ntest result: "), "{model} by {wire} has not come to its end:\n{text}\n{errors}");
    let said = std::fs::read_to_string(&log).unwrap();
    std::fs::remove_file(&log).ok();
    assert_eq!(wire == "xdp", said.contains(" by AF_XDP"), "{model} by {wire}:\n{said}");

    let mut outcomes = outcomes(&text);
    if wire == "xdp" {
        let ways = ways(&said);
        outcomes.values_mut().for_each(|outcome| outcome.went_by_xdp(&ways));
    }
    outcomes.retain(|_, outcome| !outcome.is_anothers);
    let wrong: Vec<_> = outcomes.iter().filter_map(|(test, outcome)| outcome.wrong(test, wire == "xdp")).collect();
    assert!(wrong.is_empty(), "{model} by {wire}:\n{}", wrong.join("\n"));
    let count = |what| outcomes.values().filter(|outcome| outcome.not_carried.iter().any(|no| no.0 == what)).count();
    let carried = outcomes.values().filter(|outcome| outcome.passed).count();
    assert!(carried > 0, "no test ran");
    println!("{model} by {wire}: {carried} tests, {} of them in part; {} not carried", count(Part), count(All));
}

/// What each test of a run has told.
fn outcomes(text: &str) -> BTreeMap<String, Outcome> {
    let mut all = BTreeMap::<String, Outcome>::new();
    for line in text.lines() {
        if let Some((test, result)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... ")) {
            all.entry(test.to_owned()).or_default().passed = result == "ok";
        }
    }
    let mut current = None;
    for line in text.lines() {
        if let Some(test) = line.strip_prefix("---- ").and_then(|rest| rest.strip_suffix(" stdout ----")) {
            current = Some(test.to_owned());
        } else if ["successes:", "failures:"].contains(&line) {
            current = None;
        } else if let Some(outcome) = current.as_ref().and_then(|test| all.get_mut(test)) {
            outcome.hear(line);
        }
    }
    all
}

/// Why VIs of each interface went by packet sockets, as the log has it.
fn ways(log: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut ways = BTreeMap::<_, BTreeSet<_>>::new();
    for line in log.lines() {
        let Some((name, rest)) = line.split_once(": ") else { continue };
        let Some((_, reason)) = rest.split_once(" by packet sockets: ") else { continue };
        ways.entry(name.to_owned()).or_default().insert(reason.to_owned());
    }
    ways
}

impl Outcome {
    fn hear(&mut self, line: &str) {
        self.text += line;
        self.text.push('\n');
        if let Some(names) = line.strip_prefix("over ") {
            self.interfaces.extend(names.split(' ').map(str::to_owned));
        } else if let Some(why) = line.strip_prefix("left out: ") {
            self.not_carried.insert((Part, why.to_owned()));
        } else if let Some(why) = line.strip_prefix("not carried: ") {
            self.not_carried.insert((All, why.to_owned()));
        } else if line == "of another model" {
            self.is_anothers = true;
        }
    }

    /// What went by packet sockets is not carried by AF_XDP, as the mock says why, unless another VI has that on the same interface.
    fn went_by_xdp(&mut self, ways: &BTreeMap<String, BTreeSet<String>>) {
        for reason in self.interfaces.iter().filter_map(|name| ways.get(name)).flatten() {
            if reason.starts_with("AF_XDP for a VI of a set") {
                self.not_carried.insert((Part, why::SETS.to_owned()));
            } else if !reason.starts_with("AF_XDP, which another VI of this process has") {
                self.not_carried.insert((Part, reason.clone()));
            }
        }
    }

    /// What is wrong with it, if anything is.
    fn wrong(&self, test: &str, by_xdp: bool) -> Option<String> {
        let rows = NOT_CARRIED.iter().filter(|row| row.0 == test && (row.2 == Any || by_xdp));
        let expected: BTreeSet<_> = rows.map(|(_, what, _, why)| (*what, (*why).to_owned())).collect();
        let is_whole = !self.not_carried.iter().any(|(what, _)| *what == All);
        if self.passed != is_whole {
            return Some(format!("{test} fails:\n{}", self.text));
        }
        let unknown = self.not_carried.difference(&expected).map(|row| format!("{test} {row:?} is not in the table"));
        let needless = expected.difference(&self.not_carried).map(|row| format!("{test} {row:?} is carried after all"));
        let silent = (self.passed && self.interfaces.is_empty()).then(|| format!("{test} is over no interface"));
        let all: Vec<_> = unknown.chain(needless).chain(silent).collect();
        (!all.is_empty()).then(|| all.join("\n"))
    }
}

#[test]
fn the_table_names_tests() {
    let output = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let tests: BTreeSet<_> = text.lines().filter_map(|line| line.strip_suffix(": test")).collect();
    for (test, ..) in NOT_CARRIED {
        assert!(tests.contains(test), "{test}");
    }
}
