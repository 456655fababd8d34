//! Cut-through PIO: the frame goes out at the call, its fallback completes it.

use crate::common::{Ends, Packet, Queues, Vi, cable, ready};
use efvi_sys::*;

const SNF: u32 = EF_VI_CTPIO_CT_THRESHOLD_SNF;

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(100, number)
}

/// Id and CTPIO flag of each completed send.
fn completed(tx: &Vi) -> Vec<(i32, bool)> {
    let ids = |event: &ef_event| {
        assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_TX);
        let ctpio = EF_EVENT_TX_CTPIO(event) != 0;
        tx.unbundle(event).into_iter().map(move |id| (id, ctpio))
    };
    tx.drain().iter().flat_map(ids).collect()
}

#[test]
fn the_frame_is_on_the_wire_at_the_call_and_its_fallback_sends_nothing() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    for threshold in [1, 64, 1000, SNF] {
        tx.ctpio(&frame(1), threshold);
        assert_eq!(rx.frames(), [frame(1)]);
        assert!(tx.drain().is_empty(), "only the fallback has an id");
        assert_eq!(tx.transmit_ring().1, 0);
        assert_eq!(tx.fallback(tx.load(0, &frame(1)), 100, 7), 0);
        assert_eq!(tx.transmit_ring().1, 1);
        assert_eq!(completed(tx), [(7, true)]);
        assert_eq!(tx.transmit_ring().1, 0);
        assert!(rx.frames().is_empty(), "sent twice");
    }
    assert_eq!(tx.statistic("tx_frames"), 4);
}

#[test]
fn a_vector_is_one_frame() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    for cut in [1, 13, 14, 42, 99] {
        let sent = frame(cut);
        let (head, tail) = sent.split_at(cut);
        tx.ctpio_vector(&[head, &[], tail], 64);
        assert_eq!(rx.frames(), std::slice::from_ref(&sent));
        let address = tx.load(0, &sent);
        assert_eq!(tx.fallback_vector(&[(address, cut), (address + cut as u64, 100 - cut)], cut), 0);
        assert_eq!(completed(tx), [(cut as i32, true)]);
        assert!(rx.frames().is_empty());
    }
}

/// However many pieces it has, the frame goes once.
#[test]
fn a_vector_of_single_bytes_is_one_frame() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    let sent = frame(0);
    let pieces: Vec<_> = sent.chunks(1).collect();
    tx.ctpio_vector(&pieces, 64);
    assert_eq!(tx.fallback(tx.load(0, &sent), 100, 7), 0);
    assert_eq!(rx.frames(), [sent]);
    assert_eq!(completed(tx), [(7, true)]);
}

/// The copying call leaves the frame in the fallback's buffer.
#[test]
fn the_copy_is_the_fallbacks_frame() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    let sent = frame(0);
    let address = tx.load(3, &[0xee; 200]);
    tx.ctpio_copy(&[&sent[..50], &sent[50..]], SNF, 3);
    assert_eq!(tx.memory.read((Vi::HALF + 3) * Vi::BUFFER, 101), [&sent[..], &[0xee]].concat());
    assert_eq!(rx.frames(), std::slice::from_ref(&sent));
    assert_eq!(tx.fallback(address, 100, 3), 0);
    assert_eq!(completed(tx), [(3, true)]);
}

/// A frame cuts through if the threshold is below its length: else all of it is buffered first.
#[test]
fn the_threshold_decides_between_cut_through_and_store_and_forward() {
    let Ends { tx, near, .. } = &cable(Queues { flags: EF_VI_TX_CTPIO, ..Queues::default() }, Queues::default());
    let mut expected = (0, 0);
    for (threshold, cuts) in [(64, true), (99, true), (100, false), (1000, false), (SNF, false)] {
        assert_eq!(tx.send_ctpio(0, &frame(0), threshold), 0);
        if cuts {
            expected.0 += 1
        } else {
            expected.1 += 1
        }
        let counters = near.counters();
        let found = (counters.tx_ctpio_cut_through, counters.tx_ctpio_store_and_forward);
        assert_eq!(found, expected, "threshold {threshold}");
    }
    assert_eq!(near.counters().tx_ctpio_fallbacks, 0);
}

