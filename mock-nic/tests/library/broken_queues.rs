//! An event queue that has lost events, or whose adapter was reset, gives nothing more of what was in it, however few
//! events a poll has room for.

use crate::common::efct::{MODELS, domain};
use crate::common::{Domain, Packet, Queues, Spec, Vi};
use efvi_sys::*;
use mock_nic::{Costs, Fabric, FabricPort, Fault, Faults, Fcs, Model};
use std::rc::Rc;

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(100, number)
}

/// What polls for one event give, long enough for all that is under way.
fn one_by_one(vi: &Vi) -> Vec<u32> {
    (0..400).flat_map(|_| vi.poll(1)).map(|event| EF_EVENT_TYPE(&event)).collect()
}

/// Each model's VI, on the machine's time and on virtual time, with the fault at the first event.
fn each(fault: Fault, test: impl Fn(&FabricPort, Rc<Vi>)) {
    for fabric in [|model| Fabric::of(model), |model| Fabric::of(model).with_virtual_time(Costs::default())] {
        let port = fabric(Model::X2).looped().unwrap();
        let mut vis = vec![(port.clone(), Domain::on(&port).vi(Queues::default()).unwrap())];
        for &model in MODELS {
            let port = fabric(model).looped().unwrap();
            vis.push((port.clone(), domain(&port, model).vi(Queues::default()).unwrap()));
        }
        for (port, vi) in vis {
            port.set_faults(&Faults::builder().on(fault, 1).build());
            test(&port, vi);
        }
    }
}

#[test]
fn after_a_reset_nothing_comes() {
    each(Fault::Reset, |_, vi| {
        for id in 0..4 {
            assert_eq!(vi.send(id, &frame(id)), 0);
        }
        assert_eq!(one_by_one(&vi), [EF_EVENT_TYPE_RESET]);
        assert!(!vi.has_event());
    });
}

/// All of them are counted.
#[test]
fn after_an_overflow_nothing_else_comes() {
    each(Fault::EventOverflow, |port, vi| {
        for id in 0..4 {
            assert_eq!(vi.send(id, &frame(id)), 0);
        }
        let kinds = one_by_one(&vi);
        assert!(!kinds.is_empty() && kinds.iter().all(|kind| *kind == EF_EVENT_TYPE_OFLOW), "{kinds:?}");
        assert_eq!(port.counters().ev_overflows, 4);
    });
}

/// Nor can packets be seen that wait in the adapter.
#[test]
fn after_a_reset_no_packet_is_seen() {
    for &model in MODELS {
        let port = Fabric::of(model).looped().unwrap();
        let vi = domain(&port, model).vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        port.set_faults(&Faults::builder().on(Fault::Reset, 1).build());
        for number in 0..3 {
            port.inject(&frame(number), Fcs::Good).unwrap();
        }
        assert_eq!(one_by_one(&vi), [EF_EVENT_TYPE_RESET]);
        assert!(vi.peek().is_none() && vi.future_poll().is_empty() && !vi.has_event(), "{model:?}");
    }
}
