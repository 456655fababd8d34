//! Every fault on every model: a program that handles what it is told as documented loses nothing but what the fault is
//! counted for, and the same seed does the same again. A fault that is added has to be added here.

use crate::common::{Domain, Memory, Packet, Pio, Queues, Spec, Vi, efct};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fault, Faults, Model, When};
use std::ffi::c_int;
use std::rc::Rc;

const FRAMES: usize = 100;

/// What a fault costs a program that does as documented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cost {
    /// Nothing: every frame arrives.
    Nothing,
    /// A frame each time.
    Frame,
    /// A frame arrives again each time.
    Twice,
    /// At most a frame each time: that of the event that was lost.
    AtMostFrame,
    /// The model can't have it: it does not happen.
    Never,
}
use Cost::*;

/// Which faults there are, when they happen, and what they cost on X2 and on X3 and X4.
const TABLE: &[(&str, When, Cost, Cost)] = &[
    ("drop", CHANCE, Frame, Frame),
    ("duplicate", CHANCE, Twice, Twice),
    ("reorder", CHANCE, Nothing, Nothing),
    ("corrupt", CHANCE, Frame, Frame),
    ("truncate", CHANCE, Frame, Frame),
    ("delay", CHANCE, Nothing, Nothing),
    // At both ends of the cable.
    ("link_down", CHANCE, Frame, Frame),
    ("no_descriptors", CHANCE, Frame, Frame),
    ("discard:csum", CHANCE, Frame, Frame),
    ("discard:mcast", CHANCE, Frame, Never),
    ("discard:crc", CHANCE, Frame, Frame),
    ("discard:trunc", CHANCE, Frame, Frame),
    ("discard:rights", CHANCE, Frame, Never),
    ("discard:ev_error", CHANCE, Frame, Never),
    ("discard:other", CHANCE, Frame, Frame),
    ("discard:inner_csum", CHANCE, Frame, Never),
    // The program sends again what the event names, and what was behind it.
    ("tx_error:rights", CHANCE, Nothing, Nothing),
    ("tx_error:oflow", CHANCE, Nothing, Nothing),
    ("tx_error:2big", CHANCE, Nothing, Nothing),
    ("tx_error:bus", CHANCE, Nothing, Nothing),
    // The fallback sends the frame; X3 and X4 have none.
    ("ctpio_underrun", CHANCE, Nothing, Frame),
    ("evq_overflow", CHANCE, AtMostFrame, AtMostFrame),
    ("reset", CHANCE, AtMostFrame, AtMostFrame),
    ("no_vi", FIRST, Nothing, Nothing),
    ("no_filter", FIRST, Nothing, Nothing),
    ("no_memory", FIRST, Nothing, Nothing),
    ("no_pio", FIRST, Nothing, Never),
    ("clock_unset", CHANCE, Nothing, Nothing),
    ("clock_unsync", CHANCE, Nothing, Nothing),
    ("clock_lost", CHANCE, Nothing, Nothing),
];

const CHANCE: When = When::Chance(0.1);
/// The first two occasions of what is allocated once.
const FIRST: When = When::Occasions(1..3);

fn models() -> impl Iterator<Item = Model> {
    [Model::X2].into_iter().chain(efct::MODELS.iter().copied())
}

/// A program with a VI on each of two ports, both of which it sets up anew when it is told to.
struct Program {
    model: Model,
    fault: Fault,
    ends: [FabricPort; 2],
    tx: Rc<Vi>,
    rx: Rc<Vi>,
    /// The last frame that was sent.
    sending: usize,
    /// The numbers of the frames that arrived whole, how many came as discards, and what else the program was told.
    arrived: Vec<usize>,
    discarded: usize,
    told: Vec<String>,
}

fn frame(number: usize) -> Vec<u8> {
    // Long enough to be on the wire before it is written whole.
    Packet::UDP.sized(300, number)
}

/// Asks again until it is not refused, which is documented of what may be refused for a while.
fn insist<T>(told: &mut Vec<String>, mut ask: impl FnMut() -> Result<T, c_int>) -> T {
    for _ in 0..5 {
        match ask() {
            Ok(answer) => return answer,
            Err(refusal) => told.push(format!("refused: {refusal}")),
        }
    }
    panic!("refused for ever: {told:?}");
}

