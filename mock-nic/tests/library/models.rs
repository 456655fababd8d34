//! Which model an interface of the machine is of: a variable says it.

use crate::common::{Directory, Domain, Driver, Interface, Packet, Queues, Spec, Vi, again, role, succeeds};
use efvi_sys::*;
use std::rc::Rc;
use std::time::{Duration, Instant};

/// Nothing takes longer, unless something is broken.
const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a test again, in a process with this model.
fn with_model(test: &str, model: &str) {
    let directory = Directory::new();
    let mut again = again(test, model);
    again.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_MODEL", model);
    succeeds(again);
}

fn open() -> Rc<Vi> {
    Domain::named("lo").vi(Queues::default()).unwrap()
}

#[test]
fn the_variable_names_the_model() {
    let Some(role) = role() else {
        let test = "models::the_variable_names_the_model";
        return ["x2", "x3"].into_iter().for_each(|model| with_model(test, model));
    };
    let expected = if role == "x3" { EF_VI_ARCH_EFCT } else { EF_VI_ARCH_EF10 };
    assert_eq!(u32::from(open().nic_type().arch), expected);
}

/// A model that there is not, in this release, is an error of the call that opens the interface.
#[test]
fn a_model_that_there_is_not_is_refused() {
    if role().is_none() {
        let test = "models::a_model_that_there_is_not_is_refused";
        return ["x5", "X3"].into_iter().for_each(|model| with_model(test, model));
    }
    let refused = Domain::open(&Driver::open(), &Interface::Name("lo"), EF_PD_DEFAULT).err();
    assert_eq!(refused, Some(-libc::EINVAL));
}

/// An X3 has packets of a fixed size: an MTU for longer frames is refused, and the line says which there is.
#[test]
fn an_mtu_that_the_model_has_not_is_refused() {
    if role().is_none() {
        for (mtu, says) in [("1964", ""), ("1965", "EFVI_MOCK_MTU=1965: expected a number from 68 to 1964; X3")] {
            let directory = Directory::new();
            let mut process = again("models::an_mtu_that_the_model_has_not_is_refused", mtu);
            process.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_MODEL", "x3").env("EFVI_MOCK_MTU", mtu);
            let output = process.output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && errors.contains(says), "{mtu}: {errors}");
        }
        return;
    }
    let refused = Domain::open(&Driver::open(), &Interface::Name("lo"), EF_PD_DEFAULT).err();
    assert_eq!(refused, if role().as_deref() == Some("1964") { None } else { Some(-libc::EINVAL) });
}

/// Processes on an X3's `lo` see each other; each has the queue of its filter.
#[test]
fn processes_share_an_x3() {
    let test = "models::processes_share_an_x3";
    let (here, there) = (Packet::UDP, Packet { to: ([192, 0, 2, 2], 10), ..Packet::UDP });
    let receive = |vi: &Vi, frame: &[u8]| {
        let start = Instant::now();
        loop {
            let events = vi.poll(1);
            let received = events.iter().find(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_RX_REF);
            if let Some(event) = received {
                assert_eq!(vi.referenced(event), frame);
                return vi.release(event.rx_ref().pkt_id);
            }
            assert!(start.elapsed() < PATIENCE, "nothing came");
        }
    };
    match role().as_deref() {
        None => with_model(test, "x3"),
        Some("x3") => {
            let vi = open();
            vi.filter(&Spec::local(&here)).unwrap();
            let mut other = again(test, "other").spawn().unwrap();
            receive(&vi, &here.sized(100, 1));
            vi.ctpio(&there.sized(100, 2), 0);
            assert!(other.wait().unwrap().success());
        }
        Some(_) => {
            let vi = open();
            vi.filter(&Spec::local(&there)).unwrap();
            vi.ctpio(&here.sized(100, 1), 0);
            receive(&vi, &there.sized(100, 2));
        }
    }
}
