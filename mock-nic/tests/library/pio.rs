//! PIO: packets sent from the adapter's own memory.

use crate::common::{Domain, Driver, Ends, Packet, Pio, Queues, cable, ready};
use efvi_sys::*;
use mock_nic::{Costs, Fabric, VirtualTime};

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60, number)
}

/// Both ends, and a region of the full size that is linked with the sender.
fn linked(flags: ef_vi_flags) -> (Ends, Pio) {
    let ends = ready(flags);
    let pio = Pio::alloc(&ends.tx.domain, 4096).unwrap();
    assert_eq!(pio.link(&ends.tx), 0);
    (ends, pio)
}

/// A region has the length asked for, but no more than the adapter's.
#[test]
fn the_length_is_a_hint() {
    let domain = Domain::on(&Fabric::new().looped().unwrap());
    let whole = domain.capability(EF_VI_CAP_PIO_BUFFER_SIZE).unwrap() as u32;
    assert_eq!((domain.capability(EF_VI_CAP_PIO), whole), (Ok(1), 4096));
    for (asked, given) in [(100, 100), (whole, whole), (whole + 1, whole), (u32::MAX, whole)] {
        let pio = Pio::alloc(&domain, asked).unwrap();
        assert_eq!(pio.length(), given);
        let vi = domain.vi(Queues::default()).unwrap();
        assert_eq!(pio.link(&vi), 0);
        assert_eq!(vi.pio_size(), given as i32);
    }
}

/// A port has so many regions and no more. What gives one back is that its driver handle is closed.
#[test]
fn regions_are_used_up_and_come_back_with_their_handle() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    let count = domain.capability(EF_VI_CAP_PIO_BUFFER_COUNT).unwrap();
    let driver = Driver::open();
    for _ in 0..count {
        let pio = Pio::alloc_on(&driver, &domain, 4096).unwrap();
        assert_eq!(pio.free(), 0);
    }
    assert_eq!(Pio::alloc(&domain, 64).err(), Some(-libc::ENOSPC));
    // Another domain of the same port has no others.
    assert_eq!(Pio::alloc(&Domain::on(&port), 64).err(), Some(-libc::ENOSPC));
    assert!(Pio::alloc(&Domain::on(&Fabric::new().looped().unwrap()), 64).is_ok());
    drop(driver);
    let pio = Pio::alloc(&domain, 64).unwrap();
    // One that is linked stays as long as the VI has it.
    let vi = domain.vi(Queues::default()).unwrap();
    assert_eq!(pio.link(&vi), 0);
    let others: Vec<_> = (1..count).map(|_| Pio::alloc(&domain, 64).unwrap()).collect();
    assert_eq!(Pio::alloc(&domain, 64).err(), Some(-libc::ENOSPC));
    drop(others);
}

#[test]
fn a_region_that_is_linked_outlives_its_handle() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    let driver = Driver::open();
    let pio = Pio::alloc_on(&driver, &ends.tx.domain, 4096).unwrap();
    assert_eq!(pio.link(&ends.tx), 0);
    assert_eq!(driver.close(), 0);
    assert_eq!(ends.tx.transmit_copy_pio(0, &frame(1), 1), 0);
    assert_eq!((ends.tx.sent(), ends.rx.frames()), (vec![1], vec![frame(1)]));
}

#[test]
fn a_handle_that_is_not_open_is_refused() {
    let domain = Domain::on(&Fabric::new().looped().unwrap());
    let driver = Driver::never_open();
    assert_eq!(Pio::alloc_on(&driver, &domain, 4096).err(), Some(-libc::EBADF));
}

/// One region a VI; both are of one adapter.
#[test]
fn a_vi_has_one_region() {
    let (ends, pio) = linked(EF_VI_FLAGS_DEFAULT);
    let other = Pio::alloc(&ends.tx.domain, 4096).unwrap();
    assert_eq!(other.link(&ends.tx), -libc::EALREADY);
    assert_eq!(pio.link(&ends.tx), -libc::EALREADY);
    assert_eq!(other.unlink(&ends.tx), -libc::EINVAL);
    assert_eq!(other.link(&ends.rx), -libc::EINVAL, "of another adapter");
    assert_eq!(pio.unlink(&ends.tx), 0);
    assert_eq!(pio.unlink(&ends.tx), -libc::EALREADY);
    assert_eq!(other.link(&ends.tx), 0);
    assert_eq!(pio.free(), 0);
    assert_eq!(pio.free(), -libc::EINVAL);
}

