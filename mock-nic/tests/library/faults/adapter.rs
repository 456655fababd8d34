//! At the adapter: discards, transmit errors, lost queues, and what can't be had.

use super::{count, frame, frames, kinds, on, send, set};
use crate::common::{DISCARDS, Domain, Ends, Pio, Queues, Spec, efct, ready, receiver};
use efvi_sys::*;
use mock_nic::{Fabric, Fault, Model, When};

#[test]
fn without_descriptors_frames_are_lost_and_counted() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(far, on(Fault::NoDescriptors, 2..4));
    send(tx, 1..=5);
    assert_eq!(rx.frames(), frames([1, 4, 5]));
    assert_eq!((count(far, Fault::NoDescriptors), rx.statistic("rx_no_descriptor")), (2, 2));
    assert_eq!(rx.receive_ring().1, 61, "their buffers are still posted");
}

#[test]
fn every_reason_makes_its_discard_and_gives_the_buffer_back() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    for (fault, subtype) in DISCARDS {
        set(far, on(fault, 2));
        send(tx, 1..=3);
        let events = rx.drain();
        assert_eq!(kinds(&events), [EF_EVENT_TYPE_RX, EF_EVENT_TYPE_RX_DISCARD, EF_EVENT_TYPE_RX], "{fault}");
        assert_eq!(EF_EVENT_RX_DISCARD_TYPE(&events[1]), subtype, "{fault}");
        assert_eq!(events.iter().map(|event| rx.frame(event)).collect::<Vec<_>>(), frames(1..=3));
        assert_eq!(count(far, fault), 1);
        for event in &events {
            let id = EF_EVENT_RX_RQ_ID(event);
            assert_eq!(rx.receive_post(rx.buffer(id as usize), id as i32), 0);
        }
    }
    assert_eq!(rx.statistic("rx_discards"), 8);
}

#[test]
fn every_transmit_error_kills_the_ring_and_names_its_packet() {
    let errors = [
        (Fault::TxErrorRights, EF_EVENT_TX_ERROR_RIGHTS),
        (Fault::TxErrorOverflow, EF_EVENT_TX_ERROR_OFLOW),
        (Fault::TxErrorTooBig, EF_EVENT_TX_ERROR_2BIG),
        (Fault::TxErrorBus, EF_EVENT_TX_ERROR_BUS),
    ];
    for (fault, subtype) in errors {
        let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
        set(near, on(fault, 3));
        for id in 1..=5 {
            let address = tx.load(id, &frame(id));
            assert_eq!(tx.transmit_init(address, 100, id), 0);
        }
        tx.transmit_push();
        let events = tx.drain();
        assert_eq!(kinds(&events), [EF_EVENT_TYPE_TX, EF_EVENT_TYPE_TX_ERROR]);
        assert_eq!((tx.unbundle(&events[0]), tx.unbundle(&events[1])), (vec![1, 2], vec![3]));
        assert_eq!(EF_EVENT_TX_ERROR_TYPE(&events[1]), subtype, "{fault}");
        assert_eq!(count(near, fault), 1);
        assert_eq!(rx.frames(), frames([1, 2]));
        // As documented: what was lost is walked, the ring revived, and the lost is sent again.
        #[cfg(onload_since = "9.1.0")]
        {
            let lost = tx.lost_in_error();
            assert_eq!(lost, [4, 5]);
            assert_eq!(tx.reinit_transmit(), 0);
            send(tx, [3, 4, 5]);
            assert_eq!(rx.frames(), frames([3, 4, 5]));
        }
    }
}

/// An underrun poisons what cut through; the receiver discards that, and gets the fallback: nothing is lost.
#[test]
fn a_ctpio_underrun_poisons_the_frame_and_the_fallback_sends_it() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_TX_CTPIO);
    set(near, on(Fault::CtpioUnderrun, When::Every(2)));
    for id in 1..=4 {
        assert_eq!(tx.send_ctpio(id, &frame(id), 64), 0);
    }
    assert_eq!(tx.sent(), [1, 2, 3, 4]);
    let events = rx.drain();
    let (good, poisoned): (Vec<ef_event>, Vec<ef_event>) =
        events.iter().copied().partition(|e| EF_EVENT_TYPE(e) == EF_EVENT_TYPE_RX);
    assert_eq!(good.iter().map(|event| rx.frame(event)).collect::<Vec<_>>(), frames(1..=4));
    assert_eq!(poisoned.iter().map(EF_EVENT_RX_DISCARD_TYPE).collect::<Vec<_>>(), [EF_EVENT_RX_DISCARD_CRC_BAD; 2]);
    assert_eq!((count(near, Fault::CtpioUnderrun), tx.statistic("tx_ctpio_fallbacks")), (2, 2));
}

