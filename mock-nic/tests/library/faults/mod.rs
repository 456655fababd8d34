//! Faults that are asked for: each happens when it was to, is counted, and shows to the program as the adapter shows it.

mod adapter;
mod clock;
mod forms;
mod wire;

use crate::common::{Directory, Domain, Ends, Packet, Queues, Spec, Vi, again, ready, role, succeeds};
use efvi_sys::*;
use mock_nic::{FabricPort, Fault, Faults, FaultsBuilder, When};

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(100, number)
}

fn frames(numbers: impl IntoIterator<Item = usize>) -> Vec<Vec<u8>> {
    numbers.into_iter().map(frame).collect()
}

fn set(port: &FabricPort, faults: FaultsBuilder) {
    port.set_faults(&faults.build());
}

fn on(fault: Fault, when: impl Into<When>) -> FaultsBuilder {
    Faults::builder().on(fault, when)
}

/// How often a fault has happened.
fn count(port: &FabricPort, fault: Fault) -> u64 {
    port.faults().iter().find(|(other, _)| *other == fault).expect("it was set").1
}

/// Sends frames with these numbers, and takes their completions.
fn send(tx: &Vi, numbers: impl IntoIterator<Item = usize>) {
    for id in numbers {
        assert_eq!(tx.send(id, &frame(id)), 0);
    }
    tx.sent();
}

/// Kind of each event.
fn kinds(events: &[ef_event]) -> Vec<u32> {
    events.iter().map(EF_EVENT_TYPE).collect()
}

#[test]
fn what_is_set_replaces_what_was_set() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(near.faults(), []);
    set(near, on(Fault::Drop, When::Always));
    send(tx, 1..=2);
    assert_eq!(near.faults(), [(Fault::Drop, 2)]);
    set(near, on(Fault::Duplicate, When::Always));
    send(tx, 3..=3);
    set(near, Faults::builder());
    send(tx, 4..=4);
    assert_eq!((rx.frames(), near.faults()), (frames([3, 3, 4]), vec![]));
}

/// From outside by a variable, for `lo`; a value that is none is an error of the call that opens the port.
#[test]
fn the_variable_sets_the_faults_of_lo() {
    const TEST: &str = "faults::the_variable_sets_the_faults_of_lo";
    match role().as_deref() {
        None => {
            let directory = Directory::new();
            for (role, value) in [("set", "seed=7,drop@2..4,duplicate@5"), ("bad", "seed=7,dorp=1e-4")] {
                let mut run = again(TEST, role);
                run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_FAULTS", value);
                succeeds(run);
            }
            let mut run = again(TEST, "bad");
            run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_FAULTS", "drop=2");
            let errors = String::from_utf8(run.output().unwrap().stderr).unwrap();
            let line = errors.lines().find(|line| line.contains("EFVI_MOCK_FAULTS")).unwrap();
            assert_eq!(
                line,
                "mock-nic: EFVI_MOCK_FAULTS=drop=2: expected a probability from 0 to 1 after 'drop=', not '2'"
            );
        }
        Some("set") => {
            let vi = Domain::named("lo").vi(Queues::default()).unwrap();
            vi.filter(&Spec::udp()).unwrap();
            vi.fill(0..64);
            for id in 1..=5 {
                assert_eq!(vi.send(id, &frame(id)), 0);
            }
            let events = vi.drain();
            let arrived: Vec<_> = events.iter().filter(|e| EF_EVENT_TYPE(e) == EF_EVENT_TYPE_RX).collect();
            assert_eq!(arrived.iter().map(|event| vi.frame(event)).collect::<Vec<_>>(), frames([1, 4, 5, 5]));
        }
        _ => {
            let driver = crate::common::Driver::open();
            let lo = crate::common::Interface::Name("lo");
            assert_eq!(Domain::open(&driver, &lo, EF_PD_DEFAULT).err(), Some(-libc::EINVAL));
        }
    }
}
