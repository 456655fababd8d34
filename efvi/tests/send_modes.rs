//! The way to send, chosen while the program runs.

mod common;

use common::*;
use efvi::{CutThrough, Filter, SendMode, TxFlags, VirtualInterface};

#[test]
// Older releases ask by the number of the interface, which those of a fabric have not.
#[cfg(onload_since = "9.1.0")]
fn every_mode_sends_and_gives_the_buffer_back() {
    let (near, far) = efvi::mock::Fabric::new().cable().unwrap();
    let domain = domain(near.name());
    assert_eq!(SendMode::best(&domain).unwrap(), SendMode::Ctpio(CutThrough::After(64)));
    let mut b = End::new(far.name(), address(2, 7002), VirtualInterface::builder());
    let to = b.station;
    let (_, mut rx, _) = b.start();
    let mut pool = efvi::PacketPool::builder().buffers(300).build(&domain).unwrap();
    for mode in SendMode::BY_LATENCY {
        assert!(mode.is_supported(&domain).unwrap());
        let mut vi = mode.build(VirtualInterface::builder(), &domain).unwrap();
        let from = Station { mac: vi.mac().unwrap(), address: address(1, 7001) };
        let (mut tx, mut completions) = vi.split();
        for sequence in 0..3 {
            tx.send_by(mode, udp_buffer(&mut pool, from, to, &payload(sequence))).unwrap();
            assert_eq!(wait_received(&mut rx, 1), [udp(from, to, &payload(sequence))]);
            let sent = wait_sent(&mut completions, 1).remove(0);
            assert_eq!(sent.buffer[..], udp(from, to, &payload(sequence)));
            assert_eq!(sent.by_ctpio, matches!(mode, SendMode::Ctpio(_)), "{mode}");
        }
        // More than a PIO region holds: the rest goes by DMA.
        for _ in 0..BURST / 2 {
            tx.send_by(mode, udp_buffer(&mut pool, from, to, &[1])).unwrap();
        }
        assert_eq!(wait_received(&mut rx, BURST / 2), vec![udp(from, to, &[1]); BURST / 2]);
        wait_sent(&mut completions, BURST / 2);
    }
    let counters = near.counters();
    assert!(counters.tx_pio > 3 && counters.tx_ctpio_cut_through >= 1 && counters.tx_ctpio_store_and_forward >= 3);
}

#[test]
fn a_mode_that_a_vi_was_not_built_for_is_refused() {
    let (mut a, b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, _, pool) = a.start();
    for mode in [SendMode::Ctpio(CutThrough::After(64)), SendMode::Ctpio(CutThrough::StoreAndForward), SendMode::Pio] {
        let rejected = tx.send_by(mode, udp_buffer(pool, from, to, b"refused")).unwrap_err();
        assert_eq!(rejected.buffer[..], udp(from, to, b"refused"), "{mode}");
    }
}

#[test]
fn checksums_are_filled_in_unless_they_shall_not_be() {
    for (flags, filled) in [(TxFlags::empty(), true), (TxFlags::NO_IP_CHECKSUM | TxFlags::NO_TRANSPORT_CHECKSUM, false)]
    {
        let (mut a, mut b) = pair(VirtualInterface::builder().tx_flags(flags));
        let (from, to) = (a.station, b.station);
        let (mut tx, _, pool) = a.start();
        let (_, mut rx, _) = b.start();
        let mut buffer = udp_buffer(pool, from, to, b"sums");
        for at in [24, 25, 40, 41] {
            buffer[at] ^= 0xff;
        }
        tx.send(buffer).unwrap();
        let (good, frame) = wait(&mut rx, |event| match event {
            efvi::Event::Received(packet) => Some((true, packet.frame().to_vec())),
            efvi::Event::Discarded(packet) => Some((false, packet.frame().to_vec())),
            other => panic!("{other:?}"),
        });
        assert_eq!((good, frame == udp(from, to, b"sums")), (filled, filled));
    }
}

#[test]
fn only_tcp_and_udp_leave_where_that_is_asked_for() {
    let (mut a, mut b) = pair(VirtualInterface::builder().tx_flags(TxFlags::TCP_UDP_ONLY));
    let (from, to) = (a.station, b.station);
    b.vi.filter_add(&Filter::ethernet_local(to.mac, None)).unwrap();
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let mut other = udp_buffer(pool, from, to, b"no IP");
    other[12..14].copy_from_slice(&[0x88, 0xb5]);
    tx.send(other).unwrap();
    tx.send(udp_buffer(pool, from, to, b"UDP")).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"UDP")]);
    assert_eq!(wait_sent(&mut completions, 2).len(), 2);
}

#[test]
fn pacing_that_the_adapter_has_not_is_an_error_that_says_so() {
    let (a, _b) = pair(VirtualInterface::builder());
    for gap in [None, Some(0), Some(20)] {
        let error = a.vi.pace(gap).unwrap_err().to_string();
        assert!(
            error.contains("ef_vi_pace") && error.contains("EOPNOTSUPP") && error.contains("Capability::Pacing"),
            "{error}"
        );
    }
}
