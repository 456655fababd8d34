//! TX alternatives: packets that wait in the adapter until they are let go, or dropped.

use crate::common::{Domain, Ends, Packet, Queues, Vi, ready};
use efvi_sys::*;
use mock_nic::Fabric;

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60, number)
}

/// Both ends, and so many alternatives at the sender, all of them stopped.
fn stopped(count: u32, space: usize) -> Ends {
    let ends = ready(EF_VI_TX_ALT);
    assert_eq!(ends.tx.alternatives(count as i32, space), 0);
    for alternative in 0..count {
        assert_eq!(ends.tx.stop(alternative), 0);
    }
    ends
}

/// What has happened: ids of sends that completed, and alternatives that packets have left.
fn happened(vi: &Vi) -> (Vec<i32>, Vec<u32>) {
    let (mut sent, mut left) = (Vec::new(), Vec::new());
    for event in vi.drain() {
        match EF_EVENT_TYPE(&event) {
            EF_EVENT_TYPE_TX => sent.extend(vi.unbundle(&event)),
            EF_EVENT_TYPE_TX_ALT => left.push(EF_EVENT_TX_ALT_ALT_ID(&event)),
            other => panic!("event {other}"),
        }
    }
    (sent, left)
}

/// A stopped alternative keeps packets, in their order, until it is told to go. A packet's buffer is free when its `TX`
/// event comes; that it has left tells a `TX_ALT` event.
#[test]
fn packets_wait_until_they_are_let_go() {
    let Ends { tx, rx, .. } = &stopped(2, 8192);
    assert_eq!(tx.select(1), 0);
    for id in 0..5 {
        assert_eq!(tx.send(id, &frame(id)), 0);
    }
    assert_eq!(happened(tx), ((0..5).collect(), vec![]));
    assert_eq!(tx.transmit_ring(), (511, 0, 511));
    // It is in the adapter: what the buffers hold now is not sent.
    for id in 0..5 {
        tx.load(id, &[0xee; 60]);
    }
    assert!(rx.frames().is_empty());
    assert_eq!(tx.go(1), 0);
    assert_eq!(rx.frames(), (0..5).map(frame).collect::<Vec<_>>());
    assert_eq!(happened(tx), (vec![], vec![1; 5]));
    assert_eq!(tx.go(1), 0, "nothing is left to go");
    assert_eq!((rx.frames(), happened(tx)), (vec![], (vec![], vec![])));
}

/// Sent to an alternative that goes, a packet leaves at once; its `TX_ALT` event follows that of its completion.
#[test]
fn packets_pass_an_alternative_that_goes() {
    let Ends { tx, rx, .. } = &stopped(1, 1024);
    assert_eq!((tx.go(0), tx.select(0)), (0, 0));
    for id in 0..40 {
        assert_eq!(tx.send(id, &frame(id)), 0);
        let kinds: Vec<_> = tx.drain().iter().map(EF_EVENT_TYPE).collect();
        assert_eq!(kinds, [EF_EVENT_TYPE_TX, EF_EVENT_TYPE_TX_ALT]);
        assert_eq!(rx.frame(&rx.drain()[0]), frame(id));
    }
}

#[test]
fn a_new_alternative_is_not_stopped() {
    let ends = ready(EF_VI_TX_ALT);
    assert_eq!(ends.tx.alternatives(1, 1024), 0);
    assert_eq!(ends.tx.select(0), 0);
    assert_eq!(ends.tx.send(0, &frame(0)), 0);
    assert_eq!((ends.rx.frames(), happened(&ends.tx)), (vec![frame(0)], (vec![0], vec![0])));
}