/// With `EF_VI_TX_CTPIO_NO_POISON` the frame is buffered whole, whatever the threshold.
#[test]
fn without_poison_frames_are_stored_and_forwarded() {
    let flags = EF_VI_TX_CTPIO | EF_VI_TX_CTPIO_NO_POISON;
    let Ends { tx, near, .. } = &cable(Queues { flags, ..Queues::default() }, Queues::default());
    assert_eq!(tx.send_ctpio(0, &frame(0), 64), 0);
    assert_eq!((near.counters().tx_ctpio_cut_through, near.counters().tx_ctpio_store_and_forward), (0, 1));
}

/// A frame that cuts through and underruns is poisoned (its receiver sees a bad FCS), and goes by its fallback.
#[test]
fn an_underrun_poisons_the_frame_and_the_fallback_sends_it() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_TX_CTPIO);
    near.underrun_ctpio(1);
    assert_eq!(tx.send_ctpio(0, &frame(0), 64), 0);
    assert_eq!(completed(tx), [(0, false)]);
    let events = rx.drain();
    let kinds: Vec<u32> = events.iter().map(EF_EVENT_TYPE).collect();
    assert_eq!(kinds, [EF_EVENT_TYPE_RX_DISCARD, EF_EVENT_TYPE_RX]);
    assert_eq!(EF_EVENT_RX_DISCARD_TYPE(&events[0]), EF_EVENT_RX_DISCARD_CRC_BAD);
    assert_eq!(rx.frame(&events[1]), frame(0));
    assert_eq!(near.counters().tx_ctpio_fallbacks, 1);
    // Only the one.
    assert_eq!(tx.send_ctpio(1, &frame(1), 64), 0);
    assert_eq!((completed(tx), rx.frames()), (vec![(1, true)], vec![frame(1)]));
}

/// What is buffered whole is not begun before it is there: nothing is poisoned, the fallback sends it.
#[test]
fn an_underrun_of_a_stored_frame_poisons_nothing() {
    for (flags, threshold) in [(EF_VI_TX_CTPIO, SNF), (EF_VI_TX_CTPIO | EF_VI_TX_CTPIO_NO_POISON, 64)] {
        let Ends { tx, rx, near, .. } = &ready(flags);
        near.underrun_ctpio(1);
        assert_eq!(tx.send_ctpio(0, &frame(0), threshold), 0);
        assert_eq!((completed(tx), rx.frames()), (vec![(0, false)], vec![frame(0)]));
    }
}

/// Without its fallback the next send is taken for it: completed, and not sent.
#[test]
fn a_missing_fallback_swallows_the_next_send() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    tx.ctpio(&frame(1), SNF);
    assert_eq!(tx.send(2, &frame(2)), 0);
    assert_eq!(completed(tx), [(2, true)]);
    assert_eq!(rx.frames(), [frame(1)]);
    // Only the one.
    assert_eq!(tx.send(3, &frame(3)), 0);
    assert_eq!(completed(tx), [(3, false)]);
    assert_eq!(rx.frames(), [frame(3)]);
}

#[test]
fn a_fallback_alone_is_a_send() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    assert_eq!(tx.fallback(tx.load(0, &frame(0)), 100, 4), 0);
    assert_eq!((completed(tx), rx.frames()), (vec![(4, false)], vec![frame(0)]));
}

