//! Event merging: one event for several receive buffers, and the length in front of each frame.

use crate::common::{Ends, Packet, Queues, Spec, cable};
use efvi_sys::*;
use mock_nic::Fcs;

const BATCH: usize = EF_VI_RECEIVE_BATCH as usize;

fn merging(flags: ef_vi_flags) -> Ends {
    let ends = cable(Queues::default(), Queues { flags: flags | EF_VI_RX_EVENT_MERGE, ..Queues::default() });
    ends.rx.filter(&Spec::local(&Packet::MULTICAST)).unwrap();
    ends
}

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(60 + number, number)
}

/// Whether the event starts a frame, whether the frame goes on, and how many buffers it completes.
fn part(event: &ef_event) -> (bool, bool, u32) {
    let kind = EF_EVENT_TYPE(event);
    assert!([EF_EVENT_TYPE_RX_MULTI, EF_EVENT_TYPE_RX_MULTI_DISCARD].contains(&kind), "{event:?}");
    (EF_EVENT_RX_MULTI_SOP(event) != 0, EF_EVENT_RX_MULTI_CONT(event) != 0, event.rx_multi().n_descs)
}

impl Ends {
    /// Lets some frames arrive and polls until an idle poll has been; so the next are found together.
    fn arrive(&self, frames: &[(Vec<u8>, Fcs)]) {
        for (frame, fcs) in frames {
            self.far.inject(frame, *fcs).unwrap();
        }
    }

    /// The frame in a buffer, by the length in its prefix.
    fn received(&self, id: usize) -> Vec<u8> {
        let length = self.rx.prefix_bytes(id).into();
        self.rx.memory.read(id * 2048 + 14, length)
    }
}

/// The adapter merges what it has at once: a frame that comes alone has its own event, of the merged kind all the same.
#[test]
fn a_lone_frame_has_an_event_of_its_own() {
    let ends = merging(0);
    ends.rx.fill(0..64);
    for number in 0..20 {
        ends.arrive(&[(frame(number), Fcs::Good)]);
        let events = ends.rx.drain();
        assert_eq!(events.len(), 1);
        assert_eq!((EF_EVENT_TYPE(&events[0]), part(&events[0])), (EF_EVENT_TYPE_RX_MULTI, (true, false, 1)));
        assert_eq!(EF_EVENT_RX_MULTI_Q_ID(&events[0]), 0);
        assert_eq!(ends.rx.unbundle_receive(&events[0]), [number]);
        assert_eq!(ends.received(number), frame(number));
    }
}

/// Frames that stand in line share events, of up to 15 buffers; unbundling gives their ids in order, and frees the ring's
/// slots.
#[test]
fn frames_in_line_share_events() {
    let ends = merging(0);
    ends.rx.fill(0..504);
    let all: Vec<_> = (0..200).map(|number| (frame(number), Fcs::Good)).collect();
    ends.arrive(&all);
    let (mut ids, mut counts) = (Vec::new(), Vec::new());
    loop {
        let events = ends.rx.poll(64);
        if events.is_empty() {
            break;
        }
        for event in &events {
            let before = ends.rx.receive_ring().1;
            let (starts, goes_on, count) = part(event);
            assert!(starts && !goes_on);
            let bundle = ends.rx.unbundle_receive(event);
            assert_eq!(bundle.len(), count as usize);
            assert_eq!(ends.rx.receive_ring().1, before - count as i32, "slots are freed by unbundling");
            ids.extend(bundle);
            counts.push(count as usize);
        }
    }
    assert_eq!(ids, (0..200).collect::<Vec<_>>());
    assert!(counts.contains(&BATCH) && counts.iter().all(|count| *count <= BATCH), "{counts:?}");
    assert!(counts.len() < 30, "{counts:?}");
    for (id, (frame, _)) in all.iter().enumerate() {
        assert_eq!(ends.received(id), *frame);
    }
}

