//! Virtual time: whatever the times of frames, events come in the order of the rings.

use crate::common::efct::{MODELS, domain};
use crate::common::{Domain, Ends, Packet, Pio, Queues, Spec, Stream, Vi};
use efvi_sys::*;
use mock_nic::{Costs, Fabric, FabricPort, Fcs, VirtualTime};
use std::thread;
use std::time::Duration;

/// Bytes of a frame, without FCS.
const SHORT: usize = 60;
const LONG: usize = 1514;

fn ends(flags: ef_vi_flags) -> Ends {
    let (near, far) = Fabric::new().with_virtual_time(Costs::default()).cable().unwrap();
    let tx = Domain::on(&near).vi(Queues { flags, ..Queues::default() }).unwrap();
    let rx = Domain::on(&far).vi(Queues { flags, ..Queues::default() }).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    rx.fill(0..64);
    Ends { near, far, tx, rx }
}

/// Polls until so many events are there.
fn events(vi: &Vi, count: usize) -> Vec<ef_event> {
    let mut events = Vec::new();
    for _ in 0..1_000_000 {
        if events.len() >= count {
            return events;
        }
        events.extend(vi.poll(4));
    }
    panic!("{} events of {count}", events.len());
}

/// Puts a frame on the wire towards a port, by a thread whose time begins now.
fn inject_at_start(port: &FabricPort, frame: &[u8], fcs: Fcs) {
    thread::scope(|scope| scope.spawn(|| port.inject(frame, fcs).unwrap()).join().unwrap());
}

/// A long frame takes longer to memory than the short one behind it.
fn mixed() -> [Vec<u8>; 4] {
    [LONG, SHORT, LONG, SHORT].map(|length| Packet::UDP.sized(length, length))
}

#[test]
fn frames_of_mixed_lengths_are_received_in_order() {
    let Ends { tx, rx, .. } = ends(0);
    for (id, frame) in mixed().iter().enumerate() {
        assert_eq!(tx.send(id, frame), 0);
    }
    for (id, event) in events(&rx, 4).iter().enumerate() {
        assert_eq!(EF_EVENT_RX_RQ_ID(event) as usize, id);
        assert_eq!(rx.frame(event), mixed()[id]);
    }
}

/// Each sender's thread has its own time: the order is that in which frames are taken off the wire.
#[test]
fn frames_of_two_senders_are_received_in_the_order_in_which_they_came() {
    let Ends { far, tx, rx, .. } = ends(0);
    VirtualTime::advance(Duration::from_micros(100));
    let (first, second) = (Packet::UDP.sized(LONG, 1), Packet::UDP.sized(SHORT, 2));
    assert_eq!(tx.send(0, &first), 0);
    assert!(rx.poll(1).is_empty(), "it is under way");
    inject_at_start(&far, &second, Fcs::Good);
    let frames: Vec<_> = events(&rx, 2).iter().map(|event| rx.frame(event)).collect();
    assert!(frames == [first, second]);
}

/// One with a bad check sequence has an event of its own.
#[test]
fn merged_events_come_in_order() {
    let Ends { far, rx, .. } = ends(EF_VI_RX_EVENT_MERGE);
    for (at, frame) in mixed().iter().enumerate() {
        far.inject(frame, if at % 2 == 0 { Fcs::Bad } else { Fcs::Good }).unwrap();
    }
    for (id, event) in events(&rx, 4).iter().enumerate() {
        let expected = if id % 2 == 0 { EF_EVENT_TYPE_RX_MULTI_DISCARD } else { EF_EVENT_TYPE_RX_MULTI };
        assert_eq!(EF_EVENT_TYPE(event), expected, "{id}");
        assert_eq!(rx.unbundle_receive(event), [id]);
        assert_eq!(usize::from(rx.prefix_bytes(id)), mixed()[id].len());
    }
}

