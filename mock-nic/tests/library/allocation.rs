//! Allocating VIs: sizes, flags, shared event queues, and what inline functions read of a VI.

use crate::common::{Domain, Packet, Queues, Spec, Vi, again, cable, ready, release, role, succeeds};
use efvi_sys::*;
use mock_nic::{Fabric, FabricPort, Fcs};
use std::rc::Rc;

fn looped() -> (FabricPort, Rc<Domain>) {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    (port, domain)
}

fn capacities(vi: &Vi) -> (i32, i32) {
    (vi.receive_ring().0, vi.transmit_ring().0)
}

#[test]
fn default_rings_have_512_slots_and_hold_511() {
    let (_port, domain) = looped();
    let vi = domain.vi(Queues::default()).unwrap();
    assert_eq!(vi.label, 0);
    assert_eq!(vi.receive_ring(), (511, 0, 511));
    assert_eq!(vi.transmit_ring(), (511, 0, 511));
    assert!(vi.event_capacity() >= 2 * 511, "{}", vi.event_capacity());
}

/// Bit by bit of the capability: what is offered can be had, other powers of two and other sizes are `-EINVAL`.
#[test]
fn sizes_are_those_that_the_capabilities_offer() {
    let (_port, domain) = looped();
    let offered = |wanted| domain.capability(wanted).unwrap();
    let (receive, transmit, events) =
        (offered(EF_VI_CAP_RXQ_SIZES), offered(EF_VI_CAP_TXQ_SIZES), offered(EF_VI_CAP_EVQ_SIZES));
    for size in (0..20).map(|bit| 1 << bit) {
        let expected = |offered: u64| if offered & size as u64 != 0 { Ok(size - 1) } else { Err(-libc::EINVAL) };
        let vi = domain.vi(Queues { receive: size, ..Queues::default() });
        assert_eq!(vi.map(|vi| vi.receive_ring().0), expected(receive), "RX {size}");
        let vi = domain.vi(Queues { transmit: size, ..Queues::default() });
        assert_eq!(vi.map(|vi| vi.transmit_ring().0), expected(transmit), "TX {size}");
        let vi = domain.vi(Queues { events: size, ..Queues::default() });
        assert_eq!(vi.map(|vi| vi.event_capacity()), expected(events), "EV {size}");
    }
    for size in [3, 500, 513, 1000, i32::MAX] {
        assert_eq!(domain.vi(Queues { receive: size, ..Queues::default() }).err(), Some(-libc::EINVAL));
        assert_eq!(domain.vi(Queues { transmit: size, ..Queues::default() }).err(), Some(-libc::EINVAL));
        assert_eq!(domain.vi(Queues { events: size, ..Queues::default() }).err(), Some(-libc::EINVAL));
    }
}

/// 0 is for a ring that the VI is not to have: it has room for nothing.
#[test]
fn a_vi_may_be_for_one_direction() {
    let (port, domain) = looped();
    let receiver = domain.vi(Queues { transmit: 0, ..Queues::default() }).unwrap();
    let sender = domain.vi(Queues { receive: 0, ..Queues::default() }).unwrap();
    assert_eq!((capacities(&receiver), capacities(&sender)), ((511, 0), (0, 511)));
    assert_eq!(receiver.send(0, &Packet::UDP.sized(60, 0)), -libc::EAGAIN);
    assert_eq!(sender.receive_post(sender.buffer(0), 0), -libc::EAGAIN);
    receiver.filter(&Spec::udp()).unwrap();
    receiver.fill(0..8);
    assert_eq!(sender.send(0, &Packet::UDP.sized(60, 0)), 0);
    assert_eq!((sender.sent().len(), receiver.frames().len()), (1, 1));
    // What arrives where there is no ring is lost.
    sender.filter(&Spec::local(&Packet::TCP)).unwrap();
    port.inject(&Packet::TCP.sized(60, 0), Fcs::Good).unwrap();
    assert!(sender.drain().is_empty());
    assert_eq!(sender.statistic("rx_no_descriptor"), 1);
}

