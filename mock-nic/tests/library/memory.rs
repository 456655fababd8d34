//! Registered memory, and DMA to what is not.

use crate::common::{Domain, Driver, Memory, Packet, Queues, Spec, cable, ready};
use efvi_sys::*;
use mock_nic::{Fabric, Fcs};

#[test]
fn registrations_start_at_a_page_and_are_multiples_of_2048() {
    let domain = Domain::on(&Fabric::new().looped().unwrap());
    for (offset, bytes) in [(0, 4096), (0, 2048), (0, 6144), (0, 1 << 21)] {
        assert!(Memory::register(&domain, offset, bytes).is_ok(), "{offset} {bytes}");
    }
    for (offset, bytes) in [(64, 4096), (2048, 2048), (1, 2048), (0, 0), (0, 1000), (0, 4095), (0, 4097)] {
        assert_eq!(Memory::register(&domain, offset, bytes).err(), Some(-libc::EINVAL), "{offset} {bytes}");
    }
}

#[test]
fn addresses_are_contiguous_only_within_4096_bytes() {
    let domain = Domain::on(&Fabric::new().looped().unwrap());
    let memory = Memory::new(&domain, 4);
    for page in 0..4 {
        assert_eq!(memory.dma(page * 4096) % 4096, 0);
        assert_eq!(memory.dma(page * 4096 + 4095), memory.dma(page * 4096) + 4095);
    }
    assert!((1..4).all(|page| memory.dma(page * 4096) != memory.dma((page - 1) * 4096) + 4096));
}

#[test]
fn registrations_do_not_share_addresses() {
    let domain = Domain::on(&Fabric::new().looped().unwrap());
    let (a, b) = (Memory::new(&domain, 2), Memory::new(&domain, 2));
    let all = [a.dma(0), a.dma(4096), b.dma(0), b.dma(4096)];
    for i in 0..4 {
        assert!(all[..i].iter().all(|other| *other != all[i]));
    }
}

/// Freeing a VI takes nothing from the adapter: it has the posted buffers and the filters until the queues are flushed or
/// the handle is closed.
#[test]
fn a_freed_vis_buffers_are_the_adapters_until_flushed_or_closed() {
    for flushed in [false, true] {
        let ends = ready(EF_VI_FLAGS_DEFAULT);
        let rx = &ends.rx;
        rx.fill(0..8);
        rx.memory.write(0, &[0x5a; 8 * 2048]);
        if flushed {
            assert_eq!(rx.flush(), 0);
        }
        assert_eq!(rx.free(), 0);
        let sent = Packet::UDP.sized(100, 1);
        assert_eq!(ends.tx.send(0, &sent), 0);
        Driver::open();
        let expected = if flushed { vec![0x5a; 100] } else { sent };
        assert_eq!(rx.memory.read(0, 100), expected, "flushed: {flushed}");
        assert_eq!(rx.memory.read(2048, 100), [0x5a; 100]);
        // Who takes its place gets the frames only then.
        let next = rx.domain.vi(Queues::default()).unwrap();
        assert_eq!(next.filter(&Spec::udp()).err(), (!flushed).then_some(-libc::EEXIST));
        assert_eq!(ends.tx.send(1, &Packet::UDP.sized(100, 2)), 0);
        assert_eq!(rx.domain.driver.close(), 0);
        let expected = if flushed { vec![0x5a; 100] } else { Packet::UDP.sized(100, 2) };
        assert_eq!(rx.memory.read(2048, 100), expected, "the close is the end of it");
        ends.tx.send(2, &Packet::UDP.sized(100, 3));
        Driver::open();
        assert_eq!(rx.memory.read(4096, 100), [0x5a; 100]);
    }
}

/// Freeing a registration gives back the library's table: the driver has the memory until the handle is closed.
#[test]
fn freed_memory_takes_its_place_until_the_handle_is_closed() {
    // A quarter of what a domain can have.
    let bytes = if cfg!(miri) { 1 << 20 } else { 1 << 28 };
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    for _ in 0..4 {
        assert_eq!(Memory::register(&domain, 0, bytes).unwrap().unregister(), 0);
    }
    assert_eq!(Memory::register(&domain, 0, bytes).err(), Some(-libc::ENOSPC));
}

/// What has arrived when a VI is flushed is in its buffers, and what comes later in none.
#[test]
fn a_flush_is_the_end_of_what_is_received() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    ends.rx.fill(0..8);
    for number in 0..3 {
        assert_eq!(ends.tx.send(number, &Packet::UDP.sized(100, number)), 0);
    }
    assert_eq!(ends.rx.flush(), 0);
    assert_eq!(ends.tx.send(3, &Packet::UDP.sized(100, 3)), 0);
    assert_eq!(ends.rx.frames(), (0..3).map(|number| Packet::UDP.sized(100, number)).collect::<Vec<_>>());
    assert_eq!(ends.rx.statistic("rx_no_descriptor"), 1);
}

