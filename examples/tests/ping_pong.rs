//! The example `ping_pong` as its users run it: processes over `lo`, the wire of the mock adapter.
#![cfg(feature = "mock-nic")]

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// A wire of one test: a directory for the mock adapter's shared memory.
struct Wire {
    directory: PathBuf,
    model: &'static str,
}

impl Wire {
    fn new(name: &str) -> Wire {
        Wire::of("x2", name)
    }

    /// Between adapters of a model.
    fn of(model: &'static str, name: &str) -> Wire {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let directory = base.join(format!("ping_pong-test-{}-{name}", std::process::id()));
        fs::create_dir(&directory).unwrap();
        Wire { directory, model }
    }

    /// `ping_pong` with these arguments, on this wire.
    fn start(&self, arguments: &str) -> Run {
        self.spawn(&mut Command::new(program()), arguments)
    }

    fn spawn(&self, command: &mut Command, arguments: &str) -> Run {
        let child = command
            .args(arguments.split_whitespace())
            .env("EFVI_MOCK_DIR", &self.directory)
            .env("EFVI_MOCK_MODEL", self.model)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Run { child }
    }

    fn run(&self, arguments: &str) -> Ended {
        self.start(arguments).end()
    }

    /// What the runs left in shared memory.
    fn left_behind(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.directory).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // Best effort: a test that failed may have left anything.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The example, which cargo builds before the tests of its package.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let program = test.ancestors().nth(2).unwrap().join("examples/ping_pong");
    assert!(
        program.exists(),
        "{} is missing: `cargo build -p examples --example ping_pong` builds it",
        program.display()
    );
    program
}

/// A process of this test. Dropped, it is killed.
struct Run {
    child: Child,
}

/// How a process ended.
#[derive(Debug)]
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
    took: Duration,
}