/// A region must not be linked when it is freed, but nobody looks: what is freed is the library's copy, so that the VI
/// goes on sending from the region until it is unlinked, and again when it is linked.
#[test]
fn a_region_is_freed_though_it_is_linked() {
    let (Ends { tx, rx, .. }, pio) = &linked(EF_VI_FLAGS_DEFAULT);
    assert_eq!(pio.free(), 0);
    assert_eq!(tx.transmit_copy_pio(0, &frame(1), 1), 0);
    assert_eq!((tx.sent(), rx.frames()), (vec![1], vec![frame(1)]));
    assert_eq!(pio.unlink(tx), 0);
    assert_eq!(tx.transmit_copy_pio(0, &frame(1), 1), -libc::EINVAL);
    pio.forget_mapping();
    assert_eq!(pio.link(tx), 0);
    assert_eq!(tx.transmit_copy_pio(0, &frame(2), 2), 0);
    assert_eq!((tx.sent(), rx.frames()), (vec![2], vec![frame(2)]));
}

/// Freeing the VI unlinks.
#[test]
fn a_vi_that_is_freed_leaves_its_region() {
    let domain = Domain::on(&Fabric::new().looped().unwrap());
    let pio = Pio::alloc(&domain, 4096).unwrap();
    let vi = domain.vi(Queues::default()).unwrap();
    assert_eq!(pio.link(&vi), 0);
    drop(vi);
    assert_eq!(pio.free(), 0);
}

#[test]
fn without_a_region_there_is_nothing_to_send_from() {
    let Ends { tx, rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.transmit_pio(0, 60, 1), -libc::EINVAL);
    assert_eq!(tx.transmit_copy_pio(0, &frame(1), 1), -libc::EINVAL);
    assert_eq!(tx.pio_memcpy(0, &frame(1)), -libc::EINVAL);
    assert_eq!(tx.pio_size(), -libc::EINVAL);
    tx.pio_warm();
    tx.copy_pio_warm(0, &frame(1));
    assert_eq!(tx.transmit_ring().1, 0);
    assert!(tx.drain().is_empty() && rx.drain().is_empty());
}

#[test]
fn a_packet_is_sent_from_the_region() {
    let (Ends { tx, rx, near, .. }, _pio) = &linked(EF_VI_FLAGS_DEFAULT);
    for (number, length) in [(0, 60), (1, 61), (2, 100), (3, 1514)] {
        let sent = Packet::UDP.sized(length, number);
        assert_eq!(tx.pio_memcpy(0, &sent), 0);
        assert_eq!(tx.transmit_pio(0, length as i32, number), 0);
        assert_eq!(tx.transmit_ring().1, 1);
        assert_eq!((tx.sent(), rx.frames()), (vec![number as i32], vec![sent]));
    }
    assert_eq!(near.counters().tx_pio, 4);
    // What is in the region stays, and can be sent again.
    let again = Packet::UDP.sized(1514, 3);
    assert_eq!(tx.transmit_pio(0, 1514, 9), 0);
    assert_eq!((tx.sent(), rx.frames()), (vec![9], vec![again]));
}

#[test]
fn a_packet_is_copied_and_sent_in_one_call() {
    let (Ends { tx, rx, .. }, _pio) = &linked(EF_VI_FLAGS_DEFAULT);
    let mut source = frame(1);
    assert_eq!(tx.transmit_copy_pio(128, &source, 7), 0);
    // The source may be used again at once.
    source.fill(0);
    assert_eq!((tx.sent(), rx.frames()), (vec![7], vec![frame(1)]));
}

