//! CTPIO in its halves, and with a copy for the fallback.

mod common;

use common::*;
use efvi::mock::Fabric;
use efvi::{Ctpio, CutThrough, RejectReason, VirtualInterface};

const CUT: CutThrough = CutThrough::After(64);

#[test]
fn the_frame_is_on_the_wire_before_the_later_half() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for finish in [true, false] {
        let written = tx.write_ctpio(udp_buffer(pool, from, to, b"critical"), CUT).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"critical")]);
        expect_quiet(&mut completions);
        if finish {
            written.finish().unwrap();
        } else {
            drop(written);
        }
        let sent = wait_sent(&mut completions, 1);
        assert!(sent[0].by_ctpio);
        assert_eq!(sent[0].buffer[..], udp(from, to, b"critical"));
    }
    expect_quiet(&mut rx);
    // What is sent next is sent.
    tx.send(udp_buffer(pool, from, to, b"next")).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [udp(from, to, b"next")]);
}

#[test]
fn a_forgotten_guard_leaves_its_fallback_to_the_next_send() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for round in 0..5 {
        std::mem::forget(tx.write_ctpio(udp_buffer(pool, from, to, b"forgotten"), CUT).unwrap());
        let next = udp_buffer(pool, from, to, b"next");
        match round {
            0 => tx.send(next).unwrap(),
            1 => tx.send_ctpio(next, CUT).unwrap(),
            2 => tx.stage(next).unwrap().push(),
            3 => tx.send_pieces([next]).unwrap(),
            _ => tx.write_ctpio(next, CUT).unwrap().finish().unwrap(),
        }
        assert_eq!(wait_received(&mut rx, 2), [udp(from, to, b"forgotten"), udp(from, to, b"next")]);
        let mut done = 0;
        wait(&mut completions, |_| {
            done += 1;
            (done == 2).then_some(())
        });
    }
    expect_quiet(&mut rx);
    // Never sent anything more: the buffer is the VI's until it is gone.
    std::mem::forget(tx.write_ctpio(udp_buffer(pool, from, to, b"last"), CUT).unwrap());
    let End { vi, mut pool, .. } = a;
    drop(vi);
    assert_eq!(take_all(&mut pool).len(), pool.buffers());
}

#[test]
fn a_frame_of_any_memory_is_copied_for_its_fallback() {
    for underrun in [false, true] {
        let (near, far) = Fabric::new().cable().unwrap();
        let mut a = End::new(near.name(), address(1, 7001), VirtualInterface::builder().ctpio(Ctpio::NoPoison));
        let mut b = End::new(far.name(), address(2, 7002), VirtualInterface::builder());
        let (from, to) = (a.station, b.station);
        let (mut tx, mut completions, pool) = a.start();
        let (_, mut rx, _) = b.start();
        let frame = udp(from, to, &[9; 100]);
        let pieces = [&frame[..14], &[], &frame[14..42], &frame[42..]];
        if underrun {
            near.underrun_ctpio(1);
        }
        let mut buffer = pool.take().unwrap();
        buffer.write(&[0xee; 200]).unwrap();
        tx.send_ctpio_copy(&pieces, buffer, CUT).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [&*frame]);
        let sent = wait_sent(&mut completions, 1).remove(0);
        assert_eq!((sent.by_ctpio, &sent.buffer[..]), (!underrun, &frame[..]));
        let written = tx.write_ctpio_copy(&[&frame], sent.buffer, CUT).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [&*frame]);
        written.finish().unwrap();
        assert_eq!(wait_sent(&mut completions, 1)[0].buffer[..], frame);
    }
}

#[test]
fn what_can_not_be_written_through_is_refused_before_it_is() {
    let (near, far) = Fabric::new().cable().unwrap();
    let mut a = End::new(near.name(), address(1, 7001), VirtualInterface::builder().ctpio(Ctpio::Poison));
    let mut b = End::new(far.name(), address(2, 7002), VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let mtu = a.vi.mtu().unwrap() as usize;
    let (mut tx, _, pool) = a.start();
    let (mut without, mut rx, their_pool) = b.start();
    let frame = udp(from, to, b"refused");
    let mut buffer = Some(pool.take().unwrap());
    let mut reason = |pieces: &[&[u8]]| {
        let rejected = tx.send_ctpio_copy(pieces, buffer.take().unwrap(), CUT).unwrap_err();
        buffer = Some(rejected.buffer);
        rejected.reason
    };
    assert_eq!(reason(&[]), RejectReason::FrameEmpty);
    assert_eq!(reason(&[&[], &[]]), RejectReason::FrameEmpty);
    assert_eq!(reason(&[&frame[..1]; 9]), RejectReason::TooManyPieces { max: 8 });
    let long = vec![0; mtu + 1];
    assert_eq!(reason(&[&long]), RejectReason::FrameTooLong { len: mtu as u32 + 1, max: mtu as u32 });
    let longer = vec![0; 4096];
    assert_eq!(reason(&[&longer]), RejectReason::FrameTooLong { len: 4096, max: 2048 });
    let foreign = their_pool.take().unwrap();
    assert_eq!(tx.send_ctpio_copy(&[&frame], foreign, CUT).unwrap_err().reason, RejectReason::WrongDomain);
    let rejected = without.send_ctpio_copy(&[&frame], their_pool.take().unwrap(), CUT).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::CtpioDisabled);
    let rejected = without.write_ctpio(udp_buffer(their_pool, from, to, b"none"), CUT).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::CtpioDisabled);
    while tx.space() > 0 {
        tx.send(udp_buffer(pool, to, from, b"fills")).unwrap();
    }
    assert_eq!(tx.write_ctpio(udp_buffer(pool, from, to, b"full"), CUT).unwrap_err().reason, RejectReason::RingFull);
    let rejected = tx.send_ctpio_copy(&[&frame], pool.take().unwrap(), CUT).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::RingFull);
    expect_quiet(&mut rx);
}
