//! Frames in several buffers.

use crate::common::*;
use efvi::{
    Buffer, Ctpio, CutThrough, Event, PacketPool, Pieces, RejectReason, Timestamp, Timestamps, VirtualInterface,
};

struct Done {
    by_ctpio: bool,
    timestamp: Option<Timestamp>,
    pieces: Pieces,
}

fn wait_pieces(rx: &mut efvi::Receive<'_>) -> Done {
    wait(rx, |event| match event {
        Event::SentPieces(sent) => {
            Some(Done { by_ctpio: sent.by_ctpio(), timestamp: sent.timestamp(), pieces: sent.into_pieces() })
        }
        other => panic!("expected pieces to be sent: {other:?}"),
    })
}

fn joined(pieces: Pieces) -> Vec<u8> {
    pieces.flat_map(|piece| piece.to_vec()).collect()
}

#[test]
fn pieces_arrive_as_one_frame_and_come_back_together_in_order() {
    for timestamps in [Timestamps::empty(), Timestamps::TX] {
        let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison).timestamps(timestamps));
        let (from, to) = (a.station, b.station);
        let (mut tx, mut completions, pool) = a.start();
        let (_, mut rx, _) = b.start();
        let lengths: [&[usize]; 5] = [&[], &[1], &[14, 20, 8], &[13], &[1, 1, 1, 1, 1, 1, 1]];
        for (sequence, lengths) in lengths.into_iter().enumerate() {
            for ctpio in [false, true] {
                let frame = udp(from, to, &payload(sequence));
                let pieces = cut(pool, &frame, lengths);
                assert_eq!((pieces.len(), pieces.bytes()), (lengths.len() + 1, frame.len()));
                if ctpio {
                    tx.send_ctpio_pieces(pieces, CutThrough::After(64)).unwrap();
                } else {
                    tx.send_pieces(pieces).unwrap();
                }
                assert_eq!(wait_received(&mut rx, 1), [&*frame]);
                let sent = wait_pieces(&mut completions);
                assert_eq!(sent.by_ctpio, ctpio);
                assert_eq!(sent.timestamp.is_some(), timestamps == Timestamps::TX);
                assert_eq!(sent.pieces.len(), lengths.len() + 1);
                assert_eq!(joined(sent.pieces), frame);
            }
        }
        assert_eq!(tx.space(), tx.capacity());
    }
}

#[test]
fn pieces_and_single_frames_keep_their_order() {
    let (mut a, mut b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for round in 0..if cfg!(miri) { 2 } else { 300 } {
        let frame = |sequence| udp(from, to, &payload(round * 4 + sequence));
        tx.send_pieces(cut(pool, &frame(0), &[14])).unwrap();
        tx.send(udp_buffer(pool, from, to, &payload(round * 4 + 1))).unwrap();
        tx.send_ctpio_pieces(cut(pool, &frame(2), &[14, 20]), CutThrough::StoreAndForward).unwrap();
        tx.send_ctpio(udp_buffer(pool, from, to, &payload(round * 4 + 3)), CutThrough::After(64)).unwrap();
        assert_eq!(wait_received(&mut rx, 4), [frame(0), frame(1), frame(2), frame(3)]);
        let mut done = Vec::new();
        wait(&mut completions, |event| {
            done.push(match event {
                Event::Sent(sent) => sent.buffer.to_vec(),
                Event::SentPieces(sent) => joined(sent.into_pieces()),
                other => panic!("{other:?}"),
            });
            (done.len() == 4).then_some(())
        });
        assert_eq!(done, [frame(0), frame(1), frame(2), frame(3)]);
    }
    assert_eq!(tx.space(), tx.capacity());
}

#[test]
fn a_full_ring_gives_the_pieces_back() {
    let (mut a, b) = pair(VirtualInterface::builder().ctpio(Ctpio::Poison));
    let (from, to) = (a.station, b.station);
    let (mut tx, _, pool) = a.start();
    let frame = udp(from, to, b"more than fits");
    for _ in 0..tx.capacity() - 1 {
        tx.send(udp_buffer(pool, from, to, b"fills")).unwrap();
    }
    let pieces = cut(pool, &frame, &[14, 20]);
    let rejected = tx.send_pieces(pieces).unwrap_err();
    assert_eq!((rejected.reason, rejected.buffer.len()), (RejectReason::RingFull, 3));
    let rejected = tx.send_ctpio_pieces(rejected.buffer, CutThrough::After(64)).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::RingFull);
    assert_eq!(joined(rejected.buffer), frame);
    assert_eq!(tx.space(), 1);
}

#[test]
fn pieces_that_can_not_be_sent_come_back_with_the_reason() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let mtu = a.vi.mtu().unwrap() as usize;
    let (mut tx, _, pool) = a.start();
    let sized = |pool: &mut PacketPool, length| {
        let mut buffer: Buffer = pool.take().unwrap();
        buffer.set_len(length).unwrap();
        buffer
    };
    let refused = |tx: &mut efvi::Transmit<'_>, pieces: Pieces| {
        let (count, bytes) = (pieces.len(), pieces.bytes());
        let rejected = tx.send_pieces(pieces).unwrap_err();
        assert_eq!((rejected.buffer.len(), rejected.buffer.bytes()), (count, bytes), "as they were");
        rejected.reason
    };
    assert_eq!(refused(&mut tx, Pieces::new()), RejectReason::FrameEmpty);
    let one_empty = [sized(pool, 60), sized(pool, 0)].into();
    assert_eq!(refused(&mut tx, one_empty), RejectReason::FrameEmpty);
    let long = [sized(pool, mtu - 100), sized(pool, 101)].into();
    let reason = RejectReason::FrameTooLong { len: mtu as u32 + 1, max: mtu as u32 };
    assert_eq!(refused(&mut tx, long), reason);
    let foreign = [sized(pool, 60), sized(&mut b.pool, 60)].into();
    assert_eq!(refused(&mut tx, foreign), RejectReason::WrongDomain);
    let rejected = tx.send_ctpio_pieces([sized(pool, 60)], CutThrough::After(64)).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::CtpioDisabled);

    let mut most = Pieces::new();
    for _ in 0..Pieces::MAX {
        most.push(sized(pool, 8)).unwrap();
    }
    assert!(most.push(sized(pool, 8)).is_err());
}

/// A VLAN tag is on top of the MTU, in whichever piece it is.
#[test]
fn a_tagged_frame_in_pieces_may_be_longer_by_its_tag() {
    let (mut a, _b) = pair(VirtualInterface::builder());
    let mtu = a.vi.mtu().unwrap() as usize;
    let (mut tx, mut rx, pool) = a.start();
    let mut frame = vec![0; mtu + 4];
    frame[12..14].copy_from_slice(&[0x81, 0]);
    for lengths in [&[12][..], &[13], &[14], &[4, 9], &[]] {
        tx.send_pieces(cut(pool, &frame, lengths)).unwrap();
        assert_eq!(joined(wait_pieces(&mut rx).pieces), frame);
    }
    frame[13] = 1;
    assert!(matches!(tx.send_pieces(cut(pool, &frame, &[13])).unwrap_err().reason, RejectReason::FrameTooLong { .. }));
}

#[test]
fn pieces_in_the_ring_return_to_their_pool_with_the_vi() {
    let (mut a, b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, _, pool) = a.start();
    let frame = udp(from, to, b"on the way");
    tx.send_pieces(cut(pool, &frame, &[14, 20])).unwrap();
    let End { vi, mut pool, .. } = a;
    drop(vi);
    assert_eq!(take_all(&mut pool).len(), pool.buffers());
}