#[test]
fn without_ctpio_the_fallback_is_refused() {
    let Ends { tx, rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.fallback(tx.load(0, &frame(0)), 100, 4), -libc::EOPNOTSUPP);
    assert_eq!(tx.fallback_vector(&[(tx.load(0, &frame(0)), 100)], 4), -libc::EOPNOTSUPP);
    assert_eq!(tx.transmit_ring().1, 0);
    assert!(tx.drain().is_empty() && rx.frames().is_empty());
}

/// What is too long for the aperture is left to its fallback, by which it is too long as well: nothing leaves.
#[test]
fn a_frame_too_long_for_the_aperture_is_its_fallbacks() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    let long = vec![0xaa; 5000];
    tx.ctpio(&long, SNF);
    assert_eq!(tx.statistic("tx_frames"), 0);
    // A fallback that is shorter than what was written goes by DMA.
    assert_eq!(tx.fallback(tx.load(0, &frame(1)), 100, 1), 0);
    assert_eq!((completed(tx), rx.frames()), (vec![(1, false)], vec![frame(1)]));
    assert_eq!(tx.statistic("tx_ctpio_fallbacks"), 1);
    // The next is by CTPIO again.
    assert_eq!(tx.send_ctpio(2, &frame(2), SNF), 0);
    assert_eq!((completed(tx), rx.frames()), (vec![(2, true)], vec![frame(2)]));
}

/// Whether by CTPIO or by DMA, sends complete in order, and each says which it was.
#[test]
fn both_ways_of_sending_keep_their_order() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    let by_ctpio = |id: usize| id % 3 == 1 || id % 7 == 2;
    for id in 0..40 {
        let rc = if by_ctpio(id) { tx.send_ctpio(id, &frame(id), 64) } else { tx.send(id, &frame(id)) };
        assert_eq!(rc, 0);
    }
    assert_eq!(completed(tx), (0..40).map(|id| (id as i32, by_ctpio(id))).collect::<Vec<_>>());
    assert_eq!(rx.frames(), (0..40).map(frame).collect::<Vec<_>>());
}

/// A fallback that finds the ring full is tried again, and completes the frame that has left.
#[test]
fn a_fallback_refused_by_a_full_ring_is_tried_again() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    for id in 0..511 {
        assert_eq!(tx.send(id, &Packet::TCP.sized(60, 0)), 0);
    }
    tx.ctpio(&frame(0), SNF);
    let address = tx.load(0, &frame(0));
    assert_eq!(tx.fallback(address, 100, 1000), -libc::EAGAIN);
    assert_eq!(completed(tx).len(), 511);
    assert_eq!(tx.fallback(address, 100, 1000), 0);
    assert_eq!(completed(tx), [(1000, true)]);
    assert_eq!(rx.frames(), [frame(0)]);
}

/// Checksums are the application's on this path: wrong ones stay wrong, and make a discard at the receiver.
#[test]
fn no_checksum_is_filled_in() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    let mut wrong = frame(0);
    wrong[Packet::UDP.transport_checksum_at()] ^= 1;
    assert_eq!(tx.send_ctpio(0, &wrong, SNF), 0);
    assert_eq!(completed(tx), [(0, true)]);
    let events = rx.drain();
    assert_eq!(events.len(), 1);
    assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_RX_DISCARD);
    assert_eq!(EF_EVENT_RX_DISCARD_TYPE(&events[0]), EF_EVENT_RX_DISCARD_CSUM_BAD);
    assert_eq!(rx.frame(&events[0]), wrong);
}

#[test]
fn short_frames_are_padded() {
    let Ends { tx, rx, .. } = &ready(EF_VI_TX_CTPIO);
    let mut sent = Packet::UDP.frame(b"abc");
    assert_eq!(tx.send_ctpio(0, &sent, SNF), 0);
    sent.resize(60, 0);
    assert_eq!(rx.frames(), [sent]);
}

