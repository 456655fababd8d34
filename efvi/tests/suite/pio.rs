//! Sends from the adapter's own memory.

use crate::common::*;
use efvi::{
    Error, Event, PioPart, PioRegion, PioWriteError, Receive, RejectReason, Timestamp, Timestamps, VirtualInterface,
};

fn wait_pio(rx: &mut Receive<'_>) -> (PioPart, Option<Timestamp>) {
    wait(rx, |event| match event {
        Event::SentPio(sent) => {
            let timestamp = sent.timestamp();
            Some((sent.into_part(), timestamp))
        }
        other => panic!("expected a part to be sent: {other:?}"),
    })
}

/// Both ends, the first with a region.
fn linked(timestamps: Timestamps) -> (End, End, PioRegion) {
    let (a, b) = pair(VirtualInterface::builder().timestamps(timestamps));
    // Older releases ask by the number of the interface, which those of a fabric have not.
    #[cfg(onload_since = "9.1.0")]
    assert!(a.domain.capability(efvi::Capability::Pio).unwrap().is_some());
    let region = PioRegion::new(&a.domain, 4096).unwrap();
    a.vi.link_pio(&region).unwrap();
    (a, b, region)
}

#[test]
fn a_part_written_ahead_is_sent_and_comes_back_with_its_frame() {
    for timestamps in [Timestamps::empty(), Timestamps::TX] {
        let (mut a, mut b, region) = linked(timestamps);
        let (from, to) = (a.station, b.station);
        let (mut tx, mut completions, _) = a.start();
        let (_, mut rx, _) = b.start();
        let frame = udp(from, to, &[7; 58]);
        let mut part = region.take(frame.len()).unwrap();
        assert_eq!((part.capacity(), part.offset() % 64, part.len()), (frame.len().next_multiple_of(64), 0, 0));
        tx.write_pio(&mut part, 0, &frame).unwrap();
        assert_eq!(part.len(), frame.len());
        for _ in 0..3 {
            tx.send_pio_part(part).unwrap();
            assert_eq!(wait_received(&mut rx, 1), [&*frame]);
            let (back, timestamp) = wait_pio(&mut completions);
            assert_eq!(timestamp.is_some(), timestamps == Timestamps::TX);
            part = back;
            assert_eq!(part.len(), frame.len());
        }
        // A field of it is written anew.
        let changed = udp(from, to, &[8; 58]);
        tx.write_pio(&mut part, 40, &changed[40..]).unwrap();
        tx.send_pio_part(part).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [&*changed]);
    }
}

#[test]
fn a_buffer_is_copied_to_the_region_and_comes_back_as_of_any_send() {
    let (mut a, mut b, region) = linked(Timestamps::empty());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for sequence in 0..if cfg!(miri) { 3 } else { 300 } {
        tx.send_pio(udp_buffer(pool, from, to, &payload(sequence))).unwrap();
        tx.send(udp_buffer(pool, from, to, b"by DMA")).unwrap();
        let frames = [udp(from, to, &payload(sequence)), udp(from, to, b"by DMA")];
        assert_eq!(wait_received(&mut rx, 2), frames);
        let sent = wait_sent(&mut completions, 2);
        assert_eq!(sent[0].buffer[..], frames[0]);
        assert!(!sent[0].by_ctpio);
    }
    assert!(region.take(4096).is_some(), "all parts are back");
}

#[test]
fn a_frame_of_any_memory_is_sent_without_a_buffer() {
    let (mut a, mut b, region) = linked(Timestamps::empty());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, _) = a.start();
    let (_, mut rx, _) = b.start();
    let frame = udp(from, to, b"anywhere");
    tx.send_pio_copy(region.take(60).unwrap(), &frame).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [&*frame]);
    assert_eq!(wait_pio(&mut completions).0.len(), 60);
    let rejected = tx.send_pio_copy(region.take(60).unwrap(), &[0; 65]).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::FrameTooLong { len: 65, max: 64 });
}