#[test]
fn a_packed_streams_events_come_in_order() {
    let port = Fabric::new().with_virtual_time(Costs::default()).looped().unwrap();
    let mut stream = Stream::new(&Domain::with(&port, EF_PD_RX_PACKED_STREAM).unwrap(), EF_VI_RX_PS_BUF_SIZE_64K, 8);
    stream.vi.filter(&Spec::udp()).unwrap();
    (0..8).for_each(|buffer| stream.post(buffer));
    for (at, frame) in mixed().iter().enumerate() {
        port.inject(frame, if at % 2 == 0 { Fcs::Bad } else { Fcs::Good }).unwrap();
    }
    let mut packets = Vec::new();
    for event in events(&stream.vi.clone(), 4) {
        packets.extend(stream.unbundle(&event).1);
    }
    for (at, packet) in packets.iter().enumerate() {
        assert_eq!(packet.frame, mixed()[at]);
        let expected = if at % 2 == 0 { EF_VI_PS_FLAG_BAD_FCS } else { 0 };
        assert_eq!(u32::from(packet.flags), expected, "{at}");
    }
}

/// A time event that a send has raised is under way while a frame is received that came before it, and needs one, too.
#[test]
fn a_frame_has_its_time_whatever_is_under_way() {
    let Ends { tx, rx, .. } = ends(EF_VI_RX_TIMESTAMPS | EF_VI_TX_TIMESTAMPS);
    VirtualTime::advance(Duration::from_secs(5));
    let began = 1_000_000_005;
    assert_eq!(tx.send(0, &Packet::UDP.sized(SHORT, 0)), 0);
    assert_eq!(rx.send(0, &Packet::UDP.sized(LONG, 0)), 0);
    let all = events(&rx, 2);
    assert_eq!([EF_EVENT_TYPE(&all[0]), EF_EVENT_TYPE(&all[1])], [EF_EVENT_TYPE_RX, EF_EVENT_TYPE_TX_WITH_TIMESTAMP]);
    assert_eq!(rx.timestamp(EF_EVENT_RX_RQ_ID(&all[0]) as usize).unwrap().seconds, began);
    assert_eq!(u64::from(EF_EVENT_TX_WITH_TIMESTAMP_SEC(&all[1])), began);
}

/// One that goes into a stopped alternative is done with before those that wait for the wire.
#[test]
fn a_buffered_frame_does_not_complete_before_those_sent_before_it() {
    let tx = ends(EF_VI_TX_ALT).tx;
    assert_eq!((tx.alternatives(1, 4096), tx.stop(0)), (0, 0));
    for id in 0..6 {
        assert_eq!(tx.send(id, &Packet::UDP.sized(LONG, id)), 0);
    }
    assert_eq!(tx.select(0), 0);
    assert_eq!(tx.send(6, &Packet::UDP.sized(SHORT, 6)), 0);
    let sent: Vec<_> = events(&tx, 7).iter().flat_map(|event| tx.unbundle(event)).collect();
    assert_eq!(sent, [0, 1, 2, 3, 4, 5, 6]);
}

/// Numbers below `end`, the same in each run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }
}

/// What was sent, until it has completed in that order.
struct Sent<'a> {
    vi: &'a Vi,
    next: usize,
    completed: usize,
}

impl Sent<'_> {
    /// Notes a send, which has the next id.
    fn note(&mut self, rc: i32) {
        assert_eq!(rc, 0);
        self.next += 1;
    }

    fn poll(&mut self) {
        for event in self.vi.poll(3) {
            let ids = match EF_EVENT_TYPE(&event) {
                EF_EVENT_TYPE_TX => self.vi.unbundle(&event),
                EF_EVENT_TYPE_TX_WITH_TIMESTAMP => vec![EF_EVENT_TX_WITH_TIMESTAMP_RQ_ID(&event) as i32],
                EF_EVENT_TYPE_TX_ALT => continue,
                _ => panic!("{event:?}"),
            };
            assert!(!ids.is_empty(), "{event:?}");
            for id in ids {
                assert_eq!(id as usize, self.completed);
                self.completed += 1;
            }
        }
        let (capacity, filled, space) = self.vi.transmit_ring();
        assert!(filled >= 0 && filled <= capacity && space == capacity - filled, "{filled} of {capacity}");
    }

    /// Polls until there is room for a few more sends, or all have completed.
    fn wait(&mut self, all: bool) {
        let most = if all { 0 } else { 100 };
        for _ in 0..1_000_000 {
            if self.next - self.completed <= most {
                return;
            }
            self.poll();
        }
        panic!("{} of {} completed", self.completed, self.next);
    }
}

/// Sends of each kind, many at a time.
const SENDS: usize = if cfg!(miri) { 60 } else { 3000 };