/// While the path is warmed sends find the ring full; nothing leaves, and the ring is as it was.
#[cfg(onload_since = "9.0.1")]
#[test]
fn nothing_leaves_while_warming() {
    let Ends { tx, rx, near, .. } = &ready(EF_VI_TX_CTPIO);
    assert_eq!(tx.send(1, &frame(1)), 0);
    let ring = tx.transmit_ring();
    let counters = near.counters();
    for _ in 0..3 {
        tx.warm(|| {
            for id in 100..110 {
                let address = tx.load(id, &frame(id));
                assert_eq!(tx.transmit(address, 100, id), -libc::EAGAIN);
                assert_eq!(tx.transmit_init(address, 100, id), -libc::EAGAIN);
                assert_eq!(tx.transmitv(&[(address, 100)], id), -libc::EAGAIN);
                assert_eq!(tx.send_ctpio(id, &frame(id), 64), -libc::EAGAIN);
                tx.ctpio_copy(&[&frame(id)], SNF, id);
                assert_eq!(tx.fallback_vector(&[(address, 100)], id), -libc::EAGAIN);
            }
            assert_eq!(tx.transmit_ring().2, 0);
        });
        assert_eq!(tx.transmit_ring(), ring);
    }
    assert_eq!(near.counters(), counters);
    assert_eq!(completed(tx), [(1, false)]);
    assert_eq!(rx.frames(), [frame(1)]);
    // What comes after is sent as ever.
    assert_eq!(tx.send_ctpio(2, &frame(2), 64), 0);
    assert_eq!(tx.send(3, &frame(3)), 0);
    assert_eq!(completed(tx), [(2, true), (3, false)]);
    assert_eq!(rx.frames(), [frame(2), frame(3)]);
}

/// The ring's ids are untouched by warming, wherever in the ring it happens.
#[cfg(onload_since = "9.0.1")]
#[test]
fn warming_leaves_outstanding_sends_alone() {
    let Ends { tx, .. } = &ready(EF_VI_TX_CTPIO);
    let mut expected = Vec::new();
    for id in 0..1500_usize {
        assert_eq!(tx.send(id, &Packet::TCP.sized(60, 0)), 0);
        expected.push((id as i32, false));
        tx.warm(|| assert_eq!(tx.send(9999, &frame(0)), -libc::EAGAIN));
        if id % 100 == 99 {
            assert_eq!(completed(tx), expected);
            expected.clear();
        }
    }
}

/// The copy is made in the words of 8 bytes that are written, of which the first begins with a header of 4.
#[test]
fn the_copy_ends_with_a_whole_word() {
    let Ends { tx, .. } = &ready(EF_VI_TX_CTPIO);
    for (length, copied) in [(60, 60), (61, 68), (64, 68), (67, 68), (68, 68), (69, 76)] {
        let sent = Packet::UDP.sized(length, 1);
        let address = tx.load(3, &[0xee; 200]);
        tx.ctpio_copy(&[&sent], SNF, 3);
        let found = tx.memory.read((Vi::HALF + 3) * Vi::BUFFER, 200);
        assert_eq!(found[..length], sent);
        assert_eq!(found.iter().rposition(|byte| *byte != 0xee), Some(copied - 1), "{length}");
        assert_eq!(tx.fallback(address, length, 3), 0);
        assert_eq!(completed(tx).len(), 1);
    }
}

/// While the path is warmed a frame is written as it would be: a header, the frame, and zeros to the end of the line.
#[cfg(onload_since = "9.0.1")]
#[test]
fn what_stands_in_for_the_aperture_is_written_to() {
    let Ends { tx, .. } = &ready(EF_VI_TX_CTPIO);
    let longest = vec![0x55; 4092];
    let aperture = tx.warm(|| tx.ctpio_vector(&[&longest[..100], &longest[100..]], SNF));
    assert_eq!(aperture[4..], longest);
    let aperture = tx.warm(|| tx.ctpio(&longest[..65], SNF));
    assert_eq!((&aperture[4..69], aperture[69..].iter().all(|byte| *byte == 0)), (&longest[..65], true));
}