/// The multicast flag is an event's: frames of either class have events of their own.
#[test]
fn classes_are_not_mixed() {
    let ends = merging(0);
    ends.rx.fill(0..64);
    let frames: Vec<_> = [0, 0, 1, 1, 1, 0].map(|group| [Packet::UDP, Packet::MULTICAST][group].sized(100, 0)).into();
    ends.arrive(&frames.into_iter().map(|frame| (frame, Fcs::Good)).collect::<Vec<_>>());
    let mut classes = Vec::new();
    for event in ends.rx.drain() {
        let multicast = event.rx_multi().flags & EF_EVENT_FLAG_MULTICAST != 0;
        classes.extend(ends.rx.unbundle_receive(&event).iter().map(|_| u8::from(multicast)));
    }
    assert_eq!(classes, [0, 0, 1, 1, 1, 0]);
}

/// A bad frame has a discard of its own, in its place among the others, which gives its buffer back.
#[test]
fn bad_frames_have_discards_of_their_own() {
    let ends = merging(0);
    ends.rx.fill(0..64);
    let mut checksum = frame(3);
    checksum[40] ^= 1;
    let bad = |number: usize| match number % 5 {
        3 => (checksum.clone(), Fcs::Good),
        4 => (frame(number), Fcs::Bad),
        _ => (frame(number), Fcs::Good),
    };
    ends.arrive(&(0..20).map(bad).collect::<Vec<_>>());
    let mut next = 0;
    for event in ends.rx.drain() {
        let ids = ends.rx.unbundle_receive(&event);
        for &id in &ids {
            assert_eq!(id, next);
            let expected = match id % 5 {
                3 => Some(EF_EVENT_RX_DISCARD_CSUM_BAD),
                4 => Some(EF_EVENT_RX_DISCARD_CRC_BAD),
                _ => None,
            };
            let discard = EF_EVENT_TYPE(&event) == EF_EVENT_TYPE_RX_MULTI_DISCARD;
            assert_eq!(discard.then(|| EF_EVENT_RX_MULTI_DISCARD_TYPE(&event)), expected, "{id}");
            assert!(!discard || ids.len() == 1);
            next += 1;
        }
    }
    assert_eq!((next, ends.rx.statistic("rx_discards")), (20, 8));
}

/// Those that the application does not choose are no discards.
#[test]
fn the_application_chooses_the_discards() {
    let ends = merging(0);
    ends.rx.fill(0..16);
    assert_eq!(ends.rx.set_discards(0), 0);
    ends.arrive(&[(frame(0), Fcs::Bad)]);
    let events = ends.rx.drain();
    assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_RX_MULTI);
}

/// A frame over several buffers: one event for all, or, of more than 15, several, of which all but the last go on. Its
/// length is in the first buffer's prefix, which is the only one.
#[test]
fn long_frames_have_events_of_their_own() {
    let ends = merging(0);
    ends.rx.set_buffer_len(64);
    ends.rx.fill(0..64);
    let frames = [frame(0), Packet::UDP.sized(300, 7), frame(1), Packet::UDP.sized(1500, 9), frame(2)];
    ends.arrive(&frames.clone().map(|frame| (frame, Fcs::Good)));
    let (mut parts, mut ids) = (Vec::new(), Vec::new());
    for event in ends.rx.drain() {
        parts.push(part(&event));
        ids.extend(ends.rx.unbundle_receive(&event));
    }
    // 60, 61 and 62 bytes with their prefix take two buffers of 64 each; 314 take 5; 1514 take 24.
    let expected =
        [(true, false, 2), (true, false, 5), (true, false, 2), (true, true, 15), (false, false, 9), (true, false, 2)];
    assert_eq!(parts, expected);
    let mut at = 0;
    for frame in frames {
        let length: usize = ends.rx.prefix_bytes(ids[at]).into();
        assert_eq!(length, frame.len());
        let buffers = (14 + length).div_ceil(64);
        let bytes: Vec<u8> = ids[at..at + buffers].iter().flat_map(|id| ends.rx.memory.read(id * 2048, 64)).collect();
        assert_eq!(bytes[14..14 + length], frame);
        at += buffers;
    }
    assert_eq!(at, ids.len());
}

