//! What a whole session found: the rows that the table, the JSON document and the histogram log show.

use std::time::{Duration, SystemTime};

use examples::frame;
use examples::vlan::Vlan;
use serde::{Deserialize, Serialize, Serializer};

use super::cli::Place;
use super::plan::{Mode, Run, Threshold};
use super::statistics::{Recorder, Summary};
use super::timer::{Source, Timer};

/// Everything about one session.
#[derive(Debug)]
pub struct Results {
    pub parameters: Parameters,
    pub rows: Vec<Row>,
}

/// What all rows have in common.
#[derive(Debug, Clone, Serialize)]
pub struct Parameters {
    pub interface: String,
    /// The VLAN of ping's frames, and their priority.
    #[serde(serialize_with = "serialize_vlan")]
    pub vlan: Option<Vlan>,
    pub iterations: u32,
    pub warm_ups: u32,
    /// Bytes, or `"snf"`.
    pub cut_through: Threshold,
    pub no_poison: bool,
    pub timestamps: bool,
    /// The CPU that this end stays on, if it does.
    pub cpu: Option<usize>,
    /// That both ends share one CPU, so that the times are the scheduler's.
    pub one_cpu: bool,
    pub clock: ClockFacts,
}

impl Parameters {
    /// Those of a session that begins with this run, here.
    pub fn of(first: &Run, place: &Place, timer: &Timer) -> Parameters {
        Parameters {
            interface: place.interface.clone(),
            vlan: place.vlan,
            iterations: first.iterations,
            warm_ups: first.warm_ups,
            cut_through: first.threshold,
            no_poison: first.set_up.no_poison,
            timestamps: first.set_up.timestamps,
            cpu: place.cpu,
            one_cpu: false,
            clock: ClockFacts { source: timer.source(), cost: timer.cost() },
        }
    }

    /// Bytes before the payload of each frame that ping sends.
    pub fn headers(&self) -> usize {
        frame::headers(self.vlan)
    }
}

fn serialize_vlan<S: Serializer>(vlan: &Option<Vlan>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Tag {
        id: u16,
        priority: u16,
    }
    vlan.map(|vlan| Tag { id: vlan.id(), priority: vlan.priority() }).serialize(serializer)
}

/// What to know of the clock of the software round trip.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ClockFacts {
    pub source: Source,
    /// Nanoseconds of each measured time that are the clock's own. Not subtracted.
    pub cost: u64,
}

/// One run and how it went.
#[derive(Debug)]
pub struct Row {
    pub run: Run,
    pub outcome: Outcome,
}

/// How a run went. One that failed has ended the session and is not here.
#[derive(Debug)]
pub enum Outcome {
    Measured(Box<Measurement>),
    /// An end can't do it, for this reason.
    Unavailable(String),
}

/// What one run measured.
#[derive(Debug)]
pub struct Measurement {
    pub started: SystemTime,
    pub took: Duration,
    /// Round trips by this program's clock.
    pub software: Recorder,
    /// Round trips by the adapter's timestamps: from transmit to receive.
    pub adapter: AdapterTimes,
    /// Echoes that were compared with what was sent, warm-ups included. All were equal, or there would be no result.
    pub checked: u64,
    /// Measured frames that left by CTPIO and not by its DMA fallback.
    pub by_ctpio: u64,
    /// Poisoned frames that arrived and were followed by the good one.
    pub poisoned: u64,
}

/// Round trips by the adapter's timestamps, and how far to trust them.
#[derive(Debug)]
pub struct AdapterTimes {
    pub recorder: Recorder,
    /// Round trips of which a timestamp was missing.
    pub missing: u64,
    /// Why the first missing one was.
    pub why: Option<String>,
    /// That the adapter's clock had been set, for all of them.
    pub clock_set: bool,
    /// That it was in step with its reference (PTP), for all of them.
    pub in_sync: bool,
}

impl Measurement {
    /// Of nothing so far.
    pub fn new() -> Measurement {
        Measurement {
            started: SystemTime::now(),
            took: Duration::ZERO,
            software: Recorder::new(),
            adapter: AdapterTimes::new(),
            checked: 0,
            by_ctpio: 0,
            poisoned: 0,
        }
    }
}

impl AdapterTimes {
    pub fn new() -> AdapterTimes {
        AdapterTimes { recorder: Recorder::new(), missing: 0, why: None, clock_set: true, in_sync: true }
    }
}

/// The JSON document. Times are in ns, there and back; sizes in bytes.
#[derive(Serialize)]
struct Document<'a> {
    program: &'static str,
    version: &'static str,
    #[serde(flatten)]
    parameters: &'a Parameters,
    results: Vec<JsonRow<'a>>,
}

#[derive(Serialize)]
struct JsonRow<'a> {
    mode: Mode,
    payload: u16,
    frame: usize,
    #[serde(flatten)]
    outcome: JsonOutcome<'a>,
}

#[derive(Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
enum JsonOutcome<'a> {
    Measured { checked: u64, by_ctpio: u64, poisoned: u64, software: Option<Summary>, adapter: Option<JsonAdapter<'a>> },
    Unavailable { reason: &'a str },
}

#[derive(Serialize)]
struct JsonAdapter<'a> {
    #[serde(flatten)]
    times: Option<Summary>,
    missing: u64,
    missing_because: Option<&'a str>,
    clock_set: bool,
    in_sync: bool,
}

