//! Checking mode where an event queue is several VIs': a mistake is that of the VI that it is made with.

use crate::common::{Domain, Packet, Queues, Spec, Vi};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fcs, Violation};
use std::rc::Rc;

/// A checked fabric's port, a VI of it, and another that uses the event queue of that.
fn sharing(flags: ef_vi_flags) -> (Fabric, FabricPort, Rc<Vi>, Rc<Vi>) {
    let fabric = Fabric::new().checked();
    let port = fabric.looped().unwrap();
    let domain = Domain::on(&port);
    let queues = |events, share| Queues { events, flags, share, ..Queues::default() };
    let owner = domain.vi(queues(4096, None)).unwrap();
    let user = domain.vi(queues(0, Some(owner.clone()))).unwrap();
    (fabric, port, owner, user)
}

/// What was found, and of which VIs.
fn found(fabric: &Fabric) -> Vec<(Violation, u32)> {
    let number = |text: &str| text.strip_prefix("vi")?.split_once(':')?.0.parse().ok();
    fabric.violations().iter().map(|found| (found.violation, number(&found.text).unwrap())).collect()
}

fn number(vi: &Vi) -> u32 {
    // SAFETY: an allocated VI.
    unsafe { (*vi.raw).vi_resource_id }
}

#[test]
fn an_event_that_is_not_unbundled() {
    let (fabric, _port, owner, user) = sharing(EF_VI_FLAGS_DEFAULT);
    let frame = Packet::UDP.sized(100, 1);
    assert_eq!((user.send(1, &frame), owner.send(2, &frame)), (0, 0));
    let events = owner.drain();
    assert_eq!(events.len(), 2);
    for event in events.iter().filter(|event| EF_EVENT_TX_Q_ID(event) == owner.label as u32) {
        assert_eq!(owner.unbundle(event), [2]);
    }
    assert_eq!(found(&fabric), []);
    let forgetful = number(&user);
    assert_eq!((user.free(), owner.free()), (0, 0));
    assert_eq!(found(&fabric), [(Violation::EventForgotten, forgetful)]);
}

/// A send that failed has an event to unbundle, too.
#[test]
fn an_error_that_is_not_unbundled() {
    let (fabric, _port, owner, user) = sharing(EF_VI_FLAGS_DEFAULT);
    for (vi, unbundles) in [(&owner, true), (&user, false)] {
        assert_eq!(vi.transmit(0x1234_5000, 60, 1), 0);
        assert_eq!(found(&fabric), [(Violation::DmaUnregistered, number(vi))]);
        let events = owner.drain();
        assert_eq!(events.iter().map(EF_EVENT_TYPE).collect::<Vec<_>>(), [EF_EVENT_TYPE_TX_ERROR]);
        if unbundles {
            assert_eq!(vi.unbundle(&events[0]), [1]);
        }
    }
    let forgetful = number(&user);
    assert_eq!((user.free(), owner.free()), (0, 0));
    assert_eq!(found(&fabric), [(Violation::EventForgotten, forgetful)]);
}

/// The next poll of the queue is that after which a time is stale, whoever's queue it is.
#[test]
fn a_timestamp_read_too_late() {
    let (fabric, port, owner, user) = sharing(EF_VI_RX_TIMESTAMPS);
    user.filter(&Spec::udp()).unwrap();
    user.fill(0..8);
    let receive = || {
        port.inject(&Packet::UDP.sized(100, 1), Fcs::Good).unwrap();
        let events = owner.drain();
        let [event] = &events[..] else { panic!("{events:?}") };
        EF_EVENT_RX_RQ_ID(event) as usize
    };
    let first = receive();
    // Until it has been drained nothing else was polled but this.
    port.inject(&Packet::UDP.sized(100, 2), Fcs::Good).unwrap();
    let events = owner.poll(1);
    let second = EF_EVENT_RX_RQ_ID(&events[0]) as usize;
    user.timestamp(second).unwrap();
    assert_eq!(found(&fabric), []);
    user.timestamp(first).unwrap();
    assert_eq!(found(&fabric), [(Violation::StaleTimestamp, number(&user))]);
}