/// With too few buffers for the rest of a frame its beginning is given, and then the truncation.
#[test]
fn a_frame_that_runs_out_of_buffers_is_truncated() {
    let ends = merging(0);
    ends.rx.set_buffer_len(64);
    ends.rx.fill(0..8);
    ends.arrive(&[(Packet::UDP.sized(1000, 0), Fcs::Good)]);
    let events = ends.rx.drain();
    assert_eq!(part(&events[0]), (true, true, 8));
    assert_eq!(EF_EVENT_TYPE(&events[1]), EF_EVENT_TYPE_RX_NO_DESC_TRUNC);
    assert_eq!((events.len(), ends.rx.unbundle_receive(&events[0]).len()), (2, 8));
    ends.rx.set_buffer_len(1792);
    ends.rx.fill(8..16);
    ends.arrive(&[(frame(5), Fcs::Good)]);
    let events = ends.rx.drain();
    assert_eq!(part(&events[0]), (true, false, 1), "a new frame starts");
    assert_eq!(ends.rx.unbundle_receive(&events[0]), [8]);
}

/// There is a prefix of 14 bytes, with the length and, if asked for, the time.
#[test]
fn merged_frames_have_a_prefix() {
    let plain = merging(0);
    assert_eq!(plain.rx.prefix_len(), 14);
    assert_eq!(plain.rx.layout(), [(EF_VI_LAYOUT_FRAME, 14), (EF_VI_LAYOUT_PACKET_LENGTH, 8)]);
    let stamped = merging(EF_VI_RX_TIMESTAMPS);
    let entries = [(EF_VI_LAYOUT_FRAME, 14), (EF_VI_LAYOUT_PACKET_LENGTH, 8), (EF_VI_LAYOUT_MINOR_TICKS, 10)];
    assert_eq!(stamped.rx.layout(), entries);
}

/// Each frame of a merged event has its time, and the times go up.
#[test]
fn merged_frames_have_their_times() {
    let ends = merging(EF_VI_RX_TIMESTAMPS);
    ends.rx.fill(0..504);
    let mut last = (0, 0);
    for round in 0..10 {
        ends.arrive(&(0..20).map(|number| (frame(number), Fcs::Good)).collect::<Vec<_>>());
        let mut got = 0;
        while got < 20 {
            for event in ends.rx.poll(16) {
                for id in ends.rx.unbundle_receive(&event) {
                    let time = ends.rx.timestamp(id).unwrap();
                    assert!((time.seconds, time.nanoseconds) >= last, "round {round}");
                    last = (time.seconds, time.nanoseconds);
                    got += 1;
                }
            }
        }
    }
}

/// Both kinds of event queue users on one queue.
#[test]
fn merging_and_other_vis_share_a_queue() {
    let ends = merging(0);
    ends.rx.fill(0..16);
    let queues = Queues { events: 0, share: Some(ends.rx.clone()), ..Queues::default() };
    let plain = ends.rx.domain.vi(queues).unwrap();
    plain.filter(&Spec::local(&Packet::TCP)).unwrap();
    plain.fill(0..16);
    ends.arrive(&[(frame(0), Fcs::Good), (Packet::TCP.sized(100, 0), Fcs::Good), (frame(1), Fcs::Good)]);
    let (mut merged, mut single) = (0, 0);
    for event in ends.rx.drain() {
        match EF_EVENT_TYPE(&event) {
            EF_EVENT_TYPE_RX_MULTI => merged += ends.rx.unbundle_receive(&event).len(),
            kind => {
                assert_eq!((kind, EF_EVENT_RX_Q_ID(&event)), (EF_EVENT_TYPE_RX, plain.label as u32));
                single += 1;
            }
        }
    }
    assert_eq!((merged, single), (2, 1));
}
