//! Receiving: posting buffers, what is written into them, frames over several of them, and frames without one.

use crate::common::{Ends, Packet, Queues, Spec, cable, ready};
use efvi_sys::*;
use mock_nic::{Errno, Fcs};

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(100, number)
}

fn stamped() -> Queues {
    Queues { flags: EF_VI_RX_TIMESTAMPS, ..Queues::default() }
}

/// Whether the event starts a frame, whether the frame goes on, and its bytes so far.
fn part(event: &ef_event) -> (bool, bool, u32) {
    assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX);
    (EF_EVENT_RX_SOP(event) != 0, EF_EVENT_RX_CONT(event) != 0, EF_EVENT_RX_BYTES(event))
}

/// The adapter is given descriptors in eights: up to 7 stay back until there are eight.
#[test]
fn buffers_are_posted_in_eights() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    rx.fill(0..7);
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert!(rx.drain().is_empty());
    assert_eq!(rx.statistic("rx_no_descriptor"), 1);
    assert_eq!(rx.receive_ring().1, 7);

    rx.fill(7..15);
    for number in 1..10 {
        far.inject(&frame(number), Fcs::Good).unwrap();
    }
    assert_eq!(rx.frames(), (1..9).map(frame).collect::<Vec<_>>());
    assert_eq!(rx.statistic("rx_no_descriptor"), 2);
    assert_eq!(rx.receive_ring().1, 7);
}

/// `ef_vi_receive_post` is both calls; `init` alone gives the adapter nothing.
#[test]
fn buffers_are_the_adapters_when_they_are_pushed() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    for id in 0..8 {
        assert_eq!(rx.receive_init(rx.buffer(id), id as i32), 0);
    }
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert!(rx.drain().is_empty());
    rx.receive_push();
    far.inject(&frame(1), Fcs::Good).unwrap();
    assert_eq!(rx.frames(), [frame(1)]);
    for id in 8..16 {
        assert_eq!(rx.receive_post(rx.buffer(id), id as i32), 0);
    }
    for number in 2..17 {
        far.inject(&frame(number), Fcs::Good).unwrap();
    }
    assert_eq!(rx.frames(), (2..17).map(frame).collect::<Vec<_>>());
}

#[test]
fn a_full_receive_ring_takes_nothing() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    rx.fill(0..511);
    assert_eq!(rx.receive_init(rx.buffer(511), 511), -libc::EAGAIN);
    assert_eq!(rx.receive_post(rx.buffer(511), 511), -libc::EAGAIN);
    assert_eq!(rx.receive_ring(), (511, 511, 0));
    // 504 are the adapter's.
    for number in 0..252 {
        far.inject(&frame(number), Fcs::Good).unwrap();
    }
    assert_eq!(rx.frames(), (0..252).map(frame).collect::<Vec<_>>());
    for number in 252..505 {
        far.inject(&frame(number), Fcs::Good).unwrap();
    }
    let events = rx.drain();
    let ids: Vec<_> = events.iter().map(EF_EVENT_RX_RQ_ID).collect();
    assert_eq!(ids, (252..504).collect::<Vec<_>>());
    assert_eq!((rx.statistic("rx_no_descriptor"), rx.receive_ring()), (1, (511, 7, 504)));
}

/// With no buffer the frame is lost, and counted; with one again the next is received.
#[test]
fn frames_without_a_buffer_are_lost_and_counted() {
    let Ends { rx, tx, far, .. } = &cable(Queues::default(), Queues::default());
    for number in 0..5 {
        assert_eq!(tx.send(number, &frame(number)), 0);
    }
    assert!(rx.drain().is_empty());
    assert_eq!(rx.statistic("rx_no_descriptor"), 5);
    assert_eq!((rx.statistic("rx_frames"), rx.statistic("rx_bytes")), (0, 0));
    rx.fill(0..8);
    assert_eq!(tx.send(5, &frame(5)), 0);
    assert_eq!(rx.frames(), [frame(5)]);
    assert_eq!((rx.statistic("rx_frames"), rx.statistic("rx_bytes")), (1, 100));
    assert_eq!(far.counters().rx_no_descriptor, 5);
}

