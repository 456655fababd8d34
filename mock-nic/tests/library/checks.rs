//! Checking mode: each mistake of a program is found, by name, and what is none is left alone.

use crate::common::{
    Directory, Domain, Driver, Ends, Interface, Memory, Packet, Pio, Queues, Spec, Stream, Vi, again, efct, role,
    succeeds,
};
use efvi_sys::*;
use mock_nic::{Fabric, Model, Violation};
use std::process::Command;

/// A fabric that checks, and two VIs on a cable of it, ready to receive.
fn ready(flags: ef_vi_flags) -> (Fabric, Ends) {
    let fabric = Fabric::new().checked();
    let (near, far) = fabric.cable().unwrap();
    let queues = || Queues { flags, ..Queues::default() };
    let tx = Domain::on(&near).vi(queues()).unwrap();
    let rx = Domain::on(&far).vi(queues()).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    rx.fill(0..64);
    (fabric, Ends { near, far, tx, rx })
}

/// What was found since this was last asked.
fn found(fabric: &Fabric) -> Vec<Violation> {
    fabric.violations().iter().map(|found| found.violation).collect()
}

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(100, number)
}

/// A program that keeps the rules has no mistakes: each way of sending, receiving, posting and freeing.
#[test]
fn a_program_without_mistakes_has_none() {
    let (fabric, ends) = ready(EF_VI_TX_CTPIO | EF_VI_RX_TIMESTAMPS);
    for round in 0..30 {
        let Ends { tx, rx, .. } = &ends;
        assert_eq!(tx.send(0, &frame(round)), 0);
        assert_eq!(tx.send_ctpio(1, &frame(round), 64), 0);
        let address = tx.load(2, &frame(round));
        assert_eq!(tx.transmit_init(address, 100, 2), 0);
        tx.transmit_undo();
        assert_eq!(tx.transmitv_init(&[(address, 50), (address + 50, 50)], 2), 0);
        tx.transmit_push();
        #[cfg(onload_since = "9.0.1")]
        tx.warm(|| assert_eq!(tx.send_ctpio(0, &frame(round), 64), -libc::EAGAIN));
        assert_eq!(tx.sent(), [0, 1, 2]);
        for _ in 0..3 {
            let events = rx.poll(1);
            assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_RX);
            let id = EF_EVENT_RX_RQ_ID(&events[0]) as usize;
            rx.timestamp(id).unwrap();
            assert_eq!(rx.receive_post(rx.buffer(id), id as i32), 0);
        }
    }
    drop(ends);
    assert_eq!(fabric.violations(), []);
}

/// The same where packets are given by their ids: X3 and X4. A discard is a packet that has to be released, too.
#[test]
fn a_program_without_mistakes_has_none_by_packet_ids() {
    for model in efct::MODELS.iter().copied() {
        let (fabric, vi) = by_ids(model);
        for round in 0..3 {
            vi.warm_express(|| assert_eq!(vi.send(0, &frame(round)), 0));
            assert_eq!(vi.send(1, &frame(round)), 0);
            assert_eq!(vi.send_ctpio(2, &frame(round), 64), 0);
            vi.peek().unwrap();
            let (mut arrived, mut completed) = (vi.future_poll(), Vec::new());
            for event in vi.drain() {
                match EF_EVENT_TYPE(&event) {
                    EF_EVENT_TYPE_TX => completed.extend(vi.unbundle(&event)),
                    _ => arrived.push(event),
                }
            }
            // What warmed has no id.
            assert_eq!((arrived.len(), completed), (2, vec![1, 2]), "{model:?}");
            for event in &arrived {
                assert_eq!(vi.referenced(event), frame(round));
                vi.release(event.rx_ref().pkt_id);
            }
        }
        drop(vi);
        assert_eq!(fabric.violations(), [], "{model:?}");
    }
}

/// A checked fabric of the model, and a VI that gets what it sends.
fn by_ids(model: Model) -> (Fabric, std::rc::Rc<Vi>) {
    let fabric = Fabric::of(model).checked();
    let vi = efct::domain(&fabric.looped().unwrap(), model).vi(Queues::default()).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    (fabric, vi)
}

