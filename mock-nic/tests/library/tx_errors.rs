//! Why a send is refused, and what else a VI's flags keep from the wire.

use crate::common::{Domain, Ends, Memory, Packet, Queues, Vi, cable, ready};
use efvi_sys::*;
use mock_nic::Fabric;

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60, number)
}

/// The one event there is: the reason of a TX_ERROR.
fn reason(vi: &Vi) -> u32 {
    let events = vi.drain();
    assert_eq!(events.len(), 1);
    assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_TX_ERROR);
    EF_EVENT_TX_ERROR_TYPE(&events[0])
}

/// Memory of another domain is not this domain's to read; an address that is nobody's can't be read at all.
#[test]
fn another_domains_memory_is_an_error_of_rights() {
    let port = Fabric::new().looped().unwrap();
    let (mine, other) = (Domain::on(&port), Domain::on(&port));
    let memory = Memory::new(&other, 1);
    let fresh = || mine.vi(Queues::default()).unwrap();
    let vi = fresh();
    assert_eq!(vi.transmit(memory.dma(0), 60, 1), 0);
    assert_eq!(reason(&vi), EF_EVENT_TX_ERROR_RIGHTS);
    // As one piece among others, too.
    let vi = fresh();
    assert_eq!(vi.transmitv(&[(vi.load(0, &frame(0)), 30), (memory.dma(64), 30)], 2), 0);
    assert_eq!(reason(&vi), EF_EVENT_TX_ERROR_RIGHTS);
    // Where nothing is, and what was registered once.
    let address = memory.dma(0);
    assert_eq!(memory.unregister(), 0);
    for address in [0, 4096, 1 << 47, address] {
        let vi = fresh();
        assert_eq!(vi.transmit(address, 60, 3), 0);
        assert_eq!(reason(&vi), EF_EVENT_TX_ERROR_BUS, "{address:#x}");
    }
}

/// Where the domain's own memory ends its descriptor splits, and the rest leads nowhere.
#[test]
fn a_buffer_that_runs_out_of_registered_memory_is_an_error_of_the_bus() {
    let domain = Domain::on(&Fabric::new().looped().unwrap());
    let vi = domain.vi(Queues::default()).unwrap();
    let memory = Memory::new(&domain, 1);
    assert_eq!(vi.transmit(memory.dma(4096 - 59), 60, 1), 0);
    assert_eq!(vi.transmit_ring().1, 2);
    assert_eq!(reason(&vi), EF_EVENT_TX_ERROR_BUS);
}

/// An error in a packet from the PIO region or to an alternative kills the ring like any other; and the revived ring
/// sends straight to the wire.
#[cfg(onload_since = "9.1.0")]
#[test]
fn a_revived_ring_has_its_region_and_its_alternatives() {
    let ends = ready(EF_VI_TX_ALT);
    let Ends { tx, rx, .. } = &ends;
    let pio = crate::common::Pio::alloc(&tx.domain, 4096).unwrap();
    assert_eq!((pio.link(tx), tx.alternatives(1, 4096)), (0, 0));
    assert_eq!((tx.stop(0), tx.select(0), tx.transmit_copy_pio(0, &frame(0), 0)), (0, 0, 0));
    assert_eq!(tx.sent(), [0]);
    assert_eq!(tx.transmit_pio(0, 1519, 1), 0);
    assert_eq!(reason(tx), EF_EVENT_TX_ERROR_2BIG);
    // While the ring is dead nothing new leaves; what waits in the alternative is beyond the ring.
    assert_eq!((tx.select(0), tx.transmit_pio(0, 60, 2)), (0, 0));
    assert_eq!(tx.lost_in_error(), [1, 2]);
    assert_eq!(tx.go(0), 0);
    assert_eq!(rx.frames(), [frame(0)]);
    let events = tx.drain();
    assert_eq!((events.len(), EF_EVENT_TYPE(&events[0])), (1, EF_EVENT_TYPE_TX_ALT));
    assert_eq!(tx.reinit_transmit(), 0);
    assert_eq!(tx.reinit_transmit(), -libc::EINVAL, "alive");
    assert_eq!((tx.stop(0), tx.transmit_pio(0, 60, 3)), (0, 0));
    assert_eq!((tx.sent(), rx.frames()), (vec![3], vec![frame(0)]));
    assert_eq!((tx.select(0), tx.send(4, &frame(4))), (0, 0));
    assert_eq!((tx.sent(), rx.frames()), (vec![4], vec![]));
}

