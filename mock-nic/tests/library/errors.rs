//! Sends that the adapter refuses: TX_ERROR, and the dead ring behind it.

use crate::common::{Domain, Ends, Packet, Queues, efct, ready};
use efvi_sys::*;
use mock_nic::Fabric;

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60, number)
}

/// Sends something that makes an error, and unbundles it.
fn fail(ends: &Ends, id: usize) {
    assert_eq!(ends.tx.transmit(0, 60, id), 0);
    let events = ends.tx.drain();
    assert_eq!(events.len(), 1);
    assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_TX_ERROR);
    assert_eq!(ends.tx.unbundle(&events[0]), [id as i32]);
}

#[test]
fn a_frame_longer_than_the_port_carries_is_too_big() {
    for length in [1519, 1600, 2048, 4000] {
        let ends = ready(EF_VI_FLAGS_DEFAULT);
        let address = ends.tx.load(0, &Packet::UDP.sized(1519, 0));
        assert_eq!(ends.tx.transmit(address, length, 3), 0);
        let events = ends.tx.drain();
        assert_eq!(events.len(), 1);
        assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_TX_ERROR);
        assert_eq!(EF_EVENT_TX_ERROR_TYPE(&events[0]), EF_EVENT_TX_ERROR_2BIG);
        assert_eq!(EF_EVENT_TX_ERROR_Q_ID(&events[0]), 0);
        assert_eq!(ends.tx.unbundle(&events[0]), [3]);
        assert!(ends.rx.frames().is_empty());
        assert_eq!(ends.tx.statistic("tx_errors"), 1);
        assert_eq!(ends.tx.statistic("tx_frames"), 0);
    }
}

#[test]
fn pieces_that_add_up_to_too_much_are_too_big() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    let address = ends.tx.load(0, &Packet::UDP.sized(1514, 0));
    assert_eq!(ends.tx.transmitv(&[(address, 1514), (address, 1514)], 3), 0);
    let events = ends.tx.drain();
    assert_eq!(events.len(), 1);
    assert_eq!(EF_EVENT_TX_ERROR_TYPE(&events[0]), EF_EVENT_TX_ERROR_2BIG);
    assert_eq!(ends.tx.unbundle(&events[0]), [3]);
}