/// What is dropped has `TX_ALT` events as well.
#[test]
fn packets_are_dropped_and_say_so() {
    let Ends { tx, rx, near, .. } = &stopped(2, 4096);
    assert_eq!(tx.select(0), 0);
    for id in 0..3 {
        assert_eq!(tx.send(id, &frame(id)), 0);
    }
    assert_eq!(tx.discard(0), 0);
    assert_eq!(happened(tx), (vec![0, 1, 2], vec![0, 0, 0]));
    // It goes on dropping what comes.
    assert_eq!(tx.send(3, &frame(3)), 0);
    assert_eq!(happened(tx), (vec![3], vec![0]));
    assert!(rx.frames().is_empty());
    assert_eq!((near.counters().tx_alt_discarded, near.counters().tx_frames), (4, 0));
    // Stopped again it is empty.
    assert_eq!((tx.stop(0), tx.go(0)), (0, 0));
    assert_eq!((rx.frames(), happened(tx)), (vec![], (vec![], vec![])));
}

/// Selecting is a descriptor: it takes a slot of the ring, acts in the order of the ring, and is freed with the next
/// completion. It is not pushed with the doorbell's store.
#[test]
fn selecting_is_a_descriptor() {
    let Ends { tx, rx, near, .. } = &stopped(2, 4096);
    let address = |id| tx.load(id, &frame(id));
    for (id, select) in [(0, Some(0)), (1, Some(1)), (2, None)] {
        assert_eq!(select.map_or_else(|| tx.select_normal(), |alternative| tx.select(alternative)), 0);
        assert_eq!(tx.transmit_init(address(id), 60, id), 0);
    }
    assert_eq!(tx.transmit_ring().1, 6);
    assert!(rx.frames().is_empty(), "nothing is pushed yet");
    tx.transmit_push();
    assert_eq!((near.counters().tx_pushes, near.counters().tx_doorbells), (0, 1));
    assert_eq!(rx.frames(), [frame(2)]);
    assert_eq!(happened(tx), (vec![0, 1, 2], vec![]));
    assert_eq!(tx.transmit_ring().1, 0);
    assert_eq!((tx.go(1), tx.go(0)), (0, 0));
    assert_eq!(rx.frames(), [frame(1), frame(0)]);
    assert_eq!(happened(tx).1, [1, 0]);
    // What is selected stays so.
    assert_eq!(tx.send(3, &frame(3)), 0);
    assert_eq!((rx.frames(), happened(tx)), (vec![frame(3)], (vec![3], vec![])));
}

#[test]
fn what_was_selected_and_not_pushed_can_be_undone() {
    let Ends { tx, rx, .. } = &stopped(1, 1024);
    assert_eq!((tx.select(0), tx.transmit_ring().1), (0, 1));
    tx.transmit_undo();
    assert_eq!(tx.transmit_ring().1, 0);
    assert_eq!(tx.send(0, &frame(0)), 0);
    assert_eq!(rx.frames(), [frame(0)]);
}

/// A full ring takes no selection either.
#[test]
fn a_full_ring_takes_no_selection() {
    let Ends { tx, .. } = &stopped(1, 1024);
    for _ in 0..511 {
        assert_eq!(tx.select(0), 0);
    }
    assert_eq!((tx.select(0), tx.select_normal()), (-libc::EAGAIN, -libc::EAGAIN));
    assert_eq!(tx.send(0, &frame(0)), -libc::EAGAIN);
}