impl Results {
    /// One JSON document, with a line feed at its end.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let document = Document {
            program: "ping_pong",
            version: env!("CARGO_PKG_VERSION"),
            parameters: &self.parameters,
            results: self.rows.iter().map(|row| self.json_row(row)).collect(),
        };
        Ok(serde_json::to_string_pretty(&document)? + "\n")
    }

    fn json_row<'a>(&self, row: &'a Row) -> JsonRow<'a> {
        let outcome = match &row.outcome {
            Outcome::Unavailable(reason) => JsonOutcome::Unavailable { reason },
            Outcome::Measured(measured) => JsonOutcome::Measured {
                checked: measured.checked,
                by_ctpio: measured.by_ctpio,
                poisoned: measured.poisoned,
                software: measured.software.summary(),
                adapter: self.parameters.timestamps.then(|| JsonAdapter {
                    times: measured.adapter.recorder.summary(),
                    missing: measured.adapter.missing,
                    missing_because: measured.adapter.why.as_deref(),
                    clock_set: measured.adapter.clock_set,
                    in_sync: measured.adapter.in_sync,
                }),
            },
        };
        let frame = row.run.frame_length(self.parameters.headers());
        JsonRow { mode: row.run.set_up.mode, payload: row.run.payload, frame, outcome }
    }

    /// The rows that were measured.
    pub fn measured(&self) -> impl Iterator<Item = (&Run, &Measurement)> {
        self.rows.iter().filter_map(|row| match &row.outcome {
            Outcome::Measured(measurement) => Some((&row.run, &**measurement)),
            Outcome::Unavailable(_) => None,
        })
    }
}

#[cfg(test)]
pub mod sample {
    //! Results for the tests of what shows them.

    use super::super::plan::SetUp;
    use super::*;

    pub fn run(mode: Mode) -> Run {
        Run {
            set_up: SetUp { mode, no_poison: false, timestamps: true },
            threshold: Threshold::Bytes(64),
            payload: 22,
            warm_ups: 10,
            iterations: 1000,
            by_socket: false,
        }
    }

    pub fn measurement() -> Measurement {
        let mut software = Recorder::new();
        let mut adapter = AdapterTimes::new();
        for time in 1..=1000 {
            software.record(1000 + time);
            adapter.recorder.record(500 + time);
        }
        adapter.in_sync = false;
        Measurement {
            started: SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000),
            took: Duration::from_millis(1500),
            software,
            adapter,
            checked: 1010,
            by_ctpio: 990,
            poisoned: 2,
        }
    }

    pub fn results() -> Results {
        Results {
            parameters: Parameters {
                interface: "lo".into(),
                vlan: None,
                iterations: 1000,
                warm_ups: 10,
                cut_through: Threshold::Bytes(64),
                no_poison: false,
                timestamps: true,
                cpu: Some(3),
                one_cpu: false,
                clock: ClockFacts { source: Source::Tsc, cost: 17 },
            },
            rows: vec![
                Row { run: run(Mode::Ctpio), outcome: Outcome::Measured(Box::new(measurement())) },
                Row { run: run(Mode::DmaPush), outcome: Outcome::Unavailable("the adapter has no TX push".into()) },
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document(results: &Results) -> Value {
        serde_json::from_str(&results.to_json().unwrap()).unwrap()
    }

    #[test]
    fn the_document_says_it_all() {
        let document = document(&sample::results());
        assert_eq!(document["program"], "ping_pong");
        assert_eq!(document["interface"], "lo");
        assert_eq!(document["vlan"], Value::Null);
        assert_eq!(document["cut_through"], 64);
        assert_eq!(document["cpu"], 3);
        assert_eq!(document["clock"], json!({"source": "tsc", "cost": 17}));
        let [first, second] = document["results"].as_array().unwrap().as_slice() else {
            panic!("two rows");
        };
        assert_eq!(first["mode"], "ctpio");
        assert_eq!(first["payload"], 22);
        assert_eq!(first["frame"], 64);
        assert_eq!(first["outcome"], "measured");
        assert_eq!(first["checked"], 1010);
        assert_eq!(first["software"]["count"], 1000);
        assert_eq!(first["software"]["p50"], 1500);
        assert!(first["software"]["p99.9"].is_u64());
        assert_eq!(first["adapter"]["p50"], 1000);
        assert_eq!(first["adapter"]["in_sync"], false);
        assert_eq!(first["adapter"]["missing"], 0);
        assert_eq!(
            *second,
            json!({"mode": "dma-push", "payload": 22, "frame": 64, "outcome": "unavailable",
                   "reason": "the adapter has no TX push"})
        );
    }

    #[test]
    fn in_a_vlan_frames_are_longer() {
        let mut results = sample::results();
        results.parameters.vlan = Some("5:3".parse().unwrap());
        let document = document(&results);
        assert_eq!(
            (&document["vlan"], &document["results"][0]["frame"]),
            (&json!({"id": 5, "priority": 3}), &json!(68))
        );
        assert!(results.to_text().contains("46 bytes of headers, a VLAN tag's 4 among them"));
    }

    #[test]
    fn without_timestamps_there_are_no_adapter_times() {
        let mut results = sample::results();
        results.parameters.timestamps = false;
        results.parameters.cut_through = Threshold::StoreAndForward;
        let document = document(&results);
        assert_eq!(document["cut_through"], "snf");
        assert_eq!(document["results"][0]["adapter"], Value::Null);
    }
}