/// What is not taken off the wire is lost when it is full, and counted apart.
#[test]
fn frames_of_a_vi_that_does_not_poll_are_overruns() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    rx.fill(0..504);
    for number in 0..400 {
        far.inject(&frame(number), Fcs::Good).unwrap();
    }
    let received = rx.frames();
    assert_eq!(received, (0..received.len()).map(frame).collect::<Vec<_>>(), "the first ones, in order");
    assert!((256..400).contains(&received.len()), "{}", received.len());
    assert_eq!(far.counters().rx_overruns, 400 - received.len() as u64);
    assert_eq!(rx.statistic("rx_overruns"), 400 - received.len() as u64);
}

#[test]
fn buffers_are_used_in_the_order_of_posting() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    let order = [5, 3, 100, 7, 0, 511, 1, 2];
    for id in order {
        assert_eq!(rx.receive_init(rx.buffer(id), id as i32), 0);
    }
    rx.receive_push();
    for (number, id) in order.into_iter().enumerate() {
        far.inject(&frame(number), Fcs::Good).unwrap();
        let events = rx.drain();
        assert_eq!(EF_EVENT_RX_RQ_ID(&events[0]), id as u32);
        assert_eq!((rx.frame(&events[0]), events.len()), (frame(number), 1));
    }
}

/// A frame is written where the prefix ends, and nothing behind it.
#[test]
fn a_frame_is_written_behind_its_prefix() {
    for (queues, prefix) in [(Queues::default(), 0), (stamped(), 14)] {
        let Ends { rx, far, .. } = &cable(Queues::default(), queues);
        for (id, length) in [60, 61, 1000, 1514].into_iter().enumerate() {
            rx.fill(id * 8..id * 8 + 8);
            let sent = Packet::UDP.sized(length, id);
            rx.memory.write(id * 8 * 2048, &[0xee; 2048]);
            // Eight, so that the next ones begin an eight of their own.
            for _ in 0..8 {
                far.inject(&sent, Fcs::Good).unwrap();
            }
            let events = rx.drain();
            assert_eq!(part(&events[0]), (true, false, (prefix + length) as u32));
            assert_eq!(events[0].rx().ofs, 0);
            assert_eq!(rx.memory.read(id * 8 * 2048 + prefix, length), sent);
            let behind = 2048 - prefix - length;
            assert_eq!(rx.memory.read(id * 8 * 2048 + prefix + length, behind), vec![0xee; behind]);
            if prefix > 0 {
                assert_eq!(rx.prefix_bytes(id * 8), length as u16);
            }
        }
    }
}

/// The multicast flag is the destination's group bit.
#[test]
fn frames_to_groups_are_flagged() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    rx.filter(&Spec::all_multicast()).unwrap();
    rx.fill(0..8);
    let broadcast = Packet { mac: [0xff; 6], to: ([255; 4], 9), ..Packet::UDP };
    for (packet, group) in [(Packet::UDP, false), (Packet::MULTICAST, true), (broadcast, true)] {
        far.inject(&packet.sized(60, 0), Fcs::Good).unwrap();
        let events = rx.drain();
        assert_eq!((events.len(), events[0].rx().flags & EF_EVENT_FLAG_MULTICAST != 0), (1, group));
    }
}

/// SOP on the first buffer, CONT on all but the last, the length adds up; each buffer is filled before the next.
#[test]
fn a_long_frame_spans_buffers() {
    for (queues, prefix) in [(Queues::default(), 0), (stamped(), 14)] {
        let Ends { rx, far, .. } = &cable(Queues::default(), queues);
        rx.set_buffer_len(256);
        rx.fill(0..64);
        let mut buffer = 0;
        for (number, length) in [1514, 60, 256 - prefix, 257 - prefix, 1000].into_iter().enumerate() {
            let sent = Packet::UDP.sized(length, number);
            far.inject(&sent, Fcs::Good).unwrap();
            let total = prefix + length;
            let parts = total.div_ceil(256);
            let events = rx.drain();
            assert_eq!(events.len(), parts, "{length} bytes");
            let mut bytes = Vec::new();
            for (i, event) in events.iter().enumerate() {
                let so_far = total.min((i + 1) * 256);
                assert_eq!(part(event), (i == 0, i + 1 < parts, so_far as u32));
                assert_eq!(EF_EVENT_RX_RQ_ID(event), buffer);
                bytes.extend(rx.memory.read(buffer as usize * 2048, so_far - i * 256));
                buffer += 1;
            }
            assert_eq!(bytes[prefix..], sent);
        }
        assert_eq!(rx.statistic("rx_frames"), 5);
    }
}