impl Run {
    /// Waits for its end.
    fn end(mut self) -> Ended {
        let start = Instant::now();
        let drain = |pipe: Option<Box<dyn std::io::Read + Send>>| {
            thread::spawn(move || {
                let mut text = String::new();
                pipe.unwrap().read_to_string(&mut text).unwrap();
                text
            })
        };
        let stdout = drain(self.child.stdout.take().map(|pipe| Box::new(pipe) as _));
        let stderr = drain(self.child.stderr.take().map(|pipe| Box::new(pipe) as _));
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < LONG, "it does not end");
            thread::sleep(Duration::from_millis(2));
        };
        let took = start.elapsed();
        Ended { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap(), took }
    }

    fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Whether it has used as much of a processor as only polling takes.
    fn polls(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // Behind the name, which may hold anything: state, and eleven fields on the time in user mode, in 10 ms.
        let fields = stat.rsplit(')').next().unwrap();
        fields.split_whitespace().nth(11).unwrap().parse::<u64>().unwrap() >= 5
    }

    /// The processes that it started.
    fn children(&self) -> Vec<i32> {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        children.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
    }

    /// Waits until it has started a process that runs, and gives its id.
    fn child_at_work(&self) -> i32 {
        until("it starts a second process", || self.children().first().copied())
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        // Best effort: it has ended already if all went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    #[track_caller]
    fn succeeded(self) -> Ended {
        assert!(self.status.success(), "{self:#?}");
        assert_eq!(self.stderr, "", "{self:#?}");
        self
    }

    /// Checks that it failed, with exit code 1 and one line that contains `text`.
    #[track_caller]
    fn failed(self, text: &str) -> Ended {
        assert_eq!(self.status.code(), Some(1), "{self:#?}");
        assert!(self.stderr.contains(text), "{self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        self
    }

    #[track_caller]
    fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

#[track_caller]
fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < LONG, "{what}: not in time");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Checks a measured row: all round trips there, each echo checked, the numbers in order.
#[track_caller]
fn check_row(row: &Value, iterations: u64, warm_ups: u64) {
    assert_eq!(row["outcome"], "measured", "{row:#}");
    assert_eq!(row["checked"], iterations + warm_ups, "{row:#}");
    for times in [&row["software"], &row["adapter"]] {
        assert_eq!(times["count"], iterations, "{row:#}");
        let order = ["min", "p50", "p90", "p99", "p99.9", "max"];
        let times: Vec<u64> = order.iter().map(|name| times[*name].as_u64().unwrap()).collect();
        assert!(times.is_sorted(), "{row:#}");
        assert!(times[0] > 0, "{row:#}");
    }
    for times in [&row["software"], &row["adapter"]] {
        let mean = times["mean"].as_f64().unwrap();
        assert!(mean >= times["min"].as_f64().unwrap() * 0.99, "{row:#}");
        assert!(mean <= times["max"].as_f64().unwrap() * 1.01, "{row:#}");
        assert!(times["stddev"].as_f64().unwrap() >= 0.0, "{row:#}");
    }
    assert_eq!(row["adapter"]["missing"], 0, "{row:#}");
}

fn rows(document: &Value) -> &[Value] {
    document["results"].as_array().unwrap()
}

#[test]
fn alone_it_measures_all_modes_and_leaves_nothing_behind() {
    let wire = Wire::new("alone");
    let ended = wire.run("-n 500 -w 50 --json").succeeded();
    let document = ended.document();
    assert_eq!(document["interface"], "lo");
    assert_eq!(document["iterations"], 500);
    assert_eq!(document["warm_ups"], 50);
    let modes: Vec<&str> = rows(&document).iter().map(|row| row["mode"].as_str().unwrap()).collect();
    assert_eq!(modes, ["ctpio", "pio", "dma-push", "dma-doorbell"]);
    for row in rows(&document) {
        check_row(row, 500, 50);
        assert_eq!((&row["payload"], &row["frame"]), (&Value::from(22), &Value::from(64)));
    }
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

/// The modes that each model has are measured; of those that it has not the reason is in the output.
#[test]
fn each_model_is_measured_by_the_modes_that_it_has() {
    let each = ["ctpio", "pio", "dma-push", "dma-doorbell"];
    for (model, option, modes) in
        [("x2", "", &each[..]), ("x3", "", &each[..1]), ("x4", "", &each[..]), ("x4", "--express", &each[..1])]
    {
        let wire = Wire::of(model, &format!("model-{model}{option}"));
        let document = wire.run(&format!("-n 200 -w 20 --json {option}")).succeeded().document();
        assert_eq!(rows(&document).len(), each.len());
        for row in rows(&document) {
            if modes.contains(&row["mode"].as_str().unwrap()) {
                check_row(row, 200, 20);
            } else {
                assert_eq!(row["outcome"], "unavailable", "{model} {option}: {row:#}");
                assert_eq!(row["reason"], "this adapter sends by CTPIO only", "{model} {option}");
            }
        }
        assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
    }
}

/// Each end takes what is best on its adapter.
#[test]
fn the_best_mode_is_there_on_every_model() {
    for (model, ping, pong) in [("x2", "", ""), ("x3", "", ""), ("x4", "", "--express"), ("x4", "--express", "")] {
        let wire = Wire::of(model, &format!("best-{model}{ping}{pong}"));
        let pong = wire.start(&format!("pong lo {pong}"));
        let ping = wire.run(&format!("ping lo -m best -s 0,22,1472 -n 100 -w 10 -p --json {ping}")).succeeded();
        let document = ping.document();
        assert_eq!(rows(&document).len(), 3);
        for row in rows(&document) {
            assert_eq!(row["mode"], "best");
            check_row(row, 100, 10);
        }
        pong.end().succeeded();
    }
}

/// The datapath is each end's own matter: they understand each other.
#[test]
fn ends_on_both_datapaths_of_an_x4_go_together() {
    let wire = Wire::of("x4", "datapaths");
    for (ping, pong) in [("--express", ""), ("", "--express")] {
        let pong = wire.start(&format!("pong lo {pong}"));
        let ping = wire.run(&format!("ping lo -m ctpio -n 200 -w 20 --json {ping}")).succeeded();
        check_row(&rows(&ping.document())[0], 200, 20);
        pong.end().succeeded();
    }
}

/// Pong says what it has not, and ping reports it.
#[test]
fn a_mode_that_pong_has_not_is_reported_by_ping() {
    let wire = Wire::of("x4", "refused");
    let pong = wire.start("pong lo --express");
    let ping = wire.run("ping lo -n 200 -w 20 --json").succeeded();
    let outcomes: Vec<_> = rows(&ping.document()).iter().map(|row| row["outcome"].clone()).collect();
    assert_eq!(outcomes, ["measured", "unavailable", "unavailable", "unavailable"]);
    assert_eq!(rows(&ping.document())[1]["reason"], "pong: this adapter sends by CTPIO only");
    pong.end().succeeded();
}

#[test]
fn an_adapter_without_an_express_datapath_says_so() {
    let wire = Wire::new("no-express");
    for end in ["ping", "pong"] {
        wire.run(&format!("{end} lo --express")).failed("EOPNOTSUPP");
    }
}

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

#[test]
fn two_ends_find_each_other_in_either_order() {
    let wire = Wire::new("order");
    for ping_first in [false, true] {
        let (first, second) = if ping_first {
            ("ping lo -n 200 -w 20 --json", "pong lo")
        } else {
            ("pong lo", "ping lo -n 200 -w 20 --json")
        };
        let mut early = wire.start(first);
        thread::sleep(Duration::from_millis(400));
        assert!(early.is_running());
        let late = wire.start(second).end().succeeded();
        let early = early.end().succeeded();
        let (ping, pong) = if ping_first { (early, late) } else { (late, early) };
        for row in rows(&ping.document()) {
            check_row(row, 200, 20);
        }
        assert_eq!(pong.stdout, "");
    }
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

#[test]
fn two_pairs_with_different_ports_do_not_mix() {
    let wire = Wire::new("pairs");
    let pongs: Vec<Run> = ["pong lo --port 7001", "pong lo --port 7002"].map(|line| wire.start(line)).into();
    let pings: Vec<Run> = ["ping lo --port 7001 -n 2000 -w 0 --json", "ping lo --port 7002 -n 2000 -w 0 -s 300 --json"]
        .map(|line| wire.start(line))
        .into();
    for (ping, payload) in pings.into_iter().zip([22, 300]) {
        let document = ping.end().succeeded().document();
        assert_eq!(rows(&document).len(), 4);
        for row in rows(&document) {
            check_row(row, 2000, 0);
            assert_eq!(row["payload"], payload);
        }
    }
    for pong in pongs {
        pong.end().succeeded();
    }
}

#[test]
fn a_second_pair_on_the_same_port_is_refused_and_does_no_harm() {
    let wire = Wire::new("same-port");
    let mut pong = wire.start("pong lo --port 7003");
    // Until it has the address, the second might be the first.
    until("pong opens the wire", || (!wire.left_behind().is_empty()).then_some(()));
    thread::sleep(Duration::from_millis(300));
    assert!(pong.is_running());
    wire.run("pong lo --port 7003").failed("192.0.2.2:7003 on lo is in use by another program");
    let ping = wire.run("ping lo --port 7003 -n 100 -w 0 --json").succeeded();
    check_row(&rows(&ping.document())[0], 100, 0);
    pong.end().succeeded();
}

#[test]
fn pong_serves_for_ever_if_asked_to() {
    let wire = Wire::new("forever");
    let mut pong = wire.start("pong lo --forever --timeout 0.5");
    for _ in 0..3 {
        let ping = wire.run("ping lo -n 50 -w 5 --json").succeeded();
        assert_eq!(rows(&ping.document()).len(), 4);
    }
    // A ping that dies does not take it along.
    let ping = wire.start("ping lo -n 100000000");
    thread::sleep(Duration::from_millis(500));
    drop(ping);
    thread::sleep(Duration::from_millis(1500));
    assert!(pong.is_running());
    wire.run("ping lo -n 50 -w 5").succeeded();
}

#[test]
fn when_pong_is_killed_ping_ends_within_its_timeout() {
    let wire = Wire::new("kill-pong");
    let pong = wire.start("pong lo");
    let mut ping = wire.start("ping lo -n 100000000 --timeout 1");
    thread::sleep(Duration::from_millis(700));
    assert!(ping.is_running());
    drop(pong);
    let ended = ping.end().failed("no echo of frame ");
    assert!(ended.took < Duration::from_secs(4), "{ended:#?}");
    // Nothing of it is in the way of the next.
    wire.run("-n 50 -w 0").succeeded();
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

#[test]
fn when_ping_is_killed_pong_ends_within_its_timeout() {
    let wire = Wire::new("kill-ping");
    let mut pong = wire.start("pong lo --timeout 1");
    let ping = wire.start("ping lo -n 100000000");
    thread::sleep(Duration::from_millis(700));
    assert!(pong.is_running());
    drop(ping);
    let ended = pong.end().failed("no frame from ping for 1 s");
    assert!(ended.took < Duration::from_secs(4), "{ended:#?}");
    wire.run("-n 50 -w 0").succeeded();
    assert_eq!(wire.left_behind(), [] as [PathBuf; 0]);
}

#[test]
fn alone_it_notices_at_once_that_its_pong_was_killed() {
    let wire = Wire::new("kill-child");
    let mut both = wire.start("-n 100000000 --timeout 30");
    let child = both.child_at_work();
    thread::sleep(Duration::from_millis(500));
    assert!(both.is_running());
    kill(child);
    let ended = both.end().failed("was killed by signal 9");
    assert!(ended.took < Duration::from_secs(5), "{ended:#?}");
}

#[test]
fn alone_its_pong_dies_with_it() {
    let wire = Wire::new("kill-parent");
    let both = wire.start("-n 100000000");
    let child = both.child_at_work();
    thread::sleep(Duration::from_millis(300));
    drop(both);
    until("pong is gone", || (!Path::new(&format!("/proc/{child}")).exists()).then_some(()));
}

#[test]
fn waiting_for_the_other_end_has_a_limit() {
    let wire = Wire::new("nobody");
    wire.run("pong lo --wait 0.3").failed("no ping from 192.0.2.1:8080 on lo within 0.3 s");
    wire.run("ping lo --wait 0.3").failed("pong at 192.0.2.2:8080 did not answer on lo within 0.3 s");
}

#[test]
fn pong_says_who_else_it_heard() {
    let wire = Wire::new("stranger");
    let pong = wire.start("pong lo --wait 1.5");
    wire.run("ping lo --local 192.0.2.77 --wait 0.5").failed("did not answer");
    pong.end().failed("the last from 192.0.2.77:8080");
}

#[test]
fn interrupted_it_leaves_nothing_behind() {
    let wire = Wire::new("signals");
    for signal in [Signal::INT, Signal::TERM] {
        let pong = wire.start("pong lo --wait 30");
        until("pong opens the wire", || (!wire.left_behind().is_empty()).then_some(()));
        send_signal(pong.child.id() as i32, signal);
        assert_eq!(pong.end().status.code(), Some(128 + signal.as_raw()));
        assert_eq!(wire.left_behind(), Vec::<PathBuf>::new());
        let both = wire.start("-n 4000000000");
        both.child_at_work();
        until("it opens the wire", || (!wire.left_behind().is_empty()).then_some(()));
        send_signal(both.child.id() as i32, signal);
        both.end();
        until("its pong is gone, too", || wire.left_behind().is_empty().then_some(()));
    }
}

#[test]
fn two_users_do_not_share_a_wire() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can run a program as two users");
        return;
    }
    let wire = Wire::new("users");
    fs::set_permissions(&wire.directory, fs::Permissions::from_mode(0o1777)).unwrap();
    // Where another user can reach it.
    let copy = std::env::temp_dir().join(format!("ping_pong-of-nobody-{}", std::process::id()));
    fs::copy(program(), &copy).unwrap();
    let as_nobody = |arguments: &str| wire.spawn(Command::new(&copy).uid(65534).gid(65534), arguments);

    // Set up, not only started: of two users that open the wire at the same moment, both may be refused.
    let roots = wire.start("pong lo --wait 30");
    until("root's pong polls", || roots.polls().then_some(()));
    as_nobody("ping lo --wait 1").end().failed("another user");
    drop(roots);

    // What root's killed pong left is in nobody's way, and root is refused in turn.
    let theirs = as_nobody("pong lo --wait 30");
    until("their pong polls", || theirs.polls().then_some(()));
    assert_eq!(wire.left_behind().len(), 2);
    wire.run("ping lo --wait 1").failed("another user");
    let pings = as_nobody("ping lo -n 100 -w 10 --json").end().succeeded();
    assert!(!rows(&pings.document()).is_empty());
    theirs.end().succeeded();
    fs::remove_file(copy).unwrap();
}

#[test]
fn an_unknown_interface_is_named() {
    let wire = Wire::new("unknown");
    for end in ["ping", "pong"] {
        wire.run(&format!("{end} nosuch0")).failed("nosuch0");
    }
}

#[test]
fn a_payload_beyond_the_mtu_is_an_error_with_the_range() {
    let wire = Wire::new("large");
    wire.run("-n 10 -w 0 -s 22,1473").failed("give sizes from 0 to 1472");
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_help_is_0() {
    let wire = Wire::new("usage");
    for line in ["--no-such-option", "ping", "pang lo", "-n 0", "-s 9-1", "-m rdma", "-c x", "pong lo -n 5"] {
        let ended = wire.run(line);
        assert_eq!(ended.status.code(), Some(2), "{line}: {ended:#?}");
        assert_eq!(ended.stdout, "", "{line}");
        assert!(ended.stderr.starts_with("error: "), "{line}: {ended:#?}");
    }
    let help = wire.run("--help").succeeded();
    assert!(help.stdout.contains("--cut-through"));
}

#[test]
fn a_cpu_that_is_not_there_is_named() {
    let wire = Wire::new("cpu");
    wire.run("pong lo --cpu 100000").failed("pong can't be kept on CPU 100000");
    wire.run("--cpu 100000").failed("ping can't be kept on CPU 100000");
}

/// Kills a process as `kill -9` does.
fn kill(pid: i32) {
    send_signal(pid, Signal::KILL);
}

fn send_signal(pid: i32, signal: Signal) {
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

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