/// Of packets pushed together those before the bad one are sent; those behind it are lost, and can be walked.
#[cfg(onload_since = "9.1.0")]
#[test]
fn packets_before_the_bad_one_are_sent_and_those_behind_are_lost() {
    let Ends { tx, rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    for id in 0..6 {
        let address = if id == 2 { 0 } else { tx.load(id, &frame(id)) };
        let split = [(address, 20), (address + 20, 40)];
        // Of the lost ones one has several descriptors.
        let rc = if id == 4 { tx.transmitv_init(&split, id) } else { tx.transmit_init(address, 60, id) };
        assert_eq!(rc, 0);
    }
    tx.transmit_push();
    let events = tx.drain();
    let kinds: Vec<_> = events.iter().map(EF_EVENT_TYPE).collect();
    assert_eq!(kinds, [EF_EVENT_TYPE_TX, EF_EVENT_TYPE_TX_ERROR]);
    assert_eq!(tx.unbundle(&events[0]), [0, 1]);
    assert_eq!(tx.unbundle(&events[1]), [2]);
    assert_eq!(tx.lost_in_error(), [3, 4, 5]);
    assert_eq!(rx.frames(), [frame(0), frame(1)]);
}

/// A bad piece spoils its packet, wherever it stands.
#[test]
fn a_packet_with_a_bad_piece_is_not_sent() {
    for bad in 0..3 {
        let ends = ready(EF_VI_FLAGS_DEFAULT);
        let address = ends.tx.load(0, &frame(0));
        let mut pieces = [(address, 20), (address + 20, 20), (address + 40, 20)];
        pieces[bad].0 = 0;
        assert_eq!(ends.tx.transmitv(&pieces, 9), 0);
        let events = ends.tx.drain();
        assert_eq!(events.len(), 1);
        assert_eq!(EF_EVENT_TX_ERROR_TYPE(&events[0]), EF_EVENT_TX_ERROR_BUS);
        assert_eq!(ends.tx.unbundle(&events[0]), [9]);
        assert_eq!(ends.tx.transmit_ring().1, 0);
        assert!(ends.rx.frames().is_empty());
    }
}

#[cfg(onload_since = "9.1.0")]
#[test]
fn a_dead_ring_sends_nothing_until_it_is_revived() {
    let ends = ready(EF_VI_TX_CTPIO);
    let Ends { tx, rx, .. } = &ends;
    fail(&ends, 0);
    for id in 1..5 {
        assert_eq!(tx.send(id, &frame(id)), 0, "the ring takes it");
    }
    assert_eq!(tx.send_ctpio(5, &frame(5), 64), 0);
    assert!(tx.drain().is_empty() && rx.frames().is_empty());
    assert_eq!(tx.lost_in_error(), [1, 2, 3, 4, 5]);

    assert_eq!(tx.reinit_transmit(), 0);
    assert_eq!(tx.transmit_ring(), (511, 0, 511));
    assert!(tx.lost_in_error().is_empty());
    assert!(rx.frames().is_empty(), "what was lost stays lost");
    for id in 6..10 {
        assert_eq!(tx.send(id, &frame(id)), 0);
    }
    assert_eq!(tx.send_ctpio(10, &frame(10), 64), 0);
    assert_eq!(tx.sent(), [6, 7, 8, 9, 10]);
    assert_eq!(rx.frames(), (6..11).map(frame).collect::<Vec<_>>());
}

/// Errors come one after the other, at any place of the ring.
#[cfg(onload_since = "9.1.0")]
#[test]
fn a_ring_can_be_revived_many_times() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    for round in 0..40 {
        for id in 0..round {
            assert_eq!(ends.tx.send(id, &Packet::TCP.sized(60, 0)), 0);
        }
        assert_eq!(ends.tx.sent().len(), round);
        fail(&ends, round);
        assert_eq!(ends.tx.reinit_transmit(), 0);
    }
    assert_eq!(ends.tx.send(1, &frame(1)), 0);
    assert_eq!((ends.tx.sent(), ends.rx.frames()), (vec![1], vec![frame(1)]));
    assert_eq!(ends.tx.statistic("tx_errors"), 40);
}

#[test]
fn the_receive_side_lives_on() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    let back = Packet { to: ([192, 0, 2, 1], 7), ..Packet::UDP };
    ends.tx.filter(&crate::common::Spec::local(&back)).unwrap();
    ends.tx.fill(0..8);
    fail(&ends, 0);
    assert_eq!(ends.rx.send(0, &back.sized(60, 0)), 0);
    assert_eq!(ends.tx.frames(), [back.sized(60, 0)]);
    // Nor are other VIs of the port touched.
    let other = ends.tx.domain.vi(Default::default()).unwrap();
    assert_eq!(other.send(0, &frame(0)), 0);
    assert_eq!(ends.rx.drain().len(), 2, "its own completion, and the frame");
}

/// A pointer to no elements may be null: there is nothing to send, and no room for an event.
#[test]
fn no_elements_may_be_nowhere() {
    let x2 = ready(EF_VI_TX_CTPIO);
    let (_looped, x3) = efct::looped(EF_VI_FLAGS_DEFAULT);
    for vi in [&x2.tx, &x3] {
        // On X3 the empty frame went by CTPIO, which needs no fallback.
        let fallback = if vi.nic_type().nic_flags == 0 { -libc::EINVAL } else { 0 };
        assert_eq!(vi.nowhere(), [fallback, -libc::EINVAL, -libc::EINVAL, 0, 0]);
        vi.ctpio_nothing();
    }
    let domain = Domain::on(&Fabric::new().checked().looped().unwrap());
    let checked = domain.vi(Queues { flags: EF_VI_TX_CTPIO, ..Queues::default() }).unwrap();
    assert_eq!(checked.nowhere(), [-libc::EINVAL, -libc::EINVAL, -libc::EINVAL, 0, 0]);
}
