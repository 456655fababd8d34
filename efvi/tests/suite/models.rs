//! One loop for all adapters: what a program does is the same on X2, X3 and X4, wherever the adapter receives into.

use crate::common::{
    Fabric, by_reference, end, expect_quiet, models, payload, take_all, udp, udp_buffer, until_quiet, wait, wait_sent,
};
use efvi::mock::Fcs;
use efvi::{CutThrough, DiscardReason, Event, PacketPool, Receive, RejectReason, Timestamps, VirtualInterface};

/// Packets that an X3 has in one piece of its memory; fewer under Miri.
const SUPERBUFFER: usize = if cfg!(miri) { 8 } else { 512 };

/// A loop as any program's: what is received is looked at and dropped, what was sent goes back to the pool.
fn receive(rx: &mut Receive<'_>, pool: &mut PacketPool, expected: &[Vec<u8>]) {
    let mut count = 0;
    wait(rx, |event| {
        match event {
            Event::Received(packet) => {
                assert!(packet.is_start() && !packet.continues());
                assert_eq!(packet.frame(), expected[count]);
                let time = packet.timestamp().unwrap();
                assert!(time.sync.clock_set && time.sync.in_sync);
                count += 1;
            }
            Event::Sent(sent) => pool.put(sent.buffer),
            other => panic!("{other:?}"),
        }
        (count == expected.len()).then_some(())
    });
    rx.fill(pool).unwrap();
}

#[test]
fn a_loop_written_once_runs_on_every_model() {
    for (model, flags, _) in models() {
        let (a, b) = Fabric::of(model).cable().unwrap();
        let builder =
            VirtualInterface::builder().timestamps(Timestamps::RX | Timestamps::TX).ctpio(efvi::Ctpio::Poison);
        let (mut a, mut b) = (end(a.name(), 1, flags, builder), end(b.name(), 2, flags, builder));
        let (from, to) = (a.station, b.station);
        let (mut tx, mut completions) = a.vi.split();
        let (_, mut rx) = b.vi.split();
        rx.fill(&mut b.pool).unwrap();
        assert_eq!(rx.space(), 0, "all there is room for");
        for sequence in 0..if cfg!(miri) { 20 } else { 3 * SUPERBUFFER } {
            let frame = udp(from, to, &payload(sequence));
            let buffer = udp_buffer(&mut a.pool, from, to, &payload(sequence));
            if sequence % 2 == 0 {
                tx.send(buffer).unwrap();
            } else {
                tx.send_ctpio(buffer, CutThrough::After(64)).unwrap();
            }
            let sent = wait_sent(&mut completions, 1).remove(0);
            assert_eq!(sent.buffer[..], frame);
            assert!(sent.timestamp.is_some());
            a.pool.put(sent.buffer);
            receive(&mut rx, &mut b.pool, &[frame]);
        }
        expect_quiet(&mut rx);
    }
}

#[test]
fn packets_of_one_poll_are_handed_out_in_order_and_put_back() {
    const BURST: usize = if cfg!(miri) { 7 } else { 200 };
    for (model, flags, _) in models() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = end(port.name(), 1, flags, VirtualInterface::builder().timestamps(Timestamps::RX));
        let (_, mut rx) = end.vi.split();
        rx.fill(&mut end.pool).unwrap();
        for round in 0..if cfg!(miri) { 4 } else { 10 } {
            let frames: Vec<_> = (0..BURST).map(|n| udp(end.station, end.station, &payload(round + n))).collect();
            for frame in &frames {
                port.inject(frame, Fcs::Good).unwrap();
            }
            match round % 3 {
                // Nobody looks: each is put back all the same.
                0 => until_quiet(|| !rx.poll().is_empty()),
                // Nor if what polled is forgotten.
                1 => until_quiet(|| {
                    let events = rx.poll();
                    let found = !events.is_empty();
                    std::mem::forget(events);
                    found
                }),
                _ => receive(&mut rx, &mut end.pool, &frames),
            }
        }
        assert_eq!(port.counters().rx_no_descriptor, 0, "{model:?}: nothing was lost");
    }
}

#[test]
fn a_frame_with_a_bad_check_sequence_is_discarded_with_its_reason_and_its_bytes() {
    damaged(Fcs::Bad, DiscardReason::Crc, 0);
}

#[test]
fn a_frame_with_a_bad_checksum_is_discarded_with_its_reason_and_its_bytes() {
    damaged(Fcs::Good, DiscardReason::Checksum, 1);
}

/// Frames of which these bits are damaged.
fn damaged(fcs: Fcs, expected: DiscardReason, bits: u8) {
    for (model, flags, _) in models() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = end(port.name(), 1, flags, VirtualInterface::builder());
        let (_, mut rx) = end.vi.split();
        rx.fill(&mut end.pool).unwrap();
        let mut frame = udp(end.station, end.station, b"a frame that is long enough not to be padded");
        frame[24] ^= bits;
        for round in 0..if cfg!(miri) { 2 } else { 2 * SUPERBUFFER } {
            port.inject(&frame, fcs).unwrap();
            let kept = wait(&mut rx, |event| match event {
                Event::Discarded(packet) => {
                    assert_eq!(packet.reason(), expected, "{model:?}");
                    assert_eq!(packet.frame(), frame);
                    Some((round % 2 == 0).then(|| packet.keep(&mut end.pool).unwrap()))
                }
                other => panic!("{other:?}"),
            });
            if let Some(buffer) = kept {
                assert_eq!(buffer[..], frame[..]);
                end.pool.put(buffer);
            }
            rx.fill(&mut end.pool).unwrap();
        }
        assert_eq!(port.counters().rx_no_descriptor, 0);
    }
}

