//! Every way to send on every model that has it; what a model has not is refused, with the capability named.

use crate::common::{
    End, Fabric, cut, end, expect_quiet, models, payload, take_all, udp, udp_buffer, wait, wait_received, wait_sent,
};
use efvi::mock::Model;
use efvi::{
    Ctpio, CutThrough, Event, PacketPool, PdFlags, Receive, RejectReason, SendMode, Timestamps, VirtualInterface,
    VirtualInterfaceBuilder,
};

/// Both ends, their receive rings filled.
fn ends(model: Model, flags: PdFlags, builder: VirtualInterfaceBuilder) -> (End, End) {
    let (near, far) = Fabric::of(model).cable().unwrap();
    let mut ends = (end(near.name(), 1, flags, builder), end(far.name(), 2, flags, VirtualInterface::builder()));
    for end in [&mut ends.0, &mut ends.1] {
        end.vi.split().1.fill(&mut end.pool).unwrap();
    }
    ends
}

/// The frames of so many sends, in the order of their completions.
fn completed(rx: &mut Receive<'_>, count: usize, stamped: bool) -> Vec<(Vec<u8>, bool)> {
    let mut done = Vec::new();
    wait(rx, |event| {
        done.push(match event {
            Event::Sent(sent) => {
                assert_eq!(sent.timestamp.is_some(), stamped);
                (sent.buffer.to_vec(), sent.by_ctpio)
            }
            Event::SentPieces(sent) => {
                assert_eq!(sent.timestamp().is_some(), stamped);
                let by_ctpio = sent.by_ctpio();
                (sent.into_pieces().flat_map(|piece| piece.to_vec()).collect(), by_ctpio)
            }
            other => panic!("{other:?}"),
        });
        (done.len() == count).then_some(())
    });
    done
}

#[test]
fn every_model_sends_by_dma_and_ctpio_in_all_their_forms() {
    const CUT: CutThrough = CutThrough::After(64);
    for (model, flags, by_reference) in models() {
        for timestamps in [Timestamps::empty(), Timestamps::TX] {
            for ctpio in [Ctpio::Poison, Ctpio::NoPoison] {
                let (mut a, mut b) =
                    ends(model, flags, VirtualInterface::builder().ctpio(ctpio).timestamps(timestamps));
                let (from, to) = (a.station, b.station);
                let pool = &mut a.pool;
                let (mut tx, mut completions) = a.vi.split();
                let (_, mut rx) = b.vi.split();
                for round in 0..if cfg!(miri) { 1 } else { 40 } {
                    let frame = |way: usize| udp(from, to, &payload(round * 8 + way));
                    let buffer =
                        |pool: &mut PacketPool, way: usize| udp_buffer(pool, from, to, &payload(round * 8 + way));
                    tx.send(buffer(pool, 0)).unwrap();
                    tx.send_pieces(cut(pool, &frame(1), &[14])).unwrap();
                    tx.send_ctpio(buffer(pool, 2), CUT).unwrap();
                    tx.send_ctpio_pieces(cut(pool, &frame(3), &[1]), CutThrough::StoreAndForward).unwrap();
                    tx.write_ctpio(buffer(pool, 4), CUT).unwrap().finish().unwrap();
                    let copied = frame(5);
                    tx.send_ctpio_copy(&[&copied[..20], &copied[20..]], pool.take().unwrap(), CUT).unwrap();
                    let mut batch = tx.stage(buffer(pool, 6)).unwrap();
                    batch.add_pieces(cut(pool, &frame(7), &[42])).unwrap();
                    assert_eq!(batch.len(), 2);
                    batch.push();
                    let frames: Vec<_> = (0..8).map(frame).collect();
                    assert_eq!(wait_received(&mut rx, 8), frames, "{model:?}");
                    let done = completed(&mut completions, 8, timestamps == Timestamps::TX);
                    let by_ctpio: Vec<_> = done.iter().map(|(_, by_ctpio)| *by_ctpio).collect();
                    if !by_reference {
                        assert_eq!(by_ctpio, [false, false, true, true, true, true, false, false], "{model:?}");
                    }
                    assert_eq!(done.into_iter().map(|(frame, _)| frame).collect::<Vec<_>>(), frames, "{model:?}");
                    rx.fill(&mut b.pool).unwrap();
                }
                assert_eq!(tx.space(), tx.capacity());
            }
        }
    }
}