/// The ids of the packets that have arrived.
fn packets(vi: &Vi, count: usize) -> Vec<u32> {
    for id in 0..count {
        assert_eq!(vi.send(id, &frame(id)), 0);
    }
    let (arrived, completed): (Vec<_>, Vec<_>) =
        vi.drain().into_iter().partition(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_RX_REF);
    assert_eq!(completed.iter().map(|event| vi.unbundle(event).len()).sum::<usize>(), count);
    arrived.iter().map(|event| event.rx_ref().pkt_id).collect()
}

#[test]
fn a_packet_released_twice() {
    for model in efct::MODELS.iter().copied() {
        let (fabric, vi) = &by_ids(model);
        let ids = packets(vi, 2);
        vi.release(ids[0]);
        assert_eq!(found(fabric), []);
        vi.release(ids[0]);
        assert_eq!(found(fabric), [Violation::PacketReleasedTwice]);
        vi.release(ids[1]);
        assert_eq!(found(fabric), []);
    }
}

#[test]
fn a_packet_that_no_event_gave() {
    for model in efct::MODELS.iter().copied() {
        let (fabric, vi) = &by_ids(model);
        let ids = packets(vi, 1);
        vi.release(ids[0] + 1);
        assert_eq!(found(fabric), [Violation::PacketUnknown]);
        vi.packet(ids[0] + 1, 0);
        assert_eq!(found(fabric), [Violation::PacketUnknown]);
        vi.release(ids[0]);
        assert_eq!(found(fabric), []);
    }
}

/// The call is seen; a read of its memory is not.
#[test]
fn a_packet_asked_for_after_its_release() {
    for model in efct::MODELS.iter().copied() {
        let (fabric, vi) = &by_ids(model);
        let ids = packets(vi, 1);
        vi.packet(ids[0], 60).unwrap();
        vi.release(ids[0]);
        assert_eq!(found(fabric), []);
        vi.packet(ids[0], 60);
        assert_eq!(found(fabric), [Violation::PacketAfterRelease]);
    }
}

#[test]
fn packets_that_are_never_released() {
    for model in efct::MODELS.iter().copied() {
        let (fabric, vi) = by_ids(model);
        let ids = packets(&vi, 3);
        vi.release(ids[1]);
        assert_eq!(vi.free(), 0);
        let found = fabric.violations();
        let [one] = &found[..] else { panic!("{found:?}") };
        assert_eq!(one.violation, Violation::PacketNotReleased);
        assert!(one.text.contains("2 packets") && one.text.contains(&format!("{:#x}", ids[0])), "{}", one.text);
    }
}

#[test]
fn without_checks_nothing_is_found() {
    let fabric = Fabric::new();
    let vi = Domain::on(&fabric.looped().unwrap()).vi(Queues::default()).unwrap();
    vi.transmit_push();
    assert_eq!(fabric.violations(), []);
}

