//! Each way to send.

use efvi::{Alternative, Ctpio, CutThrough, Event, PacketPool, PioRegion, Receive, SendMode, VirtualInterface};

use super::common::{End, filled, pair, udp, wait};
use super::counting::expect_none;

const CUT: CutThrough = CutThrough::After(64);

/// Takes as many events, each by this.
fn take(rx: &mut Receive<'_>, count: usize, mut each: impl FnMut(Event<'_>)) {
    let mut taken = 0;
    wait(rx, |event| {
        each(event);
        taken += 1;
        (taken == count).then_some(())
    });
}

/// Takes as many received frames.
fn receive(rx: &mut Receive<'_>, count: usize, frame: &[u8]) {
    take(rx, count, |event| match event {
        Event::Received(packet) => assert_eq!(packet[..], *frame),
        other => panic!("{other:?}"),
    });
}

fn sent(event: Event<'_>, pool: &mut PacketPool) {
    match event {
        Event::Sent(done) => pool.put(done.buffer),
        other => panic!("{other:?}"),
    }
}

fn ends(a: &End, b: &End) -> Vec<u8> {
    udp(a.station, b.station, &[5; 100])
}

#[test]
fn frames_in_pieces() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let frame = ends(&a, &b);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    expect_none(|| {
        let mut cut = || [filled(pool, &frame[..14]), filled(pool, &frame[14..42]), filled(pool, &frame[42..])];
        tx.send_pieces(cut()).unwrap();
        tx.send_ctpio_pieces(cut(), CUT).unwrap();
        tx.stage_pieces(cut()).unwrap().push();
        drop(tx.stage_pieces(cut()).unwrap().undo());
        receive(&mut rx, 3, &frame);
        take(&mut completions, 3, |event| match event {
            Event::SentPieces(done) => done.into_pieces().for_each(|piece| pool.put(piece)),
            other => panic!("{other:?}"),
        });
    });
}

#[test]
fn sends_from_the_pio_region() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let region = PioRegion::new(&a.domain, 4096).unwrap();
    a.vi.link_pio(&region).unwrap();
    let frame = ends(&a, &b);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let mut part = region.take(frame.len());
    expect_none(|| {
        let mut ahead = part.take().unwrap();
        tx.write_pio(&mut ahead, 0, &frame).unwrap();
        tx.warm_pio_part().unwrap();
        tx.warm_pio_copy(&mut ahead, &frame).unwrap();
        tx.send_pio_part(ahead).unwrap();
        tx.send_pio_copy(region.take(frame.len()).unwrap(), &frame).unwrap();
        tx.send_pio(filled(pool, &frame)).unwrap();
        tx.send_by(SendMode::Pio, filled(pool, &frame)).unwrap();
        receive(&mut rx, 4, &frame);
        take(&mut completions, 4, |event| match event {
            Event::SentPio(done) => part = Some(done.into_part()),
            Event::Sent(done) => pool.put(done.buffer),
            other => panic!("{other:?}"),
        });
    });
}

#[test]
fn ctpio_in_halves_and_from_any_memory() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::NoPoison));
    let frame = ends(&a, &b);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    expect_none(|| {
        tx.write_ctpio(filled(pool, &frame), CUT).unwrap().finish().unwrap();
        drop(tx.write_ctpio(filled(pool, &frame), CUT).unwrap());
        tx.send_ctpio_copy(&[&frame[..14], &frame[14..]], pool.take().unwrap(), CUT).unwrap();
        tx.write_ctpio_copy(&[&frame], pool.take().unwrap(), CUT).unwrap().finish().unwrap();
        tx.send_by(SendMode::Ctpio(CutThrough::StoreAndForward), filled(pool, &frame)).unwrap();
        tx.send_by(SendMode::Ctpio(CutThrough::After(64)), filled(pool, &frame)).unwrap();
        receive(&mut rx, 6, &frame);
        take(&mut completions, 6, |event| sent(event, pool));
    });
}

#[test]
fn alternatives() {
    let (mut a, mut b) = pair(VirtualInterface::builder().alternatives(2, 8192));
    let frame = ends(&a, &b);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let mut happened = |pool: &mut PacketPool| {
        take(&mut completions, 2, |event| match event {
            Event::Alternative(_) => {}
            other => sent(other, pool),
        });
    };
    let changes: [fn(&mut Alternative<'_, '_>); 2] = [|one| one.go().unwrap(), |one| one.discard().unwrap()];
    expect_none(|| {
        for (number, change) in (0..).zip(changes.iter()) {
            let mut alternative = tx.alternative(number).unwrap();
            alternative.send(filled(pool, &frame)).unwrap();
            change(&mut alternative);
            happened(pool);
            tx.alternative(number).unwrap().stop().unwrap();
        }
        receive(&mut rx, 1, &frame);
    });
}

#[test]
#[cfg(onload_since = "9.0.1")]
fn warming() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let frame = ends(&a, &b);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    expect_none(|| {
        let mut warming = tx.warm(&mut completions).unwrap();
        for ctpio in [false, true] {
            let buffer = filled(pool, &frame);
            let refused = if ctpio { warming.send_ctpio(buffer, CUT) } else { warming.send(buffer) }.unwrap_err();
            assert_eq!(refused.reason, efvi::RejectReason::RingFull);
            pool.put(refused.buffer);
        }
        warming.end().for_each(|buffer| pool.put(buffer));
        tx.send(filled(pool, &frame)).unwrap();
        receive(&mut rx, 1, &frame);
        take(&mut completions, 1, |event| sent(event, pool));
    });
}