#[test]
fn the_default_event_queue_has_room_for_what_both_rings_may_complete() {
    let (_port, domain) = looped();
    let events = |receive, transmit, flags| {
        let vi = domain.vi(Queues { receive, transmit, flags, ..Queues::default() }).unwrap();
        vi.event_capacity()
    };
    assert!(events(4096, 2048, EF_VI_FLAGS_DEFAULT) >= 4095 + 2047);
    assert!(events(512, 2048, EF_VI_TX_TIMESTAMPS) >= 511 + 2 * 2047);
    assert!(events(512, 2048, EF_VI_TX_TIMESTAMPS) > events(512, 2048, EF_VI_FLAGS_DEFAULT));
}

/// `EF_VI_RXQ_SIZE`, `EF_VI_TXQ_SIZE`, `EF_VI_EVQ_SIZE` stand for -1, and for nothing else.
#[test]
fn the_environment_sets_the_default_sizes() {
    if role().is_none() {
        let mut other = again("allocation::the_environment_sets_the_default_sizes", "set");
        other.envs([("EF_VI_RXQ_SIZE", "2048"), ("EF_VI_TXQ_SIZE", "1024"), ("EF_VI_EVQ_SIZE", "8192")]);
        return succeeds(other);
    }
    let (_port, domain) = looped();
    let vi = domain.vi(Queues::default()).unwrap();
    assert_eq!((capacities(&vi), vi.event_capacity()), ((2047, 1023), 8191));
    let vi = domain.vi(Queues { receive: 512, transmit: 512, events: 1024, ..Queues::default() }).unwrap();
    assert_eq!((capacities(&vi), vi.event_capacity()), ((511, 511), 1023));
    let vi = domain.vi(Queues { receive: 0, ..Queues::default() }).unwrap();
    assert_eq!(capacities(&vi), (0, 1023));
}

/// An environment that asks for what is not offered is told so, as a program would be.
#[test]
fn the_environment_can_not_set_sizes_that_are_not_offered() {
    if role().is_none() {
        let mut other = again("allocation::the_environment_can_not_set_sizes_that_are_not_offered", "set");
        return succeeds({
            other.env("EF_VI_RXQ_SIZE", "500");
            other
        });
    }
    let (_port, domain) = looped();
    assert_eq!(domain.vi(Queues::default()).err(), Some(-libc::EINVAL));
    assert!(domain.vi(Queues { receive: 512, ..Queues::default() }).is_ok());
}

#[test]
fn flags_that_the_model_has_not_are_refused() {
    let (_port, domain) = looped();
    for flags in [EF_VI_TX_ALT | EF_VI_TX_TIMESTAMPS, EF_VI_RX_ZEROCOPY] {
        let vi = domain.vi(Queues { flags, ..Queues::default() });
        assert_eq!(vi.err(), Some(-libc::EOPNOTSUPP), "{flags:#x}");
    }
}

/// Whether addresses are physical says the domain: the VI's own flags for it are taken away.
#[test]
fn flags_for_physical_addresses_come_from_the_domain() {
    let (_port, domain) = looped();
    let flags = EF_VI_TX_PHYS_ADDR | EF_VI_RX_PHYS_ADDR | EF_VI_TX_PUSH_ALWAYS;
    let vi = domain.vi(Queues { flags, ..Queues::default() }).unwrap();
    // SAFETY: an allocated VI.
    assert_eq!(unsafe { ef_vi_flags(vi.raw) }, EF_VI_TX_PUSH_ALWAYS);
}

#[test]
fn the_flags_given_are_the_flags_read() {
    let (_port, domain) = looped();
    let flags = EF_VI_TX_CTPIO | EF_VI_RX_TIMESTAMPS | EF_VI_TX_PUSH_DISABLE;
    let (a, b) = (domain.vi(Queues { flags, ..Queues::default() }).unwrap(), domain.vi(Queues::default()).unwrap());
    // SAFETY: allocated VIs.
    unsafe {
        assert_eq!((ef_vi_flags(a.raw), ef_vi_flags(b.raw)), (flags, EF_VI_FLAGS_DEFAULT));
        assert_ne!(ef_vi_resource_id(a.raw), ef_vi_resource_id(b.raw));
        let kind = (*a.raw).nic_type;
        assert_eq!((u32::from(kind.arch), kind.variant as u8), (EF_VI_ARCH_EF10, b'C'));
    }
}

