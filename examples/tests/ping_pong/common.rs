//! Processes of the example, on a wire of one test.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longer than anything here takes on a busy machine.
pub const LONG: Duration = Duration::from_secs(60);

/// A wire of one test: a directory for the mock adapter's shared memory.
pub struct Wire {
    pub directory: PathBuf,
    model: &'static str,
    /// What else the mock adapter is told by variables.
    variables: Vec<(&'static str, String)>,
}

impl Wire {
    pub fn new(name: &str) -> Wire {
        Wire::of("x2", name)
    }

    /// Between adapters of a model.
    pub fn of(model: &'static str, name: &str) -> Wire {
        let memory = Path::new("/dev/shm");
        let base = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let directory = base.join(format!("ping_pong-test-{}-{name}", std::process::id()));
        fs::create_dir(&directory).unwrap();
        Wire { directory, model, variables: Vec::new() }
    }

    /// The same with a variable of the mock adapter's.
    pub fn with(mut self, variable: &'static str, value: impl ToString) -> Wire {
        self.variables.push((variable, value.to_string()));
        self
    }

    /// `ping_pong` with these arguments, on this wire.
    pub fn start(&self, arguments: &str) -> Run {
        self.spawn(&mut Command::new(program()), arguments)
    }

    pub fn spawn(&self, command: &mut Command, arguments: &str) -> Run {
        let child = command
            .args(arguments.split_whitespace())
            .env("EFVI_MOCK_DIR", &self.directory)
            .env("EFVI_MOCK_MODEL", self.model)
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Run { child }
    }

    pub fn run(&self, arguments: &str) -> Ended {
        self.start(arguments).end()
    }

    /// What the runs left in shared memory.
    pub fn left_behind(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.directory).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        // Best effort: a test that failed may have left anything.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// A file of one test's, beside its wire, to which a run writes the frames that it sends and receives.
pub struct Capture(PathBuf);

impl Capture {
    pub fn new(name: &str) -> Capture {
        Capture(std::env::temp_dir().join(format!("ping_pong-capture-{}-{name}", std::process::id())))
    }

    /// An end that writes it, on this wire.
    pub fn start(&self, wire: &Wire, arguments: &str) -> Run {
        wire.spawn(Command::new(program()).env("EFVI_MOCK_PCAP", &self.0), arguments)
    }

    /// Waits until there are more frames than the two ends need to agree.
    pub fn fills(&self) {
        const MUCH: u64 = 100_000;
        until("frames go both ways", || fs::metadata(&self.0).is_ok_and(|file| file.len() > MUCH).then_some(()));
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // Best effort: a test that failed may have made none.
        let _ = fs::remove_file(&self.0);
    }
}

/// The example, which cargo builds before the tests of its package.
pub fn program() -> PathBuf {
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
pub struct Run {
    pub child: Child,
}

/// How a process ended.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Waits for its end.
    pub fn end(mut self) -> Ended {
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
        Ended { status, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Whether it has used as much of a processor as only polling takes.
    pub fn polls(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        // Behind the name, which may hold anything: state, and eleven fields on the time in user mode, in 10 ms.
        let fields = stat.rsplit(')').next().unwrap();
        fields.split_whitespace().nth(11).unwrap().parse::<u64>().unwrap() >= 5
    }

    /// The processes that it started.
    pub fn children(&self) -> Vec<i32> {
        let pid = self.child.id();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        children.split_whitespace().map(|pid| pid.parse().unwrap()).collect()
    }

    /// Waits until it has started a process that runs, and gives its id.
    pub fn child_at_work(&self) -> i32 {
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
    pub fn succeeded(self) -> Ended {
        assert!(self.status.success(), "{self:#?}");
        assert_eq!(self.stderr, "", "{self:#?}");
        self
    }

    /// Checks that it failed, with exit code 1 and one line that contains `text`.
    #[track_caller]
    pub fn failed(self, text: &str) -> Ended {
        assert_eq!(self.status.code(), Some(1), "{self:#?}");
        assert!(self.stderr.contains(text), "{self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        self
    }

    #[track_caller]
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

#[track_caller]
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
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
pub fn check_row(row: &Value, iterations: u64, warm_ups: u64) {
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

pub fn rows(document: &Value) -> &[Value] {
    document["results"].as_array().unwrap()
}