#[test]
fn sends_of_all_kinds_complete_in_order() {
    for (seed, flags) in (1..).zip([EF_VI_TX_ALT, EF_VI_TX_TIMESTAMPS, EF_VI_TX_CTPIO_NO_POISON]) {
        let tx = ends(flags | EF_VI_TX_CTPIO).tx;
        let alternatives = flags & EF_VI_TX_ALT != 0;
        assert!(!alternatives || tx.alternatives(2, 16 << 10) == 0);
        let pio = Pio::alloc(&tx.domain, 2048).unwrap();
        assert_eq!(pio.link(&tx), 0);
        let mut chance = Chance(seed);
        let mut sent = Sent { vi: &tx, next: 0, completed: 0 };
        while sent.next < SENDS {
            let id = sent.next;
            let frame = Packet::UDP.sized(SHORT + chance.below(LONG - SHORT + 1), id);
            match chance.below(if alternatives { 12 } else { 7 }) {
                0 | 1 => sent.note(tx.send(id, &frame)),
                2 => {
                    for _ in 0..=chance.below(5) {
                        let address = tx.load(sent.next, &frame);
                        sent.note(tx.transmit_init(address, frame.len(), sent.next));
                    }
                    tx.transmit_push();
                }
                3 => sent.note(tx.transmit_copy_pio(0, &frame, id)),
                4 => {
                    assert_eq!(tx.pio_memcpy(0, &frame), 0);
                    sent.note(tx.transmit_pio(0, frame.len() as i32, id));
                }
                5 => sent.note(tx.send_ctpio(id, &frame, 64)),
                6 => sent.note(tx.send_ctpio(id, &frame, EF_VI_CTPIO_CT_THRESHOLD_SNF)),
                7 => assert_eq!(tx.select(chance.below(2) as u32), 0),
                8 => assert_eq!(tx.select_normal(), 0),
                9 => assert_eq!(tx.stop(chance.below(2) as u32), 0),
                10 => assert_eq!(tx.go(chance.below(2) as u32), 0),
                _ => assert_eq!(tx.discard(chance.below(2) as u32), 0),
            }
            for _ in 0..chance.below(4) {
                sent.poll();
            }
            if chance.below(20) == 0 {
                VirtualTime::advance(Duration::from_micros(chance.below(20) as u64));
            }
            sent.wait(false);
        }
        sent.wait(true);
    }
}

/// The same of those that have no descriptors, where some sends only warm.
#[test]
fn written_frames_complete_in_order() {
    for &model in MODELS {
        let port = Fabric::of(model).with_virtual_time(Costs::default()).looped().unwrap();
        let tx = domain(&port, model).vi(Queues::default()).unwrap();
        let mut chance = Chance(7);
        let mut sent = Sent { vi: &tx, next: 0, completed: 0 };
        while sent.next < SENDS {
            let id = sent.next;
            let frame = Packet::UDP.sized(SHORT + chance.below(LONG - SHORT + 1), id);
            match chance.below(4) {
                // Its FIFO may be full: it is sent all the same in the end.
                0 => match tx.send(id, &frame) {
                    0 => sent.next += 1,
                    rc => assert_eq!(rc, -libc::EAGAIN),
                },
                1 | 2 => match tx.send_ctpio(id, &frame, if chance.below(2) == 0 { 64 } else { 0xffff }) {
                    0 => sent.next += 1,
                    rc => assert_eq!(rc, -libc::EAGAIN),
                },
                // Warming fills no more than its turn: what it writes completes without an id.
                _ => tx.warm_express(|| assert!([0, -libc::EAGAIN].contains(&tx.send(id, &frame)))),
            }
            for _ in 0..chance.below(4) {
                sent_or_warmed(&mut sent);
            }
        }
        for _ in 0..100_000 {
            if sent.completed == sent.next {
                break;
            }
            sent_or_warmed(&mut sent);
        }
        assert_eq!(sent.completed, sent.next);
    }
}

/// A poll, of which an event may be of frames that only warmed.
fn sent_or_warmed(sent: &mut Sent<'_>) {
    for event in sent.vi.poll(3) {
        assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_TX, "{event:?}");
        for id in sent.vi.unbundle(&event) {
            assert_eq!(id as usize, sent.completed);
            sent.completed += 1;
        }
    }
    let (capacity, filled, _) = sent.vi.transmit_ring();
    assert!(filled >= 0 && filled <= capacity, "{filled} of {capacity}");
}