/// The region holds several packets, at multiples of 64.
#[test]
fn packets_lie_at_multiples_of_64() {
    let (Ends { tx, rx, .. }, _pio) = &linked(EF_VI_FLAGS_DEFAULT);
    for number in 0..64 {
        assert_eq!(tx.pio_memcpy(number * 64, &frame(number as usize)), 0);
    }
    for number in 0..64 {
        assert_eq!(tx.transmit_pio(number * 64, 60, number as usize), 0);
    }
    assert_eq!(tx.sent(), (0..64).collect::<Vec<_>>());
    assert_eq!(rx.frames(), (0..64).map(frame).collect::<Vec<_>>());
    for offset in [1, 8, 32, 63, 65, 4095] {
        assert_eq!(tx.transmit_pio(offset, 16, 1), -libc::EINVAL, "{offset}");
        assert_eq!(tx.transmit_copy_pio(offset, &frame(1)[..16], 1), -libc::EINVAL, "{offset}");
    }
    assert_eq!(tx.transmit_ring().1, 0);
}

/// At least 16 bytes, and all of them within the region.
#[test]
fn a_packet_lies_within_the_region() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    let pio = Pio::alloc(&ends.tx.domain, 300).unwrap();
    assert_eq!(pio.link(&ends.tx), 0);
    let long = vec![0x55; 5000];
    for (offset, length) in [(0, 0), (0, 15), (0, 301), (256, 45), (320, 16), (-64, 64), (0, -1), (i32::MAX - 63, 64)] {
        assert_eq!(ends.tx.transmit_pio(offset, length, 1), -libc::EINVAL, "{length} at {offset}");
        let length = usize::try_from(length).unwrap_or(0);
        assert_eq!(ends.tx.transmit_copy_pio(offset, &long[..length], 1), -libc::EINVAL, "{length} at {offset}");
    }
    for (offset, length) in [(0, 301), (300, 1), (301, 0), (-1, 1), (-8, 8)] {
        assert_eq!(ends.tx.pio_memcpy(offset, &long[..length]), -libc::EINVAL, "{length} at {offset}");
    }
    assert_eq!(ends.tx.pio_memcpy(299, &long[..1]), 0);
    assert_eq!(ends.tx.pio_memcpy(300, &[]), 0);
    assert_eq!(ends.tx.transmit_pio(256, 44, 1), 0);
    assert_eq!(ends.tx.transmit_pio(0, 16, 2), 0);
    assert_eq!(ends.tx.sent(), [1, 2]);
}

/// The adapter is written to in words of 8 bytes, which are filled up from the library's copy; `ef_vi_transmit_copy_pio`
/// does not keep that copy.
#[test]
fn the_librarys_copy_fills_up_words() {
    let (Ends { tx, rx, .. }, _pio) = &linked(EF_VI_TX_IP_CSUM_DIS | EF_VI_TX_TCPUDP_CSUM_DIS);
    rx.set_discards(0);
    let (first, second) = (frame(1), frame(2));
    // In pieces of any alignment it comes out whole.
    for (at, piece) in first.chunks(7).enumerate() {
        assert_eq!(tx.pio_memcpy(at as i32 * 7, piece), 0);
    }
    assert_eq!(tx.transmit_pio(0, 60, 1), 0);
    assert_eq!(rx.frames(), std::slice::from_ref(&first));
    // A byte of the first packet, written over the second one, brings along its neighbours in the word.
    assert_eq!(tx.transmit_copy_pio(0, &second, 2), 0);
    assert_eq!(tx.pio_memcpy(50, &first[50..51]), 0);
    assert_eq!(tx.transmit_pio(0, 60, 3), 0);
    let mixed = [&second[..48], &first[48..56], &second[56..]].concat();
    assert_eq!(rx.frames(), [second, mixed]);
}

