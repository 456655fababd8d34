//! Warming: sends that run their way and go nowhere.

#![cfg(onload_since = "9.0.1")]

mod common;

use common::*;
use efvi::mock::{Fabric, Model};
use efvi::{
    Buffer, Ctpio, CutThrough, Driver, PacketPool, PdFlags, ProtectionDomain, RejectReason, Rejected, Transmit,
    VirtualInterface,
};

type Send = fn(&mut Transmit<'_>, Buffer) -> Result<(), Rejected>;

const WAYS: [Send; 5] = [
    |tx, buffer| tx.send(buffer),
    |tx, buffer| tx.send_ctpio(buffer, CutThrough::After(64)),
    |tx, buffer| tx.write_ctpio(buffer, CutThrough::After(64))?.finish(),
    |tx, buffer| {
        tx.stage(buffer)?.push();
        Ok(())
    },
    |tx, buffer| {
        tx.send_pieces([buffer]).map_err(|rejected| rejected.buffer.last().map(|b| tx.send(b)).unwrap().unwrap_err())
    },
];

#[test]
fn nothing_leaves_and_the_ring_is_as_it_was() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for round in 0..if cfg!(miri) { 2 } else { 200_u8 } {
        // One is on its way.
        tx.send(udp_buffer(pool, from, to, &[round])).unwrap();
        let space = tx.space();
        let mut warming = tx.warm(&mut completions).unwrap();
        for send in WAYS {
            let rejected = send(&mut warming, udp_buffer(pool, from, to, b"warm")).unwrap_err();
            assert_eq!(rejected.reason, RejectReason::RingFull);
            assert_eq!(rejected.buffer[..], udp(from, to, b"warm"));
        }
        if round % 2 == 0 {
            assert_eq!(warming.end().len(), 0);
        } else {
            drop(warming);
        }
        assert_eq!(tx.space(), space);
        assert_eq!(wait_received(&mut rx, 1), [udp(from, to, &[round])]);
        assert_eq!(wait_sent(&mut completions, 1)[0].buffer[..], udp(from, to, &[round]));
        tx.send_ctpio(udp_buffer(pool, from, to, b"after"), CutThrough::After(64)).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"after")]);
        assert!(wait_sent(&mut completions, 1)[0].by_ctpio);
    }
    expect_quiet(&mut rx);
}

#[test]
fn a_forgotten_guard_ends_with_the_next_poll() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    tx.send(udp_buffer(pool, from, to, b"before")).unwrap();
    std::mem::forget(tx.warm(&mut completions).unwrap());
    let rejected = tx.send(udp_buffer(pool, from, to, b"warm")).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::RingFull);
    assert_eq!(wait_sent(&mut completions, 1)[0].buffer[..], udp(from, to, b"before"));
    tx.send(rejected.buffer).unwrap();
    assert_eq!(wait_received(&mut rx, 2)[1], udp(from, to, b"warm"));
    wait_sent(&mut completions, 1);

    // Forgotten, and warmed again; with a guard of CTPIO in between; and then the VI is dropped.
    std::mem::forget(tx.warm(&mut completions).unwrap());
    let mut warming = tx.warm(&mut completions).unwrap();
    std::mem::forget(warming.write_ctpio(udp_buffer(pool, from, to, b"nowhere"), CutThrough::After(64)).unwrap());
    let back: Vec<_> = warming.end().collect();
    assert_eq!(back[0][..], udp(from, to, b"nowhere"));
    tx.send(udp_buffer(pool, from, to, b"next")).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"next")]);
    std::mem::forget(tx.warm(&mut completions).unwrap());
    drop(back);
    let End { vi, mut pool, .. } = a;
    drop(vi);
    assert_eq!(take_all(&mut pool).len(), pool.buffers());
    expect_quiet(&mut rx);
}

#[test]
fn the_halves_are_of_one_vi() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (mut tx, mut rx) = a.vi.split();
    let (_, mut other) = b.vi.split();
    assert!(tx.warm(&mut other).is_none());
    assert!(tx.warm(&mut rx).is_some());
}

