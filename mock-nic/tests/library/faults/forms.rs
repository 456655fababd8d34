//! Discards and lost queues where events are of another form: merged, of a packed stream, by reference.

use super::{frame, on, set};
use crate::common::{DISCARDS, Domain, Queues, Spec, Stream, efct};
use crate::every_fault::settled;
use efvi_sys::*;
use mock_nic::{Fabric, Fault, Faults, Fcs, When};

/// Where events are merged a discard has an event of its own, with its reason.
#[test]
fn a_discard_is_not_merged_with_good_frames() {
    let port = Fabric::new().looped().unwrap();
    let merged = Queues { flags: EF_VI_RX_EVENT_MERGE, ..Queues::default() };
    let vi = Domain::on(&port).vi(merged).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    vi.fill(0..64);
    for (round, (fault, why)) in DISCARDS.into_iter().enumerate() {
        set(&port, on(fault, 3));
        for id in 0..5 {
            assert_eq!(vi.send(id, &frame(id)), 0);
        }
        let (mut good, mut bad) = (Vec::new(), Vec::new());
        for event in vi.drain() {
            match EF_EVENT_TYPE(&event) {
                EF_EVENT_TYPE_RX_MULTI => good.extend(vi.unbundle_receive(&event)),
                EF_EVENT_TYPE_RX_MULTI_DISCARD => {
                    assert_eq!(event.rx_multi_discard().subtype, why, "{fault}");
                    bad.extend(vi.unbundle_receive(&event));
                }
                _ => drop(vi.unbundle(&event)),
            }
        }
        let first = 5 * round;
        assert_eq!((good, bad), (vec![first, first + 1, first + 3, first + 4], vec![first + 2]), "{fault}");
        assert_eq!(port.faults(), [(fault, 1)]);
    }
}

/// In a packed stream the event of a bad packet has a flag; there are flags for the checksum and the check sequence only.
#[test]
fn a_bad_packet_of_a_stream_is_flagged() {
    let port = Fabric::new().looped().unwrap();
    let mut stream = Stream::new(&Domain::with(&port, EF_PD_RX_PACKED_STREAM).unwrap(), 0, 8);
    stream.vi.filter(&Spec::udp()).unwrap();
    (0..8).for_each(|buffer| stream.post(buffer));
    for (fault, flag) in [
        (Fault::DiscardChecksum, EF_VI_PS_FLAG_BAD_L4_CSUM),
        (Fault::DiscardCrc, EF_VI_PS_FLAG_BAD_FCS),
        (Fault::DiscardOther, 0),
    ] {
        set(&port, on(fault, 2));
        for id in 0..3 {
            port.inject(&frame(id), Fcs::Good).unwrap();
        }
        let mut flagged = Vec::new();
        for event in stream.vi.drain() {
            assert_eq!(EF_EVENT_TYPE(&event), EF_EVENT_TYPE_RX_PACKED_STREAM);
            let (_, packets) = stream.unbundle(&event);
            flagged.extend(packets.iter().map(|_| event.rx_packed_stream().ps_flags));
        }
        assert_eq!(flagged, [0, flag, 0], "{fault}");
        assert_eq!(port.faults(), [(fault, u64::from(flag != 0))]);
    }
}