/// Sends from an address and says what came of it: no more than one event.
fn send_from(address: impl Fn(&crate::common::Ends) -> ef_addr) -> ef_event {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(ends.tx.transmit(address(&ends), 60, 5), 0);
    let events = ends.tx.drain();
    assert_eq!(events.len(), 1);
    assert!(ends.rx.frames().is_empty(), "something was sent");
    assert_eq!(ends.tx.unbundle(&events[0]), [5]);
    events[0]
}

#[track_caller]
fn assert_refused(event: &ef_event) {
    assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_TX_ERROR);
    assert_eq!(EF_EVENT_TX_ERROR_TYPE(event), EF_EVENT_TX_ERROR_BUS);
}

#[test]
fn sending_from_unregistered_memory_is_an_error() {
    assert_refused(&send_from(|_| 0));
    assert_refused(&send_from(|_| 0x7000_0000));
    assert_refused(&send_from(|ends| ends.tx.memory.address(0).addr() as ef_addr));
}

#[test]
fn sending_from_behind_a_registration_is_an_error() {
    // The memory's last page, and the one behind.
    assert_refused(&send_from(|ends| ends.tx.buffer(1023) - 2048 + 4096));
}

#[test]
fn sending_from_memory_that_was_unregistered_is_an_error() {
    assert_refused(&send_from(|ends| {
        let address = ends.tx.load(0, &Packet::UDP.sized(60, 0));
        assert_eq!(ends.tx.memory.unregister(), 0);
        address
    }));
}

/// Receives into an address; the frame must become a discard that gives the buffer back, whatever discards are chosen.
fn receive_into(address: impl Fn(&crate::common::Ends) -> ef_addr) {
    for chosen in [EF_VI_DISCARD_RX_ETH_FCS_ERR, 0] {
        let ends = cable(Queues::default(), Queues::default());
        assert_eq!(ends.rx.set_discards(chosen), 0);
        assert_eq!(ends.rx.receive_init(address(&ends), 77), 0);
        for id in 1..8 {
            assert_eq!(ends.rx.receive_init(ends.rx.buffer(id), id as i32), 0);
        }
        ends.rx.receive_push();
        ends.far.inject(&Packet::UDP.sized(100, 0), Fcs::Good).unwrap();
        let events = ends.rx.drain();
        assert_eq!(events.len(), 1);
        assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_RX_DISCARD);
        assert_eq!(EF_EVENT_RX_DISCARD_TYPE(&events[0]), EF_EVENT_RX_DISCARD_RIGHTS);
        assert_eq!(EF_EVENT_RX_DISCARD_RQ_ID(&events[0]), 77);
        assert_eq!(ends.rx.receive_ring().1, 7);
        assert_eq!(ends.rx.statistic("rx_discards"), 1);
    }
}

#[test]
fn receiving_into_unregistered_memory_is_a_discard() {
    receive_into(|_| 0);
    receive_into(|ends| ends.rx.memory.address(0).addr() as ef_addr);
}

#[test]
fn receiving_into_another_domains_memory_is_a_discard() {
    receive_into(|ends| {
        let other = Domain::on(&ends.far);
        Memory::new(&other, 1024).dma(1023 * 4096)
    });
}

/// Nothing is written to memory whose registration has ended while its buffers were posted.
#[test]
fn memory_unregistered_under_a_vi_is_left_alone() {
    let ends = cable(Queues::default(), Queues::default());
    let memory = Memory::new(&ends.rx.domain, 4);
    for id in 0..8 {
        assert_eq!(ends.rx.receive_init(memory.dma(id * 2048), id as i32), 0);
    }
    ends.rx.receive_push();
    let frame = Packet::UDP.sized(100, 0);
    ends.far.inject(&frame, Fcs::Good).unwrap();
    assert_eq!(ends.rx.drain().len(), 1);
    assert_eq!(memory.read(0, 100), frame);

    assert_eq!(memory.unregister(), 0);
    assert!(memory.unregister() < 0, "twice");
    for _ in 0..7 {
        ends.far.inject(&frame, Fcs::Good).unwrap();
    }
    let events = ends.rx.drain();
    let ids: Vec<_> = events.iter().map(EF_EVENT_RX_DISCARD_RQ_ID).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7]);
    assert!(events.iter().all(|event| EF_EVENT_RX_DISCARD_TYPE(event) == EF_EVENT_RX_DISCARD_RIGHTS));
    assert_eq!(memory.read(2048, 7 * 2048), [0; 7 * 2048]);
}

#[test]
fn what_is_registered_again_works_again() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    for round in 0..50 {
        let memory = Memory::new(&ends.tx.domain, 1 + round % 3);
        let frame = Packet::UDP.sized(60, round);
        memory.write(0, &frame);
        assert_eq!(ends.tx.transmit(memory.dma(0), 60, round), 0);
        assert_eq!(ends.tx.sent(), [round as i32]);
        assert_eq!(ends.rx.frames(), [frame]);
        assert_eq!(memory.unregister(), 0);
    }
}