/// A change of the buffers' length holds for those that are posted after it.
#[test]
fn a_buffers_length_is_that_of_its_posting() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    rx.set_buffer_len(256);
    rx.fill(0..8);
    rx.set_buffer_len(2048);
    rx.fill(8..16);
    let sent = Packet::UDP.sized(1000, 0);
    for expected in [4, 4, 1, 1] {
        far.inject(&sent, Fcs::Good).unwrap();
        assert_eq!(rx.drain().len(), expected);
    }
}

/// Buffers that run out within a frame: those filled are given back, then comes the event that says so.
#[test]
fn a_frame_without_enough_buffers_is_truncated() {
    let Ends { rx, far, .. } = &cable(Queues::default(), Queues::default());
    rx.set_buffer_len(128);
    rx.fill(0..8);
    far.inject(&Packet::UDP.sized(1500, 0), Fcs::Good).unwrap();
    let events = rx.drain();
    assert_eq!(events.len(), 9);
    for (i, event) in events[..8].iter().enumerate() {
        assert_eq!(part(event), (i == 0, true, (i as u32 + 1) * 128));
        assert_eq!(EF_EVENT_RX_RQ_ID(event), i as u32);
    }
    assert_eq!(EF_EVENT_TYPE(&events[8]), EF_EVENT_TYPE_RX_NO_DESC_TRUNC);
    assert_eq!(EF_EVENT_RX_NO_DESC_TRUNC_Q_ID(&events[8]), 0);
    assert_eq!((rx.receive_ring().1, rx.statistic("rx_no_descriptor")), (0, 1));
    // The next frame starts afresh.
    rx.fill(8..16);
    far.inject(&Packet::UDP.sized(200, 1), Fcs::Good).unwrap();
    let parts: Vec<_> = rx.drain().iter().map(part).collect();
    assert_eq!(parts, [(true, true, 128), (false, false, 200)]);
}

