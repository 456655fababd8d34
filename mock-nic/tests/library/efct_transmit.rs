//! Transmit on X3: every send is written through to the adapter's FIFO, whose bytes are counted.

use crate::common::efct::{looped, receiving};
use crate::common::{Domain, Packet, Queues, Spec};
use efvi_sys::*;
use mock_nic::{Fabric, Model};
use std::ffi::c_void;

/// Bytes that a frame takes: with 8 of header, in lines.
fn taken(length: usize) -> i32 {
    (length + 8).next_multiple_of(64) as i32
}

fn types(events: &[ef_event]) -> Vec<u32> {
    events.iter().map(EF_EVENT_TYPE).collect()
}

/// A push makes no difference: what is added is sent, and can't be taken back.
#[test]
fn what_is_written_is_sent() {
    let (port, vi) = receiving();
    let frame = Packet::UDP.sized(100, 1);
    let address = vi.load(1, &frame);
    assert_eq!(vi.transmit_init(address, 100, 1), 0);
    assert_eq!(vi.transmitv_init(&[(address, 14), (address + 14, 86)], 2), 0);
    vi.transmit_undo();
    assert_eq!(port.counters().tx_frames, 2, "before a push");
    vi.transmit_push();
    assert_eq!(vi.transmit(address, 100, 3), 0);
    assert_eq!(vi.transmitv(&[(address, 50), (address + 50, 50)], 4), 0);
    assert_eq!(vi.transmit_ring().1, 4);
    let events = vi.drain();
    let (sent, received): (Vec<_>, Vec<_>) = events.iter().partition(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX);
    assert_eq!(received.len(), 4);
    assert!(received.iter().all(|event| vi.referenced(event) == frame));
    assert!(sent.iter().all(|event| EF_EVENT_TX_CTPIO(event) != 0));
    assert_eq!(sent.iter().flat_map(|event| vi.unbundle(event)).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(vi.transmit_ring().1, 0);
}

/// Each TX event comes in a poll of its own: what the next says depends on what was unbundled.
#[test]
fn a_poll_has_one_transmit_event() {
    let (_port, vi) = looped(EF_VI_FLAGS_DEFAULT);
    for id in 0..3 {
        assert_eq!(vi.send(id, &Packet::UDP.sized(60, 0)), 0);
    }
    for id in 0..3 {
        let events = vi.poll(16);
        assert_eq!(types(&events), [EF_EVENT_TYPE_TX]);
        assert_eq!(vi.unbundle(&events[0]), [id]);
    }
    assert!(vi.poll(16).is_empty());
}

/// A poll has packets first: one that they fill has no transmit event, so that a program that answers all that it gets by
/// full polls finds no room to send, until it polls with less to receive.
#[test]
fn packets_go_before_transmit_events() {
    let (_port, vi) = receiving();
    let mut sent = 0;
    while vi.send(sent, &Packet::UDP.sized(60, sent)) == 0 {
        sent += 1;
    }
    // The first frame is given at once, alone.
    let first = vi.poll(16);
    assert_eq!(types(&first), [EF_EVENT_TYPE_RX_REF, EF_EVENT_TYPE_TX]);
    assert_eq!(vi.unbundle(&first[1]), [0]);
    for _ in 1..sent / 16 {
        assert_eq!(types(&vi.poll(16)), [EF_EVENT_TYPE_RX_REF; 16]);
    }
    assert_eq!(vi.send(0, &Packet::UDP.sized(60, 0)), 0, "the one that was unbundled");
    assert_eq!(vi.send(0, &Packet::UDP.sized(60, 0)), -libc::EAGAIN);
    let rest = vi.drain();
    let received = rest.iter().filter(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_RX_REF).count();
    assert_eq!(received, sent + 1 - 1 - (sent / 16 - 1) * 16);
    let completed = rest.iter().filter(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX);
    assert_eq!(completed.flat_map(|event| vi.unbundle(event)).count(), sent);
    assert_eq!((vi.transmit_ring().1, vi.fifo().0), (0, 0));
}

#[test]
fn space_is_counted_in_bytes_of_the_fifo() {
    let (_port, vi) = looped(EF_VI_FLAGS_DEFAULT);
    let (_, all, size) = vi.fifo();
    assert_eq!((all, size), (32 * 1024 - 64 - 8, 32 * 1024 - 64 - 8));
    let mut used = 0;
    for (id, length) in [60, 56, 57, 120, 121, 1514].into_iter().enumerate() {
        assert_eq!(vi.send(id, &vec![2; length]), 0);
        used += taken(length);
        assert_eq!(vi.fifo(), (used, all - used, size), "{length} bytes");
    }
    let mut sent = 6;
    while all - used >= 1514 {
        assert_eq!(vi.send(sent, &[2; 1514]), 0);
        used += taken(1514);
        sent += 1;
    }
    assert_eq!(vi.send(sent, &[2; 1514]), -libc::EAGAIN);
    assert_eq!(vi.transmitv(&[(vi.buffer(600), 514), (vi.buffer(601), 1000)], sent), -libc::EAGAIN);
    assert_eq!(vi.fifo().0, used, "nothing was taken");
    assert!(vi.transmit_ring().2 > 400, "there are descriptors enough");
    // The poll gives bytes back, the unbundling descriptors.
    let events = vi.poll(16);
    assert_eq!(vi.fifo().0, used - taken(60));
    assert_eq!(vi.transmit_ring().1, sent as i32);
    assert_eq!(vi.unbundle(&events[0]), [0]);
    assert_eq!(vi.transmit_ring().1, sent as i32 - 1);
    assert_eq!(vi.sent(), (1..sent as i32).collect::<Vec<_>>());
    assert_eq!(vi.fifo().0, 0);
}

#[test]
fn space_is_counted_in_descriptors_too() {
    let (_port, vi) = looped(EF_VI_FLAGS_DEFAULT);
    let (capacity, ..) = vi.transmit_ring();
    assert_eq!(capacity, 511);
    let mut events = Vec::new();
    for id in 0..capacity {
        assert_eq!(vi.send(id as usize, &[2; 60]), 0);
        events.extend(vi.poll(2));
    }
    assert_eq!(vi.fifo().0, 0, "the FIFO is empty");
    assert_eq!(vi.send(0, &[2; 60]), -libc::EAGAIN, "nothing was unbundled");
    let ids: Vec<_> = events.iter().flat_map(|event| vi.unbundle(event)).collect();
    assert_eq!(ids, (0..capacity).collect::<Vec<_>>());
    assert_eq!(vi.send(0, &[2; 60]), 0);
}

#[test]
fn checksums_are_not_filled_in() {
    let (_port, vi) = receiving();
    let mut frame = Packet::UDP.sized(100, 1);
    frame[Packet::UDP.ip_checksum_at()] ^= 0xff;
    vi.set_discards(0);
    assert_eq!(vi.send(0, &frame), 0);
    let events = vi.drain();
    assert_eq!(vi.referenced(&events[0]), frame);
}

/// A send from registered memory goes on over pages of it.
#[test]
fn a_frame_may_cross_a_page() {
    let (_port, vi) = receiving();
    let frame = Packet::UDP.sized(1000, 1);
    let at = 768 * 2048 - 500;
    vi.memory.write(at, &frame);
    assert_eq!(vi.transmit(vi.memory.dma(at), 1000, 0), 0);
    assert_eq!(types(&vi.poll(2)), [EF_EVENT_TYPE_RX_REF, EF_EVENT_TYPE_TX]);
    assert_eq!(vi.packet(0, 1000), Some(frame));
}

#[test]
fn ctpio_sends_from_any_memory_and_needs_no_fallback() {
    let (_port, vi) = receiving();
    let frame = Packet::UDP.sized(100, 1);
    vi.ctpio(&frame, 64);
    vi.ctpio_vector(&[&frame[..7], &frame[7..50], &frame[50..]], EF_VI_CTPIO_CT_THRESHOLD_SNF);
    assert_eq!(vi.fifo().0, 2 * taken(100));
    let events = vi.drain();
    let sent: Vec<_> = events.iter().filter(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX).collect();
    for event in &sent {
        let ids = vi.unbundle(event);
        assert!(ids.len() == 1 && ids[0] != 0, "an arbitrary id that is not 0: {ids:?}");
    }
    assert_eq!((events.len(), sent.len()), (4, 2));
}

/// The fallback call names the send, and sends nothing.
#[test]
fn a_fallback_gives_the_id() {
    let (_port, vi) = receiving();
    let frame = Packet::UDP.sized(100, 1);
    let address = vi.load(0, &frame);
    vi.ctpio(&frame, 64);
    assert_eq!(vi.fallback(address, 100, 71), 0);
    vi.ctpio(&frame, 64);
    assert_eq!(vi.fallback_vector(&[(address, 50), (address + 50, 50)], 72), 0);
    vi.load(3, &[0; 100]);
    vi.ctpio_copy(&[&frame[..50], &frame[50..]], 64, 3);
    assert_eq!(vi.memory.read((512 + 3) * 2048, 100), frame, "copied, though nothing reads it");
    assert_eq!(vi.fallback(vi.buffer(512 + 3), 100, 73), 0);
    let events = vi.drain();
    let ids =
        events.iter().filter(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_TX).flat_map(|event| vi.unbundle(event));
    assert_eq!(ids.collect::<Vec<_>>(), [71, 72, 73]);
    assert_eq!(events.len(), 6, "each frame arrived once");
}

/// Where the FIFO has no room, the fallback call says so; it can be tried again.
#[test]
fn a_fallback_sends_what_found_no_room() {
    let (port, vi) = looped(EF_VI_FLAGS_DEFAULT);
    let frame = vec![2; 1514];
    let address = vi.load(0, &frame);
    let mut sent = 0;
    while vi.send(sent, &frame) == 0 {
        sent += 1;
    }
    vi.ctpio(&frame, 64);
    assert_eq!(vi.fallback(address, 1514, 99), -libc::EAGAIN);
    assert_eq!(vi.fallback(address, 1514, 99), -libc::EAGAIN);
    assert_eq!(port.counters().tx_frames, sent as u64);
    vi.poll(2);
    assert_eq!(vi.fallback(address, 1514, 99), 0);
    assert_eq!(port.counters().tx_frames, sent as u64 + 1);
}

/// The threshold counts the 8 bytes before the frame, in lines; as a whole it is the frame's.
#[test]
fn the_threshold_decides_between_cut_through_and_store_and_forward() {
    let (port, vi) = looped(EF_VI_FLAGS_DEFAULT);
    let cut = |length: usize, threshold: u32| {
        let before = port.counters();
        vi.ctpio(&vec![2; length], threshold);
        vi.sent();
        let after = port.counters();
        let cut = after.tx_ctpio_cut_through - before.tx_ctpio_cut_through;
        let stored = after.tx_ctpio_store_and_forward - before.tx_ctpio_store_and_forward;
        assert_eq!(cut + stored, 1);
        cut == 1
    };
    for (length, threshold, expected) in [
        (200, 0, true),
        (200, 56, true),
        (60, 56, true),
        (56, 56, false),
        (60, 57, false),
        (1514, 1400, true),
        (1514, EF_VI_CTPIO_CT_THRESHOLD_SNF, false),
    ] {
        assert_eq!(cut(length, threshold), expected, "{length} bytes, threshold {threshold}");
    }
    let stored = port.counters().tx_ctpio_store_and_forward;
    vi.send(0, &[2; 60]);
    assert_eq!(port.counters().tx_ctpio_store_and_forward, stored + 1, "sends from registered memory are stored");
}

/// A writer that is too slow spoils the frame; there is no descriptor to send it again.
#[test]
fn an_underrun_poisons_the_frame() {
    let (port, vi) = receiving();
    let frame = Packet::UDP.sized(100, 1);
    port.underrun_ctpio(1);
    vi.ctpio(&frame, EF_VI_CTPIO_CT_THRESHOLD_SNF);
    assert_eq!(types(&vi.poll(2)), [EF_EVENT_TYPE_RX_REF, EF_EVENT_TYPE_TX], "what is stored does not underrun");
    vi.ctpio(&frame, 56);
    let events = vi.drain();
    assert_eq!(types(&events), [EF_EVENT_TYPE_RX_REF_DISCARD, EF_EVENT_TYPE_TX]);
    assert_eq!(events[0].rx_ref_discard().flags, EF_VI_DISCARD_RX_ETH_FCS_ERR);
}

/// Sends that warm go nowhere, and complete with the reserved id, of which an unbundling gives none; but for those that
/// the fallback call after CTPIO gave their id.
#[test]
fn warming_sends_nothing_and_completes() {
    let (port, vi) = looped(EF_VI_TX_TIMESTAMPS);
    let frame = Packet::UDP.sized(100, 1);
    let address = vi.load(0, &frame);
    let warm = || {
        assert_eq!(vi.transmit(address, 100, 1), 0);
        vi.ctpio(&frame, 64);
        assert_eq!(vi.fallback(address, 100, 2), 0);
    };
    vi.warm_express(warm);
    #[cfg(onload_since = "9.0.1")]
    vi.warm(warm);
    #[cfg(not(onload_since = "9.0.1"))]
    vi.warm_express(warm);
    assert_eq!(port.counters().tx_frames, 0);
    let events = vi.drain();
    assert_eq!(types(&events), [EF_EVENT_TYPE_TX; 4], "without timestamps");
    let ids: Vec<_> = events.iter().map(|event| vi.unbundle(event)).collect();
    assert_eq!(ids, [vec![], vec![2], vec![], vec![2]]);
    assert_eq!((vi.transmit_ring().1, vi.fifo().0), (0, 0), "their space comes back");
    assert_eq!(vi.send(3, &frame), 0);
    assert_eq!(port.counters().tx_frames, 1);
    let events = vi.drain();
    assert_eq!(types(&events), [EF_EVENT_TYPE_TX_WITH_TIMESTAMP]);
}

#[test]
fn a_timestamped_send_is_one_event_with_its_id() {
    let (_port, vi) = looped(EF_VI_TX_TIMESTAMPS);
    let mut last = (0, 0);
    for id in 40..45 {
        assert_eq!(vi.send(id, &[2; 60]), 0);
        let events = vi.drain();
        assert_eq!(types(&events), [EF_EVENT_TYPE_TX_WITH_TIMESTAMP]);
        let stamped = events[0].tx_timestamp();
        assert_eq!(stamped.rq_id, id as u32);
        let nanoseconds = if cfg!(onload_since = "9.0.1") { stamped.ts_nsec } else { stamped.ts_nsec & !3 };
        assert!((stamped.ts_sec, nanoseconds) >= last, "{stamped:?} after {last:?}");
        last = (stamped.ts_sec, nanoseconds);
        assert_eq!(vi.transmit_ring().1, 0);
    }
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert!(now.abs_diff(last.0.into()) < 5 || cfg!(miri));
}

/// A send that can't be is a TX_ERROR, after which nothing is sent.
#[test]
fn an_error_stops_the_queue() {
    for bad in [true, false] {
        let (port, vi) = looped(EF_VI_FLAGS_DEFAULT);
        assert_eq!(vi.send(1, &[2; 60]), 0);
        if bad {
            assert_eq!(vi.transmit(1 << 40, 60, 2), 0);
        } else {
            assert_eq!(vi.transmit(vi.buffer(0), 1519, 2), 0);
        }
        assert_eq!(vi.send(3, &[2; 60]), 0, "it is not known yet");
        let events = vi.drain();
        assert_eq!(types(&events), [EF_EVENT_TYPE_TX, EF_EVENT_TYPE_TX_ERROR]);
        let why = if bad { EF_EVENT_TX_ERROR_BUS } else { EF_EVENT_TX_ERROR_2BIG };
        assert_eq!(EF_EVENT_TX_ERROR_TYPE(&events[1]), why);
        assert_eq!(events.iter().flat_map(|event| vi.unbundle(event)).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((port.counters().tx_frames, port.counters().tx_errors), (1, 1));
        #[cfg(onload_since = "9.1.0")]
        {
            assert_eq!(vi.lost_in_error(), [3]);
            assert_eq!(vi.reinit_transmit(), 0);
            assert_eq!((vi.fifo().0, vi.transmit_ring().1), (0, 0));
            assert_eq!(vi.send(4, &[2; 60]), 0);
            assert_eq!(vi.sent(), [4]);
        }
    }
}

#[test]
fn a_length_that_the_pieces_do_not_have_is_an_error() {
    let (_port, vi) = looped(EF_VI_FLAGS_DEFAULT);
    let frame = [2_u8; 60];
    let iov = libc::iovec { iov_base: frame.as_ptr().cast_mut().cast::<c_void>(), iov_len: 60 };
    // SAFETY: an allocated VI, and one piece.
    unsafe { ef_vi_transmitv_ctpio(vi.raw, 90, &iov, 1, 64) };
    assert_eq!(types(&vi.drain()), [EF_EVENT_TYPE_TX_ERROR]);
}

#[test]
fn there_is_no_pio_and_there_are_no_alternatives() {
    let (_port, vi) = looped(EF_VI_FLAGS_DEFAULT);
    let raw = vi.raw;
    // SAFETY: an allocated VI, and readable bytes.
    unsafe {
        assert_eq!(ef_vi_transmit_pio(raw, 0, 64, 1), -libc::EOPNOTSUPP);
        assert_eq!(ef_vi_transmit_copy_pio(raw, 0, [0_u8; 64].as_ptr().cast(), 64, 1), -libc::EOPNOTSUPP);
        assert_eq!(ef_vi_transmit_alt_select(raw, 0), -libc::EOPNOTSUPP);
        assert_eq!(ef_vi_transmit_alt_select_normal(raw), -libc::EOPNOTSUPP);
        assert_eq!(ef_vi_transmit_alt_stop(raw, 0), -libc::EOPNOTSUPP);
        assert_eq!(ef_vi_transmit_alt_go(raw, 0), -libc::EOPNOTSUPP);
        assert_eq!(ef_vi_transmit_alt_discard(raw, 0), -libc::EOPNOTSUPP);
    }
}

#[test]
fn what_the_adapter_has_not_is_refused() {
    let port = Fabric::of(Model::X3).looped().unwrap();
    let domain = Domain::on(&port);
    for flag in [EF_VI_TX_ALT, EF_VI_RX_EVENT_MERGE, EF_VI_RX_PACKED_STREAM, EF_VI_TX_PUSH_ALWAYS] {
        let refused = domain.vi(Queues { flags: flag, ..Queues::default() }).err();
        assert_eq!(refused, Some(-libc::EOPNOTSUPP), "{flag:#x}");
    }
    let vi = domain.vi(Queues::default()).unwrap();
    let shared = Queues { events: 0, share: Some(vi.clone()), ..Queues::default() };
    assert_eq!(domain.vi(shared).err(), Some(-libc::EOPNOTSUPP), "an event queue is its VI's own");
    for (queues, name) in [
        (Queues { transmit: 1024, ..Queues::default() }, "transmit ring"),
        (Queues { receive: 256, ..Queues::default() }, "receive ring"),
        (Queues { events: 16384, ..Queues::default() }, "event queue"),
    ] {
        assert_eq!(domain.vi(queues).err(), Some(-libc::EINVAL), "{name}");
    }
    let nic = vi.nic_type();
    assert_eq!((u32::from(nic.arch), nic.nic_flags & 2), (EF_VI_ARCH_EFCT, 2), "CTPIO only");
    for (capability, value) in [
        (EF_VI_CAP_CTPIO, 1),
        (EF_VI_CAP_CTPIO_ONLY, 1),
        (EF_VI_CAP_RX_SHARED, 1),
        (EF_VI_CAP_PIO, 0),
        (EF_VI_CAP_TX_ALTERNATIVES, 0),
        (EF_VI_CAP_TXQ_SIZES, 512),
        (EF_VI_CAP_MIN_BUFFER_MODE_SIZE, 4096),
    ] {
        assert_eq!(domain.capability(capability), Ok(value), "capability {capability}");
    }
    assert!(vi.filter(&Spec::udp()).is_ok());
}

/// The library knows the statistics of EF10 alone.
#[test]
fn there_are_no_statistics() {
    let (_port, vi) = looped(EF_VI_FLAGS_DEFAULT);
    let (mut layout, mut data) = (std::ptr::null(), [0_u8; 1024]);
    // SAFETY: an allocated VI, and room for the results.
    unsafe {
        assert_eq!(ef_vi_stats_query_layout(vi.raw, &mut layout), -libc::EINVAL);
        assert_eq!(ef_vi_stats_query(vi.raw, vi.domain.driver.0, data.as_mut_ptr().cast(), 0), -libc::EINVAL);
    }
}