/// A packet fills what `ef_vi_transmit_alt_usage` says, and the space asked for holds that much. One that does not fit
/// is lost without an error.
#[test]
fn the_buffers_hold_what_was_asked_for_and_lose_the_rest() {
    for length in [60_usize, 64, 65, 500, 1514] {
        let ends = ready(EF_VI_TX_ALT);
        let Ends { tx, rx, near, .. } = &ends;
        let overhead = tx.alternative_overhead().unwrap();
        // SAFETY: the parameters were filled in.
        let usage = unsafe { ef_vi_transmit_alt_usage(&overhead, length as u32) } as usize;
        assert_eq!(usage, length.next_multiple_of(32) + 32);
        // So that the pool's buffers are filled to the last byte, or as far as whole packets go.
        let space = 16 * 1024;
        let fits = space / usage;
        assert_eq!(tx.alternatives(2, space), 0);
        assert_eq!((tx.stop(0), tx.stop(1)), (0, 0));
        for round in 0..2 {
            for id in 0..fits + 3 {
                // Both share the space.
                assert_eq!(tx.select(id as u32 % 2), 0);
                assert_eq!(tx.send(id, &Packet::UDP.sized(length, id)), 0);
                assert_eq!(happened(tx).0, [id as i32]);
            }
            assert_eq!(near.counters().tx_alt_overruns, 3 * (round + 1));
            assert_eq!((tx.discard(0), tx.discard(1)), (0, 0));
            assert_eq!(happened(tx).1.len(), fits, "one event for each that was kept");
            assert_eq!((tx.stop(0), tx.stop(1)), (0, 0));
        }
        // The space is free again: the first that come are kept.
        let kept: Vec<_> = (0..8).map(|id| Packet::UDP.sized(length, id)).collect();
        assert_eq!(tx.select(0), 0);
        for (id, packet) in kept.iter().enumerate() {
            assert_eq!(tx.send(id, packet), 0);
        }
        assert_eq!(tx.go(0), 0);
        assert_eq!(rx.frames(), kept);
    }
}

/// Checksums are filled in as the packet is fetched, short ones are padded.
#[test]
fn packets_leave_as_they_would_have_without() {
    let Ends { tx, rx, .. } = &stopped(1, 4096);
    let mut wrong = frame(1);
    wrong[Packet::UDP.transport_checksum_at()] ^= 0xff;
    let short = Packet::UDP.frame(b"abc");
    assert_eq!(tx.select(0), 0);
    assert_eq!((tx.send(0, &wrong), tx.send(1, &short)), (0, 0));
    let address = tx.load(2, &frame(2));
    assert_eq!(tx.transmitv(&[(address, 13), (address + 13, 47)], 2), 0);
    assert_eq!(tx.go(0), 0);
    let mut padded = short.clone();
    padded.resize(60, 0);
    assert_eq!(rx.frames(), [frame(1), padded, frame(2)]);
}

/// CTPIO goes round the alternatives, its fallback does not.
#[test]
fn ctpio_bypasses_the_alternatives() {
    let ends = ready(EF_VI_TX_ALT | EF_VI_TX_CTPIO);
    let Ends { tx, rx, near, .. } = &ends;
    assert_eq!(tx.alternatives(1, 1024), 0);
    assert_eq!((tx.stop(0), tx.select(0)), (0, 0));
    tx.transmit_push();
    assert_eq!(tx.send_ctpio(0, &frame(0), 64), 0);
    assert_eq!((rx.frames(), happened(tx)), (vec![frame(0)], (vec![0], vec![])));
    near.underrun_ctpio(1);
    assert_eq!(tx.send_ctpio(1, &frame(1), EF_VI_CTPIO_CT_THRESHOLD_SNF), 0);
    assert_eq!((rx.frames(), happened(tx)), (vec![], (vec![1], vec![])));
    assert_eq!(tx.go(0), 0);
    assert_eq!((rx.frames(), happened(tx)), (vec![frame(1)], (vec![], vec![0])));
}

/// Latency as AMD's sample has it: while one alternative goes, the next is filled.
#[test]
fn two_alternatives_take_turns() {
    let Ends { tx, rx, near, .. } = &stopped(2, 8192);
    assert_eq!(tx.select(0), 0);
    assert_eq!(tx.send(0, &frame(0)), 0);
    for turn in 0..200_usize {
        let (now, next) = (turn as u32 % 2, (turn as u32 + 1) % 2);
        assert_eq!((tx.go(now), tx.stop(next), tx.select(next)), (0, 0, 0));
        assert_eq!(tx.send(turn + 1, &frame(turn + 1)), 0);
        assert!(happened(tx).1.contains(&now));
        let events = rx.drain();
        assert_eq!((events.len(), rx.frame(&events[0])), (1, frame(turn)));
        let id = EF_EVENT_RX_RQ_ID(&events[0]) as usize;
        assert_eq!(rx.receive_post(rx.buffer(id), id as i32), 0);
    }
    assert_eq!(near.counters().tx_alt_hasty, 0);
}