/// The doorbell without a new descriptor is the program's mistake: it sends nothing again, and is counted.
#[test]
fn a_push_with_nothing_new_is_counted() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    tx.transmit_push();
    assert_eq!(tx.send(0, &frame(0)), 0);
    tx.transmit_push();
    tx.transmit_push();
    assert_eq!((tx.sent(), rx.frames()), (vec![0], vec![frame(0)]));
    assert_eq!(near.counters().tx_empty_pushes, 3);
}

/// `EF_VI_TX_TCPUDP_ONLY`: what is neither is dropped on its way out. It completes.
#[test]
fn only_tcp_and_udp_are_sent_where_that_is_asked_for() {
    let ends = ready(EF_VI_TX_TCPUDP_ONLY | EF_VI_TX_CTPIO);
    let Ends { tx, rx, near, .. } = &ends;
    rx.filter(&crate::common::Spec::ethernet(Packet::UDP.mac, None)).unwrap();
    rx.set_discards(0);
    let changed = |at: usize, bytes: &[u8]| {
        let mut other = frame(0);
        other[at..at + bytes.len()].copy_from_slice(bytes);
        other
    };
    let (arp, icmp) = (changed(12, &[8, 6]), changed(23, &[1]));
    for (id, other) in [&arp, &icmp, &vec![0; 14]].into_iter().enumerate() {
        assert_eq!(tx.send(id, other), 0);
    }
    assert_eq!((tx.sent(), rx.frames()), (vec![0, 1, 2], vec![]));
    assert_eq!((near.counters().tx_filtered, near.counters().tx_frames), (3, 0));
    let tagged = Packet { vlan: Some(7), ..Packet::UDP }.sized(64, 0);
    for (id, sent) in [frame(1), Packet { mac: Packet::UDP.mac, ..Packet::TCP }.sized(60, 0)].iter().enumerate() {
        assert_eq!(tx.send(id, sent), 0);
        assert_eq!((tx.sent(), rx.frames()), (vec![id as i32], vec![sent.clone()]));
    }
    assert_eq!(tx.send(2, &tagged), 0);
    assert_eq!((tx.sent(), rx.drain().len()), (vec![2], 1));
    assert_eq!(near.counters().tx_frames, 3);
    // CTPIO goes round all this.
    assert_eq!(tx.send_ctpio(3, &arp, 64), 0);
    assert_eq!((tx.sent(), rx.frames()), (vec![3], vec![arp]));
}

/// The filters of the source's address are of older adapters: here any source may be sent.
#[test]
fn the_source_of_a_frame_is_not_checked() {
    let flags = EF_VI_TX_FILTER_IP | EF_VI_TX_FILTER_MAC | EF_VI_TX_FILTER_MASK_3;
    let Ends { tx, rx, .. } = &ready(flags);
    assert_eq!(tx.domain.capability(EF_VI_CAP_MAC_SPOOFING), Ok(1));
    let mut alien = frame(0);
    alien[6..12].copy_from_slice(&[2, 9, 9, 9, 9, 9]);
    assert_eq!(tx.send(0, &alien), 0);
    assert_eq!((tx.sent(), rx.frames()), (vec![0], vec![alien]));
}

/// Pacing was for older adapters.
#[test]
fn pacing_is_not_supported() {
    let Ends { tx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    for gap in [-1, 0, 20] {
        // SAFETY: an allocated VI.
        assert_eq!(unsafe { ef_vi_pace(tx.raw, tx.domain.driver.0, gap) }, -libc::EOPNOTSUPP);
    }
    assert_eq!(tx.domain.capability(EF_VI_CAP_NIC_PACE), Ok(0));
}

/// Slots bound what may be sent, not bytes: there is no cut-through FIFO to fill.
#[test]
fn there_is_no_limit_of_bytes() {
    let Ends { tx, .. } = &cable(Queues::default(), Queues::default());
    for id in 0..511 {
        // SAFETY: an allocated VI.
        let (space, fill) = unsafe { (ef_vi_transmit_space_bytes(tx.raw), ef_vi_transmit_fill_level_bytes(tx.raw)) };
        assert_eq!((space, fill), (i32::MAX, 0));
        assert_eq!(tx.transmit_ring(), (511, id, 511 - id));
        assert_eq!(tx.send(id as usize, &Packet::TCP.sized(1514, 0)), 0);
    }
}