/// As with DMA, checksums are filled in, short frames are padded, and what is too long is an error.
#[test]
fn the_packet_takes_the_normal_way_out() {
    let (Ends { tx, rx, .. }, _pio) = &linked(EF_VI_FLAGS_DEFAULT);
    let mut wrong = frame(1);
    for at in [Packet::UDP.ip_checksum_at(), Packet::UDP.transport_checksum_at()] {
        wrong[at] ^= 0xff;
    }
    assert_eq!(tx.transmit_copy_pio(0, &wrong, 1), 0);
    let short = Packet::UDP.frame(b"abc");
    assert_eq!(tx.transmit_copy_pio(64, &short, 2), 0);
    let mut padded = short.clone();
    padded.resize(60, 0);
    assert_eq!(rx.frames(), [frame(1), padded]);
    assert_eq!(tx.sent(), [1, 2]);
    assert_eq!(tx.transmit_pio(0, 1519, 3), 0);
    let events = tx.drain();
    assert_eq!(events.len(), 1);
    assert_eq!(EF_EVENT_TX_ERROR_TYPE(&events[0]), EF_EVENT_TX_ERROR_2BIG);
}

/// Its descriptor is pushed as any: while fewer than the threshold are outstanding.
#[test]
fn descriptors_are_pushed_below_the_threshold() {
    let (Ends { tx, near, .. }, _pio) = &linked(EF_VI_FLAGS_DEFAULT);
    tx.set_push_threshold(3);
    for id in 0..10 {
        assert_eq!(tx.transmit_pio(0, 16, id), 0);
    }
    assert_eq!((near.counters().tx_pushes, near.counters().tx_doorbells), (3, 7));
    assert_eq!(tx.sent().len(), 10);
}

/// PIO, DMA and CTPIO complete in the order in which they were sent.
#[test]
fn all_ways_of_sending_keep_their_order() {
    let (Ends { tx, rx, .. }, _pio) = &linked(EF_VI_TX_CTPIO);
    for id in 0..30 {
        let rc = match id % 3 {
            0 => tx.send(id, &frame(id)),
            1 => tx.transmit_copy_pio(id as i32 * 64, &frame(id), id),
            _ => tx.send_ctpio(id, &frame(id), 64),
        };
        assert_eq!(rc, 0);
    }
    assert_eq!(tx.sent(), (0..30).collect::<Vec<_>>());
    assert_eq!(rx.frames(), (0..30).map(frame).collect::<Vec<_>>());
}

#[test]
fn sends_carry_timestamps() {
    let (Ends { tx, .. }, _pio) = &linked(EF_VI_TX_TIMESTAMPS);
    for id in [5, 6] {
        assert_eq!(tx.transmit_copy_pio(0, &frame(id), id), 0);
    }
    let events = tx.drain();
    let ids: Vec<_> = events.iter().map(EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID).collect();
    assert_eq!(ids, [5, 6]);
    assert!(events.iter().all(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX_WITH_TIMESTAMP));
    assert!(events.iter().all(|event| EF_EVENT_TX_WITH_TIMESTAMP_SEC(event) > 0));
}

/// A full ring is `-EAGAIN`, and the packet is in the region all the same.
#[test]
fn a_full_ring_takes_no_packet() {
    let Ends { tx, rx, .. } = &cable(Queues::default(), Queues::default());
    rx.fill(0..8);
    let pio = Pio::alloc(&tx.domain, 4096).unwrap();
    assert_eq!(pio.link(tx), 0);
    for id in 0..511 {
        assert_eq!(tx.send(id, &Packet::TCP.sized(60, 0)), 0);
    }
    assert_eq!(tx.transmit_copy_pio(0, &frame(1), 1000), -libc::EAGAIN);
    assert_eq!(tx.transmit_pio(0, 60, 1000), -libc::EAGAIN);
    assert_eq!(tx.transmit_ring(), (511, 511, 0));
    assert_eq!(tx.sent(), (0..511).collect::<Vec<_>>());
    assert_eq!(tx.transmit_pio(0, 60, 1000), 0);
    assert_eq!((tx.sent(), rx.frames()), (vec![1000], vec![frame(1)]));
}