/// What is put on the wire for nobody, or is too long for it, is refused.
#[test]
fn injecting_says_whether_anybody_takes_the_frame() {
    let Ends { rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(far.inject(&Packet::TCP.sized(60, 0), Fcs::Good), Err(Errno(libc::ENOENT)));
    assert_eq!(far.inject(&Packet::UDP.sized(1519, 0), Fcs::Good), Err(Errno(libc::EMSGSIZE)));
    assert_eq!(far.inject(&[], Fcs::Good), Err(Errno(libc::ENOENT)));
    assert_eq!(far.inject(&[0; 13], Fcs::Good), Err(Errno(libc::ENOENT)));
    assert!(rx.drain().is_empty());
    assert_eq!(far.inject(&Packet::UDP.sized(1518, 0), Fcs::Good), Ok(()));
    assert_eq!(rx.frames().len(), 1);
}

/// Frames that no filter takes are the sender's to count, on its VI and on its port.
#[test]
fn unclaimed_frames_are_counted() {
    let Ends { tx, near, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    for id in 0..3 {
        assert_eq!(tx.send(id, &Packet::TCP.sized(60, 0)), 0);
    }
    assert_eq!(near.counters().tx_unclaimed, 3);
    assert_eq!(tx.statistic("tx_unclaimed"), 3);
}

/// A port goes on counting what VIs counted that are gone.
#[test]
fn a_ports_counters_outlive_its_vis() {
    let ends = cable(Queues::default(), Queues::default());
    ends.rx.fill(0..8);
    for number in 0..300 {
        assert_eq!(ends.tx.send(number, &Packet::UDP.sized(60, 0)), 0);
    }
    assert_eq!(ends.tx.send(0, &Packet::TCP.sized(60, 0)), 0);
    ends.rx.drain();
    let before = (ends.near.counters(), ends.far.counters());
    assert_eq!((before.0.tx_frames, before.0.tx_unclaimed), (301, 1));
    assert_eq!((before.1.rx_frames, before.1.rx_no_descriptor, before.1.rx_overruns), (8, 248, 44));
    assert_eq!((ends.tx.free(), ends.rx.free()), (0, 0));
    assert_eq!((ends.near.counters(), ends.far.counters()), before);
}

/// Statistics lie apart, have names of their own, and begin at 0 again when they are reset.
#[test]
fn statistics_are_reset_on_demand() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    for number in 0..300 {
        far.inject(&frame(number), Fcs::Good).unwrap();
        assert_eq!(tx.send(number, &Packet::TCP.sized(60, 0)), 0);
    }
    rx.drain();
    for vi in [tx, rx] {
        let all = vi.statistics(true);
        let mut names: Vec<_> = all.iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all.len());
        assert!(all.iter().any(|(_, value)| *value >= 44));
        assert!(vi.statistics(false).iter().all(|(_, value)| *value == 0), "{:?}", vi.statistics(false));
    }
    far.inject(&frame(0), Fcs::Good).unwrap();
    rx.drain();
    let counted: Vec<_> = rx.statistics(false).into_iter().filter(|(_, value)| *value > 0).collect();
    // Under the adapter's name and the mock's own.
    assert_eq!(counted, ["RX no descriptor errors", "rx_no_descriptor"].map(|name| (name.to_owned(), 1)));
}

/// Each VI belongs to a thread; the wire between them belongs to both.
#[test]
fn a_sender_and_a_receiver_may_be_on_two_threads() {
    let (a, b) = mock_nic::Fabric::new().cable().unwrap();
    const COUNT: usize = 3000;
    let answer = Packet { to: ([192, 0, 2, 1], 7), ..Packet::UDP };
    let far = b.clone();
    let (started, wait) = std::sync::mpsc::channel();
    let echo = std::thread::spawn(move || {
        let vi = crate::common::Domain::on(&far).vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        vi.fill(0..504);
        started.send(()).unwrap();
        let mut next = 0;
        while next < COUNT {
            for event in vi.poll(16) {
                if EF_EVENT_TYPE(&event) == EF_EVENT_TYPE_TX {
                    vi.unbundle(&event);
                    continue;
                }
                assert_eq!(vi.frame(&event), Packet::UDP.sized(60 + next % 1000, next));
                let id = EF_EVENT_RX_RQ_ID(&event);
                assert_eq!(vi.receive_post(vi.buffer(id as usize), id as i32), 0);
                assert_eq!(vi.send(next, &answer.sized(60 + next % 777, next)), 0);
                next += 1;
            }
        }
    });
    wait.recv().unwrap();
    let vi = crate::common::Domain::on(&a).vi(Queues::default()).unwrap();
    vi.filter(&Spec::local(&answer)).unwrap();
    vi.fill(0..504);
    let (mut sent, mut next) = (0, 0);
    while next < COUNT {
        // Fewer on the way than the wire holds.
        if sent < COUNT && sent - next < 100 {
            assert_eq!(vi.send(sent, &Packet::UDP.sized(60 + sent % 1000, sent)), 0);
            sent += 1;
        }
        for event in vi.poll(16) {
            if EF_EVENT_TYPE(&event) == EF_EVENT_TYPE_TX {
                vi.unbundle(&event);
                continue;
            }
            assert_eq!(vi.frame(&event), answer.sized(60 + next % 777, next));
            let id = EF_EVENT_RX_RQ_ID(&event);
            assert_eq!(vi.receive_post(vi.buffer(id as usize), id as i32), 0);
            next += 1;
        }
        assert!(!echo.is_finished() || next + 300 > COUNT, "the other side gave up");
    }
    echo.join().unwrap();
}