/// What a guard is dereferenced to may be another VI's: each ends its own.
#[test]
fn transmit_halves_that_were_exchanged_end_as_they_began() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (mut other, mut other_rx, _) = b.start();
    {
        let mut first = tx.warm(&mut completions).unwrap();
        let mut second = other.warm(&mut other_rx).unwrap();
        std::mem::swap::<Transmit<'_>>(&mut first, &mut second);
    }
    // They are exchanged still.
    other.send(udp_buffer(pool, from, to, b"as ever")).unwrap();
    assert_eq!(wait_received(&mut other_rx, 1), [udp(from, to, b"as ever")]);
    assert_eq!(wait_sent(&mut completions, 1).len(), 1);
}

/// Where all that is sent is written through, a send that warms is taken, and its buffer comes back at the end.
#[test]
fn what_was_written_to_nowhere_comes_back_at_the_end() {
    for (model, flags) in [(Model::X3, PdFlags::empty()), (Model::X4, PdFlags::EXPRESS)] {
        let (near, far) = Fabric::of(model).cable().unwrap();
        let domain = ProtectionDomain::builder().flags(flags).open(&Driver::open().unwrap(), near.name()).unwrap();
        let mut pool = PacketPool::builder().buffers(1024).build(&domain).unwrap();
        let mut vi = VirtualInterface::builder().build(&domain).unwrap();
        let station = Station { mac: vi.mac().unwrap(), address: address(1, 7001) };
        let (mut tx, mut completions) = vi.split();
        let space = tx.space();
        for round in 0..if cfg!(miri) { 2 } else { 100_u8 } {
            tx.send(udp_buffer(&mut pool, station, station, &[round])).unwrap();
            let mut warming = tx.warm(&mut completions).unwrap();
            for (send, way) in WAYS.into_iter().zip(0..) {
                send(&mut warming, udp_buffer(&mut pool, station, station, &[round, way])).unwrap();
            }
            if round % 2 == 0 {
                let back: Vec<_> = warming.end().collect();
                assert_eq!(back.len(), WAYS.len(), "{model:?}");
                for (buffer, way) in back.iter().zip(0..) {
                    assert_eq!(buffer[..], udp(station, station, &[round, way]), "in order");
                }
            } else {
                drop(warming);
            }
            // The one that was on its way before is the only one that completes.
            assert_eq!(wait_sent(&mut completions, 1)[0].buffer[..], udp(station, station, &[round]));
            expect_quiet(&mut completions);
            assert_eq!((tx.space(), take_all(&mut pool).len()), (space, 1024), "{model:?}");
            assert_eq!(near.counters().tx_frames, u64::from(round) + 1, "{model:?}");
        }
        drop(far);
    }
}

/// The adapter completes frames that warmed, those of CTPIO by the ids that they were given.
#[test]
fn a_frame_behind_warming_is_not_taken_for_what_warmed() {
    for (model, flags) in [(Model::X3, PdFlags::empty()), (Model::X4, PdFlags::EXPRESS)] {
        let (near, far) = Fabric::of(model).cable().unwrap();
        let domain = ProtectionDomain::builder().flags(flags).open(&Driver::open().unwrap(), near.name()).unwrap();
        let mut pool = PacketPool::builder().buffers(1024).build(&domain).unwrap();
        let mut vi = VirtualInterface::builder().event_batch::<2>().build(&domain).unwrap();
        let station = Station { mac: vi.mac().unwrap(), address: address(1, 7001) };
        let (mut tx, mut completions) = vi.split();
        for round in 0..if cfg!(miri) { 2 } else { 100_u8 } {
            let mut warming = tx.warm(&mut completions).unwrap();
            for _ in 0..2 {
                let frame = udp_buffer(&mut pool, station, station, b"warm");
                warming.send_ctpio(frame, CutThrough::After(64)).unwrap();
            }
            drop(warming);
            for n in 0..2 {
                let frame = udp_buffer(&mut pool, station, station, &[round, n]);
                tx.send_ctpio(frame, CutThrough::After(64)).unwrap();
            }
            // A poll takes two events: the first has those of what warmed.
            assert!(completions.poll().next().is_none(), "{model:?}: sent before its own event");
            for (sent, n) in wait_sent(&mut completions, 2).iter().zip(0..) {
                assert_eq!(sent.buffer[..], udp(station, station, &[round, n]));
            }
        }
        assert_eq!((tx.space(), take_all(&mut pool).len()), (tx.capacity(), 1024), "{model:?}");
        drop(far);
    }
}