/// Whatever the form, a ring that is full takes nothing and gives everything back.
#[test]
fn what_a_full_ring_does_not_take_comes_back_in_every_form() {
    const CUT: CutThrough = CutThrough::After(64);
    for (model, flags, by_reference) in models() {
        let (mut a, b) = ends(model, flags, VirtualInterface::builder().ctpio(Ctpio::Poison));
        let (from, to) = (a.station, b.station);
        let pool = &mut a.pool;
        let (mut tx, mut completions) = a.vi.split();
        let mut out = 0;
        loop {
            // Long, so that the bytes run out too where they count.
            match tx.send(udp_buffer(pool, from, to, &[7; 1000])) {
                Ok(()) => out += 1,
                Err(rejected) => {
                    assert_eq!(rejected.reason, RejectReason::RingFull, "{model:?}");
                    break;
                }
            }
        }
        assert!(out > 4, "{model:?}: {out}");
        let frame = udp(from, to, &[8; 1000]);
        let buffer = |pool: &mut PacketPool| udp_buffer(pool, from, to, &[8; 1000]);
        let singles = [
            tx.send(buffer(pool)).unwrap_err(),
            tx.send_ctpio(buffer(pool), CUT).unwrap_err(),
            tx.write_ctpio(buffer(pool), CUT).unwrap_err(),
            tx.stage(buffer(pool)).unwrap_err(),
            tx.send_by(SendMode::Ctpio(CutThrough::After(64)), buffer(pool)).unwrap_err(),
            tx.send_by(SendMode::Dma, buffer(pool)).unwrap_err(),
        ];
        for rejected in singles {
            assert_eq!((rejected.reason, &rejected.buffer[..]), (RejectReason::RingFull, &frame[..]), "{model:?}");
        }
        let pieces = [
            tx.send_pieces(cut(pool, &frame, &[14])).unwrap_err(),
            tx.send_ctpio_pieces(cut(pool, &frame, &[14]), CUT).unwrap_err(),
            tx.stage_pieces(cut(pool, &frame, &[14])).unwrap_err(),
        ];
        for rejected in pieces {
            assert_eq!((rejected.reason, rejected.buffer.len()), (RejectReason::RingFull, 2), "{model:?}");
            assert_eq!(rejected.buffer.flat_map(|piece| piece.to_vec()).collect::<Vec<_>>(), frame);
        }
        let rejected = tx.send_ctpio_copy(&[&frame], pool.take().unwrap(), CUT).unwrap_err();
        assert_eq!(rejected.reason, RejectReason::RingFull);
        drop(rejected);
        // None of these left, and none is lost.
        for sent in wait_sent(&mut completions, out) {
            assert_eq!(sent.buffer[..], udp(from, to, &[7; 1000]));
        }
        expect_quiet(&mut completions);
        assert_eq!(tx.space(), tx.capacity(), "{model:?}");
        let posted = completions.capacity() - completions.space();
        let posted = if by_reference { 0 } else { posted };
        assert_eq!(take_all(pool).len() + posted, pool.buffers(), "{model:?}");
    }
}

/// A program that asks for the best mode runs everywhere. Before Onload 9.1.0 it is asked for by the number of the
/// interface, which those of a fabric have not.
#[test]
#[cfg(onload_since = "9.1.0")]
fn the_best_mode_of_every_model_sends() {
    use crate::common::{Station, address};
    use efvi::{Driver, ProtectionDomain};
    for (model, flags, _) in models() {
        let (near, far) = Fabric::of(model).cable().unwrap();
        let mut b = end(far.name(), 2, flags, VirtualInterface::builder());
        let domain = ProtectionDomain::builder().flags(flags);
        let domain = domain.open(&Driver::open().unwrap(), near.name()).unwrap();
        let mut pool = PacketPool::builder().buffers(8).build(&domain).unwrap();
        let best = SendMode::best(&domain).unwrap();
        assert!(best.is_supported(&domain).unwrap());
        let mut vi = best.build(VirtualInterface::builder(), &domain).unwrap();
        let from = Station { mac: vi.mac().unwrap(), address: address(1, 7000) };
        let (mut tx, mut completions) = vi.split();
        let (_, mut rx) = b.vi.split();
        rx.fill(&mut b.pool).unwrap();
        for sequence in 0..4 {
            tx.send_by(best, udp_buffer(&mut pool, from, b.station, &payload(sequence))).unwrap();
            assert_eq!(wait_received(&mut rx, 1), [udp(from, b.station, &payload(sequence))]);
            pool.put(wait_sent(&mut completions, 1).remove(0).buffer);
        }
        // Every mode that the adapter does not have is refused where it is built for.
        for mode in SendMode::BY_LATENCY {
            let supported = mode.is_supported(&domain).unwrap();
            assert_eq!(mode.build(VirtualInterface::builder(), &domain).is_ok(), supported, "{model:?} {mode}");
        }
    }
}

/// The error says which capability to ask for, and the capability says the same.
#[test]
#[cfg(onload_since = "9.1.0")]
fn what_a_model_has_not_is_refused_by_the_capabilitys_name() {
    use efvi::{Capability, Driver, PioRegion, ProtectionDomain};
    let named = |error: efvi::Error, capability: &str| {
        assert!(error.to_string().contains(capability), "{capability} is not named: {error}");
    };
    for (model, flags, _) in models() {
        let (near, _far) = Fabric::of(model).cable().unwrap();
        let domain = ProtectionDomain::builder().flags(flags);
        let domain = domain.open(&Driver::open().unwrap(), near.name()).unwrap();
        let has = |capability| domain.capability(capability).unwrap().is_some();
        match PioRegion::new(&domain, 64) {
            Ok(_) => assert!(has(Capability::Pio), "{model:?}"),
            Err(error) => {
                assert!(!has(Capability::Pio), "{model:?}: {error}");
                named(error, "Capability::Pio");
            }
        }
        match VirtualInterface::builder().alternatives(1, 1024).build(&domain) {
            Ok(_) => assert!(has(Capability::TxAlternatives), "{model:?}"),
            Err(error) => {
                assert!(!has(Capability::TxAlternatives), "{model:?}: {error}");
                named(error, "Capability::TxAlternatives");
            }
        }
        match VirtualInterface::builder().tx_push(efvi::TxPush::Always).build(&domain) {
            Ok(_) => assert!(has(Capability::TxPushAlways), "{model:?}"),
            Err(error) => {
                assert!(!has(Capability::TxPushAlways), "{model:?}: {error}");
                named(error, "Capability::TxPushAlways");
            }
        }
    }
}