/// What is being sent is nobody's until its completion, nor is what somebody holds.
#[test]
fn a_part_can_not_be_taken_twice() {
    let (mut a, b, region) = linked(Timestamps::empty());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut rx, pool) = a.start();
    let parts: Vec<_> = std::iter::from_fn(|| region.take(65)).collect();
    assert_eq!(parts.len(), region.length() / 128);
    let mut offsets: Vec<_> = parts.iter().map(|part| part.offset()).collect();
    offsets.sort_unstable();
    assert!(offsets.iter().enumerate().all(|(at, offset)| *offset == at * 128));
    let rejected = tx.send_pio(udp_buffer(pool, from, to, b"no room")).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::PioFull);
    drop(parts);
    // In flight.
    for _ in 0..region.length() / 64 {
        tx.send_pio(udp_buffer(pool, from, to, b"fits")).unwrap();
    }
    assert!(region.take(1).is_none());
    assert_eq!(tx.send_pio(rejected.buffer).unwrap_err().reason, RejectReason::PioFull);
    wait_sent(&mut rx, region.length() / 64);
    assert!(region.take(region.length()).is_some());
    assert!(region.take(region.length() + 1).is_none() && region.take(usize::MAX).is_none());
}

#[test]
fn what_can_not_be_sent_from_a_region_is_refused() {
    let (mut a, mut b, region) = linked(Timestamps::empty());
    let other = PioRegion::new(&a.domain, 100).unwrap();
    assert_eq!(other.length(), 128);
    let (mut tx, _, pool) = a.start();
    let mut part = region.take(64).unwrap();
    let rejected = tx.send_pio_part(part).unwrap_err();
    assert_eq!(rejected.reason, RejectReason::FrameTooShort { len: 0, min: 16 });
    part = rejected.buffer;
    part.set_len(15).unwrap();
    assert_eq!(part.set_len(65).unwrap_err().capacity, 64);
    assert_eq!(tx.send_pio_part(part).unwrap_err().reason, RejectReason::FrameTooShort { len: 15, min: 16 });
    let mut short = pool.take().unwrap();
    short.set_len(15).unwrap();
    assert_eq!(tx.send_pio(short).unwrap_err().reason, RejectReason::FrameTooShort { len: 15, min: 16 });

    let mut foreign = other.take(64).unwrap();
    assert_eq!(tx.write_pio(&mut foreign, 0, &[0; 60]), Err(PioWriteError::WrongRegion));
    assert_eq!(tx.send_pio_part(foreign).unwrap_err().reason, RejectReason::WrongPioRegion);
    let mut part = region.take(64).unwrap();
    for (at, length) in [(0, 65), (64, 1), (usize::MAX, 2)] {
        assert!(matches!(tx.write_pio(&mut part, at, &vec![0; length]), Err(PioWriteError::TooLong(_))));
    }
    assert!(part.is_empty());
    let (mut unlinked, _, their_pool) = b.start();
    let mut buffer = their_pool.take().unwrap();
    buffer.set_len(60).unwrap();
    assert_eq!(unlinked.send_pio(buffer).unwrap_err().reason, RejectReason::NoPioRegion);
}

#[test]
fn a_region_is_linked_with_one_vi_at_a_time() {
    let (mut a, b, region) = linked(Timestamps::empty());
    let (from, to) = (a.station, b.station);
    let second = VirtualInterface::builder().build(&a.domain).unwrap();
    let refused = |result: efvi::Result<()>, name: &str| match result {
        Err(error @ Error::Pio { .. }) => assert!(error.to_string().contains(name), "{error}"),
        other => panic!("{other:?}"),
    };
    refused(second.link_pio(&region), "EALREADY");
    refused(a.vi.link_pio(&PioRegion::new(&a.domain, 64).unwrap()), "EALREADY");
    let mut pool = efvi::PacketPool::builder().buffers(1).build(&a.domain).unwrap();
    a.vi.split().0.send_pio(udp_buffer(&mut pool, from, to, b"in flight")).unwrap();
    refused(a.vi.unlink_pio(), "EBUSY");
    wait_sent(&mut a.vi.split().1, 1);
    a.vi.unlink_pio().unwrap();
    a.vi.unlink_pio().unwrap();
    second.link_pio(&region).unwrap();
    // A VI that is gone has it no more.
    drop(second);
    a.vi.link_pio(&region).unwrap();
}

#[test]
fn a_region_comes_back_to_the_adapter_when_nobody_has_it() {
    let (a, _b) = pair(VirtualInterface::builder());
    let all: Vec<_> = std::iter::from_fn(|| PioRegion::new(&a.domain, 4096).ok()).take(1000).collect();
    assert!(all.len() < 1000);
    let error = PioRegion::new(&a.domain, 64).unwrap_err();
    assert!(error.to_string().contains("ENOSPC"), "{error}");
    a.vi.link_pio(&all[0]).unwrap();
    let part = all[1].take(64).unwrap();
    drop(all);
    let rest: Vec<_> = std::iter::from_fn(|| PioRegion::new(&a.domain, 4096).ok()).collect();
    drop(part);
    let one = PioRegion::new(&a.domain, 4096).unwrap();
    assert!(PioRegion::new(&a.domain, 4096).is_err(), "the VI has the last");
    let End { vi, domain, .. } = a;
    drop(vi);
    assert!(PioRegion::new(&domain, 4096).is_ok());
    drop((one, rest));
}

