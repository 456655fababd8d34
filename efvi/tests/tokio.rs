//! A VI in tokio: the descriptor in an `AsyncFd`.

// Miri knows no epoll sets in epoll sets.
#![cfg(not(miri))]

mod common;

use std::os::fd::BorrowedFd;

use common::*;
use efvi::{Event, Receive, VirtualInterface};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// The descriptor, known to tokio.
#[allow(
    deprecated,
    reason = "what follows it is unsafe, for descriptors that may be closed: one that is borrowed is not"
)]
fn register<'vi>(rx: &Receive<'vi>) -> AsyncFd<BorrowedFd<'vi>> {
    AsyncFd::with_interest(rx.event_fd(), Interest::READABLE).unwrap()
}

/// Waits until there are events, and hands them out.
async fn ready(rx: &mut Receive<'_>, fd: &AsyncFd<BorrowedFd<'_>>, mut each: impl FnMut(Event<'_>)) {
    loop {
        let mut any = false;
        let mut events = rx.poll();
        while let Some(event) = events.next() {
            each(event);
            any = true;
        }
        drop(events);
        if any {
            return;
        }
        // Cleared after the last wait, and primed after that: an event in between makes it ready again.
        rx.prime().unwrap();
        fd.readable().await.unwrap().clear_ready();
    }
}

#[test]
fn two_tasks_play_ping_pong() {
    const ROUNDS: usize = 200;
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let stations = [a.station, b.station];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let play = async |end: &mut End, me: Station, other: Station, serves: bool| {
        let (mut tx, mut rx, pool) = end.start();
        let fd = register(&rx);
        if serves {
            tx.send(udp_buffer(pool, me, other, b"ball")).unwrap();
        }
        let mut hits = 0;
        while hits < ROUNDS {
            let mut received = 0;
            ready(&mut rx, &fd, |event| match event {
                Event::Received(_) => received += 1,
                Event::Sent(done) => pool.put(done.buffer),
                other => panic!("{other:?}"),
            })
            .await;
            for _ in 0..received {
                hits += 1;
                tx.send(udp_buffer(pool, me, other, b"ball")).unwrap();
            }
        }
    };
    runtime.block_on(async {
        let first = play(&mut a, stations[0], stations[1], true);
        let second = play(&mut b, stations[1], stations[0], false);
        // Both at once, on one thread: neither blocks the other.
        let both = async {
            let (mut first, mut second) = (std::pin::pin!(first), std::pin::pin!(second));
            let mut done = [false; 2];
            std::future::poll_fn(|context| {
                if !done[0] && first.as_mut().poll(context).is_ready() {
                    done[0] = true;
                }
                if !done[1] && second.as_mut().poll(context).is_ready() {
                    done[1] = true;
                }
                if done == [true; 2] { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
            })
            .await;
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), both).await.expect("a wake-up was missed");
    });
}

#[test]
fn another_thread_wakes_a_task() {
    let (mut a, _b) = pair(VirtualInterface::builder());
    let events = a.vi.software_events();
    let (_, mut rx) = a.vi.split();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let fd = register(&rx);
        let thread = std::thread::spawn(move || (0..50).for_each(|data| events.put(data).unwrap()));
        let mut next = 0;
        while next < 50 {
            ready(&mut rx, &fd, |event| {
                assert!(matches!(event, Event::Software(data) if data == next), "{event:?}");
                next += 1;
            })
            .await;
        }
        thread.join().unwrap();
    });
}
