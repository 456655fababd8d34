//! Waiting for events: in a call, by a descriptor, across threads; none is missed.

// Miri knows no epoll sets in epoll sets.
#![cfg(not(miri))]

use std::io::Write;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::common::*;
use efvi::mock::Fcs;
use efvi::{Event, Receive, VirtualInterface, Waited};
use rustix::event::{PollFd, PollFlags, Timespec, epoll, poll};

const FOR_EVER: Option<Duration> = None;

/// Whether it is readable, now or within a time.
fn readable(fd: BorrowedFd<'_>, within: Option<Timespec>) -> bool {
    let mut fds = [PollFd::from_borrowed_fd(fd, PollFlags::IN)];
    poll(&mut fds, within.as_ref()).unwrap() > 0
}

const NOW: Option<Timespec> = Some(Timespec { tv_sec: 0, tv_nsec: 0 });

fn drain(rx: &mut Receive<'_>) -> usize {
    let mut count = 0;
    loop {
        let mut events = rx.poll();
        let before = count;
        while let Some(event) = events.next() {
            assert!(matches!(event, Event::Received(_)), "{event:?}");
            count += 1;
        }
        if count == before {
            return count;
        }
    }
}

#[test]
fn a_wait_ends_with_an_event_or_its_time() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, mut completions, pool) = a.start();
    let (_, mut rx, _) = b.start();
    for time in [Duration::ZERO, Duration::from_nanos(1), Duration::from_micros(300)] {
        assert_eq!(rx.wait(time).unwrap(), Waited::TimedOut);
    }
    tx.send(udp_buffer(pool, from, to, b"wake up")).unwrap();
    // What was there before the wait ends it; what is polled for does not.
    assert_eq!(rx.wait(FOR_EVER).unwrap(), Waited::Ready);
    assert_eq!(rx.wait(Duration::ZERO).unwrap(), Waited::Ready, "nobody has polled");
    assert_eq!(drain(&mut rx), 1);
    assert_eq!(rx.wait(Duration::ZERO).unwrap(), Waited::TimedOut);
    // A completion, too.
    assert_eq!(completions.wait(FOR_EVER).unwrap(), Waited::Ready);
    wait_sent(&mut completions, 1);
}

#[test]
fn events_left_by_a_forgotten_poll_are_not_waited_for() {
    let (mut a, _b) = pair(VirtualInterface::builder());
    a.vi.software_events().put(1).unwrap();
    let (_, mut rx) = a.vi.split();
    std::mem::forget(rx.poll());
    assert_eq!(rx.wait(FOR_EVER).unwrap(), Waited::Ready);
}

/// Send and sleep in turn, on two threads: a wake-up that is missed hangs it.
#[test]
fn no_wake_up_is_missed_between_threads() {
    const ROUNDS: usize = 300;
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    // Before anything is sent.
    a.start();
    b.start();
    let player = |mut end: End, me: Station, other: Station, serves: bool, by_descriptor: bool| {
        move || {
            let (mut tx, mut rx, pool) = end.start();
            let mut hits = 0;
            if serves {
                tx.send(udp_buffer(pool, me, other, b"ball")).unwrap();
            }
            while hits < ROUNDS {
                let mut events = rx.poll();
                let mut received = 0;
                let mut idle = true;
                while let Some(event) = events.next() {
                    idle = false;
                    match event {
                        Event::Received(_) => received += 1,
                        Event::Sent(done) => pool.put(done.buffer),
                        other => panic!("{other:?}"),
                    }
                }
                drop(events);
                for _ in 0..received {
                    hits += 1;
                    tx.send(udp_buffer(pool, me, other, b"ball")).unwrap();
                }
                if idle && by_descriptor {
                    rx.prime().unwrap();
                    assert!(readable(rx.event_fd(), None));
                } else if idle {
                    assert_eq!(rx.wait(FOR_EVER).unwrap(), Waited::Ready);
                }
            }
        }
    };
    let first = thread::spawn(player(a, from, to, true, false));
    let second = thread::spawn(player(b, to, from, false, true));
    first.join().unwrap();
    second.join().unwrap();
}

#[test]
fn a_descriptor_is_readable_from_the_event_to_the_prime() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    let (mut tx, _, pool) = a.start();
    let (_, mut rx, _) = b.start();
    let fd = rx.event_fd();
    assert!(!readable(fd, NOW), "not primed");
    rx.prime().unwrap();
    assert!(!readable(fd, NOW), "no event");
    tx.send(udp_buffer(pool, from, to, b"first")).unwrap();
    assert!(readable(fd, None));
    // An event that nobody has polled for: the prime says so at once.
    rx.prime().unwrap();
    assert!(readable(fd, NOW));
    assert_eq!(drain(&mut rx), 1);
    rx.prime().unwrap();
    assert!(!readable(fd, NOW));
}