/// Warming sends nothing; the copying one leaves the packet in the region.
#[test]
fn nothing_leaves_while_warming() {
    let (Ends { tx, rx, near, .. }, _pio) = &linked(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.send(1, &frame(1)), 0);
    let (ring, counters) = (tx.transmit_ring(), near.counters());
    for _ in 0..3 {
        tx.pio_warm();
        tx.copy_pio_warm(64, &frame(2));
    }
    assert_eq!((tx.transmit_ring(), near.counters()), (ring, counters));
    assert_eq!(tx.transmit_pio(64, 60, 2), 0);
    assert_eq!((tx.sent(), rx.frames()), (vec![1, 2], vec![frame(1), frame(2)]));
}

/// A region may be linked with several VIs of the adapter, which then share it.
#[test]
fn a_region_is_shared_by_the_vis_that_it_is_linked_with() {
    let (ends, pio) = linked(EF_VI_FLAGS_DEFAULT);
    let other = ends.tx.domain.vi(Queues::default()).unwrap();
    assert_eq!(pio.link(&other), 0);
    assert_eq!(other.pio_memcpy(0, &frame(3)), 0);
    assert_eq!(ends.tx.transmit_pio(0, 60, 1), 0);
    assert_eq!(ends.rx.frames(), [frame(3)]);
    assert_eq!((pio.unlink(&other), other.pio_size()), (0, -libc::EINVAL));
    assert_eq!(ends.tx.pio_size(), 4096);
}

/// Unlinking unmaps, and leaves the structure's pointer. Linked again with it, what is written gets nowhere (on a real
/// machine it faults, or worse): the program has to reset the pointer.
#[test]
fn a_region_is_mapped_by_a_link_that_finds_no_mapping() {
    let (ends, pio) = linked(EF_VI_FLAGS_DEFAULT);
    let Ends { tx, rx, .. } = &ends;
    let sent = |copied: usize| {
        assert_eq!(tx.transmit_copy_pio(0, &frame(copied), 1), 0);
        assert_eq!(tx.sent(), [1]);
        rx.frames()
    };
    assert_eq!(sent(1), [frame(1)]);
    assert_eq!((pio.unlink(tx), pio.link(tx)), (0, 0));
    assert!(!pio.mapping().is_null());
    assert_eq!(sent(2), [frame(1)]);
    assert_eq!(tx.pio_memcpy(0, &frame(3)), 0);
    assert_eq!(sent(3), [frame(1)]);
    assert_eq!(pio.unlink(tx), 0);
    pio.forget_mapping();
    assert_eq!(pio.link(tx), 0);
    assert_eq!(sent(4), [frame(4)]);
    assert_eq!(pio.unlink(tx), 0);
    pio.forget_mapping();
    // That of a VI that is gone is no better.
    let other = tx.domain.vi(Queues::default()).unwrap();
    assert_eq!(pio.link(&other), 0);
    drop(other);
    assert_eq!(pio.link(tx), 0);
    assert_eq!(sent(5), [frame(4)]);
}

/// On virtual time the processor's writes to the region cost the same by either call, for each 64 bytes.
#[test]
fn writing_to_the_region_takes_time() {
    let costs = Costs::default();
    let domain = Domain::on(&Fabric::new().with_virtual_time(costs).looped().unwrap());
    let (vi, pio) = (domain.vi(Queues::default()).unwrap(), Pio::alloc(&domain, 4096).unwrap());
    let took = |write: &dyn Fn()| {
        let start = VirtualTime::picoseconds();
        write();
        VirtualTime::picoseconds() - start
    };
    assert_eq!(took(&|| assert_eq!(vi.pio_memcpy(0, &[7; 64]), -libc::EINVAL)), 0, "nothing is written");
    assert_eq!(pio.link(&vi), 0);
    for (bytes, lines) in [(1, 1), (64, 1), (65, 2), (1500, 24)] {
        let frame = vec![7; bytes];
        assert_eq!(took(&|| assert_eq!(vi.pio_memcpy(0, &frame), 0)), lines * costs.pio_write, "{bytes}");
    }
    let frame = Packet::UDP.sized(1500, 0);
    let pushed = took(&|| assert_eq!(vi.transmit_pio(0, 1500, 1), 0));
    assert_eq!(took(&|| assert_eq!(vi.transmit_copy_pio(0, &frame, 2), 0)), 24 * costs.pio_write + pushed);
}