/// By reference a discard says what was wrong, and is a packet to be released all the same.
#[test]
fn a_reference_becomes_a_discard_with_its_reason() {
    for model in efct::MODELS.iter().copied() {
        let port = Fabric::of(model).looped().unwrap();
        let vi = efct::domain(&port, model).vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        for (fault, flag) in [
            (Fault::DiscardChecksum, EF_VI_DISCARD_RX_L4_CSUM_ERR),
            (Fault::DiscardCrc, EF_VI_DISCARD_RX_ETH_FCS_ERR),
            (Fault::DiscardTruncated, EF_VI_DISCARD_RX_ETH_LEN_ERR),
            (Fault::DiscardOther, EF_VI_DISCARD_RX_L2_CLASS_OTHER),
        ] {
            set(&port, on(fault, 2));
            let mut kinds = Vec::new();
            for id in 0..3 {
                port.inject(&frame(id), Fcs::Good).unwrap();
                let events = vi.drain();
                assert_eq!(vi.referenced(&events[0]), frame(id));
                vi.release(events[0].rx_ref().pkt_id);
                kinds.push(EF_EVENT_TYPE(&events[0]));
                if id == 1 {
                    assert_eq!(events[0].rx_ref_discard().flags, flag, "{fault} on {model:?}");
                }
            }
            assert_eq!(kinds, [EF_EVENT_TYPE_RX_REF, EF_EVENT_TYPE_RX_REF_DISCARD, EF_EVENT_TYPE_RX_REF]);
        }
    }
}

/// What was received does not come by the event queue, so an overflow loses completions; a reset loses both, and for good.
#[test]
fn references_survive_an_overflow_and_not_a_reset() {
    for model in efct::MODELS.iter().copied() {
        let port = Fabric::of(model).looped().unwrap();
        let vi = efct::domain(&port, model).vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        set(&port, on(Fault::EventOverflow, 1));
        assert_eq!(vi.send(0, &frame(0)), 0);
        let kinds: Vec<_> = settled(&vi).iter().map(EF_EVENT_TYPE).collect();
        assert_eq!(kinds, [EF_EVENT_TYPE_RX_REF, EF_EVENT_TYPE_OFLOW], "{model:?}");
        port.inject(&frame(1), Fcs::Good).unwrap();
        assert_eq!(EF_EVENT_TYPE(&vi.poll(16)[0]), EF_EVENT_TYPE_RX_REF, "received all the same");
        vi.free();

        let vi = efct::domain(&port, model).vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        set(&port, on(Fault::Reset, 1));
        port.inject(&frame(2), Fcs::Good).unwrap();
        assert_eq!(settled(&vi).iter().map(EF_EVENT_TYPE).collect::<Vec<_>>(), [EF_EVENT_TYPE_RESET]);
        port.inject(&frame(3), Fcs::Good).unwrap();
        assert_eq!(vi.send(0, &frame(0)), 0);
        assert!(vi.drain().is_empty(), "{model:?}: nothing after a reset");
    }
}

/// Timestamps of references say what is known of the clock after each poll; that it runs away shows in them.
#[test]
fn references_say_what_is_wrong_with_the_clock() {
    for model in efct::MODELS.iter().copied() {
        let port = Fabric::of(model).looped().unwrap();
        let vi = efct::domain(&port, model).vi(Queues::default()).unwrap();
        vi.filter(&Spec::udp()).unwrap();
        let stamp = || {
            port.inject(&frame(0), Fcs::Good).unwrap();
            let events = vi.drain();
            let id = events[0].rx_ref().pkt_id;
            let time = vi.packet_time(id).unwrap();
            vi.release(id);
            (time.flags, time.seconds as i64 * 1_000_000_000 + i64::from(time.nanoseconds))
        };
        let (is_set, in_sync) = (EF_VI_SYNC_FLAG_CLOCK_SET, EF_VI_SYNC_FLAG_CLOCK_IN_SYNC);
        assert_eq!(stamp().0, is_set | in_sync);
        for (fault, flags) in [(Fault::ClockUnset, 0), (Fault::ClockUnsynced, is_set), (Fault::ClockLost, 0)] {
            set(&port, on(fault, When::Always));
            assert_eq!(stamp().0, flags, "{fault} on {model:?}");
        }
        port.set_faults(&Faults::default());
        let (flags, before) = stamp();
        assert_eq!(flags, is_set | in_sync, "it is in step again");
        // Twice as fast, from before the time is taken.
        port.set_faults(&"drift_ppm=1000000".parse().unwrap());
        let real = std::time::Instant::now();
        while real.elapsed() < std::time::Duration::from_millis(20) {}
        assert!(stamp().1 - before >= 40_000_000, "twice as fast");
    }
}