#[test]
fn warming_sends_nothing_and_leaves_the_ring_as_it_was() {
    let (mut a, mut b, region) = linked(Timestamps::empty());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, _) = a.start();
    let (mut unlinked, mut rx, _) = b.start();
    assert_eq!(unlinked.warm_pio_part(), Err(RejectReason::NoPioRegion));
    let mut part = region.take(60).unwrap();
    assert_eq!(unlinked.warm_pio_copy(&mut part, &[0; 60]), Err(RejectReason::NoPioRegion));
    assert_eq!(tx.warm_pio_copy(&mut part, &[0; 65]), Err(RejectReason::FrameTooLong { len: 65, max: 64 }));
    assert_eq!(tx.warm_pio_copy(&mut part, &[0; 15]), Err(RejectReason::FrameTooShort { len: 15, min: 16 }));
    let frame = udp(from, to, b"after all");
    for _ in 0..if cfg!(miri) { 2 } else { 1000 } {
        tx.warm_pio_part().unwrap();
        tx.warm_pio_copy(&mut part, &frame).unwrap();
    }
    expect_quiet(&mut rx);
    expect_quiet(&mut completions);
    assert_eq!(tx.space(), tx.capacity());
    tx.send_pio_copy(part, &frame).unwrap();
    assert_eq!(wait_received(&mut rx, 1), [&*frame]);
    assert_eq!(wait_pio(&mut completions).0.len(), 60);
}

/// The library leaves pointers to what it has unmapped: a region that is linked again is mapped again.
#[test]
fn a_region_that_is_linked_again_is_written_to() {
    let (mut a, mut b, region) = linked(Timestamps::empty());
    let (from, to) = (a.station, b.station);
    let (_, mut rx, _) = b.start();
    let mut pool = efvi::PacketPool::builder().buffers(4).build(&a.domain).unwrap();
    let mut send = |vi: &mut VirtualInterface, what: &[u8]| {
        let (mut tx, mut completions) = vi.split();
        tx.send_pio(udp_buffer(&mut pool, from, to, what)).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [udp(from, to, what)]);
        wait_sent(&mut completions, 1);
        let mut part = region.take(60).unwrap();
        tx.write_pio(&mut part, 0, &udp(from, to, what)).unwrap();
        tx.send_pio_part(part).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [udp(from, to, what)]);
        wait_pio(&mut completions);
    };
    send(&mut a.vi, b"first");
    a.vi.unlink_pio().unwrap();
    a.vi.link_pio(&region).unwrap();
    send(&mut a.vi, b"second");
    a.vi.unlink_pio().unwrap();
    let mut other = VirtualInterface::builder().build(&a.domain).unwrap();
    other.link_pio(&region).unwrap();
    send(&mut other, b"third");
    // Dropped, it leaves the region as unlinking does.
    drop(other);
    a.vi.link_pio(&region).unwrap();
    send(&mut a.vi, b"fourth");
}

/// The adapter is written to in words of 8 bytes: a field that is written anew leaves its neighbours as they are, however
/// the frame has come there.
#[test]
fn a_field_is_patched_in_a_frame_that_was_copied() {
    let (mut a, mut b, region) = linked(Timestamps::empty());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, _) = a.start();
    let (_, mut rx, _) = b.start();
    let (old, frame) = (udp(from, to, &[1; 58]), udp(from, to, &[2; 58]));
    let mut part = region.take(frame.len()).unwrap();
    for warm in [false, true] {
        tx.write_pio(&mut part, 0, &old).unwrap();
        if warm {
            tx.warm_pio_copy(&mut part, &frame).unwrap();
        } else {
            tx.send_pio_copy(part, &frame).unwrap();
            assert_eq!(wait_received(&mut rx, 1), [&*frame]);
            part = wait_pio(&mut completions).0;
        }
        tx.write_pio(&mut part, 53, &frame[53..54]).unwrap();
        tx.send_pio_part(part).unwrap();
        assert_eq!(wait_received(&mut rx, 1), [&*frame]);
        part = wait_pio(&mut completions).0;
    }
}