/// Each event on a shared queue has the number of the VI that it belongs to, by which the VI is found.
#[test]
fn events_of_a_shared_queue_say_whose_they_are() {
    let (port, domain) = looped();
    let owner = domain.vi(Queues::default()).unwrap();
    let users: Vec<_> = (1..4)
        .map(|_| {
            let other = Domain::on(&port);
            other.vi(Queues { events: 0, share: Some(owner.clone()), ..Queues::default() }).unwrap()
        })
        .collect();
    let all: Vec<_> = std::iter::once(&owner).chain(&users).collect();
    for (i, vi) in all.iter().enumerate() {
        assert_eq!(vi.label, i as i32);
        let packet = Packet { to: (Packet::UDP.to.0, 100 + i as u16), ..Packet::UDP };
        vi.filter(&Spec::local(&packet)).unwrap();
        vi.fill(0..8);
        port.inject(&packet.sized(80 + i, i), Fcs::Good).unwrap();
        assert_eq!(vi.send(i, &Packet::TCP.sized(60, 0)), 0);
    }
    let events = owner.drain();
    let mut seen: Vec<_> = events.iter().map(|e| (EF_EVENT_TYPE(e), EF_EVENT_RX_Q_ID(e))).collect();
    for event in &events {
        let label = EF_EVENT_RX_Q_ID(event);
        // SAFETY: an allocated VI, and a number from one of its events.
        let found = unsafe { release::vi_of_queue(owner.raw, label as i32) };
        let vi = all[label as usize];
        assert_eq!(found, vi.raw);
        if EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX {
            assert_eq!(vi.unbundle(event), [label as i32]);
        } else {
            assert_eq!(vi.frame(event).len(), 80 + label as usize);
        }
    }
    seen.sort_unstable();
    let expected = [EF_EVENT_TYPE_RX, EF_EVENT_TYPE_TX].map(|kind| (0..4).map(move |label| (kind, label)));
    assert_eq!(seen, expected.into_iter().flatten().collect::<Vec<_>>());
}

#[test]
fn the_33rd_queue_on_an_event_queue_is_busy() {
    let (_port, domain) = looped();
    let owner = domain.vi(Queues::default()).unwrap();
    let share = || domain.vi(Queues { events: 0, share: Some(owner.clone()), ..Queues::default() });
    let users: Vec<_> = (1..32).map(|_| share().unwrap()).collect();
    assert_eq!(users[30].label, 31);
    for _ in 0..100 {
        assert_eq!(share().err(), Some(-libc::EBUSY));
    }
    // The refusals held nothing back.
    domain.vi(Queues::default()).unwrap();
}

/// A VI that has no event queue can't lend one; a queue in use can't be freed; a user that is freed leaves the others.
#[test]
fn a_shared_queue_goes_last() {
    let (port, domain) = looped();
    let owner = domain.vi(Queues::default()).unwrap();
    let user = domain.vi(Queues { events: 0, share: Some(owner.clone()), ..Queues::default() }).unwrap();
    let of_a_user = domain.vi(Queues { events: 0, share: Some(user.clone()), ..Queues::default() });
    assert_eq!(of_a_user.err(), Some(-libc::EINVAL));
    assert_eq!(domain.vi(Queues { events: 0, ..Queues::default() }).err(), Some(-libc::EINVAL));
    assert_eq!(owner.free(), -libc::EBUSY);

    owner.filter(&Spec::udp()).unwrap();
    owner.fill(0..8);
    user.filter(&Spec::local(&Packet::TCP)).unwrap();
    user.fill(0..8);
    port.inject(&Packet::TCP.sized(60, 0), Fcs::Good).unwrap();
    assert!(owner.has_event(), "the user's frame is in the queue");
    assert_eq!(user.send(0, &Packet::MULTICAST.sized(60, 0)), 0);
    assert_eq!(user.free(), 0);
    port.inject(&Packet::UDP.sized(60, 0), Fcs::Good).unwrap();
    // Events of the VI that is gone can't be unbundled: they are dropped.
    let events = owner.drain();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!((EF_EVENT_TYPE(&events[0]), EF_EVENT_RX_Q_ID(&events[0])), (EF_EVENT_TYPE_RX, 0));
    assert_eq!(owner.free(), 0);
}