/// The address is refused by the adapter, too.
#[test]
fn dma_outside_of_registered_memory() {
    let (fabric, Ends { tx, rx, near, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.transmit(0x10_0000_0000_0000 >> 8, 60, 1), 0);
    let error = tx.drain();
    assert_eq!(EF_EVENT_TX_ERROR_TYPE(&error[0]), EF_EVENT_TX_ERROR_BUS);
    assert_eq!(found(fabric), [Violation::DmaUnregistered]);
    assert_eq!(rx.receive_post(0x1234_5000, 100), 0);
    assert_eq!(found(fabric), [Violation::DmaUnregistered]);
    // Over the end of a page behind which nothing is registered.
    let last = tx.memory.dma(2 * Vi::HALF * Vi::BUFFER - 30);
    assert_eq!(tx.transmit(last, 60, 2), 0);
    assert_eq!(found(fabric), [Violation::DmaUnregistered]);
    assert_eq!(near.counters().tx_errors, 1);
}

#[test]
fn dma_of_another_domain() {
    let (fabric, Ends { tx, rx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.transmit(rx.buffer(0), 60, 1), 0);
    let error = tx.drain();
    assert_eq!(EF_EVENT_TX_ERROR_TYPE(&error[0]), EF_EVENT_TX_ERROR_RIGHTS);
    let found = fabric.violations();
    assert_eq!(found.iter().map(|found| found.violation).collect::<Vec<_>>(), [Violation::DmaOtherDomain]);
    assert!(found[0].text.contains(&format!("{:#x}", rx.buffer(0))), "{}", found[0].text);
}

/// A buffer of another domain makes a discard.
#[test]
fn a_buffer_of_another_domain() {
    let (fabric, Ends { tx, rx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    for id in 100..108 {
        assert_eq!(rx.receive_init(tx.buffer(id), id as i32), 0);
    }
    rx.receive_push();
    assert_eq!(found(fabric), [Violation::DmaOtherDomain; 8]);
    for id in 0..65 {
        assert_eq!(tx.send(id, &frame(id)), 0);
    }
    let events = rx.drain();
    assert_eq!(EF_EVENT_TYPE(&events[64]), EF_EVENT_TYPE_RX_DISCARD);
    assert_eq!(EF_EVENT_RX_DISCARD_TYPE(&events[64]), EF_EVENT_RX_DISCARD_RIGHTS);
}

#[test]
fn a_reused_id() {
    let (fabric, Ends { tx, rx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.send(7, &frame(0)), 0);
    assert_eq!(tx.send(7, &frame(0)), 0);
    assert_eq!(found(fabric), [Violation::IdReused]);
    assert_eq!(tx.sent(), [7, 7]);
    assert_eq!(tx.send(7, &frame(0)), 0);
    assert_eq!(found(fabric), []);
    assert_eq!(rx.receive_init(rx.buffer(100), 63), 0);
    assert_eq!(found(fabric), [Violation::IdReused]);
    assert_eq!(rx.receive_init(rx.buffer(101), -1), 0);
    assert_eq!(tx.transmit(tx.buffer(700), 60, 0xffff_ffff), 0);
    assert_eq!(found(fabric), [Violation::IdReserved; 2]);
}

#[test]
fn an_event_that_is_not_unbundled() {
    let (fabric, Ends { tx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.send(1, &frame(1)), 0);
    assert_eq!(tx.drain().len(), 1);
    assert_eq!(tx.send(2, &frame(2)), 0);
    let second = tx.drain();
    assert_eq!(found(fabric), [], "it may still be unbundled");
    tx.unbundle(&second[0]);
    assert_eq!(found(fabric), [Violation::EventForgotten]);
    assert_eq!(tx.send(3, &frame(3)), 0);
    assert_eq!(tx.drain().len(), 1);
    assert_eq!(tx.free(), 0);
    assert_eq!(found(fabric), [Violation::EventForgotten]);
}

/// Kept for later, in order, they are not forgotten.
#[test]
fn events_may_be_unbundled_late() {
    let (fabric, Ends { tx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    let mut kept = Vec::new();
    for id in 0..5 {
        assert_eq!(tx.send(id, &frame(id)), 0);
        kept.extend(tx.poll(16));
    }
    assert_eq!(kept.iter().flat_map(|event| tx.unbundle(event)).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!(found(fabric), []);
}

#[test]
fn a_ctpio_send_without_its_fallback() {
    let (fabric, Ends { tx, .. }) = &ready(EF_VI_TX_CTPIO);
    tx.ctpio(&frame(0), 64);
    assert_eq!(tx.send(1, &frame(1)), 0);
    assert_eq!(found(fabric), [Violation::CtpioWithoutFallback]);
    tx.ctpio(&frame(2), 64);
    tx.ctpio(&frame(3), 64);
    assert_eq!(found(fabric), [Violation::CtpioWithoutFallback]);
    tx.sent();
    assert_eq!(tx.free(), 0);
    assert_eq!(found(fabric), [Violation::CtpioWithoutFallback]);
}

#[test]
fn a_push_with_nothing_new() {
    let (fabric, Ends { tx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    tx.transmit_push();
    assert_eq!(found(fabric), [Violation::EmptyPush]);
    assert_eq!(tx.transmit_init(tx.load(0, &frame(0)), 100, 0), 0);
    tx.transmit_push();
    assert_eq!(found(fabric), []);
    tx.transmit_push();
    assert_eq!(found(fabric), [Violation::EmptyPush]);
}

/// Its calls are refused, rather than crash.
#[test]
fn a_vi_that_was_freed() {
    let (fabric, Ends { tx, .. }) = &ready(EF_VI_TX_CTPIO);
    assert_eq!(tx.free(), 0);
    let before = found(fabric);
    assert_eq!(before, []);
    assert_eq!(tx.transmit(0, 60, 1), -libc::EINVAL);
    assert_eq!(tx.transmit_init(0, 60, 1), -libc::EINVAL);
    assert_eq!(tx.receive_post(0, 1), -libc::EINVAL);
    tx.transmit_push();
    tx.ctpio(&frame(0), 64);
    assert_eq!(tx.filter(&Spec::udp()).err(), Some(-libc::EINVAL));
    let mut events = [ef_event::default(); 4];
    // SAFETY: the structure is there, and room for the events.
    assert_eq!(unsafe { ef_eventq_poll(tx.raw, events.as_mut_ptr(), 4) }, -libc::EINVAL);
    assert_eq!(tx.free(), -libc::EINVAL);
    assert_eq!(found(fabric), [Violation::UseAfterFree; 8]);
}

#[test]
fn memory_freed_under_a_vi() {
    let (fabric, Ends { tx, rx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    let extra = Memory::new(&rx.domain, 1);
    assert_eq!(rx.receive_init(extra.dma(0), 100), 0);
    let unused = Memory::new(&rx.domain, 1);
    assert_eq!(unused.unregister(), 0);
    assert_eq!(found(fabric), []);
    assert_eq!(extra.unregister(), 0);
    assert_eq!(found(fabric), [Violation::MemoryInUse]);
    let sent = Memory::new(&tx.domain, 1);
    assert_eq!(tx.transmit_init(sent.dma(0), 60, 1), 0);
    assert_eq!(sent.unregister(), 0);
    assert_eq!(found(fabric), [Violation::MemoryInUse]);
}

#[test]
fn a_buffer_posted_twice() {
    let (fabric, Ends { rx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(rx.receive_init(rx.buffer(63), 100), 0);
    assert_eq!(found(fabric), [Violation::BufferPostedTwice]);
    assert_eq!(rx.receive_init(rx.buffer(62) + 1000, 101), 0, "they overlap");
    assert_eq!(found(fabric), [Violation::BufferPostedTwice]);
    assert_eq!(rx.receive_init(rx.buffer(64), 64), 0);
    assert_eq!(found(fabric), []);
}

/// The adapter writes to as much of a buffer as the VI's buffers have: all of it is to be registered, in one page.
#[test]
fn a_buffer_that_is_not_registered_to_its_end() {
    let (fabric, Ends { rx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    let free = rx.buffer(101);
    assert_eq!(free % 4096, 2048, "a page's second half");
    assert_eq!(rx.receive_init(free + 2048 - 1792, 100), 0);
    assert_eq!(found(fabric), []);
    assert_eq!(rx.receive_init(rx.buffer(103) + 2048 - 1792 + 1, 101), 0);
    assert_eq!(found(fabric), [Violation::DmaUnregistered]);
    rx.set_buffer_len(1000);
    assert_eq!(rx.receive_init(rx.buffer(105) + 1000, 102), 0);
    assert_eq!(found(fabric), []);
}

/// Of a packed stream each buffer is as long as the VI's flags say.
#[test]
fn a_packed_streams_buffer_posted_twice() {
    let fabric = Fabric::new().checked();
    let domain = Domain::with(&fabric.looped().unwrap(), EF_PD_RX_PACKED_STREAM).unwrap();
    let mut stream = Stream::new(&domain, EF_VI_RX_PS_BUF_SIZE_64K, 16);
    (0..3).for_each(|buffer| stream.post(buffer));
    assert_eq!(found(&fabric), []);
    stream.post(1);
    assert_eq!(found(&fabric), [Violation::BufferPostedTwice]);
    assert_eq!(stream.post_at((3 << 16) + 2048), -libc::EINVAL, "refused, and so no mistake of these");
    assert_eq!(found(&fabric), []);
    let end = stream.vi.receive_post(stream.address(15) + (1 << 16), 0);
    assert_eq!((end, found(&fabric)), (0, vec![Violation::DmaUnregistered]));
}

/// What the fallback of a CTPIO send would send is what was written.
#[test]
fn a_fallback_of_another_frame() {
    let (fabric, Ends { tx, .. }) = &ready(EF_VI_TX_CTPIO);
    let other = |length, byte: usize| {
        let mut other = frame(7)[..length].to_vec();
        other[byte] ^= 1;
        other
    };
    for (id, (fallback, expected)) in [
        (frame(7), None),
        (other(100, 99), Some("byte 99 of the fallback")),
        (other(99, 0), Some("has 99 bytes, the frame had 100")),
    ]
    .into_iter()
    .enumerate()
    {
        let address = tx.load(id, &fallback);
        tx.ctpio_vector(&[&frame(7)[..50], &frame(7)[50..]], 64);
        assert_eq!(tx.fallback_vector(&[(address, 40), (address + 40, fallback.len() - 40)], id), 0);
        let found = fabric.violations();
        assert_eq!(found.len(), usize::from(expected.is_some()), "{found:?}");
        for found in found {
            assert_eq!(found.violation, Violation::FallbackDiffers);
            assert!(found.text.contains(expected.unwrap()), "{}", found.text);
        }
    }
    tx.ctpio_copy(&[&frame(3)], 64, 3);
    assert_eq!(tx.fallback(tx.buffer(Vi::HALF + 3), 100, 3), 0);
    assert_eq!((tx.sent(), found(fabric)), (vec![0, 1, 2, 3], vec![]));
    for model in efct::MODELS.iter().copied() {
        let (fabric, vi) = &by_ids(model);
        vi.ctpio(&frame(1), 64);
        assert_eq!(vi.fallback(vi.load(1, &frame(2)), 100, 1), 0);
        assert_eq!(found(fabric), [Violation::FallbackDiffers], "{model:?}");
    }
}

#[test]
fn an_event_queue_that_is_too_small() {
    let fabric = Fabric::new().checked();
    let domain = Domain::on(&fabric.looped().unwrap());
    let vi = |events, receive, share| domain.vi(Queues { events, receive, share, ..Queues::default() }).unwrap();
    let first = vi(1024, 512, None);
    assert_eq!(found(&fabric), []);
    let second = vi(0, 512, Some(first));
    assert_eq!(found(&fabric), [Violation::EventQueueTooSmall], "for both");
    drop(second);
    drop(vi(1024, 1024, None));
    assert_eq!(found(&fabric), [Violation::EventQueueTooSmall]);
    // A send to an alternative takes two events.
    let sender = |events| domain.vi(Queues { events, receive: 512, flags: EF_VI_TX_ALT, ..Queues::default() }).unwrap();
    drop(sender(1024));
    assert_eq!(found(&fabric), [Violation::EventQueueTooSmall]);
    drop(sender(2048));
    assert_eq!(found(&fabric), []);
}

/// A VI that is given to another thread is no mistake; one that is in two threads at once is.
#[test]
fn a_vi_in_two_threads() {
    struct Shared(*mut ef_vi);
    // SAFETY: the checks make the calls of two threads wait for each other.
    unsafe impl Send for Shared {}
    let (fabric, Ends { tx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    let polls = |vi: Shared, until: &dyn Fn() -> bool| {
        let mut events = [ef_event::default(); 4];
        while !until() {
            // SAFETY: an allocated VI, and room for the events.
            unsafe { ef_eventq_poll(vi.0, events.as_mut_ptr(), 4) };
        }
    };
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (vi, stop) = (Shared(tx.raw), &stop);
        scope.spawn(move || polls(vi, &|| stop.load(std::sync::atomic::Ordering::Relaxed)));
        let mut seen = Vec::new();
        while seen.is_empty() {
            for _ in 0..1000 {
                tx.poll(4);
            }
            seen = found(fabric);
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(seen.iter().all(|violation| *violation == Violation::TwoThreads), "{seen:?}");
    });
    found(fabric);
    tx.poll(4);
    assert_eq!(found(fabric), []);
}

#[test]
fn a_pio_region_written_to_too_early() {
    let (fabric, Ends { tx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    let pio = Pio::alloc(&tx.domain, 4096).unwrap();
    assert_eq!(pio.link(tx), 0);
    assert_eq!(tx.transmit_copy_pio(0, &frame(1), 1), 0);
    assert_eq!(tx.transmit_copy_pio(128, &frame(2), 2), 0);
    assert_eq!(found(fabric), [], "they are not the same bytes");
    assert_eq!(tx.transmit_copy_pio(64, &frame(3), 3), 0);
    assert_eq!(found(fabric), [Violation::PioReused]);
    assert_eq!(tx.pio_memcpy(192, &frame(4)[..40]), 0);
    assert_eq!(found(fabric), [Violation::PioReused]);
    assert_eq!(tx.sent(), [1, 2, 3]);
    assert_eq!(tx.transmit_copy_pio(0, &frame(5), 5), 0);
    assert_eq!(found(fabric), []);
}

#[test]
fn a_pio_region_freed_while_it_is_linked() {
    let (fabric, Ends { tx, .. }) = &ready(EF_VI_FLAGS_DEFAULT);
    for (unlinks, expected) in [(true, vec![]), (false, vec![Violation::PioInUse])] {
        let pio = Pio::alloc(&tx.domain, 4096).unwrap();
        assert_eq!(pio.link(tx), 0);
        if unlinks {
            assert_eq!(pio.unlink(tx), 0);
        }
        assert_eq!((pio.free(), found(fabric)), (0, expected));
        // What is freed is the library's copy: one call writes to that, one frees it, the other needs none of it.
        assert_eq!((pio.free(), tx.sent()), (-libc::EINVAL, vec![]));
        assert_eq!(found(fabric), [Violation::UseAfterFree]);
        if unlinks {
            assert_eq!((pio.link(tx), found(fabric)), (0, vec![Violation::UseAfterFree]));
        }
        assert_eq!(tx.transmit_copy_pio(0, &frame(1), 1), 0);
        assert_eq!((tx.sent(), found(fabric)), (vec![1], vec![]));
        assert_eq!(tx.pio_memcpy(0, &frame(1)), 0);
        assert_eq!(found(fabric), [Violation::UseAfterFree]);
        assert_eq!(pio.unlink(tx), 0);
    }
}

#[test]
fn a_handle_closed_too_early() {
    let fabric = Fabric::new().checked();
    let port = fabric.looped().unwrap();
    let driver = Driver::open();
    let domain = Domain::open(&driver, &Interface::Name(port.name()), EF_PD_DEFAULT).unwrap();
    let vi = domain.vi(Queues::default()).unwrap();
    assert_eq!(driver.close(), 0);
    let left = fabric.violations();
    assert!(left.iter().all(|found| found.violation == Violation::ResourcesLeft), "{left:?}");
    let texts: Vec<_> = left.iter().map(|found| found.text.split_once("with ").unwrap().1).collect();
    assert_eq!(texts, ["1 of VIs left", "1 of domains left", "1 of memory registrations left"]);
    drop(vi);
}

#[test]
fn a_timestamp_read_too_late() {
    let (fabric, Ends { tx, rx, .. }) = &ready(EF_VI_RX_TIMESTAMPS);
    let receive = || {
        assert_eq!(tx.send(0, &frame(0)), 0);
        tx.sent();
        let events = rx.poll(4);
        assert_eq!(EF_EVENT_TYPE(&events[0]), EF_EVENT_TYPE_RX);
        EF_EVENT_RX_RQ_ID(&events[0]) as usize
    };
    let first = receive();
    rx.timestamp(first).unwrap();
    let second = receive();
    rx.timestamp(second).unwrap();
    assert_eq!(found(fabric), []);
    rx.timestamp(first).unwrap();
    assert_eq!(found(fabric), [Violation::StaleTimestamp]);
    rx.poll(4);
    rx.timestamp(second).unwrap();
    assert_eq!(found(fabric), [Violation::StaleTimestamp]);
}

/// From outside: a line for each, or the end of the program.
#[test]
fn the_variable_reports_or_aborts() {
    const TEST: &str = "checks::the_variable_reports_or_aborts";
    let run = |directory: &Directory, checks: &str| -> Command {
        let mut run = again(TEST, "mistakes");
        run.env("EFVI_MOCK_DIR", directory.path()).env("EFVI_MOCK_CHECKS", checks);
        run
    };
    if role().is_some() {
        let driver = Driver::open();
        let lo = Domain::open(&driver, &Interface::Name("lo"), EF_PD_DEFAULT).unwrap();
        let vi = lo.vi(Queues::default()).unwrap();
        vi.transmit_push();
        assert_eq!(vi.receive_post(4096, 1), 0);
        return;
    }
    let directory = Directory::new();
    let lines = |checks: &str| -> (bool, Vec<String>) {
        let output = run(&directory, checks).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        let lines = errors.lines().filter(|line| line.starts_with("mock-nic:"));
        (output.status.success(), lines.map(|line| line.split(": ").nth(1).unwrap().to_owned()).collect())
    };
    assert_eq!(lines("report"), (true, vec!["empty_push".to_owned(), "dma_unregistered".to_owned()]));
    assert_eq!(lines("report,-empty_push"), (true, vec!["dma_unregistered".to_owned()]));
    assert_eq!(lines("abort"), (false, vec!["empty_push".to_owned()]));
    assert_eq!(lines("never"), (false, vec!["EFVI_MOCK_CHECKS=never".to_owned()]));
    succeeds(run(&directory, ""));
}