/// Each VI wakes by a descriptor of its own, though their domain and driver are the same.
#[test]
fn descriptors_are_told_apart_in_an_epoll_set() {
    let (port, _other) = Fabric::new().cable().unwrap();
    let domain = domain(port.name());
    let mut pool = efvi::PacketPool::builder().buffers(64).build(&domain).unwrap();
    let mut vis = [1_u64, 2, 3].map(|_| VirtualInterface::builder().build(&domain).unwrap());
    let set = epoll::create(epoll::CreateFlags::CLOEXEC).unwrap();
    for (vi, (key, ethertype)) in vis.iter_mut().zip([(1, 0x8801), (2, 0x8802), (3, 0x8803)]) {
        epoll::add(&set, vi.as_fd(), epoll::EventData::new_u64(key), epoll::EventFlags::IN).unwrap();
        vi.filter_add(&efvi::Filter::ethertype(ethertype)).unwrap();
        let (_, mut rx) = vi.split();
        for _ in 0..8 {
            rx.post(pool.take().unwrap()).unwrap();
        }
    }
    // What frames come from is there before anybody sleeps, too.
    port.offer(&[2; 60]);
    for vi in &mut vis {
        vi.split().1.prime().unwrap();
    }
    for (index, key) in [(1_usize, 2_u64), (0, 1), (2, 3)] {
        let mut frame = [2; 60];
        frame[12..14].copy_from_slice(&(0x8801 + index as u16).to_be_bytes());
        port.inject(&frame, Fcs::Good).unwrap();
        let mut ready = [epoll::Event { flags: epoll::EventFlags::empty(), data: epoll::EventData::new_u64(0) }; 4];
        let count = epoll::wait(&set, &mut ready[..], None).unwrap();
        let ready = ready;
        assert_eq!((count, ready[0].data.u64()), (1, key));
        let (_, mut rx) = vis[index].split();
        assert_eq!(drain(&mut rx), 1);
        rx.prime().unwrap();
    }
}

#[test]
fn software_events_wake_and_come_in_order() {
    let (mut a, _b) = pair(VirtualInterface::builder());
    let events = a.vi.software_events();
    let (_, mut rx) = a.vi.split();
    let puts = events.clone();
    let thread = thread::spawn(move || (0..100).for_each(|data| puts.put(data).unwrap()));
    let mut expected = 0;
    while expected < 100 {
        assert_eq!(rx.wait(FOR_EVER).unwrap(), Waited::Ready);
        let mut events = rx.poll();
        while let Some(event) = events.next() {
            assert!(matches!(event, Event::Software(data) if data == expected), "{event:?}");
            expected += 1;
        }
    }
    thread.join().unwrap();
    drop(a);
    let error = events.put(1).unwrap_err();
    assert!(error.to_string().contains("ef_eventq_put"), "{error}");
}

#[test]
fn a_timer_wakes_without_an_event() {
    let (mut a, _b) = pair(VirtualInterface::builder().event_timer(true));
    let (_, mut rx) = a.vi.split();
    let fd = rx.event_fd();
    rx.prime().unwrap();
    rx.timer().unwrap().run(Duration::from_micros(200));
    assert!(readable(fd, None));
    assert!(rx.poll().is_empty());
    rx.prime().unwrap();
    assert!(!readable(fd, NOW));
    // One that is stopped does not.
    rx.timer().unwrap().run(Duration::from_millis(20));
    rx.timer().unwrap().clear();
    assert!(!readable(fd, Some(Timespec { tv_sec: 0, tv_nsec: 30_000_000 })));
}

#[test]
fn a_timer_is_started_by_an_event() {
    for zero in [false, true] {
        let (mut a, _b) = pair(VirtualInterface::builder().event_timer(true));
        let events = a.vi.software_events();
        let (_, mut rx) = a.vi.split();
        rx.prime().unwrap();
        let mut timer = rx.timer().unwrap();
        if zero {
            timer.zero();
        } else {
            timer.prime(Duration::from_micros(100));
        }
        events.put(5).unwrap();
        assert!(readable(rx.event_fd(), None));
        assert!(matches!(rx.poll().next(), Some(Event::Software(5))));
    }
}

#[test]
fn a_vi_without_a_timer_has_none() {
    let (mut a, _b) = pair(VirtualInterface::builder());
    assert!(a.vi.split().1.timer().is_none());
}

/// A wait on `lo`, in another process: woken by what this one sends.
#[test]
fn a_process_wakes_another() {
    const CHILD: &str = "EFVI_TEST_WAITING_CHILD";
    let place = |port| Station { mac: efvi::MacAddress::BROADCAST, address: address(1, port) };
    if let Ok(port) = std::env::var(CHILD) {
        let mut end = End::new("lo", place(port.parse().unwrap()).address, VirtualInterface::builder());
        let (_, mut rx, _) = end.start();
        rx.prime().unwrap();
        // On standard output: that it sleeps now, that it was woken.
        println!("primed");
        std::io::stdout().flush().unwrap();
        assert!(readable(rx.event_fd(), None));
        assert_eq!(drain(&mut rx), 1);
        return;
    }
    only_in_memory(why::MEMORY);
    let port = 42_000 + (std::process::id() % 20_000) as u16;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "waiting::a_process_wakes_another", "--nocapture"])
        .env(CHILD, port.to_string())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let (primed, is_primed) = mpsc::channel();
    let output = child.stdout.take().unwrap();
    let reader = thread::spawn(move || {
        for line in std::io::BufRead::lines(std::io::BufReader::new(output)) {
            if line.unwrap().contains("primed") {
                primed.send(()).ok();
            }
        }
    });
    let primed = is_primed.recv_timeout(Duration::from_secs(60));
    if primed.is_ok() {
        let mut end = End::new("lo", address(2, port), VirtualInterface::builder());
        let from = end.station;
        let (mut tx, mut rx, pool) = end.start();
        tx.send(udp_buffer(pool, from, place(port), b"wake up")).unwrap();
        wait_sent(&mut rx, 1);
    } else {
        child.kill().ok();
    }
    assert!(child.wait().unwrap().success() && primed.is_ok());
    reader.join().unwrap();
}