/// Fill level and space at each step of a send's and a receive buffer's life.
#[test]
fn rings_count_what_is_added_and_what_is_completed() {
    let ends = cable(Queues::default(), Queues::default());
    let (tx, rx) = (&ends.tx, &ends.rx);
    for id in 0..8 {
        assert_eq!(rx.receive_init(rx.buffer(id), id as i32), 0);
        assert_eq!(rx.receive_ring(), (511, id as i32 + 1, 510 - id as i32));
    }
    rx.receive_push();
    assert_eq!(rx.receive_ring(), (511, 8, 503));

    let frame = Packet::UDP.sized(60, 0);
    let address = tx.load(0, &frame);
    assert_eq!(tx.transmit_init(address, 60, 1), 0);
    assert_eq!(tx.transmit_ring(), (511, 1, 510));
    assert_eq!(tx.transmitv_init(&[(address, 30), (address + 30, 30)], 2), 0);
    assert_eq!(tx.transmit_ring(), (511, 3, 508));
    tx.transmit_push();
    assert_eq!(tx.transmit_ring(), (511, 3, 508), "pushed is not completed");
    let events = tx.poll(16);
    assert_eq!(events.len(), 1);
    assert_eq!(tx.transmit_ring(), (511, 3, 508), "the event does not free the slots");
    assert_eq!(tx.unbundle(&events[0]), [1, 2]);
    assert_eq!(tx.transmit_ring(), (511, 0, 511), "unbundling does");

    assert_eq!(rx.receive_ring(), (511, 8, 503), "not polled");
    assert_eq!(rx.drain().len(), 2);
    assert_eq!(rx.receive_ring(), (511, 6, 505));
}

/// `added` and `removed` run on past the ring's size.
#[test]
fn rings_go_round() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    for round in 0..300 {
        for id in 0..5 {
            assert_eq!(ends.tx.send(id, &Packet::UDP.sized(64 + id, round)), 0);
        }
        assert_eq!(ends.tx.sent(), [0, 1, 2, 3, 4]);
        assert_eq!(ends.tx.transmit_ring(), (511, 0, 511));
        for event in ends.rx.drain() {
            let expected = Packet::UDP.sized(ends.rx.frame(&event).len(), round);
            assert_eq!(ends.rx.frame(&event), expected);
            let id = EF_EVENT_RX_RQ_ID(&event);
            assert_eq!(ends.rx.receive_post(ends.rx.buffer(id as usize), id as i32), 0);
        }
        assert_eq!(ends.rx.receive_ring(), (511, 64, 447));
    }
}

#[test]
fn only_timestamps_need_a_prefix() {
    let (_port, domain) = looped();
    let plain = domain.vi(Queues { flags: EF_VI_TX_TIMESTAMPS, ..Queues::default() }).unwrap();
    assert_eq!(plain.prefix_len(), 0);
    assert_eq!(plain.layout(), [(EF_VI_LAYOUT_FRAME, 0)]);
    let stamped = domain.vi(Queues { flags: EF_VI_RX_TIMESTAMPS, ..Queues::default() }).unwrap();
    assert_eq!(stamped.prefix_len(), 14);
    let layout = stamped.layout();
    assert!(layout.contains(&(EF_VI_LAYOUT_FRAME, 14)), "{layout:?}");
    let at = |wanted| layout.iter().find(|(kind, _)| *kind == wanted).map(|(_, offset)| *offset);
    assert!((0..=10).contains(&at(EF_VI_LAYOUT_MINOR_TICKS).unwrap()));
    assert!((0..=12).contains(&at(EF_VI_LAYOUT_PACKET_LENGTH).unwrap()));
}

#[test]
fn buffers_have_1792_bytes_unless_set() {
    let (_port, domain) = looped();
    for flags in [EF_VI_FLAGS_DEFAULT, EF_VI_RX_TIMESTAMPS] {
        let vi = domain.vi(Queues { flags, ..Queues::default() }).unwrap();
        assert_eq!(vi.buffer_len(), 1792);
        vi.set_buffer_len(512);
        assert_eq!(vi.buffer_len(), 512);
    }
}
