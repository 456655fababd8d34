//! CTPIO in its halves, and with a copy for the fallback.

use crate::common::*;
use efvi::{Buffer, Ctpio, CutThrough, RejectReason, Transmit, VirtualInterface};

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
    assert_eq!(reason(&[&longer]), RejectReason::FrameTooLong { len: 4096, max: 2044 });
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

/// On X2 the aperture is a page, and a frame is written there behind 4 bytes of a header, whatever the MTU.
#[test]
fn a_frame_fits_the_aperture() {
    let (near, _far) = Fabric::new().with_mtu(9000).cable().unwrap();
    let mut a = End::new(near.name(), address(1, 7001), VirtualInterface::builder().ctpio(Ctpio::Poison));
    let mut pool = efvi::PacketPool::builder().buffers(8).buffer_size(4096).build(&a.domain).unwrap();
    let (mut tx, mut rx) = a.vi.split();
    let mut sized = |length| {
        let mut buffer = pool.take().unwrap();
        buffer.set_len(length).unwrap();
        // With a VLAN tag, which is on top of the MTU, and of nothing else.
        buffer[12..14].copy_from_slice(&[0x81, 0x00]);
        buffer
    };
    let refused = |reason| assert_eq!(reason, RejectReason::FrameTooLong { len: 4093, max: 4092 });
    let check = |tx: &mut Transmit<'_>, sized: &mut dyn FnMut(usize) -> Buffer| {
        refused(tx.send_ctpio(sized(4093), CutThrough::StoreAndForward).unwrap_err().reason);
        refused(tx.write_ctpio(sized(4093), CutThrough::StoreAndForward).unwrap_err().reason);
        let pieces = [sized(4000), sized(93)];
        refused(tx.send_ctpio_pieces(pieces, CutThrough::StoreAndForward).unwrap_err().reason);
        refused(tx.send_ctpio_copy(&[&[0x55; 4093]], sized(60), CutThrough::StoreAndForward).unwrap_err().reason);
    };
    check(&mut tx, &mut sized);
    #[cfg(onload_since = "9.0.1")]
    {
        let mut warming = tx.warm(&mut rx).unwrap();
        check(&mut warming, &mut sized);
        let rejected = warming.send_ctpio(sized(4092), CutThrough::StoreAndForward).unwrap_err();
        assert_eq!(rejected.reason, RejectReason::RingFull);
    }
    tx.send_ctpio(sized(4092), CutThrough::StoreAndForward).unwrap();
    tx.send_ctpio_copy(&[&[0x55; 4092]], sized(60), CutThrough::StoreAndForward).unwrap();
    assert!(wait_sent(&mut rx, 2).iter().all(|sent| sent.by_ctpio));
    tx.send(sized(4093)).unwrap();
    assert_eq!(wait_sent(&mut rx, 1)[0].buffer.len(), 4093);
}

/// The library copies whole words: none of them is to reach into the next buffer.
#[test]
fn a_copy_stays_in_its_buffer() {
    let (mut a, _b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let mut pool = efvi::PacketPool::builder().buffers(2).buffer_size(256).build(&a.domain).unwrap();
    let (mut tx, mut rx) = a.vi.split();
    for length in 253..=256 {
        let rejected = tx.send_ctpio_copy(&[&[0xff; 256][..length]], pool.take().unwrap(), CutThrough::After(64));
        let expected = RejectReason::FrameTooLong { len: length as u32, max: 252 };
        assert_eq!(rejected.unwrap_err().reason, expected);
    }
    tx.send_ctpio_copy(&[&[0xff; 252]], pool.take().unwrap(), CutThrough::After(64)).unwrap();
    assert_eq!(wait_sent(&mut rx, 1)[0].buffer[..], [0xff; 252]);
}