/// Received, changed, sent back from the buffer in which it was kept.
#[test]
fn a_packet_is_kept_and_forwarded() {
    for (model, flags, by_reference) in models() {
        let (a, b) = Fabric::of(model).cable().unwrap();
        let builder = VirtualInterface::builder();
        let (mut a, mut b) = (end(a.name(), 1, flags, builder), end(b.name(), 2, flags, builder));
        let (from, to) = (a.station, b.station);
        let (mut tx, mut their_rx) = a.vi.split();
        let (mut back_tx, mut rx) = b.vi.split();
        their_rx.fill(&mut a.pool).unwrap();
        rx.fill(&mut b.pool).unwrap();
        for sequence in 0..if cfg!(miri) { 4 } else { 2 * SUPERBUFFER + 3 } {
            tx.send(udp_buffer(&mut a.pool, from, to, &payload(sequence))).unwrap();
            a.pool.put(wait_sent(&mut their_rx, 1).remove(0).buffer);
            let back = udp(to, from, &payload(sequence));
            wait(&mut rx, |event| {
                let Event::Received(packet) = event else { panic!("{event:?}") };
                let place = packet.as_ptr();
                let mut buffer = packet.keep(&mut b.pool).unwrap();
                assert_eq!(buffer.as_ptr() == place, !by_reference, "copied or not");
                buffer.copy_from_slice(&back);
                back_tx.send(buffer).unwrap();
                Some(())
            });
            b.pool.put(wait_sent(&mut rx, 1).remove(0).buffer);
            rx.fill(&mut b.pool).unwrap();
            wait(&mut their_rx, |event| matches!(event, Event::Received(p) if p[..] == back).then_some(()));
        }
        let posted = if by_reference { 0 } else { rx.capacity() - rx.space() };
        assert_eq!(take_all(&mut b.pool).len() + posted, b.pool.buffers());
    }
}

#[test]
fn a_packet_that_can_not_be_copied_is_given_back() {
    for (model, flags) in by_reference() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = end(port.name(), 1, flags, VirtualInterface::builder());
        let mut small = PacketPool::builder().buffers(1).buffer_size(256).build(end.vi.domain()).unwrap();
        let (_, mut rx) = end.vi.split();
        let frame = udp(end.station, end.station, &[7; 300]);
        for _ in 0..2 * SUPERBUFFER {
            port.inject(&frame, Fcs::Good).unwrap();
            wait(&mut rx, |event| {
                let Event::Received(packet) = event else { panic!("{event:?}") };
                let too_long = packet.keep(&mut small).unwrap_err();
                assert!(too_long.to_string().contains("342 bytes"), "{too_long}");
                assert_eq!(too_long.packet.frame(), frame);
                let only = small.take().unwrap();
                let empty = too_long.packet.keep(&mut small).unwrap_err();
                assert_eq!(empty.reason, efvi::KeepError::PoolEmpty);
                assert_eq!(empty.packet.frame(), frame);
                small.put(only);
                Some(())
            });
        }
        assert_eq!(port.counters().rx_no_descriptor, 0, "each was put back");
    }
}

#[test]
fn nothing_is_posted_where_the_adapter_has_memory_of_its_own() {
    for (model, flags) in by_reference() {
        let (port, _other) = Fabric::of(model).cable().unwrap();
        let mut end = end(port.name(), 1, flags, VirtualInterface::builder());
        let (_, mut rx) = end.vi.split();
        assert_eq!((rx.fill(&mut end.pool), rx.space()), (Ok(0), 0));
        let rejected = rx.post(end.pool.take().unwrap()).unwrap_err();
        assert_eq!(rejected.reason, RejectReason::NothingPosted);
        assert!(rejected.to_string().contains("memory of its own"), "{rejected}");
    }
}

/// What was staged is on its way there: it can't be taken back, and its completion comes.
#[test]
fn a_batch_is_sent_frame_by_frame_where_sends_are_written_through() {
    for (model, flags) in by_reference() {
        let (a, b) = Fabric::of(model).cable().unwrap();
        let builder = VirtualInterface::builder();
        let (mut a, mut b) = (end(a.name(), 1, flags, builder), end(b.name(), 2, flags, builder));
        let (from, to) = (a.station, b.station);
        let (mut tx, mut completions) = a.vi.split();
        let (_, mut rx) = b.vi.split();
        let batch = tx.stage(udp_buffer(&mut a.pool, from, to, b"staged")).unwrap();
        assert_eq!(batch.undo().len(), 0);
        tx.stage(udp_buffer(&mut a.pool, from, to, b"pushed")).unwrap().push();
        let sent = wait_sent(&mut completions, 2);
        assert_eq!(sent[0].buffer[..], udp(from, to, b"staged"));
        assert_eq!(sent[1].buffer[..], udp(from, to, b"pushed"));
        let received = crate::common::wait_received(&mut rx, 2);
        assert_eq!(received, [udp(from, to, b"staged"), udp(from, to, b"pushed")]);
    }
}
