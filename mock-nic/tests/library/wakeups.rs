//! Blocking until an event comes: on the driver handle, and in `ef_eventq_wait`.

use crate::common::{
    Directory, Domain, Driver, Ends, Epoll, Interface, Packet, Queues, Spec, Vi, again, put, readable, ready, role,
    succeeds,
};
use efvi_sys::*;
use mock_nic::{Fabric, Fcs};
use std::ffi::c_uint;
use std::process::Stdio;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

fn frame(number: usize) -> Vec<u8> {
    Packet::UDP.sized(100, number)
}

fn kinds(vi: &Vi) -> Vec<u32> {
    vi.drain().iter().map(EF_EVENT_TYPE).collect()
}

/// The handle is readable by events only after a prime.
#[test]
fn without_a_prime_the_handle_is_not_readable() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert_eq!(tx.send(0, &frame(1)), 0);
    assert!(!readable(&rx.domain.driver, 0) && !readable(&tx.domain.driver, 0));
}

#[test]
fn a_primed_handle_is_readable_from_the_first_event_to_the_next_prime() {
    let Ends { rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    let driver = &rx.domain.driver;
    for round in 0..5 {
        assert_eq!(rx.prime(), 0);
        assert!(!readable(driver, 0), "round {round}: nothing has come");
        far.inject(&frame(round), Fcs::Good).unwrap();
        assert!(readable(driver, -1));
        assert_eq!(kinds(rx), [EF_EVENT_TYPE_RX]);
        assert!(readable(driver, 0), "polling does not change it");
        rx.fill(0..8);
    }
}

#[test]
fn completed_sends_wake_too() {
    let Ends { tx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(tx.prime(), 0);
    assert!(!readable(&tx.domain.driver, 0));
    assert_eq!(tx.send(0, &frame(0)), 0);
    assert!(readable(&tx.domain.driver, 0));
}

/// What came before the prime, and was not polled, wakes at once: nothing is slept on.
#[test]
fn a_prime_that_finds_events_makes_the_handle_readable() {
    let Ends { tx, rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert_eq!(rx.prime(), 0);
    assert!(readable(&rx.domain.driver, 0), "a frame");
    assert_eq!(tx.send(0, &frame(0)), 0);
    assert_eq!(tx.prime(), 0);
    assert!(readable(&tx.domain.driver, 0), "a completion");
}

/// A position behind that of the queue says that the program has not seen everything: it must not sleep.
#[test]
fn a_prime_from_an_old_position_makes_the_handle_readable() {
    let Ends { rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    let before = rx.current();
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert_eq!(kinds(rx), [EF_EVENT_TYPE_RX]);
    assert_eq!(rx.prime_from(&rx.domain.driver, before), 0);
    assert!(readable(&rx.domain.driver, 0));
    assert_eq!(rx.prime(), 0);
    assert!(!readable(&rx.domain.driver, 0), "from the present one it may");
}

/// As `ef_vi_prime`, on the VI's own handle.
#[test]
fn the_event_queue_is_primed_without_the_driver_too() {
    let Ends { rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    rx.eventq_prime();
    assert!(!readable(&rx.domain.driver, 0));
    far.inject(&frame(0), Fcs::Good).unwrap();
    assert!(readable(&rx.domain.driver, -1));
}

#[test]
fn a_prime_is_of_a_vi_of_the_handle_with_an_event_queue() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    let owner = domain.vi(Queues::default()).unwrap();
    let user = domain.vi(Queues { events: 0, share: Some(owner.clone()), ..Queues::default() }).unwrap();
    let other = Driver::open();
    assert_eq!(owner.prime_from(&other, owner.current()), -libc::EINVAL);
    other.close();
    assert_eq!(owner.prime_from(&other, owner.current()), -libc::EBADF);
    assert_eq!(user.prime_from(&domain.driver, 0), -libc::EINVAL);
    assert_eq!(owner.prime(), 0);
}

/// The handle may stand in a set of the program's own, with its other descriptors.
#[test]
fn a_primed_handle_is_ready_in_an_epoll_set() {
    let Ends { rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    let mut set = Epoll::of(&rx.domain.driver);
    for round in 0..3 {
        assert_eq!(rx.prime(), 0);
        assert_eq!(set.ready(0), 0);
        far.inject(&frame(round), Fcs::Good).unwrap();
        assert_eq!(set.ready(-1), 1);
        rx.drain();
    }
}

/// Events of all VIs on an event queue wake whoever primed it.
#[test]
fn a_shared_event_queue_wakes_for_all_its_users() {
    let (port, far) = Fabric::new().cable().unwrap();
    let domain = Domain::on(&port);
    let owner = domain.vi(Queues::default()).unwrap();
    let user = domain.vi(Queues { events: 0, share: Some(owner.clone()), ..Queues::default() }).unwrap();
    user.filter(&Spec::udp()).unwrap();
    user.fill(0..8);
    assert_eq!(owner.prime(), 0);
    assert!(!readable(&domain.driver, 0));
    port.inject(&frame(0), Fcs::Good).unwrap();
    assert!(readable(&domain.driver, -1));
    drop(far);
}

/// Each wakes the handle, and a prime of one does not forget what the other has to say.
#[test]
fn several_vis_may_be_primed_on_one_handle() {
    let port = Fabric::new().looped().unwrap();
    let domain = Domain::on(&port);
    let (a, b) = (domain.vi(Queues::default()).unwrap(), domain.vi(Queues::default()).unwrap());
    assert_eq!((a.prime(), b.prime()), (0, 0));
    assert!(!readable(&domain.driver, 0));
    assert_eq!(b.send(0, &frame(0)), 0);
    assert!(readable(&domain.driver, 0));
    assert_eq!(a.prime(), 0);
    assert!(readable(&domain.driver, 0), "b's event");
    b.drain();
    assert_eq!(b.prime(), 0);
    assert!(!readable(&domain.driver, 0));
    b.free();
    assert_eq!(a.send(0, &frame(0)), 0);
    assert!(readable(&domain.driver, 0), "a is as it was without b");
}

#[test]
fn waiting_ends_with_an_event_or_when_the_time_is_up() {
    let Ends { rx, far, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    assert_eq!(rx.wait(Some(1000)), -libc::ETIMEDOUT);
    far.inject(&frame(0), Fcs::Good).unwrap();
    for timeout in [Some(1_000_000), Some(0), None] {
        assert_eq!(rx.wait(timeout), 0, "{timeout:?}: it is there already");
    }
    assert_eq!(kinds(rx), [EF_EVENT_TYPE_RX]);
    assert_eq!(rx.wait(Some(1)), -libc::ETIMEDOUT, "it was polled");
    assert_eq!(rx.wait(Some(-1)), -libc::EINVAL);
    assert!(!readable(&rx.domain.driver, 0), "the handle was not primed");
}

/// The receiver's side of a run with another thread: blocks before each frame, which `next` asks for.
fn sleep_for_each(rx: &Vi, rounds: usize, mut next: impl FnMut(usize), wait: impl Fn(&Vi)) {
    let mut seen = 0;
    for round in 0..rounds {
        next(round);
        while seen <= round {
            let events = rx.poll(8);
            for event in &events {
                assert_eq!(EF_EVENT_TYPE(event), EF_EVENT_TYPE_RX);
                let id = EF_EVENT_RX_RQ_ID(event) as usize;
                assert_eq!(rx.memory.read(id * Vi::BUFFER, 100), frame(seen));
                assert_eq!(rx.receive_post(rx.buffer(id), id as i32), 0);
                seen += 1;
            }
            if events.is_empty() {
                wait(rx);
            }
        }
    }
}

/// Frames from another thread, sent at any moment between polling, priming and sleeping: a wake-up that was lost would
/// be slept on for ever.
fn across_threads(rounds: usize, wait: impl Fn(&Vi)) {
    let (near, far) = Fabric::new().cable().unwrap();
    let rx = Domain::on(&far).vi(Queues::default()).unwrap();
    rx.filter(&Spec::udp()).unwrap();
    rx.fill(0..64);
    let (ask, asked) = mpsc::channel::<usize>();
    let sender = thread::spawn(move || {
        let tx = Domain::on(&near).vi(Queues::default()).unwrap();
        for number in asked {
            // Not always as soon as it is asked for.
            (0..number % 97 * 20).for_each(|_| std::hint::spin_loop());
            assert_eq!(tx.send(number % 64, &frame(number)), 0);
            for event in tx.poll(8) {
                tx.unbundle(&event);
            }
        }
    });
    sleep_for_each(&rx, rounds, |round| ask.send(round).unwrap(), wait);
    drop(ask);
    sender.join().unwrap();
}

#[test]
fn no_wake_up_from_another_thread_is_lost_by_the_handle() {
    across_threads(2000, |rx| {
        assert_eq!(rx.prime(), 0);
        assert!(readable(&rx.domain.driver, -1));
    });
}

#[test]
fn no_wake_up_from_another_thread_is_lost_by_waiting() {
    across_threads(2000, |rx| assert_eq!(rx.wait(None), 0));
}

#[test]
fn software_events_carry_16_bits() {
    let Ends { rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    let (id, handle) = (rx.resource_id(), rx.domain.driver.0);
    for data in [0, 7, 0xffff] {
        assert_eq!(put(id, handle, data), 0);
    }
    let events = rx.drain();
    assert!(events.iter().all(|event| EF_EVENT_TYPE(event) == EF_EVENT_TYPE_SW));
    assert_eq!(events.iter().map(EF_EVENT_SW_DATA).collect::<Vec<_>>(), [0, 7, 0xffff]);
    assert_eq!(put(id, handle, 0x1_0000), -libc::EINVAL);
    assert_eq!(put(c_uint::MAX, handle, 0), -libc::EINVAL, "no such VI");
    let other = Driver::open();
    assert_eq!(put(id, other.0, 0), -libc::EINVAL, "another's handle");
    other.close();
    assert_eq!(put(id, other.0, 0), -libc::EBADF);
    rx.free();
    assert_eq!(put(id, handle, 0), -libc::EINVAL, "it has gone");
}

/// More than the queue holds break it, like any other events.
#[test]
fn software_events_overflow_the_queue() {
    let port = Fabric::new().looped().unwrap();
    let vi = Domain::on(&port).vi(Queues { events: 512, receive: 0, transmit: 0, ..Queues::default() }).unwrap();
    for data in 0..600 {
        assert_eq!(put(vi.resource_id(), vi.domain.driver.0, data), 0);
    }
    let events = vi.poll(1000);
    assert_eq!(events.len(), 511);
    assert_eq!(EF_EVENT_TYPE(&vi.poll(1)[0]), EF_EVENT_TYPE_OFLOW);
}

/// This is what they are for: another thread wakes the one that blocks.
#[test]
fn software_events_wake_from_another_thread() {
    let Ends { rx, .. } = &ready(EF_VI_FLAGS_DEFAULT);
    let (id, handle) = (rx.resource_id(), rx.domain.driver.0);
    let (ask, asked) = mpsc::channel::<u32>();
    let poster = thread::spawn(move || asked.iter().for_each(|data| assert_eq!(put(id, handle, data), 0)));
    for data in 0..1000 {
        ask.send(data).unwrap();
        let event = loop {
            if let [event] = rx.poll(1)[..] {
                break event;
            }
            assert_eq!(rx.prime(), 0);
            assert!(readable(&rx.domain.driver, -1));
        };
        assert_eq!(EF_EVENT_SW_DATA(&event), data);
    }
    drop(ask);
    poster.join().unwrap();
}

/// A VI on `lo` that receives datagrams.
fn receiver(driver: &Rc<Driver>) -> Rc<Vi> {
    let domain = Domain::open(driver, &Interface::Name("lo"), EF_PD_DEFAULT).unwrap();
    let vi = domain.vi(Queues::default()).unwrap();
    vi.filter(&Spec::udp()).unwrap();
    vi.fill(0..64);
    vi
}

const ROUNDS: usize = 500;

/// Two processes on `lo`: one sleeps for each frame of the other.
#[test]
fn no_wake_up_from_another_process_is_lost() {
    match role().as_deref() {
        None => {
            let directory = Directory::new();
            let mut sleeper = again("wakeups::no_wake_up_from_another_process_is_lost", "sleeper");
            sleeper.env("EFVI_MOCK_DIR", directory.path());
            succeeds(sleeper);
            assert_eq!(directory.files(), Vec::<String>::new(), "nothing is left behind");
        }
        Some("sleeper") => {
            let driver = Driver::open();
            let rx = receiver(&driver);
            let mut sender = again("wakeups::no_wake_up_from_another_process_is_lost", "sender");
            let mut sender = sender.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
            let mut asked = sender.stdin.take().unwrap();
            let ask = |_| std::io::Write::write_all(&mut asked, b"\n").unwrap();
            sleep_for_each(&rx, ROUNDS, ask, |rx| {
                assert_eq!(rx.prime(), 0);
                assert!(readable(&rx.domain.driver, -1));
            });
            assert!(sender.wait().unwrap().success());
        }
        Some(_) => {
            let driver = Driver::open();
            let domain = Domain::open(&driver, &Interface::Name("lo"), EF_PD_DEFAULT).unwrap();
            let tx = domain.vi(Queues::default()).unwrap();
            for number in 0..ROUNDS {
                assert_eq!(std::io::stdin().read_line(&mut String::new()).unwrap(), 1);
                assert_eq!(tx.send(number % 64, &frame(number)), 0);
                for event in tx.poll(8) {
                    tx.unbundle(&event);
                }
            }
        }
    }
}

/// A sleeper that is killed holds up nobody, and whoever comes after it sleeps and wakes as it did.
#[test]
fn a_sleeper_that_is_killed_harms_nobody() {
    match role().as_deref() {
        None => {
            let directory = Directory::new();
            let mut lasting = again("wakeups::a_sleeper_that_is_killed_harms_nobody", "lasting");
            lasting.env("EFVI_MOCK_DIR", directory.path());
            succeeds(lasting);
            assert_eq!(directory.files(), Vec::<String>::new(), "nothing is left behind");
        }
        Some("lasting") => {
            let driver = Driver::open();
            let domain = Domain::open(&driver, &Interface::Name("lo"), EF_PD_DEFAULT).unwrap();
            let tx = domain.vi(Queues::default()).unwrap();
            for round in 0..3 {
                let mut sleeper = again("wakeups::a_sleeper_that_is_killed_harms_nobody", "sleeper");
                let mut sleeper = sleeper.stdout(Stdio::piped()).spawn().unwrap();
                let mut says = std::io::BufReader::new(sleeper.stdout.take().unwrap());
                let mut line = String::new();
                while !line.contains("asleep") {
                    line.clear();
                    assert_ne!(std::io::BufRead::read_line(&mut says, &mut line).unwrap(), 0);
                }
                sleeper.kill().unwrap();
                sleeper.wait().unwrap();
                assert_eq!(tx.send(round, &frame(round)), 0);
                for event in tx.poll(8) {
                    tx.unbundle(&event);
                }
            }
            // As many VIs as they had, so that one has the place of each.
            let sleepers: Vec<_> = (0..4).map(|_| domain.vi(Queues::default()).unwrap()).collect();
            sleepers[0].filter(&Spec::udp()).unwrap();
            sleepers[0].fill(0..8);
            assert!(sleepers.iter().all(|vi| vi.prime() == 0));
            assert!(!readable(&driver, 0));
            assert_eq!(tx.send(9, &frame(9)), 0);
            assert!(readable(&driver, -1));
            assert_eq!(kinds(&sleepers[0]), [EF_EVENT_TYPE_RX]);
        }
        Some(_) => {
            let driver = Driver::open();
            let rx = receiver(&driver);
            assert_eq!(rx.prime(), 0);
            println!("asleep");
            // The end of the test's process is the only one.
            thread::park();
        }
    }
}