/// Allocates a VI with all that it needs.
fn set_up(model: Model, port: &FabricPort, receives: bool, told: &mut Vec<String>) -> Rc<Vi> {
    let domain = if model == Model::X2 { Domain::on(port) } else { efct::domain(port, model) };
    insist(told, || Memory::register(&domain, 0, 2 << 20));
    let flags = EF_VI_TX_CTPIO | if receives { EF_VI_RX_TIMESTAMPS } else { EF_VI_TX_TIMESTAMPS };
    let vi = insist(told, || domain.vi(Queues { flags, ..Queues::default() }));
    if receives {
        insist(told, || vi.filter(&Spec::udp()));
        if model == Model::X2 {
            vi.fill(0..64);
        }
    } else if model == Model::X2 {
        // The region stays as long as the VI that it is linked with.
        assert_eq!(insist(told, || Pio::alloc(&domain, 4096)).link(&vi), 0);
    }
    vi
}

/// What has come to a VI, up to the event after which nothing but that comes.
pub fn settled(vi: &Vi) -> Vec<ef_event> {
    let (mut all, mut idle) = (Vec::new(), 0);
    while idle < 8 {
        let events = vi.poll(16);
        idle = if events.is_empty() { idle + 1 } else { 0 };
        all.extend(events);
        if all.last().is_some_and(|last| [EF_EVENT_TYPE_OFLOW, EF_EVENT_TYPE_RESET].contains(&EF_EVENT_TYPE(last))) {
            break;
        }
    }
    all
}

impl Program {
    fn new(fault: Fault, when: When, model: Model) -> Self {
        let (near, far) = Fabric::of(model).cable().unwrap();
        let faults = Faults::builder().seed(11).on(fault, when).build();
        for port in [&near, &far] {
            port.set_faults(&faults);
        }
        let mut told = Vec::new();
        let tx = set_up(model, &near, false, &mut told);
        let rx = set_up(model, &far, true, &mut told);
        Self { model, fault, ends: [near, far], tx, rx, sending: 0, arrived: Vec::new(), discarded: 0, told }
    }

    /// How often the fault happened.
    fn happened(&self) -> u64 {
        self.ends.iter().flat_map(FabricPort::faults).map(|(_, count)| count).sum()
    }

    /// Sends a frame, and again if it is told that it did not leave.
    fn send(&mut self, number: usize) {
        self.sending = number;
        for _ in 0..50 {
            let rc = if self.fault == Fault::CtpioUnderrun {
                self.tx.send_ctpio(number, &frame(number), 64)
            } else {
                self.tx.send(number, &frame(number))
            };
            assert_eq!(rc, 0);
            if self.completes(number) {
                return;
            }
        }
        panic!("frame {number} never leaves: {:?}", self.told);
    }

    /// True unless an event says that the frame did not leave.
    fn completes(&mut self, number: usize) -> bool {
        let mut left = true;
        for event in settled(&self.tx) {
            match EF_EVENT_TYPE(&event) {
                EF_EVENT_TYPE_TX => drop(self.tx.unbundle(&event)),
                EF_EVENT_TYPE_TX_WITH_TIMESTAMP => {
                    self.told.push(format!("sent: {:#x}", EF_EVENT_TX_WITH_TIMESTAMP_SYNC_FLAGS(&event)));
                }
                EF_EVENT_TYPE_TX_ERROR => {
                    assert_eq!(self.tx.unbundle(&event), [number as c_int]);
                    self.told.push(format!("not sent: {}", EF_EVENT_TX_ERROR_TYPE(&event)));
                    self.revive();
                    left = false;
                }
                EF_EVENT_TYPE_OFLOW | EF_EVENT_TYPE_RESET => {
                    self.told.push("the sender is replaced".into());
                    // What was lost is the event of a frame that had left.
                    self.tx.flush();
                    self.tx.free();
                    self.tx = set_up(self.model, &self.ends[0], false, &mut self.told);
                    return left;
                }
                other => panic!("an event of type {other}"),
            }
        }
        left
    }

    /// The transmit ring is dead after an error.
    fn revive(&mut self) {
        #[cfg(onload_since = "9.1.0")]
        {
            assert_eq!(self.tx.lost_in_error(), []);
            assert_eq!(self.tx.reinit_transmit(), 0);
        }
        #[cfg(not(onload_since = "9.1.0"))]
        {
            self.tx.free();
            self.tx = set_up(self.model, &self.ends[0], false, &mut self.told);
        }
    }