/// The state may change when the events of all packets are in: else it is counted.
#[test]
fn a_hasty_change_of_state_is_counted() {
    let Ends { tx, near, .. } = &stopped(1, 4096);
    assert_eq!(tx.select(0), 0);
    assert_eq!(tx.send(0, &frame(0)), 0);
    assert_eq!(tx.discard(0), 0, "packets that wait are no hindrance");
    assert_eq!(near.counters().tx_alt_hasty, 0);
    assert_eq!(tx.stop(0), 0);
    assert_eq!(near.counters().tx_alt_hasty, 1);
    assert_eq!(happened(tx).1, [0]);
    assert_eq!((tx.go(0), tx.stop(0)), (0, 0));
    assert_eq!(near.counters().tx_alt_hasty, 1);
}

#[test]
fn arguments_that_make_no_sense_are_refused() {
    let ends = ready(EF_VI_TX_ALT);
    let tx = &ends.tx;
    for (count, space) in [(0, 1024), (-1, 1024), (1, 0)] {
        assert_eq!(tx.alternatives(count, space), -libc::EINVAL, "{count}, {space}");
    }
    assert_eq!((tx.alternative_count(), tx.free_alternatives()), (0, -libc::EINVAL));
    assert_eq!(
        (tx.select(0), tx.stop(0), tx.go(0), tx.discard(0)),
        (-libc::EINVAL, -libc::EINVAL, -libc::EINVAL, -libc::EINVAL)
    );
    assert_eq!(tx.alternatives(3, 1024), 0);
    assert_eq!((tx.alternative_count(), tx.alternatives(3, 1024)), (3, -libc::EALREADY));
    assert_eq!(
        (tx.select(3), tx.stop(3), tx.go(3), tx.discard(u32::MAX)),
        (-libc::EINVAL, -libc::EINVAL, -libc::EINVAL, -libc::EINVAL)
    );
    assert_eq!(tx.free_alternatives(), 0);
    assert_eq!((tx.alternative_count(), tx.free_alternatives()), (0, -libc::EINVAL));
}

/// What the VI's flag is needed for.
#[test]
fn without_the_flag_there_are_none() {
    let ends = ready(EF_VI_FLAGS_DEFAULT);
    let tx = &ends.tx;
    assert_eq!(tx.alternatives(1, 1024), -libc::EINVAL);
    assert_eq!(tx.free_alternatives(), -libc::EINVAL);
    assert_eq!(tx.alternative_overhead().err(), Some(-libc::EINVAL));
    assert_eq!(tx.alternative_buffering(ends.near.ifindex(), 1), -libc::EINVAL);
    for rc in [tx.select(0), tx.select_normal(), tx.stop(0), tx.go(0), tx.discard(0)] {
        assert_eq!(rc, -libc::EOPNOTSUPP);
    }
    assert_eq!(tx.transmit_ring().1, 0);
}

/// Both use the same events of the adapter; and these belong to the VI that has the event queue.
#[test]
fn alternatives_exclude_timestamps_and_a_shared_event_queue() {
    let domain = Domain::on(&Fabric::new().looped().unwrap());
    let vi = |flags, share| domain.vi(Queues { flags, share, ..Queues::default() });
    assert_eq!(vi(EF_VI_TX_ALT | EF_VI_TX_TIMESTAMPS, None).err(), Some(-libc::EOPNOTSUPP));
    let owner = vi(EF_VI_TX_ALT | EF_VI_RX_TIMESTAMPS, None).unwrap();
    let shared = Queues { events: 0, flags: EF_VI_TX_ALT, share: Some(owner.clone()), ..Queues::default() };
    assert_eq!(domain.vi(shared).err(), Some(-libc::EOPNOTSUPP));
    // A VI without them may share the queue of one with them.
    let guest = domain.vi(Queues { events: 0, share: Some(owner.clone()), ..Queues::default() }).unwrap();
    assert_eq!(guest.send(0, &frame(0)), 0);
    let events = owner.drain();
    assert_eq!((events.len(), EF_EVENT_TX_Q_ID(&events[0])), (1, 1));
    assert_eq!(guest.unbundle(&events[0]), [0]);
}

