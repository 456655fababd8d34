//! Driver, domain, pool, VI and buffers may be dropped in any order, and on any thread.

mod common;

use std::thread;

use common::*;
use efvi::{Buffer, Driver, Event, PacketPool, ProtectionDomain, ViSet, VirtualInterface};

/// Everything that has a part in the path, to be dropped in some order.
enum Part {
    Driver(#[allow(dead_code, reason = "held to be dropped")] Driver),
    Domain(#[allow(dead_code, reason = "held to be dropped")] ProtectionDomain),
    Pool(#[allow(dead_code, reason = "held to be dropped")] PacketPool),
    Vi(#[allow(dead_code, reason = "held to be dropped")] VirtualInterface),
    /// One received and one that never went anywhere.
    Buffers([Buffer; 2]),
}

fn parts() -> Vec<Part> {
    let fabric = efvi::mock::Fabric::new();
    let (port, other) = fabric.cable().unwrap();
    let driver = Driver::open().unwrap();
    let domain = ProtectionDomain::open(&driver, port.name()).unwrap();
    let mut pool = PacketPool::builder().buffers(64).build(&domain).unwrap();
    let mut vi = VirtualInterface::builder().build(&domain).unwrap();
    vi.filter_add(&efvi::Filter::udp_local(address(1, 1))).unwrap();
    let to = Station { mac: vi.mac().unwrap(), address: address(1, 1) };
    let mut sender = End::new(other.name(), address(2, 2), VirtualInterface::builder());
    let from = sender.station;
    let (mut tx, mut completions, their_pool) = sender.start();
    let (mut own_tx, mut rx) = vi.split();
    for _ in 0..32 {
        rx.post(pool.take().unwrap()).unwrap();
    }
    tx.send(udp_buffer(their_pool, from, to, b"kept")).unwrap();
    wait_sent(&mut completions, 1);
    let kept = wait(&mut rx, |event| match event {
        Event::Received(packet) => Some(packet.keep(&mut pool).unwrap()),
        other => panic!("{other:?}"),
    });
    // A send whose completion nobody polls for, and one more that is taken back.
    own_tx.send(udp_buffer(&mut pool, to, from, b"not polled for")).unwrap();
    std::mem::forget(own_tx.stage(udp_buffer(&mut pool, to, from, b"staged")).unwrap());
    let mut written = pool.take().unwrap();
    written.write(b"written").unwrap();
    vec![Part::Driver(driver), Part::Domain(domain), Part::Pool(pool), Part::Vi(vi), Part::Buffers([kept, written])]
}

#[test]
fn any_order_of_dropping() {
    // All orders of five, by counting.
    let mut orders = 0;
    for code in 0..5 * 4 * 3 * 2 {
        if cfg!(miri) && code % 7 != 0 {
            continue;
        }
        let mut parts = parts();
        let mut rest = code;
        while !parts.is_empty() {
            let index = rest % parts.len();
            rest /= parts.len();
            drop(parts.remove(index));
            for part in &parts {
                if let Part::Buffers([kept, written]) = part {
                    assert_eq!(body(kept), b"kept", "memory is there as long as its buffers");
                    assert_eq!(written[..], *b"written");
                }
            }
        }
        orders += 1;
    }
    assert!(orders > 10);
}

#[test]
fn parts_dropped_on_their_own_threads() {
    for _ in 0..if cfg!(miri) { 3 } else { 50 } {
        let threads: Vec<_> = parts().into_iter().map(|part| thread::spawn(move || drop(part))).collect();
        for thread in threads {
            thread.join().unwrap();
        }
    }
}

#[test]
fn a_pool_gives_out_each_buffer_once_and_gets_it_back() {
    let (port, _other) = efvi::mock::Fabric::new().cable().unwrap();
    let mut pool = PacketPool::builder().buffers(100).buffer_size(2048).build(&domain(port.name())).unwrap();
    assert_eq!((pool.buffers(), pool.buffer_size()), (100, 2048));
    for round in 0..3 {
        let mut all = take_all(&mut pool);
        assert_eq!(all.len(), 100, "round {round}");
        assert!(pool.take().is_none());
        for (n, buffer) in all.iter_mut().enumerate() {
            assert!(buffer.is_empty(), "empty when taken");
            assert_eq!(buffer.capacity(), 2048);
            buffer.capacity_mut().fill(n as u8);
            buffer.set_len(2048).unwrap();
        }
        for (n, buffer) in all.iter().enumerate() {
            assert!(buffer.iter().all(|byte| *byte == n as u8), "no two share memory");
            // No frame crosses a page.
            assert_eq!(buffer.as_ptr().addr() / 4096, (buffer.as_ptr().addr() + 2047) / 4096);
        }
        // Some by hand, some by dropping.
        for (n, buffer) in all.into_iter().enumerate() {
            if n % 3 == 0 { drop(buffer) } else { pool.put(buffer) }
        }
    }
}

#[test]
fn a_buffer_put_into_another_pool_goes_home() {
    let (port, _other) = efvi::mock::Fabric::new().cable().unwrap();
    let domain = domain(port.name());
    let mut a = PacketPool::builder().buffers(4).build(&domain).unwrap();
    let mut b = PacketPool::builder().buffers(4).build(&domain).unwrap();
    for buffer in take_all(&mut a) {
        b.put(buffer);
    }
    assert_eq!(take_all(&mut b).len(), 4);
    assert_eq!(take_all(&mut a).len(), 4);
}

#[test]
fn buffers_come_back_from_many_threads() {
    const THREADS: usize = 4;
    let rounds = if cfg!(miri) { 20 } else { 2000 };
    let (port, _other) = efvi::mock::Fabric::new().cable().unwrap();
    let mut pool = PacketPool::builder().buffers(64).build(&domain(port.name())).unwrap();
    let (senders, threads): (Vec<_>, Vec<_>) = (0..THREADS)
        .map(|_| {
            let (sender, buffers) = std::sync::mpsc::channel::<Buffer>();
            let thread = thread::spawn(move || {
                for mut buffer in buffers {
                    let byte = buffer[0];
                    assert!(buffer.iter().all(|other| *other == byte));
                    buffer.capacity_mut().fill(0xff);
                }
            });
            (sender, thread)
        })
        .unzip();
    for round in 0..rounds {
        let mut buffer = loop {
            match pool.take() {
                Some(buffer) => break buffer,
                None => thread::yield_now(),
            }
        };
        buffer.write(&[round as u8; 256]).unwrap();
        senders[round % THREADS].send(buffer).unwrap();
    }
    // The pool goes while buffers come back: the last of them takes the memory along.
    let last = pool.take();
    drop(pool);
    drop(senders);
    for thread in threads {
        thread.join().unwrap();
    }
    drop(last);
}

#[test]
fn a_vi_moves_between_threads() {
    let (mut a, mut b) = pair(VirtualInterface::builder());
    let (from, to) = (a.station, b.station);
    for round in 0..4 {
        (a, b) = thread::spawn(move || {
            {
                let (mut tx, mut completions, pool) = a.start();
                let (_, mut rx, _) = b.start();
                tx.send(udp_buffer(pool, from, to, &[round])).unwrap();
                wait_sent(&mut completions, 1);
                assert_eq!(*body(&wait_received(&mut rx, 1)[0]), [round]);
            }
            (a, b)
        })
        .join()
        .unwrap();
    }
}

/// Whoever holds something of a VI that is dropped does not keep its handle open, and the adapter writes to none of the
/// buffers that are back in the pool; no frame is lost to the filters of a VI that is gone.
#[test]
fn what_is_held_of_a_dropped_vi_keeps_nothing_of_it() {
    let (port, other) = efvi::mock::Fabric::new().cable().unwrap();
    let mut a = End::new(port.name(), address(1, 7001), VirtualInterface::builder());
    let mut b = End::new(other.name(), address(2, 7002), VirtualInterface::builder());
    let (from, to) = (b.station, a.station);
    let (_, _, pool) = a.start();
    let mut buffers = take_all(pool);
    let events = a.vi.software_events();
    let End { vi, mut pool, domain, .. } = a;
    drop(vi);
    buffers.extend(take_all(&mut pool));
    assert_eq!(buffers.len(), pool.buffers(), "all are back");
    buffers.iter_mut().for_each(|buffer| buffer.capacity_mut().fill(0x5a));

    // Another takes the address, and gets what is for it.
    let mut vi = VirtualInterface::builder().build(&domain).unwrap();
    vi.filter_add(&efvi::Filter::udp_local(to.address)).unwrap();
    let mut their_pool = PacketPool::builder().buffers(64).build(&domain).unwrap();
    let (_, mut rx) = vi.split();
    rx.fill(&mut their_pool).unwrap();
    let (mut tx, _rx, pool) = b.start();
    tx.send(udp_buffer(pool, from, to, b"not for the dead")).unwrap();
    assert_eq!(wait_received(&mut rx, 1)[0], udp(from, to, b"not for the dead"));
    drop((events, Driver::open().unwrap()));
    for buffer in &mut buffers {
        assert!(buffer.capacity_mut().iter().all(|byte| *byte == 0x5a));
    }
}

/// What is dropped goes at once, and does not stay until the program closes its driver: memory, a set with its filters, a
/// domain.
#[test]
fn what_is_dropped_is_the_drivers_no_more() {
    let fabric = efvi::mock::Fabric::new();
    let name = fabric.looped().unwrap().name().to_owned();
    let driver = Driver::open().unwrap();
    let domain = ProtectionDomain::open(&driver, &name).unwrap();
    // More, one after the other, than the adapter has room for.
    let (buffers, times) = if cfg!(miri) { (512, 6) } else { (1 << 15, 18) };
    for _ in 0..times {
        drop(PacketPool::builder().buffers(buffers).buffer_size(2048).build(&domain).unwrap());
    }
    let filter = efvi::Filter::udp_local(address(1, 7001));
    for _ in 0..2 {
        let set = ViSet::new(&domain, 2).unwrap();
        set.filter_add(&filter).unwrap();
    }
    drop((fabric, domain));
    assert!(ProtectionDomain::open(&driver, &name).is_err(), "the port went with the last that used it");
}