    /// Takes what has arrived.
    fn receive(&mut self) {
        for event in settled(&self.rx) {
            let kind = EF_EVENT_TYPE(&event);
            match kind {
                EF_EVENT_TYPE_RX | EF_EVENT_TYPE_RX_DISCARD => {
                    let id = EF_EVENT_RX_RQ_ID(&event);
                    let data = self.rx.frame(&event);
                    let time = self.rx.timestamp(id as usize).map(|time| time.flags);
                    self.take(kind == EF_EVENT_TYPE_RX, &data, time);
                    assert_eq!(self.rx.receive_post(self.rx.buffer(id as usize), id as c_int), 0);
                }
                EF_EVENT_TYPE_RX_REF | EF_EVENT_TYPE_RX_REF_DISCARD => {
                    let data = self.rx.referenced(&event);
                    let id = event.rx_ref().pkt_id;
                    let time = self.rx.packet_time(id).map(|time| time.flags);
                    self.take(kind == EF_EVENT_TYPE_RX_REF, &data, time);
                    self.rx.release(id);
                }
                EF_EVENT_TYPE_OFLOW | EF_EVENT_TYPE_RESET => {
                    self.told.push("the receiver is replaced".into());
                    self.rx.flush();
                    self.rx.free();
                    self.rx = set_up(self.model, &self.ends[1], true, &mut self.told);
                    return;
                }
                other => panic!("an event of type {other}"),
            }
        }
    }

    fn take(&mut self, whole: bool, data: &[u8], time: Result<u32, c_int>) {
        if whole {
            let number = (0..=FRAMES)
                .rev()
                .skip(FRAMES - self.sending)
                .find(|&number| frame(number) == data)
                .expect("a frame that was sent");
            self.arrived.push(number);
            self.told.push(format!("{number} at {time:?}"));
        } else {
            self.discarded += 1;
            self.told.push(format!("discard of {} bytes", data.len()));
        }
    }

    /// Sends all frames and takes what arrives of them; how often the fault happened.
    fn run(&mut self) -> u64 {
        for number in 0..FRAMES {
            self.send(number);
            self.receive();
        }
        let happened = self.happened();
        // What waits to be overtaken, or is late, goes before the next one.
        for port in &self.ends {
            port.set_faults(&Faults::default());
        }
        self.send(FRAMES);
        self.receive();
        happened
    }

    /// How many frames never arrived, and how many arrived again.
    fn missing(&self) -> (u64, u64) {
        let mut numbers = self.arrived.clone();
        numbers.sort_unstable();
        numbers.dedup();
        ((FRAMES + 1 - numbers.len()) as u64, (self.arrived.len() - numbers.len()) as u64)
    }

    /// Both ends' counters: each frame that was put on the wire was given to the program, or is counted as lost. Says how
    /// many were received and lost with what told of them.
    fn account(&self, happened: u64) -> u64 {
        let [near, far] = [0, 1].map(|end: usize| self.ends[end].counters());
        let put = near.tx_frames + if self.fault == Fault::Duplicate { happened } else { 0 };
        let given = (self.arrived.len() + self.discarded) as u64;
        let off_the_wire = near.tx_faulted + near.tx_unclaimed + far.rx_faulted;
        let lost = off_the_wire + far.rx_no_descriptor + far.rx_overruns + far.rx_abandoned;
        assert_eq!(put, given + lost, "{} on {:?}: {near:?}, {far:?}", self.fault, self.model);
        far.rx_abandoned
    }
}

#[test]
fn a_program_loses_what_the_fault_is_counted_for_and_nothing_else() {
    for fault in Fault::ALL {
        let row = TABLE.iter().find(|(name, ..)| *name == fault.name());
        let (_, when, on_x2, by_reference) = row.unwrap_or_else(|| panic!("{fault} is not in the table"));
        for model in models() {
            let cost = if model == Model::X2 { *on_x2 } else { *by_reference };
            let mut program = Program::new(*fault, when.clone(), model);
            let happened = program.run();
            let context = || format!("{fault} on {model:?}, {happened} times: {:?}", program.told);
            assert_eq!(happened > 0, cost != Never, "{}", context());
            match (cost, program.missing()) {
                (Nothing | Never, lost) => assert_eq!(lost, (0, 0), "{}", context()),
                (Frame, lost) => assert_eq!(lost, (happened, 0), "{}", context()),
                (Twice, lost) => assert_eq!(lost, (0, happened), "{}", context()),
                (AtMostFrame, (missing, again)) => {
                    assert!(missing <= happened && again == 0, "{missing} missing: {}", context());
                    assert_eq!(missing, program.account(happened), "{}", context());
                    assert!(program.told.iter().any(|told| told.ends_with("is replaced")), "{}", context());
                }
            }
            program.account(happened);
            // The same seed again.
            let mut again = Program::new(*fault, when.clone(), model);
            assert_eq!(again.run(), happened, "{fault} on {model:?}");
            // When a late frame goes depends on the clock; all else is the same.
            if *fault != Fault::Delay && *fault != Fault::Reorder {
                assert_eq!((&again.arrived, &again.told), (&program.arrived, &program.told), "{fault} on {model:?}");
            }
        }
    }
    assert_eq!(TABLE.len(), Fault::ALL.len(), "the table has what is no fault, or one twice");
}