/// A broken queue says so at every poll, and nothing else; a VI in its place goes on.
#[test]
fn an_overflowed_event_queue_is_replaced() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(far, on(Fault::EventOverflow, 3));
    send(tx, 1..=4);
    let mut arrived = Vec::new();
    let overflowed = loop {
        let events = rx.poll(16);
        arrived.extend(events.iter().filter(|e| EF_EVENT_TYPE(e) == EF_EVENT_TYPE_RX).map(|event| rx.frame(event)));
        if events.iter().any(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_OFLOW) {
            break kinds(&events);
        }
    };
    assert_eq!((arrived, overflowed.last()), (frames([1, 2]), Some(&EF_EVENT_TYPE_OFLOW)));
    assert_eq!(kinds(&rx.poll(16)), [EF_EVENT_TYPE_OFLOW]);
    assert_eq!(count(far, Fault::EventOverflow), 1);
    assert!(rx.statistic("ev_overflows") >= 1);
    assert_eq!((rx.flush(), rx.free()), (0, 0));
    let next = receiver(&rx.domain);
    send(tx, 5..=6);
    assert_eq!(next.frames(), frames([5, 6]));
}

/// After a reset there is one event that says so; the VI is dead, another in its place lives.
#[test]
fn after_a_reset_the_vi_is_replaced() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(far, on(Fault::Reset, 2));
    send(tx, 1..=3);
    let mut events = Vec::new();
    while events.last().is_none_or(|event| EF_EVENT_TYPE(event) != EF_EVENT_TYPE_RESET) {
        events.extend(rx.poll(16));
    }
    assert_eq!(kinds(&events), [EF_EVENT_TYPE_RX, EF_EVENT_TYPE_RESET]);
    send(tx, 4..=4);
    assert_eq!(rx.send(1, &frame(1)), 0);
    assert!(rx.drain().is_empty());
    assert_eq!(count(far, Fault::Reset), 1);
    assert_eq!(rx.free(), 0);
    let next = receiver(&rx.domain);
    send(tx, 5..=6);
    assert_eq!(next.frames(), frames([5, 6]));
}

/// Every frame that is not delivered is counted: those behind a reset, and those on the wire to a VI that is freed.
#[test]
fn what_a_vi_never_tells_of_is_counted() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    set(far, on(Fault::Reset, 2));
    send(tx, 1..=4);
    assert_eq!(kinds(&rx.poll(2)), [EF_EVENT_TYPE_RX]);
    // This one has two frames; the reset, with the first of them, loses both.
    assert_eq!(kinds(&rx.poll(2)), [EF_EVENT_TYPE_RESET]);
    assert_eq!((far.counters().rx_frames, far.counters().rx_abandoned), (3, 2));
    send(tx, 5..=5);
    assert_eq!(rx.free(), 0);
    assert_eq!(far.counters().rx_abandoned, 2);
    let next = receiver(&rx.domain);
    send(tx, 6..=6);
    assert_eq!(next.frames(), frames([6]));
    assert_eq!((far.counters().rx_frames, far.counters().rx_abandoned), (4, 4));
    // Received, but never asked for.
    send(tx, 7..=9);
    assert!(next.has_many_events(1));
    let received = far.counters().rx_frames - 4;
    assert!(received > 0);
    assert_eq!(next.free(), 0);
    assert_eq!(far.counters().rx_abandoned, 4 + received);
}

/// What a program sends on a dead ring is counted, on every model.
#[test]
fn what_a_dead_ring_takes_is_counted() {
    for model in [Model::X2].into_iter().chain(efct::MODELS.iter().copied()) {
        let (near, _far) = Fabric::of(model).cable().unwrap();
        set(&near, on(Fault::TxErrorBus, 1));
        let domain = if model == Model::X2 { Domain::on(&near) } else { efct::domain(&near, model) };
        let tx = domain.vi(Queues::default()).unwrap();
        for id in 1..=3 {
            assert_eq!(tx.send(id, &frame(id)), 0);
        }
        assert_eq!(tx.transmitv(&[(tx.load(4, &frame(4)), 30), (tx.load(4, &frame(4)) + 30, 30)], 4), 0);
        let counters = near.counters();
        assert_eq!((counters.tx_errors, counters.tx_dead, counters.tx_frames), (1, 3, 0), "{model:?}");
    }
}

#[test]
fn what_is_allocated_can_be_refused() {
    let port = Fabric::new().looped().unwrap();
    set(&port, on(Fault::NoVi, 2).on(Fault::NoFilter, 1).on(Fault::NoMemory, 2).on(Fault::NoPio, 1));
    let domain = Domain::on(&port);
    let vi = domain.vi(Queues::default()).unwrap();
    assert_eq!(vi.filter(&Spec::udp()).err(), Some(-libc::EBUSY));
    vi.filter(&Spec::udp()).unwrap();
    assert_eq!(crate::common::Memory::register(&domain, 0, 4096).err(), Some(-libc::ENOMEM));
    crate::common::Memory::register(&domain, 0, 4096).unwrap();
    assert_eq!(domain.vi(Queues::default()).err(), Some(-libc::EBUSY));
    domain.vi(Queues::default()).unwrap();
    assert_eq!(Pio::alloc(&domain, 4096).err(), Some(-libc::ENOSPC));
    Pio::alloc(&domain, 4096).unwrap();
    let once = [Fault::NoVi, Fault::NoFilter, Fault::NoMemory, Fault::NoPio].map(|fault| (fault, 1));
    assert_eq!(port.faults(), once);
}