/// A port's FIFOs and buffers are shared by its VIs; `-EBUSY` when they don't suffice.
#[test]
fn a_ports_fifos_and_buffers_run_out() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    let of = |capability| domain.capability(capability).unwrap() as i32;
    assert_eq!(of(EF_VI_CAP_TX_ALTERNATIVES), 1);
    let fifos = of(EF_VI_CAP_TX_ALTERNATIVES_VFIFOS);
    let (buffers, size) = (of(EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFERS), of(EF_VI_CAP_TX_ALTERNATIVES_CP_BUFFER_SIZE));
    let vi = || domain.vi(Queues { flags: EF_VI_TX_ALT, ..Queues::default() }).unwrap();
    let (a, b) = (vi(), vi());
    // Two buffers go with each alternative, over and above.
    for count in [0, 1, 5, fifos] {
        assert_eq!(a.alternative_buffering(port.ifindex(), count), size * (buffers - 2 * count));
    }
    assert_eq!(a.alternative_buffering(port.ifindex(), 1000), 0);
    assert_eq!(a.alternative_buffering(port.ifindex(), -1), -libc::EINVAL);
    assert_eq!(a.alternatives(fifos + 1, 1), -libc::EBUSY);
    let most = a.alternative_buffering(port.ifindex(), 2) as usize;
    assert_eq!(a.alternatives(2, most + 1), -libc::EBUSY);
    assert_eq!(a.alternatives(2, usize::MAX), -libc::EBUSY);
    assert_eq!(a.alternatives(2, most), 0);
    assert_eq!(b.alternatives(1, 1), -libc::EBUSY, "no buffers");
    assert_eq!(a.free_alternatives(), 0);
    assert_eq!(a.alternatives(fifos - 1, 1), 0);
    assert_eq!(b.alternatives(2, 1), -libc::EBUSY, "one FIFO");
    assert_eq!(b.alternatives(1, 1), 0);
    // Freeing the VI gives them back.
    drop(a);
    let c = vi();
    assert_eq!(c.alternatives(fifos - 1, 1), 0);
    // Whatever FIFO it has, a VI counts its alternatives from 0.
    assert_eq!((b.stop(0), b.select(0), b.send(0, &frame(0)), b.go(0)), (0, 0, 0, 0));
    assert_eq!(happened(&b), (vec![0], vec![0]));
}

/// What waits when the alternatives are freed is dropped; a packet that is sent to what was selected is an error.
#[test]
fn alternatives_that_are_freed_are_gone() {
    let Ends { tx, rx, .. } = &stopped(1, 1024);
    assert_eq!((tx.select(0), tx.send(0, &frame(0))), (0, 0));
    assert_eq!(tx.free_alternatives(), 0);
    assert_eq!(happened(tx), (vec![0], vec![]));
    assert_eq!((tx.select_normal(), tx.send(1, &frame(1))), (0, 0));
    assert_eq!(rx.frames(), [frame(1)]);
    assert_eq!(happened(tx), (vec![1], vec![]));
    assert_eq!(tx.alternatives(1, 1024), 0);
    assert_eq!((tx.select(0), tx.free_alternatives(), tx.send(2, &frame(2))), (0, 0, 0));
    let events = tx.drain();
    assert_eq!(events.len(), 1);
    assert_eq!(EF_EVENT_TX_ERROR_TYPE(&events[0]), EF_EVENT_TX_ERROR_BUS);
}
